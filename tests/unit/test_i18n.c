/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages: which language the environment asks for, and a reader of .mo files that
 * believes nothing. Each case runs in a child: a catalogue is loaded once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_i18n.h"

static char dir[] = "/tmp/grf-i18n-XXXXXX";
static char mo[128];

/* "", "apple" and "pear", "empty", whose translation is empty, and two messages that
   count, the second one translated without a plural; '|' stands for the NUL between
   their forms. */
static const char *const originals[] = {"",      "%d day|%d days", "%d way|%d ways",
                                        "apple", "empty",         "pear"};
static const char *const french[] = {"Language: fr\n", "%d jour|%d jours", "%d voie",
                                     "pomme",          "",                 "poire"};
enum { ENTRIES = 6, HEADER = 28 };

static void put32(unsigned char *at, size_t v)
{
    uint32_t w = (uint32_t)v;
    memcpy(at, &w, 4);
}

/* A catalogue in buf; its length. */
static size_t make_mo(unsigned char *buf)
{
    size_t tables = HEADER, end = HEADER + 16 * ENTRIES;
    memset(buf, 0, HEADER);
    put32(buf, 0x950412de);
    put32(buf + 8, ENTRIES);
    put32(buf + 12, tables);
    put32(buf + 16, tables + 8 * ENTRIES);
    for (size_t i = 0; i < 2 * ENTRIES; i++) {
        const char *z = i < ENTRIES ? originals[i] : french[i - ENTRIES];
        size_t n = strlen(z);
        put32(buf + tables + 8 * i, n);
        put32(buf + tables + 8 * i + 4, end);
        memcpy(buf + end, z, n + 1);
        unsigned char *bar = memchr(buf + end, '|', n);
        if (bar)
            *bar = 0;
        end += n + 1;
    }
    return end;
}

static void write_mo(const unsigned char *p, size_t n)
{
    FILE *f = fopen(mo, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static bool counted(uint64_t n, const char *days, const char *ways)
{
    return strcmp(grf_ngettext("%d day", "%d days", n), days) == 0 &&
           strcmp(grf_ngettext("%d way", "%d ways", n), ways) == 0;
}

static bool counts_are_right(bool is_french)
{
    bool none = strcmp(grf_ngettext("%d hue", "%d hues", 0), "%d hues") == 0;
    if (is_french)
        return none && counted(0, "%d jour", "%d voie") && counted(1, "%d jour", "%d voie") &&
               counted(2, "%d jours", "%d voie");
    return none && counted(0, "%d days", "%d ways") && counted(1, "%d day", "%d way") &&
           counted(2, "%d days", "%d ways");
}

/* What "apple" is called after grf_i18n_init in this environment: 'p'omme, 'a'pple, or
   '!' when anything else came. env: NAME=value words ended by NULL. */
static int apple_in(const char *const *env)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
        for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++)
            unsetenv(names[i]);
        for (; env && *env; env++)
            putenv((char *)*env);
        grf_i18n_init();
        const char *got = grf_gettext("apple");
        bool is_french = strcmp(got, "pomme") == 0;
        bool sound = strcmp(grf_gettext(""), "") == 0 &&
                     strcmp(grf_gettext("zebra"), "zebra") == 0 &&
                     strcmp(grf_gettext("empty"), "empty") == 0 &&
                     strcmp(grf_gettext("pear"), is_french ? "poire" : "pear") == 0;
        sound = sound && counts_are_right(is_french);
        char number[16];
        snprintf(number, sizeof(number), "%.1f", 0.5);
        sound = sound && strcmp(number, "0.5") == 0;
        _exit(!sound ? '!' : is_french ? 'p' : strcmp(got, "apple") == 0 ? 'a' : '!');
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : '!';
}

static void language_of_environment(void **state)
{
    (void)state;
    unsigned char buf[1024];
    write_mo(buf, make_mo(buf));
    static const struct {
        const char *env[4];
        int apple;
    } cases[] = {
        {{NULL}, 'p'},
        {{"LC_ALL=", "LANG=", NULL}, 'p'},
        {{"LANG=C", NULL}, 'p'},
        {{"LANG=C.UTF-8", NULL}, 'p'},
        {{"LC_ALL=POSIX", NULL}, 'p'},
        {{"LANG=fr_FR.UTF-8", NULL}, 'p'}, // whether that locale is installed or not
        {{"LANG=fr_BE@euro", NULL}, 'p'},
        {{"LANG=fr", NULL}, 'p'},
        {{"LC_ALL=en_US.UTF-8", NULL}, 'a'},
        {{"LANG=en", NULL}, 'a'},
        {{"LANG=de_DE.UTF-8", NULL}, 'a'},
        {{"LANG=frr_DE", NULL}, 'a'}, // North Frisian is not French
        {{"LANG=fr_FR.UTF-8", "LC_MESSAGES=en_GB.UTF-8", NULL}, 'a'},
        {{"LC_MESSAGES=en_GB", "LC_ALL=fr_FR", NULL}, 'p'},
        {{"LANGUAGE=en", NULL}, 'a'},
        {{"LANGUAGE=en", "LANG=fr_FR.UTF-8", NULL}, 'a'},
        {{"LANGUAGE=de:fr:en", "LANG=en_US", NULL}, 'p'},
        {{"LANGUAGE=de", "LANG=fr_FR", NULL}, 'p'},
        {{"LANGUAGE=::", NULL}, 'p'},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++)
        if (apple_in(cases[i].env) != cases[i].apple)
            fail_msg("case %zu (%s)", i, cases[i].env[0] ? cases[i].env[0] : "nothing set");
}

static void no_catalogue(void **state)
{
    (void)state;
    unlink(mo);
    assert_int_equal(apple_in(NULL), 'a');
    write_mo((const unsigned char *)"", 0);
    assert_int_equal(apple_in(NULL), 'a');
}

/* Cut anywhere or with any byte changed, the file gives a translation or the original,
   never a crash. */
static void damaged_catalogue(void **state)
{
    (void)state;
    unsigned char buf[1024];
    size_t n = make_mo(buf);
    for (size_t cut = 0; cut < n; cut++) {
        write_mo(buf, cut);
        assert_int_equal(apple_in(NULL), 'a');
    }
    int refused = 0;
    for (size_t i = 0; i < HEADER + 16 * ENTRIES; i++) {
        unsigned char was = buf[i];
        buf[i] = 0xFF;
        write_mo(buf, n);
        int apple = apple_in(NULL);
        if (apple != 'p' && apple != 'a')
            fail_msg("byte %zu set to 0xFF", i);
        refused += apple == 'a';
        buf[i] = was;
    }
    assert_true(refused > 60);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(mo, sizeof(mo), "%s/fr", dir);
    mkdir(mo, 0700);
    snprintf(mo, sizeof(mo), "%s/fr/LC_MESSAGES", dir);
    mkdir(mo, 0700);
    snprintf(mo, sizeof(mo), "%s/fr/LC_MESSAGES/greffier.mo", dir);
    return setenv("GREFFIER_LOCALE", dir, 1);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(mo);
    for (int i = 0; i < 3; i++) {
        *strrchr(mo, '/') = '\0';
        rmdir(mo);
    }
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(language_of_environment),
        cmocka_unit_test(no_catalogue),
        cmocka_unit_test(damaged_catalogue),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

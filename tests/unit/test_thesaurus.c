/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thesaurus: what a question speaks of; compiled, made in memory, damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "grf_file.h"
#include "grf_mem.h"
#include "grf_thesaurus.h"

static char top[] = "/tmp/grf-thesaurus-XXXXXX";
static char tsv[64], grft[64];

static const char text[] =
    "restauration scolaire\tcantine | repas de midi\tRS = restauration scolaire\n"
    "taxe de séjour | taxe de séjour au réel\timpôt des touristes\t\n"
    "les\tde la\n" /* no telling word */
    "cantine municipale\n"
    "repas";

static void put(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(top))
        return -1;
    snprintf(tsv, sizeof(tsv), "%s/thesaurus.tsv", top);
    snprintf(grft, sizeof(grft), "%s/thesaurus.grft", top);
    put(tsv, text, sizeof(text) - 1);
    return setenv("GREFFIER_DATA", top, 1);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(tsv);
    unlink(grft);
    return rmdir(top);
}

/* The first words of the groups that the question finds, and how many words each has. */
static void assert_finds(const struct grf_thesaurus *t, const char *question, size_t most,
                         const char *expected)
{
    struct grf_light words[16];
    struct grf_thesaurus_group groups[8];
    struct grf_words it;
    struct grf_word w;
    char got[256] = "";
    size_t n = 0, used = 0;
    grf_words_init(&it, grf_sv_z(question));
    while (n < 16 && grf_words_next(&it, &w))
        grf_light_of(&words[n++], &w);
    grf_thesaurus_match(t, words, n, groups, &most);
    for (size_t i = 0; i < most; i++)
        used += (size_t)snprintf(got + used, sizeof(got) - used, "%.6s %zu;",
                                 groups[i].line.p, groups[i].words);
    assert_string_equal(got, expected);
}

static void check_all(const struct grf_thesaurus *t)
{
    assert_finds(t, "cantines municipales", 8, "cantin 2;restau 1;");
    assert_finds(t, "le repas de midi à la cantine", 8, "restau 2;repas 1;");
    assert_finds(t, "le repas de midi à la cantine", 1, "restau 2;");
    assert_finds(t, "la taxe au séjour, au réel, RS", 8, "taxe d 3;restau 1;");
    assert_finds(t, "taxe", 8, "");
    assert_finds(t, "de la", 8, "");
    assert_finds(t, "", 8, "");
    assert_finds(t, "inconnu", 8, "");
}

static void opened_well(void)
{
    struct grf_thesaurus *t;
    assert_int_equal(grf_thesaurus_open(&t, NULL), GRF_OK);
    check_all(t);
    grf_thesaurus_close(t);
}

static void compiled_and_made(void **state)
{
    (void)state;
    opened_well();
    assert_int_equal(grf_thesaurus_compile(tsv, grft, NULL), GRF_OK);
    opened_well();
    /* of other lines: not used */
    put(tsv, "a", 1);
    assert_int_equal(grf_thesaurus_compile(tsv, grft, NULL), GRF_OK);
    put(tsv, text, sizeof(text) - 1);
    opened_well();
}

/* The payload is not verified: whatever it says, nothing else is read. */
static void damaged(void **state)
{
    (void)state;
    struct grf_str file;
    grf_str_init(&file, 1 << 20);
    assert_int_equal(grf_thesaurus_compile(tsv, grft, NULL), GRF_OK);
    FILE *f = fopen(grft, "r");
    for (int c; (c = getc(f)) != EOF;)
        grf_str_addc(&file, (char)c);
    fclose(f);
    for (size_t i = 192; i < file.n; i += 3) {
        struct grf_thesaurus *t;
        char was = file.p[i];
        file.p[i] = (char)(was ^ (i % 2 ? 0xFF : 0x04));
        put(grft, file.p, file.n);
        file.p[i] = was;
        assert_int_equal(grf_thesaurus_open(&t, NULL), GRF_OK);
        struct grf_light words[2] = {{"cantin", 6}, {"municipal", 9}};
        struct grf_thesaurus_group groups[8];
        size_t n = 8;
        grf_thesaurus_match(t, words, 2, groups, &n);
        for (size_t k = 0; k < n; k++)
            assert_true(groups[k].line.n < sizeof(text));
        grf_thesaurus_close(t);
        i = i > 600 ? i + 90 : i;
    }
    grf_str_release(&file);
    put(grft, "", 0);
    opened_well();
    unlink(grft);
}

static void nothing_there(void **state)
{
    (void)state;
    struct grf_thesaurus *t;
    put(tsv, "", 0);
    assert_int_equal(grf_thesaurus_open(&t, NULL), GRF_OK);
    assert_finds(t, "cantine", 8, "");
    grf_thesaurus_close(t);
    unlink(tsv);
    assert_int_equal(grf_thesaurus_open(&t, NULL), GRF_NOTFOUND);
    assert_null(t);
    put(tsv, text, sizeof(text) - 1);
}

static void without_memory(void **state)
{
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        struct grf_thesaurus *t;
        grf_mem_fail_at(nth, 0);
        grf_status st = grf_thesaurus_open(&t, NULL);
        grf_mem_fail_at(0, 0);
        if (!st) /* without a name for the compiled file, it is made */
            check_all(t);
        else
            assert_int_equal(st, GRF_NOMEM);
        grf_thesaurus_close(t);
        if (!st && nth > 40)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiled_and_made),
        cmocka_unit_test(damaged),
        cmocka_unit_test(nothing_there),
        cmocka_unit_test(without_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Progress and log lines: the same calls with stderr on a pseudo-terminal, then on a
 * file. The start is set back in time instead of waiting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_log.h"
#include "grf_progress.h"

static void durations(void **state)
{
    (void)state;
    static const struct {
        double s;
        const char *text;
    } cases[] = {{0, "0 s"},          {0.4, "0 s"},        {59.4, "59 s"},
                 {59.6, "1 min 00 s"}, {130, "2 min 10 s"}, {3599, "59 min 59 s"},
                 {3900, "1 h 05"},     {86400, "24 h 00"},  {-5, "0 s"}};
    char out[32];
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        grf_format_seconds(cases[i].s, out);
        assert_string_equal(out, cases[i].text);
    }
    grf_format_seconds((double)NAN, out);
    assert_string_equal(out, "0 s");
    grf_format_seconds((double)INFINITY, out);
    assert_true(strlen(out) < 32);
}

static void clock_moves_forward(void **state)
{
    (void)state;
    double a = grf_now(), b = grf_now();
    assert_true(a > 0 && b >= a);
}

static void printable(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"délibération n° 12 – œuvre 🏛", "délibération n° 12 – œuvre 🏛"},
        {"a\033[2Jb\r\n\tc\x7f", "a?[2Jb???c?"},
        {"\xC2\x9B"
         "31m",
         "?31m"},                                 // C1 CSI
        {"x\xE2\x80\xAEgpj.exe", "x?gpj.exe"},    // right-to-left override
        {"a\xE2\x80\xA8z", "a?z"},                // line separator
        {"\xC3", "?"},                            // cut in the middle
        {"\xFF\x80", "??"},
        {"\xE2\x82", "??"},
        {"l\xE9on", "l?on"},                      // Latin-1
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        char z[128];
        snprintf(z, sizeof(z), "%s", cases[i].in);
        grf_log_printable(z);
        assert_string_equal(z, cases[i].out);
    }
}

/* ---- what appears on stderr */

static void show_progress(void)
{
    struct grf_progress p;
    grf_progress_start(&p, "pages", 1000, false);
    grf_progress_update(&p, 10, "too-early");
    p.started -= 50;
    p.drawn -= 50;
    grf_progress_update(&p, 250, "ann\033e.pdf");
    grf_progress_update(&p, 260, "too-soon");
    grf_progress_end(&p);
    grf_progress_start(&p, "acts", 0, false);
    p.started -= 50;
    p.drawn -= 50;
    grf_progress_update(&p, 7, NULL);
    grf_progress_end(&p);
    grf_progress_start(&p, "silent", 10, true);
    p.drawn -= 50;
    grf_progress_update(&p, 5, NULL);
    grf_progress_end(&p);
}

static void show_wide(void)
{
    char note[400];
    memset(note, 'w', sizeof(note) - 1);
    note[sizeof(note) - 1] = '\0';
    struct grf_progress p;
    grf_progress_start(&p, "pages", 10, false);
    p.started -= 50;
    p.drawn -= 50;
    grf_progress_update(&p, 5, note);
    grf_progress_end(&p);
}

static void show_log(void)
{
    grf_log_init("prog", GRF_LOG_INFO);
    grf_log(GRF_LOG_WARNING, "file \"%s\" \\ %s", "a\nb", "c");
    grf_log(GRF_LOG_ERROR, "broken");
    grf_log(GRF_LOG_INFO, "told");
    grf_log(GRF_LOG_DEBUG, "dropped");
    char huge[3000];
    memset(huge, '"', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    grf_log(GRF_LOG_INFO, "%s", huge);
}

/* Runs body in a child whose stderr is fd_child; returns what comes out. */
static void in_child(void (*body)(void), int fd_child, const char *term)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setenv("TERM", term, 1);
        dup2(fd_child, STDERR_FILENO);
        body();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void on_file(void (*body)(void), char *out, size_t size)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    in_child(body, fileno(f), "xterm");
    rewind(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    fclose(f);
}

/* false where the machine has no pseudo-terminals */
static bool on_terminal(void (*body)(void), const char *term, char *out, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return false;
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0)
        return false;
    struct winsize w = {24, 40, 0, 0};
    ioctl(slave, TIOCSWINSZ, &w);
    in_child(body, slave, term);
    fcntl(master, F_SETFL, O_NONBLOCK);
    ssize_t n = read(master, out, size - 1);
    out[n > 0 ? n : 0] = '\0';
    close(slave);
    close(master);
    return true;
}

static void progress_on_file_is_log_lines(void **state)
{
    (void)state;
    char out[8192];
    on_file(show_progress, out, sizeof(out));
    assert_non_null(strstr(out, "level=notice"));
    assert_non_null(strstr(out, "pages: 250 of 1000 (25 %), 2 min 30 s left\""));
    assert_non_null(strstr(out, "acts: 7 done in 50 s"));
    assert_null(strchr(out, '\r'));
    assert_null(strchr(out, '\033'));
    assert_null(strstr(out, "too-"));
    assert_null(strstr(out, "silent"));
}

static void progress_on_terminal_is_one_line(void **state)
{
    (void)state;
    char out[8192];
    if (!on_terminal(show_progress, "xterm", out, sizeof(out)))
        skip();
    // the terminal is 40 wide: the line is cut to 39
    assert_non_null(strstr(out, "\rpages: 250 of 1000 (25 %), 2 min 30 s l\033[K"));
    assert_null(strchr(out, '\n'));
    assert_null(strstr(out, "too-"));
    assert_null(strstr(out, "silent"));
    assert_string_equal(out + strlen(out) - 4, "\r\033[K");
    assert_true(on_terminal(show_wide, "xterm", out, sizeof(out)));
    assert_int_equal(strcspn(out + 1, "\033"), 39);
    assert_true(on_terminal(show_progress, "dumb", out, sizeof(out)));
    assert_null(strchr(out, '\033'));
}

static void log_lines(void **state)
{
    (void)state;
    char out[16384];
    on_file(show_log, out, sizeof(out));
    assert_non_null(strstr(out, "level=warning prog=prog msg=\"file \\\"a?b\\\" \\\\ c\"\n"));
    assert_non_null(strstr(out, "level=info prog=prog msg=\"told\"\n"));
    assert_null(strstr(out, "dropped"));
    assert_true(strncmp(out, "ts=20", 5) == 0);
    const char *last = strrchr(out, '\n');
    assert_true(last && last[1] == '\0' && last[-1] == '"');
    if (on_terminal(show_log, "xterm", out, sizeof(out))) {
        assert_non_null(strstr(out, "prog: warning: file \"a?b\" \\ c"));
        assert_non_null(strstr(out, "prog: told"));
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(clock_moves_forward),
        cmocka_unit_test(printable),
        cmocka_unit_test(progress_on_file_is_log_lines),
        cmocka_unit_test(progress_on_terminal_is_one_line),
        cmocka_unit_test(log_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line: a small program's tables are run through grf_cli_main, its
 * stdout and stderr caught in files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_cli.h"
#include "grf_i18n.h"
#include "grf_mem.h"

static bool deep;
static const char *name_value;
static int number;
static struct grf_cli_list paths;

static const struct grf_option *add_options(void)
{
    static const struct grf_option table[] = {
        {'d', "deep", GRF_OPT_FLAG, &deep, NULL, N_("go deep"), 0, 0},
        {0, "name", GRF_OPT_TEXT, (void *)&name_value, "NAME", N_("a name"), 0, 0},
        {'n', "number", GRF_OPT_INT, &number, "N", N_("how many"), 1, 100},
        {'p', "path", GRF_OPT_LIST, &paths, "PATH", N_("a path"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    deep = false;
    name_value = NULL;
    number = 10;
    memset(&paths, 0, sizeof(paths));
    return table;
}

/* Prints what it was given; the test reads that. */
static int run_add(const struct grf_cli *cli, int argc, char **argv)
{
    printf("add base=%s json=%d verbose=%d deep=%d name=%s n=%d paths=%zu", cli->base,
           cli->json, cli->verbose, deep, name_value ? name_value : "-", number, paths.n);
    for (int i = 0; i < argc; i++)
        printf(" [%s]", argv[i]);
    printf("\n");
    return argc == 3 ? 3 : 0;
}

static int run_fail(const struct grf_cli *cli, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct grf_err err = GRF_ERR_INIT;
    grf_status s = grf_fail(&err, GRF_LOCKED, "base '\033[31mx\n': locked");
    assert_int_equal(s, GRF_LOCKED);
    return grf_cli_fail(cli, &err);
}

static int run_signal(const struct grf_cli *cli, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    assert_int_equal(*cli->cancel, 0);
    raise(SIGINT);
    printf("cancel=%d\n", (int)*cli->cancel);
    fflush(stdout);
    raise(SIGTERM);
    printf("never reached\n");
    return 0;
}

static int run_flood(const struct grf_cli *cli, int argc, char **argv)
{
    (void)cli;
    (void)argc;
    (void)argv;
    for (int i = 0; i < 100000; i++)
        printf("%d\n", i);
    return 0;
}

static const struct grf_command commands[] = {
    {"add", N_("PATH..."), N_("adds things"), 1, -1, add_options, run_add},
    {"fail", NULL, N_("fails"), 0, 0, NULL, run_fail},
    {"signal", NULL, N_("is interrupted"), 0, 0, NULL, run_signal},
    {"flood", NULL, N_("prints much"), 0, 0, NULL, run_flood},
    {NULL, NULL, NULL, 0, 0, NULL, NULL},
};
static const struct grf_program plain = {"prog", N_("A program."), commands, NULL};
static const struct grf_program with_default = {"prog", N_("A program."), commands, "add"};

struct outcome {
    int code;
    char out[8192], err[2048];
};

static void read_back(FILE *f, char *out, size_t size)
{
    rewind(f);
    size_t n = fread(out, 1, size - 1, f);
    out[n] = '\0';
    fclose(f);
}

/* Runs the program in a child (signals, _exit and the standard streams are its own).
   words end with NULL. */
static void run(struct outcome *o, const struct grf_program *p, const char *const *words)
{
    FILE *out = tmpfile(), *err = tmpfile();
    assert_true(out && err);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char *argv[40] = {(char *)"prog"};
        int argc = 1;
        for (; words[argc - 1]; argc++)
            argv[argc] = (char *)words[argc - 1];
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        int code = grf_cli_main(p, argc, argv);
        fflush(NULL);
        _exit(code);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status)); // death by a signal is always a bug
    o->code = WEXITSTATUS(status);
    read_back(out, o->out, sizeof(o->out));
    read_back(err, o->err, sizeof(o->err));
}

#define RUN(o, p, ...) run(o, p, (const char *const[]){__VA_ARGS__, NULL})

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

static void options_and_operands_mix(void **state)
{
    (void)state;
    struct outcome o;
    RUN(&o, &plain, "add", "a", "--deep", "b", "--name=é=x", "-n5", "--path", "p1", "-p", "p2",
        "--base", "/b", "-vv", "--json");
    assert_string_equal(o.err, "");
    assert_string_equal(o.out, "add base=/b json=1 verbose=2 deep=1 name=é=x n=5 paths=2"
                               " [a] [b]\n");
    assert_int_equal(o.code, 0);
    RUN(&o, &plain, "add", "-dvn", "7", "--base=/b", "--", "--deep", "-");
    assert_string_equal(o.out, "add base=/b json=0 verbose=1 deep=1 name=- n=7 paths=0"
                               " [--deep] [-]\n");
    RUN(&o, &plain, "add", "--base=/b", "-q", "-v", "-");
    assert_has(o.out, "verbose=-1");
    assert_has(o.out, "[-]");
}

static void exit_code_of_command_is_kept(void **state)
{
    (void)state;
    struct outcome o;
    RUN(&o, &plain, "add", "--base=/b", "1", "2", "3");
    assert_int_equal(o.code, 3);
}

static void common_options_before_command(void **state)
{
    (void)state;
    struct outcome o;
    RUN(&o, &plain, "--base", "/b", "-v", "--json", "add", "x");
    assert_int_equal(o.code, 0);
    assert_has(o.out, "base=/b json=1 verbose=1");
    RUN(&o, &plain, "--base=/b", "add", "x");
    assert_has(o.out, "base=/b");
}

static void default_command(void **state)
{
    (void)state;
    struct outcome o;
    RUN(&o, &with_default, "--base=/b", "what about the canteen");
    assert_has(o.out, "[what about the canteen]");
    RUN(&o, &with_default, "-n", "4", "add", "--base=/b");
    assert_has(o.out, "n=4 paths=0 [add]");
    RUN(&o, &with_default, "--base=/b", "--", "add");
    assert_has(o.out, "[add]");
    RUN(&o, &with_default, "--help");
    assert_int_equal(o.code, 0);
    assert_has(o.out, "adds things");
}

static void wrong_usage_is_exit_2(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        const char *said;
    } cases[] = {
        {{"add", NULL}, "PATH... is missing"},
        {{"add", "--number=0", "x", NULL}, "'0' is not a whole number from 1 to 100"},
        {{"add", "--number=101", "x", NULL}, "from 1 to 100"},
        {{"add", "--number=1x", "x", NULL}, "'1x'"},
        {{"add", "--number=", "x", NULL}, "''"},
        {{"add", "-n", "99999999999999999999", NULL}, "from 1 to 100"},
        {{"add", "x", "--number", NULL}, "needs a value: --number N"},
        {{"add", "x", "-n", NULL}, "needs a value"},
        {{"add", "--deep=yes", "x", NULL}, "takes no value"},
        {{"add", "--depe", "x", NULL}, "did you mean --deep?"},
        {{"add", "--wholly-unknown", "x", NULL}, "unknown option --wholly-unknown"},
        {{"add", "-z", "x", NULL}, "unknown option -z"},
        {{"add", "--base=", "x", NULL}, "name is empty"},
        {{"fail", "x", NULL}, "too many arguments"},
        {{"ad", NULL}, "did you mean 'add'?"},
        {{"zzzzzz", NULL}, "unknown command 'zzzzzz'"},
        {{NULL}, "which command?"},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct outcome o;
        run(&o, &plain, cases[i].words);
        assert_string_equal(o.out, "");
        assert_has(o.err, cases[i].said);
        assert_has(o.err, "--help");
        assert_int_equal(o.code, 2);
        // one line, no more
        assert_ptr_equal(strchr(o.err, '\n'), o.err + strlen(o.err) - 1);
    }
}

static void list_option_has_a_limit(void **state)
{
    (void)state;
    const char *words[40] = {"add", "x"};
    for (int i = 2; i < 35; i++)
        words[i] = "-pz";
    struct outcome o;
    run(&o, &plain, words);
    assert_int_equal(o.code, 2);
    assert_has(o.err, "more than 32 times");
}

static void help_and_lists_agree(void **state)
{
    (void)state;
    struct outcome o;
    RUN(&o, &plain, "--list-commands");
    assert_string_equal(o.out, "add\nfail\nsignal\nflood\n");
    RUN(&o, &plain, "--list-options", "add");
    assert_has(o.out, "--number\tN\t-n\n");
    assert_has(o.out, "--deep\t\t-d\n");
    assert_has(o.out, "--base\tDIR\t\n");
    char listed[8192];
    memcpy(listed, o.out, sizeof(listed));
    RUN(&o, &plain, "add", "x", "--help");
    assert_int_equal(o.code, 0);
    char *save = NULL;
    for (char *l = strtok_r(listed, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
        l[strcspn(l, "\t")] = '\0';
        assert_has(o.out, l);
    }
    RUN(&o, &plain, "--list-options", "nothing");
    assert_int_equal(o.code, 2);
    RUN(&o, &plain, "--version");
    assert_int_equal(o.code, 0);
    assert_true(strncmp(o.out, "prog ", 5) == 0 && strlen(o.out) > 6);
}

static void base_comes_from_environment(void **state)
{
    (void)state;
    struct outcome o;
    setenv("GREFFIER_BASE", "/from/env", 1);
    RUN(&o, &plain, "add", "x");
    assert_has(o.out, "base=/from/env ");
    setenv("GREFFIER_BASE", "", 1);
    setenv("HOME", "/home/marie/", 1);
    RUN(&o, &plain, "add", "x");
    assert_has(o.out, "base=/home/marie/.local/share/greffier ");
    unsetenv("GREFFIER_BASE");
}

static void failure_is_one_harmless_line(void **state)
{
    (void)state;
    struct outcome o;
    RUN(&o, &plain, "fail");
    assert_int_equal(o.code, 75);
    assert_string_equal(o.err, "prog: base '?[31mx?': locked\n");
}

static void second_signal_stops_at_once(void **state)
{
    (void)state;
    struct outcome o;
    RUN(&o, &plain, "signal");
    assert_int_equal(o.code, 130);
    assert_string_equal(o.out, "cancel=1\n");
}

/* Runs "flood" with stdout on fd; the exit code, and what it said on stderr. */
static int flood_to(int fd, char *said, size_t size)
{
    FILE *err = tmpfile();
    assert_non_null(err);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        char *argv[] = {(char *)"prog", (char *)"flood", NULL};
        dup2(fd, STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        _exit(grf_cli_main(&plain, 2, argv));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    read_back(err, said, size);
    return WEXITSTATUS(status);
}

static void lost_output_is_reported_a_gone_reader_is_not(void **state)
{
    (void)state;
    char said[2048];
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(flood_to(fileno(full), said, sizeof(said)), 1);
    assert_has(said, "standard output");
    fclose(full);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(flood_to(ends[1], said, sizeof(said)), 0);
    assert_string_equal(said, "");
    close(ends[1]);
}

static void no_memory_is_a_status(void **state)
{
    (void)state;
    fflush(NULL);
    for (uint64_t nth = 1; nth < 6; nth++) {
        pid_t pid = fork();
        if (pid == 0) {
            char *argv[] = {(char *)"prog", (char *)"add", (char *)"x", NULL};
            if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
                _exit(99);
            (void)grf_mem_fail_at(nth, 1);
            _exit(grf_cli_main(&plain, 3, argv));
        }
        int status = 0;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_true(WEXITSTATUS(status) <= 1);
        if (nth == 1)
            assert_int_equal(WEXITSTATUS(status), 1);
    }
}

static void colour_is_for_terminals(void **state)
{
    (void)state;
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_false(grf_cli_colour(fileno(f)));
    fclose(f);
    setenv("TERM", "xterm", 1);
    int fd = posix_openpt(2 /* O_RDWR */);
    if (fd < 0)
        return;
    unsetenv("NO_COLOR");
    assert_true(grf_cli_colour(fd));
    setenv("NO_COLOR", "", 1);
    assert_true(grf_cli_colour(fd));
    setenv("NO_COLOR", "1", 1);
    assert_false(grf_cli_colour(fd));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(grf_cli_colour(fd));
    close(fd);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    setenv("LANGUAGE", "en", 1);
    unsetenv("GREFFIER_BASE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_operands_mix),
        cmocka_unit_test(exit_code_of_command_is_kept),
        cmocka_unit_test(common_options_before_command),
        cmocka_unit_test(default_command),
        cmocka_unit_test(wrong_usage_is_exit_2),
        cmocka_unit_test(list_option_has_a_limit),
        cmocka_unit_test(help_and_lists_agree),
        cmocka_unit_test(base_comes_from_environment),
        cmocka_unit_test(failure_is_one_harmless_line),
        cmocka_unit_test(second_signal_stops_at_once),
        cmocka_unit_test(lost_output_is_reported_a_gone_reader_is_not),
        cmocka_unit_test(no_memory_is_a_status),
        cmocka_unit_test(colour_is_for_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

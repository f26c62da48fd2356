/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands and options from tables. Parsing, help and the lists for completion
 * walk the same two tables: the command's own options, then the common ones.
 *
 * Own parser rather than getopt_long: options and operands may be mixed, a message
 * is ours to translate, and an abbreviation that works today must not become
 * ambiguous tomorrow.
 */
#include "grf_cli.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_conf.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "version.h" /* made by the build */

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 130, SUGGEST_MAX = 24 };

static volatile sig_atomic_t cancel_flag;

/* Values of the common options while they are parsed. */
struct common {
    const char *base, *config;
    bool json, quiet, help;
    int verbose;
};

/* The tables that a command line is read with; each ends with a NULL name. */
struct tables {
    const struct grf_option *own; /* NULL before the command is known */
    const struct grf_option *common;
};

/* ---- common options */

enum { COMMON_OPTIONS = 7 };

static void fill_common(struct grf_option t[COMMON_OPTIONS], struct common *c)
{
    memset(c, 0, sizeof(*c));
    const struct grf_option table[COMMON_OPTIONS] = {
        {0, "base", GRF_OPT_TEXT, (void *)&c->base, N_("DIR"),
         N_("directory of the base (default: $GREFFIER_BASE, else ~/.local/share/greffier)"), 0, 0},
        {0, "config", GRF_OPT_TEXT, (void *)&c->config, N_("FILE"),
         N_("read settings from FILE (default: greffier.conf of the base)"), 0, 0},
        {0, "json", GRF_OPT_FLAG, &c->json, NULL, N_("print JSON, one object per line"), 0,
         0},
        {'v', "verbose", GRF_OPT_COUNT, &c->verbose, NULL,
         N_("say more about what is done; -vv for even more"), 0, 0},
        {'q', "quiet", GRF_OPT_FLAG, &c->quiet, NULL,
         N_("only errors, and no progress display"), 0, 0},
        {'h', "help", GRF_OPT_FLAG, &c->help, NULL, N_("show this help"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    memcpy(t, table, sizeof(table));
}

/* ---- suggestions for what was mistyped */

/* Edit distance of two short words, SUGGEST_MAX when one is longer than that. */
static size_t distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    size_t row[SUGGEST_MAX + 1];
    if (na > SUGGEST_MAX || nb > SUGGEST_MAX)
        return SUGGEST_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[nb];
}

/* Keeps the nearer of *best and name to word. */
static void consider(const char *word, const char *name, const char **best)
{
    size_t d = distance(word, name);
    if (d <= 2 && d < strlen(word) && (!*best || d < distance(word, *best)))
        *best = name;
}

/* ---- reading options */

static const struct grf_option *find_in(const struct grf_option *t, const char *name,
                                        size_t n, char letter)
{
    for (; t && t->name; t++)
        if (name ? strlen(t->name) == n && strncmp(t->name, name, n) == 0
                 : letter && t->letter == letter)
            return t;
    return NULL;
}

static const struct grf_option *find_option(const struct tables *t, const char *name,
                                            size_t n, char letter)
{
    const struct grf_option *o = find_in(t->own, name, n, letter);
    return o ? o : find_in(t->common, name, n, letter);
}

static bool takes_value(const struct grf_option *o)
{
    return o->kind != GRF_OPT_FLAG && o->kind != GRF_OPT_COUNT;
}

/* said: the option as it was given, "--limit" or "-n". */
static grf_status set_int(const struct grf_option *o, const char *said, const char *text,
                          struct grf_err *err)
{
    char *end = NULL;
    errno = 0;
    long v = strtol(text, &end, 10);
    if (end == text || *end || errno || v < o->min || v > o->max)
        return grf_fail(err, GRF_INVALID,
                        _("option %s: '%s' is not a whole number from %ld to %ld"), said, text,
                        o->min, o->max);
    *(int *)o->value = (int)v;
    return GRF_OK;
}

static grf_status set_value(const struct grf_option *o, const char *said, const char *text,
                            struct grf_err *err)
{
    switch (o->kind) {
    case GRF_OPT_FLAG:
        *(bool *)o->value = true;
        break;
    case GRF_OPT_COUNT:
        *(int *)o->value += 1;
        break;
    case GRF_OPT_TEXT:
        *(const char **)o->value = text;
        break;
    case GRF_OPT_INT:
        return set_int(o, said, text, err);
    case GRF_OPT_LIST: {
        struct grf_cli_list *list = (struct grf_cli_list *)o->value;
        if (list->n == GRF_ARRAY_LEN(list->v))
            return grf_fail(err, GRF_LIMIT, _("option --%s: given more than %zu times"),
                            o->name, GRF_ARRAY_LEN(list->v));
        list->v[list->n++] = text;
        break;
    }
    }
    return GRF_OK;
}

static grf_status unknown_option(const struct tables *t, const char *word, size_t n,
                                 struct grf_err *err)
{
    const struct grf_option *lists[] = {t->own, t->common};
    const char *best = NULL;
    char name[SUGGEST_MAX + 1] = "";
    if (n > 4 && n - 2 < sizeof(name))
        memcpy(name, word + 2, n - 2);
    for (size_t i = 0; i < GRF_ARRAY_LEN(lists) && *name; i++)
        for (const struct grf_option *o = lists[i]; o && o->name; o++)
            consider(name, o->name, &best);
    if (best)
        return grf_fail(err, GRF_INVALID, _("unknown option %.*s; did you mean --%s?"),
                        (int)n, word, best);
    return grf_fail(err, GRF_INVALID, _("unknown option %.*s"), (int)n, word);
}

static grf_status missing_value(const struct grf_option *o, struct grf_err *err)
{
    return grf_fail(err, GRF_INVALID, _("option --%s needs a value: --%s %s"), o->name,
                    o->name, _(o->arg));
}

/* Reads "--name", "--name=value" or "--name value" at argv[*i]; leaves *i on the last
   word used. */
static grf_status read_long(const struct tables *t, int argc, char **argv, int *i,
                            struct grf_err *err)
{
    const char *word = argv[*i];
    size_t n = strcspn(word, "=");
    const char *value = word[n] ? word + n + 1 : NULL;
    const struct grf_option *o = find_option(t, word + 2, n - 2, 0);
    if (!o)
        return unknown_option(t, word, n, err);
    if (!takes_value(o)) {
        if (value)
            return grf_fail(err, GRF_INVALID, _("option --%s takes no value"), o->name);
    } else if (!value) {
        if (*i + 1 >= argc)
            return missing_value(o, err);
        value = argv[++*i];
    }
    char said[64];
    snprintf(said, sizeof(said), "--%s", o->name);
    return set_value(o, said, value, err);
}

/* Reads "-v", "-vv", "-n5" or "-n 5" at argv[*i]. */
static grf_status read_short(const struct tables *t, int argc, char **argv, int *i,
                             struct grf_err *err)
{
    for (const char *p = argv[*i] + 1; *p; p++) {
        const struct grf_option *o = find_option(t, NULL, 0, *p);
        if (!o)
            return grf_fail(err, GRF_INVALID, _("unknown option %s"), argv[*i]);
        const char *value = NULL;
        if (takes_value(o)) {
            value = p[1] ? p + 1 : *i + 1 < argc ? argv[++*i] : NULL;
            if (!value)
                return missing_value(o, err);
        }
        const char said[] = {'-', *p, 0};
        grf_status s = set_value(o, said, value, err);
        if (s || value)
            return s;
    }
    return GRF_OK;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1]; // "-" alone is an operand: stdin
}

/* Reads all of argv[0..argc); the operands are moved to its front and counted. */
static grf_status read_words(const struct tables *t, int argc, char **argv, int *operands,
                             struct grf_err *err)
{
    int n = 0;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (++i < argc)
                argv[n++] = argv[i];
            break;
        }
        if (!is_option(argv[i])) {
            argv[n++] = argv[i];
            continue;
        }
        grf_status s = argv[i][1] == '-' ? read_long(t, argc, argv, &i, err)
                                         : read_short(t, argc, argv, &i, err);
        if (s)
            return s;
    }
    *operands = n;
    return GRF_OK;
}

/* ---- commands */

static const struct grf_command *find_command(const struct grf_program *p,
                                              const char *name)
{
    for (const struct grf_command *c = p->commands; name && c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* Where the command's name stands: the first word that is neither a common option nor
   the value of one; 0 when an option of some command or "--" comes first. */
static int command_word(const struct grf_option *common, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (!is_option(word))
            return i;
        if (strcmp(word, "--") == 0)
            return 0;
        bool is_long = word[1] == '-';
        size_t n = strcspn(word, "=");
        const struct grf_option *o =
            is_long ? find_in(common, word + 2, n - 2, 0) : find_in(common, NULL, 0, word[1]);
        if (!o)
            return 0;
        if (takes_value(o) && is_long && !word[n])
            i++;
    }
    return 0;
}

/* ---- help */

static size_t columns(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void print_row(const char *left, const char *right, size_t width)
{
    size_t n = columns(left);
    printf("  %s%*s  %s\n", left, (int)(n < width ? width - n : 0), "", right);
}

/* "-n, --number N" */
static void option_text(const struct grf_option *o, char *out, size_t size)
{
    char letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof(letter), "-%c, ", o->letter);
    snprintf(out, size, "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
             o->arg ? _(o->arg) : "");
}

static void print_options(const struct grf_option *own, const struct grf_option *common)
{
    const struct grf_option *lists[] = {own, common};
    char left[96];
    size_t width = 0;
    for (int print = 0; print < 2; print++) {
        for (size_t i = 0; i < GRF_ARRAY_LEN(lists); i++) {
            for (const struct grf_option *o = lists[i]; o && o->name; o++) {
                option_text(o, left, sizeof(left));
                if (print)
                    print_row(left, _(o->help), width);
                else if (columns(left) > width)
                    width = columns(left);
            }
        }
    }
}

static void print_command_help(const struct grf_program *p, const struct grf_command *c,
                               const struct grf_option *common)
{
    printf(_("Usage: %s %s [OPTIONS]%s%s\n\n%s\n\nOptions:\n"), p->name, c->name,
           c->args ? " " : "", c->args ? _(c->args) : "", _(c->help));
    print_options(c->options ? c->options() : NULL, common);
}

static void print_program_help(const struct grf_program *p,
                               const struct grf_option *common)
{
    const struct grf_command *usual = find_command(p, p->default_command);
    printf(_("Usage: %s COMMAND [OPTIONS] ...\n"), p->name);
    if (usual)
        printf(_("       %s [OPTIONS] %s (command %s)\n"), p->name,
               usual->args ? _(usual->args) : "", usual->name);
    printf("\n%s\n\n%s\n", _(p->summary), _("Commands:"));
    size_t width = 0;
    for (const struct grf_command *c = p->commands; c->name; c++)
        if (strlen(c->name) > width)
            width = strlen(c->name);
    for (const struct grf_command *c = p->commands; c->name; c++)
        print_row(c->name, _(c->help), width);
    static const struct grf_option of_program[] = {
        {0, "version", GRF_OPT_FLAG, NULL, NULL, N_("show the version, without a command"),
         0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    printf("\n%s\n", _("Options of every command:"));
    print_options(common, of_program);
    printf(_("\n'%s COMMAND --help' shows the options of one command.\n"), p->name);
}

static int list_options(const struct grf_program *p, const char *name,
                        const struct grf_option *common)
{
    const struct grf_command *c = find_command(p, name);
    if (!c)
        return EXIT_USAGE;
    const struct grf_option *lists[] = {c->options ? c->options() : NULL, common};
    for (size_t i = 0; i < GRF_ARRAY_LEN(lists); i++)
        for (const struct grf_option *o = lists[i]; o && o->name; o++)
            printf("--%s\t%s\t%s%.1s\n", o->name, o->arg ? o->arg : "",
                   o->letter ? "-" : "", o->letter ? &o->letter : "");
    return 0;
}

/* What the program does by itself, without a command; -1 when argv is not that. */
static int program_word(const struct grf_program *p, int argc, char **argv,
                        const struct grf_option *common)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--version") == 0) {
        printf("%s %s\n", p->name, GRF_VERSION_TEXT);
        return 0;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_program_help(p, common);
        return 0;
    }
    if (strcmp(word, "--list-commands") == 0) {
        for (const struct grf_command *c = p->commands; c->name; c++)
            printf("%s\n", c->name);
        return 0;
    }
    if (strcmp(word, "--list-options") == 0)
        return list_options(p, argc > 2 ? argv[2] : NULL, common);
    return -1;
}

/* ---- messages */

static void say(const char *program, const char *text)
{
    char line[640];
    snprintf(line, sizeof(line), "%s", text);
    grf_log_printable(line);
    // a progress line may stand there: take its place
    fprintf(stderr, "%s%s: %s\n", grf_log_is_terminal(STDERR_FILENO) ? "\r\033[K" : "",
            program, line);
}

int grf_cli_fail(const struct grf_cli *cli, const struct grf_err *err)
{
    say(cli->program, err->msg[0] ? err->msg : grf_status_text(err->code));
    return grf_status_exit_code(err->code);
}

int grf_cli_usage(const struct grf_cli *cli, const char *command, const char *fmt, ...)
{
    char text[480], line[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    snprintf(line, sizeof(line), _("%s (see %s%s%s --help)"), text, cli->program,
             command ? " " : "", command ? command : "");
    say(cli->program, line);
    return EXIT_USAGE;
}

bool grf_cli_colour(int fd)
{
    const char *refused = getenv("NO_COLOR");
    return (!refused || !*refused) && grf_log_is_terminal(fd);
}

/* ---- running */

static void on_signal(int signal_number)
{
    (void)signal_number;
    if (cancel_flag)
        _exit(EXIT_INTERRUPTED);
    cancel_flag = 1;
}

static void catch_signals(void)
{
    struct sigaction sa;
    memset(&sa, 0, sizeof(sa));
    sigemptyset(&sa.sa_mask);
    sa.sa_flags = SA_RESTART; // stdio must not lose output; poll is woken all the same
    sa.sa_handler = on_signal;
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sa.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &sa, NULL);
}

/* The base's directory in a new string: as given, else from the environment, else the
   user's own. */
static grf_status choose_base(const char *given, char **out, struct grf_err *err)
{
    const char *named = getenv("GREFFIER_BASE");
    if (given && !*given)
        return grf_fail(err, GRF_INVALID, _("option --base: the name is empty"));
    if (given || (named && *named)) {
        *out = grf_strdup(given ? given : named);
        return *out ? GRF_OK : grf_fail_nomem(err);
    }
    const char *home = getenv("HOME");
    if (!home || !*home) {
        const struct passwd *user = getpwuid(getuid());
        home = user ? user->pw_dir : NULL;
    }
    if (!home || !*home)
        return grf_fail(err, GRF_INVALID, _("no home directory: name the base with --base"));
    *out = grf_path_join(home, ".local/share/greffier");
    return *out ? GRF_OK : grf_fail_nomem(err);
}

/* A reader of our output that has seen enough and went away ("| head"). errno would not
   tell: it may be long past. */
static bool reader_is_gone(void)
{
    struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};
    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

static int finish_output(const struct grf_cli *cli, int code)
{
    struct grf_err err = GRF_ERR_INIT;
    if (grf_file_finish(stdout, _("standard output"), &err) == GRF_OK || reader_is_gone())
        return code;
    int failed = grf_cli_fail(cli, &err);
    return code ? code : failed;
}

void grf_cli_leave(const struct grf_cli *cli, int code)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(GRF_COVERAGE)
    (void)cli;
    (void)code;
#else
    _exit(finish_output(cli, code));
#endif
}

static bool operand_count_is_right(const struct grf_cli *cli, const struct grf_command *c,
                                   int n)
{
    if (n < c->min_args) {
        grf_cli_usage(cli, c->name, _("%s is missing"), c->args ? _(c->args) : "?");
        return false;
    }
    if (c->max_args >= 0 && n > c->max_args) {
        grf_cli_usage(cli, c->name, _("too many arguments"));
        return false;
    }
    return true;
}

static grf_log_level level_of(int verbose)
{
    return verbose < 0    ? GRF_LOG_ERROR
           : verbose == 0 ? GRF_LOG_NOTICE
           : verbose == 1 ? GRF_LOG_INFO
                          : GRF_LOG_DEBUG;
}

/* argv[0..argc) is everything but the program's and the command's name. */
static int run_command(const struct grf_program *p, const struct grf_command *c, int argc,
                       char **argv)
{
    struct common values;
    struct grf_option common[COMMON_OPTIONS];
    fill_common(common, &values);
    const struct tables tables = {c->options ? c->options() : NULL, common};
    struct grf_cli cli = {p->name, NULL, NULL, false, 0, &cancel_flag};
    struct grf_err err = GRF_ERR_INIT;
    int operands = 0;
    char *base = NULL;

    if (read_words(&tables, argc, argv, &operands, &err))
        return grf_cli_usage(&cli, c->name, "%s", err.msg);
    if (values.help) {
        print_command_help(p, c, common);
        return finish_output(&cli, 0);
    }
    if (!operand_count_is_right(&cli, c, operands))
        return EXIT_USAGE;
    if (choose_base(values.base, &base, &err))
        return err.code == GRF_INVALID ? grf_cli_usage(&cli, c->name, "%s", err.msg)
                                       : grf_cli_fail(&cli, &err);
    char *found = NULL;
    if (!values.config && grf_conf_find(base, &found, &err)) {
        grf_free(base);
        return grf_cli_fail(&cli, &err);
    }
    cli.base = base;
    cli.config = values.config ? values.config : found;
    cli.json = values.json;
    cli.verbose = values.quiet ? -1 : values.verbose;
    grf_log_init(p->name, level_of(cli.verbose));
    int code = finish_output(&cli, c->run(&cli, operands, argv));
    grf_free(base);
    grf_free(found);
    return code;
}

static int unknown_command(const struct grf_program *p, const char *word)
{
    const struct grf_cli cli = {p->name, NULL, NULL, false, 0, &cancel_flag};
    const char *best = NULL;
    for (const struct grf_command *c = p->commands; c->name; c++)
        consider(word, c->name, &best);
    if (best)
        return grf_cli_usage(&cli, NULL, _("unknown command '%s'; did you mean '%s'?"), word,
                             best);
    return grf_cli_usage(&cli, NULL, _("unknown command '%s'"), word);
}

/* Options alone: the first that nobody knows is named before the command is asked for. */
static int no_command(const struct grf_program *p, const struct grf_option *common,
                      int argc, char **argv)
{
    const struct grf_cli cli = {p->name, NULL, NULL, false, 0, &cancel_flag};
    const struct tables tables = {NULL, common};
    struct grf_err err = GRF_ERR_INIT;
    int operands;
    if (read_words(&tables, argc - 1, argv + 1, &operands, &err))
        return grf_cli_usage(&cli, NULL, "%s", err.msg);
    return grf_cli_usage(&cli, NULL, "%s", _("which command?"));
}

int grf_cli_main(const struct grf_program *p, int argc, char **argv)
{
    struct common values;
    struct grf_option common[COMMON_OPTIONS];
    fill_common(common, &values);
    grf_i18n_init();
    catch_signals();
    const struct grf_cli cli = {p->name, NULL, NULL, false, 0, &cancel_flag};
    int code = program_word(p, argc, argv, common);
    if (code >= 0)
        return finish_output(&cli, code);

    int at = command_word(common, argc, argv);
    const struct grf_command *c = at ? find_command(p, argv[at]) : NULL;
    if (c) {
        for (int i = at; i + 1 < argc; i++)
            argv[i] = argv[i + 1];
        return run_command(p, c, argc - 2, argv + 1);
    }
    c = find_command(p, p->default_command);
    if (!c || argc < 2)
        return at ? unknown_command(p, argv[at]) : no_command(p, common, argc, argv);
    return run_command(p, c, argc - 1, argv + 1);
}

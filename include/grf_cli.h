/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands and options from tables: one table gives parsing, --help,
 * completion and the check against the man pages.
 *
 * A program has a struct grf_program with its commands; grf_cli_main does
 * the rest and returns the exit code.
 */
#ifndef GRF_CLI_H
#define GRF_CLI_H

#include <signal.h>
#include <stdbool.h>

#include "grf_err.h"

GRF_BEGIN_DECLS

typedef enum grf_opt_kind {
    GRF_OPT_FLAG, /* bool * becomes true */
    GRF_OPT_TEXT, /* const char ** */
    GRF_OPT_INT,  /* int * within [min, max] */
    GRF_OPT_LIST, /* struct grf_cli_list *: may be given several times */
    GRF_OPT_COUNT /* int *: one more each time it is given */
} grf_opt_kind;

struct grf_cli_list {
    const char *v[32];
    size_t n;
};

struct grf_option {
    char letter;          /* 0 = none */
    const char *name;     /* without dashes */
    grf_opt_kind kind;
    void *value;
    const char *arg;      /* "NAME", "N" ...; NULL for flags; N_() marked */
    const char *help;     /* one line, N_() marked */
    long min, max;        /* GRF_OPT_INT */
};

/* What every command gets. */
struct grf_cli {
    const char *program;
    const char *base;     /* --base, else $GREFFIER_BASE, else the user's default */
    const char *config;   /* --config, else what grf_conf_find says; or NULL */
    bool json;            /* --json */
    int verbose;          /* -v, -vv; -q is -1 */
    volatile sig_atomic_t *cancel; /* 1 after the first SIGINT or SIGTERM */
};

struct grf_command {
    const char *name;
    const char *args;     /* "PATH..." for the usage line, N_() marked */
    const char *help;     /* one line, N_() marked */
    int min_args, max_args; /* max -1 = any number */
    /* Options of this command, ended by a NULL name; called before parsing, so
       that values can be reset. */
    const struct grf_option *(*options)(void);
    /* Returns the exit code. argv holds the argc operands only. */
    int (*run)(const struct grf_cli *cli, int argc, char **argv);
};

struct grf_program {
    const char *name;
    const char *summary;             /* N_() marked */
    const struct grf_command *commands; /* ended by a NULL name */
    const char *default_command;     /* run when the first word names none; or NULL */
};

/* Common options added to every command, also accepted before its name: --base DIR,
   --config FILE, --json, -v, -q, -h/--help; the program itself takes --version, --help
   and, for completion and tests, the hidden --list-commands (one name a line) and
   --list-options CMD (a line per option: "--name", argument, "-x", tab-separated).

   SIGINT and SIGTERM set *cancel, a second one ends the process at once with 130.
   SIGPIPE is ignored; a reader of stdout that went away is no error. */
int grf_cli_main(const struct grf_program *p, int argc, char **argv);

/* Prints "program: message" on stderr and returns the exit code for err. */
int grf_cli_fail(const struct grf_cli *cli, const struct grf_err *err);
/* Prints a usage error with the way to --help; returns 2. */
int grf_cli_usage(const struct grf_cli *cli, const char *command, const char *fmt, ...)
    GRF_PRINTF(3, 4);

/* Ends the process once what it wrote is out, and leaves it to the system to take back
   memory and files: for a command that has only read. Builds that look for leaks, or write
   something at their end, return, and end as usual. */
void grf_cli_leave(const struct grf_cli *cli, int code);

/* Colours on stdout: a terminal, NO_COLOR unset or empty, TERM not "dumb". */
bool grf_cli_colour(int fd);

GRF_END_DECLS
#endif

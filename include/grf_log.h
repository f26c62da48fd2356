/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log: lines on stderr. "greffier-index: warning: ..." on a terminal,
 * "ts=... level=... msg=..." otherwise. Never document text or questions.
 *
 * Each line is one write(2), so that lines of several threads or processes do not
 * mix.
 */
#ifndef GRF_LOG_H
#define GRF_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "grf_common.h"

GRF_BEGIN_DECLS

typedef enum grf_log_level {
    GRF_LOG_ERROR = 0,
    GRF_LOG_WARNING,
    GRF_LOG_NOTICE, /* shown unless -q: what a long run says now and then */
    GRF_LOG_INFO,   /* shown with -v */
    GRF_LOG_DEBUG   /* shown with -vv */
} grf_log_level;

/* name is the program's, borrowed for ever; levels above max are dropped. Until it is
   called: "greffier", GRF_LOG_NOTICE. Call before threads start. */
void grf_log_init(const char *name, grf_log_level max);
void grf_log(grf_log_level level, const char *fmt, ...) GRF_PRINTF(2, 3);

/* True on a stream where a line can be redrawn: a terminal, TERM set and not "dumb". */
bool grf_log_is_terminal(int fd);

/* Makes text that comes from outside (file names, answers of a server) harmless on a
   terminal: each control character, line break or malformed byte becomes '?'. In
   place; never gets longer. */
void grf_log_printable(char *z);
/* Writes text that comes from outside to a stream that people read, so made harmless. */
void grf_log_put(FILE *to, const char *text);

GRF_END_DECLS
#endif

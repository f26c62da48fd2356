/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log: lines on stderr. "greffier-index: warning: ..." on a terminal,
 * "ts=... level=... msg=..." otherwise. Never document text or questions.
 */
#ifndef GRF_LOG_H
#define GRF_LOG_H

#include "grf_common.h"

GRF_BEGIN_DECLS

typedef enum grf_log_level {
    GRF_LOG_ERROR = 0,
    GRF_LOG_WARNING,
    GRF_LOG_INFO, /* shown with -v */
    GRF_LOG_DEBUG /* shown with -vv */
} grf_log_level;

/* name is the program's; levels above max are dropped. */
void grf_log_init(const char *name, grf_log_level max);
void grf_log(grf_log_level level, const char *fmt, ...) GRF_PRINTF(2, 3);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Progress of anything longer than a second: one line on a terminal, redrawn
 * at most four times a second and erased at the end, with the time left; a log
 * line every 30 seconds elsewhere.
 */
#ifndef GRF_PROGRESS_H
#define GRF_PROGRESS_H

#include <stdbool.h>

#include "grf_common.h"

GRF_BEGIN_DECLS

struct grf_progress {
    const char *what;   /* translated label, borrowed */
    uint64_t total;     /* 0 = unknown */
    double started, drawn; /* seconds, monotonic */
    bool tty, quiet, shown;
};

void grf_progress_start(struct grf_progress *p, const char *what, uint64_t total,
                        bool quiet);
/* done out of total; note (may be NULL) is a short text such as a file name. */
void grf_progress_update(struct grf_progress *p, uint64_t done, const char *note);
void grf_progress_end(struct grf_progress *p); /* erases the line */

/* Seconds on the monotonic clock. */
double grf_now(void);
/* "3 s", "2 min 10 s", "1 h 05" in out (at least 32 bytes). */
void grf_format_seconds(double s, char out[32]);

GRF_END_DECLS
#endif

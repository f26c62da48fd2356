/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/report*.c. */
#ifndef GRF_REPORT_PRIV_H
#define GRF_REPORT_PRIV_H

#include "grf_cli.h"
#include "grf_meta.h"
#include "grf_str.h"

/* A line of JSON: to sink, or to stdout when there is none. */
void report_line(struct grf_str *sink, const char *line);
/* Prints the law of the base; that there is none is no failure. */
GRF_NODISCARD grf_status report_law(const struct grf_cli *cli, struct grf_str *sink,
                                    struct grf_err *err);

/* Prints the last nightly run and each source; nothing where there were none. */
GRF_NODISCARD grf_status report_sources(const struct grf_cli *cli, struct grf_meta *m,
                                        struct grf_str *sink, struct grf_err *err);

#endif

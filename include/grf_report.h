/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage: what the base holds, printed the same by both programs' status command. */
#ifndef GRF_REPORT_H
#define GRF_REPORT_H

#include "grf_base.h"
#include "grf_cli.h"

GRF_BEGIN_DECLS

/* Prints on stdout, as text or JSON Lines as cli says. */
GRF_NODISCARD grf_status grf_report_status(const struct grf_cli *cli, struct grf_err *err);

/* The same JSON Lines appended to out, of a base that is open; without its path, which is
   nobody's business who is not at this machine. */
GRF_NODISCARD grf_status grf_report_lines(const struct grf_cli *cli, struct grf_base *base,
                                          struct grf_str *out, struct grf_err *err);

GRF_END_DECLS
#endif

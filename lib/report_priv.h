/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/report*.c. */
#ifndef GRF_REPORT_PRIV_H
#define GRF_REPORT_PRIV_H

#include "grf_cli.h"

/* Prints the law of the base; that there is none is no failure. */
GRF_NODISCARD grf_status report_law(const struct grf_cli *cli, struct grf_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nightly run, for the command that starts it. */
#ifndef GRF_NIGHTLY_RUN_H
#define GRF_NIGHTLY_RUN_H

#include "commands.h"
#include "nightly.h"

/* Does the run; n has cli and dry set, all else zero. n->exit_code is right when GRF_OK or
   GRF_CANCELLED comes back. Release n in any case, before setup. */
GRF_NODISCARD grf_status night_run(struct night *n, struct index_setup *setup,
                                   struct grf_err *err);
void night_release(struct night *n);

#endif

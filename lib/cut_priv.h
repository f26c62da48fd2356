/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/cut*.c. */
#ifndef GRF_CUT_PRIV_H
#define GRF_CUT_PRIV_H

#include <stdbool.h>

#include "grf_common.h"

/* True when text is short and holds names, offices and closing formulas only. */
bool passage_is_closing(struct grf_sv text);

#endif

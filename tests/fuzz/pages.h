/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold for any laid-out page and for the acts made of any pages. */
#ifndef GRF_FUZZ_PAGES_H
#define GRF_FUZZ_PAGES_H

#include "grf_act.h"
#include "grf_page.h"

/* Blocks and words lie inside the text, in order; the packed words come back. */
void check_page(const struct grf_page *p);
/* Segments and cuts the pages: acts in order, passages inside them and their page. */
void check_acts(const struct grf_page *pages, size_t n);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the text module share. */
#ifndef TEXT_PRIV_H
#define TEXT_PRIV_H

#include <stdlib.h>

#include "grf_text.h"

/* Whether left and right, with a hyphen at a line's end between them, are one word.
   capital: left begins with a capital; chained: right has a hyphen after it, too. */
bool text_is_cut_word(const struct grf_word *left, const struct grf_word *right, bool capital,
                      bool chained);

#endif

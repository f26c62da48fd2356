/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts made small for storing (doc/FORMAT.md): French acts take a third, with the words of
 * a dictionary that is part of the program. A handle serves one thread.
 */
#ifndef GRF_SQUEEZE_H
#define GRF_SQUEEZE_H

#include "grf_str.h"

GRF_BEGIN_DECLS

struct grf_squeezer;
/* What the two calls below keep between calls; they make it when *q is NULL. NULL is
   accepted. */
void grf_squeezer_free(struct grf_squeezer *q);

/* Appends the stored form of text to out. GRF_NOMEM, GRF_LIMIT. */
GRF_NODISCARD grf_status grf_squeeze(struct grf_squeezer **q, struct grf_sv text,
                                     struct grf_str *out, struct grf_err *err);
/* Appends what was stored to text. GRF_CORRUPT for what is not such a form, GRF_VERSION for
   one of a later greffier, GRF_LIMIT for more than text has room for, GRF_NOMEM. */
GRF_NODISCARD grf_status grf_unsqueeze(struct grf_squeezer **q, struct grf_sv stored,
                                       struct grf_str *text, struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growable byte string with a mandatory cap. Always NUL-terminated.
 *
 * Failures stick: after one (no memory, cap reached) additions do nothing, and
 * grf_str_status tells which it was. So a writer appends freely and asks once.
 */
#ifndef GRF_STR_H
#define GRF_STR_H

#include "grf_err.h"

GRF_BEGIN_DECLS

struct grf_str {
    char *p;       /* never NULL after init: "" while empty */
    size_t n;      /* bytes without the NUL */
    size_t cap;    /* allocated bytes, 0 while nothing is */
    size_t max;    /* most bytes that n may reach */
    grf_status bad; /* GRF_OK, GRF_NOMEM or GRF_LIMIT */
};

void grf_str_init(struct grf_str *s, size_t max);
void grf_str_release(struct grf_str *s); /* back to an empty, usable string */
void grf_str_clear(struct grf_str *s);   /* empties, keeps the memory, forgets bad */
void grf_str_add(struct grf_str *s, const char *p, size_t n);
void grf_str_addz(struct grf_str *s, const char *z);
void grf_str_addsv(struct grf_str *s, struct grf_sv v);
void grf_str_addc(struct grf_str *s, char c);
void grf_str_addf(struct grf_str *s, const char *fmt, ...) GRF_PRINTF(2, 3);
void grf_str_add_utf8(struct grf_str *s, uint32_t codepoint);
void grf_str_cut(struct grf_str *s, size_t n); /* shortens to n bytes */

GRF_NODISCARD grf_status grf_str_status(const struct grf_str *s, struct grf_err *err);
/* Hands the buffer over (grf_free it) and leaves s empty; NULL after failure. */
GRF_NODISCARD char *grf_str_take(struct grf_str *s, struct grf_err *err);

static inline struct grf_sv grf_str_sv(const struct grf_str *s)
{
    return grf_sv(s->p, s->n);
}

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of ids, one bit each: of passages, whose ids are small and dense. And their order.
 */
#ifndef GRF_IDSET_H
#define GRF_IDSET_H

#include <stdbool.h>

#include "grf_err.h"

GRF_BEGIN_DECLS

struct grf_idset {
    uint64_t *bits;
    size_t words, count;
};

/* Adds an id that is not negative and below 2^32. Zeroed, a set is empty. */
GRF_NODISCARD grf_status grf_idset_add(struct grf_idset *s, int64_t id, struct grf_err *err);
void grf_idset_release(struct grf_idset *s);

static inline bool grf_idset_has(const struct grf_idset *s, int64_t id)
{
    uint64_t word = (uint64_t)id >> 6;
    return word < s->words && (s->bits[word] >> (id & 63) & 1);
}

static inline void grf_idset_drop(struct grf_idset *s, int64_t id)
{
    if (!grf_idset_has(s, id))
        return;
    s->bits[id >> 6] &= ~((uint64_t)1 << (id & 63));
    s->count--;
}

/* The ids of s, ascending, into out, which has room for s->count. Returns how many. */
size_t grf_idset_list(const struct grf_idset *s, int64_t *out);

/* The order of int64_t ids, for qsort and bsearch. */
int grf_id_order(const void *left, const void *right);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Putting thousands of things in order by a number of 64 bits: keys are sorted digit by
 * digit, so that the cost grows with their number alone, and whoever they belong to is
 * moved afterwards.
 */
#ifndef GRF_KEYSORT_H
#define GRF_KEYSORT_H

#include "grf_common.h"

GRF_BEGIN_DECLS

struct grf_key {
    uint64_t first;
    uint32_t at; /* whose it is */
};
/* The lowest first, equal ones as they stand. room has place for n. */
void grf_keys_sort(struct grf_key *v, size_t n, struct grf_key *room);

/* Keys in the order of the numbers, the greatest first; not for what is no number. */
static inline uint64_t grf_key_descending(double x)
{
    uint64_t bits;
    x += 0.0; /* one zero */
    memcpy(&bits, &x, sizeof(bits));
    return bits >> 63 ? bits : ~bits & ~(UINT64_C(1) << 63);
}
/* In the order of the numbers, the lowest first. */
static inline uint64_t grf_key_of_int(int64_t x)
{
    return (uint64_t)x ^ UINT64_C(1) << 63;
}

GRF_END_DECLS
#endif

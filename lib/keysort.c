/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting keys by their digits of 11 bits, the last digit first (grf_keysort.h). */
#include "grf_keysort.h"

enum { BITS = 11, DIGITS = 1 << BITS, FEW = 48 };

static void sort_few(struct grf_key *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct grf_key k = v[i];
        size_t at = i;
        for (; at > 0 && k.first < v[at - 1].first; at--)
            v[at] = v[at - 1];
        v[at] = k;
    }
}

/* By one digit, from v into to, in the order in which they stand. */
static void by_digit(const struct grf_key *v, size_t n, unsigned shift, struct grf_key *to)
{
    size_t place[DIGITS] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++)
        place[v[i].first >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        size_t here = place[d];
        place[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[place[v[i].first >> shift & (DIGITS - 1)]++] = v[i];
}

void grf_keys_sort(struct grf_key *v, size_t n, struct grf_key *room)
{
    uint64_t differ = 0;
    struct grf_key *from = v, *to = room;
    if (n <= FEW) {
        sort_few(v, n);
        return;
    }
    for (size_t i = 1; i < n; i++)
        differ |= v[i].first ^ v[0].first;
    for (unsigned shift = 0; shift < 64 && differ >> shift; shift += BITS) {
        if (!(differ >> shift & (DIGITS - 1)))
            continue;
        by_digit(from, n, shift, to);
        struct grf_key *other = from;
        from = to;
        to = other;
    }
    if (from != v)
        memcpy(v, from, n * sizeof(*v));
}

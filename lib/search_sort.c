/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Putting candidates in order. There are thousands of them, each near a hundred bytes: small
 * keys are sorted, with the comparison in the loop, and each candidate is moved once, where
 * it stands.
 */
#include <stdlib.h>

#include "grf_keysort.h"
#include "grf_mem.h"
#include "search_priv.h"

static int by_id(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_score(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return by_id(a, b);
}

/* To place i goes what stands at v[i].at; each ring of moves is gone round once. */
static void move_all(struct candidate *c, struct grf_key *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (v[i].at == i)
            continue;
        struct candidate first = c[i];
        size_t to = i;
        while (v[to].at != i) {
            size_t from = v[to].at;
            c[to] = c[from];
            v[to].at = (uint32_t)to;
            to = from;
        }
        c[to] = first;
        v[to].at = (uint32_t)to;
    }
}

static bool is_sorted(const struct candidate *c, size_t n, bool best_first)
{
    size_t i = 1;
    while (i < n && (best_first ? by_score : by_id)(&c[i - 1], &c[i]) <= 0)
        i++;
    return i >= n;
}

static void sort_by_keys(struct candidate *c, size_t n, bool best_first, struct grf_key *keys)
{
    for (size_t i = 0; i < n; i++)
        keys[i] = (struct grf_key){best_first ? grf_key_descending(c[i].score)
                                              : grf_key_of_int(c[i].id),
                                   (uint32_t)i};
    grf_keys_sort(keys, n, keys + n);
    move_all(c, keys, n);
}

void sort_candidates(struct candidate *c, size_t n, bool best_first)
{
    if (is_sorted(c, n, best_first))
        return;
    struct grf_key *keys = n <= UINT32_MAX ? grf_alloc((2 * n + 1) * sizeof(*keys)) : NULL;
    if (keys) {
        if (best_first && !is_sorted(c, n, false)) /* equal scores stay by id */
            sort_by_keys(c, n, false, keys);
        sort_by_keys(c, n, best_first, keys);
    } else { /* when there is no room */
        qsort(c, n, sizeof(*c), best_first ? by_score : by_id);
    }
    grf_free(keys);
}

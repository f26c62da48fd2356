/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Putting candidates in order. There are thousands of them, each a hundred bytes: small
 * keys are sorted, with the comparison in the loop, and the candidates moved once.
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "search_priv.h"

struct key {
    uint64_t first;
    int64_t then;
    size_t at;
};

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

/* Numbers in the order of best scores first. */
static uint64_t key_of_score(double score)
{
    uint64_t bits;
    score += 0.0; /* one zero */
    memcpy(&bits, &score, sizeof(bits));
    return bits >> 63 ? bits : ~bits & ~(UINT64_C(1) << 63);
}

static bool is_before(const struct key *a, const struct key *b)
{
    return a->first != b->first ? a->first < b->first : a->then < b->then;
}

static void sort_few(struct key *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct key k = v[i];
        size_t at = i;
        for (; at > 0 && is_before(&k, &v[at - 1]); at--)
            v[at] = v[at - 1];
        v[at] = k;
    }
}

/* Joins the sorted [0, half) and [half, n) of v; room for half of them. */
static void join_halves(struct key *v, size_t half, size_t n, struct key *room)
{
    size_t i = 0, k = half, to = 0;
    if (!is_before(&v[half], &v[half - 1]))
        return;
    memcpy(room, v, half * sizeof(*v));
    while (i < half && k < n)
        v[to++] = is_before(&v[k], &room[i]) ? v[k++] : room[i++];
    memcpy(v + to, room + i, (half - i) * sizeof(*v));
}

static void sort_keys(struct key *v, size_t n, struct key *room)
{
    enum { FEW = 12 };
    for (size_t at = 0; at < n; at += FEW)
        sort_few(v + at, n - at < FEW ? n - at : FEW);
    for (size_t width = FEW; width < n; width *= 2) {
        for (size_t at = 0; n - at > width; at += 2 * width) {
            size_t left = n - at;
            join_halves(v + at, width, left < 2 * width ? left : 2 * width, room);
            if (left < 2 * width)
                break;
        }
    }
}

void sort_candidates(struct candidate *c, size_t n, bool best_first)
{
    struct key *keys = grf_alloc((2 * n + 1) * sizeof(*keys));
    struct candidate *copy = grf_alloc((n + 1) * sizeof(*copy));
    if (keys && copy && n) {
        for (size_t i = 0; i < n; i++) {
            uint64_t id = (uint64_t)c[i].id ^ UINT64_C(1) << 63;
            keys[i] = best_first ? (struct key){key_of_score(c[i].score), c[i].id, i}
                                 : (struct key){id, (int64_t)i, i};
        }
        sort_keys(keys, n, keys + n);
        memcpy(copy, c, n * sizeof(*c));
        for (size_t i = 0; i < n; i++)
            c[i] = copy[keys[i].at];
    } else if (n) { /* in place, when there is no room */
        qsort(c, n, sizeof(*c), best_first ? by_score : by_id);
    }
    grf_free(keys);
    grf_free(copy);
}

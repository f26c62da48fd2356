/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Putting candidates in order. There are thousands of them, each near a hundred bytes: small
 * keys are sorted, with the comparison in the loop, and each candidate is moved once, where
 * it stands.
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "search_priv.h"

struct key {
    uint64_t first;
    uint32_t at;
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

struct keys {
    const struct candidate *c;
    bool best_first;
};

/* Equal scores by id, equal ids as they stand. */
static bool is_before(struct keys of, const struct key *a, const struct key *b)
{
    if (a->first != b->first)
        return a->first < b->first;
    const struct candidate *x = &of.c[a->at], *y = &of.c[b->at];
    return of.best_first && x->id != y->id ? x->id < y->id : a->at < b->at;
}

static void sort_few(struct keys of, struct key *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct key k = v[i];
        size_t at = i;
        for (; at > 0 && is_before(of, &k, &v[at - 1]); at--)
            v[at] = v[at - 1];
        v[at] = k;
    }
}

/* Joins the sorted [0, half) and [half, n) of v; room for the first. */
static void join_halves(struct keys of, struct key *v, size_t half, size_t n,
                        struct key *room)
{
    size_t i = 0, k = half, to = 0;
    if (!is_before(of, &v[half], &v[half - 1]))
        return;
    memcpy(room, v, half * sizeof(*v));
    while (i < half && k < n)
        v[to++] = is_before(of, &v[k], &room[i]) ? v[k++] : room[i++];
    memcpy(v + to, room + i, (half - i) * sizeof(*v));
}

static void sort_keys(struct keys of, struct key *v, size_t n, struct key *room)
{
    enum { FEW = 12 };
    for (size_t at = 0; at < n; at += FEW)
        sort_few(of, v + at, n - at < FEW ? n - at : FEW);
    for (size_t width = FEW; width < n; width *= 2) {
        for (size_t at = 0; n - at > width; at += 2 * width) {
            size_t left = n - at;
            join_halves(of, v + at, width, left < 2 * width ? left : 2 * width, room);
            if (left < 2 * width)
                break;
        }
    }
}

/* To place i goes what stands at v[i].at; each ring of moves is gone round once. */
static void move_all(struct candidate *c, struct key *v, size_t n)
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

void sort_candidates(struct candidate *c, size_t n, bool best_first)
{
    if (is_sorted(c, n, best_first))
        return;
    struct key *keys = n <= UINT32_MAX ? grf_alloc((2 * n + 1) * sizeof(*keys)) : NULL;
    if (keys) {
        for (size_t i = 0; i < n; i++) {
            uint64_t id = (uint64_t)c[i].id ^ UINT64_C(1) << 63;
            keys[i] = (struct key){best_first ? key_of_score(c[i].score) : id, (uint32_t)i};
        }
        sort_keys((struct keys){c, best_first}, keys, n, keys + n);
        move_all(c, keys, n);
    } else { /* when there is no room */
        qsort(c, n, sizeof(*c), best_first ? by_score : by_id);
    }
    grf_free(keys);
}

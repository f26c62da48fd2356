/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast one address may ask: a bucket for each that fills again with time. The table has
 * a fixed size; an address that finds its places taken gets the one used longest ago.
 */
#include "grf_mem.h"
#include "grf_progress.h"
#include "web_auth.h"

enum { BUCKETS = 4096, PLACES = 8, BURST_SECONDS = 10 };

struct bucket {
    uint64_t who; /* hash of the address; 0: free */
    double left, last;
};

struct web_rate {
    double per_second;
    struct bucket v[BUCKETS];
};

grf_status web_rate_new(int per_second, struct web_rate **out, struct grf_err *err)
{
    *out = grf_calloc(1, sizeof(**out));
    if (!*out)
        return grf_fail_nomem(err);
    (*out)->per_second = per_second;
    return GRF_OK;
}

void web_rate_free(struct web_rate *r)
{
    grf_free(r);
}

static uint64_t hash_of(const char *z)
{
    uint64_t h = 1469598103934665603u;
    for (; *z; z++)
        h = (h ^ (unsigned char)*z) * 1099511628211u;
    h ^= h >> 29;
    return h ? h : 1;
}

bool web_rate_allows(struct web_rate *r, const char *address)
{
    uint64_t h = hash_of(address);
    double now = grf_now(), most = r->per_second * BURST_SECONDS;
    struct bucket *b = &r->v[h % BUCKETS];
    for (size_t i = 0; i < PLACES; i++) {
        struct bucket *c = &r->v[(h + i) % BUCKETS];
        if (c->who == h) {
            b = c;
            break;
        }
        if (c->last < b->last)
            b = c;
    }
    if (b->who != h)
        *b = (struct bucket){h, most, now};
    b->left += (now - b->last) * r->per_second;
    if (b->left > most)
        b->left = most;
    b->last = now;
    if (b->left < 1)
        return false;
    b->left--;
    return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of ids (grf_idset.h). */
#include "grf_idset.h"

#include <string.h>

#include "grf_i18n.h"
#include "grf_mem.h"

static grf_status widen(struct grf_idset *s, size_t word, struct grf_err *err)
{
    size_t more = word + 1 > 2 * s->words ? word + 1 : 2 * s->words;
    uint64_t *bits = grf_realloc_array(s->bits, more, sizeof(*bits));
    if (!bits)
        return grf_fail_nomem(err);
    memset(bits + s->words, 0, (more - s->words) * sizeof(*bits));
    s->bits = bits;
    s->words = more;
    return GRF_OK;
}

grf_status grf_idset_add(struct grf_idset *s, int64_t id, struct grf_err *err)
{
    if (id < 0 || id > UINT32_MAX)
        return grf_fail(err, GRF_INVALID, _("id %lld: out of range"), (long long)id);
    size_t word = (size_t)id >> 6;
    grf_status st = word < s->words ? GRF_OK : widen(s, word, err);
    if (st)
        return st;
    s->count += !grf_idset_has(s, id);
    s->bits[word] |= (uint64_t)1 << (id & 63);
    return GRF_OK;
}

void grf_idset_release(struct grf_idset *s)
{
    grf_free(s->bits);
    memset(s, 0, sizeof(*s));
}

size_t grf_idset_list(const struct grf_idset *s, int64_t *out)
{
    size_t n = 0;
    for (size_t word = 0; word < s->words; word++)
        for (uint64_t left = s->bits[word]; left; left &= left - 1)
            out[n++] = (int64_t)(word * 64) + __builtin_ctzll(left);
    return n;
}

int grf_id_order(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

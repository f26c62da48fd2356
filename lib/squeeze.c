/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts made small (grf_squeeze.h), and the only file that touches zstd. */
#include "grf_squeeze.h"

#include <zstd.h>

#include "grf_i18n.h"
#include "grf_mem.h"

/* corpora/pages.dict; the build makes numbers of its bytes */
static const unsigned char dictionary[] = {
#include "pages_dict.inc"
};

/* The first byte of what is stored. A method once given stays what it is: pages that were
   written with it must be read. */
enum { AS_IT_IS = 0, ZSTD_PAGES = 1 };

/* On acts: 6 takes two thirds of the time of 9, and 3 % more room; 12 twice the time, 1 % less. */
enum { LEVEL = 9 };

struct grf_squeezer {
    ZSTD_CCtx *c;
    ZSTD_CDict *c_dict;
    ZSTD_DCtx *d;
    ZSTD_DDict *d_dict;
    char *room;
    size_t cap;
};

void grf_squeezer_free(struct grf_squeezer *q)
{
    if (!q)
        return;
    ZSTD_freeCCtx(q->c);
    ZSTD_freeCDict(q->c_dict);
    ZSTD_freeDCtx(q->d);
    ZSTD_freeDDict(q->d_dict);
    grf_free(q->room);
    grf_free(q);
}

static grf_status made(struct grf_squeezer **q, struct grf_err *err)
{
    if (!*q)
        *q = grf_calloc(1, sizeof(**q));
    return *q ? GRF_OK : grf_fail_nomem(err);
}

/* Two checksums and numbers that say which dictionary it was are left out: the rows have
   checksums, and the first byte says it. */
static grf_status ready_to_squeeze(struct grf_squeezer **to, struct grf_err *err)
{
    grf_status st = made(to, err);
    if (st || (*to)->c_dict)
        return st;
    struct grf_squeezer *q = *to;
    if (!q->c)
        q->c = ZSTD_createCCtx();
    q->c_dict = ZSTD_createCDict(dictionary, sizeof(dictionary), LEVEL);
    bool bad = !q->c || !q->c_dict || ZSTD_isError(ZSTD_CCtx_refCDict(q->c, q->c_dict)) ||
               ZSTD_isError(ZSTD_CCtx_setParameter(q->c, ZSTD_c_dictIDFlag, 0)) ||
               ZSTD_isError(ZSTD_CCtx_setParameter(q->c, ZSTD_c_checksumFlag, 0));
    if (!bad)
        return GRF_OK;
    ZSTD_freeCDict(q->c_dict);
    q->c_dict = NULL;
    return grf_fail_nomem(err);
}

static grf_status ready_to_unsqueeze(struct grf_squeezer **to, struct grf_err *err)
{
    grf_status st = made(to, err);
    if (st || (*to)->d_dict)
        return st;
    struct grf_squeezer *q = *to;
    if (!q->d)
        q->d = ZSTD_createDCtx();
    q->d_dict = ZSTD_createDDict(dictionary, sizeof(dictionary));
    return q->d && q->d_dict ? GRF_OK : grf_fail_nomem(err);
}

/* Room for n bytes, good until the next call; NULL without memory. */
static char *room_for(struct grf_squeezer *q, size_t n)
{
    if (n <= q->cap)
        return q->room;
    grf_free(q->room);
    q->room = grf_alloc(n);
    q->cap = q->room ? n : 0;
    return q->room;
}

/* The text made small, in q->room; 0 without memory. */
static size_t squeezed(struct grf_squeezer *q, struct grf_sv text)
{
    size_t bound = ZSTD_compressBound(text.n);
    char *to = room_for(q, bound);
    size_t n = to ? ZSTD_compress2(q->c, to, bound, text.p, text.n) : 0;
    return ZSTD_isError(n) ? 0 : n;
}

grf_status grf_squeeze(struct grf_squeezer **q, struct grf_sv text, struct grf_str *out,
                       struct grf_err *err)
{
    grf_status st = ready_to_squeeze(q, err);
    size_t n = st ? 0 : squeezed(*q, text);
    if (st || !n)
        return st ? st : grf_fail_nomem(err);
    bool smaller = n < text.n;
    grf_str_addc(out, smaller ? ZSTD_PAGES : AS_IT_IS);
    grf_str_addsv(out, smaller ? grf_sv((*q)->room, n) : text);
    return grf_str_status(out, err);
}

static grf_status damaged(struct grf_err *err)
{
    return grf_fail(err, GRF_CORRUPT, _("a stored text is damaged"));
}

grf_status grf_unsqueeze(struct grf_squeezer **q, struct grf_sv stored, struct grf_str *text,
                         struct grf_err *err)
{
    if (!stored.n)
        return damaged(err);
    unsigned char method = (unsigned char)stored.p[0];
    struct grf_sv rest = grf_sv(stored.p + 1, stored.n - 1);
    if (method == AS_IT_IS) {
        grf_str_addsv(text, rest);
        return grf_str_status(text, err);
    }
    if (method != ZSTD_PAGES)
        return grf_fail(err, GRF_VERSION, _("a text was stored by a later greffier"));
    unsigned long long n = ZSTD_getFrameContentSize(rest.p, rest.n);
    if (n == ZSTD_CONTENTSIZE_ERROR || n == ZSTD_CONTENTSIZE_UNKNOWN || n > SIZE_MAX / 2)
        return damaged(err);
    if (n > text->max - text->n)
        return grf_fail(err, GRF_CORRUPT, _("a stored text is longer than a page can be"));
    grf_status st = ready_to_unsqueeze(q, err);
    char *to = st ? NULL : room_for(*q, (size_t)n + 1);
    if (!to)
        return st ? st : grf_fail_nomem(err);
    size_t got = ZSTD_decompress_usingDDict((*q)->d, to, (size_t)n, rest.p, rest.n, (*q)->d_dict);
    if (ZSTD_isError(got) || got != n)
        return damaged(err);
    grf_str_add(text, to, got);
    return grf_str_status(text, err);
}

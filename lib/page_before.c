/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of a page as earlier greffiers stored them, versions 1 and 2, for bases made by
 * them: LEB128 numbers, signed ones zigzag, each relative to the word before.
 */
#include "grf_mem.h"
#include "page_priv.h"

/* 1: nothing is left out */
enum { VERSION_FULL = 1, VERSION_SHORT = 2 };

enum {
    SAME_GAP = 1,   /* one byte of text between the words */
    SAME_MARKS = 2, /* role and confidence */
    SAME_LINE = 4,  /* upper edge and height */
    SAME_BLANK = 8  /* the way from the word before */
};

struct unpack {
    struct grf_sv from;
    size_t at;
    bool bad;
};

static uint64_t get_uint(struct unpack *u)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && u->at < u->from.n; shift += 7) {
        unsigned char c = (unsigned char)u->from.p[u->at++];
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return v;
    }
    u->bad = true;
    return 0;
}

static int64_t get_int(struct unpack *u)
{
    uint64_t v = get_uint(u);
    int64_t s = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
    if (s > 4 * MAX_TENTHS || s < -4 * MAX_TENTHS) {
        u->bad = true;
        return 0;
    }
    return s;
}

/* The numbers of one word, in either version, after those of the one before. */
static void get_numbers(struct unpack *u, bool full, struct stored_word *w, int64_t *blank,
                        uint64_t *gap, uint64_t *len)
{
    uint64_t same = full ? 0 : get_uint(u);
    if (same > (SAME_GAP | SAME_MARKS | SAME_LINE | SAME_BLANK))
        u->bad = true;
    *gap = same & SAME_GAP ? 1 : get_uint(u);
    *len = get_uint(u);
    if (!(same & SAME_MARKS))
        w->marks = get_uint(u);
    if (!(same & SAME_BLANK))
        *blank = get_int(u);
    int64_t down = full ? get_int(u) : 0, width = get_int(u);
    int64_t height = w->c.y1 - w->c.y0;
    if (!full && !(same & SAME_LINE))
        down = get_int(u);
    if (!(same & SAME_LINE))
        height = get_int(u);
    w->c.x0 = w->c.x1 + *blank;
    w->c.y0 = w->c.y0 + down;
    w->c.x1 = w->c.x0 + width;
    w->c.y1 = w->c.y0 + height;
}

grf_status unpack_words_before(const struct grf_page *p, struct grf_sv packed, size_t *count,
                               struct grf_page_word **words, bool *ok, struct grf_err *err)
{
    struct unpack u = {packed, 0, false};
    uint64_t version = get_uint(&u), n = get_uint(&u);
    bool full = version == VERSION_FULL;
    /* three bytes is the least that a word takes */
    *ok = !u.bad && (full || version == VERSION_SHORT) && n <= packed.n / 3;
    if (!*ok)
        return GRF_OK;
    *words = grf_calloc((size_t)n + 1, sizeof(**words));
    if (!*words)
        return grf_fail_nomem(err);
    struct stored_word w = {0};
    int64_t blank = 0;
    for (uint64_t i = 0; *ok && i < n; i++) {
        uint64_t gap, len, rest = p->text.n - w.end;
        get_numbers(&u, full, &w, &blank, &gap, &len);
        *ok = !u.bad && gap <= rest && len <= rest - gap;
        w.start = w.end + gap;
        w.end = w.start + len;
        *ok = *ok && stored_word_take(&w, p->text.n, &(*words)[i]);
    }
    *ok = *ok && u.at == packed.n;
    *count = (size_t)n;
    return GRF_OK;
}

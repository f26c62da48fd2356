/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: life cycle, names, boxes of a span, and the stored form of words. */
#include "grf_page.h"

#include <math.h>

#include "grf_i18n.h"
#include "grf_mem.h"

#define MAX_PAGE_TEXT (8u << 20)

const char *grf_text_state_name(grf_text_state s)
{
    static const char *const names[] = {"none", "native", "ocr-layer",
                                        "stamp-only", "scan", "ocr"};
    return (size_t)s < GRF_ARRAY_LEN(names) ? names[s] : "unknown";
}

void grf_raw_page_release(struct grf_raw_page *p)
{
    if (!p)
        return;
    grf_free(p->words);
    grf_free(p->pool);
    *p = (struct grf_raw_page){0};
}

void grf_page_init(struct grf_page *p)
{
    *p = (struct grf_page){0};
    grf_str_init(&p->text, MAX_PAGE_TEXT);
}

void grf_page_release(struct grf_page *p)
{
    if (!p)
        return;
    grf_str_release(&p->text);
    grf_free(p->words);
    grf_free(p->blocks);
    grf_page_init(p);
}

/* First word that ends after byte start. */
static size_t first_word(const struct grf_page *p, size_t start)
{
    size_t lo = 0, hi = p->n_words;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->words[mid].end <= start)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Whether the text between two words holds a line end. */
static bool line_breaks(const struct grf_page *p, uint32_t from, uint32_t to)
{
    return to > from && to <= p->text.n && memchr(p->text.p + from, '\n', to - from);
}

/* Whether a word stands on the height of a box: the cells of a table's row, which follow
   each other in the text, may not. */
static bool is_beside(const struct grf_box *a, const struct grf_box *b)
{
    float common = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    return common >= 0.4f * fminf(a->y1 - a->y0, b->y1 - b->y0);
}

static void box_join(struct grf_box *a, const struct grf_box *b)
{
    a->x0 = fminf(a->x0, b->x0);
    a->y0 = fminf(a->y0, b->y0);
    a->x1 = fmaxf(a->x1, b->x1);
    a->y1 = fmaxf(a->y1, b->y1);
}

void grf_page_boxes(const struct grf_page *p, size_t start, size_t end,
                    struct grf_box *out, size_t *n)
{
    size_t room = *n, used = 0;
    uint32_t last = 0;
    for (size_t i = first_word(p, start); i < p->n_words; i++) {
        const struct grf_page_word *w = &p->words[i];
        if (w->start >= end)
            break;
        if (used && !line_breaks(p, last, w->start) && is_beside(&out[used - 1], &w->box)) {
            box_join(&out[used - 1], &w->box);
        } else {
            if (used == room)
                break;
            out[used++] = w->box;
        }
        last = w->end;
    }
    *n = used;
}

/* ---- packing: all numbers as LEB128, signed ones zigzag; boxes in tenths of a
   point relative to the word before. A word's first byte says what is as it was for the
   word before, or as it mostly is, and takes no room: most words take four bytes. */

#define PACK_VERSION 2
#define PACK_VERSION_FULL 1 /* earlier: nothing left out */

enum {
    SAME_GAP = 1,   /* one byte of text between the words */
    SAME_MARKS = 2, /* role and confidence */
    SAME_LINE = 4,  /* upper edge and height */
    SAME_BLANK = 8  /* the way from the word before */
};
#define MAX_TENTHS 10000000 /* ten times the largest coordinate kept */

static void put_uint(struct grf_str *out, uint64_t v)
{
    char b[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        b[n++] = (char)(v | 0x80);
    b[n++] = (char)v;
    grf_str_add(out, b, n);
}

static void put_int(struct grf_str *out, int64_t v)
{
    put_uint(out, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static int64_t tenths(float v)
{
    if (!isfinite(v))
        return 0;
    float t = roundf(v * 10);
    return t > MAX_TENTHS ? MAX_TENTHS : t < -MAX_TENTHS ? -MAX_TENTHS : (int64_t)t;
}

struct corner {
    int64_t x0, y0, x1, y1;
};

/* What the next word is told apart from. */
struct before {
    struct corner c;
    uint64_t at, marks; /* end in the text; role and confidence */
    int64_t blank;
};

static struct corner corner_of(const struct grf_box *b)
{
    return (struct corner){tenths(b->x0), tenths(b->y0), tenths(b->x1), tenths(b->y1)};
}

/* role in the low bits; confidence as what is missing to 100 */
static uint64_t marks_of(const struct grf_page_word *w)
{
    return (uint64_t)(100 - (w->conf > 100 ? 100 : w->conf)) << 3 | (w->role & 7);
}

static void put_packed_word(struct grf_str *out, const struct grf_page_word *w,
                            struct before *last)
{
    struct corner c = corner_of(&w->box);
    struct before now = {c, w->end, marks_of(w), c.x0 - last->c.x1};
    uint64_t gap = w->start - last->at;
    int64_t down = c.y0 - last->c.y0, height = c.y1 - c.y0;
    bool same_line = down == 0 && height == last->c.y1 - last->c.y0;
    uint64_t same = (gap == 1 ? SAME_GAP : 0) | (now.marks == last->marks ? SAME_MARKS : 0) |
                    (same_line ? SAME_LINE : 0) |
                    (now.blank == last->blank ? SAME_BLANK : 0);
    put_uint(out, same);
    if (!(same & SAME_GAP))
        put_uint(out, gap);
    put_uint(out, w->end - w->start);
    if (!(same & SAME_MARKS))
        put_uint(out, now.marks);
    if (!(same & SAME_BLANK))
        put_int(out, now.blank);
    put_int(out, c.x1 - c.x0);
    if (!same_line) {
        put_int(out, down);
        put_int(out, height);
    }
    *last = now;
}

void grf_page_pack_words(const struct grf_page *p, struct grf_str *out)
{
    struct before last = {0};
    put_uint(out, PACK_VERSION);
    put_uint(out, p->n_words);
    for (size_t i = 0; i < p->n_words; i++)
        put_packed_word(out, &p->words[i], &last);
}

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

static bool is_tenths(int64_t v)
{
    return v >= -MAX_TENTHS && v <= MAX_TENTHS;
}

/* The numbers of one word, in either version, into now, *gap and *len. */
static void get_numbers(struct unpack *u, bool full, const struct before *last,
                        struct before *now, uint64_t *gap, uint64_t *len)
{
    uint64_t same = full ? 0 : get_uint(u);
    if (same > (SAME_GAP | SAME_MARKS | SAME_LINE | SAME_BLANK))
        u->bad = true;
    *gap = same & SAME_GAP ? 1 : get_uint(u);
    *len = get_uint(u);
    now->marks = same & SAME_MARKS ? last->marks : get_uint(u);
    now->blank = same & SAME_BLANK ? last->blank : get_int(u);
    int64_t down = full ? get_int(u) : 0, width = get_int(u);
    int64_t height = last->c.y1 - last->c.y0;
    if (!full && !(same & SAME_LINE))
        down = get_int(u);
    if (!(same & SAME_LINE))
        height = get_int(u);
    now->c.x0 = last->c.x1 + now->blank;
    now->c.y0 = last->c.y0 + down;
    now->c.x1 = now->c.x0 + width;
    now->c.y1 = now->c.y0 + height;
}

/* The word after the one before; false when it does not fit. */
static bool get_word(struct unpack *u, bool full, size_t text_n, struct before *last,
                     struct grf_page_word *w)
{
    struct before now = {0};
    uint64_t gap, len;
    get_numbers(u, full, last, &now, &gap, &len);
    const struct corner *c = &now.c;
    if (u->bad || gap > text_n - last->at || len > text_n - last->at - gap ||
        now.marks >> 3 > 100 || (now.marks & 7) > GRF_ROLE_MARGIN || !is_tenths(c->x0) ||
        !is_tenths(c->y0) || !is_tenths(c->x1) || !is_tenths(c->y1))
        return false;
    w->start = (uint32_t)(last->at + gap);
    w->end = (uint32_t)(w->start + len);
    w->role = (uint8_t)(now.marks & 7);
    w->conf = (uint8_t)(100 - (now.marks >> 3));
    w->box = (struct grf_box){(float)c->x0 / 10, (float)c->y0 / 10, (float)c->x1 / 10,
                              (float)c->y1 / 10};
    now.at = w->end;
    *last = now;
    return true;
}

grf_status grf_page_unpack_words(struct grf_page *p, struct grf_sv packed,
                                 struct grf_err *err)
{
    struct unpack u = {packed, 0, false};
    uint64_t version = get_uint(&u), n = get_uint(&u);
    bool full = version == PACK_VERSION_FULL;
    /* three bytes is the least that a word takes */
    if (u.bad || (version != PACK_VERSION && !full) || n > packed.n / 3 || p->text.n > UINT32_MAX)
        return grf_fail(err, GRF_CORRUPT, _("stored words of page %d: bad head"), p->number);
    struct grf_page_word *words = grf_calloc(n, sizeof *words);
    if (!words)
        return grf_fail_nomem(err);
    struct before last = {0};
    bool ok = true;
    for (uint64_t i = 0; ok && i < n; i++)
        ok = get_word(&u, full, p->text.n, &last, &words[i]);
    if (!ok || u.at != packed.n) {
        grf_free(words);
        return grf_fail(err, GRF_CORRUPT, _("stored words of page %d: do not fit its text"),
                        p->number);
    }
    grf_free(p->words);
    p->words = words;
    p->n_words = p->cap_words = n;
    return GRF_OK;
}

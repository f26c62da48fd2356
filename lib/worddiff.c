/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Word by word: texts become words, words become numbers, and the shortest way from one
 * row of numbers to the other is found by meeting in the middle (Myers, 1986). A search
 * that costs too much is cut where it got furthest, which bounds time and memory.
 */
#include "grf_worddiff.h"

#include "grf_mem.h"

enum {
    COST = 256,    /* edits from each side before a search is cut */
    SHORT_RUN = 4, /* words between two changes that are too few to help a reader */
    PASSES = 4
};

const char *grf_diff_op_name(grf_diff_op op)
{
    static const char *const names[] = {"same", "del", "ins"};
    return names[op];
}

void grf_worddiff_release(struct grf_worddiff *d)
{
    grf_free(d->v);
    memset(d, 0, sizeof(*d));
}

/* ---- words */

static bool starts(struct grf_sv t, size_t at, const char *z, size_t n)
{
    return t.n - at >= n && memcmp(t.p + at, z, n) == 0;
}

/* Bytes of the blank at a place: also the no-break ones. */
static size_t blank_at(struct grf_sv t, size_t at)
{
    if (strchr(" \t\r\n\f\v", t.p[at]) && t.p[at])
        return 1;
    if (starts(t, at, "\xC2\xA0", 2))
        return 2;
    return starts(t, at, "\xE2\x80\xAF", 3) || starts(t, at, "\xE2\x80\x89", 3) ? 3 : 0;
}

static size_t apostrophe_at(struct grf_sv t, size_t at)
{
    return t.p[at] == '\'' ? 1 : starts(t, at, "\xE2\x80\x99", 3) ? 3 : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the sign at a place that is a word by itself; 0: it is part of a word. */
static size_t sign_at(struct grf_sv t, size_t at)
{
    static const char *const signs[] = {"\xC2\xAB", "\xC2\xBB",       /* « » */
                                        "\xE2\x80\x93", "\xE2\x80\x94", /* – — */
                                        "\xE2\x80\x9C", "\xE2\x80\x9D", /* “ ” */
                                        "\xE2\x80\xA6"};              /* … */
    unsigned char c = (unsigned char)t.p[at];
    bool inside = at && at + 1 < t.n && is_digit(t.p[at - 1]) && is_digit(t.p[at + 1]);
    if ((c == '.' || c == ',') && inside)
        return 0; /* 1,5 and 10.000 */
    if (c < 0x80)
        return c > ' ' && strchr(".,;:!?()[]{}<>\"/|=+*%&", (char)c) ? 1 : 0;
    for (size_t i = 0; i < GRF_ARRAY_LEN(signs); i++) {
        if (starts(t, at, signs[i], strlen(signs[i])))
            return strlen(signs[i]);
    }
    return 0;
}

/* End of the word that begins at a place that is no blank. "l'" ends at its apostrophe. */
static size_t word_end(struct grf_sv t, size_t at)
{
    size_t sign = sign_at(t, at);
    if (sign || t.p[at] == '-')
        return at + (sign ? sign : 1); /* the dash of a list, not the one of a word */
    while (at < t.n && !blank_at(t, at) && !sign_at(t, at)) {
        size_t mark = apostrophe_at(t, at);
        if (mark)
            return at + mark;
        at++;
    }
    return at;
}

static size_t skip_blanks(struct grf_sv t, size_t at)
{
    for (size_t n; at < t.n && (n = blank_at(t, at)) > 0;)
        at += n;
    return at;
}

/* Words are equal whichever apostrophe ends them. */
static struct grf_sv without_apostrophe(struct grf_sv w, bool *had)
{
    size_t n = w.n >= 3 && memcmp(w.p + w.n - 3, "\xE2\x80\x99", 3) == 0 ? 3
               : w.n && w.p[w.n - 1] == '\''                             ? 1
                                                                         : 0;
    *had = n > 0;
    return grf_sv(w.p, w.n - n);
}

static bool same_word(struct grf_sv a, struct grf_sv b)
{
    bool in_a, in_b;
    a = without_apostrophe(a, &in_a);
    b = without_apostrophe(b, &in_b);
    return in_a == in_b && a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool grf_worddiff_same(struct grf_sv a, struct grf_sv b)
{
    size_t i = skip_blanks(a, 0), k = skip_blanks(b, 0);
    while (i < a.n && k < b.n) {
        size_t end_a = word_end(a, i), end_b = word_end(b, k);
        if (!same_word(grf_sv(a.p + i, end_a - i), grf_sv(b.p + k, end_b - k)))
            return false;
        i = skip_blanks(a, end_a);
        k = skip_blanks(b, end_b);
    }
    return i == a.n && k == b.n;
}

/* ---- numbers */

struct row {
    struct grf_sv text;
    uint32_t *ids;  /* equal words have equal numbers */
    size_t *starts; /* of each word; one more: the end. The first is 0. */
    bool *changed;
    size_t n;
};

static void row_release(struct row *r)
{
    grf_free(r->ids);
    grf_free(r->starts);
    grf_free(r->changed);
}

static grf_status row_make(struct row *r, struct grf_sv text, struct grf_err *err)
{
    size_t n = 0;
    r->text = text;
    for (size_t at = skip_blanks(text, 0); at < text.n; n++)
        at = skip_blanks(text, word_end(text, at));
    r->n = n;
    r->ids = grf_calloc(n + 1, sizeof(*r->ids));
    r->starts = grf_calloc(n + 2, sizeof(*r->starts));
    r->changed = grf_calloc(n + 1, sizeof(*r->changed));
    if (!r->ids || !r->starts || !r->changed)
        return grf_fail_nomem(err);
    size_t at = skip_blanks(text, 0);
    for (size_t i = 0; i < n; i++) {
        r->starts[i] = i ? at : 0;
        at = skip_blanks(text, word_end(text, at));
    }
    r->starts[n] = text.n;
    return GRF_OK;
}

static struct grf_sv word_of(const struct row *r, size_t i)
{
    size_t from = i ? r->starts[i] : skip_blanks(r->text, 0);
    return grf_sv(r->text.p + from, word_end(r->text, from) - from);
}

static uint32_t hash_word(struct grf_sv w)
{
    bool had;
    uint32_t h = 2166136261U;
    w = without_apostrophe(w, &had);
    for (size_t i = 0; i < w.n; i++)
        h = (h ^ (unsigned char)w.p[i]) * 16777619U;
    return h ^ (h >> 15) ^ had;
}

struct numbers {
    struct place {
        struct grf_sv word; /* p NULL: free */
        uint32_t id;
    } *v;
    size_t mask;
    uint32_t last;
};

static void number_words(struct numbers *t, struct row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct grf_sv w = word_of(r, i);
        size_t at = hash_word(w) & t->mask;
        while (t->v[at].word.p && !same_word(t->v[at].word, w))
            at = (at + 1) & t->mask;
        if (!t->v[at].word.p)
            t->v[at] = (struct place){w, ++t->last};
        r->ids[i] = t->v[at].id;
    }
}

static grf_status number_rows(struct row *a, struct row *b, struct grf_err *err)
{
    struct numbers t = {NULL, 0, 0};
    size_t size = 64;
    while (size < 2 * (a->n + b->n))
        size *= 2;
    t.mask = size - 1;
    t.v = grf_calloc(size, sizeof(*t.v));
    if (!t.v)
        return grf_fail_nomem(err);
    number_words(&t, a);
    number_words(&t, b);
    grf_free(t.v);
    return GRF_OK;
}

/* ---- the shortest way */

/* A piece of each row. */
struct box {
    const uint32_t *a, *b;
    int64_t n, m;
};

/* How far each diagonal (x - y) was followed, -1: not; from one side. */
struct front {
    int64_t v[2 * COST + 5];
};
#define AT(front, k) ((front)->v[(k) + COST + 2])

/* One edit more on diagonal k, then along equal words. back: from the ends. */
static int64_t advance(const struct box *o, const struct front *f, int64_t k, bool back)
{
    int64_t left = AT(f, k - 1), above = AT(f, k + 1);
    int64_t x = left >= 0 && left < o->n ? left + 1 : -1;
    if (above > x && above - k <= o->m)
        x = above;
    while (x >= 0 && x < o->n && x - k < o->m) {
        int64_t y = x - k;
        if (back ? o->a[o->n - 1 - x] != o->b[o->m - 1 - y] : o->a[x] != o->b[y])
            break;
        x++;
    }
    return x;
}

/* Whether the other side has come as far on the same diagonal. */
static bool meets(const struct box *o, const struct front *other, int64_t k, int64_t x,
                  int64_t d)
{
    int64_t across = o->n - o->m - k;
    return x >= 0 && across >= -d && across <= d && AT(other, across) >= 0 &&
           x + AT(other, across) >= o->n;
}

/* The point furthest from the side's corner. */
static int64_t best(const struct front *f, int64_t d, int64_t *diagonal)
{
    int64_t most = -1;
    for (int64_t k = -d; k <= d; k += 2) {
        int64_t x = AT(f, k), sum = x < 0 ? -1 : 2 * x - k;
        if (sum > most) {
            most = sum;
            *diagonal = k;
        }
    }
    return most;
}

static bool step(const struct box *o, struct front *f, const struct front *other,
                 int64_t d, bool back, int64_t *x, int64_t *y)
{
    bool odd = ((o->n - o->m) & 1) != 0;
    AT(f, -d - 1) = AT(f, d + 1) = -1;
    for (int64_t k = -d; k <= d; k += 2) {
        int64_t far = advance(o, f, k, back);
        AT(f, k) = far;
        if (odd != back && meets(o, other, k, far, back ? d : d - 1)) {
            *x = back ? o->n - far : far;
            *y = back ? o->m - (far - k) : far - k;
            return true;
        }
    }
    return false;
}

/* A point that a short way goes through. Both pieces have words, their first and their
   last words differ: so it is none of the corners. */
static void split(const struct box *o, struct front *f, struct front *b, int64_t *x,
                  int64_t *y)
{
    int64_t kf = 0, kb = 0;
    AT(f, 0) = AT(b, 0) = 0;
    AT(f, -1) = AT(f, 1) = AT(b, -1) = AT(b, 1) = -1;
    for (int64_t d = 1; d <= COST; d++) {
        if (step(o, f, b, d, false, x, y) || step(o, b, f, d, true, x, y))
            return;
    }
    if (best(f, COST, &kf) >= best(b, COST, &kb)) {
        *x = AT(f, kf);
        *y = *x - kf;
    } else {
        *x = o->n - AT(b, kb);
        *y = o->m - (AT(b, kb) - kb);
    }
}

struct piece {
    size_t a, a_end, b, b_end;
};
struct pieces {
    struct piece *v;
    size_t n, cap;
};

static grf_status push(struct pieces *s, struct piece p, struct grf_err *err)
{
    if (grf_grow(&s->v, s->n, &s->cap, sizeof(*s->v)))
        return grf_fail_nomem(err);
    s->v[s->n++] = p;
    return GRF_OK;
}

static void trim(const struct row *a, const struct row *b, struct piece *p)
{
    while (p->a < p->a_end && p->b < p->b_end && a->ids[p->a] == b->ids[p->b]) {
        p->a++;
        p->b++;
    }
    while (p->a < p->a_end && p->b < p->b_end &&
           a->ids[p->a_end - 1] == b->ids[p->b_end - 1]) {
        p->a_end--;
        p->b_end--;
    }
}

/* Marks the words of both rows that the way does not share. */
static grf_status mark_changes(struct row *a, struct row *b, struct grf_err *err)
{
    struct front front, back;
    struct pieces stack = {NULL, 0, 0};
    grf_status st = push(&stack, (struct piece){0, a->n, 0, b->n}, err);
    while (!st && stack.n) {
        struct piece p = stack.v[--stack.n];
        int64_t x = 0, y = 0;
        trim(a, b, &p);
        if (p.a == p.a_end || p.b == p.b_end) {
            memset(a->changed + p.a, 1, p.a_end - p.a);
            memset(b->changed + p.b, 1, p.b_end - p.b);
            continue;
        }
        struct box o = {a->ids + p.a, b->ids + p.b, (int64_t)(p.a_end - p.a),
                        (int64_t)(p.b_end - p.b)};
        split(&o, &front, &back, &x, &y);
        size_t mid_a = p.a + (size_t)x, mid_b = p.b + (size_t)y;
        st = push(&stack, (struct piece){p.a, mid_a, p.b, mid_b}, err);
        if (!st)
            st = push(&stack, (struct piece){mid_a, p.a_end, mid_b, p.b_end}, err);
    }
    grf_free(stack.v);
    return st;
}

/* ---- for a reader */

static size_t run_end(const struct row *r, size_t at, bool changed)
{
    while (at < r->n && r->changed[at] == changed)
        at++;
    return at;
}

/* Bytes of words from one to another. */
static size_t width(const struct row *r, size_t from, size_t to)
{
    return r->starts[to] - r->starts[from];
}

/* A few equal words between two larger changes are a chance: one change reads better. */
static bool join_changes(struct row *a, struct row *b)
{
    bool joined = false;
    size_t i = run_end(a, 0, false), k = run_end(b, 0, false);
    /* unchanged runs are as long in both rows: the nearer change bounds them */
    size_t lead = i < k ? i : k;
    i = k = lead;
    while (i < a->n || k < b->n) {
        size_t i2 = run_end(a, i, true), k2 = run_end(b, k, true);
        size_t before = width(a, i, i2) > width(b, k, k2) ? width(a, i, i2) : width(b, k, k2);
        size_t i3 = run_end(a, i2, false), k3 = run_end(b, k2, false);
        size_t same = i3 - i2 < k3 - k2 ? i3 - i2 : k3 - k2;
        i3 = i2 + same;
        k3 = k2 + same;
        size_t i4 = run_end(a, i3, true), k4 = run_end(b, k3, true);
        size_t after =
            width(a, i3, i4) > width(b, k3, k4) ? width(a, i3, i4) : width(b, k3, k4);
        size_t between = width(b, k2, k3);
        if (same <= SHORT_RUN && after && between <= before && between <= after) {
            memset(a->changed + i2, 1, same);
            memset(b->changed + k2, 1, same);
            joined = joined || same;
        }
        if (!same && i4 == i && k4 == k)
            break; /* nothing left */
        i = i3;
        k = k3;
    }
    return joined;
}

/* Where the deleted words begin: with the blank before them, when the new text, from
   which the words before were taken, has none there. */
static size_t deleted_start(const struct grf_worddiff *d, const struct row *r, size_t from)
{
    struct grf_sv before = d->n ? d->v[d->n - 1].text : grf_sv("", 0);
    size_t i = before.n;
    if (!i || !from)
        return r->starts[from];
    while (i && ((unsigned char)before.p[i - 1] & 0xC0) == 0x80)
        i--;
    if (blank_at(before, i ? i - 1 : 0))
        return r->starts[from];
    struct grf_sv last = word_of(r, from - 1);
    return (size_t)(last.p + last.n - r->text.p);
}

static grf_status add_seg(struct grf_worddiff *d, grf_diff_op op, const struct row *r,
                          size_t from, size_t to, struct grf_err *err)
{
    if (from == to)
        return GRF_OK;
    if (grf_grow(&d->v, d->n, &d->cap, sizeof(*d->v)))
        return grf_fail_nomem(err);
    size_t start = op == GRF_DIFF_DEL ? deleted_start(d, r, from) : r->starts[from];
    d->v[d->n++] =
        (struct grf_diff_seg){op, grf_sv(r->text.p + start, r->starts[to] - start)};
    d->deleted += op == GRF_DIFF_DEL ? to - from : 0;
    d->inserted += op == GRF_DIFF_INS ? to - from : 0;
    return GRF_OK;
}

static grf_status write_segs(const struct row *a, const struct row *b,
                             struct grf_worddiff *d, struct grf_err *err)
{
    size_t i = 0, k = 0;
    grf_status st = GRF_OK;
    while (!st && (i < a->n || k < b->n)) {
        size_t gone = run_end(a, i, true), come = run_end(b, k, true);
        st = add_seg(d, GRF_DIFF_DEL, a, i, gone, err);
        if (!st)
            st = add_seg(d, GRF_DIFF_INS, b, k, come, err);
        i = gone;
        k = come;
        size_t from = k;
        while (i < a->n && k < b->n && !a->changed[i] && !b->changed[k]) {
            i++;
            k++;
        }
        if (!st)
            st = add_seg(d, GRF_DIFF_SAME, b, from, k, err);
    }
    return st;
}

static grf_status compare(struct row *a, struct row *b, struct grf_worddiff *out,
                          struct grf_err *err)
{
    out->coarse = a->n + b->n > GRF_WORDDIFF_MOST;
    if (out->coarse) {
        memset(a->changed, 1, a->n);
        memset(b->changed, 1, b->n);
        return write_segs(a, b, out, err);
    }
    grf_status st = number_rows(a, b, err);
    if (!st)
        st = mark_changes(a, b, err);
    for (int i = 0; i < PASSES && !st && join_changes(a, b); i++)
        ;
    return st ? st : write_segs(a, b, out, err);
}

grf_status grf_worddiff_find(struct grf_sv old_text, struct grf_sv new_text,
                             struct grf_worddiff *out, struct grf_err *err)
{
    struct row a = {0}, b = {0};
    grf_status st = row_make(&a, old_text, err);
    if (!st)
        st = row_make(&b, new_text, err);
    if (!st)
        st = compare(&a, &b, out, err);
    row_release(&a);
    row_release(&b);
    if (st)
        grf_worddiff_release(out);
    return st;
}

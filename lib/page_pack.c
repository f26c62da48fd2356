/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stored form of a page's words (doc/FORMAT.md): one byte a word, about. Most of a word
 * can be told from what is known already: its bytes from the blanks of the page's text, its
 * height on the page and its distance from the word before, its width from its letters.
 * What was told wrong is kept as a number, and the bits of these numbers by an arithmetic
 * coder, whose chances follow what was seen on the page. Nothing but whole numbers is
 * reckoned with: every machine must tell the same.
 */
#include <math.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "page_priv.h"

enum {
    PACK_VERSION = 3,
    CHANCE_ONE = 1 << 16, /* certainty that a bit is 1 */
    SLOWEST = 60,         /* what was seen once counts at least 1 in so many */
    LONGEST = 40,         /* bits of a number */
    LETTERS = 256,
    COUNTED = 64          /* letters of a word, at most */
};

/* ---- coder of bits: the range from low to high is divided by the chance of a 1 */

struct coder {
    uint32_t low, high;
    struct grf_str *out;  /* encoding; else */
    struct grf_sv from;   /* decoding */
    size_t at;
    uint32_t value;
    bool bad;             /* read beyond the end */
};

struct chance {
    uint16_t of_one, seen;
};

static void coder_read(struct coder *c)
{
    unsigned char b = c->at < c->from.n ? (unsigned char)c->from.p[c->at] : 0;
    c->bad = c->bad || c->at >= c->from.n;
    c->value = c->value << 8 | b;
    c->at++;
}

static void coder_start(struct coder *c, struct grf_str *out, struct grf_sv from)
{
    *c = (struct coder){.low = 0, .high = UINT32_MAX, .out = out, .from = from};
    for (int i = 0; !out && i < 4; i++)
        coder_read(c);
}

static void coder_finish(struct coder *c)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        grf_str_addc(c->out, (char)(c->low >> shift & 0xFF));
}

static void learn(struct chance *p, bool bit)
{
    int32_t want = bit ? CHANCE_ONE - 1 : 0;
    p->of_one = (uint16_t)(p->of_one + (want - p->of_one) / (p->seen + 2));
    if (p->seen < SLOWEST - 2)
        p->seen++;
}

/* Codes the bit, or gives the one that was coded. */
static bool code_bit(struct coder *c, struct chance *p, bool bit)
{
    uint64_t share = (uint64_t)(c->high - c->low) * (p->of_one | 1U);
    uint32_t middle = c->low + (uint32_t)(share / CHANCE_ONE);
    if (!c->out)
        bit = c->value <= middle;
    if (bit)
        c->high = middle;
    else
        c->low = middle + 1;
    learn(p, bit);
    while (((c->low ^ c->high) & 0xFF000000U) == 0) {
        if (c->out)
            grf_str_addc(c->out, (char)(c->high >> 24));
        else
            coder_read(c);
        c->low <<= 8;
        c->high = c->high << 8 | 0xFF;
    }
    return bit;
}

/* ---- numbers: none, sign, how many bits, the bits (the first three by what they are) */

struct number {
    struct chance none, negative, more[LONGEST + 1], top[LONGEST + 1][8], rest;
};

static uint64_t code_size(struct coder *c, struct number *n, uint64_t size)
{
    unsigned bits = 1, first = 1;
    while (bits < LONGEST && code_bit(c, &n->more[bits], size >> bits != 0))
        bits++;
    uint64_t v = 1;
    for (unsigned i = bits - 1; i-- > 0;) {
        struct chance *p = first < 8 ? &n->top[bits][first] : &n->rest;
        bool bit = code_bit(c, p, size >> i & 1);
        v = v << 1 | bit;
        first = first < 8 ? first << 1 | bit : first;
        if (p == &n->rest)
            *p = (struct chance){CHANCE_ONE / 2, 0};
    }
    return v;
}

static int64_t code_number(struct coder *c, struct number *n, int64_t v)
{
    if (code_bit(c, &n->none, v == 0))
        return 0;
    bool negative = code_bit(c, &n->negative, v < 0);
    uint64_t size = code_size(c, n, (uint64_t)(v < 0 ? -v : v));
    return negative ? -(int64_t)size : (int64_t)size;
}

/* ---- what a word is told from */

enum { SAME_LINE_TEXT, NEXT_LINE_TEXT, NEXT_BLOCK_TEXT, PLACES };
enum { WIDTHS = 5 };

struct teller {
    struct coder c;
    struct grf_sv text;
    struct stored_word last;
    int64_t blank, margin, down[PLACES]; /* as they were last */
    int64_t letter[LETTERS]; /* width, 1024 for the usual one */
    int64_t unit, missed;    /* width of a usual letter, 1/1024 of a tenth; last error */
    int64_t seen;
    bool by_height;          /* letters are as wide as they are high: not so after OCR */
    struct chance usual[PLACES], same_marks[PLACES], same_line[PLACES];
    struct number gap, length, marks, blanks, margins, downs[PLACES], heights, widths[WIDTHS];
};

static void set_chances(void *from, size_t bytes)
{
    struct chance *p = from;
    for (size_t i = 0; i < bytes / sizeof(*p); i++)
        p[i] = (struct chance){CHANCE_ONE / 2, 0};
}

static void set_letters(struct teller *t)
{
    static const char narrow[] = "iljtfr.,;:!'|()[]I1", wide[] = "mwMW@%";
    for (int i = 0; i < LETTERS; i++)
        t->letter[i] = i >= 'A' && i <= 'Z' ? 1360 : 1024;
    for (const char *c = narrow; *c; c++)
        t->letter[(unsigned char)*c] = 560;
    for (const char *c = wide; *c; c++)
        t->letter[(unsigned char)*c] = 1640;
}

static void teller_init(struct teller *t, struct grf_sv text, bool by_height)
{
    memset(t, 0, sizeof(*t));
    t->text = text;
    t->by_height = by_height;
    set_letters(t);
    size_t at = offsetof(struct teller, usual);
    set_chances((char *)t + at, sizeof(*t) - at);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

/* Where the next word mostly is: between the next blanks. Gives the lines between. */
static int usual_place(const struct teller *t, uint64_t *start, uint64_t *end)
{
    int lines = 0;
    size_t at = (size_t)t->last.end;
    for (; at < t->text.n && is_blank(t->text.p[at]); at++)
        lines += t->text.p[at] == '\n';
    *start = at;
    while (at < t->text.n && !is_blank(t->text.p[at]))
        at++;
    *end = at;
    return t->last.end == 0 || lines > 1 ? NEXT_BLOCK_TEXT
           : lines                       ? NEXT_LINE_TEXT
                                         : SAME_LINE_TEXT;
}

static void tell_place(struct teller *t, struct stored_word *w, int *place)
{
    uint64_t start, end;
    *place = usual_place(t, &start, &end);
    if (code_bit(&t->c, &t->usual[*place], w->start == start && w->end == end)) {
        w->start = start;
        w->end = end;
        return;
    }
    int64_t gap = (int64_t)(w->start - t->last.end), length = (int64_t)(w->end - w->start);
    w->start = t->last.end + (uint64_t)code_number(&t->c, &t->gap, gap);
    w->end = w->start + (uint64_t)code_number(&t->c, &t->length, length);
}

static void tell_marks(struct teller *t, struct stored_word *w, int place)
{
    bool same = w->marks == t->last.marks;
    if (code_bit(&t->c, &t->same_marks[place], same))
        w->marks = t->last.marks;
    else
        w->marks = (uint64_t)code_number(&t->c, &t->marks, (int64_t)w->marks);
}

static void tell_line(struct teller *t, struct stored_word *w, int place)
{
    int64_t down = w->c.y0 - t->last.c.y0, before = t->last.c.y1 - t->last.c.y0;
    int64_t height = w->c.y1 - w->c.y0;
    if (code_bit(&t->c, &t->same_line[place], down == 0 && height == before)) {
        w->c.y0 = t->last.c.y0;
        w->c.y1 = t->last.c.y1;
        return;
    }
    int64_t *usual = &t->down[place];
    down = *usual + code_number(&t->c, &t->downs[place], down - *usual);
    height = before + code_number(&t->c, &t->heights, height - before);
    *usual = down;
    w->c.y0 = t->last.c.y0 + down;
    w->c.y1 = w->c.y0 + height;
}

static void tell_left(struct teller *t, struct stored_word *w, int place)
{
    if (place == SAME_LINE_TEXT) {
        int64_t blank = w->c.x0 - t->last.c.x1;
        t->blank += code_number(&t->c, &t->blanks, blank - t->blank);
        w->c.x0 = t->last.c.x1 + t->blank;
    } else {
        t->margin += code_number(&t->c, &t->margins, w->c.x0 - t->margin);
        w->c.x0 = t->margin;
    }
}

/* The letters of the word as numbers below LETTERS: those of Latin-1 are themselves. */
static size_t letters_of(const struct teller *t, const struct stored_word *w,
                         uint8_t out[COUNTED])
{
    size_t n = 0;
    uint64_t end = w->end < t->text.n ? w->end : t->text.n;
    for (uint64_t i = w->start; i < end && n < COUNTED; i++) {
        unsigned char c = (unsigned char)t->text.p[i];
        if (c < 0x80)
            out[n++] = c;
        else if ((c & 0xC0) == 0x80 && n)
            out[n - 1] = (uint8_t)(0x80 | (out[n - 1] << 6 & 0x40) | (c & 0x3F));
        else
            out[n++] = c;
    }
    return n;
}

static int64_t within(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

static void learn_letters(struct teller *t, const uint8_t *letters, size_t n, int64_t sum,
                          int64_t width, int64_t high)
{
    if (!n || width <= 0 || width > MAX_TENTHS)
        return;
    int64_t unit = within((width << 20) / sum * 1024 / high, 1, 1 << 30);
    t->seen += t->seen < 30;
    t->unit += (unit - t->unit) / t->seen;
    int64_t miss = (width << 20) / within(t->unit * high / 1024, 1, INT64_MAX) - sum;
    for (size_t i = 0; i < n; i++) {
        int64_t *l = &t->letter[letters[i]];
        *l = within(*l + miss / (2 * (int64_t)n), 128, 4096);
    }
}

static void tell_width(struct teller *t, struct stored_word *w)
{
    uint8_t letters[COUNTED];
    size_t n = letters_of(t, w, letters);
    int64_t sum = 0, high = within(w->c.y1 - w->c.y0, 1, 10000);
    for (size_t i = 0; i < n; i++)
        sum += t->letter[letters[i]];
    if (!t->by_height)
        high = 1024;
    int64_t width = ((sum * t->unit >> 10) * high) >> 20;
    int64_t size = llabs(t->missed), i = size > 15 ? 4 : size > 6 ? 3 : size > 2 ? 2 : size > 0;
    int64_t miss = code_number(&t->c, &t->widths[i], w->c.x1 - w->c.x0 - width);
    t->missed = (t->missed + 3 * miss) / 4;
    width += miss;
    w->c.x1 = w->c.x0 + width;
    learn_letters(t, letters, n, sum, width, high);
}

/* Codes w, or fills it with the word that was coded. */
static void tell_word(struct teller *t, struct stored_word *w)
{
    int place;
    tell_place(t, w, &place);
    tell_marks(t, w, place);
    tell_line(t, w, place);
    tell_left(t, w, place);
    tell_width(t, w);
    t->last = *w;
}

/* ---- whole pages */

static int64_t tenths(float v)
{
    if (!isfinite(v))
        return 0;
    float t = roundf(v * 10);
    return t > MAX_TENTHS ? MAX_TENTHS : t < -MAX_TENTHS ? -MAX_TENTHS : (int64_t)t;
}

static struct stored_word stored_of(const struct grf_page_word *w)
{
    const struct grf_box *b = &w->box;
    uint64_t misses = 100 - (w->conf > 100 ? 100 : w->conf);
    return (struct stored_word){
        w->start, w->end, misses << 3 | (w->role & 7),
        {tenths(b->x0), tenths(b->y0), tenths(b->x1), tenths(b->y1)}};
}

static void put_uint(struct grf_str *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        grf_str_addc(out, (char)((v & 0x7F) | 0x80));
    grf_str_addc(out, (char)v);
}

static void pack_as(const struct grf_page *p, bool by_height, struct teller *t,
                    struct grf_str *out)
{
    put_uint(out, PACK_VERSION);
    put_uint(out, p->n_words << 1 | by_height);
    teller_init(t, grf_str_sv(&p->text), by_height);
    coder_start(&t->c, out, grf_sv(NULL, 0));
    for (size_t i = 0; i < p->n_words; i++) {
        struct stored_word w = stored_of(&p->words[i]);
        tell_word(t, &w);
    }
    coder_finish(&t->c);
}

void grf_page_pack_words(const struct grf_page *p, struct grf_str *out)
{
    struct teller *t = grf_alloc(sizeof(*t));
    if (!t) {
        out->bad = GRF_NOMEM;
        return;
    }
    bool ocr = p->state == GRF_TEXT_OCR || p->state == GRF_TEXT_LAYER;
    pack_as(p, !ocr, t, out);
    grf_free(t);
}

/* false when the bytes end before the number does. */
static bool get_uint(struct grf_sv *from, uint64_t *v)
{
    *v = 0;
    for (unsigned shift = 0; shift < 64 && from->n; shift += 7) {
        unsigned char c = (unsigned char)*from->p++;
        from->n--;
        *v |= (uint64_t)(c & 0x7F) << shift;
        if (c < 0x80)
            return true;
    }
    return false;
}

/* *n words are packed; those that begin before end are taken, and *n is their number. */
static bool unpack_as(const struct grf_page *p, struct grf_sv packed, bool by_height,
                      size_t end, struct grf_page_word *words, size_t *n)
{
    struct teller *t = grf_alloc(sizeof(*t));
    bool ok = t != NULL;
    if (!ok)
        return false;
    teller_init(t, grf_str_sv(&p->text), by_height);
    coder_start(&t->c, NULL, packed);
    bool all = true;
    for (size_t i = 0; ok && all && i < *n; i++) {
        struct stored_word w = {0};
        uint64_t last = t->last.end;
        tell_word(t, &w);
        ok = !t->c.bad && w.start >= last && stored_word_take(&w, p->text.n, &words[i]);
        all = w.start < end;
        if (!all)
            *n = i;
    }
    ok = ok && !t->c.bad && (!all || t->c.at == packed.n);
    grf_free(t);
    return ok;
}

static bool is_tenths(int64_t v)
{
    return v >= -MAX_TENTHS && v <= MAX_TENTHS;
}

bool stored_word_take(const struct stored_word *s, size_t text_n, struct grf_page_word *w)
{
    const struct corner *c = &s->c;
    if (s->end < s->start || s->end > text_n || s->marks >> 3 > 100 ||
        (s->marks & 7) > GRF_ROLE_MARGIN || !is_tenths(c->x0) || !is_tenths(c->y0) ||
        !is_tenths(c->x1) || !is_tenths(c->y1))
        return false;
    w->start = (uint32_t)s->start;
    w->end = (uint32_t)s->end;
    w->role = (uint8_t)(s->marks & 7);
    w->conf = (uint8_t)(100 - (s->marks >> 3));
    w->box = (struct grf_box){(float)c->x0 / 10, (float)c->y0 / 10, (float)c->x1 / 10,
                              (float)c->y1 / 10};
    return true;
}

static grf_status unpack_now(struct grf_page *p, struct grf_sv packed, size_t end, size_t *n,
                             struct grf_page_word **words, bool *ok, struct grf_err *err)
{
    uint64_t head;
    /* a word without a byte of text is possible, many are not */
    *ok = get_uint(&packed, &head) && head >> 1 <= 2 * (uint64_t)p->text.n + 16;
    if (!*ok)
        return GRF_OK;
    *n = (size_t)(head >> 1);
    *words = grf_calloc(*n + 1, sizeof(**words));
    if (!*words)
        return grf_fail_nomem(err);
    *ok = unpack_as(p, packed, head & 1, end, *words, n);
    return GRF_OK;
}

grf_status grf_page_unpack_words(struct grf_page *p, struct grf_sv packed,
                                 struct grf_err *err)
{
    return grf_page_unpack_words_to(p, packed, SIZE_MAX, err);
}

grf_status grf_page_unpack_words_to(struct grf_page *p, struct grf_sv packed, size_t end,
                                    struct grf_err *err)
{
    struct grf_sv rest = packed;
    uint64_t version;
    size_t n = 0;
    struct grf_page_word *words = NULL;
    bool ok = get_uint(&rest, &version) && p->text.n <= UINT32_MAX;
    grf_status st = GRF_OK;
    if (ok && version == PACK_VERSION)
        st = unpack_now(p, rest, end, &n, &words, &ok, err);
    else if (ok)
        st = unpack_words_before(p, packed, &n, &words, &ok, err);
    if (st || !ok) {
        grf_free(words);
        return st ? st
                  : grf_fail(err, GRF_CORRUPT, _("stored words of page %d: do not fit its text"),
                             p->number);
    }
    grf_free(p->words);
    p->words = words;
    p->n_words = p->cap_words = n;
    return GRF_OK;
}

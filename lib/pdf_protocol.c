/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages between a program and its PDF worker, written and checked. */
#include "grf_pdf_protocol.h"

#include <math.h>

#include "grf_i18n.h"
#include "grf_mem.h"

/* A page's payload: this, then n_words records, then the words' bytes in order. */
struct page_fixed {
    float width, height, image_cover;
    int32_t rotation, turn;
    float skew;
    uint32_t ocr, n_words, pool_len;
};

struct word_record {
    struct grf_box box;
    float size;
    uint32_t len;
    uint8_t flags, conf, zero[2];
};

static void put_head(struct grf_str *out, grf_pdf_type type, size_t n)
{
    struct grf_pdf_head h = {GRF_PDF_MAGIC, (uint32_t)type, (uint32_t)n};
    grf_str_add(out, (const char *)&h, sizeof h);
}

void grf_pdf_put(struct grf_str *out, grf_pdf_type type, const void *payload, size_t n)
{
    put_head(out, type, n);
    if (n)
        grf_str_add(out, payload, n);
}

void grf_pdf_put_page(struct grf_str *out, const struct grf_raw_page *p)
{
    size_t pool = 0;
    for (size_t i = 0; i < p->n_words; i++)
        pool += p->words[i].len;
    struct page_fixed f = {p->width, p->height, p->image_cover, p->rotation, p->turn,
                           p->skew,  p->ocr,    (uint32_t)p->n_words, (uint32_t)pool};
    put_head(out, GRF_PDF_PAGE, sizeof f + p->n_words * sizeof(struct word_record) + pool);
    grf_str_add(out, (const char *)&f, sizeof f);
    for (size_t i = 0; i < p->n_words; i++) {
        const struct grf_raw_word *w = &p->words[i];
        struct word_record r = {w->box, w->size, w->len, w->flags, w->conf, {0, 0}};
        grf_str_add(out, (const char *)&r, sizeof r);
    }
    for (size_t i = 0; i < p->n_words; i++)
        grf_str_add(out, p->words[i].text, p->words[i].len);
}

/* Whether p[0..n) is UTF-8 without NUL, overlong forms or surrogates. */
static bool is_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t i = 0; i < n;) {
        unsigned c = p[i++];
        if (c && c < 0x80)
            continue;
        unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || n - i < more)
            return false;
        uint32_t u = c & (0x3fu >> more);
        for (unsigned k = 0; k < more; k++, i++) {
            if ((p[i] & 0xc0) != 0x80)
                return false;
            u = u << 6 | (p[i] & 0x3f);
        }
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (u < least[more] || u > 0x10ffff || (u >= 0xd800 && u < 0xe000))
            return false;
    }
    return true;
}

static bool is_sane(float v)
{
    return isfinite(v) && fabsf(v) <= 1e6f;
}

static bool is_sane_box(const struct grf_box *b)
{
    return is_sane(b->x0) && is_sane(b->y0) && is_sane(b->x1) && is_sane(b->y1) &&
           b->x0 <= b->x1 && b->y0 <= b->y1;
}

static bool is_quarter(int32_t turn)
{
    return turn == 0 || turn == 90 || turn == 180 || turn == 270;
}

static bool is_sane_page(const struct page_fixed *f, size_t payload)
{
    return is_sane(f->width) && is_sane(f->height) && f->width > 0 && f->height > 0 &&
           f->image_cover >= 0 && f->image_cover <= 1 &&
           is_quarter(f->rotation) && is_quarter(f->turn) && fabsf(f->skew) <= 15 &&
           f->ocr <= 1 && (f->ocr || (!f->turn && !(f->skew != 0))) &&
           f->n_words <= GRF_PDF_MAX_WORDS && f->pool_len <= GRF_PDF_MAX_POOL &&
           payload == sizeof *f + f->n_words * sizeof(struct word_record) + f->pool_len;
}

/* The records at from into p->words; false when one does not fit. */
static bool take_words(const char *from, struct grf_raw_page *p)
{
    size_t used = 0;
    for (size_t i = 0; i < p->n_words; i++, from += sizeof(struct word_record)) {
        struct word_record r;
        memcpy(&r, from, sizeof r);
        if (!r.len || r.len > p->pool_len - used || !is_sane_box(&r.box) ||
            !is_sane(r.size) || r.size < 0 || r.conf > 100 ||
            !is_utf8(p->pool + used, r.len))
            return false;
        p->words[i] = (struct grf_raw_word){p->pool + used, r.len,  r.box,
                                            r.size,         r.flags, r.conf};
        used += r.len;
    }
    return used == p->pool_len;
}

grf_status grf_pdf_get_page(struct grf_sv payload, struct grf_raw_page *p,
                            struct grf_err *err)
{
    struct page_fixed f;
    *p = (struct grf_raw_page){0};
    if (payload.n < sizeof f)
        return grf_fail(err, GRF_PARSE, "page message too short");
    memcpy(&f, payload.p, sizeof f);
    if (!is_sane_page(&f, payload.n))
        return grf_fail(err, GRF_PARSE, "page message out of bounds");
    p->width = f.width;
    p->height = f.height;
    p->image_cover = f.image_cover;
    p->rotation = f.rotation;
    p->ocr = f.ocr;
    p->turn = f.turn;
    p->skew = f.skew;
    p->n_words = f.n_words;
    p->pool_len = f.pool_len;
    p->words = grf_calloc(f.n_words, sizeof *p->words);
    p->pool = grf_alloc(f.pool_len);
    if (!p->words || !p->pool) {
        grf_raw_page_release(p);
        return grf_fail_nomem(err);
    }
    const char *records = payload.p + sizeof f;
    if (f.pool_len)
        memcpy(p->pool, records + f.n_words * sizeof(struct word_record), f.pool_len);
    if (!take_words(records, p)) {
        grf_raw_page_release(p);
        return grf_fail(err, GRF_PARSE, "word out of bounds");
    }
    return GRF_OK;
}

static uint32_t big_endian(const char *z)
{
    const unsigned char *p = (const unsigned char *)z;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool grf_pdf_is_image(struct grf_sv payload, uint32_t width)
{
    static const char begin[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    enum { HEAD = sizeof begin - 1, SIZES = HEAD + 8 };
    if (payload.n <= SIZES || memcmp(payload.p, begin, HEAD) != 0)
        return false;
    uint32_t w = big_endian(payload.p + HEAD), h = big_endian(payload.p + HEAD + 4);
    return w && h && w <= width && h <= 8 * width;
}

grf_status grf_pdf_fail(struct grf_err *err, uint32_t reason, struct grf_sv detail)
{
    static const struct {
        grf_status code;
        const char *text;
    } table[GRF_PDF_REASONS] = {
        [GRF_PDF_EMPTY] = {GRF_PARSE, N_("empty file: fetch or copy it again")},
        [GRF_PDF_NOT_PDF] = {GRF_PARSE, N_("not a PDF: export it as PDF and add that")},
        [GRF_PDF_ENCRYPTED] = {GRF_UNSUPPORTED, N_("encrypted: needs a password; save it "
                                                   "without one and add it again")},
        [GRF_PDF_DAMAGED] = {GRF_PARSE, N_("damaged PDF: fetch or export it again")},
        [GRF_PDF_NO_PAGES] = {GRF_PARSE, N_("PDF without pages: export it again")},
        [GRF_PDF_TOO_MANY] = {GRF_LIMIT, N_("too many pages: split it")},
        [GRF_PDF_TOO_BIG] = {GRF_LIMIT, N_("too big: split it or save it smaller")},
        [GRF_PDF_UNREADABLE] = {GRF_IO, N_("cannot be read: check the file and the disk")},
        [GRF_PDF_NO_OCR] = {GRF_UNSUPPORTED, N_("scan not read: no French data for "
                                                "Tesseract; install tesseract-ocr-fra")},
        [GRF_PDF_NO_PAGE] = {GRF_PARSE, N_("the page is missing: the file has changed; "
                                           "add it again")},
    };
    if (!reason || reason >= GRF_PDF_REASONS)
        return grf_fail(err, GRF_INTERNAL, "PDF reader: unknown reason %u", reason);
    if (!detail.n || detail.n > GRF_PDF_MAX_DETAIL || !is_utf8(detail.p, detail.n))
        return grf_fail(err, table[reason].code, "%s", _(table[reason].text));
    static const char says_no_more[] = "PDF document is damaged";
    if (detail.n == sizeof(says_no_more) - 1 &&
        memcmp(detail.p, says_no_more, detail.n) == 0)
        return grf_fail(err, table[reason].code, "%s", _(table[reason].text));
    return grf_fail(err, table[reason].code, "%s (%.*s)", _(table[reason].text),
                    (int)detail.n, detail.p);
}

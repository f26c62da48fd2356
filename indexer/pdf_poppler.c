/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From poppler's characters to raw words. Poppler gives a page's text, one
 * rectangle per character and font spans, all counted in the same characters;
 * words end at blanks, and at jumps on the page, since poppler puts no blank
 * between a margin column's last word and the body's first.
 */
#include "pdf_poppler.h"

#include <cairo.h>
#include <math.h>
#include <poppler.h>
#include <stdio.h>

#include "grf_mem.h"

struct pdf {
    GBytes *bytes;
    PopplerDocument *doc;
    int n_pages;
    bool looked;  /* for page images with text laid over them */
    bool overlay; /* and found */
};

/* Fewer characters than this: the page may be an image with a stamp on it. */
#define FEW_CHARS 400
/* A page image: this share of the page or more. */
#define WHOLE_PAGE 0.8

struct pdf *pdf_warm_up(void)
{
    /* a page with a word, without the table of objects, which poppler looks for itself:
       glib registers its types, poppler makes its tables and the linker finds their
       functions, once for all documents */
    static const char tiny[] =
        "%PDF-1.4\n"
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
        "4 0 obj<</Length 32>>stream\nBT /F 9 Tf 9 9 Td (greffe) Tj ET  \nendstream endobj\n"
        "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        "trailer<</Root 1 0 R>>\n%%EOF\n";
    struct pdf *pdf = NULL;
    struct grf_raw_page page;
    char detail[8];
    if (!pdf_open(tiny, sizeof tiny - 1, &pdf, detail, sizeof detail) &&
        !pdf_read_page(pdf, 0, &page, NULL))
        grf_raw_page_release(&page);
    return pdf;
}

/* ---- documents */

static bool starts_like_pdf(const char *p, size_t n)
{
    return memmem(p, n < 1024 ? n : 1024, "%PDF-", 5) != NULL;
}

static grf_pdf_reason reason_of(const GError *e)
{
    if (e && e->domain == POPPLER_ERROR && e->code == POPPLER_ERROR_ENCRYPTED)
        return GRF_PDF_ENCRYPTED;
    return GRF_PDF_DAMAGED;
}

static bool has_embedded_font(PopplerDocument *doc)
{
    PopplerFontInfo *info = poppler_font_info_new(doc);
    PopplerFontsIter *it = NULL;
    bool found = false;
    while (!found && poppler_font_info_scan(info, 20, &it)) {
        if (!it)
            continue;
        do
            found = found || poppler_fonts_iter_is_embedded(it);
        while (poppler_fonts_iter_next(it));
        poppler_fonts_iter_free(it);
        it = NULL;
    }
    g_object_unref(info);
    return found;
}

/* The share of the page under images, 0 to 1. Only their sizes count: where the page has
   a /Rotate of 90 or 270, poppler gives the areas as on the page not yet turned, and
   beside it. */
static float image_cover(PopplerPage *page, double width, double height)
{
    GList *images = poppler_page_get_image_mapping(page);
    double sum = 0, longest = fmax(width, height);
    for (GList *l = images; l; l = l->next) {
        const PopplerRectangle *r = &((PopplerImageMapping *)l->data)->area;
        sum += fmin(fabs(r->x2 - r->x1), longest) * fmin(fabs(r->y2 - r->y1), longest);
    }
    poppler_page_free_image_mapping(images);
    sum /= width * height;
    return isfinite(sum) ? (float)fmin(sum, 1) : 0;
}

grf_pdf_reason pdf_open(const void *data, size_t n, struct pdf **out, char *detail,
                        size_t detail_size)
{
    *out = NULL;
    detail[0] = 0;
    if (!starts_like_pdf(data, n))
        return GRF_PDF_NOT_PDF;
    GError *e = NULL;
    GBytes *bytes = g_bytes_new_static(data, n);
    PopplerDocument *doc = poppler_document_new_from_bytes(bytes, NULL, &e);
    if (!doc) {
        grf_pdf_reason why = reason_of(e);
        if (e && why == GRF_PDF_DAMAGED)
            snprintf(detail, detail_size, "%s", e->message);
        g_clear_error(&e);
        g_bytes_unref(bytes);
        return why;
    }
    struct pdf *pdf = g_new0(struct pdf, 1);
    pdf->bytes = bytes;
    pdf->doc = doc;
    pdf->n_pages = poppler_document_get_n_pages(doc);
    *out = pdf;
    return GRF_PDF_OK;
}

void pdf_close(struct pdf *pdf)
{
    if (!pdf)
        return;
    g_object_unref(pdf->doc);
    g_bytes_unref(pdf->bytes);
    g_free(pdf);
}

int pdf_page_count(const struct pdf *pdf)
{
    return pdf->n_pages;
}

/* ---- words of a page */

struct maker {
    struct grf_raw_page *page;
    size_t cap;
    GList *attr;                 /* font span at or before the character at hand */
    const PopplerRectangle *rect;
    guint n_rect;
    uint8_t flags;               /* of the font span */
    bool subset;                 /* some font is embedded in part, as programs do */
    const char *flags_for;       /* font name they were found for */
    struct grf_raw_word word;    /* being built; len 0: none */
    struct grf_box last;         /* of the character before */
    bool vertical;               /* the word runs up or down the page */
    unsigned chars;              /* in the word so far */
    char *at;                    /* end of the pool */
    grf_status bad;
};

static uint8_t font_flags(const char *name)
{
    uint8_t f = 0;
    if (!name)
        return 0;
    if (strcasestr(name, "bold") || strcasestr(name, "black") || strcasestr(name, "heavy"))
        f |= GRF_WORD_BOLD;
    if (strcasestr(name, "italic") || strcasestr(name, "oblique"))
        f |= GRF_WORD_ITALIC;
    /* Tesseract's font without glyphs: an OCR layer over the page image */
    if (strcasestr(name, "glyphless"))
        f |= GRF_WORD_INVISIBLE;
    return f;
}

/* Moves to the font span of character i. */
static const PopplerTextAttributes *attribute(struct maker *m, guint i)
{
    while (m->attr && m->attr->next &&
           ((PopplerTextAttributes *)m->attr->data)->end_index < (gint)i)
        m->attr = m->attr->next;
    if (!m->attr)
        return NULL;
    const PopplerTextAttributes *a = m->attr->data;
    if (a->font_name != m->flags_for) {
        m->flags_for = a->font_name;
        m->flags = font_flags(a->font_name);
        m->subset = m->subset || (a->font_name && strchr(a->font_name, '+'));
    }
    return a;
}

/* Comparisons, not fmin and fmax: those are calls, and there are four to a character. */
static float clean(double v)
{
    if (v > -1e5 && v < 1e5)
        return (float)v;
    return !isfinite(v) ? 0 : v > 0 ? 1e5F : -1e5F;
}

static float lesser(float a, float b)
{
    return a < b ? a : b;
}

static float greater(float a, float b)
{
    return a > b ? a : b;
}

static struct grf_box box_of(const PopplerRectangle *r)
{
    float x1 = clean(r->x1), y1 = clean(r->y1), x2 = clean(r->x2), y2 = clean(r->y2);
    struct grf_box b = {lesser(x1, x2), lesser(y1, y2), greater(x1, x2), greater(y1, y2)};
    return b;
}

static void end_word(struct maker *m)
{
    struct grf_raw_page *p = m->page;
    if (!m->word.len)
        return;
    if (p->n_words < GRF_PDF_MAX_WORDS) {
        if (grf_grow(&p->words, p->n_words, &m->cap, sizeof *p->words))
            m->bad = GRF_NOMEM;
        else
            p->words[p->n_words++] = m->word;
    }
    m->word.len = 0;
}

/* Whether a character at b stands away from the word so far. */
static bool jumps(struct maker *m, const struct grf_box *b)
{
    float size = m->word.size > 1 ? m->word.size : 1;
    float mid = (b->y0 + b->y1) / 2, last_mid = (m->last.y0 + m->last.y1) / 2;
    float across = (b->x0 + b->x1) / 2, last_across = (m->last.x0 + m->last.x1) / 2;
    /* the second character tells which way the word runs */
    if (m->chars == 1)
        m->vertical = fabsf(across - last_across) < 0.1f * size &&
                      fabsf(mid - last_mid) > 0.2f * size;
    if (m->vertical) {
        float gap = fmaxf(b->y0 - m->last.y1, m->last.y0 - b->y1);
        return gap > 0.3f * size || fabsf(across - last_across) > 0.6f * size;
    }
    return b->x0 - m->last.x1 > 0.3f * size || b->x1 < m->last.x0 - 0.3f * size ||
           fabsf(mid - last_mid) > 0.6f * size;
}

static void add_char(struct maker *m, guint i, const char *bytes, size_t n)
{
    const PopplerTextAttributes *a = attribute(m, i);
    struct grf_box b = i < m->n_rect ? box_of(&m->rect[i]) : m->last;
    if (m->word.len && jumps(m, &b))
        end_word(m);
    struct grf_raw_word *w = &m->word;
    if (!w->len) {
        w->text = m->at;
        w->box = b;
        w->size = a ? clean(fabs(a->font_size)) : 0;
        w->flags = m->flags;
        w->conf = 100;
        m->chars = 0;
        m->vertical = false;
    } else {
        w->box.x0 = lesser(w->box.x0, b.x0);
        w->box.y0 = lesser(w->box.y0, b.y0);
        w->box.x1 = greater(w->box.x1, b.x1);
        w->box.y1 = greater(w->box.y1, b.y1);
    }
    memcpy(m->at, bytes, n);
    m->at += n;
    w->len += (uint32_t)n;
    m->last = b;
    m->chars++;
}

/* Marks that poppler adds round text of another direction; they have no rectangle. */
static bool is_direction_mark(gunichar c)
{
    return c >= 0x202a && c <= 0x202e;
}

static bool is_blank(gunichar c)
{
    return c <= ' ' || c == 0xa0 || c == 0x202f || (c >= 0x2000 && c <= 0x200b) ||
           c == 0x3000 || c == 0xfeff || (c >= 0x7f && c < 0xa0);
}

static void make_words(struct maker *m, const char *text)
{
    guint i = 0;
    for (const char *p = text; *p && !m->bad;) {
        gunichar c = g_utf8_get_char(p);
        const char *next = g_utf8_next_char(p);
        if (is_direction_mark(c)) {
            p = next;
            continue;
        }
        if (is_blank(c))
            end_word(m);
        else
            add_char(m, i, p, (size_t)(next - p));
        i++;
        p = next;
    }
    end_word(m);
}

/* *subset: whether some font is embedded as a subset. */
static grf_status take_text(PopplerPage *page, const char *text,
                            struct grf_raw_page *out, bool *subset, struct grf_err *err)
{
    size_t len = strlen(text);
    PopplerRectangle *rects = NULL;
    guint n_rects = 0;
    poppler_page_get_text_layout(page, &rects, &n_rects);
    GList *attrs = poppler_page_get_text_attributes(page);
    struct maker m = {.page = out, .attr = attrs, .rect = rects, .n_rect = n_rects};
    out->pool = m.at = grf_alloc(len + 1);
    if (!out->pool)
        m.bad = GRF_NOMEM;
    else
        make_words(&m, text);
    out->pool_len = out->pool ? (size_t)(m.at - out->pool) : 0;
    *subset = m.subset;
    poppler_page_free_text_attributes(attrs);
    g_free(rects);
    return m.bad ? grf_fail_nomem(err) : GRF_OK;
}

/* The first n bytes of text hold no more characters than the parent takes. */
static void shorten(char *text)
{
    if (strlen(text) < GRF_PDF_MAX_POOL)
        return;
    char *cut = text + GRF_PDF_MAX_POOL - 8;
    while (cut > text && ((unsigned char)*cut & 0xc0) == 0x80)
        cut--;
    *cut = 0;
}

/* Finding images costs as much as reading the text, so it is done where the page has
   few characters, or where OCR may have laid text over page images: Tesseract's
   font tells, else fonts that are not embedded over a whole-page image. */
static void look_for_images(struct pdf *pdf, PopplerPage *page, bool subset,
                            struct grf_raw_page *out)
{
    bool few = out->pool_len < FEW_CHARS;
    bool maybe = !subset && (!pdf->looked || pdf->overlay);
    if (!few && !maybe)
        return;
    out->image_cover = image_cover(page, out->width, out->height);
    if (!pdf->looked && !few) {
        pdf->looked = true;
        pdf->overlay = out->image_cover >= WHOLE_PAGE && !has_embedded_font(pdf->doc);
    }
    if (pdf->overlay && out->image_cover >= WHOLE_PAGE)
        for (size_t k = 0; k < out->n_words; k++)
            out->words[k].flags |= GRF_WORD_INVISIBLE;
}

static void set_size(PopplerPage *page, struct grf_raw_page *out)
{
    double w = 0, h = 0;
    poppler_page_get_size(page, &w, &h);
    if (w > 0 && h > 0 && w < 1e5 && h < 1e5) {
        out->width = (float)w;
        out->height = (float)h;
    }
}

grf_status pdf_read_page(struct pdf *pdf, int i, struct grf_raw_page *out,
                         struct grf_err *err)
{
    *out = (struct grf_raw_page){.width = 595, .height = 842};
    PopplerPage *page = poppler_document_get_page(pdf->doc, i);
    if (!page)
        return GRF_OK;
    set_size(page, out);
    char *text = poppler_page_get_text(page);
    grf_status st = GRF_OK;
    bool subset = false;
    if (text && *text && g_utf8_validate(text, -1, NULL)) {
        shorten(text);
        st = take_text(page, text, out, &subset, err);
    }
    bool tesseract = out->n_words && (out->words[0].flags & GRF_WORD_INVISIBLE);
    if (!st && !tesseract)
        look_for_images(pdf, page, subset, out);
    g_free(text);
    g_object_unref(page);
    if (st)
        grf_raw_page_release(out);
    return st;
}

/* ---- pages as drawn */

#define DRAW_DPI 300
#define MAX_PIXELS 25e6 /* an A3 page at 300 dpi has 17 million */

static void take_grey(cairo_surface_t *s, struct pdf_image *out)
{
    const unsigned char *data = cairo_image_surface_get_data(s);
    int stride = cairo_image_surface_get_stride(s);
    for (int y = 0; y < out->height; y++) {
        const unsigned char *row = data + (size_t)y * (size_t)stride;
        unsigned char *to = out->grey + (size_t)y * (size_t)out->width;
        for (int x = 0; x < out->width; x++) {
            uint32_t v;
            memcpy(&v, row + 4 * (size_t)x, sizeof v);
            to[x] = (unsigned char)(((v >> 16 & 255) * 77 + (v >> 8 & 255) * 151 +
                                     (v & 255) * 28) >> 8);
        }
    }
}

static void draw(PopplerPage *page, const struct pdf_image *out, cairo_surface_t *s)
{
    cairo_t *c = cairo_create(s);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    cairo_scale(c, (double)out->scale, (double)out->scale);
    if (page)
        poppler_page_render(page, c);
    cairo_destroy(c);
    cairo_surface_flush(s);
}

grf_status pdf_draw_page(struct pdf *pdf, int i, struct pdf_image *out, struct grf_err *err)
{
    struct grf_raw_page size = {.width = 595, .height = 842};
    PopplerPage *page = poppler_document_get_page(pdf->doc, i);
    if (page)
        set_size(page, &size);
    double area = (double)size.width * (double)size.height;
    double scale = fmin(DRAW_DPI / 72.0, sqrt(MAX_PIXELS / area));
    *out = (struct pdf_image){.scale = (float)scale};
    out->width = (int)fmax(1, round((double)size.width * scale));
    out->height = (int)fmax(1, round((double)size.height * scale));
    out->grey = grf_alloc((size_t)out->width * (size_t)out->height);
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, out->width, out->height);
    bool drawn = out->grey && cairo_surface_status(s) == CAIRO_STATUS_SUCCESS;
    if (drawn) {
        draw(page, out, s);
        take_grey(s, out);
    }
    cairo_surface_destroy(s);
    if (page)
        g_object_unref(page);
    if (drawn)
        return GRF_OK;
    pdf_image_release(out);
    return grf_fail_nomem(err);
}

void pdf_image_release(struct pdf_image *image)
{
    grf_free(image->grey);
    *image = (struct pdf_image){0};
}

/* ---- pages for people */

#define MAX_PAINTED 9e6 /* pixels */

static cairo_status_t add_bytes(void *to, const unsigned char *p, unsigned n)
{
    struct grf_str *s = to;
    grf_str_add(s, (const char *)p, n);
    return s->bad ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static uint32_t pixel_at(const unsigned char *row, int x)
{
    uint32_t v;
    memcpy(&v, row + 4 * (size_t)x, sizeof v);
    return v & 0xffffff;
}

/* Whether no pixel has a colour that can be seen. */
static bool is_grey(const unsigned char *data, int stride, int width, int height)
{
    for (int y = 0; y < height; y++) {
        const unsigned char *row = data + (size_t)y * (size_t)stride;
        for (int x = 0; x < width; x++) {
            uint32_t v = pixel_at(row, x);
            int r = (int)(v >> 16), g = (int)(v >> 8 & 255), b = (int)(v & 255);
            if (r - g > 12 || g - r > 12 || g - b > 12 || b - g > 12)
                return false;
        }
    }
    return true;
}

/* Sixteen shades of a channel. */
static unsigned shade(unsigned v)
{
    return (v * 15 + 127) / 255 * 17;
}

/* A surface of one channel with the green of s; PNG writes it as grey. */
static cairo_surface_t *grey_of(cairo_surface_t *s)
{
    int width = cairo_image_surface_get_width(s), height = cairo_image_surface_get_height(s);
    cairo_surface_t *g = cairo_image_surface_create(CAIRO_FORMAT_A8, width, height);
    if (cairo_surface_status(g) != CAIRO_STATUS_SUCCESS)
        return g;
    for (int y = 0; y < height; y++) {
        const unsigned char *row = cairo_image_surface_get_data(s) +
                                   (size_t)y * (size_t)cairo_image_surface_get_stride(s);
        unsigned char *to = cairo_image_surface_get_data(g) +
                            (size_t)y * (size_t)cairo_image_surface_get_stride(g);
        for (int x = 0; x < width; x++)
            to[x] = (unsigned char)shade(pixel_at(row, x) >> 8 & 255);
    }
    cairo_surface_mark_dirty(g);
    return g;
}

static void round_colours(unsigned char *data, int stride, int width, int height)
{
    for (int y = 0; y < height; y++) {
        unsigned char *row = data + (size_t)y * (size_t)stride;
        for (int x = 0; x < width; x++) {
            uint32_t v = pixel_at(row, x);
            v = shade(v >> 16) << 16 | shade(v >> 8 & 255) << 8 | shade(v & 255);
            memcpy(row + 4 * (size_t)x, &v, sizeof v);
        }
    }
}

static cairo_status_t write_png(cairo_surface_t *s, struct grf_str *png)
{
    unsigned char *data = cairo_image_surface_get_data(s);
    int stride = cairo_image_surface_get_stride(s);
    int width = cairo_image_surface_get_width(s), height = cairo_image_surface_get_height(s);
    if (is_grey(data, stride, width, height)) {
        cairo_surface_t *g = grey_of(s);
        cairo_status_t st = cairo_surface_write_to_png_stream(g, add_bytes, png);
        cairo_surface_destroy(g);
        return st;
    }
    round_colours(data, stride, width, height);
    cairo_surface_mark_dirty(s);
    return cairo_surface_write_to_png_stream(s, add_bytes, png);
}

grf_status pdf_paint_page(struct pdf *pdf, int i, unsigned width, struct grf_str *png,
                          struct grf_err *err)
{
    struct grf_raw_page size = {.width = 595, .height = 842};
    PopplerPage *page = poppler_document_get_page(pdf->doc, i);
    if (page)
        set_size(page, &size);
    double w = (double)size.width, h = (double)size.height;
    double scale = fmin(width / w, fmin(sqrt(MAX_PAINTED / (w * h)), 8 * width / h));
    struct pdf_image at = {.scale = (float)scale};
    at.width = (int)fmax(1, fmin(width, round(w * scale)));
    at.height = (int)fmax(1, fmin(8.0 * width, round(h * scale)));
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, at.width, at.height);
    cairo_status_t st = cairo_surface_status(s);
    grf_str_clear(png);
    if (st == CAIRO_STATUS_SUCCESS) {
        draw(page, &at, s);
        st = write_png(s, png);
    }
    cairo_surface_destroy(s);
    if (page)
        g_object_unref(page);
    if (png->bad == GRF_LIMIT)
        return grf_fail(err, GRF_LIMIT, "picture of page %d too large", i + 1);
    return st == CAIRO_STATUS_SUCCESS ? GRF_OK : grf_fail_nomem(err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents and pages with MuPDF: opened, counted, measured and drawn. What a page says is
 * read by pdf_text.c. Scripts of documents are never run: nothing here switches them on.
 */
#include "pdf_mupdf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grf_mem.h"

/* What MuPDF keeps at most of fonts and images for later pages. */
#define STORE_BYTES ((size_t)64 << 20)
/* Fewer characters than this: the page may be an image with a stamp on it. */
#define FEW_CHARS 400
/* A page image: this share of the page or more. */
#define WHOLE_PAGE 0.8f
/* Page trees: deeper ones go round in circles, larger ones are refused anyway. */
#define DEEPEST_TREE 64
#define MOST_PAGES 100000

struct pdf_lib {
    fz_context *ctx;
    struct pdf *tiny; /* keeps fonts and the library's tables from being dropped */
};

struct pdf {
    fz_context *ctx;
    pdf_document *doc;
    pdf_obj **pages; /* kept */
    size_t n_pages, cap_pages;
    struct pdf_fonts fonts;
    bool looked;     /* for page images with text laid over them */
    bool overlay;    /* and found */
};

/* ---- the library */

static void *take_memory(void *user, size_t n)
{
    (void)user;
    return grf_alloc(n);
}

static void *change_memory(void *user, void *p, size_t n)
{
    (void)user;
    return grf_realloc_array(p, 1, n);
}

static void give_memory(void *user, void *p)
{
    (void)user;
    grf_free(p);
}

/* Damage is told by what comes back, not line by line. */
static void say_nothing(void *user, const char *message)
{
    (void)user, (void)message;
}

static fz_context *new_context(void)
{
    fz_alloc_context memory = {NULL, take_memory, change_memory, give_memory};
    fz_context *ctx = fz_new_context(&memory, NULL, STORE_BYTES);
    if (ctx) {
        fz_set_warning_callback(ctx, say_nothing, NULL);
        fz_set_error_callback(ctx, say_nothing, NULL);
    }
    return ctx;
}

struct pdf_lib *pdf_lib_open(void)
{
    /* a page with a word: tables are made and functions found once for all documents */
    static const char tiny[] =
        "%PDF-1.4\n"
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
        "4 0 obj<</Length 32>>stream\nBT /F 9 Tf 9 9 Td (greffe) Tj ET  \nendstream endobj\n"
        "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        "trailer<</Root 1 0 R>>\n%%EOF\n";
    struct pdf_lib *lib = grf_calloc(1, sizeof *lib);
    struct grf_raw_page page;
    char detail[8];
    if (lib)
        lib->ctx = new_context();
    if (!lib || !lib->ctx) {
        grf_free(lib);
        return NULL;
    }
    if (!pdf_open(lib, tiny, sizeof tiny - 1, &lib->tiny, detail, sizeof detail) &&
        !pdf_read_page(lib->tiny, 0, &page, NULL))
        grf_raw_page_release(&page);
    return lib;
}

void pdf_lib_close(struct pdf_lib *lib)
{
    if (!lib)
        return;
    pdf_close(lib->tiny);
    fz_drop_context(lib->ctx);
    grf_free(lib);
}

/* ---- documents */

static bool starts_like_pdf(const char *p, size_t n)
{
    return memmem(p, n < 1024 ? n : 1024, "%PDF-", 5) != NULL;
}

static void open_document(fz_context *ctx, struct pdf *pdf, const void *data, size_t n)
{
    fz_stream *s = fz_open_memory(ctx, data, n);
    fz_try(ctx)
        pdf->doc = pdf_open_document_with_stream(ctx, s);
    fz_always(ctx)
        fz_drop_stream(ctx, s);
    fz_catch(ctx)
        fz_rethrow(ctx);
}

static void add_page(fz_context *ctx, struct pdf *pdf, pdf_obj *page)
{
    if (grf_grow(&pdf->pages, pdf->n_pages, &pdf->cap_pages, sizeof *pdf->pages))
        fz_throw(ctx, FZ_ERROR_MEMORY, "no memory for pages");
    pdf->pages[pdf->n_pages++] = pdf_keep_obj(ctx, page);
}

/* Pages in order, below node. What the file says of their number is not believed. */
static void find_pages(fz_context *ctx, struct pdf *pdf, pdf_obj *node, pdf_cycle_list *up,
                       int depth)
{
    pdf_cycle_list here;
    pdf_obj *kids = pdf_dict_get(ctx, node, PDF_NAME(Kids));
    if (!pdf_is_dict(ctx, node) || pdf->n_pages >= MOST_PAGES)
        return;
    if (!pdf_is_array(ctx, kids)) {
        if (depth)
            add_page(ctx, pdf, node);
        return;
    }
    if (depth >= DEEPEST_TREE || pdf_cycle(ctx, &here, up, node))
        return;
    int n = pdf_array_len(ctx, kids);
    for (int i = 0; i < n; i++)
        find_pages(ctx, pdf, pdf_array_get(ctx, kids, i), &here, depth + 1);
}

static void find_tree(fz_context *ctx, struct pdf *pdf)
{
    pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, pdf->doc), PDF_NAME(Root));
    find_pages(ctx, pdf, pdf_dict_get(ctx, root, PDF_NAME(Pages)), NULL, 0);
}

/* Pages that no tree leads to any more, in the order of their numbers. */
static void find_strays(fz_context *ctx, struct pdf *pdf)
{
    int n = pdf_xref_len(ctx, pdf->doc);
    pdf_obj *page = NULL;
    fz_var(page);
    for (int i = 1; i < n && pdf->n_pages < MOST_PAGES; i++) {
        page = NULL;
        fz_try(ctx) {
            page = pdf_load_object(ctx, pdf->doc, i);
            if (pdf_name_eq(ctx, pdf_dict_get(ctx, page, PDF_NAME(Type)), PDF_NAME(Page)))
                add_page(ctx, pdf, page);
        }
        fz_always(ctx)
            pdf_drop_obj(ctx, page);
        fz_catch(ctx)
            fz_rethrow_if(ctx, FZ_ERROR_MEMORY);
    }
}

/* A file whose table of objects leads nowhere is searched for its objects. */
static void find_all(fz_context *ctx, struct pdf *pdf)
{
    fz_try(ctx)
        find_tree(ctx, pdf);
    fz_catch(ctx)
        fz_rethrow_if(ctx, FZ_ERROR_MEMORY);
    if (pdf->n_pages)
        return;
    fz_try(ctx) {
        pdf_repair_xref(ctx, pdf->doc);
        find_tree(ctx, pdf);
    }
    fz_catch(ctx)
        fz_rethrow_if(ctx, FZ_ERROR_MEMORY);
    if (!pdf->n_pages)
        find_strays(ctx, pdf);
}

static void open_and_count(fz_context *ctx, struct pdf *pdf, const void *data, size_t n,
                           grf_pdf_reason *why)
{
    open_document(ctx, pdf, data, n);
    if (pdf_needs_password(ctx, pdf->doc)) {
        *why = GRF_PDF_ENCRYPTED;
        return;
    }
    find_all(ctx, pdf);
    *why = GRF_PDF_OK;
}

grf_pdf_reason pdf_open(struct pdf_lib *lib, const void *data, size_t n, struct pdf **out,
                        char *detail, size_t detail_size)
{
    fz_context *ctx = lib->ctx;
    grf_pdf_reason why = GRF_PDF_DAMAGED;
    fz_var(why);
    *out = NULL;
    detail[0] = 0;
    if (!starts_like_pdf(data, n))
        return GRF_PDF_NOT_PDF;
    struct pdf *pdf = grf_calloc(1, sizeof *pdf);
    if (!pdf)
        return GRF_PDF_TOO_BIG;
    pdf->ctx = ctx;
    fz_try(ctx)
        open_and_count(ctx, pdf, data, n, &why);
    fz_catch(ctx)
        snprintf(detail, detail_size, "%s", fz_caught_message(ctx));
    if (why) {
        pdf_close(pdf);
        return why;
    }
    *out = pdf;
    return GRF_PDF_OK;
}

void pdf_close(struct pdf *pdf)
{
    if (!pdf)
        return;
    for (size_t i = 0; i < pdf->n_pages; i++)
        pdf_drop_obj(pdf->ctx, pdf->pages[i]);
    pdf_drop_document(pdf->ctx, pdf->doc);
    grf_free(pdf->pages);
    grf_free(pdf->fonts.seen);
    grf_free(pdf);
}

int pdf_page_count(const struct pdf *pdf)
{
    return (int)pdf->n_pages;
}

/* ---- words of a page */

/* The page's size as displayed into out, and how the page's own measure becomes it. */
static fz_matrix measure(fz_context *ctx, struct pdf *pdf, int i, float *width,
                         float *height)
{
    fz_rect box;
    fz_matrix m;
    pdf_page_obj_transform(ctx, pdf->pages[i], &box, &m);
    box = fz_transform_rect(box, m);
    float w = box.x1 - box.x0, h = box.y1 - box.y0;
    if (w > 0 && h > 0 && w < 1e5f && h < 1e5f) {
        *width = w;
        *height = h;
    }
    return m;
}

/* Images count where the page has few characters, or where OCR may have laid text over
   page images: Tesseract's font tells, else fonts that are not embedded over a whole-page
   image. */
static void look_at_images(struct pdf *pdf, const struct pdf_told *told,
                           struct grf_raw_page *out)
{
    bool few = out->pool_len < FEW_CHARS;
    bool maybe = !told->subset && (!pdf->looked || pdf->overlay);
    if (!few && !maybe)
        return;
    double area = (double)out->width * (double)out->height;
    out->image_cover = (float)fmin(told->images / area, 1);
    if (!pdf->looked && !few) {
        pdf->looked = true;
        pdf->overlay = out->image_cover >= WHOLE_PAGE && !told->embedded;
    }
    if (pdf->overlay && out->image_cover >= WHOLE_PAGE)
        for (size_t k = 0; k < out->n_words; k++)
            out->words[k].flags |= GRF_WORD_INVISIBLE;
}

static grf_status read_words(struct pdf *pdf, int i, struct grf_raw_page *out,
                             struct grf_err *err)
{
    fz_context *ctx = pdf->ctx;
    struct pdf_words words;
    struct pdf_told told = {0};
    pdf_words_begin(&words, out);
    fz_try(ctx) {
        fz_matrix m = measure(ctx, pdf, i, &out->width, &out->height);
        pdf_text_run(ctx, pdf->doc, &pdf->fonts, pdf->pages[i], m, &words, &told);
    }
    fz_catch(ctx)
        words.bad = fz_caught(ctx) == FZ_ERROR_MEMORY;
    grf_status st = pdf_words_end(&words, err);
    bool tesseract = out->n_words && (out->words[0].flags & GRF_WORD_INVISIBLE);
    if (!st && !tesseract)
        look_at_images(pdf, &told, out);
    return st;
}

grf_status pdf_read_page(struct pdf *pdf, int i, struct grf_raw_page *out,
                         struct grf_err *err)
{
    *out = (struct grf_raw_page){.width = 595, .height = 842};
    return read_words(pdf, i, out, err);
}

/* ---- pages as drawn */

#define DRAW_DPI 300
#define MAX_PIXELS 25e6 /* an A3 page at 300 dpi has 17 million */

/* Page i as the library counts; NULL where the file is too damaged for it to count so. */
static pdf_page *load_page(fz_context *ctx, struct pdf *pdf, int i)
{
    pdf_page *page = NULL;
    fz_var(page);
    fz_try(ctx)
        page = pdf_load_page(ctx, pdf->doc, i);
    fz_catch(ctx)
        fz_rethrow_if(ctx, FZ_ERROR_MEMORY);
    if (!page || pdf_objcmp_resolve(ctx, page->obj, pdf->pages[i]) == 0)
        return page;
    fz_drop_page(ctx, (fz_page *)page);
    return NULL;
}

/* A page without what is pinned to it: stamps, signatures, fields. */
static void draw_contents(fz_context *ctx, struct pdf *pdf, int i, fz_device *dev)
{
    float w = 0, h = 0;
    fz_matrix m = measure(ctx, pdf, i, &w, &h);
    pdf_obj *page = pdf->pages[i];
    pdf_processor *proc = pdf_new_run_processor(ctx, dev, m, "View", NULL, NULL, NULL);
    fz_try(ctx) {
        pdf_process_contents(ctx, proc, pdf->doc,
                             pdf_dict_get_inheritable(ctx, page, PDF_NAME(Resources)),
                             pdf_dict_get(ctx, page, PDF_NAME(Contents)), NULL);
        pdf_close_processor(ctx, proc);
    }
    fz_always(ctx)
        pdf_drop_processor(ctx, proc);
    fz_catch(ctx)
        fz_rethrow(ctx);
}

static void draw_on(fz_context *ctx, struct pdf *pdf, int i, double scale, fz_pixmap *to)
{
    fz_device *dev = NULL;
    pdf_page *page = NULL;
    fz_matrix m = fz_scale((float)scale, (float)scale);
    fz_var(dev);
    fz_var(page);
    fz_try(ctx) {
        pdf_empty_store(ctx, pdf->doc); /* of fonts for reading only */
        page = load_page(ctx, pdf, i);
        dev = fz_new_draw_device(ctx, m, to);
        if (page)
            pdf_run_page(ctx, page, dev, fz_identity, NULL);
        else
            draw_contents(ctx, pdf, i, dev);
        fz_close_device(ctx, dev);
    }
    fz_always(ctx) {
        fz_drop_device(ctx, dev);
        fz_drop_page(ctx, (fz_page *)page);
    }
    fz_catch(ctx)
        fz_rethrow_if(ctx, FZ_ERROR_MEMORY);
}

/* Draws page i into samples, width x height pixels of n bytes (1 grey, 3 colours). */
static grf_status draw(struct pdf *pdf, int i, const struct pdf_image *at, int n,
                       unsigned char *samples, struct grf_err *err)
{
    fz_context *ctx = pdf->ctx;
    fz_pixmap *pix = NULL;
    grf_status st = GRF_OK;
    memset(samples, 255, (size_t)at->width * (size_t)at->height * (size_t)n);
    fz_var(pix);
    fz_try(ctx) {
        fz_colorspace *cs = n == 1 ? fz_device_gray(ctx) : fz_device_rgb(ctx);
        pix = fz_new_pixmap_with_data(ctx, cs, at->width, at->height, NULL, 0,
                                      at->width * n, samples);
        draw_on(ctx, pdf, i, (double)at->scale, pix);
    }
    fz_always(ctx)
        fz_drop_pixmap(ctx, pix);
    fz_catch(ctx)
        st = grf_fail_nomem(err);
    return st;
}

static void size_of(struct pdf *pdf, int i, double *width, double *height)
{
    fz_context *ctx = pdf->ctx;
    float w = 595, h = 842;
    fz_try(ctx)
        measure(ctx, pdf, i, &w, &h);
    fz_catch(ctx)
        w = 595;
    *width = (double)w;
    *height = (double)h;
}

grf_status pdf_draw_page(struct pdf *pdf, int i, struct pdf_image *out, struct grf_err *err)
{
    double w = 0, h = 0;
    size_of(pdf, i, &w, &h);
    double scale = fmin(DRAW_DPI / 72.0, sqrt(MAX_PIXELS / (w * h)));
    *out = (struct pdf_image){.scale = (float)scale};
    out->width = (int)fmax(1, round(w * scale));
    out->height = (int)fmax(1, round(h * scale));
    out->grey = grf_alloc((size_t)out->width * (size_t)out->height);
    grf_status st = out->grey ? draw(pdf, i, out, 1, out->grey, err) : grf_fail_nomem(err);
    if (st)
        pdf_image_release(out);
    return st;
}

void pdf_image_release(struct pdf_image *image)
{
    grf_free(image->grey);
    *image = (struct pdf_image){0};
}

/* ---- pages for people */

#define MAX_PAINTED 9e6 /* pixels */

/* Whether no pixel has a colour that can be seen. */
static bool is_grey(const unsigned char *p, size_t pixels)
{
    for (const unsigned char *end = p + 3 * pixels; p < end; p += 3) {
        int r = p[0], g = p[1], b = p[2];
        if (r - g > 12 || g - r > 12 || g - b > 12 || b - g > 12)
            return false;
    }
    return true;
}

/* Sixteen shades of a channel. */
static unsigned char shade(unsigned v)
{
    return (unsigned char)((v * 15 + 127) / 255 * 17);
}

/* Rounds the shades; where nothing has a colour, green alone stays. Bytes of a pixel. */
static int simplify(unsigned char *p, size_t pixels)
{
    bool grey = is_grey(p, pixels);
    for (size_t i = 0; i < (grey ? pixels : 3 * pixels); i++)
        p[i] = shade(grey ? p[3 * i + 1] : p[i]);
    return grey ? 1 : 3;
}

static void write_png(fz_context *ctx, const struct pdf_image *at, unsigned char *samples,
                      int n, struct grf_str *png)
{
    fz_pixmap *pix = NULL;
    fz_buffer *buffer = NULL;
    unsigned char *bytes = NULL;
    fz_var(pix);
    fz_var(buffer);
    fz_try(ctx) {
        fz_colorspace *cs = n == 1 ? fz_device_gray(ctx) : fz_device_rgb(ctx);
        pix = fz_new_pixmap_with_data(ctx, cs, at->width, at->height, NULL, 0,
                                      at->width * n, samples);
        buffer = fz_new_buffer_from_pixmap_as_png(ctx, pix, fz_default_color_params);
        size_t len = fz_buffer_storage(ctx, buffer, &bytes);
        grf_str_add(png, (const char *)bytes, len);
    }
    fz_always(ctx) {
        fz_drop_buffer(ctx, buffer);
        fz_drop_pixmap(ctx, pix);
    }
    fz_catch(ctx)
        png->bad = GRF_NOMEM;
}

grf_status pdf_paint_page(struct pdf *pdf, int i, unsigned width, struct grf_str *png,
                          struct grf_err *err)
{
    double w = 0, h = 0;
    size_of(pdf, i, &w, &h);
    double scale = fmin(width / w, fmin(sqrt(MAX_PAINTED / (w * h)), 8 * width / h));
    struct pdf_image at = {.scale = (float)scale};
    at.width = (int)fmax(1, fmin(width, round(w * scale)));
    at.height = (int)fmax(1, fmin(8.0 * width, round(h * scale)));
    size_t pixels = (size_t)at.width * (size_t)at.height;
    unsigned char *samples = grf_alloc(3 * pixels);
    grf_status st = samples ? draw(pdf, i, &at, 3, samples, err) : grf_fail_nomem(err);
    grf_str_clear(png);
    if (!st)
        write_png(pdf->ctx, &at, samples, simplify(samples, pixels), png);
    grf_free(samples);
    if (!st && png->bad == GRF_LIMIT)
        return grf_fail(err, GRF_LIMIT, "picture of page %d too large", i + 1);
    return st ? st : grf_str_status(png, err);
}

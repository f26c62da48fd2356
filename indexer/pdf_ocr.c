/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * OCR of one page: the image is turned upright and straightened, black edges are
 * painted over, Tesseract reads it, and what is noise is left out. Words stay in the
 * coordinates of the straightened page, where lines are level; the layout turns
 * their boxes back.
 */
#include "pdf_ocr.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <tesseract/capi.h>

#include "grf_mem.h"

#define LANGUAGE "fra"
#define MAX_POOL (2u << 20)
#define MAX_OCR_WORDS 60000

/* Skew below this, in degrees, does no harm; turning costs sharpness. */
#define LEAST_SKEW 0.15f
/* How sure leptonica must be of a skew. */
#define SKEW_CONF 2.5f

struct pdf_ocr {
    TessBaseAPI *tess;
};

/* A word as recognised; text at bytes [at, at+len) of the pool. */
struct found {
    size_t at, len;
    int x0, y0, x1, y1; /* pixels */
    int line;           /* its number on the page */
    float conf, size;   /* size in pixels, 0 unknown */
    bool kept;
};

struct reading {
    struct grf_str pool;
    struct found *words;
    size_t n, cap;
    int lines;
    bool bad;
};

static void reading_init(struct reading *r)
{
    *r = (struct reading){0};
    grf_str_init(&r->pool, MAX_POOL);
}

static void reading_release(struct reading *r)
{
    grf_str_release(&r->pool);
    grf_free(r->words);
    reading_init(r);
}

/* ---- Tesseract */

static bool load(TessBaseAPI *tess)
{
    static const char *const folders[] = {
        NULL, "/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata",
        "/usr/share/tessdata", "/usr/local/share/tessdata"};
    /* who names a folder means that one */
    size_t n = getenv("TESSDATA_PREFIX") ? 1 : sizeof folders / sizeof *folders;
    for (size_t i = 0; i < n; i++)
        if (TessBaseAPIInit2(tess, folders[i], LANGUAGE, OEM_LSTM_ONLY) == 0)
            return true;
    return false;
}

struct pdf_ocr *pdf_ocr_open(void)
{
    setMsgSeverity(L_SEVERITY_NONE);
    struct pdf_ocr *ocr = grf_calloc(1, sizeof *ocr);
    if (!ocr)
        return NULL;
    ocr->tess = TessBaseAPICreate();
    if (!ocr->tess || !load(ocr->tess)) {
        TessBaseAPIDelete(ocr->tess);
        grf_free(ocr);
        return NULL;
    }
    return ocr;
}

static void take_word(const TessResultIterator *it, struct reading *r)
{
    char *text = TessResultIteratorGetUTF8Text(it, RIL_WORD);
    struct found w = {.at = r->pool.n, .line = r->lines, .kept = true};
    if (!text || !*text || r->n >= MAX_OCR_WORDS ||
        !TessPageIteratorBoundingBox(TessResultIteratorGetPageIteratorConst(it), RIL_WORD,
                                     &w.x0, &w.y0, &w.x1, &w.y1)) {
        TessDeleteText(text);
        return;
    }
    /* a picture is a word of blanks, some words begin with one; _ and | are rules */
    const char *from = text + strspn(text, " _|");
    for (w.len = strlen(from); w.len && strchr("_|", from[w.len - 1]);)
        w.len--;
    w.conf = TessResultIteratorConfidence(it, RIL_WORD);
    grf_str_add(&r->pool, from, w.len);
    TessDeleteText(text);
    if (r->pool.bad || grf_grow(&r->words, r->n, &r->cap, sizeof *r->words))
        r->bad = true;
    else
        r->words[r->n++] = w;
}

static void recognise(struct pdf_ocr *ocr, PIX *pix, int dpi, struct reading *r)
{
    TessBaseAPISetPageSegMode(ocr->tess, PSM_AUTO);
    TessBaseAPISetImage2(ocr->tess, pix);
    TessBaseAPISetSourceResolution(ocr->tess, dpi);
    TessResultIterator *it = NULL;
    if (TessBaseAPIRecognize(ocr->tess, NULL) == 0)
        it = TessBaseAPIGetIterator(ocr->tess);
    while (it && !r->bad) {
        const TessPageIterator *at = TessResultIteratorGetPageIteratorConst(it);
        if (TessPageIteratorIsAtBeginningOf(at, RIL_TEXTLINE))
            r->lines++;
        take_word(it, r);
        if (!TessResultIteratorNext(it, RIL_WORD))
            break;
    }
    if (it)
        TessResultIteratorDelete(it);
    TessBaseAPIClear(ocr->tess);
}

/* ---- the image */

static PIX *pix_of(const struct pdf_image *image)
{
    PIX *pix = pixCreateNoInit(image->width, image->height, 8);
    if (!pix)
        return NULL;
    l_uint32 *data = pixGetData(pix);
    l_int32 wpl = pixGetWpl(pix);
    for (int y = 0; y < image->height; y++) {
        l_uint32 *row = data + (size_t)y * (size_t)wpl;
        memset(row, 255, (size_t)wpl * 4);
        memcpy(row, image->grey + (size_t)y * (size_t)image->width, (size_t)image->width);
    }
    pixEndianByteSwap(pix);
    return pix;
}

/* Black and white at half the size: enough to find edges, skew and which way is up. */
static PIX *sketch_of(PIX *grey)
{
    PIX *half = pixScaleAreaMap2(grey), *out = NULL;
    if (half)
        pixOtsuAdaptiveThreshold(half, 400, 400, 0, 0, 0.1f, NULL, &out);
    pixDestroy(&half);
    return out;
}

/* The black that a scanner leaves round the paper: thick, and touching the edge. */
static void paint_edges(PIX *grey, PIX *sketch)
{
    PIX *thick = pixOpenBrick(NULL, sketch, 13, 13);
    PIX *edges = thick ? pixExtractBorderConnComps(thick, 8) : NULL;
    l_int32 none = 1;
    if (edges)
        pixZero(edges, &none);
    if (!none) {
        pixDilateBrick(edges, edges, 7, 7);
        PIX *full = pixExpandBinaryPower2(edges, 2);
        if (full)
            pixSetMasked(grey, full, 255);
        pixDestroy(&full);
        pixSubtract(sketch, sketch, edges);
    }
    pixDestroy(&edges);
    pixDestroy(&thick);
}

/* The ruling of tables, which hides figures that stand alone in a cell: lines longer
   than any stroke of a letter. Horizontal lines only where they meet vertical ones:
   others underline words. Takes the straightened page in black and white at half size. */
static void paint_rules(PIX *grey, PIX *sketch)
{
    PIX *down = pixOpenBrick(NULL, sketch, 1, 50);
    PIX *across = pixOpenBrick(NULL, sketch, 90, 1);
    l_int32 none = 1;
    if (down)
        pixZero(down, &none);
    if (!none && across) {
        PIX *seed = pixDilateBrick(NULL, down, 9, 9);
        if (seed && pixAnd(seed, seed, across)) {
            PIX *met = pixSeedfillBinary(NULL, seed, across, 8);
            if (met)
                pixOr(down, down, met);
            pixDestroy(&met);
        }
        pixDestroy(&seed);
        pixDilateBrick(down, down, 3, 3);
        PIX *full = pixExpandBinaryPower2(down, 2);
        if (full)
            pixSetMasked(grey, full, 255);
        pixDestroy(&full);
    }
    pixDestroy(&down);
    pixDestroy(&across);
}

/* Quarter turns clockwise that put the text upright, told by strokes that rise above
   small letters and hang below; 0 when they do not tell. */
static int quarters_of(PIX *sketch)
{
    l_float32 up = 0, left = 0;
    l_int32 orient = L_TEXT_ORIENT_UNKNOWN;
    if (pixOrientDetect(sketch, &up, &left, 0, 0) ||
        makeOrientDecision(up, left, 0, 0, &orient, 0))
        return 0;
    return orient == L_TEXT_ORIENT_LEFT    ? 1
           : orient == L_TEXT_ORIENT_DOWN  ? 2
           : orient == L_TEXT_ORIENT_RIGHT ? 3
                                           : 0;
}

/* Straightens *grey; returns the degrees clockwise that it took. */
static float straighten(PIX **grey, PIX *sketch)
{
    l_float32 angle = 0, conf = 0;
    if (pixFindSkew(sketch, &angle, &conf) || conf < SKEW_CONF ||
        fabsf(angle) < LEAST_SKEW || fabsf(angle) > 15)
        return 0;
    PIX *level = pixRotate(*grey, angle * 0.0174533f, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE,
                           0, 0);
    if (!level)
        return 0;
    pixDestroy(grey);
    *grey = level;
    return angle;
}

/* ---- what was read */

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xc3;
}

/* Letters, digits and other characters. UTF-8 above U+00BF counts as letters, since
   what French uses there are letters, but for the dashes and quotes at U+2000. */
struct kinds {
    size_t letters, digits, others, same;
};

static struct kinds kinds_of(const char *p, size_t n)
{
    struct kinds k = {0};
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c >= 0x80 && c < 0xc0)
            continue; /* inside a character */
        run = i && (unsigned char)p[i - 1] == c ? run + 1 : 1;
        k.same = run > k.same ? run : k.same;
        if (c >= '0' && c <= '9')
            k.digits++;
        else if (is_letter(c) && c != 0xe2)
            k.letters++;
        else
            k.others++;
    }
    return k;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float median(float *v, size_t n)
{
    qsort(v, n, sizeof *v, by_size);
    return n ? v[n / 2] : 0;
}

/* Specks, rules, bullets and handwriting read as characters. Real words can have a
   confidence near 0 (those with a straight apostrophe do), so it counts only
   where there is little else to go by. */
static bool is_noise(const struct reading *r, const struct found *w)
{
    struct kinds k = kinds_of(r->pool.p + w->at, w->len);
    size_t good = k.letters + k.digits, all = good + k.others;
    if (!all || w->x1 <= w->x0 || w->y1 <= w->y0)
        return true;
    if (!good)
        return all > 3 || w->conf < 40;
    if (good == 1 && !k.digits)
        return w->conf < 45;
    if (good < 3)
        return w->conf < 20;
    return k.others > good && w->conf < 60;
}

/* The font size in pixels that a word's height tells: which parts of the line its
   letters fill depends on the letters. 0 when it has none that tell. */
static float size_of(const struct reading *r, const struct found *w)
{
    static const char tall[] = "bdfhkltABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char low[] = "gjpqy";
    static const char small[] = "acemnorsuvwxz";
    bool up = false, down = false, mid = false, comma = false;
    for (size_t i = 0; i < w->len; i++) {
        char c = r->pool.p[w->at + i];
        up = up || strchr(tall, c) || (unsigned char)c == 0xc3;
        down = down || strchr(low, c);
        mid = mid || strchr(small, c);
        comma = comma || c == ',' || c == ';';
    }
    float part = up && down ? 0.93f : up ? 0.71f : down ? 0.71f : mid ? 0.51f : 0;
    if (comma && !down)
        part = part > 0 ? part + 0.13f : 0;
    return part > 0 ? (float)(w->y1 - w->y0) / part : 0;
}

/* All words of a line get the line's size, and lines near the page's usual size get
   that: heights are measured to a pixel or two. Room for all words at v. */
static void level_sizes(struct reading *r, float *v)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        r->words[i].size = size_of(r, &r->words[i]);
        if (r->words[i].kept && r->words[i].size > 0)
            v[n++] = r->words[i].size;
    }
    float usual = median(v, n);
    for (size_t i = 0, end; i < r->n; i = end) {
        n = 0;
        for (end = i; end < r->n && r->words[end].line == r->words[i].line; end++)
            if (r->words[end].kept && r->words[end].size > 0)
                v[n++] = r->words[end].size;
        float size = n ? median(v, n) : usual;
        if (fabsf(size - usual) < 0.12f * usual)
            size = usual;
        for (size_t k = i; k < end; k++)
            r->words[k].size = size;
    }
}

/* Dotted lines, scribbles and handwriting, of which Tesseract makes letters: it doubts
   them, and they have the wrong height, letters too close, or doubtful neighbours. */
static bool is_scribble(const struct reading *r, const struct found *w, float usual,
                        float line_conf)
{
    float height = (float)(w->y1 - w->y0);
    struct kinds k = kinds_of(r->pool.p + w->at, w->len);
    float pitch = (float)(w->x1 - w->x0) / (float)(k.letters + k.digits + k.others + 1);
    return w->conf < 30 && (height < 0.5f * usual || height > 2.2f * usual ||
                            pitch < 0.27f * usual || line_conf < 40);
}

/* The height that words read well have on the page; room for all words at v. */
static float usual_height(const struct reading *r, float *v)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->words[i].kept && r->words[i].conf >= 80)
            v[n++] = (float)(r->words[i].y1 - r->words[i].y0);
    return median(v, n);
}

static void drop_noise(struct reading *r, float *v)
{
    for (size_t i = 0; i < r->n; i++)
        r->words[i].kept = !is_noise(r, &r->words[i]);
    float usual = usual_height(r, v);
    for (size_t i = 0, end; i < r->n; i = end) {
        size_t n = 0;
        for (end = i; end < r->n && r->words[end].line == r->words[i].line; end++)
            if (r->words[end].kept)
                v[n++] = r->words[end].conf;
        float line_conf = median(v, n);
        for (size_t k = i; k < end; k++)
            if (is_scribble(r, &r->words[k], usual, line_conf))
                r->words[k].kept = false;
    }
}

static void clean(struct reading *r)
{
    float *v = grf_calloc(r->n, sizeof *v);
    if (v) {
        drop_noise(r, v);
        level_sizes(r, v);
    }
    r->bad = r->bad || !v;
    grf_free(v);
}

/* ---- into the page */

/* The page's own words and size as the upright, straightened page has them. */
static void turn_page(struct grf_raw_page *p)
{
    float w = p->width, h = p->height, a = p->skew * 0.0174533f;
    bool across = p->turn == 90 || p->turn == 270;
    if (across) {
        p->width = h;
        p->height = w;
    }
    for (size_t i = 0; i < p->n_words; i++) {
        struct grf_box *b = &p->words[i].box;
        float x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2;
        float dx = (b->x1 - b->x0) / 2, dy = (b->y1 - b->y0) / 2;
        float tx = p->turn == 90 ? h - y : p->turn == 180 ? w - x : p->turn == 270 ? y : x;
        float ty = p->turn == 90 ? x : p->turn == 180 ? h - y : p->turn == 270 ? w - x : y;
        tx -= p->width / 2;
        ty -= p->height / 2;
        x = p->width / 2 + tx * cosf(a) - ty * sinf(a);
        y = p->height / 2 + tx * sinf(a) + ty * cosf(a);
        float half_w = across ? dy : dx, half_h = across ? dx : dy;
        *b = (struct grf_box){x - half_w, y - half_h, x + half_w, y + half_h};
    }
}

/* An older OCR layer is read anew. */
static void drop_hidden(struct grf_raw_page *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_words; i++)
        if (!(p->words[i].flags & GRF_WORD_INVISIBLE))
            p->words[n++] = p->words[i];
    p->n_words = n;
}

static bool is_covered(const struct grf_raw_page *p, size_t n, const struct grf_box *b)
{
    float x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2;
    for (size_t i = 0; i < n; i++) {
        const struct grf_box *o = &p->words[i].box;
        if (x >= o->x0 - 1 && x <= o->x1 + 1 && y >= o->y0 - 1 && y <= o->y1 + 1)
            return true;
    }
    return false;
}

/* Adds what was read at scale pixels to a point. The pool is made anew: the page's
   words point into the old one. */
static grf_status add_words(struct grf_raw_page *p, const struct reading *r, float scale)
{
    size_t own = p->n_words, len = 0;
    for (size_t i = 0; i < own; i++)
        len += p->words[i].len;
    char *pool = grf_alloc(len + r->pool.n + 1);
    struct grf_raw_word *words = grf_calloc(own + r->n, sizeof *words);
    if (!pool || !words) {
        grf_free(pool);
        grf_free(words);
        return GRF_NOMEM;
    }
    char *at = pool;
    size_t n = own;
    for (size_t i = 0; i < own; i++) {
        words[i] = p->words[i];
        words[i].text = memcpy(at, p->words[i].text, p->words[i].len);
        at += p->words[i].len;
    }
    for (size_t i = 0; i < r->n; i++) {
        const struct found *f = &r->words[i];
        struct grf_box b = {(float)f->x0 / scale, (float)f->y0 / scale,
                            (float)f->x1 / scale, (float)f->y1 / scale};
        if (!f->kept || is_covered(p, own, &b))
            continue;
        words[n++] = (struct grf_raw_word){memcpy(at, r->pool.p + f->at, f->len),
                                           (uint32_t)f->len, b, f->size / scale,
                                           GRF_WORD_OCR,
                                           (uint8_t)fmaxf(0, fminf(100, f->conf))};
        at += f->len;
    }
    grf_free(p->words);
    grf_free(p->pool);
    p->words = words;
    p->n_words = n;
    p->pool = pool;
    p->pool_len = (size_t)(at - pool);
    return GRF_OK;
}

/* ---- a page */

/* Reads the page turned by quarters; sets its turn and skew. grey stays. */
static void read_turned(struct pdf_ocr *ocr, PIX *grey, int quarters, int dpi,
                        struct grf_raw_page *page, struct reading *r)
{
    PIX *level = pixRotateOrth(grey, quarters), *sketch = level ? sketch_of(level) : NULL;
    page->turn = quarters * 90;
    page->skew = 0;
    if (sketch)
        page->skew = straighten(&level, sketch);
    if (fabsf(page->skew) > 0) {
        pixDestroy(&sketch);
        sketch = sketch_of(level);
    }
    if (sketch) {
        paint_rules(level, sketch);
        recognise(ocr, level, dpi, r);
        clean(r);
    }
    r->bad = r->bad || !sketch;
    pixDestroy(&sketch);
    pixDestroy(&level);
}

/* Letters in words that are surely right, and all. */
static size_t sure_letters(const struct reading *r, size_t *all)
{
    size_t sure = 0;
    *all = 0;
    for (size_t i = 0; i < r->n; i++) {
        size_t n = kinds_of(r->pool.p + r->words[i].at, r->words[i].len).letters;
        *all += n;
        sure += n >= 3 && r->words[i].conf >= 70 ? n : 0;
    }
    return sure;
}

/* The turn at which a page that made little sense makes the most, tried at half size;
   used when there is nothing clearly better. */
static int best_turn(struct pdf_ocr *ocr, PIX *grey, int dpi, int used)
{
    size_t most = 0, all;
    int best = used;
    PIX *half = pixScaleAreaMap2(grey);
    for (int q = 0; half && q < 4; q++) {
        struct reading r;
        reading_init(&r);
        PIX *turned = pixRotateOrth(half, q);
        if (turned)
            recognise(ocr, turned, dpi / 2, &r);
        size_t sure = sure_letters(&r, &all);
        if (sure > most + most / 2 + 10 || (q == used && sure >= most)) {
            most = sure;
            best = q;
        }
        pixDestroy(&turned);
        reading_release(&r);
    }
    pixDestroy(&half);
    return best;
}

static void read_best(struct pdf_ocr *ocr, PIX *grey, int dpi, struct grf_raw_page *page,
                      struct reading *r)
{
    PIX *sketch = sketch_of(grey);
    if (!sketch) {
        r->bad = true;
        return;
    }
    paint_edges(grey, sketch);
    int quarters = quarters_of(sketch);
    pixDestroy(&sketch);
    read_turned(ocr, grey, quarters, dpi, page, r);
    size_t all, sure = sure_letters(r, &all);
    if (r->bad || all < 40 || sure > all / 2)
        return;
    int other = best_turn(ocr, grey, dpi, quarters);
    if (other == quarters)
        return;
    reading_release(r);
    read_turned(ocr, grey, other, dpi, page, r);
}

grf_status pdf_ocr_page(struct pdf_ocr *ocr, const struct pdf_image *image,
                        struct grf_raw_page *page, struct grf_err *err)
{
    struct reading r;
    reading_init(&r);
    PIX *grey = pix_of(image);
    if (grey)
        read_best(ocr, grey, (int)(image->scale * 72 + 0.5f), page, &r);
    grf_status st = grey && !r.bad ? GRF_OK : GRF_NOMEM;
    page->ocr = true;
    drop_hidden(page);
    turn_page(page);
    if (!st)
        st = add_words(page, &r, image->scale);
    pixDestroy(&grey);
    reading_release(&r);
    if (!st)
        return GRF_OK;
    grf_raw_page_release(page);
    return grf_fail_nomem(err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a page's contents for what words need, and for nothing else: no colour, line,
 * pattern or image is looked at. MuPDF reads the file, its fonts and their encodings, and
 * calls back for each operator; what is not asked for here it does not even load.
 */
#include <math.h>

#include "pdf_mupdf.h"

/* Nested saved states and forms. A page that needs more is made to harm. */
#define MOST_STATES 256
#define MOST_FORMS 24
/* Glyphs of a page: more than any page shows, less than would keep us long. */
#define MOST_GLYPHS 2000000
#define FACES 64
#define MOST_ACTUAL 4096 /* characters of a replacement text */

struct state {
    fz_matrix ctm;
    float char_space, word_space, scale, leading, size, rise;
    struct pdf_face *face; /* NULL: none yet */
};

/* Text that the file gives for what it draws: for words cut by a hyphen, and drawings. */
struct actual {
    unsigned depth; /* marked contents open inside it, from 1; 0: none */
    int *chars;
    int n_chars;
    struct pdf_glyph all; /* over all its glyphs */
};

struct runner {
    pdf_processor super;
    pdf_document *doc;
    struct pdf_fonts *fonts;
    struct pdf_words *words;
    struct pdf_told *told;
    pdf_obj *own, *resources;    /* the page's; those of what runs now */
    pdf_obj *gs;                 /* state dictionary at hand */
    struct state *now, *states;  /* the last is a spare for what nests too deep */
    size_t too_deep;
    fz_matrix tm, tlm;
    int chars[PDF_MRANGE_CAP];   /* of the glyph at hand: as many as MuPDF's tables have */
    struct actual actual;
    struct pdf_face faces[FACES];
    size_t n_faces, next_face;
    unsigned forms, glyphs;
    pdf_cycle_list *cycle;
    double longest;              /* side of the page */
};

static struct runner *runner_of(pdf_processor *p)
{
    return (struct runner *)p;
}

/* ---- graphics state */

static void save(fz_context *ctx, pdf_processor *proc)
{
    struct runner *r = runner_of(proc);
    (void)ctx;
    if (r->now - r->states >= MOST_STATES - 1) {
        r->too_deep++;
        return;
    }
    r->now[1] = r->now[0];
    r->now++;
}

static void restore(fz_context *ctx, pdf_processor *proc)
{
    struct runner *r = runner_of(proc);
    (void)ctx;
    if (r->too_deep)
        r->too_deep--;
    else if (r->now > r->states)
        r->now--;
}

static void concat(fz_context *ctx, pdf_processor *proc, float a, float b, float c, float d,
                   float e, float f)
{
    struct state *s = runner_of(proc)->now;
    (void)ctx;
    s->ctm = fz_concat(fz_make_matrix(a, b, c, d, e, f), s->ctm);
}

static void begin_gs(fz_context *ctx, pdf_processor *proc, const char *name, pdf_obj *gs)
{
    (void)ctx, (void)name;
    runner_of(proc)->gs = gs;
}

static void end_gs(fz_context *ctx, pdf_processor *proc)
{
    (void)ctx;
    runner_of(proc)->gs = NULL;
}

/* ---- text state */

static void set_char_space(fz_context *ctx, pdf_processor *proc, float v)
{
    (void)ctx;
    runner_of(proc)->now->char_space = v;
}

static void set_word_space(fz_context *ctx, pdf_processor *proc, float v)
{
    (void)ctx;
    runner_of(proc)->now->word_space = v;
}

static void set_scale(fz_context *ctx, pdf_processor *proc, float v)
{
    (void)ctx;
    runner_of(proc)->now->scale = v / 100;
}

static void set_leading(fz_context *ctx, pdf_processor *proc, float v)
{
    (void)ctx;
    runner_of(proc)->now->leading = v;
}

static void set_rise(fz_context *ctx, pdf_processor *proc, float v)
{
    (void)ctx;
    runner_of(proc)->now->rise = v;
}

static bool is_used(const struct runner *r, const struct pdf_face *face)
{
    for (const struct state *s = r->states; s <= r->now; s++)
        if (s->face == face)
            return true;
    return false;
}

static void drop_face(fz_context *ctx, struct pdf_face *f)
{
    pdf_drop_font(ctx, f->font);
    pdf_drop_font(ctx, f->full);
    pdf_drop_obj(ctx, f->dict);
    *f = (struct pdf_face){0};
}

/* A place for one more face: a new one, or one that no state holds. */
static struct pdf_face *free_face(fz_context *ctx, struct runner *r)
{
    if (r->n_faces < FACES)
        return &r->faces[r->n_faces++];
    for (size_t tried = 0; tried < FACES; tried++) {
        struct pdf_face *f = &r->faces[r->next_face++ % FACES];
        if (is_used(r, f))
            continue;
        drop_face(ctx, f);
        return f;
    }
    return NULL;
}

static struct pdf_face *face_of(fz_context *ctx, struct runner *r,
                                pdf_font_desc *font, pdf_obj *dict)
{
    for (size_t i = 0; i < r->n_faces; i++)
        if (r->faces[i].font == font)
            return &r->faces[i];
    struct pdf_face *f = free_face(ctx, r);
    if (!f)
        return NULL;
    pdf_face_find(ctx, font, dict, f);
    f->font = pdf_keep_font(ctx, font);
    f->dict = pdf_keep_obj(ctx, dict);
    return f;
}

static void set_font(fz_context *ctx, pdf_processor *proc, const char *name,
                     pdf_font_desc *font, float size)
{
    struct runner *r = runner_of(proc);
    pdf_obj *dict = r->gs ? pdf_array_get(ctx, pdf_dict_get(ctx, r->gs, PDF_NAME(Font)), 0)
                          : pdf_dict_gets(ctx, pdf_dict_get(ctx, r->resources,
                                                            PDF_NAME(Font)), name);
    r->now->size = size;
    r->now->face = face_of(ctx, r, font, dict);
}

/* ---- text positions */

static void begin_text(fz_context *ctx, pdf_processor *proc)
{
    struct runner *r = runner_of(proc);
    (void)ctx;
    r->tm = r->tlm = fz_identity;
}

static void set_matrix(fz_context *ctx, pdf_processor *proc, float a, float b, float c,
                       float d, float e, float f)
{
    struct runner *r = runner_of(proc);
    (void)ctx;
    r->tm = r->tlm = fz_make_matrix(a, b, c, d, e, f);
}

static void move_by(fz_context *ctx, pdf_processor *proc, float x, float y)
{
    struct runner *r = runner_of(proc);
    (void)ctx;
    r->tm = r->tlm = fz_pre_translate(r->tlm, x, y);
}

static void move_leading(fz_context *ctx, pdf_processor *proc, float x, float y)
{
    set_leading(ctx, proc, -y);
    move_by(ctx, proc, x, y);
}

static void next_line(fz_context *ctx, pdf_processor *proc)
{
    move_by(ctx, proc, 0, -runner_of(proc)->now->leading);
}

/* ---- glyphs */

static int chars_of(const pdf_font_desc *font, int cid, int *chars)
{
    int n = 0;
    if (font->to_unicode)
        n = pdf_lookup_cmap_full(font->to_unicode, (unsigned)cid, chars);
    if (n <= 0 && (size_t)cid < font->cid_to_ucs_len) {
        chars[0] = font->cid_to_ucs[cid];
        n = 1;
    }
    return n <= 0 || chars[0] == 0 || chars[0] == 0xfffd ? 0 : n;
}

static enum pdf_turn turn_of(const struct pdf_face *face, fz_matrix m)
{
    enum pdf_turn t;
    m = fz_concat(face->matrix, m);
    if (fabsf(m.a * m.d) > fabsf(m.b * m.c))
        t = m.a > 0 || m.d < 0 ? PDF_RIGHT : PDF_LEFT;
    else
        t = m.c > 0 ? PDF_DOWN : PDF_UP;
    return face->font->wmode ? (enum pdf_turn)((t + 1) & 3) : t;
}

/* Widens the place of a replacement text by one glyph more. */
static void widen(struct actual *a, const struct pdf_glyph *g)
{
    if (!a->all.n_chars) {
        a->all = *g;
        a->all.n_chars = 1;
        return;
    }
    a->all.dx = g->x + g->dx - a->all.x;
    a->all.dy = g->y + g->dy - a->all.y;
}

/* The characters of glyph cid. A font made for reading that does not know them gives way to
   MuPDF's own, which knows more ways to find them. */
static int find_chars(fz_context *ctx, struct runner *r, struct pdf_face *face, int cid)
{
    int n = chars_of(face->full ? face->full : face->font, cid, r->chars);
    if (n || face->full || !pdf_font_is_quick(face->font))
        return n;
    face->full = pdf_font_load(ctx, r->doc, r->resources, face->font, face->dict);
    if (!face->full)
        face->full = pdf_keep_font(ctx, face->font);
    return chars_of(face->full, cid, r->chars);
}

static void show_glyph(fz_context *ctx, struct runner *r, struct pdf_glyph *g, int cid)
{
    struct pdf_face *face = r->now->face;
    g->n_chars = find_chars(ctx, r, face, cid);
    g->chars = r->chars;
    if (g->n_chars && g->chars[0] > ' ') {
        r->told->subset = r->told->subset || face->subset;
        r->told->embedded = r->told->embedded || face->embedded;
    }
    if (r->actual.depth)
        widen(&r->actual, g);
    else if (g->n_chars)
        pdf_words_add(r->words, g);
}

/* What all glyphs of a string share. */
struct line {
    fz_matrix tm; /* of text to the page */
    struct pdf_glyph glyph;
};

static struct line line_of(const struct runner *r)
{
    const struct state *s = r->now;
    const struct pdf_face *f = s->face;
    struct line l = {.tm = fz_concat(r->tm, s->ctm)};
    struct pdf_glyph *g = &l.glyph;
    g->size = hypotf(l.tm.c, l.tm.d) * fabsf(s->size) * f->stretch;
    g->ascent = f->ascent;
    g->descent = f->descent;
    g->flags = f->flags;
    g->upright = f->font->wmode;
    fz_matrix m = l.tm;
    if (s->size < 0)
        m = fz_pre_scale(m, -1, -1);
    g->turn = turn_of(f, fz_pre_scale(m, s->scale, 1));
    return l;
}

static void place(struct line *l, const struct state *s, float x, float y, float dx,
                  float dy)
{
    fz_point at = fz_transform_point_xy(x, y + s->rise, l->tm);
    l->glyph.x = at.x;
    l->glyph.y = at.y;
    l->glyph.dx = dx * l->tm.a + dy * l->tm.c;
    l->glyph.dy = dx * l->tm.b + dy * l->tm.d;
}

/* Shows the glyph cid at *x, *y of the text and moves on. */
static void step(fz_context *ctx, struct runner *r, struct line *l, int cid, bool blank,
                 float *x, float *y)
{
    const struct state *s = r->now;
    pdf_font_desc *font = s->face->font;
    float space = s->char_space + (blank ? s->word_space : 0);
    if (font->wmode) {
        pdf_vmtx v = pdf_lookup_vmtx(ctx, font, cid);
        float unit = 0.001f * s->size, w = v.w * unit;
        place(l, s, *x - v.x * unit * s->scale, *y - v.y * unit, 0, w);
        *y += w + space;
    } else {
        float w = (float)pdf_lookup_hmtx(ctx, font, cid).w * 0.001f * s->size * s->scale;
        place(l, s, *x, *y, w, 0);
        *x += w + space * s->scale;
    }
    show_glyph(ctx, r, &l->glyph, cid);
}

static bool may_show(const struct runner *r)
{
    return r->now->face && r->super.hidden == 0 && r->glyphs < MOST_GLYPHS;
}

static void show_bytes(fz_context *ctx, struct runner *r, char *bytes, size_t n)
{
    if (!r->now->face)
        return;
    struct line l = line_of(r);
    const pdf_font_desc *font = r->now->face->font;
    unsigned char *p = (unsigned char *)bytes, *end = p + n;
    float x = 0, y = 0;
    while (p < end && may_show(r)) {
        unsigned code = 0;
        int took = pdf_decode_cmap(font->encoding, p, end, &code);
        int cid = pdf_lookup_cmap(font->encoding, code);
        p += took > 0 ? took : 1;
        r->glyphs++;
        if (cid >= 0)
            step(ctx, r, &l, cid, took == 1 && code == ' ', &x, &y);
    }
    r->tm = fz_pre_translate(r->tm, x, y);
}

static void show(fz_context *ctx, pdf_processor *proc, char *bytes, size_t n)
{
    show_bytes(ctx, runner_of(proc), bytes, n);
}

static void show_array(fz_context *ctx, pdf_processor *proc, pdf_obj *array)
{
    struct runner *r = runner_of(proc);
    const struct state *s = r->now;
    int n = pdf_array_len(ctx, array);
    if (!s->face)
        return;
    for (int i = 0; i < n; i++) {
        pdf_obj *o = pdf_array_get(ctx, array, i);
        if (pdf_is_string(ctx, o)) {
            show_bytes(ctx, r, pdf_to_str_buf(ctx, o), pdf_to_str_len(ctx, o));
            continue;
        }
        float by = -pdf_to_real(ctx, o) * 0.001f * s->size;
        if (s->face->font->wmode)
            r->tm = fz_pre_translate(r->tm, 0, by);
        else
            r->tm = fz_pre_translate(r->tm, by * s->scale, 0);
    }
}

static void show_below(fz_context *ctx, pdf_processor *proc, char *bytes, size_t n)
{
    next_line(ctx, proc);
    show(ctx, proc, bytes, n);
}

static void show_spaced(fz_context *ctx, pdf_processor *proc, float word, float letter,
                        char *bytes, size_t n)
{
    set_word_space(ctx, proc, word);
    set_char_space(ctx, proc, letter);
    show_below(ctx, proc, bytes, n);
}

/* ---- marked contents */

static void take_actual(fz_context *ctx, struct runner *r, pdf_obj *text)
{
    const char *p = pdf_to_text_string(ctx, text);
    struct actual *a = &r->actual;
    if (!a->chars)
        a->chars = fz_malloc_array(ctx, MOST_ACTUAL, int);
    a->n_chars = 0;
    a->all.n_chars = 0;
    while (*p && a->n_chars < MOST_ACTUAL)
        p += fz_chartorune(&a->chars[a->n_chars++], p);
    a->depth = 1;
}

static void begin_marked(fz_context *ctx, pdf_processor *proc, const char *tag)
{
    struct runner *r = runner_of(proc);
    (void)ctx, (void)tag;
    if (r->actual.depth)
        r->actual.depth++;
}

static void begin_described(fz_context *ctx, pdf_processor *proc, const char *tag,
                            pdf_obj *raw, pdf_obj *cooked)
{
    struct runner *r = runner_of(proc);
    (void)raw;
    begin_marked(ctx, proc, tag);
    if (r->actual.depth || strcmp(tag, "Span") != 0)
        return;
    pdf_obj *text = pdf_dict_get(ctx, cooked, PDF_NAME(ActualText));
    if (pdf_is_string(ctx, text))
        take_actual(ctx, r, text);
}

static void end_marked(fz_context *ctx, pdf_processor *proc)
{
    struct runner *r = runner_of(proc);
    struct actual *a = &r->actual;
    (void)ctx;
    if (!a->depth || --a->depth || !a->all.n_chars || !a->n_chars)
        return;
    a->all.chars = a->chars;
    a->all.n_chars = a->n_chars;
    pdf_words_add(r->words, &a->all);
}

/* ---- resources */

/* Images are not wanted, but where they stand is: MuPDF reads all of an image before it
   tells of one, so each is given to it as a form with nothing but a mark. */
static pdf_obj *stub_of(fz_context *ctx, struct runner *r, pdf_obj *image)
{
    pdf_obj *stub = pdf_new_dict(ctx, r->doc, 4), *oc = NULL;
    fz_try(ctx) {
        pdf_dict_put(ctx, stub, PDF_NAME(Subtype), PDF_NAME(Form));
        pdf_dict_put(ctx, stub, PDF_NAME(Image), PDF_TRUE);
        oc = pdf_dict_get(ctx, image, PDF_NAME(OC));
        if (oc)
            pdf_dict_put(ctx, stub, PDF_NAME(OC), oc);
    }
    fz_catch(ctx) {
        pdf_drop_obj(ctx, stub);
        fz_rethrow(ctx);
    }
    return stub;
}

static bool is_image(fz_context *ctx, pdf_obj *o)
{
    return pdf_name_eq(ctx, pdf_dict_get(ctx, o, PDF_NAME(Subtype)), PDF_NAME(Image));
}

/* The forms and images that contents may name, images as stubs. */
static void put_objects(fz_context *ctx, struct runner *r, pdf_obj *to, pdf_obj *objects)
{
    int n = pdf_dict_len(ctx, objects);
    pdf_obj *copy = pdf_dict_put_dict(ctx, to, PDF_NAME(XObject), n);
    for (int i = 0; i < n; i++) {
        pdf_obj *key = pdf_dict_get_key(ctx, objects, i);
        pdf_obj *o = pdf_dict_get_val(ctx, objects, i);
        if (is_image(ctx, o))
            pdf_dict_put_drop(ctx, copy, key, stub_of(ctx, r, o));
        else
            pdf_dict_put(ctx, copy, key, o);
    }
}

/* Resources to run contents with; the caller drops them. */
static pdf_obj *prepare(fz_context *ctx, struct runner *r, pdf_obj *resources)
{
    pdf_obj *objects = pdf_dict_get(ctx, resources, PDF_NAME(XObject));
    int n = pdf_dict_len(ctx, resources);
    pdf_font_prepare(ctx, r->doc, r->fonts, resources);
    if (!pdf_is_dict(ctx, objects))
        return pdf_keep_obj(ctx, resources);
    pdf_obj *copy = pdf_new_dict(ctx, r->doc, n);
    fz_try(ctx) {
        for (int i = 0; i < n; i++)
            pdf_dict_put(ctx, copy, pdf_dict_get_key(ctx, resources, i),
                         pdf_dict_get_val(ctx, resources, i));
        put_objects(ctx, r, copy, objects);
    }
    fz_catch(ctx) {
        pdf_drop_obj(ctx, copy);
        fz_rethrow(ctx);
    }
    return copy;
}

/* ---- forms and images */

static void add_area(struct runner *r)
{
    fz_rect box = fz_transform_rect(fz_unit_rect, r->now->ctm);
    double w = (double)(box.x1 - box.x0), h = (double)(box.y1 - box.y0);
    if (r->super.hidden == 0 && isfinite(w) && isfinite(h))
        r->told->images += fmin(w, r->longest) * fmin(h, r->longest);
}

static void do_inline(fz_context *ctx, pdf_processor *proc, fz_image *image,
                      const char *space)
{
    (void)ctx, (void)image, (void)space;
    add_area(runner_of(proc));
}

static void run_form(fz_context *ctx, struct runner *r, pdf_obj *form,
                     pdf_obj *page_resources)
{
    pdf_cycle_list here, *before = r->cycle;
    pdf_obj *outer = r->resources, *inner = pdf_xobject_resources(ctx, form), *own = NULL;
    struct state *at = r->now;
    fz_matrix tm = r->tm, tlm = r->tlm;
    if (r->forms >= MOST_FORMS || pdf_cycle(ctx, &here, before, form))
        return;
    r->forms++;
    r->cycle = &here;
    fz_var(own);
    fz_try(ctx) {
        own = inner ? prepare(ctx, r, inner) : pdf_keep_obj(ctx, page_resources);
        r->resources = own;
        fz_matrix m = pdf_xobject_matrix(ctx, form);
        save(ctx, &r->super);
        r->now->ctm = fz_concat(m, r->now->ctm);
        pdf_process_contents(ctx, &r->super, r->doc, r->resources, form, NULL);
        restore(ctx, &r->super);
    }
    fz_always(ctx) {
        r->forms--;
        r->cycle = before;
        r->resources = outer;
        pdf_drop_obj(ctx, own);
        r->now = at;
        r->tm = tm;
        r->tlm = tlm;
    }
    fz_catch(ctx)
        fz_rethrow(ctx);
}

static void do_form(fz_context *ctx, pdf_processor *proc, const char *name, pdf_obj *form,
                    pdf_obj *page_resources)
{
    struct runner *r = runner_of(proc);
    (void)name;
    if (pdf_dict_get(ctx, form, PDF_NAME(Image)) == PDF_TRUE && !pdf_is_stream(ctx, form))
        add_area(r);
    else if (r->super.hidden == 0)
        run_form(ctx, r, form, page_resources);
}

/* ---- runs */

static void drop_runner(fz_context *ctx, pdf_processor *proc)
{
    struct runner *r = runner_of(proc);
    for (size_t i = 0; i < r->n_faces; i++)
        drop_face(ctx, &r->faces[i]);
    fz_free(ctx, r->actual.chars);
    pdf_drop_obj(ctx, r->own);
    fz_free(ctx, r->states);
}

static void set_calls(pdf_processor *p)
{
    p->op_q = save;
    p->op_Q = restore;
    p->op_cm = concat;
    p->op_gs_begin = begin_gs;
    p->op_gs_end = end_gs;
    p->op_BT = begin_text;
    p->op_Tc = set_char_space;
    p->op_Tw = set_word_space;
    p->op_Tz = set_scale;
    p->op_TL = set_leading;
    p->op_Tf = set_font;
    p->op_Ts = set_rise;
    p->op_Td = move_by;
    p->op_TD = move_leading;
    p->op_Tm = set_matrix;
    p->op_Tstar = next_line;
    p->op_TJ = show_array;
    p->op_Tj = show;
    p->op_squote = show_below;
    p->op_dquote = show_spaced;
    p->op_BMC = begin_marked;
    p->op_BDC = begin_described;
    p->op_EMC = end_marked;
    p->op_Do_form = do_form;
    p->op_BI = do_inline;
}

static struct runner *new_runner(fz_context *ctx, pdf_document *doc, struct pdf_fonts *fonts,
                                 pdf_obj *page, fz_matrix ctm)
{
    struct runner *r = pdf_new_processor(ctx, sizeof *r);
    r->super.drop_processor = drop_runner;
    r->super.usage = "View";
    set_calls(&r->super);
    r->doc = doc;
    r->fonts = fonts;
    fz_try(ctx) {
        pdf_obj *resources = pdf_dict_get_inheritable(ctx, page, PDF_NAME(Resources));
        r->states = fz_malloc_array(ctx, MOST_STATES, struct state);
        r->resources = r->own = prepare(ctx, r, resources);
    }
    fz_catch(ctx) {
        pdf_drop_processor(ctx, &r->super);
        fz_rethrow(ctx);
    }
    r->now = r->states;
    *r->now = (struct state){.ctm = ctm, .scale = 1};
    r->tm = r->tlm = fz_identity;
    return r;
}

void pdf_text_run(fz_context *ctx, pdf_document *doc, struct pdf_fonts *fonts, pdf_obj *page,
                  fz_matrix ctm, struct pdf_words *words, struct pdf_told *told)
{
    struct runner *r = new_runner(ctx, doc, fonts, page, ctm);
    r->words = words;
    r->told = told;
    r->longest = (double)fmaxf(words->page->width, words->page->height);
    fz_try(ctx) {
        pdf_process_contents(ctx, &r->super, doc, r->resources,
                             pdf_dict_get(ctx, page, PDF_NAME(Contents)), NULL);
        pdf_close_processor(ctx, &r->super);
    }
    fz_always(ctx)
        pdf_drop_processor(ctx, &r->super);
    fz_catch(ctx)
        fz_rethrow_if(ctx, FZ_ERROR_MEMORY); /* else what it told before counts */
}

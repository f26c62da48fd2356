/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * typeset SOURCEDIR OUTDIR [ACTS.jsonl]
 *
 * Turns the sample acts (*.act, the markup is described in corpora/README.md) into
 * PDF files that look like what town halls publish: margin columns, stamps, running
 * headers, a scanned page. Each file is laid out twice, because "page 2 / 9" needs the
 * number of pages. With a third argument it also writes the acts of every file (number,
 * subject, pages, votes, references), which is the ground truth for segmentation.
 * The same sources give the same bytes: the PDF's date is the one written in the source.
 *
 * It is a build tool: it stands alone and stops at the first error.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <cairo.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <pango/pangocairo.h>

#define MM (72.0 / 25.4)
#define PAGE_W (210 * MM)
#define PAGE_H (297 * MM)
#define SCAN_DPI 200.0
#define MAX_COLUMNS 8

/* One block of a source: "@kind text", a list item, a table row or a paragraph. */
struct block {
    char *kind;
    char *text;
    int line;
};

/* What is true of one act; "field" is indexed by enum field, NULL = not stated. */
enum field { KIND, NUMBER, SUBJECT, SESSION, RECEIVED, RECEIPT, VOTES, REFS, FIELDS };
static const char *const field_names[FIELDS] = {
    "acte", "numero", "objet", "seance", "recu", "accuse", "votes", "refs",
};

struct act {
    char *field[FIELDS];
    char *start;
    int first, last;
};

struct doc {
    char *path;
    char *name; // path of the PDF below OUTDIR
    GHashTable *set;
    GPtrArray *blocks;
};

/* State of one layout pass. */
struct out {
    const struct doc *d;
    cairo_surface_t *pdf;
    cairo_t *paper; // draws on the PDF itself
    cairo_t *cr;    // where text goes: the PDF, or the image of a scanned page
    cairo_surface_t *image;
    bool scan;
    int page, pages;
    const char *font;
    double size, left, right, bottom, y;
    bool columns, row_lines;
    double column_top, y_left, y_right;
    int ncol;
    double col_width[MAX_COLUMNS];
    char col_align[MAX_COLUMNS];
    const char *stamp;
    GPtrArray *acts;
    struct act *act;
    bool act_seen; // the open act has put ink on a page
    char before;   // first letter of the kind of the last printed block
};

/* Look of a block; sizes are relative to the body, distances in mm. */
struct style {
    const char *kind;
    double size;
    bool bold;
    char align; // j c g d
    double before, after, indent, hang;
    bool keep; // stay with what follows
    bool box;
};

static const struct style styles[] = {
    {"texte", 1.0, false, 'j', 0, 2.2, 0, 0, false, false},
    {"suite", 1.0, false, 'g', 0, 0.4, 0, 0, false, false},
    {"centre", 1.0, false, 'c', 0, 1.0, 0, 0, false, false},
    {"grand", 1.35, true, 'c', 1, 2.5, 0, 0, true, false},
    {"droit", 1.0, false, 'd', 0, 1.5, 0, 0, false, false},
    {"titre", 1.15, true, 'c', 4, 4.5, 0, 0, true, false},
    {"cadre", 1.1, true, 'c', 4, 5, 0, 0, true, true},
    {"point", 1.0, true, 'g', 5, 2.2, 0, 0, true, false},
    {"rubrique", 1.1, true, 'g', 6, 2, 0, 0, true, false},
    {"vu", 1.0, false, 'j', 0, 1.4, 0, 0, false, false},
    {"considerant", 1.0, false, 'j', 0, 1.4, 0, 0, false, false},
    {"decide", 1.0, true, 'g', 2, 2.2, 0, 0, true, false},
    {"article", 1.0, false, 'j', 0, 2.2, 0, 0, false, false},
    {"vote", 1.0, true, 'g', 1, 2.5, 0, 0, false, false},
    {"debat", 1.0, false, 'j', 0, 2.0, 8, 0, false, false},
    {"-", 1.0, false, 'j', 0, 1.0, 6, 4, false, false},
    {"petit", 0.78, false, 'j', 1, 1.2, 0, 0, false, false},
    {"gauche", 0.95, true, 'g', 0, 3.0, 0, 0, false, false},
    {"droite", 0.86, false, 'g', 0, 1.5, 0, 0, false, false},
};

G_GNUC_NORETURN G_GNUC_PRINTF(3, 4) static void
fail(const char *path, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (line)
        fprintf(stderr, "typeset: %s:%d: %s\n", path, line, text);
    else
        fprintf(stderr, "typeset: %s: %s\n", path, text);
    exit(1);
}

/* ---- reading a source */

static void add_block(struct doc *d, char *kind, char *text, int line)
{
    struct block *b = g_new0(struct block, 1);
    b->kind = kind;
    b->text = text;
    b->line = line;
    g_ptr_array_add(d->blocks, b);
}

static bool is_setting(const char *kind)
{
    static const char *const names[] = {"forme", "police", "corps", "date", "entete", "pied",
                                        "rotation", "marge", "fichier", NULL};
    return g_strv_contains(names, kind);
}

/* Appends a continuation line to the last block; a final backslash is a line break. */
static void continue_block(struct block *b, const char *line)
{
    size_t n = strlen(b->text);
    bool broken = n && b->text[n - 1] == '\\';
    if (broken)
        b->text[n - 1] = '\0';
    char *joined = g_strconcat(b->text, broken ? "\n" : n ? " " : "", line, NULL);
    g_free(b->text);
    b->text = joined;
}

static struct block *parse_line(struct doc *d, char *line, int number, struct block *open)
{
    if (line[0] == '#')
        return open;
    if (line[0] == '\0')
        return NULL;
    if (line[0] == '@') {
        size_t n = strcspn(line + 1, " ");
        char *kind = g_strndup(line + 1, n);
        add_block(d, kind, g_strstrip(g_strdup(line + 1 + n)), number);
    } else if (g_str_has_prefix(line, "- ")) {
        add_block(d, g_strdup("-"), g_strdup(line + 2), number);
    } else if (line[0] == '|') {
        add_block(d, g_strdup(line[1] == '!' ? "|!" : "|"),
                  g_strstrip(g_strdup(line + (line[1] == '!' ? 2 : 1))), number);
        return NULL;
    } else if (open) {
        continue_block(open, line);
        return open;
    } else {
        add_block(d, g_strdup("texte"), g_strdup(line), number);
    }
    return d->blocks->pdata[d->blocks->len - 1];
}

static struct doc *read_source(const char *path, const char *below)
{
    char *text;
    GError *error = NULL;
    if (!g_file_get_contents(path, &text, NULL, &error))
        fail(path, 0, "%s", error->message);
    if (!g_utf8_validate(text, -1, NULL))
        fail(path, 0, "not UTF-8");
    struct doc *d = g_new0(struct doc, 1);
    d->path = g_strdup(path);
    d->name = g_strdup_printf("%.*s.pdf", (int)(strlen(below) - strlen(".act")), below);
    d->set = g_hash_table_new(g_str_hash, g_str_equal);
    d->blocks = g_ptr_array_new();
    char **lines = g_strsplit(text, "\n", -1);
    struct block *open = NULL;
    for (int i = 0; lines[i]; i++)
        open = parse_line(d, g_strchomp(lines[i]), i + 1, open);
    for (guint i = 0; i < d->blocks->len; i++) {
        struct block *b = d->blocks->pdata[i];
        if (is_setting(b->kind))
            g_hash_table_insert(d->set, b->kind, b->text);
    }
    const char *name = g_hash_table_lookup(d->set, "fichier");
    if (name) {
        char *dir = g_path_get_dirname(below);
        d->name = g_build_filename(dir, name, NULL);
        g_free(dir);
    }
    g_strfreev(lines);
    g_free(text);
    return d;
}

static const char *setting(const struct doc *d, const char *key, const char *otherwise)
{
    const char *value = g_hash_table_lookup(d->set, key);
    return value ? value : otherwise;
}

/* ---- text */

/* {page} {pages} {numero} {objet} in a text become what they stand for. */
static char *fill_in(const struct out *o, const char *text)
{
    GString *s = g_string_new(text);
    char *page = g_strdup_printf("%d", o->page);
    char *pages = g_strdup_printf("%d", o->pages);
    g_string_replace(s, "{page}", page, 0);
    g_string_replace(s, "{pages}", pages, 0);
    if (o->act && o->act->field[NUMBER])
        g_string_replace(s, "{numero}", o->act->field[NUMBER], 0);
    if (o->act && o->act->field[SUBJECT])
        g_string_replace(s, "{objet}", o->act->field[SUBJECT], 0);
    g_free(page);
    g_free(pages);
    return g_string_free(s, FALSE);
}

/* Turns **bold** and ''italic'' into Pango markup; guillemets keep their inner blank. */
static char *to_markup(const char *text)
{
    GString *plain = g_string_new(text);
    g_string_replace(plain, "« ", "«\u00a0", 0);
    g_string_replace(plain, " »", "\u00a0»", 0);
    char *safe = g_markup_escape_text(plain->str, -1);
    g_string_free(plain, TRUE);
    GString *s = g_string_new(NULL);
    bool bold = false, italic = false;
    for (const char *p = safe; *p;) {
        if (g_str_has_prefix(p, "**")) {
            g_string_append(s, bold ? "</b>" : "<b>");
            bold = !bold;
            p += 2;
        } else if (g_str_has_prefix(p, "&#39;&#39;")) {
            g_string_append(s, italic ? "</i>" : "<i>");
            italic = !italic;
            p += strlen("&#39;&#39;");
        } else {
            g_string_append_c(s, *p++);
        }
    }
    g_free(safe);
    return g_string_free(s, FALSE);
}

static PangoLayout *make_layout(cairo_t *cr, const char *font, double size, bool bold,
                                char align, double width, const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(cr);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pango_layout_get_context(layout), options);
    pango_cairo_context_set_resolution(pango_layout_get_context(layout), 72);
    pango_layout_context_changed(layout);
    PangoFontDescription *face = pango_font_description_from_string(font);
    pango_font_description_set_absolute_size(face, size * PANGO_SCALE);
    if (bold)
        pango_font_description_set_weight(face, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, face);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_justify(layout, align == 'j');
    pango_layout_set_alignment(layout, align == 'c'   ? PANGO_ALIGN_CENTER
                                       : align == 'd' ? PANGO_ALIGN_RIGHT
                                                      : PANGO_ALIGN_LEFT);
    char *markup = to_markup(text);
    pango_layout_set_markup(layout, markup, -1);
    g_free(markup);
    pango_font_description_free(face);
    cairo_font_options_destroy(options);
    return layout;
}

static double layout_height(PangoLayout *layout)
{
    int height;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

/* Draws a short text at a fixed place and returns the y below it. */
static double draw_at(cairo_t *cr, const char *font, double size, bool bold, char align,
                      double x, double y, double width, const char *text)
{
    PangoLayout *layout = make_layout(cr, font, size, bold, align, width, text);
    cairo_move_to(cr, x, y);
    pango_cairo_show_layout(cr, layout);
    y += layout_height(layout);
    g_object_unref(layout);
    return y;
}

static void rule(cairo_t *cr, double x0, double y0, double x1, double y1, double width)
{
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
}

/* ---- pages */

/* The receipt of the préfecture: real text in a box, top right of the page. */
static void draw_stamp(struct out *o)
{
    char **part = g_strsplit(o->stamp, "|", -1);
    guint n = g_strv_length(part);
    for (guint i = 0; i < n; i++)
        g_strstrip(part[i]);
    cairo_t *cr = o->paper;
    double w = 66 * MM, x = PAGE_W - w - 12 * MM, y = 9 * MM, top = y;
    char *text = NULL;
    if (n == 3)
        text = g_strdup_printf("Accusé de réception – Ministère de l'intérieur\n%s\n"
                               "Acte certifié exécutoire\nEnvoi Préfecture : %s\n"
                               "Réception Préfecture : %s",
                               part[0], part[1], part[2]);
    else if (n == 4)
        text = g_strdup_printf("Envoyé en préfecture le %s\nReçu en préfecture le %s\n"
                               "Publié le %s\nID : %s",
                               part[1], part[2], part[3], part[0]);
    else
        fail(o->d->path, 0, "a stamp has 3 or 4 parts: %s", o->stamp);
    cairo_set_source_rgb(cr, 0.10, 0.18, 0.45);
    y = draw_at(cr, "Liberation Sans", 7.6, false, 'g', x + 5, y + 3, w - 10, text);
    cairo_set_line_width(cr, 0.7);
    cairo_rectangle(cr, x, top, w, y + 3 - top);
    cairo_stroke(cr);
    cairo_set_source_rgb(cr, 0, 0, 0);
    g_free(text);
    g_strfreev(part);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Grey paper, dust and a dark edge: what a tired office scanner adds. */
static void add_noise(cairo_surface_t *image, uint32_t seed)
{
    cairo_surface_flush(image);
    int w = cairo_image_surface_get_width(image);
    int h = cairo_image_surface_get_height(image);
    int stride = cairo_image_surface_get_stride(image);
    unsigned char *data = cairo_image_surface_get_data(image);
    for (int y = 0; y < h; y++) {
        uint32_t *row = (uint32_t *)(void *)(data + (size_t)y * (size_t)stride);
        for (int x = 0; x < w; x++) {
            int v = (int)(row[x] & 0xff);
            uint32_t r = next_random(&seed);
            v = v * 226 / 255 + 12 + (int)(r & 3) * 4;
            if (r % 4001 == 0)
                v -= 90;
            if (x < 14 + y / 160)
                v = v / 4;
            v = CLAMP(v, 0, 255) & ~3;
            row[x] = (uint32_t)v << 16 | (uint32_t)v << 8 | (uint32_t)v;
        }
    }
    cairo_surface_mark_dirty(image);
}

static void open_image(struct out *o)
{
    double scale = SCAN_DPI / 72, angle = g_ascii_strtod(setting(o->d, "rotation", "0.5"), NULL);
    o->image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(PAGE_W * scale),
                                          (int)(PAGE_H * scale));
    o->cr = cairo_create(o->image);
    cairo_set_source_rgb(o->cr, 1, 1, 1);
    cairo_paint(o->cr);
    cairo_set_source_rgb(o->cr, 0.12, 0.12, 0.12);
    cairo_scale(o->cr, scale, scale);
    cairo_translate(o->cr, PAGE_W / 2, PAGE_H / 2);
    cairo_rotate(o->cr, angle * G_PI / 180);
    cairo_translate(o->cr, -PAGE_W / 2, -PAGE_H / 2);
}

static void close_image(struct out *o)
{
    cairo_destroy(o->cr);
    add_noise(o->image, 2022u + (uint32_t)o->page);
    cairo_save(o->paper);
    cairo_scale(o->paper, 72 / SCAN_DPI, 72 / SCAN_DPI);
    cairo_set_source_surface(o->paper, o->image, 0, 0);
    cairo_paint(o->paper);
    cairo_restore(o->paper);
    cairo_set_source_rgb(o->paper, 0, 0, 0);
    cairo_surface_destroy(o->image);
    o->image = NULL;
    o->cr = o->paper;
}

static void end_page(struct out *o)
{
    if (!o->page)
        return;
    if (o->scan)
        close_image(o);
    if (o->stamp)
        draw_stamp(o);
    // the older stamp is printed on the first page only
    if (o->stamp && g_strrstr(o->stamp, "|") == strchr(strchr(o->stamp, '|') + 1, '|'))
        o->stamp = NULL;
    cairo_show_page(o->paper);
}

static void begin_page(struct out *o)
{
    end_page(o);
    o->page++;
    if (o->scan)
        open_image(o);
    const char *head = setting(o->d, "entete", NULL);
    const char *foot = setting(o->d, "pied", NULL);
    double width = o->right - o->left;
    o->y = 18 * MM;
    o->bottom = PAGE_H - (foot ? 24 : 18) * MM;
    if (head && o->page > 1) {
        char *text = fill_in(o, head);
        draw_at(o->cr, o->font, o->size * 0.82, false, 'g', o->left, 11 * MM, width, text);
        rule(o->cr, o->left, 16.5 * MM, o->right, 16.5 * MM, 0.4);
        g_free(text);
        o->y = 22 * MM;
    }
    if (foot) {
        char *text = fill_in(o, foot);
        draw_at(o->cr, o->font, o->size * 0.82, false, 'd', o->left, PAGE_H - 17 * MM, width, text);
        g_free(text);
    }
    if (o->stamp)
        o->y = MAX(o->y, 32 * MM);
}

/* Goes to a new page if "height" does not fit any more. */
static void need(struct out *o, double height)
{
    if (!o->columns && o->y + height > o->bottom)
        begin_page(o);
}

/* Remembers that the open act has something on this page. */
static void mark_act(struct out *o)
{
    if (!o->act)
        return;
    if (!o->act_seen)
        o->act->first = o->page;
    o->act_seen = true;
    o->act->last = o->page;
}

/* ---- blocks */

static const struct style *find_style(const char *kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(styles); i++)
        if (!g_ascii_strcasecmp(styles[i].kind, kind))
            return &styles[i];
    return NULL;
}

/* Draws a layout line by line from o->y on, with page breaks where needed. */
static void flow(struct out *o, PangoLayout *layout, double x)
{
    PangoLayoutIter *it = pango_layout_get_iter(layout);
    int count = pango_layout_get_line_count(layout), k = 0;
    do {
        PangoRectangle box;
        int y0, y1;
        pango_layout_iter_get_line_extents(it, NULL, &box);
        pango_layout_iter_get_line_yrange(it, &y0, &y1);
        double h = (double)(y1 - y0) / PANGO_SCALE;
        // no single line of a longer paragraph at the foot of a page
        need(o, k == 0 && count > 1 ? 2 * h : h);
        mark_act(o);
        double ascent = (double)(pango_layout_iter_get_baseline(it) - y0) / PANGO_SCALE;
        cairo_move_to(o->cr, x + (double)box.x / PANGO_SCALE, o->y + ascent);
        pango_cairo_show_layout_line(o->cr, pango_layout_iter_get_line_readonly(it));
        o->y += h * 1.04;
        k++;
    } while (pango_layout_iter_next_line(it));
    pango_layout_iter_free(it);
}

static void draw_text(struct out *o, const struct style *s, const char *text, const char *sign)
{
    double x = o->left + s->indent * MM, width = o->right - x;
    if (!strcmp(s->kind, "gauche"))
        width = 46 * MM;
    if (!strcmp(s->kind, "droite")) {
        x = o->left + 53 * MM;
        width = o->right - x;
    }
    o->y += s->before * MM;
    if (s->keep)
        need(o, o->size * (s->size + 4));
    double inner = s->box ? 5 * MM : 0;
    PangoLayout *layout = make_layout(o->cr, o->font, o->size * s->size, s->bold, s->align,
                                      width - 2 * inner - s->hang * MM, text);
    if (s->box) {
        double h = layout_height(layout);
        need(o, h + 6 * MM);
        cairo_set_line_width(o->cr, 0.8);
        cairo_rectangle(o->cr, x, o->y - 2 * MM, width, h + 4.6 * MM);
        cairo_stroke(o->cr);
    }
    if (sign) {
        need(o, MIN(layout_height(layout), 2 * o->size * 1.3));
        draw_at(o->cr, o->font, o->size * s->size, false, 'g', x, o->y, s->hang * MM, sign);
    }
    flow(o, layout, x + inner + s->hang * MM);
    o->y += (s->after + (s->box ? 2 : 0)) * MM;
    g_object_unref(layout);
}

/* Left margin column and its neighbour: two cursors that meet at @filet. */
static void draw_column(struct out *o, const struct style *s, const char *text)
{
    if (!o->columns) {
        o->columns = true;
        o->column_top = o->y_left = o->y_right = o->y;
    }
    bool left = !strcmp(s->kind, "gauche");
    o->y = left ? o->y_left : o->y_right;
    draw_text(o, s, text, NULL);
    *(left ? &o->y_left : &o->y_right) = o->y;
}

static void draw_filet(struct out *o)
{
    if (o->columns) {
        o->y = MAX(o->y_left, o->y_right);
        rule(o->cr, o->left + 49.5 * MM, o->column_top, o->left + 49.5 * MM, o->y, 0.6);
        o->columns = false;
        o->y += 2 * MM;
    }
    rule(o->cr, o->left, o->y, o->right, o->y, 0.6);
    o->y += 2.5 * MM;
}

/* The town's arms, invented: a lime leaf over a river, on a shield. */
static void draw_arms(struct out *o)
{
    cairo_t *cr = o->cr;
    cairo_save(cr);
    cairo_translate(cr, o->left, o->page == 1 ? 12 * MM : o->y);
    cairo_scale(cr, MM, MM);
    cairo_move_to(cr, 0, 0);
    cairo_line_to(cr, 15, 0);
    cairo_line_to(cr, 15, 10);
    cairo_curve_to(cr, 15, 15, 10, 17, 7.5, 19);
    cairo_curve_to(cr, 5, 17, 0, 15, 0, 10);
    cairo_close_path(cr);
    cairo_set_source_rgb(cr, 0.86, 0.92, 0.84);
    cairo_fill_preserve(cr);
    cairo_set_source_rgb(cr, 0.15, 0.32, 0.18);
    cairo_set_line_width(cr, 0.5);
    cairo_stroke(cr);
    cairo_move_to(cr, 7.5, 2);
    cairo_curve_to(cr, 12.5, 3, 12.5, 9, 7.5, 10.5);
    cairo_curve_to(cr, 2.5, 9, 2.5, 3, 7.5, 2);
    cairo_fill(cr);
    rule(cr, 7.5, 10, 7.5, 12.8, 0.6);
    cairo_set_source_rgb(cr, 0.20, 0.40, 0.66);
    cairo_move_to(cr, 2, 14);
    cairo_curve_to(cr, 5, 12.5, 6, 15.5, 8, 14);
    cairo_curve_to(cr, 10, 12.5, 11, 15, 13, 13.8);
    cairo_set_line_width(cr, 0.9);
    cairo_stroke(cr);
    cairo_restore(cr);
    cairo_set_source_rgb(cr, 0, 0, 0);
}

/* "@colonnes 50g 25d 25c [lignes]": widths in per cent with their alignment. */
static void set_columns(struct out *o, const struct block *b)
{
    char **word = g_strsplit(b->text, " ", -1);
    o->ncol = 0;
    o->row_lines = false;
    for (int i = 0; word[i]; i++) {
        char *end;
        double percent = g_ascii_strtod(word[i], &end);
        if (!strcmp(word[i], "lignes")) {
            o->row_lines = true;
        } else if (percent <= 0 || !*end || o->ncol == MAX_COLUMNS) {
            fail(o->d->path, b->line, "bad column '%s'", word[i]);
        } else {
            o->col_width[o->ncol] = percent / 100 * (o->right - o->left);
            o->col_align[o->ncol++] = *end;
        }
    }
    g_strfreev(word);
}

static void draw_row(struct out *o, const struct block *b, const char *text)
{
    char **cell = g_strsplit(text, "|", -1);
    int n = (int)g_strv_length(cell);
    if (n != o->ncol)
        fail(o->d->path, b->line, "%d cells in a table of %d columns", n, o->ncol);
    bool head = b->kind[1] == '!';
    PangoLayout *layout[MAX_COLUMNS];
    double height = 0, x = o->left;
    for (int i = 0; i < n; i++) {
        layout[i] = make_layout(o->cr, o->font, o->size * 0.95, head,
                                head && i ? 'c' : o->col_align[i], o->col_width[i] - 8,
                                g_strstrip(cell[i]));
        height = MAX(height, layout_height(layout[i]));
    }
    need(o, head ? 3 * height : height + 3);
    mark_act(o);
    for (int i = 0; i < n; i++) {
        cairo_move_to(o->cr, x + 4, o->y + 1.5);
        pango_cairo_show_layout(o->cr, layout[i]);
        if (o->row_lines) {
            cairo_set_line_width(o->cr, 0.4);
            cairo_rectangle(o->cr, x, o->y, o->col_width[i], height + 3);
            cairo_stroke(o->cr);
        }
        x += o->col_width[i];
        g_object_unref(layout[i]);
    }
    o->y += height + 3;
    g_strfreev(cell);
}

/* "@signature A" (right half) or "@signature A | B" (two halves), kept together. */
static void draw_signature(struct out *o, const char *text)
{
    char **part = g_strsplit(text, "|", 2);
    double half = (o->right - o->left) / 2, y = 0;
    PangoLayout *probe = make_layout(o->cr, o->font, o->size, false, 'c', half, text);
    o->y += 4 * MM;
    need(o, layout_height(probe) + 12 * MM);
    mark_act(o);
    g_object_unref(probe);
    bool two = part[1] != NULL;
    for (int i = 0; part[i]; i++) {
        double x = two && i == 0 ? o->left : o->left + half;
        double below = draw_at(o->cr, o->font, o->size, false, 'c', x, o->y, half,
                               g_strstrip(part[i]));
        y = MAX(y, below);
    }
    o->y = y + 10 * MM;
    g_strfreev(part);
}

/* ---- acts */

static void act_field(struct out *o, enum field f, const struct block *b)
{
    if (f == KIND) {
        o->act = g_new0(struct act, 1);
        o->act_seen = false;
        g_ptr_array_add(o->acts, o->act);
    }
    if (!o->act)
        fail(o->d->path, b->line, "@%s outside an act", b->kind);
    o->act->field[f] = *b->text ? b->text : NULL;
}

/* The heading's first eight words say where the act starts. */
static void act_heading(struct out *o, const char *text)
{
    if (!o->act || o->act->start)
        return;
    char **word = g_strsplit_set(text, " \n", -1);
    GString *s = g_string_new(NULL);
    for (int i = 0, n = 0; word[i] && n < 8; i++) {
        if (!word[i][0])
            continue;
        g_string_append_printf(s, "%s%s", n ? " " : "", word[i]);
        n++;
    }
    o->act->start = g_string_free(s, FALSE);
    g_strfreev(word);
}

static bool act_directive(struct out *o, const struct block *b)
{
    if (!strcmp(b->kind, "fin")) {
        o->act = NULL;
        return true;
    }
    for (int f = 0; f < FIELDS; f++) {
        if (!strcmp(b->kind, field_names[f])) {
            act_field(o, (enum field)f, b);
            return true;
        }
    }
    return false;
}

/* ---- one file */

static bool layout_directive(struct out *o, const struct block *b)
{
    if (!strcmp(b->kind, "blason"))
        draw_arms(o);
    else if (!strcmp(b->kind, "filet"))
        draw_filet(o);
    else if (!strcmp(b->kind, "espace"))
        o->y += g_ascii_strtod(b->text, NULL) * MM;
    else if (!strcmp(b->kind, "page"))
        begin_page(o);
    else if (!strcmp(b->kind, "colonnes"))
        set_columns(o, b);
    else
        return false;
    return true;
}

/* "@article 1 | text" */
static char *article_text(const struct out *o, const struct block *b, const char *text)
{
    char **part = g_strsplit(text, "|", 2);
    if (!part[0] || !part[1])
        fail(o->d->path, b->line, "an article is written 'number | text'");
    char *full = g_strdup_printf("**Article %s** : %s", g_strstrip(part[0]), g_strstrip(part[1]));
    g_strfreev(part);
    return full;
}

static void draw_prose(struct out *o, const struct block *b, char *text)
{
    const struct style *s = find_style(b->kind);
    if (!s)
        fail(o->d->path, b->line, "unknown block '@%s'", b->kind);
    if (!strcmp(s->kind, "titre") || !strcmp(s->kind, "point"))
        act_heading(o, text);
    bool upper = g_ascii_isupper(b->kind[0]) && g_ascii_isupper(b->kind[1]);
    char *full = NULL;
    if (!strcmp(s->kind, "vu"))
        full = g_strdup_printf("%s %s", upper ? "VU" : "Vu", text);
    else if (!strcmp(s->kind, "considerant"))
        full = g_strdup_printf("%s %s", upper ? "CONSIDÉRANT" : "Considérant", text);
    else if (!strcmp(s->kind, "article"))
        full = article_text(o, b, text);
    if (!strcmp(s->kind, "gauche") || !strcmp(s->kind, "droite"))
        draw_column(o, s, text);
    else
        draw_text(o, s, full ? full : text, s->hang > 0 ? "–" : NULL);
    g_free(full);
}

static void draw_block(struct out *o, const struct block *b)
{
    if (is_setting(b->kind) || !strcmp(b->kind, "tampon") || act_directive(o, b))
        return;
    bool row = b->kind[0] == '|';
    if (o->before == '|' && !row)
        o->y += 2.5 * MM;
    if (o->before == '-' && b->kind[0] != '-')
        o->y += 1.2 * MM;
    o->before = b->kind[0];
    if (layout_directive(o, b))
        return;
    char *text = fill_in(o, b->text);
    if (row)
        draw_row(o, b, text);
    else if (!strcmp(b->kind, "signature"))
        draw_signature(o, text);
    else
        draw_prose(o, b, text);
    g_free(text);
}

static void check_surface(const struct out *o)
{
    cairo_status_t a = cairo_surface_status(o->pdf), b = cairo_status(o->paper);
    if (a || b)
        fail(o->d->path, 0, "%s", cairo_status_to_string(a ? a : b));
}

/* Lays the file out; path NULL only counts. Returns the number of pages. */
static int layout_pass(const struct doc *d, const char *path, int pages, GPtrArray *acts)
{
    struct out o = {.d = d, .pages = pages, .acts = acts};
    o.pdf = cairo_pdf_surface_create(path, PAGE_W, PAGE_H);
    char *date = g_strconcat(setting(d, "date", "2017-01-01"), "T10:00:00Z", NULL);
    cairo_pdf_surface_set_metadata(o.pdf, CAIRO_PDF_METADATA_CREATE_DATE, date);
    o.paper = o.cr = cairo_create(o.pdf);
    o.scan = !strcmp(setting(d, "forme", "simple"), "numerise");
    o.font = setting(d, "police", "Liberation Serif");
    o.size = g_ascii_strtod(setting(d, "corps", "11"), NULL);
    o.left = g_ascii_strtod(setting(d, "marge", "22"), NULL) * MM;
    o.right = PAGE_W - o.left;
    for (guint i = 0; i < d->blocks->len && !o.stamp; i++) {
        const struct block *b = d->blocks->pdata[i];
        if (!strcmp(b->kind, "tampon"))
            o.stamp = b->text;
    }
    begin_page(&o);
    for (guint i = 0; i < d->blocks->len; i++)
        draw_block(&o, d->blocks->pdata[i]);
    end_page(&o);
    cairo_surface_finish(o.pdf);
    check_surface(&o);
    cairo_destroy(o.paper);
    cairo_surface_destroy(o.pdf);
    g_free(date);
    return o.page;
}

/* ---- the acts as JSON Lines */

static void put_string(FILE *f, const char *key, const char *value)
{
    fprintf(f, ", \"%s\": ", key);
    if (!value) {
        fputs("null", f);
        return;
    }
    fputc('"', f);
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\')
            fputc('\\', f);
        fputc(*p == '\n' ? ' ' : *p, f);
    }
    fputc('"', f);
}

static void put_votes(FILE *f, const char *votes)
{
    static const char *const names[] = {"pour", "contre", "abstention", "unanime"};
    char **word = g_strsplit(votes ? votes : "", " ", -1);
    fputs(", \"votes\": {", f);
    for (int i = 0; i < 4; i++) {
        const char *value = "null";
        size_t n = strlen(names[i]);
        for (int k = 0; word[k]; k++)
            if (g_str_has_prefix(word[k], names[i]) && word[k][n] == '=')
                value = word[k] + n + 1;
        if (i == 3)
            value = !strcmp(value, "oui") ? "true" : !strcmp(value, "non") ? "false" : "null";
        fprintf(f, "%s\"%s\": %s", i ? ", " : "", i == 3 ? "unanimous" : names[i], value);
    }
    fputc('}', f);
    g_strfreev(word);
}

static void put_refs(FILE *f, const char *refs)
{
    char **item = g_strsplit(refs ? refs : "", ";", -1);
    fputs(", \"legal_refs\": [", f);
    for (int i = 0; item[i]; i++)
        if (*g_strstrip(item[i]))
            fprintf(f, "%s\"%s\"", i ? ", " : "", item[i]);
    fputs("]}\n", f);
    g_strfreev(item);
}

static void put_acts(FILE *f, const struct doc *d, const GPtrArray *acts)
{
    for (guint i = 0; i < acts->len; i++) {
        const struct act *a = acts->pdata[i];
        if (!a->field[SUBJECT] || !a->start)
            fail(d->path, 0, "act %u has no @objet or no heading", i + 1);
        fprintf(f, "{\"file\": \"%s\", \"ordinal\": %u", d->name, i + 1);
        put_string(f, "kind", a->field[KIND]);
        put_string(f, "number", a->field[NUMBER]);
        put_string(f, "subject", a->field[SUBJECT]);
        put_string(f, "session_date", a->field[SESSION]);
        fprintf(f, ", \"first_page\": %d, \"last_page\": %d", a->first, a->last);
        put_string(f, "start_quote", a->start);
        put_votes(f, a->field[VOTES]);
        put_string(f, "receipt_id", a->field[RECEIPT]);
        put_string(f, "received_date", a->field[RECEIVED]);
        put_refs(f, a->field[REFS]);
    }
}

/* ---- all files */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Collects the sources below dir/below, as paths relative to dir. */
static void find_sources(const char *dir, const char *below, GPtrArray *found)
{
    char *path = g_build_filename(dir, below, NULL);
    GDir *d = g_dir_open(path, 0, NULL);
    if (!d)
        fail(path, 0, "%s", g_strerror(errno));
    for (const char *name; (name = g_dir_read_name(d));) {
        char *rel = *below ? g_build_filename(below, name, NULL) : g_strdup(name);
        char *full = g_build_filename(dir, rel, NULL);
        if (g_file_test(full, G_FILE_TEST_IS_DIR))
            find_sources(dir, rel, found);
        else if (g_str_has_suffix(name, ".act"))
            g_ptr_array_add(found, g_strdup(rel));
        g_free(full);
        g_free(rel);
    }
    g_dir_close(d);
    g_free(path);
}

static void typeset(const char *from, const char *below, const char *to, FILE *truth)
{
    char *path = g_build_filename(from, below, NULL);
    struct doc *d = read_source(path, below);
    char *pdf = g_build_filename(to, d->name, NULL);
    char *dir = g_path_get_dirname(pdf);
    if (g_mkdir_with_parents(dir, 0777))
        fail(dir, 0, "%s", g_strerror(errno));
    GPtrArray *trial = g_ptr_array_new(), *acts = g_ptr_array_new();
    int pages = layout_pass(d, NULL, 0, trial);
    layout_pass(d, pdf, pages, acts);
    if (truth)
        put_acts(truth, d, acts);
    g_ptr_array_unref(trial);
    g_ptr_array_unref(acts);
    g_free(dir);
    g_free(pdf);
    g_free(path);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: typeset SOURCEDIR OUTDIR [ACTS.jsonl]\n");
        return 2;
    }
    GPtrArray *found = g_ptr_array_new();
    find_sources(argv[1], "", found);
    if (!found->len)
        fail(argv[1], 0, "no .act file");
    qsort(found->pdata, found->len, sizeof *found->pdata, by_name);
    FILE *truth = argc == 4 ? fopen(argv[3], "w") : NULL;
    if (argc == 4 && !truth)
        fail(argv[3], 0, "%s", g_strerror(errno));
    for (guint i = 0; i < found->len; i++)
        typeset(argv[1], found->pdata[i], argv[2], truth);
    if (truth && fclose(truth))
        fail(argv[3], 0, "%s", g_strerror(errno));
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blocks of a source drawn one below the other, and the acts they make up. */
#include "typeset.h"

#include <string.h>

#include <cairo-pdf.h>

static const char *const field_names[FIELDS] = {
    "acte", "numero", "objet", "seance", "recu", "accuse", "votes", "refs",
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
        ts_need(o, k == 0 && count > 1 ? 2 * h : h);
        ts_mark_act(o);
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
        ts_need(o, o->size * (s->size + 4));
    double inner = s->box ? 5 * MM : 0;
    PangoLayout *layout = ts_make_layout(o->cr, o->font, o->size * s->size, s->bold, s->align,
                                      width - 2 * inner - s->hang * MM, text);
    if (s->box) {
        double h = ts_layout_height(layout);
        ts_need(o, h + 6 * MM);
        cairo_set_line_width(o->cr, 0.8);
        cairo_rectangle(o->cr, x, o->y - 2 * MM, width, h + 4.6 * MM);
        cairo_stroke(o->cr);
    }
    if (sign) {
        ts_need(o, MIN(ts_layout_height(layout), 2 * o->size * 1.3));
        ts_draw_at(o->cr, o->font, o->size * s->size, false, 'g', x, o->y, s->hang * MM, sign);
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
        ts_rule(o->cr, o->left + 49.5 * MM, o->column_top, o->left + 49.5 * MM, o->y, 0.6);
        o->columns = false;
        o->y += 2 * MM;
    }
    ts_rule(o->cr, o->left, o->y, o->right, o->y, 0.6);
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
    ts_rule(cr, 7.5, 10, 7.5, 12.8, 0.6);
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
            ts_fail(o->d->path, b->line, "bad column '%s'", word[i]);
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
        ts_fail(o->d->path, b->line, "%d cells in a table of %d columns", n, o->ncol);
    bool head = b->kind[1] == '!';
    PangoLayout *layout[MAX_COLUMNS];
    double height = 0, x = o->left;
    for (int i = 0; i < n; i++) {
        layout[i] = ts_make_layout(o->cr, o->font, o->size * 0.95, head,
                                head && i ? 'c' : o->col_align[i], o->col_width[i] - 8,
                                g_strstrip(cell[i]));
        height = MAX(height, ts_layout_height(layout[i]));
    }
    ts_need(o, head ? 3 * height : height + 3);
    ts_mark_act(o);
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
    PangoLayout *probe = ts_make_layout(o->cr, o->font, o->size, false, 'c', half, text);
    o->y += 4 * MM;
    ts_need(o, ts_layout_height(probe) + 12 * MM);
    ts_mark_act(o);
    g_object_unref(probe);
    bool two = part[1] != NULL;
    for (int i = 0; part[i]; i++) {
        double x = two && i == 0 ? o->left : o->left + half;
        double below = ts_draw_at(o->cr, o->font, o->size, false, 'c', x, o->y, half,
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
        ts_fail(o->d->path, b->line, "@%s outside an act", b->kind);
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
        ts_begin_page(o);
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
        ts_fail(o->d->path, b->line, "an article is written 'number | text'");
    char *full = g_strdup_printf("**Article %s** : %s", g_strstrip(part[0]), g_strstrip(part[1]));
    g_strfreev(part);
    return full;
}

static void draw_prose(struct out *o, const struct block *b, char *text)
{
    const struct style *s = find_style(b->kind);
    if (!s)
        ts_fail(o->d->path, b->line, "unknown block '@%s'", b->kind);
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
    if (ts_is_setting(b->kind) || !strcmp(b->kind, "tampon") || act_directive(o, b))
        return;
    bool row = b->kind[0] == '|';
    if (o->before == '|' && !row)
        o->y += 2.5 * MM;
    if (o->before == '-' && b->kind[0] != '-')
        o->y += 1.2 * MM;
    o->before = b->kind[0];
    if (layout_directive(o, b))
        return;
    char *text = ts_fill_in(o, b->text);
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
        ts_fail(o->d->path, 0, "%s", cairo_status_to_string(a ? a : b));
}

/* Lays the file out; path NULL only counts. Returns the number of pages. */
int ts_layout_pass(const struct doc *d, const char *path, int pages, GPtrArray *acts)
{
    struct out o = {.d = d, .pages = pages, .acts = acts};
    o.pdf = cairo_pdf_surface_create(path, PAGE_W, PAGE_H);
    char *date = g_strconcat(ts_setting(d, "date", "2017-01-01"), "T10:00:00Z", NULL);
    cairo_pdf_surface_set_metadata(o.pdf, CAIRO_PDF_METADATA_CREATE_DATE, date);
    o.paper = o.cr = cairo_create(o.pdf);
    o.scan = !strcmp(ts_setting(d, "forme", "simple"), "numerise");
    o.font = ts_setting(d, "police", "Liberation Serif");
    o.size = g_ascii_strtod(ts_setting(d, "corps", "11"), NULL);
    o.left = g_ascii_strtod(ts_setting(d, "marge", "22"), NULL) * MM;
    o.right = PAGE_W - o.left;
    for (guint i = 0; i < d->blocks->len && !o.stamp; i++) {
        const struct block *b = d->blocks->pdata[i];
        if (!strcmp(b->kind, "tampon"))
            o.stamp = b->text;
    }
    ts_begin_page(&o);
    for (guint i = 0; i < d->blocks->len; i++)
        draw_block(&o, d->blocks->pdata[i]);
    ts_end_page(&o);
    cairo_surface_finish(o.pdf);
    check_surface(&o);
    cairo_destroy(o.paper);
    cairo_surface_destroy(o.pdf);
    g_free(date);
    return o.page;
}

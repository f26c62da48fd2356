/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on paper: Pango layouts, stamps, pages that look scanned, page breaks. */
#include "typeset.h"

#include <stdint.h>
#include <string.h>

#define SCAN_DPI 200.0

/* ---- text */

/* {page} {pages} {numero} {objet} in a text become what they stand for. */
char *ts_fill_in(const struct out *o, const char *text)
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

PangoLayout *ts_make_layout(cairo_t *cr, const char *font, double size, bool bold,
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

double ts_layout_height(PangoLayout *layout)
{
    int height;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

/* Draws a short text at a fixed place and returns the y below it. */
double ts_draw_at(cairo_t *cr, const char *font, double size, bool bold, char align,
                  double x, double y, double width, const char *text)
{
    PangoLayout *layout = ts_make_layout(cr, font, size, bold, align, width, text);
    cairo_move_to(cr, x, y);
    pango_cairo_show_layout(cr, layout);
    y += ts_layout_height(layout);
    g_object_unref(layout);
    return y;
}

void ts_rule(cairo_t *cr, double x0, double y0, double x1, double y1, double width)
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
        ts_fail(o->d->path, 0, "a stamp has 3 or 4 parts: %s", o->stamp);
    cairo_set_source_rgb(cr, 0.10, 0.18, 0.45);
    y = ts_draw_at(cr, "Liberation Sans", 7.6, false, 'g', x + 5, y + 3, w - 10, text);
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
    double scale = SCAN_DPI / 72, angle = g_ascii_strtod(ts_setting(o->d, "rotation", "0.5"), NULL);
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

void ts_end_page(struct out *o)
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

void ts_begin_page(struct out *o)
{
    ts_end_page(o);
    o->page++;
    if (o->scan)
        open_image(o);
    const char *head = ts_setting(o->d, "entete", NULL);
    const char *foot = ts_setting(o->d, "pied", NULL);
    double width = o->right - o->left;
    o->y = 18 * MM;
    o->bottom = PAGE_H - (foot ? 24 : 18) * MM;
    if (head && o->page > 1) {
        char *text = ts_fill_in(o, head);
        ts_draw_at(o->cr, o->font, o->size * 0.82, false, 'g', o->left, 11 * MM, width, text);
        ts_rule(o->cr, o->left, 16.5 * MM, o->right, 16.5 * MM, 0.4);
        g_free(text);
        o->y = 22 * MM;
    }
    if (foot) {
        char *text = ts_fill_in(o, foot);
        ts_draw_at(o->cr, o->font, o->size * 0.82, false, 'd', o->left, PAGE_H - 17 * MM,
                   width, text);
        g_free(text);
    }
    if (o->stamp)
        o->y = MAX(o->y, 32 * MM);
}

/* Goes to a new page if "height" does not fit any more. */
void ts_need(struct out *o, double height)
{
    if (!o->columns && o->y + height > o->bottom)
        ts_begin_page(o);
}

/* Remembers that the open act has something on this page. */
void ts_mark_act(struct out *o)
{
    if (!o->act)
        return;
    if (!o->act_seen)
        o->act->first = o->page;
    o->act_seen = true;
    o->act->last = o->page;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the pieces of typeset share.
 *
 *   typeset.c         the files of a directory, one after the other
 *   typeset_source.c  a source becomes blocks and settings
 *   typeset_page.c    text on paper: layouts, stamps, scanned pages, page breaks
 *   typeset_block.c   blocks drawn one below the other, and where acts begin
 *   typeset_acts.c    the acts as JSON Lines
 */
#ifndef TYPESET_H
#define TYPESET_H

#include <stdbool.h>
#include <stdio.h>

#include <cairo.h>
#include <glib.h>
#include <pango/pangocairo.h>

#define MM (72.0 / 25.4)
#define PAGE_W (210 * MM)
#define PAGE_H (297 * MM)
#define MAX_COLUMNS 8

/* One block of a source: "@kind text", a list item, a table row or a paragraph. */
struct block {
    char *kind;
    char *text;
    int line;
};

/* What is true of one act; "field" is indexed by enum field, NULL = not stated. */
enum field { KIND, NUMBER, SUBJECT, SESSION, RECEIVED, RECEIPT, VOTES, REFS, FIELDS };

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

/* ---- typeset_source.c */
G_GNUC_NORETURN G_GNUC_PRINTF(3, 4) void ts_fail(const char *path, int line,
                                                 const char *format, ...);
bool ts_is_setting(const char *kind);
struct doc *ts_read_source(const char *path, const char *below);
const char *ts_setting(const struct doc *d, const char *key, const char *otherwise);

/* ---- typeset_page.c */
/* {page} {pages} {numero} {objet} in a text become what they stand for. */
char *ts_fill_in(const struct out *o, const char *text);
PangoLayout *ts_make_layout(cairo_t *cr, const char *font, double size, bool bold,
                            char align, double width, const char *text);
double ts_layout_height(PangoLayout *layout);
/* Draws a short text at a fixed place and returns the y below it. */
double ts_draw_at(cairo_t *cr, const char *font, double size, bool bold, char align,
                  double x, double y, double width, const char *text);
void ts_rule(cairo_t *cr, double x0, double y0, double x1, double y1, double width);
void ts_begin_page(struct out *o);
void ts_end_page(struct out *o);
/* Goes to a new page if "height" does not fit any more. */
void ts_need(struct out *o, double height);
/* Remembers that the open act has something on this page. */
void ts_mark_act(struct out *o);

/* ---- typeset_block.c */
/* Lays the file out; path NULL only counts. Returns the number of pages. */
int ts_layout_pass(const struct doc *d, const char *path, int pages, GPtrArray *acts);

/* ---- typeset_acts.c */
void ts_put_acts(FILE *f, const struct doc *d, const GPtrArray *acts);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Table rows. A row whose cells take several lines is written cell by cell, so that
 * a label, its second line and its amount stay together:
 *
 *     AMITIES FRANCO-                       one block:
 *     1608         P   SEMAINE  300 €       "1608 AMITIES FRANCO-\nBRITANNIQUES P
 *     BRITANNIQUES                           SEMAINE 300 €"
 */
#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "layout_priv.h"

#define WIDE_GAP 1.8f   /* font sizes between two cells, for sure */
#define NEAR_LINES 12   /* how far lines that share a column are looked for */
#define SAME_X 2.0f     /* points between edges that are meant to be one */
#define HALF_LINE 0.84f /* font sizes: two baselines nearer than this share a row */

static float base_of(const struct lay_line *l)
{
    return l->box.y1 - 0.2f * lay_height(&l->box);
}

static bool has_digit(const struct lay_page *p, const struct lay_chunk *c)
{
    for (uint32_t w = c->first; w != LAY_NONE; w = p->words[w].next)
        for (uint32_t i = 0; i < p->words[w].len; i++)
            if (p->words[w].text[i] >= '0' && p->words[w].text[i] <= '9')
                return true;
    return false;
}

/* ---- rows */

/* A justified line stretched over the column: gaps everywhere, and alike. */
static bool is_stretched(const struct lay_page *p, const struct lay_line *l)
{
    uint32_t words = 0;
    float least = 1e9f, most = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct lay_chunk *c = lay_chunk_of(p, l, i);
        words += c->n_words;
        if (i) {
            float gap = c->box.x0 - lay_chunk_of(p, l, i - 1)->box.x1;
            least = fminf(least, gap);
            most = fmaxf(most, gap);
        }
    }
    return l->n >= 3 && most < 1.7f * least && words <= l->n + l->n / 3 &&
           l->box.x1 > l->right - 0.05f * (l->right - l->left);
}

/* Whether a chunk other than its line's first begins at x on at least two lines near. */
static bool is_shared_edge(const struct lay_page *p, size_t line, float x)
{
    unsigned n = 0;
    size_t from = line > NEAR_LINES ? line - NEAR_LINES : 0;
    for (size_t i = from; i < p->n_lines && i <= line + NEAR_LINES && n < 2; i++) {
        const struct lay_line *l = &p->lines[i];
        if (i == line || l->column != p->lines[line].column)
            continue;
        for (uint32_t k = 1; k < l->n; k++)
            if (fabsf(lay_chunk_of(p, l, k)->box.x0 - x) < SAME_X) {
                n++;
                break;
            }
    }
    return n >= 2;
}

/* Cells stand apart; a list mark before its text is no cell. */
static bool is_row(const struct lay_page *p, size_t line)
{
    const struct lay_line *l = &p->lines[line];
    if (l->n < 2)
        return false;
    const struct lay_word *w = &p->words[lay_chunk_of(p, l, 0)->first];
    bool mark = lay_chunk_of(p, l, 0)->n_words == 1 && lay_is_mark(w->text, w->len);
    bool digits = has_digit(p, lay_chunk_of(p, l, 0));
    unsigned wide = 0, shared = 0;
    for (uint32_t i = 1; i < l->n; i++) {
        const struct lay_chunk *before = lay_chunk_of(p, l, i - 1), *c = lay_chunk_of(p, l, i);
        digits = digits || has_digit(p, c);
        if (i == 1 && mark)
            continue;
        wide += c->box.x0 - before->box.x1 > WIDE_GAP * fminf(c->size, before->size);
        shared += is_shared_edge(p, line, c->box.x0);
    }
    return (wide || shared) && (digits || !is_stretched(p, l));
}

/* ---- lines that belong to a row above or below */

enum tie { ALONE, WITH_PREVIOUS, WITH_NEXT };

/* Whether each chunk of l stands under (or over) a cell of row, none its first. */
static bool fits_cells(const struct lay_page *p, const struct lay_line *row,
                       const struct lay_line *l)
{
    if (row->column != l->column || row->role != l->role ||
        l->box.x0 < lay_chunk_of(p, row, 0)->box.x1)
        return false;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct grf_box *b = &lay_chunk_of(p, l, i)->box;
        bool found = false;
        for (uint32_t k = 1; k < row->n && !found; k++) {
            const struct grf_box *cell = &lay_chunk_of(p, row, k)->box;
            float common = fminf(b->x1, cell->x1) - fmaxf(b->x0, cell->x0);
            found = fabsf(b->x0 - cell->x0) < SAME_X || common > 0.5f * (b->x1 - b->x0);
        }
        if (!found)
            return false;
    }
    return true;
}

static float step(const struct lay_line *a, const struct lay_line *b)
{
    return (base_of(b) - base_of(a)) / fmaxf(fminf(a->size, b->size), 1);
}

/* The label in the first column goes on in lower case. */
static bool continues_label(const struct lay_page *p, const struct lay_line *row,
                            const struct lay_line *l)
{
    const struct lay_word *w = &p->words[lay_chunk_of(p, l, 0)->first];
    size_t at = 0;
    return row->column == l->column && row->role == l->role && l->n == 1 && !l->row &&
           fabsf(l->box.x0 - row->box.x0) < SAME_X &&
           l->box.x1 < lay_chunk_of(p, row, row->n - 1)->box.x0 &&
           lay_is_lower(lay_next_char(w->text, w->len, &at));
}

/* Whether l is a line of the row's label that is clearly nearer to the row than to
   what is on its other side. */
static bool is_label_of(const struct lay_page *p, const struct lay_line *row,
                        const struct lay_line *l, float near, float far)
{
    return row->column == l->column && row->role == l->role && row->n > 1 && l->n == 1 &&
           !l->row && l->bold <= row->bold && near > 0 && near < 1.4f &&
           near < 0.75f * far && l->box.x1 < lay_chunk_of(p, row, 1)->box.x0;
}

/* Ties lines to the row before. */
static void tie_down(const struct lay_page *p, uint8_t *tie)
{
    size_t head = SIZE_MAX;
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct lay_line *l = &p->lines[i], *a = i ? &p->lines[i - 1] : NULL;
        float up = a && a->column == l->column && a->role == l->role ? step(a, l) : -1;
        float down = i + 1 < p->n_lines ? step(l, &p->lines[i + 1]) : 9;
        if (up >= 0 && up < HALF_LINE) {
            tie[i] = WITH_PREVIOUS;
            head = l->row ? i : head;
        } else if (head != SIZE_MAX && up > 0 && up < 1.6f && up <= 1.15f * down &&
                   (fits_cells(p, &p->lines[head], l) ||
                    is_label_of(p, &p->lines[head], l, up, down) ||
                    (up < 1.35f && continues_label(p, &p->lines[head], l)))) {
            tie[i] = WITH_PREVIOUS;
        } else {
            head = l->row ? i : SIZE_MAX;
        }
    }
}

/* Ties lines that no row before took to the row after: cells centred in height. */
static void tie_up(const struct lay_page *p, uint8_t *tie)
{
    for (size_t row = p->n_lines; row-- > 1;) {
        if (!p->lines[row].row || tie[row] == WITH_PREVIOUS)
            continue;
        for (size_t i = row; i-- > 0 && tie[i] == ALONE && !p->lines[i].row;) {
            const struct lay_line *l = &p->lines[i];
            float down = step(l, &p->lines[i + 1]), up = i ? step(&p->lines[i - 1], l) : 9;
            up = up > 0 ? up : 9;
            if (down <= 0 || down > 1.4f || (!fits_cells(p, &p->lines[row], l) &&
                                             !is_label_of(p, &p->lines[row], l, down, up)))
                break;
            tie[i] = WITH_NEXT;
        }
    }
}

/* ---- writing a row cell by cell */

struct cell_chunk {
    uint32_t chunk, cell;
    float y, x;
};

struct tables {
    struct lay_page *p;
    struct lay_line *lines; /* new ones */
    size_t n, cap;
    struct cell_chunk *chunks;
};

static int by_cell(const void *a, const void *b)
{
    const struct cell_chunk *x = a, *y = b;
    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

static int by_left(const void *a, const void *b)
{
    const struct cell_chunk *x = a, *y = b;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

/* Cells are what overlaps in x. */
static void number_cells(const struct lay_page *p, struct cell_chunk *c, size_t n)
{
    float right = -1e9f;
    uint32_t cell = 0;
    qsort(c, n, sizeof *c, by_left);
    for (size_t i = 0; i < n; i++) {
        const struct grf_box *b = &p->chunks[c[i].chunk].box;
        if (i && b->x0 > right - 0.5f)
            cell++;
        right = fmaxf(right, b->x1);
        c[i].cell = cell;
    }
    qsort(c, n, sizeof *c, by_cell);
}

static grf_status keep_line(struct tables *t, const struct lay_line *l)
{
    if (grf_grow(&t->lines, t->n, &t->cap, sizeof *t->lines))
        return GRF_NOMEM;
    t->lines[t->n++] = *l;
    return GRF_OK;
}

/* Lines [from,to) become one row. Their chunks lie together in p->order. */
static grf_status merge_lines(struct tables *t, size_t from, size_t to)
{
    struct lay_page *p = t->p;
    size_t n = 0;
    uint32_t first = p->lines[from].first;
    for (size_t i = from; i < to; i++)
        for (uint32_t k = 0; k < p->lines[i].n; k++, n++) {
            uint32_t c = p->order[p->lines[i].first + k];
            t->chunks[n] = (struct cell_chunk){c, 0, lay_mid_y(&p->chunks[c].box),
                                               p->chunks[c].box.x0};
        }
    number_cells(p, t->chunks, n);
    for (size_t i = 0; i < n; i++) {
        const struct lay_chunk *c = &p->chunks[t->chunks[i].chunk];
        p->order[first + i] = t->chunks[i].chunk;
        bool below = i && t->chunks[i].cell == t->chunks[i - 1].cell;
        if (i && !below) {
            struct lay_line *l = &t->lines[t->n - 1];
            l->n++;
            lay_join(&l->box, &c->box);
            continue;
        }
        struct lay_line l = p->lines[from];
        l.first = first + (uint32_t)i;
        l.n = 1;
        l.box = c->box;
        l.row = true;
        l.bold = false;
        l.same_row = i > 0;
        if (keep_line(t, &l))
            return GRF_NOMEM;
    }
    return GRF_OK;
}

static grf_status rebuild(struct tables *t, const uint8_t *tie)
{
    struct lay_page *p = t->p;
    grf_status st = GRF_OK;
    for (size_t i = 0; !st && i < p->n_lines;) {
        size_t to = i + 1;
        while (to < p->n_lines && (tie[to] == WITH_PREVIOUS || tie[to - 1] == WITH_NEXT))
            to++;
        st = to == i + 1 ? keep_line(t, &p->lines[i]) : merge_lines(t, i, to);
        i = to;
    }
    return st;
}

grf_status lay_make_tables(struct lay_page *p, struct grf_err *err)
{
    for (size_t i = 0; i < p->n_lines; i++)
        p->lines[i].row = is_row(p, i);
    struct tables t = {.p = p};
    uint8_t *tie = grf_calloc(p->n_lines, 1);
    t.chunks = grf_calloc(p->n_chunks, sizeof *t.chunks);
    grf_status st = tie && t.chunks ? GRF_OK : GRF_NOMEM;
    if (!st) {
        tie_down(p, tie);
        tie_up(p, tie);
        st = rebuild(&t, tie);
    }
    grf_free(tie);
    grf_free(t.chunks);
    if (st) {
        grf_free(t.lines);
        return grf_fail_nomem(err);
    }
    grf_free(p->lines);
    p->lines = t.lines;
    p->n_lines = t.n;
    p->cap_lines = t.cap;
    return GRF_OK;
}

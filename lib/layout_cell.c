/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines that make up one table row, written cell by cell: a cell's lines stay together
 * and in order, whatever stands beside them.
 */
#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "layout_priv.h"

struct cell_chunk {
    uint32_t chunk, cell, line;
    float y, x;
};

struct tables {
    struct lay_page *p;
    struct lay_line *lines; /* new ones */
    size_t n, cap;
    struct cell_chunk *chunks;
};

static int by_height(const void *a, const void *b)
{
    const struct cell_chunk *x = a, *y = b;
    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

static int by_line(const void *a, const void *b)
{
    const struct cell_chunk *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

static int by_left(const void *a, const void *b)
{
    const struct cell_chunk *x = a, *y = b;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

/* Words that a justified line of the cell has driven away from those before them:
   nothing else of the row stands below or above. */
static bool goes_on(const struct lay_page *p, const struct cell_chunk *all, size_t n,
                    size_t i, float right)
{
    size_t at = 0;
    const struct lay_chunk *c = &p->chunks[all[i].chunk];
    const struct lay_word *w = &p->words[c->first];
    if (c->box.x0 - right > 1.8f * c->size ||
        !lay_is_lower(lay_next_char(w->text, w->len, &at)))
        return false;
    for (size_t k = 0; k < n; k++) {
        const struct grf_box *b = &p->chunks[all[k].chunk].box;
        if (k != i && b->x0 < c->box.x1 && b->x1 > c->box.x0)
            return false;
    }
    return true;
}

/* Cells are what overlaps in x; their lines what shares a baseline. */
static void number_cells(const struct lay_page *p, struct cell_chunk *c, size_t n)
{
    float right = -1e9f;
    uint32_t cell = 0;
    qsort(c, n, sizeof *c, by_left);
    for (size_t i = 0; i < n; i++) {
        const struct lay_chunk *chunk = &p->chunks[c[i].chunk];
        if (i && chunk->box.x0 > right - 0.5f && !goes_on(p, c, n, i, right))
            cell++;
        right = fmaxf(right, chunk->box.x1);
        c[i].cell = cell;
    }
    qsort(c, n, sizeof *c, by_height);
    uint32_t line = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = i && c[i].cell == c[i - 1].cell &&
                    c[i].y - c[i - 1].y < 0.45f * p->chunks[c[i].chunk].size;
        c[i].line = same ? line : ++line;
    }
    qsort(c, n, sizeof *c, by_line);
}

static grf_status keep_line(struct tables *t, const struct lay_line *l)
{
    if (grf_grow(&t->lines, t->n, &t->cap, sizeof *t->lines))
        return GRF_NOMEM;
    t->lines[t->n++] = *l;
    return GRF_OK;
}

/* Whether chunk i begins a line of the text: a cell's second or later one. */
static bool begins_line(const struct cell_chunk *c, size_t i)
{
    return i && c[i].cell == c[i - 1].cell && c[i].line != c[i - 1].line;
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
            t->chunks[n] = (struct cell_chunk){c, 0, 0, lay_mid_y(&p->chunks[c].box),
                                               p->chunks[c].box.x0};
        }
    number_cells(p, t->chunks, n);
    for (size_t i = 0; i < n; i++) {
        const struct lay_chunk *c = &p->chunks[t->chunks[i].chunk];
        p->order[first + i] = t->chunks[i].chunk;
        if (i && !begins_line(t->chunks, i)) {
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
        while (to < p->n_lines && (tie[to] == LAY_WITH_PREVIOUS || tie[to - 1] == LAY_WITH_NEXT))
            to++;
        st = to == i + 1 ? keep_line(t, &p->lines[i]) : merge_lines(t, i, to);
        i = to;
    }
    return st;
}

grf_status lay_merge_rows(struct lay_page *p, const uint8_t *tie)
{
    struct tables t = {.p = p, .chunks = grf_calloc(p->n_chunks, sizeof *t.chunks)};
    grf_status st = t.chunks ? rebuild(&t, tie) : GRF_NOMEM;
    grf_free(t.chunks);
    if (st) {
        grf_free(t.lines);
        return st;
    }
    grf_free(p->lines);
    p->lines = t.lines;
    p->n_lines = t.n;
    p->cap_lines = t.cap;
    return GRF_OK;
}

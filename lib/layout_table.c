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
#define SET_IN 1.5f     /* font sizes: how far a list in a cell is set in */
#define MAX_GAPS 64      /* of one line's words */
#define MAX_STRETCH 2.8f /* font sizes: no justified line has a wider gap */
#define MAX_CELLS 24
#define MAX_PITCHES 1024
#define MAX_SIZES 64
#define NEXT_LINE 1.45f  /* font sizes: baselines of a cell's lines are not further apart */
#define HALF_LINE 0.84f /* font sizes: two baselines nearer than this share a row */

static float base_of(const struct lay_line *l)
{
    return l->box.y1 - 0.2f * lay_height(&l->box);
}

/* A cell that holds an amount, a code or a date and no word. */
static bool is_figure(const struct lay_page *p, const struct lay_chunk *c)
{
    unsigned digits = 0, letters = 0;
    for (uint32_t w = c->first; w != LAY_NONE; w = p->words[w].next)
        for (size_t at = 0; at < p->words[w].len;) {
            uint32_t u = lay_next_char(p->words[w].text, p->words[w].len, &at);
            digits += u >= '0' && u <= '9';
            letters += lay_is_letter(u);
        }
    return digits && letters <= 1;
}

/* ---- rows */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static bool is_mark_chunk(const struct lay_page *p, const struct lay_chunk *c)
{
    const struct lay_word *w = &p->words[c->first];
    return c->n_words == 1 && lay_is_mark(w->text, w->len);
}

/* The gaps between a line's words, in font sizes, in order of size. */
static size_t word_gaps(const struct lay_page *p, const struct lay_line *l, float *out)
{
    size_t n = 0;
    float right = 0;
    uint32_t i = is_mark_chunk(p, lay_chunk_of(p, l, 0));
    for (bool any = false; i < l->n; i++)
        for (uint32_t w = lay_chunk_of(p, l, i)->first; w != LAY_NONE; w = p->words[w].next) {
            if (any && n < MAX_GAPS)
                out[n++] = (p->words[w].box.x0 - right) / fmaxf(l->size, 1);
            right = p->words[w].box.x1;
            any = true;
        }
    qsort(out, n, sizeof *out, by_value);
    return n;
}

/* A justified line stretched over the column: its words all stand apart, and alike,
   where the words of a cell are near each other. */
static bool is_stretched(const struct lay_page *p, const struct lay_line *l)
{
    float gap[MAX_GAPS];
    size_t n = word_gaps(p, l, gap);
    return n >= 3 && gap[n / 4] > 0.35f && gap[n - 1] < 3 * gap[n / 4] &&
           gap[n - 1] < MAX_STRETCH && l->box.x1 > l->right - 0.05f * (l->right - l->left);
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
    bool mark = is_mark_chunk(p, lay_chunk_of(p, l, 0));
    unsigned wide = 0, shared = 0, figures = is_figure(p, lay_chunk_of(p, l, 0));
    for (uint32_t i = 1; i < l->n; i++) {
        const struct lay_chunk *before = lay_chunk_of(p, l, i - 1), *c = lay_chunk_of(p, l, i);
        figures += is_figure(p, c);
        if (i == 1 && mark)
            continue;
        wide += c->box.x0 - before->box.x1 > WIDE_GAP * fminf(c->size, before->size);
        shared += is_shared_edge(p, line, c->box.x0);
    }
    return (wide || shared) && (2 * figures > l->n || !is_stretched(p, l));
}

/* ---- lines that belong to a row above or below */

/* A line with an amount beside other cells is a row, though it has no label. */
static bool has_own_figure(const struct lay_page *p, const struct lay_line *l)
{
    for (uint32_t i = 0; i < l->n && l->n > 1; i++)
        if (is_figure(p, lay_chunk_of(p, l, i)))
            return true;
    return false;
}

/* Whether each chunk of l stands under (or over) a cell of row, none its first. */
static bool fits_cells(const struct lay_page *p, const struct lay_line *row,
                       const struct lay_line *l)
{
    if (row->column != l->column || row->role != l->role || has_own_figure(p, l) ||
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

/* Every cell of l stands under a cell of the row and goes on in lower case. */
static bool continues_cells(const struct lay_page *p, const struct lay_line *row,
                            const struct lay_line *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        const struct lay_chunk *c = lay_chunk_of(p, l, i);
        size_t at = 0;
        bool found = false;
        for (uint32_t k = 0; k < row->n && !found; k++)
            found = fabsf(c->box.x0 - lay_chunk_of(p, row, k)->box.x0) < SET_IN * c->size;
        if (!found || !lay_is_lower(lay_next_char(p->words[c->first].text,
                                                  p->words[c->first].len, &at)))
            return false;
    }
    return row->column == l->column && row->role == l->role && l->n > 1;
}

/* l begins where cells of the row begin, none its first: after a blank line, too. */
static bool begins_under(const struct lay_page *p, const struct lay_line *row,
                         const struct lay_line *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        bool found = false;
        for (uint32_t k = 1; k < row->n && !found; k++)
            found = fabsf(lay_chunk_of(p, l, i)->box.x0 - lay_chunk_of(p, row, k)->box.x0) <
                    SAME_X;
        if (!found)
            return false;
    }
    return row->column == l->column && row->role == l->role && row->n > 2 && !l->row;
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

/* ---- rows told by the distances of their lines: what stands closer than one line's
   height in its own column, or on half a line's height beside it, is of one row */

static float chunk_base(const struct lay_chunk *c)
{
    return c->box.y1 - 0.2f * lay_height(&c->box);
}

static bool is_bold(const struct lay_page *p, const struct lay_chunk *c)
{
    return p->words[c->first].flags & p->words[c->last].flags & GRF_WORD_BOLD;
}

/* Distance of two lines' chunks that stand in one column and have one size, in font
   sizes; 9 where none do. *top: that of their tops, which differs where a character of
   another font makes a box taller. */
static float pitch(const struct lay_page *p, const struct lay_line *a,
                   const struct lay_line *b, size_t *size_class, float *top)
{
    float least = 9;
    for (uint32_t x = 0; x < a->n; x++)
        for (uint32_t y = 0; y < b->n; y++) {
            const struct lay_chunk *s = lay_chunk_of(p, a, x), *t = lay_chunk_of(p, b, y);
            float d = (chunk_base(t) - chunk_base(s)) / s->size;
            if (d > HALF_LINE && d < least && fabsf(s->size - t->size) < 0.1f * s->size &&
                is_bold(p, s) == is_bold(p, t) &&
                fminf(s->box.x1, t->box.x1) - fmaxf(s->box.x0, t->box.x0) > 1) {
                least = d;
                *top = (t->box.y0 - s->box.y0) / s->size;
                *size_class = s->size * 2 < MAX_SIZES ? (size_t)(s->size * 2) : MAX_SIZES - 1;
            }
        }
    return least;
}

/* For each size of type, in half points: how far apart the lines of a cell are. The
   least distance that is not rare; 0 for none. */
struct pitches {
    float of[MAX_SIZES];
};

struct pitch_seen {
    float d;
    size_t size_class;
};

static int by_distance(const void *a, const void *b)
{
    const struct pitch_seen *x = a, *y = b;
    return x->d < y->d ? -1 : x->d > y->d;
}

static void find_pitches(const struct lay_page *p, struct pitches *out)
{
    struct pitch_seen seen[MAX_PITCHES];
    size_t n = 0;
    *out = (struct pitches){{0}};
    for (size_t i = 0; i < p->n_lines; i++)
        for (size_t k = i + 1; k < p->n_lines && k < i + 4 && n < MAX_PITCHES; k++) {
            float top = 9;
            seen[n].d = pitch(p, &p->lines[i], &p->lines[k], &seen[n].size_class, &top);
            n += seen[n].d > 0.95f && seen[n].d < NEXT_LINE && fabsf(seen[n].d - top) < 0.1f;
        }
    qsort(seen, n, sizeof *seen, by_distance);
    for (size_t i = 0; i < n; i++) {
        size_t c = seen[i].size_class, all = 0, near = 0;
        for (size_t k = 0; k < n && out->of[c] == 0; k++) {
            all += seen[k].size_class == c;
            near += seen[k].size_class == c && k >= i && seen[k].d < 1.02f * seen[i].d;
        }
        if (near > 1 && 12 * near > all)
            out->of[c] = seen[i].d;
    }
}

/* Whether line i belongs to the row that lines [from,i) begin. */
static bool touches(const struct lay_page *p, const struct pitches *usual, size_t from,
                    size_t i)
{
    const struct lay_line *l = &p->lines[i];
    for (size_t k = i; k-- > from && k + 5 > i;) {
        const struct lay_line *a = &p->lines[k];
        size_t c = 0;
        float d = step(a, l), top = 9;
        if (a->column != l->column || a->role != l->role || d < 0)
            return false;
        float base = pitch(p, a, l, &c, &top);
        if (d < HALF_LINE || fminf(base, top) < usual->of[c] * 1.045f)
            return true;
    }
    return false;
}

struct extent {
    float x0, x1;
    unsigned chunks, figures, marks;
};

/* The columns that chunks of lines [from,to) make up: what overlaps
   in x. Their number; 0 when there are too many. */
static size_t find_columns(const struct lay_page *p, size_t from, size_t to,
                           struct extent *out)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        for (uint32_t k = 0; k < p->lines[i].n; k++) {
            const struct lay_chunk *c = lay_chunk_of(p, &p->lines[i], k);
            struct extent e = {c->box.x0, c->box.x1, 1, is_figure(p, c),
                               is_mark_chunk(p, c)};
            for (size_t x = 0; x < n;) {
                if (fminf(out[x].x1, e.x1) - fmaxf(out[x].x0, e.x0) <= 0.5f) {
                    x++;
                    continue;
                }
                e.x0 = fminf(e.x0, out[x].x0);
                e.x1 = fmaxf(e.x1, out[x].x1);
                e.chunks += out[x].chunks;
                e.figures += out[x].figures;
                e.marks += out[x].marks;
                out[x] = out[--n];
            }
            if (n == MAX_CELLS)
                return 0;
            out[n++] = e;
        }
    return n;
}

/* A row of its own: most of its cells stand where no other line has any. */
static bool stands_apart(const struct lay_page *p, const struct lay_line *l,
                         const struct extent *e, size_t n)
{
    uint32_t alone = 0;
    for (uint32_t k = 0; k < l->n; k++) {
        const struct grf_box *b = &lay_chunk_of(p, l, k)->box;
        if (is_figure(p, lay_chunk_of(p, l, k)))
            return false;
        for (size_t x = 0; x < n; x++)
            alone += b->x0 < e[x].x1 && b->x1 > e[x].x0 && e[x].chunks == 1;
    }
    return l->n > 2 && 2 * alone > l->n;
}

/* Whether lines [from,to) are one row: an amount or code stands alone in its column.
   Numbers and bullets at the left make a list. */
static bool is_one_row(const struct lay_page *p, size_t from, size_t to)
{
    struct extent e[MAX_CELLS];
    size_t n = to - from < 2 || to - from > NEAR_LINES ? 0 : find_columns(p, from, to, e);
    bool figure = false, text = false, row = false;
    size_t left = 0;
    for (size_t x = 1; x < n; x++)
        left = e[x].x0 < e[left].x0 ? x : left;
    for (size_t x = 0; x < n; x++) {
        if ((e[x].figures && e[x].chunks > 1) || (x == left && e[x].marks))
            return false;
        figure = figure || e[x].figures;
        text = text || e[x].chunks > 1;
    }
    for (size_t i = from; i < to && n; i++) {
        const struct lay_line *l = &p->lines[i];
        row = row || l->row || (i > from && step(l - 1, l) < HALF_LINE);
        if (stands_apart(p, l, e, n))
            return false;
    }
    return n > 1 && row && figure && text;
}

static void tie_near(const struct lay_page *p, uint8_t *tie)
{
    struct pitches usual;
    find_pitches(p, &usual);
    for (size_t i = 0, to; i < p->n_lines; i = to) {
        for (to = i + 1; to < p->n_lines && touches(p, &usual, i, to);)
            to++;
        if (!is_one_row(p, i, to))
            continue;
        tie[i] = LAY_HEAD;
        memset(tie + i + 1, LAY_WITH_PREVIOUS, to - i - 1);
    }
}

/* ---- rows told line by line */

/* Whether line i goes on with the row head, up and down being its distances. */
static bool is_below(const struct lay_page *p, size_t head, size_t i, float up, float down,
                     bool even)
{
    const struct lay_line *row = &p->lines[head], *l = &p->lines[i];
    if (up <= 0)
        return false;
    if ((up < 1.35f && continues_cells(p, row, l)) ||
        (even && up < 2.5f && begins_under(p, row, l)))
        return true;
    return up < 1.6f && up <= 1.15f * down &&
           (fits_cells(p, row, l) || is_label_of(p, row, l, up, down) ||
            (up < 1.35f && continues_label(p, row, l)));
}

/* Whether the page's rows begin on one line in all cells: none stands half a line
   beside another. */
static bool is_even(const struct lay_page *p)
{
    for (size_t i = 1; i < p->n_lines; i++) {
        const struct lay_line *a = &p->lines[i - 1], *l = &p->lines[i];
        if ((a->row || l->row) && a->column == l->column && a->role == l->role &&
            step(a, l) >= 0 && step(a, l) < HALF_LINE)
            return false;
    }
    return true;
}

/* Ties lines to the row before. */
static void tie_down(const struct lay_page *p, uint8_t *tie)
{
    bool even = is_even(p);
    size_t head = SIZE_MAX;
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct lay_line *l = &p->lines[i], *a = i ? &p->lines[i - 1] : NULL;
        if (tie[i] != LAY_ALONE) {
            head = SIZE_MAX;
            continue;
        }
        float up = a && a->column == l->column && a->role == l->role ? step(a, l) : -1;
        float down = i + 1 < p->n_lines ? step(l, &p->lines[i + 1]) : 9;
        if (up >= 0 && up < HALF_LINE && !(down >= 0 && down < 0.5f * up)) {
            tie[i] = LAY_WITH_PREVIOUS;
            head = l->row ? i : head;
        } else if (head != SIZE_MAX && is_below(p, head, i, up, down, even)) {
            tie[i] = LAY_WITH_PREVIOUS;
        } else {
            head = l->row ? i : SIZE_MAX;
        }
    }
}

/* Ties lines that no row before took to the row after: cells centred in height. */
static void tie_up(const struct lay_page *p, uint8_t *tie)
{
    for (size_t row = p->n_lines; row-- > 1;) {
        if (!p->lines[row].row || tie[row] != LAY_ALONE)
            continue;
        for (size_t i = row; i-- > 0 && tie[i] == LAY_ALONE && !p->lines[i].row;) {
            const struct lay_line *l = &p->lines[i];
            float down = step(l, &p->lines[i + 1]), up = i ? step(&p->lines[i - 1], l) : 9;
            up = up > 0 ? up : 9;
            if (down <= 0 || down > 1.4f || (!fits_cells(p, &p->lines[row], l) &&
                                             !is_label_of(p, &p->lines[row], l, down, up)))
                break;
            tie[i] = LAY_WITH_NEXT;
        }
    }
}

grf_status lay_make_tables(struct lay_page *p, struct grf_err *err)
{
    for (size_t i = 0; i < p->n_lines; i++)
        p->lines[i].row = is_row(p, i);
    uint8_t *tie = grf_calloc(p->n_lines, 1);
    grf_status st = tie ? GRF_OK : GRF_NOMEM;
    if (!st) {
        tie_near(p, tie);
        tie_down(p, tie);
        tie_up(p, tie);
        st = lay_merge_rows(p, tie);
    }
    grf_free(tie);
    return st ? grf_fail_nomem(err) : GRF_OK;
}

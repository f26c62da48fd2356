/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chunks to lines in reading order. A region is cut where a gutter runs between two
 * columns of running text over several rows: above, left, right and below are then
 * regions of their own. Whatever has no such gutter is read row by row, so that a
 * table keeps its amounts beside their labels.
 */
#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "layout_priv.h"

#define MAX_DEPTH 6
#define MAX_CANDIDATES 64
#define MIN_ROWS 3      /* lines on each side of a gutter */
#define BASE_TOLERANCE 1.2f

struct row {
    uint32_t first, n; /* in the region's chunks */
    struct grf_box box;
};

struct region {
    struct lay_page *p;
    uint32_t *chunks; /* sorted by row, then by x */
    size_t n;
    struct row *rows;
    size_t n_rows;
    float left, right;
};

struct side {
    unsigned rows, words, letters, digits, split_rows, amounts;
    float left, right;
    float width; /* sum over its rows */
};

struct gutter {
    size_t from, to; /* rows */
    float x;
    unsigned words;
    struct side sides[2];
};

static const struct lay_chunk *chunk_at(const struct region *r, size_t i)
{
    return &r->p->chunks[r->chunks[i]];
}

static float base_of(const struct lay_chunk *c)
{
    return c->box.y1 - 0.2f * lay_height(&c->box);
}

/* ---- rows */

struct sort_key {
    float major, minor;
    uint32_t chunk;
};

static int by_key(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    if (x->major != y->major)
        return x->major < y->major ? -1 : 1;
    if (x->minor != y->minor)
        return x->minor < y->minor ? -1 : 1;
    return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

/* Whether chunk c stands in a row: beside its nearest chunk, on none. */
static bool in_row(const struct region *r, const struct row *row,
                   const struct lay_chunk *c)
{
    const struct lay_chunk *near = NULL;
    float best = 0;
    for (uint32_t i = row->first; i < row->first + row->n; i++) {
        const struct lay_chunk *o = chunk_at(r, i);
        float gap = fmaxf(o->box.x0 - c->box.x1, c->box.x0 - o->box.x1);
        if (gap < -0.5f * fminf(c->size, o->size))
            return false;
        if (!near || gap < best) {
            near = o;
            best = gap;
        }
    }
    return near && lay_overlap_y(&near->box, &c->box) >= 0.5f;
}

static void sort_row(struct region *r, struct row *row, struct sort_key *keys)
{
    for (uint32_t i = 0; i < row->n; i++) {
        uint32_t c = r->chunks[row->first + i];
        keys[i] = (struct sort_key){r->p->chunks[c].box.x0, 0, c};
    }
    qsort(keys, row->n, sizeof *keys, by_key);
    for (uint32_t i = 0; i < row->n; i++)
        r->chunks[row->first + i] = keys[i].chunk;
}

/* Fills r->rows. keys: room for r->n. */
static grf_status make_rows(struct region *r, struct sort_key *keys)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct lay_chunk *c = chunk_at(r, i);
        keys[i] = (struct sort_key){lay_mid_y(&c->box), c->box.x0, r->chunks[i]};
    }
    qsort(keys, r->n, sizeof *keys, by_key);
    for (size_t i = 0; i < r->n; i++)
        r->chunks[i] = keys[i].chunk;
    size_t cap = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct lay_chunk *c = chunk_at(r, i);
        struct row *last = r->n_rows ? &r->rows[r->n_rows - 1] : NULL;
        if (last && in_row(r, last, c)) {
            last->n++;
            lay_join(&last->box, &c->box);
            continue;
        }
        if (grf_grow(&r->rows, r->n_rows, &cap, sizeof *r->rows))
            return GRF_NOMEM;
        r->rows[r->n_rows++] = (struct row){(uint32_t)i, 1, c->box};
    }
    for (size_t i = 0; i < r->n_rows; i++)
        sort_row(r, &r->rows[i], keys);
    return GRF_OK;
}

/* ---- gutters */

static void count_chars(const struct lay_page *p, const struct lay_chunk *c,
                        struct side *s)
{
    unsigned letters = 0, digits = 0;
    for (uint32_t w = c->first; w != LAY_NONE; w = p->words[w].next)
        for (size_t at = 0; at < p->words[w].len;) {
            uint32_t u = lay_next_char(p->words[w].text, p->words[w].len, &at);
            letters += lay_is_letter(u);
            digits += u >= '0' && u <= '9';
        }
    s->letters += letters;
    s->digits += digits;
    s->amounts += digits && !letters;
}

/* One row's chunks [from,to) counted into a side. */
static void count_side(const struct region *r, uint32_t from, uint32_t to, struct side *s)
{
    bool split = false;
    for (uint32_t i = from; i < to; i++) {
        const struct lay_chunk *c = chunk_at(r, i);
        if (!s->words || c->box.x0 < s->left)
            s->left = c->box.x0;
        if (!s->words || c->box.x1 > s->right)
            s->right = c->box.x1;
        s->words += c->n_words;
        count_chars(r->p, c, s);
        split = split || (i > from && c->box.x0 - chunk_at(r, i - 1)->box.x1 > 1.8f * c->size);
    }
    if (to > from)
        s->width += chunk_at(r, to - 1)->box.x1 - chunk_at(r, from)->box.x0;
    s->rows += to > from;
    s->split_rows += split;
}

/* The first chunk of row right of x; -1 when one lies across the gutter. */
static int64_t cut_of(const struct region *r, const struct row *row, float x, float width)
{
    uint32_t i = row->first, end = row->first + row->n;
    while (i < end && chunk_at(r, i)->box.x0 < x - 1)
        i++;
    if (i > row->first && chunk_at(r, i - 1)->box.x1 > x - width)
        return -1;
    return i;
}

static bool is_text(const struct side *s)
{
    return s->rows >= MIN_ROWS && s->letters > 3 * s->digits &&
           s->letters >= 4 * s->rows && 4 * s->split_rows <= s->rows &&
           (s->amounts < 3 || 8 * s->amounts < s->rows);
}

/* Wrapped text: enough words to a line, and most lines about full. */
static bool is_prose(const struct side *s, unsigned rows, float words)
{
    float count = (float)s->rows;
    return s->rows >= rows && (float)s->words >= words * count &&
           s->width > 0.6f * count * (s->right - s->left);
}

/* How many rows stand on the same baseline on both sides. */
static unsigned aligned_rows(const struct region *r, const struct gutter *g, float width)
{
    unsigned n = 0;
    for (size_t i = g->from; i < g->to; i++) {
        const struct row *row = &r->rows[i];
        int64_t cut = cut_of(r, row, g->x, width);
        if (cut <= (int64_t)row->first || cut >= (int64_t)(row->first + row->n))
            continue;
        float off = base_of(chunk_at(r, (size_t)cut)) - base_of(chunk_at(r, (size_t)cut - 1));
        n += fabsf(off) < BASE_TOLERANCE;
    }
    return n;
}

/* First and last row of each side; first is SIZE_MAX for a side without rows. */
static void side_ends(const struct region *r, const struct gutter *g, float width,
                      size_t first[2], size_t last[2])
{
    for (size_t i = g->from; i < g->to; i++) {
        int64_t cut = cut_of(r, &r->rows[i], g->x, width);
        bool has[2] = {cut > (int64_t)r->rows[i].first,
                       cut < (int64_t)(r->rows[i].first + r->rows[i].n)};
        for (int k = 0; k < 2; k++)
            if (has[k]) {
                first[k] = first[k] == SIZE_MAX ? i : first[k];
                last[k] = i;
            }
    }
}

static bool follows(const struct region *r, size_t row, size_t before)
{
    float height = lay_height(&r->rows[row].box);
    return r->rows[row].box.y0 - r->rows[before].box.y1 < 1.5f * height;
}

/* Rows at the ends of the run that have one side only stay when they go on closely. */
static void trim(const struct region *r, struct gutter *g, float width)
{
    size_t first[2] = {SIZE_MAX, SIZE_MAX}, last[2] = {0, 0};
    side_ends(r, g, width, first, last);
    size_t from = first[0] > first[1] ? first[0] : first[1];
    size_t to = (last[0] < last[1] ? last[0] : last[1]) + 1;
    if (from == SIZE_MAX || to <= from) {
        g->to = g->from;
        return;
    }
    while (from > g->from && follows(r, from, from - 1))
        from--;
    while (to < g->to && follows(r, to, to - 1))
        to++;
    g->from = from;
    g->to = to;
}

/* How often a blank band runs through both sides between rows: between the rows of
   a table whose cells take several lines, hardly between a margin and the body. */
static unsigned common_bands(const struct region *r, const struct gutter *g, float width)
{
    size_t first[2] = {SIZE_MAX, SIZE_MAX}, last[2] = {0, 0};
    side_ends(r, g, width, first, last);
    size_t from = first[0] > first[1] ? first[0] : first[1];
    size_t to = last[0] < last[1] ? last[0] : last[1];
    unsigned n = 0;
    float bottom = -1e9f;
    for (size_t i = g->from; i <= to && i < g->to; i++) {
        const struct grf_box *b = &r->rows[i].box;
        n += i > from && b->y0 - bottom > 0.3f * lay_height(b);
        bottom = fmaxf(bottom, b->y1);
    }
    return n;
}

/* Two columns, or a margin beside the body? A table's rows share baselines; so do
   columns set by one program, but those hold prose on both sides. */
static bool is_columns(const struct region *r, const struct gutter *g, float width)
{
    const struct side *a = &g->sides[0], *b = &g->sides[1];
    if (!is_text(a) || !is_text(b))
        return false;
    unsigned least = a->rows < b->rows ? a->rows : b->rows;
    if (10 * aligned_rows(r, g, width) < 6 * least)
        return (is_prose(a, 5, 6) || is_prose(b, 5, 6) ||
                (is_prose(a, 5, 4.5f) && is_prose(b, 5, 4.5f))) &&
               common_bands(r, g, width) < (least < 12 ? 2 : 3);
    return is_prose(a, 6, 4.5f) && is_prose(b, 6, 4.5f);
}

/* Counts both sides of a run and keeps it in *best when it is columns and larger. */
static void weigh(const struct region *r, struct gutter g, float width,
                  struct gutter *best)
{
    trim(r, &g, width);
    if (g.to - g.from < MIN_ROWS)
        return;
    g.sides[0] = g.sides[1] = (struct side){0};
    for (size_t i = g.from; i < g.to; i++) {
        const struct row *row = &r->rows[i];
        uint32_t cut = (uint32_t)cut_of(r, row, g.x, width);
        count_side(r, row->first, cut, &g.sides[0]);
        count_side(r, cut, row->first + row->n, &g.sides[1]);
    }
    g.words = g.sides[0].words + g.sides[1].words;
    if (g.words > best->words && is_columns(r, &g, width))
        *best = g;
}

/* All runs of rows that leave the gutter before x free. */
static void try_gutter(const struct region *r, float x, float width, struct gutter *best)
{
    struct gutter g = {.x = x};
    for (size_t i = 0; i <= r->n_rows; i++) {
        if (i < r->n_rows && cut_of(r, &r->rows[i], x, width) >= 0)
            continue;
        g.to = i;
        if (g.to - g.from >= MIN_ROWS)
            weigh(r, g, width, best);
        g.from = i + 1;
    }
}

/* Left edges at which several rows begin a chunk that has something before it or
   stands away from the region's edge. */
static size_t candidates(const struct region *r, float *out)
{
    struct edge {
        float x;
        unsigned n;
    } edges[MAX_CANDIDATES];
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct lay_chunk *c = chunk_at(r, i);
        float x = c->box.x0;
        if (x < r->left + 3 * c->size || c->n_words < 2)
            continue;
        size_t k = 0;
        while (k < n && fabsf(edges[k].x - x) > 2.5f)
            k++;
        if (k == n && n < MAX_CANDIDATES)
            edges[n++] = (struct edge){x, 0};
        if (k < n) {
            edges[k].n++;
            edges[k].x = fminf(edges[k].x, x);
        }
    }
    for (size_t k = 0; k < n; k++)
        if (edges[k].n >= MIN_ROWS)
            out[kept++] = edges[k].x;
    return kept;
}

static struct gutter find_gutter(const struct region *r)
{
    struct gutter best = {0};
    float xs[MAX_CANDIDATES];
    size_t n = candidates(r, xs);
    for (size_t i = 0; i < n; i++)
        try_gutter(r, xs[i], 7, &best);
    return best;
}

/* ---- lines */

/* "1.", "IV.", "a)": no bullet or dash. */
static bool is_number(const struct lay_word *w)
{
    return w->len > 1 && lay_is_mark(w->text, w->len) && strchr(".)", w->text[w->len - 1]);
}

static grf_status add_line(struct region *r, const struct row *row, uint32_t column)
{
    struct lay_page *p = r->p;
    if (grf_grow(&p->lines, p->n_lines, &p->cap_lines, sizeof *p->lines))
        return GRF_NOMEM;
    struct lay_line *l = &p->lines[p->n_lines++];
    *l = (struct lay_line){.box = row->box, .first = (uint32_t)p->n_order, .column = column,
                           .left = r->left, .right = r->right, .bold = true};
    l->role = chunk_at(r, row->first)->role;
    for (uint32_t i = row->first; i < row->first + row->n; i++) {
        const struct lay_chunk *c = chunk_at(r, i);
        if (grf_grow(&p->order, p->n_order, &p->cap_order, sizeof *p->order))
            return GRF_NOMEM;
        p->order[p->n_order++] = r->chunks[i];
        l->n++;
        l->size = fmaxf(l->size, c->size);
        uint32_t w = c->first;
        /* the number of a heading may be set lighter */
        if (i == row->first && is_number(&p->words[w]) && row->n + c->n_words > 2)
            w = p->words[w].next;
        for (; l->bold && w != LAY_NONE; w = p->words[w].next)
            l->bold = p->words[w].flags & GRF_WORD_BOLD;
    }
    return GRF_OK;
}

static grf_status add_lines(struct region *r)
{
    uint32_t column = (uint32_t)r->p->n_lines;
    grf_status st = GRF_OK;
    for (size_t i = 0; !st && i < r->n_rows; i++)
        st = add_line(r, &r->rows[i], column);
    return st;
}

static void set_edges(struct region *r)
{
    r->left = r->right = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct grf_box *b = &chunk_at(r, i)->box;
        r->left = i ? fminf(r->left, b->x0) : b->x0;
        r->right = i ? fmaxf(r->right, b->x1) : b->x1;
    }
}

static grf_status order_region(struct region *r, unsigned depth);

/* Orders the chunks [from,to) of the sorted region, those on one side of the gutter
   only, or all (side 2). Edges: own for a side, the region's for the rest. */
static grf_status order_part(const struct region *r, size_t from, size_t to,
                             const struct gutter *g, int side, unsigned depth)
{
    struct region part = {.p = r->p, .left = r->left, .right = r->right};
    if (from >= to)
        return GRF_OK;
    size_t most = r->rows[to - 1].first + r->rows[to - 1].n - r->rows[from].first;
    part.chunks = grf_calloc(most, sizeof *part.chunks);
    if (!part.chunks)
        return GRF_NOMEM;
    for (size_t i = r->rows[from].first; i < r->rows[from].first + most; i++) {
        int where = chunk_at(r, i)->box.x0 >= g->x - 1;
        if (side == 2 || where == side)
            part.chunks[part.n++] = r->chunks[i];
    }
    if (side != 2)
        set_edges(&part);
    grf_status st = part.n ? order_region(&part, depth) : GRF_OK;
    grf_free(part.chunks);
    return st;
}

/* A narrow and short column beside a wide and longer one is a margin. What is a
   margin goes into no passage: when in doubt it is none. */
static void mark_margin(const struct region *r, const struct gutter *g)
{
    float a = g->sides[0].right - g->sides[0].left, b = g->sides[1].right - g->sides[1].left;
    int narrow = a < b ? 0 : 1;
    const struct side *s = &g->sides[narrow], *wide = &g->sides[!narrow];
    if (fminf(a, b) > 0.36f * r->p->raw->width || fmaxf(a, b) < 1.5f * fminf(a, b) ||
        s->rows > 20 || s->words > 80 || 2 * s->words > wide->words)
        return;
    for (size_t i = g->from; i < g->to; i++)
        for (uint32_t k = r->rows[i].first; k < r->rows[i].first + r->rows[i].n; k++) {
            struct lay_chunk *c = &r->p->chunks[r->chunks[k]];
            if ((c->box.x0 >= g->x - 1) == narrow && c->role == GRF_ROLE_BODY)
                c->role = GRF_ROLE_MARGIN;
        }
}

static grf_status order_rows(struct region *r, unsigned depth)
{
    struct gutter g = {0};
    if (depth < MAX_DEPTH && r->n >= 2 * MIN_ROWS)
        g = find_gutter(r);
    if (!g.words)
        return add_lines(r);
    mark_margin(r, &g);
    grf_status st = order_part(r, 0, g.from, &g, 2, depth + 1);
    for (int side = 0; !st && side < 2; side++)
        st = order_part(r, g.from, g.to, &g, side, depth + 1);
    if (!st)
        st = order_part(r, g.to, r->n_rows, &g, 2, depth + 1);
    return st;
}

static grf_status order_region(struct region *r, unsigned depth)
{
    struct sort_key *keys = grf_calloc(r->n, sizeof *keys);
    if (!keys)
        return GRF_NOMEM;
    grf_status st = make_rows(r, keys);
    grf_free(keys);
    if (!st)
        st = order_rows(r, depth);
    grf_free(r->rows);
    r->rows = NULL;
    r->n_rows = 0;
    return st;
}

/* All chunks with that role, vertical or not, as one region. */
static grf_status order_kind(struct lay_page *p, uint8_t role, bool vertical,
                             uint32_t *room)
{
    struct region r = {.p = p, .chunks = room};
    for (size_t i = 0; i < p->n_chunks; i++)
        if (p->chunks[i].role == role && p->chunks[i].vertical == vertical)
            r.chunks[r.n++] = (uint32_t)i;
    if (!r.n)
        return GRF_OK;
    set_edges(&r);
    /* stamps and vertical text have no columns worth finding */
    unsigned depth = role == GRF_ROLE_BODY && !vertical && p->n_words <= LAY_MAX_WORDS
                         ? 0 : MAX_DEPTH;
    return order_region(&r, depth);
}

grf_status lay_make_lines(struct lay_page *p, struct grf_err *err)
{
    uint32_t *room = grf_calloc(p->n_chunks, sizeof *room);
    if (!room)
        return grf_fail_nomem(err);
    static const struct {
        uint8_t role;
        bool vertical;
    } kinds[] = {{GRF_ROLE_BODY, false},   {GRF_ROLE_BODY, true}, {GRF_ROLE_MARGIN, true},
                 {GRF_ROLE_STAMP, false}, {GRF_ROLE_STAMP, true}};
    grf_status st = GRF_OK;
    for (size_t i = 0; !st && i < GRF_ARRAY_LEN(kinds); i++)
        st = order_kind(p, kinds[i].role, kinds[i].vertical, room);
    grf_free(room);
    return st ? grf_fail_nomem(err) : GRF_OK;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The layout of a document: each page through words, chunks, lines and blocks, roles
 * over all pages, then the text written with its words and blocks. Pure computation.
 */
#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "layout_priv.h"

#define MAX_SIZES 64 /* half points: sizes counted for a page's usual one */

static void release_page(struct lay_page *p)
{
    grf_free(p->pool);
    grf_free(p->words);
    grf_free(p->chunks);
    grf_free(p->order);
    grf_free(p->lines);
}

static grf_status prepare(struct lay_page *p, struct grf_err *err)
{
    grf_status st = lay_make_words(p, err);
    if (!st)
        st = lay_make_chunks(p, err);
    if (st)
        return st;
    lay_mark_stamps(p);
    return lay_make_lines(p, err);
}

/* ---- writing */

/* The size that most of the document's text has: lists of names in small print on
   one page make no heading of the rest. */
static float usual_size(const struct lay_page *all, size_t n)
{
    size_t count[MAX_SIZES] = {0}, best = 0;
    for (size_t p = 0; p < n; p++)
        for (uint32_t i = 0; i < all[p].n_words; i++) {
            float k = all[p].words[i].size * 2;
            size_t slot = k < MAX_SIZES - 1 ? (size_t)k : MAX_SIZES - 1;
            count[slot] += all[p].words[i].len;
        }
    for (size_t slot = 1; slot < MAX_SIZES; slot++)
        best = count[slot] > count[best] ? slot : best;
    return best ? ((float)best + 0.5f) / 2 : 10;
}

struct writer {
    const struct lay_page *from;
    struct grf_page *to;
    float body_size;
    bool bad;
};

static void write_word(struct writer *out, const struct lay_word *w, uint8_t role)
{
    struct grf_page *p = out->to;
    /* the pieces of a letter-spaced title become one word */
    if (w->joined && p->n_words) {
        struct grf_page_word *last = &p->words[p->n_words - 1];
        grf_str_add(&p->text, w->text, w->len);
        last->end = (uint32_t)p->text.n;
        lay_join(&last->box, &w->box);
        return;
    }
    if (p->text.n && p->text.p[p->text.n - 1] != '\n')
        grf_str_addc(&p->text, ' ');
    if (grf_grow(&p->words, p->n_words, &p->cap_words, sizeof *p->words)) {
        out->bad = true;
        return;
    }
    struct grf_page_word *n = &p->words[p->n_words++];
    *n = (struct grf_page_word){.start = (uint32_t)p->text.n, .box = w->box, .role = role,
                                .conf = w->conf};
    grf_str_add(&p->text, w->text, w->len);
    n->end = (uint32_t)p->text.n;
}

static void write_line(struct writer *out, const struct lay_line *l)
{
    for (uint32_t i = 0; !out->bad && i < l->n; i++) {
        const struct lay_chunk *c = &out->from->chunks[out->from->order[l->first + i]];
        for (uint32_t w = c->first; w != LAY_NONE; w = out->from->words[w].next)
            write_word(out, &out->from->words[w], l->role);
    }
}

/* Lines [first, first+n) as one block. */
static void write_block(struct writer *out, size_t first, size_t n)
{
    struct grf_page *p = out->to;
    const struct lay_line *lines = &out->from->lines[first];
    if (p->text.n)
        grf_str_addz(&p->text, "\n\n");
    if (grf_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof *p->blocks)) {
        out->bad = true;
        return;
    }
    struct grf_block *b = &p->blocks[p->n_blocks++];
    *b = (struct grf_block){.start = (uint32_t)p->text.n, .box = lines[0].box,
                            .size = lines[n / 2].size, .role = lines[0].role};
    b->heading = b->role == GRF_ROLE_BODY &&
                 lay_is_heading(out->from, first, n, out->body_size);
    for (size_t i = 0; i < n && !out->bad; i++) {
        if (i)
            grf_str_addc(&p->text, '\n');
        write_line(out, &lines[i]);
        lay_join(&b->box, &lines[i].box);
    }
    b->end = (uint32_t)p->text.n;
}

/* All blocks of these roles, in reading order. */
static void write_roles(struct writer *out, unsigned roles)
{
    const struct lay_page *p = out->from;
    for (size_t i = 0; i < p->n_lines && !out->bad;) {
        size_t n = 1;
        while (i + n < p->n_lines && !p->lines[i + n].starts_block)
            n++;
        if (roles >> p->lines[i].role & 1)
            write_block(out, i, n);
        i += n;
    }
}

/* A box of the upright page, back on the page as displayed. A word keeps its height
   though its line slopes; a block (grow) is given room for the slope. */
static void put_back(const struct grf_raw_page *raw, bool grow, struct grf_box *b)
{
    float a = raw->skew * 0.0174533f, w = raw->width, h = raw->height;
    float x = (b->x0 + b->x1 - w) / 2, y = (b->y0 + b->y1 - h) / 2;
    float half_w = (b->x1 - b->x0) / 2, half_h = (b->y1 - b->y0) / 2;
    float turned_x = w / 2 + x * cosf(a) + y * sinf(a);
    float turned_y = h / 2 + y * cosf(a) - x * sinf(a);
    float more_w = grow ? half_h * fabsf(sinf(a)) : 0;
    float more_h = grow ? half_w * fabsf(sinf(a)) : 0;
    half_w += more_w;
    half_h += more_h;
    x = raw->turn == 90    ? turned_y
        : raw->turn == 180 ? w - turned_x
        : raw->turn == 270 ? h - turned_y
                           : turned_x;
    y = raw->turn == 90    ? w - turned_x
        : raw->turn == 180 ? h - turned_y
        : raw->turn == 270 ? turned_x
                           : turned_y;
    bool across = raw->turn == 90 || raw->turn == 270;
    float dx = across ? half_h : half_w, dy = across ? half_w : half_h;
    *b = (struct grf_box){x - dx, y - dy, x + dx, y + dy};
}

static void put_all_back(const struct grf_raw_page *raw, struct grf_page *to)
{
    if (raw->turn == 0 && raw->skew == 0)
        return;
    for (size_t i = 0; i < to->n_words; i++)
        put_back(raw, false, &to->words[i].box);
    for (size_t i = 0; i < to->n_blocks; i++)
        put_back(raw, true, &to->blocks[i].box);
    if (raw->turn == 90 || raw->turn == 270) {
        to->width = raw->height;
        to->height = raw->width;
    }
}

static grf_status write_page(const struct lay_page *from, float body_size,
                             struct grf_page *to, struct grf_err *err)
{
    struct writer out = {from, to, body_size, false};
    to->number = from->index + 1;
    to->width = from->raw->width;
    to->height = from->raw->height;
    to->rotation = from->raw->rotation;
    to->state = lay_state(from);
    write_roles(&out, 1u << GRF_ROLE_HEADER);
    write_roles(&out, 1u << GRF_ROLE_BODY | 1u << GRF_ROLE_MARGIN);
    write_roles(&out, 1u << GRF_ROLE_FOOTER);
    write_roles(&out, 1u << GRF_ROLE_STAMP);
    put_all_back(from->raw, to);
    if (out.bad)
        return grf_fail_nomem(err);
    return grf_str_status(&to->text, err);
}

grf_status grf_layout_document(const struct grf_raw_page *raw, size_t n,
                               struct grf_page *pages, struct grf_err *err)
{
    struct lay_page *all = grf_calloc(n, sizeof *all);
    if (!all)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    for (size_t i = 0; !st && i < n; i++) {
        all[i].raw = &raw[i];
        all[i].index = (int)i;
        st = prepare(&all[i], err);
    }
    if (!st)
        st = lay_mark_running(all, n, err);
    float body_size = usual_size(all, n);
    for (size_t i = 0; !st && i < n; i++) {
        st = lay_make_tables(&all[i], err);
        if (st)
            break;
        lay_make_blocks(&all[i]);
        st = write_page(&all[i], body_size, &pages[i], err);
    }
    for (size_t i = 0; i < n; i++)
        release_page(&all[i]);
    grf_free(all);
    return st;
}

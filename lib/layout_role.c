/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Roles: the prefecture's receipt stamp, running headers and footers; and the text
 * state of a page, which depends on what is left without them.
 */
#include <math.h>

#include "grf_mem.h"
#include "layout_priv.h"

/* ---- stamps */

enum anchor { NO_ANCHOR, WEAK_ANCHOR, STRONG_ANCHOR };

static bool starts(const char *key, const char *with)
{
    return strncmp(key, with, strlen(with)) == 0;
}

/* 034-213401722-20140405-0000070899-DE, its letters and digits only: department,
   SIREN, date, number, nature. */
static bool is_receipt_id(const char *key, size_t n)
{
    if (starts(key, "id"))
        key += 2, n -= 2;
    size_t digits = strspn(key, "0123456789abAB");
    if (n < 23 || n > 60 || digits < 20)
        return false;
    /* the date begins after three digits (or 2A, 2B) and nine of the SIREN */
    const char *date = key + 12;
    return (date[0] == '1' || date[0] == '2') && (date[1] == '9' || date[1] == '0') &&
           date[4] <= '1' && date[6] <= '3' && key[n - 1] >= 'a' && key[n - 1] <= 'z';
}

static bool is_date(const char *key, size_t n)
{
    return (n == 6 || n == 8) && strspn(key, "0123456789") == n;
}

static enum anchor anchor_of(const char *key, size_t n)
{
    static const char *const strong[] = {
        "accusedereceptionminist", "acterenduexecutoire", "envoyeenprefecturele",
        "recuenprefecturele", "envoienprefecture", "envoiprefecture", "receptionenprefecture",
        "receptionprefecture", "receptionparleprefet", "actecertifieexecutoire",
        "accusecertifieexecutoire", "transmisenprefecturele"};
    static const char *const weak[] = {"affichele", "publiele", "notifiele", "miseenligne",
                                       "slo", "berger", "levrault", "affichage", "pour"};
    if (is_receipt_id(key, n))
        return STRONG_ANCHOR;
    for (size_t i = 0; i < GRF_ARRAY_LEN(strong); i++)
        if (starts(key, strong[i]) && n < strlen(strong[i]) + 40)
            return STRONG_ANCHOR;
    if (is_date(key, n) || (n <= 2 && starts(key, "id")))
        return WEAK_ANCHOR;
    for (size_t i = 0; i < GRF_ARRAY_LEN(weak); i++)
        if (starts(key, weak[i]) && n < strlen(weak[i]) + 12)
            return WEAK_ANCHOR;
    return NO_ANCHOR;
}

#define MAX_ANCHORS 64

struct stamp {
    struct grf_box box;
    size_t strong[MAX_ANCHORS], n_strong, weak[MAX_ANCHORS], n_weak;
};

static bool is_near(const struct grf_box *stamp, const struct grf_box *b, float size)
{
    float dx = fmaxf(stamp->x0 - b->x1, b->x0 - stamp->x1);
    float dy = fmaxf(stamp->y0 - b->y1, b->y0 - stamp->y1);
    return dx < 3 * size && dy < 1.6f * size;
}

static void find_anchors(const struct lay_page *p, struct stamp *s)
{
    char key[96];
    for (size_t i = 0; i < p->n_chunks; i++) {
        size_t n = lay_chunk_key(p, &p->chunks[i], false, key, sizeof key);
        enum anchor a = anchor_of(key, n);
        if (a == STRONG_ANCHOR && s->n_strong < MAX_ANCHORS)
            s->strong[s->n_strong++] = i;
        else if (a == WEAK_ANCHOR && s->n_weak < MAX_ANCHORS)
            s->weak[s->n_weak++] = i;
    }
}

/* Takes weak anchors that touch the stamp, as long as it grows. */
static void grow(struct lay_page *p, struct stamp *s)
{
    for (bool grew = true; grew;) {
        grew = false;
        for (size_t i = 0; i < s->n_weak; i++) {
            struct lay_chunk *c = &p->chunks[s->weak[i]];
            if (c->role != GRF_ROLE_STAMP && is_near(&s->box, &c->box, c->size)) {
                c->role = GRF_ROLE_STAMP;
                lay_join(&s->box, &c->box);
                grew = true;
            }
        }
    }
}

void lay_mark_stamps(struct lay_page *p)
{
    struct stamp s = {0};
    find_anchors(p, &s);
    for (size_t i = 0; i < s.n_strong; i++) {
        struct lay_chunk *c = &p->chunks[s.strong[i]];
        if (c->role == GRF_ROLE_STAMP)
            continue;
        /* a stamp has at least two of its lines together; a lone one is a sentence */
        bool company = false;
        for (size_t k = 0; k < s.n_strong && !company; k++)
            company = k != i && is_near(&p->chunks[s.strong[k]].box, &c->box, 3 * c->size);
        for (size_t k = 0; k < s.n_weak && !company; k++)
            company = is_near(&p->chunks[s.weak[k]].box, &c->box, 1.5f * c->size);
        if (!company)
            continue;
        c->role = GRF_ROLE_STAMP;
        s.box = c->box;
        grow(p, &s);
    }
}

/* ---- running headers and footers */

#define EDGE_LINES 4      /* looked at from each end of the page */
#define MAX_KEY 160
#define SAME_PLACE 10.0f  /* points */

struct edge_line {
    uint32_t line;
    uint32_t n; /* of key */
    bool top, repeats;
    char key[MAX_KEY];
};

struct edges {
    struct edge_line e[2 * EDGE_LINES];
    size_t n;
};

static size_t line_key(const struct lay_page *p, const struct lay_line *l, char *out,
                       size_t room)
{
    size_t used = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        used += lay_chunk_key(p, lay_chunk_of(p, l, i), true, out + used, room - used);
        /* numbers of two chunks stay apart */
        if (i + 1 < l->n && used + 2 < room)
            out[used++] = ' ';
    }
    out[used] = 0;
    return used;
}

static void add_edge(const struct lay_page *p, struct edges *e, size_t line, bool top)
{
    struct edge_line *x = &e->e[e->n];
    x->line = (uint32_t)line;
    x->top = top;
    x->repeats = false;
    x->n = (uint32_t)line_key(p, &p->lines[line], x->key, sizeof x->key);
    e->n++;
}

/* The lines nearest to the top or bottom, whatever their place in reading order. */
static void find_edges(const struct lay_page *p, struct edges *e)
{
    float height = p->raw->height;
    for (int top = 1; top >= 0; top--) {
        float last = top ? -1e9f : 1e9f;
        for (int k = 0; k < EDGE_LINES; k++) {
            size_t best = SIZE_MAX;
            for (size_t i = 0; i < p->n_lines; i++) {
                const struct lay_line *l = &p->lines[i];
                float y = lay_mid_y(&l->box);
                bool later = top ? y > last : y < last;
                bool zone = top ? y < 0.2f * height : y > 0.82f * height;
                if (l->role == GRF_ROLE_STAMP || !later || !zone)
                    continue;
                if (best == SIZE_MAX || (top ? y < lay_mid_y(&p->lines[best].box)
                                             : y > lay_mid_y(&p->lines[best].box)))
                    best = i;
            }
            if (best == SIZE_MAX)
                break;
            last = lay_mid_y(&p->lines[best].box);
            add_edge(p, e, best, top);
        }
    }
}

static long number_at(const char **p)
{
    long v = 0;
    for (int i = 0; **p >= '0' && **p <= '9'; (*p)++, i++)
        v = i < 9 ? v * 10 + (**p - '0') : v;
    return v;
}

/* Same text, where numbers are the same or count the pages. */
static bool same_key(const struct edge_line *a, const struct edge_line *b, long pages_on)
{
    const char *x = a->key, *y = b->key;
    while (*x && *y) {
        if (*x >= '0' && *x <= '9' && *y >= '0' && *y <= '9') {
            long m = number_at(&x), n = number_at(&y);
            if (m != n && n - m != pages_on)
                return false;
        } else if (*x++ != *y++) {
            return false;
        }
    }
    return !*x && !*y;
}

static void compare(const struct lay_page *p, struct edges *a, const struct lay_page *q,
                    struct edges *b, long pages_on)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++) {
            struct edge_line *x = &a->e[i], *y = &b->e[k];
            float dy = x->top ? p->lines[x->line].box.y0 - q->lines[y->line].box.y0
                              : (p->raw->height - p->lines[x->line].box.y1) -
                                    (q->raw->height - q->lines[y->line].box.y1);
            if (x->top == y->top && x->n && fabsf(dy) < SAME_PLACE &&
                same_key(x, y, pages_on))
                x->repeats = y->repeats = true;
        }
}

/* The page's own number alone at the very edge: "3", "- 3 -", "Page 3 / 15". */
static bool is_page_number(const struct lay_page *p, const struct edge_line *e)
{
    const struct lay_line *l = &p->lines[e->line];
    bool edge = e->top ? l->box.y1 < 0.08f * p->raw->height
                       : l->box.y0 > 0.9f * p->raw->height;
    const char *k = e->key;
    if (!edge || !e->n)
        return false;
    if (starts(k, "page"))
        k += 4;
    if (number_at(&k) != p->index + 1)
        return false;
    if (starts(k, "sur"))
        k += 3;
    k += strspn(k, " 0123456789");
    return !*k;
}

/* Running lines are the outermost: a line that the act repeats stands further in. */
static void apply(struct lay_page *p, const struct edges *e)
{
    bool inside[2] = {false, false};
    for (size_t i = 0; i < e->n; i++) {
        const struct edge_line *x = &e->e[i];
        if (inside[x->top] || (!x->repeats && !is_page_number(p, x)))
            inside[x->top] = true;
        else
            p->lines[x->line].role = x->top ? GRF_ROLE_HEADER : GRF_ROLE_FOOTER;
    }
}

grf_status lay_mark_running(struct lay_page *pages, size_t n, struct grf_err *err)
{
    struct edges *all = grf_calloc(n, sizeof *all);
    if (!all)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        find_edges(&pages[i], &all[i]);
    /* left and right pages may differ: the page after the next counts too */
    for (size_t i = 0; i < n; i++)
        for (size_t on = 1; on <= 2 && i + on < n; on++)
            compare(&pages[i], &all[i], &pages[i + on], &all[i + on], (long)on);
    for (size_t i = 0; i < n; i++)
        apply(&pages[i], &all[i]);
    grf_free(all);
    return GRF_OK;
}

/* ---- states */

/* Fewer letters than this beside a page image are no text of the page. */
#define FEW_LETTERS 20

grf_text_state lay_state(const struct lay_page *p)
{
    if (p->raw->ocr)
        return GRF_TEXT_OCR;
    size_t body = 0, stamp = 0, hidden = 0;
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct lay_line *l = &p->lines[i];
        for (uint32_t k = 0; k < l->n; k++) {
            const struct lay_chunk *c = &p->chunks[p->order[l->first + k]];
            for (uint32_t w = c->first; w != LAY_NONE; w = p->words[w].next) {
                size_t len = p->words[w].len;
                if (l->role == GRF_ROLE_STAMP)
                    stamp += len;
                else if (l->role == GRF_ROLE_BODY || l->role == GRF_ROLE_MARGIN)
                    body += len;
                if (p->words[w].flags & GRF_WORD_INVISIBLE)
                    hidden += len;
            }
        }
    }
    float cover = p->raw->image_cover;
    if (body < FEW_LETTERS && cover >= 0.3f)
        return stamp ? GRF_TEXT_STAMP : GRF_TEXT_SCAN;
    if (!p->n_words)
        return cover >= 0.05f ? GRF_TEXT_SCAN : GRF_TEXT_NONE;
    return hidden > body / 2 ? GRF_TEXT_LAYER : GRF_TEXT_NATIVE;
}

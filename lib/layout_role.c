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

#define MAX_TOKENS 48

/* Words and numbers of a line, folded; numbers have their value. */
struct token {
    char text[8]; /* the beginning; "" for a number */
    long number;  /* -1 for a word */
};

struct tokens {
    struct token t[MAX_TOKENS];
    size_t n;
};

static void add_char(struct tokens *all, uint32_t c, bool goes_on)
{
    bool digit = c >= '0' && c <= '9';
    struct token *t = all->n ? &all->t[all->n - 1] : NULL;
    if (!goes_on || !t || (t->number >= 0) != digit) {
        if (all->n == MAX_TOKENS)
            return;
        t = &all->t[all->n++];
        *t = (struct token){.number = digit ? 0 : -1};
    }
    size_t len = strlen(t->text);
    if (digit && t->number < 100000)
        t->number = t->number * 10 + (long)(c - '0');
    else if (!digit && len + 1 < sizeof t->text)
        t->text[len] = (char)c;
}

static void split_line(const struct lay_page *p, const struct lay_line *l, struct tokens *out)
{
    out->n = 0;
    for (uint32_t i = 0; i < l->n; i++)
        for (uint32_t w = lay_chunk_of(p, l, i)->first; w != LAY_NONE; w = p->words[w].next) {
            bool goes_on = false;
            for (size_t at = 0; at < p->words[w].len;) {
                uint32_t c = lay_fold(lay_next_char(p->words[w].text, p->words[w].len, &at));
                bool kept = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
                if (kept)
                    add_char(out, c, goes_on);
                goes_on = kept;
            }
        }
}

/* Reads "3", "3 / 15" or "3 sur 15" at token i; the token after it, i for none.
   *known: it is this page's number, or one of a number of pages. */
static size_t numbering(const struct tokens *all, size_t i, long page, bool *known)
{
    if (i >= all->n || all->t[i].number < 1 || all->t[i].number > 9999)
        return i;
    long number = all->t[i].number;
    size_t k = i + 1;
    if (k + 1 < all->n)
        k += strcmp(all->t[k].text, "sur") == 0 || strcmp(all->t[k].text, "de") == 0;
    bool of = k < all->n && all->t[k].number >= number && all->t[k].number < 1000;
    *known = number == page || of;
    return of ? k + 1 : i + 1;
}

/* "Page 2 / 9" at the line's beginning or end, or a line of such numbers alone. *sure:
   it says nothing else, and the number is right. */
static bool counts_pages(const struct lay_page *p, const struct lay_line *l, long n_pages,
                         bool *sure)
{
    struct tokens all;
    bool known = false;
    long page = p->index + 1;
    split_line(p, l, &all);
    for (size_t i = 0; i + 1 < all.n; i++) {
        if (strcmp(all.t[i].text, "page") != 0 && strcmp(all.t[i].text, "p") != 0)
            continue;
        size_t end = numbering(&all, i + 1, page, &known);
        *sure = i == 0 && end == all.n && all.t[1].number == page;
        if (end > i + 1 && known && (i == 0 || end == all.n))
            return true;
    }
    *sure = all.n && all.t[0].number == page;
    if (numbering(&all, 0, page, &known) == all.n && all.n)
        return known || all.t[0].number < 1000;
    *sure = false;
    /* "Commune de Valmont – 2/9" */
    size_t last = all.n > 2 ? all.n - 2 : 0;
    return last && all.t[last].number == page && all.t[last + 1].number == n_pages;
}

/* A line with the page's number at the very edge; inner is the next one inside, if any. */
static bool is_page_number(const struct lay_page *p, const struct edge_line *e,
                           const struct edge_line *inner, long n_pages)
{
    const struct lay_line *l = &p->lines[e->line];
    bool edge = e->top ? l->box.y1 < 0.1f * p->raw->height
                       : l->box.y0 > 0.88f * p->raw->height;
    if (!edge || !e->n)
        return false;
    bool sure = false;
    if (!counts_pages(p, l, n_pages, &sure))
        return false;
    if (sure || !inner)
        return true;
    const struct grf_box *b = &p->lines[inner->line].box;
    return (e->top ? b->y0 - l->box.y1 : l->box.y0 - b->y1) > 0.8f * l->size;
}

/* Running lines are the outermost: a line that the act repeats stands further in. */
static void apply(struct lay_page *p, const struct edges *e, long n_pages)
{
    bool inside[2] = {false, false};
    for (size_t i = 0; i < e->n; i++) {
        const struct edge_line *x = &e->e[i];
        const struct edge_line *inner = i + 1 < e->n && x[1].top == x->top ? x + 1 : NULL;
        if (inside[x->top] || (!x->repeats && !is_page_number(p, x, inner, n_pages)))
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
        apply(&pages[i], &all[i], (long)n);
    grf_free(all);
    return GRF_OK;
}

/* ---- states */

/* Fewer letters than this beside a page image are no text of the page: beside one that
   takes most of the page, a heading is none either. */
#define FEW_LETTERS 20
#define HEADING_LETTERS 80

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
    if ((body < FEW_LETTERS && cover >= 0.3f) ||
        (body < HEADING_LETTERS && cover >= 0.5f && !hidden))
        return stamp ? GRF_TEXT_STAMP : GRF_TEXT_SCAN;
    if (!p->n_words)
        return cover >= 0.05f ? GRF_TEXT_SCAN : GRF_TEXT_NONE;
    return hidden > body / 2 ? GRF_TEXT_LAYER : GRF_TEXT_NATIVE;
}

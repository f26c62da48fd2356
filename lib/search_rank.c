/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From candidates to results: the best candidates are joined to their rows and ordered
 * again by what the rows tell (the decision before the debate), few passages of one act
 * stay, and acts that repeat from year to year are shown once.
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "search_priv.h"

enum {
    POOL_LEAST = 40, /* candidates looked at more closely */
    POOL_FACTOR = 4, /* the same for each result wanted */
    PER_ACT = 2,     /* passages of one act among the results, each on another page */
    READ_MOST = 120, /* of them whose text is read for the year that is asked */
    ALSO_MOST = 16,
    COPIES_MOST = 4,
    SUBJECT_WORDS = 32
};

/* On top of a score of 0 to 1, by the part of the act that a passage stands in; tuned on
   questions with known pages (doc/QUALITY.md, "order"). */
#define BONUS_DECISION 0.08
#define BONUS_DEBATE (-0.04)
#define BONUS_NO_ACT (-0.05) /* agendas, lists, closing words */
/* An act repeated from year to year: the newest is shown when it scores nearly as well. */
#define NEARLY 0.03

/* An act's subject as a set of word hashes, without numbers and months. */
struct subject {
    uint32_t words[SUBJECT_WORDS];
    size_t n;
};

struct item {
    struct grf_result r;
    struct subject subject;
    const struct item *twin; /* the item that is shown for it; NULL: it stands for itself */
    size_t group;    /* copies of one act: 1 + index of the best of them; 0: not looked at */
    int64_t copy_of; /* the act that is shown instead, in a better copy; 0: none */
};

struct pool {
    struct item *v;
    size_t n, cap;
    struct item **shown; /* n_shown of them, best first */
    size_t n_shown;
};

/* ---- near twins */

static bool is_month(const char *norm)
{
    static const char *const months[] = {"janvier",   "fevrier", "mars",     "avril",
                                         "mai",       "juin",    "juillet",  "aout",
                                         "septembre", "octobre", "novembre", "decembre"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(months); i++) {
        if (strcmp(norm, months[i]) == 0)
            return true;
    }
    return false;
}

static bool has_word(const struct subject *s, uint32_t word)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->words[i] == word)
            return true;
    }
    return false;
}

/* FNV-1a. */
static uint32_t hash_of(struct grf_sv t)
{
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < t.n; i++)
        h = (h ^ (unsigned char)t.p[i]) * UINT32_C(16777619);
    return h;
}

static void read_subject(struct subject *s, const char *text)
{
    struct grf_words it;
    struct grf_word w;
    s->n = 0;
    grf_words_init(&it, grf_sv_z(text));
    while (s->n < SUBJECT_WORDS && grf_words_next(&it, &w)) {
        struct grf_sv norm = grf_sv(w.norm, w.norm_len);
        if (w.has_digit || w.norm_len < 2 || is_month(w.norm) || grf_text_is_stopword(norm))
            continue;
        uint32_t hash = hash_of(norm);
        if (!has_word(s, hash))
            s->words[s->n++] = hash;
    }
}

/* Three words in four are the same. */
static bool alike(const struct subject *a, const struct subject *b)
{
    size_t both = 0;
    for (size_t i = 0; i < a->n; i++)
        both += has_word(b, a->words[i]);
    return both >= 2 && 4 * both >= 3 * (a->n + b->n - both);
}

/* Acts of one body, on different days, that differ by their year and amounts. Two acts
   of one day with one subject are the budgets of two services, and both are shown, or one
   act printed in two documents (printed_twice). */
static bool twins(const struct item *a, const struct item *b)
{
    const struct grf_act *x = &a->r.act.act, *y = &b->r.act.act;
    return x->body && y->body && x->session_date[0] && y->session_date[0] &&
           strcmp(x->session_date, y->session_date) != 0 &&
           alike(&a->subject, &b->subject) &&
           grf_text_same_key(grf_sv_z(x->body), grf_sv_z(y->body));
}

/* ---- copies */

static bool is_bare_ordinal(const char *number)
{
    size_t n = strlen(number);
    return n <= 2 && strspn(number, "0123456789") == n;
}

/* Whether the subjects may be of one act; sure: they must say so, else one that is wanting
   says nothing against it. */
static bool subjects_agree(const struct subject *a, const struct subject *b, bool sure)
{
    if (!a->n || !b->n)
        return !sure;
    return alike(a, b) || (a->n == 1 && b->n == 1 && a->words[0] == b->words[0]);
}

/* One act in two documents: the minutes and the act by itself, or a PDF and its scan. */
static bool printed_twice(const struct item *a, const struct item *b)
{
    const struct grf_act *x = &a->r.act.act, *y = &b->r.act.act;
    return a->r.act.doc_id != b->r.act.doc_id && x->kind == y->kind && x->body && y->body &&
           x->session_date[0] && strcmp(x->session_date, y->session_date) == 0 &&
           x->number && y->number && x->number[0] &&
           grf_text_same_key(grf_sv_z(x->number), grf_sv_z(y->number)) &&
           grf_text_same_key(grf_sv_z(x->body), grf_sv_z(y->body)) &&
           subjects_agree(&a->subject, &b->subject, is_bare_ordinal(x->number));
}

/* On the same page of the act. */
static bool same_place(const struct grf_result *a, const struct grf_result *b)
{
    return a->passage.page - a->act.act.first_page == b->passage.page - b->act.act.first_page;
}

/* How well the page's text reads, the best first. */
static grf_status reads_as(struct run *run, const struct item *it, int *order,
                           struct grf_err *err)
{
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(run->base->meta, it->r.passage.doc_id, it->r.passage.page,
                                  false, &p, err);
    *order = p.state == GRF_TEXT_NATIVE ? 0 : p.state == GRF_TEXT_LAYER ? 1 : 2;
    grf_page_release(&p);
    return st;
}

/* Of the copies of the act of v[at], the one that reads best on that page; the others
   become copies of it. */
static grf_status choose_copy(struct run *run, struct pool *p, size_t at,
                              struct grf_err *err)
{
    int best, order;
    size_t lead = at;
    grf_status st = reads_as(run, &p->v[at], &best, err);
    for (size_t i = at + 1; i < p->n && !st; i++) {
        if (p->v[i].group != at + 1 || p->v[i].r.act.id == p->v[lead].r.act.id ||
            !same_place(&p->v[i].r, &p->v[at].r))
            continue;
        st = reads_as(run, &p->v[i], &order, err);
        if (!st && order < best) {
            best = order;
            lead = i;
        }
    }
    int64_t act = p->v[lead].r.act.id;
    for (size_t i = at; i < p->n; i++) {
        if (p->v[i].group == at + 1 && p->v[i].r.act.id != act)
            p->v[i].copy_of = act;
    }
    return st;
}

/* The passage of the better copy takes the place of that of the copy found before it. */
static void promote(struct pool *p, size_t at)
{
    size_t i = 0;
    while (i < p->n && (p->v[i].r.act.id != p->v[at].copy_of ||
                        !same_place(&p->v[i].r, &p->v[at].r)))
        i++;
    if (i == p->n || i < at)
        return;
    struct item better = p->v[i], worse = p->v[at];
    double score = better.r.score;
    bool apart = better.r.why.apart;
    better.r.score = worse.r.score;
    better.r.why.apart = worse.r.why.apart;
    worse.r.score = score;
    worse.r.why.apart = apart;
    p->v[at] = better;
    p->v[i] = worse;
}

/* Puts all acts that are printed in several documents behind their best copy. */
static grf_status find_copies(struct run *run, struct pool *p, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < p->n && !st; i++) {
        bool any = false;
        if (p->v[i].group)
            continue;
        p->v[i].group = i + 1;
        for (size_t k = i + 1; k < p->n; k++) {
            bool copy = !p->v[k].group && printed_twice(&p->v[i], &p->v[k]);
            if (copy || p->v[k].r.act.id == p->v[i].r.act.id)
                p->v[k].group = i + 1;
            any = any || copy;
        }
        if (any)
            st = choose_copy(run, p, i, err);
    }
    for (size_t i = 0; i < p->n && !st; i++) {
        if (p->v[i].copy_of)
            promote(p, i);
    }
    return st;
}

/* ---- pool */

static double bonus_of(const struct grf_result *r)
{
    double b = r->act.act.kind == GRF_KIND_DOCUMENT ? BONUS_NO_ACT : 0;
    if (r->passage.part == GRF_PART_DECISION)
        b += BONUS_DECISION;
    else if (r->passage.part == GRF_PART_DEBATE)
        b += BONUS_DEBATE;
    return b;
}

static void set_why(const struct run *run, const struct candidate *c, struct grf_result *r)
{
    /* scores of words alone lie closer together */
    double bonus = run->opts->mode == GRF_MODE_LEXICAL ? bonus_of(r) / 2 : bonus_of(r);
    r->score = c->score + bonus;
    r->why = (struct grf_why){.lexical_rank = c->lexical_rank,
                              .vector_rank = c->vector_rank,
                              .bm25 = c->bm25,
                              .cosine = c->cosine,
                              .lexical = c->lexical,
                              .vector = c->vector,
                              .vector_weight = run->weight,
                              .named = c->hints,
                              .part = bonus};
}

static grf_status set_apart(struct run *run, struct grf_result *r, size_t nth,
                            struct grf_err *err)
{
    bool yes;
    grf_status st = fits(run, r, nth < READ_MOST, &yes, err);
    r->why.apart = !st && !yes;
    return st;
}

static grf_status fill_pool(struct run *run, struct pool *p, struct grf_err *err)
{
    size_t most = run->opts->n * POOL_FACTOR;
    grf_status st = GRF_OK;
    if (most < POOL_LEAST)
        most = POOL_LEAST;
    for (size_t i = 0; i < run->n && p->n < most && !st; i++) {
        bool keep;
        if (grf_grow(&p->v, p->n, &p->cap, sizeof(*p->v)))
            return grf_fail_nomem(err);
        struct item *it = &p->v[p->n];
        memset(it, 0, sizeof(*it));
        st = join_rows(run, &run->c[i], &it->r, &keep, err);
        if (st || !keep)
            continue;
        set_why(run, &run->c[i], &it->r);
        if (!run->anyway)
            st = set_apart(run, &it->r, p->n, err);
        read_subject(&it->subject, it->r.act.act.subject);
        p->n++;
    }
    return st;
}

static int by_score(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->r.why.apart != y->r.why.apart)
        return x->r.why.apart ? 1 : -1;
    if (x->r.score != y->r.score)
        return x->r.score < y->r.score ? 1 : -1;
    /* what the reranker finds equal stays as it was */
    if (x->r.why.rerank_from && y->r.why.rerank_from)
        return x->r.why.rerank_from - y->r.why.rerank_from;
    return (x->r.passage.id > y->r.passage.id) - (x->r.passage.id < y->r.passage.id);
}

/* ---- choosing */

/* Whether the act has its passages already, or this page of it. */
static bool act_is_full(const struct pool *p, const struct item *it, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_shown; i++) {
        const struct grf_result *r = &p->shown[i]->r;
        if (r->act.id != it->r.act.id)
            continue;
        if (r->passage.page == it->r.passage.page || ++n == most)
            return true;
    }
    return false;
}

/* Where among the shown ones an act stands that this one repeats; n_shown: nowhere. */
static size_t twin_at(const struct pool *p, const struct item *it)
{
    size_t i = 0;
    while (i < p->n_shown &&
           (p->shown[i]->r.act.id == it->r.act.id || !twins(p->shown[i], it)))
        i++;
    return i;
}

/* it is shown in the place of the older one. */
static void replace(struct pool *p, size_t at, struct item *it)
{
    struct item *old = p->shown[at];
    for (size_t i = 0; i < p->n; i++) {
        if (p->v[i].twin == old)
            p->v[i].twin = it;
    }
    it->r.score = old->r.score;
    old->twin = it;
    p->shown[at] = it;
}

static void put_to_twin(struct pool *p, size_t at, struct item *it)
{
    const struct item *twin = p->shown[at];
    bool newer = strcmp(it->r.act.act.session_date, twin->r.act.act.session_date) > 0;
    if (newer && it->r.score >= twin->r.score - NEARLY)
        replace(p, at, it);
    else
        it->twin = p->shown[at];
}

static void choose(const struct run *run, struct pool *p)
{
    size_t most = run->opts->per_act ? run->opts->per_act : PER_ACT;
    bool group = !run->opts->per_act && !run->u.dated;
    for (size_t i = 0; i < p->n; i++) {
        struct item *it = &p->v[i];
        if (it->copy_of)
            continue;
        size_t at = group ? twin_at(p, it) : p->n_shown;
        if (at < p->n_shown) {
            put_to_twin(p, at, it);
        } else if (p->n_shown < run->opts->n && !act_is_full(p, it, most)) {
            p->shown[p->n_shown++] = it;
        }
    }
}

/* ---- results */

static int newest_first(const void *a, const void *b)
{
    const struct grf_act_row *x = a, *y = b;
    int order = strcmp(y->act.session_date, x->act.session_date);
    return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* Moves the acts that it stands for into its result. */
static grf_status take_twins(struct pool *p, const struct item *it, struct grf_result *r,
                             struct grf_err *err)
{
    r->also = grf_calloc(ALSO_MOST, sizeof(*r->also));
    if (!r->also)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < p->n && r->n_also < ALSO_MOST; i++) {
        struct item *twin = &p->v[i];
        bool again = twin->twin != it || twin->r.act.id == r->act.id;
        for (size_t k = 0; k < r->n_also && !again; k++)
            again = r->also[k].id == twin->r.act.id;
        if (again)
            continue;
        r->also[r->n_also++] = twin->r.act;
        memset(&twin->r.act, 0, sizeof(twin->r.act));
    }
    if (r->n_also)
        qsort(r->also, r->n_also, sizeof(*r->also), newest_first);
    return GRF_OK;
}

/* Moves the copies of the act into its result: of each the passage on the same page, else
   the best. */
static grf_status take_copies(struct run *run, struct pool *p, struct grf_result *r,
                              struct grf_err *err)
{
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < p->n && r->n_copies < COPIES_MOST; i++) {
            struct item *it = &p->v[i];
            bool again = !it->r.act.id || it->copy_of != r->act.id ||
                         (!turn && !same_place(&it->r, r));
            for (size_t k = 0; k < r->n_copies && !again; k++)
                again = r->copies[k].act.id == it->r.act.id;
            if (again)
                continue;
            if (!r->copies)
                r->copies = grf_calloc(COPIES_MOST, sizeof(*r->copies));
            if (!r->copies)
                return grf_fail_nomem(err);
            grf_status st = join_doc(run, &it->r, err);
            if (st)
                return st;
            r->copies[r->n_copies++] =
                (struct grf_copy){it->r.act, it->r.doc, it->r.passage.page};
            memset(&it->r.act, 0, sizeof(it->r.act));
            memset(&it->r.doc, 0, sizeof(it->r.doc));
        }
    }
    return GRF_OK;
}

static grf_status take_all(struct run *run, struct pool *p, struct grf_answer *a,
                           struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < p->n_shown && !st; i++) {
        struct grf_result *r = &a->v[a->n++];
        *r = p->shown[i]->r;
        memset(&p->shown[i]->r, 0, sizeof(*r));
        st = join_doc(run, r, err);
        if (!st && !r->act.act.n_refs)
            st = grf_meta_act_refs(run->base->meta, r->act.id, &r->act.act, err);
        if (!st)
            st = take_twins(p, p->shown[i], r, err);
        if (!st)
            st = take_copies(run, p, r, err);
        if (!st)
            st = prove(run, a, err);
    }
    return st;
}

/* The best passages, of those that fit as well as the first, in the reranker's order. */
static grf_status rerank_pool(struct run *run, struct pool *p, struct grf_err *err)
{
    size_t n = 0;
    struct grf_result **v = grf_calloc(p->n, sizeof(struct grf_result *));
    if (!v)
        return grf_fail_nomem(err);
    while (n < p->n && n < run->opts->rerank_top &&
           p->v[n].r.why.apart == p->v[0].r.why.apart) {
        v[n] = &p->v[n].r;
        n++;
    }
    grf_status st = rerank(run, v, n, err);
    grf_free(v);
    if (st)
        return st;
    qsort(p->v, p->n, sizeof(*p->v), by_score);
    for (size_t i = 0; i < p->n; i++) {
        if (p->v[i].r.why.rerank_from)
            p->v[i].r.why.rerank_to = (int)i + 1;
    }
    return GRF_OK;
}

grf_status rank(struct run *run, struct grf_answer *a, struct grf_err *err)
{
    struct pool p = {NULL, 0, 0, NULL, 0};
    grf_status st = fill_pool(run, &p, err);
    p.shown = grf_calloc(p.n + 1, sizeof(struct item *));
    a->v = grf_calloc(run->opts->n + 1, sizeof(*a->v));
    if (!st && (!p.shown || !a->v))
        st = grf_fail_nomem(err);
    if (!st && p.n) {
        qsort(p.v, p.n, sizeof(*p.v), by_score);
        if (run->reranking)
            st = rerank_pool(run, &p, err);
        if (!st && !run->opts->per_act)
            st = find_copies(run, &p, err);
        choose(run, &p);
        if (!st)
            st = take_all(run, &p, a, err);
    }
    for (size_t i = 0; i < p.n; i++)
        result_release(&p.v[i].r);
    grf_free(p.v);
    grf_free(p.shown);
    return st;
}

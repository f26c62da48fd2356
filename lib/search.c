/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching: candidates of both branches, fusion, results with proven quotes. */
#include "grf_search.h"

#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_matter.h"
#include "grf_mem.h"
#include "search_priv.h"

enum {
    LEXICAL_CANDIDATES = 500,
    VECTOR_CANDIDATES = 2000,
    HINTED_CANDIDATES = 500,
    HINTED_NEW = 50, /* of these, passages that no branch has found */
    MAX_HINT_TERMS = 64,
    PER_ACT = 3 /* passages of one act among the results */
};
/* The vectors' share of the score: they lead on common speech, full text leads where
   the question has a number, a name, a reference or a phrase (doc/QUALITY.md). */
#define WEIGHT_COMMON 0.65
#define WEIGHT_PRECISE 0.4
void result_release(struct grf_result *r)
{
    grf_act_row_release(&r->act);
    grf_doc_row_release(&r->doc);
    grf_free(r->quote);
    grf_free(r->boxes);
    grf_free(r->why.matched);
    memset(r, 0, sizeof(*r));
}

void grf_answer_release(struct grf_answer *a)
{
    for (size_t i = 0; i < a->n; i++)
        result_release(&a->v[i]);
    grf_free(a->v);
    memset(a, 0, sizeof(*a));
}

/* ---- candidates */

void fill_query(const struct run *r, struct grf_ft_query *q, size_t limit)
{
    *q = (struct grf_ft_query){.clauses = r->u.clauses,
                               .n_clauses = r->u.n_clauses,
                               .filters = r->opts->filters,
                               .n_filters = r->opts->n_filters,
                               .date_from = r->opts->date_from,
                               .date_to = r->opts->date_to,
                               .limit = limit};
}

static grf_status lexical_branch(struct run *r, struct grf_err *err)
{
    struct grf_ft_query q;
    size_t n = 0;
    fill_query(r, &q, LEXICAL_CANDIDATES);
    struct grf_ft_hit *hits = grf_calloc(q.limit, sizeof(*hits));
    if (!hits)
        return grf_fail_nomem(err);
    grf_status st = grf_ft_search(r->base->fulltext, &q, hits, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        if (grf_grow(&r->c, r->n, &r->cap, sizeof(*r->c)))
            st = grf_fail_nomem(err);
        else
            r->c[r->n++] = (struct candidate){
                .id = hits[i].id, .lexical_rank = (int)i + 1, .bm25 = hits[i].score};
    }
    grf_free(hits);
    return st;
}

static grf_status embed_question(struct run *r, struct grf_err *err)
{
    grf_status st =
        grf_base_load_vectors(r->base, grf_embed_fingerprint(r->embedder), err);
    if (st || !r->base->vectors)
        return st;
    r->question_vec = grf_calloc((size_t)grf_embed_dim(r->embedder), sizeof(float));
    if (!r->question_vec)
        return grf_fail_nomem(err);
    return grf_embed_texts(r->embedder, &r->u.text, 1, r->question_vec, err);
}

static bool filtered(const struct grf_search_opts *o)
{
    return o->n_filters || o->date_from || o->date_to;
}

static grf_status vector_branch(struct run *r, struct grf_err *err)
{
    grf_status st = embed_question(r, err);
    if (st || !r->base->vectors)
        return st;
    size_t n = 0, all = grf_vec_count(r->base->vectors);
    /* filters are applied when rows are joined: then every vector may be needed */
    size_t k = !filtered(r->opts) && all > VECTOR_CANDIDATES ? VECTOR_CANDIDATES : all;
    struct grf_vec_hit *hits = grf_calloc(k + 1, sizeof(*hits));
    if (!hits)
        return grf_fail_nomem(err);
    st = grf_vec_search(r->base->vectors, r->question_vec, k, hits, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        if (grf_grow(&r->c, r->n, &r->cap, sizeof(*r->c)))
            st = grf_fail_nomem(err);
        else
            r->c[r->n++] = (struct candidate){
                .id = hits[i].id, .vector_rank = (int)i + 1, .cosine = (double)hits[i].score};
    }
    grf_free(hits);
    return st;
}

static int by_id(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* A passage found by both branches becomes one candidate. */
static void merge(struct run *r)
{
    size_t n = 0;
    qsort(r->c, r->n, sizeof(*r->c), by_id);
    for (size_t i = 0; i < r->n; i++) {
        if (!n || r->c[n - 1].id != r->c[i].id) {
            r->c[n++] = r->c[i];
            continue;
        }
        struct candidate *to = &r->c[n - 1];
        const struct candidate *from = &r->c[i];
        if (from->lexical_rank) {
            to->lexical_rank = from->lexical_rank;
            to->bm25 = from->bm25;
        }
        if (from->vector_rank) {
            to->vector_rank = from->vector_rank;
            to->cosine = from->cosine;
        }
    }
    r->n = n;
}

static double weight_of(const struct run *r)
{
    if (r->opts->mode == GRF_MODE_LEXICAL)
        return 0;
    if (r->opts->mode == GRF_MODE_VECTOR)
        return 1;
    if (r->opts->vector_weight >= 0)
        return r->opts->vector_weight;
    return r->u.precise ? WEIGHT_PRECISE : WEIGHT_COMMON;
}

static struct candidate *find_candidate(struct run *r, int64_t id)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->c[i].id == id)
            return &r->c[i];
    }
    return NULL;
}

/* Passages that meet one hint of the question get its weight; those that no branch has
   found come in with nothing else. */
static grf_status apply_hint(struct run *r, struct hint *h, struct grf_err *err)
{
    struct grf_filter_term terms[MAX_HINT_TERMS];
    struct grf_ft_query q;
    size_t n = 0, known = r->n;
    fill_query(r, &q, HINTED_CANDIDATES);
    if (q.n_filters + 1 > MAX_HINT_TERMS)
        return GRF_OK;
    for (size_t i = 0; i < q.n_filters; i++)
        terms[i] = q.filters[i];
    if (h->term.value.n)
        terms[q.n_filters++] = h->term;
    q.filters = terms;
    if (h->date_from > q.date_from)
        q.date_from = h->date_from;
    if (h->date_to && (!q.date_to || h->date_to < q.date_to))
        q.date_to = h->date_to;
    struct grf_ft_hit *hits = grf_calloc(q.limit, sizeof(*hits));
    if (!hits)
        return grf_fail_nomem(err);
    grf_status st = grf_ft_search(r->base->fulltext, &q, hits, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        struct candidate *c = find_candidate(r, hits[i].id);
        if (!c && r->n - known < HINTED_NEW) {
            if (grf_grow(&r->c, r->n, &r->cap, sizeof(*r->c)))
                st = grf_fail_nomem(err);
            else
                c = &r->c[r->n++];
            if (c)
                *c = (struct candidate){.id = hits[i].id};
        }
        if (c)
            c->hints += h->weight;
        h->met = true;
    }
    grf_free(hits);
    return st;
}

static grf_status apply_hints(struct run *r, struct grf_err *err)
{
    grf_status st = find_hints(r->base, &r->u, err);
    for (size_t i = 0; i < r->u.n_hints && !st; i++)
        st = apply_hint(r, &r->u.hints[i], err);
    return st;
}

static grf_status gather(struct run *r, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (r->opts->mode != GRF_MODE_VECTOR || !r->u.n_clauses)
        st = lexical_branch(r, err);
    /* without a word to look for only the filters speak */
    if (!st && r->u.n_clauses && r->opts->mode != GRF_MODE_LEXICAL)
        st = vector_branch(r, err);
    if (!st)
        st = weigh_terms(r->base, &r->u, err);
    r->weight = weight_of(r);
    merge(r);
    if (!st)
        st = apply_hints(r, err);
    if (!st)
        fuse(r->c, r->n, r->weight);
    return st;
}

/* ---- filters on rows: what full text does with terms */

static const char *act_field(const struct grf_act *a, const struct grf_doc_row *d,
                             grf_filter name)
{
    switch (name) {
    case GRF_FILTER_BODY:
        return a->body;
    case GRF_FILTER_KIND:
        return grf_act_kind_name(a->kind);
    case GRF_FILTER_NUMBER:
        return a->number;
    case GRF_FILTER_MATTER:
        return a->matter;
    case GRF_FILTER_DOCUMENT:
        return d->key;
    default:
        return NULL;
    }
}

static bool same_field(const char *have, struct grf_sv asked)
{
    return have && grf_text_same_key(grf_sv_z(have), asked);
}

static bool meets(const struct grf_result *r, const struct grf_filter_term *f)
{
    const char *have = act_field(&r->act.act, &r->doc, f->name);
    if (f->name == GRF_FILTER_REF)
        return grf_actrefs_has(&r->act.act, f->value);
    if (f->name == GRF_FILTER_MATTER)
        return have && grf_matter_under(grf_sv_z(have), f->value);
    return same_field(have, f->value);
}

static bool passes_terms(const struct grf_search_opts *o, const struct grf_result *r)
{
    for (int name = 0; name < GRF_FILTER_COUNT; name++) {
        bool asked = false, met = false;
        for (size_t i = 0; i < o->n_filters; i++) {
            if ((int)o->filters[i].name != name)
                continue;
            asked = true;
            met = met || meets(r, &o->filters[i]);
        }
        if (asked && !met)
            return false;
    }
    return true;
}

static bool passes(const struct grf_search_opts *o, const struct grf_result *r)
{
    struct grf_date d;
    if (o->date_from || o->date_to) {
        if (!grf_date_parse_iso(grf_sv_z(r->act.act.session_date), &d))
            return false;
        int64_t key = grf_date_key(d);
        if ((o->date_from && key < o->date_from) || (o->date_to && key > o->date_to))
            return false;
    }
    return passes_terms(o, r);
}

/* ---- results */

static grf_status add_boxes(struct grf_result *r, const struct grf_page *p,
                            struct grf_err *err)
{
    enum { BOXES_MAX = 64 };
    struct grf_box boxes[BOXES_MAX];
    size_t n = BOXES_MAX;
    grf_page_boxes(p, r->byte_start, r->byte_end, boxes, &n);
    r->boxes = grf_calloc(n + 1, sizeof(*boxes));
    if (!r->boxes)
        return grf_fail_nomem(err);
    memcpy(r->boxes, boxes, n * sizeof(*boxes));
    r->n_boxes = n;
    return GRF_OK;
}

grf_status fill_quote(struct grf_result *r, const struct grf_page *p, size_t start, size_t end,
                      struct grf_err *err)
{
    struct grf_sv page = grf_str_sv(&p->text);
    r->byte_start = start;
    r->byte_end = end;
    r->span_start = grf_text_chars(grf_sv(page.p, start));
    r->span_end = r->span_start + grf_text_chars(grf_sv(page.p + start, end - start));
    r->page_width = p->width;
    r->page_height = p->height;
    r->text_state = p->state;
    r->quote = fold_blanks(grf_sv(page.p + start, end - start), err);
    return r->quote ? add_boxes(r, p, err) : GRF_NOMEM;
}

static grf_status set_quote(struct run *run, struct grf_result *r, const struct grf_page *p,
                            struct grf_err *err)
{
    struct quote_choice q;
    struct grf_sv page = grf_str_sv(&p->text);
    if (r->passage.start > r->passage.end || r->passage.end > page.n)
        return grf_fail(err, GRF_CORRUPT, _("passage %s leaves its page; run "
                                            "greffier-index verify"), r->passage.key);
    grf_status st = choose_quote(&run->u, run->embedder, run->question_vec, page,
                                 r->passage.start, r->passage.end, &q, err);
    return st ? st : fill_quote(r, p, q.start, q.end, err);
}

static grf_status quote_and_prove(struct run *run, struct grf_result *r,
                                  struct grf_err *err)
{
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(run->base->meta, r->passage.doc_id, r->passage.page, true,
                                  &p, err);
    if (!st)
        st = set_quote(run, r, &p, err);
    if (!st)
        st = grf_prove_quote(run->base, r->passage.doc_id, r->passage.page, r->span_start,
                             r->span_end, grf_sv_z(r->quote), err);
    grf_page_release(&p);
    return st;
}

/* Joins a candidate to its live rows; *keep false when there are none, when the rows
   are newer than the indexes, or when a filter refuses it. */
static grf_status join(struct run *run, const struct candidate *c, struct grf_result *r,
                       bool *keep, struct grf_err *err)
{
    *keep = false;
    memset(r, 0, sizeof(*r));
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_meta_passage(run->base->meta, c->id, &r->passage, &local);
    if (st == GRF_NOTFOUND || (!st && r->passage.generation > run->base->generation))
        return GRF_OK;
    if (!st)
        st = grf_meta_act(run->base->meta, r->passage.act_id, &r->act, &local);
    if (!st)
        st = grf_meta_act_refs(run->base->meta, r->passage.act_id, &r->act.act, &local);
    if (!st)
        st = grf_meta_doc(run->base->meta, r->passage.doc_id, &r->doc, &local);
    if (st) {
        if (err)
            *err = local;
        result_release(r);
        return st;
    }
    *keep = passes(run->opts, r);
    if (!*keep)
        result_release(r);
    return GRF_OK;
}

static size_t of_act(const struct grf_answer *a, int64_t act_id)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        n += a->v[i].act.id == act_id;
    return n;
}

static void set_why(const struct run *run, const struct candidate *c, struct grf_result *r)
{
    r->score = c->score;
    r->why = (struct grf_why){.lexical_rank = c->lexical_rank,
                              .vector_rank = c->vector_rank,
                              .bm25 = c->bm25,
                              .cosine = c->cosine,
                              .lexical = c->lexical,
                              .vector = c->vector,
                              .vector_weight = run->weight};
}

static grf_status take(struct run *run, const struct candidate *c, struct grf_answer *a,
                       struct grf_err *err)
{
    struct grf_result *r = &a->v[a->n];
    size_t most = run->opts->per_act ? run->opts->per_act : PER_ACT;
    bool keep;
    grf_status st = join(run, c, r, &keep, err);
    if (st || !keep)
        return st;
    if (of_act(a, r->act.id) >= most) {
        result_release(r);
        return GRF_OK;
    }
    set_why(run, c, r);
    a->n++;
    st = quote_and_prove(run, r, err);
    if (st == GRF_CORRUPT) {
        /* what cannot be proven is not shown */
        grf_log(GRF_LOG_WARNING, "passage %s: not shown: %s", r->passage.key,
                err ? err->msg : "corrupt");
        a->n--;
        result_release(r);
        return GRF_OK;
    }
    return st;
}

static grf_status collect(struct run *run, struct grf_answer *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < run->n && a->n < run->opts->n && !st; i++)
        st = take(run, &run->c[i], a, err);
    return st;
}

static grf_status check_question(const struct run *r, struct grf_err *err)
{
    if (r->u.text.n > GRF_QUESTION_MAX)
        return grf_fail(err, GRF_INVALID, _("the question is longer than %d bytes"),
                        GRF_QUESTION_MAX);
    if (grf_text_valid(r->u.text) != r->u.text.n)
        return grf_fail(err, GRF_INVALID, "%s", _("the question is not valid UTF-8 text"));
    if (!r->u.n_clauses && !filtered(r->opts))
        return grf_fail(err, GRF_INVALID, "%s", _("the question has no word to look for"));
    return GRF_OK;
}

grf_status grf_search(struct grf_base *base, struct grf_embedder *embedder,
                      struct grf_sv question, const struct grf_search_opts *opts,
                      struct grf_answer *out, struct grf_err *err)
{
    struct run r = {.base = base, .embedder = embedder, .opts = opts};
    memset(out, 0, sizeof(*out));
    struct grf_sv kept = question.n > GRF_QUESTION_MAX ? grf_sv("", 0) : question;
    grf_status st = understand(kept, &r.u, err);
    r.u.text = question;
    if (!st)
        st = check_question(&r, err);
    if (!st)
        st = gather(&r, err);
    if (!st) {
        out->v = grf_calloc(opts->n + 1, sizeof(*out->v));
        st = out->v ? collect(&r, out, err) : grf_fail_nomem(err);
    }
    if (!st)
        st = judge(&r, out, err);
    if (st)
        grf_answer_release(out);
    understood_release(&r.u);
    grf_free(r.question_vec);
    grf_free(r.c);
    return st;
}

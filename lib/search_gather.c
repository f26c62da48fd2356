/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathering candidates: both branches, their weights, what the question says of the act. */
#include <stdlib.h>

#include "grf_mem.h"
#include "search_priv.h"

enum {
    LEXICAL_CANDIDATES = 500,
    VECTOR_CANDIDATES = 2000,
    FILTERED_CANDIDATES = 8192,
    PASSING_LEAST = 500, /* of those: else the filters' own passages are searched */
    RANKED = 500,        /* kept whatever the filters say: they tell what chance gives */
    HIDDEN_MOST = 50000,
    COVER_LOOK = 3,
    HINTED_CANDIDATES = 50, /* by words among the passages that meet a hint */
    MAX_HINT_TERMS = 64
};
/* The vectors' share of the score falls with the share of the question's telling words
   that one passage holds, and where there is a number: full text leads then, the vectors
   lead on common speech (doc/QUALITY.md, "weights"). */
#define WEIGHT_MOST 0.9
#define WEIGHT_LEAST 0.3
#define WEIGHT_COVERAGE 0.6
#define WEIGHT_NUMBER 0.2
#define WEIGHT_REFERENCE 0.1 /* an article is named: meaning hardly helps */

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

/* Passages that the asker may not see go when rows are joined: so many more are needed. */
static size_t candidates(const struct run *r, size_t wanted)
{
    int64_t hidden = r->base ? grf_meta_hidden(r->base->meta) : 0;
    return wanted + (size_t)(hidden < HIDDEN_MOST ? hidden : HIDDEN_MOST);
}

grf_status lexical_branch(struct run *r, struct grf_err *err)
{
    struct grf_ft_query q;
    size_t n = 0;
    fill_query(r, &q, candidates(r, LEXICAL_CANDIDATES));
    struct grf_ft_hit *hits = grf_calloc(q.limit, sizeof(*hits));
    if (!hits)
        return grf_fail_nomem(err);
    grf_status st = grf_ft_search(r->fulltext, &q, hits, &n, err);
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
    struct grf_sv bare = grf_str_sv(&r->u.bare);
    grf_status st =
        grf_base_load_vectors(r->base, grf_embed_fingerprint(r->embedder), err);
    if (st || !r->base->vectors)
        return st;
    r->question_vec = grf_calloc((size_t)grf_embed_dim(r->embedder), sizeof(float));
    if (!r->question_vec)
        return grf_fail_nomem(err);
    return grf_embed_texts(r->embedder, &bare, 1, r->question_vec, err);
}

bool filtered(const struct grf_search_opts *o)
{
    return o->n_filters || o->date_from || o->date_to;
}

static grf_status add_near(struct run *r, const struct grf_vec_hit *hit, size_t rank,
                           struct grf_err *err)
{
    if (grf_grow(&r->c, r->n, &r->cap, sizeof(*r->c)))
        return grf_fail_nomem(err);
    r->c[r->n++] = (struct candidate){
        .id = hit->id, .vector_rank = (int)rank, .cosine = (double)hit->score};
    return GRF_OK;
}

static int hit_by_id(const void *left, const void *right)
{
    const struct grf_vec_hit *const *a = left, *const *b = right;
    return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

/* Those that the filters let through, with the rank that they have among all. */
static grf_status add_passing(struct run *r, const struct grf_ft_query *q,
                              const struct grf_vec_hit *hits, size_t n, size_t *passing,
                              struct grf_err *err)
{
    const struct grf_vec_hit **order = grf_calloc(n + 1, sizeof(*order));
    int64_t *ids = grf_calloc(n + 1, sizeof(*ids));
    bool *out = grf_calloc(n + 1, sizeof(*out));
    grf_status st = order && ids && out ? GRF_OK : grf_fail_nomem(err);
    for (size_t i = 0; i < n && !st; i++)
        order[i] = &hits[i];
    if (!st && n)
        qsort(order, n, sizeof(const struct grf_vec_hit *), hit_by_id);
    for (size_t i = 0; i < n && !st; i++)
        ids[i] = order[i]->id;
    if (!st)
        st = grf_ft_passing(r->fulltext, q, ids, n, out, err);
    for (size_t i = 0; i < n && !st; i++) {
        size_t rank = (size_t)(order[i] - hits) + 1;
        *passing += out[i];
        if (out[i] || rank <= RANKED)
            st = add_near(r, order[i], rank, err);
    }
    grf_free(order);
    grf_free(ids);
    grf_free(out);
    return st;
}

/* Hardly any of the nearest pass the filters: the nearest of those that do, which rank
   behind. */
static grf_status add_filtered(struct run *r, const struct grf_ft_query *q,
                               const struct grf_vec_hit *nearest, size_t behind,
                               struct grf_err *err)
{
    struct grf_idset among = {0};
    size_t n = 0;
    struct grf_vectors *v = r->base->vectors;
    struct grf_vec_hit *hits = grf_calloc(VECTOR_CANDIDATES, sizeof(*hits));
    grf_status st = hits ? GRF_OK : grf_fail_nomem(err);
    if (!st)
        st = grf_ft_all_passing(r->fulltext, q, &among, err);
    for (size_t i = 0; i < behind; i++)
        grf_idset_drop(&among, nearest[i].id);
    if (!st)
        st = grf_vec_search_among(v, r->question_vec, VECTOR_CANDIDATES, &among, hits, &n, err);
    for (size_t i = 0; i < n && !st; i++)
        st = add_near(r, &hits[i], behind + i + 1, err);
    grf_idset_release(&among);
    grf_free(hits);
    return st;
}

/* How many of the nearest are asked for. */
static size_t near_most(const struct run *r)
{
    size_t usual = filtered(r->opts) ? FILTERED_CANDIDATES : VECTOR_CANDIDATES;
    return candidates(r, r->opts->near_most ? r->opts->near_most : usual);
}

static grf_status vector_branch(struct run *r, struct near_search *near, struct grf_err *err)
{
    struct grf_ft_query q;
    size_t passing = 0;
    bool some = filtered(r->opts);
    grf_status st = end_near(r, near, err);
    fill_query(r, &q, near->n);
    if (!st && some)
        st = add_passing(r, &q, near->hits, near->n, &passing, err);
    for (size_t i = 0; i < near->n && !st && !some; i++)
        st = add_near(r, &near->hits[i], i + 1, err);
    if (!st && some && passing < PASSING_LEAST && near->most < near->all)
        st = add_filtered(r, &q, near->hits, near->n, err);
    return st;
}

void merge(struct run *r)
{
    size_t n = 0;
    sort_candidates(r->c, r->n, false);
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

static bool has_number(const struct understood *u)
{
    for (size_t i = 0; i < u->n_terms; i++) {
        if (u->terms[i].norm[0] >= '0' && u->terms[i].norm[0] <= '9')
            return true;
    }
    return false;
}

static bool asks_reference(const struct understood *u)
{
    for (size_t i = 0; i < u->n_hints; i++) {
        if (u->hints[i].term.value.n && u->hints[i].term.name == GRF_FILTER_REF)
            return true;
    }
    return false;
}

double weight_of(const struct run *r)
{
    if (r->opts->mode == GRF_MODE_LEXICAL)
        return 0;
    if (r->opts->mode == GRF_MODE_VECTOR)
        return 1;
    if (r->opts->vector_weight >= 0)
        return r->opts->vector_weight;
    if (r->base && asks_reference(&r->u))
        return WEIGHT_REFERENCE;
    double w = WEIGHT_MOST - WEIGHT_COVERAGE * r->coverage;
    if (has_number(&r->u))
        w -= WEIGHT_NUMBER;
    return w > WEIGHT_LEAST ? w : WEIGHT_LEAST;
}

grf_status cover(struct run *r, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < r->n && i < COVER_LOOK && !st; i++) {
        double share;
        st = share_of(r, r->c[i].id, &share, NULL, err);
        if (!st && share > r->coverage)
            r->coverage = share;
    }
    return st;
}

struct cands {
    struct candidate *v;
    size_t n, cap;
};

/* Candidates that meet the hint get its weight. */
static grf_status weigh_hint(struct run *r, struct hint *h, struct grf_err *err)
{
    int64_t *ids = grf_calloc(r->n + 1, sizeof(*ids));
    bool *has = grf_calloc(r->n + 1, sizeof(*has));
    grf_status st = ids && has ? GRF_OK : grf_fail_nomem(err);
    for (size_t i = 0; i < r->n && !st; i++)
        ids[i] = r->c[i].id;
    if (!st)
        st = grf_ft_having(r->fulltext, h->term.value.n ? &h->term : NULL, h->date_from,
                           h->date_to, ids, r->n, has, err);
    for (size_t i = 0; i < r->n && !st; i++) {
        if (has[i]) {
            r->c[i].hints += h->weight;
            r->c[i].of_body |= h->term.value.n && h->term.name == GRF_FILTER_BODY;
            h->met = true;
        }
    }
    grf_free(ids);
    grf_free(has);
    return st;
}

static bool known_candidate(const struct run *r, int64_t id)
{
    size_t low = 0, high = r->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->c[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < r->n && r->c[low].id == id;
}

/* The best passages by words among those that meet the hint, where no branch has found
   them: new candidates, put behind the known ones. */
static grf_status find_hinted(struct run *r, struct hint *h, struct cands *more,
                              struct grf_err *err)
{
    struct grf_filter_term terms[MAX_HINT_TERMS];
    struct grf_ft_query q;
    struct grf_ft_hit hits[HINTED_CANDIDATES];
    size_t n = 0;
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
    grf_status st = grf_ft_search(r->fulltext, &q, hits, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        if (known_candidate(r, hits[i].id))
            continue;
        if (grf_grow(&more->v, more->n, &more->cap, sizeof(*more->v)))
            st = grf_fail_nomem(err);
        else
            more->v[more->n++] = (struct candidate){.id = hits[i].id};
    }
    return st;
}

static grf_status add_candidates(struct run *r, const struct cands *more,
                                 struct grf_err *err)
{
    for (size_t i = 0; i < more->n; i++) {
        if (grf_grow(&r->c, r->n, &r->cap, sizeof(*r->c)))
            return grf_fail_nomem(err);
        r->c[r->n++] = more->v[i];
    }
    merge(r);
    return GRF_OK;
}

static grf_status apply_hints(struct run *r, struct grf_err *err)
{
    struct cands more = {NULL, 0, 0};
    grf_status st = GRF_OK;
    for (size_t i = 0; i < r->u.n_hints && !st; i++)
        st = find_hinted(r, &r->u.hints[i], &more, err);
    if (!st)
        st = add_candidates(r, &more, err);
    for (size_t i = 0; i < r->u.n_hints && !st; i++)
        st = weigh_hint(r, &r->u.hints[i], err);
    grf_free(more.v);
    return st;
}

/* What the question means in this base. */
static grf_status read_question(struct run *r, struct grf_err *err)
{
    grf_status st = find_hints(r->base, &r->u, err);
    if (!st)
        st = drop_names(&r->u, err);
    if (!st && r->u.n_clauses)
        st = add_other_words(r, err);
    return st || !r->u.n_clauses ? st : mend_words(r->fulltext, &r->u, err);
}

grf_status prepare_quotes(struct run *r, struct grf_err *err)
{
    grf_status st = read_question(r, err);
    if (!st)
        st = weigh_terms(r->fulltext, &r->u, err);
    if (!st && r->u.n_clauses && r->opts->mode != GRF_MODE_LEXICAL)
        st = embed_question(r, err);
    return st;
}

/* For so many candidates at once: growing would copy them again and again. */
static grf_status make_room(struct run *r, size_t n, struct grf_err *err)
{
    if (r->cap >= n)
        return GRF_OK;
    struct candidate *c = grf_realloc_array(r->c, n, sizeof(*c));
    if (!c)
        return grf_fail_nomem(err);
    r->c = c;
    r->cap = n;
    return GRF_OK;
}

/* Candidates of both branches; without a word to look for only the filters speak. */
static grf_status both_branches(struct run *r, struct near_search *near, struct grf_err *err)
{
    bool by_vectors = r->u.n_clauses && r->opts->mode != GRF_MODE_LEXICAL;
    grf_status st = by_vectors ? begin_near(r, near_most(r), near, err) : GRF_OK;
    if (!st)
        st = make_room(r, LEXICAL_CANDIDATES + (by_vectors ? VECTOR_CANDIDATES : 0), err);
    if (!st && (r->opts->mode != GRF_MODE_VECTOR || !r->u.n_clauses))
        st = lexical_branch(r, err);
    if (!st)
        st = weigh_terms(r->fulltext, &r->u, err);
    if (!st && r->opts->mode == GRF_MODE_HYBRID)
        st = cover(r, err);
    if (!st && by_vectors)
        st = vector_branch(r, near, err);
    return st;
}

grf_status gather(struct run *r, struct grf_err *err)
{
    struct near_search near = {.n = 0};
    grf_status st = read_question(r, err);
    if (!st)
        st = both_branches(r, &near, err);
    release_near(&near);
    r->weight = weight_of(r);
    merge(r);
    if (!st)
        st = apply_hints(r, err);
    if (!st)
        fuse(r->c, r->n, r->weight);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching the law: from a question to articles with proven quotes. */
#include "grf_search_law.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "search_priv.h"

enum {
    VECTOR_CANDIDATES = 500,
    POOL_LEAST = 18, /* articles looked at more closely */
    POOL_FACTOR = 3,
    LOOK_AT = 5 /* results whose evidence counts */
};
/* On top of a score of 0 to 1. */
#define NAMED 2.0            /* the question names the article */
#define NOT_IN_FORCE (-0.25) /* repealed, not yet, unknown */
#define ELSEWHERE (-0.2)     /* for a territory with a law of its own, not asked for */
#define OF_COMMUNES 0.06     /* of the code that communes live by */

/* Weights of the evidence (doc/LAW.md, "found or not"): with the embedded model's vectors,
   and by words alone. */
#define EVIDENCE_BIAS (-6.43)
#define EVIDENCE_COSINE 3.99
#define EVIDENCE_SPREAD 1.64
#define EVIDENCE_JOINT 10.62
#define WORDS_BIAS (-7.27)
#define WORDS_SHARE 10.62

struct law_run {
    struct run run;
    struct grf_lawindex *ix;
    const struct grf_ref_asked *asked;
    struct grf_ref_terms terms; /* of what is asked for */
    struct grf_filter_term *filters;
    struct grf_search_opts opts;
    char today[GRF_LAW_DATE];
    struct grf_str question; /* folded */
    bool named; /* the question names an article that is there */
};

/* ---- what is asked for */

struct listing {
    struct grf_ref_terms *out;
    const char *name;
};

static grf_status take_article(void *data, int64_t id, const char *num,
                               struct grf_err *err)
{
    struct listing *l = data;
    struct grf_ref_terms *t = l->out;
    (void)id;
    if (t->n == GRF_REF_TERMS_MAX)
        return grf_fail(err, GRF_LIMIT, "%s",
                        _("too many references below the one asked for; ask for less"));
    if (grf_grow(&t->v, t->n, &t->cap, sizeof(*t->v)))
        return grf_fail_nomem(err);
    size_t n = strlen(l->name), m = strlen(num);
    if (n + m + 2 > sizeof(*t->v))
        return GRF_OK; /* no reference is as long as that */
    memcpy(t->v[t->n], l->name, n);
    t->v[t->n][n] = '/';
    memcpy(t->v[t->n++] + n + 1, num, m + 1);
    return GRF_OK;
}

static grf_status list_wish(struct law_run *r, const struct grf_ref_wish *w,
                            struct grf_err *err)
{
    struct grf_sv name, from, other, to;
    char text[GRF_REF_MAX];
    struct listing l = {&r->terms, text};
    grf_ref_split(w->canon, &name, &from);
    size_t n = name.n < sizeof(text) ? name.n : sizeof(text) - 1;
    memcpy(text, name.p, n);
    text[n] = 0;
    if (!w->to[0])
        return grf_law_each_under(r->ix->law, name, from, take_article, &l, err);
    grf_ref_split(w->to, &other, &to);
    return grf_law_each_between(r->ix->law, name, from, to, take_article, &l, err);
}

/* What is asked for becomes filter terms; of what is not there, a term that nothing has. */
static grf_status list_asked(struct law_run *r, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; r->asked && i < r->asked->n && !st; i++)
        st = list_wish(r, &r->asked->v[i], err);
    if (st || !r->asked)
        return st;
    r->filters = grf_calloc(r->terms.n + 1, sizeof(*r->filters));
    if (!r->filters)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < r->terms.n; i++)
        r->filters[i] =
            (struct grf_filter_term){GRF_FILTER_REF, grf_sv_z(r->terms.v[i])};
    r->opts.n_filters = r->terms.n;
    if (!r->terms.n)
        r->filters[r->opts.n_filters++] =
            (struct grf_filter_term){GRF_FILTER_REF, grf_sv_z(r->asked->v[0].canon)};
    r->opts.filters = r->filters;
    return GRF_OK;
}

/* ---- candidates */

static grf_status vector_branch(struct law_run *l, struct grf_err *err)
{
    struct run *r = &l->run;
    struct grf_sv bare = grf_str_sv(&r->u.bare);
    grf_status st = grf_lawindex_load_vectors(l->ix, grf_embed_fingerprint(r->embedder), err);
    if (st || !l->ix->vectors)
        return st;
    size_t n = 0, all = grf_vec_count(l->ix->vectors);
    size_t k = !r->opts->n_filters && all > VECTOR_CANDIDATES ? VECTOR_CANDIDATES : all;
    struct grf_vec_hit *hits = grf_calloc(k + 1, sizeof(*hits));
    r->question_vec = grf_calloc((size_t)grf_embed_dim(r->embedder), sizeof(float));
    st = hits && r->question_vec ? GRF_OK : grf_fail_nomem(err);
    if (!st)
        st = grf_embed_texts(r->embedder, &bare, 1, r->question_vec, err);
    if (!st)
        st = grf_vec_search(l->ix->vectors, r->question_vec, k, hits, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        if (grf_grow(&r->c, r->n, &r->cap, sizeof(*r->c)))
            st = grf_fail_nomem(err);
        else
            r->c[r->n++] = (struct candidate){.id = hits[i].id,
                                              .vector_rank = (int)i + 1,
                                              .cosine = (double)hits[i].score};
    }
    grf_free(hits);
    return st;
}

static grf_status name_passage(void *data, const struct grf_law_passage *p,
                               struct grf_err *err)
{
    struct law_run *l = data;
    struct run *r = &l->run;
    l->named = true;
    for (size_t i = 0; i < r->n; i++) {
        if (r->c[i].id == p->id) {
            r->c[i].hints = NAMED;
            return GRF_OK;
        }
    }
    if (grf_grow(&r->c, r->n, &r->cap, sizeof(*r->c)))
        return grf_fail_nomem(err);
    r->c[r->n++] = (struct candidate){.id = p->id, .hints = NAMED};
    return GRF_OK;
}

/* The articles that the question names are candidates, whatever else it says. */
static grf_status add_named(struct law_run *l, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < l->run.u.n_hints && !st; i++) {
        const struct hint *h = &l->run.u.hints[i];
        struct grf_law_answer a;
        struct grf_sv name, num;
        char canon[HINT_TEXT];
        if (h->term.name != GRF_FILTER_REF || !h->term.value.n)
            continue;
        memcpy(canon, h->text, h->term.value.n);
        canon[h->term.value.n] = 0;
        grf_ref_split(canon, &name, &num);
        st = grf_law_find(l->ix->law, name, num, l->today, l->today, &a, err);
        if (!st && a.article_id)
            st = grf_law_each_passage_of(l->ix->law, a.article_id, name_passage, l, err);
        if (!st)
            grf_law_answer_release(&a);
    }
    return st;
}

static grf_status gather_law(struct law_run *l, struct grf_base *base, struct grf_err *err)
{
    struct run *r = &l->run;
    grf_status st = base ? find_hints(base, &r->u, err) : find_refs(&r->u, err);
    if (!st)
        st = drop_names(&r->u, err);
    if (!st && r->u.n_clauses)
        st = add_other_words(r, err);
    if (!st && r->u.n_clauses)
        st = mend_words(r->fulltext, &r->u, err);
    if (!st && (r->opts->mode != GRF_MODE_VECTOR || !r->u.n_clauses))
        st = lexical_branch(r, err);
    if (!st)
        st = weigh_terms(r->fulltext, &r->u, err);
    if (!st && r->opts->mode == GRF_MODE_HYBRID)
        st = cover(r, err);
    if (!st && r->u.n_clauses && r->opts->mode != GRF_MODE_LEXICAL)
        st = vector_branch(l, err);
    r->weight = r->question_vec ? weight_of(r) : 0;
    merge(r);
    if (!st)
        st = add_named(l, err);
    if (!st)
        fuse(r->c, r->n, r->weight);
    return st;
}

/* ---- results */

static void law_result_release(struct grf_law_result *r)
{
    grf_law_article_release(&r->article);
    grf_law_answer_release(&r->answer);
    grf_free(r->section);
    grf_free(r->quote);
    grf_free(r->why.matched);
    memset(r, 0, sizeof(*r));
}

void grf_law_results_release(struct grf_law_results *r)
{
    for (size_t i = 0; i < r->n; i++)
        law_result_release(&r->v[i]);
    grf_free(r->v);
    memset(r, 0, sizeof(*r));
}

/* Joins a candidate to its live rows; *keep false when its version is gone, or is not the
   one that counts today. */
static grf_status join(struct law_run *l, const struct candidate *c,
                       struct grf_law_result *r, bool *keep, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    struct grf_law *law = l->ix->law;
    char canon[GRF_LAW_NAME + GRF_LAW_NUM + 1];
    memset(r, 0, sizeof(*r));
    *keep = false;
    grf_status st = grf_law_passage(law, c->id, &r->passage, &local);
    if (!st)
        st = grf_law_article(law, r->passage.article_id, &r->article, &local);
    if (st == GRF_NOTFOUND)
        return GRF_OK;
    if (!st)
        st = grf_law_find(law, grf_sv_z(r->article.name), grf_sv_z(r->article.num),
                          l->today, l->today, &r->answer, &local);
    if (st) {
        law_result_release(r);
        if (err)
            *err = local;
        return st;
    }
    snprintf(canon, sizeof(canon), "%s/%s", r->article.name, r->article.num);
    *keep = r->answer.has_version && r->answer.version.id == r->passage.version_id &&
            (!l->asked || grf_ref_meets(l->asked, canon, ""));
    if (!*keep)
        law_result_release(r);
    return GRF_OK;
}

static bool seen(const struct grf_law_results *out, int64_t article_id)
{
    for (size_t i = 0; i < out->n; i++) {
        if (out->v[i].article.id == article_id)
            return true;
    }
    return false;
}

/* Territories with provisions of their own, which say nearly what the common ones say. */
static const char *const territories[] = {
    "outre-mer",   "nouvelle-caledonie", "polynesie", "wallis",     "mayotte", "guyane",
    "martinique",  "guadeloupe",         "reunion",   "miquelon",   "moselle", "bas-rhin",
    "barthelemy",  "saint-martin",       "corse",     "ville de paris"};

static bool elsewhere(const struct grf_str *where, const struct grf_str *question)
{
    for (size_t i = 0; i < GRF_ARRAY_LEN(territories); i++) {
        if (strstr(where->p, territories[i]))
            return !strstr(question->p, territories[i]);
    }
    return false;
}

/* Whether it is of a territory that the question does not name; its section is read for
   that, and kept. */
static grf_status place_of(struct law_run *l, struct grf_law_result *r, bool *other,
                           struct grf_err *err)
{
    struct grf_law_text t;
    struct grf_str where;
    grf_status st = grf_law_version_text(l->ix->law, r->passage.version_id, &t, err);
    *other = false;
    if (st)
        return st;
    grf_str_init(&where, 65536);
    grf_text_fold(&where, grf_sv_z(r->article.title ? r->article.title : ""));
    grf_str_addc(&where, ' ');
    grf_text_fold(&where, grf_sv_z(t.section ? t.section : ""));
    st = grf_str_status(&where, err);
    if (!st)
        *other = elsewhere(&where, &l->question);
    grf_str_release(&where);
    r->section = t.section;
    t.section = NULL;
    grf_law_text_release(&t);
    return st;
}

static void set_why(const struct law_run *l, const struct candidate *c, bool other,
                    struct grf_law_result *r)
{
    double state = r->answer.state == GRF_LAW_IN_FORCE ? 0 : NOT_IN_FORCE;
    if (other)
        state += ELSEWHERE;
    if (strcmp(r->article.name, "CGCT") == 0)
        state += OF_COMMUNES;
    r->score = c->score + state;
    r->why = (struct grf_why){.lexical_rank = c->lexical_rank,
                              .vector_rank = c->vector_rank,
                              .bm25 = c->bm25,
                              .cosine = c->cosine,
                              .lexical = c->lexical,
                              .vector = c->vector,
                              .vector_weight = l->run.weight,
                              .named = c->hints,
                              .part = state};
}

/* The best passage of each of the first articles. */
static grf_status fill_pool(struct law_run *l, struct grf_law_results *out,
                            struct grf_err *err)
{
    size_t most = l->opts.n * POOL_FACTOR, cap = 0;
    grf_status st = GRF_OK;
    if (most < POOL_LEAST)
        most = POOL_LEAST;
    for (size_t i = 0; i < l->run.n && out->n < most && !st; i++) {
        bool keep;
        if (grf_grow(&out->v, out->n, &cap, sizeof(*out->v)))
            return grf_fail_nomem(err);
        struct grf_law_result *r = &out->v[out->n];
        st = join(l, &l->run.c[i], r, &keep, err);
        if (st || !keep)
            continue;
        if (seen(out, r->article.id)) {
            law_result_release(r);
            continue;
        }
        bool other;
        out->n++;
        st = place_of(l, r, &other, err);
        set_why(l, &l->run.c[i], other, r);
    }
    return st;
}

static int by_score(const void *a, const void *b)
{
    const struct grf_law_result *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->passage.id > y->passage.id) - (x->passage.id < y->passage.id);
}

/* ---- quotes */

grf_status grf_prove_law_quote(struct grf_law *law, int64_t version_id, size_t start,
                               size_t end, struct grf_sv quote, struct grf_err *err)
{
    struct grf_law_text t;
    grf_status st = grf_law_version_text(law, version_id, &t, err);
    if (st)
        return st;
    struct grf_sv text = grf_sv_z(t.text);
    size_t from = grf_text_offset(text, start), to = grf_text_offset(text, end);
    char *found = fold_blanks(grf_sv(text.p + from, to > from ? to - from : 0), err);
    if (!found)
        st = GRF_NOMEM;
    else if (strlen(found) != quote.n || memcmp(found, quote.p, quote.n) != 0)
        st = grf_fail(err, GRF_CORRUPT, "%s",
                      _("a quote is not found again in its article"));
    grf_free(found);
    grf_law_text_release(&t);
    return st;
}

static grf_status set_quote(struct law_run *l, struct grf_law_result *r,
                            struct grf_law_text *t, struct grf_err *err)
{
    struct quote_choice q;
    struct grf_sv text = grf_sv_z(t->text);
    const struct grf_law_passage *p = &r->passage;
    if (p->start > p->end || p->end > text.n)
        return grf_fail(err, GRF_CORRUPT,
                        _("law passage %lld leaves its text; run 'greffier-index rebuild'"),
                        (long long)p->id);
    grf_status st = choose_quote(&l->run.u, l->run.embedder, l->run.question_vec,
                                 grf_sv_z(r->section ? r->section : ""), text,
                                 (struct grf_span){p->start, p->end}, &q, err);
    if (st)
        return st;
    r->why.subjects = subjects_in(&l->run.u, grf_sv_z(r->section ? r->section : ""),
                                  grf_sv(text.p + p->start, p->end - p->start));
    r->span_start = grf_text_chars(grf_sv(text.p, q.start));
    r->span_end = r->span_start + grf_text_chars(grf_sv(text.p + q.start, q.end - q.start));
    r->quote = fold_blanks(grf_sv(text.p + q.start, q.end - q.start), err);
    return r->quote ? GRF_OK : GRF_NOMEM;
}

static grf_status quote_and_prove(struct law_run *l, struct grf_law_result *r, bool *read,
                                  struct grf_err *err)
{
    struct grf_law_text t;
    grf_status st = grf_law_version_text(l->ix->law, r->passage.version_id, &t, err);
    *read = st != GRF_CORRUPT;
    if (st)
        return st;
    st = set_quote(l, r, &t, err);
    grf_law_text_release(&t);
    if (!st)
        st = grf_prove_law_quote(l->ix->law, r->passage.version_id, r->span_start,
                                 r->span_end, grf_sv_z(r->quote), err);
    return st;
}

/* The first n results get their quotes; what cannot be proven is not shown. */
static grf_status quote_all(struct law_run *l, struct grf_law_results *out,
                            struct grf_err *err)
{
    size_t kept = 0;
    grf_status st = GRF_OK;
    for (size_t i = 0; i < out->n; i++) {
        struct grf_law_result *r = &out->v[i];
        struct grf_err local = GRF_ERR_INIT;
        bool read = true;
        grf_status one = st || kept == l->opts.n ? GRF_NOTFOUND
                                                 : quote_and_prove(l, r, &read, &local);
        if (one == GRF_CORRUPT && read)
            grf_log(GRF_LOG_WARNING, "law passage %lld: not shown: %s",
                    (long long)r->passage.id, local.msg);
        if (!one) {
            if (kept != i) {
                out->v[kept] = *r;
                memset(r, 0, sizeof(*r));
            }
            kept++;
            continue;
        }
        law_result_release(r);
        if ((one != GRF_CORRUPT || !read) && one != GRF_NOTFOUND && !st) {
            st = one;
            if (err)
                *err = local;
        }
    }
    out->n = kept;
    return st;
}

/* ---- found or not */

static double probability(const struct grf_evidence *e, bool vectors)
{
    double z = vectors ? EVIDENCE_BIAS + EVIDENCE_COSINE * e->cosine +
                             EVIDENCE_SPREAD * e->spread + EVIDENCE_JOINT * e->joint
                       : WORDS_BIAS + WORDS_SHARE * e->share;
    return 1 / (1 + exp(-z));
}

/* Of a passage that only the vectors hold yet nothing is known. */
static grf_status share_held(struct law_run *l, int64_t passage, double *share,
                             char **matched, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = share_of(&l->run, passage, share, matched, &local);
    if (st == GRF_NOTFOUND) {
        *share = 0;
        return GRF_OK;
    }
    if (st && err)
        *err = local;
    return st;
}

static grf_status judge_law(struct law_run *l, struct grf_law_results *out,
                            struct grf_err *err)
{
    struct grf_evidence *e = &out->evidence;
    grf_status st = GRF_OK;
    e->spread = spread_of(&l->run);
    e->named = l->named;
    for (size_t i = 0; i < out->n && !st && (i < LOOK_AT || l->opts.explain); i++) {
        struct grf_why *w = &out->v[i].why;
        double share;
        st = share_held(l, out->v[i].passage.id, &share,
                        l->opts.explain ? &w->matched : NULL, err);
        if (i >= LOOK_AT || st)
            continue;
        e->cosine = w->cosine > e->cosine ? w->cosine : e->cosine;
        e->share = share > e->share ? share : e->share;
        e->joint = share * w->cosine > e->joint ? share * w->cosine : e->joint;
    }
    e->score = e->named ? 1 : probability(e, embedded_vectors(&l->run));
    out->found = out->n && (e->score >= 0.5 || !l->run.u.n_terms);
    return st;
}

/* ---- all */

static grf_status check_question(const struct law_run *l, struct grf_sv question,
                                 struct grf_err *err)
{
    if (question.n > GRF_QUESTION_MAX)
        return grf_fail(err, GRF_INVALID, _("the question is longer than %d bytes"),
                        GRF_QUESTION_MAX);
    if (grf_text_valid(question) != question.n)
        return grf_fail(err, GRF_INVALID, "%s", _("the question is not valid UTF-8 text"));
    if (!l->run.u.n_clauses && !l->asked)
        return grf_fail(err, GRF_INVALID, "%s", _("the question has no word to look for"));
    return GRF_OK;
}

static grf_status find_articles(struct law_run *l, struct grf_base *base,
                                struct grf_law_results *out, struct grf_err *err)
{
    grf_status st = list_asked(l, err);
    if (!st)
        st = gather_law(l, base, err);
    if (!st)
        st = fill_pool(l, out, err);
    if (!st && out->n)
        qsort(out->v, out->n, sizeof(*out->v), by_score);
    if (!st)
        st = quote_all(l, out, err);
    return st ? st : judge_law(l, out, err);
}

grf_status grf_search_law(struct grf_lawindex *ix, struct grf_base *base,
                          struct grf_embedder *embedder, struct grf_sv question,
                          const struct grf_search_opts *opts,
                          const struct grf_ref_asked *asked, struct grf_law_results *out,
                          struct grf_err *err)
{
    struct law_run l = {.ix = ix, .asked = asked, .opts = *opts};
    memset(out, 0, sizeof(*out));
    l.opts.filters = NULL;
    l.opts.n_filters = 0;
    l.opts.date_from = l.opts.date_to = 0;
    l.run = (struct run){.fulltext = ix->fulltext,
                         .thesaurus = base ? &base->thesaurus : &ix->thesaurus,
                         .embedder = embedder,
                         .opts = &l.opts};
    grf_law_today(l.today);
    struct grf_sv kept = question.n > GRF_QUESTION_MAX ? grf_sv("", 0) : question;
    grf_status st = understand(kept, &l.run.u, err);
    if (!st)
        st = check_question(&l, question, err);
    grf_str_init(&l.question, 4 * GRF_QUESTION_MAX);
    grf_text_fold(&l.question, kept);
    grf_str_addc(&l.question, ' ');
    if (!st)
        st = grf_str_status(&l.question, err);
    if (!st)
        st = find_articles(&l, base, out, err);
    if (st)
        grf_law_results_release(out);
    understood_release(&l.run.u);
    grf_str_release(&l.question);
    grf_ref_terms_release(&l.terms);
    grf_free(l.filters);
    grf_free(l.run.question_vec);
    grf_free(l.run.c);
    return st;
}

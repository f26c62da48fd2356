/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evidence bar: whether anything in the base answers the question at all. */
#include <math.h>

#include "grf_mem.h"
#include "search_priv.h"

enum { LOOK_AT = 5, SPREAD_RANK = 200 };

grf_status weigh_terms(struct grf_ft_reader *ft, struct understood *u, struct grf_err *err)
{
    double all = (double)grf_ft_reader_count(ft);
    grf_status st = GRF_OK;
    for (size_t i = 0; i < u->n_terms && !st; i++) {
        struct qterm *t = &u->terms[i];
        uint64_t n;
        st = grf_ft_frequency(ft, grf_sv(t->norm, strlen(t->norm)), &n, err);
        double rarity = log((all + 1) / ((double)n + 0.5));
        t->weight = rarity > 0.1 ? rarity : 0.1;
    }
    return st;
}

/* Weights of the evidence, as scripts/fit-evidence gives them: with the embedded model's
   vectors, and by words alone. */
#define EVIDENCE_BIAS (-3.16)
#define EVIDENCE_COSINE 3.18
#define EVIDENCE_SPREAD 4.90
#define EVIDENCE_SHARE (-1.24)
#define EVIDENCE_JOINT 4.20
#define EVIDENCE_TITLE 5.15
#define EVIDENCE_MISSING (-1.45)
#define EVIDENCE_NAMED 6.02
#define WORDS_BIAS (-1.01)
#define WORDS_SHARE 5.11
#define WORDS_MISSING (-2.00)
#define WORDS_NAMED 3.72

/* The telling words of the question that a passage holds, as bits. */
static uint64_t read_held(const struct understood *u, struct grf_sv matched)
{
    uint64_t bits = 0;
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, matched);
    while (grf_words_next(&it, &w)) {
        for (size_t i = 0; i < u->n_terms; i++) {
            if (strcmp(w.norm, u->terms[i].norm) == 0)
                bits |= UINT64_C(1) << i;
        }
    }
    return bits;
}

static grf_status held_by(struct run *run, int64_t passage, uint64_t *out, char **matched,
                          struct grf_err *err)
{
    struct grf_ft_query q;
    struct grf_str words;
    fill_query(run, &q, 1);
    grf_str_init(&words, 65536);
    grf_status st = grf_ft_matched(run->fulltext, &q, passage, &words, err);
    if (st == GRF_NOTFOUND) { /* the rows have it: the index is not theirs */
        if (err)
            err->code = GRF_CORRUPT;
        st = GRF_CORRUPT;
    }
    *out = read_held(&run->u, grf_str_sv(&words));
    if (!st && matched) {
        *matched = grf_str_take(&words, err);
        st = *matched ? GRF_OK : GRF_NOMEM;
    }
    grf_str_release(&words);
    return st;
}

static double share_in(const struct understood *u, uint64_t terms)
{
    double sum = 0, all = 0;
    for (size_t i = 0; i < u->n_terms; i++) {
        all += u->terms[i].weight;
        sum += terms >> i & 1 ? u->terms[i].weight : 0;
    }
    return all > 0 ? sum / all : 0;
}

grf_status share_of(struct run *run, int64_t passage, double *share, char **matched,
                    struct grf_err *err)
{
    uint64_t held;
    grf_status st = held_by(run, passage, &held, matched, err);
    *share = share_in(&run->u, held);
    return st;
}

static bool asks_body(const struct understood *u)
{
    for (size_t i = 0; i < u->n_hints; i++) {
        if (u->hints[i].term.value.n && u->hints[i].term.name == GRF_FILTER_BODY)
            return true;
    }
    return false;
}

double spread_of(const struct run *run)
{
    double best = 0, sum = 0;
    size_t n = 0;
    bool body = asks_body(&run->u);
    for (size_t i = 0; i < run->n; i++) {
        const struct candidate *c = &run->c[i];
        if (!c->vector_rank || (body && !c->of_body))
            continue;
        if (c->cosine > best)
            best = c->cosine;
        if (c->vector_rank > SPREAD_RANK && !body)
            continue;
        sum += c->cosine;
        n++;
    }
    return n > 1 ? best - (sum - best) / (double)(n - 1) : 0;
}

static void raise(double *to, double value)
{
    if (value > *to)
        *to = value;
}

static bool names_an_act(const struct run *run)
{
    for (size_t i = 0; i < run->u.n_hints; i++) {
        if (run->u.hints[i].decisive && run->u.hints[i].met)
            return true;
    }
    return false;
}

bool embedded_vectors(const struct run *run)
{
    return run->question_vec &&
           strncmp(grf_embed_fingerprint(run->embedder), "static/", 7) == 0;
}

/* Logistic over the features, learned from questions with and without an answer
   (doc/QUALITY.md, "evidence"). */
static double probability(const struct grf_evidence *e, bool vectors)
{
    double z;
    if (vectors)
        z = EVIDENCE_BIAS + EVIDENCE_COSINE * e->cosine + EVIDENCE_SPREAD * e->spread +
            EVIDENCE_SHARE * e->share + EVIDENCE_JOINT * e->joint +
            EVIDENCE_TITLE * e->title + EVIDENCE_MISSING * e->missing +
            EVIDENCE_NAMED * e->named;
    else
        z = WORDS_BIAS + WORDS_SHARE * e->share + WORDS_MISSING * e->missing +
            WORDS_NAMED * e->named;
    return 1 / (1 + exp(-z));
}

/* The cosine of the question with the act's subject. */
static grf_status title_cosine(struct run *run, const struct grf_result *r, double *out,
                               struct grf_err *err)
{
    size_t dim = run->question_vec ? (size_t)grf_embed_dim(run->embedder) : 0;
    struct grf_sv title = grf_sv_z(r->act.act.subject);
    *out = 0;
    if (!dim || !title.n)
        return GRF_OK;
    float *v = grf_calloc(dim, sizeof(*v));
    if (!v)
        return grf_fail_nomem(err);
    grf_status st = grf_embed_texts(run->embedder, &title, 1, v, err);
    float dot = 0;
    for (size_t i = 0; i < dim; i++)
        dot += v[i] * run->question_vec[i];
    *out = (double)dot;
    grf_free(v);
    return st;
}

static grf_status weigh_result(struct run *run, const struct grf_result *r,
                               uint64_t held, struct grf_evidence *e, unsigned *subjects,
                               struct grf_err *err)
{
    double share = share_in(&run->u, held), title;
    if (of_other_body(&run->u, r) || r->why.apart)
        return GRF_OK;
    grf_status st = title_cosine(run, r, &title, err);
    raise(&e->cosine, r->why.cosine);
    raise(&e->share, share);
    raise(&e->joint, share * r->why.cosine);
    raise(&e->title, title);
    *subjects |= r->why.subjects;
    return st;
}

static grf_refusal refusal_of(const struct run *run, const struct grf_answer *a)
{
    const struct understood *u = &run->u;
    bool fitting = a->n && !a->v[0].why.apart; /* those that fit stand first */
    if (!grf_ft_reader_count(run->base->fulltext))
        return GRF_REFUSED_EMPTY;
    if (filtered(run->opts) && !u->n_terms)
        return a->n ? GRF_REFUSED_NOT : GRF_REFUSED_EVIDENCE;
    if (lacks_subject(u))
        return GRF_REFUSED_NO_WORD;
    if (asks_the_act(u) && !fitting)
        return u->n_times ? GRF_REFUSED_TIME : GRF_REFUSED_NUMBER;
    if (is_bare(u) || (a->n && a->evidence.score >= 0.5))
        return GRF_REFUSED_NOT;
    return GRF_REFUSED_EVIDENCE;
}

grf_status judge(struct run *run, struct grf_answer *a, struct grf_err *err)
{
    struct grf_evidence *e = &a->evidence;
    grf_status st = GRF_OK;
    unsigned subjects = 0;
    e->spread = spread_of(run);
    e->named = names_an_act(run);
    for (size_t i = 0; i < a->n && !st && (i < LOOK_AT || run->opts->explain); i++) {
        struct grf_result *r = &a->v[i];
        uint64_t held;
        st = held_by(run, r->passage.id, &held, run->opts->explain ? &r->why.matched : NULL,
                     err);
        if (!st && i < LOOK_AT)
            st = weigh_result(run, r, held, e, &subjects, err);
    }
    e->missing = subjects != (1u << run->u.n_subjects) - 1;
    e->score = probability(e, embedded_vectors(run));
    a->refusal = refusal_of(run, a);
    a->found = !a->refusal;
    return st;
}

const char *grf_refusal_name(grf_refusal r)
{
    static const char *const names[] = {NULL,        "empty_base", "no_word",
                                        "no_such_number", "not_of_that_time", "evidence"};
    return (size_t)r < GRF_ARRAY_LEN(names) ? names[r] : NULL;
}

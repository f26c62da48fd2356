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
#define EVIDENCE_BIAS (-2.30)
#define EVIDENCE_COSINE 6.02
#define EVIDENCE_SPREAD 2.89
#define EVIDENCE_SHARE (-0.73)
#define EVIDENCE_JOINT 5.27
#define EVIDENCE_MISSING (-1.42)
#define EVIDENCE_NAMED 4.40
#define WORDS_BIAS (-0.74)
#define WORDS_SHARE 5.16
#define WORDS_MISSING (-2.12)
#define WORDS_NAMED 3.75

grf_status share_of(struct run *run, int64_t passage, double *share, char **matched,
                    struct grf_err *err)
{
    struct grf_ft_query q;
    struct grf_str held;
    struct grf_words it;
    struct grf_word w;
    double sum = 0, all = 0;
    fill_query(run, &q, 1);
    grf_str_init(&held, 65536);
    grf_status st = grf_ft_matched(run->fulltext, &q, passage, &held, err);
    for (size_t i = 0; i < run->u.n_terms && !st; i++) {
        bool met = false;
        all += run->u.terms[i].weight;
        grf_words_init(&it, grf_str_sv(&held));
        while (!met && grf_words_next(&it, &w))
            met = strcmp(w.norm, run->u.terms[i].norm) == 0;
        if (met)
            sum += run->u.terms[i].weight;
    }
    *share = all > 0 ? sum / all : 0;
    if (!st && matched) {
        *matched = grf_str_take(&held, err);
        st = *matched ? GRF_OK : GRF_NOMEM;
    }
    grf_str_release(&held);
    return st;
}

double spread_of(const struct run *run)
{
    double sum = 0, best = 0;
    size_t n = 0;
    for (size_t i = 0; i < run->n; i++) {
        const struct candidate *c = &run->c[i];
        if (c->vector_rank == 1)
            best = c->cosine;
        if (c->vector_rank > 1 && c->vector_rank <= SPREAD_RANK) {
            sum += c->cosine;
            n++;
        }
    }
    return n ? best - sum / (double)n : 0;
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
            EVIDENCE_MISSING * e->missing + EVIDENCE_NAMED * e->named;
    else
        z = WORDS_BIAS + WORDS_SHARE * e->share + WORDS_MISSING * e->missing +
            WORDS_NAMED * e->named;
    return 1 / (1 + exp(-z));
}

static void weigh_result(const struct run *run, const struct grf_result *r, double share,
                         struct grf_evidence *e, unsigned *subjects)
{
    if (of_other_body(&run->u, r) || r->why.apart)
        return;
    raise(&e->cosine, r->why.cosine);
    raise(&e->share, share);
    *subjects |= r->why.subjects;
    raise(&e->joint, share * r->why.cosine);
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
        double share;
        st = share_of(run, r->passage.id, &share, run->opts->explain ? &r->why.matched : NULL,
                      err);
        if (i < LOOK_AT)
            weigh_result(run, r, share, e, &subjects);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evidence bar: whether anything in the base answers the question at all. */
#include <math.h>

#include "grf_mem.h"
#include "search_priv.h"

enum { LOOK_AT = 5, SPREAD_RANK = 200 };

grf_status weigh_terms(struct grf_base *base, struct understood *u, struct grf_err *err)
{
    double all = (double)grf_ft_reader_count(base->fulltext);
    grf_status st = GRF_OK;
    for (size_t i = 0; i < u->n_terms && !st; i++) {
        struct qterm *t = &u->terms[i];
        uint64_t n;
        st = grf_ft_frequency(base->fulltext, grf_sv(t->norm, strlen(t->norm)), &n, err);
        double rarity = log((all + 1) / ((double)n + 0.5));
        t->weight = rarity > 0.1 ? rarity : 0.1;
    }
    return st;
}

/* Weights of the evidence. */
#define EVIDENCE_BIAS (-3.3)
#define EVIDENCE_COSINE 7.3
#define EVIDENCE_SPREAD 10.3
#define EVIDENCE_SHARE 0.0
#define EVIDENCE_NAMED 3.2

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
    grf_status st = grf_ft_matched(run->base->fulltext, &q, passage, &held, err);
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

static void vector_evidence(const struct run *run, struct grf_evidence *e)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < run->n; i++) {
        const struct candidate *c = &run->c[i];
        if (c->vector_rank == 1)
            e->cosine = c->cosine;
        if (c->vector_rank > 1 && c->vector_rank <= SPREAD_RANK) {
            sum += c->cosine;
            n++;
        }
    }
    if (n)
        e->spread = e->cosine - sum / (double)n;
}

static bool names_an_act(const struct run *run)
{
    for (size_t i = 0; i < run->u.n_hints; i++) {
        if (run->u.hints[i].decisive && run->u.hints[i].met)
            return true;
    }
    return false;
}

/* Logistic over the features; the numbers come from `eval -v` on questions with and
   without an answer (doc/QUALITY.md, "evidence"). */
static double probability(const struct grf_evidence *e)
{
    double z = EVIDENCE_BIAS + EVIDENCE_COSINE * e->cosine + EVIDENCE_SPREAD * e->spread +
               EVIDENCE_SHARE * e->share;
    if (e->named)
        z += EVIDENCE_NAMED;
    return 1 / (1 + exp(-z));
}

grf_status judge(struct run *run, struct grf_answer *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    vector_evidence(run, &a->evidence);
    a->evidence.named = names_an_act(run);
    for (size_t i = 0; i < a->n && !st && (i < LOOK_AT || run->opts->explain); i++) {
        double share;
        st = share_of(run, a->v[i].passage.id, &share,
                      run->opts->explain ? &a->v[i].why.matched : NULL, err);
        if (i < LOOK_AT && share > a->evidence.share)
            a->evidence.share = share;
    }
    a->evidence.score = probability(&a->evidence);
    a->found = a->n && (a->evidence.score >= 0.5 || !run->u.n_terms); /* filters alone */
    return st;
}

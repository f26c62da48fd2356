/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reranking: a model behind an endpoint that the settings name reads the question and
 * the best passages, and its judgement takes a part of their scores. It moves what was
 * found; it never decides whether there is an answer, and a search does without it when
 * it fails.
 */
#include "base_priv.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "search_priv.h"

enum { TEXTS_MOST = 1 << 20 };

void grf_search_rerank_with(struct grf_search_opts *o, struct grf_reranker *reranker,
                            const struct grf_conf *c)
{
    o->reranker = reranker;
    o->rerank_top = (size_t)c->rerank_top;
    o->rerank_weight = c->rerank_weight / 100.0;
}

bool can_rerank(const struct run *run)
{
    return run->opts->reranker && run->opts->mode == GRF_MODE_HYBRID && run->u.n_clauses;
}

/* ---- what it reads */

/* Context header, subject and passage: what the vectors are made of too. */
static grf_status add_text(struct run *run, const struct grf_result *r,
                           struct grf_str *out, struct grf_err *err)
{
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(run->base->meta, r->passage.doc_id, r->passage.page,
                                  false, &p, err);
    size_t start = r->passage.start, end = r->passage.end;
    if (!st && start <= end && end <= p.text.n)
        embedded_text(out, &r->act.act, r->doc.title,
                      grf_sv(p.text.p + start, end - start));
    grf_page_release(&p);
    return st ? st : grf_str_status(out, err);
}

/* texts has n; they stand in all. */
static grf_status read_texts(struct run *run, struct grf_result **v, size_t n,
                             struct grf_str *all, struct grf_sv *texts,
                             struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < n && !st; i++) {
        size_t from = all->n;
        st = add_text(run, v[i], all, err);
        texts[i].n = all->n - from;
    }
    const char *at = all->p; /* only now, when it does not move any more */
    for (size_t i = 0; i < n; i++) {
        texts[i].p = at;
        at += texts[i].n;
    }
    return st;
}

/* ---- what becomes of its scores */

struct range {
    double least, most;
};

static void widen(struct range *r, double x)
{
    if (x < r->least)
        r->least = x;
    if (x > r->most)
        r->most = x;
}

/* What words and meaning give, without what the question says of the act and what the
   passage's part of the act counts: these stay. */
static double relevance(const struct grf_result *r)
{
    return r->score - r->why.named - r->why.part;
}

/* Its scores are stretched over the range of the others, whatever their own scale. */
static void blend(struct grf_result **v, size_t n, const float *scores, double weight)
{
    struct range ours = {relevance(v[0]), relevance(v[0])};
    struct range its = {(double)scores[0], (double)scores[0]};
    for (size_t i = 0; i < n; i++) {
        widen(&ours, relevance(v[i]));
        widen(&its, (double)scores[i]);
    }
    double scale = its.most > its.least ? (ours.most - ours.least) / (its.most - its.least) : 0;
    for (size_t i = 0; i < n; i++) {
        double judged = ours.least + ((double)scores[i] - its.least) * scale;
        v[i]->why.rerank = (double)scores[i];
        v[i]->why.rerank_from = (int)i + 1;
        if (scale > 0)
            v[i]->score += weight * (judged - relevance(v[i]));
    }
}

static grf_status ask(struct run *run, struct grf_result **v, size_t n,
                      const struct grf_sv *texts, float *scores, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = grf_rerank_scores(run->opts->reranker, run->u.text, texts, n, scores, &why);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (st)
        grf_log(GRF_LOG_WARNING, _("not reranked, the order is the usual one: %s"), why.msg);
    else
        blend(v, n, scores, run->opts->rerank_weight);
    return GRF_OK;
}

grf_status rerank(struct run *run, struct grf_result **v, size_t n, struct grf_err *err)
{
    if (n < 2)
        return GRF_OK;
    struct grf_str all;
    struct grf_sv *texts = grf_calloc(n, sizeof(*texts));
    float *scores = grf_calloc(n, sizeof(*scores));
    grf_str_init(&all, TEXTS_MOST);
    grf_status st = texts && scores ? GRF_OK : grf_fail_nomem(err);
    if (!st)
        st = read_texts(run, v, n, &all, texts, err);
    if (!st)
        st = ask(run, v, n, texts, scores, err);
    grf_str_release(&all);
    grf_free(texts);
    grf_free(scores);
    return st;
}

/* The evidence is weighed over the usual order, so that found or not does not depend on
   what a model elsewhere thinks, or on whether it answers. */
grf_status rerank_answer(struct run *run, struct grf_answer *a, struct grf_err *err)
{
    struct grf_answer again = {.n = 0};
    run->reranking = true;
    grf_status st = rank(run, &again, err);
    if (!st && run->opts->explain)
        st = judge(run, &again, err);
    run->reranking = false;
    if (st) {
        grf_answer_release(&again);
        return st;
    }
    again.evidence = a->evidence;
    again.refusal = a->refusal;
    again.found = a->found;
    grf_answer_release(a);
    *a = again;
    return GRF_OK;
}

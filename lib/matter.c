/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an act is about: scores of the rules and of the vectors, weighed up. */
#include "grf_matter.h"

#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "matter_priv.h"

enum { HEADS = 10, FIRST_THEME = 8, DECISION_BYTES = 400, TEXT_MOST = 12000 };

/* Weights found on half of the acts looked at; doc/MATTER.md has the figures. */
#define OTHERS_SHARE 0.3   /* of a head's other sub-heads in its score */
#define DECISION_FACTOR 0.6 /* the decision's words, where the subject says nothing */
#define VECTOR_FACTOR 0.8  /* for each deviation above the usual nearness */
#define VECTOR_FROM 1.5    /* deviations that say nothing yet */
#define THEME_SHARE 0.35   /* of heads 8 and 9 beside a decision of the first seven */
#define STRONG 6.0         /* a rule that names a decision */
#define SURE 9.0           /* a rule that leaves no doubt */
#define UNSURE_SHARE 0.5   /* of the heads without such a rule, beside one that has it */
#define DECISION_BAR 0.75  /* when only the decision's words speak */
#define DOUBT 1.5          /* score that nothing speaks against, worth one half */
#define BAR 0.6            /* a head is told from this confidence on */
#define SUB_BAR 0.5        /* and its sub-head from this share of the head */
#define PRINTED 0.99

struct grf_matter {
    struct matter_rules *rules;
    struct grf_embedder *embedder;
    float *about; /* a row for each code */
    int dim;
};

/* ---- open and close */

static grf_status embed_about(struct grf_matter *m, struct grf_err *err)
{
    size_t n = grf_matter_count();
    struct grf_sv texts[MATTER_CODES_MAX];
    m->dim = grf_embed_dim(m->embedder);
    m->about = grf_calloc(n, (size_t)m->dim * sizeof(float));
    if (!m->about)
        return grf_fail_nomem(err);
    for (size_t k = 0; k < n; k++)
        texts[k] = grf_sv_z(grf_matter_at(k)->about);
    return grf_embed_texts(m->embedder, texts, n, m->about, err);
}

grf_status grf_matter_open(struct grf_embedder *embedder, struct grf_matter **out,
                           struct grf_err *err)
{
    struct grf_matter *m = grf_calloc(1, sizeof(*m));
    *out = NULL;
    if (!m)
        return grf_fail_nomem(err);
    m->embedder = embedder;
    grf_status st = matter_rules_open(&m->rules, err);
    if (!st && embedder)
        st = embed_about(m, err);
    if (st) {
        grf_matter_close(m);
        return st;
    }
    *out = m;
    return GRF_OK;
}

void grf_matter_close(struct grf_matter *m)
{
    if (!m)
        return;
    matter_rules_close(m->rules);
    grf_free(m->about);
    grf_free(m);
}

/* ---- scores */

static bool all_zero(const double *scores)
{
    for (size_t k = 0; k < grf_matter_count(); k++) {
        if (scores[k] > 0)
            return false;
    }
    return true;
}

/* *bar: what the verdict must reach. */
static grf_status rule_scores(struct grf_matter *m, const struct grf_matter_text *t,
                              double *scores, double *bar, struct grf_err *err)
{
    struct matter_words w = {0};
    struct grf_sv text = t->text, decision = t->decision;
    text.n = text.n < TEXT_MOST ? text.n : TEXT_MOST;
    decision.n = decision.n < DECISION_BYTES ? decision.n : DECISION_BYTES;
    grf_status st = matter_words_read(&w, t->subject, err);
    if (!st)
        matter_rules_score(m->rules, &w, false, 1, scores);
    *bar = BAR;
    if (!st && all_zero(scores)) {
        *bar = DECISION_BAR;
        st = matter_words_read(&w, decision, err);
        if (!st)
            matter_rules_score(m->rules, &w, false, DECISION_FACTOR, scores);
    }
    if (!st)
        st = matter_words_read(&w, text, err);
    if (!st)
        matter_rules_score(m->rules, &w, true, 1, scores);
    matter_words_release(&w);
    return st;
}

/* How much nearer the subject is to each code than to codes as a whole. */
static void add_nearness(const struct grf_matter *m, const float *v, double *scores)
{
    double cosine[MATTER_CODES_MAX], mean = 0, spread = 0;
    size_t n = grf_matter_count();
    for (size_t k = 0; k < n; k++) {
        cosine[k] = 0;
        for (int i = 0; i < m->dim; i++)
            cosine[k] += (double)v[i] * (double)m->about[k * (size_t)m->dim + (size_t)i];
        mean += cosine[k] / (double)n;
    }
    for (size_t k = 0; k < n; k++)
        spread += (cosine[k] - mean) * (cosine[k] - mean) / (double)n;
    spread = sqrt(spread);
    for (size_t k = 0; k < n && spread > 1e-6; k++) {
        double z = (cosine[k] - mean) / spread;
        if (z > VECTOR_FROM)
            scores[k] += VECTOR_FACTOR * (z - VECTOR_FROM);
    }
}

static grf_status vector_scores(struct grf_matter *m, struct grf_sv subject, double *scores,
                                struct grf_err *err)
{
    if (!subject.n)
        return GRF_OK;
    float *v = grf_calloc((size_t)m->dim, sizeof(float));
    if (!v)
        return grf_fail_nomem(err);
    grf_status st = grf_embed_texts(m->embedder, &subject, 1, v, err);
    if (!st)
        add_nearness(m, v, scores);
    grf_free(v);
    return st;
}

/* ---- the verdict */

static size_t head_of(size_t k)
{
    return (size_t)(grf_matter_at(k)->code[0] - '0');
}

static bool is_head(size_t k)
{
    return !grf_matter_at(k)->code[1];
}

/* Best code of each head, and what the head as a whole scores. */
static void weigh_heads(const double *scores, double *heads, double *most, size_t *best)
{
    double sum[HEADS] = {0};
    for (size_t k = 0; k < grf_matter_count(); k++) {
        size_t h = head_of(k);
        sum[h] += scores[k];
        if (is_head(k) || scores[k] > most[h]) {
            most[h] = scores[k];
            best[h] = k;
        }
    }
    for (size_t h = 1; h < HEADS; h++)
        heads[h] = most[h] + OTHERS_SHARE * (sum[h] - most[h]);
}

/* The sub-head when it stands out among those of its head, else the head. */
static const struct grf_matter_code *settle(const double *scores, size_t best)
{
    double sum = 0;
    size_t head = best;
    for (size_t k = 0; k < grf_matter_count(); k++) {
        if (head_of(k) != head_of(best))
            continue;
        if (is_head(k))
            head = k;
        else
            sum += scores[k];
    }
    return grf_matter_at(scores[best] >= SUB_BAR * sum ? best : head);
}

/* What is decided (a contract, a post, a subsidy) comes before what it is about, and what
   leaves no doubt before what may be. */
static void damp(double *heads, const double *most)
{
    bool decided = false, sure = false;
    for (size_t h = 1; h < HEADS; h++) {
        decided = decided || (h < FIRST_THEME && most[h] >= STRONG);
        sure = sure || most[h] >= SURE;
    }
    for (size_t h = 1; h < HEADS; h++) {
        if (most[h] >= SURE)
            continue;
        if (h >= FIRST_THEME && decided)
            heads[h] *= THEME_SHARE;
        else if (sure)
            heads[h] *= UNSURE_SHARE;
    }
}

static void decide(const double *scores, double bar, struct grf_matter_verdict *out)
{
    double heads[HEADS] = {0}, most[HEADS] = {0}, second = 0;
    size_t best[HEADS] = {0}, first = 1;
    weigh_heads(scores, heads, most, best);
    damp(heads, most);
    for (size_t h = 2; h < HEADS; h++)
        first = heads[h] > heads[first] ? h : first;
    for (size_t h = 1; h < HEADS; h++)
        second = h != first && heads[h] > second ? heads[h] : second;
    double confidence = heads[first] / (heads[first] + second + DOUBT);
    if (confidence >= bar)
        *out = (struct grf_matter_verdict){settle(scores, best[first]), confidence};
}

grf_status grf_matter_judge(struct grf_matter *m, const struct grf_matter_text *t,
                            struct grf_matter_verdict *out, struct grf_err *err)
{
    double scores[MATTER_CODES_MAX] = {0}, bar;
    *out = (struct grf_matter_verdict){NULL, 0};
    const struct grf_matter_code *printed = matter_printed(t->text);
    if (printed) {
        *out = (struct grf_matter_verdict){printed, PRINTED};
        return GRF_OK;
    }
    grf_status st = rule_scores(m, t, scores, &bar, err);
    if (st)
        return st;
    decide(scores, bar, out);
    if (out->code || !m->embedder)
        return GRF_OK;
    st = vector_scores(m, t->subject, scores, err);
    if (!st)
        decide(scores, bar, out);
    return st;
}

/* ---- acts */

static bool own_text(grf_part p)
{
    return p == GRF_PART_BODY || p == GRF_PART_VISAS || p == GRF_PART_RECITALS ||
           p == GRF_PART_DECISION;
}

static grf_status gather(const struct grf_act *a, const struct grf_page *pages,
                         struct grf_str *text, struct grf_sv *decision, struct grf_err *err)
{
    *decision = grf_sv("", 0);
    grf_str_clear(text);
    for (size_t i = 0; i < a->n_passages && text->n < TEXT_MOST; i++) {
        const struct grf_passage *p = &a->passages[i];
        struct grf_sv s = grf_sv(pages[p->page - 1].text.p + p->start, p->end - p->start);
        if (!own_text(p->part))
            continue;
        if (!decision->n && p->part == GRF_PART_DECISION)
            *decision = s;
        grf_str_addsv(text, s);
        grf_str_addc(text, '\n');
    }
    return grf_str_status(text, err);
}

static grf_status fill_act(struct grf_matter *m, const struct grf_page *pages,
                           struct grf_str *text, struct grf_act *a, struct grf_err *err)
{
    struct grf_matter_text t = {.subject = grf_sv_z(a->subject)};
    struct grf_matter_verdict v;
    grf_status st = gather(a, pages, text, &t.decision, err);
    t.text = grf_str_sv(text);
    if (!st)
        st = grf_matter_judge(m, &t, &v, err);
    if (st || !v.code)
        return st;
    char *code = grf_strdup(v.code->code);
    if (!code)
        return grf_fail_nomem(err);
    grf_free(a->matter);
    a->matter = code;
    a->matter_confidence = v.confidence;
    return GRF_OK;
}

grf_status grf_matter_fill(struct grf_matter *m, const struct grf_page *pages,
                           struct grf_acts *acts, struct grf_err *err)
{
    struct grf_str text;
    grf_status st = GRF_OK;
    grf_str_init(&text, 1 << 24);
    for (size_t i = 0; i < acts->n && !st; i++) {
        if (acts->v[i].kind != GRF_KIND_DOCUMENT)
            st = fill_act(m, pages, &text, &acts->v[i], err);
    }
    grf_str_release(&text);
    return st;
}

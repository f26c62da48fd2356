/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of questions: tables by type, saving, comparing two runs question by question. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "metrics.h"

enum { TYPES_MOST = 24, LINE_MOST = 1 << 16, ROUNDS = 20000 };

static const char *const names[EVAL_METRICS] = {
    "page_success_1", "page_success_5", "page_ndcg_10", "page_mrr",      "act_success_1",
    "act_success_5",  "act_mrr",        "doc_success_1", "doc_ndcg_10",
    "citation"};

const char *eval_metric_name(enum eval_metric m)
{
    return names[m];
}

grf_status eval_scores_add(struct eval_scores *s, const struct eval_score *one,
                           struct grf_err *err)
{
    if (grf_grow(&s->v, s->n, &s->cap, sizeof(*s->v)))
        return grf_fail_nomem(err);
    s->v[s->n++] = *one;
    return GRF_OK;
}

void eval_scores_release(struct eval_scores *s)
{
    grf_free(s->v);
    memset(s, 0, sizeof(*s));
}

/* ---- tables */

struct row {
    const char *type; /* NULL: all */
    size_t n, refused, in_vain, refused_rightly, shown;
    double sum[EVAL_METRICS];
};

static void add_to_row(struct row *r, const struct eval_score *s)
{
    if (!s->answerable) {
        r->in_vain++;
        r->refused_rightly += !s->found;
        return;
    }
    r->n++;
    r->refused += !s->found;
    r->shown += s->shown;
    for (int m = 0; m < EVAL_METRICS; m++)
        r->sum[m] += s->value[m];
}

/* One row for each type in order of first sight, and last one for all. */
static size_t make_rows(const struct eval_scores *s, struct row *rows)
{
    size_t n = 0;
    struct row all = {.type = NULL};
    for (size_t i = 0; i < s->n; i++) {
        size_t k = 0;
        while (k < n && strcmp(rows[k].type, s->v[i].type) != 0)
            k++;
        if (k == n && n < TYPES_MOST)
            rows[n++] = (struct row){.type = s->v[i].type};
        if (k < TYPES_MOST)
            add_to_row(&rows[k], &s->v[i]);
        add_to_row(&all, &s->v[i]);
    }
    rows[n++] = all;
    return n;
}

static double mean_of(const struct row *r, int m)
{
    size_t n = m == EVAL_CITATION ? r->shown : r->n;
    return n ? r->sum[m] / (double)n : 0;
}

static void print_row(const struct row *r)
{
    if (!r->n)
        return;
    printf("| %s | %zu |", r->type ? r->type : _("all"), r->n);
    for (int m = 0; m < EVAL_METRICS; m++)
        printf(" %.3f |", mean_of(r, m));
    printf(" %.3f |\n", (double)r->refused / (double)r->n);
}

void eval_print_table(const struct eval_scores *s)
{
    struct row rows[TYPES_MOST + 1];
    size_t n = make_rows(s, rows);
    const struct row *all = &rows[n - 1];
    printf("| %s | n | page s@1 | s@5 | nDCG@10 | MRR | act s@1 | s@5 | MRR | doc s@1 | "
           "nDCG@10 | %s | %s |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
           _("type"), _("citation"), _("refused"));
    for (size_t i = 0; i < n; i++)
        print_row(&rows[i]);
    size_t refused = all->refused + all->refused_rightly;
    for (size_t i = 0; i + 1 < n; i++) {
        if (rows[i].n && strcmp(rows[i].type, "near_twin") == 0)
            printf(_("near twins: another act first in %.3f\n"),
                   1 - rows[i].sum[EVAL_ACT_S1] / (double)rows[i].n);
    }
    if (all->in_vain)
        printf(_("unanswerable: %zu, refused %zu (recall %.3f); of %zu refusals right: "
                 "%.3f\n"),
               all->in_vain, all->refused_rightly,
               (double)all->refused_rightly / (double)all->in_vain, refused,
               refused ? (double)all->refused_rightly / (double)refused : 1.0);
}

void eval_print_json(const struct eval_scores *s)
{
    struct row rows[TYPES_MOST + 1];
    size_t n = make_rows(s, rows);
    for (size_t i = 0; i < n; i++) {
        struct grf_json j;
        struct grf_str out;
        const struct row *r = &rows[i];
        grf_str_init(&out, LINE_MOST);
        grf_json_begin(&j, &out);
        grf_json_object(&j);
        grf_json_kv_int(&j, "format", 1);
        grf_json_kv_textz(&j, "type", "eval");
        grf_json_kv_textz(&j, "questions", r->type ? r->type : "all");
        grf_json_kv_int(&j, "n", (int64_t)r->n);
        for (int m = 0; m < EVAL_METRICS && r->n; m++)
            grf_json_kv_real(&j, names[m], mean_of(r, m), 4);
        grf_json_kv_int(&j, "refused", (int64_t)r->refused);
        grf_json_kv_int(&j, "unanswerable", (int64_t)r->in_vain);
        grf_json_kv_int(&j, "unanswerable_refused", (int64_t)r->refused_rightly);
        grf_json_end_object(&j);
        printf("%s\n", out.p ? out.p : "");
        grf_str_release(&out);
    }
}

/* ---- saving and reading back */

static void save_line(FILE *f, const struct eval_score *s)
{
    struct grf_json j;
    struct grf_str out;
    grf_str_init(&out, LINE_MOST);
    grf_json_begin(&j, &out);
    grf_json_object(&j);
    grf_json_kv_textz(&j, "id", s->id);
    grf_json_kv_textz(&j, "type", s->type);
    grf_json_kv_bool(&j, "answerable", s->answerable);
    grf_json_kv_bool(&j, "found", s->found);
    grf_json_kv_bool(&j, "shown", s->shown);
    for (int m = 0; m < EVAL_METRICS && s->answerable; m++)
        grf_json_kv_real(&j, names[m], s->value[m], 6);
    grf_json_end_object(&j);
    fprintf(f, "%s\n", out.p ? out.p : "");
    grf_str_release(&out);
}

grf_status eval_save(const struct eval_scores *s, const char *path, struct grf_err *err)
{
    FILE *f = fopen(path, "we");
    if (!f)
        return grf_fail_errno(err, "%s", path);
    for (size_t i = 0; i < s->n; i++)
        save_line(f, &s->v[i]);
    return grf_file_finish(f, path, err);
}

static grf_status load_line(void *data, const struct grf_jval *v, struct grf_err *err)
{
    struct eval_score s = {.answerable = grf_jval_bool(grf_jval_get(v, "answerable"), true),
                           .found = grf_jval_bool(grf_jval_get(v, "found"), false),
                           .shown = grf_jval_bool(grf_jval_get(v, "shown"), false)};
    const char *id = grf_jval_text(grf_jval_get(v, "id"));
    const char *type = grf_jval_text(grf_jval_get(v, "type"));
    if (!id)
        return grf_fail(err, GRF_PARSE, "%s", _("a saved score without id"));
    snprintf(s.id, sizeof(s.id), "%s", id);
    snprintf(s.type, sizeof(s.type), "%s", type ? type : "-");
    for (int m = 0; m < EVAL_METRICS; m++)
        s.value[m] = grf_jval_real(grf_jval_get(v, names[m]), 0);
    return eval_scores_add(data, &s, err);
}

/* ---- comparing */

static const struct eval_score *score_of(const struct eval_scores *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->v[i].id, id) == 0)
            return &s->v[i];
    }
    return NULL;
}

/* The paired values of one metric for one type (NULL: all). */
static size_t pairs_of(const struct eval_scores *ours, const struct eval_scores *theirs,
                       enum eval_metric m, const char *type, double *a, double *b)
{
    size_t n = 0;
    for (size_t i = 0; i < ours->n; i++) {
        const struct eval_score *s = &ours->v[i], *t = score_of(theirs, s->id);
        if (!t || !s->answerable || !t->answerable || (type && strcmp(s->type, type)) ||
            (m == EVAL_CITATION && (!s->shown || !t->shown)))
            continue;
        a[n] = s->value[m];
        b[n++] = t->value[m];
    }
    return n;
}

static void print_comparison(const struct eval_scores *ours, const struct eval_scores *theirs,
                             enum eval_metric m, const char *type, double *a, double *b)
{
    double sum_a = 0, sum_b = 0;
    size_t better = 0, worse = 0, n = pairs_of(ours, theirs, m, type, a, b);
    if (!n)
        return;
    for (size_t i = 0; i < n; i++) {
        sum_a += a[i];
        sum_b += b[i];
        better += a[i] > b[i] + 1e-9;
        worse += a[i] < b[i] - 1e-9;
    }
    printf("| %s | %s | %zu | %.3f | %.3f | %+.3f | %zu | %zu | %.4f |\n",
           type ? type : _("all"), names[m], n, sum_b / (double)n, sum_a / (double)n,
           (sum_a - sum_b) / (double)n, better, worse, metric_paired_p(a, b, n, ROUNDS));
}

grf_status eval_compare(const struct eval_scores *s, const char *path, struct grf_err *err)
{
    static const enum eval_metric compared[] = {EVAL_PAGE_NDCG, EVAL_PAGE_S1, EVAL_ACT_S1,
                                                EVAL_CITATION};
    static const struct grf_cli nobody = {.cancel = NULL};
    struct eval_scores theirs = {NULL, 0, 0};
    struct row rows[TYPES_MOST + 1];
    grf_status st = eval_each_line(&nobody, path, load_line, &theirs, err);
    double *a = grf_calloc(s->n + 1, sizeof(*a)), *b = grf_calloc(s->n + 1, sizeof(*b));
    if (!st && (!a || !b))
        st = grf_fail_nomem(err);
    if (!st) {
        printf("\n| %s | %s | n | %s | %s | %s | %s | %s | p |\n"
               "|---|---|---|---|---|---|---|---|---|\n",
               _("type"), _("measure"), _("before"), _("now"), _("difference"), _("better"),
               _("worse"));
        for (size_t i = 0; i < GRF_ARRAY_LEN(compared); i++) {
            size_t n = make_rows(s, rows);
            for (size_t k = 0; k < n; k++)
                print_comparison(s, &theirs, compared[i], rows[k].type, a, b);
        }
    }
    grf_free(a);
    grf_free(b);
    eval_scores_release(&theirs);
    return st;
}

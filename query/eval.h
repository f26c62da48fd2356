/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to greffier-query eval: scores of questions, tables, comparisons. */
#ifndef GRF_QUERY_EVAL_H
#define GRF_QUERY_EVAL_H

#include "commands.h"
#include "grf_jsonread.h"

enum eval_metric {
    EVAL_PAGE_S1,
    EVAL_PAGE_S5,
    EVAL_PAGE_NDCG,
    EVAL_PAGE_MRR,
    EVAL_ACT_S1,
    EVAL_ACT_S5,
    EVAL_ACT_MRR,
    EVAL_DOC_S1,
    EVAL_DOC_NDCG,
    EVAL_CITATION, /* the first right page is shown, and the words that answer are in its
                      quote; tables give the share among the questions with shown */
    EVAL_METRICS
};
/* The name that a saved file has for it. */
const char *eval_metric_name(enum eval_metric m);

enum { EVAL_DEPTH = 10, EVAL_ID = 64, EVAL_TYPE = 48 };

struct eval_score {
    char id[EVAL_ID], type[EVAL_TYPE], group[EVAL_TYPE];
    bool answerable, found;
    bool shown; /* a page with known answering words is among the results */
    double value[EVAL_METRICS]; /* of an answerable question */
};

struct eval_scores {
    struct eval_score *v;
    size_t n, cap;
};
GRF_NODISCARD grf_status eval_scores_add(struct eval_scores *s, const struct eval_score *one,
                                         struct grf_err *err);
void eval_scores_release(struct eval_scores *s);

/* Table by type, refusals. */
void eval_print_table(const struct eval_scores *s);
void eval_print_json(const struct eval_scores *s);

/* One JSON object a line. */
GRF_NODISCARD grf_status eval_save(const struct eval_scores *s, const char *path,
                                   struct grf_err *err);
/* Compares with what eval_save wrote, over the answerable questions of both: means,
   questions better and worse, p of the difference. */
GRF_NODISCARD grf_status eval_compare(const struct eval_scores *s, const char *path,
                                      struct grf_err *err);

/* Calls f for each line that is not empty; stops at a failure or when cancelled. */
typedef grf_status (*eval_line_fn)(void *data, const struct grf_jval *v, struct grf_err *err);
GRF_NODISCARD grf_status eval_each_line(const struct grf_cli *cli, const char *path,
                                        eval_line_fn f, void *data, struct grf_err *err);

/* corpus.jsonl, queries.jsonl and qrels.tsv of dir: an index of its own is made and
   asked in every mode; sample > 0 asks about that many of the queries. */
GRF_NODISCARD grf_status eval_qa(const struct grf_cli *cli, const char *dir, int sample,
                                 struct grf_err *err);

#endif

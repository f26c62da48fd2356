/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON that /rerank addresses take and give. */
#include <math.h>

#include "embed_client.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_jsonread.h"
#include "grf_mem.h"

grf_status rerank_request(const char *model, enum rerank_form form,
                          const struct grf_sv *texts, size_t n, struct grf_str *out,
                          struct grf_err *err)
{
    struct grf_json j;
    grf_json_begin(&j, out);
    grf_json_object(&j);
    grf_json_kv_textz(&j, "model", model);
    grf_json_key(&j, "query");
    grf_json_text(&j, texts[0]);
    grf_json_key(&j, form == RERANK_TEXTS ? "texts" : "documents");
    grf_json_array(&j);
    for (size_t i = 1; i < n; i++)
        grf_json_text(&j, texts[i]);
    grf_json_end_array(&j);
    if (form == RERANK_TEXTS) {
        grf_json_kv_bool(&j, "truncate", true);
    } else {
        grf_json_kv_int(&j, "top_n", (int64_t)n - 1);
        grf_json_kv_bool(&j, "return_documents", false);
    }
    grf_json_end_object(&j);
    return grf_str_status(out, err);
}

/* The list itself (TEI), or under "results" (Jina, Cohere, llama-server) or "data". */
static const struct grf_jval *list_of(const struct grf_jval *root)
{
    if (grf_jval_at(root, 0))
        return root;
    const struct grf_jval *list = grf_jval_get(root, "results");
    return list ? list : grf_jval_get(root, "data");
}

static double score_of(const struct grf_jval *item)
{
    const struct grf_jval *v = grf_jval_get(item, "relevance_score");
    if (!v)
        v = grf_jval_get(item, "score");
    return grf_jval_real(v, (double)NAN);
}

/* Each index must come once, and say itself which it is: lists are sorted by score. */
static grf_status read_scores(const struct grf_jval *list, size_t n, float *scores,
                              bool *seen, struct grf_err *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct grf_jval *item = grf_jval_at(list, i);
        int64_t index = grf_jval_int(grf_jval_get(item, "index"), -1);
        double score = score_of(item);
        if (index < 0 || (uint64_t)index >= n || seen[index])
            return grf_fail(err, GRF_PARSE,
                            _("reranking endpoint: index %lld out of place"),
                            (long long)index);
        if (!isfinite(score) || fabs(score) > 1e18)
            return grf_fail(err, GRF_PARSE, "%s",
                            _("reranking endpoint: a score is not a finite number"));
        seen[index] = true;
        scores[index] = (float)score;
    }
    return GRF_OK;
}

grf_status rerank_answer(struct grf_sv text, size_t n, float **out, struct grf_err *err)
{
    *out = NULL;
    struct grf_jdoc *doc = NULL;
    grf_status s = grf_jdoc_parse(text, &doc, err);
    if (s) {
        grf_err_wrap(err, "%s", _("reranking endpoint: the answer cannot be read"));
        return s;
    }
    const struct grf_jval *list = list_of(grf_jdoc_root(doc));
    bool *seen = (bool *)grf_calloc(n, sizeof(*seen));
    float *scores = (float *)grf_calloc(n, sizeof(*scores));
    if (!seen || !scores)
        s = grf_fail_nomem(err);
    else if (grf_jval_count(list) != n)
        s = grf_fail(err, GRF_PARSE,
                     _("reranking endpoint: %zu scores for %zu texts; is this a /rerank "
                       "address?"),
                     grf_jval_count(list), n);
    else
        s = read_scores(list, n, scores, seen, err);
    if (s == GRF_OK) {
        *out = scores;
        scores = NULL;
    }
    grf_free(scores);
    grf_free(seen);
    grf_jdoc_free(doc);
    return s;
}

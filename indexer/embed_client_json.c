/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON that an OpenAI-compatible /v1/embeddings endpoint takes and gives. */
#include "embed_client.h"

#include <math.h>

#include "grf_embed_protocol.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_jsonread.h"
#include "grf_mem.h"

grf_status embed_request(const char *model, const struct grf_sv *texts, size_t n,
                         struct grf_str *out, struct grf_err *err)
{
    struct grf_json j;
    grf_json_begin(&j, out);
    grf_json_object(&j);
    grf_json_kv_textz(&j, "model", model);
    grf_json_key(&j, "input");
    grf_json_array(&j);
    for (size_t i = 0; i < n; i++)
        grf_json_text(&j, texts[i]);
    grf_json_end_array(&j);
    grf_json_end_object(&j);
    return grf_str_status(out, err);
}

/* One vector into row; false when a number is missing, no number or not finite. */
static bool read_vector(const struct grf_jval *v, size_t dim, float *row)
{
    for (size_t k = 0; k < dim; k++) {
        double x = grf_jval_real(grf_jval_at(v, k), (double)NAN);
        if (!isfinite(x) || fabs(x) > 1e18)
            return false;
        row[k] = (float)x;
    }
    return true;
}

static grf_status check_dim(size_t got, size_t *dim, struct grf_err *err)
{
    if (got == 0 || got > GRF_EMBED_MOST_DIM)
        return grf_fail(err, GRF_PARSE, _("embedding endpoint: a vector of %zu numbers"),
                        got);
    if (*dim && got != *dim)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint: vectors of %zu numbers where %zu are "
                          "expected; is it the right model?"),
                        got, *dim);
    *dim = got;
    return GRF_OK;
}

/* Fills vectors (n * dim) from the array `data`; each index must come once. */
static grf_status read_rows(const struct grf_jval *data, size_t n, size_t dim,
                            float *vectors, bool *seen, struct grf_err *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct grf_jval *item = grf_jval_at(data, i);
        const struct grf_jval *v = grf_jval_get(item, "embedding");
        int64_t index = grf_jval_int(grf_jval_get(item, "index"), (int64_t)i);
        if (index < 0 || (uint64_t)index >= n || seen[index])
            return grf_fail(err, GRF_PARSE,
                            _("embedding endpoint: index %lld out of place"),
                            (long long)index);
        size_t expected = dim;
        grf_status s = check_dim(grf_jval_count(v), &expected, err);
        if (s)
            return s;
        if (!read_vector(v, dim, vectors + (size_t)index * dim))
            return grf_fail(err, GRF_PARSE,
                            _("embedding endpoint: a vector holds something that is not "
                              "a finite number"));
        seen[index] = true;
    }
    return GRF_OK;
}

grf_status embed_answer(struct grf_sv text, size_t n, size_t *dim, float **out,
                        struct grf_err *err)
{
    *out = NULL;
    struct grf_jdoc *doc = NULL;
    bool *seen = NULL;
    float *vectors = NULL;
    grf_status s = grf_jdoc_parse(text, &doc, err);
    if (s) {
        grf_err_wrap(err, _("embedding endpoint: the answer cannot be read"));
        return s;
    }
    const struct grf_jval *data = grf_jval_get(grf_jdoc_root(doc), "data");
    if (grf_jval_count(data) != n) {
        s = grf_fail(err, GRF_PARSE,
                     _("embedding endpoint: %zu vectors for %zu texts; is this a "
                       "/v1/embeddings address?"),
                     grf_jval_count(data), n);
        goto out;
    }
    const struct grf_jval *first = grf_jval_get(grf_jval_at(data, 0), "embedding");
    s = check_dim(grf_jval_count(first), dim, err);
    if (s)
        goto out;
    seen = (bool *)grf_calloc(n, sizeof(*seen));
    vectors = (float *)grf_calloc(n * *dim, sizeof(*vectors));
    s = seen && vectors ? read_rows(data, n, *dim, vectors, seen, err)
                        : grf_fail_nomem(err);
    if (s == GRF_OK) {
        *out = vectors;
        vectors = NULL;
    }
out:
    grf_free(vectors);
    grf_free(seen);
    grf_jdoc_free(doc);
    return s;
}

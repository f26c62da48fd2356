/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading JSON through jansson; the only file that knows it. A struct grf_jval is
 * a json_t by another name, so that handing one out costs nothing.
 */
#include "grf_jsonread.h"

#include <jansson.h>

#include "grf_i18n.h"
#include "grf_mem.h"

struct grf_jdoc {
    json_t *root;
};

static const json_t *in(const struct grf_jval *v)
{
    return (const json_t *)v;
}

static const struct grf_jval *out_of(const json_t *v)
{
    return (const struct grf_jval *)v;
}

grf_status grf_jdoc_parse(struct grf_sv text, struct grf_jdoc **out, struct grf_err *err)
{
    *out = NULL;
    struct grf_jdoc *d = grf_calloc(1, sizeof(*d));
    if (!d)
        return grf_fail_nomem(err);
    json_error_t e;
    d->root = json_loadb(text.p ? text.p : "", text.n,
                         JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (d->root) {
        *out = d;
        return GRF_OK;
    }
    grf_free(d);
    if (json_error_code(&e) == json_error_out_of_memory)
        return grf_fail_nomem(err);
    return grf_fail(err, GRF_PARSE, _("JSON: line %d, column %d: not well-formed (%s)"),
                    e.line, e.column, e.text);
}

void grf_jdoc_free(struct grf_jdoc *d)
{
    if (!d)
        return;
    json_decref(d->root);
    grf_free(d);
}

const struct grf_jval *grf_jdoc_root(const struct grf_jdoc *d)
{
    return d ? out_of(d->root) : NULL;
}

const struct grf_jval *grf_jval_get(const struct grf_jval *v, const char *key)
{
    return out_of(json_object_get(in(v), key));
}

size_t grf_jval_count(const struct grf_jval *v)
{
    return json_array_size(in(v));
}

const struct grf_jval *grf_jval_at(const struct grf_jval *v, size_t i)
{
    return out_of(json_array_get(in(v), i));
}

const char *grf_jval_text(const struct grf_jval *v)
{
    return json_string_value(in(v));
}

struct grf_sv grf_jval_sv(const struct grf_jval *v)
{
    return grf_sv(json_string_value(in(v)), json_string_length(in(v)));
}

int64_t grf_jval_int(const struct grf_jval *v, int64_t otherwise)
{
    return json_is_integer(in(v)) ? json_integer_value(in(v)) : otherwise;
}

double grf_jval_real(const struct grf_jval *v, double otherwise)
{
    return json_is_number(in(v)) ? json_number_value(in(v)) : otherwise;
}

bool grf_jval_bool(const struct grf_jval *v, bool otherwise)
{
    return json_is_boolean(in(v)) ? json_is_true(in(v)) : otherwise;
}

bool grf_jval_is_null(const struct grf_jval *v)
{
    return !v || json_is_null(in(v));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading JSON (jansson behind): one value at a time, strict UTF-8, duplicate
 * keys refused. Values are borrowed from their document.
 */
#ifndef GRF_JSONREAD_H
#define GRF_JSONREAD_H

#include <stdbool.h>

#include "grf_err.h"

GRF_BEGIN_DECLS

struct grf_jdoc;       /* owns everything */
struct grf_jval;       /* borrowed; NULL stands for "absent" everywhere */

/* GRF_PARSE with line and column. */
GRF_NODISCARD grf_status grf_jdoc_parse(struct grf_sv text, struct grf_jdoc **out,
                                        struct grf_err *err);
void grf_jdoc_free(struct grf_jdoc *d);
const struct grf_jval *grf_jdoc_root(const struct grf_jdoc *d);

const struct grf_jval *grf_jval_get(const struct grf_jval *v, const char *key);
size_t grf_jval_count(const struct grf_jval *v); /* array elements; else 0 */
const struct grf_jval *grf_jval_at(const struct grf_jval *v, size_t i);
/* NULL when absent or of another type. */
const char *grf_jval_text(const struct grf_jval *v);
struct grf_sv grf_jval_sv(const struct grf_jval *v); /* p NULL when no text */
int64_t grf_jval_int(const struct grf_jval *v, int64_t otherwise);
double grf_jval_real(const struct grf_jval *v, double otherwise);
bool grf_jval_bool(const struct grf_jval *v, bool otherwise);
bool grf_jval_is_null(const struct grf_jval *v); /* absent or null */

GRF_END_DECLS
#endif

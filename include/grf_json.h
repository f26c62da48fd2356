/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streaming JSON writer into a struct grf_str: no tree, commas by itself.
 * Bytes that are not UTF-8 become U+FFFD, so the output always is.
 *
 *     grf_json_begin(&j, &str);
 *     grf_json_object(&j); grf_json_key(&j, "page"); grf_json_int(&j, 4);
 *     grf_json_end_object(&j);
 *
 * Errors stick in the string (grf_str_status). Depth is limited to 32.
 */
#ifndef GRF_JSON_H
#define GRF_JSON_H

#include <stdbool.h>

#include "grf_str.h"

GRF_BEGIN_DECLS

struct grf_json {
    struct grf_str *out;
    int depth;
    bool first[33]; /* nothing written yet at that depth */
    bool after_key;
};

void grf_json_begin(struct grf_json *j, struct grf_str *out);
void grf_json_object(struct grf_json *j);
void grf_json_end_object(struct grf_json *j);
void grf_json_array(struct grf_json *j);
void grf_json_end_array(struct grf_json *j);
void grf_json_key(struct grf_json *j, const char *key);
void grf_json_text(struct grf_json *j, struct grf_sv text);
void grf_json_textz(struct grf_json *j, const char *z); /* NULL writes null */
void grf_json_int(struct grf_json *j, int64_t v);
void grf_json_real(struct grf_json *j, double v, int decimals); /* non-finite: null */
void grf_json_bool(struct grf_json *j, bool v);
void grf_json_null(struct grf_json *j);

/* key and value in one call */
void grf_json_kv_text(struct grf_json *j, const char *key, struct grf_sv v);
void grf_json_kv_textz(struct grf_json *j, const char *key, const char *z);
void grf_json_kv_int(struct grf_json *j, const char *key, int64_t v);
void grf_json_kv_real(struct grf_json *j, const char *key, double v, int decimals);
void grf_json_kv_bool(struct grf_json *j, const char *key, bool v);
void grf_json_kv_null(struct grf_json *j, const char *key);

GRF_END_DECLS
#endif

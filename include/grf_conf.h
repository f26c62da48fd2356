/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings: an INI file (inih behind). Sections and keys are known by name; an
 * unknown one is an error that names file and line. Defaults are used for what is
 * not said.
 */
#ifndef GRF_CONF_H
#define GRF_CONF_H

#include <stdbool.h>

#include "grf_err.h"
#include "grf_where.h" /* grf_data_path, grf_helper_path */

GRF_BEGIN_DECLS

struct grf_conf {
    /* [model] */
    char *model_path;      /* path = ...: static model file; NULL = the installed one */
    char *endpoint_url;    /* endpoint = http://...: use this instead */
    char *endpoint_model;  /* name = ... */
    char *endpoint_key;    /* key-file = ... */
    int endpoint_dim;      /* dimension = N */
    int endpoint_batch;    /* batch = N */
    int endpoint_timeout_ms; /* timeout = SECONDS */
    bool endpoint_remote;  /* allow-remote = yes */
    /* [worker] */
    int worker_memory_mb;  /* memory = MB, address space of the PDF worker */
    int worker_seconds;    /* time = SECONDS per document */
    int worker_pages;      /* pages = N, most pages of a document */
    int64_t max_file_mb;   /* file-size = MB */
};

/* Fills with defaults; path NULL = defaults only. A named file that does not exist is
   GRF_NOTFOUND, a wrong line GRF_INVALID or GRF_PARSE. Relative paths in the file are
   taken from its directory; a line has at most 196 bytes. On failure c is released. */
GRF_NODISCARD grf_status grf_conf_load(struct grf_conf *c, const char *path,
                                       struct grf_err *err);
void grf_conf_release(struct grf_conf *c);

GRF_END_DECLS
#endif

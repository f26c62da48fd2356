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
   GRF_NOTFOUND. */
GRF_NODISCARD grf_status grf_conf_load(struct grf_conf *c, const char *path,
                                       struct grf_err *err);
void grf_conf_release(struct grf_conf *c);

/* A file that greffier installs ("models/x.grfm"): $GREFFIER_DATA, the build tree
   the program stands in, or the installed data directory. grf_free. */
GRF_NODISCARD char *grf_data_path(const char *name);
/* Same for a helper program ("greffier-pdf-worker"): beside the program, else
   libexec. */
GRF_NODISCARD char *grf_helper_path(const char *name);

GRF_END_DECLS
#endif

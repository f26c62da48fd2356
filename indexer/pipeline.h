/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading documents side by side: each thread drives one PDF worker and takes
 * files to the point where they can be written (hash, pages, acts, passages). Results
 * are handed over in the order of the files, so that a run's outcome does not depend on
 * the number of threads; a bounded number waits.
 */
#ifndef GRF_PIPELINE_H
#define GRF_PIPELINE_H

#include <signal.h>

#include "collect.h"
#include "grf_act.h"
#include "grf_conf.h"
#include "grf_hash.h"

/* One file, read. */
struct read_doc {
    const struct found_file *file;
    grf_status status; /* why it was not read; err has the line */
    struct grf_err err;
    char sha256[GRF_SHA256_HEX];
    int64_t bytes;
    bool known; /* in the set given: not read again */
    struct grf_page *pages;
    size_t n_pages;
    struct grf_acts acts;
};

/* SHA-256 values, sorted. */
struct sha_set {
    char (*v)[GRF_SHA256_HEX];
    size_t n, cap;
};
void sha_set_sort(struct sha_set *s);

struct pipeline_opts {
    int jobs;
    const char *body; /* for all files, or NULL */
    const struct grf_conf *conf;
    const struct sha_set *known;
    volatile sig_atomic_t *cancel;
};

struct pipeline;
GRF_NODISCARD grf_status pipeline_start(const struct found_files *files,
                                        const struct pipeline_opts *opts,
                                        struct pipeline **out, struct grf_err *err);
/* The next file's result, in order; *doc is NULL at the end or after a cancellation. It is
   valid until the next call. GRF_NOTFOUND or GRF_IO when no worker can be started. */
GRF_NODISCARD grf_status pipeline_next(struct pipeline *p, struct read_doc **doc,
                                       struct grf_err *err);
void pipeline_close(struct pipeline *p);

/* File name without folders and ".pdf"; grf_free. */
GRF_NODISCARD char *title_of(const char *rel);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading documents side by side: each thread drives one PDF worker and takes
 * files to the point where they can be written (hash, pages, acts, passages). Results
 * are handed over in the order of the files, so that a run's outcome does not depend on
 * the number of threads; a bounded number waits.
 */
#ifndef GRF_PIPELINE_H
#define GRF_PIPELINE_H

#include "read_doc.h"

struct pipeline_opts {
    int jobs;
    struct read_opts read;
    /* Called by pipeline_next a few times a second while it waits; NULL for none. */
    void (*tick)(void *data, uint64_t ocr_pages_done);
    void *tick_data;
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

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Adding documents to an open base in two passes: first every file with the text that
 * it has, so that it can be found at once; then OCR of the pages without text, each
 * document written again when its pages are read.
 */
#ifndef GRF_ADDER_H
#define GRF_ADDER_H

#include "grf_base.h"
#include "grf_matter.h"
#include "grf_progress.h"
#include "pipeline.h"

struct adder_counts {
    uint64_t documents; /* files met, each once */
    uint64_t indexed, unchanged, failed;
    /* written by this run, less what stood in their place: a document that OCR has been
       over counts once, as it is in the base at the end */
    int64_t pages, acts, passages;
    uint64_t ocr_pages; /* read by OCR in this run */
    uint64_t unread;    /* pages of the documents met that still wait for OCR */
};

struct adder {
    /* set by the caller */
    struct grf_base_writer *base;
    const char *base_dir;
    const struct grf_conf *conf;
    struct grf_embedder *embedder; /* the base's */
    const char *body; /* for all files, or NULL */
    grf_visibility visibility; /* of all files */
    int jobs;
    bool quiet;
    bool again; /* read unchanged documents again */
    volatile sig_atomic_t *cancel;
    void (*failed)(void *data, const char *path, const char *reason);
    void *data;
    /* results */
    struct adder_counts counts;
    /* inside */
    struct sha_set known;
    struct grf_progress progress;
    struct grf_matter *matter; /* opened with the first document */
    struct found_files places; /* of the document that is being written anew */
    int64_t *to_ocr; /* documents met that have unread pages */
    size_t n_to_ocr, cap_to_ocr;
    uint64_t in_batch; /* passages */
    double batch_started;
    uint64_t ocr_total;
};

/* Why a document that was removed is refused; _() it. */
extern const char adder_not_taken_again[];

/* First pass over files. Commits. */
GRF_NODISCARD grf_status adder_add(struct adder *a, const struct found_files *files,
                                   struct grf_err *err);
/* Second pass: the documents that adder_add met, or with all those of the whole base.
   deadline as in struct read_opts. Commits. */
GRF_NODISCARD grf_status adder_ocr(struct adder *a, bool all, double deadline,
                                   struct grf_err *err);
void adder_release(struct adder *a);

#endif

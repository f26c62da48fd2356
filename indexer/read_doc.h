/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a file to what can be written: hash, pages, OCR where asked, acts, passages.
 * A reader drives PDF workers of its own and serves one thread.
 */
#ifndef GRF_READ_DOC_H
#define GRF_READ_DOC_H

#include <signal.h>

#include "collect.h"
#include "grf_act.h"
#include "grf_conf.h"
#include "grf_hash.h"

/* SHA-256 values, sorted. */
struct sha_set {
    char (*v)[GRF_SHA256_HEX];
    size_t n, cap;
};
void sha_set_sort(struct sha_set *s);

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
    size_t ocr_pages; /* of these, read by OCR (now or in an interrupted run) */
    struct grf_acts acts;
};
void read_doc_release(struct read_doc *d);

struct read_opts {
    const char *body; /* for all files, or NULL */
    const char *base; /* directory of the base, for pages already read by OCR */
    const struct grf_conf *conf;
    const struct sha_set *known;
    volatile sig_atomic_t *cancel;
    double deadline; /* grf_now() at which OCR stops taking pages; 0 = none */
    bool ocr;        /* read pages without text */
};

struct doc_reader;
/* *ocr_pages is counted up (atomically) with every page that OCR has read. GRF_NOTFOUND or
   GRF_IO when no worker can be started. */
GRF_NODISCARD grf_status doc_reader_open(const struct read_opts *opts,
                                         uint64_t *ocr_pages,
                                         struct doc_reader **out, struct grf_err *err);
/* Fills d, whose file is set and the rest zero; what goes wrong is in d->status.
   GRF_CANCELLED when OCR was cut short: the pages read are kept for the next run. */
void doc_reader_read(struct doc_reader *r, struct read_doc *d);
void doc_reader_close(struct doc_reader *r);

/* A page image without text of its own: OCR has not read it. */
bool page_is_unread(const struct grf_page *p);

/* File name without folders and ".pdf"; grf_free. */
GRF_NODISCARD char *title_of(const char *rel);

#endif

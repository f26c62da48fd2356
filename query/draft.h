/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A draft given to `check`: its text, whatever kind of file it is. */
#ifndef GRF_QUERY_DRAFT_H
#define GRF_QUERY_DRAFT_H

#include "grf_actrefs.h"
#include "grf_conf.h"

struct draft {
    struct grf_joined joined; /* of a PDF */
    struct grf_page *pages;
    size_t n_pages;           /* 0: the text has no pages */
    size_t unread;            /* pages that are images without text */
    struct grf_str plain;     /* of any other file */
    struct {
        size_t byte, chars;
        int line;
    } seen;                   /* the place last asked for: places come in order */
};

/* path "-" is standard input. GRF_UNSUPPORTED for a file of another kind, with the
   remedy. Release d whatever comes back. */
GRF_NODISCARD grf_status draft_open(struct draft *d, const char *path,
                                    const struct grf_conf *conf, struct grf_err *err);
/* The same for bytes that were sent; name is what messages call them. */
GRF_NODISCARD grf_status draft_of_bytes(struct draft *d, const char *name,
                                        struct grf_sv bytes, const struct grf_conf *conf,
                                        struct grf_err *err);
void draft_release(struct draft *d);

struct grf_sv draft_text(const struct draft *d);

/* Where a byte of the text stands. */
struct draft_place {
    int page;      /* from 1, 0 without pages */
    int line;      /* from 1, 0 with pages */
    size_t offset; /* characters, of the page's text or of the whole */
};
struct draft_place draft_place(struct draft *d, size_t byte);

#endif

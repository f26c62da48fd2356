/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Importing the law into base/law.db. */
#ifndef GRF_LAW_IMPORT_H
#define GRF_LAW_IMPORT_H

#include <signal.h>

#include "grf_law.h"
#include "grf_progress.h"

/* What an import met. */
struct law_counts {
    int64_t sources, skipped_sources;
    int64_t files;    /* of the delivery, or lines */
    int64_t versions; /* read of the texts wanted */
    int64_t added, changed, same, removed, shadowed;
    int64_t articles_changed;
    int64_t other_texts;    /* files or lines of texts not wanted */
    int64_t older;          /* of texts that are newer already */
    int64_t without_stock;  /* in an increment, of texts that no stock brought */
    int64_t from_legi;      /* lines of texts that came from LEGI */
    int64_t unknown_places; /* folders not known */
    int64_t unreadable;     /* files or lines that could not be read: listed */
    int64_t deletions, deletions_absent;
    /* anomalies handled */
    int64_t stale_state, never, no_begin, no_end, no_number, no_cid, empty_text;
};

struct law_import {
    struct grf_law *law;
    const char *codes; /* --codes; NULL: those of communes */
    bool all;
    bool quiet;
    const char *known; /* --known-until; for a folder without a stamp */
    volatile sig_atomic_t *cancel;
    struct law_counts counts;
    struct grf_progress progress;
    /* a file or line that cannot be read; the import goes on */
    void (*unreadable)(void *data, const char *where, const char *why);
    void *data;
};

/* Imports all of the paths, in the order that they need. GRF_CANCELLED when stopped:
   the same call goes on later. */
GRF_NODISCARD grf_status law_import_paths(struct law_import *in, char *const *paths,
                                          size_t n, struct grf_err *err);

/* One source each. */
GRF_NODISCARD grf_status law_import_versions(struct law_import *in, const char *path,
                                             struct grf_err *err);
struct law_archive {
    char *path;
    char stamp[16]; /* "YYYYMMDD-HHMMSS"; "" unknown */
    bool stock;
    bool folder;
};
GRF_NODISCARD grf_status law_import_legi(struct law_import *in,
                                         const struct law_archive *a,
                                         struct grf_err *err);

/* True when a text is wanted; short_name may be NULL. */
bool law_wanted(const char *selection, const char *short_name, const char *legi_id);
/* The selection as it is recorded; grf_free. */
GRF_NODISCARD grf_status law_selection(const struct law_import *in, char **out,
                                       struct grf_err *err);
/* SHA-256 of a file. */
GRF_NODISCARD grf_status law_digest(const char *path, char hex[65], struct grf_err *err);

#endif

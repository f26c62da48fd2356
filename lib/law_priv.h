/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/law_*.c. */
#ifndef GRF_LAW_PRIV_H
#define GRF_LAW_PRIV_H

#include "grf_law.h"
#include "sql.h"

struct grf_law {
    struct sql_db *db;
    int lock;    /* -1 for readers */
    char *made;  /* path of a file that this writer made; else NULL */
    bool moves;  /* made with what grf_law_moved needs */
    struct grf_law_code *codes; /* of a reader: what grf_law_each_code has read */
    size_t n_codes, cap_codes;
    int64_t codes_version; /* sql_data_version then */
};

/* Copies a column into a fixed field, cut to fit. */
void law_copy(char *out, size_t size, struct grf_sv v);
/* Row of an article by its number's key; 0 when there is none. */
GRF_NODISCARD grf_status law_article_id(struct grf_law *law, int64_t code_id,
                                        const char *key, int64_t *id,
                                        struct grf_err *err);
/* Row of a text by its name; 0 when there is none. */
GRF_NODISCARD grf_status law_code_id(struct grf_law *law, struct grf_sv name, int64_t *id,
                                     struct grf_err *err);
/* Sets law->moves. */
GRF_NODISCARD grf_status law_find_moves(struct grf_law *law, struct grf_err *err);
/* Stores what LEGI says of other places of a version, for what was known of it. */
GRF_NODISCARD grf_status law_put_moves(struct grf_law *law,
                                       const struct grf_law_version_new *v,
                                       struct grf_err *err);
/* Forgets what was said of versions that are gone. */
GRF_NODISCARD grf_status law_drop_moves(struct grf_law *law, struct grf_err *err);
/* Fills a version from columns id, valid_from, valid_to, from_after, last_seen,
   legi_id, etat, flags. */
#define LAW_VERSION_COLUMNS                                                              \
    "id, valid_from, valid_to, from_after, last_seen, legi_id, etat, flags"
void law_version_row(struct sql_stmt *s, struct grf_law_version *v);

/* Setting: all is in the indexes, and how it was cut. Gone while something is not. */
#define LAW_INDEXED "indexed"

/* Versions of one article that were or will be in force, sorted by first day, last day
   and row. */
struct law_versions {
    struct grf_law_version *v;
    size_t n, cap;
    char begin[GRF_LAW_DATE]; /* first day of the text, for versions without one */
};
/* Adds those of the article; all begins zeroed, the caller frees all->v. */
GRF_NODISCARD grf_status law_load_versions(struct grf_law *law, int64_t article_id,
                                           struct law_versions *all, struct grf_err *err);
/* The version that an answer about that day shows; NULL when there is none. */
const struct grf_law_version *law_current(const struct law_versions *all, const char *day);

#endif

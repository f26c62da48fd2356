/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/meta_*.c. */
#ifndef GRF_META_PRIV_H
#define GRF_META_PRIV_H

#include "grf_meta.h"
#include "grf_squeeze.h"
#include "sql.h"

struct grf_meta {
    struct sql_db *db;
    bool writable;
    struct grf_squeezer *squeezer; /* NULL until a page is read or written */
    int64_t hidden; /* passages that grf_meta_hide_internal left out */
};

/* Tables of meta_sources.c. */
extern const char meta_sources_schema[];

/* A page's row. */
GRF_NODISCARD grf_status add_page(struct grf_meta *m, int64_t doc, const struct grf_page *p,
                                  struct grf_err *err);

/* The row of a page. */
int64_t page_row(int64_t doc, int64_t number);
enum { PAGE_BITS = 20 };

/* What an act, or a document, cites, and which nothing else does, once its rows are gone. */
struct cited_ids {
    int64_t *v;
    size_t n, cap;
};
/* The cited of one act of a document; act 0: of all. */
GRF_NODISCARD grf_status note_cited(struct grf_meta *m, int64_t doc, int64_t act,
                                    struct cited_ids *out, struct grf_err *err);
/* Deletes those that are cited no more; releases the list in any case. */
GRF_NODISCARD grf_status drop_uncited(struct grf_meta *m, struct cited_ids *ids,
                                      struct grf_err *err);

/* A key of so many digits as a range of SHA-256, in digits; false: it is no key. */
bool key_range(struct grf_sv key, char low[GRF_SHA256_HEX], char high[GRF_SHA256_HEX]);

/* The tables that are not there yet. */
GRF_NODISCARD grf_status make_tables(struct grf_meta *m, struct grf_err *err);
enum { META_FORMAT = 4 };
/* Makes all tables, those of an earlier format into those of this one. The base is open for
   writing, no transaction is. */
GRF_NODISCARD grf_status bring_up_to_date(struct grf_meta *m, struct grf_err *err);

/* Rows of the references that the act holds. */
GRF_NODISCARD grf_status add_act_refs(struct grf_meta *m, int64_t act_id,
                                      const struct grf_act *a, struct grf_err *err);

/* Notes who may see what stands at the place, before the place itself is written. */
GRF_NODISCARD grf_status put_visibility(struct grf_meta *m, const struct grf_location *loc,
                                        struct grf_err *err);
/* true when that would change nothing. */
GRF_NODISCARD grf_status same_visibility(struct grf_meta *m, const struct grf_location *loc,
                                         bool *same, struct grf_err *err);
/* Forgets the marks of a document that is removed for good. */
GRF_NODISCARD grf_status drop_visibility(struct grf_meta *m, int64_t doc_id,
                                         struct grf_err *err);

#endif

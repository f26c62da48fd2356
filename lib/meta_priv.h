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

enum { META_FORMAT = 3 };
/* Makes the tables of an earlier format those of this one. The base is open for writing, no
   transaction is. */
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

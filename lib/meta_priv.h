/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/meta_*.c. */
#ifndef GRF_META_PRIV_H
#define GRF_META_PRIV_H

#include "grf_meta.h"
#include "sql.h"

struct grf_meta {
    struct sql_db *db;
    bool writable;
};

/* Tables of meta_sources.c. */
extern const char meta_sources_schema[];

/* Rows of the references that the act holds. */
GRF_NODISCARD grf_status add_act_refs(struct grf_meta *m, int64_t act_id,
                                      const struct grf_act *a, struct grf_err *err);

#endif

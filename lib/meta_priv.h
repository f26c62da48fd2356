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

#endif

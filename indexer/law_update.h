/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fetching the law: which archives of LEGI a server lists that the base has not, and
 * bringing them in, oldest first.
 *
 * Each archive is fetched into BASE/downloads (gone on with when a run was cut short),
 * imported, and deleted. The lock of the base is held while one is imported, not while
 * it is fetched, so the caller must not hold it. May be killed anywhere: the next call
 * goes on from there.
 */
#ifndef GRF_LAW_UPDATE_H
#define GRF_LAW_UPDATE_H

#include "grf_conf.h"
#include "law_import.h"

struct law_update_archive {
    char name[128]; /* its file's: "LEGI_20260609-212725.tar.gz" */
    char *url;
    char stamp[16];
    bool stock;
    int64_t bytes, resumed_at; /* of the file; of these, fetched by an earlier run */
    bool imported;
};

struct law_update {
    const char *base;
    const struct grf_conf *conf;
    const char *codes; /* as --codes; NULL: as the settings say */
    bool all, dry_run, quiet;
    volatile sig_atomic_t *cancel;
    /* a file that cannot be read; the import goes on */
    void (*unreadable)(void *data, const char *where, const char *why);
    /* an archive that would be fetched (dry_run), or that is in the base now */
    void (*archive)(void *data, const struct law_update_archive *a);
    void *data;
    /* what came of it */
    char last[16];         /* stamp of the newest archive in the base; "" none */
    size_t listed, needed; /* archives of the server; those the base has not */
    size_t imported;
    int64_t fetched; /* bytes that came over the network for archives */
    struct law_counts counts;
};

/* The address that the settings give, or NULL. */
const char *law_update_address(const struct grf_conf *conf);

/* GRF_INVALID without an address (the message says which lines to write); GRF_NET,
   GRF_TIMEOUT; GRF_CORRUPT for an archive that is damaged (it is deleted); GRF_NOSPC;
   GRF_LOCKED; GRF_CANCELLED. What was imported before stays. */
GRF_NODISCARD grf_status law_update(struct law_update *u, struct grf_err *err);

#endif

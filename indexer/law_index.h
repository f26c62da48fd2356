/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The articles of the law as passages: the indexes beside law.db, kept up to date. */
#ifndef GRF_INDEXER_LAW_INDEX_H
#define GRF_INDEXER_LAW_INDEX_H

#include "commands.h"
#include "grf_lawindex.h"

/* Indexes what changed in the law, open for writing; fills job, shows progress. */
GRF_NODISCARD grf_status law_index(const struct grf_cli *cli, struct grf_law *law,
                                   struct grf_embedder *embedder,
                                   struct grf_lawindex_job *job, struct grf_err *err);
/* The same for whoever has neither the law open nor the base's lock; nothing where there is
   no law, next to nothing where nothing changed. To be called after law_update. */
GRF_NODISCARD grf_status law_index_now(const struct grf_cli *cli,
                                       struct grf_lawindex_job *job, struct grf_err *err);
/* For whoever holds the base's lock: finishes what a run that died left behind; nothing
   where there is no law, or nothing to do. What fails is logged: the acts are not held up. */
void law_follow(const struct grf_cli *cli, struct grf_embedder *embedder);
/* Makes both indexes from nothing, where there is a law. embedder may be NULL: vectors
   come from the rows. */
GRF_NODISCARD grf_status law_index_again(const struct grf_cli *cli,
                                         struct grf_embedder *embedder,
                                         struct grf_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The indexes of the law, beside law.db and apart from those of the acts:
 *
 *     base/law.fulltext.N    full text of the passages (grf_law_passage.h)
 *     base/law.vectors.N     their vectors (grf_vectors.h)
 *
 * A batch is committed rows first, stamped with a generation, then full text with the
 * same; the vectors are written from the rows at the end. A writer that finds an index
 * behind brings it up to date; a reader shows only what a live row holds. So a run may die
 * anywhere.
 */
#ifndef GRF_LAWINDEX_H
#define GRF_LAWINDEX_H

#include <signal.h>

#include "grf_embed.h"
#include "grf_fulltext.h"
#include "grf_law_passage.h"
#include "grf_thesaurus.h"
#include "grf_vectors.h"

GRF_BEGIN_DECLS

/* ---- writing; the caller has the law open for writing */

typedef void (*grf_lawindex_progress)(void *data, uint64_t done, uint64_t total);
struct grf_lawindex_job {
    const char *base;
    struct grf_law *law;
    struct grf_embedder *embedder;   /* NULL: GRF_INVALID when something is to be added */
    volatile sig_atomic_t *cancel;   /* may be NULL */
    grf_lawindex_progress progress;  /* may be NULL */
    void *data;
    int64_t added, removed;          /* passages; out */
};
/* Makes the indexes hold what the law holds: nothing to do costs next to nothing.
   GRF_VERSION when they were made with another model (grf_lawindex_rebuild makes them
   anew), GRF_CORRUPT, GRF_CANCELLED (what was committed stays). */
GRF_NODISCARD grf_status grf_lawindex_update(struct grf_lawindex_job *job,
                                             struct grf_err *err);
/* The same, and both indexes from nothing: from the rows where the model is the same, with
   each passage embedded anew where it is another. */
GRF_NODISCARD grf_status grf_lawindex_rebuild(struct grf_lawindex_job *job,
                                              struct grf_err *err);

/* ---- reading */

struct grf_lawindex {
    struct grf_law *law;
    struct grf_ft_reader *fulltext;
    struct grf_vectors *vectors; /* NULL until loaded, and while there are none */
    struct grf_thesaurus *thesaurus; /* NULL until the first search without acts */
    char *base;
    struct grf_law_index_state state;
};
/* GRF_NOTFOUND when no law was imported, or when it was not indexed yet. */
GRF_NODISCARD grf_status grf_lawindex_open(const char *base, struct grf_lawindex **out,
                                           struct grf_err *err);
void grf_lawindex_close(struct grf_lawindex *ix); /* NULL is fine */
/* Once; ix->vectors stays NULL when an import was stopped before they were written. */
GRF_NODISCARD grf_status grf_lawindex_load_vectors(struct grf_lawindex *ix,
                                                   const char *fingerprint,
                                                   struct grf_err *err);

/* ---- checking */

/* Rows against the law, indexes against the rows; f for each fault. No law: no fault. */
GRF_NODISCARD grf_status grf_lawindex_verify(const char *base, grf_law_finding f,
                                             void *data, size_t *faults,
                                             struct grf_err *err);

GRF_END_DECLS
#endif

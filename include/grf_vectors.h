/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vector index of passages (FAISS behind): inner product over unit vectors,
 * exact search. Kept in memory, saved whole in a checksummed container
 * (grf_container.h): FAISS sees no byte that has not been verified.
 *
 * A handle serves one thread (but see grf_vec_share). After a failed change it is
 * poisoned: close it. An argument refused with GRF_INVALID or GRF_EXISTS changes nothing
 * and does not poison.
 */
#ifndef GRF_VECTORS_H
#define GRF_VECTORS_H

#include "grf_err.h"

GRF_BEGIN_DECLS

#define GRF_VEC_DIM_MAX 8192

struct grf_vectors;

struct grf_vec_hit {
    int64_t id;
    float score; /* cosine, -1 to 1 */
};

/* A new empty index of dim dimensions. */
GRF_NODISCARD grf_status grf_vec_new(int dim, struct grf_vectors **out, struct grf_err *err);
/* GRF_NOTFOUND, GRF_CORRUPT, GRF_VERSION. fingerprint: what the file must have been
   made with (NULL: any); otherwise GRF_VERSION. */
GRF_NODISCARD grf_status grf_vec_open(const char *path, const char *fingerprint,
                                      struct grf_vectors **out, struct grf_err *err);
void grf_vec_close(struct grf_vectors *v); /* NULL is accepted */
/* The same handle for one user more, who closes it too. A handle that several threads
   hold is only searched: no change, no saving. */
GRF_NODISCARD struct grf_vectors *grf_vec_share(struct grf_vectors *v);

int grf_vec_dim(const struct grf_vectors *v);
size_t grf_vec_count(const struct grf_vectors *v);
int64_t grf_vec_generation(const struct grf_vectors *v); /* 0 for a new one */

/* vecs is n rows of dim finite floats (else GRF_INVALID). ids must be 0 or more
   (GRF_INVALID), new and without repetition (GRF_EXISTS). */
GRF_NODISCARD grf_status grf_vec_add(struct grf_vectors *v, const int64_t *ids,
                                     const float *vecs, size_t n, struct grf_err *err);
/* Absent ids are fine. Costs a pass over the whole index: pass many ids at once. */
GRF_NODISCARD grf_status grf_vec_remove(struct grf_vectors *v, const int64_t *ids, size_t n,
                                        struct grf_err *err);
/* The k nearest, best first, equal scores by id, also where equal scores straddle the
   kth place; hits has room for k, *n_hits <= k. query: dim finite floats. */
GRF_NODISCARD grf_status grf_vec_search(struct grf_vectors *v, const float *query, size_t k,
                                        struct grf_vec_hit *hits, size_t *n_hits,
                                        struct grf_err *err);
/* All ids, ascending, in *ids (grf_free; NULL when there are none). */
GRF_NODISCARD grf_status grf_vec_ids(struct grf_vectors *v, int64_t **ids, size_t *n,
                                     struct grf_err *err);
/* Replaces path atomically, stamped with generation and fingerprint (shorter than
   GRF_CONTAINER_LABEL). A failure leaves a whole file (in general the old one) and the
   handle as it was. */
GRF_NODISCARD grf_status grf_vec_save(struct grf_vectors *v, const char *path,
                                      int64_t generation, const char *fingerprint,
                                      struct grf_err *err);

/* Threads used inside FAISS and BLAS, set once at start (OMP_NUM_THREADS wins). */
void grf_vec_set_threads(int n);

GRF_END_DECLS
#endif

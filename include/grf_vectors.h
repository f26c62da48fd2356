/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vector index of passages: inner product over unit vectors of one byte a dimension.
 *
 * A directory: `index` names the blocks in use, each with its checksum, and is replaced
 * at once; `blocks.N` holds the blocks and is mapped, so that opening reads the former
 * alone. A block is checked when it is first read. What changes is written as new blocks
 * behind the others, so that a reader keeps its state, and little is written when little
 * has changed; blocks that held a removed vector are erased before a save returns.
 *
 * A small index is searched whole: exact. In one of more than exact_most vectors those
 * near each other are put beside each other in lists (grf_vec_save_arranged), and a search
 * goes through the sketches, an eighth of the size, of the lists whose centres promise most,
 * and reads the vectors that look best; what was added since is searched whole.
 *
 * A handle serves one thread (but see grf_vec_share). After a failed change it is
 * poisoned: close it. An argument refused with GRF_INVALID or GRF_EXISTS changes nothing
 * and does not poison.
 */
#ifndef GRF_VECTORS_H
#define GRF_VECTORS_H

#include "grf_bytedot.h"
#include "grf_err.h"
#include "grf_idset.h"

GRF_BEGIN_DECLS

#define GRF_VEC_DIM_MAX GRF_BYTEDOT_DIM_MAX

struct grf_vectors;

/* A new empty index of dim dimensions. */
GRF_NODISCARD grf_status grf_vec_new(int dim, struct grf_vectors **out, struct grf_err *err);
/* GRF_NOTFOUND, GRF_CORRUPT; GRF_VERSION, also of an index that an earlier greffier made.
   fingerprint: what it must have been made with (NULL: any); otherwise GRF_VERSION. */
GRF_NODISCARD grf_status grf_vec_open(const char *path, const char *fingerprint,
                                      struct grf_vectors **out, struct grf_err *err);
struct grf_vec_limits {
    size_t exact_most; /* vectors that are searched whole (40,000) */
    size_t looked_at;  /* vectors a search looks at in the lists, and one in 48 (40,960) */
    size_t looked_up;  /* of those that alone count, so many are looked up (16,384) */
};
/* Other limits than the usual ones, for this handle. */
void grf_vec_limit(struct grf_vectors *v, const struct grf_vec_limits *limits);
void grf_vec_close(struct grf_vectors *v); /* NULL is accepted */
/* The same handle for one user more, who closes it too. A handle that several threads
   hold is only searched: no change, no saving. */
GRF_NODISCARD struct grf_vectors *grf_vec_share(struct grf_vectors *v);

int grf_vec_dim(const struct grf_vectors *v);
size_t grf_vec_count(const struct grf_vectors *v);
int64_t grf_vec_generation(const struct grf_vectors *v); /* 0 for a new one */

/* The k nearest, best first, equal scores by id; hits has room for k, *n_hits <= k. From
   lists, the scores of those beyond the 640 best are estimates.
   query: dim finite floats. GRF_CORRUPT; GRF_STALE when a writer has erased what this
   handle stands on: open anew. */
GRF_NODISCARD grf_status grf_vec_search(struct grf_vectors *v, const float *query, size_t k,
                                        struct grf_vec_hit *hits, size_t *n_hits,
                                        struct grf_err *err);
/* The same among these ids only (NULL: all). Where lists are searched, up to looked_up ids
   are looked up, exact; of more some may be missed. */
GRF_NODISCARD grf_status grf_vec_search_among(struct grf_vectors *v, const float *query,
                                              size_t k, const struct grf_idset *among,
                                              struct grf_vec_hit *hits, size_t *n_hits,
                                              struct grf_err *err);
/* The vectors of ids, which ascend: that of ids[i] to out + i * dim where found[i]. GRF_STALE
   and GRF_CORRUPT as above. */
GRF_NODISCARD grf_status grf_vec_find(struct grf_vectors *v, const int64_t *ids, size_t n,
                                      float *out, bool *found, struct grf_err *err);
/* All ids, ascending, in *ids (grf_free; NULL when there are none). Reads and checks
   every block: GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_vec_ids(struct grf_vectors *v, int64_t **ids, size_t *n,
                                     struct grf_err *err);

/* ---- writing: one process at a time, which the caller sees to */

/* Erases what a killed save left behind. Call it once after opening for writing. */
GRF_NODISCARD grf_status grf_vec_recover(struct grf_vectors *v, struct grf_err *err);
/* vecs is n rows of dim finite floats (else GRF_INVALID). ids must be 0 or more
   (GRF_INVALID), new and without repetition (GRF_EXISTS). */
GRF_NODISCARD grf_status grf_vec_add(struct grf_vectors *v, const int64_t *ids,
                                     const float *vecs, size_t n, struct grf_err *err);
/* Absent ids are fine. */
GRF_NODISCARD grf_status grf_vec_remove(struct grf_vectors *v, const int64_t *ids, size_t n,
                                        struct grf_err *err);
/* Writes what has changed into the directory path, stamped with generation and fingerprint
   (shorter than GRF_CONTAINER_LABEL). To another directory than the one v was opened in:
   all that is left, which is where v is from then on; the former stays as it was.
   A failure leaves a whole index (in general the old one) and the handle as it was. */
GRF_NODISCARD grf_status grf_vec_save(struct grf_vectors *v, const char *path,
                                      int64_t generation, const char *fingerprint,
                                      struct grf_err *err);
/* The same, and puts neighbours beside each other when enough has changed since that was
   done last: all vectors are written to a new file then, and the old one goes. Where there
   is no room for both, it saves as grf_vec_save does. */
GRF_NODISCARD grf_status grf_vec_save_arranged(struct grf_vectors *v, const char *path,
                                               int64_t generation, const char *fingerprint,
                                               struct grf_err *err);

GRF_END_DECLS
#endif

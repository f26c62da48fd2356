/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vectors of one byte a dimension, mapped from a checksummed file and searched exactly:
 * for collections that are large beside what is asked of them (the law), where loading
 * floats would cost more than all the rest of a question. Sums are whole numbers, so the
 * same question has the same answer on every machine.
 *
 * A file is written whole and never changed. One handle may be searched by one thread.
 */
#ifndef GRF_BYTEVEC_H
#define GRF_BYTEVEC_H

#include "grf_bytedot.h"
#include "grf_err.h"

GRF_BEGIN_DECLS

#define GRF_BYTEVEC_DIM_MAX GRF_BYTEDOT_DIM_MAX

struct grf_bytevec_part {
    const int64_t *ids; /* ascending, each once */
    const float *scales;
    const signed char *rows; /* n of dim bytes */
    size_t n;
};
/* Replaces path atomically. GRF_INVALID when ids do not ascend. */
GRF_NODISCARD grf_status grf_bytevec_write(const char *path, int64_t generation,
                                           const char *fingerprint, int dim,
                                           const struct grf_bytevec_part *part,
                                           struct grf_err *err);

struct grf_bytevec;
/* GRF_NOTFOUND, GRF_CORRUPT; GRF_VERSION when it was made with another model than
   fingerprint (NULL: any). */
GRF_NODISCARD grf_status grf_bytevec_open(const char *path, const char *fingerprint,
                                          struct grf_bytevec **out, struct grf_err *err);
void grf_bytevec_close(struct grf_bytevec *v); /* NULL is accepted */
int grf_bytevec_dim(const struct grf_bytevec *v);
size_t grf_bytevec_count(const struct grf_bytevec *v);
int64_t grf_bytevec_generation(const struct grf_bytevec *v);
/* Ascending; borrowed until close. */
const int64_t *grf_bytevec_ids(const struct grf_bytevec *v);

/* The k nearest, best first, equal scores by id; hits has room for k. query: dim floats. */
GRF_NODISCARD grf_status grf_bytevec_search(const struct grf_bytevec *v, const float *query,
                                            size_t k, struct grf_vec_hit *hits,
                                            size_t *n_hits, struct grf_err *err);

GRF_END_DECLS
#endif

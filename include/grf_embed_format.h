/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The static model's file: the payload of a container (grf_container.h) of kind
 * "MODL", laid out so that a query touches only the rows of its own words. All
 * numbers little-endian, every section at a multiple of 64 bytes:
 *
 *   head    struct grf_embed_head
 *   slots   uint32 x n_slots    hash table, open addressing: word number + 1, 0 = free
 *   starts  uint32 x (n_words+1) where each begins in the pool
 *   scales  uint16 x n_words    weight of a row, 0 to 32767
 *   pool    bytes               words and families, one after another
 *   rows    int8 x n_words x dim
 *
 * The vector of a text is the sum over its words of scale x row, made in whole
 * numbers, so that it is the same on every machine, then brought to length 1.
 */
#ifndef GRF_EMBED_FORMAT_H
#define GRF_EMBED_FORMAT_H

#include <stdbool.h>

#include "grf_err.h"
#include "grf_text.h"

GRF_BEGIN_DECLS

#define GRF_EMBED_KIND "MODL"
#define GRF_EMBED_FORMAT 1
#define GRF_EMBED_MAX_WORDS (1u << 22)
#define GRF_EMBED_MAX_DIM 1024 /* and a multiple of GRF_EMBED_DIM_STEP */
#define GRF_EMBED_DIM_STEP 32
#define GRF_EMBED_SCALE_MAX 32767

struct grf_embed_head {
    uint32_t format;       /* GRF_EMBED_FORMAT */
    uint32_t text_version; /* GRF_TEXT_VERSION of the analysis trained with */
    uint32_t dim;
    uint32_t n_words;
    uint32_t n_slots;   /* a power of two above n_words */
    uint32_t pool_len;
    uint32_t reserved[2]; /* 0 */
    uint64_t slots, starts, scales, pool, rows, end; /* bytes from the payload's start */
};

/* The family of a word: "~" and its first six bytes, or for a number its class ("#1"
   to "#5" by count of digits, "#year" for 1900 to 2099). A word of the table has what
   its family has in common already in its row; a word that is not in the table gets the
   family's own row. norm is a folded word. The result stands in out. */
#define GRF_EMBED_FAMILY_MAX 8
struct grf_sv grf_embed_family(struct grf_sv norm, bool is_number,
                               char out[GRF_EMBED_FAMILY_MAX]);

/* FNV-1a, 32 bits, mixed once more: the hash of the slots. */
uint32_t grf_embed_hash(struct grf_sv key);

/* Writes a model. words are distinct and sorted by bytes; vectors is n rows of dim
   floats. Replaces path atomically. GRF_INVALID for counts outside the limits. */
GRF_NODISCARD grf_status grf_embed_write(const char *path, const struct grf_sv *words,
                                         const float *vectors, size_t n, int dim,
                                         struct grf_err *err);

/* Writes the same model with its words in the order of their weights: the frequent ones
   first, so that a question touches few pages of its rows. Its vectors and its name
   (fingerprint) stay the same. */
GRF_NODISCARD grf_status grf_embed_arrange(const char *from, const char *to,
                                           struct grf_err *err);

/* Checks all of a model file: checksum, sorting, every slot. GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_embed_check(const char *path, struct grf_err *err);

GRF_END_DECLS
#endif

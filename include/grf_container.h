/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checksummed container around a file that another library made or maps
 * (vector index, embedded model). Layout in doc/FORMAT.md, little-endian,
 * 192 bytes before the payload:
 *
 *     0  magic "GRFC"            32  payload length, 64 bits
 *     4  XXH3-128 of the bytes   40  generation, 64 bits
 *        20-175 and the payload  48  label, 128 bytes, zero-padded
 *    20  format, 32 bits        176  XXH3-64 of the bytes 0 to 175
 *    24  kind, 4 letters        184  zero, 64 bits
 *    28  header length, 32 bits
 *
 * The places of magic, both checksums and the format are the same in every
 * format, so that a damaged file is told from one of another version.
 */
#ifndef GRF_CONTAINER_H
#define GRF_CONTAINER_H

#include "grf_file.h"

GRF_BEGIN_DECLS

#define GRF_CONTAINER_HEADER 192 /* bytes before the payload */
#define GRF_CONTAINER_LABEL 128  /* bytes of a label with its NUL */

struct grf_container {
    struct grf_map map;      /* the whole file */
    int64_t generation;
    char label[GRF_CONTAINER_LABEL]; /* e.g. a model fingerprint */
    struct grf_sv payload;   /* inside map, 64-byte aligned in the file */
};

/* kind is 4 letters. Atomic (grf_file_replace). GRF_INVALID when the label does not
   fit. */
GRF_NODISCARD grf_status grf_container_write(const char *path, const char *kind,
                                             int64_t generation, const char *label,
                                             const struct grf_sv *pieces, size_t n,
                                             struct grf_err *err);
/* Maps and checks header, lengths and, with verify, the whole checksum (without it,
   damage to the payload goes unseen). GRF_NOTFOUND, GRF_CORRUPT; GRF_VERSION for an
   undamaged file of another format or kind. Close with grf_container_close; after a
   failure *c is zeroed and needs no closing. */
GRF_NODISCARD grf_status grf_container_open(struct grf_container *c, const char *path,
                                            const char *kind, bool verify,
                                            struct grf_err *err);
/* XXH3-64, for parts of files that are checked apart. */
uint64_t grf_container_sum64(const void *p, size_t n);
void grf_container_close(struct grf_container *c); /* zeroed one accepted */

GRF_END_DECLS
#endif

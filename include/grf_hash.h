/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 (FIPS 180-4) of files and bytes: the identity of a document. */
#ifndef GRF_HASH_H
#define GRF_HASH_H

#include "grf_err.h"

GRF_BEGIN_DECLS

#define GRF_SHA256_HEX 65 /* 64 hex digits and NUL */

void grf_sha256(struct grf_sv bytes, char hex[GRF_SHA256_HEX]);
/* Reads fd from its beginning to its end without moving its offset (so not a pipe);
   *size receives the byte count. hex and *size are set on success only. */
GRF_NODISCARD grf_status grf_sha256_fd(int fd, char hex[GRF_SHA256_HEX], int64_t *size,
                                       struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 (FIPS 180-4) of files and bytes: the identity of a document. And what passwords
 * need: a slow hash and a comparison that tells nothing by its time.
 */
#ifndef GRF_HASH_H
#define GRF_HASH_H

#include <stdbool.h>

#include "grf_err.h"

GRF_BEGIN_DECLS

#define GRF_SHA256_HEX 65 /* 64 hex digits and NUL */

void grf_sha256(struct grf_sv bytes, char hex[GRF_SHA256_HEX]);
/* Reads fd from its beginning to its end without moving its offset (so not a pipe);
   *size receives the byte count. hex and *size are set on success only. */
GRF_NODISCARD grf_status grf_sha256_fd(int fd, char hex[GRF_SHA256_HEX], int64_t *size,
                                       struct grf_err *err);

/* PBKDF2 with HMAC-SHA-256 (RFC 8018). */
#define GRF_PBKDF2_BYTES 32
void grf_pbkdf2(struct grf_sv password, struct grf_sv salt, unsigned iterations,
                unsigned char out[GRF_PBKDF2_BYTES]);
/* Takes the same time whatever the bytes are. */
bool grf_same_secret(const void *a, const void *b, size_t n);

GRF_END_DECLS
#endif

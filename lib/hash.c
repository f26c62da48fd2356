/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 and PBKDF2 through nettle, which uses the processor's own instructions where
 * there are any; the only file that knows nettle.
 */
#include "grf_hash.h"

#include <errno.h>
#include <nettle/memops.h>
#include <nettle/pbkdf2.h>
#include <nettle/sha2.h>
#include <unistd.h>

#include "grf_i18n.h"

/* Fits the second-level cache and the stack: reading cannot fail for memory. */
enum { PIECE = 64 * 1024 };

static void finish(struct sha256_ctx *ctx, char hex[GRF_SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(ctx, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * sizeof(digest)] = '\0';
}

void grf_sha256(struct grf_sv bytes, char hex[GRF_SHA256_HEX])
{
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    sha256_update(&ctx, bytes.n, (const uint8_t *)bytes.p);
    finish(&ctx, hex);
}

grf_status grf_sha256_fd(int fd, char hex[GRF_SHA256_HEX], int64_t *size,
                         struct grf_err *err)
{
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    uint8_t piece[PIECE];
    off_t at = 0;
    for (;;) {
        ssize_t got = pread(fd, piece, sizeof(piece), at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return grf_fail_errno(err, _("reading a file to identify it"));
        if (got == 0)
            break;
        sha256_update(&ctx, (size_t)got, piece);
        at += got;
    }
    finish(&ctx, hex);
    *size = (int64_t)at;
    return GRF_OK;
}

void grf_pbkdf2(struct grf_sv password, struct grf_sv salt, unsigned iterations,
                unsigned char out[GRF_PBKDF2_BYTES])
{
    pbkdf2_hmac_sha256(password.n, (const uint8_t *)password.p, iterations, salt.n,
                       (const uint8_t *)salt.p, GRF_PBKDF2_BYTES, out);
}

bool grf_same_secret(const void *a, const void *b, size_t n)
{
    return memeql_sec(a, b, n) != 0;
}

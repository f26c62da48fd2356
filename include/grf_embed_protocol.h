/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What lib/embed_endpoint.c and the program greffier-embed-client say to each other
 * over a socket pair (the client's stdin and stdout). Numbers are uint32_t of this
 * machine: both ends stand on it.
 *
 *   request: n, then n times (length, bytes)
 *   answer:  GRF_OK, n, dim, then n * dim floats
 *        or  another grf_status, length, message
 *
 * With mode=rerank the first text is the question and the answer has n - 1 rows of one
 * float: how well each of the other texts answers it.
 *
 * The client's arguments are words NAME=VALUE: url, model, key-file, dim, timeout-ms,
 * retries, remote (0 or 1), mode (embed or rerank). It ends when its stdin does.
 */
#ifndef GRF_EMBED_PROTOCOL_H
#define GRF_EMBED_PROTOCOL_H

#include "grf_common.h"

GRF_BEGIN_DECLS

enum {
    GRF_EMBED_MOST_TEXTS = 256,          /* of one request */
    GRF_EMBED_MOST_BYTES = 16 * 1024 * 1024, /* all texts of one request */
    GRF_EMBED_MOST_DIM = 8192,
    GRF_EMBED_MOST_MESSAGE = 479
};

GRF_END_DECLS
#endif

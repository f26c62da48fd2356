/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passing an answer on from the process that reads a PDF. Only the heads of messages are
 * looked at; what they hold is for the parent to judge.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "grf_pdf_protocol.h"

enum { PIECE = 65536 };

/* Up to n bytes; 0 when the sender or the listener is gone. */
static size_t take(int from, int to, void *p, size_t n)
{
    for (;;) {
        struct pollfd ends[2] = {{from, POLLIN, 0}, {to, 0, 0}};
        if (poll(ends, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return 0;
        }
        if (ends[1].revents)
            return 0;
        ssize_t got = recv(from, p, n, MSG_DONTWAIT);
        if (got >= 0)
            return (size_t)got;
        if (errno != EINTR && errno != EAGAIN)
            return 0;
    }
}

static bool give(int to, const char *p, size_t n)
{
    while (n) {
        ssize_t sent = send(to, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        p += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

static bool pass(int from, int to, size_t n)
{
    char piece[PIECE];
    while (n) {
        size_t got = take(from, to, piece, n < sizeof piece ? n : sizeof piece);
        if (!got || !give(to, piece, got))
            return false;
        n -= got;
    }
    return true;
}

static bool take_head(int from, int to, struct grf_pdf_head *h)
{
    for (size_t at = 0; at < sizeof *h;) {
        size_t got = take(from, to, (char *)h + at, sizeof *h - at);
        if (!got)
            return false;
        at += got;
    }
    return h->magic == GRF_PDF_MAGIC && h->len <= GRF_PDF_MAX_PAYLOAD;
}

bool grf_pdf_relay(int from, int to)
{
    struct grf_pdf_head h;
    do {
        if (!take_head(from, to, &h) || h.type == GRF_PDF_HELLO ||
            !give(to, (const char *)&h, sizeof h) || !pass(from, to, h.len))
            return false;
    } while (h.type != GRF_PDF_END && h.type != GRF_PDF_ERROR);
    return true;
}

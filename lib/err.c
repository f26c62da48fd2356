/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors: one line of text, fixed size, no allocation. */
#include "grf_err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "grf_i18n.h"

/* A cut message must not end inside a character. */
static void cut_at_character(char *msg, size_t size)
{
    size_t n = strlen(msg);
    if (n + 1 < size)
        return;
    size_t i = n;
    while (i > 0 && ((unsigned char)msg[i - 1] & 0xC0) == 0x80)
        i--;
    if (i > 0 && ((unsigned char)msg[i - 1] & 0xC0) == 0xC0)
        msg[i - 1] = 0;
}

static void set_message(struct grf_err *err, const char *fmt, va_list ap)
{
    vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    cut_at_character(err->msg, sizeof(err->msg));
}

/* What follows the name of a thing: French has a space before the colon. */
static void append(struct grf_err *err, const char *reason)
{
    size_t n = strlen(err->msg);
    snprintf(err->msg + n, sizeof(err->msg) - n, "%s%s", _(": "), reason);
    cut_at_character(err->msg, sizeof(err->msg));
}

grf_status grf_fail(struct grf_err *err, grf_status code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        err->code = code;
        err->sys_errno = 0;
        set_message(err, fmt, ap);
        va_end(ap);
    }
    return code;
}

static grf_status status_of_errno(int e)
{
    switch (e) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return GRF_NOSPC;
    case ENOENT:
        return GRF_NOTFOUND;
    case ENOMEM:
        return GRF_NOMEM;
    default:
        return GRF_IO;
    }
}

grf_status grf_fail_errno(struct grf_err *err, const char *fmt, ...)
{
    int e = errno;
    grf_status code = status_of_errno(e);
    if (!err)
        return code;
    va_list ap;
    va_start(ap, fmt);
    err->code = code;
    err->sys_errno = e;
    set_message(err, fmt, ap);
    va_end(ap);
    char text[128];
    const char *reason = _(strerror_r(e, text, sizeof(text)));
    append(err, reason);
    return code;
}

grf_status grf_fail_nomem(struct grf_err *err)
{
    return grf_fail(err, GRF_NOMEM, "%s", _("out of memory"));
}

void grf_err_wrap(struct grf_err *err, const char *fmt, ...)
{
    if (!err)
        return;
    char old[sizeof(err->msg)];
    memcpy(old, err->msg, sizeof(old));
    va_list ap;
    va_start(ap, fmt);
    set_message(err, fmt, ap);
    va_end(ap);
    append(err, old);
}

const char *grf_status_text(grf_status code)
{
    static const char *const text[] = {
        "ok",      "out of memory", "invalid",    "not found", "exists",
        "locked",  "busy",          "corrupt",    "version",   "i/o",
        "no space", "limit",        "network",    "timeout",   "cancelled",
        "parse",   "unsupported",   "stale",      "internal"};
    if ((size_t)code >= GRF_ARRAY_LEN(text))
        return "unknown";
    return text[code];
}

int grf_status_exit_code(grf_status code)
{
    switch (code) {
    case GRF_OK:
        return 0;
    case GRF_INVALID:
        return 2;
    case GRF_NOTFOUND:
        return 4;
    case GRF_LOCKED:
    case GRF_BUSY:
    case GRF_NET:
    case GRF_TIMEOUT:
    case GRF_STALE:
        return 75;
    case GRF_CANCELLED:
        return 130;
    default:
        return 1;
    }
}

void grf_assert_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "greffier: bug: %s:%d: %s\n", file, line, cond);
    abort();
}

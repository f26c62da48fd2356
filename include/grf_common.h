/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statuses, attributes and views that every other header uses.
 *
 * Every function that can fail returns an enum grf_status and takes a
 * struct grf_err (see grf_err.h) that it leaves untouched on success.
 */
#ifndef GRF_COMMON_H
#define GRF_COMMON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define GRF_BEGIN_DECLS extern "C" {
#define GRF_END_DECLS }
#else
#define GRF_BEGIN_DECLS
#define GRF_END_DECLS
#endif

#define GRF_NODISCARD __attribute__((warn_unused_result))
#define GRF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define GRF_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

GRF_BEGIN_DECLS

/* Append only: numbers may be stored. grf_status_text and
   grf_status_exit_code (grf_err.h) cover each of them. */
typedef enum grf_status {
    GRF_OK = 0,
    GRF_NOMEM,       /* allocation failed */
    GRF_INVALID,     /* wrong argument, option or value given by the user */
    GRF_NOTFOUND,    /* the named thing does not exist */
    GRF_EXISTS,      /* it exists already */
    GRF_LOCKED,      /* another writer holds the base */
    GRF_BUSY,        /* try again later */
    GRF_CORRUPT,     /* stored bytes fail their checks */
    GRF_VERSION,     /* a format or model of another version */
    GRF_IO,          /* reading or writing failed */
    GRF_NOSPC,       /* disk or quota full */
    GRF_LIMIT,       /* a stated limit was reached */
    GRF_NET,         /* network failure */
    GRF_TIMEOUT,     /* took longer than allowed */
    GRF_CANCELLED,   /* stopped on request */
    GRF_PARSE,       /* input does not follow its format */
    GRF_UNSUPPORTED, /* known, but not handled */
    GRF_STALE,       /* reader overtaken by the writer: reopen */
    GRF_INTERNAL     /* a bug */
} grf_status;

/* Bytes borrowed from elsewhere: not terminated, not owned. Text is UTF-8. */
struct grf_sv {
    const char *p;
    size_t n;
};

static inline struct grf_sv grf_sv(const char *p, size_t n)
{
    struct grf_sv v = {p, n};
    return v;
}

static inline struct grf_sv grf_sv_z(const char *z)
{
    return grf_sv(z ? z : "", z ? strlen(z) : 0);
}

GRF_END_DECLS
#endif

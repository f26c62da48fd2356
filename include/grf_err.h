/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The error argument: code, errno and one line of text, fixed size, so that
 * running out of memory can be reported too.
 *
 * A message is one line without a final full stop and names the thing and,
 * where there is one, the remedy: "base 'x': locked by another writer; try
 * again when it has finished".
 */
#ifndef GRF_ERR_H
#define GRF_ERR_H

#include "grf_common.h"

GRF_BEGIN_DECLS

struct grf_err {
    grf_status code;
    int sys_errno;  /* 0 when no system call was involved */
    char msg[480];  /* cut at a character boundary when longer */
};

#define GRF_ERR_INIT {GRF_OK, 0, ""}

/* Fills err (NULL is allowed) and returns code, for `return grf_fail(...)`. */
grf_status grf_fail(struct grf_err *err, grf_status code, const char *fmt, ...)
    GRF_PRINTF(3, 4);

/* As grf_fail, with the code derived from errno (ENOSPC, EDQUOT and EFBIG ->
   GRF_NOSPC, ENOENT -> GRF_NOTFOUND, ENOMEM -> GRF_NOMEM, else GRF_IO) and
   ": <system text>" appended. */
grf_status grf_fail_errno(struct grf_err *err, const char *fmt, ...) GRF_PRINTF(2, 3);

/* GRF_NOMEM with its fixed text. */
grf_status grf_fail_nomem(struct grf_err *err);

/* Puts "<text>: " before the message that err holds already. */
void grf_err_wrap(struct grf_err *err, const char *fmt, ...) GRF_PRINTF(2, 3);

/* Short English name of a status ("locked"); never NULL. */
const char *grf_status_text(grf_status code);

/* Exit code of a program that stops on this status: 0 done, 1 failed, 2 usage,
   4 not found, 75 try again, 130 interrupted (doc/man, EXIT STATUS). */
int grf_status_exit_code(grf_status code);

/* Programming errors only, kept in release builds: bad input is never one. */
#define GRF_ASSERT(cond) \
    ((cond) ? (void)0 : grf_assert_failed(#cond, __FILE__, __LINE__))
__attribute__((noreturn)) void grf_assert_failed(const char *cond, const char *file,
                                                 int line);

GRF_END_DECLS
#endif

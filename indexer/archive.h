/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of a text file, compressed or not (xz, gzip, zstd, as libarchive finds).
 *
 *     grf_lines_open(&l, path, err);
 *     while ((s = grf_lines_next(l, &line, err)) == GRF_OK) ...
 *     s is GRF_NOTFOUND at the end of the file, anything else is a failure
 *     grf_lines_close(l);
 */
#ifndef GRF_ARCHIVE_H
#define GRF_ARCHIVE_H

#include "grf_err.h"

struct grf_lines;

#define GRF_LINE_MAX ((size_t)64 << 20) /* bytes; a longer line is GRF_LIMIT */

/* GRF_NOTFOUND, GRF_IO. */
GRF_NODISCARD grf_status grf_lines_open(struct grf_lines **out, const char *path,
                                        struct grf_err *err);
/* The next line without its end, borrowed until the next call. GRF_NOTFOUND (err
   untouched) after the last, GRF_CORRUPT for compressed data that is damaged. */
GRF_NODISCARD grf_status grf_lines_next(struct grf_lines *l, struct grf_sv *line,
                                        struct grf_err *err);
/* Number of the line last given, from 1. */
size_t grf_lines_number(const struct grf_lines *l);
void grf_lines_close(struct grf_lines *l);

#endif

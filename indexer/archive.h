/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Through libarchive: lines of a text file, and the files in a tar archive, compressed or
 * not (xz, gzip, zstd, as it finds).
 *
 *     grf_lines_open(&l, path, err);
 *     while ((s = grf_lines_next(l, &line, err)) == GRF_OK) ...
 *     s is GRF_NOTFOUND at the end of the file, anything else is a failure
 *     grf_lines_close(l);
 */
#ifndef GRF_ARCHIVE_H
#define GRF_ARCHIVE_H

#include <stdbool.h>

#include "grf_str.h"

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

/* Appends what compressed bytes unpack to (gzip, xz ...; bytes that are not compressed come
   as they are). GRF_LIMIT beyond out's cap, GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_unpack(struct grf_sv bytes, struct grf_str *out,
                                    struct grf_err *err);

/* The regular files of an archive, in its order; nothing is written to disk. */
struct grf_tar;
struct grf_tar_entry {
    const char *path; /* as in the archive, borrowed until the next call */
    int64_t mtime;    /* seconds since 1970 */
};
/* GRF_NOTFOUND, GRF_IO, GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_tar_open(struct grf_tar **out, const char *path,
                                      struct grf_err *err);
/* The same for a zip file open at fd, which stays the caller's. GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_zip_open_fd(struct grf_tar **out, int fd, struct grf_err *err);
/* GRF_NOTFOUND (err untouched) after the last; what is not read of a file is passed
   over. */
GRF_NODISCARD grf_status grf_tar_next(struct grf_tar *t, struct grf_tar_entry *entry,
                                      struct grf_err *err);
/* Replaces out by the file last given; GRF_LIMIT when out may not hold it. */
GRF_NODISCARD grf_status grf_tar_read(struct grf_tar *t, struct grf_str *out,
                                      struct grf_err *err);
void grf_tar_close(struct grf_tar *t);

#endif

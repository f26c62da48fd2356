/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a LEGI delivery, from its archive or from an unpacked folder. */
#ifndef GRF_LAW_FILES_H
#define GRF_LAW_FILES_H

#include "grf_str.h"

struct law_files;

struct law_file {
    const char *path; /* borrowed until the next call */
    int64_t mtime;    /* seconds since 1970 */
};

/* path names an archive or a folder. GRF_NOTFOUND, GRF_IO, GRF_CORRUPT. */
GRF_NODISCARD grf_status law_files_open(struct law_files **out, const char *path,
                                        struct grf_err *err);
/* In the archive's order, in a folder in byte order of the names: always the same.
   GRF_NOTFOUND (err untouched) after the last. */
GRF_NODISCARD grf_status law_files_next(struct law_files *f, struct law_file *file,
                                        struct grf_err *err);
/* Replaces out by the file last given. */
GRF_NODISCARD grf_status law_files_read(struct law_files *f, struct grf_str *out,
                                        struct grf_err *err);
void law_files_close(struct law_files *f);

#endif

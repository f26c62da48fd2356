/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files a command line names. */
#ifndef GRF_COLLECT_H
#define GRF_COLLECT_H

#include "grf_err.h"

/* A file to index. Strings are owned. */
struct found_file {
    char *path; /* absolute */
    char *rel;  /* relative to the PATH given; the file name when that is the PATH */
    char *body; /* first folder below the PATH given, NULL when there is none */
};

/* A path that cannot be read, and why. */
struct lost_path {
    char *path, *reason;
};

struct found_files {
    struct found_file *v;
    size_t n, cap;
    struct lost_path *lost;
    size_t n_lost, cap_lost;
};

/* Adds what stands at path: the file itself, or all *.pdf files below the folder, in
   byte order of their names, symbolic links to folders not followed. GRF_NOTFOUND when
   the path does not exist; what cannot be read below it goes to lost. */
GRF_NODISCARD grf_status collect_path(struct found_files *f, const char *path,
                                      struct grf_err *err);
/* A file known from an earlier run; body may be NULL. */
GRF_NODISCARD grf_status collect_known(struct found_files *f, const char *path,
                                       const char *rel, const char *body,
                                       struct grf_err *err);
void collect_release(struct found_files *f);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files a command line names. */
#ifndef GRF_COLLECT_H
#define GRF_COLLECT_H

#include <stdbool.h>

#include "grf_err.h"

/* A file to index. Strings are owned. */
struct found_file {
    char *path; /* absolute */
    char *rel;  /* relative to the PATH given; the file name when that is the PATH */
    char *body; /* first folder below the PATH given, NULL when there is none */
    bool body_fixed; /* body is what the settings say: it goes before the text's own */
    char *url;  /* where it was fetched from: then that is its place, and path is where
                   its bytes are kept; NULL for a file */
};
/* What stands for the file in the base and in messages. */
const char *found_place(const struct found_file *f);

/* A path that is not among the files, and why (NULL where its list says it). */
struct path_left {
    char *path, *reason;
};
struct paths_left {
    struct path_left *v;
    size_t n, cap;
};

struct found_files {
    struct found_file *v;
    size_t n, cap;
    struct paths_left lost;   /* cannot be read */
    struct paths_left others; /* files that are not named *.pdf */
    struct paths_left links;  /* symbolic links to folders */
};

/* Adds what stands at path: the file itself, or all *.pdf files below the folder, in
   byte order of their names. Symbolic links to folders are not followed, so that no loop
   of them can catch the walk. GRF_NOTFOUND when the path does not exist; what cannot be
   read below it goes to lost, what is passed over to others and links. Names that begin
   with a dot do not exist. */
GRF_NODISCARD grf_status collect_path(struct found_files *f, const char *path,
                                      struct grf_err *err);
/* A file known from an earlier run; body may be NULL. */
GRF_NODISCARD grf_status collect_known(struct found_files *f, const char *path,
                                       const char *rel, const char *body,
                                       struct grf_err *err);
/* The same with all that is known of it; copied. */
GRF_NODISCARD grf_status collect_file(struct found_files *f, const struct found_file *x,
                                      struct grf_err *err);
void collect_release(struct found_files *f);

#endif

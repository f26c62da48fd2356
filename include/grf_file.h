/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files: reading with a limit, atomic replacement, locking.
 */
#ifndef GRF_FILE_H
#define GRF_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "grf_str.h"

GRF_BEGIN_DECLS

/* Appends the whole file to out; GRF_LIMIT when it is longer than max bytes. */
GRF_NODISCARD grf_status grf_file_read(const char *path, size_t max, struct grf_str *out,
                                       struct grf_err *err);

/* Replaces path by the pieces written one after another: new file beside it,
   write, fsync, rename, fsync of the directory. Readers see the old or the new
   file, never a part. The temporary file is removed on failure. */
GRF_NODISCARD grf_status grf_file_replace(const char *path, const struct grf_sv *pieces,
                                          size_t n, struct grf_err *err);

/* write(2) until all is written; EINTR is repeated. */
GRF_NODISCARD grf_status grf_file_write_all(int fd, const void *p, size_t n,
                                            struct grf_err *err);
/* pwrite(2) until all is written at the offset at; EINTR is repeated. False: errno tells. */
bool grf_file_write_at(int fd, const void *p, size_t n, int64_t at);
/* read(2) until n bytes or end of file; *got tells how many. */
GRF_NODISCARD grf_status grf_file_read_all(int fd, void *p, size_t n, size_t *got,
                                           struct grf_err *err);

/* fsync of a directory: what was made, moved or removed in it outlives a power cut. A
   directory that may not be read is left to the system. */
GRF_NODISCARD grf_status grf_dir_sync(const char *dir, struct grf_err *err);
/* The same for the directory that path stands in. */
GRF_NODISCARD grf_status grf_dir_sync_of(const char *path, struct grf_err *err);

/* mkdir -p; fine when it exists already. mode 0750. What is made outlives a power cut. */
GRF_NODISCARD grf_status grf_file_mkdirs(const char *path, struct grf_err *err);

/* A read-only memory map of a whole file. p is NULL for an empty file. */
struct grf_map {
    const unsigned char *p;
    size_t n;
};
GRF_NODISCARD grf_status grf_map_open(struct grf_map *m, const char *path,
                                      struct grf_err *err);
void grf_map_close(struct grf_map *m); /* zeroed map accepted */

/* Exclusive lock file for one writer. *fd belongs to the caller, who passes it
   to grf_lock_release. GRF_LOCKED when somebody else holds it. The file stays
   (removing a lock file lets two writers in); the lock ends with the process. */
GRF_NODISCARD grf_status grf_lock_take(const char *path, int *fd, struct grf_err *err);
void grf_lock_release(int fd);

/* dir + "/" + name in a new string (grf_free); NULL without memory. */
GRF_NODISCARD char *grf_path_join(const char *dir, const char *name);

/* Removes a file or a flat directory with all its files; absent is fine. Goes on after an
   error and hands back the first. */
GRF_NODISCARD grf_status grf_path_purge(const char *path, struct grf_err *err);
/* The same, as well as it can. */
void grf_path_remove(const char *path);

/* Flushes and closes a stdio stream, reporting what either finds (a full disk
   shows only here). stdout is flushed, not closed. */
GRF_NODISCARD grf_status grf_file_finish(FILE *f, const char *name, struct grf_err *err);

/* Has the directory an entry whose name begins so? */
bool grf_dir_holds(const char *dir, const char *prefix);

GRF_END_DECLS
#endif

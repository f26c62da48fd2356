/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A checksum for each block of the tables of a full-text index (private to
 * lib/fulltext_*). Xapian's blocks have none: a damaged one may be taken for good, or end
 * the program. They are kept in the file `checks` beside the tables (doc/FORMAT.md).
 *
 * Xapian has no place to hook in, so this file stands in for pread and pwrite in the whole
 * program (the dynamic linker takes a program's own symbols first). They do what those of
 * libc do, and for a thread that uses sums, with blocks of its tables: what is read is
 * checked, and fails with EIO when it is damaged; what is written is summed.
 *
 *     ft_sums_open    before Xapian opens the index
 *     ft_sums_use     around each use of Xapian
 *     ft_sums_save    by the writer, when what it wrote is committed
 */
#ifndef GRF_FULLTEXT_SUMS_H
#define GRF_FULLTEXT_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "grf_err.h"

GRF_BEGIN_DECLS

struct ft_sums;

/* Of an index without sums, or with damaged ones, nothing is known: that is no failure. */
GRF_NODISCARD grf_status ft_sums_open(const char *dir, bool writes, struct ft_sums **out,
                                      struct grf_err *err);
void ft_sums_close(struct ft_sums *s); /* NULL is accepted */

/* For this thread from now on, NULL: none. Gives back those that were used before. */
struct ft_sums *ft_sums_use(struct ft_sums *s);

/* The index is open at this revision of Xapian's. GRF_CORRUPT when the sums are of a later
   one: then it is an older state put back. A writer reads the blocks that are not summed,
   which a run that was killed leaves. */
GRF_NODISCARD grf_status ft_sums_follow(struct ft_sums *s, uint64_t revision,
                                        struct grf_err *err);
/* All that was written is committed as this revision. */
void ft_sums_committed(struct ft_sums *s, uint64_t revision);
/* Writes the file when something was committed since it was read. */
GRF_NODISCARD grf_status ft_sums_save(struct ft_sums *s, struct grf_err *err);

/* GRF_CORRUPT, with the table's name in err, when a damaged block was met. */
GRF_NODISCARD grf_status ft_sums_met(const struct ft_sums *s, struct grf_err *err);
/* The whole file `checks`: GRF_CORRUPT. Absent is fine. */
GRF_NODISCARD grf_status ft_sums_verify(const char *dir, struct grf_err *err);

GRF_END_DECLS
#endif

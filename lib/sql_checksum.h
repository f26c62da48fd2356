/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Private to lib/sql_*.c: SQLite files whose pages have checksums. A new file is made with
 * SQL_CHECKSUM_BYTES reserved in each page; a page that is not as it was written is read
 * with SQLITE_IOERR_DATA. Any thread.
 */
#ifndef GRF_SQL_CHECKSUM_H
#define GRF_SQL_CHECKSUM_H

enum { SQL_CHECKSUM_BYTES = 8 };

/* The name to open files with; NULL: no memory. */
const char *sql_checksum_vfs(void);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Private to lib/meta_*.c: SQLite behind a few calls, so that one file alone
 * touches the library. Statements are cached by the address of their text: pass
 * string literals.
 *
 * Queries may call text_key(name), the same for every way to write a name,
 * text_care(name), which is greater the better it is written, text_hash(text), 31 bits,
 * from_hex(digits) and small_real(r): 10,000 r, rounded where that keeps the float.
 *
 * types, one letter for each value: i int64_t, t const char * (NULL: null),
 * v struct grf_sv as text, b struct grf_sv as blob, r double, h const char * of hexadecimal
 * digits as the blob that they are (null when they are none).
 */
#ifndef GRF_SQL_H
#define GRF_SQL_H

#include <stdbool.h>

#include "grf_err.h"

struct sql_db;
struct sql_stmt;

/* A number that changes when another connection has committed; in a transaction, what it
   sees counts. Only to be compared with others of the same connection. */
GRF_NODISCARD grf_status sql_data_version(struct sql_db *db, int64_t *out, struct grf_err *err);
GRF_NODISCARD grf_status sql_open(const char *path, bool writable, struct sql_db **out,
                                  struct grf_err *err);
void sql_close(struct sql_db *db);
/* Several statements at once, for the schema. */
GRF_NODISCARD grf_status sql_script(struct sql_db *db, const char *script,
                                    struct grf_err *err);

/* Copies the file into as little room as it needs; no transaction is open. */
GRF_NODISCARD grf_status sql_vacuum(struct sql_db *db, struct grf_err *err);

GRF_NODISCARD grf_status sql_query(struct sql_db *db, struct sql_stmt **out,
                                   struct grf_err *err, const char *sql,
                                   const char *types, ...);
GRF_NODISCARD grf_status sql_step(struct sql_db *db, struct sql_stmt *s, bool *row,
                                  struct grf_err *err);
void sql_done(struct sql_db *db, struct sql_stmt *s); /* NULL accepted */

int64_t sql_int(struct sql_stmt *s, int col);
double sql_real(struct sql_stmt *s, int col);
bool sql_is_null(struct sql_stmt *s, int col);
struct grf_sv sql_text(struct sql_stmt *s, int col); /* until the next step */
struct grf_sv sql_blob(struct sql_stmt *s, int col);
/* A blob's first n hexadecimal digits and a NUL into out. */
void sql_hex(struct sql_stmt *s, int col, size_t n, char *out);
/* What small_real was given. */
float sql_small_real(struct sql_stmt *s, int col);
/* A copy (grf_free), NULL for null. */
GRF_NODISCARD grf_status sql_copy(struct sql_stmt *s, int col, char **out,
                                  struct grf_err *err);

/* A statement without rows. */
GRF_NODISCARD grf_status sql_run(struct sql_db *db, struct grf_err *err, const char *sql,
                                 const char *types, ...);
/* The first column of the first row; absent or null: otherwise. */
GRF_NODISCARD grf_status sql_one_int(struct sql_db *db, int64_t *out, int64_t otherwise,
                                     struct grf_err *err, const char *sql,
                                     const char *types, ...);
/* Calls f with the first column of each row until it returns other than GRF_OK, which is
   handed back. */
typedef grf_status (*sql_int_fn)(void *data, int64_t value, struct grf_err *err);
GRF_NODISCARD grf_status sql_each_int(struct sql_db *db, sql_int_fn f, void *data,
                                      struct grf_err *err, const char *sql,
                                      const char *types, ...);
int64_t sql_last_id(struct sql_db *db);
int64_t sql_changes(struct sql_db *db);
bool sql_in_transaction(struct sql_db *db);
/* GRF_CORRUPT, with what helps; detail is SQLite's. */
grf_status sql_fail_damaged(struct sql_db *db, struct grf_sv detail, struct grf_err *err);

#endif

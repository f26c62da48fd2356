/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pageblob BASE KEY: bytes out of the middle of the stored texts and words of a document's
 * pages, in hexadecimal, a line each: what no file may hold any more once it is removed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../lib/sql.h"
#include "grf_file.h"
#include "grf_mem.h"

enum { LEAST = 12, SHOWN = 16 };

static void print_middle(struct grf_sv v)
{
    if (v.n < LEAST)
        return;
    size_t n = v.n < SHOWN ? v.n : SHOWN, from = (v.n - n) / 2;
    for (size_t i = 0; i < n; i++)
        printf("%02x", (unsigned)(unsigned char)v.p[from + i]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct sql_db *db = NULL;
    struct sql_stmt *s = NULL;
    bool row = true;
    if (argc != 3)
        return 2;
    char *path = grf_path_join(argv[1], "greffier.db");
    grf_status st = path ? sql_open(path, false, &db, &err) : grf_fail_nomem(&err);
    grf_free(path);
    if (!st)
        st = sql_query(db, &s, &err,
                       "SELECT p.text, p.words FROM page p JOIN document d ON d.id=p.id>>20"
                       " WHERE substr(lower(hex(d.sha256)),1,d.digits)=? ORDER BY p.id",
                       "t", argv[2]);
    while (!st && row) {
        st = sql_step(db, s, &row, &err);
        if (!st && row) {
            print_middle(sql_blob(s, 0));
            print_middle(sql_blob(s, 1));
        }
    }
    sql_done(db, s);
    sql_close(db);
    if (st)
        fprintf(stderr, "pageblob: %s\n", err.msg);
    return st ? 1 : 0;
}

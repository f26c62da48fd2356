/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows' file: what was deleted leaves no trace in it, wherever pages were split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../../lib/sql.h"
#include "grf_file.h"
#include "grf_mem.h"
#include "scratch_dir.h"

enum { ROWS = 8000, BATCH = 400, WORD = 17 };

static uint64_t seed;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* In no order, so that the index's pages split everywhere. */
static void word_of(int i, char out[WORD + 1])
{
    seed = 0x9E3779B97F4A7C15U * (uint64_t)(i + 1);
    next();
    snprintf(out, WORD + 1, "w%016llx", (unsigned long long)next());
}

static void fill(struct sql_db *db)
{
    static const char text[3000];
    char word[WORD + 1];
    assert_int_equal(sql_run(db, NULL, "BEGIN", ""), GRF_OK);
    for (int i = 0; i < ROWS; i++) {
        word_of(i, word);
        size_t n = next() % sizeof(text);
        assert_int_equal(sql_run(db, NULL, "INSERT INTO t(a, b) VALUES(?, ?)", "tv", word,
                                 grf_sv(text, n)),
                         GRF_OK);
    }
    assert_int_equal(sql_run(db, NULL, "COMMIT", ""), GRF_OK);
    assert_int_equal(sql_script(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL), GRF_OK);
}

/* Every second row in batches, in no order. */
static void delete_half(struct sql_db *db)
{
    char word[WORD + 1];
    for (int i = 0; i < ROWS / 2; i++) {
        if (i % BATCH == 0)
            assert_int_equal(sql_run(db, NULL, "BEGIN", ""), GRF_OK);
        word_of(i * 2, word);
        assert_int_equal(sql_run(db, NULL, "DELETE FROM t WHERE a=?", "t", word), GRF_OK);
        if (i % BATCH == BATCH - 1)
            assert_int_equal(sql_run(db, NULL, "COMMIT", ""), GRF_OK);
    }
    assert_int_equal(sql_script(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL), GRF_OK);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* What looks like a word in the file, in order. */
static uint64_t *words_in(const char *path, size_t *n)
{
    struct grf_str s;
    grf_str_init(&s, 1 << 28);
    assert_int_equal(grf_file_read(path, 1 << 28, &s, NULL), GRF_OK);
    uint64_t *v = grf_calloc(s.n / WORD + 1, sizeof(*v));
    assert_non_null(v);
    *n = 0;
    for (size_t i = 0; i + WORD <= s.n; i++) {
        char word[WORD] = "";
        memcpy(word, s.p + i + 1, WORD - 1);
        if (s.p[i] != 'w' || strspn(word, "0123456789abcdef") < WORD - 1)
            continue;
        v[(*n)++] = strtoull(word, NULL, 16);
        i += WORD - 1;
    }
    qsort(v, *n, sizeof(*v), by_value);
    grf_str_release(&s);
    return v;
}

/* How many of the words from first on, each second, stand in the file. */
static int standing(const char *path, int first)
{
    char word[WORD + 1];
    int found = 0;
    size_t n;
    uint64_t *v = words_in(path, &n);
    for (int i = first; i < ROWS; i += 2) {
        word_of(i, word);
        uint64_t key = strtoull(word + 1, NULL, 16);
        found += bsearch(&key, v, n, sizeof(*v), by_value) != NULL;
    }
    grf_free(v);
    return found;
}

static void deleted_rows_leave_no_trace(void **state)
{
    struct sql_db *db;
    char path[64];
    int64_t n = 0;
    (void)state;
    snprintf(path, sizeof(path), "%s/rows.db", dir);
    assert_int_equal(sql_open(path, true, &db, NULL), GRF_OK);
    assert_int_equal(sql_script(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT);"
                                    "CREATE INDEX t_a ON t(a);", NULL),
                     GRF_OK);
    fill(db);
    assert_int_equal(standing(path, 0), ROWS / 2);
    delete_half(db);
    assert_int_equal(standing(path, 1), ROWS / 2);
    assert_int_equal(standing(path, 0), 0);
    sql_close(db);
    assert_int_equal(sql_open(path, false, &db, NULL), GRF_OK);
    assert_int_equal(sql_one_int(db, &n, 0, NULL, "SELECT count(*) FROM t WHERE a>='w'", ""),
                     GRF_OK);
    assert_int_equal(n, ROWS / 2);
    assert_int_equal(sql_one_int(db, &n, 0, NULL,
                                 "SELECT count(*) FROM pragma_integrity_check WHERE "
                                 "integrity_check<>'ok'", ""),
                     GRF_OK);
    assert_int_equal(n, 0);
    sql_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(deleted_rows_leave_no_trace, make_dir, drop_dir),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

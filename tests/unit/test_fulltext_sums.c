/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damage of a full-text index: each byte that Xapian reads is checked before it does, so
 * that an answer is right or fails, and the program lives.
 */
#include <fcntl.h>
#include <string.h>

#include "fulltext_fixture.h"
#include "grf_file.h"
#include "grf_mem.h"

enum { BLOCK = 8192, PASSAGES = 300, ROUNDS = 12 };

static const char *const tables[] = {"postlist.glass", "docdata.glass"};
static const char *const words[] = {"cantine", "voirie", "budget", "école", "forêt",
                                    "mairie",  "emprunt", "salle", "piscine", "cimetière"};

static void put_nth(struct grf_ft_writer *w, int64_t id, unsigned seed)
{
    char text[400] = "";
    for (int i = 0; i < 30; i++) {
        seed = seed * 1103515245 + 12345;
        size_t at = strlen(text);
        snprintf(text + at, sizeof(text) - at, "%s%u ", words[seed / 65536 % 10],
                 seed / 65536 % 4 ? 0 : seed / 65536 % 97);
    }
    put(w, id, words[id % 10], text);
}

/* Batches that add, change and take out, one that is dropped, one that is killed. */
static void fill(void)
{
    struct grf_ft_writer *w = writer();
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < PASSAGES / ROUNDS; i++)
            put_nth(w, (int64_t)round * 100 + i, (unsigned)(round * 1000 + i));
        for (int i = 0; i < 5; i++)
            assert_int_equal(grf_ft_delete(w, (int64_t)(round - 1) * 100 + i, NULL), GRF_OK);
        commit(w, round);
        if (round % 4)
            continue;
        for (int i = 0; i < 450; i++) /* more than are held in memory */
            put_nth(w, 90000 + i, (unsigned)i);
        (void)grf_ft_writer_count(w); /* waits until they are put */
        grf_ft_writer_close(w);
        w = writer();
    }
    grf_ft_writer_close(w);
}

static void check(void)
{
    struct grf_err err = GRF_ERR_INIT;
    int64_t *ids = NULL;
    size_t n;
    if (grf_ft_check(dir, &ids, &n, &err))
        fail_msg("%s", err.msg);
    grf_free(ids);
}

static void path_of(char *out, const char *name)
{
    snprintf(out, 128, "%s/%s", dir, name);
}

static void copy(const char *from, const char *to)
{
    struct grf_str s;
    grf_str_init(&s, 1 << 28);
    assert_int_equal(grf_file_read(from, 1 << 28, &s, NULL), GRF_OK);
    struct grf_sv piece = grf_str_sv(&s);
    assert_int_equal(grf_file_replace(to, &piece, 1, NULL), GRF_OK);
    grf_str_release(&s);
}

static void flip(const char *path, off_t at)
{
    unsigned char c;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 0x41;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

/* Everything that a reader can do: true when all came as they were the first time. */
static bool answers(struct grf_str *said, struct grf_err *err)
{
    struct grf_ft_reader *r;
    struct grf_ft_hit hits[PASSAGES];
    bool fine = grf_ft_reader_open(dir, &r, err) == GRF_OK;
    for (size_t i = 0; i < 20 && fine; i++) {
        char text[64];
        size_t n = 0;
        snprintf(text, sizeof(text), "%s0 %s0", words[i % 10], words[(i + 3) % 10]);
        struct grf_ft_clause c = {i < 10 ? GRF_CLAUSE_WORDS : GRF_CLAUSE_PHRASE,
                                  grf_sv_z(text), 1};
        struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = PASSAGES};
        fine = grf_ft_search(r, &q, hits, &n, err) == GRF_OK;
        for (size_t k = 0; k < n && fine; k++)
            grf_str_addf(said, "%lld %.6f\n", (long long)hits[k].id, hits[k].score);
        if (n && fine)
            fine = grf_ft_matched(r, &q, hits[0].id, said, err) == GRF_OK;
    }
    grf_ft_reader_close(r);
    return fine;
}

static void assert_same_or_named(struct grf_sv right, const char *table)
{
    struct grf_str said;
    struct grf_err err = GRF_ERR_INIT;
    grf_str_init(&said, 1 << 24);
    if (answers(&said, &err)) {
        assert_int_equal(said.n, right.n);
        assert_memory_equal(said.p, right.p, right.n);
    } else {
        assert_int_equal(err.code, GRF_CORRUPT);
        if (!strstr(err.msg, table))
            fail_msg("%s is not named: %s", table, err.msg);
    }
    grf_str_release(&said);
}

static void right_answers(struct grf_str *out)
{
    struct grf_err err = GRF_ERR_INIT;
    grf_str_init(out, 1 << 24);
    if (!answers(out, &err))
        fail_msg("%s", err.msg);
    assert_true(out->n > 1000);
}

/* ---- */

static void test_sound(void **state)
{
    (void)state;
    char path[128];
    fill();
    check();
    assert_string_not_equal(ask("cantine0"), "");
    path_of(path, "checks");
    assert_int_equal(access(path, F_OK), 0);
}

static void test_flipped(void **state)
{
    (void)state;
    struct grf_str right;
    size_t found = 0, met = 0;
    fill();
    right_answers(&right);
    for (size_t i = 0; i < GRF_ARRAY_LEN(tables); i++) {
        char path[128];
        struct stat sb;
        path_of(path, tables[i]);
        assert_int_equal(stat(path, &sb), 0);
        for (off_t at = 0; at < sb.st_size; at += BLOCK) {
            off_t byte = at + (at / BLOCK * 2731 + 17) % BLOCK;
            int64_t *ids = NULL;
            size_t n;
            flip(path, byte);
            assert_same_or_named(grf_str_sv(&right), tables[i]);
            grf_status st = grf_ft_check(dir, &ids, &n, NULL);
            assert_true(st == GRF_OK || st == GRF_CORRUPT);
            found += st == GRF_CORRUPT;
            met++;
            grf_free(ids);
            flip(path, byte);
        }
    }
    print_message("# %zu of %zu blocks are of the last state\n", found, met);
    assert_true(found > met / 4);
    check();
    grf_str_release(&right);
}

static void test_sums_damaged(void **state)
{
    (void)state;
    static const off_t places[] = {0, 100, 200, 230, 400};
    struct grf_str right;
    struct grf_err err = GRF_ERR_INIT;
    int64_t *ids;
    size_t n;
    char path[128];
    fill();
    right_answers(&right);
    path_of(path, "checks");
    for (size_t i = 0; i < GRF_ARRAY_LEN(places); i++) {
        struct grf_str said;
        grf_str_init(&said, 1 << 24);
        flip(path, places[i]);
        assert_true(answers(&said, &err));
        assert_string_equal(said.p, right.p);
        assert_int_not_equal(grf_ft_check(dir, &ids, &n, &err), GRF_OK);
        assert_non_null(strstr(err.msg, "checks"));
        flip(path, places[i]);
        grf_str_release(&said);
    }
    assert_int_equal(unlink(path), 0); /* as an index made before there were sums */
    check();
    grf_ft_writer_close(writer());
    assert_int_equal(access(path, F_OK), 0);
    check();
    path_of(path, "docdata.glass");
    flip(path, BLOCK + 4000);
    assert_same_or_named(grf_str_sv(&right), "docdata.glass");
    grf_str_release(&right);
}

static void put_more(void)
{
    struct grf_ft_writer *w = writer();
    for (int i = 0; i < 50; i++)
        put_nth(w, 5000 + i, (unsigned)i);
    commit(w, ROUNDS + 1);
    grf_ft_writer_close(w);
}

static void test_older_part(void **state)
{
    (void)state;
    static const char *const parts[] = {"postlist.glass", "docdata.glass", "iamglass"};
    struct grf_str right;
    char path[128], old[128], now[128];
    fill();
    for (size_t i = 0; i < GRF_ARRAY_LEN(parts); i++) {
        path_of(path, parts[i]);
        snprintf(old, sizeof(old), "%s.old.%zu", dir, i);
        copy(path, old);
    }
    put_more();
    right_answers(&right);
    for (size_t i = 0; i < GRF_ARRAY_LEN(parts); i++) {
        struct grf_err err = GRF_ERR_INIT;
        int64_t *ids = NULL;
        size_t n;
        path_of(path, parts[i]);
        snprintf(old, sizeof(old), "%s.old.%zu", dir, i);
        snprintf(now, sizeof(now), "%s.now", dir);
        copy(path, now);
        copy(old, path);
        assert_same_or_named(grf_str_sv(&right), parts[i]);
        assert_int_equal(grf_ft_check(dir, &ids, &n, &err), GRF_CORRUPT);
        assert_non_null(strstr(err.msg, parts[i]));
        copy(now, path);
    }
    check();
    grf_str_release(&right);
}

/* The state of a writer that was killed when it had committed. */
static void test_sums_behind(void **state)
{
    (void)state;
    char path[128], old[128];
    fill();
    path_of(path, "checks");
    snprintf(old, sizeof(old), "%s.checks", dir);
    copy(path, old);
    put_more();
    copy(old, path);
    check();
    grf_ft_writer_close(writer());
    check();
    struct grf_str right;
    right_answers(&right);
    path_of(path, "docdata.glass");
    struct stat sb;
    assert_int_equal(stat(path, &sb), 0);
    for (off_t at = 3000; at < sb.st_size; at += BLOCK) {
        flip(path, at);
        assert_same_or_named(grf_str_sv(&right), "docdata.glass");
        flip(path, at);
    }
    grf_str_release(&right);
}

/* A reader whose blocks are written over meanwhile moves on, and takes no new block for a
   damaged one. */
static void test_reader_beside_writer(void **state)
{
    (void)state;
    struct grf_ft_hit hits[20];
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv_z("cantine0 voirie0"), 1};
    struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = 20};
    fill();
    struct grf_ft_reader *r = reader();
    for (int round = 0; round < 10; round++) {
        struct grf_ft_writer *w = writer();
        for (int k = 0; k < 3; k++) {
            for (int i = 0; i < 20; i++)
                put_nth(w, 100 + i, (unsigned)(round * 100 + k * 20 + i));
            commit(w, 100 + round * 3 + k);
            assert_true(run(r, &q, hits) > 0);
        }
        grf_ft_writer_close(w);
        assert_true(run(r, &q, hits) > 0);
        if (round % 3 == 0)
            assert_int_equal(grf_ft_reader_refresh(r, NULL), GRF_OK);
    }
    grf_ft_reader_close(r);
    check();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_sound, set_up),
        cmocka_unit_test_setup(test_flipped, set_up),
        cmocka_unit_test_setup(test_sums_damaged, set_up),
        cmocka_unit_test_setup(test_older_part, set_up),
        cmocka_unit_test_setup(test_sums_behind, set_up),
        cmocka_unit_test_setup(test_reader_beside_writer, set_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}

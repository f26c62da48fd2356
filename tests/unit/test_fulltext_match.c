/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The full-text index: the best of many passages are the best. */
#include "fulltext_fixture.h"
#include "grf_mem.h"

enum { MANY = 300, MANY_APART = 1009 }; /* passage numbers over several 65,536 */

/* Passages of all lengths in which "cantine" stands more or less often. */
static void make_many(void)
{
    struct grf_ft_writer *w = writer();
    for (int i = 1; i <= MANY; i++) {
        char text[4000] = "Le conseil";
        size_t at = strlen(text);
        for (int k = 0; k < (i * 7) % 11; k++)
            at += (size_t)snprintf(text + at, sizeof(text) - at, " cantine");
        for (int k = 0; k < (i * 13) % 97; k++)
            at += (size_t)snprintf(text + at, sizeof(text) - at, " mot%d", k);
        struct grf_filter_term t = {GRF_FILTER_BODY, grf_sv_z(i % 3 ? "ville" : "village")};
        struct grf_ft_doc d = {.id = (int64_t)i * MANY_APART,
                               .subject = grf_sv_z(i % 5 ? "Voirie" : "Cantines"),
                               .text = grf_sv(text, at),
                               .terms = &t,
                               .n_terms = 1,
                               .date_key = 20200101 + i % 28};
        assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    }
    put(w, 1, "Piscine", "Ouverture.");
    commit(w, 1);
    grf_ft_writer_close(w);
}

static bool is_village_of_spring(int64_t id)
{
    int64_t i = id / MANY_APART;
    return i % 3 == 0 && i % 28 >= 10;
}

/* Fewer results are the first of more, and a filter takes others out, for the same words
   asked again and again. */
static void test_best_of_many(void **state)
{
    (void)state;
    make_many();
    assert_string_equal(ask("lavoir"), "");
    assert_string_equal(ask("piscines"), "1");
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv_z("le conseil de la cantine mot7"), 1};
    struct grf_filter_term f = {GRF_FILTER_BODY, grf_sv_z("village")};
    struct grf_ft_query q = {&c, 1, NULL, 0, 0, 0, MANY}, few = q;
    struct grf_ft_hit all[MANY], some[MANY];
    struct grf_ft_reader *r = reader();
    assert_int_equal(run(r, &q, all), MANY);
    for (size_t i = 1; i < MANY; i++)
        assert_true(all[i - 1].score > all[i].score ||
                    (all[i - 1].score == all[i].score && all[i - 1].id < all[i].id));
    for (few.limit = 1; few.limit < MANY; few.limit += 13) {
        assert_int_equal(run(r, &few, some), few.limit);
        assert_memory_equal(some, all, few.limit * sizeof(*all));
    }
    few = (struct grf_ft_query){&c, 1, &f, 1, 20200111, 0, 20};
    assert_int_equal(run(r, &few, some), 20);
    for (size_t i = 0, n = 0; n < 20; i++) {
        if (is_village_of_spring(all[i].id))
            assert_memory_equal(&some[n++], &all[i], sizeof(*all));
    }
    grf_ft_reader_close(r);
}

/* A changed byte in each block, one block in another's place, half a file, none. */
static void spoil_lengths(const char *path, off_t size, int turn)
{
    char page[4096];
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    for (off_t at = 100; turn == 0 && at < size; at += 4096) {
        assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
        assert_int_equal(fputc(0x5a, f), 0x5a);
    }
    if (turn == 1) {
        assert_int_equal(fread(page, 1, sizeof(page), f), sizeof(page));
        assert_int_equal(fseek(f, 3 * 4096, SEEK_SET), 0);
        assert_int_equal(fwrite(page, 1, sizeof(page), f), sizeof(page));
    }
    fclose(f);
    if (turn >= 2)
        assert_int_equal(turn == 2 ? truncate(path, size / 2 + 1) : unlink(path), 0);
}

static void check_names_lengths(bool damaged)
{
    struct grf_err err = GRF_ERR_INIT;
    int64_t *ids = NULL;
    size_t n;
    grf_status st = grf_ft_check(dir, &ids, &n, &err);
    assert_int_equal(st, damaged ? GRF_CORRUPT : GRF_OK);
    if (damaged)
        assert_non_null(strstr(err.msg, "/lengths'"));
    grf_free(ids);
}

/* The file of lengths is a help: without it, cut off or beside new passages, the same
   passages come with the same scores. */
static void test_lengths_are_a_help(void **state)
{
    (void)state;
    char path[128];
    struct stat sb;
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv_z("cantine mot7 mot50"), 1};
    struct grf_ft_query q = {&c, 1, NULL, 0, 0, 0, MANY};
    struct grf_ft_hit with[MANY], without[MANY];
    make_many();
    snprintf(path, sizeof(path), "%s/lengths", dir);
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_size, 4096 * (MANY * MANY_APART / 2044 + 1));
    struct grf_ft_reader *r = reader();
    size_t n = run(r, &q, with);
    grf_ft_reader_close(r);
    for (int turn = 0; turn < 4; turn++) {
        spoil_lengths(path, sb.st_size, turn);
        r = reader();
        assert_int_equal(run(r, &q, without), n);
        assert_memory_equal(with, without, n * sizeof(*with));
        grf_ft_reader_close(r);
        check_names_lengths(turn < 3);
    }
}

/* A passage that goes takes its length along; one that changes gets its new one. */
static void test_lengths_follow(void **state)
{
    (void)state;
    char path[128];
    struct grf_ft_writer *w = writer();
    unsigned char at[12];
    put(w, 1, "Piscine", "Ouverture.");
    commit(w, 1);
    assert_int_equal(grf_ft_delete(w, 1, NULL), GRF_OK);
    commit(w, 2);
    grf_ft_writer_close(w);
    snprintf(path, sizeof(path), "%s/lengths", dir);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fread(at, 1, sizeof(at), f), sizeof(at));
    fclose(f);
    assert_int_equal(at[8 + 2] + at[8 + 3], 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_best_of_many, set_up),
        cmocka_unit_test_setup(test_lengths_are_a_help, set_up),
        cmocka_unit_test_setup(test_lengths_follow, set_up)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}

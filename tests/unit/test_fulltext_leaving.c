/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passages that leave an index, which keeps no list of each one's terms: what stays must be
   the index that never had them. */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "fulltext_fixture.h"
#include "grf_mem.h"

enum { IDS = 240, WORDS = 40, ROUNDS = 6 };

static uint64_t dice = 1;

static unsigned roll(unsigned n)
{
    dice = dice * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(dice >> 33) % n;
}

/* What passage id holds, as often as it was replaced. */
static void put_made(struct grf_ft_writer *w, int64_t id, unsigned version)
{
    char text[900], subject[80], ref[32];
    size_t n = 0;
    dice = (uint64_t)id * 977 + version;
    for (unsigned i = 0; i < roll(8); i++) /* these are a length, and no terms */
        n += (size_t)snprintf(text + n, sizeof(text) - n, "de la ");
    for (unsigned i = 0; i < 20 + roll(30); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "mot%cx%u ", 'a' + (int)roll(4), roll(WORDS));
    snprintf(subject, sizeof(subject), "objet%u mota%u", roll(9), roll(WORDS));
    snprintf(ref, sizeof(ref), "CGCT/L%u", roll(7));
    struct grf_filter_term terms[] = {{GRF_FILTER_REF, grf_sv_z(ref)},
                                      {GRF_FILTER_BODY, grf_sv_z(version % 2 ? "Valmont" : "Orne")}};
    struct grf_ft_doc d = {.id = id,
                           .subject = grf_sv_z(subject),
                           .text = grf_sv_z(text),
                           .terms = terms,
                           .n_terms = 2,
                           .date_key = roll(3) ? 20200101 + (int64_t)roll(28) : 0};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
}

static void compare_hits(struct grf_ft_reader *a, struct grf_ft_reader *b, struct grf_ft_query *q)
{
    struct grf_ft_hit x[IDS], y[IDS];
    size_t n, m;
    q->limit = IDS;
    assert_int_equal(grf_ft_search(a, q, x, &n, NULL), GRF_OK);
    assert_int_equal(grf_ft_search(b, q, y, &m, NULL), GRF_OK);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(x[i].id, y[i].id);
        assert_true(x[i].score == y[i].score);
    }
}

static void compare(struct grf_ft_reader *a, struct grf_ft_reader *b)
{
    assert_int_equal(grf_ft_reader_count(a), grf_ft_reader_count(b));
    for (unsigned i = 0; i < 4 * WORDS; i++) {
        char word[24];
        uint64_t n, m;
        snprintf(word, sizeof(word), "mot%cx%u", 'a' + (int)(i % 4), i / 4);
        assert_int_equal(grf_ft_frequency(a, grf_sv_z(word), &n, NULL), GRF_OK);
        assert_int_equal(grf_ft_frequency(b, grf_sv_z(word), &m, NULL), GRF_OK);
        assert_int_equal(n, m);
        struct grf_ft_clause c = {i % 7 ? GRF_CLAUSE_WORDS : GRF_CLAUSE_PHRASE, grf_sv_z(word), 1};
        struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .date_from = i % 3 ? 0 : 20200110};
        compare_hits(a, b, &q);
    }
    struct grf_filter_term f = {GRF_FILTER_BODY, grf_sv_z("orne")};
    struct grf_ft_query q = {.filters = &f, .n_filters = 1};
    compare_hits(a, b, &q);
}

static bool there(const char *name, const char *suffix)
{
    char path[PATH_MAX];
    struct stat sb;
    snprintf(path, sizeof(path), "%s%s", name, suffix);
    return stat(path, &sb) == 0;
}

/* Puts, replaces and deletes at random; version[id] is what is there at the end, 0: none. */
static void live(unsigned *version)
{
    for (unsigned round = 1; round <= ROUNDS; round++) {
        struct grf_ft_writer *w = writer();
        for (int64_t id = 1; id < IDS; id++) {
            uint64_t chance = (uint64_t)id * 7919 + round * 104729;
            unsigned what = (unsigned)(chance % 11);
            if (what < 4) {
                put_made(w, id, version[id] = round);
            } else if (what < 6) {
                assert_int_equal(grf_ft_delete(w, id, NULL), GRF_OK);
                version[id] = 0;
            } else if (what == 6) { /* the last word counts */
                put_made(w, id, 99);
                assert_int_equal(grf_ft_delete(w, id, NULL), GRF_OK);
                put_made(w, id, version[id] = round + 1);
            } else if (what == 7) {
                put_made(w, id, 98);
                assert_int_equal(grf_ft_delete(w, id, NULL), GRF_OK);
                version[id] = 0;
            }
        }
        assert_int_equal(grf_ft_commit(w, round, NULL), GRF_OK);
        grf_ft_writer_close(w);
        assert_false(there(dir, "/termlist.glass"));
        assert_false(there(dir, ".leaving"));
    }
}

static void test_as_if_never_there(void **state)
{
    unsigned version[IDS] = {0};
    int64_t *ids = NULL;
    size_t n = 0, wanted = 0;
    (void)state;
    live(version);
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_OK);
    struct grf_ft_reader *lived = reader();
    set_up(NULL);
    struct grf_ft_writer *w = writer();
    for (int64_t id = 1; id < IDS; id++) {
        if (!version[id])
            continue;
        assert_true(wanted < n && ids[wanted] == id);
        wanted++;
        put_made(w, id, version[id]);
    }
    assert_int_equal(n, wanted);
    assert_int_equal(grf_ft_commit(w, 1, NULL), GRF_OK);
    grf_ft_writer_close(w);
    struct grf_ft_reader *fresh = reader();
    compare(lived, fresh);
    grf_ft_reader_close(lived);
    grf_ft_reader_close(fresh);
    grf_free(ids);
}

/* Nothing of what leaves is left once all has left. */
static void test_all_leave(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    for (int64_t id = 1; id < IDS; id++)
        put_made(w, id, 1);
    assert_int_equal(grf_ft_commit(w, 1, NULL), GRF_OK);
    assert_int_equal(grf_ft_trim(w, 0, NULL), GRF_OK);
    assert_int_equal(grf_ft_commit_ahead(w, 0, NULL), GRF_OK);
    int64_t *ids;
    size_t n;
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    put_made(w, 3, 1);
    assert_int_equal(grf_ft_commit(w, 2, NULL), GRF_OK);
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_OK);
    assert_int_equal(n, 1);
    grf_free(ids);
    grf_ft_writer_close(w);
}

/* What a run that died between has left goes. */
static void test_left_behind(void **state)
{
    char path[PATH_MAX];
    (void)state;
    struct grf_ft_writer *w = writer();
    put_made(w, 1, 1);
    assert_int_equal(grf_ft_commit(w, 1, NULL), GRF_OK);
    grf_ft_writer_close(w);
    snprintf(path, sizeof(path), "%s.leaving", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/termlist.glass", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    w = writer();
    assert_false(there(dir, "/termlist.glass"));
    assert_false(there(dir, ".leaving"));
    assert_int_equal(grf_ft_delete(w, 1, NULL), GRF_OK);
    assert_int_equal(grf_ft_commit(w, 2, NULL), GRF_OK);
    grf_ft_writer_close(w);
    struct grf_ft_reader *r = reader();
    assert_int_equal(grf_ft_reader_count(r), 0);
    grf_ft_reader_close(r);
}

/* An index that was made and left empty is filled without them too. */
static void test_filled_later(void **state)
{
    (void)state;
    for (int64_t round = 0; round < 2; round++) {
        struct grf_ft_writer *w = writer();
        assert_false(there(dir, "/termlist.glass"));
        if (round)
            put_made(w, 1, 1);
        if (round)
            assert_int_equal(grf_ft_commit(w, 1, NULL), GRF_OK);
        assert_false(there(dir, "/termlist.glass"));
        grf_ft_writer_close(w);
    }
}

#define T(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_as_if_never_there),
        T(test_all_leave),
        T(test_left_behind),
        T(test_filled_later),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}

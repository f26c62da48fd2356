/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The full-text index: lists read from the table, kept for one reader or for many, and the
   scores that come of them, against a plain reckoning. */
#include "fulltext_fixture.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "grf_mem.h"

/* Passages whose numbers go over several 65,536; the first word stands in nearly all of them, so that
   its list has many pieces. */
enum { DOCS = 3000, APART = 89, WORDS = 40, MOST = 200, TOWNS = 7 };

static uint8_t counts[DOCS + 1][WORDS]; /* how often each word stands in each passage */
static bool removed[DOCS + 1];
static unsigned seed;

static unsigned dice(unsigned n)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % n;
}

static int64_t date_of(int i)
{
    return i % 11 ? 20200101 + i % 28 : 0;
}

static void put_passage(struct grf_ft_writer *w, int i)
{
    char text[4000] = "", town[8];
    size_t at = 0;
    for (int k = 0; k < WORDS; k++)
        for (int n = 0; n < counts[i][k]; n++)
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%d ", 4000 + k);
    snprintf(town, sizeof(town), "v%d", i % TOWNS);
    struct grf_filter_term t = {GRF_FILTER_BODY, grf_sv_z(town)};
    struct grf_ft_doc d = {.id = (int64_t)i * APART, .text = grf_sv(text, at), .terms = &t,
                           .n_terms = 1, .date_key = date_of(i)};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
}

/* The rarer the later: word k in one of 1 + k * k / 8 passages. */
static void make_index(unsigned with)
{
    struct grf_ft_writer *w = writer();
    seed = with;
    memset(counts, 0, sizeof(counts));
    memset(removed, 0, sizeof(removed));
    for (int i = 1; i <= DOCS; i++) {
        for (int k = 0; k < WORDS; k++)
            if (!dice(1 + (unsigned)(k * k) / 8))
                counts[i][k] = (uint8_t)(1 + dice(k % 5 ? 3 : 20));
        removed[i] = i == DOCS; /* to come */
        if (!removed[i])
            put_passage(w, i);
    }
    commit(w, 1);
    grf_ft_writer_close(w);
}

static void add_last(void)
{
    struct grf_ft_writer *w = writer();
    removed[DOCS] = false;
    put_passage(w, DOCS);
    commit(w, 2);
    grf_ft_writer_close(w);
}

static void remove_some(void)
{
    struct grf_ft_writer *w = writer();
    for (int i = 1; i <= DOCS; i++) {
        if (dice(10))
            continue;
        removed[i] = true;
        assert_int_equal(grf_ft_delete(w, (int64_t)i * APART, NULL), GRF_OK);
    }
    commit(w, 2);
    grf_ft_writer_close(w);
}

/* ---- the plain reckoning */

struct question {
    int words[6];
    size_t n;
    int town, limit; /* town -1: any */
    int64_t from, to;
};

static int length_of(int i)
{
    int n = 0;
    for (int k = 0; k < WORDS; k++)
        n += counts[i][k];
    return n;
}

static double weight_of_word(int k)
{
    double n = 0, f = 0;
    for (int i = 1; i <= DOCS; i++) {
        n += !removed[i];
        f += !removed[i] && counts[i][k];
    }
    double odds = (n - f + 0.5) / (f + 0.5);
    return f > 0 ? log(odds < 2 ? odds / 2 + 1 : odds) * 2.2 : 0;
}

static double mean_length(void)
{
    double n = 0, all = 0;
    for (int i = 1; i <= DOCS; i++) {
        n += !removed[i];
        all += removed[i] ? 0 : length_of(i);
    }
    return all / n;
}

static int by_score(const void *a, const void *b)
{
    const struct grf_ft_hit *x = a, *y = b;
    if (fabs(x->score - y->score) > 1e-12 * x->score) /* the same, differently added up */
        return x->score > y->score ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static bool passes(const struct question *q, int i)
{
    return !removed[i] && (q->town < 0 || i % TOWNS == q->town) &&
           ((!q->from && !q->to) || (date_of(i) && date_of(i) >= q->from &&
                                     (!q->to || date_of(i) <= q->to)));
}

static size_t reckon(const struct question *q, struct grf_ft_hit *all)
{
    size_t n = 0;
    double mean = mean_length(), weights[6];
    for (size_t k = 0; k < q->n; k++)
        weights[k] = weight_of_word(q->words[k]);
    for (int i = 1; i <= DOCS; i++) {
        double score = 0, norm = length_of(i) / mean;
        double factor = 1.2 * ((norm > 0.5 ? norm : 0.5) * 0.75 + 0.25);
        for (size_t k = 0; k < q->n; k++) {
            double c = counts[i][q->words[k]];
            score += weights[k] * c / (factor + c);
        }
        if (score > 0 && passes(q, i))
            all[n++] = (struct grf_ft_hit){(int64_t)i * APART, score};
    }
    qsort(all, n, sizeof(*all), by_score);
    return n;
}

/* ---- the same, asked */

static void roll(struct question *q)
{
    *q = (struct question){.n = 1 + dice(6), .town = -1, .limit = 1 + (int)dice(MOST)};
    size_t have = 0;
    while (have < q->n) {
        int word = (int)dice(WORDS);
        bool twice = false;
        for (size_t k = 0; k < have; k++)
            twice = twice || q->words[k] == word;
        if (!twice)
            q->words[have++] = word;
    }
    if (!dice(3))
        q->town = (int)dice(TOWNS);
    if (!dice(3))
        q->from = 20200101 + dice(28);
    if (!dice(4))
        q->to = 20200110 + dice(20);
}

static grf_status ask_it(struct grf_ft_reader *r, const struct question *q,
                         struct grf_ft_hit *hits, size_t *n, struct grf_err *err)
{
    char text[100] = "", town[8];
    size_t at = 0;
    for (size_t k = 0; k < q->n; k++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%d ", 4000 + q->words[k]);
    snprintf(town, sizeof(town), "v%d", q->town);
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv(text, at), 1};
    struct grf_filter_term t = {GRF_FILTER_BODY, grf_sv_z(town)};
    struct grf_ft_query asked = {&c, 1, &t, q->town >= 0, q->from, q->to, (size_t)q->limit};
    return grf_ft_search(r, &asked, hits, n, err);
}

static void check_answer(struct grf_ft_reader *r, const struct question *q)
{
    static struct grf_ft_hit right[DOCS];
    struct grf_ft_hit hits[MOST];
    size_t n = 0, all = reckon(q, right);
    assert_int_equal(ask_it(r, q, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, all < (size_t)q->limit ? all : (size_t)q->limit);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(hits[i].id, right[i].id);
        assert_true(fabs(hits[i].score - right[i].score) < 1e-9 * right[i].score);
    }
}

static struct grf_ft_cache *cache_of(size_t bytes)
{
    struct grf_ft_cache *c = NULL;
    assert_int_equal(grf_ft_cache_new(bytes, &c, NULL), GRF_OK);
    return c;
}

static struct grf_ft_reader *sharing(const struct grf_ft_cache *c)
{
    struct grf_ft_reader *r = reader();
    grf_ft_reader_share(r, c);
    return r;
}

/* A reader by itself, readers that share much, little and nothing: the same answers. */
static void test_all_readers_agree(void **state)
{
    (void)state;
    const size_t room[] = {64 << 20, 20000, 0};
    for (unsigned turn = 0; turn < 2; turn++) {
        make_index(7 + turn);
        if (turn)
            remove_some();
        struct grf_ft_reader *r = reader();
        for (size_t k = 0; k < GRF_ARRAY_LEN(room) + 1; k++) {
            struct grf_ft_cache *c = k ? cache_of(room[k - 1]) : NULL;
            struct grf_ft_reader *s = c ? sharing(c) : r;
            struct question q;
            seed = 99;
            for (int n = 0; n < 40; n++) {
                roll(&q);
                check_answer(s, &q);
                assert_true(!c || grf_ft_cache_bytes(c) <= room[k - 1]);
            }
            assert_true(!c || !room[k - 1] || grf_ft_cache_bytes(c) > 0);
            if (c)
                grf_ft_reader_close(s);
            grf_ft_cache_free(c);
        }
        grf_ft_reader_close(r);
        set_up(NULL);
    }
}

/* What the cache has of a state goes when a reader stands on the next one; whoever still
   stands on the first one is answered as before. */
static void test_cache_follows(void **state)
{
    (void)state;
    make_index(3);
    struct grf_ft_cache *c = cache_of(1 << 20);
    struct grf_ft_reader *late = sharing(c), *r = sharing(c);
    const struct question q = {.words = {0, 1, 2, 3}, .n = 4, .town = -1, .limit = MOST};
    const struct question rare = {.words = {39}, .n = 1, .town = -1, .limit = MOST};
    struct grf_ft_hit before[MOST], after[MOST];
    size_t n = 0, m = 0;
    check_answer(r, &q);
    size_t full = grf_ft_cache_bytes(c);
    assert_true(full > 3 * DOCS);
    assert_int_equal(ask_it(late, &q, before, &n, NULL), GRF_OK);
    assert_int_equal(grf_ft_cache_bytes(c), full); /* the same lists */
    add_last();
    assert_int_equal(grf_ft_reader_refresh(r, NULL), GRF_OK);
    assert_int_equal(grf_ft_cache_bytes(c), 0);
    check_answer(r, &rare);
    size_t little = grf_ft_cache_bytes(c);
    assert_int_equal(ask_it(late, &q, after, &m, NULL), GRF_OK);
    assert_int_equal(m, n);
    assert_memory_equal(after, before, n * sizeof(*before));
    assert_int_equal(grf_ft_cache_bytes(c), little); /* nothing of the state that went */
    check_answer(r, &q);
    remove_some();
    assert_int_equal(grf_ft_reader_refresh(r, NULL), GRF_OK);
    assert_int_equal(grf_ft_cache_bytes(c), 0);
    check_answer(r, &q);
    grf_ft_cache_free(c); /* before its readers */
    assert_int_equal(grf_ft_reader_refresh(late, NULL), GRF_OK);
    check_answer(late, &q);
    grf_ft_reader_close(late);
    grf_ft_reader_close(r);
}

/* ---- threads */

enum { THREADS = 4, ROUNDS = 60 };
struct asker {
    const struct grf_ft_cache *cache;
    unsigned number;
    size_t wrong;
};
static const struct question asked_by_all[] = {
    {.words = {0, 5}, .n = 2, .town = -1, .limit = 50},
    {.words = {1, 2, 3}, .n = 3, .town = 2, .limit = 80},
    {.words = {38, 39}, .n = 2, .town = -1, .limit = 20},
    {.words = {4, 6, 8, 10}, .n = 4, .town = -1, .limit = 99, .from = 20200105},
    {.words = {7, 9}, .n = 2, .town = -1, .limit = 30, .to = 20200115}};
enum { ASKED = GRF_ARRAY_LEN(asked_by_all) };
static struct grf_ft_hit right_now[2][ASKED][MOST];
static size_t right_n[2][ASKED];

static void note_right(int which)
{
    struct grf_ft_reader *r = reader();
    for (size_t k = 0; k < ASKED; k++)
        assert_int_equal(ask_it(r, &asked_by_all[k], right_now[which][k], &right_n[which][k],
                                NULL), GRF_OK);
    grf_ft_reader_close(r);
}

static void *ask_on(void *data)
{
    struct asker *a = data;
    struct grf_ft_reader *r = NULL;
    struct grf_ft_hit hits[MOST];
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t n = 0, k = (i * (a->number + 1) + a->number) % ASKED;
        if (!r && !grf_ft_reader_open(dir, &r, NULL))
            grf_ft_reader_share(r, a->cache);
        if (!r || ask_it(r, &asked_by_all[k], hits, &n, NULL))
            a->wrong++;
        bool one = false;
        for (int s = 0; s < 2; s++)
            one = one || (n == right_n[s][k] &&
                          !memcmp(hits, right_now[s][k], n * sizeof(*hits)));
        a->wrong += !one;
        if (i % 7 == 6 && (grf_ft_reader_refresh(r, NULL) || i % 21 == 20)) {
            grf_ft_reader_close(r);
            r = NULL;
        }
    }
    grf_ft_reader_close(r);
    return NULL;
}

/* Many threads with a reader each share lists while the index changes: each answer is that
   of the state before or of the one after. */
static void test_threads_share(void **state)
{
    (void)state;
    char kept[sizeof(dir)];
    make_index(5);
    note_right(0);
    snprintf(kept, sizeof(kept), "%s", dir);
    set_up(NULL); /* the same once more, as it will be */
    make_index(5);
    remove_some();
    note_right(1);
    snprintf(dir, sizeof(dir), "%s", kept);
    make_index(5);
    struct grf_ft_cache *c = cache_of(100000);
    struct asker askers[THREADS];
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.cache = c, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_on, &askers[i]), 0);
    }
    remove_some();
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(askers[i].wrong, 0);
    }
    struct grf_ft_hit hits[MOST];
    struct grf_ft_reader *r = sharing(c);
    size_t n = 0;
    assert_int_equal(ask_it(r, &asked_by_all[0], hits, &n, NULL), GRF_OK);
    assert_int_equal(n, right_n[1][0]);
    assert_memory_equal(hits, right_now[1][0], n * sizeof(*hits));
    grf_ft_reader_close(r);
    grf_ft_cache_free(c);
}

/* ---- memory, damage */

/* Each allocation fails in turn: an error or the right answer, and the right one after. */
static void test_memory_fails(void **state)
{
    (void)state;
    const struct question q = {.words = {0, 1, 20}, .n = 3, .town = 1, .limit = 50};
    make_index(11);
    size_t failed = 0, went_on = 0;
    for (uint64_t nth = 1; nth < 12; nth++) {
        struct grf_ft_cache *c = cache_of(1 << 20);
        struct grf_ft_reader *r = sharing(c);
        struct grf_ft_hit hits[MOST];
        size_t n = 0;
        grf_mem_fail_at(nth, nth % 2);
        grf_status st = ask_it(r, &q, hits, &n, NULL);
        grf_mem_fail_at(0, 0);
        assert_true(st == GRF_OK || st == GRF_NOMEM);
        failed += st == GRF_NOMEM;
        went_on += st == GRF_OK;
        check_answer(r, &q);
        grf_ft_reader_close(r);
        grf_ft_cache_free(c);
    }
    assert_true(failed && went_on);
}

/* A leaf of the table that does not hold what opening looks at. */
static bool may_be_spoilt(const unsigned char *block, size_t n)
{
    return block[4] == 0 && !memmem(block, n, "generation", 10);
}

/* Without checksums, whatever bytes the lists have: an answer or an error, never more. */
static void test_damaged_lists(void **state)
{
    (void)state;
    enum { BLOCK = 8192, TURNS = 300 };
    char path[128], checks[128];
    unsigned char block[BLOCK];
    make_index(13);
    snprintf(path, sizeof(path), "%s/postlist.glass", dir);
    snprintf(checks, sizeof(checks), "%s/checks", dir);
    assert_int_equal(unlink(checks), 0);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size_t blocks = (size_t)ftell(f) / BLOCK, corrupt = 0;
    seed = 1;
    for (int turn = 0; turn < TURNS; turn++) {
        long at = (long)dice((unsigned)blocks) * BLOCK;
        assert_int_equal(fseek(f, at, SEEK_SET), 0);
        assert_int_equal(fread(block, 1, BLOCK, f), BLOCK);
        if (!may_be_spoilt(block, BLOCK))
            continue;
        unsigned char was[BLOCK];
        memcpy(was, block, BLOCK);
        for (unsigned k = 0; k < 1 + dice(20); k++)
            block[turn % 2 ? 5 + dice(BLOCK - 5) : 5 + dice(60)] = (unsigned char)dice(256);
        for (const unsigned char *p = block; p; p = p == block ? was : NULL) {
            assert_int_equal(fseek(f, at, SEEK_SET), 0);
            assert_int_equal(fwrite(p, 1, BLOCK, f), BLOCK);
            assert_int_equal(fflush(f), 0);
            struct grf_ft_reader *r = NULL;
            struct grf_err err = GRF_ERR_INIT;
            struct question q;
            struct grf_ft_hit hits[MOST];
            size_t n = 0;
            roll(&q);
            q.from = q.to = 0; /* dates are Xapian's to read */
            grf_status st = grf_ft_reader_open(dir, &r, &err);
            if (!st)
                st = ask_it(r, &q, hits, &n, &err);
            assert_true(st == GRF_OK || (p == block && st == GRF_CORRUPT));
            corrupt += st != GRF_OK;
            grf_ft_reader_close(r);
        }
    }
    fclose(f);
    assert_true(corrupt > 10);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all_readers_agree, set_up),
        cmocka_unit_test_setup(test_cache_follows, set_up),
        cmocka_unit_test_setup(test_threads_share, set_up),
        cmocka_unit_test_setup(test_memory_fails, set_up),
        cmocka_unit_test_setup(test_damaged_lists, set_up)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}

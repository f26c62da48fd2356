/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vector index against a brute-force search, and its file against damage. */
#include <time.h>

#include "grf_linalg.h"
#include "vectors_fixture.h"

enum { DIM = 24, N = 700 };

static float rows[N][DIM];
static int64_t ids[N];

static void random_unit(float *x, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = (float)random() / (float)RAND_MAX - 0.5f;
    unit(x, n);
}

/* What is left of a vector in bytes. */
static void as_kept(float *x, int n)
{
    float scale;
    signed char bytes[DIM];
    grf_bytedot_pack(x, n, &scale, bytes);
    for (int i = 0; i < n; i++)
        x[i] = scale * (float)bytes[i];
}

static int set_up(void **state)
{
    (void)state;
    srandom(7);
    for (int i = 0; i < N; i++) {
        random_unit(rows[i], DIM);
        as_kept(rows[i], DIM);
        ids[i] = 1000 + (int64_t)(i * 37 % N) * 3; // not in order, not dense
    }
    return make_place();
}

static struct grf_vectors *filled(void)
{
    struct grf_vectors *v = NULL;
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_add(v, ids, rows[0], 300, NULL), GRF_OK);
    assert_int_equal(grf_vec_add(v, ids + 300, rows[300], N - 300, NULL), GRF_OK);
    return v;
}

static int hit_order(const void *l, const void *r)
{
    const struct grf_vec_hit *a = l, *b = r;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->id < b->id ? -1 : 1;
}

/* Scores differ in the last digits: compare with a margin,
   and ids where the neighbours' scores are further apart than that. */
static void assert_same_hits(const struct grf_vec_hit *got,
                             const struct grf_vec_hit *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(fabsf(got[i].score - want[i].score) < 1e-4f);
        bool apart = (i == 0 || want[i - 1].score - want[i].score > 1e-4f) &&
                     want[i].score - want[i + 1].score > 1e-4f;
        if (apart)
            assert_int_equal(got[i].id, want[i].id);
    }
}

static void test_equals_brute_force(void **state)
{
    (void)state;
    struct grf_vectors *v = filled();
    static const size_t ks[] = {1, 10, 150, N - 1};
    for (int round = 0; round < 40; round++) {
        float q[DIM];
        struct grf_vec_hit want[N + 1], got[N];
        random_unit(q, DIM);
        for (int i = 0; i < N; i++)
            want[i] = (struct grf_vec_hit){ids[i], grf_sdot(DIM, q, rows[i])};
        qsort(want, N, sizeof(*want), hit_order);
        want[N].score = -2;
        size_t k = ks[round % 4], n = 0;
        assert_int_equal(grf_vec_search(v, q, k, got, &n, NULL), GRF_OK);
        assert_int_equal(n, k);
        assert_same_hits(got, want, n);
    }
    grf_vec_close(v);
}

static void test_ties_by_id_across_the_last_place(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL;
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    static float same[N][DIM];
    for (int i = 0; i < N; i++)
        memcpy(same[i], rows[i % 3 ? 0 : 1], sizeof(same[i]));
    assert_int_equal(grf_vec_add(v, ids, same[0], N, NULL), GRF_OK);
    int64_t expected[N];
    size_t n_best = 0;
    for (int i = 0; i < N; i++) // ids ascend with i * 37 % N
        for (int j = 0; j < N; j++)
            if (ids[j] == 1000 + (int64_t)i * 3 && j % 3)
                expected[n_best++] = ids[j];
    static const size_t ks[] = {1, 2, 33, 200, 460};
    for (size_t t = 0; t < GRF_ARRAY_LEN(ks); t++) {
        struct grf_vec_hit hits[N];
        size_t n;
        assert_int_equal(grf_vec_search(v, rows[0], ks[t], hits, &n, NULL), GRF_OK);
        assert_int_equal(n, ks[t]);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(hits[i].id, expected[i]);
    }
    grf_vec_close(v);
}

static void test_small_and_empty(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL;
    struct grf_vec_hit hits[8];
    size_t n = 99;
    int64_t *all = NULL;
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_dim(v), DIM);
    assert_int_equal(grf_vec_generation(v), 0);
    assert_int_equal(grf_vec_search(v, rows[0], 8, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    assert_int_equal(grf_vec_ids(v, &all, &n, NULL), GRF_OK);
    assert_null(all);
    assert_int_equal(grf_vec_remove(v, ids, 5, NULL), GRF_OK);
    assert_int_equal(grf_vec_add(v, ids, rows[0], 3, NULL), GRF_OK);
    assert_int_equal(grf_vec_search(v, rows[0], 8, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 3);
    assert_int_equal(hits[0].id, ids[0]);
    assert_true(fabsf(hits[0].score - 1) < 0.02f);
    assert_int_equal(grf_vec_search(v, rows[0], 0, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    grf_vec_close(v);
    grf_vec_close(NULL);
}

static void test_bad_arguments_change_nothing(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_vec_new(0, &v, &err), GRF_INVALID);
    assert_null(v);
    assert_int_equal(grf_vec_new(GRF_VEC_DIM_MAX + 1, &v, &err), GRF_INVALID);
    v = filled();
    float bad[2][DIM];
    int64_t two[2] = {5, 6};
    memcpy(bad, rows, sizeof(bad));
    bad[1][DIM - 1] = NAN;
    assert_int_equal(grf_vec_add(v, two, bad[0], 2, &err), GRF_INVALID);
    bad[1][DIM - 1] = -INFINITY;
    assert_int_equal(grf_vec_add(v, two, bad[0], 2, &err), GRF_INVALID);
    struct grf_vec_hit hits[2];
    size_t n;
    assert_int_equal(grf_vec_search(v, bad[1], 2, hits, &n, &err), GRF_INVALID);
    two[1] = -1;
    assert_int_equal(grf_vec_add(v, two, rows[0], 2, &err), GRF_INVALID);
    two[1] = UINT32_MAX;
    assert_int_equal(grf_vec_add(v, two, rows[0], 2, &err), GRF_LIMIT);
    two[1] = INT64_MAX;
    assert_int_equal(grf_vec_add(v, two, rows[0], 2, &err), GRF_LIMIT);
    two[1] = 5;
    assert_int_equal(grf_vec_add(v, two, rows[0], 2, &err), GRF_EXISTS);
    two[1] = ids[N - 1];
    assert_int_equal(grf_vec_add(v, two, rows[0], 2, &err), GRF_EXISTS);
    assert_int_equal(grf_vec_count(v), N);
    two[1] = 6; // 5 was not kept by the refusals
    assert_int_equal(grf_vec_add(v, two, rows[0], 2, &err), GRF_OK);
    assert_int_equal(grf_vec_count(v), N + 2);
    grf_vec_close(v);
}

static void test_removal(void **state)
{
    (void)state;
    struct grf_vectors *v = filled();
    int64_t gone[N / 2 + 2], *left = NULL;
    size_t n = 0, n_gone = 0;
    for (int i = 0; i < N; i += 2)
        gone[n_gone++] = ids[i];
    gone[n_gone++] = 999999; // absent
    gone[n_gone++] = ids[0]; // twice
    assert_int_equal(grf_vec_remove(v, gone, n_gone, NULL), GRF_OK);
    assert_int_equal(grf_vec_count(v), N / 2);
    for (int i = 0; i < N; i++) {
        struct grf_vec_hit hit;
        assert_int_equal(grf_vec_search(v, rows[i], 1, &hit, &n, NULL), GRF_OK);
        assert_int_equal(n, 1);
        if (i % 2)
            assert_int_equal(hit.id, ids[i]);
        else
            assert_int_not_equal(hit.id, ids[i]);
    }
    assert_int_equal(grf_vec_ids(v, &left, &n, NULL), GRF_OK);
    assert_int_equal(n, N / 2);
    for (size_t i = 1; i < n; i++)
        assert_true(left[i - 1] < left[i]);
    grf_free(left);
    assert_int_equal(grf_vec_add(v, ids, rows[0], 1, NULL), GRF_OK); // may come back
    assert_int_equal(grf_vec_add(v, ids + 1, rows[1], 1, NULL), GRF_EXISTS);
    grf_vec_close(v);
}

static void test_save_and_open(void **state)
{
    (void)state;
    struct grf_vectors *v = filled(), *w = NULL;
    struct grf_err err = GRF_ERR_INIT;
    grf_path_remove(path);
    assert_int_equal(grf_vec_open(path, NULL, &w, &err), GRF_NOTFOUND);
    assert_int_equal(grf_vec_save(v, path, 12, "model-a", NULL), GRF_OK);
    assert_int_equal(grf_vec_generation(v), 12);
    assert_int_equal(grf_vec_open(path, "model-b", &w, &err), GRF_VERSION);
    assert_null(w);
    assert_non_null(strstr(err.msg, "model-a"));
    assert_int_equal(grf_vec_open(path, NULL, &w, NULL), GRF_OK);
    grf_vec_close(w);
    assert_int_equal(grf_vec_open(path, "model-a", &w, NULL), GRF_OK);
    assert_int_equal(grf_vec_generation(w), 12);
    assert_int_equal(grf_vec_count(w), N);
    assert_int_equal(grf_vec_dim(w), DIM);
    for (int i = 0; i < 20; i++) {
        struct grf_vec_hit a[30], b[30];
        size_t na, nb;
        float q[DIM];
        random_unit(q, DIM);
        assert_int_equal(grf_vec_search(v, q, 30, a, &na, NULL), GRF_OK);
        assert_int_equal(grf_vec_search(w, q, 30, b, &nb, NULL), GRF_OK);
        assert_int_equal(na, nb);
        for (size_t j = 0; j < na; j++) {
            assert_int_equal(a[j].id, b[j].id);
            assert_true(a[j].score == b[j].score);
        }
    }
    assert_int_equal(grf_vec_add(w, ids, rows[0], 1, NULL), GRF_EXISTS);
    grf_vec_close(v);
    grf_vec_close(w);
}

static void test_empty_index_is_saved(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL;
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 1, "m", NULL), GRF_OK);
    grf_vec_close(v);
    assert_int_equal(grf_vec_open(path, "m", &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_count(v), 0);
    assert_int_equal(grf_vec_dim(v), DIM);
    assert_int_equal(grf_vec_add(v, ids, rows[0], 9, NULL), GRF_OK);
    grf_vec_close(v);
}

static void damage_file(const char *name, int rounds)
{
    char file[96];
    struct grf_str whole;
    file_of(name, file);
    grf_str_init(&whole, 1 << 20);
    assert_int_equal(grf_file_read(file, 1 << 20, &whole, NULL), GRF_OK);
    for (int round = 0; round < rounds; round++) {
        size_t at = (size_t)random() % whole.n, len = whole.n;
        char old = whole.p[at];
        if (round % 4 == 0)
            len = at;
        else
            whole.p[at] = (char)(old ^ (1 + random() % 255));
        struct grf_sv piece = {whole.p, len};
        assert_int_equal(grf_file_replace(file, &piece, 1, NULL), GRF_OK);
        assert_int_equal(read_all(), GRF_CORRUPT);
        whole.p[at] = old;
    }
    struct grf_sv piece = grf_str_sv(&whole);
    assert_int_equal(grf_file_replace(file, &piece, 1, NULL), GRF_OK);
    assert_int_equal(read_all(), GRF_OK);
    grf_str_release(&whole);
}

static void start_anew(void)
{
    grf_path_remove(path);
    struct grf_vectors *v = filled();
    assert_int_equal(grf_vec_save(v, path, 3, "m", NULL), GRF_OK);
    grf_vec_close(v);
}

static void test_damaged_files(void **state)
{
    (void)state;
    char file[96];
    start_anew();
    damage_file("index", 300);
    damage_file("blocks.1", 300);
    file_of("blocks.1", file);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(read_all(), GRF_CORRUPT);
}

static grf_status open_with(const char *kind, const void *payload, size_t n)
{
    char file[96];
    struct grf_vectors *v;
    struct grf_sv piece = {payload, n};
    file_of("index", file);
    assert_int_equal(grf_container_write(file, kind, 0, "m", &piece, 1, NULL), GRF_OK);
    grf_status st = grf_vec_open(path, "m", &v, NULL);
    assert_null(v);
    return st;
}

/* Undamaged containers that say what is not there. */
static void test_foreign_payloads(void **state)
{
    (void)state;
    char file[96];
    struct grf_container c;
    start_anew();
    file_of("index", file);
    assert_int_equal(grf_container_open(&c, file, "VECS", true, NULL), GRF_OK);
    size_t n = c.payload.n;
    uint32_t *good = malloc(n);
    memcpy(good, c.payload.p, n);
    grf_container_close(&c);
    assert_int_equal(open_with("VECS", "no index of any kind", 20), GRF_VERSION);
    assert_int_equal(open_with("VECS", "", 0), GRF_VERSION);
    assert_int_equal(open_with("MODL", good, n), GRF_VERSION);
    for (size_t i = 0; i < 16 + 10; i++) { /* the head, and a block's entry */
        bool free_to_be = i == 4 || i == 5 || i == 19 || i >= 24;
        uint32_t old = good[i];
        good[i] = UINT32_MAX;
        if (!free_to_be)
            assert_int_equal(open_with("VECS", good, n), GRF_VERSION);
        good[i] = old;
    }
    free(good);
}

static void test_earlier_format_is_named(void **state)
{
    (void)state;
    struct grf_vectors *v;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_sv piece = {"old", 3};
    grf_path_remove(path);
    assert_int_equal(grf_container_write(path, "VECT", 0, "m", &piece, 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_open(path, "m", &v, &err), GRF_VERSION);
    assert_non_null(strstr(err.msg, "rebuild"));
    unlink(path);
}

/* No byte of a removed vector is left, in the block that held it or in an older copy. */
static void test_removed_is_gone_from_disk(void **state)
{
    (void)state;
    float scale;
    signed char bytes[DIM];
    struct grf_vectors *v = NULL;
    grf_path_remove(path);
    grf_bytedot_pack(rows[5], DIM, &scale, bytes);
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_add(v, ids, rows[0], 10, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 1, "m", NULL), GRF_OK);
    assert_int_equal(grf_vec_add(v, ids + 10, rows[10], 10, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 2, "m", NULL), GRF_OK);
    assert_true(file_holds("blocks.1", bytes, DIM));
    assert_int_equal(grf_vec_remove(v, ids + 5, 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 3, "m", NULL), GRF_OK);
    assert_false(file_holds("blocks.1", bytes, DIM));
    assert_int_equal(grf_vec_count(v), 19);
    grf_vec_close(v);
    assert_int_equal(read_all(), GRF_OK);
}

static void assert_first_hit(const char *at, const float *q, size_t count, int64_t id)
{
    struct grf_vectors *v;
    struct grf_vec_hit hit;
    size_t n;
    int64_t *all = NULL;
    assert_int_equal(grf_vec_open(at, "m", &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_count(v), count);
    assert_int_equal(grf_vec_search(v, q, 1, &hit, &n, NULL), GRF_OK);
    assert_int_equal(n, 1);
    assert_int_equal(hit.id, id);
    assert_int_equal(grf_vec_ids(v, &all, &n, NULL), GRF_OK);
    assert_int_equal(n, count);
    grf_free(all);
    grf_vec_close(v);
}

/* All that is left goes to another directory, and the handle with it. */
static void test_saved_elsewhere(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL;
    char other[64], file[96];
    float scale;
    signed char gone[2][DIM];
    struct grf_str whole;
    int64_t more = 90000;
    start_anew();
    snprintf(other, sizeof(other), "%s/w", dir);
    grf_bytedot_pack(rows[5], DIM, &scale, gone[0]);
    grf_bytedot_pack(rows[600], DIM, &scale, gone[1]);
    assert_int_equal(grf_vec_open(path, "m", &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_remove(v, ids + 5, 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 4, "m", NULL), GRF_OK);
    assert_int_equal(grf_vec_remove(v, ids + 600, 1, NULL), GRF_OK); /* in memory only */
    assert_int_equal(grf_vec_save(v, "/proc/nonexistent/v", 5, "m", NULL) == GRF_OK, 0);
    assert_int_equal(grf_vec_save(v, other, 5, "m", NULL), GRF_OK);
    assert_first_hit(path, rows[600], N - 1, ids[600]);
    assert_first_hit(other, rows[7], N - 2, ids[7]);
    assert_int_equal(grf_vec_add(v, &more, rows[5], 1, NULL), GRF_OK);
    assert_true(file_holds("blocks.1", gone[1], DIM)); /* the former is as it was */
    snprintf(file, sizeof(file), "%s/blocks.1", other);
    grf_str_init(&whole, 1 << 24);
    assert_int_equal(grf_file_read(file, 1 << 24, &whole, NULL), GRF_OK);
    for (int i = 0; i < 2; i++)
        assert_null(memmem(whole.p, whole.n, gone[i], DIM));
    grf_str_release(&whole);
    assert_int_equal(grf_vec_save(v, other, 6, "m", NULL), GRF_OK);
    assert_first_hit(other, rows[5], N - 1, more);
    assert_int_equal(grf_vec_save(v, path, 7, "m", NULL), GRF_OK); /* and back */
    grf_vec_close(v);
    assert_first_hit(path, rows[5], N - 1, more);
    assert_int_equal(read_all(), GRF_OK);
    grf_path_remove(other);
}

/* A reader of the state before still reads it after an addition, and is told when what it
   stands on was erased. */
static void test_reader_beside_a_writer(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL, *reader = NULL;
    struct grf_vec_hit hits[N];
    size_t n;
    start_anew();
    assert_int_equal(grf_vec_open(path, "m", &v, NULL), GRF_OK);
    assert_int_equal(grf_vec_open(path, "m", &reader, NULL), GRF_OK);
    int64_t more = 90000;
    assert_int_equal(grf_vec_add(v, &more, rows[3], 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 4, "m", NULL), GRF_OK);
    assert_int_equal(grf_vec_search(reader, rows[3], N, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, N);
    grf_vec_close(reader);
    assert_int_equal(grf_vec_open(path, "m", &reader, NULL), GRF_OK);
    assert_int_equal(grf_vec_search(reader, rows[3], 2, hits, &n, NULL), GRF_OK);
    assert_int_equal(hits[1].id, more);
    assert_int_equal(grf_vec_remove(v, ids, N, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 5, "m", NULL), GRF_OK);
    assert_int_equal(grf_vec_search(reader, rows[3], 2, hits, &n, NULL), GRF_STALE);
    grf_vec_close(reader);
    assert_int_equal(grf_vec_open(path, "m", &reader, NULL), GRF_OK);
    assert_int_equal(grf_vec_search(reader, rows[3], 2, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 1);
    assert_int_equal(hits[0].id, more);
    grf_vec_close(reader);
    grf_vec_close(v);
}

/* Killed at any call that writes: the state before or the one after, and the next writer
   makes it good. */
static void test_killed_between_steps(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL;
    for (int step = 0; step < 3; step++) {
        char file[96], index[96];
        struct grf_str old;
        start_anew();
        file_of("index", index);
        grf_str_init(&old, 1 << 20);
        assert_int_equal(grf_file_read(index, 1 << 20, &old, NULL), GRF_OK);
        assert_int_equal(grf_vec_open(path, "m", &v, NULL), GRF_OK);
        int64_t more = 90000;
        assert_int_equal(grf_vec_add(v, &more, rows[3], 1, NULL), GRF_OK);
        assert_int_equal(grf_vec_save(v, path, 4, "m", NULL), GRF_OK);
        grf_vec_close(v);
        struct grf_sv piece = grf_str_sv(&old);
        file_of("blocks.9", file); /* left by one that wrote another file */
        if (step)
            assert_int_equal(grf_file_replace(file, &piece, 1, NULL), GRF_OK);
        if (step < 2) /* the index file was not yet in place */
            assert_int_equal(grf_file_replace(index, &piece, 1, NULL), GRF_OK);
        grf_str_release(&old);
        assert_int_equal(grf_vec_open(path, "m", &v, NULL), GRF_OK);
        assert_int_equal(grf_vec_generation(v), step < 2 ? 3 : 4);
        assert_int_equal(grf_vec_recover(v, NULL), GRF_OK);
        assert_int_not_equal(access(file, F_OK), 0);
        assert_int_equal(grf_vec_add(v, &more, rows[3], 1, NULL),
                         step < 2 ? GRF_OK : GRF_EXISTS);
        assert_int_equal(grf_vec_save(v, path, 4, "m", NULL), GRF_OK);
        assert_int_equal(grf_vec_count(v), N + 1);
        grf_vec_close(v);
        assert_int_equal(read_all(), GRF_OK);
    }
}

/* Little by little, with removals, or at once: the same answers. */
static void test_incremental_equals_at_once(void **state)
{
    (void)state;
    struct grf_vectors *v = NULL, *w = NULL;
    grf_path_remove(path);
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    for (int i = 0; i < N; i += 7) {
        assert_int_equal(grf_vec_add(v, ids + i, rows[i], 7, NULL), GRF_OK);
        assert_int_equal(grf_vec_save(v, path, i + 1, "m", NULL), GRF_OK);
        if (i % 3 == 0) {
            assert_int_equal(grf_vec_remove(v, ids + i, 2, NULL), GRF_OK);
            assert_int_equal(grf_vec_add(v, ids + i, rows[i], 2, NULL), GRF_OK);
        }
    }
    assert_int_equal(grf_vec_save(v, path, N, "m", NULL), GRF_OK);
    w = filled();
    for (int i = 0; i < 20; i++) {
        struct grf_vec_hit a[50], b[50];
        size_t na, nb;
        assert_int_equal(grf_vec_search(v, rows[i], 50, a, &na, NULL), GRF_OK);
        assert_int_equal(grf_vec_search(w, rows[i], 50, b, &nb, NULL), GRF_OK);
        assert_int_equal(na, nb);
        for (size_t k = 0; k < na; k++)
            assert_true(a[k].id == b[k].id && a[k].score == b[k].score);
    }
    grf_vec_close(v);
    grf_vec_close(w);
}

static void test_failed_save_keeps_the_old_file(void **state)
{
    (void)state;
    struct grf_vectors *v = filled(), *w;
    struct grf_err err = GRF_ERR_INIT;
    char label[200];
    memset(label, 'x', sizeof(label));
    label[199] = '\0';
    grf_path_remove(path);
    assert_int_not_equal(grf_vec_save(v, "/proc/nonexistent/v", 6, "m", &err), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 5, "m", NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 6, label, &err), GRF_INVALID);
    assert_int_equal(grf_vec_generation(v), 5);
    assert_int_equal(grf_vec_open(path, "m", &w, NULL), GRF_OK);
    assert_int_equal(grf_vec_generation(w), 5);
    grf_vec_close(w);
    grf_vec_close(v);
}

static grf_status whole_life(void)
{
    struct grf_vectors *v = NULL;
    struct grf_vec_hit hits[5];
    size_t n = 0;
    int64_t *all = NULL;
    struct grf_err err = GRF_ERR_INIT;
    grf_status st = grf_vec_new(DIM, &v, &err);
    st = st ? st : grf_vec_add(v, ids, rows[0], 100, &err);
    st = st ? st : grf_vec_remove(v, ids, 10, &err);
    st = st ? st : grf_vec_add(v, ids, rows[0], 10, &err);
    st = st ? st : grf_vec_search(v, rows[0], 5, hits, &n, &err);
    st = st ? st : grf_vec_ids(v, &all, &n, &err);
    st = st ? st : grf_vec_save(v, path, 1, "m", &err);
    grf_vec_close(v);
    v = NULL;
    st = st ? st : grf_vec_open(path, "m", &v, &err);
    grf_vec_close(v);
    grf_free(all);
    assert_int_equal(err.code, st);
    return st;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    int failures = 0;
    for (uint64_t nth = 1;; nth++) {
        grf_mem_fail_at(nth, nth % 2 == 0);
        grf_status st = whole_life();
        grf_mem_fail_at(0, 0);
        if (st == GRF_OK)
            break;
        assert_int_equal(st, GRF_NOMEM);
        failures++;
    }
    assert_true(failures >= 10);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void test_speed(void **state)
{
    (void)state;
    enum { WIDE = 256, STEP = 10000 };
    const char *many = getenv("GREFFIER_TEST_VECTORS"); /* to measure with */
    int64_t big = many ? atoll(many) / STEP * STEP : 60000;
    float *x = malloc((size_t)STEP * WIDE * sizeof(float));
    int64_t *big_ids = malloc(STEP * sizeof(*big_ids));
    assert_non_null(x);
    assert_non_null(big_ids);
    for (int i = 0; i < STEP; i++)
        random_unit(x + (size_t)i * WIDE, WIDE);
    struct grf_vectors *v;
    struct grf_vec_hit hits[100];
    size_t n;
    assert_int_equal(grf_vec_new(WIDE, &v, NULL), GRF_OK);
    double t0 = now_ms();
    for (int64_t i = 0; i < big; i += 50) {
        for (int j = 0; j < 50; j++)
            big_ids[j] = i + j;
        assert_int_equal(grf_vec_add(v, big_ids, x + (i % STEP) * WIDE, 50, NULL), 0);
    }
    double t1 = now_ms();
    assert_int_equal(grf_vec_save(v, path, 1, "m", NULL), GRF_OK);
    double t2 = now_ms();
    grf_vec_close(v);
    double t3 = now_ms();
    assert_int_equal(grf_vec_open(path, "m", &v, NULL), GRF_OK);
    double t4 = now_ms();
    for (int i = 0; i < 20; i++)
        assert_int_equal(grf_vec_search(v, x + i * WIDE, 100, hits, &n, NULL), GRF_OK);
    double t5 = now_ms();
    print_message("# %lld x 256: add %.0f ms, save %.0f ms, open %.0f ms, "
                  "search %.1f ms\n", (long long)big, t1 - t0, t2 - t1, t4 - t3, (t5 - t4) / 20);
    grf_vec_close(v);
    free(x);
    free(big_ids);
}

static void test_sgemm(void **state)
{
    (void)state;
    static const float a[6] = {1, 2, 3, 4, 5, 6}, at[6] = {1, 4, 2, 5, 3, 6};
    static const float b[6] = {7, 8, 9, 10, 11, 12}, bt[6] = {7, 9, 11, 8, 10, 12};
    static const float want[4] = {58, 64, 139, 154};
    for (int t = 0; t < 4; t++) {
        float c[4] = {1, 1, 1, 1};
        grf_sgemm(t & 1, t & 2, 2, 2, 3, 1, t & 1 ? at : a, t & 2 ? bt : b, 0, c);
        for (int i = 0; i < 4; i++)
            assert_true(fabsf(c[i] - want[i]) < 1e-4f);
        grf_sgemm(t & 1, t & 2, 2, 2, 3, 2, t & 1 ? at : a, t & 2 ? bt : b, 1, c);
        for (int i = 0; i < 4; i++)
            assert_true(fabsf(c[i] - 3 * want[i]) < 1e-3f);
    }
    float c[4] = {1, 2, 3, 4};
    grf_sgemm(false, false, 0, 2, 3, 1, a, b, 0, c);
    grf_sgemm(false, true, 2, 2, 0, 1, a, b, 1, c);
    assert_true(c[0] == 1 && c[3] == 4);
    assert_true(grf_sdot(3, a, b) == 7 + 16 + 27 && grf_sdot(0, a, b) == 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_brute_force),
        cmocka_unit_test(test_ties_by_id_across_the_last_place),
        cmocka_unit_test(test_small_and_empty),
        cmocka_unit_test(test_bad_arguments_change_nothing),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_save_and_open),
        cmocka_unit_test(test_empty_index_is_saved),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_foreign_payloads),
        cmocka_unit_test(test_earlier_format_is_named),
        cmocka_unit_test(test_removed_is_gone_from_disk),
        cmocka_unit_test(test_saved_elsewhere),
        cmocka_unit_test(test_reader_beside_a_writer),
        cmocka_unit_test(test_killed_between_steps),
        cmocka_unit_test(test_incremental_equals_at_once),
        cmocka_unit_test(test_failed_save_keeps_the_old_file),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_speed),
        cmocka_unit_test(test_sgemm),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

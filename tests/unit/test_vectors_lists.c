/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vector index in lists: what it finds, removes, survives. */
#include "../../lib/vectors_priv.h"
#include "vectors_fixture.h"

enum { DIM = 24, N = 3000, GROUPS = 40 };

static const struct grf_vec_limits few = {.exact_most = 400, .looked_at = 600};
static const struct grf_vec_limits by_id = {
    .exact_most = 400, .looked_at = 600, .looked_up = N};
static const struct grf_vec_limits whole = {.exact_most = 400, .looked_at = N};

static float rows[N][DIM];
static int64_t ids[N];

/* As texts are: about subjects, some nearer to theirs than others. */
static int set_up(void **state)
{
    static float about[GROUPS][DIM];
    (void)state;
    srandom(11);
    for (int i = 0; i < GROUPS; i++)
        for (int d = 0; d < DIM; d++)
            about[i][d] = (float)random() / (float)RAND_MAX - 0.5f;
    for (int i = 0; i < N; i++) {
        float far = (float)random() / (float)RAND_MAX;
        for (int d = 0; d < DIM; d++)
            rows[i][d] = about[i * 7 % GROUPS][d] +
                         far * ((float)random() / (float)RAND_MAX - 0.5f);
        unit(rows[i], DIM);
        ids[i] = 10 + (int64_t)(i * 37 % N) * 2;
    }
    return make_place();
}

static struct grf_vectors *with(size_t n, const struct grf_vec_limits *limits)
{
    struct grf_vectors *v = NULL;
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    grf_vec_limit(v, limits);
    assert_int_equal(grf_vec_add(v, ids, rows[0], n, NULL), GRF_OK);
    return v;
}

/* n vectors, in lists, on disk. */
static struct grf_vectors *arranged(size_t n)
{
    grf_path_remove(path);
    struct grf_vectors *v = with(n, &few);
    assert_int_equal(grf_vec_save_arranged(v, path, 3, "m", NULL), GRF_OK);
    return v;
}

static struct grf_vectors *opened(const struct grf_vec_limits *limits)
{
    struct grf_vectors *v = NULL;
    struct grf_err err = GRF_ERR_INIT;
    if (grf_vec_open(path, "m", &v, &err))
        fail_msg("%s", err.msg);
    grf_vec_limit(v, limits);
    return v;
}

static bool there(const char *name)
{
    char file[96];
    file_of(name, file);
    return access(file, F_OK) == 0;
}

static size_t lists_of(void)
{
    char file[96];
    struct grf_container c;
    uint32_t n;
    file_of("index", file);
    assert_int_equal(grf_container_open(&c, file, "VECS", true, NULL), GRF_OK);
    memcpy(&n, c.payload.p + 48, sizeof(n));
    grf_container_close(&c);
    return n;
}

/* How many of the k hits that w finds v finds too; both tell the same scores. */
static size_t common(struct grf_vectors *v, struct grf_vectors *w, const float *q, size_t k)
{
    struct grf_vec_hit a[64], b[64];
    size_t na, nb, same = 0;
    assert_int_equal(grf_vec_search(v, q, k, a, &na, NULL), GRF_OK);
    assert_int_equal(grf_vec_search(w, q, k, b, &nb, NULL), GRF_OK);
    assert_int_equal(na, k);
    assert_int_equal(nb, k);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            if (a[i].id != b[j].id)
                continue;
            assert_true(a[i].score == b[j].score);
            same++;
        }
    }
    return same;
}

static void test_finds_the_nearest(void **state)
{
    (void)state;
    struct grf_vectors *exact = with(N, &few), *v = arranged(N);
    size_t same = 0, all = 0, questions = 0;
    assert_true(lists_of() > N / 100);
    grf_vec_close(v);
    v = opened(&few);
    struct grf_vectors *w = opened(&whole);
    assert_int_equal(grf_vec_count(v), N);
    for (int i = 0; i < N; i += 30, questions++) {
        float q[DIM];
        for (int d = 0; d < DIM; d++)
            q[d] = rows[i][d] + 0.4f * rows[(i * 7 + 5) % N][d];
        unit(q, DIM);
        same += common(v, exact, q, 10);
        all += common(w, exact, q, 10);
    }
    assert_int_equal(all, questions * 10);
    print_message("# recall at 10: %.3f, a fifth of the vectors looked at\n",
                  (double)same / (double)(questions * 10));
    assert_true(same >= questions * 9);
    grf_vec_close(exact);
    grf_vec_close(v);
    grf_vec_close(w);
}

static void test_small_stays_whole(void **state)
{
    (void)state;
    struct grf_vectors *v = arranged(400);
    assert_int_equal(lists_of(), 0);
    assert_int_equal(grf_vec_add(v, ids + 400, rows[400], 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 4, "m", NULL), GRF_OK); /* not at any save */
    assert_int_equal(lists_of(), 0);
    assert_int_equal(grf_vec_save_arranged(v, path, 5, "m", NULL), GRF_OK);
    assert_int_not_equal(lists_of(), 0);
    assert_true(there("blocks.2") && !there("blocks.1"));
    grf_vec_close(v);
}

static void assert_ids(struct grf_vectors *v, size_t n)
{
    int64_t *all = NULL;
    size_t have;
    assert_int_equal(grf_vec_ids(v, &all, &have, NULL), GRF_OK);
    assert_int_equal(have, n);
    for (size_t i = 0; i < have; i++)
        assert_true(all[i] >= 10 && (!i || all[i] > all[i - 1]));
    grf_free(all);
}

/* Among the nearest to itself, some of which are nearly the same. */
static bool finds(struct grf_vectors *v, int row)
{
    struct grf_vec_hit hits[8];
    size_t n;
    assert_int_equal(grf_vec_search(v, rows[row], 8, hits, &n, NULL), GRF_OK);
    for (size_t i = 0; i < n; i++)
        if (hits[i].id == ids[row])
            return true;
    return false;
}

/* What comes later is found at once, and is arranged when it has become much. */
static void test_added_later(void **state)
{
    (void)state;
    struct grf_vec_hit hit;
    size_t n, lists;
    struct grf_vectors *v = arranged(1500);
    lists = lists_of();
    static const struct {
        int from, to;
        const char *file;
    } steps[] = {
        {1500, 1550, "blocks.1"}, /* few: they stay loose */
        {1550, 2100, "blocks.2"}, /* the lists take them */
        {2100, N, "blocks.3"}};   /* too many for these lists: others */
    for (size_t s = 0; s < GRF_ARRAY_LEN(steps); s++) {
        int from = steps[s].from, to = steps[s].to;
        assert_int_equal(grf_vec_add(v, ids + from, rows[from], (size_t)(to - from), NULL),
                         GRF_OK);
        assert_int_equal(grf_vec_save_arranged(v, path, 4, "m", NULL), GRF_OK);
        grf_vec_close(v);
        assert_true(there(steps[s].file));
        assert_int_equal(lists_of() > lists, to == N);
        v = opened(s ? &whole : &few);
        assert_ids(v, (size_t)to);
        for (int i = from; i < to; i++)
            assert_true(finds(v, i));
    }
    assert_int_equal(grf_vec_add(v, ids + 1499, rows[1499], 1, NULL), GRF_EXISTS);
    assert_ids(v, N);
    grf_vec_close(v);
    v = opened(&whole);
    assert_ids(v, N);
    assert_int_equal(grf_vec_search(v, rows[7], 1, &hit, &n, NULL), GRF_OK);
    assert_int_equal(hit.id, ids[7]);
    grf_vec_close(v);
}

/* No byte of a removed vector is left, not even where it was a list of its own. */
static void test_removed_is_gone(void **state)
{
    (void)state;
    float lonely[DIM] = {0}, scale;
    signed char bytes[DIM], plain[DIM];
    struct grf_vec_hit hit;
    size_t n;
    int64_t id = 1000000, gone[3] = {id, ids[5], -1};
    for (int d = 0; d < DIM; d++)
        lonely[d] = d % 2 ? -1 - (float)d : 2;
    unit(lonely, DIM);
    grf_bytedot_pack(lonely, DIM, &scale, bytes);
    grf_bytedot_pack(rows[5], DIM, &scale, plain);
    grf_path_remove(path);
    struct grf_vectors *v = with(N, &few);
    assert_int_equal(grf_vec_add(v, &id, lonely, 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 1, "m", NULL), GRF_OK);
    assert_true(file_holds("blocks.1", bytes, DIM));
    assert_true(file_holds("blocks.1", &id, sizeof(uint32_t)));
    assert_int_equal(grf_vec_remove(v, gone, 3, NULL), GRF_OK);
    assert_int_equal(grf_vec_count(v), N - 1);
    assert_int_equal(grf_vec_save(v, path, 2, "m", NULL), GRF_OK);
    assert_false(file_holds("blocks.1", bytes, DIM));
    assert_false(file_holds("blocks.1", plain, DIM));
    assert_false(file_holds("blocks.1", &id, sizeof(uint32_t))); /* nor of its sketch */
    assert_false(file_holds("index", bytes, DIM));
    grf_vec_close(v);
    v = opened(&few);
    assert_ids(v, N - 1);
    assert_int_equal(grf_vec_search(v, lonely, 1, &hit, &n, NULL), GRF_OK);
    assert_int_not_equal(hit.id, id);
    assert_int_equal(grf_vec_search(v, rows[5], 1, &hit, &n, NULL), GRF_OK);
    assert_int_not_equal(hit.id, ids[5]);
    assert_int_equal(grf_vec_add(v, ids + 5, rows[5], 1, NULL), GRF_OK); /* comes back */
    assert_int_equal(grf_vec_search(v, rows[5], 1, &hit, &n, NULL), GRF_OK);
    assert_int_equal(hit.id, ids[5]);
    assert_int_equal(grf_vec_remove(v, ids + 5, 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 3, "m", NULL), GRF_OK);
    grf_vec_close(v);
}

/* Down to nothing and up again. */
static void test_all_removed(void **state)
{
    (void)state;
    struct grf_vec_hit hits[4];
    size_t n;
    struct grf_vectors *v = arranged(1000);
    assert_int_equal(grf_vec_remove(v, ids, 700, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 4, "m", NULL), GRF_OK);
    assert_ids(v, 300);
    assert_int_equal(grf_vec_remove(v, ids, 1000, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 5, "m", NULL), GRF_OK);
    grf_vec_close(v);
    v = opened(&few);
    assert_int_equal(grf_vec_count(v), 0);
    assert_int_equal(grf_vec_search(v, rows[0], 4, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    assert_int_equal(grf_vec_add(v, ids, rows[0], N, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 6, "m", NULL), GRF_OK);
    grf_vec_close(v);
    v = opened(&few);
    assert_ids(v, N);
    grf_vec_close(v);
}

static void test_many_removed_are_closed_up(void **state)
{
    (void)state;
    struct grf_vectors *v = arranged(N);
    assert_int_equal(grf_vec_remove(v, ids, N / 2, NULL), GRF_OK);
    size_t lists = lists_of();
    assert_int_equal(grf_vec_save_arranged(v, path, 4, "m", NULL), GRF_OK);
    assert_true(lists_of() < lists);
    assert_ids(v, N - N / 2);
    grf_vec_close(v);
}

static void test_among(void **state)
{
    (void)state;
    struct grf_idset some = {0};
    struct grf_vec_hit hits[N];
    size_t n;
    struct grf_vectors *v = arranged(2500);
    assert_int_equal(grf_vec_add(v, ids + 2500, rows[2500], 200, NULL), GRF_OK);
    for (int i = 0; i < N; i += 100)
        assert_int_equal(grf_idset_add(&some, ids[i], NULL), GRF_OK);
    grf_vec_limit(v, &whole);
    assert_int_equal(grf_vec_search_among(v, rows[100], N, &some, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 27); /* of the 30 these are in the index */
    assert_int_equal(hits[0].id, ids[100]);
    for (size_t i = 0; i < n; i++)
        assert_true(grf_idset_has(&some, hits[i].id));
    grf_vec_limit(v, &few);
    assert_int_equal(grf_vec_search_among(v, rows[100], 10, &some, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 10);
    assert_int_equal(hits[0].id, ids[100]);
    /* by their places none is missed */
    struct grf_vec_hit exact[N];
    size_t n_exact;
    grf_vec_limit(v, &whole);
    assert_int_equal(grf_vec_search_among(v, rows[7], N, &some, exact, &n_exact, NULL), GRF_OK);
    grf_vec_limit(v, &by_id);
    assert_int_equal(grf_vec_search_among(v, rows[7], N, &some, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, n_exact);
    for (size_t i = 0; i < n; i++)
        assert_true(hits[i].id == exact[i].id && hits[i].score == exact[i].score);
    grf_idset_release(&some);
    assert_int_equal(grf_vec_search_among(v, rows[100], 10, &some, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    grf_vec_close(v);
}

/* Vectors by their ids: in lists and loose, removed, never there. */
static void test_found_by_id(void **state)
{
    (void)state;
    static float out[N + 2][DIM];
    static bool found[N + 2];
    int64_t all[N + 2];
    struct grf_vectors *v = arranged(2500);
    assert_int_equal(grf_vec_add(v, ids + 2500, rows[2500], 200, NULL), GRF_OK);
    assert_int_equal(grf_vec_remove(v, ids, 100, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 4, "m", NULL), GRF_OK);
    grf_vec_close(v);
    v = opened(&few);
    for (int i = 0; i < N + 2; i++)
        all[i] = 8 + 2 * i; /* one before the first, one behind the last */
    assert_int_equal(grf_vec_find(v, all, N + 2, out[0], found, NULL), GRF_OK);
    size_t n = 0;
    for (int i = 0; i < N + 2; i++)
        n += found[i];
    assert_int_equal(n, 2600);
    for (int i = 0; i < N; i++) {
        int at = (int)(ids[i] - 8) / 2;
        assert_int_equal(found[at], i >= 100 && i < 2700);
        for (int d = 0; d < DIM && found[at]; d++)
            assert_true(fabsf(out[at][d] - rows[i][d]) < 0.01f);
    }
    grf_vec_close(v);
}

/* Of N vectors, some beside each other and some far: the one that all ids tell apart. */
static void found_where_they_are(const int64_t *wanted)
{
    static float out[N][DIM];
    static bool found[N];
    struct grf_vectors *v = NULL;
    grf_path_remove(path);
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    grf_vec_limit(v, &few);
    assert_int_equal(grf_vec_add(v, wanted, rows[0], N, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 1, "m", NULL), GRF_OK);
    grf_vec_close(v);
    v = opened(&few);
    assert_int_equal(grf_vec_find(v, wanted, N, out[0], found, NULL), GRF_OK);
    for (int i = 0; i < N; i++) {
        assert_true(found[i] && fabsf(out[i][0] - rows[i][0]) < 0.01f);
        bool none = false;
        int64_t next = wanted[i] + 1;
        float row[DIM];
        if (i + 1 < N && wanted[i + 1] > next)
            assert_int_equal(grf_vec_find(v, &next, 1, row, &none, NULL), GRF_OK);
        assert_false(none);
    }
    grf_vec_close(v);
}

/* Ids one after another, with gaps, far from each other, and all of these: up to the
   greatest that there is. */
static void test_ids_near_and_far(void **state)
{
    (void)state;
    static int64_t all[N];
    static const int64_t steps[] = {1, 2, 3, 1 << 20, VEC_ID_MOST / (N - 1)};
    for (size_t s = 0; s < GRF_ARRAY_LEN(steps); s++) {
        for (int i = 0; i < N; i++)
            all[i] = i * steps[s];
        found_where_they_are(all);
    }
    for (int i = 0; i < N; i++)
        all[i] = i < 1200 ? i : i < 1800 ? (int64_t)i << 20 : VEC_ID_MOST - N + 1 + i;
    found_where_they_are(all);
}

/* ---- of an earlier greffier: ids of 64 bits */

static uint32_t layout_of(void)
{
    char file[96];
    struct grf_container c;
    uint32_t layout;
    file_of("index", file);
    assert_int_equal(grf_container_open(&c, file, "VECS", true, NULL), GRF_OK);
    memcpy(&layout, c.payload.p, sizeof(layout));
    grf_container_close(&c);
    return layout;
}

static struct grf_vectors *wide(size_t n)
{
    struct grf_vectors *v = NULL;
    grf_path_remove(path);
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    vec_shape(&v->h, DIM, true);
    v->earlier = true;
    grf_vec_limit(v, &few);
    assert_int_equal(grf_vec_add(v, ids, rows[0], n, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 3, "m", NULL), GRF_OK);
    return v;
}

/* Read, changed and saved as it is; made narrow when it is arranged. */
static void test_wide_ids(void **state)
{
    (void)state;
    struct grf_vectors *exact = with(N, &whole);
    size_t same = 0;
    grf_vec_close(wide(300));
    assert_int_equal(layout_of(), 1);
    struct grf_vectors *v = opened(&few);
    assert_int_equal(grf_vec_add(v, ids + 300, rows[300], 100, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 4, "m", NULL), GRF_OK);
    assert_int_equal(layout_of(), 1);
    assert_ids(v, 400);
    grf_vec_close(v);
    grf_vec_close(wide(N));
    assert_int_equal(layout_of(), 4);
    for (int round = 0; round < 2; round++) {
        v = opened(&few);
        for (int i = 0; i < N; i += 30)
            same += common(v, exact, rows[i], 10);
        assert_int_equal(grf_vec_remove(v, ids, 50, NULL), GRF_OK);
        assert_int_equal(grf_vec_save(v, path, 5, "m", NULL), GRF_OK);
        assert_int_equal(layout_of(), round ? 8 : 4);
        grf_vec_close(v);
        v = opened(&few);
        assert_ids(v, N - 50);
        assert_int_equal(grf_vec_add(v, ids, rows[0], 50, NULL), GRF_OK);
        assert_int_equal(grf_vec_save_arranged(v, path, 6, "m", NULL), GRF_OK);
        assert_int_equal(layout_of(), 8);
        assert_ids(v, N);
        grf_vec_close(v);
    }
    assert_true(same >= 2 * N / 30 * 9);
    grf_vec_close(exact);
}

/* An id that an earlier greffier could write and this one cannot keep. */
static void test_wide_id_too_great(void **state)
{
    (void)state;
    unsigned char *p;
    static const int64_t bad[] = {(int64_t)UINT32_MAX, INT64_MAX, -2};
    for (size_t i = 0; i < GRF_ARRAY_LEN(bad); i++) {
        struct grf_vectors *v = wide(N);
        v->earlier = false;
        assert_int_equal(grf_vec_remove(v, ids, 1, NULL), GRF_OK); /* its block is in memory */
        size_t at = 0;
        while (!v->blocks[at].mem)
            at++;
        assert_int_equal(vec_block(v, at, &p, NULL), GRF_OK);
        vec_put_id(&v->h, vec_ids(&v->h, p), 1, bad[i]);
        assert_int_equal(grf_vec_save_arranged(v, path, 4, "m", NULL), GRF_CORRUPT);
        grf_vec_close(v);
    }
}

/* All the same, or nearly all: no list is empty, none is lost. */
static void test_the_same_many_times(void **state)
{
    (void)state;
    static float same[1000][DIM];
    struct grf_vectors *v = NULL;
    struct grf_vec_hit hits[5];
    size_t n;
    for (int i = 0; i < 1000; i++)
        memcpy(same[i], rows[i < 995 ? 0 : i], sizeof(same[i]));
    grf_path_remove(path);
    assert_int_equal(grf_vec_new(DIM, &v, NULL), GRF_OK);
    grf_vec_limit(v, &few);
    assert_int_equal(grf_vec_add(v, ids, same[0], 1000, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 1, "m", NULL), GRF_OK);
    grf_vec_close(v);
    v = opened(&few);
    assert_ids(v, 1000);
    assert_int_equal(grf_vec_search(v, rows[0], 5, hits, &n, NULL), GRF_OK);
    for (size_t i = 0; i < 5; i++)
        assert_true(hits[i].score == hits[0].score && (!i || hits[i].id > hits[i - 1].id));
    grf_vec_close(v);
}

static void test_reader_beside_the_writer(void **state)
{
    (void)state;
    struct grf_vec_hit hits[2];
    size_t n;
    struct grf_vectors *v = arranged(1500), *reader = opened(&few);
    assert_int_equal(grf_vec_add(v, ids + 1500, rows[1500], N - 1500, NULL), GRF_OK);
    assert_int_equal(grf_vec_save_arranged(v, path, 4, "m", NULL), GRF_OK);
    assert_true(there("blocks.2") && !there("blocks.1"));
    assert_int_equal(grf_vec_search(reader, rows[3], 2, hits, &n, NULL), GRF_OK);
    assert_int_equal(hits[0].id, ids[3]);
    grf_vec_close(reader);
    reader = opened(&whole);
    int64_t all[N];
    memcpy(all, ids, sizeof(all));
    assert_int_equal(grf_vec_remove(v, all, N - 1, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, path, 5, "m", NULL), GRF_OK);
    assert_int_equal(grf_vec_search(reader, rows[3], 2, hits, &n, NULL), GRF_STALE);
    grf_vec_close(reader);
    grf_vec_close(v);
}

/* Killed before the index file is there: the state before. After it: the one after. */
static void test_killed_while_arranging(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        char index[96], data[96];
        struct grf_str old, blocks;
        struct grf_vectors *v = arranged(1500);
        file_of("index", index);
        file_of("blocks.1", data);
        grf_str_init(&old, 1 << 24);
        grf_str_init(&blocks, 1 << 24);
        assert_int_equal(grf_file_read(index, 1 << 24, &old, NULL), GRF_OK);
        assert_int_equal(grf_file_read(data, 1 << 24, &blocks, NULL), GRF_OK);
        assert_int_equal(grf_vec_add(v, ids + 1500, rows[1500], N - 1500, NULL), GRF_OK);
        assert_int_equal(grf_vec_save_arranged(v, path, 4, "m", NULL), GRF_OK);
        grf_vec_close(v);
        struct grf_sv piece = grf_str_sv(&blocks); /* had not gone yet */
        assert_int_equal(grf_file_replace(data, &piece, 1, NULL), GRF_OK);
        piece = grf_str_sv(&old);
        if (!after)
            assert_int_equal(grf_file_replace(index, &piece, 1, NULL), GRF_OK);
        grf_str_release(&old);
        grf_str_release(&blocks);
        v = opened(&few);
        assert_ids(v, after ? N : 1500);
        assert_int_equal(grf_vec_recover(v, NULL), GRF_OK);
        assert_int_equal(there("blocks.1"), !after);
        assert_int_equal(there("blocks.2"), after);
        grf_vec_close(v);
        assert_int_equal(read_all(), GRF_OK);
    }
}

static void damage_file(const char *name, int rounds)
{
    char file[96];
    struct grf_str all;
    file_of(name, file);
    grf_str_init(&all, 1 << 24);
    assert_int_equal(grf_file_read(file, 1 << 24, &all, NULL), GRF_OK);
    for (int round = 0; round < rounds; round++) {
        size_t at = (size_t)random() % all.n, len = round % 4 ? all.n : at;
        char was = all.p[at];
        all.p[at] = (char)(was ^ (1 + random() % 255));
        struct grf_sv piece = {all.p, len};
        assert_int_equal(grf_file_replace(file, &piece, 1, NULL), GRF_OK);
        assert_int_equal(read_all(), GRF_CORRUPT);
        all.p[at] = was;
    }
    struct grf_sv piece = grf_str_sv(&all);
    assert_int_equal(grf_file_replace(file, &piece, 1, NULL), GRF_OK);
    assert_int_equal(read_all(), GRF_OK);
    grf_str_release(&all);
}

static void test_damage(void **state)
{
    (void)state;
    grf_vec_close(arranged(2000));
    damage_file("index", 100);
    damage_file("blocks.1", 100);
}

/* Undamaged containers that say of lists what is not there. */
static void test_foreign_lists(void **state)
{
    (void)state;
    char file[96];
    struct grf_container c;
    struct grf_vectors *v;
    grf_vec_close(arranged(1000));
    file_of("index", file);
    assert_int_equal(grf_container_open(&c, file, "VECS", true, NULL), GRF_OK);
    size_t n = c.payload.n, blocks;
    uint32_t *good = malloc(n);
    memcpy(good, c.payload.p, n);
    grf_container_close(&c);
    blocks = good[7];
    static const size_t head[] = {0, 7, 10, 12, 13};
    for (size_t i = 0; i < 5 + 8; i++) { /* of the head; and the first two lists whole */
        size_t at = i < 5 ? head[i] : 16 + blocks * 10 + i - 5;
        uint32_t old = good[at];
        good[at] = i < 5 ? old + 1 : UINT32_MAX;
        struct grf_sv piece = {(const char *)good, n};
        assert_int_equal(grf_container_write(file, "VECS", 0, "m", &piece, 1, NULL), GRF_OK);
        assert_int_equal(grf_vec_open(path, "m", &v, NULL), GRF_VERSION);
        good[at] = old;
    }
    free(good);
}

/* To another directory as they are, lists and empty places too. */
static void test_saved_elsewhere(void **state)
{
    (void)state;
    char other[64];
    struct grf_vec_hit a[20], b[20];
    size_t na, nb;
    struct grf_vectors *v = arranged(2000), *w = NULL;
    snprintf(other, sizeof(other), "%s/w", dir);
    assert_int_equal(grf_vec_remove(v, ids, 20, NULL), GRF_OK);
    assert_int_equal(grf_vec_search(v, rows[9], 20, a, &na, NULL), GRF_OK);
    assert_int_equal(grf_vec_save(v, other, 4, "m", NULL), GRF_OK);
    grf_vec_close(v);
    assert_int_equal(grf_vec_open(other, "m", &w, NULL), GRF_OK);
    grf_vec_limit(w, &few);
    assert_int_equal(grf_vec_search(w, rows[9], 20, b, &nb, NULL), GRF_OK);
    assert_int_equal(na, nb);
    for (size_t i = 0; i < na; i++)
        assert_int_equal(a[i].id, b[i].id);
    assert_ids(w, 1980);
    grf_vec_close(w);
    grf_path_remove(other);
}

static grf_status whole_life(void)
{
    struct grf_vectors *v = NULL;
    struct grf_vec_hit hits[5];
    size_t n = 0;
    struct grf_err err = GRF_ERR_INIT;
    grf_path_remove(path);
    grf_status st = grf_vec_new(DIM, &v, &err);
    if (!st)
        grf_vec_limit(v, &few);
    st = st ? st : grf_vec_add(v, ids, rows[0], 700, &err);
    st = st ? st : grf_vec_save_arranged(v, path, 1, "m", &err);
    st = st ? st : grf_vec_add(v, ids + 700, rows[700], 200, &err);
    st = st ? st : grf_vec_save_arranged(v, path, 1, "m", &err);
    st = st ? st : grf_vec_remove(v, ids, 10, &err);
    st = st ? st : grf_vec_save(v, path, 2, "m", &err);
    grf_vec_close(v);
    v = NULL;
    st = st ? st : grf_vec_open(path, "m", &v, &err);
    st = st ? st : grf_vec_search(v, rows[0], 5, hits, &n, &err);
    grf_vec_close(v);
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
        if (grf_mem_fail_at(0, 0) < nth)
            break;
        assert_true(st == GRF_OK || st == GRF_NOMEM); /* some can do without */
        failures += st == GRF_NOMEM;
    }
    assert_true(failures >= 30);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_the_nearest),
        cmocka_unit_test(test_small_stays_whole),
        cmocka_unit_test(test_added_later),
        cmocka_unit_test(test_removed_is_gone),
        cmocka_unit_test(test_all_removed),
        cmocka_unit_test(test_many_removed_are_closed_up),
        cmocka_unit_test(test_among),
        cmocka_unit_test(test_found_by_id),
        cmocka_unit_test(test_ids_near_and_far),
        cmocka_unit_test(test_wide_ids),
        cmocka_unit_test(test_wide_id_too_great),
        cmocka_unit_test(test_the_same_many_times),
        cmocka_unit_test(test_reader_beside_the_writer),
        cmocka_unit_test(test_killed_while_arranging),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_foreign_lists),
        cmocka_unit_test(test_saved_elsewhere),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

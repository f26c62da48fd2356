/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vectors of bytes: what is packed is found again, exactly and in order; files that are
 * damaged, cut, of another kind or model are refused; memory running out is reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_bytevec.h"
#include "grf_container.h"
#include "grf_file.h"
#include "grf_mem.h"

enum { DIM = 84, N = 300 }; /* more than a block of columns, and of rows */

struct world {
    char dir[64], path[96];
    float vecs[N][DIM];
    int64_t ids[N];
    float scales[N];
    signed char rows[N * DIM];
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    snprintf(w->dir, sizeof(w->dir), "/tmp/grf-bv-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof(w->path), "%s/v", w->dir);
    uint32_t seed = 7;
    for (int i = 0; i < N; i++) {
        float sum = 0;
        for (int k = 0; k < DIM; k++) {
            seed = seed * 1664525U + 1013904223U;
            w->vecs[i][k] = (float)(seed >> 8) / 8388608.0F - 1;
            sum += w->vecs[i][k] * w->vecs[i][k];
        }
        for (int k = 0; k < DIM; k++)
            w->vecs[i][k] /= sqrtf(sum);
        w->ids[i] = 10 + 3 * i;
        grf_bytedot_pack(w->vecs[i], DIM, &w->scales[i], w->rows + i * DIM);
    }
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    unlink(w->path);
    rmdir(w->dir);
    free(w);
    return 0;
}

static grf_status save(struct world *w, size_t n)
{
    struct grf_bytevec_part part = {w->ids, w->scales, w->rows, n};
    return grf_bytevec_write(w->path, 5, "model/a", DIM, &part, NULL);
}

static double cosine(const struct world *w, const float *q, int i)
{
    double sum = 0;
    for (int k = 0; k < DIM; k++)
        sum += (double)q[k] * (double)w->vecs[i][k];
    return sum;
}

static void test_finds(void **state)
{
    struct world *w = *state;
    struct grf_bytevec *v;
    struct grf_vec_hit hits[N + 5];
    size_t n;
    assert_int_equal(save(w, N), GRF_OK);
    assert_int_equal(grf_bytevec_open(w->path, "model/a", &v, NULL), GRF_OK);
    assert_int_equal(grf_bytevec_count(v), N);
    assert_int_equal(grf_bytevec_dim(v), DIM);
    assert_int_equal(grf_bytevec_generation(v), 5);
    assert_int_equal(grf_bytevec_ids(v)[N - 1], w->ids[N - 1]);
    for (int q = 0; q < N; q += 37) {
        assert_int_equal(grf_bytevec_search(v, w->vecs[q], 10, hits, &n, NULL), GRF_OK);
        assert_int_equal(n, 10);
        assert_int_equal(hits[0].id, w->ids[q]);
        assert_true(fabs((double)hits[0].score - 1) < 0.02);
        for (size_t i = 0; i < n; i++) {
            double want = cosine(w, w->vecs[q], (int)(hits[i].id - 10) / 3);
            assert_true(fabs((double)hits[i].score - want) < 0.02);
            assert_true(!i || hits[i].score <= hits[i - 1].score);
        }
    }
    assert_int_equal(grf_bytevec_search(v, w->vecs[0], N + 5, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, N);
    assert_int_equal(grf_bytevec_search(v, w->vecs[0], 0, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    grf_bytevec_close(v);
}

/* Equal vectors come by id; a question without a known word is no division by 0. */
static void test_equal_and_zero(void **state)
{
    struct world *w = *state;
    struct grf_bytevec *v;
    struct grf_vec_hit hits[3];
    float zero[DIM] = {0};
    size_t n;
    for (int i = 0; i < N; i++)
        grf_bytedot_pack(w->vecs[0], DIM, &w->scales[i], w->rows + i * DIM);
    assert_int_equal(save(w, N), GRF_OK);
    assert_int_equal(grf_bytevec_open(w->path, NULL, &v, NULL), GRF_OK);
    assert_int_equal(grf_bytevec_search(v, w->vecs[0], 3, hits, &n, NULL), GRF_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(hits[i].id, w->ids[i]);
    assert_int_equal(grf_bytevec_search(v, zero, 3, hits, &n, NULL), GRF_OK);
    assert_int_equal(n, 3);
    assert_true(hits[0].score == 0);
    grf_bytevec_close(v);
}

static void test_empty(void **state)
{
    struct world *w = *state;
    struct grf_bytevec *v;
    struct grf_vec_hit hit;
    size_t n;
    assert_int_equal(save(w, 0), GRF_OK);
    assert_int_equal(grf_bytevec_open(w->path, NULL, &v, NULL), GRF_OK);
    assert_int_equal(grf_bytevec_search(v, w->vecs[0], 1, &hit, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    grf_bytevec_close(v);
}

static void test_refuses(void **state)
{
    struct world *w = *state;
    struct grf_bytevec *v;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_bytevec_open(w->path, NULL, &v, &err), GRF_NOTFOUND);
    assert_int_equal(save(w, N), GRF_OK);
    assert_int_equal(grf_bytevec_open(w->path, "model/b", &v, &err), GRF_VERSION);
    assert_null(v);
    w->ids[4] = w->ids[3];
    assert_int_equal(save(w, N), GRF_INVALID);
    struct grf_bytevec_part none = {NULL, NULL, NULL, 0};
    assert_int_equal(grf_bytevec_write(w->path, 1, "m", 0, &none, NULL), GRF_INVALID);
    assert_int_equal(
        grf_bytevec_write(w->path, 1, "m", GRF_BYTEVEC_DIM_MAX + 1, &none, NULL),
        GRF_INVALID);
}

/* Every byte changed, every length: refused, or a checksum's miracle. */
static void test_damage(void **state)
{
    struct world *w = *state;
    struct grf_bytevec *v;
    struct grf_str whole;
    assert_int_equal(save(w, 9), GRF_OK);
    grf_str_init(&whole, 1 << 20);
    assert_int_equal(grf_file_read(w->path, 1 << 20, &whole, NULL), GRF_OK);
    for (size_t i = 0; i < whole.n; i += 3) {
        whole.p[i] ^= 0x41;
        struct grf_sv piece = grf_str_sv(&whole);
        assert_int_equal(grf_file_replace(w->path, &piece, 1, NULL), GRF_OK);
        grf_status st = grf_bytevec_open(w->path, NULL, &v, NULL);
        assert_true(st == GRF_CORRUPT || st == GRF_VERSION);
        whole.p[i] ^= 0x41;
    }
    for (size_t n = 0; n < whole.n; n += 61) {
        struct grf_sv piece = grf_sv(whole.p, n);
        assert_int_equal(grf_file_replace(w->path, &piece, 1, NULL), GRF_OK);
        assert_int_equal(grf_bytevec_open(w->path, NULL, &v, NULL), GRF_CORRUPT);
    }
    grf_str_release(&whole);
}

/* Whole containers that say what is not there. */
static void test_lies(void **state)
{
    struct world *w = *state;
    struct grf_bytevec *v;
    static const uint64_t heads[][2] = {{0, 0}, {20, 1}, {20, UINT64_MAX}, {9000, 0},
                                        {UINT64_MAX, 1}, {1, UINT64_MAX / 8}};
    for (size_t i = 0; i < GRF_ARRAY_LEN(heads); i++) {
        uint64_t payload[8] = {heads[i][0], heads[i][1]};
        struct grf_sv piece = grf_sv((const char *)payload, sizeof(payload));
        assert_int_equal(grf_container_write(w->path, "BVEC", 1, "m", &piece, 1, NULL),
                         GRF_OK);
        assert_int_equal(grf_bytevec_open(w->path, NULL, &v, NULL), GRF_VERSION);
    }
    assert_int_equal(grf_container_write(w->path, "VECT", 1, "m", NULL, 0, NULL), GRF_OK);
    assert_int_equal(grf_bytevec_open(w->path, NULL, &v, NULL), GRF_VERSION);
}

static void test_no_memory(void **state)
{
    struct world *w = *state;
    struct grf_bytevec *v = NULL;
    struct grf_vec_hit hit;
    size_t n;
    uint64_t failed = 0;
    assert_int_equal(save(w, N), GRF_OK);
    for (uint64_t nth = 1;; nth++) {
        grf_mem_fail_at(nth, 1);
        grf_status st = grf_bytevec_open(w->path, NULL, &v, NULL);
        if (!st)
            st = grf_bytevec_search(v, w->vecs[0], 1, &hit, &n, NULL);
        grf_mem_fail_at(0, 0);
        grf_bytevec_close(v);
        v = NULL;
        if (!st)
            break;
        assert_int_equal(st, GRF_NOMEM);
        failed++;
    }
    assert_true(failed >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_finds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_equal_and_zero, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

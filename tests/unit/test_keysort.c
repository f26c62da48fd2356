/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys in order, of whatever number and size; equal ones as they stood. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "grf_bytedot.h"
#include "grf_keysort.h"
#include "grf_mem.h"

enum { MOST = 5000 };

static uint64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 11;
}

static void check(size_t n, uint64_t mask, unsigned shift)
{
    static struct grf_key v[MOST], room[MOST];
    uint64_t state = n ^ mask;
    for (size_t i = 0; i < n; i++)
        v[i] = (struct grf_key){(next(&state) & mask) << shift, (uint32_t)i};
    grf_keys_sort(v, n, room);
    for (size_t i = 1; i < n; i++) {
        assert_true(v[i - 1].first <= v[i].first);
        if (v[i - 1].first == v[i].first)
            assert_true(v[i - 1].at < v[i].at);
    }
}

static void test_order(void **s)
{
    (void)s;
    static const size_t sizes[] = {0, 1, 2, 47, 48, 49, 300, MOST};
    for (size_t i = 0; i < GRF_ARRAY_LEN(sizes); i++) {
        check(sizes[i], 0, 0);
        check(sizes[i], 7, 0);
        check(sizes[i], 7, 61);
        check(sizes[i], 0xFFFFF, 0);
        check(sizes[i], 0xFFFFF, 30);
        check(sizes[i], UINT64_MAX, 0);
        check(sizes[i], UINT64_MAX, 11);
    }
}

static void test_numbers(void **s)
{
    (void)s;
    static const double down[] = {INFINITY, 1e300, 2, 1, 1e-300, 0, -1e-300, -1, -2, -INFINITY};
    static const int64_t up[] = {INT64_MIN, -5, -1, 0, 1, 5, INT64_MAX};
    for (size_t i = 1; i < GRF_ARRAY_LEN(down); i++)
        assert_true(grf_key_descending(down[i - 1]) < grf_key_descending(down[i]));
    assert_true(grf_key_descending(0.0) == grf_key_descending(-0.0));
    for (size_t i = 1; i < GRF_ARRAY_LEN(up); i++)
        assert_true(grf_key_of_int(up[i - 1]) < grf_key_of_int(up[i]));
}

/* Hits the best first, equal ones by id, whether or not there is memory to sort with. */
static void test_hits(void **s)
{
    (void)s;
    static struct grf_vec_hit hits[MOST];
    uint64_t state = 1;
    for (int without = 0; without < 3; without++) {
        for (size_t i = 0; i < MOST; i++)
            hits[i] = (struct grf_vec_hit){(int64_t)(i * 7919 % MOST) - 2000,
                                           (float)((double)(next(&state) % 64) / 32 - 1)};
        grf_mem_fail_at((uint64_t)without, 1);
        grf_hits_sort(hits, MOST);
        grf_mem_fail_at(0, 0);
        for (size_t i = 1; i < MOST; i++)
            assert_true(hits[i - 1].score > hits[i].score ||
                        (hits[i - 1].score >= hits[i].score && hits[i - 1].id < hits[i].id));
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_hits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

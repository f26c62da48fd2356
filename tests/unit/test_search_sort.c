/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candidates in order: best first, or by id; with and without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../lib/search_priv.h"
#include "grf_mem.h"

enum { MOST = 700 };

/* Few different scores and ids, so that there are equal ones. */
static void fill(struct candidate *c, size_t n, uint64_t seed)
{
    memset(c, 0, n * sizeof(*c));
    for (size_t i = 0; i < n; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        c[i].id = (int64_t)(seed >> 40) % 400 - 20;
        c[i].score = (double)((int64_t)(seed >> 33) % 41 - 20) / 20;
        c[i].lexical_rank = (int)i;
    }
}

static void is_in_order(const struct candidate *c, size_t n, bool best_first)
{
    for (size_t i = 1; i < n; i++) {
        const struct candidate *a = &c[i - 1], *b = &c[i];
        if (best_first)
            assert_true(a->score > b->score || (a->score == b->score && a->id <= b->id));
        else
            assert_true(a->id < b->id || (a->id == b->id && a->lexical_rank < b->lexical_rank));
    }
}

/* The same candidates are there, whole. */
static void are_all(const struct candidate *c, const struct candidate *before, size_t n)
{
    bool seen[MOST] = {false};
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)c[i].lexical_rank;
        assert_true(at < n && !seen[at]);
        assert_true(c[i].id == before[at].id && c[i].score == before[at].score);
        seen[at] = true;
    }
}

static void test_all_lengths(void **state)
{
    static struct candidate c[MOST], before[MOST];
    (void)state;
    for (size_t n = 0; n <= MOST; n += n < 60 ? 1 : 53) {
        for (int best_first = 0; best_first < 2; best_first++) {
            fill(c, n, n + 1);
            memcpy(before, c, n * sizeof(*c));
            sort_candidates(c, n, best_first);
            is_in_order(c, n, best_first);
            are_all(c, before, n);
        }
    }
}

static void test_both_zeros(void **state)
{
    struct candidate c[] = {{.id = 2, .score = 0.0}, {.id = 1, .score = -0.0},
                            {.id = 3, .score = -1}, {.id = 9, .score = 1e300}};
    (void)state;
    sort_candidates(NULL, 0, true); /* nothing found */
    sort_candidates(c, GRF_ARRAY_LEN(c), true);
    assert_true(c[0].id == 9 && c[1].id == 1 && c[2].id == 2 && c[3].id == 3);
}

static void test_without_memory(void **state)
{
    static struct candidate c[MOST];
    (void)state;
    for (unsigned at = 1; at <= 2; at++) {
        fill(c, MOST, at);
        grf_mem_fail_at(at, 0);
        sort_candidates(c, MOST, true);
        grf_mem_fail_at(0, 0);
        is_in_order(c, MOST, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_lengths),
        cmocka_unit_test(test_both_zeros),
        cmocka_unit_test(test_without_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

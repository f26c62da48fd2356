/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retrieval metrics against figures computed by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../query/metrics.h"
#include "grf_str.h"

#define LEN(a) (sizeof(a) / sizeof(*(a)))

static void near(double a, double b)
{
    if (fabs(a - b) > 1e-9)
        fail_msg("%.12f is not %.12f", a, b);
}

static void test_ndcg(void **state)
{
    (void)state;
    const double log2_3 = 1.584962500721156;
    /* grades 0 2 1 retrieved of 2 1: (2/log2(3) + 1/2) / (2 + 1/log2(3)) */
    const double gains[] = {0, 2, 1}, ideal[] = {1, 2};
    near(metric_ndcg(gains, 3, ideal, 2, 10), (2 / log2_3 + 0.5) / (2 + 1 / log2_3));
    near(metric_ndcg(gains, 3, ideal, 2, 2), (2 / log2_3) / (2 + 1 / log2_3));
    near(metric_ndcg(gains, 3, ideal, 2, 1), 0);
    /* the best order, whatever the order of the judged ones; ties among them */
    const double best[] = {2, 2, 1}, judged[] = {1, 2, 2};
    near(metric_ndcg(best, 3, judged, 3, 10), 1);
    /* more judged than looked at: the ideal is cut there too */
    const double ones[] = {1, 1, 1, 1};
    near(metric_ndcg(ones, 2, ones, 4, 2), 1);
    near(metric_ndcg(ones, 1, ones, 4, 2), 1 / (1 + 1 / log2_3));
}

static void test_nothing(void **state)
{
    (void)state;
    const double none[] = {0, 0, 0}, one[] = {1};
    near(metric_ndcg(NULL, 0, one, 1, 10), 0);
    near(metric_ndcg(none, 3, NULL, 0, 10), 0);
    near(metric_ndcg(none, 3, one, 1, 10), 0);
    near(metric_reciprocal_rank(NULL, 0), 0);
    near(metric_reciprocal_rank(none, 3), 0);
    near(metric_success(NULL, 0, 5), 0);
    near(metric_success(none, 3, 5), 0);
    near(metric_success(one, 1, 0), 0);
}

static void test_ranks(void **state)
{
    (void)state;
    const double third[] = {0, 0, 1, 2};
    near(metric_reciprocal_rank(third, 4), 1.0 / 3);
    near(metric_reciprocal_rank(third + 2, 2), 1);
    near(metric_success(third, 4, 2), 0);
    near(metric_success(third, 4, 3), 1);
    near(metric_success(third, 4, 100), 1);
}

static void test_significance(void **state)
{
    (void)state;
    enum { N = 10, ROUNDS = 20000 };
    double a[N], b[N];
    for (int i = 0; i < N; i++) {
        a[i] = 1;
        b[i] = 0;
    }
    /* only all flips one way or all the other are as far apart: 2 of 2^10 */
    double p = metric_paired_p(a, b, N, ROUNDS);
    assert_true(fabs(p - 2.0 / 1024) < 0.001);
    assert_true(p == metric_paired_p(a, b, N, ROUNDS)); /* the same every time */
    assert_true(p == metric_paired_p(b, a, N, ROUNDS)); /* two-sided */
    near(metric_paired_p(a, a, N, ROUNDS), 1);
    near(metric_paired_p(NULL, NULL, 0, ROUNDS), 1);
    /* one pair in ten differs: every flip is as far */
    b[0] = 0;
    for (int i = 1; i < N; i++)
        b[i] = 1;
    near(metric_paired_p(a, b, N, ROUNDS), 1);
    /* three pairs: 1 1 1 against 0 0 0: 2 of 2^3 */
    b[1] = b[2] = 0;
    assert_true(fabs(metric_paired_p(a, b, 3, ROUNDS) - 0.25) < 0.02);
}

static bool overlap(const char *shown, const char *wanted)
{
    return metric_overlap(grf_sv_z(shown), grf_sv_z(wanted));
}

static void test_overlap(void **state)
{
    (void)state;
    assert_true(overlap("Décide de fixer à 20 le nombre d'adjoints", "fixer à 20 le nombre"));
    assert_true(overlap("FIXER À 20 LE NOMBRE", "de fixer a 20, le nombre"));
    /* half of the wanted one */
    assert_true(overlap("un deux trois quatre", "zéro un deux trois"));
    assert_false(overlap("un deux trois quatre cinq six sept huit",
                         "un deux trois zéro quatre cinq six zéro"));
    /* a heading is not what it announces */
    assert_false(overlap("Nombre d'adjoints", "fixer à 20 le nombre d'adjoints"));
    assert_true(overlap("la somme de 12 000 euros est versée", "12 000 euros"));
    /* fewer than three words: all of them */
    assert_true(overlap("est adoptée à l'unanimité", "Adoptée"));
    assert_false(overlap("à l'unanimité", "Adoptée"));
    assert_false(overlap("", "un deux trois"));
    assert_false(overlap("", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ndcg),         cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_ranks),        cmocka_unit_test(test_significance),
        cmocka_unit_test(test_overlap),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

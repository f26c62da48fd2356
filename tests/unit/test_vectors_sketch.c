/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sketches of vectors: near the product, the same on every processor. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../lib/vectors_priv.h"
#include "unit_vector.h"

enum { MOST = 1000 };

static float chance(void)
{
    return (float)random() / (float)RAND_MAX - 0.5f;
}

static void random_unit(float *x, int dim)
{
    for (int d = 0; d < dim; d++)
        x[d] = chance();
    unit(x, dim);
}

/* A full group of vectors near a centre, and a question. */
struct made {
    struct vec_head h;
    unsigned char *group;
    float centre[MOST], question[MOST], rows[VEC_GROUP][MOST];
    struct vec_tables tables;
};

static void make(struct made *m, int dim, bool wide)
{
    static float rest[MOST];
    vec_shape(&m->h, dim, wide);
    size_t bytes = vec_group_bytes(&m->h);
    m->group = aligned_alloc(64, (bytes + 63) / 64 * 64);
    memset(m->group, 0, bytes);
    random_unit(m->centre, dim);
    random_unit(m->question, dim);
    for (int r = 0; r < VEC_GROUP; r++) {
        random_unit(m->rows[r], dim);
        for (int d = 0; d < dim; d++)
            m->rows[r][d] += m->centre[d];
        unit(m->rows[r], dim);
        for (int d = 0; d < dim; d++)
            rest[d] = m->rows[r][d] - m->centre[d];
        vec_turn(rest, (size_t)dim);
        vec_sketch_put(&m->h, m->group, (size_t)r, 100 + r, rest);
    }
    assert_int_equal(vec_tables_make(&m->tables, &m->h, m->question, NULL), GRF_OK);
}

static void made_release(struct made *m)
{
    vec_tables_release(&m->tables);
    free(m->group);
}

static float product(const float *a, const float *b, int dim)
{
    float sum = 0;
    for (int d = 0; d < dim; d++)
        sum += a[d] * b[d];
    return sum;
}

static void test_near_the_product(void **state)
{
    (void)state;
    static struct made m;
    double squares = 0;
    int n = 0;
    for (int round = 0; round < 30; round++) {
        float out[VEC_GROUP];
        make(&m, 256, false);
        vec_sketch_scores(&m.tables, m.group, product(m.question, m.centre, 256), out);
        for (int r = 0; r < VEC_GROUP; r++, n++) {
            double off = (double)(out[r] - product(m.question, m.rows[r], 256));
            squares += off * off;
        }
        made_release(&m);
    }
    print_message("# off by %.4f\n", sqrt(squares / n));
    assert_true(sqrt(squares / n) < 0.05);
}

static void test_turning_keeps_products(void **state)
{
    (void)state;
    static const int dims[] = {1, 5, 24, 100, 256, 768, 1000};
    for (size_t i = 0; i < GRF_ARRAY_LEN(dims); i++) {
        float a[MOST], b[MOST];
        random_unit(a, dims[i]);
        random_unit(b, dims[i]);
        float was = product(a, b, dims[i]);
        vec_turn(a, (size_t)dims[i]);
        vec_turn(b, (size_t)dims[i]);
        assert_true(fabsf(product(a, b, dims[i]) - was) < 1e-4f);
    }
}

/* Whichever way they are reckoned; and an empty place is not a number. */
static void test_the_same_everywhere(void **state)
{
    (void)state;
    static struct made m;
    static const int dims[] = {1, 3, 8, 24, 100, 256, 768, 1000};
    for (size_t i = 0; i < 2 * GRF_ARRAY_LEN(dims); i++) {
        float fast[VEC_GROUP], plain[VEC_GROUP];
        make(&m, dims[i / 2], i % 2);
        vec_sketch_clear(&m.h, m.group, 7);
        assert_int_equal(vec_group_id(&m.h, m.group, 7), VEC_GONE);
        assert_int_equal(vec_group_id(&m.h, m.group, 8), 108);
        vec_sketch_scores(&m.tables, m.group, 0.25f, fast);
        vec_sketch_scores_plain(&m.tables, m.group, 0.25f, plain);
        for (int r = 0; r < VEC_GROUP; r++)
            assert_true(r == 7 ? isnan(fast[r]) && isnan(plain[r]) : fast[r] == plain[r]);
        made_release(&m);
    }
}

/* Of nothing there is nothing to tell: no vector beyond the centre, no question. */
static void test_zeros(void **state)
{
    (void)state;
    static struct made m;
    float out[VEC_GROUP], zero[64] = {0};
    make(&m, 64, false);
    vec_sketch_put(&m.h, m.group, 3, 9, zero);
    vec_sketch_scores(&m.tables, m.group, 0.5f, out);
    assert_true(out[3] == 0.5f);
    vec_tables_release(&m.tables);
    assert_int_equal(vec_tables_make(&m.tables, &m.h, zero, NULL), GRF_OK);
    vec_sketch_scores(&m.tables, m.group, 0.5f, out);
    for (int r = 0; r < VEC_GROUP; r++)
        assert_true(out[r] == 0.5f);
    made_release(&m);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near_the_product),
        cmocka_unit_test(test_turning_keeps_products),
        cmocka_unit_test(test_the_same_everywhere),
        cmocka_unit_test(test_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading JSON: values, what is refused, and memory running out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grf_jsonread.h"
#include "grf_mem.h"

static struct grf_jdoc *parse(const char *text)
{
    struct grf_jdoc *d = NULL;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_jdoc_parse(grf_sv_z(text), &d, &err), GRF_OK);
    assert_int_equal(err.code, GRF_OK);
    assert_non_null(d);
    return d;
}

static void refuse_bytes(struct grf_sv text)
{
    struct grf_jdoc *d = (struct grf_jdoc *)&d;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_jdoc_parse(text, &d, &err), GRF_PARSE);
    assert_null(d);
    assert_int_equal(err.code, GRF_PARSE);
    assert_non_null(strstr(err.msg, "line 1, column"));
}

static void refuse(const char *text)
{
    refuse_bytes(grf_sv_z(text));
}

static void test_values(void **state)
{
    (void)state;
    struct grf_jdoc *d = parse("{\"t\":\"\\u00e9t\\u00e9\",\"i\":-7,\"r\":2.5,\"y\":true,"
                               "\"n\":null,\"a\":[1,\"deux\",{\"k\":3}]}");
    const struct grf_jval *r = grf_jdoc_root(d);
    assert_string_equal(grf_jval_text(grf_jval_get(r, "t")), "été");
    assert_int_equal(grf_jval_sv(grf_jval_get(r, "t")).n, 5);
    assert_int_equal(grf_jval_int(grf_jval_get(r, "i"), 0), -7);
    assert_true(grf_jval_real(grf_jval_get(r, "r"), 0) == 2.5);
    assert_true(grf_jval_real(grf_jval_get(r, "i"), 0) == -7.0);
    assert_true(grf_jval_bool(grf_jval_get(r, "y"), false));
    assert_true(grf_jval_is_null(grf_jval_get(r, "n")));
    assert_false(grf_jval_is_null(grf_jval_get(r, "i")));
    const struct grf_jval *a = grf_jval_get(r, "a");
    assert_int_equal(grf_jval_count(a), 3);
    assert_string_equal(grf_jval_text(grf_jval_at(a, 1)), "deux");
    assert_int_equal(grf_jval_int(grf_jval_get(grf_jval_at(a, 2), "k"), 0), 3);
    grf_jdoc_free(d);
}

static void test_absent_and_other_types(void **state)
{
    (void)state;
    struct grf_jdoc *d = parse("{\"t\":\"x\",\"i\":1}");
    const struct grf_jval *r = grf_jdoc_root(d), *none = grf_jval_get(r, "none");
    assert_null(none);
    assert_null(grf_jval_get(none, "deeper"));
    assert_null(grf_jval_at(none, 0));
    assert_null(grf_jval_at(r, 0));
    assert_int_equal(grf_jval_count(none), 0);
    assert_int_equal(grf_jval_count(r), 0);
    assert_null(grf_jval_text(none));
    assert_null(grf_jval_text(grf_jval_get(r, "i")));
    assert_null(grf_jval_sv(grf_jval_get(r, "i")).p);
    assert_int_equal(grf_jval_int(grf_jval_get(r, "t"), 42), 42);
    assert_true(grf_jval_real(grf_jval_get(r, "t"), 1.5) == 1.5);
    assert_true(grf_jval_bool(grf_jval_get(r, "i"), true));
    assert_true(grf_jval_is_null(none));
    assert_null(grf_jdoc_root(NULL));
    grf_jdoc_free(d);
    grf_jdoc_free(NULL);
}

static void test_any_root(void **state)
{
    (void)state;
    struct grf_jdoc *d = parse("\"seul\"");
    assert_string_equal(grf_jval_text(grf_jdoc_root(d)), "seul");
    grf_jdoc_free(d);
    d = parse("[]");
    assert_int_equal(grf_jval_count(grf_jdoc_root(d)), 0);
    grf_jdoc_free(d);
}

static void test_refused(void **state)
{
    (void)state;
    refuse("");
    refuse("{");
    refuse("{} {}");
    refuse("{\"a\":1,\"a\":2}");
    refuse("{\"a\":01}");
    refuse("[1,]");
    refuse("\"\\u0000\"");
    refuse("\"\\ud800\"");
    refuse("\"\xff\"");
    refuse("\"\xc0\xaf\"");
    refuse("99999999999999999999999");
    refuse_bytes(grf_sv("{}\0{}", 5));
    refuse_bytes(grf_sv(NULL, 0));
}

static void test_depth(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    char *text = grf_alloc(DEEP);
    assert_non_null(text);
    memset(text, '[', DEEP);
    refuse_bytes(grf_sv(text, DEEP));
    grf_free(text);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct grf_jdoc *d;
    struct grf_err err = GRF_ERR_INIT;
    grf_mem_fail_at(1, 1);
    grf_status s = grf_jdoc_parse(grf_sv_z("[1]"), &d, &err);
    grf_mem_fail_at(0, 0);
    assert_int_equal(s, GRF_NOMEM);
    assert_null(d);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),   cmocka_unit_test(test_absent_and_other_types),
        cmocka_unit_test(test_any_root), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth),    cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("jsonread", tests, NULL, NULL);
}

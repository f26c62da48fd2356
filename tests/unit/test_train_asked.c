/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions whose passage is looked up: places, first words, what was not met. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../indexer/train_asked.h"
#include "grf_mem.h"


static grf_status add(struct grf_asked *a, const char *json, struct grf_err *err)
{
    struct grf_jdoc *doc = NULL;
    assert_int_equal(grf_jdoc_parse(grf_sv_z(json), &doc, err), GRF_OK);
    grf_status s = grf_asked_add(a, doc, err);
    if (s != GRF_OK)
        grf_jdoc_free(doc);
    return s;
}

static void places(void **state)
{
    (void)state;
    struct grf_asked a = {0};
    struct grf_err err = GRF_ERR_INIT;
    size_t n;
    assert_int_equal(add(&a,
                         "{\"source\": \"code-de-lurbanisme/L1-2\", "
                         "\"starts\": \"Le plan\", \"questions\": [\"a\"]}",
                         &err),
                     GRF_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(add(&a,
                             "{\"source\": \"Courvanne/pv.pdf\", \"page\": 3, "
                             "\"starts\": \"La cantine\", \"questions\": [\"b\"]}",
                             &err),
                         GRF_OK);
    uint64_t key = grf_asked_key(grf_sv_z("Code de l'urbanisme"), grf_sv_z("L1-2"), 0);
    assert_non_null(grf_asked_find(&a, key, &n));
    assert_int_equal(n, 1);
    key = grf_asked_key(grf_sv_z("Courvanne"), grf_sv_z("pv.pdf"), 3);
    struct grf_asked_line *line = grf_asked_find(&a, key, &n);
    assert_int_equal(n, 3);
    line[0].found = true;
    assert_int_equal(grf_asked_lost(&a), 3);
    key = grf_asked_key(grf_sv_z("Courvanne"), grf_sv_z("pv.pdf"), 2);
    assert_null(grf_asked_find(&a, key, &n));
    assert_int_equal(n, 0);
    grf_asked_release(&a);
    assert_null(grf_asked_find(&a, key, &n));
}

static void passages(void **state)
{
    (void)state;
    struct grf_asked a = {0};
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(add(&a,
                         "{\"source\": \"x/y\", \"starts\": \"La cantine scolaire\", "
                         "\"questions\": [\"b\"]}",
                         &err),
                     GRF_OK);
    struct grf_sv p = grf_asked_passage(
        a.v, grf_sv_z("Page 2. La cantine,\n  SCOLAIRE ouvre lundi et mardi."), 5);
    assert_int_equal(p.n, strlen("La cantine,\n  SCOLAIRE ouvre lundi"));
    assert_memory_equal(p.p + p.n - 5, "lundi", 5);
    p = grf_asked_passage(a.v, grf_sv_z("La cantine scolaire"), 100);
    assert_int_equal(p.n, strlen("La cantine scolaire"));
    assert_int_equal(grf_asked_passage(a.v, grf_sv_z("La cantine"), 100).n, 0);
    assert_int_equal(grf_asked_passage(a.v, grf_sv_z(""), 100).n, 0);
    grf_asked_release(&a);
}

static void incomplete_lines(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"source\": \"x\", \"starts\": \"a\", \"questions\": [\"b\"]}",
        "{\"source\": \"x/y\", \"questions\": [\"b\"]}",
        "{\"source\": \"x/y\", \"starts\": \"a\", \"questions\": []}",
        "{}",
    };
    struct grf_asked a = {0};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct grf_err err = GRF_ERR_INIT;
        assert_int_equal(add(&a, bad[i], &err), GRF_INVALID);
    }
    assert_int_equal(a.n, 0);
    grf_asked_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),
        cmocka_unit_test(passages),
        cmocka_unit_test(incomplete_lines),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing HTML for the pages: nothing hostile comes through, addresses keep what is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../query/page.h"
#include "grf_mem.h"

static struct grf_str out;

static int begin(void **state)
{
    (void)state;
    grf_str_init(&out, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    grf_str_release(&out);
    return 0;
}

/* What acts, questions and file names may try. */
static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "&lt;script&gt;",
    "a\x01\x1b[31mb\x7f",
    "javascript:alert(1)",
    "%3Cscript%3E",
};

/* None of the signs that end a text or an attribute, and no control character. */
static void assert_tame(const char *z, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)z[i];
        assert_true(c != '<' && c != '>' && c != '"' && c != '\'' && c != 0x7f);
        assert_true(c >= 0x20 || c == '\n' || c == '\t' || c == '\r');
    }
}

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(hostile); i++) {
        struct grf_sv v = grf_sv_z(hostile[i]);
        grf_str_clear(&out);
        page_put(&out, "%t%v", hostile[i], &v);
        assert_tame(out.p, out.n);
        assert_true(out.n > 0);
    }
    grf_str_clear(&out);
    page_put(&out, "<p title=\"%t\">%d %z %l 100%%%t</p>", "a & b", -3, (size_t)7,
             INT64_C(1) << 40, NULL);
    assert_string_equal(out.p, "<p title=\"a &amp; b\">-3 7 1099511627776 100%</p>");
}

static void test_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(hostile); i++) {
        grf_str_clear(&out);
        page_put(&out, "%u", hostile[i]);
        assert_tame(out.p, out.n);
        assert_null(strpbrk(out.p, "&? #:/"));
    }
}

static void test_marks(void **state)
{
    (void)state;
    struct grf_sv text = grf_sv_z("la <b>cantine</b> & l'école");
    struct grf_span marks[] = {{3, 6}, {6, 13}, {5, 9}, {13, 13}, {14, 900}, {18, 19}, {20, 21}};
    page_marked(&out, text, marks, GRF_ARRAY_LEN(marks));
    assert_string_equal(out.p, "la <mark>&lt;b&gt;</mark><mark>cantine</mark>&lt;/b&gt; "
                               "<mark>&amp;</mark> <mark>l</mark>&#39;école");
}

static void test_query(void **state)
{
    (void)state;
    static const struct web_pair pairs[] = {
        {"q", "prix & \"repas\""}, {"body", "A"},   {"body", "B"}, {"from", "2019"},
        {"to", "2019"},            {"kind", ""},    {"p", "3"},    {"tri", "date"},
        {"evil", "<script>"},
    };
    struct web_request q = {.params = pairs, .n_params = GRF_ARRAY_LEN(pairs)};
    page_query(&out, &q, "p", "2");
    assert_string_equal(out.p, "?q=prix%20%26%20%22repas%22&amp;body=A&amp;body=B&amp;from=2019"
                               "&amp;to=2019&amp;tri=date&amp;p=2");
    grf_str_clear(&out);
    page_query(&out, &q, "annee", NULL);
    assert_string_equal(out.p, "?q=prix%20%26%20%22repas%22&amp;body=A&amp;body=B&amp;tri=date");
    grf_str_clear(&out);
    page_query(&out, &q, "annee", "2020");
    assert_non_null(strstr(out.p, "from=2020&amp;to=2020"));
    assert_null(strstr(out.p, "2019"));
    assert_true(page_asked(&q, "annee", "2019"));
    assert_false(page_asked(&q, "annee", "2020"));
    assert_true(page_asked(&q, "body", "b"));
    q.n_params = 0;
    grf_str_clear(&out);
    page_query(&out, &q, "q", NULL);
    assert_string_equal(out.p, "?");
}

static void test_places(void **state)
{
    (void)state;
    struct page_place p = {"3fa4c1d2e5b6.7", 4, 120, 260}, back;
    page_place_write(&out, &p);
    assert_string_equal(out.p, "3fa4c1d2e5b6.7.4.120.260");
    assert_true(page_place_read(out.p, &back));
    assert_string_equal(back.act, p.act);
    assert_int_equal(back.page, 4);
    assert_int_equal(back.from, 120);
    assert_int_equal(back.to, 260);
    assert_true(page_place_read("3fa4c1d2e5b6.7", &back));
    assert_int_equal(back.page, 0);
    static const char *const bad[] = {
        "",
        ".",
        "3fa4c1d2e5b6",
        "3fa4c1d2e5b6.",
        "3fa4c1d2e5b6.7.",
        "3fa4c1d2e5b6.7.4.",
        "3fa4c1d2e5b6.7.4.9",
        "3fa4c1d2e5b6.7.4.260.120",
        "3fa4c1d2e5b6.7.4.1.2.3",
        "3fa4c1d2e5b6.7.4.1.99999999999999999999",
        "3FA4C1D2E5B6.7",
        "../../etc/passwd",
        "3fa4c1d2e5b6.-7",
        "3fa4c1d2e5b6.7.4.1.2<script>",
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(bad); i++)
        assert_false(page_place_read(bad[i], &back));
}

/* The frame itself, with a title and a user that try. */
static void test_frame(void **state)
{
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(hostile); i++) {
        struct web_response a = {.status = 200};
        struct web_request q = {.target = hostile[i], .logins = true, .user = hostile[i]};
        grf_str_init(&a.body, 1 << 20);
        page_error(&q, &a, hostile[i], hostile[i]);
        assert_null(strstr(a.body.p, "<script>alert"));
        assert_null(strstr(a.body.p, "<img"));
        assert_null(strstr(a.body.p, "' onmouseover"));
        grf_str_clear(&a.body);
        q.user = NULL;
        page_login(&q, &a, hostile[i], hostile[i]);
        assert_null(strstr(a.body.p, "<script>alert"));
        assert_null(strstr(a.body.p, "<img"));
        grf_str_release(&a.body);
    }
}

/* Without memory a page is not sent in part: its text says so. */
static void test_no_memory(void **state)
{
    (void)state;
    grf_status st = GRF_NOMEM;
    for (uint64_t n = 1; st && n < 60; n++) {
        struct web_response a = {.status = 200};
        struct web_request q = {.target = "/", .path = "/", .logins = true};
        grf_str_init(&a.body, 1 << 20);
        grf_mem_fail_at(n, 1);
        page_error(&q, &a, "Titre", "Raison");
        page_login(&q, &a, NULL, "/");
        grf_mem_fail_at(0, 0);
        st = grf_str_status(&a.body, NULL);
        assert_true(st == GRF_OK || st == GRF_NOMEM);
        grf_str_release(&a.body);
    }
    assert_int_equal(st, GRF_OK);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text, begin, end),
        cmocka_unit_test_setup_teardown(test_address, begin, end),
        cmocka_unit_test_setup_teardown(test_marks, begin, end),
        cmocka_unit_test_setup_teardown(test_query, begin, end),
        cmocka_unit_test_setup_teardown(test_places, begin, end),
        cmocka_unit_test(test_frame),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

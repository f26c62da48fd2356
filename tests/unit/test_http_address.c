/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of the HTTP client about addresses: what a link means, what is in scope, what is
   private. No server, no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "../../indexer/http.h"
#include "grf_mem.h"

static void resolving(void **state)
{
    (void)state;
    static const struct {
        const char *base, *href, *want; /* NULL: refused */
    } cases[] = {
        {"https://a.fr/x/y.html", "z.pdf", "https://a.fr/x/z.pdf"},
        {"https://a.fr/x/y.html", "/z.pdf#p2", "https://a.fr/z.pdf"},
        {"https://a.fr/x/y.html", "../z.pdf", "https://a.fr/z.pdf"},
        {"https://a.fr/x/y.html", "../../../z.pdf", "https://a.fr/z.pdf"},
        {"https://a.fr/x/y.html", "//b.fr/z", "https://b.fr/z"},
        {"https://a.fr/x/", "?page=2", "https://a.fr/x/?page=2"},
        {"https://a.fr/x/", "d\xC3\xA9lib 1.pdf", "https://a.fr/x/d%c3%a9lib%201.pdf"},
        {"https://a.fr", "z", "https://a.fr/z"},
        {"https://a.fr/", "javascript:alert(1)", NULL},
        {"https://a.fr/", "mailto:mairie@a.fr", NULL},
        {"https://a.fr/", "ftp://a.fr/", NULL},
        {"https://a.fr/", "file:///etc/passwd", NULL},
        {"https://a.fr/", "http://user:pass@b.fr/", NULL},
        {"https://a.fr/", "http://b.fr:99999/", NULL},
        {NULL, "z.pdf", NULL},
        {NULL, "", NULL},
        {NULL, "https://", NULL},
        {NULL, "https://A.fr", "https://A.fr/"},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        char *out = NULL;
        grf_status st = http_url_resolve(cases[i].base, cases[i].href, &out, NULL);
        if (cases[i].want ? st || strcmp(out, cases[i].want) != 0 : st != GRF_INVALID)
            fail_msg("%s + %s: %d, %s", cases[i].base, cases[i].href, st, out);
        grf_free(out);
    }
    char longest[2 * HTTP_URL_MOST] = "https://a.fr/";
    memset(longest + 13, 'x', sizeof(longest) - 14);
    char *out = NULL;
    assert_int_equal(http_url_resolve(NULL, longest, &out, NULL), GRF_INVALID);
}

static void splitting(void **state)
{
    (void)state;
    struct http_url u;
    assert_int_equal(http_url_split("HTTPS://WWW.A.fr/x?y=1#z", &u, NULL), GRF_OK);
    assert_string_equal(u.scheme, "https");
    assert_string_equal(u.host, "www.a.fr");
    assert_int_equal(u.port, 443);
    assert_string_equal(u.path, "/x?y=1");
    assert_int_equal(http_url_split("http://[::1]:8080", &u, NULL), GRF_OK);
    assert_string_equal(u.host, "[::1]");
    assert_int_equal(u.port, 8080);
    assert_string_equal(u.path, "/");
}

static void scope(void **state)
{
    (void)state;
    static const char *const hosts[] = {"docs.a.fr", "*.b.fr"};
    struct http_request r = HTTP_REQUEST_INIT;
    r.url = "https://a.fr/actes";
    assert_true(http_in_scope(&r, "https://a.fr/x"));
    assert_true(http_in_scope(&r, "https://www.a.fr/x"));
    assert_false(http_in_scope(&r, "http://a.fr/x")); // no way back from https
    assert_false(http_in_scope(&r, "https://a.fr:8443/x"));
    assert_false(http_in_scope(&r, "https://docs.a.fr/x"));
    assert_false(http_in_scope(&r, "https://a.fr.evil.fr/x"));
    r.hosts = hosts;
    r.n_hosts = 2;
    assert_false(http_in_scope(&r, "https://docs.a.fr/x"));
    r.redirects = HTTP_LISTED;
    assert_true(http_in_scope(&r, "https://docs.a.fr/x"));
    assert_true(http_in_scope(&r, "https://x.y.b.fr/x"));
    assert_false(http_in_scope(&r, "https://b.fr/x"));
    assert_false(http_in_scope(&r, "https://xb.fr/x"));
    assert_false(http_in_scope(&r, "https://docs.a.fr:22/x"));
    r.url = "http://www.a.fr/";
    assert_true(http_in_scope(&r, "https://a.fr/x"));
}

static void private_names(void **state)
{
    (void)state;
    static const char *const yes[] = {"10.1.2.3",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.168.1.1",
                                      "127.9.9.9",
                                      "169.254.1.1",
                                      "100.64.0.1",
                                      "0.0.0.0",
                                      "224.0.0.1",
                                      "255.255.255.255",
                                      "192.0.2.1",
                                      "198.18.0.1",
                                      "[::1]",
                                      "[::]",
                                      "[fe80::1]",
                                      "[fd00::1]",
                                      "[ff02::1]",
                                      "[::ffff:10.0.0.1]",
                                      "[64:ff9b::a00:1]",
                                      "[2002:7f00:1::]",
                                      "[2001:db8::1]",
                                      "[2001:0:1::1]",
                                      "0177.1",
                                      "localhost",
                                      "LOCALHOST.",
                                      "a.localhost",
                                      "[::10.0.0.1]"};
    static const char *const no[] = {"8.8.8.8",
                                     "172.32.0.1",
                                     "192.169.0.1",
                                     "100.128.0.1",
                                     "a.fr",
                                     "localhost.a.fr",
                                     "[2a01:e0a::1]",
                                     "[::ffff:8.8.8.8]",
                                     "[64:ff9b::808:808]"};
    char url[128];
    for (size_t i = 0; i < GRF_ARRAY_LEN(yes); i++) {
        snprintf(url, sizeof(url), "http://%s/", yes[i]);
        if (!http_names_private(url))
            fail_msg("%s passes for public", url);
    }
    for (size_t i = 0; i < GRF_ARRAY_LEN(no); i++) {
        snprintf(url, sizeof(url), "http://%s/", no[i]);
        if (http_names_private(url))
            fail_msg("%s passes for private", url);
    }
    assert_true(http_names_this_machine("http://127.0.0.2/"));
    assert_false(http_names_this_machine("http://10.0.0.1/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolving),
        cmocka_unit_test(splitting),
        cmocka_unit_test(scope),
        cmocka_unit_test(private_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

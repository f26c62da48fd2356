/* SPDX-License-Identifier: GPL-3.0-or-later */
/* robots.txt: groups, the longest match, stars and ends, odd and hostile files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../indexer/robots.h"
#include "grf_mem.h"
#include "grf_str.h"

static struct robots *read_robots(struct grf_sv text)
{
    struct robots *r = NULL;
    assert_int_equal(robots_parse(text, "greffier", &r, NULL), GRF_OK);
    assert_non_null(r);
    return r;
}

static void check(const char *text, const char *path, bool allowed)
{
    struct robots *r = read_robots(grf_sv_z(text));
    if (robots_allow(r, path) != allowed)
        fail_msg("%s: %s, under\n%s", path, allowed ? "refused" : "allowed", text);
    robots_free(r);
}

static void groups(void **state)
{
    (void)state;
    check("", "/a", true);
    check("User-agent: *\nDisallow: /\n", "/a", false);
    check("User-agent: *\nDisallow:\n", "/a", true);
    check("User-agent: other\nDisallow: /\n", "/a", true);
    check("User-agent: *\nDisallow: /\nUser-agent: greffier\nDisallow: /x", "/a", true);
    check("User-agent: *\nDisallow: /\nUser-agent: greffier\nDisallow: /x", "/x", false);
    check("user-AGENT : GREFFIER/2.0 (x)\nDISallow:/a", "/ab", false);
    check("User-agent: greffiers\nDisallow: /", "/a", true);
    // several names over one group, one name over several groups
    check("User-agent: a\nUser-agent: greffier\nUser-agent: b\nDisallow: /x", "/x",
          false);
    check("User-agent: greffier\nDisallow: /x\nUser-agent: b\nDisallow: /\n"
          "User-agent: greffier\nDisallow: /y",
          "/y", false);
    check("User-agent: greffier\nDisallow: /x\nUser-agent: b\nDisallow: /\n"
          "User-agent: greffier\nDisallow: /y",
          "/z", true);
    // other lines do not end the names of a group, rules before any name are nobody's
    check("User-agent: a\nSitemap: https://x/\nUser-agent: greffier\nDisallow: /", "/a",
          false);
    check("Disallow: /\nUser-agent: *\nDisallow: /b", "/a", true);
    // a group that names us without rules: everything allowed
    check("User-agent: *\nDisallow: /\n\nUser-agent: greffier\n", "/a", true);
}

static void longest_match(void **state)
{
    (void)state;
    static const char text[] = "User-agent: *\nDisallow: /actes\nAllow: /actes/publics\n"
                               "Disallow: /actes/publics/brouillons/\nAllow: /same\n"
                               "Disallow: /same\n";
    check(text, "/", true);
    check(text, "/actes", false);
    check(text, "/actesx", false);
    check(text, "/actes/publics/1.pdf", true);
    check(text, "/actes/publics/brouillons/1.pdf", false);
    check(text, "/actes/publics/brouillons", true);
    check(text, "/same", true);
    check("User-agent: *\nDisallow: /\nAllow: /$", "/", true);
    check("User-agent: *\nDisallow: /\nAllow: /$", "/a", false);
    check("User-agent: *\nDisallow: /", "/robots.txt", true);
}

static void stars_and_ends(void **state)
{
    (void)state;
    static const char pdf[] = "User-agent: *\nDisallow: /*.pdf$\n";
    check(pdf, "/a.pdf", false);
    check(pdf, "/a/b.pdf", false);
    check(pdf, "/a.pdf?x", true);
    check(pdf, "/a.pdfs", true);
    check(pdf, "/a.pdf.pdf", false);
    check("User-agent: *\nDisallow: *brouillon", "/x/brouillon/1", false);
    check("User-agent: *\nDisallow: /a*b*c", "/a1b2c3", false);
    check("User-agent: *\nDisallow: /a*b*c", "/a1c2b3", true);
    check("User-agent: *\nDisallow: /a***b", "/ab", false);
    check("User-agent: *\nDisallow: /*?", "/a?b", false);
    check("User-agent: *\nDisallow: /*?", "/a", true);
    check("User-agent: *\nDisallow: /a$b", "/a$b", false);
    check("User-agent: *\nDisallow: /a%24", "/a$", false);
    check("User-agent: *\nDisallow: /a%2Ab", "/axb", true);
    check("User-agent: *\nDisallow: /a%2Ab", "/a*b", false);
    check("User-agent: *\nDisallow: /*", "/", false);
}

static void escapes(void **state)
{
    (void)state;
    check("User-agent: *\nDisallow: /\xC3\xA9t\xC3\xA9", "/%C3%A9t%c3%a9/1", false);
    check("User-agent: *\nDisallow: /%c3%a9", "/\xC3\xA9", false);
    check("User-agent: *\nDisallow: /%61b", "/ab", false);
    check("User-agent: *\nDisallow: /a%2Fb", "/a/b", true);
    check("User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false);
    check("User-agent: *\nDisallow: /a%", "/a%25", false);
    check("User-agent: *\nDisallow: /a b", "/a%20b", false);
}

static void odd_files(void **state)
{
    (void)state;
    check("\xEF\xBB\xBFUser-agent: *\nDisallow: /", "/a", false);
    check("User-agent: *\rDisallow: /", "/a", false);
    check("User-agent: *\r\n\r\n  Disallow\t:\t/a  # why\r\n", "/a", false);
    check("User-agent: * # all\nDisallow: /a#b", "/a", false);
    check("<html><body>User-agent: *<br>Disallow: /</body></html>", "/a", true);
    check("User-agent: *\nDisallow /a\nDisallow: b\n:\n::\n", "/a", true);
    check("User-agent: *\nDisallow: /a", "/a", false); // no line end
}

static void delays_and_sitemaps(void **state)
{
    (void)state;
    struct robots *r = read_robots(
        grf_sv_z("User-agent: *\nCrawl-delay: 2.5\nSitemap: https://x.example/a.xml\n"
                 "sitemap:https://x.example/b.xml\n"));
    assert_int_equal(robots_delay_ms(r), 2500);
    assert_string_equal(robots_sitemap(r, 0), "https://x.example/a.xml");
    assert_string_equal(robots_sitemap(r, 1), "https://x.example/b.xml");
    assert_null(robots_sitemap(r, 2));
    robots_free(r);
    r = read_robots(grf_sv_z("User-agent: *\nCrawl-delay: 99999999999999999999999\n"));
    assert_int_equal(robots_delay_ms(r), 3600000);
    robots_free(r);
    r = read_robots(grf_sv_z("User-agent: *\nCrawl-delay: -1\nCrawl-delay: x\n"));
    assert_int_equal(robots_delay_ms(r), 0);
    robots_free(r);
    assert_true(robots_allow(NULL, "/a"));
    robots_free(NULL);
}

/* Only the first 500 kB are read; what is cut is not half a rule taken for a whole. */
static void too_long(void **state)
{
    (void)state;
    struct grf_str s;
    grf_str_init(&s, 2 * ROBOTS_MOST);
    grf_str_addz(&s, "User-agent: *\nDisallow: /first\n");
    while (s.n < ROBOTS_MOST)
        grf_str_addz(&s, "# nothing at all to be seen here\n");
    grf_str_addz(&s, "Disallow: /last\n");
    struct robots *r = read_robots(grf_str_sv(&s));
    assert_false(robots_allow(r, "/first"));
    assert_true(robots_allow(r, "/last"));
    robots_free(r);
    grf_str_release(&s);
}

/* Patterns made to be slow: the work is bounded by the lengths, not by their power. */
static void slow_patterns(void **state)
{
    (void)state;
    struct grf_str text, path;
    grf_str_init(&text, 1 << 20);
    grf_str_init(&path, 1 << 20);
    grf_str_addz(&text, "User-agent: *\n");
    for (int i = 0; i < 200; i++) {
        grf_str_addz(&text, "Disallow: /");
        for (int k = 0; k < 500; k++)
            grf_str_addz(&text, "a*");
        grf_str_addz(&text, "b$\n");
    }
    grf_str_addc(&path, '/');
    for (int i = 0; i < 4000; i++)
        grf_str_addc(&path, 'a');
    struct robots *r = read_robots(grf_str_sv(&text));
    assert_true(robots_allow(r, path.p));
    grf_str_addc(&path, 'b');
    assert_false(robots_allow(r, path.p));
    robots_free(r);
    grf_str_release(&text);
    grf_str_release(&path);
}

/* Pieces of robots.txt and any bytes, in any order: never more than an answer. */
static void anything(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "User-agent:", "Disallow:", "Allow:", "Crawl-delay:",
        "Sitemap:",    "*",         "$",      "/",
        "%",           "%4",        "%41",    "#",
        ":",           "\n",        "\r",     " ",
        "\t",          "greffier",  "a",      "\xC3",
        "\xEF\xBB\xBF"};
    unsigned seed = 7;
    for (int round = 0; round < 3000; round++) {
        struct grf_str s;
        char path[64];
        grf_str_init(&s, 4096);
        for (unsigned i = 0, n = seed % 60; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            unsigned k = seed >> 16;
            if (k % 8 == 0)
                grf_str_addc(&s, (char)(k >> 3));
            else
                grf_str_addz(&s, pieces[k % GRF_ARRAY_LEN(pieces)]);
        }
        struct robots *r = read_robots(grf_str_sv(&s));
        snprintf(path, sizeof(path), "/%s", pieces[(seed >> 5) % GRF_ARRAY_LEN(pieces)]);
        robots_allow(r, path);
        assert_true(robots_delay_ms(r) >= 0);
        robots_free(r);
        grf_str_release(&s);
        seed = seed * 1103515245u + 12345u;
    }
}

static void no_memory(void **state)
{
    (void)state;
    static const char text[] =
        "User-agent: *\nDisallow: /a\nAllow: /b\nSitemap: https://x/\n"
        "User-agent: greffier\nDisallow: /c\n";
    uint64_t met = 0;
    for (;; met++) {
        struct robots *r = NULL;
        grf_mem_fail_at(met + 1, 1);
        grf_status st = robots_parse(grf_sv_z(text), "greffier", &r, NULL);
        grf_mem_fail_at(0, 0);
        if (st == GRF_OK) {
            // without memory to compare, nothing is allowed
            grf_mem_fail_at(1, 1);
            assert_false(robots_allow(r, "/zzz"));
            grf_mem_fail_at(0, 0);
            robots_free(r);
            break;
        }
        assert_int_equal(st, GRF_NOMEM);
        assert_null(r);
    }
    assert_true(met > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups),         cmocka_unit_test(longest_match),
        cmocka_unit_test(stars_and_ends), cmocka_unit_test(escapes),
        cmocka_unit_test(odd_files),      cmocka_unit_test(delays_and_sitemaps),
        cmocka_unit_test(too_long),       cmocka_unit_test(slow_patterns),
        cmocka_unit_test(anything),       cmocka_unit_test(no_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

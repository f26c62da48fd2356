/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages drawn by the worker: sizes, colours, limits, and false workers that answer with
 * something else than a picture.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_mem.h"
#include "grf_pdf_protocol.h"
#include "grf_worker.h"
#include "worker_fixture.h"

/* One page; content paints on it. No cross-reference table: it is found again. */
static int make_pdf(int width, int height, const char *content)
{
    int fd = memfd_create("pdf", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(dprintf(fd,
                        "%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
                        "2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
                        "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R"
                        "/Resources<<>>>>\nendobj\n"
                        "4 0 obj\n<</Length %zu>>stream\n%s\nendstream\nendobj\n"
                        "trailer<</Root 1 0 R/Size 5>>\n%%%%EOF\n",
                        width, height, strlen(content), content) > 0);
    return fd;
}

static uint32_t number_at(const struct grf_str *png, size_t at)
{
    const unsigned char *p = (const unsigned char *)png->p + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct drawn {
    uint32_t width, height;
    int colour; /* 0 grey, 2 colours: PNG's own numbers */
    size_t bytes;
};

static grf_status draw(int fd, uint32_t page, uint32_t width, struct drawn *out)
{
    struct grf_worker *w = NULL;
    struct grf_str png;
    assert_int_equal(grf_worker_open(helper, NULL, &w, NULL), GRF_OK);
    grf_status st = grf_worker_draw(w, fd, page, width, &png, NULL);
    memset(out, 0, sizeof *out);
    assert_true(st ? !png.n : png.n > 26);
    if (!st)
        *out = (struct drawn){number_at(&png, 16), number_at(&png, 20),
                              (unsigned char)png.p[25], png.n};
    grf_str_release(&png);
    grf_worker_close(w);
    return st;
}

static void test_sizes(void **state)
{
    (void)state;
    if (access(helper, X_OK))
        skip();
    struct drawn d;
    int fd = make_pdf(595, 842, "0 0 0 rg 100 100 200 200 re f");
    assert_int_equal(draw(fd, 1, 595, &d), GRF_OK);
    assert_int_equal(d.width, 595);
    assert_int_equal(d.height, 842);
    assert_int_equal(d.colour, 0);
    assert_int_equal(draw(fd, 1, 1190, &d), GRF_OK);
    assert_int_equal(d.width, 1190);
    assert_int_equal(d.height, 1684);
    assert_int_equal(draw(fd, 2, 595, &d), GRF_PARSE);
    assert_int_equal(draw(fd, 0, 595, &d), GRF_INVALID);
    assert_int_equal(draw(fd, 1, GRF_PDF_WIDTH_LEAST - 1, &d), GRF_INVALID);
    assert_int_equal(draw(fd, 1, GRF_PDF_WIDTH_MOST + 1, &d), GRF_INVALID);
    close(fd);
}

static void test_colour(void **state)
{
    (void)state;
    if (access(helper, X_OK))
        skip();
    struct drawn d;
    int fd = make_pdf(200, 200, "1 0 0 rg 50 50 100 100 re f");
    assert_int_equal(draw(fd, 1, 200, &d), GRF_OK);
    assert_int_equal(d.colour, 2);
    close(fd);
}

/* Pages of absurd shapes stay within the limits. */
static void test_shapes(void **state)
{
    (void)state;
    if (access(helper, X_OK))
        skip();
    static const int shapes[][2] = {{1, 14400}, {14400, 1}, {14400, 14400}, {3, 3}};
    for (size_t i = 0; i < GRF_ARRAY_LEN(shapes); i++) {
        struct drawn d;
        int fd = make_pdf(shapes[i][0], shapes[i][1], "");
        assert_int_equal(draw(fd, 1, 1000, &d), GRF_OK);
        assert_true(d.width >= 1 && d.width <= 1000);
        assert_true(d.height >= 1 && d.height <= 8000);
        close(fd);
    }
}

static void test_reuse(void **state)
{
    (void)state;
    if (access(helper, X_OK))
        skip();
    struct grf_worker *w = NULL;
    struct grf_raw_page *pages = NULL;
    struct grf_str png;
    size_t n = 0;
    int good = make_pdf(300, 300, ""), bad = memfd_create("bad", MFD_CLOEXEC);
    assert_true(dprintf(bad, "no PDF at all") > 0);
    assert_int_equal(grf_worker_open(helper, NULL, &w, NULL), GRF_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(grf_worker_draw(w, bad, 1, 100, &png, NULL), GRF_PARSE);
        grf_str_release(&png);
        assert_int_equal(grf_worker_draw(w, good, 1, 100, &png, NULL), GRF_OK);
        grf_str_release(&png);
        assert_int_equal(grf_worker_read(w, good, &pages, &n, NULL), GRF_OK);
        grf_worker_free_pages(pages, n);
    }
    assert_int_equal(grf_worker_starts(w), 1);
    grf_worker_close(w);
    close(good);
    close(bad);
}

/* ---- false workers */

#define HELLO "printf '\\107\\122\\106\\062\\001\\000\\000\\000\\000\\000\\000\\000' >&3\n"
#define IMAGE_OF_64 "printf '\\107\\122\\106\\062\\005\\000\\000\\000\\100\\000\\000\\000' >&3\n"
#define ASKED "head -c 24 <&3 >/dev/null\n"
#define SIGNATURE "printf '\\211PNG\\r\\n\\032\\n\\000\\000\\000\\015IHDR' >&3\n"

static void refused(const char *script, grf_status expected)
{
    char path[] = "/tmp/grf-draw-XXXXXX";
    int fd = mkstemp(path), pdf = make_pdf(100, 100, "");
    assert_true(fd >= 0);
    dprintf(fd, "#!/bin/sh\n" HELLO ASKED "%s\nexec sleep 60\n", script);
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
    struct grf_worker *w = NULL;
    struct grf_worker_limits l = GRF_WORKER_LIMITS_INIT;
    struct grf_str png;
    l.timeout_ms = 1500;
    assert_int_equal(grf_worker_open(path, &l, &w, NULL), GRF_OK);
    assert_int_equal(grf_worker_draw(w, pdf, 1, 100, &png, NULL), expected);
    assert_int_equal(png.n, 0);
    grf_str_release(&png);
    grf_worker_close(w);
    close(pdf);
    unlink(path);
}

static void test_false_pictures(void **state)
{
    (void)state;
    refused(IMAGE_OF_64 "head -c 64 /dev/zero >&3", GRF_PARSE);
    /* a picture 101 pixels wide, where 100 were asked for */
    refused(IMAGE_OF_64 SIGNATURE "printf '\\000\\000\\000\\145\\000\\000\\000\\144' >&3\n"
                                  "head -c 40 /dev/zero >&3",
            GRF_PARSE);
    /* no height */
    refused(IMAGE_OF_64 SIGNATURE "printf '\\000\\000\\000\\144\\000\\000\\000\\000' >&3\n"
                                  "head -c 40 /dev/zero >&3",
            GRF_PARSE);
    /* a good beginning, and then no end */
    refused(IMAGE_OF_64 SIGNATURE "printf '\\000\\000\\000\\144\\000\\000\\000\\144' >&3\n"
                                  "head -c 40 /dev/zero >&3",
            GRF_TIMEOUT);
    /* the text of a page, which was not asked for */
    refused("printf '\\107\\122\\106\\062\\002\\000\\000\\000\\004\\000\\000\\000aaaa' >&3",
            GRF_PARSE);
}

static void test_heads(void **state)
{
    (void)state;
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x64\0\0\x03\x20 and so on";
    struct grf_sv v = grf_sv(png, sizeof png - 1);
    assert_true(grf_pdf_is_image(v, 100));
    assert_false(grf_pdf_is_image(v, 99));
    for (size_t n = 0; n <= 24; n++)
        assert_false(grf_pdf_is_image(grf_sv(png, n), 100));
    assert_false(grf_pdf_is_image(grf_sv(png + 1, v.n - 1), 100));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),  cmocka_unit_test(test_colour),
        cmocka_unit_test(test_shapes), cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_heads),  cmocka_unit_test(test_false_pictures),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scans through the worker: page images made here, any way up, crooked, with black edges
 * and with a stamp as text; and what the worker may say about a page read. The worker
 * that was built is looked for beside the folder of this test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cairo-pdf.h>
#include <cairo.h>
#include <cmocka.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "grf_mem.h"
#include "grf_pdf_protocol.h"
#include "grf_worker.h"
#include "worker_fixture.h"

#define DPI 200
#define WIDE 1654 /* A4 at 200 dpi */
#define HIGH 2339

/* Fontconfig keeps what cairo asked for when the test ends. */
__attribute__((visibility("default"), used))
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

static struct grf_worker *open_ocr(void)
{
    struct grf_worker_limits l = GRF_WORKER_OCR_LIMITS_INIT;
    struct grf_worker *w = NULL;
    if (access(helper, X_OK))
        skip();
    assert_int_equal(grf_worker_open(helper, &l, &w, NULL), GRF_OK);
    return w;
}

/* ---- pages */

static const char *const lines[] = {
    "DÉLIBÉRATION DU CONSEIL MUNICIPAL",
    "L’an deux mille vingt-trois, le quatorze décembre à dix-huit heures, le",
    "conseil municipal, légalement convoqué, s’est réuni à la mairie sous la",
    "présidence de son maire en exercice.",
    "Objet : tarifs de la cantine scolaire pour la prochaine année",
    "Monsieur le rapporteur expose que les charges du service augmentent et",
    "que la participation des familles reste inchangée depuis quatre ans.",
    "Après en avoir délibéré, le conseil approuve les nouveaux tarifs qui",
    "seront appliqués à compter de la rentrée, et autorise le maire à signer",
    "tous les documents nécessaires. Le repas est fixé à 3,40 euros.",
};

static cairo_surface_t *make_image(bool text, bool edges)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDE, HIGH);
    cairo_t *c = cairo_create(s);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    cairo_set_source_rgb(c, 0, 0, 0);
    cairo_select_font_face(c, "Liberation Serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, 12.0 * DPI / 72);
    for (size_t i = 0; text && i < GRF_ARRAY_LEN(lines); i++) {
        cairo_move_to(c, 200, 400 + 55 * (double)i);
        cairo_show_text(c, lines[i]);
    }
    if (edges) {
        cairo_rectangle(c, 0, 0, 70, HIGH);
        cairo_rectangle(c, 0, HIGH - 50, WIDE, 50);
        cairo_fill(c);
    }
    cairo_destroy(c);
    return s;
}

static cairo_status_t take(void *to, const unsigned char *p, unsigned n)
{
    return write(*(int *)to, p, n) == (ssize_t)n ? CAIRO_STATUS_SUCCESS
                                                 : CAIRO_STATUS_WRITE_ERROR;
}

/* A PDF of one page: the image turned clockwise by degrees; stamp as text on top. */
static int make_scan(cairo_surface_t *image, double degrees, const char *stamp)
{
    int fd = memfd_create("scan", MFD_CLOEXEC);
    double w = WIDE * 72.0 / DPI, h = HIGH * 72.0 / DPI, a = degrees * M_PI / 180;
    bool across = fabs(sin(a)) > 0.7;
    double pw = across ? h : w, ph = across ? w : h;
    assert_true(fd >= 0);
    cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(take, &fd, pw, ph);
    cairo_t *c = cairo_create(pdf);
    cairo_translate(c, pw / 2, ph / 2);
    cairo_rotate(c, a);
    cairo_translate(c, -w / 2, -h / 2);
    cairo_scale(c, 72.0 / DPI, 72.0 / DPI);
    cairo_set_source_surface(c, image, 0, 0);
    cairo_paint(c);
    cairo_identity_matrix(c);
    if (stamp) {
        cairo_set_source_rgb(c, 0, 0, 0);
        cairo_set_font_size(c, 10);
        cairo_move_to(c, 300, 40);
        cairo_show_text(c, stamp);
    }
    cairo_destroy(c);
    cairo_surface_destroy(pdf);
    cairo_surface_destroy(image);
    return fd;
}

/* Skips the test where Tesseract has no French. */
static struct grf_raw_page read_scan(struct grf_worker *w, int fd)
{
    struct grf_raw_page page;
    struct grf_err err = GRF_ERR_INIT;
    grf_status st = grf_worker_ocr(w, fd, 1, &page, &err);
    close(fd);
    if (st == GRF_UNSUPPORTED) {
        grf_worker_close(w);
        skip();
    }
    assert_int_equal(st, GRF_OK);
    assert_true(page.ocr);
    return page;
}

static void lay_out(const struct grf_raw_page *raw, struct grf_page *page)
{
    grf_page_init(page);
    assert_int_equal(grf_layout_document(raw, 1, page, NULL), GRF_OK);
    assert_int_equal(page->state, GRF_TEXT_OCR);
}

static const struct grf_page_word *word_of(const struct grf_page *p, const char *z)
{
    for (size_t i = 0; i < p->n_words; i++)
        if (p->words[i].end - p->words[i].start == strlen(z) &&
            memcmp(p->text.p + p->words[i].start, z, strlen(z)) == 0)
            return &p->words[i];
    return NULL;
}

/* "Monsieur" begins at 200, 675 of the image; where that is after turning by degrees. */
static void expect_at(const struct grf_page *p, double degrees)
{
    const struct grf_page_word *m = word_of(p, "Monsieur");
    assert_non_null(m);
    double a = degrees * M_PI / 180, w = WIDE * 72.0 / DPI, h = HIGH * 72.0 / DPI;
    /* the middle of the word, which is 49 points wide and 8 high */
    double x = 200 * 72.0 / DPI + 24 - w / 2, y = 675 * 72.0 / DPI - 4 - h / 2;
    double at_x = (double)p->width / 2 + x * cos(a) - y * sin(a);
    double at_y = (double)p->height / 2 + x * sin(a) + y * cos(a);
    assert_true(fabs((double)(m->box.x0 + m->box.x1) / 2 - at_x) < 4);
    assert_true(fabs((double)(m->box.y0 + m->box.y1) / 2 - at_y) < 4);
    bool across = fabs(sin(a)) > 0.7;
    assert_true((m->box.x1 - m->box.x0 > m->box.y1 - m->box.y0) == !across);
    assert_true(m->conf > 50);
}

static void one_way(struct grf_worker *w, double degrees)
{
    struct grf_page page;
    struct grf_raw_page raw = read_scan(w, make_scan(make_image(true, false), degrees, NULL));
    lay_out(&raw, &page);
    assert_non_null(strstr(page.text.p, "nouveaux tarifs"));
    assert_non_null(strstr(page.text.p, "3,40 euros"));
    assert_non_null(strstr(page.text.p, "DÉLIBÉRATION DU CONSEIL MUNICIPAL"));
    bool across = fabs(sin(degrees * M_PI / 180)) > 0.7;
    assert_true((page.width > page.height) == across);
    for (size_t i = 0; i < raw.n_words; i++) {
        assert_true(raw.words[i].flags & GRF_WORD_OCR);
        assert_true(raw.words[i].size > 9 && raw.words[i].size < 15);
    }
    expect_at(&page, degrees);
    grf_page_release(&page);
    grf_raw_page_release(&raw);
}

static void test_any_way_up(void **state)
{
    (void)state;
    static const double degrees[] = {0, 90, 180, 270, 1.5, -3, 91};
    struct grf_worker *w = open_ocr();
    for (size_t i = 0; i < GRF_ARRAY_LEN(degrees); i++)
        one_way(w, degrees[i]);
    grf_worker_close(w);
}

static void test_edges_and_stamp(void **state)
{
    (void)state;
    struct grf_worker *w = open_ocr();
    struct grf_raw_page raw =
        read_scan(w, make_scan(make_image(true, true), 0, "Envoyé en préfecture"));
    size_t own = 0, stamps = 0;
    for (size_t i = 0; i < raw.n_words; i++) {
        const struct grf_raw_word *x = &raw.words[i];
        own += !(x->flags & GRF_WORD_OCR);
        stamps += x->len == strlen("préfecture") &&
                  memcmp(x->text, "préfecture", x->len) == 0;
        /* nothing is read in the black */
        assert_true(x->box.x1 > 26 && x->box.y0 < 800);
    }
    assert_int_equal(own, 3);
    assert_int_equal(stamps, 1); /* not read once more from the image */
    grf_raw_page_release(&raw);
    grf_worker_close(w);
}

/* A blank page is read, and nothing is found: it is not read again. */
static void test_blank(void **state)
{
    (void)state;
    struct grf_worker *w = open_ocr();
    struct grf_page page;
    struct grf_raw_page raw = read_scan(w, make_scan(make_image(false, true), 0, NULL));
    lay_out(&raw, &page);
    assert_int_equal(page.n_words, 0);
    grf_page_release(&page);
    grf_raw_page_release(&raw);
    grf_worker_close(w);
}

static void test_bad_requests(void **state)
{
    (void)state;
    struct grf_raw_page page;
    struct grf_worker *plain = NULL, *w = open_ocr();
    int fd = make_scan(make_image(false, false), 0, NULL);
    assert_int_equal(grf_worker_ocr(w, fd, 0, &page, NULL), GRF_INVALID);
    assert_int_equal(grf_worker_ocr(w, fd, 2, &page, NULL), GRF_PARSE);
    assert_null(page.words);
    assert_int_equal(grf_worker_open(helper, NULL, &plain, NULL), GRF_OK);
    assert_int_equal(grf_worker_ocr(plain, fd, 1, &page, NULL), GRF_INVALID);
    /* both kinds of worker read text */
    struct grf_raw_page *pages = NULL;
    size_t n = 0;
    assert_int_equal(grf_worker_read(w, fd, &pages, &n, NULL), GRF_OK);
    assert_int_equal(n, 1);
    assert_false(pages[0].ocr);
    grf_worker_free_pages(pages, n);
    assert_int_equal(grf_worker_starts(w), 1);
    grf_worker_close(plain);
    grf_worker_close(w);
    close(fd);
}

static void test_no_french(void **state)
{
    (void)state;
    struct grf_raw_page page;
    struct grf_err err = GRF_ERR_INIT;
    setenv("TESSDATA_PREFIX", "/nonexistent", 1);
    struct grf_worker *w = open_ocr();
    unsetenv("TESSDATA_PREFIX");
    int fd = make_scan(make_image(false, false), 0, NULL);
    assert_int_equal(grf_worker_ocr(w, fd, 1, &page, &err), GRF_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "tesseract-ocr-fra"));
    grf_worker_close(w);
    close(fd);
}

static void test_page_takes_too_long(void **state)
{
    (void)state;
    struct grf_worker_limits l = GRF_WORKER_OCR_LIMITS_INIT;
    struct grf_worker *w = NULL;
    struct grf_raw_page page;
    if (access(helper, X_OK))
        skip();
    l.ocr_timeout_ms = 1;
    assert_int_equal(grf_worker_open(helper, &l, &w, NULL), GRF_OK);
    int fd = make_scan(make_image(true, false), 0, NULL);
    assert_int_equal(grf_worker_ocr(w, fd, 1, &page, NULL), GRF_TIMEOUT);
    assert_null(page.words);
    grf_worker_close(w);
    close(fd);
}

/* Writes "/Rotate degrees" over the transparency group that cairo gives every page. */
static void rotate_page(int fd, const char *degrees)
{
    char all[65536], entry[32];
    ssize_t n = pread(fd, all, sizeof all, 0);
    assert_true(n > 0);
    char *group = memmem(all, (size_t)n, "/Group <<", 9);
    assert_non_null(group);
    char *end = memmem(group, (size_t)(all + n - group), ">>", 2);
    assert_non_null(end);
    memset(group, ' ', (size_t)(end + 2 - group));
    int len = snprintf(entry, sizeof entry, "/Rotate %s", degrees);
    memcpy(group, entry, (size_t)len);
    assert_int_equal(pwrite(fd, all, (size_t)n, 0), n);
}

/* Copiers turn a page by its /Rotate: the image must be found under it all the same, or
   the page would count as empty and never be read. */
static void test_page_turned(void **state)
{
    (void)state;
    static const char *const degrees[] = {"0", "90", "180", "270"};
    struct grf_worker *w = open_ocr();
    for (size_t i = 0; i < GRF_ARRAY_LEN(degrees); i++) {
        struct grf_raw_page *pages = NULL;
        size_t n = 0;
        int fd = make_scan(make_image(false, false), 0, NULL);
        rotate_page(fd, degrees[i]);
        assert_int_equal(grf_worker_read(w, fd, &pages, &n, NULL), GRF_OK);
        assert_int_equal(n, 1);
        assert_true((pages[0].width > pages[0].height) == (i % 2 == 1));
        assert_true(pages[0].image_cover > 0.9f);
        grf_worker_free_pages(pages, n);
        close(fd);
    }
    grf_worker_close(w);
}

/* What a page read by OCR may say of itself. */
static void test_protocol(void **state)
{
    (void)state;
    static const struct {
        bool ocr;
        int turn;
        float skew;
        grf_status expected;
    } cases[] = {
        {true, 0, 0, GRF_OK},        {true, 270, -15, GRF_OK},    {false, 0, 0, GRF_OK},
        {true, 45, 0, GRF_PARSE},    {true, -90, 0, GRF_PARSE},   {true, 0, 16, GRF_PARSE},
        {true, 0, NAN, GRF_PARSE},   {false, 90, 0, GRF_PARSE},   {false, 0, 1, GRF_PARSE},
        {false, 0, NAN, GRF_PARSE},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct grf_raw_page from = {.width = 100, .height = 200}, to;
        struct grf_str s;
        from.ocr = cases[i].ocr;
        from.turn = cases[i].turn;
        from.skew = cases[i].skew;
        grf_str_init(&s, GRF_PDF_MAX_PAYLOAD);
        grf_pdf_put_page(&s, &from);
        size_t head = sizeof(struct grf_pdf_head);
        assert_int_equal(grf_pdf_get_page(grf_sv(s.p + head, s.n - head), &to, NULL),
                         cases[i].expected);
        if (!cases[i].expected) {
            assert_int_equal(to.ocr, from.ocr);
            assert_int_equal(to.turn, from.turn);
            assert_true(to.skew >= from.skew && to.skew <= from.skew);
        }
        grf_raw_page_release(&to);
        grf_str_release(&s);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocol),     cmocka_unit_test(test_any_way_up),
        cmocka_unit_test(test_edges_and_stamp), cmocka_unit_test(test_blank),
        cmocka_unit_test(test_bad_requests), cmocka_unit_test(test_no_french),
        cmocka_unit_test(test_page_takes_too_long), cmocka_unit_test(test_page_turned),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

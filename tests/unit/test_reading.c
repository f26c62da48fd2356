/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the worker makes of contents written by hand: words that are drawn twice, moved,
 * turned, hidden or replaced, forms and images, and files made to keep it busy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "grf_mem.h"
#include "grf_pdf_protocol.h"
#include "grf_worker.h"
#include "worker_fixture.h"

static void need_helper(void)
{
    if (access(helper, X_OK))
        skip();
}

/* One page of 600 by 800 points with those contents; more holds objects from 10 on. The
   table of objects is left out: it is found again. */
static int page_of(const char *contents, const char *more)
{
    static const char shape[] =
        "%%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R%s>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R/B 6 0 R/T 7 0 R>>/XObject<</X 10 0 R/Y 11 0 R>>"
        "/Properties<</P 20 0 R>>>>>>endobj\n"
        "5 0 obj<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/Helvetica>>endobj\n"
        "6 0 obj<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding"
        "/BaseFont/Helvetica-BoldOblique>>endobj\n"
        "7 0 obj<</Type/Font/Subtype/Type3/FontBBox[0 0 10 10]/FontMatrix[.1 0 0 .1 0 0]"
        "/FirstChar 97/LastChar 97/Widths[6]/CharProcs<</a 8 0 R>>"
        "/Encoding<</Differences[97/a]>>>>endobj\n"
        "8 0 obj<</Length 18>>stream\n6 0 d0 0 0 5 5 re f\nendstream endobj\n"
        "4 0 obj<</Length %zu>>stream\n%s\nendstream endobj\n%s\n"
        "trailer<</Root 1 0 R>>\n%%%%EOF\n";
    char *out = NULL;
    const char *layers = strstr(more, "/OCG")
                             ? "/OCProperties<</OCGs[20 0 R]/D<</OFF[20 0 R]>>>>" : "";
    int n = asprintf(&out, shape, layers, strlen(contents), contents, more);
    assert_true(n > 0);
    int fd = memfd_create("pdf", MFD_CLOEXEC);
    assert_int_equal(write(fd, out, (size_t)n), n);
    free(out);
    return fd;
}

struct read {
    struct grf_raw_page *pages;
    size_t n;
};

static struct read read_page(const char *contents, const char *more)
{
    struct grf_worker *w = NULL;
    struct read r = {0};
    int fd = page_of(contents, more);
    assert_int_equal(grf_worker_open(helper, NULL, &w, NULL), GRF_OK);
    assert_int_equal(grf_worker_read(w, fd, &r.pages, &r.n, NULL), GRF_OK);
    assert_int_equal(r.n, 1);
    grf_worker_close(w);
    close(fd);
    return r;
}

static void release(struct read *r)
{
    grf_worker_free_pages(r->pages, r->n);
}

/* All words of the page, apart by blanks. */
static void assert_reads_with(const char *contents, const char *more, const char *words)
{
    need_helper();
    struct read r = read_page(contents, more);
    char out[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < r.pages[0].n_words && used < sizeof out - 64; i++) {
        const struct grf_raw_word *w = &r.pages[0].words[i];
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s", i ? " " : "",
                                 w->len < 40 ? (int)w->len : 40, w->text);
    }
    release(&r);
    assert_string_equal(out, words);
}

static void assert_reads(const char *contents, const char *words)
{
    assert_reads_with(contents, "", words);
}

static void test_words_end(void **state)
{
    (void)state;
    assert_reads("BT /F 12 Tf 50 700 Td (Le conseil  d\\351lib\\350re) Tj ET",
                 "Le conseil délibère");
    /* no blanks, but moved on; kerning moves too, less */
    assert_reads("BT /F 12 Tf 50 700 Td [(Le)-300(con)30(se)-60(il)] TJ ET", "Le conseil");
    assert_reads("BT /F 12 Tf 50 700 Td (Le) Tj 200 0 Td (conseil) Tj 0 -20 Td (vote) Tj ET",
                 "Le conseil vote");
    /* a word in two fonts, and one raised */
    assert_reads("BT /F 12 Tf 50 700 Td (Ar) Tj /B 12 Tf (ticle) Tj ( ) Tj /F 12 Tf (1) Tj"
                 " /F 7 Tf 4 Ts (er) Tj ET", "Article 1er");
}

static void test_drawn_twice(void **state)
{
    (void)state;
    assert_reads("BT /F 12 Tf 50 700 Td (VILLE) Tj .4 0 Td (VILLE) Tj ET", "VILLE");
    assert_reads("BT /F 12 Tf 50 700 Td (V) Tj .4 0 Td (V) Tj ET", "V");
    /* the same word elsewhere is another */
    assert_reads("BT /F 12 Tf 50 700 Td (VILLE) Tj 0 -9 Td (VILLE) Tj ET", "VILLE VILLE");
    assert_reads("BT /F 12 Tf 50 700 Td (ELLE 2001) Tj ET", "ELLE 2001");
}

static void test_places(void **state)
{
    (void)state;
    need_helper();
    struct read r = read_page("q 2 0 0 2 10 20 cm BT /B 12 Tf 50 100 Td (Oui) Tj ET Q "
                              "BT /F 10 Tf 0 1 -1 0 300 200 Tm (debout) Tj ET "
                              "BT /F 10 Tf 700 700 Td (dehors) Tj ET", "");
    assert_int_equal(r.pages[0].n_words, 2);
    const struct grf_raw_word *w = r.pages[0].words;
    assert_true(fabsf(w->size - 24) < 0.01f && fabsf(w->box.x0 - 110) < 0.1f);
    /* on its line: 800 - (20 + 2 * 100), as high as the font stands over and under it */
    assert_true(fabsf(w->box.y0 - (580 - 0.718f * 24)) < 0.1f);
    assert_true(fabsf(w->box.y1 - (580 + 0.207f * 24)) < 0.1f);
    assert_int_equal(w->flags, GRF_WORD_BOLD | GRF_WORD_ITALIC);
    assert_true(w[1].box.y1 > 599 && w[1].box.y1 < 601 && w[1].box.y0 < 580);
    assert_true(w[1].box.x0 > 290 && w[1].box.x1 < 304);
    release(&r);
}

static void test_hidden_and_replaced(void **state)
{
    (void)state;
    assert_reads_with("BT /F 12 Tf 50 700 Td (vu) Tj /OC /P BDC 40 0 Td (cach\\351) Tj EMC "
                      "40 0 Td (lu) Tj ET",
                      "20 0 obj<</Type/OCG/Name(c)>>endobj", "vu lu");
    assert_reads("BT /F 12 Tf 50 700 Td /Span <</ActualText(\\376\\377\\000d\\000e)>> BDC"
                 " (x) Tj (yz) Tj EMC ( fin) Tj ET", "de fin");
    /* render mode 3: text of an OCR layer, which is there to be read */
    assert_reads("BT /F 12 Tf 3 Tr 50 700 Td (couche) Tj ET", "couche");
}

#define FORM(num, contents)                                                              \
    num " 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Matrix[1 0 0 1 0 100]"     \
        "/Resources<</Font<</G 6 0 R>>/XObject<</X 10 0 R/Y 11 0 R>>>>/Length 99>>"      \
        "stream\n" contents "\nendstream endobj\n"
#define IMAGE(num)                                                                       \
    num " 0 obj<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8"        \
        "/ColorSpace/DeviceGray/Length 1>>stream\nx\nendstream endobj\n"

static void test_forms(void **state)
{
    (void)state;
    assert_reads_with("BT /F 12 Tf 50 700 Td (un) Tj ET /X Do BT 90 700 Td (trois) Tj ET",
                      FORM("10", "BT /G 12 Tf 50 300 Td (deux) Tj ET"), "un deux trois");
    /* one that draws itself, and two that draw each other, end */
    assert_reads_with("/X Do BT /F 12 Tf 50 700 Td (fin) Tj ET",
                      FORM("10", "/X Do /Y Do BT /G 9 Tf 9 300 Td (x) Tj ET")
                      FORM("11", "/X Do"),
                      "x fin");
}

static void test_images(void **state)
{
    (void)state;
    need_helper();
    struct read r = read_page("q 300 0 0 800 0 0 cm /X Do Q q 1 0 0 1 0 0 cm /Y Do Q",
                              IMAGE("10") IMAGE("11"));
    assert_true(fabsf(r.pages[0].image_cover - 0.5f) < 0.01f);
    release(&r);
    r = read_page("q 600 0 0 800 0 0 cm /Y Do Q",
                  FORM("11", "q .5 0 0 .5 0 0 cm /X Do Q") IMAGE("10"));
    assert_true(fabsf(r.pages[0].image_cover - 0.25f) < 0.01f);
    release(&r);
}

static void test_drawn_letters(void **state)
{
    (void)state;
    need_helper();
    struct read r = read_page("BT /T 10 Tf 50 700 Td (aaa) Tj ET", "");
    assert_int_equal(r.pages[0].n_words, 1);
    assert_int_equal(r.pages[0].words[0].len, 3);
    assert_true(fabsf(r.pages[0].words[0].box.x1 - 68) < 0.1f);
    assert_true(fabsf(r.pages[0].words[0].size - 12) < 0.1f);
    release(&r);
}

static void test_nesting(void **state)
{
    (void)state;
    static char deep[40000];
    size_t n = 0;
    for (int i = 0; i < 9000; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "q ");
    n += (size_t)snprintf(deep + n, sizeof deep - n, "BT /F 12 Tf 50 700 Td (bas) Tj ET ");
    for (int i = 0; i < 9900; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "Q ");
    snprintf(deep + n, sizeof deep - n, "BT /F 12 Tf 50 600 Td (haut) Tj ET");
    assert_reads(deep, "bas haut");
    assert_reads("BT (sans) Tj /Z 12 Tf (police) Tj ET ) > ] q Q Q Q "
                 "BT /F 12 Tf 50 700 Td (apr\\350s) Tj ET", "police après");
}

/* A form with a font of its own, object 12. */
#define FORM_WITH_FONT(contents)                                                         \
    "10 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 600 800]"                             \
        "/Resources<</Font<</G 12 0 R>>>>/Length 99>>stream\n" contents "\nendstream endobj\n"

/* Numbers of letters as high as numbers go, and characters without end. */
static void test_font_numbers(void **state)
{
    (void)state;
    assert_reads_with("/X Do", FORM_WITH_FONT("BT /G 9 Tf 9 300 Td <0041> Tj <0042> Tj ET")
                      "12 0 obj<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 13 0 R"
                      "/DescendantFonts[<</Subtype/CIDFontType2/DW 500/W[2147483647[1 2 3] "
                      "2147483647 2147483647 9 -5[1 2] 65535[1 2 3] 9 70000 1 7]>>]>>endobj\n"
                      "13 0 obj<</Length 400>>stream\n1 begincodespacerange <0000> <ffff> "
                      "endcodespacerange 1 beginbfrange <0000> <ffff> <0000> endbfrange "
                      "1 beginbfchar <0042> <00420043004400450046004700480049004a004b004c004d"
                      "004e004f00500051005200530054005500560057> endbfchar\nendstream endobj\n",
                      "AB");
    assert_reads_with("/X Do", FORM_WITH_FONT("BT /G 9 Tf 9 300 Td (AB) Tj ET")
                      "12 0 obj<</Type/Font/Subtype/TrueType/BaseFont/Z/FirstChar 2147483647"
                      "/Widths[500 500 500]/Encoding<</BaseEncoding/WinAnsiEncoding"
                      "/Differences[2147483647/a/b -9/c 300/d]>>>>endobj\n", "AB");
    assert_reads_with("/X Do", FORM_WITH_FONT("BT /G 9 Tf 9 300 Td (a) Tj ET")
                      "12 0 obj<</Type/Font/Subtype/Type3/FontBBox[0 0 10 10]/FirstChar 97"
                      "/FontMatrix[.1 0 0 .1 0 0]/LastChar 97/Widths[6]/CharProcs<</a 8 0 R>>"
                      "/Encoding<</Differences[97/a 2147483647/b/c]>>>>endobj\n", "a");
}

/* Trees that lead round in circles, claim pages that are not there, or lead nowhere. */
static void test_page_trees(void **state)
{
    (void)state;
    static const char *const trees[] = {
        "<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]/Count 3>>", "<</Type/Pages/Kids[3 0 R]/Count 900>>",
        "<</Type/Pages/Kids[3 0 R]/Count -1>>", "<</Type/Pages/Kids[9 0 R]/Count 1>>", "null",
    };
    need_helper();
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        char out[1024];
        int n = snprintf(out, sizeof out,
                         "%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                         "2 0 obj %s endobj\n3 0 obj<</Type/Page/MediaBox[0 0 600 800]"
                         "/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
                         "4 0 obj<</Length 38>>stream\nBT /F 12 Tf 50 700 Td (lu) Tj ET 0 0 9 9 re f\n"
                         "endstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
                         "trailer<</Root 1 0 R>>\n%%%%EOF\n", trees[i]);
        int fd = memfd_create("pdf", MFD_CLOEXEC);
        struct grf_worker *w = NULL;
        struct read r = {0};
        struct grf_str png;
        assert_int_equal(write(fd, out, (size_t)n), n);
        assert_int_equal(grf_worker_open(helper, NULL, &w, NULL), GRF_OK);
        assert_int_equal(grf_worker_read(w, fd, &r.pages, &r.n, NULL), GRF_OK);
        assert_int_equal(r.n, 1);
        assert_int_equal(r.pages[0].n_words, 1);
        release(&r);
        grf_str_init(&png, 1 << 20);
        assert_int_equal(grf_worker_draw(w, fd, 1, 300, &png, NULL), GRF_OK);
        assert_true(png.n > 300); /* white alone is less */
        grf_str_release(&png);
        grf_worker_close(w);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_end),   cmocka_unit_test(test_drawn_twice),
        cmocka_unit_test(test_places),      cmocka_unit_test(test_hidden_and_replaced),
        cmocka_unit_test(test_forms),       cmocka_unit_test(test_images),
        cmocka_unit_test(test_drawn_letters), cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_font_numbers), cmocka_unit_test(test_page_trees),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, NULL);
}

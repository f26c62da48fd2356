/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: names, boxes of spans, stored words, and the worker's messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "grf_page.h"
#include "grf_pdf_protocol.h"

/* "Le maire\nadopte" with a word of each role. */
static void fill(struct grf_page *p)
{
    static const struct grf_page_word words[] = {
        {0, 2, {10, 20.04f, 20, 30}, GRF_ROLE_BODY, 100},
        {3, 8, {22.5f, 20, 50.25f, 30}, GRF_ROLE_STAMP, 87},
        {9, 15, {10, 35, -3, 45}, GRF_ROLE_MARGIN, 0},
    };
    grf_page_init(p);
    p->number = 7;
    grf_str_addz(&p->text, "Le maire\nadopte");
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(grf_grow(&p->words, p->n_words, &p->cap_words, sizeof *words), GRF_OK);
        p->words[p->n_words++] = words[i];
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(grf_text_state_name(GRF_TEXT_NATIVE), "native");
    assert_string_equal(grf_text_state_name(GRF_TEXT_OCR), "ocr");
    assert_string_equal(grf_text_state_name((grf_text_state)99), "unknown");
}

static void test_boxes(void **state)
{
    (void)state;
    struct grf_page p;
    struct grf_box b[4];
    size_t n = 4;
    fill(&p);
    grf_page_boxes(&p, 0, 15, b, &n);
    assert_int_equal(n, 2);
    assert_true(fabsf(b[0].x0 - 10) < 0.01f && fabsf(b[0].x1 - 50.25f) < 0.01f);
    assert_true(fabsf(b[1].y0 - 35) < 0.01f);
    n = 4;
    grf_page_boxes(&p, 4, 5, b, &n); /* inside one word */
    assert_int_equal(n, 1);
    assert_true(fabsf(b[0].x0 - 22.5f) < 0.01f);
    n = 1;
    grf_page_boxes(&p, 0, 15, b, &n); /* less room than lines */
    assert_int_equal(n, 1);
    n = 4;
    grf_page_boxes(&p, 15, 99, b, &n);
    assert_int_equal(n, 0);
    n = 4;
    grf_page_boxes(&p, 2, 3, b, &n); /* a blank */
    assert_int_equal(n, 0);
    p.words[1].box.y0 = 26; /* the next cell of a table's row, lower */
    p.words[1].box.y1 = 36;
    n = 4;
    grf_page_boxes(&p, 0, 8, b, &n);
    assert_int_equal(n, 1);
    p.words[1].box.y0 = 27;
    p.words[1].box.y1 = 37;
    grf_page_boxes(&p, 0, 8, b, &n);
    assert_int_equal(n, 1); /* no room for two */
    n = 4;
    grf_page_boxes(&p, 0, 8, b, &n);
    assert_int_equal(n, 2);
    assert_true(fabsf(b[0].y1 - 30) < 0.01f && fabsf(b[1].y0 - 27) < 0.01f);
    grf_page_release(&p);
}

static void test_pack_round(void **state)
{
    (void)state;
    struct grf_page p, q;
    struct grf_str s;
    fill(&p);
    fill(&q);
    grf_str_init(&s, 1000);
    grf_page_pack_words(&p, &s);
    assert_int_equal(grf_page_unpack_words(&q, grf_str_sv(&s), NULL), GRF_OK);
    assert_int_equal(q.n_words, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(q.words[i].start, p.words[i].start);
        assert_int_equal(q.words[i].end, p.words[i].end);
        assert_int_equal(q.words[i].role, p.words[i].role);
        assert_int_equal(q.words[i].conf, p.words[i].conf);
        assert_true(fabsf(q.words[i].box.x0 - p.words[i].box.x0) <= 0.051f);
        assert_true(fabsf(q.words[i].box.y1 - p.words[i].box.y1) <= 0.051f);
    }
    grf_str_release(&s);
    grf_page_release(&p);
    grf_page_release(&q);
}

/* So far as they are asked for, they are the same; what was cut off behind is not missed. */
static void test_unpack_so_far(void **state)
{
    (void)state;
    struct grf_page p, all, some;
    struct grf_str s;
    fill(&p);
    fill(&all);
    fill(&some);
    grf_str_init(&s, 1000);
    grf_page_pack_words(&p, &s);
    assert_int_equal(grf_page_unpack_words(&all, grf_str_sv(&s), NULL), GRF_OK);
    for (size_t end = 0; end <= p.text.n + 1; end++) {
        size_t n = 0;
        while (n < all.n_words && all.words[n].start < end)
            n++;
        assert_int_equal(grf_page_unpack_words_to(&some, grf_str_sv(&s), end, NULL), GRF_OK);
        assert_int_equal(some.n_words, n);
        assert_memory_equal(some.words, all.words, n * sizeof(*all.words));
    }
    assert_int_equal(grf_page_unpack_words_to(&some, grf_sv(s.p, 1), 1, NULL), GRF_CORRUPT);
    grf_str_release(&s);
    grf_page_release(&p);
    grf_page_release(&all);
    grf_page_release(&some);
}

/* Each cut, each changed byte: refused or harmless, never outside the text. */
/* As bases made before hold it: nothing left out, the upper edge before the width. */
static void test_unpack_first_version(void **state)
{
    static const char packed[] = "\1\2\0\2\0\x14\x28\x14\x14\1\1\0\x06\0\x0a\x14";
    struct grf_page p;
    (void)state;
    grf_page_init(&p);
    grf_str_addz(&p.text, "ab c");
    assert_int_equal(grf_page_unpack_words(&p, grf_sv(packed, sizeof(packed) - 1), NULL), GRF_OK);
    assert_int_equal(p.n_words, 2);
    assert_int_equal(p.words[1].start, 3);
    assert_int_equal(p.words[1].end, 4);
    assert_true(p.words[0].box.x0 > 0.9F && p.words[0].box.x0 < 1.1F);
    assert_true(p.words[0].box.y1 > 2.9F && p.words[0].box.y1 < 3.1F);
    assert_true(p.words[1].box.x1 > 2.7F && p.words[1].box.x1 < 2.9F);
    assert_true(p.words[1].box.y0 > 1.9F && p.words[1].box.y0 < 2.1F);
    grf_page_release(&p);
}

static void test_unpack_hostile(void **state)
{
    (void)state;
    struct grf_page p;
    struct grf_str s;
    fill(&p);
    grf_str_init(&s, 1000);
    grf_page_pack_words(&p, &s);
    for (size_t n = 0; n < s.n; n++)
        assert_int_equal(grf_page_unpack_words(&p, grf_sv(s.p, n), NULL), GRF_CORRUPT);
    for (size_t i = 0; i < s.n; i++)
        for (unsigned v = 0; v < 256; v++) {
            char old = s.p[i];
            s.p[i] = (char)v;
            if (!grf_page_unpack_words(&p, grf_str_sv(&s), NULL))
                for (size_t k = 0; k < p.n_words; k++)
                    assert_true(p.words[k].start <= p.words[k].end &&
                                p.words[k].end <= p.text.n);
            s.p[i] = old;
        }
    /* a count far beyond the bytes allocates nothing */
    assert_int_equal(grf_page_unpack_words(&p, grf_sv("\1\xff\xff\xff\xff\xff\xff\xff\1", 9),
                                           NULL), GRF_CORRUPT);
    grf_str_release(&s);
    grf_page_release(&p);
}

static void test_pack_wild_boxes(void **state)
{
    (void)state;
    struct grf_page p;
    struct grf_str s;
    fill(&p);
    p.words[0].box = (struct grf_box){NAN, INFINITY, -INFINITY, 1e30f};
    grf_str_init(&s, 1000);
    grf_page_pack_words(&p, &s);
    assert_int_equal(grf_page_unpack_words(&p, grf_str_sv(&s), NULL), GRF_OK);
    assert_true(p.words[0].box.x0 == 0 && p.words[0].box.y1 <= 1e6f);
    grf_str_release(&s);
    grf_page_release(&p);
}

/* ---- messages */

static void put_page(struct grf_str *s)
{
    static struct grf_raw_word words[] = {
        {"Vu", 2, {1, 2, 3, 4}, 11, GRF_WORD_BOLD, 100},
        {"l\xe2\x80\x99""arr\xc3\xaat\xc3\xa9", 10, {5, 2, 9, 4}, 11, 0, 90},
    };
    struct grf_raw_page p = {.width = 595, .height = 842, .image_cover = 0.5f, .rotation = 90,
                             .words = words, .n_words = 2};
    grf_str_init(s, 10000);
    grf_pdf_put_page(s, &p);
}

static struct grf_sv payload(const struct grf_str *s)
{
    return grf_sv(s->p + sizeof(struct grf_pdf_head), s->n - sizeof(struct grf_pdf_head));
}

static void test_message_round(void **state)
{
    (void)state;
    struct grf_str s;
    struct grf_raw_page p;
    put_page(&s);
    assert_int_equal(grf_pdf_get_page(payload(&s), &p, NULL), GRF_OK);
    assert_int_equal(p.n_words, 2);
    assert_int_equal(p.rotation, 90);
    assert_memory_equal(p.words[0].text, "Vu", 2);
    assert_int_equal(p.words[1].len, 10);
    assert_int_equal(p.words[1].conf, 90);
    assert_int_equal(p.words[0].flags, GRF_WORD_BOLD);
    grf_raw_page_release(&p);
    grf_str_release(&s);
}

static void test_message_hostile(void **state)
{
    (void)state;
    struct grf_str s;
    struct grf_raw_page p;
    put_page(&s);
    struct grf_sv whole = payload(&s);
    for (size_t n = 0; n < whole.n; n++)
        assert_int_equal(grf_pdf_get_page(grf_sv(whole.p, n), &p, NULL), GRF_PARSE);
    unsigned refused = 0;
    for (size_t i = 0; i < whole.n; i++)
        for (unsigned v = 0; v < 256; v += 5) {
            char *at = s.p + sizeof(struct grf_pdf_head) + i, old = *at;
            *at = (char)v;
            refused += grf_pdf_get_page(whole, &p, NULL) != GRF_OK;
            for (size_t k = 0; k < p.n_words; k++)
                assert_true(isfinite(p.words[k].box.x0) && p.words[k].len <= p.pool_len);
            grf_raw_page_release(&p);
            *at = old;
        }
    assert_true(refused > 100);
    grf_str_release(&s);
}

static void test_message_memory(void **state)
{
    (void)state;
    struct grf_str s;
    struct grf_raw_page p;
    put_page(&s);
    grf_mem_fail_at(0, 0);
    for (uint64_t n = 1; n < 10; n++) {
        grf_mem_fail_at(n, 1);
        grf_status st = grf_pdf_get_page(payload(&s), &p, NULL);
        grf_mem_fail_at(0, 0);
        grf_raw_page_release(&p);
        if (!st) {
            assert_true(n > 2);
            break;
        }
        assert_int_equal(st, GRF_NOMEM);
    }
    grf_str_release(&s);
}

static void test_reasons(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_pdf_fail(&err, GRF_PDF_ENCRYPTED, grf_sv_z("")), GRF_UNSUPPORTED);
    assert_int_equal(grf_pdf_fail(&err, GRF_PDF_TOO_MANY, grf_sv_z("")), GRF_LIMIT);
    assert_int_equal(grf_pdf_fail(&err, GRF_PDF_DAMAGED, grf_sv_z("bad xref")), GRF_PARSE);
    assert_non_null(strstr(err.msg, "bad xref"));
    assert_int_equal(grf_pdf_fail(&err, GRF_PDF_DAMAGED, grf_sv("\xff\xff", 2)), GRF_PARSE);
    assert_null(strstr(err.msg, "\xff"));
    assert_int_equal(grf_pdf_fail(&err, 0, grf_sv_z("")), GRF_INTERNAL);
    assert_int_equal(grf_pdf_fail(&err, 4000, grf_sv_z("")), GRF_INTERNAL);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),          cmocka_unit_test(test_boxes),
        cmocka_unit_test(test_pack_round), cmocka_unit_test(test_unpack_so_far),     cmocka_unit_test(test_unpack_hostile),
        cmocka_unit_test(test_unpack_first_version),
        cmocka_unit_test(test_pack_wild_boxes), cmocka_unit_test(test_message_round),
        cmocka_unit_test(test_message_hostile), cmocka_unit_test(test_message_memory),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

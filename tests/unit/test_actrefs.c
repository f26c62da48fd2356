/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References of acts: found in pages, stored, asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "grf_mem.h"
#include "grf_meta.h"

/* ---- pages made by hand: each call adds a paragraph that is one word */

static void paragraph(struct grf_page *p, const char *text, grf_role role)
{
    if (p->text.n)
        grf_str_addz(&p->text, "\n\n");
    struct grf_page_word w = {.start = (uint32_t)p->text.n, .role = (uint8_t)role};
    grf_str_addz(&p->text, text);
    w.end = (uint32_t)p->text.n;
    assert_int_equal(grf_grow(&p->words, p->n_words, &p->cap_words, sizeof(w)), GRF_OK);
    p->words[p->n_words++] = w;
}

struct made {
    struct grf_page pages[2];
    struct grf_acts acts;
};

static void make(struct made *m, const char *one, const char *two)
{
    memset(m, 0, sizeof(*m));
    for (int i = 0; i < 2; i++) {
        grf_page_init(&m->pages[i]);
        m->pages[i].number = i + 1;
        m->pages[i].state = GRF_TEXT_NATIVE;
    }
    paragraph(&m->pages[0], one, GRF_ROLE_BODY);
    paragraph(&m->pages[0], "recours : article R. 421-1 du code de justice administrative",
              GRF_ROLE_FOOTER);
    paragraph(&m->pages[1], "Envoyé en préfecture, article 3 de la loi n° 84-53",
              GRF_ROLE_STAMP);
    paragraph(&m->pages[1], two, GRF_ROLE_BODY);
    assert_int_equal(grf_grow(&m->acts.v, 0, &m->acts.cap, sizeof(*m->acts.v)), GRF_OK);
    struct grf_act *a = &m->acts.v[m->acts.n++];
    grf_act_init(a);
    a->ordinal = a->first_page = 1;
    a->last_page = 2;
    a->last_char = m->pages[1].text.n;
    memcpy(a->session_date, "2024-05-13", 11);
}

static void unmake(struct made *m)
{
    grf_page_release(&m->pages[0]);
    grf_page_release(&m->pages[1]);
    grf_acts_release(&m->acts);
}

static void expect_printed(const struct made *m, size_t i, const char *canon, int page,
                           const char *printed)
{
    const struct grf_actref *r = &m->acts.v[0].refs[i];
    assert_string_equal(r->canon, canon);
    assert_int_equal(r->page, page);
    assert_int_equal(r->end - r->start, strlen(printed));
    assert_memory_equal(m->pages[page - 1].text.p + r->start, printed, strlen(printed));
}

#define ONE                                                                                \
    "Vu les articles L. 2121-29 et L. 2122-1 à L. 2122-7 du code général des collectivités " \
    "territoriales ; vu l'article L. 2241-1 du"
#define TWO "code général des collectivités territoriales, vu l'article R. 2121-9 du même code"

static void test_found_across_pages(void **state)
{
    (void)state;
    struct made m;
    make(&m, ONE, TWO);
    assert_int_equal(grf_actrefs_find(m.pages, 2, NULL, &m.acts, NULL), GRF_OK);
    assert_int_equal(m.acts.v[0].n_refs, 4);
    expect_printed(&m, 0, "CGCT/L2121-29", 1, "L. 2121-29");
    expect_printed(&m, 1, "CGCT/L2122-1", 1, "L. 2122-1 à L. 2122-7");
    assert_string_equal(m.acts.v[0].refs[1].to, "CGCT/L2122-7");
    expect_printed(&m, 2, "CGCT/L2241-1", 1, "L. 2241-1"); /* its code is overleaf */
    expect_printed(&m, 3, "CGCT/R2121-9", 2, "R. 2121-9");
    assert_true(m.acts.v[0].refs[2].confidence > 0.9F);
    const char *list[8];
    assert_int_equal(grf_actrefs_list(&m.acts.v[0], list, 8), 5);
    assert_string_equal(list[2], "CGCT/L2122-7");
    assert_int_equal(grf_actrefs_list(&m.acts.v[0], list, 2), 2);
    unmake(&m);
}

static void test_terms(void **state)
{
    (void)state;
    struct made m;
    char ranges[4][GRF_REF_TERM_MAX];
    make(&m, ONE, ONE);
    assert_int_equal(grf_actrefs_find(m.pages, 2, NULL, &m.acts, NULL), GRF_OK);
    const struct grf_act *a = &m.acts.v[0];
    assert_int_equal(grf_actrefs_ranges(a, ranges, 4), 1); /* the same one twice */
    assert_string_equal(ranges[0], "CGCT/L2122-1..CGCT/L2122-7");
    assert_int_equal(grf_actrefs_ranges(a, ranges, 0), 0);
    assert_true(grf_actrefs_has(a, grf_sv_z("cgct/l2122-1..CGCT/L2122-7")));
    assert_true(grf_actrefs_has(a, grf_sv_z("CGCT/L2122-7")));
    assert_true(grf_actrefs_has(a, grf_sv_z("CGCT / L2121-29")));
    assert_false(grf_actrefs_has(a, grf_sv_z("CGCT/L2122-5")));
    assert_false(grf_actrefs_has(a, grf_sv_z("")));
    unmake(&m);
}

/* Spans that leave the page, words out of order: nothing is read beyond the text. */
static void test_odd_spans(void **state)
{
    (void)state;
    struct made m;
    make(&m, ONE, TWO);
    m.acts.v[0].last_page = 7;
    m.acts.v[0].last_char = SIZE_MAX;
    m.pages[0].words[1].end = UINT32_MAX;
    m.pages[1].words[0].start = UINT32_MAX;
    assert_int_equal(grf_actrefs_find(m.pages, 2, NULL, &m.acts, NULL), GRF_OK);
    assert_true(m.acts.v[0].n_refs >= 3);
    m.acts.v[0].first_char = m.pages[0].text.n + 10;
    m.acts.v[0].last_page = 1;
    assert_int_equal(grf_actrefs_find(m.pages, 2, NULL, &m.acts, NULL), GRF_OK);
    assert_int_equal(m.acts.v[0].n_refs, 0);
    unmake(&m);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct made m;
    struct grf_err err;
    grf_status st = GRF_NOMEM;
    for (uint64_t n = 1; st == GRF_NOMEM; n++) {
        make(&m, ONE, TWO);
        grf_mem_fail_at(n, 0);
        st = grf_actrefs_find(m.pages, 2, NULL, &m.acts, &err);
        grf_mem_fail_at(0, 0);
        assert_true(st == GRF_OK || st == GRF_NOMEM);
        if (st == GRF_OK)
            assert_true(n > 3 && m.acts.v[0].n_refs == 4);
        unmake(&m);
    }
}

/* ---- asking */

static struct grf_ref_asked asked(const char *text)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_ref_asked a;
    grf_status st = grf_ref_asked_parse(grf_sv_z(text), NULL, &a, &err);
    if (st)
        print_message("# %s: %s\n", text, err.msg);
    assert_int_equal(st, GRF_OK);
    return a;
}

/* The bounds must never leave out what meets. */
static bool meets(const char *wish, const char *canon, const char *to)
{
    struct grf_ref_asked a = asked(wish);
    char key[GRF_REF_MAX];
    bool within = false;
    assert_true(grf_ref_key(canon, key));
    for (size_t i = 0; i < a.n; i++)
        within = within || (strcmp(key, a.v[i].low) >= 0 && strcmp(key, a.v[i].high) < 0);
    bool yes = grf_ref_meets(&a, canon, to);
    if (yes && !to[0])
        assert_true(within);
    return yes;
}

static void test_what_meets(void **state)
{
    (void)state;
    static const struct {
        const char *wish, *canon, *to;
        bool meets;
    } t[] = {
        {"CGCT/L2121-29", "CGCT/L2121-29", "", true},
        {"art 2121-29 cgct", "CGCT/L2121-29", "", true},
        {"CGCT/L2121-2", "CGCT/L2121-29", "", false},
        {"CGCT/L2121-29", "CGCT/L2121-29-1", "", false},
        {"CGCT/L2121-29", "CGCT/L2121-1", "CGCT/L2121-35", true},
        {"CGCT/L2121-29", "CGCT/L2121-1", "CGCT/L2121-9", false},
        {"CGCT/R2121-9", "CGCT/L2121-1", "CGCT/L2121-35", false},
        {"L2121-1 à L2121-23 du CGCT", "CGCT/L2121-9", "", true},
        {"L2121-1 à L2121-23 du CGCT", "CGCT/L2121-23", "", true},
        {"L2121-1 à L2121-23 du CGCT", "CGCT/L2121-24", "", false},
        {"L2121-1 à L2121-23 du CGCT", "CGCT/L2121-20", "CGCT/L2121-30", true},
        {"L2121-1 à L2121-23 du CGCT", "CU/L2121-9", "", false},
        {"CGCT/L2121", "CGCT/L2121-29", "", true},
        {"CGCT/L2121", "CGCT/L2122-1", "", false},
        {"CGCT/L21", "CGCT/L2122-1", "", true},
        {"CGCT/L21", "CGCT/R2122-1", "", false},
        {"CGCT", "CGCT/R2122-1", "", true},
        {"CGCT", "CGFP/L1", "", false},
        {"loi 84-53", "loi/84-53", "", true},
        {"loi 84-53", "loi/84-53/3-3", "", true},
        {"loi 84-53", "loi/84-531", "", false},
        {"loi/84-53/3", "loi/84-53/3-3", "", false},
        {"loi/84-53/3", "loi/84-53", "", false},
        {"CGI/1636 B sexies", "cgi/1636bsexies", "", true},
        {"L2121-29 et L2122-22 du CGCT", "CGCT/L2122-22", "", true},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(t); i++) {
        bool yes = meets(t[i].wish, t[i].canon, t[i].to);
        if (yes != t[i].meets)
            print_message("# %s %s..%s\n", t[i].wish, t[i].canon, t[i].to);
        assert_int_equal(yes, t[i].meets);
    }
}

static void test_no_reference(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "bonjour", "n° 2024-12", "\xff\xfe", "article"};
    struct grf_ref_asked a;
    struct grf_err err;
    for (size_t i = 0; i < GRF_ARRAY_LEN(bad); i++)
        assert_int_equal(grf_ref_asked_parse(grf_sv_z(bad[i]), NULL, &a, &err), GRF_INVALID);
}

static void test_order(void **state)
{
    (void)state;
    static const char *const sorted[] = {"CGCT/L2121-2", "CGCT/L2121-2-1", "CGCT/L2121-9",
                                         "CGCT/L2121-23", "CGCT/L2122-1", "CGCT/R1"};
    for (size_t i = 0; i + 1 < GRF_ARRAY_LEN(sorted); i++) {
        assert_true(grf_ref_compare(sorted[i], sorted[i + 1]) < 0);
        assert_true(grf_ref_compare(sorted[i + 1], sorted[i]) > 0);
    }
    assert_int_equal(grf_ref_compare("CGI/1636 B", "cgi/1636b"), 0);
}

/* ---- rows */

static grf_status count_row(void *data, const struct grf_ref_row *row, struct grf_err *err)
{
    size_t *n = data;
    (void)err;
    assert_int_equal(row->session_date.n, 10);
    assert_true(row->ref.page == 1 || row->ref.page == 2);
    (*n)++;
    return GRF_OK;
}

static size_t count(struct grf_meta *m, const char *wish)
{
    struct grf_ref_asked a = asked(wish);
    struct grf_err err = GRF_ERR_INIT;
    size_t n = 0;
    assert_int_equal(grf_meta_each_ref(m, &a, count_row, &n, &err), GRF_OK);
    return n;
}

static void test_rows(void **state)
{
    (void)state;
    char dir[] = "/tmp/grf-refs-XXXXXX", path[64];
    struct grf_err err = GRF_ERR_INIT;
    struct grf_meta *meta;
    struct made m;
    struct grf_act_row row;
    struct grf_doc_new doc = {"aabbccddeeff00112233", 10, "essai"};
    int64_t id, *passages;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/greffier.db", dir);
    make(&m, ONE, TWO);
    assert_int_equal(grf_actrefs_find(m.pages, 2, NULL, &m.acts, NULL), GRF_OK);
    assert_int_equal(grf_meta_open(path, true, &meta, &err), GRF_OK);
    assert_int_equal(
        grf_meta_add_doc(meta, &doc, m.pages, 2, &m.acts, 1, &id, &passages, &err), GRF_OK);
    grf_free(passages);
    assert_int_equal(grf_meta_act(meta, 1, &row, &err), GRF_OK);
    assert_int_equal(grf_meta_act_refs(meta, 1, &row.act, &err), GRF_OK);
    assert_int_equal(row.act.n_refs, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct grf_actref *a = &row.act.refs[i], *b = &m.acts.v[0].refs[i];
        assert_string_equal(a->canon, b->canon);
        assert_string_equal(a->to, b->to);
        assert_true(a->page == b->page && a->start == b->start && a->end == b->end);
        assert_true(a->flags == b->flags && a->confidence == b->confidence);
    }
    grf_act_row_release(&row);
    assert_int_equal(count(meta, "CGCT/L2121-29"), 1);
    assert_int_equal(count(meta, "CGCT/L2122-5"), 1); /* inside the range */
    assert_int_equal(count(meta, "CGCT/L2122"), 1);
    assert_int_equal(count(meta, "CGCT"), 4);
    assert_int_equal(count(meta, "CJA/R421-1"), 0);
    assert_int_equal(grf_meta_retire_doc(meta, id, false, NULL, 2, &err), GRF_OK);
    assert_int_equal(count(meta, "CGCT"), 0); /* superseded: kept, not shown */
    assert_int_equal(grf_meta_retire_doc(meta, id, true, NULL, 3, &err), GRF_OK);
    memset(&row, 0, sizeof(row));
    assert_int_equal(grf_meta_act_refs(meta, 1, &row.act, &err), GRF_OK);
    assert_int_equal(row.act.n_refs, 0);
    grf_meta_close(meta);
    unmake(&m);
    unlink(path);
    snprintf(path, sizeof(path), "%s/greffier.db-wal", dir);
    unlink(path);
    snprintf(path, sizeof(path), "%s/greffier.db-shm", dir);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_across_pages), cmocka_unit_test(test_odd_spans),
        cmocka_unit_test(test_out_of_memory),      cmocka_unit_test(test_what_meets),
        cmocka_unit_test(test_no_reference),       cmocka_unit_test(test_order),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

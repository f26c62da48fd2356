/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The law with its dates: numbers and their order, what an article was on a day, imports
 * that replace, shadow, delete, stop and go on, hostile values, memory running out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_mem.h"
#include "law_fixture.h"

#define TODAY "2024-06-01"

/* ---- numbers */

static void assert_number(const char *printed, const char *expected)
{
    char out[GRF_LAW_NUM];
    assert_true(grf_law_number(grf_sv_z(printed), out));
    assert_string_equal(out, expected);
}

static void test_numbers(void **state)
{
    char out[GRF_LAW_NUM], longest[400];
    (void)state;
    assert_number("L2121-29", "L2121-29");
    assert_number("Art. L. 131-4", "L131-4");
    assert_number("Article L.O. 1112-1.", "LO1112-1");
    assert_number("R*123-1", "R123-1");
    assert_number("*R. 123-1", "R123-1");
    assert_number("L.\xC2\xA0""2121-29", "L2121-29");
    assert_number("1636 B sexies", "1636 B sexies");
    assert_number("  1636   B\tsexies ", "1636 B sexies");
    assert_number("Annexe 1-2", "Annexe 1-2");
    assert_number("Annexe I à l'article R. 373-3", "Annexe I à l'article R. 373-3");
    assert_false(grf_law_number(grf_sv_z(""), out));
    assert_false(grf_law_number(grf_sv_z(" * . "), out));
    memset(longest, 'x', sizeof(longest));
    assert_false(grf_law_number(grf_sv(longest, sizeof(longest)), out));
    grf_law_number_key("1636 B Sexies", out);
    assert_string_equal(out, "1636bsexies");
}

static void test_order(void **state)
{
    static const char *const sorted[] = {
        "1", "2", "10", "1636", "1636 bis", "1636 decies", "1636 A", "1636 B",
        "1636 B bis", "1636 B sexies", "1636 B undecies", "1637", "Annexe 1-1", "L1", "L2",
        "L110-1", "L2121-1", "L2121-2", "L2121-2-1", "L2121-10", "L2121-23", "L2122-1",
        "LO1112-1", "R1"};
    (void)state;
    for (size_t i = 1; i < GRF_ARRAY_LEN(sorted); i++) {
        struct grf_str a, b;
        grf_str_init(&a, 4096);
        grf_str_init(&b, 4096);
        grf_law_number_order(sorted[i - 1], &a);
        grf_law_number_order(sorted[i], &b);
        if (strcmp(a.p, b.p) >= 0)
            print_message("%s before %s: %s %s\n", sorted[i - 1], sorted[i], a.p, b.p);
        assert_true(strcmp(a.p, b.p) < 0);
        grf_str_release(&a);
        grf_str_release(&b);
    }
}

/* ---- versions.jsonl: articles as a whole */

static void start(struct world *w, grf_law_kind kind, const char *digest, const char *stamp)
{
    struct grf_law_import record;
    OK(grf_law_import_open(w->law, kind, digest, digest, stamp, "all", &record, &w->err));
    assert_false(record.done);
    w->import = record.id;
    OK(grf_law_begin(w->law, &w->err));
}

static void put_code(struct world *w, const char *name, const char *until)
{
    struct grf_law_code_new c = {name, "LEGITEXT000000000001", "Code of tests",
                                 GRF_LAW_FROM_VERSIONS, until, false};
    OK(grf_law_put_code(w->law, w->import, &c, &w->code, &w->err));
}

static struct grf_law_version_new version(const char *num, const char *from, const char *to,
                                          const char *etat, const char *text)
{
    struct grf_law_version_new v = {.num = num, .valid_from = from, .valid_to = to,
                                    .etat = etat, .text = grf_sv_z(text)};
    return v;
}

static bool put(struct world *w, const struct grf_law_version_new *v, size_t n)
{
    bool changed;
    OK(grf_law_put_article(w->law, w->import, w->code, v, n, &changed, &w->err));
    return changed;
}

static int64_t finish(struct world *w, grf_law_kind kind, const char *stamp)
{
    int64_t removed = 0;
    OK(grf_law_import_finish(w->law, w->import, kind, stamp, &removed, &w->err));
    return removed;
}

static struct grf_law_answer ask(struct world *w, const char *num, const char *at)
{
    struct grf_law_answer a;
    OK(grf_law_find(w->law, grf_sv_z("cgct"), grf_sv_z(num), at, TODAY, &a, &w->err));
    return a;
}

static void assert_state(struct world *w, const char *num, const char *at,
                         grf_law_state state, grf_law_why why)
{
    struct grf_law_answer a = ask(w, num, at);
    if (a.state != state || a.why != why)
        print_message("%s on %s: %s, %d\n", num, at, grf_law_state_name(a.state), a.why);
    assert_int_equal(a.state, state);
    assert_int_equal(a.why, why);
    grf_law_answer_release(&a);
}

/* L1 changed once and stands; L2 repealed, made again, repealed; L3 planned; L4 last
   seen; L5 with a doubt about its change; L6 older than what is known. */
static void fill(struct world *w)
{
    struct grf_law_version_new v[3];
    start(w, GRF_LAW_VERSIONS, "one", NULL);
    put_code(w, "CGCT", "2023-12-06");
    v[0] = version("L1", "2000-01-01", "2010-01-01", "MODIFIE", "old");
    v[1] = version("L1", "2010-01-01", NULL, "VIGUEUR", "new");
    assert_true(put(w, v, 2));
    v[0] = version("L2", "2000-01-01", "2005-01-01", "ABROGE", "first");
    v[0].flags = GRF_LAW_GAP_REPEALED;
    v[1] = version("L2", "2008-01-01", "2020-01-01", "ABROGE", "second");
    assert_true(put(w, v, 2));
    v[0] = version("L3", "2025-01-01", NULL, "VIGUEUR", "later");
    v[0].flags = GRF_LAW_PLANNED;
    assert_true(put(w, v, 1));
    v[0] = version("L4", "2000-01-01", NULL, "MODIFIE", "seen");
    v[0].last_seen = "2015-03-15";
    assert_true(put(w, v, 1));
    v[0] = version("L5", "2000-01-01", "2012-01-01", "MODIFIE", "before");
    v[1] = version("L5", "2012-01-01", NULL, "VIGUEUR", "after");
    v[1].from_after = "2011-01-01";
    assert_true(put(w, v, 2));
    v[0] = version("L6", "1970-01-02", "1990-01-01", "MODIFIE", "a");
    v[0].flags = GRF_LAW_FLOORED;
    v[1] = version("L6", "1995-01-01", NULL, "VIGUEUR", "b");
    v[0].flags |= GRF_LAW_GAP_UNKNOWN;
    assert_true(put(w, v, 2));
    assert_int_equal(finish(w, GRF_LAW_VERSIONS, NULL), 0);
}

static grf_status sum_articles(void *data, const struct grf_law_code *c, struct grf_err *err)
{
    (void)err;
    *(int64_t *)data += c->articles;
    return GRF_OK;
}

static int64_t articles_of(struct grf_law *law)
{
    int64_t n = 0, again = 0;
    assert_int_equal(grf_law_each_code(law, sum_articles, &n, NULL), GRF_OK);
    assert_int_equal(grf_law_each_code(law, sum_articles, &again, NULL), GRF_OK);
    assert_int_equal(n, again);
    return n;
}

/* A reader counts once, and again when an import has committed. */
static void test_codes_are_counted_anew(void **state)
{
    struct world *w = *state;
    struct grf_law *reader;
    struct grf_law_version_new v = version("L7", "2000-01-01", NULL, "VIGUEUR", "more");
    fill(w);
    OK(grf_law_open(w->dir, &reader, &w->err));
    assert_int_equal(articles_of(reader), 6);
    start(w, GRF_LAW_VERSIONS, "two", NULL);
    put_code(w, "CGCT", "2024-12-06");
    assert_true(put(w, &v, 1));
    assert_int_equal(articles_of(w->law), 7);
    assert_int_equal(articles_of(reader), 6);
    OK(grf_law_commit(w->law, w->import, 1, &w->err));
    assert_int_equal(articles_of(reader), 7);
    grf_law_close(reader);
}

static void test_days(void **state)
{
    struct world *w = *state;
    fill(w);
    assert_state(w, "L1", "1999-12-31", GRF_LAW_NOT_YET, GRF_LAW_WHY_NONE);
    assert_state(w, "L1", "2000-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L2", "2004-12-31", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L2", "2005-01-01", GRF_LAW_REPEALED, GRF_LAW_WHY_NONE);
    assert_state(w, "L2", "2008-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L2", "2020-01-01", GRF_LAW_REPEALED, GRF_LAW_WHY_NONE);
    assert_state(w, "L3", "2024-12-31", GRF_LAW_NOT_YET, GRF_LAW_WHY_NONE);
    assert_state(w, "L3", "2025-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L4", "2015-03-15", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L4", "2015-03-16", GRF_LAW_UNKNOWN, GRF_LAW_WHY_LAST_SEEN);
    assert_state(w, "L5", "2011-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L5", "2011-06-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_DATE);
    assert_state(w, "L5", "2012-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L6", "1969-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_GAP);
    assert_state(w, "L6", "1992-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_GAP);
    assert_state(w, "L9", "2000-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_NO_ARTICLE);
    assert_state(w, "", "2000-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_NO_ARTICLE);
}

static void test_answer(void **state)
{
    struct world *w = *state;
    fill(w);
    struct grf_law_answer a = ask(w, "l. 1", "2009-12-31");
    assert_string_equal(a.num, "L1");
    assert_string_equal(a.version.valid_from, "2000-01-01");
    assert_string_equal(a.version.valid_to, "2010-01-01");
    assert_string_equal(a.known_until, "");
    assert_true(a.changed_since);
    assert_int_equal(a.today.state, GRF_LAW_IN_FORCE);
    assert_string_equal(a.today.valid_from, "2010-01-01");
    assert_string_equal(a.today.known_until, "2023-12-06");
    grf_law_answer_release(&a);
    a = ask(w, "L1", "2023-12-06"); // the last day that is known
    assert_string_equal(a.known_until, "");
    assert_false(a.changed_since);
    grf_law_answer_release(&a);
    a = ask(w, "L1", "2023-12-07");
    assert_int_equal(a.state, GRF_LAW_IN_FORCE);
    assert_string_equal(a.known_until, "2023-12-06");
    grf_law_answer_release(&a);
    a = ask(w, "L2", "2004-01-01");
    assert_true(a.changed_since);
    assert_int_equal(a.today.state, GRF_LAW_REPEALED);
    grf_law_answer_release(&a);
    OK(grf_law_find(w->law, grf_sv_z("XYZ"), grf_sv_z("L1"), TODAY, TODAY, &a, &w->err));
    assert_int_equal(a.why, GRF_LAW_WHY_NO_TEXT);
    assert_string_equal(a.code.name, "XYZ");
    grf_law_answer_release(&a);
}

/* ---- lists */

struct list {
    char text[512];
};

static grf_status add_num(void *data, int64_t id, const char *num, struct grf_err *err)
{
    struct list *l = data;
    size_t n = strlen(l->text);
    (void)id;
    (void)err;
    snprintf(l->text + n, sizeof(l->text) - n, "%s%s", n ? " " : "", num);
    return GRF_OK;
}

static void test_lists(void **state)
{
    static const char *const nums[] = {"L2121-10", "L2121-2",  "L2121-1",   "R2121-2",
                                       "L2121-2-1", "L2122-1", "LO2121-2", "L21210-1"};
    struct world *w = *state;
    struct list l = {""};
    start(w, GRF_LAW_VERSIONS, "one", NULL);
    put_code(w, "CGCT", "2023-12-06");
    for (size_t i = 0; i < GRF_ARRAY_LEN(nums); i++) {
        struct grf_law_version_new v = version(nums[i], "2000-01-01", NULL, "VIGUEUR", "t");
        v.section = i == 0 ? "Part > Section 5" : "Part > Section 1";
        assert_true(put(w, &v, 1));
    }
    finish(w, GRF_LAW_VERSIONS, NULL);
    OK(grf_law_each_between(w->law, grf_sv_z("CGCT"), grf_sv_z("L2121-2"),
                            grf_sv_z("L. 2121-10"), add_num, &l, &w->err));
    assert_string_equal(l.text, "L2121-2 L2121-2-1 L2121-10");
    l.text[0] = 0;
    OK(grf_law_each_under(w->law, grf_sv_z("CGCT"), grf_sv_z("L2121"), add_num, &l, &w->err));
    assert_string_equal(l.text, "L2121-1 L2121-2 L2121-2-1 L2121-10");
    l.text[0] = 0;
    OK(grf_law_each_under(w->law, grf_sv_z("CGCT"), grf_sv_z("L2121-2"), add_num, &l,
                          &w->err));
    assert_string_equal(l.text, "L2121-2 L2121-2-1");
    l.text[0] = 0;
    OK(grf_law_each_under(w->law, grf_sv_z("CGCT"), grf_sv_z(""), add_num, &l, &w->err));
    assert_int_equal(strlen(l.text), strlen("L2121-1 L2121-2 L2121-2-1 L2121-10 L2122-1 "
                                            "L21210-1 LO2121-2 R2121-2"));
    l.text[0] = 0;
    OK(grf_law_each_in_section(w->law, grf_sv_z("CGCT"), grf_sv_z("Section 5"), add_num, &l,
                               &w->err));
    assert_string_equal(l.text, "L2121-10");
    assert_int_equal(grf_law_each_between(w->law, grf_sv_z("CGCT"), grf_sv_z(""),
                                          grf_sv_z("L2"), add_num, &l, &w->err),
                     GRF_INVALID);
}

static grf_status add_change(void *data, const char *name, const char *num,
                             struct grf_err *err)
{
    struct list *l = data;
    size_t n = strlen(l->text);
    (void)err;
    snprintf(l->text + n, sizeof(l->text) - n, "%s%s/%s", n ? " " : "", name,
             num ? num : "*");
    return GRF_OK;
}

static int64_t changes(struct world *w, int64_t after, struct list *l)
{
    int64_t last = 0;
    l->text[0] = 0;
    OK(grf_law_each_change(w->law, after, add_change, l, &last, &w->err));
    return last;
}

/* ---- imports of articles as a whole */

static void test_second_import(void **state)
{
    struct world *w = *state;
    struct grf_law_import record;
    struct list l;
    fill(w);
    OK(grf_law_import_open(w->law, GRF_LAW_VERSIONS, "one", "one", NULL, "all", &record,
                           &w->err));
    assert_true(record.done);
    int64_t before = changes(w, 0, &l);
    assert_string_equal(l.text, "CGCT/*");

    /* L1 is the same, L2 has other words, L7 is new, the others are gone */
    start(w, GRF_LAW_VERSIONS, "two", NULL);
    put_code(w, "CGCT", "2024-05-01");
    struct grf_law_version_new v[2];
    v[0] = version("L1", "2000-01-01", "2010-01-01", "MODIFIE", "old");
    v[1] = version("L1", "2010-01-01", NULL, "VIGUEUR", "new");
    assert_false(put(w, v, 2));
    v[0] = version("L2", "2000-01-01", NULL, "VIGUEUR", "other");
    assert_true(put(w, v, 1));
    v[0] = version("L7", "2000-01-01", NULL, "VIGUEUR", "seven");
    assert_true(put(w, v, 1));
    assert_int_equal(finish(w, GRF_LAW_VERSIONS, NULL), 6);
    changes(w, before, &l);
    assert_string_equal(l.text, "CGCT/L2 CGCT/L3 CGCT/L4 CGCT/L5 CGCT/L6 CGCT/L7");
    assert_state(w, "L4", "2010-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_NO_ARTICLE);
    assert_state(w, "L2", "2021-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);

    /* the first file again, after another: from its beginning */
    OK(grf_law_import_open(w->law, GRF_LAW_VERSIONS, "one", "one", NULL, "all", &record,
                           &w->err));
    assert_false(record.done);
    assert_int_equal(record.position, 0);
}

static void test_going_on(void **state)
{
    struct world *w = *state;
    struct grf_law_import record;
    struct grf_law_version_new v = version("L1", "2000-01-01", NULL, "VIGUEUR", "t");
    start(w, GRF_LAW_VERSIONS, "one", NULL);
    put_code(w, "CGCT", "2023-12-06");
    assert_true(put(w, &v, 1));
    OK(grf_law_commit(w->law, w->import, 17, &w->err));
    OK(grf_law_begin(w->law, &w->err));
    v = version("L2", "2000-01-01", NULL, "VIGUEUR", "lost");
    assert_true(put(w, &v, 1));
    grf_law_close(w->law); // as a killed process would
    OK(grf_law_open_writer(w->dir, &w->law, &w->err));
    OK(grf_law_import_open(w->law, GRF_LAW_VERSIONS, "one", "one", NULL, "all", &record,
                           &w->err));
    assert_int_equal(record.id, w->import);
    assert_int_equal(record.position, 17);
    assert_state(w, "L1", "2001-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L2", "2001-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_NO_ARTICLE);
}

/* Two spellings of one number in different places of a file. */
static void test_number_comes_back(void **state)
{
    struct world *w = *state;
    struct grf_law_version_new v = version("R1 BIS", "2000-01-01", "2005-01-01", "MODIFIE", "a");
    start(w, GRF_LAW_VERSIONS, "one", NULL);
    put_code(w, "CGCT", "2023-12-06");
    assert_true(put(w, &v, 1));
    v = version("R1 bis", "2005-01-01", NULL, "VIGUEUR", "b");
    assert_true(put(w, &v, 1));
    finish(w, GRF_LAW_VERSIONS, NULL);
    assert_state(w, "R1 bis", "2004-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "R1 Bis", "2006-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
}

/* ---- LEGI: single versions */

#define ID "LEGIARTI00000000000"
#define NOW "LEGITEXT000000000001/now"
#define OLD "LEGITEXT000000000001/old"

static void put_legi_code(struct world *w, bool whole)
{
    struct grf_law_code_new c = {"CGCT", "LEGITEXT000000000001", NULL, GRF_LAW_FROM_LEGI,
                                 NULL, whole};
    OK(grf_law_put_code(w->law, w->import, &c, &w->code, &w->err));
}

static grf_law_put put_one(struct world *w, struct grf_law_version_new v, const char *id,
                           const char *place, int64_t mtime)
{
    grf_law_put put = GRF_LAW_SAME;
    v.legi_id = id;
    v.place = place;
    v.mtime = mtime;
    OK(grf_law_put_version(w->law, w->import, w->code, &v, &put, &w->err));
    return put;
}

static void stock(struct world *w)
{
    start(w, GRF_LAW_STOCK, "stock", "20230101-000000");
    put_legi_code(w, true);
    put_one(w, version("L1", "2000-01-01", "2010-01-01", "MODIFIE", "old"), ID "1", NOW, 5);
    put_one(w, version("L1", "2010-01-01", NULL, "VIGUEUR", "new"), ID "2", NOW, 5);
    put_one(w, version("L2", "2000-01-01", NULL, "VIGUEUR", "two"), ID "3", NOW, 5);
}

static void test_stock(void **state)
{
    struct world *w = *state;
    char *loading;
    stock(w);
    OK(grf_law_commit(w->law, w->import, 3, &w->err));
    /* half a stock answers nothing */
    assert_state(w, "L1", "2011-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_LOADING);
    OK(grf_law_loading(w->law, &loading, &w->err));
    assert_string_equal(loading, "stock");
    grf_free(loading);
    OK(grf_law_begin(w->law, &w->err));
    assert_int_equal(finish(w, GRF_LAW_STOCK, "20230101-000000"), 0);
    assert_state(w, "L1", "2011-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    struct grf_law_answer a = ask(w, "L1", "2023-01-02");
    assert_string_equal(a.known_until, "2023-01-01");
    struct grf_str link;
    grf_str_init(&link, 4096);
    grf_law_link(&a, &link);
    assert_string_equal(link.p, "https://www.legifrance.gouv.fr/codes/article_lc/" ID
                                "2/2023-01-02");
    grf_str_release(&link);
    grf_law_answer_release(&a);

    /* a newer stock without L2 */
    start(w, GRF_LAW_STOCK, "newer", "20240101-000000");
    put_legi_code(w, true);
    assert_int_equal(put_one(w, version("L1", "2000-01-01", "2010-01-01", "MODIFIE", "old"),
                             ID "1", NOW, 9), GRF_LAW_SAME);
    assert_int_equal(put_one(w, version("L1", "2010-01-01", NULL, "VIGUEUR", "newest"),
                             ID "2", NOW, 9), GRF_LAW_CHANGED);
    assert_int_equal(finish(w, GRF_LAW_STOCK, "20240101-000000"), 1);
    assert_state(w, "L2", "2011-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_NO_ARTICLE);
}

static void test_increment(void **state)
{
    struct world *w = *state;
    struct list l;
    int64_t removed = 0;
    stock(w);
    finish(w, GRF_LAW_STOCK, "20230101-000000");
    int64_t before = changes(w, 0, &l);
    start(w, GRF_LAW_INCREMENT, "inc", "20230102-000000");
    OK(grf_law_delete(w->law, w->import, NOW, ID "3", &removed, &w->err));
    OK(grf_law_delete(w->law, w->import, OLD, ID "1", &removed, &w->err)); // not there
    assert_int_equal(removed, 1);
    put_legi_code(w, false);
    put_one(w, version("L1", "2010-01-01", "2023-01-01", "ABROGE", "new"), ID "2", NOW, 6);
    finish(w, GRF_LAW_INCREMENT, "20230102-000000");
    changes(w, before, &l);
    assert_string_equal(l.text, "CGCT/L1 CGCT/L2");
    assert_state(w, "L1", "2023-01-01", GRF_LAW_REPEALED, GRF_LAW_WHY_NONE);
    assert_state(w, "L2", "2001-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_NO_ARTICLE);
    struct grf_law_code c;
    OK(grf_law_code(w->law, grf_sv_z("CGCT"), &c, &w->err));
    assert_string_equal(c.known_until, "2023-01-02");
    grf_law_code_release(&c);
}

/* One id in two folders: the newest file counts, the other one when that is deleted. */
static void test_copies(void **state)
{
    struct world *w = *state;
    int64_t removed = 0;
    size_t faults = 0;
    start(w, GRF_LAW_STOCK, "stock", "20230101-000000");
    put_legi_code(w, true);
    struct grf_law_version_new v = version("L1", "2000-01-01", NULL, "VIGUEUR", "kept");
    assert_int_equal(put_one(w, v, ID "1", NOW, 5), GRF_LAW_ADDED);
    v = version("L1", "2000-01-01", "2002-01-01", "ABROGE", "moved");
    assert_int_equal(put_one(w, v, ID "1", OLD, 4), GRF_LAW_SHADOWED);
    finish(w, GRF_LAW_STOCK, "20230101-000000");
    assert_state(w, "L1", "2011-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    start(w, GRF_LAW_INCREMENT, "inc", "20230102-000000");
    assert_int_equal(put_one(w, v, ID "1", OLD, 6), GRF_LAW_CHANGED);
    finish(w, GRF_LAW_INCREMENT, "20230102-000000");
    assert_state(w, "L1", "2011-01-01", GRF_LAW_REPEALED, GRF_LAW_WHY_NONE);
    start(w, GRF_LAW_INCREMENT, "inc2", "20230103-000000");
    OK(grf_law_delete(w->law, w->import, OLD, "LEGIARTI0000", &removed, &w->err));
    assert_int_equal(removed, 1);
    finish(w, GRF_LAW_INCREMENT, "20230103-000000");
    assert_state(w, "L1", "2011-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    OK(grf_law_verify(w->law, NULL, NULL, &faults, &w->err));
    assert_int_equal(faults, 0);
}

/* Never in force; no first day; a last day that is past; a beginning that is not said. */
static void test_odd_versions(void **state)
{
    struct world *w = *state;
    start(w, GRF_LAW_STOCK, "stock", "20230101-000000");
    put_legi_code(w, true);
    OK(grf_law_set_title(w->law, w->code, "Code", "1996-02-24", &w->err));
    struct grf_law_version_new v =
        version("L1", "2016-01-01", "2015-12-24", "MODIFIE_MORT_NE", "never");
    v.flags = GRF_LAW_NEVER;
    put_one(w, v, ID "1", NOW, 1);
    v = version("L2", "2222-02-22", NULL, "VIGUEUR_DIFF", "some day");
    v.flags = GRF_LAW_NO_BEGIN;
    put_one(w, v, ID "2", NOW, 1);
    put_one(w, version("L3", "2000-01-01", "2002-01-01", "VIGUEUR", "stale"), ID "3", NOW, 1);
    v = version("L4", "2999-01-01", "2002-01-01", "MODIFIE", "no beginning");
    v.flags = GRF_LAW_NO_BEGIN;
    put_one(w, v, ID "4", NOW, 1);
    put_one(w, version("L5", "2000-01-01", "2002-01-01", "MODIFIE", "hole"), ID "5", NOW, 1);
    finish(w, GRF_LAW_STOCK, "20230101-000000");
    assert_state(w, "L1", "2016-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_GAP);
    assert_state(w, "L2", "2020-01-01", GRF_LAW_NOT_YET, GRF_LAW_WHY_NONE);
    assert_state(w, "L3", "2020-01-01", GRF_LAW_REPEALED, GRF_LAW_WHY_NONE);
    assert_state(w, "L4", "1998-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
    assert_state(w, "L5", "2003-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_GAP);
}

/* LEGI takes the place of what came from versions.jsonl. */
static void test_source_changes(void **state)
{
    struct world *w = *state;
    struct list l;
    fill(w);
    int64_t before = changes(w, 0, &l);
    stock(w);
    finish(w, GRF_LAW_STOCK, "20230101-000000");
    changes(w, before, &l);
    assert_string_equal(l.text, "CGCT/*");
    assert_state(w, "L5", "2003-01-01", GRF_LAW_UNKNOWN, GRF_LAW_WHY_NO_ARTICLE);
    assert_state(w, "L2", "2005-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
}

static void test_anomalies(void **state)
{
    struct world *w = *state;
    struct grf_law_anomalies a;
    const char *ids[] = {ID "1", ID "2", ID "9"};
    stock(w);
    OK(grf_law_put_listing(w->law, w->code, "LEGISCTA000000000001", ids, 3, &w->err));
    put_one(w, version("L2", "2000-01-01", NULL, "VIGUEUR", "again"), ID "4", NOW, 5);
    finish(w, GRF_LAW_STOCK, "20230101-000000");
    OK(grf_law_anomalies(w->law, &a, &w->err));
    assert_int_equal(a.not_delivered, 1);
    assert_int_equal(a.orphans, 2);
    assert_int_equal(a.same_begin, 1);
}

/* ---- opening */

static void test_opening(void **state)
{
    struct world *w = *state;
    struct grf_law *other;
    assert_int_equal(grf_law_open_writer(w->dir, &other, &w->err), GRF_LOCKED);
    assert_null(other);
    assert_int_equal(grf_law_open("/tmp/no-such-base", &other, &w->err), GRF_NOTFOUND);
    assert_null(other);
    /* a reader beside the writer sees what is committed */
    OK(grf_law_open(w->dir, &other, &w->err));
    fill(w);
    bool has = false;
    OK(grf_law_has(other, grf_sv_z("cgct"), grf_sv_z("l1"), &has, &w->err));
    assert_true(has);
    grf_law_close(other);
    grf_law_close(w->law);
    w->law = NULL;
    char path[128];
    snprintf(path, sizeof(path), "%s/law.db", w->dir);
    FILE *f = fopen(path, "w");
    fputs("this is no database, only some words that are long enough", f);
    fclose(f);
    grf_status st = grf_law_open(w->dir, &other, &w->err);
    assert_true(st == GRF_CORRUPT || st == GRF_IO);
    assert_null(other);
}

static void test_hostile(void **state)
{
    struct world *w = *state;
    static const char odd[] = "x' OR 1=1; DROP TABLE version; -- \xFF\xC2";
    fill(w);
    struct grf_law_answer a;
    OK(grf_law_find(w->law, grf_sv_z(odd), grf_sv_z(odd), odd, TODAY, &a, &w->err));
    assert_int_equal(a.why, GRF_LAW_WHY_NO_TEXT);
    grf_law_answer_release(&a);
    OK(grf_law_find(w->law, grf_sv_z("CGCT"), grf_sv_z(odd), "9999", "", &a, &w->err));
    assert_int_equal(a.why, GRF_LAW_WHY_NO_ARTICLE);
    grf_law_answer_release(&a);
    assert_state(w, "L1", "2001-01-01", GRF_LAW_IN_FORCE, GRF_LAW_WHY_NONE);
}

/* ---- memory */

static grf_status whole_life(struct world *w)
{
    struct grf_law *law = NULL;
    struct grf_law_import record;
    struct grf_law_answer a;
    struct grf_law_text t;
    int64_t code, removed = 0;
    bool changed;
    struct grf_law_version_new v = version("L8", "2000-01-01", NULL, "VIGUEUR", "eight");
    struct grf_law_code_new c = {"CU", NULL, "Code", GRF_LAW_FROM_VERSIONS, "2020-01-01",
                                 false};
    v.section = "a > b";
    grf_status st = grf_law_open_writer(w->dir, &law, &w->err);
    if (!st)
        st = grf_law_import_open(law, GRF_LAW_VERSIONS, "m", "m", NULL, "all", &record,
                                 &w->err);
    if (!st && !record.done) {
        st = grf_law_begin(law, &w->err);
        if (!st)
            st = grf_law_put_code(law, record.id, &c, &code, &w->err);
        if (!st)
            st = grf_law_put_article(law, record.id, code, &v, 1, &changed, &w->err);
        if (!st)
            st = grf_law_import_finish(law, record.id, GRF_LAW_VERSIONS, NULL, &removed,
                                       &w->err);
    }
    if (!st) {
        st = grf_law_find(law, grf_sv_z("CU"), grf_sv_z("L8"), TODAY, TODAY, &a, &w->err);
        if (!st) {
            assert_int_equal(a.state, GRF_LAW_IN_FORCE);
            st = grf_law_version_text(law, a.version.id, &t, &w->err);
            if (!st) {
                assert_string_equal(t.text, "eight");
                grf_law_text_release(&t);
            }
            grf_law_answer_release(&a);
        }
    }
    grf_law_close(law);
    return st;
}

static void test_memory(void **state)
{
    struct world *w = *state;
    int points = 0;
    grf_law_close(w->law);
    w->law = NULL;
    for (uint64_t n = 1; n < 10000; n++) {
        grf_mem_fail_at(n, 0);
        grf_status st = whole_life(w);
        grf_mem_fail_at(0, 0);
        if (st == GRF_OK)
            break;
        assert_int_equal(st, GRF_NOMEM);
        points++;
    }
    print_message("# %d points\n", points);
    assert_true(points >= 5);
    OK(whole_life(w));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_law, drop_law)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_order),
        TEST(test_days),
        TEST(test_answer),
        TEST(test_lists),
        TEST(test_second_import),
        TEST(test_going_on),
        TEST(test_number_comes_back),
        TEST(test_stock),
        TEST(test_increment),
        TEST(test_copies),
        TEST(test_odd_versions),
        TEST(test_codes_are_counted_anew),
        TEST(test_source_changes),
        TEST(test_anomalies),
        TEST(test_opening),
        TEST(test_hostile),
        TEST(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

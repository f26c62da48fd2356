/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Articles as passages: how texts are cut, what is indexed, what a change does, another
 * model, quotes proven, a reader beside rows that moved on, memory running out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fake_embedder.h"
#include "grf_file.h"
#include "grf_mem.h"
#include "grf_search_law.h"
#include "law_fixture.h"

enum { DIM = 256 };

static struct grf_embedder fake = {&fake_ops, DIM, "static/fake"};
static struct grf_embedder other = {&fake_ops, DIM, "static/other"};

struct line {
    const char *num, *from, *to, *etat, *text;
};

static const struct line first[] = {
    {"L1", "2000-01-01", "2010-01-01", "MODIFIE", "La ruche communale est rouge."},
    {"L1", "2010-01-01", NULL, "VIGUEUR", "La ruche communale est verte."},
    {"L2", "2000-01-01", "2010-01-01", "ABROGE", "Le moulin tourne."},
    {"L3", "2000-01-01", "2099-01-01", "MODIFIE", "Le four chauffe."},
    {"L3", "2099-01-01", NULL, "VIGUEUR", "Le four fume."},
    {"L4", "2000-01-01", NULL, "VIGUEUR", ""}};

/* Imports these lines, of one article after another, as the whole of the code. */
static void import(struct world *w, const struct line *lines, size_t n)
{
    struct grf_law_import record;
    char digest[16];
    bool changed;
    int64_t removed = 0;
    snprintf(digest, sizeof(digest), "d%d", ++w->imports);
    OK(grf_law_import_open(w->law, GRF_LAW_VERSIONS, digest, digest, NULL, "all", &record,
                           &w->err));
    OK(grf_law_begin(w->law, &w->err));
    struct grf_law_code_new c = {"CGCT", NULL, "Code d'essai", GRF_LAW_FROM_VERSIONS,
                                 "2099-12-31", false};
    OK(grf_law_put_code(w->law, record.id, &c, &w->code, &w->err));
    for (size_t i = 0; i < n;) {
        struct grf_law_version_new v[8];
        size_t k = 0;
        const char *num = lines[i].num;
        for (; i < n && strcmp(lines[i].num, num) == 0; i++)
            v[k++] = (struct grf_law_version_new){.num = num,
                                                  .valid_from = lines[i].from,
                                                  .valid_to = lines[i].to,
                                                  .etat = lines[i].etat,
                                                  .section = "Livre > Les biens",
                                                  .text = grf_sv_z(lines[i].text)};
        OK(grf_law_put_article(w->law, record.id, w->code, v, k, &changed, &w->err));
    }
    OK(grf_law_import_finish(w->law, record.id, GRF_LAW_VERSIONS, NULL, &removed, &w->err));
}

static struct grf_lawindex_job job_of(struct world *w, struct grf_embedder *e)
{
    struct grf_lawindex_job job = {.base = w->dir, .law = w->law, .embedder = e};
    return job;
}

static void update(struct world *w, int64_t added, int64_t removed)
{
    struct grf_lawindex_job job = job_of(w, &fake);
    OK(grf_lawindex_update(&job, &w->err));
    assert_int_equal(job.added, added);
    assert_int_equal(job.removed, removed);
}

static void fault(void *data, const char *text)
{
    (void)data;
    print_message("fault: %s\n", text);
}

static void assert_sound(struct world *w)
{
    size_t faults = 0;
    OK(grf_lawindex_verify(w->dir, fault, NULL, &faults, &w->err));
    assert_int_equal(faults, 0);
}

static struct grf_law_results ask_with(struct world *w, struct grf_lawindex *ix,
                                       const char *question, grf_mode mode)
{
    struct grf_law_results r;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    o.mode = mode;
    OK(grf_search_law(ix, NULL, mode == GRF_MODE_LEXICAL ? NULL : &fake,
                      grf_sv_z(question), &o, NULL, &r, &w->err));
    return r;
}

/* The best article must be this one, with that in its quote; NULL: no quote of any result
   has the question's words. */
static void assert_found(struct world *w, const char *question, const char *num,
                         const char *quote)
{
    static const grf_mode modes[] = {GRF_MODE_HYBRID, GRF_MODE_LEXICAL, GRF_MODE_VECTOR};
    struct grf_lawindex *ix;
    OK(grf_lawindex_open(w->dir, &ix, &w->err));
    for (size_t i = 0; i < GRF_ARRAY_LEN(modes); i++) {
        struct grf_law_results r = ask_with(w, ix, question, modes[i]);
        if (quote) {
            assert_true(r.n > 0);
            assert_string_equal(r.v[0].article.num, num);
            assert_non_null(strstr(r.v[0].quote, quote));
        }
        for (size_t k = 0; !quote && k < r.n; k++)
            assert_null(strstr(r.v[k].quote, question));
        grf_law_results_release(&r);
    }
    grf_lawindex_close(ix);
}

/* ---- cutting */

static void assert_cut(const char *text, size_t pieces)
{
    struct grf_law_piece *v;
    size_t n, end = 0, len = strlen(text);
    assert_int_equal(grf_law_cut(grf_sv_z(text), &v, &n, NULL), GRF_OK);
    assert_int_equal(n, pieces);
    for (size_t i = 0; i < n; i++) {
        assert_true(v[i].start >= end && v[i].start < v[i].end && v[i].end <= len);
        end = v[i].end;
    }
    grf_free(v);
}

static void test_cut(void **state)
{
    struct grf_str s;
    (void)state;
    assert_cut("", 0);
    assert_cut("\n \n . ; \n", 0);
    assert_cut("un mot", 1);
    grf_str_init(&s, 1 << 20);
    for (int i = 0; i < 58; i++) /* lines: 10 words each */
        grf_str_addz(&s, "un deux trois quatre cinq six sept huit neuf dix\n");
    assert_cut(s.p, 3); /* 180, 180, 180 and a rest of 40 that is none of its own */
    grf_str_clear(&s);
    for (int i = 0; i < 700; i++)
        grf_str_addz(&s, "mot "); /* one sentence without an end */
    assert_cut(s.p, 4);
    grf_str_clear(&s);
    for (int i = 0; i < 36; i++)
        grf_str_addz(&s, "Une phrase de dix mots qui se termine par un point. ");
    assert_cut(s.p, 2);
    grf_str_release(&s);
}

/* ---- what is indexed */

static void test_what_is_indexed(void **state)
{
    struct world *w = *state;
    import(w, first, GRF_ARRAY_LEN(first));
    update(w, 4, 0); /* L1 today's, L2's last, both of L3; L4 has no word */
    assert_sound(w);
    assert_found(w, "ruche communale", "L1", "verte");
    assert_found(w, "four chauffe", "L3", "chauffe");
    assert_found(w, "le moulin tourne", "L2", "moulin");
    assert_found(w, "fume", NULL, NULL);
    update(w, 0, 0);
}

static void test_changes(void **state)
{
    static const struct line second[] = {
        {"L1", "2000-01-01", NULL, "VIGUEUR", "La ruche communale est bleue."},
        {"L3", "2000-01-01", "2099-01-01", "MODIFIE", "Le four chauffe."},
        {"L3", "2099-01-01", NULL, "VIGUEUR", "Le four fume."}};
    struct world *w = *state;
    import(w, first, GRF_ARRAY_LEN(first));
    update(w, 4, 0);
    import(w, second, GRF_ARRAY_LEN(second));
    /* rows that moved on: what the indexes still hold of them is not shown */
    assert_found(w, "moulin", NULL, NULL);
    assert_found(w, "ruche communale", NULL, NULL);
    assert_found(w, "four chauffe", "L3", "chauffe");
    update(w, 1, 2);
    assert_sound(w);
    assert_found(w, "ruche communale", "L1", "bleue");
    assert_found(w, "moulin", NULL, NULL);
}

static void test_another_model(void **state)
{
    struct world *w = *state;
    static const struct line more[] = {{"L9", "2000-01-01", NULL, "VIGUEUR", "Le lavoir."}};
    struct grf_lawindex_job job = job_of(w, &other);
    import(w, first, GRF_ARRAY_LEN(first));
    update(w, 4, 0);
    import(w, more, 1);
    assert_int_equal(grf_lawindex_update(&job, &w->err), GRF_VERSION);
    job.embedder = NULL;
    assert_int_equal(grf_lawindex_update(&job, &w->err), GRF_INVALID);
    job.embedder = &fake;
    OK(grf_lawindex_rebuild(&job, &w->err));
    assert_sound(w);
    assert_found(w, "lavoir", "L9", "lavoir");
    job.embedder = &other;
    OK(grf_lawindex_rebuild(&job, &w->err));
    assert_sound(w);
    struct grf_lawindex *ix;
    OK(grf_lawindex_open(w->dir, &ix, &w->err));
    assert_int_equal(grf_lawindex_load_vectors(ix, "static/fake", &w->err), GRF_VERSION);
    OK(grf_lawindex_load_vectors(ix, "static/other", &w->err));
    grf_lawindex_close(ix);
}

/* Rows are committed before the full text: an index left behind catches up. */
static void test_left_behind(void **state)
{
    struct world *w = *state;
    char path[128];
    import(w, first, GRF_ARRAY_LEN(first));
    update(w, 4, 0);
    snprintf(path, sizeof(path), "%s/law.fulltext.0", w->dir);
    grf_path_remove(path);
    snprintf(path, sizeof(path), "%s/law.vectors.0", w->dir);
    grf_path_remove(path);
    update(w, 0, 0);
    assert_sound(w);
    assert_found(w, "ruche communale", "L1", "verte");
}

/* An update that was killed before it removed the blocks it had replaced: the next one
   does, even where nothing else has changed. */
static void test_killed_before_removal(void **state)
{
    struct world *w = *state;
    char path[128];
    import(w, first, GRF_ARRAY_LEN(first));
    update(w, 4, 0);
    snprintf(path, sizeof(path), "%s/law.vectors.0/blocks.77", w->dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    update(w, 0, 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_sound(w);
    assert_found(w, "ruche communale", "L1", "verte");
}

static void test_quotes(void **state)
{
    struct world *w = *state;
    struct grf_lawindex *ix;
    import(w, first, GRF_ARRAY_LEN(first));
    update(w, 4, 0);
    OK(grf_lawindex_open(w->dir, &ix, &w->err));
    struct grf_law_results r = ask_with(w, ix, "ruche communale", GRF_MODE_HYBRID);
    int64_t id = r.v[0].passage.version_id;
    struct grf_sv q = grf_sv_z(r.v[0].quote);
    size_t from = r.v[0].span_start, to = r.v[0].span_end;
    OK(grf_prove_law_quote(ix->law, id, from, to, q, &w->err));
    assert_int_equal(grf_prove_law_quote(ix->law, id, from, to - 1, q, NULL), GRF_CORRUPT);
    assert_int_equal(grf_prove_law_quote(ix->law, id, 9999, 99999, q, NULL), GRF_CORRUPT);
    assert_int_equal(grf_prove_law_quote(ix->law, id, to, from, q, NULL), GRF_CORRUPT);
    assert_int_equal(grf_prove_law_quote(ix->law, 999999, from, to, q, NULL), GRF_NOTFOUND);
    grf_law_results_release(&r);
    grf_lawindex_close(ix);
}

static void test_questions_refused(void **state)
{
    struct world *w = *state;
    struct grf_lawindex *ix;
    struct grf_law_results r;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    char *big = calloc(1, GRF_QUESTION_MAX + 2);
    memset(big, 'a', GRF_QUESTION_MAX + 1);
    assert_int_equal(grf_lawindex_open(w->dir, &ix, &w->err), GRF_NOTFOUND);
    import(w, first, GRF_ARRAY_LEN(first));
    update(w, 4, 0);
    OK(grf_lawindex_open(w->dir, &ix, &w->err));
    const char *const bad[] = {"", " ... ", "\xFF\xFE", big};
    for (size_t i = 0; i < GRF_ARRAY_LEN(bad); i++)
        assert_int_equal(
            grf_search_law(ix, NULL, &fake, grf_sv_z(bad[i]), &o, NULL, &r, NULL),
            GRF_INVALID);
    free(big);
    grf_lawindex_close(ix);
}

/* The nth allocation fails, and all after it: reported, and the next call goes on. */
static void test_no_memory(void **state)
{
    struct world *w = *state;
    uint64_t failed = 0;
    import(w, first, GRF_ARRAY_LEN(first));
    for (uint64_t nth = 1;; nth += 1 + nth / 40) {
        struct grf_lawindex_job job = job_of(w, &fake);
        grf_mem_fail_at(nth, 1);
        grf_status st = grf_lawindex_update(&job, NULL);
        grf_mem_fail_at(0, 0);
        if (!st)
            break;
        assert_int_equal(st, GRF_NOMEM);
        failed++;
    }
    assert_true(failed > 20);
    update(w, 0, 0);
    assert_sound(w);
    failed = 0;
    for (uint64_t nth = 1;; nth += 1 + nth / 40) {
        struct grf_lawindex *ix = NULL;
        struct grf_law_results r = {.n = 0};
        struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
        grf_mem_fail_at(nth, 1);
        grf_status st = grf_lawindex_open(w->dir, &ix, NULL);
        if (!st)
            st = grf_search_law(ix, NULL, &fake, grf_sv_z("ruche communale"), &o, NULL, &r,
                                NULL);
        grf_mem_fail_at(0, 0);
        grf_law_results_release(&r);
        grf_lawindex_close(ix);
        if (!st)
            break;
        assert_int_equal(st, GRF_NOMEM);
        failed++;
    }
    assert_true(failed > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),
        cmocka_unit_test_setup_teardown(test_what_is_indexed, make_law, drop_law),
        cmocka_unit_test_setup_teardown(test_changes, make_law, drop_law),
        cmocka_unit_test_setup_teardown(test_another_model, make_law, drop_law),
        cmocka_unit_test_setup_teardown(test_left_behind, make_law, drop_law),
        cmocka_unit_test_setup_teardown(test_killed_before_removal, make_law, drop_law),
        cmocka_unit_test_setup_teardown(test_quotes, make_law, drop_law),
        cmocka_unit_test_setup_teardown(test_questions_refused, make_law, drop_law),
        cmocka_unit_test_setup_teardown(test_no_memory, make_law, drop_law)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

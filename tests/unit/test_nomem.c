/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole runs in which one allocation fails: an act added in the place of another, and law
 * imported. The first allocations each, later ones sampled. The run says that memory ran
 * out (or did without), the base is as before or as after, and the next run goes on.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../indexer/law_import.h"
#include "fake_embedder.h"
#include "grf_base.h"
#include "grf_file.h"
#include "grf_mem.h"
#include "grf_search.h"
#include "scratch_dir.h"

enum { DIM = 8 };

static struct grf_embedder fake = {&fake_ops, DIM, "fake/1"};

/* Every point at first, then fewer and fewer. */
static uint64_t next_point(uint64_t n)
{
    return n + 1 + n / 64;
}

struct made {
    struct grf_page page;
    struct grf_acts acts;
    char sha[GRF_SHA256_HEX];
};

static void make(struct made *m, const char *text)
{
    memset(m, 0, sizeof(*m));
    grf_page_init(&m->page);
    m->page.number = 1;
    m->page.width = 595;
    m->page.height = 842;
    m->page.state = GRF_TEXT_NATIVE;
    grf_str_addz(&m->page.text, text);
    struct grf_block b = {.end = (uint32_t)m->page.text.n, .role = GRF_ROLE_BODY};
    assert_int_equal(
        grf_grow(&m->page.blocks, 0, &m->page.cap_blocks, sizeof(b)), GRF_OK);
    m->page.blocks[m->page.n_blocks++] = b;
    assert_int_equal(grf_grow(&m->acts.v, 0, &m->acts.cap, sizeof(*m->acts.v)), GRF_OK);
    struct grf_act *a = &m->acts.v[m->acts.n++];
    grf_act_init(a);
    a->ordinal = a->first_page = a->last_page = 1;
    a->last_char = m->page.text.n;
    a->body = grf_strdup("Essai");
    assert_int_equal(grf_cut(&m->page, 1, &m->acts, NULL), GRF_OK);
    grf_sha256(grf_sv_z(text), m->sha);
}

static void unmake(struct made *m)
{
    grf_page_release(&m->page);
    grf_acts_release(&m->acts);
}

static grf_status add_run(const struct made *m, const char *path)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = NULL;
    int64_t id;
    struct grf_base_doc d = {{m->sha, 100, "essai"}, &m->page, 1, &m->acts};
    grf_status st = grf_base_open_writer(dir, &fake, false, &w, &err);
    if (!st)
        st = grf_base_add(w, &d, &id, &err);
    struct grf_location loc = {path, path + 1, NULL, st ? 0 : id, NULL, GRF_VISIBILITY_KEEP};
    if (!st)
        st = grf_base_put_location(w, &loc, &err);
    if (!st)
        st = grf_base_commit(w, true, &err);
    grf_base_close_writer(w);
    assert_true(!st || err.msg[0]);
    return st;
}

static void add_whole(const char *text, const char *path)
{
    struct made m;
    make(&m, text);
    assert_int_equal(add_run(&m, path), GRF_OK);
    unmake(&m);
}

static void finding(void *data, const char *text)
{
    (void)data;
    print_message("# finding: %s\n", text);
}

/* One act says "tilleuls", whatever number stands in it; another "cantine". */
static void check_base(void)
{
    static const char *const asked[] = {"tilleuls", "cantine"};
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b = NULL;
    for (size_t i = 0; i < 2; i++) {
        struct grf_answer a;
        struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
        o.mode = GRF_MODE_LEXICAL;
        assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
        assert_int_equal(grf_search(b, &fake, grf_sv_z(asked[i]), &o, &a, &err), GRF_OK);
        assert_int_equal(a.n, 1);
        grf_answer_release(&a);
        grf_base_close(b);
    }
}

static void test_add(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_faults faults;
    struct made m;
    char text[80];
    uint64_t points = 0;
    add_whole("Le prix du repas de la cantine.", "/a.pdf");
    add_whole("Des tilleuls sont abattus.", "/b.pdf");
    for (uint64_t n = 1, made = n; made >= n; points++) {
        n = points ? next_point(n) : n;
        snprintf(text, sizeof(text), "Des tilleuls sont abattus, au nombre de %d.", (int)n);
        make(&m, text);
        grf_mem_fail_at(n, 0);
        grf_status st = add_run(&m, "/b.pdf");
        made = grf_mem_fail_at(0, 0);
        if (st)
            assert_int_equal(st, GRF_NOMEM);
        check_base();
        unmake(&m);
    }
    add_whole("Des tilleuls sont plantés.", "/b.pdf");
    check_base();
    assert_int_equal(grf_base_verify(dir, finding, NULL, &faults, &err), GRF_OK);
    assert_int_equal(faults.all, 0);
    print_message("# %d points\n", (int)points);
    assert_true(points > 30);
}

static grf_status law_run(char *path)
{
    struct grf_err err = GRF_ERR_INIT;
    volatile sig_atomic_t cancel = 0;
    struct law_import in = {.quiet = true, .cancel = &cancel};
    grf_status st = grf_law_open_writer(dir, &in.law, &err);
    if (!st)
        st = law_import_paths(&in, &path, 1, &err);
    grf_law_close(in.law);
    assert_true(!st || err.msg[0]);
    return st;
}

static void put_delivery(const char *path, int text)
{
    char line[256];
    struct grf_err err = GRF_ERR_INIT;
    snprintf(line, sizeof(line),
             "{\"code\":\"CGCT\",\"article\":\"L2121-29\",\"valid_from\":\"2000-01-01\","
             "\"valid_to\":null,\"state\":\"VIGUEUR\",\"text\":\"Le conseil, %d fois.\"}\n",
             text);
    struct grf_sv piece = grf_sv_z(line);
    assert_int_equal(grf_file_replace(path, &piece, 1, &err), GRF_OK);
}

static void test_law(void **state)
{
    (void)state;
    char path[64];
    uint64_t points = 0;
    snprintf(path, sizeof(path), "%s/law.jsonl", dir);
    for (uint64_t n = 1, made = n; made >= n; points++) {
        n = points ? next_point(n) : n;
        put_delivery(path, (int)n);
        grf_mem_fail_at(n, 0);
        grf_status st = law_run(path);
        made = grf_mem_fail_at(0, 0);
        if (st)
            assert_int_equal(st, GRF_NOMEM);
    }
    assert_int_equal(law_run(path), GRF_OK);
    print_message("# %d points\n", (int)points);
    assert_true(points > 15);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_add, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(test_law, make_dir, drop_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

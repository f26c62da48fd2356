/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The base as a whole: batches, recovery, removal, verification; and search over it. */
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../lib/sql.h"
#include "fake_embedder.h"
#include "grf_base.h"
#include "grf_file.h"
#include "grf_mem.h"
#include "grf_search_refs.h"
#include "scratch_dir.h"

enum { DIM = 8 };

static struct grf_embedder fake = {&fake_ops, DIM, "fake/1"};
static struct grf_embedder other = {&fake_ops, DIM, "fake/2"};

/* ---- documents made by hand */

struct made {
    struct grf_page pages[2];
    struct grf_acts acts;
    struct grf_base_doc doc;
    char sha[GRF_SHA256_HEX];
};

static void add_block(struct grf_page *p, const char *text)
{
    if (p->text.n)
        grf_str_addz(&p->text, "\n\n");
    struct grf_block b = {.start = (uint32_t)p->text.n, .role = GRF_ROLE_BODY};
    grf_str_addz(&p->text, text);
    b.end = (uint32_t)p->text.n;
    assert_int_equal(grf_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof(b)), GRF_OK);
    p->blocks[p->n_blocks++] = b;
    /* one word that covers the block is enough for its box */
    struct grf_page_word w = {b.start, b.end, {10, 10, 100, 20}, GRF_ROLE_BODY, 100};
    assert_int_equal(grf_grow(&p->words, p->n_words, &p->cap_words, sizeof(w)), GRF_OK);
    p->words[p->n_words++] = w;
}

/* The page texts are one act whose session date is date. */
static void make(struct made *m, const char *one, const char *two, const char *date)
{
    struct grf_act *a;
    memset(m, 0, sizeof(*m));
    for (int i = 0; i < 2; i++) {
        grf_page_init(&m->pages[i]);
        m->pages[i].number = i + 1;
        m->pages[i].width = 595;
        m->pages[i].height = 842;
        m->pages[i].state = GRF_TEXT_NATIVE;
        add_block(&m->pages[i], i ? two : one);
    }
    assert_int_equal(grf_grow(&m->acts.v, 0, &m->acts.cap, sizeof(*m->acts.v)), GRF_OK);
    a = &m->acts.v[m->acts.n++];
    grf_act_init(a);
    a->ordinal = a->first_page = 1;
    a->last_page = 2;
    a->last_char = m->pages[1].text.n;
    a->body = grf_strdup("Essai");
    snprintf(a->session_date, sizeof(a->session_date), "%s", date);
    assert_int_equal(grf_cut(m->pages, 2, &m->acts, NULL), GRF_OK);
    grf_sha256(grf_sv_z(one), m->sha);
    m->doc = (struct grf_base_doc){{m->sha, 100, "essai"}, m->pages, 2, &m->acts};
}

static void unmake(struct made *m)
{
    grf_page_release(&m->pages[0]);
    grf_page_release(&m->pages[1]);
    grf_acts_release(&m->acts);
}

static struct grf_base_writer *open_writer(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = NULL;
    grf_status st = grf_base_open_writer(dir, &fake, false, &w, &err);
    if (st)
        print_message("# %s\n", err.msg);
    assert_int_equal(st, GRF_OK);
    return w;
}

static void add(struct grf_base_writer *w, const char *one, const char *two, const char *date,
                const char *path)
{
    struct grf_err err = GRF_ERR_INIT;
    struct made m;
    int64_t id;
    make(&m, one, two, date);
    grf_status st = grf_base_add(w, &m.doc, &id, &err);
    if (st)
        print_message("# %s\n", err.msg);
    assert_int_equal(st, GRF_OK);
    struct grf_location loc = {path, path + 1, NULL, id, NULL, GRF_VISIBILITY_KEEP};
    assert_int_equal(grf_base_put_location(w, &loc, &err), GRF_OK);
    unmake(&m);
}

static void commit(struct grf_base_writer *w, bool finish)
{
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_base_commit(w, finish, &err), GRF_OK);
}

static void no_finding(void *data, const char *text)
{
    (void)data;
    print_message("# finding: %s\n", text);
}

static size_t faults(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_faults n;
    assert_int_equal(grf_base_verify(dir, no_finding, NULL, &n, &err), GRF_OK);
    return n.all;
}

/* Asks in one mode; the first quote in out. Returns the number of results. */
static size_t ask(const char *question, grf_mode mode, char *out, size_t size)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b = NULL;
    struct grf_answer a;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    o.mode = mode;
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    grf_status st = grf_search(b, &fake, grf_sv_z(question), &o, &a, &err);
    if (st)
        print_message("# %s\n", err.msg);
    assert_int_equal(st, GRF_OK);
    size_t n = a.n;
    if (out)
        snprintf(out, size, "%s", n ? a.v[0].quote : "");
    grf_answer_release(&a);
    grf_base_close(b);
    return n;
}

#define CANTEEN "Le prix du repas de la cantine est fixe a 3,20 euros."
#define ROADS "Les travaux de voirie commencent rue du Moulin."
#define TREES "Trois tilleuls de la place sont abattus."

static void test_add_and_find(void **state)
{
    (void)state;
    char quote[256];
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_true(ask("prix cantine", GRF_MODE_LEXICAL, quote, sizeof(quote)) >= 1);
    assert_string_equal(quote, CANTEEN);
    assert_true(ask("tilleuls place", GRF_MODE_HYBRID, quote, sizeof(quote)) >= 1);
    assert_string_equal(quote, TREES);
    assert_true(ask("travaux voirie", GRF_MODE_VECTOR, NULL, 0) >= 1);
    assert_int_equal(faults(), 0);
}

/* Results beyond those wanted get their quotes later: the same ones. */
static void test_quotes_later(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b = NULL;
    struct grf_answer all, few;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    struct grf_sv question = grf_sv_z("prix cantine tilleuls voirie");
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    assert_int_equal(grf_search(b, &fake, question, &o, &all, &err), GRF_OK);
    o.quoted = 1;
    assert_int_equal(grf_search(b, &fake, question, &o, &few, &err), GRF_OK);
    assert_true(all.n >= 3);
    assert_int_equal(few.n, all.n);
    assert_int_equal(few.found, all.found);
    assert_non_null(few.v[0].quote);
    assert_null(few.v[1].quote);
    size_t n = few.n;
    assert_int_equal(grf_search_quote(b, &fake, question, &o, few.v, &n, &err), GRF_OK);
    assert_int_equal(n, all.n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(few.v[i].passage.id, all.v[i].passage.id);
        assert_string_equal(few.v[i].quote, all.v[i].quote);
        assert_int_equal(few.v[i].n_boxes, all.v[i].n_boxes);
    }
    grf_answer_release(&all);
    grf_answer_release(&few);
    grf_base_close(b);
}

static grf_status count_act(void *data, int64_t id, struct grf_err *err)
{
    (void)id;
    (void)err;
    ++*(size_t *)data;
    return GRF_OK;
}

static size_t acts_of(struct grf_base *b, const char *body, const char *day)
{
    struct grf_err err = GRF_ERR_INIT;
    size_t n = 0;
    assert_int_equal(grf_meta_each_act_of_session(b->meta, body, day, count_act, &n, &err),
                     GRF_OK);
    return n;
}

static void test_session(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b = NULL;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    assert_int_equal(acts_of(b, "Essai", "2019-03-12"), 1);
    assert_int_equal(acts_of(b, "Essai", "2019-03-13"), 0);
    assert_int_equal(acts_of(b, "Ailleurs", "2019-03-12"), 0);
    grf_base_close(b);
}

static void test_uncommitted_is_dropped(void **state)
{
    (void)state;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    grf_base_close_writer(w);
    assert_int_equal(ask("tilleuls", GRF_MODE_LEXICAL, NULL, 0), 0);
    assert_int_equal(faults(), 0);
}

/* Rows and full text committed, vectors not saved: as after a kill. */
static void test_lagging_vectors_catch_up(void **state)
{
    (void)state;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, false);
    grf_base_close_writer(w);
    /* all three do not hold the second document: it is not shown */
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_HYBRID, NULL, 0), 2);
    assert_true(faults() > 0);
    /* the rows have no vectors: they are embedded again, with the model */
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_base_open_writer(dir, NULL, false, &w, &err), GRF_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "model"));
    w = open_writer();
    grf_base_close_writer(w);
    assert_int_equal(faults(), 0);
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_HYBRID, NULL, 0), 4);
}

/* An image of a page as readers keep it; the path goes to out. */
static void keep_image(const char *sha, char *out, size_t size)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_sv piece = grf_sv_z("picture");
    snprintf(out, size, "%s/images/%s", dir, sha);
    assert_int_equal(grf_file_mkdirs(out, &err), GRF_OK);
    snprintf(out, size, "%s/images/%s/1-800.png", dir, sha);
    assert_int_equal(grf_file_replace(out, &piece, 1, &err), GRF_OK);
}

/* What is removed leaves no picture, nor what a reader wrote too late. */
static void test_removed_images(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct made kept, whole, part;
    char kept_image[600], whole_image[600], part_image[600], act[GRF_KEY_MAX];
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    add(w, TREES, ROADS, "2021-03-12", "/c.pdf");
    commit(w, true);
    make(&kept, CANTEEN, "Suite.", "2019-03-12");
    make(&whole, ROADS, TREES, "2020-03-12");
    make(&part, TREES, ROADS, "2021-03-12");
    keep_image(kept.sha, kept_image, sizeof kept_image);
    keep_image(whole.sha, whole_image, sizeof whole_image);
    keep_image(part.sha, part_image, sizeof part_image);
    snprintf(act, sizeof act, "%.12s.1", part.sha);
    assert_int_equal(grf_base_remove(w, "b.pdf", "personal data", &err), GRF_OK);
    assert_int_equal(grf_base_remove(w, act, "personal data", &err), GRF_OK);
    commit(w, true);
    assert_int_equal(access(kept_image, F_OK), 0);
    assert_int_not_equal(access(whole_image, F_OK), 0);
    assert_int_not_equal(access(part_image, F_OK), 0);
    grf_base_close_writer(w);
    keep_image(whole.sha, whole_image, sizeof whole_image);
    w = open_writer();
    assert_int_not_equal(access(whole_image, F_OK), 0);
    assert_int_equal(access(kept_image, F_OK), 0);
    grf_base_close_writer(w);
    unmake(&kept);
    unmake(&whole);
    unmake(&part);
}

/* A file that the base keeps beside the rows of b.pdf, in folder/name. */
static void keep_beside(const char *folder, const char *name, char *out, size_t size)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_sv piece = grf_sv_z("bytes");
    snprintf(out, size, "%s/%s", dir, folder);
    assert_int_equal(grf_file_mkdirs(out, &err), GRF_OK);
    snprintf(out, size, "%s/%s/%s", dir, folder, name);
    assert_int_equal(grf_file_replace(out, &piece, 1, &err), GRF_OK);
}

/* Files go when the rows are committed: what is still found is still there; and what a
   run that died left behind goes with the next. */
static void test_removed_files(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct made m;
    char file[600], page[600], folder[100], name[100];
    struct grf_base_writer *w = open_writer();
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    make(&m, ROADS, TREES, "2020-03-12");
    snprintf(name, sizeof name, "%s.pdf", m.sha);
    snprintf(folder, sizeof folder, "ocr/%s", m.sha);
    keep_beside("documents", name, file, sizeof file);
    keep_beside(folder, "1", page, sizeof page);
    assert_int_equal(grf_base_remove(w, "b.pdf", "personal data", &err), GRF_OK);
    assert_int_equal(grf_base_remove(w, "nosuch.pdf", "personal data", &err), GRF_NOTFOUND);
    grf_base_close_writer(w);
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(access(page, F_OK), 0);
    w = open_writer();
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(grf_base_remove(w, "b.pdf", "personal data", &err), GRF_OK);
    commit(w, true);
    assert_int_not_equal(access(file, F_OK), 0);
    assert_int_not_equal(access(page, F_OK), 0);
    grf_base_close_writer(w);
    keep_beside("documents", name, file, sizeof file);
    keep_beside(folder, "1", page, sizeof page);
    w = open_writer();
    assert_int_not_equal(access(file, F_OK), 0);
    assert_int_not_equal(access(page, F_OK), 0);
    grf_base_close_writer(w);
    unmake(&m);
}

/* A file that cannot be removed is said, and the removal stands. */
static void test_removed_file_stays(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct made m;
    char inner[600], folder[100];
    struct grf_base_writer *w = open_writer();
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    make(&m, ROADS, TREES, "2020-03-12");
    snprintf(folder, sizeof folder, "ocr/%s/deep", m.sha);
    keep_beside(folder, "1", inner, sizeof inner);
    assert_int_equal(grf_base_remove(w, "b.pdf", "personal data", &err), GRF_OK);
    assert_int_not_equal(grf_base_commit(w, true, &err), GRF_OK);
    assert_non_null(strstr(err.msg, m.sha));
    grf_base_close_writer(w);
    assert_int_equal(ask("tilleuls", GRF_MODE_LEXICAL, NULL, 0), 0);
    w = open_writer(); /* and does not keep others from writing */
    grf_base_close_writer(w);
    unmake(&m);
}

/* Who may not see internal documents may not see more of the others for it. */
static void test_removed_stays_known(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b = NULL;
    struct made m;
    char act[GRF_KEY_MAX];
    bool lost = false;
    struct grf_base_writer *w = open_writer();
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    make(&m, ROADS, TREES, "2020-03-12");
    snprintf(act, sizeof act, "%.12s.1", m.sha);
    assert_int_equal(grf_base_remove(w, act, "personal data", &err), GRF_OK);
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(grf_base_open_public(dir, &b, &err), GRF_OK);
    assert_int_equal(grf_meta_lost_acts(b->meta, m.sha, &lost, &err), GRF_OK);
    assert_true(lost);
    grf_base_close(b);
    unmake(&m);
}

/* Killed before the vectors were saved for the first time: empty, not damaged. */
static void test_first_run_killed(void **state)
{
    (void)state;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, false);
    grf_base_close_writer(w);
    assert_int_equal(ask("cantine", GRF_MODE_HYBRID, NULL, 0), 0);
    w = open_writer();
    grf_base_close_writer(w);
    assert_int_equal(ask("cantine", GRF_MODE_HYBRID, NULL, 0), 2);
    assert_int_equal(faults(), 0);
}

static void test_removed_is_gone(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct made m;
    grf_doc_state st;
    int64_t id;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    make(&m, ROADS, TREES, "2020-03-12");
    assert_int_equal(grf_base_remove(w, "b.pdf", "personal data", &err), GRF_OK);
    commit(w, true);
    assert_int_equal(grf_meta_doc_state(grf_base_writer_meta(w), m.sha, &st, &id, &err),
                     GRF_OK);
    assert_int_equal(st, GRF_DOC_REMOVED);
    assert_int_equal(grf_base_remove(w, "b.pdf", "again", &err), GRF_NOTFOUND);
    grf_base_close_writer(w);
    unmake(&m);
    assert_int_equal(ask("tilleuls", GRF_MODE_LEXICAL, NULL, 0), 0);
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_VECTOR, NULL, 0), 2);
    assert_int_equal(faults(), 0);
}

static void test_changed_file_supersedes(void **state)
{
    (void)state;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    add(w, ROADS, TREES, "2020-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(ask("cantine", GRF_MODE_LEXICAL, NULL, 0), 0);
    assert_int_equal(ask("tilleuls", GRF_MODE_LEXICAL, NULL, 0), 1);
    assert_int_equal(faults(), 0);
}

/* A reader finds the old text of a changed file or the new one, never neither, whether
   the run goes on or ends after the batch. */
static void test_changed_file_is_never_away(void **state)
{
    (void)state;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    add(w, ROADS, TREES, "2020-03-12", "/a.pdf");
    assert_int_equal(ask("cantine", GRF_MODE_HYBRID, NULL, 0), 2);
    commit(w, false);
    assert_int_equal(ask("cantine", GRF_MODE_LEXICAL, NULL, 0), 0);
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_LEXICAL, NULL, 0), 1);
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_HYBRID, NULL, 0), 2);
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_VECTOR, NULL, 0), 2);
    grf_base_close_writer(w);
    assert_true(faults() > 0); /* the old vectors are there still */
    grf_base_close_writer(open_writer());
    assert_int_equal(faults(), 0);
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_VECTOR, NULL, 0), 2);
}

static void test_second_writer_is_refused(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = open_writer(), *second;
    assert_int_equal(grf_base_open_writer(dir, &fake, false, &second, &err), GRF_LOCKED);
    assert_null(second);
    grf_base_close_writer(w);
}

static void test_other_model_is_refused(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(grf_base_open_writer(dir, &other, false, &w, &err), GRF_VERSION);
    struct grf_base *b;
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    assert_int_equal(grf_base_load_vectors(b, "fake/2", &err), GRF_VERSION);
    grf_base_close(b);
}

static void damage(const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    struct stat sb;
    assert_int_equal(fstat(fd, &sb), 0);
    assert_int_equal(pwrite(fd, "\xFF\xFF\xFF\xFF", 4, sb.st_size / 2), 4);
    close(fd);
}

static void test_damaged_indexes_are_remade(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    damage("vectors.0/blocks.1");
    assert_true(faults() > 0);
    assert_int_equal(grf_base_open_writer(dir, &fake, true, &w, &err), GRF_OK);
    assert_int_equal(grf_base_rebuild(w, NULL, NULL, NULL, &err), GRF_OK);
    grf_base_close_writer(w);
    assert_int_equal(faults(), 0);
    damage("vectors.1/index");
    assert_true(faults() > 0);
    assert_int_equal(grf_base_open_writer(dir, &fake, false, &w, &err), GRF_CORRUPT);
    assert_int_equal(grf_base_open_writer(dir, &fake, true, &w, &err), GRF_OK);
    assert_int_equal(grf_base_rebuild(w, NULL, NULL, NULL, &err), GRF_OK);
    grf_base_close_writer(w);
    assert_int_equal(faults(), 0);
    assert_int_equal(ask("tilleuls abattus", GRF_MODE_HYBRID, NULL, 0), 4);
}

/* The same rows give the same answers from fresh indexes. */
static void test_rebuild_answers_the_same(void **state)
{
    (void)state;
    char before[256], after[256];
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, ROADS, TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    size_t n = ask("rue du moulin", GRF_MODE_HYBRID, before, sizeof(before));
    assert_int_equal(grf_base_rebuild(w, NULL, NULL, NULL, &err), GRF_OK);
    grf_base_close_writer(w);
    assert_int_equal(ask("rue du moulin", GRF_MODE_HYBRID, after, sizeof(after)), n);
    assert_string_equal(before, after);
    assert_int_equal(faults(), 0);
}

static const char *const streets[] = {"rue Basse",  "rue Haute",  "rue du Four", "rue Neuve",
                                      "quai Vieux", "place Mage", "cours Foch",  "allée Rose"};

/* A base of as many acts as there are streets, each with two passages. */
static void fill_streets(void)
{
    char one[100], place[32];
    struct grf_base_writer *w = open_writer();
    for (size_t i = 0; i < GRF_ARRAY_LEN(streets); i++) {
        snprintf(one, sizeof(one), "Travaux dans la voie %s, lot %zu.", streets[i], i);
        snprintf(place, sizeof(place), "/s%zu.pdf", i);
        add(w, one, TREES, "2020-03-12", place);
    }
    commit(w, true);
    grf_base_close_writer(w);
}

struct watched {
    uint64_t calls, first, die_at;
};

static void watch(void *data, uint64_t done, uint64_t total)
{
    struct watched *x = data;
    assert_int_equal(total, 2 * GRF_ARRAY_LEN(streets));
    if (!x->calls++)
        x->first = done;
    if (done == x->die_at)
        _exit(9);
}

/* A rebuild that keeps what it has after every three passages and, in a process of its own,
   ends without a word after eight; returns how much the next one had to do. */
static struct watched rebuild_twice(struct grf_embedder *e, void (*between)(void))
{
    const struct grf_base_pace pace = {3, 0};
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w;
    struct watched x = {0, 0, 8};
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (grf_base_open_writer(dir, &fake, true, &w, &err))
            _exit(1);
        grf_base_set_pace(w, &pace);
        _exit(grf_base_rebuild(w, e, watch, &x, &err) ? 2 : 3);
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    if (between)
        between();
    x.die_at = 0;
    assert_int_equal(grf_base_open_writer(dir, &fake, true, &w, &err), GRF_OK);
    grf_base_set_pace(w, &pace);
    assert_int_equal(grf_base_rebuild(w, e, watch, &x, &err), GRF_OK);
    grf_base_close_writer(w);
    assert_int_equal(faults(), 0);
    return x;
}

static void test_rebuild_goes_on(void **state)
{
    (void)state;
    char before[2048], after[2048];
    fill_streets();
    size_t n = ask("travaux rue haute", GRF_MODE_HYBRID, before, sizeof(before));
    struct watched x = rebuild_twice(NULL, NULL);
    assert_int_equal(x.first, 7); /* six were kept */
    assert_int_equal(x.calls, 10);
    assert_int_equal(ask("travaux rue haute", GRF_MODE_HYBRID, after, sizeof(after)), n);
    assert_string_equal(before, after);
}

static void add_one_more(void)
{
    struct grf_base_writer *w = open_writer();
    assert_int_equal(grf_base_remove(w, "s7.pdf", "personal data", NULL), GRF_OK);
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
}

/* What another writer changed meanwhile is not what the parts were made from. */
static void test_rebuild_of_other_rows_begins_anew(void **state)
{
    (void)state;
    fill_streets();
    struct watched x = rebuild_twice(NULL, add_one_more);
    assert_int_equal(x.first, 1);
    assert_int_equal(ask("allée Rose", GRF_MODE_LEXICAL, NULL, 0), 0);
}

/* With another model too; a part that is lost is made again. */
static void spoil_part(void)
{
    damage("vectors.1/index");
}

static void test_rebuild_with_another_model_goes_on(void **state)
{
    (void)state;
    fill_streets();
    struct watched x = rebuild_twice(&other, NULL);
    assert_int_equal(x.calls, 16); /* vectors of the rows are never half of each */
    struct grf_base *b;
    assert_int_equal(grf_base_open(dir, &b, NULL), GRF_OK);
    assert_int_equal(grf_base_load_vectors(b, "fake/2", NULL), GRF_OK);
    grf_base_close(b);
}

static void test_rebuild_with_a_damaged_part_begins_anew(void **state)
{
    (void)state;
    fill_streets();
    struct watched x = rebuild_twice(NULL, spoil_part);
    assert_int_equal(x.first, 1);
}

static bool in_files; /* of the full text: a word that stood in one act */

static int look(const char *path, const struct stat *sb, int kind, struct FTW *where)
{
    (void)where;
    if (kind != FTW_F || !strstr(path, "/fulltext."))
        return 0;
    char *p = malloc((size_t)sb->st_size + 1);
    int fd = open(path, O_RDONLY);
    assert_true(p && fd >= 0);
    ssize_t n = read(fd, p, (size_t)sb->st_size);
    in_files = in_files || (n > 0 && memmem(p, (size_t)n, "zwingelberg", 11));
    close(fd);
    free(p);
    return 0;
}

static bool word_in_files(void)
{
    in_files = false;
    nftw(dir, look, 8, FTW_PHYS);
    return in_files;
}

/* In a large base an act is found no more at once, and its words leave the files when that
   is asked for, or by itself when the index is small enough. */
static void test_traces_of_a_large_base_go_later(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    const struct grf_base_pace large = {3, 0};
    bool has;
    fill_streets();
    struct grf_base_writer *w = open_writer();
    add(w, "Secours de Zwingelberg.", "Suite.", "2019-03-12", "/z.pdf");
    add(w, "Secours de Zwingelberg, encore.", "Suite.", "2019-03-12", "/y.pdf");
    commit(w, true);
    grf_base_set_pace(w, &large);
    assert_int_equal(grf_base_remove(w, "z.pdf", "personal data", &err), GRF_OK);
    assert_int_equal(grf_base_remove(w, "y.pdf", "personal data", &err), GRF_OK);
    commit(w, true);
    assert_int_equal(ask("Zwingelberg", GRF_MODE_LEXICAL, NULL, 0), 0);
    assert_int_equal(grf_base_has_traces(w, &has, &err), GRF_OK);
    assert_true(has && word_in_files());
    assert_int_equal(grf_base_drop_traces(w, &err), GRF_OK);
    assert_int_equal(grf_base_has_traces(w, &has, &err), GRF_OK);
    assert_false(has || word_in_files());
    grf_base_close_writer(w);
    assert_int_equal(faults(), 0);
}

/* Another model: refused, until a rebuild embeds every passage anew. */
static void test_rebuild_with_another_model(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(grf_base_open_writer(dir, NULL, false, &w, &err), GRF_OK);
    assert_int_equal(grf_base_rebuild(w, &other, NULL, NULL, &err), GRF_OK);
    grf_base_close_writer(w);
    assert_int_equal(faults(), 0);
    assert_int_equal(grf_base_open_writer(dir, &fake, false, &w, &err), GRF_VERSION);
    assert_int_equal(grf_base_open_writer(dir, &other, false, &w, &err), GRF_OK);
    grf_base_close_writer(w);
}

static void test_quote_that_is_not_there(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    size_t n = strlen(CANTEEN);
    assert_int_equal(grf_prove_quote(b, 1, 1, 0, n, grf_sv_z(CANTEEN), &err), GRF_OK);
    assert_int_equal(grf_prove_quote(b, 1, 1, 1, n, grf_sv_z(CANTEEN), &err), GRF_CORRUPT);
    assert_int_equal(grf_prove_quote(b, 1, 1, 0, n, grf_sv_z(ROADS), &err), GRF_CORRUPT);
    assert_int_equal(grf_prove_quote(b, 1, 2, 0, n, grf_sv_z(CANTEEN), &err), GRF_CORRUPT);
    assert_int_equal(grf_prove_quote(b, 1, 1, 9, 2, grf_sv_z(CANTEEN), &err), GRF_CORRUPT);
    assert_int_equal(grf_prove_quote(b, 1, 3, 0, n, grf_sv_z(CANTEEN), &err), GRF_NOTFOUND);
    grf_base_close(b);
}

static void test_filters_hold_in_both_branches(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    add(w, CANTEEN " Nouveau prix.", "Suite.", "2020-03-12", "/b.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    for (int mode = GRF_MODE_HYBRID; mode <= GRF_MODE_VECTOR; mode++) {
        struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
        struct grf_answer a;
        o.mode = (grf_mode)mode;
        o.date_from = 20200101;
        assert_int_equal(grf_search(b, &fake, grf_sv_z("prix cantine"), &o, &a, &err), GRF_OK);
        assert_true(a.n >= 1);
        for (size_t i = 0; i < a.n; i++)
            assert_string_equal(a.v[i].act.act.session_date, "2020-03-12");
        grf_answer_release(&a);
        struct grf_filter_term nowhere = {GRF_FILTER_BODY, grf_sv("Ailleurs", 8)};
        o.filters = &nowhere;
        o.n_filters = 1;
        assert_int_equal(grf_search(b, &fake, grf_sv_z("prix cantine"), &o, &a, &err), GRF_OK);
        assert_int_equal(a.n, 0);
        assert_false(a.found);
        grf_answer_release(&a);
    }
    grf_base_close(b);
}

static void test_bad_questions(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b;
    struct grf_answer a;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    static char longest[GRF_QUESTION_MAX + 2];
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    memset(longest, 'a', sizeof(longest) - 1);
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    const char *bad[] = {"", "  ?! ", "caf\xE9", longest};
    for (size_t i = 0; i < GRF_ARRAY_LEN(bad); i++)
        assert_int_equal(grf_search(b, &fake, grf_sv_z(bad[i]), &o, &a, &err), GRF_INVALID);
    const char *odd[] = {"\"cantine", "\xC2\xAB cantine", "\"\" cantine", "AND OR NOT (",
                         "cantine*", "title:cantine", "-cantine +prix \xE2\x80\x9C"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(odd); i++) {
        assert_int_equal(grf_search(b, &fake, grf_sv_z(odd[i]), &o, &a, &err), GRF_OK);
        grf_answer_release(&a);
    }
    grf_base_close(b);
}

/* Every allocation of a search fails in turn: an error, no leak, no crash. */
static void test_search_out_of_memory(void **state)
{
    (void)state;
    struct grf_base_writer *w = open_writer();
    add(w, CANTEEN, "Suite.", "2019-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    uint64_t met = 0;
    for (uint64_t n = 1; n < 2000; n++) {
        struct grf_err err = GRF_ERR_INIT;
        struct grf_base *b = NULL;
        struct grf_answer a = {.found = false};
        struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
        grf_mem_fail_at(n, 0);
        grf_status st = grf_base_open(dir, &b, &err);
        if (!st)
            st = grf_search(b, &fake, grf_sv_z("prix \"cantine est\""), &o, &a, &err);
        grf_mem_fail_at(0, 0);
        grf_answer_release(&a);
        grf_base_close(b);
        if (!st)
            break;
        assert_int_equal(st, GRF_NOMEM);
        met++;
    }
    assert_true(met > 20 && met < 1999);
}

static void forget_references(void)
{
    char path[64];
    struct sql_db *db;
    snprintf(path, sizeof(path), "%s/greffier.db", dir);
    assert_int_equal(sql_open(path, true, &db, NULL), GRF_OK);
    assert_int_equal(sql_script(db, "DELETE FROM reference; DELETE FROM cited;"
                                    "DELETE FROM setting WHERE key='references';", NULL), GRF_OK);
    sql_close(db);
}

static int64_t cited_rows(void)
{
    char path[64];
    struct sql_db *db;
    int64_t n = -1;
    snprintf(path, sizeof(path), "%s/greffier.db", dir);
    assert_int_equal(sql_open(path, false, &db, NULL), GRF_OK);
    assert_int_equal(sql_one_int(db, &n, -1, NULL, "SELECT count(*) FROM cited", ""), GRF_OK);
    sql_close(db);
    return n;
}

/* What a removed act alone cited goes with it; what others cite stays. */
static void test_cited_goes_with_the_last(void **state)
{
#define BOTH "Vu l'article L. 2121-29 du code général des collectivités territoriales,"
    struct grf_err err = GRF_ERR_INIT;
    (void)state;
    struct grf_base_writer *w = open_writer();
    add(w, BOTH, "Vu l'article L. 2122-22 du même code,", "2019-03-12", "/a.pdf");
    add(w, BOTH " le maire entendu,", TREES, "2020-03-12", "/b.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    forget_references();
    w = open_writer(); /* which finds them */
    int64_t before = cited_rows();
    assert_true(before >= 2);
    assert_int_equal(grf_base_remove(w, "a.pdf", "personal data", &err), GRF_OK);
    commit(w, true);
    assert_int_equal(cited_rows(), before - 1);
    assert_int_equal(grf_base_remove(w, "b.pdf", "personal data", &err), GRF_OK);
    commit(w, true);
    assert_int_equal(cited_rows(), 0);
    grf_base_close_writer(w);
}

/* A base without the rows of references: as an earlier greffier left it. */
static void test_old_base_gets_references(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b;
    struct grf_ref_asked asked;
    struct grf_citing_opts o = {.n = 10};
    struct grf_citations c;
    struct grf_base_writer *w = open_writer();
    add(w, "Vu l'article L. 2121-29 du code général des collectivités territoriales,",
        "Vu l'article L. 2122-22 du même code,", "2019-03-12", "/a.pdf");
    commit(w, true);
    grf_base_close_writer(w);
    forget_references();
    w = open_writer();
    grf_base_close_writer(w);
    assert_int_equal(faults(), 0);
    assert_int_equal(grf_base_open(dir, &b, &err), GRF_OK);
    assert_int_equal(grf_ref_asked_parse(grf_sv_z("CGCT/L2122-22"), NULL, &asked, &err),
                     GRF_OK);
    assert_int_equal(grf_citing(b, &asked, &o, &c, &err), GRF_OK);
    assert_int_equal(c.acts, 1);
    assert_int_equal(c.v[0].result.passage.page, 2);
    assert_string_equal(c.v[0].ref.canon, "CGCT/L2122-22");
    size_t n = c.v[0].mark.end - c.v[0].mark.start;
    assert_int_equal(n, strlen("L. 2122-22"));
    assert_memory_equal(c.v[0].result.quote + c.v[0].mark.start, "L. 2122-22", n);
    grf_citations_release(&c);
    struct grf_filter_term term = {GRF_FILTER_REF, grf_sv_z("CGCT/L2121-29")};
    struct grf_search_opts so = GRF_SEARCH_OPTS_INIT;
    struct grf_answer a;
    so.mode = GRF_MODE_LEXICAL;
    so.filters = &term;
    so.n_filters = 1;
    assert_int_equal(grf_search(b, NULL, grf_sv_z("article"), &so, &a, &err), GRF_OK);
    assert_int_equal(a.n, 2);
    grf_answer_release(&a);
    grf_base_close(b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
    const struct CMUnitTest tests[] = {
        T(test_add_and_find),
        T(test_uncommitted_is_dropped),
        T(test_lagging_vectors_catch_up),
        T(test_first_run_killed),
        T(test_removed_is_gone),
        T(test_quotes_later),
        T(test_session),
        T(test_removed_images),
        T(test_removed_files),
        T(test_removed_file_stays),
        T(test_removed_stays_known),
        T(test_changed_file_supersedes),
        T(test_changed_file_is_never_away),
        T(test_second_writer_is_refused),
        T(test_other_model_is_refused),
        T(test_damaged_indexes_are_remade),
        T(test_rebuild_answers_the_same),
        T(test_rebuild_goes_on),
        T(test_rebuild_of_other_rows_begins_anew),
        T(test_rebuild_with_another_model_goes_on),
        T(test_rebuild_with_a_damaged_part_begins_anew),
        T(test_traces_of_a_large_base_go_later),
        T(test_rebuild_with_another_model),
        T(test_quote_that_is_not_there),
        T(test_filters_hold_in_both_branches),
        T(test_bad_questions),
        T(test_old_base_gets_references),
        T(test_cited_goes_with_the_last),
        T(test_search_out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages where a removed act stood: what stays of their words, and who reads them again. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fake_embedder.h"
#include "grf_base.h"
#include "grf_mem.h"
#include "scratch_dir.h"

#define ACT "Secours de Monsieur Untel"
#define REST "Une affiche."

static struct grf_embedder fake = {&fake_ops, 8, "fake/1"};

static void put_words(struct grf_page *p, const char *text)
{
    size_t from = p->text.n;
    grf_str_addz(&p->text, text);
    struct grf_block b = {.start = (uint32_t)from, .end = (uint32_t)p->text.n,
                          .role = GRF_ROLE_BODY};
    assert_int_equal(grf_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof(b)), GRF_OK);
    p->blocks[p->n_blocks++] = b;
    struct grf_page_word w = {b.start, b.end, {10, 10, 100, 20}, GRF_ROLE_BODY, 100};
    assert_int_equal(grf_grow(&p->words, p->n_words, &p->cap_words, sizeof(w)), GRF_OK);
    p->words[p->n_words++] = w;
}

/* One page with an act and, after it, something that is none; it waits for OCR. */
static int64_t add_page_with_act(struct grf_base_writer *w, char sha[GRF_SHA256_HEX])
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_page p;
    struct grf_acts acts = {0};
    int64_t id;
    grf_page_init(&p);
    p.number = 1;
    p.width = p.height = 800;
    p.state = GRF_TEXT_STAMP;
    put_words(&p, ACT);
    assert_int_equal(grf_grow(&acts.v, 0, &acts.cap, sizeof(*acts.v)), GRF_OK);
    struct grf_act *a = &acts.v[acts.n++];
    grf_act_init(a);
    a->ordinal = a->first_page = a->last_page = 1;
    a->last_char = p.text.n;
    assert_int_equal(grf_cut(&p, 1, &acts, NULL), GRF_OK);
    grf_str_addz(&p.text, "\n\n");
    put_words(&p, REST);
    grf_sha256(grf_str_sv(&p.text), sha);
    struct grf_base_doc doc = {{sha, 100, "essai"}, &p, 1, &acts};
    assert_int_equal(grf_base_add(w, &doc, &id, &err), GRF_OK);
    assert_int_equal(grf_base_commit(w, true, &err), GRF_OK);
    grf_acts_release(&acts);
    grf_page_release(&p);
    return id;
}

static grf_status count(void *data, int64_t id, struct grf_err *err)
{
    (void)id;
    (void)err;
    ++*(size_t *)data;
    return GRF_OK;
}

static void waits_for_ocr(struct grf_meta *meta, int64_t id, size_t want)
{
    struct grf_err err = GRF_ERR_INIT;
    size_t docs = 0;
    int64_t pages = -1;
    assert_int_equal(grf_meta_each_unread_doc(meta, count, &docs, &err), GRF_OK);
    assert_int_equal(docs, want);
    assert_int_equal(grf_meta_count_unread(meta, id, &pages, &err), GRF_OK);
    assert_int_equal(pages, want);
}

static void test_removed_words(void **state)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = NULL;
    struct grf_page p;
    char sha[GRF_SHA256_HEX], act[GRF_KEY_MAX];
    (void)state;
    assert_int_equal(grf_base_open_writer(dir, &fake, false, &w, &err), GRF_OK);
    int64_t id = add_page_with_act(w, sha);
    struct grf_meta *meta = grf_base_writer_meta(w);
    waits_for_ocr(meta, id, 1);
    snprintf(act, sizeof act, "%.12s.1", sha);
    assert_int_equal(grf_base_remove(w, act, "personal data", &err), GRF_OK);
    assert_int_equal(grf_base_commit(w, true, &err), GRF_OK);
    waits_for_ocr(meta, id, 0);
    grf_page_init(&p);
    assert_int_equal(grf_meta_page(meta, id, 1, true, &p, &err), GRF_OK);
    assert_int_equal(p.n_words, 1);
    assert_int_equal(p.text.n, strlen(ACT "\n\n" REST));
    assert_memory_equal(p.text.p + p.words[0].start, REST, strlen(REST));
    grf_page_release(&p);
    grf_base_close_writer(w);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_removed_words, make_dir, drop_dir)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

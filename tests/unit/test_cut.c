/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passages: size, parts, headings, page and act boundaries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "grf_act.h"
#include "grf_mem.h"

struct made {
    struct grf_page page;
    struct grf_act act;
    struct grf_acts acts;
};

static void open_page(struct made *m)
{
    memset(m, 0, sizeof(*m));
    grf_page_init(&m->page);
    m->page.number = 1;
    grf_act_init(&m->act);
    m->act.first_page = m->act.last_page = 1;
    m->acts = (struct grf_acts){&m->act, 1, 0};
}

/* A block of so many words of one sentence each five words. */
static void add(struct made *m, int words, bool heading, grf_role role)
{
    struct grf_page *p = &m->page;
    struct grf_block b = {.role = (uint8_t)role, .heading = heading, .size = 10};
    if (p->text.n)
        grf_str_addz(&p->text, "\n\n");
    b.start = (uint32_t)p->text.n;
    for (int i = 0; i < words; i++)
        grf_str_addz(&p->text, i % 5 == 0   ? (i ? " Le" : "Le")
                               : i % 5 == 4 ? " conseil."
                                            : " mot");
    b.end = (uint32_t)p->text.n;
    assert_int_equal(grf_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof(b)), GRF_OK);
    p->blocks[p->n_blocks++] = b;
    m->act.last_char = p->text.n;
}

static void part(struct made *m, size_t block, grf_part part)
{
    struct grf_act *a = &m->act;
    assert_int_equal(grf_grow(&a->parts, a->n_parts, &a->cap_parts, sizeof(*a->parts)), GRF_OK);
    a->parts[a->n_parts++] = (struct grf_part_span){1, m->page.blocks[block].start, part};
}

static void cut(struct made *m)
{
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_cut(&m->page, 1, &m->acts, &err), GRF_OK);
}

static void done(struct made *m)
{
    grf_acts_release(&m->acts);
    grf_page_release(&m->page);
}

static void test_size(void **state)
{
    struct made m;
    (void)state;
    open_page(&m);
    for (int i = 0; i < 10; i++)
        add(&m, 60, false, GRF_ROLE_BODY);
    cut(&m);
    assert_int_equal(m.act.n_passages, 4);
    assert_int_equal(m.act.passages[0].start, 0);
    assert_int_equal(m.act.passages[0].end, m.page.blocks[2].end);
    done(&m);
}

static void test_long_block_is_cut_between_sentences(void **state)
{
    struct made m;
    (void)state;
    open_page(&m);
    add(&m, 600, false, GRF_ROLE_BODY);
    cut(&m);
    assert_true(m.act.n_passages >= 3);
    for (size_t i = 0; i < m.act.n_passages; i++) {
        const struct grf_passage *p = &m.act.passages[i];
        assert_memory_equal(m.page.text.p + p->end - 8, "conseil.", 8);
    }
    done(&m);
}

static void test_heading_stays_with_its_body(void **state)
{
    struct made m;
    (void)state;
    open_page(&m);
    add(&m, 150, false, GRF_ROLE_BODY);
    add(&m, 5, true, GRF_ROLE_BODY);
    add(&m, 100, false, GRF_ROLE_BODY);
    cut(&m);
    assert_int_equal(m.act.n_passages, 2);
    assert_int_equal(m.act.passages[1].start, m.page.blocks[1].start);
    done(&m);
}

static void test_decision_stays_whole(void **state)
{
    struct made m;
    (void)state;
    open_page(&m);
    add(&m, 100, false, GRF_ROLE_BODY);
    for (int i = 0; i < 5; i++)
        add(&m, 50, i == 2, GRF_ROLE_BODY);
    add(&m, 80, false, GRF_ROLE_BODY);
    part(&m, 1, GRF_PART_DECISION);
    part(&m, 6, GRF_PART_DEBATE);
    cut(&m);
    assert_int_equal(m.act.n_passages, 3);
    assert_int_equal(m.act.passages[0].part, GRF_PART_BODY);
    assert_int_equal(m.act.passages[1].part, GRF_PART_DECISION);
    assert_int_equal(m.act.passages[1].start, m.page.blocks[1].start);
    assert_int_equal(m.act.passages[1].end, m.page.blocks[5].end);
    assert_int_equal(m.act.passages[2].part, GRF_PART_DEBATE);
    done(&m);
}

static void test_short_parts_run_on(void **state)
{
    struct made m;
    (void)state;
    open_page(&m);
    add(&m, 6, true, GRF_ROLE_BODY);
    add(&m, 20, false, GRF_ROLE_BODY);
    add(&m, 40, false, GRF_ROLE_BODY);
    part(&m, 1, GRF_PART_VISAS);
    part(&m, 2, GRF_PART_DECISION);
    cut(&m);
    assert_int_equal(m.act.n_passages, 1);
    assert_int_equal(m.act.passages[0].part, GRF_PART_DECISION);
    done(&m);
}

static void test_only_body_text(void **state)
{
    struct made m;
    (void)state;
    open_page(&m);
    add(&m, 20, false, GRF_ROLE_HEADER);
    add(&m, 30, false, GRF_ROLE_BODY);
    add(&m, 20, false, GRF_ROLE_STAMP);
    add(&m, 30, false, GRF_ROLE_BODY);
    cut(&m);
    assert_int_equal(m.act.n_passages, 2);
    assert_int_equal(m.act.passages[0].start, m.page.blocks[1].start);
    assert_int_equal(m.act.passages[0].end, m.page.blocks[1].end);
    done(&m);
}

static void test_act_inside_a_page(void **state)
{
    struct made m;
    (void)state;
    open_page(&m);
    for (int i = 0; i < 4; i++)
        add(&m, 30, false, GRF_ROLE_BODY);
    m.act.first_char = m.page.blocks[1].start;
    m.act.last_char = m.page.blocks[2].end;
    cut(&m);
    assert_int_equal(m.act.n_passages, 1);
    assert_int_equal(m.act.passages[0].start, m.act.first_char);
    assert_int_equal(m.act.passages[0].end, m.act.last_char);
    done(&m);
}

static void add_text(struct made *m, const char *text)
{
    struct grf_page *p = &m->page;
    struct grf_block b = {.role = GRF_ROLE_BODY, .size = 10};
    add(m, 0, false, GRF_ROLE_BODY);
    b = p->blocks[p->n_blocks - 1];
    grf_str_addz(&p->text, text);
    b.end = (uint32_t)p->text.n;
    p->blocks[p->n_blocks - 1] = b;
    m->act.last_char = p->text.n;
}

/* The last passage of an act, when another stands before it. */
static size_t passages_with_last(const char *last)
{
    struct made m;
    open_page(&m);
    add(&m, 190, false, GRF_ROLE_BODY);
    add_text(&m, last);
    cut(&m);
    size_t n = m.act.n_passages;
    done(&m);
    return n;
}

static void test_signatures_are_left_out(void **state)
{
    struct made m;
    (void)state;
    assert_int_equal(passages_with_last("La secr\xC3\xA9taire de s\xC3\xA9" "ance,\nLa Maire,\n"
                                        "Oc\xC3\xA9" "ane LHERMINEAU\nH\xC3\xA9l\xC3\xA8ne "
                                        "MARCHANDEAU"), 1);
    assert_int_equal(passages_with_last("Fait \xC3\xA0 Courvanne, le 3 mai 2019\nPour extrait "
                                        "conforme, le Maire"), 1);
    assert_int_equal(passages_with_last("Le Maire\nJean DURAND\nLe pr\xC3\xA9sent acte peut "
                                        "faire l'objet d'un recours devant le tribunal "
                                        "administratif dans un d\xC3\xA9lai de deux mois."), 1);
    assert_int_equal(passages_with_last("AUTORISE le Maire \xC3\xA0 former un recours devant le "
                                        "tribunal administratif."), 2);
    assert_int_equal(passages_with_last("Le Maire signe la convention."), 2);
    assert_int_equal(passages_with_last("Marie DUPONT et Jean DURAND"), 2);
    open_page(&m);
    add_text(&m, "Le Maire, Jean DURAND"); /* all that there is */
    cut(&m);
    assert_int_equal(m.act.n_passages, 1);
    done(&m);
}

static void test_no_memory(void **state)
{
    struct grf_err err = GRF_ERR_INIT;
    struct made m;
    (void)state;
    open_page(&m);
    add(&m, 300, false, GRF_ROLE_BODY);
    grf_mem_fail_at(1, 1);
    assert_int_equal(grf_cut(&m.page, 1, &m.acts, &err), GRF_NOMEM);
    grf_mem_fail_at(0, 0);
    done(&m);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_long_block_is_cut_between_sentences),
        cmocka_unit_test(test_heading_stays_with_its_body),
        cmocka_unit_test(test_decision_stays_whole),
        cmocka_unit_test(test_short_parts_run_on),
        cmocka_unit_test(test_only_body_text),
        cmocka_unit_test(test_act_inside_a_page),
        cmocka_unit_test(test_signatures_are_left_out),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Search: what a question says of the act, order, twins, other words, the verdict. */
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_embedder.h"
#include "grf_base.h"
#include "grf_mem.h"
#include "grf_search.h"

enum { DIM = 1024, FROM_IMAGE = 6, ALSO_FROM_IMAGE = 12 /* of the acts below */ };

static struct grf_embedder fake = {&fake_ops, DIM, "static/fake"};

/* ---- acts made by hand: one document, one page for each part */

struct act {
    const char *body, *date, *number, *subject, *debate, *decision;
};

static void add_part(struct grf_page *p, struct grf_act *a, int number, const char *text,
                     grf_part part)
{
    grf_page_init(p);
    p->number = number;
    p->width = 595;
    p->height = 842;
    p->state = GRF_TEXT_NATIVE;
    grf_str_addz(&p->text, text);
    p->blocks = grf_calloc(1, sizeof(*p->blocks));
    p->n_blocks = p->cap_blocks = 1;
    p->blocks[0] = (struct grf_block){.end = (uint32_t)p->text.n, .role = GRF_ROLE_BODY};
    assert_int_equal(grf_grow(&a->parts, a->n_parts, &a->cap_parts, sizeof(*a->parts)),
                     GRF_OK);
    a->parts[a->n_parts++] = (struct grf_part_span){number, 0, part};
}

static void add_act(struct grf_base_writer *w, const struct act *made, int nth)
{
    struct grf_page pages[2];
    struct grf_acts acts = {NULL, 0, 0};
    char sha[GRF_SHA256_HEX], path[32];
    int64_t id;
    assert_int_equal(grf_grow(&acts.v, 0, &acts.cap, sizeof(*acts.v)), GRF_OK);
    struct grf_act *a = &acts.v[acts.n++];
    grf_act_init(a);
    a->ordinal = a->first_page = 1;
    a->last_page = 2;
    a->body = grf_strdup(made->body);
    a->number = made->number ? grf_strdup(made->number) : NULL;
    a->subject = grf_strdup(made->subject);
    snprintf(a->session_date, sizeof(a->session_date), "%s", made->date);
    add_part(&pages[0], a, 1, made->debate, GRF_PART_DEBATE);
    add_part(&pages[1], a, 2, made->decision, GRF_PART_DECISION);
    a->last_char = pages[1].text.n;
    for (int i = 0; i < 2 && (nth == FROM_IMAGE || nth == ALSO_FROM_IMAGE); i++)
        pages[i].state = GRF_TEXT_OCR;
    assert_int_equal(grf_cut(pages, 2, &acts, NULL), GRF_OK);
    snprintf(path, sizeof(path), "/%d.pdf", nth);
    grf_sha256(grf_sv_z(path), sha);
    struct grf_base_doc d = {{sha, 100, path}, pages, 2, &acts};
    assert_int_equal(grf_base_add(w, &d, &id, NULL), GRF_OK);
    struct grf_location loc = {path, path + 1, made->body, id, NULL, GRF_VISIBILITY_KEEP};
    assert_int_equal(grf_base_put_location(w, &loc, NULL), GRF_OK);
    grf_page_release(&pages[0]);
    grf_page_release(&pages[1]);
    grf_acts_release(&acts);
}

#define MEAL "Le prix du repas de la restauration scolaire est "

static const struct act acts[] = {
    {"Valmont", "2018-06-12", "2018-21", "Tarif de la restauration scolaire 2018/2019",
     MEAL "discuté.", "Décide : le repas de la restauration scolaire coûte 3,10 euros."},
    {"Valmont", "2019-06-11", "2019-18", "Tarif de la restauration scolaire 2019/2020",
     MEAL "discuté.", "Décide : le repas de la restauration scolaire coûte 3,20 euros."},
    {"Valmont", "2020-06-09", "2020-30", "Tarif de la restauration scolaire 2020/2021",
     MEAL "discuté.", "Décide : le repas de la restauration scolaire coûte 3,30 euros."},
    {"Orbec-les-Bains", "2020-07-01", "20-44", "Restauration scolaire : règlement",
     "Le règlement de la restauration scolaire est lu.",
     "Adopte le règlement de la restauration scolaire."},
    {"Valmont", "2020-06-09", "2020-31", "Achat d'un tracteur",
     "Le tracteur du service technique est usé, dit le maire.",
     "Autorise l'achat d'un tracteur pour 42 500,00 euros."},
    {"Valmont", "2021-03-02", "2021-04", "Éclairage public",
     "Les lampes de la rue du Moulin sont vieilles.",
     "Approuve le remplacement des lampes de la rue du Moulin."},
    /* one act in two documents; the reading of the image has the words of the question
       oftener */
    {"Valmont", "2017-05-09", "2017-05-02", "Tarifs du camping municipal",
     "Le camping est lu, camping, camping.",
     "Fixe les tarifs du camping, camping municipal : 8,00 euros."},
    {"VALMONT", "2017-05-09", "2017-05-02", "Tarifs du camping municipal",
     "Le camping est discuté.", "Fixe les tarifs du camping municipal : 8,00 euros."},
    /* the same number and evening, and another act */
    {"Valmont", "2017-05-09", "2017-05-03", "Budget annexe du lotissement",
     "Le budget annexe est lu.", "Vote le budget annexe du lotissement du Chêne."},
    {"Valmont", "2017-05-09", "2017-05-03", "Rapport de la chambre des comptes",
     "Le lotissement et son budget annexe sont lus.",
     "Prend acte du rapport sur le budget annexe du lotissement."},
    /* bare ordinals tell nothing without subjects */
    {"Valmont", "2017-05-09", "4", "", "La piscine est lue.",
     "Adopte les horaires de la piscine."},
    {"Valmont", "2017-05-09", "4", "Horaires de la piscine", "La piscine est lue.",
     "Adopte les horaires de la piscine."},
    {"Valmont", "2017-05-09", "4", "Horaires de la piscine", "La piscine est lue.",
     "Adopte les horaires de la piscine."},
};

static char top[] = "/tmp/grf-search-XXXXXX";
static char dir[64];

static int remove_entry(const char *p, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb, (void)type, (void)ftw;
    return remove(p);
}

static int set_up(void **state)
{
    (void)state;
    struct grf_base_writer *w;
    char path[80];
    if (!mkdtemp(top))
        return -1;
    snprintf(path, sizeof(path), "%s/thesaurus.tsv", top);
    FILE *f = fopen(path, "w");
    fputs("restauration scolaire\tcantine | le midi à l'école\t"
          "RS = restauration scolaire\n"
          "taxe de séjour | taxe de séjour au réel\timpôt des touristes\t\n"
          "éclairage public | candélabre\tlumière dans la rue\tEP = éclairage public\n", f);
    fclose(f);
    setenv("GREFFIER_DATA", top, 1);
    snprintf(dir, sizeof(dir), "%s/base", top);
    assert_int_equal(grf_base_open_writer(dir, &fake, false, &w, NULL), GRF_OK);
    for (size_t i = 0; i < GRF_ARRAY_LEN(acts); i++)
        add_act(w, &acts[i], (int)i);
    assert_int_equal(grf_base_commit(w, true, NULL), GRF_OK);
    grf_base_close_writer(w);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(top, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static grf_status search(const char *question, const struct grf_search_opts *o,
                         struct grf_answer *a)
{
    struct grf_base *b;
    struct grf_err err = GRF_ERR_INIT;
    grf_status st = grf_base_open(dir, &b, &err);
    if (st)
        return st;
    st = grf_search(b, &fake, grf_sv_z(question), o, a, &err);
    if (st && st != GRF_NOMEM)
        print_message("# %s\n", err.msg);
    grf_base_close(b);
    return st;
}

static void ask(const char *question, grf_mode mode, struct grf_answer *a)
{
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    o.mode = mode;
    assert_int_equal(search(question, &o, a), GRF_OK);
}

/* The number of the first act. */
static const char *first(const char *question, grf_mode mode)
{
    static char number[32];
    struct grf_answer a;
    ask(question, mode, &a);
    snprintf(number, sizeof(number), "%s", a.n ? a.v[0].act.act.number : "-");
    grf_answer_release(&a);
    return number;
}

/* ---- tests */

static void test_decision_comes_first(void **state)
{
    (void)state;
    struct grf_answer a;
    ask("règlement de la restauration scolaire", GRF_MODE_HYBRID, &a);
    assert_true(a.n >= 2);
    assert_string_equal(a.v[0].act.act.number, "20-44");
    assert_int_equal(a.v[0].passage.part, GRF_PART_DECISION);
    grf_answer_release(&a);
}

static void test_years_are_shown_once(void **state)
{
    (void)state;
    struct grf_answer a;
    ask("tarif de la restauration scolaire", GRF_MODE_LEXICAL, &a);
    assert_true(a.found);
    assert_string_equal(a.v[0].act.act.number, "2020-30"); /* the newest of equals */
    assert_int_equal(a.v[0].n_also, 2);
    assert_string_equal(a.v[0].also[0].act.session_date, "2019-06-11");
    assert_string_equal(a.v[0].also[1].act.session_date, "2018-06-12");
    for (size_t i = 0; i < a.n; i++) {
        assert_string_not_equal(a.v[i].act.act.number, "2018-21");
        assert_string_not_equal(a.v[i].act.act.number, "2019-18");
    }
    grf_answer_release(&a);
}

static void test_the_year_that_is_asked(void **state)
{
    (void)state;
    struct grf_answer a;
    const grf_mode modes[] = {GRF_MODE_HYBRID, GRF_MODE_LEXICAL, GRF_MODE_VECTOR};
    for (size_t i = 0; i < GRF_ARRAY_LEN(modes); i++) {
        assert_string_equal(first("tarif restauration scolaire 2018/2019", modes[i]), "2018-21");
        assert_string_equal(first("prix du repas scolaire juin 2019", modes[i]), "2019-18");
        assert_string_equal(first("délibération 2020-31", modes[i]), "2020-31");
        assert_string_equal(first("séance du 2 mars 2021", modes[i]), "2021-04");
    }
    ask("tarif restauration scolaire 2018/2019", GRF_MODE_HYBRID, &a);
    assert_int_equal(a.v[0].n_also, 0); /* a date asks for one of them */
    grf_answer_release(&a);
}

static void test_the_body_that_is_asked(void **state)
{
    (void)state;
    assert_string_equal(first("restauration scolaire à Orbec-les-Bains", GRF_MODE_HYBRID),
                        "20-44");
    assert_string_equal(first("restauration scolaire orbec", GRF_MODE_HYBRID), "20-44");
    /* another town's act never stands first, however near */
    assert_string_equal(first("tracteur à Orbec-les-Bains", GRF_MODE_HYBRID), "20-44");
    /* its name alone is still a question */
    assert_string_equal(first("Orbec-les-Bains", GRF_MODE_HYBRID), "20-44");
}

static void test_few_passages_of_an_act(void **state)
{
    (void)state;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    struct grf_answer a;
    o.per_act = 1;
    assert_int_equal(search("tarif restauration scolaire", &o, &a), GRF_OK);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.v[i].n_also, 0); /* as many as asked: nothing is grouped */
        for (size_t k = 0; k < i; k++)
            assert_true(a.v[i].act.id != a.v[k].act.id);
    }
    grf_answer_release(&a);
}

static void test_other_words(void **state)
{
    (void)state;
    struct grf_answer a;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    o.mode = GRF_MODE_LEXICAL;
    o.explain = true;
    assert_int_equal(search("cantine", &o, &a), GRF_OK);
    assert_true(a.n > 0);
    assert_string_equal(a.v[0].why.matched, "restauration scolaire");
    grf_answer_release(&a);
    /* turns that begin with words of no weight, in whatever letters */
    static const char *const turns[] = {"midi école", "À L'ÉCOLE LE MIDI"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(turns); i++) {
        assert_int_equal(search(turns[i], &o, &a), GRF_OK);
        assert_true(a.n > 0);
        assert_string_equal(a.v[0].why.matched, "restauration scolaire");
        grf_answer_release(&a);
    }
    assert_string_equal(first("EP rue du Moulin", GRF_MODE_LEXICAL), "2021-04");
    /* the asker's own words weigh more than those brought in */
    assert_string_equal(first("cantine tracteur", GRF_MODE_LEXICAL), "2020-31");
}

static void test_misspelt_words(void **state)
{
    (void)state;
    assert_string_equal(first("tratceur", GRF_MODE_LEXICAL), "2020-31");
    assert_string_equal(first("traceur", GRF_MODE_LEXICAL), "2020-31");
    assert_string_equal(first("tracteur", GRF_MODE_LEXICAL), "2020-31");
    assert_string_equal(first("xylophone", GRF_MODE_LEXICAL), "-");
}

static void test_amounts_as_people_write_them(void **state)
{
    (void)state;
    assert_string_equal(first("42500 euros", GRF_MODE_LEXICAL), "2020-31");
    assert_string_equal(first("42.500 €", GRF_MODE_LEXICAL), "2020-31");
}

static bool found(const char *question, grf_mode mode)
{
    struct grf_answer a;
    ask(question, mode, &a);
    bool yes = a.found;
    grf_answer_release(&a);
    return yes;
}

static void test_verdict(void **state)
{
    (void)state;
    const grf_mode modes[] = {GRF_MODE_HYBRID, GRF_MODE_LEXICAL};
    for (size_t i = 0; i < GRF_ARRAY_LEN(modes); i++) {
        assert_true(found("achat du tracteur du service technique", modes[i]));
        assert_true(found("2021-04", modes[i]));
        assert_false(found("taxe de séjour", modes[i]));
        assert_false(found("fermeture du bureau de poste", modes[i]));
        /* another town's act is no answer */
        assert_false(found("tracteur à Orbec-les-Bains", modes[i]));
    }
}

static grf_refusal refusal(const char *question, grf_mode mode)
{
    struct grf_answer a;
    ask(question, mode, &a);
    grf_refusal r = a.refusal;
    assert_true(a.found == !r);
    grf_answer_release(&a);
    return r;
}

static void test_the_time_that_is_asked(void **state)
{
    (void)state;
    const grf_mode modes[] = {GRF_MODE_HYBRID, GRF_MODE_LEXICAL};
    for (size_t i = 0; i < GRF_ARRAY_LEN(modes); i++) {
        grf_mode m = modes[i];
        /* of that year first, whatever else speaks for another */
        assert_string_equal(first("tarif restauration scolaire en 2018", m), "2018-21");
        assert_string_equal(first("restauration scolaire avant 2019", m), "2018-21");
        assert_string_equal(first("tracteur acheté en 2020", m), "2020-31");
        /* the subject says the year that is asked, the day does not */
        assert_string_equal(first("repas restauration scolaire 2021", m), "2020-30");
        assert_int_equal(refusal("repas restauration scolaire 2021", m), 0);
        /* ... but nothing was decided in it */
        assert_int_equal(refusal("qu'a-t-on décidé sur la restauration scolaire en 2021 ?", m),
                         GRF_REFUSED_TIME);
        assert_int_equal(refusal("tarif de la restauration scolaire en 2012", m),
                         GRF_REFUSED_TIME);
        assert_int_equal(refusal("restauration scolaire entre 2001 et 2005", m),
                         GRF_REFUSED_TIME);
        assert_int_equal(refusal("restauration scolaire depuis 2022", m), GRF_REFUSED_TIME);
        assert_int_equal(refusal("achat du tracteur en mars 2020", m), GRF_REFUSED_TIME);
        assert_int_equal(refusal("séance du 31 mars 2021", m), GRF_REFUSED_TIME);
        assert_int_equal(refusal("séance du 2 mars 2021", m), 0);
        /* the nearest are shown in their own order */
        assert_string_equal(first("achat du tracteur en mars 2012", m), "2020-31");
        /* the year of a law is no year of an act */
        assert_int_equal(refusal("achat d'un tracteur, loi du 6 août 2012", m), 0);
        assert_int_equal(refusal("achat d'un tracteur loi 1901", m), 0);
    }
    assert_string_not_equal(first("restauration scolaire entre 2018 et 2019", GRF_MODE_HYBRID),
                            "2020-30");
}

static void test_the_number_that_is_asked(void **state)
{
    (void)state;
    const grf_mode modes[] = {GRF_MODE_HYBRID, GRF_MODE_LEXICAL};
    for (size_t i = 0; i < GRF_ARRAY_LEN(modes); i++) {
        grf_mode m = modes[i];
        assert_int_equal(refusal("délibération n° 2020-32", m), GRF_REFUSED_NUMBER);
        assert_int_equal(refusal("D2025-011", m), GRF_REFUSED_NUMBER);
        assert_int_equal(refusal("que dit la délibération 2020-31 ?", m), 0);
        assert_int_equal(refusal("délibération n° D2020-031", m), 0);
        assert_int_equal(refusal("délibération n° 2020-31 d'Orbec-les-Bains", m),
                         GRF_REFUSED_NUMBER);
    }
}

static void test_nothing_to_look_for(void **state)
{
    (void)state;
    assert_int_equal(refusal("le la les", GRF_MODE_HYBRID), GRF_REFUSED_NO_WORD);
    assert_int_equal(refusal("le la les", GRF_MODE_LEXICAL), GRF_REFUSED_NO_WORD);
    assert_int_equal(refusal("qu'avons-nous décidé ?", GRF_MODE_HYBRID), GRF_REFUSED_NO_WORD);
    assert_string_equal(grf_refusal_name(GRF_REFUSED_EMPTY), "empty_base");
    assert_null(grf_refusal_name(GRF_REFUSED_NOT));
}

static void test_hostile_questions(void **state)
{
    (void)state;
    static const char *const questions[] = {
        "2019/", "/2020", "20192020", "2019-2020-2021", "0000/0001", "«", "\"\"", "n° n° n°",
        "Valmont", "Valmont Valmont 2019", "le la les", "é", "a", "2019",
        "Orbec Orbec-les-Bains Valmont 2018/2019 n° 2018-21 L2121-29 1er mars 2019"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(questions); i++) {
        struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
        struct grf_answer a;
        grf_status st = search(questions[i], &o, &a);
        assert_true(st == GRF_OK || st == GRF_INVALID);
        grf_answer_release(&a);
    }
}

static size_t times_shown(const struct grf_answer *a, const char *number)
{
    int64_t seen[8];
    size_t n = 0;
    for (size_t i = 0; i < a->n && n < GRF_ARRAY_LEN(seen); i++) {
        size_t k = 0;
        if (strcmp(a->v[i].act.act.number, number) != 0)
            continue;
        while (k < n && seen[k] != a->v[i].act.id)
            k++;
        if (k == n)
            seen[n++] = a->v[i].act.id;
    }
    return n;
}

static void test_copies_are_shown_once(void **state)
{
    (void)state;
    static const char *const questions[] = {"tarifs du camping municipal",
                                            "tarifs du camping municipal 2017",
                                            "délibération 2017-05-02"};
    const grf_mode modes[] = {GRF_MODE_HYBRID, GRF_MODE_LEXICAL, GRF_MODE_VECTOR};
    for (size_t i = 0; i < 9; i++) {
        struct grf_answer a;
        ask(questions[i / 3], modes[i % 3], &a);
        assert_true(a.n >= 1);
        assert_string_equal(a.v[0].act.act.number, "2017-05-02");
        assert_int_equal(a.v[0].text_state, GRF_TEXT_NATIVE); /* it reads better */
        assert_string_equal(a.v[0].doc.rel, "7.pdf");
        assert_int_equal(a.v[0].n_copies, 1);
        assert_string_equal(a.v[0].copies[0].doc.rel, "6.pdf");
        assert_int_equal(a.v[0].copies[0].page, a.v[0].passage.page);
        assert_int_equal(times_shown(&a, "2017-05-02"), 1);
        for (size_t k = 1; k < a.n; k++)
            assert_true(a.v[k].score <= a.v[k - 1].score || a.v[k].why.apart);
        grf_answer_release(&a);
    }
}

static void test_what_is_no_copy(void **state)
{
    (void)state;
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    struct grf_answer a;
    ask("budget annexe du lotissement", GRF_MODE_HYBRID, &a);
    assert_int_equal(times_shown(&a, "2017-05-03"), 2);
    grf_answer_release(&a);
    ask("horaires de la piscine", GRF_MODE_HYBRID, &a);
    assert_int_equal(times_shown(&a, "4"), 2); /* without subject; and one twice */
    grf_answer_release(&a);
    o.per_act = 1; /* as many as asked: nothing is grouped */
    assert_int_equal(search("tarifs du camping municipal", &o, &a), GRF_OK);
    assert_int_equal(times_shown(&a, "2017-05-02"), 2);
    grf_answer_release(&a);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    grf_status st = GRF_NOMEM;
    uint64_t n = 0;
    while (st == GRF_NOMEM && n < 20000) {
        struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
        struct grf_answer a = {.n = 0};
        grf_mem_fail_at(++n, 0);
        st = search("tarif de la cantine à Valmont en 2019", &o, &a);
        grf_mem_fail_at(0, 0);
        if (st == GRF_NOMEM) {
            assert_null(a.v);
            assert_int_equal(a.n, 0);
        } else if (st == GRF_OK) {
            grf_answer_release(&a);
        }
        /* what only helps may be left out without a word: go on until nothing fails */
        if (st == GRF_OK && n < 30)
            st = GRF_NOMEM;
    }
    assert_int_equal(st, GRF_OK);
    assert_true(n > 20);
}

/* In a large base few of the nearest pass the filters: those that pass are then looked
   for by themselves, in the index or by their rows. */
static void test_filters_beyond_the_nearest(void **state)
{
    (void)state;
    static const char *const bodies[] = {"Valmont", "Orbec-les-Bains"};
    static const size_t taken[] = {4, 1};
    for (size_t i = 0; i < 4; i++) {
        struct grf_answer all, few;
        struct grf_filter_term body = {GRF_FILTER_BODY, grf_sv_z(bodies[i / 2])};
        struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
        o.mode = GRF_MODE_VECTOR;
        o.per_act = 9;
        o.filters = &body;
        o.n_filters = 1;
        assert_int_equal(search("le prix du repas des lampes", &o, &all), GRF_OK);
        o.near_most = taken[i % 2];
        assert_int_equal(search("le prix du repas des lampes", &o, &few), GRF_OK);
        assert_true(all.n > 0);
        assert_int_equal(few.n, all.n);
        for (size_t k = 0; k < all.n; k++) {
            assert_int_equal(few.v[k].passage.id, all.v[k].passage.id);
            assert_true(fabs(few.v[k].why.cosine - all.v[k].why.cosine) < 1e-6);
        }
        grf_answer_release(&all);
        grf_answer_release(&few);
    }
}

static void move_vectors(const char *from, const char *to)
{
    char a[80], b[80];
    snprintf(a, sizeof(a), "%s/%s", dir, from);
    snprintf(b, sizeof(b), "%s/%s", dir, to);
    assert_int_equal(rename(a, b), 0);
}

/* By a thread beside the words, or after them: the same answer, or the same failure. */
static void test_vectors_beside_words(void **state)
{
    (void)state;
    for (int missing = 0; missing < 2; missing++) {
        struct grf_answer a[2];
        if (missing)
            move_vectors("vectors.0", "away");
        for (size_t k = 0; k < 2; k++) {
            struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
            o.beside = k;
            assert_int_equal(search("combien coûte le repas ?", &o, &a[k]),
                             missing ? GRF_CORRUPT : GRF_OK);
        }
        assert_int_equal(a[0].n, a[1].n);
        assert_int_equal(a[0].n > 0, !missing);
        for (size_t i = 0; i < a[0].n; i++) {
            assert_string_equal(a[0].v[i].quote, a[1].v[i].quote);
            assert_true(a[0].v[i].score >= a[1].v[i].score &&
                        a[0].v[i].score <= a[1].v[i].score);
        }
        grf_answer_release(&a[0]);
        grf_answer_release(&a[1]);
    }
    move_vectors("away", "vectors.0");
}

static grf_status count_name(void *data, struct grf_sv name, struct grf_err *err)
{
    (void)name, (void)err;
    ++*(size_t *)data;
    return GRF_OK;
}

static grf_status count_body(void *data, const struct grf_body_count *row, struct grf_err *err)
{
    (void)err;
    assert_true(row->body[0] && row->first_date[0] && row->last_date[0] && row->acts > 0);
    ++*(size_t *)data;
    return GRF_OK;
}

static struct grf_counts numbers(struct grf_base *b, size_t *names, size_t *bodies)
{
    struct grf_counts c;
    bool current;
    *names = *bodies = 0;
    assert_int_equal(grf_base_refresh(b, &current, NULL), GRF_OK);
    for (int i = 0; i < 2; i++) {
        *names = *bodies = 0;
        assert_int_equal(grf_base_each_body_name(b, count_name, names, NULL), GRF_OK);
        assert_int_equal(grf_base_each_body(b, count_body, bodies, NULL), GRF_OK);
        assert_int_equal(grf_base_counts(b, &c, NULL), GRF_OK);
    }
    return c;
}

/* What is read once is read again when anything was committed. The last of the tests: an
   act goes. */
static void test_what_is_kept(void **state)
{
    (void)state;
    struct grf_base *b;
    struct grf_base_writer *w;
    size_t names, bodies;
    assert_int_equal(grf_base_open(dir, &b, NULL), GRF_OK);
    struct grf_counts c = numbers(b, &names, &bodies);
    assert_int_equal(c.acts, GRF_ARRAY_LEN(acts));
    assert_int_equal(c.failed, 0);
    assert_int_equal(bodies, 2);
    assert_int_equal(names, 3); /* one of them in two ways */
    assert_int_equal(grf_base_open_writer(dir, &fake, false, &w, NULL), GRF_OK);
    assert_int_equal(grf_base_put_failure(w, "/x.pdf", "damaged", NULL), GRF_OK);
    assert_int_equal(grf_base_commit(w, true, NULL), GRF_OK);
    c = numbers(b, &names, &bodies);
    assert_int_equal(c.failed, 1);
    assert_int_equal(bodies, 2);
    assert_int_equal(grf_base_remove(w, "3.pdf", "personal data", NULL), GRF_OK);
    assert_int_equal(grf_base_commit(w, true, NULL), GRF_OK);
    c = numbers(b, &names, &bodies);
    assert_int_equal(c.acts, GRF_ARRAY_LEN(acts) - 1);
    assert_int_equal(bodies, 1);
    assert_int_equal(names, 2);
    grf_base_close_writer(w);
    grf_base_close(b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decision_comes_first),
        cmocka_unit_test(test_years_are_shown_once),
        cmocka_unit_test(test_copies_are_shown_once),
        cmocka_unit_test(test_what_is_no_copy),
        cmocka_unit_test(test_the_year_that_is_asked),
        cmocka_unit_test(test_the_body_that_is_asked),
        cmocka_unit_test(test_few_passages_of_an_act),
        cmocka_unit_test(test_other_words),
        cmocka_unit_test(test_misspelt_words),
        cmocka_unit_test(test_amounts_as_people_write_them),
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_the_time_that_is_asked),
        cmocka_unit_test(test_the_number_that_is_asked),
        cmocka_unit_test(test_nothing_to_look_for),
        cmocka_unit_test(test_hostile_questions),
        cmocka_unit_test(test_vectors_beside_words),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_filters_beyond_the_nearest),
        cmocka_unit_test(test_what_is_kept),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

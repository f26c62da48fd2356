/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The full-text index: amounts, misspelt words, which passages have a filter or a date. */
#include <string.h>

#include "fulltext_fixture.h"
#include "grf_text.h"

static void test_amounts(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    put(w, 1, "a", "un montant de 12 000 euros");
    put(w, 2, "b", "un montant de 12.000,00 euros");
    put(w, 3, "c", "un montant de 12000 euros");
    put(w, 4, "d", "un montant de 12\u202F000\u00A0000 euros");
    put(w, 5, "e", "appeler le 12 34 000 ou le 1 2000");
    commit(w, 1);
    grf_ft_writer_close(w);
    assert_string_equal(ask("12000"), "3 1 2");
    assert_string_equal(ask("12000000"), "4");
    assert_int_equal(ask("12 000 000 euros")[0], '4');
    assert_int_equal(strlen(ask("34000")), 1); /* "34 000" is an amount too */
    assert_string_equal(ask("12345"), "");
}

static const char *nearest(struct grf_ft_reader *r, const char *norm)
{
    static char out[GRF_WORD_MAX + 1];
    assert_int_equal(grf_ft_nearest_word(r, grf_sv_z(norm), out, NULL), GRF_OK);
    return out;
}

static void test_nearest_word(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    for (int i = 1; i <= 3; i++)
        put(w, i, "urbanisme", i < 3 ? "assainissement voirie" : "voiries raretes");
    commit(w, 1);
    grf_ft_writer_close(w);
    struct grf_ft_reader *r = reader();
    assert_string_equal(nearest(r, "urbansime"), "urbanisme");   /* swapped */
    assert_string_equal(nearest(r, "asainisement"), "assainissement"); /* two, it is long */
    assert_string_equal(nearest(r, "voir"), "");      /* short words are let be */
    assert_string_equal(nearest(r, "vooirie"), "voirie");
    assert_string_equal(nearest(r, "rarete"), "");    /* one passage: may be a misprint */
    assert_string_equal(nearest(r, "xrbanisme"), ""); /* the first letter is right */
    assert_string_equal(nearest(r, ""), "");
    assert_string_equal(nearest(r, "12345"), "");
    assert_string_equal(nearest(r, "chaqque"), "chaque"); /* no term, but a word */
    grf_ft_reader_close(r);
}

static void test_having(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    put(w, 1, "Voirie", "Travaux de la rue.");
    struct grf_filter_term t = {GRF_FILTER_BODY, grf_sv_z("Corte")};
    struct grf_ft_doc d = {.id = 7, .terms = &t, .n_terms = 1, .date_key = 20240305};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    d.id = 9, d.date_key = 20250101;
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    commit(w, 2);
    grf_ft_writer_close(w);
    const int64_t ids[] = {1, 6, 7, 8, 9, 100};
    bool has[6];
    struct grf_ft_reader *r = reader();
    assert_int_equal(grf_ft_having(r, &t, 0, 0, ids, 6, has, NULL), GRF_OK);
    assert_memory_equal(has, ((bool[]){false, false, true, false, true, false}), sizeof(has));
    assert_int_equal(grf_ft_having(r, &t, 0, 20241231, ids, 6, has, NULL), GRF_OK);
    assert_memory_equal(has, ((bool[]){false, false, true, false, false, false}), sizeof(has));
    assert_int_equal(grf_ft_having(r, NULL, 20240306, 0, ids, 6, has, NULL), GRF_OK);
    assert_memory_equal(has, ((bool[]){false, false, false, false, true, false}), sizeof(has));
    t.name = GRF_FILTER_COUNT;
    assert_int_equal(grf_ft_having(r, &t, 0, 0, ids, 6, has, NULL), GRF_INVALID);
    grf_ft_reader_close(r);
}

static void test_passing(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    for (int64_t i = 1; i <= 40; i++) {
        struct grf_filter_term t[2] = {
            {GRF_FILTER_BODY, grf_sv_z(i % 4 ? i % 4 == 1 ? "Corte" : "Bastia" : "Calvi")},
            {GRF_FILTER_KIND, grf_sv_z(i % 5 ? "deliberation" : "arrete")}};
        struct grf_ft_doc d = {.id = i * 3, .terms = t, .n_terms = 2,
                               .date_key = i % 7 ? 20200000 + i : 0};
        assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    }
    commit(w, 2);
    grf_ft_writer_close(w);
    struct grf_ft_reader *r = reader();
    struct grf_filter_term two[3] = {{GRF_FILTER_BODY, grf_sv_z("corte")},
                                     {GRF_FILTER_KIND, grf_sv_z("arrete")},
                                     {GRF_FILTER_BODY, grf_sv_z("Calvi")}};
    struct grf_ft_query q[] = {{.filters = two, .n_filters = 1},
                               {.filters = two, .n_filters = 3},
                               {.filters = two, .n_filters = 3, .date_from = 20200010},
                               {.date_to = 20200020},
                               {.date_from = 20200009, .date_to = 20200003}};
    static const size_t counts[] = {10, 4, 3, 18, 0};
    for (size_t i = 0; i < GRF_ARRAY_LEN(q); i++) {
        struct grf_idset all = {0};
        int64_t ids[125];
        bool out[125];
        for (int k = 0; k < 125; k++)
            ids[k] = k + 1;
        assert_int_equal(grf_ft_all_passing(r, &q[i], &all, NULL), GRF_OK);
        assert_int_equal(grf_ft_passing(r, &q[i], ids, 125, out, NULL), GRF_OK);
        for (int k = 0; k < 125; k++)
            assert_int_equal(out[k], grf_idset_has(&all, ids[k]));
        assert_int_equal(all.count, counts[i]);
        grf_idset_release(&all);
    }
    grf_ft_reader_close(r);
}

/* ---- phrases: the words of a passage stand in one byte or two */

enum { PASSAGES = 150, WORDS = 40, PHRASES = 400 };

/* Frequent words and others, of all lengths; the last ones differ in little. */
static const char *const some_words[] = {
    "le", "conseil", "municipal", "de", "la", "commune", "arrete", "toute", "mois",
    "zinzolin", "garderie", "abattis", "ossuaire", "quai", "x", "wagonnet", "lavoir",
    "bief", "biefs", "hydrant", "pylone", "pylones", "kiosque", "tilde", "ajonc"};

static uint32_t lot = 12345;

static size_t draw(size_t n)
{
    lot = lot * 1664525U + 1013904223U;
    return (lot >> 8) % n;
}

static void draw_words(size_t n, char *out, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(out + at, size - at, "%s ",
                               some_words[draw(GRF_ARRAY_LEN(some_words))]);
}

/* A word that passages are known by: the others are four of those above. */
static bool holds_other(const char *phrase)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, grf_sv_z(phrase));
    while (grf_words_next(&it, &w)) {
        if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            return true;
    }
    return false;
}

static void test_phrases_as_by_hand(void **state)
{
    static char texts[PASSAGES + 1][WORDS * 12];
    struct grf_ft_writer *w = writer();
    size_t found = 0;
    (void)state;
    for (int i = 1; i <= PASSAGES; i++) {
        snprintf(texts[i], sizeof(texts[i]), " "); /* each word between blanks */
        draw_words(draw(WORDS), texts[i] + 1, sizeof(texts[i]) - 1);
        put(w, i, "", texts[i]);
    }
    commit(w, 1);
    grf_ft_writer_close(w);
    struct grf_ft_reader *r = reader();
    for (int i = 0; i < PHRASES; i++) {
        char phrase[64] = " ";
        bool has[PASSAGES + 1] = {false};
        struct grf_ft_hit hits[PASSAGES];
        draw_words(2 + draw(2), phrase + 1, sizeof(phrase) - 1);
        struct grf_ft_clause c = {GRF_CLAUSE_PHRASE, grf_sv_z(phrase), 1};
        struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = PASSAGES};
        size_t n = run(r, &q, hits);
        for (size_t k = 0; k < n; k++)
            has[hits[k].id] = true;
        bool says = holds_other(phrase);
        for (int k = 1; k <= PASSAGES; k++)
            assert_int_equal(has[k], says && strstr(texts[k], phrase) != NULL);
        found += n > 0;
    }
    grf_ft_reader_close(r);
    assert_in_range(found, PHRASES / 10, PHRASES);
}

static void put_of_act(struct grf_ft_writer *w, int64_t id, int64_t act, const char *subject,
                       const char *text)
{
    struct grf_ft_doc d = {.id = id,
                           .act = act,
                           .subject = grf_sv_z(subject),
                           .header = grf_sv_z("Commune de Valmont"),
                           .text = grf_sv_z(text)};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
}

/* The passages of an act keep the order of its subject's words once. */
static void test_phrases_of_the_act(void **state)
{
    struct grf_ft_writer *w = writer();
    (void)state;
    for (int64_t id = 1; id <= 3; id++)
        put_of_act(w, id, 5, "Tarif du lavoir", "Un kiosque");
    put_of_act(w, 4, 6, "Tarif du lavoir", "Un kiosque");
    put_of_act(w, 258, 6, "Tarif du lavoir", "lavoir zinzolin");
    put_of_act(w, 513, 6, "Tarif du lavoir", "");
    put_of_act(w, 514, 0, "Tarif du lavoir", "");
    put_of_act(w, 515, 6, "Tarif du bief", "");
    commit(w, 1);
    const char *all = "1 2 3 4 258 513 514";
    assert_int_equal(strlen(ask_clause(GRF_CLAUSE_PHRASE, "tarif du")),
                     strlen("1 2 3 4 258 513 514 515"));
    assert_int_equal(strlen(ask_clause(GRF_CLAUSE_PHRASE, "du lavoir")), strlen(all));
    assert_int_equal(strlen(ask_clause(GRF_CLAUSE_PHRASE, "commune de Valmont")),
                     strlen("1 2 3 4 258 513 514 515"));
    assert_string_equal(ask_clause(GRF_CLAUSE_PHRASE, "lavoir commune"), ""); /* two parts */
    assert_string_equal(ask_clause(GRF_CLAUSE_PHRASE, "lavoir un kiosque"), "");
    assert_string_equal(ask_clause(GRF_CLAUSE_PHRASE, "lavoir zinzolin"), "258");
    assert_string_equal(ask_clause(GRF_CLAUSE_PHRASE, "un kiosque"), "1 2 3 4");
    /* another act stays whole when one goes; what is put again has its own */
    for (int64_t id = 1; id <= 3; id++)
        assert_int_equal(grf_ft_delete(w, id, NULL), GRF_OK);
    put_of_act(w, 258, 6, "Tarif du lavoir", "lavoir zinzolin");
    put_of_act(w, 259, 6, "Tarif du lavoir", "Un kiosque");
    commit(w, 2);
    assert_string_equal(ask_clause(GRF_CLAUSE_PHRASE, "du lavoir un"), "");
    assert_int_equal(strlen(ask_clause(GRF_CLAUSE_PHRASE, "du lavoir")),
                     strlen("4 258 259 513 514"));
    grf_ft_writer_close(w);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_amounts, set_up),
        cmocka_unit_test_setup(test_nearest_word, set_up),
        cmocka_unit_test_setup(test_having, set_up),
        cmocka_unit_test_setup(test_passing, set_up),
        cmocka_unit_test_setup(test_phrases_as_by_hand, set_up),
        cmocka_unit_test_setup(test_phrases_of_the_act, set_up),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}

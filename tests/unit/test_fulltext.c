/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The full-text index: what is found, in what order, and who sees it when. */
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "fulltext_fixture.h"
#include "grf_mem.h"

static const char *ask_phrase(const char *question)
{
    return ask_clause(GRF_CLAUSE_PHRASE, question);
}

static void make_small_base(void)
{
    struct grf_ft_writer *w = writer();
    put(w, 1, "Tarifs de la cantine scolaire",
        "Le conseil municipal décide de fixer les tarifs de la restauration scolaire.");
    put(w, 2, "Plan local d'urbanisme",
        "La révision du plan local d’urbanisme est prescrite sur le territoire.");
    put(w, 3, "Subvention à l'école de musique",
        "Une subvention de 1 200 euros est attribuée à l'École de Musique.");
    put(w, 4, "Voirie",
        "Travaux de réfection de la rue des Écoles, à l'œuvre en 2019.");
    put(w, 5, "Délibération 2021-045",
        "Vu l'article L. 2121-29 du code général des collectivités territoriales.");
    commit(w, 1);
    grf_ft_writer_close(w);
}

/* ------------------------------------------------------------------ finding */

static void test_accents_case_elisions_ligatures(void **state)
{
    (void)state;
    make_small_base();
    assert_string_equal(ask("REVISION"), "2");
    assert_string_equal(ask("révision"), "2");
    assert_string_equal(ask("urbanisme"), "2");
    assert_string_equal(ask("l’urbanisme"), "2");
    assert_string_equal(ask("D'URBANISME"), "2");
    assert_string_equal(ask("oeuvre"), "4");
    assert_string_equal(ask("œuvre"), "4");
    assert_string_equal(ask("rien de tel : xylophone"), "");
}

static void test_stems(void **state)
{
    (void)state;
    make_small_base();
    assert_string_equal(ask("subventions"), "3");
    assert_string_equal(ask("attribuer"), "3");
    assert_string_equal(ask("cantines scolaires"), "1");
    assert_string_equal(ask("décidé"), "1");
    char stem[GRF_STEM_MAX], other[GRF_STEM_MAX];
    grf_ft_stem(grf_sv_z("subventions"), stem);
    grf_ft_stem(grf_sv_z("subvention"), other);
    assert_string_equal(stem, other);
    grf_ft_stem(grf_sv_z("2019"), stem);
    assert_string_equal(stem, "2019");
    grf_ft_stem(grf_sv_z(""), stem);
    assert_string_equal(stem, "");
}

static void test_references_in_any_spelling(void **state)
{
    (void)state;
    make_small_base();
    assert_string_equal(ask("L2121-29"), "5");
    assert_string_equal(ask("l. 2121 29"), "5");
    assert_string_equal(ask_phrase("L.2121-29"), "5");
    assert_string_equal(ask_phrase("L2121-2"), ""); // numbers are not cut
    assert_string_equal(ask_phrase("2021-045"), "5");
}

static void test_exact_form_wins_over_stem(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    put(w, 1, "", "Les écoles de la ville sont ouvertes aux habitants");
    put(w, 2, "", "Cette école de la ville est ouverte aux habitants");
    put(w, 3, "", "Le stade de la ville est ouvert aux habitants");
    commit(w, 1);
    grf_ft_writer_close(w);
    assert_string_equal(ask("école"), "2 1");
    assert_string_equal(ask("écoles"), "1 2");
}

static void test_subject_wins_over_text(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    put(w, 1, "Budget", "La cantine figure au tableau.");
    put(w, 2, "Cantine", "Le budget figure au tableau.");
    commit(w, 1);
    grf_ft_writer_close(w);
    assert_string_equal(ask("cantine"), "2 1");
    assert_string_equal(ask("budget"), "1 2");
}

static void test_phrases(void **state)
{
    (void)state;
    make_small_base();
    assert_string_equal(ask_phrase("école de musique"), "3");
    assert_string_equal(ask_phrase("plan local d'urbanisme"), "2");
    assert_string_equal(ask_phrase("rue des écoles"), "4");
    assert_string_equal(ask_phrase("musique école"), "");
    assert_string_equal(ask_phrase("écoles de musique"), ""); // exact forms
    assert_string_equal(ask_phrase("cantine scolaire commune"), ""); // across parts
    assert_string_equal(ask_phrase("tarifs de la cantine"), "1");
    assert_string_equal(ask_phrase("tarifs la cantine"), "");
    assert_string_equal(ask_phrase("révision du"), "2");
    assert_string_equal(ask_phrase("de la"), ""); // no word that passages are known by
    struct grf_ft_clause c[] = {{GRF_CLAUSE_WORDS, grf_sv_z("urbanisme cantine"), 1},
                                {GRF_CLAUSE_PHRASE, grf_sv_z("conseil municipal"), 1}};
    struct grf_ft_query q = {.clauses = c, .n_clauses = 2, .limit = 5};
    struct grf_ft_hit hits[5];
    struct grf_ft_reader *r = reader();
    assert_int_equal(run(r, &q, hits), 1); // a phrase must occur, words may
    assert_int_equal(hits[0].id, 1);
    grf_ft_reader_close(r);
}

static void test_stopwords(void **state)
{
    (void)state;
    make_small_base();
    assert_string_equal(ask("quelle est la cantine"), "1");
    assert_string_equal(ask("sur les"), ""); // all have such words
    assert_string_equal(ask("notre"), "");
    struct grf_ft_clause c[] = {{GRF_CLAUSE_WORDS, grf_sv_z("sur"), 1},
                                {GRF_CLAUSE_WORDS, grf_sv_z("musique"), 0.5}};
    struct grf_ft_query q = {.clauses = c, .n_clauses = 2, .limit = 5};
    struct grf_ft_hit hits[5];
    struct grf_ft_reader *r = reader();
    assert_int_equal(run(r, &q, hits), 1);
    assert_int_equal(hits[0].id, 3);
    grf_ft_reader_close(r);
}

// Phrases of stopwords alone choose among what else is asked for.
static void test_phrases_of_stopwords(void **state)
{
    (void)state;
    struct grf_filter_term orne = {GRF_FILTER_BODY, grf_sv_z("Orne")};
    make_small_base();
    struct grf_ft_writer *w = writer();
    struct grf_ft_doc d = {.id = 6, .text = grf_sv_z("Le plan de la rue"), .terms = &orne,
                           .n_terms = 1};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    d.id = 7;
    d.text = grf_sv_z("La rue de ce plan");
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    commit(w, 2);
    grf_ft_writer_close(w);
    struct grf_ft_clause c[] = {{GRF_CLAUSE_PHRASE, grf_sv_z("de la"), 1},
                                {GRF_CLAUSE_WORDS, grf_sv_z("rue"), 1}};
    struct grf_ft_query q = {.clauses = c, .n_clauses = 2, .limit = 5};
    struct grf_ft_hit hits[5];
    struct grf_ft_reader *r = reader();
    assert_int_equal(run(r, &q, hits), 2);
    assert_int_equal(hits[0].id + hits[1].id, 6 + 4);
    q.filters = &orne;
    q.n_filters = 1;
    q.n_clauses = 1;
    assert_int_equal(run(r, &q, hits), 1);
    assert_int_equal(hits[0].id, 6);
    c[0].text = grf_sv_z("ce"); // one word, too
    assert_int_equal(run(r, &q, hits), 1);
    assert_int_equal(hits[0].id, 7);
    c[0] = c[1];
    c[0].text = grf_sv_z("ce");
    assert_int_equal(run(r, &q, hits), 2); // as words they say nothing
    grf_ft_reader_close(r);
}

static char *matched_by(const char *phrase, int64_t id)
{
    static char words[200];
    struct grf_ft_clause c = {GRF_CLAUSE_PHRASE, grf_sv_z(phrase), 1};
    struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = 5};
    struct grf_ft_reader *r = reader();
    struct grf_str held;
    grf_str_init(&held, 1000);
    assert_int_equal(grf_ft_matched(r, &q, id, &held, NULL), GRF_OK);
    snprintf(words, sizeof(words), "%.*s", (int)held.n, held.p ? held.p : "");
    grf_str_release(&held);
    grf_ft_reader_close(r);
    return words;
}

static void test_stopwords_that_match(void **state)
{
    (void)state;
    make_small_base();
    assert_string_equal(matched_by("tarifs de la cantine", 1), "tarifs de la cantine");
    assert_string_equal(matched_by("tarifs sous la cantine", 1), "tarifs la cantine");
    assert_string_equal(matched_by("tarifs de la cantine", 2), "de la");
}

// Stopwords count for how long a passage is, whatever is kept of them.
static void test_length_with_stopwords(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    put(w, 1, "", "lavoir le la les de du des un une en et lavoir");
    put(w, 2, "", "lavoir bief quai abri gare pont parc mare cour rive lavoir");
    put(w, 3, "", "lavoir lavoir");
    commit(w, 1);
    grf_ft_writer_close(w);
    assert_string_equal(ask("lavoir"), "3 1 2"); // stems make the second one longer
}

static void test_ties_by_id(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    static const int64_t order[] = {9, 3, 7, 1, 5};
    for (size_t i = 0; i < 5; i++)
        put(w, order[i], "Voirie", "Réfection de la rue.");
    commit(w, 1);
    grf_ft_writer_close(w);
    assert_string_equal(ask("réfection rue"), "1 3 5 7 9");
}

static void test_weights(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    put(w, 1, "", "La piscine est fermée");
    put(w, 2, "", "Le gymnase est fermé");
    commit(w, 1);
    grf_ft_writer_close(w);
    struct grf_ft_clause c[] = {{GRF_CLAUSE_WORDS, grf_sv_z("piscine"), 0.3},
                                {GRF_CLAUSE_WORDS, grf_sv_z("gymnase"), 1},
                                {GRF_CLAUSE_WORDS, grf_sv_z("piscine piscine"), 1}};
    struct grf_ft_query q = {.clauses = c, .n_clauses = 3, .limit = 5};
    struct grf_ft_hit hits[5];
    struct grf_ft_reader *r = reader();
    assert_int_equal(run(r, &q, hits), 2);
    assert_int_equal(hits[0].id, 2);
    assert_true(hits[1].score < 0.31 * hits[0].score); // a word counts once
    static const double bad[] = {-1, NAN, INFINITY};
    for (size_t i = 0; i < 3; i++) {
        size_t n;
        c[0].weight = bad[i];
        assert_int_equal(grf_ft_search(r, &q, hits, &n, NULL), GRF_INVALID);
        assert_int_equal(n, 0);
    }
    grf_ft_reader_close(r);
}

/* ------------------------------------------------------------------ filters */

static void put_act(struct grf_ft_writer *w, int64_t id, const char *body,
                    const char *kind, int64_t date)
{
    struct grf_filter_term t[] = {{GRF_FILTER_BODY, grf_sv_z(body)},
                                  {GRF_FILTER_KIND, grf_sv_z(kind)},
                                  {GRF_FILTER_REF, grf_sv_z("CGI/1636 B sexies")}};
    struct grf_ft_doc d = {.id = id,
                           .text = grf_sv_z("Le conseil décide la création d'un poste"),
                           .terms = t,
                           .n_terms = id == 1 ? 3 : 2,
                           .date_key = date};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
}

static const char *filtered(const struct grf_filter_term *f, size_t n_f, int64_t from,
                            int64_t to, const char *question)
{
    static char ids[200];
    struct grf_ft_hit hits[20];
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv_z(question), 1};
    struct grf_ft_query q = {&c, 1, f, n_f, from, to, 20};
    struct grf_ft_reader *r = reader();
    size_t n = run(r, &q, hits), at = 0;
    ids[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        assert_true((hits[i].score > 0) == (*question >= 'a'));
        at += (size_t)snprintf(ids + at, sizeof(ids) - at, "%s%lld", i ? " " : "",
                               (long long)hits[i].id);
    }
    grf_ft_reader_close(r);
    return ids;
}

static void make_filtered_base(void)
{
    struct grf_ft_writer *w = writer();
    put_act(w, 1, "Saint-Étienne", "deliberation", 20190405);
    put_act(w, 2, "Saint-Étienne", "arrete", 20200101);
    put_act(w, 3, "Saint", "deliberation", 20211231);
    put_act(w, 4, "Putanges", "deliberation", 0);
    commit(w, 1);
    grf_ft_writer_close(w);
}

static void test_filters(void **state)
{
    (void)state;
    make_filtered_base();
    struct grf_filter_term f[] = {{GRF_FILTER_BODY, grf_sv_z("SAINT-ETIENNE")},
                                  {GRF_FILTER_KIND, grf_sv_z("deliberation")},
                                  {GRF_FILTER_BODY, grf_sv_z("putanges")}};
    assert_string_equal(filtered(f, 1, 0, 0, "poste"), "1 2");
    assert_string_equal(filtered(f, 2, 0, 0, "poste"), "1");
    assert_string_equal(filtered(f, 3, 0, 0, "poste"), "1 4"); // same name: any of
    assert_string_equal(filtered(f, 3, 0, 0, ""), "1 4");      // no words: all that pass
    assert_string_equal(filtered(f, 1, 0, 0, "piscine"), "");
    assert_string_equal(filtered(NULL, 0, 0, 0, " ?! "), "1 2 3 4");
    f[0] = (struct grf_filter_term){GRF_FILTER_REF, grf_sv_z("cgi/1636Bsexies")};
    assert_string_equal(filtered(f, 1, 0, 0, "poste"), "1");
    f[0] = (struct grf_filter_term){GRF_FILTER_NUMBER, grf_sv_z("saint-etienne")};
    assert_string_equal(filtered(f, 1, 0, 0, "poste"), "");
    f[0] = (struct grf_filter_term){GRF_FILTER_BODY, grf_sv_z("")};
    assert_string_equal(filtered(f, 1, 0, 0, "poste"), "");
}

static void test_dates(void **state)
{
    (void)state;
    make_filtered_base();
    assert_string_equal(filtered(NULL, 0, 20190405, 20200101, "poste"), "1 2");
    assert_string_equal(filtered(NULL, 0, 20190406, 20200101, "poste"), "2");
    assert_string_equal(filtered(NULL, 0, 20190405, 20191231, ""), "1");
    assert_string_equal(filtered(NULL, 0, 0, 20200101, "poste"), "1 2"); // not 4
    assert_string_equal(filtered(NULL, 0, 20200101, 0, "poste"), "2 3");
    assert_string_equal(filtered(NULL, 0, 20250101, 20200101, "poste"), "");
}

static void test_long_filter_values(void **state)
{
    (void)state;
    char a[1000], b[1000];
    memset(a, 'x', sizeof(a));
    a[999] = '\0';
    memcpy(b, a, sizeof(a));
    b[998] = 'y'; // differs far beyond what a term can hold
    struct grf_ft_writer *w = writer();
    put_act(w, 2, a, "k", 0);
    put_act(w, 3, b, "k", 0);
    commit(w, 1);
    grf_ft_writer_close(w);
    struct grf_filter_term f = {GRF_FILTER_BODY, grf_sv_z(a)};
    assert_string_equal(filtered(&f, 1, 0, 0, ""), "2");
    f.value = grf_sv_z(b);
    assert_string_equal(filtered(&f, 1, 0, 0, ""), "3");
    f.value = grf_sv("x\0y", 3);
    assert_string_equal(filtered(&f, 1, 0, 0, ""), "");
    f.name = GRF_FILTER_COUNT;
    struct grf_ft_query q = {.filters = &f, .n_filters = 1, .limit = 1};
    struct grf_ft_reader *r = reader();
    struct grf_ft_hit hit;
    size_t n;
    assert_int_equal(grf_ft_search(r, &q, &hit, &n, NULL), GRF_INVALID);
    grf_ft_reader_close(r);
}

/* ------------------------------------------------------- writing and reading */

static void test_replace_and_delete(void **state)
{
    (void)state;
    make_small_base();
    struct grf_ft_writer *w = writer();
    assert_int_equal(grf_ft_writer_generation(w), 1);
    put(w, 1, "Stade", "La pelouse est refaite.");
    assert_int_equal(grf_ft_delete(w, 2, NULL), GRF_OK);
    assert_int_equal(grf_ft_delete(w, 77, NULL), GRF_OK);
    assert_int_equal(grf_ft_delete(w, 0, NULL), GRF_OK);
    assert_int_equal(grf_ft_delete(w, INT64_MAX, NULL), GRF_OK);
    commit(w, 2);
    grf_ft_writer_close(w);
    assert_string_equal(ask("cantine"), "");
    assert_string_equal(ask("pelouse"), "1");
    assert_string_equal(ask("urbanisme"), "");
    struct grf_ft_reader *r = reader();
    assert_int_equal(grf_ft_reader_count(r), 4);
    assert_int_equal(grf_ft_reader_generation(r), 2);
    grf_ft_reader_close(r);
}

static void test_ids_out_of_range(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    struct grf_ft_doc d = {.id = 0, .text = grf_sv_z("mot")};
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_ft_put(w, &d, &err), GRF_INVALID);
    d.id = -5;
    assert_int_equal(grf_ft_put(w, &d, &err), GRF_INVALID);
    d.id = (int64_t)UINT32_MAX + 1;
    assert_int_equal(grf_ft_put(w, &d, &err), GRF_LIMIT);
    struct grf_filter_term f = {GRF_FILTER_COUNT, grf_sv_z("x")};
    d.id = 1, d.terms = &f, d.n_terms = 1;
    assert_int_equal(grf_ft_put(w, &d, &err), GRF_INVALID);
    d.id = UINT32_MAX, d.n_terms = 0;
    assert_int_equal(grf_ft_put(w, &d, &err), GRF_OK); // not poisoned
    commit(w, 1);
    grf_ft_writer_close(w);
    assert_string_equal(ask("mot"), "4294967295");
    struct rusage used;
    assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
    assert_true(used.ru_maxrss < 1 << 20); // kB: by what there is, not by the highest number
}

static void test_uncommitted_is_dropped(void **state)
{
    (void)state;
    make_small_base();
    struct grf_ft_writer *w = writer();
    put(w, 6, "", "piscine");
    grf_ft_writer_close(w);
    grf_ft_writer_close(NULL);
    assert_string_equal(ask("piscine"), "");
}

static void test_reader_keeps_its_view(void **state)
{
    (void)state;
    make_small_base();
    struct grf_ft_reader *r = reader();
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv_z("cantine piscine"), 1};
    struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = 9};
    struct grf_ft_hit hits[9];
    struct grf_ft_writer *w = writer();
    put(w, 6, "", "La piscine municipale");
    assert_int_equal(run(r, &q, hits), 1);
    commit(w, 2);
    assert_int_equal(run(r, &q, hits), 1);
    assert_int_equal(grf_ft_reader_generation(r), 1);
    assert_int_equal(grf_ft_reader_refresh(r, NULL), GRF_OK);
    assert_int_equal(grf_ft_reader_generation(r), 2);
    assert_int_equal(grf_ft_reader_count(r), 6);
    assert_int_equal(run(r, &q, hits), 2);
    grf_ft_writer_close(w);
    grf_ft_reader_close(r);
    grf_ft_reader_close(NULL);
}

/* Commits that reuse the blocks of the reader's view. */
static void test_overtaken_reader_goes_on(void **state)
{
    (void)state;
    char text[64];
    struct grf_ft_writer *w = writer();
    for (int i = 1; i <= 400; i++) {
        snprintf(text, sizeof(text), "commun mot%d autre%d", i, i % 7);
        put(w, i, "Objet", text);
    }
    commit(w, 1);
    struct grf_ft_reader *r = reader();
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv_z("commun"), 1};
    struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = 1000};
    struct grf_ft_hit hits[1000];
    for (int round = 2; round < 8; round++) {
        for (int i = 1; i <= 400; i++) {
            snprintf(text, sizeof(text), "commun neuf%d rond%d", i * round, round);
            put(w, i, "Objet", text);
        }
        commit(w, round);
    }
    assert_int_equal(run(r, &q, hits), 400);
    assert_int_equal(grf_ft_reader_generation(r), 7);
    grf_ft_writer_close(w);
    grf_ft_reader_close(r);
}

static void test_second_writer_is_told(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer(), *second = (void *)1;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_ft_writer_open(dir, &second, &err), GRF_LOCKED);
    assert_null(second);
    assert_int_equal(grf_status_exit_code(err.code), 75);
    grf_ft_writer_close(w);
    grf_ft_writer_close(writer());
}

static void test_absent_index(void **state)
{
    (void)state;
    struct grf_ft_reader *r = (void *)1;
    struct grf_ft_writer *w;
    struct grf_err err = GRF_ERR_INIT;
    int64_t *ids;
    size_t n;
    assert_int_equal(grf_ft_reader_open(dir, &r, &err), GRF_NOTFOUND);
    assert_null(r);
    assert_non_null(strstr(err.msg, dir));
    assert_int_equal(grf_ft_check(dir, &ids, &n, &err), GRF_NOTFOUND);
    assert_int_not_equal(grf_ft_writer_open("/proc/no/such", &w, &err), GRF_OK);
    assert_null(w);
}

static void overwrite(const char *name, const char *bytes, size_t n)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void test_half_made_index_is_made_again(void **state)
{
    (void)state;
    assert_int_equal(mkdir(dir, 0750), 0);
    overwrite("flintlock", "", 0);
    overwrite("postlist.glass", "", 0);
    overwrite("v.tmp", "half", 4);
    make_small_base();
    assert_string_equal(ask("cantine"), "1");
    set_up(NULL);
    assert_int_equal(mkdir(dir, 0750), 0);
    overwrite("iamglass", "", 0);
    make_small_base();
    assert_string_equal(ask("cantine"), "1");
}

/* Commits one passage after another, telling each generation, until it is killed. */
static void write_for_ever(int tell)
{
    struct grf_ft_writer *w;
    if (grf_ft_writer_open(dir, &w, NULL))
        _exit(1);
    for (int64_t g = grf_ft_writer_generation(w) + 1;; g++) {
        struct grf_ft_doc d = {.id = g, .text = grf_sv_z("mot commun")};
        if (grf_ft_put(w, &d, NULL) || grf_ft_commit(w, g, NULL) ||
            write(tell, &g, sizeof(g)) != sizeof(g))
            _exit(1);
    }
}

/* A process killed at whatever moment of making or writing leaves its last commit. */
static void test_killed_writer(void **state)
{
    (void)state;
    int64_t told = 0, g = 0;
    for (int round = 0; round < 40; round++) {
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_for_ever(ends[1]);
        close(ends[1]);
        if (round >= 20) // by then in the middle of writing, before of making
            assert_int_equal(read(ends[0], &told, sizeof(told)), sizeof(told));
        usleep(100 + (useconds_t)(round % 20) * 500);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &g, sizeof(g)) == sizeof(g))
            told = g;
        close(ends[0]);
    }
    struct grf_ft_writer *w = writer();
    int64_t *ids;
    size_t n;
    g = grf_ft_writer_generation(w);
    assert_true(told >= 20 && g >= told);
    grf_ft_writer_close(w);
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_OK);
    assert_int_equal(n, g); // generation g has passages 1 to g: none lost, none half
    grf_free(ids);
}

static void test_damage_is_not_served(void **state)
{
    (void)state;
    make_small_base();
    struct grf_ft_reader *r;
    struct grf_err err = GRF_ERR_INIT;
    overwrite("iamglass", "something else entirely, and long enough to be read", 50);
    grf_status st = grf_ft_reader_open(dir, &r, &err);
    assert_true(st == GRF_CORRUPT || st == GRF_VERSION || st == GRF_NOTFOUND);
    struct grf_ft_writer *w;
    st = grf_ft_writer_open(dir, &w, &err); // what may hold data is not made again
    assert_true(st == GRF_CORRUPT || st == GRF_VERSION || st == GRF_NOTFOUND);
    set_up(NULL);
    make_small_base();
    char zeros[8192] = {0};
    int64_t *ids;
    size_t n;
    overwrite("postlist.glass", zeros, sizeof(zeros));
    assert_int_equal(grf_ft_check(dir, &ids, &n, &err), GRF_CORRUPT);
    assert_null(ids);
    assert_true(strlen(err.msg) > 20);
}

static void test_check_lists_all_ids(void **state)
{
    (void)state;
    int64_t *ids;
    size_t n;
    grf_ft_writer_close(writer());
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_OK);
    assert_int_equal(n, 0);
    make_small_base();
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_OK);
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ids[i], i + 1);
    grf_free(ids);
}

static void test_empty_index_answers(void **state)
{
    (void)state;
    grf_ft_writer_close(writer());
    assert_string_equal(ask("cantine"), "");
    assert_string_equal(ask_phrase("la cantine"), "");
    struct grf_ft_reader *r = reader();
    struct grf_ft_query q = {.limit = 3};
    struct grf_ft_hit hits[3];
    assert_int_equal(run(r, &q, hits), 0);
    assert_int_equal(grf_ft_reader_generation(r), 0);
    grf_ft_reader_close(r);
}

static void test_limit(void **state)
{
    (void)state;
    make_small_base();
    struct grf_ft_reader *r = reader();
    struct grf_ft_query q = {.limit = 2};
    struct grf_ft_hit hits[2];
    assert_int_equal(run(r, &q, hits), 2);
    q.limit = 0;
    assert_int_equal(run(r, &q, hits), 0);
    grf_ft_reader_close(r);
}

/* -------------------------------------------------------------- explanation */

static void test_matched(void **state)
{
    (void)state;
    make_small_base();
    struct grf_ft_clause c[] = {
        {GRF_CLAUSE_WORDS, grf_sv_z("Les Subventions d'écoles, une piscine, l'Euros"), 1},
        {GRF_CLAUSE_PHRASE, grf_sv_z("école de musique"), 1}};
    struct grf_ft_query q = {.clauses = c, .n_clauses = 2, .limit = 5};
    struct grf_ft_reader *r = reader();
    struct grf_str out;
    grf_str_init(&out, 1000);
    grf_str_addz(&out, "> ");
    assert_int_equal(grf_ft_matched(r, &q, 3, &out, NULL), GRF_OK);
    assert_string_equal(out.p, "> Subventions écoles Euros école de musique");
    assert_int_equal(grf_ft_matched(r, &q, 99, &out, NULL), GRF_NOTFOUND);
    assert_int_equal(grf_ft_matched(r, &q, -1, &out, NULL), GRF_NOTFOUND);
    grf_str_release(&out);
    grf_str_init(&out, 5);
    assert_int_equal(grf_ft_matched(r, &q, 3, &out, NULL), GRF_LIMIT);
    grf_str_release(&out);
    grf_ft_reader_close(r);
}

/* ------------------------------------------------------------------ hostile */

static void test_hostile_questions(void **state)
{
    (void)state;
    make_small_base();
    static const char *const odd[] = {
        "\"", "\"\"\"(((", "AND OR NOT NEAR/3 XOR", "XB:valmont Zcantin Stuff", "*", "a*",
        "cantine*", "title:cantine", "\xff\xfe\x80 cantine", "\xc3", "\xe2\x80",
        "-cantine", "+", "ﬁ ﬀ", "日本語 العربية", "\t\n\r", "'''", "l'l'l'l'", "d'",
        "é\xcc\x81\xcc\x81",
        "%s%n%d", "'; DROP TABLE acts; --", "\xef\xbb\xbf" "cantine"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(odd); i++) {
        ask(odd[i]);
        ask_phrase(odd[i]);
    }
    assert_string_equal(ask("XB:valmont"), "4 5 2 3 1"); // words, never a term of ours
    assert_string_equal(ask("Zcantin"), "");
    assert_string_equal(ask("Scantin"), "");
}

static void test_long_questions(void **state)
{
    (void)state;
    make_small_base();
    enum { N = 300000 };
    char *text = malloc(N + 16);
    assert_non_null(text);
    memset(text, 'a', N); // one word
    memcpy(text + N, " cantine", 9);
    assert_string_equal(ask(text), "1");
    for (size_t i = 0; i + 8 <= N; i += 8) { // very many words
        char word[16];
        snprintf(word, sizeof(word), "%07zu ", i % 9999999);
        memcpy(text + i, word, 8);
    }
    ask(text);
    ask_phrase(text);
    memcpy(text, "cantine ", 8);
    assert_string_equal(ask(text), "1");
    free(text);
}

static void test_hostile_passages(void **state)
{
    (void)state;
    struct grf_ft_writer *w = writer();
    enum { N = 200000 };
    char *noise = malloc(N);
    assert_non_null(noise);
    srandom(3);
    for (size_t i = 0; i < N; i++)
        noise[i] = (char)random();
    struct grf_ft_doc d = {.id = 1,
                           .subject = grf_sv(noise, 1000),
                           .header = grf_sv(noise + 1000, 3),
                           .text = grf_sv(noise, N)};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    memset(noise, 'x', N);
    d.id = 2;
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    d = (struct grf_ft_doc){.id = 3}; // nothing at all
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    commit(w, 1);
    grf_ft_writer_close(w);
    int64_t *ids;
    size_t n;
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_OK);
    assert_int_equal(n, 3);
    grf_free(ids);
    free(noise);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    make_filtered_base();
    struct grf_filter_term f = {GRF_FILTER_BODY, grf_sv_z("Saint-Étienne")};
    struct grf_ft_query q = {.filters = &f, .n_filters = 1, .limit = 3};
    struct grf_ft_hit hits[3];
    struct grf_ft_reader *r = reader();
    int failures = 0;
    for (uint64_t nth = 1;; nth++) {
        size_t n;
        grf_mem_fail_at(nth, 0);
        grf_status st = grf_ft_search(r, &q, hits, &n, NULL);
        grf_mem_fail_at(0, 0);
        if (st == GRF_OK)
            break;
        assert_int_equal(st, GRF_NOMEM);
        failures++;
    }
    assert_true(failures > 0);
    int64_t *ids;
    size_t n;
    grf_mem_fail_at(1, 1);
    assert_int_equal(grf_ft_check(dir, &ids, &n, NULL), GRF_NOMEM);
    grf_mem_fail_at(0, 0);
    assert_null(ids);
    grf_ft_reader_close(r);
}

/* Disk full: a file size limit gives EFBIG, which is reported alike. */
static void test_full_disk(void **state)
{
    (void)state;
    make_small_base();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = {100000, 100000};
        struct grf_ft_writer *w;
        signal(SIGXFSZ, SIG_IGN);
        if (grf_ft_writer_open(dir, &w, NULL) || setrlimit(RLIMIT_FSIZE, &limit))
            _exit(99);
        grf_status st = GRF_OK;
        for (int64_t id = 10; !st && id < 20000; id++) {
            char text[100];
            snprintf(text, sizeof(text), "mot%lld autre%lld encore%lld", (long long)id,
                     (long long)id * 7, (long long)id * 13);
            struct grf_ft_doc d = {.id = id, .text = grf_sv_z(text)};
            st = grf_ft_put(w, &d, NULL);
        }
        st = st ? st : grf_ft_commit(w, 2, NULL);
        struct grf_ft_doc d = {.id = 1};
        if (grf_ft_put(w, &d, NULL) != GRF_INTERNAL) // poisoned
            _exit(98);
        grf_ft_writer_close(w);
        _exit((int)st);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), GRF_NOSPC);
    assert_string_equal(ask("cantine"), "1");
}

/* -------------------------------------------------------------------- speed */

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Words as frequent as words are: the nth about 1/n of the time. */
static size_t passage_text(char *out, size_t room)
{
    static const char *const ends[] = {"", "s", "e", "ation", "ement", "ée"};
    size_t at = 0;
    for (int i = 0; i < 180; i++) {
        double u = (double)random() / RAND_MAX;
        unsigned rank = (unsigned)(exp(u * 10.3)); // up to 30,000
        at += (size_t)snprintf(out + at, room - at, "%s%c%c%c%c%s ", rank % 5 ? "" : "l'",
                               'b' + rank % 17, "aeiou"[rank / 17 % 5],
                               'c' + rank / 85 % 19, "aeiou"[rank / 1615 % 5],
                               ends[rank % 6]);
    }
    return at;
}

static void test_speed(void **state)
{
    (void)state;
    enum { N = 3000 };
    static char texts[N][4000];
    size_t n_bytes[N];
    srandom(1);
    for (int i = 0; i < N; i++)
        n_bytes[i] = passage_text(texts[i], sizeof(texts[i]));
    double t0 = now_ms();
    struct grf_ft_writer *w = writer();
    for (int i = 0; i < N; i++) {
        struct grf_ft_doc d = {.id = i + 1,
                               .subject = grf_sv_z("Tarifs de la cantine scolaire 2019"),
                               .header = grf_sv_z("Valmont 5 avril 2019 délibération 12"),
                               .text = grf_sv(texts[i], n_bytes[i]),
                               .date_key = 20190405};
        assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
    }
    double t1 = now_ms();
    commit(w, 1);
    double t2 = now_ms();
    grf_ft_writer_close(w);
    double t3 = now_ms();
    struct grf_ft_reader *r = reader();
    double t4 = now_ms();
    struct grf_ft_clause c = {GRF_CLAUSE_WORDS, grf_sv(texts[7], 60), 1};
    struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = 100};
    struct grf_ft_hit hits[100];
    for (int i = 0; i < 50; i++) {
        c.text = grf_sv(texts[i], 60);
        assert_int_equal(run(r, &q, hits), 100);
    }
    double t5 = now_ms();
    print_message("# 3,000 passages of 180 words: put %.0f ms, commit %.0f ms; "
                  "open %.2f ms, search %.2f ms\n", t1 - t0, t2 - t1, t4 - t3,
                  (t5 - t4) / 50);
    grf_ft_reader_close(r);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        T(test_accents_case_elisions_ligatures),
        T(test_stems),
        T(test_references_in_any_spelling),
        T(test_exact_form_wins_over_stem),
        T(test_subject_wins_over_text),
        T(test_phrases),
        T(test_stopwords),
        T(test_phrases_of_stopwords),
        T(test_stopwords_that_match),
        T(test_length_with_stopwords),
        T(test_ties_by_id),
        T(test_weights),
        T(test_filters),
        T(test_dates),
        T(test_long_filter_values),
        T(test_replace_and_delete),
        T(test_ids_out_of_range),
        T(test_uncommitted_is_dropped),
        T(test_reader_keeps_its_view),
        T(test_overtaken_reader_goes_on),
        T(test_second_writer_is_told),
        T(test_absent_index),
        T(test_half_made_index_is_made_again),
        T(test_killed_writer),
        T(test_damage_is_not_served),
        T(test_check_lists_all_ids),
        T(test_empty_index_answers),
        T(test_limit),
        T(test_matched),
        T(test_hostile_questions),
        T(test_long_questions),
        T(test_hostile_passages),
        T(test_out_of_memory),
        T(test_full_disk),
        T(test_speed),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Matters of acts: the table against corpora/actes.tsv, codes asked for, codes printed,
 * subjects of every head, silence where nothing is told, hostile input, no memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "grf_matter.h"
#include "grf_mem.h"

static struct grf_matter *rules(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_matter *m = NULL;
    assert_int_equal(grf_matter_open(NULL, &m, &err), GRF_OK);
    return m;
}

static struct grf_matter_verdict verdict(struct grf_matter *m, const char *subject,
                                         const char *decision, const char *text)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_matter_verdict v;
    struct grf_matter_text t = {grf_sv_z(subject), grf_sv_z(decision), grf_sv_z(text)};
    assert_int_equal(grf_matter_judge(m, &t, &v, &err), GRF_OK);
    assert_true(v.code ? v.confidence > 0.5 && v.confidence <= 1 : v.confidence == 0);
    return v;
}

static const char *code_of(struct grf_matter *m, const char *subject, const char *text)
{
    struct grf_matter_verdict v = verdict(m, subject, "", text);
    return v.code ? v.code->code : "-";
}

/* ---- the table */

static void test_table_is_the_file(void **state)
{
    (void)state;
    static char line[65536], want[65536];
    size_t k = 0;
    FILE *f = fopen("corpora/actes.tsv", "r");
    if (!f)
        skip();
    while (fgets(line, sizeof(line), f)) {
        if (line[0] == '#')
            continue;
        const struct grf_matter_code *c = grf_matter_at(k++);
        assert_non_null(c);
        snprintf(want, sizeof(want), "%s\t%s\t%s\t%s\n", c->code, c->title, c->about,
                 c->rules);
        assert_string_equal(line, want);
    }
    fclose(f);
    assert_null(grf_matter_at(k));
    assert_int_equal(grf_matter_count(), k);
}

static void test_table_is_sound(void **state)
{
    (void)state;
    size_t heads = 0;
    for (size_t k = 0; k < grf_matter_count(); k++) {
        const struct grf_matter_code *c = grf_matter_at(k);
        assert_true(c->title[0] && c->about[0]);
        assert_null(strpbrk(c->title, ",()\"")); /* goes into the SCDL table as it is */
        assert_true(strlen(c->code) < GRF_MATTER_CODE_MAX);
        heads += !c->code[1];
        assert_ptr_equal(grf_matter_find(grf_sv_z(c->code)), c);
        assert_ptr_equal(grf_matter_find(grf_sv_z(c->title)), c);
        char *end;
        for (const char *r = c->rules; *r; r = strstr(r, " | ") ? strstr(r, " | ") + 3 : "") {
            assert_true(strtod(r, &end) > 0); /* each rule has its weight and words */
            assert_true(*end == ' ' && end[1]);
        }
    }
    assert_int_equal(heads, 9);
}

/* ---- asked for */

static const char *found(const char *asked)
{
    const struct grf_matter_code *c = grf_matter_find(grf_sv_z(asked));
    return c ? c->code : "-";
}

static void test_find(void **state)
{
    (void)state;
    assert_string_equal(found("7"), "7");
    assert_string_equal(found("7.5"), "7.5");
    assert_string_equal(found("7.5.2"), "7.5");
    assert_string_equal(found("7.10"), "7.10");
    assert_string_equal(found(" 7.5 Subventions"), "7.5");
    assert_string_equal(found("finances"), "7");
    assert_string_equal(found("FINANCES LOCALES"), "7");
    assert_string_equal(found("urbanisme"), "2");
    assert_string_equal(found("marché public"), "1.1");
    assert_string_equal(found("vœux"), "9.4");
    assert_string_equal(found("Voirie"), "8.3");
    assert_string_equal(found("fonction publique"), "4"); /* the head before its 4.3 */
    assert_string_equal(found("autres"), "-");            /* 4.4, 1.4, 6.4, 9 */
    assert_string_equal(found("0"), "-");
    assert_string_equal(found("7.99"), "-");
    assert_string_equal(found("75"), "-");
    assert_string_equal(found("jardinage"), "-");
    assert_string_equal(found(""), "-");
    assert_string_equal(found("\xFF\xFE"), "-");
}

static void test_under(void **state)
{
    (void)state;
    assert_true(grf_matter_under(grf_sv_z("7.5"), grf_sv_z("7")));
    assert_true(grf_matter_under(grf_sv_z("7.5"), grf_sv_z("7.5")));
    assert_true(grf_matter_under(grf_sv_z("7"), grf_sv_z("7")));
    assert_false(grf_matter_under(grf_sv_z("7.10"), grf_sv_z("7.1")));
    assert_false(grf_matter_under(grf_sv_z("7"), grf_sv_z("7.5")));
    assert_false(grf_matter_under(grf_sv_z("7.5"), grf_sv_z("")));
}

/* ---- told from the subject */

static void test_subjects(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Marché de travaux de la halle : attribution des lots", "1.1"},
        {"Choix du délégataire pour la gestion de la piscine", "1.2"},
        {"Convention de mandat de maîtrise d’ouvrage avec le syndicat d'énergie", "1.3"},
        {"Protocole transactionnel avec la société Bellac", "1.5"},
        {"MAITRISE D'ŒUVRE POUR LA RENOVATION DE LA MAIRIE", "1.6"},
        {"Révision du plan local d’urbanisme : bilan de la concertation", "2.1"},
        {"Dépôt d'un permis de démolir, 4 rue des Aulnes", "2.2"},
        {"Institution du droit de préemption urbain", "2.3"},
        {"Acquisition d’un terrain au lieu-dit les Vernes", "3.1"},
        {"Vente d'une maison rue du Four", "3.2"},
        {"Révision des loyers communaux", "3.3"},
        {"Redevance d’occupation du domaine public due par les opérateurs", "3.5"},
        {"Servitude de passage au profit d'Enedis", "3.6"},
        {"Création d’un poste de rédacteur et tableau des effectifs", "4.1"},
        {"Recrutement de saisonniers au camping", "4.2"},
        {"Mise en place du RIFSEEP", "4.5"},
        {"Élection du maire", "5.1"},
        {"Adoption du règlement intérieur du conseil municipal", "5.2"},
        {"Désignation des délégués au syndicat des eaux", "5.3"},
        {"Délégations consenties au maire", "5.4"},
        {"Indemnités de fonction du maire et des adjoints", "5.6"},
        {"Modification des statuts de la communauté de communes", "5.7"},
        {"Autorisation d’ester en justice", "5.8"},
        {"Convention avec la fourrière animale", "6.1"},
        {"Budget annexe de l'eau : décision modificative n° 2", "7.1"},
        {"Vote des taux d’imposition", "7.2"},
        {"Garantie d’emprunt au bailleur social pour 12 logements", "7.3"},
        {"Aide directe aux entreprises : boulangerie", "7.4"},
        {"Demande de subvention pour la rénovation de l'école", "7.5"},
        {"Fonds de concours à la commune pour la réfection des rues", "7.8"},
        {"Tarifs de la cantine", "7.10"},
        {"Admission en non-valeur", "7.10"},
        {"Dénomination de la rue des Écoles", "8.3"},
        {"Programme local de l'habitat", "8.5"},
        {"Transports scolaires : convention avec la Région", "8.7"},
        {"Rapport sur le prix et la qualité du service de l'eau", "8.8"},
        {"Vœu pour le maintien de la gare", "9.4"},
    };
    struct grf_matter *m = rules();
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        const char *got = code_of(m, cases[i][0], "");
        if (strcmp(got, cases[i][1]) != 0)
            print_message("# %s: %s\n", cases[i][0], got);
        assert_string_equal(got, cases[i][1]);
    }
    grf_matter_close(m);
}

static void test_nothing_told(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "Questions diverses", "Madame Odile Vernet",
                                        "Informations du maire", "Séance du 4 mai 2021",
                                        "12 345,67"};
    struct grf_matter *m = rules();
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++)
        assert_string_equal(code_of(m, cases[i], ""), "-");
    grf_matter_close(m);
}

/* What is decided comes before what it is about; two sure rules of two heads: none. */
static void test_decision_before_theme(void **state)
{
    (void)state;
    struct grf_matter *m = rules();
    assert_string_equal(code_of(m, "Médiathèque : attribution du marché de travaux", ""),
                        "1.1");
    assert_string_equal(code_of(m, "Ligne de trésorerie et élection du maire", ""), "-");
    grf_matter_close(m);
}

/* Without a subject that speaks, the decision's first words do, if they are clear. */
static void test_decision_speaks(void **state)
{
    (void)state;
    struct grf_matter *m = rules();
    const char *decision = "Décide de contracter une ligne de trésorerie de 200 000 euros";
    struct grf_matter_verdict v = verdict(m, "Proposition du maire", decision, "");
    assert_non_null(v.code);
    assert_string_equal(v.code->code, "7.3");
    double clear = verdict(m, "Ligne de trésorerie", "", "").confidence;
    assert_true(v.confidence < clear);
    grf_matter_close(m);
}

/* Rules for the text add to what the subject says. */
static void test_text_adds(void **state)
{
    (void)state;
    struct grf_matter *m = rules();
    const char *text = "Vu l'article L. 1411-5 du code général des collectivités territoriales";
    double without = verdict(m, "Rapport annuel du délégataire", "", "").confidence;
    double with = verdict(m, "Rapport annuel du délégataire", "", text).confidence;
    assert_true(with > without);
    grf_matter_close(m);
}

/* ---- printed in the act */

static void test_printed(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Nomenclature ACTES : 7.5.1\nVu le code", "7.5"},
        {"Matière : 4.1 - Personnel", "4.1"},
        {"Classification 8.8", "8.8"},
        {"5.7 Intercommunalité\nLe conseil", "5.7"},
        {"3.2 – ALIENATIONS", "3.2"},
        {"7 Finances locales\nLe conseil", "7"},
        {"nomenclature budgétaire et comptable M57", "-"},
        {"nomenclature M57 du 1.1.2024", "-"},
        {"la matière est au point 17.5", "-"},
        {"article 7.5 du règlement", "-"},
        {"un taux de 7.1 pour cent", "-"},
        {"Matière : 7.77", "-"},
        {"Nomenclature", "-"},
        {"matière 7.", "-"},
    };
    struct grf_matter *m = rules();
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        const char *got = code_of(m, "Questions diverses", cases[i][0]);
        if (strcmp(got, cases[i][1]) != 0)
            print_message("# %s: %s\n", cases[i][0], got);
        assert_string_equal(got, cases[i][1]);
    }
    /* it goes before the words of the subject */
    assert_string_equal(code_of(m, "Vote des taux d'imposition", "Nomenclature : 7.10"), "7.10");
    grf_matter_close(m);
}

/* ---- acts */

static void set_act(struct grf_act *a, const char *subject, grf_act_kind kind)
{
    grf_act_init(a);
    a->kind = kind;
    a->subject = grf_strdup(subject);
    assert_non_null(a->subject);
}

static void test_fill(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_matter *m = rules();
    struct grf_page page;
    struct grf_acts acts = {grf_calloc(3, sizeof(struct grf_act)), 3, 3};
    assert_non_null(acts.v);
    grf_page_init(&page);
    grf_str_addz(&page.text, "Vu le dossier. Nomenclature : 2.1. Décide.");
    set_act(&acts.v[0], "Vote du budget primitif", GRF_KIND_DELIBERATION);
    set_act(&acts.v[1], "Divers", GRF_KIND_PV_ITEM);
    set_act(&acts.v[2], "Vote du budget primitif", GRF_KIND_DOCUMENT);
    acts.v[1].passages = grf_calloc(1, sizeof(struct grf_passage));
    assert_non_null(acts.v[1].passages);
    acts.v[1].passages[0] = (struct grf_passage){1, 0, page.text.n, GRF_PART_BODY};
    acts.v[1].n_passages = acts.v[1].cap_passages = 1;
    assert_int_equal(grf_matter_fill(m, &page, &acts, &err), GRF_OK);
    assert_string_equal(acts.v[0].matter, "7.1");
    assert_true(acts.v[0].matter_confidence > 0.6);
    assert_string_equal(acts.v[1].matter, "2.1");
    assert_null(acts.v[2].matter);
    grf_acts_release(&acts);
    grf_page_release(&page);
    grf_matter_close(m);
}

/* ---- hostile input, no memory */

static void test_any_bytes(void **state)
{
    (void)state;
    struct grf_matter *m = rules();
    static char text[20000];
    uint32_t seed = 7;
    for (int round = 0; round < 40; round++) {
        for (size_t i = 0; i + 1 < sizeof(text); i++) {
            static const char pieces[] = "7.51 nomenclature-matiere\xC3\xA9\xFF\n";
            seed = seed * 1664525u + 1013904223u;
            text[i] = round & 1 ? (char)(1 + (seed >> 8) % 255)
                                : pieces[(seed >> 8) % (sizeof(pieces) - 1)];
        }
        verdict(m, text, text, text);
        grf_matter_find(grf_sv(text, (size_t)round));
    }
    grf_matter_close(m);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_matter_verdict v;
    struct grf_matter_text t = {grf_sv_z("Vote du budget"), grf_sv_z(""), grf_sv_z("Vu")};
    struct grf_matter *m;
    size_t failures = 0;
    for (uint64_t nth = 1; nth < 10000; nth++) {
        grf_mem_fail_at(nth, 1);
        grf_status st = grf_matter_open(NULL, &m, &err);
        grf_status judged = st ? st : grf_matter_judge(m, &t, &v, &err);
        grf_mem_fail_at(0, 0);
        grf_matter_close(m);
        assert_true(!st == (m != NULL));
        if (!judged)
            break;
        assert_int_equal(judged, GRF_NOMEM);
        failures++;
    }
    assert_true(failures > 5);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_the_file),
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_under),
        cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_nothing_told),
        cmocka_unit_test(test_decision_before_theme),
        cmocka_unit_test(test_decision_speaks),
        cmocka_unit_test(test_text_adds),
        cmocka_unit_test(test_printed),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("matter", tests, NULL, NULL);
}

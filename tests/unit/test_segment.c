/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acts in documents: forms of numbers and titles, votes, dates, parts, hostile input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "grf_act.h"
#include "grf_mem.h"

enum { PAGES_MOST = 8 };

/* ---- pages from text: a blank line ends a block; "#" a heading, "%" a stamp, "|" the
   margin, "=" alone the page */

struct made {
    struct grf_page p[PAGES_MOST];
    size_t n;
    struct grf_acts acts;
};

static void add_block(struct grf_page *p, const char *text, size_t n)
{
    static const char marks[] = "#%|";
    static const uint8_t roles[] = {GRF_ROLE_BODY, GRF_ROLE_STAMP, GRF_ROLE_MARGIN};
    struct grf_block b = {.size = 10, .role = GRF_ROLE_BODY};
    const char *m = n ? strchr(marks, text[0]) : NULL;
    if (m && *m) {
        b.role = roles[m - marks];
        b.heading = *m == '#';
        text++;
        n--;
    }
    if (p->text.n)
        grf_str_addz(&p->text, "\n\n");
    b.start = (uint32_t)p->text.n;
    grf_str_add(&p->text, text, n);
    b.end = (uint32_t)p->text.n;
    b.box = (struct grf_box){50, 20.0f * (float)p->n_blocks, 500,
                             20.0f * (float)p->n_blocks + 10};
    assert_int_equal(grf_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof(b)), GRF_OK);
    p->blocks[p->n_blocks++] = b;
}

static struct grf_page *new_page(struct made *m)
{
    struct grf_page *p = &m->p[m->n++];
    grf_page_init(p);
    p->number = (int)m->n;
    p->state = GRF_TEXT_NATIVE;
    return p;
}

static void make_pages(struct made *m, const char *text)
{
    memset(m, 0, sizeof(*m));
    struct grf_page *p = new_page(m);
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        if (n == 1 && text[0] == '=')
            p = new_page(m);
        else if (n)
            add_block(p, text, n);
        text += n + (end ? 2 : 0);
    }
}

static void segment_with(struct made *m, const char *text, const char *body, bool fixed,
                         const char *title)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_doc_hints h = {body, fixed, title};
    make_pages(m, text);
    assert_int_equal(grf_segment(m->p, m->n, &h, &m->acts, &err), GRF_OK);
    assert_int_equal(grf_cut(m->p, m->n, &m->acts, &err), GRF_OK);
}

static void segment(struct made *m, const char *text)
{
    segment_with(m, text, "testville", false, "document");
}

static void release(struct made *m)
{
    grf_acts_release(&m->acts);
    for (size_t i = 0; i < m->n; i++)
        grf_page_release(&m->p[i]);
}

/* The nth act that is one (from 0); fails when there is none. */
static const struct grf_act *act(const struct made *m, size_t nth)
{
    for (size_t i = 0; i < m->acts.n; i++) {
        if (m->acts.v[i].kind != GRF_KIND_DOCUMENT && nth-- == 0)
            return &m->acts.v[i];
    }
    fail_msg("no such act");
    return NULL;
}

static size_t count_acts(const struct made *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->acts.n; i++)
        n += m->acts.v[i].kind != GRF_KIND_DOCUMENT;
    return n;
}

static void is_text(const char *have, const char *want)
{
    if (!want)
        assert_null(have);
    else {
        assert_non_null(have);
        assert_string_equal(have, want);
    }
}

#define OPENING                                                                          \
    "#COMMUNE DE TESTVILLE\n\n#Procès-verbal de la séance du 12 mars 2021\n\n"            \
    "L’an deux mille vingt et un, le douze mars à vingt heures, le Conseil municipal "    \
    "légalement convoqué le 5 mars 2021 s’est réuni sous la présidence du maire.\n\n"      \
    "Présents : Mme A, M. B, M. C, Mme D, M. E, Mme F, M. G, Mme H, M. I, Mme J.\n\n"
#define BODY                                                                             \
    "Monsieur le Maire expose le dossier et rappelle les règles qui valent en la matière, " \
    "avant de proposer une solution.\n\n"
#define DECIDED "Après en avoir délibéré, le Conseil municipal, à l’unanimité, approuve.\n\n"

/* ---- forms */

struct form {
    const char *heading[3]; /* of three acts in one document */
    const char *number[3];
};

static const struct form forms[] = {
    {{"#DEL2023-045 : Premier titre", "#DEL2023-046 : Second titre",
      "#DEL2023-047 : Titre troisième"}, {"DEL2023-045", "DEL2023-046", "DEL2023-047"}},
    {{"#Délibération n° 2023-045 : Premier titre", "#Délibération n° 2023-046 : Second titre",
      "#Délibération n° 2023-047 : Titre troisième"}, {"2023-045", "2023-046", "2023-047"}},
    {{"#DELIBERATION N° 24\nPremier titre", "#DELIBERATION N° 25\nSecond titre",
      "#DELIBERATION N° 26\nTitre troisième"}, {"24", "25", "26"}},
    {{"DEL_2022_12_03 – Premier titre", "DEL_2022_12_04 – Second titre",
      "DEL_2022_12_05 – Titre troisième"},
     {"DEL_2022_12_03", "DEL_2022_12_04", "DEL_2022_12_05"}},
    {{"#N° 12/2020 – Premier titre", "#N° 13/2020 – Second titre",
      "#N° 14/2020 – Titre troisième"}, {"12/2020", "13/2020", "14/2020"}},
    {{"#2019-06-01 Premier titre", "#2019-06-02 Second titre", "#2019-06-03 Titre troisième"},
     {"2019-06-01", "2019-06-02", "2019-06-03"}},
    {{"20240909 1 Premier titre", "20240909 2 Second titre", "20240909 3 Titre troisième"},
     {"20240909 1", "20240909 2", "20240909 3"}},
    {{"23-02/001 – Premier titre", "23-02/002 – Second titre", "23-02/003 – Titre troisième"},
     {"23-02/001", "23-02/002", "23-02/003"}},
    {{"D2025-003- Objet : Premier titre", "D2025-004 - Objet : Second titre",
      "D 2025-005 – Objet : Titre troisième"}, {"D2025-003", "D2025-004", "D 2025-005"}},
    {{"#Point n° 1 : Premier titre", "#Point n° 2 : Second titre",
      "#Point n° 3 : Titre troisième"}, {"1", "2", "3"}},
    {{"#Question n° 5 : Premier titre", "#Question n° 6 : Second titre",
      "#Question n° 7 : Titre troisième"}, {"5", "6", "7"}},
    {{"#Rapport n° 1 - Premier titre", "#Rapport n° 2 - Second titre",
      "#Rapport n° 3 - Titre troisième"}, {"1", "2", "3"}},
    {{"1. Premier titre", "2. Second titre", "3. Titre troisième"}, {"1", "2", "3"}},
    {{"1) Premier titre", "2) Second titre", "3) Titre troisième"}, {"1", "2", "3"}},
    {{"#1- Premier titre", "#2-Second titre", "#3 - Titre troisième"}, {"1", "2", "3"}},
    {{"#I – Premier titre", "#II – Second titre", "#III – Titre troisième"},
     {"I", "II", "III"}},
    {{"#► Premier titre", "#► Second titre", "#► Titre troisième"}, {NULL, NULL, NULL}},
    {{"#PREMIER TITRE", "#SECOND TITRE", "#TITRE TROISIÈME"}, {NULL, NULL, NULL}},
    {{"OBJET : Premier titre", "OBJET : Second titre", "OBJET : Titre troisième"},
     {NULL, NULL, NULL}},
    {{"#2021/12 : Premier titre", "#2021/13 : Second titre", "#2021/14 : Titre troisième"},
     {"2021/12", "2021/13", "2021/14"}},
    {{"#DCM 2021-12 Premier titre", "#DCM 2021-13 Second titre", "#DCM 2021-14 Titre troisième"},
     {"DCM 2021-12", "DCM 2021-13", "DCM 2021-14"}},
    {{"#Affaire n° 1 : Premier titre", "#Affaire n° 2 : Second titre",
      "#Affaire n° 3 : Titre troisième"}, {"1", "2", "3"}},
};

static bool same_words(const char *a, const char *b)
{
    static const char *const titles[][2] = {{"PREMIER TITRE", "Premier titre"},
                                            {"SECOND TITRE", "Second titre"},
                                            {"TITRE TROISIÈME", "Titre troisième"}};
    for (size_t i = 0; i < GRF_ARRAY_LEN(titles); i++) {
        if (strcmp(b, titles[i][1]) == 0)
            return strcmp(a, b) == 0 || strcmp(a, titles[i][0]) == 0;
    }
    return false;
}

static void test_forms(void **state)
{
    static const char *const subjects[] = {"Premier titre", "Second titre", "Titre troisième"};
    (void)state;
    for (size_t f = 0; f < GRF_ARRAY_LEN(forms); f++) {
        struct made m;
        char text[8000];
        snprintf(text, sizeof(text),
                 OPENING "%s\n\n" BODY DECIDED "=\n\n%s\n\n" BODY DECIDED "%s\n\n" BODY DECIDED
                         "La séance est levée à 22 heures.\n\n",
                 forms[f].heading[0], forms[f].heading[1], forms[f].heading[2]);
        segment(&m, text);
        if (count_acts(&m) != 3)
            fail_msg("\"%s\": %zu acts", forms[f].heading[0], count_acts(&m));
        for (size_t i = 0; i < 3; i++) {
            const struct grf_act *a = act(&m, i);
            is_text(a->number, forms[f].number[i]);
            assert_non_null(a->subject);
            if (!same_words(a->subject, subjects[i]))
                fail_msg("\"%s\": subject \"%s\"", forms[f].heading[i], a->subject);
            assert_int_equal(a->kind, GRF_KIND_DELIBERATION);
            assert_int_equal(a->first_page, i ? 2 : 1);
            assert_int_equal(a->votes.unanimous, 1);
            assert_string_equal(a->session_date, "2021-03-12");
            assert_string_equal(a->convocation_date, "2021-03-05");
        }
        release(&m);
    }
}

static const struct {
    const char *line, *number;
} extract_numbers[] = {
    {"#DÉLIBÉRATION N° 2022/08\nTarifs de la cantine", "2022/08"},
    {"#Délibération n° DCC-2020-058\nTarifs de la cantine", "DCC-2020-058"},
    {"|n° 2014 / 131\n\n#Tarifs de la cantine", "2014 / 131"},
    {"N° 2010/ 216\n\n#Tarifs de la cantine", "2010/ 216"},
    {"#Délibération du conseil municipal n° 2023.01989\n\nObjet : Tarifs de la cantine",
     "2023.01989"},
    {"#DEL2023-06\nTarifs de la cantine", "DEL2023-06"},
    {"n°277\n\nOBJET DE LA DELIBERATION :\nTarifs de la cantine", "277"},
};

static void test_extracts(void **state)
{
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(extract_numbers); i++) {
        struct made m;
        char text[4000];
        snprintf(text, sizeof(text),
                 "#EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS\nSéance du 7 avril 2022\n\n"
                 "L’an deux mille vingt-deux, le sept avril, le Conseil municipal s’est réuni."
                 "\n\nPrésents : Mme A, M. B.\n\n%s\n\n" BODY
                 "VU le code général des collectivités territoriales ;\n\n" DECIDED
                 "%%ID : 096-219601283-20220407-2022_08-DE\n\n"
                 "%%Reçu en préfecture le 12/04/2022\n\n",
                 extract_numbers[i].line);
        segment(&m, text);
        assert_int_equal(count_acts(&m), 1);
        const struct grf_act *a = act(&m, 0);
        is_text(a->number, extract_numbers[i].number);
        is_text(a->subject, "Tarifs de la cantine");
        is_text(a->receipt_id, "096-219601283-20220407-2022_08-DE");
        assert_string_equal(a->received_date, "2022-04-12");
        assert_string_equal(a->session_date, "2022-04-07");
        release(&m);
    }
}

#define EXTRACT(day, number, title)                                                      \
    "#EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS\n\nL’an deux mille vingt-deux, le " day ", le "  \
    "Conseil municipal s’est réuni.\n\nPrésents : Mme A, M. B.\n\n#Délibération n° " number     \
    "\n" title "\n\n" BODY DECIDED

/* A register of extracts: each with its own heading, session and pages. */
static void test_many_extracts(void **state)
{
    struct made m;
    (void)state;
    segment(&m, EXTRACT("sept avril", "2022-07", "Un titre long") "=\n\nSuite du texte.\n\n"
                "=\n\n" EXTRACT("neuf mai", "2022-12", "Un autre titre"));
    assert_int_equal(m.acts.n, 2);
    is_text(act(&m, 0)->number, "2022-07");
    assert_int_equal(act(&m, 0)->last_page, 2);
    assert_string_equal(act(&m, 0)->session_date, "2022-04-07");
    is_text(act(&m, 1)->number, "2022-12");
    is_text(act(&m, 1)->subject, "Un autre titre");
    assert_int_equal(act(&m, 1)->first_page, 3);
    assert_string_equal(act(&m, 1)->session_date, "2022-05-09");
    release(&m);
}

/* A file with one act is that act from its first line on; an agenda speaks of a session. */
static void test_own_heading(void **state)
{
    struct made m;
    (void)state;
    segment(&m, "#Commune de Testville\n\nSéance du 12 mars 2024\n\n"
                "#Délibération n° 2024-12\nTarifs de la cantine\n\n" BODY DECIDED);
    assert_int_equal(m.acts.n, 1);
    is_text(act(&m, 0)->number, "2024-12");
    is_text(act(&m, 0)->subject, "Tarifs de la cantine");
    assert_int_equal(act(&m, 0)->first_char, 0);
    release(&m);
    segment(&m, "#Commune de Testville\n\nSéance du 12 mars 2024\n\n#Ordre du jour\n\n"
                "1. Tarifs de la cantine\n\n2. Questions diverses\n\n"
                "#Délibération n° 2024-12\nTarifs de la cantine\n\n" BODY DECIDED);
    assert_int_equal(count_acts(&m), 1);
    assert_true(m.acts.n > 1);
    release(&m);
}

static void test_orders(void **state)
{
    struct made m;
    (void)state;
    segment(&m, "#RÉPUBLIQUE FRANÇAISE\n\n#ARRÊTÉ DU MAIRE\n\n#ARRETE MUNICIPAL N° 2021/34\n"
                "Stationnement rue de l’Église\n\nLe Maire de Testville,\n\n"
                "Vu le code de la route ;\n\nConsidérant les travaux ;\n\n#ARRÊTE\n\n"
                "Article 1er : Le stationnement est interdit.\n\n"
                "Fait à Testville, le 15 novembre 2021\n\n");
    assert_int_equal(count_acts(&m), 1);
    assert_int_equal(act(&m, 0)->kind, GRF_KIND_ARRETE);
    is_text(act(&m, 0)->number, "2021/34");
    is_text(act(&m, 0)->subject, "Stationnement rue de l’Église");
    assert_string_equal(act(&m, 0)->session_date, "2021-11-15");
    release(&m);
    segment(&m, "#Décision du maire\n\n#Décision n° 2020-15 prise par délégation\n\n"
                "Objet : Marché de toiture\n\nVu le code ;\n\n#DÉCIDE\n\n"
                "Article 1 : Le marché est attribué.\n\n"
                "Fait à Testville, le 3 juin 2020\n\n");
    assert_int_equal(act(&m, 0)->kind, GRF_KIND_DECISION);
    is_text(act(&m, 0)->number, "2020-15");
    is_text(act(&m, 0)->subject, "Marché de toiture");
    release(&m);
}

/* ---- votes */

static const struct {
    const char *text;
    int in_favour, against, abstention, unanimous;
} votes[] = {
    {"Vote : 15 voix pour, 2 voix contre (M. Leblanc et Mme Roux), 1 abstention (M. Petit).",
     15, 2, 1, 0},
    {"Pour : 64\n\nContre :\n\nAbstentions : 1\n\nAdopté à l’unanimité.", 64, -1, 1, 1},
    {"Contre : 7 (UMP-NI)\n\nAdopté à l’unanimité", -1, 7, -1, 1},
    {"Le Conseil municipal, à l’unanimité, moins une abstention, des Membres, approuve.", -1, -1,
     1, 1},
    {"Le Conseil municipal, à la majorité des suffrages exprimés, approuve.", -1, -1, -1, 0},
    {"Le Conseil adopte.", -1, -1, -1, -1},
    {"Vote : Pour à l’unanimité", -1, -1, -1, 1},
    {"Le Conseil municipal approuve.\n\nContre : M. Leblanc, M. Petit, Mme Roux et M. Papin.\n\n"
     "Abstention : M. Noir", -1, 4, 1, 0},
    {"LE CONSEIL, par 11 voix pour, 3 contre (M. A, Mme B, Mme C) et 1 abstention (M. D) :", 11,
     3, 1, 0},
    {"Vote : pour 15 – contre 0 – abstention 0.", 15, 0, 0, -1},
    {"Pour : 12 / Contre : 1 (M. A) / Abstention : 1 (M. B)", 12, 1, 1, 0},
    {"Le Conseil, à l’unanimité des votants (13), approuve.", 13, -1, -1, 1},
    {"Le Conseil, à la majorité (26 voix contre, 1 abstention et 3 pour), décide.", 3, 26, 1, 0},
    {"Le projet avait recueilli l’approbation du Conseil à l’unanimité.\n\nLe Conseil municipal, à "
     "la majorité (26 voix contre, 1 abstention et 3 pour), décide.", 3, 26, 1, 0},
    {"Vaisselle : 10 € pour 1 soirée.\n\nPour : 1\n\nLe Conseil municipal, à l’unanimité, "
     "approuve.", -1, -1, -1, 1},
    {"- pour : 15\n\n- contre : 4 (M. A)\n\nLe maire demande l’accord du conseil pour signer.\n\n"
     "Vote : pour à l’unanimité", -1, -1, -1, -1},
    {"Le Conseil approuve.\n\nVu l’avis favorable rendu à l’unanimité par la commission.", -1, -1,
     -1, -1},
    {"Le Conseil décide de verser 154 pour l’école et 30 contre remboursement.", -1, -1, -1, -1},
};

static void test_votes(void **state)
{
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(votes); i++) {
        struct made m;
        char text[4000];
        snprintf(text, sizeof(text),
                 OPENING "#DEL2021-01 : Un titre\n\n" BODY
                         "%s\n\n#DEL2021-02 : Un autre titre\n\n" BODY DECIDED,
                 votes[i].text);
        segment(&m, text);
        const struct grf_votes *v = &act(&m, 0)->votes;
        if (v->in_favour != votes[i].in_favour || v->against != votes[i].against ||
            v->abstention != votes[i].abstention || v->unanimous != votes[i].unanimous)
            fail_msg("\"%s\": %d %d %d %d", votes[i].text, v->in_favour, v->against,
                     v->abstention, v->unanimous);
        release(&m);
    }
}

/* ---- minutes */

static void test_agenda_without_numbers(void **state)
{
    struct made m;
    (void)state;
    segment(&m, OPENING "#Ordre du jour\n\n- Réfection du toit de l’école\n\n"
                        "- Subvention au comité des fêtes\n\n- Questions diverses\n\n"
                        "Réfection du toit de l’école\n\n" BODY DECIDED
                        "Subvention au comité des fêtes\n\n" BODY DECIDED
                        "Questions diverses\n\nMme A demande quand la rue sera refaite.\n\n"
                        "La séance est levée à 22 heures.\n\n");
    assert_int_equal(count_acts(&m), 2);
    is_text(act(&m, 0)->subject, "Réfection du toit de l’école");
    is_text(act(&m, 1)->subject, "Subvention au comité des fêtes");
    release(&m);
}

static void test_lists_inside_an_act(void **state)
{
    struct made m;
    (void)state;
    segment(&m, OPENING "1. Travaux de l’école\n\n" BODY
                        "1. Remplacer le toit et les gouttières\n\n2. Repeindre les murs\n\n"
                        "3. Changer les fenêtres\n\n" DECIDED "2. Travaux de la mairie\n\n" BODY
                        DECIDED "3. Vente d’un terrain\n\n" BODY DECIDED);
    assert_int_equal(count_acts(&m), 3);
    is_text(act(&m, 1)->subject, "Travaux de la mairie");
    release(&m);
}

static void test_closing_list(void **state)
{
    struct made m;
    (void)state;
    segment(&m, OPENING "#2020-03-01 CONTRAT DE DÉRATISATION\n\n" BODY DECIDED
                        "#2020-03-02 ACHAT DE TERRAIN\n\n" BODY DECIDED
                        "#DELIBERATIONS\n\n#2020-03-01 CONTRAT DE DÉRATISATION\n\n"
                        "#2020-03-02 ACHAT DE TERRAIN\n\n");
    assert_int_equal(count_acts(&m), 2);
    assert_int_equal(m.acts.v[m.acts.n - 1].kind, GRF_KIND_DOCUMENT);
    release(&m);
}

static void test_points_under_a_number(void **state)
{
    struct made m;
    (void)state;
    segment(&m, OPENING "#1. Premier dossier\n\n" BODY DECIDED
                        "#2. Élection d’un adjoint\n\n"
                        "#2-1 Nombre de postes\n\n" BODY DECIDED
                        "#2-2 Désignation\n\n" BODY DECIDED
                        "#3. QUESTIONS DIVERSES\n\n#a. Repas des anciens\n\n" BODY DECIDED
                        "#b. Candélabres\n\n" BODY DECIDED);
    assert_int_equal(count_acts(&m), 5);
    is_text(act(&m, 1)->number, "2-1");
    is_text(act(&m, 2)->number, "2-2");
    is_text(act(&m, 3)->number, "3.a");
    is_text(act(&m, 4)->number, "3.b");
    release(&m);
}

static void test_information(void **state)
{
    struct made m;
    (void)state;
    segment(&m, OPENING "#DEL2021-01 : Un titre\n\n" BODY DECIDED
                        "#DEL2021-02 : Point sur les travaux de la salle\n\n" BODY
                        "#DEL2021-03 : Un autre titre\n\n" BODY DECIDED);
    assert_int_equal(count_acts(&m), 3);
    assert_int_equal(act(&m, 0)->kind, GRF_KIND_DELIBERATION);
    assert_int_equal(act(&m, 1)->kind, GRF_KIND_INFORMATION);
    release(&m);
    segment(&m, "#Étude des risques\n\nLe présent rapport décrit les risques de la vallée et "
                "les moyens de les réduire, rivière par rivière.\n\n");
    assert_int_equal(count_acts(&m), 1);
    assert_int_equal(act(&m, 0)->kind, GRF_KIND_INFORMATION);
    is_text(act(&m, 0)->subject, "Étude des risques");
    release(&m);
}

static void test_rapporteur(void **state)
{
    static const char *const lines[][2] = {
        {"Rapporteur : Émile Leblanc", "Émile Leblanc"},
        {"Rapporteure : Ève Émery", "Ève Émery"},
        {"Rapporteur Éric BÉGUIN", "Éric BÉGUIN"},
        {"RAPPORTEUR : Mme Estelle Noir.", "Mme Estelle Noir"},
    };
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(lines); i++) {
        struct made m;
        char text[4000];
        snprintf(text, sizeof(text), OPENING "#DEL2021-01 : Un titre\n\n%s\n\n" BODY DECIDED,
                 lines[i][0]);
        segment(&m, text);
        is_text(act(&m, 0)->rapporteur, lines[i][1]);
        release(&m);
    }
}

/* ---- dates, body, receipt */

static void test_dates(void **state)
{
    struct made m;
    (void)state;
    segment(&m, "#EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS\n\n#Séance publique du\n"
                "lundi 4 février 2013\n\n"
                "Convoqué le mardi 29 janvier 2013, le Conseil s’est réuni le lundi 4 février 2013."
                "\n\n|n° 2013 / 7\n\n#Un titre de délibération\n\n" BODY "Le Conseil adopte.\n\n"
                "Publiée le : 05 février 2013\n\n"
                "%Envoi Préfecture : 06/02/2013\n%Réception en Préfecture : 07/02/2013\n\n");
    const struct grf_act *a = act(&m, 0);
    assert_string_equal(a->session_date, "2013-02-04");
    assert_string_equal(a->convocation_date, "2013-01-29");
    assert_string_equal(a->received_date, "2013-02-07");
    assert_string_equal(a->published_date, "2013-02-05");
    release(&m);
    segment(&m, "#Conseil municipal du 06/03/2025\n\nL’an deux mille vingt-cinq, le 6 mars, le "
                "Conseil, dûment convoqué le 27 février, s’est réuni.\n\n#D2025-003 - Objet : "
                "Un titre\n\n" BODY DECIDED "#D2025-004 - Objet : Un titre\n\n" BODY DECIDED);
    assert_string_equal(act(&m, 0)->convocation_date, "2025-02-27");
    release(&m);
    segment_with(&m, "#Un relevé\n\nDes lignes sans date aucune.\n\n", "x", false,
                 "PV_CM_24_04_2014");
    assert_string_equal(act(&m, 0)->session_date, "2014-04-24");
    release(&m);
}

static void test_body(void **state)
{
    struct made m;
    static const char *const text = OPENING "#DEL2021-01 : Un titre\n\n" BODY DECIDED;
    (void)state;
    segment_with(&m, text, "archives", false, "x");
    is_text(act(&m, 0)->body, "TESTVILLE"); /* nothing in the text is called like the folder */
    release(&m);
    segment_with(&m, text, "testville", false, "x");
    is_text(act(&m, 0)->body, "testville");
    release(&m);
    segment_with(&m, text, "Autre", true, "x");
    is_text(act(&m, 0)->body, "Autre");
    release(&m);
    segment_with(&m, text, NULL, false, "x");
    is_text(act(&m, 0)->body, "TESTVILLE");
    release(&m);
}

/* ---- what must always hold */

static void check_order(const struct made *m)
{
    for (size_t i = 0; i < m->acts.n; i++) {
        const struct grf_act *a = &m->acts.v[i];
        assert_int_equal(a->ordinal, (int)i + 1);
        assert_true(a->first_page >= 1 && a->last_page <= (int)m->n);
        assert_true(a->first_page < a->last_page ||
                    (a->first_page == a->last_page && a->first_char <= a->last_char));
        assert_true(a->last_char <= m->p[a->last_page - 1].text.n);
        if (i) {
            const struct grf_act *b = &m->acts.v[i - 1];
            assert_true(b->last_page < a->first_page ||
                        (b->last_page == a->first_page && b->last_char <= a->first_char));
        }
        for (size_t k = 0; k < a->n_passages; k++) {
            const struct grf_passage *p = &a->passages[k];
            assert_true(p->page >= a->first_page && p->page <= a->last_page);
            assert_true(p->start < p->end && p->end <= m->p[p->page - 1].text.n);
        }
    }
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* Pieces that the rules look for, in any order, with broken bytes between them. */
static void test_hostile(void **state)
{
    static const char *const pieces[] = {
        "#DEL2021-01 : ", "1. ", "1) ", "I - ", "a) ", "4-1 ", "n° ", "Objet : ", "Pour : ",
        "Contre : ", "abstention", "\xFF\xFE", "\xC3", "EXTRAIT DU REGISTRE ", "L’an ", "\n\n",
        "\n", "=\n\n", "Ordre du jour\n\n", "unanimité ", "convoqué le ", "2021-", "/", "°",
        "034-213401722-20140405-0000070899-D", "Vu ", "Annexe ", "DELIBERATIONS\n\n", "0000000000",
        "M. et Mme ", "12 voix pour", "\xE2\x80\xA2 ", "Commune de ", "20240909 1 ", ":", ".", " "};
    unsigned seed = 7;
    (void)state;
    for (int round = 0; round < 400; round++) {
        struct grf_str s;
        struct made m;
        int pages = 1;
        grf_str_init(&s, 1 << 20);
        for (int i = 0; i < 120; i++) {
            const char *p = pieces[next_random(&seed) % GRF_ARRAY_LEN(pieces)];
            if (p[0] == '=' && (pages == PAGES_MOST || s.n < 2 || s.p[s.n - 1] != '\n'))
                continue;
            pages += p[0] == '=';
            grf_str_addz(&s, p);
        }
        segment(&m, s.p);
        check_order(&m);
        release(&m);
        grf_str_release(&s);
    }
}

static void test_empty(void **state)
{
    struct made m;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_doc_hints h = {"x", false, "06-10-2017 liste"};
    (void)state;
    memset(&m, 0, sizeof(m));
    assert_int_equal(grf_segment(m.p, 0, &h, &m.acts, &err), GRF_INVALID);
    segment_with(&m, "", "x", false, "06-10-2017 liste");
    assert_int_equal(m.acts.n, 1);
    assert_int_equal(m.acts.v[0].kind, GRF_KIND_DOCUMENT);
    assert_string_equal(m.acts.v[0].session_date, "2017-10-06");
    release(&m);
}

/* Every body block is in an act or a head, but for bare section titles. */
static void test_nothing_is_lost(void **state)
{
    struct made m;
    size_t kept = 0;
    (void)state;
    segment(&m, OPENING "#I. FINANCES\n\n#DEL2021-01 : Un titre\n\n" BODY DECIDED
                        "#II. PERSONNEL\n\n#DEL2021-02 : Un autre titre\n\n" BODY DECIDED
                        "La séance est levée.\n\nLe maire, le secrétaire\n\n");
    for (size_t i = 0; i < m.acts.n; i++)
        kept += m.acts.v[i].last_char - m.acts.v[i].first_char;
    assert_true(kept + 80 > m.p[0].text.n);
    check_order(&m);
    release(&m);
}

static void test_parts(void **state)
{
    struct made m;
    (void)state;
    segment(&m, OPENING "#DEL2021-01 : Un titre\n\n" BODY
                        "Vu le code général des collectivités territoriales ;\n\n"
                        "Considérant qu’il faut agir ;\n\n" DECIDED
                        "M. Leblanc demande si le prix est juste et regrette le choix.\n\n"
                        "#Annexe 1\n\nLe tableau des prix.\n\n"
                        "#DEL2021-02 : Un autre titre\n\n" BODY DECIDED);
    static const grf_part want[] = {GRF_PART_BODY, GRF_PART_VISAS, GRF_PART_RECITALS,
                                    GRF_PART_DECISION, GRF_PART_DEBATE, GRF_PART_ANNEX};
    const struct grf_act *a = act(&m, 0);
    assert_int_equal(a->n_parts, GRF_ARRAY_LEN(want));
    for (size_t i = 0; i < a->n_parts; i++)
        assert_int_equal(a->parts[i].part, want[i]);
    assert_int_equal(m.acts.v[0].kind, GRF_KIND_DOCUMENT);
    assert_int_equal(m.acts.v[0].passages[0].part, GRF_PART_HEAD);
    release(&m);
}

static void test_no_memory(void **state)
{
    static const char *const text =
        OPENING "#Ordre du jour\n\n- Toit de l’école\n\n- Vente\n\n#1. Toit de l’école\n\n" BODY
                DECIDED "#2. Vente\n\n" BODY DECIDED "#3. QUESTIONS DIVERSES\n\n#a. Repas des "
                "anciens\n\n" BODY DECIDED "#b. Candélabres\n\n" BODY DECIDED;
    struct made m;
    (void)state;
    make_pages(&m, text);
    struct grf_doc_hints h = {"testville", false, "x"};
    for (uint64_t nth = 1; nth < 5000; nth++) {
        struct grf_err err = GRF_ERR_INIT;
        grf_mem_fail_at(nth, 0);
        grf_status st = grf_segment(m.p, m.n, &h, &m.acts, &err);
        if (!st)
            st = grf_cut(m.p, m.n, &m.acts, &err);
        uint64_t made = grf_mem_fail_at(0, 0);
        grf_acts_release(&m.acts);
        if (made < nth) {
            assert_int_equal(st, GRF_OK);
            release(&m);
            return;
        }
        assert_true(st == GRF_NOMEM || st == GRF_OK);
    }
    fail_msg("no end of allocations");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_extracts),
        cmocka_unit_test(test_many_extracts),
        cmocka_unit_test(test_own_heading),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_votes),
        cmocka_unit_test(test_agenda_without_numbers),
        cmocka_unit_test(test_lists_inside_an_act),
        cmocka_unit_test(test_closing_list),
        cmocka_unit_test(test_points_under_a_number),
        cmocka_unit_test(test_information),
        cmocka_unit_test(test_rapporteur),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

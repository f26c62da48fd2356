/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References to law: every printed form, what only looks like one, queries, display,
 * hostile and mutated input, memory running out, and the table of codes against
 * corpora/codes.tsv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "grf_legalref.h"
#include "grf_mem.h"

/* All targets of text with blanks between; "?" implied, "!" corrected, "#" damaged. */
static void all_refs(const char *text, const struct grf_ref_context *ctx, char *out,
                     size_t size)
{
    struct grf_refs r;
    struct grf_err err = GRF_ERR_INIT;
    size_t used = 0, last = 0;
    out[0] = 0;
    grf_refs_init(&r);
    assert_int_equal(grf_refs_find(grf_sv_z(text), ctx, &r, &err), GRF_OK);
    for (size_t i = 0; i < r.n; i++) {
        const struct grf_ref *m = &r.items[i];
        assert_true(m->start >= last && m->start < m->end && m->end <= strlen(text));
        assert_true(m->n > 0 && m->first + m->n <= r.n_targets);
        last = m->end;
        for (size_t k = m->first; k < m->first + m->n; k++) {
            const struct grf_ref_target *t = &r.targets[k];
            assert_true(t->start >= m->start && t->end <= m->end && t->start < t->end);
            assert_true(t->confidence > 0 && t->confidence <= 1);
            used += (size_t)snprintf(out + used, size - used, "%s%s%s%s%s", used ? "; " : "",
                                     t->canon, t->to[0] ? ".." : "", t->to,
                                     t->flags & GRF_REF_IMPLIED     ? "?"
                                     : t->flags & GRF_REF_CORRECTED ? "!"
                                     : t->flags & GRF_REF_DAMAGED   ? "#" : "");
            assert_true(used < size);
        }
    }
    grf_refs_release(&r);
}

#define assert_refs(text, expected)              \
    do {                                         \
        char got_[1024];                         \
        all_refs(text, NULL, got_, sizeof got_); \
        assert_string_equal(got_, expected);     \
    } while (0)

static void test_spellings(void **state)
{
    (void)state;
    assert_refs("selon l'article L2121-29 du CGCT.", "CGCT/L2121-29");
    assert_refs("l’article L. 2121-29 du code général des collectivités territoriales",
                "CGCT/L2121-29");
    assert_refs("L’ARTICLE L.2121-29 DU CODE GENERAL DES COLLECTIVITES TERRITORIALES",
                "CGCT/L2121-29");
    assert_refs("article L 2121 Ŕ 22 du Code Général des Collectivités Territoriales",
                "CGCT/L2121-22");
    assert_refs("article L.2131 – 1 du C.G.C.T.", "CGCT/L2131-1");
    assert_refs("article R 211.3 du Code de l’Urbanisme", "CU/R211-3");
    assert_refs("article R-632-1 du code pénale", "CP/R632-1");
    assert_refs("articles L.131- 5 du code de l'urbanisme", "CU/L131-5");
    assert_refs("l'article LO 1112-1 du CGCT, l'article L.O. 1112-2 du CGCT",
                "CGCT/LO1112-1; CGCT/LO1112-2");
    assert_refs("l'article R. * 123-4 du code de l'urbanisme", "CU/R123-4");
    assert_refs("l'article L 161-10-1du code rural et de la pêche maritime",
                "CRPM/L161-10-1");
    assert_refs("les articles L. 65 et L. 270 du code électoral", "CELEC/L65; CELEC/L270");
    assert_refs("(L2312-1 CGCT)", "CGCT/L2312-1");
    assert_refs("en application du L.1321.2. du code de la santé publique", "CSP/L1321-2");
    assert_refs("article 22 du Code des marchés publics", "CMP/22");
    assert_refs("article 28 du C.M.P.", "CMP/28");
    assert_refs("l'article L. 80 A du livre des procédures fiscales", "LPF/L80 A");
    assert_refs("l'article 72 de la Constitution", "CONST/72");
    assert_refs("art. L. 123-1 C. env.", "CENV/L123-1");
    assert_refs("code général de la propriété des personnes publiques, article L. 2125-1",
                "CG3P/L2125-1");
}

static void test_tax_code(void **state)
{
    (void)state;
    assert_refs("les articles 1636B sexies à 1636 B undecies, 1639 A et 1530 bis du Code "
                "Général des Impôts",
                "CGI/1636 B sexies..CGI/1636 B undecies; CGI/1639 A; CGI/1530 bis");
    assert_refs("l'article 1379-0 bis du CGI", "CGI/1379-0 bis");
    assert_refs("l'article 1609 nonies C IV 1° bis du code général des impôts",
                "CGI/1609 nonies C");
    assert_refs("articles 1638 et 1639 A bis du CGI", "CGI/1638; CGI/1639 A bis");
    assert_refs("au sens de l'article 1636 B sexies", "CGI/1636 B sexies?");
    assert_refs("le CGI, l'article 317 quater de l'annexe 2 du même code",
                "CGIAN2/317 quater");
    assert_refs("l'article 310 HA de l'annexe II au code général des impôts",
                "CGIAN2/310 HA");
}

static void test_items_are_dropped(void **state)
{
    (void)state;
    assert_refs("article L.2122-22 al. 7 du code général des collectivités territoriales",
                "CGCT/L2122-22");
    assert_refs("article L 2122-22, 2° du CGCT", "CGCT/L2122-22");
    assert_refs("les articles L.2122-21-6° et L 2122-22-4° du CGCT",
                "CGCT/L2122-21; CGCT/L2122-22");
    assert_refs("1°, 2° et 8° du I de l’article L. 211-7-I du code de l’environnement",
                "CENV/L211-7");
    assert_refs("l'article 26 (alinéa 2) de la Loi n° 84-53", "loi/84-53/26");
    assert_refs("premier et deuxième alinéas de l'article L. 332-8 2° du CGFP",
                "CGFP/L332-8");
    assert_refs("articles L. 332-8 2°, L. 332-8 6° du CGFP", "CGFP/L332-8");
    assert_refs("article L. 410-1 b du code de l'urbanisme", "CU/L410-1");
    assert_refs("l'article L. 2123-18 et suivants du CGCT", "CGCT/L2123-18");
}

static void test_lists(void **state)
{
    (void)state;
    assert_refs("articles L2121-29, L2121-1 à L2121-23, R2121-9 et R2121-10 du code général "
                "des collectivités\nterritoriales",
                "CGCT/L2121-29; CGCT/L2121-1..CGCT/L2121-23; CGCT/R2121-9; CGCT/R2121-10");
    assert_refs("articles L 2321-2 et R 2321-2 et 3 du CGCT",
                "CGCT/L2321-2; CGCT/R2321-2; CGCT/R2321-3");
    assert_refs("articles L2123-1 et R.2123-4 à 6 du Code de la Commande Publique",
                "CCP/L2123-1; CCP/R2123-4..CCP/R2123-6");
    assert_refs("Vu le CGCT, les articles L2224-\n7 à 12-5; D2224-5-1",
                "CGCT/L2224-7..CGCT/L2224-12-5; CGCT/D2224-5-1");
    assert_refs("articles L. 2121-29, 2122-1 et 2122-3 du CGCT",
                "CGCT/L2121-29; CGCT/L2122-1; CGCT/L2122-3");
    assert_refs("l’article L.103-2 et l’article L.103-4 du Code de l’Urbanisme, ainsi qu’à "
                "l’article\nR.229-53 du Code de l’Environnement",
                "CU/L103-2; CU/L103-4; CENV/R229-53");
    assert_refs("article L. 2122-22 du CGCT et 3 abstentions", "CGCT/L2122-22");
    assert_refs("le CGCT, article L. 2122-22 et 23 voix pour", "CGCT/L2122-22");
    assert_refs("LES ARTICLES L.2121-1 A L.2121-23 DU CGCT", "CGCT/L2121-1..CGCT/L2121-23");
    assert_refs("les articles D.521-10 ; D.521-12 du code de l’éducation",
                "CEDUC/D521-10; CEDUC/D521-12");
}

static void test_line_ends(void **state)
{
    (void)state;
    assert_refs("l’article L.5217-\n2 du Code Général des Collectivités\nTerritoriales",
                "CGCT/L5217-2");
    assert_refs("l'article\nL. 432-4 du code de l'environ-\nnement", "CENV/L432-4");
    assert_refs("la loi n°\n86-1067 et la loi n° 84-\n53", "loi/86-1067; loi/84-53");
    assert_refs("l'article L.\n\n5211-1 du CGCT", "CGCT/L5211-1");
    assert_refs("l'article L. 2121\xc2\xa0-\xc2\xa0" "29 du CGCT", "CGCT/L2121-29");
}

static void test_code_before(void **state)
{
    (void)state;
    assert_refs("Vu le code de la voirie routière, notamment son article L. 141-3,\n"
                "Vu le code de l'urbanisme et ses articles L. 300-1 et R. 318-10",
                "CVR/L141-3; CU/L300-1; CU/R318-10");
    assert_refs("Vu le Code de la Commande Publique (article L1 à L6)", "CCP/L1..CCP/L6");
    assert_refs("Vu la loi n° 80-10 du 10 janvier 1980, et notamment ses articles 2 et 3 "
                "aménagés par les articles 17 et 18 de la loi n° 82-540 du 28 juin 1982",
                "loi/80-10; loi/80-10/2; loi/80-10/3; loi/82-540/17; loi/82-540/18");
    assert_refs("article L. 2125-1 du CG3P. L'article L. 2125-3 de ce même code, et l'article "
                "L. 2125-4 dudit code, puis l'article L. 2125-5 du code précité",
                "CG3P/L2125-1; CG3P/L2125-3; CG3P/L2125-4; CG3P/L2125-5");
    // the code of the paragraph before does not number its articles so
    assert_refs("l'article L. 2121-29 du CGCT,\nVu le code de l'urbanisme,\n\n"
                "Vu l'article L. 2122-22,", "CGCT/L2121-29; CGCT/L2122-22");
    assert_refs("l’article L.2122-7-1 qui renvoie à l’article L.2122-7 du CGCT",
                "CGCT/L2122-7-1; CGCT/L2122-7");
    assert_refs("Conformément à l'article L 2121-33, il convient", "CGCT/L2121-33?");
    assert_refs("loi n°2012-1510 du 29 décembre 2012 - art. 37", "loi/2012-1510; "
                                                                 "loi/2012-1510/37");
}

static void test_code_right_before(void **state)
{
    (void)state;
    assert_refs("CGCT L2121-29 ; CU L153-8, CCP L2123-1, CENV",
                "CGCT/L2121-29; CU/L153-8; CCP/L2123-1");
    assert_refs("Code de l'urbanisme, art. L. 300-1 ; CGCT, art. L. 2121-29",
                "CU/L300-1; CGCT/L2121-29");
    assert_refs("la CU, L. 300-12", "");
}

static void test_context(void **state)
{
    (void)state;
    char out[256];
    struct grf_ref_context ctx = {.code = "CENV"};
    all_refs("l'article L511-1 du code susvisé et l'article L. 512-7", &ctx, out, sizeof out);
    assert_string_equal(out, "CENV/L511-1; CENV/L512-7");
    ctx = (struct grf_ref_context){.self_code = "CSP"};
    all_refs("l'article L. 1111-1 du présent code et l'article L. 1111-2", &ctx, out,
             sizeof out);
    assert_string_equal(out, "CSP/L1111-1; CSP/L1111-2");
    ctx = (struct grf_ref_context){.no_implied = true};
    all_refs("Conformément à l'article L 2121-33, il convient", &ctx, out, sizeof out);
    assert_string_equal(out, "");
    struct grf_refs r;
    grf_refs_init(&r);
    assert_int_equal(grf_refs_find(grf_sv_z("Vu le code du sport,"), NULL, &r, NULL), GRF_OK);
    assert_string_equal(r.code, "CSPORT");
    assert_int_equal(r.n, 0);
    grf_refs_release(&r);
}

static void test_laws(void **state)
{
    (void)state;
    assert_refs("loi n°84-53 du 26/01/1984", "loi/84-53");
    assert_refs("Vu la loin°83-634 du 13 juillet 1983", "loi/83-634");
    assert_refs("la loi 84.53 et le décret n° 91.415", "loi/84-53; decret/91-415");
    assert_refs("La loi du n°2018-527 du 28 juin 2018", "loi/2018-527");
    assert_refs("loi n° 1984-53", "loi/84-53");
    assert_refs("article 3-3 de la loi n° 84-53", "loi/84-53/3-3");
    assert_refs("l’article 1er du décret n°88-145", "decret/88-145/1");
    assert_refs("articles 29, 32 et 33-1 de la loi n°84-53 du 26 janvier 1984 et au décret "
                "n°85-565 du 30 mai\n1985",
                "loi/84-53/29; loi/84-53/32; loi/84-53/33-1; decret/85-565");
    assert_refs("les décrets n°2019-1414 du 19 décembre 2019 et n°88-145 du 15 février 1988",
                "decret/2019-1414; decret/88-145");
    assert_refs("ordonnance n° 2020-391 du 1er avril 2020", "ordonnance/2020-391");
    assert_refs("loi d'orientation n° 92-125 relative à l'administration", "loi/92-125");
    assert_refs("la loi du 26 janvier 1984 précitée", "loi/84-53");
    assert_refs("la loi du 29 juillet 1881 sur la presse", "loi/1881-07-29");
    assert_refs("le décret n° 2001-654 du 19 juillet 2001 puis le décret du 19 juillet 2001",
                "decret/2001-654; decret/2001-654");
    assert_refs("le décret n° 2006-781 ; l'article 7 du décret précité",
                "decret/2006-781; decret/2006-781/7");
    assert_refs("l'ordonnance du 12 mars 2020 du tribunal administratif", "");
    assert_refs("le projet de loi n° 2019-12 et la proposition de loi", "");
}

static void test_names(void **state)
{
    (void)state;
    assert_refs("loi APER du 10 mars 2023", "loi/2023-175");
    assert_refs("dite Loi\nNOTRe, qui", "loi/2015-991");
    assert_refs("Loi NOTRé", "loi/2015-991");
    assert_refs("la loi « MAPTAM » n°2014-58 du 27 janvier 2014", "loi/2014-58");
    assert_refs("loi Climat et\nRésilience du 17 décembre 2021", "loi/2021-1104");
    assert_refs("loi Anti-Gaspillage pour une Economie Circulaire (AGEC)", "loi/2020-105");
    assert_refs("loi Relative à la Solidarité au Renouvellement Urbain (SRU)",
                "loi/2000-1208");
    assert_refs("loi Grenelle 2, loi ALUR, loi ELAN, loi 3DS, loi Littoral, loi Montagne",
                "loi/2010-788; loi/2014-366; loi/2018-1021; loi/2022-217; loi/86-2; "
                "loi/85-30");
    assert_refs("loi de finances pour 2020", "loi/2019-1479");
    assert_refs("la loi notre et celle-ci", "");
    assert_refs("loi de finances rectificative pour 2021", "");
}

static void test_europe(void **state)
{
    (void)state;
    assert_refs("le règlement (UE) 2016/679", "ue/2016/679");
    assert_refs("règlement (UE) n° 1303/2013 du Parlement européen", "ue/1303/2013");
    assert_refs("la directive 92/43/CEE et la directive 2014/24/UE", "ue/92/43; ue/2014/24");
    assert_refs("article 6 du règlement général sur la protection des données",
                "ue/2016/679/6");
    assert_refs("règlement intérieur 2016/12 du conseil", "");
}

static void test_damaged(void **state)
{
    (void)state;
    assert_refs("article L.16110 du Code Rural", "CRPM/L161-10!");
    assert_refs("l’article L212125 du CGCT", "CGCT/L2121-25!");
    assert_refs("loi n°83-63.4 du 13 juillet 1983", "loi/83-634!");
    assert_refs("décret n°2088-227 du 5 mars 2008", "decret/2008-227!");
    assert_refs("ordonnance n°38-1210 du 13 décembre 1958", "ordonnance/58-1210!");
    assert_refs("article L. 2121 du CGCT", "CGCT/L2121#");
    assert_refs("loi n° 8453 du 26 janvier 1984, décret n°2012902 du 20 juillet 2012",
                "loi/84-53!; decret/2012-902!");
    assert_refs("Vu le CGCT,\n\nl'article L 212222, ces délégations", "CGCT/L2122-22!");
    assert_refs("articles D213-48-12-1, D21348-12-2 du code de l'environnement",
                "CENV/D213-48-12-1; CENV/D213-48-12-2!");
    assert_refs("article L. 2122 22 du CGCT", "CGCT/L2122-22");
    assert_refs("Vu le CGCT, les articles L 32 3 4", "");
    assert_refs("article L. 1-2 du code général des colectivités teritoriales",
                "CGCT/L1-2!");
}

static void test_negatives(void **state)
{
    (void)state;
    static const char *const none[] = {
        "D2024-20 - Bilan annuel des cessions", "D 2024-29 - Objet : Provision",
        "D2025-003- Objet : RODP", "D2024_19 - Budget", "délibération n° DEL2025-02",
        "délibération n°2017-82 du 20 juin 2017", "indicateur D101.0 et (D203.0)",
        "R 175 590,80", "à l'article 6574 du budget", "l’article\n61523.", "chapitre 908",
        "compte 6232", "Article 1 : IFSE\nARTICLE 2 – le maire", "Article 3 : Les crédits",
        "parcelle A 166 – Le Voliard", "permis de construire n° 060 064 24 T0001",
        "nomenclature M57", "D916, RD 14, D15/D909", "D.E.T.R 2019", "D3E", "P301.3",
        "arrêté préfectoral n°1111-19-00019 du 25 avril 2019",
        "article 5 du règlement intérieur fixe à 2 le nombre", "R+2 et L 10 cm",
        "arrêté n° 24/226 CE", "association loi 1901", "Vu le code de l'urbanisme",
        "Vu le CGCT,\n\nArticle 1 : de voter", "un code postal 34000, code APE 8411Z"};
    for (size_t k = 0; k < GRF_ARRAY_LEN(none); k++)
        assert_refs(none[k], "");
}

static void test_query(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"CGCT/L2121-29", "CGCT/L2121-29"},   {"cgct/l2121-29", "CGCT/L2121-29"},
        {"art 2121-29 cgct", "CGCT/L2121-29"}, {"article L. 2121-29 du CGCT", "CGCT/L2121-29"},
        {"CGCT L 2121-29", "CGCT/L2121-29"},   {"L2121-29", "CGCT/L2121-29"},
        {"cu r421-1", "CU/R421-1"},            {"code de l'urbanisme L. 300-1", "CU/L300-1"},
        {"CGI/1636 B sexies", "CGI/1636 B sexies"}, {"1636 b sexies cgi", "CGI/1636 B sexies"},
        {"loi/84-53/3-3", "loi/84-53/3-3"},    {"loi 84-53", "loi/84-53"},
        {"Loi/84-53", "loi/84-53"},            {"loi n° 84-53 article 34", "loi/84-53/34"},
        {"loi NOTRe", "loi/2015-991"},         {"loi alur", "loi/2014-366"},
        {"ue/2016/679", "ue/2016/679"},
        {"décret 2009-125", "decret/2009-125"}, {"loi/1984-01-26", "loi/1984-01-26"},
        {"CGCT", "CGCT"},                      {"CEDUC/L212-8", "CEDUC/L212-8"}};
    for (size_t k = 0; k < GRF_ARRAY_LEN(forms); k++) {
        struct grf_ref_target t;
        struct grf_err err = GRF_ERR_INIT;
        assert_int_equal(grf_ref_parse_query(grf_sv_z(forms[k][0]), NULL, &t, &err), GRF_OK);
        assert_string_equal(t.canon, forms[k][1]);
    }
    static const char *const ranges[][3] = {
        {"CGCT/L2121-1 à L2121-4", "CGCT/L2121-1", "CGCT/L2121-4"},
        {"CGCT/L2121-1 à CGCT/L2121-4", "CGCT/L2121-1", "CGCT/L2121-4"},
        {"cu/l123-1 à l123-5", "CU/L123-1", "CU/L123-5"},
        {"L2121-1 à L2121-4 CGCT", "CGCT/L2121-1", "CGCT/L2121-4"}};
    for (size_t k = 0; k < GRF_ARRAY_LEN(ranges); k++) {
        struct grf_ref_target t;
        assert_int_equal(grf_ref_parse_query(grf_sv_z(ranges[k][0]), NULL, &t, NULL), GRF_OK);
        assert_string_equal(t.canon, ranges[k][1]);
        assert_string_equal(t.to, ranges[k][2]);
    }
    static const char *const bad[] = {"", "  ", "bonjour", "2121", "article", "loi/", "loi",
                                      "horaires de la mairie"};
    for (size_t k = 0; k < GRF_ARRAY_LEN(bad); k++) {
        struct grf_ref_target t;
        struct grf_err err = GRF_ERR_INIT;
        assert_int_equal(grf_ref_parse_query(grf_sv_z(bad[k]), NULL, &t, &err), GRF_INVALID);
        assert_non_null(strstr(err.msg, "CGCT/L2121-29"));
    }
}

static bool only_regulation(void *data, const char *canon)
{
    *(int *)data += 1;
    return !strncmp(canon, "CGCT/R", 6) || !strcmp(canon, "CU/L300-1");
}

static void test_exists(void **state)
{
    (void)state;
    int asked = 0;
    char out[128];
    struct grf_ref_target t;
    struct grf_ref_context ctx = {.exists = only_regulation, .exists_data = &asked};
    assert_int_equal(grf_ref_parse_query(grf_sv_z("2121-9 cgct"), &ctx, &t, NULL), GRF_OK);
    assert_string_equal(t.canon, "CGCT/R2121-9");
    all_refs("l'article 2121-9 du CGCT", &ctx, out, sizeof out);
    assert_string_equal(out, "CGCT/R2121-9!");
    // the code named last does not have the article, the one before does
    all_refs("Vu le code de l'urbanisme,\n\nVu le code de l'environnement,\n\n"
             "Vu l'article L. 300-1,", &ctx, out, sizeof out);
    assert_string_equal(out, "CU/L300-1");
    assert_true(asked > 0);
}

static void test_forms(void **state)
{
    (void)state;
    char key[GRF_REF_MAX];
    assert_true(grf_ref_same("CGI/1636 B sexies", "cgi/1636bsexies"));
    assert_false(grf_ref_same("CGCT/L2121-2", "CGCT/L2121-29"));
    assert_true(grf_ref_key("CGI/1636 B sexies", key));
    assert_string_equal(key, "cgi/1636bsexies");
    assert_false(grf_ref_key("0123456789012345678901234567890123456789012345678901234567890123",
                             key));
    struct grf_sv text, article;
    grf_ref_split("loi/84-53/3-3", &text, &article);
    assert_int_equal(text.n, 9);
    assert_string_equal(article.p, "3-3");
    grf_ref_split("ue/2016/679", &text, &article);
    assert_int_equal(text.n, 11);
    assert_int_equal(article.n, 0);
}

static void test_display(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"CGCT/L2121-29", "article L. 2121-29 du CGCT"},
        {"CU/R421-1", "article R. 421-1 du code de l'urbanisme"},
        {"CGCT/LO1112-1", "article L.O. 1112-1 du CGCT"},
        {"CGI/1636 B sexies", "article 1636 B sexies du CGI"},
        {"loi/84-53", "loi n° 84-53"},
        {"loi/84-53/3-3", "article 3-3 de la loi n° 84-53"},
        {"loi/1881-07-01", "loi du 1er juillet 1881"},
        {"ordonnance/58-1210/1", "article 1 de l'ordonnance n° 58-1210"},
        {"ue/2016/679/6", "article 6 du texte (UE) 2016/679"},
        {"CONST/72", "article 72 de la constitution du 4 octobre 1958"},
        {"CU", "code de l'urbanisme"},
        {"nothing", "nothing"}};
    struct grf_str s;
    grf_str_init(&s, 1000);
    for (size_t k = 0; k < GRF_ARRAY_LEN(forms); k++) {
        grf_str_clear(&s);
        grf_ref_display(forms[k][0], &s);
        assert_string_equal(s.p, forms[k][1]);
    }
    grf_str_release(&s);
}

static void test_codes(void **state)
{
    (void)state;
    assert_string_equal(grf_code_by_short(grf_sv_z("cgct"))->short_name, "CGCT");
    assert_null(grf_code_by_short(grf_sv_z("CGC")));
    assert_string_equal(grf_code_by_legi_id(grf_sv_z("LEGITEXT000006074075"))->short_name,
                        "CU");
    for (size_t k = 0; grf_code_at(k); k++) {
        const struct grf_code *c = grf_code_at(k);
        const struct grf_code *by = grf_code_by_title(grf_sv_z(c->title));
        assert_true(strlen(c->short_name) < GRF_CODE_SHORT_MAX);
        assert_non_null(by);
        assert_ptr_equal(grf_code_by_short(grf_sv_z(c->short_name)), c);
        // "code minier" is the one in force, though an older one was called so too
        if (strcmp(c->title, "code minier"))
            assert_string_equal(by->title, c->title);
    }
    assert_string_equal(grf_code_by_title(grf_sv_z("code-de-lurbanisme"))->short_name, "CU");
    assert_null(grf_code_by_title(grf_sv_z("code de bonne conduite")));
}

/* The compiled table says what corpora/codes.tsv says. */
static void test_codes_file(void **state)
{
    (void)state;
    FILE *f = fopen("corpora/codes.tsv", "r");
    if (!f)
        skip();
    char line[2048];
    size_t k = 0;
    while (fgets(line, sizeof line, f)) {
        char want[2048], flags[8] = "", shape[8] = "";
        if (line[0] == '#')
            continue;
        const struct grf_code *c = grf_code_at(k++);
        assert_non_null(c);
        snprintf(flags, sizeof flags, "%s%s%s", c->flags & GRF_CODE_ACRONYM ? "a" : "",
                 c->flags & GRF_CODE_AMBIGUOUS ? "m" : "",
                 c->flags & GRF_CODE_COMMUNES ? "c" : "");
        for (size_t d = 0, n = 0; d < 6; d++)
            if (c->shape >> d & 1)
                shape[n++] = (char)('0' + d);
        snprintf(want, sizeof want, "%s\t%s\t%s\t%s\t%s\t%s\n", c->short_name, c->legi_id,
                 c->title, flags[0] ? flags : "-", shape, c->variants);
        assert_string_equal(line, want);
    }
    fclose(f);
    assert_null(grf_code_at(k));
}

/* ---- hostile input ---- */

static uint32_t dice(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Spans stay in bounds and in order whatever the bytes. */
static void check_bytes(const char *p, size_t n)
{
    struct grf_refs r;
    size_t last = 0;
    grf_refs_init(&r);
    assert_int_equal(grf_refs_find(grf_sv(p, n), NULL, &r, NULL), GRF_OK);
    for (size_t i = 0; i < r.n; i++) {
        assert_true(r.items[i].start >= last && r.items[i].start < r.items[i].end);
        assert_true(r.items[i].end <= n && r.items[i].n > 0);
        last = r.items[i].end;
    }
    for (size_t i = 0; i < r.n_targets; i++) {
        assert_true(r.targets[i].canon[0] && strlen(r.targets[i].canon) < GRF_REF_MAX);
        assert_true(r.targets[i].end <= n && r.targets[i].start < r.targets[i].end);
    }
    grf_refs_release(&r);
}

static void test_mutations(void **state)
{
    (void)state;
    static const char seed_text[] =
        "Vu le code général des collectivités territoriales, notamment ses articles "
        "L.2122-27 à L.2122-29,\nL.3131-1 et R.2122-7 ; loi n° 84-53 du 26 janvier 1984 "
        "modifiée, article 3-3 de la loi NOTRe (2°) et suivants du CGCT ; articles 1636 B "
        "sexies à 1639 A bis du CGI ; règlement (UE) 2016/679 ; l'article L.\n\n5211-1 du "
        "même code, décrets n°2019-1414 du 19 décembre 2019 et n°88-145 ; L 2121 Ŕ 22.";
    static const char *const bits[] = {"\n", "\n\n", "L", "-", " à ", "°", ",", "du code de ",
                                       "article ", "\xff", "\xc5", "n°", "9999999999",
                                       "code ", "loi ", "(", "''", "\xe2\x80"};
    uint32_t seed = 20240;
    char buf[2 * sizeof seed_text];
    for (int round = 0; round < 4000; round++) {
        size_t n = sizeof seed_text - 1;
        memcpy(buf, seed_text, n);
        for (uint32_t edits = 1 + dice(&seed) % 8; edits; edits--) {
            size_t at = dice(&seed) % n;
            const char *bit = bits[dice(&seed) % GRF_ARRAY_LEN(bits)];
            size_t m = strlen(bit);
            if (dice(&seed) % 3 == 0) {
                buf[at] = (char)dice(&seed);
            } else if (n + m < sizeof buf) {
                memmove(buf + at + m, buf + at, n - at);
                memcpy(buf + at, bit, m);
                n += m;
            }
        }
        size_t from = dice(&seed) % n;
        // an exact heap block, so that reading past its end is seen
        char *copy = malloc(n - from + 1);
        assert_non_null(copy);
        memcpy(copy, buf + from, n - from);
        check_bytes(copy, n - from);
        struct grf_ref_target t;
        if (grf_ref_parse_query(grf_sv(copy, n - from), NULL, &t, NULL) == GRF_OK)
            assert_true(t.canon[0]);
        free(copy);
    }
}

static void test_repetition(void **state)
{
    (void)state;
    static const char *const bits[] = {"article ", "L1,", "code de ", "loi ", "n° ", "(", "- ",
                                       "code général des colectivites ", "L. 1-1 et ", "\n",
                                       "article L1-", "et ", "loi du 1er mai 2001, ", "bis ",
                                       "article 1 A ", "décret n°", "9", "du même code "};
    for (size_t k = 0; k < GRF_ARRAY_LEN(bits); k++) {
        size_t m = strlen(bits[k]), n = 400000 / m * m;
        char *p = malloc(n);
        assert_non_null(p);
        for (size_t i = 0; i < n; i += m)
            memcpy(p + i, bits[k], m);
        check_bytes(p, n);
        free(p);
    }
    check_bytes("", 0);
    check_bytes("\0\0L2121-29\0", 11);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const char text[] = "Vu le CGCT et ses articles L. 1111-1, L. 1111-2 ; loi n° "
                               "84-53 ; l'article 5 de la loi NOTRe ; décret n° 88-145";
    int failures = 0;
    for (uint64_t nth = 1; nth < 60; nth++) {
        struct grf_refs r;
        struct grf_err err = GRF_ERR_INIT;
        grf_refs_init(&r);
        grf_mem_fail_at(nth, 1);
        grf_status st = grf_refs_find(grf_sv_z(text), NULL, &r, &err);
        grf_mem_fail_at(0, 0);
        if (st == GRF_OK) {
            assert_int_equal(r.n_targets, 5);
        } else {
            assert_int_equal(st, GRF_NOMEM);
            assert_int_equal(r.n, 0);
            failures++;
        }
        grf_refs_release(&r);
    }
    assert_true(failures >= 5);
}

static void test_too_long(void **state)
{
    (void)state;
    struct grf_refs r;
    struct grf_err err = GRF_ERR_INIT;
    grf_refs_init(&r);
    assert_int_equal(grf_refs_find(grf_sv("", GRF_REF_TEXT_MAX + 1), NULL, &r, &err),
                     GRF_LIMIT);
    assert_non_null(strstr(err.msg, "split"));
    grf_refs_release(&r);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings),   cmocka_unit_test(test_tax_code),
        cmocka_unit_test(test_items_are_dropped), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_line_ends),   cmocka_unit_test(test_code_before),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_code_right_before),     cmocka_unit_test(test_laws),
        cmocka_unit_test(test_names),       cmocka_unit_test(test_europe),
        cmocka_unit_test(test_damaged),     cmocka_unit_test(test_negatives),
        cmocka_unit_test(test_query),       cmocka_unit_test(test_exists),
        cmocka_unit_test(test_forms),       cmocka_unit_test(test_display),
        cmocka_unit_test(test_codes),       cmocka_unit_test(test_codes_file),
        cmocka_unit_test(test_mutations),   cmocka_unit_test(test_repetition),
        cmocka_unit_test(test_no_memory),   cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests_name("legalref", tests, NULL, NULL);
}

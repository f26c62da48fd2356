/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * UTF-8, folding, words, stopwords, sentences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "grf_mem.h"
#include "grf_text.h"

/* The words of text with blanks between. */
static void all_words(struct grf_sv text, char *out, size_t size)
{
    struct grf_words it;
    struct grf_word w;
    size_t used = 0, last = 0;
    out[0] = 0;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        assert_true(w.start >= last && w.start < w.end && w.end <= text.n);
        assert_true(w.norm_len > 0 && w.norm_len <= GRF_WORD_MAX);
        assert_int_equal(strlen(w.norm), w.norm_len);
        last = w.end;
        assert_true(used + w.norm_len + 2 < size);
        if (used)
            out[used++] = ' ';
        memcpy(out + used, w.norm, w.norm_len + 1);
        used += w.norm_len;
    }
    assert_false(grf_words_next(&it, &w));
}

#define assert_words(text, expected)                   \
    do {                                               \
        char got_[1024];                               \
        all_words(grf_sv_z(text), got_, sizeof got_);  \
        assert_string_equal(got_, expected);           \
    } while (0)

static void test_words_references(void **state)
{
    (void)state;
    assert_words("L2121-29", "l 2121 29");
    assert_words("L. 2121-29", "l 2121 29");
    assert_words("l 2121 29", "l 2121 29");
    assert_words("articles L 2121 \u0154 22", "articles l 2121 22");
    assert_words("\u0154\u00e9ception", "reception");
    assert_words("loi n° 84-53, nº 12, n°2013 / 7", "loi n 84 53 n 12 n 2013 7");
    assert_words("12.340,35€ et 450m²", "12 340 35 et 450 m 2");
    assert_words("1ᵉʳ 1er CO₂ 1½", "1 er 1 er co 2 1");
}

static void test_words_elisions(void **state)
{
    (void)state;
    assert_words("l'eau d’urbanisme qu'il jusqu'au lorsqu’elle puisqu'en quoiqu'il",
                 "eau urbanisme il au elle en il");
    assert_words("L'AN D`UN C\u02bcest S\u2032il n'a m'a t'a j'ai presqu'île quelqu'un",
                 "an un est il a a a ai ile un");
    assert_words("aujourd'hui AUJOURD’HUI aujourd'", "aujourdhui aujourdhui aujourd");
    assert_words("prud'hommes grand'rue entr'ouvert", "prud hommes grand rue entr ouvert");
    assert_words("l' eau créationd 'un d'", "eau creationd un");
    assert_words("a-t-il peut-être Putanges-le-Lac", "a t il peut etre putanges le lac");
}

static void test_words_cut(void **state)
{
    (void)state;
    assert_words("fonc-\ntions Ma-\ndame solli- \n cité qu’effec-\ntivement",
                 "fonctions madame sollicite effectivement");
    assert_words("l’Assis-\ntance no\u2010\ntamment délibé-\nration caractéris-\ntiques",
                 "assistance notamment deliberation caracteristiques");
    assert_words("sous-\nrubrique peut-\nêtre demi-\nheure Aubert-\nsur Crépin-\naux-Bois",
                 "sous rubrique peut etre demi heure aubert sur crepin aux bois");
    assert_words("allez-\nvous Permettez-\nmoi six-\ncent-treize soirée-\ndébat ci-\ndessus",
                 "allez vous permettez moi six cent treize soiree debat ci dessus");
    assert_words("SACEM-\nrecettes PUTANGES-\nPONT Putanges-\npont-écrepin com-\n\nmune",
                 "sacem recettes putanges pont putanges pont ecrepin com mune");
    assert_words("L.5217-\n2 86-\n1067 art-\n3 com- mune n-\nombre fin-\n",
                 "l 5217 2 86 1067 art 3 com mune n ombre fin");
    assert_words("a-\n b-\n\xc3 -\ntions é-\nté", "a b tions e te");
    /* the span covers both pieces */
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, grf_sv_z("fonc-\ntions."));
    assert_true(grf_words_next(&it, &w));
    assert_int_equal(w.start, 0);
    assert_int_equal(w.end, 11);
}

static void test_words_folding(void **state)
{
    (void)state;
    assert_words("DÉLIBÉRATION Œuvre cœur Æthuse Noël ÇA Ÿ", "deliberation oeuvre coeur "
                                                            "aethuse noel ca y");
    assert_words("de\u0301cide\u0301 \u0301e", "decide e");
    assert_words("\ufb01nancier con\ufb02it", "financier conflit");
    assert_words("fonc\u00adtions fonc\u00ad\ntions co\u200bmmune", "fonctions fonctions "
                                                                     "commune");
    assert_words("\uf0b7 d\u00e9cide\uf0a7article", "decide article");
    assert_words("Łódź Sørensen Đặng straße", "lodz sorensen dang strasse");
    assert_words("ΑΘΗΝΑ Киёв", "αθηνα киев");
    assert_words("\uff11\uff12 \uff21b Ⅳ", "12 ab iv");
    assert_words("", "");
    assert_words(" \n\t.;!…«»–", "");
}

static void test_words_spans(void **state)
{
    const char *text = "  L’été, fin";
    struct grf_words it;
    struct grf_word w;
    (void)state;
    grf_words_init(&it, grf_sv_z(text));
    assert_true(grf_words_next(&it, &w));
    assert_int_equal(w.start, 6);
    assert_int_equal(w.end, 11);
    assert_string_equal(w.norm, "ete");
    assert_false(w.has_digit);
    grf_words_init(&it, grf_sv_z("a2121b"));
    assert_true(grf_words_next(&it, &w) && !w.has_digit);
    assert_true(grf_words_next(&it, &w) && w.has_digit);
    assert_int_equal(w.start, 1);
    assert_int_equal(w.end, 5);
}

static void test_words_long(void **state)
{
    char text[1000];
    struct grf_words it;
    struct grf_word w;
    (void)state;
    memset(text, 'A', sizeof text);
    grf_words_init(&it, grf_sv(text, sizeof text));
    assert_true(grf_words_next(&it, &w));
    assert_int_equal(w.norm_len, GRF_WORD_MAX);
    assert_int_equal(w.end, sizeof text);
    assert_false(grf_words_next(&it, &w));
    for (size_t i = 0; i + 2 <= sizeof text; i += 2)
        memcpy(text + i, "\xCE\xB1", 2); // two bytes: the cut is between characters
    memcpy(text, "xx", 2);
    text[1] = 'x';
    grf_words_init(&it, grf_sv(text + 1, sizeof text - 1));
    assert_true(grf_words_next(&it, &w));
    assert_int_equal(grf_text_valid(grf_sv(w.norm, w.norm_len)), w.norm_len);
    assert_int_equal(w.norm_len, GRF_WORD_MAX - 1);
}

static void test_stopwords(void **state)
{
    static const char *const stop[] = {
        "a",     "au",     "avec",   "c",      "ce",     "combien", "comment", "dans",
        "de",    "des",    "du",     "elle",   "en",     "est",     "et",      "il",
        "la",    "le",     "les",    "n",      "ne",     "ou",      "par",     "pour",
        "qu",    "quand",  "que",    "quel",   "quelle", "quelles", "quels",   "qui",
        "quoi",  "sur",    "tous",   "un",     "une",    "vous",    "y",       "pourquoi"};
    static const char *const kept[] = {"contre", "abstention", "sans", "moins", "ete", "car",
                                       "l",      "r",          "d",    "m",     "eau", "",
                                       "aux0",   "q",          "qq",   "zz",    "conseil",
                                       "auxquellesauxquelles"};
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(stop); i++)
        if (!grf_text_is_stopword(grf_sv_z(stop[i])))
            fail_msg("%s is no stopword", stop[i]);
    for (size_t i = 0; i < GRF_ARRAY_LEN(kept); i++)
        if (grf_text_is_stopword(grf_sv_z(kept[i])))
            fail_msg("%s is a stopword", kept[i]);
    assert_true(grf_text_is_stopword(grf_sv("dansx", 4)));
}

/* ---- UTF-8 ---- */

static void test_valid(void **state)
{
    static const struct {
        const char *text;
        size_t n, valid;
    } cases[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"12345678\xC3\xA9" "12345678", 18, 18},
        {"12345678ab\x00" "cdef5678", 19, 10},
        {"\x00", 1, 0},
        {"a\x80", 2, 1},
        {"\xC3", 1, 0},
        {"\xC0\xAF", 2, 0},          // overlong
        {"\xE0\x80\xAF", 3, 0},      // overlong
        {"\xED\xA0\x80", 3, 0},      // surrogate
        {"\xEF\xBF\xBD", 3, 3},
        {"\xF0\x9F\x98\x80", 4, 4},
        {"\xF0\x8F\xBF\xBF", 4, 0},  // overlong
        {"\xF4\x8F\xBF\xBF", 4, 4},  // U+10FFFF
        {"\xF4\x90\x80\x80", 4, 0},  // beyond
        {"abcdefgh\xFFijklmnopqrst", 21, 8},
        {"abcdefg\xE2\x80", 9, 7},
    };
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++)
        if (grf_text_valid(grf_sv(cases[i].text, cases[i].n)) != cases[i].valid)
            fail_msg("case %zu", i);
}

/* Every code point is decoded to itself, and its bytes are valid unless it is NUL or
   a surrogate. */
static void test_next_all(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        char b[4];
        size_t n, at = 0;
        if (c < 0x80) {
            b[0] = (char)c;
            n = 1;
        } else if (c < 0x800) {
            b[0] = (char)(0xC0 | c >> 6);
            n = 2;
        } else if (c < 0x10000) {
            b[0] = (char)(0xE0 | c >> 12);
            n = 3;
        } else {
            b[0] = (char)(0xF0 | c >> 18);
            n = 4;
        }
        for (size_t i = 1; i < n; i++)
            b[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3F));
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        if (grf_text_next(grf_sv(b, n), &at) != (surrogate ? 0xFFFD : c))
            fail_msg("U+%04X", (unsigned)c);
        if (grf_text_valid(grf_sv(b, n)) != (surrogate ? 0 : n))
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void test_chars(void **state)
{
    struct grf_sv t = grf_sv_z("été…😀!");
    (void)state;
    assert_int_equal(grf_text_chars(t), 6);
    assert_int_equal(grf_text_offset(t, 0), 0);
    assert_int_equal(grf_text_offset(t, 1), 2);
    assert_int_equal(grf_text_offset(t, 4), 8);
    assert_int_equal(grf_text_offset(t, 5), 12);
    assert_int_equal(grf_text_offset(t, 6), t.n);
    assert_int_equal(grf_text_offset(t, 99), t.n);
    assert_int_equal(grf_text_offset(grf_sv("", 0), 0), 0);
}

static void assert_clean(const char *text, size_t n, const char *expected)
{
    struct grf_str s;
    grf_str_init(&s, 1000);
    grf_text_clean(&s, grf_sv(text, n));
    assert_int_equal(grf_str_status(&s, NULL), GRF_OK);
    assert_string_equal(s.p, expected);
    assert_int_equal(grf_text_valid(grf_str_sv(&s)), s.n);
    grf_str_release(&s);
}

static void test_clean(void **state)
{
    (void)state;
    assert_clean("a\r\n\tb\x00\x0c\x7f" "c\xC2\x85", 11, "a\n\tbc");
    assert_clean("\xFF" "a\xE2\x80" "b\xC3", 6, "\uFFFDa\uFFFDb\uFFFD");
    assert_clean("\xED\xA0\x80", 3, "\uFFFD\uFFFD\uFFFD");
    assert_clean("délibération", 14, "délibération");
    assert_clean("", 0, "");
}

static void test_fold(void **state)
{
    struct grf_str s;
    (void)state;
    grf_str_init(&s, 1000);
    grf_text_fold(&s, grf_sv_z("Saint-Œuf d’ÉTÉ\u00a0n° 1, co\u00admmun !"));
    assert_string_equal(s.p, "saint-oeuf d'ete n° 1, commun !");
    grf_str_clear(&s);
    grf_text_fold(&s, grf_sv("\xFF\xC3", 2)); // kept as it is
    assert_int_equal(s.n, 2);
    grf_str_clear(&s);
    grf_text_fold(&s, grf_sv_z("\u01FCneuf \u01FF")); // as without the accent
    assert_string_equal(s.p, "aeneuf o");
    grf_str_release(&s);
}

static void test_out_of_memory(void **state)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_str s;
    (void)state;
    for (int fold = 0; fold < 2; fold++) {
        grf_str_init(&s, 1000);
        grf_mem_fail_at(1, 1);
        if (fold)
            grf_text_fold(&s, grf_sv_z("délibération"));
        else
            grf_text_clean(&s, grf_sv_z("délibération"));
        grf_mem_fail_at(0, 0);
        assert_int_equal(grf_str_status(&s, &err), GRF_NOMEM);
        grf_str_release(&s);
    }
    grf_str_init(&s, 4);
    grf_text_fold(&s, grf_sv_z("délibération"));
    assert_int_equal(grf_str_status(&s, &err), GRF_LIMIT);
    grf_str_release(&s);
}

/* ---- sentences ---- */

/* The sentences of text with | between, line breaks as /. */
static void all_sentences(struct grf_sv text, char *out, size_t size)
{
    struct grf_span s;
    size_t at = 0, used = 0, last = 0;
    out[0] = 0;
    while (grf_text_sentence(text, &at, &s)) {
        assert_true(s.start >= last && s.start < s.end && s.end <= at && at <= text.n);
        last = at;
        assert_true(used + (s.end - s.start) + 2 < size);
        if (used)
            out[used++] = '|';
        for (size_t i = s.start; i < s.end; i++)
            out[used++] = text.p[i];
        out[used] = 0;
        for (char *nl = out; (nl = strchr(nl, '\n')) != NULL;)
            *nl = '/';
    }
    assert_int_equal(at, text.n);
}

#define assert_sentences(text, expected)                   \
    do {                                                   \
        char got_[4096];                                   \
        all_sentences(grf_sv_z(text), got_, sizeof got_);  \
        assert_string_equal(got_, expected);               \
    } while (0)

/* Each of these is one sentence. */
static void test_sentence_not_cut(void **state)
{
    static const char *const one[] = {
        "Vote : 2 voix contre (M. Leblanc et Mme. Debuissier).",
        "Pouvoir est donné à Mr. J. Dupont et à M. X. de la Tour.",
        "Vu l'art. L. 2121-29 du code général.",
        "Vu les articles L. 212-8 et R. 351-2 al. 7 du code.",
        "Une dépense de 12.340,35 € est votée.",
        "Une dépense de 18. 881,25 € est votée.",
        "N° 12. Vote du budget de la commune.",
        "1. Approuve le compte de gestion.",
        "II. Finances et personnel.",
        "Les crayons, cahiers, etc. sont achetés par l'école.",
        "Les statuts de la S.A.R.L. Dupont sont lus.",
        "Le maire dit « non ! » au projet.",
        "Le site www.pierrefonds.fr est ouvert.",
        "Le conseil municipal de la\ncommune de Pierrefonds s'est réuni.",
        "Le conseil a voté au profit de Jean\nDUPONT et des siens une aide.",
        "La loi n°\n86-1067 du 30 septembre 1986.",
        "L'article L.2131\n– 1 du CGCT.",
        "Qui est contre ? deux personnes.",
        "Les travaux (cf. Annexe 2) sont votés.",
    };
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(one); i++) {
        char got[256];
        struct grf_span s;
        size_t at = 0, n = strlen(one[i]);
        all_sentences(grf_sv_z(one[i]), got, sizeof got);
        assert_true(grf_text_sentence(grf_sv_z(one[i]), &at, &s));
        if (s.start != 0 || s.end != n)
            fail_msg("cut: %s", got);
    }
}

static void test_sentence_cut(void **state)
{
    (void)state;
    assert_sentences("Le quorum est atteint. Elle demande l'avis !  Non. ",
                     "Le quorum est atteint.|Elle demande l'avis !|Non.");
    assert_sentences("Vu le C.G.C.T. Le conseil vote.", "Vu le C.G.C.T.|Le conseil vote.");
    assert_sentences("Vu la délibération n° 12. Le conseil vote.",
                     "Vu la délibération n° 12.|Le conseil vote.");
    assert_sentences("Il dit « oui. » Elle part.", "Il dit « oui. »|Elle part.");
    assert_sentences("Des cahiers, etc. Le conseil vote.", "Des cahiers, etc.|Le conseil vote.");
    assert_sentences("C'était en 2019. 12 voix pour… Une contre.",
                     "C'était en 2019.|12 voix pour…|Une contre.");
    assert_sentences("À 20 h. Le conseil vote.", "À 20 h.|Le conseil vote.");
}

static void test_sentence_lines(void **state)
{
    (void)state;
    assert_sentences("Le conseil décide :\n- d'approuver le plan,\n- de voter\nle budget ;\n"
                     "• de dire\n\uf0b7 non",
                     "Le conseil décide :|d'approuver le plan,|de voter/le budget ;|de dire|non");
    assert_sentences("VOTE DU BUDGET\nPRIMITIF 2024\nMonsieur le Maire expose\nle projet.",
                     "VOTE DU BUDGET/PRIMITIF 2024|Monsieur le Maire expose/le projet.");
    assert_sentences("Vu le code général\nVu la loi\nConsidérant le\nbesoin,\nDÉCIDE\n"
                     "Article 1 : le plan",
                     "Vu le code général|Vu la loi|Considérant le/besoin,|DÉCIDE|"
                     "Article 1 : le plan");
    assert_sentences("un texte\n\nun autre\n \nfin", "un texte|un autre|fin");
    assert_sentences("Objet : Cantine\nLe conseil municipal de la commune, après avoir entendu "
                     "le maire,\nvote le tarif.",
                     "Objet : Cantine|Le conseil municipal de la commune, après avoir entendu "
                     "le maire,/vote le tarif.");
    assert_sentences("1) Tarifs\n2) Travaux\n3° Divers", "1) Tarifs|2) Travaux|3° Divers");
    assert_sentences("2020-03-01 CONTRAT DE DERATISATION\n2020-03-02 TRAVAUX DE VOIRIE",
                     "2020-03-01 CONTRAT DE DERATISATION|2020-03-02 TRAVAUX DE VOIRIE");
    assert_sentences("Le conseil adopte le plan ; Autorise le maire à signer ; les autres",
                     "Le conseil adopte le plan ;|Autorise le maire à signer ; les autres");
    assert_sentences("", "");
    assert_sentences(" \n . ; - \uf0b7 …\n", "");
}

/* Without any end, a sentence is cut all the same. */
static void test_sentence_limits(void **state)
{
    char *text = malloc(100000);
    struct grf_span s;
    size_t at = 0;
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < 100000; i++)
        text[i] = i % 6 == 5 ? ' ' : 'a';
    while (grf_text_sentence(grf_sv(text, 100000), &at, &s))
        assert_true(s.end - s.start <= 1410);
    memset(text, 'a', 100000);
    memcpy(text + 3999, "\xC3\xA9", 2);
    for (at = 0; grf_text_sentence(grf_sv(text, 100000), &at, &s);) {
        assert_true(s.end - s.start <= 4010);
        assert_int_equal(grf_text_valid(grf_sv(text + s.start, s.end - s.start)),
                         s.end - s.start);
    }
    free(text);
}

/* Pieces that matter to the rules, and broken UTF-8, in any order: everything ends,
   spans stay inside a heap copy that holds not one byte more. */
static void test_hostile(void **state)
{
    static const char *const pieces[] = {
        ".", " ", "\n", "M", "L'", "aujourd'", "hui", "12", "n°", "«", "»", "…", "-", "\xC3",
        "\xE2\x80", "\xF0\x9F", "\xFF", "É", "e\u0301", "\u00ad", "ﬁ", "Vu", "Article 1", ":",
        ";", "(", ")", "ET", "DÉCIDE", "\uf0b7", "1)", "\u0154", "\u00a0", "\x01", "ﷺ"};
    unsigned seed = 11;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[256], out[2048];
        size_t n = 0, at = 0;
        for (int k = 0; k < 16; k++) {
            seed = seed * 1103515245u + 12345u;
            const char *p = pieces[(seed >> 16) % GRF_ARRAY_LEN(pieces)];
            memcpy(text + n, p, strlen(p));
            n += strlen(p);
        }
        char *exact = malloc(n);
        assert_non_null(exact);
        memcpy(exact, text, n);
        all_words(grf_sv(exact, n), out, sizeof out);
        all_sentences(grf_sv(exact, n), out, sizeof out);
        struct grf_str s;
        grf_str_init(&s, 4096);
        grf_text_fold(&s, grf_sv(exact, n));
        grf_str_clear(&s);
        grf_text_clean(&s, grf_sv(exact, n));
        assert_int_equal(grf_text_valid(grf_str_sv(&s)), s.n);
        grf_str_release(&s);
        while (at < n)
            assert_true(grf_text_next(grf_sv(exact, n), &at) != 0);
        assert_int_equal(at, n);
        free(exact);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_references), cmocka_unit_test(test_words_elisions),
        cmocka_unit_test(test_words_cut), cmocka_unit_test(test_words_folding),    cmocka_unit_test(test_words_spans),
        cmocka_unit_test(test_words_long),       cmocka_unit_test(test_stopwords),
        cmocka_unit_test(test_valid),            cmocka_unit_test(test_next_all),
        cmocka_unit_test(test_chars),            cmocka_unit_test(test_clean),
        cmocka_unit_test(test_fold),             cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_sentence_not_cut), cmocka_unit_test(test_sentence_cut),
        cmocka_unit_test(test_sentence_lines),   cmocka_unit_test(test_sentence_limits),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

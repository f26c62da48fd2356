/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sentences of an act are quoted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../lib/search_priv.h"
#include "grf_mem.h"

static const char title[] = "Achat d'un tracteur pour le service technique";
static const char page[] =
    "7. Achat d'un tracteur pour le service technique\n\n"
    "Le maire rappelle que le tracteur du service technique a plus de vingt ans et que les "
    "réparations se suivent depuis l'hiver.\n\n"
    "Trois entreprises ont remis une offre, qui a été étudiée par la commission des "
    "travaux le 3 mai.\n\n"
    "Décide de retenir l'offre de la société Dupré, pour un montant de 42 500 € HT.\n\n"
    "Ce véhicule servira aussi au salage des routes de la commune pendant l'hiver, au "
    "fauchage des talus et au transport des tables de la salle des fêtes.\n\n"
    "(ee)\n\n"
    "Pour : 12 Contre : 2 (MM. Roux et Petit) Abstention : 1\n";

/* The quote for the question has wanted in it, and not other. */
static void quotes(const char *question, const char *wanted, const char *other)
{
    struct understood u;
    struct quote_choice q;
    char out[sizeof(page)];
    assert_int_equal(understand(grf_sv_z(question), &u, NULL), GRF_OK);
    assert_int_equal(choose_quote(&u, NULL, NULL, grf_sv_z(title), grf_sv_z(page),
                                  (struct grf_span){0, sizeof(page) - 1}, &q, NULL),
                     GRF_OK);
    assert_true(q.start < q.end && q.end < sizeof(page));
    memcpy(out, page + q.start, q.end - q.start);
    out[q.end - q.start] = '\0';
    if (!strstr(out, wanted) || (other && strstr(out, other)))
        fail_msg("%s: %s", question, out);
    understood_release(&u);
}

static void test_the_sentence_that_answers(void **state)
{
    (void)state;
    quotes("combien coûte le tracteur ?", "42 500", NULL);
    quotes("qui a voté contre le tracteur ?", "Roux", NULL);
    quotes("tracteur : résultat du vote", "Contre : 2", NULL);
    quotes("le tracteur sert-il au fauchage et au salage ?", "fauchage", NULL);
    quotes("ee", "Décide", NULL); /* a scrap is no quote, even when it has the word */
    quotes("société Dupré 42500 euros", "Dupré", NULL);
}

static void test_what_is_wanted(void **state)
{
    (void)state;
    struct wants w;
    read_wants(grf_sv_z("Combien a touché le club ?"), &w);
    assert_true(w.amount && !w.vote);
    read_wants(grf_sv_z("qui s'est abstenu"), &w);
    assert_true(!w.amount && w.vote);
    read_wants(grf_sv_z("résultat du vote"), &w);
    assert_true(w.vote);
    read_wants(grf_sv_z("vote du budget"), &w);
    assert_true(!w.amount && !w.vote);
    read_wants(grf_sv_z("aide contre les frelons"), &w);
    assert_true(!w.vote);
    read_wants(grf_sv_z("les éoliennes, on est pour ou contre ?"), &w);
    assert_true(w.vote);
    read_wants(grf_sv_z("voté contre le budget"), &w);
    assert_true(w.vote);
    read_wants(grf_sv_z(""), &w);
    assert_true(!w.amount && !w.vote);
}

static void read_text(const char *text, struct sentence_kind *k)
{
    struct title_words words;
    read_title(grf_sv_z(title), &words);
    read_sentence(grf_sv_z(text), &words, k);
}

static void kind(const char *text, bool decides, bool amount, bool vote)
{
    struct sentence_kind k;
    read_text(text, &k);
    if (k.decides != decides || k.amount != amount || k.vote != vote)
        fail_msg("%s: %d %d %d", text, k.decides, k.amount, k.vote);
}

static void test_what_a_sentence_has(void **state)
{
    (void)state;
    kind("De fixer à 20 le nombre d'adjoints", true, false, false);
    kind("Le Conseil municipal décide de vendre", true, false, false);
    kind("- DIT que les crédits sont inscrits", true, false, false);
    kind("Il est proposé de verser 12 000 euros", true, true, false);
    kind("Le loyer est de 350 \xE2\x82\xAC par mois", false, true, false);
    kind("Le loyer est de 350\xC2\xA0\xE2\x82\xAC par mois", false, true, false);
    kind("une hausse de 2 %", false, true, false);
    kind("Pour : 12", false, false, true);
    kind("à l'unanimité", false, false, true);
    kind("pour 12", false, false, true);
    kind("", false, false, false);
    kind("5", false, false, false);
    kind("\xC2", false, false, false);
    struct sentence_kind k;
    read_text("Achat d'un tracteur :", &k);
    assert_true(k.words == 2 && k.of_title == 2 && k.announces);
    read_text("Les lampes", &k);
    assert_true(k.words == 1 && k.of_title == 0 && !k.announces);
    struct title_words words;
    char text[4096] = "";
    for (size_t i = 0; i < TITLE_WORDS + 50; i++)
        memcpy(text + 8 * i, "arbuste ", 9);
    read_title(grf_sv_z(text), &words);
    assert_int_equal(words.n, TITLE_WORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sentence_that_answers),
        cmocka_unit_test(test_what_is_wanted),
        cmocka_unit_test(test_what_a_sentence_has),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

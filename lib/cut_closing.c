/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passages that hold an act's signatures and nothing that anybody looks for: names,
   offices, closing formulas, and the remedies that every act must name. */
#include "cut_priv.h"

#include "grf_text.h"

enum { CLOSING_WORDS = 40 };

static bool is_one_of(const char *norm, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(norm, words[i]) == 0)
            return true;
    }
    return false;
}

/* Whoever signs. */
static bool signs(const char *norm)
{
    static const char *const words[] = {"maire",   "secretaire", "president", "presidente",
                                        "adjoint", "adjointe",   "doyen",     "signature"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

/* The rest of a closing formula: "Pour extrait conforme, fait à ... les jour, mois et an
   susdits, certifié exécutoire". */
static bool belongs_to_closing(const char *norm)
{
    static const char *const words[] = {
        "seance",  "extrait",  "conforme", "copie",    "certifie",  "executoire", "fait",
        "jour",    "jours",    "mois",     "an",       "susdits",   "signe",      "signature",
        "cachet",  "delegation", "delegue", "registre", "suivent",  "signatures", "ont",
        "membres", "presents", "janvier",  "fevrier",  "mars",      "avril",      "mai",
        "juin",    "juillet",  "aout",     "septembre", "octobre",  "novembre",   "decembre",
        "dessus",  "expedition", "original", "delibere", "present", "page"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

static bool is_capital(struct grf_sv text, size_t at)
{
    uint32_t c = grf_text_next(text, &at);
    return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE);
}

/* How the act can be contested: printed under every act, by law. */
static bool tells_remedies(struct grf_sv sentence)
{
    struct grf_str f;
    grf_str_init(&f, 65536);
    grf_text_fold(&f, sentence);
    bool yes = strstr(f.p, "recours") &&
               (strstr(f.p, "deux mois") || strstr(f.p, "peut faire l'objet"));
    grf_str_release(&f);
    return yes;
}

struct tally {
    size_t words, signers;
};

static bool only_closing_words(struct grf_sv text, struct tally *t)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        bool signer = signs(w.norm);
        t->signers += signer;
        bool empty = signer || w.has_digit || w.norm_len < 2 || is_capital(text, w.start) ||
                     belongs_to_closing(w.norm) ||
                     grf_text_is_stopword(grf_sv(w.norm, w.norm_len));
        if (!empty || ++t->words > CLOSING_WORDS)
            return false;
    }
    return true;
}

bool passage_is_closing(struct grf_sv text)
{
    struct grf_span s;
    struct tally t = {0, 0};
    size_t at = 0;
    bool remedies = false;
    while (grf_text_sentence(text, &at, &s)) {
        struct grf_sv sentence = grf_sv(text.p + s.start, s.end - s.start);
        if (tells_remedies(sentence))
            remedies = true;
        else if (!only_closing_words(sentence, &t))
            return false;
    }
    return t.signers > 0 || remedies;
}

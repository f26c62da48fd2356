/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passages that hold an act's signatures and nothing that anybody looks for. */
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

bool passage_is_closing(struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    size_t n = 0, signers = 0;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        bool signer = signs(w.norm);
        signers += signer;
        bool empty = signer || w.has_digit || w.norm_len < 2 || is_capital(text, w.start) ||
                     belongs_to_closing(w.norm) ||
                     grf_text_is_stopword(grf_sv(w.norm, w.norm_len));
        if (!empty || ++n > CLOSING_WORDS)
            return false;
    }
    return signers > 0;
}

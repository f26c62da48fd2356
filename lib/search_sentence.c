/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sentence of an act is good for, by its words: it decides, names an amount, gives
 * the result of a vote, repeats the title; and which of these the question wants.
 */
#include "search_priv.h"

static bool is_one_of(const char *norm, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(norm, words[i]) == 0)
            return true;
    }
    return false;
}

static bool has_stem(const char *norm, const char *const *stems, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strncmp(norm, stems[i], strlen(stems[i])) == 0)
            return true;
    }
    return false;
}

/* ---- the question */

static bool asks_amount(const char *norm)
{
    static const char *const words[] = {
        "combien",  "montant", "montants",   "prix",     "tarif",   "tarifs",  "cout",
        "couts",    "coute",   "coutent",    "coutera",  "somme",   "sommes",  "payer",
        "paie",     "paye",    "paient",     "payent",   "euros",   "cotisation", "taux",
        "loyer",    "loyers",  "redevance",  "cher",     "touche",  "verse",   "versee",
        "rapporte", "facture", "participation"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

static bool asks_vote(const char *norm)
{
    static const char *const words[] = {"voix",     "abstention", "abstentions", "abstenu",
                                        "abstenus", "unanime",    "unanimes",    "unanimite",
                                        "scrutin",  "majorite"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

/* "Résultat du vote", "qui a voté", "voté contre", "pour ou contre"; not "contre les
   frelons". */
static bool asks_result(struct grf_sv question)
{
    struct grf_words it;
    struct grf_word w;
    bool vote = false, result = false, either = false, or = false;
    grf_words_init(&it, question);
    while (grf_words_next(&it, &w)) {
        vote = vote || strncmp(w.norm, "vot", 3) == 0;
        result = result || strcmp(w.norm, "resultat") == 0 || strcmp(w.norm, "qui") == 0 ||
                 strcmp(w.norm, "contre") == 0;
        either = either || (or && strcmp(w.norm, "contre") == 0);
        or = strcmp(w.norm, "ou") == 0;
    }
    return (vote && result) || either;
}

void read_wants(struct grf_sv question, struct wants *out)
{
    struct grf_words it;
    struct grf_word w;
    *out = (struct wants){.vote = asks_result(question)};
    grf_words_init(&it, question);
    while (grf_words_next(&it, &w)) {
        out->amount = out->amount || asks_amount(w.norm);
        out->vote = out->vote || asks_vote(w.norm);
    }
}

/* ---- the sentence */

/* "Décide", "Approuvé", "De fixer", "DIT que", "il est proposé de". */
static bool decides(struct grf_sv text)
{
    static const char *const stems[] = {
        "decid",   "approuv", "autoris", "adopt",   "fix",    "accept",  "attribu", "valid",
        "instaur", "sollicit", "refus",  "emet",    "retien", "accord",  "prescri", "confi",
        "retenir", "creer",   "cree",    "vend",    "ced",    "vers",    "designe", "propos"};
    enum { FIRST_WORDS = 5 };
    struct grf_words it;
    struct grf_word w;
    bool open = true;
    grf_words_init(&it, text);
    for (int i = 0; i < FIRST_WORDS && grf_words_next(&it, &w); i++) {
        if (i == 0 && strcmp(w.norm, "dit") == 0)
            return true;
        if (open && has_stem(w.norm, stems, GRF_ARRAY_LEN(stems)))
            return true;
        if (i > 0 && strncmp(w.norm, "propos", 6) == 0)
            return true;
        /* "De fixer", "Le conseil décide", "il est proposé" */
        static const char *const before[] = {"de", "d", "le", "la", "conseil", "municipal",
                                             "communautaire", "il", "est", "comite", "n",
                                             "pas", "que", "monsieur", "madame", "maire"};
        open = open && is_one_of(w.norm, before, GRF_ARRAY_LEN(before));
    }
    return false;
}

static bool has_amount(struct grf_sv text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (!digit)
            continue;
        size_t k = i + 1;
        while (k < text.n && (text.p[k] == ' ' || text.p[k] == '\n' || text.p[k] == (char)0xC2 ||
                              text.p[k] == (char)0xA0))
            k++;
        struct grf_sv rest = grf_sv(text.p + k, text.n - k);
        if ((rest.n >= 3 && memcmp(rest.p, "\xE2\x82\xAC", 3) == 0) ||
            (rest.n >= 1 && rest.p[0] == '%') ||
            (rest.n >= 4 && (memcmp(rest.p, "euro", 4) == 0 || memcmp(rest.p, "EURO", 4) == 0)))
            return true;
    }
    return false;
}

static bool has_vote(struct grf_sv text)
{
    static const char *const stems[] = {"abst", "voix", "unanim"};
    struct grf_words it;
    struct grf_word w;
    bool before = false; /* "pour :", "contre :" with a figure */
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        if (has_stem(w.norm, stems, GRF_ARRAY_LEN(stems)) || (before && w.has_digit))
            return true;
        before = strcmp(w.norm, "pour") == 0 || strcmp(w.norm, "contre") == 0;
    }
    return false;
}

enum { TELLING_LEAST = 4 }; /* letters */

void read_title(struct grf_sv title, struct title_words *out)
{
    struct grf_words it;
    struct grf_word w;
    out->n = 0;
    grf_words_init(&it, title);
    while (out->n < TITLE_WORDS && grf_words_next(&it, &w)) {
        if (w.norm_len >= TELLING_LEAST)
            memcpy(out->norm[out->n++], w.norm, w.norm_len + 1);
    }
}

static bool in_title(const struct title_words *title, const char *norm)
{
    for (size_t i = 0; i < title->n; i++) {
        if (title->norm[i][0] == norm[0] && strcmp(title->norm[i], norm) == 0)
            return true;
    }
    return false;
}

/* Counts the telling words, and those that stand in the title. */
static void count_words(struct grf_sv text, const struct title_words *title,
                        struct sentence_kind *out)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        if (w.norm_len < TELLING_LEAST)
            continue;
        out->words++;
        out->of_title += in_title(title, w.norm);
    }
}

static bool announces_more(struct grf_sv text)
{
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\n'))
        text.n--;
    return text.n && text.p[text.n - 1] == ':';
}

void read_sentence(struct grf_sv text, const struct title_words *title,
                   struct sentence_kind *out)
{
    *out = (struct sentence_kind){.decides = decides(text),
                                  .amount = has_amount(text),
                                  .vote = has_vote(text),
                                  .announces = announces_more(text)};
    count_words(text, title, out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sentence of an act is good for, by its words: it decides, names an amount, gives
 * the result of a vote, repeats the title; and which of these the question wants.
 */
#include "search_priv.h"

static bool is_one_of(const char *norm, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (norm[0] == words[i][0] && strcmp(norm, words[i]) == 0)
            return true;
    }
    return false;
}

static bool has_stem(const char *norm, const char *const *stems, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (norm[0] == stems[i][0] && strncmp(norm, stems[i], strlen(stems[i])) == 0)
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

/* "Décide", "Approuvé", "De fixer", "DIT que", "il est proposé de": among the first words. */
static void read_first(struct sentence_reader *r, const char *norm)
{
    static const char *const stems[] = {
        "decid",   "approuv", "autoris", "adopt",   "fix",    "accept",  "attribu", "valid",
        "instaur", "sollicit", "refus",  "emet",    "retien", "accord",  "prescri", "confi",
        "retenir", "creer",   "cree",    "vend",    "ced",    "vers",    "designe", "propos"};
    /* "De fixer", "Le conseil décide", "il est proposé" */
    static const char *const before[] = {"de", "d", "le", "la", "conseil", "municipal",
                                         "communautaire", "il", "est", "comite", "n",
                                         "pas", "que", "monsieur", "madame", "maire"};
    if ((r->n == 0 && strcmp(norm, "dit") == 0) ||
        (!r->closed && has_stem(norm, stems, GRF_ARRAY_LEN(stems))) ||
        (r->n > 0 && strncmp(norm, "propos", 6) == 0))
        r->out->decides = true;
    r->closed = r->closed || !is_one_of(norm, before, GRF_ARRAY_LEN(before));
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

static void read_vote(struct sentence_reader *r, const struct grf_word *w)
{
    static const char *const stems[] = {"abst", "voix", "unanim"};
    if (has_stem(w->norm, stems, GRF_ARRAY_LEN(stems)) || (r->side && w->has_digit))
        r->out->vote = true;
    static const char *const sides[] = {"pour", "contre"};
    r->side = is_one_of(w->norm, sides, GRF_ARRAY_LEN(sides));
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

static bool announces_more(struct grf_sv text)
{
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\n'))
        text.n--;
    return text.n && text.p[text.n - 1] == ':';
}

void begin_sentence(struct sentence_reader *r, struct grf_sv text,
                    const struct title_words *title, struct sentence_kind *out)
{
    *r = (struct sentence_reader){.title = title, .out = out};
    *out = (struct sentence_kind){.amount = has_amount(text),
                                  .announces = announces_more(text)};
}

void read_word(struct sentence_reader *r, const struct grf_word *w)
{
    enum { FIRST_WORDS = 5 };
    if (r->n < FIRST_WORDS && !r->out->decides)
        read_first(r, w->norm);
    r->n++;
    if (!r->out->vote)
        read_vote(r, w);
    if (w->norm_len < TELLING_LEAST)
        return;
    r->out->words++;
    r->out->of_title += in_title(r->title, w->norm);
}

void read_sentence(struct grf_sv text, const struct title_words *title,
                   struct sentence_kind *out)
{
    struct sentence_reader r;
    struct grf_words it;
    struct grf_word w;
    begin_sentence(&r, text, title, out);
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w))
        read_word(&r, &w);
}

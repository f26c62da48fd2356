/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the question asks of the act itself, its number, its day, month or year;
 * and whether it asks for anything else.
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "search_priv.h"

enum {
    LAW_BEFORE = 8 /* words between "loi" and its year */
};

static bool is_one_of(const char *norm, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(norm, words[i]) == 0)
            return true;
    }
    return false;
}

/* ---- words that tell nothing */

/* What people say around any question. */
static bool is_asking(const char *norm)
{
    static const char *const words[] = {
        "adopte", "adopter", "approuve", "bonjour",  "cherche",  "chercher", "concerne",
        "conclu", "connaitre", "decide", "decidee",  "decidees", "decider",  "decides",
        "delibere", "dis", "dites",      "existe",   "faisons",  "ici",      "il",
        "marche", "merci", "montre",     "montrer",  "objet",    "parle",    "passe",
        "porte", "portait", "question",  "questions", "savoir",  "sais",     "svp",
        "traite", "trouve", "trouver",   "veut",     "voir",     "vote",     "votee",
        "votees", "voter", "votes"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

/* The act as such, and the meeting. */
static bool is_container(const char *norm)
{
    static const char *const words[] = {
        "acte",         "actes",    "arrete",   "arretes",    "annee",   "commune",
        "communautaire", "compte",  "conseil",  "cr",         "date",    "datee",
        "decision",     "decisions", "del",     "delib",      "deliberation",
        "deliberations", "delibs",  "exercice", "jour",       "lundi",   "mardi",
        "mercredi",     "jeudi",    "vendredi", "samedi",     "dimanche", "mairie",
        "mois",         "municipal", "municipaux", "numero",  "ordre",   "proces",
        "pv",           "rendu",    "rendus",   "reunion",    "reunions", "seance",
        "seances",      "texte",    "verbal",   "verbaux",    "ville"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

static bool is_month(const char *norm)
{
    static const char *const words[] = {"janvier",   "fevrier", "mars",     "avril",
                                        "mai",       "juin",    "juillet",  "aout",
                                        "septembre", "octobre", "novembre", "decembre"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

static bool is_dropped(const struct understood *u, const char *norm)
{
    for (size_t i = 0; i < u->n_dropped; i++) {
        if (strcmp(u->dropped[i], norm) == 0)
            return true;
    }
    return false;
}

static bool asks_number(const struct understood *u)
{
    for (size_t i = 0; i < u->n_hints; i++) {
        if (u->hints[i].term.value.n && u->hints[i].term.name == GRF_FILTER_NUMBER)
            return true;
    }
    return false;
}

bool asks_the_act(const struct understood *u)
{
    return u->n_times || asks_number(u);
}

bool lacks_subject(const struct understood *u)
{
    for (size_t i = 0; i < u->n_terms; i++) {
        if (!is_asking(u->terms[i].norm))
            return false;
    }
    return !u->n_hints;
}

/* The letters of "D2025-011". */
static bool in_number(const struct understood *u, const char *norm)
{
    struct grf_words it;
    struct grf_word w;
    for (size_t i = 0; i < u->n_hints; i++) {
        const struct grf_filter_term *t = &u->hints[i].term;
        if (!t->value.n || t->name != GRF_FILTER_NUMBER)
            continue;
        grf_words_init(&it, t->value);
        while (grf_words_next(&it, &w)) {
            if (strcmp(w.norm, norm) == 0)
                return true;
        }
    }
    return false;
}

bool is_bare(const struct understood *u)
{
    for (size_t i = 0; i < u->n_terms; i++) {
        const char *norm = u->terms[i].norm;
        if (norm[0] >= '0' && norm[0] <= '9')
            continue;
        if (!is_asking(norm) && !is_container(norm) && !is_month(norm) &&
            !is_dropped(u, norm) && !strpbrk(norm, "0123456789") && !in_number(u, norm))
            return false;
    }
    return asks_the_act(u);
}

/* ---- times of the question */

/* "Décidé en 2019": the day of the decision is meant, no other. */
static bool asks_when_decided(struct grf_sv question)
{
    static const char *const stems[] = {"decid", "vot", "adopt", "deliber", "approuv",
                                        "pris", "acte"};
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, question);
    while (grf_words_next(&it, &w)) {
        for (size_t i = 0; i < GRF_ARRAY_LEN(stems); i++) {
            if (strncmp(w.norm, stems[i], strlen(stems[i])) == 0)
                return true;
        }
    }
    return false;
}

/* The last word before at. */
static void word_before(struct grf_sv text, size_t at, char out[GRF_WORD_MAX + 1])
{
    struct grf_words it;
    struct grf_word w;
    out[0] = '\0';
    grf_words_init(&it, grf_sv(text.p, at));
    while (grf_words_next(&it, &w))
        memcpy(out, w.norm, w.norm_len + 1);
}

bool is_open(const struct asked_time *t)
{
    return !t->from || t->to == ASKED_LAST;
}

/* "Depuis 2019", "avant mars 2020", "à partir de". */
static void open_ends(struct grf_sv text, size_t at, struct asked_time *t)
{
    static const char *const after[] = {"depuis", "apres", "partir", "des"};
    static const char *const before[] = {"jusqu", "jusque"};
    while (at && (text.p[at - 1] == ' ' || text.p[at - 1] == '\''))
        at--;
    char word[GRF_WORD_MAX + 1];
    word_before(text, at, word);
    if (strcmp(word, "en") == 0 || strcmp(word, "le") == 0 || strcmp(word, "de") == 0 ||
        strcmp(word, "l") == 0 || strcmp(word, "au") == 0) {
        size_t n = strlen(word);
        word_before(text, at >= n ? at - n : 0, word);
    }
    if (is_one_of(word, after, GRF_ARRAY_LEN(after)))
        t->to = ASKED_LAST;
    else if (is_one_of(word, before, GRF_ARRAY_LEN(before)))
        t->from = 0;
    if (strcmp(word, "avant") == 0) {
        t->to = t->from - 1;
        t->from = 0;
    }
}

/* "Entre 2018 et 2020", "de 2018 à 2020": one time, not two. */
static bool goes_on(struct grf_sv text, size_t from, size_t to)
{
    static const char *const words[] = {"a", "et", "au", "jusqu", "en"};
    struct grf_words it;
    struct grf_word w;
    bool any = false;
    if (to < from || to - from > 16)
        return false;
    grf_words_init(&it, grf_sv(text.p + from, to - from));
    while (grf_words_next(&it, &w)) {
        if (!is_one_of(w.norm, words, GRF_ARRAY_LEN(words)))
            return false;
        any = true;
    }
    return any;
}

static bool opens_a_range(struct grf_sv text, size_t at)
{
    char word[GRF_WORD_MAX + 1];
    word_before(text, at, word);
    return strcmp(word, "entre") == 0 || strcmp(word, "de") == 0;
}

bool is_law_word(const char *norm)
{
    static const char *const words[] = {"loi", "lois", "decret", "ordonnance", "directive",
                                        "circulaire"};
    return is_one_of(norm, words, GRF_ARRAY_LEN(words));
}

/* "Loi du 6 août 2019", or behind the number of one. */
static bool in_a_law(const struct understood *u, size_t at)
{
    static const char *const between[] = {"du", "n", "no", "de", "l", "an", "er"};
    struct grf_words it;
    struct grf_word w;
    size_t since = LAW_BEFORE;
    grf_words_init(&it, grf_sv(u->text.p, at));
    while (grf_words_next(&it, &w)) {
        if (is_law_word(w.norm))
            since = 0;
        else if (!w.has_digit && !is_month(w.norm) &&
                 !is_one_of(w.norm, between, GRF_ARRAY_LEN(between)))
            since = LAW_BEFORE;
        else
            since++;
    }
    return since < LAW_BEFORE;
}

/* The year of a day that is known already. */
static bool is_taken(const struct understood *u, struct grf_span at)
{
    for (size_t i = 0; i < u->n_times; i++) {
        if (u->times[i].at.start <= at.start && at.end <= u->times[i].at.end)
            return true;
    }
    return false;
}

void add_time(struct understood *u, struct grf_span at, int64_t from, int64_t to, bool whole)
{
    struct asked_time *last = u->n_times ? &u->times[u->n_times - 1] : NULL;
    if (last && !last->day && whole && to > last->to && goes_on(u->text, last->at.end, at.start) &&
        opens_a_range(u->text, last->at.start)) {
        last->to = to;
        last->at.end = at.end;
        return;
    }
    if (u->n_times == MAX_HINTS || in_a_law(u, at.start) || is_taken(u, at))
        return;
    struct asked_time *t = &u->times[u->n_times++];
    *t = (struct asked_time){.from = from, .to = to, .at = at, .day = from == to};
    open_ends(u->text, at.start, t);
    t->decided = is_open(t) || (whole && asks_when_decided(u->text));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hyphens at the end of a line: those of "fonc-tions" only cut a word for room, those
 * of "sous-rubrique" belong to it. There is no dictionary here; what French writes with
 * a hyphen is known by a few beginnings and endings, and a word is cut before a
 * consonant, with at least two letters before and three after. In real acts few
 * documents cut words, but those do it on every page.
 */
#include "text_priv.h"

static int by_text(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

#define is_in(list, word) \
    (bsearch(word, list, GRF_ARRAY_LEN(list), sizeof *(list), by_text) != NULL)

/* First parts of compounds, sorted. Those that begin as many simple words as they make
   compounds (ex, mi, bas, eco, inter) are left out. */
static bool begins_compound(const char *word)
{
    static const char *const list[] = {
        "adjoint",   "aide",      "apres",   "arriere",  "assistant", "auteur",   "autre",
        "avant",     "brise",     "cache",   "casse",    "celle",     "celles",   "celui",
        "cent",      "centre",    "ceux",    "chasse",   "chef",      "cinq",     "cinquante",
        "compte",    "contre",    "coupe",   "court",    "date",      "demi",     "deux",
        "dix",       "douze",     "essuie",  "faux",     "garde",     "grand",    "grande",
        "gratte",    "haut",      "haute",   "hors",     "huit",      "lave",     "libre",
        "long",      "maire",     "maitre",  "mille",    "mot",       "moyen",    "neuf",
        "non",       "nord",      "nouveau", "onze",     "ouest",     "outre",    "ouvre",
        "pare",      "passe",     "petit",   "petite",   "peut",      "plein",    "point",
        "porte",     "presse",    "proces",  "quarante", "quatorze",  "quatre",   "quelques",
        "quinze",    "rez",       "rond",    "saint",    "sainte",    "sans",     "savoir",
        "seche",     "seize",     "semi",    "sept",     "six",       "soixante", "sous",
        "station",   "sud",       "taille",  "tire",     "tout",      "toute",    "treize",
        "trente",    "trois",     "vice",    "village",  "vingt"};
    return is_in(list, word);
}

/* What stands after a hyphen whatever is before it. */
static bool follows_any(const char *word)
{
    static const char *const list[] = {"bas",  "dedans", "dela",  "dessous", "dessus", "deux",
                                       "eux",  "haut",   "leur",  "lui",     "meme",   "memes",
                                       "moi",  "nous",   "sous",  "sur",     "toi",    "verbal",
                                       "verbaux", "ville", "villes", "vous"};
    return is_in(list, word);
}

/* The articles and pronouns that join names ("Aubert-sur-Orne") and orders
   ("prenez-les"), but also end simple words. */
static bool joins_names(const char *word)
{
    static const char *const list[] = {"aux", "chez", "dans", "des", "devant", "les", "lez",
                                       "par", "pont", "pres", "sans"};
    return is_in(list, word);
}

static bool is_vowel(char c)
{
    return strchr("aeiouy", c) != NULL;
}

static bool has_vowel(const char *word)
{
    return word[strcspn(word, "aeiouy")] != 0;
}

bool text_is_cut_word(const struct grf_word *left, const struct grf_word *right, bool capital,
                      bool chained)
{
    const char *l = left->norm, *r = right->norm;
    size_t n = left->norm_len;
    if (n < 2 || right->norm_len < 3 || chained || is_vowel(r[0]) || !has_vowel(l) || !has_vowel(r))
        return false;
    if (begins_compound(l) || follows_any(r))
        return false;
    bool order = n > 3 && (memcmp(l + n - 2, "ez", 2) == 0 || memcmp(l + n - 3, "ons", 3) == 0);
    return !((capital || order) && joins_names(r)) && memcmp(l + n - 2, "ee", 2) != 0;
}

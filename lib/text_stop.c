/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words that carry no meaning alone: articles, pronouns, prepositions, auxiliaries,
 * question words. Left out on purpose, because acts and questions mean something
 * by them: "contre", "abstention", "sans", "sauf", "moins" (votes), "ete" (the season,
 * too), "car" (the coach), "entre", "or", and the letters l, r, d of code articles.
 */
#include "grf_text.h"

/* Sorted by bytes, searched by halves. */
static const char *const words[] = {
    "a", "afin", "ai", "aie", "aient", "ainsi", "ait", "alors", "apres", "as", "au",
    "aucun", "aucune", "audit", "auquel", "aura", "auraient", "aurait", "auront", "aussi",
    "autre", "autres", "aux", "auxdits", "auxquelles", "auxquels", "avaient", "avait",
    "avec", "avez", "avoir", "avons", "ayant", "c", "ca", "ce", "ceci", "cela", "celle",
    "celles", "celui", "cependant", "certain", "certaine", "certaines", "certains", "ces",
    "cet", "cette", "ceux", "chaque", "chez", "ci", "combien", "comme", "comment", "dans",
    "de", "deja", "depuis", "des", "desdites", "desdits", "desquelles", "desquels",
    "dessous", "dessus", "devait", "devra", "devrait", "devront", "dit", "dits", "dois",
    "doit", "doivent", "donc", "dont", "du", "dudit", "duquel", "elle", "elles", "en",
    "encore", "est", "et", "etaient", "etait", "etant", "etes", "etre", "eu", "eues",
    "eut", "eux", "faire", "faisait", "fait", "faut", "fera", "ferait", "font", "furent",
    "fut", "il", "ils", "j", "je", "jusqu", "jusque", "la", "ladite", "laquelle", "le",
    "ledit", "lequel", "les", "lesdites", "lesdits", "lesquelles", "lesquels", "leur",
    "leurs", "lors", "lorsqu", "lorsque", "lui", "ma", "mais", "me", "meme", "memes",
    "mes", "moi", "mon", "n", "ne", "neanmoins", "ni", "no", "nos", "notre", "notres",
    "nous", "on", "ont", "ou", "par", "parmi", "pas", "pendant", "peut", "peuvent",
    "peux", "pour", "pourquoi", "pourra", "pourraient", "pourrait", "pourront", "presqu",
    "presque", "pu", "puis", "puisqu", "puisque", "qu", "quand", "quant", "que", "quel",
    "quelle", "quelles", "quelqu", "quelque", "quelques", "quels", "qui", "quoi",
    "quoiqu", "quoique", "s", "sa", "se", "sera", "seraient", "serait", "seront", "ses",
    "si", "sinon", "soi", "soient", "soit", "sommes", "son", "sont", "sous", "suis",
    "sur", "t", "ta", "tandis", "tant", "te", "tel", "telle", "telles", "tels", "tes",
    "toi", "ton", "toujours", "tous", "tout", "toute", "toutefois", "toutes", "tres",
    "tu", "un", "une", "va", "vers", "veulent", "veut", "veux", "via", "voici", "voila",
    "vos", "votre", "votres", "voudrais", "vous", "y",
};

#define LONGEST 12

/* The first two letters; the second of a word of one is its end. */
static int begin_of(const char *p, size_t n)
{
    return (unsigned char)p[0] << 8 | (n > 1 ? (unsigned char)p[1] : 0);
}

bool grf_text_is_stopword(struct grf_sv norm)
{
    size_t low = 0, high = GRF_ARRAY_LEN(words);
    if (norm.n == 0 || norm.n > LONGEST)
        return false;
    const int begin = begin_of(norm.p, norm.n);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = begin_of(words[mid], 2) - begin;
        if (order == 0) /* mostly it begins otherwise */
            order = strncmp(words[mid], norm.p, norm.n);
        if (order == 0)
            order = words[mid][norm.n] != 0; // a longer word with that beginning
        if (order == 0)
            return true;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

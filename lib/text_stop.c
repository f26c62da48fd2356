/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words that carry no meaning alone: articles, pronouns, prepositions, auxiliaries,
 * question words. Left out on purpose, because acts and questions mean something
 * by them: "contre", "abstention", "sans", "sauf", "moins" (votes), "ete" (the season,
 * too), "car" (the coach), "entre", "or", and the letters l, r, d of code articles.
 */
#include "grf_text.h"

/* Sorted by bytes, so that those with one first letter stand together (of_letter). */
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

/* Where the words of each letter begin, and the end. */
static const uint8_t of_letter[] = {0,   33,  33,  56,  81,  96,  105, 105, 105,
                                    107, 111, 111, 128, 136, 145, 148, 167, 182,
                                    182, 201, 221, 223, 236, 236, 236, 237, 237};
_Static_assert(GRF_ARRAY_LEN(of_letter) == 27, "a begin for each letter, and the end");
_Static_assert(GRF_ARRAY_LEN(words) == 237, "of_letter is counted anew with the words");

bool grf_text_is_stopword(struct grf_sv norm)
{
    if (norm.n == 0 || norm.n > LONGEST || norm.p[0] < 'a' || norm.p[0] > 'z')
        return false;
    const char second = norm.n > 1 ? norm.p[1] : '\0';
    size_t letter = (size_t)(norm.p[0] - 'a');
    for (size_t i = of_letter[letter]; i < of_letter[letter + 1]; i++) {
        const char *w = words[i];
        if (w[1] < second)
            continue;
        if (w[1] > second)
            break;
        if (strncmp(w, norm.p, norm.n) == 0 && w[norm.n] == '\0')
            return true;
    }
    return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of articles: "2121-29", "2131 – 1", "211.3", "1636 B sexies", "1379-0 bis",
 * the letters before them, and what stands behind them without being part of them
 * ("6°", "al. 7", "II", "et suivants").
 */
#include "legalref_priv.h"

/* ---- small words ---- */

static const char *const latins[] = {
    "bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "nonies", "decies",
    "undecies", "duodecies", "terdecies", "quaterdecies", "quindecies", "sexdecies",
    "septdecies", "octodecies", "octodecies", "novodecies", "vicies", "unvicies",
    "duovicies", "tervicies", "quatervicies", "quinvicies", "sexvicies", "septvicies",
    "octovicies", "novovicies", "tricies", "untricies", "duotricies", "tertricies", NULL};

size_t lr_latin(const struct lr_text *t, size_t i)
{
    return lr_any_word(t, i, latins);
}

/* A degree sign at i, with or without a blank before it: its length, or 0. */
static size_t degree(const struct lr_text *t, size_t i)
{
    if (t->f[i] == LR_DEGREE)
        return 1;
    return t->f[i] == ' ' && t->f[i + 1] == LR_DEGREE ? 2 : 0;
}

/* Words that may follow a number whose parts are set apart by blanks. */
static bool ends_number(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"du", "de", "des", "d", "et", "ou", "a", "au", "al",
                                        "alinea", "qui", "que", "relatif", "relative",
                                        "relatifs", "dudit", "ainsi", "modifie", NULL};
    i = lr_skip_blanks(t, i);
    return !lr_alnum(t->f[i]) || lr_any_word(t, i, words);
}

static bool followed_by_owner(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"du", "de", "dudit", NULL};
    return lr_any_word(t, lr_skip_blanks(t, i), words) > 0;
}

/* ---- the parts of a number ---- */

static void add(struct lr_num *o, const char *p, size_t n)
{
    size_t used = strlen(o->s);
    if (used + n < sizeof o->s) {
        memcpy(o->s + used, p, n);
        o->s[used + n] = 0;
    }
}

static void add_folded(struct lr_num *o, const struct lr_text *t, size_t i, size_t n)
{
    add(o, (const char *)t->f + i, n);
}

/* A dash at i, however printed, with a digit after it: where that digit stands, or 0.
   *loose when blanks make it doubtful. */
static size_t dash(const struct lr_text *t, size_t i, const struct lr_num *o, unsigned mode,
                   bool *loose)
{
    size_t j = i;
    *loose = false;
    while (t->f[j] == ' ')
        j++;
    if (t->f[j] == '\n' && t->f[j + 1] == '-')
        j++;
    if (t->f[j] != '-') {
        // "L. 2122 22 du code": the dash was lost
        *loose = (mode & LR_LETTERED) && (mode & LR_INTRO) && o->parts == 1 &&
                 o->first_digits > 2 && o->first_digits < 5 && j == i + 1 &&
                 lr_digit(t->f[j]) && lr_digits(t, j) < 3;
        if (*loose)
            return j;
        bool dot = (mode & LR_LETTERED) && t->f[i] == '.' && lr_digit(t->f[i + 1]);
        return dot ? i + 1 : 0;
    }
    size_t k = lr_skip_blanks(t, j + 1);
    if (!lr_digit(t->f[k]) || k > j + 40)
        return 0;
    bool line_end = k > j + 1 && t->f[j + 1] == '\n' && j == i;
    *loose = (j > i || k > j + 1) && !line_end;
    if (*loose && (o->parts != 1 || o->first_digits < 3 || !(mode & LR_LETTERED)))
        return 0;
    return k;
}

/* The next part; false when what follows is no part of the number. */
static bool take_part(const struct lr_text *t, unsigned mode, struct lr_num *o)
{
    bool loose;
    size_t i = dash(t, o->end, o, mode, &loose);
    size_t n = i ? lr_digits(t, i) : 0;
    if (!n || n > 4 || (n > 3 && loose) || degree(t, i + n) || o->parts >= 8)
        return false;
    if (loose && !ends_number(t, i + n))
        return false;
    if (loose && i == o->end + 1 && !followed_by_owner(t, i + n))
        return false;
    bool dot = t->f[o->end] == '.';
    if (dot && ((t->f[i + n] == ',' && lr_digit(t->f[i + n + 1])) || n > 3))
        return false;
    o->dotted |= dot;
    add(o, "-", 1);
    add_folded(o, t, i, n);
    o->parts++;
    o->end = i + n;
    return true;
}

/* ---- suffixes: "bis", "B sexies", "HA", "terdecies-0 A" ---- */

static bool is_roman(const struct lr_text *t, size_t i, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (t->f[i + k] != 'i' && t->f[i + k] != 'v' && t->f[i + k] != 'x')
            return false;
    return n > 0;
}

/* One to three capitals alone at i, as in articles of the tax code. */
static size_t capitals(const struct lr_text *t, size_t i, const struct lr_num *o,
                       unsigned mode)
{
    static const char *const words[] = {"du", "de", "et", "la", "le", "au", "ou", "un", "en",
                                        "des", "les", "cgi", "ttc", "ht", NULL};
    size_t n = 0;
    while (lr_upper(t, i + n))
        n++;
    if (!n || n > 3 || lr_alnum(t->f[i + n]) || lr_any_word(t, i, words))
        return 0;
    if (t->f[i + n] == '\'' || (t->f[i + n] == '.' && lr_alpha(t->f[i + n + 1])))
        return 0;
    // "A" is the unaccented "à" of a range
    size_t j = lr_skip_blanks(t, i + n);
    if (j > i + n && t->f[i] == 'a' && n == 1 &&
        (lr_digit(t->f[j]) || (strchr("lrd", t->f[j]) && t->f[j] && !lr_alpha(t->f[j + 1]))))
        return 0;
    if (is_roman(t, i, n) && (n > 1 || t->f[i] != 'i' || o->latin || o->first_digits < 3))
        return 0;
    if (mode & LR_LETTERED)
        return n == 1 && o->parts == 1 && o->first_digits < 4 ? 1 : 0;
    return n == 1 || o->first_digits >= 2 ? n : 0;
}

static void take_suffixes(const struct lr_text *t, unsigned mode, struct lr_num *o)
{
    for (int k = 0; k < 4; k++) {
        size_t i = o->end;
        if (t->f[i] == '-' && lr_latin(t, i + 1))
            i++;
        else
            i = lr_skip_blanks(t, i);
        if (i > o->end + 30)
            return;
        size_t n = lr_latin(t, i);
        if (n) {
            o->latin = true;
            add(o, " ", 1);
            add_folded(o, t, i, n);
            o->end = i + n;
            if (t->f[o->end] == '-' && t->f[o->end + 1] == '0') {
                add(o, "-0", 2);
                o->end += 2;
            }
            continue;
        }
        n = capitals(t, i, o, mode);
        if (!n)
            return;
        add(o, " ", 1);
        add(o, t->src.p + t->map[i], n);
        o->end = i + n;
    }
}

/* Letters glued to the number: the next word ("29du") or an ordinal ("1er"). */
static bool fair_end(const struct lr_text *t, struct lr_num *o)
{
    static const char *const glued[] = {"du", "et", "de", "des", "ou", NULL};
    size_t i = o->end;
    if (!strcmp(o->s, "1")) {
        size_t j = lr_skip_blanks(t, i);
        size_t n = lr_word(t, j, "er");
        n = n ? n : lr_word(t, j, "ere");
        if (n && j < i + 3)
            o->end = i = j + n;
    }
    if (lr_alpha(t->f[i]))
        return lr_any_word(t, i, glued) > 0;
    return true;
}

bool lr_number(const struct lr_text *t, size_t i, unsigned mode, struct lr_num *o)
{
    *o = (struct lr_num){0};
    size_t n = lr_digits(t, i);
    if (!n || n > 8 || (t->f[i] == '0' && n > 1))
        return false;
    add_folded(o, t, i, n);
    o->first_digits = (int)n;
    o->parts = 1;
    o->end = i + n;
    if (degree(t, o->end))
        return false;
    while (take_part(t, mode, o))
        ;
    take_suffixes(t, mode, o);
    if (!fair_end(t, o))
        return false;
    const unsigned char *f = t->f + o->end;
    if (*f == LR_OTHER && !(mode & LR_INTRO) && o->parts == 1)
        return false;
    if ((*f == ',' || *f == '/') && lr_digit(f[1]) && !(mode & LR_INTRO))
        return false;
    if ((mode & LR_LETTERED) && o->parts == 1 && *f == ' ' && lr_digit(f[1]) &&
        !degree(t, o->end + 1 + lr_digits(t, o->end + 1)) && lr_digits(t, o->end + 1) < 3)
        return false;
    // "R 175 590": an amount
    return (mode & LR_INTRO) || !(*f == ' ' && lr_digits(t, o->end + 1) == 3);
}

/* ---- letters ---- */

/* Between the letter and its number: points, stars, blanks, a dash. */
static size_t skip_to_number(const struct lr_text *t, size_t i, bool intro)
{
    size_t from = i, lines = 0;
    for (; i < from + 24; i++) {
        unsigned char c = t->f[i];
        lines += c == '\n';
        bool point = c == '.' || c == '*' || (c == '-' && lr_digit(t->f[i + 1]) && i < from + 3) ||
                     (c == '\'' && t->f[i + 1] == ' ');
        if (!point && !lr_blank(c))
            break;
    }
    if (lines > (intro ? 2u : 1u) || !lr_digit(t->f[i]))
        return 0;
    return i;
}

size_t lr_letter(const struct lr_text *t, size_t i, bool intro, char out[3])
{
    unsigned char c = t->f[i];
    size_t n = 1;
    if (c != 'l' && c != 'r' && c != 'd' && c != 'a')
        return 0;
    if (!lr_upper(t, i) && (!intro || c == 'a'))
        return 0;
    out[0] = (char)(c - 32);
    out[1] = out[2] = 0;
    if (c == 'l') {
        size_t j = t->f[i + 1] == '.' ? i + 2 : i + 1;
        if (t->f[j] == 'o' && !lr_alpha(t->f[j + 1]) && (lr_upper(t, j) || intro)) {
            out[1] = 'O';
            n = j + 1 - i;
        }
    }
    if (lr_alpha(t->f[i + n]))
        return 0;
    return skip_to_number(t, i + n, intro);
}

/* ---- what follows a number without being part of it ---- */

static size_t ordinal(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {
        "premier", "premiere", "premiers", "deuxieme", "deuxiemes", "second", "seconde",
        "troisieme", "quatrieme", "cinquieme", "sixieme", "septieme", "huitieme", "neuvieme",
        "dixieme", "onzieme", "dernier", "derniers", "avant", "penultieme", NULL};
    size_t n = lr_any_word(t, i, words);
    if (n)
        return n;
    static const char *const ends[] = {"er", "ere", "e", "eme", "nd", NULL};
    size_t d = lr_digits(t, i);
    if (!d)
        return 0;
    n = lr_any_word(t, i + d, ends);
    return n ? d + n : 0;
}

/* "alinéa 2", "al. 7", "premier et deuxième alinéas", "1er alinéa". */
static size_t alinea(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"alinea", "alineas", "al", "paragraphe",
                                        "paragraphes", "phrase", NULL};
    size_t j = i, n;
    while ((n = ordinal(t, j)) > 0) {
        j = lr_skip_blanks(t, j + n);
        if ((n = lr_word(t, j, "et")) > 0 || (n = t->f[j] == ',') > 0)
            j = lr_skip_blanks(t, j + n);
    }
    n = lr_any_word(t, j, words);
    if (!n)
        return 0;
    bool counted = j > i;
    j += n + (t->f[j + n] == '.');
    for (int k = 0; k < 4 && !counted; k++) {
        size_t d = lr_skip_blanks(t, j);
        if (k && (n = lr_word(t, d, "et")) > 0)
            d = lr_skip_blanks(t, d + n);
        size_t o = ordinal(t, d);
        o = o ? o : lr_digits(t, d);
        if (!o)
            break;
        j = d + o + degree(t, d + o);
    }
    return j - i;
}

/* "II", "I bis", "IV." in capitals. */
static size_t roman(const struct lr_text *t, size_t i)
{
    size_t n = 0;
    while (lr_upper(t, i + n))
        n++;
    if (n > 4 || !is_roman(t, i, n) || lr_alnum(t->f[i + n]) || t->f[i + n] == '\'')
        return 0;
    size_t j = lr_skip_blanks(t, i + n), k = lr_latin(t, j);
    return k ? j + k - i : n;
}

static size_t remark(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {
        "modifie", "modifiee", "modifies", "modifiees", "nouveau", "nouveaux", "ancien",
        "anciens", "precite", "precitee", "precites", "precitees", "susvise", "susvisee",
        "susvises", "susvisees", "susmentionne", "susmentionnes", NULL};
    size_t n = lr_any_word(t, i, words);
    return n ? n : lr_match_name(t, i, "in fine") ? lr_match_name(t, i, "in fine") - i : 0;
}

static size_t following_words(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"suivants", "suivant", "suivantes", "suivante", "svts",
                                        "ss", "s", NULL};
    size_t n = lr_word(t, i, "et");
    if (!n)
        return 0;
    size_t j = lr_skip_blanks(t, i + n);
    n = lr_any_word(t, j, words);
    if (!n || (n == 1 && t->f[j + 1] != '.'))
        return 0;
    j += n;
    return j + (n <= 2 && t->f[j] == '.') - i;
}

static size_t one_item(const struct lr_text *t, size_t i)
{
    size_t d = lr_digits(t, i), n;
    if (d && d < 4 && degree(t, i + d)) {
        d += degree(t, i + d);
        size_t j = lr_skip_blanks(t, i + d), k = lr_latin(t, j);
        return k ? j + k - i : d;
    }
    if (lr_alpha(t->f[i]) && t->f[i + 1] == ')' && t->f[i] != 'l')
        return 2;
    // "L. 410-1 b du code"
    if (t->f[i] >= 'a' && t->f[i] <= 'k' && !lr_upper(t, i) && t->f[i + 1] == ' ' &&
        i > 0 && t->f[i - 1] == ' ' && followed_by_owner(t, i + 1))
        return 1;
    if ((n = alinea(t, i)) > 0 || (n = roman(t, i)) > 0)
        return n;
    return remark(t, i);
}

size_t lr_items(const struct lr_text *t, size_t i, bool *following)
{
    bool open = false;
    *following = false;
    for (int k = 0; k < 16; k++) {
        size_t j = lr_skip_blanks(t, i), n = following_words(t, j);
        if (n) {
            *following = true;
            i = j + n;
            continue;
        }
        if (open && t->f[j] == ')') {
            i = j + 1;
            open = false;
            continue;
        }
        bool opens = t->f[j] == '(';
        if (opens || t->f[j] == ',' || t->f[j] == '-')
            j = lr_skip_blanks(t, j + 1);
        if (k && ((n = lr_word(t, j, "et")) > 0 || (n = lr_word(t, j, "ou")) > 0 ||
                  (n = lr_word(t, j, "a")) > 0))
            j = lr_skip_blanks(t, j + n);
        n = one_item(t, j);
        if (!n || j > i + 40)
            break;
        open |= opens;
        i = j + n;
    }
    return i;
}

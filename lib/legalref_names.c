/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of codes in running text: titles and their spellings, abbreviations with and
 * without points, and, where nothing else fits, one or two wrong letters.
 */
#include "legalref_priv.h"

#define FUZZY_MIN 12   /* letters of a name that may be misspelt at all */
#define FUZZY_LONG 22  /* from here on two letters may be wrong */
#define FUZZY_TEXT 72
#define GLUED_MIN 14   /* names this long are sure even with the next word glued on */
#define ABBREV_MAX 8

/* ---- exact, but for blanks, hyphens at line ends and plurals ---- */

static bool is_glue(unsigned char c)
{
    return lr_blank(c) || c == '-' || c == '\'' || c == '.' || c == ',' || c == '(' ||
           c == ')' || c == '"';
}

/* Over what may stand between two words of a name, a stray plural included. */
static size_t skip_glue(const struct lr_text *t, size_t i)
{
    if ((t->f[i] == 's' || t->f[i] == 'e') && !lr_alpha(t->f[i + 1]))
        i++;
    for (int k = 0; k < 40 && is_glue(t->f[i]); k++)
        i++;
    return i;
}

/* Past a hyphen at a line end inside a word, or 0. */
static size_t skip_hyphen(const struct lr_text *t, size_t i)
{
    if (t->f[i] != '-' && t->f[i] != '\n')
        return 0;
    size_t j = i + (t->f[i] == '-');
    if (t->f[j] != '\n')
        return 0;
    return lr_skip_blanks(t, j);
}

size_t lr_match_name(const struct lr_text *t, size_t i, const char *pat)
{
    bool distinct = strlen(pat) >= GLUED_MIN;
    for (; *pat; pat++) {
        if (*pat == ' ') {
            i = skip_glue(t, i);
        } else if (t->f[i] == (unsigned char)*pat) {
            i++;
        } else if (*pat == 's' && (pat[1] == ' ' || !pat[1]) && !lr_alpha(t->f[i])) {
            continue; // the plural was left out
        } else {
            size_t j = skip_hyphen(t, i);
            if (!j || t->f[j] != (unsigned char)*pat)
                return 0;
            i = j + 1;
        }
    }
    while ((t->f[i] == 's' || t->f[i] == 'e') && (t->f[i + 1] == 's' || !lr_alpha(t->f[i + 1])))
        i++;
    return lr_alpha(t->f[i]) && !distinct ? 0 : i;
}

/* ---- one or two letters wrong ---- */

struct skeleton {
    unsigned char c[FUZZY_TEXT];
    size_t at[FUZZY_TEXT]; /* where each letter stands */
    size_t n;
};

static void take_letters(const struct lr_text *t, size_t i, struct skeleton *s)
{
    size_t last = i;
    for (s->n = 0; s->n < FUZZY_TEXT && i < t->n && i < last + 12; i++)
        if (lr_alnum(t->f[i])) {
            s->c[s->n] = t->f[i];
            s->at[s->n++] = last = i;
        } else if (t->f[i] == ';' || t->f[i] == ':') {
            return;
        }
}

/* Fewest changes that make pat (its letters) a beginning of s; *used is how much of s.
   Only results up to 2 are exact: the band is that narrow. */
static int prefix_distance(const char *pat, const struct skeleton *s, size_t *used)
{
    enum { BAND = 2, WIDTH = 2 * BAND + 1, FAR = 9 };
    int row[WIDTH], next[WIDTH]; // row[k] is for k - BAND letters more of s than of pat
    size_t done = 0;
    for (int k = 0; k < WIDTH; k++)
        row[k] = k < BAND ? FAR : k - BAND;
    for (; *pat; pat++) {
        if (*pat == ' ')
            continue;
        for (int k = 0; k < WIDTH; k++) {
            size_t j = done + (size_t)k + 1; // letters of s used, plus BAND
            int best = k + 1 < WIDTH ? row[k + 1] + 1 : FAR;
            if (j > BAND && j - BAND <= s->n) {
                int same = row[k] + (s->c[j - BAND - 1] != (unsigned char)*pat);
                best = same < best ? same : best;
                if (k > 0 && next[k - 1] + 1 < best)
                    best = next[k - 1] + 1;
            } else if (j < BAND || j - BAND > s->n) {
                best = FAR;
            }
            next[k] = best;
        }
        done++;
        memcpy(row, next, sizeof row);
    }
    int best = FAR;
    for (int k = 0; k < WIDTH; k++) {
        size_t j = done + (size_t)k;
        if (row[k] < best && j > BAND && j - BAND <= s->n) {
            best = row[k];
            *used = j - BAND;
        }
    }
    return best;
}

static size_t letters(const char *pat)
{
    size_t n = 0;
    for (; *pat; pat++)
        n += *pat != ' ';
    return n;
}

static bool fuzzy_name(const struct lr_text *t, size_t i, struct lr_code_hit *hit)
{
    struct skeleton s;
    int best = 3, codes = 0;
    take_letters(t, i, &s);
    for (size_t k = 0; k < lr_n_names; k++) {
        size_t n = letters(lr_names[k].pat), used = 0;
        int most = n >= FUZZY_LONG ? 2 : 1;
        int d = n < FUZZY_MIN || s.n + 2 < n ? 9 : prefix_distance(lr_names[k].pat, &s, &used);
        if (d > most || d > best || lr_alpha(t->f[s.at[used - 1] + 1]))
            continue;
        if (d == best && lr_names[k].code != hit->code)
            codes++;
        if (d < best)
            codes = 1;
        best = d;
        hit->code = lr_names[k].code;
        hit->end = s.at[used - 1] + 1;
    }
    hit->fuzzy = true;
    return codes == 1;
}

/* ---- abbreviations ---- */

int lr_code_index(struct grf_sv v)
{
    for (size_t k = 0; k < lr_n_codes; k++) {
        const char *z = lr_codes[k].short_name;
        size_t j = 0;
        while (j < v.n && z[j] && (v.p[j] | (z[j] >= 'A' ? 32 : 0)) ==
                                      (z[j] | (z[j] >= 'A' ? 32 : 0)))
            j++;
        if (j == v.n && !z[j])
            return (int)k;
    }
    return -1;
}

static bool known_abbrev(const char *z, size_t n, struct lr_code_hit *hit)
{
    static const char *const other[][2] = {
        {"CGPPP", "CG3P"}, {"CGPP", "CG3P"}, {"COMOFI", "CMF"}, {"CE", "CELEC"}};
    int code = -1;
    for (size_t k = 0; k < GRF_ARRAY_LEN(other); k++)
        if (strlen(other[k][0]) == n && !memcmp(other[k][0], z, n))
            code = lr_code_index(grf_sv_z(other[k][1]));
    if (code < 0) {
        code = lr_code_index(grf_sv(z, n));
        if (code < 0 || !(lr_codes[code].flags & GRF_CODE_ACRONYM))
            return false;
        hit->weak = lr_codes[code].flags & GRF_CODE_AMBIGUOUS;
    } else {
        hit->weak = n == 2;
    }
    hit->code = code;
    return true;
}

/* "CGCT", "C.G.C.T." in capitals. */
static bool acronym(const struct lr_text *t, size_t i, struct lr_code_hit *hit)
{
    char z[ABBREV_MAX];
    size_t n = 0;
    bool points = false;
    while (n < sizeof z && (lr_upper(t, i) || (n && lr_digit(t->f[i])))) {
        z[n++] = t->src.p[t->map[i++]];
        if (t->f[i] == '.' && lr_alnum(t->f[i + 1]) && lr_upper(t, i + 1)) {
            points = true;
            i++;
        }
    }
    if (n < 2 || lr_alnum(t->f[i]))
        return false;
    hit->end = i + (points && t->f[i] == '.');
    return known_abbrev(z, n, hit);
}

/* "C. env.", only of use right after an article. */
static bool pointed_abbrev(const struct lr_text *t, size_t i, struct lr_code_hit *hit)
{
    static const char *const words[][2] = {
        {"env", "CENV"}, {"urb", "CU"}, {"trav", "CT"}, {"civ", "CC"}, {"com", "CCOMM"},
        {"rur", "CRPM"}, {"elect", "CELEC"}, {"pen", "CP"}, {"educ", "CEDUC"},
        {"patr", "CPATR"}, {"expr", "CEXPR"}, {"exp", "CEXPR"}, {"for", "CFOR"}};
    if (t->f[i] != 'c' || t->f[i + 1] != '.')
        return false;
    i = lr_skip_blanks(t, i + 2);
    for (size_t k = 0; k < GRF_ARRAY_LEN(words); k++) {
        size_t n = lr_word(t, i, words[k][0]);
        if (n && t->f[i + n] == '.') {
            hit->code = lr_code_index(grf_sv_z(words[k][1]));
            hit->end = i + n + 1;
            hit->weak = true;
            return true;
        }
    }
    return false;
}

/* ---- all of them ---- */

/* The names of codes are kept without the word "code", other texts with all words. */
static bool is_whole(const char *pat)
{
    return !strncmp(pat, "livre ", 6) || !strncmp(pat, "constitution", 12);
}

static bool full_name(const struct lr_text *t, size_t i, bool whole, struct lr_code_hit *hit)
{
    hit->end = 0;
    for (size_t k = 0; k < lr_n_names; k++) {
        const char *pat = lr_names[k].pat;
        if (t->f[i] != (unsigned char)*pat || is_whole(pat) != whole)
            continue;
        size_t end = lr_match_name(t, i, pat);
        if (end > hit->end) {
            hit->end = end;
            hit->code = lr_names[k].code;
        }
    }
    return hit->end > 0;
}

bool lr_code_name(const struct lr_text *t, size_t i, int *budget, struct lr_code_hit *hit)
{
    static const char *const of[] = {"de", "du", "des", "d", "general", "la", "l", NULL};
    *hit = (struct lr_code_hit){.code = -1};
    size_t n = lr_word(t, i, "code");
    if (!n)
        n = lr_word(t, i, "codes");
    if (n) {
        size_t j = skip_glue(t, i + n);
        if (full_name(t, j, false, hit))
            return true;
        if (!lr_any_word(t, j, of))
            return false;
        if ((*budget)-- > 0 && fuzzy_name(t, j, hit))
            return true;
        *hit = (struct lr_code_hit){.code = -1, .end = i + n};
        return true;
    }
    if (is_whole((const char *)t->f + i) && full_name(t, i, true, hit)) {
        hit->weak = t->f[i] == 'c'; // "constitution" is a plain word too
        return true;
    }
    return acronym(t, i, hit) || pointed_abbrev(t, i, hit);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters of a page: cleaning, classes, folded keys. Latin script is enough:
   what is unknown counts as a letter without case. */
#include "layout_priv.h"

uint32_t lay_next_char(const char *p, size_t n, size_t *at)
{
    const unsigned char *s = (const unsigned char *)p;
    unsigned c = s[(*at)++];
    if (c < 0x80)
        return c;
    unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || n - *at < more)
        return 0xfffd;
    uint32_t u = c & (0x3fu >> more);
    for (; more; more--) {
        if ((s[*at] & 0xc0) != 0x80)
            return 0xfffd;
        u = u << 6 | (s[(*at)++] & 0x3f);
    }
    return u;
}

static size_t put_char(char *out, uint32_t u)
{
    if (u < 0x80) {
        out[0] = (char)u;
        return 1;
    }
    if (u < 0x800) {
        out[0] = (char)(0xc0 | u >> 6);
        out[1] = (char)(0x80 | (u & 0x3f));
        return 2;
    }
    if (u < 0x10000) {
        out[0] = (char)(0xe0 | u >> 12);
        out[1] = (char)(0x80 | (u >> 6 & 0x3f));
        out[2] = (char)(0x80 | (u & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | u >> 18);
    out[1] = (char)(0x80 | (u >> 12 & 0x3f));
    out[2] = (char)(0x80 | (u >> 6 & 0x3f));
    out[3] = (char)(0x80 | (u & 0x3f));
    return 4;
}

static const char *ligature(uint32_t u)
{
    static const char *const open[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
    return u >= 0xfb00 && u <= 0xfb06 ? open[u - 0xfb00] : NULL;
}

static bool shows_nothing(uint32_t u)
{
    return u < 0x20 || (u >= 0x7f && u < 0xa0) || u == 0xad || (u >= 0x200b && u <= 0x200f) ||
           (u >= 0x2028 && u <= 0x202e) || (u >= 0x2060 && u <= 0x206f) || u == 0xfeff ||
           u == 0xfffe || u == 0xffff || u == 0xf020;
}

static bool is_private(uint32_t u)
{
    return (u >= 0xe000 && u <= 0xf8ff) || u >= 0xf0000;
}

/* What a private-use character of the symbol fonts shows; they keep ASCII at U+F000. */
static uint32_t private_sign(uint32_t u)
{
    switch (u) {
    case 0xf02d: return '-';
    case 0xf0be: return 0x2014;
    case 0xf0e0: case 0xf0e8: case 0xf0f0: case 0xf0de: return 0x2192;
    default: return 0x2022;
    }
}

/* Some fonts say R with acute for the dash: it is one where no letter stands beside it. */
static bool is_false_dash(const char *text, size_t n, size_t from, size_t to)
{
    size_t before = from, after = to;
    while (before && ((unsigned char)text[--before] & 0xc0) == 0x80)
        ;
    return (from == 0 || !lay_is_letter(lay_next_char(text, n, &before))) &&
           (to >= n || !lay_is_letter(lay_next_char(text, n, &after)));
}

size_t lay_clean(const char *text, size_t n, char *out)
{
    size_t used = 0;
    bool bullet = false;
    for (size_t at = 0, from = 0; at < n; from = at) {
        uint32_t u = lay_next_char(text, n, &at);
        const char *lig = ligature(u);
        if (lig) {
            size_t k = strlen(lig);
            memcpy(out + used, lig, k);
            used += k;
        } else if (is_private(u)) {
            /* words of several such characters are text */
            if (u > 0xf020 && u < 0xf07f && n > 3)
                used += put_char(out + used, u - 0xf000);
            else if (!bullet)
                used += put_char(out + used, private_sign(u));
            bullet = true;
        } else if (u == 0xad && at == n && used) {
            used += put_char(out + used, '-'); /* shown, for it cuts the word */
        } else if (u == 0x154 && is_false_dash(text, n, from, at)) {
            used += put_char(out + used, 0x2013);
        } else if (!shows_nothing(u)) {
            used += put_char(out + used, u);
        }
    }
    return used;
}

bool lay_is_upper(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || c == 0x152 ||
           c == 0x178;
}

bool lay_is_lower(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7) || c == 0x153;
}

bool lay_is_letter(uint32_t c)
{
    return lay_is_upper(c) || lay_is_lower(c) || (c >= 0x100 && c < 0x2000) ||
           (c >= 0x3040 && c < 0xe000);
}

uint32_t lay_fold(uint32_t c)
{
    /* what U+00C0 to U+00FF are without their marks */
    static const char plain[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy";
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if (c >= 0xc0 && c <= 0xff)
        return (unsigned char)plain[c - 0xc0];
    return c == 0x152 || c == 0x153 ? 'o' : c;
}

static bool is_bullet(uint32_t c)
{
    switch (c) {
    case 0x2022: case 0x25aa: case 0x25ab: case 0x25a0: case 0x25cf: case 0x25cb:
    case 0x25e6: case 0x2023: case 0x27a2: case 0x2192: case 0x21d2: case 0x2713:
    case 0x2714: case 0x25b6: case 0x25ba: case 0x2666: case 0x2756: case 0xb7:
    case '-': case 0x2013: case 0x2014: case '*': case '>': case 0x2043: case 0x2010:
    case 0x2212: case 0x274f: case 0x2610: case 0x25a1: case 0x2751:
        return true;
    default:
        return false;
    }
}

bool lay_is_mark(const char *p, size_t n)
{
    size_t at = 0;
    if (!n)
        return false;
    uint32_t c = lay_next_char(p, n, &at);
    if (is_bullet(c)) {
        /* alone or glued to a word, but no negative number */
        return at == n || !(p[at] >= '0' && p[at] <= '9');
    }
    /* Word's hollow bullet is a letter o of another font */
    if (n == 1 && p[0] == 'o')
        return true;
    /* "a)", "1)", "1.", "12.", "IV.", "1.2" followed by a dot or bracket at the end */
    if (n > 5 || (p[n - 1] != ')' && p[n - 1] != '.'))
        return false;
    bool digits = p[0] >= '0' && p[0] <= '9';
    bool roman = p[0] == 'I' || p[0] == 'V' || p[0] == 'X';
    for (size_t i = 0; i + 1 < n; i++) {
        bool d = (p[i] >= '0' && p[i] <= '9') || p[i] == '.';
        bool r = p[i] == 'I' || p[i] == 'V' || p[i] == 'X';
        if (!(digits && d) && !(roman && r) && !(n == 2 && p[1] == ')'))
            return false;
    }
    return digits || roman || (n == 2 && p[1] == ')');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t lay_chunk_key(const struct lay_page *p, const struct lay_chunk *c, bool marks,
                     char *out, size_t room)
{
    size_t used = 0;
    bool apart = false;
    for (uint32_t w = c->first; w != LAY_NONE; w = p->words[w].next) {
        const struct lay_word *word = &p->words[w];
        for (size_t at = 0; at < word->len;) {
            uint32_t f = lay_fold(lay_next_char(word->text, word->len, &at));
            bool digit = f >= '0' && f <= '9';
            if (!digit && !(f >= 'a' && f <= 'z')) {
                apart = true;
                continue;
            }
            if (marks && digit && apart && used && used + 2 < room && is_digit(out[used - 1]))
                out[used++] = ' ';
            if (used + 1 < room)
                out[used++] = (char)f;
            apart = false;
        }
        apart = true;
    }
    out[used] = 0;
    return used;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of articles: canonical form, key for comparing, order within a code. */
#include "law_priv.h"

static bool blank_at(struct grf_sv v, size_t i, size_t *width)
{
    unsigned char c = (unsigned char)v.p[i];
    *width = 1;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return true;
    if (i + 1 < v.n && c == 0xC2 && (unsigned char)v.p[i + 1] == 0xA0) {
        *width = 2; // no-break space
        return true;
    }
    if (i + 2 < v.n && c == 0xE2 && (unsigned char)v.p[i + 1] == 0x80 &&
        ((unsigned char)v.p[i + 2] == 0xAF || (unsigned char)v.p[i + 2] == 0x89)) {
        *width = 3; // narrow ones
        return true;
    }
    return false;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool starts(const char *z, const char *with)
{
    for (; *with; z++, with++) {
        if (lower(*z) != *with)
            return false;
    }
    return true;
}

/* Blanks made single, stars left out. false when too long. */
static bool squeeze(struct grf_sv v, char out[GRF_LAW_NUM])
{
    size_t n = 0, width;
    for (size_t i = 0; i < v.n; i += width) {
        bool gap = blank_at(v, i, &width);
        if (v.p[i] == '*' || (gap && (n == 0 || out[n - 1] == ' ')))
            continue;
        if (n + width >= GRF_LAW_NUM)
            return false;
        if (gap) {
            out[n++] = ' ';
            continue;
        }
        memcpy(out + n, v.p + i, width);
        n += width;
    }
    while (n && (out[n - 1] == ' ' || out[n - 1] == '.'))
        n--;
    out[n] = 0;
    return true;
}

/* Length of the letters that stand before a number ("L", "LO"), with what parts them from
   it; 0 when none do. */
static size_t letters_before(const char *z)
{
    size_t n = 0, i;
    while (n < 3 && ((z[n] >= 'A' && z[n] <= 'Z') || z[n] == '.' ||
                     (z[n] && strchr("lrdao", z[n]))))
        n++;
    for (i = n; z[i] == '.' || z[i] == ' '; i++)
        ;
    return n && digit(z[i]) ? i : 0;
}

bool grf_law_number(struct grf_sv printed, char out[GRF_LAW_NUM])
{
    char z[GRF_LAW_NUM];
    if (!squeeze(printed, z))
        return false;
    char *p = z;
    if (starts(p, "article "))
        p += 8;
    else if (starts(p, "art. "))
        p += 5;
    size_t head = letters_before(p), n = 0;
    for (size_t i = 0; i < head; i++) {
        if (p[i] != '.' && p[i] != ' ')
            out[n++] = p[i] >= 'a' && p[i] <= 'z' ? (char)(p[i] - 32) : p[i];
    }
    for (p += head; *p; p++)
        out[n++] = *p;
    out[n] = 0;
    return n > 0;
}

void grf_law_number_key(const char *num, char out[GRF_LAW_NUM])
{
    size_t n = 0;
    for (; *num && n + 1 < GRF_LAW_NUM; num++) {
        if (*num != ' ')
            out[n++] = lower(*num);
    }
    out[n] = 0;
}

/* Rank of "bis", "ter" ... at z, and its length; 0 when it is none. */
static int ordinal(const char *z, size_t n)
{
    static const char *const names[] = {
        "bis",        "ter",        "quater",       "quinquies",  "sexies",
        "septies",    "octies",     "nonies",       "decies",     "undecies",
        "duodecies",  "terdecies",  "quaterdecies", "quindecies", "sexdecies",
        "septdecies", "octodecies", "novodecies",   "vicies",     "unvicies",
        "duovicies",  "tervicies",  "quatervicies", "quinvicies"};
    for (int i = 0; i < (int)GRF_ARRAY_LEN(names); i++) {
        if (strlen(names[i]) == n && starts(z, names[i]))
            return i + 2;
    }
    return 0;
}

static bool letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Each part begins with a byte that puts the end before ordinals, those before letters,
   those before further numbers; numbers have a fixed width. */
void grf_law_number_order(const char *num, struct grf_str *out)
{
    bool first = true;
    while (*num) {
        size_t n = 0;
        if (digit(*num)) {
            while (digit(num[n]))
                n++;
            size_t zeros = 0;
            while (zeros + 1 < n && num[zeros] == '0')
                zeros++;
            grf_str_addc(out, first ? '0' : '4');
            grf_str_addf(out, "%02zu", n - zeros);
            grf_str_add(out, num + zeros, n - zeros);
        } else if (letter(*num)) {
            while (letter(num[n]))
                n++;
            int rank = first ? 0 : ordinal(num, n);
            if (rank)
                grf_str_addf(out, "1%02d", rank);
            else
                grf_str_addc(out, '2');
            for (size_t i = 0; !rank && i < n; i++)
                grf_str_addc(out, lower(num[i]));
        } else {
            n = 1; // a dash or blank only separates
        }
        num += n;
        first = false;
    }
}

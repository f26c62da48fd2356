/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folding for the reference finder, and the small tests that its scanners share.
 * Unlike grf_text_fold it keeps line breaks and degree signs, makes all dashes one
 * (broken fonts print U+0154 for a dash) and remembers where each character came from.
 */
#include "legalref_priv.h"

#include "grf_mem.h"
#include "grf_text.h"

/* U+00C0 ... U+00FF without their accents; 0 for what needs two letters or is none. */
static const char latin1[] =
    "aaaaaa\0ceeeeiiiidnooooo\1ouuuuy\1\0aaaaaa\0ceeeeiiiidnooooo\1ouuuuyty";

static const char *pair(uint32_t c)
{
    switch (c) {
    case 0xC6: case 0xE6: return "ae";
    case 0xDF: return "ss";
    case 0x152: case 0x153: return "oe";
    case 0xFB00: return "ff";
    case 0xFB01: return "fi";
    case 0xFB02: return "fl";
    case 0xFB03: return "ffi";
    case 0xFB04: return "ffl";
    default: return NULL;
    }
}

static bool is_invisible(uint32_t c)
{
    return c == 0xAD || (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) ||
           c == 0x2060 || c == 0xFEFF;
}

static unsigned char fold_rare(uint32_t c)
{
    if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000)
        return ' ';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFF0D ||
        c == 0xF02D || c == 0x154)
        return '-';
    if (c == 0x2018 || c == 0x2019 || c == 0x2BC || c == 0x2032 || c == 0xB4 || c == 0x60)
        return '\'';
    if (c == 0xB0 || c == 0xBA || c == 0x2DA || c == 0x1D52 || c == 0x2070)
        return LR_DEGREE;
    if (c == 0xAB || c == 0xBB || (c >= 0x201C && c <= 0x201F))
        return '"';
    if (c == 0x2028 || c == 0x2029 || c == 0x85)
        return '\n';
    if (c == 0x2026)
        return '.';
    if (c == 0x1D49)
        return 'e';
    if (c == 0x2B3)
        return 'r';
    return LR_OTHER;
}

static unsigned char fold_ascii(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c + 32);
    if (c == '\f' || c == '\v')
        return '\n';
    if (c == '\t' || c == '\r')
        return ' ';
    if (c == '`')
        return '\'';
    return c < ' ' && c != '\n' ? LR_OTHER : c;
}

static void put(struct lr_text *t, unsigned char c, size_t at)
{
    t->f[t->n] = c;
    t->map[t->n++] = (uint32_t)at;
}

/* One character beyond ASCII, from byte `from`. */
static void put_wide(struct lr_text *t, uint32_t c, size_t from)
{
    const char *two = pair(c);
    if (two)
        for (; *two; two++)
            put(t, (unsigned char)*two, from);
    else if (c >= 0xC0 && c <= 0xFF)
        put(t, (unsigned char)latin1[c - 0xC0], from);
    else if (!is_invisible(c))
        put(t, fold_rare(c), from);
}

grf_status lr_fold(struct grf_sv src, struct lr_text *t, struct grf_err *err)
{
    *t = (struct lr_text){.src = src};
    // every character folds to at most as many bytes as it has
    t->f = grf_alloc(src.n + LR_PAD);
    t->map = grf_realloc_array(NULL, src.n + 1, sizeof *t->map);
    if (!t->f || !t->map) {
        lr_text_release(t);
        return grf_fail_nomem(err);
    }
    for (size_t i = 0; i < src.n;) {
        unsigned char b = (unsigned char)src.p[i];
        if (b < 0x80) {
            put(t, fold_ascii(b), i++);
        } else {
            size_t from = i;
            uint32_t c = grf_text_next(src, &i);
            put_wide(t, c, from);
        }
    }
    t->map[t->n] = (uint32_t)src.n;
    memset(t->f + t->n, 0, LR_PAD);
    return GRF_OK;
}

void lr_text_release(struct lr_text *t)
{
    grf_free(t->f);
    grf_free(t->map);
    *t = (struct lr_text){0};
}

bool lr_upper(const struct lr_text *t, size_t i)
{
    char c = i < t->n ? t->src.p[t->map[i]] : 0;
    return c >= 'A' && c <= 'Z';
}

size_t lr_skip_blanks(const struct lr_text *t, size_t i)
{
    while (lr_blank(t->f[i]))
        i++;
    return i;
}

size_t lr_word(const struct lr_text *t, size_t i, const char *word)
{
    size_t k = 0;
    for (; word[k]; k++)
        if (t->f[i + k] != (unsigned char)word[k])
            return 0;
    return lr_alpha(t->f[i + k]) ? 0 : k;
}

size_t lr_any_word(const struct lr_text *t, size_t i, const char *const *words)
{
    for (; *words; words++) {
        size_t k = **words == (char)t->f[i] ? lr_word(t, i, *words) : 0;
        if (k)
            return k;
    }
    return 0;
}

bool lr_word_start(const struct lr_text *t, size_t i)
{
    return lr_alnum(t->f[i]) && (i == 0 || !lr_alnum(t->f[i - 1]));
}

size_t lr_digits(const struct lr_text *t, size_t i)
{
    size_t k = 0;
    while (lr_digit(t->f[i + k]))
        k++;
    return k;
}

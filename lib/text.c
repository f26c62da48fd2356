/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Characters and words. The tokenizer reads every page at index time, so ASCII
 * and Latin letters go through two tables; utf8proc, which no other file may
 * include, is asked only about the rest.
 */
#include "text_priv.h"

#include <utf8proc.h>

enum glyph_kind {
    GLYPH_BREAK, /* separates words */
    GLYPH_LETTER,
    GLYPH_DIGIT,
    GLYPH_MARK, /* belongs to the letter before it, not indexed */
    GLYPH_SKIP  /* soft hyphen, zero width: invisible inside a word */
};

struct glyph {
    enum glyph_kind kind;
    uint32_t cp;
    const char *norm; /* folded form: borrowed from a table, or in room */
    size_t norm_len;
    char room[80];
};

#define FIRST_LATIN 0x80u
#define LAST_LATIN 0x17fu
#define LONE_R_ACUTE 0x154u /* see grf_words_next */

/* Folded form of ASCII: letters and digits, 0 for what separates words. */
static const char ascii_fold[129] =
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "0123456789\0\0\0\0\0\0"
    "\0abcdefghijklmnopqrstuvwxyz\0\0\0\0\0"
    "\0abcdefghijklmnopqrstuvwxyz\0\0\0\0";

/* Folded form of U+0080 to U+017F, "" for what separates words. The ordinal signs
   (a and o raised) are there too: in acts they stand for the degree sign. Barred
   letters lose their bar, which Unicode itself does not take for a mark. */
static const char latin_fold[LAST_LATIN - FIRST_LATIN + 1][3] = {
    "", "", "", "", "", "", "", "", // 080
    "", "", "", "", "", "", "", "", // 088
    "", "", "", "", "", "", "", "", // 090
    "", "", "", "", "", "", "", "", // 098
    "", "", "", "", "", "", "", "", // 0a0
    "", "", "", "", "", "", "", "", // 0a8
    "", "", "2", "3", "", "\xce\xbc", "", "", // 0b0
    "", "1", "", "", "", "", "", "", // 0b8
    "a", "a", "a", "a", "a", "a", "ae", "c", // 0c0
    "e", "e", "e", "e", "i", "i", "i", "i", // 0c8
    "\xc3\xb0", "n", "o", "o", "o", "o", "o", "", // 0d0
    "o", "u", "u", "u", "u", "y", "\xc3\xbe", "ss", // 0d8
    "a", "a", "a", "a", "a", "a", "ae", "c", // 0e0
    "e", "e", "e", "e", "i", "i", "i", "i", // 0e8
    "\xc3\xb0", "n", "o", "o", "o", "o", "o", "", // 0f0
    "o", "u", "u", "u", "u", "y", "\xc3\xbe", "y", // 0f8
    "a", "a", "a", "a", "a", "a", "c", "c", // 100
    "c", "c", "c", "c", "c", "c", "d", "d", // 108
    "d", "d", "e", "e", "e", "e", "e", "e", // 110
    "e", "e", "e", "e", "g", "g", "g", "g", // 118
    "g", "g", "g", "g", "h", "h", "h", "h", // 120
    "i", "i", "i", "i", "i", "i", "i", "i", // 128
    "i", "i", "ij", "ij", "j", "j", "k", "k", // 130
    "\xc4\xb8", "l", "l", "l", "l", "l", "l", "l", // 138
    "l", "l", "l", "n", "n", "n", "n", "n", // 140
    "n", "n", "\xc5\x8b", "\xc5\x8b", "o", "o", "o", "o", // 148
    "o", "o", "oe", "oe", "r", "r", "r", "r", // 150
    "r", "r", "s", "s", "s", "s", "s", "s", // 158
    "s", "s", "t", "t", "t", "t", "t", "t", // 160
    "u", "u", "u", "u", "u", "u", "u", "u", // 168
    "u", "u", "u", "u", "w", "w", "y", "y", // 170
    "y", "z", "z", "z", "z", "z", "z", "s", // 178
};

static bool is_digit_byte(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Bytes of the sequence that a lead byte announces, 0 for no lead byte, and the
   bounds of its second byte, which exclude overlong forms and surrogates. */
static size_t lead_length(unsigned char c, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (c >= 0xC2 && c <= 0xDF)
        return 2;
    if (c >= 0xE0 && c <= 0xEF) {
        if (c == 0xE0)
            *low = 0xA0;
        if (c == 0xED)
            *high = 0x9F;
        return 3;
    }
    if (c >= 0xF0 && c <= 0xF4) {
        if (c == 0xF0)
            *low = 0x90;
        if (c == 0xF4)
            *high = 0x8F;
        return 4;
    }
    return 0;
}

/* Decodes the character at p. Gives how many bytes it takes; for an invalid
   sequence *cp is U+FFFD and the length that of its well-formed beginning. */
static size_t decode(const char *p, size_t n, uint32_t *cp, bool *valid)
{
    const unsigned char *s = (const unsigned char *)p;
    unsigned char low, high;
    *valid = true;
    if (s[0] < 0x80) {
        *cp = s[0];
        return 1;
    }
    *valid = false;
    *cp = 0xFFFD;
    size_t len = lead_length(s[0], &low, &high);
    if (len == 0 || n < 2 || s[1] < low || s[1] > high)
        return 1;
    uint32_t value = s[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if (i >= n || !is_continuation(s[i]))
            return i;
        value = value << 6 | (s[i] & 0x3Fu);
    }
    *valid = true;
    *cp = value;
    return len;
}

uint32_t grf_text_next(struct grf_sv text, size_t *at)
{
    uint32_t cp;
    bool valid;
    if (*at >= text.n)
        return 0;
    *at += decode(text.p + *at, text.n - *at, &cp, &valid);
    return cp ? cp : 0xFFFD; // 0 is kept for the end
}

/* Length of the run of bytes 0x01 to 0x7F at p. */
static size_t ascii_run(const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t w;
        memcpy(&w, p + i, 8);
        // no high bit, and no byte that borrows when one is taken from it
        if ((w | (w - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < n && p[i] > 0)
        i++;
    return i;
}

size_t grf_text_valid(struct grf_sv text)
{
    size_t at = 0;
    while (at < text.n) {
        uint32_t cp;
        bool valid;
        at += ascii_run(text.p + at, text.n - at);
        if (at == text.n)
            break;
        size_t len = decode(text.p + at, text.n - at, &cp, &valid);
        if (!valid || cp == 0)
            return at;
        at += len;
    }
    return text.n;
}

static bool is_unwanted_control(uint32_t cp)
{
    return (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7F && cp < 0xA0);
}

void grf_text_clean(struct grf_str *out, struct grf_sv text)
{
    size_t at = 0, kept = 0; // what lies between kept and at is good as it is
    while (at < text.n) {
        uint32_t cp;
        bool valid;
        size_t len = decode(text.p + at, text.n - at, &cp, &valid);
        if (!valid || is_unwanted_control(cp)) {
            grf_str_add(out, text.p + kept, at - kept);
            if (!valid)
                grf_str_addz(out, "\xEF\xBF\xBD");
            kept = at + len;
        }
        at += len;
    }
    grf_str_add(out, text.p + kept, text.n - kept);
}

size_t grf_text_chars(struct grf_sv text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++)
        count += !is_continuation((unsigned char)text.p[i]);
    return count;
}

size_t grf_text_offset(struct grf_sv text, size_t nth_char)
{
    for (size_t i = 0; i < text.n; i++)
        if (!is_continuation((unsigned char)text.p[i]) && nth_char-- == 0)
            return i;
    return text.n;
}

/* ---- one character, as words see it ---- */

static bool is_apostrophe(uint32_t cp)
{
    return cp == '\'' || cp == '`' || cp == 0x2019 || cp == 0x2BC || cp == 0x2032;
}

static bool is_skipped(uint32_t cp)
{
    return cp == 0xAD || (cp >= 0x200B && cp <= 0x200F) || cp == 0x2060 || cp == 0xFEFF;
}

/* A letter or number beyond the tables: its compatibility decomposition, case-folded,
   without marks, and of that the letters and digits only. */
static void fold_rare(struct glyph *g)
{
    utf8proc_int32_t parts[32];
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(
        (utf8proc_int32_t)g->cp, parts, GRF_ARRAY_LEN(parts),
        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
            UTF8PROC_IGNORE,
        &boundary);
    if (n < 0 || n > (utf8proc_ssize_t)GRF_ARRAY_LEN(parts))
        n = 0;
    g->norm = g->room;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        utf8proc_category_t c = utf8proc_category(parts[i]);
        if (c > UTF8PROC_CATEGORY_LO && c != UTF8PROC_CATEGORY_ND)
            continue;
        if (g->norm_len + 4 > sizeof g->room)
            break;
        uint32_t cp = (uint32_t)parts[i];
        if (cp >= FIRST_LATIN && cp <= LAST_LATIN) { // AE with an accent: "ae"
            const char *z = latin_fold[cp - FIRST_LATIN];
            size_t len = strnlen(z, sizeof latin_fold[0]);
            memcpy(g->room + g->norm_len, z, len);
            g->norm_len += len;
            continue;
        }
        g->norm_len += (size_t)utf8proc_encode_char(
            parts[i], (utf8proc_uint8_t *)g->room + g->norm_len);
    }
}

static void classify_rare(struct glyph *g)
{
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)g->cp);
    switch (c) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL: // Roman numerals in one character
        g->kind = GLYPH_LETTER;
        fold_rare(g);
        break;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NO:
        fold_rare(g);
        // a raised or lowered digit is one; a fraction or a ringed number is not
        g->kind = c == UTF8PROC_CATEGORY_ND || (g->norm_len == 1 && g->cp < 0x2100)
                      ? GLYPH_DIGIT
                      : GLYPH_BREAK;
        break;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        g->kind = GLYPH_MARK;
        break;
    default:
        break;
    }
    if (g->norm_len == 0 && (g->kind == GLYPH_LETTER || g->kind == GLYPH_DIGIT))
        g->kind = GLYPH_MARK; // default ignorable letters (Hangul fillers)
}

/* Sets *g from the character at text[at] and gives its length in bytes. */
static size_t read_glyph(struct grf_sv text, size_t at, struct glyph *g)
{
    bool valid;
    size_t len = decode(text.p + at, text.n - at, &g->cp, &valid);
    g->kind = GLYPH_BREAK;
    g->norm = "";
    g->norm_len = 0;
    if (g->cp < FIRST_LATIN) {
        g->norm = &ascii_fold[g->cp];
        g->norm_len = *g->norm != 0;
    } else if (is_skipped(g->cp)) {
        g->kind = GLYPH_SKIP;
        return len;
    } else if (g->cp <= LAST_LATIN) {
        g->norm = latin_fold[g->cp - FIRST_LATIN];
        g->norm_len = strnlen(g->norm, sizeof latin_fold[0]);
    } else {
        // general punctuation and private use are frequent, and clear
        bool punctuation = g->cp >= 0x2010 && g->cp <= 0x206F;
        bool private_use = g->cp >= 0xE000 && g->cp <= 0xF8FF;
        if (!punctuation && !private_use && !is_apostrophe(g->cp))
            classify_rare(g);
        return len;
    }
    if (g->norm_len)
        g->kind = is_digit_byte(*g->norm) ? GLYPH_DIGIT : GLYPH_LETTER;
    return len;
}

static bool is_blank_cp(uint32_t cp)
{
    return cp == 0xA0 || cp == 0x202F || (cp >= 0x2000 && cp <= 0x200A);
}

void grf_text_fold(struct grf_str *out, struct grf_sv text)
{
    struct glyph g;
    for (size_t at = 0; at < text.n;) {
        size_t len = read_glyph(text, at, &g);
        if (g.kind == GLYPH_LETTER || g.kind == GLYPH_DIGIT)
            grf_str_add(out, g.norm, g.norm_len);
        else if (is_apostrophe(g.cp) && g.cp != '`')
            grf_str_addc(out, '\'');
        else if (is_blank_cp(g.cp))
            grf_str_addc(out, ' ');
        else if (g.kind == GLYPH_BREAK)
            grf_str_add(out, text.p + at, len);
        at += len;
    }
}

/* ---- words ---- */

void grf_words_init(struct grf_words *it, struct grf_sv text)
{
    it->text = text;
    it->at = 0;
}

static void append(struct grf_word *w, const char *p, size_t n)
{
    // a long word stays cut: what follows a letter that did not fit is not taken
    if (w->norm_len + n > GRF_WORD_MAX)
        return;
    memcpy(w->norm + w->norm_len, p, n);
    w->norm_len += n;
}

/* At a soft hyphen: a line break after it is as invisible as the hyphen. */
static size_t after_skipped(struct grf_sv text, size_t at, uint32_t cp)
{
    return cp == 0xAD && at < text.n && text.p[at] == '\n' ? at + 1 : at;
}

/* Takes letters (or digits, as kind says) from it->at on into w. */
static void take_run(struct grf_words *it, struct grf_word *w, enum glyph_kind kind)
{
    const char *p = it->text.p;
    size_t n = it->text.n, at = it->at;
    bool digits = kind == GLYPH_DIGIT;
    while (at < n) {
        unsigned char c = (unsigned char)p[at];
        if (c < 0x80) {
            char f = ascii_fold[c];
            if (f == 0 || is_digit_byte(f) != digits)
                break;
            if (w->norm_len < GRF_WORD_MAX)
                w->norm[w->norm_len++] = f;
            w->end = ++at;
            continue;
        }
        struct glyph g;
        size_t len = read_glyph(it->text, at, &g);
        if (g.kind == kind) {
            append(w, g.norm, g.norm_len);
            w->end = at + len;
        } else if (g.kind == GLYPH_MARK) {
            w->end = at + len;
        } else if (g.kind == GLYPH_SKIP) {
            at = after_skipped(it->text, at + len, g.cp);
            continue;
        } else {
            break;
        }
        at += len;
    }
    it->at = at;
}

/* Moves to the next letter or digit; false at the end. */
static bool find_start(struct grf_words *it, enum glyph_kind *kind)
{
    const char *p = it->text.p;
    size_t n = it->text.n, at = it->at;
    while (at < n) {
        unsigned char c = (unsigned char)p[at];
        if (c < 0x80) {
            char f = ascii_fold[c];
            if (f) {
                *kind = is_digit_byte(f) ? GLYPH_DIGIT : GLYPH_LETTER;
                break;
            }
            at++;
            continue;
        }
        struct glyph g;
        size_t len = read_glyph(it->text, at, &g);
        if (g.kind == GLYPH_LETTER || g.kind == GLYPH_DIGIT) {
            *kind = g.kind;
            break;
        }
        at += len;
    }
    it->at = at;
    return at < n;
}

static bool norm_is(const struct grf_word *w, const char *z)
{
    return w->norm_len == strlen(z) && memcmp(w->norm, z, w->norm_len) == 0;
}

/* Bytes of the apostrophe at it->at, 0 when there is none. */
static size_t apostrophe_at(const struct grf_words *it)
{
    if (it->at >= it->text.n)
        return 0;
    unsigned char c = (unsigned char)it->text.p[it->at];
    if (c == '\'' || c == '`')
        return 1;
    uint32_t cp;
    bool valid;
    if (c < 0x80)
        return 0;
    size_t len = decode(it->text.p + it->at, it->text.n - it->at, &cp, &valid);
    return is_apostrophe(cp) ? len : 0;
}

static bool is_elided(const struct grf_word *w)
{
    static const char *const longer[] = {"qu",     "jusqu",  "lorsqu", "puisqu",
                                         "quoiqu", "presqu", "quelqu"};
    if (w->norm_len == 1)
        return strchr("ldjmnstc", w->norm[0]) != NULL;
    for (size_t i = 0; i < GRF_ARRAY_LEN(longer); i++)
        if (norm_is(w, longer[i]))
            return true;
    return false;
}

/* The one word with an apostrophe inside. */
static void join_aujourdhui(struct grf_words *it, struct grf_word *w, size_t apostrophe)
{
    size_t next = it->at + apostrophe;
    if (next + 3 > it->text.n || !norm_is(w, "aujourd"))
        return;
    const char *p = it->text.p + next;
    if ((p[0] | 0x20) == 'h' && (p[1] | 0x20) == 'u' && (p[2] | 0x20) == 'i') {
        it->at = next;
        take_run(it, w, GLYPH_LETTER);
    }
}

/* Some PDF fonts map the en dash to R with acute, which no French word begins
   with: alone, it is that dash. */
static bool is_broken_dash(const struct grf_words *it, const struct grf_word *w)
{
    uint32_t cp;
    bool valid;
    if (w->norm_len != 1 || w->norm[0] != 'r' || w->end - w->start != 2)
        return false;
    decode(it->text.p + w->start, 2, &cp, &valid);
    return cp == LONE_R_ACUTE;
}

/* Whether the character at a place is a capital, which the folded form has lost. */
static bool is_capital(struct grf_sv text, size_t at)
{
    uint32_t cp = grf_text_next(text, &at);
    return cp < FIRST_LATIN ? cp >= 'A' && cp <= 'Z'
                            : utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_LU;
}

/* Bytes of the hyphen at it->at, the line break after it and the blanks around, when a
   small letter begins the next line; 0 otherwise. */
static size_t line_end_hyphen(const struct grf_words *it)
{
    const char *p = it->text.p;
    size_t n = it->text.n, at = it->at;
    if (at < n && p[at] == '-')
        at++;
    else if (n - at > 3 && memcmp(p + at, "\xe2\x80\x90", 3) == 0)
        at += 3;
    else
        return 0;
    while (at < n && (p[at] == ' ' || p[at] == '\r'))
        at++;
    if (at >= n || p[at++] != '\n')
        return 0;
    while (at < n && p[at] == ' ')
        at++;
    if (at >= n || p[at] == '\n' || is_capital(it->text, at))
        return 0;
    return at - it->at;
}

/* Goes on over a line's end where the word does. */
static void join_cut_word(struct grf_words *it, struct grf_word *w)
{
    size_t skip = line_end_hyphen(it), last = w->end - 1;
    if (!skip)
        return;
    while (last > w->start && is_continuation((unsigned char)it->text.p[last]))
        last--;
    if (last > w->start && is_capital(it->text, last))
        return;
    struct grf_words look = {it->text, it->at + skip};
    struct grf_word right = {.start = look.at};
    take_run(&look, &right, GLYPH_LETTER);
    w->norm[w->norm_len] = right.norm[right.norm_len] = 0;
    bool chained = look.at < it->text.n && it->text.p[look.at] == '-';
    if (!right.norm_len || !text_is_cut_word(w, &right, is_capital(it->text, w->start), chained))
        return;
    append(w, right.norm, right.norm_len);
    w->end = right.end;
    it->at = look.at;
}

bool grf_words_next(struct grf_words *it, struct grf_word *w)
{
    enum glyph_kind kind;
    while (find_start(it, &kind)) {
        w->start = w->end = it->at;
        w->norm_len = 0;
        take_run(it, w, kind);
        w->has_digit = kind == GLYPH_DIGIT;
        size_t apostrophe = w->has_digit ? 0 : apostrophe_at(it);
        if (apostrophe) {
            if (is_elided(w))
                continue;
            join_aujourdhui(it, w, apostrophe);
        } else if (!w->has_digit) {
            join_cut_word(it, w);
        }
        if (w->norm_len == 0 || is_broken_dash(it, w))
            continue;
        w->norm[w->norm_len] = 0;
        return true;
    }
    return false;
}

size_t grf_words_count(struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    size_t n = 0;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w))
        n++;
    return n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * French dates. The text is read as words (grf_text.h), so that case, accents and
 * raised "er" do not matter; a small grammar over them, with a look at what stands
 * between two words, tells "5.4.2014" from an amount and "le dix neuf juin" from
 * a number. Every place is tried; none is remembered.
 */
#include "grf_date.h"

#include <stdio.h>

#include "grf_text.h"

#define FIRST_YEAR 1789
#define LAST_YEAR 2199

/* ---- calendar ---- */

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool is_year(int year)
{
    return year >= FIRST_YEAR && year <= LAST_YEAR;
}

static bool is_day(int year, int month, int day)
{
    return is_year(year) && month >= 1 && month <= 12 && day >= 1 &&
           day <= month_days(year, month);
}

/* ---- words of dates ---- */

enum tok_kind {
    TOK_END,
    TOK_OTHER,
    TOK_DIGITS, /* value; digits is how many */
    TOK_UNIT,   /* un ... neuf */
    TOK_TEEN,   /* dix ... seize */
    TOK_TENS,   /* vingt ... soixante */
    TOK_CENT,
    TOK_MILLE,
    TOK_FIRST,   /* premier */
    TOK_ORDINAL, /* er, e */
    TOK_MONTH,   /* value 1 ... 12 */
    TOK_SHORT,   /* the same, abbreviated */
    TOK_WEEKDAY,
    TOK_MOIS,
    TOK_GLUE, /* le, et, du, de, jour: between a year and its day */
    TOK_ET,
    TOK_EN /* en, an, annee: before a year */
};

struct vocab {
    const char *norm;
    enum tok_kind kind;
    int value;
};

/* Sorted by norm. */
static const struct vocab vocab[] = {
    {"an", TOK_EN, 0},
    {"annee", TOK_EN, 0},
    {"aout", TOK_MONTH, 8},
    {"avr", TOK_SHORT, 4},
    {"avril", TOK_MONTH, 4},
    {"cent", TOK_CENT, 100},
    {"cents", TOK_CENT, 100},
    {"cinq", TOK_UNIT, 5},
    {"cinquante", TOK_TENS, 50},
    {"de", TOK_GLUE, 0},
    {"dec", TOK_SHORT, 12},
    {"decembre", TOK_MONTH, 12},
    {"deux", TOK_UNIT, 2},
    {"dimanche", TOK_WEEKDAY, 0},
    {"dix", TOK_TEEN, 10},
    {"douze", TOK_TEEN, 12},
    {"du", TOK_GLUE, 0},
    {"e", TOK_ORDINAL, 0},
    {"en", TOK_EN, 0},
    {"er", TOK_ORDINAL, 0},
    {"et", TOK_ET, 0},
    {"exercice", TOK_EN, 0},
    {"fev", TOK_SHORT, 2},
    {"fevr", TOK_SHORT, 2},
    {"fevrier", TOK_MONTH, 2},
    {"huit", TOK_UNIT, 8},
    {"ier", TOK_FIRST, 1}, /* 1er misread */
    {"janv", TOK_SHORT, 1},
    {"janvier", TOK_MONTH, 1},
    {"jeudi", TOK_WEEKDAY, 0},
    {"jour", TOK_GLUE, 0},
    {"juil", TOK_SHORT, 7},
    {"juillet", TOK_MONTH, 7},
    {"juin", TOK_MONTH, 6},
    {"le", TOK_GLUE, 0},
    {"ler", TOK_FIRST, 1}, /* 1er misread */
    {"lundi", TOK_WEEKDAY, 0},
    {"mai", TOK_MONTH, 5},
    {"mardi", TOK_WEEKDAY, 0},
    {"mars", TOK_MONTH, 3},
    {"mercredi", TOK_WEEKDAY, 0},
    {"mil", TOK_MILLE, 1000},
    {"mille", TOK_MILLE, 1000},
    {"mois", TOK_MOIS, 0},
    {"neuf", TOK_UNIT, 9},
    {"nov", TOK_SHORT, 11},
    {"novembre", TOK_MONTH, 11},
    {"oct", TOK_SHORT, 10},
    {"octobre", TOK_MONTH, 10},
    {"onze", TOK_TEEN, 11},
    {"premier", TOK_FIRST, 1},
    {"quarante", TOK_TENS, 40},
    {"quatorze", TOK_TEEN, 14},
    {"quatre", TOK_UNIT, 4},
    {"quinze", TOK_TEEN, 15},
    {"samedi", TOK_WEEKDAY, 0},
    {"seize", TOK_TEEN, 16},
    {"sept", TOK_UNIT, 7}, /* and september, see month_at */
    {"septembre", TOK_MONTH, 9},
    {"six", TOK_UNIT, 6},
    {"soixante", TOK_TENS, 60},
    {"treize", TOK_TEEN, 13},
    {"trente", TOK_TENS, 30},
    {"trois", TOK_UNIT, 3},
    {"un", TOK_UNIT, 1},
    {"vendredi", TOK_WEEKDAY, 0},
    {"vingt", TOK_TENS, 20},
    {"vingts", TOK_TENS, 20},
};

#define LONGEST_WORD 9

static const struct vocab *find_word(const char *norm, size_t n)
{
    size_t low = 0, high = GRF_ARRAY_LEN(vocab);
    if (n > LONGEST_WORD)
        return NULL;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(norm, vocab[mid].norm);
        if (order == 0)
            return &vocab[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

struct tok {
    enum tok_kind kind;
    int value;
    size_t digits;
    size_t start, end;
};

/* Where the grammar stands: tok is the word to be looked at, prev_end the end of the
   one before. Copied freely to try something. */
struct cursor {
    struct grf_words words;
    struct tok tok;
    size_t prev_end;
};

static int digits_value(const struct grf_word *w)
{
    int value = 0;
    for (size_t i = 0; i < w->norm_len; i++)
        value = value * 10 + (w->norm[i] - '0');
    return value;
}

static void read_tok(struct grf_words *words, struct tok *tok)
{
    struct grf_word w;
    memset(tok, 0, sizeof *tok);
    if (!grf_words_next(words, &w)) {
        tok->start = tok->end = words->text.n;
        return;
    }
    tok->kind = TOK_OTHER;
    tok->start = w.start;
    tok->end = w.end;
    if (w.has_digit) {
        if (w.norm_len > 8 || strspn(w.norm, "0123456789") != w.norm_len)
            return; // too long for a date, or digits of another script
        tok->kind = TOK_DIGITS;
        tok->digits = w.norm_len;
        tok->value = digits_value(&w);
        return;
    }
    const struct vocab *v = find_word(w.norm, w.norm_len);
    if (v) {
        tok->kind = v->kind;
        tok->value = v->value;
    }
}

static void advance(struct cursor *c)
{
    c->prev_end = c->tok.end;
    read_tok(&c->words, &c->tok);
}

/* ---- what stands between two words ---- */

#define GAP_MOST 48 /* bytes; blanks of a justified or centred line */

/* Are the bytes between from and to blanks, line breaks and characters of set only?
   set has ASCII only; '-' in it stands for every dash, '1' for what is read for the
   raised "er" of 1er. */
static bool gap_only(struct grf_sv t, size_t from, size_t to, const char *set)
{
    if (to < from || to - from > GAP_MOST)
        return false;
    struct grf_sv before = grf_sv(t.p, to);
    while (from < to) {
        uint32_t c = grf_text_next(before, &from);
        bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0xA0 ||
                     c == 0x202F || (c >= 0x2000 && c <= 0x200B) || c == 0xAD;
        bool dash = (c >= 0x2010 && c <= 0x2015) || c == 0x154; // see grf_text.h
        bool raised = c == 0xB0 || c == 0xBA || c == 0x2019;
        if (!blank && !(dash && strchr(set, '-')) && !(raised && strchr(set, '1')) &&
            !(c < 0x80 && strchr(set, (int)c)))
            return false;
    }
    return true;
}

static bool gap(const struct cursor *c, const char *set)
{
    return gap_only(c->words.text, c->prev_end, c->tok.start, set);
}

/* The one separator of a numeric date before the current word, with at most one blank
   on either side; 0 when there is anything else. */
static char numeric_gap(const struct cursor *c)
{
    const char *p = c->words.text.p + c->prev_end;
    size_t n = c->tok.start - c->prev_end;
    char sep = 0;
    if (n == 0 || n > 3)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == ' ')
            continue;
        if (sep || !strchr("/.-", p[i]))
            return 0;
        sep = p[i];
    }
    return sep;
}

/* Is the number that starts at i the sequel of another one ("12/05", "n° 5"), is it
   glued to a letter ("L5"), or does a number sign name it? */
static bool is_attached_before(struct grf_sv t, size_t i)
{
    if (i == 0)
        return false;
    unsigned char c = (unsigned char)t.p[i - 1];
    if (i >= 2 && strchr("/.-,", c) && c)
        return t.p[i - 2] >= '0' && t.p[i - 2] <= '9';
    while (i > 0 && (t.p[i - 1] == ' ' || t.p[i - 1] == '\n'))
        i--;
    if (i >= 2 && memcmp(t.p + i - 2, "\xC2\xB0", 2) == 0) // °
        return true;
    return i >= 2 && memcmp(t.p + i - 2, "\xC2\xBA", 2) == 0; // º
}

static bool is_attached_after(struct grf_sv t, size_t i)
{
    return i + 1 < t.n && t.p[i] && strchr("/.-", t.p[i]) && t.p[i + 1] >= '0' &&
           t.p[i + 1] <= '9';
}

static bool is_letter_byte(unsigned char c)
{
    return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The word before i, with only blanks or a line break between; false when there is
   none, or it is a long one. */
static bool word_before(struct grf_sv t, size_t i, struct grf_word *w)
{
    struct grf_words it;
    size_t from;
    while (i > 0 && (t.p[i - 1] == ' ' || t.p[i - 1] == '\n'))
        i--;
    for (from = i; from > 0 && i - from < 16; from--)
        if (!is_letter_byte((unsigned char)t.p[from - 1]))
            break;
    bool found = false;
    grf_words_init(&it, grf_sv(t.p + from, i - from));
    while (i - from < 16 && grf_words_next(&it, w))
        found = w->end == i - from;
    return found;
}

/* Is the word before i one of list, which are between blanks? */
static bool is_after(struct grf_sv t, size_t i, const char *list)
{
    struct grf_word w;
    if (!word_before(t, i, &w))
        return false;
    for (const char *at = list; (at = strchr(at, ' ')) != NULL;) {
        at++;
        if (strncmp(at, w.norm, w.norm_len) == 0 && at[w.norm_len] == ' ')
            return true;
    }
    return false;
}

/* ---- numbers in words ---- */

/* unit or teen: 1 to 19; "dix sept" is two words. */
static bool below_twenty(struct cursor *c, int *value)
{
    if (c->tok.kind == TOK_UNIT) {
        *value = c->tok.value;
        advance(c);
        return true;
    }
    if (c->tok.kind != TOK_TEEN)
        return false;
    *value = c->tok.value;
    advance(c);
    if (*value == 10 && c->tok.kind == TOK_UNIT && c->tok.value >= 7 && gap(c, "-")) {
        *value += c->tok.value;
        advance(c);
    }
    return true;
}

/* 1 to 99: "vingt et un", "soixante-dix-neuf", "quatre-vingt-dix". */
static bool below_hundred(struct cursor *c, int *value)
{
    bool four = c->tok.kind == TOK_UNIT && c->tok.value == 4;
    if (four) {
        struct cursor look = *c;
        advance(&look);
        four = look.tok.kind == TOK_TENS && look.tok.value == 20 && gap(&look, "-");
        if (four)
            *c = look;
    }
    if (c->tok.kind != TOK_TENS)
        return below_twenty(c, value);
    *value = four ? 80 : c->tok.value;
    bool to_nineteen = *value == 60 || *value == 80;
    advance(c);
    struct cursor look = *c;
    int rest;
    if (look.tok.kind == TOK_ET && gap(&look, "-"))
        advance(&look);
    if (gap(&look, "-") && below_twenty(&look, &rest) && (rest < 10 || to_nineteen)) {
        *value += rest;
        *c = look;
    }
    return true;
}

/* "deux mil dix sept", "mil neuf cent quatre-vingt-dix-neuf": 1000 to 2999. */
static bool year_words(struct cursor *c, int *year)
{
    struct cursor at = *c, look;
    int value, rest;
    *year = 0;
    if (at.tok.kind == TOK_UNIT && at.tok.value == 2) {
        advance(&at);
        *year = 1000;
        if (!gap(&at, "-"))
            return false;
    }
    if (at.tok.kind != TOK_MILLE)
        return false;
    *year += 1000;
    advance(&at);
    look = at;
    if (look.tok.kind == TOK_CENT && gap(&look, "-")) {
        *year += 100;
        advance(&look);
        at = look;
    } else if (look.tok.kind == TOK_UNIT && gap(&look, "-")) {
        value = look.tok.value;
        advance(&look);
        if (look.tok.kind == TOK_CENT && gap(&look, "-")) {
            *year += value * 100;
            advance(&look);
            at = look;
        }
    }
    look = at;
    if (look.tok.kind == TOK_ET && gap(&look, "-"))
        advance(&look);
    if (gap(&look, "-") && below_hundred(&look, &rest)) {
        *year += rest;
        at = look;
    }
    *c = at;
    return true;
}

/* ---- parts of a date ---- */

/* A year in figures; reading errors may have put a blank inside ("20 14"). */
static bool year_digits(struct cursor *c, int *year)
{
    struct cursor at = *c;
    int value = 0;
    size_t digits = 0;
    while (at.tok.kind == TOK_DIGITS && digits < 4) {
        if (digits > 0 && (at.tok.start != at.prev_end + 1 ||
                           at.words.text.p[at.prev_end] != ' '))
            break;
        for (size_t i = 0; i < at.tok.digits; i++)
            value = value < 100000 ? value * 10 : value;
        value += at.tok.value;
        digits += at.tok.digits;
        advance(&at);
    }
    if (digits != 4 || !is_year(value))
        return false;
    *year = value;
    *c = at;
    return true;
}

static bool any_year(struct cursor *c, int *year)
{
    return year_digits(c, year) || (year_words(c, year) && is_year(*year));
}

/* "1", "1er", "1 er", "1*'" (misread), "premier", "dix neuf", "vingt et un". */
static bool day_number(struct cursor *c, int *day)
{
    struct cursor at = *c;
    if (at.tok.kind == TOK_FIRST) {
        *day = 1;
        advance(&at);
    } else if (at.tok.kind == TOK_DIGITS) {
        if (at.tok.digits > 2 || is_attached_before(at.words.text, at.tok.start))
            return false;
        *day = at.tok.value;
        advance(&at);
        if (at.tok.kind == TOK_ORDINAL && gap(&at, ""))
            advance(&at);
    } else if (!below_hundred(&at, day)) {
        return false;
    }
    if (*day < 1 || *day > 31)
        return false;
    *c = at;
    return true;
}

/* Could the end of a be the beginning of a month that goes on in b ("déc embre")? */
static int split_month(struct cursor *c)
{
    struct grf_words look = c->words;
    struct grf_word a, b;
    char whole[LONGEST_WORD + 1];
    look.at = c->tok.start;
    if (!grf_words_next(&look, &a) || !grf_words_next(&look, &b) || a.has_digit ||
        b.has_digit || b.start != a.end + 1 || look.text.p[a.end] != ' ' ||
        a.norm_len + b.norm_len > LONGEST_WORD)
        return 0;
    memcpy(whole, a.norm, a.norm_len);
    memcpy(whole + a.norm_len, b.norm, b.norm_len + 1);
    const struct vocab *v = find_word(whole, a.norm_len + b.norm_len);
    return v && v->kind == TOK_MONTH ? v->value : 0;
}

/* A month's name; *cut tells that it was an abbreviation. */
static bool month_name(struct cursor *c, int *month, bool *cut)
{
    int split = c->tok.kind == TOK_MONTH ? 0 : split_month(c);
    *cut = false;
    if (split) {
        *month = split;
        advance(c);
    } else if (c->tok.kind == TOK_MONTH || c->tok.kind == TOK_SHORT) {
        *cut = c->tok.kind == TOK_SHORT;
        *month = c->tok.value;
    } else if (c->tok.kind == TOK_UNIT && c->tok.value == 7) { // sept. 2019
        *cut = true;
        *month = 9;
    } else {
        return false;
    }
    advance(c);
    return true;
}

/* "19 juin", "1er avril", "dix neuf du mois de juin". */
static bool day_month(struct cursor *c, int *day, int *month, bool *cut)
{
    struct cursor at = *c;
    if (!day_number(&at, day))
        return false;
    struct cursor look = at;
    if (look.tok.kind == TOK_GLUE && gap(&look, "")) { // du
        advance(&look);
        if (look.tok.kind == TOK_MOIS) {
            advance(&look);
            if (look.tok.kind == TOK_GLUE) // de
                advance(&look);
            if (!month_name(&look, month, cut))
                return false;
            *c = look;
            return true;
        }
    }
    // 1er misread: 1*', 1%, 1°
    if (!gap(&at, *day == 1 ? "-*'\"%`1" : "-"))
        return false;
    if (!month_name(&at, month, cut))
        return false;
    *c = at;
    return true;
}

/* ---- whole dates ---- */

static void set(struct grf_date_span *out, int year, int month, int day)
{
    out->date.year = year;
    out->date.month = month;
    out->date.day = day;
}

/* [weekday] day month year */
static bool spelled(struct cursor *c, struct grf_date_span *out)
{
    struct cursor at = *c;
    int day, month, year;
    bool cut;
    if (at.tok.kind == TOK_WEEKDAY) {
        advance(&at);
        if (!gap(&at, ","))
            return false;
    }
    if (!day_month(&at, &day, &month, &cut) || !gap(&at, cut ? ".-" : "-") ||
        !any_year(&at, &year) || !is_day(year, month, day))
        return false;
    set(out, year, month, day);
    out->end = at.prev_end;
    *c = at;
    return true;
}

/* "deux mil dix sept, le dix neuf juin": a year, then its day. */
static bool year_first(struct cursor *c, bool after_an, struct grf_date_span *out)
{
    struct cursor at = *c;
    struct grf_date_span own;
    int day, month, year;
    bool cut;
    bool said = year_words(&at, &year) && is_year(year);
    if (!said && !(after_an && year_digits(&at, &year)))
        return false;
    for (int i = 0; i < 5; i++) {
        enum tok_kind k = at.tok.kind;
        if (!gap(&at, i == 0 ? ",-" : ","))
            return false;
        if (k != TOK_GLUE && k != TOK_ET && k != TOK_WEEKDAY)
            break;
        advance(&at);
    }
    struct cursor again = at;
    if (!day_month(&at, &day, &month, &cut) || !is_day(year, month, day))
        return false;
    set(out, year, month, day);
    out->end = at.prev_end;
    if (spelled(&again, &own)) { // "..., le 19 juin 2017": the year was said twice
        if (own.date.year != year)
            return false;
        out->end = own.end;
        at = again;
    }
    *c = at;
    return true;
}

/* Some towns number their acts "2020-03-01": only after a word of time, after a colon,
   or alone in the text (an option) is that a date. */
static bool is_iso_place(struct grf_sv t, size_t start, size_t end)
{
    if (is_after(t, start, " le du au date depuis apres avant entre jusque "))
        return true;
    while (start > 0 && t.p[start - 1] == ' ')
        start--;
    if (start > 0)
        return t.p[start - 1] == ':';
    return gap_only(t, end, t.n, "");
}

/* The three numbers as year-month-day, day-month-year or day-month-(19|20)year. */
static bool numeric_order(struct grf_sv t, const struct tok part[3], char sep,
                          struct grf_date_span *out)
{
    size_t n0 = part[0].digits, n1 = part[1].digits, n2 = part[2].digits;
    size_t start = part[0].start;
    out->end = part[2].end;
    set(out, part[2].value, part[1].value, part[0].value);
    if (n0 == 4) {
        set(out, part[0].value, part[1].value, part[2].value);
        return sep == '-' && n1 == 2 && n2 == 2 && is_iso_place(t, start, out->end);
    }
    if (n2 == 4)
        return n0 <= 2 && n1 <= 2;
    out->date.year += part[2].value < 50 ? 2000 : 1900;
    return n0 == 2 && n1 == 2 && n2 == 2 && sep != '-' &&
           is_after(t, start, " le du au ");
}

/* "05/04/2014", "5.4.2014", "5-4-2014", "le 13.09.24", "le 2014-04-05" */
static bool numeric(struct cursor *c, struct grf_date_span *out)
{
    struct cursor at = *c;
    struct grf_sv t = at.words.text;
    struct tok part[3];
    char sep = 0;
    if (is_attached_before(t, at.tok.start))
        return false;
    for (int i = 0; i < 3; i++) {
        if (at.tok.kind != TOK_DIGITS || at.tok.digits > 4)
            return false;
        if (i == 1)
            sep = numeric_gap(&at);
        if (i > 0 && (!sep || numeric_gap(&at) != sep))
            return false;
        part[i] = at.tok;
        advance(&at);
    }
    size_t end = part[2].end;
    bool glued = end < t.n && is_letter_byte((unsigned char)t.p[end]);
    if (is_attached_after(t, end) || (glued && part[2].digits < 4) ||
        !numeric_order(t, part, sep, out) ||
        !is_day(out->date.year, out->date.month, out->date.day))
        return false;
    *c = at;
    return true;
}

/* "mars 2025", "sept. 2019", "en 2019", "l'an deux mille vingt" */
static bool partial_date(struct cursor *c, struct grf_date_span *out)
{
    struct cursor at = *c;
    struct grf_sv t = at.words.text;
    int month = 0, year;
    if (at.tok.kind == TOK_EN) {
        advance(&at);
        if (!gap(&at, "") || is_attached_after(t, at.tok.end))
            return false;
        struct cursor look = at;
        if (year_first(&look, true, out)) { // "l'an deux mille vingt, le 10 mai"
            out->start = at.tok.start;
            *c = look;
            return true;
        }
    } else {
        bool dotted = at.tok.end < t.n && t.p[at.tok.end] == '.', cut;
        if (!month_name(&at, &month, &cut) || (cut && !dotted))
            return false;
        if (!gap(&at, cut ? "." : ""))
            return false;
    }
    if (!any_year(&at, &year))
        return false;
    set(out, year, month, 0);
    out->end = at.prev_end;
    *c = at;
    return true;
}

bool grf_date_find(struct grf_sv text, size_t *at, bool partial,
                   struct grf_date_span *out)
{
    struct cursor c;
    bool after_an = false; // "l'an": a year in figures may come before its day
    grf_words_init(&c.words, text);
    c.words.at = *at;
    c.prev_end = *at;
    for (read_tok(&c.words, &c.tok); c.tok.kind != TOK_END; advance(&c)) {
        struct cursor look = c;
        out->start = c.tok.start;
        bool found = false;
        if (c.tok.kind == TOK_DIGITS)
            found = numeric(&look, out) || spelled(&look, out) ||
                    (after_an && year_first(&look, true, out));
        else if (c.tok.kind != TOK_OTHER)
            found = spelled(&look, out) || year_first(&look, false, out) ||
                    (partial && partial_date(&look, out));
        else if (partial)
            found = split_month(&look) && partial_date(&look, out);
        if (found) {
            *at = out->end;
            return true;
        }
        after_an = c.tok.kind == TOK_EN;
    }
    *at = text.n;
    return false;
}

/* ---- exact forms ---- */

/* n digits at p as a number, -1 when they are not all digits. */
static int fixed_digits(const char *p, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

bool grf_date_parse_range(struct grf_sv text, struct grf_date *first,
                          struct grf_date *last)
{
    struct grf_date d = {0, 0, 0};
    if (text.n != 4 && text.n != 7 && text.n != 10)
        return false;
    if ((text.n > 4 && text.p[4] != '-') || (text.n > 7 && text.p[7] != '-'))
        return false;
    d.year = fixed_digits(text.p, 4);
    d.month = text.n > 4 ? fixed_digits(text.p + 5, 2) : 1;
    d.day = text.n > 7 ? fixed_digits(text.p + 8, 2) : 1;
    if (!is_day(d.year, d.month, d.day))
        return false;
    *first = *last = d;
    if (text.n == 4)
        last->month = 12;
    if (text.n < 10)
        last->day = month_days(d.year, last->month);
    return true;
}

bool grf_date_parse_iso(struct grf_sv text, struct grf_date *out)
{
    struct grf_date last;
    return text.n == 10 && grf_date_parse_range(text, out, &last);
}

void grf_date_format_iso(struct grf_date d, char out[11])
{
    // the masks cannot change a date; they show the compiler that it fits
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)d.year % 10000, (unsigned)d.month % 100,
             (unsigned)d.day % 100);
}

void grf_date_format_fr(struct grf_date d, char out[32])
{
    static const char *const names[] = {"",       "janvier", "février",   "mars",
                                        "avril",  "mai",     "juin",      "juillet",
                                        "août",   "septembre", "octobre", "novembre",
                                        "décembre"};
    const char *name = d.month >= 1 && d.month <= 12 ? names[d.month] : "";
    if (!*name)
        snprintf(out, 32, "%d", d.year);
    else if (d.day == 0)
        snprintf(out, 32, "%s %d", name, d.year);
    else
        snprintf(out, 32, "%d%s %s %d", d.day, d.day == 1 ? "er" : "", name, d.year);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sentences of acts. A sentence is what a reader is shown as a quote, so cutting
 * one in two ("M." / "Dupont") is worse than leaving two together: every doubtful
 * full stop is no end. Line breaks, on the other hand, are often the only ends that
 * visas, headings and lists have. All decisions look at the text around the place
 * only, never at where the search began, but for the lengths.
 */
#include "grf_text.h"

/* A sentence that is longer (a table, a list of names) ends at the next fair line
   break, at the next blank, or anywhere. */
#define SOFT_BYTES 700
#define HARD_BYTES 1400
#define MOST_BYTES 4000
#define NEAR_LINES 3    /* lines before and after that tell how wide the column is */

/* ---- characters ---- */

static bool is_upper(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z';
    if (c < 0x100)
        return c >= 0xC0 && c <= 0xDE && c != 0xD7;
    return c == 0x152 || c == 0x178;
}

static bool is_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z';
    bool ligature = c == 0x153 || c == 0xFB01 || c == 0xFB02;
    return (c >= 0xDF && c <= 0xFF && c != 0xF7) || ligature;
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == 0xA0 || c == 0x202F ||
           (c >= 0x2000 && c <= 0x200B);
}

static bool is_dash(uint32_t c)
{
    return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

/* Marks that nothing but a list begins with; Word's come from private use. */
static bool is_bullet(uint32_t c)
{
    return c == '*' || c == 0xB7 || c == 0x2022 || c == 0x2023 || c == 0x2043 ||
           (c >= 0x2190 && c <= 0x21FF) || (c >= 0x25A0 && c <= 0x25FF) ||
           (c >= 0x2700 && c <= 0x27BF) || (c >= 0xE000 && c <= 0xF8FF);
}

static bool is_opener(uint32_t c)
{
    return c == 0xAB || c == 0x201C || c == 0x2018 || c == '"' || c == '(' || c == '[';
}

static bool is_closer(uint32_t c)
{
    return c == 0xBB || c == 0x201D || c == 0x2019 || c == '"' || c == '\'' || c == ')' ||
           c == ']';
}

static bool is_terminator(uint32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026;
}

/* The character at i, 0 at the end; *next is where the one after it stands. */
static uint32_t peek(struct grf_sv t, size_t i, size_t *next)
{
    *next = i;
    return grf_text_next(t, next);
}

static size_t skip_blanks(struct grf_sv t, size_t i)
{
    size_t next;
    while (i < t.n && is_blank(peek(t, i, &next)))
        i = next;
    return i;
}

/* Start of the character before i (i > 0). */
static size_t before(struct grf_sv t, size_t i)
{
    do
        i--;
    while (i > 0 && ((unsigned char)t.p[i] & 0xC0) == 0x80);
    return i;
}

/* End of [start, end) without the blanks and line breaks at its end. */
static size_t trim_end(struct grf_sv t, size_t start, size_t end)
{
    while (end > start) {
        size_t next, i = before(t, end);
        if (i < start) /* bytes that are no text */
            break;
        uint32_t c = peek(t, i, &next);
        if (!is_blank(c) && c != '\n' && c != '\f')
            break;
        end = i;
    }
    return end;
}

/* ---- lines ---- */

struct line {
    size_t start, end; /* without the line break */
};

static size_t line_end(struct grf_sv t, size_t i)
{
    const char *nl = i < t.n ? memchr(t.p + i, '\n', t.n - i) : NULL;
    return nl ? (size_t)(nl - t.p) : t.n;
}

static struct line line_around(struct grf_sv t, size_t i)
{
    struct line l = {i, line_end(t, i)};
    while (l.start > 0 && t.p[l.start - 1] != '\n')
        l.start--;
    return l;
}

static size_t line_chars(struct grf_sv t, struct line l)
{
    size_t start = skip_blanks(t, l.start);
    if (start >= l.end)
        return 0;
    return grf_text_chars(grf_sv(t.p + start, trim_end(t, start, l.end) - start));
}

/* Characters of the longest line near l: the width that the text was set to. */
static size_t column_width(struct grf_sv t, struct line l)
{
    size_t width = line_chars(t, l);
    struct line up = l, down = l;
    for (int i = 0; i < NEAR_LINES && up.start > 0; i++) {
        up = line_around(t, up.start - 1);
        size_t n = line_chars(t, up);
        width = n > width ? n : width;
    }
    for (int i = 0; i < NEAR_LINES && down.end < t.n; i++) {
        down.start = down.end + 1;
        down.end = line_end(t, down.start);
        size_t n = line_chars(t, down);
        width = n > width ? n : width;
    }
    return width;
}

static size_t first_word_chars(struct grf_sv t, size_t i)
{
    size_t count = 0, next;
    for (; i < t.n; i = next, count++) {
        uint32_t c = peek(t, i, &next);
        if (is_blank(c) || c == '\n')
            break;
    }
    return count;
}

/* In capitals, as headings are: two words at least, or a long one. */
static bool is_heading_line(struct grf_sv t, struct line l)
{
    size_t upper = 0, lower = 0, words = 0;
    bool inside = false;
    for (size_t i = l.start; i < l.end;) {
        uint32_t c = grf_text_next(t, &i);
        bool letter = is_upper(c) || is_lower(c);
        upper += is_upper(c);
        lower += is_lower(c);
        words += letter && !inside;
        inside = letter;
    }
    // "n°", "à" and "er" stay small in headings
    return upper >= 4 && lower * 8 <= upper && (words >= 2 || upper >= 8);
}

/* Is norm one of the words of list, which are between blanks? */
static bool is_listed(const char *list, const char *norm, size_t n)
{
    for (const char *at = list; (at = strchr(at, ' ')) != NULL;) {
        at++;
        if (n > 0 && strncmp(at, norm, n) == 0 && at[n] == ' ')
            return true;
    }
    return false;
}

static bool has_apostrophe_end(uint32_t c)
{
    return c == '\'' || c == 0x2019;
}

/* Does the text before end (in the line that starts at start) want a sequel: a
   comma, a hyphen, an article, "n°", "Mme"? */
static bool is_left_open(struct grf_sv t, size_t start, size_t end)
{
    size_t next, from;
    struct grf_words it;
    struct grf_word w;
    end = trim_end(t, start, end);
    if (end == start)
        return false;
    uint32_t last = peek(t, before(t, end), &next);
    if (last == ',' || last == '/' || last == '(' || last == 0xAB || last == 0xB0 ||
        last == '&' || is_dash(last) || has_apostrophe_end(last))
        return true;
    if (is_terminator(last) || is_closer(last) || last == ';' || last == ':')
        return false;
    for (from = end; from > start; from = before(t, from))
        if (t.p[from - 1] == ' ' || t.p[from - 1] == '\t')
            break;
    grf_words_init(&it, grf_sv(t.p + from, end - from));
    w.norm_len = 0;
    while (grf_words_next(&it, &w))
        continue;
    return grf_text_is_stopword(grf_sv(w.norm, w.norm_len)) ||
           is_listed(" article articles art l r d no mme mmes mm monsieur madame alinea "
                     "contre entre sans page numero code loi decret saint sainte ",
                     w.norm, w.norm_len);
}

/* Is the word at i all in capitals (two letters at least)? */
static bool is_capitals(struct grf_sv t, size_t i)
{
    size_t next, count = 0;
    for (uint32_t c; is_upper(c = peek(t, i, &next)) || is_dash(c); i = next)
        count++;
    return count >= 2 && !is_lower(peek(t, i, &next));
}

/* "Marie-Hélène / SANTARELLI", "PUTANGES PONT / ECREPIN": is a name cut by the line
   break between end and i? */
static bool is_name_cut(struct grf_sv t, size_t start, size_t end, size_t i)
{
    size_t next, from;
    if (!is_capitals(t, i))
        return false;
    for (from = end; from > start; from = before(t, from))
        if (is_blank(peek(t, before(t, from), &next)) || t.p[from - 1] == ',')
            break;
    return is_upper(peek(t, from, &next));
}

/* ---- what a new line begins with ---- */

static bool is_word_start(uint32_t c)
{
    return is_upper(c) || is_lower(c) || is_opener(c);
}

/* After an enumerator's digits or letters at i: ")", ".", "°", "-" and a blank. */
static bool ends_enumerator(struct grf_sv t, size_t i, const char *marks)
{
    size_t next, after;
    i = skip_blanks(t, i);
    uint32_t c = peek(t, i, &next);
    bool listed = c && c < 0x80 && strchr(marks, (int)c);
    if (!listed && !(c == 0xB0 && *marks == '.') && !(is_dash(c) && strchr(marks, '-')))
        return false;
    if (c == 0xB0 && peek(t, next, &after) == ')')
        next = after;
    after = skip_blanks(t, next);
    return after > next && is_word_start(peek(t, after, &next));
}

/* "1.", "12)", "1°", "1 -", "a)", "IV." */
static bool is_enumerator(struct grf_sv t, size_t i)
{
    size_t j = i, next;
    while (j < t.n && j < i + 3 && is_digit((unsigned char)t.p[j]))
        j++;
    if (j > i)
        return j < i + 3 && ends_enumerator(t, j, ".)-");
    while (j < t.n && j < i + 5 && strchr("IVX", t.p[j]) && t.p[j])
        j++;
    if (j > i && ends_enumerator(t, j, ".)-"))
        return true;
    uint32_t c = peek(t, i, &next);
    return (is_lower(c) || is_upper(c)) && ends_enumerator(t, next, ")");
}

/* "Vu", "Considérant", "DÉCIDE", "Article 2 :": what begins an item of an act. */
static bool is_act_opening(struct grf_sv t, size_t i)
{
    struct grf_words it;
    struct grf_word w;
    size_t next, limit = t.n - i < 80 ? t.n - i : 80;
    if (!is_upper(peek(t, i, &next)))
        return false;
    grf_words_init(&it, grf_sv(t.p + i, limit));
    if (!grf_words_next(&it, &w) || w.start != 0)
        return false;
    if (is_listed(" vu considerant attendu objet decide delibere approuve autorise "
                  "adopte accepte charge fixe sollicite valide arrete emet dit designe ",
                  w.norm, w.norm_len))
        return true;
    if (!is_listed(" article ", w.norm, w.norm_len) || !grf_words_next(&it, &w))
        return false;
    if (!w.has_digit && !is_listed(" premier unique i ii iii iv v ", w.norm, w.norm_len))
        return false;
    size_t end = i + w.end;
    if (end + 2 <= t.n && memcmp(t.p + end, "er", 2) == 0)
        end += 2;
    end = skip_blanks(t, end);
    uint32_t c = peek(t, end, &next);
    return c == 0 || c == '\n' || c == ':' || c == '.' || is_dash(c);
}

/* Do the bytes at i follow pattern, where 0 stands for a digit? */
static bool follows(struct grf_sv t, size_t i, const char *pattern)
{
    for (; *pattern; pattern++, i++) {
        if (i >= t.n)
            return false;
        bool digit = is_digit((unsigned char)t.p[i]);
        if (*pattern == '0' ? !digit : t.p[i] != *pattern)
            return false;
    }
    return true;
}

/* "2020-03-01 CONTRAT", "DEL2025-60 :", "23-02/001": the number of an act? */
static bool is_act_number(struct grf_sv t, size_t i)
{
    struct grf_words it;
    struct grf_word w;
    size_t limit = t.n - i < 24 ? t.n - i : 24;
    grf_words_init(&it, grf_sv(t.p + i, limit));
    if (!grf_words_next(&it, &w) || w.start != 0)
        return false;
    if (is_listed(" d del delib deliberation dm ", w.norm, w.norm_len)) {
        size_t letters = w.end;
        if (!grf_words_next(&it, &w) || w.start != letters)
            return false;
    }
    size_t number = i + w.start;
    return follows(t, number, "0000-0") || follows(t, number, "00-00/0");
}

/* Does the line at i begin with a list mark? end is where the text before it ends. */
static bool begins_item(struct grf_sv t, size_t start, size_t end, size_t i)
{
    size_t next, after;
    uint32_t c = peek(t, i, &next);
    if (is_bullet(c))
        return true;
    if (is_dash(c)) {
        bool number_before = end > start && is_digit((unsigned char)t.p[end - 1]);
        size_t k = skip_blanks(t, next);
        uint32_t d = peek(t, k, &after);
        if (is_digit(d)) // "L. 2131 / – 1"
            return k > next && !number_before;
        return k > next || is_upper(d);
    }
    if (is_act_opening(t, i))
        return true;
    return !is_left_open(t, start, end) && (is_enumerator(t, i) || is_act_number(t, i));
}

/* Is the line break at j a fair place to cut a text that has become too long? */
static bool may_cut_at_break(struct grf_sv t, size_t j)
{
    size_t next, i = skip_blanks(t, j + 1), start = line_around(t, j).start;
    size_t end = trim_end(t, start, j);
    if (end > start && strchr(",;:)", t.p[end - 1]))
        return true;
    uint32_t c = peek(t, i, &next);
    return (is_upper(c) || is_digit(c)) && !is_left_open(t, start, end) &&
           !is_name_cut(t, start, end, i);
}

/* Is the line break at j an end? */
static bool ends_at_break(struct grf_sv t, size_t j)
{
    size_t next, i = skip_blanks(t, j + 1);
    uint32_t c = peek(t, i, &next);
    if (c == 0 || c == '\n' || c == '\f')
        return true; // a blank line
    struct line here = line_around(t, j), below = {j + 1, line_end(t, j + 1)};
    here.end = j;
    size_t end = trim_end(t, here.start, j);
    if (begins_item(t, here.start, end, i))
        return true;
    if (is_lower(c) || is_left_open(t, here.start, end))
        return false;
    bool heading = is_heading_line(t, here);
    if (heading != is_heading_line(t, below))
        return true;
    bool opens = is_upper(c) || (is_opener(c) && c != '(' && c != '[');
    if (heading || !opens || is_name_cut(t, here.start, end, i))
        return false;
    // else, it is one when the next word had room on this line
    size_t width = column_width(t, here);
    size_t slack = width / 7 > 6 ? width / 7 : 6;
    return line_chars(t, here) + 1 + first_word_chars(t, i) + slack <= width;
}

/* ---- full stops ---- */

/* Where the run of terminators and closers at j ends. */
static size_t after_stop(struct grf_sv t, size_t j, size_t *dots)
{
    size_t next;
    *dots = 0;
    while (j < t.n && is_terminator(peek(t, j, &next))) {
        ++*dots;
        j = next;
    }
    for (;;) {
        uint32_t c = peek(t, j, &next);
        size_t k = is_blank(c) ? skip_blanks(t, j) : j;
        c = peek(t, k, &next);
        if (k != j && c != 0xBB) // only the guillemet has a blank before it
            return j;
        if (!is_closer(c))
            return j;
        j = next;
    }
}

/* Start of the token that ends at j: back to a blank, bracket or apostrophe. */
static size_t token_start(struct grf_sv t, size_t start, size_t j)
{
    while (j > start) {
        size_t next, i = before(t, j);
        uint32_t c = peek(t, i, &next);
        if (is_blank(c) || c == '\n' || is_opener(c) || has_apostrophe_end(c) || c == '/')
            break;
        j = i;
    }
    return j;
}

/* "12", "1.2", "IV", "B": what stands before the full stop is only a number of a list. */
static bool is_list_number(struct grf_sv tok)
{
    size_t digits = 0, roman = 0;
    for (size_t i = 0; i < tok.n; i++) {
        digits += is_digit((unsigned char)tok.p[i]) || tok.p[i] == '.';
        roman += tok.p[i] != 0 && strchr("IVX", tok.p[i]) != NULL;
    }
    return tok.n > 0 && tok.n <= 6 &&
           (digits == tok.n || (roman == tok.n && tok.n <= 4) || tok.n == 1);
}

/* Is the word at i a capitalised word of the kind that sentences begin with? */
static bool is_plain_opening(struct grf_sv t, size_t i)
{
    struct grf_words it;
    struct grf_word w;
    size_t next, limit = t.n - i < 64 ? t.n - i : 64;
    if (!is_upper(peek(t, i, &next)))
        return false;
    grf_words_init(&it, grf_sv(t.p + i, limit));
    if (!grf_words_next(&it, &w))
        return false;
    if (w.start == 2 || w.start == 4) // "L'", "L’" has been cut
        return true;
    return w.start == 0 && w.norm_len >= 2 &&
           (grf_text_is_stopword(grf_sv(w.norm, w.norm_len)) ||
            is_listed(" monsieur madame vu considerant ", w.norm, w.norm_len));
}

/* "n° 12" or "n°12": does a number sign stand before the digits at i? */
static bool has_number_sign(struct grf_sv t, size_t start, size_t i)
{
    size_t next;
    while (i > start && is_blank(peek(t, before(t, i), &next)))
        i = before(t, i);
    if (i <= start)
        return false;
    uint32_t c = peek(t, before(t, i), &next);
    return c == 0xB0 || c == 0xBA;
}

static bool all_digits(struct grf_sv tok)
{
    for (size_t i = 0; i < tok.n; i++)
        if (!is_digit((unsigned char)tok.p[i]))
            return false;
    return tok.n > 0;
}

/* Three digits and no more at i: a group of thousands after "18. ". */
static bool is_thousands(struct grf_sv t, size_t i)
{
    size_t n = 0;
    while (i + n < t.n && n < 4 && is_digit((unsigned char)t.p[i + n]))
        n++;
    return n == 3;
}

/* Never the last word of a sentence, and perhaps the last one. */
#define TITLES " m mm mme mmes mlle mlles mr dr pr st ste "
#define SHORTENED \
    " art arts al alin no nos pp cf ex env av bd bld bvd ref chap tel fig vol tit ch " \
    "me etc hab max min mn ht cie dept parag resp ets chem imp rte janv fev fevr avr " \
    "juil sept oct nov dec "

enum stop { STOP_END, STOP_ONLY_PLAIN, STOP_NEVER };

/* What the last word tok before a full stop makes of it: an end, an end only when the
   next sentence begins plainly, or none. */
static enum stop stop_after_word(struct grf_sv tok)
{
    struct grf_words it;
    struct grf_word w, last = {0};
    size_t words = 0;
    grf_words_init(&it, tok);
    while (words < 9 && grf_words_next(&it, &w)) {
        last = w;
        words++;
    }
    if (words == 0 || last.has_digit)
        return STOP_END;
    bool initial = last.norm_len == 1;
    if (is_listed(TITLES, last.norm, last.norm_len) ||
        (initial && words == 1 && last.norm[0] != 'h')) // "20 h." may end
        return STOP_NEVER;
    if (initial || is_listed(SHORTENED, last.norm, last.norm_len))
        return STOP_ONLY_PLAIN;
    return STOP_END;
}

/* Is the one full stop at j, in the sentence from start, before the text at i, an end? */
static bool ends_at_dot(struct grf_sv t, size_t start, size_t j, size_t i)
{
    size_t from = token_start(t, start, j);
    struct grf_sv tok = grf_sv(t.p + from, j - from);
    if (from == start && is_list_number(tok))
        return false;
    if (all_digits(tok)) {
        if (tok.n <= 3 && is_thousands(t, i))
            return false;
        return tok.n > 3 || !has_number_sign(t, start, from) || is_plain_opening(t, i);
    }
    size_t num = from;
    while (num < j && !is_digit((unsigned char)t.p[num]))
        num++;
    if (num > from && num < j && j - num <= 3 && has_number_sign(t, from, num))
        return is_plain_opening(t, i);
    switch (stop_after_word(tok)) {
    case STOP_NEVER:
        return false;
    case STOP_ONLY_PLAIN:
        return is_plain_opening(t, i);
    default:
        return true;
    }
}

/* Is the terminator at j, with its closers up to after, an end? */
static bool ends_at_stop(struct grf_sv t, size_t start, size_t j, size_t after,
                         size_t dots)
{
    size_t next;
    uint32_t c = peek(t, after, &next);
    if (c == 0)
        return true;
    if (dots > 3 || !(is_blank(c) || c == '\n')) // leaders of a table of contents
        return false;
    size_t i = skip_blanks(t, after);
    c = peek(t, i, &next);
    if (c == '\n') {
        i = skip_blanks(t, next);
        c = peek(t, i, &next);
    }
    if (c == 0 || c == '\n')
        return true;
    if (!is_upper(c) && !is_digit(c) && !is_opener(c) && !is_bullet(c) && !is_dash(c))
        return false;
    return dots > 1 || t.p[j] != '.' || ends_at_dot(t, start, j, i);
}

/* ---- sentences ---- */

/* Start of the next sentence: past blanks, list marks and stray punctuation. */
static size_t skip_to_start(struct grf_sv t, size_t i)
{
    size_t next;
    while (i < t.n) {
        uint32_t c = peek(t, i, &next);
        size_t after;
        bool mark = is_blank(c) || is_bullet(c) || is_terminator(c) ||
                    (c < 0x80 && strchr("\n\f,;:_|", (int)c));
        if (is_dash(c)) {
            uint32_t d = peek(t, next, &after);
            mark = is_blank(d) || is_upper(d) || is_dash(d) || d == '\n';
        }
        if (!mark)
            break;
        i = next;
    }
    return i;
}

static size_t find_end(struct grf_sv t, size_t start)
{
    size_t next;
    for (size_t j = start; j < t.n; j = next) {
        uint32_t c = peek(t, j, &next);
        size_t length = j - start;
        if (c == '\n' && (ends_at_break(t, j) || length > HARD_BYTES ||
                          (length > SOFT_BYTES && may_cut_at_break(t, j))))
            return j;
        if (c == '\f' || (length > HARD_BYTES && is_blank(c)) || length > MOST_BYTES)
            return j;
        if (is_terminator(c)) {
            size_t dots, after = after_stop(t, j, &dots);
            if (ends_at_stop(t, start, j, after, dots))
                return after;
            next = after;
        } else if (c == ';' || c == ':') {
            size_t k = skip_blanks(t, next);
            if (k < t.n && (t.p[k] == '\n' || (c == ';' && is_act_opening(t, k))))
                return next;
        }
    }
    return t.n;
}

bool grf_text_sentence(struct grf_sv text, size_t *at, struct grf_span *out)
{
    struct grf_words it;
    struct grf_word w;
    size_t start = *at;
    while ((start = skip_to_start(text, start)) < text.n) {
        size_t end = find_end(text, start);
        *at = end;
        end = trim_end(text, start, end);
        grf_words_init(&it, grf_sv(text.p + start, end - start));
        if (grf_words_next(&it, &w)) {
            out->start = start;
            out->end = end;
            return true;
        }
        start = *at > start ? *at : start + 1;
    }
    *at = text.n;
    return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a line opens: with an act's number, an ordinal, a letter. Numbers are read as
 * groups of letters and digits with the separators between them; their shape tells
 * what they are, never a town's habit.
 */
#include "segment_priv.h"

enum { GROUPS_MOST = 6, YEARS_AHEAD_MOST = 5 };

struct group {
    size_t start, end;
    long value;  /* digits */
    bool digits;
    char sep;    /* before it; 0 = none, ' ' = blanks only */
};

struct token {
    struct group g[GROUPS_MOST];
    size_t n, numbers; /* groups, of which digits */
    size_t start, end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static size_t skip_blanks(struct grf_sv f, size_t at)
{
    while (at < f.n && f.p[at] == ' ')
        at++;
    return at;
}

/* One group of at most 5 letters or 8 digits. */
static bool read_group(struct grf_sv f, size_t at, struct group *g)
{
    size_t end = at;
    *g = (struct group){.start = at};
    if (at < f.n && is_digit(f.p[at])) {
        for (; end < f.n && is_digit(f.p[end]); end++)
            g->value = end - at < 9 ? g->value * 10 + (f.p[end] - '0') : g->value;
        g->digits = true;
        g->end = end;
        return end - at <= 10;
    }
    while (end < f.n && is_letter(f.p[end]))
        end++;
    g->end = end;
    return end > at && end - at <= 5;
}

static bool is_year(const struct group *g)
{
    return g->digits && g->end - g->start == 4 && g->value >= 1950 && g->value <= 2099;
}

static bool is_day(const struct group *g)
{
    long month = g->value / 100 % 100, day = g->value % 100;
    return g->digits && g->end - g->start == 8 && g->value / 10000 >= 1950 &&
           g->value / 10000 <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* Separator between two groups at *at: moves behind it. */
static bool read_sep(struct grf_sv f, size_t *at, char *sep)
{
    size_t i = skip_blanks(f, *at);
    *sep = i > *at ? ' ' : 0;
    if (i < f.n && strchr("-/._", f.p[i])) {
        *sep = f.p[i];
        size_t after = skip_blanks(f, i + 1);
        /* "12 - Titre", "1. 500": a blank on one side only ends the number */
        if (f.p[i] != '/' && (after > i + 1) != (i > *at))
            return false;
        i = after;
    }
    *at = i;
    return true;
}

/* Whether a group with that separator goes on with the number so far. */
static bool goes_on(const struct token *t, const struct group *g, char sep)
{
    const struct group *last = &t->g[t->n - 1];
    if (g->digits) {
        /* "2021 04 01": year, month and number */
        bool spaced = t->n <= 2 && is_year(&t->g[0]) && g->end - g->start == 2 &&
                      (t->n == 1 || t->g[1].sep == ' ');
        if (sep == ' ')
            return (!last->digits && t->n == 1) || spaced ||
                   (is_day(last) && g->end - g->start <= 3);
        return sep != 0 || !last->digits;
    }
    /* a letter behind the digits: 18.a, 2021-12bis */
    bool suffix = g->end - g->start == 1 || (g->end - g->start == 3 && sep == 0);
    return suffix && last->digits && sep != ' ' && sep != '-' && t->numbers > 0;
}

static bool read_token(struct grf_sv f, size_t at, struct token *t)
{
    *t = (struct token){.start = at};
    if (!read_group(f, at, &t->g[0]))
        return false;
    t->n = 1;
    t->numbers = t->g[0].digits;
    t->end = t->g[0].end;
    while (t->n < GROUPS_MOST) {
        size_t next = t->end;
        char sep;
        struct group g;
        if (!read_sep(f, &next, &sep) || !read_group(f, next, &g))
            break;
        /* letters that go on as a word are no part of the number */
        if (!goes_on(t, &g, sep))
            break;
        g.sep = sep;
        t->g[t->n++] = g;
        t->numbers += g.digits;
        t->end = g.end;
    }
    return t->numbers > 0 && (t->end == f.n || !is_letter(f.p[t->end]));
}

/* ---- shapes */

static bool letters_year(const struct token *t)
{
    size_t n = t->g[0].end - t->g[0].start;
    if (t->g[0].digits || t->n < 2)
        return false;
    if (t->n >= 3 && t->g[1].digits && t->g[2].digits && t->g[2].end - t->g[2].start <= 5)
        return is_year(&t->g[1]) ||
               (n >= 2 && t->g[1].end - t->g[1].start == 2 && t->g[1].sep == 0);
    size_t digits = t->g[1].end - t->g[1].start;
    bool joined = t->n == 2 && t->g[1].digits && t->g[1].sep == 0;
    return n >= 2 && joined && digits >= 6 && digits <= 9;
}

static bool year_first(const struct token *t)
{
    if (t->n < 2 || !is_year(&t->g[0]) || !t->g[1].digits)
        return false;
    if (t->g[1].sep == ' ')
        return t->n == 3 && t->g[2].sep == ' ' && t->g[1].value >= 1 && t->g[1].value <= 12;
    /* 2014-2015 is no number; 2022-00145 is one */
    return t->g[1].end - t->g[1].start <= 5 && !is_year(&t->g[1]);
}

static bool is_act_number(const struct token *t)
{
    if (letters_year(t) || year_first(t))
        return true;
    if (t->n == 2 && is_day(&t->g[0]) && t->g[1].digits)
        return true;
    /* 23-02/001: two kinds of separators between three groups of digits */
    return t->n == 3 && t->numbers == 3 && t->g[1].sep && t->g[2].sep &&
           t->g[1].sep != t->g[2].sep && t->g[1].sep != ' ' && t->g[2].sep != ' ' &&
           !(t->g[1].sep == '.' || t->g[2].sep == '.');
}

/* ---- words before a number */

static bool at_nsign(struct grf_sv f, size_t at, size_t *after)
{
    static const char *const signs[] = {"n\xB0", "no ", "no.", "numero ", "num\xB0", "n \xB0",
                                        "n- ",   "n* ",  "n' ", NULL};
    for (const char *const *s = signs; *s; s++) {
        size_t n = strlen(*s);
        if (at + n <= f.n && memcmp(f.p + at, *s, n) == 0) {
            *after = skip_blanks(f, at + n);
            if (*after < f.n && f.p[*after] == ':')
                *after = skip_blanks(f, *after + 1);
            return true;
        }
    }
    return false;
}

/* Words that name an act, and words that name a point of the agenda. */
static const char *const act_words[] = {"deliberation", "delib", "arrete", "decision",
                                        "ordonnance municipale", "d e l i b e r a t i o n",
                                        NULL};
static const char *const point_words[] = {"point", "question", "rapport", "affaire",
                                          "dossier", "sujet", "objet", NULL};
/* Words between "arrêté" and its number. */
static const char *const between[] = {
    "municipale", "municipal", "du", "de", "la", "le", "maire", "president", "presidente",
    "temporaire", "permanent", "portant", "conseil", "communautaire", "bureau", "ville",
    "prise", "par", "delegation", "commune", "communaute", "syndical", "comite", NULL};

static size_t word_end(struct grf_sv f, size_t at)
{
    while (at < f.n && (is_letter(f.p[at]) || f.p[at] == '\''))
        at++;
    return at;
}

static bool one_of(struct grf_sv word, const char *const *list)
{
    for (; *list; list++) {
        if (strlen(*list) == word.n && memcmp(word.p, *list, word.n) == 0)
            return true;
    }
    return false;
}

/* Behind "arrêté municipal temporaire n°"; false when something else comes first. */
static bool behind_words(struct grf_sv f, size_t at, size_t *number, bool *sign)
{
    for (int words = 0; words < 7; words++) {
        at = skip_blanks(f, at);
        *sign = at_nsign(f, at, number);
        if (*sign)
            return true;
        if (at < f.n && f.p[at] == ':')
            at = skip_blanks(f, at + 1);
        *number = at;
        if (at < f.n && is_digit(f.p[at]))
            return true;
        size_t end = word_end(f, at);
        if (end == at || !one_of(grf_sv(f.p + at, end - at), between))
            return at < f.n && end > at && end - at <= 5;
        at = end;
    }
    return false;
}

/* Reads "délibération n° 12": the token, and what kind of word came first. */
static bool after_word(struct grf_sv f, size_t at, const char *const *words,
                       struct token *t, bool *sign)
{
    for (; *words; words++) {
        size_t n = strlen(*words), number;
        if (at + n > f.n || memcmp(f.p + at, *words, n) != 0)
            continue;
        size_t end = at + n;
        while (end < f.n && (is_letter(f.p[end]) || f.p[end] == '.'))
            end++; /* plural, "délib." */
        if (end - at <= n + 2 && behind_words(f, end, &number, sign) &&
            read_token(f, number, t))
            return *sign || t->g[0].digits || is_act_number(t);
    }
    return false;
}

bool seg_number_at(struct grf_sv f, size_t at, size_t *start, size_t *end)
{
    struct token t;
    size_t number = at;
    bool sign = at_nsign(f, at, &number);
    if (!read_token(f, number, &t) || (!sign && !is_act_number(&t)))
        return false;
    *start = t.start;
    *end = t.end;
    return true;
}

/* ---- ordinals */

static int roman_value(struct grf_sv f, size_t at, size_t *end)
{
    static const struct {
        char c;
        int value;
    } digits[] = {{'i', 1}, {'v', 5}, {'x', 10}, {'l', 50}};
    int total = 0, last = 0;
    for (*end = at; *end < f.n && is_letter(f.p[*end]); ++*end) {
        int v = 0;
        for (size_t i = 0; i < GRF_ARRAY_LEN(digits); i++)
            v = digits[i].c == f.p[*end] ? digits[i].value : v;
        if (!v)
            return 0;
        total += v > last && last ? v - 2 * last : v;
        last = v;
    }
    return total > 0 && total <= 60 && *end - at <= 6 ? total : 0;
}

/* What separates an ordinal from its title; 0 when nothing does. */
static char title_sep(struct grf_sv f, size_t at, size_t *after)
{
    size_t i = skip_blanks(f, at);
    char sep = i > at ? ' ' : 0;
    while (i < f.n && (strchr(".):-/,", f.p[i]) || f.p[i] == '\xB0')) {
        if (sep == 0 || sep == ' ')
            sep = f.p[i] == '\xB0' ? ' ' : f.p[i];
        i = skip_blanks(f, i + 1);
    }
    *after = i;
    return sep;
}

static void mark_at(struct seg_mark *m, seg_mark_kind kind, size_t start, size_t end,
                    size_t title)
{
    m->kind = kind;
    m->number = (uint32_t)start;
    m->number_end = (uint32_t)end;
    m->title = (uint32_t)title;
}

static bool read_letter(struct grf_sv f, size_t at, struct seg_mark *m)
{
    size_t after;
    if (at + 1 >= f.n || !is_letter(f.p[at]) || (f.p[at + 1] != '.' && f.p[at + 1] != ')'))
        return false;
    m->sep = title_sep(f, at + 1, &after);
    m->value = f.p[at] - 'a' + 1;
    mark_at(m, MARK_LETTER, at, at + 1, after);
    return after > at + 2 || m->sep == ')';
}

static bool read_ordinal(struct grf_sv f, size_t at, struct seg_mark *m)
{
    struct token t;
    size_t end, after;
    int roman = roman_value(f, at, &end);
    if (roman && end < f.n && !is_digit(f.p[end])) {
        m->sep = title_sep(f, end, &after);
        if (m->sep && m->sep != ' ' && (end - at > 1 || f.p[at] != 'l')) {
            m->value = roman;
            mark_at(m, MARK_ROMAN, at, end, after);
            return true;
        }
    }
    if (read_letter(f, at, m))
        return true;
    if (!read_token(f, at, &t) || !t.g[0].digits || t.g[0].end - t.g[0].start > 3 || t.n > 3)
        return false;
    m->value = (int)t.g[0].value;
    bool sub = t.n >= 2 && t.g[t.n - 1].sep != ' ';
    if (sub && t.g[1].digits)
        m->sub = (int)t.g[1].value;
    else if (sub)
        m->sub = f.p[t.g[1].start] - 'a' + 1;
    end = t.end;
    m->sep = title_sep(f, end, &after);
    if (sub && end < f.n && f.p[end] == ')')
        end++; /* "5.a)" is printed whole */
    mark_at(m, sub ? MARK_SUB : MARK_ORDINAL, at, end, after);
    return m->sep != 0;
}

static bool is_capitals(struct grf_sv raw)
{
    size_t upper = 0;
    for (size_t i = 0; i < raw.n; i++) {
        upper += raw.p[i] >= 'A' && raw.p[i] <= 'Z';
        if (raw.p[i] >= 'a' && raw.p[i] <= 'z')
            return false;
    }
    return upper >= 3;
}

/* "Philippe SAUREL 5. Projet urbain", "Marc DUFOUR 10 Halles": who reports stands before
   the number, in a column of its own on paper. */
static bool read_named_ordinal(const struct seg_doc *d, const struct seg_line *l,
                               struct grf_sv f, struct seg_mark *m)
{
    struct grf_sv raw = seg_raw(d, l);
    size_t at = 0, words = 0, last = 0, number, after;
    while (at < f.n && at < 36 && words < 5 && !is_digit(f.p[at])) {
        size_t end = at;
        while (end < f.n && (is_letter(f.p[end]) || f.p[end] == '-' || f.p[end] == '.'))
            end++;
        if (end == at || end >= f.n || f.p[end] != ' ' || raw.p[0] < 'A')
            return false;
        last = at;
        at = end + 1;
        words++;
    }
    number = at;
    while (at < f.n && is_digit(f.p[at]) && at - number < 3)
        m->value = m->value * 10 + (f.p[at++] - '0');
    if (!words || at == number || at - number > 3)
        return false;
    m->sep = title_sep(f, at, &after);
    size_t from = seg_raw_offset(d, l, last), to = seg_raw_offset(d, l, number - 1);
    bool named = is_capitals(grf_sv(raw.p + from, to - from));
    if (after <= at || (m->sep != '.' && !(m->sep == ' ' && named)))
        return false;
    m->sep = '.';
    m->named = true;
    mark_at(m, MARK_ORDINAL, number, at, after);
    return true;
}

/* ---- a line */

static bool opens_title(const struct seg_doc *d, const struct seg_line *l, size_t at)
{
    struct grf_sv raw = seg_raw(d, l);
    size_t from = seg_raw_offset(d, l, at);
    if (from >= raw.n)
        return false;
    uint32_t c = grf_text_next(raw, &from);
    return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE) || c == 0x152 || c == 0xAB ||
           c == '"' || c == 0x201C || (c >= '0' && c <= '9') || c == 0x2018;
}

/* Behind the number: over blanks, dashes and "Objet :". */
static size_t title_start(struct grf_sv f, size_t at, bool *separated)
{
    size_t after;
    char sep = title_sep(f, at, &after);
    *separated = sep && sep != ' ';
    if (seg_starts(grf_sv(f.p + after, f.n - after), "objet")) {
        size_t i = skip_blanks(f, after + 5);
        if (i < f.n && (f.p[i] == ':' || f.p[i] == '-')) {
            *separated = true;
            return skip_blanks(f, i + 1);
        }
    }
    return after;
}

/* "2031-0030" in a session of 2024: an account or a place in a table, not a year. */
static bool is_later(const struct seg_doc *d, const struct token *t)
{
    return d->session.year && is_year(&t->g[0]) &&
           t->g[0].value > d->session.year + YEARS_AHEAD_MOST;
}

static bool read_number(const struct seg_doc *d, const struct seg_line *l,
                        struct grf_sv f, size_t at, struct seg_mark *m)
{
    struct token t;
    bool sign = false, separated, named;
    size_t number;
    named = after_word(f, at, act_words, &t, &sign);
    if (!named && at_nsign(f, at, &number)) {
        if (!read_token(f, number, &t))
            return false;
        sign = true;
    } else if (!named && (!read_token(f, at, &t) || !is_act_number(&t))) {
        return false;
    }
    if (is_later(d, &t))
        return false;
    bool whole = is_act_number(&t) || (t.numbers >= 2 && sign);
    if (!named && !whole)
        return false;
    size_t title = title_start(f, t.end, &separated);
    /* "Délibération n° 12 du 3 mai" speaks of an act, it is not its heading */
    if (title < f.n && !opens_title(d, l, title) && !separated)
        return false;
    if (!t.g[0].digits && !named && !opens_title(d, l, t.start))
        return false;
    m->strong = whole || (named && sign);
    m->value = (int)(t.g[t.n - 1].digits ? t.g[t.n - 1].value : 0);
    mark_at(m, MARK_NUMBER, t.start, t.end, title);
    return true;
}

static bool read_keyword(const struct seg_doc *d, const struct seg_line *l,
                         struct grf_sv f, size_t at, struct seg_mark *m)
{
    struct token t;
    bool sign = false, separated;
    if (!after_word(f, at, point_words, &t, &sign))
        return false;
    size_t title = title_start(f, t.end, &separated);
    if (title < f.n && !opens_title(d, l, title) && !separated)
        return false;
    m->value = (int)t.g[0].value;
    m->sep = f.p[at]; /* questions and points are not one chain */
    mark_at(m, MARK_KEYWORD, t.start, t.end, title);
    return true;
}

static size_t over_bullets(struct grf_sv f, bool *bullet)
{
    static const char *const marks[] = {
        "\xE2\x80\xA2", "\xE2\x96\xBA", "\xE2\x9E\xA2", "\xE2\x9D\x96", "\xE2\x97\x8F",
        "\xE2\x96\xAA", "\xE2\x87\xA8", "\xE2\x9E\xA4", "\xE2\x97\x86", "\xE2\x96\xA0",
        "\xC2\xBB",     "*",            ">",            "-",            NULL};
    size_t at = skip_blanks(f, 0);
    *bullet = false;
    for (const char *const *m = marks; *m; m++) {
        size_t n = strlen(*m);
        if (at + n < f.n && memcmp(f.p + at, *m, n) == 0) {
            *bullet = true;
            at = skip_blanks(f, at + n);
            break;
        }
    }
    return at;
}

static bool read_subject(struct grf_sv f, size_t at, struct seg_mark *m)
{
    static const char *const openings[] = {"objet de la deliberation", "objet", NULL};
    for (const char *const *o = openings; *o; o++) {
        size_t end = at + strlen(*o);
        if (!seg_starts(grf_sv(f.p + at, f.n - at), *o))
            continue;
        size_t i = skip_blanks(f, end);
        if (i < f.n ? f.p[i] == ':' : *o == openings[0]) {
            mark_at(m, MARK_SUBJECT, at, at, i < f.n ? skip_blanks(f, i + 1) : f.n);
            return true;
        }
    }
    return false;
}

static bool read_info(struct grf_sv f, size_t at, struct seg_mark *m)
{
    static const char *const openings[] = {
        "decisions du maire",  "decisions de la maire", "decision du maire",
        "decisions prises",    "decision prise",        "decisions de monsieur le maire",
        "decisions de madame", "decisions du president", "decisions de la presidente",
        "information",         "pour information",       "questions et informations",
        "communications",      "compte rendu des decisions",
        "compte-rendu des decisions", "comptes rendus des decisions",
        "liste des decisions", "porter a connaissance", NULL};
    if (!seg_starts_any(grf_sv(f.p + at, f.n - at), openings))
        return false;
    mark_at(m, MARK_INFO, at, at, at);
    return true;
}

void seg_read_mark(const struct seg_doc *d, const struct seg_line *l, struct seg_mark *m)
{
    struct grf_sv f = seg_fold(d, l);
    bool bullet;
    size_t at = over_bullets(f, &bullet);
    *m = (struct seg_mark){.kind = MARK_NONE};
    if (f.n < 2 || f.n > 700)
        return;
    bool dash = bullet && (f.p[0] == '-' || seg_starts(f, "\xE2\x80\xA2"));
    if (!dash && (read_number(d, l, f, at, m) || read_subject(f, at, m) ||
                  read_keyword(d, l, f, at, m)))
        return;
    if (!bullet && read_ordinal(f, at, m)) {
        struct seg_mark inner = {.kind = MARK_NONE}; /* "1. D2024-15 - Compte" */
        if (m->title < f.n && read_number(d, l, f, m->title, &inner) && inner.strong) {
            *m = inner;
            return;
        }
        /* OCR reads "4," for "4." */
        bool misread = m->sep == ',';
        if (misread)
            m->sep = '.';
        if (m->title < f.n && opens_title(d, l, m->title) && !is_digit(f.p[m->title]) &&
            (!misread || l->heading))
            return;
        *m = (struct seg_mark){.kind = MARK_NONE};
    }
    if (read_named_ordinal(d, l, f, m) && opens_title(d, l, m->title))
        return;
    *m = (struct seg_mark){.kind = MARK_NONE};
    if (l->words <= 25 && (l->heading || l->words <= 14) && opens_title(d, l, at) &&
        read_info(f, at, m))
        return;
    if (bullet && l->heading && opens_title(d, l, at))
        mark_at(m, MARK_BULLET, at, at, at);
    else if (l->heading && !bullet && opens_title(d, l, at))
        mark_at(m, MARK_TITLE, at, at, at);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a question says of the act itself: "n° D2025-011", "délibération 2014/221",
 * "séance du 31 mars 2025", "en 2019", "à Pierrefonds", "visant L2122-22".
 */
#include <stdio.h>
#include <stdlib.h>

#include "search_priv.h"

/* Weights on top of a score of 0 to 1, tuned on questions with known pages
   (doc/QUALITY.md). */
#define WEIGHT_NUMBER 0.5
#define WEIGHT_DAY 0.35
#define WEIGHT_PERIOD 0.3
#define WEIGHT_REF 0.5
#define WEIGHT_YEAR 0.3  /* the year that is named */
#define WEIGHT_AROUND 0.2 /* from the autumn before to the end of the year after */

static struct hint *new_hint(struct understood *u, double weight)
{
    if (u->n_hints == MAX_HINTS)
        return NULL;
    struct hint *h = &u->hints[u->n_hints++];
    memset(h, 0, sizeof(*h));
    h->weight = weight;
    return h;
}

void add_term_hint(struct understood *u, grf_filter name, struct grf_sv value, double weight)
{
    struct hint *h = value.n && value.n < HINT_TEXT ? new_hint(u, weight) : NULL;
    if (!h)
        return;
    memcpy(h->text, value.p, value.n);
    h->term = (struct grf_filter_term){name, grf_sv(h->text, value.n)};
    h->decisive = name == GRF_FILTER_NUMBER || name == GRF_FILTER_REF;
}

/* ---- dates */

static void add_date(struct understood *u, const struct grf_date_span *found)
{
    struct grf_date d = found->date;
    char text[16];
    struct grf_date first, last;
    int n = d.day     ? snprintf(text, sizeof(text), "%04d-%02d-%02d", d.year, d.month, d.day)
            : d.month ? snprintf(text, sizeof(text), "%04d-%02d", d.year, d.month)
                      : snprintf(text, sizeof(text), "%04d", d.year);
    if (n <= 0 || !grf_date_parse_range(grf_sv(text, (size_t)n), &first, &last))
        return;
    struct hint *h = new_hint(u, d.day ? WEIGHT_DAY : WEIGHT_PERIOD);
    u->dated = true;
    add_time(u, (struct grf_span){found->start, found->end}, grf_date_key(first),
             grf_date_key(last), true);
    if (h) {
        h->date_from = grf_date_key(first);
        h->date_to = grf_date_key(last);
        h->decisive = d.day > 0;
    }
}

static void find_dates(struct understood *u)
{
    struct grf_date_span d;
    size_t at = 0;
    while (grf_date_find(u->text, &at, true, &d)) {
        add_date(u, &d);
        u->years += !d.date.day;
    }
}

static bool is_year(const struct grf_word *w)
{
    return w->has_digit && w->norm_len == 4 &&
           (strncmp(w->norm, "19", 2) == 0 || strncmp(w->norm, "20", 2) == 0);
}

static int year_of(const struct grf_word *w)
{
    return (w->norm[0] - '0') * 1000 + (w->norm[1] - '0') * 100 + (w->norm[2] - '0') * 10 +
           (w->norm[3] - '0');
}

static bool part_of_number(struct grf_sv t, const struct grf_word *w)
{
    return (w->start && strchr("-/._", t.p[w->start - 1])) ||
           (w->start && t.p[w->start - 1] >= '0' && t.p[w->start - 1] <= '9') ||
           (w->start && ((t.p[w->start - 1] | 32) >= 'a' && (t.p[w->start - 1] | 32) <= 'z')) ||
           (w->end + 1 < t.n && strchr("-/._", t.p[w->end]) && t.p[w->end + 1] >= '0' &&
            t.p[w->end + 1] <= '9');
}

/* A bare year ("budget 2025"), a school year ("2018/2019"): what was decided for it was
   decided in it, late in the one before, or looking back in the one after. */
static void add_around(struct understood *u, struct grf_span at, int first, int last)
{
    add_time(u, at, (int64_t)first * 10000 + 101, (int64_t)last * 10000 + 1231, false);
    u->dated = true;
    if (u->n_times && is_open(&u->times[u->n_times - 1]))
        return; /* "depuis 2019": no year is better than another */
    struct hint *h = new_hint(u, WEIGHT_YEAR);
    if (h) {
        h->date_from = (int64_t)first * 10000 + 101;
        h->date_to = (int64_t)last * 10000 + 1231;
    }
    h = new_hint(u, WEIGHT_AROUND);
    if (h) {
        h->date_from = (int64_t)(first - 1) * 10000 + 901;
        h->date_to = (int64_t)(last + 1) * 10000 + 1231;
    }
}

static void find_years(struct understood *u)
{
    struct grf_words it;
    struct grf_word w, next;
    grf_words_init(&it, u->text);
    while (grf_words_next(&it, &w)) {
        struct grf_words ahead = it;
        int year = is_year(&w) ? year_of(&w) : 0;
        if (!year)
            continue;
        if (grf_words_next(&ahead, &next) && next.start == w.end + 1 && next.has_digit &&
            strchr("/-", u->text.p[w.end])) {
            it = ahead;
            if (is_year(&next) && year_of(&next) == year + 1)
                add_around(u, (struct grf_span){w.start, next.end}, year, year + 1);
            continue;
        }
        if (!part_of_number(u->text, &w) && !u->years)
            add_around(u, (struct grf_span){w.start, w.end}, year, year);
    }
}

/* ---- numbers */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The end of what may be an act's number at from: up to six letters, digits, and groups of
   digits behind - / . _ */
static size_t number_end(struct grf_sv t, size_t from, bool *has_letters, size_t *groups)
{
    size_t i = from, letters = 0;
    while (i < t.n && is_letter(t.p[i]) && letters < 6) {
        letters++;
        i++;
    }
    size_t digits = i;
    if (i < t.n && (t.p[i] == '-' || t.p[i] == '_') && letters)
        digits = ++i;
    while (i < t.n && is_digit(t.p[i]))
        i++;
    *has_letters = letters > 0;
    *groups = i > digits;
    if (i == digits)
        return from;
    while (i + 1 < t.n && strchr("-/._", t.p[i]) && is_digit(t.p[i + 1])) {
        i++;
        while (i < t.n && is_digit(t.p[i]))
            i++;
        (*groups)++;
    }
    return i;
}

/* A word that announces a number: "n°", "numéro", "délibération", "arrêté"... */
static bool announces(struct grf_sv before)
{
    static const char *const words[] = {"n",        "no",      "numero", "deliberation",
                                        "delib",    "del",     "arrete", "decision",
                                        "acte",     "point",   "deliberations"};
    struct grf_words it;
    struct grf_word w, last = {.norm_len = 0};
    grf_words_init(&it, before);
    while (grf_words_next(&it, &w))
        last = w;
    for (size_t i = 0; i < GRF_ARRAY_LEN(words); i++) {
        if (strcmp(last.norm, words[i]) == 0)
            return true;
    }
    return false;
}

/* Laws and articles have numbers too. */
static bool of_a_law(struct grf_sv before)
{
    static const char *const words[] = {"loi", "decret", "ordonnance", "article", "art",
                                        "articles", "circulaire", "reglement"};
    struct grf_words it;
    struct grf_word w;
    char two[2][GRF_WORD_MAX + 1] = {"", ""};
    grf_words_init(&it, before);
    while (grf_words_next(&it, &w)) {
        memcpy(two[0], two[1], sizeof(two[0]));
        memcpy(two[1], w.norm, w.norm_len + 1);
    }
    for (size_t i = 0; i < GRF_ARRAY_LEN(words); i++) {
        if (strcmp(two[0], words[i]) == 0 || strcmp(two[1], words[i]) == 0)
            return true;
    }
    return false;
}

static bool inside_word(struct grf_sv t, size_t i)
{
    return i > 0 && (is_letter(t.p[i - 1]) || is_digit(t.p[i - 1]) ||
                     ((unsigned char)t.p[i - 1] >= 0x80 && !(i > 1 &&
                      (unsigned char)t.p[i - 2] == 0xC2))); /* ° and no-break blank */
}

static void find_numbers(struct understood *u)
{
    struct grf_sv t = u->text;
    for (size_t i = 0; i < t.n; i++) {
        bool letters;
        size_t groups;
        if (inside_word(t, i))
            continue;
        size_t end = number_end(t, i, &letters, &groups);
        if (end == i || (end < t.n && is_letter(t.p[end])))
            continue;
        struct grf_sv before = grf_sv(t.p, i);
        bool shaped = groups >= 2 && (letters || memchr(t.p + i, '/', end - i));
        if ((announces(before) || shaped) && !of_a_law(before))
            add_term_hint(u, GRF_FILTER_NUMBER, grf_sv(t.p + i, end - i), WEIGHT_NUMBER);
        i = end - 1;
    }
}

/* ---- references to law */

/* "art 2121-29 cgct" is found only when it is all that is asked. */
static grf_status add_whole_question(struct understood *u, struct grf_err *err)
{
    struct grf_ref_target t;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_ref_parse_query(u->text, NULL, &t, &local);
    if (st && st != GRF_INVALID) {
        if (err)
            *err = local;
        return st;
    }
    if (!st && strchr(t.canon, '/'))
        add_term_hint(u, GRF_FILTER_REF, grf_sv_z(t.canon), WEIGHT_REF);
    return GRF_OK;
}

grf_status find_refs(struct understood *u, struct grf_err *err)
{
    struct grf_refs refs;
    grf_refs_init(&refs);
    grf_status st = grf_refs_find(u->text, NULL, &refs, err);
    for (size_t i = 0; i < refs.n_targets && !st; i++) {
        const struct grf_ref_target *t = &refs.targets[i];
        if (t->flags & GRF_REF_DAMAGED)
            continue;
        add_term_hint(u, GRF_FILTER_REF, grf_sv_z(t->canon), WEIGHT_REF);
        add_term_hint(u, GRF_FILTER_REF, grf_sv_z(t->to), WEIGHT_REF);
    }
    if (!st && !refs.n_targets)
        st = add_whole_question(u, err);
    grf_refs_release(&refs);
    return st;
}

grf_status find_hints(struct grf_base *base, struct understood *u, struct grf_err *err)
{
    grf_status st = find_refs(u, err);
    if (st)
        return st;
    find_numbers(u);
    u->dated = u->n_hints > 0;
    find_dates(u);
    find_years(u);
    return find_bodies(base, u, err);
}

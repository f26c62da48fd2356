/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Laws, decrees, ordinances and European texts in running text: by number ("loi n°
 * 84-53", "décrets n° A du ... et n° B"), by a well-known name ("loi APER"), or by date.
 * Between the word and the number stand titles and dates ("loi d'orientation n°
 * 92-125"); a number too far away must agree with a date or be refused.
 */
#include "legalref_priv.h"

#include <stdio.h>
#include <stdlib.h>

#define WINDOW 130 /* characters from the word to its number or name */
#define NEAR 48    /* up to here the number needs no date */
#define FIRST_NUMBERED 45  /* numbers begin with the year since 1945 */
#define COURT_BEFORE 140
#define LAST_YEAR 2040

/* ---- dates ---- */

static int month(const struct lr_text *t, size_t i, size_t *n)
{
    static const char *const names[] = {"janvier", "fevrier", "mars", "avril", "mai", "juin",
                                        "juillet", "aout", "septembre", "octobre",
                                        "novembre", "decembre"};
    for (int k = 0; k < 12; k++)
        if ((*n = lr_word(t, i, names[k])) > 0)
            return k + 1;
    return 0;
}

static uint32_t small_number(const struct lr_text *t, size_t i, size_t n)
{
    uint32_t v = 0;
    for (size_t k = 0; k < n && k < 8; k++)
        v = v * 10 + (t->f[i + k] - '0');
    return v;
}

uint32_t lr_date(const struct lr_text *t, size_t i, size_t *end)
{
    size_t n = lr_digits(t, i), m = 0;
    uint32_t day = small_number(t, i, n), mon, year;
    if (n < 1 || n > 2 || day < 1 || day > 31)
        return 0;
    size_t j = i + n;
    if (lr_digit(t->f[j + 1]) && (t->f[j] == '/' || t->f[j] == '.')) {
        m = lr_digits(t, j + 1);
        mon = small_number(t, j + 1, m);
        j += 1 + m;
        if (m > 2 || t->f[j] != t->f[i + n])
            return 0;
        j++;
    } else {
        j = lr_skip_blanks(t, j);
        size_t e = lr_word(t, j, "er");
        j = lr_skip_blanks(t, j + e + (t->f[j + e] == LR_DEGREE));
        mon = (uint32_t)month(t, j, &m);
        j = lr_skip_blanks(t, j + m);
    }
    n = lr_digits(t, j);
    year = small_number(t, j, n);
    if (n != 4 || mon < 1 || mon > 12 || year < 1789 || year > LAST_YEAR)
        return 0;
    *end = j + n;
    return year * 10000 + mon * 100 + day;
}

/* ---- numbers ---- */

struct law_no {
    char s[24];
    size_t start, end;
    bool corrected, bad_year;
    bool loose; /* a blank after the point: only with a date of that year */
    int year;
};

/* "n°", "no", "nº", "numéro" at i: where its number begins, or 0. */
static size_t no_sign(const struct lr_text *t, size_t i)
{
    size_t n = lr_word(t, i, "numero");
    if (!n && t->f[i] == 'n') {
        size_t j = i + 1;
        if (t->f[j] == ' ' && t->f[j + 1] == LR_DEGREE)
            j++;
        if (t->f[j] == 's' && t->f[j + 1] == LR_DEGREE)
            j++;
        bool sign = t->f[j] == LR_DEGREE || t->f[j] == '\'' || t->f[j] == '.' ||
                    t->f[j] == LR_OTHER || t->f[j] == '"' || t->f[j] == '*';
        if (sign || (t->f[j] == 'o' && !lr_alpha(t->f[j + 1])))
            n = j + 1 - i;
        else if (lr_blank(t->f[j]) || lr_digit(t->f[j]))
            n = j - i;
    }
    if (!n)
        return 0;
    size_t j = lr_skip_blanks(t, i + n);
    if (t->f[j] == '.' || t->f[j] == ':')
        j = lr_skip_blanks(t, j + 1);
    return lr_digit(t->f[j]) ? j : 0;
}

static bool year_of(uint32_t v, size_t digits, int *year)
{
    if (digits == 2) {
        *year = 1900 + (int)v;
        return v >= FIRST_NUMBERED;
    }
    *year = (int)v;
    return digits == 4 && v >= 1900 + FIRST_NUMBERED && v <= LAST_YEAR;
}

/* "84-53", "84.53", "2015 – 991", cut at a line end; the year may be impossible. */
static bool law_number(const struct lr_text *t, size_t i, struct law_no *o)
{
    *o = (struct law_no){.start = i};
    size_t n = lr_digits(t, i), j = lr_skip_blanks(t, i + n);
    if ((n != 2 && n != 4) || !t->f[j] || !strchr("-./", t->f[j]))
        return false;
    char sep = (char)t->f[j];
    size_t k = lr_skip_blanks(t, j + 1);
    size_t m = lr_digits(t, k);
    o->loose = sep == '.' && k == j + 2 && j == i + n;
    if (!m || m > 5 || (sep != '-' && !o->loose && (k != j + 1 || j != i + n)) || k > i + 24)
        return false;
    o->end = k + m;
    if (sep == '/' && n != 4)
        return false;
    if (t->f[o->end] == '/' || (t->f[o->end] == '-' && lr_alnum(t->f[o->end + 1])))
        return false;
    uint32_t year = small_number(t, i, n);
    o->bad_year = !year_of(year, n, &o->year);
    char rest[12] = "";
    size_t used = m < 6 ? m : 6;
    memcpy(rest, t->f + k, used);
    if (t->f[o->end] == '.' && lr_digit(t->f[o->end + 1]) && m < 4) {
        // "83-63.4": a point fell into the number
        size_t more = lr_digits(t, o->end + 1);
        if (more > 2 || m + more > 5 || sep == '.')
            return false;
        memcpy(rest + used, t->f + o->end + 1, more);
        o->end += 1 + more;
        o->corrected = true;
    }
    if (lr_alpha(t->f[o->end]) && !lr_word(t, o->end, "du") && !lr_word(t, o->end, "et") &&
        !lr_word(t, o->end, "portant") && !lr_word(t, o->end, "modifie"))
        return false;
    const char *r = rest;
    while (*r == '0' && r[1])
        r++;
    int y = n == 4 && o->year < 2000 ? o->year - 1900 : (int)year;
    snprintf(o->s, sizeof o->s, "%02d-%s", y, r);
    return *r != '0';
}

/* "du 26 janvier 1984", "en date du ..." at i; *end moves past it. */
static uint32_t date_after(const struct lr_text *t, size_t i, size_t *end)
{
    static const char *const before[] = {"du", "en", "date", "le", "adoptee", "de",
                                         "promulguee", "datee", NULL};
    size_t j = i, n;
    for (int k = 0; k < 4; k++) {
        j = lr_skip_blanks(t, j);
        if (t->f[j] == ',' || t->f[j] == '(' || t->f[j] == ')')
            j = lr_skip_blanks(t, j + 1);
        if (!(n = lr_any_word(t, j, before)))
            break;
        j += n;
    }
    j = lr_skip_blanks(t, j);
    return j > i + 40 ? 0 : lr_date(t, j, end);
}

/* "n° 8453 du 26 janvier 1984": the dash was lost; the date must show where it was. */
static bool undashed_number(const struct lr_text *t, size_t i, struct law_no *o)
{
    size_t n = lr_digits(t, i), stop = 0;
    *o = (struct law_no){.start = i, .end = i + n, .corrected = true};
    uint32_t date = n < 4 || n > 8 ? 0 : date_after(t, i + n, &stop);
    if (!date)
        return false;
    o->year = (int)(date / 10000);
    size_t k = o->year < 2000 ? 2 : 4;
    if (n <= k || n - k > 4 || t->f[i + k] == '0' ||
        (int)small_number(t, i, k) != (k == 2 ? o->year - 1900 : o->year))
        return false;
    snprintf(o->s, sizeof o->s, "%.*s-%.*s", (int)k, (const char *)t->f + i, (int)(n - k),
             (const char *)t->f + i + k);
    return true;
}

/* A number whose year cannot be takes that of the date, if one digit was wrong. */
static bool mend_year(struct law_no *o, uint32_t date)
{
    if (!o->bad_year)
        return true;
    int year = (int)(date / 10000), wrong = 0;
    char real[16];
    size_t n = strcspn(o->s, "-");
    snprintf(real, sizeof real, "%02d", year < 2000 ? year - 1900 : year);
    if (!date || strlen(real) != n)
        return false;
    for (size_t k = 0; k < n; k++)
        wrong += o->s[k] != real[k];
    if (wrong != 1)
        return false;
    memcpy(o->s, real, n);
    o->corrected = true;
    o->year = year;
    return true;
}

/* ---- laws ---- */

struct law_at {
    enum lr_type type;
    size_t start, after; /* of the word, plural included */
    bool plural;
};

static grf_status add_text(struct lr_scan *s, const struct law_at *w, size_t start, size_t end,
                           const char *number, uint32_t date, float confidence,
                           unsigned flags, struct grf_err *err)
{
    struct lr_atom a = {.kind = LR_TEXT, .type = w->type, .start = (uint32_t)start,
                        .end = (uint32_t)end, .date = date, .confidence = confidence,
                        .flags = flags, .numbered = number && !(flags & GRF_REF_NAMED)};
    if (number)
        snprintf(a.canon, sizeof a.canon, "%s/%s", lr_type_names[w->type], number);
    else
        snprintf(a.canon, sizeof a.canon, "%s/%04u-%02u-%02u", lr_type_names[w->type],
                 date / 10000, date / 100 % 100, date % 100);
    return lr_add_atom(s, &a, err);
}

/* Words after which a number belongs to something else. */
static bool is_stop(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {
        "article", "articles", "art", "decret", "decrets", "ordonnance", "ordonnances", "code",
        "arrete", "arretes", "deliberation", "deliberations", "vu", "loi", "lois",
        "circulaire", "permis", "marche", "lot", "decision", "convention", "avenant",
        "dossier", "parcelle", "parcelles", "section", "reglement", "directive", "bulletin",
        "considerant", "annexe", "avis", "rapport", "amendement", "jo", "jorf", NULL};
    return lr_any_word(t, i, words) > 0;
}

/* Looks for the number that belongs to the word; false when there is none. */
static bool find_number(const struct lr_text *t, const struct law_at *w, struct law_no *o,
                        uint32_t *date)
{
    size_t end = 0, first = lr_skip_blanks(t, w->after), i = first;
    uint32_t before = 0;
    for (; i < first + WINDOW && i < t->n; i++) {
        unsigned char c = t->f[i];
        if (c == ';' || (c == '\n' && t->f[i + 1] == '\n') ||
            (c == '.' && lr_blank(t->f[i + 1]) && !lr_digit(t->f[i - 1])))
            return false;
        if (!lr_word_start(t, i) && !(i == w->after && c == 'n'))
            continue;
        size_t d = no_sign(t, i);
        bool bare = !d && i == first;
        if (bare && lr_digit(c))
            d = i;
        if (d && (law_number(t, d, o) || undashed_number(t, d, o))) {
            *date = date_after(t, o->end, &end);
            uint32_t known = *date ? *date : before;
            if (!mend_year(o, known))
                return false;
            bool agrees = known && (int)(known / 10000) == o->year;
            if (*date && end)
                o->end = end;
            else
                *date = before;
            return (i <= first + NEAR && !o->loose) || agrees;
        }
        if (d && i > first && no_sign(t, i))
            return false;
        if (!before)
            before = lr_date(t, i, &end);
        if (is_stop(t, i))
            return false;
    }
    return false;
}

/* "et n° 88-145 du ..." after a first number. */
static grf_status more_numbers(struct lr_scan *s, const struct law_at *w, size_t *end,
                               struct grf_err *err)
{
    static const char *const glue[] = {"et", "ou", "a", "le", "la", "l", "les", "du", "de",
                                       "au", "modifie", "modifiee", NULL};
    const struct lr_text *t = &s->t;
    for (;;) {
        size_t i = *end, n;
        for (int k = 0; k < 5; k++) {
            while (lr_blank(t->f[i]) || t->f[i] == ',' || t->f[i] == '\'')
                i++;
            if (!(n = lr_any_word(t, i, glue)))
                break;
            i += n;
        }
        struct law_no o;
        size_t d = no_sign(t, i), stop = 0;
        if (!d || d > *end + 40 || !law_number(t, d, &o))
            return GRF_OK;
        uint32_t date = date_after(t, o.end, &stop);
        if (!mend_year(&o, date))
            return GRF_OK;
        *end = date && stop ? stop : o.end;
        grf_status st = add_text(s, w, i, *end, o.s, date, o.corrected ? 0.8f : 0.97f,
                                 o.corrected ? GRF_REF_CORRECTED : 0, err);
        if (st != GRF_OK)
            return st;
    }
}

static bool finance_law(const struct lr_text *t, size_t i, const char **number, size_t *end)
{
    static const char *const glue[] = {"initiale", "pour", "de", "l", "annee", "la", NULL};
    size_t e = lr_match_name(t, i, "de finances"), n;
    if (!e)
        return false;
    for (int k = 0; k < 5; k++) {
        e = lr_skip_blanks(t, e);
        if (t->f[e] == '\'')
            e++;
        if (!(n = lr_any_word(t, e, glue)))
            break;
        e += n;
    }
    if (lr_digits(t, e) != 4)
        return false;
    *number = lr_finance_law((int)small_number(t, e, 4));
    *end = e + 4;
    return *number != NULL;
}

/* A well-known name after "loi": at once, or in brackets or quotes further on. */
static bool find_name(const struct lr_text *t, const struct law_at *w, const char **number,
                      size_t *end)
{
    static const char *const glue[] = {"dite", "dit", "relative", "a", "la", "l", "de", "sur",
                                       "pour", "du", "d", "portant", "une", "un", "le",
                                       "relatif", "loi", "les", NULL};
    size_t i = w->after, n;
    if (finance_law(t, lr_skip_blanks(t, i), number, end))
        return true;
    for (int k = 0; k < 8; k++) {
        while (lr_blank(t->f[i]) || t->f[i] == '"' || t->f[i] == '\'' || t->f[i] == '(' ||
               (t->f[i] == '-' && k))
            i++;
        const struct lr_law *law = lr_law_by_name(t, i, end);
        // an acronym right after the word, a phrase also after "relative à la"
        if (law && law->type == w->type) {
            *number = law->number;
            return true;
        }
        if (!(n = lr_any_word(t, i, glue)))
            break;
        i += n;
    }
    for (i = w->after; i < w->after + 110 && i < t->n; i++) {
        if (t->f[i] == ';' || (t->f[i] == '\n' && t->f[i + 1] == '\n') ||
            (lr_word_start(t, i) && is_stop(t, i)))
            return false;
        if ((t->f[i] == '(' || t->f[i] == '"') && lr_upper(t, i + 1)) {
            const struct lr_law *law = lr_law_by_name(t, i + 1, end);
            if (law && law->type == w->type && !lr_blank(t->f[*end])) {
                *number = law->number;
                return true;
            }
        }
    }
    return false;
}

/* "du 26 janvier 1984" with only such words before it. */
static uint32_t find_date(const struct lr_text *t, const struct law_at *w, size_t *end)
{
    static const char *const glue[] = {"organique", "constitutionnelle", "modifiee",
                                       "modifie", "en", "conseil", "d", "etat", "ministeriel",
                                       "interministeriel", "precitee", "susvisee", NULL};
    static const char *const judges[] = {"du", "de", "la", "le", "rendue", "president",
                                         "presidente", "juge", "tribunal", "cour", NULL};
    size_t i = w->after, n;
    for (int k = 0; k < 6; k++) {
        i = lr_skip_blanks(t, i);
        if (t->f[i] == '\'' || t->f[i] == '"')
            i++;
        if (!(n = lr_any_word(t, i, glue)))
            break;
        i += n;
    }
    uint32_t date = date_after(t, i, end);
    if (!date || w->type != LR_ORDONNANCE)
        return date;
    // a court named just before issued it
    static const char *const courts[] = {"tribunal", "juge", "refere", NULL};
    for (size_t k = w->start > COURT_BEFORE ? w->start - COURT_BEFORE : 0; k < w->start; k++)
        if (lr_word_start(t, k) && lr_any_word(t, k, courts))
            return 0;
    i = lr_skip_blanks(t, *end);
    i += t->f[i] == ',';
    for (i = lr_skip_blanks(t, i); (n = lr_any_word(t, i, judges)) > 0;
         i = lr_skip_blanks(t, i + n))
        if (n > 3)
            return 0;
    return date;
}

/* True when "même", "dudit" before or "précité" after says that the text was named. */
static bool said_before(const struct lr_text *t, const struct law_at *w)
{
    static const char *const before[] = {"meme ", "dudit ", "ledit ", "ladite ", "cette ",
                                         "ce ", "dite ", "susdite ", NULL};
    static const char *const after[] = {"precite", "precitee", "susvise", "susvisee",
                                        "susmentionne", "susmentionnee", "sus", NULL};
    for (const char *const *b = before; *b; b++) {
        size_t n = strlen(*b);
        if (w->start >= n && !memcmp(t->f + w->start - n, *b, n))
            return true;
    }
    return lr_any_word(t, lr_skip_blanks(t, w->after), after) > 0;
}

static bool is_draft(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"projet de ", "projets de ", "proposition de ",
                                        "propositions de ", "projet d'", "hors la ", NULL};
    for (const char *const *w = words; *w; w++) {
        size_t n = strlen(*w);
        if (i >= n && !memcmp(t->f + i - n, *w, n))
            return true;
    }
    return false;
}

static grf_status scan_national(struct lr_scan *s, const struct law_at *w, size_t *next,
                                struct grf_err *err)
{
    const struct lr_text *t = &s->t;
    struct law_no o;
    uint32_t date = 0;
    size_t end;
    const char *number;
    *next = w->after;
    if (is_draft(t, w->start))
        return GRF_OK;
    if (w->type != LR_ARRETE && find_number(t, w, &o, &date)) {
        *next = o.end;
        grf_status st = add_text(s, w, w->start, o.end, o.s, date, o.corrected ? 0.8f : 0.99f,
                                 o.corrected ? GRF_REF_CORRECTED : 0, err);
        return st != GRF_OK ? st : more_numbers(s, w, next, err);
    }
    if (w->type == LR_LOI && find_name(t, w, &number, &end)) {
        size_t stop = 0;
        date = date_after(t, end, &stop);
        *next = end = date ? stop : end;
        return add_text(s, w, w->start, end, number, 0, 0.95f, GRF_REF_NAMED, err);
    }
    date = find_date(t, w, &end);
    if (date) {
        *next = end;
        number = lr_law_by_date(w->type, date);
        return add_text(s, w, w->start, end, number, date, number ? 0.85f : 0.8f,
                        GRF_REF_NAMED, err);
    }
    // "la même loi", "dudit décret": only of use to an article before it
    struct lr_atom a = {.kind = LR_TEXTREF, .type = w->type, .start = (uint32_t)w->start,
                        .end = (uint32_t)w->after};
    return said_before(t, w) ? lr_add_atom(s, &a, err) : GRF_OK;
}

/* ---- European texts ---- */

static bool european_words(const struct lr_text *t, size_t *i)
{
    static const char *const words[] = {"ue", "ce", "cee", "europeen", "europeenne",
                                        "euratom", "communautaire", "n", "no", "delegue",
                                        "deleguee", "execution", "d", "general", "du",
                                        "conseil", "parlement", "commission", "de", "la", "et",
                                        NULL};
    bool seen = false;
    size_t j = *i, n;
    for (int k = 0; k < 14; k++) {
        while (lr_blank(t->f[j]) || t->f[j] == '(' || t->f[j] == ')' || t->f[j] == ',' ||
               t->f[j] == LR_DEGREE || t->f[j] == '\'' || t->f[j] == '.')
            j++;
        if (!(n = lr_any_word(t, j, words)))
            break;
        seen |= t->f[j] == 'u' || t->f[j] == 'c' || !strncmp((const char *)t->f + j, "eur", 3);
        j += n;
    }
    *i = j;
    return seen;
}

static grf_status scan_european(struct lr_scan *s, const struct law_at *w, bool directive,
                                size_t *next, struct grf_err *err)
{
    const struct lr_text *t = &s->t;
    size_t i = w->after, n, m;
    *next = i;
    bool said = european_words(t, &i);
    n = lr_digits(t, i);
    m = n && t->f[i + n] == '/' ? lr_digits(t, i + n + 1) : 0;
    if (!m || n > 4 || m > 4 || (n < 4 && m < 4 && !directive))
        return GRF_OK;
    size_t end = i + n + 1 + m;
    if (t->f[end] == '/') {
        static const char *const tails[] = {"ue", "ce", "cee", NULL};
        size_t k = lr_any_word(t, end + 1, tails);
        said |= k > 0;
        end += k ? k + 1 : 0;
    }
    if (!said || lr_alnum(t->f[end]) || t->f[end] == '/')
        return GRF_OK;
    struct lr_atom a = {.kind = LR_TEXT, .type = LR_UE, .start = (uint32_t)w->start,
                        .end = (uint32_t)end, .confidence = 0.97f, .numbered = true};
    snprintf(a.canon, sizeof a.canon, "ue/%.*s/%.*s", (int)n, (const char *)t->f + i, (int)m,
             (const char *)t->f + i + n + 1);
    *next = end;
    return lr_add_atom(s, &a, err);
}

static grf_status scan_rgpd(struct lr_scan *s, size_t i, size_t *next, struct grf_err *err)
{
    size_t end = lr_match_name(&s->t, i, "reglement general sur la protection des donnees");
    if (!end && lr_upper(&s->t, i) && lr_word(&s->t, i, "rgpd"))
        end = i + 4;
    *next = end ? end : i;
    struct lr_atom a = {.kind = LR_TEXT, .type = LR_UE, .canon = "ue/2016/679",
                        .start = (uint32_t)i, .end = (uint32_t)end, .confidence = 0.9f,
                        .flags = GRF_REF_NAMED};
    return end ? lr_add_atom(s, &a, err) : GRF_OK;
}

grf_status lr_scan_law(struct lr_scan *s, size_t i, size_t *next, struct grf_err *err)
{
    static const struct {
        const char *word;
        enum lr_type type;
    } words[] = {{"loi", LR_LOI},       {"decret", LR_DECRET}, {"ordonnance", LR_ORDONNANCE},
                 {"arrete", LR_ARRETE}, {"reglement", LR_UE},  {"directive", LR_UE}};
    const struct lr_text *t = &s->t;
    *next = i;
    if (t->f[i] == 'r') {
        grf_status st = scan_rgpd(s, i, next, err);
        if (st != GRF_OK || *next > i)
            return st;
    }
    for (size_t k = 0; k < GRF_ARRAY_LEN(words); k++) {
        size_t n = strlen(words[k].word);
        if (t->f[i] != (unsigned char)words[k].word[0] || memcmp(t->f + i, words[k].word, n))
            continue;
        struct law_at w = {words[k].type, i, i + n, false};
        if (t->f[i + n] == 's' && !lr_alpha(t->f[i + n + 1])) {
            w.plural = true;
            w.after++;
        }
        // "loin°83-634"
        bool glued = t->f[w.after] == 'n' && no_sign(t, w.after) && !lr_alpha(t->f[w.after + 1]);
        if (lr_alpha(t->f[w.after]) && !glued)
            return GRF_OK;
        if (w.type == LR_UE)
            return scan_european(s, &w, words[k].word[0] == 'd', next, err);
        if (w.type == LR_ARRETE) {
            size_t j = lr_skip_blanks(t, w.after);
            if (!lr_word(t, j, "ministeriel") && !lr_word(t, j, "interministeriel"))
                return GRF_OK;
        }
        return scan_national(s, &w, next, err);
    }
    return GRF_OK;
}

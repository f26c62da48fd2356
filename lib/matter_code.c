/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes of the nomenclature: asked for by code or title, and printed in acts. */
#include <stdlib.h>

#include "matter_priv.h"

enum { SCAN_MOST = 4000, AFTER_MARKER = 3 };

/* ---- asked for */

/* "7", "7.5" or "7.5.2" at the start of s; *n is its length without a third level. 0 when
   something else follows ("7bis", "1er"). */
static size_t code_length(struct grf_sv s)
{
    size_t i = 1, digits = 0;
    if (!s.n || s.p[0] < '1' || s.p[0] > '9')
        return 0;
    while (i + 1 + digits < s.n && s.p[i] == '.' && digits < 2 && s.p[i + 1 + digits] >= '0' &&
           s.p[i + 1 + digits] <= '9')
        digits++;
    size_t end = digits ? i + 1 + digits : i;
    char next = end < s.n ? s.p[end] : ' ';
    bool word = (next >= '0' && next <= '9') || (next >= 'a' && next <= 'z') ||
                (next >= 'A' && next <= 'Z') || (unsigned char)next >= 0xC0;
    return word || (next == ',' && !digits) ? 0 : end;
}

static const struct grf_matter_code *by_code(struct grf_sv code)
{
    const struct grf_matter_code *c;
    for (size_t k = 0; (c = grf_matter_at(k)) != NULL; k++) {
        if (strlen(c->code) == code.n && memcmp(c->code, code.p, code.n) == 0)
            return c;
    }
    return NULL;
}

static struct grf_sv trim(struct grf_sv s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n'))
        s = grf_sv(s.p + 1, s.n - 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\n'))
        s.n--;
    return s;
}

static bool next_telling(struct grf_words *it, struct grf_word *w)
{
    while (grf_words_next(it, w)) {
        if (!grf_text_is_stopword(grf_sv(w->norm, w->norm_len)))
            return true;
    }
    return false;
}

/* Same words, plural or not: "vœu" and "Vœux". */
static bool like(const struct grf_word *a, const struct grf_word *b)
{
    size_t n = a->norm_len < b->norm_len ? a->norm_len : b->norm_len;
    size_t more = a->norm_len > b->norm_len ? a->norm_len - n : b->norm_len - n;
    const char *end = a->norm_len > b->norm_len ? a->norm + n : b->norm + n;
    return memcmp(a->norm, b->norm, n) == 0 &&
           (!more || (more == 1 && n > 2 && (*end == 's' || *end == 'x')));
}

/* Whether all of asked stands at the start of title; *whole when nothing is left. */
static bool begins_title(struct grf_sv asked, const char *title, bool *whole)
{
    struct grf_words a, b;
    struct grf_word x, y;
    size_t n = 0;
    grf_words_init(&a, asked);
    grf_words_init(&b, grf_sv_z(title));
    while (next_telling(&a, &x)) {
        if (!next_telling(&b, &y) || !like(&x, &y))
            return false;
        n++;
    }
    *whole = !next_telling(&b, &y);
    return n > 0;
}

static const struct grf_matter_code *by_title(struct grf_sv asked)
{
    const struct grf_matter_code *c, *found = NULL;
    size_t n = 0;
    for (size_t k = 0; (c = grf_matter_at(k)) != NULL; k++) {
        bool whole;
        if (!begins_title(asked, c->title, &whole))
            continue;
        if (whole)
            return c;
        /* a head stands before its sub-heads of the same beginning */
        if (!found || !grf_matter_under(grf_sv_z(c->code), grf_sv_z(found->code))) {
            found = c;
            n++;
        }
    }
    return n == 1 ? found : NULL;
}

const struct grf_matter_code *grf_matter_find(struct grf_sv asked)
{
    asked = trim(asked);
    size_t n = code_length(asked);
    return n ? by_code(grf_sv(asked.p, n)) : by_title(asked);
}

bool grf_matter_under(struct grf_sv code, struct grf_sv asked)
{
    return asked.n && code.n >= asked.n && memcmp(code.p, asked.p, asked.n) == 0 &&
           (code.n == asked.n || code.p[asked.n] == '.');
}

/* ---- printed */

static bool is_marker(const struct grf_word *w)
{
    static const char *const markers[] = {"nomenclature", "matiere", "matieres",
                                          "classification"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(markers); i++) {
        if (strcmp(w->norm, markers[i]) == 0)
            return true;
    }
    return false;
}

/* The first telling words after a code are those of its title, two of them when it has
   as many. */
static bool title_follows(struct grf_words it, const char *title)
{
    struct grf_words t;
    struct grf_word x, y;
    int n = 0;
    grf_words_init(&t, grf_sv_z(title));
    while (n < 2 && next_telling(&t, &y)) {
        if (!next_telling(&it, &x) || !like(&x, &y))
            return false;
        n++;
    }
    return n > 0;
}

/* A number that stands alone or after a marker, with its code when it is one. */
static const struct grf_matter_code *code_at(struct grf_sv text, const struct grf_word *w,
                                             const struct grf_words *after, bool marked)
{
    char before = w->start ? text.p[w->start - 1] : ' ';
    size_t n = code_length(grf_sv(text.p + w->start, text.n - w->start));
    if (!n || before == '.' || before == ',' || before == '/' || before == '-')
        return NULL;
    const struct grf_matter_code *c = by_code(grf_sv(text.p + w->start, n));
    struct grf_words rest = *after;
    struct grf_word skip;
    if (!c)
        return NULL;
    while (rest.at < w->start + n && grf_words_next(&rest, &skip))
        ;
    return (marked && n > 1) || title_follows(rest, c->title) ? c : NULL;
}

const struct grf_matter_code *matter_printed(struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    int since = AFTER_MARKER + 1;
    text.n = text.n < SCAN_MOST ? text.n : SCAN_MOST;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        if (is_marker(&w)) {
            since = 0;
            continue;
        }
        since += since <= AFTER_MARKER;
        const struct grf_matter_code *c =
            w.has_digit ? code_at(text, &w, &it, since <= AFTER_MARKER) : NULL;
        if (c)
            return c;
    }
    return NULL;
}

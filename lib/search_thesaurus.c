/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Other words for what is asked: everyday and administrative terms, acronyms both ways.
 * The file thesaurus.tsv has one group a line: administrative terms, everyday turns,
 * "ACRONYM = terms"; tabs between the columns, " | " inside. A term or turn of which the
 * question has all telling words, in whatever order, brings in the administrative terms
 * of its group, at a small part of the weight of the asker's own words.
 *
 * The file is read at each question. Nearly all of its terms begin with a word that the
 * question does not have: those are passed over by their first letters, without folding
 * them.
 */
#include "grf_file.h"
#include "grf_mem.h"
#include "grf_where.h"
#include "search_priv.h"

enum {
    COLUMNS = 3,
    BITS = 1024, /* a power of two */
    GROUPS_MOST = 6 /* groups that one question brings in, those with the longest turns */
};
/* Of a word brought in, against 1 of the asker's own (doc/QUALITY.md, "thesaurus"). */
#define WEIGHT_OTHER 0.25

/* A word without the endings of plural and feminine: enough to compare by. */
struct light {
    char z[GRF_WORD_MAX + 1];
    size_t n;
};

static void to_light(struct light *l, const struct grf_word *w)
{
    memcpy(l->z, w->norm, w->norm_len + 1);
    l->n = w->norm_len;
    if (l->n > 4 && memcmp(l->z + l->n - 3, "aux", 3) == 0) {
        l->z[l->n - 2] = 'l';
        l->n--;
    }
    if (l->n > 3 && (l->z[l->n - 1] == 's' || l->z[l->n - 1] == 'x'))
        l->n--;
    if (l->n > 3 && l->z[l->n - 1] == 'e')
        l->n--;
    if (l->n > 3 && l->z[l->n - 1] == 'e') /* créée */
        l->n--;
    l->z[l->n] = '\0';
}

/* Where among the bits of struct asked a word stands by its first letters, which being
   made light leaves as they are. */
static unsigned bit_of(const char *norm, size_t n)
{
    unsigned a = (unsigned char)norm[0], b = n > 1 ? (unsigned char)norm[1] : 0;
    unsigned c = n > 2 ? (unsigned char)norm[2] : 0;
    return (a * 961 + b * 31 + c) & (BITS - 1);
}

struct asked {
    struct light words[MAX_TERMS];
    size_t n;
    uint64_t firsts[BITS / 64]; /* what its words begin with */
};

static bool may_have(const struct asked *a, const char *norm, size_t n)
{
    unsigned bit = bit_of(norm, n);
    return a->firsts[bit / 64] >> (bit % 64) & 1;
}

static void read_asked(struct asked *a, struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    memset(a->firsts, 0, sizeof(a->firsts));
    a->n = 0;
    grf_words_init(&it, text);
    while (a->n < MAX_TERMS && grf_words_next(&it, &w)) {
        if (grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            continue;
        to_light(&a->words[a->n++], &w);
        unsigned bit = bit_of(w.norm, w.norm_len);
        a->firsts[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

static bool has_light(const struct asked *a, const struct grf_word *w)
{
    struct light l;
    if (!may_have(a, w->norm, w->norm_len))
        return false;
    to_light(&l, w);
    for (size_t i = 0; i < a->n; i++) {
        if (a->words[i].n == l.n && memcmp(a->words[i].z, l.z, l.n) == 0)
            return true;
    }
    return false;
}

/* The length of the plain word at the entry's byte `at`: letters without accents between
   blanks, which fold to the same in small; 0: it is not so plain. */
static size_t plain_word(struct grf_sv entry, size_t at, char out[GRF_WORD_MAX])
{
    size_t n = 0;
    for (; at < entry.n && entry.p[at] != ' '; at++) {
        char c = (char)(entry.p[at] | 0x20);
        if (c < 'a' || c > 'z' || n == GRF_WORD_MAX)
            return 0;
        out[n++] = c;
    }
    return n;
}

/* Whether the first telling word of the entry is a plain one that the question cannot
   have. Of other entries nothing is said. */
static bool begins_elsewhere(const struct asked *a, struct grf_sv entry)
{
    char word[GRF_WORD_MAX];
    size_t at = 0;
    for (;;) {
        while (at < entry.n && entry.p[at] == ' ')
            at++;
        size_t n = plain_word(entry, at, word);
        if (n == 0)
            return false;
        if (!grf_text_is_stopword(grf_sv(word, n)))
            return !may_have(a, word, n);
        at += n;
    }
}

/* Whether the question has all telling words of the entry; 0, or how many. */
static size_t meets(const struct asked *a, struct grf_sv entry)
{
    struct grf_words it;
    struct grf_word w;
    size_t n = 0;
    if (begins_elsewhere(a, entry))
        return 0;
    grf_words_init(&it, entry);
    while (grf_words_next(&it, &w)) {
        if (grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            continue;
        if (!has_light(a, &w))
            return 0;
        n++;
    }
    return n;
}

/* The next entry of a column: pieces between " | ", and on both sides of " = ". */
static bool next_entry(struct grf_sv column, size_t *at, struct grf_sv *out)
{
    if (*at >= column.n)
        return false;
    const char *from = column.p + *at, *to = from, *end = column.p + column.n;
    while (to < end && *to != '|' && *to != '=')
        to++;
    *out = grf_sv(from, (size_t)(to - from));
    *at += (size_t)(to - from) + 1;
    return true;
}

static size_t split_line(struct grf_sv line, struct grf_sv columns[COLUMNS])
{
    size_t n = 0, at = 0;
    while (n < COLUMNS && at <= line.n) {
        const char *tab = at < line.n ? memchr(line.p + at, '\t', line.n - at) : NULL;
        size_t end = tab ? (size_t)(tab - line.p) : line.n;
        columns[n++] = grf_sv(line.p + at, end - at);
        at = end + 1;
    }
    return n;
}

/* The words of the longest entry of the line that the question has; 0: none. */
static size_t best_match(const struct asked *a, const struct grf_sv *columns, size_t n)
{
    size_t best = 0;
    for (size_t c = 0; c < n; c++) {
        struct grf_sv entry;
        size_t at = 0;
        while (next_entry(columns[c], &at, &entry)) {
            size_t words = meets(a, entry);
            if (words > best)
                best = words;
        }
    }
    return best;
}

/* The telling words of a column that the question does not have. */
static void add_entries(struct grf_str *out, const struct asked *a, struct grf_sv column)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, column);
    while (grf_words_next(&it, &w)) {
        if (w.norm_len < 2 || grf_text_is_stopword(grf_sv(w.norm, w.norm_len)) ||
            has_light(a, &w))
            continue;
        grf_str_add(out, w.norm, w.norm_len);
        grf_str_addc(out, ' ');
    }
}

/* ---- subjects */

enum { NEAR_WORDS = 512, TERM_WORDS = 8, NEAR_SLACK = 2 };

struct sequence {
    struct light v[NEAR_WORDS];
    size_t n;
};

/* The telling words of a text, in order. */
static void read_sequence(struct sequence *s, struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, text);
    while (s->n < NEAR_WORDS && grf_words_next(&it, &w)) {
        if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            to_light(&s->v[s->n++], &w);
    }
}

static bool same_light(const struct light *a, const struct light *b)
{
    return a->n == b->n && memcmp(a->z, b->z, a->n) == 0;
}

/* Whether all words of the term stand in s[from, from + n + slack). */
static bool stands_at(const struct sequence *s, size_t from, const struct sequence *term)
{
    size_t to = from + term->n + NEAR_SLACK;
    for (size_t i = 0; i < term->n; i++) {
        size_t k = from;
        while (k < s->n && k < to && !same_light(&s->v[k], &term->v[i]))
            k++;
        if (k == s->n || k == to)
            return false;
    }
    return true;
}

static bool has_term(const struct sequence *s, const struct sequence *term)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = 0; k < term->n; k++) {
            if (same_light(&s->v[i], &term->v[k])) {
                if (stands_at(s, i, term))
                    return true;
                break;
            }
        }
    }
    return false;
}

/* Whether one of the group's terms of two words or more stands in the text; in formal
   ones everyday turns do not count. */
static bool speaks_of(const struct sequence *s, struct grf_sv line, bool formal,
                      struct sequence *term)
{
    struct grf_sv columns[COLUMNS], entry;
    size_t n = split_line(line, columns);
    for (size_t c = 0; c < n; c++) {
        if (formal && c == 1)
            continue;
        size_t at = 0;
        while (next_entry(columns[c], &at, &entry)) {
            term->n = 0;
            read_sequence(term, entry);
            if (term->n >= 2 && term->n <= TERM_WORDS && has_term(s, term))
                return true;
        }
    }
    return false;
}

unsigned subjects_in(const struct understood *u, struct grf_sv subject, struct grf_sv text)
{
    unsigned bits = 0;
    struct sequence *s = u->n_subjects ? grf_calloc(2, sizeof(*s)) : NULL;
    if (!s)
        return 0; /* without memory: nothing is known to be there */
    read_sequence(&s[0], subject);
    read_sequence(&s[0], text);
    for (size_t i = 0; i < u->n_subjects; i++) {
        if (speaks_of(&s[0], grf_str_sv(&u->subjects[i]), false, &s[1]))
            bits |= 1u << i;
    }
    grf_free(s);
    return bits;
}

/* Keeps the group when the question itself has one of its administrative terms, words
   together: then it names that subject. */
static void keep_subject(struct understood *u, struct grf_sv line, struct sequence *s)
{
    if (u->n_subjects == MAX_SUBJECTS || !speaks_of(&s[0], line, true, &s[1]))
        return;
    struct grf_str *z = &u->subjects[u->n_subjects++];
    grf_str_init(z, line.n + 1);
    grf_str_add(z, line.p, line.n);
}

/* ---- the file */

struct group {
    struct grf_sv line;
    size_t words;
};

/* Keeps the groups with the longest matches, the first of equals. */
static void keep_group(struct group *v, size_t *n, struct group g)
{
    size_t k = *n;
    while (k > 0 && v[k - 1].words < g.words)
        k--;
    if (k == GROUPS_MOST)
        return;
    *n += *n < GROUPS_MOST;
    memmove(v + k + 1, v + k, (*n - k - 1) * sizeof(*v));
    v[k] = g;
}

static void expand(struct understood *u, struct grf_sv file)
{
    struct grf_sv columns[COLUMNS];
    struct group groups[GROUPS_MOST];
    struct asked a;
    size_t at = 0, n_groups = 0;
    read_asked(&a, grf_str_sv(&u->bare));
    while (at < file.n) {
        const char *nl = memchr(file.p + at, '\n', file.n - at);
        size_t end = nl ? (size_t)(nl - file.p) : file.n;
        struct group g = {grf_sv(file.p + at, end - at), 0};
        g.words = best_match(&a, columns, split_line(g.line, columns));
        if (g.words)
            keep_group(groups, &n_groups, g);
        at = end + 1;
    }
    struct sequence *s = grf_calloc(2, sizeof(*s));
    if (s)
        read_sequence(&s[0], grf_str_sv(&u->bare));
    for (size_t i = 0; i < n_groups; i++) {
        size_t n = split_line(groups[i].line, columns);
        if (s && groups[i].words >= 2)
            keep_subject(u, groups[i].line, s);
        add_entries(&u->extra, &a, columns[0]);
        if (n == COLUMNS)
            add_entries(&u->extra, &a, columns[2]);
    }
    grf_free(s);
}

grf_status add_other_words(struct understood *u, struct grf_err *err)
{
    struct grf_map map = {NULL, 0};
    char *path = grf_data_path("thesaurus.tsv");
    if (!path)
        return grf_fail_nomem(err);
    /* without it there are only fewer words to look for */
    if (grf_map_open(&map, path, NULL) == GRF_OK && map.n)
        expand(u, grf_sv((const char *)map.p, map.n));
    grf_map_close(&map);
    grf_free(path);
    if (u->extra.n && u->n_clauses < MAX_CLAUSES)
        u->clauses[u->n_clauses++] = (struct grf_ft_clause){
            GRF_CLAUSE_WORDS, grf_str_sv(&u->extra), WEIGHT_OTHER};
    return grf_str_status(&u->extra, err);
}

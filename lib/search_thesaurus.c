/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Other words for what is asked: everyday and administrative terms, acronyms both ways
 * (grf_thesaurus.h). A term or turn of which the question has all telling words, in
 * whatever order, brings in the administrative terms of its group, at a small part of the
 * weight of the asker's own words.
 */
#include "grf_mem.h"
#include "search_priv.h"

enum { GROUPS_MOST = 6 /* groups that one question brings in, those with the longest turns */ };
/* Of a word brought in, against 1 of the asker's own (doc/QUALITY.md, "thesaurus"). */
#define WEIGHT_OTHER 0.25

struct asked {
    struct grf_light words[MAX_TERMS];
    size_t n;
};

static void read_asked(struct asked *a, struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    a->n = 0;
    grf_words_init(&it, text);
    while (a->n < MAX_TERMS && grf_words_next(&it, &w)) {
        if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            grf_light_of(&a->words[a->n++], &w);
    }
}

static bool has_light(const struct asked *a, const struct grf_word *w)
{
    struct grf_light l;
    grf_light_of(&l, w);
    for (size_t i = 0; i < a->n; i++) {
        if (grf_light_same(&a->words[i], &l))
            return true;
    }
    return false;
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
    struct grf_light v[NEAR_WORDS];
    size_t n;
};

/* Two of them, empty: they are too large for the stack, and mostly stay unfilled. */
static struct sequence *new_sequences(void)
{
    struct sequence *s = grf_alloc(2 * sizeof(*s));
    if (s)
        s[0].n = s[1].n = 0;
    return s;
}

/* The telling words of a text, in order. */
static void read_sequence(struct sequence *s, struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, text);
    while (s->n < NEAR_WORDS && grf_words_next(&it, &w)) {
        if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            grf_light_of(&s->v[s->n++], &w);
    }
}

/* Whether all words of the term stand in s[from, from + n + slack). */
static bool stands_at(const struct sequence *s, size_t from, const struct sequence *term)
{
    size_t to = from + term->n + NEAR_SLACK;
    for (size_t i = 0; i < term->n; i++) {
        size_t k = from;
        while (k < s->n && k < to && !grf_light_same(&s->v[k], &term->v[i]))
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
            if (grf_light_same(&s->v[i], &term->v[k])) {
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
    struct grf_sv columns[GRF_THESAURUS_COLUMNS], entry;
    size_t n = grf_thesaurus_split(line, columns);
    for (size_t c = 0; c < n; c++) {
        if (formal && c == 1)
            continue;
        size_t at = 0;
        while (grf_thesaurus_next(columns[c], &at, &entry)) {
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
    struct sequence *s = u->n_subjects ? new_sequences() : NULL;
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

/* ---- expanding */

static void expand(struct understood *u, const struct grf_thesaurus *t)
{
    struct grf_sv columns[GRF_THESAURUS_COLUMNS];
    struct grf_thesaurus_group groups[GROUPS_MOST];
    struct asked a;
    size_t n_groups = GROUPS_MOST;
    read_asked(&a, grf_str_sv(&u->bare));
    grf_thesaurus_match(t, a.words, a.n, groups, &n_groups);
    struct sequence *s = n_groups ? new_sequences() : NULL;
    if (s)
        read_sequence(&s[0], grf_str_sv(&u->bare));
    for (size_t i = 0; i < n_groups; i++) {
        size_t n = grf_thesaurus_split(groups[i].line, columns);
        if (s && groups[i].words >= 2)
            keep_subject(u, groups[i].line, s);
        add_entries(&u->extra, &a, columns[0]);
        if (n == GRF_THESAURUS_COLUMNS)
            add_entries(&u->extra, &a, columns[2]);
    }
    grf_free(s);
}

grf_status add_other_words(struct run *run, struct grf_err *err)
{
    struct understood *u = &run->u;
    /* without it there are only fewer words to look for */
    if (!*run->thesaurus && grf_thesaurus_open(run->thesaurus, err) == GRF_NOMEM)
        return GRF_NOMEM;
    if (*run->thesaurus)
        expand(u, *run->thesaurus);
    if (u->extra.n && u->n_clauses < MAX_CLAUSES)
        u->clauses[u->n_clauses++] = (struct grf_ft_clause){
            GRF_CLAUSE_WORDS, grf_str_sv(&u->extra), WEIGHT_OTHER};
    return grf_str_status(&u->extra, err);
}

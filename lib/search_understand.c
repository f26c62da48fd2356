/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Understanding a question: phrases in quotation marks, telling words. */
#include "grf_i18n.h"
#include "grf_mem.h"
#include "search_priv.h"

/* Of a word that a misspelt one may be, against 1 of the asker's own. */
#define WEIGHT_MENDED 0.7

/* Opening quotation marks with their closings. */
static const struct {
    const char *open, *close;
} marks[] = {{"\"", "\""},
             {"\xC2\xAB", "\xC2\xBB"},          /* « » */
             {"\xE2\x80\x9C", "\xE2\x80\x9D"}}; /* “ ” */

static bool starts(struct grf_sv t, size_t at, const char *z)
{
    size_t n = strlen(z);
    return at + n <= t.n && memcmp(t.p + at, z, n) == 0;
}

static bool has_word(struct grf_sv t)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, t);
    return grf_words_next(&it, &w);
}

/* The phrase that opens at *at: true with its inside, *at behind its closing. */
static bool take_phrase(struct grf_sv t, size_t *at, struct grf_sv *inside)
{
    for (size_t m = 0; m < GRF_ARRAY_LEN(marks); m++) {
        if (!starts(t, *at, marks[m].open))
            continue;
        size_t from = *at + strlen(marks[m].open);
        for (size_t i = from; i < t.n; i++) {
            if (starts(t, i, marks[m].close)) {
                *inside = grf_sv(t.p + from, i - from);
                *at = i + strlen(marks[m].close);
                return has_word(*inside);
            }
        }
    }
    return false;
}

static void split_phrases(struct understood *u)
{
    size_t at = 0;
    while (at < u->text.n) {
        struct grf_sv inside;
        size_t next = at;
        if (u->n_clauses + 1 < MAX_CLAUSES && take_phrase(u->text, &next, &inside)) {
            u->clauses[u->n_clauses++] =
                (struct grf_ft_clause){GRF_CLAUSE_PHRASE, inside, 1.0};
            grf_str_addc(&u->rest, ' ');
            at = next;
        } else {
            grf_str_addc(&u->rest, u->text.p[at++]);
        }
    }
}

static bool known(const struct understood *u, const char *stem)
{
    for (size_t i = 0; i < u->n_terms; i++) {
        if (strcmp(u->terms[i].stem, stem) == 0)
            return true;
    }
    return false;
}

static void add_term(struct understood *u, const struct grf_word *w)
{
    char stem[GRF_STEM_MAX];
    if (!w->has_digit && grf_text_is_stopword(grf_sv(w->norm, w->norm_len)))
        return;
    if (w->has_digit)
        memcpy(stem, w->norm, w->norm_len + 1);
    else
        grf_ft_stem(grf_sv(w->norm, w->norm_len), stem);
    if (known(u, stem) || u->n_terms == MAX_TERMS)
        return;
    struct qterm *t = &u->terms[u->n_terms++];
    memcpy(t->norm, w->norm, w->norm_len + 1);
    memcpy(t->stem, stem, sizeof(stem));
    t->weight = 1;
}

grf_status understand(struct grf_sv question, struct understood *u, struct grf_err *err)
{
    struct grf_words it;
    struct grf_word w;
    memset(u, 0, sizeof(*u));
    u->text = question;
    grf_str_init(&u->rest, GRF_QUESTION_MAX);
    grf_str_init(&u->extra, 65536);
    grf_str_init(&u->mended, 65536);
    split_phrases(u);
    grf_status st = grf_str_status(&u->rest, err);
    if (st)
        return st;
    if (has_word(grf_str_sv(&u->rest)))
        u->clauses[u->n_clauses++] =
            (struct grf_ft_clause){GRF_CLAUSE_WORDS, grf_str_sv(&u->rest), 1.0};
    grf_words_init(&it, question);
    while (grf_words_next(&it, &w))
        add_term(u, &w);
    return GRF_OK;
}

static bool dropped(const struct understood *u, const char *norm)
{
    for (size_t i = 0; i < u->n_dropped; i++) {
        if (strcmp(u->dropped[i], norm) == 0)
            return true;
    }
    return false;
}

static bool has_telling_word(struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            return true;
    }
    return false;
}

/* Blanks the dropped words; false when no telling word is left. */
static bool blank_dropped(const struct understood *u, char *text, size_t n)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, grf_sv(text, n));
    while (grf_words_next(&it, &w)) {
        if (dropped(u, w.norm))
            memset(text + w.start, ' ', w.end - w.start);
    }
    return has_telling_word(grf_sv(text, n));
}

/* Dates are hints of their own: as words they would bring what was decided that month,
   whatever it is. */
static void blank_dates(struct understood *u)
{
    struct grf_date_span d;
    size_t at = 0;
    while (grf_date_find(u->text, &at, true, &d))
        memset(u->bare.p + d.start, ' ', d.end - d.start);
    if (!has_telling_word(grf_str_sv(&u->bare)))
        memcpy(u->bare.p, u->text.p, u->text.n);
}

grf_status drop_names(struct understood *u, struct grf_err *err)
{
    size_t kept = 0;
    grf_str_init(&u->bare, 2 * GRF_QUESTION_MAX + 65536);
    grf_str_add(&u->bare, u->text.p, u->text.n);
    grf_status st = grf_str_status(&u->bare, err);
    if (!st && u->bare.n)
        blank_dates(u);
    if (st || !u->n_dropped || !u->bare.n)
        return st;
    if (!blank_dropped(u, u->bare.p, u->bare.n)) {
        memcpy(u->bare.p, u->text.p, u->text.n);
        return GRF_OK;
    }
    if (u->rest.n)
        blank_dropped(u, u->rest.p, u->rest.n);
    for (size_t i = 0; i < u->n_terms; i++) {
        if (!dropped(u, u->terms[i].norm))
            u->terms[kept++] = u->terms[i];
    }
    u->n_terms = kept;
    return GRF_OK;
}

/* A word that the base does not have is looked for as the nearest one that it has. */
grf_status mend_words(struct grf_ft_reader *ft, struct understood *u, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < u->n_terms && !st; i++) {
        char other[GRF_WORD_MAX + 1];
        struct grf_sv norm = grf_sv_z(u->terms[i].norm);
        uint64_t passages;
        st = grf_ft_frequency(ft, norm, &passages, err);
        if (st || passages)
            continue;
        st = grf_ft_nearest_word(ft, norm, other, err);
        if (st || !other[0])
            continue;
        grf_str_addz(&u->mended, other);
        grf_str_addc(&u->mended, ' ');
        memcpy(u->terms[i].norm, other, strlen(other) + 1);
        grf_ft_stem(grf_sv_z(other), u->terms[i].stem);
    }
    if (!st)
        st = grf_str_status(&u->mended, err);
    if (!st && u->mended.n && u->n_clauses < MAX_CLAUSES)
        u->clauses[u->n_clauses++] = (struct grf_ft_clause){
            GRF_CLAUSE_WORDS, grf_str_sv(&u->mended), WEIGHT_MENDED};
    if (!st && u->mended.n) { /* and for its meaning */
        grf_str_addc(&u->bare, ' ');
        grf_str_add(&u->bare, u->mended.p, u->mended.n);
        st = grf_str_status(&u->bare, err);
    }
    return st;
}

void understood_release(struct understood *u)
{
    grf_str_release(&u->mended);
    grf_str_release(&u->extra);
    for (size_t i = 0; i < u->n_subjects; i++)
        grf_str_release(&u->subjects[i]);
    grf_str_release(&u->bare);
    grf_str_release(&u->rest);
}

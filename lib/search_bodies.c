/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bodies that a question names: "à Pierrefonds", "la CCLO". What their names are looked for
 * by is made once for each state of the base.
 */
#include <stdio.h>

#include "grf_mem.h"
#include "search_priv.h"

#define WEIGHT_BODY 0.7  /* another body's act is hardly ever meant */
#define WEIGHT_SHORT 0.4 /* a body called by a part of its name */

struct body {
    char *name;
    char *words; /* " words of the name ", with a blank between; NULL when there are none */
    char acronym[16];
    char shorter[GRF_WORD_MAX + 1]; /* the word that people shorten it to; "" none */
};

struct bodies {
    struct body *v;
    size_t n, cap;
};

/* Words that do not tell one body from another. */
static bool says_nothing(const struct grf_word *w)
{
    static const char *const words[] = {"cc",       "commune",        "communes", "ville",
                                        "mairie",   "communaute",     "conseil",  "municipal",
                                        "municipale", "agglomeration", "metropole"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(words); i++) {
        if (strcmp(w->norm, words[i]) == 0)
            return true;
    }
    return w->norm_len < 2 || grf_text_is_stopword(grf_sv(w->norm, w->norm_len));
}

static void add_words(struct grf_str *out, struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    grf_str_addc(out, ' ');
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        if (says_nothing(&w))
            continue;
        grf_str_add(out, w.norm, w.norm_len);
        grf_str_addc(out, ' ');
    }
}

/* The words of the body's name are no subject: they are not looked for in texts. */
static void drop_words(struct understood *u, struct grf_sv name)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, name);
    while (u->n_dropped < MAX_DROPPED && grf_words_next(&it, &w)) {
        if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)) && w.norm_len > 1)
            memcpy(u->dropped[u->n_dropped++], w.norm, w.norm_len + 1);
    }
}

/* "CC Lisières de l'Oise" is called CCLO: initials, an acronym inside kept whole. */
static void acronym_of(struct grf_sv name, char out[16])
{
    struct grf_words it;
    struct grf_word w;
    size_t n = 0;
    grf_words_init(&it, name);
    while (grf_words_next(&it, &w) && n + 4 < 16) {
        if (grf_text_is_stopword(grf_sv(w.norm, w.norm_len)) || w.norm_len == 1)
            continue;
        if (strcmp(w.norm, "cc") == 0 || strcmp(w.norm, "ca") == 0) {
            out[n++] = w.norm[0];
            out[n++] = w.norm[1];
        } else {
            out[n++] = w.norm[0];
        }
    }
    out[n] = '\0';
}

/* A name of several words is shortened to its first long one. */
static void shorten(struct grf_sv words, char out[])
{
    struct grf_words it;
    struct grf_word w;
    size_t count = 0;
    char first[GRF_WORD_MAX + 1] = "";
    grf_words_init(&it, words);
    while (grf_words_next(&it, &w)) {
        if (!count++ && w.norm_len >= 6)
            memcpy(first, w.norm, w.norm_len + 1);
    }
    memcpy(out, count > 1 ? first : "", count > 1 ? sizeof(first) : 1);
}

static void free_bodies(void *kept)
{
    struct bodies *all = kept;
    for (size_t i = 0; i < all->n; i++) {
        grf_free(all->v[i].name);
        grf_free(all->v[i].words);
    }
    grf_free(all->v);
    grf_free(all);
}

static grf_status keep_body(void *data, struct grf_sv name, struct grf_err *err)
{
    struct bodies *all = data;
    struct grf_str words;
    if (grf_grow(&all->v, all->n, &all->cap, sizeof(*all->v)))
        return grf_fail_nomem(err);
    struct body *b = &all->v[all->n];
    memset(b, 0, sizeof(*b));
    grf_str_init(&words, 4096);
    add_words(&words, name);
    if (words.n > 3 && !words.bad) {
        shorten(grf_str_sv(&words), b->shorter);
        b->words = grf_strndup(words.p, words.n);
    }
    bool nomem = words.n > 3 && !words.bad && !b->words;
    grf_str_release(&words);
    acronym_of(name, b->acronym);
    b->name = grf_strndup(name.p, name.n);
    all->n++;
    return nomem || !b->name ? grf_fail_nomem(err) : GRF_OK;
}

static grf_status read_bodies(struct grf_base *base, struct grf_err *err)
{
    if (base->kept)
        return GRF_OK;
    struct bodies *all = grf_calloc(1, sizeof(*all));
    if (!all)
        return grf_fail_nomem(err);
    grf_status st = grf_base_each_body_name(base, keep_body, all, err);
    if (st) {
        free_bodies(all);
        return st;
    }
    base->kept = all;
    base->free_kept = free_bodies;
    return GRF_OK;
}

/* ---- the question */

/* A name written in two ways in the base is one body, and counts once. */
static bool is_hinted(const struct understood *u, struct grf_sv name)
{
    for (size_t i = 0; i < u->n_hints; i++) {
        const struct grf_filter_term *t = &u->hints[i].term;
        if (t->value.n && t->name == GRF_FILTER_BODY && grf_text_same_key(t->value, name))
            return true;
    }
    return false;
}

/* question: " its words ". */
static bool asks_word(const char *question, const char *word)
{
    char key[GRF_WORD_MAX + 3];
    snprintf(key, sizeof(key), " %s ", word);
    return strstr(question, key) != NULL;
}

static void match(struct understood *u, const char *question, const struct body *b)
{
    struct grf_sv name = grf_sv_z(b->name);
    if (is_hinted(u, name))
        return;
    if (b->words && strstr(question, b->words)) {
        add_term_hint(u, GRF_FILTER_BODY, name, WEIGHT_BODY);
        drop_words(u, name);
    } else if (strlen(b->acronym) >= 3 && asks_word(question, b->acronym)) {
        add_term_hint(u, GRF_FILTER_BODY, name, WEIGHT_BODY);
        drop_words(u, grf_sv_z(b->acronym));
    } else if (b->shorter[0] && asks_word(question, b->shorter)) {
        add_term_hint(u, GRF_FILTER_BODY, name, WEIGHT_SHORT);
        drop_words(u, grf_sv_z(b->shorter));
    }
}

grf_status find_bodies(struct grf_base *base, struct understood *u, struct grf_err *err)
{
    struct grf_str question;
    grf_str_init(&question, 4 * GRF_QUESTION_MAX);
    add_words(&question, u->text);
    grf_status st = grf_str_status(&question, err);
    if (!st)
        st = read_bodies(base, err);
    const struct bodies *all = st ? NULL : base->kept;
    for (size_t i = 0; all && i < all->n; i++)
        match(u, question.p, &all->v[i]);
    grf_str_release(&question);
    return st;
}

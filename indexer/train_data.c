/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading what the model learns from into one array of word numbers. Everything
 * kept is a run in that array; words that the vocabulary drops stay in it as
 * UINT32_MAX and are passed over when a batch is drawn.
 */
#include "train.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive.h"
#include "grf_embed_format.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_jsonread.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "train_asked.h"

#define NO_WORD UINT32_MAX
#define MAX_WORDS ((size_t)1 << 30) /* of all texts together */

enum { ASKED_WORDS = 180 }; /* of a passage that a question names by its first words */

/* How much an occurrence counts when the vocabulary is chosen: what people say and
   what town halls write is rare beside the law, and matters more. */
enum { LAW_WEIGHT = 1, PAGE_WEIGHT = 2, SPOKEN_WEIGHT = 4 };

struct loader {
    struct grf_train_data *d;
    const struct grf_train_source *src;
    uint64_t *left_out; /* sorted hashes of code and title */
    size_t n_left_out, cap_left_out;
    uint64_t path_hash; /* of the last article's section path */
    struct grf_asked asked;  /* questions whose passage is still to be met */
    struct grf_progress progress;
    uint64_t lines;
    struct grf_jdoc *doc; /* of the line at hand; NULL when it was taken over */
};

typedef grf_status line_fn(struct loader *l, const struct grf_jval *v,
                           struct grf_err *err);

#define PUSH(d, list, value)                                                             \
    (grf_grow(&(d)->list, (d)->n_##list, &(d)->cap_##list, sizeof(*(d)->list)) == GRF_OK \
         ? ((d)->list[(d)->n_##list++] = (value), GRF_OK)                                \
         : GRF_NOMEM)

static uint64_t mix(uint64_t h, struct grf_sv s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return (h ^ 0xff) * 0x100000001b3u; // marks the end of a part
}

/* Adds a text to the array of words. */
static grf_status add_text(struct grf_train_data *d, struct grf_sv text, uint32_t weight,
                           struct grf_run *run, struct grf_err *err)
{
    struct grf_words it;
    struct grf_word w;
    *run = (struct grf_run){(uint32_t)d->n_words, 0};
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        uint32_t number;
        grf_status s =
            grf_vocab_count(&d->vocab, grf_sv(w.norm, w.norm_len), weight, &number, err);
        if (s != GRF_OK)
            return s;
        if (d->n_words >= MAX_WORDS)
            return grf_fail(err, GRF_LIMIT, _("training texts: more than %zu words"),
                            MAX_WORDS);
        if (PUSH(d, words, number) != GRF_OK)
            return grf_fail_nomem(err);
        run->n++;
    }
    return GRF_OK;
}

/* "Section 2 : Des marchés." -> "Des marchés.": the number says nothing. */
static struct grf_sv strip_number(struct grf_sv title)
{
    size_t most = title.n < 48 ? title.n : 48;
    const char *colon = most ? memchr(title.p, ':', most) : NULL;
    if (!colon || colon + 1 == title.p + title.n)
        return title;
    return grf_sv(colon + 1, title.n - (size_t)(colon + 1 - title.p));
}

/* Code and title as folded words, so that punctuation makes no difference. */
static uint64_t title_hash(struct grf_sv code, struct grf_sv title)
{
    struct grf_words it;
    struct grf_word w;
    uint64_t h = mix(0xcbf29ce484222325u, code);
    grf_words_init(&it, title);
    while (grf_words_next(&it, &w))
        h = mix(h, grf_sv(w.norm, w.norm_len));
    return h;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool is_left_out(const struct loader *l, uint64_t hash)
{
    return l->n_left_out &&
           bsearch(&hash, l->left_out, l->n_left_out, sizeof(hash), by_value);
}

static bool is_excluded(const struct loader *l, struct grf_sv body)
{
    const struct grf_cli_list *x = l->src->excluded;
    for (size_t i = 0; x && i < x->n; i++)
        if (strlen(x->v[i]) == body.n && memcmp(x->v[i], body.p, body.n) == 0)
            return true;
    return false;
}

/* ---- one function for each kind of line */

static grf_status on_left_out(struct loader *l, const struct grf_jval *v,
                              struct grf_err *err)
{
    uint64_t hash = title_hash(grf_jval_sv(grf_jval_get(v, "code")),
                               grf_jval_sv(grf_jval_get(v, "text")));
    return PUSH(l, left_out, hash) == GRF_OK ? GRF_OK : grf_fail_nomem(err);
}

static grf_status add_titles(struct loader *l, const struct grf_jval *path,
                             struct grf_sv code, struct grf_err *err)
{
    struct grf_train_data *d = l->d;
    for (size_t i = 0; i < grf_jval_count(path); i++) {
        struct grf_sv text = strip_number(grf_jval_sv(grf_jval_at(path, i)));
        struct grf_title t = {.left_out = is_left_out(l, title_hash(code, text))};
        grf_status s = add_text(d, text, LAW_WEIGHT, &t.text, err);
        if (s != GRF_OK)
            return s;
        if (PUSH(d, titles, t) != GRF_OK)
            return grf_fail_nomem(err);
        d->n_left_out += t.left_out;
    }
    return GRF_OK;
}

static grf_status add_passage(struct loader *l, struct grf_sv text,
                              const struct grf_jval *list, struct grf_err *err)
{
    struct grf_train_data *d = l->d;
    struct grf_passage p = {.group = (uint32_t)d->n_passages};
    grf_status s = add_text(d, text, SPOKEN_WEIGHT, &p.text, err);
    if (s == GRF_OK && PUSH(d, passages, p) != GRF_OK)
        s = grf_fail_nomem(err);
    for (size_t i = 0; s == GRF_OK && i < grf_jval_count(list); i++) {
        struct grf_question q = {.passage = (uint32_t)d->n_passages - 1};
        s = add_text(d, grf_jval_sv(grf_jval_at(list, i)), SPOKEN_WEIGHT, &q.text, err);
        if (s == GRF_OK && q.text.n && PUSH(d, questions, q) != GRF_OK)
            s = grf_fail_nomem(err);
    }
    return s;
}

/* The questions that ask for this text's passage, if any do. */
static grf_status add_asked(struct loader *l, uint64_t key, struct grf_sv text,
                            struct grf_err *err)
{
    size_t n;
    grf_status s = GRF_OK;
    struct grf_asked_line *line = grf_asked_find(&l->asked, key, &n);
    for (size_t i = 0; s == GRF_OK && i < n; i++) {
        struct grf_sv passage = grf_asked_passage(&line[i], text, ASKED_WORDS);
        if (!passage.n)
            continue;
        line[i].found = true;
        s = add_passage(
            l, passage, grf_jval_get(grf_jdoc_root(line[i].doc), "questions"), err);
    }
    return s;
}

static grf_status on_article(struct loader *l, const struct grf_jval *v,
                             struct grf_err *err)
{
    struct grf_train_data *d = l->d;
    const struct grf_jval *path = grf_jval_get(v, "section_path");
    struct grf_sv code = grf_jval_sv(grf_jval_get(v, "short"));
    uint64_t h = mix(0xcbf29ce484222325u, code);
    for (size_t i = 0; i < grf_jval_count(path); i++)
        h = mix(h, grf_jval_sv(grf_jval_at(path, i)));
    struct grf_article a = {.n_titles = (uint32_t)grf_jval_count(path),
                            .group = (uint32_t)h};
    grf_status s = GRF_OK;
    if (h != l->path_hash || d->n_articles == 0)
        s = add_titles(l, path, code, err);
    l->path_hash = h;
    a.first_title = (uint32_t)d->n_titles - a.n_titles;
    if (s == GRF_OK)
        s = add_text(d, grf_jval_sv(grf_jval_get(v, "text")), LAW_WEIGHT, &a.text, err);
    if (s == GRF_OK && a.text.n >= 8 && PUSH(d, articles, a) != GRF_OK)
        s = grf_fail_nomem(err);
    uint64_t key = grf_asked_key(grf_jval_sv(grf_jval_get(v, "code")),
                                 grf_jval_sv(grf_jval_get(v, "article")), 0);
    if (s == GRF_OK)
        s = add_asked(l, key, grf_jval_sv(grf_jval_get(v, "text")), err);
    return s;
}

static grf_status on_page(struct loader *l, const struct grf_jval *v, struct grf_err *err)
{
    struct grf_train_data *d = l->d;
    if (is_excluded(l, grf_jval_sv(grf_jval_get(v, "body")))) {
        d->n_excluded++;
        return GRF_OK;
    }
    struct grf_passage p = {.group = (uint32_t)d->n_pages};
    grf_status s =
        add_text(d, grf_jval_sv(grf_jval_get(v, "text")), PAGE_WEIGHT, &p.text, err);
    if (s == GRF_OK && p.text.n >= 40 && PUSH(d, pages, p) != GRF_OK)
        s = grf_fail_nomem(err);
    uint64_t key = grf_asked_key(grf_jval_sv(grf_jval_get(v, "body")),
                                 grf_jval_sv(grf_jval_get(v, "file")),
                                 grf_jval_int(grf_jval_get(v, "page"), 0));
    if (s == GRF_OK)
        s = add_asked(l, key, grf_jval_sv(grf_jval_get(v, "text")), err);
    return s;
}

static grf_status on_questions(struct loader *l, const struct grf_jval *v,
                               struct grf_err *err)
{
    struct grf_sv source = grf_jval_sv(grf_jval_get(v, "source"));
    const char *slash = source.n ? memchr(source.p, '/', source.n) : NULL;
    if (slash && is_excluded(l, grf_sv(source.p, (size_t)(slash - source.p)))) {
        l->d->n_excluded++;
        return GRF_OK;
    }
    return add_passage(l, grf_jval_sv(grf_jval_get(v, "passage")),
                       grf_jval_get(v, "questions"), err);
}

static grf_status on_card(struct loader *l, const struct grf_jval *v, struct grf_err *err)
{
    return add_passage(l, grf_jval_sv(grf_jval_get(v, "passage")), grf_jval_get(v, "q"),
                       err);
}

/* A line of --questions: with its passage, or naming where that stands. */
static grf_status on_more(struct loader *l, const struct grf_jval *v, struct grf_err *err)
{
    if (grf_jval_sv(grf_jval_get(v, "passage")).n)
        return grf_jval_get(v, "q") ? on_card(l, v, err) : on_questions(l, v, err);
    grf_status s = grf_asked_add(&l->asked, l->doc, err);
    if (s == GRF_OK)
        l->doc = NULL;
    return s;
}

/* Terms between " | "; only what stands left of " = " when short is asked for. */
static grf_status add_terms(struct grf_train_data *d, struct grf_sv cell, uint32_t *n,
                            struct grf_err *err)
{
    size_t at = 0;
    *n = 0;
    while (at < cell.n) {
        const char *bar = memchr(cell.p + at, '|', cell.n - at);
        size_t end = bar ? (size_t)(bar - cell.p) : cell.n;
        struct grf_run run;
        grf_status s =
            add_text(d, grf_sv(cell.p + at, end - at), SPOKEN_WEIGHT, &run, err);
        if (s != GRF_OK)
            return s;
        if (run.n) {
            if (PUSH(d, terms, run) != GRF_OK)
                return grf_fail_nomem(err);
            ++*n;
        }
        at = end + 1;
    }
    return GRF_OK;
}

/* A line of the thesaurus: three columns, tab between them. */
static grf_status on_synonyms(struct loader *l, struct grf_sv line, struct grf_err *err)
{
    struct grf_synonym g = {.first = (uint32_t)l->d->n_terms};
    uint32_t *counts[] = {&g.n_terms, &g.n_everyday, &g.n_short};
    size_t at = 0;
    for (size_t i = 0; i < 3 && at <= line.n; i++) {
        const char *tab = at < line.n ? memchr(line.p + at, '\t', line.n - at) : NULL;
        size_t end = tab ? (size_t)(tab - line.p) : line.n;
        grf_status s = add_terms(l->d, grf_sv(line.p + at, end - at), counts[i], err);
        if (s != GRF_OK)
            return s;
        at = end + 1;
    }
    if (g.n_terms + g.n_everyday < 2)
        return GRF_OK;
    return PUSH(l->d, synonyms, g) == GRF_OK ? GRF_OK : grf_fail_nomem(err);
}

/* ---- files */

static grf_status each_line(struct loader *l, const char *path, line_fn *fn,
                            struct grf_err *err)
{
    struct grf_lines *lines;
    struct grf_sv line;
    grf_status s = grf_lines_open(&lines, path, err);
    if (s != GRF_OK)
        return s;
    while ((s = grf_lines_next(lines, &line, err)) == GRF_OK) {
        if (*l->src->cancel)
            s = grf_fail(err, GRF_CANCELLED, _("training stopped"));
        else if (!fn)
            s = on_synonyms(l, line, err);
        else if ((s = grf_jdoc_parse(line, &l->doc, err)) == GRF_OK)
            s = fn(l, grf_jdoc_root(l->doc), err);
        grf_jdoc_free(l->doc);
        l->doc = NULL;
        if (s != GRF_OK) {
            grf_err_wrap(err, "%s:%zu", path, grf_lines_number(lines));
            break;
        }
        if (++l->lines % 256 == 0)
            grf_progress_update(&l->progress, l->lines, NULL);
    }
    grf_lines_close(lines);
    return s == GRF_NOTFOUND ? GRF_OK : s;
}

/* DIR/name, or the same with .xz; fn NULL: lines of the thesaurus. */
static grf_status load_file(struct loader *l, const char *name, line_fn *fn,
                            struct grf_err *err)
{
    struct grf_str path;
    grf_str_init(&path, 1 << 16);
    grf_str_addf(&path, "%s/%s", l->src->dir, name);
    if (path.bad == GRF_OK && access(path.p, F_OK) != 0)
        grf_str_addz(&path, ".xz");
    grf_status s = grf_str_status(&path, err);
    if (s == GRF_OK)
        s = each_line(l, path.p, fn, err);
    grf_str_release(&path);
    return s;
}

static grf_status load_all(struct loader *l, struct grf_err *err)
{
    grf_status s = GRF_OK;
    if (l->src->leave_out)
        s = each_line(l, l->src->leave_out, on_left_out, err);
    if (l->n_left_out)
        qsort(l->left_out, l->n_left_out, sizeof(*l->left_out), by_value);
    const struct grf_cli_list *more = l->src->questions;
    for (size_t i = 0; s == GRF_OK && more && i < more->n; i++)
        s = each_line(l, more->v[i], on_more, err);
    if (s == GRF_OK)
        s = load_file(l, "train/questions.jsonl", on_questions, err);
    if (s == GRF_OK)
        s = load_file(l, "train/cards.jsonl", on_card, err);
    if (s == GRF_OK)
        s = load_file(l, "train/thesaurus.tsv", NULL, err);
    if (s == GRF_OK)
        s = load_file(l, "train/municipal.jsonl", on_page, err);
    if (s == GRF_OK)
        s = load_file(l, "law/codes.jsonl", on_article, err);
    return s;
}

static grf_status find_families(struct grf_train_data *d, struct grf_err *err)
{
    grf_status s = grf_vocab_init(&d->families, err);
    if (s != GRF_OK)
        return s;
    d->family = grf_calloc(d->vocab.n, sizeof(*d->family));
    if (!d->family)
        return grf_fail_nomem(err);
    for (uint32_t i = 0; s == GRF_OK && i < d->vocab.n; i++) {
        char out[GRF_EMBED_FAMILY_MAX];
        struct grf_sv w = grf_vocab_word(&d->vocab, i);
        bool is_number = w.p[0] >= '0' && w.p[0] <= '9';
        s = grf_vocab_count(&d->families, grf_embed_family(w, is_number, out), 1,
                            &d->family[i], err);
    }
    return s;
}

grf_status grf_train_load(struct grf_train_data *d, const struct grf_train_source *src,
                          struct grf_err *err)
{
    struct loader l = {.d = d, .src = src};
    uint32_t *map = NULL;
    *d = (struct grf_train_data){0};
    grf_status s = grf_vocab_init(&d->vocab, err);
    grf_progress_start(&l.progress, _("reading"), 0, src->quiet);
    if (s == GRF_OK)
        s = load_all(&l, err);
    grf_progress_end(&l.progress);
    grf_free(l.left_out);
    d->n_lost = grf_asked_lost(&l.asked);
    grf_asked_release(&l.asked);
    if (s == GRF_OK &&
        (!d->n_articles || !d->n_pages || !d->n_questions || !d->n_synonyms))
        s = grf_fail(
            err, GRF_INVALID,
            _("'%s': too little to train on: articles, municipal pages, questions "
              "and synonyms are all needed"),
            src->dir);
    if (s == GRF_OK)
        s = grf_vocab_select(&d->vocab, src->max_words, src->min_count, &map, err);
    for (size_t i = 0; s == GRF_OK && i < d->n_words; i++)
        d->words[i] = map[d->words[i]];
    grf_free(map);
    if (s == GRF_OK)
        s = find_families(d, err);
    if (s == GRF_OK)
        s = grf_train_mark_twins(d, err);
    if (s != GRF_OK)
        grf_train_data_release(d);
    return s;
}

void grf_train_data_release(struct grf_train_data *d)
{
    grf_vocab_release(&d->vocab);
    grf_vocab_release(&d->families);
    grf_free(d->family);
    grf_free(d->words);
    grf_free(d->articles);
    grf_free(d->titles);
    grf_free(d->pages);
    grf_free(d->passages);
    grf_free(d->questions);
    grf_free(d->synonyms);
    grf_free(d->terms);
    *d = (struct grf_train_data){0};
}

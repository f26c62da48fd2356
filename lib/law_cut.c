/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cutting the text of an article: lines (paragraphs, rows of a table) are gathered up to
 * the size that retrieval trials were made with; a line too long is cut between
 * sentences, a sentence too long between words.
 */
#include "grf_law_passage.h"
#include "grf_mem.h"
#include "grf_text.h"

enum {
    WORDS_WANTED = 180,
    WORDS_MOST = 250,
    WORDS_REST = 60 /* a last piece shorter than that stays with the one before */
};

struct cutter {
    struct grf_sv text;
    struct grf_law_piece *v;
    size_t n, cap;
    size_t start, end, words; /* open piece; words 0: none */
};

static grf_status flush(struct cutter *c, struct grf_err *err)
{
    if (!c->words)
        return GRF_OK;
    if (grf_grow(&c->v, c->n, &c->cap, sizeof(*c->v)))
        return grf_fail_nomem(err);
    c->v[c->n++] = (struct grf_law_piece){c->start, c->end};
    c->words = 0;
    return GRF_OK;
}

/* Adds what stands at [start,end), which is no longer than a piece may be. */
static grf_status add(struct cutter *c, size_t start, size_t end, size_t words,
                      struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (!words)
        return GRF_OK;
    if (c->words && (c->words >= WORDS_WANTED || c->words + words > WORDS_MOST))
        st = flush(c, err);
    if (!c->words)
        c->start = start;
    c->end = end;
    c->words += words;
    return st;
}

static grf_status add_long(struct cutter *c, struct grf_span s, struct grf_err *err)
{
    struct grf_words it;
    struct grf_word w;
    size_t start = 0, end = 0, words = 0;
    grf_status st = GRF_OK;
    grf_words_init(&it, grf_sv(c->text.p + s.start, s.end - s.start));
    while (!st && grf_words_next(&it, &w)) {
        if (words == WORDS_WANTED) {
            st = add(c, s.start + start, s.start + end, words, err);
            words = 0;
        }
        if (!words)
            start = w.start;
        end = w.end;
        words++;
    }
    return st ? st : add(c, s.start + start, s.end, words, err);
}

static grf_status add_line(struct cutter *c, struct grf_span line, struct grf_err *err)
{
    struct grf_sv text = grf_sv(c->text.p + line.start, line.end - line.start);
    size_t words = grf_words_count(text), at = 0;
    struct grf_span s;
    grf_status st = GRF_OK;
    if (words <= WORDS_MOST)
        return add(c, line.start, line.end, words, err);
    while (!st && grf_text_sentence(text, &at, &s)) {
        struct grf_span whole = {line.start + s.start, line.start + s.end};
        size_t n = grf_words_count(grf_sv(text.p + s.start, s.end - s.start));
        st = n <= WORDS_MOST ? add(c, whole.start, whole.end, n, err)
                             : add_long(c, whole, err);
    }
    return st;
}

/* A short rest is no passage of its own. */
static void join_rest(struct cutter *c, size_t words)
{
    struct grf_law_piece *before = c->n > 1 ? &c->v[c->n - 2] : NULL;
    if (before && words < WORDS_REST) {
        before->end = c->v[c->n - 1].end;
        c->n--;
    }
}

static bool is_blank(char ch)
{
    return ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r';
}

grf_status grf_law_cut(struct grf_sv text, struct grf_law_piece **out, size_t *n,
                       struct grf_err *err)
{
    struct cutter c = {.text = text};
    grf_status st = GRF_OK;
    *out = NULL;
    *n = 0;
    for (size_t at = 0; at < text.n && !st;) {
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        size_t next = nl ? (size_t)(nl - text.p) + 1 : text.n;
        struct grf_span line = {at, next};
        while (line.start < line.end && is_blank(text.p[line.start]))
            line.start++;
        while (line.end > line.start && is_blank(text.p[line.end - 1]))
            line.end--;
        st = add_line(&c, line, err);
        at = next;
    }
    size_t words = c.words;
    if (!st)
        st = flush(&c, err);
    if (st) {
        grf_free(c.v);
        return st;
    }
    if (words)
        join_rest(&c, words);
    *out = c.v;
    *n = c.n;
    return GRF_OK;
}

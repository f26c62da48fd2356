/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing the sentence or two to quote, marking words, proving quotes. */
#include "grf_i18n.h"
#include "grf_mem.h"
#include "search_priv.h"

enum {
    SENTENCES_MAX = 64,
    QUOTE_SHORT = 90,  /* bytes: below that a neighbour is added when it fits */
    QUOTE_MOST = 420,  /* bytes: two sentences are never longer */
    QUOTE_HARD = 600   /* bytes: a single sentence is cut there, between words */
};
#define COSINE_SHARE 0.6 /* of a sentence's score, when it can be had */
#define NUMBER_SHARE 0.2 /* on top, for all the numbers of the question in the sentence */
#define NEIGHBOUR_SHARE 0.5 /* a neighbour with that share of the best is added */

struct sentence {
    struct grf_span span; /* bytes of the page */
    double share, cosine, score;
};

static int term_of(const struct understood *u, const struct grf_word *w)
{
    char stem[GRF_STEM_MAX];
    if (w->has_digit)
        memcpy(stem, w->norm, w->norm_len + 1);
    else
        grf_ft_stem(grf_sv(w->norm, w->norm_len), stem);
    for (size_t i = 0; i < u->n_terms; i++) {
        if (strcmp(u->terms[i].stem, stem) == 0)
            return (int)i;
    }
    return -1;
}

/* Share of the question's telling words that stand in text, 0 to 1. */
static double word_score(const struct understood *u, struct grf_sv text)
{
    bool seen[MAX_TERMS] = {false};
    struct grf_words it;
    struct grf_word w;
    double sum = 0, all = 0;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        int i = term_of(u, &w);
        if (i >= 0 && !seen[i]) {
            seen[i] = true;
            sum += u->terms[i].weight;
        }
    }
    for (size_t i = 0; i < u->n_terms; i++)
        all += u->terms[i].weight;
    return all > 0 ? sum / all : 0;
}

static bool is_number(const struct qterm *t)
{
    return t->norm[0] >= '0' && t->norm[0] <= '9';
}

/* Share of the question's numbers (amounts, dates) that stand in text, 0 without any. */
static double number_score(const struct understood *u, struct grf_sv text)
{
    bool seen[MAX_TERMS] = {false};
    struct grf_words it;
    struct grf_word w;
    size_t met = 0, all = 0;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        int i = w.has_digit ? term_of(u, &w) : -1;
        if (i >= 0 && !seen[i]) {
            seen[i] = true;
            met++;
        }
    }
    for (size_t i = 0; i < u->n_terms; i++)
        all += is_number(&u->terms[i]);
    return all ? (double)met / (double)all : 0;
}

static size_t split(struct grf_sv page, size_t start, size_t end, struct sentence *s)
{
    struct grf_sv text = grf_sv(page.p + start, end - start);
    struct grf_span span;
    size_t at = 0, n = 0;
    while (n < SENTENCES_MAX && grf_text_sentence(text, &at, &span)) {
        if (span.end > span.start)
            s[n++] = (struct sentence){.span = {start + span.start, start + span.end}};
    }
    return n;
}

static struct grf_sv span_text(struct grf_sv page, struct grf_span s)
{
    return grf_sv(page.p + s.start, s.end - s.start);
}

static grf_status add_cosines(struct grf_embedder *e, const float *question,
                              struct grf_sv page, struct sentence *s, size_t n,
                              struct grf_err *err)
{
    struct grf_sv texts[SENTENCES_MAX];
    size_t dim = (size_t)grf_embed_dim(e);
    float *vecs = grf_calloc(n * dim, sizeof(*vecs));
    if (!vecs)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        texts[i] = span_text(page, s[i].span);
    grf_status st = grf_embed_texts(e, texts, n, vecs, err);
    for (size_t i = 0; i < n && !st; i++) {
        float dot = 0;
        for (size_t k = 0; k < dim; k++)
            dot += question[k] * vecs[i * dim + k];
        s[i].cosine = (double)dot;
    }
    grf_free(vecs);
    return st;
}

/* A sentence too long to read is cut between words. */
static size_t shorten(struct grf_sv page, struct grf_span s)
{
    if (s.end - s.start <= QUOTE_HARD)
        return s.end;
    size_t end = s.start + QUOTE_HARD;
    while (end > s.start && page.p[end] != ' ' && page.p[end] != '\n')
        end--;
    return end > s.start ? end : s.end;
}

static void widen(const struct sentence *s, size_t n, size_t best,
                  struct quote_choice *out)
{
    size_t other = n;
    double other_score = -1;
    if (best > 0 && s[best - 1].score > other_score) {
        other = best - 1;
        other_score = s[other].score;
    }
    if (best + 1 < n && s[best + 1].score > other_score) {
        other = best + 1;
        other_score = s[other].score;
    }
    if (other == n)
        return;
    size_t start = s[other < best ? other : best].span.start;
    size_t end = s[other > best ? other : best].span.end;
    bool is_short = out->end - out->start < QUOTE_SHORT;
    bool as_good = other_score >= NEIGHBOUR_SHARE * s[best].score;
    if (end - start <= QUOTE_MOST && (is_short || as_good)) {
        out->start = start;
        out->end = end;
    }
}

grf_status choose_quote(const struct understood *u, struct grf_embedder *embedder,
                        const float *question_vec, struct grf_sv page, size_t start,
                        size_t end, struct quote_choice *out, struct grf_err *err)
{
    struct sentence s[SENTENCES_MAX];
    size_t n = split(page, start, end, s), best = 0;
    grf_status st = GRF_OK;
    *out = (struct quote_choice){.start = start, .end = end};
    if (!n)
        return GRF_OK;
    if (question_vec)
        st = add_cosines(embedder, question_vec, page, s, n, err);
    for (size_t i = 0; i < n; i++) {
        s[i].share = word_score(u, span_text(page, s[i].span));
        s[i].score = question_vec ? (1 - COSINE_SHARE) * s[i].share +
                                        COSINE_SHARE * s[i].cosine
                                  : s[i].share;
        s[i].score += NUMBER_SHARE * number_score(u, span_text(page, s[i].span));
        if (s[i].score > s[best].score)
            best = i;
    }
    out->start = s[best].span.start;
    out->end = shorten(page, s[best].span);
    widen(s, n, best, out);
    return st;
}

void grf_search_marks(struct grf_sv question, struct grf_sv text, struct grf_span *out,
                      size_t *n)
{
    struct understood u;
    struct grf_words it;
    struct grf_word w;
    size_t room = *n;
    *n = 0;
    if (understand(question, &u, NULL) == GRF_OK) {
        grf_words_init(&it, text);
        while (*n < room && grf_words_next(&it, &w)) {
            if (term_of(&u, &w) >= 0)
                out[(*n)++] = (struct grf_span){w.start, w.end};
        }
    }
    understood_release(&u);
}

char *fold_blanks(struct grf_sv text, struct grf_err *err)
{
    struct grf_str s;
    bool blank = false;
    grf_str_init(&s, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (is_blank && !blank && s.n)
            grf_str_addc(&s, ' ');
        if (!is_blank)
            grf_str_addc(&s, c);
        blank = is_blank;
    }
    return grf_str_take(&s, err);
}

grf_status grf_prove_quote(struct grf_base *base, int64_t doc_id, int page, size_t start,
                           size_t end, struct grf_sv quote, struct grf_err *err)
{
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(base->meta, doc_id, page, false, &p, err);
    if (!st) {
        struct grf_sv text = grf_str_sv(&p.text);
        size_t from = grf_text_offset(text, start), to = grf_text_offset(text, end);
        if (from > to)
            to = from;
        char *found = fold_blanks(grf_sv(text.p + from, to - from), err);
        if (!found)
            st = GRF_NOMEM;
        else if (strlen(found) != quote.n || memcmp(found, quote.p, quote.n) != 0)
            st = grf_fail(err, GRF_CORRUPT, _("a quote is not found again on page %d"), page);
        grf_free(found);
    }
    grf_page_release(&p);
    return st;
}

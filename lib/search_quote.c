/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing the sentence or two to quote, marking words, proving quotes. */
#include "grf_i18n.h"
#include "grf_mem.h"
#include "search_priv.h"

enum {
    SENTENCES_MAX = 128,
    SCRAP_WORDS = 2,   /* telling ones */
    RUN_MOST = 3,      /* sentences */
    QUOTE_MOST = 420,  /* bytes: several sentences are never longer */
    QUOTE_HARD = 600   /* bytes: a single sentence is cut there, between words */
};
#define COSINE_SHARE 0.6 /* of a sentence's score, when it can be had */
#define NUMBER_SHARE 0.2 /* on top, for all the numbers of the question in the sentence */

/* By what a sentence is good for; tuned on quotes that are known to answer
   (doc/QUALITY.md, "quotes"). */
#define BONUS_DECIDES 0.22
#define BONUS_AMOUNT 0.40
#define BONUS_VOTE 0.80
#define MALUS_TITLE 0.15 /* it repeats the title */
#define MALUS_ANNOUNCES 0.10
#define MALUS_SCRAP 0.40 /* a word or two: what a scan or a table leaves */
#define MALUS_LENGTH 0.15
#define TITLE_SHARE 0.7

struct sentence {
    struct grf_span span; /* bytes of the page */
    double cosine;
    uint64_t terms;
    struct sentence_kind kind;
};

/* Whether a term's stem begins as the word does: stemming leaves the first two letters as
   they are, and adds none. */
static bool may_be_term(const struct understood *u, const struct grf_word *w)
{
    for (size_t i = 0; i < u->n_terms; i++) {
        const char *stem = u->terms[i].stem;
        if (stem[0] == w->norm[0] && (stem[1] == w->norm[1] || !stem[1]))
            return true;
    }
    return false;
}

static int term_of(const struct understood *u, const struct grf_word *w)
{
    char stem[GRF_STEM_MAX];
    if (!may_be_term(u, w))
        return -1;
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

/* What is made of sentences: in the vectors' place NULL, where nobody asks for them or the
   embedder has them by whole texts. */
struct reading {
    const struct understood *u;
    const struct title_words *title;
    struct grf_embedder *embedder;
    float *vecs;
};

/* What sentence i has: the question's telling words, as bits, its kind and its vector. */
static void read_words(const struct reading *to, struct grf_sv text, struct sentence *s, size_t i)
{
    struct sentence_reader r;
    struct grf_words it;
    struct grf_word w;
    begin_sentence(&r, text, to->title, &s->kind);
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        int term = term_of(to->u, &w);
        if (term >= 0)
            s->terms |= UINT64_C(1) << term;
        read_word(&r, &w);
        if (to->vecs)
            grf_embed_word(to->embedder, &w);
    }
    if (to->vecs)
        grf_embed_finish(to->embedder, to->vecs + i * (size_t)grf_embed_dim(to->embedder));
}

/* Share of the telling words by their rarity, and on top of the numbers (amounts, dates). */
static void weigh_terms_in(const struct understood *u, uint64_t bits, double *share,
                           double *numbers)
{
    double sum = 0, all = 0;
    size_t met = 0, n = 0;
    for (size_t i = 0; i < u->n_terms; i++) {
        bool has = bits >> i & 1;
        bool number = u->terms[i].norm[0] >= '0' && u->terms[i].norm[0] <= '9';
        double weight = u->terms[i].weight;
        all += weight;
        sum += has ? weight : 0;
        n += number;
        met += number && has;
    }
    *share = all > 0 ? sum / all : 0;
    *numbers = n ? (double)met / (double)n : 0;
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

enum { ABREAST = 8 }; /* sums that need not wait for each other */

/* vecs has rows for a multiple of ABREAST sentences. */
static void set_cosines(const float *question, const float *vecs, size_t dim,
                        struct sentence *s, size_t n)
{
    for (size_t i = 0; i < n; i += ABREAST) {
        float dot[ABREAST] = {0};
        for (size_t k = 0; k < dim; k++) {
#pragma GCC unroll 8
            for (size_t j = 0; j < ABREAST; j++)
                dot[j] += question[k] * vecs[(i + j) * dim + k];
        }
        for (size_t j = 0; j < ABREAST && i + j < n; j++)
            s[i + j].cosine = (double)dot[j];
    }
}

static grf_status embed_sentences(struct grf_embedder *e, struct grf_sv page,
                                  const struct sentence *s, size_t n, float *vecs,
                                  struct grf_err *err)
{
    struct grf_sv texts[SENTENCES_MAX];
    for (size_t i = 0; i < n; i++)
        texts[i] = span_text(page, s[i].span);
    return grf_embed_texts(e, texts, n, vecs, err);
}

/* Reads the sentences; with a question's vector their cosines too. */
static grf_status read_sentences(struct reading *to, const float *question,
                                 struct grf_sv page, struct sentence *s, size_t n,
                                 struct grf_err *err)
{
    struct grf_embedder *e = to->embedder;
    size_t dim = question ? (size_t)grf_embed_dim(e) : 0;
    float *vecs = question ? grf_calloc(n + ABREAST, dim * sizeof(*vecs)) : NULL;
    grf_status st = question && !vecs ? grf_fail_nomem(err) : GRF_OK;
    to->vecs = vecs && grf_embed_by_words(e) ? vecs : NULL;
    for (size_t i = 0; i < n; i++)
        read_words(to, span_text(page, s[i].span), &s[i], i);
    if (!st && question && !to->vecs)
        st = embed_sentences(e, page, s, n, vecs, err);
    if (!st && question)
        set_cosines(question, vecs, dim, s, n);
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

static double good_for(const struct understood *u, const struct wants *wants,
                       const struct sentence_kind *k)
{
    double score = 0;
    if (k->decides)
        score += BONUS_DECIDES;
    if (wants->amount && k->amount)
        score += BONUS_AMOUNT;
    if (wants->vote && k->vote)
        score += BONUS_VOTE;
    if (k->words < SCRAP_WORDS && !(wants->vote && k->vote) && !(wants->amount && k->amount))
        score -= MALUS_SCRAP;
    if (k->announces)
        score -= MALUS_ANNOUNCES;
    bool title = k->words && (double)k->of_title >= TITLE_SHARE * (double)k->words;
    if (title && !k->decides)
        score += is_bare(u) ? MALUS_TITLE : -MALUS_TITLE;
    return score;
}

/* What a run of sentences is worth: its words together, its best meaning; longer ones have
   to earn their length. */
static double worth(const struct understood *u, const struct wants *wants, bool cosines,
                    const struct sentence *run)
{
    double share, numbers;
    weigh_terms_in(u, run->terms, &share, &numbers);
    double score = cosines ? (1 - COSINE_SHARE) * share + COSINE_SHARE * run->cosine : share;
    return score + NUMBER_SHARE * numbers + good_for(u, wants, &run->kind) -
           MALUS_LENGTH * (double)(run->span.end - run->span.start) / QUOTE_MOST;
}

static void join(struct sentence *run, const struct sentence *next)
{
    run->span.end = next->span.end;
    run->terms |= next->terms;
    if (next->cosine > run->cosine)
        run->cosine = next->cosine;
    run->kind.decides |= next->kind.decides;
    run->kind.amount |= next->kind.amount;
    run->kind.vote |= next->kind.vote;
    run->kind.announces = next->kind.announces;
    run->kind.words += next->kind.words;
    run->kind.of_title += next->kind.of_title;
}

/* The best run of one to three sentences that is short enough. */
static void best_run(const struct understood *u, bool cosines, struct grf_sv page,
                     const struct sentence *s, size_t n, struct quote_choice *out)
{
    struct wants wants;
    double best = -1e9;
    read_wants(u->text, &wants);
    for (size_t i = 0; i < n; i++) {
        struct sentence run = s[i];
        run.span.end = shorten(page, run.span);
        for (size_t k = i; k < n && k < i + RUN_MOST; k++) {
            if (k > i && s[k].span.end - run.span.start > QUOTE_MOST)
                break;
            if (k > i)
                join(&run, &s[k]);
            double score = worth(u, &wants, cosines, &run);
            if (score <= best)
                continue;
            best = score;
            out->start = run.span.start;
            out->end = run.span.end;
        }
    }
}

grf_status choose_quote(const struct understood *u, struct grf_embedder *embedder,
                        const float *question_vec, struct grf_sv title, struct grf_sv page,
                        struct grf_span in, struct quote_choice *out, struct grf_err *err)
{
    struct sentence s[SENTENCES_MAX];
    struct title_words words;
    size_t n = split(page, in.start, in.end, s);
    grf_status st = GRF_OK;
    *out = (struct quote_choice){.start = in.start, .end = in.end};
    if (!n)
        return GRF_OK;
    read_title(title, &words);
    struct reading to = {.u = u, .title = &words, .embedder = embedder};
    st = read_sentences(&to, question_vec, page, s, n, err);
    if (!st)
        best_run(u, question_vec != NULL, page, s, n, out);
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

grf_status prove_on_page(const struct grf_page *p, size_t start, size_t end,
                         struct grf_sv quote, struct grf_err *err)
{
    struct grf_sv text = grf_str_sv(&p->text);
    size_t from = grf_text_offset(text, start), to = grf_text_offset(text, end);
    if (from > to)
        to = from;
    char *found = fold_blanks(grf_sv(text.p + from, to - from), err);
    if (!found)
        return GRF_NOMEM;
    bool same = strlen(found) == quote.n && memcmp(found, quote.p, quote.n) == 0;
    grf_free(found);
    return same ? GRF_OK
                : grf_fail(err, GRF_CORRUPT, _("a quote is not found again on page %d"),
                           p->number);
}

grf_status grf_prove_quote(struct grf_base *base, int64_t doc_id, int page, size_t start,
                           size_t end, struct grf_sv quote, struct grf_err *err)
{
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(base->meta, doc_id, page, false, &p, err);
    if (!st)
        st = prove_on_page(&p, start, end, quote, err);
    grf_page_release(&p);
    return st;
}

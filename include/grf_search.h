/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Searching a base: understand the question, gather candidates from full text
 * and vectors, fuse, keep a few passages for each act, prove the quotes.
 */
#ifndef GRF_SEARCH_H
#define GRF_SEARCH_H

#include "grf_base.h"
#include "grf_date.h"
#include "grf_text.h"

GRF_BEGIN_DECLS

typedef enum grf_mode { GRF_MODE_HYBRID, GRF_MODE_LEXICAL, GRF_MODE_VECTOR } grf_mode;

struct grf_search_opts {
    grf_mode mode;
    size_t n;                    /* results wanted, 1 to GRF_RESULTS_MAX */
    size_t per_act;              /* most passages of one act; 0 = the usual, and acts that
                                    repeat from year to year once (also), and acts
                                    printed in several documents (copies) */
    const struct grf_filter_term *filters; /* any of the same name, all of different ones */
    size_t n_filters;
    int64_t date_from, date_to;  /* grf_date_key, inclusive; 0 = open */
    double vector_weight;        /* 0 to 1; negative: follows the question */
    bool explain;                /* fill matched */
    bool boxless;                /* no boxes: whoever shows text alone saves their reading */
    size_t quoted;               /* so many results, the first, get their quote; 0 = all */
    struct grf_reranker *reranker; /* orders the best passages of a hybrid search again;
                                      NULL: none. What it cannot do is left undone */
    size_t rerank_top;             /* so many of them */
    double rerank_weight;          /* its share of the score, 0 to 1 */
    size_t near_most;              /* passages taken by their vectors; 0 = the usual */
    size_t beside; /* from so many passages on the vectors are searched by a thread of their
                      own meanwhile: for who asks one question and ends; 0 = never */
};
#define GRF_RESULTS_MAX 1000
#define GRF_SEARCH_OPTS_INIT {GRF_MODE_HYBRID, 10, 0, NULL, 0, 0, 0, -1.0, false, false, 0, \
                              NULL, 0, 0, 0, 0}

/* Why a result stands where it does. Ranks count from 1, 0 = not found by that
   branch. lexical and vector are the scores after normalisation (0 to 1). */
struct grf_why {
    int lexical_rank, vector_rank;
    double bm25, cosine;
    double lexical, vector, vector_weight;
    double named; /* added because the question names the act: its number, date, body... */
    double part;  /* added for the decision, taken off for debates and agendas */
    bool apart;   /* of another body, number, day or year than asked */
    unsigned subjects; /* bits: subjects of the thesaurus in the question, and here too */
    int rerank_from, rerank_to; /* places among the passages before and after reranking;
                                   0 = it was not reranked */
    double rerank; /* the reranker's score, on its own scale */
    char *matched; /* words of the question found, blanks between; NULL without explain */
};

/* Another document that prints the act of a result too, and its passage there. */
struct grf_copy {
    struct grf_act_row act;
    struct grf_doc_row doc;
    int page;
};

struct grf_result {
    double score; /* 0 to 1, and more when the question names the act */
    struct grf_passage_row passage;
    struct grf_act_row act;
    struct grf_act_row *also; /* acts of the same body that repeat it, newest first */
    size_t n_also;
    struct grf_copy *copies; /* of the act itself, in other documents, best first */
    size_t n_copies;
    struct grf_doc_row doc;
    char *quote;                  /* proven: stands at span on that page, blanks folded;
                                     NULL beyond opts.quoted: only for counting */
    size_t span_start, span_end;  /* characters of the page's stored text */
    size_t byte_start, byte_end;  /* the same in bytes */
    struct grf_box *boxes;
    size_t n_boxes;
    float page_width, page_height;
    grf_text_state text_state;
    struct grf_why why;
};

/* What speaks for an answer being there, over the first results, which are of the body
   that the question names (doc/QUALITY.md, "evidence"). */
struct grf_evidence {
    double cosine;   /* of the nearest passage; 0 without vectors */
    double spread;   /* by how much the nearest of all stands out of the next 200 */
    double share;    /* of the question's telling words that one passage holds, 0 to 1 */
    double joint;    /* share times cosine of one passage, the most */
    double title;    /* cosine of the nearest subject of an act */
    bool missing;    /* a subject that the question names is in none of the passages */
    bool named;      /* the question names an act (number, day) that is there */
    double score;    /* all of it, as a probability; found from 0.5 on */
};

/* Why nothing was found. */
typedef enum grf_refusal {
    GRF_REFUSED_NOT = 0,  /* found */
    GRF_REFUSED_EMPTY,    /* the base has no document */
    GRF_REFUSED_NO_WORD,  /* the question has no word that tells what about */
    GRF_REFUSED_NUMBER,   /* no act of the number that is asked */
    GRF_REFUSED_TIME,     /* nothing of the day, month or year that is asked */
    GRF_REFUSED_EVIDENCE  /* too little speaks for an answer being there */
} grf_refusal;
/* "empty_base", "no_word"...; NULL when found. */
const char *grf_refusal_name(grf_refusal r);

struct grf_answer {
    bool found; /* false: the results are only the nearest passages */
    grf_refusal refusal;
    struct grf_evidence evidence;
    struct grf_result *v;
    size_t n;
};

/* Takes what the settings say of reranking; reranker may be NULL. */
void grf_search_rerank_with(struct grf_search_opts *o, struct grf_reranker *reranker,
                            const struct grf_conf *c);

/* embedder may be NULL with GRF_MODE_LEXICAL. The answer is the caller's
   (grf_answer_release), empty on failure. GRF_INVALID for a question without words and
   without filters, or longer than GRF_QUESTION_MAX bytes. */
#define GRF_QUESTION_MAX 4096
GRF_NODISCARD grf_status grf_search(struct grf_base *base, struct grf_embedder *embedder,
                                    struct grf_sv question,
                                    const struct grf_search_opts *opts,
                                    struct grf_answer *out, struct grf_err *err);
void grf_answer_release(struct grf_answer *a);
/* Gives results v[0..*n) of that question, by the same opts, the quotes that they have not.
   What cannot be proven is dropped: *n receives how many are left. */
GRF_NODISCARD grf_status grf_search_quote(struct grf_base *base, struct grf_embedder *embedder,
                                          struct grf_sv question,
                                          const struct grf_search_opts *opts,
                                          struct grf_result *v, size_t *n,
                                          struct grf_err *err);
/* Empties one result. */
void grf_result_release(struct grf_result *r);

/* An act near another: its passage nearest to that one's mean vector. */
struct grf_near_act {
    int64_t act_id, passage_id;
    double cosine; /* -1 to 1 */
};
/* The nearest other acts, best first. *n is in: room in out, out: written; none when the
   act has no passage. No embedder is needed. */
GRF_NODISCARD grf_status grf_similar_acts(struct grf_base *base, int64_t act_id,
                                          struct grf_near_act *out, size_t *n,
                                          struct grf_err *err);

/* Spans of text (bytes) whose words match words of the question as the index
   matches them, stopwords left out: for marking. *n is in: room, out: written. */
void grf_search_marks(struct grf_sv question, struct grf_sv text, struct grf_span *out,
                      size_t *n);

/* Re-reads the page and checks that quote stands at characters [start,end), blanks and
   line ends folded. GRF_CORRUPT when it does not. */
GRF_NODISCARD grf_status grf_prove_quote(struct grf_base *base, int64_t doc_id, int page,
                                         size_t start, size_t end, struct grf_sv quote,
                                         struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/search_*.c. */
#ifndef GRF_SEARCH_PRIV_H
#define GRF_SEARCH_PRIV_H

#include <pthread.h>

#include "grf_search.h"

enum {
    MAX_CLAUSES = 16,
    MAX_TERMS = 64,
    MAX_HINTS = 8,
    HINT_TEXT = 64,
    MAX_DROPPED = 32,
    MAX_SUBJECTS = 4
};

/* What the question says of the act itself: its number, its body, its date. Acts that
   meet it get the weight on top of their score. */
struct hint {
    struct grf_filter_term term; /* value into text; empty for a date */
    int64_t date_from, date_to;  /* 0 for a term */
    double weight;
    bool decisive; /* a number or a day: it names the act */
    bool met;      /* an act of the base meets it */
    char text[HINT_TEXT];
};

/* A day, month or year that the question names, or an open time ("depuis 2019"). */
struct asked_time {
    int64_t from, to; /* grf_date_key; 0 and ASKED_LAST: open */
    struct grf_span at; /* bytes of the question */
    bool day;
    bool decided; /* it is the day of the decision that is asked for */
};

/* A word of the question that carries meaning. */
struct qterm {
    char norm[GRF_WORD_MAX + 1];
    char stem[GRF_STEM_MAX];
    double weight; /* how telling it is: its rarity in the base */
};

/* The question, understood. */
struct understood {
    struct grf_sv text;
    struct grf_str mended; /* words of the base for those that it does not have */
    struct grf_str extra; /* other words for what is asked */
    struct grf_str subjects[MAX_SUBJECTS]; /* thesaurus groups that it names, as lines */
    size_t n_subjects;
    struct grf_str rest; /* the question without its quoted phrases */
    struct grf_ft_clause clauses[MAX_CLAUSES];
    size_t n_clauses;
    struct qterm terms[MAX_TERMS];
    size_t n_terms;
    struct hint hints[MAX_HINTS];
    size_t n_hints;
    struct asked_time times[MAX_HINTS];
    size_t n_times;
    char dropped[MAX_DROPPED][GRF_WORD_MAX + 1]; /* words of a body's name */
    size_t n_dropped;
    struct grf_str bare; /* the question without them and without dates */
    size_t years; /* periods that dates in it name */
    bool dated;   /* names a date, a number or a reference */
};
GRF_NODISCARD grf_status understand(struct grf_sv question, struct understood *u,
                                    struct grf_err *err);
/* Takes the dropped words out of what is looked for, unless nothing else is left. */
GRF_NODISCARD grf_status drop_names(struct understood *u, struct grf_err *err);
/* Fills u->mended and gives it a clause. */
GRF_NODISCARD grf_status mend_words(struct grf_ft_reader *ft, struct understood *u,
                                    struct grf_err *err);
/* Which of u->subjects an act speaks of, as bits: its subject or text has a term or turn
   of the group, of two words or more, near each other. */
unsigned subjects_in(const struct understood *u, struct grf_sv subject, struct grf_sv text);
void understood_release(struct understood *u);
/* Fills u->hints: numbers and dates from the words, bodies that the base knows. */
GRF_NODISCARD grf_status find_hints(struct grf_base *base, struct understood *u,
                                    struct grf_err *err);

/* Of these, bodies alone. */
GRF_NODISCARD grf_status find_bodies(struct grf_base *base, struct understood *u,
                                     struct grf_err *err);
void add_term_hint(struct understood *u, grf_filter name, struct grf_sv value, double weight);

/* Adds a time that stands at those bytes of the question, unless it is of a law; whole:
   said as such ("en 2019"), not a bare year. Two with "à" or "et" between are one. */
void add_time(struct understood *u, struct grf_span at, int64_t from, int64_t to, bool whole);
/* "loi", "decret"... */
bool is_law_word(const char *norm);
bool is_open(const struct asked_time *t);
enum { ASKED_LAST = 99991231 };
/* Whether the question names a number or a time. */
bool asks_the_act(const struct understood *u);
/* Whether it names nothing else: "séance du 31 mars 2025", "délibération n° 12". */
bool is_bare(const struct understood *u);
/* Whether it has no word that tells what about. */
bool lacks_subject(const struct understood *u);
/* Of these, references to law alone. */
GRF_NODISCARD grf_status find_refs(struct understood *u, struct grf_err *err);

/* One passage seen by at least one branch. */
struct candidate {
    int64_t id;
    int lexical_rank, vector_rank; /* from 1, 0 = not seen */
    double bm25, cosine;
    double lexical, vector, hints, score;
    bool of_body; /* that the question names */
};
/* Normalises both branches and sorts best first; equal scores by id. weight is the
   vectors' share, 0 to 1. */
void fuse(struct candidate *c, size_t n, double weight);

/* By score, the best first, equal ones by id; else by id, equal ones as they stood. */
void sort_candidates(struct candidate *c, size_t n, bool best_first);

/* One search under way. */
struct run {
    struct grf_base *base;          /* NULL in a search of the law */
    struct grf_ft_reader *fulltext; /* the base's, or the law's */
    struct grf_thesaurus **thesaurus; /* where it is kept once it is open */
    struct grf_embedder *embedder;
    const struct grf_search_opts *opts;
    struct understood u;
    float *question_vec;
    struct candidate *c;
    size_t n, cap;
    double coverage; /* share of the telling words that one passage holds, 0 to 1 */
    double weight;   /* the vectors' share */
    bool reranking;  /* ask the reranker */
    bool anyway;     /* acts of other times and numbers than asked are not put last */
    struct grf_answer *before; /* what was ranked first, with proven quotes; may be NULL */
};
/* Fills u.extra and gives it a clause; fills u.subjects. */
GRF_NODISCARD grf_status add_other_words(struct run *run, struct grf_err *err);
/* Whether the question names a body, and the act is of another. */
bool of_other_body(const struct understood *u, const struct grf_result *r);
/* Whether the passage is of the number and the time that the question names; look: its
   text may say so too. */
GRF_NODISCARD grf_status fits(struct run *run, const struct grf_result *r, bool look,
                              bool *yes, struct grf_err *err);
bool filtered(const struct grf_search_opts *o);
/* Adds what full text finds to r->c. */
GRF_NODISCARD grf_status lexical_branch(struct run *r, struct grf_err *err);
/* A passage found by both branches becomes one candidate; sorts by id. */
void merge(struct run *r);
/* Sets r->coverage: how much of the question the best passages by words hold. */
GRF_NODISCARD grf_status cover(struct run *r, struct grf_err *err);
/* The vectors' share of the score. */
double weight_of(const struct run *r);
/* By how much the nearest passage stands out of the next ones, of the body that is
   named. */
double spread_of(const struct run *run);
/* Whether the question has a vector of the embedded model: cosines of another one stand on
   another scale. */
bool embedded_vectors(const struct run *run);
/* The passages nearest to the question, looked for from begin_near on; end_near waits for
   them and sets r->question_vec and r->base->vectors. release_near whatever came back. */
struct near_search {
    struct grf_embedder *embedder;
    const char *fingerprint;
    struct grf_sv text; /* what is embedded */
    size_t most;        /* of hits */
    bool wanted;        /* there are vectors */
    bool running;
    pthread_t thread;
    char *path; /* of the vectors; NULL: the base has them open */
    struct grf_vectors *vectors;
    grf_status opened;
    struct grf_err why; /* of opened */
    grf_status st;
    struct grf_err err;
    float *question_vec;
    struct grf_vec_hit *hits;
    size_t n, all; /* hits; vectors in all */
};
GRF_NODISCARD grf_status begin_near(struct run *r, size_t most, struct near_search *s,
                                    struct grf_err *err);
GRF_NODISCARD grf_status end_near(struct run *r, struct near_search *s, struct grf_err *err);
void release_near(struct near_search *s);
/* Fills r->c, best first. */
GRF_NODISCARD grf_status gather(struct run *r, struct grf_err *err);
/* All that choosing quotes needs, without gathering. */
GRF_NODISCARD grf_status prepare_quotes(struct run *r, struct grf_err *err);
/* Joins a candidate to its live rows; *keep false when there are none, when the rows
   are newer than the indexes, or when a filter refuses it. */
GRF_NODISCARD grf_status join_rows(struct run *run, const struct candidate *c,
                                   struct grf_result *r, bool *keep, struct grf_err *err);
/* Its document's row, which join_rows leaves out where nothing asks for it. */
GRF_NODISCARD grf_status join_doc(struct run *run, struct grf_result *r,
                                  struct grf_err *err);
void result_release(struct grf_result *r);
/* Chooses the results among r->c. */
GRF_NODISCARD grf_status rank(struct run *run, struct grf_answer *a, struct grf_err *err);
/* Gives the last result of a its quote, or drops it. */
GRF_NODISCARD grf_status prove(struct run *run, struct grf_answer *a, struct grf_err *err);
/* Gives v, n passages best first, the scores that the reranker's judgement makes of them.
   When it cannot be asked, says so in the log and leaves them. */
GRF_NODISCARD grf_status rerank(struct run *run, struct grf_result **v, size_t n,
                                struct grf_err *err);
/* Whether there is a reranker to ask for this search. */
bool can_rerank(const struct run *run);
/* Orders the answer again; whether it is one stays as it was judged. */
GRF_NODISCARD grf_status rerank_answer(struct run *run, struct grf_answer *a,
                                       struct grf_err *err);
void fill_query(const struct run *r, struct grf_ft_query *q, size_t limit);

/* Sets the terms' weights: log of passages over passages that hold the word. */
GRF_NODISCARD grf_status weigh_terms(struct grf_ft_reader *ft, struct understood *u,
                                     struct grf_err *err);
/* Share of the question's telling words that a passage or its header holds, 0 to 1;
   matched may be NULL, else gets them. */
GRF_NODISCARD grf_status share_of(struct run *run, int64_t passage, double *share,
                                  char **matched, struct grf_err *err);
/* Decides found or not from the evidence; fills a->evidence, and with explain the words
   that each result matches. */
GRF_NODISCARD grf_status judge(struct run *run, struct grf_answer *a, struct grf_err *err);

/* What the question wants in a sentence. */
struct wants {
    bool amount, vote;
};
void read_wants(struct grf_sv question, struct wants *out);
/* What a sentence has. */
struct sentence_kind {
    bool decides, amount, vote;
    bool announces; /* ends with a colon */
    size_t words, of_title; /* telling words; those that the act's subject has too */
};
/* The telling words of an act's subject; of a longer one the first. */
enum { TITLE_WORDS = 256 };
struct title_words {
    char norm[TITLE_WORDS][GRF_WORD_MAX + 1];
    size_t n;
};
void read_title(struct grf_sv title, struct title_words *out);
/* A sentence whose words are handed over one by one, so that others look at them too. */
struct sentence_reader {
    const struct title_words *title;
    struct sentence_kind *out;
    size_t n;    /* words so far */
    bool closed; /* a word that no decision stands behind */
    bool side;   /* "pour", "contre": a figure may follow */
};
void begin_sentence(struct sentence_reader *r, struct grf_sv text,
                    const struct title_words *title, struct sentence_kind *out);
void read_word(struct sentence_reader *r, const struct grf_word *w);
void read_sentence(struct grf_sv text, const struct title_words *title,
                   struct sentence_kind *out);

/* The one to three sentences of those bytes of the page that answer best; title is the
   act's subject. question_vec may be NULL. */
struct quote_choice {
    size_t start, end;
};
GRF_NODISCARD grf_status choose_quote(const struct understood *u,
                                      struct grf_embedder *embedder,
                                      const float *question_vec, struct grf_sv title,
                                      struct grf_sv page, struct grf_span in,
                                      struct quote_choice *out, struct grf_err *err);

/* Sets quote, spans and boxes from bytes [start,end) of the page. */
GRF_NODISCARD grf_status fill_quote(struct grf_result *r, const struct grf_page *p,
                                    size_t start, size_t end, struct grf_err *err);

/* Whether the quote stands at those characters of the page; GRF_CORRUPT. */
GRF_NODISCARD grf_status prove_on_page(const struct grf_page *p, size_t start, size_t end,
                                       struct grf_sv quote, struct grf_err *err);

/* text with runs of blanks and line ends made one blank, in a new string. */
GRF_NODISCARD char *fold_blanks(struct grf_sv text, struct grf_err *err);

#endif

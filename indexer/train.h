/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Training of the static model (doc/MODEL.md): questions and passages are pulled
 * together, other passages of the same batch pushed apart.
 *
 *   train.c         the command: options, progress, writing the model
 *   train_vocab.c   words and their counts
 *   train_data.c    reads the sources into one array of word numbers
 *   train_asked.c   questions that name where their passage stands
 *   train_twins.c   which passages are near copies of one another
 *   train_sample.c  draws the pairs of a batch
 *   train_step.c    forward, loss, gradient, optimiser
 *
 * The same seed, data and thread count give the same model on the same machine.
 */
#ifndef GRF_TRAIN_H
#define GRF_TRAIN_H

#include <stdbool.h>

#include "grf_cli.h"

int cmd_train(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_train_options(void);

/* ---- words */

struct grf_vocab {
    struct grf_str *pool;   /* the words' bytes */
    uint32_t *starts;       /* n + 1 offsets into the pool */
    uint64_t *counts;       /* weighted occurrences */
    uint32_t n;
    size_t cap_starts, cap_counts;
    uint32_t *slots, n_slots; /* hash table: number + 1 */
};

GRF_NODISCARD grf_status grf_vocab_init(struct grf_vocab *v, struct grf_err *err);
void grf_vocab_release(struct grf_vocab *v);
/* Number of the word, added when new; its count grows by weight. */
GRF_NODISCARD grf_status grf_vocab_count(struct grf_vocab *v, struct grf_sv word,
                                         uint32_t weight, uint32_t *number,
                                         struct grf_err *err);
struct grf_sv grf_vocab_word(const struct grf_vocab *v, uint32_t i);
/* Keeps the `most` words of highest count, those counted less than `least` left out,
   numbered in the order of their bytes. map[old] (n entries, grf_free) is the new number
   or UINT32_MAX. */
GRF_NODISCARD grf_status grf_vocab_select(struct grf_vocab *v, uint32_t most, uint32_t least,
                                          uint32_t **map, struct grf_err *err);

/* ---- data */

/* A run of word numbers. */
struct grf_run {
    uint32_t start, n;
};

struct grf_article { /* an article of law */
    struct grf_run text;
    uint32_t first_title, n_titles; /* its section path, outermost first; in titles */
    uint32_t group;                 /* its section */
};
struct grf_title {
    struct grf_run text;
    bool left_out; /* not to be trained on: a test asks it */
};
struct grf_question {
    struct grf_run text;
    uint32_t passage; /* in passages */
};
struct grf_passage { /* of a question, or a window of a municipal page */
    struct grf_run text;
    uint32_t group; /* near copies share it */
};
struct grf_synonym { /* a group of the thesaurus: runs of terms */
    uint32_t first, n_terms, n_everyday, n_short; /* in terms, in that order */
};

#define GRF_TRAIN_LIST(type, name) \
    type *name;                    \
    size_t n_##name, cap_##name

/* Row numbers: word i has row i, family k row vocab.n + k. A word stands for the sum
   of its own row and its family's, so that rare forms learn from common ones. */
struct grf_train_data {
    struct grf_vocab vocab, families;
    uint32_t *family; /* of each word: number in families */
    GRF_TRAIN_LIST(uint32_t, words); /* all texts, one after another */
    GRF_TRAIN_LIST(struct grf_article, articles);
    GRF_TRAIN_LIST(struct grf_title, titles);
    GRF_TRAIN_LIST(struct grf_passage, pages);    /* municipal pages */
    GRF_TRAIN_LIST(struct grf_passage, passages); /* of the questions and cards */
    GRF_TRAIN_LIST(struct grf_question, questions);
    GRF_TRAIN_LIST(struct grf_synonym, synonyms);
    GRF_TRAIN_LIST(struct grf_run, terms);
    uint64_t n_left_out; /* titles left out */
    uint64_t n_excluded; /* municipal pages and question passages left out */
    uint64_t n_lost;     /* lines of questions whose passage was not met */
};

struct grf_train_source {
    const char *dir;                     /* holds train/ and law/ */
    const char *leave_out;               /* JSON Lines of code and text, or NULL */
    const struct grf_cli_list *questions; /* more files of questions and cards */
    const struct grf_cli_list *excluded; /* bodies of which nothing is learned */
    uint32_t max_words, min_count;
    volatile sig_atomic_t *cancel;
    bool quiet;
};

GRF_NODISCARD grf_status grf_train_load(struct grf_train_data *d,
                                        const struct grf_train_source *src,
                                        struct grf_err *err);
void grf_train_data_release(struct grf_train_data *d);

/* Gives near copies the same group; others get one of their own. */
GRF_NODISCARD grf_status grf_train_mark_twins(struct grf_train_data *d, struct grf_err *err);

/* ---- batches */

enum {
    GRF_TRAIN_QUERY_MAX = 2 * 64,    /* rows */
    GRF_TRAIN_PASSAGE_MAX = 2 * 224, /* rows */
    GRF_TRAIN_DIM_MAX = 1024
};

typedef enum grf_train_kind {
    GRF_TRAIN_TITLE = 0, /* section title -> article */
    GRF_TRAIN_LAW_SPAN,  /* words out of an article -> the rest of it */
    GRF_TRAIN_PAGE_SPAN, /* words out of a municipal page -> the rest of it */
    GRF_TRAIN_QUESTION,  /* question -> passage */
    GRF_TRAIN_SYNONYM,   /* everyday turn -> administrative terms */
    GRF_TRAIN_KINDS
} grf_train_kind;

/* Pairs of a batch. Texts 0 to pairs-1 are the queries, the rest the passages. */
struct grf_batch {
    int pairs;
    uint32_t *rows;    /* 2 * pairs lists of GRF_TRAIN_PASSAGE_MAX */
    uint32_t *lengths; /* 2 * pairs */
    uint64_t *groups;  /* 2 * pairs: pairs whose query or passage group is equal are
                          no negatives of each other */
};

GRF_NODISCARD grf_status grf_batch_init(struct grf_batch *b, int pairs, struct grf_err *err);
void grf_batch_release(struct grf_batch *b);
/* Draws pairs [first, last) of a step; depends on seed, step and the pair's place. */
void grf_batch_fill(struct grf_batch *b, const struct grf_train_data *d,
                    const int shares[GRF_TRAIN_KINDS], uint64_t seed, int step, int first,
                    int last);

/* ---- steps */

struct grf_trainer;
struct grf_train_opts {
    int dim, pairs, threads, steps;
    float rate, temperature, spread; /* learning rate, InfoNCE, of the first values */
    uint64_t seed;
    int shares[GRF_TRAIN_KINDS]; /* per cent of each kind */
};

GRF_NODISCARD grf_status grf_trainer_new(const struct grf_train_data *d,
                                         const struct grf_train_opts *o,
                                         struct grf_trainer **out, struct grf_err *err);
void grf_trainer_free(struct grf_trainer *t);
/* One batch; *loss is its mean. */
GRF_NODISCARD grf_status grf_trainer_step(struct grf_trainer *t, int step, double *loss,
                                          struct grf_err *err);
/* dim values for each row, and how often each row was in a batch. */
const float *grf_trainer_table(const struct grf_trainer *t);
const uint32_t *grf_trainer_seen(const struct grf_trainer *t);

/* A small generator (splitmix64), the same everywhere. */
static inline uint64_t grf_train_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
/* 0 to n-1; n > 0 */
static inline uint32_t grf_train_pick(uint64_t *state, uint32_t n)
{
    return (uint32_t)(((grf_train_random(state) >> 32) * (uint64_t)n) >> 32);
}

#endif

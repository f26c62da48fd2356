/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Full-text index of passages (Xapian behind). Terms (doc/FORMAT.md): exact folded words
 * but for the most frequent stopwords ("L" says how many of these there are), and amounts
 * printed in groups of three digits as one number ("12 000" gives 12000 too, in questions
 * likewise); "Z"+stem except of stopwords and numbers;
 * "S"+stem for those of the subject; boolean filter terms "X<letter>:value"; the date in
 * value slot 0. The words in their order are in the document data, for phrases. A passage's
 * id is its Xapian document number, hence 32 bits.
 *
 * One writer and many readers at a time; a handle serves one thread. Readers keep
 * the view they opened until grf_ft_reader_refresh.
 */
#ifndef GRF_FULLTEXT_H
#define GRF_FULLTEXT_H

#include <stdbool.h>

#include "grf_idset.h"
#include "grf_str.h"

GRF_BEGIN_DECLS

/* Filter names. Values are compared folded (lower case, unaccented), numbers and
   references without blanks too; long ones by a hash. */
typedef enum grf_filter {
    GRF_FILTER_BODY = 0,
    GRF_FILTER_KIND,
    GRF_FILTER_NUMBER,
    GRF_FILTER_REF,
    GRF_FILTER_MATTER,
    GRF_FILTER_DOCUMENT, /* document key: for removal and tests */
    GRF_FILTER_COUNT
} grf_filter;

struct grf_filter_term {
    grf_filter name;
    struct grf_sv value;
};

/* What is indexed for one passage. The parts are analysed apart,
   and no phrase spans two. */
struct grf_ft_doc {
    int64_t id;               /* passage id, 1 to 4294967295 */
    struct grf_sv subject;    /* the act's subject and heading */
    struct grf_sv header;     /* body, date, number, file title */
    struct grf_sv text;       /* the passage */
    const struct grf_filter_term *terms;
    size_t n_terms;
    int64_t date_key;         /* YYYYMMDD (grf_date_key), 0 when unknown */
    int64_t act;              /* passages put one after another that share this (0: none),
                                 subject and header are deleted together, too: the order of
                                 those words is kept once */
};

struct grf_ft_writer;
/* Opens or creates the index in directory dir (made when absent); an index whose
   making was interrupted is made again. GRF_LOCKED when another writer has it,
   GRF_VERSION when it was made by another text analysis, GRF_CORRUPT. Call before
   starting threads: it may set an environment variable for Xapian. */
GRF_NODISCARD grf_status grf_ft_writer_open(const char *dir, struct grf_ft_writer **out,
                                            struct grf_err *err);
/* Replaces the same id. GRF_INVALID or GRF_LIMIT (id or filter out of range) changes
   nothing. After any other failed change the writer is poisoned: only close is
   accepted. Puts and deletions are done in order by a thread of the writer's own: what
   fails there is told by a later call, by grf_ft_commit at the latest. */
GRF_NODISCARD grf_status grf_ft_put(struct grf_ft_writer *w, const struct grf_ft_doc *doc,
                                    struct grf_err *err);
GRF_NODISCARD grf_status grf_ft_delete(struct grf_ft_writer *w, int64_t id,
                                       struct grf_err *err); /* absent id: fine */
/* Makes all changes visible at once, stamped with generation; nothing is visible
   before. On disk when it returns. */
GRF_NODISCARD grf_status grf_ft_commit(struct grf_ft_writer *w, int64_t generation,
                                       struct grf_err *err);
/* Commits what was put for a generation whose rows are not committed yet, and whose
   deletions are still to come; grf_ft_commit completes it. */
GRF_NODISCARD grf_status grf_ft_commit_ahead(struct grf_ft_writer *w, int64_t ahead,
                                             struct grf_err *err);
/* Commits a part of an index that is being filled, with a line of the caller's own that
   says how far it goes; its generation stays 0. grf_ft_commit completes it. */
GRF_NODISCARD grf_status grf_ft_commit_part(struct grf_ft_writer *w, const char *part,
                                            struct grf_err *err);
/* That line of the last commit; "" when the index is whole, or new. */
const char *grf_ft_writer_part(const struct grf_ft_writer *w);
/* Passages in the index. */
uint64_t grf_ft_writer_count(const struct grf_ft_writer *w);
/* The last generation that was committed ahead; 0 when none was. */
int64_t grf_ft_writer_ahead(const struct grf_ft_writer *w);
/* Drops all passages after last: what was committed ahead of rows that never came. */
GRF_NODISCARD grf_status grf_ft_trim(struct grf_ft_writer *w, int64_t last,
                                     struct grf_err *err);
/* Generation of the last commit, 0 for a new index. */
int64_t grf_ft_writer_generation(const struct grf_ft_writer *w);
/* Drops what is not committed. NULL is accepted. */
void grf_ft_writer_close(struct grf_ft_writer *w);

/* Copies what is live in index from into the new directory to: a table keeps the words of
   what was deleted until their place is used again, the copy has none of them. Same ids,
   same generation, and blocks that are full. Takes as long as writing the index once. */
GRF_NODISCARD grf_status grf_ft_compact(const char *from, const char *to,
                                        struct grf_err *err);

/* Whether the copy would take much less room; never so in a small index. */
GRF_NODISCARD grf_status grf_ft_is_loose(struct grf_ft_writer *w, bool *loose,
                                         struct grf_err *err);

/* A question, already understood. */
typedef enum grf_clause_kind {
    GRF_CLAUSE_WORDS, /* any of these words, stemmed, exact forms a little better */
    GRF_CLAUSE_PHRASE /* these words in this order (exact forms); must occur */
} grf_clause_kind;
struct grf_ft_clause {
    grf_clause_kind kind;
    struct grf_sv text;
    double weight; /* 1 = the asker's own words; not negative */
};

/* Stopwords in WORDS clauses do not count. A question of such words alone finds nothing, one
   of a phrase of the most frequent ones neither; with filters it finds what these let
   through, and has the phrase. A word counts once, in the first clause that has it; the
   first GRF_FT_QUERY_WORDS words of a question and the first GRF_FT_PHRASE_WORDS of a
   phrase count. */
#define GRF_FT_QUERY_WORDS 256
#define GRF_FT_PHRASE_WORDS 32
struct grf_ft_query {
    const struct grf_ft_clause *clauses;
    size_t n_clauses;
    const struct grf_filter_term *filters; /* same name: any of; other names: all of */
    size_t n_filters;
    int64_t date_from, date_to; /* date keys, inclusive; 0 = open. With either one,
                                   passages without a date are left out */
    size_t limit;               /* most hits wanted */
};
struct grf_ft_hit {
    int64_t id;
    double score; /* BM25 sum, > 0; comparable inside one query */
};

struct grf_ft_reader;
/* GRF_NOTFOUND, GRF_VERSION, GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_ft_reader_open(const char *dir, struct grf_ft_reader **out,
                                            struct grf_err *err);
/* Moves to the last commit; cheap when there is no new one. */
GRF_NODISCARD grf_status grf_ft_reader_refresh(struct grf_ft_reader *r,
                                               struct grf_err *err);
void grf_ft_reader_close(struct grf_ft_reader *r); /* NULL is accepted */
int64_t grf_ft_reader_generation(const struct grf_ft_reader *r);
int64_t grf_ft_reader_ahead(const struct grf_ft_reader *r); /* as of the writer */
uint64_t grf_ft_reader_count(const struct grf_ft_reader *r); /* passages */

/* The lists of the words asked for, kept for the next question. Without this each reader
   keeps its own, up to 64 MB; a program with many readers shares one cache among them, of
   several indexes too. It is for threads: each has readers of its own. What it keeps of an
   index is of one state: the first reader that stands on a later one empties it. bytes: the
   most that lists may take (beside 6 bytes a passage of each index). */
struct grf_ft_cache;
GRF_NODISCARD grf_status grf_ft_cache_new(size_t bytes, struct grf_ft_cache **out,
                                          struct grf_err *err);
void grf_ft_cache_free(struct grf_ft_cache *c); /* readers may still be open; NULL is accepted */
size_t grf_ft_cache_bytes(const struct grf_ft_cache *c); /* what the lists take now */
/* From now on r keeps its lists there. */
void grf_ft_reader_share(struct grf_ft_reader *r, const struct grf_ft_cache *c);

/* Best first; equal scores by id. hits has room for q->limit. A query that says
   nothing (no clause with a word in it) finds all that passes the filters, with score 0,
   in id order. A reader overtaken by two commits moves to the last one by itself (see
   grf_ft_reader_generation); GRF_STALE when that does not help. */
GRF_NODISCARD grf_status grf_ft_search(struct grf_ft_reader *r,
                                       const struct grf_ft_query *q,
                                       struct grf_ft_hit *hits, size_t *n_hits,
                                       struct grf_err *err);

/* Which of the passages ids (ascending) have the filter term (NULL: any) and a date
   within date_from to date_to (as in a query): out[i] for ids[i]. */
GRF_NODISCARD grf_status grf_ft_having(struct grf_ft_reader *r,
                                       const struct grf_filter_term *term,
                                       int64_t date_from, int64_t date_to,
                                       const int64_t *ids, size_t n, bool *out,
                                       struct grf_err *err);

/* Which of the passages ids (ascending) the query's filters let through: out[i] for ids[i].
   Its words do not count. */
GRF_NODISCARD grf_status grf_ft_passing(struct grf_ft_reader *r,
                                        const struct grf_ft_query *q, const int64_t *ids,
                                        size_t n, bool *out, struct grf_err *err);
/* All passages that they let through, added to out. */
GRF_NODISCARD grf_status grf_ft_all_passing(struct grf_ft_reader *r,
                                            const struct grf_ft_query *q,
                                            struct grf_idset *out, struct grf_err *err);

/* How many passages hold a word in any of its forms (numbers: exactly). norm is folded. */
GRF_NODISCARD grf_status grf_ft_frequency(struct grf_ft_reader *r, struct grf_sv norm,
                                          uint64_t *passages, struct grf_err *err);

/* The word of the index that norm, which it does not have, may stand for: one letter
   more, less, other or swapped (two in words of nine letters on), the first one the same;
   of several the nearest, then the most frequent. out has GRF_WORD_MAX + 1 bytes and is
   empty when there is none. */
GRF_NODISCARD grf_status grf_ft_nearest_word(struct grf_ft_reader *r, struct grf_sv norm,
                                             char *out, struct grf_err *err);

/* Which of the query's words a passage holds, as the asker's words separated by
   blanks (for --explain), appended to out. GRF_NOTFOUND for an absent passage. */
GRF_NODISCARD grf_status grf_ft_matched(struct grf_ft_reader *r,
                                        const struct grf_ft_query *q, int64_t id,
                                        struct grf_str *out, struct grf_err *err);

/* The stem used by the index, so that quotes can mark words as the index matches
   them; numbers are their own stem. out has GRF_STEM_MAX bytes. */
#define GRF_STEM_MAX 80
void grf_ft_stem(struct grf_sv norm, char *out);

/* Reads every posting and checks structure; GRF_CORRUPT names the fault. ids of
   all passages, ascending, go to *ids (grf_free; NULL when there are none). */
GRF_NODISCARD grf_status grf_ft_check(const char *dir, int64_t **ids, size_t *n,
                                      struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passages of the law: rows of law.db that say which piece of which version of an
 * article stands in the indexes beside it (grf_lawindex.h), with its vector.
 *
 * Indexed are the version of an article that is in force, or else its last one, and
 * those that are to come; older ones are reached by their day. A passage never changes:
 * a version that changes is a new version, and its passages are new ones.
 */
#ifndef GRF_LAW_PASSAGE_H
#define GRF_LAW_PASSAGE_H

#include "grf_law.h"

GRF_BEGIN_DECLS

struct grf_law_passage {
    int64_t id, article_id, version_id;
    int ordinal;       /* within its version, from 1 */
    size_t start, end; /* bytes of the version's text */
    int64_t generation;
};

/* Cuts the text of a version: pieces of lines, of sentences where a line is long; the
   caller frees *out (grf_free). Without a word there is none. */
struct grf_law_piece {
    size_t start, end;
};
GRF_NODISCARD grf_status grf_law_cut(struct grf_sv text, struct grf_law_piece **out,
                                     size_t *n, struct grf_err *err);

/* ---- reading */

/* An article by its row; GRF_NOTFOUND. */
struct grf_law_article {
    int64_t id;
    char num[GRF_LAW_NUM];
    char name[GRF_LAW_NAME]; /* of its text */
    char *title;             /* of its text; may be NULL */
};
GRF_NODISCARD grf_status grf_law_article(struct grf_law *law, int64_t id,
                                         struct grf_law_article *out, struct grf_err *err);
void grf_law_article_release(struct grf_law_article *a);

/* GRF_NOTFOUND when it is gone. */
GRF_NODISCARD grf_status grf_law_passage(struct grf_law *law, int64_t id,
                                         struct grf_law_passage *out, struct grf_err *err);
typedef grf_status (*grf_law_passage_fn)(void *data, const struct grf_law_passage *p,
                                         struct grf_err *err);
/* Passages of a generation later than after, by id. */
GRF_NODISCARD grf_status grf_law_each_passage(struct grf_law *law, int64_t after,
                                              grf_law_passage_fn f, void *data,
                                              struct grf_err *err);
/* Those of an article, by id. */
GRF_NODISCARD grf_status grf_law_each_passage_of(struct grf_law *law, int64_t article_id,
                                                 grf_law_passage_fn f, void *data,
                                                 struct grf_err *err);
/* Scale and bytes of each vector, by id. GRF_CORRUPT when one has not dim dimensions. */
typedef grf_status (*grf_law_vector_fn)(void *data, int64_t id, float scale,
                                        const signed char *row, struct grf_err *err);
GRF_NODISCARD grf_status grf_law_each_vector(struct grf_law *law, int dim,
                                             grf_law_vector_fn f, void *data,
                                             struct grf_err *err);
GRF_NODISCARD grf_status grf_law_count_passages(struct grf_law *law, int64_t *n,
                                                struct grf_err *err);
/* Articles whose passages are not those that they are to have on that day, and passages
   without an article counted as one of id 0; by id, in *ids (grf_free). */
GRF_NODISCARD grf_status grf_law_stale_articles(struct grf_law *law, const char *day,
                                                int64_t **ids, size_t *n,
                                                struct grf_err *err);
/* Versions of an article that are to be indexed on that day. *n is in: room, out: set. */
#define GRF_LAW_INDEXED_MOST 64
GRF_NODISCARD grf_status grf_law_indexed_versions(struct grf_law *law, int64_t article_id,
                                                  const char *day, int64_t *out, size_t *n,
                                                  struct grf_err *err);

/* ---- state of the indexes */

/* What is recorded; 0 and NULL when it is not. */
struct grf_law_index_state {
    int64_t generation; /* of the rows; each batch has a number */
    int64_t parts;      /* number in the names of the index files */
    char *model;        /* fingerprint */
    int dim;
    bool complete;      /* nothing was imported since all of it was indexed */
};
/* A law that was imported before there were passages has a state of zeros. */
GRF_NODISCARD grf_status grf_law_index_state(struct grf_law *law,
                                             struct grf_law_index_state *out,
                                             struct grf_err *err);
void grf_law_index_state_release(struct grf_law_index_state *s);

/* ---- writing; all within grf_law_index_begin and grf_law_index_commit */

GRF_NODISCARD grf_status grf_law_index_begin(struct grf_law *law, struct grf_err *err);
/* Records s, and commits. */
GRF_NODISCARD grf_status grf_law_index_commit(struct grf_law *law,
                                              const struct grf_law_index_state *s,
                                              struct grf_err *err);
GRF_NODISCARD grf_status grf_law_put_passage(struct grf_law *law, struct grf_law_passage *p,
                                             float scale, const signed char *row, int dim,
                                             struct grf_err *err); /* sets p->id */
GRF_NODISCARD grf_status grf_law_set_vector(struct grf_law *law, int64_t id, float scale,
                                            const signed char *row, int dim,
                                            struct grf_err *err);
/* Takes a passage out; it is remembered until the full text has followed. */
GRF_NODISCARD grf_status grf_law_drop_passage(struct grf_law *law, int64_t id,
                                              int64_t generation, struct grf_err *err);
/* Ids of the passages whose article is gone, in *ids (grf_free). */
GRF_NODISCARD grf_status grf_law_orphans(struct grf_law *law, int64_t **ids, size_t *n,
                                         struct grf_err *err);
typedef grf_status (*grf_law_id_fn)(void *data, int64_t id, struct grf_err *err);
GRF_NODISCARD grf_status grf_law_each_gone(struct grf_law *law, int64_t after,
                                           grf_law_id_fn f, void *data,
                                           struct grf_err *err);
GRF_NODISCARD grf_status grf_law_forget_gone(struct grf_law *law, struct grf_err *err);
/* After the last commit: the log that SQLite keeps beside the file goes into it. */
void grf_law_settle(struct grf_law *law);

GRF_END_DECLS
#endif

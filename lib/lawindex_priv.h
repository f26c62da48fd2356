/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/lawindex_*.c. */
#ifndef GRF_LAWINDEX_PRIV_H
#define GRF_LAWINDEX_PRIV_H

#include "grf_lawindex.h"

#define LAW_FULLTEXT "law.fulltext"
#define LAW_VECTORS "law.vectors"

/* The law is searched beside the acts, at the same question: its vectors are put in lists
   from fewer on. */
static const struct grf_vec_limits law_vec_limits = {.exact_most = 50000,
                                                     .looked_at = 24576,
                                                     .looked_up = 16384};

/* "base/<stem>.<parts>"; grf_free, NULL with err set. */
GRF_NODISCARD char *law_part(const char *base, const char *stem, int64_t parts,
                             struct grf_err *err);

/* What the indexes get for a passage. Where it stands in the code is indexed and embedded
   with it but never quoted. */
struct law_context {
    struct grf_str header;  /* the code, the article, the path of its section */
    struct grf_str subject; /* the last titles of that path */
    struct grf_str ref;     /* filter term: "CGCT/L2121-29" */
};
void law_context_init(struct law_context *c);
void law_context_release(struct law_context *c);
GRF_NODISCARD grf_status law_context_fill(struct law_context *c,
                                          const struct grf_law_article *a,
                                          const struct grf_law_text *t,
                                          struct grf_err *err);
/* What is embedded. */
void law_embedded(struct grf_str *out, const struct law_context *c, struct grf_sv text);
enum { LAW_EMBEDDED_MOST = 1 << 20 }; /* bytes */

GRF_NODISCARD grf_status law_put_fulltext(struct grf_ft_writer *ft, int64_t id,
                                          const struct law_context *c, struct grf_sv text,
                                          struct grf_err *err);

/* One passage after another with its version's text and context; the last ones are kept,
   since passages come in order. */
struct law_source {
    struct grf_law *law;
    struct grf_law_passage passage;
    struct grf_law_article article;
    struct grf_law_text text;
    int64_t version_id; /* whose text it is, 0 none */
    struct law_context context;
};
void law_source_init(struct law_source *s, struct grf_law *law);
void law_source_release(struct law_source *s);
/* GRF_NOTFOUND when the version is gone, GRF_CORRUPT when the span leaves its text. */
GRF_NODISCARD grf_status law_source_load(struct law_source *s,
                                         const struct grf_law_passage *p,
                                         struct grf_sv *text, struct grf_err *err);

/* An update or a rebuild under way. */
struct law_update {
    struct grf_lawindex_job *job;
    struct grf_law_index_state state; /* as committed */
    struct grf_ft_writer *fulltext;
    bool in_batch;
    size_t in_this_batch;
    uint64_t done, total;
};
GRF_NODISCARD grf_status law_update_open(struct law_update *u, struct grf_err *err);
void law_update_release(struct law_update *u);
/* Makes the rows right, and the full text with them where u->fulltext is set. */
GRF_NODISCARD grf_status law_update_rows(struct law_update *u, struct grf_err *err);
/* Writes all vectors of the rows beside the full text of number parts. */
GRF_NODISCARD grf_status law_save_vectors(struct law_update *u, int64_t parts,
                                          struct grf_err *err);

#endif

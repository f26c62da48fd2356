/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The base: one directory that holds rows (the truth), full-text index and
 * vector index, and keeps them together.
 *
 *     base/greffier.db    rows (SQLite, WAL)
 *     base/fulltext.N     full-text index
 *     base/vectors.N      vector index in its container
 *     base/lock           held by the one writer
 *
 * A batch is committed rows first, stamped with a generation; then full text, then
 * vectors, each stamped likewise. A writer that finds an index behind the rows
 * brings it up to date from them; a reader shows only what all three hold. So a run
 * may die anywhere.
 */
#ifndef GRF_BASE_H
#define GRF_BASE_H

#include "grf_embed.h"
#include "grf_fulltext.h"
#include "grf_meta.h"
#include "grf_thesaurus.h"
#include "grf_vectors.h"

GRF_BEGIN_DECLS

/* ---- writing */

struct grf_base_writer;

/* Opens or creates (idempotent) the base, takes the lock, repairs what an
   interrupted run left behind. embedder may be NULL: then nothing can be added. With
   to_rebuild the indexes are not looked at, damaged or not, and grf_base_rebuild is all
   that may follow. GRF_LOCKED; GRF_VERSION when the base was made with another model;
   GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_base_open_writer(const char *dir, struct grf_embedder *embedder,
                                              bool to_rebuild, struct grf_base_writer **out,
                                              struct grf_err *err);
/* After how many passages a rebuild keeps what it has (20,000), and up to what size of the
   full-text index, in bytes, what it keeps of removed acts is dropped at once (256 MB). */
struct grf_base_pace {
    uint64_t kept_every, traces_at_once;
};
void grf_base_set_pace(struct grf_base_writer *w, const struct grf_base_pace *pace);
/* Drops what was not committed. */
void grf_base_close_writer(struct grf_base_writer *w);

/* Rows of the writer, for looking things up. */
struct grf_meta *grf_base_writer_meta(struct grf_base_writer *w);

struct grf_base_doc {
    struct grf_doc_new doc;
    const struct grf_page *pages;
    size_t n_pages;
    const struct grf_acts *acts; /* with passages */
};
/* Adds a document to the open batch. *doc_id is its row. */
GRF_NODISCARD grf_status grf_base_add(struct grf_base_writer *w,
                                      const struct grf_base_doc *doc, int64_t *doc_id,
                                      struct grf_err *err);
/* Records where a document stands; supersedes what stood there before. */
GRF_NODISCARD grf_status grf_base_put_location(struct grf_base_writer *w,
                                               const struct grf_location *loc,
                                               struct grf_err *err);
GRF_NODISCARD grf_status grf_base_put_failure(struct grf_base_writer *w, const char *path,
                                              const char *reason, struct grf_err *err);
/* Drops a superseded document's rows, so that it can be added anew. */
GRF_NODISCARD grf_status grf_base_forget(struct grf_base_writer *w, int64_t doc_id,
                                         struct grf_err *err);
/* Removes for good a document or act named by key or path. GRF_NOTFOUND. */
GRF_NODISCARD grf_status grf_base_remove(struct grf_base_writer *w, const char *key,
                                         const char *reason, struct grf_err *err);
/* Copies the full-text index without what its tables keep of acts removed for good, when
   they do, whatever its size: a removal does so itself only when that takes seconds. No
   question finds those acts before either. Nothing may be open in the batch. */
GRF_NODISCARD grf_status grf_base_drop_traces(struct grf_base_writer *w,
                                              struct grf_err *err);
/* Whether it still is to be done. */
GRF_NODISCARD grf_status grf_base_has_traces(struct grf_base_writer *w, bool *has,
                                             struct grf_err *err);
/* Commits the batch when there is one. finish also saves the vectors, which
   otherwise waits until enough has changed. */
GRF_NODISCARD grf_status grf_base_commit(struct grf_base_writer *w, bool finish,
                                         struct grf_err *err);

typedef void (*grf_base_progress)(void *data, uint64_t done, uint64_t total);
/* Remakes full text and vectors from the rows alone and swaps them in. With an embedder of
   another fingerprint than the base's every passage is embedded anew, and the base is
   that model's from then on; NULL keeps the vectors of the rows. After to_rebuild one that
   was interrupted is gone on with, unless the rows have changed since. */
GRF_NODISCARD grf_status grf_base_rebuild(struct grf_base_writer *w,
                                          struct grf_embedder *embedder,
                                          grf_base_progress f, void *data,
                                          struct grf_err *err);

/* ---- reading */

struct grf_base {
    struct grf_meta *meta;
    struct grf_ft_reader *fulltext;
    struct grf_vectors *vectors; /* NULL until grf_base_load_vectors */
    struct grf_thesaurus *thesaurus; /* NULL until the first search */
    struct grf_base_kept *numbers; /* what is read once; NULL until then */
    int64_t version; /* grf_meta_data_version of the rows that it is of */
    void *kept; /* by searches, of the state that the base stands on; NULL: nothing */
    void (*free_kept)(void *);
    char *dir, *fingerprint;     /* fingerprint NULL in an empty base */
    int dim;
    int64_t parts;      /* number in the names of the index files */
    int64_t generation; /* what all parts hold; later rows are not shown */
    int64_t rows;       /* generation of the rows when it was opened */
    int64_t ahead;      /* up to which the indexes were filled before the rows */
};

/* GRF_NOTFOUND when there is no base at dir. */
GRF_NODISCARD grf_status grf_base_open(const char *dir, struct grf_base **out,
                                       struct grf_err *err);
/* The same without internal documents: whatever is asked, they are not there. */
GRF_NODISCARD grf_status grf_base_open_public(const char *dir, struct grf_base **out,
                                              struct grf_err *err);
void grf_base_close(struct grf_base *b);
/* Reads the vector index, once. fingerprint is the embedder's; GRF_VERSION when the
   base was made with another. */
GRF_NODISCARD grf_status grf_base_load_vectors(struct grf_base *b, const char *fingerprint,
                                               struct grf_err *err);
/* Uses vectors that were loaded for the same file already, instead of reading them. */
void grf_base_share_vectors(struct grf_base *b, struct grf_vectors *v);
/* As grf_meta_each_body_name, grf_meta_each_body and grf_meta_counts, which go through all
   acts; read once for each state of the rows. */
GRF_NODISCARD grf_status grf_base_each_body_name(struct grf_base *b, grf_name_fn f, void *data,
                                                 struct grf_err *err);
GRF_NODISCARD grf_status grf_base_each_body(struct grf_base *b, grf_body_fn f, void *data,
                                            struct grf_err *err);
GRF_NODISCARD grf_status grf_base_counts(struct grf_base *b, struct grf_counts *out,
                                         struct grf_err *err);
/* Moves the rows to their newest state, which stays fixed until the next call or
   grf_meta_rollback. *current false: a writer has committed since it was opened; what it
   added is seen by a base opened anew, what it removed is gone already. */
GRF_NODISCARD grf_status grf_base_refresh(struct grf_base *b, bool *current,
                                          struct grf_err *err);

/* The file that holds a document's bytes: what was fetched is kept in the base under its
   hash (documents/HASH.pdf), anything else is where it was found. *out NULL when its place
   is not known (grf_free). */
GRF_NODISCARD grf_status grf_base_doc_file(const char *dir, const struct grf_doc_row *d,
                                           char **out, struct grf_err *err);
/* documents/HASH.pdf of the base (grf_free); NULL without memory. */
GRF_NODISCARD char *grf_base_kept_file(const char *dir, const char *sha256);

/* ---- checking */

typedef void (*grf_base_finding)(void *data, const char *text);
struct grf_base_faults {
    size_t all;
    size_t rows; /* of these, in the rows: no index made again helps */
    size_t originals; /* of these, files that were fetched: no index made again helps */
};
/* Checks every part and all parts against each other; calls f for each fault found.
   Works beside a writer only when nothing is being written. */
GRF_NODISCARD grf_status grf_base_verify(const char *dir, grf_base_finding f, void *data,
                                         struct grf_base_faults *faults,
                                         struct grf_err *err);

/* In a moment: all parts open and hold the same number of passages. GRF_CORRUPT. */
GRF_NODISCARD grf_status grf_base_verify_quick(const char *dir, struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows that are the truth (SQLite behind): documents, pages, acts,
 * passages, vectors, settings. Schema in doc/FORMAT.md.
 *
 * A handle serves one thread. Row structs own their strings; release them with the
 * function named beside. Keys (public ids): document "3fa4c1d2e5b6" (first 12
 * hex digits of its SHA-256), act "3fa4c1d2e5b6.7" (ordinal), passage
 * "3fa4c1d2e5b6.7.12".
 */
#ifndef GRF_META_H
#define GRF_META_H

#include "grf_actrefs.h"
#include "grf_hash.h"

GRF_BEGIN_DECLS

struct grf_meta;

#define GRF_KEY_MAX 32 /* bytes of a key with NUL */

/* writable: creates the file and its tables when absent. Otherwise GRF_NOTFOUND.
   GRF_VERSION for a base of another format. */
GRF_NODISCARD grf_status grf_meta_open(const char *path, bool writable,
                                       struct grf_meta **out, struct grf_err *err);
void grf_meta_close(struct grf_meta *m);

GRF_NODISCARD grf_status grf_meta_begin(struct grf_meta *m, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_commit(struct grf_meta *m, struct grf_err *err);
void grf_meta_rollback(struct grf_meta *m);
/* Moves what has been committed from the write-ahead log into the file and empties the
   log; does what it can when readers hold it, and is false then. */
bool grf_meta_checkpoint(struct grf_meta *m);
/* Reader: one consistent state for all that follows, until the next call. */
GRF_NODISCARD grf_status grf_meta_snapshot(struct grf_meta *m, struct grf_err *err);

/* Reader: from now on internal documents, and all that is theirs, do not exist for this
   handle, whatever is asked. *hidden tells how many passages that are. */
GRF_NODISCARD grf_status grf_meta_hide_internal(struct grf_meta *m, int64_t *hidden,
                                                struct grf_err *err);
/* How many passages such a handle leaves out; 0 for any other. */
int64_t grf_meta_hidden(const struct grf_meta *m);
GRF_NODISCARD grf_status grf_meta_is_internal(struct grf_meta *m, int64_t doc_id,
                                              bool *internal, struct grf_err *err);

/* Settings. *out is NULL when absent, else grf_free it. */
GRF_NODISCARD grf_status grf_meta_get(struct grf_meta *m, const char *key, char **out,
                                      struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_set(struct grf_meta *m, const char *key,
                                      const char *value, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_get_int(struct grf_meta *m, const char *key,
                                          int64_t *out, struct grf_err *err); /* absent: 0 */
GRF_NODISCARD grf_status grf_meta_set_int(struct grf_meta *m, const char *key,
                                          int64_t value, struct grf_err *err);

/* ---- documents */

typedef enum grf_doc_state {
    GRF_DOC_ABSENT = 0,
    GRF_DOC_INDEXED,
    GRF_DOC_SUPERSEDED, /* another version stands at its place; kept, not searched */
    GRF_DOC_REMOVED     /* removed for good: not to be taken again */
} grf_doc_state;

/* State of the document with this SHA-256; *id when it has rows. */
GRF_NODISCARD grf_status grf_meta_doc_state(struct grf_meta *m, const char *sha256,
                                            grf_doc_state *state, int64_t *id,
                                            struct grf_err *err);

/* true when acts of this document were removed for good: reading it again could bring
   them back. */
GRF_NODISCARD grf_status grf_meta_lost_acts(struct grf_meta *m, const char *sha256,
                                            bool *lost, struct grf_err *err);

/* true when acts of the document were removed and none is left: it is as good as removed
   itself. */
GRF_NODISCARD grf_status grf_meta_all_acts_removed(struct grf_meta *m, int64_t doc_id,
                                                   bool *all, struct grf_err *err);

struct grf_doc_new {
    const char *sha256;
    int64_t bytes;
    const char *title;
};
/* Inserts the document with its pages and acts (with passages). generation stamps
   all rows. The passages' row ids go, act by act, to *passage_ids (grf_free). */
GRF_NODISCARD grf_status grf_meta_add_doc(struct grf_meta *m, const struct grf_doc_new *doc,
                                          const struct grf_page *pages, size_t n_pages,
                                          const struct grf_acts *acts, int64_t generation,
                                          int64_t *doc_id, int64_t **passage_ids,
                                          struct grf_err *err);

/* Who may see what stands at a place. The mark is the place's: it stays when the document
   is read again or replaced. A document is internal when all of its places are. */
typedef enum grf_visibility {
    GRF_VISIBILITY_KEEP = 0, /* as it is; a new place takes after the document's others, and
                                a new document is public */
    GRF_VISIBILITY_PUBLIC,
    GRF_VISIBILITY_INTERNAL
} grf_visibility;

/* A place where a document was seen. rel is relative to the PATH given to add. What was
   fetched has its address for path and url both; its bytes are in the base
   (grf_base_doc_file). */
struct grf_location {
    const char *path, *rel, *body;
    int64_t doc_id;
    const char *url; /* NULL: a file */
    grf_visibility visibility;
};
/* Records it; when another document stood there and stands nowhere else, that one is
   superseded and its id goes to *replaced (else 0). */
GRF_NODISCARD grf_status grf_meta_put_location(struct grf_meta *m,
                                               const struct grf_location *loc,
                                               int64_t *replaced, struct grf_err *err);

/* The nth other file that is the document, in a new string; NULL after the last. */
GRF_NODISCARD grf_status grf_meta_other_place(struct grf_meta *m,
                                              const struct grf_location *loc, int64_t nth,
                                              char **path, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_drop_place(struct grf_meta *m, const char *path,
                                             struct grf_err *err);

/* The document that stands at a path, or relative path; 0: none. */
GRF_NODISCARD grf_status grf_meta_place_doc(struct grf_meta *m, const char *path, int64_t *id,
                                            struct grf_err *err);

typedef grf_status (*grf_place_fn)(void *data, const struct grf_location *loc,
                                   struct grf_err *err);
/* Every place of a document, by path; what f gets is borrowed. */
GRF_NODISCARD grf_status grf_meta_each_place(struct grf_meta *m, int64_t doc_id,
                                             grf_place_fn f, void *data,
                                             struct grf_err *err);

/* true when exactly this is recorded already. */
GRF_NODISCARD grf_status grf_meta_same_location(struct grf_meta *m,
                                                const struct grf_location *loc, bool *same,
                                                struct grf_err *err);

/* Takes the document's passages out of search: their ids are logged as gone in
   generation. purge also deletes its rows and remembers the SHA-256 and reason. */
GRF_NODISCARD grf_status grf_meta_retire_doc(struct grf_meta *m, int64_t doc_id, bool purge,
                                             const char *reason, int64_t generation,
                                             struct grf_err *err);
/* The same for one act of a document: its pages' text is blanked where only this
   act stood. */
GRF_NODISCARD grf_status grf_meta_purge_act(struct grf_meta *m, int64_t act_id,
                                            const char *reason, int64_t generation,
                                            struct grf_err *err);

/* A document that could not be indexed; replaces what is known of path. reason NULL
   forgets it. */
GRF_NODISCARD grf_status grf_meta_put_failure(struct grf_meta *m, const char *path,
                                              const char *reason, struct grf_err *err);

/* true when path has that reason recorded (NULL: none). */
GRF_NODISCARD grf_status grf_meta_same_failure(struct grf_meta *m, const char *path,
                                               const char *reason, bool *same,
                                               struct grf_err *err);

/* ---- reading */

struct grf_doc_row {
    int64_t id;
    char key[GRF_KEY_MAX];
    char sha256[GRF_SHA256_HEX];
    int64_t bytes;
    int n_pages;
    grf_doc_state state;
    char *title;
    char added[24]; /* when it was read, UTC: "2026-01-31T04:00:12Z" */
    char *path, *rel, *url, *body; /* of its first location; may be NULL */
};
void grf_doc_row_release(struct grf_doc_row *r);

struct grf_act_row {
    int64_t id, doc_id;
    char key[GRF_KEY_MAX];
    struct grf_act act; /* without passages */
};
void grf_act_row_release(struct grf_act_row *r);

struct grf_passage_row {
    int64_t id, act_id, doc_id;
    char key[GRF_KEY_MAX];
    int page;
    size_t start, end; /* bytes of the page's text */
    grf_part part;
    int64_t generation;
};

/* By row id; GRF_NOTFOUND when it is not there or not live. */
GRF_NODISCARD grf_status grf_meta_doc(struct grf_meta *m, int64_t id,
                                      struct grf_doc_row *out, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_act(struct grf_meta *m, int64_t id,
                                      struct grf_act_row *out, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_passage(struct grf_meta *m, int64_t id,
                                          struct grf_passage_row *out, struct grf_err *err);
/* text, state and size of a page, and its words with_words; out is initialised by the
   caller. */
GRF_NODISCARD grf_status grf_meta_page(struct grf_meta *m, int64_t doc_id, int number,
                                       bool with_words, struct grf_page *out,
                                       struct grf_err *err);
/* Its words, as far as they begin before that byte of the text, which p has already. */
GRF_NODISCARD grf_status grf_meta_page_words(struct grf_meta *m, int64_t doc_id, size_t end,
                                             struct grf_page *p, struct grf_err *err);

/* What a key names. A document may also be named by a path or relative path. */
typedef enum grf_key_kind { GRF_KEY_NONE, GRF_KEY_DOC, GRF_KEY_ACT, GRF_KEY_PASSAGE } grf_key_kind;
GRF_NODISCARD grf_status grf_meta_resolve(struct grf_meta *m, const char *key,
                                          grf_key_kind *kind, int64_t *id,
                                          struct grf_err *err);

/* Calls f for each row in id order until it returns other than GRF_OK, which is
   handed back. */
typedef grf_status (*grf_id_fn)(void *data, int64_t id, struct grf_err *err);
/* Live passages stamped after generation (0: all). */
GRF_NODISCARD grf_status grf_meta_each_passage(struct grf_meta *m, int64_t after_generation,
                                               grf_id_fn f, void *data,
                                               struct grf_err *err);
/* Passages gone after generation. */
GRF_NODISCARD grf_status grf_meta_each_gone(struct grf_meta *m, int64_t after_generation,
                                            grf_id_fn f, void *data, struct grf_err *err);
/* The highest number that a passage ever had; 0 when there was none. */
GRF_NODISCARD grf_status grf_meta_last_passage(struct grf_meta *m, int64_t *id,
                                               struct grf_err *err);
/* Forgets the log of gone passages up to generation (all indexes have caught up). */
GRF_NODISCARD grf_status grf_meta_forget_gone(struct grf_meta *m, int64_t up_to,
                                              struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_act_of_doc(struct grf_meta *m, int64_t doc_id,
                                                  grf_id_fn f, void *data,
                                                  struct grf_err *err);
/* Acts that a body took on that day (grf_act.session_date), in the order of their pages;
   superseded documents are left out. */
GRF_NODISCARD grf_status grf_meta_each_act_of_session(struct grf_meta *m, const char *body,
                                                      const char *day, grf_id_fn f,
                                                      void *data, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_passage_of_doc(struct grf_meta *m, int64_t doc_id,
                                                      grf_id_fn f, void *data,
                                                      struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_passage_of_act(struct grf_meta *m, int64_t act_id,
                                                      grf_id_fn f, void *data,
                                                      struct grf_err *err);
/* Indexed documents with pages that wait for OCR (GRF_TEXT_SCAN, GRF_TEXT_STAMP); those
   that acts were removed from are not read again. */
GRF_NODISCARD grf_status grf_meta_each_unread_doc(struct grf_meta *m, grf_id_fn f, void *data,
                                                  struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_count_unread(struct grf_meta *m, int64_t doc_id,
                                               int64_t *pages, struct grf_err *err);
/* Superseded documents that this one replaced, and those that they replaced. */
GRF_NODISCARD grf_status grf_meta_each_older_doc(struct grf_meta *m, int64_t doc_id,
                                                 grf_id_fn f, void *data,
                                                 struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_doc(struct grf_meta *m, grf_id_fn f, void *data,
                                           struct grf_err *err);

/* ---- references to law */

/* Fills refs of act (empty before) from the rows of the act with this id. */
GRF_NODISCARD grf_status grf_meta_act_refs(struct grf_meta *m, int64_t act_id,
                                           struct grf_act *act, struct grf_err *err);

/* Replaces the rows of the act's references by those that act holds. */
GRF_NODISCARD grf_status grf_meta_put_act_refs(struct grf_meta *m, int64_t act_id,
                                               const struct grf_act *act,
                                               struct grf_err *err);

/* A mention in a searched document; all is borrowed until the call returns. */
struct grf_ref_row {
    int64_t id; /* grows along the text of an act */
    int64_t act_id;
    struct grf_sv session_date, body; /* empty when not stated */
    struct grf_actref ref;
};
typedef grf_status (*grf_ref_row_fn)(void *data, const struct grf_ref_row *row,
                                     struct grf_err *err);
/* The mentions that meet what is asked, in no particular order; one that meets two wishes
   may come twice. What could not be read (GRF_REF_DAMAGED) is left out. */
GRF_NODISCARD grf_status grf_meta_each_ref(struct grf_meta *m,
                                           const struct grf_ref_asked *asked,
                                           grf_ref_row_fn f, void *data,
                                           struct grf_err *err);

/* A number that changes with each commit of another process; only for comparing. */
GRF_NODISCARD grf_status grf_meta_data_version(struct grf_meta *m, int64_t *out,
                                               struct grf_err *err);

struct grf_counts {
    int64_t documents, superseded, removed, failed, pages, acts, passages;
    int64_t pages_by_state[6]; /* grf_text_state */
};
GRF_NODISCARD grf_status grf_meta_counts(struct grf_meta *m, struct grf_counts *out,
                                         struct grf_err *err);

typedef grf_status (*grf_failure_fn)(void *data, const char *path, const char *reason,
                                     struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_failure(struct grf_meta *m, grf_failure_fn f,
                                               void *data, struct grf_err *err);

struct grf_body_count {
    const char *body;
    int64_t documents, acts;
    const char *first_date, *last_date; /* session dates, "" when unknown */
};
typedef grf_status (*grf_body_fn)(void *data, const struct grf_body_count *row,
                                  struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_body(struct grf_meta *m, grf_body_fn f, void *data,
                                            struct grf_err *err);

/* The names of all bodies, each once. */
typedef grf_status (*grf_name_fn)(void *data, struct grf_sv name, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_body_name(struct grf_meta *m, grf_name_fn f, void *data,
                                                 struct grf_err *err);

/* The SHA-256 of documents that were removed for good, or acts of which were, each once. */
GRF_NODISCARD grf_status grf_meta_each_removed(struct grf_meta *m, grf_name_fn f, void *data,
                                               struct grf_err *err);
/* The SHA-256 of the documents in state GRF_DOC_INDEXED. */
GRF_NODISCARD grf_status grf_meta_each_indexed(struct grf_meta *m, grf_name_fn f, void *data,
                                               struct grf_err *err);

/* SQLite's own integrity and foreign-key checks; GRF_CORRUPT names the first fault. */
GRF_NODISCARD grf_status grf_meta_check(struct grf_meta *m, struct grf_err *err);

GRF_END_DECLS
#endif

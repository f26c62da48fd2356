/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/base_*.c. */
#ifndef GRF_BASE_PRIV_H
#define GRF_BASE_PRIV_H

#include "grf_base.h"

#define SETTING_MODEL "model"
#define SETTING_DIM "dimension"
#define SETTING_GENERATION "generation"
#define SETTING_PARTS "parts" /* number in the names of the index files */
#define SETTING_TRACES "traces" /* 1: the tables may still hold words of what was removed */

struct id_list {
    int64_t *v;
    size_t n, cap;
};
/* Appends; a grf_id_fn. */
GRF_NODISCARD grf_status collect_id(void *list, int64_t id, struct grf_err *err);

enum { SAVE_EVERY = 20000 }; /* vectors changed: then they are written */
enum { TRACES_AT_ONCE = 256 << 20 };

/* Two halves of grf_base_load_vectors, so that what is between them, grf_vec_open of the
   path, may be done elsewhere. *path NULL: there are none to load. base_take_vectors makes
   v, opened with status st and error why, the base's. */
GRF_NODISCARD grf_status base_vectors_path(struct grf_base *b, const char *fingerprint,
                                           char **path, struct grf_err *err);
GRF_NODISCARD grf_status base_take_vectors(struct grf_base *b, const char *path,
                                           struct grf_vectors *v, grf_status st,
                                           struct grf_err *why, struct grf_err *err);

/* Drops what was read once, or made of it. */
void base_forget(struct grf_base *b);

struct grf_base_writer {
    char *dir;
    int lock;
    struct grf_meta *meta;
    struct grf_ft_writer *fulltext;
    struct grf_vectors *vectors; /* NULL while the dimension is not known */
    struct grf_embedder *embedder;
    int64_t generation; /* committed */
    int64_t parts;
    bool in_batch;
    bool retired;  /* the open batch takes a document or act out */
    bool added;    /* the open batch adds a document */
    struct id_list leaving; /* passages that the open batch takes out of the rows; out of
                               the indexes when the rows are committed */
    bool erased;   /* something was removed for good */
    bool removed;  /* something was removed for good since the tables were copied */
    bool to_rebuild; /* the indexes were not opened: they are made anew */
    struct grf_base_pace pace;
    size_t unsaved; /* vectors changed since the last save */
    uint64_t put;   /* passages put in since the tables were copied */
    int dim;
    char *fingerprint; /* NULL while no model is recorded */
};

/* Filter terms of an act, the same for all its passages; borrowed from the act. */
struct act_terms {
    struct grf_filter_term v[GRF_FILTER_COUNT + GRF_ACTREFS_INDEXED + GRF_ACTREFS_RANGES];
    char ranges[GRF_ACTREFS_RANGES][GRF_REF_TERM_MAX];
    char matter_head[2];
    size_t n;
};
void act_terms_fill(struct act_terms *t, const struct grf_act *act, const char *doc_key);

/* Everything about one passage that the indexes need, loaded from the rows. The last
   document, act and page are kept, since passages come in order. */
struct passage_source {
    struct grf_meta *meta;
    struct grf_doc_row doc;
    struct grf_act_row act;
    struct act_terms terms;
    struct grf_page page;
    int64_t page_doc;
    struct grf_passage_row passage;
};
void passage_source_init(struct passage_source *s, struct grf_meta *meta);
void passage_source_release(struct passage_source *s);
GRF_NODISCARD grf_status passage_source_load(struct passage_source *s, int64_t id,
                                             struct grf_err *err);
/* The passage's text; GRF_CORRUPT when its span leaves the page. */
GRF_NODISCARD grf_status passage_source_text(const struct passage_source *s,
                                             struct grf_sv *out, struct grf_err *err);

/* Context of a passage, indexed and embedded with it but never quoted: body, date,
   number, title of the file. */
void context_header(struct grf_str *out, const struct grf_act *act, const char *title);

/* What is embedded for a passage: its context, the act's subject, its text. */
void embedded_text(struct grf_str *out, const struct grf_act *act, const char *title,
                   struct grf_sv text);
enum { EMBEDDED_MOST = 1 << 20 }; /* bytes */

/* A vector as an index holds it. */
GRF_NODISCARD grf_status as_stored(float *vec, int dim, struct grf_err *err);

/* Hands one passage to the full-text index. act_id: any number that its act alone has. */
GRF_NODISCARD grf_status put_fulltext(struct grf_ft_writer *ft, int64_t id, int64_t act_id,
                                      const struct grf_act *act,
                                      const struct act_terms *terms, const char *title,
                                      struct grf_sv text,
                                      struct grf_err *err);

/* "dir/<stem>.<parts>"; grf_free, NULL with err set. */
GRF_NODISCARD char *part_path(const char *dir, const char *stem, int64_t parts,
                              struct grf_err *err);
/* Makes an empty vector index when the file is not there. */
GRF_NODISCARD grf_status open_or_new_vectors(struct grf_base_writer *w, struct grf_err *err);
/* Saves the vectors as they are, stamped with the generation that is committed. */
GRF_NODISCARD grf_status write_vectors(struct grf_base_writer *w, struct grf_err *err);
/* Brings indexes that are behind the rows up to date. */
GRF_NODISCARD grf_status catch_up(struct grf_base_writer *w, struct grf_err *err);
/* Copies the full-text index without what it keeps of removed acts, when it does and that
   is quick. */
GRF_NODISCARD grf_status drop_few_traces(struct grf_base_writer *w, struct grf_err *err);
/* Copies the full-text index when it takes much more room than the copy, and that is quick
   or as much was put in by this run. */
GRF_NODISCARD grf_status tighten(struct grf_base_writer *w, struct grf_err *err);
/* Finds the references of a base made before they were kept. */
GRF_NODISCARD grf_status link_acts(struct grf_base_writer *w, struct grf_err *err);
/* Both indexes hold them. */
GRF_NODISCARD grf_status link_done(struct grf_base_writer *w, struct grf_err *err);
/* Removes images of pages that are not to be seen any more. */
GRF_NODISCARD grf_status sweep_images(struct grf_base_writer *w, struct grf_err *err);
/* Removes what the base keeps beside the rows of documents that were removed for good, or
   acts of which were. must: a file that stays is GRF_IO. */
GRF_NODISCARD grf_status sweep_removed(struct grf_base_writer *w, bool must,
                                       struct grf_err *err);
/* Compares the files that were fetched with their hashes; f for each that is not as it was
   or is missing. */
GRF_NODISCARD grf_status check_originals(const char *dir, struct grf_meta *meta,
                                         grf_base_finding f, void *data, size_t *faults,
                                         struct grf_err *err);

#endif

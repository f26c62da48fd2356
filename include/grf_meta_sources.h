/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is remembered of the sources of acts from run to run: their lists, the address of
 * each document with what the server said of it, all versions fetched, and the runs.
 *
 * Times are seconds since 1970. A base made before there were sources has none of it:
 * reading then finds nothing. Strings of structs that come out are owned.
 */
#ifndef GRF_META_SOURCES_H
#define GRF_META_SOURCES_H

#include "grf_meta.h"

GRF_BEGIN_DECLS

/* ---- an address, or a file of a folder, that a source lists */

typedef enum grf_item_status {
    GRF_ITEM_NEW = 0, /* listed, not fetched yet */
    GRF_ITEM_FETCHED, /* its file is here, to be indexed */
    GRF_ITEM_INDEXED,
    GRF_ITEM_REFUSED, /* not to be had: no PDF, too big, robots.txt */
    GRF_ITEM_FAILED   /* fetching or reading failed; the next run tries again */
} grf_item_status;

struct grf_item {
    int64_t id; /* 0: not there yet */
    int64_t bytes, first_seen, last_seen;
    int64_t checked_at; /* when the server was asked last; 0 = never */
    int64_t run;        /* that saw it last in a list */
    int status;
    int misses;   /* runs in a row in which it was not to be found */
    bool keep;    /* a person has said that its absence is right */
    char *source, *url, *rel;
    char *etag, *last_modified; /* as the server gave them */
    char *hint;                 /* as the list gave it */
    char *sha256;               /* of what was fetched last */
    char *reason;               /* of refusal or failure */
};
void grf_item_release(struct grf_item *it);

/* id is 0 when the source has no such address. */
GRF_NODISCARD grf_status grf_meta_item(struct grf_meta *m, const char *source,
                                       const char *url, struct grf_item *out,
                                       struct grf_err *err);
/* Inserts (id 0, which is set) or updates. */
GRF_NODISCARD grf_status grf_meta_put_item(struct grf_meta *m, struct grf_item *it,
                                           struct grf_err *err);
/* Seen in a list of this run: misses are forgotten. */
GRF_NODISCARD grf_status grf_meta_touch_item(struct grf_meta *m, int64_t id, int64_t run,
                                             int64_t now, struct grf_err *err);
/* Counts a miss for each item of the source that this run has not seen. */
GRF_NODISCARD grf_status grf_meta_miss_items(struct grf_meta *m, const char *source,
                                             int64_t run, struct grf_err *err);
/* The address's document stays in the base, its absence is not reported any more.
   *found counts the items of that address. */
GRF_NODISCARD grf_status grf_meta_keep_item(struct grf_meta *m, const char *url,
                                            int64_t *found, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_drop_item(struct grf_meta *m, int64_t id,
                                            struct grf_err *err);
/* Marks the places of all items of the source as internal or public. */
GRF_NODISCARD grf_status grf_meta_mark_items(struct grf_meta *m, const char *source,
                                             bool internal, struct grf_err *err);
typedef grf_status (*grf_item_fn)(void *data, const struct grf_item *it,
                                  struct grf_err *err);
/* In the order of addresses. f may change the item that it is given, no other. */
GRF_NODISCARD grf_status grf_meta_each_item(struct grf_meta *m, const char *source,
                                            grf_item_fn f, void *data,
                                            struct grf_err *err);
/* True when another item of the source, seen in this run, holds the same bytes. */
GRF_NODISCARD grf_status grf_meta_item_moved(struct grf_meta *m, const struct grf_item *it,
                                             int64_t run, bool *moved,
                                             struct grf_err *err);

/* Provenance: one row for each time that other bytes came from an address. */
struct grf_fetched {
    const char *sha256, *final_url, *etag, *last_modified, *content_type;
    int64_t bytes, at;
};
GRF_NODISCARD grf_status grf_meta_put_fetched(struct grf_meta *m, const char *url,
                                              const struct grf_fetched *f,
                                              struct grf_err *err);
typedef grf_status (*grf_fetched_fn)(void *data, const char *url,
                                     const struct grf_fetched *f, struct grf_err *err);
/* Where and when the document with this hash was fetched, oldest first. */
GRF_NODISCARD grf_status grf_meta_each_fetched(struct grf_meta *m, const char *sha256,
                                               grf_fetched_fn f, void *data,
                                               struct grf_err *err);

/* ---- the lists themselves */

/* What the server said of a list last time; NULL when it was never read whole. */
GRF_NODISCARD grf_status grf_meta_listing(struct grf_meta *m, const char *source,
                                          const char *url, char **etag,
                                          char **last_modified, char **content_type,
                                          struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_put_listing(struct grf_meta *m, const char *source,
                                              const char *url, const char *etag,
                                              const char *last_modified,
                                              const char *content_type,
                                              struct grf_err *err);

/* ---- sources and runs */

struct grf_source_counts {
    int64_t expected, fresh, changed, unchanged, refused, failed, away, waiting;
    int64_t acts_expected, acts_missing; /* of a list of acts (SCDL) */
};

/* The last visit to a source. */
struct grf_source_state {
    char *name, *kind, *address;
    int64_t last_run, last_good; /* when; 0 = never */
    int status;                  /* grf_status of the visit */
    char *reason;
    struct grf_source_counts counts;
};
void grf_source_state_release(struct grf_source_state *s);
GRF_NODISCARD grf_status grf_meta_source(struct grf_meta *m, const char *name,
                                         struct grf_source_state *out, struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_put_source(struct grf_meta *m,
                                             const struct grf_source_state *s,
                                             struct grf_err *err);
typedef grf_status (*grf_source_fn)(void *data, const struct grf_source_state *s,
                                    struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_each_source(struct grf_meta *m, grf_source_fn f,
                                              void *data, struct grf_err *err);

struct grf_run {
    int64_t id;             /* 0: there was none */
    int64_t started, ended; /* ended 0: it did not come to its end */
    int exit_code;
    char *summary; /* one line */
    char *report;  /* JSON */
};
void grf_run_release(struct grf_run *r);
GRF_NODISCARD grf_status grf_meta_start_run(struct grf_meta *m, int64_t now, int64_t *id,
                                            struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_end_run(struct grf_meta *m, const struct grf_run *r,
                                          struct grf_err *err);
GRF_NODISCARD grf_status grf_meta_last_run(struct grf_meta *m, struct grf_run *out,
                                           struct grf_err *err);

/* ---- what became of a file that was given to be indexed */

/* The document that stands at this place (a path or an address): its hash, or NULL; and
   why what is there was not indexed, or NULL. grf_free both. */
GRF_NODISCARD grf_status grf_meta_place(struct grf_meta *m, const char *path, char **sha256,
                                        char **reason, struct grf_err *err);
/* True when a document of this place was removed for good: its bytes, or what stood
   there. */
GRF_NODISCARD grf_status grf_meta_was_removed(struct grf_meta *m, const char *url,
                                              bool *removed, struct grf_err *err);

/* True when the base has, in a document that is searched, the act with this number; with a
   date one of that day whose number ends with the same digits is it too. */
GRF_NODISCARD grf_status grf_meta_has_act(struct grf_meta *m, const char *number,
                                          const char *date, bool *has,
                                          struct grf_err *err);

GRF_END_DECLS
#endif

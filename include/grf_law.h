/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The law with its dates: every version of the articles of codes (and, where asked for,
 * of laws and decrees), in base/law.db. doc/LAW.md says what the rows hold.
 *
 * Texts are named as in canonical references: a code by its short name ("CGCT"), a law
 * as "loi/84-53". An article's number has no dots, no stars and no blank after its
 * letter ("L2121-29", "1636 B sexies"); looking up ignores case and blanks.
 *
 * A version is in force on D when valid_from <= D < valid_to. Dates are "YYYY-MM-DD",
 * compared as bytes; "" means open or not known. Each text is known up to a day; what
 * is said of a later day carries that day and claims no more.
 *
 * Reading and writing may go on at the same time; an unfinished import of a text makes
 * answers about it "unknown", never wrong.
 */
#ifndef GRF_LAW_H
#define GRF_LAW_H

#include <stdbool.h>

#include "grf_err.h"
#include "grf_str.h"

GRF_BEGIN_DECLS

#define GRF_LAW_DATE 11 /* bytes of a date with its NUL */
#define GRF_LAW_NUM 128 /* bytes of an article's number with its NUL */
#define GRF_LAW_ID 21   /* "LEGIARTI000006390038" and NUL */
#define GRF_LAW_NAME 64 /* short name of a text with its NUL */

struct grf_law;

/* ---- opening */

/* Opens BASE/law.db for reading. GRF_NOTFOUND when no law was imported. */
GRF_NODISCARD grf_status grf_law_open(const char *base, struct grf_law **out,
                                      struct grf_err *err);
/* Opens or creates it, and takes the lock of the base (GRF_LOCKED). */
GRF_NODISCARD grf_status grf_law_open_writer(const char *base, struct grf_law **out,
                                             struct grf_err *err);
/* The same for whoever holds the lock already; GRF_NOTFOUND when no law was imported. */
GRF_NODISCARD grf_status grf_law_open_beside(const char *base, struct grf_law **out,
                                             struct grf_err *err);
void grf_law_close(struct grf_law *law); /* drops what was not committed; NULL is fine */

/* Whether no code was ever imported into it; false when that cannot be told. */
bool grf_law_is_empty(struct grf_law *law);

/* Today's date in local time. */
void grf_law_today(char out[GRF_LAW_DATE]);

/* ---- texts */

typedef enum grf_law_source {
    GRF_LAW_FROM_VERSIONS = 1, /* versions.jsonl */
    GRF_LAW_FROM_LEGI = 2
} grf_law_source;

struct grf_law_code {
    int64_t id;
    char name[GRF_LAW_NAME];
    char legi_id[GRF_LAW_ID];
    char *title; /* may be NULL */
    grf_law_source source;
    char stamp[16]; /* LEGI: "YYYYMMDD-HHMMSS" of the last archive */
    char known_until[GRF_LAW_DATE];
    bool loading;               /* an import of it is not finished */
    int64_t articles, versions; /* filled by grf_law_each_code alone */
};
void grf_law_code_release(struct grf_law_code *c);
/* By name; GRF_NOTFOUND when it is not imported. */
GRF_NODISCARD grf_status grf_law_code(struct grf_law *law, struct grf_sv name,
                                      struct grf_law_code *out, struct grf_err *err);
/* By its id in LEGI; out->id is 0 when it is not imported. */
GRF_NODISCARD grf_status grf_law_code_by_legi_id(struct grf_law *law, const char *legi_id,
                                                 struct grf_law_code *out,
                                                 struct grf_err *err);
typedef grf_status (*grf_law_code_fn)(void *data, const struct grf_law_code *c,
                                      struct grf_err *err);
/* In order of their names. */
GRF_NODISCARD grf_status grf_law_each_code(struct grf_law *law, grf_law_code_fn f,
                                           void *data, struct grf_err *err);

/* ---- articles on a day */

typedef enum grf_law_state {
    GRF_LAW_IN_FORCE,
    GRF_LAW_REPEALED,
    GRF_LAW_NOT_YET,
    GRF_LAW_UNKNOWN
} grf_law_state;

/* Why a state is unknown. */
typedef enum grf_law_why {
    GRF_LAW_WHY_NONE,
    GRF_LAW_WHY_NO_TEXT,    /* the code or law is not imported */
    GRF_LAW_WHY_NO_ARTICLE, /* the code is, and has no such article */
    GRF_LAW_WHY_LOADING,    /* its import is not finished */
    GRF_LAW_WHY_GAP,        /* the source has no version for that day */
    GRF_LAW_WHY_LAST_SEEN,  /* known up to a day before, gone from later sources */
    GRF_LAW_WHY_DATE        /* the change fell at an unknown day around then */
} grf_law_why;

/* What is to be known of a version beside its dates. */
enum {
    GRF_LAW_FLOORED = 1 << 0, /* its true beginning is before valid_from */
    GRF_LAW_PLANNED = 1 << 1, /* began after the source was made */
    GRF_LAW_END_PLANNED = 1 << 2,
    GRF_LAW_GAP_REPEALED = 1 << 3, /* repealed after it, then made again */
    GRF_LAW_GAP_UNKNOWN = 1 << 4,  /* versions are missing after it */
    GRF_LAW_NEVER = 1 << 5,        /* never came into force */
    GRF_LAW_NO_BEGIN = 1 << 6,     /* its first day is not set yet */
    GRF_LAW_NO_END = 1 << 7,       /* it will end on a day not set yet */
    GRF_LAW_STALE_STATE = 1 << 8,  /* delivered as in force although its end is past */
    GRF_LAW_MOVED_ON = 1 << 9      /* what follows it has another number */
};

struct grf_law_version {
    int64_t id;
    char valid_from[GRF_LAW_DATE];
    char valid_to[GRF_LAW_DATE];
    char from_after[GRF_LAW_DATE]; /* the true first day lies after it; else "" */
    char last_seen[GRF_LAW_DATE];
    char legi_id[GRF_LAW_ID];
    char etat[24]; /* the source's word: VIGUEUR, MODIFIE, ABROGE ... */
    unsigned flags;
};

/* An article and what it was on a day. */
struct grf_law_answer {
    struct grf_law_code code;
    int64_t article_id; /* 0 with NO_TEXT and NO_ARTICLE */
    char num[GRF_LAW_NUM];
    char at[GRF_LAW_DATE];
    grf_law_state state;
    grf_law_why why;
    /* the version in force; the last one when repealed, the first when not yet */
    bool has_version;
    struct grf_law_version version;
    char known_until[GRF_LAW_DATE]; /* set only when `at` is after it */
    bool changed_since;             /* between `at` and today, as far as known */
    struct {
        grf_law_state state;
        grf_law_why why;
        char valid_from[GRF_LAW_DATE], valid_to[GRF_LAW_DATE];
        char known_until[GRF_LAW_DATE];
        int64_t version_id; /* 0 when there is none */
        char legi_id[GRF_LAW_ID];
    } today;
};
void grf_law_answer_release(struct grf_law_answer *a);

/* What article `num` of text `name` was on day `at`, seen from day `today`. Not finding
   it is no failure: state unknown, and why. */
GRF_NODISCARD grf_status grf_law_find(struct grf_law *law, struct grf_sv name,
                                      struct grf_sv num, const char *at,
                                      const char *today, struct grf_law_answer *out,
                                      struct grf_err *err);

/* True when the article exists, at whatever date. */
GRF_NODISCARD grf_status grf_law_has(struct grf_law *law, struct grf_sv name,
                                     struct grf_sv num, bool *has, struct grf_err *err);

/* The words of a version. Strings may be NULL; grf_law_text_release. */
struct grf_law_text {
    char *text;
    char *section; /* path of titles, " > " between */
    char *nota;
    char *by;  /* what made or changed it */
    char *num; /* as printed, when it differs from the article's number */
};
GRF_NODISCARD grf_status grf_law_version_text(struct grf_law *law, int64_t version_id,
                                              struct grf_law_text *out,
                                              struct grf_err *err);
void grf_law_text_release(struct grf_law_text *t);

/* Where the words of a version stand since it ended: in which article, since when, and
   who says so. */
enum { GRF_LAW_MOVES_MOST = 8 };
struct grf_law_moved {
    char name[GRF_LAW_NAME], num[GRF_LAW_NUM];
    char on[GRF_LAW_DATE];
    bool by_words; /* the same words begin there on that day; else LEGI says it */
};
struct grf_law_moves {
    struct grf_law_moved v[GRF_LAW_MOVES_MOST];
    size_t n; /* 0: nothing is known */
};
/* What LEGI says of a version (numbers of later versions, links of transfer and
   concordance); else the one article of the base that begins on the day when the version
   ends, with the same words, numbers of articles aside: short texts, and several such
   articles, say nothing. */
GRF_NODISCARD grf_status grf_law_moved(struct grf_law *law, int64_t version_id,
                                       struct grf_law_moves *out, struct grf_err *err);

/* ---- lists */

typedef grf_status (*grf_law_version_fn)(void *data, const struct grf_law_version *v,
                                         struct grf_err *err);
/* Every version of an article, oldest first. */
GRF_NODISCARD grf_status grf_law_each_version(struct grf_law *law, int64_t article_id,
                                              grf_law_version_fn f, void *data,
                                              struct grf_err *err);

typedef grf_status (*grf_law_article_fn)(void *data, int64_t article_id, const char *num,
                                         struct grf_err *err);
/* Articles of a text from one number to another, both included, in the code's order,
   at whatever date. Only those with the same letters before the number ("L2121-1 à
   L2121-23" takes no R2121-9). */
GRF_NODISCARD grf_status grf_law_each_between(struct grf_law *law, struct grf_sv name,
                                              struct grf_sv from, struct grf_sv to,
                                              grf_law_article_fn f, void *data,
                                              struct grf_err *err);
/* All articles of a text whose number begins with prefix: "L2121" takes L2121-1 and
   L2121-1-2, not L21210. "" takes all. */
GRF_NODISCARD grf_status grf_law_each_under(struct grf_law *law, struct grf_sv name,
                                            struct grf_sv prefix, grf_law_article_fn f,
                                            void *data, struct grf_err *err);
/* Articles that have a version in a section whose path contains `section`. */
GRF_NODISCARD grf_status grf_law_each_in_section(struct grf_law *law, struct grf_sv name,
                                                 struct grf_sv section,
                                                 grf_law_article_fn f, void *data,
                                                 struct grf_err *err);
/* Every article that an import after number `after` made, changed or took away, once.
   num is NULL for a whole text. *last receives the number of the newest import. */
typedef grf_status (*grf_law_change_fn)(void *data, const char *name, const char *num,
                                        struct grf_err *err);
GRF_NODISCARD grf_status grf_law_each_change(struct grf_law *law, int64_t after,
                                             grf_law_change_fn f, void *data,
                                             int64_t *last, struct grf_err *err);

/* Checks the file against itself; f for each fault. */
typedef void (*grf_law_finding)(void *data, const char *text);
GRF_NODISCARD grf_status grf_law_verify(struct grf_law *law, grf_law_finding f,
                                        void *data, size_t *faults, struct grf_err *err);

/* ---- numbers and links */

/* Puts an article's number as printed ("Art. L. 2121-29", "R*123-1") into the canonical
   form. false when nothing is left or it is too long. */
bool grf_law_number(struct grf_sv printed, char out[GRF_LAW_NUM]);
/* Under which equal numbers are equal bytes: lower case, no blanks. */
void grf_law_number_key(const char *num, char out[GRF_LAW_NUM]);
/* Bytes that sort as the articles of a code do. */
void grf_law_number_order(const char *num, struct grf_str *out);

/* Address of the version at Légifrance by its id and the day; without an id, of the
   whole code. Nothing is appended when neither is known. */
void grf_law_link(const struct grf_law_answer *a, struct grf_str *out);
/* Address of one version of a text whose id is legi_text, as of its first day. Nothing
   without an id. */
void grf_law_version_link(const char *legi_text, const struct grf_law_version *v,
                          struct grf_str *out);
const char *grf_law_state_name(grf_law_state s); /* "in_force" ... */

/* ---- writing: one import */

typedef enum grf_law_kind {
    GRF_LAW_STOCK = 1,
    GRF_LAW_INCREMENT,
    GRF_LAW_VERSIONS
} grf_law_kind;

struct grf_law_import {
    int64_t id;
    int64_t position; /* where an interrupted run of the same source left off */
    bool done;        /* finished earlier; for versions, and no others came since */
};
/* Finds or makes the record of a source. digest names its content, selection the texts
   wanted of it. */
GRF_NODISCARD grf_status grf_law_import_open(struct grf_law *law, grf_law_kind kind,
                                             const char *name, const char *digest,
                                             const char *stamp, const char *selection,
                                             struct grf_law_import *out,
                                             struct grf_err *err);
GRF_NODISCARD grf_status grf_law_begin(struct grf_law *law, struct grf_err *err);
/* Commits what was put since grf_law_begin with the position reached. */
GRF_NODISCARD grf_status grf_law_commit(struct grf_law *law, int64_t import_id,
                                        int64_t position, struct grf_err *err);
void grf_law_rollback(struct grf_law *law);
/* Within a transaction: the source is read to its end. For a stock and for versions,
   what it had not of the texts it touched goes; *removed counts versions, NULL leaves
   them (parts of the source could not be read). Commits. */
GRF_NODISCARD grf_status grf_law_import_finish(struct grf_law *law, int64_t import_id,
                                               grf_law_kind kind, const char *stamp,
                                               int64_t *removed, struct grf_err *err);
/* True when a stock with this selection was imported to its end. */
GRF_NODISCARD grf_status grf_law_has_stock(struct grf_law *law, const char *selection,
                                           bool *has, struct grf_err *err);
/* Selection of the last finished stock (grf_free); NULL when there is none. */
GRF_NODISCARD grf_status grf_law_selection(struct grf_law *law, char **out,
                                           struct grf_err *err);

/* Stamp of the newest archive of LEGI imported to its end with this selection; "" when
   there is none. */
GRF_NODISCARD grf_status grf_law_last_stamp(struct grf_law *law, const char *selection,
                                            char stamp[16], struct grf_err *err);

/* Name of a source whose import of some text is not finished (grf_free); NULL: none. */
GRF_NODISCARD grf_status grf_law_loading(struct grf_law *law, char **out,
                                         struct grf_err *err);

struct grf_law_code_new {
    const char *name, *legi_id, *title; /* the last two may be NULL */
    grf_law_source source;
    const char *known_until; /* NULL: LEGI, set when the import ends */
    bool whole;              /* the source has all of it: loading until done */
};
/* Makes or updates a text's row. When it came from another kind of source, its old
   articles go. */
GRF_NODISCARD grf_status grf_law_put_code(struct grf_law *law, int64_t import_id,
                                          const struct grf_law_code_new *c, int64_t *id,
                                          struct grf_err *err);
GRF_NODISCARD grf_status grf_law_set_title(struct grf_law *law, int64_t code_id,
                                           const char *title, const char *begin,
                                           struct grf_err *err);

/* Another place that LEGI names for an article. */
struct grf_law_move_new {
    const char *kind; /* "VERSION", or the link's type */
    const char *name, *num;
    const char *legi_id; /* NULL: not known */
    const char *begin;   /* first day there; NULL: not known */
};

/* A version to store. Text fields may be NULL. */
struct grf_law_version_new {
    const char *num; /* canonical */
    const char *valid_from;
    const char *valid_to; /* NULL: open */
    const char *etat;
    const char *from_after, *last_seen;
    const char *legi_id, *place; /* LEGI: where it was delivered */
    int64_t mtime;
    unsigned flags;
    struct grf_sv text;
    const char *section, *nota, *by, *printed;
    const struct grf_law_move_new *moves;
    size_t n_moves;
};
typedef enum grf_law_put {
    GRF_LAW_SAME, /* nothing to do */
    GRF_LAW_ADDED,
    GRF_LAW_CHANGED,
    GRF_LAW_SHADOWED /* an older copy of what stands elsewhere */
} grf_law_put;

/* All versions of one article at once, replacing those that were there before this
   import. *changed: they are not what was stored. */
GRF_NODISCARD grf_status grf_law_put_article(struct grf_law *law, int64_t import_id,
                                             int64_t code_id,
                                             const struct grf_law_version_new *v,
                                             size_t n, bool *changed,
                                             struct grf_err *err);
/* One version, named by its LEGIARTI id. Of copies in several places the newest
   counts; the others are kept in case it is deleted. */
GRF_NODISCARD grf_status grf_law_put_version(struct grf_law *law, int64_t import_id,
                                             int64_t code_id,
                                             const struct grf_law_version_new *v,
                                             grf_law_put *put, struct grf_err *err);
/* Deletes the versions at a place whose id begins with id_prefix. place NULL: anywhere.
 *removed counts them. */
GRF_NODISCARD grf_status grf_law_delete(struct grf_law *law, int64_t import_id,
                                        const char *place, const char *id_prefix,
                                        int64_t *removed, struct grf_err *err);
/* Remembers that a section lists these articles (for finding what was not delivered);
   replaces what it listed before. */
GRF_NODISCARD grf_status grf_law_put_listing(struct grf_law *law, int64_t code_id,
                                             const char *section, const char *const *ids,
                                             size_t n, struct grf_err *err);
/* Known anomalies that show only in the whole. */
struct grf_law_anomalies {
    int64_t not_delivered; /* listed by a section, and not there */
    int64_t orphans;       /* in no section */
    int64_t same_begin;    /* versions of one article with the same first day */
    int64_t overlaps;      /* versions of one article in force at the same time */
};
GRF_NODISCARD grf_status grf_law_anomalies(struct grf_law *law,
                                           struct grf_law_anomalies *out,
                                           struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nightly run: every source that is due is visited, what is new is fetched and
 * indexed, scans are read while there is time, and a report says all of it. One source
 * that is broken costs itself. doc/NIGHTLY.md.
 */
#ifndef GRF_NIGHTLY_H
#define GRF_NIGHTLY_H

#include "adder.h"
#include "grf_cli.h"
#include "grf_meta_sources.h"
#include "http.h"
#include "listing.h"

/* ---- what a visit gives to the report */

enum note_kind {
    NOTE_NEW,
    NOTE_CHANGED,
    NOTE_REFUSED,
    NOTE_FAILED,
    NOTE_AWAY,    /* a document of the base that its source lists no longer */
    NOTE_MISSING, /* an act that the body's own list names and the base has not */
    NOTE_KINDS
};
const char *note_kind_name(enum note_kind k); /* for JSON */

struct note {
    enum note_kind kind;
    char *address, *reason; /* reason may be NULL */
};

enum { NOTES_MOST = 2000 };

struct visit {
    const struct grf_source *src;
    bool due;
    bool whole;        /* the list was read to its end: what it lacks is away */
    grf_status status; /* of the source as a whole */
    char *reason;
    struct grf_source_counts c;
    struct note *notes;
    size_t n_notes, cap_notes, notes_left; /* left: not kept, there were too many */
    int64_t bytes, requests, lists, lists_unchanged;
    int64_t last_good; /* before this visit */
    double seconds;
};

/* ---- the run */

struct night {
    const struct grf_cli *cli;
    struct grf_conf *conf;
    struct grf_base_writer *base; /* NULL in a dry run */
    struct grf_meta *meta;
    struct http *http;            /* opened by the first visit that needs it */
    struct adder adder;
    struct visit *visits; /* one for each source, in the order of the settings */
    size_t n_visits;
    bool dry;
    int64_t now, ended;
    int64_t run; /* number of this run */
    /* results beside those of the visits and of the adder */
    char *law, *verify_fault; /* NULL: nothing to say */
    bool law_failed;
    int64_t disk_free, rows_bytes;
    int64_t unread; /* pages of the base that wait for OCR */
    double seconds;
    int exit_code;
};

/* Remembers something for the report; reason may be NULL. */
GRF_NODISCARD grf_status visit_note(struct visit *v, enum note_kind kind,
                                    const char *address, const char *reason,
                                    struct grf_err *err);
/* The source as a whole went wrong: for the report, not for the run. Keeps the first. */
GRF_NODISCARD grf_status visit_fault(struct visit *v, grf_status status, const char *reason,
                                     struct grf_err *err);
void visit_release(struct visit *v);
/* True for what must end the run: here, not at the source. */
bool night_is_fatal(grf_status st);

/* ---- lists of a web source (visit_list.c) */

struct candidate {
    char *url, *hint;
    size_t order;
};

struct expected_act {
    char *number, *date, *url;
};

struct candidates {
    struct candidate *v; /* each url once, in the order of the lists */
    size_t n, cap;
    struct expected_act *acts; /* of a list of acts */
    size_t n_acts, cap_acts;
};
void candidates_release(struct candidates *c);

/* Reads the source's lists, asking only for what may have changed. A failure that is
   returned ends the run; what the source did wrong is in v. */
GRF_NODISCARD grf_status visit_list(struct night *n, struct visit *v, struct candidates *c,
                                    struct grf_err *err);
/* A request as the source allows it; hosts are borrowed from the settings. */
struct http_request visit_request(const struct night *n, const struct visit *v,
                                  const char *url);
GRF_NODISCARD grf_status night_http(struct night *n, struct grf_err *err);
/* True when the source's patterns take this address (or path). */
bool source_takes(const struct grf_source *s, const char *address);
bool matches_any(const struct grf_conf_list *patterns, const char *address);

/* ---- what is done for each address (visit_items.c), for each file (visit_folder.c) */

/* Files to index, and the items that they belong to. */
struct queue {
    struct found_files files;
    struct grf_item *items; /* one for each file */
    char **before;          /* hash of what stood there, NULL: nothing */
    size_t n, cap, cap_before;
};
void queue_release(struct queue *q);
/* Takes it over: it is zeroed. */
GRF_NODISCARD grf_status queue_add(struct night *n, struct queue *q,
                                   const struct found_file *f, struct grf_item *it,
                                   struct grf_err *err);

GRF_NODISCARD grf_status visit_items(struct night *n, struct visit *v,
                                     const struct candidates *c, struct queue *q,
                                     struct grf_err *err);
GRF_NODISCARD grf_status visit_folder(struct night *n, struct visit *v, struct queue *q,
                                      struct grf_err *err);
/* Indexes the queue and writes down what became of each. */
GRF_NODISCARD grf_status visit_index(struct night *n, struct visit *v, struct queue *q,
                                     struct grf_err *err);
/* Counts what was not seen, and reports what stays away. */
GRF_NODISCARD grf_status visit_away(struct night *n, struct visit *v, struct grf_err *err);
/* Compares a list of acts with what is indexed. */
GRF_NODISCARD grf_status visit_acts(struct night *n, struct visit *v,
                                    const struct candidates *c, struct grf_err *err);

/* LEGI: fetches and imports what is newer than the law in the base (visit_law.c). The base
   is not open yet. */
GRF_NODISCARD grf_status night_law(struct night *n, struct grf_err *err);

/* One source, whatever its kind. */
GRF_NODISCARD grf_status visit_source(struct night *n, struct visit *v, struct grf_err *err);
/* True when a source that was visited at `last` is to be visited now. A night that comes
   some hours early counts as the next one. */
bool schedule_is_due(int64_t last, int64_t now, int days);

/* ---- the report (report_*.c) */

GRF_NODISCARD grf_status night_report_json(const struct night *n, bool with_notes,
                                           struct grf_str *out, struct grf_err *err);
GRF_NODISCARD grf_status night_report_text(const struct night *n, struct grf_str *out,
                                           struct grf_err *err);
GRF_NODISCARD grf_status night_report_html(const struct night *n, struct grf_str *out,
                                           struct grf_err *err);
/* "3 nouveaux, 1 en échec": one line. */
GRF_NODISCARD grf_status night_report_line(const struct night *n, struct grf_str *out,
                                           struct grf_err *err);
/* BASE/reports/: three files for this run, the newest under latest.*, the oldest go. */
GRF_NODISCARD grf_status night_report_save(const struct night *n, struct grf_err *err);
/* Through the local sendmail. */
GRF_NODISCARD grf_status night_report_mail(const struct night *n, struct grf_err *err);

struct night_totals {
    struct grf_source_counts c;
    int64_t sources, sources_failed, sources_not_due, bytes, requests;
};
void night_totals(const struct night *n, struct night_totals *t);
/* "2026-11-27 02:03:04" in local time. */
void night_format_time(int64_t when, char out[32]);
/* "laid aside", "3.5 MB": sizes for people. */
void night_format_size(int64_t bytes, char out[32]);

#endif

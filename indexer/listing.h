/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a web site publishes, read from one of the forms in which it says so. The readers
 * know nothing of addresses: href is as written there; who calls them makes it whole.
 *
 *     listing_init(&l);
 *     st = listing_read(kind, bytes, charset, &l, err);
 *     ... l.v[i] ...
 *     listing_release(&l);
 */
#ifndef GRF_LISTING_H
#define GRF_LISTING_H

#include "grf_conf.h"
#include "grf_str.h"

/* A link, or an act that is only announced. Strings are owned, NULL when not said. */
struct listed {
    char *href;    /* NULL: an act without an address (SCDL) */
    char *hint;    /* when it was last changed, in whatever form: compared only */
    bool next;     /* leads to more of the list */
    bool document; /* said to be a PDF, whatever its address looks like */
    char *number, *date, *subject; /* of the act, from a list of acts; date is ISO */
};

struct listing {
    struct listed *v;
    size_t n, cap;
    char *base;      /* that hrefs start from, when the text names another than its own */
    char *fault;     /* the text is broken: read as far as it went, and why; or NULL */
    size_t bad_rows; /* that could not be read (CSV) */
};

enum { LISTED_MOST = 200000, HREF_MOST = 4000 };

void listing_init(struct listing *l);
void listing_release(struct listing *l);

/* Appends what the text lists. GRF_PARSE when it is of another form, GRF_LIMIT when it
   lists more than LISTED_MOST. gzip is unpacked first, whatever the form. */
GRF_NODISCARD grf_status listing_read(grf_source_kind kind, struct grf_sv text,
                                      const char *charset, struct listing *l,
                                      struct grf_err *err);

/* ---- for the readers */

/* A new entry with this href (may be empty: none), borrowed until the next. GRF_LIMIT. */
GRF_NODISCARD grf_status listing_add(struct listing *l, struct grf_sv href,
                                     struct listed **out, struct grf_err *err);
/* Sets a field to a copy; an empty text leaves it NULL. */
GRF_NODISCARD grf_status listing_set(char **field, struct grf_sv text, struct grf_err *err);

GRF_NODISCARD grf_status listing_page(struct grf_sv text, const char *charset,
                                      struct listing *l, struct grf_err *err);
GRF_NODISCARD grf_status listing_feed(struct grf_sv text, const char *charset,
                                      struct listing *l, struct grf_err *err);
GRF_NODISCARD grf_status listing_sitemap(struct grf_sv text, const char *charset,
                                         struct listing *l, struct grf_err *err);
GRF_NODISCARD grf_status listing_scdl(struct grf_sv text, struct listing *l,
                                      struct grf_err *err);
GRF_NODISCARD grf_status listing_oai(struct grf_sv text, const char *charset,
                                     struct listing *l, struct grf_err *err);
GRF_NODISCARD grf_status listing_datagouv(struct grf_sv text, struct listing *l,
                                          struct grf_err *err);

/* True when an address ends as that of a PDF does, before ? or in what follows it. */
bool listing_looks_pdf(const char *url);

#endif

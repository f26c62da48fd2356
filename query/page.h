/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the pages (page_*.c) share: the frame, writing HTML, French words for acts.
 *
 * Everything that is not a literal of these files goes through page_put's %t or %u, or
 * web_html: a title, a question or a file name can hold anything. Pages are in French,
 * without catalogue: they are for the town halls of one country.
 */
#ifndef GRF_QUERY_PAGE_H
#define GRF_QUERY_PAGE_H

#include "web.h"

typedef enum page_tab {
    PAGE_NONE,
    PAGE_SEARCH,
    PAGE_LAW,
    PAGE_CHECK,
    PAGE_COVER,
    PAGE_DOSSIER
} page_tab;

/* Everything around the page's own words; title is text. h1 false: the page writes its
   own. */
void page_begin(const struct web_request *q, struct web_response *a, page_tab tab,
                const char *title, bool h1);
void page_end(const struct web_request *q, struct web_response *a);

/* Appends fmt, in which stand for arguments:
     %t  const char *: text, escaped (NULL: nothing)
     %u  const char *: a piece of an address, %XX-escaped
     %v  struct grf_sv *: text, escaped
     %d  int      %z  size_t      %l  int64_t
   and %% is %. fmt itself is markup and always a literal. */
void page_put(struct grf_str *out, const char *fmt, ...);

/* Appends text as HTML with the spans (ascending, bytes) in <mark>; with overlapping or
   unordered ones the later are left out. */
void page_marked(struct grf_str *out, struct grf_sv text, const struct grf_span *marks,
                 size_t n);

/* Quoted text between « and » without line breaks in them. */
#define PAGE_OPEN "«\xC2\xA0"
#define PAGE_CLOSE "\xC2\xA0»"
/* Appends a quote between them, with the words of the question marked. */
void page_quote(struct grf_str *out, struct grf_sv question, const char *quote);

/* ---- words */

const char *page_kind(grf_act_kind kind);     /* "Délibération" */
const char *page_matter(const char *code);    /* "Finances locales : subventions"; NULL */
/* "5 avril 2014" of "2014-04-05", in out or as it was. */
const char *page_day(const char *iso, char out[32]);
/* "adoptée à l'unanimité", "12 pour, 1 contre"; nothing when no vote is stated. */
void page_votes(struct grf_str *out, const struct grf_votes *v);
/* The subject, or what stands for it. */
const char *page_subject(const struct grf_act *a, const struct grf_doc_row *d);
/* "n° 2014/221 · Délibération · Montpellier · 5 avril 2014 · adoptée…", as HTML. */
void page_act_line(struct grf_str *out, const struct grf_act *a);
/* Name of the file as people know it. */
const char *page_file(const struct grf_doc_row *d);

/* ---- addresses */

/* Appends "?…" with the parameters of the request that make up a search, as an attribute's
   text, except name (and the page number, unless it is name): that one gets value, or goes
   with NULL. "annee" stands for from and to together. */
void page_query(struct grf_str *out, const struct web_request *q, const char *name,
                const char *value);
/* Whether one of the parameters of that name has the value. */
bool page_asked(const struct web_request *q, const char *name, const char *value);

/* Where a quote stands. */
struct page_place {
    char act[GRF_KEY_MAX];
    int page;
    size_t from, to; /* characters of the page's text; both 0: no quote */
};
/* "key.page.from.to" and back; false for anything else. */
void page_place_write(struct grf_str *out, const struct page_place *p);
bool page_place_read(const char *z, struct page_place *p);

/* Appends a full French citation as text: body, kind, number, day, subject, page, file. */
void page_citation(struct grf_str *out, const struct grf_act *a, const struct grf_doc_row *d,
                   int page, const char *quote);

/* ---- a mention of law as a link: "<a href="/loi/CGCT/L2121-29?le=…">…</a>" */
void page_ref(struct grf_str *out, const char *canon, const char *day);

/* ---- the pages */

GRF_NODISCARD grf_status page_search(const struct web_request *q, struct web_response *a,
                                     struct grf_err *err);
GRF_NODISCARD grf_status page_act(const struct web_request *q, struct web_response *a,
                                  struct grf_err *err);
GRF_NODISCARD grf_status page_image(const struct web_request *q, struct web_response *a,
                                    struct grf_err *err);
GRF_NODISCARD grf_status page_original(const struct web_request *q, struct web_response *a,
                                       struct grf_err *err);
GRF_NODISCARD grf_status page_law_home(const struct web_request *q, struct web_response *a,
                                       struct grf_err *err);
GRF_NODISCARD grf_status page_law(const struct web_request *q, struct web_response *a,
                                  struct grf_err *err);
GRF_NODISCARD grf_status page_check(const struct web_request *q, struct web_response *a,
                                    struct grf_err *err);
GRF_NODISCARD grf_status page_cover(const struct web_request *q, struct web_response *a,
                                    struct grf_err *err);
GRF_NODISCARD grf_status page_dossier(const struct web_request *q, struct web_response *a,
                                      struct grf_err *err);

/* ---- articles of law that a search finds: page_articles.c */

/* Appends those below the acts, or, when only law is looked for, all of the answer. */
GRF_NODISCARD grf_status page_articles(const struct web_request *q, struct grf_str *out,
                                       const struct web_search *s, struct grf_err *err);

/* ---- facets: page_facets.c */

/* Counts acts over the first results of an answer and writes the choices as links. */
GRF_NODISCARD grf_status page_facets(const struct web_request *q, struct grf_str *out,
                                     const struct grf_answer *answer, struct grf_err *err);

/* ---- an act's document: page_source.c */

/* Whether pages and file of the document may be shown: an act removed for good stood on
   some of them otherwise. */
GRF_NODISCARD grf_status page_may_show(const struct web_request *q,
                                       const struct grf_doc_row *d, bool *may,
                                       struct grf_err *err);
/* Opens the document's file where it stands, when it still is the one that was indexed.
   GRF_NOTFOUND "le fichier a changé ou a disparu". */
GRF_NODISCARD grf_status page_source_open(const struct web_request *q,
                                          const struct grf_doc_row *d, int *fd,
                                          struct grf_err *err);

#endif

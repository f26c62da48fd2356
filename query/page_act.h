/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An act as the pages show it: page_act.c and page_dossier.c. */
#ifndef GRF_QUERY_PAGE_ACT_H
#define GRF_QUERY_PAGE_ACT_H

#include "page.h"

struct shown_act {
    struct grf_act_row act; /* with refs */
    struct grf_doc_row doc;
    struct grf_page page;   /* the one shown, with words */
    struct page_place place;
    size_t start, end;      /* bytes of the page's text that are the quote; equal: none */
    struct grf_str quote;   /* on one line; empty: none */
    bool pictures;          /* pages and file may be shown */
};
/* key names an act, a passage or a document; page 0: where it begins; characters
   [from,to) of that page's text are the quote. Release s whatever comes back.
   GRF_NOTFOUND. */
GRF_NODISCARD grf_status page_act_load(const struct web_request *q, const char *key, int page,
                                       size_t from, size_t to, struct shown_act *s,
                                       struct grf_err *err);
void page_act_release(struct shown_act *s);

/* "Textes de loi cités": each with its state on the act's day and today: page_refs.c. */
GRF_NODISCARD grf_status page_act_refs(struct grf_str *out, const struct web_request *q,
                                       const struct shown_act *s, struct grf_err *err);

#endif

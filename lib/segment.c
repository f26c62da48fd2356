/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From pages to acts. A document is one act of kind "document" as long as it is
 * not split; its session date comes from its heading.
 */
#include "grf_act.h"
#include "grf_date.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_text.h"

enum { HEAD_BYTES = 4000, SESSION_NEAR = 60 };

/* The date that follows one of the openings of a session heading. */
static bool date_after(struct grf_sv text, const char *opening, struct grf_date *out)
{
    size_t n = strlen(opening);
    for (size_t i = 0; i + n <= text.n; i++) {
        if (memcmp(text.p + i, opening, n) != 0)
            continue;
        size_t at = i + n;
        struct grf_date_span d;
        if (grf_date_find(text, &at, false, &d) && d.start <= i + n + SESSION_NEAR) {
            *out = d.date;
            return true;
        }
    }
    return false;
}

/* head is folded. */
static bool session_date(struct grf_sv head, struct grf_date *out)
{
    static const char *const openings[] = {"l'an ", "l\xE2\x80\x99" "an ", "seance publique du",
                                           "seance du", "reunion du", "seance ordinaire du",
                                           "conseil municipal du", "conseil communautaire du"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(openings); i++) {
        if (date_after(head, openings[i], out))
            return true;
    }
    return false;
}

static grf_status set_session_date(struct grf_act *a, const struct grf_page *pages,
                                   size_t n_pages, const struct grf_doc_hints *hints,
                                   struct grf_err *err)
{
    struct grf_str head;
    struct grf_date d;
    struct grf_date_span found;
    size_t at = 0;
    grf_str_init(&head, 1 << 20);
    if (n_pages) {
        size_t n = pages[0].text.n < HEAD_BYTES ? pages[0].text.n : HEAD_BYTES;
        grf_text_fold(&head, grf_sv(pages[0].text.p, n));
    }
    grf_status st = grf_str_status(&head, err);
    if (!st && session_date(grf_str_sv(&head), &d))
        grf_date_format_iso(d, a->session_date);
    else if (!st && hints->title &&
             grf_date_find(grf_sv_z(hints->title), &at, false, &found))
        grf_date_format_iso(found.date, a->session_date);
    grf_str_release(&head);
    return st;
}

grf_status grf_segment(const struct grf_page *pages, size_t n_pages,
                       const struct grf_doc_hints *hints, struct grf_acts *acts,
                       struct grf_err *err)
{
    memset(acts, 0, sizeof(*acts));
    if (!n_pages)
        return grf_fail(err, GRF_INVALID, "%s", _("a document without pages"));
    if (grf_grow(&acts->v, 0, &acts->cap, sizeof(*acts->v)))
        return grf_fail_nomem(err);
    struct grf_act *a = &acts->v[acts->n++];
    grf_act_init(a);
    a->ordinal = 1;
    a->first_page = 1;
    a->last_page = (int)n_pages;
    a->last_char = pages[n_pages - 1].text.n;
    grf_status st = GRF_OK;
    if (hints->body) {
        a->body = grf_strdup(hints->body);
        if (!a->body)
            st = grf_fail_nomem(err);
    }
    if (!st)
        st = set_session_date(a, pages, n_pages, hints, err);
    if (st)
        grf_acts_release(acts);
    return st;
}

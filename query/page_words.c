/* SPDX-License-Identifier: GPL-3.0-or-later */
/* French words for acts, and citations. */
#include "commands.h"
#include "grf_matter.h"
#include "page.h"

#define DOT " · "

const char *page_kind(grf_act_kind kind)
{
    switch (kind) {
    case GRF_KIND_DELIBERATION:
        return "Délibération";
    case GRF_KIND_ARRETE:
        return "Arrêté";
    case GRF_KIND_DECISION:
        return "Décision";
    case GRF_KIND_PV_ITEM:
        return "Point d’un procès-verbal";
    case GRF_KIND_INFORMATION:
        return "Information";
    default:
        return "Document";
    }
}

const char *page_matter(const char *code)
{
    const struct grf_matter_code *c = code ? grf_matter_find(grf_sv_z(code)) : NULL;
    return c ? c->title : NULL;
}

const char *page_day(const char *iso, char out[32])
{
    return law_day(iso, out);
}

void page_votes(struct grf_str *out, const struct grf_votes *v)
{
    const char *between = "";
    if (v->unanimous > 0) {
        grf_str_addz(out, "à l’unanimité");
        between = ", ";
    }
    if (v->in_favour >= 0) {
        grf_str_addf(out, "%s%d pour", between, v->in_favour);
        between = ", ";
    }
    if (v->against >= 0) {
        grf_str_addf(out, "%s%d contre", between, v->against);
        between = ", ";
    }
    if (v->abstention >= 0)
        grf_str_addf(out, "%s%d abstention%s", between, v->abstention,
                     v->abstention > 1 ? "s" : "");
}

const char *page_file(const struct grf_doc_row *d)
{
    const char *path = d->rel ? d->rel : d->title;
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "";
}

const char *page_subject(const struct grf_act *a, const struct grf_doc_row *d)
{
    if (a->subject && a->subject[0])
        return a->subject;
    return d && d->title ? d->title : "Sans objet lisible";
}

void page_act_line(struct grf_str *out, const struct grf_act *a)
{
    char day[32];
    struct grf_str votes;
    grf_str_init(&votes, 256);
    page_votes(&votes, &a->votes);
    page_put(out, "<span class=\"kind\">%t</span>", page_kind(a->kind));
    if (a->number && a->number[0])
        page_put(out, " <span>n°\xC2\xA0%t</span>", a->number);
    if (a->body && a->body[0])
        page_put(out, DOT "<span>%t</span>", a->body);
    if (a->session_date[0])
        page_put(out, DOT "<time datetime=\"%t\">%t</time>", a->session_date,
                 page_day(a->session_date, day));
    else
        grf_str_addz(out, DOT "<span>sans date lisible</span>");
    if (votes.n)
        page_put(out, DOT "<span class=\"vote\">%t</span>", votes.p);
    grf_str_release(&votes);
}

/* ---- citations */

/* "délibération" of "Délibération". */
static void add_kind_within(struct grf_str *out, grf_act_kind kind)
{
    static const char *const words[] = {"délibération", "arrêté", "décision",
                                        "point du procès-verbal", "information", "document"};
    grf_str_addz(out, words[kind <= GRF_KIND_DOCUMENT ? kind : GRF_KIND_DOCUMENT]);
}

void page_citation(struct grf_str *out, const struct grf_act *a, const struct grf_doc_row *d,
                   int page, const char *quote)
{
    char day[32];
    if (quote && *quote)
        grf_str_addf(out, PAGE_OPEN "%s" PAGE_CLOSE " (", quote);
    if (a->body && a->body[0])
        grf_str_addf(out, "%s, ", a->body);
    add_kind_within(out, a->kind);
    if (a->number && a->number[0])
        grf_str_addf(out, " n°\xC2\xA0%s", a->number);
    if (a->session_date[0])
        grf_str_addf(out, " du %s", page_day(a->session_date, day));
    grf_str_addf(out, ", " PAGE_OPEN "%s" PAGE_CLOSE, page_subject(a, d));
    if (page)
        grf_str_addf(out, ", p.\xC2\xA0%d", page);
    grf_str_addf(out, " du fichier %s", page_file(d));
    if (quote && *quote)
        grf_str_addc(out, ')');
    grf_str_addc(out, '.');
}

/* ---- law */

void page_ref(struct grf_str *out, const char *canon, const char *day)
{
    struct grf_str name;
    grf_str_init(&name, 4096);
    grf_ref_display(canon, &name);
    grf_str_addz(out, "<a href=\"/loi/");
    for (const char *p = canon; *p;) { /* its slashes stay */
        size_t n = strcspn(p, "/");
        char piece[GRF_REF_MAX + 1];
        size_t keep = n < sizeof(piece) - 1 ? n : sizeof(piece) - 1;
        memcpy(piece, p, keep);
        piece[keep] = 0;
        web_url(out, piece);
        p += n;
        if (*p == '/') {
            grf_str_addc(out, '/');
            p++;
        }
    }
    if (day && day[0])
        page_put(out, "?le=%u", day);
    page_put(out, "\">%t</a>", name.n ? name.p : canon);
    grf_str_release(&name);
}

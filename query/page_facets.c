/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facets: how many of the acts found are of a body, a year, a kind, a matter, or cite a
 * text. They count over the acts that the search put first, and the page says over how
 * many: nobody is told that these are all.
 */
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_matter.h"
#include "grf_mem.h"
#include "page.h"

enum { SHOWN = 6, VALUES_MOST = 400 };

enum facet { BODY, YEAR, KIND, MATTER, TEXT, FACETS };

static const struct {
    const char *title, *param;
} about[FACETS] = {
    {"Collectivité", "body"}, {"Année", "annee"}, {"Type d’acte", "kind"},
    {"Matière", "matter"},    {"Texte visé", "ref"},
};

struct value {
    struct grf_sv text;
    size_t acts;
    size_t last; /* number of the act that counted last: an act counts once */
};

struct counts {
    struct value *v[FACETS];
    size_t n[FACETS], cap[FACETS];
    int64_t *seen; /* acts */
    size_t n_seen, cap_seen;
};

static void release(struct counts *c)
{
    for (int i = 0; i < FACETS; i++)
        grf_free(c->v[i]);
    grf_free(c->seen);
}

static bool same(struct grf_sv a, struct grf_sv b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static grf_status count(struct counts *c, enum facet f, struct grf_sv text,
                        struct grf_err *err)
{
    if (!text.n)
        return GRF_OK;
    for (size_t i = 0; i < c->n[f]; i++) {
        struct value *v = &c->v[f][i];
        if (!same(v->text, text))
            continue;
        v->acts += v->last != c->n_seen;
        v->last = c->n_seen;
        return GRF_OK;
    }
    if (c->n[f] == VALUES_MOST)
        return GRF_OK;
    if (grf_grow(&c->v[f], c->n[f], &c->cap[f], sizeof(struct value)))
        return grf_fail_nomem(err);
    c->v[f][c->n[f]++] = (struct value){text, 1, c->n_seen};
    return GRF_OK;
}

static bool is_new(const struct counts *c, int64_t act)
{
    for (size_t i = 0; i < c->n_seen; i++) {
        if (c->seen[i] == act)
            return false;
    }
    return true;
}

static grf_status count_texts(struct counts *c, const struct grf_act *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < a->n_refs && !st; i++) {
        struct grf_sv text, article;
        if (a->refs[i].flags & GRF_REF_DAMAGED)
            continue;
        grf_ref_split(a->refs[i].canon, &text, &article);
        st = count(c, TEXT, text, err);
    }
    return st;
}

static grf_status count_act(struct counts *c, const struct grf_act_row *row,
                            struct grf_err *err)
{
    const struct grf_act *a = &row->act;
    if (!is_new(c, row->id))
        return GRF_OK;
    if (grf_grow(&c->seen, c->n_seen, &c->cap_seen, sizeof(*c->seen)))
        return grf_fail_nomem(err);
    c->seen[c->n_seen++] = row->id;
    const struct grf_matter_code *m = a->matter ? grf_matter_find(grf_sv_z(a->matter)) : NULL;
    grf_status st = count(c, BODY, grf_sv_z(a->body), err);
    if (!st)
        st = count(c, YEAR, grf_sv(a->session_date, strlen(a->session_date) < 4 ? 0 : 4), err);
    if (!st)
        st = count(c, KIND, grf_sv_z(grf_act_kind_name(a->kind)), err);
    if (!st && m)
        st = count(c, MATTER, grf_sv_z(m->code), err);
    return st ? st : count_texts(c, a, err);
}

/* ---- writing */

static int by_count(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    if (x->acts != y->acts)
        return x->acts < y->acts ? 1 : -1;
    size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
    return memcmp(x->text.p, y->text.p, n);
}

static int by_year(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return memcmp(y->text.p, x->text.p, 4);
}

static void put_label(struct grf_str *out, enum facet f, const char *value)
{
    grf_act_kind kind;
    struct grf_str name;
    if (f == KIND && grf_act_kind_parse(grf_sv_z(value), &kind)) {
        web_html(out, page_kind(kind));
    } else if (f == MATTER) {
        page_put(out, "%t\xC2\xA0%t", value, page_matter(value));
    } else if (f == TEXT) {
        const struct grf_code *code = grf_code_by_short(grf_sv_z(value));
        grf_str_init(&name, 4096);
        if (!code)
            grf_ref_display(value, &name);
        web_html(out, code ? code->title : name.p);
        grf_str_release(&name);
    } else {
        web_html(out, value);
    }
}

static void put_value(const struct web_request *q, struct grf_str *out, enum facet f,
                      const struct value *v)
{
    char text[512];
    size_t n = v->text.n < sizeof(text) - 1 ? v->text.n : sizeof(text) - 1;
    memcpy(text, v->text.p, n);
    text[n] = 0;
    bool on = page_asked(q, about[f].param, text);
    grf_str_addz(out, "<li><a href=\"/");
    page_query(out, q, about[f].param, on ? NULL : text);
    grf_str_addz(out, "\">");
    if (on)
        grf_str_addz(out, "<span class=\"on\">Retirer\xC2\xA0: </span>");
    put_label(out, f, text);
    page_put(out, "</a> <span class=\"count\">%z</span></li>", v->acts);
}

static void put_facet(const struct web_request *q, struct grf_str *out, enum facet f,
                      struct counts *c)
{
    size_t n = c->n[f];
    if (!n)
        return;
    qsort(c->v[f], n, sizeof(struct value), f == YEAR ? by_year : by_count);
    page_put(out, "<h3>%t</h3>\n<ul>", about[f].title);
    for (size_t i = 0; i < n; i++) {
        if (i == SHOWN && n > SHOWN + 1)
            page_put(out, "</ul>\n<details><summary>%z autres</summary><ul>", n - i);
        put_value(q, out, f, &c->v[f][i]);
    }
    page_put(out, n > SHOWN + 1 ? "</ul></details>\n" : "</ul>\n");
}

static void put_all(const struct web_request *q, struct grf_str *out, struct counts *c)
{
    const char *asked = web_param(q, "q");
    grf_str_addz(out, "<details class=\"facets\" open><summary><h2>Affiner</h2></summary>\n"
                      "<p class=\"hint\">Nombres d’actes, ");
    if (c->n_seen == 1)
        grf_str_addz(out, "pour le seul acte trouvé.</p>\n");
    else if (asked[strspn(asked, " \t\r\n")])
        page_put(out, "comptés sur les %z actes les plus proches de votre question.</p>\n",
                 c->n_seen);
    else
        page_put(out, "comptés sur %z actes qui répondent aux critères.</p>\n", c->n_seen);
    for (int f = 0; f < FACETS; f++)
        put_facet(q, out, (enum facet)f, c);
    grf_str_addz(out, "</details>\n");
}

grf_status page_facets(const struct web_request *q, struct grf_str *out,
                       const struct grf_answer *answer, struct grf_err *err)
{
    struct counts c;
    grf_status st = GRF_OK;
    memset(&c, 0, sizeof(c));
    for (size_t i = 0; i < answer->n && !st; i++) {
        st = count_act(&c, &answer->v[i].act, err);
        for (size_t k = 0; k < answer->v[i].n_also && !st; k++) {
            struct grf_act_row *also = &answer->v[i].also[k];
            if (!also->act.n_refs)
                st = grf_meta_act_refs(q->worker->base->meta, also->id, &also->act, err);
            if (!st)
                st = count_act(&c, also, err);
        }
    }
    if (!st && c.n_seen)
        put_all(q, out, &c);
    release(&c);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the base holds, from where and since when, and what it lacks. */
#include <time.h>

#include "grf_mem.h"
#include "grf_meta_sources.h"
#include "page.h"
#include "version.h"

enum { FAILURES_MOST = 200 };

struct cover {
    const struct web_request *q;
    struct grf_str *out;
    size_t n;
};

static void put_count(struct grf_str *out, const char *name, int64_t n)
{
    page_put(out, "<div><dt>%t</dt><dd>%l</dd></div>\n", name, n);
}

static void put_counts(struct grf_str *out, const struct grf_counts *c)
{
    static const char *const states[] = {
        "Pages blanches",
        "Pages avec leur propre texte",
        "Pages numérisées, déjà lues par un autre programme",
        "Pages numérisées dont seul le tampon est lisible",
        "Pages numérisées pas encore lues",
        "Pages numérisées lues par greffier"};
    grf_str_addz(out, "<section aria-labelledby=\"compte\">\n<h2 id=\"compte\">En nombres</h2>\n"
                      "<dl class=\"facts numbers\">\n");
    put_count(out, "Documents", c->documents);
    put_count(out, "Actes", c->acts);
    put_count(out, "Passages que la recherche connaît", c->passages);
    put_count(out, "Pages", c->pages);
    for (size_t i = 0; i < GRF_ARRAY_LEN(states); i++) {
        if (c->pages_by_state[i])
            put_count(out, states[i], c->pages_by_state[i]);
    }
    put_count(out, "Documents remplacés par une version plus récente", c->superseded);
    put_count(out, "Documents ou actes retirés", c->removed);
    put_count(out, "Documents refusés ou en échec", c->failed);
    grf_str_addz(out, "</dl>\n</section>\n");
}

static grf_status put_body(void *data, const struct grf_body_count *b, struct grf_err *err)
{
    struct cover *c = data;
    char first[32], last[32];
    (void)err;
    c->n++;
    if (b->body[0])
        page_put(c->out, "<tr><th scope=\"row\"><a href=\"/?body=%u&amp;tri=date\">%t</a></th>",
                 b->body, b->body);
    else
        grf_str_addz(c->out, "<tr><th scope=\"row\">sans nom lisible</th>");
    page_put(c->out,
             "<td class=\"number\">%l</td><td class=\"number\">%l</td><td>%t</td><td>%t</td>"
             "</tr>\n",
             b->documents, b->acts, b->first_date[0] ? page_day(b->first_date, first) : "?",
             b->last_date[0] ? page_day(b->last_date, last) : "?");
    return GRF_OK;
}

static grf_status put_bodies(struct cover *c, struct grf_err *err)
{
    grf_str_addz(c->out, "<section aria-labelledby=\"qui\">\n<h2 id=\"qui\">Collectivités</h2>\n"
                         "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
                         "aria-label=\"Collectivités\"><table>\n<thead><tr>"
                         "<th scope=\"col\">Collectivité</th><th scope=\"col\">Documents</th>"
                         "<th scope=\"col\">Actes</th><th scope=\"col\">Première séance</th>"
                         "<th scope=\"col\">Dernière séance</th></tr></thead>\n<tbody>\n");
    grf_status st = grf_base_each_body(c->q->worker->base, put_body, c, err);
    grf_str_addz(c->out, "</tbody></table></div>\n</section>\n");
    return st;
}

static grf_status put_failure(void *data, const char *path, const char *reason,
                              struct grf_err *err)
{
    struct cover *c = data;
    const char *slash = strrchr(path, '/');
    (void)err;
    if (++c->n <= FAILURES_MOST)
        page_put(c->out, "<li><span class=\"file\">%t</span>\xC2\xA0: %t</li>\n",
                 slash ? slash + 1 : path, reason);
    return GRF_OK;
}

static grf_status put_failures(struct cover *c, int64_t failed, struct grf_err *err)
{
    if (!failed)
        return GRF_OK;
    c->n = 0;
    grf_str_addz(c->out, "<section aria-labelledby=\"echecs\">\n<h2 id=\"echecs\">Refusés ou en "
                         "échec</h2>\n<p>Ces documents ne sont pas dans les réponses.</p>\n"
                         "<ul class=\"plain\">\n");
    grf_status st = grf_meta_each_failure(c->q->worker->base->meta, put_failure, c, err);
    grf_str_addz(c->out, "</ul>\n");
    if (c->n > FAILURES_MOST)
        page_put(c->out, "<p>et %z autres.</p>\n", c->n - FAILURES_MOST);
    grf_str_addz(c->out, "</section>\n");
    return st;
}

static grf_status put_code(void *data, const struct grf_law_code *k, struct grf_err *err)
{
    char day[32];
    struct cover *c = data;
    (void)err;
    page_put(c->out, "<li><a href=\"/loi/%t\">%t</a>, %l articles, connu jusqu’au %t%t</li>\n",
             k->name, k->title ? k->title : k->name, k->articles,
             k->known_until[0] ? page_day(k->known_until, day) : "(date inconnue)",
             k->loading ? " (import en cours)" : "");
    return GRF_OK;
}

/* ---- the nightly run */

/* "5 avril 2024 à 03 h 10", the machine's own time. */
static void put_time(struct grf_str *out, int64_t when)
{
    struct tm tm;
    time_t t = (time_t)when;
    char day[32], iso[11];
    if (!when || !localtime_r(&t, &tm)) {
        grf_str_addz(out, "jamais");
        return;
    }
    grf_date_format_iso((struct grf_date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday}, iso);
    page_put(out, "%t à ", page_day(iso, day));
    grf_str_addf(out, "%02d\xC2\xA0h\xC2\xA0%02d", tm.tm_hour, tm.tm_min);
}

static grf_status put_source(void *data, const struct grf_source_state *s,
                             struct grf_err *err)
{
    struct cover *c = data;
    const struct grf_source_counts *n = &s->counts;
    (void)err;
    page_put(c->out, "<tr><th scope=\"row\">%t</th><td>", s->name);
    put_time(c->out, s->last_good);
    page_put(c->out,
             "</td><td class=\"number\">%l</td><td class=\"number\">%l</td>"
             "<td class=\"number\">%l</td><td>%t</td></tr>\n",
             n->expected, n->refused + n->failed, n->waiting,
             s->status ? s->reason ? s->reason : "en échec" : "lue en entier");
    c->n++;
    return GRF_OK;
}

static grf_status put_sources(struct cover *c, struct grf_err *err)
{
    struct grf_str table, *out = c->out;
    grf_str_init(&table, 1 << 22);
    c->n = 0;
    c->out = &table;
    grf_status st = grf_meta_each_source(c->q->worker->base->meta, put_source, c, err);
    c->out = out;
    if (!st && c->n) {
        grf_str_addz(out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
                          "aria-label=\"Sources\"><table>\n<thead><tr>"
                          "<th scope=\"col\">Source</th><th scope=\"col\">Dernière lecture "
                          "entière</th><th scope=\"col\">Annoncés</th><th scope=\"col\">"
                          "Refusés ou en échec</th><th scope=\"col\">En attente</th>"
                          "<th scope=\"col\">Dernier passage</th></tr></thead>\n<tbody>\n");
        grf_str_addsv(out, grf_str_sv(&table));
        grf_str_addz(out, "</tbody></table></div>\n");
    } else if (!st) {
        grf_str_addz(out, "<p>Aucune source n’est suivie\xC2\xA0: les documents ont été ajoutés "
                          "à la main.</p>\n");
    }
    grf_str_release(&table);
    return st;
}

static grf_status put_run(struct cover *c, struct grf_err *err)
{
    struct grf_run r;
    grf_status st = grf_meta_last_run(c->q->worker->base->meta, &r, err);
    if (st)
        return st;
    grf_str_addz(c->out, "<section aria-labelledby=\"sources\">\n<h2 id=\"sources\">D’où "
                         "viennent les documents</h2>\n");
    if (r.id) {
        grf_str_addz(c->out, "<p>Dernier passage de la nuit\xC2\xA0: ");
        put_time(c->out, r.started);
        if (!r.ended)
            grf_str_addz(c->out, " (il n’est pas allé à son terme)");
        page_put(c->out, ".%t%t</p>\n", r.summary ? " " : "", r.summary);
    }
    grf_run_release(&r);
    st = put_sources(c, err);
    grf_str_addz(c->out, "</section>\n");
    return st;
}

static grf_status put_law(struct cover *c, struct grf_err *err)
{
    grf_status st = GRF_OK;
    grf_str_addz(c->out, "<section aria-labelledby=\"lois\">\n<h2 id=\"lois\">La loi</h2>\n");
    if (!c->q->worker->law) {
        grf_str_addz(c->out, "<p>La loi n’est pas dans la base.</p>\n");
    } else {
        grf_str_addz(c->out, "<ul class=\"plain\">\n");
        st = grf_law_each_code(c->q->worker->law, put_code, c, err);
        grf_str_addz(c->out, "</ul>\n");
    }
    grf_str_addz(c->out, "</section>\n");
    return st;
}

static void put_program(struct cover *c)
{
    const struct grf_base *b = c->q->worker->base;
    page_put(c->out,
             "<section aria-labelledby=\"programme\">\n<h2 id=\"programme\">Le programme</h2>\n"
             "<dl class=\"facts\">\n<div><dt>Version de greffier</dt><dd>%t</dd></div>\n"
             "<div><dt>Modèle de sens</dt><dd>%t</dd></div>\n"
             "<div><dt>État de la base</dt><dd>n°\xC2\xA0%l</dd></div>\n</dl>\n</section>\n",
             GRF_VERSION_TEXT, b->fingerprint ? b->fingerprint : "aucun", b->generation);
}

grf_status page_cover(const struct web_request *q, struct web_response *a,
                      struct grf_err *err)
{
    struct grf_counts counts;
    struct cover c = {q, &a->body, 0};
    page_begin(q, a, PAGE_COVER, "Ce que contient la base", true);
    grf_str_addz(&a->body, "<p>greffier ne connaît que les documents qu’on lui a donnés. Une "
                           "réponse «\xC2\xA0non trouvé\xC2\xA0» ne vaut que pour ceux-là.</p>\n");
    grf_status st = grf_base_counts(q->worker->base, &counts, err);
    if (!st)
        put_counts(&a->body, &counts);
    if (!st)
        st = put_bodies(&c, err);
    /* names of files and sources are for those who may see internal documents */
    if (!st && q->internal)
        st = put_run(&c, err);
    if (!st && q->internal)
        st = put_failures(&c, counts.failed, err);
    if (!st)
        st = put_law(&c, err);
    put_program(&c);
    page_end(q, a);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A search as a feed: the newest acts that answer it, so that someone can follow "PLU".
 *
 * The search is asked of ever longer pasts until enough acts answer: the best hundred of
 * all years would not hold last week's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "grf_date.h"
#include "grf_hash.h"
#include "grf_i18n.h"
#include "grf_law.h"
#include "grf_mem.h"
#include "serve.h"

enum { ENTRIES = 50, ENOUGH = 20 };

/* What answers a question, by its score, which is 1 for what answers best; the rest is only
   near, and nobody wants to be told of that. */
#define ANSWERS 0.5

/* A month, half a year, two years, five years ago; 0: no limit. */
static const int windows[] = {31, 183, 731, 1827, 0};

/* ---- the acts */

static int64_t days_ago(int days)
{
    char today[GRF_LAW_DATE];
    struct grf_date d;
    grf_law_today(today);
    if (!days || !grf_date_parse_iso(grf_sv_z(today), &d))
        return 0;
    d.year -= days / 365;
    int months = days % 365 / 30;
    d.month -= months;
    if (d.month < 1) {
        d.month += 12;
        d.year--;
    }
    if (d.day > 28)
        d.day = 28; /* every month has it */
    return grf_date_key(d);
}

/* The newest first: by the day of the session, then as they were read. */
static int newer(const void *a, const void *b)
{
    const struct grf_result *x = a, *y = b;
    int order = strcmp(y->act.act.session_date, x->act.act.session_date);
    return order ? order : strcmp(y->doc.added, x->doc.added);
}

/* Releases what does not answer. */
static void keep_answers(struct grf_answer *a, bool asked)
{
    struct grf_answer rest = {.n = 0, .v = NULL};
    size_t n = 0;
    while (n < a->n && a->found && (!asked || a->v[n].score >= ANSWERS))
        n++; /* best first */
    rest.n = a->n - n;
    if (rest.n && (rest.v = grf_calloc(rest.n, sizeof(*rest.v))) != NULL) {
        memcpy(rest.v, a->v + n, rest.n * sizeof(*rest.v));
        a->n = n;
        grf_answer_release(&rest);
    }
}

static grf_status newest(const struct web_request *q, struct web_search *s,
                         struct grf_answer *found, struct grf_err *err)
{
    int64_t asked = s->opts.date_from;
    grf_status st = GRF_OK;
    s->opts.n = WEB_RESULTS_MOST;
    s->opts.per_act = 1;
    s->opts.reranker = NULL; /* newest first, and programs ask again and again */
    for (size_t i = 0; i < GRF_ARRAY_LEN(windows); i++) {
        int64_t from = days_ago(windows[i]);
        bool last = !windows[i] || from <= asked;
        s->opts.date_from = last ? asked : from;
        grf_answer_release(found);
        st = web_search_run(q, s, found, err);
        if (!st)
            keep_answers(found, s->question.n > 0);
        if (st || last || found->n >= ENOUGH)
            break;
    }
    if (!st && found->n)
        qsort(found->v, found->n, sizeof(*found->v), newer);
    return st;
}

/* ---- XML */

static void element(struct grf_str *out, const char *name, const char *text)
{
    grf_str_addf(out, "<%s>", name);
    web_html(out, text);
    grf_str_addf(out, "</%s>\n", name);
}

static void link_to(struct grf_str *out, const char *rel, const char *type,
                    const char *origin, const char *path, const char *rest)
{
    grf_str_addf(out, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    web_html(out, origin);
    web_html(out, path);
    web_html(out, rest);
    grf_str_addz(out, "\"/>\n");
}

static void add_title(struct grf_str *out, const struct grf_result *r)
{
    struct grf_str line;
    grf_str_init(&line, 65536);
    act_line(&line, &r->act.act, r->doc.title);
    element(out, "title", line.p);
    grf_str_release(&line);
}

static const char *added(const struct grf_result *r)
{
    return r->doc.added[0] ? r->doc.added : "1970-01-01T00:00:00Z";
}

static void add_entry(struct grf_str *out, const struct web_request *q,
                      const struct grf_result *r)
{
    char id[GRF_KEY_MAX + 32];
    grf_str_addz(out, "<entry>\n");
    snprintf(id, sizeof(id), "urn:greffier:acte:%s", r->act.key);
    element(out, "id", id);
    add_title(out, r);
    element(out, "updated", added(r));
    if (r->act.act.body) {
        grf_str_addz(out, "<author>");
        element(out, "name", r->act.act.body);
        grf_str_addz(out, "</author>\n");
    }
    link_to(out, "alternate", "text/html", q->origin, "/acte/", r->act.key);
    grf_str_addz(out, "<summary type=\"text\">\xC2\xAB\xC2\xA0");
    web_html(out, r->quote);
    grf_str_addf(out, "\xC2\xA0\xC2\xBB (%s %d)</summary>\n", _("page"), r->passage.page);
    grf_str_addz(out, "</entry>\n");
}

/* What was asked for, without what only says how much of it. */
static void add_feed_id(struct grf_str *out, const struct web_request *q)
{
    char hex[GRF_SHA256_HEX], id[GRF_SHA256_HEX + 32];
    struct grf_str s;
    grf_str_init(&s, 1 << 20);
    for (size_t i = 0; i < q->n_params; i++) {
        if (strcmp(q->params[i].name, "n") != 0 && q->params[i].value[0])
            grf_str_addf(&s, "%s=%s\n", q->params[i].name, q->params[i].value);
    }
    grf_sha256(grf_str_sv(&s), hex);
    grf_str_release(&s);
    snprintf(id, sizeof(id), "urn:greffier:recherche:%.32s", hex);
    element(out, "id", id);
}

static void add_head(struct grf_str *out, const struct web_request *q,
                     const struct grf_answer *found)
{
    const char *latest = "1970-01-01T00:00:00Z", *query = strchr(q->target, '?');
    const char *words = web_param(q, "q");
    struct grf_str title;
    for (size_t i = 0; i < found->n && i < ENTRIES; i++) {
        if (strcmp(added(&found->v[i]), latest) > 0)
            latest = added(&found->v[i]);
    }
    grf_str_addz(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"fr\">\n");
    add_feed_id(out, q);
    grf_str_init(&title, 65536);
    grf_str_addf(&title, "greffier%s%s", *words ? " : " : "", words);
    element(out, "title", title.p);
    grf_str_release(&title);
    element(out, "updated", latest);
    grf_str_addz(out, "<author><name>greffier</name></author>\n");
    link_to(out, "self", "application/atom+xml", q->origin, q->target, "");
    link_to(out, "alternate", "text/html", q->origin, "/", query ? query : "");
}

grf_status web_atom(const struct web_request *q, struct web_response *a, struct grf_err *err)
{
    struct web_search s;
    struct grf_answer found = {.n = 0};
    grf_status st = web_search_read(q, &s, err);
    if (!st && !s.acts)
        st = grf_fail(err, GRF_INVALID, "%s", _("kind=law: a feed tells of new acts"));
    if (!st)
        st = newest(q, &s, &found, err);
    if (!st) {
        a->type = WEB_ATOM;
        a->cache = WEB_CACHE_CHECK;
        add_head(&a->body, q, &found);
        for (size_t i = 0; i < found.n && i < ENTRIES; i++)
            add_entry(&a->body, q, &found.v[i]);
        grf_str_addz(&a->body, "</feed>\n");
        web_etag(a, grf_str_sv(&a->body));
    }
    grf_answer_release(&found);
    web_search_release(&s);
    return st;
}

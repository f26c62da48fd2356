/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The answers for programs: the objects of --json, gathered in one document for each
 * request, {"format":1,"results":[...],"summary":{...}}.
 */
#include "commands.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "grf_report.h"
#include "serve.h"

enum { LINES_MOST = 1 << 27, DRAFT_MOST = 24 << 20, BODIES_MOST = 32 };

static const char summary[] = "{\"format\":1,\"type\":\"summary\"";

/* Lines become an array: no line break stands inside an object. */
static void gather(struct web_response *a, const struct grf_str *lines)
{
    size_t n = 0;
    const char *line = lines->p, *end;
    a->type = WEB_JSON;
    grf_str_addz(&a->body, "{\"format\":1,\"results\":[");
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        if (!end[1] && strncmp(line, summary, sizeof(summary) - 1) == 0)
            break;
        if (n++)
            grf_str_addc(&a->body, ',');
        grf_str_add(&a->body, line, (size_t)(end - line));
    }
    grf_str_addc(&a->body, ']');
    if (end) {
        grf_str_addz(&a->body, ",\"summary\":");
        grf_str_add(&a->body, line, (size_t)(end - line));
    }
    grf_str_addz(&a->body, "}\n");
}

/* Absent and empty are the same. */
static const char *given(const struct web_request *q, const char *name)
{
    const char *v = web_param(q, name);
    return *v ? v : NULL;
}

static grf_status api_search(const struct web_request *q, struct web_response *a,
                             struct grf_err *err)
{
    struct web_search s;
    struct grf_answer found = {.n = 0};
    struct grf_law_results law = {.n = 0};
    web_law searched = WEB_LAW_NONE;
    double from = grf_now();
    grf_status st = web_search_read(q, &s, err);
    if (!st && s.acts)
        st = web_search_run(q, &s, &found, err);
    if (!st)
        st = web_search_law(q, &s, &searched, &law, err);
    a->type = WEB_JSON;
    if (!st && s.acts)
        answer_json(&a->body, &found, searched == WEB_LAW_SEARCHED ? &law : NULL, false,
                    (grf_now() - from) * 1000);
    else if (!st)
        law_answer_json(&a->body, &law, (grf_now() - from) * 1000);
    grf_law_results_release(&law);
    grf_answer_release(&found);
    web_search_release(&s);
    return st;
}

static grf_status api_act(const struct web_request *q, struct web_response *a,
                          struct grf_err *err)
{
    struct grf_str lines;
    grf_str_init(&lines, LINES_MOST);
    grf_status st = show_lines(q->worker->base, q->worker->law, q->args[0],
                               given(q, "changes") != NULL, &lines, err);
    if (!st)
        gather(a, &lines);
    grf_str_release(&lines);
    return st;
}

/* A day as the address names it. */
static grf_status day_of(const struct web_request *q, const char *name, const char **out,
                         struct grf_err *err)
{
    struct grf_date day;
    *out = given(q, name);
    if (*out && !grf_date_parse_iso(grf_sv_z(*out), &day))
        return grf_fail(err, GRF_INVALID, _("%s=%s: not a date like 2024-01-31"), name, *out);
    return GRF_OK;
}

static grf_status api_article(const struct web_request *q, struct web_response *a,
                              struct grf_err *err)
{
    struct grf_str lines;
    const char *at, *from;
    grf_str_init(&lines, LINES_MOST);
    grf_status st = day_of(q, "at", &at, err);
    if (!st)
        st = day_of(q, "changes_from", &from, err);
    if (!st)
        st = article_lines(q->worker->law, q->args[0], at, from, &lines, err);
    if (!st)
        gather(a, &lines);
    grf_str_release(&lines);
    return st;
}

static grf_status read_citing(const struct web_request *q, struct grf_citing_opts *o,
                              struct grf_sv bodies[BODIES_MOST], struct grf_err *err)
{
    static const struct date_names names = {"from", "to"};
    const char *v;
    long n;
    memset(o, 0, sizeof(*o));
    o->bodies = bodies;
    for (size_t i = 0; (v = web_param_at(q, "body", i)) != NULL; i++) {
        if (*v && o->n_bodies < BODIES_MOST)
            bodies[o->n_bodies++] = grf_sv_z(v);
    }
    grf_status st = web_param_int(q, "n", 1, WEB_RESULTS_MOST, 10, &n, err);
    o->n = (size_t)n;
    if (!st)
        st = date_options(&names, given(q, "from"), given(q, "to"), &o->date_from, &o->date_to,
                          err);
    return st;
}

static grf_status api_citing(const struct web_request *q, struct web_response *a,
                             struct grf_err *err)
{
    struct grf_citing_opts o;
    struct grf_sv bodies[BODIES_MOST];
    struct grf_str lines;
    grf_str_init(&lines, LINES_MOST);
    grf_status st = read_citing(q, &o, bodies, err);
    if (!st)
        st = citing_lines(q->worker->base, q->worker->law, q->args[0], &o, &lines, err);
    if (!st)
        gather(a, &lines);
    grf_str_release(&lines);
    return st;
}

/* A file of a form, a field "text", or the whole body. */
static struct grf_sv draft_of(const struct web_request *q)
{
    bool form = strcmp(q->content_type, "application/x-www-form-urlencoded") == 0 ||
                strcmp(q->content_type, "multipart/form-data") == 0;
    for (size_t i = 0; i < q->n_files; i++) {
        if (q->files[i].bytes.n)
            return q->files[i].bytes;
    }
    return form ? grf_sv_z(web_param(q, "text")) : q->body;
}

static grf_status api_check(const struct web_request *q, struct web_response *a,
                            struct grf_err *err)
{
    struct grf_str lines;
    struct grf_sv draft = draft_of(q);
    const char *at;
    if (!draft.n)
        return grf_fail(err, GRF_INVALID, "%s",
                        _("no draft was sent: send its text with Content-Type: text/plain, its "
                          "file with a type such as application/pdf, or a form with a field "
                          "\"text\" or a file"));
    grf_str_init(&lines, LINES_MOST);
    grf_status st = day_of(q, "at", &at, err);
    if (!st)
        st = check_lines(q->worker->law, q->worker->conf, draft, _("the draft"), at, &lines,
                         err);
    if (!st)
        gather(a, &lines);
    grf_str_release(&lines);
    return st;
}

static grf_status api_status(const struct web_request *q, struct web_response *a,
                             struct grf_err *err)
{
    struct grf_str lines;
    grf_str_init(&lines, LINES_MOST);
    grf_status st = grf_report_lines(q->server->cli, q->worker->base, &lines, err);
    if (!st)
        gather(a, &lines);
    grf_str_release(&lines);
    return st;
}

const struct web_route web_api_routes[] = {
    {WEB_GET, "/api/search", api_search, WEB_ACTS, 0},
    {WEB_GET, "/api/act/*", api_act, 0, 0},
    {WEB_GET, "/api/article/**", api_article, 0, 0},
    {WEB_GET, "/api/citing/**", api_citing, 0, 0},
    {WEB_POST, "/api/check", api_check, WEB_SLOW | WEB_FILES, DRAFT_MOST},
    {WEB_GET, "/api/status", api_status, 0, 0},
    {WEB_GET, "/atom", web_atom, WEB_ACTS, 0},
    {WEB_GET, "/openapi.json", web_openapi, WEB_OPEN | WEB_NO_BASE, 0},
    {0, NULL, NULL, 0, 0},
};

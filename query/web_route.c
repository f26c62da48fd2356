/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a request to its handler, and from what it gives to an answer with its headers. */
#include <stdio.h>
#include <unistd.h>

#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "serve.h"

enum { ANSWER_MOST = 1 << 27, TRIES = 4 };

/* Nothing from elsewhere, no frame, nothing kept by others; images made in the page
   (data:) are none of the above. */
static const struct web_pair fixed_headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"}, /* with no-referrer, forms are sent from "null" */
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    {"X-Robots-Tag", "noindex"},
};

void web_response_init(struct web_response *a)
{
    memset(a, 0, sizeof(*a));
    a->status = 200;
    a->type = WEB_HTML;
    a->cache = WEB_CACHE_NONE;
    a->fd = -1;
    grf_str_init(&a->body, ANSWER_MOST);
}

static void response_release(struct web_response *a)
{
    grf_str_release(&a->body);
    grf_free(a->location);
    grf_free(a->filename);
    if (a->fd >= 0)
        close(a->fd);
}

static void start_again(struct web_response *a)
{
    response_release(a);
    web_response_init(a);
}

void http_request_release(struct http_request *r)
{
    char *texts[] = {r->target,        r->host,         r->origin,        r->fetch_site, r->cookies,
                     r->if_none_match, r->content_type, r->forwarded_for, r->path};
    for (size_t i = 0; i < GRF_ARRAY_LEN(texts); i++)
        grf_free(texts[i]);
    grf_str_release(&r->body);
    grf_str_release(&r->names);
    response_release(&r->a);
}

/* ---- routes */

/* One piece of the path up to "/", kept in names; false when it is empty. */
static bool take_piece(const char **path, struct grf_str *names, size_t *place, bool rest)
{
    size_t n = rest ? strlen(*path) : strcspn(*path, "/");
    if (!n)
        return false;
    *place = names->n;
    grf_str_add(names, *path, n);
    grf_str_addc(names, 0);
    *path += n;
    return true;
}

static bool matches(const char *pattern, const char *path, struct grf_str *names,
                    size_t *places, size_t *n)
{
    *n = 0;
    for (; *pattern; pattern++) {
        bool rest = pattern[0] == '*' && pattern[1] == '*';
        if (*pattern != '*') {
            if (*pattern != *path++)
                return false;
        } else if (*n == WEB_ARGS || !take_piece(&path, names, &places[(*n)++], rest)) {
            return false;
        }
        pattern += rest;
    }
    return !*path;
}

const struct web_route *web_route_find(web_method method, const char *path,
                                       struct grf_str *names, const char **args,
                                       size_t *n_args, bool *known)
{
    const struct web_route *tables[] = {web_api_routes, web_page_routes};
    size_t places[WEB_ARGS];
    *known = false;
    for (size_t t = 0; t < GRF_ARRAY_LEN(tables); t++) {
        for (const struct web_route *r = tables[t]; r->pattern; r++) {
            grf_str_clear(names);
            if (!matches(r->pattern, path, names, places, n_args) || names->bad)
                continue;
            *known = true;
            if (r->method != method)
                continue;
            for (size_t i = 0; i < *n_args; i++)
                args[i] = names->p + places[i];
            return r;
        }
    }
    return NULL;
}

/* ---- errors */

static bool wants_json(const struct web_request *q)
{
    return strncmp(q->path, "/api/", 5) == 0 || strcmp(q->path, "/openapi.json") == 0;
}

static void error_json(struct web_response *a, const char *message)
{
    struct grf_json j;
    a->type = WEB_JSON;
    grf_json_begin(&j, &a->body);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "error");
    grf_json_kv_int(&j, "code", a->status);
    grf_json_kv_textz(&j, "message", message);
    grf_json_end_object(&j);
    grf_str_addc(&a->body, '\n');
}

static const char *title_of(int status)
{
    switch (status) {
    case 400:
        return _("Request not understood");
    case 401:
    case 403:
        return _("Not allowed");
    case 404:
        return _("Not found");
    case 405:
        return _("Method not allowed");
    case 413:
    case 414:
        return _("Too large");
    case 415:
        return _("File of an unknown kind");
    case 429:
        return _("Too many requests");
    case 503:
        return _("Busy");
    default:
        return _("Internal error");
    }
}

void web_error(const struct web_request *q, struct web_response *a, int status,
               const char *message)
{
    int retry = a->retry_after;
    start_again(a);
    a->status = status;
    a->retry_after = retry;
    if (wants_json(q))
        error_json(a, message);
    else
        page_error(q, a, title_of(status), message);
}

static int http_status(grf_status st)
{
    switch (st) {
    case GRF_NOTFOUND:
        return 404;
    case GRF_INVALID:
    case GRF_PARSE:
        return 400;
    case GRF_LIMIT:
        return 413;
    case GRF_UNSUPPORTED:
        return 415;
    case GRF_BUSY:
    case GRF_LOCKED:
    case GRF_STALE:
    case GRF_NOMEM:
    case GRF_TIMEOUT:
        return 503;
    default:
        return 500;
    }
}

/* What went wrong inside is for the log: it may name paths. */
void web_fail(const struct web_request *q, struct web_response *a, grf_status st,
              const char *message)
{
    int status = http_status(st);
    if (status >= 500)
        grf_log(GRF_LOG_WARNING, "%s: %s", grf_status_text(st), message);
    if (status == 503)
        a->retry_after = 5;
    if (status >= 500)
        message = status == 503 ? _("the server is busy; try again in a moment")
                                : _("something went wrong here; the log of the server says what");
    web_error(q, a, status, message);
}

/* ---- running a handler */

static grf_status try_once(struct web_server *s, struct http_request *r,
                           struct web_handles *h, struct web_request *q, struct grf_err *err)
{
    bool base = !(r->route->flags & WEB_NO_BASE);
    grf_status st = GRF_OK;
    if (base)
        st = web_handles_refresh(h, s->cli->base, &s->conf, q->internal, err);
    q->worker = base ? &h->worker : &(struct web_worker){.conf = &s->conf};
    if (!st && q->worker->law_damage.code && !(r->route->flags & WEB_ACTS)) {
        *err = q->worker->law_damage;
        st = err->code;
    }
    if (!st)
        st = r->route->run(q, &r->a, err);
    if (!st)
        st = grf_str_status(&r->a.body, err);
    if (base)
        web_handles_rest(h);
    return st;
}

/* A writer may erase what a search is reading: that one asks the newest state then. */
static grf_status run(struct web_server *s, struct http_request *r, struct web_handles *h,
                      struct web_request *q, struct grf_err *err)
{
    struct web_form f;
    grf_status st = web_form_read(&f, r->target, r->content_type, grf_str_sv(&r->body),
                                  r->route->flags & WEB_FILES, err);
    q->params = f.pairs;
    q->n_params = f.n;
    q->files = f.files;
    q->n_files = f.n_files;
    if (!st)
        st = try_once(s, r, h, q, err);
    for (int i = 1; st == GRF_STALE && i < TRIES; i++) {
        web_handles_forget(h);
        start_again(&r->a);
        st = try_once(s, r, h, q, err);
    }
    web_form_release(&f);
    return st;
}

/* True when the client has what the answer would send. */
static bool has_it(const struct http_request *r)
{
    char quoted[sizeof(r->a.etag) + 2];
    if (!r->a.etag[0] || r->a.status != 200)
        return false;
    snprintf(quoted, sizeof(quoted), "\"%s\"", r->a.etag);
    return strstr(r->if_none_match, quoted) != NULL;
}

void web_answer(struct web_server *s, struct http_request *r, struct web_handles *h)
{
    struct grf_err err = GRF_ERR_INIT;
    char type[128], origin[300];
    struct web_request *q = &r->q;
    snprintf(type, sizeof(type), "%.*s", (int)strcspn(r->content_type, "; \t"),
             r->content_type);
    snprintf(origin, sizeof(origin), "%s://%s", s->scheme, r->host);
    q->content_type = type;
    q->origin = origin;
    q->body = grf_str_sv(&r->body);
    grf_status st = run(s, r, h, q, &err);
    if (st)
        web_fail(q, &r->a, st, err.msg);
    if (has_it(r)) {
        r->a.status = 304;
        grf_str_clear(&r->a.body);
    }
}

/* ---- headers */

static bool quoted_etag(const struct web_response *a, web_header_fn f, void *data)
{
    char quoted[sizeof(a->etag) + 2];
    snprintf(quoted, sizeof(quoted), "\"%s\"", a->etag);
    return f(data, "ETag", quoted);
}

static bool disposition(const struct web_response *a, web_header_fn f, void *data)
{
    struct grf_str s;
    grf_str_init(&s, 4096);
    grf_str_addz(&s, "attachment; filename*=UTF-8''");
    web_url(&s, a->filename);
    bool done = !s.bad && f(data, "Content-Disposition", s.p);
    grf_str_release(&s);
    return done;
}

static bool number_header(const char *name, int value, web_header_fn f, void *data)
{
    char number[16];
    snprintf(number, sizeof(number), "%d", value);
    return f(data, name, number);
}

bool web_headers(const struct http_request *r, web_header_fn f, void *data)
{
    const struct web_response *a = &r->a;
    bool good = f(data, "Cache-Control", a->cache);
    for (size_t i = 0; i < GRF_ARRAY_LEN(fixed_headers); i++)
        good = good && f(data, fixed_headers[i].name, fixed_headers[i].value);
    if (a->status != 304)
        good = good && f(data, "Content-Type", a->type);
    if (a->etag[0])
        good = good && quoted_etag(a, f, data);
    if (a->location)
        good = good && f(data, "Location", a->location);
    if (a->cookie[0])
        good = good && f(data, "Set-Cookie", a->cookie);
    if (a->filename)
        good = good && disposition(a, f, data);
    if (a->retry_after)
        good = good && number_header("Retry-After", a->retry_after, f, data);
    if (a->status == 405)
        good = good && f(data, "Allow", r->q.method == WEB_POST ? "GET, HEAD" : "POST");
    return good;
}

/* One line for each request with -v: never what was asked for. */
void web_finished(struct web_server *s, const struct http_request *r)
{
    (void)s;
    grf_log(GRF_LOG_INFO, "%s %s %d", r->method, r->route ? r->route->pattern : "-",
            r->a.status);
}

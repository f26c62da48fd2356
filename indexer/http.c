/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fetch: hop after hop, try after try, within the request's scope. */
#include "http.h"

#include <stdio.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "http_priv.h"
#include "version.h"

enum { HOPS_MOST = 8 };

grf_status http_open(const struct http_options *o, struct http **out, struct grf_err *err)
{
    *out = NULL;
    struct http *h = (struct http *)grf_calloc(1, sizeof(*h));
    if (!h)
        return grf_fail_nomem(err);
    h->options = *o;
    snprintf(h->agent, sizeof(h->agent), "greffier/%s%s%s%s", GRF_VERSION_TEXT,
             o->contact ? " (" : "", o->contact ? o->contact : "", o->contact ? ")" : "");
    grf_log_printable(h->agent);
    grf_status st = http_curl_open(&h->curl, err);
    if (st) {
        http_close(h);
        return st;
    }
    *out = h;
    return GRF_OK;
}

void http_close(struct http *h)
{
    if (!h)
        return;
    http_curl_close(h->curl);
    for (size_t i = 0; i < h->n_hosts; i++) {
        grf_free(h->hosts[i].origin);
        robots_free(h->hosts[i].robots);
    }
    grf_free(h->hosts);
    grf_free(h);
}

void http_response_release(struct http_response *a)
{
    grf_free(a->url);
    grf_free(a->etag);
    grf_free(a->last_modified);
    grf_free(a->content_type);
    grf_free(a->disposition);
    grf_free(a->location);
    grf_free(a->range);
    memset(a, 0, sizeof(*a));
}

const char *http_outcome_name(enum http_outcome o)
{
    static const char *const names[] = {
        "got",     "unchanged", "gone",    "denied",    "server_failed",
        "network", "timed_out", "too_big", "elsewhere", "private",
        "robots",  "bad_url",   "ours"};
    return (size_t)o < GRF_ARRAY_LEN(names) ? names[o] : "?";
}

/* ---- tries */

/* How long to wait before try n + 1; negative: the server asks for too much. */
static double pause_before(const struct http_run *run, int n)
{
    const struct http_options *o = &run->h->options;
    int64_t ms = (int64_t)o->first_wait_ms << (n < 16 ? n : 16);
    int64_t asked = run->out->retry_after;
    if (ms > o->longest_wait_ms)
        ms = o->longest_wait_ms;
    if (asked > 0 && asked > o->longest_wait_ms / 1000)
        return -1;
    if (asked > 0 && asked * 1000 > ms)
        ms = asked * 1000;
    return (double)ms / 1000;
}

static grf_status one_try(struct http_run *run, size_t host, const char *url, bool *again,
                          struct grf_err *err)
{
    run->out->outcome = HTTP_OURS;
    run->out->retry_after = -1;
    *again = false;
    grf_status st = http_host_wait(run->h, host, err);
    if (st)
        return st;
    run->out->tries++;
    st = http_hop(run, url, again, err);
    run->h->hosts[host].last = grf_now();
    return st;
}

static grf_status tries(struct http_run *run, size_t host, const char *url,
                        struct grf_err *err)
{
    for (int n = 0;; n++) {
        bool again = false;
        grf_status st = one_try(run, host, url, &again, err);
        double wait = again && n < run->r->retries ? pause_before(run, n) : -1;
        if (!st || wait < 0)
            return st;
        grf_log(GRF_LOG_INFO, _("%s; trying again in %.1f s"), err->msg, wait);
        enum http_outcome failed = run->out->outcome;
        run->out->outcome = HTTP_OURS;
        st = http_sleep(run->h, wait, err);
        if (st)
            return st;
        run->out->outcome = failed;
    }
}

/* ---- hops */

static grf_status one_hop(struct http_run *run, const char *url, struct grf_err *err)
{
    struct http_url parts;
    size_t host;
    run->out->outcome = HTTP_BAD_URL;
    grf_status st = http_url_split(url, &parts, err);
    if (!st && run->r->robots)
        st = http_host_ask_robots(run->h, run->r, url, &parts, &run->out->outcome, err);
    if (st)
        return st;
    run->out->outcome = HTTP_OURS;
    st = http_host_of(run->h, &parts, &host, err);
    return st ? st : tries(run, host, url, err);
}

/* The next address, when the answer gives one that may be followed. */
static grf_status next_hop(struct http_run *run, char **url, struct grf_err *err)
{
    char *next = NULL;
    grf_status st = http_url_resolve(*url, run->out->location, &next, err);
    if (st == GRF_INVALID)
        st = grf_fail(err, GRF_INVALID, _("%s: redirected to what is no http address"),
                      *url);
    else if (!st && strcmp(next, *url) == 0)
        st = grf_fail(err, GRF_INVALID, _("%s: redirected to itself"), *url);
    else if (!st && !http_in_scope(run->r, next))
        st = grf_fail(err, GRF_INVALID,
                      _("%.150s: redirected to %.200s, outside what the source allows"),
                      *url, next);
    else if (!st && ++run->out->redirects > HOPS_MOST)
        st = grf_fail(err, GRF_INVALID, _("%s: redirected in circles"), run->r->url);
    if (st) {
        run->out->outcome = st == GRF_NOMEM ? HTTP_OURS : HTTP_ELSEWHERE;
        grf_free(next);
        return st;
    }
    grf_free(*url);
    *url = next;
    return GRF_OK;
}

static grf_status hops(struct http_run *run, char **url, struct grf_err *err)
{
    for (;;) {
        grf_status st = one_hop(run, *url, err);
        if (st || run->out->outcome != HTTP_ELSEWHERE)
            return st;
        st = next_hop(run, url, err);
        if (st)
            return st;
    }
}

/* ---- the fetch */

static grf_status finish(struct http_run *run, struct grf_err *err)
{
    struct http_response *a = run->out;
    const struct http_request *r = run->r;
    if (a->outcome != HTTP_GOT || r->head)
        return GRF_OK;
    a->bytes = run->part.fd >= 0 ? run->part.at : run->got;
    a->resumed_at = run->before;
    if (r->body)
        grf_sha256(grf_str_sv(r->body), a->sha256);
    if (run->part.fd < 0)
        return GRF_OK;
    grf_status st = http_part_finish(&run->part, r->file, a->sha256, err);
    if (st)
        a->outcome = HTTP_OURS;
    return st;
}

/* Whether FILE.part is of no use any more. */
static bool useless(enum http_outcome o)
{
    return o == HTTP_GONE || o == HTTP_TOO_BIG || o == HTTP_GOT;
}

static grf_status fetch(struct http_run *run, char **url, struct grf_err *err)
{
    const struct http_request *r = run->r;
    run->out->outcome = HTTP_BAD_URL;
    grf_status st = http_url_resolve(NULL, r->url, url, err);
    if (st)
        return st;
    run->out->outcome = HTTP_OURS;
    if (r->file && !r->head)
        st = http_part_open(&run->part, r->file, r->url, r->resume, err);
    run->before = run->part.fd >= 0 ? run->part.at : 0;
    if (!st)
        st = hops(run, url, err);
    if (!st)
        st = finish(run, err);
    http_part_close(&run->part, useless(run->out->outcome));
    return st;
}

grf_status http_fetch(struct http *h, const struct http_request *r,
                      struct http_response *out, struct grf_err *err)
{
    struct http_run run = {.h = h, .r = r, .out = out, .part = {.fd = -1}};
    struct grf_err why = GRF_ERR_INIT;
    char *url = NULL;
    memset(out, 0, sizeof(*out));
    out->content_length = out->retry_after = -1;
    grf_str_init(&run.words, 256);
    if (r->body) {
        grf_str_clear(r->body);
        r->body->max = (size_t)r->max_bytes;
    }
    grf_status st = fetch(&run, &url, &why);
    grf_str_release(&run.words);
    out->url = url;
    if (st && err)
        *err = why;
    return st;
}

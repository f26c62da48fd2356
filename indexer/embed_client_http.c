/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedding endpoint's address and key, and posting to it.
 *
 * Unless remote addresses are allowed, nothing may leave this machine: the address
 * must name it literally (no name is even looked up), each socket is checked again
 * when it is about to connect, no proxy is used. A redirect is never followed.
 */
#include "embed_client.h"

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "http.h"

enum {
    ANSWER_MOST = 64 * 1024 * 1024,
    KEY_MOST = 4096,
    CONNECT_MS = 10000,
    FIRST_WAIT_MS = 250,
    LONGEST_WAIT_MS = 30000
};

struct endpoint {
    const struct client_options *options;
    struct http *http;
    struct grf_str key; /* the whole header line, or empty */
    bool local;
};

/* *local: the address names this machine. */
static grf_status check_url(const struct client_options *o, bool *local,
                            struct grf_err *err)
{
    struct http_url u;
    grf_status st = http_url_split(o->url, &u, NULL);
    if (st)
        return grf_fail(err, st, _("embedding endpoint '%s': not an http address"),
                        o->url);
    *local = http_names_this_machine(o->url);
    if (!*local && !o->remote)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint '%s': not an address of this machine "
                          "(127.0.0.1, localhost); allow-remote = yes would send the "
                          "texts out"),
                        o->url);
    if (!*local && o->key_file && strcmp(u.scheme, "https") != 0)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint '%s': the key would travel in clear; use "
                          "https"),
                        o->url);
    return GRF_OK;
}

static grf_status read_key(struct grf_str *key, const char *path, struct grf_err *err)
{
    grf_str_addz(key, "Authorization: Bearer ");
    size_t from = key->n;
    grf_status s = grf_file_read(path, KEY_MOST - from, key, err);
    while (s == GRF_OK && key->n > from && strchr(" \t\r\n", key->p[key->n - 1]))
        grf_str_cut(key, key->n - 1);
    for (size_t i = from; s == GRF_OK && i < key->n; i++)
        if (key->p[i] <= ' ' || key->p[i] == 0x7F)
            s = grf_fail(err, GRF_INVALID, _("key file '%s': more than one word"), path);
    if (s == GRF_OK && key->n == from)
        s = grf_fail(err, GRF_INVALID, _("key file '%s': empty"), path);
    return s ? s : grf_str_status(key, err);
}

grf_status endpoint_open(const struct client_options *o, struct endpoint **out,
                         struct grf_err *err)
{
    struct http_options with = HTTP_OPTIONS_INIT;
    bool local = false;
    *out = NULL;
    grf_status s = check_url(o, &local, err);
    if (s)
        return s;
    struct endpoint *e = (struct endpoint *)grf_calloc(1, sizeof(*e));
    if (!e)
        return grf_fail_nomem(err);
    e->options = o;
    e->local = local;
    grf_str_init(&e->key, KEY_MOST);
    with.delay_ms = 0;
    with.first_wait_ms = FIRST_WAIT_MS;
    with.longest_wait_ms = LONGEST_WAIT_MS;
    if (o->key_file)
        s = read_key(&e->key, o->key_file, err);
    if (s == GRF_OK)
        s = http_open(&with, &e->http, err);
    if (s) {
        endpoint_close(e);
        return s;
    }
    *out = e;
    return GRF_OK;
}

void endpoint_close(struct endpoint *e)
{
    if (!e)
        return;
    http_close(e->http);
    grf_str_release(&e->key);
    grf_free(e);
}

grf_status endpoint_post(struct endpoint *e, struct grf_sv body, struct grf_str *out,
                         struct grf_err *err)
{
    const struct client_options *o = e->options;
    const char *lines[] = {"Content-Type: application/json", e->key.p};
    struct http_request r = HTTP_REQUEST_INIT;
    struct http_response a;
    r.url = o->url;
    r.post = body;
    r.body = out;
    r.headers = lines;
    r.n_headers = e->key.n ? 2 : 1;
    r.max_bytes = ANSWER_MOST;
    r.total_ms = o->timeout_ms;
    r.connect_ms = o->timeout_ms < CONNECT_MS ? o->timeout_ms : CONNECT_MS;
    r.low_seconds = 0;
    r.retries = o->retries;
    r.redirects = HTTP_NOWHERE;
    r.private_ok = true; // a server on the town hall's own network is what remote means
    r.this_machine = e->local;
    r.robots = false;
    grf_status s = http_fetch(e->http, &r, &a, err);
    if (a.outcome == HTTP_TIMED_OUT)
        s = grf_fail(err, s, _("embedding endpoint '%s': no answer within %d ms"), o->url,
                     o->timeout_ms);
    else if (a.outcome == HTTP_ELSEWHERE)
        s = grf_fail(
            err, s,
            _("embedding endpoint '%s': it points elsewhere (HTTP %ld), which is "
              "not followed; give the final address"),
            o->url, a.status);
    else if (s && s != GRF_NOMEM)
        grf_err_wrap(err, "%s",
                     o->rerank ? _("reranking endpoint") : _("embedding endpoint"));
    http_response_release(&a);
    return s;
}

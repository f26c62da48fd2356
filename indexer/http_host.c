/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manners, host by host: pauses between requests, and robots.txt, asked once a run. */
#include <stdio.h>
#include <time.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "http_priv.h"

enum { ROBOTS_DELAY_MOST_MS = 30000 };

grf_status http_sleep(struct http *h, double seconds, struct grf_err *err)
{
    double until = grf_now() + seconds;
    for (double left = seconds; left > 0; left = until - grf_now()) {
        if (h->options.cancel && *h->options.cancel)
            return grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
        double step = left < 0.1 ? left : 0.1;
        struct timespec t = {0, (long)(step * 1e9)};
        nanosleep(&t, NULL);
    }
    return GRF_OK;
}

static void origin_of(const struct http_url *u, char *out, size_t size)
{
    snprintf(out, size, "%s://%s:%d", u->scheme, u->host, u->port);
}

grf_status http_host_of(struct http *h, const struct http_url *u, size_t *index,
                        struct grf_err *err)
{
    char origin[300];
    origin_of(u, origin, sizeof(origin));
    for (*index = 0; *index < h->n_hosts; ++*index)
        if (strcmp(h->hosts[*index].origin, origin) == 0)
            return GRF_OK;
    if (grf_grow(&h->hosts, h->n_hosts, &h->cap_hosts, sizeof(*h->hosts)))
        return grf_fail_nomem(err);
    struct http_host *host = &h->hosts[h->n_hosts];
    memset(host, 0, sizeof(*host));
    host->origin = grf_strdup(origin);
    if (!host->origin)
        return grf_fail_nomem(err);
    h->n_hosts++;
    return GRF_OK;
}

grf_status http_host_wait(struct http *h, size_t index, struct grf_err *err)
{
    const struct http_host *host = &h->hosts[index];
    int ms = h->options.delay_ms > host->delay_ms ? h->options.delay_ms : host->delay_ms;
    if (host->last <= 0 || ms <= 0)
        return GRF_OK;
    return http_sleep(h, host->last + ms / 1000.0 - grf_now(), err);
}

/* ---- robots.txt */

static grf_status keep_robots(struct http *h, size_t index, struct grf_sv text,
                              struct grf_err *err)
{
    struct http_host *host = &h->hosts[index];
    grf_status st = robots_parse(text, "greffier", &host->robots, err);
    if (st)
        return st;
    int ms = robots_delay_ms(host->robots);
    host->delay_ms = ms < ROBOTS_DELAY_MOST_MS ? ms : ROBOTS_DELAY_MOST_MS;
    return GRF_OK;
}

/* An answer of the 4xx kind means no rules; no answer means: nothing allowed. Redirects
   are followed wherever they lead on the same site. */
static grf_status fetch_robots(struct http *h, const struct http_request *r, size_t index,
                               struct grf_err *err)
{
    struct grf_str text;
    struct http_request q = HTTP_REQUEST_INIT;
    struct http_response a;
    struct grf_err why = GRF_ERR_INIT;
    char url[400];
    snprintf(url, sizeof(url), "%s/robots.txt", h->hosts[index].origin);
    grf_str_init(&text, 2 * ROBOTS_MOST);
    q.url = url;
    q.body = &text;
    q.max_bytes = (int64_t)ROBOTS_MOST;
    q.cut = true;
    q.robots = false;
    q.private_ok = r->private_ok;
    q.connect_ms = r->connect_ms;
    q.total_ms = 60000;
    q.retries = r->retries;
    grf_status st = http_fetch(h, &q, &a, &why);
    if (a.outcome == HTTP_GOT)
        st = keep_robots(h, index, grf_str_sv(&text), err);
    else if (a.outcome == HTTP_OURS)
        grf_fail(err, st, "%s", why.msg);
    else
        st = GRF_OK;
    enum http_outcome o = a.outcome;
    if (o == HTTP_SERVER_FAILED || o == HTTP_NETWORK || o == HTTP_TIMED_OUT ||
        o == HTTP_PRIVATE) {
        h->hosts[index].refusal = o == HTTP_SERVER_FAILED ? HTTP_ROBOTS : o;
        h->hosts[index].why = why;
    }
    h->hosts[index].asked = !st;
    http_response_release(&a);
    grf_str_release(&text);
    return st;
}

grf_status http_host_ask_robots(struct http *h, const struct http_request *r,
                                const char *url, const struct http_url *u,
                                enum http_outcome *outcome, struct grf_err *err)
{
    size_t index;
    *outcome = HTTP_OURS;
    grf_status st = http_host_of(h, u, &index, err);
    if (!st && !h->hosts[index].asked)
        st = fetch_robots(h, r, index, err);
    if (st)
        return st;
    *outcome = HTTP_ROBOTS;
    const struct http_host *host = &h->hosts[index];
    if (host->refusal) {
        *outcome = host->refusal;
        return grf_fail(err, host->why.code, "%s", host->why.msg);
    }
    if (!robots_allow(host->robots, u->path))
        return grf_fail(err, GRF_INVALID, _("%s: refused by robots.txt"), url);
    return GRF_OK;
}

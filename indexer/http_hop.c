/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One answer: what its status and headers mean, and where its bytes go. */
#include <stdio.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "http_priv.h"

enum {
    LINES_MOST = 16,
    LINE_MOST = 3072,
    UNWANTED_MOST = 64 * 1024, /* bytes read of a page that nobody asked for */
    WORDS_MOST = 160
};

/* ---- the request's lines */

struct lines {
    struct grf_str text[LINES_MOST];
    const char *p[LINES_MOST];
    size_t n;
    grf_status bad;
};

static void add_line(struct lines *l, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    if (l->n == LINES_MOST) {
        l->bad = GRF_INTERNAL;
        return;
    }
    struct grf_str *s = &l->text[l->n];
    grf_str_init(s, LINE_MOST);
    grf_str_addz(s, name);
    grf_str_addz(s, value);
    l->p[l->n++] = s->p;
    if (s->bad)
        l->bad = s->bad;
}

static void lines_release(struct lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        grf_str_release(&l->text[i]);
}

/* A request's own lines (a key, perhaps) go to its own site alone. */
static void add_own(struct lines *l, const struct http_request *r, const char *url)
{
    struct http_url from, to;
    if (http_url_split(r->url, &from, NULL) || http_url_split(url, &to, NULL) ||
        !http_same_site(&from, &to))
        return;
    for (size_t i = 0; i < r->n_headers; i++)
        add_line(l, "", r->headers[i]);
}

static grf_status make_lines(struct http_run *run, const char *url, struct lines *l,
                             struct grf_err *err)
{
    const struct http_request *r = run->r;
    char from[40];
    l->n = 0;
    l->bad = GRF_OK;
    add_line(l, "If-None-Match: ", r->etag);
    add_line(l, "If-Modified-Since: ", r->last_modified);
    add_line(l, "Accept: ", r->accept);
    if (run->part.fd >= 0 && run->part.at > 0) {
        snprintf(from, sizeof(from), "bytes=%lld-", (long long)run->part.at);
        add_line(l, "Range: ", from);
        add_line(l, "If-Range: ", run->part.validator);
    }
    add_own(l, r, url);
    if (l->bad == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (l->bad)
        return grf_fail(err, GRF_LIMIT, _("%s: request headers too long"), r->url);
    return GRF_OK;
}

/* ---- what the answer means */

static grf_status too_big(struct http_run *run, struct grf_err *err)
{
    run->out->outcome = HTTP_TOO_BIG;
    if (run->r->max_bytes < (int64_t)10 << 20)
        return grf_fail(err, GRF_LIMIT, _("%s: over %lld kB"), run->url,
                        (long long)(run->r->max_bytes >> 10));
    return grf_fail(err, GRF_LIMIT, _("%s: over %lld MB"), run->url,
                    (long long)(run->r->max_bytes >> 20));
}

static const char *validator_of(const struct http_response *a)
{
    if (a->etag && strncmp(a->etag, "W/", 2) != 0)
        return a->etag;
    return a->last_modified;
}

static grf_status on_whole(struct http_run *run, struct grf_err *err)
{
    struct http_response *a = run->out;
    a->outcome = HTTP_GOT;
    run->store = !run->r->head;
    run->whole = -1;
    run->before = 0;
    run->got = 0;
    if (run->r->body)
        grf_str_clear(run->r->body);
    if (a->content_length > run->r->max_bytes && !run->r->cut)
        return too_big(run, err);
    if (run->part.fd < 0)
        return GRF_OK;
    a->outcome = HTTP_OURS;
    grf_status st = http_part_restart(&run->part, run->r->url, validator_of(a), err);
    if (!st && run->store)
        st = http_part_room(&run->part, a->content_length, err);
    if (!st)
        a->outcome = HTTP_GOT;
    return st;
}

/* "bytes 100-199/200", "bytes * /200"; *total -1 for "*", *first -1 for none. */
static bool read_range(const char *z, int64_t *first, int64_t *total)
{
    char *end;
    if (!z || strncmp(z, "bytes ", 6) != 0)
        return false;
    z += 6;
    *first = -1;
    if (*z != '*') {
        *first = strtoll(z, &end, 10);
        if (end == z || *end != '-')
            return false;
    }
    z = strchr(z, '/');
    if (!z)
        return false;
    *total = -1;
    if (z[1] == '*')
        return true;
    *total = strtoll(z + 1, &end, 10);
    return end != z + 1 && *total >= 0;
}

/* What was kept does not fit what the server has: the next try begins again. */
static grf_status begin_again(struct http_run *run, struct grf_err *err)
{
    run->out->outcome = HTTP_OURS;
    grf_status st = http_part_restart(&run->part, run->r->url, NULL, err);
    if (st)
        return st;
    run->out->outcome = HTTP_NETWORK;
    run->once_more = true;
    return grf_fail(err, GRF_NET, _("%s: cannot be gone on with"), run->url);
}

static grf_status on_part(struct http_run *run, struct grf_err *err)
{
    struct http_response *a = run->out;
    int64_t first = -1, total = -1;
    bool asked = run->part.fd >= 0 && run->part.at > 0;
    if (!asked) {
        a->outcome = HTTP_DENIED;
        return grf_fail(err, GRF_INVALID,
                        _("%s: answers with a part that was not asked for"), run->url);
    }
    if (!read_range(a->range, &first, &total) || first != run->part.at ||
        (total >= 0 && total < first))
        return begin_again(run, err);
    if (total > run->r->max_bytes)
        return too_big(run, err);
    a->outcome = HTTP_OURS;
    run->whole = total;
    run->store = true;
    grf_status st = http_part_room(&run->part, a->content_length, err);
    if (!st)
        a->outcome = HTTP_GOT;
    return st;
}

static grf_status on_beyond(struct http_run *run, struct grf_err *err)
{
    int64_t first, total = -1;
    if (run->part.fd < 0 || run->part.at == 0) {
        run->out->outcome = HTTP_DENIED;
        return GRF_OK;
    }
    if (!read_range(run->out->range, &first, &total) || total != run->part.at)
        return begin_again(run, err);
    run->out->outcome = HTTP_GOT; // it was whole already
    run->whole = total;
    return GRF_OK;
}

static enum http_outcome meaning(const struct http_run *run)
{
    long s = run->out->status;
    bool asked = (run->r->etag && *run->r->etag) ||
                 (run->r->last_modified && *run->r->last_modified);
    if (s == 304)
        return asked ? HTTP_UNCHANGED : HTTP_DENIED;
    if ((s == 301 || s == 302 || s == 303 || s == 307 || s == 308) && run->out->location)
        return HTTP_ELSEWHERE;
    if (s == 404 || s == 410)
        return HTTP_GONE;
    if (s == 408 || s == 425 || s == 429 || s >= 500)
        return HTTP_SERVER_FAILED;
    return HTTP_DENIED;
}

static grf_status on_begin(void *data, struct http_response *a, struct grf_err *err)
{
    struct http_run *run = data;
    run->store = false;
    run->whole = -1;
    if (a->status == 200)
        return on_whole(run, err);
    if (a->status == 206)
        return on_part(run, err);
    if (a->status == 416)
        return on_beyond(run, err);
    a->outcome = meaning(run);
    return GRF_OK;
}

/* ---- bytes */

static grf_status on_unwanted(struct http_run *run, const char *p, size_t n)
{
    size_t room = WORDS_MOST - (run->words.n < WORDS_MOST ? run->words.n : WORDS_MOST);
    grf_str_add(&run->words, p, n < room ? n : room);
    run->got += (int64_t)n;
    run->enough = run->got > UNWANTED_MOST;
    return run->enough ? GRF_LIMIT : GRF_OK;
}

static grf_status on_put(void *data, const char *p, size_t n, struct grf_err *err)
{
    struct http_run *run = data;
    const struct http_request *r = run->r;
    if (!run->store)
        return on_unwanted(run, p, n);
    int64_t at = run->part.fd >= 0 ? run->part.at : run->got;
    bool over = (int64_t)n > r->max_bytes - at;
    size_t fits = over ? (size_t)(r->max_bytes - at) : n;
    if (r->body)
        grf_str_add(r->body, p, fits);
    grf_status st = r->body ? grf_str_status(r->body, err) : GRF_OK;
    if (!st && run->part.fd >= 0 && !over)
        st = http_part_put(&run->part, p, n, err);
    if (st) {
        run->out->outcome = HTTP_OURS;
        return st;
    }
    run->got += (int64_t)fits;
    run->out->fetched += (int64_t)n;
    if (over && !r->cut)
        return too_big(run, err);
    run->enough = over;
    if (over)
        return GRF_LIMIT;
    if (r->progress)
        r->progress(r->data, at + (int64_t)n,
                    run->whole >= 0                 ? run->whole
                    : run->out->content_length >= 0 ? run->out->content_length
                                                    : 0);
    return GRF_OK;
}

/* ---- the hop */

/* An answer that is no success: in words, with the beginning of what the server says. */
static grf_status refusal(struct http_run *run, bool *again, struct grf_err *err)
{
    const struct http_response *a = run->out;
    char words[WORDS_MOST + 1];
    size_t n = run->words.n < WORDS_MOST ? run->words.n : WORDS_MOST;
    memcpy(words, run->words.p, n);
    words[n] = '\0';
    bool page = strchr(words, '<') != NULL; // HTML says nothing in its first words
    if (page)
        words[0] = '\0';
    grf_log_printable(words);
    const char *colon = words[0] ? ": " : "";
    switch (a->outcome) {
    case HTTP_GONE:
        return grf_fail(err, GRF_NOTFOUND, _("%s: not there (HTTP %ld)"), run->url,
                        a->status);
    case HTTP_SERVER_FAILED:
        *again = a->status != 501 && a->status != 505;
        return grf_fail(err, GRF_NET, _("%s: the server fails (HTTP %ld)%s%s"), run->url,
                        a->status, colon, words);
    default:
        return grf_fail(err, GRF_INVALID, _("%s: refused (HTTP %ld)%s%s"), run->url,
                        a->status, colon, words);
    }
}

static grf_status judge(struct http_run *run, bool *again, struct grf_err *err)
{
    struct http_response *a = run->out;
    if (a->outcome == HTTP_UNCHANGED || a->outcome == HTTP_ELSEWHERE)
        return GRF_OK;
    if (a->outcome != HTTP_GOT)
        return refusal(run, again, err);
    if (run->part.fd >= 0 && run->whole >= 0 && run->part.at != run->whole) {
        a->outcome = HTTP_NETWORK;
        *again = true;
        return grf_fail(err, GRF_NET, _("%s: cut off"), run->url);
    }
    return GRF_OK;
}

grf_status http_hop(struct http_run *run, const char *url, bool *again,
                    struct grf_err *err)
{
    const struct http_request *r = run->r;
    const struct http_options *o = &run->h->options;
    struct http_url parts;
    struct lines lines;
    *again = false;
    run->url = url;
    run->enough = run->once_more = false;
    run->got = 0;
    grf_str_clear(&run->words);
    run->out->outcome = HTTP_BAD_URL;
    grf_status st = http_url_split(url, &parts, err);
    if (st)
        return st;
    run->out->outcome = HTTP_OURS;
    st = make_lines(run, url, &lines, err);
    struct http_exchange x = {.url = url,
                              .proxy = r->this_machine ? NULL : http_proxy_for(&parts),
                              .head = r->head,
                              .decode = !(r->file && r->resume),
                              .private_ok = r->private_ok,
                              .this_machine = r->this_machine,
                              .post = r->post,
                              .lines = lines.p,
                              .n_lines = lines.n,
                              .agent = run->h->agent,
                              .ca_file = o->ca_file,
                              .connect_ms = r->connect_ms,
                              .total_ms = r->total_ms,
                              .low_bytes = r->low_bytes,
                              .low_seconds = r->low_seconds,
                              .cancel = o->cancel,
                              .begin = on_begin,
                              .put = on_put,
                              .data = run};
    if (!st)
        st = http_curl_perform(run->h->curl, &x, run->out, again, err);
    lines_release(&lines);
    if (run->enough)
        st = GRF_OK;
    *again = *again || run->once_more;
    return st ? st : judge(run, again, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fetching over HTTP with manners: greffier's only way to the network.
 *
 *     struct http_options o = HTTP_OPTIONS_INIT;
 *     http_open(&o, &h, err);                      one client for a whole run
 *     struct http_request r = HTTP_REQUEST_INIT;
 *     r.url = "https://mairie.example/actes/";
 *     r.body = &page;                              or r.file = "/base/downloads/x.pdf"
 *     st = http_fetch(h, &r, &a, err);             a.outcome says which of the ways it
 * went http_response_release(&a); http_close(h);
 *
 * Promises: one request at a time, with a pause between two to the same host; robots.txt
 * obeyed where asked; failures that pass are tried again, later each time, or when the
 * server says; redirects are followed one by one and only inside the request's scope;
 * no private, loopback, link-local or multicast address is connected to unless the
 * request allows it, whatever a name resolves to; never more than max_bytes are kept,
 * counted after decompression; certificates are verified; only http and https.
 *
 * Not for several threads. doc/FETCH.md has the rules in full.
 */
#ifndef GRF_INDEX_HTTP_H
#define GRF_INDEX_HTTP_H

#include <signal.h>
#include <stdbool.h>

#include "grf_hash.h"
#include "grf_str.h"

struct http;

/* ---- the client */

struct http_options {
    const char *contact; /* put into the User-Agent: who answers for it; may be NULL */
    const char *ca_file; /* certificates to trust instead of the system's; may be NULL */
    int delay_ms;        /* pause between two requests to one host */
    int first_wait_ms;   /* before the first new try; doubles each time */
    int longest_wait_ms; /* a server that asks for more has failed for this run */
    volatile sig_atomic_t *cancel; /* may be NULL */
};
#define HTTP_OPTIONS_INIT                                                                \
    {                                                                                    \
        NULL, NULL, 1000, 500, 120000, NULL                                              \
    }

/* Strings of o are borrowed until http_close. */
GRF_NODISCARD grf_status http_open(const struct http_options *o, struct http **out,
                                   struct grf_err *err);
void http_close(struct http *h);

/* ---- a request */

enum http_redirects {
    HTTP_SAME_HOST, /* the url's host (www. or not), on its port or the usual ones */
    HTTP_LISTED,    /* also the hosts listed */
    HTTP_NOWHERE    /* none is followed */
};

struct http_request {
    const char *url;
    bool head;                  /* HEAD: no body */
    const char *etag;           /* If-None-Match; NULL or "" none */
    const char *last_modified;  /* If-Modified-Since, as the server gave it */
    struct grf_str *body;       /* receives the bytes (emptied first) ... */
    const char *file;           /* ... or this file does: written to FILE.part, renamed
                                   when it is whole */
    bool resume;                /* go on with FILE.part of an earlier try or run, when the
                                   server still has the same thing (If-Range) */
    int64_t max_bytes;          /* after decompression */
    bool cut;                   /* of more, the first max_bytes are kept: no failure */
    int connect_ms, total_ms;   /* of one try; total 0 = no limit */
    int low_bytes, low_seconds; /* slower than this for so long: given up */
    int retries;                /* tries after the first */
    enum http_redirects redirects;
    const char *const *hosts; /* HTTP_LISTED: "docs.example.fr", "*.example.fr" */
    size_t n_hosts;
    bool private_ok;    /* private addresses are allowed: the source names one */
    bool this_machine;  /* nothing but the loopback is connected to, no proxy used */
    bool robots;        /* ask robots.txt first */
    const char *accept; /* Accept header; NULL: anything */
    struct grf_sv post; /* with post.p: POST it, nothing is followed */
    const char *const *headers; /* more lines, "Name: value" */
    size_t n_headers;
    /* told now and then how far a file is; total 0 = unknown. May be NULL */
    void (*progress)(void *data, int64_t done, int64_t total);
    void *data;
};
/* 100 MB, 20 s to connect, 30 minutes a try, less than 100 bytes/s for 60 s, 3 retries */
#define HTTP_REQUEST_INIT                                                                \
    {                                                                                    \
        .max_bytes = (int64_t)100 << 20, .connect_ms = 20000, .total_ms = 1800000,       \
        .low_bytes = 100, .low_seconds = 60, .retries = 3, .robots = true                \
    }

/* ---- its answer */

enum http_outcome {                 /* http_fetch returns */
                    HTTP_GOT,       /* GRF_OK: 200, the bytes are there */
                    HTTP_UNCHANGED, /* GRF_OK: 304 */
                    HTTP_GONE,      /* GRF_NOTFOUND: 404, 410 */
                    HTTP_DENIED, /* GRF_INVALID: another 4xx, or an answer that makes no
                                    sense */
                    HTTP_SERVER_FAILED, /* GRF_NET: 429, 5xx, to the last try */
                    HTTP_NETWORK,   /* GRF_NET: no connection, cut off, bad certificate */
                    HTTP_TIMED_OUT, /* GRF_TIMEOUT */
                    HTTP_TOO_BIG,   /* GRF_LIMIT: over max_bytes, or its decompressed size
                                       is */
                    HTTP_ELSEWHERE, /* GRF_INVALID: redirected out of scope, in circles,
                                       too often */
                    HTTP_PRIVATE,   /* GRF_INVALID: a private address, not allowed */
                    HTTP_ROBOTS, /* GRF_INVALID: robots.txt refuses it, or cannot be asked
                                  */
                    HTTP_BAD_URL, /* GRF_INVALID: not an http or https address */
                    HTTP_OURS /* GRF_NOMEM, GRF_IO, GRF_NOSPC, GRF_CANCELLED: here, not
                                 there */
};

struct http_response {
    enum http_outcome outcome;
    long status; /* of the last answer; 0 = none came */
    char *url;   /* the final one, after redirects */
    char *etag, *last_modified, *content_type, *disposition; /* or NULL */
    char *location, *range;      /* Location and Content-Range of the last answer */
    int64_t content_length;      /* as declared, -1 = not; of the rest when resumed */
    int64_t retry_after;         /* seconds, -1 = not said */
    int64_t bytes;               /* of the whole body as stored */
    int64_t resumed_at;          /* of these, there from an earlier fetch */
    int64_t fetched;             /* bytes of bodies that came now, in all tries */
    char sha256[GRF_SHA256_HEX]; /* of the whole body; "" when there is none */
    int redirects, tries;
};

/* *out is always set (release it); err says in one line what went wrong, naming the
   url. A failed download leaves FILE.part when it can be resumed, never a FILE. */
GRF_NODISCARD grf_status http_fetch(struct http *h, const struct http_request *r,
                                    struct http_response *out, struct grf_err *err);
void http_response_release(struct http_response *a);
/* "gone", "timed_out" ...: for reports and JSON. */
const char *http_outcome_name(enum http_outcome o);

/* ---- addresses */

#define HTTP_URL_MOST 4096

/* What href means on a page at base (base NULL: href is whole): absolute, without
   fragment, in *out (grf_free). GRF_INVALID when it is not an http address. */
GRF_NODISCARD grf_status http_url_resolve(const char *base, const char *href, char **out,
                                          struct grf_err *err);
/* The parts of an absolute url; fixed buffers keep callers simple. */
struct http_url {
    char scheme[8];           /* "http", "https" */
    char host[256];           /* lower case; IPv6 in brackets */
    int port;                 /* the usual one when none is given */
    char path[HTTP_URL_MOST]; /* with ?query; "/" at least */
};
GRF_NODISCARD grf_status http_url_split(const char *url, struct http_url *out,
                                        struct grf_err *err);
/* True when a url may be fetched under r's scope, as if r.url redirected to it. */
bool http_in_scope(const struct http_request *r, const char *url);
/* The host is a literal private or loopback address or "localhost": who writes that into
   the settings means it, so private_ok may be set for it. */
bool http_names_private(const char *url);
/* Likewise, for this machine alone: 127.x.x.x, [::1], localhost. */
bool http_names_this_machine(const char *url);

#endif

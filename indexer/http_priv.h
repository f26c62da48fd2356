/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between the files of the HTTP client: http.c (one fetch: hops, tries, manners),
 * http_hop.c (one answer: what its headers mean and where its bytes go), http_part.c
 * (FILE.part), http_address.c (which addresses and hosts), http_host.c (pauses and
 * robots.txt, per host), http_curl.c (one exchange; the only file that knows libcurl).
 */
#ifndef GRF_INDEX_HTTP_PRIV_H
#define GRF_INDEX_HTTP_PRIV_H

#include <sys/socket.h>

#include "http.h"
#include "robots.h"

/* ---- http_address.c */

/* Anything but an address of the public internet. */
bool http_address_private(const struct sockaddr *a);
bool http_address_loopback(const struct sockaddr *a);
/* A host as written in a url is literally such an address, or localhost. */
bool http_host_private(const char *host);
/* The proxy that the environment names for this address; NULL or "" for none. */
const char *http_proxy_for(const struct http_url *u);
/* host is in a list such as no_proxy's: commas or blanks between, a name stands for
   what is below it too, "*" for all. */
bool http_no_proxy(const char *list, const char *host);
/* A redirect from one to the other stays on the same site. */
bool http_same_site(const struct http_url *from, const struct http_url *to);
/* host fits "docs.example.fr" or "*.example.fr". */
bool http_host_listed(const char *host, const char *const *list, size_t n);

/* ---- http_part.c */

/* A download on its way: FILE.part, and FILE.part.info that says of what. */
struct http_part {
    int fd;
    int64_t at;        /* bytes that are there */
    int64_t safe;      /* and outlive a power cut */
    char *url;
    char *path, *info; /* FILE.part, FILE.part.info */
    char *validator;   /* ETag or date for If-Range; NULL: cannot be gone on with */
};
/* Opens or makes it. What is there is kept only with resume and when its info names
   the url. */
GRF_NODISCARD grf_status http_part_open(struct http_part *p, const char *file,
                                        const char *url, bool resume,
                                        struct grf_err *err);
/* Empties it; what comes now is `url` with this validator (NULL: none). */
GRF_NODISCARD grf_status http_part_restart(struct http_part *p, const char *url,
                                           const char *validator, struct grf_err *err);
GRF_NODISCARD grf_status http_part_put(struct http_part *p, const char *bytes, size_t n,
                                       struct grf_err *err);
/* GRF_NOSPC when the disk has no room for so many more bytes. */
GRF_NODISCARD grf_status http_part_room(const struct http_part *p, int64_t bytes,
                                        struct grf_err *err);
/* Whole: flushed, hashed, renamed to file. */
GRF_NODISCARD grf_status http_part_finish(struct http_part *p, const char *file,
                                          char sha256[GRF_SHA256_HEX],
                                          struct grf_err *err);
/* Closes; what cannot be gone on with is removed, and with drop everything is. */
void http_part_close(struct http_part *p, bool drop);

/* ---- http_curl.c */

struct http_curl;

/* One exchange: a request to one server and what comes back. */
struct http_exchange {
    const char *url, *proxy;
    bool head, decode, private_ok, this_machine;
    struct grf_sv post;
    const char *const *lines; /* header lines */
    size_t n_lines;
    const char *agent, *ca_file;
    int connect_ms, total_ms, low_bytes, low_seconds;
    volatile sig_atomic_t *cancel;
    /* Called before the first byte of the body, and for a body without bytes too, once
       the headers are in *answer. GRF_OK: bytes go to put. Else the exchange ends. */
    grf_status (*begin)(void *data, struct http_response *answer, struct grf_err *err);
    grf_status (*put)(void *data, const char *bytes, size_t n, struct grf_err *err);
    void *data;
};

GRF_NODISCARD grf_status http_curl_open(struct http_curl **out, struct grf_err *err);
void http_curl_close(struct http_curl *c);
/* Fills *answer, outcome too where no answer came: then not GRF_OK. *again: another try
   may mend it. */
GRF_NODISCARD grf_status http_curl_perform(struct http_curl *c,
                                           const struct http_exchange *x,
                                           struct http_response *answer, bool *again,
                                           struct grf_err *err);

/* ---- http_host.c */

struct http_host {
    char *origin; /* "https://host:port" */
    double last;  /* end of the last request, monotonic seconds; 0 = none yet */
    int delay_ms; /* asked for by robots.txt */
    struct robots *robots;
    bool asked;                /* robots.txt was fetched, or: */
    enum http_outcome refusal; /* why it could not be, and then nothing is fetched */
    struct grf_err why;
};
struct http {
    struct http_options options;
    struct http_curl *curl;
    char agent[256];
    struct http_host *hosts;
    size_t n_hosts, cap_hosts;
};
GRF_NODISCARD grf_status http_host_of(struct http *h, const struct http_url *u,
                                      size_t *index, struct grf_err *err);
/* Waits until the host may be asked again. GRF_CANCELLED. */
GRF_NODISCARD grf_status http_host_wait(struct http *h, size_t index,
                                        struct grf_err *err);
GRF_NODISCARD grf_status http_sleep(struct http *h, double seconds, struct grf_err *err);
/* Not GRF_OK, with the outcome, when robots.txt refuses or cannot be asked. */
GRF_NODISCARD grf_status http_host_ask_robots(struct http *h,
                                              const struct http_request *r,
                                              const char *url, const struct http_url *u,
                                              enum http_outcome *outcome,
                                              struct grf_err *err);

/* ---- http_hop.c */

/* What a fetch carries from hop to hop and from try to try. */
struct http_run {
    struct http *h;
    const struct http_request *r;
    struct http_response *out;
    struct http_part part; /* with r->file */
    const char *url;       /* of the hop, borrowed */
    int64_t before;        /* bytes of the part when the fetch began, if still of use */
    bool store;            /* this answer's bytes are wanted */
    bool enough;           /* of an answer whose bytes are not */
    bool once_more;        /* without the part that was kept */
    int64_t whole;         /* size of the whole that a part belongs to, or -1 */
    int64_t got;           /* bytes of this answer */
    struct grf_str words;  /* of a refusal: the beginning of its page */
};
/* One exchange with url, whose answer's meaning is in run->out->outcome and the status
   returned; a redirect is GRF_OK with outcome HTTP_ELSEWHERE and out->location. */
GRF_NODISCARD grf_status http_hop(struct http_run *run, const char *url, bool *again,
                                  struct grf_err *err);

#endif

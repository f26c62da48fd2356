/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between the HTTP library (http_mhd.c alone) and the server (web_*.c).
 *
 * One thread reads and writes all connections, so a slow client costs nothing but its
 * connection. When the head of a request has come it asks web_admit; when the body has
 * come too it hands the request to web_submit and forgets the connection until a thread
 * of the pool calls http_done.
 */
#ifndef GRF_QUERY_HTTP_H
#define GRF_QUERY_HTTP_H

#include <sys/socket.h>

#include "web.h"
#include "web_auth.h"

enum {
    HTTP_TARGET_MOST = 8192,       /* bytes of an address */
    HTTP_HEAD_MOST = 32 * 1024,    /* memory of a connection: request line and headers */
    HTTP_CONNECTIONS = 512,
    HTTP_CONNECTIONS_EACH = 64,    /* of one address */
    HTTP_IDLE_SECONDS = 15,        /* without a byte */
    HTTP_READ_SECONDS = 30,        /* for a whole request, however slowly it comes */
    HTTP_BODY_SECONDS = 180,       /* the same for one that may carry a file */
    HTTP_SEND_SECONDS = 300,       /* for the answer to leave */
    HTTP_BODIES_MOST = 96 << 20    /* bytes of all bodies in memory at a time */
};

/* A request and its answer. Texts are "" when the header is absent. */
struct http_request {
    struct http_request *next; /* in the queue of the pool */
    char method[16], *target;  /* target: as sent, grf_free */
    char *host, *origin, *fetch_site, *cookies, *if_none_match, *content_type,
        *forwarded_for; /* grf_free */
    int hosts;          /* how many Host headers there were */
    int frames;         /* how many headers said where the body ends */
    bool odd;           /* a header's name is none: a proxy may read it as another's */
    bool chunked;       /* a body of unknown length follows */
    int64_t length;     /* of the body as announced; -1: not */
    struct sockaddr_storage peer;
    struct grf_str body;
    /* set by web_admit */
    const struct web_route *route;
    char *path;         /* decoded, grf_free */
    struct grf_str names; /* what args point into */
    struct web_request q; /* partly */
    char user[AUTH_NAME], address[AUTH_ADDRESS];
    bool stripped;      /* HEAD: only the head of the answer is sent */
    /* the answer */
    struct web_response a;
    bool answered;      /* the answer stands */
    void *connection;   /* http_mhd.c's */
    double since;
};

/* What it owns, not itself; web_route.c. */
void http_request_release(struct http_request *r);

/* The head has come. False: refused, the answer stands. Else *body_most is set. */
bool web_admit(struct web_server *s, struct http_request *r, size_t *body_most);
/* The body has come. False: not taken, the answer stands. Else http_done is called. */
bool web_submit(struct web_server *s, struct http_request *r);
/* A short answer of plain text where no handler speaks. */
void web_refuse(struct http_request *r, int status, const char *message);

void http_done(struct http_request *r);

struct http;
/* Serves on a listening socket, which it takes over. limit_each false: connections of one
   address are not counted (they come from a proxy). */
GRF_NODISCARD grf_status http_start(struct web_server *s, int listener, bool limit_each,
                                    struct http **out, struct grf_err *err);
/* Ends connections that overstayed; call about once a second. */
void http_tick(struct http *h);
/* Accepts nothing more. */
void http_quiesce(struct http *h);
/* After the pool has stopped: every request must be done. NULL is accepted. */
void http_stop(struct http *h);

#endif

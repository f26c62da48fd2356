/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's own parts; handlers see web.h alone. */
#ifndef GRF_QUERY_SERVE_H
#define GRF_QUERY_SERVE_H

#include <signal.h>
#include <sys/socket.h>

#include "grf_cli.h"
#include "http.h"

enum { WEB_QUEUE_MOST = 256 };

struct web_listen {
    int fd;
    struct sockaddr_storage address; /* bound: with the real port */
    bool loopback;
    char shown[80]; /* "127.0.0.1:8017" */
};

struct web_server {
    const struct grf_cli *cli;
    struct grf_conf conf;
    struct web_listen listen;
    char scheme[8]; /* "https" behind a proxy that says so in the settings */
    struct web_pool *pool;
    struct web_assets *assets;
    struct web_auth *auth; /* NULL: nobody logs in, who reaches the server sees all */
    struct web_rate *rate;
};

/* ---- listening: web_listen.c */

/* ADDR:PORT, [ADDR]:PORT or PORT; port 0 takes a free one. With a socket handed over by the
   system (LISTEN_FDS) that one is taken and where is not looked at. */
GRF_NODISCARD grf_status web_listen_open(const char *where, struct web_listen *out,
                                         struct grf_err *err);
bool web_is_loopback(const struct sockaddr_storage *a);

/* ---- the pool: web_pool.c */

/* Opens the base once to see that it can be read, then starts the threads. */
GRF_NODISCARD grf_status web_pool_start(struct web_server *s, int threads,
                                        struct web_pool **out, struct grf_err *err);
/* False when the queue is full. */
bool web_pool_put(struct web_pool *p, struct http_request *r);
/* Finishes what is queued, then ends the threads; web_pool_put is false from then on. */
void web_pool_stop(struct web_pool *p);
void web_pool_free(struct web_pool *p); /* stops it too; NULL is accepted */
/* How many requests are queued or worked on. */
size_t web_pool_busy(struct web_pool *p);

/* ---- handles of a thread: web_worker.c */

struct web_base {
    struct grf_base *base;
    uint64_t file[2]; /* device and inode, to see a replaced file */
    double opened;
};
struct web_handles {
    struct web_worker worker;
    struct web_shared *shared;
    struct web_base bases[2]; /* without internal documents, with them */
    uint64_t law_file[2];
};
struct web_shared; /* what all threads use: the vectors, lists of words */
GRF_NODISCARD grf_status web_shared_new(const struct grf_conf *conf, struct web_shared **out,
                                        struct grf_err *err);
void web_shared_free(struct web_shared *s);

/* Brings the handles to the newest state of the base, opening what is not open or was
   replaced, and fixes that state until web_handles_rest. */
GRF_NODISCARD grf_status web_handles_refresh(struct web_handles *h, const char *base,
                                             const struct grf_conf *conf, bool internal,
                                             struct grf_err *err);
void web_handles_rest(struct web_handles *h);
/* What was opened of a state that is gone (GRF_STALE): the next refresh opens it anew. */
void web_handles_forget(struct web_handles *h);
void web_handles_close(struct web_handles *h);

/* ---- answering: web_route.c */

void web_response_init(struct web_response *a);
/* Finds the route of a path and method. NULL with *known set: the path is known for the
   other method. names and args receive what the "*" stand for. */
const struct web_route *web_route_find(web_method method, const char *path,
                                       struct grf_str *names, const char **args,
                                       size_t *n_args, bool *known);
/* In a thread of the pool: runs the handler, or says why not. */
void web_answer(struct web_server *s, struct http_request *r, struct web_handles *h);
/* An error answer, page or JSON as the path asks for. */
void web_fail(const struct web_request *q, struct web_response *a, grf_status st,
              const char *message);
void web_error(const struct web_request *q, struct web_response *a, int status,
               const char *message);
/* Hands each header of the answer to f until it returns false. */
typedef bool (*web_header_fn)(void *data, const char *name, const char *value);
bool web_headers(const struct http_request *r, web_header_fn f, void *data);
void web_finished(struct web_server *s, const struct http_request *r);

/* ---- what was sent: web_form.c */

/* Decodes %XX (and with plus, "+"); false for what is no valid UTF-8 text then, or holds a
   control character other than tab and line ends. Appends with a NUL. */
bool web_decode(struct grf_sv in, bool plus, struct grf_str *out);
enum { WEB_FORM_FILES = 8 };
struct web_form {
    struct grf_str names;  /* the texts */
    struct web_pair *pairs;
    size_t n, cap;
    size_t *places;        /* two for each pair, in names */
    size_t cap_places;
    struct web_file files[WEB_FORM_FILES];
    size_t file_places[WEB_FORM_FILES][2];
    size_t n_files;
};
/* Parameters of the address and of a form's body. GRF_PARSE, GRF_LIMIT. */
GRF_NODISCARD grf_status web_form_read(struct web_form *f, const char *target,
                                       const char *content_type, struct grf_sv body,
                                       bool files, struct grf_err *err);
void web_form_release(struct web_form *f);

/* ---- logging in and out: web_login.c */

const char *web_cookie_name(const struct web_server *s);
GRF_NODISCARD grf_status web_login_form(const struct web_request *q, struct web_response *a,
                                        struct grf_err *err);
GRF_NODISCARD grf_status web_login(const struct web_request *q, struct web_response *a,
                                   struct grf_err *err);
GRF_NODISCARD grf_status web_logout(const struct web_request *q, struct web_response *a,
                                    struct grf_err *err);

/* ---- feeds: web_atom.c */

/* GET /atom */
GRF_NODISCARD grf_status web_atom(const struct web_request *q, struct web_response *a,
                                  struct grf_err *err);

/* ---- files of the page: web_assets.c */

GRF_NODISCARD grf_status web_assets_load(struct web_assets **out, struct grf_err *err);
void web_assets_free(struct web_assets *a);
/* GET /static/NAME */
GRF_NODISCARD grf_status web_static(const struct web_request *q, struct web_response *a,
                                    struct grf_err *err);
/* GET /openapi.json */
GRF_NODISCARD grf_status web_openapi(const struct web_request *q, struct web_response *a,
                                     struct grf_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The web page (`greffier-query serve`): what a handler gets and what it gives back.
 *
 * http_mhd.c reads requests and sends answers; web_guard.c refuses what must be refused
 * (Host, Origin, size, rate, no login) before a handler hears of it; the handlers run in a
 * fixed pool of threads, each with handles of its own (struct web_worker) that stand on
 * one state of the base for the whole request. A handler therefore needs no lock, and has
 * no mutable static.
 *
 * Adding a page: a handler and a line in web_page_routes (page_routes.c) or
 * web_api_routes (web_api.c).
 *
 *     static grf_status hello(const struct web_request *q, struct web_response *a,
 *                             struct grf_err *err)
 *     {
 *         (void)err;
 *         grf_str_addz(&a->body, "<p>");
 *         web_html(&a->body, web_param(q, "name"));
 *         return GRF_OK;
 *     }
 *
 * What a handler must know of visibility: nothing. q->worker->base shows internal
 * documents only to those who may see them; for the others the rows are not there
 * (GRF_NOTFOUND), by whatever key, and searches leave them out. Never keep what one
 * request saw for the next without q->internal in the key; never send a file of a
 * document whose row grf_meta_doc does not give.
 */
#ifndef GRF_QUERY_WEB_H
#define GRF_QUERY_WEB_H

#include <stdbool.h>

#include "grf_conf.h"
#include "grf_law.h"
#include "grf_search_law.h"

enum {
    WEB_ARGS = 4,           /* most "*" in a pattern */
    WEB_RESULTS_MOST = 100, /* of a search */
    WEB_BODY_MOST = 1 << 16 /* bytes of a POST where the route says nothing */
};

typedef enum web_method { WEB_GET = 1, WEB_POST = 2 } web_method; /* HEAD comes as GET */

/* Decoded, valid UTF-8 without NUL, and NUL-terminated. */
struct web_pair {
    const char *name, *value;
};

/* A part of a multipart/form-data body that carries a file; the bytes are as sent. */
struct web_file {
    const char *name, *filename; /* of the field; of the file, never to be used as a path */
    struct grf_sv bytes;
};

/* Handles of the thread. */
struct web_worker {
    struct grf_base *base; /* vectors loaded; shows what the request may see */
    struct grf_embedder *embedder;
    struct grf_reranker *reranker; /* NULL: the settings name none */
    struct grf_law *law;   /* NULL: no law is imported, or it is damaged */
    struct grf_err law_damage; /* what is wrong with it; GRF_OK: nothing */
    struct grf_lawindex *lawindex; /* of web_law_index; NULL until first needed */
    const struct grf_conf *conf;
    const struct grf_ft_cache *words; /* lists that all threads share */
    struct page_state *state; /* of page_source.c, made when first needed */
};

struct web_server;

struct web_request {
    web_method method;
    const char *path;   /* decoded: "/acte/3fa4c1d2e5b6.7" */
    const char *target; /* path and query as sent, for a link to itself */
    const char *args[WEB_ARGS]; /* what each "*" of the pattern stands for, in order */
    size_t n_args;
    const struct web_pair *params; /* of the address, then of a form's body */
    size_t n_params;
    const struct web_file *files;
    size_t n_files;
    struct grf_sv body;        /* of a POST, as sent */
    const char *content_type;  /* of the body, without parameters; "" when not said */
    const char *if_none_match; /* "" when not said */
    const char *cookies;       /* the Cookie header; see web_cookie */
    const char *user;   /* who has logged in; NULL: nobody */
    bool internal;      /* may see internal documents */
    bool logins;        /* a password file is in use: offer to log in or out */
    const char *address; /* the client's, as text */
    const char *origin; /* "http://127.0.0.1:8017": for links that leave the page */
    struct web_worker *worker;
    struct web_server *server;
};

/* Set up by the caller: 200, text/html, empty body, "no-store". */
struct web_response {
    int status;
    const char *type;  /* static text, with charset */
    struct grf_str body;
    int fd;            /* -1, or an open file that is sent instead of body and closed */
    const char *cache; /* Cache-Control, static text: WEB_CACHE_... */
    char etag[72];     /* without quotes; empty: none. 304 is made from it */
    char *location;    /* grf_free; of a 303 */
    char *filename;    /* grf_free; offers the body for download under this name */
    char cookie[256];  /* Set-Cookie */
    int retry_after;   /* seconds, 0: not said */
};
#define WEB_HTML "text/html; charset=utf-8"
#define WEB_JSON "application/json; charset=utf-8"
#define WEB_ATOM "application/atom+xml; charset=utf-8"
#define WEB_CACHE_NONE "no-store"
#define WEB_CACHE_CHECK "private, no-cache" /* kept, but asked for with its etag each time */
#define WEB_CACHE_HOUR "private, max-age=3600"

/* A failure becomes an error answer of its status (GRF_NOTFOUND 404, GRF_INVALID and
   GRF_PARSE 400, GRF_LIMIT 413, GRF_UNSUPPORTED 415, GRF_BUSY 503, others 500 without
   detail) with err's message: a page, or JSON below /api/. */
typedef grf_status (*web_handler)(const struct web_request *q, struct web_response *a,
                                  struct grf_err *err);

enum web_flags {
    WEB_OPEN = 1,   /* served without login even where one is needed (style, login) */
    WEB_SLOW = 2,   /* takes long: only some of the threads do these */
    WEB_FILES = 4,  /* takes multipart/form-data with files */
    WEB_NO_BASE = 8, /* needs no base: base, embedder and law are NULL */
    WEB_ACTS = 16 /* answers from the acts though the law is damaged */
};

struct web_route {
    web_method method;
    const char *pattern; /* a "*" is one piece without "/", a final "**" all the rest */
    web_handler run;
    unsigned flags;
    size_t body_most; /* of a POST; 0: WEB_BODY_MOST */
};
/* Ended by a NULL pattern; the first that matches counts. */
extern const struct web_route web_api_routes[];  /* web_api.c: /api, /atom, /openapi.json */
extern const struct web_route web_page_routes[]; /* page_routes.c: what people see */

/* ---- what page_routes.c and its like give */

/* The page of an error; title and message are for people and not escaped yet. */
void page_error(const struct web_request *q, struct web_response *a, const char *title,
                const char *message);
/* The form that asks for user and password, posting "user", "password" and "next" to
   /login. message: what went wrong, or NULL. next: where to go afterwards. */
void page_login(const struct web_request *q, struct web_response *a, const char *message,
                const char *next);

/* Ends what a thread keeps for the pages: the process that draws. NULL is accepted. */
void page_state_close(struct page_state *s);

/* ---- help for handlers */

/* Value of a parameter, "" when absent; the nth of the same name with web_param_at, NULL
   after the last. */
const char *web_param(const struct web_request *q, const char *name);
const char *web_param_at(const struct web_request *q, const char *name, size_t n);
/* A whole number of a parameter within [min, max]; absent: otherwise. GRF_INVALID. */
GRF_NODISCARD grf_status web_param_int(const struct web_request *q, const char *name, long min,
                                       long max, long otherwise, long *out,
                                       struct grf_err *err);
/* Copies the value of a cookie; false when there is none or it is too long. */
bool web_cookie(const struct web_request *q, const char *name, char *out, size_t size);

/* Text into HTML or XML, in elements and quoted attributes; what XML forbids is left out. */
void web_html(struct grf_str *out, const char *text);
void web_html_sv(struct grf_str *out, struct grf_sv text);
/* Text into a piece of an address (%XX). */
void web_url(struct grf_str *out, const char *text);

/* Goes to a path of this server with 303. */
GRF_NODISCARD grf_status web_redirect(struct web_response *a, const char *target,
                                      struct grf_err *err);
/* An etag from bytes that decide the answer. */
void web_etag(struct web_response *a, struct grf_sv bytes);

/* The search that an address asks for: q, n, body, from, to, kind, number, ref, matter, mode,
   with the meaning of the command's options; body and the like may come several times, and
   empty ones count as absent. Release it whatever comes back. */
struct web_search {
    struct grf_search_opts opts;
    struct grf_sv question;
    struct grf_filter_term *terms;
    size_t n_terms, cap_terms;
    struct grf_ref_terms refs;
    struct grf_ref_asked asked; /* what ref asks of the law; n 0: nothing */
    bool acts, law;             /* what is looked for; both: some articles below the acts */
};
GRF_NODISCARD grf_status web_search_read(const struct web_request *q, struct web_search *s,
                                         struct grf_err *err);
/* Answers it; grf_answer_release(out). */
GRF_NODISCARD grf_status web_search_run(const struct web_request *q,
                                        const struct web_search *s, struct grf_answer *out,
                                        struct grf_err *err);
/* The articles of it, grf_law_results_release(out): all when only law is looked for; below
   acts a few, and only those that answer. Below acts damage of the law is no failure: it is
   in the log. */
typedef enum web_law {
    WEB_LAW_NONE, /* not imported, or not asked for */
    WEB_LAW_SEARCHED,
    WEB_LAW_DAMAGED
} web_law;
GRF_NODISCARD grf_status web_search_law(const struct web_request *q,
                                        const struct web_search *s, web_law *law,
                                        struct grf_law_results *out, struct grf_err *err);
void web_search_release(struct web_search *s);
/* The indexes of the law at base, opened once and again when they have changed; the
   worker's. Statuses of grf_lawindex_open. */
GRF_NODISCARD grf_status web_law_index(struct web_worker *w, const char *base,
                                       struct grf_lawindex **out, struct grf_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logging in and out. */
#include <stdio.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "serve.h"

/* "__Host-" makes browsers insist on TLS, this host and the whole path. */
const char *web_cookie_name(const struct web_server *s)
{
    return s->conf.serve_https ? "__Host-greffier" : "greffier";
}

static void set_cookie(const struct web_request *q, struct web_response *a,
                       const char *token, long seconds)
{
    snprintf(a->cookie, sizeof(a->cookie),
             "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%ld%s",
             web_cookie_name(q->server), token, seconds,
             q->server->conf.serve_https ? "; Secure" : "");
}

/* Only a path of this server: what an address of the page names may come from anyone. */
static const char *safe_next(const char *next)
{
    bool good = next[0] == '/' && next[1] != '/' && next[1] != '\\';
    for (const char *p = next; *p && good; p++)
        good = (unsigned char)*p > 0x20 && (unsigned char)*p < 0x7F;
    return good ? next : "/";
}

grf_status web_login_form(const struct web_request *q, struct web_response *a,
                          struct grf_err *err)
{
    const char *next = safe_next(web_param(q, "next"));
    if (!q->logins || q->user)
        return web_redirect(a, next, err);
    page_login(q, a, NULL, next);
    return GRF_OK;
}

grf_status web_login(const struct web_request *q, struct web_response *a, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    char token[AUTH_TOKEN];
    int wait = 0;
    const char *next = safe_next(web_param(q, "next"));
    if (!q->logins)
        return web_redirect(a, next, err);
    grf_status st = web_auth_login(q->server->auth, q->address, web_param(q, "user"),
                                   web_param(q, "password"), token, &wait, &why);
    if (st && st != GRF_BUSY && st != GRF_INVALID) {
        *err = why;
        return st;
    }
    if (st) {
        a->status = st == GRF_BUSY ? 429 : 403;
        a->retry_after = wait;
        page_login(q, a, why.msg, next);
        return GRF_OK;
    }
    set_cookie(q, a, token, AUTH_SESSION_SECONDS);
    return web_redirect(a, next, err);
}

grf_status web_logout(const struct web_request *q, struct web_response *a,
                      struct grf_err *err)
{
    char token[AUTH_TOKEN];
    if (q->logins && web_cookie(q, web_cookie_name(q->server), token, sizeof(token)))
        web_auth_logout(q->server->auth, token);
    set_cookie(q, a, "", 0);
    return web_redirect(a, "/", err);
}

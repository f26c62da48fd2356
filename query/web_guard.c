/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is refused before any handler hears of it. Runs in the one thread that reads the
 * connections, so it must be quick.
 *
 * Host: a page of another site may make a name of its own point at this address and then
 * read the answers as its own (DNS rebinding). So names must be known; a numeric address
 * cannot be made to point elsewhere and is always good.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "serve.h"

void web_refuse(struct http_request *r, int status, const char *message)
{
    if (!r->q.path)
        r->q.path = "";
    web_error(&r->q, &r->a, status, message);
}

/* ---- Host */

/* "[::1]:80" and "name:80" without port and brackets; false when it is no host. */
static bool bare_host(const char *host, char out[256])
{
    size_t n = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");
    size_t skip = host[0] == '[';
    const char *rest = host + n + (skip && host[n] ? 1 : 0);
    if (n <= skip || n >= 256 || (skip && !host[n]))
        return false;
    if (*rest && (*rest != ':' || strspn(rest + 1, "0123456789") != strlen(rest + 1)))
        return false;
    snprintf(out, 256, "%.*s", (int)(n - skip), host + skip);
    return true;
}

static bool is_numeric(const char *host)
{
    struct in6_addr any;
    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

static bool host_is_known(const struct web_server *s, const char *header)
{
    char host[256];
    if (!bare_host(header, host))
        return false;
    if (is_numeric(host) || strcasecmp(host, "localhost") == 0)
        return true;
    for (size_t i = 0; i < s->conf.serve_hosts.n; i++) {
        if (strcasecmp(host, s->conf.serve_hosts.v[i]) == 0)
            return true;
    }
    return false;
}

/* ---- who asks */

/* IPv6 by its first half: a client owns all addresses of a /64. */
static void address_text(const struct sockaddr_storage *a, char out[AUTH_ADDRESS])
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
    struct in6_addr v6 = ((const struct sockaddr_in6 *)a)->sin6_addr;
    if (a->ss_family == AF_INET) {
        inet_ntop(AF_INET, &v4->sin_addr, out, AUTH_ADDRESS);
    } else if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        inet_ntop(AF_INET, &v6.s6_addr[12], out, AUTH_ADDRESS);
    } else {
        memset(&v6.s6_addr[8], 0, 8);
        inet_ntop(AF_INET6, &v6, out, AUTH_ADDRESS);
    }
}

/* What the proxy itself saw is the last of its list; what stands before came from the
   client and may be invented. */
static void forwarded(const char *list, char out[AUTH_ADDRESS])
{
    struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
    const char *comma = strrchr(list, ',');
    const char *last = comma ? comma + 1 : list;
    char z[AUTH_ADDRESS];
    last += strspn(last, " \t");
    snprintf(z, sizeof(z), "%.*s", (int)strcspn(last, " \t"), last);
    if (inet_pton(AF_INET, z, &((struct sockaddr_in *)&a)->sin_addr) == 1)
        a.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, z, &((struct sockaddr_in6 *)&a)->sin6_addr) == 1)
        a.ss_family = AF_INET6;
    if (a.ss_family != AF_UNSPEC)
        address_text(&a, out);
}

/* False when the address asks too fast. Who sits at this machine may ask at will. */
static bool name_client(struct web_server *s, struct http_request *r)
{
    bool proxied = s->conf.serve_proxy && web_is_loopback(&r->peer);
    address_text(&r->peer, r->address);
    if (proxied)
        forwarded(r->forwarded_for, r->address);
    if (!proxied && web_is_loopback(&r->peer))
        return true;
    return web_rate_allows(s->rate, r->address);
}

static void find_user(struct web_server *s, struct http_request *r)
{
    char token[AUTH_TOKEN];
    struct web_request *q = &r->q;
    q->logins = s->auth != NULL;
    q->internal = !s->auth;
    if (!s->auth || !web_cookie(q, web_cookie_name(s), token, sizeof(token)) ||
        !web_auth_session(s->auth, token, r->user))
        return;
    q->user = r->user;
    q->internal = true;
}

/* ---- POST */

/* A browser says where a form was sent from; what is no browser says nothing. */
static bool from_here(const struct web_server *s, const struct http_request *r)
{
    char own[300];
    if (r->fetch_site[0] && strcasecmp(r->fetch_site, "same-origin") != 0)
        return false;
    if (!r->origin[0])
        return true;
    snprintf(own, sizeof(own), "%s://%s", s->scheme, r->host);
    return strcasecmp(own, r->origin) == 0;
}

/* ---- the way in */

static bool refuse(struct http_request *r, int status, const char *message)
{
    web_refuse(r, status, message);
    return false;
}

static bool read_method(struct http_request *r)
{
    r->stripped = strcmp(r->method, "HEAD") == 0;
    if (strcmp(r->method, "GET") == 0 || r->stripped)
        r->q.method = WEB_GET;
    else if (strcmp(r->method, "POST") == 0)
        r->q.method = WEB_POST;
    else
        return false;
    return true;
}

static bool read_path(struct http_request *r)
{
    struct grf_str path;
    grf_str_init(&path, HTTP_TARGET_MOST);
    bool good = r->target[0] == '/' &&
                web_decode(grf_sv(r->target, strcspn(r->target, "?#")), false, &path);
    if (good)
        r->path = grf_str_take(&path, NULL);
    grf_str_release(&path);
    return good && r->path;
}

static bool check_head(struct web_server *s, struct http_request *r)
{
    if (!read_method(r))
        return refuse(r, 405, _("this server answers GET, HEAD and POST"));
    if (strlen(r->target) > HTTP_TARGET_MOST)
        return refuse(r, 414, _("the address is too long"));
    if (r->hosts != 1 || !host_is_known(s, r->host))
        return refuse(r, 403,
                      _("this server is not known by that name; name it in the settings, "
                        "[serve] hosts"));
    if (r->odd || r->frames > 1 || !read_path(r))
        return refuse(r, 400, _("the request cannot be read as text"));
    r->q.path = r->path;
    if (r->q.method == WEB_GET && (r->chunked || r->length > 0))
        return refuse(r, 400, _("a body was sent where none is expected"));
    if (r->q.method == WEB_POST && !from_here(s, r))
        return refuse(r, 403, _("this was sent from the page of another site"));
    return true;
}

static bool find_route(struct http_request *r)
{
    bool known;
    r->route = web_route_find(r->q.method, r->path, &r->names, r->q.args, &r->q.n_args, &known);
    if (r->route)
        return true;
    if (known)
        return refuse(r, 405, _("this address is not asked that way"));
    return refuse(r, 404, _("there is no such page"));
}

/* Without login there is only what is open, and the public when the settings say so. */
static bool may_enter(struct web_server *s, struct http_request *r)
{
    struct grf_str next;
    struct grf_err err = GRF_ERR_INIT;
    find_user(s, r);
    if (r->q.internal || s->conf.serve_public || r->route->flags & WEB_OPEN)
        return true;
    if (strncmp(r->path, "/api/", 5) == 0 || r->q.method != WEB_GET)
        return refuse(r, 401, _("log in first"));
    grf_str_init(&next, 4 * HTTP_TARGET_MOST);
    grf_str_addz(&next, "/login?next=");
    web_url(&next, r->target);
    if (grf_str_status(&next, &err) || web_redirect(&r->a, next.p, &err))
        web_refuse(r, 503, _("the server is busy; try again in a moment"));
    grf_str_release(&next);
    return false;
}

bool web_admit(struct web_server *s, struct http_request *r, size_t *body_most)
{
    struct web_request *q = &r->q;
    q->server = s;
    q->path = "";
    q->target = r->target;
    q->cookies = r->cookies;
    q->if_none_match = r->if_none_match;
    q->content_type = "";
    q->origin = "";
    q->address = r->address;
    if (!name_client(s, r)) {
        r->a.retry_after = 1;
        return refuse(r, 429, _("too many requests from this address; wait a moment"));
    }
    if (!check_head(s, r) || !find_route(r) || !may_enter(s, r))
        return false;
    *body_most = r->route->body_most ? r->route->body_most : WEB_BODY_MOST;
    if (r->length > (int64_t)*body_most)
        return refuse(r, 413, _("what was sent is too large"));
    return true;
}

bool web_submit(struct web_server *s, struct http_request *r)
{
    if (web_pool_put(s->pool, r))
        return true;
    r->a.retry_after = 2;
    return refuse(r, 503, _("the server is busy; try again in a moment"));
}

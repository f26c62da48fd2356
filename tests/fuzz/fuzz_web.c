/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request to the web server, without the network: head and body as text go through what
 * guards, finds the route, reads parameters, cookies and forms, and through the handler, on
 * a small base; once to an open server and once to one where people log in.
 *
 * No answer holds markup of the request, no header a line break, and without login none
 * holds a word of an act.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "../../query/serve.h"
#include "base.h"
#include "fuzz.h"
#include "grf_cli.h"

/* The network's part, which is not here. */
void http_done(struct http_request *r)
{
    (void)r;
}

/* Only what a request brings along has it. */
static const char mark[] = "<zq";

struct side {
    struct web_server server;
    struct web_handles handles;
};

static struct grf_cli cli;

static void write_password(char *path, size_t size)
{
    struct auth_user anne = {.name = "anne"};
    struct auth_users users = {&anne, 1, 1};
    snprintf(path, size, "/dev/shm/grf-fuzz-password-%d", (int)getpid());
    fuzz_check(!auth_user_set(&anne, grf_sv_z("un mot de passe"), 1000, NULL));
    fuzz_check(!auth_users_write(path, &users, NULL));
}

static void open_side(struct side *s, bool locked)
{
    char path[64];
    memset(s, 0, sizeof(*s));
    s->server.cli = &cli;
    s->server.listen.fd = -1;
    fuzz_check(!grf_conf_load(&s->server.conf, NULL, NULL));
    snprintf(s->server.scheme, sizeof(s->server.scheme), "http");
    fuzz_check(!web_rate_new(1000, &s->server.rate, NULL));
    fuzz_check(!web_assets_load(&s->server.assets, NULL));
    fuzz_check(!web_shared_new(&s->server.conf, &s->handles.shared, NULL));
    if (!locked)
        return;
    write_password(path, sizeof(path));
    fuzz_check(!web_auth_open(path, &s->server.auth, NULL));
    unlink(path);
}

/* ---- the request */

static struct grf_sv take_line(struct grf_sv *rest)
{
    const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    size_t n = end ? (size_t)(end - rest->p) : rest->n, used = end ? n + 1 : n;
    struct grf_sv line = grf_sv(rest->p, n && rest->p[n - 1] == '\r' ? n - 1 : n);
    *rest = grf_sv(rest->p + used, rest->n - used);
    return line;
}

static char *text_of(struct grf_sv v)
{
    char *z = grf_strndup(v.p, strnlen(v.p, v.n));
    fuzz_check(z);
    return z;
}

static void read_first(struct http_request *r, struct grf_sv line)
{
    const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
    size_t n = space ? (size_t)(space - line.p) : line.n, skip = space ? n + 1 : n;
    snprintf(r->method, sizeof(r->method), "%.*s", (int)n, line.n ? line.p : "");
    struct grf_sv target = grf_sv(line.p + skip, line.n - skip);
    if (target.n > HTTP_TARGET_MOST + 1)
        target.n = HTTP_TARGET_MOST + 1;
    r->target = text_of(target);
}

static void read_header(struct http_request *r, struct grf_sv line)
{
    const struct {
        const char *name;
        char **to;
    } known[] = {{"Host: ", &r->host},
                 {"Origin: ", &r->origin},
                 {"Sec-Fetch-Site: ", &r->fetch_site},
                 {"Cookie: ", &r->cookies},
                 {"If-None-Match: ", &r->if_none_match},
                 {"Content-Type: ", &r->content_type},
                 {"X-Forwarded-For: ", &r->forwarded_for}};
    for (size_t i = 0; i < GRF_ARRAY_LEN(known); i++) {
        size_t n = strlen(known[i].name);
        if (line.n < n || strncasecmp(line.p, known[i].name, n) != 0)
            continue;
        r->hosts += i == 0;
        grf_free(*known[i].to);
        *known[i].to = text_of(grf_sv(line.p + n, line.n - n));
    }
}

static void read_request(struct http_request *r, struct grf_sv input)
{
    struct grf_sv line;
    struct sockaddr_in *peer = (struct sockaddr_in *)&r->peer;
    char **const texts[] = {&r->host,          &r->origin,       &r->fetch_site,   &r->cookies,
                            &r->if_none_match, &r->content_type, &r->forwarded_for};
    memset(r, 0, sizeof(*r));
    for (size_t i = 0; i < GRF_ARRAY_LEN(texts); i++)
        *texts[i] = text_of(grf_sv("", 0));
    grf_str_init(&r->body, 1 << 24);
    grf_str_init(&r->names, HTTP_TARGET_MOST * 2);
    web_response_init(&r->a);
    peer->sin_family = AF_INET;
    peer->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    read_first(r, take_line(&input));
    while ((line = take_line(&input)).n)
        read_header(r, line);
    r->length = (int64_t)input.n;
    grf_str_addsv(&r->body, input);
}

/* ---- what must hold */

static bool check_header(void *data, const char *name, const char *value)
{
    (void)data;
    fuzz_check(name[0]);
    for (const unsigned char *p = (const unsigned char *)value; *p; p++)
        fuzz_check(*p >= 0x20 && *p != 0x7F);
    return true;
}

static bool holds(const struct grf_str *s, const char *z)
{
    return s->n && memmem(s->p, s->n, z, strlen(z)) != NULL;
}

static bool is_status(int status)
{
    static const int known[] = {200, 303, 304, 400, 401, 403, 404, 405, 413, 414, 415, 429};
    for (size_t i = 0; i < GRF_ARRAY_LEN(known); i++) {
        if (status == known[i])
            return true;
    }
    return false;
}

static void check_answer(const struct http_request *r, bool locked)
{
    const struct web_response *a = &r->a;
    bool open = r->route && r->route->flags & WEB_OPEN;
    /* a draft that is a damaged file is the helper's affair, which is not here */
    fuzz_check(is_status(a->status) || (a->status >= 500 && r->route && r->route->flags & WEB_FILES));
    fuzz_check(web_headers(r, check_header, NULL));
    if (strcmp(a->type, WEB_JSON) != 0)
        fuzz_check(!holds(&a->body, mark));
    if (strcmp(a->type, "image/png") != 0)
        fuzz_check(a->body.n == 0 || grf_text_valid(grf_str_sv(&a->body)) == a->body.n);
    if (a->location)
        fuzz_check(a->location[0] == '/' && a->location[1] != '/' && a->location[1] != '\\');
    if (locked && !r->user[0] && !open)
        fuzz_check(a->status != 200 && !holds(&a->body, "prix du repas"));
}

static void ask(struct side *s, struct grf_sv input)
{
    struct http_request r;
    size_t most = 0;
    read_request(&r, input);
    if (web_admit(&s->server, &r, &most) && r.body.n <= most)
        web_answer(&s->server, &r, &s->handles);
    else
        fuzz_check(r.a.status != 200 || r.body.n > most);
    check_answer(&r, s->server.auth != NULL);
    http_request_release(&r);
}

void fuzz_one(struct grf_sv input)
{
    static struct side sides[2];
    struct grf_embedder *model;
    if (!cli.base) {
        fuzz_check(fuzz_base(&model));
        cli.base = fuzz_base_dir();
        open_side(&sides[0], false);
        open_side(&sides[1], true);
    }
    ask(&sides[0], input);
    ask(&sides[1], input);
}

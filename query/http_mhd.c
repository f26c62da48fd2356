/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP through libmicrohttpd: reads requests, sends answers, ends slow connections. Knows
 * nothing of what is asked. Nothing is decoded here: the library's own decoding would end
 * a text at %00.
 */
#include "http.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "serve.h"

/* What a connection is doing, each with its time limit. */
enum phase { READING, READING_FILE, WORKING, SENDING };

struct link {
    struct link *next, *before;
    int fd;
    enum phase phase;
    double since;
};

struct http {
    struct MHD_Daemon *daemon;
    struct web_server *server;
    pthread_mutex_t lock; /* links: the ticking thread looks at them too */
    struct link *links;
    atomic_size_t bodies; /* bytes of bodies in memory */
};

/* ---- connections */

static struct link *link_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return i ? i->socket_context : NULL;
}

static void set_phase(struct http *h, struct MHD_Connection *c, enum phase p, bool restart)
{
    struct link *k = link_of(c);
    if (!k)
        return;
    pthread_mutex_lock(&h->lock);
    k->phase = p;
    if (restart)
        k->since = grf_now();
    pthread_mutex_unlock(&h->lock);
}

static void opened(struct http *h, struct MHD_Connection *c, void **context)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct link *k = grf_calloc(1, sizeof(*k));
    *context = k;
    if (!k || !i)
        return;
    k->fd = i->connect_fd;
    k->since = grf_now();
    pthread_mutex_lock(&h->lock);
    k->next = h->links;
    if (k->next)
        k->next->before = k;
    h->links = k;
    pthread_mutex_unlock(&h->lock);
}

/* The socket is still open here, so the ticking thread never meets a reused number. */
static void closed(struct http *h, void **context)
{
    struct link *k = *context;
    if (!k)
        return;
    pthread_mutex_lock(&h->lock);
    if (k->next)
        k->next->before = k->before;
    if (k->before)
        k->before->next = k->next;
    else if (h->links == k)
        h->links = k->next;
    pthread_mutex_unlock(&h->lock);
    grf_free(k);
    *context = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        opened(cls, c, context);
    else
        closed(cls, context);
}

void http_tick(struct http *h)
{
    static const int limits[] = {HTTP_READ_SECONDS, HTTP_BODY_SECONDS, 0, HTTP_SEND_SECONDS};
    double now = grf_now();
    pthread_mutex_lock(&h->lock);
    for (struct link *k = h->links; k; k = k->next) {
        if (limits[k->phase] && now - k->since > limits[k->phase])
            shutdown(k->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&h->lock);
}

/* ---- requests */

static void request_free(struct http_request *r)
{
    if (!r)
        return;
    http_request_release(r);
    grf_free(r);
}

/* The first that the library says of a request: its address, as sent. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
    struct http_request *r = grf_calloc(1, sizeof(*r));
    (void)cls;
    if (!r)
        return NULL;
    r->connection = c;
    r->length = -1;
    r->since = grf_now();
    grf_str_init(&r->body, 0);
    grf_str_init(&r->names, HTTP_TARGET_MOST * 2);
    web_response_init(&r->a);
    size_t n = strnlen(target, HTTP_TARGET_MOST + 1);
    r->target = grf_strndup(target, n);
    if (!r->target) {
        request_free(r);
        return NULL;
    }
    return r;
}

static size_t leave_encoded(void *cls, struct MHD_Connection *c, char *text)
{
    (void)cls;
    (void)c;
    return strlen(text);
}

/* "Transfer-Encoding : chunked" is a header to some and none to others. */
static bool is_token(const char *name)
{
    for (const char *p = name; *p; p++) {
        if (*p <= ' ' || *p >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", *p))
            return false;
    }
    return *name;
}

static enum MHD_Result look_at(void *cls, enum MHD_ValueKind kind, const char *name,
                               const char *value)
{
    struct http_request *r = cls;
    (void)kind;
    (void)value;
    r->hosts += strcasecmp(name, "Host") == 0;
    r->frames += strcasecmp(name, "Content-Length") == 0 ||
                 strcasecmp(name, "Transfer-Encoding") == 0;
    r->odd = r->odd || !is_token(name);
    return MHD_YES;
}

static bool copy_header(struct MHD_Connection *c, const char *name, char **out)
{
    const char *v = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
    *out = grf_strdup(v ? v : "");
    return *out != NULL;
}

static bool read_head(struct http_request *r, struct MHD_Connection *c, const char *method)
{
    const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    snprintf(r->method, sizeof(r->method), "%s", method);
    if (length)
        r->length = strtoll(length, NULL, 10);
    r->chunked =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Transfer-Encoding") != NULL;
    if (i && i->client_addr)
        memcpy(&r->peer, i->client_addr,
               i->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                     : sizeof(struct sockaddr_in));
    MHD_get_connection_values(c, MHD_HEADER_KIND, look_at, r);
    return copy_header(c, "Host", &r->host) && copy_header(c, "Origin", &r->origin) &&
           copy_header(c, "Sec-Fetch-Site", &r->fetch_site) &&
           copy_header(c, "Cookie", &r->cookies) &&
           copy_header(c, "If-None-Match", &r->if_none_match) &&
           copy_header(c, "Content-Type", &r->content_type) &&
           copy_header(c, "X-Forwarded-For", &r->forwarded_for);
}

/* ---- answers */

static void free_body(void *p)
{
    grf_free(p);
}

static struct MHD_Response *make_body(struct http_request *r)
{
    struct web_response *a = &r->a;
    struct stat sb;
    if (a->status == 304)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (a->fd >= 0) {
        if (fstat(a->fd, &sb) != 0)
            return NULL;
        struct MHD_Response *m = MHD_create_response_from_fd64((uint64_t)sb.st_size, a->fd);
        if (m)
            a->fd = -1; /* the library closes it */
        return m;
    }
    size_t n = a->body.n;
    char *p = grf_str_take(&a->body, NULL);
    if (!p)
        return NULL;
    struct MHD_Response *m =
        MHD_create_response_from_buffer_with_free_callback(n, p, free_body);
    if (!m)
        grf_free(p);
    return m;
}

static bool add_header(void *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

static enum MHD_Result send_answer(struct http *h, struct MHD_Connection *c,
                                   struct http_request *r)
{
    struct MHD_Response *m = make_body(r);
    enum MHD_Result done = MHD_NO;
    set_phase(h, c, SENDING, true);
    if (m && web_headers(r, add_header, m))
        done = MHD_queue_response(c, (unsigned)r->a.status, m);
    if (m)
        MHD_destroy_response(m);
    return done;
}

/* ---- the way of a request */

static enum MHD_Result first_call(struct http *h, struct MHD_Connection *c,
                                  struct http_request *r, const char *method)
{
    size_t most = 0;
    if (!read_head(r, c, method))
        return MHD_NO;
    if (!web_admit(h->server, r, &most)) {
        r->answered = true;
        return send_answer(h, c, r);
    }
    r->body.max = most;
    set_phase(h, c, most > WEB_BODY_MOST ? READING_FILE : READING, false);
    return MHD_YES;
}

static enum MHD_Result more_body(struct http *h, struct http_request *r, const char *data,
                                 size_t *n)
{
    size_t before = r->body.cap;
    if (!r->body.bad && atomic_load(&h->bodies) + *n > HTTP_BODIES_MOST)
        r->body.bad = GRF_BUSY;
    grf_str_add(&r->body, data, *n);
    atomic_fetch_add(&h->bodies, r->body.cap - before);
    *n = 0;
    return MHD_YES; /* read to its end whatever it is: only then can be answered */
}

static enum MHD_Result whole(struct http *h, struct MHD_Connection *c, struct http_request *r)
{
    if (r->body.bad) {
        if (r->body.bad == GRF_LIMIT)
            web_refuse(r, 413, _("what was sent is too large"));
        else
            web_refuse(r, 503, _("too much is being sent at once; try again"));
        return send_answer(h, c, r);
    }
    set_phase(h, c, WORKING, true);
    MHD_suspend_connection(c);
    if (!web_submit(h->server, r)) {
        r->answered = true;
        MHD_resume_connection(c);
    }
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **state)
{
    struct http *h = cls;
    struct http_request *r = *state;
    (void)url;
    (void)version;
    if (!r)
        return MHD_NO;
    if (!r->method[0])
        return first_call(h, c, r, method[0] ? method : "?");
    if (*n)
        return more_body(h, r, data, n);
    if (!r->answered)
        return whole(h, c, r);
    return send_answer(h, c, r);
}

void http_done(struct http_request *r)
{
    struct MHD_Connection *c = r->connection;
    r->answered = true;
    MHD_resume_connection(c);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct http *h = cls;
    struct http_request *r = *state;
    (void)why;
    if (r) {
        atomic_fetch_sub(&h->bodies, r->body.cap);
        web_finished(h->server, r);
    }
    request_free(r);
    *state = NULL;
    set_phase(h, c, READING, true);
}

/* ---- starting and stopping */

/* What the library says of clients' faults is of no use to anyone. */
static void on_message(void *cls, const char *format, va_list ap)
{
    char line[300];
    (void)cls;
    vsnprintf(line, sizeof(line), format, ap);
    line[strcspn(line, "\r\n")] = 0;
    grf_log(GRF_LOG_DEBUG, "http: %s", line);
}

grf_status http_start(struct web_server *s, int listener, bool limit_each, struct http **out,
                      struct grf_err *err)
{
    struct http *h = grf_calloc(1, sizeof(*h));
    *out = NULL;
    if (!h)
        return grf_fail_nomem(err);
    h->server = s;
    pthread_mutex_init(&h->lock, NULL);
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
            MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_message, NULL,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)(limit_each ? HTTP_CONNECTIONS_EACH : 0),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_MOST,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_SECONDS,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_encoded, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
    if (!h->daemon) {
        pthread_mutex_destroy(&h->lock);
        grf_free(h);
        return grf_fail_errno(err, "%s", _("the web server could not start"));
    }
    *out = h;
    return GRF_OK;
}

void http_quiesce(struct http *h)
{
    int fd = MHD_quiesce_daemon(h->daemon);
    if (fd >= 0)
        close(fd);
}

void http_stop(struct http *h)
{
    if (!h)
        return;
    MHD_stop_daemon(h->daemon);
    pthread_mutex_destroy(&h->lock);
    grf_free(h);
}

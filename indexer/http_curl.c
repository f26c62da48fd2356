/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One exchange over HTTP, and the parts of addresses, through libcurl; the only file
 * that knows it.
 *
 * libcurl follows nothing, retries nothing and reads no proxy from the environment
 * here: all of that is decided by the callers. Each address about to be connected to is
 * checked when its socket is made, and again before a request goes out, as a connection
 * kept from an earlier request makes no socket.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "http_priv.h"

enum { HEADERS_MOST = 64 * 1024, VALUE_MOST = 2048 };

struct http_curl {
    CURL *curl;
    struct curl_slist *lines;
    const struct http_exchange *x;
    struct http_response *answer;
    struct grf_err *err; /* of begin and put */
    grf_status status;   /* what they said */
    size_t header_bytes;
    bool refused; /* a private address was met */
    bool begun;
    char message[CURL_ERROR_SIZE];
};

grf_status http_curl_open(struct http_curl **out, struct grf_err *err)
{
    *out = NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return grf_fail(err, GRF_INTERNAL, "%s", _("libcurl does not start"));
    struct http_curl *c = (struct http_curl *)grf_calloc(1, sizeof(*c));
    if (c)
        c->curl = curl_easy_init();
    if (!c || !c->curl) {
        grf_free(c);
        return grf_fail_nomem(err);
    }
    *out = c;
    return GRF_OK;
}

void http_curl_close(struct http_curl *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->curl);
    curl_slist_free_all(c->lines);
    grf_free(c);
}

/* ---- callbacks */

/* Whether the exchange at hand may connect there. */
static bool may_connect(const struct http_curl *c, const struct sockaddr *a)
{
    if (c->x->this_machine)
        return http_address_loopback(a);
    return c->x->private_ok || c->x->proxy || !http_address_private(a);
}

static curl_socket_t open_socket(void *user, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct http_curl *c = user;
    (void)purpose;
    if (!may_connect(c, &address->addr)) {
        c->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool may_connect_ip(const struct http_curl *c, const char *ip)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, ip, &v4.sin_addr) == 1)
        return may_connect(c, (const struct sockaddr *)(const void *)&v4);
    if (inet_pton(AF_INET6, ip, &v6.sin6_addr) == 1)
        return may_connect(c, (const struct sockaddr *)(const void *)&v6);
    return false;
}

static int before_request(void *user, char *remote_ip, char *local_ip, int remote_port,
                          int local_port)
{
    struct http_curl *c = user;
    (void)local_ip, (void)remote_port, (void)local_port;
    if (may_connect_ip(c, remote_ip))
        return CURL_PREREQFUNC_OK;
    c->refused = true;
    return CURL_PREREQFUNC_ABORT;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    struct http_curl *c = user;
    (void)total, (void)now, (void)up_total, (void)up_now;
    return c->x->cancel && *c->x->cancel;
}

/* Keeps a header's value; one that is too long or has strange bytes is as if absent. */
static grf_status keep(char **field, const char *p, size_t n)
{
    while (n && (*p == ' ' || *p == '\t')) {
        p++;
        n--;
    }
    while (n && strchr(" \t\r\n", p[n - 1]) && p[n - 1])
        n--;
    grf_free(*field);
    *field = NULL;
    if (n == 0 || n > VALUE_MOST)
        return GRF_OK;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)p[i] < ' ' || p[i] == 0x7F)
            return GRF_OK;
    *field = grf_strndup(p, n);
    return *field ? GRF_OK : GRF_NOMEM;
}

static grf_status read_header(struct http_response *a, const char *p, size_t n)
{
    static const struct {
        const char *name;
        size_t at;
    } fields[] = {
        {"etag:", offsetof(struct http_response, etag)},
        {"last-modified:", offsetof(struct http_response, last_modified)},
        {"content-type:", offsetof(struct http_response, content_type)},
        {"content-disposition:", offsetof(struct http_response, disposition)},
        {"location:", offsetof(struct http_response, location)},
        {"content-range:", offsetof(struct http_response, range)},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(fields); i++) {
        char **field = (char **)((char *)a + fields[i].at);
        size_t m = strlen(fields[i].name);
        if (n >= 5 && memcmp(p, "HTTP/", 5) == 0) {
            grf_free(*field); // what a "100 Continue" said is forgotten
            *field = NULL;
        } else if (n >= m && strncasecmp(p, fields[i].name, m) == 0) {
            return keep(field, p + m, n - m);
        }
    }
    return GRF_OK;
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
    struct http_curl *c = user;
    n *= size;
    c->header_bytes += n;
    if (c->begun)
        return n; // a trailer
    if (c->header_bytes > HEADERS_MOST) {
        c->answer->outcome = HTTP_DENIED;
        c->status = grf_fail(c->err, GRF_INVALID, _("%s: headers over %d kB"), c->x->url,
                             HEADERS_MOST / 1024);
        return 0;
    }
    if (read_header(c->answer, p, n) == GRF_OK)
        return n;
    c->status = grf_fail_nomem(c->err);
    return 0;
}

/* The headers are complete. */
static grf_status begin(struct http_curl *c)
{
    curl_off_t length = -1, asked = 0;
    struct http_response *a = c->answer;
    c->begun = true;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &a->status);
    curl_easy_getinfo(c->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &asked);
    a->content_length = length;
    a->retry_after = asked > 0 ? asked : -1;
    c->status = c->x->begin(c->x->data, a, c->err);
    return c->status;
}

static size_t on_bytes(char *p, size_t size, size_t n, void *user)
{
    struct http_curl *c = user;
    n *= size;
    if (!c->begun && begin(c))
        return CURL_WRITEFUNC_PAUSE + 1; // anything but n stops it
    c->status = c->x->put(c->x->data, p, n, c->err);
    return c->status ? 0 : n;
}

/* ---- the exchange */

static grf_status add_lines(struct http_curl *c, struct grf_err *err)
{
    curl_slist_free_all(c->lines);
    // without this libcurl waits a second for "100 Continue" before a long body
    c->lines = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; c->lines && i < c->x->n_lines; i++) {
        struct curl_slist *longer = curl_slist_append(c->lines, c->x->lines[i]);
        if (!longer)
            return grf_fail_nomem(err);
        c->lines = longer;
    }
    return c->lines ? GRF_OK : grf_fail_nomem(err);
}

#define SET(option, value) (ok = ok && curl_easy_setopt(k, option, value) == CURLE_OK)

static bool set_callbacks(struct http_curl *c)
{
    CURL *k = c->curl;
    bool ok = true;
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, c);
    SET(CURLOPT_PREREQFUNCTION, before_request);
    SET(CURLOPT_PREREQDATA, c);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, c);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, c);
    SET(CURLOPT_WRITEFUNCTION, on_bytes);
    SET(CURLOPT_WRITEDATA, c);
    SET(CURLOPT_ERRORBUFFER, c->message);
    return ok;
}

static bool set_request(struct http_curl *c)
{
    const struct http_exchange *x = c->x;
    CURL *k = c->curl;
    bool ok = true;
    SET(CURLOPT_URL, x->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROXY, x->proxy ? x->proxy : ""); // "" overrules the environment
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_HTTPHEADER, c->lines);
    SET(CURLOPT_USERAGENT, x->agent);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)x->connect_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)x->total_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)x->low_bytes);
    SET(CURLOPT_LOW_SPEED_TIME, (long)x->low_seconds);
    if (x->decode)
        SET(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    if (x->head)
        SET(CURLOPT_NOBODY, 1L);
    if (x->ca_file)
        SET(CURLOPT_CAINFO, x->ca_file);
    if (x->post.p) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->post.n);
        SET(CURLOPT_POSTFIELDS, x->post.p);
    }
    return ok;
}
#undef SET

static enum http_outcome outcome_of(const struct http_curl *c, CURLcode code, bool *again)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        *again = !c->x->post.p; // whoever posts is waiting
        return HTTP_TIMED_OUT;
    case CURLE_URL_MALFORMAT:
        return HTTP_BAD_URL;
    case CURLE_BAD_CONTENT_ENCODING:
        return HTTP_DENIED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return HTTP_NETWORK;
    default:
        *again = true;
        return HTTP_NETWORK;
    }
}

static grf_status failure(struct http_curl *c, CURLcode code, bool *again,
                          struct grf_err *err)
{
    const char *url = c->x->url;
    if (c->status)
        return c->status;
    c->answer->outcome = HTTP_OURS;
    if (code == CURLE_OUT_OF_MEMORY)
        return grf_fail_nomem(err);
    if (code == CURLE_ABORTED_BY_CALLBACK && c->x->cancel && *c->x->cancel)
        return grf_fail(err, GRF_CANCELLED, _("%s: interrupted"), url);
    if (c->refused) {
        c->answer->outcome = HTTP_PRIVATE;
        return grf_fail(err, GRF_INVALID,
                        _("%s: leads to a private address or another machine, which is "
                          "not allowed"),
                        url);
    }
    c->answer->outcome = outcome_of(c, code, again);
    grf_log_printable(c->message);
    switch (c->answer->outcome) {
    case HTTP_TIMED_OUT:
        return grf_fail(err, GRF_TIMEOUT, _("%s: no answer in time, or too slow"), url);
    case HTTP_NETWORK:
        return grf_fail(err, GRF_NET, "%s: %s", url,
                        c->message[0] ? c->message : curl_easy_strerror(code));
    default:
        return grf_fail(err, GRF_INVALID, "%s: %s", url,
                        c->message[0] ? c->message : curl_easy_strerror(code));
    }
}

grf_status http_curl_perform(struct http_curl *c, const struct http_exchange *x,
                             struct http_response *answer, bool *again,
                             struct grf_err *err)
{
    c->x = x;
    c->answer = answer;
    c->err = err;
    c->status = GRF_OK;
    c->header_bytes = 0;
    c->refused = c->begun = false;
    c->message[0] = '\0';
    *again = false;
    answer->status = 0;
    answer->outcome = HTTP_OURS;
    curl_easy_reset(c->curl); // connections are kept
    grf_status st = add_lines(c, err);
    if (st)
        return st;
    if (!set_callbacks(c) || !set_request(c))
        return grf_fail(err, GRF_INTERNAL, "%s",
                        _("libcurl refuses an option that greffier needs"));
    CURLcode done = curl_easy_perform(c->curl);
    if (done == CURLE_OK)
        return c->begun ? c->status : begin(c);
    return failure(c, done, again, err);
}

/* ---- addresses */

static grf_status bad_url(struct grf_err *err, const char *url)
{
    char shown[200];
    size_t n = strlen(url) < sizeof(shown) - 1 ? strlen(url) : sizeof(shown) - 1;
    memcpy(shown, url, n);
    shown[n] = '\0';
    grf_log_printable(shown);
    return grf_fail(err, GRF_INVALID, _("'%s': not an http address"), shown);
}

static bool set_url(CURLU *u, const char *base, const char *href)
{
    const unsigned flags = CURLU_URLENCODE | CURLU_DISALLOW_USER;
    char *scheme = NULL;
    bool ok = strlen(href) < HTTP_URL_MOST &&
              (!base || curl_url_set(u, CURLUPART_URL, base, flags) == CURLUE_OK) &&
              curl_url_set(u, CURLUPART_URL, href, flags) == CURLUE_OK &&
              curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              (strcasecmp(scheme, "http") == 0 || strcasecmp(scheme, "https") == 0);
    curl_free(scheme);
    return ok;
}

grf_status http_url_resolve(const char *base, const char *href, char **out,
                            struct grf_err *err)
{
    char *whole = NULL;
    CURLU *u = curl_url();
    *out = NULL;
    if (!u)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    if (!set_url(u, base, href) ||
        curl_url_get(u, CURLUPART_URL, &whole, 0) != CURLUE_OK ||
        strlen(whole) >= HTTP_URL_MOST)
        st = bad_url(err, href);
    else if (!(*out = grf_strdup(whole)))
        st = grf_fail_nomem(err);
    curl_free(whole);
    curl_url_cleanup(u);
    return st;
}

static void lower(char *out, const char *z)
{
    for (; *z; z++)
        *out++ = (char)(*z >= 'A' && *z <= 'Z' ? *z + 32 : *z);
    *out = '\0';
}

/* false when a part is too long. */
static bool fill(struct http_url *out, const char *scheme, const char *host,
                 const char *port, const char *path, const char *query)
{
    int n = snprintf(out->path, sizeof(out->path), "%s%s%s", *path ? path : "/",
                     query ? "?" : "", query ? query : "");
    if (n < 0 || (size_t)n >= sizeof(out->path) ||
        strlen(scheme) >= sizeof(out->scheme) || strlen(host) >= sizeof(out->host))
        return false;
    out->port = (int)strtol(port, NULL, 10);
    lower(out->scheme, scheme);
    lower(out->host, host);
    return true;
}

grf_status http_url_split(const char *url, struct http_url *out, struct grf_err *err)
{
    char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *query = NULL;
    CURLU *u = curl_url();
    memset(out, 0, sizeof(*out));
    if (!u)
        return grf_fail_nomem(err);
    bool ok = set_url(u, NULL, url) &&
              curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK;
    if (ok)
        curl_url_get(u, CURLUPART_QUERY, &query, 0);
    ok = ok && *host && fill(out, scheme, host, port, path, query);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(query);
    curl_url_cleanup(u);
    return ok ? GRF_OK : bad_url(err, url);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP through libcurl; the only file that knows it.
 *
 * Unless remote addresses are allowed, nothing may leave this machine: the address
 * must name it literally (no name is even looked up), each socket is checked again
 * when it is about to connect, no proxy is used and no redirect followed.
 */
#include "embed_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"

enum {
    ANSWER_MOST = 64 * 1024 * 1024,
    KEY_MOST = 4096,
    CONNECT_MS = 10000,
    FIRST_WAIT_MS = 250,
    LONGEST_WAIT_MS = 30000
};

struct http {
    const struct client_options *options;
    CURL *curl;
    struct curl_slist *headers;
    struct grf_str *answer; /* where the current post's bytes go */
    bool refused;           /* a socket to another machine was asked for */
    char message[CURL_ERROR_SIZE];
};

/* ---- addresses */

static bool is_loopback4(uint32_t network_order)
{
    return (ntohl(network_order) >> 24) == 127;
}

static bool is_loopback6(const struct in6_addr *a)
{
    if (IN6_IS_ADDR_V4MAPPED(a)) {
        uint32_t last;
        memcpy(&last, a->s6_addr + 12, sizeof(last));
        return is_loopback4(last);
    }
    return IN6_IS_ADDR_LOOPBACK(a);
}

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return is_loopback4(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr);
    if (a->sa_family == AF_INET6)
        return is_loopback6(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
    return false;
}

/* True for "localhost" (which libcurl resolves without asking anybody) and for
   literal loopback addresses; IPv6 comes in brackets. */
static bool names_this_machine(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    char bare[64];
    size_t n = strlen(host);
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return is_loopback4(v4.s_addr);
    if (n < 3 || n - 2 >= sizeof(bare) || host[0] != '[')
        return false;
    memcpy(bare, host + 1, n - 2);
    bare[n - 2] = '\0';
    return inet_pton(AF_INET6, bare, &v6) == 1 && is_loopback6(&v6);
}

/* The last word before a connection: libcurl asks here for each socket. */
static curl_socket_t open_socket(void *user, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct http *h = (struct http *)user;
    (void)purpose;
    if (!h->options->remote && !is_loopback(&address->addr)) {
        h->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static grf_status check_parts(const struct client_options *o, const char *scheme,
                              const char *host, bool *local, struct grf_err *err)
{
    if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        return grf_fail(err, GRF_INVALID, _("embedding endpoint '%s': not an http address"),
                        o->url);
    *local = names_this_machine(host);
    if (!*local && !o->remote)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint '%s': not an address of this machine "
                          "(127.0.0.1, localhost); allow-remote = yes would send the "
                          "texts out"),
                        o->url);
    if (!*local && o->key_file && strcmp(scheme, "https") != 0)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint '%s': the key would travel in clear; use "
                          "https"),
                        o->url);
    return GRF_OK;
}

/* *local: the address names this machine. */
static grf_status check_url(const struct client_options *o, bool *local,
                            struct grf_err *err)
{
    CURLU *u = curl_url();
    char *scheme = NULL, *host = NULL;
    grf_status s = GRF_OK;
    if (!u)
        return grf_fail_nomem(err);
    if (curl_url_set(u, CURLUPART_URL, o->url, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        s = grf_fail(err, GRF_INVALID, _("embedding endpoint '%s': not an http address"),
                     o->url);
    else
        s = check_parts(o, scheme, host, local, err);
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(u);
    return s;
}

/* ---- opening */

static grf_status add_header(struct http *h, const char *line, struct grf_err *err)
{
    struct curl_slist *longer = curl_slist_append(h->headers, line);
    if (!longer)
        return grf_fail_nomem(err);
    h->headers = longer;
    return GRF_OK;
}

static grf_status add_key(struct http *h, const char *path, struct grf_err *err)
{
    struct grf_str key;
    grf_str_init(&key, KEY_MOST);
    grf_str_addz(&key, "Authorization: Bearer ");
    size_t from = key.n;
    grf_status s = grf_file_read(path, KEY_MOST - from, &key, err);
    while (s == GRF_OK && key.n > from && strchr(" \t\r\n", key.p[key.n - 1]))
        grf_str_cut(&key, key.n - 1);
    for (size_t i = from; s == GRF_OK && i < key.n; i++)
        if (key.p[i] <= ' ' || key.p[i] == 0x7F)
            s = grf_fail(err, GRF_INVALID, _("key file '%s': more than one word"), path);
    if (s == GRF_OK && key.n == from)
        s = grf_fail(err, GRF_INVALID, _("key file '%s': empty"), path);
    if (s == GRF_OK)
        s = grf_str_status(&key, err);
    if (s == GRF_OK)
        s = add_header(h, key.p, err);
    grf_str_release(&key);
    return s;
}

static size_t on_bytes(char *p, size_t size, size_t n, void *user)
{
    struct http *h = (struct http *)user;
    grf_str_add(h->answer, p, size * n);
    return h->answer->bad ? 0 : size * n; // 0 makes libcurl give up
}

static grf_status set_options(struct http *h, bool local, struct grf_err *err)
{
    const struct client_options *o = h->options;
    CURL *c = h->curl;
    long connect_ms = o->timeout_ms < CONNECT_MS ? o->timeout_ms : CONNECT_MS;
    // the empty name overrules http_proxy and its like in the environment
    const char *proxy = local ? "" : NULL;
    bool ok = curl_easy_setopt(c, CURLOPT_URL, o->url) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_PROXY, proxy) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_HTTPHEADER, h->headers) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_USERAGENT, "greffier") == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->message) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_WRITEDATA, h) == CURLE_OK;
    return ok ? GRF_OK
              : grf_fail(err, GRF_INTERNAL, _("libcurl refuses an option that greffier "
                                              "needs"));
}

grf_status http_open(const struct client_options *o, struct http **out,
                     struct grf_err *err)
{
    *out = NULL;
    bool local = false;
    grf_status s = check_url(o, &local, err);
    if (s)
        return s;
    struct http *h = (struct http *)grf_calloc(1, sizeof(*h));
    if (!h)
        return grf_fail_nomem(err);
    h->options = o;
    h->curl = curl_easy_init();
    s = h->curl ? add_header(h, "Content-Type: application/json", err) : grf_fail_nomem(err);
    // without this libcurl waits a second for "100 Continue" before a long body
    if (s == GRF_OK)
        s = add_header(h, "Expect:", err);
    if (s == GRF_OK && o->key_file)
        s = add_key(h, o->key_file, err);
    if (s == GRF_OK)
        s = set_options(h, local, err);
    if (s) {
        http_close(h);
        return s;
    }
    *out = h;
    return GRF_OK;
}

void http_close(struct http *h)
{
    if (!h)
        return;
    curl_easy_cleanup(h->curl);
    curl_slist_free_all(h->headers);
    grf_free(h);
}

/* ---- posting */

static bool connection_was_lost(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return true;
    default:
        return false;
    }
}

static grf_status transport_failure(const struct http *h, CURLcode code, bool *again,
                                    struct grf_err *err)
{
    const char *url = h->options->url;
    if (h->refused)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint '%s': leads to another machine, which the "
                          "settings do not allow"),
                        url);
    if (code == CURLE_OUT_OF_MEMORY || h->answer->bad == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (code == CURLE_WRITE_ERROR)
        return grf_fail(err, GRF_LIMIT, _("embedding endpoint '%s': answer over %d MB"), url,
                        ANSWER_MOST / (1024 * 1024));
    if (code == CURLE_OPERATION_TIMEDOUT)
        return grf_fail(err, GRF_TIMEOUT,
                        _("embedding endpoint '%s': no answer within %d ms"), url,
                        h->options->timeout_ms);
    *again = connection_was_lost(code);
    return grf_fail(err, GRF_NET, _("embedding endpoint '%s': %s"), url,
                    h->message[0] ? h->message : curl_easy_strerror(code));
}

/* The server's own words, short and harmless. */
static grf_status http_failure(const struct http *h, long code, bool *again,
                               struct grf_err *err)
{
    char words[161];
    size_t n = h->answer->n < sizeof(words) - 1 ? h->answer->n : sizeof(words) - 1;
    memcpy(words, h->answer->p, n);
    words[n] = '\0';
    grf_log_printable(words);
    *again = code == 429 || code >= 500;
    if (code >= 300 && code < 400)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint '%s': it points elsewhere (HTTP %ld), which "
                          "is not followed; give the final address"),
                        h->options->url, code);
    return grf_fail(err, *again ? GRF_NET : GRF_INVALID,
                    _("embedding endpoint '%s': HTTP %ld: %s"), h->options->url, code,
                    words);
}

/* *again: the failure is one that another try may mend. */
static grf_status post_once(struct http *h, struct grf_sv body, bool *again,
                            struct grf_err *err)
{
    long code = 0;
    grf_str_clear(h->answer);
    h->refused = false;
    h->message[0] = '\0';
    *again = false;
    curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body.p);
    CURLcode done = curl_easy_perform(h->curl);
    if (done != CURLE_OK)
        return transport_failure(h, done, again, err);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &code);
    return code == 200 ? GRF_OK : http_failure(h, code, again, err);
}

/* Waits before another try: twice as long each time, or what the server asked for. */
static void wait_before(struct http *h, int attempt)
{
    curl_off_t asked = 0;
    long ms = FIRST_WAIT_MS << (attempt < 7 ? attempt : 7);
    curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &asked);
    if (asked > 0)
        ms = asked < LONGEST_WAIT_MS / 1000 ? (long)asked * 1000 : LONGEST_WAIT_MS;
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

grf_status http_post(struct http *h, struct grf_sv body, struct grf_str *out,
                     struct grf_err *err)
{
    h->answer = out;
    out->max = ANSWER_MOST;
    for (int attempt = 0;; attempt++) {
        bool again = false;
        grf_status s = post_once(h, body, &again, err);
        if (s == GRF_OK || !again || attempt >= h->options->retries)
            return s;
        wait_before(h, attempt);
    }
}

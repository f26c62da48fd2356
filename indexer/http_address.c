/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which addresses are private, which hosts are in scope, which proxy stands between. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>

#include "http_priv.h"

/* ---- private addresses */

/* Blocks that are not the public internet: RFC 6890 and the registries that it made. */
static const struct {
    uint32_t net;
    int bits;
} private4[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
    {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24},
    {0xC0586300, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xC6336400, 24},
    {0xCB007100, 24}, {0xE0000000, 4},  {0xF0000000, 4},
};

static bool is_private4(uint32_t a)
{
    for (size_t i = 0; i < GRF_ARRAY_LEN(private4); i++)
        if ((a ^ private4[i].net) >> (32 - private4[i].bits) == 0)
            return true;
    return false;
}

static uint32_t four(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Public unicast is 2000::/3; what carries an IPv4 address inside is judged by that. */
static bool is_private6(const unsigned char a[16])
{
    static const unsigned char zero[12];
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    static const unsigned char nat64[12] = {0, 0x64, 0xFF, 0x9B};
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
        return is_private4(four(a + 12));
    if (memcmp(a, zero, 12) == 0)
        return true; // ::, ::1 and the old "compatible" form
    if ((a[0] & 0xE0) != 0x20)
        return true;
    if (a[0] == 0x20 && a[1] == 0x02)
        return is_private4(four(a + 2)); // 6to4
    if (a[0] == 0x20 && a[1] == 0x01)
        return (a[2] & 0xFE) == 0 ||                  // 2001::/23, Teredo among them
               (a[2] == 0x0D && a[3] == 0xB8);        // documentation
    return a[0] == 0x3F && a[1] == 0xFF && a[2] < 16; // documentation, 3fff::/20
}

bool http_address_private(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return is_private4(
            ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr));
    if (a->sa_family == AF_INET6)
        return is_private6(
            ((const struct sockaddr_in6 *)(const void *)a)->sin6_addr.s6_addr);
    return true;
}

bool http_address_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >>
                   24 ==
               127;
    if (a->sa_family != AF_INET6)
        return false;
    const struct in6_addr *v6 =
        &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(v6) ||
           (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
}

/* host as a socket address; false when it is a name. inet_aton takes the
   forms that resolvers take: 127.1, 0x7f000001, 2130706433. */
static bool literal(const char *host, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
    char bare[64];
    memset(out, 0, sizeof(*out));
    if (host[0] != '[') {
        v4->sin_family = AF_INET;
        return inet_aton(host, &v4->sin_addr) != 0;
    }
    size_t n = strcspn(host + 1, "]%");
    if (n >= sizeof(bare))
        return false;
    memcpy(bare, host + 1, n);
    bare[n] = '\0';
    v6->sin6_family = AF_INET6;
    return inet_pton(AF_INET6, bare, &v6->sin6_addr) == 1;
}

static bool is_localhost(const char *host)
{
    size_t n = strlen(host);
    while (n && host[n - 1] == '.')
        n--;
    return (n == 9 && strncasecmp(host, "localhost", 9) == 0) ||
           (n > 10 && strncasecmp(host + n - 10, ".localhost", 10) == 0);
}

bool http_host_private(const char *host)
{
    struct sockaddr_storage a;
    return is_localhost(host) ||
           (literal(host, &a) && http_address_private((struct sockaddr *)(void *)&a));
}

bool http_names_private(const char *url)
{
    struct http_url u;
    return http_url_split(url, &u, NULL) == GRF_OK && http_host_private(u.host);
}

bool http_names_this_machine(const char *url)
{
    struct http_url u;
    struct sockaddr_storage a;
    if (http_url_split(url, &u, NULL))
        return false;
    return is_localhost(u.host) ||
           (literal(u.host, &a) && http_address_loopback((struct sockaddr *)(void *)&a));
}

/* ---- proxies */

static bool below(const char *host, const char *name, size_t n)
{
    size_t h = strlen(host);
    if (n && name[0] == '.') {
        name++;
        n--;
    }
    if (n == 0 || h < n || strncasecmp(host + h - n, name, n) != 0)
        return false;
    return h == n || host[h - n - 1] == '.';
}

bool http_no_proxy(const char *list, const char *host)
{
    for (const char *p = list; *p;) {
        p += strspn(p, ", \t");
        size_t n = strcspn(p, ", \t");
        if ((n == 1 && *p == '*') || below(host, p, n))
            return true;
        p += n;
    }
    return false;
}

static const char *either(const char *a, const char *b)
{
    const char *v = getenv(a);
    return v && *v ? v : b ? getenv(b) : NULL;
}

/* HTTP_PROXY in capitals is not looked at: under a web server, whoever asks can set it.
 */
const char *http_proxy_for(const struct http_url *u)
{
    const char *none = either("no_proxy", "NO_PROXY");
    const char *proxy = strcmp(u->scheme, "https") == 0
                            ? either("https_proxy", "HTTPS_PROXY")
                            : either("http_proxy", NULL);
    if (!proxy || !*proxy)
        proxy = either("all_proxy", "ALL_PROXY");
    if (!proxy || !*proxy || http_host_private(u->host))
        return NULL;
    return none && http_no_proxy(none, u->host) ? NULL : proxy;
}

/* ---- scope */

static const char *without_www(const char *host)
{
    return strncmp(host, "www.", 4) == 0 && strchr(host + 4, '.') ? host + 4 : host;
}

static bool usual_port(const struct http_url *u)
{
    return u->port == (strcmp(u->scheme, "https") == 0 ? 443 : 80);
}

static bool no_worse(const struct http_url *from, const struct http_url *to)
{
    return strcmp(from->scheme, "https") != 0 || strcmp(to->scheme, "https") == 0;
}

bool http_same_site(const struct http_url *from, const struct http_url *to)
{
    return strcmp(without_www(from->host), without_www(to->host)) == 0 &&
           (from->port == to->port || usual_port(to));
}

bool http_host_listed(const char *host, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *p = list[i];
        if (p[0] == '*' && p[1] == '.'
                ? below(host, p + 1, strlen(p + 1)) && strcasecmp(host, p + 2) != 0
                : strcasecmp(host, p) == 0)
            return true;
    }
    return false;
}

bool http_in_scope(const struct http_request *r, const char *url)
{
    struct http_url from, to;
    if (http_url_split(r->url, &from, NULL) || http_url_split(url, &to, NULL))
        return false;
    if (r->redirects == HTTP_NOWHERE || !no_worse(&from, &to))
        return false;
    if (http_same_site(&from, &to))
        return true;
    return r->redirects == HTTP_LISTED && usual_port(&to) &&
           http_host_listed(to.host, r->hosts, r->n_hosts);
}

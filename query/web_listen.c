/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listening socket: an address of the user, or a socket that the system hands over. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_i18n.h"
#include "serve.h"

enum { BACKLOG = 128, HANDED_OVER = 3 };

bool web_is_loopback(const struct sockaddr_storage *a)
{
    if (a->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
        return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    }
    if (a->ss_family != AF_INET6)
        return false;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)a)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
}

/* Splits "ADDR:PORT", "[ADDR]:PORT", "PORT". */
static bool split(const char *where, char host[80], char port[8])
{
    const char *colon = strrchr(where, ':');
    const char *p = colon ? colon + 1 : where;
    size_t n = colon ? (size_t)(colon - where) : 0;
    if (n >= 2 && where[0] == '[' && where[n - 1] == ']') {
        where++;
        n -= 2;
    } else if (n && memchr(where, ':', n)) {
        return false; /* an IPv6 address without brackets */
    }
    if (n >= 80 || !*p || strlen(p) > 5 || strspn(p, "0123456789") != strlen(p))
        return false;
    snprintf(host, 80, "%.*s", (int)n, n ? where : "");
    if (!n)
        snprintf(host, 80, "127.0.0.1");
    snprintf(port, 8, "%s", p);
    return strtol(p, NULL, 10) <= 65535;
}

static grf_status bind_to(const struct addrinfo *a, const char *where, int *out,
                          struct grf_err *err)
{
    int one = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return grf_fail_errno(err, "%s", where);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
        bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        grf_status st =
            errno == EADDRINUSE
                ? grf_fail(err, GRF_BUSY,
                           _("%s: another program listens there; stop it or give another "
                             "port with --listen"),
                           where)
                : grf_fail_errno(err, "%s", where);
        close(fd);
        return st;
    }
    *out = fd;
    return GRF_OK;
}

static grf_status bind_new(const char *where, int *fd, struct grf_err *err)
{
    char host[80], port[8];
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (!split(where, host, port))
        return grf_fail(err, GRF_INVALID,
                        _("--listen %s: write ADDRESS:PORT, as 127.0.0.1:8017 or [::1]:8017"),
                        where);
    int code = getaddrinfo(host, port, &hints, &found);
    if (code)
        return grf_fail(err, GRF_INVALID, "--listen %s: %s", where, gai_strerror(code));
    grf_status st = bind_to(found, where, fd, err);
    freeaddrinfo(found);
    return st;
}

/* True when systemd, or what does as it does, left a listening socket for this process. */
static bool handed_over(void)
{
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
    bool mine = pid && n && strtol(pid, NULL, 10) == (long)getpid() && strcmp(n, "1") == 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    return mine;
}

static void show(struct web_listen *l)
{
    char host[64] = "?";
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&l->address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&l->address;
    if (l->address.ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
        snprintf(l->shown, sizeof(l->shown), "[%s]:%d", host, ntohs(v6->sin6_port));
    } else {
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
        snprintf(l->shown, sizeof(l->shown), "%s:%d", host, ntohs(v4->sin_port));
    }
}

grf_status web_listen_open(const char *where, struct web_listen *out, struct grf_err *err)
{
    socklen_t n = sizeof(out->address);
    memset(out, 0, sizeof(*out));
    out->fd = -1;
    if (handed_over())
        out->fd = HANDED_OVER;
    else {
        grf_status st = bind_new(where, &out->fd, err);
        if (st)
            return st;
    }
    if (fcntl(out->fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(out->fd, F_SETFL, O_NONBLOCK) != 0 ||
        getsockname(out->fd, (struct sockaddr *)&out->address, &n) != 0) {
        grf_status st = grf_fail_errno(err, "%s", where);
        close(out->fd);
        out->fd = -1;
        return st;
    }
    if (out->address.ss_family != AF_INET && out->address.ss_family != AF_INET6) {
        close(out->fd);
        out->fd = -1;
        return grf_fail(err, GRF_UNSUPPORTED, "%s",
                        _("the socket handed over is not an IP one"));
    }
    out->loopback = web_is_loopback(&out->address);
    show(out);
    return GRF_OK;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The network is the business of a program of its own (greffier-embed-client), started
 * on the first use and kept: so neither program links a network library for it, and a
 * fault in one cannot reach the base.
 *
 * After any failure the client is ended and the next call starts another: what is left
 * in the socket of a broken exchange must never be taken for an answer.
 */
#include "embed_impl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_embed_protocol.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "grf_str.h"

enum {
    DEFAULT_BATCH = 32,
    DEFAULT_TIMEOUT_MS = 30000,
    MOST_RETRIES = 20,
    WAIT_PER_TRY_MS = 31000, /* the client's longest back-off, and a little */
    ARGUMENT_MOST = 4096
};

/* ---- the client process */

static void end_client(struct embed_client *p)
{
    if (p->pid <= 0)
        return;
    close(p->fd);
    p->fd = -1;
    kill(p->pid, SIGTERM); // it may be waiting for the network
    while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    p->pid = 0;
}

/* The client's stdin and stdout are both `fd`; its signals are as at login. */
static int spawn(struct embed_client *p, int fd)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    char *argv[GRF_ARRAY_LEN(p->arguments) + 1] = {p->client};
    for (size_t i = 0; p->arguments[i]; i++)
        argv[i + 1] = p->arguments[i];
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGTERM);
    int e = posix_spawn_file_actions_init(&files);
    if (e)
        return e;
    e = posix_spawnattr_init(&attributes);
    if (e == 0) {
        e = posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
        if (e == 0)
            e = posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        posix_spawnattr_setflags(&attributes,
                                 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        if (e == 0)
            e = posix_spawn(&p->pid, p->client, &files, &attributes, argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return e;
}

static grf_status start_client(struct embed_client *p, struct grf_err *err)
{
    int ends[2];
    if (p->pid > 0)
        return GRF_OK;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return grf_fail_errno(err, "%s", _("embedding client"));
    int e = spawn(p, ends[1]);
    close(ends[1]);
    if (e) {
        close(ends[0]);
        p->pid = 0;
        errno = e;
        return grf_fail_errno(err, _("cannot start '%s'"), p->client);
    }
    p->fd = ends[0];
    return GRF_OK;
}

static grf_status client_died(struct grf_err *err)
{
    return grf_fail(err, GRF_IO, _("the embedding client ended in mid-sentence"));
}

static grf_status send_all(struct embed_client *p, const void *bytes, size_t n,
                           struct grf_err *err)
{
    const char *at = (const char *)bytes;
    while (n) {
        // no SIGPIPE, whatever the program did with that signal
        ssize_t sent = send(p->fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return client_died(err);
        at += sent;
        n -= (size_t)sent;
    }
    return GRF_OK;
}

/* Waits until bytes have come, deadline on the monotonic clock. */
static grf_status await(struct embed_client *p, double deadline, struct grf_err *err)
{
    for (;;) {
        double left = deadline - grf_now();
        struct pollfd in = {p->fd, POLLIN, 0};
        int ready = left > 0 ? poll(&in, 1, (int)(left * 1000) + 1) : 0;
        if (ready > 0)
            return GRF_OK;
        if (ready == 0)
            return grf_fail(err, GRF_TIMEOUT, _("the embedding client does not answer"));
        if (errno != EINTR)
            return grf_fail_errno(err, "%s", _("embedding client"));
    }
}

static grf_status receive_all(struct embed_client *p, void *bytes, size_t n,
                              double deadline, struct grf_err *err)
{
    char *at = (char *)bytes;
    while (n) {
        grf_status s = await(p, deadline, err);
        if (s)
            return s;
        ssize_t got = recv(p->fd, at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return client_died(err);
        at += got;
        n -= (size_t)got;
    }
    return GRF_OK;
}

/* ---- one exchange */

static grf_status send_request(struct embed_client *p, const struct grf_sv *texts,
                               size_t n, struct grf_err *err)
{
    struct grf_str s;
    grf_str_init(&s, GRF_EMBED_MOST_BYTES + 4 * (GRF_EMBED_MOST_TEXTS + 1));
    uint32_t word = (uint32_t)n;
    grf_str_add(&s, (const char *)&word, sizeof(word));
    for (size_t i = 0; i < n; i++) {
        word = (uint32_t)texts[i].n;
        grf_str_add(&s, (const char *)&word, sizeof(word));
        grf_str_addsv(&s, texts[i]);
    }
    grf_status status = grf_str_status(&s, err);
    if (status == GRF_OK)
        status = send_all(p, s.p, s.n, err);
    grf_str_release(&s);
    return status;
}

/* The client's own account of what went wrong. */
static grf_status receive_failure(struct embed_client *p, uint32_t code, double deadline,
                                  struct grf_err *err)
{
    char text[GRF_EMBED_MOST_MESSAGE + 1];
    uint32_t n = 0;
    grf_status s = receive_all(p, &n, sizeof(n), deadline, err);
    if (s)
        return s;
    if (n > GRF_EMBED_MOST_MESSAGE || code > GRF_INTERNAL)
        return client_died(err);
    s = receive_all(p, text, n, deadline, err);
    if (s)
        return s;
    text[n] = '\0';
    return grf_fail(err, (grf_status)code, "%s", text);
}

/* *dim: expected, or 0 and learned. rows has room for n * *dim floats when *dim is
   given; else *learned receives them (grf_free). */
static grf_status receive_rows(struct embed_client *p, size_t n, size_t *dim, float *rows,
                               float **learned, struct grf_err *err)
{
    double deadline = grf_now() + p->patience_ms / 1000.0;
    uint32_t code = 0, head[2];
    grf_status s = receive_all(p, &code, sizeof(code), deadline, err);
    if (s)
        return s;
    if (code != GRF_OK)
        return receive_failure(p, code, deadline, err);
    s = receive_all(p, head, sizeof(head), deadline, err);
    if (s)
        return s;
    if (head[0] != n || head[1] == 0 || head[1] > GRF_EMBED_MOST_DIM ||
        (*dim && head[1] != *dim))
        return client_died(err);
    if (*dim == 0) {
        *dim = head[1];
        rows = *learned = (float *)grf_calloc(n * *dim, sizeof(*rows));
        if (!rows)
            return grf_fail_nomem(err);
    }
    return receive_all(p, rows, n * *dim * sizeof(*rows), deadline, err);
}

grf_status embed_client_ask(struct embed_client *p, const struct grf_sv *texts, size_t n,
                            size_t n_rows, size_t *dim, float *rows, float **learned,
                            struct grf_err *err)
{
    grf_status s = start_client(p, err);
    if (s == GRF_OK)
        s = send_request(p, texts, n, err);
    if (s == GRF_OK)
        s = receive_rows(p, n_rows, dim, rows, learned, err);
    if (s)
        end_client(p);
    return s;
}

/* ---- opening */

static char *argument(const char *name, const char *value)
{
    struct grf_str s;
    grf_str_init(&s, ARGUMENT_MOST);
    grf_str_addf(&s, "%s=%s", name, value);
    return grf_str_take(&s, NULL);
}

static char *number_argument(const char *name, int value)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", value);
    return argument(name, text);
}

static grf_status set_up(struct embed_client *p, const struct grf_embed_endpoint *cfg,
                         bool rerank, struct grf_err *err)
{
    int timeout = cfg->timeout_ms > 0 ? cfg->timeout_ms : DEFAULT_TIMEOUT_MS;
    int retries = cfg->retries < 0              ? 0
                  : cfg->retries > MOST_RETRIES ? MOST_RETRIES
                                                : cfg->retries;
    int64_t patience = ((int64_t)timeout + WAIT_PER_TRY_MS) * (retries + 1);
    p->patience_ms = patience < 86400000 ? (int)patience : 86400000;
    p->batch = cfg->batch <= 0                     ? DEFAULT_BATCH
               : cfg->batch > GRF_EMBED_MOST_TEXTS ? GRF_EMBED_MOST_TEXTS
                                                   : (size_t)cfg->batch;
    p->client =
        cfg->client ? grf_strdup(cfg->client) : grf_helper_path("greffier-embed-client");
    size_t n = 0;
    p->arguments[n++] = argument("url", cfg->url);
    p->arguments[n++] = argument("model", cfg->model);
    p->arguments[n++] = number_argument("dim", cfg->dim);
    p->arguments[n++] = number_argument("timeout-ms", timeout);
    p->arguments[n++] = number_argument("retries", retries);
    p->arguments[n++] = number_argument("remote", cfg->allow_remote);
    if (rerank)
        p->arguments[n++] = argument("mode", "rerank");
    if (cfg->key_file)
        p->arguments[n++] = argument("key-file", cfg->key_file);
    bool complete = p->client != NULL;
    for (size_t i = 0; i < n; i++)
        complete = complete && p->arguments[i];
    return complete ? GRF_OK : grf_fail_nomem(err);
}

static grf_status check(const struct grf_embed_endpoint *cfg, struct grf_err *err)
{
    if (!cfg->url || !*cfg->url || !cfg->model || !*cfg->model)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint: its address and the model's name are both "
                          "needed"));
    if (strlen(cfg->url) > 2000 || strlen(cfg->model) > 200)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint: the address or the "
                          "model's name is too long"));
    if (cfg->dim < 0 || cfg->dim > GRF_EMBED_MOST_DIM)
        return grf_fail(err, GRF_INVALID, _("embedding endpoint: dimension %d"),
                        cfg->dim);
    return GRF_OK;
}

grf_status embed_client_open(struct embed_client *p, const struct grf_embed_endpoint *cfg,
                             bool rerank, struct grf_err *err)
{
    memset(p, 0, sizeof(*p));
    p->fd = -1;
    grf_status s = check(cfg, err);
    if (s == GRF_OK)
        s = set_up(p, cfg, rerank, err);
    if (s)
        embed_client_close(p);
    return s;
}

void embed_client_close(struct embed_client *p)
{
    end_client(p);
    for (size_t i = 0; i < GRF_ARRAY_LEN(p->arguments); i++)
        grf_free(p->arguments[i]);
    grf_free(p->client);
    memset(p, 0, sizeof(*p));
}

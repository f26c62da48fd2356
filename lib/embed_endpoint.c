/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedder that asks an HTTP endpoint. The network is the business of a program of
 * its own (greffier-embed-client), started on the first use and kept: so neither
 * program links a network library, and a fault in one cannot reach the base.
 *
 * After any failure the client is ended and the next call starts another: what is left
 * in the socket of a broken exchange must never be taken for an answer.
 */
#include "embed_impl.h"

#include <errno.h>
#include <math.h>
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

struct endpoint {
    struct grf_embedder e; /* first: callers hold this */
    char *client;          /* program */
    char *arguments[8];    /* "url=..." and so on, NULL-terminated */
    size_t batch;
    int patience_ms; /* after which a silent client is given up */
    pid_t pid;       /* 0 = none is running */
    int fd;
};

/* ---- the client process */

static void end_client(struct endpoint *p)
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
static int spawn(struct endpoint *p, int fd)
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

static grf_status start_client(struct endpoint *p, struct grf_err *err)
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

static grf_status send_all(struct endpoint *p, const void *bytes, size_t n,
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
static grf_status await(struct endpoint *p, double deadline, struct grf_err *err)
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

static grf_status receive_all(struct endpoint *p, void *bytes, size_t n, double deadline,
                              struct grf_err *err)
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

static grf_status send_request(struct endpoint *p, const struct grf_sv *texts, size_t n,
                               struct grf_err *err)
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
static grf_status receive_failure(struct endpoint *p, uint32_t code, double deadline,
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

/* Rows of length 1; a row of zeros stays one. */
static void normalise(float *rows, size_t n, size_t dim)
{
    for (size_t i = 0; i < n; i++, rows += dim) {
        double sum = 0;
        for (size_t k = 0; k < dim; k++)
            sum += (double)rows[k] * rows[k];
        double scale = sum > 0 ? 1 / sqrt(sum) : 0;
        for (size_t k = 0; k < dim; k++)
            rows[k] = (float)(rows[k] * scale);
    }
}

/* *dim: expected, or 0 and learned. rows has room for n * *dim floats when *dim is
   given; else *learned receives them (grf_free). */
static grf_status receive_vectors(struct endpoint *p, size_t n, size_t *dim, float *rows,
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
    s = receive_all(p, rows, n * *dim * sizeof(*rows), deadline, err);
    if (s == GRF_OK)
        normalise(rows, n, *dim);
    return s;
}

static grf_status exchange(struct endpoint *p, const struct grf_sv *texts, size_t n,
                           size_t *dim, float *rows, float **learned, struct grf_err *err)
{
    grf_status s = start_client(p, err);
    if (s == GRF_OK)
        s = send_request(p, texts, n, err);
    if (s == GRF_OK)
        s = receive_vectors(p, n, dim, rows, learned, err);
    if (s)
        end_client(p);
    return s;
}

/* ---- the embedder */

static bool is_blank(struct grf_sv text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] > ' ')
            return false;
    return true;
}

/* One batch. Blank texts are not sent (endpoints refuse them): their row is zeros. */
static grf_status embed_batch(struct endpoint *p, const struct grf_sv *texts, size_t n,
                              float *out, float *rows, struct grf_err *err)
{
    struct grf_sv sent[GRF_EMBED_MOST_TEXTS];
    size_t dim = (size_t)p->e.dim, k = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_blank(texts[i]))
            sent[k++] = texts[i];
    memset(out, 0, n * dim * sizeof(*out));
    if (k == 0)
        return GRF_OK;
    grf_status s = exchange(p, sent, k, &dim, rows, NULL, err);
    k = 0;
    for (size_t i = 0; s == GRF_OK && i < n; i++)
        if (!is_blank(texts[i]))
            memcpy(out + i * dim, rows + dim * k++, dim * sizeof(*out));
    return s;
}

/* How many of the texts go into the next request: at most a batch, and never more bytes
   than the protocol carries. */
static size_t batch_size(const struct endpoint *p, const struct grf_sv *texts, size_t n)
{
    size_t k = 0, bytes = 0;
    while (k < n && k < p->batch && texts[k].n <= GRF_EMBED_MOST_BYTES - bytes)
        bytes += texts[k++].n;
    return k;
}

static grf_status embed_texts(struct grf_embedder *e, const struct grf_sv *texts, size_t n,
                              float *out, struct grf_err *err)
{
    struct endpoint *p = (struct endpoint *)e;
    size_t dim = (size_t)e->dim;
    float *rows = (float *)grf_calloc(p->batch * dim, sizeof(*rows));
    grf_status s = rows ? GRF_OK : grf_fail_nomem(err);
    while (s == GRF_OK && n) {
        size_t k = batch_size(p, texts, n);
        s = k ? embed_batch(p, texts, k, out, rows, err)
              : grf_fail(err, GRF_LIMIT, _("text of %zu bytes is too long to embed"),
                         texts->n);
        texts += k;
        n -= k;
        out += k * dim;
    }
    grf_free(rows);
    return s;
}

static void close_endpoint(struct grf_embedder *e)
{
    struct endpoint *p = (struct endpoint *)e;
    end_client(p);
    for (size_t i = 0; i < GRF_ARRAY_LEN(p->arguments); i++)
        grf_free(p->arguments[i]);
    grf_free(p->client);
    grf_free(p);
}

static const struct grf_embed_ops endpoint_ops = {embed_texts, close_endpoint};

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

static grf_status set_up(struct endpoint *p, const struct grf_embed_endpoint *cfg,
                         struct grf_err *err)
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
    if (cfg->key_file)
        p->arguments[n++] = argument("key-file", cfg->key_file);
    bool complete = p->client != NULL;
    for (size_t i = 0; i < n; i++)
        complete = complete && p->arguments[i];
    return complete ? GRF_OK : grf_fail_nomem(err);
}

/* Asks for one vector: the dimension, and whether the endpoint works at all. */
static grf_status learn(struct endpoint *p, const struct grf_embed_endpoint *cfg,
                        struct grf_err *err)
{
    const struct grf_sv probe = grf_sv_z("délibération du conseil municipal");
    size_t dim = 0;
    float *row = NULL;
    grf_status s = exchange(p, &probe, 1, &dim, NULL, &row, err);
    grf_free(row);
    if (s)
        return s;
    p->e.dim = (int)dim;
    int n = snprintf(p->e.fingerprint, sizeof(p->e.fingerprint), "endpoint:%s:%zu",
                     cfg->model, dim);
    if (n < 0 || (size_t)n >= sizeof(p->e.fingerprint))
        return grf_fail(err, GRF_INVALID, _("embedding endpoint: the model's name is too "
                                            "long"));
    return GRF_OK;
}

static grf_status check(const struct grf_embed_endpoint *cfg, struct grf_err *err)
{
    if (!cfg->url || !*cfg->url || !cfg->model || !*cfg->model)
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint: its address and the model's name are both "
                          "needed"));
    if (strlen(cfg->url) > 2000 || strlen(cfg->model) > 200)
        return grf_fail(err, GRF_INVALID, _("embedding endpoint: the address or the "
                                            "model's name is too long"));
    if (cfg->dim < 0 || cfg->dim > GRF_EMBED_MOST_DIM)
        return grf_fail(err, GRF_INVALID, _("embedding endpoint: dimension %d"), cfg->dim);
    return GRF_OK;
}

grf_status grf_embed_open_endpoint(const struct grf_embed_endpoint *cfg,
                                   struct grf_embedder **out, struct grf_err *err)
{
    *out = NULL;
    grf_status s = check(cfg, err);
    if (s)
        return s;
    struct endpoint *p = (struct endpoint *)grf_calloc(1, sizeof(*p));
    if (!p)
        return grf_fail_nomem(err);
    p->e.ops = &endpoint_ops;
    p->fd = -1;
    s = set_up(p, cfg, err);
    if (s == GRF_OK)
        s = learn(p, cfg, err);
    if (s) {
        close_endpoint(&p->e);
        return s;
    }
    *out = &p->e;
    return GRF_OK;
}

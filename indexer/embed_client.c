/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * greffier-embed-client: turns texts into vectors through an HTTP endpoint, for
 * greffier-index and greffier-query, which themselves link no network library.
 * include/grf_embed_protocol.h says what goes over stdin and stdout.
 */
#include "embed_client.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_embed_protocol.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

/* One request: the texts' bytes one after another, and views of them. */
struct request {
    struct grf_str bytes;
    struct grf_sv texts[GRF_EMBED_MOST_TEXTS];
    size_t n;
};

/* ---- arguments */

static bool set_number(int *out, const char *text, int max)
{
    char *end = NULL;
    long v = strtol(text, &end, 10);
    if (end == text || *end || v < 0 || v > max)
        return false;
    *out = (int)v;
    return true;
}

static bool set_argument(struct client_options *o, const char *word)
{
    const char *value = strchr(word, '=');
    if (!value)
        return false;
    size_t n = (size_t)(value++ - word);
    int remote = 0;
#define IS(name) (n == sizeof(name) - 1 && memcmp(word, name, n) == 0)
    if (IS("url"))
        o->url = value;
    else if (IS("model"))
        o->model = value;
    else if (IS("key-file"))
        o->key_file = value;
    else if (IS("dim"))
        return set_number(&o->dim, value, GRF_EMBED_MOST_DIM);
    else if (IS("timeout-ms"))
        return set_number(&o->timeout_ms, value, INT_MAX) && o->timeout_ms > 0;
    else if (IS("retries"))
        return set_number(&o->retries, value, 20);
    else if (IS("remote") && set_number(&remote, value, 1))
        o->remote = remote != 0;
    else
        return false;
#undef IS
    return true;
}

static bool read_arguments(struct client_options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!set_argument(o, argv[i]))
            return false;
    return o->url && *o->url && o->model && *o->model;
}

/* ---- requests */

static grf_status get32(uint32_t *v, bool *end, struct grf_err *err)
{
    size_t got = 0;
    grf_status s = grf_file_read_all(STDIN_FILENO, v, sizeof(*v), &got, err);
    *end = s == GRF_OK && got == 0;
    if (s == GRF_OK && got != 0 && got < sizeof(*v))
        s = grf_fail(err, GRF_PARSE, _("request cut short"));
    return s;
}

static grf_status read_text(struct request *r, uint32_t length, struct grf_err *err)
{
    char piece[16384];
    while (length) {
        size_t want = length < sizeof(piece) ? length : sizeof(piece), got = 0;
        grf_status s = grf_file_read_all(STDIN_FILENO, piece, want, &got, err);
        if (s == GRF_OK && got < want)
            s = grf_fail(err, GRF_PARSE, _("request cut short"));
        if (s)
            return s;
        grf_str_add(&r->bytes, piece, got);
        length -= (uint32_t)got;
    }
    return grf_str_status(&r->bytes, err);
}

/* *end: there is none, stdin has ended where a request would begin. */
static grf_status read_request(struct request *r, bool *end, struct grf_err *err)
{
    uint32_t n = 0, lengths[GRF_EMBED_MOST_TEXTS];
    grf_str_clear(&r->bytes);
    grf_status s = get32(&n, end, err);
    if (s || *end)
        return s;
    if (n == 0 || n > GRF_EMBED_MOST_TEXTS)
        return grf_fail(err, GRF_PARSE, _("request of %u texts"), (unsigned)n);
    for (uint32_t i = 0; i < n; i++) {
        bool cut = false;
        s = get32(&lengths[i], &cut, err);
        if (s == GRF_OK && cut)
            s = grf_fail(err, GRF_PARSE, _("request cut short"));
        if (s == GRF_OK)
            s = read_text(r, lengths[i], err);
        if (s)
            return s;
    }
    // only now, when the bytes do not move any more
    const char *p = r->bytes.p;
    for (uint32_t i = 0; i < n; i++) {
        r->texts[i] = grf_sv(p, lengths[i]);
        p += lengths[i];
    }
    r->n = n;
    return GRF_OK;
}

/* ---- answers */

static grf_status write_failure(const struct grf_err *answer, struct grf_err *err)
{
    uint32_t head[2] = {(uint32_t)answer->code, (uint32_t)strlen(answer->msg)};
    grf_status s = grf_file_write_all(STDOUT_FILENO, head, sizeof(head), err);
    return s ? s : grf_file_write_all(STDOUT_FILENO, answer->msg, head[1], err);
}

static grf_status write_vectors(const float *v, size_t n, size_t dim, struct grf_err *err)
{
    uint32_t head[3] = {GRF_OK, (uint32_t)n, (uint32_t)dim};
    grf_status s = grf_file_write_all(STDOUT_FILENO, head, sizeof(head), err);
    return s ? s : grf_file_write_all(STDOUT_FILENO, v, n * dim * sizeof(*v), err);
}

/* Asks the endpoint; vectors in *out (grf_free). */
static grf_status ask(const struct client_options *o, struct endpoint *e,
                      const struct request *r, size_t *dim, float **out,
                      struct grf_err *err)
{
    struct grf_str body, answer;
    grf_str_init(&body, 8u * GRF_EMBED_MOST_BYTES); // escapes make text longer
    grf_str_init(&answer, 0);
    grf_status s = embed_request(o->model, r->texts, r->n, &body, err);
    if (s == GRF_OK)
        s = endpoint_post(e, grf_str_sv(&body), &answer, err);
    if (s == GRF_OK)
        s = embed_answer(grf_str_sv(&answer), r->n, dim, out, err);
    grf_str_release(&body);
    grf_str_release(&answer);
    return s;
}

/* Answers requests until stdin ends; a failed one is answered with its reason. */
static grf_status serve(const struct client_options *o, struct request *r,
                        struct grf_err *err)
{
    struct endpoint *e = NULL;
    struct grf_err opening = GRF_ERR_INIT;
    grf_status opened = endpoint_open(o, &e, &opening);
    grf_status s = GRF_OK;
    size_t dim = (size_t)o->dim;
    while (s == GRF_OK) {
        bool end = false;
        float *vectors = NULL;
        struct grf_err answer = opening;
        s = read_request(r, &end, err);
        if (s || end)
            break;
        grf_status asked = opened ? opened : ask(o, e, r, &dim, &vectors, &answer);
        s = asked ? write_failure(&answer, err) : write_vectors(vectors, r->n, dim, err);
        grf_free(vectors);
    }
    endpoint_close(e);
    return s;
}

int main(int argc, char **argv)
{
    struct client_options o = {NULL, NULL, NULL, 0, 30000, 3, false};
    struct request r;
    struct grf_err err = GRF_ERR_INIT;
    grf_i18n_init();
    if (!read_arguments(&o, argc, argv)) {
        fprintf(stderr, "greffier-embed-client: %s\n",
                _("run by greffier-index and greffier-query, not by hand"));
        return 2;
    }
    // Ctrl-C reaches the whole group: whether to stop is the parent's decision
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    grf_str_init(&r.bytes, GRF_EMBED_MOST_BYTES);
    r.n = 0;
    grf_status s = serve(&o, &r, &err);
    grf_str_release(&r.bytes);
    if (s)
        fprintf(stderr, "greffier-embed-client: %s\n", err.msg);
    return s ? 1 : 0;
}

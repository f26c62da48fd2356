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
    else if (IS("mode") && (strcmp(value, "rerank") == 0 || strcmp(value, "embed") == 0))
        o->rerank = value[0] == 'r';
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

/* The endpoint and what was learned of it. */
struct session {
    const struct client_options *options;
    struct endpoint *endpoint;
    size_t dim; /* of vectors; 0 = not known yet */
    enum rerank_form form;
};

/* Asks the endpoint; vectors in *out (grf_free). */
static grf_status ask_vectors(struct session *c, const struct request *r,
                              struct grf_str *body, struct grf_str *answer, float **out,
                              struct grf_err *err)
{
    grf_status s = embed_request(c->options->model, r->texts, r->n, body, err);
    if (s == GRF_OK)
        s = endpoint_post(c->endpoint, grf_str_sv(body), answer, err);
    return s ? s : embed_answer(grf_str_sv(answer), r->n, &c->dim, out, err);
}

static grf_status ask_form(struct session *c, enum rerank_form form,
                           const struct request *r, struct grf_str *body,
                           struct grf_str *answer, float **out, struct grf_err *err)
{
    grf_str_clear(body);
    grf_status s = rerank_request(c->options->model, form, r->texts, r->n, body, err);
    if (s == GRF_OK)
        s = endpoint_post(c->endpoint, grf_str_sv(body), answer, err);
    if (s == GRF_OK)
        c->form = form;
    return s ? s : rerank_answer(grf_str_sv(answer), r->n - 1, out, err);
}

/* Which form an address wants shows when it refuses the other. */
static grf_status ask_scores(struct session *c, const struct request *r,
                             struct grf_str *body, struct grf_str *answer, float **out,
                             struct grf_err *err)
{
    struct grf_err second = GRF_ERR_INIT;
    if (r->n < 2)
        return grf_fail(err, GRF_INVALID, _("request of %u texts"), (unsigned)r->n);
    c->dim = 1;
    enum rerank_form form = c->form ? c->form : RERANK_DOCUMENTS;
    grf_status s = ask_form(c, form, r, body, answer, out, err);
    if (s != GRF_INVALID || c->form)
        return s;
    grf_status again = ask_form(c, RERANK_TEXTS, r, body, answer, out, &second);
    return again == GRF_OK ? GRF_OK : s; // what it said to the usual form tells more
}

static grf_status ask(struct session *c, const struct request *r, float **out,
                      struct grf_err *err)
{
    struct grf_str body, answer;
    grf_str_init(&body, 8u * GRF_EMBED_MOST_BYTES); // escapes make text longer
    grf_str_init(&answer, 0);
    grf_status s = c->options->rerank ? ask_scores(c, r, &body, &answer, out, err)
                                      : ask_vectors(c, r, &body, &answer, out, err);
    grf_str_release(&body);
    grf_str_release(&answer);
    return s;
}

static grf_status write_rows(const struct session *c, const float *rows, size_t n_texts,
                             struct grf_err *err)
{
    return write_vectors(rows, c->options->rerank ? n_texts - 1 : n_texts, c->dim, err);
}

/* Answers requests until stdin ends; a failed one is answered with its reason. */
static grf_status serve(const struct client_options *o, struct request *r,
                        struct grf_err *err)
{
    struct session c = {o, NULL, (size_t)o->dim, RERANK_UNKNOWN};
    struct grf_err opening = GRF_ERR_INIT;
    grf_status opened = endpoint_open(o, &c.endpoint, &opening);
    grf_status s = GRF_OK;
    while (s == GRF_OK) {
        bool end = false;
        float *rows = NULL;
        struct grf_err answer = opening;
        s = read_request(r, &end, err);
        if (s || end)
            break;
        grf_status asked = opened ? opened : ask(&c, r, &rows, &answer);
        s = asked ? write_failure(&answer, err) : write_rows(&c, rows, r->n, err);
        grf_free(rows);
    }
    endpoint_close(c.endpoint);
    return s;
}

int main(int argc, char **argv)
{
    struct client_options o = {NULL, NULL, NULL, 0, 30000, 3, false, false};
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

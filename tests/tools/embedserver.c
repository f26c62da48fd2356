/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tiny OpenAI-compatible embeddings server for tests, on the loopback address only.
 * Prints its port, serves one request a connection, ends when stdin does.
 *
 * The first word of the path says how it behaves:
 *   ok shuffled noindex 500once 429once 500always cutonce cut redirect slow garbage
 *   fewer twice nan text baddim huge key400
 * and for /rerank, which scores a text by the words of the question that it holds:
 *   rerank (Jina's form, sorted by score) tei (TEI's: "texts", a bare list)
 *   rankword (by whether it holds the word of "?word=W")
 *   ranknoindex ranktwice ranknan rankfewer
 * vecword: vectors of two numbers, those of texts with the word of "?word=W" like the
 * first text's. With -v each request's first line is printed on stderr.
 * "?dim=N" says how long the vectors are (default 8). The vector of a text is made from
 * its bytes, so that a test can tell whose it got.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "grf_jsonread.h"
#include "grf_str.h"

enum { REQUEST_MOST = 32 * 1024 * 1024, WAIT_MS = 2000 };

struct request {
    struct grf_str bytes;
    char how[32], word[64];
    bool told; /* requests are printed */
    int dim;
    struct grf_sv body;
};

static void send_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        p += sent;
        n -= (size_t)sent;
    }
}

static void answer(int fd, int code, const char *more, struct grf_sv body)
{
    char head[256];
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%s"
                     "Connection: close\r\nContent-Length: %zu\r\n\r\n",
                     code, more, body.n);
    send_all(fd, head, (size_t)n);
    send_all(fd, body.p, body.n);
}

/* Reads until the head and the announced body are complete. */
static bool read_request(int fd, struct request *r)
{
    char piece[65536];
    grf_str_clear(&r->bytes);
    for (;;) {
        const char *end = strstr(r->bytes.p, "\r\n\r\n");
        if (end) {
            const char *length = strcasestr(r->bytes.p, "content-length:");
            size_t n = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
            size_t head = (size_t)(end + 4 - r->bytes.p);
            if (r->bytes.n >= head + n) {
                r->body = grf_sv(end + 4, n);
                return true;
            }
        }
        ssize_t got = recv(fd, piece, sizeof(piece), 0);
        if (got <= 0)
            return false;
        grf_str_add(&r->bytes, piece, (size_t)got);
        if (r->bytes.bad)
            return false;
    }
}

static void read_path(struct request *r)
{
    const char *path = strchr(r->bytes.p, '/');
    size_t n = path ? strcspn(path + 1, "/? ") : 0;
    if (n >= sizeof(r->how))
        n = sizeof(r->how) - 1;
    memcpy(r->how, path ? path + 1 : "", n);
    r->how[n] = '\0';
    const char *dim = strstr(r->bytes.p, "?dim=");
    const char *word = strstr(r->bytes.p, "?word=");
    n = word ? strcspn(word + 6, "& ") : 0;
    snprintf(r->word, sizeof(r->word), "%.*s", (int)n, word ? word + 6 : "");
    r->dim = dim ? (int)strtol(dim + 5, NULL, 10) : 8;
}

static void add_vector(struct grf_str *out, struct grf_sv text, int dim)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 16777619u;
    for (int k = 0; k < dim; k++) {
        hash = hash * 1664525u + 1013904223u;
        grf_str_addf(out, "%s%d.%02u", k ? "," : "", (int)(hash >> 28) - 8,
                     (unsigned)(hash >> 16) % 100);
    }
}

static bool is(const struct request *r, const char *how)
{
    return strcmp(r->how, how) == 0;
}

/* Whether the text holds the word that the address names. */
static bool has_word(const struct request *r, const char *text)
{
    return text && strstr(text, r->word) != NULL;
}

static void add_item(struct grf_str *out, const struct request *r, size_t i,
                     struct grf_sv text)
{
    int dim = is(r, "baddim") && i == 1 ? r->dim - 1 : r->dim;
    grf_str_addz(out, "{\"object\":\"embedding\",");
    if (!is(r, "noindex"))
        grf_str_addf(out, "\"index\":%zu,", is(r, "twice") ? 0 : i);
    grf_str_addz(out, "\"embedding\":[");
    if (is(r, "nan"))
        grf_str_addz(out, "1,2,null,4,5,6,7,8");
    else if (is(r, "text"))
        grf_str_addz(out, "1,2,3,\"4\",5,6,7,8");
    else if (is(r, "vecword"))
        grf_str_addz(out, i == 0 || has_word(r, text.p) ? "1,0" : "0,1");
    else
        add_vector(out, text, dim);
    grf_str_addz(out, "]}");
}

static void add_answer(struct grf_str *out, const struct request *r,
                       const struct grf_jval *input)
{
    size_t n = grf_jval_count(input);
    size_t shown = is(r, "fewer") ? n - 1 : n;
    grf_str_addz(out, "{\"object\":\"list\",\"data\":[");
    for (size_t k = 0; k < shown; k++) {
        // 7 has no common divisor with the batch sizes that tests use
        size_t i = is(r, "shuffled") ? (k * 7 + 3) % n : k;
        if (k)
            grf_str_addc(out, ',');
        add_item(out, r, i, grf_jval_sv(grf_jval_at(input, i)));
    }
    grf_str_addz(out, "],\"model\":\"test\"}");
}

/* ---- reranking */

/* How many words of the question the text holds, of letters and digits. */
static int shared_words(struct grf_sv question, const char *text)
{
    int found = 0;
    for (size_t i = 0; i < question.n;) {
        char word[64];
        size_t n = 0;
        while (i + n < question.n && question.p[i + n] > ' ')
            n++;
        snprintf(word, sizeof(word), "%.*s", (int)n, question.p + i);
        found += n && strstr(text, word);
        i += n + 1;
    }
    return found;
}

static int score_of(const struct request *r, struct grf_sv question, const char *text)
{
    return is(r, "rankword") ? has_word(r, text) : shared_words(question, text);
}

static void add_score(struct grf_str *out, const struct request *r, size_t i, int score)
{
    const char *name = is(r, "tei") ? "score" : "relevance_score";
    if (out->p[out->n - 1] == '}')
        grf_str_addc(out, ',');
    if (is(r, "ranknoindex"))
        grf_str_addf(out, "{\"%s\":%d.25}", name, score);
    else if (is(r, "ranknan"))
        grf_str_addf(out, "{\"index\":%zu,\"%s\":null}", i, name);
    else
        grf_str_addf(out, "{\"index\":%zu,\"%s\":%d.25}", is(r, "ranktwice") ? 0 : i,
                     name, score);
}

static void serve_scores(int fd, const struct request *r)
{
    struct grf_jdoc *doc = NULL;
    struct grf_str out;
    grf_str_init(&out, REQUEST_MOST);
    if (grf_jdoc_parse(r->body, &doc, NULL)) {
        answer(fd, 400, "", grf_sv_z("{\"error\":\"bad JSON\"}"));
        return;
    }
    const struct grf_jval *root = grf_jdoc_root(doc);
    const struct grf_jval *texts =
        grf_jval_get(root, is(r, "tei") ? "texts" : "documents");
    struct grf_sv question = grf_jval_sv(grf_jval_get(root, "query"));
    if (!grf_jval_count(texts) || !question.n) {
        answer(fd, 422, "", grf_sv_z("missing field"));
    } else {
        grf_str_addz(&out, is(r, "tei") ? "[" : "{\"model\":\"m\",\"results\":[");
        // best first, as these servers do
        for (int score = 20; score >= 0; score--)
            for (size_t i = 0; i < grf_jval_count(texts) - is(r, "rankfewer"); i++)
                if (score_of(r, question, grf_jval_text(grf_jval_at(texts, i))) == score)
                    add_score(&out, r, i, score);
        grf_str_addz(&out, is(r, "tei") ? "]" : "]}");
        answer(fd, 200, "", grf_str_sv(&out));
    }
    grf_jdoc_free(doc);
    grf_str_release(&out);
}

/* OpenAI refuses empty texts. */
static bool has_empty(const struct grf_jval *input)
{
    for (size_t i = 0; i < grf_jval_count(input); i++)
        if (grf_jval_sv(grf_jval_at(input, i)).n == 0)
            return true;
    return false;
}

static void serve_vectors(int fd, const struct request *r)
{
    struct grf_jdoc *doc = NULL;
    struct grf_str out;
    grf_str_init(&out, REQUEST_MOST);
    if (grf_jdoc_parse(r->body, &doc, NULL) == GRF_OK) {
        const struct grf_jval *root = grf_jdoc_root(doc);
        const struct grf_jval *input = grf_jval_get(root, "input");
        if (!grf_jval_text(grf_jval_get(root, "model")) || has_empty(input)) {
            answer(fd, 400, "", grf_sv_z("{\"error\":\"bad input\"}"));
        } else {
            add_answer(&out, r, input);
            answer(fd, 200, "", grf_str_sv(&out));
        }
    } else {
        answer(fd, 400, "", grf_sv_z("{\"error\":\"bad JSON\"}"));
    }
    grf_jdoc_free(doc);
    grf_str_release(&out);
}

/* Never-ending body: more than any client should take. */
static void serve_huge(int fd)
{
    static char block[65536];
    char head[] = "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n";
    memset(block, ' ', sizeof(block));
    send_all(fd, head, sizeof(head) - 1);
    for (int i = 0; i < 1600; i++) // 100 MB
        if (send(fd, block, sizeof(block), MSG_NOSIGNAL) <= 0)
            return;
}

/* Announces more than it sends. */
static void serve_cut(int fd)
{
    static const char text[] =
        "HTTP/1.1 200 X\r\nContent-Length: 100000\r\n\r\n{\"data\":[";
    send_all(fd, text, sizeof(text) - 1);
}

static void serve(int fd, struct request *r, int *once)
{
    if (!read_request(fd, r))
        return;
    read_path(r);
    if (r->told)
        fprintf(stderr, "%.*s\n", (int)strcspn(r->bytes.p, "\r\n"), r->bytes.p);
    bool first = (*once)++ == 0;
    if (is(r, "cut") || (is(r, "cutonce") && first))
        serve_cut(fd);
    else if (is(r, "500always") || (is(r, "500once") && first))
        answer(fd, 500, "", grf_sv_z("{\"error\":\"model \033[31mloading\"}"));
    else if (is(r, "429once") && first)
        answer(fd, 429, "Retry-After: 1\r\n", grf_sv_z("{\"error\":\"slow down\"}"));
    else if (is(r, "redirect"))
        answer(fd, 302, "Location: http://192.0.2.1/v1/embeddings\r\n", grf_sv_z("{}"));
    else if (is(r, "slow"))
        poll(NULL, 0, WAIT_MS);
    else if (is(r, "garbage"))
        answer(fd, 200, "", grf_sv_z("<html>not JSON</html>"));
    else if (is(r, "huge"))
        serve_huge(fd);
    else if (is(r, "key400") &&
             !strstr(r->bytes.p, "Authorization: Bearer s3cret-token\r\n"))
        answer(fd, 401, "", grf_sv_z("{\"error\":\"who are you\"}"));
    else if (is(r, "tei") || strncmp(r->how, "rank", 4) == 0 || is(r, "rerank"))
        serve_scores(fd, r);
    else
        serve_vectors(fd, r);
}

static int listen_on_loopback(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof(a);
    memset(&a, 0, sizeof(a));
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
        listen(fd, 16) != 0 || getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        return -1;
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    struct request r = {.told = argc > 1 && strcmp(argv[1], "-v") == 0};
    int once = 0;
    int listening = listen_on_loopback();
    if (listening < 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    grf_str_init(&r.bytes, REQUEST_MOST);
    for (;;) {
        struct pollfd wait[] = {{STDIN_FILENO, POLLIN, 0}, {listening, POLLIN, 0}};
        if (poll(wait, 2, -1) < 0 || wait[0].revents)
            break;
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        serve(fd, &r, &once);
        close(fd);
    }
    grf_str_release(&r.bytes);
    return 0;
}

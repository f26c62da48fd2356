/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The endpoint embedder, its client program and a loopback server that misbehaves on
 * request (tests/tools/embedserver.c), all three as separate processes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_embed.h"
#include "grf_mem.h"
#include "grf_progress.h"

struct server {
    pid_t pid;
    int hold; /* closing it ends the server */
    int port;
};

static void server_start(struct server *s)
{
    int in[2], out[2];
    char *path = grf_helper_path("tools/embedserver");
    char text[16] = "";
    assert_non_null(path);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    fflush(NULL);
    s->pid = fork();
    if (s->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s->hold = in[1];
    assert_true(read(out[0], text, sizeof(text) - 1) > 1); // `make tools` builds it
    s->port = (int)strtol(text, NULL, 10);
    close(out[0]);
    grf_free(path);
}

static void server_stop(struct server *s)
{
    close(s->hold);
    waitpid(s->pid, NULL, 0);
}

/* Opens the endpoint http://127.0.0.1:PORT/HOW; the settings may be changed before. */
static struct grf_embed_endpoint endpoint(const struct server *s, const char *how,
                                          char url[128])
{
    struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
    snprintf(url, 128, "http://127.0.0.1:%d/%s", s->port, how);
    cfg.url = url;
    cfg.model = "test";
    cfg.timeout_ms = 5000;
    cfg.retries = 0;
    return cfg;
}

static size_t open_descriptors(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* The row that the server makes of this text, scaled to length 1. */
static void expected_row(struct grf_sv text, int dim, float *row)
{
    uint32_t hash = 2166136261u;
    double sum = 0;
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 16777619u;
    for (int k = 0; k < dim; k++) {
        char number[32];
        hash = hash * 1664525u + 1013904223u;
        snprintf(number, sizeof(number), "%d.%02u", (int)(hash >> 28) - 8,
                 (unsigned)(hash >> 16) % 100);
        row[k] = strtof(number, NULL);
        sum += (double)row[k] * row[k];
    }
    for (int k = 0; k < dim; k++)
        row[k] = (float)(row[k] / sqrt(sum));
}

enum { MANY = 61, DIM = 8 };

/* Embeds MANY texts, two of them blank, and checks each row. */
static void check_rows(struct grf_embedder *e)
{
    char words[MANY][40];
    struct grf_sv texts[MANY];
    float rows[MANY * DIM], expected[DIM];
    struct grf_err err = GRF_ERR_INIT;
    for (size_t i = 0; i < MANY; i++) {
        snprintf(words[i], sizeof(words[i]), "école \"n° %zu\" \\ \n", i);
        texts[i] = grf_sv_z(words[i]);
    }
    texts[0] = grf_sv_z(" \n");
    texts[40] = grf_sv_z("");
    memset(rows, 0x7F, sizeof(rows));
    assert_int_equal(grf_embed_texts(e, texts, MANY, rows, &err), GRF_OK);
    for (size_t i = 0; i < MANY; i++) {
        memset(expected, 0, sizeof(expected));
        if (i != 0 && i != 40)
            expected_row(texts[i], DIM, expected);
        for (size_t k = 0; k < DIM; k++)
            if (fabsf(rows[i * DIM + k] - expected[k]) > 1e-5f)
                fail_msg("text %zu, number %zu", i, k);
    }
}

static void rows_belong_to_their_texts(void **state)
{
    (void)state;
    static const char *const hows[] = {"ok", "shuffled", "noindex"};
    struct server s;
    char url[128];
    server_start(&s);
    size_t before = open_descriptors();
    for (size_t i = 0; i < GRF_ARRAY_LEN(hows); i++) {
        struct grf_embed_endpoint cfg = endpoint(&s, hows[i], url);
        struct grf_embedder *e = NULL;
        struct grf_err err = GRF_ERR_INIT;
        cfg.batch = 16;
        assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_OK);
        assert_int_equal(grf_embed_dim(e), DIM);
        assert_string_equal(grf_embed_fingerprint(e), "endpoint:test:8");
        check_rows(e);
        check_rows(e); // the client is kept
        grf_embed_close(e);
    }
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); // only the server is left
    server_stop(&s);
}

/* Opening against /HOW gives this status and a message with these words. */
static void refused(const char *how, grf_status status, const char *words, int retries)
{
    struct server s;
    char url[128];
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, how, url);
    cfg.retries = retries;
    cfg.timeout_ms = strcmp(how, "slow") == 0 ? 300 : 5000;
    grf_status got = grf_embed_open_endpoint(&cfg, &e, &err);
    server_stop(&s);
    if (got != status || !strstr(err.msg, words))
        fail_msg("%s: status %d, '%s'", how, got, err.msg);
    assert_null(e);
    assert_null(strchr(err.msg, '\033'));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); // no child left behind
}

static void bad_answers_are_named(void **state)
{
    (void)state;
    refused("garbage", GRF_PARSE, "cannot be read", 0);
    refused("fewer", GRF_PARSE, "0 vectors for 1 texts", 0);
    refused("nan", GRF_PARSE, "not a finite number", 0);
    refused("text", GRF_PARSE, "not a finite number", 0);
    refused("ok?dim=0", GRF_PARSE, "a vector of 0 numbers", 0);
    refused("ok?dim=9000", GRF_PARSE, "a vector of 9000 numbers", 0);
    refused("redirect", GRF_INVALID, "HTTP 302", 3);
    refused("500always", GRF_NET, "HTTP 500): {\"error\":\"model ?[31mloading\"}", 1);
    refused("429once", GRF_NET, "HTTP 429", 0);
    refused("cut", GRF_NET, "", 1);
    refused("slow", GRF_TIMEOUT, "no answer within 300 ms", 3);
    refused("huge", GRF_LIMIT, "over 64 MB", 0);
}

/* What goes wrong once is tried again; the waits are as long as announced. */
static void passing_faults_are_retried(void **state)
{
    (void)state;
    static const struct {
        const char *how;
        double least_seconds;
    } cases[] = {{"500once", 0.25}, {"429once", 1.0}, {"cutonce", 0.25}};
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct server s;
        char url[128];
        struct grf_embedder *e = NULL;
        struct grf_err err = GRF_ERR_INIT;
        server_start(&s);
        struct grf_embed_endpoint cfg = endpoint(&s, cases[i].how, url);
        cfg.retries = 2;
        double started = grf_now();
        if (grf_embed_open_endpoint(&cfg, &e, &err) != GRF_OK)
            fail_msg("%s: %s", cases[i].how, err.msg);
        assert_true(grf_now() - started >= cases[i].least_seconds);
        check_rows(e);
        grf_embed_close(e);
        server_stop(&s);
    }
}

static void wrong_dimension(void **state)
{
    (void)state;
    struct server s;
    char url[128];
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_sv texts[] = {grf_sv_z("a"), grf_sv_z("b"), grf_sv_z("c")};
    float rows[3 * DIM];
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, "ok", url);
    cfg.dim = 16;
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
    assert_non_null(strstr(err.msg, "vectors of 8 numbers where 16 are expected"));
    cfg = endpoint(&s, "baddim", url);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_OK);
    assert_int_equal(grf_embed_texts(e, texts, 3, rows, &err), GRF_INVALID);
    // the embedder is usable again after a failure: one text only is answered right
    assert_int_equal(grf_embed_texts(e, texts, 1, rows, &err), GRF_OK);
    grf_embed_close(e);
    cfg = endpoint(&s, "twice", url);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_OK);
    assert_int_equal(grf_embed_texts(e, texts, 2, rows, &err), GRF_PARSE);
    assert_non_null(strstr(err.msg, "index 0 out of place"));
    grf_embed_close(e);
    server_stop(&s);
}

/* Nothing goes to another machine, by whatever spelling. */
static void other_machines_are_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "http://192.0.2.1/v1/embeddings",
        "http://[2001:db8::1]:80/v1",
        "http://example.invalid/v1", // not even looked up
        "http://127.0.0.1.example.invalid/",
        "http://localhost.example.invalid/",
        "http://0.0.0.0:1/",
        "http://3221225985/", // 192.0.2.1
        "http://[::ffff:192.0.2.1]/",
    };
    setenv("http_proxy", "http://192.0.2.1:3128", 1);
    for (size_t i = 0; i < GRF_ARRAY_LEN(urls); i++) {
        struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
        struct grf_embedder *e = NULL;
        struct grf_err err = GRF_ERR_INIT;
        cfg.url = urls[i];
        cfg.model = "m";
        cfg.timeout_ms = 2000;
        grf_status s = grf_embed_open_endpoint(&cfg, &e, &err);
        if (s != GRF_INVALID || !strstr(err.msg, "not an address of this machine"))
            fail_msg("%s: status %d, '%s'", urls[i], s, err.msg);
    }
    static const char *const schemes[] = {"ftp://127.0.0.1/", "file:///etc/passwd",
                                          "gopher://localhost/", "http://", "nonsense here",
                                          "http://127.0.0.1@192.0.2.1/"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(schemes); i++) {
        struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
        struct grf_embedder *e = NULL;
        struct grf_err err = GRF_ERR_INIT;
        cfg.url = schemes[i];
        cfg.model = "m";
        assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
    }
    // the proxy of the environment is not used for this machine's own addresses
    struct server s;
    char url[128];
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, "ok", url);
    struct grf_embedder *e = NULL;
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, NULL), GRF_OK);
    grf_embed_close(e);
    snprintf(url, sizeof(url), "http://localhost:%d/ok", s.port);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, NULL), GRF_OK);
    grf_embed_close(e);
    server_stop(&s);
    unsetenv("http_proxy");
}

static void key_is_read_from_its_file(void **state)
{
    (void)state;
    char path[] = "/tmp/grf-key-XXXXXX", url[128];
    struct server s;
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "s3cret-token\n", 13), 13);
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, "key400", url);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
    assert_non_null(strstr(err.msg, "HTTP 401"));
    cfg.key_file = path;
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_OK);
    grf_embed_close(e);
    // a header cannot be smuggled in
    assert_int_equal(write(fd, "\r\nX-Evil: 1\n", 12), 12);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
    assert_null(strstr(err.msg, "s3cret"));
    cfg.allow_remote = true;
    cfg.url = "http://192.0.2.1/v1";
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
    assert_non_null(strstr(err.msg, "in clear"));
    server_stop(&s);
    assert_int_equal(ftruncate(fd, 0), 0);
    cfg.allow_remote = false;
    cfg.url = "http://127.0.0.1:1/";
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
    close(fd);
    unlink(path);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_NOTFOUND);
}

static void nobody_listens(void **state)
{
    (void)state;
    struct server s;
    char url[128];
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, "ok", url);
    server_stop(&s);
    cfg.retries = 1;
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_NET);
}

/* The server goes away in the middle, then another takes its place at a new port; and
   the client is killed: each call fails or works, none hangs. */
static void lost_client_is_replaced(void **state)
{
    (void)state;
    struct server s;
    char url[128], command[64];
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_sv text = grf_sv_z("a");
    float row[DIM];
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, "ok", url);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_OK);
    // our only other child is the client
    snprintf(command, sizeof(command), "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(command, "r");
    int first = 0, second = 0;
    if (f && fscanf(f, "%d %d", &first, &second) == 2)
        kill(first == s.pid ? second : first, SIGKILL);
    if (f)
        fclose(f);
    if (second) {
        assert_int_equal(grf_embed_texts(e, &text, 1, row, &err), GRF_IO);
        assert_int_equal(grf_embed_texts(e, &text, 1, row, &err), GRF_OK);
    }
    server_stop(&s);
    assert_int_equal(grf_embed_texts(e, &text, 1, row, &err), GRF_NET);
    grf_embed_close(e);
}

static void bad_client_program(void **state)
{
    (void)state;
    struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    cfg.url = "http://127.0.0.1:1/";
    cfg.model = "m";
    cfg.client = "/nowhere/client";
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_NOTFOUND);
    cfg.client = "/bin/false";
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_IO);
    cfg.client = "/bin/true"; // ends without a word
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_IO);
    cfg.model = "";
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
    cfg.model = NULL;
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_INVALID);
}

static void text_without_end(void **state)
{
    (void)state;
    struct server s;
    char url[128];
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    size_t n = 17u * 1024 * 1024;
    char *big = (char *)grf_alloc(n);
    assert_non_null(big);
    memset(big, 'a', n);
    float rows[2 * DIM];
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, "ok", url);
    assert_int_equal(grf_embed_open_endpoint(&cfg, &e, &err), GRF_OK);
    struct grf_sv text = grf_sv(big, n);
    assert_int_equal(grf_embed_texts(e, &text, 1, rows, &err), GRF_LIMIT);
    // two that fit alone, not together: two requests
    struct grf_sv two[] = {grf_sv(big, 9u * 1024 * 1024), grf_sv(big, 9u * 1024 * 1024)};
    assert_int_equal(grf_embed_texts(e, two, 2, rows, &err), GRF_OK);
    assert_memory_equal(rows, rows + DIM, DIM * sizeof(float));
    grf_embed_close(e);
    server_stop(&s);
    grf_free(big);
}

static void no_memory(void **state)
{
    (void)state;
    struct server s;
    char url[128];
    server_start(&s);
    struct grf_embed_endpoint cfg = endpoint(&s, "ok", url);
    size_t before = open_descriptors();
    uint64_t nth = 1;
    for (;; nth++) {
        struct grf_embedder *e = NULL;
        struct grf_err err = GRF_ERR_INIT;
        struct grf_sv text = grf_sv_z("a");
        float row[DIM];
        (void)grf_mem_fail_at(nth, 0);
        grf_status status = grf_embed_open_endpoint(&cfg, &e, &err);
        if (status == GRF_OK)
            status = grf_embed_texts(e, &text, 1, row, &err);
        (void)grf_mem_fail_at(0, 0);
        grf_embed_close(e);
        if (status == GRF_OK)
            break;
        assert_int_equal(status, GRF_NOMEM);
        assert_true(nth < 100);
    }
    assert_true(nth > 8);
    assert_int_equal(open_descriptors(), before);
    server_stop(&s);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    setenv("LANGUAGE", "en", 1);
    signal(SIGPIPE, SIG_DFL); // a dead client must not take us with it
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_belong_to_their_texts),
        cmocka_unit_test(bad_answers_are_named),
        cmocka_unit_test(passing_faults_are_retried),
        cmocka_unit_test(wrong_dimension),
        cmocka_unit_test(other_machines_are_refused),
        cmocka_unit_test(key_is_read_from_its_file),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(lost_client_is_replaced),
        cmocka_unit_test(bad_client_program),
        cmocka_unit_test(text_without_end),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

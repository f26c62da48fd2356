/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reranking through greffier-embed-client, against tests/tools/embedserver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_embed.h"
#include "grf_mem.h"

struct server {
    pid_t pid;
    int hold, port;
};

static int server_start(void **state)
{
    static struct server s;
    int in[2], out[2];
    char *path = grf_helper_path("tools/embedserver");
    char text[16] = "";
    assert_non_null(path);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    setenv("LANGUAGE", "en", 1); // the client speaks the language of its user
    fflush(NULL);
    s.pid = fork();
    if (s.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s.hold = in[1];
    assert_true(read(out[0], text, sizeof(text) - 1) > 1); // `make tools` builds it
    s.port = (int)strtol(text, NULL, 10);
    close(out[0]);
    grf_free(path);
    *state = &s;
    return 0;
}

static int server_stop(void **state)
{
    struct server *s = *state;
    close(s->hold);
    waitpid(s->pid, NULL, 0);
    return 0;
}

static struct grf_reranker *open_at(const struct server *s, const char *how, int batch)
{
    struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
    struct grf_reranker *r = NULL;
    char url[128];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/%s", s->port, how);
    cfg.url = url;
    cfg.model = "test";
    cfg.timeout_ms = 5000;
    cfg.retries = 0;
    cfg.batch = batch;
    assert_int_equal(grf_rerank_open(&cfg, &r, NULL), GRF_OK);
    return r;
}

enum { N = 7 };

/* Scores are those of the texts, however the server sorts them and whatever is blank. */
static void check(struct grf_reranker *r)
{
    static const char *const texts[N] = {
        "rien", "la cantine scolaire", "  ", "tarif de la cantine", "cantine",
        "",     "tarif \"2019\""};
    static const float want[N] = {0.25f, 2.25f, 0.25f, 3.25f, 1.25f, 0.25f, 1.25f};
    struct grf_sv v[N];
    float scores[N];
    struct grf_err err = GRF_ERR_INIT;
    for (size_t i = 0; i < N; i++)
        v[i] = grf_sv_z(texts[i]);
    if (grf_rerank_scores(r, grf_sv_z("tarif la cantine"), v, N, scores, &err))
        fail_msg("%s", err.msg);
    for (size_t i = 0; i < N; i++)
        if (scores[i] != want[i])
            fail_msg("text %zu: %f, not %f", i, (double)scores[i], (double)want[i]);
}

static void both_forms(void **state)
{
    static const char *const forms[] = {"rerank", "tei"};
    for (size_t i = 0; i < 2; i++) {
        for (int batch = 0; batch <= 300; batch += batch < 3 ? 1 : 99) {
            struct grf_reranker *r = open_at(*state, forms[i], batch);
            check(r);
            check(r); // the form that was learned
            grf_rerank_close(r);
        }
    }
}

/* An address that ends in /embeddings gives vectors: cosines with the question's. */
static void cosines_of_vectors(void **state)
{
    static const char *const ends[] = {"", "/"};
    for (size_t i = 0; i < 2; i++) {
        char how[64];
        snprintf(how, sizeof(how), "vecword/v1/embeddings%s?word=cantine", ends[i]);
        struct grf_reranker *r = open_at(*state, how, 2);
        struct grf_sv v[] = {grf_sv_z("piscine"), grf_sv_z("la cantine"), grf_sv_z(" "),
                             grf_sv_z("cantine")};
        float scores[4];
        assert_int_equal(grf_rerank_scores(r, grf_sv_z("repas"), v, 4, scores, NULL), GRF_OK);
        assert_true(scores[0] == 0.0f && scores[2] == 0.0f);
        assert_true(scores[1] == 1.0f && scores[3] == 1.0f);
        grf_rerank_close(r);
    }
}

static void no_settings_no_reranker(void **state)
{
    struct grf_conf c;
    struct grf_reranker *r;
    (void)state;
    assert_int_equal(grf_conf_load(&c, NULL, NULL), GRF_OK);
    assert_int_equal(grf_rerank_open_conf(&c, &r, NULL), GRF_OK);
    assert_null(r);
    grf_conf_release(&c);
}

static void bad_answers_are_named(void **state)
{
    static const struct {
        const char *how, *words;
        grf_status status;
    } cases[] = {
        {"rankfewer", "scores for 1 texts", GRF_PARSE},
        {"ranktwice", "index 0 out of place", GRF_PARSE},
        {"ranknoindex", "index -1 out of place", GRF_PARSE},
        {"ranknan", "not a finite number", GRF_PARSE},
        {"garbage", "cannot be read", GRF_PARSE},
        {"ok", "0 scores for 2 texts", GRF_PARSE}, // an embeddings address
        {"500always", "HTTP 500", GRF_NET},
        {"redirect", "HTTP 302", GRF_INVALID},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct grf_err err = GRF_ERR_INIT;
        struct grf_sv texts[] = {grf_sv_z("un"), grf_sv_z("deux")};
        float scores[2];
        struct grf_reranker *r = open_at(*state, cases[i].how, 0);
        size_t n = strcmp(cases[i].how, "rankfewer") == 0 ? 1 : 2;
        grf_status s =
            grf_rerank_scores(r, grf_sv_z("une question"), texts, n, scores, &err);
        if (s != cases[i].status || !strstr(err.msg, cases[i].words))
            fail_msg("%s: %d, '%s'", cases[i].how, s, err.msg);
        grf_rerank_close(r);
    }
}

static void what_cannot_be_asked(void **state)
{
    struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
    struct grf_reranker *r = NULL;
    struct grf_sv blank = grf_sv_z(" ");
    float score = 7;
    assert_int_equal(grf_rerank_open(&cfg, &r, NULL), GRF_INVALID);
    assert_null(r);
    r = open_at(*state, "rerank", 0);
    assert_int_equal(grf_rerank_scores(r, blank, &blank, 1, &score, NULL), GRF_INVALID);
    assert_int_equal(grf_rerank_scores(r, grf_sv_z("x"), NULL, 0, NULL, NULL), GRF_OK);
    assert_int_equal(grf_rerank_scores(r, grf_sv_z("x"), &blank, 1, &score, NULL),
                     GRF_OK);
    assert_true(score == 0);
    grf_rerank_close(r);
    grf_rerank_close(NULL);
    // another machine is refused when it is asked
    cfg.url = "http://192.0.2.1/rerank";
    cfg.model = "m";
    struct grf_sv text = grf_sv_z("un");
    assert_int_equal(grf_rerank_open(&cfg, &r, NULL), GRF_OK);
    assert_int_equal(grf_rerank_scores(r, text, &text, 1, &score, NULL), GRF_INVALID);
    grf_rerank_close(r);
}

static void no_memory(void **state)
{
    struct server *s = *state;
    struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
    char url[128];
    uint64_t met = 0;
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/rerank", s->port);
    cfg.url = url;
    cfg.model = "m";
    for (;; met++) {
        struct grf_reranker *r = NULL;
        struct grf_sv text = grf_sv_z("un");
        float score;
        grf_mem_fail_at(met + 1, 1);
        grf_status st = grf_rerank_open(&cfg, &r, NULL);
        if (st == GRF_OK)
            st = grf_rerank_scores(r, text, &text, 1, &score, NULL);
        grf_mem_fail_at(0, 0);
        grf_rerank_close(r);
        if (st == GRF_OK)
            break;
        assert_int_equal(st, GRF_NOMEM);
    }
    assert_true(met > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms),
        cmocka_unit_test(cosines_of_vectors),
        cmocka_unit_test(no_settings_no_reranker),
        cmocka_unit_test(bad_answers_are_named),
        cmocka_unit_test(what_cannot_be_asked),
        cmocka_unit_test(no_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, server_start, server_stop);
}

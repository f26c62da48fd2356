/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The HTTP client against tests/tools/badserver, which misbehaves as a rules file says
 * and logs what it was asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../indexer/http.h"
#include "grf_file.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "grf_where.h"

/* ---- the server */

struct fixture {
    char dir[64];
    pid_t pid;
    int hold, port, turn;
    struct http *http;
};

static void put_file(const struct fixture *f, const char *name, struct grf_sv bytes)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, out), bytes.n);
    assert_int_equal(fclose(out), 0);
}

/* Rules from now on; their counts start again. An empty log too. */
static void rules(struct fixture *f, const char *text)
{
    char all[1024];
    int n = snprintf(all, sizeof(all), "# %d\n%s\n", ++f->turn, text);
    put_file(f, "rules", grf_sv(all, (size_t)n));
    char path[256];
    snprintf(path, sizeof(path), "%s/log", f->dir);
    assert_int_equal(truncate(path, 0), 0);
}

static void read_log(const struct fixture *f, struct grf_str *out)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/log", f->dir);
    grf_str_init(out, 1 << 20);
    assert_int_equal(grf_file_read(path, 1 << 20, out, NULL), GRF_OK);
}

static size_t requests(const struct fixture *f)
{
    struct grf_str log;
    size_t n = 0;
    read_log(f, &log);
    for (size_t i = 0; i < log.n; i++)
        n += log.p[i] == '\n';
    grf_str_release(&log);
    return n;
}

static void assert_logged(const struct fixture *f, const char *words)
{
    struct grf_str log;
    read_log(f, &log);
    if (!strstr(log.p, words))
        fail_msg("'%s' is not in:\n%s", words, log.p);
    grf_str_release(&log);
}

static void start(struct fixture *f)
{
    int in[2], out[2];
    char root[128], log[128], rules_path[128], text[16] = "";
    char *program = grf_helper_path("tools/badserver");
    snprintf(root, sizeof(root), "%s/www", f->dir);
    snprintf(log, sizeof(log), "%s/log", f->dir);
    snprintf(rules_path, sizeof(rules_path), "%s/rules", f->dir);
    assert_non_null(program);
    assert_int_equal(mkdir(root, 0700), 0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    fflush(NULL);
    f->pid = fork();
    if (f->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl(program, program, root, log, rules_path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    f->hold = in[1];
    assert_true(read(out[0], text, sizeof(text) - 1) > 1); // `make tools` builds it
    f->port = (int)strtol(text, NULL, 10);
    close(out[0]);
    grf_free(program);
}

/* "line 1\nline 2\n" ... up to 100 kB: every part of it differs. */
static struct grf_str big(void)
{
    struct grf_str s;
    grf_str_init(&s, 200000);
    for (int i = 0; s.n < 100000; i++)
        grf_str_addf(&s, "line %d\n", i);
    return s;
}

static int setup(void **state)
{
    static struct fixture f;
    struct http_options o = HTTP_OPTIONS_INIT;
    memset(&f, 0, sizeof(f));
    snprintf(f.dir, sizeof(f.dir), "/tmp/grf-http-XXXXXX");
    assert_non_null(mkdtemp(f.dir));
    start(&f);
    struct grf_str bytes = big();
    put_file(&f, "www/big.pdf", grf_str_sv(&bytes));
    put_file(&f, "www/small.html", grf_sv_z("<p>un</p>\n"));
    grf_str_release(&bytes);
    o.delay_ms = 0;
    o.first_wait_ms = 1;
    o.contact = "essai\r\nX-Evil: 1";
    assert_int_equal(http_open(&o, &f.http, NULL), GRF_OK);
    *state = &f;
    return 0;
}

static int remove_one(const char *path, const struct stat *sb, int kind, struct FTW *at)
{
    (void)sb, (void)kind, (void)at;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http_close(f->http);
    close(f->hold);
    waitpid(f->pid, NULL, 0);
    return nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- fetching */

struct got {
    struct http_response a;
    struct grf_err err;
    struct grf_str body;
    grf_status status;
};

static void release(struct got *g)
{
    http_response_release(&g->a);
    grf_str_release(&g->body);
}

static struct http_request request(const struct fixture *f, const char *path,
                                   char url[512])
{
    struct http_request r = HTTP_REQUEST_INIT;
    snprintf(url, 512, "http://127.0.0.1:%d%s", f->port, path);
    r.url = url;
    r.private_ok = true;
    r.robots = false;
    r.retries = 0;
    r.total_ms = 20000;
    return r;
}

static void fetch(struct fixture *f, struct http_request *r, struct got *g)
{
    memset(g, 0, sizeof(*g));
    grf_str_init(&g->body, 0);
    if (!r->file)
        r->body = &g->body;
    g->status = http_fetch(f->http, r, &g->a, &g->err);
    if (g->status && !strstr(g->err.msg, "http"))
        fail_msg("does not name the address: '%s'", g->err.msg);
}

/* Fetches path under a rule and expects this way of going wrong. */
static void expect(struct fixture *f, const char *rule, const char *path,
                   grf_status status, enum http_outcome outcome, const char *words)
{
    struct got g;
    char url[512];
    rules(f, rule);
    struct http_request r = request(f, path, url);
    fetch(f, &r, &g);
    if (g.status != status || g.a.outcome != outcome || !strstr(g.err.msg, words))
        fail_msg("%s: status %d, outcome %s, '%s'", rule, g.status,
                 http_outcome_name(g.a.outcome), g.err.msg);
    release(&g);
}

static void plain(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512];
    rules(f, "");
    struct http_request r = request(f, "/small.html#part", url);
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.outcome, HTTP_GOT);
    assert_int_equal(g.a.status, 200);
    assert_string_equal(g.body.p, "<p>un</p>\n");
    assert_int_equal(g.a.bytes, 10);
    assert_int_equal(g.a.content_length, 10);
    assert_string_equal(g.a.content_type, "text/html; charset=utf-8");
    assert_non_null(g.a.etag);
    assert_non_null(g.a.last_modified);
    assert_int_equal(strlen(g.a.sha256), 64);
    assert_int_equal(g.a.tries, 1);
    assert_null(strchr(g.a.url, '#'));
    assert_logged(f, "User-Agent=greffier/");
    assert_logged(f, "(essai??X-Evil: 1)");
    release(&g);
    r.head = true;
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.content_length, 10);
    assert_int_equal(g.body.n, 0);
    release(&g);
}

static void unchanged(void **state)
{
    struct fixture *f = *state;
    struct got first, second;
    char url[512];
    rules(f, "");
    struct http_request r = request(f, "/small.html", url);
    fetch(f, &r, &first);
    r.etag = first.a.etag;
    fetch(f, &r, &second);
    assert_int_equal(second.status, GRF_OK);
    assert_int_equal(second.a.outcome, HTTP_UNCHANGED);
    assert_int_equal(second.body.n, 0);
    release(&second);
    r.etag = NULL;
    r.last_modified = first.a.last_modified;
    fetch(f, &r, &second);
    assert_int_equal(second.a.outcome, HTTP_UNCHANGED);
    release(&second);
    release(&first);
    expect(f, "/small.html status=304", "/small.html", GRF_INVALID, HTTP_DENIED, "304");
}

static void refusals(void **state)
{
    struct fixture *f = *state;
    expect(f, "", "/none", GRF_NOTFOUND, HTTP_GONE, "404");
    expect(f, "* status=410", "/x", GRF_NOTFOUND, HTTP_GONE, "410");
    expect(f, "* status=403", "/x", GRF_INVALID, HTTP_DENIED,
           "403): status 403 as ordered");
    expect(f, "* status=204", "/x", GRF_INVALID, HTTP_DENIED, "204");
    expect(f, "* status=500", "/x", GRF_NET, HTTP_SERVER_FAILED, "500");
    expect(f, "* status=503 retry=100000", "/x", GRF_NET, HTTP_SERVER_FAILED, "503");
    expect(f, "* drop", "/x", GRF_NET, HTTP_NETWORK, "");
    expect(f, "* garbage", "/x", GRF_NET, HTTP_NETWORK, "");
    expect(f, "* headers", "/x", GRF_INVALID, HTTP_DENIED, "headers over 64 kB");
    expect(f, "* cut=1000", "/big.pdf", GRF_NET, HTTP_NETWORK, "");
    expect(f, "* longer=10", "/small.html", GRF_NET, HTTP_NETWORK, "");
    expect(f, "* status=404 endless", "/x", GRF_NOTFOUND, HTTP_GONE, "404");
}

static void tried_again(void **state)
{
    struct fixture *f = *state;
    static const char *const passing[] = {
        "* status=500 times=2", "* status=503 times=2", "* status=429 retry=0 times=2",
        "* drop times=2",       "* cut=10 times=2",     "* garbage times=2"};
    struct got g;
    char url[512];
    for (size_t i = 0; i < GRF_ARRAY_LEN(passing); i++) {
        rules(f, passing[i]);
        struct http_request r = request(f, "/big.pdf", url);
        r.retries = 2;
        fetch(f, &r, &g);
        if (g.status || g.a.tries != 3 || requests(f) != 3)
            fail_msg("%s: %d tries, %s", passing[i], g.a.tries, g.err.msg);
        assert_int_equal(g.err.code, GRF_OK); // as if nothing had been
        assert_int_equal(g.body.n, g.a.content_length);
        release(&g);
    }
    // no patience for what will not pass, nor for a server that asks for too much
    static const char *const lasting[] = {"* status=404", "* status=403", "* status=501",
                                          "* status=503 retry=3600"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(lasting); i++) {
        rules(f, lasting[i]);
        struct http_request r = request(f, "/big.pdf", url);
        r.retries = 2;
        fetch(f, &r, &g);
        assert_int_equal(g.a.tries, 1);
        release(&g);
    }
    assert_int_equal(g.a.retry_after, 0); // released
}

static void retry_after_is_waited_for(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512];
    rules(f, "* status=503 retry=1 times=1");
    struct http_request r = request(f, "/small.html", url);
    r.retries = 1;
    double from = grf_now();
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_true(grf_now() - from >= 1.0);
    release(&g);
}

static void slow_servers(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512];
    rules(f, "* stall=100");
    struct http_request r = request(f, "/big.pdf", url);
    r.total_ms = 300;
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_TIMEOUT);
    assert_int_equal(g.a.outcome, HTTP_TIMED_OUT);
    release(&g);
    rules(f, "* stall=100");
    r.total_ms = 0;
    r.low_bytes = 1000;
    r.low_seconds = 1;
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_TIMED_OUT);
    release(&g);
}

/* ---- sizes */

static void sizes(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512];
    static const char *const ways[] = {"", "* bomb=200", "* endless",
                                       "* declare=2147483648"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(ways); i++) {
        rules(f, ways[i]);
        struct http_request r = request(f, "/big.pdf", url);
        r.max_bytes = 50000;
        fetch(f, &r, &g);
        if (g.status != GRF_LIMIT || g.a.outcome != HTTP_TOO_BIG ||
            !strstr(g.err.msg, "over 48 kB") || g.body.cap > 100000)
            fail_msg("%s: %d, %s, %zu bytes kept", ways[i], g.status, g.err.msg,
                     g.body.cap);
        release(&g);
    }
    rules(f, "* endless");
    struct http_request r = request(f, "/big.pdf", url);
    r.max_bytes = 50000;
    r.cut = true;
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.body.n, 50000);
    release(&g);
    rules(f, "");
    r.cut = false;
    r.max_bytes = 100000 + 20;
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    release(&g);
}

/* ---- redirects */

static void redirects(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], rule[256];
    rules(f, "/a redirect=/b/../c?x=1\n/c?x=1 redirect=small.html");
    struct http_request r = request(f, "/a", url);
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.redirects, 2);
    assert_non_null(strstr(g.a.url, "/small.html"));
    release(&g);
    expect(f, "/a redirect=/a", "/a", GRF_INVALID, HTTP_ELSEWHERE, "to itself");
    expect(f, "/a redirect=/b\n/b redirect=/a", "/a", GRF_INVALID, HTTP_ELSEWHERE,
           "circles");
    expect(f, "/a redirect=http://10.0.0.1/", "/a", GRF_INVALID, HTTP_ELSEWHERE,
           "10.0.0.1");
    expect(f, "/a redirect=http://169.254.169.254/latest", "/a", GRF_INVALID,
           HTTP_ELSEWHERE, "169.254.169.254");
    expect(f, "/a redirect=https://example.invalid/", "/a", GRF_INVALID, HTTP_ELSEWHERE,
           "outside what the source allows");
    expect(f, "/a redirect=http://127.0.0.1:1/", "/a", GRF_INVALID, HTTP_ELSEWHERE,
           "outside");
    expect(f, "/a redirect=file:///etc/passwd", "/a", GRF_INVALID, HTTP_ELSEWHERE,
           "no http address");
    expect(f, "/a redirect=ftp://127.0.0.1/", "/a", GRF_INVALID, HTTP_ELSEWHERE,
           "no http address");
    expect(f, "/a status=302", "/a", GRF_INVALID, HTTP_DENIED, "302"); // leads nowhere
    // what the source's own host may do is not what another may
    snprintf(rule, sizeof(rule), "/a redirect=http://localhost:%d/small.html", f->port);
    expect(f, rule, "/a", GRF_INVALID, HTTP_ELSEWHERE, "outside");
    rules(f, "/a redirect=/small.html");
    r = request(f, "/a", url);
    r.redirects = HTTP_NOWHERE;
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_ELSEWHERE);
    release(&g);
}

static void private_addresses(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512];
    static const char *const hosts[] = {"127.0.0.1", "localhost",          "[::1]",
                                        "0x7f.1",    "[::ffff:127.0.0.1]", "2130706433",
                                        "0.0.0.0"};
    rules(f, "");
    for (size_t i = 0; i < GRF_ARRAY_LEN(hosts); i++) {
        struct http_request r = request(f, "/small.html", url);
        snprintf(url, sizeof(url), "http://%s:%d/small.html", hosts[i], f->port);
        r.private_ok = false;
        assert_true(http_names_private(url));
        fetch(f, &r, &g);
        if (g.a.outcome != HTTP_PRIVATE || g.status != GRF_INVALID)
            fail_msg("%s: %s", url, http_outcome_name(g.a.outcome));
        release(&g);
        // robots.txt is not asked there either
        r.robots = true;
        fetch(f, &r, &g);
        assert_int_equal(g.a.outcome, HTTP_PRIVATE);
        release(&g);
    }
    assert_int_equal(requests(f), 0);
    // a connection made with leave is not used again without
    struct http_request r = request(f, "/small.html", url);
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    release(&g);
    r.private_ok = false;
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_PRIVATE);
    release(&g);
}

/* ---- files */

static void path_in(const struct fixture *f, const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", f->dir, name);
}

static void assert_whole(const char *file)
{
    struct grf_str want = big(), have;
    grf_str_init(&have, 200000);
    assert_int_equal(grf_file_read(file, 200000, &have, NULL), GRF_OK);
    assert_int_equal(have.n, want.n);
    assert_memory_equal(have.p, want.p, want.n);
    grf_str_release(&want);
    grf_str_release(&have);
}

static void assert_no_part(const char *file)
{
    char part[300];
    snprintf(part, sizeof(part), "%s.part", file);
    assert_int_not_equal(access(part, F_OK), 0);
    snprintf(part, sizeof(part), "%s.part.info", file);
    assert_int_not_equal(access(part, F_OK), 0);
}

static struct http_request download(struct fixture *f, char url[512], char file[256])
{
    struct http_request r = request(f, "/big.pdf", url);
    path_in(f, "got.pdf", file);
    unlink(file);
    r.file = file;
    r.resume = true;
    r.max_bytes = 1 << 20;
    return r;
}

/* Cut off in one try, gone on with in the next, in the same fetch. */
static void resumed_at_once(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], file[256];
    struct http_request r = download(f, url, file);
    rules(f, "* cut=30000 times=1\n* cut=20000 times=1");
    r.retries = 3;
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.tries, 3);
    assert_int_equal(g.a.resumed_at, 0);
    assert_int_equal(g.a.fetched, g.a.bytes); // no byte twice
    assert_int_equal(strlen(g.a.sha256), 64);
    assert_logged(f, "Range=bytes=30000-");
    assert_logged(f, "Range=bytes=50000-");
    assert_logged(f, "If-Range=\"");
    release(&g);
    assert_whole(file);
    assert_no_part(file);
}

/* Cut off in one run, gone on with in another. */
static void cut_off(struct fixture *f, struct http_request *r)
{
    struct got g;
    rules(f, "* cut=30000");
    fetch(f, r, &g);
    assert_int_equal(g.status, GRF_NET);
    assert_int_not_equal(access(r->file, F_OK), 0);
    release(&g);
}

static void resumed_later(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], file[256];
    struct http_request r = download(f, url, file);
    cut_off(f, &r);
    rules(f, "");
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.resumed_at, 30000);
    assert_int_equal(requests(f), 1);
    release(&g);
    assert_whole(file);
    assert_no_part(file);
}

/* The machine was started again: what was not synced may be anything. */
static void resumed_after_power_cut(void **state)
{
    struct fixture *f = *state;
    static const int safe[] = {0, 10000, 90000};
    struct got g;
    char url[512], file[256], info[300], part[300];
    for (size_t i = 0; i < GRF_ARRAY_LEN(safe); i++) {
        struct http_request r = download(f, url, file);
        struct grf_str text;
        cut_off(f, &r);
        snprintf(info, sizeof(info), "%s.part.info", file);
        snprintf(part, sizeof(part), "%s.part", file);
        grf_str_init(&text, 10000);
        assert_int_equal(grf_file_read(info, 10000, &text, NULL), GRF_OK);
        grf_str_cut(&text, text.n - 1);
        grf_str_cut(&text, (size_t)(strrchr(text.p, '\n') + 1 - text.p));
        grf_str_addf(&text, "%d another-boot\n", safe[i]);
        put_file(f, "got.pdf.part.info", grf_str_sv(&text));
        grf_str_release(&text);
        int fd = open(part, O_WRONLY);
        for (int at = safe[i]; at < 30000; at += 100)
            assert_int_equal(pwrite(fd, "torn", 4, at), 4);
        close(fd);
        rules(f, "");
        fetch(f, &r, &g);
        assert_int_equal(g.status, GRF_OK);
        assert_int_equal(g.a.resumed_at, safe[i] < 30000 ? safe[i] : 30000);
        release(&g);
        assert_whole(file);
        assert_no_part(file);
    }
}

/* What lies there is of no use: it begins again, and is right all the same. */
static void not_resumed(void **state)
{
    struct fixture *f = *state;
    static const char *const ways[] = {"* norange", "* badrange times=1",
                                       "* novalidators", "* weak",
                                       "* status=416 times=1"};
    struct got g;
    char url[512], file[256], part[300];
    for (size_t i = 0; i < GRF_ARRAY_LEN(ways); i++) {
        struct http_request r = download(f, url, file);
        cut_off(f, &r);
        rules(f, ways[i]);
        r.retries = 1;
        fetch(f, &r, &g);
        if (g.status || g.a.resumed_at != 0)
            fail_msg("%s: %s, at %lld", ways[i], g.err.msg, (long long)g.a.resumed_at);
        release(&g);
        assert_whole(file);
        assert_no_part(file);
    }
    // another url, a changed file, and a part without its info
    struct http_request r = download(f, url, file);
    cut_off(f, &r);
    r.resume = false;
    rules(f, "");
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.resumed_at, 0);
    release(&g);
    snprintf(part, sizeof(part), "%s.part", file);
    put_file(f, "got.pdf.part", grf_sv_z("something else altogether"));
    r.resume = true;
    fetch(f, &r, &g);
    assert_int_equal(g.a.resumed_at, 0);
    release(&g);
    assert_whole(file);
}

static void changed_meanwhile(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], file[256];
    struct grf_str bytes = big();
    struct http_request r = download(f, url, file);
    cut_off(f, &r);
    put_file(f, "www/big.pdf", grf_sv(bytes.p, bytes.n - 1));
    rules(f, "");
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.resumed_at, 0);
    assert_int_equal(g.a.bytes, bytes.n - 1);
    release(&g);
    put_file(f, "www/big.pdf", grf_str_sv(&bytes));
    grf_str_release(&bytes);
}

/* All bytes were there, only the new name was missing. */
static void whole_already(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], file[256];
    struct grf_str bytes = big();
    struct http_request r = download(f, url, file);
    cut_off(f, &r);
    put_file(f, "got.pdf.part", grf_str_sv(&bytes));
    rules(f, "");
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    assert_int_equal(g.a.status, 416);
    assert_int_equal(g.a.bytes, bytes.n);
    release(&g);
    grf_str_release(&bytes);
    assert_whole(file);
    assert_no_part(file);
}

static void useless_parts_go(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], file[256];
    struct http_request r = download(f, url, file);
    cut_off(f, &r);
    rules(f, "* status=404");
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_GONE);
    release(&g);
    assert_no_part(file);
    rules(f, "* endless");
    r.max_bytes = 1000;
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_TOO_BIG);
    release(&g);
    assert_no_part(file);
    // a 304 touches nothing
    r.etag = "\"x\"";
    rules(f, "* status=304");
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_UNCHANGED);
    release(&g);
    assert_no_part(file);
    assert_int_not_equal(access(file, F_OK), 0);
}

static void no_place_to_write(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], file[256], part[300];
    struct http_request r = download(f, url, file);
    snprintf(part, sizeof(part), "%s.part", file);
    assert_int_equal(symlink("/dev/full", part), 0);
    rules(f, "");
    memset(&g, 0, sizeof(g));
    g.status = http_fetch(f->http, &r, &g.a, &g.err);
    assert_int_not_equal(g.status, GRF_OK); // a link is not followed
    assert_int_equal(g.a.outcome, HTTP_OURS);
    assert_int_equal(requests(f), 0);
    release(&g);
    unlink(part);
    // said before the first byte, not after the last that fits
    rules(f, "* declare=1000000000000000");
    r.max_bytes = INT64_MAX;
    memset(&g, 0, sizeof(g));
    g.status = http_fetch(f->http, &r, &g.a, &g.err);
    assert_int_equal(g.status, GRF_NOSPC);
    assert_int_equal(g.a.outcome, HTTP_OURS);
    assert_non_null(strstr(g.err.msg, "953674316 MB are to come, the disk has room for"));
    release(&g);
    assert_no_part(file);
}

/* ---- manners */

static void robots_are_asked_once(void **state)
{
    struct fixture *f = *state;
    struct http_options o = HTTP_OPTIONS_INIT;
    struct http *mine = f->http;
    struct got g;
    char url[512];
    o.delay_ms = 0;
    o.first_wait_ms = 1;
    assert_int_equal(http_open(&o, &f->http, NULL), GRF_OK);
    put_file(f, "www/robots.txt", grf_sv_z("User-agent: *\nDisallow: /big\n"));
    rules(f, "/a redirect=/big.pdf");
    struct http_request r = request(f, "/small.html", url);
    r.robots = true;
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_OK);
    release(&g);
    static const char *const refused[] = {"/big.pdf", "/big?x", "/a"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(refused); i++) {
        r = request(f, refused[i], url);
        r.robots = true;
        fetch(f, &r, &g);
        if (g.status != GRF_INVALID || g.a.outcome != HTTP_ROBOTS)
            fail_msg("%s: %s", refused[i], http_outcome_name(g.a.outcome));
        release(&g);
    }
    assert_int_equal(requests(f), 3); // robots.txt, small.html, a
    http_close(f->http);
    f->http = mine;
}

static void robots_that_fail(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *rule;
        enum http_outcome outcome;
    } cases[] = {{"/robots.txt status=404", HTTP_GOT},
                 {"/robots.txt status=403", HTTP_GOT},
                 {"/robots.txt status=503", HTTP_ROBOTS},
                 {"/robots.txt drop", HTTP_NETWORK},
                 {"/robots.txt endless", HTTP_GOT},
                 {"/robots.txt bomb=50", HTTP_GOT},
                 {"/robots.txt redirect=/robots.txt", HTTP_GOT}};
    struct http *mine = f->http;
    struct got g;
    char url[512];
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct http_options o = HTTP_OPTIONS_INIT;
        o.delay_ms = 0;
        o.first_wait_ms = 1;
        assert_int_equal(http_open(&o, &f->http, NULL), GRF_OK);
        rules(f, cases[i].rule);
        struct http_request r = request(f, "/small.html", url);
        r.robots = true;
        for (int twice = 0; twice < 2; twice++) {
            fetch(f, &r, &g);
            if (g.a.outcome != cases[i].outcome)
                fail_msg("%s: %s, %s", cases[i].rule, http_outcome_name(g.a.outcome),
                         g.err.msg);
            release(&g);
        }
        assert_int_equal(requests(f), cases[i].outcome == HTTP_GOT ? 3 : 1);
        http_close(f->http);
    }
    f->http = mine;
}

static void pauses(void **state)
{
    struct fixture *f = *state;
    struct http_options o = HTTP_OPTIONS_INIT;
    struct http *mine = f->http;
    struct got g;
    char url[512];
    o.delay_ms = 120;
    assert_int_equal(http_open(&o, &f->http, NULL), GRF_OK);
    rules(f, "");
    double from = grf_now();
    for (int i = 0; i < 3; i++) {
        struct http_request r = request(f, "/small.html", url);
        fetch(f, &r, &g);
        release(&g);
    }
    assert_true(grf_now() - from >= 0.24);
    http_close(f->http);
    f->http = mine;
}

static void interrupted(void **state)
{
    struct fixture *f = *state;
    struct http_options o = HTTP_OPTIONS_INIT;
    struct http *mine = f->http;
    volatile sig_atomic_t cancel = 1;
    struct got g;
    char url[512];
    o.cancel = &cancel;
    assert_int_equal(http_open(&o, &f->http, NULL), GRF_OK);
    rules(f, "* stall=10");
    struct http_request r = request(f, "/big.pdf", url);
    fetch(f, &r, &g);
    assert_int_equal(g.status, GRF_CANCELLED);
    assert_int_equal(g.a.outcome, HTTP_OURS);
    release(&g);
    http_close(f->http);
    f->http = mine;
}

static void through_a_proxy(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], proxy[64];
    struct http_request r = request(f, "", url);
    // the server is its own proxy: it is asked for a whole address, and says no
    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", f->port);
    setenv("http_proxy", proxy, 1);
    rules(f, "");
    r.private_ok = false;
    r.url = "http://mairie.invalid/small.html";
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_NETWORK); // it knows no such requests
    assert_null(strstr(g.err.msg, "resolve"));
    release(&g);
    setenv("no_proxy", "other.invalid, .mairie.invalid", 1);
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_NETWORK);
    assert_non_null(strstr(g.err.msg, "resolve"));
    release(&g);
    // a literal private address is neither asked of the proxy nor of its server
    unsetenv("no_proxy");
    r.url = "http://10.0.0.1/";
    fetch(f, &r, &g);
    assert_int_equal(g.a.outcome, HTTP_PRIVATE);
    release(&g);
    unsetenv("http_proxy");
}

/* ---- resources */

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

static void no_memory(void **state)
{
    struct fixture *f = *state;
    struct got g;
    char url[512], file[256];
    uint64_t met = 0;
    rules(f, "/a redirect=/big.pdf");
    struct http_request r = download(f, url, file);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/a", f->port);
    size_t before = open_descriptors();
    for (;; met++) {
        memset(&g, 0, sizeof(g));
        grf_mem_fail_at(met + 1, 1);
        g.status = http_fetch(f->http, &r, &g.a, &g.err);
        grf_mem_fail_at(0, 0);
        http_response_release(&g.a);
        if (g.status == GRF_OK)
            break;
        if (g.status != GRF_NOMEM)
            fail_msg("allocation %d: %d, %s", (int)met + 1, g.status, g.err.msg);
    }
    assert_true(met > 10);
    assert_whole(file);
    assert_true(open_descriptors() <= before + 1); // one connection may be kept
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(unchanged),
        cmocka_unit_test(refusals),
        cmocka_unit_test(tried_again),
        cmocka_unit_test(retry_after_is_waited_for),
        cmocka_unit_test(slow_servers),
        cmocka_unit_test(sizes),
        cmocka_unit_test(redirects),
        cmocka_unit_test(private_addresses),
        cmocka_unit_test(resumed_at_once),
        cmocka_unit_test(resumed_later),
        cmocka_unit_test(resumed_after_power_cut),
        cmocka_unit_test(not_resumed),
        cmocka_unit_test(changed_meanwhile),
        cmocka_unit_test(whole_already),
        cmocka_unit_test(useless_parts_go),
        cmocka_unit_test(no_place_to_write),
        cmocka_unit_test(robots_are_asked_once),
        cmocka_unit_test(robots_that_fail),
        cmocka_unit_test(pauses),
        cmocka_unit_test(interrupted),
        cmocka_unit_test(through_a_proxy),
        cmocka_unit_test(no_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}

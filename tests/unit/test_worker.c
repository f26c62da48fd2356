/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PDF worker from the parent's side: real files made here, files that are none,
 * and false workers that hang, die or babble. The worker that was built is looked for
 * beside the folder of this test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grf_mem.h"
#include "grf_pdf_protocol.h"
#include "grf_worker.h"
#include "worker_fixture.h"

static void need_helper(void)
{
    if (access(helper, X_OK))
        skip();
}

static struct grf_worker *open_worker(const struct grf_worker_limits *l)
{
    struct grf_worker *w = NULL;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_worker_open(helper, l, &w, &err), GRF_OK);
    return w;
}

/* ---- files */

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("pdf", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    return fd;
}

static int file_of_text(const char *z)
{
    return file_of(z, strlen(z));
}

__attribute__((format(printf, 4, 5))) static int sprintf_at(char *out, int used, size_t room,
                                                            const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(out + used, room - (size_t)used, fmt, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < room - (size_t)used);
    return n;
}

/* A PDF of that many pages, all with the same content: two columns on one line, a
   bold line below. Written here, so that no library's own allocations are counted. */
static int make_pdf(int pages)
{
    static const char content[] = "BT /F1 12 Tf 50 742 Td (Montpellier) Tj 100 0 Td "
                                  "(Convoqu\\351 le 31 mars) Tj ET\n"
                                  "BT /F2 12 Tf 50 642 Td (Article premier) Tj ET";
    static const char *const fonts[] = {"Helvetica", "Helvetica-Bold"};
    char out[16384];
    size_t at[64], n = 0;
    int used = 0;
#define OBJECT(...) \
    (at[n++] = (size_t)used, used += sprintf_at(out, used, sizeof out, "%zu 0 obj\n", n), \
     used += sprintf_at(out, used, sizeof out, __VA_ARGS__), \
     used += sprintf_at(out, used, sizeof out, "\nendobj\n"))
    used += sprintf_at(out, used, sizeof out, "%%PDF-1.4\n");
    OBJECT("<</Type/Catalog/Pages 2 0 R>>");
    at[n++] = (size_t)used;
    used += sprintf_at(out, used, sizeof out, "2 0 obj\n<</Type/Pages/Count %d/Kids[", pages);
    for (int i = 0; i < pages; i++)
        used += sprintf_at(out, used, sizeof out, "%d 0 R ", 6 + i);
    used += sprintf_at(out, used, sizeof out, "]>>\nendobj\n");
    for (int i = 0; i < 2; i++)
        OBJECT("<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/%s>>", fonts[i]);
    OBJECT("<</Length %zu>>stream\n%s\nendstream", strlen(content), content);
    for (int i = 0; i < pages; i++)
        OBJECT("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R"
               "/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>>>");
#undef OBJECT
    int xref = used;
    used += sprintf_at(out, used, sizeof out, "xref\n0 %zu\n0000000000 65535 f \n", n + 1);
    for (size_t i = 0; i < n; i++)
        used += sprintf_at(out, used, sizeof out, "%010zu 00000 n \n", at[i]);
    used += sprintf_at(out, used, sizeof out,
                       "trailer<</Size %zu/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", n + 1, xref);
    return file_of(out, (size_t)used);
}

static grf_status read_fd(struct grf_worker *w, int fd, size_t *n, struct grf_err *err)
{
    struct grf_raw_page *pages = NULL;
    grf_status st = grf_worker_read(w, fd, &pages, n, err);
    assert_true(st ? !pages && !*n : pages && *n);
    grf_worker_free_pages(pages, *n);
    close(fd);
    return st;
}

static bool is_word(const struct grf_raw_word *w, const char *z)
{
    return w->len == strlen(z) && memcmp(w->text, z, w->len) == 0;
}

static void test_words(void **state)
{
    (void)state;
    need_helper();
    struct grf_worker *w = open_worker(NULL);
    struct grf_raw_page *pages = NULL;
    size_t n = 0, seen = 0;
    int fd = make_pdf(3);
    assert_int_equal(grf_worker_read(w, fd, &pages, &n, NULL), GRF_OK);
    close(fd);
    assert_int_equal(n, 3);
    assert_true(pages[2].width > 594 && pages[2].width < 596);
    for (size_t i = 0; i < pages[2].n_words; i++) {
        const struct grf_raw_word *x = &pages[2].words[i];
        assert_true(x->box.x0 > 40 && x->box.x1 < 400 && x->box.y0 > 80 && x->box.y1 < 210);
        if (is_word(x, "Montpellier")) {
            seen++;
            assert_true(x->box.x0 > 48 && x->box.x0 < 54 && x->box.y1 > 98);
            assert_false(x->flags & GRF_WORD_BOLD);
            assert_true(x->size > 11.5f && x->size < 12.5f);
        } else if (is_word(x, "Convoqu\xc3\xa9")) {
            seen++;
        } else if (is_word(x, "premier")) {
            seen++;
            assert_true(x->flags & GRF_WORD_BOLD);
        }
    }
    assert_int_equal(seen, 3);
    grf_worker_free_pages(pages, n);
    grf_worker_close(w);
}

/* Each bad file has its status, and the worker reads on. */
static void test_bad_files(void **state)
{
    (void)state;
    need_helper();
    static const char no_pages[] =
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    static const char too_many[] = /* a page tree that doubles 31 times, cut down */
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2147483648>>endobj\n"
        "3 0 obj<</Type/Pages/Kids[4 0 R 4 0 R]/Count 1073741824>>endobj\n"
        "trailer<</Root 1 0 R>>\n%%EOF\n";
    struct grf_worker_limits l = GRF_WORKER_LIMITS_INIT;
    l.max_pages = 3;
    l.max_file_bytes = 1 << 20;
    struct grf_worker *w = open_worker(&l);
    struct grf_err err = GRF_ERR_INIT;
    size_t n = 0;
    assert_int_equal(read_fd(w, file_of_text(""), &n, &err), GRF_PARSE);
    assert_non_null(strstr(err.msg, "empty"));
    assert_int_equal(read_fd(w, file_of_text("hello"), &n, &err), GRF_PARSE);
    assert_non_null(strstr(err.msg, "not a PDF"));
    assert_int_equal(read_fd(w, file_of_text("%PDF-1.4\nrubbish"), &n, &err), GRF_PARSE);
    assert_non_null(strstr(err.msg, "damaged"));
    assert_int_equal(read_fd(w, file_of_text(no_pages), &n, &err), GRF_PARSE);
    assert_non_null(strstr(err.msg, "without pages"));
    assert_int_equal(read_fd(w, make_pdf(4), &n, &err), GRF_LIMIT);
    assert_non_null(strstr(err.msg, "too many pages, the limit is 3"));
    assert_non_null(strstr(err.msg, "pages in [worker]"));
    assert_int_equal(read_fd(w, file_of_text(too_many), &n, &err), GRF_LIMIT);
    assert_non_null(strstr(err.msg, "the limit is 3"));
    char *big = calloc(1, 2 << 20);
    assert_non_null(big);
    assert_int_equal(read_fd(w, file_of(big, 2 << 20), &n, &err), GRF_LIMIT);
    assert_non_null(strstr(err.msg, "too big"));
    free(big);
    assert_int_equal(read_fd(w, open("/", O_RDONLY | O_CLOEXEC), &n, &err), GRF_IO);
    struct grf_raw_page *none = NULL;
    assert_int_equal(grf_worker_read(w, -1, &none, &n, &err), GRF_IO);
    assert_int_equal(read_fd(w, make_pdf(3), &n, &err), GRF_OK);
    assert_int_equal(n, 3);
    assert_int_equal(grf_worker_starts(w), 1);
    grf_worker_close(w);
}

/* A file cut at any place is refused or read, and never stops the next one. */
static void test_cut_files(void **state)
{
    (void)state;
    need_helper();
    char bytes[65536];
    int fd = make_pdf(2);
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    assert_true(n > 500);
    struct grf_worker *w = open_worker(NULL);
    for (ssize_t cut = 0; cut < n; cut += n / 40) {
        size_t pages;
        struct grf_err err = GRF_ERR_INIT;
        grf_status st = read_fd(w, file_of(bytes, (size_t)cut), &pages, &err);
        assert_true(st == GRF_OK || st == GRF_PARSE);
    }
    size_t pages;
    assert_int_equal(read_fd(w, make_pdf(1), &pages, NULL), GRF_OK);
    grf_worker_close(w);
}

/* ---- a process for each document */

static int first_child_of(int pid, int tid)
{
    char path[64];
    int child = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, tid);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    if (fscanf(f, "%d", &child) != 1)
        child = 0;
    fclose(f);
    return child;
}

/* What the kernel says of a process; "" when it is gone. */
static void status_of(int pid, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    text[f ? fread(text, 1, size - 1, f) : 0] = 0;
    if (f)
        fclose(f);
}

struct reading {
    struct grf_worker *w;
    int docs, failed;
    bool stop;
};

static void *read_until_told(void *data)
{
    struct reading *r = data;
    while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE) && r->docs < 20000) {
        size_t n;
        r->failed += read_fd(r->w, make_pdf(9), &n, NULL) != GRF_OK;
        r->docs++;
    }
    return NULL;
}

/* Each document is read by a process of its own, which the kernel says is filtered and has
   no way to more rights; all by one worker. */
static void test_locked_in(void **state)
{
    (void)state;
    need_helper();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* a sanitizer needs calls that the filter refuses */
#endif
    struct reading r = {.w = open_worker(NULL)};
    int worker = first_child_of((int)getpid(), (int)gettid()), seen[2] = {0, 0}, n = 0;
    if (!worker)
        skip();
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, read_until_told, &r), 0);
    for (int i = 0; i < 200000 && n < 2; i++) {
        char text[4096];
        int pid = first_child_of(worker, worker);
        status_of(pid, text, sizeof text);
        if (pid && pid != seen[0] && strstr(text, "Seccomp:\t2") &&
            strstr(text, "NoNewPrivs:\t1"))
            seen[n++] = pid;
    }
    __atomic_store_n(&r.stop, true, __ATOMIC_RELEASE);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(n, 2);
    assert_int_equal(r.failed, 0);
    assert_int_equal(grf_worker_starts(r.w), 1);
    grf_worker_close(r.w);
}

static void put_message(int to, uint32_t type, const char *payload)
{
    struct grf_str s;
    grf_str_init(&s, 4096);
    grf_pdf_put(&s, type, payload, strlen(payload));
    assert_int_equal(send(to, s.p, s.n, 0), (ssize_t)s.n);
    grf_str_release(&s);
}

/* What a reader that a PDF has taken over sends; what is passed on in out. */
static bool relayed(void (*reader)(int to), char *out, size_t size, size_t *n)
{
    int in[2], to[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, to), 0);
    reader(in[1]);
    close(in[1]);
    bool whole = grf_pdf_relay(in[0], to[1]);
    close(to[1]);
    close(in[0]);
    ssize_t got = recv(to[0], out, size, MSG_WAITALL);
    *n = got > 0 ? (size_t)got : 0;
    close(to[0]);
    return whole;
}

static void answers_twice(int to)
{
    put_message(to, GRF_PDF_PAGE, "mine");
    put_message(to, GRF_PDF_END, "1234");
    put_message(to, GRF_PDF_PAGE, "of the next document");
    put_message(to, GRF_PDF_END, "1234");
}
static void errs_and_answers(int to)
{
    put_message(to, GRF_PDF_ERROR, "1234");
    put_message(to, GRF_PDF_PAGE, "of the next document");
}
static void greets(int to)
{
    put_message(to, GRF_PDF_HELLO, "");
    put_message(to, GRF_PDF_END, "1234");
}
static void breaks_off(int to)
{
    put_message(to, GRF_PDF_PAGE, "half");
    assert_int_equal(send(to, "GRF2", 4, 0), 4);
}
static void promises_too_much(int to)
{
    struct grf_pdf_head h = {GRF_PDF_MAGIC, GRF_PDF_PAGE, 0x80000000u};
    assert_int_equal(send(to, &h, sizeof h, 0), (ssize_t)sizeof h);
}
static void says_nothing(int to)
{
    (void)to;
}

/* One answer is passed on; what a PDF has sent after it never meets the next one. */
static void test_relay(void **state)
{
    (void)state;
    char out[4096];
    size_t n;
    assert_true(relayed(answers_twice, out, sizeof out, &n));
    assert_int_equal(n, 2 * sizeof(struct grf_pdf_head) + 4 + 4);
    assert_memory_equal(out + sizeof(struct grf_pdf_head), "mine", 4);
    assert_true(relayed(errs_and_answers, out, sizeof out, &n));
    assert_int_equal(n, sizeof(struct grf_pdf_head) + 4);
    assert_false(relayed(greets, out, sizeof out, &n));
    assert_int_equal(n, 0);
    assert_false(relayed(breaks_off, out, sizeof out, &n));
    assert_false(relayed(promises_too_much, out, sizeof out, &n));
    assert_int_equal(n, 0);
    assert_false(relayed(says_nothing, out, sizeof out, &n));
}

static void test_too_much_text(void **state)
{
    (void)state;
    need_helper();
    struct grf_worker_limits l = GRF_WORKER_LIMITS_INIT;
    l.max_page_bytes = 500;
    struct grf_worker *w = open_worker(&l);
    size_t n;
    assert_int_equal(read_fd(w, make_pdf(9), &n, NULL), GRF_LIMIT);
    assert_int_equal(read_fd(w, file_of_text("x"), &n, NULL), GRF_PARSE);
    grf_worker_close(w);
}

static size_t count_open(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void test_no_leaks(void **state)
{
    (void)state;
    need_helper();
    size_t before = count_open();
    for (int i = 0; i < 5; i++) {
        size_t n;
        struct grf_worker *w = open_worker(NULL);
        assert_int_equal(read_fd(w, make_pdf(1), &n, NULL), GRF_OK);
        grf_worker_close(w);
    }
    grf_worker_close(NULL);
    assert_int_equal(count_open(), before);
}

static void *read_some(void *bad)
{
    struct grf_worker *w = NULL;
    *(int *)bad = 1;
    if (grf_worker_open(helper, NULL, &w, NULL))
        return NULL;
    int failed = 0;
    for (int i = 0; i < 10; i++) {
        struct grf_raw_page *pages = NULL;
        size_t n = 0;
        int fd = make_pdf(2);
        failed |= grf_worker_read(w, fd, &pages, &n, NULL) != GRF_OK || n != 2;
        grf_worker_free_pages(pages, n);
        close(fd);
    }
    grf_worker_close(w);
    *(int *)bad = failed;
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    need_helper();
    pthread_t t[3];
    int bad[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&t[i], NULL, read_some, &bad[i]), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(t[i], NULL), 0);
        assert_int_equal(bad[i], 0);
    }
}

/* ---- false workers */

/* A script in place of the worker. hello writes the greeting to descriptor 3. */
#define HELLO "printf '\\107\\122\\106\\062\\001\\000\\000\\000\\000\\000\\000\\000' >&3\n"

static void with_script_in(const char *script, unsigned timeout_ms, unsigned page_ms,
                           grf_status expected, const char *says)
{
    char path[] = "/tmp/grf-worker-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd, "#!/bin/sh\n%s", script);
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
    struct grf_worker_limits l = GRF_WORKER_LIMITS_INIT;
    l.timeout_ms = timeout_ms;
    l.page_ms = page_ms;
    struct grf_worker *w = NULL;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_worker_open(path, &l, &w, &err), GRF_OK);
    for (int i = 0; i < 2; i++) {
        size_t n = 0;
        assert_int_equal(read_fd(w, file_of_text("%PDF-"), &n, &err), expected);
        assert_non_null(strstr(err.msg, says));
    }
    assert_int_equal(grf_worker_starts(w), 2);
    grf_worker_close(w);
    unlink(path);
}

static void with_script(const char *script, grf_status expected, const char *says)
{
    with_script_in(script, 400, 400, expected, says);
}

static void test_hanging_worker(void **state)
{
    (void)state;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    with_script(HELLO "exec sleep 60\n", GRF_TIMEOUT, "too long");
    with_script("exec sleep 60\n", GRF_TIMEOUT, "too long");
    /* a page without end, long before the time of the document is up */
    with_script_in(HELLO "exec sleep 60\n", 60000, 300, GRF_TIMEOUT, "too long");
    clock_gettime(CLOCK_MONOTONIC, &b);
    assert_true(b.tv_sec - a.tv_sec < 10);
}

static void test_dying_worker(void **state)
{
    (void)state;
    with_script("exit 1\n", GRF_IO, "does not answer");
    with_script(HELLO "head -c 16 <&3 >/dev/null; kill -SEGV $$\n", GRF_PARSE, "stopped");
    with_script(HELLO "head -c 16 <&3 >/dev/null; exit 0\n", GRF_PARSE, "stopped");
}

static void test_babbling_worker(void **state)
{
    (void)state;
    with_script("head -c 4000 /dev/zero >&3; sleep 5\n", GRF_IO, "does not answer");
    with_script(HELLO "head -c 16 <&3 >/dev/null; head -c 4000 /dev/zero >&3; sleep 5\n",
                GRF_PARSE, "no sense");
    /* a page of 2 GiB */
    with_script(HELLO "head -c 16 <&3 >/dev/null\n"
                "printf '\\107\\122\\106\\062\\002\\000\\000\\000"
                "\\000\\000\\000\\200' >&3; sleep 5\n",
                GRF_PARSE, "no sense");
    /* the end of no pages */
    with_script(HELLO "head -c 16 <&3 >/dev/null\n"
                "printf '\\107\\122\\106\\062\\003\\000\\000\\000\\004\\000\\000\\000' >&3\n"
                "head -c 4 /dev/zero >&3; sleep 5\n",
                GRF_PARSE, "no sense");
}

static void test_missing_worker(void **state)
{
    (void)state;
    struct grf_worker *w = NULL;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_worker_open("/nonexistent/worker", NULL, &w, &err), GRF_NOTFOUND);
    assert_null(w);
    assert_non_null(strstr(err.msg, "/nonexistent/worker"));
}

static void test_out_of_memory(void **state)
{
    (void)state;
    need_helper();
    grf_mem_fail_at(0, 0);
    grf_status st = GRF_NOMEM;
    uint64_t n = 1;
    for (; st && n < 100; n++) {
        struct grf_worker *w = NULL;
        struct grf_raw_page *pages = NULL;
        size_t count = 0;
        int fd = make_pdf(2);
        grf_mem_fail_at(n, 1);
        st = grf_worker_open(helper, NULL, &w, NULL);
        if (!st)
            st = grf_worker_read(w, fd, &pages, &count, NULL);
        grf_mem_fail_at(0, 0);
        assert_true(st == GRF_OK || st == GRF_NOMEM);
        grf_worker_free_pages(pages, count);
        grf_worker_close(w);
        close(fd);
    }
    assert_int_equal(st, GRF_OK);
    assert_true(n > 5);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),          cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_cut_files),      cmocka_unit_test(test_relay),
        cmocka_unit_test(test_locked_in),
        cmocka_unit_test(test_too_much_text),  cmocka_unit_test(test_no_leaks),
        cmocka_unit_test(test_threads),        cmocka_unit_test(test_hanging_worker),
        cmocka_unit_test(test_dying_worker),   cmocka_unit_test(test_babbling_worker),
        cmocka_unit_test(test_missing_worker), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

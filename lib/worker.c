/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's side of the PDF worker: starting it (posix_spawn, since the parent
 * has threads), asking, reading answers against a deadline, killing.
 */
#include "grf_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_pdf_protocol.h"

struct grf_worker {
    char *helper;
    struct grf_worker_limits limits;
    pid_t pid; /* 0: none running */
    int sock;  /* -1: none */
    bool greeted;
    unsigned starts;
    int64_t deadline; /* of what is waited for, milliseconds */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Kills and buries the process. Returns its wait status, -1 when there is none. */
static int stop(struct grf_worker *w, bool kill_it)
{
    int status = -1;
    if (w->sock >= 0)
        close(w->sock);
    w->sock = -1;
    if (w->pid > 0) {
        if (kill_it)
            kill(-w->pid, SIGKILL); /* it leads a group: itself and what it forked */
        while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    w->pid = 0;
    w->greeted = false;
    return status;
}

/* ---- starting */

/* stdio on /dev/null, the socket on 3, nothing else. */
static int child_files(posix_spawn_file_actions_t *fa, int sock)
{
    int e = posix_spawn_file_actions_addopen(fa, 0, "/dev/null", O_RDONLY, 0);
    if (!e)
        e = posix_spawn_file_actions_addopen(fa, 1, "/dev/null", O_WRONLY, 0);
    if (!e && !getenv("GRF_WORKER_STDERR"))
        e = posix_spawn_file_actions_addopen(fa, 2, "/dev/null", O_WRONLY, 0);
    if (!e)
        e = posix_spawn_file_actions_adddup2(fa, sock, GRF_PDF_FD);
    if (!e)
        e = posix_spawn_file_actions_addclosefrom_np(fa, GRF_PDF_FD + 1);
    return e;
}

/* The terminal's signals are for the parent: a process group of its own. */
static int child_signals(posix_spawnattr_t *attr)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int e = posix_spawnattr_setsigmask(attr, &none);
    if (!e)
        e = posix_spawnattr_setsigdefault(attr, &all);
    if (!e)
        e = posix_spawnattr_setpgroup(attr, 0);
    if (!e)
        e = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETPGROUP);
    return e;
}

/* 0 or an errno. */
static int spawn(struct grf_worker *w, int sock)
{
    char memory[16], cpu[16];
    char lc[] = "LC_ALL=C.UTF-8", arg0[] = "greffier-pdf-worker", ocr[] = "--ocr";
    /* one thread each: several workers run side by side, and none may start threads */
    char omp[] = "OMP_THREAD_LIMIT=1", data[PATH_MAX];
    const char *tessdata = getenv("TESSDATA_PREFIX");
    char *argv[] = {arg0, memory, cpu, w->limits.ocr ? ocr : NULL, NULL};
    /* reading makes and drops small things all the time: more of them are kept at hand */
    char tunables[] = "GLIBC_TUNABLES=glibc.malloc.tcache_count=10000:"
                      "glibc.malloc.tcache_max=2048";
    char *envp[] = {lc, omp, tunables, tessdata ? data : NULL, NULL};
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t attr;
    snprintf(memory, sizeof memory, "%u", w->limits.memory_mb);
    snprintf(cpu, sizeof cpu, "%u", w->limits.cpu_seconds);
    snprintf(data, sizeof data, "TESSDATA_PREFIX=%s", tessdata ? tessdata : "");
    int e = posix_spawn_file_actions_init(&fa);
    if (e)
        return e;
    e = posix_spawnattr_init(&attr);
    if (!e) {
        e = child_files(&fa, sock);
        if (!e)
            e = child_signals(&attr);
        if (!e)
            e = posix_spawn(&w->pid, w->helper, &fa, &attr, argv, envp);
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&fa);
    if (e)
        w->pid = 0;
    return e;
}

static grf_status start(struct grf_worker *w, struct grf_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return grf_fail_errno(err, _("PDF reader: cannot make a socket"));
    int e = spawn(w, pair[1]);
    close(pair[1]);
    if (e) {
        close(pair[0]);
        errno = e;
        return grf_fail_errno(err, _("PDF reader '%s' cannot be started"), w->helper);
    }
    w->sock = pair[0];
    w->greeted = false;
    w->starts++;
    return GRF_OK;
}

grf_status grf_worker_open(const char *helper, const struct grf_worker_limits *limits,
                           struct grf_worker **out, struct grf_err *err)
{
    static const struct grf_worker_limits usual = GRF_WORKER_LIMITS_INIT;
    *out = NULL;
    struct grf_worker *w = grf_calloc(1, sizeof *w);
    if (!w)
        return grf_fail_nomem(err);
    w->limits = limits ? *limits : usual;
    w->sock = -1;
    w->helper = grf_strdup(helper);
    grf_status st = w->helper ? start(w, err) : grf_fail_nomem(err);
    if (st) {
        grf_worker_close(w);
        return st;
    }
    *out = w;
    return GRF_OK;
}

void grf_worker_close(struct grf_worker *w)
{
    if (!w)
        return;
    stop(w, true);
    grf_free(w->helper);
    grf_free(w);
}

unsigned grf_worker_starts(const struct grf_worker *w)
{
    return w->starts;
}

/* ---- talking */

static grf_status too_slow(struct grf_err *err)
{
    return grf_fail(err, GRF_TIMEOUT, _("takes too long to read: export it again or split "
                                        "it"));
}

/* The answer to a conversation that broke off; the next read starts afresh. */
static grf_status broken(struct grf_worker *w, struct grf_err *err)
{
    bool greeted = w->greeted;
    int status = stop(w, true);
    if (!greeted)
        return grf_fail(err, GRF_IO, _("PDF reader '%s' does not answer: is it installed "
                                       "whole?"), w->helper);
    if (status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return too_slow(err);
    return grf_fail(err, GRF_PARSE, _("damaged PDF, or too demanding: reading it stopped "
                                      "the PDF reader; export it again"));
}

static grf_status nonsense(struct grf_worker *w, struct grf_err *err)
{
    if (!w->greeted)
        return broken(w, err);
    stop(w, true);
    return grf_fail(err, GRF_PARSE, _("hostile or damaged PDF: the PDF reader's answer made "
                                      "no sense; export it again"));
}

/* n bytes before the deadline. */
static grf_status receive(struct grf_worker *w, void *to, size_t n, struct grf_err *err)
{
    char *p = to;
    while (n) {
        ssize_t got = recv(w->sock, p, n, MSG_DONTWAIT);
        if (got > 0) {
            p += got;
            n -= (size_t)got;
            continue;
        }
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return broken(w, err);
        int64_t left = w->deadline - now_ms();
        struct pollfd pf = {w->sock, POLLIN, 0};
        if (left <= 0 || poll(&pf, 1, left > 1000 ? 1000 : (int)left) < 0) {
            if (left > 0 && errno == EINTR)
                continue;
            stop(w, true);
            return too_slow(err);
        }
    }
    return GRF_OK;
}

static bool is_allowed(const struct grf_pdf_head *h)
{
    static const uint32_t most[] = {
        [GRF_PDF_HELLO] = 0,
        [GRF_PDF_PAGE] = GRF_PDF_MAX_PAYLOAD,
        [GRF_PDF_END] = sizeof(struct grf_pdf_end),
        [GRF_PDF_ERROR] = sizeof(uint32_t) + GRF_PDF_MAX_DETAIL,
        [GRF_PDF_IMAGE] = GRF_PDF_MAX_PAYLOAD,
    };
    return h->magic == GRF_PDF_MAGIC && h->type >= GRF_PDF_HELLO &&
           h->type <= GRF_PDF_IMAGE && h->len <= most[h->type];
}

/* The next message: head, and payload into buf (replaced). */
static grf_status next_message(struct grf_worker *w, struct grf_pdf_head *h,
                               struct grf_str *buf, struct grf_err *err)
{
    grf_status st = receive(w, h, sizeof *h, err);
    if (st)
        return st;
    if (!is_allowed(h))
        return nonsense(w, err);
    grf_str_clear(buf);
    /* grown as bytes arrive: a length alone allocates nothing */
    for (size_t left = h->len; left;) {
        char piece[16384];
        size_t take = left < sizeof piece ? left : sizeof piece;
        if ((st = receive(w, piece, take, err)) != GRF_OK)
            return st;
        grf_str_add(buf, piece, take);
        left -= take;
    }
    st = grf_str_status(buf, err);
    if (st)
        stop(w, true);
    return st;
}

/* page 0: the document's own text. */
static grf_status ask(struct grf_worker *w, int fd, uint32_t page, uint32_t width,
                      struct grf_err *err)
{
    struct grf_pdf_request r = {GRF_PDF_MAGIC, w->limits.max_pages, w->limits.max_file_bytes,
                                page, width};
    if (grf_pdf_send_request(w->sock, &r, fd))
        return GRF_OK;
    if (errno == EBADF)
        return grf_fail_errno(err, _("PDF reader: file not open"));
    return broken(w, err);
}

/* A process that has greeted. One that is gone since the last document (killed
   from outside) is replaced without a word. */
static grf_status ready(struct grf_worker *w, struct grf_err *err)
{
    struct pollfd pf = {w->sock, POLLIN, 0};
    if (w->pid > 0 && w->greeted && poll(&pf, 1, 0) != 0)
        stop(w, true);
    if (w->pid <= 0) {
        grf_status st = start(w, err);
        if (st)
            return st;
    }
    if (w->greeted)
        return GRF_OK;
    struct grf_pdf_head h;
    struct grf_str none;
    grf_str_init(&none, 0);
    grf_status st = next_message(w, &h, &none, err);
    grf_str_release(&none);
    if (st)
        return st;
    if (h.type != GRF_PDF_HELLO)
        return nonsense(w, err);
    w->greeted = true;
    return GRF_OK;
}

/* ---- a document */

struct pages {
    struct grf_raw_page *p;
    size_t n, cap;
    uint64_t bytes;
    uint32_t ocr_page; /* 0: all pages, their own text */
};

static grf_status take_page(struct grf_worker *w, struct pages *all, struct grf_sv payload,
                            struct grf_err *err)
{
    grf_status st = grf_grow(&all->p, all->n, &all->cap, sizeof *all->p);
    if (st) {
        stop(w, true);
        return grf_fail_nomem(err);
    }
    if (all->n >= (all->ocr_page ? 1 : w->limits.max_pages))
        return nonsense(w, err);
    st = grf_pdf_get_page(payload, &all->p[all->n], err);
    if (!st && all->p[all->n].ocr != (all->ocr_page != 0)) {
        grf_raw_page_release(&all->p[all->n]);
        st = GRF_PARSE;
    }
    if (st == GRF_PARSE)
        return nonsense(w, err);
    if (st) {
        stop(w, true);
        return st;
    }
    all->bytes += sizeof *all->p + all->p[all->n].pool_len +
                  all->p[all->n].n_words * sizeof(struct grf_raw_word);
    all->n++;
    if (all->bytes <= w->limits.max_page_bytes)
        return GRF_OK;
    stop(w, true);
    return grf_fail(err, GRF_LIMIT, _("too much text: split it and add the parts"));
}

static grf_status take_error(struct grf_worker *w, struct grf_sv payload,
                             struct grf_err *err)
{
    uint32_t reason;
    if (payload.n < sizeof reason)
        return nonsense(w, err);
    memcpy(&reason, payload.p, sizeof reason);
    if (!reason || reason >= GRF_PDF_REASONS)
        return nonsense(w, err);
    if (reason == GRF_PDF_TOO_MANY)
        return grf_fail(err, GRF_LIMIT,
                        _("too many pages, the limit is %u: split it, or raise pages in "
                          "[worker] of the settings"),
                        w->limits.max_pages);
    return grf_pdf_fail(err, reason, grf_sv(payload.p + sizeof reason,
                                            payload.n - sizeof reason));
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static grf_status read_all(struct grf_worker *w, int fd, struct pages *all,
                           struct grf_str *buf, struct grf_err *err)
{
    const int64_t last = now_ms() + (all->ocr_page ? w->limits.ocr_timeout_ms
                                                   : w->limits.timeout_ms);
    w->deadline = last;
    grf_status st = ready(w, err);
    if (!st)
        st = ask(w, fd, all->ocr_page, 0, err);
    while (!st) {
        struct grf_pdf_head h;
        struct grf_pdf_end e;
        w->deadline = all->ocr_page ? last : sooner(last, now_ms() + w->limits.page_ms);
        st = next_message(w, &h, buf, err);
        if (st)
            break;
        if (h.type == GRF_PDF_PAGE) {
            st = take_page(w, all, grf_str_sv(buf), err);
        } else if (h.type == GRF_PDF_ERROR) {
            st = take_error(w, grf_str_sv(buf), err);
        } else if (h.type == GRF_PDF_END && buf->n == sizeof e) {
            memcpy(&e, buf->p, sizeof e);
            if (!all->n || e.n_pages != all->n)
                return nonsense(w, err);
            return GRF_OK;
        } else {
            st = nonsense(w, err);
        }
    }
    return st;
}

grf_status grf_worker_read(struct grf_worker *w, int fd, struct grf_raw_page **pages,
                           size_t *n, struct grf_err *err)
{
    struct pages all = {0};
    struct grf_str buf;
    *pages = NULL;
    *n = 0;
    grf_str_init(&buf, GRF_PDF_MAX_PAYLOAD);
    grf_status st = read_all(w, fd, &all, &buf, err);
    grf_str_release(&buf);
    if (st) {
        grf_worker_free_pages(all.p, all.n);
        return st;
    }
    *pages = all.p;
    *n = all.n;
    return GRF_OK;
}

grf_status grf_worker_ocr(struct grf_worker *w, int fd, uint32_t page,
                          struct grf_raw_page *out, struct grf_err *err)
{
    struct pages one = {.ocr_page = page};
    struct grf_str buf;
    *out = (struct grf_raw_page){0};
    if (!page || !w->limits.ocr)
        return grf_fail(err, GRF_INVALID, "no page to read by OCR, or no OCR worker");
    grf_str_init(&buf, GRF_PDF_MAX_PAYLOAD);
    grf_status st = read_all(w, fd, &one, &buf, err);
    grf_str_release(&buf);
    if (!st) {
        *out = one.p[0];
        one.n = 0;
    }
    grf_worker_free_pages(one.p, one.n);
    return st;
}

static grf_status draw(struct grf_worker *w, int fd, uint32_t page, uint32_t width,
                       struct grf_str *png, struct grf_err *err)
{
    struct grf_pdf_head h;
    struct grf_str end;
    w->deadline = now_ms() + w->limits.timeout_ms;
    grf_status st = ready(w, err);
    if (!st)
        st = ask(w, fd, page, width, err);
    if (!st)
        st = next_message(w, &h, png, err);
    if (!st && h.type == GRF_PDF_ERROR)
        return take_error(w, grf_str_sv(png), err);
    if (!st && (h.type != GRF_PDF_IMAGE || !grf_pdf_is_image(grf_str_sv(png), width)))
        return nonsense(w, err);
    grf_str_init(&end, sizeof(struct grf_pdf_end));
    if (!st)
        st = next_message(w, &h, &end, err);
    if (!st && (h.type != GRF_PDF_END || end.n != sizeof(struct grf_pdf_end)))
        st = nonsense(w, err);
    grf_str_release(&end);
    return st;
}

grf_status grf_worker_draw(struct grf_worker *w, int fd, uint32_t page, uint32_t width,
                           struct grf_str *png, struct grf_err *err)
{
    grf_str_init(png, GRF_PDF_MAX_PAYLOAD);
    if (!page || width < GRF_PDF_WIDTH_LEAST || width > GRF_PDF_WIDTH_MOST)
        return grf_fail(err, GRF_INVALID, _("page %u, %u pixels wide: cannot be drawn"),
                        page, width);
    grf_status st = draw(w, fd, page, width, png, err);
    if (st)
        grf_str_release(png);
    return st;
}

void grf_worker_free_pages(struct grf_raw_page *pages, size_t n)
{
    for (size_t i = 0; i < n; i++)
        grf_raw_page_release(&pages[i]);
    grf_free(pages);
}

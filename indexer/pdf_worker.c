/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * greffier-pdf-worker: reads and draws PDFs whose descriptors are passed to it.
 *
 *     greffier-pdf-worker MEMORY_MB CPU_SECONDS [--ocr]     (descriptor 3: the socket)
 *
 * Not for people to call. It ends when the socket is closed, and ends at once on
 * anything unexpected: the parent starts another.
 *
 * Libraries are made ready once; then each document is read by a child of its own, locked
 * in, which has nothing but the PDF and a socket to answer through. Nothing of a document
 * lives on in what reads the next one.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_mem.h"
#include "pdf.h"
#include "pdf_ocr.h"
#include "pdf_sandbox.h"

#define MAX_MESSAGE (GRF_PDF_MAX_PAYLOAD + sizeof(struct grf_pdf_head))

__attribute__((noreturn)) static void leave(int code)
{
    sandbox_keep_counts();
    _exit(code);
}

static void send_all(const struct grf_str *s)
{
    if (s->bad)
        leave(1);
    for (size_t at = 0; at < s->n;) {
        ssize_t sent = send(GRF_PDF_FD, s->p + at, s->n - at, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            leave(1);
        at += sent > 0 ? (size_t)sent : 0;
    }
}

static void say(struct grf_str *out, grf_pdf_type type, const void *payload, size_t n)
{
    grf_str_clear(out);
    grf_pdf_put(out, type, payload, n);
    send_all(out);
}

static void say_error(struct grf_str *out, grf_pdf_reason reason, const char *detail)
{
    char payload[sizeof(uint32_t) + GRF_PDF_MAX_DETAIL];
    uint32_t r = (uint32_t)reason;
    size_t n = strnlen(detail, GRF_PDF_MAX_DETAIL);
    memcpy(payload, &r, sizeof r);
    memcpy(payload + sizeof r, detail, n);
    say(out, GRF_PDF_ERROR, payload, sizeof r + n);
}

static void say_end(struct grf_str *out, int n_pages)
{
    struct grf_pdf_end e = {(uint32_t)n_pages};
    say(out, GRF_PDF_END, &e, sizeof e);
}

/* The next request; *fd is the PDF. False when the parent has gone. */
static bool next_request(struct grf_pdf_request *r, int *fd)
{
    int got = grf_pdf_take_request(GRF_PDF_FD, r, fd);
    if (got < 0)
        leave(2);
    return got > 0;
}

static void send_pages(struct pdf *pdf, struct grf_str *out)
{
    int n = pdf_page_count(pdf);
    for (int i = 0; i < n; i++) {
        struct grf_raw_page page;
        if (pdf_read_page(pdf, i, &page, NULL))
            leave(1);
        grf_str_clear(out);
        grf_pdf_put_page(out, &page);
        grf_raw_page_release(&page);
        send_all(out);
    }
    say_end(out, n);
}

/* Page i (from 0), its own words first. */
static void send_page_read(struct pdf *pdf, int i, struct pdf_ocr *ocr,
                           struct grf_str *out)
{
    struct grf_raw_page page;
    struct pdf_image image;
    if (pdf_read_page(pdf, i, &page, NULL) || pdf_draw_page(pdf, i, &image, NULL) ||
        pdf_ocr_page(ocr, &image, &page, NULL))
        leave(1);
    pdf_image_release(&image);
    grf_str_clear(out);
    grf_pdf_put_page(out, &page);
    grf_raw_page_release(&page);
    send_all(out);
    say_end(out, 1);
}

/* Narrower where the picture would be larger than the parent takes. */
static void send_drawing(struct pdf *pdf, int i, uint32_t width, struct grf_str *out)
{
    struct grf_str png;
    grf_str_init(&png, GRF_PDF_MAX_PAYLOAD);
    if (width > GRF_PDF_WIDTH_MOST)
        leave(2);
    grf_status st = GRF_LIMIT;
    for (; st == GRF_LIMIT && width >= GRF_PDF_WIDTH_LEAST; width = width * 2 / 3)
        st = pdf_paint_page(pdf, i, width, &png, NULL);
    if (st)
        leave(1);
    say(out, GRF_PDF_IMAGE, png.p, png.n);
    grf_str_release(&png);
    say_end(out, 1);
}

/* The most pages that the file says it has anywhere. What is found of a
   page tree that is cut off or goes round in circles may be none. */
static uint64_t pages_claimed(const char *p, size_t n)
{
    static const char name[] = "/Count";
    const char *end = p + n;
    uint64_t most = 0;
    while ((p = memmem(p, (size_t)(end - p), name, sizeof name - 1)) != NULL) {
        uint64_t v = 0;
        p += sizeof name - 1;
        while (p < end && (*p == ' ' || *p == '\n' || *p == '\r'))
            p++;
        for (; p < end && *p >= '0' && *p <= '9' && v < UINT32_MAX; p++)
            v = v * 10 + (uint64_t)(*p - '0');
        if (v > most)
            most = v;
    }
    return most;
}

static grf_pdf_reason no_pages(const void *data, size_t n, uint32_t max_pages)
{
    return pages_claimed(data, n) > max_pages ? GRF_PDF_TOO_MANY : GRF_PDF_NO_PAGES;
}

/* What is made ready once. */
struct tools {
    struct pdf_lib *lib;
    struct pdf_ocr *ocr; /* NULL: not asked for, or no data */
};

static void answer_bytes(const void *data, size_t n, const struct grf_pdf_request *r,
                         const struct tools *tools, struct grf_str *out)
{
    struct pdf *pdf = NULL;
    char detail[GRF_PDF_MAX_DETAIL + 1] = "";
    grf_pdf_reason why = pdf_open(tools->lib, data, n, &pdf, detail, sizeof detail);
    if (!why && pdf_page_count(pdf) <= 0)
        why = no_pages(data, n, r->max_pages);
    if (!why && (uint32_t)pdf_page_count(pdf) > r->max_pages)
        why = GRF_PDF_TOO_MANY;
    if (!why && r->page > (uint32_t)pdf_page_count(pdf))
        why = GRF_PDF_NO_PAGE;
    if (!why && r->page && !r->width && !tools->ocr)
        why = GRF_PDF_NO_OCR;
    if (why)
        say_error(out, why, detail);
    else if (r->page && r->width)
        send_drawing(pdf, (int)r->page - 1, r->width, out);
    else if (r->page)
        send_page_read(pdf, (int)r->page - 1, tools->ocr, out);
    else
        send_pages(pdf, out);
    /* not closed: this process ends here */
}

/* The file is mapped, not read. One that shrinks meanwhile kills the worker, which is
   allowed. */
static void answer(const struct grf_pdf_request *r, int fd, const struct tools *tools,
                   struct grf_str *out)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        say_error(out, GRF_PDF_UNREADABLE, "");
    } else if (st.st_size == 0) {
        say_error(out, GRF_PDF_EMPTY, "");
    } else if ((uint64_t)st.st_size > r->max_bytes) {
        say_error(out, GRF_PDF_TOO_BIG, "");
    } else {
        size_t n = (size_t)st.st_size;
        void *data = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED) {
            say_error(out, errno == ENOMEM ? GRF_PDF_TOO_BIG : GRF_PDF_UNREADABLE, "");
            return;
        }
        answer_bytes(data, n, r, tools, out);
        munmap(data, n);
    }
}

/* ---- a process for each document */

/* In the child: it answers through fd, and dies with the worker. */
static void be_reader(pid_t worker, int fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != worker || dup2(fd, GRF_PDF_FD) < 0)
        leave(1);
    close(fd);
    if (sandbox_lock())
        leave(3);
}

/* Waits for the child's end, and ends likewise when it did so before its time. */
static void bury(pid_t pid, bool in_time)
{
    int status = 0;
    if (!COUNTED || !in_time)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (in_time)
        return;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        kill(getpid(), SIGXCPU); /* the parent tells slow from broken by it */
    leave(1);
}

static void answer_apart(const struct grf_pdf_request *r, int fd, const struct tools *tools,
                         struct grf_str *out)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        leave(1);
    pid_t worker = getpid(), pid = fork();
    if (pid < 0)
        leave(1);
    if (pid == 0) {
        close(pair[0]);
        be_reader(worker, pair[1]);
        answer(r, fd, tools, out);
        leave(0);
    }
    close(pair[1]);
    bury(pid, grf_pdf_relay(pair[0], GRF_PDF_FD));
    close(pair[0]);
}

/* Before anything is promised: can a child be locked in here? */
static void try_lock(void)
{
    pid_t pid = fork();
    if (pid == 0)
        leave(sandbox_lock() ? 3 : 0);
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        leave(3);
}

static unsigned number(const char *z)
{
    unsigned long v = strtoul(z, NULL, 10);
    return v > 1000000 ? 1000000 : (unsigned)v;
}

int main(int argc, char **argv)
{
    bool with_ocr = argc == 4 && strcmp(argv[3], "--ocr") == 0;
    if (argc != 3 && !with_ocr) {
        static const char usage[] = "greffier-pdf-worker: started by greffier-index only\n";
        return write(2, usage, sizeof usage - 1) < 0 ? 1 : 2;
    }
    signal(SIGPIPE, SIG_IGN);
    sandbox_limit(number(argv[1]), number(argv[2]));
    struct tools tools = {.lib = pdf_lib_open(), .ocr = with_ocr ? pdf_ocr_open() : NULL};
    if (!tools.lib)
        leave(1);
    try_lock();
    struct grf_str out;
    grf_str_init(&out, MAX_MESSAGE);
    say(&out, GRF_PDF_HELLO, NULL, 0);
    int fd = -1;
    struct grf_pdf_request r = {0};
    while (next_request(&r, &fd)) {
        answer_apart(&r, fd, &tools, &out);
        close(fd);
        sandbox_keep_counts();
    }
    pdf_lib_close(tools.lib);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of a draft. PDF goes through the worker, ODT and DOCX through a helper of
 * their own: neither is read in this process.
 */
#include "draft.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_worker.h"

enum { SNIFF = 1024, TEXT_MOST = 64 << 20 };

/* What the helper's exit code says (indexer/doc_text.c). */
enum { DOC_TEXT_OK = 0, DOC_TEXT_OTHER = 3 };

void draft_release(struct draft *d)
{
    for (size_t i = 0; i < d->n_pages; i++)
        grf_page_release(&d->pages[i]);
    grf_free(d->pages);
    grf_joined_release(&d->joined);
    grf_str_release(&d->plain);
    d->pages = NULL;
    d->n_pages = 0;
}

struct grf_sv draft_text(const struct draft *d)
{
    return d->n_pages ? grf_str_sv(&d->joined.text) : grf_str_sv(&d->plain);
}

static void move_to(struct draft *d, size_t byte)
{
    if (byte < d->seen.byte) {
        d->seen.byte = d->seen.chars = 0;
        d->seen.line = 0;
    }
    byte = byte < d->plain.n ? byte : d->plain.n;
    struct grf_sv between = grf_sv(d->plain.p + d->seen.byte, byte - d->seen.byte);
    d->seen.chars += grf_text_chars(between);
    for (size_t i = 0; i < between.n; i++)
        d->seen.line += between.p[i] == '\n';
    d->seen.byte = byte;
}

struct draft_place draft_place(struct draft *d, size_t byte)
{
    struct draft_place p = {0, 0, 0};
    struct grf_span span;
    if (!d->n_pages) {
        move_to(d, byte);
        p.line = d->seen.line + 1;
        p.offset = d->seen.chars;
    } else if (grf_joined_find(&d->joined, byte, byte + 1, &p.page, &span)) {
        p.offset = grf_text_chars(grf_sv(d->pages[p.page - 1].text.p, span.start));
    }
    return p;
}

/* ---- the file */

/* Standard input, in memory, since a PDF is not read front to back. */
static grf_status take_stdin(size_t most, int *fd, struct grf_err *err)
{
    char piece[65536];
    size_t got, all = 0;
    *fd = memfd_create("draft", MFD_CLOEXEC);
    if (*fd < 0)
        return grf_fail_errno(err, "%s", _("standard input"));
    for (;;) {
        grf_status st = grf_file_read_all(STDIN_FILENO, piece, sizeof(piece), &got, err);
        if (st || !got)
            return st;
        all += got;
        if (all > most)
            return grf_fail(err, GRF_LIMIT, _("standard input: more than %zu MB"), most >> 20);
        st = grf_file_write_all(*fd, piece, got, err);
        if (st)
            return st;
    }
}

static grf_status open_file(const char *path, size_t most, int *fd, struct grf_err *err)
{
    struct stat sb;
    if (strcmp(path, "-") == 0)
        return take_stdin(most, fd, err);
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || fstat(*fd, &sb) != 0)
        return grf_fail_errno(err, "%s", path);
    if (!S_ISREG(sb.st_mode))
        return grf_fail(err, GRF_INVALID, _("%s: not a regular file"), path);
    if ((uint64_t)sb.st_size > most)
        return grf_fail(err, GRF_LIMIT, _("%s: larger than %zu MB"), path, most >> 20);
    return GRF_OK;
}

static grf_status read_whole(int fd, struct grf_str *out, struct grf_err *err)
{
    char piece[65536];
    off_t at = 0;
    ssize_t n;
    while ((n = pread(fd, piece, sizeof(piece), at)) > 0) {
        grf_str_add(out, piece, (size_t)n);
        at += n;
    }
    return n < 0 ? grf_fail_errno(err, "%s", _("reading failed")) : grf_str_status(out, err);
}

/* ---- text */

/* Bytes 0x80 to 0x9F of Windows-1252; the rest of it is Latin-1. */
static const uint16_t windows[32] = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

static void from_windows(struct grf_sv raw, struct grf_str *out)
{
    for (size_t i = 0; i < raw.n; i++) {
        unsigned char c = (unsigned char)raw.p[i];
        grf_str_add_utf8(out, c >= 0x80 && c < 0xA0 ? windows[c - 0x80] : c);
    }
}

static void from_utf16(struct grf_sv raw, bool little, struct grf_str *out)
{
    uint32_t high = 0;
    for (size_t i = 2; i + 1 < raw.n; i += 2) {
        unsigned char a = (unsigned char)raw.p[i], b = (unsigned char)raw.p[i + 1];
        uint32_t c = little ? a | (uint32_t)b << 8 : b | (uint32_t)a << 8;
        if (c >= 0xD800 && c < 0xDC00) {
            high = c;
            continue;
        }
        if (c >= 0xDC00 && c < 0xE000)
            c = high ? 0x10000 + ((high - 0xD800) << 10) + (c - 0xDC00) : 0xFFFD;
        high = 0;
        grf_str_add_utf8(out, c ? c : 0xFFFD);
    }
}

static bool begins(struct grf_sv v, const char *z, size_t n)
{
    return v.n >= n && memcmp(v.p, z, n) == 0;
}

static grf_status decode(struct draft *d, const char *path, struct grf_sv raw,
                         struct grf_err *err)
{
    bool little = begins(raw, "\xFF\xFE", 2), big = begins(raw, "\xFE\xFF", 2);
    if (little || big) {
        from_utf16(raw, little, &d->plain);
    } else if (begins(raw, "{\\rtf", 5) || begins(raw, "\xD0\xCF\x11\xE0", 4) ||
               (raw.n && memchr(raw.p, 0, raw.n))) {
        return grf_fail(err, GRF_UNSUPPORTED,
                        _("%s: not a kind of file that is read here; save it as PDF, ODT, "
                          "DOCX or plain text"),
                        path);
    } else if (grf_text_valid(raw) == raw.n) {
        size_t mark = begins(raw, "\xEF\xBB\xBF", 3) ? 3 : 0;
        grf_str_add(&d->plain, raw.p + mark, raw.n - mark);
    } else {
        from_windows(raw, &d->plain);
    }
    return grf_str_status(&d->plain, err);
}

static grf_status read_plain(struct draft *d, const char *path, int fd, struct grf_err *err)
{
    struct grf_str raw;
    grf_str_init(&raw, TEXT_MOST);
    grf_status st = read_whole(fd, &raw, err);
    if (!st)
        st = decode(d, path, grf_str_sv(&raw), err);
    grf_str_release(&raw);
    return st;
}

/* ---- PDF */

static grf_status lay_out(struct draft *d, const struct grf_raw_page *raw, size_t n,
                          struct grf_err *err)
{
    d->pages = grf_calloc(n, sizeof(*d->pages));
    if (!d->pages)
        return grf_fail_nomem(err);
    d->n_pages = n;
    for (size_t i = 0; i < n; i++)
        grf_page_init(&d->pages[i]);
    grf_status st = grf_layout_document(raw, n, d->pages, err);
    for (size_t i = 0; i < n && !st; i++) {
        grf_text_state s = d->pages[i].state;
        d->unread += s == GRF_TEXT_SCAN || s == GRF_TEXT_STAMP;
        st = grf_joined_add(&d->joined, &d->pages[i], 0, d->pages[i].text.n, err);
    }
    return st;
}

static grf_status read_pdf(struct draft *d, int fd, const struct grf_conf *conf,
                           struct grf_err *err)
{
    struct grf_worker_limits limits = GRF_WORKER_LIMITS_INIT;
    struct grf_worker *w = NULL;
    struct grf_raw_page *raw = NULL;
    size_t n = 0;
    limits.memory_mb = (unsigned)conf->worker_memory_mb;
    limits.timeout_ms = (unsigned)conf->worker_seconds * 1000U;
    limits.page_ms = limits.timeout_ms / 4;
    limits.max_pages = (uint32_t)conf->worker_pages;
    limits.max_file_bytes = (uint64_t)conf->max_file_mb << 20;
    char *helper = grf_helper_path("greffier-pdf-worker");
    grf_status st = helper ? grf_worker_open(helper, &limits, &w, err) : grf_fail_nomem(err);
    if (!st)
        st = grf_worker_read(w, fd, &raw, &n, err);
    if (!st)
        st = lay_out(d, raw, n, err);
    grf_worker_free_pages(raw, n);
    grf_worker_close(w);
    grf_free(helper);
    return st;
}

/* ---- ODT and DOCX */

static grf_status spawn_helper(const char *helper, int in, int out, pid_t *pid,
                               struct grf_err *err)
{
    char arg0[] = "greffier-doc-text", lc[] = "LC_ALL=C.UTF-8";
    char *argv[] = {arg0, NULL}, *envp[] = {lc, NULL};
    posix_spawn_file_actions_t fa;
    int e = posix_spawn_file_actions_init(&fa);
    if (!e) {
        e = posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO);
        if (!e)
            e = posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
        if (!e)
            e = posix_spawn_file_actions_addclosefrom_np(&fa, STDERR_FILENO + 1);
        if (!e)
            e = posix_spawn(pid, helper, &fa, NULL, argv, envp);
        posix_spawn_file_actions_destroy(&fa);
    }
    errno = e;
    return e ? grf_fail_errno(err, _("'%s' cannot be started"), helper) : GRF_OK;
}

static grf_status take_output(int fd, struct grf_str *out, struct grf_err *err)
{
    char piece[65536];
    size_t got = 1;
    grf_status st = GRF_OK;
    while (!st && got) {
        st = grf_file_read_all(fd, piece, sizeof(piece), &got, err);
        if (!st)
            grf_str_add(out, piece, got);
    }
    return st ? st : grf_str_status(out, err);
}

static grf_status run_helper(struct draft *d, const char *helper, const char *path, int fd,
                             struct grf_err *err)
{
    int ends[2], status = 0;
    pid_t pid;
    if (lseek(fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return grf_fail_errno(err, "%s", path);
    grf_status st = spawn_helper(helper, fd, ends[1], &pid, err);
    close(ends[1]);
    if (!st) {
        st = take_output(ends[0], &d->plain, err);
        close(ends[0]); /* a helper that still writes ends by it */
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    } else {
        close(ends[0]);
    }
    if (st)
        return st;
    if (WIFEXITED(status) && WEXITSTATUS(status) == DOC_TEXT_OTHER)
        return grf_fail(err, GRF_UNSUPPORTED,
                        _("%s: neither ODT nor DOCX; save it as PDF, ODT, DOCX or plain "
                          "text"),
                        path);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != DOC_TEXT_OK)
        return grf_fail(err, GRF_PARSE, _("%s: damaged; save it again, or as PDF"), path);
    return GRF_OK;
}

static grf_status read_zip(struct draft *d, const char *path, int fd, struct grf_err *err)
{
    char *helper = grf_helper_path("greffier-doc-text");
    grf_status st = helper ? run_helper(d, helper, path, fd, err) : grf_fail_nomem(err);
    grf_free(helper);
    return st;
}

static void draft_init(struct draft *d)
{
    memset(d, 0, sizeof(*d));
    grf_joined_init(&d->joined);
    grf_str_init(&d->plain, TEXT_MOST);
}

static grf_status read_kind(struct draft *d, const char *path, int fd,
                            const struct grf_conf *conf, struct grf_err *err)
{
    char head[SNIFF];
    ssize_t n = pread(fd, head, sizeof(head), 0);
    if (n < 0)
        return grf_fail_errno(err, "%s", path);
    struct grf_sv start = grf_sv(head, (size_t)n);
    if (begins(start, "PK\x03\x04", 4))
        return read_zip(d, path, fd, err);
    if (!memmem(start.p, start.n, "%PDF-", 5))
        return read_plain(d, path, fd, err);
    grf_status st = read_pdf(d, fd, conf, err);
    if (st)
        grf_err_wrap(err, "%s", path);
    return st;
}

grf_status draft_open(struct draft *d, const char *path, const struct grf_conf *conf,
                      struct grf_err *err)
{
    int fd = -1;
    draft_init(d);
    grf_status st = open_file(path, (size_t)conf->max_file_mb << 20, &fd, err);
    if (!st)
        st = read_kind(d, path, fd, conf, err);
    if (fd >= 0)
        close(fd);
    return st;
}

grf_status draft_of_bytes(struct draft *d, const char *name, struct grf_sv bytes,
                          const struct grf_conf *conf, struct grf_err *err)
{
    draft_init(d);
    int fd = memfd_create("draft", MFD_CLOEXEC);
    if (fd < 0)
        return grf_fail_errno(err, "%s", name);
    grf_status st = grf_file_write_all(fd, bytes.p, bytes.n, err);
    if (!st)
        st = read_kind(d, name, fd, conf, err);
    close(fd);
    return st;
}

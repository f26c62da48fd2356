/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files that acts stand in, and pictures of their pages. A file is opened only while
 * it is the one that was indexed, byte for byte; what is drawn of it is kept in
 * BASE/images under its SHA-256, so a kept picture is of that very file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_container.h"
#include "grf_file.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_where.h"
#include "grf_worker.h"
#include "page.h"

enum {
    KNOWN_FILES = 64,
    DRAW_MS = 20000,
    SWEEP_EACH = 16,           /* pictures drawn between two looks at the folder's size */
    IMAGES_MOST = 256 << 20,   /* bytes kept */
    IMAGES_LEFT = 192 << 20,   /* after a sweep */
    FOLDERS_MOST = 100000
};
#define PICTURE "PNGP" /* kind of container */
static const unsigned widths[] = {400, 1000, 1600, 2200};

/* A file whose bytes were hashed: it is the same while nothing of this changes. */
struct known_file {
    char sha256[GRF_SHA256_HEX];
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec changed, written;
};

struct page_state {
    struct grf_worker *drawer;
    struct known_file known[KNOWN_FILES];
    size_t n_known, next;
    unsigned drawn;
};

void page_state_close(struct page_state *s)
{
    if (!s)
        return;
    grf_worker_close(s->drawer);
    grf_free(s);
}

static grf_status state_of(const struct web_request *q, struct page_state **out,
                           struct grf_err *err)
{
    struct web_worker *w = q->worker;
    if (!w->state)
        w->state = grf_calloc(1, sizeof(*w->state));
    *out = w->state;
    return *out ? GRF_OK : grf_fail_nomem(err);
}

/* ---- the file */

grf_status page_may_show(const struct web_request *q, const struct grf_doc_row *d, bool *may,
                         struct grf_err *err)
{
    bool lost = false;
    grf_status st = grf_meta_lost_acts(q->worker->base->meta, d->sha256, &lost, err);
    *may = !st && !lost && d->state == GRF_DOC_INDEXED;
    return st;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_known(const struct page_state *s, const char *sha256, const struct stat *sb)
{
    for (size_t i = 0; i < s->n_known; i++) {
        const struct known_file *k = &s->known[i];
        if (k->dev == sb->st_dev && k->ino == sb->st_ino && k->size == sb->st_size &&
            same_time(k->changed, sb->st_ctim) && same_time(k->written, sb->st_mtim) &&
            strcmp(k->sha256, sha256) == 0)
            return true;
    }
    return false;
}

static void remember(struct page_state *s, const char *sha256, const struct stat *sb)
{
    struct known_file *k = &s->known[s->next];
    *k = (struct known_file){.dev = sb->st_dev,
                             .ino = sb->st_ino,
                             .size = sb->st_size,
                             .changed = sb->st_ctim,
                             .written = sb->st_mtim};
    memcpy(k->sha256, sha256, sizeof(k->sha256));
    s->next = (s->next + 1) % KNOWN_FILES;
    if (s->n_known < KNOWN_FILES)
        s->n_known++;
}

/* The file at path as a descriptor when it is the document, else -1. */
static int open_if_same(struct page_state *s, const char *path, const struct grf_doc_row *d)
{
    struct stat sb;
    char hex[GRF_SHA256_HEX];
    int64_t size;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -1;
    bool same = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size == d->bytes;
    if (same && !is_known(s, d->sha256, &sb)) {
        same = grf_sha256_fd(fd, hex, &size, NULL) == GRF_OK && strcmp(hex, d->sha256) == 0;
        if (same)
            remember(s, d->sha256, &sb);
    }
    if (same)
        return fd;
    close(fd);
    return -1;
}

grf_status page_source_open(const struct web_request *q, const struct grf_doc_row *d, int *fd,
                            struct grf_err *err)
{
    struct page_state *s;
    struct grf_location first = {.path = d->path ? d->path : "", .doc_id = d->id};
    char *path = NULL;
    *fd = -1;
    grf_status st = state_of(q, &s, err);
    if (!st && d->path)
        *fd = open_if_same(s, d->path, d);
    if (!st && *fd < 0) { /* what was fetched is kept in the base */
        path = grf_base_kept_file(q->worker->base->dir, d->sha256);
        if (!path)
            return grf_fail_nomem(err);
        *fd = open_if_same(s, path, d);
        grf_free(path);
        path = NULL;
    }
    for (int64_t nth = 0; !st && *fd < 0; nth++) {
        st = grf_meta_other_place(q->worker->base->meta, &first, nth, &path, err);
        if (st || !path)
            break;
        *fd = open_if_same(s, path, d);
        grf_free(path);
    }
    if (!st && *fd < 0)
        return grf_fail(err, GRF_NOTFOUND, "%s",
                        "le fichier a changé ou a disparu depuis qu’il a été lu ; le texte de "
                        "l’acte reste consultable");
    return st;
}

/* ---- pictures kept */

struct picture {
    const struct web_request *q;
    struct grf_doc_row doc;
    unsigned page, width;
    char *folder, *path;
    char label[GRF_CONTAINER_LABEL]; /* which picture a file is */
};

static grf_status set_paths(struct picture *p, struct grf_err *err)
{
    struct grf_str s;
    grf_str_init(&s, 65536);
    grf_str_addf(&s, "%s/images/%s", p->q->worker->base->dir, p->doc.sha256);
    p->folder = grf_strdup(s.p);
    grf_str_addf(&s, "/%u-%u", p->page, p->width);
    snprintf(p->label, sizeof(p->label), "%.64s/%u-%u", p->doc.sha256, p->page, p->width);
    p->path = grf_str_take(&s, err);
    return p->folder && p->path ? GRF_OK : grf_fail_nomem(err);
}

/* Bytes of the files in a folder. */
static int64_t weigh(const char *path)
{
    int64_t sum = 0;
    struct stat sb;
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        if (fstatat(dirfd(d), e->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(sb.st_mode))
            sum += sb.st_size;
    }
    if (d)
        closedir(d);
    return sum;
}

struct folder {
    char name[GRF_SHA256_HEX];
    time_t used;
    int64_t bytes;
};

static int by_use(const void *a, const void *b)
{
    const struct folder *x = a, *y = b;
    return (x->used > y->used) - (x->used < y->used);
}

static void drop_folder(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

/* Folders below images, and what all of them weigh. */
static int64_t list_folders(const char *images, struct folder **out, size_t *n)
{
    size_t cap = 0;
    int64_t sum = 0;
    struct stat sb;
    DIR *d = opendir(images);
    struct dirent *e;
    while (d && *n < FOLDERS_MOST && (e = readdir(d))) {
        if (strlen(e->d_name) != GRF_SHA256_HEX - 1 || grf_grow(out, *n, &cap, sizeof(**out)))
            continue;
        char *path = grf_path_join(images, e->d_name);
        struct folder *f = &(*out)[*n];
        if (path && stat(path, &sb) == 0) {
            memcpy(f->name, e->d_name, sizeof(f->name));
            f->used = sb.st_mtim.tv_sec;
            f->bytes = weigh(path);
            sum += f->bytes;
            (*n)++;
        }
        grf_free(path);
    }
    if (d)
        closedir(d);
    return sum;
}

/* Keeps the pictures within their limit: the folders filled longest ago go first. */
static void sweep(const char *base)
{
    struct folder *v = NULL;
    size_t n = 0;
    char *images = grf_path_join(base, "images");
    int64_t sum = images ? list_folders(images, &v, &n) : 0;
    if (sum > IMAGES_MOST) {
        qsort(v, n, sizeof(*v), by_use);
        for (size_t i = 0; i < n && sum > IMAGES_LEFT; i++) {
            char *path = grf_path_join(images, v[i].name);
            if (path)
                drop_folder(path);
            sum -= v[i].bytes;
            grf_free(path);
        }
    }
    grf_free(v);
    grf_free(images);
}

/* Whether the document may still be seen, by the newest rows: it may have been removed
   since this request began. */
static bool still_shown(const struct picture *p)
{
    struct grf_meta *m = NULL;
    grf_doc_state state = GRF_DOC_ABSENT;
    int64_t id;
    bool lost = true;
    char *path = grf_path_join(p->q->worker->base->dir, "greffier.db");
    if (path && !grf_meta_open(path, false, &m, NULL) &&
        !grf_meta_doc_state(m, p->doc.sha256, &state, &id, NULL) && state == GRF_DOC_INDEXED &&
        grf_meta_lost_acts(m, p->doc.sha256, &lost, NULL))
        lost = true;
    grf_meta_close(m);
    grf_free(path);
    return !lost;
}

/* A base that cannot be written to costs the picture's keeping only. */
static void keep(const struct picture *p, struct page_state *s, struct grf_sv png)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = grf_file_mkdirs(p->folder, &why);
    if (!st)
        st = grf_container_write(p->path, PICTURE, 0, p->label, &png, 1, &why);
    if (st)
        grf_log(GRF_LOG_DEBUG, "picture not kept: %s", why.msg);
    else if (!still_shown(p))
        unlink(p->path);
    if (++s->drawn % SWEEP_EACH == 0)
        sweep(p->q->worker->base->dir);
}

/* ---- drawing */

static grf_status drawer_of(const struct web_request *q, struct page_state *s,
                            struct grf_err *err)
{
    if (s->drawer)
        return GRF_OK;
    struct grf_worker_limits limits = GRF_WORKER_LIMITS_INIT;
    const struct grf_conf *c = q->worker->conf;
    limits.memory_mb = (unsigned)c->worker_memory_mb;
    limits.timeout_ms = DRAW_MS;
    limits.max_pages = (uint32_t)c->worker_pages;
    limits.max_file_bytes = (uint64_t)c->max_file_mb << 20;
    char *helper = grf_helper_path("greffier-pdf-worker");
    grf_status st = helper ? grf_worker_open(helper, &limits, &s->drawer, err)
                           : grf_fail_nomem(err);
    grf_free(helper);
    return st;
}

static grf_status draw(const struct picture *p, struct web_response *a, struct grf_err *err)
{
    struct page_state *s = NULL;
    struct grf_str png;
    int fd = -1;
    grf_status st = state_of(p->q, &s, err);
    if (!st)
        st = page_source_open(p->q, &p->doc, &fd, err);
    if (!st)
        st = drawer_of(p->q, s, err);
    if (!st) {
        st = grf_worker_draw(s->drawer, fd, p->page, p->width, &png, err);
        if (!st) {
            keep(p, s, grf_str_sv(&png));
            grf_str_release(&a->body);
            a->body = png;
        }
    }
    if (fd >= 0)
        close(fd);
    return st;
}

/* "4-1000.png" */
static bool read_name(const char *z, struct picture *p)
{
    char *end;
    p->page = (unsigned)strtoul(z, &end, 10);
    if (*z < '1' || *z > '9' || end - z > 6 || *end != '-')
        return false;
    z = end + 1;
    p->width = (unsigned)strtoul(z, &end, 10);
    if (*z < '1' || *z > '9' || end - z > 4 || strcmp(end, ".png") != 0)
        return false;
    for (size_t i = 0; i < GRF_ARRAY_LEN(widths); i++) {
        if (widths[i] == p->width)
            return true;
    }
    return false;
}

static grf_status no_picture(struct grf_err *err)
{
    return grf_fail(err, GRF_NOTFOUND, "%s", "cette image de page n’existe pas");
}

/* The document that the address names, when it may be shown. */
static grf_status find_document(const struct web_request *q, struct grf_doc_row *d,
                                struct grf_err *err)
{
    grf_key_kind kind;
    int64_t id;
    bool may = false;
    struct grf_meta *m = q->worker->base->meta;
    grf_status st = grf_meta_resolve(m, q->args[0], &kind, &id, err);
    if (!st && (kind != GRF_KEY_DOC || strlen(q->args[0]) != 12))
        st = no_picture(err);
    if (!st)
        st = grf_meta_doc(m, id, d, err);
    if (!st)
        st = page_may_show(q, d, &may, err);
    if (!st && !may)
        st = grf_fail(err, GRF_NOTFOUND, "%s",
                      "ce document n’est plus montré : il a été remplacé, ou un acte en a été "
                      "retiré");
    return st;
}

/* One that is damaged, or another, counts as absent: it is drawn again. */
static grf_status kept_picture(const struct picture *p, struct web_response *a, bool *found,
                               struct grf_err *err)
{
    struct grf_container c;
    if (grf_container_open(&c, p->path, PICTURE, true, NULL))
        return GRF_OK;
    *found = strcmp(c.label, p->label) == 0;
    if (*found)
        grf_str_addsv(&a->body, c.payload);
    grf_container_close(&c);
    return grf_str_status(&a->body, err);
}

static grf_status give_picture(struct picture *p, struct web_response *a, struct grf_err *err)
{
    snprintf(a->etag, sizeof(a->etag), "%.32s-%u-%u", p->doc.sha256, p->page, p->width);
    a->type = "image/png";
    a->cache = WEB_CACHE_CHECK;
    if (strstr(p->q->if_none_match, a->etag))
        return GRF_OK;
    grf_status st = set_paths(p, err);
    if (st)
        return st;
    bool found = false;
    st = kept_picture(p, a, &found, err);
    return st || found ? st : draw(p, a, err);
}

grf_status page_image(const struct web_request *q, struct web_response *a,
                      struct grf_err *err)
{
    struct picture p;
    memset(&p, 0, sizeof(p));
    p.q = q;
    grf_status st = read_name(q->args[1], &p) ? GRF_OK : no_picture(err);
    if (!st)
        st = find_document(q, &p.doc, err);
    if (!st && p.page > (unsigned)p.doc.n_pages)
        st = no_picture(err);
    if (!st)
        st = give_picture(&p, a, err);
    grf_doc_row_release(&p.doc);
    grf_free(p.folder);
    grf_free(p.path);
    return st;
}

grf_status page_original(const struct web_request *q, struct web_response *a,
                         struct grf_err *err)
{
    struct grf_doc_row d;
    memset(&d, 0, sizeof(d));
    grf_status st = find_document(q, &d, err);
    if (!st)
        st = page_source_open(q, &d, &a->fd, err);
    if (!st) {
        a->type = "application/pdf";
        a->filename = grf_strdup(page_file(&d));
        st = a->filename ? GRF_OK : grf_fail_nomem(err);
    }
    grf_doc_row_release(&d);
    return st;
}

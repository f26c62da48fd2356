/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saving the vector index: changed blocks go behind the others, then a new index file
 * takes the place of the old one, and with it the change is there; then what held removed
 * vectors is erased. Killed before, the bytes behind the last block are nobody's and are
 * cut off by the next writer; killed after, it erases what the index file says is to go.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

/* ---- files */

static grf_status write_at(int fd, const void *p, size_t n, off_t at, struct grf_err *err)
{
    return grf_file_write_at(fd, p, n, at) ? GRF_OK
                                           : grf_fail_errno(err, "%s", _("saving vectors"));
}

grf_status vec_write_block(int fd, const struct vec_head *h, uint32_t pos,
                           unsigned char *block, uint64_t *sum, struct grf_err *err)
{
    const uint32_t words[2] = {VEC_MAGIC, pos};
    memcpy(block, words, sizeof(words));
    *sum = grf_container_sum64(block, h->block_bytes);
    return write_at(fd, block, h->block_bytes, (off_t)pos * h->block_bytes, err);
}

grf_status vec_write_extra(int fd, const struct vec_head *h, struct vec_extra_entry *e,
                           unsigned char *block, struct grf_err *err)
{
    uint64_t sum;
    size_t part = h->block_bytes / VEC_PARTS;
    grf_status st = vec_write_block(fd, h, e->pos, block, &sum, err);
    for (size_t k = 0; k < VEC_PARTS; k++)
        e->sums[k] = grf_container_sum64(block + k * part, part);
    return st;
}

grf_status vec_erase(int fd, const struct vec_head *h, const uint32_t *places, size_t n,
                     struct grf_err *err)
{
    grf_status st = GRF_OK;
    unsigned char *zeros = NULL;
    for (size_t i = 0; i < n && !st; i++) {
        off_t at = (off_t)places[i] * h->block_bytes;
        if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, h->block_bytes) == 0)
            continue;
        if (!zeros && !(zeros = grf_calloc(1, h->block_bytes)))
            st = grf_fail_nomem(err);
        else
            st = write_at(fd, zeros, h->block_bytes, at, err);
    }
    grf_free(zeros);
    if (!st && n && fdatasync(fd) != 0)
        st = grf_fail_errno(err, "%s", _("saving vectors"));
    return st;
}

grf_status vec_write_index(const char *dir, const struct vec_head *h,
                           const struct vec_entry *entries, const uint32_t *freed,
                           const struct vec_lists *lists, const struct vec_extra *extra,
                           int64_t generation, const char *label, struct grf_err *err)
{
    char *path = grf_path_join(dir, VEC_INDEX);
    struct vec_extra_entry *more = grf_calloc((size_t)h->n_extra + 1, sizeof(*more));
    if (!path || !more) {
        grf_free(path);
        grf_free(more);
        return grf_fail_nomem(err);
    }
    for (size_t i = 0; i < h->n_extra; i++)
        more[i] = extra[i].e;
    const struct grf_sv pieces[] = {
        grf_sv((const char *)h, sizeof(*h)),
        grf_sv((const char *)entries, h->n_blocks * sizeof(*entries)),
        grf_sv((const char *)freed, h->n_freed * sizeof(*freed)),
        grf_sv((const char *)lists->of, vec_lists_bytes(h)),
        grf_sv((const char *)more, h->n_extra * sizeof(*more))};
    grf_status st = grf_container_write(path, VEC_KIND, generation, label, pieces,
                                        GRF_ARRAY_LEN(pieces), err);
    grf_free(path);
    grf_free(more);
    return st;
}

/* The number in "blocks.N"; -1 for another name. */
static int64_t data_no_of(const char *name)
{
    char *end;
    if (strncmp(name, "blocks.", 7) != 0 || name[7] < '0' || name[7] > '9')
        return -1;
    errno = 0;
    long long n = strtoll(name + 7, &end, 10);
    return errno || *end ? -1 : n;
}

uint64_t vec_free_data_no(const char *dir)
{
    int64_t most = 0;
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        int64_t n = data_no_of(e->d_name);
        most = n > most ? n : most;
    }
    if (d)
        closedir(d);
    return (uint64_t)most + 1;
}

void vec_drop_other_data(const char *dir, uint64_t data_no)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        int64_t n = data_no_of(e->d_name);
        if (n >= 0 && (uint64_t)n != data_no)
            unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d)
        closedir(d);
}

/* ---- saving */

static void save_release(struct vec_save *s)
{
    if (s->fd >= 0)
        close(s->fd);
    grf_free(s->blocks);
    grf_free(s->extra);
    grf_free(s->entries);
    grf_free(s->freed);
    grf_free(s->copy);
    vec_lists_release(&s->lists);
}

/* Places that the new state leaves: of blocks that lost a vector, of those that the state
   before left to its readers (older copies may hold that vector too); then of the others. */
static void list_freed(const struct grf_vectors *v, struct vec_save *s)
{
    for (int urgent = 1; urgent >= 0; urgent--) {
        for (size_t i = 0; i < v->h.n_blocks; i++) {
            const struct vec_block *b = &v->blocks[i];
            if (b->mem && b->e.pos != VEC_NOWHERE && b->erase == (bool)urgent)
                s->freed[s->h.n_freed++] = b->e.pos;
        }
        for (size_t i = 0; i < v->h.n_extra; i++) {
            if (v->extra[i].mem && v->extra[i].erase == (bool)urgent)
                s->freed[s->h.n_freed++] = v->extra[i].e.pos;
        }
        for (size_t i = v->h.n_urgent; i < v->h.n_freed && urgent; i++)
            s->freed[s->h.n_freed++] = v->freed[i];
        if (urgent)
            s->h.n_urgent = s->h.n_freed;
    }
}

static grf_status open_data(const char *dir, struct vec_save *s, struct grf_err *err)
{
    char *path = vec_data_path(dir, s->h.data_no, err);
    if (!path)
        return GRF_NOMEM;
    s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    grf_status st = s->fd < 0 ? grf_fail_errno(err, "%s", path) : GRF_OK;
    grf_free(path);
    return st;
}

static grf_status save_begin(struct grf_vectors *v, const char *dir, struct vec_save *s,
                             struct grf_err *err)
{
    size_t n = v->h.n_blocks, more = v->h.n_extra;
    s->dir = dir;
    s->h = v->h;
    s->h.n_freed = 0;
    if (s->arranged) {
        vec_shape(&s->h, (int)v->h.dim, v->earlier);
        size_t full = (size_t)v->h.n_rows / s->h.rows_most + 1;
        n = full > n ? full : n;
    }
    s->blocks = grf_calloc(n + 1, sizeof(*s->blocks));
    s->entries = grf_calloc(n + 1, sizeof(*s->entries));
    s->freed = grf_calloc(n + more + v->h.n_freed + 1, sizeof(*s->freed));
    if (!s->blocks || !s->entries || !s->freed)
        return grf_fail_nomem(err);
    if (!s->arranged && !(s->extra = grf_calloc(more + 1, sizeof(*s->extra))))
        return grf_fail_nomem(err);
    bool elsewhere = v->dir && dir != v->dir;
    if (elsewhere && !(s->copy = grf_alloc(v->h.block_bytes)))
        return grf_fail_nomem(err);
    if (elsewhere || s->arranged)
        s->h.end = s->h.n_urgent = 0;
    else
        list_freed(v, s);
    if (dir != v->dir || s->arranged)
        s->h.data_no = vec_free_data_no(dir);
    return open_data(dir, s, err);
}

/* What failed, told with the directory it was to go to. */
grf_status vec_named(const struct vec_save *s, grf_status st, struct grf_err *err)
{
    if (st)
        grf_err_wrap(err, "%s", s->dir);
    return st;
}

static grf_status write_one(struct grf_vectors *v, struct vec_save *s, size_t i,
                            struct vec_entry *e, struct grf_err *err)
{
    grf_status st = GRF_OK;
    unsigned char *p = v->blocks[i].mem;
    if (s->h.end == VEC_NOWHERE - 1)
        return grf_fail(err, GRF_LIMIT, _("vectors: too many blocks"));
    if (s->copy) {
        st = vec_block(v, i, &p, err);
        if (!st)
            memcpy(s->copy, p, v->h.block_bytes);
        if (!st)
            st = vec_still(v, i, err);
        p = s->copy;
    }
    e->pos = s->h.end;
    if (!st)
        st = vec_named(s, vec_write_block(s->fd, &s->h, s->h.end++, p, &e->sum, err), err);
    return st;
}

static grf_status write_extra(struct grf_vectors *v, struct vec_save *s, size_t i,
                              struct grf_err *err)
{
    grf_status st = GRF_OK;
    struct vec_extra *to = &s->extra[i];
    unsigned char *p = v->extra[i].mem;
    to->e = v->extra[i].e;
    if (!p && !s->copy)
        return GRF_OK;
    if (s->copy) {
        st = vec_extra(v, i, 0, v->h.block_bytes, &p, err);
        if (!st)
            memcpy(s->copy, p, v->h.block_bytes);
        if (!st)
            st = vec_extra_still(v, i, err);
        p = s->copy;
    }
    to->e.pos = s->h.end;
    if (!st)
        st = vec_named(s, vec_write_extra(s->fd, &s->h, &to->e, p, err), err);
    s->h.end++;
    return st;
}

static grf_status write_changed(struct grf_vectors *v, struct vec_save *s, struct grf_err *err)
{
    grf_status st = GRF_OK;
    size_t n = 0;
    for (size_t i = 0; i < v->h.n_blocks && !st; i++) {
        struct vec_block b = v->blocks[i];
        if (!b.e.count)
            continue; /* never an arranged one */
        if (b.mem || s->copy)
            st = write_one(v, s, i, &b.e, err);
        s->entries[n] = b.e;
        s->blocks[n++].e = b.e;
    }
    s->h.n_blocks = (uint32_t)n;
    for (size_t i = 0; i < v->h.n_extra && !st; i++)
        st = write_extra(v, s, i, err);
    return st;
}

/* The new state is on disk. */
static void take_over(struct grf_vectors *v, struct vec_save *s)
{
    for (size_t i = 0; i < v->h.n_blocks; i++)
        grf_free(v->blocks[i].mem);
    for (size_t i = 0; i < v->h.n_extra; i++)
        grf_free(v->extra[i].mem);
    grf_free(v->blocks);
    grf_free(v->extra);
    grf_free(v->freed);
    v->h = s->h;
    if (s->arranged) {
        vec_lists_release(&v->lists);
        v->lists = s->lists;
        memset(&s->lists, 0, sizeof(s->lists));
    }
    v->blocks = s->blocks;
    v->extra = s->extra;
    v->cap = (size_t)s->h.n_blocks;
    v->freed = s->freed;
    v->open_block = 0;
    s->blocks = NULL;
    s->extra = NULL;
    s->freed = NULL;
    vec_stamp(v->dir, v->stamp);
}

static grf_status save_to(struct grf_vectors *v, const char *dir, int64_t generation,
                          const char *label, struct vec_save *s, struct grf_err *err)
{
    grf_status st = save_begin(v, dir, s, err);
    if (!st)
        st = s->arranged ? vec_arrange(v, s, err) : write_changed(v, s, err);
    if (!st && fdatasync(s->fd) != 0)
        st = vec_named(s, grf_fail_errno(err, "%s", _("saving vectors")), err);
    s->named = !st;
    if (!st)
        st = vec_write_index(dir, &s->h, s->entries, s->freed,
                             s->arranged ? &s->lists : &v->lists, s->extra, generation, label,
                             err);
    if (!st)
        st = vec_named(s, vec_erase(s->fd, &s->h, s->freed, s->h.n_urgent, err), err);
    return st;
}

/* Of a state that did not come to be: its file is nobody's. */
static void drop_data(const char *dir, const struct vec_save *s)
{
    char *path = s->fd < 0 || s->named ? NULL : vec_data_path(dir, s->h.data_no, NULL);
    if (path)
        unlink(path);
    grf_free(path);
}

/* The index file in dir is s's, even if what came after it failed. */
static grf_status follow(struct grf_vectors *v, struct vec_save *s, char *dir, bool first,
                         struct grf_err *err)
{
    if (first)
        grf_free(v->dir);
    v->dir = dir;
    take_over(v, s);
    if (first || s->arranged)
        vec_drop_other_data(dir, v->h.data_no);
    return vec_map(v, err);
}

static grf_status save(struct grf_vectors *v, const char *path, int64_t generation,
                       const char *fingerprint, bool arranged, struct grf_err *err)
{
    struct vec_save s = {.fd = -1, .arranged = arranged};
    bool first = !v->dir || strcmp(v->dir, path) != 0;
    char *dir = first ? grf_strdup(path) : v->dir;
    grf_status st = dir ? grf_file_mkdirs(dir, err) : grf_fail_nomem(err);
    uint64_t was[3] = {0}, now[3] = {0};
    if (!st) {
        vec_stamp(dir, was);
        st = save_to(v, dir, generation, fingerprint, &s, err);
        vec_stamp(dir, now);
    }
    if (!st || memcmp(was, now, sizeof(now)) != 0) {
        grf_status then = follow(v, &s, dir, first, st ? NULL : err);
        st = st ? st : then;
        v->poisoned = st != GRF_OK;
        v->generation = generation;
        memset(v->label, 0, sizeof(v->label));
        if (fingerprint)
            memcpy(v->label, fingerprint, strlen(fingerprint));
    } else {
        if (first || arranged)
            drop_data(dir, &s);
        if (first)
            grf_free(dir);
    }
    save_release(&s);
    return st;
}

static grf_status refuse_save(const struct grf_vectors *v, const char *path,
                              const char *fingerprint, struct grf_err *err)
{
    grf_status st = vec_refuse_poisoned(v, err);
    if (!st && fingerprint && strlen(fingerprint) >= GRF_CONTAINER_LABEL)
        st = grf_fail(err, GRF_INVALID, _("'%s': label longer than %d bytes"), path,
                      GRF_CONTAINER_LABEL - 1);
    return st;
}

grf_status grf_vec_save(struct grf_vectors *v, const char *path, int64_t generation,
                        const char *fingerprint, struct grf_err *err)
{
    grf_status st = refuse_save(v, path, fingerprint, err);
    return st ? st : save(v, path, generation, fingerprint, false, err);
}

grf_status grf_vec_save_arranged(struct grf_vectors *v, const char *path,
                                 int64_t generation, const char *fingerprint,
                                 struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = refuse_save(v, path, fingerprint, err);
    if (st)
        return st;
    if (!vec_arrange_is_due(v))
        return save(v, path, generation, fingerprint, false, err);
    st = save(v, path, generation, fingerprint, true, &local);
    if (st == GRF_NOSPC && !v->poisoned)
        return save(v, path, generation, fingerprint, false, err);
    if (st && err)
        *err = local;
    return st;
}

/* ---- after a kill */

grf_status grf_vec_recover(struct grf_vectors *v, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (!v->dir)
        return GRF_OK;
    vec_drop_other_data(v->dir, v->h.data_no);
    char *path = vec_data_path(v->dir, v->h.data_no, err);
    if (!path)
        return GRF_NOMEM;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 && (errno != ENOENT || v->h.end))
        st = grf_fail_errno(err, "%s", path);
    if (fd >= 0 && ftruncate(fd, (off_t)v->h.end * v->h.block_bytes) != 0)
        st = grf_fail_errno(err, "%s", path);
    if (fd >= 0 && !st && (st = vec_erase(fd, &v->h, v->freed, v->h.n_urgent, err)))
        grf_err_wrap(err, "%s", path);
    if (fd >= 0)
        close(fd);
    grf_free(path);
    return st;
}

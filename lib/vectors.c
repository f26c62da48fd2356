/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vector index (grf_vectors.h): opening it, its blocks, its ids. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

_Static_assert(sizeof(struct vec_head) == 64 && sizeof(struct vec_entry) == 40 &&
                   sizeof(struct vec_extra_entry) == 48,
               "as in the file");

enum { TRIES = 5 }; /* a writer may put another file in place between two steps */

static const struct grf_vec_limits usual = {
    .exact_most = 40000, .looked_at = 40960, .looked_up = 16384};

void vec_shape(struct vec_head *h, int dim, bool wide)
{
    h->layout = wide ? VEC_LAYOUT_WIDE : VEC_LAYOUT;
    size_t row = (size_t)dim + vec_id_bytes(h) + sizeof(float);
    size_t head = wide ? VEC_HEAD : VEC_MARK;
    size_t few = (head + VEC_ROWS_FEW * row + VEC_PAGE - 1) / VEC_PAGE * VEC_PAGE;
    size_t bytes = few > VEC_BLOCK ? few : VEC_BLOCK;
    size_t rows = (bytes - head) / row;
    h->dim = (uint32_t)dim;
    h->block_bytes = (uint32_t)bytes;
    h->rows_most = (uint32_t)(rows < VEC_ROWS_MOST ? rows : VEC_ROWS_MOST);
}

bool vec_all_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

grf_status vec_refuse_poisoned(const struct grf_vectors *v, struct grf_err *err)
{
    if (!v->poisoned)
        return GRF_OK;
    return grf_fail(err, GRF_INTERNAL, _("vectors: unusable after an earlier failure"));
}

char *vec_data_path(const char *dir, uint64_t data_no, struct grf_err *err)
{
    struct grf_str s;
    grf_str_init(&s, 65536);
    grf_str_addf(&s, "%s/blocks.%llu", dir, (unsigned long long)data_no);
    if (grf_str_status(&s, err)) {
        grf_str_release(&s);
        return NULL;
    }
    return grf_str_take(&s, NULL);
}

void vec_stamp(const char *dir, uint64_t stamp[3])
{
    struct stat sb;
    char *path = grf_path_join(dir, VEC_INDEX);
    memset(stamp, 0, 3 * sizeof(*stamp));
    if (path && stat(path, &sb) == 0) {
        stamp[0] = (uint64_t)sb.st_dev;
        stamp[1] = (uint64_t)sb.st_ino;
        stamp[2] = (uint64_t)sb.st_mtim.tv_sec * 1000000000U + (uint64_t)sb.st_mtim.tv_nsec;
    }
    grf_free(path);
}

bool vec_is_newest(const struct grf_vectors *v)
{
    uint64_t now[3];
    vec_stamp(v->dir, now);
    return memcmp(now, v->stamp, sizeof(now)) == 0;
}

/* ---- life */

grf_status grf_vec_new(int dim, struct grf_vectors **out, struct grf_err *err)
{
    *out = NULL;
    if (dim < 1 || dim > GRF_VEC_DIM_MAX)
        return grf_fail(err, GRF_INVALID, _("vectors: %d dimensions, not 1 to %d"), dim,
                        GRF_VEC_DIM_MAX);
    struct grf_vectors *v = grf_calloc(1, sizeof(*v));
    if (!v)
        return grf_fail_nomem(err);
    vec_shape(&v->h, dim, false);
    v->h.n_regions = 1;
    v->max_id = -1;
    v->limits = usual;
    *out = v;
    return GRF_OK;
}

void grf_vec_limit(struct grf_vectors *v, const struct grf_vec_limits *limits)
{
    v->limits = *limits;
}

void grf_vec_close(struct grf_vectors *v)
{
    if (!v || __atomic_fetch_sub(&v->more, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; v->blocks && i < v->h.n_blocks; i++)
        grf_free(v->blocks[i].mem);
    for (size_t i = 0; v->extra && i < v->h.n_extra; i++)
        grf_free(v->extra[i].mem);
    grf_map_close(&v->data);
    vec_lists_release(&v->lists);
    grf_free(v->blocks);
    grf_free(v->extra);
    grf_free(v->checked);
    grf_free(v->extra_checked);
    grf_free(v->freed);
    grf_free(v->dir);
    grf_free(v);
}

struct grf_vectors *grf_vec_share(struct grf_vectors *v)
{
    __atomic_fetch_add(&v->more, 1, __ATOMIC_RELAXED);
    return v;
}

int grf_vec_dim(const struct grf_vectors *v)
{
    return (int)v->h.dim;
}

size_t grf_vec_count(const struct grf_vectors *v)
{
    return (size_t)v->h.n_rows;
}

int64_t grf_vec_generation(const struct grf_vectors *v)
{
    return v->generation;
}

/* ---- opening */

grf_status vec_map(struct grf_vectors *v, struct grf_err *err)
{
    grf_map_close(&v->data);
    grf_free(v->checked);
    grf_free(v->extra_checked);
    v->checked = grf_calloc((size_t)v->h.n_blocks + 1, sizeof(*v->checked));
    v->extra_checked = grf_calloc((size_t)v->h.n_extra + 1, VEC_PARTS);
    if (!v->checked || !v->extra_checked)
        return grf_fail_nomem(err);
    if (!v->h.end)
        return GRF_OK;
    char *path = vec_data_path(v->dir, v->h.data_no, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_map_open(&v->data, path, err);
    if (!st && v->data.n / v->h.block_bytes < v->h.end)
        st = grf_fail(err, GRF_CORRUPT, _("'%s': damaged (%s); if it belongs to a base, "
                                          "'greffier-index rebuild' makes it again"),
                      path, _("too short"));
    grf_free(path);
    return st;
}

/* Verified bytes come from a greffier, but perhaps not from this one. */
static bool head_is_known(const struct vec_head *h)
{
    struct vec_head want = {0};
    if (h->dim < 1 || h->dim > GRF_VEC_DIM_MAX)
        return false;
    vec_shape(&want, (int)h->dim, vec_is_wide(h));
    uint32_t layout = want.layout + (h->n_lists > 0) + (h->n_extra > 0) * 2;
    return h->layout == layout && (vec_is_wide(h) || !h->n_extra == !h->n_lists) &&
            h->block_bytes == want.block_bytes &&
           h->rows_most == want.rows_most && h->n_arranged <= h->n_blocks &&
           (h->n_extra ? h->n_regions > 0 && h->n_regions <= h->n_lists : h->n_regions == 1) &&
           (h->n_lists > 0) == (h->n_arranged > 0) && (h->n_lists > 0 || !h->n_extra) &&
           h->n_blocks <= h->end && h->n_extra <= h->end - h->n_blocks &&
           h->n_freed <= h->end && h->n_urgent <= h->n_freed && h->end < VEC_NOWHERE;
}

static bool entries_are_known(struct grf_vectors *v)
{
    size_t rows = 0;
    for (size_t i = 0; i < v->h.n_blocks; i++) {
        const struct vec_entry *e = &v->blocks[i].e;
        if (e->pos >= v->h.end || e->count > v->h.rows_most || e->zero ||
            e->dead > (i < v->h.n_arranged ? e->count : 0))
            return false;
        rows += e->count - e->dead;
        if (e->count > e->dead && !vec_is_wide(&v->h) &&
            (e->min < 0 || e->min > e->max || e->max > VEC_ID_MOST))
            return false;
        if (e->count > e->dead && e->max > v->max_id)
            v->max_id = e->max;
    }
    for (size_t i = 0; i < v->h.n_freed; i++) {
        if (v->freed[i] >= v->h.end)
            return false;
    }
    return rows == v->h.n_rows;
}

static bool extra_is_known(const struct grf_vectors *v)
{
    size_t sketches = vec_centre_blocks(&v->h) +
                      vec_sketch_blocks(&v->h, vec_places(&v->h, v->blocks));
    if (v->h.n_extra && v->h.n_extra <= sketches)
        return false;
    for (size_t i = 0; i < v->h.n_extra; i++) {
        const struct vec_extra_entry *e = &v->extra[i].e;
        bool dense = e->count & VEC_DENSE && !vec_is_wide(&v->h);
        size_t n = dense ? e->count & ~VEC_DENSE : e->count;
        if (e->pos >= v->h.end || (i >= sketches) != (n > 0) ||
            n > (dense ? vec_dense_most(&v->h) : vec_pairs_most(&v->h)))
            return false;
    }
    return true;
}

static size_t index_bytes(const struct vec_head *h)
{
    return sizeof(*h) + h->n_blocks * sizeof(struct vec_entry) +
           h->n_freed * sizeof(uint32_t) + vec_lists_bytes(h) +
           h->n_extra * sizeof(struct vec_extra_entry);
}

/* known false: an index of an unknown kind. */
static grf_status take_parts(struct grf_vectors *v, const char *at, bool *known,
                             struct grf_err *err)
{
    size_t n = v->h.n_blocks;
    v->blocks = grf_calloc(n + 1, sizeof(*v->blocks));
    v->cap = n + 1;
    v->freed = grf_calloc((size_t)v->h.n_freed + 1, sizeof(*v->freed));
    v->lists.from = grf_calloc((size_t)v->h.n_lists + 1, sizeof(*v->lists.from));
    v->extra = grf_calloc((size_t)v->h.n_extra + 1, sizeof(*v->extra));
    v->lists.first = grf_calloc((size_t)v->h.n_regions + 1, sizeof(*v->lists.first));
    if (!v->blocks || !v->freed || !v->lists.from || !v->lists.first || !v->extra)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n; i++, at += sizeof(struct vec_entry))
        memcpy(&v->blocks[i].e, at, sizeof(struct vec_entry));
    memcpy(v->freed, at, v->h.n_freed * sizeof(*v->freed));
    at += v->h.n_freed * sizeof(*v->freed);
    const char *extra = at + vec_lists_bytes(&v->h);
    for (size_t i = 0; i < v->h.n_extra; i++)
        memcpy(&v->extra[i].e, extra + i * sizeof(v->extra[i].e), sizeof(v->extra[i].e));
    *known = entries_are_known(v) && vec_lists_take(&v->lists, &v->h, v->blocks, at) &&
             extra_is_known(v);
    return GRF_OK;
}

static grf_status take_index(struct grf_vectors *v, struct grf_sv p, const char *path,
                             struct grf_err *err)
{
    struct vec_head h;
    grf_status st = GRF_OK;
    bool known = p.n >= sizeof(h);
    if (known)
        memcpy(&h, p.p, sizeof(h));
    known = known && head_is_known(&h) && p.n == index_bytes(&h);
    if (known) {
        v->h = h;
        st = take_parts(v, p.p + sizeof(h), &known, err);
    }
    if (!st && !known)
        st = grf_fail(err, GRF_VERSION, _("'%s': a vector index of an unknown kind"), path);
    return st;
}

static grf_status read_index(struct grf_vectors *v, const char *fingerprint,
                             struct grf_err *err)
{
    struct grf_container *c = &v->lists.file;
    char *path = grf_path_join(v->dir, VEC_INDEX);
    if (!path)
        return grf_fail_nomem(err);
    vec_stamp(v->dir, v->stamp);
    grf_status st = grf_container_open(c, path, VEC_KIND, true, err);
    if (!st && fingerprint && strcmp(fingerprint, c->label) != 0)
        st = grf_fail(err, GRF_VERSION, _("'%s': made with model '%s', not '%s'; "
                                          "run 'greffier-index rebuild'"),
                      v->dir, c->label, fingerprint);
    if (!st)
        st = take_index(v, c->payload, path, err);
    v->generation = c->generation;
    memcpy(v->label, c->label, sizeof(v->label));
    if (!v->h.n_lists) /* else the lists stay there */
        grf_container_close(c);
    grf_free(path);
    return st;
}

/* *again: the blocks' file was replaced before it could be opened. */
static grf_status open_once(const char *path, const char *fingerprint,
                            struct grf_vectors **out, bool *again, struct grf_err *err)
{
    grf_status st = grf_vec_new(1, out, err);
    if (st)
        return st;
    struct grf_vectors *v = *out;
    v->dir = grf_strdup(path);
    st = v->dir ? read_index(v, fingerprint, err) : grf_fail_nomem(err);
    bool read = !st;
    if (!st)
        st = vec_map(v, err);
    *again = read && st == GRF_NOTFOUND;
    if (st) {
        grf_vec_close(v);
        *out = NULL;
    }
    return st;
}

grf_status grf_vec_open(const char *path, const char *fingerprint,
                        struct grf_vectors **out, struct grf_err *err)
{
    struct stat sb;
    bool again = false;
    *out = NULL;
    if (stat(path, &sb) == 0 && S_ISREG(sb.st_mode))
        return grf_fail(err, GRF_VERSION, _("'%s': made by an earlier greffier; "
                                            "run 'greffier-index rebuild'"), path);
    grf_status st = GRF_OK;
    for (int i = 0; i < TRIES; i++) {
        st = open_once(path, fingerprint, out, &again, err);
        if (!again)
            return st;
    }
    return grf_fail(err, GRF_CORRUPT, _("'%s': damaged (%s); if it belongs to a base, "
                                        "'greffier-index rebuild' makes it again"),
                    path, _("blocks are missing"));
}

/* ---- blocks */

bool vec_is_block(const unsigned char *p, uint32_t pos)
{
    const uint32_t *word = (const uint32_t *)(const void *)p;
    return __atomic_load_n(&word[0], __ATOMIC_ACQUIRE) == VEC_MAGIC &&
           __atomic_load_n(&word[1], __ATOMIC_ACQUIRE) == pos;
}

/* A writer erases blocks that hold removed vectors, whoever is still reading. */
grf_status vec_unfit(const struct grf_vectors *v, uint32_t pos, struct grf_err *err)
{
    if (!vec_is_newest(v))
        return grf_fail(err, GRF_STALE, _("vectors '%s': overtaken by the writer; try again"),
                        v->dir);
    return grf_fail(err, GRF_CORRUPT, _("'%s': block %u is damaged; if it belongs to a base, "
                                        "'greffier-index rebuild' makes it again"),
                    v->dir, (unsigned)pos);
}

grf_status vec_block(const struct grf_vectors *v, size_t i, unsigned char **out,
                     struct grf_err *err)
{
    const struct vec_block *b = &v->blocks[i];
    *out = b->mem;
    if (b->mem)
        return GRF_OK;
    const unsigned char *p = v->data.p + (size_t)b->e.pos * v->h.block_bytes;
    *out = (unsigned char *)(uintptr_t)p;
    if (__atomic_load_n(&v->checked[i], __ATOMIC_RELAXED))
        return GRF_OK;
    if (!vec_is_block(p, b->e.pos) || grf_container_sum64(p, v->h.block_bytes) != b->e.sum)
        return vec_unfit(v, b->e.pos, err);
    __atomic_store_n(&v->checked[i], 1, __ATOMIC_RELAXED);
    return GRF_OK;
}

grf_status vec_still(const struct grf_vectors *v, size_t i, struct grf_err *err)
{
    const struct vec_block *b = &v->blocks[i];
    if (b->mem || vec_is_block(v->data.p + (size_t)b->e.pos * v->h.block_bytes, b->e.pos))
        return GRF_OK;
    return vec_unfit(v, b->e.pos, err);
}

grf_status grf_vec_ids(struct grf_vectors *v, int64_t **ids, size_t *n, struct grf_err *err)
{
    *ids = NULL;
    *n = 0;
    grf_status st = vec_refuse_poisoned(v, err);
    if (st || !v->h.n_blocks)
        return st;
    size_t count = 0;
    int64_t *all = grf_realloc_array(NULL, (size_t)v->h.n_rows + 1, sizeof(*all));
    if (!all)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < v->h.n_blocks && !st; i++) {
        unsigned char *p;
        const struct vec_entry *e = &v->blocks[i].e;
        st = vec_block(v, i, &p, err);
        if (st)
            break;
        for (size_t r = 0; r < e->count; r++) {
            int64_t id = vec_id(&v->h, p, r);
            if (id != VEC_GONE && count < v->h.n_rows)
                all[count++] = id;
        }
    }
    for (size_t i = 0; i < v->h.n_extra && !st; i++) {
        unsigned char *p;
        st = vec_extra(v, i, 0, v->h.block_bytes, &p, err);
    }
    if (st || !count) {
        grf_free(all);
        return st;
    }
    qsort(all, count, sizeof(*all), grf_id_order);
    *ids = all;
    *n = count;
    return GRF_OK;
}

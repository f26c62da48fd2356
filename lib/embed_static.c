/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The static model: a mapped table of word vectors, summed and brought to length 1.
 * Opening reads the head only; what a text needs of the rest is read when it is
 * needed and checked as it is read, so that a damaged file gives a wrong vector at
 * worst, never a wild read. grf_embed_check reads all.
 */
#include "cpu.h"
#include "embed_impl.h"

#include <math.h>

#include "grf_container.h"
#include "grf_embed_format.h"
#include "grf_i18n.h"
#include "grf_mem.h"

struct model {
    struct grf_embedder base;
    struct grf_container file;
    struct grf_embed_head head;
    const uint32_t *slots, *starts;
    const uint16_t *scales;
    const char *pool;
    const int8_t *rows;
    int32_t *part; /* dim sums of at most FLUSH_WORDS words */
    int64_t *sum;  /* dim sums of the whole text */
    size_t since;  /* words in part */
    bool flushed;  /* sum has some */
};

/* 127 * 32767 * 512 < 2^31: so many words fit an int32 sum. */
#define FLUSH_WORDS 512

struct grf_sv grf_embed_family(struct grf_sv norm, bool is_number,
                               char out[GRF_EMBED_FAMILY_MAX])
{
    static const char *const classes[] = {"#1", "#2", "#3", "#4", "#5"};
    if (!is_number) {
        size_t n = norm.n < GRF_EMBED_FAMILY_MAX - 2 ? norm.n : GRF_EMBED_FAMILY_MAX - 2;
        out[0] = '~';
        memcpy(out + 1, norm.p, n);
        return grf_sv(out, n + 1);
    }
    if (norm.n == 4 && (memcmp(norm.p, "19", 2) == 0 || memcmp(norm.p, "20", 2) == 0))
        return grf_sv_z("#year");
    return grf_sv_z(classes[norm.n > 5 ? 4 : norm.n ? norm.n - 1 : 0]);
}

uint32_t grf_embed_hash(struct grf_sv key)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 16777619u;
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    return h ^ (h >> 13);
}

/* True when [off, off + size) is a section: aligned, in order and inside. */
static bool section(uint64_t off, uint64_t size, uint64_t *at, uint64_t end)
{
    if (off % 64 || off < *at || off > end || size > end - off)
        return false;
    *at = off + size;
    return true;
}

static bool head_is_sound(const struct grf_embed_head *h, uint64_t payload)
{
    if (h->dim == 0 || h->dim > GRF_EMBED_MAX_DIM || h->dim % GRF_EMBED_DIM_STEP ||
        h->n_words == 0 || h->n_words > GRF_EMBED_MAX_WORDS || h->n_slots <= h->n_words ||
        h->n_slots > 4 * GRF_EMBED_MAX_WORDS || (h->n_slots & (h->n_slots - 1)) ||
        h->end != payload)
        return false;
    uint64_t at = sizeof(*h), n = h->n_words;
    return section(h->slots, (uint64_t)h->n_slots * 4, &at, h->end) &&
           section(h->starts, (n + 1) * 4, &at, h->end) &&
           section(h->scales, n * 2, &at, h->end) &&
           section(h->pool, h->pool_len, &at, h->end) &&
           section(h->rows, n * h->dim, &at, h->end);
}

static grf_status map_model(struct model *m, const char *path, struct grf_err *err)
{
    struct grf_sv p = m->file.payload;
    struct grf_embed_head *h = &m->head;
    if (p.n >= sizeof(*h))
        memcpy(h, p.p, sizeof(*h));
    if (p.n >= sizeof(*h) && h->format != GRF_EMBED_FORMAT)
        return grf_fail(err, GRF_VERSION,
                        _("model '%s': format %u, this program reads %u; train it again"),
                        path, (unsigned)h->format, (unsigned)GRF_EMBED_FORMAT);
    if (p.n < sizeof(*h) || !head_is_sound(h, p.n))
        return grf_fail(err, GRF_CORRUPT,
                        _("model '%s': damaged; install it again or train it again"),
                        path);
    if (h->text_version != GRF_TEXT_VERSION)
        return grf_fail(err, GRF_VERSION,
                        _("model '%s': made for text analysis %u, this program has %u; "
                          "train it again"),
                        path, (unsigned)h->text_version, (unsigned)GRF_TEXT_VERSION);
    m->slots = (const uint32_t *)(const void *)(p.p + h->slots);
    m->starts = (const uint32_t *)(const void *)(p.p + h->starts);
    m->scales = (const uint16_t *)(const void *)(p.p + h->scales);
    m->pool = p.p + h->pool;
    m->rows = (const int8_t *)(const void *)(p.p + h->rows);
    return GRF_OK;
}

/* Bytes of word i; empty when the file is damaged there. */
static struct grf_sv word_at(const struct model *m, uint32_t i)
{
    uint32_t a = m->starts[i], b = m->starts[i + 1];
    return a <= b && b <= m->head.pool_len ? grf_sv(m->pool + a, b - a) : grf_sv("", 0);
}

/* Number of the word, or -1. */
static int64_t find_word(const struct model *m, struct grf_sv key)
{
    uint32_t mask = m->head.n_slots - 1, at = grf_embed_hash(key) & mask;
    for (uint32_t tries = 0; tries <= mask; tries++, at = (at + 1) & mask) {
        uint32_t slot = m->slots[at];
        if (slot == 0 || slot > m->head.n_words)
            return -1;
        struct grf_sv w = word_at(m, slot - 1);
        if (w.n == key.n && memcmp(w.p, key.p, key.n) == 0)
            return slot - 1;
    }
    return -1;
}

/* Always inside one of the functions below, so that it is made for its processor. */
__attribute__((always_inline)) static inline void add_scaled(int32_t *restrict part,
                                                             const int8_t *restrict row,
                                                             int32_t scale, size_t dim)
{
    for (size_t d = 0; d < dim; d += GRF_EMBED_DIM_STEP)
        for (size_t j = 0; j < GRF_EMBED_DIM_STEP; j++)
            part[d + j] += row[d + j] * scale;
}

static void add_row_plain(int32_t *part, const int8_t *row, int32_t scale, size_t dim)
{
    add_scaled(part, row, scale, dim);
}

/* Whole numbers: whichever is taken, the sums are the same. */
#if GRF_MAY_HAVE_AVX2
__attribute__((target("avx2"))) static void add_row_avx2(int32_t *part, const int8_t *row,
                                                         int32_t scale, size_t dim)
{
    add_scaled(part, row, scale, dim);
}

static void add_row(int32_t *part, const int8_t *row, int32_t scale, size_t dim)
{
    if (grf_cpu_has_avx2())
        add_row_avx2(part, row, scale, dim);
    else
        add_row_plain(part, row, scale, dim);
}
#else
#define add_row add_row_plain
#endif

static void flush(struct model *m)
{
    for (size_t d = 0; d < m->head.dim; d++) {
        m->sum[d] += m->part[d];
        m->part[d] = 0;
    }
    m->since = 0;
    m->flushed = true;
}

static void add_word(struct model *m, const struct grf_word *w)
{
    char family[GRF_EMBED_FAMILY_MAX];
    struct grf_sv norm = grf_sv(w->norm, w->norm_len);
    size_t dim = m->head.dim;
    int64_t i = find_word(m, norm);
    if (i < 0)
        i = find_word(m, grf_embed_family(norm, w->has_digit, family));
    if (i < 0)
        return;
    add_row(m->part, m->rows + (size_t)i * dim, m->scales[i] & GRF_EMBED_SCALE_MAX, dim);
    if (++m->since == FLUSH_WORDS)
        flush(m);
}

/* The sum of the squares of whole numbers, in the order of their places. */
static double square_of(const struct model *m)
{
    double norm = 0;
    for (size_t d = 0; d < m->head.dim; d++)
        norm += (double)m->sum[d] * (double)m->sum[d];
    return norm;
}

/* A text of few words needs no wider sums than those of its parts. While the squares' sum
   stays below 2^53 it is exact in whatever order; else it is made as that of longer ones. */
__attribute__((always_inline)) static inline double square_of_part(const int32_t *restrict part,
                                                                   size_t dim)
{
    enum { ABREAST = 4 };
    double sum[ABREAST] = {0}, all = 0;
    for (size_t d = 0; d < dim; d += ABREAST)
        for (size_t j = 0; j < ABREAST; j++)
            sum[j] += (double)part[d + j] * (double)part[d + j];
    for (size_t j = 0; j < ABREAST; j++)
        all += sum[j];
    return all;
}

__attribute__((always_inline)) static inline void scale_part(int32_t *restrict part, double by,
                                                             float *restrict out,
                                                             size_t dim)
{
    for (size_t d = 0; d < dim; d += GRF_EMBED_DIM_STEP)
        for (size_t j = 0; j < GRF_EMBED_DIM_STEP; j++) {
            out[d + j] = (float)((double)part[d + j] * by);
            part[d + j] = 0;
        }
}

/* False when the sum of squares may not be exact. */
__attribute__((always_inline)) static inline bool finish_part(int32_t *part, float *out,
                                                              size_t dim)
{
    double norm = square_of_part(part, dim);
    if (norm >= 9007199254740992.0)
        return false;
    scale_part(part, norm > 0 ? 1 / sqrt(norm) : 0, out, dim);
    return true;
}

#if GRF_MAY_HAVE_AVX2
__attribute__((target("avx2"))) static bool finish_part_avx2(int32_t *restrict part,
                                                             float *restrict out, size_t dim)
{
    return finish_part(part, out, dim);
}
#endif

static bool finish_short(struct model *m, float *out)
{
    m->since = 0;
#if GRF_MAY_HAVE_AVX2
    if (grf_cpu_has_avx2())
        return finish_part_avx2(m->part, out, m->head.dim);
#endif
    return finish_part(m->part, out, m->head.dim);
}

static void finish(struct model *m, float *out)
{
    size_t dim = m->head.dim;
    if (!m->flushed && finish_short(m, out))
        return;
    flush(m);
    double norm = square_of(m), by = norm > 0 ? 1 / sqrt(norm) : 0;
    for (size_t d = 0; d < dim; d++) {
        out[d] = (float)((double)m->sum[d] * by);
        m->sum[d] = 0;
    }
    m->flushed = false;
}

static void embed_one(struct model *m, struct grf_sv text, float *out)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w))
        add_word(m, &w);
    finish(m, out);
}

static void model_word(struct grf_embedder *e, const struct grf_word *w)
{
    add_word((struct model *)e, w);
}

static void model_finish(struct grf_embedder *e, float *out)
{
    finish((struct model *)e, out);
}

static grf_status model_texts(struct grf_embedder *e, const struct grf_sv *texts,
                              size_t n, float *out, struct grf_err *err)
{
    (void)err;
    struct model *m = (struct model *)e;
    for (size_t i = 0; i < n; i++)
        embed_one(m, texts[i], out + i * m->head.dim);
    return GRF_OK;
}

static void model_close(struct grf_embedder *e)
{
    struct model *m = (struct model *)e;
    grf_container_close(&m->file);
    grf_free(m->part);
    grf_free(m->sum);
    grf_free(m);
}

static const struct grf_embed_ops model_ops = {model_texts, model_close, model_word,
                                               model_finish};

static grf_status open_model(const char *path, bool verify, struct model **out,
                             struct grf_err *err)
{
    struct model *m = grf_calloc(1, sizeof(*m));
    *out = NULL;
    if (!m)
        return grf_fail_nomem(err);
    m->base.ops = &model_ops;
    grf_status s = grf_container_open(&m->file, path, GRF_EMBED_KIND, verify, err);
    if (s != GRF_OK) {
        grf_free(m);
        return s;
    }
    s = map_model(m, path, err);
    if (s == GRF_OK) {
        m->base.dim = (int)m->head.dim;
        memcpy(m->base.fingerprint, m->file.label, sizeof(m->file.label));
        m->base.fingerprint[sizeof(m->file.label) - 1] = '\0';
        m->part = grf_calloc(m->head.dim, sizeof(*m->part));
        m->sum = grf_calloc(m->head.dim, sizeof(*m->sum));
        if (!m->part || !m->sum)
            s = grf_fail_nomem(err);
    }
    if (s != GRF_OK)
        model_close(&m->base);
    else
        *out = m;
    return s;
}

grf_status grf_embed_open_static(const char *path, struct grf_embedder **out,
                                 struct grf_err *err)
{
    struct model *m;
    grf_status s = open_model(path, false, &m, err);
    *out = s == GRF_OK ? &m->base : NULL;
    return s;
}

/* Every word found by its own hash (so that there are no two of it), its scale in range. */
static bool words_are_sound(const struct model *m)
{
    if (m->starts[0] != 0 || m->starts[m->head.n_words] != m->head.pool_len)
        return false;
    for (uint32_t i = 0; i < m->head.n_words; i++) {
        struct grf_sv w = word_at(m, i);
        if (w.n == 0 || find_word(m, w) != i || m->scales[i] > GRF_EMBED_SCALE_MAX)
            return false;
    }
    return true;
}

grf_status grf_embed_check(const char *path, struct grf_err *err)
{
    struct model *m;
    grf_status s = open_model(path, true, &m, err);
    if (s != GRF_OK)
        return s;
    if (!words_are_sound(m))
        s = grf_fail(err, GRF_CORRUPT,
                     _("model '%s': damaged; install it again or train it again"), path);
    model_close(&m->base);
    return s;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checksummed container (grf_container.h). Libraries that trust what they
 * read get no byte from a damaged file; the only file that knows xxHash.
 */
#include "grf_container.h"

#define XXH_STATIC_LINKING_ONLY /* the hash state on the stack: nothing to allocate */
#include <xxhash.h>

#include "container_avx2.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum {
    AT_MAGIC = 0,
    AT_SUM = 4,
    AT_FORMAT = 20,
    AT_KIND = 24,
    AT_HEADER = 28,
    AT_PAYLOAD = 32,
    AT_GENERATION = 40,
    AT_LABEL = 48,
    AT_HEADER_SUM = AT_LABEL + GRF_CONTAINER_LABEL,
    AT_ZERO = AT_HEADER_SUM + 8,
    HEADER = GRF_CONTAINER_HEADER,
    FORMAT = 1,
    KIND_LEN = 4
};
static const char magic[4] = {'G', 'R', 'F', 'C'};

static void put_le(unsigned char *p, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

static uint64_t get_le(const unsigned char *p, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint64_t grf_container_sum64(const void *p, size_t n)
{
    enum { SHORT = 512 }; /* bytes: below, both ways are alike */
    uint64_t sum;
    return n > SHORT && container_sum64_avx2(p, n, &sum) ? sum : XXH3_64bits(p, n);
}

/* Checksum of the described header fields and the payload. */
static void full_sum(const unsigned char *header, const struct grf_sv *pieces, size_t n,
                     unsigned char out[16])
{
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, header + AT_FORMAT, AT_HEADER_SUM - AT_FORMAT);
    for (size_t i = 0; i < n; i++)
        XXH3_128bits_update(&state, pieces[i].p, pieces[i].n);
    XXH128_hash_t h = XXH3_128bits_digest(&state);
    put_le(out, h.low64, 8);
    put_le(out + 8, h.high64, 8);
}

grf_status grf_container_write(const char *path, const char *kind, int64_t generation,
                               const char *label, const struct grf_sv *pieces, size_t n,
                               struct grf_err *err)
{
    GRF_ASSERT(strlen(kind) == KIND_LEN);
    size_t label_len = label ? strlen(label) : 0;
    if (label_len >= GRF_CONTAINER_LABEL)
        return grf_fail(err, GRF_INVALID, _("'%s': label longer than %d bytes"), path,
                        GRF_CONTAINER_LABEL - 1);
    uint64_t payload = 0;
    for (size_t i = 0; i < n; i++)
        payload += pieces[i].n;

    unsigned char header[HEADER] = {0};
    memcpy(header + AT_MAGIC, magic, sizeof(magic));
    put_le(header + AT_FORMAT, FORMAT, 4);
    memcpy(header + AT_KIND, kind, KIND_LEN);
    put_le(header + AT_HEADER, HEADER, 4);
    put_le(header + AT_PAYLOAD, payload, 8);
    put_le(header + AT_GENERATION, (uint64_t)generation, 8);
    if (label_len)
        memcpy(header + AT_LABEL, label, label_len);
    full_sum(header, pieces, n, header + AT_SUM);
    put_le(header + AT_HEADER_SUM, XXH3_64bits(header, AT_HEADER_SUM), 8);

    struct grf_sv *all = grf_calloc(n + 1, sizeof(*all));
    if (!all)
        return grf_fail_nomem(err);
    all[0] = grf_sv((const char *)header, HEADER);
    for (size_t i = 0; i < n; i++)
        all[i + 1] = pieces[i];
    grf_status st = grf_file_replace(path, all, n + 1, err);
    grf_free(all);
    return st;
}

static grf_status corrupt(const char *path, const char *what, struct grf_err *err)
{
    return grf_fail(err, GRF_CORRUPT, _("'%s': damaged (%s); if it belongs to a base, "
                                        "'greffier-index rebuild' makes it again"),
                    path, what);
}

static grf_status check_header(const struct grf_map *map, const char *path,
                               const char *kind, struct grf_err *err)
{
    const unsigned char *h = map->p;
    if (map->n < HEADER)
        return corrupt(path, _("too short"), err);
    if (memcmp(h, magic, sizeof(magic)) != 0)
        return corrupt(path, _("not a greffier file"), err);
    if (get_le(h + AT_HEADER_SUM, 8) != XXH3_64bits(h, AT_HEADER_SUM) ||
        get_le(h + AT_ZERO, 8) != 0)
        return corrupt(path, _("header checksum"), err);
    // What follows is as it was written: not damage, but another version.
    if (get_le(h + AT_FORMAT, 4) != FORMAT || get_le(h + AT_HEADER, 4) != HEADER)
        return grf_fail(err, GRF_VERSION, _("'%s': format %u is not known here"), path,
                        (unsigned)get_le(h + AT_FORMAT, 4));
    if (memcmp(h + AT_KIND, kind, KIND_LEN) != 0)
        return grf_fail(err, GRF_VERSION, _("'%s': holds '%.4s', not '%s'"), path,
                        (const char *)h + AT_KIND, kind);
    if (get_le(h + AT_PAYLOAD, 8) != map->n - HEADER)
        return corrupt(path, _("wrong length"), err);
    if (h[AT_LABEL + GRF_CONTAINER_LABEL - 1] != 0)
        return corrupt(path, _("label without end"), err);
    return GRF_OK;
}

static grf_status check_sum(const struct grf_map *map, const char *path,
                            struct grf_err *err)
{
    unsigned char sum[16];
    struct grf_sv payload = grf_sv((const char *)map->p + HEADER, map->n - HEADER);
    full_sum(map->p, &payload, 1, sum);
    if (memcmp(sum, map->p + AT_SUM, sizeof(sum)) != 0)
        return corrupt(path, _("checksum"), err);
    return GRF_OK;
}

grf_status grf_container_open(struct grf_container *c, const char *path, const char *kind,
                              bool verify, struct grf_err *err)
{
    GRF_ASSERT(strlen(kind) == KIND_LEN);
    memset(c, 0, sizeof(*c));
    grf_status st = grf_map_open(&c->map, path, err);
    if (!st)
        st = check_header(&c->map, path, kind, err);
    if (!st && verify)
        st = check_sum(&c->map, path, err);
    if (st) {
        grf_container_close(c);
        return st;
    }
    c->generation = (int64_t)get_le(c->map.p + AT_GENERATION, 8);
    memcpy(c->label, c->map.p + AT_LABEL, GRF_CONTAINER_LABEL);
    c->payload = grf_sv((const char *)c->map.p + HEADER, c->map.n - HEADER);
    return GRF_OK;
}

void grf_container_close(struct grf_container *c)
{
    if (!c)
        return;
    grf_map_close(&c->map);
    memset(c, 0, sizeof(*c));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of the base: vector index, model, and the container that both stand in. The
 * first byte chooses; an even one puts the rest into a sound container, since a
 * checksum would stop nearly every other input at the door.
 */
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"
#include "grf_container.h"
#include "grf_embed.h"
#include "grf_embed_format.h"
#include "grf_vectors.h"

static const char *sealed(const char *kind, struct grf_sv payload)
{
    static char path[64];
    struct grf_err err = GRF_ERR_INIT;
    snprintf(path, sizeof(path), "/dev/shm/grf-fuzz-%d", (int)getpid());
    fuzz_check(!grf_container_write(path, kind, 1, "fuzz", &payload, 1, &err));
    return path;
}

static void try_index(const char *path)
{
    struct grf_vectors *v;
    struct grf_vec_hit hits[4];
    struct grf_err err = GRF_ERR_INIT;
    float query[64] = {1};
    size_t n = 0;
    if (grf_vec_open(path, NULL, &v, &err))
        return;
    if (grf_vec_dim(v) <= 64 && !grf_vec_search(v, query, 4, hits, &n, &err))
        fuzz_check(n <= 4);
    grf_vec_close(v);
}

/* The same bytes as the index file and as the blocks. */
static void try_vectors(const char *index)
{
    char path[96], file[128];
    struct grf_str whole;
    grf_str_init(&whole, 1 << 24);
    snprintf(path, sizeof(path), "/dev/shm/grf-fuzz-%d.v", (int)getpid());
    fuzz_check(!grf_file_mkdirs(path, NULL) && !grf_file_read(index, 1 << 24, &whole, NULL));
    struct grf_sv piece = grf_str_sv(&whole);
    snprintf(file, sizeof(file), "%s/blocks.0", path);
    fuzz_check(!grf_file_replace(file, &piece, 1, NULL));
    snprintf(file, sizeof(file), "%s/index", path);
    fuzz_check(!grf_file_replace(file, &piece, 1, NULL));
    grf_str_release(&whole);
    try_index(path);
    grf_path_remove(path);
}

static void try_model(const char *path)
{
    struct grf_embedder *e;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_sv text = grf_sv_z("la cantine 2019 inconnue");
    (void)!grf_embed_check(path, &err);
    err = (struct grf_err)GRF_ERR_INIT;
    if (grf_embed_open_static(path, &e, &err))
        return;
    float *out = grf_calloc((size_t)grf_embed_dim(e), sizeof(*out));
    if (out)
        (void)!grf_embed_texts(e, &text, 1, out, &err);
    grf_free(out);
    grf_embed_close(e);
}

void fuzz_one(struct grf_sv input)
{
    if (!input.n)
        return;
    unsigned how = (unsigned char)input.p[0];
    struct grf_sv rest = grf_sv(input.p + 1, input.n - 1);
    bool model = how & 2;
    const char *path = how & 1 ? fuzz_file(rest) : sealed(model ? "MODL" : "VECS", rest);
    if (model)
        try_model(path);
    else
        try_vectors(path);
    if (!(how & 1))
        unlink(path);
}

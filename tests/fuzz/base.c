/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A base of two acts in memory, made once for each process. */
#include "base.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

static const char *const texts[] = {
    "Délibération n° 2019-12 du 12 mars 2019\n\nObjet : tarifs de la cantine scolaire\n\n"
    "Le conseil fixe à 3,50 euros le prix du repas. Vu l'article L. 2121-29 du CGCT.",
    "Délibération n° 2020-07 du 4 juin 2020\n\nObjet : réfection de la voirie communale\n\n"
    "Le conseil approuve les travaux de la rue des Tilleuls pour 12 000 euros."};

static void add_text(struct grf_base_writer *w, const char *text)
{
    struct grf_page page;
    struct grf_acts acts = {NULL, 0, 0};
    struct grf_doc_hints hints = {"essai", false, "document"};
    struct grf_block block = {.role = GRF_ROLE_BODY};
    char sha[GRF_SHA256_HEX];
    int64_t id;
    grf_page_init(&page);
    page.number = 1;
    page.width = 595;
    page.height = 842;
    page.state = GRF_TEXT_NATIVE;
    grf_str_addz(&page.text, text);
    block.end = (uint32_t)page.text.n;
    page.blocks = &block;
    page.n_blocks = 1;
    grf_sha256(grf_sv_z(text), sha);
    fuzz_check(!grf_segment(&page, 1, &hints, &acts, NULL));
    fuzz_check(!grf_cut(&page, 1, &acts, NULL));
    struct grf_base_doc doc = {{.sha256 = sha, .bytes = 100, .title = "essai"}, &page, 1, &acts};
    fuzz_check(!grf_base_add(w, &doc, &id, NULL));
    struct grf_location loc = {.doc_id = id, .path = sha, .rel = sha, .body = "essai"};
    fuzz_check(!grf_base_put_location(w, &loc, NULL));
    page.blocks = NULL;
    page.n_blocks = 0;
    grf_page_release(&page);
    grf_acts_release(&acts);
}

static void make_base(struct grf_embedder **model, struct grf_base **base)
{
    struct grf_base_writer *w;
    const char *path = getenv("GREFFIER_MODEL");
    const char *dir = fuzz_base_dir();
    fuzz_check(!grf_embed_open_static(path ? path : "corpora/models/greffier-fr.grfm", model,
                                      NULL));
    fuzz_check(!grf_base_open_writer(dir, *model, false, &w, NULL));
    for (size_t i = 0; i < GRF_ARRAY_LEN(texts); i++)
        add_text(w, texts[i]);
    fuzz_check(!grf_base_commit(w, true, NULL));
    grf_base_close_writer(w);
    fuzz_check(!grf_base_open(dir, base, NULL));
}

const char *fuzz_base_dir(void)
{
    static char dir[64];
    snprintf(dir, sizeof(dir), "/dev/shm/grf-fuzz-base-%d", (int)getpid());
    return dir;
}

static int drop(const char *path, const struct stat *sb, int kind, struct FTW *at)
{
    (void)sb;
    (void)kind;
    (void)at;
    return remove(path);
}

static void drop_base(void)
{
    nftw(fuzz_base_dir(), drop, 8, FTW_DEPTH | FTW_PHYS);
}

struct grf_base *fuzz_base(struct grf_embedder **model)
{
    static struct grf_embedder *embedder;
    static struct grf_base *base;
    if (!base) {
        make_base(&embedder, &base);
        atexit(drop_base);
    }
    *model = embedder;
    return base;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question to a small base: no answer is an error, every quote is proven. */
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"
#include "grf_search.h"

static const char *const texts[] = {
    "Délibération n° 2019-12 du 12 mars 2019\n\nObjet : tarifs de la cantine scolaire\n\n"
    "Le conseil fixe à 3,50 euros le prix du repas. Vu l'article L. 2121-29 du CGCT.",
    "Délibération n° 2020-07 du 4 juin 2020\n\nObjet : réfection de la voirie communale\n\n"
    "Le conseil approuve les travaux de la rue des Tilleuls pour 12 000 euros."};

static struct grf_base *base;

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

static struct grf_embedder *model;

static void make_base(void)
{
    static char dir[64];
    struct grf_base_writer *w;
    const char *path = getenv("GREFFIER_MODEL");
    snprintf(dir, sizeof(dir), "/dev/shm/grf-fuzz-base-%d", (int)getpid());
    fuzz_check(!grf_embed_open_static(path ? path : "corpora/models/greffier-fr.grfm", &model,
                                      NULL));
    fuzz_check(!grf_base_open_writer(dir, model, false, &w, NULL));
    for (size_t i = 0; i < GRF_ARRAY_LEN(texts); i++)
        add_text(w, texts[i]);
    fuzz_check(!grf_base_commit(w, true, NULL));
    grf_base_close_writer(w);
    fuzz_check(!grf_base_open(dir, &base, NULL));
}

void fuzz_one(struct grf_sv input)
{
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    struct grf_answer a;
    struct grf_err err = GRF_ERR_INIT;
    if (!base)
        make_base();
    o.explain = true;
    grf_status st = grf_search(base, model, input, &o, &a, &err);
    fuzz_check(st == GRF_OK || (st == GRF_INVALID && err.msg[0]));
    for (size_t i = 0; i < a.n; i++)
        fuzz_check(!grf_prove_quote(base, a.v[i].doc.id, a.v[i].passage.page, a.v[i].span_start,
                                    a.v[i].span_end, grf_sv_z(a.v[i].quote), NULL));
    grf_answer_release(&a);
}

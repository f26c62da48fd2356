/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question to a small base: no answer is an error, every quote is proven. */
#include "base.h"
#include "fuzz.h"

void fuzz_one(struct grf_sv input)
{
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    struct grf_answer a;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_embedder *model;
    struct grf_base *base = fuzz_base(&model);
    o.explain = true;
    grf_status st = grf_search(base, model, input, &o, &a, &err);
    fuzz_check(st == GRF_OK || (st == GRF_INVALID && err.msg[0]));
    for (size_t i = 0; i < a.n; i++)
        fuzz_check(!grf_prove_quote(base, a.v[i].doc.id, a.v[i].passage.page, a.v[i].span_start,
                                    a.v[i].span_end, grf_sv_z(a.v[i].quote), NULL));
    grf_answer_release(&a);
}

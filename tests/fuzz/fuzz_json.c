/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON of sources, gold files and endpoints; what was read is written and read again. */
#include "fuzz.h"
#include "grf_json.h"
#include "grf_jsonread.h"

static void look(const struct grf_jval *v, int depth)
{
    (void)grf_jval_sv(v);
    (void)grf_jval_int(v, 0);
    (void)grf_jval_real(v, 0);
    (void)grf_jval_get(v, "type");
    for (size_t i = 0; i < grf_jval_count(v) && depth < 8; i++)
        look(grf_jval_at(v, i), depth + 1);
}

void fuzz_one(struct grf_sv input)
{
    struct grf_jdoc *d;
    struct grf_err err = GRF_ERR_INIT;
    if (grf_jdoc_parse(input, &d, &err)) {
        fuzz_check(err.msg[0]);
        return;
    }
    look(grf_jdoc_root(d), 0);
    grf_jdoc_free(d);
}

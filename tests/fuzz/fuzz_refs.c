/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References in any text, and one reference as a person types it. */
#include "fuzz.h"
#include "grf_legalref.h"

static void check_target(const struct grf_ref *r, const struct grf_ref_target *t)
{
    char key[GRF_REF_MAX];
    fuzz_check(t->start >= r->start && t->start <= t->end && t->end <= r->end);
    fuzz_check(strnlen(t->canon, sizeof(t->canon)) < sizeof(t->canon) && t->canon[0]);
    fuzz_check(t->confidence >= 0 && t->confidence <= 1);
    fuzz_check(grf_ref_key(t->canon, key) && grf_ref_same(t->canon, key));
    fuzz_check(!t->to[0] || (t->flags & GRF_REF_RANGE));
    struct grf_str shown;
    grf_str_init(&shown, 4096);
    grf_ref_display(t->canon, &shown);
    grf_str_release(&shown);
}

static void check_found(struct grf_sv text, const struct grf_ref_context *ctx)
{
    struct grf_refs refs;
    struct grf_err err = GRF_ERR_INIT;
    size_t at = 0;
    grf_refs_init(&refs);
    fuzz_check(grf_refs_find(text, ctx, &refs, &err) == GRF_OK);
    for (size_t i = 0; i < refs.n; i++) {
        const struct grf_ref *r = &refs.items[i];
        fuzz_check(r->start >= at && r->start < r->end && r->end <= text.n);
        fuzz_check(r->n >= 1 && r->first + r->n <= refs.n_targets);
        for (size_t k = 0; k < r->n; k++)
            check_target(r, &refs.targets[r->first + k]);
        at = r->end;
    }
    grf_refs_release(&refs);
}

static bool every_second(void *data, const char *canon)
{
    (void)data;
    return strlen(canon) & 1;
}

void fuzz_one(struct grf_sv input)
{
    struct grf_ref_context ctx = {"CGCT", NULL, false, every_second, NULL};
    struct grf_ref_target t;
    struct grf_err err = GRF_ERR_INIT;
    check_found(input, NULL);
    check_found(input, &ctx);
    if (grf_ref_parse_query(input, &ctx, &t, &err) == GRF_OK)
        fuzz_check(t.canon[0]);
    else
        fuzz_check(err.msg[0]);
}

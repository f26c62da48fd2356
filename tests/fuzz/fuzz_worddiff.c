/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed between two texts: both come back from what is found. */
#include "fuzz.h"
#include "grf_worddiff.h"

enum { TEXT_MOST = 1 << 22 };

static void check_whole(struct grf_sv a, struct grf_sv b, const struct grf_worddiff *d)
{
    struct grf_str old_words, new_text;
    grf_str_init(&old_words, TEXT_MOST);
    grf_str_init(&new_text, TEXT_MOST);
    for (size_t i = 0; i < d->n; i++) {
        fuzz_check(d->v[i].text.n > 0);
        fuzz_check(i == 0 || d->v[i].op != d->v[i - 1].op);
        if (d->v[i].op != GRF_DIFF_INS)
            grf_str_addsv(&old_words, d->v[i].text);
        grf_str_addc(&old_words, ' ');
        if (d->v[i].op != GRF_DIFF_DEL)
            grf_str_addsv(&new_text, d->v[i].text);
    }
    bool blank = new_text.n == 0 && grf_worddiff_same(b, grf_sv("", 0));
    fuzz_check(blank || (new_text.n == b.n && memcmp(new_text.p, b.p, b.n) == 0));
    fuzz_check(grf_worddiff_same(grf_str_sv(&old_words), a));
    grf_str_release(&old_words);
    grf_str_release(&new_text);
}

void fuzz_one(struct grf_sv input)
{
    struct grf_worddiff d = {0};
    struct grf_sv rest = input, a = fuzz_take(&rest);
    fuzz_check(!grf_worddiff_find(a, rest, &d, NULL));
    check_whole(a, rest, &d);
    fuzz_check(grf_worddiff_same(a, rest) == (d.deleted == 0 && d.inserted == 0));
    grf_worddiff_release(&d);
    fuzz_check(!grf_worddiff_find(rest, rest, &d, NULL));
    fuzz_check(d.deleted == 0 && d.inserted == 0);
    grf_worddiff_release(&d);
}

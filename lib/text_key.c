/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and numbers reduced to what tells them apart. */
#include "grf_text.h"

void grf_text_key(struct grf_str *out, struct grf_sv text)
{
    size_t from = out->n, to = out->n;
    grf_text_fold(out, text);
    if (out->bad)
        return;
    for (size_t i = from; i < out->n; i++) {
        unsigned char c = (unsigned char)out->p[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)
            out->p[to++] = out->p[i];
    }
    grf_str_cut(out, to);
}

bool grf_text_same_key(struct grf_sv a, struct grf_sv b)
{
    struct grf_str x, y;
    grf_str_init(&x, 65536);
    grf_str_init(&y, 65536);
    grf_text_key(&x, a);
    grf_text_key(&y, b);
    bool same = !x.bad && !y.bad && x.n == y.n && memcmp(x.p, y.p, x.n) == 0;
    grf_str_release(&x);
    grf_str_release(&y);
    return same;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* robots.txt, and a path after a NUL byte. */
#include "../../indexer/robots.h"
#include "fuzz.h"

void fuzz_one(struct grf_sv input)
{
    struct robots *r;
    struct grf_err err = GRF_ERR_INIT;
    char path[256] = "/";
    struct grf_sv rules = fuzz_take(&input);
    size_t n = input.n < sizeof(path) - 2 ? input.n : sizeof(path) - 2;
    if (n)
        memcpy(path + 1, input.p, n);
    path[n + 1] = 0;
    fuzz_check(!robots_parse(rules, "greffier", &r, &err));
    (void)robots_allow(r, path);
    fuzz_check(robots_allow(r, "/robots.txt") && robots_delay_ms(r) >= 0);
    for (size_t i = 0; robots_sitemap(r, i); i++)
        fuzz_check(i < ROBOTS_MOST);
    robots_free(r);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text as pages: a form feed ends a page, a blank line a block; a block's first byte
 * chooses its role ('#' heading, '%' stamp, '|' margin, '^' header, '_' footer).
 */
#include "fuzz.h"
#include "grf_text.h"
#include "pages.h"

enum { PAGES_MOST = 16 };

static void add_block(struct grf_page *p, struct grf_sv text)
{
    static const char marks[] = "#%|^_";
    static const uint8_t roles[] = {GRF_ROLE_BODY, GRF_ROLE_STAMP, GRF_ROLE_MARGIN,
                                    GRF_ROLE_HEADER, GRF_ROLE_FOOTER};
    struct grf_block b = {.size = 10, .role = GRF_ROLE_BODY};
    const char *m = text.p[0] ? strchr(marks, text.p[0]) : NULL;
    if (m) {
        b.role = roles[m - marks];
        b.heading = *m == '#';
        text = grf_sv(text.p + 1, text.n - 1);
    }
    if (p->text.n)
        grf_str_addz(&p->text, "\n\n");
    b.start = (uint32_t)p->text.n;
    grf_text_clean(&p->text, text); /* as the layout does */
    b.end = (uint32_t)p->text.n;
    float y = 15.0f * (float)p->n_blocks;
    b.box = (struct grf_box){50, y, 500, y + 10};
    fuzz_check(!grf_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof(b)));
    p->blocks[p->n_blocks++] = b;
}

static void fill_page(struct grf_page *p, int number, struct grf_sv text)
{
    grf_page_init(p);
    p->number = number;
    p->width = 595;
    p->height = 842;
    p->state = GRF_TEXT_NATIVE;
    for (size_t at = 0; at < text.n;) {
        const char *end = memmem(text.p + at, text.n - at, "\n\n", 2);
        size_t n = end ? (size_t)(end - text.p) - at : text.n - at;
        if (n)
            add_block(p, grf_sv(text.p + at, n));
        at += n + 2;
    }
}

void fuzz_one(struct grf_sv input)
{
    struct grf_page pages[PAGES_MOST];
    size_t n = 0;
    for (size_t at = 0; at <= input.n && n < PAGES_MOST; n++) {
        const char *end = at < input.n ? memchr(input.p + at, '\f', input.n - at) : NULL;
        size_t len = end ? (size_t)(end - input.p) - at : input.n - at;
        fill_page(&pages[n], (int)n + 1, grf_sv(input.p + at, len));
        at += len + 1;
    }
    check_acts(pages, n);
    for (size_t i = 0; i < n; i++)
        grf_page_release(&pages[i]);
}

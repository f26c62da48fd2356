/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: life cycle, names, boxes of a span. */
#include "grf_page.h"

#include <math.h>

#include "grf_i18n.h"
#include "grf_mem.h"

#define MAX_PAGE_TEXT (8u << 20)

const char *grf_text_state_name(grf_text_state s)
{
    static const char *const names[] = {"none", "native", "ocr-layer",
                                        "stamp-only", "scan", "ocr"};
    return (size_t)s < GRF_ARRAY_LEN(names) ? names[s] : "unknown";
}

void grf_raw_page_release(struct grf_raw_page *p)
{
    if (!p)
        return;
    grf_free(p->words);
    grf_free(p->pool);
    *p = (struct grf_raw_page){0};
}

void grf_page_init(struct grf_page *p)
{
    *p = (struct grf_page){0};
    grf_str_init(&p->text, MAX_PAGE_TEXT);
}

void grf_page_release(struct grf_page *p)
{
    if (!p)
        return;
    grf_str_release(&p->text);
    grf_free(p->words);
    grf_free(p->blocks);
    grf_page_init(p);
}

/* First word that ends after byte start. */
static size_t first_word(const struct grf_page *p, size_t start)
{
    size_t lo = 0, hi = p->n_words;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->words[mid].end <= start)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Whether the text between two words holds a line end. */
static bool line_breaks(const struct grf_page *p, uint32_t from, uint32_t to)
{
    return to > from && to <= p->text.n && memchr(p->text.p + from, '\n', to - from);
}

/* Whether a word stands on the height of a box: the cells of a table's row, which follow
   each other in the text, may not. */
static bool is_beside(const struct grf_box *a, const struct grf_box *b)
{
    float common = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    return common >= 0.4f * fminf(a->y1 - a->y0, b->y1 - b->y0);
}

static void box_join(struct grf_box *a, const struct grf_box *b)
{
    a->x0 = fminf(a->x0, b->x0);
    a->y0 = fminf(a->y0, b->y0);
    a->x1 = fmaxf(a->x1, b->x1);
    a->y1 = fmaxf(a->y1, b->y1);
}

void grf_page_boxes(const struct grf_page *p, size_t start, size_t end,
                    struct grf_box *out, size_t *n)
{
    size_t room = *n, used = 0;
    uint32_t last = 0;
    for (size_t i = first_word(p, start); i < p->n_words; i++) {
        const struct grf_page_word *w = &p->words[i];
        if (w->start >= end)
            break;
        if (used && !line_breaks(p, last, w->start) && is_beside(&out[used - 1], &w->box)) {
            box_join(&out[used - 1], &w->box);
        } else {
            if (used == room)
                break;
            out[used++] = w->box;
        }
        last = w->end;
    }
    *n = used;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises about pages, acts and passages. */
#include "pages.h"

#include "fuzz.h"

static void check_words_come_back(const struct grf_page *p)
{
    struct grf_str packed;
    struct grf_page again;
    struct grf_err err = GRF_ERR_INIT;
    grf_str_init(&packed, 1 << 26);
    grf_page_pack_words(p, &packed);
    grf_page_init(&again);
    again.number = p->number;
    again.width = p->width;
    again.height = p->height;
    grf_str_add(&again.text, p->text.p, p->text.n);
    if (!packed.bad) {
        fuzz_check(grf_page_unpack_words(&again, grf_str_sv(&packed), &err) == GRF_OK);
        fuzz_check(again.n_words == p->n_words);
    }
    grf_page_release(&again);
    grf_str_release(&packed);
}

void check_page(const struct grf_page *p)
{
    uint32_t at = 0;
    for (size_t i = 0; i < p->n_blocks; i++) {
        fuzz_check(p->blocks[i].start >= at && p->blocks[i].end >= p->blocks[i].start);
        at = p->blocks[i].end;
    }
    fuzz_check(at <= p->text.n);
    for (size_t i = 0; i < p->n_words; i++)
        fuzz_check(p->words[i].start <= p->words[i].end && p->words[i].end <= p->text.n);
    check_words_come_back(p);
}

static void check_act(const struct grf_act *a, const struct grf_page *pages, size_t n)
{
    fuzz_check(a->first_page >= 1 && a->first_page <= a->last_page);
    fuzz_check((size_t)a->last_page <= n);
    for (size_t i = 0; i < a->n_passages; i++) {
        const struct grf_passage *s = &a->passages[i];
        fuzz_check(s->page >= a->first_page && s->page <= a->last_page);
        fuzz_check(s->start < s->end && s->end <= pages[s->page - 1].text.n);
    }
}

void check_acts(const struct grf_page *pages, size_t n)
{
    struct grf_acts acts = {NULL, 0, 0};
    struct grf_err err = GRF_ERR_INIT;
    struct grf_doc_hints hints = {"essai", false, "document"};
    grf_status st = grf_segment(pages, n, &hints, &acts, &err);
    fuzz_check(st == GRF_OK || st == GRF_LIMIT);
    if (!st) {
        fuzz_check(acts.n >= 1);
        st = grf_cut(pages, n, &acts, &err);
        fuzz_check(st == GRF_OK || st == GRF_LIMIT);
    }
    for (size_t i = 0; i < acts.n && !st; i++)
        check_act(&acts.v[i], pages, n);
    grf_acts_release(&acts);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page message of the PDF worker, taken all the way: layout, acts, passages. */
#include "fuzz.h"
#include "grf_act.h"
#include "grf_pdf_protocol.h"
#include "pages.h"

void fuzz_one(struct grf_sv input)
{
    struct grf_raw_page raw;
    struct grf_page page;
    struct grf_err err = GRF_ERR_INIT;
    if (grf_pdf_get_page(input, &raw, &err) != GRF_OK) {
        fuzz_check(err.msg[0]);
        return;
    }
    grf_page_init(&page);
    page.number = 1;
    grf_status st = grf_layout_document(&raw, 1, &page, &err);
    fuzz_check(st == GRF_OK || st == GRF_LIMIT || st == GRF_NOMEM);
    if (!st) {
        check_page(&page);
        check_acts(&page, 1);
    }
    grf_page_release(&page);
    grf_raw_page_release(&raw);
}

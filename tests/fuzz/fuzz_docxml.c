/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The XML inside drafts of office programs: the first byte says whose. */
#include "../../indexer/doc_xml.h"
#include "fuzz.h"
#include "grf_text.h"

void fuzz_one(struct grf_sv input)
{
    struct grf_str out;
    struct grf_err err = GRF_ERR_INIT;
    if (!input.n)
        return;
    enum doc_kind kind = input.p[0] & 1 ? DOC_DOCX : DOC_ODT;
    grf_str_init(&out, 1 << 24);
    grf_status st = doc_xml_text(grf_sv(input.p + 1, input.n - 1), kind, &out, &err);
    fuzz_check(st == GRF_OK || err.msg[0]);
    if (!st)
        fuzz_check(grf_text_valid(grf_str_sv(&out)) == out.n);
    grf_str_release(&out);
}

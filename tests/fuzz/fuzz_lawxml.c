/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML files of a LEGI archive: the first byte says which kind. */
#include "../../indexer/law_xml.h"
#include "fuzz.h"

static void article(struct grf_sv xml)
{
    struct law_xml_article a;
    struct grf_err err = GRF_ERR_INIT;
    law_xml_article_init(&a);
    if (!law_xml_article(xml, &a, &err))
        fuzz_check(strlen(a.id) < sizeof(a.id) && !a.text.bad);
    law_xml_article_release(&a);
}

static void section(struct grf_sv xml)
{
    struct law_xml_section s = {.n = 0};
    struct grf_err err = GRF_ERR_INIT;
    (void)!law_xml_section(xml, &s, &err);
    law_xml_section_release(&s);
}

static void text(struct grf_sv xml)
{
    struct law_xml_text t;
    struct grf_err err = GRF_ERR_INIT;
    law_xml_text_init(&t);
    (void)!law_xml_text(xml, &t, &err);
    law_xml_text_release(&t);
}

void fuzz_one(struct grf_sv input)
{
    static void (*const kinds[])(struct grf_sv) = {article, section, text};
    if (!input.n)
        return;
    kinds[(unsigned char)input.p[0] % 3](grf_sv(input.p + 1, input.n - 1));
}

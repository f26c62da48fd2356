/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The XML files of LEGI. Elements are looked up by name: their order differs. */
#ifndef GRF_LAW_XML_H
#define GRF_LAW_XML_H

#include <stdbool.h>

#include "grf_law.h"

/* Another place of an article: a later version under another number ("VERSION"), or the
   other end of a link of transfer or concordance. Fields may be empty. */
struct law_xml_move {
    char kind[16];
    char id[GRF_LAW_ID], cid[GRF_LAW_ID];
    char num[GRF_LAW_NUM];
    char begin[GRF_LAW_DATE];
};

/* One file of article/: a version. Strings are empty when the file does not say. */
struct law_xml_article {
    char id[GRF_LAW_ID];
    char cid[GRF_LAW_ID]; /* of CONTEXTE/TEXTE; may be missing */
    char nature[32], text_num[48];
    char etat[24];
    char begin[GRF_LAW_DATE], end[GRF_LAW_DATE];
    char first_id[GRF_LAW_ID]; /* the article's earliest version */
    bool followed;             /* another version begins on its last day or later */
    bool followed_here;        /* under the same number */
    struct grf_str num, title, text, nota, section, by;
    struct law_xml_move *moves;
    size_t n_moves, cap_moves;
};
/* GRF_PARSE when it is not such a file. Release a whatever comes back; one struct may
   be used for many files. */
GRF_NODISCARD grf_status law_xml_article(struct grf_sv xml, struct law_xml_article *a,
                                         struct grf_err *err);
void law_xml_article_init(struct law_xml_article *a);
void law_xml_article_release(struct law_xml_article *a);

/* One file of section_ta/: the articles that it lists, of all dates. */
struct law_xml_section {
    char id[GRF_LAW_ID];
    char (*articles)[GRF_LAW_ID];
    size_t n, cap;
};
GRF_NODISCARD grf_status law_xml_section(struct grf_sv xml, struct law_xml_section *s,
                                         struct grf_err *err);
void law_xml_section_release(struct law_xml_section *s); /* of a zeroed one too */

/* One file of texte/version/. */
struct law_xml_text {
    char cid[GRF_LAW_ID];
    char nature[32], num[48];
    char begin[GRF_LAW_DATE];
    char modified[GRF_LAW_DATE]; /* DERNIERE_MODIFICATION */
    struct grf_str title;
};
void law_xml_text_init(struct law_xml_text *t);
GRF_NODISCARD grf_status law_xml_text(struct grf_sv xml, struct law_xml_text *t,
                                      struct grf_err *err);
void law_xml_text_release(struct law_xml_text *t);

#endif

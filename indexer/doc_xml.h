/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words in the XML of office documents. */
#ifndef GRF_DOC_XML_H
#define GRF_DOC_XML_H

#include "grf_str.h"

enum doc_kind { DOC_ODT, DOC_DOCX };

/* Appends the text of content.xml or word/document.xml, a line for each paragraph, without
   deleted passages and comments. GRF_PARSE when it is no such XML; a document type, which
   no office program writes, is refused. */
GRF_NODISCARD grf_status doc_xml_text(struct grf_sv xml, enum doc_kind kind,
                                      struct grf_str *out, struct grf_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees of XML and HTML that come from web sites (libxml2 behind): well-formed or not, as
 * large and as deep as whoever made them liked. No network, no DTD, no entity is expanded;
 * walking is done without recursion.
 */
#ifndef GRF_XMLTREE_H
#define GRF_XMLTREE_H

#include <stdbool.h>

#include "grf_str.h"

struct xml_doc;
struct xml_node; /* an element; belongs to its document */

#define XML_BYTES_MOST ((size_t)64 << 20)

enum xml_how {
    XML_STRICT, /* GRF_PARSE when it is not well-formed */
    XML_BROKEN, /* as far as it can be read */
    XML_HTML    /* as a browser would take it */
};

/* charset as the server says it, or NULL. GRF_PARSE, GRF_LIMIT. */
GRF_NODISCARD grf_status xml_parse(struct grf_sv text, enum xml_how how, const char *charset,
                                   struct xml_doc **out, struct grf_err *err);
void xml_close(struct xml_doc *d);
struct xml_node *xml_root(struct xml_doc *d);

/* The next element below top in the order of the text; n == top gives the first. NULL after
   the last. */
struct xml_node *xml_walk(struct xml_node *top, struct xml_node *n);
/* The next one that is not below n. */
struct xml_node *xml_walk_past(struct xml_node *top, struct xml_node *n);
/* The first child element of that name, or NULL. */
struct xml_node *xml_child(struct xml_node *n, const char *name);

/* Name without prefix; in HTML in lower case. */
const char *xml_name(const struct xml_node *n);
bool xml_is(const struct xml_node *n, const char *name);
/* Replaces out by the attribute's value without blanks around it; false when there is
   none. */
bool xml_attr(struct xml_node *n, const char *name, struct grf_str *out);
/* Replaces out by all text in n, without blanks around it, cut at out's cap. */
void xml_text(struct xml_node *n, struct grf_str *out);

#endif

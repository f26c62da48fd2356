/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to query/render_*.c: how results are shown to people, and what both outputs
   share. */
#ifndef GRF_QUERY_RENDER_H
#define GRF_QUERY_RENDER_H

#include "commands.h"

enum { RENDER_INDENT = 4, RENDER_LINE_MOST = 1 << 22 };

struct look {
    struct grf_sv question;      /* whose words are marked in quotes */
    const struct grf_span *mark; /* or these bytes of the quote */
    size_t width;
    bool explain, colour;
};
size_t terminal_width(void);
/* " 1. line", the rest of the line below it, bold. */
void put_head(size_t rank, struct grf_sv line, const struct look *l);
void put_quote(const char *quote, const struct look *l);
/* Wrapped and indented. */
void put_wrapped_plain(struct grf_sv text, const struct look *l);
/* How both branches found it; no line end. */
void put_why_branches(const struct grf_why *w);

void why_json(struct grf_json *j, const struct grf_why *w);
/* Prints the object as a line and empties s. */
void print_json_line(struct grf_str *s);

#endif

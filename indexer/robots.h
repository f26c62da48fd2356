/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * robots.txt (RFC 9309): what a server asks programs to leave alone.
 *
 * The rules kept are those of the groups that name greffier, else those for "*". The
 * longest matching pattern counts, Allow before Disallow; "*" stands for any bytes, "$"
 * at the end for the end.
 */
#ifndef GRF_INDEX_ROBOTS_H
#define GRF_INDEX_ROBOTS_H

#include <stdbool.h>

#include "grf_err.h"

#define ROBOTS_MOST ((size_t)500 << 10) /* bytes read; the rest is passed over */

struct robots;

/* Reads the text of a robots.txt, whatever is in it. agent: the name to look for
   ("greffier"). GRF_NOMEM only. */
GRF_NODISCARD grf_status robots_parse(struct grf_sv text, const char *agent,
                                      struct robots **out, struct grf_err *err);
void robots_free(struct robots *r);
/* path begins with '/' and holds the ?query. /robots.txt itself is always allowed. */
bool robots_allow(const struct robots *r, const char *path);
/* Crawl-delay in milliseconds, 0 when none (not in the RFC, but said by many). */
int robots_delay_ms(const struct robots *r);
/* The nth Sitemap: address, or NULL. */
const char *robots_sitemap(const struct robots *r, size_t n);

#endif

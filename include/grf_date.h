/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dates as French acts and people write them.
 */
#ifndef GRF_DATE_H
#define GRF_DATE_H

#include <stdbool.h>

#include "grf_common.h"

GRF_BEGIN_DECLS

/* A day, a month or a year: day and month are 0 when not said. */
struct grf_date {
    int year, month, day;
};

/* A date found in text, with its bytes. */
struct grf_date_span {
    struct grf_date date;
    size_t start, end;
};

/* Finds the next date at or after *at and moves *at past it. Forms: "5 avril
   2014", "1er avril 2022", "1 er FEVRIER 2016", "05/04/2014", "5.4.2014",
   "lundi 31 mars 2025", in words "deux mil dix sept, le dix neuf juin",
   "le dix neuf juin deux mille dix-sept", "deux mille vingt-quatre, le 10 décembre";
   after le, du or au, also "13.09.24" (1950 to 2049); after those and words like depuis,
   after a colon or alone in text, "2014-04-05", which is an act's number elsewhere.
   With partial true, as for questions, also "mars 2025", "sept. 2019" and years after
   en, an, année or exercice ("en 2019", "l'an deux mille vingt"). Only real calendar
   days of 1789 to 2199 are dates. Case and accents do not matter, blanks may be missing
   or, in years and months, too many; the weekday belongs to the span. text must be
   whole: what stands before *at is looked at too. false at the end. */
bool grf_date_find(struct grf_sv text, size_t *at, bool partial, struct grf_date_span *out);

/* "YYYY-MM-DD" exactly, as in options and in the base; false when it is no day. */
bool grf_date_parse_iso(struct grf_sv text, struct grf_date *out);

/* "YYYY", "YYYY-MM" or "YYYY-MM-DD" given as an option: its first and last day. */
bool grf_date_parse_range(struct grf_sv text, struct grf_date *first, struct grf_date *last);

/* Writes "YYYY-MM-DD" (11 bytes with NUL). */
void grf_date_format_iso(struct grf_date d, char out[11]);

/* "5 avril 2014", "1er avril 2014", "avril 2014", "2014"; out of at least 32 bytes. */
void grf_date_format_fr(struct grf_date d, char out[32]);

/* YYYYMMDD as a number, for comparing and as a value in the full-text index. */
static inline int64_t grf_date_key(struct grf_date d)
{
    return (int64_t)d.year * 10000 + d.month * 100 + d.day;
}

GRF_END_DECLS
#endif

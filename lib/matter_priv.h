/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/matter*.c. */
#ifndef GRF_MATTER_PRIV_H
#define GRF_MATTER_PRIV_H

#include "grf_matter.h"
#include "grf_text.h"

enum { MATTER_CODES_MAX = 80, MATTER_WORDS_MAX = 1600 };

/* The telling words of a text, one after the other: stopwords out, plural ends off. */
struct matter_words {
    char (*v)[GRF_WORD_MAX + 1];
    size_t n, cap;
    uint64_t starts[16]; /* a bit for the first two letters of each */
};
/* At most MATTER_WORDS_MAX words. */
GRF_NODISCARD grf_status matter_words_read(struct matter_words *w, struct grf_sv text,
                                           struct grf_err *err);
void matter_words_release(struct matter_words *w);

struct matter_rules;
GRF_NODISCARD grf_status matter_rules_open(struct matter_rules **out, struct grf_err *err);
void matter_rules_close(struct matter_rules *r);
/* Adds to scores (one for each code of the table) what the rules find: those of
   subjects (in_text false) or those of the act's text. */
void matter_rules_score(const struct matter_rules *r, const struct matter_words *w,
                        bool in_text, double factor, double *scores);

/* The code printed in the text ("Nomenclature : 7.5.1", "7.1 Décisions budgétaires"),
   NULL when there is none. */
const struct grf_matter_code *matter_printed(struct grf_sv text);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Private to lib/thesaurus*.c: the compiled form, the payload of a container. All numbers
 * are of 32 bits, little-endian, all places count from the payload's start.
 *
 *     head · slots of the words' table · words · keys · terms · numbers · letters · lines
 */
#ifndef GRF_THESAURUS_PRIV_H
#define GRF_THESAURUS_PRIV_H

#include "grf_str.h"
#include "grf_thesaurus.h"

#define THESAURUS_KIND "THES"
#define THESAURUS_NONE UINT32_MAX

enum { THESAURUS_FORMAT = 1 };

struct thesaurus_head {
    uint32_t format, text_version;
    uint32_t n_slots;  /* a power of two */
    uint32_t n_words;  /* different ones */
    uint32_t n_terms;
    uint32_t n_numbers;
    uint32_t n_letters; /* bytes of the words */
    uint32_t n_lines;   /* bytes of the file */
    uint32_t slots;     /* n_slots: 1 + a word's number, 0 for none */
    uint32_t words;     /* n_words + 1: where each begins among the letters */
    uint32_t keys;      /* n_words + 1: where each one's terms begin */
    uint32_t terms, numbers, letters, lines, end;
};

struct thesaurus_term {
    uint32_t line, line_n; /* bytes of the lines */
    uint32_t number, n;    /* its telling words' numbers, in order */
};

uint32_t thesaurus_hash(const char *p, size_t n);

/* Makes the payload from a file's text. */
GRF_NODISCARD grf_status thesaurus_build(struct grf_sv text, struct grf_str *out,
                                         struct grf_err *err);

#endif

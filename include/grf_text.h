/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * French text: UTF-8 checks, folding, words, sentences. One analysis serves
 * documents, questions and the embedded model; grf_text_version changes when
 * it does, so that an index made by another analysis is refused.
 *
 * Offsets are bytes into the caller's text, always at character boundaries.
 */
#ifndef GRF_TEXT_H
#define GRF_TEXT_H

#include <stdbool.h>

#include "grf_str.h"

GRF_BEGIN_DECLS

#define GRF_TEXT_VERSION 1
#define GRF_WORD_MAX 64 /* bytes of a folded word; longer ones are cut */

/* A word as it stands in the text and as it is indexed. */
struct grf_word {
    size_t start, end;          /* span in the text, elided article not included */
    char norm[GRF_WORD_MAX + 1]; /* lower case, unaccented, ligatures opened */
    size_t norm_len;
    bool has_digit; /* all digits (letters and digits are cut apart) */
};

struct grf_words {
    struct grf_sv text;
    size_t at;
};

/* Iterates over the words of a text. Rules:
   - a word is a run of letters or a run of digits; "L2121-29", "L. 2121-29" and
     "l 2121 29" all give l, 2121, 29; combining marks belong to the letter; raised
     and lowered digits are digits ("m²" gives m, 2);
   - elisions are cut: l', d', j', m', n', s', t', c', qu', jusqu', lorsqu',
     puisqu', quoiqu', presqu', quelqu' (with ' ’ ʼ ′ or `) are dropped, the rest
     is the word; "aujourd'hui" is one word, aujourdhui;
   - a word cut by a hyphen at a line's end ("fonc-", "tions") is one word; compounds
     ("sous-", "rubrique") stay two, as far as that can be told without a dictionary;
   - other hyphens, apostrophes and all punctuation separate, and so do the ordinal
     signs º and ª and a lone Ŕ, which broken fonts give for a dash; a soft hyphen
     (U+00AD, with the line break after it) and zero-width characters inside a word
     are skipped;
   - private-use characters and invalid bytes are separators;
   - norm is the compatibility decomposition, case-folded, without marks, with oe and
     ae for the ligatures and d, h, l, o, t for their barred forms. Its end is filled
     with a NUL. A longer word is cut at GRF_WORD_MAX, its span is not.
   No memory is taken: the iterator may be copied to look ahead. */
void grf_words_init(struct grf_words *it, struct grf_sv text);
bool grf_words_next(struct grf_words *it, struct grf_word *w);
/* How many words the text has. */
size_t grf_words_count(struct grf_sv text);

/* Question and function words that carry no meaning alone ("de", "quel", "est").
   norm is a folded word. */
bool grf_text_is_stopword(struct grf_sv norm);

/* Offset of the first invalid byte, or text.n when all is valid UTF-8 (no
   surrogates, no overlong forms, no NUL). */
size_t grf_text_valid(struct grf_sv text);

/* Appends text with invalid bytes as U+FFFD and control characters (C0 with NUL, C1)
   other than \n and \t removed. */
void grf_text_clean(struct grf_str *out, struct grf_sv text);

/* Appends the text folded as words are (lower case, unaccented, nothing invisible),
   with ' for every apostrophe and a plain blank for the fixed ones, all else kept:
   for comparing names. */
void grf_text_fold(struct grf_str *out, struct grf_sv text);

/* Appends only the letters and digits of the folded text: "n° 2014 / 221" and "2014/221"
   differ by their "n", "Saint-Aubert" and "SAINT AUBERT" by nothing. */
void grf_text_key(struct grf_str *out, struct grf_sv text);
/* Whether two texts have the same key; false without memory. */
bool grf_text_same_key(struct grf_sv a, struct grf_sv b);

/* Characters (code points) in text; text must be valid. */
size_t grf_text_chars(struct grf_sv text);
/* Byte offset of the nth character, text.n when there are fewer. */
size_t grf_text_offset(struct grf_sv text, size_t nth_char);

/* Next code point at *at, which moves on; U+FFFD for invalid bytes and for NUL; 0 at
   the end. */
uint32_t grf_text_next(struct grf_sv text, size_t *at);

struct grf_span {
    size_t start, end; /* bytes */
};

/* The next sentence at or after *at; false at the end. A sentence ends
   - at . ! ? … before a blank and a capital, a digit, a list mark or an opening quote,
     but not after titles (M., Mme), initials, list numbers ("1.", "II."), nor, unless a
     plain word (Le, Il, Pour) follows, after abbreviations (art., n° 12., C.G.C.T.);
   - at ; or : with a line break after it, at ; before "Autorise" and other words that
     begin an item of an act, and at blank lines;
   - at line breaks before list marks, "Vu", "Considérant", "Article 2 :", "DÉCIDE" and
     act numbers, after and before headings in capitals, and after a line that was left
     short, when the next one begins with a capital and no name is cut;
   - past 700 bytes at the next fair line break, past 1400 at the next blank.
   Blanks, list marks and stray punctuation before it, and blanks after it, are not part
   of it; what has no letter or digit is no sentence. */
bool grf_text_sentence(struct grf_sv text, size_t *at, struct grf_span *out);

GRF_END_DECLS
#endif

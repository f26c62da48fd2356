/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words, sentences, keys, dates, characters of any bytes. */
#include "fuzz.h"
#include "grf_date.h"
#include "grf_text.h"

static void check_words(struct grf_sv text)
{
    struct grf_words it;
    struct grf_word w;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w))
        fuzz_check(w.norm_len > 0 && w.norm_len <= GRF_WORD_MAX &&
                   grf_text_valid(grf_sv(w.norm, w.norm_len)) == w.norm_len);
}

static void check_sentences(struct grf_sv text)
{
    struct grf_span s;
    size_t at = 0, last = 0;
    while (grf_text_sentence(text, &at, &s)) {
        fuzz_check(s.start >= last && s.start < s.end && s.end <= text.n && at >= s.end);
        last = s.end;
    }
}

static void check_dates(struct grf_sv text)
{
    struct grf_date_span d;
    char iso[11], fr[32];
    size_t at = 0;
    while (grf_date_find(text, &at, true, &d)) {
        fuzz_check(at <= text.n);
        grf_date_format_fr(d.date, fr);
        grf_date_format_iso(d.date, iso);
    }
}

/* Folding and cleaning again change nothing. */
static void check_forms(struct grf_sv text)
{
    struct grf_str once, twice;
    grf_str_init(&once, 1 << 24);
    grf_str_init(&twice, 1 << 24);
    grf_text_clean(&once, text);
    fuzz_check(grf_text_valid(grf_str_sv(&once)) == once.n);
    grf_text_clean(&twice, grf_str_sv(&once));
    fuzz_check(once.n == twice.n && (!once.n || !memcmp(once.p, twice.p, once.n)));
    grf_str_clear(&twice);
    grf_text_key(&twice, grf_str_sv(&once));
    fuzz_check(grf_text_same_key(grf_str_sv(&once), grf_str_sv(&twice)));
    fuzz_check(grf_text_offset(grf_str_sv(&once), grf_text_chars(grf_str_sv(&once))) == once.n);
    grf_str_release(&once);
    grf_str_release(&twice);
}

void fuzz_one(struct grf_sv input)
{
    check_words(input);
    check_sentences(input);
    check_forms(input);
    check_dates(input);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making the compiled form of a thesaurus: every term's telling words are folded and
 * numbered; each term stands with the one of its words that the fewest terms have, so that
 * a question's words lead to few terms that it does not have.
 */
#include <stdlib.h>

#include "grf_container.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "thesaurus_priv.h"

enum { SLOTS_FIRST = 1024, FILE_MOST = 1 << 26 };

struct raw_term {
    struct thesaurus_term term;
    uint32_t key;
};

struct build {
    struct grf_str letters;
    uint32_t *words; /* where each begins; n_words */
    size_t n_words, cap_words;
    uint32_t *uses; /* terms that have it */
    size_t cap_uses;
    uint32_t *slots;
    size_t n_slots;
    struct raw_term *terms;
    size_t n_terms, cap_terms;
    uint32_t *numbers;
    size_t n_numbers, cap_numbers;
};

static struct grf_sv word_of(const struct build *b, uint32_t i)
{
    size_t end = i + 1 < b->n_words ? b->words[i + 1] : b->letters.n;
    return grf_sv(b->letters.p + b->words[i], end - b->words[i]);
}

/* The slot that the word has or would get. */
static size_t slot_of(const struct build *b, const char *p, size_t n)
{
    size_t at = thesaurus_hash(p, n) & (b->n_slots - 1);
    while (b->slots[at]) {
        struct grf_sv w = word_of(b, b->slots[at] - 1);
        if (w.n == n && memcmp(w.p, p, n) == 0)
            break;
        at = (at + 1) & (b->n_slots - 1);
    }
    return at;
}

static grf_status widen(struct build *b, struct grf_err *err)
{
    size_t n = b->n_slots ? 2 * b->n_slots : SLOTS_FIRST;
    uint32_t *slots = grf_calloc(n, sizeof(*slots));
    if (!slots)
        return grf_fail_nomem(err);
    grf_free(b->slots);
    b->slots = slots;
    b->n_slots = n;
    for (uint32_t i = 0; i < b->n_words; i++) {
        struct grf_sv w = word_of(b, i);
        slots[slot_of(b, w.p, w.n)] = i + 1;
    }
    return GRF_OK;
}

static grf_status number_word(struct build *b, const struct grf_light *l, uint32_t *number,
                              struct grf_err *err)
{
    if (2 * (b->n_words + 1) > b->n_slots) {
        grf_status st = widen(b, err);
        if (st)
            return st;
    }
    size_t slot = slot_of(b, l->z, l->n);
    if (!b->slots[slot]) {
        if (grf_grow(&b->words, b->n_words, &b->cap_words, sizeof(*b->words)) ||
            grf_grow(&b->uses, b->n_words, &b->cap_uses, sizeof(*b->uses)))
            return grf_fail_nomem(err);
        b->words[b->n_words] = (uint32_t)b->letters.n;
        b->uses[b->n_words] = 0;
        grf_str_add(&b->letters, l->z, l->n);
        b->slots[slot] = (uint32_t)++b->n_words;
    }
    *number = b->slots[slot] - 1;
    return grf_str_status(&b->letters, err);
}

static grf_status add_word(struct build *b, const struct grf_word *w, struct grf_err *err)
{
    struct grf_light light;
    grf_light_of(&light, w);
    if (grf_grow(&b->numbers, b->n_numbers, &b->cap_numbers, sizeof(*b->numbers)))
        return grf_fail_nomem(err);
    grf_status st = number_word(b, &light, &b->numbers[b->n_numbers], err);
    if (!st)
        b->uses[b->numbers[b->n_numbers++]]++;
    return st;
}

static grf_status add_term(struct build *b, struct grf_sv text, uint32_t line,
                           uint32_t line_n, struct grf_err *err)
{
    struct grf_words it;
    struct grf_word w;
    grf_status st = GRF_OK;
    size_t from = b->n_numbers;
    grf_words_init(&it, text);
    while (!st && grf_words_next(&it, &w)) {
        if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            st = add_word(b, &w, err);
    }
    if (st || b->n_numbers == from)
        return st;
    if (grf_grow(&b->terms, b->n_terms, &b->cap_terms, sizeof(*b->terms)))
        return grf_fail_nomem(err);
    b->terms[b->n_terms++] = (struct raw_term){
        {line, line_n, (uint32_t)from, (uint32_t)(b->n_numbers - from)}, 0};
    return GRF_OK;
}

static grf_status read_text(struct build *b, struct grf_sv text, struct grf_err *err)
{
    struct grf_sv columns[GRF_THESAURUS_COLUMNS], term;
    grf_status st = GRF_OK;
    for (size_t at = 0; at < text.n && !st;) {
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        size_t end = nl ? (size_t)(nl - text.p) : text.n;
        size_t n = grf_thesaurus_split(grf_sv(text.p + at, end - at), columns);
        for (size_t c = 0; c < n; c++) {
            size_t in = 0;
            while (!st && grf_thesaurus_next(columns[c], &in, &term))
                st = add_term(b, term, (uint32_t)at, (uint32_t)(end - at), err);
        }
        at = end + 1;
    }
    return st;
}

static uint32_t rarest(const struct build *b, const struct thesaurus_term *t)
{
    uint32_t best = b->numbers[t->number];
    for (uint32_t i = 1; i < t->n; i++) {
        uint32_t other = b->numbers[t->number + i];
        if (b->uses[other] < b->uses[best])
            best = other;
    }
    return best;
}

static int by_key(const void *a, const void *b)
{
    const struct raw_term *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->term.number > y->term.number) - (x->term.number < y->term.number);
}

static void add_numbers(struct grf_str *out, const uint32_t *v, size_t n)
{
    if (n)
        grf_str_add(out, (const char *)v, n * sizeof(*v));
}

/* n_words + 1 numbers: where each word's terms begin. */
static void add_keys(const struct build *b, struct grf_str *out)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i <= b->n_words; i++) {
        while (at < b->n_terms && b->terms[at].key < i)
            at++;
        add_numbers(out, &at, 1);
    }
}

static void align(struct grf_str *out)
{
    while (out->n % sizeof(uint32_t))
        grf_str_addc(out, '\0');
}

static void add_parts(const struct build *b, struct grf_sv text, struct thesaurus_head *h,
                      struct grf_str *out)
{
    uint32_t letters = (uint32_t)b->letters.n;
    h->slots = (uint32_t)out->n;
    add_numbers(out, b->slots, b->n_slots);
    h->words = (uint32_t)out->n;
    add_numbers(out, b->words, b->n_words);
    add_numbers(out, &letters, 1);
    h->keys = (uint32_t)out->n;
    add_keys(b, out);
    h->terms = (uint32_t)out->n;
    for (size_t i = 0; i < b->n_terms; i++)
        grf_str_add(out, (const char *)&b->terms[i].term, sizeof(b->terms[i].term));
    h->numbers = (uint32_t)out->n;
    add_numbers(out, b->numbers, b->n_numbers);
    h->letters = (uint32_t)out->n;
    grf_str_addsv(out, grf_str_sv(&b->letters));
    align(out);
    h->lines = (uint32_t)out->n;
    grf_str_addsv(out, text);
    h->end = (uint32_t)out->n;
}

static grf_status lay_out(struct build *b, struct grf_sv text, struct grf_str *out,
                          struct grf_err *err)
{
    struct thesaurus_head h = {.format = THESAURUS_FORMAT,
                               .text_version = GRF_TEXT_VERSION,
                               .n_slots = (uint32_t)b->n_slots,
                               .n_words = (uint32_t)b->n_words,
                               .n_terms = (uint32_t)b->n_terms,
                               .n_numbers = (uint32_t)b->n_numbers,
                               .n_letters = (uint32_t)b->letters.n,
                               .n_lines = (uint32_t)text.n};
    for (size_t i = 0; i < b->n_terms; i++)
        b->terms[i].key = rarest(b, &b->terms[i].term);
    if (b->n_terms)
        qsort(b->terms, b->n_terms, sizeof(*b->terms), by_key);
    grf_str_clear(out);
    grf_str_add(out, (const char *)&h, sizeof(h));
    add_parts(b, text, &h, out);
    grf_status st = grf_str_status(out, err);
    if (!st)
        memcpy(out->p, &h, sizeof(h));
    return st;
}

grf_status thesaurus_build(struct grf_sv text, struct grf_str *out, struct grf_err *err)
{
    struct build b = {.n_words = 0};
    if (text.n > FILE_MOST)
        return grf_fail(err, GRF_LIMIT, _("thesaurus.tsv: longer than %d bytes"), FILE_MOST);
    grf_str_init(&b.letters, FILE_MOST);
    grf_status st = widen(&b, err);
    if (!st)
        st = read_text(&b, text, err);
    if (!st)
        st = lay_out(&b, text, out, err);
    grf_str_release(&b.letters);
    grf_free(b.words);
    grf_free(b.uses);
    grf_free(b.slots);
    grf_free(b.terms);
    grf_free(b.numbers);
    return st;
}

grf_status grf_thesaurus_compile(const char *tsv, const char *path, struct grf_err *err)
{
    struct grf_map map;
    struct grf_str payload;
    grf_status st = grf_map_open(&map, tsv, err);
    if (st)
        return st;
    grf_str_init(&payload, 4 * (size_t)FILE_MOST);
    st = thesaurus_build(grf_sv(map.n ? (const char *)map.p : "", map.n), &payload, err);
    struct grf_sv piece = grf_str_sv(&payload);
    if (!st)
        st = grf_container_write(path, THESAURUS_KIND, 0, NULL, &piece, 1, err);
    grf_str_release(&payload);
    grf_map_close(&map);
    return st;
}

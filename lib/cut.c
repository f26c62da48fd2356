/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cutting acts into passages: blocks are gathered up to about 180 words; a heading
 * opens a new passage when the last one has some length; a block too long is cut
 * between sentences. Passages stay inside one page, one act and one part of it; the
 * decision may be longer, so that it stays whole where it fits. A short title, and
 * visas or recitals of a few words, go on into the part that follows.
 */
#include "grf_act.h"

#include "cut_priv.h"
#include "grf_mem.h"
#include "grf_text.h"

enum {
    WORDS_WANTED = 180, /* the size that retrieval trials were made with */
    WORDS_MOST = 250,   /* a single passage is never longer */
    WORDS_DECISION = 320, /* a decision may be as long as that */
    WORDS_PART = 40,    /* a shorter passage may run on into the next part */
    WORDS_HEADING = 60  /* a heading closes a passage of at least that many */
};

struct cutter {
    struct grf_act *act;
    const struct grf_page *page;
    size_t start, end; /* open passage, bytes of the page */
    size_t words;      /* in the open passage, 0 = none open */
    bool only_headings;
    grf_part part;     /* of the open passage */
    size_t next_part;  /* first span of the act that begins later */
    grf_part now;      /* part at the current block */
};

static grf_status flush(struct cutter *c, struct grf_err *err)
{
    if (!c->words)
        return GRF_OK;
    struct grf_act *a = c->act;
    if (grf_grow(&a->passages, a->n_passages, &a->cap_passages, sizeof(*a->passages)))
        return grf_fail_nomem(err);
    a->passages[a->n_passages++] =
        (struct grf_passage){c->page->number, c->start, c->end, c->part};
    c->words = 0;
    return GRF_OK;
}

static void extend(struct cutter *c, size_t start, size_t end, size_t words, bool heading)
{
    if (!c->words) {
        c->start = start;
        c->only_headings = true;
    }
    c->part = c->now;
    c->end = end;
    c->words += words;
    c->only_headings = c->only_headings && heading;
}

/* A block longer than a passage may be: sentence by sentence. */
static grf_status cut_long(struct cutter *c, size_t start, size_t end, struct grf_err *err)
{
    struct grf_sv text = grf_sv(c->page->text.p + start, end - start);
    struct grf_span s;
    size_t at = 0;
    grf_status st = GRF_OK;
    while (!st && grf_text_sentence(text, &at, &s)) {
        size_t n = grf_words_count(grf_sv(text.p + s.start, s.end - s.start));
        if (c->words && c->words + n > WORDS_WANTED)
            st = flush(c, err);
        extend(c, start + s.start, start + s.end, n, false);
    }
    return st;
}

/* Moves on to the part that byte at of the page stands in. */
static void enter_part(struct cutter *c, size_t at)
{
    const struct grf_act *a = c->act;
    while (c->next_part < a->n_parts) {
        const struct grf_part_span *s = &a->parts[c->next_part];
        if (s->page > c->page->number || (s->page == c->page->number && s->start > at))
            break;
        c->now = s->part;
        c->next_part++;
    }
}

/* Whether the open passage must end because another part begins. */
static bool part_ends(const struct cutter *c)
{
    if (c->now == c->part)
        return false;
    bool apart = c->now == GRF_PART_DEBATE || c->part == GRF_PART_DEBATE ||
                 c->now == GRF_PART_ANNEX || c->part == GRF_PART_HEAD ||
                 c->part == GRF_PART_DECISION;
    return apart || c->words >= WORDS_PART;
}

static grf_status take_block(struct cutter *c, size_t start, size_t end, bool heading,
                             struct grf_err *err)
{
    size_t n = grf_words_count(grf_sv(c->page->text.p + start, end - start));
    if (!n)
        return GRF_OK;
    enter_part(c, start);
    size_t most = c->now == GRF_PART_DECISION ? WORDS_DECISION : WORDS_MOST;
    bool decision = c->now == GRF_PART_DECISION && c->part == c->now;
    bool too_long = c->words + n > most;
    bool full = c->words >= (decision ? WORDS_MOST : WORDS_WANTED);
    bool new_topic = heading && c->words >= WORDS_HEADING && !decision;
    /* a heading alone waits for its body, however long that is */
    if (c->words && ((!c->only_headings && (too_long || full || new_topic)) ||
                     (part_ends(c) && !(c->only_headings && c->part == GRF_PART_BODY)))) {
        grf_status st = flush(c, err);
        if (st)
            return st;
    }
    if (c->words + n > most)
        return cut_long(c, start, end, err);
    extend(c, start, end, n, heading);
    return GRF_OK;
}

static grf_status cut_page(struct cutter *c, const struct grf_page *page, size_t from,
                           size_t to, struct grf_err *err)
{
    c->page = page;
    grf_status st = GRF_OK;
    for (size_t i = 0; i < c->page->n_blocks && !st; i++) {
        const struct grf_block *b = &c->page->blocks[i];
        if (b->role != GRF_ROLE_BODY) {
            st = flush(c, err); /* spans are contiguous: nothing else inside */
            continue;
        }
        size_t start = b->start > from ? b->start : from;
        size_t end = b->end < to ? b->end : to;
        if (start < end)
            st = take_block(c, start, end, b->heading, err);
    }
    return st ? st : flush(c, err);
}

/* The signatures that end an act would only stand in the way of what it decides. */
static void drop_closing(const struct grf_page *pages, struct grf_act *a)
{
    while (a->n_passages > 1) {
        const struct grf_passage *p = &a->passages[a->n_passages - 1];
        const struct grf_page *page = &pages[p->page - 1];
        if (!passage_is_closing(grf_sv(page->text.p + p->start, p->end - p->start)))
            return;
        a->n_passages--;
    }
}

grf_status grf_cut(const struct grf_page *pages, size_t n_pages, struct grf_acts *acts,
                   struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < acts->n && !st; i++) {
        struct grf_act *a = &acts->v[i];
        struct cutter c = {.act = a};
        for (int p = a->first_page; p <= a->last_page && !st; p++) {
            GRF_ASSERT(p >= 1 && (size_t)p <= n_pages);
            size_t from = p == a->first_page ? a->first_char : 0;
            size_t to = p == a->last_page ? a->last_char : pages[p - 1].text.n;
            st = cut_page(&c, &pages[p - 1], from, to, err);
        }
        if (!st)
            drop_closing(pages, a);
    }
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines to blocks: a paragraph's lines together, a table's rows apart.
 *
 * The surest sign of a paragraph's end in wrapped text: the next line's first word
 * would still have fitted on this line.
 */
#include <math.h>
#include <stdlib.h>

#include "layout_priv.h"

#define MAX_PITCHES 512

static const struct lay_word *first_word(const struct lay_page *p, const struct lay_line *l)
{
    return &p->words[lay_chunk_of(p, l, 0)->first];
}

static const struct lay_word *last_word(const struct lay_page *p, const struct lay_line *l)
{
    return &p->words[lay_chunk_of(p, l, l->n - 1)->last];
}

static uint32_t first_char(const struct lay_word *w)
{
    size_t at = 0;
    return lay_next_char(w->text, w->len, &at);
}

static bool starts_with_mark(const struct lay_page *p, const struct lay_line *l)
{
    const struct lay_word *w = first_word(p, l);
    return lay_is_mark(w->text, w->len);
}

/* ---- paragraphs */

static float pitch_of(const struct lay_line *a, const struct lay_line *b)
{
    return b->box.y1 - a->box.y1;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* Usual distance of two lines of a paragraph, in font sizes: the lower quartile,
   since many distances lie between paragraphs. */
static float usual_pitch(const struct lay_page *p)
{
    float v[MAX_PITCHES];
    size_t n = 0;
    for (size_t i = 1; i < p->n_lines && n < MAX_PITCHES; i++) {
        const struct lay_line *a = &p->lines[i - 1], *b = &p->lines[i];
        float pitch = pitch_of(a, b) / fmaxf(a->size, b->size);
        if (a->column == b->column && !a->row && !b->row && pitch > 0.8f && pitch < 2.5f &&
            fabsf(a->size - b->size) < 0.1f * a->size)
            v[n++] = pitch;
    }
    if (!n)
        return 1.2f;
    qsort(v, n, sizeof *v, by_value);
    return fminf(fmaxf(v[n / 4], 1.0f), 2.0f);
}

static bool ends_sentence(const struct lay_page *p, const struct lay_line *l)
{
    const struct lay_word *w = last_word(p, l);
    return strchr(".;:!?", w->text[w->len - 1]) != NULL;
}

static bool is_centred(const struct lay_line *l)
{
    float left = l->box.x0 - l->left, right = l->right - l->box.x1;
    return left > 2 * l->size && right > 2 * l->size &&
           fabsf(left - right) < 0.1f * (l->right - l->left);
}

/* Whether the line below could have gone on this line. */
static bool left_room(const struct lay_page *p, const struct lay_line *a,
                      const struct lay_line *b)
{
    const struct lay_word *w = first_word(p, b);
    return a->right - a->box.x1 > w->box.x1 - w->box.x0 + 1.0f * a->size;
}

static bool starts_lower(const struct lay_page *p, const struct lay_line *l)
{
    return lay_is_lower(first_char(first_word(p, l)));
}

/* Same column, size, role and distance: what any two lines of a block share. */
static bool is_close(const struct lay_line *a, const struct lay_line *b, float pitch)
{
    float size = fmaxf(a->size, b->size), step = pitch_of(a, b);
    return a->column == b->column && a->role == b->role &&
           fabsf(a->size - b->size) <= 0.18f * size && step > 0.3f * size &&
           step <= (pitch * 1.28f + 0.05f) * size;
}

static bool starts_block(const struct lay_page *p, const struct lay_line *a,
                         const struct lay_line *b, float pitch)
{
    if (b->same_row)
        return false;
    if (!is_close(a, b, pitch) || a->row || b->row)
        return true;
    if (starts_with_mark(p, b))
        return true;
    if (is_centred(a) && is_centred(b))
        return a->bold != b->bold;
    if (a->bold != b->bold && (left_room(p, a, b) || ends_sentence(p, a)))
        return true;
    if (left_room(p, a, b))
        return !starts_lower(p, b) || ends_sentence(p, a);
    /* a first line set in */
    return b->box.x0 > a->box.x0 + 1.2f * b->size && ends_sentence(p, a) &&
           !starts_with_mark(p, a);
}

void lay_make_blocks(struct lay_page *p)
{
    float pitch = usual_pitch(p);
    for (size_t i = 0; i < p->n_lines; i++)
        p->lines[i].starts_block =
            i == 0 || starts_block(p, &p->lines[i - 1], &p->lines[i], pitch);
}

/* ---- headings */

bool lay_is_heading(const struct lay_page *p, size_t first_line, size_t n_lines,
                    float body_size)
{
    unsigned upper = 0, lower = 0, words = 0;
    bool bold = true;
    float size = 1e9f;
    for (size_t i = first_line; i < first_line + n_lines; i++) {
        const struct lay_line *l = &p->lines[i];
        bold = bold && l->bold;
        size = fminf(size, l->size);
        if (l->row)
            return false;
        for (uint32_t k = 0; k < l->n; k++) {
            const struct lay_chunk *c = lay_chunk_of(p, l, k);
            words += c->n_words;
            for (uint32_t w = c->first; w != LAY_NONE; w = p->words[w].next)
                for (size_t at = 0; at < p->words[w].len;) {
                    uint32_t u = lay_next_char(p->words[w].text, p->words[w].len, &at);
                    upper += lay_is_upper(u);
                    lower += lay_is_lower(u);
                }
        }
    }
    const struct lay_word *last = last_word(p, &p->lines[first_line + n_lines - 1]);
    char end = last->text[last->len - 1];
    if (words > 40 || n_lines > 4 || upper + lower < 4 || end == ';' || end == ',')
        return false;
    bool capitals = upper >= 4 && upper > 6 * lower;
    bool larger = size > 1.15f * body_size && words <= 30 && (end != '.' || words <= 12);
    return capitals || larger || (bold && (end != '.' || words <= 12));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The subject: where a title begins is known; where it ends is told by the layout
 * (same kind of block, no gap) and by what the next line says.
 */
#include "segment_priv.h"

enum { TITLE_WORDS_MOST = 90, PLAIN_LINES_MOST = 4 };

/* Openings of lines that follow a title but are not part of it. */
static bool ends_title(const struct seg_doc *d, const struct seg_line *l)
{
    static const char *const openings[] = {
        "rapporteur",   "le conseil ",      "le maire ",  "la maire",      "monsieur ",
        "madame ",      "mme ",             "mr ",        "m. ",           "il est ",
        "l'an ",        "apres ",           "seance ",    "presents",      "etaient",
        "date de",      "nombre de ",       "vote :",     "en application", "par deliberation",
        "article 1",    "nomenclature",     "expose",     "conformement",  "sur proposition",
        "sur rapport",  "depuis ",          "le president", "adopte",      "pour :",
        "contre :",     "dans le cadre d",  "suite a",    "cf. ",          "annexe", NULL};
    struct grf_sv f = seg_fold(d, l);
    if (f.n <= 9 && seg_starts(f, "rapport"))
        return true;
    if (l->flags & (LINE_RESULT | LINE_REFERS | LINE_CLOSES))
        return true;
    return !(l->flags & LINE_UPPER) && seg_starts_any(f, openings);
}

static bool opens_other(const struct seg_doc *d, size_t line)
{
    size_t lo = 0, hi = d->n_marks;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (d->marks[mid].line < line)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == d->n_marks || d->marks[lo].line != line)
        return false;
    seg_mark_kind k = d->marks[lo].kind;
    return k != MARK_TITLE && k != MARK_BULLET && k != MARK_INFO;
}

static size_t lines_in_block(const struct seg_doc *d, size_t line)
{
    size_t from = line, to = line + 1;
    while (from > 0 && !d->lines[from].first)
        from--;
    while (to < d->n_lines && !d->lines[to].first)
        to++;
    return to - from;
}

static float gap_before(const struct seg_doc *d, size_t line)
{
    const struct seg_line *l = &d->lines[line], *p = &d->lines[line - 1];
    if (l->page != p->page)
        return 1000;
    return seg_block(d, l)->box.y0 - seg_block(d, p)->box.y1;
}

static bool is_item(struct grf_sv f)
{
    return seg_starts(f, "- ") || seg_starts(f, "\xE2\x80\xA2");
}

static bool next_block_belongs(const struct seg_doc *d, size_t head, size_t line, bool empty)
{
    const struct seg_line *l = &d->lines[line], *h = &d->lines[head];
    const struct grf_block *b = seg_block(d, l), *hb = seg_block(d, h);
    float gap = gap_before(d, line), size = hb->size > 1 ? hb->size : 10;
    bool same_size = b->size - hb->size < 0.7f && hb->size - b->size < 0.7f;
    if (empty)
        return gap < 3 * size && (l->heading || l->words < 25);
    if (gap > 0.6f * size || gap < -2 * size)
        return false;
    if (is_item(seg_fold(d, l)) && line + lines_in_block(d, line) < d->n_lines)
        return gap_before(d, line + lines_in_block(d, line)) > gap + 0.3f * size;
    return h->heading && l->heading && same_size;
}

static bool belongs(const struct seg_doc *d, size_t head, size_t line, bool empty)
{
    const struct seg_line *l = &d->lines[line];
    if (ends_title(d, l))
        return false;
    if (!l->first)
        return l->heading || empty || lines_in_block(d, line) <= PLAIN_LINES_MOST;
    return !opens_other(d, line) && next_block_belongs(d, head, line, empty);
}

/* One line's words, with single blanks; list marks at its start left out. */
static void add_words(struct grf_str *out, struct grf_sv raw)
{
    size_t at = 0;
    bool bullet = raw.n > 1 && (raw.p[0] == '-' || seg_starts(raw, "\xE2\x80\xA2") ||
                                seg_starts(raw, "\xE2\x80\x93"));
    while (bullet && at < raw.n && (raw.p[at] == '-' || (raw.p[at] & 0x80)))
        at++;
    bool blank = out->n > 0 && out->p[out->n - 1] != '-';
    for (; at < raw.n; at++) {
        if (raw.p[at] == ' ' || raw.p[at] == '\t') {
            blank = out->n > 0;
            continue;
        }
        if (blank && out->n)
            grf_str_addc(out, ' ');
        blank = false;
        grf_str_addc(out, raw.p[at]);
    }
}

static void trim(struct grf_str *out)
{
    size_t n = out->n;
    while (n && strchr(" :;,-", out->p[n - 1]))
        n--;
    grf_str_cut(out, n);
}

/* "M. Dufour sort de séance": the first line behind such remarks, else line itself. */
static size_t behind_moves(const struct seg_doc *d, size_t line, size_t end)
{
    static const char *const moves[] = {"sort", "entre", "quitte", "revien", "arrive", NULL};
    size_t from = line;
    for (size_t i = line; i < end && i < line + 3 && (i == line || !d->lines[i].first); i++) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        if (seg_has(f, "seance") && (seg_has_any(f, moves) || i > line))
            from = i + 1;
    }
    return from < end && !d->lines[from].first ? from : line;
}

void seg_read_title(const struct seg_doc *d, size_t line, size_t at, size_t end,
                    struct grf_str *out, size_t *after)
{
    size_t start = behind_moves(d, line, end);
    const struct seg_line *l = &d->lines[start];
    struct grf_sv raw = seg_raw(d, l);
    size_t from = start == line ? seg_raw_offset(d, l, at) : 0, words = 0, i = start + 1;
    add_words(out, grf_sv(raw.p + from, raw.n - from));
    words = l->words;
    while (i < end && words < TITLE_WORDS_MOST && belongs(d, line, i, out->n == 0)) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        size_t skip = 0;
        if (!out->n && seg_starts(f, "objet")) {
            skip = 5;
            while (skip < f.n && (f.p[skip] == ' ' || f.p[skip] == ':'))
                skip++;
        }
        raw = seg_raw(d, &d->lines[i]);
        from = seg_raw_offset(d, &d->lines[i], skip);
        add_words(out, grf_sv(raw.p + from, raw.n - from));
        words += d->lines[i].words;
        i++;
    }
    trim(out);
    *after = i;
}

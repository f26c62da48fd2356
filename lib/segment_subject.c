/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Number, subject and body of an act, wherever its form puts them. */
#include <stdio.h>

#include "grf_mem.h"
#include "segment_priv.h"

enum { TEXT_MOST = 1 << 16, EXTRACT_HEAD = 80, MARGIN_LINES = 400 };

static grf_status take_raw(const struct seg_doc *d, const struct seg_line *l, size_t from,
                           size_t to, char **out, struct grf_err *err)
{
    struct grf_sv raw = seg_raw(d, l);
    from = seg_raw_offset(d, l, from);
    to = seg_raw_offset(d, l, to);
    if (to <= from || to > raw.n)
        return GRF_OK;
    grf_free(*out);
    *out = grf_strndup(raw.p + from, to - from);
    return *out ? GRF_OK : grf_fail_nomem(err);
}

/* "18" and "a" give "18.a". */
static grf_status under_number(const struct seg_doc *d, const struct seg_item *it,
                               struct grf_act *a, struct grf_err *err)
{
    const struct seg_mark *m = it->mark, *p = it->parent;
    char *above = NULL, *own = NULL;
    grf_status st = take_raw(d, &d->lines[p->line], p->number, p->number_end, &above, err);
    if (!st && m->kind == MARK_LETTER)
        st = take_raw(d, &d->lines[m->line], m->number, m->number_end, &own, err);
    if (!st && above) {
        size_t n = strlen(above) + (own ? strlen(own) : 0) + 2;
        a->number = grf_alloc(n);
        if (!a->number)
            st = grf_fail_nomem(err);
        else if (own)
            snprintf(a->number, n, "%s.%s", above, own);
        else
            memcpy(a->number, above, strlen(above) + 1);
    }
    grf_free(above);
    grf_free(own);
    return st;
}

static grf_status mark_number(const struct seg_doc *d, const struct seg_item *it,
                              struct grf_act *a, struct grf_err *err)
{
    const struct seg_mark *m = it->mark;
    if (it->parent && m->kind != MARK_SUB)
        return under_number(d, it, a, err);
    if (m->number_end <= m->number)
        return GRF_OK;
    return take_raw(d, &d->lines[m->line], m->number, m->number_end, &a->number, err);
}

static grf_status read_subject(const struct seg_doc *d, struct seg_item *it, size_t line,
                               size_t at, struct grf_act *a, struct grf_err *err)
{
    struct grf_str s;
    grf_str_init(&s, TEXT_MOST);
    seg_read_title(d, line, at, it->end, &s, &it->after_title);
    it->title = line;
    grf_free(a->subject);
    a->subject = NULL;
    grf_status st = grf_str_status(&s, err);
    if (!st && s.n)
        a->subject = grf_str_take(&s, err);
    if (!st && s.n && !a->subject)
        st = GRF_NOMEM;
    grf_str_release(&s);
    return st;
}

/* ---- extracts: the title is the largest heading that is no part of the frame */

static bool is_frame(struct grf_sv f)
{
    static const char *const openings[] = {
        "seance",      "extrait",     "conseil municipal", "conseil communautaire",
        "commune de",  "commune d'",  "republique",  "departement", "presents", "absents",
        "proces",      "registre",    "mairie",      "ville de",    "l'an ",    "excuses",
        "pouvoir",     "secretaire",  "arrondissement", "communaute", "canton", "liberte",
        "convoque",    "nombre de",   "date de",     "en exercice", "direction", "service",
        "le maire",    "la maire",    "votants",     "quorum",      "etaient",  "deliberation",
        "arrete",      "decision du", "en consequence", "il est ",  "il vous est", "annexe",
        "procuration", "membres",     "monsieur",    "madame",      NULL};
    return seg_starts_any(f, openings) || seg_has(f, "registre des deliberations");
}

static size_t head_end(const struct seg_doc *d, const struct seg_item *it)
{
    size_t i = it->line, most = it->line + EXTRACT_HEAD;
    for (; i < it->end && i < most; i++) {
        const struct seg_line *l = &d->lines[i];
        if (i > it->line + 2 && (l->flags & (LINE_RESULT | LINE_REFERS)) &&
            !(l->flags & LINE_UPPER))
            break;
    }
    return i;
}

static size_t largest_heading(const struct seg_doc *d, const struct seg_item *it)
{
    size_t best = SIZE_MAX, end = head_end(d, it);
    float size = 0;
    for (size_t i = it->line; i < end; i++) {
        const struct seg_line *l = &d->lines[i];
        struct grf_sv f = seg_fold(d, l);
        size_t stop = i + 1;
        while (stop < it->end && !d->lines[stop].first)
            stop++;
        if (!l->first || !l->heading || seg_words_between(d, i, stop) < 2 || is_frame(f))
            continue;
        if (f.n && f.p[f.n - 1] == ':')
            continue;
        float s = seg_block(d, l)->size;
        if (s > size + 0.4f) {
            size = s;
            best = i;
        }
    }
    return best;
}

static const struct seg_mark *first_mark(const struct seg_doc *d, size_t from, size_t to,
                                         seg_mark_kind kind)
{
    const struct seg_mark *weak = NULL;
    for (size_t i = 0; i < d->n_marks && d->marks[i].line < to; i++) {
        const struct seg_mark *m = &d->marks[i];
        if (m->line < from || m->kind != kind)
            continue;
        if (kind != MARK_NUMBER || m->strong)
            return m;
        weak = weak ? weak : m;
    }
    return weak;
}

/* "n° 2014 / 131" in the margin or the running heading. */
static grf_status margin_number(const struct seg_doc *d, struct grf_act *a,
                                struct grf_err *err)
{
    for (size_t i = 0; i < d->n_extra && i < MARGIN_LINES; i++) {
        const struct seg_line *l = &d->extra[i];
        struct grf_sv f = seg_fold(d, l);
        size_t at = 0, start, end;
        if (l->page + 1 != a->first_page || l->role == GRF_ROLE_STAMP || l->words > 12)
            continue;
        for (; at < f.n; at++) {
            if ((at && f.p[at - 1] != ' ') || !seg_number_at(f, at, &start, &end))
                continue;
            return take_raw(d, l, start, end, &a->number, err);
        }
    }
    return GRF_OK;
}

/* A number inside a line of the heading: "Délibération du conseil n° 12". */
static grf_status head_number(const struct seg_doc *d, const struct seg_item *it,
                              struct grf_act *a, struct grf_err *err)
{
    size_t to = head_end(d, it);
    for (size_t i = it->line; i < to && i < it->line + 30; i++) {
        const struct seg_line *l = &d->lines[i];
        struct grf_sv f = seg_fold(d, l);
        size_t start, end;
        if (l->words > 14)
            continue;
        for (size_t at = 0; (at = seg_find(f, "n\xB0", at)) != SIZE_MAX; at++) {
            if (seg_number_at(f, at, &start, &end))
                return take_raw(d, l, start, end, &a->number, err);
        }
    }
    return GRF_OK;
}

static grf_status name_extract(const struct seg_doc *d, struct seg_item *it,
                               struct grf_act *a, struct grf_err *err)
{
    size_t to = head_end(d, it), heading = largest_heading(d, it);
    const struct seg_mark *number = first_mark(d, it->line, to, MARK_NUMBER);
    const struct seg_mark *subject = first_mark(d, it->line, it->end, MARK_SUBJECT);
    grf_status st = GRF_OK;
    if (number)
        st = take_raw(d, &d->lines[number->line], number->number, number->number_end,
                      &a->number, err);
    if (!st && !a->number)
        st = margin_number(d, a, err);
    if (!st && !a->number)
        st = head_number(d, it, a, err);
    if (!st && subject)
        st = read_subject(d, it, subject->line, subject->title, a, err);
    if (!st && !a->subject && number)
        st = read_subject(d, it, number->line, number->title, a, err);
    if (!st && !a->subject && heading != SIZE_MAX)
        st = read_subject(d, it, heading, 0, a, err);
    if (!a->subject)
        it->title = it->after_title = it->line;
    return st;
}

/* ---- documents that are no acts */

static grf_status name_document(const struct seg_doc *d, struct seg_item *it,
                                struct grf_act *a, struct grf_err *err)
{
    size_t heading = SIZE_MAX;
    float size = 0;
    it->title = it->after_title = it->line;
    for (size_t i = it->line; i < it->end && d->lines[i].page == d->lines[it->line].page; i++) {
        const struct seg_line *l = &d->lines[i];
        if (l->first && l->heading && l->words > 1 && seg_block(d, l)->size > size + 0.4f) {
            size = seg_block(d, l)->size;
            heading = i;
        }
    }
    if (heading == SIZE_MAX) {
        a->subject = d->hints->title ? grf_strdup(d->hints->title) : NULL;
        return d->hints->title && !a->subject ? grf_fail_nomem(err) : GRF_OK;
    }
    grf_status st = read_subject(d, it, heading, 0, a, err);
    it->title = it->after_title = it->line;
    return st;
}

static bool is_list_of_none(const struct seg_doc *d, const struct seg_item *it)
{
    struct grf_sv f = seg_fold(d, &d->lines[it->mark->line]);
    size_t at = it->mark->title;
    return seg_starts(grf_sv(f.p + at, f.n - at), "information");
}

static void set_kind(const struct seg_doc *d, struct seg_item *it)
{
    struct grf_sv f = seg_fold(d, &d->lines[it->mark->line]);
    if (it->kind != GRF_KIND_DELIBERATION)
        return;
    if (it->mark->kind == MARK_NUMBER && seg_starts(f, "arrete"))
        it->kind = GRF_KIND_ARRETE;
    else if (it->mark->kind == MARK_NUMBER && seg_starts(f, "decision n"))
        it->kind = GRF_KIND_DECISION;
    else if (it->mark->kind == MARK_INFO || is_list_of_none(d, it) ||
             !seg_results_between(d, it->after_title, it->end))
        it->kind = GRF_KIND_INFORMATION;
}

grf_status seg_name_item(const struct seg_doc *d, struct seg_item *it, struct grf_act *a,
                         struct grf_err *err)
{
    it->title = it->after_title = it->line;
    if (it->mark && it->kind != GRF_KIND_DOCUMENT) {
        grf_status st = mark_number(d, it, a, err);
        if (!st)
            st = read_subject(d, it, it->mark->line, it->mark->title, a, err);
        if (!st)
            set_kind(d, it);
        return st;
    }
    if (it->kind == GRF_KIND_DOCUMENT)
        return GRF_OK;
    return it->kind == GRF_KIND_INFORMATION ? name_document(d, it, a, err)
                                            : name_extract(d, it, a, err);
}

/* ---- body */

static size_t name_words(struct grf_sv name, char words[12][GRF_WORD_MAX + 1])
{
    static const char *const empty[] = {"de", "la", "le", "les", "du", "des", "et", "sur",
                                        "commune", "ville", "mairie", "communaute", "communes",
                                        "d", "en", "cc", NULL};
    struct grf_words it;
    struct grf_word w;
    size_t n = 0;
    grf_words_init(&it, name);
    while (n < 12 && grf_words_next(&it, &w)) {
        bool skip = false;
        for (const char *const *e = empty; *e; e++)
            skip = skip || strcmp(*e, w.norm) == 0;
        if (!skip)
            memcpy(words[n++], w.norm, w.norm_len + 1);
    }
    return n;
}

/* Whether the document speaks of that body at all on its first or last page. */
static bool text_names(const struct seg_doc *d, const char *body)
{
    char words[12][GRF_WORD_MAX + 1];
    size_t n = name_words(grf_sv_z(body), words), found = 0;
    int last = (int)d->n_pages - 1;
    for (size_t k = 0; k < n; k++) {
        bool seen = false;
        for (size_t i = 0; i < d->n_lines + d->n_extra && !seen; i++) {
            const struct seg_line *l =
                i < d->n_lines ? &d->lines[i] : &d->extra[i - d->n_lines];
            seen = (l->page < 2 || l->page == last) && seg_has(seg_fold(d, l), words[k]);
        }
        found += seen;
    }
    return found > 0 || n == 0;
}

/* "Commune de X" in the heading: from the phrase to the line's end or a stop. */
static grf_status named_body(const struct seg_doc *d, char **out, struct grf_err *err)
{
    static const char *const phrases[] = {
        "commune de ", "commune d'", "ville de ", "ville d'", "mairie de ", "mairie d'",
        "communaute de communes ", "communaute d'agglomeration ", "communaute urbaine ",
        "metropole de ", "syndicat ", NULL};
    *out = NULL;
    for (size_t i = 0; i < d->n_lines && i < 40; i++) {
        const struct seg_line *l = &d->lines[i];
        struct grf_sv f = seg_fold(d, l);
        if (l->words > 12 || (!l->heading && i > 10))
            continue;
        for (size_t p = 0; phrases[p]; p++) {
            size_t at = seg_find(f, phrases[p], 0), end = f.n;
            if (at == SIZE_MAX || (at > 0 && !seg_has(f, "conseil")))
                continue;
            if (p < 6)
                at += strlen(phrases[p]);
            for (size_t k = at; k < end; k++)
                end = strchr(",:;()", f.p[k]) ||
                              seg_starts(grf_sv(f.p + k, f.n - k), " - ")
                          ? k
                          : end;
            return take_raw(d, l, at, end, out, err);
        }
    }
    return GRF_OK;
}

grf_status seg_body(const struct seg_doc *d, char **out, struct grf_err *err)
{
    const struct grf_doc_hints *h = d->hints;
    grf_status st = GRF_OK;
    *out = NULL;
    if (!h->body || (!h->body_fixed && d->n_lines && !text_names(d, h->body)))
        st = named_body(d, out, err);
    if (st || *out || !h->body)
        return st;
    *out = grf_strdup(h->body);
    return *out ? GRF_OK : grf_fail_nomem(err);
}

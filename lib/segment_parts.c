/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an act: heading, visas, recitals, decision, debate, annex. */
#include "grf_mem.h"
#include "segment_priv.h"

static grf_status add_part(const struct seg_doc *d, size_t line, grf_part part,
                           struct grf_act *a, struct grf_err *err)
{
    const struct seg_line *l = &d->lines[line];
    if (a->n_parts && a->parts[a->n_parts - 1].part == part)
        return GRF_OK;
    if (grf_grow(&a->parts, a->n_parts, &a->cap_parts, sizeof(*a->parts)))
        return grf_fail_nomem(err);
    a->parts[a->n_parts++] = (struct grf_part_span){l->page + 1, l->start, part};
    return GRF_OK;
}

static bool opens_decision(const struct seg_line *l, struct grf_sv f)
{
    static const char *const openings[] = {
        "decide", "arrete", "article 1", "le conseil adopte", "en consequence, il est",
        "en consequence, nous", "il est propose", "il est donc propose", "vote :", "delibere",
        "le conseil municipal,", "le conseil communautaire,", "apres en avoir",
        "pour :", "adopte", "il est decide", "il est demande au conseil", NULL};
    static const char *const acts[] = {"decide", "arrete", "approuve", "autorise", "fixe",
                                       "adopte", "donne", "accepte", "emet", "prend acte",
                                       "dit que", "charge", NULL};
    if (l->flags & LINE_RESULT)
        return true;
    return seg_starts_any(f, openings) ||
           ((l->flags & LINE_UPPER) && l->words < 12 && seg_starts_any(f, acts));
}

/* "Anne BRISSAUD : Monsieur le Maire, ..." as verbatim minutes print it. */
static bool names_speaker(struct grf_sv raw)
{
    const char *colon = memchr(raw.p, ':', raw.n < 48 ? raw.n : 48);
    size_t upper = 0, blanks = 0, at = 0, end = colon ? (size_t)(colon - raw.p) : 0;
    while (end && raw.p[end - 1] == ' ')
        end--;
    for (size_t i = 0; i < end; i++) {
        blanks += raw.p[i] == ' ';
        at = raw.p[i] == ' ' ? i + 1 : at;
    }
    for (size_t i = at; i < end; i++)
        upper += raw.p[i] >= 'A' && raw.p[i] <= 'Z';
    return blanks >= 1 && blanks <= 4 && upper >= 3 && upper + 2 >= end - at;
}

/* Somebody who asks, answers, remarks: speech about the act, not the act. */
static bool is_debate(const struct seg_line *l, struct grf_sv f, bool decided)
{
    static const char *const asks[] = {"demande si", "demande pourquoi", "demande quel",
                                       "demande comment", "repond", "s'interroge", "s'etonne",
                                       "regrette", "souhaite savoir", "fait remarquer",
                                       "intervient", NULL};
    return (l->flags & LINE_SPEAKS) && (decided || seg_has_any(f, asks));
}

static grf_part part_of(const struct seg_doc *d, size_t line, grf_part now)
{
    const struct seg_line *l = &d->lines[line];
    struct grf_sv f = seg_fold(d, l);
    bool decided = now == GRF_PART_DECISION || now == GRF_PART_DEBATE;
    if (now == GRF_PART_ANNEX)
        return now;
    if (l->words <= 10 && seg_starts(f, "annexe") && (l->heading || (l->flags & LINE_UPPER)))
        return GRF_PART_ANNEX;
    if (l->flags & LINE_REFERS)
        return seg_starts(f, "vu") || seg_starts(f, "w ") ? GRF_PART_VISAS : GRF_PART_RECITALS;
    if (opens_decision(l, f))
        return GRF_PART_DECISION;
    if (is_debate(l, f, decided) || (decided && names_speaker(seg_raw(d, l))))
        return GRF_PART_DEBATE;
    return now == GRF_PART_VISAS || now == GRF_PART_RECITALS ? GRF_PART_BODY : now;
}

grf_status seg_read_parts(const struct seg_doc *d, const struct seg_item *it,
                          struct grf_act *a, struct grf_err *err)
{
    if (it->kind == GRF_KIND_DOCUMENT)
        return it->line < it->end ? add_part(d, it->line, GRF_PART_HEAD, a, err) : GRF_OK;
    grf_part now = GRF_PART_BODY;
    grf_status st = GRF_OK;
    if (it->title > it->line)
        st = add_part(d, it->line, GRF_PART_HEAD, a, err);
    if (!st && it->title < it->end && it->kind != GRF_KIND_INFORMATION)
        st = add_part(d, it->title, GRF_PART_BODY, a, err);
    if (it->kind == GRF_KIND_INFORMATION)
        return st;
    for (size_t i = it->after_title; i < it->end && !st; i++) {
        if (!d->lines[i].first)
            continue;
        now = part_of(d, i, now);
        st = add_part(d, i, now, a, err);
    }
    return st;
}

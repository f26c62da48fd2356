/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From lines to acts: finds the marks, decides which of them open an act, and gives
 * every line to an act or to the session's own words.
 */
#include "grf_mem.h"
#include "segment_priv.h"

enum {
    GAP_WORDS = 12,       /* between acts: fewer words are only a section's title */
    SECTION_WORDS = 14
};

/* ---- marks */

static grf_status find_marks(struct seg_doc *d, struct grf_err *err)
{
    for (size_t i = 0; i < d->n_lines; i++) {
        const struct seg_line *l = &d->lines[i];
        struct seg_mark m;
        /* a name over two lines, with the number behind the second */
        bool opens = l->first || i == 0; /* a block's first lines may not be among them */
        bool name = !opens && d->lines[i - 1].words <= 2;
        if (!opens && !name && !seg_ends_sentence(seg_fold(d, &d->lines[i - 1])))
            continue;
        seg_read_mark(d, l, &m);
        if (m.kind == MARK_NONE || (!opens && !m.strong && !(m.named && name)))
            continue;
        m.line = i;
        if (grf_grow(&d->marks, d->n_marks, &d->cap_marks, sizeof(m)))
            return grf_fail_nomem(err);
        d->marks[d->n_marks++] = m;
    }
    return GRF_OK;
}

/* ---- choosing */

static grf_status add_item(const struct seg_doc *d, struct seg_items *out,
                           const struct seg_mark *m, size_t line, grf_act_kind kind,
                           struct grf_err *err)
{
    if (grf_grow(&out->v, out->n, &out->cap, sizeof(*out->v)))
        return grf_fail_nomem(err);
    while (m && m->named && line > 0 && !d->lines[line].first)
        line--;
    out->v[out->n++] = (struct seg_item){.line = line, .mark = m, .kind = kind};
    return GRF_OK;
}

static bool is_number(const struct seg_doc *d, size_t i)
{
    const struct seg_mark *m = &d->marks[i];
    return m->kind == MARK_NUMBER && !m->listed && m->line < d->close && m->strong;
}

/* Numbers that open an act, and of these the ones with a decision behind them. */
static size_t count_numbers(const struct seg_doc *d, size_t *decided)
{
    size_t n = 0, last = SIZE_MAX;
    *decided = 0;
    for (size_t i = 0; i < d->n_marks; i++) {
        if (!is_number(d, i))
            continue;
        if (n)
            *decided += seg_results_between(d, last + 1, d->marks[i].line) > 0;
        last = d->marks[i].line;
        n++;
    }
    if (n)
        *decided += seg_results_between(d, last + 1, d->n_lines) > 0;
    return n;
}

/* Words before the next mark that could open something, its own title left out. */
static bool has_text(const struct seg_doc *d, size_t mark)
{
    size_t end = mark + 1 < d->n_marks ? d->marks[mark + 1].line : d->close;
    size_t from = seg_block_end(d, d->marks[mark].line);
    struct grf_sv f = from < d->n_lines ? seg_fold(d, &d->lines[from]) : grf_sv("", 0);
    return end > from && seg_words_between(d, from, end) >= 8 && !seg_starts(f, "neant");
}

/* Titles of what is said at the end of a session. */
static bool is_loose_talk(struct grf_sv f)
{
    static const char *const openings[] = {
        "questions diverses", "question diverse", "affaires diverses", "divers", "points divers",
        "questions orales",   "tour de table",    "parole au public",  NULL};
    return seg_starts_any(f, openings);
}

/* "Information relative au rapport", a line of its own where nothing is bold. */
static bool stands_alone(const struct seg_doc *d, size_t line)
{
    static const char *const openings[] = {"information relative", "information sur",
                                           "informations sur", "pour information", NULL};
    const struct seg_line *l = &d->lines[line];
    return l->first && l->words <= 16 && seg_block_end(d, line) - line <= 2 &&
           seg_starts_any(seg_fold(d, l), openings);
}

static bool informs(const struct seg_doc *d, size_t i)
{
    struct grf_sv title = seg_title_of(d, d->marks[i].line, d->marks[i].title);
    return d->marks[i].kind == MARK_ORDINAL &&
           (seg_starts(title, "information") || seg_starts(title, "debat "));
}

/* An ordinal printed like that of an information, next to it in the count. */
static bool beside_information(const struct seg_doc *d, size_t i)
{
    const struct seg_mark *m = &d->marks[i];
    float x = seg_block(d, &d->lines[m->line])->box.x0;
    for (size_t j = 0; j < d->n_marks; j++) {
        const struct seg_mark *o = &d->marks[j];
        float away = seg_block(d, &d->lines[o->line])->box.x0 - x;
        int step = o->value - m->value;
        if (o->kind == MARK_ORDINAL && o->sep == m->sep && (step == 1 || step == -1) &&
            away < 15 && away > -15 && informs(d, j))
            return true;
    }
    return false;
}

/* Beside numbered acts: points without number that the agenda names, or informations. */
static bool is_extra(const struct seg_doc *d, size_t i)
{
    const struct seg_mark *m = &d->marks[i];
    bool outside = m->line < d->agenda_end || m->line >= d->close;
    if (m->listed || outside || !has_text(d, i) ||
        is_loose_talk(seg_title_of(d, m->line, m->title)))
        return false;
    if (m->kind == MARK_INFO)
        return d->lines[m->line].heading || m->agenda || stands_alone(d, m->line);
    return (m->kind == MARK_ORDINAL && (informs(d, i) || beside_information(d, i))) ||
           (m->agenda && m->kind != MARK_NUMBER);
}

static grf_status take_numbers(const struct seg_doc *d, struct seg_items *out,
                               struct grf_err *err)
{
    size_t open = SIZE_MAX; /* line of the last number, as long as nothing is decided */
    grf_status st = GRF_OK;
    for (size_t i = 0; i < d->n_marks && !st; i++) {
        const struct seg_mark *m = &d->marks[i];
        bool number = is_number(d, i);
        bool undecided = open != SIZE_MAX && !seg_results_between(d, open + 1, m->line);
        /* inside a point that informs, plain lines do not begin another */
        bool inside = out->n && open == SIZE_MAX && m->kind == MARK_INFO && !m->agenda &&
                      !d->lines[m->line].heading;
        if (number || (is_extra(d, i) && !inside && (!undecided || m->kind == MARK_INFO))) {
            st = add_item(d, out, m, m->line, GRF_KIND_DELIBERATION, err);
            open = number ? m->line : SIZE_MAX;
        }
    }
    return st;
}

static grf_status take_chain(const struct seg_doc *d, struct seg_items *out,
                             struct grf_err *err)
{
    size_t n, *chosen = grf_calloc(d->n_marks + 1, sizeof(*chosen));
    if (!chosen)
        return grf_fail_nomem(err);
    grf_status st = seg_choose_chain(d, chosen, &n, err);
    size_t next = 0;
    bool loose = n && (d->marks[chosen[0]].kind == MARK_BULLET ||
                       d->marks[chosen[0]].kind == MARK_TITLE);
    for (size_t i = 0; i < d->n_marks && !st; i++) {
        const struct seg_mark *m = &d->marks[i];
        bool in_chain = next < n && chosen[next] == i;
        next += in_chain;
        bool extra = !in_chain && n && is_extra(d, i) &&
                     (m->kind == MARK_INFO || (loose && m->agenda));
        bool bare_title = in_chain && (m->kind == MARK_TITLE || m->kind == MARK_SUBJECT) &&
                          !has_text(d, i);
        if ((in_chain && !bare_title) || extra)
            st = add_item(d, out, m, m->line, GRF_KIND_DELIBERATION, err);
    }
    grf_free(chosen);
    return st;
}

/* Points of the agenda found again as titles, when nothing is numbered. */
static grf_status take_agenda(const struct seg_doc *d, struct seg_items *out,
                              struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < d->n_marks && !st; i++) {
        const struct seg_mark *m = &d->marks[i];
        if (m->agenda && m->line >= d->agenda_end && m->line < d->close && has_text(d, i))
            st = add_item(d, out, m, m->line, GRF_KIND_DELIBERATION, err);
    }
    return st;
}

/* ---- extracts: one act each, its number in the margin or the heading */

static bool is_extract_line(struct grf_sv f)
{
    static const char *const phrases[] = {"extrait du registre", "extrait des deliberations",
                                          "extrait de deliberation", "extrait du proces",
                                          "extrait de registre", NULL};
    return seg_has_any(f, phrases);
}

static bool page_is_extract(const struct seg_doc *d, int page)
{
    size_t seen = 0;
    for (size_t i = 0; i < d->n_extra; i++) {
        if (d->extra[i].page == page && is_extract_line(seg_fold(d, &d->extra[i])))
            return true;
    }
    for (size_t i = 0; i < d->n_lines && d->lines[i].page <= page; i++) {
        if (d->lines[i].page != page)
            continue;
        if (++seen > 25)
            break;
        if (is_extract_line(seg_fold(d, &d->lines[i])))
            return true;
    }
    return false;
}

/* "ARRÊTÉ", "DÉCISION DU MAIRE" as the title of a page. */
static grf_act_kind page_title_kind(const struct seg_doc *d, size_t line)
{
    static const char *const orders[] = {
        "arrete du maire",      "arrete de la maire", "arrete municipal", "arrete n\xB0",
        "arrete portant",       "arrete permanent",   "arrete temporaire",
        "arrete du president",  "arrete de la presidente", "arrete intercommunal", NULL};
    int page = d->lines[line].page;
    for (size_t i = line; i < d->n_lines && i < line + 20 && d->lines[i].page == page; i++) {
        const struct seg_line *l = &d->lines[i];
        struct grf_sv f = seg_fold(d, l);
        if (l->words > 12 || (!l->heading && !(l->flags & LINE_UPPER)))
            continue;
        if ((seg_starts(f, "arrete") && f.n <= 8) || seg_starts_any(f, orders))
            return GRF_KIND_ARRETE;
        if (seg_starts(f, "decision du maire") || seg_starts(f, "decision municipale") ||
            seg_starts(f, "decision n") || seg_starts(f, "decision du president"))
            return GRF_KIND_DECISION;
    }
    return GRF_KIND_DOCUMENT;
}

static size_t first_line_of(const struct seg_doc *d, int page)
{
    size_t i = 0;
    while (i < d->n_lines && d->lines[i].page < page)
        i++;
    return i;
}

static grf_status take_extracts(const struct seg_doc *d, struct seg_items *out,
                                struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (int p = 0; p < (int)d->n_pages && !st; p++) {
        size_t line = first_line_of(d, p);
        if (line == d->n_lines || d->lines[line].page != p)
            continue;
        grf_act_kind kind = GRF_KIND_DELIBERATION;
        bool starts = page_is_extract(d, p);
        if (!starts) {
            kind = page_title_kind(d, line);
            starts = kind != GRF_KIND_DOCUMENT;
        }
        if (starts)
            st = add_item(d, out, NULL, line, kind, err);
    }
    return st;
}

/* ---- parts of items, gaps between them */

static bool has_result(const struct seg_doc *d, size_t from, size_t to)
{
    return seg_results_between(d, from, to) > 0;
}

/* Whether m may be a point under an item with that value. */
static bool is_under(const struct seg_doc *d, const struct seg_item *it,
                     const struct seg_mark *m, int expected)
{
    const struct seg_line *l = &d->lines[m->line];
    bool head = l->heading || (l->flags & LINE_UPPER) || m->agenda;
    if (!it->mark)
        return false;
    if (m->kind == MARK_SUB)
        return m->value == it->mark->value && (m->sub == expected || l->heading) &&
               l->words < 40;
    if (!head)
        return false;
    if (m->kind == MARK_LETTER)
        return m->value == expected;
    return m->kind == MARK_BULLET && (m->agenda || l->heading) && it->mark->kind == MARK_ORDINAL;
}

/* The marks under item [from, to): their indexes; 0 when they are not all decided. */
static size_t find_under(const struct seg_doc *d, const struct seg_item *it, size_t from,
                         size_t to, size_t *out)
{
    size_t n = 0;
    seg_mark_kind kind = MARK_NONE;
    for (size_t i = from; i < to; i++) {
        const struct seg_mark *m = &d->marks[i];
        if ((kind != MARK_NONE && m->kind != kind) || !is_under(d, it, m, (int)n + 1))
            continue;
        kind = m->kind;
        out[n++] = i;
    }
    size_t end = it->end;
    bool decided = false;
    for (size_t k = n; k-- > 0;) {
        size_t line = d->marks[out[k]].line;
        bool sure = kind == MARK_SUB && d->lines[line].heading;
        if (!sure && !has_result(d, line + 1, end))
            return 0;
        decided = decided || has_result(d, line + 1, end);
        end = line;
    }
    return !decided || (kind == MARK_BULLET && n < 2) ? 0 : n;
}

static bool is_section_word(struct grf_sv f)
{
    return is_loose_talk(f) || seg_starts(f, "informations");
}

static bool is_section(const struct seg_doc *d, size_t first, size_t end)
{
    const struct seg_line *l = &d->lines[first];
    struct grf_sv f = seg_fold(d, l);
    struct seg_mark m;
    if (seg_words_between(d, first, end) > SECTION_WORDS ||
        (l->flags & (LINE_RESULT | LINE_REFERS)))
        return false;
    if (!l->words || is_section_word(f))
        return true;
    seg_read_mark(d, l, &m);
    if (m.kind == MARK_ROMAN || m.kind == MARK_KEYWORD ||
        (m.kind == MARK_ORDINAL && l->heading))
        return true;
    return l->heading && (l->flags & LINE_UPPER) && !seg_ends_sentence(f);
}

/* The end of an item that another follows: section titles before it are left out. */
static size_t before_sections(const struct seg_doc *d, size_t from, size_t to)
{
    size_t end = to;
    for (int k = 0; k < 4 && end > from + 1; k++) {
        size_t first = end - 1;
        while (first > from && !d->lines[first].first)
            first--;
        if (first <= from || !is_section(d, first, end))
            break;
        end = first;
    }
    return end;
}

static size_t mark_after(const struct seg_doc *d, size_t line)
{
    size_t i = 0;
    while (i < d->n_marks && d->marks[i].line < line)
        i++;
    return i;
}

/* Puts the points under item k in its place or behind it. */
static grf_status split_item(const struct seg_doc *d, struct seg_items *items, size_t k,
                             size_t *under, struct grf_err *err)
{
    struct seg_item it = items->v[k];
    size_t n = it.mark ? find_under(d, &it, mark_after(d, it.line + 1),
                                    mark_after(d, it.end), under)
                       : 0;
    if (!n)
        return GRF_OK;
    size_t first = d->marks[under[0]].line;
    bool keep = has_result(d, it.line + 1, first);
    grf_status st = GRF_OK;
    for (size_t i = 0; i < n && !st; i++)
        st = add_item(d, items, NULL, 0, GRF_KIND_DELIBERATION, err);
    if (st)
        return st;
    memmove(&items->v[k + 1 + n], &items->v[k + 1],
            (items->n - n - k - 1) * sizeof(*items->v));
    items->v[k].end = first;
    if (!keep)
        items->v[k].kind = GRF_KIND_DOCUMENT;
    for (size_t i = 0; i < n; i++) {
        const struct seg_mark *m = &d->marks[under[i]];
        items->v[k + 1 + i] = (struct seg_item){
            .line = m->line, .mark = m, .parent = it.mark, .kind = GRF_KIND_DELIBERATION,
            .end = i + 1 < n ? d->marks[under[i + 1]].line : it.end};
    }
    return GRF_OK;
}

static grf_status split_items(const struct seg_doc *d, struct seg_items *items,
                              struct grf_err *err)
{
    size_t *under = grf_calloc(d->n_marks + 1, sizeof(*under));
    if (!under)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    for (size_t k = items->n; k-- > 0 && !st;)
        st = split_item(d, items, k, under, err);
    grf_free(under);
    return st;
}

static void set_ends(const struct seg_doc *d, struct seg_items *items)
{
    for (size_t k = 0; k < items->n; k++) {
        struct seg_item *it = &items->v[k];
        bool last = k + 1 == items->n;
        size_t end = last ? d->n_lines : items->v[k + 1].line;
        if (it->line < d->close && end > d->close)
            end = d->close;
        it->end = it->mark ? before_sections(d, it->line, end) : end;
    }
}

/* Text that no act holds: the session's own, unless it is only a section's title. */
static grf_status fill_gaps(const struct seg_doc *d, struct seg_items *items,
                            struct grf_err *err)
{
    struct seg_items all = {0};
    size_t at = 0;
    grf_status st = GRF_OK;
    for (size_t k = 0; k <= items->n && !st; k++) {
        size_t start = k < items->n ? items->v[k].line : d->n_lines;
        bool edge = !k || k == items->n;
        uint32_t words = seg_words_between(d, at, start);
        if (words >= (edge ? 1 : GAP_WORDS)) {
            st = add_item(d, &all, NULL, at, GRF_KIND_DOCUMENT, err);
            if (!st)
                all.v[all.n - 1].end = start;
        }
        if (!st && k < items->n) {
            st = add_item(d, &all, NULL, 0, GRF_KIND_DOCUMENT, err);
            if (!st)
                all.v[all.n - 1] = items->v[k];
            at = items->v[k].end;
        }
    }
    grf_free(items->v);
    *items = all;
    return st;
}

/* ---- the whole */

/* A répertoire or list of acts as a document of its own: it holds none of them. */
static bool is_list(const struct seg_doc *d)
{
    static const char *const openings[] = {"repertoire", "liste des deliberations",
                                           "liste chronologique", NULL};
    size_t lines = d->n_lines < 8 ? d->n_lines : 8;
    for (size_t i = 0; i < lines; i++) {
        const struct seg_line *l = &d->lines[i];
        if (l->heading && seg_starts_any(seg_fold(d, l), openings))
            return seg_results_between(d, 0, d->n_lines) * 60 < d->words[d->n_lines];
    }
    return false;
}

static grf_status choose(struct seg_doc *d, struct seg_items *out, struct grf_err *err)
{
    size_t decided, numbers = count_numbers(d, &decided);
    grf_status st = take_extracts(d, out, err);
    if (st || out->n > 1 || (out->n == 1 && decided < 2))
        return st;
    out->n = 0;
    if (numbers && decided * 2 >= numbers)
        return take_numbers(d, out, err);
    if (has_result(d, 0, d->n_lines))
        st = take_chain(d, out, err);
    /* numbers without decisions: a list of other acts, unless there is nothing else */
    if (!st && !out->n && numbers > 1 && d->words[d->n_lines] / numbers > SEG_ENTRY_WORDS)
        return take_numbers(d, out, err);
    if (!has_result(d, 0, d->n_lines))
        return st;
    if (!st && !out->n)
        st = take_agenda(d, out, err);
    return st;
}

/* A file with one act: the session's heading above its number is the act's own, as it is on
   an extract. An agenda says that there were other points. */
static void take_heading(const struct seg_doc *d, struct seg_items *items)
{
    struct seg_item *it = &items->v[0];
    if (items->n == 1 && it->mark && it->mark->kind == MARK_NUMBER &&
        d->agenda == d->agenda_end && d->lines[0].page == d->lines[it->line].page)
        it->line = 0;
}

grf_status seg_find_items(struct seg_doc *d, struct seg_items *out, struct grf_err *err)
{
    grf_status st = find_marks(d, err);
    if (st || !d->n_lines)
        return st;
    seg_find_agenda(d);
    seg_find_lists(d);
    if (is_list(d)) {
        st = add_item(d, out, NULL, 0, GRF_KIND_INFORMATION, err);
        if (!st)
            out->v[0].end = d->n_lines;
        return st;
    }
    st = seg_match_agenda(d, err);
    if (!st)
        st = choose(d, out, err);
    if (st || !out->n)
        return st;
    set_ends(d, out);
    st = split_items(d, out, err);
    take_heading(d, out);
    return st ? st : fill_gaps(d, out, err);
}

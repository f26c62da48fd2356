/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From lines to acts: finds the marks, the agenda and the lists, decides what opens an
 * act, and gives every line to an act or to the session's own words.
 */
#include "grf_mem.h"
#include "segment_priv.h"

enum {
    AGENDA_LINES_MOST = 160,
    PARAGRAPH_WORDS = 32, /* a block of as many words is no entry of a list */
    ENTRY_WORDS = 45,     /* text after an entry, its title included */
    GAP_WORDS = 12,       /* between acts: fewer words are only a section's title */
    SECTION_WORDS = 14
};

/* ---- marks */

static bool ends_sentence(struct grf_sv f)
{
    while (f.n && f.p[f.n - 1] == ' ')
        f.n--;
    return !f.n || strchr(".;:!?", f.p[f.n - 1]);
}

static grf_status find_marks(struct seg_doc *d, struct grf_err *err)
{
    for (size_t i = 0; i < d->n_lines; i++) {
        const struct seg_line *l = &d->lines[i];
        struct seg_mark m;
        /* a name over two lines, with the number behind the second */
        bool name = !l->first && d->lines[i - 1].words <= 2;
        if (!l->first && !name && !ends_sentence(seg_fold(d, &d->lines[i - 1])))
            continue;
        seg_read_mark(d, l, &m);
        if (m.kind == MARK_NONE || (!l->first && !m.strong && !(m.named && name)))
            continue;
        m.line = i;
        if (grf_grow(&d->marks, d->n_marks, &d->cap_marks, sizeof(m)))
            return grf_fail_nomem(err);
        d->marks[d->n_marks++] = m;
    }
    return GRF_OK;
}

static size_t block_end(const struct seg_doc *d, size_t line)
{
    size_t end = line + 1;
    while (end < d->n_lines && !d->lines[end].first)
        end++;
    return end;
}

/* ---- agenda */

static bool opens_agenda(const struct seg_doc *d, size_t i)
{
    static const char *const openings[] = {"ordre du jour", "l'ordre du jour",
                                           "rappel de l'ordre du jour", NULL};
    const struct seg_line *l = &d->lines[i];
    return l->first && l->words <= 12 && seg_starts_any(seg_fold(d, l), openings) &&
           !seg_has(seg_fold(d, l), "epuise");
}

/* An ordinal that begins again at one: the agenda's numbers come a second time. */
static bool counts_again(const struct seg_doc *d, size_t from, size_t mark)
{
    const struct seg_mark *m = &d->marks[mark];
    if (m->kind != MARK_ORDINAL || m->value != 1)
        return false;
    for (size_t j = mark; j-- > 0 && d->marks[j].line >= from;) {
        if (d->marks[j].kind == MARK_ORDINAL && d->marks[j].value > 1)
            return true;
    }
    return false;
}

static bool repeats_line(const struct seg_doc *d, size_t from, size_t i)
{
    struct grf_sv f = seg_fold(d, &d->lines[i]);
    if (d->lines[i].words < 2)
        return false;
    for (size_t j = from; j < i; j++) {
        const struct seg_line *l = &d->lines[j];
        if (l->words + 2 >= d->lines[i].words && l->words <= d->lines[i].words + 2 &&
            l->first && seg_similar(f, seg_fold(d, l)) > 0.84)
            return true;
    }
    return false;
}

static void find_agenda(struct seg_doc *d)
{
    size_t start = 0, mark = 0;
    while (start < d->n_lines && d->lines[start].page < 3 && !opens_agenda(d, start))
        start++;
    if (start >= d->n_lines || d->lines[start].page >= 3)
        return;
    size_t i = start + 1;
    for (; i < d->n_lines && i < start + AGENDA_LINES_MOST; i++) {
        const struct seg_line *l = &d->lines[i];
        while (mark < d->n_marks && d->marks[mark].line < i)
            mark++;
        bool marked = mark < d->n_marks && d->marks[mark].line == i;
        if (marked && (d->marks[mark].strong || counts_again(d, start, mark)))
            break;
        if (l->first && (l->flags & (LINE_RESULT | LINE_CLOSES)))
            break;
        if (l->first && seg_words_between(d, i, block_end(d, i)) >= PARAGRAPH_WORDS)
            break;
        if (l->first && i > start + 1 && repeats_line(d, start + 1, i))
            break;
    }
    d->agenda = start;
    d->agenda_end = i;
}

/* ---- twins of the agenda's entries */

static struct grf_sv title_of(const struct seg_doc *d, size_t line, size_t at)
{
    struct grf_sv f = seg_fold(d, &d->lines[line]);
    return at < f.n ? grf_sv(f.p + at, f.n - at) : grf_sv(f.p, 0);
}

static size_t skip_ordinal(struct grf_sv f)
{
    size_t at = 0;
    while (at < f.n && !(f.p[at] >= 'a' && f.p[at] <= 'z'))
        at++;
    return at;
}

/* Whether the words of the shorter title open the longer one. */
static bool same_title(struct grf_sv a, struct grf_sv b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    if (n < 8)
        return false;
    if (a.n > 2 * n || b.n > 2 * n)
        return n >= 20 && seg_similar(grf_sv(a.p, n), grf_sv(b.p, n)) > 0.85;
    return seg_similar(a, b) > 0.8 || seg_similar(grf_sv(a.p, n), grf_sv(b.p, n)) > 0.85;
}

static bool in_agenda(const struct seg_doc *d, struct grf_sv title)
{
    for (size_t i = d->agenda + 1; i < d->agenda_end; i++) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        size_t at = skip_ordinal(f);
        /* the first letters alone spare most comparisons */
        if (d->lines[i].first && f.n - at > 2 && title.n > 2 &&
            memcmp(title.p, f.p + at, 3) == 0 &&
            same_title(title, grf_sv(f.p + at, f.n - at)))
            return true;
    }
    return false;
}

static grf_status insert_mark(struct seg_doc *d, size_t at, const struct seg_mark *m,
                              struct grf_err *err)
{
    if (grf_grow(&d->marks, d->n_marks, &d->cap_marks, sizeof(*m)))
        return grf_fail_nomem(err);
    memmove(&d->marks[at + 1], &d->marks[at], (d->n_marks - at) * sizeof(*m));
    d->marks[at] = *m;
    d->n_marks++;
    return GRF_OK;
}

static grf_status match_agenda(struct seg_doc *d, struct grf_err *err)
{
    size_t mark = 0;
    grf_status st = GRF_OK;
    if (d->agenda == d->agenda_end)
        return GRF_OK;
    for (size_t i = d->agenda_end; i < d->n_lines && !st; i++) {
        const struct seg_line *l = &d->lines[i];
        while (mark < d->n_marks && d->marks[mark].line < i)
            mark++;
        bool marked = mark < d->n_marks && d->marks[mark].line == i;
        if (!l->first || l->words > 40 || (l->flags & LINE_RESULT))
            continue;
        struct grf_sv f = seg_fold(d, l);
        size_t at = marked ? d->marks[mark].title : skip_ordinal(f);
        if (!in_agenda(d, title_of(d, i, at)))
            continue;
        if (marked) {
            d->marks[mark].agenda = true;
            continue;
        }
        struct seg_mark m = {.line = i, .kind = at ? MARK_BULLET : MARK_TITLE,
                             .agenda = true, .title = (uint32_t)at,
                             .number = (uint32_t)at, .number_end = (uint32_t)at};
        st = insert_mark(d, mark, &m, err);
    }
    return st;
}

/* ---- lists of acts: registers end with one, répertoires are nothing else */

static bool opens_list(const struct seg_doc *d, size_t i)
{
    static const char *const openings[] = {
        "liste des deliberations", "recapitulatif",    "liste des actes", "table des",
        "tableau recapitulatif",   "feuillet de clot", "signatures",      "emargement",
        "feuille d'emargement",    "sommaire",         NULL};
    const struct seg_line *l = &d->lines[i];
    struct grf_sv f = seg_fold(d, l);
    if (!l->first || l->words > 12)
        return false;
    return seg_starts_any(f, openings) || (l->words == 1 && seg_starts(f, "deliberations"));
}

static size_t next_number(const struct seg_doc *d, size_t from)
{
    while (from < d->n_marks && d->marks[from].kind != MARK_NUMBER)
        from++;
    return from;
}

/* A number whose text is only a title, beside others of that kind. */
static void find_listed(struct seg_doc *d)
{
    size_t last = SIZE_MAX;
    bool last_bare = false;
    for (size_t i = next_number(d, 0); i < d->n_marks; i = next_number(d, i + 1)) {
        struct seg_mark *m = &d->marks[i];
        size_t next = next_number(d, i + 1);
        size_t end = next < d->n_marks ? d->marks[next].line : d->n_lines;
        size_t block = block_end(d, m->line);
        bool bare = !seg_results_between(d, m->line + 1, end) &&
                    seg_words_between(d, m->line, end) < ENTRY_WORDS && block <= end;
        bool in_list = m->line >= d->agenda && m->line < d->agenda_end;
        m->listed = in_list || (bare && last_bare && last != SIZE_MAX);
        if (bare && last != SIZE_MAX && last_bare)
            d->marks[last].listed = true;
        last = i;
        last_bare = bare;
    }
}

static bool same_number(const struct seg_doc *d, const struct seg_mark *a,
                        const struct seg_mark *b)
{
    struct grf_sv f = seg_fold(d, &d->lines[a->line]), g = seg_fold(d, &d->lines[b->line]);
    size_t i = a->number, j = b->number;
    while (i < a->number_end || j < b->number_end) {
        while (i < a->number_end && f.p[i] == ' ')
            i++;
        while (j < b->number_end && g.p[j] == ' ')
            j++;
        if (i == a->number_end || j == b->number_end)
            return i == a->number_end && j == b->number_end;
        if (f.p[i++] != g.p[j++])
            return false;
    }
    return true;
}

static uint32_t weight(const struct seg_doc *d, size_t i)
{
    size_t next = next_number(d, i + 1);
    size_t from = d->marks[i].line + 1, end = next < d->n_marks ? d->marks[next].line
                                                                : d->n_lines;
    return seg_words_between(d, from, end) + 400 * (seg_results_between(d, from, end) > 0);
}

/* The same number twice: the act is where the text is, the other is a list's entry. */
static void find_repeated(struct seg_doc *d)
{
    for (size_t i = next_number(d, 0); i < d->n_marks; i = next_number(d, i + 1)) {
        for (size_t j = next_number(d, i + 1); j < d->n_marks; j = next_number(d, j + 1)) {
            if (d->marks[i].listed || d->marks[j].listed ||
                !same_number(d, &d->marks[i], &d->marks[j]))
                continue;
            uint32_t wi = weight(d, i), wj = weight(d, j);
            if (wi < 400 || wj < 400)
                d->marks[wi < wj ? i : j].listed = true;
        }
    }
}

/* A number in plain text without a decision, where headings carry the numbers. */
static void find_mentioned(struct seg_doc *d)
{
    size_t headings = 0, plain = 0;
    for (size_t i = next_number(d, 0); i < d->n_marks; i = next_number(d, i + 1)) {
        bool decided = !d->marks[i].listed && weight(d, i) >= 400;
        headings += decided && d->lines[d->marks[i].line].heading;
        plain += decided && !d->lines[d->marks[i].line].heading;
    }
    for (size_t i = next_number(d, 0); i < d->n_marks; i = next_number(d, i + 1)) {
        if (!d->lines[d->marks[i].line].heading && headings > 3 * plain &&
            weight(d, i) < 400)
            d->marks[i].listed = true;
    }
}

static bool any_number_after(const struct seg_doc *d, size_t line)
{
    for (size_t i = d->n_marks; i-- > 0 && d->marks[i].line > line;) {
        if (d->marks[i].kind == MARK_NUMBER && d->marks[i].strong && !d->marks[i].listed)
            return true;
    }
    return false;
}

/* Entries that repeat the numbers of acts already read, in a closing list. */
static void find_close(struct seg_doc *d)
{
    d->close = d->n_lines;
    for (size_t i = d->n_lines; i-- > 0;) {
        const struct seg_line *l = &d->lines[i];
        uint32_t after = seg_results_between(d, i + 1, d->n_lines);
        bool closes = l->first && (((l->flags & LINE_CLOSES) && after < 3) ||
                                   (!after && opens_list(d, i)));
        if (closes && any_number_after(d, i))
            return;
        if (closes && i > d->agenda_end && seg_results_between(d, 0, i))
            d->close = i;
    }
}

/* ---- choosing */

static grf_status add_item(const struct seg_doc *d, struct seg_items *out, const struct seg_mark *m, size_t line,
                           grf_act_kind kind, struct grf_err *err)
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
    size_t from = block_end(d, d->marks[mark].line);
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
    return l->first && l->words <= 16 && block_end(d, line) - line <= 2 &&
           seg_starts_any(seg_fold(d, l), openings);
}

static bool informs(const struct seg_doc *d, size_t i)
{
    struct grf_sv title = title_of(d, d->marks[i].line, d->marks[i].title);
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
    if (m->listed || is_loose_talk(title_of(d, m->line, m->title)) || m->line < d->agenda_end || m->line >= d->close || !has_text(d, i))
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
        if (number || (is_extra(d, i) && (!undecided || m->kind == MARK_INFO))) {
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
    int page = d->lines[line].page;
    for (size_t i = line; i < d->n_lines && i < line + 20 && d->lines[i].page == page; i++) {
        const struct seg_line *l = &d->lines[i];
        struct grf_sv f = seg_fold(d, l);
        if (l->words > 12 || (!l->heading && !(l->flags & LINE_UPPER)))
            continue;
        if (seg_starts(f, "arrete") || seg_has(f, "arrete du maire") ||
            seg_has(f, "arrete municipal"))
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
        return m->value == it->mark->value && m->sub == expected && l->words < 40;
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
    for (size_t k = n; k-- > 0;) {
        size_t line = d->marks[out[k]].line;
        if (!has_result(d, line + 1, end))
            return 0;
        end = line;
    }
    return kind == MARK_BULLET && n < 2 ? 0 : n;
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
    return l->heading && (l->flags & LINE_UPPER) && !ends_sentence(f);
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
    if (!st && !out->n && numbers > 1)
        return take_numbers(d, out, err);
    if (!has_result(d, 0, d->n_lines))
        return st;
    if (!st && !out->n)
        st = take_agenda(d, out, err);
    return st;
}

grf_status seg_find_items(struct seg_doc *d, struct seg_items *out, struct grf_err *err)
{
    grf_status st = find_marks(d, err);
    if (st)
        return st;
    find_agenda(d);
    find_listed(d);
    find_repeated(d);
    find_mentioned(d);
    find_close(d);
    st = match_agenda(d, err);
    if (!st)
        st = choose(d, out, err);
    if (st || !out->n)
        return st;
    set_ends(d, out);
    st = split_items(d, out, err);
    return st ? st : fill_gaps(d, out, err);
}

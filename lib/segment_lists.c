/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What names acts without being one: the agenda before them, lists of acts behind them
 * or in documents of their own, and the words that close a session.
 */
#include "grf_mem.h"
#include "segment_priv.h"

enum {
    AGENDA_LINES_MOST = 160,
    PARAGRAPH_WORDS = 32, /* a block of as many words is no entry of a list */
    DECIDED = 400         /* weight of a decision: more than an entry's words */
};

bool seg_ends_sentence(struct grf_sv f)
{
    while (f.n && f.p[f.n - 1] == ' ')
        f.n--;
    return !f.n || strchr(".;:!?", f.p[f.n - 1]);
}

size_t seg_block_end(const struct seg_doc *d, size_t line)
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

void seg_find_agenda(struct seg_doc *d)
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
        if (l->first && seg_words_between(d, i, seg_block_end(d, i)) >= PARAGRAPH_WORDS)
            break;
        if (l->first && i > start + 1 && repeats_line(d, start + 1, i))
            break;
    }
    d->agenda = start;
    d->agenda_end = i;
}

/* ---- twins of the agenda's entries */

struct grf_sv seg_title_of(const struct seg_doc *d, size_t line, size_t at)
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

grf_status seg_match_agenda(struct seg_doc *d, struct grf_err *err)
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
        if (!in_agenda(d, seg_title_of(d, i, at)))
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
        size_t block = seg_block_end(d, m->line);
        bool bare = !seg_results_between(d, m->line + 1, end) &&
                    seg_words_between(d, m->line, end) < SEG_ENTRY_WORDS && block <= end;
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
    return seg_words_between(d, from, end) + DECIDED * (seg_results_between(d, from, end) > 0);
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
            if (wi < DECIDED || wj < DECIDED)
                d->marks[wi < wj ? i : j].listed = true;
        }
    }
}

/* The form of a number: what its groups are, not how long, but for the first. */
static uint32_t shape(const struct seg_doc *d, const struct seg_mark *m)
{
    struct grf_sv f = seg_fold(d, &d->lines[m->line]);
    uint32_t h = 2166136261u;
    char last = 0;
    for (size_t i = m->number; i < m->number_end; i++) {
        char c = f.p[i];
        c = c >= 'a' && c <= 'z' ? 'a' : c >= '0' && c <= '9' ? '9' : c;
        bool first = i < m->number + 8 && (!last || c == last);
        if (c != ' ' && (c != last || first))
            h = (h ^ (unsigned char)c) * 16777619u;
        last = c == ' ' ? last : c;
    }
    return h;
}

/* Whether an act that is decided has a number of the same form. */
static bool shares_shape(const struct seg_doc *d, size_t mark)
{
    uint32_t form = shape(d, &d->marks[mark]);
    for (size_t i = next_number(d, 0); i < d->n_marks; i = next_number(d, i + 1)) {
        if (i != mark && !d->marks[i].listed && weight(d, i) >= DECIDED &&
            shape(d, &d->marks[i]) == form)
            return true;
    }
    return false;
}

/* A number in plain text without a decision, where headings carry the numbers or all
   decided acts have numbers of another form. */
static void find_mentioned(struct seg_doc *d)
{
    size_t headings = 0, plain = 0;
    for (size_t i = next_number(d, 0); i < d->n_marks; i = next_number(d, i + 1)) {
        bool decided = !d->marks[i].listed && weight(d, i) >= DECIDED;
        headings += decided && d->lines[d->marks[i].line].heading;
        plain += decided && !d->lines[d->marks[i].line].heading;
    }
    for (size_t i = next_number(d, 0); i < d->n_marks; i = next_number(d, i + 1)) {
        if (d->lines[d->marks[i].line].heading || weight(d, i) >= DECIDED)
            continue;
        if (headings > 3 * plain || (headings + plain > 1 && !shares_shape(d, i)))
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

void seg_find_lists(struct seg_doc *d)
{
    find_listed(d);
    find_repeated(d);
    find_mentioned(d);
    find_close(d);
}

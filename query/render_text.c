/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for people: act line, quote with marked words, where it stands. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "render.h"
#include "grf_date.h"
#include "grf_i18n.h"
#include "grf_log.h"

enum { MARKS_MOST = 256, WIDTH_USUAL = 90, WIDTH_MOST = 110, INDENT = RENDER_INDENT };

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define MARK "\033[1;33m"
#define PLAIN "\033[0m"
#define DOT " \xC2\xB7 "

static void add_part(struct grf_str *s, const char *z)
{
    if (!z || !z[0])
        return;
    if (s->n)
        grf_str_addz(s, DOT);
    grf_str_addz(s, z);
}

static void add_votes(struct grf_str *s, const struct grf_votes *v)
{
    struct grf_str t;
    grf_str_init(&t, 256);
    if (v->unanimous > 0)
        add_part(&t, _("unanimous"));
    if (v->in_favour >= 0)
        grf_str_addf(&t, _("%s%d for"), t.n ? ", " : "", v->in_favour);
    if (v->against >= 0)
        grf_str_addf(&t, _("%s%d against"), t.n ? ", " : "", v->against);
    if (v->abstention == 1)
        grf_str_addf(&t, "%s%s", t.n ? ", " : "", _("1 abstention"));
    else if (v->abstention >= 0)
        grf_str_addf(&t, _("%s%d abstentions"), t.n ? ", " : "", v->abstention);
    add_part(s, t.p);
    grf_str_release(&t);
}

void act_line(struct grf_str *out, const struct grf_act *a, const char *title)
{
    struct grf_date d;
    char fr[32] = "";
    if (a->number)
        grf_str_addf(out, "n\xC2\xB0 %s", a->number);
    add_part(out, a->subject ? a->subject : title);
    add_part(out, a->body);
    if (grf_date_parse_iso(grf_sv_z(a->session_date), &d))
        grf_date_format_fr(d, fr);
    add_part(out, fr);
    add_votes(out, &a->votes);
    if (out->n) { /* file and folder names may stand in it */
        grf_log_printable(out->p);
        out->n = strlen(out->p);
    }
}

size_t terminal_width(void)
{
    struct winsize w;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col < 40)
        return WIDTH_USUAL;
    return w.ws_col > WIDTH_MOST ? WIDTH_MOST : w.ws_col;
}

/* Where marks begin and end, in order. */
struct marking {
    struct grf_span v[MARKS_MOST];
    size_t n, at;
    bool colour;
};

static void put_char(struct marking *m, struct grf_sv t, size_t i)
{
    if (m->colour && m->at < m->n && i == m->v[m->at].start)
        fputs(MARK, stdout);
    fputc(t.p[i], stdout);
    if (m->at < m->n && i + 1 == m->v[m->at].end) {
        if (m->colour)
            fputs(PLAIN, stdout);
        m->at++;
    }
}

/* Bytes up to the blank where a line of width characters breaks. */
static size_t line_end(struct grf_sv t, size_t from, size_t width)
{
    size_t at = from, last = 0, n = 0;
    while (at < t.n && n <= width) {
        if (t.p[at] == ' ')
            last = at;
        grf_text_next(t, &at);
        n++;
    }
    if (at >= t.n && n <= width)
        return t.n;
    return last > from ? last : at;
}

static void put_wrapped(struct marking *m, struct grf_sv t, size_t width)
{
    size_t i = 0;
    while (i < t.n) {
        size_t end = line_end(t, i, width - INDENT);
        printf("%*s", INDENT, "");
        while (i < end)
            put_char(m, t, i++);
        fputc('\n', stdout);
        while (i < t.n && t.p[i] == ' ')
            i++;
    }
}

#define QUOTE_OPEN "\xC2\xAB\xC2\xA0"
#define QUOTE_CLOSE "\xC2\xA0\xC2\xBB"

void put_quote(const char *quote, const struct look *l)
{
    struct grf_str s;
    struct marking m = {.n = MARKS_MOST, .colour = l->colour};
    grf_str_init(&s, 65536);
    grf_str_addz(&s, QUOTE_OPEN);
    grf_str_addz(&s, quote);
    grf_str_addz(&s, QUOTE_CLOSE);
    if (l->mark) {
        size_t before = strlen(QUOTE_OPEN);
        m.v[0] = (struct grf_span){before + l->mark->start, before + l->mark->end};
        m.n = 1;
    } else {
        grf_search_marks(l->question, grf_str_sv(&s), m.v, &m.n);
    }
    put_wrapped(&m, grf_str_sv(&s), l->width);
    grf_str_release(&s);
}

void put_wrapped_plain(struct grf_sv text, const struct look *l)
{
    struct marking none = {.n = 0};
    put_wrapped(&none, text, l->width);
}

void put_why_branches(const struct grf_why *w)
{
    printf("%*s", INDENT, "");
    if (w->matched && w->matched[0])
        printf(_("words found: %s; "), w->matched);
    if (w->lexical_rank)
        printf(_("by its words no. %d (%.2f of 1)"), w->lexical_rank, w->lexical);
    else
        printf("%s", _("not found by its words"));
    if (w->vector_rank)
        printf(_("; by its meaning no. %d (%.2f of 1, closeness %.2f)"), w->vector_rank,
               w->vector, w->cosine);
    else
        printf("%s", _("; not near by its meaning"));
    printf(_("; here meaning counts for %.0f %%, words for %.0f %%"), w->vector_weight * 100,
           100 - w->vector_weight * 100);
}

static void put_reranked(const struct grf_why *w)
{
    if (!w->rerank_from)
        return;
    if (w->rerank_to == w->rerank_from)
        printf(_("; the second model left it passage no. %d (score %.2f)"), w->rerank_to,
               w->rerank);
    else
        printf(_("; the second model moved it from passage no. %d to no. %d (score %.2f)"),
               w->rerank_from, w->rerank_to, w->rerank);
}

static void put_why(const struct grf_why *w)
{
    put_why_branches(w);
    if (w->named > 0)
        printf(_("; +%.2f: the number, date, reference or local authority that is asked for"),
               w->named);
    if (w->part > 0)
        printf(_("; +%.2f: the decision itself"), w->part);
    else if (w->part < 0)
        printf(_("; %.2f: a debate, an agenda or a list"), w->part);
    put_reranked(w);
    printf("\n");
}

/* The other documents that the act stands in. */
static void put_copies(const struct grf_result *r)
{
    for (size_t i = 0; i < r->n_copies; i++) {
        const struct grf_copy *c = &r->copies[i];
        printf("%*s%s", INDENT, "", _("also in the file "));
        grf_log_put(stdout, c->doc.rel ? c->doc.rel : c->doc.title);
        printf("#page=%d\n", c->page);
    }
}

/* "also in 2021, 2019, 2018": the years of the acts that say the same. */
static void put_also(const struct grf_result *r)
{
    const char *last = r->act.act.session_date;
    bool any = false;
    for (size_t i = 0; i < r->n_also; i++) {
        const char *date = r->also[i].act.session_date;
        if (strncmp(date, last, 4) == 0)
            continue;
        if (!any)
            printf("%*s%s", INDENT, "", _("also in "));
        printf("%s%.4s", any ? ", " : "", date);
        any = true;
        last = date;
    }
    if (any)
        printf("\n");
}

void put_head(size_t rank, struct grf_sv line, const struct look *l)
{
    struct marking none = {.n = 0};
    printf("%s%2zu. ", l->colour ? BOLD : "", rank);
    size_t end = line_end(line, 0, l->width - INDENT);
    printf("%.*s\n", (int)end, line.p);
    while (end < line.n && line.p[end] == ' ')
        end++;
    put_wrapped(&none, grf_sv(line.p + end, line.n - end), l->width);
    printf("%s", l->colour ? PLAIN : "");
}

static void put_result(const struct grf_result *r, size_t rank, const struct look *l)
{
    struct grf_str s;
    grf_str_init(&s, 65536);
    act_line(&s, &r->act.act, r->doc.title);
    put_head(rank, grf_str_sv(&s), l);
    grf_str_release(&s);
    put_quote(r->quote, l);
    printf("%*s%s", INDENT, "", l->colour ? DIM : "");
    grf_log_put(stdout, r->doc.rel ? r->doc.rel : r->doc.title);
    printf("#page=%d  [%s]%s\n", r->passage.page, r->passage.key, l->colour ? PLAIN : "");
    if (r->text_state == GRF_TEXT_LAYER || r->text_state == GRF_TEXT_OCR)
        printf("%*s%s\n", INDENT, "",
               _("text recognised from an image: check it on the page"));
    put_copies(r);
    put_also(r);
    if (l->explain)
        put_why(&r->why);
}

void render_citation(const struct grf_citation *c, const struct grf_lawstate *state,
                     size_t rank, bool colour)
{
    struct look l = {.mark = &c->mark, .width = terminal_width(), .colour = colour};
    if (rank > 1)
        printf("\n");
    put_result(&c->result, rank, &l);
    if (state->at.legi_id[0] && state->at.url[0])
        printf("%*s%s\n", INDENT, "", state->at.url);
}

static void put_refusal(const struct grf_answer *a)
{
    if (a->refusal == GRF_REFUSED_EMPTY) {
        printf("%s\n", _("The base is empty: no document is in it yet; add some with "
                         "greffier-index add FOLDER"));
        return;
    }
    printf("%s\n", _("Not found in the acts."));
    if (a->refusal == GRF_REFUSED_NO_WORD)
        printf("%s\n", _("The question has no word that tells what it is about: all its "
                         "words are too common."));
    else if (a->refusal == GRF_REFUSED_NUMBER)
        printf("%s\n", _("No act has the number that is asked for."));
    else if (a->refusal == GRF_REFUSED_TIME)
        printf("%s\n", _("No act on this has the date that is asked for."));
    if (a->n)
        printf("%s\n\n", _("The nearest passages, which do not answer the question:"));
}

void render_text(const struct grf_answer *a, struct grf_sv question, bool explain,
                 bool colour)
{
    struct look l = {.question = question,
                     .width = terminal_width(),
                     .explain = explain,
                     .colour = colour};
    if (!a->found)
        put_refusal(a);
    for (size_t i = 0; i < a->n; i++) {
        put_result(&a->v[i], i + 1, &l);
        if (i + 1 < a->n)
            printf("\n");
    }
}

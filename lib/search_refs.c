/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acts by the law they cite. */
#include "grf_search_refs.h"

#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "search_priv.h"

enum {
    QUOTE_HARD = 600,  /* bytes: a longer sentence is cut around the mention */
    QUOTE_BEFORE = 240 /* bytes of it that stay before the mention */
};

/* ---- filter terms */

static grf_status add_term(struct grf_ref_terms *t, const char *term, struct grf_err *err)
{
    if (t->n && grf_ref_same(t->v[t->n - 1], term))
        return GRF_OK; /* rows come in order of their keys */
    if (t->n == GRF_REF_TERMS_MAX)
        return grf_fail(err, GRF_LIMIT, "%s",
                        _("too many references below the one asked for; ask for less"));
    if (grf_grow(&t->v, t->n, &t->cap, sizeof(*t->v)))
        return grf_fail_nomem(err);
    size_t n = strnlen(term, GRF_REF_TERM_MAX - 1);
    memcpy(t->v[t->n], term, n);
    t->v[t->n++][n] = 0;
    return GRF_OK;
}

struct term_search {
    const struct grf_ref_asked *asked;
    struct grf_ref_terms *out;
};

/* Of a range, the end that meets; when only its inside does, the range itself. */
static grf_status take_term(void *data, const struct grf_ref_row *row, struct grf_err *err)
{
    struct term_search *s = data;
    char term[GRF_REF_TERM_MAX];
    if (grf_ref_meets(s->asked, row->ref.canon, ""))
        return add_term(s->out, row->ref.canon, err);
    if (grf_ref_meets(s->asked, row->ref.to, ""))
        return add_term(s->out, row->ref.to, err);
    grf_actref_term(&row->ref, term);
    return add_term(s->out, term, err);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

grf_status grf_ref_terms_add(struct grf_base *base, const struct grf_ref_asked *asked,
                             struct grf_ref_terms *out, struct grf_err *err)
{
    struct term_search s = {asked, out};
    grf_status st = GRF_OK;
    size_t n = 0;
    for (size_t i = 0; i < asked->n && !st; i++)
        st = add_term(out, asked->v[i].canon, err);
    if (!st)
        st = grf_meta_each_ref(base->meta, asked, take_term, &s, err);
    if (st)
        return st;
    if (out->n)
        qsort(out->v, out->n, sizeof(*out->v), by_text);
    for (size_t i = 0; i < out->n; i++) {
        if (!n || !grf_ref_same(out->v[n - 1], out->v[i]))
            memmove(out->v[n++], out->v[i], sizeof(*out->v));
    }
    out->n = n;
    return GRF_OK;
}

void grf_ref_terms_release(struct grf_ref_terms *t)
{
    grf_free(t->v);
    memset(t, 0, sizeof(*t));
}

/* ---- acts that cite */

struct mention {
    int64_t act_id, row_id, date;
    int page;
    size_t start, end;
};

struct search {
    const struct grf_citing_opts *opts;
    struct mention *v;
    size_t n, cap;
};

static bool passes(const struct grf_citing_opts *o, const struct grf_ref_row *row, int64_t date)
{
    if ((o->date_from && date < o->date_from) || (o->date_to && (!date || date > o->date_to)))
        return false;
    for (size_t i = 0; i < o->n_bodies; i++) {
        if (grf_text_same_key(row->body, o->bodies[i]))
            return true;
    }
    return !o->n_bodies;
}

static grf_status take_mention(void *data, const struct grf_ref_row *row, struct grf_err *err)
{
    struct search *s = data;
    struct grf_date d;
    int64_t date = grf_date_parse_iso(row->session_date, &d) ? grf_date_key(d) : 0;
    if (!passes(s->opts, row, date))
        return GRF_OK;
    if (grf_grow(&s->v, s->n, &s->cap, sizeof(*s->v)))
        return grf_fail_nomem(err);
    s->v[s->n++] = (struct mention){row->act_id,   row->id,        date,
                                    row->ref.page, row->ref.start, row->ref.end};
    return GRF_OK;
}

static int by_act(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    if (x->date != y->date)
        return x->date < y->date ? 1 : -1;
    if (x->act_id != y->act_id)
        return x->act_id < y->act_id ? -1 : 1;
    return (x->row_id > y->row_id) - (x->row_id < y->row_id);
}

/* Sorts, and leaves one of each row. */
static void put_in_order(struct search *s)
{
    size_t n = 0;
    if (s->n)
        qsort(s->v, s->n, sizeof(*s->v), by_act);
    for (size_t i = 0; i < s->n; i++) {
        if (!n || s->v[n - 1].row_id != s->v[i].row_id)
            s->v[n++] = s->v[i];
    }
    s->n = n;
}

struct passage_search {
    struct grf_meta *meta;
    const struct mention *mention;
    struct grf_passage_row *out;
    bool found;
};

static grf_status look_at_passage(void *data, int64_t id, struct grf_err *err)
{
    struct passage_search *s = data;
    struct grf_passage_row p;
    if (s->found)
        return GRF_OK;
    grf_status st = grf_meta_passage(s->meta, id, &p, err);
    s->found = !st && p.page == s->mention->page && p.start <= s->mention->start &&
               s->mention->start < p.end;
    if (s->found)
        *s->out = p;
    return st;
}

/* A sentence longer than can be read is cut between words around the mention. */
static void cut_around(struct grf_sv page, const struct mention *m, struct grf_span *q)
{
    if (q->end - q->start <= QUOTE_HARD)
        return;
    if (m->start - q->start > QUOTE_BEFORE) {
        size_t from = m->start - QUOTE_BEFORE;
        while (from < m->start && page.p[from] != ' ' && page.p[from] != '\n')
            from++;
        q->start = from < m->start ? from + 1 : m->start;
    }
    if (q->end - q->start <= QUOTE_HARD)
        return;
    size_t to = q->start + QUOTE_HARD;
    while (to > m->end && page.p[to] != ' ' && page.p[to] != '\n')
        to--;
    q->end = to > m->end ? to : m->end;
}

static struct grf_span sentence_of(struct grf_sv page, const struct grf_passage_row *p,
                                   const struct mention *m)
{
    struct grf_span s, out = {p->start, p->end};
    struct grf_sv text = grf_sv(page.p + p->start, p->end - p->start);
    size_t at = 0;
    while (grf_text_sentence(text, &at, &s)) {
        if (p->start + s.start <= m->start && m->start < p->start + s.end) {
            out = (struct grf_span){p->start + s.start, p->start + s.end};
            break;
        }
    }
    if (out.end < m->end && m->end <= p->end)
        out.end = m->end; /* the sentence was cut inside the reference */
    cut_around(page, m, &out);
    return out;
}

/* Where bytes [quote start, to) of the page end in the quote, whose blanks are folded. */
static grf_status folded_length(struct grf_sv page, size_t from, size_t to, size_t *n,
                                struct grf_err *err)
{
    char *z = fold_blanks(grf_sv(page.p + from, to > from ? to - from : 0), err);
    *n = z ? strlen(z) : 0;
    grf_free(z);
    return z ? GRF_OK : GRF_NOMEM;
}

static grf_status quote(struct grf_base *b, struct grf_citation *c, const struct mention *m,
                        struct grf_err *err)
{
    struct grf_result *r = &c->result;
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(b->meta, r->doc.id, m->page, true, &p, err);
    struct grf_sv page = grf_str_sv(&p.text);
    if (!st && (r->passage.end > page.n || m->end > page.n || m->start > m->end))
        st = grf_fail(err, GRF_CORRUPT, _("a reference in %s leaves its page; run "
                                          "greffier-index verify"), r->act.key);
    if (!st) {
        struct grf_span q = sentence_of(page, &r->passage, m);
        st = fill_quote(r, &p, q.start, q.end, err);
        if (!st)
            st = folded_length(page, q.start, m->start, &c->mark.start, err);
        if (!st)
            st = folded_length(page, q.start, m->end, &c->mark.end, err);
    }
    grf_page_release(&p);
    if (!st)
        st = grf_prove_quote(b, r->doc.id, m->page, r->span_start, r->span_end,
                             grf_sv_z(r->quote), err);
    return st;
}

static void set_ref(struct grf_citation *c, const struct mention *m)
{
    const struct grf_act *a = &c->result.act.act;
    for (size_t i = 0; i < a->n_refs; i++) {
        const struct grf_actref *r = &a->refs[i];
        if (r->page == m->page && r->start == m->start && r->end == m->end)
            c->ref = *r;
    }
}

static grf_status fill(struct grf_base *b, struct grf_citation *c, const struct mention *m,
                       struct grf_err *err)
{
    struct grf_result *r = &c->result;
    struct passage_search s = {b->meta, m, &r->passage, false};
    grf_status st = grf_meta_act(b->meta, m->act_id, &r->act, err);
    if (!st)
        st = grf_meta_act_refs(b->meta, m->act_id, &r->act.act, err);
    if (!st)
        st = grf_meta_doc(b->meta, r->act.doc_id, &r->doc, err);
    if (!st)
        st = grf_meta_each_passage_of_act(b->meta, m->act_id, look_at_passage, &s, err);
    if (!st && !s.found)
        st = grf_fail(err, GRF_CORRUPT, _("a reference in %s is in no passage; run "
                                          "greffier-index verify"), r->act.key);
    if (!st)
        st = quote(b, c, m, err);
    set_ref(c, m);
    return st;
}

static grf_status collect(struct grf_base *b, const struct search *s, struct grf_citations *out,
                          struct grf_err *err)
{
    grf_status st = GRF_OK;
    out->v = grf_calloc(s->opts->n + 1, sizeof(*out->v));
    if (!out->v)
        return grf_fail_nomem(err);
    for (size_t i = 0, next; i < s->n && !st; i = next) {
        for (next = i + 1; next < s->n && s->v[next].act_id == s->v[i].act_id;)
            next++;
        out->acts++;
        if (out->n == s->opts->n)
            continue;
        struct grf_citation *c = &out->v[out->n++];
        c->mentions = next - i;
        st = fill(b, c, &s->v[i], err);
    }
    return st;
}

grf_status grf_citing(struct grf_base *base, const struct grf_ref_asked *asked,
                      const struct grf_citing_opts *opts, struct grf_citations *out,
                      struct grf_err *err)
{
    struct search s = {.opts = opts};
    memset(out, 0, sizeof(*out));
    grf_status st = grf_meta_each_ref(base->meta, asked, take_mention, &s, err);
    if (!st) {
        put_in_order(&s);
        st = collect(base, &s, out, err);
    }
    grf_free(s.v);
    if (st)
        grf_citations_release(out);
    return st;
}

void grf_citations_release(struct grf_citations *c)
{
    for (size_t i = 0; i < c->n; i++)
        result_release(&c->v[i].result);
    grf_free(c->v);
    memset(c, 0, sizeof(*c));
}

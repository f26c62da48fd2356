/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching: from a question to results with proven quotes. */
#include "grf_search.h"

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "search_priv.h"

void grf_answer_release(struct grf_answer *a)
{
    for (size_t i = 0; i < a->n; i++)
        result_release(&a->v[i]);
    grf_free(a->v);
    memset(a, 0, sizeof(*a));
}

/* ---- quotes */

static grf_status add_boxes(struct grf_result *r, const struct grf_page *p,
                            struct grf_err *err)
{
    enum { BOXES_MAX = 64 };
    struct grf_box boxes[BOXES_MAX];
    size_t n = BOXES_MAX;
    grf_page_boxes(p, r->byte_start, r->byte_end, boxes, &n);
    r->boxes = grf_calloc(n + 1, sizeof(*boxes));
    if (!r->boxes)
        return grf_fail_nomem(err);
    memcpy(r->boxes, boxes, n * sizeof(*boxes));
    r->n_boxes = n;
    return GRF_OK;
}

grf_status fill_quote(struct grf_result *r, const struct grf_page *p, size_t start, size_t end,
                      struct grf_err *err)
{
    struct grf_sv page = grf_str_sv(&p->text);
    r->byte_start = start;
    r->byte_end = end;
    r->span_start = grf_text_chars(grf_sv(page.p, start));
    r->span_end = r->span_start + grf_text_chars(grf_sv(page.p + start, end - start));
    r->page_width = p->width;
    r->page_height = p->height;
    r->text_state = p->state;
    r->quote = fold_blanks(grf_sv(page.p + start, end - start), err);
    return r->quote ? add_boxes(r, p, err) : GRF_NOMEM;
}

/* What the page has of the act: the sentence that answers may stand beside the passage that
   was found. */
static struct grf_span act_on_page(const struct grf_result *r, size_t page_n)
{
    enum { TEXT_MOST = 12000 };
    const struct grf_act *a = &r->act.act;
    struct grf_span s = {0, page_n};
    if (a->first_page == r->passage.page)
        s.start = a->first_char;
    if (a->last_page == r->passage.page && a->last_char < page_n)
        s.end = a->last_char;
    if (s.start > r->passage.start || s.end < r->passage.end || s.end - s.start > TEXT_MOST)
        s = (struct grf_span){r->passage.start, r->passage.end};
    return s;
}

static grf_status set_quote(struct run *run, struct grf_result *r, const struct grf_page *p,
                            struct quote_choice *q, struct grf_err *err)
{
    struct grf_span in;
    struct grf_sv page = grf_str_sv(&p->text);
    if (r->passage.start > r->passage.end || r->passage.end > page.n)
        return grf_fail(err, GRF_CORRUPT, _("passage %s leaves its page; run "
                                            "greffier-index verify"), r->passage.key);
    in = act_on_page(r, page.n);
    grf_status st = choose_quote(&run->u, run->embedder, run->question_vec,
                                 grf_sv_z(r->act.act.subject), page,
                                 in, q, err);
    r->why.subjects = subjects_in(&run->u, grf_sv_z(r->act.act.subject),
                                  grf_sv(page.p + r->passage.start,
                                         r->passage.end - r->passage.start));
    return st;
}

/* Of the page's words, whose boxes are read, those behind the quote are not needed. */
static grf_status quote_and_prove(struct run *run, struct grf_result *r, bool *read,
                                  struct grf_err *err)
{
    struct grf_page p;
    struct quote_choice q;
    struct grf_meta *m = run->base->meta;
    grf_page_init(&p);
    grf_status st = grf_meta_page(m, r->passage.doc_id, r->passage.page, false, &p, err);
    *read = st == GRF_OK;
    if (!st)
        st = set_quote(run, r, &p, &q, err);
    if (!st && !run->opts->boxless) {
        st = grf_meta_page_words(m, r->passage.doc_id, q.end, &p, err);
        *read = st == GRF_OK;
    }
    if (!st)
        st = fill_quote(r, &p, q.start, q.end, err);
    if (!st)
        st = prove_on_page(&p, r->span_start, r->span_end, grf_sv_z(r->quote), err);
    grf_page_release(&p);
    return st;
}

/* The quote of a passage does not depend on its place in the answer: where this question has
   chosen and proven it already, in the same snapshot, it is taken over. */
static bool take_quote(struct run *run, struct grf_result *r)
{
    for (size_t i = 0; run->before && i < run->before->n; i++) {
        struct grf_result *b = &run->before->v[i];
        if (b->passage.id != r->passage.id || !b->quote)
            continue;
        r->quote = b->quote;
        r->boxes = b->boxes;
        r->n_boxes = b->n_boxes;
        r->span_start = b->span_start;
        r->span_end = b->span_end;
        r->byte_start = b->byte_start;
        r->byte_end = b->byte_end;
        r->page_width = b->page_width;
        r->page_height = b->page_height;
        r->text_state = b->text_state;
        r->why.subjects = b->why.subjects;
        b->quote = NULL;
        b->boxes = NULL;
        b->n_boxes = 0;
        return true;
    }
    return false;
}

/* What cannot be proven is not shown: the last of v goes. Where the page cannot even be
   read, another answer than the right one would come of it: there is none, then. */
static grf_status prove_last(struct run *run, struct grf_result *v, size_t *n,
                             struct grf_err *err)
{
    struct grf_result *r = &v[*n - 1];
    bool read;
    if (take_quote(run, r))
        return GRF_OK;
    grf_status st = quote_and_prove(run, r, &read, err);
    if (st != GRF_CORRUPT || !read)
        return st;
    grf_log(GRF_LOG_WARNING, "passage %s: not shown: %s", r->passage.key,
            err ? err->msg : "corrupt");
    result_release(r);
    (*n)--;
    return GRF_OK;
}

grf_status prove(struct run *run, struct grf_answer *a, struct grf_err *err)
{
    if (run->opts->quoted && a->n > run->opts->quoted)
        return GRF_OK;
    return prove_last(run, a->v, &a->n, err);
}

void grf_result_release(struct grf_result *r)
{
    result_release(r);
}

static grf_status check_question(const struct run *r, struct grf_err *err)
{
    if (r->u.text.n > GRF_QUESTION_MAX)
        return grf_fail(err, GRF_INVALID, _("the question is longer than %d bytes"),
                        GRF_QUESTION_MAX);
    if (grf_text_valid(r->u.text) != r->u.text.n)
        return grf_fail(err, GRF_INVALID, "%s", _("the question is not valid UTF-8 text"));
    if (!r->u.n_clauses && !filtered(r->opts))
        return grf_fail(err, GRF_INVALID, "%s", _("the question has no word to look for"));
    return GRF_OK;
}

/* When nothing of the year that is asked answers, the nearest of other years are shown
   in their own order; if they would have answered, it is the year that was wanting. */
static grf_status show_nearest(struct run *run, struct grf_answer *a, struct grf_err *err)
{
    const struct grf_evidence evidence = a->evidence;
    const grf_refusal refusal = a->refusal;
    if (!asks_the_act(&run->u))
        return GRF_OK;
    struct grf_answer before = *a;
    memset(a, 0, sizeof(*a));
    run->anyway = true;
    run->before = &before;
    grf_status st = rank(run, a, err);
    run->before = NULL;
    grf_answer_release(&before);
    if (!st)
        st = judge(run, a, err);
    a->evidence = evidence;
    a->refusal = refusal == GRF_REFUSED_EVIDENCE && a->found ? GRF_REFUSED_TIME : refusal;
    a->found = false;
    return st;
}

grf_status grf_search(struct grf_base *base, struct grf_embedder *embedder,
                      struct grf_sv question, const struct grf_search_opts *opts,
                      struct grf_answer *out, struct grf_err *err)
{
    struct run r = {.base = base, .fulltext = base->fulltext,
                    .thesaurus = &base->thesaurus, .embedder = embedder, .opts = opts};
    memset(out, 0, sizeof(*out));
    struct grf_sv kept = question.n > GRF_QUESTION_MAX ? grf_sv("", 0) : question;
    grf_status st = understand(kept, &r.u, err);
    r.u.text = question;
    if (!st)
        st = check_question(&r, err);
    if (!st)
        st = gather(&r, err);
    if (!st)
        st = rank(&r, out, err);
    if (!st)
        st = judge(&r, out, err);
    if (!st && (out->refusal == GRF_REFUSED_TIME || out->refusal == GRF_REFUSED_NUMBER ||
                out->refusal == GRF_REFUSED_EVIDENCE))
        st = show_nearest(&r, out, err);
    if (!st && out->n > 1 && can_rerank(&r))
        st = rerank_answer(&r, out, err);
    if (st)
        grf_answer_release(out);
    understood_release(&r.u);
    grf_free(r.question_vec);
    grf_free(r.c);
    return st;
}

grf_status grf_search_quote(struct grf_base *base, struct grf_embedder *embedder,
                            struct grf_sv question, const struct grf_search_opts *opts,
                            struct grf_result *v, size_t *n, struct grf_err *err)
{
    struct run r = {.base = base, .fulltext = base->fulltext,
                    .thesaurus = &base->thesaurus, .embedder = embedder, .opts = opts};
    size_t all = *n, kept = 0, quoted = 0;
    while (quoted < all && v[quoted].quote)
        quoted++;
    if (quoted == all)
        return GRF_OK;
    grf_status st = understand(question, &r.u, err);
    if (!st)
        st = prepare_quotes(&r, err);
    for (size_t i = 0; i < all && !st; i++) {
        struct grf_result one = v[i];
        memset(&v[i], 0, sizeof(v[i]));
        v[kept++] = one;
        if (!one.quote)
            st = prove_last(&r, v, &kept, err);
    }
    if (!st)
        *n = kept;
    understood_release(&r.u);
    grf_free(r.question_vec);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers as JSON Lines: the fields that other programs rely on. */
#include <stdio.h>

#include "grf_json.h"
#include "render.h"
#include "render_law.h"

enum { LINE_MOST = RENDER_LINE_MOST };

static void count_or_null(struct grf_json *j, const char *key, int v)
{
    if (v < 0)
        grf_json_kv_null(j, key);
    else
        grf_json_kv_int(j, key, v);
}

static void text_or_null(struct grf_json *j, const char *key, const char *z)
{
    grf_json_kv_textz(j, key, z && z[0] ? z : NULL);
}

void votes_json(struct grf_json *j, const struct grf_votes *v)
{
    grf_json_object(j);
    count_or_null(j, "for", v->in_favour);
    count_or_null(j, "against", v->against);
    count_or_null(j, "abstention", v->abstention);
    if (v->unanimous < 0)
        grf_json_kv_null(j, "unanimous");
    else
        grf_json_kv_bool(j, "unanimous", v->unanimous > 0);
    grf_json_end_object(j);
}

static void act_fields(struct grf_json *j, const struct grf_act_row *row)
{
    const struct grf_act *a = &row->act;
    grf_json_kv_textz(j, "id", row->key);
    text_or_null(j, "body", a->body);
    grf_json_kv_textz(j, "kind", grf_act_kind_name(a->kind));
    text_or_null(j, "number", a->number);
    text_or_null(j, "subject", a->subject);
    text_or_null(j, "session_date", a->session_date);
    text_or_null(j, "matter", a->matter);
    grf_json_key(j, "votes");
    votes_json(j, &a->votes);
}

void act_json(struct grf_json *j, const struct grf_act_row *row)
{
    grf_json_object(j);
    act_fields(j, row);
    grf_json_end_object(j);
}

void document_json(struct grf_json *j, const struct grf_doc_row *d)
{
    grf_json_key(j, "document");
    grf_json_object(j);
    grf_json_kv_textz(j, "path", d->rel ? d->rel : d->title);
    grf_json_kv_textz(j, "sha256", d->sha256);
    grf_json_kv_textz(j, "url", d->url);
    grf_json_end_object(j);
}

void refs_json(struct grf_json *j, const struct grf_act *a)
{
    const char *refs[GRF_ACTREFS_INDEXED];
    size_t n = grf_actrefs_list(a, refs, GRF_ACTREFS_INDEXED);
    grf_json_key(j, "refs");
    grf_json_array(j);
    for (size_t i = 0; i < n; i++)
        grf_json_textz(j, refs[i]);
    grf_json_end_array(j);
}

static void boxes_json(struct grf_json *j, const struct grf_result *r)
{
    grf_json_key(j, "boxes");
    grf_json_array(j);
    for (size_t i = 0; i < r->n_boxes; i++) {
        const struct grf_box *b = &r->boxes[i];
        grf_json_array(j);
        grf_json_real(j, (double)b->x0, 1);
        grf_json_real(j, (double)b->y0, 1);
        grf_json_real(j, (double)b->x1, 1);
        grf_json_real(j, (double)b->y1, 1);
        grf_json_end_array(j);
    }
    grf_json_end_array(j);
}

void why_json(struct grf_json *j, const struct grf_why *w)
{
    grf_json_key(j, "why");
    grf_json_object(j);
    count_or_null(j, "lexical_rank", w->lexical_rank ? w->lexical_rank : -1);
    count_or_null(j, "vector_rank", w->vector_rank ? w->vector_rank : -1);
    grf_json_kv_real(j, "bm25", w->bm25, 4);
    grf_json_kv_real(j, "cosine", w->cosine, 4);
    grf_json_kv_real(j, "lexical", w->lexical, 4);
    grf_json_kv_real(j, "vector", w->vector, 4);
    grf_json_kv_real(j, "vector_weight", w->vector_weight, 2);
    grf_json_kv_real(j, "named", w->named, 4);
    grf_json_kv_real(j, "part", w->part, 4);
    if (w->rerank_from) {
        grf_json_kv_real(j, "rerank", w->rerank, 4);
        grf_json_kv_int(j, "rerank_from", w->rerank_from);
        grf_json_kv_int(j, "rerank_to", w->rerank_to);
    }
    grf_json_kv_textz(j, "matched", w->matched);
    grf_json_end_object(j);
}

/* From "id" to "refs": what is shown and where it stands. */
static void quoted_json(struct grf_json *j, const struct grf_result *r)
{
    grf_json_kv_textz(j, "id", r->passage.key);
    document_json(j, &r->doc);
    grf_json_kv_int(j, "page", r->passage.page);
    grf_json_kv_textz(j, "quote", r->quote);
    grf_json_key(j, "span");
    grf_json_array(j);
    grf_json_int(j, (int64_t)r->span_start);
    grf_json_int(j, (int64_t)r->span_end);
    grf_json_end_array(j);
    boxes_json(j, r);
    grf_json_kv_textz(j, "text_state", grf_text_state_name(r->text_state));
    grf_json_key(j, "act");
    act_json(j, &r->act);
    refs_json(j, &r->act.act);
}

static void copy_json(struct grf_json *j, const struct grf_copy *c)
{
    grf_json_object(j);
    act_fields(j, &c->act);
    grf_json_kv_bool(j, "copy", true);
    document_json(j, &c->doc);
    grf_json_kv_int(j, "page", c->page);
    grf_json_end_object(j);
}

/* The act in other documents, and acts of other years that say the same: only when there
   are any. */
static void also_json(struct grf_json *j, const struct grf_result *r)
{
    if (!r->n_also && !r->n_copies)
        return;
    grf_json_key(j, "also");
    grf_json_array(j);
    for (size_t i = 0; i < r->n_copies; i++)
        copy_json(j, &r->copies[i]);
    for (size_t i = 0; i < r->n_also; i++)
        act_json(j, &r->also[i]);
    grf_json_end_array(j);
}

static void result_json(struct grf_json *j, const struct grf_result *r, size_t rank,
                        bool found, bool explain)
{
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", found ? "result" : "nearest");
    grf_json_kv_int(j, "rank", (int64_t)rank);
    grf_json_kv_real(j, "score", r->score, 4);
    quoted_json(j, r);
    also_json(j, r);
    if (explain)
        why_json(j, &r->why);
    grf_json_end_object(j);
}

static void put_line(struct grf_str *s, struct grf_str *sink)
{
    grf_str_addc(s, '\n');
    if (sink)
        grf_str_addsv(sink, grf_str_sv(s));
    else
        fwrite(s->p, 1, s->n, stdout);
    grf_str_release(s);
}

void print_json_line(struct grf_str *s)
{
    put_line(s, NULL);
}

static void citation_json(struct grf_json *j, const struct grf_citation *c,
                          const struct grf_lawstate *state, size_t rank)
{
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", "citing");
    grf_json_kv_int(j, "rank", (int64_t)rank);
    quoted_json(j, &c->result);
    grf_json_kv_textz(j, "ref", c->ref.canon);
    text_or_null(j, "to", c->ref.to);
    grf_json_kv_text(j, "string", grf_sv(c->result.quote + c->mark.start,
                                         c->mark.end - c->mark.start));
    grf_json_kv_int(j, "mentions", (int64_t)c->mentions);
    grf_json_key(j, "law");
    grf_json_object(j);
    lawstate_json(j, state);
    grf_json_end_object(j);
    grf_json_end_object(j);
}

void render_citations_json(const struct grf_citations *c, const struct grf_lawstate *states,
                           const struct grf_ref_asked *asked, double ms, struct grf_str *sink)
{
    struct grf_json j;
    struct grf_str s;
    for (size_t i = 0; i < c->n; i++) {
        grf_str_init(&s, LINE_MOST);
        grf_json_begin(&j, &s);
        citation_json(&j, &c->v[i], &states[i], i + 1);
        put_line(&s, sink);
    }
    grf_str_init(&s, LINE_MOST);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "summary");
    grf_json_key(&j, "asked");
    grf_json_array(&j);
    for (size_t i = 0; i < asked->n; i++) {
        grf_json_textz(&j, asked->v[i].canon);
        if (asked->v[i].to[0])
            grf_json_textz(&j, asked->v[i].to);
    }
    grf_json_end_array(&j);
    grf_json_kv_int(&j, "results", (int64_t)c->n);
    grf_json_kv_int(&j, "acts", (int64_t)c->acts);
    grf_json_kv_real(&j, "ms", ms, 1);
    grf_json_end_object(&j);
    put_line(&s, sink);
}

/* law: how many articles come after the acts; negative where none were looked for. */
static void summary_json(struct grf_json *j, const struct grf_answer *a, int law, double ms)
{
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", "summary");
    grf_json_kv_textz(j, "verdict", a->found ? "found" : "not_found");
    if (!a->found)
        grf_json_kv_textz(j, "reason", grf_refusal_name(a->refusal));
    grf_json_kv_int(j, "results", (int64_t)a->n);
    if (law >= 0)
        grf_json_kv_int(j, "law", law);
    grf_json_kv_real(j, "ms", ms, 1);
    grf_json_end_object(j);
}

void render_json(const struct grf_answer *a, const struct grf_law_results *law,
                 bool explain, double ms)
{
    struct grf_json j;
    struct grf_str s;
    for (size_t i = 0; i < a->n; i++) {
        grf_str_init(&s, LINE_MOST);
        grf_json_begin(&j, &s);
        result_json(&j, &a->v[i], i + 1, a->found, explain);
        print_json_line(&s);
    }
    if (law)
        render_law_lines(law, "law", explain);
    grf_str_init(&s, LINE_MOST);
    grf_json_begin(&j, &s);
    summary_json(&j, a, law ? (int)law->n : -1, ms);
    print_json_line(&s);
}

void answer_json(struct grf_str *out, const struct grf_answer *a,
                 const struct grf_law_results *law, bool explain, double ms)
{
    struct grf_json j;
    grf_json_begin(&j, out);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_key(&j, "results");
    grf_json_array(&j);
    for (size_t i = 0; i < a->n; i++)
        result_json(&j, &a->v[i], i + 1, a->found, explain);
    for (size_t i = 0; law && i < law->n; i++)
        law_result_json(&j, &law->v[i], i + 1, "law", explain);
    grf_json_end_array(&j);
    grf_json_key(&j, "summary");
    summary_json(&j, a, law ? (int)law->n : -1, ms);
    grf_json_end_object(&j);
    grf_str_addc(out, '\n');
}

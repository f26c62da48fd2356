/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Articles of law found by a search, for programs and for people. */
#include <stdio.h>

#include "grf_i18n.h"
#include "grf_json.h"
#include "render.h"
#include "render_law.h"

#define DOT " \xC2\xB7 "

static void ref_of(const struct grf_law_result *r, struct grf_str *out)
{
    grf_str_addf(out, "%s/%s", r->article.name, r->article.num);
}

/* ---- JSON */

static void law_json(struct grf_json *j, const struct grf_law_result *r, const char *ref)
{
    const struct grf_law_answer *a = &r->answer;
    struct grf_str link;
    grf_str_init(&link, 4096);
    grf_law_link(a, &link);
    grf_json_key(j, "law");
    grf_json_object(j);
    grf_json_kv_textz(j, "ref", ref);
    grf_json_kv_textz(j, "code", r->article.name);
    grf_json_kv_textz(j, "title", r->article.title);
    grf_json_kv_textz(j, "article", r->article.num);
    grf_json_kv_textz(j, "section", r->section);
    grf_json_kv_textz(j, "legi_id", a->version.legi_id[0] ? a->version.legi_id : NULL);
    grf_json_kv_textz(j, "url", link.n ? link.p : NULL);
    law_day_json(j, "valid_from", a->version.valid_from);
    law_day_json(j, "valid_to", a->version.valid_to);
    grf_json_kv_textz(j, "state", grf_law_state_name(a->state));
    if (a->state == GRF_LAW_UNKNOWN)
        grf_json_kv_textz(j, "why", grf_law_why_name(a->why));
    law_day_json(j, "known_until", a->known_until);
    grf_json_end_object(j);
    grf_str_release(&link);
}

static void quoted_json(struct grf_json *j, const struct grf_law_result *r, const char *ref)
{
    struct grf_str id;
    grf_str_init(&id, 4096);
    grf_str_addf(&id, "%s#%d", ref, r->passage.ordinal);
    grf_json_kv_textz(j, "id", id.p);
    grf_json_kv_null(j, "document");
    grf_json_kv_null(j, "page");
    grf_json_kv_textz(j, "quote", r->quote);
    grf_json_key(j, "span");
    grf_json_array(j);
    grf_json_int(j, (int64_t)r->span_start);
    grf_json_int(j, (int64_t)r->span_end);
    grf_json_end_array(j);
    grf_json_key(j, "boxes");
    grf_json_array(j);
    grf_json_end_array(j);
    grf_json_kv_null(j, "act");
    grf_json_key(j, "refs");
    grf_json_array(j);
    grf_json_end_array(j);
    grf_str_release(&id);
}

void law_result_json(struct grf_json *j, const struct grf_law_result *r, size_t rank,
                     const char *type, bool explain)
{
    struct grf_str ref;
    grf_str_init(&ref, 4096);
    ref_of(r, &ref);
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", type);
    grf_json_kv_int(j, "rank", (int64_t)rank);
    grf_json_kv_real(j, "score", r->score, 4);
    quoted_json(j, r, ref.p);
    law_json(j, r, ref.p);
    if (explain)
        why_json(j, &r->why);
    grf_json_end_object(j);
    grf_str_release(&ref);
}

void render_law_lines(const struct grf_law_results *law, const char *type, bool explain)
{
    struct grf_json j;
    struct grf_str s;
    for (size_t i = 0; i < law->n; i++) {
        grf_str_init(&s, RENDER_LINE_MOST);
        grf_json_begin(&j, &s);
        law_result_json(&j, &law->v[i], i + 1, type, explain);
        print_json_line(&s);
    }
}

/* With --explain: what decided between found and not. */
static void evidence_json(struct grf_json *j, const struct grf_evidence *e)
{
    grf_json_key(j, "evidence");
    grf_json_object(j);
    grf_json_kv_real(j, "cosine", e->cosine, 4);
    grf_json_kv_real(j, "spread", e->spread, 4);
    grf_json_kv_real(j, "share", e->share, 4);
    grf_json_kv_real(j, "joint", e->joint, 4);
    grf_json_kv_bool(j, "named", e->named);
    grf_json_kv_real(j, "score", e->score, 4);
    grf_json_end_object(j);
}

static void law_summary_json(struct grf_json *j, const struct grf_law_results *law,
                             bool explain, double ms)
{
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", "summary");
    grf_json_kv_textz(j, "verdict", law->found ? "found" : "not_found");
    grf_json_kv_int(j, "results", (int64_t)law->n);
    if (explain)
        evidence_json(j, &law->evidence);
    grf_json_kv_real(j, "ms", ms, 1);
    grf_json_end_object(j);
}

void render_law_json(const struct grf_law_results *law, bool explain, double ms)
{
    struct grf_json j;
    struct grf_str s;
    render_law_lines(law, law->found ? "result" : "nearest", explain);
    grf_str_init(&s, RENDER_LINE_MOST);
    grf_json_begin(&j, &s);
    law_summary_json(&j, law, explain, ms);
    print_json_line(&s);
}

void law_answer_json(struct grf_str *out, const struct grf_law_results *law, double ms)
{
    struct grf_json j;
    grf_json_begin(&j, out);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_key(&j, "results");
    grf_json_array(&j);
    for (size_t i = 0; i < law->n; i++)
        law_result_json(&j, &law->v[i], i + 1, law->found ? "result" : "nearest", false);
    grf_json_end_array(&j);
    grf_json_key(&j, "summary");
    law_summary_json(&j, law, false, ms);
    grf_json_end_object(&j);
    grf_str_addc(out, '\n');
}

/* ---- text */

/* "Article L. 2121-29 du CGCT · last title of its section". */
static void head_of(const struct grf_law_result *r, struct grf_str *out)
{
    struct grf_str ref;
    const char *title = r->section;
    grf_str_init(&ref, 4096);
    ref_of(r, &ref);
    grf_ref_display(ref.p, out);
    if (out->n && out->p[0] == 'a')
        out->p[0] = 'A';
    for (const char *at = title; at && (at = strstr(at, " > ")) != NULL; at += 3)
        title = at + 3;
    if (title && title[0])
        grf_str_addf(out, DOT "%s", title);
    grf_str_release(&ref);
}

static void put_why(const struct grf_why *w)
{
    put_why_branches(w);
    if (w->named > 0)
        printf("%s", _("; first: the article that is asked for"));
    if (w->part < 0)
        printf(_("; %.2f: not in force today, or of another territory"), w->part);
    else if (w->part > 0)
        printf(_("; +%.2f: the code of communes"), w->part);
    printf("\n");
}

static void put_law_result(const struct grf_law_result *r, size_t rank,
                           const struct look *l)
{
    struct grf_str s;
    grf_str_init(&s, RENDER_LINE_MOST);
    head_of(r, &s);
    put_head(rank, grf_str_sv(&s), l);
    grf_str_clear(&s);
    law_state_add(&s, &r->answer);
    put_wrapped_plain(grf_str_sv(&s), l);
    put_quote(r->quote, l);
    grf_str_clear(&s);
    grf_law_link(&r->answer, &s);
    if (s.n)
        printf("%*s%s\n", RENDER_INDENT, "", s.p);
    if (l->explain)
        put_why(&r->why);
    grf_str_release(&s);
}

static void put_law(const struct grf_law_results *law, struct grf_sv question,
                    bool explain, bool colour)
{
    struct look l = {.question = question,
                     .width = terminal_width(),
                     .explain = explain,
                     .colour = colour};
    for (size_t i = 0; i < law->n; i++) {
        put_law_result(&law->v[i], i + 1, &l);
        if (i + 1 < law->n)
            printf("\n");
    }
}

void render_law_text(const struct grf_law_results *law, struct grf_sv question,
                     bool explain, bool colour)
{
    if (!law->found) {
        printf("%s\n", _("Not found in the law."));
        if (law->n)
            printf("%s\n\n", _("The nearest articles, which do not answer the question:"));
    }
    put_law(law, question, explain, colour);
}

void render_law_apart(const struct grf_law_results *law, struct grf_sv question,
                      bool explain, bool colour)
{
    if (!law->n)
        return;
    printf("\n%s\n\n", _("Texts of law:"));
    put_law(law, question, explain, colour);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * greffier-query eval: questions whose answering pages are known, measured at page,
 * act and document level, by type of question; refusals apart.
 */
#include <stdio.h>
#include <stdlib.h>

#include "eval.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "metrics.h"

enum { FILE_MOST = 1 << 28, RELEVANT_MOST = 256 };

static struct {
    const char *mode, *run, *weight, *save, *against, *qa;
    int sample;
} opt;

const struct grf_option *cmd_eval_options(void)
{
    static const struct grf_option options[] = {
        {0, "mode", GRF_OPT_TEXT, &opt.mode, "MODE",
         N_("hybrid (default), lexical or vector"), 0, 0},
        {0, "vector-weight", GRF_OPT_TEXT, &opt.weight, "W",
         N_("share of the vectors, 0 to 1 (default: follows the question)"), 0, 0},
        {0, "run", GRF_OPT_TEXT, &opt.run, N_("FILE"),
         N_("write the ranked pages as a TREC run"), 0, 0},
        {0, "save", GRF_OPT_TEXT, &opt.save, N_("FILE"),
         N_("write each question's scores, for --against"), 0, 0},
        {0, "against", GRF_OPT_TEXT, &opt.against, N_("FILE"),
         N_("compare with scores saved before, question by question"), 0, 0},
        {0, "qa", GRF_OPT_TEXT, &opt.qa, N_("DIR"),
         N_("measure on corpus.jsonl, queries.jsonl and qrels.tsv of DIR instead"), 0, 0},
        {0, "sample", GRF_OPT_INT, &opt.sample, "N",
         N_("with --qa: ask about N of the queries only"), 1, 1000000},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

struct eval {
    const struct grf_cli *cli;
    struct query_setup setup;
    struct grf_search_opts opts;
    FILE *run;
    struct eval_scores scores;
    double *times;
    size_t n_times, cap_times;
};

/* ---- one question */

struct judged {
    const char *file;
    int page;
    double grade;
};

static size_t read_relevant(const struct grf_jval *list, struct judged *out)
{
    size_t n = 0;
    for (size_t i = 0; i < grf_jval_count(list) && n < RELEVANT_MOST; i++) {
        const struct grf_jval *v = grf_jval_at(list, i);
        struct judged j = {grf_jval_text(grf_jval_get(v, "file")),
                           (int)grf_jval_int(grf_jval_get(v, "page"), 0),
                           grf_jval_real(grf_jval_get(v, "grade"), 1)};
        size_t k = 0;
        while (k < n && (strcmp(out[k].file, j.file ? j.file : "") || out[k].page != j.page))
            k++;
        if (k == n && j.file)
            out[n++] = j; /* several quotes on a page judge it once, by the best */
        else if (j.file && j.grade > out[k].grade)
            out[k].grade = j.grade;
    }
    return n;
}

static double grade_of(const struct judged *v, size_t n, const char *file, int page)
{
    double best = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(v[i].file, file) == 0 && (!page || v[i].page == page) &&
            v[i].grade > best)
            best = v[i].grade;
    }
    return best;
}

static const char *file_of(const struct grf_result *r)
{
    return r->doc.rel ? r->doc.rel : r->doc.title;
}

/* Ranked pages (page_level) or documents without repetition, with their grades. */
static size_t ranked(const struct grf_answer *a, const struct judged *v, size_t n,
                     bool page_level, double *gains, const struct grf_result **which)
{
    size_t k = 0;
    for (size_t i = 0; i < a->n && k < EVAL_DEPTH; i++) {
        const struct grf_result *r = &a->v[i];
        size_t seen = 0;
        while (seen < k && (which[seen]->doc.id != r->doc.id ||
                            (page_level && which[seen]->passage.page != r->passage.page)))
            seen++;
        if (seen < k)
            continue;
        which[k] = r;
        gains[k++] = grade_of(v, n, file_of(r), page_level ? r->passage.page : 0);
    }
    return k;
}

/* Ranked pages or documents as ranked() gives them, and behind a result the copies of its
   act that are judged too: they stand below it, and the reader has them. A result that is
   not judged itself leaves its place to them. */
struct places {
    double *gains;
    int64_t docs[EVAL_DEPTH];
    int pages[EVAL_DEPTH];
    size_t n;
};

static void add_place(struct places *p, int64_t doc, int page, double gain)
{
    size_t seen = 0;
    while (seen < p->n && (p->docs[seen] != doc || p->pages[seen] != page))
        seen++;
    if (seen < p->n || p->n == EVAL_DEPTH)
        return;
    p->docs[p->n] = doc;
    p->pages[p->n] = page;
    p->gains[p->n++] = gain;
}

static const char *file_of_copy(const struct grf_copy *c)
{
    return c->doc.rel ? c->doc.rel : c->doc.title;
}

static size_t ranked_with_copies(const struct grf_answer *a, const struct judged *v, size_t n,
                                 bool page_level, double *gains)
{
    struct places p = {.gains = gains};
    for (size_t i = 0; i < a->n; i++) {
        const struct grf_result *r = &a->v[i];
        double of_copies[EVAL_DEPTH] = {0}, most = 0;
        int page = page_level ? r->passage.page : 0;
        double own = grade_of(v, n, file_of(r), page);
        for (size_t k = 0; k < r->n_copies && k < EVAL_DEPTH; k++) {
            of_copies[k] = grade_of(v, n, file_of_copy(&r->copies[k]),
                                    page_level ? r->copies[k].page : 0);
            most = of_copies[k] > most ? of_copies[k] : most;
        }
        if (own > 0 || most <= 0)
            add_place(&p, r->doc.id, page, own);
        for (size_t k = 0; k < r->n_copies && k < EVAL_DEPTH; k++) {
            if (of_copies[k] > 0)
                add_place(&p, r->copies[k].doc.id, page_level ? r->copies[k].page : 0,
                          of_copies[k]);
        }
    }
    return p.n;
}

static size_t ideal_grades(const struct judged *v, size_t n, bool page_level, double *out)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        bool first = true;
        for (size_t j = 0; j < i && !page_level; j++)
            first = first && strcmp(v[i].file, v[j].file) != 0;
        if (first)
            out[k++] = page_level ? v[i].grade : grade_of(v, n, v[i].file, 0);
    }
    return k;
}

static double act_grade(const struct judged *v, size_t n, const char *file,
                        const struct grf_act *act)
{
    double grade = 0;
    for (int p = act->first_page; p <= act->last_page && grade <= 0; p++)
        grade = grade_of(v, n, file, p);
    return grade;
}

/* Ranked acts without repetition; right are those that hold a relevant page, in any of
   their copies. */
static size_t ranked_acts(const struct grf_answer *a, const struct judged *v, size_t n,
                          double *gains)
{
    int64_t seen[EVAL_DEPTH];
    size_t k = 0;
    for (size_t i = 0; i < a->n && k < EVAL_DEPTH; i++) {
        const struct grf_act_row *act = &a->v[i].act;
        size_t at = 0;
        while (at < k && seen[at] != act->id)
            at++;
        if (at < k)
            continue;
        seen[k] = act->id;
        gains[k] = act_grade(v, n, file_of(&a->v[i]), &act->act);
        for (size_t c = 0; c < a->v[i].n_copies && gains[k] <= 0; c++)
            gains[k] = act_grade(v, n, file_of_copy(&a->v[i].copies[c]),
                                 &a->v[i].copies[c].act.act);
        k++;
    }
    return k;
}

static void fill_scores(double *out, const struct grf_answer *a, const struct judged *v,
                        size_t n)
{
    double gains[EVAL_DEPTH], ideal[RELEVANT_MOST];
    size_t k = ranked_with_copies(a, v, n, true, gains);
    size_t m = ideal_grades(v, n, true, ideal);
    out[EVAL_PAGE_S1] = metric_success(gains, k, 1);
    out[EVAL_PAGE_S5] = metric_success(gains, k, 5);
    out[EVAL_PAGE_MRR] = metric_reciprocal_rank(gains, k);
    out[EVAL_PAGE_NDCG] = metric_ndcg(gains, k, ideal, m, EVAL_DEPTH);
    k = ranked_acts(a, v, n, gains);
    out[EVAL_ACT_S1] = metric_success(gains, k, 1);
    out[EVAL_ACT_S5] = metric_success(gains, k, 5);
    out[EVAL_ACT_MRR] = metric_reciprocal_rank(gains, k);
    k = ranked_with_copies(a, v, n, false, gains);
    m = ideal_grades(v, n, false, ideal);
    out[EVAL_DOC_S1] = metric_success(gains, k, 1);
    out[EVAL_DOC_NDCG] = metric_ndcg(gains, k, ideal, m, EVAL_DEPTH);
}

/* Whether r's page is one of those with words that answer, and *cited: they are in its
   quote. */
static bool is_shown(const struct grf_jval *relevant, const struct grf_result *r, bool *cited)
{
    double best = 0;
    bool shown = false;
    *cited = false;
    for (int turn = 0; turn < 2; turn++) { /* the best grade that the page has, then it */
        for (size_t i = 0; i < grf_jval_count(relevant); i++) {
            const struct grf_jval *v = grf_jval_at(relevant, i);
            const char *file = grf_jval_text(grf_jval_get(v, "file"));
            struct grf_sv quote = grf_jval_sv(grf_jval_get(v, "quote"));
            double grade = grf_jval_real(grf_jval_get(v, "grade"), 1);
            if (!file || strcmp(file, file_of(r)) || !quote.n ||
                grf_jval_int(grf_jval_get(v, "page"), 0) != r->passage.page)
                continue;
            shown = true;
            if (!turn && grade > best)
                best = grade;
            if (turn && grade >= best && r->quote)
                *cited = *cited || metric_overlap(grf_sv_z(r->quote), quote);
        }
    }
    return shown;
}

static void fill_citation(struct eval_score *s, const struct grf_answer *a,
                          const struct grf_jval *relevant)
{
    for (size_t i = 0; i < a->n && i < EVAL_DEPTH && !s->shown; i++) {
        bool cited;
        s->shown = is_shown(relevant, &a->v[i], &cited);
        s->value[EVAL_CITATION] = s->shown && cited;
    }
}

static void write_run(struct eval *e, const char *id, const struct grf_answer *a)
{
    double gains[EVAL_DEPTH];
    const struct grf_result *which[EVAL_DEPTH];
    size_t k = ranked(a, NULL, 0, true, gains, which);
    for (size_t i = 0; i < k; i++)
        fprintf(e->run, "%s Q0 %s#page=%d %zu %.6f greffier\n", id, file_of(which[i]),
                which[i]->passage.page, i + 1, which[i]->score);
}

/* One line for each question, for studying what goes wrong: id, type, verdict, rank of
   the first relevant page, evidence (cosine, spread, share, joint, missing, named, score),
   first page, title as evidence, whom it is about, citation. scripts/fit-evidence reads this. */
static void print_question(const struct eval *e, const struct eval_score *s,
                           const struct grf_answer *a, const struct judged *v, size_t n)
{
    double gains[EVAL_DEPTH];
    const struct grf_result *which[EVAL_DEPTH];
    if (e->cli->verbose < 1)
        return;
    size_t k = ranked(a, v, n, true, gains, which);
    double rr = metric_reciprocal_rank(gains, k);
    printf("%s\t%s\t%s\t%.0f\t", s->id, s->type, a->found ? "found" : "not_found",
           rr > 0 ? 1 / rr : 0);
    const struct grf_evidence *why = &a->evidence;
    printf("%.3f\t%.3f\t%.3f\t%.3f\t%d\t%d\t%.3f\t", why->cosine, why->spread, why->share,
           why->joint, why->missing, why->named, why->score);
    if (a->n)
        printf("%s p.%d", file_of(&a->v[0]), a->v[0].passage.page);
    else
        printf("-");
    printf("\t%.3f\t%s", why->title, s->group);
    printf("\t%s\n", !s->shown ? "-" : s->value[EVAL_CITATION] > 0 ? "cited" : "beside");
    for (size_t i = 0; i < a->n && e->cli->verbose > 1; i++)
        printf("\t%zu\t%s p.%d\t%s\n", i + 1, file_of(&a->v[i]), a->v[i].passage.page,
               a->v[i].quote);
}

static grf_status remember_time(struct eval *e, double ms, struct grf_err *err)
{
    if (grf_grow(&e->times, e->n_times, &e->cap_times, sizeof(*e->times)))
        return grf_fail_nomem(err);
    e->times[e->n_times++] = ms;
    return GRF_OK;
}

/* Whom the question is about: the folder of what answers it, or its commune; "-": anybody. */
static void set_group(struct eval_score *s, const struct grf_jval *q)
{
    const struct grf_jval *first = grf_jval_at(grf_jval_get(q, "relevant"), 0);
    const char *name = first ? grf_jval_text(grf_jval_get(first, "file")) : NULL;
    if (!name)
        name = grf_jval_text(grf_jval_get(q, "commune"));
    size_t n = name ? strcspn(name, "/") : 0;
    snprintf(s->group, sizeof(s->group), "%.*s", n ? (int)n : 1, n ? name : "-");
}

static grf_status ask(struct eval *e, const struct grf_jval *q, struct grf_err *err)
{
    const char *id = grf_jval_text(grf_jval_get(q, "id"));
    const char *type = grf_jval_text(grf_jval_get(q, "type"));
    struct grf_sv question = grf_jval_sv(grf_jval_get(q, "question"));
    struct judged v[RELEVANT_MOST];
    struct grf_answer a;
    if (!id || !question.p)
        return grf_fail(err, GRF_PARSE, "%s", _("a question without id or text"));
    size_t n = read_relevant(grf_jval_get(q, "relevant"), v);
    double from = grf_now();
    grf_status st = grf_search(e->setup.base, e->setup.embedder, question, &e->opts, &a, err);
    if (st)
        return st;
    st = remember_time(e, (grf_now() - from) * 1000, err);
    struct eval_score score = {.answerable =
                                   grf_jval_bool(grf_jval_get(q, "answerable"), true),
                               .found = a.found};
    snprintf(score.id, sizeof(score.id), "%s", id);
    snprintf(score.type, sizeof(score.type), "%s", type ? type : "-");
    set_group(&score, q);
    if (score.answerable)
        fill_scores(score.value, &a, v, n);
    if (score.answerable)
        fill_citation(&score, &a, grf_jval_get(q, "relevant"));
    if (!st)
        st = eval_scores_add(&e->scores, &score, err);
    if (e->run)
        write_run(e, id, &a);
    print_question(e, &score, &a, v, n);
    grf_answer_release(&a);
    return st;
}

/* ---- the whole file */

static grf_status ask_line(void *data, const struct grf_jval *v, struct grf_err *err)
{
    return ask(data, v, err);
}

static grf_status parse_line(struct grf_sv line, eval_line_fn f, void *data,
                             struct grf_err *err)
{
    struct grf_jdoc *d = NULL;
    grf_status st = grf_jdoc_parse(line, &d, err);
    if (!st)
        st = f(data, grf_jdoc_root(d), err);
    grf_jdoc_free(d);
    return st;
}

grf_status eval_each_line(const struct grf_cli *cli, const char *path, eval_line_fn f,
                          void *data, struct grf_err *err)
{
    struct grf_str text;
    grf_str_init(&text, FILE_MOST);
    grf_status st = grf_file_read(path, FILE_MOST, &text, err);
    size_t at = 0, number = 0;
    while (!st && at < text.n && !(cli->cancel && *cli->cancel)) {
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        size_t end = nl ? (size_t)(nl - text.p) : text.n;
        number++;
        if (end > at)
            st = parse_line(grf_sv(text.p + at, end - at), f, data, err);
        if (st)
            grf_err_wrap(err, "%s:%zu", path, number);
        at = end + 1;
    }
    grf_str_release(&text);
    return st;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static grf_status print_all(struct eval *e, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (e->cli->json)
        eval_print_json(&e->scores);
    else
        eval_print_table(&e->scores);
    if (e->n_times && !e->cli->json) {
        qsort(e->times, e->n_times, sizeof(*e->times), by_size);
        printf(_("search time: median %.1f ms, 95th percentile %.1f ms\n"),
               e->times[e->n_times / 2], e->times[e->n_times * 95 / 100]);
    }
    if (opt.save)
        st = eval_save(&e->scores, opt.save, err);
    if (!st && opt.against)
        st = eval_compare(&e->scores, opt.against, err);
    return st;
}

static grf_status set_up(struct eval *e, struct grf_err *err)
{
    grf_status st = parse_mode("--mode ", opt.mode, &e->opts.mode, err);
    e->opts.boxless = true;
    if (!st && opt.weight) {
        char *end;
        e->opts.vector_weight = strtod(opt.weight, &end);
        if (*end || e->opts.vector_weight < 0 || e->opts.vector_weight > 1)
            st = grf_fail(err, GRF_INVALID, _("--vector-weight %s: not a number from 0 to 1"),
                          opt.weight);
    }
    if (!st)
        st = query_setup_open(&e->setup, e->cli, e->opts.mode, err);
    if (!st)
        grf_search_rerank_with(&e->opts, e->setup.reranker, &e->setup.conf);
    if (!st && opt.run) {
        e->run = fopen(opt.run, "we");
        if (!e->run)
            st = grf_fail_errno(err, "%s", opt.run);
    }
    return st;
}

static grf_status measure(struct eval *e, const char *path, struct grf_err *err)
{
    grf_status st = set_up(e, err);
    if (!st)
        st = eval_each_line(e->cli, path, ask_line, e, err);
    if (e->run) {
        grf_status closed = grf_file_finish(e->run, opt.run, st ? NULL : err);
        st = st ? st : closed;
    }
    return st ? st : print_all(e, err);
}

int cmd_eval(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct eval e = {.cli = cli, .opts = GRF_SEARCH_OPTS_INIT};
    grf_status st;
    if (opt.qa)
        st = eval_qa(cli, opt.qa, opt.sample, &err);
    else if (argc == 1)
        st = measure(&e, argv[0], &err);
    else
        st = grf_fail(&err, GRF_INVALID, "%s",
                      _("name a file of questions, or a folder with --qa"));
    query_setup_release(&e.setup);
    eval_scores_release(&e.scores);
    grf_free(e.times);
    return st ? grf_cli_fail(cli, &err) : 0;
}

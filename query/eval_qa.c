/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eval --qa: a test collection (corpus, queries, judgements) asked through the same
 * search, over a base of its own in a temporary folder.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "eval.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "metrics.h"

enum { QRELS_MOST = 1 << 26, COMMIT_EVERY = 2000, JUDGED_MOST = 512 };

struct qrel {
    const char *query, *doc;
    double grade;
};

struct qa {
    const struct grf_cli *cli;
    const char *dir;
    char work[4096];
    struct grf_conf conf;
    struct grf_embedder *embedder;
    struct grf_base_writer *writer;
    struct grf_base *base;
    struct grf_str qrels_text;
    struct qrel *qrels;
    size_t n_qrels, cap_qrels;
    size_t n_docs, n_queries, at_query, step;
    grf_mode mode;
    double ndcg, s1, mrr;
    size_t n;
};

static char *file_in(const struct qa *q, const char *name, struct grf_err *err)
{
    char *p = grf_path_join(q->dir, name);
    if (!p)
        grf_fail_nomem(err);
    return p;
}

static grf_status each_line_in(struct qa *q, const char *name, eval_line_fn f,
                               struct grf_err *err)
{
    char *path = file_in(q, name, err);
    grf_status st = path ? eval_each_line(q->cli, path, f, q, err) : GRF_NOMEM;
    grf_free(path);
    return st;
}

/* ---- making the base */

static grf_status one_page(struct grf_page *p, struct grf_sv title, struct grf_sv text,
                           struct grf_err *err)
{
    p->number = 1;
    p->width = 595;
    p->height = 842;
    p->state = GRF_TEXT_NATIVE;
    grf_text_clean(&p->text, title);
    if (title.n)
        grf_str_addz(&p->text, "\n\n");
    grf_text_clean(&p->text, text);
    grf_status st = grf_str_status(&p->text, err);
    if (st)
        return st;
    p->blocks = grf_calloc(1, sizeof(*p->blocks));
    if (!p->blocks)
        return grf_fail_nomem(err);
    p->n_blocks = p->cap_blocks = 1;
    p->blocks[0] = (struct grf_block){.start = 0, .end = (uint32_t)p->text.n,
                                      .role = GRF_ROLE_BODY};
    return GRF_OK;
}

static grf_status add_page(struct qa *q, const char *id, const struct grf_page *page,
                           struct grf_acts *acts, struct grf_err *err)
{
    char sha[GRF_SHA256_HEX];
    int64_t doc_id;
    grf_status st = grf_cut(page, 1, acts, err);
    grf_sha256(grf_sv_z(id), sha);
    struct grf_base_doc doc = {.doc = {.sha256 = sha, .bytes = 0, .title = id},
                               .pages = page, .n_pages = 1, .acts = acts};
    if (!st)
        st = grf_base_add(q->writer, &doc, &doc_id, err);
    struct grf_location loc = {.path = id, .rel = id, .body = NULL};
    if (!st) {
        loc.doc_id = doc_id;
        st = grf_base_put_location(q->writer, &loc, err);
    }
    if (!st && ++q->n_docs % COMMIT_EVERY == 0)
        st = grf_base_commit(q->writer, false, err);
    return st;
}

static grf_status add_text(void *data, const struct grf_jval *v, struct grf_err *err)
{
    struct grf_acts acts = {NULL, 0, 0};
    struct grf_page page;
    const char *id = grf_jval_text(grf_jval_get(v, "_id"));
    if (!id)
        return grf_fail(err, GRF_PARSE, "%s", _("a text without _id"));
    grf_page_init(&page);
    grf_status st = one_page(&page, grf_jval_sv(grf_jval_get(v, "title")),
                             grf_jval_sv(grf_jval_get(v, "text")), err);
    if (!st && grf_grow(&acts.v, 0, &acts.cap, sizeof(*acts.v)))
        st = grf_fail_nomem(err);
    if (!st) {
        struct grf_act *a = &acts.v[acts.n++];
        grf_act_init(a);
        a->ordinal = 1;
        a->kind = GRF_KIND_DOCUMENT;
        a->first_page = a->last_page = 1;
        a->last_char = page.text.n;
        st = add_page(data, id, &page, &acts, err);
    }
    grf_acts_release(&acts);
    grf_page_release(&page);
    return st;
}

static grf_status make_base(struct qa *q, struct grf_err *err)
{
    const char *tmp = getenv("TMPDIR");
    int n = snprintf(q->work, sizeof(q->work), "%s/greffier-eval-XXXXXX",
                     tmp && *tmp ? tmp : "/tmp");
    if (n < 0 || (size_t)n >= sizeof(q->work) || !mkdtemp(q->work)) {
        grf_status st = grf_fail_errno(err, "%s", q->work);
        q->work[0] = '\0';
        return st;
    }
    grf_status st = grf_base_open_writer(q->work, q->embedder, false, &q->writer, err);
    if (!st)
        st = each_line_in(q, "corpus.jsonl", add_text, err);
    if (!st)
        st = grf_base_commit(q->writer, true, err);
    grf_base_close_writer(q->writer);
    q->writer = NULL;
    return st ? st : grf_base_open(q->work, &q->base, err);
}

/* ---- judgements */

/* "query<TAB>text<TAB>grade" with a heading. */
static grf_status take_qrel(struct qa *q, char *line, struct grf_err *err)
{
    char *doc = strchr(line, '\t');
    char *grade = doc ? strchr(doc + 1, '\t') : NULL;
    if (!grade)
        return grf_fail(err, GRF_PARSE, _("qrels.tsv: \"%s\" has no three columns"), line);
    *doc++ = '\0';
    *grade++ = '\0';
    if (strcmp(line, "query-id") == 0)
        return GRF_OK;
    if (grf_grow(&q->qrels, q->n_qrels, &q->cap_qrels, sizeof(*q->qrels)))
        return grf_fail_nomem(err);
    q->qrels[q->n_qrels++] = (struct qrel){line, doc, strtod(grade, NULL)};
    return GRF_OK;
}

static grf_status read_qrels(struct qa *q, struct grf_err *err)
{
    char *path = file_in(q, "qrels.tsv", err);
    grf_status st = path ? grf_file_read(path, QRELS_MOST, &q->qrels_text, err) : GRF_NOMEM;
    grf_free(path);
    char *at = st ? NULL : q->qrels_text.p;
    while (at && *at && !st) {
        char *nl = strchr(at, '\n');
        if (nl)
            *nl = '\0';
        if (*at)
            st = take_qrel(q, at, err);
        at = nl ? nl + 1 : NULL;
    }
    return st;
}

/* ---- asking */

static size_t gains_of(const struct qa *q, const struct grf_answer *a, const char *id,
                       double *gains, double *ideal, size_t *m)
{
    size_t k = 0;
    *m = 0;
    for (size_t i = 0; i < q->n_qrels && *m < JUDGED_MOST; i++) {
        if (strcmp(q->qrels[i].query, id) == 0)
            ideal[(*m)++] = q->qrels[i].grade;
    }
    for (size_t i = 0; i < a->n && k < EVAL_DEPTH; i++) {
        bool again = false;
        for (size_t j = 0; j < i; j++)
            again = again || a->v[j].doc.id == a->v[i].doc.id;
        if (again)
            continue;
        gains[k] = 0;
        for (size_t j = 0; j < q->n_qrels; j++) {
            if (strcmp(q->qrels[j].query, id) == 0 &&
                strcmp(q->qrels[j].doc, a->v[i].doc.title) == 0)
                gains[k] = q->qrels[j].grade;
        }
        k++;
    }
    return k;
}

static grf_status ask_query(void *data, const struct grf_jval *v, struct grf_err *err)
{
    struct qa *q = data;
    struct grf_search_opts opts = GRF_SEARCH_OPTS_INIT;
    struct grf_answer a;
    double gains[EVAL_DEPTH], ideal[JUDGED_MOST];
    size_t m;
    const char *id = grf_jval_text(grf_jval_get(v, "_id"));
    struct grf_sv text = grf_jval_sv(grf_jval_get(v, "text"));
    if (q->at_query++ % q->step)
        return GRF_OK;
    if (!id || !text.n)
        return grf_fail(err, GRF_PARSE, "%s", _("a query without _id or text"));
    opts.mode = q->mode;
    opts.n = EVAL_DEPTH;
    opts.per_act = 1;
    grf_status st = grf_search(q->base, q->embedder, text, &opts, &a, err);
    if (st == GRF_INVALID)
        return GRF_OK; /* nothing but stopwords: no mode answers it */
    if (st)
        return st;
    size_t k = gains_of(q, &a, id, gains, ideal, &m);
    q->ndcg += metric_ndcg(gains, k, ideal, m, EVAL_DEPTH);
    q->s1 += metric_success(gains, k, 1);
    q->mrr += metric_reciprocal_rank(gains, k);
    q->n++;
    grf_answer_release(&a);
    return GRF_OK;
}

static grf_status count_query(void *data, const struct grf_jval *v, struct grf_err *err)
{
    struct qa *q = data;
    (void)v;
    (void)err;
    q->n_queries++;
    return GRF_OK;
}

static grf_status ask_in_mode(struct qa *q, grf_mode mode, const char *name,
                              struct grf_err *err)
{
    q->mode = mode;
    q->ndcg = q->s1 = q->mrr = 0;
    q->n = q->at_query = 0;
    grf_status st = each_line_in(q, "queries.jsonl", ask_query, err);
    double n = q->n ? (double)q->n : 1;
    if (!st)
        printf("| %s | %zu | %.3f | %.3f | %.3f |\n", name, q->n, q->ndcg / n, q->s1 / n,
               q->mrr / n);
    fflush(stdout);
    return st;
}

static grf_status ask_in_all_modes(struct qa *q, int sample, struct grf_err *err)
{
    grf_status st = each_line_in(q, "queries.jsonl", count_query, err);
    q->step = sample > 0 && q->n_queries > (size_t)sample ? q->n_queries / (size_t)sample : 1;
    printf("| %s | n | nDCG@10 | success@1 | MRR |\n|---|---|---|---|---|\n", _("mode"));
    if (!st)
        st = ask_in_mode(q, GRF_MODE_LEXICAL, "lexical", err);
    if (!st)
        st = ask_in_mode(q, GRF_MODE_VECTOR, "vector", err);
    return st ? st : ask_in_mode(q, GRF_MODE_HYBRID, "hybrid", err);
}

static int remove_entry(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb;
    (void)type;
    (void)ftw;
    return remove(path);
}

grf_status eval_qa(const struct grf_cli *cli, const char *dir, int sample,
                   struct grf_err *err)
{
    struct qa q = {.cli = cli, .dir = dir};
    grf_str_init(&q.qrels_text, QRELS_MOST);
    grf_status st = grf_conf_load(&q.conf, cli->config, err);
    if (!st)
        st = grf_embed_open(&q.conf, &q.embedder, err);
    if (!st)
        st = read_qrels(&q, err);
    if (!st)
        st = make_base(&q, err);
    if (!st)
        st = ask_in_all_modes(&q, sample, err);
    grf_base_close(q.base);
    if (q.work[0] && nftw(q.work, remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0 && !st)
        st = grf_fail_errno(err, "%s", q.work);
    grf_embed_close(q.embedder);
    grf_conf_release(&q.conf);
    grf_str_release(&q.qrels_text);
    grf_free(q.qrels);
    return st;
}

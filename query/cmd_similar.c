/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query similar: the acts nearest to an act. */
#include <stdio.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum { LINE_MOST = 1 << 20, MOST = 100 };

static struct {
    int n;
} opt;

const struct grf_option *cmd_similar_options(void)
{
    static const struct grf_option options[] = {
        {'n', "limit", GRF_OPT_INT, &opt.n, "N", N_("most acts (default 10)"), 1, MOST},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    opt.n = 10;
    return options;
}

/* The act that the key names, or that the passage or document stands for. */
static grf_status act_of_key(struct grf_base *b, const char *key, int64_t *act_id,
                             struct grf_err *err)
{
    grf_key_kind kind;
    struct grf_passage_row p;
    int64_t id;
    grf_status st = grf_meta_resolve(b->meta, key, &kind, &id, err);
    if (!st && kind == GRF_KEY_PASSAGE) {
        st = grf_meta_passage(b->meta, id, &p, err);
        *act_id = p.act_id;
        return st;
    }
    if (!st && kind != GRF_KEY_ACT)
        return grf_fail(err, GRF_NOTFOUND,
                        _("no act called \"%s\" in this base; an identifier looks like "
                          "3fa4c1d2e5b6.7"),
                        key);
    *act_id = id;
    return st;
}

static void print_text(size_t rank, const struct grf_near_act *near,
                       const struct grf_act_row *a, const struct grf_doc_row *d, int page)
{
    struct grf_str s;
    grf_str_init(&s, LINE_MOST);
    act_line(&s, &a->act, d->title);
    printf("%2zu. %s\n    %s#page=%d  [%s]  %s %.2f\n", rank, s.p, d->rel ? d->rel : d->title,
           page, a->key, _("closeness"), near->cosine);
    grf_str_release(&s);
}

static void print_json(size_t rank, const struct grf_near_act *near,
                       const struct grf_act_row *a, const struct grf_doc_row *d, int page)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, LINE_MOST);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "similar");
    grf_json_kv_int(&j, "rank", (int64_t)rank);
    grf_json_kv_real(&j, "score", near->cosine, 4);
    grf_json_key(&j, "act");
    act_json(&j, a);
    document_json(&j, d);
    grf_json_kv_int(&j, "page", page);
    grf_json_end_object(&j);
    printf("%s\n", s.p);
    grf_str_release(&s);
}

static grf_status print_one(const struct grf_cli *cli, struct grf_base *b, size_t rank,
                            const struct grf_near_act *near, struct grf_err *err)
{
    struct grf_act_row a;
    struct grf_doc_row d;
    struct grf_passage_row p;
    grf_status st = grf_meta_act(b->meta, near->act_id, &a, err);
    if (st)
        return st;
    st = grf_meta_doc(b->meta, a.doc_id, &d, err);
    if (!st)
        st = grf_meta_passage(b->meta, near->passage_id, &p, err);
    if (!st && cli->json)
        print_json(rank, near, &a, &d, p.page);
    else if (!st)
        print_text(rank, near, &a, &d, p.page);
    grf_doc_row_release(&d);
    grf_act_row_release(&a);
    return st;
}

int cmd_similar(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_near_act near[MOST];
    struct grf_base *b = NULL;
    size_t n = (size_t)opt.n;
    int64_t act_id = 0;
    (void)argc;
    grf_status st = grf_base_open(cli->base, &b, &err);
    if (!st)
        st = act_of_key(b, argv[0], &act_id, &err);
    if (!st)
        st = grf_similar_acts(b, act_id, near, &n, &err);
    for (size_t i = 0; i < n && !st; i++)
        st = print_one(cli, b, i + 1, &near[i], &err);
    grf_base_close(b);
    return st ? grf_cli_fail(cli, &err) : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index init, remove, verify, rebuild. */
#include <stdio.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_law.h"
#include "grf_progress.h"
#include "law_index.h"

/* The last object of --json: what was done to which base, in numbers. */
static void say_json(const struct grf_cli *cli, const char *key, int64_t n)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 65536);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "summary");
    grf_json_kv_textz(&j, "base", cli->base);
    if (key)
        grf_json_kv_int(&j, key, n);
    grf_json_end_object(&j);
    printf("%s\n", s.p);
    grf_str_release(&s);
}

grf_status open_without_model(const struct grf_cli *cli, struct grf_base_writer **w,
                              struct grf_err *err)
{
    struct index_setup setup;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_base_open_writer(cli->base, NULL, false, w, &local);
    if (st == GRF_UNSUPPORTED) {
        if (!index_setup_open(&setup, cli, NULL)) {
            local = (struct grf_err)GRF_ERR_INIT;
            st = grf_base_open_writer(cli->base, setup.embedder, false, w, &local);
            grf_base_close_writer(*w); /* which would keep the model */
            *w = NULL;
        }
        index_setup_release(&setup);
        if (!st)
            st = grf_base_open_writer(cli->base, NULL, false, w, &local);
    }
    if (st && err)
        *err = local;
    return st;
}

int cmd_init(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = NULL;
    (void)argc;
    (void)argv;
    grf_status st = open_without_model(cli, &w, &err);
    grf_base_close_writer(w);
    if (st)
        return grf_cli_fail(cli, &err);
    if (cli->json)
        say_json(cli, NULL, 0);
    else
        printf(_("base ready: %s\n"), cli->base);
    return 0;
}

/* ---- remove */

static struct {
    const char *reason;
} remove_opt;

const struct grf_option *cmd_remove_options(void)
{
    static const struct grf_option options[] = {
        {0, "reason", GRF_OPT_TEXT, &remove_opt.reason, N_("TEXT"),
         N_("why (required), kept with the trace of the removal"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&remove_opt, 0, sizeof(remove_opt));
    return options;
}

/* A base must be there: removing from a new one would only hide a wrong --base. */
static grf_status open_existing(const struct grf_cli *cli, bool to_rebuild,
                                struct grf_embedder *embedder,
                                struct grf_base_writer **w, struct grf_err *err)
{
    struct grf_base *b;
    grf_status st = grf_base_open(cli->base, &b, err);
    if (!st)
        grf_base_close(b);
    if (st && !(to_rebuild && st != GRF_NOTFOUND))
        return st;
    if (!embedder && !to_rebuild)
        return open_without_model(cli, w, err);
    return grf_base_open_writer(cli->base, embedder, to_rebuild, w, err);
}

static grf_status is_there(struct grf_base_writer *w, const char *key, bool *there,
                           struct grf_err *err)
{
    grf_key_kind kind;
    int64_t id;
    grf_status st = grf_meta_resolve(grf_base_writer_meta(w), key, &kind, &id, err);
    *there = kind == GRF_KEY_DOC || kind == GRF_KEY_ACT;
    return st;
}

/* Each must be there before anything is removed; one that went with another, such as the
   version that it replaced, need not be there any more. */
static grf_status remove_all(struct grf_base_writer *w, int n, char **keys,
                             struct grf_err *err)
{
    grf_status st = GRF_OK;
    bool there = true;
    for (int i = 0; i < n && !st; i++) {
        st = is_there(w, keys[i], &there, err);
        if (!st && !there) /* says so */
            st = grf_base_remove(w, keys[i], remove_opt.reason, err);
    }
    for (int i = 0; i < n && !st; i++) {
        st = is_there(w, keys[i], &there, err);
        if (!st && there)
            st = grf_base_remove(w, keys[i], remove_opt.reason, err);
    }
    return st;
}

int cmd_remove(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = NULL;
    if (!remove_opt.reason || !remove_opt.reason[0])
        return grf_cli_usage(cli, "remove", "%s", _("--reason TEXT is missing"));
    grf_status st = open_existing(cli, false, NULL, &w, &err);
    bool traces = false;
    if (!st)
        st = remove_all(w, argc, argv, &err);
    if (!st)
        st = grf_base_commit(w, true, &err);
    if (!st)
        st = grf_base_has_traces(w, &traces, &err);
    grf_base_close_writer(w);
    if (st)
        return grf_cli_fail(cli, &err);
    if (traces)
        fprintf(stderr, "%s\n",
                _("nothing finds it any more; words of it stay in the files of the full-text "
                  "index, which is large, until the next nightly run or greffier-index "
                  "rebuild"));
    if (cli->json)
        say_json(cli, "removed", argc);
    else
        printf(_("removed: %d\n"), argc);
    return 0;
}

/* ---- verify */

static struct {
    bool repair;
} verify_opt;

const struct grf_option *cmd_verify_options(void)
{
    static const struct grf_option options[] = {
        {0, "repair", GRF_OPT_FLAG, &verify_opt.repair, NULL,
         N_("remake damaged indexes from the rows"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&verify_opt, 0, sizeof(verify_opt));
    return options;
}

static void print_finding(void *data, const char *text)
{
    const struct grf_cli *cli = data;
    struct grf_str s;
    struct grf_json j;
    if (!cli->json) {
        printf("%s\n", text);
        return;
    }
    grf_str_init(&s, 65536);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "finding");
    grf_json_kv_textz(&j, "text", text);
    grf_json_end_object(&j);
    printf("%s\n", s.p);
    grf_str_release(&s);
}

struct rebuild_show {
    struct grf_progress progress;
};

static void show_rebuild(void *data, uint64_t done, uint64_t total)
{
    struct rebuild_show *r = data;
    r->progress.total = total;
    grf_progress_update(&r->progress, done, NULL);
}

/* With embed_anew a base made with another model becomes one of the configured model. */
static grf_status rebuild(const struct grf_cli *cli, bool embed_anew, struct grf_err *err)
{
    struct grf_base_writer *w = NULL;
    struct index_setup setup = {0};
    struct rebuild_show show;
    grf_status opened = index_setup_open(&setup, cli, err);
    grf_status st = embed_anew ? opened : GRF_OK; /* else only to index what law is not yet */
    if (!st)
        st = open_existing(cli, true, setup.embedder, &w, err);
    grf_progress_start(&show.progress, _("rebuilding"), 0, cli->verbose < 0);
    if (!st)
        st = grf_base_rebuild(w, embed_anew ? setup.embedder : NULL, show_rebuild, &show, err);
    grf_progress_end(&show.progress);
    if (!st)
        st = law_index_again(cli, setup.embedder, err);
    grf_base_close_writer(w);
    index_setup_release(&setup);
    return st;
}

static grf_status verify_model(const struct grf_cli *cli, void *data,
                               struct grf_base_faults *faults, struct grf_err *err)
{
    struct grf_conf conf;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_conf_load(&conf, cli->config, err);
    if (st)
        return st;
    if (grf_embed_verify(&conf, &local)) {
        faults->all++;
        print_finding(data, local.msg);
    }
    grf_conf_release(&conf);
    return GRF_OK;
}

/* A base without law is sound. */
static grf_status verify_law(const struct grf_cli *cli, void *data, size_t *faults,
                             struct grf_err *err)
{
    struct grf_law *law = NULL;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_law_open(cli->base, &law, &local);
    if (!st)
        st = grf_law_verify(law, print_finding, data, faults, &local);
    grf_law_close(law);
    if (!st && *faults && !cli->json)
        printf(_("the law is damaged: remove %s/law.db, then import the law again\n"),
               cli->base);
    if (st == GRF_CORRUPT || st == GRF_IO || st == GRF_VERSION) {
        ++*faults;
        print_finding(data, local.msg);
        return GRF_OK;
    }
    if (st && st != GRF_NOTFOUND && err)
        *err = local;
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

static grf_status verify_base(const struct grf_cli *cli, void *data,
                              struct grf_base_faults *faults, struct grf_err *err)
{
    size_t law = 0;
    grf_status st = grf_base_verify(cli->base, print_finding, data, faults, err);
    if (!st)
        st = grf_lawindex_verify(cli->base, print_finding, data, &law, err);
    faults->all += law;
    return st;
}

int cmd_verify(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_faults faults;
    size_t law_faults = 0;
    void *data = (void *)cli;
    (void)argc;
    (void)argv;
    grf_status st = verify_base(cli, data, &faults, &err);
    if (!st && faults.all > faults.originals && verify_opt.repair) {
        st = rebuild(cli, false, &err);
        if (!st)
            st = verify_base(cli, data, &faults, &err);
    }
    if (!st)
        st = verify_model(cli, data, &faults, &err);
    if (!st)
        st = verify_law(cli, data, &law_faults, &err);
    if (st)
        return grf_cli_fail(cli, &err);
    if (cli->json)
        say_json(cli, "findings", (int64_t)(faults.all + law_faults));
    else if (!faults.all && !law_faults)
        printf("%s\n", _("the base is sound"));
    else if (faults.rows)
        printf("%s\n", _("greffier.db is damaged, which nothing can repair: put back a "
                         "backup of the base"));
    else if (faults.all > faults.originals && !verify_opt.repair)
        printf("%s\n", _("run greffier-index verify --repair"));
    return faults.all || law_faults ? 1 : 0;
}

int cmd_rebuild(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    (void)argc;
    (void)argv;
    if (rebuild(cli, true, &err))
        return grf_cli_fail(cli, &err);
    if (cli->json)
        say_json(cli, NULL, 0);
    else
        printf("%s\n", _("full text and vectors are new"));
    return 0;
}

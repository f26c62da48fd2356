/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index run: the nightly run. */
#include <stdio.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "law_update.h"
#include "nightly_run.h"

static struct {
    bool dry;
} opt;

const struct grf_option *cmd_run_options(void)
{
    static const struct grf_option options[] = {
        {0, "dry-run", GRF_OPT_FLAG, &opt.dry, NULL,
         N_("read the lists and say what would be fetched; write nothing"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

static void print_failure(const char *source, const char *path, const char *reason)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 1 << 20);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "failure");
    grf_json_kv_textz(&j, "path", path);
    grf_json_kv_textz(&j, "reason", reason);
    grf_json_kv_textz(&j, "source", source);
    grf_json_end_object(&j);
    printf("%s\n", s.p);
    grf_str_release(&s);
}

static grf_status print_json(const struct night *n, struct grf_err *err)
{
    struct grf_str s;
    for (size_t i = 0; i < n->n_visits; i++) {
        const struct visit *v = &n->visits[i];
        if (v->status)
            print_failure(v->src->name, v->src->url ? v->src->url : v->src->path, v->reason);
        for (size_t k = 0; k < v->n_notes; k++) {
            if (v->notes[k].kind == NOTE_FAILED || v->notes[k].kind == NOTE_REFUSED)
                print_failure(v->src->name, v->notes[k].address, v->notes[k].reason);
        }
    }
    grf_str_init(&s, (size_t)256 << 20);
    grf_status st = night_report_json(n, false, &s, err);
    if (!st)
        printf("%s\n", s.p);
    grf_str_release(&s);
    return st;
}

static grf_status print_text(const struct night *n, struct grf_err *err)
{
    struct grf_str s;
    grf_str_init(&s, (size_t)64 << 20);
    grf_status st = night_report_text(n, &s, err);
    if (!st)
        fwrite(s.p, 1, s.n, stdout);
    grf_str_release(&s);
    return st;
}

int cmd_run(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct index_setup setup = {0};
    struct night n = {.cli = cli, .dry = opt.dry};
    (void)argc;
    (void)argv;
    grf_status st = index_setup_open(&setup, cli, &err);
    if (!st && !setup.conf.n_sources && !law_update_address(&setup.conf))
        st = grf_fail(&err, GRF_INVALID, "%s",
                      _("no [source NAME] in the settings: nothing to visit; see "
                        "greffier-index config and man greffier-index"));
    if (!st)
        st = night_run(&n, &setup, &err);
    int code = n.exit_code;
    if (!st || st == GRF_CANCELLED) {
        grf_status told = cli->json ? print_json(&n, &err) : print_text(&n, &err);
        if (told)
            st = told;
    }
    if (st == GRF_CANCELLED) {
        fprintf(stderr, "%s\n",
                _("interrupted: what was done is kept; run the same command again to go on"));
        code = 130;
    } else if (st) {
        code = grf_cli_fail(cli, &err);
    }
    night_release(&n);
    index_setup_release(&setup);
    return code;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of greffier-query open first. */
#include "commands.h"
#include "grf_i18n.h"
#include "grf_report.h"

grf_status query_setup_open(struct query_setup *s, const struct grf_cli *cli, grf_mode mode,
                            struct grf_err *err)
{
    memset(s, 0, sizeof(*s));
    grf_status st = grf_conf_load(&s->conf, cli->config, err);
    if (!st)
        st = grf_base_open(cli->base, &s->base, err);
    if (!st && mode != GRF_MODE_LEXICAL)
        st = grf_embed_open(&s->conf, &s->embedder, err);
    if (!st)
        st = grf_rerank_open_conf(&s->conf, &s->reranker, err);
    if (st)
        query_setup_release(s);
    return st;
}

void query_setup_release(struct query_setup *s)
{
    grf_base_close(s->base);
    grf_embed_close(s->embedder);
    grf_rerank_close(s->reranker);
    grf_conf_release(&s->conf);
    memset(s, 0, sizeof(*s));
}

grf_status parse_mode(const char *name, const char *z, grf_mode *out, struct grf_err *err)
{
    static const char *const names[] = {"hybrid", "lexical", "vector"};
    *out = GRF_MODE_HYBRID;
    if (!z)
        return GRF_OK;
    for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++) {
        if (strcmp(z, names[i]) == 0) {
            *out = (grf_mode)i;
            return GRF_OK;
        }
    }
    return grf_fail(err, GRF_INVALID,
                    _("%s%s: not one of hybrid, lexical, vector"), name, z);
}

int cmd_status(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    (void)argc;
    (void)argv;
    return grf_report_status(cli, &err) ? grf_cli_fail(cli, &err) : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several commands open first. */
#include "commands.h"

grf_status index_setup_open(struct index_setup *s, const struct grf_cli *cli,
                            struct grf_err *err)
{
    memset(s, 0, sizeof(*s));
    grf_status st = grf_conf_load(&s->conf, cli->config, err);
    if (!st)
        st = grf_embed_open(&s->conf, &s->embedder, err);
    if (st)
        index_setup_release(s);
    return st;
}

void index_setup_release(struct index_setup *s)
{
    grf_embed_close(s->embedder);
    grf_conf_release(&s->conf);
    memset(s, 0, sizeof(*s));
}

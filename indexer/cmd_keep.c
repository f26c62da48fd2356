/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index keep: a person's word that what stays away from its source is right. */
#include <stdio.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_meta_sources.h"

static grf_status keep(struct grf_base_writer *w, const char *address, struct grf_err *err)
{
    int64_t found;
    grf_status st = grf_meta_keep_item(grf_base_writer_meta(w), address, &found, err);
    if (!st && !found)
        st = grf_fail(err, GRF_NOTFOUND,
                      _("%s: no address that stays away from its source; the report of the "
                        "last run names them"),
                      address);
    return st;
}

int cmd_keep(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base_writer *w = NULL;
    struct grf_base *b;
    grf_status st = grf_base_open(cli->base, &b, &err); /* else a wrong --base is made */
    if (!st) {
        grf_base_close(b);
        st = open_without_model(cli, &w, &err);
    }
    for (int i = 0; i < argc && !st; i++)
        st = keep(w, argv[i], &err);
    grf_base_close_writer(w);
    if (st)
        return grf_cli_fail(cli, &err);
    printf(_("kept: %d\n"), argc);
    return 0;
}

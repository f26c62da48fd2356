/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query serve: its options, for both programs that know the command. */
#include "commands.h"
#include "grf_i18n.h"

static struct {
    const char *listen, *passwords;
} opt;

const struct grf_option *cmd_serve_options(void)
{
    static const struct grf_option options[] = {
        {0, "listen", GRF_OPT_TEXT, &opt.listen, N_("ADDRESS:PORT"),
         N_("where to listen (default 127.0.0.1:8017)"), 0, 0},
        {0, "passwords", GRF_OPT_TEXT, &opt.passwords, N_("FILE"),
         N_("who may log in; made by greffier-query passwd"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

int cmd_serve(const struct grf_cli *cli, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return serve_run(cli, opt.listen, opt.passwords);
}

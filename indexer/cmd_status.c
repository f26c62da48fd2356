/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index status. */
#include "commands.h"
#include "grf_report.h"

int cmd_status(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    (void)argc;
    (void)argv;
    return grf_report_status(cli, &err) ? grf_cli_fail(cli, &err) : 0;
}

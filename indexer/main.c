/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index: the table of its commands. */
#include "commands.h"
#include "grf_i18n.h"

static const struct grf_command commands[] = {
    {"init", NULL, N_("make an empty base"), 0, 0, NULL, cmd_init},
    {"add", N_("PATH..."), N_("index files and folders"), 1, -1, cmd_add_options, cmd_add},
    {"run", NULL, N_("visit every source, index what is new, report"), 0, 0, cmd_run_options,
     cmd_run},
    {"keep", N_("ADDRESS..."), N_("keep documents that their source lists no longer"), 1, -1,
     NULL, cmd_keep},
    {"remove", N_("ACT|DOCUMENT..."), N_("remove acts or documents for good"), 1, -1,
     cmd_remove_options, cmd_remove},
    {"status", NULL, N_("say what the base holds"), 0, 0, NULL, cmd_status},
    {"verify", NULL, N_("check everything against everything"), 0, 0, cmd_verify_options,
     cmd_verify},
    {"rebuild", NULL, N_("remake full text and vectors from the rows"), 0, 0, NULL,
     cmd_rebuild},
    {"export", NULL, N_("write out acts (JSON Lines) or deliberations (SCDL)"), 0, 0,
     cmd_export_options, cmd_export},
    {"law", N_("import PATH...|list|update"), N_("bring in the law, with its dates"), 1, -1,
     cmd_law_options, cmd_law},
    {"config", NULL, N_("show every setting"), 0, 0, cmd_config_options, cmd_config},
    {"train", NULL, N_("train the embedded model"), 0, 0, cmd_train_options, cmd_train},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};

int main(int argc, char **argv)
{
    static const struct grf_program program = {
        "greffier-index", N_("indexes municipal acts for greffier-query"), commands, NULL};
    return grf_cli_main(&program, argc, argv);
}

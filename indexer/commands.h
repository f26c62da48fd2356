/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of greffier-index, one function each; the table is in main.c. */
#ifndef GRF_INDEX_COMMANDS_H
#define GRF_INDEX_COMMANDS_H

#include "grf_base.h"
#include "grf_cli.h"

int cmd_init(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_add_options(void);
int cmd_add(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_remove_options(void);
int cmd_remove(const struct grf_cli *cli, int argc, char **argv);
int cmd_status(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_verify_options(void);
int cmd_verify(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_train_options(void);
int cmd_train(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_export_options(void);
int cmd_export(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_law_options(void);
int cmd_law(const struct grf_cli *cli, int argc, char **argv);
int cmd_rebuild(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_run_options(void);
int cmd_run(const struct grf_cli *cli, int argc, char **argv);
int cmd_keep(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_config_options(void);
int cmd_config(const struct grf_cli *cli, int argc, char **argv);

/* Settings, and the embedder that they name, for a command that needs them. */
struct index_setup {
    struct grf_conf conf;
    struct grf_embedder *embedder;
};
/* A writer for a command that embeds nothing. The model is opened only to embed again what a
   run that was killed had not saved. */
GRF_NODISCARD grf_status open_without_model(const struct grf_cli *cli,
                                            struct grf_base_writer **w, struct grf_err *err);
GRF_NODISCARD grf_status index_setup_open(struct index_setup *s, const struct grf_cli *cli,
                                          struct grf_err *err);
void index_setup_release(struct index_setup *s);

#endif

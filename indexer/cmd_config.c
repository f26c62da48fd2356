/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index config: every setting and where it comes from. */
#include <stdio.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"

static struct {
    bool show_origin;
} opt;

const struct grf_option *cmd_config_options(void)
{
    static const struct grf_option options[] = {
        {0, "show-origin", GRF_OPT_FLAG, &opt.show_origin, NULL,
         N_("say for each setting in which line it is given"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

struct showing {
    const struct grf_cli *cli;
    const struct grf_conf *conf;
};

static void show_json(const struct showing *s, const char *section, const char *source,
                      const char *key, const char *value, int line)
{
    struct grf_str out;
    struct grf_json j;
    grf_str_init(&out, 65536);
    grf_json_begin(&j, &out);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "setting");
    grf_json_kv_textz(&j, "section", section);
    grf_json_kv_textz(&j, "source", source);
    grf_json_kv_textz(&j, "key", key);
    grf_json_kv_textz(&j, "value", value);
    grf_json_kv_textz(&j, "file", line ? s->conf->file : NULL);
    if (line)
        grf_json_kv_int(&j, "line", line);
    else
        grf_json_kv_null(&j, "line");
    grf_json_end_object(&j);
    printf("%s\n", out.p);
    grf_str_release(&out);
}

static void show(void *data, const char *section, const char *source, const char *key,
                 const char *value, int line)
{
    const struct showing *s = data;
    if (s->cli->json) {
        show_json(s, section, source, key, value, line);
        return;
    }
    if (opt.show_origin && line) {
        grf_log_put(stdout, s->conf->file);
        printf(":%d\t", line);
    } else if (opt.show_origin) {
        printf("%s\t", _("default"));
    }
    printf("[%s%s%s] %s = ", section, source ? " " : "", source ? source : "", key);
    grf_log_put(stdout, value);
    putchar('\n');
}

int cmd_config(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_conf conf;
    (void)argc;
    (void)argv;
    if (grf_conf_load(&conf, cli->config, &err))
        return grf_cli_fail(cli, &err);
    struct showing s = {cli, &conf};
    grf_conf_each(&conf, show, &s);
    grf_conf_release(&conf);
    return 0;
}

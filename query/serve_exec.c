/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In greffier-query, serving is left to greffier-serve: a question must not wait until the
 * web server's libraries are loaded. The process becomes it, and keeps its number and the
 * sockets that it was handed.
 */
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_where.h"

enum { WORDS_MOST = 16 };

int serve_run(const struct grf_cli *cli, const char *listen, const char *passwords)
{
    static const char *const names[] = {"--base", "--config", "--listen", "--passwords"};
    const char *const values[] = {cli->base, cli->config, listen, passwords};
    struct grf_err err = GRF_ERR_INIT;
    const char *words[WORDS_MOST] = {"greffier-serve"};
    size_t n = 1;
    for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++) {
        if (!values[i])
            continue;
        words[n++] = names[i];
        words[n++] = values[i];
    }
    if (cli->verbose < 0)
        words[n++] = "--quiet";
    for (int i = 0; i < cli->verbose && i < 2; i++)
        words[n++] = "--verbose";
    char *program = grf_helper_path("greffier-serve");
    if (!program) {
        (void)grf_fail_nomem(&err);
        return grf_cli_fail(cli, &err);
    }
    execv(program, (char *const *)words);
    (void)grf_fail_errno(&err, _("%s: the web server cannot be started"), program);
    grf_free(program);
    return grf_cli_fail(cli, &err);
}

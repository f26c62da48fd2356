/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query serve: the page that mayors use, and the same for programs. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "serve.h"

enum { STOP_TENTHS = 100 }; /* how long a stop waits for answers to leave */

static struct {
    const char *listen;
} opt;

const struct grf_option *cmd_serve_options(void)
{
    static const struct grf_option options[] = {
        {0, "listen", GRF_OPT_TEXT, &opt.listen, N_("ADDRESS:PORT"),
         N_("where to listen (default 127.0.0.1:8017)"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

/* Only the main thread is interrupted by signals. */
static void hold_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, before);
}

static void wait_for_signal(struct http *h, const struct grf_cli *cli,
                            const sigset_t *before)
{
    const struct timespec second = {1, 0};
    while (!*cli->cancel) {
        ppoll(NULL, 0, &second, before);
        http_tick(h);
    }
}

static void finish_answers(struct web_server *s, struct http *h)
{
    const struct timespec tenth = {0, 100000000};
    http_quiesce(h);
    for (int i = 0; i < STOP_TENTHS && web_pool_busy(s->pool); i++)
        nanosleep(&tenth, NULL);
}

/* The page is for French town halls, whatever the language of who starts it. */
static void speak_french(void)
{
    if (setenv("LANGUAGE", "fr", 1) == 0)
        grf_i18n_init();
}

static grf_status serve(struct web_server *s, struct grf_err *err)
{
    sigset_t before;
    struct http *h = NULL;
    speak_french();
    hold_signals(&before);
    grf_status st = web_pool_start(s, WEB_THREADS, &s->pool, err);
    if (!st)
        st = http_start(s, s->listen.fd, true, &h, err);
    if (!st) {
        printf(_("greffier: http://%s/\n"), s->listen.shown);
        fflush(stdout);
        wait_for_signal(h, s->cli, &before);
        finish_answers(s, h);
    }
    web_pool_stop(s->pool);
    http_stop(h);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return st;
}

static grf_status check_address(const struct web_server *s, struct grf_err *err)
{
    if (s->listen.loopback)
        return GRF_OK;
    return grf_fail(err, GRF_INVALID,
                    _("%s is reached from the network: name a password file with "
                      "--passwords (greffier-query passwd makes one)"),
                    s->listen.shown);
}

int cmd_serve(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct web_server s = {.cli = cli, .scheme = "http", .listen = {.fd = -1}};
    (void)argc;
    (void)argv;
    grf_status st = grf_conf_load(&s.conf, cli->config, &err);
    if (!st)
        st = web_listen_open(opt.listen ? opt.listen : "127.0.0.1:8017", &s.listen, &err);
    if (!st)
        st = check_address(&s, &err);
    if (!st)
        st = web_assets_load(&s.assets, &err);
    if (!st)
        st = serve(&s, &err);
    web_assets_free(s.assets);
    grf_conf_release(&s.conf);
    return st ? grf_cli_fail(cli, &err) : 0;
}

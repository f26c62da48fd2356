/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-serve: the page that mayors use, and the same for programs. */
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

/* Only the main thread is interrupted by signals. */
static void hold_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, before);
}

static void wait_for_signal(struct web_server *s, struct http *h, const sigset_t *before)
{
    const struct timespec second = {1, 0};
    while (!*s->cli->cancel) {
        ppoll(NULL, 0, &second, before);
        http_tick(h);
        if (s->auth)
            web_auth_tick(s->auth);
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
    grf_status st = web_pool_start(s, s->conf.serve_threads, &s->pool, err);
    if (!st)
        st = http_start(s, s->listen.fd, !s->conf.serve_proxy, &h, err);
    if (!st) {
        printf(_("greffier: http://%s/\n"), s->listen.shown);
        fflush(stdout);
        wait_for_signal(s, h, &before);
        finish_answers(s, h);
    }
    if (s->pool)
        web_pool_stop(s->pool);
    http_stop(h);
    web_pool_free(s->pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return st;
}

/* A name other than this machine's own, or a proxy, means that others come too. */
static grf_status check_address(const struct web_server *s, struct grf_err *err)
{
    bool loopback = s->listen.loopback && !s->conf.serve_hosts.n && !s->conf.serve_proxy;
    if (loopback || s->auth)
        return GRF_OK;
    return grf_fail(err, GRF_INVALID,
                    _("%s is reached from the network: name a password file with "
                      "--passwords (greffier-query passwd makes one)"),
                    s->listen.shown);
}

static grf_status open_server(struct web_server *s, const char *where, const char *passwords,
                              struct grf_err *err)
{
    if (!where)
        where = s->conf.serve_listen;
    if (!passwords)
        passwords = s->conf.serve_passwords;
    grf_status st = web_listen_open(where ? where : "127.0.0.1:8017", &s->listen, err);
    if (!st && passwords)
        st = web_auth_open(passwords, &s->auth, err);
    if (!st)
        st = check_address(s, err);
    if (!st)
        st = web_rate_new(s->conf.serve_rate, &s->rate, err);
    if (!st)
        st = web_assets_load(&s->assets, err);
    return st;
}

int serve_run(const struct grf_cli *cli, const char *where, const char *passwords)
{
    struct grf_err err = GRF_ERR_INIT;
    struct web_server s = {.cli = cli, .listen = {.fd = -1}};
    grf_status st = grf_conf_load(&s.conf, cli->config, &err);
    snprintf(s.scheme, sizeof(s.scheme), "%s", s.conf.serve_https ? "https" : "http");
    if (!st)
        st = open_server(&s, where, passwords, &err);
    if (!st)
        st = serve(&s, &err);
    web_assets_free(s.assets);
    web_rate_free(s.rate);
    web_auth_close(s.auth);
    grf_conf_release(&s.conf);
    return st ? grf_cli_fail(cli, &err) : 0;
}

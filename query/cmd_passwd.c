/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query passwd: who may log in to the web page. */
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "web_auth.h"

static struct {
    int iterations;
    bool remove;
} opt;

const struct grf_option *cmd_passwd_options(void)
{
    static const struct grf_option options[] = {
        {0, "remove", GRF_OPT_FLAG, &opt.remove, NULL, N_("take the user out of the file"), 0,
         0},
        {0, "iterations", GRF_OPT_INT, &opt.iterations, "N",
         N_("work for each guess (default 600000)"), 100000, 100000000},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    opt.iterations = AUTH_ITERATIONS;
    return options;
}

/* One line of standard input, unseen on a terminal. */
static grf_status ask(const char *prompt, char out[AUTH_PASSWORD_MOST], struct grf_err *err)
{
    struct termios before, quiet;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        fprintf(stderr, "%s", prompt);
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    char *line = fgets(out, AUTH_PASSWORD_MOST, stdin);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fprintf(stderr, "\n");
    }
    if (!line)
        return grf_fail(err, GRF_INVALID, "%s", _("no password given"));
    out[strcspn(out, "\r\n")] = 0;
    return GRF_OK;
}

static grf_status ask_twice(char out[AUTH_PASSWORD_MOST], struct grf_err *err)
{
    char again[AUTH_PASSWORD_MOST];
    grf_status st = ask(_("Password: "), out, err);
    if (!st && strlen(out) < AUTH_PASSWORD_LEAST)
        st = grf_fail(err, GRF_INVALID, _("the password is shorter than %d characters"),
                      AUTH_PASSWORD_LEAST);
    if (st || !isatty(STDIN_FILENO))
        return st;
    st = ask(_("Once more: "), again, err);
    if (!st && strcmp(out, again) != 0)
        st = grf_fail(err, GRF_INVALID, "%s", _("the two are not the same"));
    return st;
}

static grf_status put(struct auth_users *u, const char *name, struct grf_err *err)
{
    char password[AUTH_PASSWORD_MOST];
    grf_status st = ask_twice(password, err);
    struct auth_user *user = (struct auth_user *)auth_user_find(u, name);
    if (!st && !user && grf_grow(&u->v, u->n, &u->cap, sizeof(*u->v)))
        st = grf_fail_nomem(err);
    if (!st && !user) {
        user = &u->v[u->n++];
        snprintf(user->name, sizeof(user->name), "%s", name);
    }
    return st ? st
              : auth_user_set(user, grf_sv_z(password), (unsigned)opt.iterations, err);
}

static grf_status take_out(struct auth_users *u, const char *name, struct grf_err *err)
{
    const struct auth_user *user = auth_user_find(u, name);
    if (!user)
        return grf_fail(err, GRF_NOTFOUND, _("%s: no such user in the file"), name);
    size_t at = (size_t)(user - u->v);
    memmove(&u->v[at], &u->v[at + 1], (u->n - at - 1) * sizeof(*u->v));
    u->n--;
    return GRF_OK;
}

int cmd_passwd(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct auth_users u = {.n = 0};
    (void)argc;
    if (!auth_name_is_good(argv[1]))
        return grf_cli_usage(cli, "passwd", _("%s: a name has letters, digits and ._@- only"),
                             argv[1]);
    grf_status st = GRF_OK;
    if (access(argv[0], F_OK) == 0)
        st = auth_users_read(argv[0], &u, &err);
    if (!st)
        st = opt.remove ? take_out(&u, argv[1], &err) : put(&u, argv[1], &err);
    if (!st)
        st = auth_users_write(argv[0], &u, &err);
    auth_users_release(&u);
    return st ? grf_cli_fail(cli, &err) : 0;
}

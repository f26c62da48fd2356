/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report on disk, and by mail through the local sendmail (no shell between). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "nightly.h"

extern char **environ;

enum { REPORT_MOST = 256 << 20, SUBJECT_MOST = 400 };

typedef grf_status (*writer)(const struct night *n, struct grf_str *out,
                             struct grf_err *err);

static grf_status json_with_notes(const struct night *n, struct grf_str *out,
                                  struct grf_err *err)
{
    grf_status st = night_report_json(n, true, out, err);
    grf_str_addc(out, '\n');
    return st ? st : grf_str_status(out, err);
}

static const struct {
    const char *ending;
    writer write;
} forms[] = {
    {"txt", night_report_text}, {"html", night_report_html}, {"json", json_with_notes}};

/* ---- files */

/* "2026-11-27T020304Z": sorts by time. */
static void stamp(int64_t when, char out[32])
{
    time_t t = (time_t)when;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || !strftime(out, 32, "%Y-%m-%dT%H%M%SZ", &tm))
        snprintf(out, 32, "%lld", (long long)when);
}

static grf_status save_as(const struct night *n, const char *name, const char *ending,
                          const struct grf_str *text, struct grf_err *err)
{
    struct grf_str path;
    struct grf_sv piece = grf_str_sv(text);
    grf_str_init(&path, 65536);
    grf_str_addf(&path, "%s/reports/%s.%s", n->cli->base, name, ending);
    grf_status st = grf_str_status(&path, err);
    if (!st)
        st = grf_file_replace(path.p, &piece, 1, err);
    grf_str_release(&path);
    return st;
}

static int is_report(const struct dirent *e)
{
    return e->d_name[0] >= '0' && e->d_name[0] <= '9';
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name);
}

static void drop_oldest(const struct night *n)
{
    struct dirent **names = NULL;
    char *dir = grf_path_join(n->cli->base, "reports");
    int found = dir ? scandir(dir, &names, is_report, newest_first) : 0;
    int most = n->conf->keep_reports * (int)GRF_ARRAY_LEN(forms);
    for (int i = 0; i < found; i++) {
        char *path = i >= most ? grf_path_join(dir, names[i]->d_name) : NULL;
        if (path)
            unlink(path);
        grf_free(path);
        free(names[i]);
    }
    free(names);
    grf_free(dir);
}

grf_status night_report_save(const struct night *n, struct grf_err *err)
{
    char name[32];
    grf_status st = GRF_OK;
    stamp(n->now, name);
    for (size_t i = 0; i < GRF_ARRAY_LEN(forms) && !st; i++) {
        struct grf_str text;
        grf_str_init(&text, REPORT_MOST);
        st = forms[i].write(n, &text, err);
        if (!st)
            st = save_as(n, name, forms[i].ending, &text, err);
        if (!st)
            st = save_as(n, "latest", forms[i].ending, &text, err);
        grf_str_release(&text);
    }
    if (!st)
        drop_oldest(n);
    return st;
}

/* ---- mail */

/* A header line that is not ASCII: RFC 2047, "Q". */
static void add_subject(struct grf_str *out, const char *text)
{
    grf_str_addz(out, "Subject: =?UTF-8?Q?");
    size_t line = 20;
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool starts = (c & 0xC0) != 0x80;
        if (line > 60 && starts) { /* a word of it has at most 75 characters */
            grf_str_addz(out, "?=\r\n =?UTF-8?Q?");
            line = 12;
        }
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain)
            grf_str_addc(out, (char)c);
        else
            grf_str_addf(out, "=%02X", c);
        line += plain ? 1 : 3;
    }
    grf_str_addz(out, "?=\r\n");
}

static grf_status write_mail(const struct night *n, struct grf_str *out,
                             struct grf_err *err)
{
    struct grf_str line;
    grf_str_init(&line, SUBJECT_MOST);
    grf_str_addz(&line, "greffier : ");
    grf_status st = night_report_line(n, &line, err);
    grf_str_addf(out, "To: %s\r\n", n->conf->mail);
    add_subject(out, line.p);
    grf_str_addz(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                      "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n"
                      "\r\n");
    grf_str_release(&line);
    return st ? st : night_report_text(n, out, err);
}

static int start(const char *program, int from, pid_t *pid)
{
    char *const argv[] = {(char *)program, (char *)"-i", (char *)"-t", NULL};
    posix_spawn_file_actions_t files;
    int e = posix_spawn_file_actions_init(&files);
    if (e)
        return e;
    e = posix_spawn_file_actions_adddup2(&files, from, STDIN_FILENO);
    if (!e)
        e = posix_spawn(pid, program, &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    return e;
}

static grf_status wait_for(pid_t pid, const char *program, struct grf_err *err)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return grf_fail_errno(err, "%s", program);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return GRF_OK;
    return grf_fail(err, GRF_IO, _("the report was not mailed: %s ended with %d"), program,
                    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

grf_status night_report_mail(const struct night *n, struct grf_err *err)
{
    const char *program = n->conf->sendmail ? n->conf->sendmail : "/usr/sbin/sendmail";
    struct grf_str mail;
    int ends[2];
    pid_t pid;
    grf_str_init(&mail, REPORT_MOST);
    grf_status st = write_mail(n, &mail, err);
    if (!st && pipe2(ends, O_CLOEXEC) != 0)
        st = grf_fail_errno(err, "%s", program);
    if (st) {
        grf_str_release(&mail);
        return st;
    }
    int e = start(program, ends[0], &pid);
    close(ends[0]);
    if (e) {
        errno = e;
        st = grf_fail_errno(err, _("the report was not mailed: %s"), program);
    } else {
        /* SIGPIPE is ignored: a program that does not read shows in its exit */
        (void)!grf_file_write_all(ends[1], mail.p, mail.n, NULL);
    }
    close(ends[1]);
    if (!e)
        st = wait_for(pid, program, err);
    grf_str_release(&mail);
    return st;
}

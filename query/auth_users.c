/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The password file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "web_auth.h"

enum { FILE_MOST = 1 << 20, ITERATIONS_LEAST = 1000, ITERATIONS_MOST = 100000000 };
#define SCHEME "pbkdf2-sha256"

void auth_users_release(struct auth_users *u)
{
    grf_free(u->v);
    memset(u, 0, sizeof(*u));
}

const struct auth_user *auth_user_find(const struct auth_users *u, const char *name)
{
    for (size_t i = 0; i < u->n; i++) {
        if (strcmp(u->v[i].name, name) == 0)
            return &u->v[i];
    }
    return NULL;
}

bool auth_name_is_good(const char *name)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789._@-";
    size_t n = strlen(name);
    return n && n < AUTH_NAME && strspn(name, good) == n;
}

/* ---- reading */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *z, unsigned char *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int high = digit(z[2 * i]), low = high < 0 ? -1 : digit(z[2 * i + 1]);
        if (low < 0)
            return false;
        out[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

/* Cuts the line at its colons. */
static bool read_line(char *line, struct auth_user *u)
{
    char *field[5], *end;
    for (int i = 0; i < 5; i++) {
        field[i] = line;
        char *colon = strchr(line, ':');
        if ((colon != NULL) != (i < 4))
            return false;
        if (colon) {
            *colon = 0;
            line = colon + 1;
        }
    }
    long n = strtol(field[2], &end, 10);
    if (!auth_name_is_good(field[0]) || strcmp(field[1], SCHEME) != 0 || *end ||
        n < ITERATIONS_LEAST || n > ITERATIONS_MOST || strlen(field[3]) != 2 * AUTH_SALT ||
        strlen(field[4]) != 2 * GRF_PBKDF2_BYTES)
        return false;
    memcpy(u->name, field[0], strlen(field[0]) + 1);
    u->iterations = (unsigned)n;
    return read_hex(field[3], u->salt, AUTH_SALT) &&
           read_hex(field[4], u->hash, GRF_PBKDF2_BYTES);
}

static grf_status read_text(char *text, const char *path, struct auth_users *out,
                            struct grf_err *err)
{
    int number = 0;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        line[strcspn(line, "\r")] = 0;
        number++;
        if (!line[0] || line[0] == '#')
            continue;
        if (grf_grow(&out->v, out->n, &out->cap, sizeof(*out->v)))
            return grf_fail_nomem(err);
        struct auth_user *u = &out->v[out->n];
        memset(u, 0, sizeof(*u));
        if (!read_line(line, u))
            return grf_fail(err, GRF_PARSE,
                            _("password file '%s', line %d: not a line of greffier-query "
                              "passwd"),
                            path, number);
        out->n++;
    }
    return GRF_OK;
}

static grf_status check_rights(const char *path, struct grf_err *err)
{
    struct stat sb;
    if (stat(path, &sb) != 0)
        return grf_fail_errno(err, _("password file '%s'"), path);
    if (sb.st_mode & (S_IRWXO | S_IWGRP))
        return grf_fail(err, GRF_INVALID,
                        _("password file '%s': others may read or change it; chmod 640 it"),
                        path);
    return GRF_OK;
}

grf_status auth_users_read(const char *path, struct auth_users *out, struct grf_err *err)
{
    struct grf_str text;
    memset(out, 0, sizeof(*out));
    grf_str_init(&text, FILE_MOST);
    grf_status st = check_rights(path, err);
    if (!st)
        st = grf_file_read(path, FILE_MOST, &text, err);
    if (!st)
        st = read_text(text.p, path, out, err);
    grf_str_release(&text);
    if (st)
        auth_users_release(out);
    return st;
}

/* ---- writing */

static void add_hex(struct grf_str *s, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        grf_str_addf(s, "%02x", p[i]);
}

/* The new file has the rights and owner of the old one: the service must still read it. */
static grf_status put_rights(const char *path, const struct stat *old, struct grf_err *err)
{
    if (chmod(path, old ? old->st_mode & 0640 : 0600) != 0)
        return grf_fail_errno(err, "%s", path);
    if (old && chown(path, old->st_uid, old->st_gid) != 0 && errno != EPERM)
        return grf_fail_errno(err, "%s", path);
    return GRF_OK;
}

grf_status auth_users_write(const char *path, const struct auth_users *u, struct grf_err *err)
{
    struct grf_str s;
    struct stat old;
    bool there = stat(path, &old) == 0;
    grf_str_init(&s, FILE_MOST);
    for (size_t i = 0; i < u->n; i++) {
        grf_str_addf(&s, "%s:%s:%u:", u->v[i].name, SCHEME, u->v[i].iterations);
        add_hex(&s, u->v[i].salt, AUTH_SALT);
        grf_str_addc(&s, ':');
        add_hex(&s, u->v[i].hash, GRF_PBKDF2_BYTES);
        grf_str_addc(&s, '\n');
    }
    grf_status st = grf_str_status(&s, err);
    struct grf_sv piece = grf_str_sv(&s);
    mode_t mask = umask(077);
    if (!st)
        st = grf_file_replace(path, &piece, 1, err);
    umask(mask);
    grf_str_release(&s);
    return st ? st : put_rights(path, there ? &old : NULL, err);
}

grf_status auth_user_set(struct auth_user *u, struct grf_sv password, unsigned iterations,
                         struct grf_err *err)
{
    if (getrandom(u->salt, AUTH_SALT, 0) != AUTH_SALT)
        return grf_fail_errno(err, "%s", _("the system gives no random bytes"));
    u->iterations = iterations;
    grf_pbkdf2(password, grf_sv((const char *)u->salt, AUTH_SALT), iterations, u->hash);
    return GRF_OK;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sessions, and how fast one may guess. A session's token is random and known to its
 * browser only: here stands its SHA-256. A guess counts as wrong before it is looked at,
 * so that many at once do not slip through together.
 */
#include "web_auth.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_progress.h"

enum { SESSIONS = 256, GUESSERS = 512, FORGET_SECONDS = 3600, TOKEN_BYTES = 32 };

struct session {
    char id[GRF_SHA256_HEX]; /* of the token; "" while free */
    char user[AUTH_NAME];
    double began, seen;
};

/* An address or a user ("@name") with wrong passwords. */
struct guesser {
    char who[AUTH_NAME + 2];
    int wrong;
    double last, until;
};

struct web_auth {
    char *path;
    pthread_mutex_t lock;
    struct auth_users users;
    struct timespec changed;
    uint64_t inode;
    struct session sessions[SESSIONS];
    struct guesser guessers[GUESSERS];
};

/* ---- the file */

static grf_status read_users(struct web_auth *a, struct auth_users *out, struct grf_err *err)
{
    struct stat sb;
    if (stat(a->path, &sb) == 0) {
        a->changed = sb.st_mtim;
        a->inode = (uint64_t)sb.st_ino;
    }
    return auth_users_read(a->path, out, err);
}

grf_status web_auth_open(const char *path, struct web_auth **out, struct grf_err *err)
{
    struct web_auth *a = grf_calloc(1, sizeof(*a));
    *out = a;
    if (!a)
        return grf_fail_nomem(err);
    pthread_mutex_init(&a->lock, NULL);
    a->path = grf_strdup(path);
    grf_status st = a->path ? read_users(a, &a->users, err) : grf_fail_nomem(err);
    if (!st && !a->users.n)
        st = grf_fail(err, GRF_INVALID,
                      _("password file '%s': nobody is in it; add a user with "
                        "greffier-query passwd %s USER"),
                      path, path);
    if (st) {
        web_auth_close(a);
        *out = NULL;
    }
    return st;
}

void web_auth_close(struct web_auth *a)
{
    if (!a)
        return;
    auth_users_release(&a->users);
    pthread_mutex_destroy(&a->lock);
    grf_free(a->path);
    grf_free(a);
}

static void end_sessions(struct web_auth *a, const struct auth_users *now)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        struct session *s = &a->sessions[i];
        const struct auth_user *old = auth_user_find(&a->users, s->user);
        const struct auth_user *new = auth_user_find(now, s->user);
        if (s->id[0] && (!old || !new || memcmp(old->hash, new->hash, sizeof(old->hash)) != 0))
            memset(s, 0, sizeof(*s));
    }
}

void web_auth_tick(struct web_auth *a)
{
    struct stat sb;
    struct grf_err err = GRF_ERR_INIT;
    struct auth_users now;
    if (stat(a->path, &sb) != 0 ||
        (sb.st_mtim.tv_sec == a->changed.tv_sec && sb.st_mtim.tv_nsec == a->changed.tv_nsec &&
         (uint64_t)sb.st_ino == a->inode))
        return;
    if (read_users(a, &now, &err)) {
        grf_log(GRF_LOG_ERROR, "%s", err.msg); /* the users known before stay */
        return;
    }
    pthread_mutex_lock(&a->lock);
    end_sessions(a, &now);
    auth_users_release(&a->users);
    a->users = now;
    pthread_mutex_unlock(&a->lock);
}

/* ---- guessing: with the lock held */

static struct guesser *guesser_of(struct web_auth *a, const char *who, double now)
{
    struct guesser *oldest = &a->guessers[0];
    for (size_t i = 0; i < GUESSERS; i++) {
        struct guesser *g = &a->guessers[i];
        if (strcmp(g->who, who) == 0) {
            if (now - g->last > FORGET_SECONDS)
                g->wrong = 0;
            return g;
        }
        if (g->last < oldest->last)
            oldest = g;
    }
    memset(oldest, 0, sizeof(*oldest));
    snprintf(oldest->who, sizeof(oldest->who), "%s", who);
    return oldest;
}

/* Seconds still to wait; 0: the guess is taken, and counted as wrong for now. */
static int begin_guess(struct web_auth *a, const char *who, int most, double now)
{
    struct guesser *g = guesser_of(a, who, now);
    if (now < g->until)
        return (int)(g->until - now) + 1;
    int over = ++g->wrong - AUTH_FREE_GUESSES;
    int wait = over < 0 ? 0 : over > 10 ? most : 1 << over;
    g->until = now + (wait < most ? wait : most);
    g->last = now;
    return 0;
}

static void forgive(struct web_auth *a, const char *who, double now)
{
    struct guesser *g = guesser_of(a, who, now);
    g->wrong = 0;
    g->until = 0;
    g->last = 0;
}

/* ---- sessions: with the lock held */

static bool over(const struct session *s, double now)
{
    return !s->id[0] || now - s->began > AUTH_SESSION_SECONDS ||
           now - s->seen > AUTH_IDLE_SECONDS;
}

static struct session *free_session(struct web_auth *a, double now)
{
    struct session *oldest = &a->sessions[0];
    for (size_t i = 0; i < SESSIONS; i++) {
        struct session *s = &a->sessions[i];
        if (over(s, now))
            return s;
        if (s->seen < oldest->seen)
            oldest = s;
    }
    return oldest;
}

static struct session *session_of(struct web_auth *a, const char *token)
{
    char id[GRF_SHA256_HEX];
    grf_sha256(grf_sv_z(token), id);
    for (size_t i = 0; i < SESSIONS; i++) {
        if (a->sessions[i].id[0] && grf_same_secret(a->sessions[i].id, id, sizeof(id)))
            return &a->sessions[i];
    }
    return NULL;
}

static grf_status new_session(struct web_auth *a, const char *user, char token[AUTH_TOKEN],
                              struct grf_err *err)
{
    unsigned char bytes[TOKEN_BYTES];
    double now = grf_now();
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return grf_fail_errno(err, "%s", _("the system gives no random bytes"));
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    pthread_mutex_lock(&a->lock);
    struct session *s = free_session(a, now);
    memset(s, 0, sizeof(*s));
    grf_sha256(grf_sv_z(token), s->id);
    snprintf(s->user, sizeof(s->user), "%s", user);
    s->began = s->seen = now;
    pthread_mutex_unlock(&a->lock);
    return GRF_OK;
}

bool web_auth_session(struct web_auth *a, const char *token, char user[AUTH_NAME])
{
    double now = grf_now();
    pthread_mutex_lock(&a->lock);
    struct session *s = session_of(a, token);
    bool good = s && !over(s, now);
    if (good) {
        s->seen = now;
        memcpy(user, s->user, AUTH_NAME);
    } else if (s) {
        memset(s, 0, sizeof(*s));
    }
    pthread_mutex_unlock(&a->lock);
    return good;
}

void web_auth_logout(struct web_auth *a, const char *token)
{
    pthread_mutex_lock(&a->lock);
    struct session *s = session_of(a, token);
    if (s)
        memset(s, 0, sizeof(*s));
    pthread_mutex_unlock(&a->lock);
}

/* ---- login */

/* The user, or one that has never existed: whether there is such a user cannot be told
   from the time that the answer takes. */
static struct auth_user user_to_try(struct web_auth *a, const char *name, bool *there)
{
    const struct auth_user *u = auth_user_find(&a->users, name);
    struct auth_user none = {.iterations = AUTH_ITERATIONS};
    if (a->users.n)
        none.iterations = a->users.v[0].iterations;
    *there = u != NULL;
    return u ? *u : none;
}

static int begin_guesses(struct web_auth *a, const char *address, const char *user,
                         struct auth_user *u, bool *there)
{
    double now = grf_now();
    pthread_mutex_lock(&a->lock);
    int wait = begin_guess(a, address, AUTH_WAIT_MOST, now);
    if (!wait)
        wait = begin_guess(a, user, AUTH_WAIT_MOST_USER, now);
    *u = user_to_try(a, user + 1, there);
    pthread_mutex_unlock(&a->lock);
    return wait;
}

grf_status web_auth_login(struct web_auth *a, const char *address, const char *user,
                          const char *password, char token[AUTH_TOKEN], int *wait,
                          struct grf_err *err)
{
    unsigned char hash[GRF_PBKDF2_BYTES];
    char who[AUTH_NAME + 1];
    struct auth_user u;
    bool there;
    snprintf(who, sizeof(who), "@%s", user);
    *wait = begin_guesses(a, address, who, &u, &there);
    if (*wait)
        return grf_fail(err, GRF_BUSY, _("too many wrong passwords; wait %d s"), *wait);
    struct grf_sv given = grf_sv_z(password);
    if (given.n > AUTH_PASSWORD_MOST)
        given.n = AUTH_PASSWORD_MOST;
    grf_pbkdf2(given, grf_sv((const char *)u.salt, AUTH_SALT), u.iterations, hash);
    bool same = grf_same_secret(hash, u.hash, sizeof(hash));
    if (!there || !same) {
        grf_log(GRF_LOG_WARNING, "login refused for %s", address);
        return grf_fail(err, GRF_INVALID, "%s", _("wrong name or password"));
    }
    pthread_mutex_lock(&a->lock);
    forgive(a, address, grf_now());
    forgive(a, who, grf_now());
    pthread_mutex_unlock(&a->lock);
    return new_session(a, u.name, token, err);
}

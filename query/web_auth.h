/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may come in: the password file, sessions, and how fast one may guess or ask.
 *
 * A password file has a line "USER:pbkdf2-sha256:ITERATIONS:SALT:HASH" for each user, the
 * last two in hexadecimal; empty lines and those that begin with "#" are left out. It is
 * read again when it has changed; sessions of users who are gone, or whose password is
 * another, end then.
 */
#ifndef GRF_QUERY_WEB_AUTH_H
#define GRF_QUERY_WEB_AUTH_H

#include <stdbool.h>

#include "grf_err.h"
#include "grf_hash.h"

enum {
    AUTH_NAME = 64,           /* bytes of a user's name with NUL */
    AUTH_TOKEN = 65,          /* of a session's token */
    AUTH_ADDRESS = 64,        /* of a client's address as text */
    AUTH_SALT = 16,
    AUTH_ITERATIONS = 600000, /* for new passwords */
    AUTH_PASSWORD_LEAST = 12, /* bytes of a new password */
    AUTH_PASSWORD_MOST = 1024,
    AUTH_SESSION_SECONDS = 12 * 3600, /* whatever happens */
    AUTH_IDLE_SECONDS = 2 * 3600,     /* without a request */
    AUTH_FREE_GUESSES = 5,            /* wrong passwords before waiting begins */
    AUTH_WAIT_MOST = 900,             /* seconds, of an address */
    AUTH_WAIT_MOST_USER = 30          /* of a user, so that nobody locks others out */
};

struct auth_user {
    char name[AUTH_NAME];
    unsigned iterations;
    unsigned char salt[AUTH_SALT], hash[GRF_PBKDF2_BYTES];
};

struct auth_users {
    struct auth_user *v;
    size_t n, cap;
};
/* GRF_NOTFOUND, GRF_PARSE with the line, GRF_INVALID when others may read the file. */
GRF_NODISCARD grf_status auth_users_read(const char *path, struct auth_users *out,
                                         struct grf_err *err);
GRF_NODISCARD grf_status auth_users_write(const char *path, const struct auth_users *u,
                                          struct grf_err *err);
void auth_users_release(struct auth_users *u);
const struct auth_user *auth_user_find(const struct auth_users *u, const char *name);
/* Letters, digits and "._@-". */
bool auth_name_is_good(const char *name);
/* Fills salt and hash. */
GRF_NODISCARD grf_status auth_user_set(struct auth_user *u, struct grf_sv password,
                                       unsigned iterations, struct grf_err *err);

struct web_auth; /* any thread */
GRF_NODISCARD grf_status web_auth_open(const char *path, struct web_auth **out,
                                       struct grf_err *err);
void web_auth_close(struct web_auth *a);
/* About once a second: reads the file again when it has changed. */
void web_auth_tick(struct web_auth *a);

/* Checks a password, slowly. GRF_BUSY with *wait (seconds) when too many were wrong before;
   GRF_INVALID when user or password is wrong; else token names a new session. */
GRF_NODISCARD grf_status web_auth_login(struct web_auth *a, const char *address,
                                        const char *user, const char *password,
                                        char token[AUTH_TOKEN], int *wait,
                                        struct grf_err *err);
/* Whose session that is. */
bool web_auth_session(struct web_auth *a, const char *token, char user[AUTH_NAME]);
void web_auth_logout(struct web_auth *a, const char *token);

/* ---- how fast one address may ask: the thread of the connections only */

struct web_rate;
/* per_second with bursts of ten times that. */
GRF_NODISCARD grf_status web_rate_new(int per_second, struct web_rate **out,
                                      struct grf_err *err);
void web_rate_free(struct web_rate *r);
bool web_rate_allows(struct web_rate *r, const char *address);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the web server makes of what is sent to it; who may come in, and how fast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../query/serve.h"
#include "grf_mem.h"

/* ---- decoding */

static bool decodes(const char *in, bool plus, const char *want)
{
    struct grf_str out;
    grf_str_init(&out, 4096);
    bool good = web_decode(grf_sv_z(in), plus, &out);
    bool same = good && want && strcmp(out.p, want) == 0 && out.n == strlen(want) + 1;
    grf_str_release(&out);
    return want ? same : good;
}

static void text_is_decoded(void **state)
{
    (void)state;
    assert_true(decodes("", true, ""));
    assert_true(decodes("a+b%20c", true, "a b c"));
    assert_true(decodes("a+b", false, "a+b"));
    assert_true(decodes("%C3%A9%e2%82%ac", true, "é€"));
    assert_true(decodes("%09%0A%0d", true, "\t\n\r"));
    assert_true(decodes("%2525", true, "%25")); /* once */
}

static void what_is_no_text_is_refused(void **state)
{
    static const char *const bad[] = {"%",   "%2",  "%zz", "%2g",    "a%",     "%00", "%1F",
                                      "%7f", "%ff", "%C3", "%C0%AF", "%ED%A0%80", "%F5%80%80%80"};
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(bad); i++)
        assert_false(decodes(bad[i], true, NULL));
}

/* ---- forms */

static const char *value(const struct web_form *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++) {
        if (strcmp(f->pairs[i].name, name) == 0)
            return f->pairs[i].value;
    }
    return NULL;
}

static void parameters_are_read(void **state)
{
    struct web_form f;
    (void)state;
    assert_int_equal(web_form_read(&f, "/x?a=1&b&&=c&a=2%26&d==", "", grf_sv("", 0), false, NULL),
                     GRF_OK);
    assert_int_equal(f.n, 5);
    assert_string_equal(value(&f, "a"), "1");
    assert_string_equal(value(&f, "b"), "");
    assert_string_equal(value(&f, ""), "c");
    assert_string_equal(value(&f, "d"), "=");
    assert_string_equal(f.pairs[3].value, "2&");
    web_form_release(&f);
    assert_int_equal(web_form_read(&f, "/", "application/x-www-form-urlencoded; charset=utf-8",
                                   grf_sv_z("q=l%27eau+du+port"), false, NULL),
                     GRF_OK);
    assert_string_equal(value(&f, "q"), "l'eau du port");
    web_form_release(&f);
    assert_int_equal(web_form_read(&f, "/", "application/x-www-form-urlencodedx",
                                   grf_sv_z("q=1"), false, NULL),
                     GRF_OK);
    assert_int_equal(f.n, 0);
    web_form_release(&f);
}

static void too_many_parameters_are_refused(void **state)
{
    struct grf_str s;
    struct web_form f;
    (void)state;
    grf_str_init(&s, 1 << 16);
    grf_str_addz(&s, "/?");
    for (int i = 0; i < 257; i++)
        grf_str_addz(&s, "a=1&");
    assert_int_equal(web_form_read(&f, s.p, "", grf_sv("", 0), false, NULL), GRF_LIMIT);
    web_form_release(&f);
    grf_str_release(&s);
}

static const char body[] = "lead\r\n--XyZ\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n"
                           "Vu l'article\r\nL. 1\r\n"
                           "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; "
                           "filename=\"../é.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
                           "%PDF-1.4\0\r\n--Xy\r\n"
                           "\r\n--XyZ\r\ncontent-disposition: form-data; name=\"empty\"\r\n\r\n"
                           "\r\n--XyZ--\r\n";
static const char multipart[] = "multipart/form-data; boundary=XyZ";

static void files_are_read(void **state)
{
    struct web_form f;
    (void)state;
    assert_int_equal(
        web_form_read(&f, "/?at=1", multipart, grf_sv(body, sizeof(body) - 1), true, NULL),
        GRF_OK);
    assert_int_equal(f.n, 3);
    assert_string_equal(value(&f, "text"), "Vu l'article\r\nL. 1");
    assert_string_equal(value(&f, "empty"), "");
    assert_int_equal(f.n_files, 1);
    assert_string_equal(f.files[0].name, "file");
    assert_string_equal(f.files[0].filename, "../é.pdf");
    assert_int_equal(f.files[0].bytes.n, strlen("%PDF-1.4") + 1 + strlen("\r\n--Xy\r\n"));
    web_form_release(&f);
    /* a route that takes no files does not look at them */
    assert_int_equal(
        web_form_read(&f, "/", multipart, grf_sv(body, sizeof(body) - 1), false, NULL), GRF_OK);
    assert_int_equal(f.n + f.n_files, 0);
    web_form_release(&f);
}

/* Cut anywhere, or with any byte changed, a body is read or refused, and never read past
   its end (the copy ends where it does: a sanitizer sees a step beyond). */
static void damaged_bodies_are_harmless(void **state)
{
    static const char *const types[] = {multipart, "multipart/form-data", "multipart/form-data;boundary=\"\"",
                                        "multipart/form-data; boundary=\"XyZ\""};
    struct web_form f;
    size_t refused = 0;
    (void)state;
    for (size_t n = 0; n < sizeof(body); n++) {
        char *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, body, n);
        refused += web_form_read(&f, "/", types[n % 4], grf_sv(copy, n), true, NULL) != GRF_OK;
        web_form_release(&f);
        if (n)
            copy[n / 2] ^= 0x2D;
        grf_status st = web_form_read(&f, "/", multipart, grf_sv(copy, n), true, NULL);
        assert_true(st == GRF_OK || st == GRF_PARSE);
        web_form_release(&f);
        free(copy);
    }
    assert_true(refused > sizeof(body) / 2);
}

static void without_memory_a_form_is_refused(void **state)
{
    struct web_form f;
    grf_status st = GRF_NOMEM;
    size_t points = 0;
    (void)state;
    for (uint64_t nth = 1; st; nth++, points++) {
        grf_mem_fail_at(nth, 1);
        st = web_form_read(&f, "/?a=1&b=2", multipart, grf_sv(body, sizeof(body) - 1), true, NULL);
        grf_mem_fail_at(0, 0);
        assert_true(st == GRF_OK || st == GRF_NOMEM);
        web_form_release(&f);
    }
    assert_true(points > 3);
}

/* ---- how fast */

static void an_address_has_its_rate(void **state)
{
    struct web_rate *r;
    size_t given = 0;
    (void)state;
    assert_int_equal(web_rate_new(1, &r, NULL), GRF_OK);
    while (given < 1000 && web_rate_allows(r, "192.0.2.1"))
        given++;
    assert_in_range(given, 10, 999); /* the burst, and what came while it lasted */
    assert_true(web_rate_allows(r, "192.0.2.2"));
    for (int i = 0; i < 100000; i++) { /* more addresses than places: still no more memory */
        char z[32];
        snprintf(z, sizeof(z), "2001:db8:%x::", i);
        assert_true(web_rate_allows(r, z));
    }
    web_rate_free(r);
}

/* ---- passwords and sessions */

static char file[] = "/tmp/grf-web-XXXXXX";

static void write_users(const char *const *names, size_t n, const char *password)
{
    struct auth_users u = {.n = 0};
    u.v = grf_calloc(n, sizeof(*u.v));
    for (u.n = 0; u.n < n; u.n++) {
        snprintf(u.v[u.n].name, AUTH_NAME, "%s", names[u.n]);
        assert_int_equal(auth_user_set(&u.v[u.n], grf_sv_z(password), 1000, NULL), GRF_OK);
    }
    assert_int_equal(auth_users_write(file, &u, NULL), GRF_OK);
    auth_users_release(&u);
}

static void users_are_read_back(void **state)
{
    static const char *const names[] = {"anne", "b.c@d-e_f"};
    struct auth_users u;
    struct stat sb;
    (void)state;
    write_users(names, 2, "secret");
    assert_int_equal(stat(file, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, 0600);
    assert_int_equal(auth_users_read(file, &u, NULL), GRF_OK);
    assert_int_equal(u.n, 2);
    assert_non_null(auth_user_find(&u, "anne"));
    assert_null(auth_user_find(&u, "ann"));
    assert_memory_not_equal(u.v[0].salt, u.v[1].salt, AUTH_SALT);
    assert_memory_not_equal(u.v[0].hash, u.v[1].hash, GRF_PBKDF2_BYTES);
    auth_users_release(&u);
    assert_false(auth_name_is_good(""));
    assert_false(auth_name_is_good("a:b"));
    assert_false(auth_name_is_good("a\nb"));
    assert_false(auth_name_is_good("é"));
}

static void wrong_files_are_refused(void **state)
{
    static const char *const lines[] = {
        "anne", "anne:pbkdf2-sha256:1000", "anne:md5:1000:00:00", ":::::", "a:b:c:d:e:f",
        "anne:pbkdf2-sha256:1:00000000000000000000000000000000:"
        "0000000000000000000000000000000000000000000000000000000000000000",
        "anne:pbkdf2-sha256:1000:0000000000000000000000000000000x:"
        "0000000000000000000000000000000000000000000000000000000000000000"};
    struct auth_users u;
    struct grf_err err = GRF_ERR_INIT;
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(lines); i++) {
        FILE *f = fopen(file, "w");
        assert_non_null(f);
        fprintf(f, "# users\n\n%s\n", lines[i]);
        fclose(f);
        assert_int_equal(auth_users_read(file, &u, &err), GRF_PARSE);
        assert_non_null(strstr(err.msg, "3"));
    }
    assert_int_equal(chmod(file, 0644), 0);
    assert_int_equal(auth_users_read(file, &u, &err), GRF_INVALID);
    assert_int_equal(chmod(file, 0600), 0);
}

static void sessions_live_and_end(void **state)
{
    static const char *const names[] = {"anne", "bert"};
    struct web_auth *a;
    char token[AUTH_TOKEN], other[AUTH_TOKEN], user[AUTH_NAME];
    int wait;
    (void)state;
    write_users(names, 2, "secret");
    assert_int_equal(web_auth_open(file, &a, NULL), GRF_OK);
    assert_int_equal(web_auth_login(a, "::1", "anne", "secret", token, &wait, NULL), GRF_OK);
    assert_int_equal(web_auth_login(a, "::1", "bert", "secret", other, &wait, NULL), GRF_OK);
    assert_string_not_equal(token, other);
    assert_true(web_auth_session(a, token, user));
    assert_string_equal(user, "anne");
    web_auth_logout(a, token);
    assert_false(web_auth_session(a, token, user));
    assert_true(web_auth_session(a, other, user));
    assert_false(web_auth_session(a, "", user));
    write_users(names, 1, "secret"); /* bert is gone, anne has another hash */
    web_auth_tick(a);
    assert_false(web_auth_session(a, other, user));
    web_auth_close(a);
}

/* Sessions beyond the table's room push out the one that was idle longest. */
static void sessions_have_an_end(void **state)
{
    static const char *const names[] = {"anne"};
    struct web_auth *a;
    char first[AUTH_TOKEN], token[AUTH_TOKEN], user[AUTH_NAME];
    int wait;
    (void)state;
    write_users(names, 1, "secret");
    assert_int_equal(web_auth_open(file, &a, NULL), GRF_OK);
    assert_int_equal(web_auth_login(a, "::1", "anne", "secret", first, &wait, NULL), GRF_OK);
    for (int i = 0; i < 256; i++)
        assert_int_equal(web_auth_login(a, "::1", "anne", "secret", token, &wait, NULL), GRF_OK);
    assert_true(web_auth_session(a, token, user));
    assert_false(web_auth_session(a, first, user));
    web_auth_close(a);
}

static void guesses_must_wait(void **state)
{
    static const char *const names[] = {"anne"};
    struct web_auth *a;
    char token[AUTH_TOKEN];
    int wait = 0, guesses = 0;
    (void)state;
    write_users(names, 1, "secret");
    assert_int_equal(web_auth_open(file, &a, NULL), GRF_OK);
    /* names that do not exist count for the address all the same */
    while (guesses < 100 && web_auth_login(a, "192.0.2.9", guesses % 2 ? "anne" : "zoe", "x",
                                           token, &wait, NULL) == GRF_INVALID)
        guesses++;
    assert_int_equal(guesses, AUTH_FREE_GUESSES);
    assert_in_range(wait, 1, 2);
    assert_int_equal(web_auth_login(a, "192.0.2.9", "anne", "secret", token, &wait, NULL),
                     GRF_BUSY);
    /* somebody else is not locked out */
    assert_int_equal(web_auth_login(a, "192.0.2.10", "anne", "secret", token, &wait, NULL),
                     GRF_OK);
    web_auth_close(a);
}

/* ---- answering */

static int asked, overtaken;

/* A handler whose reading is overtaken by a writer so many times. */
static grf_status reads(const struct web_request *q, struct web_response *a, struct grf_err *err)
{
    (void)q;
    grf_str_addz(&a->body, "half");
    if (asked++ < overtaken)
        return grf_fail(err, GRF_STALE, "vectors: overtaken");
    a->status = 200;
    grf_str_addz(&a->body, " and half");
    return GRF_OK;
}

static int answer_of(int times, char *got, size_t size)
{
    static const struct web_route route = {WEB_GET, "/api/x", reads, WEB_NO_BASE, 0};
    char target[] = "/api/x", none[] = "", host[] = "localhost";
    struct web_server s = {.scheme = "http"};
    struct web_handles h = {.shared = NULL};
    struct http_request r = {.target = target, .host = host, .content_type = none,
                             .if_none_match = none, .route = &route};
    asked = 0;
    overtaken = times;
    r.q.path = target;
    grf_str_init(&r.body, 10);
    web_response_init(&r.a);
    web_answer(&s, &r, &h);
    snprintf(got, size, "%s", r.a.body.p);
    int status = r.a.status;
    grf_str_release(&r.a.body);
    grf_str_release(&r.body);
    return status;
}

static void an_overtaken_answer_is_tried_again(void **state)
{
    char got[200];
    (void)state;
    for (int times = 0; times < 4; times++) {
        assert_int_equal(answer_of(times, got, sizeof(got)), 200);
        assert_string_equal(got, "half and half");
        assert_int_equal(asked, times + 1);
    }
    assert_int_equal(answer_of(1000, got, sizeof(got)), 503);
    assert_int_equal(asked, 4);
    assert_non_null(strstr(got, "\"type\":\"error\""));
    assert_null(strstr(got, "half"));
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(file);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_decoded),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(parameters_are_read),
        cmocka_unit_test(too_many_parameters_are_refused),
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(damaged_bodies_are_harmless),
        cmocka_unit_test(without_memory_a_form_is_refused),
        cmocka_unit_test(an_address_has_its_rate),
        cmocka_unit_test(users_are_read_back),
        cmocka_unit_test(wrong_files_are_refused),
        cmocka_unit_test(sessions_live_and_end),
        cmocka_unit_test(sessions_have_an_end),
        cmocka_unit_test(guesses_must_wait),
        cmocka_unit_test(an_overtaken_answer_is_tried_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lowest layer: errors, memory, strings, files, JSON output. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "grf_err.h"
#include "grf_file.h"
#include "grf_json.h"
#include "grf_mem.h"
#include "grf_str.h"

static void test_err_cut_at_character(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    char text[600];
    /* é is two bytes: 479 bytes of room cut the last one in the middle */
    for (size_t i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, "\xC3\xA9", 2);
    text[598] = 0;
    assert_int_equal(grf_fail(&err, GRF_IO, "%s", text), GRF_IO);
    size_t n = strlen(err.msg);
    assert_true(n <= 479 && n % 2 == 0);
}

static void test_err_errno_and_wrap(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    errno = ENOSPC;
    assert_int_equal(grf_fail_errno(&err, "write %s", "x"), GRF_NOSPC);
    assert_int_equal(err.sys_errno, ENOSPC);
    grf_err_wrap(&err, "base %d", 7);
    assert_memory_equal(err.msg, "base 7: write x: ", 17);
    assert_int_equal(grf_fail(NULL, GRF_IO, "no one listens"), GRF_IO);
}

static void test_exit_codes(void **state)
{
    (void)state;
    assert_int_equal(grf_status_exit_code(GRF_OK), 0);
    assert_int_equal(grf_status_exit_code(GRF_INVALID), 2);
    assert_int_equal(grf_status_exit_code(GRF_NOTFOUND), 4);
    assert_int_equal(grf_status_exit_code(GRF_LOCKED), 75);
    assert_int_equal(grf_status_exit_code(GRF_CANCELLED), 130);
    for (int s = 0; s <= GRF_INTERNAL; s++)
        assert_string_not_equal(grf_status_text((grf_status)s), "unknown");
}

static void test_str_cap_sticks(void **state)
{
    (void)state;
    struct grf_str s;
    struct grf_err err = GRF_ERR_INIT;
    grf_str_init(&s, 5);
    grf_str_addz(&s, "abc");
    grf_str_addz(&s, "def"); /* would be 6 */
    grf_str_addz(&s, "g");   /* would fit, but the failure sticks */
    assert_string_equal(s.p, "abc");
    assert_int_equal(grf_str_status(&s, &err), GRF_LIMIT);
    assert_null(grf_str_take(&s, &err));
    grf_str_addz(&s, "new");
    assert_string_equal(s.p, "new");
    grf_str_release(&s);
}

static void test_str_out_of_memory(void **state)
{
    (void)state;
    struct grf_str s;
    struct grf_err err = GRF_ERR_INIT;
    grf_str_init(&s, 1000);
    grf_mem_fail_at(1, 0);
    grf_str_addf(&s, "%d and %s", 12, "text");
    grf_mem_fail_at(0, 0);
    assert_int_equal(grf_str_status(&s, &err), GRF_NOMEM);
    assert_string_equal(s.p, "");
    grf_str_release(&s);
}

static void test_grow(void **state)
{
    (void)state;
    int *v = NULL;
    size_t cap = 0;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(grf_grow(&v, (size_t)i, &cap, sizeof(*v)), GRF_OK);
        v[i] = i;
    }
    assert_int_equal(v[999], 999);
    size_t before = cap;
    grf_mem_fail_at(1, 1);
    assert_int_equal(grf_grow(&v, cap, &cap, sizeof(*v)), GRF_NOMEM);
    grf_mem_fail_at(0, 0);
    assert_int_equal(cap, before);
    assert_int_equal(v[999], 999);
    grf_free(v);
}

static void test_json_escapes(void **state)
{
    (void)state;
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 1000);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_text(&j, "t", grf_sv("a\"\\\n\x01\xC3\xA9\xFF\xC0\x80\xED\xA0\x80z", 14));
    grf_json_kv_int(&j, "i", INT64_MIN);
    grf_json_kv_real(&j, "r", 0.25, 3);
    grf_json_kv_real(&j, "nan", NAN, 3);
    grf_json_key(&j, "l");
    grf_json_array(&j);
    grf_json_bool(&j, true);
    grf_json_null(&j);
    grf_json_end_array(&j);
    grf_json_end_object(&j);
    assert_string_equal(
        s.p, "{\"t\":\"a\\\"\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
             "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\",\"i\":-9223372036854775808,\"r\":0.250,"
             "\"nan\":null,\"l\":[true,null]}");
    grf_str_release(&s);
}

static char dir[] = "/tmp/grf-low-XXXXXX";

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
    (void)state;
    char cmd[64];
    static const char *const names[] = {"f", "f.new", "l", "d/e"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++) {
        snprintf(cmd, sizeof(cmd), "%s/%s", dir, names[i]);
        remove(cmd);
    }
    snprintf(cmd, sizeof(cmd), "%s/d", dir);
    rmdir(cmd);
    return rmdir(dir);
}

static void test_replace_and_read(void **state)
{
    (void)state;
    char *path = grf_path_join(dir, "f");
    struct grf_err err = GRF_ERR_INIT;
    struct grf_str s;
    struct grf_sv pieces[] = {grf_sv("ab", 2), grf_sv("", 0), grf_sv("c", 1)};
    assert_int_equal(grf_file_replace(path, pieces, 3, &err), GRF_OK);
    grf_str_init(&s, 100);
    assert_int_equal(grf_file_read(path, 100, &s, &err), GRF_OK);
    assert_string_equal(s.p, "abc");
    grf_str_clear(&s);
    assert_int_equal(grf_file_read(path, 2, &s, &err), GRF_LIMIT);
    grf_str_release(&s);
    struct grf_map m;
    assert_int_equal(grf_map_open(&m, path, &err), GRF_OK);
    assert_int_equal(m.n, 3);
    grf_map_close(&m);
    assert_int_equal(grf_map_open(&m, "/nonexistent/x", &err), GRF_NOTFOUND);
    grf_free(path);
}

static void test_lock(void **state)
{
    (void)state;
    char *path = grf_path_join(dir, "l");
    struct grf_err err = GRF_ERR_INIT;
    int a, b;
    assert_int_equal(grf_lock_take(path, &a, &err), GRF_OK);
    assert_int_equal(grf_lock_take(path, &b, &err), GRF_LOCKED);
    assert_int_equal(b, -1);
    grf_lock_release(a);
    assert_int_equal(grf_lock_take(path, &b, &err), GRF_OK);
    grf_lock_release(b);
    grf_free(path);
}

static void test_purge(void **state)
{
    struct grf_err err = GRF_ERR_INIT;
    char path[80];
    (void)state;
    snprintf(path, sizeof(path), "%s/purge/deep", dir);
    assert_int_equal(grf_file_mkdirs(path, &err), GRF_OK);
    snprintf(path, sizeof(path), "%s/purge/.hidden", dir);
    assert_int_equal(close(creat(path, 0600)), 0);
    snprintf(path, sizeof(path), "%s/purge", dir);
    assert_int_equal(grf_path_purge(path, &err), GRF_IO); /* not flat: said, not passed over */
    assert_non_null(strstr(err.msg, "deep"));
    snprintf(path, sizeof(path), "%s/purge/deep", dir);
    assert_int_equal(grf_path_purge(path, &err), GRF_OK);
    snprintf(path, sizeof(path), "%s/purge/.hidden", dir);
    assert_int_equal(close(creat(path, 0600)), 0);
    snprintf(path, sizeof(path), "%s/purge", dir);
    assert_int_equal(grf_path_purge(path, &err), GRF_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(grf_path_purge(path, &err), GRF_OK); /* absent is fine */
}

static void test_mkdirs(void **state)
{
    (void)state;
    char *path = grf_path_join(dir, "d/e"), *file = grf_path_join(dir, "f");
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_file_mkdirs(path, &err), GRF_OK);
    assert_int_equal(grf_file_mkdirs(path, &err), GRF_OK);
    assert_int_not_equal(grf_file_mkdirs(file, &err), GRF_OK);
    assert_int_not_equal(grf_file_mkdirs("/proc/nope/x", &err), GRF_OK);
    grf_free(path);
    grf_free(file);
}

static void test_full_disk_shows(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    FILE *f = fopen("/dev/full", "w");
    assert_non_null(f);
    fputs("x", f);
    assert_int_equal(grf_file_finish(f, "/dev/full", &err), GRF_NOSPC);
    struct grf_sv piece = grf_sv("x", 1);
    assert_int_not_equal(grf_file_replace("/proc/version", &piece, 1, &err), GRF_OK);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_cut_at_character), cmocka_unit_test(test_err_errno_and_wrap),
        cmocka_unit_test(test_exit_codes),           cmocka_unit_test(test_str_cap_sticks),
        cmocka_unit_test(test_str_out_of_memory),    cmocka_unit_test(test_grow),
        cmocka_unit_test(test_json_escapes),         cmocka_unit_test(test_replace_and_read),
        cmocka_unit_test(test_lock),                 cmocka_unit_test(test_mkdirs),
        cmocka_unit_test(test_purge),
        cmocka_unit_test(test_full_disk_shows)};
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The container: what goes in comes out, and no damage passes for data. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "grf_container.h"
#include "grf_mem.h"

enum { PAYLOAD = 5000, FILE_SIZE = GRF_CONTAINER_HEADER + PAYLOAD };

static char dir[] = "/tmp/grf-container-XXXXXX";
static char path[64];
static unsigned char original[FILE_SIZE];

static void read_whole(unsigned char *to, size_t n)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fread(to, 1, n, f), n);
    assert_int_equal(fgetc(f), EOF);
    fclose(f);
}

static void write_whole(const unsigned char *from, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(from, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static grf_status open_status(const char *kind, bool verify)
{
    struct grf_container c;
    struct grf_err err = GRF_ERR_INIT;
    grf_status st = grf_container_open(&c, path, kind, verify, &err);
    assert_int_equal(err.code, st);
    if (st)
        assert_null(c.map.p);
    if (st)
        assert_non_null(strstr(err.msg, path));
    grf_container_close(&c);
    return st;
}

static int set_up(void **state)
{
    (void)state;
    static char body[PAYLOAD];
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/c", dir);
    for (size_t i = 0; i < PAYLOAD; i++)
        body[i] = (char)(i * 7 + i / 100);
    struct grf_sv pieces[] = {{body, 1}, {body + 1, 0}, {body + 1, PAYLOAD - 1}};
    struct grf_err err = GRF_ERR_INIT;
    if (grf_container_write(path, "TEST", -42, "model/1", pieces, 3, &err))
        return -1;
    read_whole(original, FILE_SIZE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir); // fails when a temporary file was left
}

static void test_round_trip(void **state)
{
    (void)state;
    write_whole(original, FILE_SIZE);
    for (int verify = 0; verify < 2; verify++) {
        struct grf_container c;
        assert_int_equal(grf_container_open(&c, path, "TEST", verify, NULL), GRF_OK);
        assert_int_equal(c.generation, -42);
        assert_string_equal(c.label, "model/1");
        assert_int_equal(c.payload.n, PAYLOAD);
        assert_memory_equal(c.payload.p, original + GRF_CONTAINER_HEADER, PAYLOAD);
        assert_int_equal((uintptr_t)c.payload.p % 64, 0);
        grf_container_close(&c);
        assert_null(c.payload.p);
        grf_container_close(&c);
    }
    grf_container_close(NULL);
}

static void test_layout_is_as_documented(void **state)
{
    (void)state;
    assert_memory_equal(original, "GRFC", 4);
    assert_memory_equal(original + 20, "\1\0\0\0TEST", 8);
    assert_memory_equal(original + 28, "\xC0\0\0\0", 4);
    assert_memory_equal(original + 32, "\x88\x13\0\0\0\0\0\0", 8);
    assert_memory_equal(original + 40, "\xD6\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    assert_memory_equal(original + 48, "model/1", 8);
}

static void test_empty_payload(void **state)
{
    (void)state;
    struct grf_container c;
    assert_int_equal(grf_container_write(path, "TEST", 0, NULL, NULL, 0, NULL), GRF_OK);
    assert_int_equal(grf_container_open(&c, path, "TEST", true, NULL), GRF_OK);
    assert_int_equal(c.payload.n, 0);
    assert_string_equal(c.label, "");
    grf_container_close(&c);
}

/* Header damage is seen even without verify. */
static void test_every_header_bit(void **state)
{
    (void)state;
    unsigned char copy[FILE_SIZE];
    for (size_t at = 0; at < GRF_CONTAINER_HEADER; at++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, original, FILE_SIZE);
            copy[at] ^= (unsigned char)(1 << bit);
            write_whole(copy, FILE_SIZE);
            assert_int_equal(open_status("TEST", true), GRF_CORRUPT);
            assert_int_equal(open_status("TEST", false), GRF_CORRUPT);
        }
    }
}

static void test_random_payload_damage(void **state)
{
    (void)state;
    unsigned char copy[FILE_SIZE];
    srandom(20240501);
    for (int round = 0; round < 500; round++) {
        memcpy(copy, original, FILE_SIZE);
        size_t at = GRF_CONTAINER_HEADER + (size_t)random() % PAYLOAD;
        copy[at] ^= (unsigned char)(1 + random() % 255);
        write_whole(copy, FILE_SIZE);
        assert_int_equal(open_status("TEST", true), GRF_CORRUPT);
    }
}

static void test_every_truncation_and_growth(void **state)
{
    (void)state;
    unsigned char longer[FILE_SIZE + 1];
    for (size_t n = 0; n < FILE_SIZE; n += n < 300 ? 1 : 97) {
        write_whole(original, n);
        assert_int_equal(open_status("TEST", true), GRF_CORRUPT);
        assert_int_equal(open_status("TEST", false), GRF_CORRUPT);
    }
    memcpy(longer, original, FILE_SIZE);
    longer[FILE_SIZE] = 0;
    write_whole(longer, FILE_SIZE + 1);
    assert_int_equal(open_status("TEST", false), GRF_CORRUPT);
}

static void test_other_kind_is_not_damage(void **state)
{
    (void)state;
    write_whole(original, FILE_SIZE);
    assert_int_equal(open_status("ELSE", true), GRF_VERSION);
}

static void test_absent_and_not_a_file(void **state)
{
    (void)state;
    struct grf_container c;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_container_open(&c, "/nonexistent/x", "TEST", true, &err),
                     GRF_NOTFOUND);
    assert_int_not_equal(grf_container_open(&c, dir, "TEST", true, &err), GRF_OK);
    assert_int_equal(grf_container_write("/nonexistent/x", "TEST", 0, "", NULL, 0, &err),
                     GRF_NOTFOUND);
}

static void test_label_limits(void **state)
{
    (void)state;
    char label[GRF_CONTAINER_LABEL + 1];
    memset(label, 'l', sizeof(label));
    label[GRF_CONTAINER_LABEL] = '\0';
    write_whole(original, FILE_SIZE);
    assert_int_equal(grf_container_write(path, "TEST", 0, label, NULL, 0, NULL),
                     GRF_INVALID);
    assert_int_equal(open_status("TEST", true), GRF_OK); // old file untouched
    label[GRF_CONTAINER_LABEL - 1] = '\0';
    assert_int_equal(grf_container_write(path, "TEST", 0, label, NULL, 0, NULL), GRF_OK);
    struct grf_container c;
    assert_int_equal(grf_container_open(&c, path, "TEST", true, NULL), GRF_OK);
    assert_string_equal(c.label, label);
    grf_container_close(&c);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct grf_sv piece = {"new", 3};
    int failures = 0;
    for (uint64_t nth = 1;; nth++) {
        write_whole(original, FILE_SIZE);
        grf_mem_fail_at(nth, 0);
        grf_status st = grf_container_write(path, "TEST", 1, "l", &piece, 1, NULL);
        grf_mem_fail_at(0, 0);
        if (st == GRF_OK)
            break;
        failures++;
        assert_int_equal(st, GRF_NOMEM);
        assert_int_equal(open_status("TEST", true), GRF_OK); // whole, old or new
    }
    assert_true(failures > 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_layout_is_as_documented),
        cmocka_unit_test(test_empty_payload),
        cmocka_unit_test(test_every_header_bit),
        cmocka_unit_test(test_random_payload_damage),
        cmocka_unit_test(test_every_truncation_and_growth),
        cmocka_unit_test(test_other_kind_is_not_damage),
        cmocka_unit_test(test_absent_and_not_a_file),
        cmocka_unit_test(test_label_limits),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

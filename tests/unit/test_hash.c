/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256: published vectors, and files read from descriptors in any state. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "grf_hash.h"

static const char of_nothing[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char of_abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char of_million_a[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("hash", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    return fd;
}

static void test_published_vectors(void **state)
{
    (void)state;
    char hex[GRF_SHA256_HEX];
    grf_sha256(grf_sv(NULL, 0), hex);
    assert_string_equal(hex, of_nothing);
    grf_sha256(grf_sv_z("abc"), hex);
    assert_string_equal(hex, of_abc);
}

static void test_file_equals_bytes(void **state)
{
    (void)state;
    char *a = malloc(1000000), hex[GRF_SHA256_HEX];
    assert_non_null(a);
    memset(a, 'a', 1000000);
    int fd = file_of(a, 1000000);
    int64_t size = -1;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_sha256_fd(fd, hex, &size, &err), GRF_OK);
    assert_string_equal(hex, of_million_a);
    assert_int_equal(size, 1000000);
    assert_int_equal(err.code, GRF_OK);
    close(fd);
    free(a);
}

static void test_offset_does_not_matter(void **state)
{
    (void)state;
    char hex[GRF_SHA256_HEX];
    int64_t size;
    int fd = file_of("abc", 3);
    assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
    assert_int_equal(grf_sha256_fd(fd, hex, &size, NULL), GRF_OK);
    assert_string_equal(hex, of_abc);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 2);
    close(fd);
}

static void test_sizes_around_pieces(void **state)
{
    (void)state;
    enum { PIECE = 64 * 1024 };
    static const size_t sizes[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE};
    char *p = malloc(3 * PIECE);
    assert_non_null(p);
    for (size_t i = 0; i < 3 * PIECE; i++)
        p[i] = (char)(i * 31 + i / 257);
    for (size_t i = 0; i < GRF_ARRAY_LEN(sizes); i++) {
        char from_bytes[GRF_SHA256_HEX], from_fd[GRF_SHA256_HEX];
        int64_t size;
        int fd = file_of(p, sizes[i]);
        grf_sha256(grf_sv(p, sizes[i]), from_bytes);
        assert_int_equal(grf_sha256_fd(fd, from_fd, &size, NULL), GRF_OK);
        assert_string_equal(from_bytes, from_fd);
        assert_int_equal(size, sizes[i]);
        close(fd);
    }
    free(p);
}

static void test_errors_are_reported(void **state)
{
    (void)state;
    char hex[GRF_SHA256_HEX] = "untouched";
    int64_t size = 7;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_sha256_fd(-1, hex, &size, &err), GRF_IO);
    assert_int_equal(err.code, GRF_IO);
    assert_true(strlen(err.msg) > 0);
    assert_string_equal(hex, "untouched");
    assert_int_equal(size, 7);

    int dir = open("/", O_RDONLY | O_DIRECTORY);
    assert_int_equal(grf_sha256_fd(dir, hex, &size, &err), GRF_IO);
    close(dir);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(grf_sha256_fd(ends[0], hex, &size, &err), GRF_IO);
    close(ends[0]);
    close(ends[1]);
}

static void test_speed(void **state)
{
    (void)state;
    enum { N = 64 << 20 };
    char *p = calloc(1, N), hex[GRF_SHA256_HEX];
    assert_non_null(p);
    int fd = file_of(p, N);
    int64_t size;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    assert_int_equal(grf_sha256_fd(fd, hex, &size, NULL), GRF_OK);
    clock_gettime(CLOCK_MONOTONIC, &b);
    double s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    print_message("# %.0f MB/s\n", N / 1e6 / s);
    close(fd);
    free(p);
}

/* RFC 7914, section 11. */
static void passwords_are_hashed(void **state)
{
    static const unsigned char want[GRF_PBKDF2_BYTES] = {
        0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f, 0xec, 0x16, 0x91,
        0xc2, 0x25, 0x44, 0xb6, 0x05, 0xf9, 0x41, 0x85, 0x21, 0x6d, 0xde,
        0x04, 0x65, 0xe6, 0x8b, 0x9d, 0x57, 0xc2, 0x0d, 0xac, 0xbc};
    unsigned char out[GRF_PBKDF2_BYTES];
    (void)state;
    grf_pbkdf2(grf_sv_z("passwd"), grf_sv_z("salt"), 1, out);
    assert_memory_equal(out, want, sizeof(want));
    assert_true(grf_same_secret(out, want, sizeof(want)));
    out[31] ^= 1;
    assert_false(grf_same_secret(out, want, sizeof(want)));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_file_equals_bytes),
        cmocka_unit_test(test_offset_does_not_matter),
        cmocka_unit_test(test_sizes_around_pieces),
        cmocka_unit_test(test_errors_are_reported),
        cmocka_unit_test(test_speed),
        cmocka_unit_test(passwords_are_hashed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

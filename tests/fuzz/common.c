/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all fuzz targets share, and their entry for libFuzzer. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

enum { INPUT_MOST = 1 << 20 };

_Noreturn void fuzz_broken(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

const char *fuzz_file(struct grf_sv input)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("input", 0);
    fuzz_check(fd >= 0 && ftruncate(fd, 0) == 0);
    fuzz_check(pwrite(fd, input.p, input.n, 0) == (ssize_t)input.n);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return path;
}

struct grf_sv fuzz_take(struct grf_sv *rest)
{
    const char *nul = rest->n ? memchr(rest->p, 0, rest->n) : NULL;
    size_t n = nul ? (size_t)(nul - rest->p) : rest->n;
    struct grf_sv first = grf_sv(rest->p, n);
    size_t used = nul ? n + 1 : n;
    *rest = grf_sv(rest->p + used, rest->n - used);
    return first;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MOST)
        return 0;
    /* a copy of just this size, so that reading one byte too many is seen */
    char *copy = malloc(size ? size : 1);
    fuzz_check(copy);
    if (size)
        memcpy(copy, data, size);
    fuzz_one(grf_sv(copy, size));
    free(copy);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation with a hook for tests that makes it fail. */
#include "grf_mem.h"

#include <stdlib.h>

/* The test hook's state: the only mutable global of the library. */
static struct {
    uint64_t count, fail_at;
    int for_ever;
} hook;

static int must_fail(void)
{
    if (!hook.fail_at)
        return 0;
    hook.count++;
    return hook.count == hook.fail_at || (hook.for_ever && hook.count > hook.fail_at);
}

void *grf_alloc(size_t size)
{
    return must_fail() ? NULL : malloc(size ? size : 1);
}

void *grf_calloc(size_t count, size_t size)
{
    if (must_fail())
        return NULL;
    return count && size ? calloc(count, size) : calloc(1, 1);
}

void *grf_realloc_array(void *p, size_t count, size_t size)
{
    if (must_fail())
        return NULL;
    return count && size ? reallocarray(p, count, size) : reallocarray(p, 1, 1);
}

char *grf_strdup(const char *z)
{
    return grf_strndup(z, strlen(z));
}

char *grf_strndup(const char *p, size_t n)
{
    char *copy = grf_alloc(n + 1);
    if (copy) {
        if (n)
            memcpy(copy, p, n);
        copy[n] = 0;
    }
    return copy;
}

void grf_free(void *p)
{
    free(p);
}

grf_status grf_grow(void *items, size_t used, size_t *cap, size_t size)
{
    if (used < *cap)
        return GRF_OK;
    size_t want = *cap ? *cap * 2 : 16;
    void *old;
    memcpy(&old, items, sizeof(old));
    void *p = grf_realloc_array(old, want, size);
    if (!p)
        return GRF_NOMEM;
    memcpy(items, &p, sizeof(p));
    *cap = want;
    return GRF_OK;
}

uint64_t grf_mem_fail_at(uint64_t nth, int for_ever)
{
    uint64_t made = hook.count;
    hook.count = 0;
    hook.fail_at = nth;
    hook.for_ever = for_ever;
    return made;
}

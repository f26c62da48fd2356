/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checksums with wider registers than every processor has: the same sums in half the time. */
#include "container_avx2.h"

#if GRF_MAY_HAVE_AVX2 && !defined(__clang__)
#pragma GCC target("avx2")
#define XXH_INLINE_ALL
#define XXH_VECTOR 2 /* XXH_AVX2 */
#include <xxhash.h>

bool container_sum64_avx2(const void *p, size_t n, uint64_t *out)
{
    if (!grf_cpu_has_avx2())
        return false;
    *out = XXH3_64bits(p, n);
    return true;
}
#else
bool container_sum64_avx2(const void *p, size_t n, uint64_t *out)
{
    (void)p;
    (void)n;
    (void)out;
    return false;
}
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the processor can do, as the C library found out when the process began. Asking the
 * processor itself (cpuid) costs microseconds each time on a virtual machine, and the
 * compiler's own way of asking does so at the start of every process.
 */
#ifndef GRF_CPU_H
#define GRF_CPU_H

#include <stdbool.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define GRF_MAY_HAVE_AVX2 1
#if defined(__has_include) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif
#else
#define GRF_MAY_HAVE_AVX2 0
#endif

static inline bool grf_cpu_has_avx2(void)
{
#if !GRF_MAY_HAVE_AVX2
    return false;
#elif defined(CPU_FEATURE_ACTIVE)
    return CPU_FEATURE_ACTIVE(AVX2);
#else
    return __builtin_cpu_supports("avx2");
#endif
}

#endif

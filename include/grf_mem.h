/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Allocation. All of greffier's own memory comes from here, so that tests can
 * make any allocation fail. Each function returns NULL on failure; the caller
 * reports it with grf_fail_nomem.
 */
#ifndef GRF_MEM_H
#define GRF_MEM_H

#include "grf_common.h"

GRF_BEGIN_DECLS

GRF_NODISCARD void *grf_alloc(size_t size);
/* count * size zeroed bytes; NULL too when the product overflows. */
GRF_NODISCARD void *grf_calloc(size_t count, size_t size);
/* On failure the old block stays valid. */
GRF_NODISCARD void *grf_realloc_array(void *p, size_t count, size_t size);
GRF_NODISCARD char *grf_strdup(const char *z);
GRF_NODISCARD char *grf_strndup(const char *p, size_t n);
/* NULL is accepted. */
void grf_free(void *p);

/* Makes room for one more element in a growing array.
   *items points to the array pointer, *cap counts elements; size is one
   element's. Doubles from 16. On failure the array is unchanged. */
GRF_NODISCARD grf_status grf_grow(void *items, size_t used, size_t *cap, size_t size);

/* Test hook: the nth allocation from now (1 = the next) fails, and with
   for_ever every later one too; 0 switches off. Returns how many allocations
   were made since the last call. Not for threads. */
uint64_t grf_mem_fail_at(uint64_t nth, int for_ever);

GRF_END_DECLS
#endif

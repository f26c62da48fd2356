/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/container*.c. */
#ifndef GRF_CONTAINER_AVX2_H
#define GRF_CONTAINER_AVX2_H

#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

/* The sum of XXH3_64bits; false when this processor or build cannot. */
bool container_sum64_avx2(const void *p, size_t n, uint64_t *out);

#endif

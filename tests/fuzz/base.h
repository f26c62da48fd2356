/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small base that targets ask; in /dev/shm, gone when the process ends. */
#ifndef GRF_FUZZ_BASE_H
#define GRF_FUZZ_BASE_H

#include "grf_search.h"

/* Borrowed; *model too. */
struct grf_base *fuzz_base(struct grf_embedder **model);
const char *fuzz_base_dir(void);

#endif

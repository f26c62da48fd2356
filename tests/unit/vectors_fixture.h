/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vector index on disk, and what tests look at in its files. */
#ifndef VECTORS_FIXTURE_H
#define VECTORS_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "grf_container.h"
#include "grf_mem.h"
#include "grf_vectors.h"
#include "unit_vector.h"

static char dir[] = "/tmp/grf-vectors-XXXXXX";
static char path[64]; /* of the index, in dir */

static int make_place(void)
{
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/v", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    grf_path_remove(path);
    return rmdir(dir);
}

static void file_of(const char *name, char out[96])
{
    snprintf(out, 96, "%s/%s", path, name);
}

static bool file_holds(const char *name, const void *bytes, size_t n)
{
    char file[96];
    struct grf_str whole;
    file_of(name, file);
    grf_str_init(&whole, 1 << 24);
    assert_int_equal(grf_file_read(file, 1 << 24, &whole, NULL), GRF_OK);
    bool found = memmem(whole.p, whole.n, bytes, n) != NULL;
    grf_str_release(&whole);
    return found;
}

/* Opened and all of it read. */
static grf_status read_all(void)
{
    struct grf_vectors *v;
    int64_t *all = NULL;
    size_t n;
    grf_status st = grf_vec_open(path, "m", &v, NULL);
    if (!st)
        st = grf_vec_ids(v, &all, &n, NULL);
    grf_free(all);
    grf_vec_close(v);
    return st;
}

#endif

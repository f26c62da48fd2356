/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory of its own for each test: make_dir and drop_dir are its set-up and teardown. */
#ifndef GRF_TEST_SCRATCH_DIR_H
#define GRF_TEST_SCRATCH_DIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char dir[32];

static int make_dir(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/grf-test-XXXXXX", 21);
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int drop_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A law of its own, open for writing, for each test. */
#ifndef LAW_FIXTURE_H
#define LAW_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "grf_law.h"

struct world {
    char dir[64];
    struct grf_law *law;
    struct grf_err err;
    int64_t import, code, other;
    int imports;
};

#define OK(call)                                   \
    do {                                           \
        grf_status st_ = (call);                   \
        if (st_)                                   \
            print_message("%s\n", w->err.msg);     \
        assert_int_equal(st_, GRF_OK);             \
    } while (0)

static int make_law(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    snprintf(w->dir, sizeof(w->dir), "/tmp/grf-law-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    OK(grf_law_open_writer(w->dir, &w->law, &w->err));
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int drop_law(void **state)
{
    struct world *w = *state;
    grf_law_close(w->law);
    int left = nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(w);
    return left;
}

#endif

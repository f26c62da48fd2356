/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PDF worker that was built, looked for beside the folder of the test. */
#ifndef WORKER_FIXTURE_H
#define WORKER_FIXTURE_H

#include <limits.h>
#include <string.h>
#include <unistd.h>

static char helper[PATH_MAX];

static int setup(void **state)
{
    (void)state;
    ssize_t n = readlink("/proc/self/exe", helper, sizeof helper - 64);
    if (n < 0)
        return -1;
    helper[n] = 0;
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(helper, '/');
        if (!slash)
            return -1;
        *slash = 0;
    }
    strncat(helper, "/greffier-pdf-worker", sizeof helper - strlen(helper) - 1);
    return 0;
}

#endif

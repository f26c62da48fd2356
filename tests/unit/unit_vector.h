/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of vectors: a vector brought to length 1. */
#ifndef UNIT_VECTOR_H
#define UNIT_VECTOR_H

#include <math.h>

static void unit(float *x, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    for (int i = 0; i < n; i++)
        x[i] /= sqrtf(sum);
}

#endif

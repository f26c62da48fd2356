/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings' file. */
#include "fuzz.h"
#include "grf_conf.h"

void fuzz_one(struct grf_sv input)
{
    struct grf_conf c;
    struct grf_err err = GRF_ERR_INIT;
    grf_status st = grf_conf_load(&c, fuzz_file(input), &err);
    fuzz_check(st == GRF_OK || err.msg[0]);
    if (!st)
        grf_conf_release(&c);
}

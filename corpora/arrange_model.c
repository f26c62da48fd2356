/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrange_model MODEL.grfm OUT.grfm: the same model with its frequent words side by side
 * (grf_embed_format.h). Run by the build.
 */
#include <stdio.h>

#include "grf_embed_format.h"

int main(int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    if (argc != 3) {
        fprintf(stderr, "usage: arrange_model MODEL.grfm OUT.grfm\n");
        return 2;
    }
    if (grf_embed_arrange(argv[1], argv[2], &err) != GRF_OK) {
        fprintf(stderr, "arrange_model: %s\n", err.msg);
        return 1;
    }
    return 0;
}

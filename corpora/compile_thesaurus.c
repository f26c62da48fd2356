/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compile_thesaurus THESAURUS.tsv OUT.grft: the form in which programs look words up
 * (grf_thesaurus.h). Run by the build.
 */
#include <stdio.h>

#include "grf_thesaurus.h"

int main(int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    if (argc != 3) {
        fprintf(stderr, "usage: compile_thesaurus THESAURUS.tsv OUT.grft\n");
        return 2;
    }
    if (grf_thesaurus_compile(argv[1], argv[2], &err) != GRF_OK) {
        fprintf(stderr, "compile_thesaurus: %s\n", err.msg);
        return 1;
    }
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs files, and all files of folders, through a fuzz target. TAP on stdout.
 * usage: replay-NAME PATH...
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "grf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int done;

static bool run_file(const char *path)
{
    struct grf_str text;
    struct grf_err err = GRF_ERR_INIT;
    grf_str_init(&text, 1 << 24);
    bool ok = grf_file_read(path, 1 << 24, &text, &err) == GRF_OK;
    if (ok)
        LLVMFuzzerTestOneInput((const uint8_t *)text.p, text.n);
    else
        printf("# %s: %s\n", path, err.msg);
    printf("%sok %d - %s\n", ok ? "" : "not ", ++done, path);
    fflush(stdout);
    grf_str_release(&text);
    return ok;
}

static bool run_folder(const char *path)
{
    struct dirent **entries;
    bool ok = true;
    int n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char *inner = grf_path_join(path, entries[i]->d_name);
        struct stat sb;
        if (inner && stat(inner, &sb) == 0 && S_ISREG(sb.st_mode))
            ok = run_file(inner) && ok;
        grf_free(inner);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return ok && n >= 0;
}

int main(int argc, char **argv)
{
    bool ok = true;
    for (int i = 1; i < argc; i++) {
        struct stat sb;
        bool folder = stat(argv[i], &sb) == 0 && S_ISDIR(sb.st_mode);
        ok = (folder ? run_folder(argv[i]) : run_file(argv[i])) && ok;
    }
    printf("1..%d\n", done);
    return ok && done ? 0 : 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * typeset SOURCEDIR OUTDIR [ACTS.jsonl]
 *
 * Turns the sample acts (*.act, the markup is described in corpora/README.md) into
 * PDF files that look like what town halls publish: margin columns, stamps, running
 * headers, a scanned page. Each file is laid out twice, because "page 2 / 9" needs the
 * number of pages. With a third argument it also writes the acts of every file (number,
 * subject, pages, votes, references), which is the ground truth for segmentation.
 * The same sources give the same bytes: the PDF's date is the one written in the source.
 *
 * It is a build tool: it stands alone and stops at the first error.
 */
#include "typeset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Collects the sources below dir/below, as paths relative to dir. */
static void find_sources(const char *dir, const char *below, GPtrArray *found)
{
    char *path = g_build_filename(dir, below, NULL);
    GDir *d = g_dir_open(path, 0, NULL);
    if (!d)
        ts_fail(path, 0, "%s", g_strerror(errno));
    for (const char *name; (name = g_dir_read_name(d));) {
        char *rel = *below ? g_build_filename(below, name, NULL) : g_strdup(name);
        char *full = g_build_filename(dir, rel, NULL);
        if (g_file_test(full, G_FILE_TEST_IS_DIR))
            find_sources(dir, rel, found);
        else if (g_str_has_suffix(name, ".act"))
            g_ptr_array_add(found, g_strdup(rel));
        g_free(full);
        g_free(rel);
    }
    g_dir_close(d);
    g_free(path);
}

static void typeset(const char *from, const char *below, const char *to, FILE *truth)
{
    char *path = g_build_filename(from, below, NULL);
    struct doc *d = ts_read_source(path, below);
    char *pdf = g_build_filename(to, d->name, NULL);
    char *dir = g_path_get_dirname(pdf);
    if (g_mkdir_with_parents(dir, 0777))
        ts_fail(dir, 0, "%s", g_strerror(errno));
    GPtrArray *trial = g_ptr_array_new(), *acts = g_ptr_array_new();
    int pages = ts_layout_pass(d, NULL, 0, trial);
    ts_layout_pass(d, pdf, pages, acts);
    if (truth)
        ts_put_acts(truth, d, acts);
    g_ptr_array_unref(trial);
    g_ptr_array_unref(acts);
    g_free(dir);
    g_free(pdf);
    g_free(path);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: typeset SOURCEDIR OUTDIR [ACTS.jsonl]\n");
        return 2;
    }
    GPtrArray *found = g_ptr_array_new();
    find_sources(argv[1], "", found);
    if (!found->len)
        ts_fail(argv[1], 0, "no .act file");
    qsort(found->pdata, found->len, sizeof *found->pdata, by_name);
    FILE *truth = argc == 4 ? fopen(argv[3], "w") : NULL;
    if (argc == 4 && !truth)
        ts_fail(argv[3], 0, "%s", g_strerror(errno));
    for (guint i = 0; i < found->len; i++)
        typeset(argv[1], found->pdata[i], argv[2], truth);
    if (truth && fclose(truth))
        ts_fail(argv[3], 0, "%s", g_strerror(errno));
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where greffier's own files are. The program is asked where it stands itself
 * (/proc/self/exe), so that a build tree and an installation can be moved, and a
 * relative argv[0] or a changed directory does not matter.
 */
#include "grf_where.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_mem.h"

#ifndef GRF_PREFIX
#define GRF_PREFIX "/usr/local"
#endif

/* A helper stands two levels below where the programs do: for it, theirs counts. */
static void leave_libexec(char *dir)
{
    static const char inside[] = "/libexec/greffier";
    size_t n = strlen(dir);
    if (n >= sizeof(inside) - 1 && strcmp(dir + n - (sizeof(inside) - 1), inside) == 0)
        memcpy(dir + n - (sizeof(inside) - 1), "/bin", sizeof("/bin"));
}

/* The program's directory without a final slash; "." when the system does not tell. */
static void program_dir(char out[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    if (n <= 0) {
        memcpy(out, ".", 2);
        return;
    }
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    if (slash == out)
        slash[1] = '\0';
    else if (slash)
        *slash = '\0';
    leave_libexec(out);
}

/* The directory of the build mode (".../build/release") when the program stands there
   or one level below (tests/, tools/), else NULL. Cuts dir in place. */
static char *build_dir(char *dir)
{
    for (int level = 0; level < 2; level++) {
        char *slash = strrchr(dir, '/');
        if (!slash || slash == dir)
            return NULL;
        *slash = '\0';
        const char *parent = strrchr(dir, '/');
        bool found = parent && strcmp(parent, "/build") == 0;
        if (found) {
            *slash = '/';
            return dir;
        }
    }
    return NULL;
}

static char *joined(const char *a, const char *b, const char *c)
{
    size_t na = strlen(a), nb = strlen(b), nc = strlen(c);
    char *z = (char *)grf_alloc(na + nb + nc + 1);
    if (!z)
        return NULL;
    memcpy(z, a, na);
    memcpy(z + na, b, nb);
    memcpy(z + na + nb, c, nc + 1);
    return z;
}

/* The first that exists of BUILD/in_build/name, PROGRAM/in_tree/name and
   PREFIX/in_prefix/name; the last when none does. */
static char *find(const char *in_build, const char *in_tree, const char *in_prefix,
                  const char *name)
{
    char dir[PATH_MAX], copy[PATH_MAX];
    program_dir(dir);
    memcpy(copy, dir, sizeof(copy));
    const char *build = build_dir(copy);
    const char *roots[] = {build, dir, GRF_PREFIX};
    const char *ways[] = {in_build, in_tree, in_prefix};
    char *path = NULL;
    for (size_t i = 0; i < GRF_ARRAY_LEN(roots); i++) {
        if (!roots[i])
            continue;
        grf_free(path);
        path = joined(roots[i], ways[i], name);
        if (!path || access(path, F_OK) == 0)
            return path;
    }
    return path;
}

char *grf_data_path(const char *name)
{
    const char *named = getenv("GREFFIER_DATA");
    if (named && *named)
        return joined(named, "/", name);
    return find("/../../corpora/", "/../share/greffier/", "/share/greffier/", name);
}

char *grf_built_path(const char *name)
{
    const char *named = getenv("GREFFIER_DATA");
    if (named && *named)
        return joined(named, "/", name);
    return find("/", "/../share/greffier/", "/share/greffier/", name);
}

char *grf_web_path(const char *name)
{
    const char *named = getenv("GREFFIER_DATA");
    if (named && *named)
        return joined(named, "/web/", name);
    return find("/../../query/web/", "/../share/greffier/web/", "/share/greffier/web/", name);
}

char *grf_helper_path(const char *name)
{
    return find("/", "/../libexec/greffier/", "/libexec/greffier/", name);
}

char *grf_catalogue_path(const char *language)
{
    char name[64];
    int n = snprintf(name, sizeof(name), "%s/LC_MESSAGES/greffier.mo", language);
    if (n < 0 || (size_t)n >= sizeof(name))
        return NULL;
    const char *named = getenv("GREFFIER_LOCALE");
    if (named && *named)
        return joined(named, "/", name);
    return find("/locale/", "/../share/locale/", "/share/locale/", name);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sources are named, of what kind, in which order; which texts are wanted. */
#include "law_import.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_hash.h"
#include "grf_i18n.h"
#include "grf_legalref.h"
#include "grf_log.h"
#include "grf_mem.h"

struct sources {
    struct law_archive *v;
    size_t n, cap;
};

static void sources_release(struct sources *s)
{
    for (size_t i = 0; i < s->n; i++)
        grf_free(s->v[i].path);
    grf_free(s->v);
}

/* ---- texts wanted */

bool law_wanted(const char *selection, const char *short_name, const char *legi_id)
{
    if (strcmp(selection, "all") == 0)
        return true;
    const struct grf_code *code = grf_code_by_legi_id(grf_sv_z(legi_id));
    if (strcmp(selection, "communes") == 0)
        return code && (code->flags & GRF_CODE_COMMUNES);
    const char *names[] = {short_name, legi_id, code ? code->short_name : NULL};
    for (const char *p = selection; *p;) {
        size_t n = strcspn(p, ",");
        for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++) {
            if (names[i] && strlen(names[i]) == n && strncasecmp(names[i], p, n) == 0)
                return true;
        }
        p += n + (p[n] == ',');
    }
    return false;
}

/* One name of --codes: a short name, a LEGI id or a title. */
static grf_status add_name(struct grf_str *out, struct grf_sv name, struct grf_err *err)
{
    while (name.n && name.p[0] == ' ') {
        name.p++;
        name.n--;
    }
    while (name.n && name.p[name.n - 1] == ' ')
        name.n--;
    if (!name.n)
        return GRF_OK;
    const struct grf_code *code = grf_code_by_short(name);
    if (!code)
        code = grf_code_by_legi_id(name);
    if (!code)
        code = grf_code_by_title(name);
    if (!code && strncmp(name.p, "LEGITEXT", 8) != 0 &&
        strncmp(name.p, "JORFTEXT", 8) != 0 && !memchr(name.p, '/', name.n))
        return grf_fail(err, GRF_INVALID,
                        _("--codes: no code '%.*s'; give short names such as CGCT,CU"),
                        (int)name.n, name.p);
    if (out->n)
        grf_str_addc(out, ',');
    if (code)
        grf_str_addz(out, code->short_name);
    else
        grf_str_addsv(out, name);
    return GRF_OK;
}

grf_status law_selection(const struct law_import *in, char **out, struct grf_err *err)
{
    struct grf_str s;
    grf_status st = GRF_OK;
    *out = NULL;
    grf_str_init(&s, 1 << 16);
    if (in->all)
        grf_str_addz(&s, "all");
    for (const char *p = in->codes; p && *p && !in->all && !st;) {
        size_t n = strcspn(p, ",");
        st = add_name(&s, grf_sv(p, n), err);
        p += n + (p[n] == ',');
    }
    if (!st && s.n == 0)
        grf_str_addz(&s, "communes");
    if (!st)
        *out = grf_str_take(&s, err);
    grf_str_release(&s);
    return st ? st : *out ? GRF_OK : GRF_NOMEM;
}

grf_status law_digest(const char *path, char hex[65], struct grf_err *err)
{
    int64_t size;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return grf_fail_errno(err, _("open '%s'"), path);
    grf_status st = grf_sha256_fd(fd, hex, &size, err);
    close(fd);
    return st;
}

/* ---- sources */

static bool digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
    }
    return true;
}

/* The last "YYYYMMDD-HHMMSS" in a name. */
static void stamp_of(const char *name, char out[16])
{
    size_t n = strlen(name);
    out[0] = 0;
    for (size_t i = 0; i + 15 <= n; i++) {
        if (digits(name + i, 8) && name[i + 8] == '-' && digits(name + i + 9, 6)) {
            memcpy(out, name + i, 15);
            out[15] = 0;
        }
    }
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool ends_with(const char *z, const char *end)
{
    size_t n = strlen(z), m = strlen(end);
    return n >= m && strcasecmp(z + n - m, end) == 0;
}

static bool archive_name(const char *name)
{
    return ends_with(name, ".tar.gz") || ends_with(name, ".tgz") ||
           ends_with(name, ".tar") || ends_with(name, ".tar.xz");
}

/* "Freemium_legi_global_20250713-140000.tar.gz", "LEGI_20260609-212725.tar.gz", old ones
   in lower case. */
static bool legi_archive_name(const char *name)
{
    char stamp[16];
    stamp_of(name, stamp);
    return archive_name(name) && stamp[0] && strcasestr(name, "legi");
}

static grf_status add_source(struct sources *s, const char *path, bool folder,
                             struct grf_err *err)
{
    char *full = grf_strdup(path);
    if (!full || grf_grow(&s->v, s->n, &s->cap, sizeof(*s->v))) {
        grf_free(full);
        return grf_fail_nomem(err);
    }
    struct law_archive *a = &s->v[s->n++];
    memset(a, 0, sizeof(*a));
    a->path = full;
    a->folder = folder;
    size_t end = strlen(full);
    while (end > 1 && full[end - 1] == '/')
        full[--end] = 0;
    stamp_of(base_name(full), a->stamp);
    /* a folder holds a whole delivery unless its name is only a stamp, as increments
       begin */
    a->stock = folder ? strlen(base_name(full)) != 15 || !a->stamp[0]
                      : strcasestr(base_name(full), "global") != NULL;
    return GRF_OK;
}

/* A folder of archives gives its archives; any other one is an unpacked delivery. */
static grf_status add_folder(struct sources *s, const char *path, struct grf_err *err)
{
    size_t before = s->n;
    grf_status st = GRF_OK;
    DIR *dir = opendir(path);
    if (!dir)
        return grf_fail_errno(err, _("open '%s'"), path);
    for (struct dirent *e; !st && (e = readdir(dir)) != NULL;) {
        char *full = legi_archive_name(e->d_name) ? grf_path_join(path, e->d_name) : NULL;
        if (full)
            st = add_source(s, full, false, err);
        grf_free(full);
    }
    closedir(dir);
    return st || s->n > before ? st : add_source(s, path, true, err);
}

/* Stocks before increments of the same stamp, else by stamp. */
static int by_stamp(const void *pa, const void *pb)
{
    const struct law_archive *a = pa, *b = pb;
    int c = strcmp(a->stamp, b->stamp);
    if (!c)
        c = (int)b->stock - (int)a->stock;
    return c ? c : strcmp(a->path, b->path);
}

static grf_status collect(struct law_import *in, struct sources *s, char *const *paths,
                          size_t n, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < n && !st; i++) {
        struct stat sb;
        if (stat(paths[i], &sb) != 0)
            st = grf_fail_errno(err, _("open '%s'"), paths[i]);
        else if (S_ISDIR(sb.st_mode))
            st = add_folder(s, paths[i], err);
        else if (archive_name(paths[i]))
            st = add_source(s, paths[i], false, err);
        else
            st = law_import_versions(in, paths[i], err);
    }
    if (s->n)
        qsort(s->v, s->n, sizeof(*s->v), by_stamp);
    return st;
}

/* Everything before the newest stock is in it already. */
static size_t first_needed(const struct sources *s)
{
    size_t first = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].stock && s->v[i].stamp[0])
            first = i;
    }
    return first;
}

grf_status law_import_paths(struct law_import *in, char *const *paths, size_t n,
                            struct grf_err *err)
{
    struct sources s = {NULL, 0, 0};
    grf_status st = collect(in, &s, paths, n, err);
    size_t first = first_needed(&s);
    for (size_t i = 0; i < first && !st; i++) {
        grf_log(GRF_LOG_NOTICE, _("%s: older than the newest stock, not needed"),
                s.v[i].path);
        in->counts.skipped_sources++;
    }
    for (size_t i = first; i < s.n && !st; i++)
        st = law_import_legi(in, &s.v[i], err);
    sources_release(&s);
    return st;
}

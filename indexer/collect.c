/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking the folders given to add. */
#include "collect.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum { DEPTH_MOST = 64 };

static void release_left(struct paths_left *l)
{
    for (size_t i = 0; i < l->n; i++) {
        grf_free(l->v[i].path);
        grf_free(l->v[i].reason);
    }
    grf_free(l->v);
}

void collect_release(struct found_files *f)
{
    for (size_t i = 0; i < f->n; i++) {
        grf_free(f->v[i].path);
        grf_free(f->v[i].rel);
        grf_free(f->v[i].body);
        grf_free(f->v[i].url);
    }
    release_left(&f->lost);
    release_left(&f->others);
    release_left(&f->links);
    grf_free(f->v);
    memset(f, 0, sizeof(*f));
}

static grf_status add_named(struct found_files *f, const char *path, const char *rel,
                            struct grf_sv body, struct grf_err *err)
{
    if (grf_grow(&f->v, f->n, &f->cap, sizeof(*f->v)))
        return grf_fail_nomem(err);
    struct found_file *x = &f->v[f->n++];
    memset(x, 0, sizeof(*x));
    x->path = grf_strdup(path);
    x->rel = grf_strdup(rel);
    x->body = body.n ? grf_strndup(body.p, body.n) : NULL;
    return x->path && x->rel && (x->body || !body.n) ? GRF_OK : grf_fail_nomem(err);
}

/* The first folder of rel names the body. */
static grf_status add_file(struct found_files *f, const char *path, const char *rel,
                           struct grf_err *err)
{
    const char *slash = strchr(rel, '/');
    return add_named(f, path, rel, grf_sv(rel, slash ? (size_t)(slash - rel) : 0), err);
}

grf_status collect_known(struct found_files *f, const char *path, const char *rel,
                         const char *body, struct grf_err *err)
{
    return add_named(f, path, rel, grf_sv_z(body), err);
}

const char *found_place(const struct found_file *f)
{
    return f->url ? f->url : f->path;
}

grf_status collect_file(struct found_files *f, const struct found_file *x,
                        struct grf_err *err)
{
    grf_status st = add_named(f, x->path, x->rel, grf_sv_z(x->body), err);
    if (st)
        return st;
    struct found_file *copy = &f->v[f->n - 1];
    copy->body_fixed = x->body_fixed;
    copy->url = x->url ? grf_strdup(x->url) : NULL;
    return copy->url || !x->url ? GRF_OK : grf_fail_nomem(err);
}

static grf_status leave(struct paths_left *l, const char *path, const char *reason,
                        struct grf_err *err)
{
    if (grf_grow(&l->v, l->n, &l->cap, sizeof(*l->v)))
        return grf_fail_nomem(err);
    struct path_left *x = &l->v[l->n++];
    x->path = grf_strdup(path);
    x->reason = reason ? grf_strdup(reason) : NULL;
    return x->path && (x->reason || !reason) ? GRF_OK : grf_fail_nomem(err);
}

static grf_status add_lost(struct found_files *f, const char *path, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_fail_errno(&why, "%s", _("cannot be read"));
    return leave(&f->lost, path, why.msg, err);
}

static grf_status add_too_deep(struct found_files *f, const char *path, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_fail(&why, GRF_LIMIT, _("more than %d folders deep: what lies below is not read"),
             DEPTH_MOST);
    return leave(&f->lost, path, why.msg, err);
}

static bool is_pdf_name(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && strcasecmp(name + n - 4, ".pdf") == 0;
}

static bool leads_to_folder(const char *link)
{
    struct stat sb;
    return stat(link, &sb) == 0 && S_ISDIR(sb.st_mode);
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static grf_status walk(struct found_files *f, const char *dir, const char *rel, int depth,
                       struct grf_err *err);

static grf_status visit(struct found_files *f, const char *dir, const char *rel,
                        const char *name, int depth, struct grf_err *err)
{
    struct stat sb;
    char *path = grf_path_join(dir, name);
    char *sub = rel[0] ? grf_path_join(rel, name) : grf_strdup(name);
    grf_status st = path && sub ? GRF_OK : grf_fail_nomem(err);
    if (!st && lstat(path, &sb) != 0)
        st = add_lost(f, path, err);
    else if (!st && S_ISDIR(sb.st_mode))
        st = walk(f, path, sub, depth + 1, err);
    else if (!st && S_ISLNK(sb.st_mode) && leads_to_folder(path))
        st = leave(&f->links, path, NULL, err);
    else if (!st && is_pdf_name(name))
        st = add_file(f, path, sub, err);
    else if (!st)
        st = leave(&f->others, path, NULL, err);
    grf_free(path);
    grf_free(sub);
    return st;
}

static grf_status walk(struct found_files *f, const char *dir, const char *rel, int depth,
                       struct grf_err *err)
{
    struct dirent **names = NULL;
    if (depth > DEPTH_MOST)
        return add_too_deep(f, dir, err);
    int n = scandir(dir, &names, visible, by_bytes);
    if (n < 0)
        return add_lost(f, dir, err);
    grf_status st = GRF_OK;
    for (int i = 0; i < n; i++) {
        if (!st)
            st = visit(f, dir, rel, names[i]->d_name, depth, err);
        free(names[i]);
    }
    free(names);
    return st;
}

grf_status collect_path(struct found_files *f, const char *path, struct grf_err *err)
{
    char whole[PATH_MAX];
    struct stat sb;
    if (!realpath(path, whole) || stat(whole, &sb) != 0)
        return grf_fail_errno(err, "%s", path);
    if (S_ISDIR(sb.st_mode))
        return walk(f, whole, "", 0, err);
    const char *slash = strrchr(whole, '/');
    return add_file(f, whole, slash ? slash + 1 : whole, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archive or folder behind one interface. Links in folders are not followed. */
#include "law_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "archive.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum { DEPTH_MOST = 64, PATH_MOST = 4096, FILE_MOST = 1 << 26 };

/* One folder on the way down: its names in order, and where we are. */
struct level {
    char **names;
    size_t n, cap, at;
    size_t length; /* of the path up to and with this folder */
};

struct law_files {
    struct grf_tar *tar; /* NULL for a folder */
    struct grf_str path;
    struct level levels[DEPTH_MOST];
    int depth;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void leave(struct law_files *f)
{
    struct level *l = &f->levels[--f->depth];
    for (size_t i = 0; i < l->n; i++)
        grf_free(l->names[i]);
    grf_free(l->names);
    memset(l, 0, sizeof(*l));
}

static grf_status read_names(struct level *l, DIR *dir, struct grf_err *err)
{
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        if (grf_grow(&l->names, l->n, &l->cap, sizeof(*l->names)))
            return grf_fail_nomem(err);
        l->names[l->n] = grf_strdup(e->d_name);
        if (!l->names[l->n])
            return grf_fail_nomem(err);
        l->n++;
    }
    if (l->n)
        qsort(l->names, l->n, sizeof(*l->names), by_name);
    return GRF_OK;
}

/* Goes into the folder that f->path names. */
static grf_status enter(struct law_files *f, struct grf_err *err)
{
    if (f->depth == DEPTH_MOST)
        return grf_fail(err, GRF_LIMIT, _("%s: folders nested too deeply"), f->path.p);
    DIR *dir = opendir(f->path.p);
    if (!dir)
        return grf_fail_errno(err, _("open '%s'"), f->path.p);
    struct level *l = &f->levels[f->depth++];
    l->length = f->path.n;
    grf_status st = read_names(l, dir, err);
    closedir(dir);
    return st;
}

grf_status law_files_open(struct law_files **out, const char *path, struct grf_err *err)
{
    struct stat sb;
    *out = NULL;
    if (stat(path, &sb) != 0)
        return grf_fail_errno(err, _("open '%s'"), path);
    struct law_files *f = grf_calloc(1, sizeof(*f));
    if (!f)
        return grf_fail_nomem(err);
    grf_str_init(&f->path, PATH_MOST);
    grf_str_addz(&f->path, path);
    grf_status st = grf_str_status(&f->path, err);
    if (!st && S_ISDIR(sb.st_mode))
        st = enter(f, err);
    else if (!st)
        st = grf_tar_open(&f->tar, path, err);
    if (st)
        law_files_close(f);
    else
        *out = f;
    return st;
}

static grf_status next_in_folder(struct law_files *f, struct law_file *file,
                                 struct grf_err *err)
{
    struct stat sb;
    while (f->depth) {
        struct level *l = &f->levels[f->depth - 1];
        if (l->at == l->n) {
            leave(f);
            continue;
        }
        grf_str_cut(&f->path, l->length);
        grf_str_addc(&f->path, '/');
        grf_str_addz(&f->path, l->names[l->at++]);
        grf_status st = grf_str_status(&f->path, err);
        if (st)
            return st;
        if (lstat(f->path.p, &sb) != 0)
            return grf_fail_errno(err, _("open '%s'"), f->path.p);
        if (S_ISDIR(sb.st_mode)) {
            st = enter(f, err);
            if (st)
                return st;
        } else if (S_ISREG(sb.st_mode)) {
            file->path = f->path.p;
            file->mtime = sb.st_mtime;
            return GRF_OK;
        }
    }
    return GRF_NOTFOUND;
}

grf_status law_files_next(struct law_files *f, struct law_file *file, struct grf_err *err)
{
    struct grf_tar_entry e;
    if (!f->tar)
        return next_in_folder(f, file, err);
    grf_status st = grf_tar_next(f->tar, &e, err);
    if (!st)
        *file = (struct law_file){e.path, e.mtime};
    return st;
}

grf_status law_files_read(struct law_files *f, struct grf_str *out, struct grf_err *err)
{
    if (f->tar)
        return grf_tar_read(f->tar, out, err);
    grf_str_clear(out);
    return grf_file_read(f->path.p, FILE_MOST, out, err);
}

void law_files_close(struct law_files *f)
{
    if (!f)
        return;
    while (f->depth)
        leave(f);
    grf_tar_close(f->tar);
    grf_str_release(&f->path);
    grf_free(f);
}

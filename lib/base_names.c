/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is read of a base once for all questions: the names of its bodies. It goes when a
 * writer has committed.
 */
#include "base_priv.h"
#include "grf_mem.h"

struct grf_base_names {
    char **v;
    size_t n, cap;
};

static void release(struct grf_base_names *names)
{
    if (!names)
        return;
    for (size_t i = 0; i < names->n; i++)
        grf_free(names->v[i]);
    grf_free(names->v);
    grf_free(names);
}

static grf_status keep_name(void *data, struct grf_sv name, struct grf_err *err)
{
    struct grf_base_names *names = data;
    if (grf_grow(&names->v, names->n, &names->cap, sizeof(*names->v)))
        return grf_fail_nomem(err);
    char *copy = grf_strndup(name.p, name.n);
    if (!copy)
        return grf_fail_nomem(err);
    names->v[names->n++] = copy;
    return GRF_OK;
}

static grf_status read_names(struct grf_base *b, struct grf_err *err)
{
    struct grf_base_names *names = grf_calloc(1, sizeof(*names));
    if (!names)
        return grf_fail_nomem(err);
    grf_status st = grf_meta_each_body_name(b->meta, keep_name, names, err);
    if (st)
        release(names);
    else
        b->bodies = names;
    return st;
}

grf_status grf_base_each_body_name(struct grf_base *b, grf_name_fn f, void *data,
                                   struct grf_err *err)
{
    grf_status st = b->bodies ? GRF_OK : read_names(b, err);
    for (size_t i = 0; !st && i < b->bodies->n; i++)
        st = f(data, grf_sv_z(b->bodies->v[i]), err);
    return st;
}

void base_forget(struct grf_base *b)
{
    release(b->bodies);
    b->bodies = NULL;
    if (b->kept)
        b->free_kept(b->kept);
    b->kept = NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is read of a base once for all questions: its bodies and how much there is. It goes
 * when a writer has committed.
 */
#include "base_priv.h"
#include "grf_mem.h"

struct names {
    char **v;
    size_t n, cap;
};

struct grf_base_kept {
    struct names names;
    bool has_names;
    struct grf_body_count *bodies; /* with texts of their own */
    size_t n_bodies, cap_bodies;
    bool has_bodies;
    struct grf_counts counts;
    bool has_counts;
};

static grf_status kept_of(struct grf_base *b, struct grf_base_kept **out, struct grf_err *err)
{
    if (!b->numbers)
        b->numbers = grf_calloc(1, sizeof(*b->numbers));
    *out = b->numbers;
    return *out ? GRF_OK : grf_fail_nomem(err);
}

/* ---- names */

static void forget_names(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        grf_free(names->v[i]);
    grf_free(names->v);
    memset(names, 0, sizeof(*names));
}

static grf_status keep_name(void *data, struct grf_sv name, struct grf_err *err)
{
    struct names *names = data;
    if (grf_grow(&names->v, names->n, &names->cap, sizeof(*names->v)))
        return grf_fail_nomem(err);
    char *copy = grf_strndup(name.p, name.n);
    if (!copy)
        return grf_fail_nomem(err);
    names->v[names->n++] = copy;
    return GRF_OK;
}

grf_status grf_base_each_body_name(struct grf_base *b, grf_name_fn f, void *data,
                                   struct grf_err *err)
{
    struct grf_base_kept *k;
    grf_status st = kept_of(b, &k, err);
    if (st)
        return st;
    if (!k->has_names) {
        st = grf_meta_each_body_name(b->meta, keep_name, &k->names, err);
        k->has_names = !st;
        if (st)
            forget_names(&k->names);
    }
    for (size_t i = 0; i < k->names.n && !st; i++)
        st = f(data, grf_sv_z(k->names.v[i]), err);
    return st;
}

/* ---- bodies */

static void forget_bodies(struct grf_base_kept *k)
{
    for (size_t i = 0; i < k->n_bodies; i++)
        grf_free((void *)(uintptr_t)k->bodies[i].body);
    grf_free(k->bodies);
    k->bodies = NULL;
    k->n_bodies = k->cap_bodies = 0;
}

/* Three texts behind each other. */
static char *three_texts(const struct grf_body_count *row)
{
    size_t n = strlen(row->body) + 1, first = strlen(row->first_date) + 1;
    size_t last = strlen(row->last_date) + 1;
    char *z = grf_alloc(n + first + last);
    if (z) {
        memcpy(z, row->body, n);
        memcpy(z + n, row->first_date, first);
        memcpy(z + n + first, row->last_date, last);
    }
    return z;
}

static grf_status keep_body(void *data, const struct grf_body_count *row, struct grf_err *err)
{
    struct grf_base_kept *k = data;
    if (grf_grow(&k->bodies, k->n_bodies, &k->cap_bodies, sizeof(*k->bodies)))
        return grf_fail_nomem(err);
    char *z = three_texts(row);
    if (!z)
        return grf_fail_nomem(err);
    struct grf_body_count *own = &k->bodies[k->n_bodies++];
    *own = *row;
    own->body = z;
    own->first_date = z + strlen(z) + 1;
    own->last_date = own->first_date + strlen(own->first_date) + 1;
    return GRF_OK;
}

grf_status grf_base_each_body(struct grf_base *b, grf_body_fn f, void *data,
                              struct grf_err *err)
{
    struct grf_base_kept *k;
    grf_status st = kept_of(b, &k, err);
    if (st)
        return st;
    if (!k->has_bodies) {
        st = grf_meta_each_body(b->meta, keep_body, k, err);
        k->has_bodies = !st;
        if (st)
            forget_bodies(k);
    }
    for (size_t i = 0; i < k->n_bodies && !st; i++)
        st = f(data, &k->bodies[i], err);
    return st;
}

/* ---- counts */

grf_status grf_base_counts(struct grf_base *b, struct grf_counts *out, struct grf_err *err)
{
    struct grf_base_kept *k;
    grf_status st = kept_of(b, &k, err);
    if (!st && !k->has_counts) {
        st = grf_meta_counts(b->meta, &k->counts, err);
        k->has_counts = !st;
    }
    memset(out, 0, sizeof(*out));
    if (!st)
        *out = k->counts;
    return st;
}

void base_forget(struct grf_base *b)
{
    struct grf_base_kept *k = b->numbers;
    if (k) {
        forget_names(&k->names);
        forget_bodies(k);
        grf_free(k);
    }
    b->numbers = NULL;
    if (b->kept)
        b->free_kept(b->kept);
    b->kept = NULL;
}

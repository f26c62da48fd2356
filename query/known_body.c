/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A town that --body names and the base does not know: said, with those that it knows. */
#include <stdlib.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_text.h"

enum { NAME_MOST = 4096, SHOWN = 6 };

struct body {
    char *name;
    double likeness;
};

struct bodies {
    struct grf_str asked; /* as keys are written */
    struct body *v;
    size_t n, cap;
    bool known;
};

/* How much of what stands in a, three letters at a time, stands in b too: 0 to 1. */
static double likeness(const struct grf_str *a, const struct grf_str *b)
{
    size_t same = 0;
    const size_t piece = a->n < 3 ? a->n : 3;
    if (!a->n || a->n < piece)
        return 0;
    for (size_t i = 0; i + piece <= a->n; i++)
        same += memmem(b->p, b->n, a->p + i, piece) != NULL;
    return (double)same / (double)(a->n - piece + 1 + (b->n > a->n ? b->n - a->n : 0) / 4);
}

static grf_status take(void *data, struct grf_sv name, struct grf_err *err)
{
    struct bodies *all = data;
    struct grf_str key;
    if (all->known || !name.n)
        return GRF_OK;
    if (grf_grow(&all->v, all->n, &all->cap, sizeof(*all->v)))
        return grf_fail_nomem(err);
    char *copy = grf_strndup(name.p, name.n);
    if (!copy)
        return grf_fail_nomem(err);
    grf_str_init(&key, NAME_MOST);
    grf_text_key(&key, name);
    all->known = !key.bad && key.n == all->asked.n && memcmp(key.p, all->asked.p, key.n) == 0;
    all->v[all->n++] = (struct body){copy, key.bad ? 0 : likeness(&all->asked, &key)};
    grf_str_release(&key);
    return GRF_OK;
}

static int nearest_first(const void *left, const void *right)
{
    const struct body *a = left, *b = right;
    if (a->likeness != b->likeness)
        return a->likeness < b->likeness ? 1 : -1;
    return strcmp(a->name, b->name);
}

static void say(const char *asked, struct bodies *all)
{
    struct grf_str names;
    grf_str_init(&names, SHOWN * NAME_MOST);
    qsort(all->v, all->n, sizeof(*all->v), nearest_first);
    for (size_t i = 0; i < all->n && i < SHOWN; i++)
        grf_str_addf(&names, "%s%s", i ? ", " : "", all->v[i].name);
    if (!all->n)
        grf_log(GRF_LOG_WARNING, _("--body %s: no act of this base is of a known body"), asked);
    else if (all->n > SHOWN)
        grf_log(GRF_LOG_WARNING, _("--body %s: not in this base; the nearest of its %zu "
                                   "bodies: %s (greffier-query status lists all)"),
                asked, all->n, names.p);
    else
        grf_log(GRF_LOG_WARNING, _("--body %s: not in this base; it has: %s"), asked, names.p);
    grf_str_release(&names);
}

void say_unknown_bodies(struct grf_base *base, const struct grf_cli_list *asked)
{
    for (size_t i = 0; i < asked->n; i++) {
        struct bodies all = {.n = 0};
        grf_str_init(&all.asked, NAME_MOST);
        grf_text_key(&all.asked, grf_sv_z(asked->v[i]));
        grf_status st = grf_str_status(&all.asked, NULL);
        if (!st && all.asked.n)
            st = grf_base_each_body_name(base, take, &all, NULL);
        if (!st && all.asked.n && !all.known)
            say(asked->v[i], &all);
        for (size_t k = 0; k < all.n; k++)
            grf_free(all.v[k].name);
        grf_free(all.v);
        grf_str_release(&all.asked);
    }
}

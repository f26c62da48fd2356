/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of the page (style, script, icons), read once at start and served from
 * memory below /static/. Only what stood in the folder then is served, so no name that a
 * client sends is ever a path.
 */
#include <dirent.h>
#include <stdio.h>

#include "grf_file.h"
#include "grf_hash.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "serve.h"

enum { FILES_MOST = 64, FILE_MOST = 1 << 20 };

struct asset {
    char name[64], etag[33];
    const char *type;
    struct grf_str bytes;
};

struct web_assets {
    struct asset v[FILES_MOST];
    size_t n;
};

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", WEB_JSON},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < GRF_ARRAY_LEN(types); i++) {
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    }
    return NULL;
}

static grf_status read_one(struct web_assets *a, const char *dir, const char *name,
                           struct grf_err *err)
{
    char hex[GRF_SHA256_HEX];
    const char *type = type_of(name);
    if (!type || name[0] == '.' || strlen(name) >= sizeof(a->v[0].name) ||
        a->n == FILES_MOST)
        return GRF_OK;
    struct asset *f = &a->v[a->n++];
    grf_str_init(&f->bytes, FILE_MOST);
    memcpy(f->name, name, strlen(name) + 1);
    f->type = type;
    char *path = grf_path_join(dir, name);
    grf_status st = path ? grf_file_read(path, FILE_MOST, &f->bytes, err) : grf_fail_nomem(err);
    grf_free(path);
    if (st)
        return st;
    grf_sha256(grf_str_sv(&f->bytes), hex);
    memcpy(f->etag, hex, sizeof(f->etag) - 1);
    return GRF_OK;
}

grf_status web_assets_load(struct web_assets **out, struct grf_err *err)
{
    struct web_assets *a = grf_calloc(1, sizeof(*a));
    char *dir = grf_web_path("");
    *out = a;
    DIR *d = a && dir ? opendir(dir) : NULL;
    grf_status st = GRF_OK;
    if (!a || !dir)
        st = grf_fail_nomem(err);
    else if (!d)
        st = grf_fail_errno(err, "%s", dir);
    struct dirent *e;
    while (!st && (e = readdir(d)) != NULL)
        st = read_one(a, dir, e->d_name, err);
    if (d)
        closedir(d);
    grf_free(dir);
    if (st) {
        web_assets_free(a);
        *out = NULL;
    }
    return st;
}

void web_assets_free(struct web_assets *a)
{
    for (size_t i = 0; a && i < a->n; i++)
        grf_str_release(&a->v[i].bytes);
    grf_free(a);
}

static grf_status give(const struct web_request *q, const char *name, struct web_response *a,
                       struct grf_err *err)
{
    const struct web_assets *all = q->server->assets;
    for (size_t i = 0; i < all->n; i++) {
        const struct asset *f = &all->v[i];
        if (strcmp(f->name, name) != 0)
            continue;
        a->type = f->type;
        a->cache = WEB_CACHE_CHECK;
        memcpy(a->etag, f->etag, sizeof(f->etag));
        grf_str_addsv(&a->body, grf_str_sv(&f->bytes));
        return GRF_OK;
    }
    return grf_fail(err, GRF_NOTFOUND, "%s", _("there is no such page"));
}

grf_status web_static(const struct web_request *q, struct web_response *a,
                      struct grf_err *err)
{
    return give(q, q->args[0], a, err);
}

grf_status web_openapi(const struct web_request *q, struct web_response *a,
                       struct grf_err *err)
{
    return give(q, "openapi.json", a, err);
}

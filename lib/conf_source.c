/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections [source NAME], and where the settings file is looked for. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "conf_priv.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum { SOURCES_MOST = 5000, NAME_MOST = 40 };

/* The name stands in file names and reports. */
static bool is_name(const char *z)
{
    size_t n = strlen(z);
    for (size_t i = 0; i < n; i++) {
        if (!isalnum((unsigned char)z[i]) && !strchr("-_.", z[i]))
            return false;
    }
    return n > 0 && n <= NAME_MOST && z[0] != '.' && z[0] != '-';
}

grf_status conf_add_source(struct grf_conf *c, const char *name, int line,
                           struct grf_err *err)
{
    if (!is_name(name))
        return grf_fail(err, GRF_INVALID,
                        _("[source %s]: a name is made of letters, digits, - and _, at most "
                          "%d"),
                        name, NAME_MOST);
    for (size_t i = 0; i < c->n_sources; i++) {
        if (strcmp(c->sources[i].name, name) == 0)
            return grf_fail(err, GRF_INVALID, _("[source %s] is there already, at line %d"),
                            name, c->sources[i].line);
    }
    if (c->n_sources >= SOURCES_MOST)
        return grf_fail(err, GRF_LIMIT, _("more than %d sources"), SOURCES_MOST);
    if (grf_grow(&c->sources, c->n_sources, &c->cap_sources, sizeof(*c->sources)))
        return grf_fail_nomem(err);
    struct grf_source *s = &c->sources[c->n_sources];
    memset(s, 0, sizeof(*s));
    conf_defaults(s, conf_source_keys, conf_n_source_keys);
    s->line = line;
    s->name = grf_strdup(name);
    if (!s->name)
        return grf_fail_nomem(err);
    c->n_sources++;
    return GRF_OK;
}

static bool is_http(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

grf_status conf_check_source(const struct grf_source *s, struct grf_err *err)
{
    if (s->kind < 0)
        return grf_fail(err, GRF_INVALID, _("[source %s]: kind = ... is missing"), s->name);
    if (s->kind == GRF_SOURCE_FOLDER) {
        if (s->url || !s->path)
            return grf_fail(err, GRF_INVALID,
                            _("[source %s]: a folder has a path = ... and no url"), s->name);
        return GRF_OK;
    }
    if (s->path || !s->url)
        return grf_fail(err, GRF_INVALID, _("[source %s]: kind %s has a url = ... and no path"),
                        s->name, grf_source_kind_name((grf_source_kind)s->kind));
    if (!is_http(s->url))
        return grf_fail(err, GRF_INVALID,
                        _("[source %s]: url = %s: an address with http:// or https:// is "
                          "expected"),
                        s->name, s->url);
    return GRF_OK;
}

/* a/b in *out when it can be read; else *out stays NULL. */
static grf_status try(const char *dir, const char *name, char **out, struct grf_err *err)
{
    char *path = grf_path_join(dir, name);
    if (!path)
        return grf_fail_nomem(err);
    if (access(path, F_OK) == 0)
        *out = path;
    else
        grf_free(path);
    return GRF_OK;
}

grf_status grf_conf_find(const char *base, char **out, struct grf_err *err)
{
    const char *named = getenv("GREFFIER_CONFIG"), *xdg = getenv("XDG_CONFIG_HOME"),
               *home = getenv("HOME");
    grf_status st = GRF_OK;
    *out = NULL;
    if (named && *named) {
        *out = grf_strdup(named);
        return *out ? GRF_OK : grf_fail_nomem(err);
    }
    if (base)
        st = try(base, "greffier.conf", out, err);
    if (!st && !*out && xdg && *xdg)
        st = try(xdg, "greffier/greffier.conf", out, err);
    else if (!st && !*out && home && *home)
        st = try(home, ".config/greffier/greffier.conf", out, err);
    if (!st && !*out)
        st = try("/etc/greffier", "greffier.conf", out, err);
    return st;
}

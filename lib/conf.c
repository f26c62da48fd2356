/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings from an INI file. inih does the syntax; the table in conf_keys.c knows every
 * key, its kind, its limits and its default. A path that is not absolute is taken from the
 * file's own directory, so that a base and its settings can be moved together.
 */
#include "grf_conf.h"

#include <ini.h>
#include <string.h>

#include "conf_priv.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum { FILE_MOST = 1024 * 1024, SECTION_MOST = 48 };

struct reading {
    struct grf_conf *conf;
    const char *path;
    char *dir;        /* of the settings file, with its slash, or "" */
    const char *rest; /* text not yet handed to inih */
    int line;         /* number of the line handed out last */
    int section_line; /* of the last [section] among them */
    struct grf_err *err; /* what on_key found first */
    grf_status status;
    int bad_line;        /* where that was */
};

static grf_status set_key(struct reading *r, void *owner, const struct conf_key *k,
                          int *given, const char *value)
{
    if (*given && k->kind != KEY_LIST)
        return grf_fail(r->err, GRF_INVALID, _("%s is given twice"), k->name);
    if (!*given)
        *given = r->line;
    return conf_set(owner, k, value, r->dir, r->err);
}

static grf_status unknown(struct reading *r, const char *section, const char *name)
{
    return grf_fail(r->err, GRF_INVALID, _("unknown setting '%s' in section [%s]"), name,
                    section);
}

/* The source whose section is being read; the first key of a section makes it. */
static grf_status find_source(struct reading *r, const char *name)
{
    struct grf_conf *c = r->conf;
    if (c->n_sources && c->sources[c->n_sources - 1].line == r->section_line)
        return GRF_OK;
    return conf_add_source(c, name, r->section_line, r->err);
}

static grf_status read_source_key(struct reading *r, const char *section, const char *name,
                                  const char *value)
{
    grf_status st = find_source(r, section + strlen("source "));
    if (st)
        return st;
    struct grf_source *s = &r->conf->sources[r->conf->n_sources - 1];
    for (size_t i = 0; i < conf_n_source_keys; i++) {
        if (strcmp(conf_source_keys[i].name, name) == 0)
            return set_key(r, s, &conf_source_keys[i], &s->lines[i], value);
    }
    return unknown(r, section, name);
}

static grf_status read_key(struct reading *r, const char *section, const char *name,
                           const char *value)
{
    if (strncmp(section, "source ", 7) == 0)
        return read_source_key(r, section, name, value);
    for (size_t i = 0; i < conf_n_keys; i++) {
        const struct conf_key *k = &conf_keys[i];
        if (strcmp(k->section, section) == 0 && strcmp(k->name, name) == 0)
            return set_key(r, r->conf, k, &r->conf->lines[i], value);
    }
    return unknown(r, section, name);
}

/* inih calls this for each key; 0 marks the line as wrong. inih reads on to the end
   all the same: only the first finding is kept. */
static int on_key(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = (struct reading *)user;
    if (r->status)
        return 0;
    r->status = read_key(r, section ? section : "", name ? name : "", value ? value : "");
    r->bad_line = r->line;
    return r->status == GRF_OK;
}

/* The next line, as fgets would give it: this way on_key knows which line it is. */
static char *next_line(char *out, int size, void *stream)
{
    struct reading *r = (struct reading *)stream;
    size_t n = strcspn(r->rest, "\n");
    n += r->rest[n] == '\n';
    if (n == 0 || size < 1)
        return NULL;
    if (n > (size_t)size - 1)
        n = (size_t)size - 1; // check_lines lets none through
    memcpy(out, r->rest, n);
    out[n] = '\0';
    r->rest += n;
    r->line++;
    if (out[strspn(out, " \t\xEF\xBB\xBF")] == '[')
        r->section_line = r->line;
    return out;
}

/* inih would cut a longer line and take the rest for a new one. */
static grf_status check_lines(const struct grf_str *text, const char *path,
                              struct grf_err *err)
{
    if (memchr(text->p, '\0', text->n))
        return grf_fail(err, GRF_PARSE, _("settings '%s': not a text file"), path);
    int number = 1;
    for (const char *line = text->p; *line; number++) {
        size_t n = strcspn(line, "\n");
        if (n > INI_MAX_LINE - 4)
            return grf_fail(err, GRF_PARSE,
                            _("settings '%s', line %d: longer than %d bytes"), path, number,
                            INI_MAX_LINE - 4);
        const char *mark = line + strspn(line, " \t");
        if (*mark == '[' && strcspn(mark + 1, "]\n") > SECTION_MOST)
            return grf_fail(err, GRF_PARSE,
                            _("settings '%s', line %d: the section's name is longer than %d "
                              "bytes"),
                            path, number, SECTION_MOST);
        line += n + (line[n] == '\n');
    }
    return GRF_OK;
}

static grf_status parse(struct reading *r, struct grf_err *err)
{
    int line = ini_parse_stream(next_line, r, on_key, r);
    if (line < 0 || r->status == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (r->status && r->bad_line <= line)
        return grf_fail(err, r->status, _("settings '%s', line %d: %s"), r->path, line,
                        r->err->msg);
    if (line)
        return grf_fail(err, GRF_PARSE,
                        _("settings '%s', line %d: neither [section] nor key = value"),
                        r->path, line);
    grf_status st = GRF_OK;
    for (size_t i = 0; i < r->conf->n_sources && !st; i++) {
        st = conf_check_source(&r->conf->sources[i], r->err);
        if (st)
            grf_fail(err, st, _("settings '%s', line %d: %s"), r->path,
                     r->conf->sources[i].line, r->err->msg);
    }
    return st;
}

static grf_status read_text(struct grf_conf *c, const char *path, const char *text,
                            struct grf_err *err)
{
    struct grf_err found = GRF_ERR_INIT;
    const char *slash = strrchr(path, '/');
    struct reading r = {.conf = c, .path = path, .rest = text, .err = &found};
    r.dir = grf_strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
    c->file = grf_strdup(path);
    grf_status st = r.dir && c->file ? parse(&r, err) : grf_fail_nomem(err);
    grf_free(r.dir);
    return st;
}

grf_status grf_conf_load(struct grf_conf *c, const char *path, struct grf_err *err)
{
    memset(c, 0, sizeof(*c));
    conf_defaults(c, conf_keys, conf_n_keys);
    if (!path)
        return GRF_OK;
    struct grf_str text;
    grf_str_init(&text, FILE_MOST);
    grf_status s = grf_file_read(path, FILE_MOST, &text, err);
    if (s == GRF_OK)
        s = check_lines(&text, path, err);
    if (s == GRF_OK)
        s = read_text(c, path, text.p, err);
    grf_str_release(&text);
    if (s)
        grf_conf_release(c);
    return s;
}

void grf_conf_release(struct grf_conf *c)
{
    conf_release_keys(c, conf_keys, conf_n_keys);
    for (size_t i = 0; i < c->n_sources; i++) {
        conf_release_keys(&c->sources[i], conf_source_keys, conf_n_source_keys);
        grf_free(c->sources[i].name);
    }
    grf_free(c->sources);
    grf_free(c->file);
    c->sources = NULL;
    c->file = NULL;
    c->n_sources = c->cap_sources = 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings from an INI file. inih does the syntax; the table below knows every key,
 * its kind, its limits and its default. A path that is not absolute is taken from the
 * file's own directory, so that a base and its settings can be moved together.
 */
#include "grf_conf.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum { FILE_MOST = 64 * 1024, KEYS = 12 };

enum kind { KEY_TEXT, KEY_PATH, KEY_INT, KEY_SECONDS, KEY_INT64, KEY_BOOL };

struct key {
    const char *section, *name;
    enum kind kind;
    size_t offset;          /* in struct grf_conf */
    long min, max, initial; /* as written in the file */
};

#define AT(field) offsetof(struct grf_conf, field)

static const struct key keys[KEYS] = {
    {"model", "path", KEY_PATH, AT(model_path), 0, 0, 0},
    {"model", "endpoint", KEY_TEXT, AT(endpoint_url), 0, 0, 0},
    {"model", "name", KEY_TEXT, AT(endpoint_model), 0, 0, 0},
    {"model", "key-file", KEY_PATH, AT(endpoint_key), 0, 0, 0},
    {"model", "dimension", KEY_INT, AT(endpoint_dim), 0, 8192, 0},
    {"model", "batch", KEY_INT, AT(endpoint_batch), 1, 256, 32},
    {"model", "timeout", KEY_SECONDS, AT(endpoint_timeout_ms), 1, 3600, 30},
    {"model", "allow-remote", KEY_BOOL, AT(endpoint_remote), 0, 1, 0},
    {"worker", "memory", KEY_INT, AT(worker_memory_mb), 64, 1048576, 1024},
    {"worker", "time", KEY_INT, AT(worker_seconds), 1, 86400, 120},
    {"worker", "pages", KEY_INT, AT(worker_pages), 1, 1000000, 5000},
    {"worker", "file-size", KEY_INT64, AT(max_file_mb), 1, 1048576, 200},
};

struct reading {
    struct grf_conf *conf;
    const char *path;
    const char *rest; /* text not yet handed to inih */
    int line;         /* number of the line handed out last */
    bool seen[KEYS];
    struct grf_err *err; /* what on_key found first */
    grf_status status;
    int bad_line;        /* where that was */
};

static char **text_field(struct grf_conf *c, const struct key *k)
{
    return (char **)((char *)c + k->offset);
}

static void set_number(struct grf_conf *c, const struct key *k, long v)
{
    char *field = (char *)c + k->offset;
    switch (k->kind) {
    case KEY_INT:
        *(int *)field = (int)v;
        break;
    case KEY_SECONDS:
        *(int *)field = (int)(v * 1000);
        break;
    case KEY_INT64:
        *(int64_t *)field = v;
        break;
    case KEY_BOOL:
        *(bool *)field = v != 0;
        break;
    case KEY_TEXT:
    case KEY_PATH:
        break;
    }
}

static grf_status read_number(struct reading *r, const struct key *k, const char *value)
{
    char *end = NULL;
    errno = 0;
    long v = strtol(value, &end, 10);
    if (end == value || *end || errno || v < k->min || v > k->max)
        return grf_fail(r->err, GRF_INVALID,
                        _("%s = %s: a whole number from %ld to %ld is expected"), k->name,
                        value, k->min, k->max);
    set_number(r->conf, k, v);
    return GRF_OK;
}

static grf_status read_bool(struct reading *r, const struct key *k, const char *value)
{
    static const char *const words[2][4] = {{"no", "false", "off", "0"},
                                            {"yes", "true", "on", "1"}};
    for (int v = 0; v < 2; v++) {
        for (size_t i = 0; i < 4; i++) {
            if (strcasecmp(value, words[v][i]) == 0) {
                set_number(r->conf, k, v);
                return GRF_OK;
            }
        }
    }
    return grf_fail(r->err, GRF_INVALID, _("%s = %s: yes or no is expected"), k->name, value);
}

static grf_status read_text(struct reading *r, const struct key *k, const char *value)
{
    char **field = text_field(r->conf, k);
    const char *slash = strrchr(r->path, '/');
    if (!*value)
        return grf_fail(r->err, GRF_INVALID, _("%s has no value"), k->name);
    if (k->kind == KEY_PATH && value[0] != '/' && slash) {
        char *dir = grf_strndup(r->path, (size_t)(slash - r->path) + 1);
        *field = dir ? grf_path_join(dir, value) : NULL;
        grf_free(dir);
    } else {
        *field = grf_strdup(value);
    }
    return *field ? GRF_OK : grf_fail_nomem(r->err);
}

static grf_status read_key(struct reading *r, const char *section, const char *name,
                           const char *value)
{
    for (size_t i = 0; i < KEYS; i++) {
        const struct key *k = &keys[i];
        if (strcmp(k->section, section) != 0 || strcmp(k->name, name) != 0)
            continue;
        if (r->seen[i])
            return grf_fail(r->err, GRF_INVALID, _("%s is given twice"), name);
        r->seen[i] = true;
        if (k->kind == KEY_TEXT || k->kind == KEY_PATH)
            return read_text(r, k, value);
        return k->kind == KEY_BOOL ? read_bool(r, k, value) : read_number(r, k, value);
    }
    return grf_fail(r->err, GRF_INVALID, _("unknown setting '%s' in section [%s]"), name,
                    section);
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
        line += n + (line[n] == '\n');
    }
    return GRF_OK;
}

static grf_status parse(struct grf_conf *c, const char *path, const char *text,
                        struct grf_err *err)
{
    struct grf_err found = GRF_ERR_INIT;
    struct reading r = {c, path, text, 0, {false}, &found, GRF_OK, 0};
    int line = ini_parse_stream(next_line, &r, on_key, &r);
    if (line == 0)
        return GRF_OK;
    if (line < 0 || r.status == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (r.status && r.bad_line <= line)
        return grf_fail(err, r.status, _("settings '%s', line %d: %s"), path, line,
                        found.msg);
    return grf_fail(err, GRF_PARSE,
                    _("settings '%s', line %d: neither [section] nor key = value"), path,
                    line);
}

static void set_defaults(struct grf_conf *c)
{
    memset(c, 0, sizeof(*c));
    for (size_t i = 0; i < KEYS; i++)
        set_number(c, &keys[i], keys[i].initial);
}

grf_status grf_conf_load(struct grf_conf *c, const char *path, struct grf_err *err)
{
    set_defaults(c);
    if (!path)
        return GRF_OK;
    struct grf_str text;
    grf_str_init(&text, FILE_MOST);
    grf_status s = grf_file_read(path, FILE_MOST, &text, err);
    if (s == GRF_OK)
        s = check_lines(&text, path, err);
    if (s == GRF_OK)
        s = parse(c, path, text.p, err);
    grf_str_release(&text);
    if (s)
        grf_conf_release(c);
    return s;
}

void grf_conf_release(struct grf_conf *c)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (keys[i].kind != KEY_TEXT && keys[i].kind != KEY_PATH)
            continue;
        char **field = text_field(c, &keys[i]);
        grf_free(*field);
        *field = NULL;
    }
}

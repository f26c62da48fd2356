/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A source file (*.act) read into blocks and settings. */
#include "typeset.h"

#include <stdlib.h>
#include <string.h>

void ts_fail(const char *path, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (line)
        fprintf(stderr, "typeset: %s:%d: %s\n", path, line, text);
    else
        fprintf(stderr, "typeset: %s: %s\n", path, text);
    exit(1);
}

/* ---- reading a source */

static void add_block(struct doc *d, char *kind, char *text, int line)
{
    struct block *b = g_new0(struct block, 1);
    b->kind = kind;
    b->text = text;
    b->line = line;
    g_ptr_array_add(d->blocks, b);
}

bool ts_is_setting(const char *kind)
{
    static const char *const names[] = {"forme", "police", "corps", "date", "entete", "pied",
                                        "rotation", "marge", "fichier", NULL};
    return g_strv_contains(names, kind);
}

/* Appends a continuation line to the last block; a final backslash is a line break. */
static void continue_block(struct block *b, const char *line)
{
    size_t n = strlen(b->text);
    bool broken = n && b->text[n - 1] == '\\';
    if (broken)
        b->text[n - 1] = '\0';
    char *joined = g_strconcat(b->text, broken ? "\n" : n ? " " : "", line, NULL);
    g_free(b->text);
    b->text = joined;
}

static struct block *parse_line(struct doc *d, char *line, int number, struct block *open)
{
    if (line[0] == '#')
        return open;
    if (line[0] == '\0')
        return NULL;
    if (line[0] == '@') {
        size_t n = strcspn(line + 1, " ");
        char *kind = g_strndup(line + 1, n);
        add_block(d, kind, g_strstrip(g_strdup(line + 1 + n)), number);
    } else if (g_str_has_prefix(line, "- ")) {
        add_block(d, g_strdup("-"), g_strdup(line + 2), number);
    } else if (line[0] == '|') {
        add_block(d, g_strdup(line[1] == '!' ? "|!" : "|"),
                  g_strstrip(g_strdup(line + (line[1] == '!' ? 2 : 1))), number);
        return NULL;
    } else if (open) {
        continue_block(open, line);
        return open;
    } else {
        add_block(d, g_strdup("texte"), g_strdup(line), number);
    }
    return d->blocks->pdata[d->blocks->len - 1];
}

struct doc *ts_read_source(const char *path, const char *below)
{
    char *text;
    GError *error = NULL;
    if (!g_file_get_contents(path, &text, NULL, &error))
        ts_fail(path, 0, "%s", error->message);
    if (!g_utf8_validate(text, -1, NULL))
        ts_fail(path, 0, "not UTF-8");
    struct doc *d = g_new0(struct doc, 1);
    d->path = g_strdup(path);
    d->name = g_strdup_printf("%.*s.pdf", (int)(strlen(below) - strlen(".act")), below);
    d->set = g_hash_table_new(g_str_hash, g_str_equal);
    d->blocks = g_ptr_array_new();
    char **lines = g_strsplit(text, "\n", -1);
    struct block *open = NULL;
    for (int i = 0; lines[i]; i++)
        open = parse_line(d, g_strchomp(lines[i]), i + 1, open);
    for (guint i = 0; i < d->blocks->len; i++) {
        struct block *b = d->blocks->pdata[i];
        if (ts_is_setting(b->kind))
            g_hash_table_insert(d->set, b->kind, b->text);
    }
    const char *name = g_hash_table_lookup(d->set, "fichier");
    if (name) {
        char *dir = g_path_get_dirname(below);
        d->name = g_build_filename(dir, name, NULL);
        g_free(dir);
    }
    g_strfreev(lines);
    g_free(text);
    return d;
}

const char *ts_setting(const struct doc *d, const char *key, const char *otherwise)
{
    const char *value = g_hash_table_lookup(d->set, key);
    return value ? value : otherwise;
}

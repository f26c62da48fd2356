/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The acts of the files as JSON Lines: the ground truth for segmentation. */
#include "typeset.h"

#include <string.h>

static void put_string(FILE *f, const char *key, const char *value)
{
    fprintf(f, ", \"%s\": ", key);
    if (!value) {
        fputs("null", f);
        return;
    }
    fputc('"', f);
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\')
            fputc('\\', f);
        fputc(*p == '\n' ? ' ' : *p, f);
    }
    fputc('"', f);
}

static void put_votes(FILE *f, const char *votes)
{
    static const char *const names[] = {"pour", "contre", "abstention", "unanime"};
    char **word = g_strsplit(votes ? votes : "", " ", -1);
    fputs(", \"votes\": {", f);
    for (int i = 0; i < 4; i++) {
        const char *value = "null";
        size_t n = strlen(names[i]);
        for (int k = 0; word[k]; k++)
            if (g_str_has_prefix(word[k], names[i]) && word[k][n] == '=')
                value = word[k] + n + 1;
        if (i == 3)
            value = !strcmp(value, "oui") ? "true" : !strcmp(value, "non") ? "false" : "null";
        fprintf(f, "%s\"%s\": %s", i ? ", " : "", i == 3 ? "unanimous" : names[i], value);
    }
    fputc('}', f);
    g_strfreev(word);
}

static void put_refs(FILE *f, const char *refs)
{
    char **item = g_strsplit(refs ? refs : "", ";", -1);
    fputs(", \"legal_refs\": [", f);
    for (int i = 0; item[i]; i++)
        if (*g_strstrip(item[i]))
            fprintf(f, "%s\"%s\"", i ? ", " : "", item[i]);
    fputs("]}\n", f);
    g_strfreev(item);
}

void ts_put_acts(FILE *f, const struct doc *d, const GPtrArray *acts)
{
    for (guint i = 0; i < acts->len; i++) {
        const struct act *a = acts->pdata[i];
        if (!a->field[SUBJECT] || !a->start)
            ts_fail(d->path, 0, "act %u has no @objet or no heading", i + 1);
        fprintf(f, "{\"file\": \"%s\", \"ordinal\": %u", d->name, i + 1);
        put_string(f, "kind", a->field[KIND]);
        put_string(f, "number", a->field[NUMBER]);
        put_string(f, "subject", a->field[SUBJECT]);
        put_string(f, "session_date", a->field[SESSION]);
        fprintf(f, ", \"first_page\": %d, \"last_page\": %d", a->first, a->last);
        put_string(f, "start_quote", a->start);
        put_votes(f, a->field[VOTES]);
        put_string(f, "receipt_id", a->field[RECEIPT]);
        put_string(f, "received_date", a->field[RECEIVED]);
        put_refs(f, a->field[REFS]);
    }
}

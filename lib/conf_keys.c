/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of all settings: kind, limits and default of each key, how its text becomes
 * a value, and how the value is shown.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "conf_priv.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

#define AT(field) offsetof(struct grf_conf, field)
#define OF(field) offsetof(struct grf_source, field)

const struct conf_key conf_keys[] = {
    {"model", "path", KEY_PATH, AT(model_path), 0, 0, 0, NULL},
    {"model", "endpoint", KEY_TEXT, AT(endpoint_url), 0, 0, 0, NULL},
    {"model", "name", KEY_TEXT, AT(endpoint_model), 0, 0, 0, NULL},
    {"model", "key-file", KEY_PATH, AT(endpoint_key), 0, 0, 0, NULL},
    {"model", "dimension", KEY_INT, AT(endpoint_dim), 0, 8192, 0, NULL},
    {"model", "batch", KEY_INT, AT(endpoint_batch), 1, 256, 32, NULL},
    {"model", "timeout", KEY_SECONDS, AT(endpoint_timeout_ms), 1, 3600, 30, NULL},
    {"model", "allow-remote", KEY_BOOL, AT(endpoint_remote), 0, 1, 0, NULL},
    {"rerank", "endpoint", KEY_TEXT, AT(rerank_url), 0, 0, 0, NULL},
    {"rerank", "name", KEY_TEXT, AT(rerank_model), 0, 0, 0, NULL},
    {"rerank", "key-file", KEY_PATH, AT(rerank_key), 0, 0, 0, NULL},
    {"rerank", "timeout", KEY_SECONDS, AT(rerank_timeout_ms), 1, 3600, 5, NULL},
    {"rerank", "top", KEY_INT, AT(rerank_top), 2, 200, 30, NULL},
    {"rerank", "weight", KEY_INT, AT(rerank_weight), 0, 100, 70, NULL},
    {"rerank", "allow-remote", KEY_BOOL, AT(rerank_remote), 0, 1, 0, NULL},
    {"worker", "memory", KEY_INT, AT(worker_memory_mb), 64, 1048576, 1024, NULL},
    {"worker", "time", KEY_INT, AT(worker_seconds), 1, 86400, 120, NULL},
    {"worker", "pages", KEY_INT, AT(worker_pages), 1, 1000000, 5000, NULL},
    {"worker", "file-size", KEY_INT64, AT(max_file_mb), 1, 1048576, 200, NULL},
    {"run", "ocr-minutes", KEY_INT, AT(ocr_minutes), 0, 10080, 180, NULL},
    {"run", "absent-after", KEY_INT, AT(absent_after), 1, 1000, 3, NULL},
    {"run", "delay", KEY_INT, AT(delay_seconds), 0, 3600, 1, NULL},
    {"run", "retries", KEY_INT, AT(retries), 0, 10, 3, NULL},
    {"run", "contact", KEY_TEXT, AT(contact), 0, 0, 0, NULL},
    {"run", "mail", KEY_TEXT, AT(mail), 0, 0, 0, NULL},
    {"run", "mail-when", KEY_WORD, AT(mail_when), 0, 0, 0, "always news"},
    {"run", "sendmail", KEY_PATH, AT(sendmail), 0, 0, 0, NULL},
    {"run", "ca-file", KEY_PATH, AT(ca_file), 0, 0, 0, NULL},
    {"run", "keep-reports", KEY_INT, AT(keep_reports), 1, 100000, 400, NULL},
    {"serve", "listen", KEY_TEXT, AT(serve_listen), 0, 0, 0, NULL},
    {"serve", "passwords", KEY_PATH, AT(serve_passwords), 0, 0, 0, NULL},
    {"serve", "hosts", KEY_LIST, AT(serve_hosts), 0, 0, 0, NULL},
    {"serve", "https", KEY_BOOL, AT(serve_https), 0, 1, 0, NULL},
    {"serve", "proxy", KEY_BOOL, AT(serve_proxy), 0, 1, 0, NULL},
    {"serve", "public", KEY_BOOL, AT(serve_public), 0, 1, 0, NULL},
    {"serve", "rate", KEY_INT, AT(serve_rate), 1, 100000, 20, NULL},
    {"serve", "threads", KEY_INT, AT(serve_threads), 1, 64, 4, NULL},
    {"serve", "words", KEY_INT, AT(serve_words_mb), 0, 1048576, 512, NULL},
    {"law", "address", KEY_TEXT, AT(law_address), 0, 0, 0, NULL},
    {"law", "codes", KEY_LIST, AT(law_codes), 0, 0, 0, NULL},
    {"law", "archive-size", KEY_INT64, AT(law_archive_mb), 1, 1048576, 4000, NULL},
};
const size_t conf_n_keys = GRF_ARRAY_LEN(conf_keys);

const struct conf_key conf_source_keys[] = {
    {"source", "kind", KEY_WORD, OF(kind), 0, 0, -1,
     "folder page feed sitemap scdl oai datagouv legi"},
    {"source", "path", KEY_PATH, OF(path), 0, 0, 0, NULL},
    {"source", "url", KEY_TEXT, OF(url), 0, 0, 0, NULL},
    {"source", "body", KEY_TEXT, OF(body), 0, 0, 0, NULL},
    {"source", "visibility", KEY_WORD, OF(internal), 0, 0, -1, "public interne"},
    {"source", "include", KEY_LIST, OF(include), 0, 0, 0, NULL},
    {"source", "exclude", KEY_LIST, OF(exclude), 0, 0, 0, NULL},
    {"source", "follow", KEY_LIST, OF(follow), 0, 0, 0, NULL},
    {"source", "hosts", KEY_LIST, OF(hosts), 0, 0, 0, NULL},
    {"source", "set", KEY_TEXT, OF(set), 0, 0, 0, NULL},
    {"source", "schedule", KEY_DAYS, OF(schedule), 0, 366, 0, NULL},
    {"source", "recheck", KEY_DAYS, OF(recheck), 0, 3660, 30, NULL},
    {"source", "pages", KEY_INT, OF(pages_most), 1, 100000, 50, NULL},
    {"source", "documents", KEY_INT, OF(documents_most), 1, 1000000, 1000, NULL},
    {"source", "file-size", KEY_INT64, OF(file_mb), 1, 1048576, 100, NULL},
    {"source", "total-size", KEY_INT64, OF(run_mb), 1, 1048576, 5000, NULL},
    {"source", "robots", KEY_BOOL, OF(robots), 0, 1, 1, NULL},
    {"source", "private-addresses", KEY_BOOL, OF(private_ok), 0, 1, 0, NULL},
};
const size_t conf_n_source_keys = GRF_ARRAY_LEN(conf_source_keys);

_Static_assert(GRF_ARRAY_LEN(conf_keys) <= GRF_CONF_KEYS_MOST &&
                   GRF_ARRAY_LEN(conf_source_keys) <= GRF_CONF_KEYS_MOST,
               "lines[] holds a place for each key");

const char *grf_source_kind_name(grf_source_kind k)
{
    static const char *const names[GRF_SOURCE_KINDS] = {
        "folder", "page", "feed", "sitemap", "scdl", "oai", "datagouv", "legi"};
    return (unsigned)k < GRF_SOURCE_KINDS ? names[k] : "?";
}

/* ---- values */

static void *field_of(void *owner, const struct conf_key *k)
{
    return (char *)owner + k->offset;
}

static const void *const_field_of(const void *owner, const struct conf_key *k)
{
    return (const char *)owner + k->offset;
}

static void set_number(void *owner, const struct conf_key *k, long v)
{
    void *field = field_of(owner, k);
    if (k->kind == KEY_INT64)
        *(int64_t *)field = v;
    else if (k->kind == KEY_BOOL)
        *(bool *)field = v != 0;
    else
        *(int *)field = (int)(k->kind == KEY_SECONDS ? v * 1000 : v);
}

static bool is_number(enum conf_kind kind)
{
    return kind != KEY_TEXT && kind != KEY_PATH && kind != KEY_LIST;
}

static bool whole_number(const char *value, long min, long max, long *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtol(value, &end, 10);
    return end != value && !*end && !errno && *out >= min && *out <= max;
}

static grf_status set_int(void *owner, const struct conf_key *k, const char *value,
                          struct grf_err *err)
{
    long v;
    if (!whole_number(value, k->min, k->max, &v))
        return grf_fail(err, GRF_INVALID,
                        _("%s = %s: a whole number from %ld to %ld is expected"), k->name,
                        value, k->min, k->max);
    set_number(owner, k, v);
    return GRF_OK;
}

static grf_status set_bool(void *owner, const struct conf_key *k, const char *value,
                           struct grf_err *err)
{
    static const char *const words[2][5] = {{"no", "false", "off", "0", "non"},
                                            {"yes", "true", "on", "1", "oui"}};
    for (int v = 0; v < 2; v++) {
        for (size_t i = 0; i < GRF_ARRAY_LEN(words[0]); i++) {
            if (strcasecmp(value, words[v][i]) == 0) {
                set_number(owner, k, v);
                return GRF_OK;
            }
        }
    }
    return grf_fail(err, GRF_INVALID, _("%s = %s: yes or no is expected"), k->name, value);
}

/* The nth word of "a b c", empty after the last. */
static struct grf_sv word_at(const char *words, int nth)
{
    for (; nth > 0 && *words; nth--) {
        words += strcspn(words, " ");
        words += *words == ' ';
    }
    return grf_sv(words, strcspn(words, " "));
}

static grf_status set_word(void *owner, const struct conf_key *k, const char *value,
                           struct grf_err *err)
{
    struct grf_sv w;
    for (int i = 0; (w = word_at(k->words, i)).n; i++) {
        if (strlen(value) == w.n && strncasecmp(value, w.p, w.n) == 0) {
            set_number(owner, k, i);
            return GRF_OK;
        }
    }
    return grf_fail(err, GRF_INVALID, _("%s = %s: one of these is expected: %s"), k->name,
                    value, k->words);
}

static const struct {
    const char *word;
    int days;
} day_words[] = {{"each-run", 0}, {"daily", 1}, {"weekly", 7}, {"monthly", 30}};

static grf_status set_days(void *owner, const struct conf_key *k, const char *value,
                           struct grf_err *err)
{
    long v;
    for (size_t i = 0; i < GRF_ARRAY_LEN(day_words); i++) {
        if (strcasecmp(value, day_words[i].word) == 0) {
            set_number(owner, k, day_words[i].days);
            return GRF_OK;
        }
    }
    if (!whole_number(value, k->min, k->max, &v))
        return grf_fail(err, GRF_INVALID,
                        _("%s = %s: expected is each-run, daily, weekly, monthly or a number "
                          "of days up to %ld"),
                        k->name, value, k->max);
    set_number(owner, k, v);
    return GRF_OK;
}

static grf_status set_text(void *owner, const struct conf_key *k, const char *value,
                           const char *dir, struct grf_err *err)
{
    char **field = field_of(owner, k);
    bool relative = k->kind == KEY_PATH && value[0] != '/' && dir[0];
    grf_free(*field);
    *field = relative ? grf_path_join(dir, value) : grf_strdup(value);
    return *field ? GRF_OK : grf_fail_nomem(err);
}

static grf_status add_words(void *owner, const struct conf_key *k, const char *value,
                            struct grf_err *err)
{
    struct grf_conf_list *l = field_of(owner, k);
    while (*value) {
        size_t n = strcspn(value, " \t");
        if (n) {
            if (grf_grow(&l->v, l->n, &l->cap, sizeof(*l->v)))
                return grf_fail_nomem(err);
            l->v[l->n] = grf_strndup(value, n);
            if (!l->v[l->n])
                return grf_fail_nomem(err);
            l->n++;
        }
        value += n + (value[n] != '\0');
    }
    return GRF_OK;
}

grf_status conf_set(void *owner, const struct conf_key *k, const char *value,
                    const char *dir, struct grf_err *err)
{
    if (!*value && !is_number(k->kind))
        return grf_fail(err, GRF_INVALID, _("%s has no value"), k->name);
    switch (k->kind) {
    case KEY_TEXT:
    case KEY_PATH:
        return set_text(owner, k, value, dir, err);
    case KEY_LIST:
        return add_words(owner, k, value, err);
    case KEY_BOOL:
        return set_bool(owner, k, value, err);
    case KEY_WORD:
        return set_word(owner, k, value, err);
    case KEY_DAYS:
        return set_days(owner, k, value, err);
    case KEY_INT:
    case KEY_SECONDS:
    case KEY_INT64:
        break;
    }
    return set_int(owner, k, value, err);
}

void conf_defaults(void *owner, const struct conf_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_number(keys[i].kind))
            set_number(owner, &keys[i], keys[i].initial);
    }
}

static void release_list(struct grf_conf_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        grf_free(l->v[i]);
    grf_free(l->v);
    memset(l, 0, sizeof(*l));
}

void conf_release_keys(void *owner, const struct conf_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (keys[i].kind == KEY_LIST) {
            release_list(field_of(owner, &keys[i]));
        } else if (!is_number(keys[i].kind)) {
            char **field = field_of(owner, &keys[i]);
            grf_free(*field);
            *field = NULL;
        }
    }
}

/* ---- showing */

struct shown {
    grf_conf_fn f;
    void *data;
    const char *source;
};

static void show_number(const struct shown *s, const void *owner, const struct conf_key *k,
                        int line)
{
    char text[64];
    const void *field = const_field_of(owner, k);
    int v = k->kind == KEY_INT64 || k->kind == KEY_BOOL ? 0 : *(const int *)field;
    if (k->kind == KEY_INT64)
        snprintf(text, sizeof(text), "%lld", (long long)*(const int64_t *)field);
    else if (k->kind == KEY_BOOL)
        snprintf(text, sizeof(text), "%s", *(const bool *)field ? "yes" : "no");
    else if (k->kind == KEY_WORD)
        snprintf(text, sizeof(text), "%.*s", v < 0 ? 0 : (int)word_at(k->words, v).n,
                 v < 0 ? "" : word_at(k->words, v).p);
    else
        snprintf(text, sizeof(text), "%d", k->kind == KEY_SECONDS ? v / 1000 : v);
    s->f(s->data, k->section, s->source, k->name, text, line);
}

static void show_keys(const struct shown *s, const void *owner, const struct conf_key *keys,
                      size_t n, const int *lines)
{
    for (size_t i = 0; i < n; i++) {
        const struct conf_key *k = &keys[i];
        if (k->kind == KEY_LIST) {
            const struct grf_conf_list *l = const_field_of(owner, k);
            for (size_t w = 0; w < l->n; w++)
                s->f(s->data, k->section, s->source, k->name, l->v[w], lines[i]);
            if (!l->n)
                s->f(s->data, k->section, s->source, k->name, "", 0);
        } else if (is_number(k->kind)) {
            show_number(s, owner, k, lines[i]);
        } else {
            const char *const *field = const_field_of(owner, k);
            s->f(s->data, k->section, s->source, k->name, *field ? *field : "", lines[i]);
        }
    }
}

void grf_conf_each(const struct grf_conf *c, grf_conf_fn f, void *data)
{
    struct shown s = {f, data, NULL};
    show_keys(&s, c, conf_keys, conf_n_keys, c->lines);
    for (size_t i = 0; i < c->n_sources; i++) {
        s.source = c->sources[i].name;
        show_keys(&s, &c->sources[i], conf_source_keys, conf_n_source_keys,
                  c->sources[i].lines);
    }
}

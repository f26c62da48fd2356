/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/conf*.c: what is known of each key. */
#ifndef GRF_CONF_PRIV_H
#define GRF_CONF_PRIV_H

#include "grf_conf.h"

enum conf_kind {
    KEY_TEXT,
    KEY_PATH,    /* relative ones are taken from the file's directory */
    KEY_LIST,    /* words; the key may be given several times */
    KEY_INT,
    KEY_SECONDS, /* kept in milliseconds */
    KEY_INT64,
    KEY_BOOL,
    KEY_WORD,    /* one of some words, kept as its place among them */
    KEY_DAYS     /* a number of days, or a word for it */
};

struct conf_key {
    const char *section, *name; /* "source": of each source */
    enum conf_kind kind;
    size_t offset;          /* in struct grf_conf, or in struct grf_source */
    long min, max, initial; /* as written in the file */
    const char *words;      /* KEY_WORD: "a b c" */
};

extern const struct conf_key conf_keys[], conf_source_keys[];
extern const size_t conf_n_keys, conf_n_source_keys;

/* Sets the key at `owner` (struct grf_conf or grf_source) from text; dir is the settings
   file's with its slash, or "". GRF_INVALID says what is expected. */
GRF_NODISCARD grf_status conf_set(void *owner, const struct conf_key *k, const char *value,
                                  const char *dir, struct grf_err *err);
void conf_defaults(void *owner, const struct conf_key *keys, size_t n);
void conf_release_keys(void *owner, const struct conf_key *keys, size_t n);

/* Adds an empty source; GRF_INVALID when its name is taken or is no name. */
GRF_NODISCARD grf_status conf_add_source(struct grf_conf *c, const char *name, int line,
                                         struct grf_err *err);
/* What a source needs, once all of its keys are read. */
GRF_NODISCARD grf_status conf_check_source(const struct grf_source *s, struct grf_err *err);

#endif

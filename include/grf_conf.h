/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings: an INI file (inih behind). Sections and keys are known by name; an
 * unknown one is an error that names file and line. Defaults are used for what is
 * not said. A section [source NAME] stands for each source of acts.
 */
#ifndef GRF_CONF_H
#define GRF_CONF_H

#include <stdbool.h>

#include "grf_err.h"
#include "grf_where.h" /* grf_data_path, grf_helper_path */

GRF_BEGIN_DECLS

/* ---- where acts are published: [source NAME] */

typedef enum grf_source_kind {
    GRF_SOURCE_FOLDER,   /* PDF files in a folder */
    GRF_SOURCE_PAGE,     /* a web page with links to PDFs */
    GRF_SOURCE_FEED,     /* RSS or Atom */
    GRF_SOURCE_SITEMAP,
    GRF_SOURCE_SCDL,     /* CSV of deliberations, the national format */
    GRF_SOURCE_OAI,      /* OAI-PMH */
    GRF_SOURCE_DATAGOUV, /* the JSON of a data set of data.gouv.fr */
    GRF_SOURCE_LEGI      /* the law: LEGI's stock and increments */
} grf_source_kind;
#define GRF_SOURCE_KINDS 8
/* As in the file: "folder", "page" ... */
const char *grf_source_kind_name(grf_source_kind k);

struct grf_conf_list {
    char **v;
    size_t n, cap;
};

#define GRF_CONF_KEYS_MOST 64

struct grf_source {
    char *name;
    int line;     /* of its section */
    int kind;     /* grf_source_kind */
    char *path;   /* of a folder */
    char *url;    /* of anything else */
    char *body;   /* whose acts these are; NULL: as the text or the folder says */
    int internal; /* visibility: 0 public, 1 interne, -1 as each document is */
    struct grf_conf_list include, exclude; /* patterns as of a shell, over the address */
    struct grf_conf_list follow; /* addresses of pages to read for more addresses */
    struct grf_conf_list hosts;  /* others than the url's that may be asked */
    char *set;                   /* of OAI-PMH */
    int schedule;                /* days between two visits; 0: each run */
    int recheck;       /* days within which each known address is asked again; 0: each run */
    int pages_most;    /* listing pages in one run */
    int documents_most; /* files fetched in one run */
    int64_t file_mb, run_mb; /* of one file, of all files of one run */
    bool robots, private_ok;
    int lines[GRF_CONF_KEYS_MOST]; /* where each key was given, 0: nowhere */
};

struct grf_conf {
    /* [model] */
    char *model_path;      /* path = ...: static model file; NULL = the installed one */
    char *endpoint_url;    /* endpoint = http://...: use this instead */
    char *endpoint_model;  /* name = ... */
    char *endpoint_key;    /* key-file = ... */
    int endpoint_dim;      /* dimension = N */
    int endpoint_batch;    /* batch = N */
    int endpoint_timeout_ms; /* timeout = SECONDS */
    bool endpoint_remote;  /* allow-remote = yes */
    /* [rerank] */
    char *rerank_url;      /* endpoint = http://...: asked to order the best passages */
    char *rerank_model;    /* name = ... */
    char *rerank_key;      /* key-file = ... */
    int rerank_timeout_ms; /* timeout = SECONDS */
    int rerank_top;        /* top = N passages that it reads */
    int rerank_weight;     /* weight = PERCENT that it counts for */
    bool rerank_remote;    /* allow-remote = yes */
    /* [worker] */
    int worker_memory_mb;  /* memory = MB, address space of the PDF worker */
    int worker_seconds;    /* time = SECONDS per document */
    int worker_pages;      /* pages = N, most pages of a document */
    int64_t max_file_mb;   /* file-size = MB */
    /* [run] */
    int ocr_minutes;       /* most time for scans in one run; 0 = none is spent */
    int absent_after;      /* runs after which what stays away is reported */
    int delay_seconds;     /* between two requests to one host */
    int retries;           /* of a request that failed in passing */
    char *contact;         /* who answers for the requests: goes into User-Agent */
    char *mail;            /* who gets the report; NULL: nobody */
    int mail_when;         /* 0 always, 1 when there is something to say */
    char *sendmail;        /* program that takes the mail */
    char *ca_file;         /* certificates instead of the system's */
    int keep_reports;      /* newest reports kept */
    /* [serve] the web page */
    char *serve_listen;    /* listen = ADDRESS:PORT */
    char *serve_passwords; /* passwords = FILE; NULL = nobody logs in */
    struct grf_conf_list serve_hosts; /* hosts = names by which it is reached */
    bool serve_https;      /* https = yes: a proxy in front speaks TLS */
    bool serve_proxy;      /* proxy = yes: X-Forwarded-For names the client */
    bool serve_public;     /* public = yes: without login, public documents are shown */
    int serve_rate;        /* rate = N requests a second of one address */
    int serve_threads;     /* threads = N */
    int serve_words_mb;    /* words = N: megabytes that lists of words may take */
    /* [law] */
    char *law_address;     /* folder of LEGI's archives that law update reads */
    struct grf_conf_list law_codes; /* as of law import --codes; "all"; none: of communes */
    int64_t law_archive_mb; /* archive-size = MB, most of one archive */
    /* [source NAME] */
    struct grf_source *sources;
    size_t n_sources, cap_sources;

    char *file;                    /* that was read, NULL: defaults only */
    int lines[GRF_CONF_KEYS_MOST]; /* where each key was given, 0: nowhere */
};

/* Fills with defaults; path NULL = defaults only. A named file that does not exist is
   GRF_NOTFOUND, a wrong line GRF_INVALID or GRF_PARSE. Relative paths in the file are
   taken from its directory; a line has at most 196 bytes. On failure c is released. */
GRF_NODISCARD grf_status grf_conf_load(struct grf_conf *c, const char *path,
                                       struct grf_err *err);
void grf_conf_release(struct grf_conf *c);

/* The settings file that holds where none is named: $GREFFIER_CONFIG, BASE/greffier.conf,
   ~/.config/greffier/greffier.conf (or below $XDG_CONFIG_HOME), /etc/greffier/greffier.conf:
   the first that is set or there. *out NULL when none is (grf_free). */
GRF_NODISCARD grf_status grf_conf_find(const char *base, char **out, struct grf_err *err);

/* Every setting with its value; line 0: the default. source is NULL but in the sections
   of sources. A list comes once for each of its values. value "" is: none. */
typedef void (*grf_conf_fn)(void *data, const char *section, const char *source,
                            const char *key, const char *value, int line);
void grf_conf_each(const struct grf_conf *c, grf_conf_fn f, void *data);

GRF_END_DECLS
#endif

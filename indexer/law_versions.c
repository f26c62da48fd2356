/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * versions.jsonl: one version a line, the versions of an article together, the articles
 * of a code together. A code is committed as a whole, so that readers never see a part,
 * and an interrupted import goes on with the code that it was in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "archive.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_jsonread.h"
#include "grf_legalref.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "law_import.h"

enum { COMMIT_AT_LEAST = 2000, VERSIONS_MOST = 10000, SECTION_MOST = 1 << 16 };

/* A row of codes.tsv. */
struct known_code {
    char name[GRF_LAW_NAME], legi_id[GRF_LAW_ID], until[GRF_LAW_DATE];
    char *title;
};

struct run {
    struct law_import *in;
    struct grf_law_import record;
    const char *path;
    char *selection;
    struct known_code *known;
    size_t n_known, cap_known;
    /* the text being read */
    char name[GRF_LAW_NAME];
    int64_t code_id;           /* 0: not wanted */
    char newest[GRF_LAW_DATE]; /* first day of its newest version, when no table says more
                                */
    bool until_known;
    int64_t since_commit;
    bool open; /* a transaction is */
    /* the article being read */
    char num[GRF_LAW_NUM];
    struct grf_jdoc **docs;
    struct grf_law_version_new *versions;
    char **sections;
    size_t n, cap_docs, cap_versions, cap_sections;
};

/* ---- codes.tsv */

/* The field under a heading; empty when there is none. */
static struct grf_sv column(struct grf_sv header, struct grf_sv row, const char *heading)
{
    size_t want = strlen(heading);
    while (header.n) {
        const char *h = memchr(header.p, '\t', header.n);
        const char *r = row.n ? memchr(row.p, '\t', row.n) : NULL;
        size_t hn = h ? (size_t)(h - header.p) : header.n;
        size_t rn = r ? (size_t)(r - row.p) : row.n;
        if (hn == want && memcmp(header.p, heading, want) == 0)
            return grf_sv(row.p, rn);
        header = h ? grf_sv(h + 1, header.n - hn - 1) : grf_sv("", 0);
        row = r ? grf_sv(r + 1, row.n - rn - 1) : grf_sv("", 0);
    }
    return grf_sv("", 0);
}

static void keep(char *out, size_t size, struct grf_sv v)
{
    size_t n = v.n < size ? v.n : size - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = 0;
}

static grf_status add_known(struct run *r, struct grf_sv header, struct grf_sv row,
                            struct grf_err *err)
{
    struct grf_sv name = column(header, row, "short"),
                  title = column(header, row, "title");
    if (!name.n)
        return GRF_OK;
    if (grf_grow(&r->known, r->n_known, &r->cap_known, sizeof(*r->known)))
        return grf_fail_nomem(err);
    struct known_code *k = &r->known[r->n_known];
    keep(k->name, sizeof(k->name), name);
    keep(k->legi_id, sizeof(k->legi_id), column(header, row, "code_id"));
    keep(k->until, sizeof(k->until), column(header, row, "versions_sure_until"));
    k->title = grf_strndup(title.p, title.n);
    if (!k->title)
        return grf_fail_nomem(err);
    r->n_known++;
    return GRF_OK;
}

/* The table beside the file; without it less is known, which is no failure. */
static grf_status read_known(struct run *r, struct grf_err *err)
{
    const char *slash = strrchr(r->path, '/');
    char *dir =
        slash ? grf_strndup(r->path, (size_t)(slash - r->path) + 1) : grf_strdup("./");
    char *path = dir ? grf_path_join(dir, "codes.tsv") : NULL;
    struct grf_lines *l = NULL;
    struct grf_sv line;
    struct grf_str header;
    struct grf_err local = GRF_ERR_INIT;
    grf_str_init(&header, 1 << 16);
    grf_status st = path ? grf_lines_open(&l, path, &local) : grf_fail_nomem(&local);
    if (st == GRF_NOTFOUND) {
        grf_log(GRF_LOG_NOTICE,
                _("no codes.tsv beside %s: each code is taken as known up to "
                  "its newest version"),
                r->path);
        st = GRF_OK;
    }
    for (bool first = true; l && !st; first = false) {
        st = grf_lines_next(l, &line, &local);
        if (!st && first)
            grf_str_addsv(&header, line);
        else if (!st)
            st = add_known(r, grf_str_sv(&header), line, &local);
    }
    grf_lines_close(l);
    grf_str_release(&header);
    grf_free(path);
    grf_free(dir);
    if (st && st != GRF_NOTFOUND && err)
        *err = local;
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

/* ---- articles */

static void forget_article(struct run *r)
{
    for (size_t i = 0; i < r->n; i++) {
        grf_jdoc_free(r->docs[i]);
        grf_free(r->sections[i]);
    }
    r->n = 0;
}

static grf_status put_article(struct run *r, struct grf_err *err)
{
    bool changed = false;
    struct law_counts *c = &r->in->counts;
    if (!r->n)
        return GRF_OK;
    for (size_t i = 0; i < r->n; i++)
        r->versions[i].num = r->num;
    grf_status st = grf_law_put_article(r->in->law, r->record.id, r->code_id, r->versions,
                                        r->n, &changed, err);
    c->articles_changed += changed;
    if (changed)
        c->added += (int64_t)r->n;
    else
        c->same += (int64_t)r->n;
    forget_article(r);
    return st;
}

static bool is_day(struct grf_sv v)
{
    for (size_t i = 0; i < 10 && v.n == 10; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? v.p[i] != '-' : v.p[i] < '0' || v.p[i] > '9')
            return false;
    }
    return v.n == 10;
}

/* A date of the line, NULL where it has none; false when it is no date. */
static bool day_of(const struct grf_jval *v, const char *key, const char **out)
{
    const struct grf_jval *x = grf_jval_get(v, key);
    *out = grf_jval_text(x);
    return grf_jval_is_null(x) || is_day(grf_jval_sv(x));
}

static char *joined(const struct grf_jval *path)
{
    struct grf_str s;
    grf_str_init(&s, SECTION_MOST);
    for (size_t i = 0; i < grf_jval_count(path); i++) {
        if (i)
            grf_str_addz(&s, " > ");
        grf_str_addsv(&s, grf_jval_sv(grf_jval_at(path, i)));
    }
    char *z = grf_str_take(&s, NULL);
    grf_str_release(&s);
    return z;
}

static unsigned flags_of(const struct grf_jval *v)
{
    unsigned flags = 0;
    const char *gap = grf_jval_text(grf_jval_get(v, "gap_after"));
    if (grf_jval_bool(grf_jval_get(v, "floored"), false))
        flags |= GRF_LAW_FLOORED;
    if (grf_jval_bool(grf_jval_get(v, "planned"), false))
        flags |= GRF_LAW_PLANNED;
    if (grf_jval_bool(grf_jval_get(v, "end_planned"), false))
        flags |= GRF_LAW_END_PLANNED;
    if (gap)
        flags |=
            strncmp(gap, "repealed", 8) == 0 ? GRF_LAW_GAP_REPEALED : GRF_LAW_GAP_UNKNOWN;
    return flags;
}

/* Fills a version from its line; false when the line does not say what it must. */
static bool read_version(const struct grf_jval *v, struct grf_law_version_new *x)
{
    memset(x, 0, sizeof(*x));
    struct grf_sv text = grf_jval_sv(grf_jval_get(v, "text"));
    x->etat = grf_jval_text(grf_jval_get(v, "state"));
    if (!text.p || !x->etat || !day_of(v, "valid_from", &x->valid_from) ||
        !x->valid_from || !day_of(v, "valid_to", &x->valid_to) ||
        !day_of(v, "last_seen", &x->last_seen) ||
        !day_of(v, "valid_from_after", &x->from_after))
        return false;
    if (x->valid_to && strcmp(x->valid_to, "2999") > 0)
        x->valid_to = NULL;
    x->text = text;
    x->flags = flags_of(v);
    x->nota = grf_jval_text(grf_jval_get(v, "nota"));
    x->by = grf_jval_text(grf_jval_get(v, "by"));
    x->printed = grf_jval_text(grf_jval_get(v, "num"));
    return true;
}

static grf_status grow_article(struct run *r, struct grf_err *err)
{
    if (r->n == VERSIONS_MOST)
        return grf_fail(err, GRF_LIMIT, _("%s/%s: too many versions"), r->name, r->num);
    if (grf_grow(&r->docs, r->n, &r->cap_docs, sizeof(*r->docs)) ||
        grf_grow(&r->versions, r->n, &r->cap_versions, sizeof(*r->versions)) ||
        grf_grow(&r->sections, r->n, &r->cap_sections, sizeof(*r->sections)))
        return grf_fail_nomem(err);
    return GRF_OK;
}

/* Takes the document over. */
static grf_status add_version(struct run *r, struct grf_jdoc *doc, bool *good,
                              struct grf_err *err)
{
    const struct grf_jval *v = grf_jdoc_root(doc);
    grf_status st = grow_article(r, err);
    *good = !st && read_version(v, &r->versions[r->n]);
    if (!*good) {
        grf_jdoc_free(doc);
        return st;
    }
    struct grf_law_version_new *x = &r->versions[r->n];
    r->docs[r->n] = doc;
    r->sections[r->n] = joined(grf_jval_get(v, "section_path"));
    x->section = r->sections[r->n];
    r->n++;
    if (!(x->flags & GRF_LAW_PLANNED) && strcmp(x->valid_from, r->newest) > 0)
        keep(r->newest, sizeof(r->newest), grf_sv_z(x->valid_from));
    return GRF_OK;
}

/* ---- texts */

static const struct known_code *known_code(const struct run *r, const char *name)
{
    for (size_t i = 0; i < r->n_known; i++) {
        if (strcmp(r->known[i].name, name) == 0)
            return &r->known[i];
    }
    return NULL;
}

static const char *or_null(const char *z)
{
    return z && z[0] ? z : NULL;
}

static grf_status put_text(struct run *r, const char *until, struct grf_err *err)
{
    const struct known_code *k = known_code(r, r->name);
    const struct grf_code *code = grf_code_by_short(grf_sv_z(r->name));
    struct grf_law_code_new c = {r->name,
                                 k      ? or_null(k->legi_id)
                                 : code ? code->legi_id
                                        : NULL,
                                 k      ? or_null(k->title)
                                 : code ? code->title
                                        : NULL,
                                 GRF_LAW_FROM_VERSIONS,
                                 until,
                                 false};
    r->until_known = k && k->until[0];
    if (r->until_known && !until)
        c.known_until = k->until;
    return grf_law_put_code(r->in->law, r->record.id, &c, &r->code_id, err);
}

/* The article and the text being read are whole. */
static grf_status end_text(struct run *r, struct grf_err *err)
{
    if (!r->code_id)
        return GRF_OK;
    grf_status st = put_article(r, err);
    if (!st && !r->until_known && r->newest[0])
        st = put_text(r, r->newest, err);
    r->newest[0] = 0;
    return st;
}

static grf_status commit(struct run *r, int64_t position, struct grf_err *err)
{
    if (!r->open)
        return GRF_OK;
    grf_status st = grf_law_commit(r->in->law, r->record.id, position, err);
    if (!st)
        r->open = false;
    r->since_commit = 0;
    return st;
}

static grf_status start_text(struct run *r, struct grf_sv name, int64_t line,
                             struct grf_err *err)
{
    grf_status st = end_text(r, err);
    if (!st && r->since_commit >= COMMIT_AT_LEAST)
        st = commit(r, line - 1, err);
    if (st)
        return st;
    keep(r->name, sizeof(r->name), name);
    r->code_id = 0;
    const struct grf_code *code = grf_code_by_short(name);
    if (strcmp(r->selection, "communes") != 0 &&
        !law_wanted(r->selection, r->name, code ? code->legi_id : ""))
        return GRF_OK;
    struct grf_law_code have;
    struct grf_err none = GRF_ERR_INIT;
    st = grf_law_code(r->in->law, name, &have, &none);
    bool legi = !st && have.source == GRF_LAW_FROM_LEGI;
    grf_law_code_release(&have);
    if (legi) {
        r->code_id = -1; // LEGI itself knows more
        return GRF_OK;
    }
    st = GRF_OK;
    if (!r->open)
        st = grf_law_begin(r->in->law, err);
    r->open = !st;
    return st ? st : put_text(r, NULL, err);
}

/* ---- lines */

static bool same(struct grf_sv v, const char *z)
{
    return strlen(z) == v.n && memcmp(v.p, z, v.n) == 0;
}

static grf_status take(struct run *r, struct grf_jdoc *doc, int64_t line, bool *good,
                       struct grf_err *err)
{
    char num[GRF_LAW_NUM];
    const struct grf_jval *v = grf_jdoc_root(doc);
    struct grf_sv name = grf_jval_sv(grf_jval_get(v, "code"));
    struct grf_sv article = grf_jval_sv(grf_jval_get(v, "article"));
    struct law_counts *c = &r->in->counts;
    grf_status st = GRF_OK;
    *good = name.p && name.n && name.n < GRF_LAW_NAME && article.p &&
            grf_law_number(article, num);
    if (*good && !same(name, r->name))
        st = start_text(r, name, line, err);
    if (*good && !st && r->code_id > 0 && strcmp(num, r->num) != 0) {
        st = put_article(r, err);
        memcpy(r->num, num, sizeof(num));
    }
    if (*good && !st && r->code_id > 0) {
        c->versions++;
        r->since_commit++;
        return add_version(r, doc, good, err);
    }
    if (*good && !st && r->code_id < 0)
        c->from_legi++;
    else if (*good && !st)
        c->other_texts++;
    grf_jdoc_free(doc);
    return st;
}

static grf_status read_line(struct run *r, struct grf_sv text, int64_t line,
                            struct grf_err *err)
{
    struct grf_jdoc *doc;
    struct grf_err why = GRF_ERR_INIT;
    bool good = false;
    if (!text.n)
        return GRF_OK;
    grf_status st = grf_jdoc_parse(text, &doc, &why);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (!st) {
        grf_fail(&why, GRF_PARSE, "%s",
                 _("code, article, valid_from, state or text missing"));
        st = take(r, doc, line, &good, err);
        if (st)
            return st;
    }
    if (!good) {
        char where[512];
        snprintf(where, sizeof(where), "%s:%lld", r->path, (long long)line);
        r->in->counts.unreadable++;
        r->in->unreadable(r->in->data, where, why.msg);
    }
    return GRF_OK;
}

static grf_status read_lines(struct run *r, struct grf_lines *l, struct grf_err *err)
{
    struct grf_sv text;
    grf_status st;
    while (!(st = grf_lines_next(l, &text, err))) {
        int64_t line = (int64_t)grf_lines_number(l);
        if (line <= r->record.position)
            continue;
        r->in->counts.files++;
        st = read_line(r, text, line, err);
        if (!st && *r->in->cancel)
            st = grf_fail(err, GRF_CANCELLED, "%s",
                          _("stopped; the same command goes on with the code it was in"));
        if (st)
            return st;
        if (line % 512 == 0)
            grf_progress_update(&r->in->progress, (uint64_t)line, r->name);
    }
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

static grf_status finish(struct run *r, struct grf_err *err)
{
    grf_status st = end_text(r, err);
    if (!st && !r->open)
        st = grf_law_begin(r->in->law, err);
    int64_t *removed = r->in->counts.unreadable ? NULL : &r->in->counts.removed;
    if (!st)
        st = grf_law_import_finish(r->in->law, r->record.id, GRF_LAW_VERSIONS, NULL,
                                   removed, err);
    r->open = false;
    return st;
}

static grf_status run(struct run *r, struct grf_err *err)
{
    char digest[65];
    struct grf_lines *l = NULL;
    grf_status st = law_digest(r->path, digest, err);
    if (!st)
        st = law_selection(r->in, &r->selection, err);
    if (!st)
        st = grf_law_import_open(r->in->law, GRF_LAW_VERSIONS, r->path, digest, NULL,
                                 r->selection, &r->record, err);
    if (!st && r->record.done) {
        grf_log(GRF_LOG_NOTICE, _("%s: imported already, nothing to do"), r->path);
        r->in->counts.skipped_sources++;
        return GRF_OK;
    }
    if (!st)
        st = read_known(r, err);
    if (!st)
        st = grf_lines_open(&l, r->path, err);
    if (!st && r->record.position)
        grf_log(GRF_LOG_NOTICE, _("%s: going on after line %lld"), r->path,
                (long long)r->record.position);
    if (!st)
        st = read_lines(r, l, err);
    grf_lines_close(l);
    if (!st)
        st = finish(r, err);
    r->in->counts.sources += !st;
    return st;
}

grf_status law_import_versions(struct law_import *in, const char *path,
                               struct grf_err *err)
{
    struct run *r = grf_calloc(1, sizeof(*r));
    if (!r)
        return grf_fail_nomem(err);
    r->in = in;
    r->path = path;
    grf_progress_start(&in->progress, _("law"), 0, in->quiet);
    grf_status st = run(r, err);
    grf_progress_end(&in->progress);
    if (st)
        grf_law_rollback(in->law);
    forget_article(r);
    for (size_t i = 0; i < r->n_known; i++)
        grf_free(r->known[i].title);
    grf_free(r->known);
    grf_free(r->docs);
    grf_free(r->versions);
    grf_free(r->sections);
    grf_free(r->selection);
    grf_free(r);
    return st;
}

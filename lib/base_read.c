/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the base: one consistent state over its parts. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base_priv.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"

enum { OPEN_TRIES = 5 };

static grf_status open_rows(struct grf_base *b, struct grf_err *err)
{
    char *path = grf_path_join(b->dir, "greffier.db");
    if (!path)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    if (access(path, F_OK) != 0 && errno != ENOENT && errno != ENOTDIR)
        st = grf_fail_errno(err, "%s", path);
    else if (access(path, F_OK) != 0)
        st = grf_fail(err, GRF_NOTFOUND,
                      _("no base at %s; make one with greffier-index add PATH"), b->dir);
    if (!st)
        st = grf_meta_open(path, false, &b->meta, err);
    if (st == GRF_NOTFOUND && grf_dir_holds(b->dir, "fulltext.")) /* "no base" would mislead */
        st = grf_fail(err, GRF_NOTFOUND,
                      _("%s: missing, though its indexes are there; put back a backup of the "
                        "base"),
                      path);
    grf_free(path);
    return st;
}

/* A base without one of its indexes is damaged, not absent; one in which nothing was ever
   committed is only empty: a run killed at its birth leaves it so. */
static grf_status part_missing(const struct grf_base *b, grf_status st, struct grf_err *err)
{
    if (st != GRF_NOTFOUND || !b->generation)
        return st;
    char was[sizeof(err->msg)];
    memcpy(was, err ? err->msg : "", err ? sizeof(was) : 1);
    return grf_fail(err, GRF_CORRUPT, _("%s; 'greffier-index rebuild' makes it again"), was);
}

static grf_status open_fulltext(struct grf_base *b, int64_t parts, struct grf_err *err)
{
    char *path = part_path(b->dir, "fulltext", parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_ft_reader_open(path, &b->fulltext, err);
    grf_free(path);
    return part_missing(b, st, err);
}

/* What an index does not hold yet is not shown. */
static void fall_behind(struct grf_base *b, const char *part, int64_t index)
{
    if (index < b->ahead)
        index = b->ahead;
    if (index < b->rows)
        grf_log(GRF_LOG_WARNING,
                _("%s/%s.%lld: behind the rows; what was added last is not shown until the "
                  "run ends, or after greffier-index verify --repair"),
                b->dir, part, (long long)b->parts);
    if (index < b->generation)
        b->generation = index;
}

/* Rows first, then full text: an index read later can only be newer. */
static grf_status open_once(struct grf_base *b, struct grf_err *err)
{
    int64_t parts = 0, dim = 0;
    grf_free(b->fingerprint);
    grf_ft_reader_close(b->fulltext);
    b->fingerprint = NULL;
    b->fulltext = NULL;
    grf_status st = grf_meta_snapshot(b->meta, err);
    if (!st)
        st = grf_meta_get_int(b->meta, SETTING_PARTS, &parts, err);
    if (!st)
        st = grf_meta_get_int(b->meta, SETTING_GENERATION, &b->generation, err);
    if (!st)
        st = grf_meta_get_int(b->meta, SETTING_DIM, &dim, err);
    if (!st)
        st = grf_meta_get(b->meta, SETTING_MODEL, &b->fingerprint, err);
    b->dim = (int)dim;
    b->parts = parts;
    b->rows = b->generation;
    if (!st)
        st = open_fulltext(b, parts, err);
    return st;
}

/* Whether a writer has put another state in the place of the one that was to be read: its
   indexes may be gone then. The rows are the newest afterwards. */
static bool is_overtaken(struct grf_base *b)
{
    bool current = true;
    return grf_base_refresh(b, &current, NULL) == GRF_OK && !current;
}

/* An index that is newer has lost what the rows still show, and one may be taken away while
   it is opened: once more, then. One that stays newer does not belong to these rows. */
static grf_status open_state(struct grf_base *b, struct grf_err *err)
{
    grf_status st;
    struct grf_err why;
    int tries = 0;
    do {
        why = (struct grf_err)GRF_ERR_INIT;
        st = open_once(b, &why);
    } while ((st ? st != GRF_NOMEM && is_overtaken(b)
                 : grf_ft_reader_generation(b->fulltext) > b->rows) &&
             ++tries < OPEN_TRIES);
    if (st && err)
        *err = why;
    if (st)
        return st;
    if (grf_ft_reader_generation(b->fulltext) > b->rows)
        return grf_fail(err, GRF_CORRUPT,
                        _("%s/greffier.db: older than the full text beside it; put back the "
                          "newer one, or run greffier-index rebuild, then add the documents "
                          "again"),
                        b->dir);
    b->ahead = grf_ft_reader_ahead(b->fulltext);
    fall_behind(b, "fulltext", grf_ft_reader_generation(b->fulltext));
    return GRF_OK;
}

static grf_status open_base(const char *dir, bool hide, struct grf_base **out,
                            struct grf_err *err)
{
    int64_t hidden;
    *out = NULL;
    struct grf_base *b = grf_calloc(1, sizeof(*b));
    if (!b)
        return grf_fail_nomem(err);
    b->dir = grf_strdup(dir);
    grf_status st = b->dir ? open_rows(b, err) : grf_fail_nomem(err);
    if (!st && hide)
        st = grf_meta_hide_internal(b->meta, &hidden, err);
    if (!st)
        st = open_state(b, err);
    if (st) {
        grf_base_close(b);
        return st;
    }
    *out = b;
    return GRF_OK;
}

grf_status grf_base_open(const char *dir, struct grf_base **out, struct grf_err *err)
{
    return open_base(dir, false, out, err);
}

grf_status grf_base_open_public(const char *dir, struct grf_base **out, struct grf_err *err)
{
    return open_base(dir, true, out, err);
}

void grf_base_close(struct grf_base *b)
{
    if (!b)
        return;
    base_forget(b);
    grf_thesaurus_close(b->thesaurus);
    grf_vec_close(b->vectors);
    grf_ft_reader_close(b->fulltext);
    grf_meta_close(b->meta);
    grf_free(b->fingerprint);
    grf_free(b->dir);
    grf_free(b);
}

grf_status base_vectors_path(struct grf_base *b, const char *fingerprint, char **path,
                             struct grf_err *err)
{
    *path = NULL;
    if (b->vectors || !b->fingerprint)
        return GRF_OK;
    if (strcmp(fingerprint, b->fingerprint) != 0)
        return grf_fail(err, GRF_VERSION,
                        _("%s: made with the model %s, not %s; name that model in the "
                          "configuration, or search with --mode lexical"),
                        b->dir, b->fingerprint, fingerprint);
    *path = part_path(b->dir, "vectors", b->parts, err);
    return *path ? GRF_OK : GRF_NOMEM;
}

grf_status base_take_vectors(struct grf_base *b, const char *path, struct grf_vectors *v,
                             grf_status st, struct grf_err *why, struct grf_err *err)
{
    st = part_missing(b, st, why);
    if (st && is_overtaken(b))
        return grf_fail(err, GRF_STALE, _("%s: overtaken by the writer; try again"), path);
    if (st && err)
        *err = *why;
    if (st)
        return st;
    b->vectors = v;
    fall_behind(b, "vectors", grf_vec_generation(v));
    return GRF_OK;
}

grf_status grf_base_load_vectors(struct grf_base *b, const char *fingerprint,
                                 struct grf_err *err)
{
    char *path;
    struct grf_vectors *v = NULL;
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = base_vectors_path(b, fingerprint, &path, err);
    if (st || !path)
        return st;
    st = grf_vec_open(path, fingerprint, &v, &why);
    st = base_take_vectors(b, path, v, st, &why, err);
    grf_free(path);
    return st;
}

void grf_base_share_vectors(struct grf_base *b, struct grf_vectors *v)
{
    grf_vec_close(b->vectors);
    b->vectors = grf_vec_share(v);
    fall_behind(b, "vectors", grf_vec_generation(b->vectors));
}

/* Whether nothing at all was committed since what is kept was read. */
static bool is_same(struct grf_base *b)
{
    int64_t was = b->version;
    return grf_meta_data_version(b->meta, &b->version, NULL) == GRF_OK && b->version == was;
}

grf_status grf_base_refresh(struct grf_base *b, bool *current, struct grf_err *err)
{
    int64_t parts = 0, rows = 0;
    grf_status st = grf_meta_snapshot(b->meta, err);
    if (!st)
        st = grf_meta_get_int(b->meta, SETTING_PARTS, &parts, err);
    if (!st)
        st = grf_meta_get_int(b->meta, SETTING_GENERATION, &rows, err);
    *current = !st && parts == b->parts && rows == b->rows;
    if (st || !*current || !is_same(b))
        base_forget(b);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making the indexes agree with the rows after a crash, from nothing, and after removals. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base_priv.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"

struct refill {
    struct grf_base_writer *w;
    struct grf_ft_writer *fulltext; /* NULL: leave it */
    struct grf_vectors *vectors;    /* NULL: leave them */
    const char *vector_path, *model;
    size_t unsaved;
    bool in_parts; /* a rebuild, which can be gone on with */
    int64_t have;  /* passages up to this one were put in by a rebuild that was interrupted */
    struct grf_embedder *embedder;  /* another model; NULL: that of the base */
    struct passage_source source;
    float *vec;
    int dim;
    grf_base_progress progress;
    void *data;
    uint64_t done, total;
};

/* The model that the vectors are of; NULL when it is not at hand. */
static struct grf_embedder *model_of(const struct refill *r)
{
    return r->embedder ? r->embedder : r->w->embedder;
}

static grf_status embed_one(struct refill *r, struct grf_sv text, struct grf_err *err)
{
    struct grf_str s;
    struct grf_embedder *model = model_of(r);
    if (!model)
        return grf_fail(err, GRF_UNSUPPORTED,
                        _("%s: vectors are lost, and the model that makes them is not at "
                          "hand; run greffier-index rebuild with it"),
                        r->w->dir);
    grf_str_init(&s, EMBEDDED_MOST);
    embedded_text(&s, &r->source.act.act, r->source.doc.title, text);
    struct grf_sv whole = grf_str_sv(&s);
    grf_status st = grf_str_status(&s, err);
    if (!st)
        st = grf_embed_texts(model, &whole, 1, r->vec, err);
    grf_str_release(&s);
    return st ? st : as_stored(r->vec, r->dim, err);
}

/* What an earlier run had put in already is there. */
static grf_status put_vector(struct refill *r, int64_t id, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_vec_add(r->vectors, &id, r->vec, 1, &local);
    if (st && st != GRF_EXISTS && err)
        *err = local;
    return st == GRF_EXISTS ? GRF_OK : st;
}

/* Written now and then, as what they were before: memory stays bounded, and a run that
   dies is gone on with. In a rebuild the full text, written last, says how far both go. */
static grf_status keep_part(struct refill *r, int64_t last, struct grf_err *err)
{
    char part[80];
    grf_status st = GRF_OK;
    if (r->vectors)
        st = grf_vec_save(r->vectors, r->vector_path, grf_vec_generation(r->vectors), r->model,
                          err);
    if (st || !r->in_parts)
        return st;
    snprintf(part, sizeof(part), "%lld %lld %llu", (long long)r->w->generation,
             (long long)last, (unsigned long long)grf_ft_writer_count(r->fulltext));
    return grf_ft_commit_part(r->fulltext, part, err);
}

static grf_status refill_one(void *data, int64_t id, struct grf_err *err)
{
    struct refill *r = data;
    struct grf_sv text;
    bool there = id <= r->have;
    r->done++;
    if (there && !r->embedder)
        return GRF_OK;
    grf_status st = passage_source_load(&r->source, id, err);
    if (!st)
        st = passage_source_text(&r->source, &text, err);
    if (!st && r->fulltext && !there)
        st = put_fulltext(r->fulltext, id, r->source.act.id, &r->source.act.act, &r->source.terms,
                          r->source.doc.title, text, err);
    if (!st && r->vectors)
        st = embed_one(r, text, err);
    if (!st && r->vectors)
        st = put_vector(r, id, err);
    if (!st && ++r->unsaved == r->w->pace.kept_every && !there) {
        r->unsaved = 0;
        st = keep_part(r, id, err);
    }
    if (!st && r->progress)
        r->progress(r->data, r->done, r->total);
    return st;
}

static grf_status refill(struct refill *r, int64_t after, struct grf_err *err)
{
    passage_source_init(&r->source, r->w->meta);
    r->dim = r->embedder ? grf_embed_dim(r->embedder) : r->w->dim;
    r->vec = grf_calloc((size_t)r->dim + 1, sizeof(float));
    grf_status st = r->vec ? grf_meta_each_passage(r->w->meta, after, refill_one, r, err)
                           : grf_fail_nomem(err);
    grf_free(r->vec);
    passage_source_release(&r->source);
    return st;
}

static grf_status drop_text(void *data, int64_t id, struct grf_err *err)
{
    return grf_ft_delete(data, id, err);
}

/* Out of the vectors: what was taken out since, and what was put in ahead of its rows,
   which comes anew. */
static grf_status drop_vectors(struct grf_base_writer *w, int64_t have, struct grf_err *err)
{
    struct id_list ids = {NULL, 0, 0};
    grf_status st = grf_meta_each_gone(w->meta, have, collect_id, &ids, err);
    if (!st)
        st = grf_meta_each_passage(w->meta, have, collect_id, &ids, err);
    if (!st && ids.n)
        st = grf_vec_remove(w->vectors, ids.v, ids.n, err);
    grf_free(ids.v);
    return st;
}

static grf_status catch_up_fulltext(struct grf_base_writer *w, struct grf_err *err)
{
    int64_t have = grf_ft_writer_generation(w->fulltext);
    if (have == w->generation)
        return GRF_OK;
    if (have > w->generation)
        return grf_fail(err, GRF_CORRUPT,
                        _("%s: the full-text index is newer than the rows; run "
                          "greffier-index rebuild"),
                        w->dir);
    struct refill r = {.w = w, .fulltext = w->fulltext};
    grf_log(GRF_LOG_INFO, "full text at generation %lld of %lld: catching up",
            (long long)have, (long long)w->generation);
    grf_status st = grf_meta_each_gone(w->meta, have, drop_text, w->fulltext, err);
    if (!st)
        st = refill(&r, have, err);
    return st ? st : grf_ft_commit(w->fulltext, w->generation, err);
}

static grf_status catch_up_vectors(struct grf_base_writer *w, struct grf_err *err)
{
    int64_t have = w->vectors ? grf_vec_generation(w->vectors) : w->generation;
    if (have == w->generation)
        return GRF_OK;
    if (have > w->generation)
        return grf_fail(err, GRF_CORRUPT,
                        _("%s: the vectors are newer than the rows; run greffier-index "
                          "rebuild"),
                        w->dir);
    char *path = part_path(w->dir, "vectors", w->parts, err);
    if (!path)
        return GRF_NOMEM;
    struct refill r = {.w = w, .vectors = w->vectors, .vector_path = path,
                       .model = w->fingerprint};
    grf_log(GRF_LOG_INFO, "vectors at generation %lld of %lld: catching up",
            (long long)have, (long long)w->generation);
    grf_status st = drop_vectors(w, have, err);
    if (!st)
        st = refill(&r, have, err);
    grf_free(path);
    if (st)
        return st;
    return grf_base_commit(w, true, err);
}

/* The vectors after last, which has no row. */
static grf_status trim_vectors(struct grf_base_writer *w, int64_t last, struct grf_err *err)
{
    int64_t *ids = NULL;
    size_t n = 0, from = 0;
    grf_status st = w->vectors ? grf_vec_ids(w->vectors, &ids, &n, err) : GRF_OK;
    while (from < n && ids[from] <= last)
        from++;
    if (!st && from < n) {
        st = grf_vec_remove(w->vectors, ids + from, n - from, err);
        if (!st)
            st = write_vectors(w, err);
    }
    grf_free(ids);
    return st;
}

/* A run that ended after it had put passages into the indexes and before their rows were
   committed: they go again. */
static grf_status take_back(struct grf_base_writer *w, struct grf_err *err)
{
    int64_t last;
    if (grf_ft_writer_ahead(w->fulltext) <= w->generation)
        return GRF_OK;
    grf_log(GRF_LOG_INFO, "indexes at generation %lld, rows at %lld: going back",
            (long long)grf_ft_writer_ahead(w->fulltext), (long long)w->generation);
    grf_status st = grf_meta_last_passage(w->meta, &last, err);
    if (!st)
        st = trim_vectors(w, last, err);
    if (!st)
        st = grf_ft_trim(w->fulltext, last, err);
    return st ? st : grf_ft_commit_ahead(w->fulltext, 0, err);
}

grf_status catch_up(struct grf_base_writer *w, struct grf_err *err)
{
    grf_status st = take_back(w, err);
    if (!st)
        st = catch_up_fulltext(w, err);
    return st ? st : catch_up_vectors(w, err);
}

/* ---- from nothing */

struct fresh {
    char *text_path, *vector_path;
    struct grf_ft_writer *fulltext;
    struct grf_vectors *vectors;
};

static void fresh_release(struct fresh *f)
{
    grf_ft_writer_close(f->fulltext);
    grf_vec_close(f->vectors);
    grf_free(f->text_path);
    grf_free(f->vector_path);
}

static bool cannot_go_on(grf_status st)
{
    return st == GRF_CORRUPT || st == GRF_VERSION || st == GRF_NOTFOUND || st == GRF_IO;
}

/* The last passage that an interrupted rebuild of the same rows has kept in both parts;
   0 when nothing can be gone on with. */
static int64_t kept_parts(const struct grf_base_writer *w, const struct fresh *f, int dim)
{
    char *end;
    int64_t generation = strtoll(grf_ft_writer_part(f->fulltext), &end, 10);
    int64_t last = strtoll(end, &end, 10);
    uint64_t count = strtoull(end, &end, 10);
    bool same = generation == w->generation && count == grf_ft_writer_count(f->fulltext);
    if (dim && (!f->vectors || grf_vec_count(f->vectors) < count))
        return 0;
    return same ? last : 0;
}

static grf_status fresh_open(struct grf_base_writer *w, struct fresh *f, int dim,
                             const char *model, struct grf_err *err)
{
    grf_status st = grf_ft_writer_open(f->text_path, &f->fulltext, err);
    if (st || !dim)
        return st;
    if (w->to_rebuild)
        st = grf_vec_open(f->vector_path, model, &f->vectors, err);
    if (!st && f->vectors)
        st = grf_vec_recover(f->vectors, err);
    return st;
}

/* New parts, or those of a rebuild that was interrupted: *have as kept_parts says. */
static grf_status fresh_begin(struct grf_base_writer *w, struct fresh *f, int dim,
                              const char *model, int64_t *have, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = GRF_NOTFOUND;
    *have = 0;
    f->text_path = part_path(w->dir, "fulltext", w->parts + 1, err);
    f->vector_path = part_path(w->dir, "vectors", w->parts + 1, err);
    if (!f->text_path || !f->vector_path)
        return GRF_NOMEM;
    if (w->to_rebuild)
        st = fresh_open(w, f, dim, model, &why);
    if (st && !cannot_go_on(st)) {
        if (err)
            *err = why;
        return st;
    }
    *have = st ? 0 : kept_parts(w, f, dim);
    if (*have)
        return GRF_OK;
    grf_ft_writer_close(f->fulltext);
    grf_vec_close(f->vectors);
    f->fulltext = NULL;
    f->vectors = NULL;
    grf_path_remove(f->text_path);
    grf_path_remove(f->vector_path);
    st = grf_ft_writer_open(f->text_path, &f->fulltext, err);
    return st || !dim ? st : grf_vec_new(dim, &f->vectors, err);
}

static grf_status fresh_make(struct grf_base_writer *w, struct fresh *f,
                             struct refill *r, struct grf_err *err)
{
    struct grf_counts counts;
    int dim = r->embedder ? grf_embed_dim(r->embedder) : w->dim;
    const char *model = r->embedder ? grf_embed_fingerprint(r->embedder) : w->fingerprint;
    grf_status st = fresh_begin(w, f, dim, model, &r->have, err);
    if (!st && r->have)
        grf_log(GRF_LOG_INFO, "going on with an interrupted rebuild after passage %lld",
                (long long)r->have);
    if (!st)
        st = grf_meta_counts(w->meta, &counts, err);
    if (st)
        return st;
    r->fulltext = f->fulltext;
    r->vectors = f->vectors;
    r->vector_path = f->vector_path;
    r->model = model;
    r->total = (uint64_t)counts.passages;
    r->in_parts = true;
    st = refill(r, 0, err);
    if (!st)
        st = grf_ft_commit(f->fulltext, w->generation, err);
    if (!st && f->vectors)
        st = grf_vec_save_arranged(f->vectors, f->vector_path, w->generation, model, err);
    return st;
}

static grf_status record_new_model(struct grf_base_writer *w, struct grf_embedder *e,
                                   struct grf_err *err)
{
    char *name = grf_strdup(grf_embed_fingerprint(e));
    if (!name)
        return grf_fail_nomem(err);
    grf_free(w->fingerprint);
    w->fingerprint = name;
    w->dim = grf_embed_dim(e);
    grf_status st = grf_meta_set(w->meta, SETTING_MODEL, name, err);
    return st ? st : grf_meta_set_int(w->meta, SETTING_DIM, w->dim, err);
}

/* One setting in the rows names the parts in use: committing it is the swap. */
static grf_status swap_in(struct grf_base_writer *w, struct fresh *f,
                          struct grf_embedder *embedder, struct grf_err *err)
{
    grf_status st = grf_meta_set_int(w->meta, SETTING_PARTS, w->parts + 1, err);
    if (!st && embedder)
        st = record_new_model(w, embedder, err);
    if (!st)
        st = grf_meta_set_int(w->meta, SETTING_TRACES, 0, err);
    if (!st && w->to_rebuild)
        st = link_done(w, err);
    if (!st)
        st = grf_meta_forget_gone(w->meta, w->generation, err);
    if (!st)
        st = grf_meta_commit(w->meta, err);
    if (st)
        return st;
    grf_ft_writer_close(w->fulltext);
    w->fulltext = f->fulltext;
    f->fulltext = NULL;
    if (f->vectors) {
        grf_vec_close(w->vectors);
        w->vectors = f->vectors;
        f->vectors = NULL;
    }
    static const char *const stems[] = {"fulltext", "vectors"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(stems); i++) {
        char *old = part_path(w->dir, stems[i], w->parts, NULL);
        if (old && !st)
            st = grf_path_purge(old, err);
        grf_free(old);
    }
    if (!st) /* what was removed from the acts stands there no more */
        st = grf_dir_sync(w->dir, err);
    w->parts++;
    w->removed = false;
    return st;
}

grf_status grf_base_rebuild(struct grf_base_writer *w, struct grf_embedder *embedder,
                            grf_base_progress progress, void *data, struct grf_err *err)
{
    struct fresh f = {NULL, NULL, NULL, NULL};
    bool anew = embedder && (!w->fingerprint ||
                             strcmp(w->fingerprint, grf_embed_fingerprint(embedder)) != 0);
    struct refill r = {.w = w, .embedder = anew ? embedder : NULL, .progress = progress,
                       .data = data};
    grf_status st = grf_base_commit(w, false, err);
    if (!st)
        st = grf_meta_begin(w->meta, err);
    if (!st)
        st = fresh_make(w, &f, &r, err);
    if (!st)
        st = swap_in(w, &f, r.embedder, err);
    if (st)
        grf_meta_rollback(w->meta);
    fresh_release(&f);
    w->put += r.total;
    return st ? st : tighten(w, err);
}

/* ---- what removal leaves behind */

static grf_status copy_parts(struct grf_base_writer *w, struct fresh *f, struct grf_err *err)
{
    char *from = part_path(w->dir, "fulltext", w->parts, err);
    f->text_path = part_path(w->dir, "fulltext", w->parts + 1, err);
    f->vector_path = part_path(w->dir, "vectors", w->parts + 1, err);
    bool named = from && f->text_path && f->vector_path;
    if (named)
        grf_path_remove(f->text_path);
    grf_status st = named ? grf_ft_compact(from, f->text_path, err) : GRF_NOMEM;
    grf_free(from);
    if (!st)
        st = grf_ft_writer_open(f->text_path, &f->fulltext, err);
    if (!st && w->vectors)
        st = grf_vec_save(w->vectors, f->vector_path, w->generation, w->fingerprint, err);
    return st;
}

/* The copy takes the place of what it was made from. */
static grf_status swap_copy(struct grf_base_writer *w, struct grf_err *err)
{
    struct fresh f = {NULL, NULL, NULL, NULL};
    grf_status st = copy_parts(w, &f, err);
    if (!st)
        st = grf_meta_begin(w->meta, err);
    if (!st)
        st = swap_in(w, &f, NULL, err);
    if (st)
        grf_meta_rollback(w->meta);
    fresh_release(&f);
    return st;
}

grf_status grf_base_drop_traces(struct grf_base_writer *w, struct grf_err *err)
{
    bool has;
    grf_status st = grf_base_has_traces(w, &has, err);
    return st || !has ? st : swap_copy(w, err);
}

grf_status grf_base_has_traces(struct grf_base_writer *w, bool *has, struct grf_err *err)
{
    int64_t traces = 0;
    grf_status st = grf_meta_get_int(w->meta, SETTING_TRACES, &traces, err);
    *has = traces != 0;
    return st;
}

/* Bytes of the files in a flat directory. */
static uint64_t bytes_in(const char *path)
{
    uint64_t sum = 0;
    DIR *d = opendir(path);
    struct dirent *e;
    struct stat sb;
    while (d && (e = readdir(d)) != NULL)
        if (fstatat(dirfd(d), e->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(sb.st_mode))
            sum += (uint64_t)sb.st_size;
    if (d)
        closedir(d);
    return sum;
}

/* Whether a copy of the full text is a matter of seconds. */
static grf_status is_quick(const struct grf_base_writer *w, bool *quick, struct grf_err *err)
{
    char *path = part_path(w->dir, "fulltext", w->parts, err);
    if (!path)
        return GRF_NOMEM;
    *quick = bytes_in(path) <= w->pace.traces_at_once;
    grf_free(path);
    return GRF_OK;
}

/* Copying takes as long as the whole index is large: minutes for a large one, where an act
   is to be taken out in seconds. There the nightly run does it. */
grf_status drop_few_traces(struct grf_base_writer *w, struct grf_err *err)
{
    bool has, quick = false;
    grf_status st = grf_base_has_traces(w, &has, err);
    if (!st && has)
        st = is_quick(w, &quick, err);
    if (st || !has)
        return st;
    return quick ? swap_copy(w, err) : GRF_OK;
}

/* What this run put in, one in so many of all passages, has cost more than the copy. */
enum { MUCH = 8 };

static grf_status is_worth_it(struct grf_base_writer *w, bool *worth, struct grf_err *err)
{
    bool quick = false;
    grf_status st = grf_ft_is_loose(w->fulltext, worth, err);
    if (!st && *worth)
        st = is_quick(w, &quick, err);
    if (st || !*worth)
        return st;
    *worth = quick || w->put >= grf_ft_writer_count(w->fulltext) / MUCH;
    return GRF_OK;
}

grf_status tighten(struct grf_base_writer *w, struct grf_err *err)
{
    bool worth;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = is_worth_it(w, &worth, err);
    if (st || !worth)
        return st;
    st = swap_copy(w, &local);
    w->put = 0;
    if (st == GRF_NOSPC) { /* it is as good as it was, only larger */
        grf_log(GRF_LOG_INFO, "full text not copied into less room: %s", local.msg);
        return GRF_OK;
    }
    if (st && err)
        *err = local;
    return st;
}

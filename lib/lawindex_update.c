/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making the rows of the law's passages right, and the full text with them: articles whose
 * passages are of other versions than they ought to be are done again, in batches.
 */
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "lawindex_priv.h"

enum {
    BATCH = 10000,  /* passages committed together */
    TOGETHER = 256, /* passages embedded together */
    LOOK_EVERY = 64 /* articles between looks at the cancel flag */
};

/* Passages that wait to be embedded. */
struct waiting {
    struct grf_law_passage row;
    struct law_context context;
    struct grf_str text, embedded;
};

struct articles {
    struct law_update *u;
    char day[GRF_LAW_DATE];
    struct waiting v[TOGETHER];
    size_t n;
    float *vecs;
    signed char *row;
};

static grf_status begin(struct law_update *u, struct grf_err *err)
{
    if (u->in_batch)
        return GRF_OK;
    grf_status st = grf_law_index_begin(u->job->law, err);
    u->in_batch = !st;
    return st;
}

static grf_status commit(struct law_update *u, bool complete, struct grf_err *err)
{
    struct grf_law_index_state next = u->state;
    if (!u->in_batch)
        return GRF_OK;
    next.generation++;
    next.complete = complete;
    grf_status st = grf_law_index_commit(u->job->law, &next, err);
    if (st)
        return st;
    u->in_batch = false;
    u->in_this_batch = 0;
    u->state = next;
    return u->fulltext ? grf_ft_commit(u->fulltext, u->state.generation, err) : GRF_OK;
}

/* ---- adding */

static grf_status record_model(struct law_update *u, struct grf_err *err)
{
    struct grf_embedder *e = u->job->embedder;
    if (!e)
        return grf_fail(err, GRF_INVALID, "%s",
                        _("the law cannot be indexed without a model"));
    const char *name = grf_embed_fingerprint(e);
    if (u->state.model && strcmp(u->state.model, name) != 0)
        return grf_fail(err, GRF_VERSION,
                        _("%s: the law is indexed with the model %s, not %s; use that "
                          "model, or run 'greffier-index rebuild'"),
                        u->job->base, u->state.model, name);
    if (u->state.model)
        return GRF_OK;
    u->state.model = grf_strdup(name);
    u->state.dim = grf_embed_dim(e);
    return u->state.model ? GRF_OK : grf_fail_nomem(err);
}

static grf_status embed(struct articles *a, struct grf_err *err)
{
    struct grf_sv texts[TOGETHER];
    size_t dim = (size_t)a->u->state.dim;
    if (!a->vecs)
        a->vecs = grf_calloc(TOGETHER * dim, sizeof(*a->vecs));
    if (!a->row)
        a->row = grf_calloc(dim, 1);
    if (!a->vecs || !a->row)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < a->n; i++)
        texts[i] = grf_str_sv(&a->v[i].embedded);
    return grf_embed_texts(a->u->job->embedder, texts, a->n, a->vecs, err);
}

static void drop_waiting(struct articles *a)
{
    for (size_t i = 0; i < a->n; i++) {
        law_context_release(&a->v[i].context);
        grf_str_release(&a->v[i].text);
        grf_str_release(&a->v[i].embedded);
    }
    a->n = 0;
}

/* Embeds what waits, and puts it into the rows and the full text. */
static grf_status put_waiting(struct articles *a, struct grf_err *err)
{
    struct law_update *u = a->u;
    grf_status st = a->n ? record_model(u, err) : GRF_OK;
    if (!st && a->n)
        st = embed(a, err);
    for (size_t i = 0; i < a->n && !st; i++) {
        struct waiting *w = &a->v[i];
        float scale;
        grf_bytedot_pack(a->vecs + i * (size_t)u->state.dim, u->state.dim, &scale, a->row);
        st = grf_law_put_passage(u->job->law, &w->row, scale, a->row, u->state.dim, err);
        if (!st && u->fulltext)
            st = law_put_fulltext(u->fulltext, w->row.id, &w->context,
                                  grf_str_sv(&w->text), err);
        u->job->added++;
        u->in_this_batch++;
    }
    drop_waiting(a);
    return st;
}

static grf_status add_waiting(struct articles *a, const struct grf_law_passage *p,
                              const struct grf_law_article *article,
                              const struct grf_law_text *t, struct grf_err *err)
{
    grf_status st = a->n == TOGETHER ? put_waiting(a, err) : GRF_OK;
    if (st)
        return st;
    struct waiting *w = &a->v[a->n++];
    w->row = *p;
    law_context_init(&w->context);
    grf_str_init(&w->text, LAW_EMBEDDED_MOST);
    grf_str_init(&w->embedded, 2 * LAW_EMBEDDED_MOST);
    st = law_context_fill(&w->context, article, t, err);
    grf_str_add(&w->text, t->text + p->start, p->end - p->start);
    law_embedded(&w->embedded, &w->context, grf_str_sv(&w->text));
    if (!st)
        st = grf_str_status(&w->text, err);
    return st ? st : grf_str_status(&w->embedded, err);
}

static grf_status add_version(struct articles *a, const struct grf_law_article *article,
                              int64_t version_id, struct grf_err *err)
{
    struct grf_law_text t;
    struct grf_law_piece *pieces = NULL;
    size_t n = 0;
    grf_status st = grf_law_version_text(a->u->job->law, version_id, &t, err);
    if (st)
        return st;
    st = grf_law_cut(grf_sv_z(t.text), &pieces, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        struct grf_law_passage p = {.article_id = article->id,
                                    .version_id = version_id,
                                    .ordinal = (int)i + 1,
                                    .start = pieces[i].start,
                                    .end = pieces[i].end,
                                    .generation = a->u->state.generation + 1};
        st = begin(a->u, err);
        if (!st)
            st = add_waiting(a, &p, article, &t, err);
    }
    grf_free(pieces);
    grf_law_text_release(&t);
    return st;
}

/* ---- taking out */

static grf_status drop(struct law_update *u, int64_t id, struct grf_err *err)
{
    grf_status st = begin(u, err);
    if (!st)
        st = grf_law_drop_passage(u->job->law, id, u->state.generation + 1, err);
    if (!st && u->fulltext)
        st = grf_ft_delete(u->fulltext, id, err);
    u->job->removed++;
    u->in_this_batch++;
    return st;
}

static grf_status drop_orphans(struct law_update *u, struct grf_err *err)
{
    int64_t *ids;
    size_t n;
    grf_status st = grf_law_orphans(u->job->law, &ids, &n, err);
    for (size_t i = 0; i < n && !st; i++)
        st = drop(u, ids[i], err);
    grf_free(ids);
    return st;
}

/* ---- articles */

struct kept {
    int64_t wanted[GRF_LAW_INDEXED_MOST];
    bool met[GRF_LAW_INDEXED_MOST];
    size_t n;
    int64_t *gone;
    size_t n_gone, cap;
};

static grf_status sort_out(void *data, const struct grf_law_passage *p,
                           struct grf_err *err)
{
    struct kept *k = data;
    for (size_t i = 0; i < k->n; i++) {
        if (k->wanted[i] == p->version_id) {
            k->met[i] = true;
            return GRF_OK;
        }
    }
    if (grf_grow(&k->gone, k->n_gone, &k->cap, sizeof(*k->gone)))
        return grf_fail_nomem(err);
    k->gone[k->n_gone++] = p->id;
    return GRF_OK;
}

static grf_status do_article(struct articles *a, int64_t id, struct grf_err *err)
{
    struct kept k = {.n = GRF_LAW_INDEXED_MOST};
    struct grf_law_article article;
    struct grf_law *law = a->u->job->law;
    grf_status st = grf_law_article(law, id, &article, err);
    if (st)
        return st;
    st = grf_law_indexed_versions(law, id, a->day, k.wanted, &k.n, err);
    if (!st)
        st = grf_law_each_passage_of(law, id, sort_out, &k, err);
    for (size_t i = 0; i < k.n_gone && !st; i++)
        st = drop(a->u, k.gone[i], err);
    for (size_t i = 0; i < k.n && !st; i++) {
        if (!k.met[i])
            st = add_version(a, &article, k.wanted[i], err);
    }
    grf_free(k.gone);
    grf_law_article_release(&article);
    return st;
}

static grf_status between(struct articles *a, size_t nth, struct grf_err *err)
{
    struct law_update *u = a->u;
    grf_status st = GRF_OK;
    if (u->in_this_batch >= BATCH) {
        st = put_waiting(a, err);
        if (!st)
            st = commit(u, false, err);
    }
    if (!st && nth % LOOK_EVERY == 0 && u->job->cancel && *u->job->cancel)
        st = grf_fail(err, GRF_CANCELLED, "%s",
                      _("stopped; the same command goes on from here"));
    if (!st && u->job->progress)
        u->job->progress(u->job->data, ++u->done, u->total);
    return st;
}

static grf_status do_articles(struct articles *a, struct grf_err *err)
{
    int64_t *ids;
    size_t n;
    grf_status st = grf_law_stale_articles(a->u->job->law, a->day, &ids, &n, err);
    a->u->total = n;
    for (size_t i = 0; i < n && !st; i++) {
        st = do_article(a, ids[i], err);
        if (!st)
            st = between(a, i, err);
    }
    grf_free(ids);
    return st ? st : put_waiting(a, err);
}

grf_status law_update_rows(struct law_update *u, struct grf_err *err)
{
    if (u->state.complete)
        return GRF_OK;
    struct articles *a = grf_calloc(1, sizeof(*a));
    if (!a)
        return grf_fail_nomem(err);
    a->u = u;
    grf_law_today(a->day);
    grf_status st = drop_orphans(u, err);
    if (!st)
        st = do_articles(a, err);
    if (!st)
        st = begin(u, err);
    if (!st)
        st = commit(u, true, err);
    drop_waiting(a);
    grf_free(a->vecs);
    grf_free(a->row);
    grf_free(a);
    return st;
}

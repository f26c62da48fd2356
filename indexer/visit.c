/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One visit to one source: what all kinds have in common. */
#include <stdlib.h>
#include <string.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_text.h"
#include "nightly.h"

enum { DAY = 86400, EARLY = 6 * 3600 };

const char *note_kind_name(enum note_kind k)
{
    static const char *const names[NOTE_KINDS] = {"new",    "changed", "refused",
                                                  "failed", "away",    "missing"};
    return names[k];
}

bool night_is_fatal(grf_status st)
{
    switch (st) {
    case GRF_NOMEM:
    case GRF_IO:
    case GRF_NOSPC:
    case GRF_CANCELLED:
    case GRF_LOCKED:
    case GRF_BUSY:
    case GRF_CORRUPT:
    case GRF_VERSION:
    case GRF_INTERNAL:
        return true;
    default:
        return false;
    }
}

bool schedule_is_due(int64_t last, int64_t now, int days)
{
    return days == 0 || last == 0 || now < last || now - last >= (int64_t)days * DAY - EARLY;
}

/* ---- notes */

grf_status visit_note(struct visit *v, enum note_kind kind, const char *address,
                      const char *reason, struct grf_err *err)
{
    if (v->n_notes >= NOTES_MOST) {
        v->notes_left++;
        return GRF_OK;
    }
    if (grf_grow(&v->notes, v->n_notes, &v->cap_notes, sizeof(*v->notes)))
        return grf_fail_nomem(err);
    struct note *x = &v->notes[v->n_notes++];
    x->kind = kind;
    x->address = grf_strdup(address);
    x->reason = reason ? grf_strdup(reason) : NULL;
    return x->address && (x->reason || !reason) ? GRF_OK : grf_fail_nomem(err);
}

grf_status visit_fault(struct visit *v, grf_status status, const char *reason,
                       struct grf_err *err)
{
    if (v->reason)
        return GRF_OK;
    v->status = status;
    v->reason = grf_strdup(reason);
    return v->reason ? GRF_OK : grf_fail_nomem(err);
}

void visit_release(struct visit *v)
{
    for (size_t i = 0; i < v->n_notes; i++) {
        grf_free(v->notes[i].address);
        grf_free(v->notes[i].reason);
    }
    grf_free(v->notes);
    grf_free(v->reason);
    memset(v, 0, sizeof(*v));
}

/* ---- indexing */

static grf_status settle(struct night *n, struct visit *v, struct grf_item *it,
                         const char *before, const char *place, struct grf_err *err)
{
    char *sha = NULL, *reason = NULL;
    grf_status st = grf_meta_place(n->meta, place, &sha, &reason, err);
    bool same = sha && before && strcmp(sha, before) == 0;
    if (st) {
        it->status = GRF_ITEM_FAILED;
    } else if (reason && strcmp(reason, _(adder_not_taken_again)) == 0) {
        it->status = GRF_ITEM_REFUSED;
        v->c.refused++;
        st = visit_note(v, NOTE_REFUSED, place, reason, err);
    } else if (reason || !sha) {
        it->status = GRF_ITEM_FAILED;
        v->c.failed++;
        st = visit_note(v, NOTE_FAILED, place, reason ? reason : _("not read"), err);
    } else if (same) { /* only its date is new, or another source has brought it */
        it->status = GRF_ITEM_INDEXED;
        v->c.unchanged++;
    } else {
        it->status = GRF_ITEM_INDEXED;
        *(before ? &v->c.changed : &v->c.fresh) += 1;
        st = visit_note(v, before ? NOTE_CHANGED : NOTE_NEW, place, NULL, err);
    }
    if (!st)
        st = listing_set(&it->reason, grf_sv_z(reason), err);
    if (!st && sha && !reason)
        st = listing_set(&it->sha256, grf_sv_z(sha), err);
    if (!st)
        st = grf_meta_put_item(n->meta, it, err);
    grf_free(sha);
    grf_free(reason);
    return st;
}

grf_status visit_index(struct night *n, struct visit *v, struct queue *q,
                       struct grf_err *err)
{
    if (!q->n)
        return GRF_OK;
    grf_status st = adder_add(&n->adder, &q->files, err);
    if (st || *n->cli->cancel) /* what was not reached waits under its status */
        return st ? st : grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
    st = grf_meta_begin(n->meta, err);
    for (size_t i = 0; i < q->n && !st; i++)
        st = settle(n, v, &q->items[i], q->before[i], found_place(&q->files.v[i]), err);
    if (!st)
        st = grf_meta_commit(n->meta, err);
    if (st)
        grf_meta_rollback(n->meta);
    return st;
}

/* ---- what stays away */

struct away {
    struct night *n;
    struct visit *v;
};

/* The document is at another address of the same source now. */
static grf_status moved_away(struct away *a, const struct grf_item *it, struct grf_err *err)
{
    grf_status st = grf_meta_drop_item(a->n->meta, it->id, err);
    return st ? st : grf_meta_drop_place(a->n->meta, it->url, err);
}

static grf_status look_at(void *data, const struct grf_item *it, struct grf_err *err)
{
    struct away *a = data;
    bool moved;
    char when[32];
    struct grf_err why = GRF_ERR_INIT;
    int misses = it->misses + a->n->dry;
    if (it->run == a->n->run)
        return GRF_OK;
    grf_status st = a->n->dry ? GRF_OK
                              : grf_meta_item_moved(a->n->meta, it, a->n->run, &moved, err);
    if (st)
        return st;
    if (!a->n->dry && moved)
        return moved_away(a, it, err);
    if (misses < a->n->conf->absent_after || it->keep)
        return GRF_OK;
    if (it->status != GRF_ITEM_INDEXED)
        return a->n->dry ? GRF_OK : grf_meta_drop_item(a->n->meta, it->id, err);
    bool removed;
    st = grf_meta_was_removed(a->n->meta, it->url, &removed, err);
    if (st || removed)
        return st;
    night_format_time(it->last_seen, when);
    grf_fail(&why, GRF_NOTFOUND, _("not listed for %d runs, seen last on %.10s"), misses,
             when);
    a->v->c.away++;
    return visit_note(a->v, NOTE_AWAY, it->url, why.msg, err);
}

grf_status visit_away(struct night *n, struct visit *v, struct grf_err *err)
{
    struct away a = {n, v};
    /* a feed shows only what is new: what falls off its end is not gone */
    if (!v->whole || v->status || v->src->kind == GRF_SOURCE_FEED)
        return GRF_OK;
    if (n->dry)
        return grf_meta_each_item(n->meta, v->src->name, look_at, &a, err);
    grf_status st = grf_meta_begin(n->meta, err);
    if (!st)
        st = grf_meta_miss_items(n->meta, v->src->name, n->run, err);
    if (!st)
        st = grf_meta_each_item(n->meta, v->src->name, look_at, &a, err);
    if (!st)
        st = grf_meta_commit(n->meta, err);
    if (st)
        grf_meta_rollback(n->meta);
    return st;
}

/* ---- a list of acts against what is indexed */

static grf_status act_is_here(struct night *n, struct visit *v,
                              const struct expected_act *x, bool *here,
                              struct grf_err *err)
{
    struct grf_item it = {0};
    grf_status st = GRF_OK;
    *here = false;
    if (x->url) {
        st = grf_meta_item(n->meta, v->src->name, x->url, &it, err);
        *here = it.status == GRF_ITEM_INDEXED && it.id;
        grf_item_release(&it);
    }
    if (!st && !*here && x->number)
        st = grf_meta_has_act(n->meta, x->number, x->date, here, err);
    return st;
}

grf_status visit_acts(struct night *n, struct visit *v, const struct candidates *c,
                      struct grf_err *err)
{
    grf_status st = GRF_OK;
    v->c.acts_expected = (int64_t)c->n_acts;
    for (size_t i = 0; i < c->n_acts && !st; i++) {
        const struct expected_act *x = &c->acts[i];
        struct grf_err why = GRF_ERR_INIT;
        bool here;
        st = act_is_here(n, v, x, &here, err);
        if (st || here)
            continue;
        v->c.acts_missing++;
        grf_fail(&why, GRF_NOTFOUND, _("act %s of %s: %s"), x->number ? x->number : "?",
                 x->date ? x->date : "?",
                 x->url ? _("its file is not indexed") : _("the list gives no address for it"));
        st = visit_note(v, NOTE_MISSING, x->url ? x->url : v->src->url, why.msg, err);
    }
    return st;
}

/* ---- all of it */

static grf_status visit_web(struct night *n, struct visit *v, struct queue *q,
                            struct grf_err *err)
{
    struct candidates c = {0};
    grf_status st = visit_list(n, v, &c, err);
    if (!st)
        st = visit_items(n, v, &c, q, err);
    /* what was fetched before an interruption is indexed by the next run */
    if (!st && !n->dry)
        st = visit_index(n, v, q, err);
    if (!st)
        st = visit_away(n, v, err);
    if (!st && !n->dry && c.n_acts)
        st = visit_acts(n, v, &c, err);
    candidates_release(&c);
    return st;
}

static grf_status visit_files(struct night *n, struct visit *v, struct queue *q,
                              struct grf_err *err)
{
    v->whole = true;
    grf_status st = visit_folder(n, v, q, err);
    if (!st && !n->dry)
        st = visit_index(n, v, q, err);
    return st ? st : visit_away(n, v, err);
}

static grf_status write_state(struct night *n, struct visit *v, int64_t last_good,
                              struct grf_err *err)
{
    const struct grf_source *s = v->src;
    struct grf_source_state state = {
        .name = s->name,
        .kind = (char *)grf_source_kind_name((grf_source_kind)s->kind),
        .address = s->url ? s->url : s->path,
        .last_run = n->now,
        .last_good = v->status ? last_good : n->now,
        .status = v->status,
        .reason = v->reason,
        .counts = v->c};
    return grf_meta_put_source(n->meta, &state, err);
}

grf_status visit_source(struct night *n, struct visit *v, struct grf_err *err)
{
    struct queue q = {0};
    struct grf_source_state before;
    struct grf_err why = GRF_ERR_INIT;
    double started = grf_now();
    if (v->src->kind == GRF_SOURCE_LEGI) /* visited before the base was opened */
        return n->dry || !v->due ? GRF_OK : write_state(n, v, v->last_good, err);
    grf_status st = grf_meta_source(n->meta, v->src->name, &before, err);
    if (st)
        return st;
    v->last_good = before.last_good;
    /* a visit that failed is made again in the next run */
    v->due = schedule_is_due(before.last_good, n->now, v->src->schedule);
    if (!v->due) {
        v->c = before.counts;
        grf_source_state_release(&before);
        return GRF_OK;
    }
    if (!n->dry && v->src->internal >= 0) /* the settings may have changed */
        st = grf_meta_mark_items(n->meta, v->src->name, v->src->internal == 1, &why);
    n->adder.visibility = v->src->internal == 1   ? GRF_VISIBILITY_INTERNAL
                          : v->src->internal == 0 ? GRF_VISIBILITY_PUBLIC
                                                  : GRF_VISIBILITY_KEEP;
    if (st)
        ; /* of the base, not of the source */
    else if (v->src->kind == GRF_SOURCE_FOLDER)
        st = visit_files(n, v, &q, &why);
    else
        st = visit_web(n, v, &q, &why);
    queue_release(&q);
    if (st && !night_is_fatal(st))
        st = visit_fault(v, st, why.msg, &why);
    if (!st && !v->status && !v->c.expected && before.counts.expected)
        st = visit_fault(v, GRF_PARSE, _("lists nothing any more"), &why);
    if (!st && !n->dry)
        st = write_state(n, v, before.last_good, &why);
    v->seconds = grf_now() - started;
    grf_source_state_release(&before);
    if (st && err)
        *err = why;
    return st;
}

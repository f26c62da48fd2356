/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done for each address that a source lists: a new one is fetched, a known one is
 * asked about again when the list says that it changed or when it is due, everything else
 * costs nothing. Files are kept in the base under their hash; nothing fetched is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "nightly.h"

enum { DAY = 86400, REL_MOST = 300, SNIFF = 1024, RECHECKS_LEAST = 20 };

enum work { WORK_NONE, WORK_FETCH, WORK_CHECK, WORK_INDEX };

struct task {
    size_t at;          /* in the candidates */
    enum work work;
    int64_t checked_at; /* for the order of checks that are merely due */
    bool due;           /* a check for no other reason */
    int misses;         /* before this run saw it in the list */
    bool keep;          /* a person has said that its absence is right */
};

struct working {
    struct night *n;
    struct visit *v;
    const struct candidates *c;
    struct queue *q;
    struct task *tasks;
    size_t n_tasks, cap_tasks;
    bool any_removed;
    int64_t fetched;
};

/* ---- the queue */

void queue_release(struct queue *q)
{
    for (size_t i = 0; i < q->n; i++) {
        grf_item_release(&q->items[i]);
        grf_free(q->before[i]);
    }
    grf_free(q->items);
    grf_free(q->before);
    collect_release(&q->files);
    memset(q, 0, sizeof(*q));
}

grf_status queue_add(struct night *n, struct queue *q, const struct found_file *f,
                     struct grf_item *it, struct grf_err *err)
{
    char *sha = NULL, *reason = NULL;
    if (grf_grow(&q->items, q->n, &q->cap, sizeof(*q->items)) ||
        grf_grow(&q->before, q->n, &q->cap_before, sizeof(*q->before)))
        return grf_fail_nomem(err);
    grf_status st = grf_meta_place(n->meta, found_place(f), &sha, &reason, err);
    if (!st)
        st = collect_file(&q->files, f, err);
    if (!st) {
        q->items[q->n] = *it;
        q->before[q->n++] = sha;
        sha = NULL;
        memset(it, 0, sizeof(*it));
    }
    grf_free(sha);
    grf_free(reason);
    return st;
}

/* ---- names */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "mairie/2024/délib 12.pdf" for https://.../2024/d%C3%A9lib%2012.pdf: what people read,
   and what names the document when it is listed. */
static grf_status relative_name(const struct grf_source *s, const char *url, char **out,
                                struct grf_err *err)
{
    struct http_url u;
    struct grf_str z;
    grf_status st = http_url_split(url, &u, err);
    if (st)
        return st;
    grf_str_init(&z, (size_t)REL_MOST * 4);
    grf_str_addz(&z, s->name);
    size_t from = strlen(u.path) > REL_MOST ? strlen(u.path) - REL_MOST : 0;
    if (u.path[from] != '/')
        grf_str_addc(&z, '/');
    for (const char *p = u.path + from; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool coded = c == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0;
        if (coded) {
            c = (unsigned char)(hex(p[1]) * 16 + hex(p[2]));
            p += 2;
        }
        bool odd = c < 32 || c == 127 || c == '\\' || (coded && c == '/');
        grf_str_addc(&z, odd ? '_' : (char)c);
    }
    if (z.n < 4 || strcasecmp(z.p + z.n - 4, ".pdf") != 0)
        grf_str_addz(&z, ".pdf");
    *out = grf_str_take(&z, err);
    return *out ? GRF_OK : GRF_NOMEM;
}

static grf_status set_text(char **field, const char *text, struct grf_err *err)
{
    return listing_set(field, grf_sv_z(text), err);
}

/* ---- deciding */

static grf_status add_task(struct working *w, size_t at, enum work work, bool due,
                           const struct grf_item *it, struct grf_err *err)
{
    if (grf_grow(&w->tasks, w->n_tasks, &w->cap_tasks, sizeof(*w->tasks)))
        return grf_fail_nomem(err);
    w->tasks[w->n_tasks++] = (struct task){at,  work,       it->checked_at,
                                               due, it->misses, it->keep};
    return GRF_OK;
}

static bool hint_changed(const struct grf_item *it, const char *hint)
{
    return hint && it->hint && strcmp(hint, it->hint) != 0;
}

static bool is_due(const struct working *w, const struct grf_item *it)
{
    return w->n->now - it->checked_at >= (int64_t)w->v->src->recheck * DAY;
}

static grf_status decide(struct working *w, size_t at, const struct grf_item *it,
                         struct grf_err *err)
{
    bool changed = hint_changed(it, w->c->v[at].hint), due = is_due(w, it);
    switch (it->status) {
    case GRF_ITEM_INDEXED:
        if (changed || due || it->checked_at == 0)
            return add_task(w, at, WORK_CHECK, !changed && it->checked_at != 0, it, err);
        w->v->c.unchanged++;
        return GRF_OK;
    case GRF_ITEM_REFUSED:
        if (changed || due)
            return add_task(w, at, WORK_FETCH, !changed, it, err);
        w->v->c.refused++;
        return visit_note(w->v, NOTE_REFUSED, it->url, it->reason, err);
    case GRF_ITEM_FETCHED:
    case GRF_ITEM_FAILED:
        return add_task(w, at, it->sha256 ? WORK_INDEX : WORK_FETCH, false, it, err);
    default:
        return add_task(w, at, WORK_FETCH, false, it, err);
    }
}

static grf_status new_item(struct working *w, const struct candidate *c,
                           struct grf_item *it, struct grf_err *err)
{
    memset(it, 0, sizeof(*it));
    grf_status st = set_text(&it->source, w->v->src->name, err);
    if (!st)
        st = set_text(&it->url, c->url, err);
    if (!st)
        st = set_text(&it->hint, c->hint, err);
    if (!st)
        st = relative_name(w->v->src, c->url, &it->rel, err);
    it->first_seen = it->last_seen = w->n->now;
    it->run = w->n->run;
    if (!st && !w->n->dry)
        st = grf_meta_put_item(w->n->meta, it, err);
    return st;
}

/* Out of the hosts that the settings allow, or of what they may ask. */
static grf_status outside(struct working *w, const char *url, bool *out,
                          struct grf_err *err)
{
    struct http_request r = visit_request(w->n, w->v, w->v->src->url);
    struct http_url u;
    struct grf_err why = GRF_ERR_INIT;
    *out = !http_in_scope(&r, url);
    if (!*out)
        return GRF_OK;
    w->v->c.refused++;
    if (http_url_split(url, &u, &why))
        u.host[0] = 0;
    grf_fail(&why, GRF_INVALID, _("on another host; to allow it: hosts = %s"), u.host);
    return visit_note(w->v, NOTE_REFUSED, url, why.msg, err);
}

static grf_status removed(struct working *w, const char *url, bool *out,
                          struct grf_err *err)
{
    *out = false;
    if (!w->any_removed)
        return GRF_OK;
    grf_status st = grf_meta_was_removed(w->n->meta, url, out, err);
    if (st || !*out)
        return st;
    w->v->c.refused++;
    return visit_note(w->v, NOTE_REFUSED, url, _(adder_not_taken_again), err);
}

static grf_status sort_one(struct working *w, size_t at, struct grf_err *err)
{
    const struct candidate *c = &w->c->v[at];
    struct grf_item it = {0};
    bool out = false, gone = false;
    grf_status st = outside(w, c->url, &out, err);
    if (st || out)
        return st;
    st = grf_meta_item(w->n->meta, w->v->src->name, c->url, &it, err);
    if (!st && it.id && !w->n->dry)
        st = grf_meta_touch_item(w->n->meta, it.id, w->n->run, w->n->now, err);
    if (!st && it.id)
        st = removed(w, c->url, &gone, err);
    if (!st && !it.id)
        st = new_item(w, c, &it, err);
    if (!st && !gone)
        st = decide(w, at, &it, err);
    grf_item_release(&it);
    return st;
}

static grf_status sort_all(struct working *w, struct grf_err *err)
{
    grf_status st = w->n->dry ? GRF_OK : grf_meta_begin(w->n->meta, err);
    for (size_t i = 0; i < w->c->n && !st; i++)
        st = sort_one(w, i, err);
    if (!st && !w->n->dry)
        st = grf_meta_commit(w->n->meta, err);
    if (st && !w->n->dry)
        grf_meta_rollback(w->n->meta);
    return st;
}

/* ---- checks that are merely due: the oldest, so many that all are met in time */

static int by_age(const void *a, const void *b)
{
    const struct task *x = a, *y = b;
    if (x->due != y->due)
        return x->due - y->due;
    if (x->due && x->checked_at != y->checked_at)
        return x->checked_at < y->checked_at ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void limit_checks(struct working *w)
{
    size_t days = (size_t)w->v->src->recheck, kept = 0, n_due = 0;
    size_t most = days > 1 ? w->c->n / days + 1 : w->c->n;
    if (most < RECHECKS_LEAST)
        most = RECHECKS_LEAST;
    if (!w->n_tasks)
        return;
    qsort(w->tasks, w->n_tasks, sizeof(*w->tasks), by_age);
    for (size_t i = 0; i < w->n_tasks; i++) {
        bool left = w->tasks[i].due && n_due >= most;
        n_due += w->tasks[i].due;
        if (left && w->tasks[i].work == WORK_CHECK)
            w->v->c.unchanged++;
        else if (left)
            w->v->c.refused++; /* as before; named when it is asked again */
        else
            w->tasks[kept++] = w->tasks[i];
    }
    w->n_tasks = kept;
}

/* ---- fetching */

static grf_status is_pdf(const char *path, bool *pdf, bool *html, struct grf_err *err)
{
    char head[SNIFF + 1];
    FILE *f = fopen(path, "rb");
    if (!f)
        return grf_fail_errno(err, "%s", path);
    size_t n = fread(head, 1, SNIFF, f);
    fclose(f);
    head[n] = 0;
    *pdf = memmem(head, n, "%PDF-", 5) != NULL;
    const char *p = head + strspn(head, " \t\r\n\xEF\xBB\xBF");
    *html = *p == '<';
    return GRF_OK;
}

/* Where a file is while it is fetched: by its address, so that it can be gone on with. */
static char *download_path(const struct night *n, const char *url)
{
    struct grf_str s;
    char name[GRF_SHA256_HEX];
    grf_sha256(grf_sv_z(url), name);
    grf_str_init(&s, 65536);
    grf_str_addf(&s, "%s/downloads/%s", n->cli->base, name);
    return grf_str_take(&s, NULL);
}

static grf_status refuse(struct working *w, struct grf_item *it, const char *why,
                         struct grf_err *err)
{
    w->v->c.refused++;
    grf_status st = visit_note(w->v, NOTE_REFUSED, it->url, why, err);
    it->checked_at = w->n->now;
    /* what was indexed from there stays */
    if (!st && it->status != GRF_ITEM_INDEXED) {
        it->status = GRF_ITEM_REFUSED;
        st = set_text(&it->reason, why, err);
    }
    return st ? st : grf_meta_put_item(w->n->meta, it, err);
}

static grf_status failed(struct working *w, struct grf_item *it, const char *why,
                         struct grf_err *err)
{
    w->v->c.failed++;
    grf_status st = visit_note(w->v, NOTE_FAILED, it->url, why, err);
    if (!st && it->status != GRF_ITEM_INDEXED) {
        it->status = GRF_ITEM_FAILED;
        st = set_text(&it->reason, why, err);
    }
    return st ? st : grf_meta_put_item(w->n->meta, it, err);
}

/* Listed, but the server has it not. It is asked again in the next run: only an absence
   that lasts is told as one. */
static grf_status is_gone(struct working *w, struct grf_item *it, const struct task *t,
                          struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    it->misses = t->misses + 1;
    it->checked_at = 0;
    it->keep = t->keep;
    if (it->keep) {
        w->v->c.unchanged++;
        return grf_meta_put_item(w->n->meta, it, err);
    }
    if (it->status == GRF_ITEM_INDEXED && it->misses >= w->n->conf->absent_after) {
        char when[32];
        night_format_time(it->last_seen, when);
        w->v->c.away++;
        grf_fail(&why, GRF_NOTFOUND, _("listed, but not there any more, for %d runs"),
                 it->misses);
        grf_status st = visit_note(w->v, NOTE_AWAY, it->url, why.msg, err);
        return st ? st : grf_meta_put_item(w->n->meta, it, err);
    }
    return failed(w, it, _("listed, but not there (404); the next run asks again"), err);
}

static grf_status queue_item(struct working *w, struct grf_item *it, struct grf_err *err)
{
    const struct grf_source *s = w->v->src;
    char *kept = grf_base_kept_file(w->n->cli->base, it->sha256);
    if (!kept)
        return grf_fail_nomem(err);
    struct found_file f = {.path = kept,
                           .rel = it->rel,
                           .body = s->body,
                           .body_fixed = s->body != NULL,
                           .url = it->url};
    grf_status st = queue_add(w->n, w->q, &f, it, err);
    grf_free(kept);
    return st;
}

/* One that is there already may be damaged: these are its bytes. */
static grf_status put_in_place(struct working *w, const char *from,
                               const struct http_response *a, struct grf_err *err)
{
    char *to = grf_base_kept_file(w->n->cli->base, a->sha256);
    if (!to)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    if (rename(from, to) != 0)
        st = grf_fail_errno(err, "%s", to);
    if (!st) /* before a row says that it is there */
        st = grf_dir_sync_of(to, err);
    grf_free(to);
    return st;
}

/* What was fetched for an address that is indexed, and is lost. An act that was removed has
   taken its file along: that one is not wanted. */
static grf_status is_lost(struct working *w, const struct grf_item *it, bool *lost,
                          struct grf_err *err)
{
    bool removed = false;
    *lost = false;
    char *kept = it->sha256 ? grf_base_kept_file(w->n->cli->base, it->sha256) : NULL;
    if (it->sha256 && !kept)
        return grf_fail_nomem(err);
    bool gone = kept && access(kept, R_OK) != 0;
    grf_free(kept);
    grf_status st = gone ? grf_meta_lost_acts(w->n->meta, it->sha256, &removed, err) : GRF_OK;
    *lost = gone && !removed;
    return st;
}

static grf_status keep_file(struct working *w, struct grf_item *it, const char *from,
                            const struct http_response *a, struct grf_err *err)
{
    grf_status st = put_in_place(w, from, a, err);
    struct grf_fetched f = {.sha256 = a->sha256,
                            .final_url = a->url,
                            .etag = a->etag,
                            .last_modified = a->last_modified,
                            .content_type = a->content_type,
                            .bytes = a->bytes,
                            .at = w->n->now};
    if (!st)
        st = grf_meta_put_fetched(w->n->meta, it->url, &f, err);
    return st ? st : set_text(&it->sha256, a->sha256, err);
}

/* The server's words are remembered with the bytes that they are about. */
static grf_status note_answer(struct working *w, struct grf_item *it,
                              const struct http_response *a, const char *hint,
                              struct grf_err *err)
{
    it->checked_at = w->n->now;
    it->misses = 0;
    grf_status st = a->outcome == HTTP_GOT ? set_text(&it->etag, a->etag, err) : GRF_OK;
    if (!st && a->outcome == HTTP_GOT)
        st = set_text(&it->last_modified, a->last_modified, err);
    return st || !hint ? st : set_text(&it->hint, hint, err);
}

/* The bytes that are indexed already. */
static grf_status again(struct working *w, struct grf_item *it, const char *path,
                        const struct http_response *a, struct grf_err *err)
{
    bool removed = false;
    grf_status st = grf_meta_lost_acts(w->n->meta, it->sha256, &removed, err);
    if (!st && removed)
        unlink(path);
    else if (!st)
        st = put_in_place(w, path, a, err);
    return st ? st : grf_meta_put_item(w->n->meta, it, err);
}

static grf_status got_file(struct working *w, struct grf_item *it, const char *path,
                           const struct http_response *a, const char *hint,
                           struct grf_err *err)
{
    bool pdf = false, html = false;
    bool same = it->sha256 && strcmp(it->sha256, a->sha256) == 0;
    it->bytes = a->bytes;
    w->v->bytes += a->bytes;
    w->fetched++;
    grf_status st = is_pdf(path, &pdf, &html, err);
    if (!st)
        st = note_answer(w, it, a, hint, err);
    if (st)
        return st;
    if (!pdf) {
        unlink(path);
        return refuse(w, it,
                      html ? _("not a PDF: a web page is there")
                           : _("not a PDF, whatever its name says"),
                      err);
    }
    if (same && it->status == GRF_ITEM_INDEXED) {
        w->v->c.unchanged++;
        return again(w, it, path, a, err);
    }
    st = keep_file(w, it, path, a, err);
    it->status = GRF_ITEM_FETCHED;
    if (!st)
        st = set_text(&it->reason, NULL, err);
    if (!st)
        st = grf_meta_put_item(w->n->meta, it, err);
    return st ? st : queue_item(w, it, err);
}

static grf_status answered(struct working *w, struct grf_item *it, const struct task *t,
                           const char *path, const struct http_response *a,
                           const struct grf_err *why, struct grf_err *err)
{
    const char *hint = w->c->v[t->at].hint;
    grf_status st;
    switch (a->outcome) {
    case HTTP_GOT:
        return got_file(w, it, path, a, hint, err);
    case HTTP_UNCHANGED:
        st = note_answer(w, it, a, hint, err);
        w->v->c.unchanged++;
        return st ? st : grf_meta_put_item(w->n->meta, it, err);
    case HTTP_GONE:
        return is_gone(w, it, t, err);
    case HTTP_DENIED:
    case HTTP_TOO_BIG:
    case HTTP_ELSEWHERE:
    case HTTP_PRIVATE:
    case HTTP_ROBOTS:
    case HTTP_BAD_URL:
        return refuse(w, it, why->msg, err);
    case HTTP_SERVER_FAILED:
    case HTTP_NETWORK:
    case HTTP_TIMED_OUT:
        return failed(w, it, why->msg, err);
    case HTTP_OURS:
        break;
    }
    if (err)
        *err = *why;
    return why->code;
}

static grf_status fetch(struct working *w, struct grf_item *it, const struct task *t,
                        struct grf_err *err)
{
    struct http_response a = {0};
    struct grf_err why = GRF_ERR_INIT;
    bool lost;
    grf_status st = is_lost(w, it, &lost, err);
    if (st)
        return st;
    char *path = download_path(w->n, it->url);
    if (!path)
        return grf_fail_nomem(err);
    struct http_request r = visit_request(w->n, w->v, it->url);
    r.file = path;
    r.resume = true;
    r.max_bytes = w->v->src->file_mb << 20;
    r.accept = "application/pdf, */*;q=0.5";
    if (t->work == WORK_CHECK && !lost) { /* else it is wanted, changed or not */
        r.etag = it->etag;
        r.last_modified = it->last_modified;
    }
    st = http_fetch(w->n->http, &r, &a, &why);
    w->v->requests += a.tries > 0 ? a.tries : 1;
    if (st == GRF_CANCELLED || st == GRF_NOMEM) {
        if (err)
            *err = why;
    } else {
        st = answered(w, it, t, path, &a, &why, err);
    }
    http_response_release(&a);
    grf_free(path);
    return st;
}

/* ---- doing */

static bool over_limits(const struct working *w)
{
    return w->fetched >= w->v->src->documents_most ||
           w->v->bytes >= w->v->src->run_mb << 20;
}

static grf_status do_task(struct working *w, const struct task *t, struct grf_err *err)
{
    struct grf_item it;
    grf_status st =
        grf_meta_item(w->n->meta, w->v->src->name, w->c->v[t->at].url, &it, err);
    if (st)
        return st;
    enum work work = t->work;
    if (work == WORK_INDEX) {
        char *kept = grf_base_kept_file(w->n->cli->base, it.sha256);
        if (!kept)
            st = grf_fail_nomem(err);
        else if (access(kept, R_OK) != 0)
            work = WORK_FETCH; /* lost: fetched again */
        grf_free(kept);
    }
    if (!st && work == WORK_INDEX)
        st = queue_item(w, &it, err);
    else if (!st && over_limits(w))
        w->v->c.waiting++;
    else if (!st)
        st = fetch(w, &it, t, err);
    grf_item_release(&it);
    return st;
}

/* What a dry run says instead. */
static grf_status tell_task(struct working *w, const struct task *t, struct grf_err *err)
{
    if (t->work == WORK_CHECK) {
        w->v->c.unchanged++;
        return GRF_OK;
    }
    w->v->c.fresh++;
    return visit_note(w->v, NOTE_NEW, w->c->v[t->at].url, NULL, err);
}

static int by_place(const void *a, const void *b)
{
    const struct task *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

grf_status visit_items(struct night *n, struct visit *v, const struct candidates *c,
                       struct queue *q, struct grf_err *err)
{
    struct working w = {.n = n, .v = v, .c = c, .q = q};
    struct grf_counts counts;
    v->c.expected = (int64_t)c->n;
    grf_status st = grf_meta_counts(n->meta, &counts, err);
    w.any_removed = !st && counts.removed > 0;
    if (!st)
        st = sort_all(&w, err);
    if (!st) {
        limit_checks(&w);
        if (w.n_tasks)
            qsort(w.tasks, w.n_tasks, sizeof(*w.tasks), by_place);
    }
    for (size_t i = 0; i < w.n_tasks && !st; i++) {
        if (*n->cli->cancel)
            st = grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
        else
            st = n->dry ? tell_task(&w, &w.tasks[i], err) : do_task(&w, &w.tasks[i], err);
    }
    grf_free(w.tasks);
    return st;
}

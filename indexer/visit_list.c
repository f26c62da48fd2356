/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lists of a web source: fetched when they have changed, read from the copy kept in
 * the base when they have not (so that changed settings take effect all the same), and
 * followed from page to page inside the source's limits.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "nightly.h"

enum { LIST_MB = 32, CHARSET_MOST = 40 };

void candidates_release(struct candidates *c)
{
    for (size_t i = 0; i < c->n; i++) {
        grf_free(c->v[i].url);
        grf_free(c->v[i].hint);
    }
    for (size_t i = 0; i < c->n_acts; i++) {
        grf_free(c->acts[i].number);
        grf_free(c->acts[i].date);
        grf_free(c->acts[i].url);
    }
    grf_free(c->v);
    grf_free(c->acts);
    memset(c, 0, sizeof(*c));
}

/* ---- patterns */

bool matches_any(const struct grf_conf_list *patterns, const char *address)
{
    for (size_t i = 0; i < patterns->n; i++) {
        if (fnmatch(patterns->v[i], address, FNM_CASEFOLD) == 0)
            return true;
    }
    return false;
}

bool source_takes(const struct grf_source *s, const char *address)
{
    return (!s->include.n || matches_any(&s->include, address)) &&
           !matches_any(&s->exclude, address);
}

/* ---- requests */

grf_status night_http(struct night *n, struct grf_err *err)
{
    if (n->http)
        return GRF_OK;
    struct http_options o = HTTP_OPTIONS_INIT;
    o.contact = n->conf->contact;
    o.ca_file = n->conf->ca_file;
    o.delay_ms = n->conf->delay_seconds * 1000;
    o.cancel = n->cli->cancel;
    return http_open(&o, &n->http, err);
}

struct http_request visit_request(const struct night *n, const struct visit *v,
                                  const char *url)
{
    struct http_request r = HTTP_REQUEST_INIT;
    const struct grf_source *s = v->src;
    r.url = url;
    r.retries = n->conf->retries;
    r.robots = s->robots;
    r.redirects = s->hosts.n ? HTTP_LISTED : HTTP_SAME_HOST;
    r.hosts = (const char *const *)s->hosts.v;
    r.n_hosts = s->hosts.n;
    /* whoever writes 127.0.0.1 into the settings means it */
    r.private_ok = s->private_ok || http_names_private(s->url);
    return r;
}

/* ---- pages to read */

struct page {
    char *url;
    bool html; /* followed from a list of another kind */
};

struct reading {
    struct night *n;
    struct visit *v;
    struct candidates *out;
    struct page *pages;
    size_t n_pages, cap_pages, done;
};

static grf_status add_page(struct reading *r, const char *url, bool html,
                           struct grf_err *err)
{
    for (size_t i = 0; i < r->n_pages; i++) {
        if (strcmp(r->pages[i].url, url) == 0)
            return GRF_OK;
    }
    if (r->n_pages >= (size_t)r->v->src->pages_most) {
        struct grf_err why = GRF_ERR_INIT;
        grf_fail(&why, GRF_LIMIT, _("the list has more than %d pages (setting \"pages\")"),
                 r->v->src->pages_most);
        r->v->whole = false;
        return visit_fault(r->v, GRF_LIMIT, why.msg, err);
    }
    if (grf_grow(&r->pages, r->n_pages, &r->cap_pages, sizeof(*r->pages)))
        return grf_fail_nomem(err);
    struct page *p = &r->pages[r->n_pages];
    p->url = grf_strdup(url);
    p->html = html;
    if (!p->url)
        return grf_fail_nomem(err);
    r->n_pages++;
    return GRF_OK;
}

/* The copy of a list in the base. */
static char *kept_list(const struct night *n, const struct visit *v, const char *url)
{
    struct grf_str s;
    char hex[GRF_SHA256_HEX];
    grf_str_init(&s, 65536);
    grf_str_addf(&s, "%s\n%s", v->src->name, url);
    grf_sha256(grf_str_sv(&s), hex);
    grf_str_clear(&s);
    grf_str_addf(&s, "%s/listings/%s", n->cli->base, hex);
    return grf_str_take(&s, NULL);
}

/* What is known of a list from an earlier run. */
struct known_list {
    char *path, *etag, *last_modified, *content_type;
};

static void known_list_release(struct known_list *k)
{
    grf_free(k->path);
    grf_free(k->etag);
    grf_free(k->last_modified);
    grf_free(k->content_type);
}

static grf_status known_list_load(struct reading *r, const char *url, struct known_list *k,
                                  struct grf_err *err)
{
    memset(k, 0, sizeof(*k));
    k->path = kept_list(r->n, r->v, url);
    if (!k->path)
        return grf_fail_nomem(err);
    if (access(k->path, R_OK) != 0)
        return GRF_OK; /* asked for anew */
    return grf_meta_listing(r->n->meta, r->v->src->name, url, &k->etag, &k->last_modified,
                            &k->content_type, err);
}

static grf_status keep_list(struct reading *r, const char *url, const struct known_list *k,
                            const struct grf_str *body, const struct http_response *a,
                            struct grf_err *err)
{
    struct grf_sv piece = grf_str_sv(body);
    if (r->n->dry)
        return GRF_OK;
    grf_status st = grf_file_replace(k->path, &piece, 1, err);
    if (!st)
        st = grf_meta_put_listing(r->n->meta, r->v->src->name, url, a->etag,
                                  a->last_modified, a->content_type, err);
    return st;
}

/* The bytes of a list, from the server or from the copy. *got false: the source's fault,
   which is noted. */
static grf_status fetch_list(struct reading *r, const char *url, struct grf_str *body,
                             char **content_type, bool *got, struct grf_err *err)
{
    struct known_list k;
    struct http_response a = {0};
    struct grf_err why = GRF_ERR_INIT;
    *got = false;
    grf_status st = known_list_load(r, url, &k, err);
    if (st) {
        known_list_release(&k);
        return st;
    }
    struct http_request q = visit_request(r->n, r->v, url);
    q.body = body;
    q.max_bytes = (int64_t)LIST_MB << 20;
    q.etag = k.etag;
    q.last_modified = k.last_modified;
    grf_status asked = http_fetch(r->n->http, &q, &a, &why);
    r->v->requests += a.tries > 0 ? a.tries : 1;
    r->v->lists++;
    if (!asked && a.outcome == HTTP_UNCHANGED) {
        r->v->lists_unchanged++;
        st = grf_file_read(k.path, (size_t)LIST_MB << 20, body, err);
        *content_type = k.content_type;
        k.content_type = NULL;
    } else if (!asked) {
        st = keep_list(r, url, &k, body, &a, err);
        *content_type = a.content_type;
        a.content_type = NULL;
    } else if (night_is_fatal(asked)) {
        st = asked;
        if (err)
            *err = why;
    } else {
        r->v->whole = false;
        st = visit_fault(r->v, asked, why.msg, err);
    }
    *got = !asked && !st;
    http_response_release(&a);
    known_list_release(&k);
    return st;
}

/* "text/html; charset=ISO-8859-1" */
static const char *charset_of(const char *content_type, char out[CHARSET_MOST])
{
    const char *at = content_type ? strcasestr(content_type, "charset=") : NULL;
    size_t n = 0;
    if (!at)
        return NULL;
    at += strlen("charset=");
    at += *at == '"';
    while (n < CHARSET_MOST - 1 && at[n] &&
           (isalnum((unsigned char)at[n]) || strchr("-_.:", at[n])))
        n++;
    memcpy(out, at, n);
    out[n] = 0;
    return n ? out : NULL;
}

/* ---- what a list says */

static grf_status add_candidate(struct reading *r, const char *url, const char *hint,
                                struct grf_err *err)
{
    struct candidates *c = r->out;
    if (grf_grow(&c->v, c->n, &c->cap, sizeof(*c->v)))
        return grf_fail_nomem(err);
    struct candidate *x = &c->v[c->n];
    x->url = grf_strdup(url);
    x->hint = hint ? grf_strdup(hint) : NULL;
    x->order = c->n;
    c->n++;
    return x->url && (x->hint || !hint) ? GRF_OK : grf_fail_nomem(err);
}

static grf_status add_act(struct reading *r, const struct listed *l, const char *url,
                          struct grf_err *err)
{
    struct candidates *c = r->out;
    if (grf_grow(&c->acts, c->n_acts, &c->cap_acts, sizeof(*c->acts)))
        return grf_fail_nomem(err);
    struct expected_act *x = &c->acts[c->n_acts++];
    memset(x, 0, sizeof(*x));
    grf_status st = listing_set(&x->number, grf_sv_z(l->number), err);
    if (!st)
        st = listing_set(&x->date, grf_sv_z(l->date), err);
    return st ? st : listing_set(&x->url, grf_sv_z(url), err);
}

static bool is_document(const struct grf_source *s, const struct listed *l, const char *url)
{
    bool looks = l->document || listing_looks_pdf(url);
    return source_takes(s, url) && (s->include.n || looks);
}

/* A page of the list that another page names: only where the settings allow it. */
static grf_status follow_page(struct reading *r, const char *url, bool html,
                              struct grf_err *err)
{
    struct http_request q = visit_request(r->n, r->v, r->v->src->url);
    struct grf_err why = GRF_ERR_INIT;
    struct http_url u;
    if (http_in_scope(&q, url))
        return add_page(r, url, html, err);
    if (http_url_split(url, &u, &why))
        u.host[0] = 0;
    grf_fail(&why, GRF_INVALID,
             _("a page of the list is on another host; to allow it: hosts = %s"), u.host);
    r->v->whole = false;
    return visit_fault(r->v, GRF_INVALID, why.msg, err);
}

static grf_status take_listed(struct reading *r, const struct listed *l, const char *base,
                              bool html, struct grf_err *err)
{
    const struct grf_source *s = r->v->src;
    char *url = NULL;
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = l->href ? http_url_resolve(base, l->href, &url, &why) : GRF_OK;
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    st = GRF_OK; /* mailto: and the like are no addresses of ours */
    if (s->kind == GRF_SOURCE_SCDL)
        st = add_act(r, l, url, err);
    if (!st && url && l->next)
        st = follow_page(r, url, html, err);
    else if (!st && url && is_document(s, l, url))
        st = add_candidate(r, url, l->hint, err);
    else if (!st && url && matches_any(&s->follow, url) && !matches_any(&s->exclude, url))
        st = follow_page(r, url, true, err);
    grf_free(url);
    return st;
}

static grf_status take_list(struct reading *r, const struct page *p,
                            const struct listing *l, struct grf_err *err)
{
    char *base = NULL;
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = GRF_OK;
    bool html = p->html;
    if (l->base && http_url_resolve(p->url, l->base, &base, &why) == GRF_NOMEM)
        return grf_fail_nomem(err);
    /* p moves when pages are added */
    char *own = grf_strdup(base ? base : p->url);
    if (!own)
        st = grf_fail_nomem(err);
    for (size_t i = 0; i < l->n && !st; i++)
        st = take_listed(r, &l->v[i], own, html, err);
    grf_free(base);
    grf_free(own);
    return st;
}

static grf_status read_list(struct reading *r, struct page *p, const struct grf_str *body,
                            const char *content_type, struct grf_err *err)
{
    struct listing l;
    struct grf_err why = GRF_ERR_INIT;
    char charset[CHARSET_MOST];
    grf_source_kind kind = p->html ? GRF_SOURCE_PAGE : (grf_source_kind)r->v->src->kind;
    listing_init(&l);
    grf_status st = listing_read(kind, grf_str_sv(body), charset_of(content_type, charset),
                                 &l, &why);
    if (st == GRF_NOMEM) {
        grf_fail_nomem(err);
    } else if (st) {
        r->v->whole = false;
        grf_err_wrap(&why, "%s", p->url);
        st = visit_fault(r->v, st, why.msg, err);
    } else {
        if (l.fault) {
            r->v->whole = false;
            st = visit_fault(r->v, GRF_PARSE, l.fault, err);
        }
        if (!st && l.bad_rows) {
            grf_fail(&why, GRF_PARSE,
                     n_(l.bad_rows, "%zu row of the list has neither number nor address",
                        "%zu rows of the list have neither number nor address"),
                     l.bad_rows);
            st = visit_fault(r->v, GRF_PARSE, why.msg, err);
        }
        if (!st)
            st = take_list(r, p, &l, err);
    }
    listing_release(&l);
    return st;
}

static grf_status read_page(struct reading *r, size_t i, struct grf_err *err)
{
    struct grf_str body;
    char *content_type = NULL;
    bool got;
    struct page p = r->pages[i];
    grf_str_init(&body, ((size_t)LIST_MB << 20) + 1);
    grf_status st = fetch_list(r, p.url, &body, &content_type, &got, err);
    if (!st && got)
        st = read_list(r, &p, &body, content_type, err);
    grf_free(content_type);
    grf_str_release(&body);
    return st;
}

/* ---- each address once */

static int by_url(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int c = strcmp(x->url, y->url);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static void drop_doubles(struct candidates *c)
{
    size_t kept = 0;
    if (!c->n)
        return;
    qsort(c->v, c->n, sizeof(*c->v), by_url);
    for (size_t i = 0; i < c->n; i++) {
        if (kept && strcmp(c->v[kept - 1].url, c->v[i].url) == 0) {
            grf_free(c->v[i].url);
            grf_free(c->v[i].hint);
        } else {
            c->v[kept++] = c->v[i];
        }
    }
    c->n = kept;
    qsort(c->v, c->n, sizeof(*c->v), by_order);
}

/* The first request of OAI-PMH says what is wanted, unless the address does. */
static grf_status first_url(const struct grf_source *s, struct grf_str *out,
                            struct grf_err *err)
{
    grf_str_addz(out, s->url);
    if (s->kind == GRF_SOURCE_OAI && !strstr(s->url, "verb=")) {
        grf_str_addf(out, "%cverb=ListRecords&metadataPrefix=oai_dc",
                     strchr(s->url, '?') ? '&' : '?');
        if (s->set)
            grf_str_addf(out, "&set=%s", s->set);
    }
    return grf_str_status(out, err);
}

grf_status visit_list(struct night *n, struct visit *v, struct candidates *c,
                      struct grf_err *err)
{
    struct reading r = {.n = n, .v = v, .out = c};
    struct grf_str url;
    char *whole = NULL;
    grf_str_init(&url, HTTP_URL_MOST);
    v->whole = true;
    grf_status st = night_http(n, err);
    if (!st)
        st = first_url(v->src, &url, err);
    if (!st)
        st = http_url_resolve(NULL, url.p, &whole, err);
    if (!st)
        st = add_page(&r, whole, false, err);
    while (!st && r.done < r.n_pages && !*n->cli->cancel)
        st = read_page(&r, r.done++, err);
    if (!st && *n->cli->cancel)
        st = grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
    drop_doubles(c);
    for (size_t i = 0; i < r.n_pages; i++)
        grf_free(r.pages[i].url);
    grf_free(r.pages);
    grf_free(whole);
    grf_str_release(&url);
    return st;
}

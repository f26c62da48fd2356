/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's list, what of it the base has not, and bringing that in. */
#include "law_update.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "http.h"
#include "listing.h"

enum { LISTING_MOST = 16 << 20, STAMP = 15 };

struct update {
    struct law_update *u;
    struct http *http;
    struct law_import import;
    char *dir;   /* BASE/downloads */
    char *codes; /* as --codes takes them; NULL: those of communes */
    bool all;
    char *selection; /* as imports are recorded */
    struct law_update_archive *v;
    size_t n, cap;
    int lock;
    struct grf_progress progress;
    const char *now; /* name of what is being fetched */
};

const char *law_update_address(const struct grf_conf *conf)
{
    if (conf->law_address)
        return conf->law_address;
    for (size_t i = 0; i < conf->n_sources; i++)
        if (conf->sources[i].kind == GRF_SOURCE_LEGI && conf->sources[i].url)
            return conf->sources[i].url;
    return NULL;
}

/* ---- names of archives */

static bool is_stamp(const char *p)
{
    for (int i = 0; i < STAMP; i++)
        if (i == 8 ? p[i] != '-' : p[i] < '0' || p[i] > '9')
            return false;
    return true;
}

static bool ends_with(const char *p, size_t n, const char *end)
{
    size_t m = strlen(end);
    return n >= m && strncasecmp(p + n - m, end, m) == 0;
}

/* "Freemium_legi_global_20250713-140000.tar.gz", "LEGI_20260609-212725.tar.gz", in
   whatever case; only bytes that are harmless in a file's name. */
static bool read_name(const char *name, struct law_update_archive *out)
{
    static const char end[] = ".tar.gz";
    size_t n = strlen(name);
    if (n >= sizeof(out->name) || n < STAMP + sizeof(end) || name[0] == '.' ||
        !ends_with(name, n, end))
        return false;
    for (const char *p = name; *p; p++)
        if (!strchr("-_.", *p) && !(*p >= '0' && *p <= '9') &&
            !((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'))
            return false;
    size_t before = n - (sizeof(end) - 1) - STAMP;
    if (!is_stamp(name + before))
        return false;
    out->stock = ends_with(name, before, "legi_global_");
    size_t word = out->stock ? 12 : 5;
    if (!out->stock && !ends_with(name, before, "legi_"))
        return false;
    if (before > word && name[before - word - 1] != '_')
        return false; // "dolegi_" is another base's
    memcpy(out->name, name, n + 1);
    memcpy(out->stamp, name + before, STAMP);
    out->stamp[STAMP] = '\0';
    return true;
}

/* ---- the list */

static grf_status add_archive(struct update *w, const char *page, const char *href,
                              const struct http_request *r, struct grf_err *err)
{
    struct law_update_archive a = {.url = NULL};
    struct grf_err ignored = GRF_ERR_INIT;
    const char *slash = strrchr(href, '/');
    if (!read_name(slash ? slash + 1 : href, &a))
        return GRF_OK;
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->v[i].name, a.name) == 0)
            return GRF_OK;
    grf_status st = http_url_resolve(page, href, &a.url, &ignored);
    if (st)
        return st == GRF_NOMEM ? grf_fail_nomem(err) : GRF_OK;
    if (!http_in_scope(r, a.url) || grf_grow(&w->v, w->n, &w->cap, sizeof(*w->v))) {
        bool out = !http_in_scope(r, a.url);
        grf_free(a.url);
        return out ? GRF_OK : grf_fail_nomem(err);
    }
    w->v[w->n++] = a;
    return GRF_OK;
}

/* Stocks before increments of the same stamp, else by stamp. */
static int by_stamp(const void *pa, const void *pb)
{
    const struct law_update_archive *a = pa, *b = pb;
    int c = strcmp(a->stamp, b->stamp);
    return c ? c : (int)b->stock - (int)a->stock;
}

static struct http_request request(const struct update *w, const char *url)
{
    struct http_request r = HTTP_REQUEST_INIT;
    r.url = url;
    r.private_ok = http_names_private(law_update_address(w->u->conf));
    r.total_ms = 0;
    r.low_bytes = 500;
    r.retries = 5;
    return r;
}

static grf_status read_listing(struct update *w, const struct http_request *r,
                               const char *page, struct grf_sv text, struct grf_err *err)
{
    struct listing l;
    char *base = NULL;
    listing_init(&l);
    grf_status st = listing_page(text, NULL, &l, err);
    if (!st && l.base)
        st = http_url_resolve(page, l.base, &base, err);
    for (size_t i = 0; i < l.n && !st; i++)
        if (l.v[i].href)
            st = add_archive(w, base ? base : page, l.v[i].href, r, err);
    listing_release(&l);
    grf_free(base);
    if (!st && w->n)
        qsort(w->v, w->n, sizeof(*w->v), by_stamp);
    return st;
}

static grf_status fetch_listing(struct update *w, struct grf_err *err)
{
    const char *url = law_update_address(w->u->conf);
    struct http_request r = request(w, url);
    struct http_response a;
    struct grf_str text;
    grf_str_init(&text, LISTING_MOST);
    r.body = &text;
    r.max_bytes = LISTING_MOST;
    grf_status st = http_fetch(w->http, &r, &a, err);
    if (!st)
        st = read_listing(w, &r, a.url, grf_str_sv(&text), err);
    if (!st && w->n == 0)
        st = grf_fail(err, GRF_PARSE,
                      _("%s: no archive of LEGI is listed there "
                        "(LEGI_20260609-212725.tar.gz); is the address right?"),
                      url);
    w->u->listed = w->n;
    http_response_release(&a);
    grf_str_release(&text);
    return st;
}

/* ---- what is needed */

/* What the base has: whether a stock of this selection, and up to which stamp. */
static grf_status look_at_base(struct update *w, bool *stock, struct grf_err *err)
{
    struct grf_law *law = NULL;
    struct grf_err why = GRF_ERR_INIT;
    char *kept = NULL;
    *stock = false;
    grf_status st = grf_law_open(w->u->base, &law, &why);
    if (st == GRF_NOTFOUND)
        return law_selection(&w->import, &w->selection, err);
    if (st)
        return grf_fail(err, st, "%s", why.msg);
    // what is in the base is kept up to date when nothing else is asked for
    if (!w->import.codes && !w->import.all)
        st = grf_law_selection(law, &kept, err);
    if (!st && kept)
        w->selection = kept;
    else if (!st)
        st = law_selection(&w->import, &w->selection, err);
    if (!st)
        st = grf_law_has_stock(law, w->selection, stock, err);
    if (!st)
        st = grf_law_last_stamp(law, w->selection, w->u->last, err);
    grf_law_close(law);
    return st;
}

/* Leaves in the list what is needed: the newest stock when there is none, or when it is
   newer than all that is there, then what came after. */
static void choose(struct update *w, bool have_stock)
{
    const char *last = w->u->last;
    size_t first = w->n, kept = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].stock && (!have_stock || strcmp(w->v[i].stamp, last) > 0))
            first = i;
    for (size_t i = 0; i < w->n; i++) {
        bool after = first < w->n ? i >= first : strcmp(w->v[i].stamp, last) > 0;
        if (after && (have_stock || first < w->n) && (!w->v[i].stock || i == first))
            w->v[kept++] = w->v[i];
        else
            grf_free(w->v[i].url);
    }
    w->n = w->u->needed = kept;
}

static grf_status plan(struct update *w, struct grf_err *err)
{
    bool stock = false;
    grf_status st = look_at_base(w, &stock, err);
    if (!st)
        st = fetch_listing(w, err);
    if (st)
        return st;
    choose(w, stock);
    if (!stock && w->n == 0)
        return grf_fail(err, GRF_NOTFOUND,
                        _("%s: no stock of LEGI is listed there "
                          "(Freemium_legi_global_20250713-140000.tar.gz)"),
                        law_update_address(w->u->conf));
    return GRF_OK;
}

/* ---- one archive */

static void on_progress(void *data, int64_t done, int64_t total)
{
    struct update *w = data;
    w->progress.total = total > 0 ? (uint64_t)total : 0;
    grf_progress_update(&w->progress, (uint64_t)done, w->now);
}

/* What is no gzip is a page that says something else, whatever its address. */
static grf_status check_gzip(const char *file, const char *url, struct grf_err *err)
{
    unsigned char head[2] = {0, 0};
    size_t got = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    grf_status st = fd < 0 ? grf_fail_errno(err, _("open '%s'"), file)
                           : grf_file_read_all(fd, head, 2, &got, err);
    if (fd >= 0)
        close(fd);
    if (!st && (got < 2 || head[0] != 0x1F || head[1] != 0x8B)) {
        unlink(file);
        st = grf_fail(err, GRF_CORRUPT, _("%s: is no archive; it was not kept"), url);
    }
    return st;
}

static grf_status fetch_archive(struct update *w, struct law_update_archive *a,
                                const char *file, struct grf_err *err)
{
    struct http_request r = request(w, a->url);
    struct http_response got;
    struct stat sb;
    if (stat(file, &sb) == 0) { // fetched by a run that did not live to import it
        a->bytes = a->resumed_at = sb.st_size;
        return GRF_OK;
    }
    r.file = file;
    r.resume = true;
    r.max_bytes = w->u->conf->law_archive_mb << 20;
    r.progress = on_progress;
    r.data = w;
    w->now = a->name;
    grf_progress_start(&w->progress, _("fetching"), 0, w->u->quiet);
    grf_status st = http_fetch(w->http, &r, &got, err);
    grf_progress_end(&w->progress);
    a->bytes = got.bytes;
    a->resumed_at = got.resumed_at;
    w->u->fetched += got.fetched;
    http_response_release(&got);
    return st ? st : check_gzip(file, a->url, err);
}

static grf_status import_archive(struct update *w, const struct law_update_archive *a,
                                 char *file, struct grf_err *err)
{
    struct law_archive from = {.path = file, .stock = a->stock};
    memcpy(from.stamp, a->stamp, sizeof(from.stamp));
    grf_status st = grf_law_open_writer(w->u->base, &w->import.law, err);
    if (!st)
        st = law_import_legi(&w->import, &from, err);
    grf_law_close(w->import.law);
    w->import.law = NULL;
    if (st == GRF_CORRUPT || st == GRF_PARSE) {
        unlink(file); // or every run would stumble over it
        grf_err_wrap(err, "%s", _("deleted, the next run fetches it again"));
    }
    return st;
}

static grf_status take_archive(struct update *w, struct law_update_archive *a,
                               struct grf_err *err)
{
    char *file = grf_path_join(w->dir, a->name);
    if (!file)
        return grf_fail_nomem(err);
    grf_status st = fetch_archive(w, a, file, err);
    if (!st)
        st = import_archive(w, a, file, err);
    if (!st) {
        unlink(file);
        a->imported = true;
        memcpy(w->u->last, a->stamp, sizeof(w->u->last));
        w->u->imported++;
        w->u->archive(w->u->data, a);
    }
    grf_free(file);
    return st;
}

/* What an earlier run left and no run needs any more. */
static void sweep(const struct update *w)
{
    DIR *d = opendir(w->dir);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        struct law_update_archive a;
        char *name = grf_strdup(e->d_name);
        char *end = name ? strstr(name, ".part") : NULL;
        if (end)
            *end = '\0';
        if (name && read_name(name, &a))
            unlinkat(dirfd(d), e->d_name, 0);
        grf_free(name);
    }
    if (d)
        closedir(d);
}

/* ---- all of it */

static grf_status join_codes(struct update *w, struct grf_err *err)
{
    const struct grf_conf_list *l = &w->u->conf->law_codes;
    struct grf_str s;
    grf_status st = GRF_OK;
    grf_str_init(&s, 1 << 16);
    for (size_t i = 0; i < l->n; i++) {
        if (strcasecmp(l->v[i], "all") == 0)
            w->all = true;
        if (i)
            grf_str_addc(&s, ',');
        grf_str_addz(&s, l->v[i]);
    }
    if (l->n && !w->all && !(w->codes = grf_str_take(&s, err)))
        st = s.bad ? s.bad : GRF_NOMEM;
    grf_str_release(&s);
    w->import.codes = w->u->codes ? w->u->codes : w->codes;
    w->import.all = w->u->all || (w->all && !w->u->codes);
    return st;
}

static grf_status check_address(const struct law_update *u, struct grf_err *err)
{
    if (!law_update_address(u->conf))
        return grf_fail(err, GRF_INVALID,
                        _("law update: the settings give no address; write into "
                          "%s/greffier.conf the two lines \"[law]\" and \"address = "
                          "https://echanges.dila.gouv.fr/OPENDATA/LEGI/\""),
                        u->base);
    return GRF_OK;
}

static grf_status prepare(struct update *w, struct grf_err *err)
{
    const struct grf_conf *conf = w->u->conf;
    struct http_options o = HTTP_OPTIONS_INIT;
    o.contact = conf->contact;
    o.ca_file = conf->ca_file;
    o.delay_ms = conf->delay_seconds * 1000;
    o.cancel = w->u->cancel;
    grf_status st = http_open(&o, &w->http, err);
    if (!st)
        st = join_codes(w, err);
    if (!st)
        st = plan(w, err);
    return st;
}

/* Only one at a time fetches into the folder. */
static grf_status take_folder(struct update *w, struct grf_err *err)
{
    w->dir = grf_path_join(w->u->base, "downloads");
    char *lock = w->dir ? grf_path_join(w->dir, "lock") : NULL;
    grf_status st = lock ? grf_file_mkdirs(w->dir, err) : grf_fail_nomem(err);
    if (!st)
        st = grf_lock_take(lock, &w->lock, err);
    grf_free(lock);
    return st;
}

static grf_status take_all(struct update *w, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < w->n && !st; i++) {
        if (w->u->dry_run)
            w->u->archive(w->u->data, &w->v[i]);
        else
            st = take_archive(w, &w->v[i], err);
    }
    if (!st && !w->u->dry_run)
        sweep(w);
    return st;
}

grf_status law_update(struct law_update *u, struct grf_err *err)
{
    struct update w = {.u = u, .lock = -1};
    w.import = (struct law_import){.quiet = u->quiet,
                                   .cancel = u->cancel,
                                   .unreadable = u->unreadable,
                                   .data = u->data};
    grf_status st = check_address(u, err);
    if (!st && !u->dry_run)
        st = take_folder(&w, err);
    if (!st)
        st = prepare(&w, err);
    if (!st)
        st = take_all(&w, err);
    u->counts = w.import.counts;
    if (w.lock >= 0)
        grf_lock_release(w.lock);
    http_close(w.http);
    for (size_t i = 0; i < w.n; i++)
        grf_free(w.v[i].url);
    grf_free(w.v);
    grf_free(w.dir);
    grf_free(w.codes);
    grf_free(w.selection);
    return st;
}

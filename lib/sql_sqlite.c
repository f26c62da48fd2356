/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that touches SQLite, but for sql_checksum.c. */
#include "sql.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "grf_container.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_str.h"
#include "grf_text.h"
#include "sql_checksum.h"

enum { CACHED = 192, BUSY_MS = 10000 };

struct sql_stmt {
    sqlite3_stmt *h;
    const char *sql; /* the literal it was made from */
    bool used;
};

struct sql_db {
    sqlite3 *h;
    char *path;
    struct sql_stmt cache[CACHED];
    size_t n;
};

static grf_status status_of(int rc, int sys_errno)
{
    if (rc == SQLITE_IOERR_DATA)
        return GRF_CORRUPT;
    switch (rc & 0xFF) {
    case SQLITE_NOMEM:
        return GRF_NOMEM;
    case SQLITE_FULL:
        return GRF_NOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return GRF_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return GRF_CORRUPT;
    case SQLITE_CANTOPEN:
        return sys_errno == ENOENT ? GRF_NOTFOUND : GRF_IO;
    case SQLITE_IOERR:
        return sys_errno == ENOSPC ? GRF_NOSPC : GRF_IO;
    default:
        return GRF_IO;
    }
}

/* What SQLite says most often, so that it is in the catalogue: fail looks it up there. */
static const char *const sqlite_texts[] __attribute__((unused)) = {
    N_("database disk image is malformed"), N_("file is not a database"),
    N_("unable to open database file"),
    N_("disk I/O error"),                   N_("database is locked"),
};

static bool is_law(const char *path)
{
    static const char name[] = "law.db";
    size_t n = strlen(path), k = sizeof(name) - 1;
    return n >= k && strcmp(path + n - k, name) == 0;
}

grf_status sql_fail_damaged(struct sql_db *db, struct grf_sv detail, struct grf_err *err)
{
    if (is_law(db->path))
        return grf_fail(err, GRF_CORRUPT,
                        _("%s: damaged (%.*s); put back a backup of it, or delete it and "
                          "import the law again"),
                        db->path, (int)detail.n, detail.p);
    return grf_fail(err, GRF_CORRUPT,
                    _("%s: damaged (%.*s); put back a backup of the base; without one, "
                      "index the documents into a new base (the folder ocr and law.db of "
                      "this one can be copied there) and repeat the removals"),
                    db->path, (int)detail.n, detail.p);
}

static grf_status fail(struct sql_db *db, struct grf_err *err)
{
    int rc = sqlite3_extended_errcode(db->h);
    const char *said = rc == SQLITE_IOERR_DATA ? _("a page is not as it was written")
                                               : _(sqlite3_errmsg(db->h));
    if (rc == SQLITE_FULL)
        said = _("no room left on the disk, or the quota is used up");
    if (status_of(rc, 0) == GRF_CORRUPT)
        return sql_fail_damaged(db, grf_sv_z(said), err);
    if ((rc & 0xFF) == SQLITE_READONLY)
        return grf_fail(err, GRF_IO,
                        _("%s: may not be written to by this user; run the command as "
                          "the owner of the base"),
                        db->path);
    return grf_fail(err, status_of(rc, sqlite3_system_errno(db->h)), _("%s: %s"), db->path,
                    said);
}

/* ---- functions for queries */

static struct grf_sv argument(sqlite3_value *v)
{
    const char *p = (const char *)sqlite3_value_text(v);
    return grf_sv(p ? p : "", p ? (size_t)sqlite3_value_bytes(v) : 0);
}

/* text_key(name): the same for every way to write it. */
static void text_key(sqlite3_context *to, int n, sqlite3_value **v)
{
    struct grf_str key;
    (void)n;
    grf_str_init(&key, 1 << 20);
    grf_text_key(&key, argument(v[0]));
    if (key.bad)
        sqlite3_result_error_nomem(to);
    else
        sqlite3_result_text64(to, key.n ? key.p : "", key.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    grf_str_release(&key);
}

/* text_care(name): how well it is written, to choose among several ways: "Putanges-le-Lac"
   before "PUTANGES-LE-LAC" before "putanges-le-lac", with accents before without. */
static void text_care(sqlite3_context *to, int n, sqlite3_value **v)
{
    struct grf_sv t = argument(v[0]);
    bool upper = false, lower = false, accents = false;
    (void)n;
    for (size_t i = 0; i < t.n; i++) {
        upper = upper || (t.p[i] >= 'A' && t.p[i] <= 'Z');
        lower = lower || (t.p[i] >= 'a' && t.p[i] <= 'z');
        accents = accents || (t.p[i] & 0x80);
    }
    sqlite3_result_int(to, (upper && lower ? 4 : upper ? 2 : 0) + accents);
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum { HEX_MOST = 64 };

/* Bytes in out; 0 when these are no pairs of digits, or too many. */
static size_t bytes_of_hex(struct grf_sv hex, unsigned char out[HEX_MOST / 2])
{
    if (hex.n % 2 || hex.n > HEX_MOST)
        return 0;
    for (size_t i = 0; i < hex.n; i += 2) {
        int high = digit_of(hex.p[i]), low = digit_of(hex.p[i + 1]);
        if (high < 0 || low < 0)
            return 0;
        out[i / 2] = (unsigned char)(high << 4 | low);
    }
    return hex.n / 2;
}

static void from_hex(sqlite3_context *to, int n, sqlite3_value **v)
{
    unsigned char bytes[HEX_MOST / 2];
    size_t got = bytes_of_hex(argument(v[0]), bytes);
    (void)n;
    if (got)
        sqlite3_result_blob(to, bytes, (int)got, SQLITE_TRANSIENT);
}

static void text_hash(sqlite3_context *to, int n, sqlite3_value **v)
{
    struct grf_sv t = argument(v[0]);
    (void)n;
    sqlite3_result_int64(to, (sqlite3_int64)(grf_container_sum64(t.p, t.n) & 0x7FFFFFFF));
}

/* Decimals become whole numbers, which SQLite keeps in one to three bytes, not in eight. */
enum { SMALL_REAL = 10000 };

static void small_real(sqlite3_context *to, int n, sqlite3_value **v)
{
    double given = sqlite3_value_double(v[0]), r = given * SMALL_REAL;
    (void)n;
    if ((float)(nearbyint(r) / SMALL_REAL) == (float)given)
        r = nearbyint(r);
    sqlite3_result_double(to, r);
}

static void add_functions(sqlite3 *h)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    sqlite3_create_function_v2(h, "text_key", 1, flags, NULL, text_key, NULL, NULL, NULL);
    sqlite3_create_function_v2(h, "text_care", 1, flags, NULL, text_care, NULL, NULL, NULL);
    sqlite3_create_function_v2(h, "text_hash", 1, flags, NULL, text_hash, NULL, NULL, NULL);
    sqlite3_create_function_v2(h, "from_hex", 1, flags, NULL, from_hex, NULL, NULL, NULL);
    sqlite3_create_function_v2(h, "small_real", 1, flags, NULL, small_real, NULL, NULL, NULL);
}

static bool is_new(const char *path)
{
    struct stat sb;
    return stat(path, &sb) != 0 || sb.st_size == 0;
}

static grf_status set_up(struct sql_db *db, bool writable, struct grf_err *err)
{
    int keep = 1, sums = SQL_CHECKSUM_BYTES;
    sqlite3_extended_result_codes(db->h, 1);
    add_functions(db->h);
    sqlite3_busy_timeout(db->h, BUSY_MS);
    /* the -wal and -shm files stay: a reader without write permission needs them */
    sqlite3_file_control(db->h, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
    if (!writable)
        return sql_script(db, "PRAGMA query_only=1", err);
    sqlite3_file_control(db->h, NULL, SQLITE_FCNTL_RESERVE_BYTES, &sums);
    /* what acts' pages leave unused is less in larger ones; a file that is there keeps its
       own: a copy between two sizes would write parts of pages, and sums into them */
    grf_status st = is_new(db->path) ? sql_script(db, "PRAGMA page_size=16384;", err) : GRF_OK;
    if (st)
        return st;
    return sql_script(db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "PRAGMA foreign_keys=1; PRAGMA secure_delete=1;"
                      "PRAGMA temp_store=2; PRAGMA cache_size=-16384;",
                      err);
}

static grf_status connect_to(struct sql_db *db, const char *name, int flags,
                             struct grf_err *err)
{
    const char *vfs = sql_checksum_vfs();
    if (!vfs)
        return grf_fail_nomem(err);
    if (sqlite3_open_v2(name, &db->h, flags | SQLITE_OPEN_NOMUTEX, vfs) == SQLITE_OK)
        return GRF_OK;
    return db->h ? fail(db, err) : grf_fail_nomem(err);
}

/* What was committed last stands there until it is taken over into the file. */
static bool log_is_empty(const char *path)
{
    struct stat sb;
    struct grf_str s;
    grf_str_init(&s, 1 << 16);
    grf_str_addz(&s, path);
    grf_str_addz(&s, "-wal");
    bool empty = !s.bad && (stat(s.p, &sb) != 0 || sb.st_size == 0);
    grf_str_release(&s);
    return empty;
}

/* The file alone, as something that nobody changes: needs no permission to write, and
   makes no -wal and no -shm. */
static grf_status connect_immutable(struct sql_db *db, const char *path,
                                    struct grf_err *err)
{
    struct grf_str uri;
    grf_str_init(&uri, 1 << 18);
    grf_str_addz(&uri, "file:");
    while (path[0] == '/' && path[1] == '/')
        path++; /* two would begin a host name */
    for (const char *c = path; *c; c++) {
        if (*c == '%' || *c == '?' || *c == '#')
            grf_str_addf(&uri, "%%%02x", (unsigned)*c);
        else
            grf_str_addc(&uri, *c);
    }
    grf_str_addz(&uri, "?immutable=1");
    grf_status st = grf_str_status(&uri, err);
    sqlite3_close_v2(db->h);
    db->h = NULL;
    if (!st)
        st = connect_to(db, uri.p, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
    grf_str_release(&uri);
    return st ? st : set_up(db, false, err);
}

/* SQLite's readers too want to write beside the file (-wal, -shm). Where they may not and
   these are not there, as in a backup put back, the file alone is read. */
static grf_status make_readable(struct sql_db *db, struct grf_err *err)
{
    int rc = sqlite3_exec(db->h, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL) & 0xFF;
    if (rc != SQLITE_READONLY && rc != SQLITE_CANTOPEN && rc != SQLITE_PROTOCOL)
        return GRF_OK; /* whatever else is wrong, the first query says */
    if (log_is_empty(db->path))
        return connect_immutable(db, db->path, err);
    return grf_fail(err, GRF_IO,
                    _("%s: its last changes stand in %s-wal, and only who may write to "
                      "both can take them over; run greffier-index init as the owner of "
                      "the base, then read again"),
                    db->path, db->path);
}

grf_status sql_open(const char *path, bool writable, struct sql_db **out,
                    struct grf_err *err)
{
    *out = NULL;
    struct sql_db *db = grf_calloc(1, sizeof(*db));
    if (!db)
        return grf_fail_nomem(err);
    db->path = grf_strdup(path);
    /* A reader may have to finish what a killed writer left (query_only keeps it from
       anything else); where it has no permission SQLite opens read-only by itself. */
    int flags = SQLITE_OPEN_READWRITE | (writable ? SQLITE_OPEN_CREATE : 0);
    grf_status st = db->path ? connect_to(db, path, flags, err) : grf_fail_nomem(err);
    if (!st)
        st = set_up(db, writable, err);
    if (!st && !writable)
        st = make_readable(db, err);
    if (st) {
        sql_close(db);
        return st;
    }
    *out = db;
    return GRF_OK;
}

void sql_close(struct sql_db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->n; i++)
        sqlite3_finalize(db->cache[i].h);
    sqlite3_close_v2(db->h);
    grf_free(db->path);
    grf_free(db);
}

grf_status sql_script(struct sql_db *db, const char *script, struct grf_err *err)
{
    return sqlite3_exec(db->h, script, NULL, NULL, NULL) == SQLITE_OK ? GRF_OK
                                                                      : fail(db, err);
}

/* The copy stands in a file meanwhile, not in memory. */
grf_status sql_vacuum(struct sql_db *db, struct grf_err *err)
{
    grf_status st = sql_script(db, "PRAGMA temp_store=1; VACUUM;", err);
    grf_status back = sql_script(db, "PRAGMA temp_store=2;", st ? NULL : err);
    return st ? st : back;
}

static void bind_one(sqlite3_stmt *h, int at, char type, va_list *ap)
{
    switch (type) {
    case 'i':
        sqlite3_bind_int64(h, at, va_arg(*ap, int64_t));
        break;
    case 'r':
        sqlite3_bind_double(h, at, va_arg(*ap, double));
        break;
    case 't':
        sqlite3_bind_text(h, at, va_arg(*ap, const char *), -1, SQLITE_TRANSIENT);
        break;
    case 'h': {
        const char *hex = va_arg(*ap, const char *);
        unsigned char bytes[HEX_MOST / 2];
        size_t n = bytes_of_hex(grf_sv_z(hex), bytes);
        if (n)
            sqlite3_bind_blob(h, at, bytes, (int)n, SQLITE_TRANSIENT);
        else
            sqlite3_bind_null(h, at);
        break;
    }
    case 'v': {
        struct grf_sv v = va_arg(*ap, struct grf_sv);
        sqlite3_bind_text64(h, at, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
        break;
    }
    default: {
        struct grf_sv v = va_arg(*ap, struct grf_sv);
        sqlite3_bind_blob64(h, at, v.p ? v.p : "", v.n, SQLITE_STATIC);
    }
    }
}

/* The cached statement for sql, or a new one; NULL with err set on failure. */
static struct sql_stmt *statement(struct sql_db *db, const char *sql, struct grf_err *err)
{
    for (size_t i = 0; i < db->n; i++) {
        if (db->cache[i].sql == sql && !db->cache[i].used)
            return &db->cache[i];
    }
    GRF_ASSERT(db->n < CACHED);
    struct sql_stmt *s = &db->cache[db->n];
    if (sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->h, NULL) !=
        SQLITE_OK) {
        fail(db, err);
        return NULL;
    }
    s->sql = sql;
    db->n++;
    return s;
}

static grf_status query_va(struct sql_db *db, struct sql_stmt **out, struct grf_err *err,
                           const char *sql, const char *types, va_list *ap)
{
    struct grf_err local = GRF_ERR_INIT;
    struct sql_stmt *s = statement(db, sql, &local);
    *out = s;
    if (!s) {
        if (err)
            *err = local;
        return local.code;
    }
    s->used = true;
    for (int i = 0; types[i]; i++)
        bind_one(s->h, i + 1, types[i], ap);
    return GRF_OK;
}

grf_status sql_query(struct sql_db *db, struct sql_stmt **out, struct grf_err *err,
                     const char *sql, const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    grf_status st = query_va(db, out, err, sql, types, &ap);
    va_end(ap);
    return st;
}

grf_status sql_step(struct sql_db *db, struct sql_stmt *s, bool *row, struct grf_err *err)
{
    int rc = sqlite3_step(s->h);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? GRF_OK : fail(db, err);
}

void sql_done(struct sql_db *db, struct sql_stmt *s)
{
    (void)db;
    if (!s)
        return;
    sqlite3_reset(s->h);
    sqlite3_clear_bindings(s->h);
    s->used = false;
}

int64_t sql_int(struct sql_stmt *s, int col)
{
    return sqlite3_column_int64(s->h, col);
}

double sql_real(struct sql_stmt *s, int col)
{
    return sqlite3_column_double(s->h, col);
}

bool sql_is_null(struct sql_stmt *s, int col)
{
    return sqlite3_column_type(s->h, col) == SQLITE_NULL;
}

struct grf_sv sql_text(struct sql_stmt *s, int col)
{
    const char *p = (const char *)sqlite3_column_text(s->h, col);
    return grf_sv(p ? p : "", p ? (size_t)sqlite3_column_bytes(s->h, col) : 0);
}

struct grf_sv sql_blob(struct sql_stmt *s, int col)
{
    const char *p = sqlite3_column_blob(s->h, col);
    return grf_sv(p ? p : "", p ? (size_t)sqlite3_column_bytes(s->h, col) : 0);
}

void sql_hex(struct sql_stmt *s, int col, size_t n, char *out)
{
    struct grf_sv v = sql_blob(s, col);
    size_t i = 0;
    for (; i < n && i < 2 * v.n; i++) {
        unsigned char byte = (unsigned char)v.p[i / 2];
        out[i] = "0123456789abcdef"[i % 2 ? byte & 15 : byte >> 4];
    }
    out[i] = 0;
}

float sql_small_real(struct sql_stmt *s, int col)
{
    return (float)(sqlite3_column_double(s->h, col) / SMALL_REAL);
}

grf_status sql_copy(struct sql_stmt *s, int col, char **out, struct grf_err *err)
{
    *out = NULL;
    if (sql_is_null(s, col))
        return GRF_OK;
    struct grf_sv v = sql_text(s, col);
    *out = grf_strndup(v.p, v.n);
    return *out ? GRF_OK : grf_fail_nomem(err);
}

/* The first row of a statement; its first column into *out where there is one. */
static grf_status first_row(struct sql_db *db, int64_t *out, struct grf_err *err,
                            const char *sql, const char *types, va_list *ap)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = query_va(db, &s, err, sql, types, ap);
    if (!st)
        st = sql_step(db, s, &row, err);
    if (out && row && !sql_is_null(s, 0))
        *out = sql_int(s, 0);
    sql_done(db, s);
    return st;
}

grf_status sql_run(struct sql_db *db, struct grf_err *err, const char *sql,
                   const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    grf_status st = first_row(db, NULL, err, sql, types, &ap);
    va_end(ap);
    return st;
}

grf_status sql_one_int(struct sql_db *db, int64_t *out, int64_t otherwise,
                       struct grf_err *err, const char *sql, const char *types, ...)
{
    va_list ap;
    *out = otherwise;
    va_start(ap, types);
    grf_status st = first_row(db, out, err, sql, types, &ap);
    va_end(ap);
    return st;
}

grf_status sql_each_int(struct sql_db *db, sql_int_fn f, void *data, struct grf_err *err,
                        const char *sql, const char *types, ...)
{
    va_list ap;
    struct sql_stmt *s;
    bool row = true;
    va_start(ap, types);
    grf_status st = query_va(db, &s, err, sql, types, &ap);
    va_end(ap);
    while (!st && row) {
        st = sql_step(db, s, &row, err);
        if (!st && row)
            st = f(data, sql_int(s, 0), err);
    }
    sql_done(db, s);
    return st;
}

grf_status sql_data_version(struct sql_db *db, int64_t *out, struct grf_err *err)
{
    return sql_one_int(db, out, 0, err, "PRAGMA data_version", "");
}

int64_t sql_last_id(struct sql_db *db)
{
    return sqlite3_last_insert_rowid(db->h);
}

int64_t sql_changes(struct sql_db *db)
{
    return sqlite3_changes64(db->h);
}

bool sql_in_transaction(struct sql_db *db)
{
    return !sqlite3_get_autocommit(db->h);
}

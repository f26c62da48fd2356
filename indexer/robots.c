/* SPDX-License-Identifier: GPL-3.0-or-later */
/* robots.txt: lines to groups, groups to rules, and a path against the rules. */
#include "robots.h"

#include <strings.h>

#include "grf_mem.h"
#include "grf_str.h"

enum {
    RULES_MOST = 10000,
    PATTERN_MOST = 2048,
    SITEMAPS_MOST = 100,
    DELAY_MOST_S = 3600
};

struct rule {
    char *pattern; /* escapes brought into one form, no '*' twice in a row */
    bool allow;
};

struct rules {
    struct rule *v;
    size_t n, cap;
    bool named; /* there is a group for these */
    int delay_ms;
};

struct robots {
    struct rules ours, all; /* of the groups that name us; of those for "*" */
    char **sitemaps;
    size_t n_sitemaps, cap_sitemaps;
};

/* While reading. */
struct reading {
    struct robots *robots;
    const char *agent;
    bool in_names;          /* the last line was a User-agent: names go on */
    bool for_ours, for_all; /* the group at hand */
};

/* ---- one form for escapes */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool unreserved(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c) != NULL);
}

static size_t add_as_escape(struct grf_str *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
    grf_str_add(out, escape, 3);
    return 1;
}

/* Appends the character at p in one form and returns how many bytes it took: escapes of
   plain letters are undone, other escapes get capitals, bytes that must be escaped are.
   In patterns "*" and "$" stand for themselves; "%2A" and "%24" are the characters. */
static size_t add_one(struct grf_str *out, const char *p, size_t n)
{
    unsigned char c = (unsigned char)*p;
    size_t took = 1;
    if (c == '%' && n >= 3 && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
        c = (unsigned char)(hex(p[1]) * 16 + hex(p[2]));
        took = 3;
        if (unreserved(c)) {
            grf_str_addc(out, (char)c);
            return took;
        }
    } else if (c > ' ' && c < 0x7F) {
        grf_str_addc(out, (char)c);
        return took;
    }
    add_as_escape(out, c);
    return took;
}

static void add_normal(struct grf_str *out, struct grf_sv text)
{
    for (size_t i = 0; i < text.n;) {
        // "**" is "*", and keeping one bounds the work of matching
        if (text.p[i] == '*' && out->n && out->p[out->n - 1] == '*')
            i++;
        else if (text.p[i] == '$' && i + 1 < text.n)
            i += add_as_escape(out, '$');
        else
            i += add_one(out, text.p + i, text.n - i);
    }
}

/* ---- matching */

/* '*' stands for any bytes; a '$' at the end for the end, else the pattern is a prefix.
   Only the last star is ever gone back to, so the work is bounded by length * length. */
static bool matches(const char *pattern, const char *path)
{
    const char *star = NULL, *again = NULL;
    for (;;) {
        if (*pattern == '*') {
            star = ++pattern;
            again = path;
        } else if (!*pattern) {
            return true;
        } else if (*pattern == '$' && !pattern[1] && !*path) {
            return true;
        } else if (*path && *pattern == *path && !(*pattern == '$' && !pattern[1])) {
            pattern++;
            path++;
        } else if (star && *again) {
            pattern = star;
            path = ++again;
        } else {
            return false;
        }
    }
}

/* The longest pattern counts; of two equally long ones, Allow. */
static bool rules_allow(const struct rules *r, const char *path)
{
    size_t longest = 0;
    bool allow = true;
    for (size_t i = 0; i < r->n; i++) {
        size_t n = strlen(r->v[i].pattern);
        if (n < longest || !matches(r->v[i].pattern, path))
            continue;
        allow = n > longest ? r->v[i].allow : allow || r->v[i].allow;
        longest = n;
    }
    return allow;
}

static const struct rules *rules_of(const struct robots *r)
{
    return r->ours.named ? &r->ours : &r->all;
}

bool robots_allow(const struct robots *r, const char *path)
{
    struct grf_str normal;
    if (!r || strcmp(path, "/robots.txt") == 0)
        return true;
    grf_str_init(&normal, (size_t)1 << 16);
    for (size_t i = 0, n = strlen(path); i < n;) {
        // in a path these two are characters like others
        if (path[i] == '*' || path[i] == '$')
            i += add_as_escape(&normal, path[i]);
        else
            i += add_one(&normal, path + i, n - i);
    }
    bool allow = !normal.bad && rules_allow(rules_of(r), normal.p);
    grf_str_release(&normal);
    return allow;
}

int robots_delay_ms(const struct robots *r)
{
    return r ? rules_of(r)->delay_ms : 0;
}

const char *robots_sitemap(const struct robots *r, size_t n)
{
    return r && n < r->n_sitemaps ? r->sitemaps[n] : NULL;
}

/* ---- reading */

static struct grf_sv trimmed(struct grf_sv v)
{
    while (v.n && strchr(" \t\r", *v.p) && *v.p) {
        v.p++;
        v.n--;
    }
    while (v.n && strchr(" \t\r", v.p[v.n - 1]) && v.p[v.n - 1])
        v.n--;
    return v;
}

static bool is(struct grf_sv v, const char *z)
{
    return v.n == strlen(z) && strncasecmp(v.p, z, v.n) == 0;
}

static bool in_name(char c)
{
    return c == '-' || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Only the product counts: "greffier/1.0" names greffier. */
static void on_agent(struct reading *r, struct grf_sv value)
{
    size_t n = 0;
    if (!r->in_names)
        r->for_ours = r->for_all = false;
    r->in_names = true;
    while (n < value.n && in_name(value.p[n]))
        n++;
    if (value.n && value.p[0] == '*')
        r->for_all = r->robots->all.named = true;
    else if (is(grf_sv(value.p, n), r->agent))
        r->for_ours = r->robots->ours.named = true;
}

static grf_status add_rule(struct rules *to, bool allow, struct grf_sv value)
{
    struct grf_str s;
    if (to->n >= RULES_MOST)
        return GRF_OK;
    if (grf_grow(&to->v, to->n, &to->cap, sizeof(*to->v)))
        return GRF_NOMEM;
    grf_str_init(&s, PATTERN_MOST);
    add_normal(&s, value);
    grf_status bad = s.bad;
    char *pattern = bad ? NULL : grf_str_take(&s, NULL);
    grf_str_release(&s);
    if (!pattern)
        return bad == GRF_LIMIT ? GRF_OK : GRF_NOMEM; // no real path is so long
    to->v[to->n++] = (struct rule){pattern, allow};
    return GRF_OK;
}

static grf_status on_rule(struct reading *r, bool allow, struct grf_sv value)
{
    grf_status st = GRF_OK;
    // an empty pattern says nothing; one that begins with neither / nor * means a path
    if (value.n == 0 || (value.p[0] != '/' && value.p[0] != '*' && value.p[0] != '$'))
        return GRF_OK;
    if (r->for_ours)
        st = add_rule(&r->robots->ours, allow, value);
    if (!st && r->for_all)
        st = add_rule(&r->robots->all, allow, value);
    return st;
}

static void on_delay(struct reading *r, struct grf_sv value)
{
    int ms = 0, unit = 1000;
    size_t i = 0;
    for (; i < value.n && value.p[i] >= '0' && value.p[i] <= '9' &&
           ms < DELAY_MOST_S * 1000;
         i++)
        ms = ms * 10 + (value.p[i] - '0') * 1000;
    if (i < value.n && value.p[i] == '.')
        for (i++; i < value.n && value.p[i] >= '0' && value.p[i] <= '9' && unit > 1; i++)
            ms += (value.p[i] - '0') * (unit /= 10);
    if (ms > DELAY_MOST_S * 1000)
        ms = DELAY_MOST_S * 1000;
    if (r->for_ours)
        r->robots->ours.delay_ms = ms;
    if (r->for_all)
        r->robots->all.delay_ms = ms;
}

static grf_status on_sitemap(struct robots *r, struct grf_sv value)
{
    if (value.n == 0 || value.n > PATTERN_MOST || r->n_sitemaps >= SITEMAPS_MOST)
        return GRF_OK;
    if (grf_grow(&r->sitemaps, r->n_sitemaps, &r->cap_sitemaps, sizeof(*r->sitemaps)))
        return GRF_NOMEM;
    r->sitemaps[r->n_sitemaps] = grf_strndup(value.p, value.n);
    return r->sitemaps[r->n_sitemaps] ? (r->n_sitemaps++, GRF_OK) : GRF_NOMEM;
}

static grf_status on_line(struct reading *r, struct grf_sv line)
{
    const char *hash = line.n ? memchr(line.p, '#', line.n) : NULL;
    if (hash)
        line.n = (size_t)(hash - line.p);
    const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    if (!colon)
        return GRF_OK;
    struct grf_sv key = trimmed(grf_sv(line.p, (size_t)(colon - line.p)));
    struct grf_sv value =
        trimmed(grf_sv(colon + 1, line.n - (size_t)(colon - line.p) - 1));
    if (is(key, "sitemap"))
        return on_sitemap(r->robots, value);
    if (is(key, "user-agent")) {
        on_agent(r, value);
        return GRF_OK;
    }
    if (is(key, "allow") || is(key, "disallow")) {
        r->in_names = false;
        return on_rule(r, is(key, "allow"), value);
    }
    if (is(key, "crawl-delay")) {
        r->in_names = false;
        on_delay(r, value);
    }
    return GRF_OK;
}

static size_t line_length(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] != '\n' && p[i] != '\r')
        i++;
    return i;
}

grf_status robots_parse(struct grf_sv text, const char *agent, struct robots **out,
                        struct grf_err *err)
{
    *out = NULL;
    struct robots *r = (struct robots *)grf_calloc(1, sizeof(*r));
    struct reading reading = {r, agent, false, false, false};
    if (!r)
        return grf_fail_nomem(err);
    if (text.n > ROBOTS_MOST)
        text.n = ROBOTS_MOST;
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
        text = grf_sv(text.p + 3, text.n - 3);
    while (text.n) {
        size_t n = line_length(text.p, text.n);
        if (on_line(&reading, grf_sv(text.p, n))) {
            robots_free(r);
            return grf_fail_nomem(err);
        }
        n += n < text.n;
        text = grf_sv(text.p + n, text.n - n);
    }
    *out = r;
    return GRF_OK;
}

static void rules_release(struct rules *r)
{
    for (size_t i = 0; i < r->n; i++)
        grf_free(r->v[i].pattern);
    grf_free(r->v);
}

void robots_free(struct robots *r)
{
    if (!r)
        return;
    rules_release(&r->ours);
    rules_release(&r->all);
    for (size_t i = 0; i < r->n_sitemaps; i++)
        grf_free(r->sitemaps[i]);
    grf_free(r->sitemaps);
    grf_free(r);
}

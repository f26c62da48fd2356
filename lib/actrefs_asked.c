/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is asked for when somebody looks for references. Keys (grf_ref_key) sort so that
 * all that can meet a wish lies between two of them; the rest is decided here.
 */
#include <stdlib.h>

#include "grf_actrefs.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

int grf_ref_compare(const char *a, const char *b)
{
    for (;;) {
        while (*a == ' ')
            a++;
        while (*b == ' ')
            b++;
        if (is_digit(*a) && is_digit(*b)) {
            char *end_a, *end_b;
            unsigned long x = strtoul(a, &end_a, 10), y = strtoul(b, &end_b, 10);
            if (x != y)
                return x < y ? -1 : 1;
            a = end_a;
            b = end_b;
            continue;
        }
        if (lower(*a) != lower(*b) || !*a)
            return (unsigned char)lower(*a) - (unsigned char)lower(*b);
        a++;
        b++;
    }
}

/* Bytes of a key up to its first digit within the article: "cgct/l". Two articles whose
   keys agree so far are numbered alike. */
static size_t series(const char *key, size_t text_n)
{
    size_t n = text_n;
    while (key[n] && !is_digit(key[n]))
        n++;
    return n;
}

/* The part of a key before its article, with the slash: "cgct/", "loi/84-53/"; all of it
   when there is no article. */
static size_t text_length(const char *key)
{
    struct grf_sv text, article;
    grf_ref_split(key, &text, &article);
    return article.n ? (size_t)(article.p - key) : strlen(key);
}

static bool is_within(const char *key, const char *from, const char *to)
{
    size_t n = text_length(from), s = series(from, n);
    return text_length(key) == n && strncmp(key, from, s) == 0 && series(key, n) == s &&
           grf_ref_compare(key, from) >= 0 && grf_ref_compare(key, to) <= 0;
}

/* Whether key is the wish, or stands below it: articles of a code or law, and articles
   of which the wish gives the beginning of the number, at a dash ("L2121", "L2121-22"
   is whole) or, where the code has longer first parts, anywhere ("L21"). */
static bool is_below(const char *wish, const char *key)
{
    size_t n = strlen(wish), text_n = text_length(wish);
    if (strncmp(key, wish, n) != 0)
        return false;
    if (!key[n] || text_n == n)
        return !key[n] || key[n] == '/' || wish[n - 1] == '/';
    const char *article = wish + text_n;
    size_t letters = strcspn(article, "0123456789");
    size_t digits = strspn(article + letters, "0123456789");
    if (!letters || article[letters + digits])
        return false; /* no beginning of a number, but a whole one */
    const struct grf_code *code = grf_code_by_short(grf_sv(wish, text_n - 1));
    bool whole_part = !code || (code->shape & (1U << digits));
    return whole_part ? key[n] == '-' : is_digit(key[n]);
}

static bool meets(const struct grf_ref_wish *w, const char *key, const char *key_to)
{
    char wish[GRF_REF_MAX], wish_to[GRF_REF_MAX];
    if (!grf_ref_key(w->canon, wish) || !grf_ref_key(w->to, wish_to))
        return false;
    if (is_below(wish, key) || (key_to[0] && is_below(wish, key_to)))
        return true;
    if (key_to[0] && is_within(wish, key, key_to))
        return true;
    return wish_to[0] && (is_within(key, wish, wish_to) ||
                          (key_to[0] && is_within(key_to, wish, wish_to)));
}

bool grf_ref_meets(const struct grf_ref_asked *asked, const char *canon, const char *to)
{
    char key[GRF_REF_MAX], key_to[GRF_REF_MAX];
    if (!grf_ref_key(canon, key) || !grf_ref_key(to, key_to))
        return false;
    for (size_t i = 0; i < asked->n; i++) {
        if (meets(&asked->v[i], key, key_to))
            return true;
    }
    return false;
}

/* ---- reading */

/* A code alone has no slash: what is below it begins with "cgct/". */
static void set_bounds(struct grf_ref_wish *w)
{
    char to[GRF_REF_MAX];
    size_t n = 0;
    if (!grf_ref_key(w->canon, w->low) || !grf_ref_key(w->to, to))
        return;
    if (to[0]) {
        while (w->low[n] && w->low[n] == to[n])
            n++;
        while (n && is_digit(w->low[n - 1]))
            n--; /* 2121-9 and 2121-23 sort by value, keys by bytes */
        w->low[n] = 0;
    }
    n = strnlen(w->low, GRF_REF_MAX - 2);
    memcpy(w->high, w->low, n);
    memcpy(w->high + n, "\x7f", 2);
}

static void add_wish(struct grf_ref_asked *out, const struct grf_ref_target *t)
{
    if (out->n == GRF_REF_ASKED || (t->flags & GRF_REF_DAMAGED))
        return;
    struct grf_ref_wish *w = &out->v[out->n++];
    memset(w, 0, sizeof(*w));
    memcpy(w->canon, t->canon, sizeof(w->canon));
    memcpy(w->to, t->to, sizeof(w->to));
    set_bounds(w);
}

grf_status grf_ref_asked_parse(struct grf_sv text, const struct grf_ref_context *ctx,
                               struct grf_ref_asked *out, struct grf_err *err)
{
    struct grf_refs refs;
    struct grf_ref_target one;
    memset(out, 0, sizeof(*out));
    grf_refs_init(&refs);
    grf_status st = grf_refs_find(text, ctx, &refs, err);
    bool several = !st && (refs.n_targets > 1 ||
                           (refs.n_targets == 1 && (refs.targets[0].flags & GRF_REF_RANGE)));
    for (size_t i = 0; i < refs.n_targets && several; i++)
        add_wish(out, &refs.targets[i]);
    grf_refs_release(&refs);
    if (st || out->n)
        return st;
    st = grf_ref_parse_query(text, ctx, &one, err);
    if (!st)
        add_wish(out, &one);
    return st;
}

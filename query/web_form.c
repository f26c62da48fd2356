/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a request carries: parameters of its address, a form's body, files. Everything is
 * decoded once, checked to be text, and only then seen by a handler.
 */
#include <stdlib.h>
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "serve.h"

enum { PAIRS_MOST = 256, TEXTS_MOST = 1 << 21, BOUNDARY_MOST = 200 };

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_text(struct grf_sv v)
{
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        if (c == 0x7F || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
            return false;
    }
    return grf_text_valid(v) == v.n;
}

bool web_decode(struct grf_sv in, bool plus, struct grf_str *out)
{
    size_t from = out->n;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '%') {
            int high = i + 2 < in.n ? hex(in.p[i + 1]) : -1;
            int low = high < 0 ? -1 : hex(in.p[i + 2]);
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        grf_str_addc(out, c);
    }
    bool good = !out->bad && is_text(grf_sv(out->p + from, out->n - from));
    grf_str_addc(out, 0);
    return good && !out->bad;
}

static grf_status fail_parse(const struct web_form *f, struct grf_err *err)
{
    if (f->names.bad) /* not what was sent, but the room for it */
        return grf_str_status(&f->names, err);
    return grf_fail(err, GRF_PARSE, "%s", _("the request cannot be read as text"));
}

static grf_status new_pair(struct web_form *f, struct grf_err *err)
{
    if (f->n >= PAIRS_MOST)
        return grf_fail(err, GRF_LIMIT, "%s", _("the request has too many parameters"));
    if (grf_grow(&f->places, 2 * f->n + 1, &f->cap_places, sizeof(*f->places)))
        return grf_fail_nomem(err);
    f->n++;
    return GRF_OK;
}

/* "a=1&b=2" */
static grf_status read_pairs(struct web_form *f, struct grf_sv in, struct grf_err *err)
{
    size_t at = 0;
    while (at < in.n) {
        const char *from = in.p + at, *end = memchr(from, '&', in.n - at);
        size_t n = end ? (size_t)(end - from) : in.n - at;
        at += n + 1;
        if (!n)
            continue;
        const char *equals = memchr(from, '=', n);
        size_t name = equals ? (size_t)(equals - from) : n;
        grf_status st = new_pair(f, err);
        if (st)
            return st;
        f->places[2 * f->n - 2] = f->names.n;
        if (!web_decode(grf_sv(from, name), true, &f->names))
            return fail_parse(f, err);
        f->places[2 * f->n - 1] = f->names.n;
        size_t skip = equals ? name + 1 : n;
        if (!web_decode(grf_sv(from + skip, n - skip), true, &f->names))
            return fail_parse(f, err);
    }
    return GRF_OK;
}

/* ---- multipart/form-data */

/* The boundary named by the Content-Type; empty: none that is sound. */
static struct grf_sv boundary_of(const char *type)
{
    const char *at = strcasestr(type, "boundary=");
    if (!at)
        return grf_sv("", 0);
    at += strlen("boundary=");
    size_t n = *at == '"' ? strcspn(++at, "\"") : strcspn(at, "; \t\r\n");
    return n <= BOUNDARY_MOST ? grf_sv(at, n) : grf_sv("", 0);
}

/* Where needle stands in hay from at on; hay.n when nowhere. */
static size_t find(struct grf_sv hay, size_t at, struct grf_sv needle)
{
    const char *p = at < hay.n ? memmem(hay.p + at, hay.n - at, needle.p, needle.n) : NULL;
    return p ? (size_t)(p - hay.p) : hay.n;
}

/* The value of name="..." in a part's head, decoded as text into names. */
static grf_status quoted(struct web_form *f, struct grf_sv head, const char *name,
                         bool *there, struct grf_err *err)
{
    size_t n = strlen(name);
    *there = false;
    for (size_t i = 0; i + n < head.n && !*there; i++) {
        bool starts = i && strchr("; \t", head.p[i - 1]);
        if (!starts || strncasecmp(head.p + i, name, n) != 0)
            continue;
        const char *end = memchr(head.p + i + n, '"', head.n - i - n);
        size_t length = end ? (size_t)(end - head.p - i) - n : 0;
        struct grf_sv v = grf_sv(head.p + i + n, length);
        if (!end || !is_text(v))
            return fail_parse(f, err);
        grf_str_addsv(&f->names, v);
        grf_str_addc(&f->names, 0);
        *there = true;
    }
    return GRF_OK;
}

static grf_status add_file(struct web_form *f, size_t name, size_t filename,
                           struct grf_sv bytes, struct grf_err *err)
{
    if (f->n_files >= WEB_FORM_FILES)
        return grf_fail(err, GRF_LIMIT, "%s", _("the request has too many files"));
    f->file_places[f->n_files][0] = name;
    f->file_places[f->n_files][1] = filename;
    f->files[f->n_files++].bytes = bytes;
    return GRF_OK;
}

static grf_status read_part(struct web_form *f, struct grf_sv head, struct grf_sv bytes,
                            struct grf_err *err)
{
    bool named, file = false;
    size_t name = f->names.n;
    grf_status st = quoted(f, head, "name=\"", &named, err);
    size_t second = f->names.n;
    if (!st && named)
        st = quoted(f, head, "filename=\"", &file, err);
    if (st || !named)
        return st ? st : fail_parse(f, err);
    if (file)
        return add_file(f, name, second, bytes, err);
    if (!is_text(bytes))
        return fail_parse(f, err);
    grf_str_addsv(&f->names, bytes);
    grf_str_addc(&f->names, 0);
    st = new_pair(f, err);
    if (!st) {
        f->places[2 * f->n - 2] = name;
        f->places[2 * f->n - 1] = second;
    }
    return st;
}

static grf_status read_parts(struct web_form *f, struct grf_sv body, struct grf_sv boundary,
                             struct grf_err *err)
{
    char mark[BOUNDARY_MOST + 5] = "\r\n--";
    memcpy(mark + 4, boundary.p, boundary.n);
    struct grf_sv first = grf_sv(mark + 2, boundary.n + 2);
    struct grf_sv next = grf_sv(mark, boundary.n + 4), gap = grf_sv_z("\r\n\r\n");
    grf_status st = GRF_OK;
    size_t at = find(body, 0, first);
    for (at += first.n; !st;) {
        if (at + 2 > body.n)
            return fail_parse(f, err);
        if (memcmp(body.p + at, "--", 2) == 0)
            return GRF_OK;
        size_t head = at, gap_at = find(body, head, gap), data = gap_at + gap.n;
        size_t end = find(body, data, next);
        if (end >= body.n)
            return fail_parse(f, err);
        st = read_part(f, grf_sv(body.p + head, gap_at - head),
                       grf_sv(body.p + data, end - data), err);
        at = end + next.n;
    }
    return st;
}

/* ---- the whole */

static grf_status settle(struct web_form *f, struct grf_err *err)
{
    f->pairs = grf_calloc(f->n + 1, sizeof(*f->pairs));
    if (!f->pairs)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < f->n; i++)
        f->pairs[i] = (struct web_pair){f->names.p + f->places[2 * i],
                                        f->names.p + f->places[2 * i + 1]};
    for (size_t i = 0; i < f->n_files; i++) {
        f->files[i].name = f->names.p + f->file_places[i][0];
        f->files[i].filename = f->names.p + f->file_places[i][1];
    }
    return GRF_OK;
}

static bool is_type(const char *content_type, const char *type)
{
    size_t n = strlen(type);
    return strncasecmp(content_type, type, n) == 0 &&
           (!content_type[n] || strchr("; \t", content_type[n]));
}

grf_status web_form_read(struct web_form *f, const char *target, const char *content_type,
                         struct grf_sv body, bool files, struct grf_err *err)
{
    const char *query = strchr(target, '?');
    memset(f, 0, sizeof(*f));
    grf_str_init(&f->names, TEXTS_MOST);
    grf_status st = query ? read_pairs(f, grf_sv_z(query + 1), err) : GRF_OK;
    if (!st && is_type(content_type, "application/x-www-form-urlencoded"))
        st = read_pairs(f, body, err);
    if (!st && files && is_type(content_type, "multipart/form-data")) {
        struct grf_sv boundary = boundary_of(content_type);
        st = boundary.n ? read_parts(f, body, boundary, err) : fail_parse(f, err);
    }
    if (!st)
        st = grf_str_status(&f->names, err);
    return st ? st : settle(f, err);
}

void web_form_release(struct web_form *f)
{
    grf_str_release(&f->names);
    grf_free(f->places);
    grf_free(f->pairs);
    memset(f, 0, sizeof(*f));
}

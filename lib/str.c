/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable byte string with sticky failure. */
#include "grf_str.h"

#include <stdarg.h>
#include <stdio.h>

#include "grf_i18n.h"
#include "grf_mem.h"

static char empty[1] = "";

void grf_str_init(struct grf_str *s, size_t max)
{
    s->p = empty;
    s->n = s->cap = 0;
    s->max = max;
    s->bad = GRF_OK;
}

void grf_str_release(struct grf_str *s)
{
    if (s->cap)
        grf_free(s->p);
    grf_str_init(s, s->max);
}

void grf_str_clear(struct grf_str *s)
{
    s->n = 0;
    s->bad = GRF_OK;
    if (s->cap)
        s->p[0] = 0;
}

/* Room for n more bytes and the NUL. */
static int reserve(struct grf_str *s, size_t n)
{
    if (s->bad)
        return 0;
    if (n > s->max || s->n > s->max - n) {
        s->bad = GRF_LIMIT;
        return 0;
    }
    size_t need = s->n + n + 1;
    if (need <= s->cap)
        return 1;
    size_t cap = s->cap ? s->cap : 64;
    while (cap < need)
        cap *= 2;
    char *p = grf_realloc_array(s->cap ? s->p : NULL, cap, 1);
    if (!p) {
        s->bad = GRF_NOMEM;
        return 0;
    }
    s->p = p;
    s->cap = cap;
    return 1;
}

void grf_str_add(struct grf_str *s, const char *p, size_t n)
{
    if (!n || !reserve(s, n))
        return;
    memcpy(s->p + s->n, p, n);
    s->n += n;
    s->p[s->n] = 0;
}

void grf_str_addz(struct grf_str *s, const char *z)
{
    grf_str_add(s, z, strlen(z));
}

void grf_str_addsv(struct grf_str *s, struct grf_sv v)
{
    grf_str_add(s, v.p, v.n);
}

void grf_str_addc(struct grf_str *s, char c)
{
    grf_str_add(s, &c, 1);
}

void grf_str_addf(struct grf_str *s, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n > 0 && reserve(s, (size_t)n)) {
        vsnprintf(s->p + s->n, (size_t)n + 1, fmt, again);
        s->n += (size_t)n;
    }
    va_end(again);
}

void grf_str_add_utf8(struct grf_str *s, uint32_t c)
{
    char b[4];
    size_t n;
    if (c < 0x80) {
        b[0] = (char)c;
        n = 1;
    } else if (c < 0x800) {
        b[0] = (char)(0xC0 | (c >> 6));
        b[1] = (char)(0x80 | (c & 0x3F));
        n = 2;
    } else if (c < 0x10000) {
        b[0] = (char)(0xE0 | (c >> 12));
        b[1] = (char)(0x80 | ((c >> 6) & 0x3F));
        b[2] = (char)(0x80 | (c & 0x3F));
        n = 3;
    } else {
        b[0] = (char)(0xF0 | (c >> 18));
        b[1] = (char)(0x80 | ((c >> 12) & 0x3F));
        b[2] = (char)(0x80 | ((c >> 6) & 0x3F));
        b[3] = (char)(0x80 | (c & 0x3F));
        n = 4;
    }
    grf_str_add(s, b, n);
}

void grf_str_cut(struct grf_str *s, size_t n)
{
    if (n < s->n) {
        s->n = n;
        s->p[n] = 0;
    }
}

grf_status grf_str_status(const struct grf_str *s, struct grf_err *err)
{
    if (s->bad == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (s->bad)
        return grf_fail(err, s->bad, _("text longer than the limit of %zu bytes"), s->max);
    return GRF_OK;
}

char *grf_str_take(struct grf_str *s, struct grf_err *err)
{
    char *p = NULL;
    if (grf_str_status(s, err) == GRF_OK) {
        if (s->cap) {
            p = s->p;
        } else {
            p = grf_strdup("");
            if (!p)
                grf_fail_nomem(err);
        }
        if (p)
            s->cap = 0;
    }
    grf_str_release(s);
    return p;
}

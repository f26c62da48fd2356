/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streaming JSON writer (RFC 8259). */
#include "grf_json.h"

#include <math.h>

void grf_json_begin(struct grf_json *j, struct grf_str *out)
{
    j->out = out;
    j->depth = 0;
    j->first[0] = true;
    j->after_key = false;
}

static void separate(struct grf_json *j)
{
    if (j->after_key)
        j->after_key = false;
    else if (!j->first[j->depth])
        grf_str_addc(j->out, ',');
    j->first[j->depth] = false;
}

static void open_level(struct grf_json *j, char c)
{
    separate(j);
    grf_str_addc(j->out, c);
    GRF_ASSERT(j->depth + 1 < (int)GRF_ARRAY_LEN(j->first));
    j->first[++j->depth] = true;
}

static void close_level(struct grf_json *j, char c)
{
    GRF_ASSERT(j->depth > 0);
    j->depth--;
    grf_str_addc(j->out, c);
}

void grf_json_object(struct grf_json *j)
{
    open_level(j, '{');
}

void grf_json_end_object(struct grf_json *j)
{
    close_level(j, '}');
}

void grf_json_array(struct grf_json *j)
{
    open_level(j, '[');
}

void grf_json_end_array(struct grf_json *j)
{
    close_level(j, ']');
}

/* Bytes of the valid UTF-8 character at p, 0 when there is none. */
static size_t character(const unsigned char *p, size_t n)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t k = p[0] < 0x80 ? 1 : p[0] >= 0xF0 && p[0] < 0xF8 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (k > 1 && (p[0] < 0xC2 || p[0] > 0xF4 || k > n))
        return 0;
    unsigned c = k == 1 ? p[0] : p[0] & (0xFFU >> (k + 1));
    for (size_t i = 1; i < k; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < least[k] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    return k;
}

static void add_escaped(struct grf_str *out, unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        grf_str_addc(out, '\\');
        grf_str_addc(out, (char)c);
        break;
    case '\n':
        grf_str_addz(out, "\\n");
        break;
    case '\t':
        grf_str_addz(out, "\\t");
        break;
    case '\r':
        grf_str_addz(out, "\\r");
        break;
    default:
        grf_str_addf(out, "\\u%04x", c);
    }
}

static void add_string(struct grf_str *out, struct grf_sv t)
{
    const unsigned char *p = (const unsigned char *)t.p;
    size_t from = 0, i = 0;
    grf_str_addc(out, '"');
    while (i < t.n) {
        size_t k = character(p + i, t.n - i);
        if (k > 1 || (k == 1 && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\' &&
                      p[i] != 0x7F)) {
            i += k;
            continue;
        }
        grf_str_add(out, t.p + from, i - from);
        if (k)
            add_escaped(out, p[i]);
        else
            grf_str_addz(out, "\xEF\xBF\xBD");
        from = ++i;
    }
    grf_str_add(out, t.p + from, i - from);
    grf_str_addc(out, '"');
}

void grf_json_key(struct grf_json *j, const char *key)
{
    separate(j);
    add_string(j->out, grf_sv_z(key));
    grf_str_addc(j->out, ':');
    j->after_key = true;
}

void grf_json_text(struct grf_json *j, struct grf_sv text)
{
    separate(j);
    add_string(j->out, text);
}

void grf_json_textz(struct grf_json *j, const char *z)
{
    if (z)
        grf_json_text(j, grf_sv_z(z));
    else
        grf_json_null(j);
}

void grf_json_int(struct grf_json *j, int64_t v)
{
    separate(j);
    grf_str_addf(j->out, "%lld", (long long)v);
}

void grf_json_real(struct grf_json *j, double v, int decimals)
{
    if (!isfinite(v)) {
        grf_json_null(j);
        return;
    }
    separate(j);
    grf_str_addf(j->out, "%.*f", decimals, v);
}

void grf_json_bool(struct grf_json *j, bool v)
{
    separate(j);
    grf_str_addz(j->out, v ? "true" : "false");
}

void grf_json_null(struct grf_json *j)
{
    separate(j);
    grf_str_addz(j->out, "null");
}

void grf_json_kv_text(struct grf_json *j, const char *key, struct grf_sv v)
{
    grf_json_key(j, key);
    grf_json_text(j, v);
}

void grf_json_kv_textz(struct grf_json *j, const char *key, const char *z)
{
    grf_json_key(j, key);
    grf_json_textz(j, z);
}

void grf_json_kv_int(struct grf_json *j, const char *key, int64_t v)
{
    grf_json_key(j, key);
    grf_json_int(j, v);
}

void grf_json_kv_real(struct grf_json *j, const char *key, double v, int decimals)
{
    grf_json_key(j, key);
    grf_json_real(j, v, decimals);
}

void grf_json_kv_bool(struct grf_json *j, const char *key, bool v)
{
    grf_json_key(j, key);
    grf_json_bool(j, v);
}

void grf_json_kv_null(struct grf_json *j, const char *key)
{
    grf_json_key(j, key);
    grf_json_null(j);
}

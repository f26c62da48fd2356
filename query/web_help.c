/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help for handlers: parameters, escaping, redirects. */
#include <errno.h>
#include <stdlib.h>

#include "grf_hash.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "serve.h"

const char *web_param_at(const struct web_request *q, const char *name, size_t n)
{
    for (size_t i = 0; i < q->n_params; i++) {
        if (strcmp(q->params[i].name, name) == 0 && n-- == 0)
            return q->params[i].value;
    }
    return NULL;
}

const char *web_param(const struct web_request *q, const char *name)
{
    const char *v = web_param_at(q, name, 0);
    return v ? v : "";
}

grf_status web_param_int(const struct web_request *q, const char *name, long min, long max,
                         long otherwise, long *out, struct grf_err *err)
{
    const char *v = web_param(q, name);
    char *end;
    *out = otherwise;
    if (!*v)
        return GRF_OK;
    errno = 0;
    *out = strtol(v, &end, 10);
    if (*end || errno || *out < min || *out > max)
        return grf_fail(err, GRF_INVALID,
                        _("%s=%s: a whole number from %ld to %ld is expected"), name, v, min,
                        max);
    return GRF_OK;
}

bool web_cookie(const struct web_request *q, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    for (const char *p = q->cookies; *p;) {
        p += strspn(p, "; \t");
        size_t length = strcspn(p, ";");
        if (length > n && p[n] == '=' && memcmp(p, name, n) == 0) {
            if (length - n > size)
                return false;
            memcpy(out, p + n + 1, length - n - 1);
            out[length - n - 1] = 0;
            return true;
        }
        p += length;
    }
    return false;
}

void web_html_sv(struct grf_str *out, struct grf_sv v)
{
    size_t from = 0;
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        const char *as = c == '&'    ? "&amp;"
                         : c == '<'  ? "&lt;"
                         : c == '>'  ? "&gt;"
                         : c == '"'  ? "&quot;"
                         : c == '\'' ? "&#39;"
                         : c == 0x7F || (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
                             ? ""
                             : NULL;
        if (!as)
            continue;
        grf_str_add(out, v.p + from, i - from);
        grf_str_addz(out, as);
        from = i + 1;
    }
    grf_str_add(out, v.p + from, v.n - from);
}

void web_html(struct grf_str *out, const char *text)
{
    web_html_sv(out, grf_sv_z(text));
}

void web_url(struct grf_str *out, const char *text)
{
    for (const char *p = text ? text : ""; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z') || strchr("-._~", c);
        if (plain)
            grf_str_addc(out, (char)c);
        else
            grf_str_addf(out, "%%%02X", c);
    }
}

grf_status web_redirect(struct web_response *a, const char *target, struct grf_err *err)
{
    a->status = 303;
    grf_free(a->location);
    a->location = grf_strdup(target);
    return a->location ? GRF_OK : grf_fail_nomem(err);
}

void web_etag(struct web_response *a, struct grf_sv bytes)
{
    char hex[GRF_SHA256_HEX];
    grf_sha256(bytes, hex);
    memcpy(a->etag, hex, 32);
    a->etag[32] = 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: those of searches, and the places of quotes within them. */
#include "page.h"

/* What makes up a search, in the order of an address. */
static const char *const search_names[] = {"q",      "body",   "from", "to",  "kind",
                                           "number", "matter", "ref",  "mode", "tri"};

static bool replaces(const char *name, const char *param)
{
    return strcmp(name, param) == 0 ||
           (strcmp(name, "annee") == 0 &&
            (strcmp(param, "from") == 0 || strcmp(param, "to") == 0));
}

static void put_pair(struct grf_str *out, bool *first, const char *name, const char *value)
{
    page_put(out, "%t%u=%u", *first ? "?" : "&", name, value);
    *first = false;
}

void page_query(struct grf_str *out, const struct web_request *q, const char *name,
                const char *value)
{
    bool first = true;
    for (size_t i = 0; i < GRF_ARRAY_LEN(search_names); i++) {
        const char *v;
        if (replaces(name, search_names[i]))
            continue;
        for (size_t k = 0; (v = web_param_at(q, search_names[i], k)) != NULL; k++) {
            if (*v)
                put_pair(out, &first, search_names[i], v);
        }
    }
    if (value && strcmp(name, "annee") == 0) {
        put_pair(out, &first, "from", value);
        put_pair(out, &first, "to", value);
    } else if (value) {
        put_pair(out, &first, name, value);
    }
    if (first)
        grf_str_addc(out, '?');
}

bool page_asked(const struct web_request *q, const char *name, const char *value)
{
    const char *v;
    if (strcmp(name, "annee") == 0)
        return strcmp(web_param(q, "from"), value) == 0 &&
               strcmp(web_param(q, "to"), value) == 0;
    for (size_t i = 0; (v = web_param_at(q, name, i)) != NULL; i++) {
        if (grf_text_same_key(grf_sv_z(v), grf_sv_z(value)))
            return true;
    }
    return false;
}

/* ---- places */

void page_place_write(struct grf_str *out, const struct page_place *p)
{
    grf_str_addf(out, "%s.%d.%zu.%zu", p->act, p->page, p->from, p->to);
}

/* The number at *z, which moves past it. */
static bool take_number(const char **z, size_t most, size_t *out)
{
    *out = 0;
    const char *begin = *z;
    for (; **z >= '0' && **z <= '9'; (*z)++) {
        *out = *out * 10 + (size_t)(**z - '0');
        if (*out > most)
            return false;
    }
    return *z > begin;
}

static bool take_dot(const char **z)
{
    return *(*z)++ == '.';
}

bool page_place_read(const char *z, struct page_place *p)
{
    size_t hex = strspn(z, "0123456789abcdef"), ordinal, page;
    const char *at = z + hex;
    memset(p, 0, sizeof(*p));
    if (hex != 12 || !take_dot(&at) || !take_number(&at, 1000000, &ordinal))
        return false;
    size_t n = (size_t)(at - z);
    if (n >= sizeof(p->act))
        return false;
    memcpy(p->act, z, n);
    if (!*at)
        return true;
    if (!take_dot(&at) || !take_number(&at, 100000, &page))
        return false;
    p->page = (int)page;
    if (!*at)
        return true;
    return take_dot(&at) && take_number(&at, 1 << 26, &p->from) && take_dot(&at) &&
           take_number(&at, 1 << 26, &p->to) && !*at && p->from <= p->to;
}

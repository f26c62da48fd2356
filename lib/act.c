/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acts: names of kinds and parts, life cycle. */
#include "grf_act.h"

#include "grf_mem.h"

static const char *const kinds[] = {"deliberation", "arrete",      "decision",
                                    "pv_item",      "information", "document"};
static const char *const parts[] = {"body",   "visas", "recitals", "decision",
                                    "debate", "annex", "head"};

const char *grf_act_kind_name(grf_act_kind k)
{
    return (size_t)k < GRF_ARRAY_LEN(kinds) ? kinds[k] : "document";
}

bool grf_act_kind_parse(struct grf_sv name, grf_act_kind *out)
{
    for (size_t i = 0; i < GRF_ARRAY_LEN(kinds); i++) {
        if (name.n == strlen(kinds[i]) && memcmp(name.p, kinds[i], name.n) == 0) {
            *out = (grf_act_kind)i;
            return true;
        }
    }
    return false;
}

const char *grf_part_name(grf_part p)
{
    return (size_t)p < GRF_ARRAY_LEN(parts) ? parts[p] : "body";
}

void grf_act_init(struct grf_act *a)
{
    memset(a, 0, sizeof(*a));
    a->kind = GRF_KIND_DOCUMENT;
    a->members = a->present = a->absent = -1;
    a->votes = (struct grf_votes){-1, -1, -1, -1};
}

void grf_acts_release(struct grf_acts *acts)
{
    for (size_t i = 0; i < acts->n; i++) {
        struct grf_act *a = &acts->v[i];
        grf_free(a->number);
        grf_free(a->subject);
        grf_free(a->body);
        grf_free(a->receipt_id);
        grf_free(a->matter);
        grf_free(a->rapporteur);
        grf_free(a->parts);
        grf_free(a->passages);
        grf_free(a->refs);
        grf_act_init(a);
    }
    if (acts->cap) /* cap 0: a borrowed array */
        grf_free(acts->v);
    memset(acts, 0, sizeof(*acts));
}

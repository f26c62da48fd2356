/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the indexes get for a passage, from rows or from a document being added. */
#include <stdio.h>

#include "base_priv.h"
#include "grf_bytedot.h"
#include "grf_date.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

enum { HEADER_MOST = 65536 };

void passage_source_init(struct passage_source *s, struct grf_meta *meta)
{
    memset(s, 0, sizeof(*s));
    s->meta = meta;
    grf_page_init(&s->page);
    grf_act_init(&s->act.act);
}

void passage_source_release(struct passage_source *s)
{
    grf_doc_row_release(&s->doc);
    grf_act_row_release(&s->act);
    grf_page_release(&s->page);
}

static grf_status load_page(struct passage_source *s, struct grf_err *err)
{
    if (s->page_doc == s->passage.doc_id && s->page.number == s->passage.page)
        return GRF_OK;
    s->page_doc = 0;
    grf_status st =
        grf_meta_page(s->meta, s->passage.doc_id, s->passage.page, false, &s->page, err);
    if (!st)
        s->page_doc = s->passage.doc_id;
    return st;
}

grf_status passage_source_load(struct passage_source *s, int64_t id, struct grf_err *err)
{
    grf_status st = grf_meta_passage(s->meta, id, &s->passage, err);
    if (!st && s->doc.id != s->passage.doc_id) {
        grf_doc_row_release(&s->doc);
        st = grf_meta_doc(s->meta, s->passage.doc_id, &s->doc, err);
    }
    if (!st && s->act.id != s->passage.act_id) {
        grf_act_row_release(&s->act);
        s->act.id = 0;
        st = grf_meta_act(s->meta, s->passage.act_id, &s->act, err);
        if (!st)
            st = grf_meta_act_refs(s->meta, s->passage.act_id, &s->act.act, err);
        if (!st)
            act_terms_fill(&s->terms, &s->act.act, s->doc.key);
    }
    return st ? st : load_page(s, err);
}

grf_status passage_source_text(const struct passage_source *s, struct grf_sv *out,
                               struct grf_err *err)
{
    const struct grf_passage_row *p = &s->passage;
    if (p->start > p->end || p->end > s->page.text.n)
        return grf_fail(err, GRF_CORRUPT, _("passage %s leaves its page"), p->key);
    *out = grf_sv(s->page.text.p + p->start, p->end - p->start);
    return GRF_OK;
}

void context_header(struct grf_str *out, const struct grf_act *act, const char *title)
{
    struct grf_date d;
    if (act->body)
        grf_str_addf(out, "%s \xC2\xB7 ", act->body);
    if (grf_date_parse_iso(grf_sv_z(act->session_date), &d)) {
        char fr[32];
        grf_date_format_fr(d, fr);
        grf_str_addf(out, "%s \xC2\xB7 ", fr);
    }
    if (act->number)
        grf_str_addf(out, "%s \xC2\xB7 ", act->number);
    if (title)
        grf_str_addz(out, title);
}

void embedded_text(struct grf_str *out, const struct grf_act *act, const char *title,
                   struct grf_sv text)
{
    context_header(out, act, title);
    grf_str_addc(out, '\n');
    if (act->subject)
        grf_str_addz(out, act->subject);
    grf_str_addc(out, '\n');
    grf_str_addsv(out, text);
}

/* "7" for "7.5", so that a head finds all below it; NULL for a head itself. */
static const char *matter_head(const char *matter, char *head)
{
    if (!matter || matter[0] < '1' || matter[0] > '9' || matter[1] != '.')
        return NULL;
    head[0] = matter[0];
    head[1] = 0;
    return head;
}

void act_terms_fill(struct act_terms *t, const struct grf_act *act, const char *doc_key)
{
    char *head = t->matter_head;
    const struct {
        grf_filter name;
        const char *value;
    } all[] = {{GRF_FILTER_BODY, act->body},
               {GRF_FILTER_KIND, grf_act_kind_name(act->kind)},
               {GRF_FILTER_NUMBER, act->number},
               {GRF_FILTER_MATTER, act->matter},
               {GRF_FILTER_MATTER, matter_head(act->matter, head)},
               {GRF_FILTER_DOCUMENT, doc_key}};
    const char *refs[GRF_ACTREFS_INDEXED];
    size_t n_refs = grf_actrefs_list(act, refs, GRF_ACTREFS_INDEXED);
    size_t n_ranges = grf_actrefs_ranges(act, t->ranges, GRF_ACTREFS_RANGES);
    t->n = 0;
    for (size_t i = 0; i < GRF_ARRAY_LEN(all); i++) {
        if (all[i].value)
            t->v[t->n++] = (struct grf_filter_term){all[i].name, grf_sv_z(all[i].value)};
    }
    for (size_t i = 0; i < n_refs; i++)
        t->v[t->n++] = (struct grf_filter_term){GRF_FILTER_REF, grf_sv_z(refs[i])};
    for (size_t i = 0; i < n_ranges; i++)
        t->v[t->n++] = (struct grf_filter_term){GRF_FILTER_REF, grf_sv_z(t->ranges[i])};
}

grf_status put_fulltext(struct grf_ft_writer *ft, int64_t id, int64_t act_id,
                        const struct grf_act *act, const struct act_terms *terms, const char *title,
                        struct grf_sv text, struct grf_err *err)
{
    struct grf_str header;
    struct grf_date d;
    grf_str_init(&header, HEADER_MOST);
    context_header(&header, act, title);
    grf_status st = grf_str_status(&header, err);
    if (!st) {
        struct grf_ft_doc doc = {.id = id,
                                 .subject = grf_sv_z(act->subject),
                                 .header = grf_str_sv(&header),
                                 .text = text,
                                 .terms = terms->v,
                                 .n_terms = terms->n,
                                 .act = act_id};
        if (grf_date_parse_iso(grf_sv_z(act->session_date), &d))
            doc.date_key = grf_date_key(d);
        st = grf_ft_put(ft, &doc, err);
    }
    grf_str_release(&header);
    return st;
}

char *part_path(const char *dir, const char *stem, int64_t parts, struct grf_err *err)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.%lld", stem, (long long)parts);
    char *p = grf_path_join(dir, name);
    if (!p)
        grf_fail_nomem(err);
    return p;
}

char *grf_base_kept_file(const char *dir, const char *sha256)
{
    struct grf_str path;
    grf_str_init(&path, 65536);
    grf_str_addf(&path, "%s/documents/%s.pdf", dir, sha256);
    return grf_str_take(&path, NULL);
}

grf_status grf_base_doc_file(const char *dir, const struct grf_doc_row *d, char **out,
                             struct grf_err *err)
{
    *out = NULL;
    if (!d->url && !d->path)
        return GRF_OK;
    *out = d->url ? grf_base_kept_file(dir, d->sha256) : grf_strdup(d->path);
    return *out ? GRF_OK : grf_fail_nomem(err);
}

grf_status as_stored(float *vec, int dim, struct grf_err *err)
{
    float scale;
    signed char *row = grf_alloc((size_t)dim + 1);
    if (!row)
        return grf_fail_nomem(err);
    grf_bytedot_pack(vec, dim, &scale, row);
    for (int i = 0; i < dim; i++)
        vec[i] = scale * (float)row[i];
    grf_free(row);
    return GRF_OK;
}

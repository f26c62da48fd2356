/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the indexes of the law get for a passage. */
#include <stdio.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "lawindex_priv.h"

enum { CONTEXT_MOST = 65536, TITLES = 2 };
#define PATH_SEPARATOR " > "

char *law_part(const char *base, const char *stem, int64_t parts, struct grf_err *err)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.%lld", stem, (long long)parts);
    char *p = grf_path_join(base, name);
    if (!p)
        grf_fail_nomem(err);
    return p;
}

void law_context_init(struct law_context *c)
{
    grf_str_init(&c->header, CONTEXT_MOST);
    grf_str_init(&c->subject, CONTEXT_MOST);
    grf_str_init(&c->ref, 1024);
}

void law_context_release(struct law_context *c)
{
    grf_str_release(&c->header);
    grf_str_release(&c->subject);
    grf_str_release(&c->ref);
}

/* The last titles of a section's path; shorter paths whole. */
static const char *last_titles(const char *path, size_t n)
{
    const char *at = path + strlen(path);
    while (at > path) {
        at--;
        if (strncmp(at, PATH_SEPARATOR, strlen(PATH_SEPARATOR)) == 0 && !--n)
            return at + strlen(PATH_SEPARATOR);
    }
    return path;
}

grf_status law_context_fill(struct law_context *c, const struct grf_law_article *a,
                            const struct grf_law_text *t, struct grf_err *err)
{
    const char *path = t->section ? t->section : "";
    const char *last = last_titles(path, TITLES);
    grf_str_clear(&c->header);
    grf_str_clear(&c->subject);
    grf_str_clear(&c->ref);
    grf_str_addf(&c->ref, "%s/%s", a->name, a->num);
    grf_str_addf(&c->header, "%s \xC2\xB7 %s \xC2\xB7 article %s", a->title ? a->title : "",
                 a->name, a->num);
    if (last > path)
        grf_str_addf(&c->header, " \xC2\xB7 %.*s", (int)(last - path), path);
    grf_str_addz(&c->subject, last);
    grf_status st = grf_str_status(&c->header, err);
    if (!st)
        st = grf_str_status(&c->subject, err);
    return st ? st : grf_str_status(&c->ref, err);
}

void law_embedded(struct grf_str *out, const struct law_context *c, struct grf_sv text)
{
    grf_str_addsv(out, grf_str_sv(&c->subject));
    grf_str_addc(out, '\n');
    grf_str_addsv(out, text);
}

grf_status law_put_fulltext(struct grf_ft_writer *ft, int64_t id,
                            const struct law_context *c, struct grf_sv text,
                            struct grf_err *err)
{
    struct grf_filter_term term = {GRF_FILTER_REF, grf_str_sv(&c->ref)};
    struct grf_ft_doc doc = {.id = id,
                             .subject = grf_str_sv(&c->subject),
                             .header = grf_str_sv(&c->header),
                             .text = text,
                             .terms = &term,
                             .n_terms = 1};
    return grf_ft_put(ft, &doc, err);
}

/* ---- passages from their rows */

void law_source_init(struct law_source *s, struct grf_law *law)
{
    memset(s, 0, sizeof(*s));
    s->law = law;
    law_context_init(&s->context);
}

static void forget(struct law_source *s)
{
    grf_law_article_release(&s->article);
    grf_law_text_release(&s->text);
    s->version_id = 0;
}

void law_source_release(struct law_source *s)
{
    forget(s);
    law_context_release(&s->context);
}

static grf_status load_version(struct law_source *s, const struct grf_law_passage *p,
                               struct grf_err *err)
{
    forget(s);
    grf_status st = grf_law_article(s->law, p->article_id, &s->article, err);
    if (!st)
        st = grf_law_version_text(s->law, p->version_id, &s->text, err);
    if (!st)
        st = law_context_fill(&s->context, &s->article, &s->text, err);
    if (!st)
        s->version_id = p->version_id;
    else
        forget(s);
    return st;
}

grf_status law_source_load(struct law_source *s, const struct grf_law_passage *p,
                           struct grf_sv *text, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (s->version_id != p->version_id || s->article.id != p->article_id)
        st = load_version(s, p, err);
    if (st)
        return st;
    struct grf_sv whole = grf_sv_z(s->text.text);
    if (p->start > p->end || p->end > whole.n)
        return grf_fail(err, GRF_CORRUPT,
                        _("law passage %lld leaves its text; run 'greffier-index rebuild'"),
                        (long long)p->id);
    s->passage = *p;
    *text = grf_sv(whole.p + p->start, p->end - p->start);
    return GRF_OK;
}

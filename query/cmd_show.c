/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query show: one act or passage whole, with where it comes from. */
#include <stdio.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "grf_matter.h"

enum { TEXT_MOST = 1 << 26 };

struct shown {
    struct grf_act_row act;
    struct grf_doc_row doc;
    int first_page, last_page;
    size_t start, end; /* bytes: start in the first page, end in the last */
    struct grf_str text;
};

static void shown_release(struct shown *s)
{
    grf_act_row_release(&s->act);
    grf_doc_row_release(&s->doc);
    grf_str_release(&s->text);
}

static grf_status load_act(struct grf_base *b, int64_t id, struct shown *s,
                           struct grf_err *err)
{
    grf_status st = grf_meta_act(b->meta, id, &s->act, err);
    if (st)
        return st;
    s->first_page = s->act.act.first_page;
    s->last_page = s->act.act.last_page;
    s->start = s->act.act.first_char;
    s->end = s->act.act.last_char;
    return grf_meta_doc(b->meta, s->act.doc_id, &s->doc, err);
}

static grf_status load_passage(struct grf_base *b, int64_t id, struct shown *s,
                               struct grf_err *err)
{
    struct grf_passage_row p;
    grf_status st = grf_meta_passage(b->meta, id, &p, err);
    if (!st)
        st = load_act(b, p.act_id, s, err);
    s->first_page = s->last_page = p.page;
    s->start = p.start;
    s->end = p.end;
    return st;
}

static grf_status first_act(void *data, int64_t id, struct grf_err *err)
{
    int64_t *first = data;
    (void)err;
    if (!*first)
        *first = id;
    return GRF_OK;
}

/* A document's key shows its only act, or says which acts there are. */
static grf_status load_document(struct grf_base *b, int64_t id, struct shown *s,
                                struct grf_err *err)
{
    int64_t act = 0;
    grf_status st = grf_meta_each_act_of_doc(b->meta, id, first_act, &act, err);
    if (!st && !act)
        st = grf_fail(err, GRF_NOTFOUND, "%s", _("this document has no act left"));
    if (!st)
        st = load_act(b, act, s, err);
    if (st)
        return st;
    s->first_page = 1;
    s->start = 0;
    s->last_page = s->doc.n_pages;
    s->end = SIZE_MAX;
    return GRF_OK;
}

static grf_status load_text(struct grf_base *b, struct shown *s, struct grf_err *err)
{
    grf_status st = GRF_OK;
    struct grf_page p;
    grf_page_init(&p);
    for (int i = s->first_page; i <= s->last_page && !st; i++) {
        st = grf_meta_page(b->meta, s->doc.id, i, false, &p, err);
        if (st)
            break;
        size_t from = i == s->first_page ? s->start : 0;
        size_t to = i == s->last_page && s->end < p.text.n ? s->end : p.text.n;
        grf_str_addf(&s->text, "%s[%s %d]\n", i == s->first_page ? "" : "\n\n", _("page"), i);
        if (from < to)
            grf_str_add(&s->text, p.text.p + from, to - from);
        st = grf_str_status(&s->text, err);
    }
    grf_page_release(&p);
    return st;
}

static void print_matter(const struct grf_act *a)
{
    const struct grf_matter_code *c = grf_matter_find(grf_sv_z(a->matter));
    const struct grf_matter_code *head = c ? grf_matter_find(grf_sv(c->code, 1)) : NULL;
    if (c && c != head)
        printf(_("matter: %s %s (%s)\n"), c->code, c->title, head->title);
    else if (c)
        printf(_("matter: %s %s\n"), c->code, c->title);
}

static void print_text(struct shown *s)
{
    struct grf_str line;
    grf_str_init(&line, 65536);
    act_line(&line, &s->act.act, s->doc.title);
    printf("%s\n", line.p);
    grf_log_put(stdout, s->doc.rel ? s->doc.rel : s->doc.title);
    printf("#page=%d  [%s]\n", s->first_page, s->act.key);
    print_matter(&s->act.act);
    if (s->doc.path)
        grf_log_printable(s->doc.path);
    printf(_("file: %s\nSHA-256: %s\n\n"), s->doc.path ? s->doc.path : "-", s->doc.sha256);
    printf("%s\n", s->text.p);
    grf_str_release(&line);
}

static void print_json(const struct shown *s)
{
    struct grf_str out;
    struct grf_json j;
    grf_str_init(&out, TEXT_MOST);
    grf_json_begin(&j, &out);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "act");
    grf_json_key(&j, "act");
    act_json(&j, &s->act);
    grf_json_key(&j, "document");
    grf_json_object(&j);
    grf_json_kv_textz(&j, "path", s->doc.rel);
    grf_json_kv_textz(&j, "file", s->doc.path);
    grf_json_kv_textz(&j, "sha256", s->doc.sha256);
    grf_json_kv_textz(&j, "url", s->doc.url);
    grf_json_end_object(&j);
    grf_json_kv_int(&j, "first_page", s->first_page);
    grf_json_kv_int(&j, "last_page", s->last_page);
    grf_json_kv_text(&j, "text", grf_str_sv(&s->text));
    grf_json_end_object(&j);
    printf("%s\n", out.p);
    grf_str_release(&out);
}

static grf_status load(struct grf_base *b, const char *key, struct shown *s,
                       struct grf_err *err)
{
    grf_key_kind kind;
    int64_t id;
    grf_status st = grf_meta_resolve(b->meta, key, &kind, &id, err);
    if (st)
        return st;
    if (kind == GRF_KEY_ACT)
        st = load_act(b, id, s, err);
    else if (kind == GRF_KEY_PASSAGE)
        st = load_passage(b, id, s, err);
    else if (kind == GRF_KEY_DOC)
        st = load_document(b, id, s, err);
    else
        st = grf_fail(err, GRF_NOTFOUND,
                      _("nothing called \"%s\" in this base; an identifier looks like "
                        "3fa4c1d2e5b6.7"),
                      key);
    return st ? st : load_text(b, s, err);
}

int cmd_show(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b = NULL;
    struct shown s;
    (void)argc;
    memset(&s, 0, sizeof(s));
    grf_act_init(&s.act.act);
    grf_str_init(&s.text, TEXT_MOST);
    grf_status st = grf_base_open(cli->base, &b, &err);
    if (!st)
        st = load(b, argv[0], &s, &err);
    if (!st && cli->json)
        print_json(&s);
    else if (!st)
        print_text(&s);
    shown_release(&s);
    grf_base_close(b);
    return st ? grf_cli_fail(cli, &err) : 0;
}

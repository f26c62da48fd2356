/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query show: one act or passage whole, with where it comes from. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "grf_matter.h"
#include "grf_meta_sources.h"
#include "render_law.h"

enum { TEXT_MOST = 1 << 26 };

struct shown {
    struct grf_act_row act;
    struct grf_doc_row doc;
    int first_page, last_page;
    size_t start, end; /* bytes: start in the first page, end in the last */
    struct grf_str text;
    bool changes; /* of the articles cited are wanted */
    bool several; /* a document of more than one act */
    bool no_law;  /* law.db cannot be read */
    struct grf_law *law; /* NULL: none imported */
    struct grf_lawstates states;
};

static struct {
    bool changes;
} opt;

const struct grf_option *cmd_show_options(void)
{
    static const struct grf_option options[] = {
        {0, "changes", GRF_OPT_FLAG, &opt.changes, NULL,
         N_("what changed in the articles it cites, word by word"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

static void shown_release(struct shown *s)
{
    grf_act_row_release(&s->act);
    grf_doc_row_release(&s->doc);
    grf_str_release(&s->text);
    grf_lawstates_release(&s->states);
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

struct acts_seen {
    int64_t first;
    size_t n;
};

static grf_status see_act(void *data, int64_t id, struct grf_err *err)
{
    struct acts_seen *seen = data;
    (void)err;
    if (!seen->n++)
        seen->first = id;
    return GRF_OK;
}

/* A document's key shows its only act, or says which acts there are. */
static grf_status load_document(struct grf_base *b, int64_t id, struct shown *s,
                                struct grf_err *err)
{
    struct acts_seen seen = {0, 0};
    grf_status st = grf_meta_each_act_of_doc(b->meta, id, see_act, &seen, err);
    if (!st && !seen.n)
        st = grf_fail(err, GRF_NOTFOUND, "%s", _("this document has no act left"));
    if (!st)
        st = load_act(b, seen.first, s, err);
    if (st)
        return st;
    s->several = seen.n > 1;
    s->first_page = 1;
    s->start = 0;
    s->last_page = s->doc.n_pages;
    s->end = SIZE_MAX;
    return GRF_OK;
}

/* The law as it is now, never as it was when the act was indexed. Acts of one document
   may be of different days: then each is to be asked for by itself. */
static grf_status load_law(struct grf_base *b, struct shown *s, struct grf_err *err)
{
    char today[GRF_LAW_DATE];
    grf_status st = GRF_OK;
    if (s->several || s->no_law)
        return GRF_OK;
    if (!s->act.act.n_refs)
        st = grf_meta_act_refs(b->meta, s->act.id, &s->act.act, err);
    grf_law_today(today);
    return st ? st : grf_lawstates_of_act(s->law, &s->act.act, today, &s->states, err);
}

/* An act can be shown without the law. */
static grf_status try_law(const struct grf_cli *cli, struct shown *s, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = open_law(cli, &s->law, &why);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (st)
        grf_log(GRF_LOG_WARNING, "%s", why.msg);
    s->no_law = st != GRF_OK;
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

static grf_status print_fetched(void *data, const char *url, const struct grf_fetched *f,
                                struct grf_err *err)
{
    char when[32] = "?";
    time_t t = (time_t)f->at;
    struct tm tm;
    (void)data;
    (void)err;
    if (localtime_r(&t, &tm) && !strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm))
        when[0] = 0;
    printf(_("fetched on %s from "), when);
    grf_log_put(stdout, url);
    if (f->last_modified) {
        printf(_(", said to be of "));
        grf_log_put(stdout, f->last_modified);
    }
    printf("\n");
    return GRF_OK;
}

static grf_status print_text(struct grf_base *b, struct shown *s, struct grf_err *err)
{
    struct grf_str line;
    struct law_shown w = {s->law, &s->act.act, &s->states, s->changes,
                          grf_cli_colour(STDOUT_FILENO)};
    grf_str_init(&line, 65536);
    act_line(&line, &s->act.act, s->doc.title);
    printf("%s\n", line.p);
    grf_log_put(stdout, s->doc.rel ? s->doc.rel : s->doc.title);
    printf("#page=%d  [%s]\n", s->first_page, s->act.key);
    print_matter(&s->act.act);
    if (s->doc.path)
        grf_log_printable(s->doc.path);
    printf(_("file: %s\nSHA-256: %s\n"), s->doc.path ? s->doc.path : "-", s->doc.sha256);
    if (s->doc.state == GRF_DOC_SUPERSEDED)
        printf("%s\n", _("replaced by a newer version: kept, not searched"));
    grf_status st = grf_meta_each_fetched(b->meta, s->doc.sha256, print_fetched, NULL, err);
    printf("\n%s\n", s->text.p);
    grf_str_release(&line);
    if (s->several)
        printf("\n%s\n", _("This document holds several acts: show one of them for the law "
                           "that it cites."));
    return st ? st : law_print_states(&w, err);
}

/* The mention as printed, and its span in characters of the page's text. */
static grf_status mention_json(struct grf_json *j, struct grf_base *b, const struct shown *s,
                               const struct grf_actref *r, struct grf_err *err)
{
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(b->meta, s->doc.id, r->page, false, &p, err);
    bool inside = !st && r->start < r->end && r->end <= p.text.n;
    grf_json_kv_text(j, "as_printed",
                     inside ? grf_sv(p.text.p + r->start, r->end - r->start) : grf_sv("", 0));
    grf_json_kv_int(j, "page", r->page);
    grf_json_key(j, "span");
    grf_json_array(j);
    if (inside) {
        grf_json_int(j, (int64_t)grf_text_chars(grf_sv(p.text.p, r->start)));
        grf_json_int(j, (int64_t)grf_text_chars(grf_sv(p.text.p, r->end)));
    }
    grf_json_end_array(j);
    grf_page_release(&p);
    return st;
}

static grf_status changes_json(struct grf_json *j, const struct shown *s,
                               const struct grf_lawstate *l, struct grf_err *err)
{
    bool has = false;
    struct law_changes c;
    grf_status st = s->changes ? law_state_changes(s->law, l, &has, &c, err) : GRF_OK;
    if (st || !has)
        return st;
    law_changes_json(j, "changes", &c.diff);
    law_changes_release(&c);
    return GRF_OK;
}

static grf_status law_json(struct grf_json *j, struct grf_base *b, const struct shown *s,
                           struct grf_err *err)
{
    grf_status st = GRF_OK;
    grf_json_key(j, "law");
    grf_json_array(j);
    for (size_t i = 0; i < s->states.n && !st; i++) {
        const struct grf_lawstate *l = &s->states.v[i];
        grf_json_object(j);
        grf_json_kv_textz(j, "ref", l->canon);
        st = mention_json(j, b, s, &s->act.act.refs[l->first], err);
        grf_json_kv_int(j, "mentions", (int64_t)l->mentions);
        if (l->in_range)
            grf_json_kv_bool(j, "in_range", true);
        if (l->flags & GRF_REF_CORRECTED)
            grf_json_kv_bool(j, "corrected", true);
        lawstate_json(j, l);
        if (!st)
            st = changes_json(j, s, l, err);
        grf_json_end_object(j);
    }
    grf_json_end_array(j);
    return st;
}

static void document_of(struct grf_json *j, const struct shown *s, bool paths)
{
    grf_json_key(j, "document");
    grf_json_object(j);
    grf_json_kv_textz(j, "path", s->doc.rel);
    if (paths)
        grf_json_kv_textz(j, "file", s->doc.path);
    grf_json_kv_textz(j, "sha256", s->doc.sha256);
    grf_json_kv_textz(j, "url", s->doc.url);
    grf_json_end_object(j);
}

static grf_status add_json(struct grf_base *b, const struct shown *s, bool paths,
                           struct grf_str *out, struct grf_err *err)
{
    struct grf_json j;
    grf_json_begin(&j, out);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "act");
    grf_json_key(&j, "act");
    act_json(&j, &s->act);
    document_of(&j, s, paths);
    grf_json_kv_int(&j, "first_page", s->first_page);
    grf_json_kv_int(&j, "last_page", s->last_page);
    grf_json_kv_text(&j, "text", grf_str_sv(&s->text));
    grf_status st = s->several || s->no_law ? GRF_OK : law_json(&j, b, s, err);
    grf_json_end_object(&j);
    grf_str_addc(out, '\n');
    return st ? st : grf_str_status(out, err);
}

static grf_status print_json(struct grf_base *b, const struct shown *s, struct grf_err *err)
{
    struct grf_str out;
    grf_str_init(&out, TEXT_MOST);
    grf_status st = add_json(b, s, true, &out, err);
    if (!st)
        printf("%s", out.p);
    grf_str_release(&out);
    return st;
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

static void shown_init(struct shown *s)
{
    memset(s, 0, sizeof(*s));
    grf_act_init(&s->act.act);
    grf_str_init(&s->text, TEXT_MOST);
}

grf_status show_lines(struct grf_base *b, struct grf_law *law, const char *key, bool changes,
                      struct grf_str *out, struct grf_err *err)
{
    struct shown s;
    shown_init(&s);
    s.law = law;
    s.changes = changes;
    grf_status st = load(b, key, &s, err);
    if (!st)
        st = load_law(b, &s, err);
    if (!st)
        st = add_json(b, &s, false, out, err);
    shown_release(&s);
    return st;
}

/* "CGCT/L2121-29#1", as a search of the law gives it: the article. */
static int show_article(const struct grf_cli *cli, char *id)
{
    id[strcspn(id, "#")] = '\0';
    cmd_article_options();
    return cmd_article(cli, 1, &id);
}

int cmd_show(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b = NULL;
    struct shown s;
    (void)argc;
    if (strchr(argv[0], '/'))
        return show_article(cli, argv[0]);
    shown_init(&s);
    s.changes = opt.changes;
    grf_status st = grf_base_open(cli->base, &b, &err);
    if (!st)
        st = load(b, argv[0], &s, &err);
    if (!st)
        st = try_law(cli, &s, &err);
    if (!st)
        st = load_law(b, &s, &err);
    if (!st && cli->json)
        st = print_json(b, &s, &err);
    else if (!st)
        st = print_text(b, &s, &err);
    grf_law_close(s.law);
    shown_release(&s);
    grf_base_close(b);
    return st ? grf_cli_fail(cli, &err) : 0;
}

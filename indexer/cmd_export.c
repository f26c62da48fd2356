/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * greffier-index export: acts as JSON Lines, or deliberations as a table in the SCDL
 * format of French open data. Text that is no act (kind "document") is left out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_matter.h"
#include "grf_mem.h"
#include "grf_text.h"

enum {
    LINE_MOST = 1 << 24,
    TEXT_MOST = 1 << 28,
    QUOTE_WORDS = 8,
    QUOTE_NEAR = 6000, /* bytes after an act's start within which its title stands */
    SIRET_DIGITS = 14
};

static struct {
    bool acts, scdl;
    const char *siret;
} opt;

const struct grf_option *cmd_export_options(void)
{
    static const struct grf_option options[] = {
        {0, "acts", GRF_OPT_FLAG, &opt.acts, NULL, N_("acts as JSON Lines (the default)"), 0, 0},
        {0, "scdl", GRF_OPT_FLAG, &opt.scdl, NULL,
         N_("deliberations as an SCDL table (CSV)"), 0, 0},
        {0, "siret", GRF_OPT_TEXT, &opt.siret, N_("NUMBER"),
         N_("SIRET of the body, for the SCDL table"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

struct export {
    const struct grf_cli *cli;
    struct grf_meta *meta;
    struct grf_doc_row doc;
    int ordinal;            /* of the last act written, within the document */
    struct grf_str text;    /* of the act, page after page */
    size_t first_page_end;  /* bytes of text that its first page gives */
    grf_text_state state;   /* of its first page */
    struct grf_str line;
};

/* ---- the act's text */

static grf_status add_page(struct export *x, const struct grf_act_row *row, int number,
                           struct grf_err *err)
{
    struct grf_page page;
    const struct grf_act *a = &row->act;
    grf_page_init(&page);
    grf_status st = grf_meta_page(x->meta, row->doc_id, number, false, &page, err);
    if (!st) {
        size_t from = number == a->first_page ? a->first_char : 0;
        size_t to = number == a->last_page ? a->last_char : page.text.n;
        to = to < page.text.n ? to : page.text.n;
        if (from < to)
            grf_str_add(&x->text, page.text.p + from, to - from);
        grf_str_addc(&x->text, '\n');
        if (number == a->first_page) {
            x->first_page_end = x->text.n;
            x->state = page.state;
        }
        st = grf_str_status(&x->text, err);
    }
    grf_page_release(&page);
    return st;
}

static grf_status load_text(struct export *x, const struct grf_act_row *row,
                            struct grf_err *err)
{
    grf_status st = GRF_OK;
    grf_str_clear(&x->text);
    for (int p = row->act.first_page; p <= row->act.last_page && !st; p++)
        st = add_page(x, row, p, err);
    return st;
}

/* ---- the first words of the heading */

static bool same_word(const struct grf_word *a, const struct grf_word *b)
{
    return a->norm_len == b->norm_len && memcmp(a->norm, b->norm, a->norm_len) == 0;
}

/* Where the subject's first words stand in text; SIZE_MAX when nowhere. */
static size_t find_subject(struct grf_sv text, const char *subject)
{
    struct grf_words it, at, want;
    struct grf_word w, v, s;
    grf_words_init(&it, text);
    for (;;) {
        at = it;
        if (!grf_words_next(&it, &w))
            return SIZE_MAX;
        size_t start = w.start, n = 0;
        grf_words_init(&want, grf_sv_z(subject));
        while (n < 5 && grf_words_next(&want, &s) && grf_words_next(&at, &v) &&
               same_word(&v, &s))
            n++;
        if (n == 5 || (n && !grf_words_next(&want, &s)))
            return start;
    }
}

/* The heading begins with the line of its number, when that is just before. */
static size_t heading_start(struct grf_sv text, size_t subject, const char *number)
{
    size_t start = subject;
    for (int lines = 0; lines < 3; lines++) {
        size_t from = start;
        while (from && text.p[from - 1] != '\n')
            from--;
        size_t n = number ? strlen(number) : 0;
        if (n && from < subject && memmem(text.p + from, subject - from, number, n))
            return from;
        if (!from)
            break;
        start = from - 1;
    }
    return subject;
}

static void quote_json(struct export *x, struct grf_json *j, const struct grf_act *a)
{
    struct grf_sv text = grf_sv(x->text.p, x->first_page_end);
    size_t at = 0, end = 0;
    text.n = text.n < QUOTE_NEAR ? text.n : QUOTE_NEAR;
    if (a->subject) {
        size_t found = find_subject(text, a->subject);
        if (found != SIZE_MAX)
            at = heading_start(text, found, a->number);
    }
    struct grf_str quote;
    grf_str_init(&quote, QUOTE_NEAR);
    for (int words = 0; at < text.n && words < QUOTE_WORDS; at = end) {
        while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\n'))
            at++;
        for (end = at; end < text.n && text.p[end] != ' ' && text.p[end] != '\n';)
            end++;
        if (end > at && words++)
            grf_str_addc(&quote, ' ');
        grf_str_add(&quote, text.p + at, end - at);
    }
    grf_json_kv_text(j, "start_quote", grf_str_sv(&quote));
    grf_str_release(&quote);
}

/* ---- one act as JSON */

static void date_json(struct grf_json *j, const char *key, const char *date)
{
    grf_json_kv_textz(j, key, date && date[0] ? date : NULL);
}

static void count_json(struct grf_json *j, const char *key, int v)
{
    if (v < 0)
        grf_json_kv_null(j, key);
    else
        grf_json_kv_int(j, key, v);
}

static void export_votes(struct grf_json *j, const struct grf_votes *v)
{
    grf_json_key(j, "votes");
    grf_json_object(j);
    count_json(j, "for", v->in_favour);
    count_json(j, "against", v->against);
    count_json(j, "abstention", v->abstention);
    if (v->unanimous < 0)
        grf_json_kv_null(j, "unanimous");
    else
        grf_json_kv_bool(j, "unanimous", v->unanimous > 0);
    grf_json_end_object(j);
}

enum { REFS_MOST = 2000 };

static grf_status refs_json(struct export *x, struct grf_json *j, struct grf_act_row *row,
                            struct grf_err *err)
{
    const char **list = grf_calloc(REFS_MOST, sizeof(*list));
    grf_status st = list ? grf_meta_act_refs(x->meta, row->id, &row->act, err)
                         : grf_fail_nomem(err);
    size_t n = st ? 0 : grf_actrefs_list(&row->act, list, REFS_MOST);
    grf_json_key(j, "refs");
    grf_json_array(j);
    for (size_t i = 0; i < n; i++)
        grf_json_textz(j, list[i]);
    grf_json_end_array(j);
    grf_free(list);
    return st;
}

static void fields_json(struct export *x, struct grf_json *j, const struct grf_act_row *row)
{
    const struct grf_act *a = &row->act;
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", "act");
    grf_json_kv_textz(j, "id", row->key);
    grf_json_kv_textz(j, "file", x->doc.rel ? x->doc.rel : x->doc.title);
    grf_json_kv_textz(j, "sha256", x->doc.sha256);
    date_json(j, "body", a->body);
    grf_json_kv_int(j, "ordinal", x->ordinal);
    grf_json_kv_textz(j, "kind", grf_act_kind_name(a->kind));
    date_json(j, "number", a->number);
    date_json(j, "subject", a->subject);
    date_json(j, "session_date", a->session_date);
    date_json(j, "convocation_date", a->convocation_date);
    date_json(j, "received_date", a->received_date);
    date_json(j, "published_date", a->published_date);
    date_json(j, "receipt_id", a->receipt_id);
    date_json(j, "matter", a->matter);
    grf_json_kv_int(j, "first_page", a->first_page);
    grf_json_kv_int(j, "last_page", a->last_page);
    count_json(j, "members", a->members);
    count_json(j, "present", a->present);
    count_json(j, "absent", a->absent);
    date_json(j, "rapporteur", a->rapporteur);
    export_votes(j, &a->votes);
    grf_json_kv_textz(j, "text_state", grf_text_state_name(x->state));
    quote_json(x, j, a);
}

static grf_status act_as_json(struct export *x, struct grf_act_row *row,
                              struct grf_err *err)
{
    struct grf_json j;
    grf_status st = load_text(x, row, err);
    if (st)
        return st;
    grf_json_begin(&j, &x->line);
    grf_json_object(&j);
    fields_json(x, &j, row);
    st = refs_json(x, &j, row, err);
    grf_json_end_object(&j);
    return st;
}

/* ---- one act as a row of the SCDL table */

static const char *const scdl_columns =
    "COLL_NOM,COLL_SIRET,DELIB_ID,DELIB_DATE,DELIB_MATIERE_CODE,DELIB_MATIERE_NOM,"
    "DELIB_OBJET,BUDGET_ANNEE,BUDGET_NOM,PREF_ID,PREF_DATE,VOTE_EFFECTIF,VOTE_REEL,"
    "VOTE_POUR,VOTE_CONTRE,VOTE_ABSTENTION,DELIB_URL";

static void cell(struct grf_str *out, const char *z)
{
    z = z ? z : "";
    if (!strpbrk(z, ",\"\r\n")) {
        grf_str_addz(out, z);
    } else {
        grf_str_addc(out, '"');
        for (; *z; z++) {
            if (*z == '"')
                grf_str_addc(out, '"');
            grf_str_addc(out, *z);
        }
        grf_str_addc(out, '"');
    }
    grf_str_addc(out, ',');
}

static void number_cell(struct grf_str *out, int v)
{
    if (v >= 0)
        grf_str_addf(out, "%d", v);
    grf_str_addc(out, ',');
}

/* The table takes codes of two levels only; a head is told by its name. */
static void matter_cells(struct grf_str *out, const char *matter)
{
    const struct grf_matter_code *c = grf_matter_find(grf_sv_z(matter));
    const struct grf_matter_code *head = c ? grf_matter_find(grf_sv(c->code, 1)) : NULL;
    if (!c)
        grf_str_addz(out, ",,");
    else if (c == head)
        grf_str_addf(out, ",%s,", c->title);
    else
        grf_str_addf(out, "%s,%s/%s,", c->code, head->title, c->title);
}

static void act_as_row(struct export *x, const struct grf_act *a)
{
    const struct grf_votes *v = &a->votes;
    bool counted = v->in_favour >= 0 && v->against >= 0 && v->abstention >= 0;
    cell(&x->line, a->body);
    cell(&x->line, opt.siret);
    cell(&x->line, a->number);
    cell(&x->line, a->session_date);
    matter_cells(&x->line, a->matter);
    cell(&x->line, a->subject);
    cell(&x->line, NULL); /* the budget's year and name are not told apart in acts */
    cell(&x->line, NULL);
    cell(&x->line, a->receipt_id);
    cell(&x->line, a->received_date);
    number_cell(&x->line, a->members);
    number_cell(&x->line, counted ? v->in_favour + v->against + v->abstention : -1);
    number_cell(&x->line, v->in_favour);
    number_cell(&x->line, v->against);
    number_cell(&x->line, v->abstention);
    cell(&x->line, x->doc.url);
    grf_str_cut(&x->line, x->line.n - 1);
}

/* ---- all acts */

static grf_status print_line(struct export *x, struct grf_err *err)
{
    grf_str_addc(&x->line, '\n');
    grf_status st = grf_str_status(&x->line, err);
    if (!st && fwrite(x->line.p, 1, x->line.n, stdout) != x->line.n)
        st = grf_fail_errno(err, "%s", _("standard output"));
    grf_str_clear(&x->line);
    return st;
}

static grf_status export_act(void *data, int64_t id, struct grf_err *err)
{
    struct export *x = data;
    struct grf_act_row row;
    grf_status st = grf_meta_act(x->meta, id, &row, err);
    if (st)
        return st;
    bool wanted = opt.scdl ? row.act.kind == GRF_KIND_DELIBERATION
                           : row.act.kind != GRF_KIND_DOCUMENT;
    if (wanted) {
        x->ordinal++;
        if (opt.scdl)
            act_as_row(x, &row.act);
        else
            st = act_as_json(x, &row, err);
        if (!st)
            st = print_line(x, err);
    }
    grf_act_row_release(&row);
    return st;
}

static grf_status export_doc(void *data, int64_t id, struct grf_err *err)
{
    struct export *x = data;
    if (*x->cli->cancel)
        return grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
    grf_status st = grf_meta_doc(x->meta, id, &x->doc, err);
    if (st)
        return st;
    x->ordinal = 0;
    if (x->doc.state == GRF_DOC_INDEXED)
        st = grf_meta_each_act_of_doc(x->meta, id, export_act, x, err);
    grf_doc_row_release(&x->doc);
    return st;
}

static bool is_siret(const char *z)
{
    return strlen(z) == SIRET_DIGITS && strspn(z, "0123456789") == SIRET_DIGITS;
}

static grf_status export_all(const struct grf_cli *cli, struct grf_err *err)
{
    struct grf_base *base;
    struct export x = {.cli = cli};
    grf_status st = grf_base_open(cli->base, &base, err);
    if (st)
        return st;
    x.meta = base->meta;
    grf_str_init(&x.text, TEXT_MOST);
    grf_str_init(&x.line, LINE_MOST);
    st = grf_meta_snapshot(base->meta, err);
    if (!st && opt.scdl) {
        grf_str_addz(&x.line, scdl_columns);
        st = print_line(&x, err);
    }
    if (!st)
        st = grf_meta_each_doc(base->meta, export_doc, &x, err);
    grf_str_release(&x.text);
    grf_str_release(&x.line);
    grf_base_close(base);
    return st;
}

int cmd_export(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    (void)argc;
    (void)argv;
    if (opt.acts && opt.scdl)
        return grf_cli_usage(cli, "export", "%s", _("--acts and --scdl exclude each other"));
    if (opt.siret && (!opt.scdl || !is_siret(opt.siret)))
        return grf_cli_usage(cli, "export", "%s",
                             _("--siret takes 14 digits and goes with --scdl"));
    grf_status st = export_all(cli, &err);
    /* a failed output is reported at the end, and not at all when its reader has gone */
    return st && !ferror(stdout) ? grf_cli_fail(cli, &err) : 0;
}

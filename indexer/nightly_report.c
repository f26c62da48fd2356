/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run says of itself: for programs (JSON), in a line, and as a text for people.
 * Names and addresses only, nothing of what documents say.
 */
#include <stdio.h>
#include <time.h>

#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_text.h"
#include "nightly.h"

enum { NAME_WIDE = 24, NUMBER_WIDE = 10 };

void night_format_time(int64_t when, char out[32])
{
    time_t t = (time_t)when;
    struct tm tm;
    if (!localtime_r(&t, &tm) || !strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm))
        out[0] = 0;
}

void night_format_size(int64_t bytes, char out[32])
{
    static const char *const units[] = {N_("kB"), N_("MB"), N_("GB"), N_("TB")};
    double v = (double)bytes / 1000;
    size_t u = 0;
    for (; v >= 1000 && u + 1 < GRF_ARRAY_LEN(units); u++)
        v /= 1000;
    snprintf(out, 32, bytes && v < 10 ? "%.1f %s" : "%.0f %s", v, _(units[u]));
}

void night_totals(const struct night *n, struct night_totals *t)
{
    memset(t, 0, sizeof(*t));
    for (size_t i = 0; i < n->n_visits; i++) {
        const struct visit *v = &n->visits[i];
        const struct grf_source_counts *c = &v->c;
        t->sources++;
        t->sources_failed += v->status != GRF_OK;
        t->sources_not_due += !v->due;
        if (!v->due)
            continue;
        t->c.expected += c->expected;
        t->c.fresh += c->fresh;
        t->c.changed += c->changed;
        t->c.unchanged += c->unchanged;
        t->c.refused += c->refused;
        t->c.failed += c->failed;
        t->c.away += c->away;
        t->c.waiting += c->waiting;
        t->c.acts_expected += c->acts_expected;
        t->c.acts_missing += c->acts_missing;
        t->bytes += v->bytes;
        t->requests += v->requests;
    }
}

/* ---- JSON */

static void counts_json(struct grf_json *j, const struct grf_source_counts *c)
{
    grf_json_kv_int(j, "expected", c->expected);
    grf_json_kv_int(j, "new", c->fresh);
    grf_json_kv_int(j, "changed", c->changed);
    grf_json_kv_int(j, "unchanged", c->unchanged);
    grf_json_kv_int(j, "refused", c->refused);
    grf_json_kv_int(j, "failed", c->failed);
    grf_json_kv_int(j, "away", c->away);
    grf_json_kv_int(j, "waiting", c->waiting);
    grf_json_kv_int(j, "acts_expected", c->acts_expected);
    grf_json_kv_int(j, "acts_missing", c->acts_missing);
}

static void notes_json(struct grf_json *j, const struct visit *v)
{
    grf_json_key(j, "notes");
    grf_json_array(j);
    for (size_t i = 0; i < v->n_notes; i++) {
        grf_json_object(j);
        grf_json_kv_textz(j, "what", note_kind_name(v->notes[i].kind));
        grf_json_kv_textz(j, "address", v->notes[i].address);
        grf_json_kv_textz(j, "reason", v->notes[i].reason);
        grf_json_end_object(j);
    }
    grf_json_end_array(j);
    grf_json_kv_int(j, "notes_left_out", (int64_t)v->notes_left);
}

static void visit_json(struct grf_json *j, const struct visit *v, bool with_notes)
{
    const struct grf_source *s = v->src;
    grf_json_object(j);
    grf_json_kv_textz(j, "name", s->name);
    grf_json_kv_textz(j, "kind", grf_source_kind_name((grf_source_kind)s->kind));
    grf_json_kv_textz(j, "address", s->url ? s->url : s->path);
    grf_json_kv_bool(j, "visited", v->due);
    grf_json_kv_textz(j, "status", v->status ? grf_status_text(v->status) : "ok");
    grf_json_kv_textz(j, "reason", v->reason);
    counts_json(j, &v->c);
    grf_json_kv_bool(j, "whole", v->whole);
    grf_json_kv_int(j, "lists", v->lists);
    grf_json_kv_int(j, "lists_unchanged", v->lists_unchanged);
    grf_json_kv_int(j, "requests", v->requests);
    grf_json_kv_int(j, "bytes", v->bytes);
    grf_json_kv_real(j, "seconds", v->seconds, 3);
    if (with_notes)
        notes_json(j, v);
    grf_json_end_object(j);
}

static void time_json(struct grf_json *j, const char *key, int64_t when)
{
    char text[40];
    time_t t = (time_t)when;
    struct tm tm;
    if (when && gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        grf_json_kv_textz(j, key, text);
    else
        grf_json_kv_null(j, key);
}

static void indexed_json(struct grf_json *j, const struct night *n,
                         const struct night_totals *t)
{
    const struct adder_counts *a = &n->adder.counts;
    grf_json_kv_int(j, "documents", t->c.expected);
    grf_json_kv_int(j, "indexed", t->c.fresh + t->c.changed);
    grf_json_kv_int(j, "unchanged", t->c.unchanged);
    grf_json_kv_int(j, "failed", t->c.refused + t->c.failed);
    grf_json_kv_int(j, "pages", a->pages);
    grf_json_kv_int(j, "ocr_pages", (int64_t)a->ocr_pages);
    grf_json_kv_int(j, "pages_without_text", n->unread);
    grf_json_kv_int(j, "acts", a->acts);
    grf_json_kv_int(j, "passages", a->passages);
    grf_json_kv_real(j, "seconds", n->seconds, 3);
}

grf_status night_report_json(const struct night *n, bool with_notes, struct grf_str *out,
                             struct grf_err *err)
{
    struct grf_json j;
    struct night_totals t;
    night_totals(n, &t);
    grf_json_begin(&j, out);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "report");
    indexed_json(&j, n, &t);
    grf_json_kv_bool(&j, "dry_run", n->dry);
    grf_json_kv_int(&j, "run", n->run);
    time_json(&j, "started", n->now);
    time_json(&j, "ended", n->ended);
    grf_json_kv_int(&j, "exit", n->exit_code);
    grf_json_kv_textz(&j, "base", n->cli->base);
    grf_json_key(&j, "totals");
    grf_json_object(&j);
    counts_json(&j, &t.c);
    grf_json_kv_int(&j, "sources", t.sources);
    grf_json_kv_int(&j, "sources_failed", t.sources_failed);
    grf_json_kv_int(&j, "sources_not_due", t.sources_not_due);
    grf_json_kv_int(&j, "requests", t.requests);
    grf_json_kv_int(&j, "bytes", t.bytes);
    grf_json_end_object(&j);
    grf_json_key(&j, "sources");
    grf_json_array(&j);
    for (size_t i = 0; i < n->n_visits; i++)
        visit_json(&j, &n->visits[i], with_notes);
    grf_json_end_array(&j);
    grf_json_kv_textz(&j, "law", n->law);
    grf_json_kv_bool(&j, "sound", !n->verify_fault);
    grf_json_kv_textz(&j, "fault", n->verify_fault);
    grf_json_kv_int(&j, "disk_free", n->disk_free);
    grf_json_kv_int(&j, "rows_bytes", n->rows_bytes);
    grf_json_end_object(&j);
    return grf_str_status(out, err);
}

/* ---- a line */

static void part(struct grf_str *out, bool *first, int64_t count, const char *what)
{
    if (!count)
        return;
    if (!*first)
        grf_str_addz(out, ", ");
    grf_str_addf(out, _("%s: %lld"), what, (long long)count);
    *first = false;
}

grf_status night_report_line(const struct night *n, struct grf_str *out,
                             struct grf_err *err)
{
    struct night_totals t;
    bool first = true;
    night_totals(n, &t);
    part(out, &first, t.c.fresh, n->dry ? _("to fetch") : _("new"));
    part(out, &first, t.c.changed, _("changed"));
    part(out, &first, t.c.unchanged, _("unchanged"));
    part(out, &first, t.c.refused, _("not taken"));
    part(out, &first, t.c.failed, _("failed"));
    part(out, &first, t.c.away, _("away"));
    part(out, &first, t.c.waiting, _("left for the next run"));
    part(out, &first, t.c.acts_missing, _("acts of the lists not found"));
    part(out, &first, t.sources_failed, _("sources with a fault"));
    if (first)
        grf_str_addz(out, _("nothing new"));
    return grf_str_status(out, err);
}

/* ---- text */

/* What comes from outside, harmless on a terminal. */
static void add_outside(struct grf_str *out, const char *text)
{
    size_t from = out->n;
    grf_str_addz(out, text);
    if (out->n > from)
        grf_log_printable(out->p + from);
}

static void pad(struct grf_str *out, const char *text, size_t wide, bool right)
{
    size_t n = grf_text_chars(grf_sv_z(text));
    for (size_t i = n; right && i < wide; i++)
        grf_str_addc(out, ' ');
    grf_str_addz(out, text);
    for (size_t i = n; !right && i < wide; i++)
        grf_str_addc(out, ' ');
}

static void pad_number(struct grf_str *out, int64_t v)
{
    char text[32];
    snprintf(text, sizeof(text), "%lld", (long long)v);
    grf_str_addc(out, ' ');
    pad(out, text, NUMBER_WIDE, true);
}

static void table_head(struct grf_str *out)
{
    static const char *const heads[] = {N_("listed"),  N_("new"),    N_("changed"),
                                        N_("unchanged"), N_("not taken"), N_("failed"),
                                        N_("away"),    N_("waiting")};
    pad(out, _("source"), NAME_WIDE, false);
    for (size_t i = 0; i < GRF_ARRAY_LEN(heads); i++) {
        grf_str_addc(out, ' ');
        pad(out, _(heads[i]), NUMBER_WIDE, true);
    }
    grf_str_addc(out, '\n');
}

static void table_row(struct grf_str *out, const char *name,
                      const struct grf_source_counts *c)
{
    const int64_t numbers[] = {c->expected, c->fresh,  c->changed, c->unchanged,
                               c->refused,  c->failed, c->away,    c->waiting};
    pad(out, name, NAME_WIDE, false);
    for (size_t i = 0; i < GRF_ARRAY_LEN(numbers); i++)
        pad_number(out, numbers[i]);
    grf_str_addc(out, '\n');
}

static void table(const struct night *n, struct grf_str *out)
{
    struct night_totals t;
    night_totals(n, &t);
    table_head(out);
    for (size_t i = 0; i < n->n_visits; i++) {
        const struct visit *v = &n->visits[i];
        if (!v->due) {
            pad(out, v->src->name, NAME_WIDE, false);
            grf_str_addf(out, " %s\n", _("not due today"));
            continue;
        }
        table_row(out, v->src->name, &v->c);
        if (v->reason) {
            grf_str_addf(out, "  ! ");
            add_outside(out, v->reason);
            grf_str_addc(out, '\n');
        }
        if (v->c.acts_expected) {
            grf_str_addf(out, _("  acts in the list: %lld, not found in the base: %lld"),
                         (long long)v->c.acts_expected, (long long)v->c.acts_missing);
            grf_str_addc(out, '\n');
        }
    }
    if (n->n_visits > 1)
        table_row(out, _("together"), &t.c);
}

static void notes_text(const struct night *n, enum note_kind kind, const char *title,
                       struct grf_str *out)
{
    bool said = false;
    for (size_t i = 0; i < n->n_visits; i++) {
        const struct visit *v = &n->visits[i];
        for (size_t k = 0; k < v->n_notes; k++) {
            const struct note *x = &v->notes[k];
            if (x->kind != kind)
                continue;
            if (!said)
                grf_str_addf(out, "\n%s\n", title);
            said = true;
            grf_str_addf(out, "  %s%s", v->src->name, _(": "));
            add_outside(out, x->address);
            if (x->reason) {
                grf_str_addz(out, _(": "));
                add_outside(out, x->reason);
            }
            grf_str_addc(out, '\n');
        }
    }
    if (said && kind == NOTE_AWAY)
        grf_str_addf(out, "%s\n",
                     _("  They stay in the base. To take one out: greffier-index remove ADDRESS "
                       "--reason ...; to keep it and not be told again: greffier-index keep "
                       "ADDRESS"));
}

static void left_out(const struct night *n, struct grf_str *out)
{
    int64_t left = 0;
    for (size_t i = 0; i < n->n_visits; i++)
        left += (int64_t)n->visits[i].notes_left;
    if (left)
        grf_str_addf(out, _("\n(%lld more are not named here)\n"), (long long)left);
}

static void read_text(struct grf_str *out, const struct adder_counts *a)
{
    long long pages = a->pages, acts = a->acts, passages = a->passages;
    uint64_t n_pages = (uint64_t)pages, n_acts = (uint64_t)acts, n = (uint64_t)passages;
    grf_str_addf(out, n_(n_pages, "read: %lld page, ", "read: %lld pages, "), pages);
    grf_str_addf(out, n_(n_acts, "%lld act, ", "%lld acts, "), acts);
    grf_str_addf(out, n_(n, "%lld passage\n", "%lld passages\n"), passages);
}

static void rest(const struct night *n, struct grf_str *out)
{
    const struct adder_counts *a = &n->adder.counts;
    char size[32];
    struct night_totals t;
    night_totals(n, &t);
    grf_str_addc(out, '\n');
    if (a->pages || a->acts)
        read_text(out, a);
    if (a->ocr_pages || n->unread)
        grf_str_addf(out, _("scanned pages: %lld read, %lld still to be read\n"),
                     (long long)a->ocr_pages, (long long)n->unread);
    if (n->law)
        grf_str_addf(out, _("law: %s\n"), n->law);
    night_format_size(t.bytes, size);
    grf_str_addf(out,
                 n_((uint64_t)t.requests, "network: %lld request, %s\n",
                    "network: %lld requests, %s\n"),
                 (long long)t.requests, size);
    if (n->dry)
        return;
    night_format_size(n->disk_free, size);
    grf_str_addf(out, _("disk: %s free\n"), size);
    if (n->verify_fault)
        grf_str_addf(out, _("the base is DAMAGED: %s\n"), n->verify_fault);
    else
        grf_str_addf(out, "%s\n", _("quick check of the base: sound"));
}

grf_status night_report_text(const struct night *n, struct grf_str *out,
                             struct grf_err *err)
{
    char when[32], took[32];
    night_format_time(n->now, when);
    grf_format_seconds(n->seconds, took);
    grf_str_addf(out, n->dry ? _("greffier, dry run of %s (%s)\n")
                             : _("greffier, run of %s (%s)\n"),
                 when, took);
    grf_str_addf(out, _("base: %s\n"), n->cli->base);
    grf_status st = night_report_line(n, out, err);
    if (st)
        return st;
    grf_str_addz(out, "\n\n");
    table(n, out);
    notes_text(n, NOTE_FAILED, _("Failed:"), out);
    notes_text(n, NOTE_REFUSED, _("Refused:"), out);
    notes_text(n, NOTE_AWAY, _("Away from their source; somebody has to decide:"), out);
    notes_text(n, NOTE_MISSING, _("In the list of acts, not in the base:"), out);
    notes_text(n, NOTE_CHANGED, _("Changed (the version before is kept, marked as replaced):"),
               out);
    notes_text(n, NOTE_NEW, n->dry ? _("Would be fetched:") : _("New:"), out);
    left_out(n, out);
    rest(n, out);
    return grf_str_status(out, err);
}

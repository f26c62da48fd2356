/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as a page of its own: no script, nothing loaded from elsewhere, everything
   that comes from outside escaped. */
#include <stdio.h>
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_text.h"
#include "nightly.h"

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;"
    "color:#1d1d1f;background:#fff}"
    "h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.15em;margin-top:2em}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{padding:.35em .6em;border-bottom:1px solid #ccc;text-align:right}"
    "th:first-child,td:first-child{text-align:left}"
    "tfoot td{font-weight:bold}.why{color:#8a1c00;font-size:.95em}"
    ".sum{font-size:1.1em}li{overflow-wrap:anywhere;margin:.25em 0}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1d}"
    "th,td{border-color:#555}.why{color:#ffb4a0}a{color:#9cc4ff}}";

/* Malformed bytes become U+FFFD, signs of HTML their names. */
static void text(struct grf_str *out, const char *z)
{
    struct grf_str clean;
    grf_str_init(&clean, 1 << 20);
    grf_text_clean(&clean, grf_sv_z(z));
    for (size_t i = 0; i < clean.n; i++) {
        char c = clean.p[i];
        const char *name = c == '&'    ? "&amp;"
                           : c == '<'  ? "&lt;"
                           : c == '>'  ? "&gt;"
                           : c == '"'  ? "&quot;"
                           : c == '\'' ? "&#39;"
                                       : NULL;
        if (name)
            grf_str_addz(out, name);
        else
            grf_str_addc(out, c);
    }
    grf_str_release(&clean);
}

static void address(struct grf_str *out, const char *z)
{
    bool http = strncasecmp(z, "http://", 7) == 0 || strncasecmp(z, "https://", 8) == 0;
    if (http) {
        grf_str_addz(out, "<a rel=\"noreferrer\" href=\"");
        text(out, z);
        grf_str_addz(out, "\">");
    }
    text(out, z);
    if (http)
        grf_str_addz(out, "</a>");
}

static void element(struct grf_str *out, const char *name, const char *z)
{
    grf_str_addf(out, "<%s>", name);
    text(out, z);
    grf_str_addf(out, "</%s>", name);
}

static void numbers(struct grf_str *out, const struct grf_source_counts *c)
{
    const int64_t v[] = {c->expected, c->fresh,  c->changed, c->unchanged,
                         c->refused,  c->failed, c->away,    c->waiting};
    for (size_t i = 0; i < GRF_ARRAY_LEN(v); i++)
        grf_str_addf(out, "<td>%lld</td>", (long long)v[i]);
}

static void row(const struct visit *v, struct grf_str *out)
{
    grf_str_addz(out, "<tr><td>");
    text(out, v->src->name);
    if (v->reason) {
        grf_str_addz(out, "<br><span class=\"why\">");
        text(out, v->reason);
        grf_str_addz(out, "</span>");
    }
    grf_str_addz(out, "</td>");
    if (v->due) {
        numbers(out, &v->c);
    } else {
        grf_str_addz(out, "<td colspan=\"8\">");
        text(out, _("not due today"));
        grf_str_addz(out, "</td>");
    }
    grf_str_addz(out, "</tr>\n");
}

static void table(const struct night *n, struct grf_str *out)
{
    const char *const heads[] = {_("source"),  _("listed"), _("new"),  _("changed"), _("unchanged"),
                                 _("not taken"), _("failed"), _("away"), _("waiting")};
    struct night_totals t;
    night_totals(n, &t);
    grf_str_addz(out, "<table><thead><tr>");
    for (size_t i = 0; i < GRF_ARRAY_LEN(heads); i++)
        element(out, "th", heads[i]);
    grf_str_addz(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < n->n_visits; i++)
        row(&n->visits[i], out);
    grf_str_addz(out, "</tbody><tfoot><tr>");
    element(out, "td", _("together"));
    numbers(out, &t.c);
    grf_str_addz(out, "</tr></tfoot></table>\n");
}

static void notes(const struct night *n, enum note_kind kind, const char *title,
                  struct grf_str *out)
{
    bool said = false;
    for (size_t i = 0; i < n->n_visits; i++) {
        const struct visit *v = &n->visits[i];
        for (size_t k = 0; k < v->n_notes; k++) {
            const struct note *x = &v->notes[k];
            if (x->kind != kind)
                continue;
            if (!said) {
                element(out, "h2", title);
                grf_str_addz(out, "<ul>\n");
            }
            said = true;
            grf_str_addz(out, "<li>");
            text(out, v->src->name);
            grf_str_addz(out, _(": "));
            address(out, x->address);
            if (x->reason) {
                grf_str_addz(out, " <span class=\"why\">");
                text(out, x->reason);
                grf_str_addz(out, "</span>");
            }
            grf_str_addz(out, "</li>\n");
        }
    }
    if (said)
        grf_str_addz(out, "</ul>\n");
    if (said && kind == NOTE_AWAY)
        element(out, "p",
                _("  They stay in the base. To take one out: greffier-index remove ADDRESS "
                  "--reason ...; to keep it and not be told again: greffier-index keep "
                  "ADDRESS"));
}

static void head(const struct night *n, struct grf_str *out)
{
    char when[32], title[128];
    night_format_time(n->now, when);
    snprintf(title, sizeof(title), _("greffier, run of %s"), when);
    grf_str_addf(out,
                 "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width\">"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "style-src 'unsafe-inline'\"><title>",
                 grf_i18n_is("fr") ? "fr" : "en");
    text(out, title);
    grf_str_addf(out, "</title><style>%s</style></head><body>\n", style);
    element(out, "h1", title);
}

static void rest(const struct night *n, struct grf_str *out)
{
    char size[32], took[32], line[300];
    struct night_totals t;
    night_totals(n, &t);
    element(out, "h2", _("The run"));
    grf_str_addz(out, "<ul>");
    grf_format_seconds(n->seconds, took);
    snprintf(line, sizeof(line), _("duration: %s"), took);
    element(out, "li", line);
    snprintf(line, sizeof(line), _("scanned pages: %lld read, %lld still to be read"),
             (long long)n->adder.counts.ocr_pages, (long long)n->unread);
    element(out, "li", line);
    night_format_size(t.bytes, size);
    snprintf(line, sizeof(line),
             n_((uint64_t)t.requests, "network: %lld request, %s", "network: %lld requests, %s"),
             (long long)t.requests, size);
    element(out, "li", line);
    night_format_size(n->disk_free, size);
    snprintf(line, sizeof(line), _("disk: %s free"), size);
    element(out, "li", line);
    if (n->law)
        element(out, "li", n->law);
    element(out, "li",
            n->verify_fault ? n->verify_fault : _("quick check of the base: sound"));
    grf_str_addz(out, "</ul></body></html>\n");
}

grf_status night_report_html(const struct night *n, struct grf_str *out,
                             struct grf_err *err)
{
    struct grf_str line;
    grf_str_init(&line, 4096);
    grf_status st = night_report_line(n, &line, err);
    head(n, out);
    grf_str_addz(out, "<p class=\"sum\">");
    text(out, line.p);
    grf_str_addz(out, "</p>\n");
    grf_str_release(&line);
    table(n, out);
    notes(n, NOTE_FAILED, _("Failed"), out);
    notes(n, NOTE_REFUSED, _("Refused"), out);
    notes(n, NOTE_AWAY, _("Away from their source; somebody has to decide"), out);
    notes(n, NOTE_MISSING, _("In the list of acts, not in the base"), out);
    notes(n, NOTE_CHANGED, _("Changed (the version before is kept, marked as replaced)"), out);
    notes(n, NOTE_NEW, _("New"), out);
    rest(n, out);
    return st ? st : grf_str_status(out, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The national format for deliberations (SCDL): a CSV table whose rows are the acts that
 * a body says it has made. Sites write it with ; or , in UTF-8 with or without a mark, or
 * in Latin-1, with dates either way round.
 */
#include <stdio.h>
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_text.h"
#include "listing.h"

enum { COLUMNS_MOST = 200, FIELD_MOST = 1 << 20 };
enum column { COL_ID, COL_DATE, COL_SUBJECT, COL_URL, COL_WANTED };

struct table {
    struct grf_sv text;
    size_t at;
    char separator;
    int place[COL_WANTED]; /* of each column that counts, -1: not there */
    struct grf_str field[COL_WANTED];
    struct grf_str scratch;
};

/* The next field into out (may be NULL: passed over). *last: the row ends with it.
   Inside quotes anything goes, "" is a quote. */
static void next_field(struct table *t, struct grf_str *out, bool *last)
{
    bool quoted = t->at < t->text.n && t->text.p[t->at] == '"';
    t->at += quoted;
    for (; t->at < t->text.n; t->at++) {
        char c = t->text.p[t->at];
        if (quoted && c == '"') {
            bool twice = t->at + 1 < t->text.n && t->text.p[t->at + 1] == '"';
            quoted = twice;
            t->at += twice;
            if (!twice)
                continue;
        } else if (!quoted && (c == t->separator || c == '\n')) {
            break;
        }
        if (out && out->n < FIELD_MOST)
            grf_str_addc(out, c);
    }
    *last = t->at >= t->text.n || t->text.p[t->at] == '\n';
    t->at += t->at < t->text.n;
}

static void trim(struct grf_str *s)
{
    size_t from = 0;
    while (s->n && strchr(" \t\r", s->p[s->n - 1]))
        grf_str_cut(s, s->n - 1);
    while (from < s->n && strchr(" \t", s->p[from]))
        from++;
    memmove(s->p, s->p + from, s->n - from);
    grf_str_cut(s, s->n - from);
}

/* Whichever of the signs stands most often in the first line. */
static char find_separator(struct grf_sv text)
{
    static const char signs[] = ";,\t|";
    const char *end = memchr(text.p, '\n', text.n);
    size_t n = end ? (size_t)(end - text.p) : text.n, most = 0;
    char best = ';';
    for (const char *s = signs; *s; s++) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++)
            count += text.p[i] == *s;
        if (count > most) {
            most = count;
            best = *s;
        }
    }
    return best;
}

static void note_column(struct table *t, int place)
{
    static const char *const names[COL_WANTED] = {"DELIB_ID", "DELIB_DATE", "DELIB_OBJET",
                                                  "DELIB_URL"};
    for (int i = 0; i < COL_WANTED; i++) {
        if (t->place[i] < 0 && strcasecmp(t->scratch.p, names[i]) == 0)
            t->place[i] = place;
    }
}

static grf_status read_head(struct table *t, struct grf_err *err)
{
    bool last = false;
    grf_status st = GRF_OK;
    for (int i = 0; i < COL_WANTED; i++)
        t->place[i] = -1;
    for (int i = 0; !last && !st; i++) {
        grf_str_clear(&t->scratch);
        next_field(t, &t->scratch, &last);
        st = grf_str_status(&t->scratch, err);
        trim(&t->scratch);
        if (i < COLUMNS_MOST)
            note_column(t, i);
    }
    if (!st && t->place[COL_URL] < 0 && t->place[COL_ID] < 0)
        return grf_fail(err, GRF_PARSE, "%s",
                        _("no table of deliberations: neither DELIB_URL nor DELIB_ID among its "
                          "columns"));
    return st;
}

/* "2024-03-01", "01/03/2024" or "2024-03-01T00:00:00" as ISO; empty when it is none. */
static struct grf_sv iso(const char *z, char out[16])
{
    int y = 0, m = 0, d = 0;
    const char *p = z;
    int n[3] = {0, 0, 0}, digits[3] = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        for (; *p >= '0' && *p <= '9' && digits[i] < 4; p++, digits[i]++)
            n[i] = n[i] * 10 + (*p - '0');
        if (i < 2 && *p && strchr("-/.", *p))
            p++;
    }
    if (digits[0] == 4) {
        y = n[0], m = n[1], d = n[2];
    } else if (digits[2] == 4) {
        y = n[2], m = n[1], d = n[0];
    }
    if (y < 1700 || y > 2199 || m < 1 || m > 12 || d < 1 || d > 31)
        return grf_sv("", 0);
    snprintf(out, 16, "%04d-%02d-%02d", y, m, d);
    return grf_sv_z(out);
}

static grf_status add_row(struct table *t, struct listing *l, struct grf_err *err)
{
    char date[16];
    struct listed *x;
    const struct grf_str *url = &t->field[COL_URL];
    bool http = strncasecmp(url->p, "http", 4) == 0 && url->n < HREF_MOST;
    grf_status st = listing_add(l, http ? grf_str_sv(url) : grf_sv("", 0), &x, err);
    if (!st)
        st = listing_set(&x->number, grf_str_sv(&t->field[COL_ID]), err);
    if (!st)
        st = listing_set(&x->date, iso(t->field[COL_DATE].p, date), err);
    if (!st)
        st = listing_set(&x->subject, grf_str_sv(&t->field[COL_SUBJECT]), err);
    if (!st)
        x->document = http; /* the column is for that */
    return st;
}

static grf_status read_row(struct table *t, struct listing *l, struct grf_err *err)
{
    bool last = false, said = false;
    grf_status st = GRF_OK;
    for (int i = 0; i < COL_WANTED; i++)
        grf_str_clear(&t->field[i]);
    for (int i = 0; !last; i++) {
        struct grf_str *out = NULL;
        for (int c = 0; c < COL_WANTED; c++)
            out = t->place[c] == i ? &t->field[c] : out;
        next_field(t, out, &last);
        if (out)
            trim(out);
        said = said || (out && out->n);
        if (out && !st)
            st = grf_str_status(out, err);
    }
    if (st || !said)
        return st; /* an empty line */
    if (!t->field[COL_ID].n && !t->field[COL_URL].n) {
        l->bad_rows++;
        return GRF_OK;
    }
    return add_row(t, l, err);
}

static grf_status read_table(struct table *t, struct listing *l, struct grf_err *err)
{
    t->separator = find_separator(t->text);
    grf_str_init(&t->scratch, FIELD_MOST + 8);
    for (int i = 0; i < COL_WANTED; i++)
        grf_str_init(&t->field[i], FIELD_MOST + 8);
    grf_status st = read_head(t, err);
    while (!st && t->at < t->text.n)
        st = read_row(t, l, err);
    grf_str_release(&t->scratch);
    for (int i = 0; i < COL_WANTED; i++)
        grf_str_release(&t->field[i]);
    return st;
}

/* Latin-1, with what Windows puts between 0x80 and 0x9F. */
static void from_latin1(struct grf_sv text, struct grf_str *out)
{
    static const uint16_t windows[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
        0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        grf_str_add_utf8(out, c >= 0x80 && c < 0xA0 ? windows[c - 0x80] : c);
    }
}

grf_status listing_scdl(struct grf_sv text, struct listing *l, struct grf_err *err)
{
    struct table t = {.at = 0};
    struct grf_str utf8;
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
        text = grf_sv(text.p + 3, text.n - 3);
    if (memchr(text.p, '\0', text.n))
        return grf_fail(err, GRF_PARSE, "%s", _("no text in UTF-8 or Latin-1"));
    grf_str_init(&utf8, text.n * 3 + 8);
    grf_status st = GRF_OK;
    if (grf_text_valid(text) != text.n) {
        from_latin1(text, &utf8);
        st = grf_str_status(&utf8, err);
        text = grf_str_sv(&utf8);
    }
    t.text = text;
    if (!st)
        st = read_table(&t, l, err);
    grf_str_release(&utf8);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of an act: number, subject, dates, receipt, who was there. */
#include <stdio.h>

#include "grf_mem.h"
#include "segment_priv.h"

enum {
    TEXT_MOST = 1 << 20,
    HEAD_LINES = 90,    /* a session's heading is not longer */
    FRAME_LINES = 24,   /* lines that may name the session before its first words */
    DATE_NEAR = 48,     /* bytes between a phrase and its date */
    RECEIPT_MOST = 80
};

/* ---- dates */

static bool date_near(struct grf_sv f, size_t at, size_t near, struct grf_date *out)
{
    size_t from = at;
    struct grf_date_span d;
    if (grf_date_find(f, &from, false, &d) && d.start <= at + near) {
        *out = d.date;
        return true;
    }
    return false;
}

/* "le 27 février" without a year: the last such day before the session. */
static bool day_and_month(struct grf_sv f, size_t at, size_t near, struct grf_date session,
                          struct grf_date *out)
{
    static const char *const months[] = {"janvier", "fevrier", "mars",      "avril",
                                         "mai",     "juin",    "juillet",   "aout",
                                         "septembre", "octobre", "novembre", "decembre"};
    for (int m = 0; m < 12 && session.year; m++) {
        size_t i = seg_find(f, months[m], at);
        if (i == SIZE_MAX || i > at + near)
            continue;
        size_t end = i;
        while (end > at && (f.p[end - 1] == ' ' || f.p[end - 1] == 'r' || f.p[end - 1] == 'e'))
            end--;
        int day = 0;
        for (size_t k = end; k > at && f.p[k - 1] >= '0' && f.p[k - 1] <= '9' && end - k < 2; k--)
            day += (f.p[k - 1] - '0') * (end - k ? 10 : 1);
        if (day < 1 || day > 31)
            continue;
        *out = (struct grf_date){session.year, m + 1, day};
        if (grf_date_key(*out) > grf_date_key(session))
            out->year--;
        return true;
    }
    return false;
}

/* Lines [i, ...) of the same block, at most four and before to, joined. */
static struct grf_sv join_few(const struct seg_doc *d, size_t i, size_t to, size_t most,
                              struct grf_str *s)
{
    size_t end = i + 1;
    while (end < to && end < i + most)
        end++;
    grf_str_clear(s);
    seg_join(d, i, end, s);
    return grf_str_sv(s);
}

static const char *const session_phrases[] = {
    "seance publique du", "seance publique ordinaire du", "seance ordinaire du",
    "seance extraordinaire du", "seance du", "reunion du", "conseil municipal du",
    "conseil municipal extraordinaire du", "conseil municipal ordinaire du",
    "conseil communautaire du", "conseil communautaire", "comite syndical du",
    "bureau communautaire du", "conseil d'administration du", "deliberation du",
    "conseil de communaute du", "seance en date du", "conseil municipal en date du",
    "conseil syndical du", "conseil metropolitain du", NULL};

static bool after_session_phrase(struct grf_sv f, struct grf_date *out)
{
    for (const char *const *p = session_phrases; *p; p++) {
        size_t at = seg_find(f, *p, 0);
        if (at != SIZE_MAX && date_near(f, at + strlen(*p), 30, out))
            return true;
    }
    return false;
}

/* "L'an deux mille vingt, le huit juin" */
static bool year_opening(struct grf_sv f)
{
    static const char *const openings[] = {"l'an ", "l 'an", "l' an ", "lan deux", "l'an", NULL};
    return seg_starts_any(f, openings);
}

static bool opening_date(const struct seg_doc *d, size_t from, size_t to, struct grf_str *s,
                         struct grf_date *out)
{
    for (size_t i = from; i < to; i++) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        if (!year_opening(f))
            continue;
        if (date_near(join_few(d, i, to, 4, s), 0, 60, out))
            return true;
    }
    return false;
}

/* "Approbation du compte-rendu de la séance du ...": another session. */
static bool names_other_session(const struct seg_doc *d, size_t i)
{
    static const char *const words[] = {"approbation", "adoption", "rappel", "derniere",
                                        "dernier conseil", "precedent", NULL};
    struct grf_sv f = seg_fold(d, &d->lines[i]);
    bool item = seg_starts(f, "-") || seg_starts(f, "\xE2\x80\xA2") || seg_starts(f, ">");
    return item || seg_has_any(f, words);
}

static bool heading_date(const struct seg_doc *d, size_t from, size_t to, struct grf_str *s,
                         struct grf_date *out)
{
    for (size_t i = from; i < to && i < from + FRAME_LINES; i++) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        if (d->lines[i].words > 22 || names_other_session(d, i))
            continue;
        if (after_session_phrase(join_few(d, i, to, 3, s), out))
            return true;
        /* "Lundi 13 février 2023 à 17h30", alone under the heading */
        if (d->lines[i].words <= 8 && i < from + 12 && date_near(f, 0, 2, out))
            return true;
    }
    /* "convoqué le 10 décembre, s'est réuni en mairie le 16 décembre 2013" */
    for (size_t i = from; i < to; i++) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        size_t at = seg_find(f, "reuni", 0);
        if (at != SIZE_MAX && at < 60 && date_near(join_few(d, i, to, 3, s), at, 200, out))
            return true;
    }
    return false;
}

static bool running_date(const struct seg_doc *d, struct grf_date *out)
{
    for (size_t i = 0; i < d->n_extra && i < 200; i++) {
        if (after_session_phrase(seg_fold(d, &d->extra[i]), out))
            return true;
    }
    return false;
}

/* Digits of a file name as a day: 20250306, 06-10-2017, 2014_04_05, 13.02.2023. */
static bool figures_date(const int *v, const int *len, size_t n, struct grf_date *out)
{
    struct grf_date d = {0, 0, 0};
    if (len[0] == 8) {
        d = (struct grf_date){v[0] / 10000, v[0] / 100 % 100, v[0] % 100};
        if (d.year < 1950 || d.year > 2100)
            d = (struct grf_date){v[0] % 10000, v[0] / 10000 % 100, v[0] / 1000000};
    } else if (n >= 3 && len[0] == 4 && len[1] <= 2 && len[2] <= 2) {
        d = (struct grf_date){v[0], v[1], v[2]};
    } else if (n >= 3 && len[0] <= 2 && len[1] <= 2 && len[2] == 4) {
        d = (struct grf_date){v[2], v[1], v[0]};
    }
    char iso[11];
    if (d.year < 1950 || d.year > 2100 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > 31)
        return false;
    grf_date_format_iso(d, iso);
    return grf_date_parse_iso(grf_sv_z(iso), out);
}

static bool name_date(const char *title, struct grf_date *out)
{
    char plain[256];
    size_t n = strlen(title);
    n = n < sizeof(plain) - 1 ? n : sizeof(plain) - 1;
    for (size_t i = 0; i < n; i++)
        plain[i] = title[i] == '_' || title[i] == '-' ? ' ' : title[i];
    for (size_t i = 0; i < n; i++) {
        int v[3] = {0}, len[3] = {0};
        size_t at = i, k = 0;
        if (!(title[i] >= '0' && title[i] <= '9') ||
            (i && title[i - 1] >= '0' && title[i - 1] <= '9'))
            continue;
        for (; k < 3 && at < n; k++) {
            for (; at < n && title[at] >= '0' && title[at] <= '9' && len[k] < 9; at++, len[k]++)
                v[k] = v[k] * 10 + (title[at] - '0');
            if (!len[k])
                break;
            at += at < n;
        }
        if (figures_date(v, len, k, out))
            return true;
    }
    return date_near(grf_sv(plain, n), 0, n, out);
}

void seg_session_date(struct seg_doc *d)
{
    struct grf_str s;
    size_t to = d->n_lines < HEAD_LINES ? d->n_lines : HEAD_LINES;
    grf_str_init(&s, TEXT_MOST);
    d->session = (struct grf_date){0, 0, 0};
    if (!opening_date(d, 0, to, &s, &d->session) && !heading_date(d, 0, to, &s, &d->session) &&
        !running_date(d, &d->session) && d->hints->title)
        name_date(d->hints->title, &d->session);
    grf_str_release(&s);
}

/* The session that an act of a file with several belongs to. */
static struct grf_date session_of(const struct seg_doc *d, const struct seg_item *it,
                                  struct grf_str *s)
{
    struct grf_date found = {0, 0, 0};
    if (!it->mark && it->kind != GRF_KIND_DOCUMENT) {
        size_t to = it->end < it->line + HEAD_LINES ? it->end : it->line + HEAD_LINES;
        if (opening_date(d, it->line, to, s, &found) ||
            heading_date(d, it->line, to, s, &found))
            return found;
    }
    for (size_t i = it->line; i-- > HEAD_LINES;) {
        if (d->lines[i].first && year_opening(seg_fold(d, &d->lines[i])) &&
            date_near(join_few(d, i, d->n_lines, 4, s), 0, 60, &found))
            return found;
    }
    return d->session;
}

/* "Fait à Corte, le 20 novembre 2023": the day of an order. */
static bool signing_date(const struct seg_doc *d, const struct seg_item *it,
                         struct grf_date *out)
{
    for (size_t i = it->end; i-- > it->line;) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        size_t le = seg_find(f, "le ", 0);
        if ((seg_starts(f, "fait ") || seg_starts(f, "a ")) && le != SIZE_MAX &&
            d->lines[i].words < 14 && date_near(f, le, 16, out))
            return true;
    }
    return false;
}

struct dated {
    const char *const *phrases;
    char *to;
    size_t near;
};

static const char *const convoked[] = {"date de la convocation", "date de convocation",
                                       "convocation", "convoque", NULL};
static const char *const received[] = {
    "reception en prefecture", "recu en prefecture", "recue en prefecture",
    "recu a la prefecture", "reception par le prefet", "recu en sous-prefecture",
    "reception en sous-prefecture", "transmis en prefecture", "transmise en prefecture",
    "transmission en prefecture", "transmis au representant", "transmission au controle",
    "depose en prefecture", "depot en prefecture", "date de reception", NULL};
static const char *const sent[] = {"envoye en prefecture", "envoi prefecture", NULL};
static const char *const published[] = {
    "publiee le", "publie le", "affichee le", "affiche le", "date d'affichage",
    "date de publication", "publication le", "affichage le", "mis en ligne le",
    "mise en ligne le", "affichage du", "publication :", "affichage :", NULL};

static void look_for_date(struct grf_sv f, const char *const *phrases, size_t near,
                          struct grf_date session, char to[11])
{
    struct grf_date d;
    if (to[0])
        return;
    for (; *phrases; phrases++) {
        size_t at = seg_find(f, *phrases, 0);
        if (at == SIZE_MAX)
            continue;
        at += strlen(*phrases);
        bool whole = date_near(f, at, near, &d);
        struct grf_date dm;
        bool part = day_and_month(f, at, 24, session, &dm);
        /* "convoqué le 27 février, s'est réuni le 5 mars 2025" */
        if (part && (!whole || dm.month != d.month || dm.day != d.day))
            d = dm;
        else if (!whole)
            continue;
        grf_date_format_iso(d, to);
        return;
    }
}

static void dates_in_line(struct grf_sv f, struct grf_date session, struct grf_act *a)
{
    look_for_date(f, convoked, DATE_NEAR, session, a->convocation_date);
    look_for_date(f, received, 30, session, a->received_date);
    look_for_date(f, published, 30, session, a->published_date);
}

static void other_dates(const struct seg_doc *d, const struct seg_item *it,
                        struct grf_date session, struct grf_str *s, struct grf_act *a)
{
    bool own = !it->mark; /* a single act holds its heading itself */
    size_t from = own ? it->line : 0, to = own ? it->end : d->n_lines;
    for (size_t i = from; i < to; i++) {
        if (!own && i == HEAD_LINES && d->close > i)
            i = d->close < d->n_lines ? d->close : d->n_lines - 1;
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        if (seg_has(f, "convo") || seg_has(f, "prefecture") || seg_has(f, "affich") ||
            seg_has(f, "publi") || seg_has(f, "ligne le"))
            dates_in_line(join_few(d, i, to, 2, s), session, a);
    }
    for (size_t i = 0; i < d->n_extra; i++) {
        int page = d->extra[i].page + 1;
        struct grf_sv f = seg_fold(d, &d->extra[i]);
        if (page < a->first_page || page > a->last_page)
            continue;
        dates_in_line(f, session, a);
    }
    for (size_t i = 0; i < d->n_extra && !a->received_date[0]; i++) {
        int page = d->extra[i].page + 1;
        if (page >= a->first_page && page <= a->last_page)
            look_for_date(seg_fold(d, &d->extra[i]), sent, 30, session, a->received_date);
    }
}

/* ---- receipt: department-SIREN-date-number-nature */

/* A digit, or a letter that OCR takes for one. */
static char as_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c;
    return c == 'O' || c == 'o' ? '0' : c == 'l' || c == 'I' ? '1' : c == 'S' ? '5' : 0;
}

static bool take_digits(struct grf_sv t, size_t *at, size_t n, char *out, size_t *len)
{
    for (size_t i = 0; i < n; i++, ++*at) {
        bool corsica = n == 3 && i == 2 && *at < t.n && (t.p[*at] == 'A' || t.p[*at] == 'B');
        char c = *at < t.n ? (corsica ? t.p[*at] : as_digit(t.p[*at])) : 0;
        if (!c)
            return false;
        out[(*len)++] = c;
    }
    return true;
}

static bool take_hyphen(struct grf_sv t, size_t *at, char *out, size_t *len)
{
    while (*at < t.n && t.p[*at] == ' ')
        ++*at;
    if (*at >= t.n)
        return false;
    if (t.p[*at] == '-')
        ++*at;
    else if (*at + 2 < t.n && memcmp(t.p + *at, "\xE2\x80", 2) == 0)
        *at += 3;
    else
        return false;
    while (*at < t.n && t.p[*at] == ' ')
        ++*at;
    out[(*len)++] = '-';
    return true;
}

static bool is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '_' || c == '.' || c == '-';
}

/* The receipt id that begins at byte at, if there is one. */
static bool receipt_at(struct grf_sv t, size_t at, char out[RECEIPT_MOST + 1])
{
    size_t len = 0;
    if (!take_digits(t, &at, 3, out, &len) || !take_hyphen(t, &at, out, &len) ||
        !take_digits(t, &at, 9, out, &len) || !take_hyphen(t, &at, out, &len) ||
        !take_digits(t, &at, 8, out, &len) || !take_hyphen(t, &at, out, &len))
        return false;
    size_t begin = len;
    while (at < t.n && len < RECEIPT_MOST && is_id_char(t.p[at]))
        out[len++] = t.p[at++];
    out[len] = 0;
    return len >= begin + 4 && out[len - 3] == '-' && out[len - 1] >= 'A' &&
           out[len - 1] <= 'Z' && out[len - 2] >= 'A' && out[len - 2] <= 'Z';
}

static bool find_receipt(struct grf_sv t, char out[RECEIPT_MOST + 1])
{
    for (size_t i = 0; i + 26 < t.n; i++) {
        bool start = as_digit(t.p[i]) && (!i || !is_id_char(t.p[i - 1]));
        if (start && receipt_at(t, i, out))
            return true;
    }
    return false;
}

static grf_status set_receipt(const struct seg_doc *d, const struct seg_item *it,
                              struct grf_act *a, struct grf_err *err)
{
    char id[RECEIPT_MOST + 1];
    bool found = false;
    for (size_t i = 0; i < d->n_extra && !found; i++) {
        int page = d->extra[i].page + 1;
        found = page >= a->first_page && page <= a->last_page &&
                find_receipt(seg_raw(d, &d->extra[i]), id);
    }
    for (size_t i = it->line; i < it->end && !found; i++)
        found = d->lines[i].words < 20 && find_receipt(seg_raw(d, &d->lines[i]), id);
    if (!found)
        return GRF_OK;
    a->receipt_id = grf_strdup(id);
    return a->receipt_id ? GRF_OK : grf_fail_nomem(err);
}

/* ---- who was there */

static int number_after(struct grf_sv f, const char *phrase)
{
    size_t at = seg_find(f, phrase, 0);
    if (at == SIZE_MAX)
        return -1;
    at += strlen(phrase);
    while (at < f.n && (f.p[at] == ' ' || f.p[at] == ':' || f.p[at] == '('))
        at++;
    int v = 0;
    size_t from = at;
    while (at < f.n && f.p[at] >= '0' && f.p[at] <= '9' && at - from < 4)
        v = v * 10 + (f.p[at++] - '0');
    return at > from && v < 1000 ? v : -1;
}

static int number_in_front(struct grf_sv f, const char *phrase)
{
    size_t at = seg_find(f, phrase, 0);
    if (at == SIZE_MAX || at < 2 || f.p[at - 1] != ' ')
        return -1;
    int v = 0, place = 1;
    size_t from = at - 1;
    for (; from > 0 && f.p[from - 1] >= '0' && f.p[from - 1] <= '9' && place < 1000; from--) {
        v += (f.p[from - 1] - '0') * place;
        place *= 10;
    }
    return place > 1 ? v : -1;
}

static void set_if(int *to, int v)
{
    if (*to < 0 && v >= 0)
        *to = v;
}

static void set_members(const struct seg_doc *d, const struct seg_item *it, struct grf_act *a)
{
    size_t from = it->mark ? 0 : it->line;
    size_t to = from + 40 < d->n_lines ? from + 40 : d->n_lines;
    for (size_t i = from; i < to; i++) {
        struct grf_sv f = seg_fold(d, &d->lines[i]);
        set_if(&a->members, number_after(f, "en exercice"));
        set_if(&a->members, number_in_front(f, "conseillers en exercice"));
        set_if(&a->present, number_after(f, "presents"));
        set_if(&a->present, number_after(f, "membres presents"));
        set_if(&a->present, number_in_front(f, "presents"));
        set_if(&a->absent, number_after(f, "absents"));
        set_if(&a->absent, number_in_front(f, "absents"));
    }
}

static grf_status set_rapporteur(const struct seg_doc *d, const struct seg_item *it,
                                 struct grf_act *a, struct grf_err *err)
{
    size_t to = it->end < it->line + HEAD_LINES ? it->end : it->line + HEAD_LINES;
    for (size_t i = it->line; i < to; i++) {
        const struct seg_line *l = &d->lines[i];
        struct grf_sv f = seg_fold(d, l), raw = seg_raw(d, l);
        size_t start = 0, end = seg_find(f, "rapporte :", 0);
        if (l->words > 14)
            continue;
        if (end == SIZE_MAX) {
            size_t at = seg_find(f, "rapporteur", 0);
            if (at == SIZE_MAX)
                continue;
            start = at + 10;
            start += start < f.n && f.p[start] == 'e'; // rapporteure
            while (start < f.n && (f.p[start] == ' ' || f.p[start] == ':'))
                start++;
            end = f.n;
        }
        start = seg_raw_offset(d, l, start);
        end = seg_raw_offset(d, l, end);
        while (end > start && strchr(" ,.:;)", raw.p[end - 1]))
            end--;
        if (end <= start + 2 || end - start > 80)
            continue;
        a->rapporteur = grf_strndup(raw.p + start, end - start);
        return a->rapporteur ? GRF_OK : grf_fail_nomem(err);
    }
    return GRF_OK;
}

grf_status seg_fill_fields(const struct seg_doc *d, const struct seg_item *it,
                           struct grf_act *a, struct grf_err *err)
{
    struct grf_str s;
    struct grf_date day;
    grf_str_init(&s, TEXT_MOST);
    struct grf_date session = session_of(d, it, &s);
    bool order = it->kind == GRF_KIND_ARRETE || it->kind == GRF_KIND_DECISION;
    if (order && signing_date(d, it, &day))
        session = day;
    other_dates(d, it, session, &s, a);
    grf_status st = set_receipt(d, it, a, err);
    if (!session.year && a->receipt_id) {
        int v = 0, len = 8;
        for (int i = 14; i < 22; i++)
            v = v * 10 + (a->receipt_id[i] - '0');
        figures_date(&v, &len, 1, &session);
    }
    if (session.year)
        grf_date_format_iso(session, a->session_date);
    if (!st && it->kind != GRF_KIND_DOCUMENT) {
        set_members(d, it, a);
        st = set_rapporteur(d, it, a, err);
        seg_read_votes(d, it->after_title, it->end, &a->votes);
    }
    grf_str_release(&s);
    return st;
}

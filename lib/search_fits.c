/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether an act is of the body, the number and the time that the question names, as
 * conditions.
 * "La cantine en 2019" is not answered by an act of 2018, however near; an act of another
 * year answers when it says that year ("budget 2020", voted in 2019).
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "search_priv.h"

enum {
    RANGE_MOST = 12, /* years: "2021-2026" covers 2023; longer ones are something else */
    LAW_BEFORE = 8   /* words between "loi" and its year */
};

/* ---- times of an act */

static bool within(const struct asked_time *t, int64_t from, int64_t to)
{
    return from <= t->to && to >= t->from;
}

static bool day_within(const struct asked_time *t, const char *iso)
{
    struct grf_date d;
    if (!iso[0] || !grf_date_parse_iso(grf_sv_z(iso), &d))
        return false;
    return within(t, grf_date_key(d), grf_date_key(d));
}

static int year_in(const struct grf_word *w)
{
    if (w->norm_len != 4 || !w->has_digit)
        return 0;
    int year = 0;
    for (size_t i = 0; i < 4; i++) {
        if (w->norm[i] < '0' || w->norm[i] > '9')
            return 0;
        year = year * 10 + (w->norm[i] - '0');
    }
    return year >= 1900 && year < 2100 ? year : 0;
}

/* Whether text names a year of the time, itself or by a range ("2021-2026"); years of
   laws do not count. */
static bool says_year(struct grf_sv text, const struct asked_time *t)
{
    struct grf_words it;
    struct grf_word w;
    int last = 0, since_law = LAW_BEFORE;
    bool article = false; /* "L. 2031-4" is no year */
    size_t last_end = 0;
    int64_t first = t->from / 10000, final = t->to / 10000;
    grf_words_init(&it, text);
    while (grf_words_next(&it, &w)) {
        int year = article ? 0 : year_in(&w);
        article = w.norm_len == 1 && strchr("lrd", w.norm[0]);
        since_law = is_law_word(w.norm) ? 0 : since_law + 1;
        if (year && since_law > LAW_BEFORE) {
            bool joined = last && w.start == last_end + 1 && year > last &&
                          year - last <= RANGE_MOST;
            if ((year >= first && year <= final) ||
                (joined && last <= final && year >= first))
                return true;
        }
        last = year;
        last_end = w.end;
    }
    return false;
}

static int64_t last_day(struct grf_date d)
{
    return grf_date_key((struct grf_date){d.year, d.month ? d.month : 12, d.day ? d.day : 31});
}

/* Whether text has a date of the time. */
static bool says_date(struct grf_sv text, const struct asked_time *t)
{
    struct grf_date_span d;
    size_t at = 0;
    while (grf_date_find(text, &at, true, &d)) {
        if (d.date.month && (d.date.day || !t->day) &&
            within(t, grf_date_key(d.date), last_day(d.date)))
            return true;
    }
    return false;
}

static bool is_whole_years(const struct asked_time *t)
{
    return t->from % 10000 <= 101 && t->to % 10000 == 1231;
}

static bool says_time(struct grf_sv text, const struct asked_time *t)
{
    return is_whole_years(t) ? says_year(text, t) : says_date(text, t);
}

static bool dated(const struct asked_time *t, const struct grf_act *a, bool bare)
{
    if (day_within(t, a->session_date))
        return true;
    return t->day && !bare &&
           (day_within(t, a->received_date) || day_within(t, a->published_date));
}

static bool of_time(const struct understood *u, const struct grf_result *r,
                    struct grf_sv text, bool bare)
{
    const struct grf_act *a = &r->act.act;
    bool met = !u->n_times;
    for (size_t i = 0; i < u->n_times && !met; i++) {
        const struct asked_time *t = &u->times[i];
        met = dated(t, a, bare);
        if (!met && !t->decided && !bare)
            met = says_time(grf_sv_z(a->subject), t) || says_time(text, t) ||
                  says_time(grf_sv_z(r->doc.title), t);
    }
    return met;
}

/* ---- numbers of an act */

/* The next group of digits, without leading zeros. */
static bool next_group(struct grf_sv t, size_t *at, struct grf_sv *group)
{
    size_t i = *at;
    while (i < t.n && (t.p[i] < '0' || t.p[i] > '9'))
        i++;
    size_t from = i;
    while (i < t.n && t.p[i] >= '0' && t.p[i] <= '9')
        i++;
    while (from + 1 < i && t.p[from] == '0')
        from++;
    *at = i;
    *group = grf_sv(t.p + from, i - from);
    return i > from;
}

/* "2025-11" and "D2025_011": the same groups of digits. */
static bool same_groups(struct grf_sv a, struct grf_sv b)
{
    struct grf_sv x, y;
    size_t i = 0, k = 0;
    bool more = true;
    while (more) {
        more = next_group(a, &i, &x);
        if (next_group(b, &k, &y) != more)
            return false;
        if (more && (x.n != y.n || memcmp(x.p, y.p, x.n) != 0))
            return false;
    }
    return true;
}

/* Whether text has a word or a chain of words ("20-06/011") with the number's groups. */
static bool says_number(struct grf_sv text, struct grf_sv number)
{
    size_t i = 0;
    while (i < text.n) {
        size_t from = i;
        bool digit = false;
        while (i < text.n && text.p[i] != ' ' && text.p[i] != '\n' && text.p[i] != ',' &&
               text.p[i] != ';') {
            digit = digit || (text.p[i] >= '0' && text.p[i] <= '9');
            i++;
        }
        if (digit && i - from <= 4 + 2 * number.n &&
            same_groups(grf_sv(text.p + from, i - from), number))
            return true;
        i++;
    }
    return false;
}

static bool of_number(const struct understood *u, const struct grf_result *r,
                      struct grf_sv text, bool bare)
{
    const struct grf_act *a = &r->act.act;
    bool asked = false;
    for (size_t i = 0; i < u->n_hints; i++) {
        const struct grf_filter_term *t = &u->hints[i].term;
        if (!t->value.n || t->name != GRF_FILTER_NUMBER)
            continue;
        asked = true;
        if (a->number && same_groups(grf_sv_z(a->number), t->value))
            return true;
        if (a->receipt_id && same_groups(grf_sv_z(a->receipt_id), t->value))
            return true;
        if (!bare && (says_number(text, t->value) ||
                      says_number(grf_sv_z(a->subject), t->value)))
            return true;
    }
    return !asked;
}

bool of_other_body(const struct understood *u, const struct grf_result *r)
{
    bool asked = false;
    for (size_t i = 0; i < u->n_hints; i++) {
        const struct grf_filter_term *t = &u->hints[i].term;
        if (!t->value.n || t->name != GRF_FILTER_BODY)
            continue;
        asked = true;
        if (r->act.act.body && grf_text_same_key(grf_sv_z(r->act.act.body), t->value))
            return false;
    }
    return asked;
}

static bool meets_all(const struct understood *u, const struct grf_result *r,
                      struct grf_sv text, bool bare)
{
    return of_time(u, r, text, bare) && of_number(u, r, text, bare);
}

/* The same with the words of the passage, which have to be read for that. */
static grf_status text_meets(struct run *run, const struct grf_result *r, bool bare,
                             bool *yes, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(run->base->meta, r->passage.doc_id, r->passage.page, false,
                                  &p, &local);
    struct grf_sv page = grf_str_sv(&p.text);
    if (!st && r->passage.start <= r->passage.end && r->passage.end <= page.n)
        *yes = meets_all(&run->u, r,
                         grf_sv(page.p + r->passage.start, r->passage.end - r->passage.start),
                         bare);
    else if (st && err)
        *err = local;
    grf_page_release(&p);
    return st;
}

grf_status fits(struct run *run, const struct grf_result *r, bool look, bool *yes,
                struct grf_err *err)
{
    const struct understood *u = &run->u;
    bool bare = is_bare(u);
    bool other = of_other_body(u, r);
    *yes = !asks_the_act(u) && !other;
    if (*yes || other)
        return GRF_OK;
    *yes = meets_all(u, r, grf_sv("", 0), bare);
    return *yes || bare || !look ? GRF_OK : text_meets(run, r, bare, yes, err);
}

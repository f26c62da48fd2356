/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dates: the forms of real acts, what must not be taken for one, options, output.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "grf_date.h"

/* All dates of text as "YYYY-MM-DD" with blanks between. */
static void all_dates(const char *text, bool partial, char *out, size_t size)
{
    struct grf_date_span s;
    size_t at = 0, used = 0, last = 0;
    out[0] = 0;
    while (grf_date_find(grf_sv_z(text), &at, partial, &s)) {
        char iso[11];
        assert_true(s.start >= last && s.start < s.end && s.end <= strlen(text));
        assert_int_equal(at, s.end);
        last = s.end;
        grf_date_format_iso(s.date, iso);
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", iso);
        assert_true(used < size);
    }
    assert_int_equal(at, strlen(text));
}

#define assert_dates(text, expected)          \
    do {                                      \
        char got_[256];                       \
        all_dates(text, false, got_, 256);    \
        assert_string_equal(got_, expected);  \
    } while (0)

#define assert_partial(text, expected)        \
    do {                                      \
        char got_[256];                       \
        all_dates(text, true, got_, 256);     \
        assert_string_equal(got_, expected);  \
    } while (0)

static void test_spelled(void **state)
{
    (void)state;
    assert_dates("Séance du 5 avril 2014.", "2014-04-05");
    assert_dates("le 1er avril 2022", "2022-04-01");
    assert_dates("le 1 er avril 2022", "2022-04-01");
    assert_dates("1er FEVRIER 2016", "2016-02-01");
    assert_dates("1ᵉʳ février 2016", "2016-02-01");
    assert_dates("au 1°* avril 2020, puis le 1% mai 2021, le ler juin 2021",
                 "2020-04-01 2021-05-01 2021-06-01");
    assert_dates("lundi 31 mars 2025", "2025-03-31");
    assert_dates("JEUDI 24 AVRIL\n2014", "2014-04-24");
    assert_dates("26\u00a0d\u00e9cembre\u00a01999", "1999-12-26");
    assert_dates("26 de\u0301cembre 1999 et 27 aout 2025", "1999-12-26 2025-08-27");
    assert_dates("15 sept. 2019, 3 févr. 2020, 4 déc 2020", "2019-09-15 2020-02-03 2020-12-04");
    assert_dates("5 avril2014 ; 5 avril 20 14 ; 5 déc embre 2014",
                 "2014-04-05 2014-04-05 2014-12-05");
    assert_dates("du 12 au 15 mars 2014", "2014-03-15");
    assert_dates("29 février 2024", "2024-02-29");
}

static void test_words(void **state)
{
    (void)state;
    assert_dates("L'an deux mil dix sept, le dix neuf juin, les Membres", "2017-06-19");
    assert_dates("L’an deux mille vingt-quatre, le 10 décembre à 19h00", "2024-12-10");
    assert_dates("L'an Deux-mille-vingt, le vingt et un décembre", "2020-12-21");
    assert_dates("L’an deux mil vingt le vingt huit septembre à vingt heures", "2020-09-28");
    assert_dates("L'AN DEUX MILLE VINGT ET UN ET LE QUINZE MARS", "2021-03-15");
    assert_dates("L'an 2017, le 19 juin", "2017-06-19");
    assert_dates("l'an deux mille dix-neuf, le dix-neuf du mois de juin", "2019-06-19");
    assert_dates("l'an deux mille dix-neuf, le vendredi premier mars", "2019-03-01");
    assert_dates("convoqués le dix-neuf septembre deux mil vingt se sont", "2020-09-19");
    assert_dates("le 29 mars deux mil vingt et un", "2021-03-29");
    assert_dates("le trente et un mars mil neuf cent quatre-vingt-dix-neuf", "1999-03-31");
    assert_dates("le trois mai mil huit cent soixante et onze", "1871-05-03");
    assert_dates("l'an deux mille dix-sept, le 19 juin 2017", "2017-06-19");
    assert_dates("le premier janvier deux mille", "2000-01-01");
}

static void test_numeric(void **state)
{
    (void)state;
    assert_dates("Envoi Préfecture : 06/02/2013", "2013-02-06");
    assert_dates("le 5.4.2014 ou 5-4-2014 ou 05 / 04 / 2014",
                 "2014-04-05 2014-04-05 2014-04-05");
    assert_dates("2014-04-05", "2014-04-05");
    assert_dates("séance du 2014-04-05, date : 2014-04-06", "2014-04-05 2014-04-06");
    assert_dates("Affiché le 13.09.24", "2024-09-13");
    assert_dates("loi du 26/01/84", "1984-01-26");
    assert_dates("(15/11/2018)", "2018-11-15");
}

static void test_not_dates(void **state)
{
    static const char *const not[] = {
        "1/3 des voix", "24/04/0xx", "24/04/01xx", "05 55 12 20 14", "05.55.12.20.14",
        "le 05.06.12.20.14", "article L2121-29 et R. 2121-9", "12.340,35 €",
        "1 127 850 Euros", "1.600.000 euros", "n° 2013 / 7", "n° 12-04-2014",
        "délibération n°31-18-07-2024", "délibération n°2016/27/09",
        "2020-03-01 CONTRAT DE DERATISATION", "délibération 2020-11-03 sur",
        "034-213401722-20130204-0000061093-DE", "2013-02-04-0000061093", "30 février 2014",
        "29 février 2023", "31/04/2014", "00/04/2014", "5/13/2014", "5/4/14", "13.09.24",
        "parcelles 40-41-42", "5 avril 1788", "5 avril 2200", "5 avril", "mars 2025",
        "en 2019", "deux mille euros le dix", "trois mars", "1.12 mars 20145",
        "loi n° 84-53", "le 5 avril. 2014 voix", "123 mars 2014", "12/05 mars 2014",
        "le 5/4.2014", "99999999999999999999/04/2014", "",
    };
    (void)state;
    for (size_t i = 0; i < GRF_ARRAY_LEN(not); i++) {
        char got[256];
        all_dates(not[i], false, got, sizeof got);
        if (got[0])
            fail_msg("'%s' gives %s", not[i], got);
    }
}

static void test_partial(void **state)
{
    (void)state;
    assert_partial("le budget de mars 2025", "2025-03-00");
    assert_partial("qu'a-t-on décidé en 2019 ?", "2019-00-00");
    assert_partial("année 2018, sept. 2019", "2018-00-00 2019-09-00");
    assert_partial("l'an deux mille vingt", "2020-00-00");
    assert_partial("L'an deux mil vingt, le neuf mars", "2020-03-09");
    assert_partial("le 5 avril 2014", "2014-04-05");
    assert_partial("2019 voix, en 20199, en 19, en 2019-12", "");
}

static void test_span(void **state)
{
    const char *text = "Le lundi 31 mars 2025 à 20 h";
    struct grf_date_span s;
    size_t at = 0;
    (void)state;
    assert_true(grf_date_find(grf_sv_z(text), &at, false, &s));
    assert_int_equal(s.start, 3);
    assert_int_equal(s.end, 21);
    assert_int_equal(grf_date_key(s.date), 20250331);
    assert_false(grf_date_find(grf_sv_z(text), &at, false, &s));
}

static void test_options(void **state)
{
    struct grf_date a, b;
    static const char *const bad[] = {"",           "20",         "2014-4-5",   "2014/04/05",
                                      "2014-02-30", "2014-13",    "2014-00",    "1788",
                                      "2014-04-05 ", " 2014-04-05", "+014-04-05", "2014-04-0x"};
    (void)state;
    assert_true(grf_date_parse_iso(grf_sv_z("2014-04-05"), &a));
    assert_int_equal(grf_date_key(a), 20140405);
    assert_false(grf_date_parse_iso(grf_sv_z("2014-04"), &a));
    for (size_t i = 0; i < GRF_ARRAY_LEN(bad); i++) {
        assert_false(grf_date_parse_iso(grf_sv_z(bad[i]), &a));
        assert_false(grf_date_parse_range(grf_sv_z(bad[i]), &a, &b));
    }
    assert_true(grf_date_parse_range(grf_sv_z("2019"), &a, &b));
    assert_int_equal(grf_date_key(a), 20190101);
    assert_int_equal(grf_date_key(b), 20191231);
    assert_true(grf_date_parse_range(grf_sv_z("2024-02"), &a, &b));
    assert_int_equal(grf_date_key(a), 20240201);
    assert_int_equal(grf_date_key(b), 20240229);
    assert_true(grf_date_parse_range(grf_sv_z("2014-04-05"), &a, &b));
    assert_int_equal(grf_date_key(a), grf_date_key(b));
}

static void test_format(void **state)
{
    char out[32], iso[11];
    (void)state;
    grf_date_format_fr((struct grf_date){2014, 4, 5}, out);
    assert_string_equal(out, "5 avril 2014");
    grf_date_format_fr((struct grf_date){2014, 8, 1}, out);
    assert_string_equal(out, "1er août 2014");
    grf_date_format_fr((struct grf_date){2014, 12, 0}, out);
    assert_string_equal(out, "décembre 2014");
    grf_date_format_fr((struct grf_date){2014, 0, 0}, out);
    assert_string_equal(out, "2014");
    grf_date_format_fr((struct grf_date){INT32_MAX, 77, -1}, out);
    grf_date_format_iso((struct grf_date){INT32_MIN, INT32_MAX, -1}, iso);
    assert_int_equal(strlen(iso), 10);
}

/* Every day of a century is read back from each form that is written for it. */
static void test_round_trip(void **state)
{
    (void)state;
    for (int y = 1950; y < 2050; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; d <= 31; d++) {
                struct grf_date_span s;
                struct grf_date day;
                char iso[11], fr[40];
                size_t at = 0;
                snprintf(fr, sizeof fr, "%04d-%02d-%02d", y, m, d);
                if (!grf_date_parse_iso(grf_sv_z(fr), &day))
                    continue;
                grf_date_format_iso(day, iso);
                assert_string_equal(iso, fr);
                grf_date_format_fr(day, fr);
                assert_true(grf_date_find(grf_sv_z(fr), &at, false, &s));
                assert_int_equal(grf_date_key(s.date), grf_date_key(day));
                assert_int_equal(s.end, strlen(fr));
                snprintf(fr, sizeof fr, "%02d/%02d/%04d", d, m, y);
                at = 0;
                assert_true(grf_date_find(grf_sv_z(fr), &at, false, &s));
                assert_int_equal(grf_date_key(s.date), grf_date_key(day));
            }
}

/* Pieces of dates and of broken UTF-8, shuffled: spans stay inside the text, which is
   copied to the heap so that a reader of bytes beyond it is caught. */
static void test_hostile(void **state)
{
    static const char *const pieces[] = {
        "1", "er", " ", "deux", "mil", "-", "vingt", "et", "un", "avril", "2014", "/", ".",
        "le", "l'an", ",", "\xC3", "\xE2\x80", "\xFF", "12", "\n", "cent", "quatre", "sept",
        "du", "mois", "de", "en", "lundi", "\xC2\xB0", "1*'", "20", "déc", "embre"};
    unsigned seed = 7;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[128];
        size_t n = 0, at = 0;
        for (int k = 0; k < 12; k++) {
            seed = seed * 1103515245u + 12345u;
            const char *p = pieces[(seed >> 16) % GRF_ARRAY_LEN(pieces)];
            memcpy(text + n, p, strlen(p));
            n += strlen(p);
        }
        char *exact = malloc(n);
        assert_non_null(exact);
        memcpy(exact, text, n);
        struct grf_date_span s;
        size_t before = 0;
        while (grf_date_find(grf_sv(exact, n), &at, round & 1, &s)) {
            assert_true(s.start >= before && s.end > s.start && s.end <= n);
            before = s.end;
        }
        free(exact);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelled),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_numeric),    cmocka_unit_test(test_not_dates),
        cmocka_unit_test(test_partial),    cmocka_unit_test(test_span),
        cmocka_unit_test(test_options),    cmocka_unit_test(test_format),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Differences of texts, word by word: chosen cases as a reader sees them, then many made
 * by chance, which must always give back both texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grf_mem.h"
#include "grf_str.h"
#include "grf_worddiff.h"

/* The difference in one line: "le [-maire-]{+président+} décide". */
static void show(const char *a, const char *b, struct grf_str *out)
{
    static const char *const marks[][2] = {{"", ""}, {"[-", "-]"}, {"{+", "+}"}};
    struct grf_worddiff d = {0};
    assert_int_equal(grf_worddiff_find(grf_sv_z(a), grf_sv_z(b), &d, NULL), GRF_OK);
    grf_str_clear(out);
    for (size_t i = 0; i < d.n; i++) {
        grf_str_addz(out, marks[d.v[i].op][0]);
        grf_str_addsv(out, d.v[i].text);
        grf_str_addz(out, marks[d.v[i].op][1]);
    }
    grf_worddiff_release(&d);
}

static void chosen(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *shown;
    } cases[] = {
        {"", "", ""},
        {"", "un mot", "{+un mot+}"},
        {"un mot", "", "[-un mot-]"},
        {"un mot", "un mot", "un mot"},
        {"le maire décide", "le président décide", "le [-maire -]{+président +}décide"},
        {"l'article, dit", "l’article dit", "l’article [-, -]dit"},
        {"à l'article L. 2121-29 du code", "à l'article L. 2121-30 du code",
         "à l'article L. [-2121-29 -]{+2121-30 +}du code"},
        {"un  deux\n trois ", "un deux trois", "un deux trois"},
        {"10.000 F", "10.000 euros", "10.000 [-F-]{+euros+}"},
        {"trois jours francs", "cinq jours francs", "[-trois -]{+cinq +}jours francs"},
        {"fin.", "fin ;", "fin [-.-]{+;+}"},
        {"-0,5 % de l'au-delà", "- 0,5 % de l'au-delà", "- 0,5 % de l'au-delà"},
        {"il décide aussi", "il décide", "il décide[- aussi-]"},
        {"\xFF\xFE", "\xFF", "[-\xFF\xFE-]{+\xFF+}"},
    };
    struct grf_str out;
    grf_str_init(&out, 65536);
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        show(cases[i].a, cases[i].b, &out);
        assert_string_equal(out.p, cases[i].shown);
    }
    grf_str_release(&out);
}

/* Two words that happen to stand between two large changes are part of one change. */
static void chance_words(void **state)
{
    (void)state;
    struct grf_str out;
    grf_str_init(&out, 65536);
    show("Le conseil examine chaque année la situation financière de la commune avant le vote",
         "Le conseil débat publiquement sur les orientations de la section avant le vote",
         &out);
    assert_string_equal(
        out.p, "Le conseil [-examine chaque année la situation financière de la commune -]"
               "{+débat publiquement sur les orientations de la section +}avant le vote");
    grf_str_release(&out);
}

static void same(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {{"", "", true},         {" ", "", true},
                 {"a b", "a\n\xC2\xA0" "b", true}, {"a b", "ab", false},
                 {"l'eau", "l’eau", true}, {"a", "a b", false},
                 {"a.", "a .", true},    {"a", "", false}};
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++)
        assert_int_equal(grf_worddiff_same(grf_sv_z(cases[i].a), grf_sv_z(cases[i].b)),
                         cases[i].same);
}

/* Both texts come back from the segments: the new one to the byte. */
static void assert_whole(struct grf_sv a, struct grf_sv b, const struct grf_worddiff *d)
{
    struct grf_str old_words, new_text;
    grf_str_init(&old_words, 1 << 26);
    grf_str_init(&new_text, 1 << 26);
    for (size_t i = 0; i < d->n; i++) {
        if (d->v[i].op != GRF_DIFF_INS)
            grf_str_addsv(&old_words, d->v[i].text);
        grf_str_addc(&old_words, ' ');
        if (d->v[i].op != GRF_DIFF_DEL)
            grf_str_addsv(&new_text, d->v[i].text);
        assert_true(d->v[i].text.n > 0);
    }
    assert_int_equal(new_text.n, b.n);
    assert_memory_equal(new_text.p, b.p, b.n);
    assert_true(grf_worddiff_same(grf_str_sv(&old_words), a));
    grf_str_release(&old_words);
    grf_str_release(&new_text);
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16;
}

static void add_words(struct grf_str *s, size_t n, unsigned kinds, uint32_t *seed)
{
    static const char *const ends[] = {" ", " ", " ", "\n", ", ", ". ", " l'"};
    for (size_t i = 0; i < n; i++)
        grf_str_addf(s, "%c%u%s", 'a' + (int)(next(seed) % 3), next(seed) % kinds,
                     ends[next(seed) % GRF_ARRAY_LEN(ends)]);
}

static void by_chance(void **state)
{
    (void)state;
    uint32_t seed = 7;
    struct grf_str a, b;
    grf_str_init(&a, 1 << 20);
    grf_str_init(&b, 1 << 20);
    for (int i = 0; i < 600; i++) {
        struct grf_worddiff d = {0};
        unsigned kinds = 1 + next(&seed) % 40;
        grf_str_clear(&a);
        grf_str_clear(&b);
        add_words(&a, next(&seed) % 60, kinds, &seed);
        if (i % 2)
            grf_str_addsv(&b, grf_sv(a.p, a.n / 3));
        add_words(&b, next(&seed) % 60, kinds, &seed);
        assert_int_equal(grf_worddiff_find(grf_str_sv(&a), grf_str_sv(&b), &d, NULL), GRF_OK);
        assert_whole(grf_str_sv(&a), grf_str_sv(&b), &d);
        grf_worddiff_release(&d);
    }
    grf_str_release(&a);
    grf_str_release(&b);
}

/* Longer than a search may cost, all different, and beyond what is compared at all. */
static void very_long(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        unsigned kinds;
        bool coarse;
    } cases[] = {{40000, 50000, false}, {40000, 2, false}, {600000, 9, true}};
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct grf_worddiff d = {0};
        struct grf_str a, b;
        uint32_t seed = 3 + (uint32_t)i;
        grf_str_init(&a, 1 << 26);
        grf_str_init(&b, 1 << 26);
        add_words(&a, cases[i].n, cases[i].kinds, &seed);
        add_words(&b, cases[i].n, cases[i].kinds, &seed);
        assert_int_equal(grf_worddiff_find(grf_str_sv(&a), grf_str_sv(&b), &d, NULL), GRF_OK);
        assert_int_equal(d.coarse, cases[i].coarse);
        assert_whole(grf_str_sv(&a), grf_str_sv(&b), &d);
        grf_worddiff_release(&d);
        grf_str_release(&a);
        grf_str_release(&b);
    }
}

/* A word taken out of a long text is the whole difference. */
static void smallest(void **state)
{
    (void)state;
    struct grf_str a, b;
    struct grf_worddiff d = {0};
    uint32_t seed = 11;
    grf_str_init(&a, 1 << 20);
    grf_str_init(&b, 1 << 20);
    add_words(&a, 5000, 3, &seed);
    grf_str_addsv(&b, grf_str_sv(&a));
    grf_str_addz(&a, "particulier ");
    uint32_t again = seed;
    add_words(&a, 5000, 3, &seed);
    add_words(&b, 5000, 3, &again);
    assert_int_equal(grf_worddiff_find(grf_str_sv(&a), grf_str_sv(&b), &d, NULL), GRF_OK);
    assert_int_equal(d.deleted, 1);
    assert_int_equal(d.inserted, 0);
    assert_int_equal(d.n, 3);
    grf_worddiff_release(&d);
    grf_str_release(&a);
    grf_str_release(&b);
}

static void no_memory(void **state)
{
    (void)state;
    const struct grf_sv a = grf_sv_z("un deux trois quatre"), b = grf_sv_z("un six trois");
    for (uint64_t nth = 1;; nth++) {
        struct grf_worddiff d = {0};
        grf_mem_fail_at(nth, 0);
        grf_status st = grf_worddiff_find(a, b, &d, NULL);
        grf_mem_fail_at(0, 0);
        if (!st) {
            assert_true(nth > 5);
            grf_worddiff_release(&d);
            break;
        }
        assert_int_equal(st, GRF_NOMEM);
        assert_null(d.v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chosen),    cmocka_unit_test(chance_words),
        cmocka_unit_test(same),      cmocka_unit_test(by_chance),
        cmocka_unit_test(very_long), cmocka_unit_test(smallest),
        cmocka_unit_test(no_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

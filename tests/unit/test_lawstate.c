/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References on the day of an act and today: every verdict, what is known up to a day,
 * acts without a date, ranges, and where renumbered articles went: told by LEGI, concluded
 * from equal words, through several numbers, or not at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_lawstate.h"
#include "grf_mem.h"
#include "law_fixture.h"

#define TODAY "2024-06-01"
#define UNTIL "2024-01-01"
#define LONG_TEXT                                                                          \
    "Le conseil municipal règle par ses délibérations les affaires de la commune, "        \
    "et donne son avis toutes les fois qu'il est requis"

static void start(struct world *w, grf_law_kind kind, const char *digest, const char *stamp)
{
    struct grf_law_import record;
    OK(grf_law_import_open(w->law, kind, digest, digest, stamp, "all", &record, &w->err));
    w->import = record.id;
    OK(grf_law_begin(w->law, &w->err));
}

static void put(struct world *w, int64_t code, const struct grf_law_version_new *v, size_t n)
{
    bool changed;
    OK(grf_law_put_article(w->law, w->import, code, v, n, &changed, &w->err));
}

static struct grf_law_version_new version(const char *num, const char *from, const char *to,
                                          const char *etat, const char *text)
{
    return (struct grf_law_version_new){.num = num, .valid_from = from, .valid_to = to,
                                        .etat = etat, .text = grf_sv_z(text)};
}

/* Words that differ by numbers of articles and figures; a twin that had them before; and
   words that differ by one that counts. */
static void put_near(struct world *w)
{
#define NEAR(refs) LONG_TEXT ", dans les cas prévus " refs " du présent code"
    const struct grf_law_version_new near[] = {
        version("L60", "2000-01-01", "2018-01-01", "ABROGE",
                NEAR("aux articles L. 60-1 à L. 60-3 et au 2° de l'article R*61")),
        version("R70", "2018-01-01", NULL, "VIGUEUR",
                NEAR("aux articles L.\xC2\xA0" "70-1 à L. 70-3-1 et au 3° de l’article D. 7")),
        version("L61", "2000-01-01", "2018-06-01", "ABROGE", NEAR("à l'article L. 61-1")),
        version("L62", "2000-01-01", "2018-07-01", "ABROGE", NEAR("à l'article L. 62-1")),
        version("L72", "2018-07-01", NULL, "VIGUEUR", NEAR("à un article L. 72-1")),
    };
    const struct grf_law_version_new twin[] = {
        version("L71", "2000-01-01", "2018-06-01", "MODIFIE", NEAR("à l'article L. 71-1")),
        version("L71", "2018-06-01", NULL, "VIGUEUR", NEAR("à l'article L. 71-2"))};
    for (size_t i = 0; i < GRF_ARRAY_LEN(near); i++)
        put(w, w->code, &near[i], 1);
    put(w, w->code, twin, 2);
}

static void put_articles(struct world *w)
{
    const struct grf_law_version_new articles[][2] = {
        {version("L1", "2000-01-01", "2015-01-01", "MODIFIE", "un deux trois"),
         version("L1", "2015-01-01", NULL, "VIGUEUR", "un deux quatre")},
        {version("L2", "2000-01-01", "2015-01-01", "MODIFIE", "l'eau, dit"),
         version("L2", "2015-01-01", NULL, "VIGUEUR", "l’eau ,\ndit")},
        {version("L6", "2000-01-01", "2010-01-01", "MODIFIE", "avant"),
         version("L6", "2010-01-01", "2020-01-01", "ABROGE", LONG_TEXT ".")},
    };
    const struct grf_law_version_new single[] = {
        version("L3", "2000-01-01", "2016-01-01", "ABROGE", "court"),
        version("L4", "2020-01-01", NULL, "VIGUEUR", "plus tard"),
        version("L5", "2000-01-01", NULL, "VIGUEUR", "toujours"),
        /* the words of L6 went to L7, then to L8 of another code */
        version("L7", "2020-01-01", "2022-01-01", "ABROGE", LONG_TEXT "."),
        /* two candidates: nothing is said. Short: nothing is said */
        version("L9", "2000-01-01", "2021-01-01", "ABROGE", LONG_TEXT " ;"),
        version("L10", "2021-01-01", NULL, "VIGUEUR", LONG_TEXT " ;"),
        version("L11", "2021-01-01", NULL, "VIGUEUR", LONG_TEXT " ;"),
        version("L12", "2016-01-01", NULL, "VIGUEUR", "court"),
    };
    put_near(w);
    const struct grf_law_version_new l8 =
        version("L8", "2022-01-01", NULL, "VIGUEUR", LONG_TEXT ".");
    for (size_t i = 0; i < GRF_ARRAY_LEN(articles); i++)
        put(w, w->code, articles[i], 2);
    for (size_t i = 0; i < GRF_ARRAY_LEN(single); i++)
        put(w, w->code, &single[i], 1);
    put(w, w->other, &l8, 1);
}

static int set_up(void **state)
{
    struct grf_law_code_new cgct = {"CGCT", "LEGITEXT000000000001", "Code of tests",
                                    GRF_LAW_FROM_VERSIONS, UNTIL, false};
    struct grf_law_code_new cu = {"CU", "LEGITEXT000000000002", "Other code",
                                  GRF_LAW_FROM_VERSIONS, UNTIL, false};
    assert_int_equal(make_law(state), 0);
    struct world *w = *state;
    start(w, GRF_LAW_VERSIONS, "first", NULL);
    OK(grf_law_put_code(w->law, w->import, &cgct, &w->code, &w->err));
    OK(grf_law_put_code(w->law, w->import, &cu, &w->other, &w->err));
    put_articles(w);
    OK(grf_law_import_finish(w->law, w->import, GRF_LAW_VERSIONS, NULL, NULL, &w->err));
    return 0;
}

static void verdicts(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *ref, *at;
        grf_law_verdict verdict;
        const char *known_until, *gone_on;
        grf_law_reason reason;
        grf_law_why why;
    } cases[] = {
        {"CGCT/L5", "2010-01-01", GRF_VERDICT_SAME, UNTIL, "", 0, 0},
        {"CGCT/L1", "2010-01-01", GRF_VERDICT_MODIFIED, UNTIL, "", 0, 0},
        {"CGCT/L1", "2015-01-01", GRF_VERDICT_SAME, UNTIL, "", 0, 0},
        /* other apostrophes and blanks are no change */
        {"CGCT/L2", "2010-01-01", GRF_VERDICT_SAME, UNTIL, "", 0, 0},
        {"CGCT/L3", "2010-01-01", GRF_VERDICT_REPEALED, UNTIL, "2016-01-01", 0, 0},
        /* repealed on the very day already: that is known without today */
        {"CGCT/L3", "2016-01-01", GRF_VERDICT_REPEALED, "", "2016-01-01", 0, 0},
        {"CGCT/L4", "2019-12-31", GRF_VERDICT_NOT_YET, "", "", 0, 0},
        {"CGCT/L6", "2015-06-01", GRF_VERDICT_RENUMBERED, UNTIL, "2020-01-01", 0, 0},
        {"CGCT/L5", TODAY, GRF_VERDICT_SAME, UNTIL, "", 0, 0},
        {"CGCT/L5", "2030-01-01", GRF_VERDICT_SAME, UNTIL, "", 0, 0},
        {"CGCT/L99", "2010-01-01", GRF_VERDICT_UNKNOWN, "", "", GRF_REASON_LAW,
         GRF_LAW_WHY_NO_ARTICLE},
        {"CSP/L1", "2010-01-01", GRF_VERDICT_UNKNOWN, "", "", GRF_REASON_LAW,
         GRF_LAW_WHY_NO_TEXT},
        {"loi/84-53", "2010-01-01", GRF_VERDICT_UNKNOWN, "", "", GRF_REASON_WHOLE, 0},
        {"CGCT", "2010-01-01", GRF_VERDICT_UNKNOWN, "", "", GRF_REASON_WHOLE, 0},
        /* without a date: only what is gone is sure */
        {"CGCT/L5", "", GRF_VERDICT_UNKNOWN, UNTIL, "", GRF_REASON_NO_DATE, 0},
        {"CGCT/L3", "", GRF_VERDICT_REPEALED, UNTIL, "2016-01-01", 0, 0},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct grf_lawstate s;
        OK(grf_lawstate_find(w->law, cases[i].ref, 0, cases[i].at, TODAY, &s, &w->err));
        if (s.verdict != cases[i].verdict)
            print_message("%s at %s: %s\n", cases[i].ref, cases[i].at,
                          grf_law_verdict_name(s.verdict));
        assert_int_equal(s.verdict, cases[i].verdict);
        assert_string_equal(s.known_until, cases[i].known_until);
        assert_string_equal(s.gone_on, cases[i].gone_on);
        assert_int_equal(s.reason, cases[i].reason);
        assert_int_equal(s.why, cases[i].why);
        assert_string_equal(s.at.day, cases[i].at);
        assert_string_equal(s.today.day, TODAY);
    }
}

static void unjudged(void **state)
{
    struct world *w = *state;
    struct grf_lawstate s;
    OK(grf_lawstate_find(NULL, "CGCT/L5", 0, "2010-01-01", TODAY, &s, &w->err));
    assert_int_equal(s.reason, GRF_REASON_NO_LAW);
    assert_int_equal(s.at.why, GRF_LAW_WHY_NO_TEXT);
    OK(grf_lawstate_find(w->law, "CGCT/L5", GRF_REF_DAMAGED, "2010-01-01", TODAY, &s, &w->err));
    assert_int_equal(s.verdict, GRF_VERDICT_UNKNOWN);
    assert_int_equal(s.reason, GRF_REASON_DAMAGED);
}

/* Through L7, gone in its turn, to L8 of another code. */
static void by_equal_words(void **state)
{
    struct world *w = *state;
    struct grf_lawstate s;
    OK(grf_lawstate_find(w->law, "CGCT/L6", 0, TODAY, TODAY, &s, &w->err));
    assert_int_equal(s.verdict, GRF_VERDICT_RENUMBERED);
    assert_int_equal(s.n_moved, 1);
    assert_string_equal(s.moved[0].ref, "CU/L8");
    assert_string_equal(s.moved[0].on, "2022-01-01");
    assert_true(s.moved[0].by_words);
    assert_int_equal(s.moved[0].state, GRF_LAW_IN_FORCE);
    /* short words, or several articles with the same ones, say nothing */
    OK(grf_lawstate_find(w->law, "CGCT/L3", 0, TODAY, TODAY, &s, &w->err));
    assert_int_equal(s.n_moved, 0);
    OK(grf_lawstate_find(w->law, "CGCT/L9", 0, TODAY, TODAY, &s, &w->err));
    assert_int_equal(s.verdict, GRF_VERDICT_REPEALED);
    assert_int_equal(s.n_moved, 0);
    /* numbers that changed with the move do not count, words do */
    OK(grf_lawstate_find(w->law, "CGCT/L60", 0, TODAY, TODAY, &s, &w->err));
    assert_int_equal(s.n_moved, 1);
    assert_string_equal(s.moved[0].ref, "CGCT/R70");
    static const char *const nowhere[] = {"CGCT/L61", "CGCT/L62"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(nowhere); i++) {
        OK(grf_lawstate_find(w->law, nowhere[i], 0, TODAY, TODAY, &s, &w->err));
        assert_int_equal(s.verdict, GRF_VERDICT_REPEALED);
        assert_int_equal(s.n_moved, 0);
    }
}

/* ---- what LEGI tells */

static void put_legi(struct world *w, struct grf_law_version_new v, const char *id,
                     const struct grf_law_move_new *moves, size_t n, grf_law_put expected)
{
    grf_law_put did;
    v.legi_id = id;
    v.place = "LEGITEXT000000000003/now";
    v.moves = moves;
    v.n_moves = n;
    OK(grf_law_put_version(w->law, w->import, w->code, &v, &did, &w->err));
    assert_int_equal(did, expected);
}

static void stock(struct world *w, const char *digest, const char *stamp, bool again)
{
    struct grf_law_code_new csp = {"CSP", "LEGITEXT000000000003", "Code from LEGI",
                                   GRF_LAW_FROM_LEGI, NULL, true};
    static const struct grf_law_move_new next[] = {
        {"VERSION", "CSP", "L20", "LEGIARTI000000000020", "2018-01-01"}};
    static const struct grf_law_move_new parts[] = {
        {"TRANSFERT", "CSP", "L31", "LEGIARTI000000000031", NULL},
        {"CONCORDANCE", "CSP", "L32", "LEGIARTI000000000032", NULL},
        {"CONCORDANCE", "CSP", "L1", NULL, NULL}};
    static const struct grf_law_move_new away[] = {{"TRANSFERE", "CSS", "L5", NULL, NULL}};
    static const struct grf_law_move_new back[] = {
        {"CONCORDE", "CSP", "L50", "LEGIARTI000000000050", NULL}};
    grf_law_put same = again ? GRF_LAW_SAME : GRF_LAW_ADDED;
    start(w, GRF_LAW_STOCK, digest, stamp);
    OK(grf_law_put_code(w->law, w->import, &csp, &w->code, &w->err));
    struct grf_law_version_new v =
        version("L10", "2000-01-01", "2018-01-01", "MODIFIE", "ancien numéro");
    v.flags = GRF_LAW_MOVED_ON;
    put_legi(w, v, "LEGIARTI000000000010", next, 1, same);
    put_legi(w, version("L20", "2018-01-01", NULL, "VIGUEUR", "nouveau numéro"),
             "LEGIARTI000000000020", NULL, 0, same);
    put_legi(w, version("L1", "1990-01-01", NULL, "VIGUEUR", "plus ancien encore"),
             "LEGIARTI000000000001", NULL, 0, same);
    put_legi(w, version("L30", "2000-01-01", "2019-01-01", "TRANSFERE", "en deux"),
             "LEGIARTI000000000030", parts, 3, same);
    put_legi(w, version("L31", "2019-01-01", NULL, "VIGUEUR", "une moitié"),
             "LEGIARTI000000000031", NULL, 0, same);
    put_legi(w, version("L32", "2019-01-01", NULL, "VIGUEUR", "l'autre"),
             "LEGIARTI000000000032", NULL, 0, same);
    put_legi(w, version("L40", "2000-01-01", "2019-01-01", "TRANSFERE", "ailleurs"),
             "LEGIARTI000000000040", away, 1, same);
    put_legi(w, version("L50", "2000-01-01", "2019-01-01", "ABROGE", "vu de l'autre"),
             "LEGIARTI000000000050", NULL, 0, same);
    put_legi(w, version("L51", "2019-01-01", NULL, "VIGUEUR", "vient de L50"),
             "LEGIARTI000000000051", back, 1, same);
    int64_t removed = 0;
    OK(grf_law_import_finish(w->law, w->import, GRF_LAW_STOCK, stamp, &removed, &w->err));
    assert_int_equal(removed, 0);
}

static void by_legi(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *ref;
        grf_law_verdict verdict;
        const char *to[2], *on;
    } cases[] = {
        {"CSP/L10", GRF_VERDICT_RENUMBERED, {"CSP/L20", NULL}, "2018-01-01"},
        /* a concordance with an older article is no new place */
        {"CSP/L30", GRF_VERDICT_RENUMBERED, {"CSP/L31", "CSP/L32"}, "2019-01-01"},
        /* into a code that is not imported: told, but not that it is in force */
        {"CSP/L40", GRF_VERDICT_REPEALED, {"CSS/L5", NULL}, "2019-01-01"},
        {"CSP/L50", GRF_VERDICT_RENUMBERED, {"CSP/L51", NULL}, "2019-01-01"},
    };
    stock(w, "stock", "20240101-000000", false);
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct grf_lawstate s;
        size_t n = cases[i].to[1] ? 2 : 1;
        OK(grf_lawstate_find(w->law, cases[i].ref, 0, "2010-01-01", TODAY, &s, &w->err));
        assert_int_equal(s.at.state, GRF_LAW_IN_FORCE);
        assert_int_equal(s.today.state, GRF_LAW_REPEALED);
        assert_int_equal(s.verdict, cases[i].verdict);
        assert_int_equal(s.n_moved, n);
        for (size_t k = 0; k < n; k++) {
            assert_string_equal(s.moved[k].ref, cases[i].to[k]);
            assert_string_equal(s.moved[k].on, cases[i].on);
            assert_false(s.moved[k].by_words);
        }
    }
    /* the same stock under another name changes nothing; its links count to what it is */
    stock(w, "stock2", "20240102-000000", true);
}

static void links(void **state)
{
    struct world *w = *state;
    struct grf_lawstate s;
    stock(w, "stock", "20240101-000000", false);
    OK(grf_lawstate_find(w->law, "CSP/L10", 0, "2010-01-01", TODAY, &s, &w->err));
    assert_string_equal(
        s.at.url, "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000010/2010-01-01");
    assert_string_equal(s.at.legi_id, "LEGIARTI000000000010");
    assert_string_equal(
        s.moved[0].url,
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000020/" TODAY);
    OK(grf_lawstate_find(w->law, "CSP/L99", 0, "2010-01-01", TODAY, &s, &w->err));
    assert_string_equal(s.at.url, "");
}

/* ---- acts */

static struct grf_actref mention(int page, const char *canon, const char *to, unsigned flags)
{
    struct grf_actref r = {.page = page, .start = 1, .end = 2, .flags = flags};
    snprintf(r.canon, sizeof(r.canon), "%s", canon);
    snprintf(r.to, sizeof(r.to), "%s", to);
    return r;
}

static void of_an_act(void **state)
{
    struct world *w = *state;
    struct grf_actref refs[] = {
        mention(1, "CGCT/L5", "", 0), mention(1, "CGCT/L1", "CGCT/L6", GRF_REF_RANGE),
        mention(2, "CGCT/l 5", "", 0), mention(2, "CGCT/L2", "", 0),
        mention(3, "CGCT/L1", "CGCT/L9", GRF_REF_RANGE | GRF_REF_DAMAGED)};
    static const struct {
        const char *ref;
        size_t first, mentions;
        bool in_range;
    } expected[] = {{"CGCT/L5", 0, 2, false}, {"CGCT/L1", 1, 2, false},
                    {"CGCT/L2", 1, 1, false}, {"CGCT/L3", 1, 0, true},
                    {"CGCT/L6", 1, 1, false}, {"CGCT/L9", 4, 1, false}};
    struct grf_act act = {.refs = refs, .n_refs = GRF_ARRAY_LEN(refs)};
    struct grf_lawstates s = {0};
    snprintf(act.session_date, sizeof(act.session_date), "2012-01-01");
    OK(grf_lawstates_of_act(w->law, &act, TODAY, &s, &w->err));
    assert_int_equal(s.n, GRF_ARRAY_LEN(expected));
    for (size_t i = 0; i < s.n; i++) { /* L4 was not yet in force */
        assert_string_equal(s.v[i].canon, expected[i].ref);
        assert_int_equal(s.v[i].first, expected[i].first);
        assert_int_equal(s.v[i].mentions, expected[i].mentions);
        assert_int_equal(s.v[i].in_range, expected[i].in_range);
    }
    assert_int_equal(s.v[5].reason, GRF_REASON_DAMAGED);
    grf_lawstates_release(&s);
    act.session_date[0] = 0;
    OK(grf_lawstates_of_act(w->law, &act, TODAY, &s, &w->err));
    assert_int_equal(s.v[0].reason, GRF_REASON_NO_DATE);
    assert_int_equal(s.v[0].today.state, GRF_LAW_IN_FORCE);
    grf_lawstates_release(&s);
}

/* What the law says changes with the law: nothing is kept with the act. */
static void follows_the_law(void **state)
{
    struct world *w = *state;
    struct grf_actref refs[] = {mention(1, "CGCT/L5", "", 0)};
    struct grf_act act = {.refs = refs, .n_refs = 1, .session_date = "2012-01-01"};
    struct grf_lawstates s = {0};
    const struct grf_law_version_new newer[] = {
        version("L5", "2000-01-01", "2023-01-01", "MODIFIE", "toujours"),
        version("L5", "2023-01-01", NULL, "VIGUEUR", "toujours, sauf le dimanche")};
    OK(grf_lawstates_of_act(w->law, &act, TODAY, &s, &w->err));
    assert_int_equal(s.v[0].verdict, GRF_VERDICT_SAME);
    grf_lawstates_release(&s);
    start(w, GRF_LAW_VERSIONS, "second", NULL);
    put(w, w->code, newer, 2);
    OK(grf_law_import_finish(w->law, w->import, GRF_LAW_VERSIONS, NULL, NULL, &w->err));
    OK(grf_lawstates_of_act(w->law, &act, TODAY, &s, &w->err));
    assert_int_equal(s.v[0].verdict, GRF_VERDICT_MODIFIED);
    grf_lawstates_release(&s);
}

static void no_memory(void **state)
{
    struct world *w = *state;
    struct grf_actref refs[] = {mention(1, "CGCT/L1", "CGCT/L6", GRF_REF_RANGE)};
    struct grf_act act = {.refs = refs, .n_refs = 1, .session_date = "2012-01-01"};
    for (uint64_t nth = 1;; nth++) {
        struct grf_lawstates s = {0};
        grf_mem_fail_at(nth, 0);
        grf_status st = grf_lawstates_of_act(w->law, &act, TODAY, &s, NULL);
        grf_mem_fail_at(0, 0);
        if (!st) {
            grf_lawstates_release(&s);
            assert_true(nth > 3);
            return;
        }
        assert_int_equal(st, GRF_NOMEM);
        assert_null(s.v);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, drop_law)
    const struct CMUnitTest tests[] = {
        TEST(verdicts), TEST(unjudged),  TEST(by_equal_words),  TEST(by_legi),
        TEST(links),    TEST(of_an_act), TEST(follows_the_law), TEST(no_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the nightly run decides without a network, and what it remembers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../indexer/nightly.h"
#include "grf_mem.h"

enum { DAY = 86400 };

static void schedule(void **state)
{
    (void)state;
    int64_t now = (int64_t)1800000000;
    assert_true(schedule_is_due(0, now, 30));                /* never visited */
    assert_true(schedule_is_due(now - 60, now, 0));          /* each run */
    assert_false(schedule_is_due(now - 3600, now, 1));       /* an hour ago */
    assert_true(schedule_is_due(now - DAY, now, 1));
    assert_true(schedule_is_due(now - DAY + 7200, now, 1));  /* the timer came early */
    assert_false(schedule_is_due(now - 6 * DAY, now, 7));
    assert_true(schedule_is_due(now - 7 * DAY, now, 7));
    assert_true(schedule_is_due(now + 9 * DAY, now, 7));     /* the clock went back */
}

static void patterns(void **state)
{
    (void)state;
    char *yes[] = {(char *)"*delib*", (char *)"*arrete*.pdf"};
    char *no[] = {(char *)"*brouillon*"};
    struct grf_source s = {.include = {yes, 2, 2}, .exclude = {no, 1, 1}};
    assert_true(source_takes(&s, "https://m.fr/DELIB-12.html"));
    assert_true(source_takes(&s, "https://m.fr/arretes/arrete-1.pdf"));
    assert_false(source_takes(&s, "https://m.fr/arrete-1.html"));
    assert_false(source_takes(&s, "https://m.fr/delib-brouillon.pdf"));
    s.include.n = 0;
    assert_true(source_takes(&s, "anything"));
}

static void fatal(void **state)
{
    (void)state;
    assert_true(night_is_fatal(GRF_NOSPC));
    assert_true(night_is_fatal(GRF_CANCELLED));
    assert_false(night_is_fatal(GRF_NET));
    assert_false(night_is_fatal(GRF_PARSE));
    assert_false(night_is_fatal(GRF_LIMIT));
}

/* ---- rows */

static grf_status put(struct grf_meta *m, const char *url, const char *sha, int64_t run,
                      struct grf_item *it, struct grf_err *err)
{
    memset(it, 0, sizeof(*it));
    it->source = (char *)"mairie";
    it->url = (char *)url;
    it->sha256 = (char *)sha;
    it->status = GRF_ITEM_INDEXED;
    it->run = run;
    return grf_meta_put_item(m, it, err);
}

static grf_status count(void *data, const struct grf_item *it, struct grf_err *err)
{
    (void)err;
    *(int *)data += it->misses;
    return GRF_OK;
}

/* All of it once; every status is handed on. */
static grf_status remember(struct grf_err *err)
{
    struct grf_meta *m = NULL;
    struct grf_item a, b, got = {0};
    bool moved = false, removed = true, has = true;
    int misses = 0;
    int64_t run = 0, found = 0;
    grf_status st = grf_meta_open(":memory:", true, &m, err);
    if (!st)
        st = grf_meta_start_run(m, 1000, &run, err);
    if (!st)
        st = put(m, "http://m.fr/a.pdf", "aa", run, &a, err);
    if (!st)
        st = put(m, "http://m.fr/b.pdf", "aa", run - 1, &b, err);
    if (!st)
        st = grf_meta_miss_items(m, "mairie", run, err);
    if (!st)
        st = grf_meta_each_item(m, "mairie", count, &misses, err);
    if (!st)
        st = grf_meta_item(m, "mairie", "http://m.fr/b.pdf", &got, err);
    if (!st)
        st = grf_meta_item_moved(m, &got, run, &moved, err);
    if (!st)
        st = grf_meta_keep_item(m, "http://m.fr/b.pdf", &found, err);
    if (!st)
        st = grf_meta_was_removed(m, "http://m.fr/b.pdf", &removed, err);
    if (!st)
        st = grf_meta_has_act(m, "2024-1", "2024-01-01", &has, err);
    if (!st) {
        assert_int_equal(misses, 1);
        assert_int_equal(got.misses, 1);
        assert_true(moved);
        assert_int_equal(found, 1);
        assert_false(removed);
        assert_false(has);
    }
    grf_item_release(&got);
    grf_meta_close(m);
    return st;
}

static void rows(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    if (remember(&err))
        fail_msg("%s", err.msg);
}

static void no_memory(void **state)
{
    (void)state;
    uint64_t nth = 1;
    for (;; nth++) {
        struct grf_err err = GRF_ERR_INIT;
        (void)grf_mem_fail_at(nth, 0);
        grf_status st = remember(&err);
        (void)grf_mem_fail_at(0, 0);
        if (st == GRF_OK)
            break;
        assert_int_equal(st, GRF_NOMEM);
        assert_true(nth < 500);
    }
    assert_true(nth > 5);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    setenv("LANGUAGE", "en", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedule), cmocka_unit_test(patterns), cmocka_unit_test(fatal),
        cmocka_unit_test(rows),     cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

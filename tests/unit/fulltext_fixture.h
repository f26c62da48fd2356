/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An index of its own for each test of full text, and how they write, commit and ask. */
#ifndef FULLTEXT_FIXTURE_H
#define FULLTEXT_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "grf_fulltext.h"

static char top[] = "/tmp/grf-fulltext-XXXXXX";
static char dir[64];
static int dir_number;

static int remove_entry(const char *p, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb, (void)type, (void)ftw;
    return remove(p);
}

static int set_up_all(void **state)
{
    (void)state;
    return mkdtemp(top) ? 0 : -1;
}

static int tear_down_all(void **state)
{
    (void)state;
    return nftw(top, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "%s/%d", top, ++dir_number);
    return 0;
}

static struct grf_ft_writer *writer(void)
{
    struct grf_ft_writer *w = NULL;
    struct grf_err err = GRF_ERR_INIT;
    if (grf_ft_writer_open(dir, &w, &err))
        fail_msg("%s", err.msg);
    return w;
}

static struct grf_ft_reader *reader(void)
{
    struct grf_ft_reader *r = NULL;
    struct grf_err err = GRF_ERR_INIT;
    if (grf_ft_reader_open(dir, &r, &err))
        fail_msg("%s", err.msg);
    return r;
}

__attribute__((unused)) static void put(struct grf_ft_writer *w, int64_t id, const char *subject,
                const char *text)
{
    struct grf_ft_doc d = {.id = id,
                           .subject = grf_sv_z(subject),
                           .header = grf_sv_z("Commune de Valmont"),
                           .text = grf_sv_z(text)};
    assert_int_equal(grf_ft_put(w, &d, NULL), GRF_OK);
}

__attribute__((unused)) static void commit(struct grf_ft_writer *w, int64_t generation)
{
    struct grf_err err = GRF_ERR_INIT;
    if (grf_ft_commit(w, generation, &err))
        fail_msg("%s", err.msg);
}

static size_t run(struct grf_ft_reader *r, const struct grf_ft_query *q,
                  struct grf_ft_hit *hits)
{
    struct grf_err err = GRF_ERR_INIT;
    size_t n = 999;
    if (grf_ft_search(r, q, hits, &n, &err))
        fail_msg("%s", err.msg);
    return n;
}

/* ids found, in order, as "3 1 2" */
static const char *ask_clause(grf_clause_kind kind, const char *question)
{
    static char ids[400];
    struct grf_ft_hit hits[20];
    struct grf_ft_clause c = {kind, grf_sv_z(question), 1};
    struct grf_ft_query q = {.clauses = &c, .n_clauses = 1, .limit = 20};
    struct grf_ft_reader *r = reader();
    size_t n = run(r, &q, hits), at = 0;
    ids[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        assert_true(hits[i].score >= 0);
        assert_true(i == 0 || hits[i - 1].score >= hits[i].score);
        at += (size_t)snprintf(ids + at, sizeof(ids) - at, "%s%lld", i ? " " : "",
                               (long long)hits[i].id);
    }
    grf_ft_reader_close(r);
    return ids;
}

__attribute__((unused)) static const char *ask(const char *question)
{
    return ask_clause(GRF_CLAUSE_WORDS, question);
}

#endif

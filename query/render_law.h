/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the law of an act is told: states on two days, changes of words. */
#ifndef GRF_QUERY_RENDER_LAW_H
#define GRF_QUERY_RENDER_LAW_H

#include "grf_json.h"
#include "grf_lawstate.h"
#include "grf_worddiff.h"

/* A day as JSON: null when it is not known or not set. */
void law_day_json(struct grf_json *j, const char *key, const char *day);
/* Appends format with the day, as people write it, in place of %s. */
void law_add_day(struct grf_str *s, const char *format, const char *iso);

/* Two versions and what differs. */
struct law_changes {
    struct grf_law_text from, to;
    struct grf_worddiff diff; /* points into the texts */
};
GRF_NODISCARD grf_status law_changes_find(struct grf_law *law, int64_t from, int64_t to,
                                          struct law_changes *c, struct grf_err *err);
void law_changes_release(struct law_changes *c);
/* "[-deleted-] {+inserted+}"; cut leaves out what is far from a change. */
void law_add_changes(struct grf_str *out, const struct grf_worddiff *d, bool cut,
                     bool colour);
/* key: [{"op","text"}, ...] */
void law_changes_json(struct grf_json *j, const char *key, const struct grf_worddiff *d);
/* Those between the act's day and today: *has false when there are none to show. */
GRF_NODISCARD grf_status law_state_changes(struct grf_law *law, const struct grf_lawstate *l,
                                           bool *has, struct law_changes *c,
                                           struct grf_err *err);

void law_moment_json(struct grf_json *j, const char *key, const struct grf_law_moment *m);
/* "renumbered_to": [...] */
void law_moved_json(struct grf_json *j, const struct grf_law_newplace *v, size_t n);
/* "; renumbered, now article L. 2223-1 du CGCT (since ...)"; nothing for none. */
void law_add_moved(struct grf_str *s, const struct grf_law_newplace *v, size_t n);
/* What a reference was and is, in words. */
void law_state_words(struct grf_str *s, const struct grf_lawstate *l);
/* "at", "today", "verdict" and what belongs to them, within an object. */
void lawstate_json(struct grf_json *j, const struct grf_lawstate *s);

/* The references of an act, for people. */
struct law_shown {
    struct grf_law *law; /* NULL: none imported */
    const struct grf_act *act;
    const struct grf_lawstates *states;
    bool changes, colour;
};
GRF_NODISCARD grf_status law_print_states(const struct law_shown *w, struct grf_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules of corpora/actes.tsv made ready and run. A rule is a weight and groups of
 * words: all groups after "+" must stand somewhere in the text, none after "-" may; the
 * words of a group stand in a row, small words and plurals aside; "*" takes any ending;
 * ">" first makes it a rule for the act's text instead of its subject.
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "matter_priv.h"

struct token {
    char word[GRF_WORD_MAX + 1];
    size_t n;
    bool prefix;
};
struct group {
    size_t first, n; /* tokens */
    bool absent;
};
struct rule {
    double weight;
    size_t code, first, n; /* groups */
    bool in_text;
};
struct matter_rules {
    struct token *tokens;
    struct group *groups;
    struct rule *rules;
    size_t n_tokens, cap_tokens, n_groups, cap_groups, n_rules, cap_rules;
};

/* What a rule after the best one of its code still adds. */
#define SECOND_SHARE 0.3

/* ---- words */

/* "marchés" and "travaux" lose their end, words of three letters ("bus") do not. */
static size_t without_plural(char *z, size_t n)
{
    if (n > 3 && (z[n - 1] == 's' || z[n - 1] == 'x'))
        z[--n] = 0;
    return n;
}

static unsigned start_bit(const char *word)
{
    return ((unsigned char)word[0] * 31U + (unsigned char)word[1]) % 1024;
}

grf_status matter_words_read(struct matter_words *w, struct grf_sv text, struct grf_err *err)
{
    struct grf_words it;
    struct grf_word word;
    w->n = 0;
    memset(w->starts, 0, sizeof(w->starts));
    grf_words_init(&it, text);
    while (w->n < MATTER_WORDS_MAX && grf_words_next(&it, &word)) {
        if (grf_text_is_stopword(grf_sv(word.norm, word.norm_len)))
            continue;
        if (grf_grow(&w->v, w->n, &w->cap, sizeof(*w->v)))
            return grf_fail_nomem(err);
        memcpy(w->v[w->n], word.norm, sizeof(*w->v));
        without_plural(w->v[w->n], word.norm_len);
        unsigned bit = start_bit(w->v[w->n++]);
        w->starts[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    return GRF_OK;
}

void matter_words_release(struct matter_words *w)
{
    grf_free(w->v);
    memset(w, 0, sizeof(*w));
}

/* ---- making ready */

static grf_status add_token(struct matter_rules *r, const struct grf_word *w, bool prefix,
                            struct grf_err *err)
{
    if (grf_grow(&r->tokens, r->n_tokens, &r->cap_tokens, sizeof(*r->tokens)))
        return grf_fail_nomem(err);
    struct token *t = &r->tokens[r->n_tokens++];
    memcpy(t->word, w->norm, sizeof(t->word));
    t->prefix = prefix;
    t->n = without_plural(t->word, w->norm_len);
    return GRF_OK;
}

static grf_status add_group(struct matter_rules *r, struct grf_sv text, bool absent,
                            struct grf_err *err)
{
    struct grf_words it;
    struct grf_word w;
    struct group g = {r->n_tokens, 0, absent};
    grf_status st = GRF_OK;
    grf_words_init(&it, text);
    while (!st && grf_words_next(&it, &w)) {
        bool prefix = w.end < text.n && text.p[w.end] == '*';
        if (prefix || !grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
            st = add_token(r, &w, prefix, err);
    }
    g.n = r->n_tokens - g.first;
    if (st || !g.n)
        return st;
    if (grf_grow(&r->groups, r->n_groups, &r->cap_groups, sizeof(*r->groups)))
        return grf_fail_nomem(err);
    r->groups[r->n_groups++] = g;
    return GRF_OK;
}

/* Where the next " + " or " - " stands, or the end. */
static size_t next_sign(struct grf_sv s, size_t at)
{
    for (; at + 2 < s.n; at++) {
        if (s.p[at] == ' ' && (s.p[at + 1] == '+' || s.p[at + 1] == '-') &&
            s.p[at + 2] == ' ')
            return at;
    }
    return s.n;
}

/* text is "6 marché + avenant - fourrière". */
static grf_status add_rule(struct matter_rules *r, size_t code, struct grf_sv text,
                           struct grf_err *err)
{
    char *end;
    struct rule rule = {strtod(text.p, &end), code, r->n_groups, 0, false};
    size_t at = (size_t)(end - text.p);
    grf_status st = GRF_OK;
    bool absent = false;
    if (at + 2 < text.n && text.p[at + 1] == '>') {
        rule.in_text = true;
        at += 2;
    }
    while (!st && at < text.n) {
        size_t to = next_sign(text, at);
        st = add_group(r, grf_sv(text.p + at, to - at), absent, err);
        absent = to < text.n && text.p[to + 1] == '-';
        at = to < text.n ? to + 3 : text.n;
    }
    rule.n = r->n_groups - rule.first;
    if (st || !rule.n)
        return st;
    if (grf_grow(&r->rules, r->n_rules, &r->cap_rules, sizeof(*r->rules)))
        return grf_fail_nomem(err);
    r->rules[r->n_rules++] = rule;
    return GRF_OK;
}

static grf_status add_rules(struct matter_rules *r, size_t code, const char *all,
                            struct grf_err *err)
{
    grf_status st = GRF_OK;
    while (*all && !st) {
        const char *bar = strstr(all, " | ");
        size_t n = bar ? (size_t)(bar - all) : strlen(all);
        st = add_rule(r, code, grf_sv(all, n), err);
        all = bar ? bar + 3 : all + n;
    }
    return st;
}

grf_status matter_rules_open(struct matter_rules **out, struct grf_err *err)
{
    const struct grf_matter_code *c;
    grf_status st = GRF_OK;
    struct matter_rules *r = grf_calloc(1, sizeof(*r));
    *out = NULL;
    if (!r)
        return grf_fail_nomem(err);
    for (size_t k = 0; !st && (c = grf_matter_at(k)) != NULL; k++)
        st = add_rules(r, k, c->rules, err);
    if (st) {
        matter_rules_close(r);
        return st;
    }
    *out = r;
    return GRF_OK;
}

void matter_rules_close(struct matter_rules *r)
{
    if (!r)
        return;
    grf_free(r->tokens);
    grf_free(r->groups);
    grf_free(r->rules);
    grf_free(r);
}

/* ---- running */

static bool same_word(const struct token *t, const char *word)
{
    return t->word[0] == word[0] &&
           (t->prefix ? strncmp(t->word, word, t->n) == 0 : strcmp(t->word, word) == 0);
}

/* False: none of the words is like it. Most words of most rules are not there at all. */
static bool may_stand(const struct token *t, const struct matter_words *w)
{
    unsigned bit = start_bit(t->word);
    return (t->prefix && t->n < 2) || (w->starts[bit / 64] >> bit % 64 & 1);
}

static bool stands(const struct matter_rules *r, const struct group *g,
                   const struct matter_words *w)
{
    for (size_t k = 0; k < g->n; k++)
        if (!may_stand(&r->tokens[g->first + k], w))
            return false;
    for (size_t at = 0; at + g->n <= w->n; at++) {
        size_t k = 0;
        while (k < g->n && same_word(&r->tokens[g->first + k], w->v[at + k]))
            k++;
        if (k == g->n)
            return true;
    }
    return false;
}

static bool holds(const struct matter_rules *r, const struct rule *rule,
                  const struct matter_words *w)
{
    for (size_t i = 0; i < rule->n; i++) {
        const struct group *g = &r->groups[rule->first + i];
        if (stands(r, g, w) == g->absent)
            return false;
    }
    return true;
}

void matter_rules_score(const struct matter_rules *r, const struct matter_words *w,
                        bool in_text, double factor, double *scores)
{
    double best[MATTER_CODES_MAX] = {0}, sum[MATTER_CODES_MAX] = {0};
    for (size_t i = 0; i < r->n_rules; i++) {
        const struct rule *rule = &r->rules[i];
        if (rule->in_text != in_text || !holds(r, rule, w))
            continue;
        sum[rule->code] += rule->weight;
        if (rule->weight > best[rule->code])
            best[rule->code] = rule->weight;
    }
    for (size_t k = 0; k < grf_matter_count(); k++)
        scores[k] += factor * (best[k] + SECOND_SHARE * (sum[k] - best[k]));
}

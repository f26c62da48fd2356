/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One pass over the folded text that finds atoms: lists of articles, names of codes,
 * laws, and words that stand for one named before. What belongs together is decided
 * later (legalref.c). Units are what a visa or a paragraph is: a code named in one
 * serves the articles in it.
 */
#include "legalref_priv.h"

#include <stdio.h>

#include "grf_mem.h"

#define FUZZY_BUDGET 400

grf_status lr_add_atom(struct lr_scan *s, const struct lr_atom *a, struct grf_err *err)
{
    grf_status st = grf_grow(&s->atoms, s->n, &s->cap, sizeof *s->atoms);
    if (st != GRF_OK)
        return grf_fail_nomem(err);
    s->atoms[s->n] = *a;
    s->atoms[s->n].unit = s->unit;
    s->atoms[s->n].sentence = s->sentence;
    s->n++;
    return GRF_OK;
}

/* ---- lists of articles ---- */

/* Over ", et", ";", "ou", "à" between two numbers; returns 0 when the list ends. */
static size_t list_separator(const struct lr_text *t, size_t i, bool *range)
{
    static const char *const to[] = {"a", "au", "jusqu", NULL};
    static const char *const and[] = {"et", "ou", NULL};
    size_t j = lr_skip_blanks(t, i), n;
    bool mark = t->f[j] == ',' || t->f[j] == ';' || t->f[j] == '/' || t->f[j] == '&';
    *range = false;
    if (mark)
        j = lr_skip_blanks(t, j + 1);
    if ((n = lr_any_word(t, j, and)) > 0) {
        j += n;
        if (t->f[j] == '/')
            j++;
        j = lr_skip_blanks(t, j);
        n = lr_any_word(t, j, and);
        return lr_skip_blanks(t, j + n);
    }
    if (!mark && j > i && (n = lr_any_word(t, j, to)) > 0) {
        j += n;
        if (n == 5) {
            j += t->f[j] == '\'';
            j += lr_any_word(t, j, to);
        }
        *range = true;
        j = lr_skip_blanks(t, j);
        if (t->f[j] == 'l' && t->f[j + 1] == '\'') // "à l'article L. 5"
            j += 2;
        n = lr_word(t, j, "article");
        return lr_skip_blanks(t, j + n);
    }
    return mark && j < i + 40 ? j : 0;
}

static int last_part(const char *num)
{
    const char *dash = strrchr(num, '-');
    int v = 0;
    for (const char *p = dash ? dash + 1 : num; *p >= '0' && *p <= '9' && v < 100000; p++)
        v = v * 10 + (*p - '0');
    return v;
}

/* "2321-2" and "3" make "2321-3"; "2224-7" and "12-5" make "2224-12-5". */
static bool expand_short(const char *before, struct lr_num *o)
{
    char full[LR_NUM_MAX] = "";
    const char *dash = strrchr(before, '-');
    if (!dash || strlen(o->s) + (size_t)(dash - before) + 2 > sizeof full)
        return false;
    int first = 0;
    for (const char *p = o->s; *p >= '0' && *p <= '9' && first < 100000; p++)
        first = first * 10 + (*p - '0');
    if (o->first_digits > 3 || first <= last_part(before))
        return false;
    size_t kept = (size_t)(dash - before) + 1;
    memcpy(full, before, kept);
    memcpy(full + kept, o->s, strlen(o->s) + 1);
    memcpy(o->s, full, sizeof full);
    return true;
}

/* What may follow a shortened number: else it counts something ("et 3 abstentions"). */
static bool fair_after_short(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"du", "de", "des", "d", "et", "ou", "a", "au", "qui",
                                        "que", "dudit", "ainsi", "relatif", "relatifs",
                                        "cgct", NULL};
    i = lr_skip_blanks(t, i);
    return !lr_alnum(t->f[i]) ? t->f[i] != LR_OTHER && t->f[i] != '%' && t->f[i] != LR_DEGREE
                              : lr_any_word(t, i, words) > 0;
}

struct group {
    char letter[3];
    char num[LR_NUM_MAX]; /* the one before */
    int first_digits, parts;
    bool lettered, intro;
};

/* The next number of the list at i, its letter given or taken from the one before. */
static bool next_number(const struct lr_text *t, const struct group *g, size_t i,
                        char letter[3], struct lr_num *o)
{
    unsigned mode = (g->lettered ? LR_LETTERED : 0u) | LR_INTRO;
    size_t d = lr_letter(t, i, g->intro, letter);
    if (d)
        return g->lettered && lr_number(t, d, mode, o);
    memcpy(letter, g->letter, 3);
    if (!lr_digit(t->f[i]) || !lr_number(t, i, mode, o))
        return false;
    if (!g->lettered)
        return true;
    if (!fair_after_short(t, o->end))
        return false;
    if (o->first_digits == g->first_digits && o->first_digits >= 3 &&
        (o->parts > 1 || g->parts == 1))
        return true;
    return g->parts > 1 && expand_short(g->num, o);
}

static grf_status add_target(struct lr_scan *s, struct lr_atom *a, const struct group *g,
                             size_t start, const struct lr_num *o, struct grf_err *err)
{
    if (grf_grow(&s->targets, s->n_targets, &s->cap_targets, sizeof *s->targets) != GRF_OK)
        return grf_fail_nomem(err);
    struct lr_target *x = &s->targets[s->n_targets++];
    *x = (struct lr_target){.start = (uint32_t)start, .end = (uint32_t)o->end,
                            .first_digits = (signed char)o->first_digits,
                            .parts = (signed char)o->parts, .dotted = o->dotted};
    memcpy(x->letter, g->letter, sizeof x->letter);
    memcpy(x->num, o->s, sizeof x->num);
    a->n++;
    a->end = (uint32_t)o->end;
    return GRF_OK;
}

static void set_group(struct group *g, const char letter[3], const struct lr_num *o)
{
    memcpy(g->letter, letter, 3);
    memcpy(g->num, o->s, sizeof g->num);
    // "12-5" after "2224-7": the number begins as the one before did
    if (!strchr(o->s, '-') || o->first_digits >= 3 || !g->first_digits)
        g->first_digits = o->first_digits;
    g->parts = strchr(o->s, '-') ? 2 : 1;
}

grf_status lr_group(struct lr_scan *s, size_t i, struct lr_atom *a, bool *found,
                    struct grf_err *err)
{
    const struct lr_text *t = &s->t;
    struct group g = {.intro = a->intro};
    struct lr_num o;
    char letter[3];
    size_t d = lr_letter(t, i, a->intro, g.letter);
    *found = false;
    g.lettered = a->lettered = d > 0;
    if ((!d && !a->intro) ||
        !lr_number(t, d ? d : i, (d ? LR_LETTERED : 0u) | (a->intro ? LR_INTRO : 0u), &o))
        return GRF_OK;
    a->first = (uint32_t)s->n_targets;
    a->n = 0;
    grf_status st = add_target(s, a, &g, i, &o, err);
    set_group(&g, g.letter, &o);
    while (st == GRF_OK) {
        bool range, following;
        size_t k = lr_items(t, o.end, &following);
        if (following)
            s->targets[s->n_targets - 1].flags |= GRF_REF_FOLLOWING;
        a->items_end = (uint32_t)k;
        size_t j = list_separator(t, k, &range);
        if (!j || !next_number(t, &g, j, letter, &o))
            break;
        set_group(&g, letter, &o);
        struct lr_target *last = &s->targets[s->n_targets - 1];
        if (range && !(last->flags & GRF_REF_RANGE)) {
            last->flags |= GRF_REF_RANGE;
            last->end = (uint32_t)o.end;
            memcpy(last->to_letter, letter, sizeof last->to_letter);
            memcpy(last->to, o.s, sizeof last->to);
            a->end = (uint32_t)o.end;
        } else {
            st = add_target(s, a, &g, j, &o, err);
        }
    }
    *found = true;
    return st;
}

/* ---- where things begin ---- */

static bool at_line_start(const struct lr_text *t, size_t i)
{
    while (i > 0 && t->f[i - 1] != '\n' && !lr_alnum(t->f[i - 1]) && t->f[i - 1] != '\'' &&
           t->f[i - 1] != '(' && t->f[i - 1] != ',')
        i--;
    return i == 0 || t->f[i - 1] == '\n';
}

/* "notamment", "son", "ses", "en particulier" before an article. */
static bool is_pointed(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"notamment", "son", "ses", "particulier", "leurs",
                                        "leur", "specialement", "spec", NULL};
    static const char *const skip[] = {"l", "les", "le", "a", "aux", "au", "en", "de", "des",
                                       "par", "dans", "et", "sur", NULL};
    for (int k = 0; k < 4; k++) {
        while (i > 0 && (lr_blank(t->f[i - 1]) || t->f[i - 1] == '\'' || t->f[i - 1] == ',' ||
                         t->f[i - 1] == ':'))
            i--;
        size_t end = i;
        while (i > 0 && end - i < 16 && lr_alpha(t->f[i - 1]))
            i--;
        if (i == end)
            return false;
        if (lr_any_word(t, i, words))
            return true;
        if (!lr_any_word(t, i, skip))
            return false;
    }
    return false;
}

/* True when the word before i is in words. */
static bool after_word(const struct lr_text *t, size_t i, const char *const *words)
{
    while (i > 0 && lr_blank(t->f[i - 1]))
        i--;
    size_t end = i;
    while (i > 0 && end - i < 16 && lr_alpha(t->f[i - 1]))
        i--;
    return i < end && lr_any_word(t, i, words);
}

/* ---- articles ---- */

/* Past "article(s)" or "art." at i, to what should be a number; 0 when not there. */
static size_t article_word(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"article", "articles", "arts", "art", NULL};
    size_t n = lr_any_word(t, i, words);
    if (!n)
        return 0;
    size_t j = i + n;
    if (n <= 4 && t->f[j] == '.')
        j++;
    while (lr_blank(t->f[j]) || t->f[j] == '"' || (t->f[j] == ':' && n > 7) ||
           (t->f[j] == '.' && n > 4))
        j++;
    size_t no = lr_word(t, j, "n");
    if (no && t->f[j + 1] == LR_DEGREE)
        j = lr_skip_blanks(t, j + 2);
    return j < i + 60 ? j : 0;
}

/* "Article 2 :", "ARTICLE 3 –", alone on its line: an article of the act itself. */
static bool is_own(const struct lr_text *t, size_t start, const struct lr_atom *a)
{
    if (a->lettered || !at_line_start(t, start))
        return false;
    size_t i = a->end;
    while (t->f[i] == ' ' || t->f[i] == LR_DEGREE)
        i++;
    return t->f[i] == ':' || t->f[i] == '-' || t->f[i] == '.' || t->f[i] == '\n' ||
           t->f[i] == ')' || !t->f[i];
}

static grf_status take_articles(struct lr_scan *s, size_t i, size_t number, bool intro,
                                size_t *next, struct grf_err *err)
{
    struct lr_atom a = {.kind = LR_ART, .start = (uint32_t)i, .intro = intro};
    bool found;
    size_t before = s->n_targets;
    grf_status st = lr_group(s, number, &a, &found, err);
    if (st != GRF_OK || !found)
        return st;
    const struct lr_target *x = &s->targets[a.first];
    bool year = x->first_digits == 4 && x->num[0] == '2' && x->num[1] == '0' &&
                x->num[2] < '4';
    if (!intro) {
        // a letter and one number ("D15"), a year ("D2024-20"), an indicator ("D101.0")
        a.weak = x->parts < 2 || x->first_digits < 3 || year || x->letter[0] == 'A' ||
                 (x->dotted && x->num[strlen(x->num) - 2] == '-' && x->parts == 2);
        if (i > 0 && ((s->t.f[i - 1] == '-' || s->t.f[i - 1] == '/' ||
                                (s->t.f[i - 1] == '.' && i > 1 && lr_alpha(s->t.f[i - 2]))))) {
            s->n_targets = before;
            return GRF_OK;
        }
    }
    a.pointed = is_pointed(&s->t, i);
    a.own = intro && is_own(&s->t, i, &a);
    *next = a.items_end;
    return lr_add_atom(s, &a, err);
}

/* ---- codes ---- */

static grf_status take_code(struct lr_scan *s, size_t i, size_t *next, struct grf_err *err)
{
    static const char *const refs[] = {"meme", "dudit", "ledit", "ce", "susdit", NULL};
    static const char *const present[] = {"present", NULL};
    static const char *const plain[] = {"du", "au", "le", NULL};
    static const char *const after[] = {"precite", "susvise", "susmentionne", "sus", "vise",
                                        NULL};
    const struct lr_text *t = &s->t;
    struct lr_code_hit hit;
    struct lr_atom a = {.start = (uint32_t)i, .confidence = 1};
    if (lr_code_name(t, i, &s->budget, &hit)) {
        a.kind = LR_CODE;
        a.code = hit.code;
        a.end = (uint32_t)hit.end;
        a.weak = hit.weak;
        a.flags = hit.fuzzy ? GRF_REF_CORRECTED : 0;
        a.confidence = hit.fuzzy ? 0.9f : 1.0f;
        *next = hit.end;
        return lr_add_atom(s, &a, err);
    }
    size_t n = lr_word(t, i, "code");
    if (!n)
        return GRF_OK;
    a.kind = LR_CODEREF;
    a.end = (uint32_t)(i + n);
    size_t k = lr_any_word(t, lr_skip_blanks(t, i + n), after);
    if (after_word(t, i, present))
        a.code = -2;
    else if (!after_word(t, i, refs) && !k && !after_word(t, i, plain))
        return GRF_OK;
    return lr_add_atom(s, &a, err);
}

/* ---- the pass ---- */

static bool begins_unit(const struct lr_text *t, size_t i)
{
    static const char *const words[] = {"vu", "considerant", "attendu", "decide", "delibere",
                                        "visas", "entendu", NULL};
    size_t n = lr_upper(t, i) ? lr_any_word(t, i, words) : 0;
    return n > 2 || (n == 2 && (lr_blank(t->f[i + 2]) || t->f[i + 2] == ':'));
}

static void note_breaks(struct lr_scan *s, size_t i)
{
    const struct lr_text *t = &s->t;
    unsigned char c = t->f[i];
    if (c == '\n') {
        // a run of line breaks is looked at once
        size_t k = i, j = i + 1;
        while (k > 0 && t->f[k - 1] == ' ')
            k--;
        if (k > 0 && t->f[k - 1] == '\n')
            return;
        while (t->f[j] == ' ')
            j++;
        if (t->f[j] != '\n')
            return;
        j = lr_skip_blanks(t, j);
        // a block that begins in lower case goes on with the one before
        if (lr_alpha(t->f[j]) && !lr_upper(t, j) && t->src.p[t->map[j]] >= 'a')
            return;
        s->unit++;
        s->sentence++;
    } else if ((c == '.' || c == '?' || c == '!') && lr_blank(t->f[i + 1])) {
        size_t j = lr_skip_blanks(t, i + 1);
        bool word = i >= 4 && lr_alnum(t->f[i - 1]) && lr_alnum(t->f[i - 2]) &&
                    lr_alnum(t->f[i - 3]) && memcmp(t->f + i - 3, "art", 3) != 0;
        s->sentence += lr_upper(t, j) && (word || t->f[i - (i > 0)] == ')');
    }
}

static grf_status scan_word(struct lr_scan *s, size_t i, size_t *next, struct grf_err *err)
{
    const struct lr_text *t = &s->t;
    unsigned char c = t->f[i];
    grf_status st = GRF_OK;
    if (c == 'c' || (c == 'l' && (lr_upper(t, i) || t->f[i + 1] == 'i')))
        st = take_code(s, i, next, err);
    if (st != GRF_OK || *next > i)
        return st;
    if (c == 'l' || c == 'd' || c == 'o' || c == 'r' || c == 'a')
        st = lr_scan_law(s, i, next, err);
    if (st != GRF_OK || *next > i)
        return st;
    size_t number = c == 'a' ? article_word(t, i) : 0;
    if (number)
        return take_articles(s, i, number, true, next, err);
    if (lr_upper(t, i) && (c == 'l' || c == 'r' || c == 'd' || c == 'a'))
        return take_articles(s, i, i, false, next, err);
    return GRF_OK;
}

grf_status lr_scan_text(struct lr_scan *s, struct grf_err *err)
{
    const struct lr_text *t = &s->t;
    s->budget = FUZZY_BUDGET;
    for (size_t i = 0; i < t->n; i++) {
        unsigned char c = t->f[i];
        if (!lr_alpha(c)) {
            if (c == '\n' || c == '.' || c == '?' || c == '!')
                note_breaks(s, i);
            continue;
        }
        if (i > 0 && lr_alnum(t->f[i - 1]))
            continue;
        if ((c == 'v' || c == 'c' || c == 'a' || c == 'd' || c == 'e') && begins_unit(t, i)) {
            s->unit++;
            s->sentence++;
        }
        if (c != 'a' && c != 'c' && c != 'd' && c != 'l' && c != 'o' && c != 'r')
            continue;
        size_t next = i;
        grf_status st = scan_word(s, i, &next, err);
        if (st != GRF_OK)
            return st;
        if (next > i + 1)
            i = next - 1;
    }
    return GRF_OK;
}

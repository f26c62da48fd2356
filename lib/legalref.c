/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds references: decides to which code or law each list of articles belongs, and
 * writes canonical forms. The order of the rules, first that holds (doc/LEGALREF.md):
 *
 *   1 a code or law right behind it       "articles L. 1 et L. 2 du CGCT"
 *     (in the text of a code: else that code itself)
 *   2 named before it in the same visa    "Vu le CGCT, notamment son article L. 1"
 *   3 the next list's, if joined by "et"  "l'article L. 1 et l'article L. 2 du CGCT"
 *   4 a code named before it in the same paragraph
 *   5 a code named after it in the same sentence
 *   6 a code named before in the text, or carried from the page before, if its
 *     articles are numbered alike
 *   7 the code of communes, for articles numbered as only its are in their acts
 */
#include "legalref_priv.h"

#include <stdio.h>

#include "grf_i18n.h"
#include "grf_mem.h"

#define RECENT 8
#define FORWARD_MAX 90
#define CHAIN_MAX 110

/* ---- what stands between two atoms ---- */

static const char *const forward_words[] = {
    "du", "de", "la", "le", "l", "d", "des", "au", "aux", "dudit", "ladite", "ledit", "meme",
    "ce", "cet", "cette", "present", "presente", "dite", "nouveau", "ancien", "partie",
    "legislative", "reglementaire", "annexe", "i", "ii", "iii", "iv", "susvise", "modifie",
    NULL};

static const char *const chain_words[] = {
    "et", "ou", "de", "l", "d", "la", "le", "les", "des", "a", "aux", "au", "ainsi", "que",
    "qu", "par", "du", "en", "ni", "premier", "premiers", "deuxieme", "second", "troisieme",
    "quatrieme", "cinquieme", "dernier", "alinea", "alineas", "i", "ii", "iii", "iv", "v",
    "vi", "vii", "bis", "ter", "celles", "ceux", "celui", "dispositions", "son", "ses", "er",
    "jusqu", NULL};

struct gap {
    bool joined; /* a "du", "de la" ... is there */
    int annexe;  /* number of an annex named there */
    bool empty;  /* nothing but blanks and brackets */
};

static int roman_value(const struct lr_text *t, size_t i, size_t n)
{
    if (n == 2 && t->f[i + 1] == 'v')
        return 4;
    return (int)n;
}

static bool is_filler(unsigned char c)
{
    return lr_blank(c) || c == ',' || c == '(' || c == ')' || c == '"' || c == '-' ||
           c == '\'' || c == LR_DEGREE;
}

/* Goes through [from, to); false when a word is not among words. */
static bool pass_gap(const struct lr_text *t, size_t from, size_t to,
                     const char *const *words, bool forward, struct gap *g)
{
    *g = (struct gap){.empty = true};
    bool annexe = false;
    size_t i = from;
    while (i < to) {
        unsigned char c = t->f[i];
        size_t n = lr_alpha(c) ? lr_any_word(t, i, words) : 0;
        if (n) {
            g->empty = false;
            g->joined |= c == 'd' || (c == 'a' && n < 4) || (n == 2 && c == 'c');
            if (annexe && (c == 'i'))
                g->annexe = roman_value(t, i, n);
            annexe = annexe ? !g->annexe : n == 6 && c == 'a';
            i += n;
        } else if (c == '(' && forward) {
            size_t k = i + 1;
            while (k < to && k < i + 70 && t->f[k] != ')')
                k++;
            i = k < to && t->f[k] == ')' ? k + 1 : i + 1;
        } else if (lr_digit(c) && forward && annexe && !lr_alnum(t->f[i + 1])) {
            g->annexe = c - '0';
            annexe = false;
            i++;
        } else if (lr_digit(c) && !forward) {
            size_t d = lr_digits(t, i);
            if (d > 2 || (t->f[i + d] != LR_DEGREE && !lr_word(t, i + d, "er") &&
                          !lr_word(t, i + d, "e")))
                return false;
            i += d + 1;
        } else if (is_filler(c) || (c == '.' && i == from && forward) ||
                   (c == ';' && !forward)) {
            i++;
        } else {
            return false;
        }
    }
    return true;
}

/* ---- resolving ---- */

struct resolver {
    struct lr_scan *s;
    const struct grf_ref_context *ctx;
    int *forward;  /* per atom: its owner behind it, or -1 */
    int *chain;    /* per atom: the list that it is joined to, or -1 */
    int recent[RECENT]; /* codes, the last named first */
    size_t n_recent;
    int last_text[LR_TYPES]; /* atoms, -1 */
    uint32_t unit;
    int unit_owner;      /* the last code or law of this unit that is no article's, -1 */
    int unit_code;       /* the last code of this unit, index of the code, -1 */
    bool unit_unknown;   /* and it is not in the table */
};

struct owner {
    int code;        /* index; -1 */
    int text;        /* atom of a law; -1 */
    int annexe;
    float confidence;
    unsigned flags;
    size_t end;      /* folded end of the mention, 0: that of the list */
};

/* True when "16110" can be "161-10" in a code whose articles begin with k digits. */
static bool splits_at(const struct lr_target *x, unsigned k)
{
    unsigned n = (unsigned)x->first_digits;
    return k < n && n - k <= 3 && x->num[k] != '0';
}

static bool fits(int code, const struct lr_target *x)
{
    if (code < 0)
        return false;
    unsigned k = x->letter[0] ? (unsigned)x->first_digits : 0;
    return k < 8 && (lr_codes[code].shape >> k & 1);
}

/* The same for a number whose dash was lost. */
static bool fits_split(int code, const struct lr_target *x)
{
    for (unsigned k = 3; x->first_digits >= 5 && code >= 0 && k < 5; k++)
        if ((lr_codes[code].shape >> k & 1) && splits_at(x, k))
            return true;
    return false;
}

static void append_article(char *out, const char *letter, const char *num)
{
    size_t n = strlen(out);
    snprintf(out + n, GRF_REF_MAX - n, "/%s%s", letter, num);
}

static void code_canon(char out[GRF_REF_MAX], int code, const char *letter, const char *num)
{
    snprintf(out, GRF_REF_MAX, "%s", lr_codes[code].short_name);
    append_article(out, letter, num);
}

static bool exists(const struct resolver *r, int code, const struct lr_target *x)
{
    char canon[GRF_REF_MAX];
    if (!r->ctx || !r->ctx->exists)
        return true;
    code_canon(canon, code, x->letter, x->num);
    return r->ctx->exists(r->ctx->exists_data, canon);
}

static void remember_code(struct resolver *r, int code)
{
    size_t k = 0;
    while (k < r->n_recent && r->recent[k] != code)
        k++;
    if (k == r->n_recent && r->n_recent < RECENT)
        r->n_recent++;
    if (k >= RECENT)
        k = RECENT - 1;
    memmove(r->recent + 1, r->recent, k * sizeof *r->recent);
    r->recent[0] = code;
}

/* The code last named whose articles look like x; first one that has x, if known. */
static int recent_code(const struct resolver *r, const struct lr_target *x)
{
    int first = -1;
    for (size_t k = 0; k < r->n_recent; k++) {
        if (!fits(r->recent[k], x) && !fits_split(r->recent[k], x))
            continue;
        if (fits(r->recent[k], x) && exists(r, r->recent[k], x))
            return r->recent[k];
        if (first < 0)
            first = r->recent[k];
    }
    return first;
}

static int self_code(const struct resolver *r)
{
    return r->ctx && r->ctx->self_code ? lr_code_index(grf_sv_z(r->ctx->self_code)) : -1;
}

/* "code général des impôts (article 1639 A", "loi n° 2012-1510, art. 37" */
static bool stands_at(const struct lr_text *t, size_t from, size_t to)
{
    if (to < from || to > from + 12)
        return false;
    for (size_t i = from; i < to; i++)
        if (!lr_blank(t->f[i]) && t->f[i] != ',' && t->f[i] != '(' && t->f[i] != ')' &&
            t->f[i] != '-')
            return false;
    return true;
}

/* "CGCT L2121-29": the code stands right before list i, with a blank or a comma. */
static const struct lr_atom *code_right_before(const struct lr_scan *s, size_t i)
{
    const struct lr_atom *b = i > 0 ? &s->atoms[i - 1] : NULL;
    if (!b || b->kind != LR_CODE || b->code < 0)
        return NULL;
    if (b->weak && s->atoms[i].start > b->end + 1)
        return NULL;
    return stands_at(&s->t, b->end, s->atoms[i].start) ? b : NULL;
}

/* Rule 1: the owner that stands behind list i. */
static bool owner_behind(struct resolver *r, size_t i, struct owner *o)
{
    const struct lr_atom *a = &r->s->atoms[i];
    if (r->forward[i] < 0)
        return false;
    const struct lr_atom *b = &r->s->atoms[r->forward[i]];
    const struct lr_target *x = &r->s->targets[a->first];
    struct gap g;
    pass_gap(&r->s->t, a->items_end, b->start, forward_words, true, &g);
    *o = (struct owner){.code = -1, .text = -1, .confidence = 0.99f, .end = b->end,
                        .annexe = g.annexe};
    switch (b->kind) {
    case LR_CODE:
        o->code = b->code;
        o->confidence *= b->confidence;
        o->flags = b->flags;
        return true;
    case LR_CODEREF:
        o->code = b->code == -2 ? self_code(r) : recent_code(r, x);
        o->confidence = 0.9f;
        o->flags = GRF_REF_CARRIED;
        return true;
    case LR_TEXT:
        o->text = r->forward[i];
        o->confidence = b->confidence;
        o->flags = b->flags;
        return true;
    case LR_TEXTREF:
        o->text = r->last_text[b->type];
        o->confidence = 0.85f;
        o->flags = GRF_REF_CARRIED;
        return true;
    case LR_ART:
        break;
    }
    return false;
}

/* Rules 2 and 4: what this unit names before list a. */
static bool owner_before(struct resolver *r, const struct lr_atom *a, bool pointed,
                         struct owner *o)
{
    if (r->unit != a->unit)
        return false;
    *o = (struct owner){.code = -1, .text = -1, .flags = GRF_REF_CARRIED};
    o->confidence = pointed ? 0.96f : 0.88f;
    if (a->lettered) {
        if (r->unit_unknown)
            return pointed;
        o->code = r->unit_code;
        return o->code >= 0 && (pointed || fits(o->code, &r->s->targets[a->first]));
    }
    if (a->own || r->unit_owner < 0)
        return false;
    const struct lr_atom *b = &r->s->atoms[r->unit_owner];
    if (!a->pointed && !stands_at(&r->s->t, b->end, a->start))
        return false;
    if (b->kind == LR_TEXT)
        o->text = r->unit_owner;
    else
        o->code = b->kind == LR_CODE ? b->code : r->n_recent ? r->recent[0] : -1;
    return true;
}

/* Rule 5: a code named further on in the same sentence. */
static int code_ahead(const struct resolver *r, size_t i)
{
    const struct lr_atom *a = &r->s->atoms[i];
    for (size_t k = i + 1; k < r->s->n && k < i + 6; k++) {
        const struct lr_atom *b = &r->s->atoms[k];
        if (b->sentence != a->sentence || b->unit != a->unit)
            return -1;
        if (b->kind == LR_CODE && b->code >= 0 && !b->weak)
            return fits(b->code, &r->s->targets[a->first]) ? b->code : -1;
    }
    return -1;
}

/* Chapters on communes and their groups, numbered so in the code of communes. */
static bool is_communal(const struct lr_target *x)
{
    static const char chapters[] =
        " 2111 2112 2113 2121 2122 2123 2125 2131 2141 2143 2211 2212 2213 2215 2221 2222 2223"
        " 2224 2225 2241 2242 2251 2252 2253 2254 2311 2312 2313 2321 2322 2331 2332 2333 2334"
        " 2335 2336 2511 5210 5211 5212 5214 5215 5216 5217 5219 5711 5721 5722 1612 1617 ";
    char key[8] = " ";
    if (x->first_digits != 4 || x->parts < 2)
        return false;
    memcpy(key + 1, x->num, 4);
    key[5] = ' ';
    return strstr(chapters, key) != NULL;
}

/* Rules 6 and 7. */
static bool owner_afar(struct resolver *r, size_t i, struct owner *o)
{
    const struct lr_atom *a = &r->s->atoms[i];
    const struct lr_target *x = &r->s->targets[a->first];
    *o = (struct owner){.code = -1, .text = -1, .flags = GRF_REF_CARRIED};
    if (!a->lettered) {
        // "1636 B sexies" is numbered as only the tax code is
        if (!a->intro || x->first_digits < 3 || !strchr(x->num, ' '))
            return false;
        o->code = lr_code_index(grf_sv_z("CGI"));
        o->confidence = 0.7f;
        o->flags |= GRF_REF_IMPLIED;
        return strstr(x->num, "ies") || strstr(x->num, "bis") || strstr(x->num, "ter");
    }
    o->code = code_ahead(r, i);
    o->confidence = 0.8f;
    if (o->code < 0) {
        o->code = recent_code(r, x);
        o->confidence = a->intro ? 0.7f : 0.6f;
    }
    if (o->code < 0 && !(r->ctx && r->ctx->no_implied) && is_communal(x)) {
        o->code = lr_code_index(grf_sv_z("CGCT"));
        o->confidence = 0.5f;
        o->flags |= GRF_REF_IMPLIED;
    }
    return o->code >= 0;
}

static bool find_owner(struct resolver *r, size_t i, struct owner *o)
{
    const struct lr_atom *a = &r->s->atoms[i];
    if (owner_behind(r, i, o))
        return true;
    const struct lr_atom *b = a->lettered ? code_right_before(r->s, i) : NULL;
    if (b) {
        *o = (struct owner){.code = b->code, .text = -1, .confidence = 0.97f,
                            .flags = b->flags};
        return true;
    }
    if (a->weak)
        return false;
    if (a->lettered && self_code(r) >= 0) {
        // a law text means itself where it names no code
        *o = (struct owner){.code = self_code(r), .text = -1, .confidence = 0.9f,
                            .flags = GRF_REF_CARRIED};
        return true;
    }
    if ((a->pointed || !a->lettered) && owner_before(r, a, true, o))
        return true;
    for (int k = r->chain[i], steps = 0; k >= 0 && steps < 12; k = r->chain[k], steps++)
        if (owner_behind(r, (size_t)k, o)) {
            o->end = 0;
            o->confidence *= 0.97f;
            return true;
        }
    return (a->lettered && owner_before(r, a, false, o)) || owner_afar(r, i, o);
}

/* ---- joining atoms ---- */

static bool may_own(const struct lr_atom *a, const struct lr_atom *b, const struct gap *g)
{
    if (b->kind == LR_CODE || b->kind == LR_CODEREF)
        return g->joined || (g->empty && b->kind == LR_CODE);
    return !a->lettered && g->joined;
}

/* Joins list i to what stands at j; true when that settles it. */
static bool join_pair(struct resolver *r, size_t i, size_t j)
{
    struct lr_scan *s = r->s;
    const struct lr_atom *a = &s->atoms[i];
    struct lr_atom *b = &s->atoms[j];
    struct gap g;
    if (b->start < a->items_end || b->start > a->items_end + CHAIN_MAX)
        return true;
    if (b->kind == LR_ART) {
        if (a->lettered == b->lettered &&
            pass_gap(&s->t, a->items_end, b->start, chain_words, false, &g))
            r->chain[i] = (int)j;
        return true;
    }
    if (b->start <= a->items_end + FORWARD_MAX &&
        pass_gap(&s->t, a->items_end, b->start, forward_words, true, &g) &&
        may_own(a, b, &g) && (g.joined || !code_right_before(s, i))) {
        r->forward[i] = (int)j;
        b->consumed = true;
        return true;
    }
    return !(b->kind == LR_CODE && b->weak); // it may be no code at all
}

static void join_atoms(struct resolver *r)
{
    for (size_t i = 0; i < r->s->n; i++) {
        r->forward[i] = r->chain[i] = -1;
        if (r->s->atoms[i].kind != LR_ART)
            continue;
        for (size_t j = i + 1; j < r->s->n && j < i + 4 && !join_pair(r, i, j); j++)
            ;
    }
}

/* ---- writing targets ---- */

/* Puts back the dash that was lost from the first part, if it can go in one place. */
static bool split_digits(const struct resolver *r, int code, const struct lr_target *x,
                         char out[LR_NUM_MAX])
{
    int found = 0;
    for (unsigned k = 1; k < 5; k++) {
        struct lr_target y = *x;
        if (!(lr_codes[code].shape >> k & 1) || !splits_at(x, k))
            continue;
        snprintf(y.num, sizeof y.num, "%.*s-%.20s", (int)k, x->num, x->num + k);
        if (!exists(r, code, &y))
            continue;
        found++;
        memcpy(out, y.num, LR_NUM_MAX);
    }
    return found == 1;
}

/* Gives a number without letter the one letter under which the code has it. */
static bool add_letter(const struct resolver *r, int code, const struct lr_target *x,
                       char out[3])
{
    static const char *const letters[] = {"L", "R", "D", "LO", "A"};
    int found = 0;
    if (!r->ctx || !r->ctx->exists)
        return false;
    for (size_t k = 0; k < GRF_ARRAY_LEN(letters); k++) {
        struct lr_target y = *x;
        snprintf(y.letter, sizeof y.letter, "%s", letters[k]);
        if (exists(r, code, &y)) {
            memcpy(out, y.letter, 3);
            found++;
        }
    }
    return found == 1;
}

static void code_target(const struct resolver *r, const struct owner *o,
                        const struct lr_target *x, struct grf_ref_target *out)
{
    int code = o->code;
    struct lr_target y = *x;
    if (o->annexe >= 1 && o->annexe <= 4 && !strcmp(lr_codes[code].short_name, "CGI")) {
        char name[] = "CGIAN1";
        name[5] = (char)('0' + o->annexe);
        code = lr_code_index(grf_sv_z(name));
    }
    // "L2122" is no article where all have two parts
    bool two_parts = !(lr_codes[code].shape & 6u) && x->first_digits >= 3;
    bool odd = (x->parts == 1 && two_parts) || (!fits(code, x) && x->first_digits > 3);
    if (x->letter[0] && odd) {
        bool ok = !fits(code, x) && split_digits(r, code, x, y.num);
        out->flags |= ok ? GRF_REF_CORRECTED : GRF_REF_DAMAGED;
        out->confidence *= ok ? 0.85f : 0.4f;
    } else if (!x->letter[0] && !(lr_codes[code].shape & 1)) {
        bool ok = add_letter(r, code, x, y.letter);
        out->flags |= ok ? GRF_REF_CORRECTED : GRF_REF_DAMAGED;
        out->confidence *= ok ? 0.8f : 0.5f;
    }
    code_canon(out->canon, code, y.letter, y.num);
    if (x->flags & GRF_REF_RANGE)
        code_canon(out->to, code, x->to_letter[0] ? x->to_letter : y.letter, x->to);
}

static grf_status grow_refs(struct grf_refs *refs, bool item, struct grf_err *err)
{
    grf_status st = grf_grow(&refs->targets, refs->n_targets, &refs->cap_targets,
                             sizeof *refs->targets);
    if (st == GRF_OK && item)
        st = grf_grow(&refs->items, refs->n, &refs->cap, sizeof *refs->items);
    return st == GRF_OK ? st : grf_fail_nomem(err);
}

static grf_status open_mention(const struct lr_text *t, struct grf_refs *refs, size_t start,
                               size_t end, struct grf_err *err)
{
    grf_status st = grow_refs(refs, true, err);
    if (st != GRF_OK)
        return st;
    refs->items[refs->n++] = (struct grf_ref){.start = t->map[start], .end = t->map[end],
                                              .first = refs->n_targets};
    return GRF_OK;
}

/* "L. 332-8 2°, L. 332-8 6°" names one article twice. */
static bool is_repeated(const struct grf_refs *refs, const struct grf_ref_target *x)
{
    const struct grf_ref *m = &refs->items[refs->n - 1];
    for (size_t k = m->first; k < m->first + m->n && k < m->first + 32; k++)
        if (!strcmp(refs->targets[k].canon, x->canon) && !strcmp(refs->targets[k].to, x->to))
            return true;
    return false;
}

static grf_status put_articles(struct resolver *r, const struct lr_atom *a,
                               const struct owner *o, struct grf_refs *refs,
                               struct grf_err *err)
{
    const struct lr_text *t = &r->s->t;
    size_t end = o->end > a->end ? o->end : a->end;
    grf_status st = open_mention(t, refs, a->start, end, err);
    for (uint32_t k = 0; k < a->n && st == GRF_OK; k++) {
        const struct lr_target *x = &r->s->targets[a->first + k];
        struct grf_ref_target out = {.start = t->map[x->start], .end = t->map[x->end],
                                     .confidence = o->confidence,
                                     .flags = x->flags | o->flags};
        if (o->code >= 0) {
            code_target(r, o, x, &out);
        } else {
            const char *text = r->s->atoms[o->text].canon;
            snprintf(out.canon, sizeof out.canon, "%s", text);
            append_article(out.canon, x->letter, x->num);
            if (x->flags & GRF_REF_RANGE) {
                snprintf(out.to, sizeof out.to, "%s", text);
                append_article(out.to, x->to_letter, x->to);
            }
        }
        if (is_repeated(refs, &out))
            continue;
        st = grow_refs(refs, false, err);
        if (st == GRF_OK) {
            refs->targets[refs->n_targets++] = out;
            refs->items[refs->n - 1].n++;
        }
    }
    return st;
}

static grf_status put_text(struct resolver *r, const struct lr_atom *a, struct grf_refs *refs,
                           struct grf_err *err)
{
    const struct lr_text *t = &r->s->t;
    grf_status st = open_mention(t, refs, a->start, a->end, err);
    if (st != GRF_OK)
        return st;
    struct grf_ref_target out = {.start = t->map[a->start], .end = t->map[a->end],
                                 .confidence = a->confidence, .flags = a->flags};
    memcpy(out.canon, a->canon, sizeof a->canon);
    refs->targets[refs->n_targets++] = out;
    refs->items[refs->n - 1].n = 1;
    return GRF_OK;
}

/* ---- the whole ---- */

#define NUMBERED 64 /* laws with number and date that are remembered */

/* A law known by its date alone takes the number that the same text gives elsewhere. */
static void number_dated(struct lr_scan *s)
{
    const struct lr_atom *known[NUMBERED];
    size_t n = 0;
    for (size_t i = 0; i < s->n && n < NUMBERED; i++)
        if (s->atoms[i].kind == LR_TEXT && s->atoms[i].numbered && s->atoms[i].date)
            known[n++] = &s->atoms[i];
    for (size_t i = 0; i < s->n && n; i++) {
        struct lr_atom *a = &s->atoms[i];
        if (a->kind != LR_TEXT || a->numbered || !a->date)
            continue;
        for (size_t k = 0; k < n; k++)
            if (known[k]->type == a->type && known[k]->date == a->date) {
                memcpy(a->canon, known[k]->canon, sizeof a->canon);
                a->confidence = 0.93f;
                break;
            }
    }
}

static void enter_unit(struct resolver *r, uint32_t unit)
{
    if (unit == r->unit)
        return;
    r->unit = unit;
    r->unit_owner = r->unit_code = -1;
    r->unit_unknown = false;
}

static void see_owner(struct resolver *r, size_t i)
{
    const struct lr_atom *a = &r->s->atoms[i];
    if (a->kind == LR_TEXT)
        r->last_text[a->type] = (int)i;
    int code = a->kind == LR_CODE ? a->code
               : a->kind == LR_CODEREF && r->n_recent ? r->recent[0] : -1;
    if (a->kind == LR_CODE && (!a->weak || a->consumed)) {
        r->unit_unknown = code < 0;
        if (code >= 0)
            remember_code(r, code);
    }
    if (code >= 0 && (!a->weak || a->consumed))
        r->unit_code = code;
    if (!a->consumed && !(a->weak && a->kind == LR_CODE) && a->kind != LR_TEXTREF)
        r->unit_owner = (int)i;
}

static grf_status resolve(struct resolver *r, struct grf_refs *refs, struct grf_err *err)
{
    struct lr_scan *s = r->s;
    grf_status st = GRF_OK;
    join_atoms(r);
    number_dated(s);
    for (size_t i = 0; i < s->n && st == GRF_OK; i++) {
        const struct lr_atom *a = &s->atoms[i];
        enter_unit(r, a->unit);
        if (a->kind != LR_ART) {
            see_owner(r, i);
            if (a->kind == LR_TEXT && !a->consumed)
                st = put_text(r, a, refs, err);
            continue;
        }
        struct owner o;
        if (find_owner(r, i, &o) && (o.code >= 0 || o.text >= 0))
            st = put_articles(r, a, &o, refs, err);
    }
    if (r->n_recent)
        snprintf(refs->code, sizeof refs->code, "%s", lr_codes[r->recent[0]].short_name);
    return st;
}

void grf_refs_init(struct grf_refs *refs)
{
    *refs = (struct grf_refs){0};
}

void grf_refs_release(struct grf_refs *refs)
{
    grf_free(refs->items);
    grf_free(refs->targets);
    grf_refs_init(refs);
}

grf_status grf_refs_find(struct grf_sv text, const struct grf_ref_context *ctx,
                         struct grf_refs *refs, struct grf_err *err)
{
    struct lr_scan s = {0};
    struct resolver r = {.s = &s, .ctx = ctx, .unit = UINT32_MAX, .unit_owner = -1,
                         .unit_code = -1};
    refs->n = refs->n_targets = 0;
    refs->code[0] = 0;
    if (text.n > GRF_REF_TEXT_MAX)
        return grf_fail(err, GRF_LIMIT, _("text of %zu bytes is too long to be searched for "
                                          "legal references; split it"), text.n);
    grf_status st = lr_fold(text, &s.t, err);
    if (st == GRF_OK)
        st = lr_scan_text(&s, err);
    for (int k = 0; k < LR_TYPES; k++)
        r.last_text[k] = -1;
    if (st == GRF_OK && s.n) {
        r.forward = grf_calloc(s.n, sizeof *r.forward);
        r.chain = grf_calloc(s.n, sizeof *r.chain);
        st = r.forward && r.chain ? GRF_OK : grf_fail_nomem(err);
    }
    int carried = ctx && ctx->code ? lr_code_index(grf_sv_z(ctx->code)) : -1;
    if (carried >= 0)
        remember_code(&r, carried);
    if (st == GRF_OK)
        st = resolve(&r, refs, err);
    if (st != GRF_OK)
        refs->n = refs->n_targets = 0;
    grf_free(r.forward);
    grf_free(r.chain);
    grf_free(s.atoms);
    grf_free(s.targets);
    lr_text_release(&s.t);
    return st;
}

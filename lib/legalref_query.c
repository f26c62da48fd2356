/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One reference: as typed by a person, compared, taken apart, shown in French. And
 * the public face of the table of codes.
 */
#include "legalref_priv.h"

#include <stdio.h>

#include "grf_i18n.h"
#include "grf_text.h"

#define QUERY_MAX 300 /* bytes of what is typed */

/* ---- codes ---- */

const struct grf_code *grf_code_at(size_t nth)
{
    return nth < lr_n_codes ? &lr_codes[nth] : NULL;
}

const struct grf_code *grf_code_by_short(struct grf_sv short_name)
{
    int k = lr_code_index(short_name);
    return k >= 0 ? &lr_codes[k] : NULL;
}

const struct grf_code *grf_code_by_legi_id(struct grf_sv id)
{
    for (size_t k = 0; k < lr_n_codes; k++)
        if (strlen(lr_codes[k].legi_id) == id.n && !memcmp(lr_codes[k].legi_id, id.p, id.n))
            return &lr_codes[k];
    return NULL;
}

const struct grf_code *grf_code_by_title(struct grf_sv title)
{
    struct lr_text t;
    struct lr_code_hit hit;
    int budget = 1;
    const struct grf_code *code = NULL;
    if (title.n > QUERY_MAX || lr_fold(title, &t, NULL) != GRF_OK)
        return NULL;
    size_t i = lr_skip_blanks(&t, 0);
    if (lr_code_name(&t, i, &budget, &hit) && hit.code >= 0) {
        size_t end = hit.end;
        while (end < t.n && !lr_alnum(t.f[end]))
            end++;
        code = end == t.n ? &lr_codes[hit.code] : NULL;
    }
    lr_text_release(&t);
    return code;
}

/* ---- canonical forms ---- */

bool grf_ref_key(const char *canon, char out[GRF_REF_MAX])
{
    size_t n = 0;
    for (; *canon; canon++) {
        if (*canon == ' ')
            continue;
        if (n + 1 >= GRF_REF_MAX)
            return false;
        out[n++] = *canon >= 'A' && *canon <= 'Z' ? (char)(*canon + 32) : *canon;
    }
    out[n] = 0;
    return true;
}

bool grf_ref_same(const char *a, const char *b)
{
    char x[GRF_REF_MAX], y[GRF_REF_MAX];
    return grf_ref_key(a, x) && grf_ref_key(b, y) && !strcmp(x, y);
}

/* Slashes before the article: one in a code's form, two in a law's, three in Europe's. */
static int slashes_before(const char *canon)
{
    static const char *const kinds[] = {"loi/", "decret/", "ordonnance/", "arrete/"};
    for (size_t k = 0; k < GRF_ARRAY_LEN(kinds); k++)
        if (!strncmp(canon, kinds[k], strlen(kinds[k])))
            return 2;
    return strncmp(canon, "ue/", 3) ? 1 : 3;
}

void grf_ref_split(const char *canon, struct grf_sv *text, struct grf_sv *article)
{
    int left = slashes_before(canon);
    const char *p = canon;
    while (*p && !(*p == '/' && --left == 0))
        p++;
    *text = grf_sv(canon, (size_t)(p - canon));
    *article = grf_sv_z(*p ? p + 1 : p);
}

/* ---- shown in French ---- */

static void show_number(struct grf_sv a, struct grf_str *out)
{
    size_t n = 0;
    while (n < a.n && a.p[n] >= 'A' && a.p[n] <= 'Z')
        n++;
    if (n == 2 && a.p[1] == 'O') {
        grf_str_addz(out, "L.O. ");
    } else if (n == 1) {
        grf_str_addc(out, a.p[0]);
        grf_str_addz(out, ". ");
    } else {
        n = 0;
    }
    grf_str_addsv(out, grf_sv(a.p + n, a.n - n));
}

static void show_code(const struct grf_code *c, bool article, struct grf_str *out)
{
    bool female = !strncmp(c->title, "constitution", 12);
    if (article)
        grf_str_addz(out, female ? " de la " : " du ");
    grf_str_addz(out, (c->flags & GRF_CODE_ACRONYM) && !(c->flags & GRF_CODE_AMBIGUOUS)
                          ? c->short_name : c->title);
}

static bool all_digits(const char *p, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (p[k] < '0' || p[k] > '9')
            return false;
    return n > 0;
}

/* "loi n° 84-53", "décret du 26 août 2004", "texte européen 2016/679". */
static void show_text(struct grf_sv text, bool article, struct grf_str *out)
{
    static const struct {
        const char *kind, *word, *of;
    } kinds[] = {{"loi/", "loi", " de la "},
                 {"decret/", "décret", " du "},
                 {"ordonnance/", "ordonnance", " de l'"},
                 {"arrete/", "arrêté ministériel", " de l'"},
                 {"ue/", "texte (UE)", " du "}};
    static const char *const months[] = {"janvier", "février", "mars", "avril", "mai", "juin",
                                         "juillet", "août", "septembre", "octobre",
                                         "novembre", "décembre"};
    for (size_t k = 0; k < GRF_ARRAY_LEN(kinds); k++) {
        size_t n = strlen(kinds[k].kind);
        if (text.n <= n || memcmp(text.p, kinds[k].kind, n))
            continue;
        const char *p = text.p + n;
        n = text.n - n;
        grf_str_addz(out, article ? kinds[k].of : "");
        grf_str_addz(out, kinds[k].word);
        bool dated = n == 10 && p[4] == '-' && p[7] == '-' && all_digits(p + 5, 2) &&
                     all_digits(p + 8, 2);
        int m = dated ? (p[5] - '0') * 10 + (p[6] - '0') : 0, d = 0;
        if (dated)
            d = (p[8] - '0') * 10 + (p[9] - '0');
        if (m >= 1 && m <= 12)
            grf_str_addf(out, " du %d%s %s %.4s", d, d == 1 ? "er" : "", months[m - 1], p);
        else
            grf_str_addf(out, k < 4 ? " n° %.*s" : " %.*s", (int)n, p);
        return;
    }
    if (article)
        grf_str_addz(out, ", ");
    grf_str_addsv(out, text);
}

void grf_ref_display(const char *canon, struct grf_str *out)
{
    struct grf_sv text, article;
    grf_ref_split(canon, &text, &article);
    const struct grf_code *code = grf_code_by_short(text);
    if (article.n) {
        grf_str_addz(out, "article ");
        show_number(article, out);
    }
    if (code)
        show_code(code, article.n > 0, out);
    else
        show_text(text, article.n > 0, out);
}

/* ---- typed by a person ---- */

struct query {
    struct lr_text t;
    const struct grf_ref_context *ctx;
    int code;
    char letter[3];
    struct lr_num num;
    bool has_num;
};

static bool has_article(const struct query *q, int code, const char *letter)
{
    char canon[GRF_REF_MAX];
    snprintf(canon, sizeof canon, "%s/%s%s", lr_codes[code].short_name, letter, q->num.s);
    return q->ctx->exists(q->ctx->exists_data, canon);
}

/* The letter that was not typed: the one the law has, else L. */
static void guess_letter(struct query *q, struct grf_ref_target *out)
{
    static const char *const letters[] = {"L", "R", "D", "LO", "A"};
    bool ask = q->ctx && q->ctx->exists;
    if (q->letter[0] || lr_codes[q->code].shape & 1)
        return;
    snprintf(q->letter, sizeof q->letter, "L");
    out->flags |= GRF_REF_CORRECTED;
    out->confidence = 0.6f;
    for (size_t k = 0; ask && k < GRF_ARRAY_LEN(letters); k++)
        if (has_article(q, q->code, letters[k])) {
            snprintf(q->letter, sizeof q->letter, "%s", letters[k]);
            out->confidence = 0.8f;
            return;
        }
}

/* A word that is a code's short name, whatever its case. */
static int short_name_at(const struct lr_text *t, size_t i, size_t *end)
{
    char z[GRF_CODE_SHORT_MAX];
    size_t n = 0;
    while (lr_alnum(t->f[i + n]) && n + 1 < sizeof z) {
        z[n] = (char)t->f[i + n];
        n++;
    }
    z[n] = 0;
    *end = i + n;
    if (!strcmp(z, "cgppp"))
        return lr_code_index(grf_sv_z("CG3P"));
    return n < 2 ? -1 : lr_code_index(grf_sv(z, n));
}

/* Walks the words: a code, an article word, a letter and a number, nothing else. */
static bool read_words(struct query *q)
{
    static const char *const skip[] = {"article", "articles", "art", "de", "du", "la", "le",
                                       "l", "les", "au", "des", NULL};
    const struct lr_text *t = &q->t;
    int budget = 2;
    for (size_t i = 0; i < t->n;) {
        struct lr_code_hit hit;
        size_t end, n;
        if (!lr_alnum(t->f[i])) {
            i++;
            continue;
        }
        size_t d = q->has_num ? 0 : lr_letter(t, i, true, q->letter);
        if (!d && t->f[i] == 'a' && !q->has_num && lr_digit(t->f[i + 1])) {
            memcpy(q->letter, "A", 2);
            d = i + 1;
        }
        if (d || (!q->has_num && lr_digit(t->f[i]))) {
            if (!d)
                q->letter[0] = 0;
            unsigned mode = LR_INTRO | (d ? LR_LETTERED : 0u);
            if (!lr_number(t, d ? d : i, mode, &q->num))
                return false;
            q->has_num = true;
            i = q->num.end;
        } else if (lr_code_name(t, i, &budget, &hit) && hit.code >= 0 && q->code < 0) {
            q->code = hit.code;
            i = hit.end;
        } else if (q->code < 0 && (q->code = short_name_at(t, i, &end)) >= 0) {
            i = end;
        } else if ((n = lr_any_word(t, i, skip)) > 0) {
            i += n;
        } else {
            return false;
        }
    }
    return true;
}

/* Suffix letters ("1636 b sexies") are capitals in canonical forms. */
static void raise_suffix(char *num)
{
    for (char *p = num; *p; p++)
        if (*p == ' ' && p[1] >= 'a' && p[1] <= 'z' && (!p[2] || p[2] == ' '))
            p[1] = (char)(p[1] - 32);
}

static bool read_code_query(struct query *q, struct grf_ref_target *out)
{
    if (!read_words(q) || (q->code < 0 && !q->has_num))
        return false;
    out->confidence = 0.99f;
    if (q->code < 0) {
        // "L2121-29" alone: the code of communes, unless the context names another
        const char *code = q->ctx && q->ctx->code ? q->ctx->code : "CGCT";
        if (!q->letter[0] || q->num.parts < 2)
            return false;
        q->code = lr_code_index(grf_sv_z(code));
        out->flags |= GRF_REF_IMPLIED;
        out->confidence = 0.5f;
        if (q->code < 0)
            return false;
    }
    raise_suffix(q->num.s);
    if (!q->has_num) {
        snprintf(out->canon, sizeof out->canon, "%s", lr_codes[q->code].short_name);
        return true;
    }
    guess_letter(q, out);
    snprintf(out->canon, sizeof out->canon, "%s/%s%s", lr_codes[q->code].short_name, q->letter,
             q->num.s);
    return true;
}

/* "loi/84-53/3-3" as it is. */
static bool read_canonical_law(struct grf_sv v, struct grf_ref_target *out)
{
    char z[GRF_REF_MAX];
    struct grf_sv text, article;
    size_t n = 0;
    if (v.n + 1 > sizeof z)
        return false;
    for (; n < v.n; n++)
        z[n] = v.p[n] >= 'A' && v.p[n] <= 'Z' ? (char)(v.p[n] + 32) : v.p[n];
    z[n] = 0;
    if (slashes_before(z) == 1)
        return false;
    grf_ref_split(z, &text, &article);
    const char *number = strchr(z, '/') + 1;
    size_t used = (size_t)(number - z);
    if (text.n <= used || strspn(number, "0123456789-/") < text.n - used)
        return false;
    snprintf(out->canon, sizeof out->canon, "%s", z);
    memcpy(out->canon + text.n, v.p + text.n, n - text.n); // articles keep their case
    out->confidence = 1;
    return true;
}

static bool first_found(struct grf_sv v, const struct grf_ref_context *ctx,
                        struct grf_ref_target *out, grf_status *st, struct grf_err *err)
{
    struct grf_refs refs;
    grf_refs_init(&refs);
    *st = grf_refs_find(v, ctx, &refs, err);
    bool found = *st == GRF_OK && refs.n_targets > 0;
    if (found)
        *out = refs.targets[0];
    grf_refs_release(&refs);
    return found;
}

/* "loi notre article 5": the law is found as such, its article stands behind. */
static void add_law_article(const struct lr_text *t, struct grf_ref_target *out)
{
    struct lr_num num;
    struct grf_sv text, article;
    grf_ref_split(out->canon, &text, &article);
    if (article.n || slashes_before(out->canon) == 1)
        return;
    for (size_t i = 0; i < t->n; i++) {
        size_t n = lr_word_start(t, i) ? lr_word(t, i, "article") : 0;
        if (!n && lr_word_start(t, i))
            n = lr_word(t, i, "art");
        if (!n)
            continue;
        i += n;
        while (t->f[i] == '.' || lr_blank(t->f[i]))
            i++;
        size_t used = strlen(out->canon);
        if (lr_number(t, i, LR_INTRO, &num))
            snprintf(out->canon + used, sizeof out->canon - used, "/%s", num.s);
        return;
    }
}

/* "CGCT/L2121-1 à L2121-4", "CGCT/L2121-1 à CGCT/L2121-4": a code before a slash that is no
   single article, put as the text of an act has it. False when v begins with no code. */
static bool spell_out(struct grf_sv v, struct grf_str *out)
{
    const char *slash = memchr(v.p, '/', v.n);
    size_t n = slash ? (size_t)(slash - v.p) + 1 : 0;
    const struct grf_code *code = n > 1 ? grf_code_by_short(grf_sv(v.p, n - 1)) : NULL;
    if (!code)
        return false;
    grf_str_addz(out, "articles ");
    for (size_t i = n; i < v.n;) {
        if (v.n - i > n && v.p[i - 1] == ' ' && !memcmp(v.p + i, v.p, n)) {
            i += n;
        } else {
            grf_str_addc(out, v.p[i++]);
        }
    }
    grf_str_addf(out, " du %s", code->title);
    return true;
}

static grf_status find_first(struct grf_sv v, const struct grf_ref_context *ctx,
                             struct grf_ref_target *out, bool *found, struct grf_err *err)
{
    struct grf_str text;
    grf_str_init(&text, 4096);
    bool spelt = spell_out(v, &text);
    grf_status st = grf_str_status(&text, err);
    if (!st)
        *found = first_found(spelt ? grf_sv(text.p, text.n) : v, ctx, out, &st, err);
    if (spelt && *found)
        out->start = out->end = 0;
    grf_str_release(&text);
    return st;
}

static grf_status read_query(struct grf_sv v, const struct grf_ref_context *ctx,
                             struct grf_ref_target *out, bool *found, struct grf_err *err)
{
    struct query q = {.ctx = ctx, .code = -1};
    *out = (struct grf_ref_target){0};
    grf_status st = lr_fold(v, &q.t, err);
    if (st != GRF_OK)
        return st;
    *found = read_code_query(&q, out);
    if (!*found) {
        *out = (struct grf_ref_target){0};
        st = find_first(v, ctx, out, found, err);
        if (*found)
            add_law_article(&q.t, out);
    }
    lr_text_release(&q.t);
    return st;
}

grf_status grf_ref_parse_query(struct grf_sv v, const struct grf_ref_context *ctx,
                               struct grf_ref_target *out, struct grf_err *err)
{
    char upper[QUERY_MAX];
    grf_status st = GRF_OK;
    bool found = false;
    *out = (struct grf_ref_target){0};
    while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\n'))
        v.n--;
    while (v.n && *v.p == ' ') {
        v.p++;
        v.n--;
    }
    if (v.n && v.n <= QUERY_MAX) {
        if (read_canonical_law(v, out))
            return GRF_OK;
        st = read_query(v, ctx, out, &found, err);
        // people type "loi alur" and "1636 b sexies": capitals tell names from words
        for (size_t k = 0; k < v.n; k++)
            upper[k] = v.p[k] >= 'a' && v.p[k] <= 'z' ? (char)(v.p[k] - 32) : v.p[k];
        if (st == GRF_OK && !found)
            st = read_query(grf_sv(upper, v.n), ctx, out, &found, err);
    }
    if (st != GRF_OK || found)
        return st;
    int n = v.n < 80 ? (int)v.n : 80;
    while (n > 0 && (size_t)n < v.n && ((unsigned char)v.p[n] & 0xC0) == 0x80)
        n--;
    return grf_fail(err, GRF_INVALID, _("'%.*s' is no legal reference; write for instance "
                                        "CGCT/L2121-29, \"L2121-29 CGCT\" or loi/84-53"),
                    n, v.p ? v.p : "");
}

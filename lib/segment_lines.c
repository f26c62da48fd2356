/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document as lines: each line of body text is folded once and told what it says,
 * so that all later rules look at short folded text and at flags.
 */
#include "grf_mem.h"
#include "segment_priv.h"

enum { FOLDED_MOST = 1 << 28, WORDS_COMPARED = 48 };

/* ---- folding, one character at a time so that offsets can be followed back */

static bool is_dash(uint32_t c)
{
    return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xAD || c == 0x2500;
}

static void fold_char(struct grf_str *out, struct grf_sv raw, size_t *at)
{
    unsigned char c = (unsigned char)raw.p[*at];
    if (c < 0x80) {
        grf_str_addc(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c < 32 ? ' ' : c));
        ++*at;
        return;
    }
    size_t from = *at;
    uint32_t u = grf_text_next(raw, at);
    if (is_dash(u))
        grf_str_addc(out, '-');
    else if (u == 0xBA || u == 0xB0)
        grf_str_addc(out, '\xB0'); /* one byte for both degree signs: never UTF-8 text */
    else
        grf_text_fold(out, grf_sv(raw.p + from, *at - from));
}

size_t seg_raw_offset(const struct seg_doc *d, const struct seg_line *l, size_t at)
{
    struct grf_sv raw = seg_raw(d, l);
    struct grf_str s;
    size_t from = 0;
    grf_str_init(&s, FOLDED_MOST);
    while (from < raw.n && s.n < at && !s.bad)
        fold_char(&s, raw, &from);
    grf_str_release(&s);
    return from;
}

/* ---- looking into folded text */

bool seg_starts(struct grf_sv f, const char *phrase)
{
    size_t n = strlen(phrase);
    return f.n >= n && memcmp(f.p, phrase, n) == 0;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

size_t seg_find(struct grf_sv f, const char *phrase, size_t from)
{
    size_t n = strlen(phrase);
    while (from + n <= f.n) {
        const char *p = memmem(f.p + from, f.n - from, phrase, n);
        if (!p)
            break;
        size_t at = (size_t)(p - f.p);
        if (!at || !is_word_byte(f.p[at - 1]) || !is_word_byte(phrase[0]))
            return at;
        from = at + 1;
    }
    return SIZE_MAX;
}

bool seg_has(struct grf_sv f, const char *phrase)
{
    return seg_find(f, phrase, 0) != SIZE_MAX;
}

bool seg_starts_any(struct grf_sv f, const char *const *phrases)
{
    for (; *phrases; phrases++) {
        if (seg_starts(f, *phrases))
            return true;
    }
    return false;
}

bool seg_has_any(struct grf_sv f, const char *const *phrases)
{
    for (; *phrases; phrases++) {
        if (seg_has(f, *phrases))
            return true;
    }
    return false;
}

static size_t word_hashes(struct grf_sv text, uint32_t out[WORDS_COMPARED])
{
    struct grf_words it;
    struct grf_word w;
    size_t n = 0;
    grf_words_init(&it, text);
    while (n < WORDS_COMPARED && grf_words_next(&it, &w)) {
        uint32_t h = 2166136261u;
        for (size_t i = 0; i < w.norm_len; i++)
            h = (h ^ (unsigned char)w.norm[i]) * 16777619u;
        out[n++] = h;
    }
    return n;
}

double seg_similar(struct grf_sv a, struct grf_sv b)
{
    uint32_t x[WORDS_COMPARED], y[WORDS_COMPARED];
    size_t nx = word_hashes(a, x), ny = word_hashes(b, y), most = nx > ny ? nx : ny;
    size_t row[WORDS_COMPARED + 1] = {0};
    for (size_t i = 0; i < nx; i++) {
        size_t diagonal = 0;
        for (size_t j = 0; j < ny; j++) {
            size_t up = row[j + 1];
            row[j + 1] = x[i] == y[j] ? diagonal + 1 : up > row[j] ? up : row[j];
            diagonal = up;
        }
    }
    return most ? (double)row[ny] / (double)most : 0;
}

void seg_join(const struct seg_doc *d, size_t from, size_t to, struct grf_str *out)
{
    for (size_t i = from; i < to; i++) {
        if (out->n)
            grf_str_addc(out, ' ');
        grf_str_addsv(out, seg_fold(d, &d->lines[i]));
    }
}

/* ---- what a line says */

static const char *const refers[] = {"vu ", "vu, ", "considerant", "attendu", "w ", NULL};
static const char *const bodies[] = {"conseil", "membres", "assemblee", "votants",
                                     "suffrages", "presents", NULL};
static const char *const verbs[] = {
    "decide",  "approuve", "autorise", "accepte", "adopte",  "prend acte", "fixe",
    "emet",    "donne",    "valide",   "retient", "designe", "charge",     "prend note",
    "attribue", "enterine", "instaure", "accorde", "arrete",  "constate",   "elit",
    "refuse",  "rejette",  "confirme", "demande", "sollicite", NULL};
static const char *const closings[] = {
    "la seance est levee", "seance levee", "la seance est close", "plus rien n'etant",
    "plus rien n'est inscrit", "l'ordre du jour etant epuise", "l'ordre du jour est epuise",
    "fin de la reunion", "fin de la seance", "fin de seance", "la reunion est close",
    "la seance a ete levee", "monsieur le maire leve la seance",
    "madame le maire leve la seance", "le president leve la seance", NULL};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "pour : 12", "15 voix pour", "contre :", "13 pour" */
static bool tells_votes(struct grf_sv f)
{
    static const char *const starts[] = {"pour :",       "pour:",       "contre :",
                                         "contre:",      "abstention :", "abstention:",
                                         "abstentions :", "abstentions:", "abstention(s)",
                                         "vote :",       "vote:",       "votes :",
                                         "resultat du vote", "votants",  NULL};
    static const char *const inside[] = {"voix pour", "voix contre", "pour a l'unanimite",
                                         "vote : ", "vote a main levee", " / contre :",
                                         "- contre", NULL};
    size_t skip = 0;
    while (skip < f.n && (f.p[skip] == '-' || f.p[skip] == ' '))
        skip++;
    if (seg_starts_any(grf_sv(f.p + skip, f.n - skip), starts) || seg_has_any(f, inside))
        return true;
    size_t at = 0;
    while ((at = seg_find(f, "pour", at)) != SIZE_MAX) {
        size_t after = at + 4;
        if (at >= 2 && f.p[at - 1] == ' ' && is_digit(f.p[at - 2]) &&
            (after == f.n || f.p[after] == ',' || f.p[after] == ')' || f.p[after] == ' '))
            return seg_has(f, "contre") || seg_has(f, "abstention") || f.p[after - 1] == ')';
        at = after;
    }
    return false;
}

/* "Le Conseil décide", not far from the line's start. */
static bool assembly_acts(struct grf_sv f)
{
    static const char *const subjects[] = {"le conseil", "l'assemblee", "les membres du conseil",
                                           "le bureau", "le comite", NULL};
    size_t at = SIZE_MAX;
    for (const char *const *s = subjects; *s && at == SIZE_MAX; s++)
        at = seg_find(f, *s, 0);
    if (at == SIZE_MAX || at > 40)
        return false;
    for (const char *const *v = verbs; *v; v++) {
        size_t verb = seg_find(f, *v, at);
        if (verb != SIZE_MAX && verb - at < 90)
            return seg_has_any(f, bodies);
    }
    return false;
}

static bool tells_result(struct grf_sv f)
{
    static const char *const others[] = {"a la majorite", "majorite des suffrages", "est adopte",
                                         "sont approuves", "motion adoptee", "moins une abst",
                                         "il est decide", NULL};
    if (seg_has(f, "delibere") && (seg_has(f, "apres") || seg_has(f, "avoir")))
        return true;
    if (seg_has(f, "unanim"))
        return !seg_has(f, "commission ") || seg_has(f, "conseil");
    if (seg_has(f, "prend acte") && seg_has(f, "conseil"))
        return true;
    return assembly_acts(f) || seg_has_any(f, others) || seg_starts(f, "adopte ");
}

static bool speaks(struct grf_sv f)
{
    static const char *const persons[] = {
        "monsieur ", "madame ", "m. ", "mme ", "mr ", "mm. ", "le maire ", "la maire ",
        "m le maire", "le president ", "la presidente ", NULL};
    return seg_starts_any(f, persons);
}

static bool in_capitals(struct grf_sv raw)
{
    size_t upper = 0, lower = 0, at = 0;
    while (at < raw.n && upper + lower < 200) {
        uint32_t c = grf_text_next(raw, &at);
        upper += (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE);
        lower += (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF);
    }
    return upper > 2 && upper > 4 * lower;
}

/* Whether any word is there that votes and decisions are told with: most lines have
   none, and need not be asked for phrases. */
static bool has_cue(struct grf_sv f)
{
    static const char *const cues[] = {"unanim",  "voix",     "vot",     "pour",    "contre",
                                       "abst",    "conseil",  "assembl", "bureau",  "comite",
                                       "deliber", "majorite", "adopt",   "decid",   "motion",
                                       "approuv", "moins",    "membres", "resultat", NULL};
    for (size_t i = 0; i + 3 < f.n; i++) {
        if (i && is_word_byte(f.p[i - 1]))
            continue;
        for (const char *const *c = cues; *c; c++) {
            if ((*c)[0] == f.p[i] && seg_starts(grf_sv(f.p + i, f.n - i), *c))
                return true;
        }
    }
    return false;
}

static unsigned describe(struct grf_sv f, struct grf_sv raw)
{
    unsigned flags = 0;
    if (seg_starts_any(f, refers))
        flags |= LINE_REFERS;
    else if (has_cue(f)) {
        if (tells_votes(f))
            flags |= LINE_VOTE | LINE_RESULT;
        if (tells_result(f) && (!speaks(f) || seg_has(f, "unanim")))
            flags |= LINE_RESULT;
        if (seg_has(f, "unanim") || seg_has(f, "majorite"))
            flags |= LINE_VOTE;
    }
    if (seg_starts_any(f, closings))
        flags |= LINE_CLOSES;
    if (speaks(f))
        flags |= LINE_SPEAKS;
    if (in_capitals(raw))
        flags |= LINE_UPPER;
    return flags;
}

static uint16_t count_words(struct grf_sv f)
{
    size_t n = 0;
    for (size_t i = 0; i < f.n; i++)
        n += is_word_byte(f.p[i]) && (!i || !is_word_byte(f.p[i - 1]));
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

/* ---- taking lines from pages */

static grf_status add_line(struct seg_doc *d, struct seg_line l, struct grf_err *err)
{
    struct grf_sv raw = seg_raw(d, &l);
    size_t at = 0;
    l.fold = d->folded.n;
    while (at < raw.n)
        fold_char(&d->folded, raw, &at);
    if (d->folded.bad)
        return grf_str_status(&d->folded, err);
    l.fold_n = (uint32_t)(d->folded.n - l.fold);
    l.words = count_words(seg_fold(d, &l));
    if (l.role != GRF_ROLE_STAMP)
        l.flags = (uint16_t)describe(seg_fold(d, &l), raw);
    /* a decision's formula at the foot of several pages is no running footer */
    bool body = l.role == GRF_ROLE_BODY ||
                (l.role != GRF_ROLE_MARGIN && (l.flags & LINE_RESULT));
    grf_status st = body ? grf_grow(&d->lines, d->n_lines, &d->cap_lines, sizeof(l))
                         : grf_grow(&d->extra, d->n_extra, &d->cap_extra, sizeof(l));
    if (st)
        return grf_fail_nomem(err);
    if (body)
        d->lines[d->n_lines++] = l;
    else
        d->extra[d->n_extra++] = l;
    return GRF_OK;
}

static grf_status add_block(struct seg_doc *d, int page, uint32_t block,
                            struct grf_err *err)
{
    const struct grf_page *p = &d->pages[page];
    const struct grf_block *b = &p->blocks[block];
    uint32_t stop = b->end < p->text.n ? b->end : (uint32_t)p->text.n;
    bool first = true;
    grf_status st = GRF_OK;
    for (uint32_t at = b->start; at < stop && !st;) {
        const char *nl = memchr(p->text.p + at, '\n', stop - at);
        uint32_t end = nl ? (uint32_t)(nl - p->text.p) : stop;
        if (end > at) {
            st = add_line(d,
                          (struct seg_line){.page = page, .block = block, .start = at,
                                            .end = end, .role = b->role, .first = first,
                                            .heading = b->heading},
                          err);
            first = false;
        }
        at = end + 1;
    }
    return st;
}

static grf_status sum_up(struct seg_doc *d, struct grf_err *err)
{
    d->results = grf_calloc(d->n_lines + 1, sizeof(*d->results));
    d->words = grf_calloc(d->n_lines + 1, sizeof(*d->words));
    if (!d->results || !d->words)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < d->n_lines; i++) {
        d->results[i + 1] = d->results[i] + ((d->lines[i].flags & LINE_RESULT) != 0);
        d->words[i + 1] = d->words[i] + d->lines[i].words;
    }
    return GRF_OK;
}

grf_status seg_doc_open(struct seg_doc *d, struct grf_err *err)
{
    grf_status st = GRF_OK;
    grf_str_init(&d->folded, FOLDED_MOST);
    for (size_t p = 0; p < d->n_pages && !st; p++)
        for (size_t b = 0; b < d->pages[p].n_blocks && !st; b++)
            st = add_block(d, (int)p, (uint32_t)b, err);
    return st ? st : sum_up(d, err);
}

void seg_doc_release(struct seg_doc *d)
{
    grf_str_release(&d->folded);
    grf_free(d->lines);
    grf_free(d->extra);
    grf_free(d->results);
    grf_free(d->words);
    grf_free(d->marks);
    memset(d, 0, sizeof(*d));
}

uint32_t seg_results_between(const struct seg_doc *d, size_t from, size_t to)
{
    return to > from ? d->results[to] - d->results[from] : 0;
}

uint32_t seg_words_between(const struct seg_doc *d, size_t from, size_t to)
{
    return to > from ? d->words[to] - d->words[from] : 0;
}

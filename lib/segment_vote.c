/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Votes as printed: counts only where a number or names stand, unanimity only where
 * the word stands, contradictions kept. What is said aloud or told of other bodies is
 * not a result.
 */
#include "grf_mem.h"
#include "segment_priv.h"

enum { BLOCK_TEXT_MOST = 1 << 16, NOT_SAID = -1, VOTES_MOST = 400 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip(struct grf_sv f, size_t at, const char *set)
{
    while (at < f.n && f.p[at] && strchr(set, f.p[at]))
        at++;
    return at;
}

/* A number in figures or as a word at byte at; NOT_SAID when there is none. */
static int number_at(struct grf_sv f, size_t at, size_t *after)
{
    static const char *const words[] = {"zero",  "une",   "deux",   "trois",  "quatre", "cinq",
                                        "six",   "sept",  "huit",   "neuf",   "dix",    "onze",
                                        "douze", "treize", "quatorze", "quinze", NULL};
    int v = 0;
    *after = at;
    while (*after < f.n && is_digit(f.p[*after]) && *after < at + 4)
        v = v * 10 + (f.p[(*after)++] - '0');
    if (*after > at)
        return v;
    for (int i = 0; words[i]; i++) {
        size_t n = strlen(words[i]);
        if (at + n < f.n && memcmp(f.p + at, words[i], n) == 0 && f.p[at + n] == ' ') {
            *after = at + n;
            return i;
        }
    }
    if (seg_starts(grf_sv(f.p + at, f.n - at), "un ")) {
        *after = at + 2;
        return 1;
    }
    return NOT_SAID;
}

/* "Pour : 64 Contre :": the number before "Contre" is another side's. */
static bool counts_other_side(struct grf_sv f, size_t number)
{
    static const char *const sides[] = {"pour", "contre", "abstention", "abstentions",
                                        "abstention(s)", NULL};
    size_t at = number;
    while (at && strchr(" :=", f.p[at - 1]))
        at--;
    for (const char *const *s = sides; *s; s++) {
        size_t n = strlen(*s);
        if (at >= n && at < number && memcmp(f.p + at - n, *s, n) == 0 &&
            memchr(f.p + at, ':', number - at))
            return true;
    }
    return false;
}

/* The number that stands right before byte at: "15 voix pour", "deux abstentions". */
static int number_before(struct grf_sv f, size_t at)
{
    size_t after, from = at;
    while (from && f.p[from - 1] == ' ')
        from--;
    size_t end = from;
    while (from && f.p[from - 1] != ' ' && f.p[from - 1] != '(' && f.p[from - 1] != ',' &&
           f.p[from - 1] != '\'')
        from--;
    if (end == from || end - from > 8 || counts_other_side(f, from))
        return NOT_SAID;
    int v = number_at(grf_sv(f.p, at < f.n ? at + 1 : at), from, &after);
    return after == end ? v : NOT_SAID;
}

static int count_names(struct grf_sv f)
{
    static const char *const titles[] = {"m. ", "mme ", "mr ", "monsieur ", "madame ",
                                         "mlle ", "mmes ", "mm. ", NULL};
    int named = 0, chunks = 0;
    bool several = seg_has(f, "mm. ") || seg_has(f, "mm ") || seg_has(f, "mmes ");
    for (const char *const *t = titles; *t; t++)
        for (size_t at = 0; (at = seg_find(f, *t, at)) != SIZE_MAX; at++)
            named++;
    if (named && !several)
        return named;
    for (size_t at = 0; at < f.n;) {
        size_t end = at;
        while (end < f.n && f.p[end] != ',' && f.p[end] != ';' &&
               !seg_starts(grf_sv(f.p + end, f.n - end), " et "))
            end++;
        size_t letters = 0;
        for (size_t i = at; i < end; i++)
            letters += f.p[i] >= 'a' && f.p[i] <= 'z';
        chunks += letters > 1;
        at = end < f.n && f.p[end] == ' ' ? end + 4 : end + 1;
    }
    return chunks;
}

/* Where the words about one side end: at the next side, a stop, or the block's end. */
static size_t side_end(struct grf_sv f, size_t at)
{
    static const char *const next[] = {"pour :", "pour:", "contre", "abstention", " / ",
                                       "adopte", "voix", "vote", NULL};
    size_t end = f.n;
    for (const char *const *w = next; *w; w++) {
        size_t i = seg_find(f, *w, at);
        end = i < end ? i : end;
    }
    for (size_t i = at; i + 1 < end; i++) {
        bool initial = i >= 2 && f.p[i - 2] == ' '; /* "M. Leblanc" */
        if (f.p[i] == '.' && !initial && i > at + 1 && f.p[i - 1] != 'm' && f.p[i - 1] != 'e')
            return i;
    }
    return end;
}

/* "13 pour," and "13 pour)" count votes; "154 pour l'ordonnateur" does not. */
static bool ends_count(struct grf_sv f, size_t at)
{
    static const char *const rest[] = {" (", ",", ")", ".", ";", " et ", " /", " - ", " contre",
                                       " :", NULL};
    while (at + 1 == f.n && f.p[at] == ' ')
        at++;
    return at >= f.n || seg_starts_any(grf_sv(f.p + at, f.n - at), rest);
}

/* Whether a count may stand behind the word at byte at without a colon. */
static bool is_vote_line(struct grf_sv f, size_t at)
{
    size_t first = skip(f, 0, " -");
    return first >= at || seg_starts(f, "vote") || seg_starts(f, "resultat");
}

/* What stands behind "contre" at byte at: ": 3", ": M. Leblanc", " 0". */
static int count_after(struct grf_sv f, size_t at, bool bare)
{
    size_t i = at, after;
    bool colon = false;
    while (i < f.n && (f.p[i] == 's' || f.p[i] == '(' || f.p[i] == ')'))
        i++;
    i = skip(f, i, " ");
    if (i < f.n && (f.p[i] == ':' || f.p[i] == '-' || f.p[i] == '='))
        colon = f.p[i] != '-';
    i = skip(f, i, " :=");
    int v = colon || bare ? number_at(f, i, &after) : NOT_SAID;
    if (v != NOT_SAID)
        return after < f.n && f.p[after] == '/' ? NOT_SAID : v;
    if (seg_starts(grf_sv(f.p + i, f.n - i), "neant"))
        return 0;
    size_t end = side_end(f, i);
    bool of = seg_starts(grf_sv(f.p + i, f.n - i), "de ");
    if ((!colon && !of) || end <= i)
        return NOT_SAID;
    /* "abstention de l'opposition (5 membres : ...)" */
    const char *open = memchr(f.p + i, '(', f.n - i < 40 ? f.n - i : 40);
    v = open && of ? number_at(f, (size_t)(open - f.p) + 1, &after) : NOT_SAID;
    if (v != NOT_SAID)
        return v;
    int names = count_names(grf_sv(f.p + i, end - i));
    return names ? names : NOT_SAID;
}

static void set(int *to, int v)
{
    if (v != NOT_SAID && v <= VOTES_MOST)
        *to = v;
}

/* "pour", "contre" and "abstention" in one text. */
static void read_counts(struct grf_sv f, struct grf_votes *v)
{
    static const struct {
        const char *word;
        int side;
        bool behind; /* the count may stand behind the word */
    } sides[] = {{"voix pour", 0, true},   {"pour", 0, true},        {"voix contre", 1, true},
                 {"contre", 1, true},      {"abstention", 2, true},  {"voix", 0, false},
                 {"abstenu", 2, false}};
    int *to[] = {&v->in_favour, &v->against, &v->abstention};
    for (size_t s = 0; s < GRF_ARRAY_LEN(sides); s++) {
        size_t n = strlen(sides[s].word);
        for (size_t at = 0; (at = seg_find(f, sides[s].word, at)) != SIZE_MAX; at += n) {
            struct grf_sv rest = grf_sv(f.p + at + n, f.n - at - n);
            if (sides[s].side == 0 && !sides[s].behind &&
                (seg_starts(rest, " contre") || seg_starts(rest, " pour")))
                continue;
            int c = number_before(f, at);
            if (sides[s].word[0] != 'v' && sides[s].side < 2 && !ends_count(f, at + n))
                c = NOT_SAID;
            if (c == NOT_SAID && sides[s].behind)
                c = count_after(f, at + n, is_vote_line(f, at));
            set(to[sides[s].side], c);
        }
    }
}

/* "à l'unanimité des votants (13)", "unanimité (15 pour)" */
static void read_unanimous_count(struct grf_sv f, size_t at, struct grf_votes *v)
{
    size_t after;
    for (size_t i = at; i < f.n && i < at + 50 && f.p[i] != '.'; i++) {
        if (f.p[i] != '(')
            continue;
        int c = number_at(f, i + 1, &after);
        struct grf_sv rest = grf_sv(f.p + after, f.n - after);
        if (c != NOT_SAID && (seg_starts(rest, ")") || seg_starts(rest, " voix") ||
                              seg_starts(rest, " pour")))
            v->in_favour = c;
        return;
    }
}

static bool about_others(struct grf_sv f)
{
    static const char *const others[] = {
        "main levee", "scrutin secret",  "bulletin secret", "comite technique", "vote a bulletin",
        "avis de la commission", "commission reunie", "conseil d'ecole", "comite social",
        "commission d'appel d'offres a", NULL};
    return seg_has_any(f, others);
}

/* A vote asked for or told in speech. */
static bool is_speech(struct grf_sv f)
{
    return memchr(f.p, '?', f.n) != NULL;
}

static void read_block(struct grf_sv f, struct grf_votes *v)
{
    static const char *const majority[] = {"a la majorite", "majorite des suffrages",
                                           "moins une", NULL};
    size_t at = seg_find(f, "unanim", 0);
    if (is_speech(f) && !seg_starts(f, "vote"))
        return;
    /* after a vote by majority, unanimity is about something less than the act */
    bool settled = v->unanimous == 0 && v->in_favour > 0;
    if (at != SIZE_MAX && !about_others(f) && !settled) {
        v->unanimous = 1;
        read_unanimous_count(f, at, v);
    } else if (seg_has_any(f, majority) && v->unanimous != 1 &&
               !seg_has(f, "majorite absolue")) {
        v->unanimous = 0;
    }
    /* a majority with its counts is the vote; unanimity before it was told of another */
    int against = v->against;
    read_counts(f, v);
    if (at == SIZE_MAX && v->against > 0 && v->against != against && seg_has_any(f, majority))
        v->unanimous = 0;
}

static bool tells_counts(struct grf_sv f)
{
    static const char *const starts[] = {"pour",  "contre", "abstention", "- pour", "- contre",
                                         "- abstention", "vote", "votants", NULL};
    static const char *const inside[] = {"voix", "abstention", "contre :", "moins une",
                                         " contre", NULL};
    return seg_starts_any(f, starts) || seg_has_any(f, inside);
}

/* "..., avec 25" and "voix Pour." fell apart. */
static bool runs_on(const struct seg_doc *d, size_t line)
{
    struct grf_sv before = seg_fold(d, &d->lines[line - 1]);
    return before.n && is_digit(before.p[before.n - 1]) &&
           seg_starts(seg_fold(d, &d->lines[line]), "voix") &&
           d->lines[line].page == d->lines[line - 1].page;
}

/* One or two votes are no council, but a price or an item of a list. Counted votes for and
   against beside unanimity are two votes in one text: neither is the act's for sure. */
static void settle(struct grf_votes *v)
{
    enum { COUNCIL_LEAST = 3 };
    if (v->unanimous == 1 && v->in_favour > 0 && v->against > 0)
        *v = (struct grf_votes){NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID};
    if (v->unanimous == NOT_SAID && (v->against > 0 || v->abstention > 0))
        v->unanimous = 0;
    if (v->unanimous == 1 && v->in_favour >= 0 && v->in_favour < COUNCIL_LEAST)
        v->in_favour = NOT_SAID;
}

void seg_read_votes(const struct seg_doc *d, size_t from, size_t to, struct grf_votes *v)
{
    struct grf_str text;
    *v = (struct grf_votes){NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID};
    grf_str_init(&text, BLOCK_TEXT_MOST);
    for (size_t i = from; i < to;) {
        size_t end = i + 1;
        unsigned flags = d->lines[i].flags;
        bool refers = flags & LINE_REFERS;
        while (end < to && (!d->lines[end].first || runs_on(d, end)))
            flags |= d->lines[end++].flags;
        if (!refers && (flags & (LINE_RESULT | LINE_VOTE))) {
            grf_str_clear(&text);
            seg_join(d, i, end, &text);
            struct grf_sv f = grf_str_sv(&text);
            if ((flags & LINE_VOTE) || seg_has(f, "unanim") || tells_counts(f))
                read_block(f, v);
        } else if (!refers && seg_words_between(d, i, end) < 40) {
            grf_str_clear(&text);
            seg_join(d, i, end, &text);
            if (tells_counts(grf_str_sv(&text)) && !is_speech(grf_str_sv(&text)))
                read_counts(grf_str_sv(&text), v);
        }
        i = end;
    }
    grf_str_release(&text);
    settle(v);
}

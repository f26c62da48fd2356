/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * actscore [-v] EXPORT.jsonl GOLD.jsonl: compares acts as greffier-index exports them
 * with acts segmented by hand; precision, recall and F1 of the boundaries and of each
 * field, native pages, OCR layers and scans apart, and with -v each difference.
 *
 * An act is found when its first page is right and the first eight words of its heading
 * are (a similarity of 0.85 or more, so that OCR may err in a letter). Fields are
 * compared in the acts found: precision over the values exported, recall over those of
 * the gold. A file counts as scanned when its first act exported was read by OCR.
 */
#include <stdio.h>
#include <stdlib.h>

#include "grf_file.h"
#include "grf_jsonread.h"
#include "grf_mem.h"
#include "grf_text.h"

enum { FILE_MOST = 1 << 28, WORDS_MOST = 200, FIELDS = 8, GROUPS = 3 };

static const char *const field_names[FIELDS] = {"number", "session_date", "subject", "votes",
                                                "receipt_id", "received_date", "refs", "kind"};
static const char *const group_names[GROUPS] = {"native", "scans", "all"};

struct tally {
    size_t same, given, wanted; /* equal values, values exported, values in the gold */
    size_t agree, compared;     /* equal or both empty, pairs */
};
struct group {
    size_t gold, exported, found, unread;
    struct tally field[FIELDS];
};
struct record {
    struct grf_jdoc *doc;
    const struct grf_jval *v;
    const char *file;
    bool used;
};
struct records {
    struct record *v;
    size_t n, cap;
};
static struct {
    struct records gold, exported;
    struct group groups[GROUPS];
    bool verbose;
} all;

static void die(const char *what, const struct grf_err *err)
{
    fprintf(stderr, "actscore: %s: %s\n", what, err->msg);
    exit(2);
}

static void read_records(const char *path, struct records *out)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_str text;
    grf_str_init(&text, FILE_MOST);
    if (grf_file_read(path, FILE_MOST, &text, &err))
        die(path, &err);
    for (size_t at = 0; at < text.n;) {
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        size_t end = nl ? (size_t)(nl - text.p) : text.n;
        if (end > at) {
            struct record r = {0};
            if (grf_jdoc_parse(grf_sv(text.p + at, end - at), &r.doc, &err) ||
                grf_grow(&out->v, out->n, &out->cap, sizeof(r)))
                die(path, &err);
            r.v = grf_jdoc_root(r.doc);
            r.file = grf_jval_text(grf_jval_get(r.v, "file"));
            r.file = r.file ? r.file : "";
            out->v[out->n++] = r;
        }
        at = end + 1;
    }
    grf_str_release(&text);
}

/* ---- comparing */

static size_t words_of(struct grf_sv t, char out[WORDS_MOST][GRF_WORD_MAX + 1], size_t most)
{
    struct grf_words it;
    struct grf_word w;
    size_t n = 0;
    grf_words_init(&it, t);
    while (n < most && grf_words_next(&it, &w))
        memcpy(out[n++], w.norm, w.norm_len + 1);
    return n;
}

/* Words in common and in order, as a share of the longer text. */
static double similar(struct grf_sv a, struct grf_sv b, size_t most)
{
    static char x[WORDS_MOST][GRF_WORD_MAX + 1], y[WORDS_MOST][GRF_WORD_MAX + 1];
    size_t row[WORDS_MOST + 1] = {0};
    size_t nx = words_of(a, x, most), ny = words_of(b, y, most), longer = nx > ny ? nx : ny;
    for (size_t i = 0; i < nx; i++) {
        size_t diagonal = 0;
        for (size_t j = 0; j < ny; j++) {
            size_t up = row[j + 1];
            row[j + 1] = strcmp(x[i], y[j]) == 0 ? diagonal + 1 : up > row[j] ? up : row[j];
            diagonal = up;
        }
    }
    return longer ? (double)row[ny] / (double)longer : 1;
}

/* The same over characters, blanks left out: for short texts read by OCR. */
static double similar_letters(struct grf_sv a, struct grf_sv b)
{
    char x[256], y[256];
    size_t nx = 0, ny = 0, row[257] = {0};
    for (size_t i = 0; i < a.n && nx < sizeof(x); i++)
        if (a.p[i] != ' ')
            x[nx++] = a.p[i];
    for (size_t i = 0; i < b.n && ny < sizeof(y); i++)
        if (b.p[i] != ' ')
            y[ny++] = b.p[i];
    for (size_t i = 0; i < nx; i++) {
        size_t diagonal = 0;
        for (size_t j = 0; j < ny; j++) {
            size_t up = row[j + 1];
            row[j + 1] = x[i] == y[j] ? diagonal + 1 : up > row[j] ? up : row[j];
            diagonal = up;
        }
    }
    size_t longer = nx > ny ? nx : ny;
    return longer ? (double)row[ny] / (double)longer : 1;
}

static struct grf_sv text_of(const struct record *r, const char *key)
{
    return grf_sv_z(grf_jval_text(grf_jval_get(r->v, key)));
}

/* "Délibération n° 2022/08 Titre": what stands behind the number. */
static struct grf_sv behind_number(struct grf_sv quote, struct grf_sv number)
{
    const char *p = number.n ? memmem(quote.p, quote.n, number.p, number.n) : NULL;
    size_t at = p ? (size_t)(p - quote.p) + number.n : 0;
    while (at < quote.n && strchr(" :-/.)", quote.p[at]))
        at++;
    return grf_sv(quote.p + at, quote.n - at);
}

static bool same_start(const struct record *gold, const struct record *x)
{
    struct grf_sv want = text_of(gold, "start_quote"), have = text_of(x, "start_quote");
    if (similar(want, have, 8) >= 0.85 || similar_letters(want, have) >= 0.9)
        return true;
    /* one of the two may begin with the title, the other with the number before it */
    struct grf_sv a = behind_number(want, text_of(gold, "number"));
    struct grf_sv b = behind_number(have, text_of(x, "number"));
    size_t n = a.n < b.n ? a.n : b.n;
    return n >= 8 && similar_letters(grf_sv(a.p, n), grf_sv(b.p, n)) >= 0.9;
}

static bool same_number(struct grf_sv a, struct grf_sv b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.n && a.p[i] == ' ')
            i++;
        while (j < b.n && b.p[j] == ' ')
            j++;
        if (i == a.n || j == b.n)
            return i == a.n && j == b.n;
        if ((a.p[i++] | 32) != (b.p[j++] | 32))
            return false;
    }
}

static int64_t vote(const struct record *r, const char *french, const char *english)
{
    const struct grf_jval *v = grf_jval_get(r->v, "votes");
    const struct grf_jval *c = grf_jval_get(v, english);
    return grf_jval_int(grf_jval_is_null(c) ? grf_jval_get(v, french) : c, -1);
}

static int unanimous(const struct record *r)
{
    const struct grf_jval *u = grf_jval_get(grf_jval_get(r->v, "votes"), "unanimous");
    return grf_jval_is_null(u) ? -1 : grf_jval_bool(u, false);
}

static bool has_votes(const struct record *r)
{
    return vote(r, "pour", "for") >= 0 || vote(r, "contre", "against") >= 0 ||
           vote(r, "abstention", "abstention") >= 0 || unanimous(r) >= 0;
}

static bool same_votes(const struct record *a, const struct record *b)
{
    return vote(a, "pour", "for") == vote(b, "pour", "for") &&
           vote(a, "contre", "against") == vote(b, "contre", "against") &&
           vote(a, "abstention", "abstention") == vote(b, "abstention", "abstention") &&
           unanimous(a) == unanimous(b);
}

/* A reference as its code's letters and the rest, folded, without blanks and marks. */
static void split_ref(const char *ref, struct grf_str *code, struct grf_str *rest)
{
    struct grf_str f;
    size_t at = 0;
    grf_str_init(&f, 4096);
    grf_text_fold(&f, grf_sv_z(ref));
    while (at < f.n && f.p[at] != ' ' && f.p[at] != '/')
        at++;
    for (size_t i = 0; i < f.n; i++) {
        bool kept = (f.p[i] >= 'a' && f.p[i] <= 'z') || (f.p[i] >= '0' && f.p[i] <= '9') ||
                    (i > at && f.p[i] == '-');
        if (kept)
            grf_str_addc(i < at ? code : rest, f.p[i]);
    }
    grf_str_release(&f);
}

/* "CGCT L2121-29" is "CGCT/L2121-29", "C.énergie L331-1" is "CENER/L331-1". */
static bool same_ref(const char *a, const char *b)
{
    struct grf_str s[4];
    for (int i = 0; i < 4; i++)
        grf_str_init(&s[i], 4096);
    split_ref(a, &s[0], &s[1]);
    split_ref(b, &s[2], &s[3]);
    size_t n = s[0].n < s[2].n ? s[0].n : s[2].n;
    bool same = n && memcmp(s[0].p, s[2].p, n) == 0 && s[1].n == s[3].n &&
                memcmp(s[1].p, s[3].p, s[1].n) == 0;
    for (int i = 0; i < 4; i++)
        grf_str_release(&s[i]);
    return same;
}

static void compare_refs(const struct record *gold, const struct record *x, struct tally *t)
{
    const struct grf_jval *want = grf_jval_get(gold->v, "legal_refs");
    const struct grf_jval *have = grf_jval_get(x->v, "refs");
    size_t same = 0;
    if (grf_jval_is_null(want))
        return;
    for (size_t i = 0; i < grf_jval_count(want); i++) {
        for (size_t k = 0; k < grf_jval_count(have); k++) {
            const char *a = grf_jval_text(grf_jval_at(want, i));
            const char *b = grf_jval_text(grf_jval_at(have, k));
            if (a && b && same_ref(a, b)) {
                same++;
                break;
            }
        }
    }
    t->same += same;
    t->given += grf_jval_count(have);
    t->wanted += grf_jval_count(want);
    t->compared++;
    t->agree += same == grf_jval_count(want) && same == grf_jval_count(have);
}

static void differs(const struct record *gold, const char *field, struct grf_sv want,
                    struct grf_sv have)
{
    struct grf_sv number = text_of(gold, "number");
    if (all.verbose)
        printf("%-13s %s  n %.*s\n    gold   %.*s\n    export %.*s\n", field, gold->file,
               (int)number.n, number.p, (int)want.n, want.p, (int)have.n, have.p);
}

static void count(struct tally *t, bool given, bool wanted, bool same)
{
    t->compared++;
    t->given += given;
    t->wanted += wanted;
    t->same += same && given && wanted;
    t->agree += same;
}

static bool equal_field(size_t f, struct grf_sv want, struct grf_sv have)
{
    if (!want.n || !have.n)
        return want.n == have.n;
    if (f == 0)
        return same_number(want, have);
    if (f == 2)
        return similar(want, have, WORDS_MOST) >= 0.9;
    return want.n == have.n && memcmp(want.p, have.p, want.n) == 0;
}

static void print_votes(char *out, size_t n, const struct record *r)
{
    snprintf(out, n, "for %lld against %lld abstention %lld unanimous %d",
             (long long)vote(r, "pour", "for"), (long long)vote(r, "contre", "against"),
             (long long)vote(r, "abstention", "abstention"), unanimous(r));
}

static void compare(const struct record *gold, const struct record *x, struct group *g,
                    bool tell)
{
    for (size_t f = 0; f < FIELDS; f++) {
        struct grf_sv want = text_of(gold, field_names[f]), have = text_of(x, field_names[f]);
        bool same = equal_field(f, want, have);
        char a[120], b[120];
        if (f == 6) {
            compare_refs(gold, x, &g->field[f]);
            continue;
        }
        if (f == 3) {
            same = same_votes(gold, x);
            print_votes(a, sizeof(a), gold);
            print_votes(b, sizeof(b), x);
            count(&g->field[f], has_votes(x), has_votes(gold), same);
            want = grf_sv_z(a);
            have = grf_sv_z(b);
        } else {
            count(&g->field[f], have.n > 0, want.n > 0, same);
        }
        if (!same && tell)
            differs(gold, field_names[f], want, have);
    }
}

/* ---- the run */

static bool is_scan(const char *file)
{
    for (size_t i = 0; i < all.exported.n; i++) {
        const struct record *x = &all.exported.v[i];
        const char *state = grf_jval_text(grf_jval_get(x->v, "text_state"));
        if (strcmp(x->file, file) == 0)
            return state && strcmp(state, "ocr") == 0;
    }
    return false;
}

static bool exported_file(const char *file)
{
    for (size_t i = 0; i < all.exported.n; i++) {
        if (strcmp(all.exported.v[i].file, file) == 0)
            return true;
    }
    return false;
}

static bool gold_file(const char *file)
{
    for (size_t i = 0; i < all.gold.n; i++) {
        if (strcmp(all.gold.v[i].file, file) == 0)
            return true;
    }
    return false;
}

static struct record *find(const struct record *gold)
{
    int64_t page = grf_jval_int(grf_jval_get(gold->v, "first_page"), 0);
    for (size_t i = 0; i < all.exported.n; i++) {
        struct record *x = &all.exported.v[i];
        if (!x->used && strcmp(x->file, gold->file) == 0 &&
            grf_jval_int(grf_jval_get(x->v, "first_page"), -1) == page && same_start(gold, x))
            return x;
    }
    return NULL;
}

static void match_gold(const struct record *gold)
{
    size_t group = is_scan(gold->file);
    struct group *two[] = {&all.groups[group], &all.groups[GROUPS - 1]};
    bool unread = !exported_file(gold->file);
    struct record *x = unread ? NULL : find(gold);
    for (size_t k = 0; k < 2; k++) {
        two[k]->unread += unread;
        two[k]->gold += !unread;
        two[k]->found += x != NULL;
        if (x)
            compare(gold, x, two[k], k == 0);
    }
    if (x)
        x->used = true;
    else if (!unread)
        differs(gold, "NOT FOUND", text_of(gold, "start_quote"), grf_sv_z(""));
}

static void count_exported(void)
{
    for (size_t i = 0; i < all.exported.n; i++) {
        struct record *x = &all.exported.v[i];
        if (!gold_file(x->file))
            continue;
        all.groups[is_scan(x->file)].exported++;
        all.groups[GROUPS - 1].exported++;
        if (!x->used)
            differs(x, "NOT IN GOLD", grf_sv_z(""), text_of(x, "subject"));
    }
}

static double share(size_t a, size_t b)
{
    return b ? (double)a / (double)b : 1;
}

static void print_row(const char *name, size_t same, size_t given, size_t wanted)
{
    double p = share(same, given), r = share(same, wanted);
    printf("  %-14s P %.3f  R %.3f  F1 %.3f  (%zu of %zu)", name, p, r,
           p + r > 0 ? 2 * p * r / (p + r) : 0, same, wanted);
}

static void print_group(size_t i)
{
    const struct group *g = &all.groups[i];
    if (!g->gold && !g->unread)
        return;
    printf("%s: %zu acts", group_names[i], g->gold);
    printf(g->unread ? ", and %zu in files without text\n" : "\n", g->unread);
    print_row("boundaries", g->found, g->exported, g->gold);
    putchar('\n');
    for (size_t f = 0; f < FIELDS; f++) {
        const struct tally *t = &g->field[f];
        if (!t->compared)
            continue;
        print_row(field_names[f], t->same, t->given, t->wanted);
        printf("  right %.3f\n", share(t->agree, t->compared));
    }
}

int main(int argc, char **argv)
{
    int at = argc > 1 && strcmp(argv[1], "-v") == 0 ? 2 : 1;
    all.verbose = at == 2;
    if (argc - at != 2) {
        fprintf(stderr, "usage: actscore [-v] EXPORT.jsonl GOLD.jsonl\n");
        return 2;
    }
    read_records(argv[at], &all.exported);
    read_records(argv[at + 1], &all.gold);
    for (size_t i = 0; i < all.gold.n; i++)
        match_gold(&all.gold.v[i]);
    count_exported();
    for (size_t i = 0; i < GROUPS; i++)
        print_group(i);
    return 0;
}

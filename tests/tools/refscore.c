/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * refscore GOLD.jsonl [-v]: precision and recall of references on gold strings
 *     ({string, match, refs, note?, context_code?}), note lines and negatives apart.
 * refscore -p PAIRS.jsonl [-v]: how often the target of a citing sentence is found.
 * refscore -d FILE...: every mention of text files, one per line.
 * refscore -n FILE...: what looks like a reference and was not taken.
 * refscore -t FILE...: speed.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "grf_jsonread.h"
#include "grf_legalref.h"
#include "grf_mem.h"

#define FORM_MAX (2 * GRF_REF_MAX + 4)

static bool verbose;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void stop(const char *what)
{
    fprintf(stderr, "refscore: %s\n", what);
    exit(1);
}

static char *read_all(const char *path, size_t *n)
{
    FILE *f = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    size_t cap = 1 << 16, used = 0, got;
    char *p = malloc(cap);
    if (!f || !p)
        stop(path);
    while ((got = fread(p + used, 1, cap - used, f)) > 0) {
        used += got;
        if (used == cap && !(p = realloc(p, cap *= 2)))
            stop("no memory");
    }
    if (f != stdin)
        fclose(f);
    *n = used;
    return p;
}

static void print_span(struct grf_sv text, size_t start, size_t end, size_t around)
{
    size_t a = start > around ? start - around : 0;
    size_t b = end + around < text.n ? end + around : text.n;
    for (size_t i = a; i < b; i++) {
        if (i == start)
            fputs(" [[", stdout);
        if (i == end)
            fputs("]] ", stdout);
        putchar((unsigned char)text.p[i] < ' ' ? '|' : text.p[i]);
    }
    if (b == end)
        fputs("]]", stdout);
}

/* ---- gold ---- */

struct score {
    size_t lines, want, got, right;
};

static void form_of(const struct grf_jval *v, char out[FORM_MAX])
{
    const char *z = grf_jval_text(v);
    if (z)
        snprintf(out, FORM_MAX, "%s", z);
    else
        snprintf(out, FORM_MAX, "%s..%s", grf_jval_text(grf_jval_get(v, "from")),
                 grf_jval_text(grf_jval_get(v, "to")));
}

static void form_of_target(const struct grf_ref_target *t, char out[FORM_MAX])
{
    snprintf(out, FORM_MAX, "%s%s%s", t->canon, t->to[0] ? ".." : "", t->to);
}

static bool same(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == ' ')
            a++;
        while (*b == ' ')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

static void gold_line(const struct grf_jval *v, struct score *s)
{
    struct grf_sv text = grf_jval_sv(grf_jval_get(v, "string"));
    const char *match = grf_jval_text(grf_jval_get(v, "match"));
    const struct grf_jval *refs = grf_jval_get(v, "refs");
    bool self = grf_jval_bool(grf_jval_get(v, "self_contained"), false);
    struct grf_ref_context ctx = {0};
    if (!self)
        ctx.code = grf_jval_text(grf_jval_get(v, "context_code"));
    const char *at = match ? strstr(text.p, match) : NULL;
    if (!at)
        stop("a match is not in its string");
    size_t from = (size_t)(at - text.p), to = from + strlen(match);
    struct grf_refs r;
    struct grf_err err = GRF_ERR_INIT;
    grf_refs_init(&r);
    if (grf_refs_find(text, &ctx, &r, &err) != GRF_OK)
        stop(err.msg);
    size_t want = grf_jval_count(refs), right = 0, got = 0;
    bool used[64] = {false};
    for (size_t k = 0; k < r.n_targets; k++) {
        char form[FORM_MAX], wanted[FORM_MAX];
        if (r.targets[k].end <= from || r.targets[k].start >= to)
            continue;
        got++;
        form_of_target(&r.targets[k], form);
        for (size_t j = 0; j < want && j < 64; j++) {
            form_of(grf_jval_at(refs, j), wanted);
            if (!used[j] && same(form, wanted)) {
                used[j] = true;
                right++;
                break;
            }
        }
    }
    s->lines++;
    s->want += want;
    s->got += got;
    s->right += right;
    if (verbose && (right < want || right < got)) {
        printf("%s ", grf_jval_text(grf_jval_get(v, "id")));
        print_span(text, from, to, 300);
        printf("\n    want:");
        for (size_t j = 0; j < want; j++) {
            char wanted[FORM_MAX];
            form_of(grf_jval_at(refs, j), wanted);
            printf(" %s", wanted);
        }
        printf("\n    got: ");
        for (size_t k = 0; k < r.n_targets; k++)
            printf(" %s%s%s%s", r.targets[k].canon, r.targets[k].to[0] ? ".." : "",
                   r.targets[k].to,
                   r.targets[k].end <= from || r.targets[k].start >= to ? "(outside)" : "");
        printf("\n");
    }
    grf_refs_release(&r);
}

static void print_score(const char *name, const struct score *s)
{
    printf("%-14s lines %zu  wanted %zu  taken %zu  right %zu  precision %.4f  recall %.4f\n",
           name, s->lines, s->want, s->got, s->right,
           s->got ? (double)s->right / (double)s->got : 1.0,
           s->want ? (double)s->right / (double)s->want : 1.0);
}

static int gold(struct grf_sv all)
{
    struct score plain = {0}, note = {0}, negative = {0};
    for (size_t i = 0; i < all.n;) {
        const char *nl = memchr(all.p + i, '\n', all.n - i);
        size_t n = nl ? (size_t)(nl - all.p) - i : all.n - i;
        struct grf_jdoc *d;
        struct grf_err err = GRF_ERR_INIT;
        if (n && grf_jdoc_parse(grf_sv(all.p + i, n), &d, &err) != GRF_OK)
            stop(err.msg);
        if (n) {
            const struct grf_jval *v = grf_jdoc_root(d);
            bool none = grf_jval_count(grf_jval_get(v, "refs")) == 0;
            bool noted = grf_jval_text(grf_jval_get(v, "note")) != NULL;
            gold_line(v, none ? &negative : noted ? &note : &plain);
            grf_jdoc_free(d);
        }
        i += n + 1;
    }
    print_score("plain", &plain);
    print_score("note", &note);
    printf("%-14s lines %zu  taken %zu\n", "hard negatives", negative.lines, negative.got);
    return negative.got == 0 ? 0 : 1;
}

/* ---- citing sentences ---- */

static void pair_line(const struct grf_jval *v, size_t counts[4])
{
    struct grf_sv text = grf_jval_sv(grf_jval_get(v, "query"));
    const char *target = grf_jval_text(grf_jval_get(v, "target"));
    const char *kind = grf_jval_text(grf_jval_get(v, "kind"));
    const char *slash = target ? strchr(target, '/') : NULL;
    if (!kind || strcmp(kind, "citation") || !slash)
        return;
    const struct grf_code *code =
        grf_code_by_title(grf_sv(target, (size_t)(slash - target)));
    counts[0]++;
    if (!code) {
        if (verbose)
            printf("no code: %s\n", target);
        counts[2]++;
        return;
    }
    char want[FORM_MAX];
    snprintf(want, sizeof want, "%s%s", code->short_name, slash);
    struct grf_refs r;
    struct grf_err err = GRF_ERR_INIT;
    grf_refs_init(&r);
    if (grf_refs_find(text, NULL, &r, &err) != GRF_OK)
        stop(err.msg);
    bool found = false;
    for (size_t k = 0; k < r.n_targets && !found; k++)
        found = grf_ref_same(r.targets[k].canon, want) ||
                grf_ref_same(r.targets[k].to, want); // ends of a range suffice
    counts[1] += found;
    if (!found && verbose) {
        printf("%s <- %.*s\n   got:", want, (int)text.n, text.p);
        for (size_t k = 0; k < r.n_targets; k++)
            printf(" %s%s%s", r.targets[k].canon, r.targets[k].to[0] ? ".." : "",
                   r.targets[k].to);
        printf("\n");
    }
    grf_refs_release(&r);
}

static int pairs(struct grf_sv all)
{
    size_t counts[4] = {0};
    for (size_t i = 0; i < all.n;) {
        const char *nl = memchr(all.p + i, '\n', all.n - i);
        size_t n = nl ? (size_t)(nl - all.p) - i : all.n - i;
        struct grf_jdoc *d;
        if (n && grf_jdoc_parse(grf_sv(all.p + i, n), &d, NULL) == GRF_OK) {
            pair_line(grf_jdoc_root(d), counts);
            grf_jdoc_free(d);
        }
        i += n + 1;
    }
    printf("pairs %zu  target found %zu (%.4f)  code unknown %zu\n", counts[0], counts[1],
           counts[0] ? (double)counts[1] / (double)counts[0] : 0.0, counts[2]);
    return 0;
}

/* ---- files of text ---- */

static void dump(struct grf_sv text, const char *name)
{
    struct grf_refs r;
    struct grf_err err = GRF_ERR_INIT;
    grf_refs_init(&r);
    if (grf_refs_find(text, NULL, &r, &err) != GRF_OK)
        stop(err.msg);
    for (size_t i = 0; i < r.n; i++) {
        const struct grf_ref *m = &r.items[i];
        printf("%s:%zu\t", name, m->start);
        for (size_t k = m->first; k < m->first + m->n; k++)
            printf("%s%s%s%s ", r.targets[k].canon, r.targets[k].to[0] ? ".." : "",
                   r.targets[k].to, r.targets[k].flags & GRF_REF_IMPLIED ? "?"
                   : r.targets[k].flags & GRF_REF_CORRECTED ? "!"
                   : r.targets[k].flags & GRF_REF_DAMAGED ? "#"
                   : r.targets[k].flags & GRF_REF_CARRIED ? "~" : "");
        printf("\t%.2f\t", (double)r.targets[m->first].confidence);
        print_span(text, m->start, m->end, 60);
        printf("\n");
    }
    grf_refs_release(&r);
}

static bool looks_like(struct grf_sv t, size_t i)
{
    static const char *const words[] = {"article", "Article", "ARTICLE", "art.", "Art.", "loi",
                                        "Loi", "LOI", "décret", "Décret", "ordonnance",
                                        "Code", "code"};
    if (i && (isalnum((unsigned char)t.p[i - 1]) || (unsigned char)t.p[i - 1] > 0x7f))
        return false;
    for (size_t k = 0; k < GRF_ARRAY_LEN(words); k++) {
        size_t n = strlen(words[k]);
        if (i + n < t.n && !memcmp(t.p + i, words[k], n) && !isalpha((unsigned char)t.p[i + n]))
            return k < 11;
    }
    size_t j = i + 1;
    if (!strchr("LRD", t.p[i]))
        return false;
    while (j < t.n && j < i + 4 && strchr(".* ", t.p[j]))
        j++;
    return j < t.n && isdigit((unsigned char)t.p[j]);
}

static void near_misses(struct grf_sv text, const char *name)
{
    struct grf_refs r;
    struct grf_err err = GRF_ERR_INIT;
    size_t m = 0;
    grf_refs_init(&r);
    if (grf_refs_find(text, NULL, &r, &err) != GRF_OK)
        stop(err.msg);
    for (size_t i = 0; i < text.n; i++) {
        while (m < r.n && r.items[m].end <= i)
            m++;
        if ((m < r.n && i >= r.items[m].start) || !text.p[i] || !looks_like(text, i))
            continue;
        printf("%s:%zu\t", name, i);
        print_span(text, i, i + 1, 90);
        printf("\n");
    }
    grf_refs_release(&r);
}

static void speed(struct grf_sv text, const char *name)
{
    struct grf_refs r;
    struct grf_err err = GRF_ERR_INIT;
    grf_refs_init(&r);
    double t0 = seconds();
    int rounds = 0;
    do {
        if (grf_refs_find(text, NULL, &r, &err) != GRF_OK)
            stop(err.msg);
        rounds++;
    } while (seconds() - t0 < 1);
    double s = (seconds() - t0) / rounds;
    printf("%s: %zu bytes, %zu mentions, %.1f MB/s\n", name, text.n, r.n,
           (double)text.n / s / 1e6);
    grf_refs_release(&r);
}

int main(int argc, char **argv)
{
    char mode = 'g';
    int code = 0, seen = 0;
    for (int i = 1; i < argc; i++)
        verbose |= !strcmp(argv[i], "-v");
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1] && argv[i][1] != 'v') {
            mode = argv[i][1];
            continue;
        }
        if (!strcmp(argv[i], "-v"))
            continue;
        size_t n;
        char *p = read_all(argv[i], &n);
        struct grf_sv all = grf_sv(p, n);
        seen++;
        if (mode == 'g')
            code |= gold(all);
        else if (mode == 'p')
            code |= pairs(all);
        else if (mode == 'd')
            dump(all, argv[i]);
        else if (mode == 'n')
            near_misses(all, argv[i]);
        else
            speed(all, argv[i]);
        free(p);
    }
    if (!seen)
        stop("usage: refscore [-v] [-p|-d|-n|-t] FILE...");
    return code;
}

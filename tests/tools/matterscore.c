/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matterscore [-v] [-m MODEL] GOLD.tsv [BASE]: how well acts are classed. Each line of
 * the gold has the accepted codes ("7.10/7.1", the first one is the best; "-" for none), a
 * tab, the act's subject and, with a base, another tab and the act's key, whose text is
 * then read too. Prints coverage and precision of heads and sub-heads; -v each act.
 *
 * matterscore --all [-m MODEL] BASE: the matter of each act of a base, as a table.
 * matterscore --table ACTES.tsv: the rows as lib/matter_table.c has them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "grf_base.h"
#include "grf_file.h"
#include "grf_matter.h"
#include "grf_mem.h"

enum { FILE_MOST = 1 << 26, WIDTH = 88 };

static struct {
    struct grf_matter *matter;
    struct grf_base *base;
    bool verbose;
    size_t n, none_right, none_wrong, answered, answerable;
    size_t head_best, head_ok, subs, sub_best, sub_ok;
} all;

static void die(const char *what, const struct grf_err *err)
{
    fprintf(stderr, "matterscore: %s: %s\n", what, err->msg);
    exit(2);
}

/* ---- --table */

static void print_string(const char *z, size_t n)
{
    size_t column = 5;
    printf("     \"");
    for (size_t i = 0; i < n; i++) {
        if (z[i] == '"' || z[i] == '\\')
            putchar('\\');
        putchar(z[i]);
        if (++column > WIDTH - 12 && z[i] == ' ' && i + 1 < n) {
            printf("\"\n     \"");
            column = 5;
        }
    }
    putchar('"');
}

static void print_row(char *line)
{
    char *field[4];
    for (int i = 0; i < 4; i++) {
        field[i] = line;
        line += strcspn(line, "\t\n");
        if (*line)
            *line++ = 0;
    }
    printf("    {\"%s\", \"%s\",\n", field[0], field[1]);
    print_string(field[2], strlen(field[2]));
    printf(",\n");
    print_string(field[3], strlen(field[3]));
    printf("},\n");
}

/* ---- reading */

static void each_line(const char *path, void (*f)(char *line))
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_str text;
    grf_str_init(&text, FILE_MOST);
    if (grf_file_read(path, FILE_MOST, &text, &err))
        die(path, &err);
    for (char *at = text.p; *at;) {
        char *end = at + strcspn(at, "\n");
        char *next = *end ? end + 1 : end;
        *end = 0;
        if (*at && *at != '#')
            f(at);
        at = next;
    }
    grf_str_release(&text);
}

struct act_text {
    struct grf_str all, decision;
};

static grf_status add_passage(void *data, int64_t id, struct grf_err *err)
{
    struct act_text *t = data;
    struct grf_passage_row p;
    struct grf_page page;
    grf_status st = grf_meta_passage(all.base->meta, id, &p, err);
    if (st)
        return st;
    grf_page_init(&page);
    st = grf_meta_page(all.base->meta, p.doc_id, p.page, false, &page, err);
    bool own = p.part != GRF_PART_DEBATE && p.part != GRF_PART_ANNEX &&
               p.part != GRF_PART_HEAD;
    if (!st && own) {
        struct grf_sv s = grf_sv(page.text.p + p.start, p.end - p.start);
        if (p.part == GRF_PART_DECISION && !t->decision.n)
            grf_str_addsv(&t->decision, s);
        grf_str_addsv(&t->all, s);
        grf_str_addc(&t->all, '\n');
    }
    grf_page_release(&page);
    return st;
}

static struct grf_matter_verdict judge(const char *subject, int64_t act)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_matter_verdict v;
    struct act_text t;
    grf_str_init(&t.all, FILE_MOST);
    grf_str_init(&t.decision, FILE_MOST);
    if (act && grf_meta_each_passage_of_act(all.base->meta, act, add_passage, &t, &err))
        die(subject, &err);
    struct grf_matter_text text = {grf_sv_z(subject), grf_str_sv(&t.decision),
                                   grf_str_sv(&t.all)};
    if (grf_matter_judge(all.matter, &text, &v, &err))
        die(subject, &err);
    grf_str_release(&t.all);
    grf_str_release(&t.decision);
    return v;
}

static int64_t act_of(const char *key)
{
    struct grf_err err = GRF_ERR_INIT;
    grf_key_kind kind;
    int64_t id = 0;
    if (all.base && *key &&
        (grf_meta_resolve(all.base->meta, key, &kind, &id, &err) || kind != GRF_KEY_ACT))
        die(key, &err);
    return id;
}

/* ---- scoring */

/* Whether code, or its head alone, is among those accepted; *first: it is the best one. */
static bool accepted(const char *codes, const char *code, bool head, bool *first)
{
    size_t at = 0;
    *first = false;
    for (size_t n; codes[at]; at += n + (codes[at + n] == '/')) {
        n = strcspn(codes + at, "/");
        bool same = head ? codes[at] == code[0]
                         : n == strlen(code) && memcmp(codes + at, code, n) == 0;
        if (same) {
            *first = at == 0;
            return true;
        }
    }
    return false;
}

static void score_line(char *line)
{
    char *subject = line + strcspn(line, "\t");
    if (*subject)
        *subject++ = 0;
    char *key = subject + strcspn(subject, "\t");
    if (*key)
        *key++ = 0;
    struct grf_matter_verdict v = judge(subject, act_of(key));
    const char *code = v.code ? v.code->code : "-";
    bool first = false, first_sub = false, none = line[0] == '-';
    bool ok = v.code && accepted(line, code, true, &first);
    bool ok_sub = v.code && code[1] && accepted(line, code, false, &first_sub);
    all.n++;
    all.answerable += !none;
    all.answered += v.code != NULL;
    all.none_right += none && !v.code;
    all.none_wrong += none && v.code && !ok;
    all.head_ok += ok;
    all.head_best += first;
    all.subs += v.code && code[1];
    all.sub_ok += ok_sub;
    all.sub_best += first_sub;
    if (all.verbose)
        printf("%s\t%s\t%.2f\t%s\t%.110s\n",
               !v.code ? "none" : !ok ? "WRONG" : !code[1] ? "head" : ok_sub ? "ok" : "sub",
               code, v.confidence, line, subject);
}

static void print_scores(void)
{
    double n = all.n ? (double)all.n : 1, a = all.answered ? (double)all.answered : 1;
    double s = all.subs ? (double)all.subs : 1;
    printf("acts %zu (%zu with a matter), answered %zu (%.3f)\n", all.n, all.answerable,
           all.answered, (double)all.answered / n);
    printf("head: precision %.3f (best code's head %.3f)\n", (double)all.head_ok / a,
           (double)all.head_best / a);
    printf("sub-head: given %zu (%.3f), precision %.3f (best code %.3f)\n", all.subs,
           (double)all.subs / n, (double)all.sub_ok / s, (double)all.sub_best / s);
}

static grf_status list_act(void *data, int64_t id, struct grf_err *err)
{
    struct grf_act_row row;
    (void)data;
    grf_status st = grf_meta_act(all.base->meta, id, &row, err);
    if (st)
        return st;
    if (row.act.kind != GRF_KIND_DOCUMENT) {
        struct grf_matter_verdict v = judge(row.act.subject, id);
        printf("%s\t%.2f\t%s\t%s\n", v.code ? v.code->code : "-", v.confidence, row.key,
               row.act.subject ? row.act.subject : "");
    }
    grf_act_row_release(&row);
    return GRF_OK;
}

static grf_status list_doc(void *data, int64_t id, struct grf_err *err)
{
    return grf_meta_each_act_of_doc(all.base->meta, id, list_act, data, err);
}

int main(int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_embedder *e = NULL;
    const char *model = NULL, *path[2] = {NULL, NULL};
    bool table = false, list = false;
    int n = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            all.verbose = true;
        else if (strcmp(argv[i], "-m") == 0 && i + 1 < argc)
            model = argv[++i];
        else if (strcmp(argv[i], "--table") == 0)
            table = true;
        else if (strcmp(argv[i], "--all") == 0)
            list = true;
        else if (n < 2)
            path[n++] = argv[i];
    }
    if (!n) {
        fprintf(stderr, "usage: matterscore [-v] [-m MODEL] GOLD.tsv [BASE]\n");
        return 2;
    }
    if (table) {
        each_line(path[0], print_row);
        return 0;
    }
    const char *base = list ? path[0] : path[1];
    if (model && grf_embed_open_static(model, &e, &err))
        die(model, &err);
    if (base && grf_base_open(base, &all.base, &err))
        die(base, &err);
    if (grf_matter_open(e, &all.matter, &err))
        die("rules", &err);
    if (list) {
        if (grf_meta_each_doc(all.base->meta, list_doc, NULL, &err))
            die(base, &err);
    } else {
        each_line(path[0], score_line);
        print_scores();
    }
    grf_matter_close(all.matter);
    grf_base_close(all.base);
    grf_embed_close(e);
    return 0;
}

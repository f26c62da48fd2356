/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speed of single parts, for scripts/bench.
 * parts embed < TEXTS       one text a line: how many are embedded in a second
 * parts vectors BASE [N [QUESTIONS]]
 *                           a vector index made of the base's, and N searches (100)
 *                           in it for the 2,000 nearest, as a question makes them: in one
 *                           handle, in a handle opened for each, and with nothing of the
 *                           files in memory; beside each one multiplication of the whole
 *                           matrix by BLAS, and how many of the 10 and 100 nearest that
 *                           finds the index finds too. Times are of the processor, by
 *                           the clock where nothing is in memory. QUESTIONS: a file, one a line;
 *                           without it vectors of the base are mixed
 * parts lists INDEX QUESTIONS [N]
 *                           N searches in a base's vectors.N as it is: in one handle, in a
 *                           handle opened for each; how many of the nearest of all rows
 *                           are found
 * parts text BASE           bytes of text on the base's pages
 * Prints "name<TAB>value" lines. One thread.
 */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grf_base.h"
#include "grf_file.h"
#include "grf_linalg.h"
#include "grf_mem.h"
#include "grf_progress.h"

enum {
    NEAREST = 100,
    ASKED = 2000,
    SEARCHES_MOST = 1000,
    TEXTS_AT_ONCE = 256,
    COLD = 20, /* searches with nothing in memory */
    ADDED = 10000
};

static void die(const char *what, const struct grf_err *err)
{
    fprintf(stderr, "parts: %s%s%s\n", what, err ? ": " : "", err ? err->msg : "");
    exit(1);
}

static struct grf_embedder *model(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_conf conf;
    struct grf_embedder *e;
    if (grf_conf_load(&conf, NULL, &err) || grf_embed_open(&conf, &e, &err))
        die("model", &err);
    grf_conf_release(&conf);
    return e;
}

/* ---- embedding */

static int embed(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_embedder *e = model();
    struct grf_sv *v = NULL;
    char *line = NULL;
    size_t n = 0, cap = 0, room = 0, bytes = 0;
    ssize_t got;
    while ((got = getline(&line, &room, stdin)) > 0) {
        if (grf_grow(&v, n, &cap, sizeof(*v)))
            die("out of memory", NULL);
        v[n] = grf_sv(grf_strndup(line, (size_t)got - 1), (size_t)got - 1);
        bytes += v[n++].n;
    }
    float *out = grf_calloc(TEXTS_AT_ONCE, (size_t)grf_embed_dim(e) * sizeof(*out));
    if (!out)
        die("out of memory", NULL);
    double from = grf_now();
    for (size_t i = 0; i < n; i += TEXTS_AT_ONCE)
        if (grf_embed_texts(e, v + i, n - i < TEXTS_AT_ONCE ? n - i : TEXTS_AT_ONCE, out, &err))
            die("embedding", &err);
    double took = grf_now() - from;
    printf("texts\t%zu\nbytes\t%zu\nseconds\t%.4f\ntexts_per_second\t%.0f\n", n, bytes, took,
           (double)n / took);
    return 0;
}

/* ---- vectors */

struct matrix {
    int dim;
    float *rows;
    int64_t *ids;
    size_t n, cap_ids;
};

static grf_status take_id(void *data, int64_t id, struct grf_err *err)
{
    struct matrix *m = data;
    if (grf_grow(&m->ids, m->n, &m->cap_ids, sizeof(*m->ids)))
        return grf_fail_nomem(err);
    m->ids[m->n++] = id;
    return GRF_OK;
}

static grf_status take_rows(struct matrix *m, struct grf_vectors *v, struct grf_err *err)
{
    m->rows = grf_calloc(m->n + 1, (size_t)m->dim * sizeof(*m->rows));
    bool *found = grf_calloc(m->n + 1, sizeof(*found));
    grf_status st = m->rows && found ? grf_vec_find(v, m->ids, m->n, m->rows, found, err)
                                     : grf_fail_nomem(err);
    grf_free(found);
    return st;
}

/* The best rows of scores, best first; equal ones by row. */
static void best(const float *scores, const struct matrix *m, int64_t out[NEAREST])
{
    float top[NEAREST];
    size_t have = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (have == NEAREST && scores[i] <= top[NEAREST - 1])
            continue;
        size_t at = have < NEAREST ? have++ : NEAREST - 1;
        for (; at && top[at - 1] < scores[i]; at--) {
            top[at] = top[at - 1];
            out[at] = out[at - 1];
        }
        top[at] = scores[i];
        out[at] = m->ids[i];
    }
}

/* How many of the first k of a are among the n of b. */
static size_t common(const int64_t *a, size_t k, const struct grf_vec_hit *b, size_t n)
{
    size_t same = 0;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n && j < k + k / 10; j++) /* equal scores come in any order */
            same += a[i] == b[j].id;
    return same;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, double *v, size_t n)
{
    qsort(v, n, sizeof(*v), by_value);
    printf("%s_ms\t%.3f\n%s_p99_ms\t%.3f\n", name, 1e3 * v[n / 2], name, 1e3 * v[n * 99 / 100]);
}

/* A question is two rows mixed: near what is there, and the same as none of it. */
static void mix(const struct matrix *m, size_t i, size_t searches, float *q)
{
    const float *a = m->rows + i * (m->n / searches) * (size_t)m->dim;
    const float *b = m->rows + (i * 7919 + 13) % m->n * (size_t)m->dim;
    float sum = 0;
    for (int k = 0; k < m->dim; k++) {
        q[k] = a[k] + 0.5F * b[k];
        sum += q[k] * q[k];
    }
    for (int k = 0; k < m->dim && sum > 0; k++)
        q[k] /= sqrtf(sum);
}

struct bench {
    struct matrix m;
    struct grf_embedder *embedder;
    char dir[128], path[136];
    float *questions; /* n of dim */
    float *scores;
    size_t n;
};

static void ask_file(struct bench *b, const char *file, size_t most)
{
    struct grf_err err = GRF_ERR_INIT;
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    FILE *in = fopen(file, "r");
    if (!in)
        die(file, NULL);
    while (b->n < most && (got = getline(&line, &room, in)) > 1) {
        struct grf_sv text = grf_sv(line, (size_t)got - 1);
        float *q = b->questions + b->n++ * (size_t)b->m.dim;
        if (grf_embed_texts(b->embedder, &text, 1, q, &err))
            die("embedding", &err);
    }
    free(line);
    fclose(in);
}

/* Processor time: what other programs do beside does not count. */
static double busy(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make_index(struct bench *b)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_vectors *v;
    struct matrix *m = &b->m;
    const char *tmp = getenv("TMPDIR");
    snprintf(b->dir, sizeof(b->dir), "%s/grf-parts-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(b->dir) || grf_vec_new(m->dim, &v, &err))
        die("a scratch directory", &err);
    snprintf(b->path, sizeof(b->path), "%s/v", b->dir);
    double from = busy();
    for (size_t i = 0; i < m->n; i += ADDED)
        if (grf_vec_add(v, m->ids + i, m->rows + i * (size_t)m->dim,
                        m->n - i < ADDED ? m->n - i : ADDED, &err))
            die("adding", &err);
    double added = busy();
    if (grf_vec_save(v, b->path, 1, "parts", &err))
        die("saving", &err);
    double saved = busy();
    if (grf_vec_save_arranged(v, b->path, 2, "parts", &err))
        die("arranging", &err);
    printf("adding_s\t%.2f\nsaving_s\t%.2f\narranging_s\t%.2f\n", added - from, saved - added,
           busy() - saved);
    grf_vec_close(v);
}

static struct grf_vectors *open_index(const struct bench *b)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_vectors *v;
    if (grf_vec_open(b->path, NULL, &v, &err))
        die("opening", &err);
    return v;
}

/* Seconds that question i takes by the clock, in handle v or in one opened for it. */
static double ask_one(const struct bench *b, struct grf_vectors *v, size_t i, double (*now)(void),
                      struct grf_vec_hit *hits, size_t *n)
{
    struct grf_err err = GRF_ERR_INIT;
    double from = now();
    struct grf_vectors *own = v ? v : open_index(b);
    if (grf_vec_search(own, b->questions + i * (size_t)b->m.dim, ASKED, hits, n, &err))
        die("searching", &err);
    double took = now() - from;
    if (!v)
        grf_vec_close(own);
    return took;
}

/* Pages of the index's files that are in memory, in MB; drop: they are not afterwards. */
static double in_memory(const struct bench *b, bool drop)
{
    size_t pages = 0;
    DIR *d = opendir(b->path);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        struct stat sb;
        int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode)) {
            size_t size = (size_t)sb.st_size, n = (size + 4095) / 4096;
            unsigned char *core = grf_calloc(n + 1, 1);
            void *p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
            if (core && p != MAP_FAILED && mincore(p, size, core) == 0)
                for (size_t i = 0; i < n; i++)
                    pages += core[i] & 1;
            if (p != MAP_FAILED)
                munmap(p, size);
            grf_free(core);
            if (drop)
                posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        }
        if (fd >= 0)
            close(fd);
    }
    if (d)
        closedir(d);
    return (double)pages * 4096 / 1e6;
}

static void ask_all(struct bench *b)
{
    static struct grf_vec_hit hits[ASKED];
    static double own[SEARCHES_MOST], fresh[SEARCHES_MOST], blas[SEARCHES_MOST];
    static double scan[SEARCHES_MOST];
    struct grf_vectors *v = open_index(b), *whole = open_index(b);
    const struct grf_vec_limits all = {.exact_most = SIZE_MAX, .looked_at = SIZE_MAX};
    grf_vec_limit(whole, &all);
    size_t n, same10 = 0, same100 = 0, wanted = b->m.n < NEAREST ? b->m.n : NEAREST;
    ask_one(b, v, 0, busy, hits, &n);
    for (size_t i = 0; i < b->n; i++) {
        int64_t exact[NEAREST];
        fresh[i] = ask_one(b, NULL, i, busy, hits, &n);
        ask_one(b, v, i, busy, hits, &n); /* after what BLAS has put out of the caches */
        scan[i] = ask_one(b, whole, i, busy, hits, &n);
        own[i] = ask_one(b, v, i, busy, hits, &n);
        double from = busy();
        grf_sgemm(false, false, (int)b->m.n, 1, b->m.dim, 1, b->m.rows,
                  b->questions + i * (size_t)b->m.dim, 0, b->scores);
        best(b->scores, &b->m, exact);
        blas[i] = busy() - from;
        same10 += common(exact, wanted < 10 ? wanted : 10, hits, n);
        same100 += common(exact, wanted, hits, n);
    }
    grf_vec_close(v);
    grf_vec_close(whole);
    print_times("index", own, b->n);
    print_times("whole", scan, b->n);
    print_times("opened", fresh, b->n);
    print_times("blas", blas, b->n);
    printf("recall_at_10\t%.4f\nrecall_at_100\t%.4f\n",
           (double)same10 / (double)(b->n * (wanted < 10 ? wanted : 10)),
           (double)same100 / (double)(b->n * wanted));
}

static void ask_cold(struct bench *b)
{
    static struct grf_vec_hit hits[ASKED];
    double cold[COLD], mb = 0;
    size_t n, done = 0;
    sync();
    for (; done < COLD && done < b->n; done++) {
        in_memory(b, true);
        double left = in_memory(b, false);
        cold[done] = ask_one(b, NULL, done, grf_now, hits, &n);
        mb += in_memory(b, false) - left;
    }
    print_times("cold", cold, done);
    printf("cold_mb\t%.1f\nwhole_mb\t%.1f\n", mb / (double)done,
           (double)b->m.n * (b->m.dim + 12) / 1e6);
}

static int vectors(const char *dir, size_t searches, const char *questions)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *base;
    struct bench b = {.embedder = model()};
    if (grf_base_open(dir, &base, &err))
        die(dir, &err);
    b.m = (struct matrix){.dim = base->dim};
    if (grf_base_load_vectors(base, grf_embed_fingerprint(b.embedder), &err) ||
        grf_meta_each_passage(base->meta, 0, take_id, &b.m, &err) ||
        take_rows(&b.m, base->vectors, &err))
        die("rows", &err);
    grf_base_close(base);
    b.scores = grf_calloc(b.m.n + 1, sizeof(*b.scores));
    b.questions = grf_calloc(searches, (size_t)b.m.dim * sizeof(*b.questions));
    if (!b.scores || !b.questions || b.m.n < searches)
        die("too few passages", NULL);
    printf("passages\t%zu\n", b.m.n);
    if (questions)
        ask_file(&b, questions, searches);
    for (; !questions && b.n < searches; b.n++)
        mix(&b.m, b.n, searches, b.questions + b.n * (size_t)b.m.dim);
    make_index(&b);
    ask_all(&b);
    ask_cold(&b);
    grf_path_remove(b.dir);
    return 0;
}

/* The k nearest of all, into out. */
static void nearest(const struct bench *b, struct grf_vectors *whole, size_t i, int64_t *out)
{
    static struct grf_vec_hit hits[ASKED];
    size_t n;
    ask_one(b, whole, i, busy, hits, &n);
    for (size_t k = 0; k < n && k < NEAREST; k++)
        out[k] = hits[k].id;
}

static int lists(const char *dir, const char *questions, size_t most)
{
    static struct grf_vec_hit hits[ASKED];
    static double own[SEARCHES_MOST], fresh[SEARCHES_MOST];
    struct bench b = {.embedder = model()};
    size_t n, same10 = 0, same100 = 0;
    const struct grf_vec_limits all = {.exact_most = SIZE_MAX, .looked_at = SIZE_MAX};
    snprintf(b.path, sizeof(b.path), "%s", dir);
    struct grf_vectors *v = open_index(&b), *whole = open_index(&b);
    grf_vec_limit(whole, &all);
    b.m.dim = grf_vec_dim(v);
    b.questions = grf_calloc(most, (size_t)b.m.dim * sizeof(*b.questions));
    if (!b.questions || b.m.dim != grf_embed_dim(b.embedder) || grf_vec_count(v) < ASKED)
        die("not an index of this model, or too few vectors", NULL);
    ask_file(&b, questions, most);
    for (size_t i = 0; i < b.n; i++) {
        int64_t exact[NEAREST];
        nearest(&b, whole, i, exact);
        fresh[i] = ask_one(&b, NULL, i, busy, hits, &n);
        ask_one(&b, v, i, busy, hits, &n);
        own[i] = ask_one(&b, v, i, busy, hits, &n);
        same10 += common(exact, 10, hits, n);
        same100 += common(exact, NEAREST, hits, n);
    }
    printf("questions\t%zu\n", b.n);
    print_times("index", own, b.n);
    print_times("opened", fresh, b.n);
    printf("recall_at_10\t%.4f\nrecall_at_100\t%.4f\n", (double)same10 / (double)(b.n * 10),
           (double)same100 / (double)(b.n * NEAREST));
    grf_vec_close(v);
    grf_vec_close(whole);
    return 0;
}

/* ---- text */

struct text {
    struct grf_meta *meta;
    struct grf_page page;
    uint64_t bytes, pages;
};

static grf_status count_text(void *data, int64_t id, struct grf_err *err)
{
    struct text *t = data;
    struct grf_doc_row d;
    grf_status st = grf_meta_doc(t->meta, id, &d, err);
    for (int i = 1; i <= d.n_pages && !st; i++, t->pages++) {
        st = grf_meta_page(t->meta, id, i, false, &t->page, err);
        t->bytes += t->page.text.n;
    }
    grf_doc_row_release(&d);
    return st;
}

static int text(const char *dir)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b;
    if (grf_base_open(dir, &b, &err))
        die(dir, &err);
    struct text t = {.meta = b->meta};
    grf_page_init(&t.page);
    if (grf_meta_each_doc(b->meta, count_text, &t, &err))
        die("rows", &err);
    printf("pages\t%llu\nbytes\t%llu\n", (unsigned long long)t.pages,
           (unsigned long long)t.bytes);
    grf_page_release(&t.page);
    grf_base_close(b);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "embed") == 0)
        return embed();
    if (argc == 3 && strcmp(argv[1], "text") == 0)
        return text(argv[2]);
    if (argc >= 4 && argc <= 5 && strcmp(argv[1], "lists") == 0) {
        size_t n = argc > 4 ? strtoul(argv[4], NULL, 10) : 100;
        return lists(argv[2], argv[3], n < 1 ? 1 : n > SEARCHES_MOST ? SEARCHES_MOST : n);
    }
    if (argc >= 3 && argc <= 5 && strcmp(argv[1], "vectors") == 0) {
        size_t n = argc > 3 ? strtoul(argv[3], NULL, 10) : 100;
        return vectors(argv[2], n < 1 ? 1 : n > SEARCHES_MOST ? SEARCHES_MOST : n,
                       argc > 4 ? argv[4] : NULL);
    }
    fprintf(stderr, "usage: parts embed < TEXTS | parts vectors BASE [N [QUESTIONS]]"
                    " | parts lists INDEX QUESTIONS [N] | parts text BASE\n");
    return 2;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How well scans are read.
 *
 * ocrscore [-v] [-s] WORKER SCAN.pdf [NATIVE.pdf]
 *     reads every page of SCAN.pdf by OCR and prints time, turn, skew and confidence;
 *     with NATIVE.pdf, which has the same pages as text, how many of its words were
 *     found again, page by page, regardless of order. -v lists words missed and words
 *     too many, -s compares words as printed instead of as indexed.
 * ocrscore -i OUT.pdf DEGREES DPI PAGE.png...
 *     makes a "scan" of page images, turned clockwise by DEGREES.
 */
#include <cairo-pdf.h>
#include <cairo.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "grf_mem.h"
#include "grf_text.h"
#include "grf_worker.h"

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- page images as a PDF */

static int make_scan(char **args, int n)
{
    double angle = strtod(args[1], NULL) * M_PI / 180, dpi = strtod(args[2], NULL);
    cairo_surface_t *pdf = cairo_pdf_surface_create(args[0], 595, 842);
    cairo_t *c = cairo_create(pdf);
    for (int i = 3; i < n; i++) {
        cairo_surface_t *image = cairo_image_surface_create_from_png(args[i]);
        double w = cairo_image_surface_get_width(image) * 72 / dpi;
        double h = cairo_image_surface_get_height(image) * 72 / dpi;
        /* a quarter turn changes the page's format, a skew does not */
        bool across = fabs(sin(angle)) > 0.7;
        double pw = across ? h : w, ph = across ? w : h;
        cairo_pdf_surface_set_size(pdf, pw, ph);
        cairo_save(c);
        cairo_translate(c, pw / 2, ph / 2);
        cairo_rotate(c, angle);
        cairo_translate(c, -w / 2, -h / 2);
        cairo_scale(c, 72 / dpi, 72 / dpi);
        cairo_set_source_surface(c, image, 0, 0);
        cairo_paint(c);
        cairo_restore(c);
        cairo_show_page(c);
        cairo_surface_destroy(image);
    }
    cairo_destroy(c);
    cairo_surface_finish(pdf);
    int bad = cairo_surface_status(pdf) != CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(pdf);
    return bad;
}

/* ---- bags of words */

struct bag {
    char (*w)[GRF_WORD_MAX + 1];
    size_t n, cap;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void bag_fill(struct bag *b, const struct grf_page *p, bool as_printed)
{
    struct grf_words it;
    struct grf_word w;
    b->n = 0;
    grf_words_init(&it, grf_str_sv(&p->text));
    while (grf_words_next(&it, &w)) {
        if (grf_grow(&b->w, b->n, &b->cap, sizeof *b->w))
            abort();
        size_t n = as_printed ? w.end - w.start : w.norm_len;
        n = n < GRF_WORD_MAX ? n : GRF_WORD_MAX;
        memcpy(b->w[b->n], as_printed ? p->text.p + w.start : w.norm, n);
        b->w[b->n++][n] = 0;
    }
    if (b->n)
        qsort(b->w, b->n, sizeof *b->w, by_text);
}

/* How many words both hold. */
static size_t bag_common(const struct bag *a, const struct bag *b, bool tell)
{
    size_t i = 0, k = 0, common = 0;
    while (i < a->n || k < b->n) {
        int c = i == a->n ? 1 : k == b->n ? -1 : strcmp(a->w[i], b->w[k]);
        if (c && tell)
            printf(" %c%s", c < 0 ? '-' : '+', c < 0 ? a->w[i] : b->w[k]);
        common += !c;
        i += c <= 0;
        k += c >= 0;
    }
    if (tell)
        putchar('\n');
    return common;
}

/* ---- reading */

struct doc {
    struct grf_raw_page *raw;
    struct grf_page *pages;
    size_t n;
};

static void lay_out(struct doc *d)
{
    struct grf_err err = GRF_ERR_INIT;
    d->pages = grf_calloc(d->n, sizeof *d->pages);
    if (!d->pages)
        abort();
    for (size_t i = 0; i < d->n; i++)
        grf_page_init(&d->pages[i]);
    if (grf_layout_document(d->raw, d->n, d->pages, &err))
        fprintf(stderr, "%s\n", err.msg);
}

static bool read_doc(struct grf_worker *w, int fd, const char *path, struct doc *d)
{
    struct grf_err err = GRF_ERR_INIT;
    *d = (struct doc){0};
    if (!grf_worker_read(w, fd, &d->raw, &d->n, &err))
        return true;
    fprintf(stderr, "%s: %s\n", path, err.msg);
    return false;
}

static void release_doc(struct doc *d)
{
    for (size_t i = 0; d->pages && i < d->n; i++)
        grf_page_release(&d->pages[i]);
    grf_free(d->pages);
    grf_worker_free_pages(d->raw, d->n);
}

static void print_raw(size_t i, const struct grf_raw_page *p, double took)
{
    double conf = 0;
    size_t n = 0;
    for (size_t k = 0; k < p->n_words; k++)
        if (p->words[k].flags & GRF_WORD_OCR) {
            conf += p->words[k].conf;
            n++;
        }
    printf("page %2zu: %5.2f s, turn %3d, skew %5.2f, %4zu words read, %zu own, mean "
           "confidence %.0f",
           i + 1, took, p->turn, (double)p->skew, n, p->n_words - n,
           n ? conf / (double)n : 0);
}

/* Replaces each page by its OCR; returns the seconds it took. */
static double ocr_all(struct grf_worker *w, int fd, struct doc *d)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct grf_err err = GRF_ERR_INIT;
        struct grf_raw_page page;
        double t = seconds();
        grf_status st = grf_worker_ocr(w, fd, (uint32_t)i + 1, &page, &err);
        t = seconds() - t;
        sum += t;
        if (st) {
            printf("page %2zu: %5.2f s, %s: %s\n", i + 1, t, grf_status_text(st), err.msg);
            continue;
        }
        grf_raw_page_release(&d->raw[i]);
        d->raw[i] = page;
        print_raw(i, &page, t);
        putchar('\n');
    }
    return sum;
}

static void compare(const struct doc *scan, const struct doc *native, bool tell, bool printed)
{
    struct bag a = {0}, b = {0};
    size_t found = 0, wanted = 0, read = 0;
    for (size_t i = 0; i < scan->n && i < native->n; i++) {
        bag_fill(&a, &native->pages[i], printed);
        bag_fill(&b, &scan->pages[i], printed);
        size_t common = bag_common(&a, &b, tell);
        printf("page %2zu: %zu of %zu words found again, %zu read\n", i + 1, common, a.n, b.n);
        found += common;
        wanted += a.n;
        read += b.n;
    }
    printf("recall %.2f %%, precision %.2f %% (%zu words)\n",
           wanted ? 100.0 * (double)found / (double)wanted : 0,
           read ? 100.0 * (double)found / (double)read : 0, wanted);
    grf_free(a.w);
    grf_free(b.w);
}

static int score(struct grf_worker *w, char **args, int n, bool tell, bool printed)
{
    struct doc scan, native = {0};
    int fd = open(args[0], O_RDONLY | O_CLOEXEC), other = -1;
    if (!read_doc(w, fd, args[0], &scan))
        return 1;
    double took = ocr_all(w, fd, &scan);
    lay_out(&scan);
    printf("%s: %zu pages, %.2f s a page, %u workers\n", args[0], scan.n,
           took / (double)scan.n, grf_worker_starts(w));
    int bad = 0;
    if (n > 1) {
        other = open(args[1], O_RDONLY | O_CLOEXEC);
        bad = !read_doc(w, other, args[1], &native);
        if (!bad) {
            lay_out(&native);
            compare(&scan, &native, tell, printed);
        }
    } else if (tell) {
        for (size_t i = 0; i < scan.n; i++)
            printf("======== page %zu\n%s\n", i + 1, scan.pages[i].text.p);
    }
    release_doc(&scan);
    release_doc(&native);
    close(fd);
    if (other >= 0)
        close(other);
    return bad;
}

int main(int argc, char **argv)
{
    bool tell = false, printed = false, image = false;
    int opt;
    while ((opt = getopt(argc, argv, "vsi")) != -1) {
        tell = tell || opt == 'v';
        printed = printed || opt == 's';
        image = image || opt == 'i';
    }
    char **args = argv + optind;
    int n = argc - optind;
    if (image && n > 3)
        return make_scan(args, n);
    if (n < 2 || image) {
        fprintf(stderr, "usage: ocrscore [-v] [-s] WORKER SCAN.pdf [NATIVE.pdf]\n"
                        "       ocrscore -i OUT.pdf DEGREES DPI PAGE.png...\n");
        return 2;
    }
    struct grf_worker_limits limits = GRF_WORKER_OCR_LIMITS_INIT;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_worker *w = NULL;
    if (grf_worker_open(args[0], &limits, &w, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    int bad = score(w, args + 1, n - 1, tell, printed);
    grf_worker_close(w);
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    printf("processor time %.2f s, largest resident size %ld MiB\n",
           (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
               (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
           u.ru_maxrss / 1024);
    return bad;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pagedump WORKER FILE.pdf [PAGE]: prints laid-out pages, each block with its role.
 * pagedump -t WORKER FILE.pdf...: reads and lays out all, prints times only.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "grf_mem.h"
#include "grf_worker.h"

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_page(const struct grf_page *p)
{
    static const char role[] = "BHFSM";
    printf("======== page %d  %.0f x %.0f  %s\n", p->number, (double)p->width,
           (double)p->height, grf_text_state_name(p->state));
    for (size_t i = 0; i < p->n_blocks; i++) {
        const struct grf_block *b = &p->blocks[i];
        printf("%c%c %3.0f,%3.0f %4.1f | ", role[b->role], b->heading ? '#' : ' ',
               (double)b->box.x0, (double)b->box.y0, (double)b->size);
        for (uint32_t k = b->start; k < b->end; k++) {
            putchar(p->text.p[k]);
            if (p->text.p[k] == '\n')
                printf("                | ");
        }
        putchar('\n');
    }
}

struct totals {
    double read, layout;
    size_t pages, words;
};

static int dump(struct grf_worker *w, const char *path, int only, bool quiet,
                struct totals *sum)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_raw_page *raw = NULL;
    size_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    double t0 = seconds();
    grf_status st = grf_worker_read(w, fd, &raw, &n, &err);
    double t1 = seconds();
    if (fd >= 0)
        close(fd);
    if (st) {
        printf("%s: %s: %s\n", path, grf_status_text(st), err.msg);
        return 1;
    }
    struct grf_page *pages = grf_calloc(n, sizeof *pages);
    if (!pages)
        abort();
    for (size_t i = 0; i < n; i++)
        grf_page_init(&pages[i]);
    st = grf_layout_document(raw, n, pages, &err);
    sum->read += t1 - t0;
    sum->layout += seconds() - t1;
    sum->pages += n;
    for (size_t i = 0; i < n; i++) {
        sum->words += pages[i].n_words;
        if (!quiet && (!only || only == (int)i + 1))
            print_page(&pages[i]);
        grf_page_release(&pages[i]);
    }
    if (st)
        printf("%s: %s\n", path, err.msg);
    grf_free(pages);
    grf_worker_free_pages(raw, n);
    return st != GRF_OK;
}

int main(int argc, char **argv)
{
    bool quiet = argc > 1 && strcmp(argv[1], "-t") == 0;
    char **args = argv + 1 + quiet;
    int n = argc - 1 - quiet, bad = 0;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_worker *w = NULL;
    struct totals sum = {0};
    if (n < 2) {
        fprintf(stderr, "usage: pagedump [-t] WORKER FILE.pdf [PAGE]\n");
        return 2;
    }
    if (grf_worker_open(args[0], NULL, &w, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    if (quiet)
        for (int i = 1; i < n; i++)
            bad += dump(w, args[i], 0, true, &sum);
    else
        bad = dump(w, args[1], n > 2 ? (int)strtol(args[2], NULL, 10) : 0, false, &sum);
    if (quiet)
        printf("%zu pages, %zu words: read %.2f s, layout %.2f s, %u workers, %d failed\n",
               sum.pages, sum.words, sum.read, sum.layout, grf_worker_starts(w), bad);
    grf_worker_close(w);
    return bad != 0;
}

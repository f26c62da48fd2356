/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A PDF worker process, seen from the parent: descriptors in, raw pages out.
 *
 * One struct grf_worker serves one thread at a time; several may run side by
 * side. grf_worker_open, then grf_worker_read for each document, then
 * grf_worker_close. Each document is read by a process of its own, forked from the worker
 * and gone with the answer: what a PDF may do to it, it does to itself. A worker that dies,
 * hangs or answers nonsense costs the document at hand only: it is killed, and the next
 * read starts a new one.
 */
#ifndef GRF_WORKER_H
#define GRF_WORKER_H

#include "grf_page.h"

GRF_BEGIN_DECLS

struct grf_worker_limits {
    unsigned memory_mb;      /* address space of the worker */
    unsigned cpu_seconds;    /* processor time for one document */
    unsigned timeout_ms;     /* wall clock for one document */
    unsigned page_ms;        /* and for each of its pages: real ones take milliseconds */
    uint32_t max_pages;      /* per document */
    uint64_t max_file_bytes;
    uint64_t max_page_bytes; /* of all raw pages of a document, in the parent */
    bool ocr;                /* for grf_worker_ocr: starts with Tesseract loaded */
    unsigned ocr_timeout_ms; /* wall clock for one page read by OCR */
};
#define GRF_WORKER_LIMITS_INIT \
    {1024, 600, 120000, 30000, 5000, (uint64_t)512 << 20, (uint64_t)256 << 20, false, 120000}
/* For workers that read scans; grf_worker_read works with them too. */
#define GRF_WORKER_OCR_LIMITS_INIT \
    {1536, 1200, 120000, 30000, 5000, (uint64_t)512 << 20, (uint64_t)256 << 20, true, 120000}

struct grf_worker;

/* Starts greffier-pdf-worker at path helper. limits NULL: the defaults. GRF_NOTFOUND
   or GRF_IO when it cannot be started: no document's fault. */
GRF_NODISCARD grf_status grf_worker_open(const char *helper,
                                         const struct grf_worker_limits *limits,
                                         struct grf_worker **out, struct grf_err *err);

/* Reads the PDF open at fd, which stays the caller's. *pages is given back with
   grf_worker_free_pages. Blocks up to the document's time. Statuses about the document:
   GRF_UNSUPPORTED encrypted; GRF_PARSE damaged, not a PDF, empty, no pages, or the
   worker died on it; GRF_LIMIT too many pages, too big, too much text; GRF_TIMEOUT.
   About the machine: GRF_NOMEM, GRF_IO, GRF_NOTFOUND. */
GRF_NODISCARD grf_status grf_worker_read(struct grf_worker *w, int fd,
                                         struct grf_raw_page **pages, size_t *n,
                                         struct grf_err *err);
void grf_worker_free_pages(struct grf_raw_page *pages, size_t n);

/* Reads page (from 1) of the PDF open at fd by OCR, whatever text it has; the worker was
   opened with limits.ocr. *out, released with grf_raw_page_release, takes the place of
   that page before the document is laid out: the words that the page has as text (a
   prefecture's stamp), except those of an older OCR, and the words recognised
   elsewhere. Statuses as for grf_worker_read, where GRF_TIMEOUT, and GRF_PARSE "stopped
   the PDF reader", are about this page, and GRF_UNSUPPORTED can also mean that
   Tesseract's French data is not installed: then no page can be read. */
GRF_NODISCARD grf_status grf_worker_ocr(struct grf_worker *w, int fd, uint32_t page,
                                        struct grf_raw_page *out, struct grf_err *err);

/* Draws page (from 1) of the PDF open at fd as a PNG, width pixels wide or less
   (GRF_PDF_WIDTH_LEAST to GRF_PDF_WIDTH_MOST, else GRF_INVALID), into png, which is
   initialised here and empty on failure; the caller releases it either way. The bytes
   come from a process that a hostile PDF may have taken over: they are for a browser,
   as image/png, and for nothing else. Blocks up to the document's time. Statuses as for
   grf_worker_read. */
GRF_NODISCARD grf_status grf_worker_draw(struct grf_worker *w, int fd, uint32_t page,
                                         uint32_t width, struct grf_str *png,
                                         struct grf_err *err);

/* Ends the process too. */
void grf_worker_close(struct grf_worker *w);

/* Processes started so far. */
unsigned grf_worker_starts(const struct grf_worker *w);

GRF_END_DECLS
#endif

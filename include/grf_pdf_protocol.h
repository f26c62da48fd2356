/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program and its PDF worker say to each other over one stream socket (the
 * worker's descriptor 3). Both are built together, so numbers are
 * in the machine's own order.
 *
 *   worker:  HELLO
 *   parent:  request, with the PDF's descriptor as SCM_RIGHTS
 *   worker:  PAGE* END   or   PAGE* ERROR     (one PAGE when OCR was asked for)
 *            IMAGE END   or   ERROR           (when a drawing was asked for)
 *   ... next request
 *
 * The parent trusts nothing that comes back: a PDF may have taken over the process that
 * reads it. That process is a child of the worker's, one for each request: it writes to a
 * socket of its own, and the worker passes on one answer and no more (grf_pdf_relay), so
 * that a PDF can falsify what is said of itself only.
 */
#ifndef GRF_PDF_PROTOCOL_H
#define GRF_PDF_PROTOCOL_H

#include "grf_page.h"

GRF_BEGIN_DECLS

#define GRF_PDF_MAGIC 0x32465247u /* "GRF2" */
#define GRF_PDF_FD 3              /* the worker's end of the socket */

/* Caps on one page: what a hostile worker can make the parent allocate. */
#define GRF_PDF_MAX_WORDS 200000u
#define GRF_PDF_MAX_POOL (4u << 20)
#define GRF_PDF_MAX_PAYLOAD (16u << 20)
#define GRF_PDF_MAX_DETAIL 200u

typedef enum grf_pdf_type {
    GRF_PDF_HELLO = 1, /* empty */
    GRF_PDF_PAGE = 2,  /* grf_pdf_put_page */
    GRF_PDF_END = 3,   /* struct grf_pdf_end */
    GRF_PDF_ERROR = 4, /* uint32_t grf_pdf_reason, then up to 200 bytes of detail */
    GRF_PDF_IMAGE = 5  /* a page as PNG */
} grf_pdf_type;

typedef enum grf_pdf_reason {
    GRF_PDF_OK = 0,
    GRF_PDF_EMPTY,     /* a file of no bytes */
    GRF_PDF_NOT_PDF,
    GRF_PDF_ENCRYPTED, /* opens with a password only */
    GRF_PDF_DAMAGED,
    GRF_PDF_NO_PAGES,
    GRF_PDF_TOO_MANY,  /* pages */
    GRF_PDF_TOO_BIG,   /* bytes */
    GRF_PDF_UNREADABLE, /* the descriptor cannot be read */
    GRF_PDF_NO_OCR,     /* no French data for Tesseract */
    GRF_PDF_NO_PAGE,    /* fewer pages than the one asked for */
    GRF_PDF_REASONS
} grf_pdf_reason;

struct grf_pdf_head {
    uint32_t magic, type, len; /* len: bytes that follow */
};

struct grf_pdf_request {
    uint32_t magic, max_pages;
    uint64_t max_bytes;
    uint32_t page;  /* from 1: this page alone, read by OCR or drawn; 0: all pages' text */
    uint32_t width; /* of the drawing, pixels; 0: the page is read by OCR */
};

/* Widths of drawings, pixels. */
#define GRF_PDF_WIDTH_LEAST 50u
#define GRF_PDF_WIDTH_MOST 2400u

struct grf_pdf_end {
    uint32_t n_pages;
};

/* Appends a whole message, head included. */
void grf_pdf_put(struct grf_str *out, grf_pdf_type type, const void *payload, size_t n);
void grf_pdf_put_page(struct grf_str *out, const struct grf_raw_page *p);

/* Reads the payload of a PAGE message into *p, which the caller releases with
   grf_raw_page_release. GRF_PARSE when anything in it is out of bounds: sizes, text
   that is not UTF-8, numbers that are not finite. *p is empty on failure. */
GRF_NODISCARD grf_status grf_pdf_get_page(struct grf_sv payload, struct grf_raw_page *p,
                                          struct grf_err *err);

/* Whether the payload of an IMAGE begins as a PNG no wider than asked for, and not much
   higher; no more is believed of it, nothing here decodes it. */
bool grf_pdf_is_image(struct grf_sv payload, uint32_t width);

/* Sends a request and the descriptor of its PDF; false with errno set. */
bool grf_pdf_send_request(int to, const struct grf_pdf_request *r, int fd);
/* Waits for one: 1 with *fd the taker's, 0 when nobody is there any more, -1 when what
   came is no request. */
int grf_pdf_take_request(int from, struct grf_pdf_request *r, int *fd);

/* Passes one answer on, up to its END or ERROR; what follows that is never read. false
   when the sender went away or made no sense before, or when nobody listens any more. */
bool grf_pdf_relay(int from, int to);

/* The status and message of an ERROR; detail (may be empty) is for damaged files. */
grf_status grf_pdf_fail(struct grf_err *err, uint32_t reason, struct grf_sv detail);

GRF_END_DECLS
#endif

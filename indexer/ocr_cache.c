/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages read by OCR, kept with the base. */
#include "ocr_cache.h"

#include <stdio.h>
#include <unistd.h>

#include "grf_container.h"
#include "grf_mem.h"
#include "grf_pdf_protocol.h"

#define KIND "OCRP"
#define VERSION_LABEL "ocr/1" /* change it with what OCR makes of a page */

/* BASE/ocr/<sha256>, and /<number> when it is not 0; grf_free. */
static char *cache_path(const char *base, const char *sha256, uint32_t number)
{
    struct grf_str s;
    grf_str_init(&s, 65536);
    grf_str_addf(&s, "%s/ocr/%s", base, sha256);
    if (number)
        grf_str_addf(&s, "/%u", number);
    return grf_str_take(&s, NULL);
}

grf_status ocr_cache_get(const char *base, const char *sha256, uint32_t number,
                         struct grf_raw_page *page, bool *found, struct grf_err *err)
{
    struct grf_container c;
    char *path = cache_path(base, sha256, number);
    *found = false;
    if (!path)
        return grf_fail_nomem(err);
    if (access(path, R_OK) == 0 && grf_container_open(&c, path, KIND, true, NULL) == GRF_OK) {
        size_t head = sizeof(struct grf_pdf_head);
        if (c.generation == (int64_t)number && strcmp(c.label, VERSION_LABEL) == 0 &&
            c.payload.n > head)
            *found = grf_pdf_get_page(grf_sv(c.payload.p + head, c.payload.n - head), page,
                                      NULL) == GRF_OK;
        grf_container_close(&c);
    }
    grf_free(path);
    return GRF_OK;
}

grf_status ocr_cache_put(const char *base, const char *sha256, uint32_t number,
                         const struct grf_raw_page *page, struct grf_err *err)
{
    struct grf_str s;
    char *dir = cache_path(base, sha256, 0), *path = cache_path(base, sha256, number);
    grf_str_init(&s, GRF_PDF_MAX_PAYLOAD + sizeof(struct grf_pdf_head));
    grf_pdf_put_page(&s, page);
    grf_status st = dir && path ? grf_str_status(&s, err) : grf_fail_nomem(err);
    if (!st)
        st = grf_file_mkdirs(dir, err);
    if (!st) {
        struct grf_sv piece = grf_str_sv(&s);
        st = grf_container_write(path, KIND, (int64_t)number, VERSION_LABEL, &piece, 1, err);
    }
    grf_str_release(&s);
    grf_free(dir);
    grf_free(path);
    return st;
}

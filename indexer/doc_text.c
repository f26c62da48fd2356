/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * greffier-doc-text: the text of an ODT or DOCX file on standard input, to standard
 * output; a paragraph is a line. A process of its own with little memory and time, since
 * the file may be hostile. Exit code 0 done, 1 damaged, 3 another kind of file.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "archive.h"
#include "doc_xml.h"
#include "grf_file.h"
#include "pdf_sandbox.h"

enum { DAMAGED = 1, OTHER = 3, CPU_SECONDS = 20, XML_MOST = 64 << 20 };
/* Sanitizers reserve terabytes of addresses. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#define MEMORY_MOST ((rlim_t)768 << 20)

/* The member that holds the text, and the words of its format. */
static const struct {
    const char *member;
    enum doc_kind kind;
} kinds[] = {{"content.xml", DOC_ODT}, {"word/document.xml", DOC_DOCX}};

static void set_limits(void)
{
    const struct rlimit memory = {MEMORY_MOST, MEMORY_MOST};
    const struct rlimit cpu = {CPU_SECONDS, CPU_SECONDS};
    const struct rlimit none = {0, 0};
    const rlim_t file_most = COUNTED ? RLIM_INFINITY : 0;
    const struct rlimit files = {file_most, file_most};
    if ((!SANITIZED && setrlimit(RLIMIT_AS, &memory)) || setrlimit(RLIMIT_CPU, &cpu) ||
        setrlimit(RLIMIT_CORE, &none) || setrlimit(RLIMIT_FSIZE, &files))
        _exit(DAMAGED);
}

/* *kind is left when no member is known. */
static grf_status read_text(struct grf_str *xml, int *kind, struct grf_err *err)
{
    struct grf_tar *zip;
    struct grf_tar_entry e;
    grf_status st = grf_zip_open_fd(&zip, STDIN_FILENO, err);
    if (st)
        return st;
    while (*kind < 0 && (st = grf_tar_next(zip, &e, err)) == GRF_OK) {
        for (size_t i = 0; i < GRF_ARRAY_LEN(kinds); i++) {
            if (strcmp(e.path, kinds[i].member) == 0)
                *kind = (int)kinds[i].kind;
        }
    }
    if (!st)
        st = grf_tar_read(zip, xml, err);
    grf_tar_close(zip);
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

int main(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_str xml, text;
    int kind = -1;
    set_limits();
    grf_str_init(&xml, XML_MOST);
    grf_str_init(&text, XML_MOST);
    grf_status st = read_text(&xml, &kind, &err);
    if (!st && kind < 0)
        return OTHER;
    if (!st)
        st = doc_xml_text(grf_str_sv(&xml), (enum doc_kind)kind, &text, &err);
    if (!st)
        st = grf_file_write_all(STDOUT_FILENO, text.p, text.n, &err);
    grf_str_release(&xml);
    grf_str_release(&text);
    return st ? DAMAGED : 0;
}

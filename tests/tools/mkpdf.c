/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mkpdf KIND OUT.pdf [ARGUMENT...]: makes small PDF files for the tests.
 *
 *   text TEXT...    one page for each TEXT, wrapped at the page's width; a "\n" in it
 *                   is a new line
 *   empty           one page without anything on it
 *   image [TEXT]    one page that is a picture (of TEXT): no text to extract
 *   long N [WORD]   N pages; page k says WORD ("page") and its number
 *   truncate        a good file of three pages, cut in the middle
 *   notpdf          bytes that are no PDF
 *   zeropages       a well-formed PDF whose page tree is empty
 *   encrypted       a PDF that cannot be opened without a password nobody has
 *
 * The bytes depend on nothing but the arguments.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <cairo.h>

#define PAGE_W 595.0
#define PAGE_H 842.0
#define MARGIN 72.0
#define FONT_SIZE 11.0
#define LINE_BYTES 512
#define MAX_PAGES 20000

static int fail(const char *what, const char *name)
{
    fprintf(stderr, "mkpdf: %s: %s\n", name, what);
    return 1;
}

/* ---- pages with cairo */

static cairo_status_t to_file(void *file, const unsigned char *data, unsigned int n)
{
    return fwrite(data, 1, n, file) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *open_pdf(FILE *f)
{
    cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(to_file, f, PAGE_W, PAGE_H);
    cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_CREATE_DATE, "2020-01-01T00:00:00Z");
    return pdf;
}

static void set_font(cairo_t *cr)
{
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, FONT_SIZE);
}

static bool too_wide(cairo_t *cr, const char *line)
{
    cairo_text_extents_t size;
    cairo_text_extents(cr, line, &size);
    return size.x_advance > PAGE_W - 2 * MARGIN;
}

/* Shows the line and empties it. */
static void flush_line(cairo_t *cr, char *line, double *y)
{
    cairo_move_to(cr, MARGIN, *y);
    cairo_show_text(cr, line);
    *y += FONT_SIZE * 1.4;
    line[0] = '\0';
}

/* Bytes up to the next blank or line break, "\n" spelled out included. */
static size_t word_length(const char *p)
{
    size_t n = 0;
    while (p[n] && p[n] != ' ' && p[n] != '\n' && !(p[n] == '\\' && p[n + 1] == 'n'))
        n++;
    return n;
}

/* Draws text word by word, breaking lines at the margin, at a newline and at "\n". */
static void draw_text(cairo_t *cr, const char *text)
{
    char line[LINE_BYTES] = "", trial[LINE_BYTES];
    double y = MARGIN;
    set_font(cr);
    for (const char *p = text; *p;) {
        if (*p == '\n' || (p[0] == '\\' && p[1] == 'n')) {
            flush_line(cr, line, &y);
            p += *p == '\n' ? 1 : 2;
            continue;
        }
        size_t n = word_length(p);
        int len = snprintf(trial, sizeof trial, "%s%s%.*s", line, line[0] ? " " : "", (int)n, p);
        if (line[0] && (len >= (int)sizeof trial || too_wide(cr, trial))) {
            flush_line(cr, line, &y);
            continue;
        }
        memcpy(line, trial, sizeof line);
        p += n;
        p += strspn(p, " ");
    }
    if (line[0])
        flush_line(cr, line, &y);
}

static void draw_image(cairo_t *cr, const char *text)
{
    const double scale = 200.0 / 72;
    cairo_surface_t *image = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)(PAGE_W * scale), (int)(PAGE_H * scale));
    cairo_t *pen = cairo_create(image);
    cairo_set_source_rgb(pen, 0.95, 0.95, 0.95);
    cairo_paint(pen);
    cairo_set_source_rgb(pen, 0.1, 0.1, 0.1);
    cairo_scale(pen, scale, scale);
    draw_text(pen, text);
    cairo_destroy(pen);
    cairo_scale(cr, 1 / scale, 1 / scale);
    cairo_set_source_surface(cr, image, 0, 0);
    cairo_paint(cr);
    cairo_surface_destroy(image);
}

static int close_pdf(cairo_surface_t *pdf, cairo_t *cr, const char *name)
{
    cairo_surface_finish(pdf);
    cairo_status_t status = cairo_status(cr);
    if (!status)
        status = cairo_surface_status(pdf);
    cairo_destroy(cr);
    cairo_surface_destroy(pdf);
    return status ? fail(cairo_status_to_string(status), name) : 0;
}

static int make_text(FILE *f, const char *name, int argc, char **argv)
{
    cairo_surface_t *pdf = open_pdf(f);
    cairo_t *cr = cairo_create(pdf);
    for (int i = 0; i < argc; i++) {
        draw_text(cr, argv[i]);
        cairo_show_page(cr);
    }
    return close_pdf(pdf, cr, name);
}

static int make_empty(FILE *f, const char *name, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    cairo_surface_t *pdf = open_pdf(f);
    cairo_t *cr = cairo_create(pdf);
    cairo_show_page(cr);
    return close_pdf(pdf, cr, name);
}

static int make_image(FILE *f, const char *name, int argc, char **argv)
{
    cairo_surface_t *pdf = open_pdf(f);
    cairo_t *cr = cairo_create(pdf);
    draw_image(cr, argc ? argv[0] : "Une page qui n'est qu'une image.");
    cairo_show_page(cr);
    return close_pdf(pdf, cr, name);
}

static int make_long(FILE *f, const char *name, int argc, char **argv)
{
    long pages = argc ? strtol(argv[0], NULL, 10) : 0;
    if (pages < 1 || pages > MAX_PAGES)
        return fail("long: give a number of pages", name);
    cairo_surface_t *pdf = open_pdf(f);
    cairo_t *cr = cairo_create(pdf);
    for (long i = 1; i <= pages; i++) {
        char text[LINE_BYTES];
        snprintf(text, sizeof text, "%s %ld\nLe conseil municipal a délibéré %ld fois.",
                 argc > 1 ? argv[1] : "page", i, i);
        draw_text(cr, text);
        cairo_show_page(cr);
    }
    return close_pdf(pdf, cr, name);
}

/* ---- bad files, byte by byte */

static int make_truncate(FILE *f, const char *name, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char one[] = "Première page.", two[] = "Deuxième page.", three[] = "Troisième page.";
    char *text[] = {one, two, three};
    FILE *whole = tmpfile();
    if (!whole || make_text(whole, name, 3, text))
        return fail("no temporary file", name);
    long half = ftell(whole) / 2;
    rewind(whole);
    for (int c; half > 0 && (c = getc(whole)) != EOF; half--)
        putc(c, f);
    fclose(whole);
    return 0;
}

static int make_notpdf(FILE *f, const char *name, int argc, char **argv)
{
    (void)name;
    (void)argc;
    (void)argv;
    fputs("<html><body><h1>404</h1><p>Le document demandé n'existe pas.</p></body></html>\n", f);
    return 0;
}

/* Writes numbered objects with their cross-reference table. */
static int write_objects(FILE *f, const char *const *object, const char *trailer)
{
    long offset[8];
    int n = 0;
    fputs("%PDF-1.4\n", f);
    for (; object[n]; n++) {
        offset[n] = ftell(f);
        fprintf(f, "%d 0 obj\n%s\nendobj\n", n + 1, object[n]);
    }
    long table = ftell(f);
    fprintf(f, "xref\n0 %d\n0000000000 65535 f \n", n + 1);
    for (int i = 0; i < n; i++)
        fprintf(f, "%010ld 00000 n \n", offset[i]);
    fprintf(f, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%ld\n%%%%EOF\n", n + 1,
            trailer, table);
    return 0;
}

static int make_zeropages(FILE *f, const char *name, int argc, char **argv)
{
    (void)name;
    (void)argc;
    (void)argv;
    static const char *const object[] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [] /Count 0 >>",
        NULL,
    };
    return write_objects(f, object, "");
}

/* The owner and user strings match no password, so that no reader gets in. */
static int make_encrypted(FILE *f, const char *name, int argc, char **argv)
{
    (void)name;
    (void)argc;
    (void)argv;
    static const char *const object[] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        "<< /Filter /Standard /V 1 /R 2 /P -4\n"
        "/O <000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f>\n"
        "/U <f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f> >>",
        NULL,
    };
    return write_objects(f, object,
                         "/Encrypt 4 0 R /ID [<00112233445566778899aabbccddeeff> "
                         "<00112233445566778899aabbccddeeff>]");
}

#ifdef __SANITIZE_ADDRESS__
// fontconfig keeps its configuration for ever; that is no leak of ours
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}
#endif

int main(int argc, char **argv)
{
    static const struct {
        const char *kind;
        int (*make)(FILE *f, const char *name, int argc, char **argv);
    } kinds[] = {
        {"text", make_text},           {"empty", make_empty},   {"image", make_image},
        {"long", make_long},           {"truncate", make_truncate}, {"notpdf", make_notpdf},
        {"zeropages", make_zeropages}, {"encrypted", make_encrypted},
    };
    if (argc < 3) {
        fprintf(stderr, "usage: mkpdf KIND OUT.pdf [ARGUMENT...]\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].kind, argv[1]))
            continue;
        FILE *f = fopen(argv[2], "wb");
        if (!f)
            return fail("cannot be written", argv[2]);
        int failed = kinds[i].make(f, argv[2], argc - 3, argv + 3);
        bool bad = ferror(f) != 0;
        if (fclose(f) || bad)
            failed = fail("write error", argv[2]);
        return failed;
    }
    return fail("unknown kind", argv[1]);
}

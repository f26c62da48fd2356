/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damaged PDF files for tests/full/f0050-mutated-pdfs.t.
 * mutate DIR FROM TO FILE...    writes DIR/SEED.pdf for each SEED from FROM up to TO, made of
 *                               one of the files and changed in one to four ways; the same
 *                               seed and files give the same bytes
 * Ways: bytes flipped, written over or put in; the end cut off; the beginning of one file
 * and the end of another; a number, one behind a key that matters, a reference, a filter's
 * name changed; an object deleted, doubled, or given the place of another.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grf_file.h"
#include "grf_mem.h"

enum { FILE_MOST = 4 << 20, WAYS_MOST = 4 };

static uint64_t dice;
static struct grf_str *files;
static size_t n_files;

static void die(const char *what)
{
    fprintf(stderr, "mutate: %s\n", what);
    exit(2);
}

static size_t draw(size_t below)
{
    dice += 0x9E3779B97F4A7C15u; /* splitmix64 */
    uint64_t z = dice;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return below ? (size_t)((z ^ (z >> 31)) % below) : 0;
}

/* n bytes at at give way to text. */
static void replace(struct grf_str *s, size_t at, size_t n, struct grf_sv text)
{
    struct grf_str out;
    grf_str_init(&out, 2 * FILE_MOST);
    grf_str_add(&out, s->p, at);
    grf_str_add(&out, text.p, text.n);
    grf_str_add(&out, s->p + at + n, s->n - at - n);
    if (out.bad)
        die("too long");
    grf_str_release(s);
    *s = out;
}

/* The place of what is looked for: the first behind a drawn place, from the beginning when
   there is none; s->n when it is nowhere. */
static size_t find(const struct grf_str *s, const char *what)
{
    size_t n = strlen(what), from = draw(s->n);
    for (int round = 0; round < 2; round++, from = 0) {
        const char *hit = s->n > from ? memmem(s->p + from, s->n - from, what, n) : NULL;
        if (hit)
            return (size_t)(hit - s->p);
    }
    return s->n;
}

static bool digit_at(const struct grf_str *s, size_t at)
{
    return at < s->n && isdigit((unsigned char)s->p[at]);
}

static void other_number(struct grf_str *s, size_t at)
{
    static const char *const numbers[] = {
        "0",          "-1",         "1",           "2",
        "65535",      "65536",      "2147483647",  "2147483648",
        "4294967295", "4294967296", "-2147483648", "9223372036854775807",
        "1e308",      "0.00000001", "999999999999999999999999999999",
        "NaN"};
    char room[24];
    size_t n = 0;
    while (digit_at(s, at + n))
        n++;
    const char *text = numbers[draw(GRF_ARRAY_LEN(numbers))];
    if (draw(3) == 0) {
        snprintf(room, sizeof(room), "%zu", draw(draw(2) ? 100 : 1000000));
        text = room;
    }
    replace(s, at, n, grf_sv_z(text));
}

/* ---- the ways */

static void flip(struct grf_str *s)
{
    for (size_t n = 1 + draw(20); n--;)
        s->p[draw(s->n)] ^= (char)(1 << draw(8));
}

static void write_over(struct grf_str *s)
{
    size_t at = draw(s->n), n = 1 + draw(200);
    char c = (char)draw(256);
    for (size_t i = at; i < s->n && i < at + n; i++)
        s->p[i] = draw(2) ? c : (char)draw(256);
}

static void put_in(struct grf_str *s)
{
    size_t from = draw(s->n), n = draw(s->n - from < 5000 ? s->n - from : 5000);
    char *piece = grf_strndup(s->p + from, n);
    if (!piece)
        die("out of memory");
    replace(s, draw(s->n), 0, grf_sv(piece, n));
    grf_free(piece);
}

static void cut_off(struct grf_str *s)
{
    grf_str_cut(s, 1 + draw(s->n));
}

static void splice(struct grf_str *s)
{
    const struct grf_str *other = &files[draw(n_files)];
    size_t at = draw(s->n), from = draw(other->n);
    replace(s, at, s->n - at, grf_sv(other->p + from, other->n - from));
}

static void any_number(struct grf_str *s)
{
    size_t at = draw(s->n);
    while (at < s->n && !digit_at(s, at))
        at++;
    if (at < s->n)
        other_number(s, at);
}

static void number_of_key(struct grf_str *s)
{
    static const char *const keys[] = {
        "/Length",  "/Size",     "/Count",     "/W ",         "/Index",  "/Prev",
        "/XRefStm", "startxref", "xref\n",     "/Width",      "/Height", "/Predictor",
        "/Columns", "/Colors",   "/BitsPerComponent", "/MediaBox", "/Rotate", "/First",
        "/N ",      "/FirstChar", "/LastChar", "/Widths",     "/Length1", "/K ",
        "/UserUnit", "/CropBox", "/ObjStm",    "/FontBBox",   "/Decode", "beginbfrange",
        " Tf",      " Tm",       " cm",        " re"};
    size_t at = find(s, keys[draw(GRF_ARRAY_LEN(keys))]);
    while (at < s->n && !digit_at(s, at))
        at++;
    if (at < s->n)
        other_number(s, at);
}

/* "12 0 R" becomes another one: loops, the wrong kind, nothing. */
static void other_reference(struct grf_str *s)
{
    size_t at = find(s, " 0 R");
    while (at > 0 && digit_at(s, at - 1))
        at--;
    if (!digit_at(s, at))
        return;
    char room[24];
    size_t n = 0;
    while (digit_at(s, at + n))
        n++;
    snprintf(room, sizeof(room), "%zu", draw(80));
    replace(s, at, n, grf_sv_z(room));
}

static void other_name(struct grf_str *s)
{
    static const char *const names[] = {
        "/FlateDecode", "/LZWDecode", "/DCTDecode", "/CCITTFaxDecode", "/JBIG2Decode",
        "/JPXDecode",   "/ASCII85Decode", "/RunLengthDecode", "/Type0",  "/Type3",
        "/TrueType",    "/Type1",     "/CIDFontType2", "/Identity-H", "/Pages", "/Page",
        "/XObject",     "/Form",      "/Image",     "/Kids",          "/Parent",
        "/Contents",    "/Resources", "/ToUnicode", "/Encrypt",       "/Catalog"};
    const char *from = names[draw(GRF_ARRAY_LEN(names))];
    size_t at = find(s, from);
    if (at < s->n)
        replace(s, at, strlen(from), grf_sv_z(names[draw(GRF_ARRAY_LEN(names))]));
}

/* An object from its number to "endobj"; false when there is none. */
static bool object(const struct grf_str *s, size_t *at, size_t *n)
{
    *at = find(s, " 0 obj");
    while (*at > 0 && digit_at(s, *at - 1))
        --*at;
    const char *end = *at < s->n ? memmem(s->p + *at, s->n - *at, "endobj", 6) : NULL;
    *n = end ? (size_t)(end - s->p) + 6 - *at : 0;
    return end != NULL;
}

static void delete_object(struct grf_str *s)
{
    size_t at, n;
    if (object(s, &at, &n))
        replace(s, at, n, grf_sv("", 0));
}

static void double_object(struct grf_str *s)
{
    size_t at, n, to, m;
    if (!object(s, &at, &n) || !object(s, &to, &m))
        return;
    char *piece = grf_strndup(s->p + at, n);
    if (!piece)
        die("out of memory");
    replace(s, to, draw(2) ? m : 0, grf_sv(piece, n));
    grf_free(piece);
}

static void (*const ways[])(struct grf_str *) = {
    flip,       write_over,    put_in,        cut_off,         splice,     any_number,
    any_number, number_of_key, number_of_key, other_reference, other_name, other_name,
    other_reference, delete_object, double_object};

static void one(const char *dir, size_t seed)
{
    struct grf_str s, path;
    dice = seed * 0x2545F4914F6CDD1Du + 1;
    const struct grf_str *from = &files[draw(n_files)];
    grf_str_init(&s, 2 * FILE_MOST);
    grf_str_add(&s, from->p, from->n);
    for (size_t n = 1 + draw(WAYS_MOST); n-- && s.n && s.n < FILE_MOST;)
        ways[draw(GRF_ARRAY_LEN(ways))](&s);
    grf_str_init(&path, 65536);
    grf_str_addf(&path, "%s/%zu.pdf", dir, seed);
    FILE *f = s.bad || path.bad ? NULL : fopen(path.p, "wb");
    if (!f || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0)
        die("cannot write");
    grf_str_release(&s);
    grf_str_release(&path);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        die("DIR FROM TO FILE...");
    files = grf_calloc((size_t)argc, sizeof(*files));
    for (int i = 4; i < argc && files; i++) {
        grf_str_init(&files[n_files], FILE_MOST);
        if (!grf_file_read(argv[i], FILE_MOST, &files[n_files], NULL) && files[n_files].n)
            n_files++;
    }
    if (!n_files)
        die("no file to begin with");
    size_t to = strtoull(argv[3], NULL, 10);
    for (size_t seed = strtoull(argv[2], NULL, 10); seed < to; seed++)
        one(argv[1], seed);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a font's dictionary says of the words written in it: how high they stand, whether
 * they are bold or slanted, whether the font was made for this document.
 */
#include <math.h>
#include <string.h>

#include "pdf_mupdf.h"

/* Heights of the fonts that every reader has, from their makers' tables. */
static const struct standard {
    const char *names; /* how names begin, apart by blanks */
    float ascent, descent;
} standards[] = {
    {"Courier CourierNew", 0.629f, -0.157f},
    {"Helvetica Arial", 0.718f, -0.207f},
    {"Times TimesNewRoman", 0.683f, -0.217f},
    {"Symbol", 1.010f, -0.293f},
    {"ZapfDingbats", 0.820f, -0.143f},
};

/* Blanks in names do not count. */
static void clean_name(const char *name, char *out, size_t room)
{
    size_t n = 0;
    for (; *name && n + 1 < room; name++)
        if (*name != ' ')
            out[n++] = *name;
    out[n] = 0;
}

static bool is_style(const char *p)
{
    return *p == 0 || *p == '-' || *p == ',' || strncmp(p, "PS", 2) == 0 ||
           strncmp(p, "MT", 2) == 0;
}

static const struct standard *standard_of(const char *full_name)
{
    char name[64];
    clean_name(full_name, name, sizeof name);
    for (size_t i = 0; i < sizeof standards / sizeof *standards; i++)
        for (const char *p = standards[i].names; *p;) {
            size_t n = strcspn(p, " ");
            if (strncmp(name, p, n) == 0 && is_style(name + n))
                return &standards[i];
            p += n + (p[n] == ' ');
        }
    return NULL;
}

static uint8_t flags_of(const char *name)
{
    uint8_t f = 0;
    if (strcasestr(name, "bold") || strcasestr(name, "black") || strcasestr(name, "heavy"))
        f |= GRF_WORD_BOLD;
    if (strcasestr(name, "italic") || strcasestr(name, "oblique"))
        f |= GRF_WORD_ITALIC;
    /* Tesseract's font without glyphs: an OCR layer over the page image */
    if (strcasestr(name, "glyphless"))
        f |= GRF_WORD_INVISIBLE;
    return f;
}

/* A height from the dictionary, where it makes sense: some say 0, or 32768, or mistake
   the sign. */
static void take_height(fz_context *ctx, pdf_obj *number, float sign, float *out)
{
    if (!pdf_is_number(ctx, number))
        return;
    float v = fabsf(pdf_to_real(ctx, number) / 1000);
    if (v > 0 && v < 1.9f)
        *out = sign * v;
}

static void take_heights(fz_context *ctx, pdf_obj *dict, const char *name,
                         struct pdf_face *out)
{
    bool composite = pdf_name_eq(ctx, pdf_dict_get(ctx, dict, PDF_NAME(Subtype)),
                                 PDF_NAME(Type0));
    pdf_obj *inner = composite ? pdf_array_get(ctx, pdf_dict_get(ctx, dict,
                                 PDF_NAME(DescendantFonts)), 0) : dict;
    pdf_obj *desc = pdf_dict_get(ctx, inner, PDF_NAME(FontDescriptor));
    out->embedded = pdf_dict_get(ctx, desc, PDF_NAME(FontFile)) ||
                    pdf_dict_get(ctx, desc, PDF_NAME(FontFile2)) ||
                    pdf_dict_get(ctx, desc, PDF_NAME(FontFile3));
    const struct standard *s = composite ? NULL : standard_of(name);
    out->ascent = composite ? 0.95f : s ? s->ascent : 0.75f;
    out->descent = composite ? -0.35f : s ? s->descent : -0.25f;
    if (s && !out->embedded)
        return;
    take_height(ctx, pdf_dict_get(ctx, desc, PDF_NAME(Ascent)), 1, &out->ascent);
    take_height(ctx, pdf_dict_get(ctx, desc, PDF_NAME(Descent)), -1, &out->descent);
}

/* A font made of drawings has its own measure: a letter's width tells it, m the best. */
static float guess_stretch(fz_context *ctx, pdf_font_desc *font, pdf_obj *dict, fz_matrix m)
{
    pdf_obj *diff = pdf_dict_get(ctx, pdf_dict_get(ctx, dict, PDF_NAME(Encoding)),
                                 PDF_NAME(Differences));
    float em = 0, letter = 0, any = 0;
    int code = 0, n = pdf_array_len(ctx, diff);
    for (int i = 0; i < n && i < 1024; i++) {
        pdf_obj *o = pdf_array_get(ctx, diff, i);
        if (!pdf_is_name(ctx, o)) {
            code = pdf_to_int(ctx, o);
            continue;
        }
        const char *name = pdf_to_name(ctx, o);
        bool known = code >= 0 && code < 256, one = name[0] && !name[1];
        float w = known ? (float)pdf_lookup_hmtx(ctx, font, code).w / 1000 : 0;
        code += known;
        if (one && name[0] == 'm')
            em = w;
        if (!(letter > 0) && one && ((name[0] | 32) >= 'a' && (name[0] | 32) <= 'z'))
            letter = w;
        if (!(any > 0))
            any = w;
    }
    float f = em > 0 ? em / 0.6f : letter > 0 ? letter / 0.5f : any > 0 ? any / 0.5f : 1;
    return m.a != 0 ? f * fabsf(m.d / m.a) : f;
}

void pdf_face_find(fz_context *ctx, pdf_font_desc *font, pdf_obj *dict,
                   struct pdf_face *out)
{
    const char *name = pdf_dict_get_name(ctx, dict, PDF_NAME(BaseFont));
    *out = (struct pdf_face){.stretch = 1, .matrix = fz_identity};
    out->flags = flags_of(name);
    out->subset = strchr(name, '+') != NULL;
    take_heights(ctx, dict, name, out);
    if (pdf_name_eq(ctx, pdf_dict_get(ctx, dict, PDF_NAME(Subtype)), PDF_NAME(Type3))) {
        out->matrix = pdf_dict_get_matrix(ctx, dict, PDF_NAME(FontMatrix));
        out->stretch = guess_stretch(ctx, font, dict, out->matrix);
        out->embedded = true;
    }
}

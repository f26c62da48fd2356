/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fonts for reading only: codes, widths and characters from the file's own tables. The
 * shapes of letters, which cost most of what a font does, are left alone. Only fonts that
 * tell all of it plainly are taken; MuPDF makes the others, and those that are to be drawn.
 *
 * MuPDF looks for a font in its store before it makes one: there they are put.
 */
#include <string.h>

#include "grf_mem.h"
#include "pdf_mupdf.h"

#define MOST_SEEN 512     /* fonts of a document that are tried */
#define MOST_WIDTHS 70000 /* entries of a table of widths */

/* Letters of a font without composition, by code, and of one with it. */
#define CODES 256
#define LETTERS 65536

static bool is_kind(fz_context *ctx, pdf_obj *dict, const char *kind)
{
    return strcmp(pdf_dict_get_name(ctx, dict, PDF_NAME(Subtype)), kind) == 0;
}

static bool tells_characters(fz_context *ctx, pdf_obj *dict)
{
    return pdf_is_stream(ctx, pdf_dict_get(ctx, dict, PDF_NAME(ToUnicode)));
}

/* ---- fonts of up to 256 letters */

static bool is_known_encoding(fz_context *ctx, pdf_obj *name)
{
    return pdf_is_name(ctx, name) &&
           (strcmp(pdf_to_name(ctx, name), "WinAnsiEncoding") == 0 ||
            strcmp(pdf_to_name(ctx, name), "MacRomanEncoding") == 0);
}

static bool is_plain(fz_context *ctx, pdf_obj *dict)
{
    pdf_obj *encoding = pdf_dict_get(ctx, dict, PDF_NAME(Encoding));
    if (!is_kind(ctx, dict, "TrueType") && !is_kind(ctx, dict, "Type1"))
        return false;
    if (!pdf_is_array(ctx, pdf_dict_get(ctx, dict, PDF_NAME(Widths))))
        return false;
    return is_known_encoding(ctx, encoding) ||
           is_known_encoding(ctx, pdf_dict_get(ctx, encoding, PDF_NAME(BaseEncoding))) ||
           tells_characters(ctx, dict);
}

static void name_letters(fz_context *ctx, pdf_obj *encoding, const char **names)
{
    pdf_obj *base = pdf_is_name(ctx, encoding)
                        ? encoding : pdf_dict_get(ctx, encoding, PDF_NAME(BaseEncoding));
    pdf_obj *diff = pdf_dict_get(ctx, encoding, PDF_NAME(Differences));
    int code = 0, n = pdf_array_len(ctx, diff);
    if (is_known_encoding(ctx, base))
        pdf_load_encoding(names, pdf_to_name(ctx, base));
    for (int i = 0; i < n; i++) {
        pdf_obj *o = pdf_array_get(ctx, diff, i);
        if (pdf_is_int(ctx, o))
            code = pdf_to_int(ctx, o);
        else if (code >= 0 && code < CODES && pdf_is_name(ctx, o))
            names[code++] = pdf_to_name(ctx, o);
    }
}

static void fill_plain(fz_context *ctx, pdf_document *doc, pdf_obj *dict, pdf_font_desc *font)
{
    const char *names[CODES] = {NULL};
    pdf_obj *widths = pdf_dict_get(ctx, dict, PDF_NAME(Widths));
    pdf_obj *desc = pdf_dict_get(ctx, dict, PDF_NAME(FontDescriptor));
    int first = pdf_dict_get_int(ctx, dict, PDF_NAME(FirstChar));
    int n = pdf_array_len(ctx, widths);
    pdf_set_default_hmtx(ctx, font, pdf_dict_get_int(ctx, desc, PDF_NAME(MissingWidth)));
    for (int i = 0; i < n && i < CODES; i++)
        if (first >= 0 && first < CODES - i)
            pdf_add_hmtx(ctx, font, first + i, first + i, pdf_array_get_int(ctx, widths, i));
    name_letters(ctx, pdf_dict_get(ctx, dict, PDF_NAME(Encoding)), names);
    font->encoding = pdf_new_identity_cmap(ctx, 0, 1);
    pdf_load_to_unicode(ctx, doc, font, names, NULL,
                        pdf_dict_get(ctx, dict, PDF_NAME(ToUnicode)));
}

/* ---- fonts of many letters, whose codes are their numbers */

static bool is_composite(fz_context *ctx, pdf_obj *dict)
{
    return is_kind(ctx, dict, "Type0") && tells_characters(ctx, dict) &&
           strcmp(pdf_dict_get_name(ctx, dict, PDF_NAME(Encoding)), "Identity-H") == 0;
}

/* "10 [500 600]": from letter 10 on; "10 20 500": letters 10 to 20. */
static void take_widths(fz_context *ctx, pdf_obj *table, pdf_font_desc *font)
{
    int n = pdf_array_len(ctx, table), left = MOST_WIDTHS;
    for (int i = 0; i + 1 < n && left > 0; i++) {
        int from = pdf_array_get_int(ctx, table, i++);
        pdf_obj *o = pdf_array_get(ctx, table, i);
        if (pdf_is_array(ctx, o)) {
            int k = pdf_array_len(ctx, o);
            for (int j = 0; j < k && left-- > 0; j++)
                if (from >= 0 && from < LETTERS - j)
                    pdf_add_hmtx(ctx, font, from + j, from + j, pdf_array_get_int(ctx, o, j));
            continue;
        }
        int to = pdf_to_int(ctx, o), w = pdf_array_get_int(ctx, table, ++i);
        if (from >= 0 && to >= from && to < LETTERS)
            pdf_add_hmtx(ctx, font, from, to, w);
        left--;
    }
}

static void fill_composite(fz_context *ctx, pdf_document *doc, pdf_obj *dict,
                           pdf_font_desc *font)
{
    pdf_obj *inner = pdf_array_get(ctx, pdf_dict_get(ctx, dict, PDF_NAME(DescendantFonts)), 0);
    pdf_obj *usual = pdf_dict_get(ctx, inner, PDF_NAME(DW));
    pdf_set_default_hmtx(ctx, font, usual ? pdf_to_int(ctx, usual) : 1000);
    take_widths(ctx, pdf_dict_get(ctx, inner, PDF_NAME(W)), font);
    font->encoding = pdf_new_identity_cmap(ctx, 0, 2);
    font->to_unicode =
        pdf_load_embedded_cmap(ctx, doc, pdf_dict_get(ctx, dict, PDF_NAME(ToUnicode)));
}

/* ---- the store */

static void put_font(fz_context *ctx, pdf_document *doc, pdf_obj *key)
{
    pdf_font_desc *font = NULL;
    bool plain = is_plain(ctx, key);
    if (!plain && !is_composite(ctx, key))
        return;
    fz_var(font);
    fz_try(ctx) {
        font = pdf_new_font_desc(ctx);
        if (plain)
            fill_plain(ctx, doc, key, font);
        else
            fill_composite(ctx, doc, key, font);
        pdf_end_hmtx(ctx, font);
        pdf_store_item(ctx, key, font, font->size);
    }
    fz_always(ctx)
        pdf_drop_font(ctx, font);
    fz_catch(ctx)
        fz_rethrow_if(ctx, FZ_ERROR_MEMORY); /* else MuPDF makes it */
}

static bool is_new(struct pdf_fonts *fonts, int number)
{
    for (size_t i = 0; i < fonts->n; i++)
        if (fonts->seen[i] == number)
            return false;
    if (fonts->n >= MOST_SEEN ||
        grf_grow(&fonts->seen, fonts->n, &fonts->cap, sizeof *fonts->seen))
        return false;
    fonts->seen[fonts->n++] = number;
    return true;
}

void pdf_font_prepare(fz_context *ctx, pdf_document *doc, struct pdf_fonts *fonts,
                      pdf_obj *resources)
{
    pdf_obj *all = pdf_dict_get(ctx, resources, PDF_NAME(Font));
    int n = pdf_dict_len(ctx, all);
    for (int i = 0; i < n; i++) {
        pdf_obj *o = pdf_dict_get_val(ctx, all, i);
        if (pdf_is_indirect(ctx, o) && is_new(fonts, pdf_to_num(ctx, o)))
            put_font(ctx, doc, o);
    }
}

bool pdf_font_is_quick(const pdf_font_desc *font)
{
    return !font->font;
}

pdf_font_desc *pdf_font_load(fz_context *ctx, pdf_document *doc, pdf_obj *resources,
                             pdf_font_desc *quick, pdf_obj *key)
{
    pdf_font_desc *full = NULL;
    fz_var(full);
    fz_try(ctx) {
        pdf_remove_item(ctx, quick->storable.drop, key);
        full = pdf_load_font(ctx, doc, resources, key);
    }
    fz_catch(ctx)
        fz_rethrow_if(ctx, FZ_ERROR_MEMORY);
    return full;
}

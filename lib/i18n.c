/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages in the user's language. The catalogue is a GNU .mo file: a header of
 * seven 32-bit words, then two tables (originals, sorted; translations) of
 * (length, offset). It is mapped once at start and never given back; what the
 * file says of lengths and offsets is checked before it is believed, once, so that a
 * lookup is a plain binary search.
 */
#include "grf_i18n.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_mem.h"
#include "grf_where.h"

#define MO_MAGIC UINT32_C(0x950412de)
enum { MO_HEADER_BYTES = 28, MO_MOST = 20000 };

/* Set once by grf_i18n_init, before threads start; only read afterwards. */
static struct {
    const char *language; /* "fr" or "en" */
    struct grf_map file;
    uint32_t count;       /* 0 = no catalogue */
    uint32_t originals;   /* offset of the table */
    uint32_t translations;
} messages = {"en", {NULL, 0}, 0, 0, 0};

/* The languages that messages come in: the source's, and those in po/. */
static const char *const languages[] = {"en", "fr"};

static uint32_t word_at(size_t offset)
{
    uint32_t v;
    memcpy(&v, messages.file.p + offset, sizeof(v));
    return v;
}

/* The string that entry i of a table points at. */
static const char *entry(uint32_t table, uint32_t i)
{
    return (const char *)messages.file.p + word_at(table + 8 * (size_t)i + 4);
}

/* True when the table lies inside the file, and each of its strings too, with the NUL
   that ends it. */
static bool table_is_sound(uint32_t table, uint32_t count)
{
    size_t size = messages.file.n;
    if (table > size || (size - table) / 8 < count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        size_t length = word_at(table + 8 * (size_t)i);
        size_t offset = word_at(table + 8 * (size_t)i + 4);
        if (offset >= size || length >= size - offset ||
            messages.file.p[offset + length] != '\0')
            return false;
    }
    return true;
}

static bool originals_are_sorted(uint32_t table, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (strcmp(entry(table, i - 1), entry(table, i)) >= 0)
            return false;
    return true;
}

static bool catalogue_is_sound(void)
{
    if (messages.file.n < MO_HEADER_BYTES || word_at(0) != MO_MAGIC)
        return false;
    uint32_t count = word_at(8), originals = word_at(12), translations = word_at(16);
    return count <= MO_MOST && table_is_sound(originals, count) &&
           table_is_sound(translations, count) && originals_are_sorted(originals, count);
}

static void load(const char *language)
{
    char *path = grf_catalogue_path(language);
    if (!path)
        return;
    if (grf_map_open(&messages.file, path, NULL) == GRF_OK) {
        if (catalogue_is_sound()) {
            messages.originals = word_at(12);
            messages.translations = word_at(16);
            messages.count = word_at(8);
        } else {
            grf_map_close(&messages.file);
        }
    }
    grf_free(path);
}

/* The translation of text, NULL where there is none; *length is its own, with all its
   forms. A message with a plural is found by its first form, which a NUL ends. */
static const char *translation(const char *text, size_t *length)
{
    uint32_t low = 0, high = messages.count;
    if (!*text)
        return NULL; // the empty original is the catalogue's own header
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(text, entry(messages.originals, middle));
        if (order == 0) {
            *length = word_at(messages.translations + 8 * (size_t)middle);
            return entry(messages.translations, middle);
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *grf_gettext(const char *text)
{
    size_t length;
    const char *found = translation(text, &length);
    return found && *found ? found : text;
}

const char *grf_ngettext(const char *one, const char *many, uint64_t n)
{
    size_t length;
    const char *found = translation(one, &length);
    if (!found || !*found)
        return n == 1 ? one : many;
    size_t first = strlen(found);
    bool has_plural = first < length && found[first + 1];
    // the catalogues' rule, nplurals=2; plural=(n > 1): French
    return n > 1 && has_plural ? found + first + 1 : found;
}

/* The language of one item of LANGUAGE or of a locale's name ("fr_FR.UTF-8"), NULL
   when it is none that messages come in. */
static const char *language_of(const char *item)
{
    size_t n = strcspn(item, "_.@:");
    for (size_t i = 0; i < GRF_ARRAY_LEN(languages); i++)
        if (strlen(languages[i]) == n && strncmp(item, languages[i], n) == 0)
            return languages[i];
    return NULL;
}

/* LANGUAGE is a list, best first: "de:fr". NULL when it names nothing known. */
static const char *language_of_list(const char *list)
{
    while (*list) {
        const char *found = language_of(list);
        if (found)
            return found;
        list += strcspn(list, ":");
        list += *list == ':';
    }
    return NULL;
}

/* "C", "C.UTF-8" and "POSIX" are what a machine says that was asked for nothing. */
static bool names_no_language(const char *locale)
{
    return !*locale || strcmp(locale, "POSIX") == 0 || strcmp(locale, "C") == 0 ||
           strncmp(locale, "C.", 2) == 0;
}

static const char *wanted_language(void)
{
    const char *list = getenv("LANGUAGE");
    const char *found = list ? language_of_list(list) : NULL;
    if (found)
        return found;
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(variables); i++) {
        const char *locale = getenv(variables[i]);
        if (!locale || !*locale)
            continue;
        if (names_no_language(locale))
            return "fr";
        found = language_of(locale);
        return found ? found : "en";
    }
    return "fr";
}

void grf_i18n_init(void)
{
    // libraries that convert file names (libarchive) need a UTF-8 LC_CTYPE
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    messages.language = wanted_language();
    if (strcmp(messages.language, "en") != 0 && messages.count == 0)
        load(messages.language);
}

bool grf_i18n_is(const char *language)
{
    return strcmp(messages.language, language) == 0;
}

/* What the system says most often (strerror), so that it is in the catalogue too:
   grf_fail_errno looks it up there. */
static const char *const system_texts[] __attribute__((unused)) = {
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Input/output error"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("Read-only file system"),
    N_("File exists"),
    N_("File name too long"),
    N_("File too large"),
    N_("Too many open files"),
    N_("Too many levels of symbolic links"),
    N_("Operation not permitted"),
    N_("Cannot allocate memory"),
    N_("Broken pipe"),
    N_("Resource temporarily unavailable"),
    N_("Device or resource busy"),
    N_("Invalid argument"),
    N_("Exec format error"),
    N_("Connection refused"),
    N_("Text file busy"),
};

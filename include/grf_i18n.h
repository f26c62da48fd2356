/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages for people: English in the source, French through po/fr.po.
 * _(text) is the translation in the user's language, n_(n, one, many) that of a message
 * which counts, N_(text) only marks one for a table.
 *
 * The catalogue (a .mo file as msgfmt writes it) is read by greffier itself:
 * gettext(3) translates nothing in the C locale, nor in a locale that is not
 * installed, and both are common on the machines that greffier is made for.
 */
#ifndef GRF_I18N_H
#define GRF_I18N_H

#include <stdbool.h>

#include "grf_common.h"

GRF_BEGIN_DECLS

/* The translation, or text itself where there is none. Any thread. */
const char *grf_gettext(const char *text) __attribute__((format_arg(1)));

/* The same for a message that counts n things, in the form that the language has for n:
   English says "one" of 1 only, French of 0 too. Both forms take the same arguments. */
const char *grf_ngettext(const char *one, const char *many, uint64_t n)
    __attribute__((format_arg(1), format_arg(2)));

#ifndef _
#define _(text) grf_gettext(text)
#endif
#define n_(n, one, many) grf_ngettext(one, many, n)
#define N_(text) text

/* Picks the language and loads its catalogue; French when the environment asks
   for nothing else (LANGUAGE, LC_ALL, LC_MESSAGES and LANG unset, "C", "C.UTF-8"
   or "POSIX"): the users are French town halls. Never fails: without a catalogue
   messages stay English. Makes LC_CTYPE UTF-8 and leaves LC_NUMERIC alone, so
   that numbers always print with a point. Call once, before threads start. */
void grf_i18n_init(void);

/* True when `language` ("fr", "en") is the one that messages come in. */
bool grf_i18n_is(const char *language);

GRF_END_DECLS
#endif

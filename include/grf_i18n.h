/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages for people: English in the source, French through po/fr.po.
 * _(text) is the translation in the user's language, N_(text) only marks one
 * for a table.
 */
#ifndef GRF_I18N_H
#define GRF_I18N_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

/* Sets locale and catalogue; French when the environment asks for nothing else
   (C, POSIX or unset): the users are French town halls. Call once at start. */
void grf_i18n_init(void);

#endif

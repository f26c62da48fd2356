/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where greffier's own files are: in the build tree that the program stands in,
 * or where `make install` put them. Both can be moved as a whole.
 *
 * Each function returns a new string (grf_free) or NULL without memory; when the
 * file is nowhere, the path where it should have been installed, for the message.
 */
#ifndef GRF_WHERE_H
#define GRF_WHERE_H

#include "grf_common.h"

GRF_BEGIN_DECLS

/* A file that greffier installs ("models/x.grfm"): $GREFFIER_DATA, corpora/ of the
   source tree, or share/greffier. */
GRF_NODISCARD char *grf_data_path(const char *name);
/* The same for what the build makes of such a file: beside the programs of the build tree. */
GRF_NODISCARD char *grf_built_path(const char *name);
/* A file of the web page ("style.css", "" for their folder): $GREFFIER_DATA/web, query/web/
   of the source tree, or share/greffier/web. */
GRF_NODISCARD char *grf_web_path(const char *name);
/* A helper program ("greffier-pdf-worker"): beside the program, else
   libexec/greffier. */
GRF_NODISCARD char *grf_helper_path(const char *name);
/* The message catalogue of a language ("fr"): $GREFFIER_LOCALE, locale/ beside the
   program in a build tree, or share/locale. */
GRF_NODISCARD char *grf_catalogue_path(const char *language);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LEGI as a source of the nightly run. */
#include "grf_i18n.h"
#include "nightly.h"

grf_status visit_law(struct night *n, struct visit *v, struct grf_err *err)
{
    (void)n;
    return visit_fault(v, GRF_UNSUPPORTED,
                       _("the law is not fetched by the nightly run yet; give the archives to "
                         "greffier-index law import"),
                       err);
}

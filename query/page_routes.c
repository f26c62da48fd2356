/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of what people see. */
#include "page.h"
#include "serve.h"

enum { DRAFT_MOST = 24 << 20 };

const struct web_route web_page_routes[] = {
    {WEB_GET, "/", page_search, WEB_ACTS, 0},
    {WEB_GET, "/acte/*", page_act, WEB_ACTS, 0},
    {WEB_GET, "/image/*/*", page_image, WEB_SLOW | WEB_ACTS, 0},
    {WEB_GET, "/fichier/*", page_original, WEB_SLOW | WEB_ACTS, 0},
    {WEB_GET, "/loi", page_law_home, 0, 0},
    {WEB_GET, "/loi/**", page_law, 0, 0},
    {WEB_GET, "/verifier", page_check, 0, 0},
    {WEB_POST, "/verifier", page_check, WEB_SLOW | WEB_FILES, DRAFT_MOST},
    {WEB_GET, "/dossier", page_dossier, 0, 0},
    {WEB_GET, "/couverture", page_cover, 0, 0},
    {WEB_GET, "/login", web_login_form, WEB_OPEN | WEB_NO_BASE, 0},
    {WEB_POST, "/login", web_login, WEB_OPEN | WEB_NO_BASE | WEB_SLOW, 0},
    {WEB_POST, "/logout", web_logout, WEB_OPEN | WEB_NO_BASE, 0},
    {WEB_GET, "/static/*", web_static, WEB_OPEN | WEB_NO_BASE, 0},
    {0, NULL, NULL, 0, 0},
};

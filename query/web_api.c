/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answers for programs: the objects of --json, one document for each request. */
#include "commands.h"
#include "grf_i18n.h"
#include "grf_progress.h"
#include "serve.h"

static grf_status api_search(const struct web_request *q, struct web_response *a,
                             struct grf_err *err)
{
    struct web_search s;
    struct grf_answer found = {.n = 0};
    double from = grf_now();
    grf_status st = web_search_read(q, &s, err);
    if (!st)
        st = web_search_run(q, &s, &found, err);
    a->type = WEB_JSON;
    if (!st)
        answer_json(&a->body, &found, false, (grf_now() - from) * 1000);
    grf_answer_release(&found);
    web_search_release(&s);
    return st;
}

const struct web_route web_api_routes[] = {
    {WEB_GET, "/api/search", api_search, 0, 0},
    {WEB_GET, "/openapi.json", web_openapi, WEB_OPEN | WEB_NO_BASE, 0},
    {0, NULL, NULL, 0, 0},
};

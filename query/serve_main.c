/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * greffier-serve: what greffier-query serve becomes. It is a program of its own because it
 * alone needs the web server's libraries.
 */
#include "commands.h"
#include "grf_i18n.h"

static const struct grf_command commands[] = {
    {"serve", NULL, N_("serve the web page"), 0, 0, cmd_serve_options, cmd_serve},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};

int main(int argc, char **argv)
{
    /* people see the name that they typed */
    static const struct grf_program program = {
        "greffier-query", N_("searches municipal acts and cites the page"), commands,
        "serve"};
    return grf_cli_main(&program, argc, argv);
}

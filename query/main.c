/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query: the table of its commands. */
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_mem.h"

static const struct grf_command commands[] = {
    {"search", N_("QUESTION"), N_("answer a question with cited passages (the default)"), 1,
     -1, cmd_search_options, cmd_search},
    {"show", "ID", N_("show an act or a passage whole, with where it comes from"), 1, 1,
     cmd_show_options, cmd_show},
    {"similar", "ID", N_("list the acts nearest to an act"), 1, 1, cmd_similar_options,
     cmd_similar},
    {"citing", N_("REF"), N_("list the acts that cite an article or a law, newest first"), 1,
     -1, cmd_citing_options, cmd_citing},
    {"check", N_("FILE|-"), N_("check the references of a draft against the law"), 1, 1,
     cmd_check_options, cmd_check},
    {"article", N_("REF"), N_("say what an article of law was on a day, and is today"), 1, -1,
     cmd_article_options, cmd_article},
    {"serve", NULL, N_("serve the web page"), 0, 0, cmd_serve_options, cmd_serve},
    {"passwd", N_("FILE USER"), N_("set who may log in to the web page"), 2, 2,
     cmd_passwd_options, cmd_passwd},
    {"eval", N_("[QUESTIONS.jsonl]"), N_("measure the answers to questions with known pages"), 0,
     1, cmd_eval_options, cmd_eval},
    {"status", NULL, N_("say what the base holds"), 0, 0, NULL, cmd_status},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};

/* One question takes a megabyte or two, piece by piece, and ends: memory is asked of the
   system in few calls, and none is given back before. What malloc takes first lies in one
   large page where the system gives such: it comes with one fault instead of four hundred. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    enum { MB = 1 << 20, LARGE = 2 * MB, BEFORE = 4096 };
    mallopt(M_TOP_PAD, MB);
    mallopt(M_TRIM_THRESHOLD, 64 * MB);
    mallopt(M_MMAP_THRESHOLD, 8 * MB);
    uintptr_t end = (uintptr_t)sbrk(0), gap = (0 - end - BEFORE) % LARGE;
    if (sbrk((intptr_t)gap) != (void *)end)
        return;
    // malloc writes before and behind a piece, not into it: the page is still untouched.
    char *piece = grf_alloc(BEFORE + LARGE);
    uintptr_t before = (0 - (uintptr_t)piece) % LARGE;
    if (piece && before <= BEFORE)
        madvise(piece + before, LARGE, MADV_HUGEPAGE);
    grf_free(piece);
#endif
}

int main(int argc, char **argv)
{
    static const struct grf_program program = {
        "greffier-query", N_("searches municipal acts and cites the page"), commands,
        "search"};
    keep_memory();
    return grf_cli_main(&program, argc, argv);
}

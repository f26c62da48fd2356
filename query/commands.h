/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of greffier-query, one function each; the table is in main.c (that of
   greffier-serve in serve_main.c). */
#ifndef GRF_QUERY_COMMANDS_H
#define GRF_QUERY_COMMANDS_H

#include "grf_check.h"
#include "grf_cli.h"
#include "grf_json.h"
#include "grf_search_law.h"
#include "grf_search_refs.h"

const struct grf_option *cmd_search_options(void);
int cmd_search(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_similar_options(void);
int cmd_similar(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_show_options(void);
int cmd_show(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_article_options(void);
int cmd_article(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_check_options(void);
int cmd_check(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_citing_options(void);
int cmd_citing(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_eval_options(void);
int cmd_eval(const struct grf_cli *cli, int argc, char **argv);
const struct grf_option *cmd_serve_options(void);
int cmd_serve(const struct grf_cli *cli, int argc, char **argv);
/* Serves until a signal says to stop; NULL: as the settings say. serve.c does it in
   greffier-serve; serve_exec.c, in greffier-query, makes the process that program. */
int serve_run(const struct grf_cli *cli, const char *listen, const char *passwords);
const struct grf_option *cmd_passwd_options(void);
int cmd_passwd(const struct grf_cli *cli, int argc, char **argv);
int cmd_status(const struct grf_cli *cli, int argc, char **argv);

/* A base open for searching, and the embedder when the mode needs one. */
struct query_setup {
    struct grf_conf conf;
    struct grf_embedder *embedder; /* NULL with GRF_MODE_LEXICAL */
    struct grf_reranker *reranker; /* NULL: the settings name none */
    struct grf_base *base;
};
GRF_NODISCARD grf_status query_setup_open(struct query_setup *s, const struct grf_cli *cli,
                                          grf_mode mode, struct grf_err *err);
void query_setup_release(struct query_setup *s);

/* "hybrid", "lexical" or "vector"; NULL is hybrid. */
GRF_NODISCARD grf_status parse_mode(const char *name, const char *z, grf_mode *out,
                                    struct grf_err *err);

/* A question typed without quotes comes as several arguments. */
void join_words(struct grf_str *s, int argc, char **argv);
/* The days from which and up to which; NULL leaves its key as it is. */
struct date_names {
    const char *from, *to; /* what the reader calls the two */
};
extern const struct date_names date_flags;
GRF_NODISCARD grf_status date_options(const struct date_names *names, const char *from,
                                      const char *to, int64_t *first, int64_t *last,
                                      struct grf_err *err);

/* known_body.c: a warning for each body that is none of the base's, with the nearest. */
void say_unknown_bodies(struct grf_base *base, const struct grf_cli_list *asked);

/* The law of the base; *law stays NULL when none was imported, which is no failure. */
GRF_NODISCARD grf_status open_law(const struct grf_cli *cli, struct grf_law **law,
                                  struct grf_err *err);
/* "5 avril 2014" of "2014-04-05", in out or as it was. */
const char *law_day(const char *iso, char out[32]);
/* Why a state is unknown, for people. */
const char *law_why(grf_law_why why);

/* A reference of a draft, by what is to be done about it, and what is wrong in words. */
enum check_group {
    CHECK_TO_CORRECT,
    CHECK_TO_LOOK_AT,
    CHECK_GOOD,
    CHECK_NOT_CHECKED,
    CHECK_GROUPS
};
enum check_group check_group_of(const struct grf_check_ref *r);
void check_words(struct grf_str *s, const struct grf_check_ref *r);

/* Appends "in force since 5 avril 2014 (known until ...)". */
void law_state_add(struct grf_str *s, const struct grf_law_answer *a);

/* Output of an answer. Articles of law, NULL or found, come after the acts, with a type
   of their own. */
void render_text(const struct grf_answer *a, struct grf_sv question, bool explain,
                 bool colour);
void render_json(const struct grf_answer *a, const struct grf_law_results *law,
                 bool explain, double ms);
/* Output of a search of the law alone; below the acts, with its heading. */
void render_law_text(const struct grf_law_results *law, struct grf_sv question,
                     bool explain, bool colour);
void render_law_json(const struct grf_law_results *law, bool explain, double ms);
void render_law_apart(const struct grf_law_results *law, struct grf_sv question,
                      bool explain, bool colour);
/* Prints one line for each article; type is "result", "nearest" or "law". */
void render_law_lines(const struct grf_law_results *law, const char *type, bool explain);
void law_result_json(struct grf_json *j, const struct grf_law_result *r, size_t rank,
                     const char *type, bool explain);
/* The same objects in one: {"format":1,"results":[...],"summary":{...}}. */
void answer_json(struct grf_str *out, const struct grf_answer *a,
                 const struct grf_law_results *law, bool explain, double ms);
void law_answer_json(struct grf_str *out, const struct grf_law_results *law, double ms);

/* Output of acts that cite. */
void render_citation(const struct grf_citation *c, const struct grf_lawstate *state,
                     size_t rank, bool colour);
void render_citations_json(const struct grf_citations *c, const struct grf_lawstate *states,
                           const struct grf_ref_asked *asked, double ms,
                           struct grf_str *sink); /* NULL: stdout */

/* The JSON Lines of a command appended to out, for the web. */
GRF_NODISCARD grf_status article_lines(struct grf_law *law, const char *ref, const char *at,
                                       const char *changes_from, struct grf_str *out,
                                       struct grf_err *err);
GRF_NODISCARD grf_status show_lines(struct grf_base *b, struct grf_law *law, const char *key,
                                    bool changes, struct grf_str *out, struct grf_err *err);
GRF_NODISCARD grf_status citing_lines(struct grf_base *b, struct grf_law *law,
                                      const char *ref, const struct grf_citing_opts *o,
                                      struct grf_str *out, struct grf_err *err);
/* name is what messages call the draft. */
GRF_NODISCARD grf_status check_lines(struct grf_law *law, const struct grf_conf *conf,
                                     struct grf_sv draft, const char *name, const char *at,
                                     struct grf_str *out, struct grf_err *err);

/* One act for people: "n° 2019/12 · subject · body · 5 avril 2019 · votes". */
void act_line(struct grf_str *out, const struct grf_act *a, const char *title);
/* "votes" object of the contract. */
void votes_json(struct grf_json *j, const struct grf_votes *v);
/* "document" with path, sha256, url. */
void document_json(struct grf_json *j, const struct grf_doc_row *d);
/* "refs": what the act cites, in its order, each once. */
void refs_json(struct grf_json *j, const struct grf_act *a);
void act_json(struct grf_json *j, const struct grf_act_row *a);

/* Rows of an options table: which acts. opt has a list `body` and texts `from`, `to`. */
#define OPTIONS_WHICH_ACTS(opt)                                                  \
    {0, "body", GRF_OPT_LIST, &(opt).body, N_("NAME"),                           \
     N_("only acts of this local authority"), 0, 0},                             \
        {0, "from", GRF_OPT_TEXT, &(opt).from, "DATE",                           \
         N_("only sessions from this day, month or year on"), 0, 0},             \
    {                                                                            \
        0, "to", GRF_OPT_TEXT, &(opt).to, "DATE",                                \
            N_("only sessions up to this day, month or year"), 0, 0              \
    }

#endif

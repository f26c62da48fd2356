/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The train command: reads the data, runs the steps, writes the model. */
#include "train.h"

#include <stdio.h>

#include "grf_embed_format.h"
#include "grf_i18n.h"
#include "grf_linalg.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_progress.h"

struct options {
    const char *data, *out, *leave_out;
    struct grf_cli_list excluded;
    int steps, dim, seed, threads, words, min_count, batch, rate, temperature, spread;
    int title, law, page, question, synonym;
};

static struct options opt;

static const struct options defaults = {
    .steps = 2600, .dim = 256, .seed = 1, .threads = 2, .words = 62000, .min_count = 2,
    .batch = 1024, .rate = 20, .temperature = 50, .spread = 50,
    .title = 22, .law = 20, .page = 17, .question = 31, .synonym = 10,
};

const struct grf_option *cmd_train_options(void)
{
    static const struct grf_option table[] = {
        {0, "data", GRF_OPT_TEXT, &opt.data, N_("DIR"),
         N_("the texts to learn from: holds train/ and law/ (required)"), 0, 0},
        {0, "out", GRF_OPT_TEXT, &opt.out, N_("FILE"),
         N_("the model to write (required)"), 0, 0},
        {0, "leave-out", GRF_OPT_TEXT, &opt.leave_out, N_("FILE"),
         N_("JSON Lines of code and text: section titles not to learn from"), 0, 0},
        {0, "exclude-body", GRF_OPT_LIST, &opt.excluded, N_("NAME"),
         N_("learn nothing of this body (may be repeated)"), 0, 0},
        {0, "steps", GRF_OPT_INT, &opt.steps, N_("N"), N_("batches"), 1, 1000000},
        {0, "dim", GRF_OPT_INT, &opt.dim, N_("N"),
         N_("values of a vector, a multiple of 32"), 32, GRF_TRAIN_DIM_MAX},
        {0, "seed", GRF_OPT_INT, &opt.seed, N_("N"), N_("of the random numbers"), 0, 1000000},
        {0, "threads", GRF_OPT_INT, &opt.threads, N_("N"), N_("processors to use"), 1, 16},
        {0, "words", GRF_OPT_INT, &opt.words, N_("N"), N_("most words in the model"), 1,
         1000000},
        {0, "min-count", GRF_OPT_INT, &opt.min_count, N_("N"),
         N_("leave out words rarer than this"), 1, 1000},
        {0, "batch", GRF_OPT_INT, &opt.batch, N_("N"), N_("pairs in a batch"), 2, 8192},
        {0, "rate", GRF_OPT_INT, &opt.rate, N_("N"), N_("learning rate, in thousandths"), 1,
         1000},
        {0, "temperature", GRF_OPT_INT, &opt.temperature, N_("N"),
         N_("of the softmax, in thousandths"), 1, 1000},
        {0, "spread", GRF_OPT_INT, &opt.spread, N_("N"),
         N_("spread of the first values, in thousandths"), 1, 10000},
        {0, "title", GRF_OPT_INT, &opt.title, N_("N"), N_("per cent law titles"), 0, 100},
        {0, "law", GRF_OPT_INT, &opt.law, N_("N"), N_("per cent law spans"), 0, 100},
        {0, "page", GRF_OPT_INT, &opt.page, N_("N"), N_("per cent municipal spans"), 0, 100},
        {0, "question", GRF_OPT_INT, &opt.question, N_("N"), N_("per cent questions"), 0,
         100},
        {0, "synonym", GRF_OPT_INT, &opt.synonym, N_("N"), N_("per cent synonyms"), 0, 100},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    opt = defaults;
    return table;
}

static struct grf_train_opts trainer_opts(void)
{
    struct grf_train_opts o = {.dim = opt.dim,
                               .pairs = opt.batch,
                               .threads = opt.threads,
                               .steps = opt.steps,
                               .rate = (float)opt.rate / 1000,
                               .temperature = (float)opt.temperature / 1000,
                               .spread = (float)opt.spread / 1000,
                               .seed = (uint64_t)opt.seed};
    const int shares[] = {opt.title, opt.law, opt.page, opt.question, opt.synonym};
    memcpy(o.shares, shares, sizeof(o.shares));
    return o;
}

/* Writes the rows of the words that were met; the others hold chance. */
static grf_status write_model(const struct grf_trainer *t, const struct grf_vocab *v,
                              uint32_t *kept, struct grf_err *err)
{
    grf_status s = GRF_OK;
    size_t dim = (size_t)opt.dim;
    const uint32_t *seen = grf_trainer_seen(t);
    const float *table = grf_trainer_table(t);
    struct grf_sv *words = grf_calloc(v->n, sizeof(*words));
    float *rows = grf_calloc(v->n * dim, sizeof(*rows));
    *kept = 0;
    if (!words || !rows) {
        s = grf_fail_nomem(err);
        goto out;
    }
    for (uint32_t i = 0; i < v->n; i++) {
        if (seen[i] == 0)
            continue;
        words[*kept] = grf_vocab_word(v, i);
        memcpy(rows + (*kept)++ * dim, table + i * dim, dim * sizeof(*rows));
    }
    s = grf_embed_write(opt.out, words, rows, *kept, opt.dim, err);
out:
    grf_free(words);
    grf_free(rows);
    return s;
}

static grf_status run_steps(const struct grf_cli *cli, struct grf_trainer *t,
                            struct grf_err *err)
{
    grf_status s = GRF_OK;
    struct grf_progress progress;
    double recent = 0;
    grf_progress_start(&progress, _("training"), (uint64_t)opt.steps, cli->verbose < 0);
    for (int step = 0; s == GRF_OK && step < opt.steps; step++) {
        double loss;
        char note[32];
        if (*cli->cancel) {
            s = grf_fail(err, GRF_CANCELLED, _("training stopped; no model was written"));
            break;
        }
        s = grf_trainer_step(t, step, &loss, err);
        recent = step ? 0.98 * recent + 0.02 * loss : loss;
        snprintf(note, sizeof(note), "%.3f", recent);
        grf_progress_update(&progress, (uint64_t)step + 1, note);
        if ((step + 1) % 100 == 0)
            grf_log(GRF_LOG_INFO, "step %d: loss %.4f", step + 1, recent);
    }
    grf_progress_end(&progress);
    return s;
}

static grf_status train(const struct grf_cli *cli, struct grf_train_data *d,
                        struct grf_err *err)
{
    struct grf_train_source src = {.dir = opt.data,
                                   .leave_out = opt.leave_out,
                                   .excluded = &opt.excluded,
                                   .max_words = (uint32_t)opt.words,
                                   .min_count = (uint32_t)opt.min_count,
                                   .cancel = cli->cancel,
                                   .quiet = cli->verbose < 0};
    struct grf_trainer *t = NULL;
    uint32_t kept = 0;
    struct grf_train_opts o = trainer_opts();
    grf_status s = grf_train_load(d, &src, err);
    if (s != GRF_OK)
        return s;
    grf_log(GRF_LOG_INFO,
            "%zu articles, %zu pages, %zu passages, %zu questions, %zu synonym groups, "
            "%u words; left out: %llu titles, %llu pages and passages",
            d->n_articles, d->n_pages, d->n_passages, d->n_questions, d->n_synonyms,
            d->vocab.n, (unsigned long long)d->n_left_out,
            (unsigned long long)d->n_excluded);
    grf_linalg_set_threads(opt.threads);
    s = grf_trainer_new(d, &o, &t, err);
    if (s == GRF_OK)
        s = run_steps(cli, t, err);
    if (s == GRF_OK)
        s = write_model(t, &d->vocab, &kept, err);
    if (s == GRF_OK)
        printf(_("%s: %u words x %d\n"), opt.out, kept, opt.dim);
    grf_trainer_free(t);
    return s;
}

int cmd_train(const struct grf_cli *cli, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (!opt.data || !opt.out)
        return grf_cli_usage(cli, "train", _("--data DIR and --out FILE are required"));
    if (opt.dim % GRF_EMBED_DIM_STEP)
        return grf_cli_usage(cli, "train", _("--dim must be a multiple of %d"),
                             GRF_EMBED_DIM_STEP);
    if (opt.title + opt.law + opt.page + opt.question + opt.synonym != 100)
        return grf_cli_usage(cli, "train", _("the shares of the five kinds must add up to 100"));
    struct grf_err err = GRF_ERR_INIT;
    struct grf_train_data d = {0};
    grf_status s = train(cli, &d, &err);
    grf_train_data_release(&d);
    return s == GRF_OK ? 0 : grf_cli_fail(cli, &err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The train command: reads the data, runs the steps, writes the model. */
#include "train.h"

#include <stdio.h>
#include <stdlib.h>

#include "grf_embed_format.h"
#include "grf_i18n.h"
#include "grf_linalg.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_progress.h"

struct options {
    const char *data, *out, *leave_out;
    struct grf_cli_list questions, excluded;
    int steps, dim, seed, threads, words, min_count, batch, rate, temperature, spread;
    int title, law, page, question, synonym;
};

static struct options opt;

static const struct options defaults = {
    .steps = 2600,
    .dim = 256,
    .seed = 1,
    .threads = 2,
    .words = 62000,
    .min_count = 2,
    .batch = 1024,
    .rate = 20,
    .temperature = 70,
    .spread = 50,
    .title = 22,
    .law = 20,
    .page = 17,
    .question = 31,
    .synonym = 10,
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
        {0, "questions", GRF_OPT_LIST, &opt.questions, N_("FILE"),
         N_("JSON Lines of questions or cards to learn from too (may be repeated)"), 0, 0},
        {0, "exclude-body", GRF_OPT_LIST, &opt.excluded, N_("NAME"),
         N_("learn nothing of this body (may be repeated)"), 0, 0},
        {0, "steps", GRF_OPT_INT, &opt.steps, N_("N"), N_("batches"), 1, 1000000},
        {0, "dim", GRF_OPT_INT, &opt.dim, N_("N"),
         N_("values of a vector, a multiple of 32"), 32, GRF_TRAIN_DIM_MAX},
        {0, "seed", GRF_OPT_INT, &opt.seed, N_("N"), N_("of the random numbers"), 0,
         1000000},
        {0, "threads", GRF_OPT_INT, &opt.threads, N_("N"), N_("processors to use"), 1,
         16},
        {0, "words", GRF_OPT_INT, &opt.words, N_("N"), N_("most words in the model"), 1,
         1000000},
        {0, "min-count", GRF_OPT_INT, &opt.min_count, N_("N"),
         N_("leave out words rarer than this"), 1, 1000},
        {0, "batch", GRF_OPT_INT, &opt.batch, N_("N"), N_("pairs in a batch"), 2, 8192},
        {0, "rate", GRF_OPT_INT, &opt.rate, N_("N"), N_("learning rate, in thousandths"),
         1, 1000},
        {0, "temperature", GRF_OPT_INT, &opt.temperature, N_("N"),
         N_("of the softmax, in thousandths"), 1, 1000},
        {0, "spread", GRF_OPT_INT, &opt.spread, N_("N"),
         N_("spread of the first values, in thousandths"), 1, 10000},
        {0, "title", GRF_OPT_INT, &opt.title, N_("N"), N_("per cent law titles"), 0, 100},
        {0, "law", GRF_OPT_INT, &opt.law, N_("N"), N_("per cent law spans"), 0, 100},
        {0, "page", GRF_OPT_INT, &opt.page, N_("N"), N_("per cent municipal spans"), 0,
         100},
        {0, "question", GRF_OPT_INT, &opt.question, N_("N"), N_("per cent questions"), 0,
         100},
        {0, "synonym", GRF_OPT_INT, &opt.synonym, N_("N"), N_("per cent synonyms"), 0,
         100},
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

/* A row of the model: what a word or a family is called and where it is learned. */
struct entry {
    struct grf_sv name;
    uint32_t row, family; /* family UINT32_MAX: a family itself */
};

static int by_name(const void *pa, const void *pb)
{
    const struct entry *a = pa, *b = pb;
    size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
    int order = memcmp(a->name.p, b->name.p, n);
    return order ? order : (a->name.n > b->name.n) - (a->name.n < b->name.n);
}

/* Words and families that were met (the others hold chance), sorted. A family of one
   word says nothing of others and is left out. */
static size_t list_entries(const struct grf_trainer *t, const struct grf_train_data *d,
                           struct entry *list)
{
    size_t n = 0;
    const uint32_t *seen = grf_trainer_seen(t);
    for (uint32_t i = 0; i < d->vocab.n; i++)
        if (seen[i])
            list[n++] = (struct entry){grf_vocab_word(&d->vocab, i), i, d->family[i]};
    for (uint32_t k = 0; k < d->families.n; k++)
        if (seen[d->vocab.n + k] && d->families.counts[k] > 1)
            list[n++] = (struct entry){grf_vocab_word(&d->families, k), d->vocab.n + k,
                                       UINT32_MAX};
    qsort(list, n, sizeof(*list), by_name);
    return n;
}

static grf_status write_model(const struct grf_trainer *t, const struct grf_train_data *d,
                              size_t *kept, struct grf_err *err)
{
    grf_status s = GRF_OK;
    size_t dim = (size_t)opt.dim, most = (size_t)d->vocab.n + d->families.n;
    const float *table = grf_trainer_table(t);
    struct entry *list = grf_calloc(most, sizeof(*list));
    struct grf_sv *names = grf_calloc(most, sizeof(*names));
    float *rows = grf_calloc(most * dim, sizeof(*rows));
    if (!list || !names || !rows) {
        s = grf_fail_nomem(err);
        goto out;
    }
    *kept = list_entries(t, d, list);
    for (size_t i = 0; i < *kept; i++) {
        names[i] = list[i].name;
        memcpy(rows + i * dim, table + list[i].row * dim, dim * sizeof(*rows));
        if (list[i].family == UINT32_MAX)
            continue;
        const float *family = table + ((size_t)d->vocab.n + list[i].family) * dim;
        for (size_t k = 0; k < dim; k++)
            rows[i * dim + k] += family[k];
    }
    s = grf_embed_write(opt.out, names, rows, *kept, opt.dim, err);
out:
    grf_free(list);
    grf_free(names);
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
                                   .questions = &opt.questions,
                                   .excluded = &opt.excluded,
                                   .max_words = (uint32_t)opt.words,
                                   .min_count = (uint32_t)opt.min_count,
                                   .cancel = cli->cancel,
                                   .quiet = cli->verbose < 0};
    struct grf_trainer *t = NULL;
    size_t kept = 0;
    struct grf_train_opts o = trainer_opts();
    grf_status s = grf_train_load(d, &src, err);
    if (s != GRF_OK)
        return s;
    grf_log(GRF_LOG_INFO,
            "%zu articles, %zu pages, %zu passages, %zu questions, %zu synonym groups, "
            "%u words; left out: %llu titles, %llu pages and passages; not met: passages of "
            "%llu lines",
            d->n_articles, d->n_pages, d->n_passages, d->n_questions, d->n_synonyms,
            d->vocab.n, (unsigned long long)d->n_left_out,
            (unsigned long long)d->n_excluded, (unsigned long long)d->n_lost);
    grf_linalg_set_threads(opt.threads);
    s = grf_trainer_new(d, &o, &t, err);
    if (s == GRF_OK)
        s = run_steps(cli, t, err);
    if (s == GRF_OK)
        s = write_model(t, d, &kept, err);
    if (s == GRF_OK)
        printf(_("%s: %zu words and families x %d\n"), opt.out, kept, opt.dim);
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
        return grf_cli_usage(cli, "train",
                             _("the shares of the five kinds must add up to 100"));
    struct grf_err err = GRF_ERR_INIT;
    struct grf_train_data d = {0};
    grf_status s = train(cli, &d, &err);
    grf_train_data_release(&d);
    return s == GRF_OK ? 0 : grf_cli_fail(cli, &err);
}

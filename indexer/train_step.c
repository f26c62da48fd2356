/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One step of training: the texts of a batch become unit vectors (sum of the
 * rows of their words and families), every query is compared with every passage, the
 * softmax over each row and each column asks for the right pair (InfoNCE both ways), and
 * Adam moves the rows that occurred.
 *
 * Threads share texts or rows, never a sum, so their number changes nothing here;
 * only the BLAS library's products may depend on it.
 */
#include "train.h"

#include <math.h>
#include <pthread.h>

#include "grf_i18n.h"
#include "grf_linalg.h"
#include "grf_mem.h"

enum { MAX_THREADS = 16, LANE = 32 };

struct grf_trainer {
    const struct grf_train_data *data;
    struct grf_train_opts o;
    struct grf_batch batch;
    size_t n_rows, dim, texts;   /* texts = 2 * pairs */
    float *table, *m, *v;        /* n_rows times dim: values, first and second moments */
    uint32_t *seen;              /* occurrences of each row so far */
    float *unit, *length, *grad; /* of the batch's texts: vectors, norms, gradients */
    float *scores, *back;        /* pairs x pairs: weights of rows, and of columns */
    double *losses;              /* one for each pair */
    uint32_t *begin;             /* n_rows + 1: first place of each row */
    uint32_t *where;             /* texts in which the row occurs */
    int step;
};

typedef void part_fn(struct grf_trainer *t, size_t first, size_t last);

struct part {
    struct grf_trainer *t;
    part_fn *fn;
    size_t first, last;
};

static void *run_part(void *arg)
{
    struct part *p = arg;
    p->fn(p->t, p->first, p->last);
    return NULL;
}

/* Runs fn over [0, n) in parts given by their bounds; a part whose thread does not
   start is done here. */
static void run_parts(struct grf_trainer *t, part_fn *fn, const size_t *bounds)
{
    pthread_t id[MAX_THREADS];
    bool started[MAX_THREADS] = {false};
    struct part parts[MAX_THREADS];
    int n = t->o.threads;
    for (int i = n - 1; i >= 0; i--) {
        parts[i] = (struct part){t, fn, bounds[i], bounds[i + 1]};
        started[i] = i > 0 && pthread_create(&id[i], NULL, run_part, &parts[i]) == 0;
        if (!started[i])
            run_part(&parts[i]);
    }
    for (int i = 1; i < n; i++)
        if (started[i])
            pthread_join(id[i], NULL);
}

static void run_evenly(struct grf_trainer *t, part_fn *fn, size_t n)
{
    size_t bounds[MAX_THREADS + 1];
    for (int i = 0; i <= t->o.threads; i++)
        bounds[i] = n * (size_t)i / (size_t)t->o.threads;
    run_parts(t, fn, bounds);
}

/* Fixed inner loops let the compiler use vector instructions. */
static void add_to(float *restrict sum, const float *restrict row, size_t dim)
{
    for (size_t d = 0; d < dim; d += LANE)
        for (size_t j = 0; j < LANE; j++)
            sum[d + j] += row[d + j];
}

static void draw_part(struct grf_trainer *t, size_t first, size_t last)
{
    grf_batch_fill(&t->batch, t->data, t->o.shares, t->o.seed, t->step, (int)first,
                   (int)last);
}

static void encode_part(struct grf_trainer *t, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        const uint32_t *rows = t->batch.rows + i * GRF_TRAIN_PASSAGE_MAX;
        float *u = t->unit + i * t->dim;
        memset(u, 0, t->dim * sizeof(*u));
        for (uint32_t k = 0; k < t->batch.lengths[i]; k++)
            add_to(u, t->table + rows[k] * t->dim, t->dim);
        double sum = 0;
        for (size_t d = 0; d < t->dim; d++)
            sum += (double)u[d] * u[d];
        float length = (float)sqrt(sum);
        t->length[i] = length;
        for (size_t d = 0; d < t->dim; d++)
            u[d] = length > 0 ? u[d] / length : 0;
    }
}

static bool no_negatives(const struct grf_batch *b, size_t i, size_t j)
{
    size_t n = (size_t)b->pairs;
    return b->groups[i] == b->groups[j] || b->groups[n + i] == b->groups[n + j];
}

/* A side of a pair without a known word teaches nothing. */
static bool is_empty(const struct grf_trainer *t, size_t i)
{
    return t->length[i] == 0 || t->length[i + (size_t)t->o.pairs] == 0;
}

/* Row i of x holds the products of text i with all of the other side: turned into
   what the softmax asks for less what is. Returns the loss. */
static double soften(struct grf_trainer *t, float *x, size_t i)
{
    size_t n = (size_t)t->o.pairs;
    if (is_empty(t, i)) {
        memset(x, 0, n * sizeof(*x));
        return 0;
    }
    float top = x[i], own = x[i];
    double sum = 0;
    for (size_t j = 0; j < n; j++) {
        if (j != i && (no_negatives(&t->batch, i, j) || is_empty(t, j)))
            x[j] = -INFINITY;
        top = fmaxf(top, x[j]);
    }
    for (size_t j = 0; j < n; j++) {
        x[j] = expf(x[j] - top);
        sum += x[j];
    }
    float by = (float)(1 / sum / (double)n);
    for (size_t j = 0; j < n; j++)
        x[j] *= by;
    x[i] -= 1.0f / (float)n;
    return log(sum) - (double)(own - top);
}

static void soften_part(struct grf_trainer *t, size_t first, size_t last)
{
    size_t n = (size_t)t->o.pairs;
    for (size_t i = first; i < last; i++)
        t->losses[i] = soften(t, t->scores + i * n, i) + soften(t, t->back + i * n, i);
}

/* The gradient of a unit vector becomes that of the sum it was made from. */
static void through_norm_part(struct grf_trainer *t, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        float *g = t->grad + i * t->dim;
        const float *u = t->unit + i * t->dim;
        double along = 0;
        for (size_t d = 0; d < t->dim; d++)
            along += (double)g[d] * u[d];
        float by = t->length[i] > 0 ? 1 / t->length[i] : 0, a = (float)along;
        for (size_t d = 0; d < t->dim; d++)
            g[d] = (g[d] - a * u[d]) * by;
    }
}

static void products(struct grf_trainer *t)
{
    int n = t->o.pairs, dim = t->o.dim;
    float sharp = 1 / t->o.temperature;
    float *q = t->unit, *p = t->unit + (size_t)n * t->dim;
    grf_sgemm(false, true, n, n, dim, sharp, q, p, 0, t->scores);
    grf_sgemm(false, true, n, n, dim, sharp, p, q, 0, t->back);
}

static void gradients(struct grf_trainer *t)
{
    int n = t->o.pairs, dim = t->o.dim;
    float half = 0.5f / t->o.temperature;
    float *q = t->unit, *p = t->unit + (size_t)n * t->dim;
    float *gq = t->grad, *gp = t->grad + (size_t)n * t->dim;
    grf_sgemm(false, false, n, dim, n, half, t->scores, p, 0, gq);
    grf_sgemm(true, false, n, dim, n, half, t->back, p, 1, gq);
    grf_sgemm(true, false, n, dim, n, half, t->scores, q, 0, gp);
    grf_sgemm(false, false, n, dim, n, half, t->back, q, 1, gp);
}

/* For each row the texts it occurs in, by counting. */
static void find_occurrences(struct grf_trainer *t)
{
    uint32_t *begin = t->begin;
    memset(begin, 0, (t->n_rows + 1) * sizeof(*begin));
    for (size_t i = 0; i < t->texts; i++)
        for (uint32_t k = 0; k < t->batch.lengths[i]; k++)
            begin[t->batch.rows[i * GRF_TRAIN_PASSAGE_MAX + k] + 1]++;
    for (size_t w = 0; w < t->n_rows; w++) {
        t->seen[w] += begin[w + 1];
        begin[w + 1] += begin[w];
    }
    for (size_t i = 0; i < t->texts; i++)
        for (uint32_t k = 0; k < t->batch.lengths[i]; k++)
            t->where[begin[t->batch.rows[i * GRF_TRAIN_PASSAGE_MAX + k]]++] = (uint32_t)i;
    memmove(begin + 1, begin, t->n_rows * sizeof(*begin)); // each had moved to its end
    begin[0] = 0;
}

static void move_row(struct grf_trainer *t, size_t row, const float *restrict g)
{
    float *restrict x = t->table + row * t->dim;
    float *restrict m = t->m + row * t->dim, *restrict v = t->v + row * t->dim;
    double n = t->step + 1;
    float rate = t->o.rate * (1 - (float)t->step / (float)t->o.steps);
    float fix_m = (float)(1 / (1 - pow(0.9, n))),
          fix_v = (float)(1 / (1 - pow(0.999, n)));
    for (size_t d = 0; d < t->dim; d++) {
        m[d] = 0.9f * m[d] + 0.1f * g[d];
        v[d] = 0.999f * v[d] + 0.001f * g[d] * g[d];
        x[d] -= rate * m[d] * fix_m / (sqrtf(v[d] * fix_v) + 1e-8f);
    }
}

static void move_part(struct grf_trainer *t, size_t first, size_t last)
{
    float g[GRF_TRAIN_DIM_MAX];
    for (size_t w = first; w < last; w++) {
        if (t->begin[w] == t->begin[w + 1])
            continue;
        memset(g, 0, t->dim * sizeof(*g));
        for (uint32_t k = t->begin[w]; k < t->begin[w + 1]; k++)
            add_to(g, t->grad + t->where[k] * t->dim, t->dim);
        move_row(t, w, g);
    }
}

/* Rows in parts of about equal work. */
static void move_rows(struct grf_trainer *t)
{
    size_t bounds[MAX_THREADS + 1] = {0}, w = 0;
    size_t n = (size_t)t->o.threads, all = t->begin[t->n_rows] + 4 * t->n_rows;
    for (size_t i = 1; i < n; i++) {
        while (w < t->n_rows && t->begin[w] + 4 * w < all * i / n)
            w++;
        bounds[i] = w;
    }
    bounds[n] = t->n_rows;
    run_parts(t, move_part, bounds);
}

grf_status grf_trainer_step(struct grf_trainer *t, int step, double *loss,
                            struct grf_err *err)
{
    size_t n = (size_t)t->o.pairs;
    t->step = step;
    run_evenly(t, draw_part, n);
    run_evenly(t, encode_part, t->texts);
    products(t);
    run_evenly(t, soften_part, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += t->losses[i];
    *loss = sum / 2 / (double)n;
    if (!isfinite(*loss))
        return grf_fail(err, GRF_INTERNAL,
                        _("training diverged at step %d; try a lower "
                          "--rate"),
                        step);
    gradients(t);
    run_evenly(t, through_norm_part, t->texts);
    find_occurrences(t);
    move_rows(t);
    return GRF_OK;
}

static void first_values(struct grf_trainer *t)
{
    uint64_t rnd = t->o.seed ^ 0x67726566666965u;
    for (size_t i = 0; i < t->n_rows * t->dim; i++) {
        // three uniform numbers make a fair bell
        float sum = 0;
        for (int k = 0; k < 3; k++)
            sum += (float)(grf_train_random(&rnd) >> 40) / (float)(1 << 24) - 0.5f;
        t->table[i] = 2 * sum * t->o.spread;
    }
}

grf_status grf_trainer_new(const struct grf_train_data *d, const struct grf_train_opts *o,
                           struct grf_trainer **out, struct grf_err *err)
{
    struct grf_trainer *t = grf_calloc(1, sizeof(*t));
    *out = NULL;
    if (!t)
        return grf_fail_nomem(err);
    t->data = d;
    t->o = *o;
    if (t->o.threads > MAX_THREADS)
        t->o.threads = MAX_THREADS;
    size_t pairs = (size_t)o->pairs;
    t->n_rows = d->vocab.n + d->families.n;
    t->dim = (size_t)o->dim;
    t->texts = 2 * pairs;
    t->table = grf_calloc(t->n_rows * t->dim, sizeof(float));
    t->m = grf_calloc(t->n_rows * t->dim, sizeof(float));
    t->v = grf_calloc(t->n_rows * t->dim, sizeof(float));
    t->seen = grf_calloc(t->n_rows, sizeof(*t->seen));
    t->unit = grf_calloc(t->texts * t->dim, sizeof(float));
    t->grad = grf_calloc(t->texts * t->dim, sizeof(float));
    t->length = grf_calloc(t->texts, sizeof(float));
    t->scores = grf_calloc(pairs * pairs, sizeof(float));
    t->back = grf_calloc(pairs * pairs, sizeof(float));
    t->losses = grf_calloc(pairs, sizeof(*t->losses));
    t->begin = grf_calloc(t->n_rows + 1, sizeof(*t->begin));
    t->where = grf_calloc(t->texts * GRF_TRAIN_PASSAGE_MAX, sizeof(*t->where));
    if (!t->table || !t->m || !t->v || !t->seen || !t->unit || !t->grad || !t->length ||
        !t->scores || !t->back || !t->losses || !t->begin || !t->where ||
        grf_batch_init(&t->batch, o->pairs, NULL) != GRF_OK) {
        grf_trainer_free(t);
        return grf_fail_nomem(err);
    }
    first_values(t);
    *out = t;
    return GRF_OK;
}

void grf_trainer_free(struct grf_trainer *t)
{
    if (!t)
        return;
    grf_batch_release(&t->batch);
    grf_free(t->table);
    grf_free(t->m);
    grf_free(t->v);
    grf_free(t->seen);
    grf_free(t->unit);
    grf_free(t->grad);
    grf_free(t->length);
    grf_free(t->scores);
    grf_free(t->back);
    grf_free(t->losses);
    grf_free(t->begin);
    grf_free(t->where);
    grf_free(t);
}

const float *grf_trainer_table(const struct grf_trainer *t)
{
    return t->table;
}

const uint32_t *grf_trainer_seen(const struct grf_trainer *t)
{
    return t->seen;
}

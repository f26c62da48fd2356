/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The static model: writing, reading back, damaged files, memory running out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_container.h"
#include "grf_embed.h"
#include "grf_embed_format.h"
#include "grf_mem.h"

enum { DIM = 32, WORDS = 5 };

static char dir[] = "/tmp/grf-test-embed-XXXXXX";
static char path[64];

static const char *const names[WORDS] = {"#year", "cantine", "conseil", "ecole", "vote"};

/* Word i points along axis i, ten times shorter for "conseil". */
static void make_table(struct grf_sv *words, float *rows)
{
    memset(rows, 0, WORDS * DIM * sizeof(*rows));
    for (size_t i = 0; i < WORDS; i++) {
        words[i] = grf_sv_z(names[i]);
        rows[i * DIM + i] = i == 2 ? 0.1f : 1.0f;
    }
}

static void write_model(void)
{
    struct grf_sv words[WORDS];
    float rows[WORDS * DIM];
    struct grf_err err = GRF_ERR_INIT;
    make_table(words, rows);
    assert_int_equal(grf_embed_write(path, words, rows, WORDS, DIM, &err), GRF_OK);
}

static struct grf_embedder *open_model(void)
{
    struct grf_embedder *e = NULL;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_embed_open_static(path, &e, &err), GRF_OK);
    return e;
}

static void embed(struct grf_embedder *e, const char *text, float out[DIM])
{
    struct grf_sv t = grf_sv_z(text);
    assert_int_equal(grf_embed_texts(e, &t, 1, out, NULL), GRF_OK);
}

static double length(const float v[DIM])
{
    double sum = 0;
    for (size_t d = 0; d < DIM; d++)
        sum += (double)v[d] * v[d];
    return sqrt(sum);
}

static void test_one_word(void **state)
{
    (void)state;
    write_model();
    struct grf_embedder *e = open_model();
    float v[DIM];
    assert_int_equal(grf_embed_dim(e), DIM);
    assert_non_null(strstr(grf_embed_fingerprint(e), "dim=32"));
    embed(e, "La CANTINE !", v);
    assert_true(v[1] == 1.0f);
    embed(e, "à l’École", v);
    assert_true(v[3] == 1.0f);
    embed(e, "en 2019", v);
    assert_true(v[0] == 1.0f);
    grf_embed_close(e);
}

static void test_mean_keeps_weights(void **state)
{
    (void)state;
    write_model();
    struct grf_embedder *e = open_model();
    float v[DIM];
    embed(e, "conseil, école, cantine", v);
    assert_true(fabs(length(v) - 1) < 1e-6);
    assert_true(v[1] == v[3]);
    assert_true(fabsf(v[2] / v[1] - 0.1f) < 0.001f);
    grf_embed_close(e);
}

static void test_nothing_known(void **state)
{
    (void)state;
    write_model();
    struct grf_embedder *e = open_model();
    const char *const texts[] = {"", "zzz", "!!!", "12"};
    float v[DIM];
    for (size_t i = 0; i < GRF_ARRAY_LEN(texts); i++) {
        embed(e, texts[i], v);
        assert_true(length(v) == 0);
    }
    assert_int_equal(grf_embed_texts(e, NULL, 0, NULL, NULL), GRF_OK);
    grf_embed_close(e);
    grf_embed_close(NULL);
}

/* More words than one whole-number sum holds. */
static void test_long_text(void **state)
{
    (void)state;
    write_model();
    struct grf_embedder *e = open_model();
    struct grf_str s;
    float v[DIM];
    grf_str_init(&s, 1 << 20);
    for (int i = 0; i < 20000; i++)
        grf_str_addz(&s, i % 2 ? "vote " : "cantine ");
    embed(e, s.p, v);
    assert_true(fabsf(v[1] - 0.70710678f) < 1e-6f && v[1] == v[4]);
    grf_str_release(&s);
    grf_embed_close(e);
}

static void test_batch_is_each(void **state)
{
    (void)state;
    write_model();
    struct grf_embedder *e = open_model();
    struct grf_sv texts[] = {grf_sv_z("vote"), grf_sv_z("rien"), grf_sv_z("école vote")};
    float all[3 * DIM], one[DIM];
    assert_int_equal(grf_embed_texts(e, texts, 3, all, NULL), GRF_OK);
    for (size_t i = 0; i < 3; i++) {
        embed(e, texts[i].p, one);
        assert_memory_equal(one, all + i * DIM, sizeof(one));
    }
    grf_embed_close(e);
}

static void test_families(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"7", "#1"},           {"29", "#2"},
        {"120", "#3"},         {"2121", "#4"},
        {"2019", "#year"},     {"1901", "#year"},
        {"34120", "#5"},       {"1234567890", "#5"},
        {"mairie", "~mairie"}, {"mairies", "~mairie"},
        {"a", "~a"},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        const char *norm = cases[i][0];
        char out[GRF_EMBED_FAMILY_MAX];
        struct grf_sv key = grf_embed_family(grf_sv_z(norm), norm[0] <= '9', out);
        assert_int_equal(key.n, strlen(cases[i][1]));
        assert_memory_equal(key.p, cases[i][1], key.n);
    }
}

/* A word that the table lacks is understood by its family. */
static void test_unknown_word(void **state)
{
    (void)state;
    struct grf_sv words[WORDS];
    float rows[WORDS * DIM];
    make_table(words, rows);
    words[4] = grf_sv_z("~restau");
    assert_int_equal(grf_embed_write(path, words, rows, WORDS, DIM, NULL), GRF_OK);
    struct grf_embedder *e = open_model();
    float v[DIM];
    embed(e, "les restaurateurs", v);
    assert_true(v[4] == 1.0f);
    embed(e, "restes", v);
    assert_true(length(v) == 0);
    grf_embed_close(e);
}

static void test_fingerprint_follows_values(void **state)
{
    (void)state;
    struct grf_sv words[WORDS];
    float rows[WORDS * DIM];
    char first[256];
    write_model();
    struct grf_embedder *e = open_model();
    snprintf(first, sizeof(first), "%s", grf_embed_fingerprint(e));
    grf_embed_close(e);
    make_table(words, rows);
    rows[DIM + 5] = 0.5f;
    assert_int_equal(grf_embed_write(path, words, rows, WORDS, DIM, NULL), GRF_OK);
    e = open_model();
    assert_string_not_equal(first, grf_embed_fingerprint(e));
    grf_embed_close(e);
}

static void test_write_limits(void **state)
{
    (void)state;
    struct grf_sv words[WORDS];
    float rows[WORDS * DIM];
    struct grf_err err = GRF_ERR_INIT;
    make_table(words, rows);
    assert_int_equal(grf_embed_write(path, words, rows, 0, DIM, &err), GRF_INVALID);
    assert_int_equal(grf_embed_write(path, words, rows, WORDS, 0, &err), GRF_INVALID);
    assert_int_equal(grf_embed_write(path, words, rows, WORDS, 20, &err), GRF_INVALID);
    assert_int_equal(grf_embed_write(path, words, rows, WORDS, 2048, &err), GRF_INVALID);
    memset(rows, 0, sizeof(rows)); // a table of nothing is no reason to divide by zero
    assert_int_equal(grf_embed_write(path, words, rows, WORDS, DIM, &err), GRF_OK);
    struct grf_embedder *e = open_model();
    embed(e, "vote", rows);
    assert_true(length(rows) == 0);
    grf_embed_close(e);
}

static grf_status try_open(const char *p)
{
    struct grf_embedder *e = (struct grf_embedder *)&e;
    struct grf_err err = GRF_ERR_INIT;
    grf_status s = grf_embed_open_static(p, &e, &err);
    if (s == GRF_OK) {
        struct grf_sv t = grf_sv_z("le vote de la cantine à l'école en 2019");
        float v[GRF_EMBED_MAX_DIM];
        assert_int_equal(grf_embed_texts(e, &t, 1, v, NULL), GRF_OK);
        grf_embed_close(e);
    } else {
        assert_null(e);
        assert_int_equal(err.code, s);
    }
    return s;
}

static void test_missing(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(try_open("/nonexistent/x.grfm"), GRF_NOTFOUND);
    assert_int_equal(grf_embed_check("/nonexistent/x.grfm", &err), GRF_NOTFOUND);
}

/* The payload of the good model, changed by the caller and written again as a
   container whose checksum is right. */
static void write_payload(const void *p, size_t n)
{
    struct grf_sv piece = grf_sv(p, n);
    assert_int_equal(grf_container_write(path, GRF_EMBED_KIND, 0, "x", &piece, 1, NULL),
                     GRF_OK);
}

static char *good_payload(size_t *n)
{
    struct grf_container c;
    write_model();
    assert_int_equal(grf_container_open(&c, path, GRF_EMBED_KIND, true, NULL), GRF_OK);
    char *p = grf_alloc(c.payload.n);
    assert_non_null(p);
    memcpy(p, c.payload.p, c.payload.n);
    *n = c.payload.n;
    grf_container_close(&c);
    return p;
}

static void test_other_versions(void **state)
{
    (void)state;
    size_t n;
    char *p = good_payload(&n);
    struct grf_embed_head *h = (struct grf_embed_head *)(void *)p;
    h->format++;
    write_payload(p, n);
    assert_int_equal(try_open(path), GRF_VERSION);
    h->format--;
    h->text_version++;
    write_payload(p, n);
    assert_int_equal(try_open(path), GRF_VERSION);
    grf_free(p);
}

/* Any byte of the head or the tables may lie: opening or embedding must survive, and
   the full check must not call it sound when the tables are wrong. */
static void test_lying_bytes(void **state)
{
    (void)state;
    size_t n;
    char *p = good_payload(&n);
    struct grf_embed_head h;
    memcpy(&h, p, sizeof(h));
    static const LargestIntegralType verdicts[] = {GRF_OK, GRF_CORRUPT, GRF_VERSION};
    static const unsigned char lies[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < h.rows; at += at < sizeof(h) ? 1 : 3) {
        char keep = p[at];
        for (size_t k = 0; k < sizeof(lies); k++) {
            p[at] = (char)lies[k];
            write_payload(p, n);
            (void)try_open(path);
            assert_in_set(grf_embed_check(path, NULL), verdicts, GRF_ARRAY_LEN(verdicts));
        }
        p[at] = keep;
    }
    p[h.starts + 4] ^= 1; // the first word is a byte longer
    write_payload(p, n);
    assert_int_equal(grf_embed_check(path, NULL), GRF_CORRUPT);
    grf_free(p);
}

static void test_truncated(void **state)
{
    (void)state;
    size_t n;
    char *p = good_payload(&n);
    for (size_t cut = 0; cut < n; cut += 37) {
        write_payload(p, cut);
        assert_int_equal(try_open(path), GRF_CORRUPT);
    }
    write_model();
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(try_open(path), GRF_CORRUPT);
    grf_free(p);
}

static void test_check(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    write_model();
    assert_int_equal(grf_embed_check(path, &err), GRF_OK);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, -1, SEEK_END), 0);
    assert_int_equal(fputc(0x55, f), 0x55);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(grf_embed_check(path, &err), GRF_CORRUPT);
    assert_int_equal(try_open(path), GRF_OK); // a query does not read all
}

static void test_no_memory(void **state)
{
    (void)state;
    write_model();
    bool opened = false;
    for (uint64_t nth = 1; nth < 50 && !opened; nth++) {
        struct grf_embedder *e;
        struct grf_err err = GRF_ERR_INIT;
        grf_mem_fail_at(nth, 0);
        grf_status s = grf_embed_open_static(path, &e, &err);
        grf_mem_fail_at(0, 0);
        opened = s == GRF_OK;
        assert_true(opened || (s == GRF_NOMEM && e == NULL));
        grf_embed_close(e);
    }
    assert_true(opened);
    struct grf_sv words[WORDS];
    float rows[WORDS * DIM];
    make_table(words, rows);
    grf_mem_fail_at(1, 0);
    grf_status s = grf_embed_write(path, words, rows, WORDS, DIM, NULL);
    grf_mem_fail_at(0, 0);
    assert_int_equal(s, GRF_NOMEM);
}

/* The lightest word comes first; vectors and name are what they were. */
static void test_arranged(void **state)
{
    (void)state;
    static const char text[] = "conseil, école, cantine, 2019";
    write_model();
    struct grf_embedder *e = open_model();
    char name[128];
    float before[DIM], after[DIM];
    snprintf(name, sizeof(name), "%s", grf_embed_fingerprint(e));
    embed(e, text, before);
    grf_embed_close(e);
    assert_int_equal(grf_embed_arrange(path, path, NULL), GRF_OK);
    assert_int_equal(grf_embed_check(path, NULL), GRF_OK);
    e = open_model();
    assert_string_equal(grf_embed_fingerprint(e), name);
    embed(e, text, after);
    assert_memory_equal(before, after, sizeof(before));
    grf_embed_close(e);
    struct grf_container c;
    struct grf_embed_head h;
    assert_int_equal(grf_container_open(&c, path, GRF_EMBED_KIND, true, NULL), GRF_OK);
    memcpy(&h, c.payload.p, sizeof(h));
    assert_memory_equal(c.payload.p + h.pool, "conseil#year", strlen("conseil#year"));
    grf_container_close(&c);
}

static void test_arrange_fails(void **state)
{
    (void)state;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_embed_arrange("/nonexistent/x.grfm", path, &err), GRF_NOTFOUND);
    write_model();
    grf_status st = GRF_NOMEM;
    for (uint64_t i = 1; st != GRF_OK && i < 1000; i++) {
        grf_mem_fail_at(i, 0);
        st = grf_embed_arrange(path, path, NULL);
        grf_mem_fail_at(0, 0);
        assert_true(st == GRF_OK || st == GRF_NOMEM);
    }
    assert_int_equal(st, GRF_OK);
    assert_int_equal(grf_embed_check(path, NULL), GRF_OK);
}

/* The model that comes with greffier: sound, and closer to what is meant than to what
   only looks alike. */
static void test_shipped_model(void **state)
{
    (void)state;
    static const char shipped[] = "corpora/models/greffier-fr.grfm";
    if (access(shipped, R_OK) != 0)
        return; // not in this tree
    struct grf_err err = GRF_ERR_INIT;
    struct grf_embedder *e = NULL;
    assert_int_equal(grf_embed_check(shipped, &err), GRF_OK);
    assert_int_equal(grf_embed_open_static(shipped, &e, &err), GRF_OK);
    int dim = grf_embed_dim(e);
    struct grf_sv t[] = {
        grf_sv_z("combien coûte le repas des enfants à midi à l'école ?"),
        grf_sv_z("tarifs de la restauration scolaire pour l'année"),
        grf_sv_z("les enfants de l'école ont planté un arbre à midi"),
    };
    float *v = grf_calloc(3 * (size_t)dim, sizeof(*v));
    assert_non_null(v);
    assert_int_equal(grf_embed_texts(e, t, 3, v, &err), GRF_OK);
    double near = 0, far = 0;
    for (int d = 0; d < dim; d++) {
        near += (double)v[d] * v[dim + d];
        far += (double)v[d] * v[2 * dim + d];
    }
    assert_true(near > far);
    grf_free(v);
    grf_embed_close(e);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/m.grfm", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_word),
        cmocka_unit_test(test_mean_keeps_weights),
        cmocka_unit_test(test_nothing_known),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_batch_is_each),
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_unknown_word),
        cmocka_unit_test(test_fingerprint_follows_values),
        cmocka_unit_test(test_write_limits),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_other_versions),
        cmocka_unit_test(test_lying_bytes),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_arranged),
        cmocka_unit_test(test_arrange_fails),
        cmocka_unit_test(test_shipped_model),
    };
    return cmocka_run_group_tests_name("embed", tests, set_up, tear_down);
}

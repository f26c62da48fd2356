/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: defaults, every key, wrong lines named by their number, hostile files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "grf_conf.h"
#include "grf_i18n.h"
#include "grf_mem.h"

static char file[] = "/tmp/grf-conf-XXXXXX";

static void write_file(const char *text, size_t n)
{
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static grf_status load(struct grf_conf *c, const char *text, struct grf_err *err)
{
    write_file(text, strlen(text));
    return grf_conf_load(c, file, err);
}

static void defaults(void **state)
{
    (void)state;
    struct grf_conf c;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(grf_conf_load(&c, NULL, &err), GRF_OK);
    assert_null(c.model_path);
    assert_null(c.endpoint_url);
    assert_int_equal(c.endpoint_batch, 32);
    assert_int_equal(c.endpoint_timeout_ms, 30000);
    assert_false(c.endpoint_remote);
    assert_null(c.rerank_url);
    assert_int_equal(c.rerank_top, 30);
    assert_int_equal(c.rerank_timeout_ms, 5000);
    assert_false(c.rerank_remote);
    assert_int_equal(c.worker_memory_mb, 1024);
    assert_int_equal(c.worker_seconds, 120);
    assert_int_equal(c.worker_pages, 5000);
    assert_int_equal(c.max_file_mb, 200);
    grf_conf_release(&c);
    grf_conf_release(&c); // twice is fine
}

static void every_key(void **state)
{
    (void)state;
    struct grf_conf c;
    struct grf_err err = GRF_ERR_INIT;
    grf_status s = load(&c,
                        "\xEF\xBB\xBF; settings\n"
                        "[model]\n"
                        "path = /m.grfm\n"
                        "endpoint = http://127.0.0.1:11434/v1/embeddings\n"
                        "name: bge-m3\n"
                        "key-file = /k\r\n"
                        "dimension=1024\nbatch = 8\ntimeout = 5\nallow-remote = Yes\n"
                        "# the reader\n"
                        "[worker]\n"
                        "memory = 512\ntime = 60\npages = 100\nfile-size = 50\n",
                        &err);
    assert_string_equal(err.msg, "");
    assert_int_equal(s, GRF_OK);
    assert_string_equal(c.model_path, "/m.grfm");
    assert_string_equal(c.endpoint_url, "http://127.0.0.1:11434/v1/embeddings");
    assert_string_equal(c.endpoint_model, "bge-m3");
    assert_string_equal(c.endpoint_key, "/k");
    assert_int_equal(c.endpoint_dim, 1024);
    assert_int_equal(c.endpoint_batch, 8);
    assert_int_equal(c.endpoint_timeout_ms, 5000);
    assert_true(c.endpoint_remote);
    assert_int_equal(c.worker_memory_mb, 512);
    assert_int_equal(c.worker_seconds, 60);
    assert_int_equal(c.worker_pages, 100);
    assert_int_equal(c.max_file_mb, 50);
    grf_conf_release(&c);
}

static void paths_are_relative_to_the_file(void **state)
{
    (void)state;
    struct grf_conf c;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(load(&c, "[model]\npath = m/x.grfm\nname = a/b\n", &err), GRF_OK);
    assert_string_equal(c.model_path, "/tmp/m/x.grfm");
    assert_string_equal(c.endpoint_model, "a/b"); // a name is no path
    grf_conf_release(&c);
}

static void wrong_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        grf_status status;
        const char *said;
    } cases[] = {
        {"[model]\nname = x\ncolour = red\n", GRF_INVALID, "line 3: unknown setting 'colour'"},
        {"name = x\n", GRF_INVALID, "line 1: unknown setting 'name' in section []"},
        {"[models]\nname = x\n", GRF_INVALID, "line 2"},
        {"[worker]\nmemory = 12\n", GRF_INVALID, "from 64 to"},
        {"[worker]\nmemory = lots\n", GRF_INVALID, "memory = lots"},
        {"[worker]\nmemory = 99999999999999999999\n", GRF_INVALID, "line 2"},
        {"[worker]\npages =\n", GRF_INVALID, "pages ="},
        {"[model]\nallow-remote = maybe\n", GRF_INVALID, "yes or no"},
        {"[model]\npath =\n", GRF_INVALID, "no value"},
        {"[model]\nbatch = 8\nbatch = 9\n", GRF_INVALID, "line 3: batch is given twice"},
        {"[model]\npath = a\n  b\n", GRF_INVALID, "given twice"}, // a continuation line
        {"[model\nname = x\n", GRF_PARSE, "line 1: neither"},
        {"[model]\njust words\ncolour = red\n", GRF_PARSE, "line 2: neither"},
        {"[model]\ncolour = red\njust words\n", GRF_INVALID, "line 2: unknown"},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct grf_conf c;
        struct grf_err err = GRF_ERR_INIT;
        assert_int_equal(load(&c, cases[i].text, &err), cases[i].status);
        if (!strstr(err.msg, cases[i].said) || !strstr(err.msg, file))
            fail_msg("case %zu: '%s' not in '%s'", i, cases[i].said, err.msg);
        assert_null(c.model_path); // released
    }
}

static void hostile_files(void **state)
{
    (void)state;
    struct grf_conf c;
    struct grf_err err = GRF_ERR_INIT;
    static char big[1100000];
    memset(big, ';', sizeof(big));
    write_file(big, sizeof(big));
    assert_int_equal(grf_conf_load(&c, file, &err), GRF_LIMIT);
    // a long line whose tail would be a setting of its own if it were cut
    memset(big, 'x', 300);
    memcpy(big, ";", 1);
    memcpy(big + 250, "\0", 1);
    write_file(big, 250);
    assert_int_equal(grf_conf_load(&c, file, &err), GRF_PARSE);
    assert_non_null(strstr(err.msg, "line 1: longer than 196 bytes"));
    write_file("[model]\nname = a\0b\n", 19);
    assert_int_equal(grf_conf_load(&c, file, &err), GRF_PARSE);
    write_file("", 0);
    assert_int_equal(grf_conf_load(&c, file, &err), GRF_OK);
    grf_conf_release(&c);
    assert_int_equal(grf_conf_load(&c, "/tmp/no-such-dir/x.conf", &err), GRF_NOTFOUND);
    assert_non_null(strstr(err.msg, "no-such-dir"));
    assert_int_not_equal(grf_conf_load(&c, "/tmp", &err), GRF_OK);
}

static void no_memory(void **state)
{
    (void)state;
    const char *text = "[model]\npath = rel\nname = n\nkey-file = k\n"
                       "[source a]\nkind = folder\npath = x\ninclude = a b\n";
    write_file(text, strlen(text));
    uint64_t nth = 1;
    for (;; nth++) {
        struct grf_conf c;
        struct grf_err err = GRF_ERR_INIT;
        (void)grf_mem_fail_at(nth, 0);
        grf_status s = grf_conf_load(&c, file, &err);
        (void)grf_mem_fail_at(0, 0);
        if (s == GRF_OK) {
            grf_conf_release(&c);
            break;
        }
        assert_int_equal(s, GRF_NOMEM);
        assert_null(c.model_path);
        assert_true(nth < 50);
    }
    assert_true(nth > 4);
}

static void own_files(void **state)
{
    (void)state;
    setenv("GREFFIER_DATA", "/data", 1);
    char *p = grf_data_path("models/x.grfm");
    assert_string_equal(p, "/data/models/x.grfm");
    grf_free(p);
    unsetenv("GREFFIER_DATA");
    // this test stands in build/MODE/tests: the source tree's corpora/ is found
    p = grf_data_path("typeset.c");
    assert_non_null(strstr(p, "/corpora/typeset.c"));
    assert_int_equal(access(p, R_OK), 0);
    grf_free(p);
    p = grf_data_path("no/such/thing");
    assert_non_null(strstr(p, "/share/greffier/no/such/thing"));
    grf_free(p);
    p = grf_helper_path("tests/test_conf");
    assert_int_equal(access(p, X_OK), 0);
    grf_free(p);
    p = grf_helper_path("no-such-helper");
    assert_non_null(strstr(p, "/libexec/greffier/no-such-helper"));
    grf_free(p);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file);
}

static void sources(void **state)
{
    (void)state;
    struct grf_conf c;
    struct grf_err err = GRF_ERR_INIT;
    assert_int_equal(load(&c,
                          "[run]\nmail = dgs@mairie.example\nocr-minutes = 30\n"
                          "[source mairie]\nkind = page\nurl = https://mairie.example/actes\n"
                          "body = Mairie de Courvanne\nvisibility = interne\n"
                          "include = *delib* *.pdf\ninclude = *arrete*\nschedule = weekly\n"
                          "recheck = 3\nrobots = non\n"
                          "[source depot]\nkind = folder\npath = actes\n",
                          &err),
                     GRF_OK);
    assert_string_equal(err.msg, "");
    assert_string_equal(c.mail, "dgs@mairie.example");
    assert_int_equal(c.ocr_minutes, 30);
    assert_int_equal(c.absent_after, 3);
    assert_int_equal(c.n_sources, 2);
    const struct grf_source *s = &c.sources[0];
    assert_string_equal(s->name, "mairie");
    assert_int_equal(s->kind, GRF_SOURCE_PAGE);
    assert_int_equal(s->line, 4);
    assert_int_equal(s->internal, 1);
    assert_int_equal(s->include.n, 3);
    assert_string_equal(s->include.v[2], "*arrete*");
    assert_int_equal(s->schedule, 7);
    assert_int_equal(s->recheck, 3);
    assert_false(s->robots);
    assert_int_equal(s->file_mb, 100);
    assert_int_equal(c.sources[1].kind, GRF_SOURCE_FOLDER);
    assert_string_equal(c.sources[1].path, "/tmp/actes");
    assert_true(c.sources[1].robots);
    grf_conf_release(&c);
}

static void wrong_sources(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"[source a]\nkind = page\nurl = http://x/\n[source a]\nkind = folder\n",
         "line 5: [source a] is there already, at line 1"},
        {"[source a]\nkind = pages\n", "line 2: kind = pages: one of these"},
        {"\n[source a]\nurl = http://x/\n", "line 2: [source a]: kind"},
        {"[source a]\nkind = page\nurl = ftp://x/\n", "line 1: [source a]: url"},
        {"[source a]\nkind = page\npath = /x\n", "line 1: [source a]: kind page has a url"},
        {"[source a]\nkind = folder\nurl = http://x/\n", "line 1: [source a]: a folder"},
        {"[source a]\nkind = folder\npath = x\ncolour = 1\n",
         "line 4: unknown setting 'colour' in section [source a]"},
        {"[source a b]\nkind = page\n", "line 2: [source a b]: a name"},
        {"[source ../x]\nkind = page\n", "line 2: [source ../x]: a name"},
        {"[source a]\nschedule = often\n", "line 2: schedule = often"},
        {"[source a]\nkind = page\nkind = page\n", "line 3: kind is given twice"},
        {"[source aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\nkind = page\n",
         "line 1: the section's name"},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct grf_conf c;
        struct grf_err err = GRF_ERR_INIT;
        assert_true(load(&c, cases[i].text, &err) != GRF_OK);
        if (!strstr(err.msg, cases[i].said))
            fail_msg("'%s' is not in '%s'", cases[i].said, err.msg);
    }
}

struct shown {
    int n, from_file, sources;
};

static void count_shown(void *data, const char *section, const char *source,
                        const char *key, const char *value, int line)
{
    struct shown *s = data;
    s->n++;
    s->from_file += line > 0;
    s->sources += source != NULL;
    assert_non_null(value);
    if (strcmp(section, "run") == 0 && strcmp(key, "delay") == 0) {
        assert_string_equal(value, "7");
        assert_int_equal(line, 2);
    }
}

static void every_setting_is_shown(void **state)
{
    (void)state;
    struct grf_conf c;
    struct grf_err err = GRF_ERR_INIT;
    struct shown s = {0, 0, 0};
    assert_int_equal(load(&c,
                          "[run]\ndelay = 7\n[source a]\nkind = folder\npath = x\n"
                          "include = a b\n",
                          &err),
                     GRF_OK);
    grf_conf_each(&c, count_shown, &s);
    assert_int_equal(s.from_file, 5);
    assert_true(s.sources > 10 && s.n > s.sources + 10);
    grf_conf_release(&c);
}

static void where_it_is_found(void **state)
{
    (void)state;
    char dir[] = "/tmp/grf-conf-find-XXXXXX", *found = NULL, path[64];
    struct grf_err err = GRF_ERR_INIT;
    assert_non_null(mkdtemp(dir));
    unsetenv("GREFFIER_CONFIG");
    snprintf(path, sizeof(path), "%s/greffier.conf", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(grf_conf_find(dir, &found, &err), GRF_OK);
    assert_string_equal(found, path);
    grf_free(found);
    setenv("GREFFIER_CONFIG", "/named/x.conf", 1);
    assert_int_equal(grf_conf_find(dir, &found, &err), GRF_OK);
    assert_string_equal(found, "/named/x.conf");
    grf_free(found);
    unsetenv("GREFFIER_CONFIG");
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    setenv("LANGUAGE", "en", 1);
    int fd = mkstemp(file);
    if (fd < 0)
        return 1;
    close(fd);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_key),
        cmocka_unit_test(paths_are_relative_to_the_file),
        cmocka_unit_test(wrong_lines_are_named),
        cmocka_unit_test(hostile_files),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(own_files),
        cmocka_unit_test(sources),
        cmocka_unit_test(wrong_sources),
        cmocka_unit_test(every_setting_is_shown),
        cmocka_unit_test(where_it_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, remove_file);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts made small, and bases of the format that kept them as they are. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../../lib/sql.h"
#include "grf_file.h"
#include "grf_mem.h"
#include "grf_meta.h"
#include "grf_squeeze.h"
#include "scratch_dir.h"

#define TEXT                                                                              \
    "Le conseil municipal, après en avoir délibéré à l'unanimité, décide de fixer le"    \
    " tarif de la cantine à trois euros, et autorise Madame le Maire à signer."

static void round_trip(struct grf_squeezer **q, struct grf_sv text, size_t most)
{
    struct grf_str packed, back;
    grf_str_init(&packed, 1 << 20);
    grf_str_init(&back, 1 << 20);
    assert_int_equal(grf_squeeze(q, text, &packed, NULL), GRF_OK);
    assert_true(packed.n <= most);
    assert_int_equal(grf_unsqueeze(q, grf_str_sv(&packed), &back, NULL), GRF_OK);
    assert_int_equal(back.n, text.n);
    assert_memory_equal(back.p, text.p, text.n);
    grf_str_release(&packed);
    grf_str_release(&back);
}

static void test_round(void **state)
{
    struct grf_squeezer *q = NULL;
    char noise[999];
    uint32_t dice = 1;
    (void)state;
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)((dice = dice * 1664525 + 1013904223) >> 24);
    round_trip(&q, grf_sv("", 0), 1);
    round_trip(&q, grf_sv("a", 1), 2);
    round_trip(&q, grf_sv(noise, sizeof(noise)), sizeof(noise) + 1);
    round_trip(&q, grf_sv_z(TEXT), sizeof(TEXT) / 2);
    round_trip(&q, grf_sv_z(TEXT TEXT TEXT), sizeof(TEXT) / 2);
    grf_squeezer_free(q);
    grf_squeezer_free(NULL);
}

/* What was stored once is read for ever: these bytes are of the first greffier that squeezed. */
static void test_stays_readable(void **state)
{
    static const char stored[] =
        "\x01\x28\xb5\x2f\xfd\x20\xa1\xbd\x01\x00\x60\x4c\x74\xc3\xa0\x20\x73\x69\x67\x6e"
        "\x65\x72\x2e\x0e\xf0\x59\xe9\x08\x66\xfa\x46\x2d\x26\x6d\xb6\x6d\x51\xb7\x28\x4f"
        "\xa5\x8c\x30\xa3\x57\x50\x43\x3a\x77\x48\x6a\xd9\x79\x1a\x91\x8c\x27\x2e\xf9\x9e"
        "\x87\x24\x4c\xfc\x02";
    struct grf_squeezer *q = NULL;
    struct grf_str back;
    (void)state;
    grf_str_init(&back, 1 << 16);
    assert_int_equal(grf_unsqueeze(&q, grf_sv(stored, sizeof(stored) - 1), &back, NULL), GRF_OK);
    assert_string_equal(back.p, TEXT);
    grf_str_release(&back);
    grf_squeezer_free(q);
}

static void test_damaged(void **state)
{
    struct grf_squeezer *q = NULL;
    struct grf_str packed, back;
    (void)state;
    grf_str_init(&packed, 1 << 16);
    grf_str_init(&back, 1 << 16);
    assert_int_equal(grf_squeeze(&q, grf_sv_z(TEXT TEXT), &packed, NULL), GRF_OK);
    for (size_t n = 0; n < packed.n; n++) {
        assert_int_equal(grf_unsqueeze(&q, grf_sv(packed.p, n), &back, NULL), GRF_CORRUPT);
        assert_int_equal(back.n, 0);
    }
    for (size_t i = 1; i < packed.n; i++) { /* each bit: never a crash, nor more than it says */
        packed.p[i] = (char)(packed.p[i] ^ 1 << i % 8);
        grf_status st = grf_unsqueeze(&q, grf_str_sv(&packed), &back, NULL);
        assert_true(st == GRF_OK || st == GRF_CORRUPT);
        packed.p[i] = (char)(packed.p[i] ^ 1 << i % 8);
        grf_str_clear(&back);
    }
    packed.p[0] = 9;
    assert_int_equal(grf_unsqueeze(&q, grf_str_sv(&packed), &back, NULL), GRF_VERSION);
    packed.p[0] = 1;
    back.max = 20; /* a text longer than may be */
    assert_int_equal(grf_unsqueeze(&q, grf_str_sv(&packed), &back, NULL), GRF_CORRUPT);
    grf_str_release(&packed);
    grf_str_release(&back);
    grf_squeezer_free(q);
}

static void test_no_memory(void **state)
{
    struct grf_str packed;
    (void)state;
    grf_str_init(&packed, 1 << 16);
    for (unsigned long n = 1, failed = 1; failed; n++) {
        struct grf_squeezer *q = NULL;
        grf_mem_fail_at(n, false);
        grf_status st = grf_squeeze(&q, grf_sv_z(TEXT), &packed, NULL);
        failed = st == GRF_NOMEM;
        grf_mem_fail_at(0, false);
        assert_true(failed || st == GRF_OK);
        grf_squeezer_free(q);
        grf_str_release(&packed);
    }
}

/* ---- bases of earlier formats */

/* The tables that are other ones today, as format 3 had them. */
static const char tables_3[] =
    "PRAGMA foreign_keys=0; DROP TABLE page; DROP TABLE location; DROP TABLE reference;"
    "DROP TABLE passage; DROP TABLE document; DROP TABLE cited;"
    "CREATE TABLE document("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE,"
    " key TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, n_pages INTEGER NOT NULL,"
    " title TEXT NOT NULL, state INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " added_at TEXT NOT NULL) STRICT;"
    "CREATE TABLE location("
    " path TEXT PRIMARY KEY, rel TEXT NOT NULL, body TEXT, url TEXT,"
    " document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,"
    " seen_at TEXT NOT NULL) STRICT;"
    "CREATE INDEX location_document ON location(document_id);"
    "CREATE INDEX location_rel ON location(rel);"
    "CREATE TABLE page("
    " document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,"
    " number INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL,"
    " rotation INTEGER NOT NULL, state INTEGER NOT NULL, text BLOB NOT NULL,"
    " words BLOB NOT NULL, PRIMARY KEY(document_id, number)) STRICT;"
    "CREATE TABLE passage("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " act_id INTEGER NOT NULL REFERENCES act(id) ON DELETE CASCADE,"
    " document_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, page INTEGER NOT NULL,"
    " start INTEGER NOT NULL, stop INTEGER NOT NULL, part INTEGER NOT NULL,"
    " generation INTEGER NOT NULL, UNIQUE(act_id, ordinal)) STRICT;"
    "CREATE INDEX passage_document ON passage(document_id);"
    "CREATE INDEX passage_generation ON passage(generation);"
    "CREATE TABLE vector("
    " passage_id INTEGER PRIMARY KEY REFERENCES passage(id) ON DELETE CASCADE,"
    " data BLOB NOT NULL) STRICT;";

static const char references_3[] =
    "CREATE TABLE reference("
    " id INTEGER PRIMARY KEY,"
    " act_id INTEGER NOT NULL REFERENCES act(id) ON DELETE CASCADE,"
    " page INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,"
    " key TEXT NOT NULL, canon TEXT NOT NULL, to_canon TEXT,"
    " confidence REAL NOT NULL, flags INTEGER NOT NULL) STRICT;"
    "CREATE INDEX reference_act ON reference(act_id);"
    "CREATE INDEX reference_key ON reference(key);"
    "CREATE INDEX reference_range ON reference(key) WHERE to_canon IS NOT NULL;"
    "INSERT INTO reference VALUES(5,3,1,10,19,'cgct/l2121-29','CGCT/L2121-29',NULL,"
    " 0.9599999785423279,8),(6,3,2,4,9,'cgct/l2121-29','CGCT/L2121-29','CGCT/L2121-31',"
    " 0.3959999978542328,0),(9,3,2,30,40,'loi/83-634','loi/83-634',NULL,0.7321,0);";

#define SHA "3fa4c1d2e5b60718293a4b5c6d7e8f903fa4c1d2e5b60718293a4b5c6d7e8f90"

static const char rows_3[] =
    "INSERT INTO document VALUES(7,'" SHA "','3fa4c1d2e5b6',9,2,'titre',1,1,"
    " '2024-01-31T04:00:12Z');"
    "INSERT INTO location VALUES('/acts/a/b.pdf','a/b.pdf','Corte',NULL,7,'2024-01-31T04:00:12Z'),"
    " ('https://x.test/1','elsewhere.pdf',NULL,'https://x.test/1',7,'2024-01-31T04:00:12Z');"
    "INSERT INTO act(id,document_id,ordinal,kind,matter_confidence,first_page,first_char,"
    " last_page,last_char) VALUES(3,7,1,1,0.5,1,0,1,4);"
    "INSERT INTO passage VALUES(11,3,7,1,1,0,4,1,1),(12,3,7,2,1,2,4,1,4);"
    "INSERT INTO vector VALUES(11,x'00');"
    "UPDATE sqlite_sequence SET seq=99 WHERE name='passage';"
    "UPDATE setting SET value='3' WHERE key='format';";

static const char pages_3[] =
    "INSERT INTO page VALUES(7,1,595.2755737304688,842.0,90,1,x'0061622063',x'03');"
    "INSERT INTO page VALUES(7,2,595.0,842.0,0,3,x'00',x'03');";

static const char pages_1[] =
    "INSERT INTO page VALUES(7,1,595.0,842.0,90,1,CAST('ab c' AS BLOB),"
    "x'0102000200142814140101000600" "0a14');"
    "INSERT INTO page VALUES(7,2,595.0,842.0,0,3,x'',x'0200');"
    "UPDATE setting SET value='1' WHERE key='format';";

static void make_before(const char *path, bool references, const char *pages)
{
    struct grf_meta *m;
    struct sql_db *db;
    assert_int_equal(grf_meta_open(path, true, &m, NULL), GRF_OK);
    grf_meta_close(m);
    assert_int_equal(sql_open(path, true, &db, NULL), GRF_OK);
    assert_int_equal(sql_script(db, tables_3, NULL), GRF_OK);
    if (references)
        assert_int_equal(sql_script(db, references_3, NULL), GRF_OK);
    assert_int_equal(sql_script(db, rows_3, NULL), GRF_OK);
    assert_int_equal(sql_script(db, pages, NULL), GRF_OK);
    sql_close(db);
}

static void check_rows_of_before(struct grf_meta *m)
{
    struct grf_doc_row d;
    struct grf_passage_row p;
    int64_t id;
    grf_key_kind kind;
    assert_int_equal(grf_meta_doc(m, 7, &d, NULL), GRF_OK);
    assert_string_equal(d.key, "3fa4c1d2e5b6");
    assert_string_equal(d.sha256, SHA);
    assert_string_equal(d.added, "2024-01-31T04:00:12Z");
    assert_string_equal(d.path, "/acts/a/b.pdf");
    assert_string_equal(d.rel, "a/b.pdf");
    grf_doc_row_release(&d);
    static const char *const keys[] = {SHA,       "3fa4c1d2e5b6",     "/acts/a/b.pdf",
                                       "a/b.pdf", "https://x.test/1", "elsewhere.pdf"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(keys); i++) {
        assert_int_equal(grf_meta_resolve(m, keys[i], &kind, &id, NULL), GRF_OK);
        assert_int_equal(kind, GRF_KEY_DOC);
    }
    static const char *const none[] = {"3fa4c1d2e5b", "3fa4c1d2e5b60", "b.pdf", "3FA4C1D2E5B6",
                                       "", "zz", SHA "0"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(none); i++) {
        assert_int_equal(grf_meta_resolve(m, none[i], &kind, &id, NULL), GRF_OK);
        assert_int_equal(kind, GRF_KEY_NONE);
    }
    assert_int_equal(grf_meta_resolve(m, "3fa4c1d2e5b6.1.2", &kind, &id, NULL), GRF_OK);
    assert_int_equal(id, 12);
    assert_int_equal(grf_meta_passage(m, 12, &p, NULL), GRF_OK);
    assert_string_equal(p.key, "3fa4c1d2e5b6.1.2");
    assert_int_equal(p.doc_id, 7);
    assert_int_equal(p.generation, 4);
    assert_int_equal(grf_meta_last_passage(m, &id, NULL), GRF_OK);
    assert_int_equal(id, 99); /* never given twice */
}

static void check_references_of_before(struct grf_meta *m)
{
    struct grf_act act;
    grf_act_init(&act);
    assert_int_equal(grf_meta_act_refs(m, 3, &act, NULL), GRF_OK);
    assert_int_equal(act.n_refs, 3);
    assert_string_equal(act.refs[1].canon, "CGCT/L2121-29");
    assert_string_equal(act.refs[1].to, "CGCT/L2121-31");
    assert_int_equal(act.refs[1].start, 4);
    assert_int_equal(act.refs[1].end, 9);
    assert_true(act.refs[0].confidence == 0.96F);
    assert_true(act.refs[1].confidence == 0.396F);
    assert_true(act.refs[2].confidence == 0.7321F);
    grf_free(act.refs);
}

static void check_page_of_before(struct grf_meta *m)
{
    struct grf_page p;
    grf_page_init(&p);
    assert_int_equal(grf_meta_page(m, 7, 1, true, &p, NULL), GRF_OK);
    assert_string_equal(p.text.p, "ab c");
    assert_int_equal(p.rotation, 90);
    assert_int_equal(p.n_words, 2);
    assert_int_equal(p.words[1].start, 3);
    assert_true(p.words[1].box.x1 > 2.7F && p.words[1].box.x1 < 2.9F);
    assert_int_equal(grf_meta_page(m, 7, 2, true, &p, NULL), GRF_OK);
    assert_int_equal(p.text.n, 0);
    assert_int_equal(p.state, GRF_TEXT_STAMP);
    assert_int_equal(p.n_words, 0);
    grf_page_release(&p);
}

static void test_format_1(void **state)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_meta *m;
    (void)state;
    char *path = grf_path_join(dir, "greffier.db");
    make_before(path, false, pages_1);
    assert_int_equal(grf_meta_open(path, false, &m, &err), GRF_VERSION);
    assert_non_null(strstr(err.msg, "greffier-index rebuild"));
    assert_int_equal(grf_meta_open(path, true, &m, NULL), GRF_OK);
    check_page_of_before(m);
    check_rows_of_before(m);
    grf_meta_close(m);
    assert_int_equal(grf_meta_open(path, false, &m, NULL), GRF_OK);
    check_page_of_before(m);
    assert_int_equal(grf_meta_check(m, NULL), GRF_OK);
    grf_meta_close(m);
    grf_free(path);
}

/* Without memory the base stays what it was, and is read later. */
static void test_format_1_no_memory(void **state)
{
    struct grf_meta *m;
    (void)state;
    char *path = grf_path_join(dir, "greffier.db");
    make_before(path, true, pages_1);
    for (unsigned long n = 1;; n++) {
        grf_mem_fail_at(n, false);
        grf_status st = grf_meta_open(path, true, &m, NULL);
        grf_mem_fail_at(0, false);
        if (!st)
            break;
        assert_int_equal(st, GRF_NOMEM);
        assert_null(m);
    }
    check_page_of_before(m);
    check_rows_of_before(m);
    check_references_of_before(m);
    grf_meta_close(m);
    grf_free(path);
}

static void test_format_3(void **state)
{
    struct grf_meta *m;
    struct grf_page p;
    (void)state;
    char *path = grf_path_join(dir, "greffier.db");
    make_before(path, true, pages_3);
    assert_int_equal(grf_meta_open(path, true, &m, NULL), GRF_OK);
    check_rows_of_before(m);
    check_references_of_before(m);
    grf_page_init(&p);
    assert_int_equal(grf_meta_page(m, 7, 1, false, &p, NULL), GRF_OK);
    assert_string_equal(p.text.p, "ab c");
    assert_true(p.width == 595.2755737304688F);
    grf_page_release(&p);
    assert_int_equal(grf_meta_check(m, NULL), GRF_OK);
    grf_meta_close(m);
    grf_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_stays_readable),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test_setup_teardown(test_format_1, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(test_format_1_no_memory, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(test_format_3, make_dir, drop_dir),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

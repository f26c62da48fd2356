/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists that web sites publish: each form, as sites write it and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "../../indexer/listing.h"
#include "../../indexer/xmltree.h"
#include "grf_mem.h"

static grf_status read_z(grf_source_kind kind, const char *text, struct listing *l,
                         struct grf_err *err)
{
    listing_init(l);
    return listing_read(kind, grf_sv_z(text), NULL, l, err);
}

/* The entry with this href; fails when there is none. */
static const struct listed *at(const struct listing *l, const char *href)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->v[i].href && strcmp(l->v[i].href, href) == 0)
            return &l->v[i];
    }
    fail_msg("%s is not listed", href);
    return NULL;
}

static void must(grf_source_kind kind, const char *text, struct listing *l)
{
    struct grf_err err = GRF_ERR_INIT;
    if (read_z(kind, text, l, &err))
        fail_msg("%s", err.msg);
}

/* ---- pages */

static void page_links(void **state)
{
    (void)state;
    struct listing l;
    must(GRF_SOURCE_PAGE,
              "<html><head><base href='/actes/'><link rel=stylesheet href=x.css>"
              "<link rel='next' href='?p=3'></head><body>"
              "<p><A HREF=\" 2024/delib%201.pdf \">Délib. 1</a>"
              "<a href='telecharger?id=4&amp;f=pdf' type=application/pdf>l'arrêté</a>"
              "<a href='#haut'>haut</a><a name=x>rien</a><a href=''>vide</a>"
              "<a href='?p=2'><span>Page</span> suivante &rsaquo;</a>"
              "<a href='?p=9' title='Aller à la page suivante'><img src=f.png></a>"
              "<a href='?p=5' class=pager>&raquo;</a>"
              "<a href='/mentions'>Suivant les cas, voir ici</a>"
              "<iframe src='visionneuse/pv.pdf'></iframe>"
              "<a href='unclosed.pdf'>",
              &l);
    assert_string_equal(l.base, "/actes/");
    assert_false(at(&l, "2024/delib%201.pdf")->next);
    assert_true(at(&l, "telecharger?id=4&f=pdf")->document);
    assert_true(at(&l, "?p=2")->next);
    assert_true(at(&l, "?p=3")->next);
    assert_true(at(&l, "?p=5")->next);
    assert_true(at(&l, "?p=9")->next);
    assert_false(at(&l, "/mentions")->next);
    (void)at(&l, "visionneuse/pv.pdf");
    (void)at(&l, "unclosed.pdf");
    assert_int_equal(l.n, 9);
    listing_release(&l);
}

static void looks(void **state)
{
    (void)state;
    assert_true(listing_looks_pdf("https://x.fr/a.PDF"));
    assert_true(listing_looks_pdf("https://x.fr/a.pdf?v=2"));
    assert_true(listing_looks_pdf("https://x.fr/get?file=a.pdf&x=1"));
    assert_true(listing_looks_pdf("https://x.fr/a.pdf/download"));
    assert_false(listing_looks_pdf("https://x.pdfs.fr/a.html"));
    assert_false(listing_looks_pdf("https://x.fr/pdf"));
}

/* ---- feeds */

static void rss(void **state)
{
    (void)state;
    struct listing l;
    must(GRF_SOURCE_FEED,
              "<?xml version='1.0'?><rss version='2.0' "
              "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
              "<link>https://m.fr/</link>"
              "<item><title>a</title><link> https://m.fr/a </link>"
              "<pubDate>Mon, 01 Jan 2024 00:00:00 +0100</pubDate>"
              "<enclosure url='https://m.fr/a.pdf' type='application/pdf' length='3'/></item>"
              "<item><link>https://m.fr/b</link><content:encoded><![CDATA[<p>lire "
              "<a href=\"/up/b.pdf\">ici</a> <a href='/tag/x'>x</a></p>]]></content:encoded></item>"
              "</channel></rss>",
              &l);
    assert_int_equal(l.n, 4);
    assert_string_equal(at(&l, "https://m.fr/a")->hint, "Mon, 01 Jan 2024 00:00:00 +0100");
    assert_true(at(&l, "https://m.fr/a.pdf")->document);
    assert_null(at(&l, "/up/b.pdf")->hint);
    assert_null(l.fault);
    listing_release(&l);
}

static void atom(void **state)
{
    (void)state;
    struct listing l;
    must(GRF_SOURCE_FEED,
              "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='self' href='/f'/>"
              "<link rel='next' href='/f?2'/><entry><updated>2024-02-01T00:00:00Z</updated>"
              "<link rel='enclosure' type='application/pdf' href='a?id=1'/>"
              "<link rel='edit' href='/edit'/><link href='/a'/></entry></feed>",
              &l);
    assert_int_equal(l.n, 3);
    assert_true(at(&l, "/f?2")->next);
    assert_true(at(&l, "a?id=1")->document);
    assert_string_equal(at(&l, "/a")->hint, "2024-02-01T00:00:00Z");
    listing_release(&l);
}

static void broken_rss(void **state)
{
    (void)state;
    struct listing l;
    struct grf_err err = GRF_ERR_INIT;
    must(GRF_SOURCE_FEED,
              "<rss><channel><item><link>http://m.fr/a.pdf</link></item>"
              "<item><title>eau & assainissement</title><link>http://m.fr/b.pdf</link></item>"
              "<item><link>http://m.fr/c",
              &l);
    assert_non_null(l.fault);
    (void)at(&l, "http://m.fr/a.pdf");
    (void)at(&l, "http://m.fr/b.pdf");
    listing_release(&l);
    assert_int_equal(read_z(GRF_SOURCE_FEED, "<html><body>maintenance</body></html>", &l, &err),
                     GRF_PARSE);
    assert_non_null(strstr(err.msg, "<html>"));
    listing_release(&l);
    assert_int_equal(read_z(GRF_SOURCE_FEED, "", &l, &err), GRF_PARSE);
    listing_release(&l);
}

/* Entities that would grow without end, and one that names a file, stay what they are. */
static void hostile_xml(void **state)
{
    (void)state;
    struct listing l;
    struct grf_err err = GRF_ERR_INIT;
    grf_status st = read_z(
        GRF_SOURCE_FEED,
        "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;'>"
        "<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        "<rss><item><link>http://m.fr/&d;&f;</link></item></rss>",
        &l, &err);
    if (st == GRF_OK) {
        for (size_t i = 0; i < l.n; i++) {
            assert_true(strlen(l.v[i].href) < HREF_MOST);
            assert_null(strstr(l.v[i].href, "root"));
        }
    }
    listing_release(&l);
    struct grf_str deep;
    grf_str_init(&deep, 4 << 20);
    for (int i = 0; i < 100000; i++)
        grf_str_addz(&deep, "<b>");
    assert_int_equal(read_z(GRF_SOURCE_SITEMAP, deep.p, &l, &err), GRF_PARSE);
    listing_release(&l);
    grf_str_addz(&deep, "<a href='x.pdf'>x");
    st = read_z(GRF_SOURCE_PAGE, deep.p, &l, &err); // either way, no crash
    listing_release(&l);
    grf_str_release(&deep);
}

/* ---- sitemaps */

static void sitemap(void **state)
{
    (void)state;
    struct listing l;
    must(GRF_SOURCE_SITEMAP,
              "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>"
              "<loc>https://m.fr/a.pdf</loc><lastmod>2024-01-02</lastmod></url>"
              "<url><loc>https://m.fr/b?x=1&amp;y=2</loc></url></urlset>",
              &l);
    assert_int_equal(l.n, 2);
    assert_string_equal(at(&l, "https://m.fr/a.pdf")->hint, "2024-01-02");
    assert_null(at(&l, "https://m.fr/b?x=1&y=2")->hint);
    listing_release(&l);
    must(GRF_SOURCE_SITEMAP,
              "<sitemapindex><sitemap><loc>https://m.fr/s1.xml.gz</loc></sitemap></sitemapindex>",
              &l);
    assert_true(at(&l, "https://m.fr/s1.xml.gz")->next);
    listing_release(&l);
    must(GRF_SOURCE_SITEMAP, "https://m.fr/a.pdf\r\n\nhttps://m.fr/b.pdf \n", &l);
    assert_int_equal(l.n, 2);
    (void)at(&l, "https://m.fr/b.pdf");
    listing_release(&l);
}

static void gzip(void **state)
{
    (void)state;
    /* printf 'https://m.fr/a.pdf\n' | gzip -n */
    static const unsigned char packed[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x28,
        0x29, 0x29, 0x28, 0xb6, 0xd2, 0xd7, 0xcf, 0xd5, 0x4b, 0x2b, 0xd2, 0x4f,
        0xd4, 0x2b, 0x48, 0x49, 0xe3, 0x02, 0x00, 0xa1, 0xc7, 0xb3, 0x5a, 0x13,
        0x00, 0x00, 0x00};
    struct listing l;
    struct grf_err err = GRF_ERR_INIT;
    listing_init(&l);
    grf_status st = listing_read(GRF_SOURCE_SITEMAP, grf_sv((const char *)packed, sizeof packed),
                                 NULL, &l, &err);
    if (st)
        fail_msg("%s", err.msg);
    (void)at(&l, "https://m.fr/a.pdf");
    listing_release(&l);
    st = listing_read(GRF_SOURCE_SITEMAP, grf_sv((const char *)packed, 20), NULL, &l, &err);
    assert_true(st == GRF_CORRUPT || st == GRF_PARSE);
    listing_release(&l);
}

/* ---- SCDL */

static void scdl(void **state)
{
    (void)state;
    struct listing l;
    must(GRF_SOURCE_SCDL,
              "\xEF\xBB\xBF" "COLL_NOM;COLL_SIRET;DELIB_ID;DELIB_DATE;DELIB_OBJET;DELIB_URL\r\n"
              "Courvanne;1;2024-01;2024-03-01;\"Prix de la \"\"cantine\"\"; hausse\r\nnette\";"
              "https://m.fr/1.pdf\r\n"
              "Courvanne;1;2024-02;02/03/2024;École;\r\n"
              "\r\n;;;;;\r\nCourvanne;1;;2024-03-01;sans rien;\r\n"
              "Courvanne;1;2024-03;31/31/2024;x;ftp://m.fr/3.pdf",
              &l);
    assert_int_equal(l.n, 3);
    assert_int_equal(l.bad_rows, 1);
    const struct listed *x = at(&l, "https://m.fr/1.pdf");
    assert_string_equal(x->number, "2024-01");
    assert_string_equal(x->date, "2024-03-01");
    assert_string_equal(x->subject, "Prix de la \"cantine\"; hausse\r\nnette");
    assert_true(x->document);
    assert_null(l.v[1].href);
    assert_string_equal(l.v[1].date, "2024-03-02");
    assert_null(l.v[2].href);
    assert_null(l.v[2].date);
    listing_release(&l);
}

static void scdl_latin1_and_commas(void **state)
{
    (void)state;
    struct listing l;
    struct grf_err err = GRF_ERR_INIT;
    must(GRF_SOURCE_SCDL,
              "DELIB_URL,DELIB_OBJET,DELIB_ID\n"
              "http://m.fr/1.pdf,\xC9" "cole \x96 \"travaux\",12\nhttp://m.fr/2.pdf,\"jamais fermé",
              &l);
    assert_int_equal(l.n, 2);
    assert_string_equal(l.v[0].subject, "École – \"travaux\"");
    listing_release(&l);
    assert_int_equal(read_z(GRF_SOURCE_SCDL, "<html><body>erreur</body></html>", &l, &err),
                     GRF_PARSE);
    listing_release(&l);
    assert_int_equal(read_z(GRF_SOURCE_SCDL, "", &l, &err), GRF_PARSE);
    listing_release(&l);
}

/* ---- OAI-PMH, data.gouv.fr */

static void oai(void **state)
{
    (void)state;
    struct listing l;
    struct grf_err err = GRF_ERR_INIT;
    must(GRF_SOURCE_OAI,
              "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>"
              "<record><header><identifier>oai:x:1</identifier><datestamp>2024-01-01</datestamp>"
              "</header><metadata><oai_dc:dc xmlns:oai_dc='o' xmlns:dc='d'>"
              "<dc:identifier>cote 12</dc:identifier>"
              "<dc:identifier>https://a.fr/1.pdf</dc:identifier></oai_dc:dc></metadata></record>"
              "<record><header status='deleted'/><metadata><dc><identifier>https://a.fr/2.pdf"
              "</identifier></dc></metadata></record>"
              "<resumptionToken cursor='0'> a/b&amp;c </resumptionToken>"
              "</ListRecords></OAI-PMH>",
              &l);
    assert_int_equal(l.n, 2);
    assert_string_equal(at(&l, "https://a.fr/1.pdf")->hint, "2024-01-01");
    assert_true(at(&l, "?verb=ListRecords&resumptionToken=a%2Fb%26c")->next);
    listing_release(&l);
    must(GRF_SOURCE_OAI, "<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>", &l);
    assert_int_equal(l.n, 0);
    listing_release(&l);
    assert_int_equal(
        read_z(GRF_SOURCE_OAI,
               "<OAI-PMH><error code='badResumptionToken'>too old</error></OAI-PMH>", &l, &err),
        GRF_PARSE);
    assert_non_null(strstr(err.msg, "badResumptionToken: too old"));
    listing_release(&l);
}

static void datagouv(void **state)
{
    (void)state;
    struct listing l;
    struct grf_err err = GRF_ERR_INIT;
    must(GRF_SOURCE_DATAGOUV,
              "{\"title\":\"actes\",\"resources\":[{\"url\":\"https://d.fr/r/1\",\"format\":\"pdf\","
              "\"last_modified\":\"2024-01-01\",\"checksum\":{\"type\":\"sha1\",\"value\":\"ab\"}},"
              "{\"url\":\"https://d.fr/x.csv\",\"format\":\"csv\"},{\"title\":\"none\"},3]}",
              &l);
    assert_int_equal(l.n, 2);
    assert_true(at(&l, "https://d.fr/r/1")->document);
    assert_string_equal(at(&l, "https://d.fr/r/1")->hint, "2024-01-01 ab");
    listing_release(&l);
    must(GRF_SOURCE_DATAGOUV,
              "{\"data\":[{\"url\":\"https://d.fr/1.pdf\"}],\"next_page\":\"https://d.fr/?p=2\"}",
              &l);
    assert_true(at(&l, "https://d.fr/?p=2")->next);
    listing_release(&l);
    assert_int_equal(read_z(GRF_SOURCE_DATAGOUV, "{\"message\":\"404\"}", &l, &err), GRF_PARSE);
    listing_release(&l);
    assert_int_equal(read_z(GRF_SOURCE_DATAGOUV, "<html>", &l, &err), GRF_PARSE);
    listing_release(&l);
}

/* ---- memory */

static const char *const samples[] = {
    "<a href='x.pdf'>x</a><a href='?2'>suivant</a>",
    "<rss><item><link>http://m.fr/a.pdf</link><description>&lt;a href='b.pdf'></description>"
    "</item>",
    "<urlset><url><loc>http://m.fr/a.pdf</loc><lastmod>1</lastmod></url></urlset>",
    "DELIB_ID;DELIB_OBJET\n1;\xE9\n",
    "<OAI-PMH><ListRecords><resumptionToken>1</resumptionToken></ListRecords></OAI-PMH>",
    "{\"resources\":[{\"url\":\"http://m.fr/a.pdf\"}]}"};

static void no_memory(void **state)
{
    (void)state;
    static const grf_source_kind kinds[] = {GRF_SOURCE_PAGE, GRF_SOURCE_FEED,
                                            GRF_SOURCE_SITEMAP, GRF_SOURCE_SCDL,
                                            GRF_SOURCE_OAI, GRF_SOURCE_DATAGOUV};
    for (size_t k = 0; k < GRF_ARRAY_LEN(kinds); k++) {
        uint64_t nth = 1;
        for (;; nth++) {
            struct listing l;
            struct grf_err err = GRF_ERR_INIT;
            listing_init(&l);
            (void)grf_mem_fail_at(nth, 0);
            grf_status st = listing_read(kinds[k], grf_sv_z(samples[k]), NULL, &l, &err);
            (void)grf_mem_fail_at(0, 0);
            listing_release(&l);
            if (st == GRF_OK)
                break;
            if (st != GRF_NOMEM)
                fail_msg("kind %zu, %d: %s", k, (int)nth, err.msg);
            assert_true(nth < 200);
        }
        assert_true(nth > 1);
    }
}

/* Every form, cut short at each byte and with each byte spoilt. */
static void damaged(void **state)
{
    (void)state;
    for (size_t s = 0; s < GRF_ARRAY_LEN(samples); s++) {
        size_t n = strlen(samples[s]);
        char text[512];
        for (size_t i = 0; i < 2 * n; i++) {
            memcpy(text, samples[s], n);
            size_t used = i < n ? i : n;
            if (i >= n)
                text[i - n] = (char)(0x80 + i % 120);
            for (int kind = GRF_SOURCE_PAGE; kind <= GRF_SOURCE_DATAGOUV; kind++) {
                struct listing l;
                struct grf_err err = GRF_ERR_INIT;
                listing_init(&l);
                grf_status st = listing_read((grf_source_kind)kind, grf_sv(text, used), NULL,
                                             &l, &err);
                assert_true(st == GRF_OK || err.msg[0]);
                listing_release(&l);
            }
        }
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    setenv("LANGUAGE", "en", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_links), cmocka_unit_test(looks),
        cmocka_unit_test(rss),        cmocka_unit_test(atom),
        cmocka_unit_test(broken_rss), cmocka_unit_test(hostile_xml),
        cmocka_unit_test(sitemap),    cmocka_unit_test(gzip),
        cmocka_unit_test(scdl),       cmocka_unit_test(scdl_latin1_and_commas),
        cmocka_unit_test(oai),        cmocka_unit_test(datagouv),
        cmocka_unit_test(no_memory),  cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

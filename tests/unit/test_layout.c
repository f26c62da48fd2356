/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout on pages set by hand: one trait each, then hostile pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "grf_page.h"

#define MAX_WORDS 3000
#define GLYPH 0.5f /* a letter's width in font sizes */

struct sheet {
    struct grf_raw_page page;
    struct grf_raw_word words[MAX_WORDS];
};

static struct sheet *new_sheet(void)
{
    struct sheet *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->page.width = 600;
    s->page.height = 800;
    s->page.words = s->words;
    return s;
}

static void put_word(struct sheet *s, float x, float y, float size, uint8_t flags,
                     const char *text, size_t n)
{
    assert_true(s->page.n_words < MAX_WORDS);
    struct grf_raw_word *w = &s->words[s->page.n_words++];
    *w = (struct grf_raw_word){text, (uint32_t)n,
                               {x, y - 0.8f * size, x + GLYPH * size * (float)n, y + 0.2f * size},
                               size, flags, 100};
}

/* The words of a line from x on, baseline y; returns where it ends. */
static float put(struct sheet *s, float x, float y, float size, uint8_t flags,
                 const char *line)
{
    for (const char *p = line; *p;) {
        size_t n = strcspn(p, " ");
        if (n)
            put_word(s, x, y, size, flags, p, n);
        x += GLYPH * size * (float)(n + 1) - (p[n] ? 0 : GLYPH * size);
        p += n + (p[n] == ' ');
    }
    return x;
}

static struct grf_page lay(const struct sheet *s)
{
    struct grf_page p;
    grf_page_init(&p);
    assert_int_equal(grf_layout_document(&s->page, 1, &p, NULL), GRF_OK);
    return p;
}

/* What every page must hold: words and blocks in order, inside the text. */
static void check(const struct grf_page *p)
{
    uint32_t at = 0;
    for (size_t i = 0; i < p->n_words; i++) {
        assert_true(p->words[i].start >= at && p->words[i].end > p->words[i].start);
        at = p->words[i].end;
        assert_true(at <= p->text.n);
        assert_null(memchr(p->text.p + p->words[i].start, '\n',
                           p->words[i].end - p->words[i].start));
    }
    at = 0;
    for (size_t i = 0; i < p->n_blocks; i++) {
        assert_true(p->blocks[i].start >= at && p->blocks[i].end > p->blocks[i].start);
        at = p->blocks[i].end;
        assert_true(at <= p->text.n);
        if (i)
            assert_memory_equal(p->text.p + p->blocks[i].start - 2, "\n\n", 2);
    }
}

static const char full[] = "le conseil municipal de la commune reuni en salle de la mairie";

static void test_paragraphs(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 100, 10, 0, full);
    put(s, 50, 112, 10, 0, "a vote.");
    put(s, 50, 124, 10, 0, "Puis il a entendu le rapport du tresorier sur les comptes ap-");
    put(s, 50, 136, 10, 0, "prouve ensuite.");
    put(s, 50, 170, 10, 0, "Fin.");
    struct grf_page p = lay(s);
    check(&p);
    assert_int_equal(p.n_blocks, 3);
    assert_string_equal(p.text.p,
                        "le conseil municipal de la commune reuni en salle de la mairie\n"
                        "a vote.\n\n"
                        "Puis il a entendu le rapport du tresorier sur les comptes ap-\n"
                        "prouve ensuite.\n\nFin.");
    assert_int_equal(p.state, GRF_TEXT_NATIVE);
    grf_page_release(&p);
    free(s);
}

/* Words in any order of the file give the same text. */
static void test_file_order(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 112, 10, 0, "deuxieme ligne du texte;");
    put(s, 50, 100, 10, 0, "premiere ligne du texte");
    struct grf_raw_word w = s->words[0];
    s->words[0] = s->words[5];
    s->words[5] = w;
    struct grf_page p = lay(s);
    assert_string_equal(p.text.p, "premiere ligne du texte\ndeuxieme ligne du texte;");
    grf_page_release(&p);
    free(s);
}

static void put_margin(struct sheet *s)
{
    static const char *const margin[] = {"Extrait du", "registre des", "deliberations",
                                         "n° 2014 / 131"};
    for (int i = 0; i < 4; i++)
        put(s, 40, 103.5f + 15.3f * (float)i, 11, 0, margin[i]);
    for (int i = 0; i < 8; i++)
        put(s, 200, 100 + 12 * (float)i, 10, 0, full);
    put(s, 40, 250, 10, 0,
        "Le present acte est transmis au representant de l'Etat dans le departement");
}

static void test_margin(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put_margin(s);
    struct grf_page p = lay(s);
    check(&p);
    assert_int_equal(p.blocks[0].role, GRF_ROLE_MARGIN);
    assert_non_null(strstr(p.text.p, "deliberations\nn° 2014 / 131\n\nle conseil"));
    assert_int_equal(p.blocks[p.n_blocks - 1].role, GRF_ROLE_BODY);
    assert_non_null(strstr(p.text.p, "mairie\n\nLe present"));
    grf_page_release(&p);
    free(s);
}

static void test_two_columns(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    for (int i = 0; i < 9; i++) {
        float y = 100 + 12 * (float)i;
        put(s, 40, y, 10, 0,
            i ? "a gauche le texte suit son cours" : "GAUCHE debut de la colonne ici");
        put(s, 320, y, 10, 0,
            i ? "a droite un autre texte va ici" : "DROITE debut de la colonne ici");
    }
    struct grf_page p = lay(s);
    check(&p);
    assert_int_equal(p.blocks[0].role, GRF_ROLE_BODY);
    const char *right = strstr(p.text.p, "DROITE");
    assert_non_null(right);
    assert_null(strstr(right, "gauche"));
    grf_page_release(&p);
    free(s);
}

static void test_table(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    static const char *const label[] = {"Charges a caractere general", "Charges de personnel",
                                        "Autres charges de gestion", "Virement a la section"};
    static const char *const amount[] = {"12 000,00", "48 100,50", "3 400,00", "910,00"};
    for (int i = 0; i < 4; i++) {
        put(s, 50, 100 + 14 * (float)i, 10, 0, label[i]);
        put(s, 330, 100 + 14 * (float)i, 10, 0, amount[i]);
        put(s, 430, 100 + 14 * (float)i, 10, 0, "voté");
    }
    struct grf_page p = lay(s);
    check(&p);
    assert_int_equal(p.n_blocks, 4);
    assert_non_null(strstr(p.text.p, "Charges de personnel 48 100,50 voté\n\nAutres"));
    grf_page_release(&p);
    free(s);
}

/* The label takes two lines, the amount stands between them. */
static void test_table_tall_row(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    for (int i = 0; i < 3; i++) {
        float y = 100 + 40 * (float)i;
        put(s, 50, y, 10, 0, "Amis du jumelage et");
        put(s, 50, y + 11, 10, 0, "des langues");
        put(s, 330, y + 5.5f, 10, 0, "300 €");
        put(s, 430, y + 5.5f, 10, 0, "oui");
    }
    struct grf_page p = lay(s);
    check(&p);
    assert_int_equal(p.n_blocks, 3);
    assert_non_null(strstr(p.text.p, "Amis du jumelage et\ndes langues 300 € oui\n\nAmis"));
    grf_page_release(&p);
    free(s);
}

/* Cells of two rows nearly touch: what is one line's height apart belongs together, and
   each amount to its own label. */
static void test_table_dense_rows(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    static const char *const label[] = {"UNION DES DELEGUES", "DE L'EDUCATION DU", "DEPARTEMENT"};
    static const char *const amount[] = {"200 €", "750 €", "90 €"};
    for (int r = 0; r < 3; r++) {
        float y = 100 + 36 * (float)r;
        for (int i = 0; i < 3; i++)
            put(s, 80, y + 11.5f * (float)i, 10, 0, label[i]);
        put(s, 50, y + 11.5f, 10, 0, "1814");
        put(s, 330, y + 11.5f, 10, 0, amount[r]);
    }
    struct grf_page p = lay(s);
    check(&p);
    assert_int_equal(p.n_blocks, 3);
    assert_memory_equal(p.text.p + p.blocks[1].start,
                        "1814 UNION DES DELEGUES\nDE L'EDUCATION DU\nDEPARTEMENT 750 €",
                        strlen("1814 UNION DES DELEGUES\nDE L'EDUCATION DU\nDEPARTEMENT 750 €"));
    grf_page_release(&p);
    free(s);
}

/* All cells begin on one line, one has a blank line inside. */
static void test_table_top_aligned(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    static const char *const motive[] = {"Garde d'enfants", "Concours publics"};
    for (int r = 0; r < 2; r++) {
        float y = 100 + 60 * (float)r;
        put(s, 50, y, 10, 0, motive[r]);
        put(s, 200, y, 10, 0, "Un jour au plus");
        put(s, 350, y, 10, 0, "Enfant de moins de seize ans");
        put(s, 200, y + 12, 10, 0, "par agent");
        put(s, 350, y + 12, 10, 0, "ou sans limite");
        put(s, 350, y + 36, 10, 0, "Sur justificatif");
    }
    struct grf_page p = lay(s);
    check(&p);
    assert_int_equal(p.n_blocks, 2);
    assert_memory_equal(p.text.p, "Garde d'enfants Un jour au plus\npar agent Enfant de moins de "
                                  "seize ans\nou sans limite\nSur justificatif\n\nConcours", 99);
    grf_page_release(&p);
    free(s);
}

/* Words driven apart by justification are no cells. */
static void test_stretched_line(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 100, 10, 0, "AMENAGEMENT   DES   RIVES   DU   LAC   CHOIX   DU   18   JUIN");
    put(s, 50, 112, 10, 0, "PRESTATION DU RELEVE");
    put(s, 50, 140, 10, 0, "le conseil municipal de la commune reuni en salle de la vieille ville");
    struct grf_page p = lay(s);
    check(&p);
    assert_non_null(strstr(p.text.p, "RIVES DU LAC CHOIX DU 18 JUIN\nPRESTATION DU RELEVE\n\n"));
    assert_true(p.blocks[0].heading);
    grf_page_release(&p);
    free(s);
}

static void test_stamps(void **state)
{
    (void)state;
    static const char *const forms[2][4] = {
        {"Accusé de réception – Ministère de l’intérieur",
         "034-213401722-20140405-0000070899-DE", "Envoi Préfecture : 08/04/2014", ""},
        {"Envoyé en préfecture le 08/04/2014", "Reçu en préfecture le 08/04/2014",
         "Publié le 09/04/2014", "ID : 060-216004911-20250403-D2025_014-DE"}};
    for (int f = 0; f < 2; f++) {
        struct sheet *s = new_sheet();
        for (int i = 0; i < 4; i++)
            put(s, 380, 30 + 10 * (float)i, 8, 0, forms[f][i]);
        put(s, 50, 120, 11, 0, "Vu le code général des collectivités territoriales,");
        /* a sentence of the act that uses the stamp's words */
        put(s, 50, 700, 11, 0, "Publiée le : 05 février 2013");
        struct grf_page p = lay(s);
        check(&p);
        size_t stamped = 0;
        for (size_t i = 0; i < p.n_blocks; i++)
            if (p.blocks[i].role == GRF_ROLE_STAMP)
                stamped++;
        assert_true(stamped >= 1);
        assert_memory_equal(p.text.p, "Vu le code", 10);
        const char *stamp = strstr(p.text.p, forms[f][0]);
        assert_non_null(stamp);
        assert_non_null(strstr(stamp, f ? "060-216004911" : "034-213401722"));
        assert_null(strstr(stamp, "Publiée"));
        grf_page_release(&p);
        free(s);
    }
}

static void test_stamp_only(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    s->page.image_cover = 0.98f;
    put(s, 380, 30, 8, 0, "Envoyé en préfecture le 08/04/2014");
    put(s, 380, 40, 8, 0, "Reçu en préfecture le 08/04/2014");
    struct grf_page p = lay(s);
    assert_int_equal(p.state, GRF_TEXT_STAMP);
    grf_page_release(&p);
    s->page.n_words = 0;
    p = lay(s);
    assert_int_equal(p.state, GRF_TEXT_SCAN);
    grf_page_release(&p);
    s->page.image_cover = 0;
    p = lay(s);
    assert_int_equal(p.state, GRF_TEXT_NONE);
    assert_int_equal(p.text.n, 0);
    grf_page_release(&p);
    put(s, 50, 100, 10, GRF_WORD_INVISIBLE, full);
    s->page.image_cover = 1;
    p = lay(s);
    assert_int_equal(p.state, GRF_TEXT_LAYER);
    grf_page_release(&p);
    free(s);
}

/* A heading over a page image: the text is in the image. */
static void test_heading_over_scan(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 60, 10, GRF_WORD_BOLD, "2020-09-05 LOCATION DE LA SALLE DE MENIL-JEAN");
    put(s, 300, 780, 9, 0, "15");
    s->page.image_cover = 0.58f;
    struct grf_page p = lay(s);
    assert_int_equal(p.state, GRF_TEXT_SCAN);
    grf_page_release(&p);
    put(s, 50, 80, 10, 0, full);
    p = lay(s);
    assert_int_equal(p.state, GRF_TEXT_NATIVE);
    grf_page_release(&p);
    free(s);
}

/* Page numbers count; act numbers only look alike. */
static void test_running_lines(void **state)
{
    (void)state;
    static const char *const foot[] = {"Commune – Page 1 / 3", "Commune – Page 2 / 3",
                                       "Commune – Page 3 / 3"};
    static const char *const act[] = {"DELIBERATION N° 24", "DELIBERATION N° 31",
                                      "DELIBERATION N° 32"};
    struct grf_raw_page raw[3];
    struct grf_page pages[3];
    struct sheet *s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = new_sheet();
        put(s[i], 200, 30, 9, 0, "Valmont, séance du 20 décembre 2016");
        put(s[i], 50, 60, 12, GRF_WORD_BOLD, act[i == 2 ? 1 : i]);
        put(s[i], 50, 100, 10, 0, full); /* the same on all, further in */
        put(s[i], 50, 112, 10, 0, "a vote.");
        put(s[i], 250, 780, 9, 0, foot[i]);
        raw[i] = s[i]->page;
        grf_page_init(&pages[i]);
    }
    put(s[2], 164, 60, 12, GRF_WORD_BOLD, "bis");
    raw[2] = s[2]->page;
    assert_int_equal(grf_layout_document(raw, 3, pages, NULL), GRF_OK);
    for (int i = 0; i < 3; i++) {
        const struct grf_page *p = &pages[i];
        check(p);
        assert_int_equal(p->number, i + 1);
        assert_int_equal(p->blocks[0].role, GRF_ROLE_HEADER);
        assert_int_equal(p->blocks[1].role, GRF_ROLE_BODY);
        assert_true(p->blocks[1].heading);
        assert_int_equal(p->blocks[p->n_blocks - 1].role, GRF_ROLE_FOOTER);
        grf_page_release(&pages[i]);
        free(s[i]);
    }
}

/* On a page alone nothing repeats: the footer is known by the page's number. */
static void test_lone_footers(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        float y;
        bool footer;
    } cases[] = {
        {"Commune de Valmont – délibération n° 2018 / 38 – page 1/1", 780, true},
        {"Page 1 sur 2", 780, true},
        {"1/1", 780, true},
        {"- 3 -", 780, true},
        {"Mairie de Valmont 1/1", 780, true},
        {"Délibération n° 2018 / 38", 780, false},
        {"Publiée le 5 mai 2018", 780, false},
        {"3", 700, false},               /* not at the edge */
        {"- 30 -", 733, false},          /* too near the text */
        {"voir l'équipage 1", 780, false},
    };
    for (size_t i = 0; i < GRF_ARRAY_LEN(cases); i++) {
        struct sheet *s = new_sheet();
        put(s, 50, 100, 10, 0, full);
        put(s, 50, 722, 10, 0, full);
        put(s, 200, cases[i].y, 9, 0, cases[i].line);
        struct grf_page p = lay(s);
        check(&p);
        bool footer = p.blocks[p.n_blocks - 1].role == GRF_ROLE_FOOTER;
        if (footer != cases[i].footer)
            fail_msg("%s", cases[i].line);
        grf_page_release(&p);
        free(s);
    }
}

static void test_characters(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 100, 10, 0,
        "\xef\x82\xb7 plan \xef\xac\x81nancier coop\xc2\xad\xc3\xa9ration \xc2\xad dou\xc2\xad fin;");
    put(s, 200, 60, 14, GRF_WORD_BOLD, "D E L I B E R A T I O N");
    struct grf_page p = lay(s);
    check(&p);
    assert_string_equal(p.text.p, "DELIBERATION\n\n• plan financier coopération dou- fin;");
    assert_true(p.blocks[0].heading);
    assert_int_equal(p.n_words, 7);
    /* the joined word's box covers its letters */
    assert_true(p.words[0].box.x1 > 300);
    grf_page_release(&p);
    free(s);
}

/* Fonts that say R with acute for a dash, and arrows of symbol fonts. */
static void test_wrong_glyphs(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 100, 10, 0,
        "article L 2121 \xc5\x94 22, 2121\xc5\x94""22 enfin \xc5\x94, mais \xc5\x94ilina \xef\x83\xa8 suite");
    struct grf_page p = lay(s);
    assert_string_equal(p.text.p, "article L 2121 – 22, 2121–22 enfin –, mais \xc5\x94ilina → suite");
    grf_page_release(&p);
    free(s);
}

/* A narrow sign of three bytes is no vertical text; a word up the page's side is. */
static void test_vertical(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 100, 10, 0, "Caution 120 \xe2\x82\xac par jour et par salle pour tous");
    s->words[2].box.x1 = s->words[2].box.x0 + 3;
    put(s, 20, 300, 10, 0, "vertical");
    s->words[10].box = (struct grf_box){20, 300, 30, 360};
    struct grf_page p = lay(s);
    check(&p);
    assert_string_equal(p.text.p, "Caution 120 € par jour et par salle pour tous\n\nvertical");
    assert_int_equal(p.blocks[0].role, GRF_ROLE_BODY);
    assert_int_equal(p.blocks[1].role, GRF_ROLE_MARGIN);
    grf_page_release(&p);
    free(s);
}

static void test_lists(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put(s, 50, 100, 10, 0, "- DECIDE de voter les credits au budget de la commune ce jour");
    put(s, 58, 112, 10, 0, "pour la classe de neige;");
    put(s, 50, 124, 10, 0, "- DIT que la depense sera inscrite.");
    put(s, 50, 136, 10, 0, "1) autre point");
    struct grf_page p = lay(s);
    assert_int_equal(p.n_blocks, 3);
    grf_page_release(&p);
    free(s);
}

/* ---- hostile */

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

static void test_random_pages(void **state)
{
    (void)state;
    static const char *const bits[] = {"a", "12", "É", "\xef\x82\xb7", "\xc2\xad", "mot", "R 3",
                                       "\xff", "\xe2\x80", "034-213401722-20140405-1-DE"};
    uint32_t x = 7;
    struct sheet *s = new_sheet();
    for (int round = 0; round < 60; round++) {
        s->page.n_words = 0;
        s->page.height = round % 7 == 0 ? 0.001f : 800;
        size_t n = next_random(&x) % (round % 10 ? 300 : MAX_WORDS);
        for (size_t i = 0; i < n; i++) {
            const char *t = bits[next_random(&x) % GRF_ARRAY_LEN(bits)];
            put_word(s, (float)(next_random(&x) % 600), (float)(next_random(&x) % 800),
                     (float)(next_random(&x) % 40), (uint8_t)(next_random(&x) & 7), t, strlen(t));
            struct grf_box *b = &s->words[i].box;
            if (next_random(&x) % 20 == 0)
                *b = (struct grf_box){1e6f, -1e6f, 1e6f, -1e6f};
            else if (next_random(&x) % 20 == 0)
                b->y1 = b->y0 + 500; /* runs down the page */
        }
        struct grf_page p = lay(s);
        check(&p);
        grf_page_release(&p);
    }
    free(s);
}

static void test_too_many_words(void **state)
{
    (void)state;
    size_t n = 60000;
    struct grf_raw_word *words = calloc(n, sizeof *words);
    assert_non_null(words);
    for (size_t i = 0; i < n; i++) {
        float x = (float)(i % 100) * 5, y = (float)(i / 100);
        words[i] = (struct grf_raw_word){"mot", 3, {x, y, x + 4, y + 0.9f}, 1, 0, 100};
    }
    struct grf_raw_page raw = {.width = 600, .height = 800, .words = words, .n_words = n};
    struct grf_page p;
    grf_page_init(&p);
    assert_int_equal(grf_layout_document(&raw, 1, &p, NULL), GRF_OK);
    check(&p);
    assert_int_equal(p.n_words, n);
    grf_page_release(&p);
    free(words);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct sheet *s = new_sheet();
    put_margin(s);
    grf_mem_fail_at(0, 0);
    grf_status st = GRF_NOMEM;
    uint64_t n = 1;
    for (; st && n < 5000; n++) {
        struct grf_page p;
        struct grf_err err = GRF_ERR_INIT;
        grf_page_init(&p);
        grf_mem_fail_at(n, 1);
        st = grf_layout_document(&s->page, 1, &p, &err);
        grf_mem_fail_at(0, 0);
        grf_page_release(&p);
        assert_true(st == GRF_OK || (st == GRF_NOMEM && err.code == GRF_NOMEM));
    }
    assert_int_equal(st, GRF_OK);
    assert_true(n > 20);
    free(s);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paragraphs),    cmocka_unit_test(test_file_order),
        cmocka_unit_test(test_margin),        cmocka_unit_test(test_two_columns),
        cmocka_unit_test(test_table),         cmocka_unit_test(test_table_tall_row),
        cmocka_unit_test(test_table_dense_rows), cmocka_unit_test(test_table_top_aligned),
        cmocka_unit_test(test_stretched_line),
        cmocka_unit_test(test_stamps),        cmocka_unit_test(test_stamp_only),
        cmocka_unit_test(test_running_lines), cmocka_unit_test(test_characters),
        cmocka_unit_test(test_heading_over_scan),
        cmocka_unit_test(test_lone_footers), cmocka_unit_test(test_wrong_glyphs),
        cmocka_unit_test(test_lists),         cmocka_unit_test(test_vertical),
        cmocka_unit_test(test_random_pages),
        cmocka_unit_test(test_too_many_words), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

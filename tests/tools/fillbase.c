/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fillbase [--seed N] [--paragraphs N] --base DIR PASSAGES < VERSIONS.jsonl: fills a base
 * until it holds that many passages, through the library's own writer, so that growth can
 * be measured without a million PDFs. Run again with a larger number it goes on.
 *
 * Each document is one act of some pages: a head with body, date, number and subject,
 * visas, recitals and a decision, its text made of paragraphs of the "text" of the lines
 * read (articles of law). When every paragraph has been used, it comes again with words
 * replaced and other numbers, so that no two acts are alike; names are invented, so that
 * the vocabulary grows as it does in life. The nth document depends on the seed, n and
 * the lines read, on nothing else.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "grf_actrefs.h"
#include "grf_base.h"
#include "grf_jsonread.h"
#include "grf_mem.h"
#include "grf_progress.h"

enum {
    PARAGRAPH_LEAST = 60,
    PARAGRAPH_MOST = 1500,
    CHUNK = 12,         /* paragraphs of one act, one after another in the law */
    PAGE_LINES = 46,
    LINE_BYTES = 95,
    BATCH = 4000,       /* passages of one commit */
    READY = 16,         /* documents made ahead */
    TEXT_MOST = 1 << 20,
    STRIDE = 1000003,   /* a prime: chunks are taken from all over the law */
    REPLACED = 7,       /* words in a hundred, where a paragraph comes again */
    NAMED = 4           /* names in a thousand words, likewise */
};

static const char batch_setting[] = "fillbase.next";

struct made {
    struct grf_page *pages;
    size_t n_pages;
    struct grf_acts acts;
    char sha256[GRF_SHA256_HEX], title[64];
    size_t bytes;
};

static struct {
    uint64_t seed;
    size_t paragraphs_most;
    const char *dir;
    int64_t wanted;
    /* the pool */
    struct grf_sv *v;
    size_t n, cap;
    uint64_t *seen;
    size_t n_seen, seen_room; /* a power of two */
    /* documents made ahead */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct made ready[READY];
    uint64_t made, taken;
    bool stop;
} all = {.seed = 1, .paragraphs_most = SIZE_MAX};

static void die(const char *what, const struct grf_err *err)
{
    fprintf(stderr, "fillbase: %s%s%s\n", what, err ? ": " : "", err ? err->msg : "");
    exit(1);
}

/* ---- chance (splitmix64) */

static uint64_t chance(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
    return (size_t)(chance(state) % n);
}

#define ONE_OF(state, list) (list)[below(state, GRF_ARRAY_LEN(list))]

/* ---- the pool of paragraphs */

static uint64_t hash_of(struct grf_sv t)
{
    uint64_t h = 1469598103934665603U;
    for (size_t i = 0; i < t.n; i++)
        h = (h ^ (unsigned char)t.p[i]) * 1099511628211U;
    return h ? h : 1;
}

static void grow_seen(void)
{
    uint64_t *old = all.seen;
    size_t room = all.seen_room;
    all.seen_room = room ? room * 2 : 1 << 20;
    all.seen = grf_calloc(all.seen_room, sizeof(*all.seen));
    if (!all.seen)
        die("out of memory", NULL);
    for (size_t i = 0; i < room; i++) {
        if (!old[i])
            continue;
        size_t at = old[i] & (all.seen_room - 1);
        while (all.seen[at])
            at = (at + 1) & (all.seen_room - 1);
        all.seen[at] = old[i];
    }
    grf_free(old);
}

/* Versions of an article repeat most of their paragraphs. */
static bool is_new(struct grf_sv t)
{
    uint64_t h = hash_of(t);
    if (2 * all.n_seen >= all.seen_room)
        grow_seen();
    size_t at = h & (all.seen_room - 1);
    for (; all.seen[at]; at = (at + 1) & (all.seen_room - 1))
        if (all.seen[at] == h)
            return false;
    all.seen[at] = h;
    all.n_seen++;
    return true;
}

static void take_paragraph(struct grf_sv t)
{
    if (t.n < PARAGRAPH_LEAST || t.n > PARAGRAPH_MOST || memchr(t.p, '|', t.n) || !is_new(t))
        return;
    char *copy = grf_strndup(t.p, t.n);
    if (!copy || grf_grow(&all.v, all.n, &all.cap, sizeof(*all.v)))
        die("out of memory", NULL);
    all.v[all.n++] = grf_sv(copy, t.n);
}

static void read_pool(void)
{
    struct grf_err err = GRF_ERR_INIT;
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    while (all.n < all.paragraphs_most && (got = getline(&line, &room, stdin)) > 0) {
        struct grf_jdoc *d;
        if (grf_jdoc_parse(grf_sv(line, (size_t)got), &d, &err))
            die("standard input", &err);
        struct grf_sv t = grf_jval_sv(grf_jval_get(grf_jdoc_root(d), "text"));
        while (t.n && all.n < all.paragraphs_most) {
            const char *nl = memchr(t.p, '\n', t.n);
            size_t n = nl ? (size_t)(nl - t.p) : t.n;
            take_paragraph(grf_sv(t.p, n));
            n += nl != NULL;
            t = grf_sv(t.p + n, t.n - n);
        }
        grf_jdoc_free(d);
    }
    free(line);
    grf_free(all.seen);
    if (all.n < 2 * CHUNK)
        die("too few paragraphs on standard input", NULL);
}

/* ---- the text of an act */

/* The page that is being written, and the act's text so far on it. */
struct writer {
    struct made *m;
    uint64_t dice;
    bool again; /* the paragraphs have been used before */
    size_t cap_pages;
    int line;   /* of the open page */
};

static void name(uint64_t *dice, char out[32])
{
    static const char *const open[] = {"Bar", "Cor", "Del", "Fon", "Gar", "Lam", "Mar", "Nou",
                                       "Per", "Rou", "Sal", "Tour", "Val", "Ver", "Chau"};
    static const char *const middle[] = {"bi", "co", "de", "li", "mon", "na", "ron", "sse",
                                         "ta", "vi", "che", "lon", "rau", "gui"};
    static const char *const end[] = {"ac", "an", "ard", "ault", "eau", "el", "ert", "et",
                                      "ier", "in", "ois", "on", "oux", "y"};
    bool longer = below(dice, 2);
    const char *a = ONE_OF(dice, open), *b = ONE_OF(dice, middle);
    const char *c = longer ? ONE_OF(dice, middle) : "";
    snprintf(out, 32, "%s%s%s%s", a, b, c, ONE_OF(dice, end));
}

static struct grf_page *page_of(struct writer *w)
{
    struct made *m = w->m;
    if (m->n_pages && w->line < PAGE_LINES)
        return &m->pages[m->n_pages - 1];
    if (grf_grow(&m->pages, m->n_pages, &w->cap_pages, sizeof(*m->pages)))
        die("out of memory", NULL);
    struct grf_page *p = &m->pages[m->n_pages++];
    grf_page_init(p);
    p->number = (int)m->n_pages;
    p->width = 595;
    p->height = 842;
    p->state = GRF_TEXT_NATIVE;
    w->line = 0;
    return p;
}

/* One word of a line, at a column of it. */
static void put_word(struct grf_page *p, struct grf_sv word, size_t column, int line)
{
    if (grf_grow(&p->words, p->n_words, &p->cap_words, sizeof(*p->words)))
        die("out of memory", NULL);
    float x = 57.0F + 5.05F * (float)column, y = 60.0F + 15.5F * (float)line;
    p->words[p->n_words++] = (struct grf_page_word){
        .start = (uint32_t)p->text.n,
        .end = (uint32_t)(p->text.n + word.n),
        .box = {x, y, x + 5.05F * (float)word.n - 1.5F, y + 11.0F},
        .role = GRF_ROLE_BODY,
        .conf = 100};
    grf_str_addsv(&p->text, word);
}

static void put_block(struct grf_page *p, size_t start, bool heading)
{
    if (grf_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof(*p->blocks)))
        die("out of memory", NULL);
    p->blocks[p->n_blocks++] = (struct grf_block){.start = (uint32_t)start,
                                                  .end = (uint32_t)p->text.n,
                                                  .size = 11,
                                                  .role = GRF_ROLE_BODY,
                                                  .heading = heading};
}

/* A word as it comes in a paragraph used before: now and then another, numbers changed. */
static struct grf_sv other_word(struct writer *w, struct grf_sv word, char room[64])
{
    if (!w->again || word.n >= 60)
        return word;
    if (word.p[0] >= '0' && word.p[0] <= '9') {
        for (size_t i = 0; i < word.n; i++) {
            bool digit = word.p[i] >= '0' && word.p[i] <= '9';
            room[i] = digit ? (char)('0' + below(&w->dice, 10)) : word.p[i];
        }
        return grf_sv(room, word.n);
    }
    if (below(&w->dice, 1000) < NAMED) {
        name(&w->dice, room);
        return grf_sv(room, strlen(room));
    }
    if (below(&w->dice, 100) >= REPLACED)
        return word;
    struct grf_sv from = all.v[below(&w->dice, all.n)];
    size_t at = below(&w->dice, from.n - 30), end;
    while (at < from.n && from.p[at] != ' ')
        at++;
    for (end = ++at; end < from.n && from.p[end] != ' ';)
        end++;
    return at < end && end < from.n ? grf_sv(from.p + at, end - at) : word;
}

/* A paragraph, over as many lines and pages as it needs; a block on each. */
static void paragraph(struct writer *w, struct grf_sv t, bool heading)
{
    char room[64];
    struct grf_page *p = page_of(w);
    if (p->text.n)
        grf_str_addz(&p->text, "\n\n");
    size_t start = p->text.n, column = 0;
    while (t.n) {
        const char *blank = memchr(t.p, ' ', t.n);
        size_t n = blank ? (size_t)(blank - t.p) : t.n;
        struct grf_sv word = n ? other_word(w, grf_sv(t.p, n), room) : grf_sv(t.p, 0);
        n += blank != NULL;
        t = grf_sv(t.p + n, t.n - n);
        if (!word.n)
            continue;
        if (column && column + word.n > LINE_BYTES) {
            column = 0;
            if (++w->line >= PAGE_LINES) {
                put_block(p, start, heading);
                p = page_of(w);
                start = 0;
            } else {
                grf_str_addc(&p->text, '\n');
            }
        } else if (column) {
            grf_str_addc(&p->text, ' ');
        }
        put_word(p, word, column, w->line);
        column += word.n + 1;
    }
    if (p->text.n > start)
        put_block(p, start, heading);
    w->line += 2;
}

static void part(struct writer *w, struct grf_act *a, grf_part which)
{
    struct grf_page *p = page_of(w);
    if (grf_grow(&a->parts, a->n_parts, &a->cap_parts, sizeof(*a->parts)))
        die("out of memory", NULL);
    a->parts[a->n_parts++] = (struct grf_part_span){p->number, p->text.n, which};
}

static void sentence(struct writer *w, bool heading, const char *text)
{
    bool again = w->again;
    w->again = false;
    paragraph(w, grf_sv_z(text), heading);
    w->again = again;
}

static char *copied(const char *text)
{
    char *c = grf_strdup(text);
    if (!c)
        die("out of memory", NULL);
    return c;
}

static void make_subject(uint64_t *dice, int year, char *out, size_t size)
{
    static const char *const what[] = {
        "Attribution d'une subvention à l'association", "Tarifs de la cantine de l'école",
        "Acquisition de la parcelle au lieu-dit", "Travaux de voirie, rue",
        "Convention de mise à disposition de la salle", "Marché de travaux du groupe scolaire",
        "Cession d'un terrain à la société", "Dénomination de la voie nouvelle",
        "Garantie d'emprunt, résidence", "Création d'emplois au service",
        "Modification du plan local d'urbanisme, secteur", "Budget annexe du lotissement",
        "Règlement intérieur de la médiathèque", "Éclairage public du quartier",
        "Rapport sur le prix de l'eau, syndicat de", "Adhésion au groupement de commandes de"};
    char who[32];
    name(dice, who);
    const char *w = ONE_OF(dice, what);
    if (below(dice, 3))
        snprintf(out, size, "%s %s", w, who);
    else
        snprintf(out, size, "%s %s, exercice %d", w, who, year);
}

static void make_head(struct writer *w, struct grf_act *a, const char *town, uint64_t nth)
{
    static const char *const months[] = {"janvier", "février", "mars", "avril", "mai", "juin",
                                         "juillet", "septembre", "octobre", "novembre",
                                         "décembre"};
    static const int month_number[] = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12};
    char text[512];
    int year = 2004 + (int)below(&w->dice, 22), day = 1 + (int)below(&w->dice, 28);
    size_t month = below(&w->dice, GRF_ARRAY_LEN(months));
    snprintf(a->session_date, sizeof(a->session_date), "%04d-%02d-%02d", year,
             month_number[month], day);
    snprintf(text, sizeof(text), "%d-%03d", year, (int)(nth % 700) + 1);
    a->number = copied(text);
    make_subject(&w->dice, year, text, sizeof(text));
    a->subject = copied(text);
    a->body = copied(town);
    snprintf(text, sizeof(text), "%d.%d", 1 + (int)below(&w->dice, 9),
             1 + (int)below(&w->dice, 4));
    a->matter = copied(text);
    a->matter_confidence = 0.5;
    part(w, a, GRF_PART_HEAD);
    snprintf(text, sizeof(text), "COMMUNE DE %s", town);
    sentence(w, true, text);
    sentence(w, true, "EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS");
    snprintf(text, sizeof(text), "Séance du %d %s %d. Délibération n° %s.", day, months[month],
             year, a->number);
    sentence(w, false, text);
    snprintf(text, sizeof(text), "Objet : %s", a->subject);
    sentence(w, true, text);
}

static void make_visas(struct writer *w, struct grf_act *a)
{
    static const char *const visas[] = {
        "Vu le code général des collectivités territoriales, notamment son article L. 2121-29 ;",
        "Vu le code général des collectivités territoriales, et ses articles L. 2122-21 et "
        "L. 2122-22 ;",
        "Vu le code de l'urbanisme, notamment ses articles L. 153-36 et suivants ;",
        "Vu le code de la commande publique, article L. 2123-1 ;",
        "Vu la loi n° 83-634 du 13 juillet 1983 portant droits et obligations des "
        "fonctionnaires ;",
        "Vu le code général de la propriété des personnes publiques, article L. 2141-1 ;",
        "Vu le budget de l'exercice ;", "Vu l'avis de la commission des finances ;"};
    part(w, a, GRF_PART_VISAS);
    for (size_t i = 0, n = 1 + below(&w->dice, 3); i < n; i++)
        sentence(w, false, ONE_OF(&w->dice, visas));
}

static void make_decision(struct writer *w, struct grf_act *a)
{
    char text[256];
    size_t against = below(&w->dice, 4) ? 0 : 1 + below(&w->dice, 6);
    part(w, a, GRF_PART_DECISION);
    sentence(w, false, "Après en avoir délibéré, le conseil municipal décide :");
    snprintf(text, sizeof(text),
             "Article 1er : d'approuver %s, pour un montant de %d %03d euros.", a->subject,
             1 + (int)below(&w->dice, 900), (int)below(&w->dice, 1000));
    sentence(w, false, text);
    sentence(w, false, "Article 2 : d'autoriser le maire à signer toute pièce utile.");
    if (against)
        snprintf(text, sizeof(text), "Pour : %d. Contre : %zu.", 20 + (int)below(&w->dice, 9),
                 against);
    sentence(w, false, against ? text : "Adopté à l'unanimité.");
    a->votes.unanimous = !against;
    a->votes.against = (int)against;
}

/* The chunk of paragraphs that is this document's: all come before one comes again. */
static size_t chunk_of(uint64_t nth, bool *again)
{
    size_t chunks = all.n / CHUNK;
    *again = nth >= chunks;
    return (size_t)(nth % chunks * STRIDE % chunks) * CHUNK;
}

static void make_text(struct writer *w, uint64_t nth, struct grf_act *a)
{
    char town[48], base[32];
    uint64_t of_town = all.seed * 1000003 + chance(&w->dice) % 300;
    name(&of_town, base);
    snprintf(town, sizeof(town), "%s-sur-%s", base, below(&of_town, 2) ? "Loire" : "Orb");
    size_t from = chunk_of(nth, &w->again);
    size_t n = CHUNK - below(&w->dice, CHUNK / 2), recitals = 1 + below(&w->dice, 3);
    make_head(w, a, town, nth);
    make_visas(w, a);
    part(w, a, GRF_PART_RECITALS);
    for (size_t i = 0; i < n; i++) {
        if (i == recitals)
            part(w, a, GRF_PART_BODY);
        paragraph(w, all.v[from + i], false);
    }
    make_decision(w, a);
    a->first_page = 1;
    a->last_page = (int)w->m->n_pages;
    a->last_char = w->m->pages[w->m->n_pages - 1].text.n;
}

static void make(uint64_t nth, struct made *m)
{
    struct grf_err err = GRF_ERR_INIT;
    char identity[64];
    memset(m, 0, sizeof(*m));
    struct writer w = {.m = m, .dice = all.seed ^ (nth + 1) * 0xD1342543DE82EF95U};
    size_t cap = 0;
    if (grf_grow(&m->acts.v, 0, &cap, sizeof(*m->acts.v)))
        die("out of memory", NULL);
    m->acts.n = 1;
    m->acts.cap = cap;
    struct grf_act *a = &m->acts.v[0];
    grf_act_init(a);
    a->ordinal = 1;
    a->kind = GRF_KIND_DELIBERATION;
    make_text(&w, nth, a);
    snprintf(identity, sizeof(identity), "fillbase %llu %llu", (unsigned long long)all.seed,
             (unsigned long long)nth);
    grf_sha256(grf_sv_z(identity), m->sha256);
    snprintf(m->title, sizeof(m->title), "acte-%llu", (unsigned long long)nth);
    for (size_t i = 0; i < m->n_pages; i++)
        m->bytes += m->pages[i].text.n;
    if (grf_cut(m->pages, m->n_pages, &m->acts, &err) ||
        grf_actrefs_find(m->pages, m->n_pages, NULL, &m->acts, &err))
        die("making an act", &err);
}

static void made_release(struct made *m)
{
    for (size_t i = 0; i < m->n_pages; i++)
        grf_page_release(&m->pages[i]);
    grf_free(m->pages);
    grf_acts_release(&m->acts);
}

/* ---- making ahead, on a second processor */

static void *maker(void *data)
{
    (void)data;
    for (;;) {
        pthread_mutex_lock(&all.lock);
        while (!all.stop && all.made - all.taken >= READY)
            pthread_cond_wait(&all.changed, &all.lock);
        bool stop = all.stop;
        uint64_t nth = all.made;
        pthread_mutex_unlock(&all.lock);
        if (stop)
            return NULL;
        make(nth, &all.ready[nth % READY]);
        pthread_mutex_lock(&all.lock);
        all.made++;
        pthread_cond_broadcast(&all.changed);
        pthread_mutex_unlock(&all.lock);
    }
}

static struct made take(void)
{
    pthread_mutex_lock(&all.lock);
    while (all.made == all.taken)
        pthread_cond_wait(&all.changed, &all.lock);
    struct made m = all.ready[all.taken++ % READY];
    pthread_cond_broadcast(&all.changed);
    pthread_mutex_unlock(&all.lock);
    return m;
}

/* ---- writing */

static int64_t put(struct grf_base_writer *w, const struct made *m)
{
    struct grf_err err = GRF_ERR_INIT;
    const struct grf_act *a = &m->acts.v[0];
    char path[160], rel[128];
    int64_t id;
    snprintf(rel, sizeof(rel), "%s/%s.pdf", a->body, m->title);
    snprintf(path, sizeof(path), "/fillbase/%s", rel);
    struct grf_base_doc doc = {{m->sha256, (int64_t)m->bytes, m->title},
                               m->pages, m->n_pages, &m->acts};
    grf_status st = grf_base_add(w, &doc, &id, &err);
    struct grf_location loc = {path, rel, a->body, id, NULL, GRF_VISIBILITY_KEEP};
    if (!st)
        st = grf_base_put_location(w, &loc, &err);
    if (!st)
        st = grf_meta_set_int(grf_base_writer_meta(w), batch_setting, (int64_t)all.taken, &err);
    if (st)
        die("writing", &err);
    return (int64_t)a->n_passages;
}

static void fill(struct grf_base_writer *w, int64_t have)
{
    struct grf_err err = GRF_ERR_INIT;
    double from = grf_now(), said = from;
    int64_t in_batch = 0, first = have;
    size_t text = 0;
    while (have < all.wanted) {
        struct made m = take();
        int64_t n = put(w, &m);
        text += m.bytes;
        made_release(&m);
        have += n;
        in_batch += n;
        bool done = have >= all.wanted;
        if (in_batch >= BATCH || done) {
            in_batch = 0;
            if (grf_base_commit(w, done, &err))
                die("committing", &err);
        }
        double now = grf_now();
        if (done || now - said > 10) {
            said = now;
            fprintf(stderr, "fillbase: %lld passages, %.1f MB of text, %.1f s, %.0f passages/s\n",
                    (long long)have, (double)text / 1e6, now - from,
                    (double)(have - first) / (now - from));
        }
    }
}

static void usage(void)
{
    fprintf(stderr, "usage: fillbase [--seed N] [--paragraphs N] --base DIR PASSAGES "
                    "< VERSIONS.jsonl\n");
    exit(2);
}

static void arguments(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (more && strcmp(argv[i], "--seed") == 0)
            all.seed = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--paragraphs") == 0)
            all.paragraphs_most = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--base") == 0)
            all.dir = argv[++i];
        else if (argv[i][0] != '-' && !all.wanted)
            all.wanted = strtoll(argv[i], NULL, 10);
        else
            usage();
    }
    if (!all.dir || all.wanted < 1)
        usage();
}

int main(int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_conf conf;
    struct grf_embedder *e;
    struct grf_base_writer *w;
    struct grf_counts counts;
    int64_t next;
    arguments(argc, argv);
    if (grf_conf_load(&conf, NULL, &err) || grf_embed_open(&conf, &e, &err) ||
        grf_base_open_writer(all.dir, e, false, &w, &err) ||
        grf_meta_get_int(grf_base_writer_meta(w), batch_setting, &next, &err) ||
        grf_meta_counts(grf_base_writer_meta(w), &counts, &err))
        die(all.dir, &err);
    read_pool();
    fprintf(stderr, "fillbase: %zu paragraphs read\n", all.n);
    all.made = all.taken = (uint64_t)next;
    pthread_mutex_init(&all.lock, NULL);
    pthread_cond_init(&all.changed, NULL);
    pthread_t thread;
    if (pthread_create(&thread, NULL, maker, NULL) != 0)
        die("cannot start a thread", NULL);
    fill(w, counts.passages);
    pthread_mutex_lock(&all.lock);
    all.stop = true;
    pthread_cond_broadcast(&all.changed);
    pthread_mutex_unlock(&all.lock);
    pthread_join(thread, NULL);
    grf_base_close_writer(w);
    grf_embed_close(e);
    grf_conf_release(&conf);
    return 0;
}

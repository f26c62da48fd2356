/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law that an act rests on: each text with its state on the act's day and today. */
#include "grf_lawstate.h"
#include "grf_mem.h"
#include "page_act.h"
#include "render_law.h"

enum { ROWS_MOST = 120, PRINTED_MOST = 160 };

/* Text of the page that was last asked for. */
struct reader {
    const struct web_request *q;
    const struct shown_act *s;
    struct grf_page page; /* when it is not the shown one */
};

static grf_status page_of(struct reader *r, int number, const struct grf_page **out,
                          struct grf_err *err)
{
    *out = &r->s->page;
    if (number == r->s->page.number)
        return GRF_OK;
    *out = &r->page;
    if (r->page.number == number)
        return GRF_OK;
    return grf_meta_page(r->q->worker->base->meta, r->s->doc.id, number, false, &r->page, err);
}

static void put_badge(struct grf_str *out, const struct grf_lawstate *l)
{
    static const struct {
        const char *css, *word;
    } badges[] = {
        [GRF_VERDICT_SAME] = {"good", "Inchangé"},
        [GRF_VERDICT_MODIFIED] = {"look", "Modifié depuis"},
        [GRF_VERDICT_REPEALED] = {"bad", "Abrogé"},
        [GRF_VERDICT_RENUMBERED] = {"look", "Changé de numéro"},
        [GRF_VERDICT_NOT_YET] = {"bad", "Pas encore en vigueur"},
        [GRF_VERDICT_UNKNOWN] = {"none", "Non vérifié"},
    };
    page_put(out, "<span class=\"badge %t\">%t</span> ", badges[l->verdict].css,
             badges[l->verdict].word);
}

/* "in force since ..." begins a sentence of its own here. */
static void put_words(struct grf_str *out, const struct grf_lawstate *l)
{
    struct grf_str words;
    grf_str_init(&words, 1 << 16);
    law_state_words(&words, l);
    web_html(out, words.p);
    if (l->known_until[0] && l->verdict != GRF_VERDICT_UNKNOWN) {
        char day[32];
        page_put(out, " <span class=\"hint\">(connu jusqu’au %t)</span>",
                 page_day(l->known_until, day));
    }
    grf_str_release(&words);
}

/* Where the act says it, with the words that it uses. */
static grf_status put_mention(struct grf_str *out, struct reader *r,
                              const struct grf_actref *ref, struct grf_err *err)
{
    const struct grf_page *p;
    grf_status st = page_of(r, ref->page, &p, err);
    if (st == GRF_NOTFOUND || (!st && (ref->end > p->text.n || ref->start > ref->end)))
        return GRF_OK;
    if (st)
        return st;
    struct grf_sv text = grf_str_sv(&p->text);
    size_t from = grf_text_chars(grf_sv(text.p, ref->start));
    struct grf_sv said = grf_sv(text.p + ref->start, ref->end - ref->start);
    size_t chars = grf_text_chars(said);
    if (chars > PRINTED_MOST)
        said.n = grf_text_offset(said, PRINTED_MOST);
    page_put(out, "<a href=\"/acte/%u?page=%d&amp;de=%z&amp;a=%z\">" PAGE_OPEN "%v%t" PAGE_CLOSE
                  ", p.\xC2\xA0%d</a>",
             r->s->act.key, ref->page, from, from + chars, &said,
             chars > PRINTED_MOST ? "…" : "", ref->page);
    return GRF_OK;
}

static grf_status put_row(struct grf_str *out, struct reader *r, const struct grf_lawstate *l,
                          struct grf_err *err)
{
    const struct grf_act *a = &r->s->act.act;
    grf_str_addz(out, "<tr><th scope=\"row\">");
    if (l->flags & GRF_REF_DAMAGED)
        web_html(out, l->canon);
    else
        page_ref(out, l->canon, a->session_date);
    grf_str_addz(out, "</th><td>");
    put_badge(out, l);
    put_words(out, l);
    grf_str_addz(out, "</td><td>");
    grf_status st = l->first < a->n_refs ? put_mention(out, r, &a->refs[l->first], err) : GRF_OK;
    if (l->mentions > 1)
        page_put(out, " et %z autre%t fois", l->mentions - 1, l->mentions > 2 ? "s" : "");
    grf_str_addz(out, "</td></tr>\n");
    return st;
}

static grf_status put_rows(struct grf_str *out, struct reader *r,
                           const struct grf_lawstates *all, struct grf_err *err)
{
    size_t within = 0, rows = 0;
    grf_status st = GRF_OK;
    grf_str_addz(out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
                      "aria-label=\"Tableau des textes cités\"><table class=\"law\">\n<thead><tr>"
                      "<th scope=\"col\">Texte</th><th scope=\"col\">Le jour de l’acte, et "
                      "aujourd’hui</th><th scope=\"col\">Dans l’acte</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < all->n && !st; i++) {
        if (all->v[i].in_range)
            within++;
        else if (++rows <= ROWS_MOST)
            st = put_row(out, r, &all->v[i], err);
    }
    grf_str_addz(out, "</tbody></table></div>\n");
    if (within)
        page_put(out, "<p class=\"hint\">et %z articles compris entre ceux-là.</p>\n", within);
    if (rows > ROWS_MOST)
        page_put(out, "<p class=\"hint\">et %z autres textes.</p>\n", rows - ROWS_MOST);
    return st;
}

grf_status page_act_refs(struct grf_str *out, const struct web_request *q,
                         const struct shown_act *s, struct grf_err *err)
{
    char today[GRF_LAW_DATE];
    struct grf_lawstates all = {0};
    struct reader r = {.q = q, .s = s};
    grf_law_today(today);
    grf_page_init(&r.page);
    grf_status st = grf_lawstates_of_act(q->worker->law, &s->act.act, today, &all, err);
    grf_str_addz(out, "<section aria-labelledby=\"titre-lois\">\n<h2 id=\"titre-lois\">Textes de "
                      "loi cités</h2>\n");
    if (!st && !all.n)
        grf_str_addz(out, "<p class=\"hint\">Aucune référence à la loi n’a été lue dans cet "
                          "acte.</p>\n");
    else if (!st && q->worker->law_damage.code)
        grf_str_addz(out, "<p class=\"warn\">La loi n’a pas pu être lue\xC2\xA0: son fichier est "
                          "abîmé. Les textes sont nommés, sans être vérifiés.</p>\n");
    else if (!st && !q->worker->law)
        grf_str_addz(out, "<p class=\"hint\">La loi n’est pas encore dans la base\xC2\xA0: les "
                          "textes sont nommés, sans être vérifiés.</p>\n");
    if (!st && all.n)
        st = put_rows(out, &r, &all, err);
    grf_str_addz(out, "</section>\n");
    grf_lawstates_release(&all);
    grf_page_release(&r.page);
    return st;
}

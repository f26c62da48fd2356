/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LEGI deliveries. A stock is committed in batches, its texts marked as loading until the
 * end; an increment is one transaction, its deletions first. Files are known by their
 * ids, so that a text may move between folders.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "grf_hash.h"
#include "grf_i18n.h"
#include "grf_legalref.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "law_files.h"
#include "law_import.h"
#include "law_xml.h"

enum { BATCH = 2000, FILE_MOST = 1 << 26, LISTS_MOST = 1 << 26, PLACE_MOST = 32 };

/* What is in hand of the text that the last file belonged to. */
struct text {
    char cid[GRF_LAW_ID];
    bool wanted;
    int64_t code_id; /* 0 until its row is made in this transaction */
    char name[GRF_LAW_NAME];
};

struct run {
    struct law_import *in;
    const struct law_archive *archive;
    struct grf_law_import record;
    char *selection;
    bool had_stock;              /* of this selection, before this increment */
    char digest[GRF_SHA256_HEX]; // of the archive; of a folder's path
    char stamp[16];
    char modified[GRF_LAW_DATE]; /* newest DERNIERE_MODIFICATION, for a folder */
    struct text text;
    struct grf_str bytes, lists;
    struct law_xml_article article;
    struct law_xml_section section;
    struct law_xml_text about;
    int64_t position;
    int in_batch;
    bool open;
};

/* ---- paths */

static bool id_at(const char *p, const char *letters)
{
    size_t n = strlen(letters);
    if (strncmp(p, letters, n) != 0)
        return false;
    for (size_t i = n; i < GRF_LAW_ID - 1; i++) {
        if (!isdigit((unsigned char)p[i]))
            return false;
    }
    return true;
}

/* The last LEGITEXT or JORFTEXT id that names a folder; NULL when there is none. */
static const char *text_folder(const char *path)
{
    const char *found = NULL;
    for (const char *p = path; (p = strstr(p, "TEXT0")) != NULL; p++) {
        const char *id = p - 4;
        if (id >= path && (id_at(id, "LEGITEXT") || id_at(id, "JORFTEXT")) &&
            (id[20] == '/' || id[20] == 0 || id[20] == ' '))
            found = id[20] == '/' || !found ? id : found;
    }
    return found;
}

/* Where a version stands: its text and whether among what is in force. */
static void place_of(const char *path, const char *cid, char out[PLACE_MOST])
{
    snprintf(out, PLACE_MOST, "%.20s/%s", cid,
             strstr(path, "_non_vigueur/") ? "old" : "now");
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- transactions */

static grf_status begin(struct run *r, struct grf_err *err)
{
    if (r->open)
        return GRF_OK;
    grf_status st = grf_law_begin(r->in->law, err);
    r->open = !st;
    r->text.code_id = 0; // its row must be touched by this import
    return st;
}

static grf_status commit_batch(struct run *r, struct grf_err *err)
{
    if (!r->open || !r->archive->stock || ++r->in_batch < BATCH)
        return GRF_OK;
    r->in_batch = 0;
    grf_status st = grf_law_commit(r->in->law, r->record.id, r->position, err);
    if (!st)
        r->open = false;
    return st;
}

/* ---- texts */

/* "loi/84-53" for what has a number, else the id. */
static void name_of_text(const char *nature, const char *num, const char *cid,
                         char out[GRF_LAW_NAME])
{
    static const struct {
        const char *nature, *kind;
    } kinds[] = {{"LOI", "loi"},
                 {"LOI_ORGANIQUE", "loi"},
                 {"ORDONNANCE", "ordonnance"},
                 {"DECRET", "decret"}};
    const struct grf_code *code = grf_code_by_legi_id(grf_sv_z(cid));
    snprintf(out, GRF_LAW_NAME, "%s", code ? code->short_name : cid);
    for (size_t i = 0; i < GRF_ARRAY_LEN(kinds) && !code && num[0]; i++) {
        if (strcmp(nature, kinds[i].nature) == 0)
            snprintf(out, GRF_LAW_NAME, "%s/%s", kinds[i].kind, num);
    }
}

/* Is this delivery's news of a text to be taken? */
static grf_status decide(struct run *r, const char *cid, struct grf_err *err)
{
    struct text *t = &r->text;
    struct grf_law_code have;
    memset(t, 0, sizeof(*t));
    snprintf(t->cid, sizeof(t->cid), "%.20s", cid);
    grf_status st = grf_law_code_by_legi_id(r->in->law, t->cid, &have, err);
    if (st)
        return st;
    const struct grf_code *code = grf_code_by_legi_id(grf_sv_z(t->cid));
    const char *short_name = have.id ? have.name : code ? code->short_name : NULL;
    bool selected = law_wanted(r->selection, short_name, t->cid);
    bool legi = have.id && have.source == GRF_LAW_FROM_LEGI;
    if (have.id)
        memcpy(t->name, have.name, sizeof(t->name));
    if (legi && !have.loading && r->stamp[0] && strcmp(have.stamp, r->stamp) >= 0 &&
        have.stamp[0]) {
        r->in->counts.older++;
    } else if (r->archive->stock) {
        t->wanted = selected;
    } else if (legi) {
        t->wanted = !have.loading; // kept up to date whatever is selected
    } else if (selected && have.id) {
        r->in->counts.without_stock++;
    } else if (selected) {
        t->wanted = r->had_stock; // a text made after the stock
        r->in->counts.without_stock += !r->had_stock;
    }
    grf_law_code_release(&have);
    return GRF_OK;
}

/* Makes the row of the text in this transaction. */
static grf_status need_text(struct run *r, const char *nature, const char *num,
                            struct grf_err *err)
{
    struct text *t = &r->text;
    grf_status st = begin(r, err);
    if (st || t->code_id)
        return st;
    if (!t->name[0]) {
        struct grf_law_code other;
        struct grf_err none = GRF_ERR_INIT;
        name_of_text(nature, num, t->cid, t->name);
        if (!grf_law_code(r->in->law, grf_sv_z(t->name), &other, &none)) {
            /* two texts of one number: the second goes by its id */
            if (other.legi_id[0] && strcmp(other.legi_id, t->cid) != 0)
                memcpy(t->name, t->cid, sizeof(t->cid));
            grf_law_code_release(&other);
        }
    }
    struct grf_law_code_new c = {t->name,           t->cid, NULL,
                                 GRF_LAW_FROM_LEGI, NULL,   r->archive->stock};
    return grf_law_put_code(r->in->law, r->record.id, &c, &t->code_id, err);
}

/* ---- files */

static void unreadable(struct run *r, const char *path, const struct grf_err *why)
{
    r->in->counts.unreadable++;
    r->in->unreadable(r->in->data, path, why->msg);
}

enum { MOVES_MOST = 32 };
struct moves {
    struct grf_law_move_new v[MOVES_MOST];
    char nums[MOVES_MOST][GRF_LAW_NUM];
    size_t n;
};

/* Sorts out sentinels and states that the dates belie. */
static void set_dates(struct run *r, const struct law_xml_article *a,
                      struct grf_law_version_new *v)
{
    struct law_counts *c = &r->in->counts;
    char day[GRF_LAW_DATE];
    snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", r->stamp, r->stamp + 4, r->stamp + 6);
    v->valid_from = a->begin;
    v->valid_to = strncmp(a->end, "2999", 4) == 0 || !a->end[0] ? NULL : a->end;
    v->etat = a->etat;
    if (strcmp(a->begin, "2222") >= 0) {
        v->flags |= GRF_LAW_NO_BEGIN;
        c->no_begin++;
    }
    if (v->valid_to && strcmp(v->valid_to, "2222") >= 0) {
        v->flags |= GRF_LAW_NO_END;
        c->no_end++;
    }
    if (strcmp(a->etat, "MODIFIE_MORT_NE") == 0 ||
        (v->valid_to && !(v->flags & GRF_LAW_NO_BEGIN) &&
         strcmp(v->valid_to, a->begin) < 0)) {
        v->flags |= GRF_LAW_NEVER;
        c->never++;
    } else if (strcmp(a->etat, "VIGUEUR") == 0 && v->valid_to && r->stamp[0] &&
               strcmp(v->valid_to, day) <= 0) {
        v->flags |= GRF_LAW_STALE_STATE;
        v->etat = a->followed ? "MODIFIE" : "ABROGE";
        c->stale_state++;
    }
    if (a->followed && !a->followed_here)
        v->flags |= GRF_LAW_MOVED_ON;
}

static const char *or_null(const struct grf_str *s)
{
    return s->n ? s->p : NULL;
}

static void count_put(struct law_counts *c, grf_law_put put)
{
    c->added += put == GRF_LAW_ADDED;
    c->changed += put == GRF_LAW_CHANGED;
    c->same += put == GRF_LAW_SAME;
    c->shadowed += put == GRF_LAW_SHADOWED;
}

/* The other places of an article, under the names that this base gives to texts. */
static void name_moves(const struct run *r, const struct law_xml_article *a,
                       struct moves *m)
{
    m->n = 0;
    for (size_t i = 0; i < a->n_moves && m->n < MOVES_MOST; i++) {
        const struct law_xml_move *from = &a->moves[i];
        struct grf_law_move_new *to = &m->v[m->n];
        const struct grf_code *code = grf_code_by_legi_id(grf_sv_z(from->cid));
        bool own = !from->cid[0] || strcmp(from->cid, r->text.cid) == 0;
        if (!grf_law_number(grf_sv_z(from->num), m->nums[m->n]))
            continue;
        to->kind = from->kind;
        to->name = own ? r->text.name : code ? code->short_name : from->cid;
        to->num = m->nums[m->n];
        to->legi_id = from->id[0] ? from->id : NULL;
        to->begin = from->begin[0] ? from->begin : NULL;
        m->n++;
    }
}

static grf_status put_article(struct run *r, const struct law_file *file,
                              struct grf_err *err)
{
    const struct law_xml_article *a = &r->article;
    struct law_counts *c = &r->in->counts;
    struct grf_law_version_new v = {0};
    char num[GRF_LAW_NUM], place[PLACE_MOST];
    grf_law_put put;
    struct moves moves;
    if (!grf_law_number(grf_str_sv(&a->num), num)) {
        /* an annex without a number is known by the id of its first version */
        snprintf(num, sizeof(num), "%s", a->first_id[0] ? a->first_id : a->id);
        c->no_number++;
    }
    c->no_cid += !a->cid[0];
    c->empty_text += !a->text.n;
    c->versions++;
    set_dates(r, a, &v);
    place_of(file->path, r->text.cid, place);
    v.num = num;
    v.legi_id = a->id;
    v.place = place;
    v.mtime = file->mtime;
    v.text = grf_str_sv(&a->text);
    v.section = or_null(&a->section);
    v.nota = or_null(&a->nota);
    v.by = or_null(&a->by);
    v.printed = strcmp(a->num.p, num) != 0 ? or_null(&a->num) : NULL;
    grf_status st = need_text(r, a->nature, a->text_num, err);
    name_moves(r, a, &moves);
    v.moves = moves.v;
    v.n_moves = moves.n;
    if (!st)
        st =
            grf_law_put_version(r->in->law, r->record.id, r->text.code_id, &v, &put, err);
    if (!st)
        count_put(c, put);
    return st;
}

static bool is_day(const char *z)
{
    return strlen(z) == 10 && z[4] == '-' && z[7] == '-';
}

static grf_status take_article(struct run *r, const struct law_file *file,
                               struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    struct law_xml_article *a = &r->article;
    grf_status st = law_xml_article(grf_str_sv(&r->bytes), a, &why);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (!st && strncmp(a->id, file_name(file->path), GRF_LAW_ID - 1) != 0)
        st = grf_fail(&why, GRF_PARSE, _("its id is %s"), a->id);
    if (!st && (!is_day(a->begin) || (a->end[0] && !is_day(a->end))))
        st = grf_fail(&why, GRF_PARSE, "%s", _("no dates"));
    if (st) {
        unreadable(r, file->path, &why);
        return GRF_OK;
    }
    return put_article(r, file, err);
}

static grf_status take_section(struct run *r, const struct law_file *file,
                               struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    const char *ids[1 << 12];
    size_t n = 0;
    grf_status st = law_xml_section(grf_str_sv(&r->bytes), &r->section, &why);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (st) {
        unreadable(r, file->path, &why);
        return GRF_OK;
    }
    for (; n < r->section.n && n < GRF_ARRAY_LEN(ids); n++)
        ids[n] = r->section.articles[n];
    st = need_text(r, "", "", err);
    return st ? st
              : grf_law_put_listing(r->in->law, r->text.code_id, r->section.id, ids, n,
                                    err);
}

static grf_status take_text(struct run *r, const struct law_file *file,
                            struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    struct law_xml_text *t = &r->about;
    grf_status st = law_xml_text(grf_str_sv(&r->bytes), t, &why);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (st) {
        unreadable(r, file->path, &why);
        return GRF_OK;
    }
    if (is_day(t->modified) && strcmp(t->modified, "2222") < 0 &&
        strcmp(t->modified, r->modified) > 0)
        memcpy(r->modified, t->modified, sizeof(r->modified));
    st = need_text(r, t->nature, t->num, err);
    bool dated = is_day(t->begin) && strcmp(t->begin, "2222") < 0;
    return st ? st
              : grf_law_set_title(r->in->law, r->text.code_id, or_null(&t->title),
                                  dated ? t->begin : NULL, err);
}

typedef grf_status (*taker)(struct run *r, const struct law_file *file,
                            struct grf_err *err);

/* What a file is; NULL: nothing that is kept. */
static taker taker_of(const char *path)
{
    const char *name = file_name(path);
    size_t n = strlen(name);
    if (n != 24 || strcmp(name + 20, ".xml") != 0)
        return NULL;
    if (id_at(name, "LEGIARTI"))
        return take_article;
    if (id_at(name, "LEGISCTA"))
        return take_section;
    return strstr(path, "/texte/version/") ? take_text : NULL;
}

static bool known_place(const char *path)
{
    return strstr(path, "/code_et_TNC_en_vigueur/") ||
           strstr(path, "/code_et_TNC_non_vigueur/") || strncmp(path, "code_", 5) == 0 ||
           strncmp(path, "TNC_", 4) == 0;
}

static grf_status take_file(struct run *r, struct law_files *files,
                            const struct law_file *file, struct grf_err *err)
{
    const char *cid = text_folder(file->path);
    taker take = taker_of(file->path);
    if (!cid || !take)
        return GRF_OK;
    r->in->counts.files++;
    if (!known_place(file->path)) {
        r->in->counts.unknown_places++;
        return GRF_OK;
    }
    grf_status st = GRF_OK;
    if (strncmp(cid, r->text.cid, GRF_LAW_ID - 1) != 0)
        st = decide(r, cid, err);
    if (st || !r->text.wanted) {
        r->in->counts.other_texts += !st;
        return st;
    }
    struct grf_err why = GRF_ERR_INIT;
    st = law_files_read(files, &r->bytes, &why);
    if (st == GRF_LIMIT) {
        unreadable(r, file->path, &why);
        return GRF_OK;
    }
    if (st) {
        if (err)
            *err = why;
        return st;
    }
    st = take(r, file, err);
    return st ? st : commit_batch(r, err);
}

/* ---- deletions */

/* ".../article/LEGI/ARTI/09/99/99" names all ids that begin with 099999; blanks, a
   flag letter and missing slashes do not matter. */
static bool deleted_ids(const char *line, const char *cid, char prefix[GRF_LAW_ID])
{
    const char *p = line, *below = cid + 20, *last = NULL;
    for (; (p = strstr(p, "LEGIARTI")) != NULL; p++)
        last = id_at(p, "LEGIARTI") ? p : last;
    if (last) {
        snprintf(prefix, GRF_LAW_ID, "%.20s", last);
        return true;
    }
    p = strstr(below, "ARTI");
    bool whole = *below == 0 || *below == ' ' || strcmp(below, "/") == 0;
    if (!p && !whole && !strstr(below, "article"))
        return false; // a section or a text of the text
    size_t n = (size_t)snprintf(prefix, GRF_LAW_ID, "LEGIARTI");
    for (p = p ? p + 4 : ""; *p && n < GRF_LAW_ID - 1; p++) {
        if (isdigit((unsigned char)*p))
            prefix[n++] = *p;
    }
    prefix[n] = 0;
    return true;
}

static grf_status apply_deletion(struct run *r, const char *line, struct grf_err *err)
{
    char prefix[GRF_LAW_ID], place[PLACE_MOST];
    int64_t removed = 0;
    const char *cid = text_folder(line);
    r->in->counts.deletions++;
    grf_status st = GRF_OK;
    if (cid && strncmp(cid, r->text.cid, GRF_LAW_ID - 1) != 0)
        st = decide(r, cid, err);
    if (st || !cid || !r->text.wanted || !deleted_ids(line, cid, prefix)) {
        r->in->counts.deletions_absent += !st;
        return st;
    }
    place_of(line, cid, place);
    st = grf_law_delete(r->in->law, r->record.id, place, prefix, &removed, err);
    r->in->counts.removed += removed;
    r->in->counts.deletions_absent += removed == 0;
    return st;
}

static bool is_list(const char *path)
{
    const char *name = file_name(path);
    return strncasecmp(name, "liste_suppression_legi", 22) == 0 &&
           strcasecmp(name + strlen(name) - 4, ".dat") == 0;
}

/* The lists may stand anywhere in the archive: a first reading collects them. */
static grf_status read_lists(struct run *r, struct grf_err *err)
{
    struct law_files *files;
    struct law_file file;
    grf_status st = law_files_open(&files, r->archive->path, err);
    while (!st && !(st = law_files_next(files, &file, err))) {
        if (!is_list(file.path))
            continue;
        st = law_files_read(files, &r->bytes, err);
        grf_str_addsv(&r->lists, grf_str_sv(&r->bytes));
        grf_str_addc(&r->lists, '\n');
    }
    law_files_close(files);
    st = st == GRF_NOTFOUND ? GRF_OK : st;
    return st ? st : grf_str_status(&r->lists, err);
}

static grf_status delete_listed(struct run *r, struct grf_err *err)
{
    grf_status st = read_lists(r, err);
    if (!st)
        st = begin(r, err);
    for (char *line = r->lists.p; *line && !st;) {
        size_t n = strcspn(line, "\r\n");
        char *next = line + n + (line[n] != 0);
        line[n] = 0;
        if (n)
            st = apply_deletion(r, line, err);
        line = next;
    }
    return st;
}

/* ---- one delivery */

static grf_status take_all(struct run *r, struct grf_err *err)
{
    struct law_files *files = NULL;
    struct law_file file;
    grf_status st = law_files_open(&files, r->archive->path, err);
    while (!st && !(st = law_files_next(files, &file, err))) {
        r->position++;
        if (r->position > r->record.position)
            st = take_file(r, files, &file, err);
        if (!st && *r->in->cancel)
            st = grf_fail(err, GRF_CANCELLED, "%s",
                          _("stopped; the same command goes on where it was"));
        if (r->position % 256 == 0)
            grf_progress_update(&r->in->progress, (uint64_t)r->position, r->text.name);
    }
    law_files_close(files);
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

/* A folder does not say when it was made: its texts are known up to their last change,
   unless the user knows better. */
static void date_folder(struct run *r)
{
    const char *day = r->in->known ? r->in->known : r->modified;
    if (!r->archive->stamp[0] && is_day(day))
        snprintf(r->stamp, sizeof(r->stamp), "%.4s%.2s%.2s-000000", day, day + 5,
                 day + 8);
}

static grf_status finish(struct run *r, struct grf_err *err)
{
    grf_status st = begin(r, err);
    date_folder(r);
    int64_t *removed = r->in->counts.unreadable ? NULL : &r->in->counts.removed;
    if (!st)
        st = grf_law_import_finish(r->in->law, r->record.id,
                                   r->archive->stock ? GRF_LAW_STOCK : GRF_LAW_INCREMENT,
                                   r->stamp, removed, err);
    r->open = false;
    return st;
}

/* An increment on a half-read stock would be lost when that goes on. */
static grf_status check_ready(struct run *r, struct grf_err *err)
{
    char *name = NULL;
    if (r->archive->stock)
        return GRF_OK;
    if (!r->stamp[0])
        return grf_fail(err, GRF_INVALID,
                        _("%s: an increment needs its date in its name "
                          "(LEGI_20260609-212725.tar.gz)"),
                        r->archive->path);
    grf_status st = grf_law_loading(r->in->law, &name, err);
    if (!st && name)
        st = grf_fail(err, GRF_INVALID,
                      _("the import of %s is not finished: import it again "
                        "first"),
                      name);
    grf_free(name);
    return st;
}

static grf_status open_record(struct run *r, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (r->archive->folder)
        grf_sha256(grf_sv_z(r->archive->path), r->digest);
    else
        st = law_digest(r->archive->path, r->digest, err);
    /* what is in the base is kept up to date when nothing else is asked for */
    if (!st && !r->in->codes && !r->in->all && !r->archive->stock)
        st = grf_law_selection(r->in->law, &r->selection, err);
    if (!st && !r->selection)
        st = law_selection(r->in, &r->selection, err);
    if (!st)
        st = grf_law_has_stock(r->in->law, r->selection, &r->had_stock, err);
    if (!st)
        st = grf_law_import_open(
            r->in->law, r->archive->stock ? GRF_LAW_STOCK : GRF_LAW_INCREMENT,
            r->archive->path, r->digest,
            or_null(&(struct grf_str){.p = r->stamp, .n = strlen(r->stamp)}),
            r->selection, &r->record, err);
    return st;
}

static grf_status run(struct run *r, struct grf_err *err)
{
    struct law_counts *c = &r->in->counts;
    if (r->archive->folder && !r->stamp[0] && r->in->known)
        date_folder(r);
    grf_status st = check_ready(r, err);
    if (!st)
        st = open_record(r, err);
    if (!st && r->record.done && !r->archive->folder) {
        grf_log(GRF_LOG_NOTICE, _("%s: imported already, nothing to do"),
                r->archive->path);
        c->skipped_sources++;
        return GRF_OK;
    }
    if (!st && r->record.done)
        r->record.position = 0; // a folder may have changed
    if (!st && r->record.position)
        grf_log(GRF_LOG_NOTICE, _("%s: going on after file %lld"), r->archive->path,
                (long long)r->record.position);
    if (!st && !r->archive->stock)
        st = delete_listed(r, err);
    if (!st)
        st = take_all(r, err);
    if (!st)
        st = finish(r, err);
    c->sources += !st;
    return st;
}

grf_status law_import_legi(struct law_import *in, const struct law_archive *a,
                           struct grf_err *err)
{
    struct run *r = grf_calloc(1, sizeof(*r));
    if (!r)
        return grf_fail_nomem(err);
    r->in = in;
    r->archive = a;
    memcpy(r->stamp, a->stamp, sizeof(r->stamp));
    grf_str_init(&r->bytes, FILE_MOST);
    grf_str_init(&r->lists, LISTS_MOST);
    law_xml_article_init(&r->article);
    law_xml_text_init(&r->about);
    grf_progress_start(&in->progress, _("law"), 0, in->quiet);
    grf_status st = run(r, err);
    grf_progress_end(&in->progress);
    if (st)
        grf_law_rollback(in->law);
    grf_str_release(&r->bytes);
    grf_str_release(&r->lists);
    law_xml_article_release(&r->article);
    law_xml_section_release(&r->section);
    law_xml_text_release(&r->about);
    grf_free(r->selection);
    grf_free(r);
    return st;
}

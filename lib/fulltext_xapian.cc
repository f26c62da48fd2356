// SPDX-License-Identifier: GPL-3.0-or-later
//
// The full-text index (grf_fulltext.h): a thin wrapper of Xapian, and the only
// file that knows it. Words come from grf_text.h, for passages and questions
// alike; Xapian's own tokenizer and query parser are not used.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" // in C, a struct and a function share a name
#include "grf_fulltext.h"
#pragma GCC diagnostic pop

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>
#include <xapian.h>

#include "fulltext_answer.hh"
#include "fulltext_check.hh"
#include "fulltext_dense.hh"
#include "fulltext_failure.hh"
#include "fulltext_leaving.hh"
#include "fulltext_lengths.hh"
#include "fulltext_open.hh"
#include "fulltext_passage.hh"
#include "fulltext_query.hh"
#include "fulltext_source.hh"
#include "fulltext_writer.hh"
#include "grf_file.h"
#include "grf_log.h"
#include "grf_mem.h"

namespace {

constexpr int reopen_tries = 3;

} // namespace

// -------------------------------------------------------------------- writer

struct grf_ft_writer : writer_state {
};

extern "C" grf_status grf_ft_writer_open(const char *dir, struct grf_ft_writer **out,
                                         struct grf_err *err)
{
    *out = nullptr;
    grf_status st = grf_file_mkdirs(dir, err);
    if (st)
        return st;
    sums_handle sums;
    st = drop_lists(dir, err);
    if (!st)
        st = open_sums(dir, true, sums, err);
    if (st)
        return st;
    return grf_guard(err, translate{dir, &sums}, [&] {
        auto w = std::make_unique<grf_ft_writer>();
        with_sums use(sums);
        w->dir = dir;
        bool made = !has_database(dir);
        w->db = open_or_create(dir);
        grf_status checked = check_opened(w->db, sums, dir, err);
        if (!checked && made) // before a row says that it is there
            checked = grf_dir_sync(dir, err);
        if (checked)
            return checked;
        w->highest = w->db.get_lastdocid();
        w->generation = number_of(w->db, key_generation);
        w->ahead = number_of(w->db, key_ahead);
        w->part = w->db.get_metadata(key_part);
        w->db.begin_transaction();
        w->sums = std::move(sums);
        *out = w.release();
        return GRF_OK;
    });
}

extern "C" grf_status grf_ft_put(struct grf_ft_writer *w, const struct grf_ft_doc *doc,
                                 struct grf_err *err)
{
    grf_status st = check_id(doc->id, err);
    if (!st)
        st = check_filters(doc->terms, doc->n_terms, err);
    if (st)
        return st;
    return enqueue(w, err, [&] { return entry_of(w, doc); });
}

extern "C" grf_status grf_ft_delete(struct grf_ft_writer *w, int64_t id,
                                    struct grf_err *err)
{
    if (id < 1 || id > id_max)
        return GRF_OK; // cannot be there
    w->prefix.forget();
    return enqueue(w, err, [&] { return ft_entry{(Xapian::docid)id, nullptr}; });
}

// A commit ends the transaction that is always open.
static grf_status commit(struct grf_ft_writer *w, const char *key, int64_t *number,
                         int64_t value, struct grf_err *err)
{
    grf_status st = change(w, err, [&] {
        bool lists = !w->leaving.empty();
        grf_status left = leave(w, err);
        if (left)
            return left;
        w->db.set_metadata(key, std::to_string(value));
        w->db.set_metadata(key_analysis, analysis_name());
        w->lengths.write(w->dir);
        w->db.commit_transaction();
        ft_sums_committed(w->sums.get(), w->db.get_revision());
        *number = value;
        w->leaving.clear();
        w->anew.clear();
        if (lists)
            return without_them(w, err);
        w->db.begin_transaction();
        return GRF_OK;
    });
    if (!st) { // Xapian moves its new state in and does not wait for the name
        st = grf_dir_sync(w->dir.c_str(), err);
        w->poisoned = st != GRF_OK;
    }
    return st;
}

static grf_status name_part(struct grf_ft_writer *w, const char *part, struct grf_err *err)
{
    if (w->part == part)
        return GRF_OK;
    return change(w, err, [&] {
        w->db.set_metadata(key_part, part);
        w->part = part;
        return GRF_OK;
    });
}

extern "C" grf_status grf_ft_commit_part(struct grf_ft_writer *w, const char *part,
                                         struct grf_err *err)
{
    grf_status st = name_part(w, part, err);
    return st ? st : commit(w, key_generation, &w->generation, 0, err);
}

extern "C" const char *grf_ft_writer_part(const struct grf_ft_writer *w)
{
    return w->part.c_str();
}

extern "C" uint64_t grf_ft_writer_count(const struct grf_ft_writer *w)
{
    w->queue.drain();
    return w->db.get_doccount();
}

extern "C" grf_status grf_ft_commit(struct grf_ft_writer *w, int64_t generation,
                                    struct grf_err *err)
{
    grf_status st = name_part(w, "", err);
    return st ? st : commit(w, key_generation, &w->generation, generation, err);
}

extern "C" grf_status grf_ft_commit_ahead(struct grf_ft_writer *w, int64_t ahead,
                                          struct grf_err *err)
{
    return commit(w, key_ahead, &w->ahead, ahead, err);
}

extern "C" grf_status grf_ft_trim(struct grf_ft_writer *w, int64_t last, struct grf_err *err)
{
    return change(w, err, [&] {
        w->prefix.forget();
        for (Xapian::docid id = w->db.get_lastdocid(); id > last; id--)
            w->leaving.insert(id);
        return GRF_OK;
    });
}

extern "C" int64_t grf_ft_writer_ahead(const struct grf_ft_writer *w)
{
    return w->ahead;
}

extern "C" int64_t grf_ft_writer_generation(const struct grf_ft_writer *w)
{
    return w->generation;
}

extern "C" void grf_ft_writer_close(struct grf_ft_writer *w)
{
    if (!w)
        return;
    // Neither can fail in a way that matters: the last commit stands, and the next writer
    // sums what has no sum yet.
    struct grf_err err = GRF_ERR_INIT;
    w->queue.stop();
    if (!w->poisoned && !w->failed && ft_sums_save(w->sums.get(), &err))
        grf_log(GRF_LOG_WARNING, "%s", err.msg);
    (void)grf_guard(nullptr, translate{w->dir.c_str()}, [&] {
        with_sums use(w->sums);
        w->db.close();
        return GRF_OK;
    });
    delete w;
}

extern "C" grf_status grf_ft_compact(const char *from, const char *to, struct grf_err *err)
{
    sums_handle sums;
    grf_status st = open_sums(from, false, sums, err);
    if (st)
        return st;
    return grf_guard(err, translate{from, &sums}, [&] {
        with_sums use(sums);
        Xapian::Database db(from);
        db.compact(to, Xapian::DBCOMPACT_NO_RENUMBER);
        copy_lengths(from, to, db.get_lastdocid());
        note_dense(to);
        grf_status st = grf_dir_sync(to, err);
        return st ? st : grf_dir_sync_of(to, err);
    });
}

extern "C" grf_status grf_ft_is_loose(struct grf_ft_writer *w, bool *loose,
                                      struct grf_err *err)
{
    *loose = false;
    w->queue.drain();
    return grf_guard(err, translate{w->dir.c_str()}, [&] {
        *loose = is_loose(w->db, w->dir);
        return GRF_OK;
    });
}

// --------------------------------------------------------------------- query

struct grf_ft_reader {
    std::string dir;
    sums_handle sums;
    Xapian::Database db;
    list_source lists;
    stemmer stem;
    matcher match;
    question_words words;
    int64_t generation = 0, ahead = 0;
    uint64_t count = 0;
};

namespace {

grf_status check_query(const struct grf_ft_query *q, struct grf_err *err)
{
    for (size_t i = 0; i < q->n_clauses; i++)
        if (!(q->clauses[i].weight >= 0 && q->clauses[i].weight <= 1e6))
            return grf_fail(err, GRF_INVALID, _("question: a weight out of range"));
    return check_filters(q->filters, q->n_filters, err);
}

void run(struct grf_ft_reader *r, const struct grf_ft_query *q, struct grf_ft_hit *hits,
         size_t *n_hits)
{
    std::vector<asked_word> words = asked_words(q, r->stem);
    if (asks_nothing(q, words))
        return;
    bool plain = !words.empty() && !has_phrase(q);
    *n_hits = plain ? match_words(r->lists, r->match, q, words, hits)
                     : match_query(r->db, q, words, hits);
}

grf_status load(struct grf_ft_reader *r, const sums_handle &sums, struct grf_err *err)
{
    grf_status st = check_opened(r->db, sums, r->dir.c_str(), err);
    if (st)
        return st;
    r->generation = number_of(r->db, key_generation);
    r->ahead = number_of(r->db, key_ahead);
    r->count = r->db.get_doccount();
    r->lists.follow(r->dir, r->db);
    return GRF_OK;
}

// Runs body on the reader's view, or on the last commit when the writer has
// reused the view's blocks meanwhile.
template <class Body>
grf_status reading(struct grf_ft_reader *r, struct grf_err *err, Body body) noexcept
{
    return grf_guard(err, translate{r->dir.c_str(), &r->sums}, [&] {
        with_sums use(r->sums);
        for (int tries = 1;; tries++) {
            try {
                return body();
            } catch (const Xapian::DatabaseModifiedError &) {
                if (tries == reopen_tries)
                    throw;
            }
            r->db.reopen();
            grf_status st = load(r, r->sums, err);
            if (st)
                return st;
        }
    });
}

} // namespace

extern "C" grf_status grf_ft_reader_open(const char *dir, struct grf_ft_reader **out,
                                         struct grf_err *err)
{
    *out = nullptr;
    // sums first: what is read of the index later can only be newer
    sums_handle sums;
    grf_status opened = open_sums(dir, false, sums, err);
    if (opened)
        return opened;
    return grf_guard(err, translate{dir, &sums}, [&] {
        auto r = std::make_unique<grf_ft_reader>();
        with_sums use(sums);
        r->dir = dir;
        r->db = Xapian::Database(dir, Xapian::DB_BACKEND_GLASS);
        grf_status st = load(r.get(), sums, err);
        if (st)
            return st;
        r->sums = std::move(sums);
        *out = r.release();
        return GRF_OK;
    });
}

extern "C" grf_status grf_ft_reader_refresh(struct grf_ft_reader *r, struct grf_err *err)
{
    grf_status st = open_sums(r->dir.c_str(), false, r->sums, err);
    if (st)
        return st;
    return reading(r, err, [&] {
        r->db.reopen();
        return load(r, r->sums, err);
    });
}

extern "C" void grf_ft_reader_close(struct grf_ft_reader *r)
{
    delete r;
}

struct grf_ft_cache {
    std::shared_ptr<list_cache> lists;
};

extern "C" grf_status grf_ft_cache_new(size_t bytes, struct grf_ft_cache **out,
                                       struct grf_err *err)
{
    *out = nullptr;
    return grf_guard(err, translate{""}, [&] {
        auto c = std::make_unique<grf_ft_cache>();
        c->lists = std::make_shared<list_cache>(bytes, true);
        *out = c.release();
        return GRF_OK;
    });
}

extern "C" void grf_ft_cache_free(struct grf_ft_cache *c)
{
    delete c;
}

extern "C" size_t grf_ft_cache_bytes(const struct grf_ft_cache *c)
{
    return c->lists->bytes();
}

// Without memory for it the reader goes on by itself.
extern "C" void grf_ft_reader_share(struct grf_ft_reader *r, const struct grf_ft_cache *c)
{
    (void)grf_guard(nullptr, translate{r->dir.c_str()}, [&] {
        r->lists.keep_in(c->lists);
        return GRF_OK;
    });
}

extern "C" int64_t grf_ft_reader_generation(const struct grf_ft_reader *r)
{
    return r->generation;
}

extern "C" int64_t grf_ft_reader_ahead(const struct grf_ft_reader *r)
{
    return r->ahead;
}

extern "C" uint64_t grf_ft_reader_count(const struct grf_ft_reader *r)
{
    return r->count;
}

extern "C" grf_status grf_ft_search(struct grf_ft_reader *r, const struct grf_ft_query *q,
                                    struct grf_ft_hit *hits, size_t *n_hits,
                                    struct grf_err *err)
{
    *n_hits = 0;
    grf_status st = check_query(q, err);
    // Xapian takes a range that ends before it begins for no filter at all.
    if (st || q->limit == 0 || first_date(q) > last_date(q))
        return st;
    return reading(r, err, [&] {
        run(r, q, hits, n_hits);
        return GRF_OK;
    });
}

extern "C" grf_status grf_ft_matched(struct grf_ft_reader *r,
                                     const struct grf_ft_query *q, int64_t id,
                                     struct grf_str *out, struct grf_err *err)
{
    if (id < 1 || id > id_max)
        return grf_fail(err, GRF_NOTFOUND, _("passage %lld: not in the full-text index"),
                        (long long)id);
    return reading(r, err, [&] {
        std::string held;
        try {
            held = words_held(r->lists, r->words.of(q, r->stem), (Xapian::docid)id);
        } catch (const Xapian::DocNotFoundError &) {
            return grf_fail(err, GRF_NOTFOUND,
                            _("full-text index '%s': passage %lld is not in it; ask again, "
                              "then run 'greffier-index verify'"),
                            r->dir.c_str(), (long long)id);
        }
        grf_str_add(out, held.data(), held.size());
        return grf_str_status(out, err);
    });
}

extern "C" grf_status grf_ft_having(struct grf_ft_reader *r,
                                    const struct grf_filter_term *term, int64_t date_from,
                                    int64_t date_to, const int64_t *ids, size_t n, bool *out,
                                    struct grf_err *err)
{
    grf_status st = term ? check_filters(term, 1, err) : GRF_OK;
    if (st)
        return st;
    struct grf_ft_query q = {nullptr, 0, nullptr, 0, date_from, date_to, 0};
    return reading(r, err, [&] {
        if (term)
            r->lists.having(filter_term(*term), ids, n, out);
        else
            std::fill(out, out + n, true);
        if (date_from || date_to) {
            sieve filter;
            filter.add_range(r->lists, first_date(&q), last_date(&q));
            for (size_t i = 0; i < n; i++)
                out[i] = out[i] && filter.lets_through((Xapian::docid)ids[i]);
        }
        return GRF_OK;
    });
}

extern "C" grf_status grf_ft_passing(struct grf_ft_reader *r, const struct grf_ft_query *q,
                                     const int64_t *ids, size_t n, bool *out,
                                     struct grf_err *err)
{
    grf_status st = check_query(q, err);
    if (st)
        return st;
    return reading(r, err, [&] {
        sieve filter = filter_of(r->lists, q, 0);
        bool none = first_date(q) > last_date(q);
        for (size_t i = 0; i < n; i++)
            out[i] = !none && filter.lets_through((Xapian::docid)ids[i]);
        return GRF_OK;
    });
}

extern "C" grf_status grf_ft_all_passing(struct grf_ft_reader *r,
                                         const struct grf_ft_query *q,
                                         struct grf_idset *out, struct grf_err *err)
{
    grf_status st = check_query(q, err);
    if (st || first_date(q) > last_date(q))
        return st;
    return reading(r, err, [&] { return all_passing(r->lists, q, out, err); });
}

extern "C" grf_status grf_ft_frequency(struct grf_ft_reader *r, struct grf_sv norm,
                                       uint64_t *passages, struct grf_err *err)
{
    *passages = 0;
    char stem[GRF_STEM_MAX];
    grf_ft_stem(norm, stem);
    bool number = norm.n > 0 && std::isdigit((unsigned char)norm.p[0]);
    return reading(r, err, [&] {
        std::string term = number ? std::string(norm.p, norm.n) : std::string("Z") + stem;
        *passages = r->lists.frequency(term);
        return GRF_OK;
    });
}

extern "C" grf_status grf_ft_nearest_word(struct grf_ft_reader *r, struct grf_sv norm,
                                          char *out, struct grf_err *err)
{
    out[0] = '\0';
    bool letters = norm.n > 0 && norm.p[0] >= 'a' && norm.p[0] <= 'z';
    if (!letters || norm.n < short_word || norm.n > GRF_WORD_MAX)
        return GRF_OK;
    return reading(r, err, [&] {
        std::string best = nearest_word(r->lists, std::string(norm.p, norm.n));
        if (best.size() <= GRF_WORD_MAX)
            memcpy(out, best.c_str(), best.size() + 1);
        return GRF_OK;
    });
}

extern "C" void grf_ft_stem(struct grf_sv norm, char *out)
{
    std::string stemmed;
    grf_status st = grf_guard(nullptr, translate{""}, [&] {
        static thread_local const Xapian::Stem french("french");
        bool number = norm.n > 0 && std::isdigit((unsigned char)norm.p[0]);
        if (!number)
            stemmed = stem_of(french, std::string(norm.p, norm.n));
        return number ? GRF_UNSUPPORTED : GRF_OK;
    });
    struct grf_sv stem = st ? norm : grf_sv(stemmed.data(), stemmed.size());
    size_t n = stem.n < GRF_STEM_MAX ? stem.n : GRF_STEM_MAX - 1;
    memcpy(out, stem.p, n);
    out[n] = '\0';
}

#ifdef __SANITIZE_ADDRESS__
// Xapian 1.4's own Database::check deletes an object through another type.
extern "C" __attribute__((visibility("default"))) const char *__asan_default_options();
const char *__asan_default_options()
{
    return "new_delete_type_mismatch=0";
}
#endif

extern "C" grf_status grf_ft_check(const char *dir, int64_t **ids, size_t *n,
                                   struct grf_err *err)
{
    *ids = nullptr;
    *n = 0;
    std::unique_ptr<int64_t, void (*)(void *)> found(nullptr, grf_free);
    sums_handle sums;
    grf_status st = ft_sums_verify(dir, err);
    if (!st)
        st = open_sums(dir, false, sums, err);
    if (st)
        return st;
    return grf_guard(err, translate{dir, &sums}, [&] {
        with_sums use(sums);
        Xapian::Database db(dir, Xapian::DB_BACKEND_GLASS);
        st = check_opened(db, sums, dir, err);
        std::string faults = st ? "" : check_faults(db, dir);
        if (!faults.empty())
            return grf_fail(err, GRF_CORRUPT, _("full-text index '%s': damaged (faults: "
                                                "%s); run 'greffier-index rebuild'"),
                            dir, faults.c_str());
        if (!st && !lengths_are_sound(dir, db.get_lastdocid()))
            st = grf_fail(err, GRF_CORRUPT, _("'%s/lengths': damaged; run 'greffier-index "
                                              "rebuild'"), dir);
        size_t count = db.get_doccount();
        if (st || count == 0)
            return st;
        found.reset((int64_t *)grf_calloc(count, sizeof(int64_t)));
        if (!found)
            return grf_fail_nomem(err);
        size_t used = 0;
        auto it = db.postlist_begin(""), end = db.postlist_end("");
        for (; it != end && used < count; ++it)
            found.get()[used++] = (int64_t)*it;
        *n = used;
        *ids = found.release();
        return GRF_OK;
    });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The writer of the full-text index: what it holds, what is put and deleted through its
// queue, and how passages leave at a commit. Included by fulltext_xapian.cc alone, after
// xapian.h.
#ifndef GRF_FULLTEXT_WRITER_HH
#define GRF_FULLTEXT_WRITER_HH

#include <map>
#include <set>
#include <string>
#include <vector>

#include "fulltext_failure.hh"
#include "fulltext_gather.hh"
#include "fulltext_lengths.hh"
#include "fulltext_open.hh"
#include "fulltext_passage.hh"
#include "fulltext_queue.hh"
#include "grf_i18n.h"

namespace {

constexpr int64_t id_max = 0xFFFFFFFF; // Xapian's document numbers are 32 bits

// Xapian commits by itself after many changes unless a transaction is open: one
// always is, from opening to closing. While entries wait in the queue, its thread alone
// touches the rest, but for what passages are made with.
struct writer_state {
    std::string dir;
    sums_handle sums;
    Xapian::WritableDatabase db;
    vocabulary words;
    last_prefix prefix;
    std::string part;
    new_lengths lengths;
    int64_t generation = 0, ahead = 0;
    int64_t highest = 0; // id that there is or was
    bool poisoned = false;
    std::set<Xapian::docid> leaving;            // deleted by the next commit
    std::map<Xapian::docid, new_passage> anew;  // put in their place
    grf_status failed = GRF_OK; // in the queue's thread, and not told yet
    struct grf_err failure = GRF_ERR_INIT;
    mutable ft_queue queue{[this](const ft_entry &e) { return do_entry(e); }}; // goes first

    bool do_entry(const ft_entry &e) noexcept;
};

grf_status check_id(int64_t id, struct grf_err *err)
{
    if (id < 1)
        return grf_fail(err, GRF_INVALID, _("passage %lld: ids count from 1"),
                        (long long)id);
    if (id > id_max)
        return grf_fail(err, GRF_LIMIT,
                        _("passage %lld: the full-text index takes ids up to %lld; run "
                          "'greffier-index rebuild'"),
                        (long long)id, (long long)id_max);
    return GRF_OK;
}

grf_status check_filters(const struct grf_filter_term *f, size_t n, struct grf_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].name < 0 || f[i].name >= GRF_FILTER_COUNT)
            return grf_fail(err, GRF_INVALID, _("filter %d: not known"), (int)f[i].name);
    return GRF_OK;
}

// What failed in the queue is told once.
grf_status tell_failure(struct writer_state *w, struct grf_err *err)
{
    if (w->poisoned || !w->failed)
        return GRF_OK;
    w->poisoned = true;
    if (err)
        *err = w->failure;
    return w->failed;
}

// A change of the index: refused on a poisoned writer, poisoning when it fails. Not before
// all that waits is done.
template <class Body>
grf_status change(struct writer_state *w, struct grf_err *err, Body body) noexcept
{
    w->queue.drain();
    grf_status st = tell_failure(w, err);
    if (st)
        return st;
    if (w->poisoned)
        return grf_fail(err, GRF_INTERNAL, _("full-text index '%s': unusable after an "
                                             "earlier failure"),
                        w->dir.c_str());
    st = grf_guard(err, translate{w->dir.c_str(), &w->sums}, [&] {
        with_sums use(w->sums);
        return body();
    });
    w->poisoned = st != GRF_OK;
    return st;
}

// Lets the thread do what make() gives.
template <class Make>
grf_status enqueue(struct writer_state *w, struct grf_err *err, Make make) noexcept
{
    if (w->poisoned || w->queue.has_failed())
        return change(w, err, [] { return GRF_OK; });
    grf_status st = grf_guard(err, translate{w->dir.c_str()}, [&] {
        w->queue.push(make());
        return GRF_OK;
    });
    w->poisoned = st != GRF_OK;
    return st;
}

// With an id beyond all others it is new; another one may be there, and what others refer to
// must not be replaced: it keeps all its words.
ft_entry entry_of(struct writer_state *w, const struct grf_ft_doc *doc)
{
    auto made = std::make_unique<new_passage>();
    bool is_new = doc->id > w->highest;
    if (is_new)
        w->highest = doc->id;
    else
        w->prefix.forget();
    made->doc = document_of(doc, w->words, is_new ? w->prefix.back(doc) : 0, &made->length);
    return {(Xapian::docid)doc->id, std::move(made)};
}

// Lists of terms are made for so many passages at once: 100 MB.
constexpr size_t leave_at_once = 10000;

void reopen(struct writer_state *w)
{
    w->db = Xapian::WritableDatabase(w->dir, Xapian::DB_OPEN | without_lists);
    w->db.begin_transaction();
}

grf_status without_them(struct writer_state *w, struct grf_err *err)
{
    w->db.close();
    grf_status st = drop_lists(w->dir, err);
    if (!st)
        reopen(w);
    return st;
}

grf_status delete_some(struct writer_state *w, const std::vector<Xapian::docid> &ids,
                       struct grf_err *err)
{
    // the terms of what was put in since the last commit can be read only after one
    w->db.set_metadata(key_analysis, analysis_name());
    w->db.commit_transaction();
    w->db.close();
    grf_status st = make_lists(w->dir, ids, err);
    if (st)
        return st;
    reopen(w);
    for (Xapian::docid id : ids) {
        w->db.delete_document(id);
        w->lengths.note(id, 0);
    }
    return GRF_OK;
}

// Deletes what leaves, and puts what comes in its place.
grf_status leave(struct writer_state *w, struct grf_err *err)
{
    std::vector<Xapian::docid> ids;
    for (Xapian::docid id : w->leaving) {
        if (has_document(w->db, id))
            ids.push_back(id);
        if (ids.size() < leave_at_once)
            continue;
        grf_status st = delete_some(w, ids, err);
        if (st)
            return st;
        ids.clear();
    }
    grf_status st = ids.empty() ? GRF_OK : delete_some(w, ids, err);
    for (auto it = w->anew.begin(); it != w->anew.end() && !st; ++it) {
        w->db.replace_document(it->first, it->second.doc);
        w->lengths.note(it->first, it->second.length);
    }
    return st;
}

// In the queue's thread.
inline bool writer_state::do_entry(const ft_entry &e) noexcept
{
    failed = grf_guard(&failure, translate{dir.c_str(), &sums}, [&] {
        with_sums use(sums);
        if (!e.passage) {
            leaving.insert(e.id);
            anew.erase(e.id);
        } else if (e.id <= db.get_lastdocid() && has_document(db, e.id)) {
            leaving.insert(e.id);
            anew[e.id] = *e.passage;
        } else {
            db.replace_document(e.id, e.passage->doc);
            lengths.note(e.id, e.passage->length);
        }
        return GRF_OK;
    });
    return failed == GRF_OK;
}

} // namespace

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
//
// Where a reader gets lists from: what was kept, the table itself, or Xapian. Included by
// fulltext_xapian.cc alone, after xapian.h.
#ifndef GRF_FULLTEXT_SOURCE_HH
#define GRF_FULLTEXT_SOURCE_HH

#include <memory>
#include <string>

#include "fulltext_cache.hh"
#include "fulltext_glass.hh"
#include "fulltext_look.hh"
#include "fulltext_passage.hh"

namespace {

// A passage's date, 0 when it has none.
inline uint32_t date_number(const std::string &value)
{
    double date = Xapian::sortable_unserialise(value);
    return date >= date_min && date <= date_max ? (uint32_t)date : 0;
}

constexpr size_t own_lists_most = 64 << 20; // bytes that one reader keeps for itself

class list_source {
public:
    using dates_list = std::shared_ptr<const std::vector<uint32_t>>;

    // Where lists are kept from now on.
    void keep_in(const std::shared_ptr<list_cache> &c)
    {
        state = c->enter(dir, db.get_revision(), db.get_uuid());
        cache = c;
    }

    // The index is open in another state.
    void follow(const std::string &of, const Xapian::Database &opened)
    {
        dir = of;
        db = opened;
        is_plain = table.open(dir, db.get_revision());
        keep_in(cache ? cache : std::make_shared<list_cache>(own_lists_most, false));
    }

    // Passages that have the term.
    size_t frequency(const std::string &term)
    {
        kept_list known = cache->find(*state, term);
        if (known)
            return known->size();
        return is_plain ? glass_frequency(table, term) : db.get_termfreq(term);
    }

    kept_list get(const std::string &term)
    {
        kept_list known = cache->find(*state, term);
        if (known)
            return known;
        try {
            return cache->keep(*state, term, make(term));
        } catch (const std::bad_alloc &) {
            if (!cache->is_shared())
                throw;
            cache->drop_all(); // what others left there may be what lacks here
        }
        return cache->keep(*state, term, make(term));
    }

    // Whether one passage has the term: not worth reading a long list to be forgotten.
    bool holds(const std::string &term, Xapian::docid id)
    {
        kept_list known = cache->find(*state, term);
        if (!known && (cache->is_shared() || frequency(term) < short_list))
            known = get(term);
        return known ? known->has(id) : ::holds(db, term, id);
    }

    // Which of the passages ids (ascending) have it.
    void having(const std::string &term, const int64_t *ids, size_t n, bool *out)
    {
        kept_list list = get(term);
        for (size_t i = 0; i < n; i++)
            out[i] = list->has((Xapian::docid)ids[i]);
    }

    std::shared_ptr<const measure> lengths()
    {
        return state->lengths([&] {
            return std::make_shared<const measure>(dir, db.get_lastdocid(), db.get_doccount(),
                                                   db.get_avlength());
        });
    }

    // How many words a passage has.
    double length(const measure &m, Xapian::docid id) const
    {
        unsigned known = m.length(id);
        return known ? known : db.get_doclength(id);
    }

    // Of every passage its date; none: not worth reading them all for one question.
    dates_list dates()
    {
        return cache->is_shared() ? state->dates([&] { return read_dates(); }) : nullptr;
    }

    index_state &known() { return *state; }

    // The terms that begin with prefix, in their order: look(term, frequency), until it says
    // no.
    template <class Look>
    void each_term(const std::string &prefix, Look look)
    {
        if (is_plain)
            return glass_each_term(table, prefix, look);
        for (auto t = db.allterms_begin(prefix); t != db.allterms_end(prefix); ++t)
            if (!look(*t, [&] { return t.get_termfreq(); }))
                return;
    }

    const Xapian::Database &index() const { return db; }

private:
    static constexpr size_t short_list = 20000;

    std::string dir;
    Xapian::Database db;
    glass_table table;
    bool is_plain = false;
    std::shared_ptr<list_cache> cache;
    state_handle state;

    kept_list make(const std::string &term)
    {
        auto list = std::make_shared<passage_list>();
        const Xapian::docid last = db.get_lastdocid();
        auto put = [&](Xapian::docid id, unsigned count) {
            if (id > last)
                glass_damaged();
            list->put(id, count);
        };
        if (is_plain) {
            glass_each(table, term, [&](size_t n) {
                if (n > db.get_doccount())
                    glass_damaged();
                list->room(n);
            }, put);
        } else {
            size_t n = db.get_termfreq(term), i = 0;
            list->room(n);
            for (auto p = db.postlist_begin(term); p != db.postlist_end(term) && i < n; ++p, ++i)
                put(*p, p.get_wdf());
        }
        list->finish(*lengths());
        return list;
    }

    dates_list read_dates() const
    {
        auto dates = std::make_shared<std::vector<uint32_t>>((size_t)db.get_lastdocid() + 1);
        for (auto it = db.valuestream_begin(date_slot); it != db.valuestream_end(date_slot); ++it) {
            if (it.get_docid() < dates->size())
                (*dates)[it.get_docid()] = date_number(*it);
        }
        return dates;
    }
};

} // namespace

#endif

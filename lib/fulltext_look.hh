// SPDX-License-Identifier: GPL-3.0-or-later
// Looking things up in the lists of terms. Included by fulltext_xapian.cc alone, after
// xapian.h.
#ifndef GRF_FULLTEXT_LOOK_HH
#define GRF_FULLTEXT_LOOK_HH

#include <string>

#include "fulltext_passage.hh"

namespace {

inline bool holds(const Xapian::Database &db, const std::string &term, Xapian::docid id)
{
    auto it = db.postlist_begin(term), end = db.postlist_end(term);
    if (it != end)
        it.skip_to(id);
    return it != end && *it == id;
}

inline void having_term(const Xapian::Database &db, const std::string &term, const int64_t *ids,
                 size_t n, bool *out)
{
    auto it = db.postlist_begin(term), end = db.postlist_end(term);
    for (size_t i = 0; i < n; i++) {
        if (it != end)
            it.skip_to((Xapian::docid)ids[i]);
        out[i] = it != end && *it == (Xapian::docid)ids[i];
    }
}

inline void having_date(const Xapian::Database &db, const std::string &from, const std::string &to,
                 const int64_t *ids, size_t n, bool *out)
{
    auto it = db.valuestream_begin(date_slot), end = db.valuestream_end(date_slot);
    for (size_t i = 0; i < n; i++) {
        if (it != end)
            it.skip_to((Xapian::docid)ids[i]);
        out[i] = out[i] && it != end && it.get_docid() == (Xapian::docid)ids[i] &&
                 *it >= from && *it <= to;
    }
}

} // namespace

#endif

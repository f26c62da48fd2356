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

} // namespace

#endif

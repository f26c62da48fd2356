// SPDX-License-Identifier: GPL-3.0-or-later
// How much room the tables take beside what they would take copied. Included by
// fulltext_xapian.cc alone, after xapian.h.
//
// Words of new passages go into the middle of the tables: their blocks split, and blocks
// that a commit replaces stay free. After a long fill less than half of the larger table is
// in use. A copy is full; what it took is noted in it, to be compared with.
#ifndef GRF_FULLTEXT_DENSE_HH
#define GRF_FULLTEXT_DENSE_HH

#include <string>

#include <sys/stat.h>

#include "fulltext_leaving.hh"

namespace {

const char key_dense[] = "dense"; // bytes and passages of the copy
constexpr int64_t loose_least = 32 << 20; // bytes; less is not worth copying
constexpr double loose_factor = 1.25;

inline int64_t table_bytes(const std::string &dir)
{
    int64_t bytes = 0;
    for (const char *table : {"/postlist.glass", "/docdata.glass"}) {
        struct stat sb;
        if (stat((dir + table).c_str(), &sb) == 0)
            bytes += sb.st_size;
    }
    return bytes;
}

inline void note_dense(const char *dir)
{
    std::string bytes = std::to_string(table_bytes(dir));
    Xapian::WritableDatabase db(dir, Xapian::DB_OPEN | without_lists);
    db.set_metadata(key_dense, bytes + " " + std::to_string(db.get_doccount()));
    db.commit();
}

// With as many bytes a passage as the copy had; without one when there are many.
inline bool is_loose(const Xapian::Database &db, const std::string &dir)
{
    int64_t bytes = table_bytes(dir);
    if (bytes < loose_least)
        return false;
    char *rest;
    std::string noted = db.get_metadata(key_dense);
    double dense = std::strtod(noted.c_str(), &rest), passages = std::strtod(rest, nullptr);
    if (!(passages > 0))
        return true;
    return (double)bytes > loose_factor * dense * (double)db.get_doccount() / passages;
}

} // namespace

#endif

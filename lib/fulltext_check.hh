// SPDX-License-Identifier: GPL-3.0-or-later
// Checking a full-text index. Included by fulltext_xapian.cc alone, after xapian.h.
#ifndef GRF_FULLTEXT_CHECK_HH
#define GRF_FULLTEXT_CHECK_HH

#include <cctype>
#include <cerrno>
#include <sstream>
#include <string>

#include <unistd.h>

namespace {

// Xapian's own check opens each table to write.
inline bool may_be_checked(const std::string &dir)
{
    for (const char *table : {"postlist", "docdata", "termlist", "position"}) {
        std::string path = dir + "/" + table + ".glass";
        if (access(path.c_str(), W_OK) != 0 && errno != ENOENT)
            return false;
    }
    return true;
}

// Reads all that there is to read; what is damaged throws.
inline void read_through(const Xapian::Database &db)
{
    for (auto t = db.allterms_begin(); t != db.allterms_end(); ++t)
        for (auto p = db.postlist_begin(*t); p != db.postlist_end(*t); ++p)
            (void)p.get_wdf();
    for (auto p = db.postlist_begin(""); p != db.postlist_end(""); ++p)
        (void)db.get_document(*p).get_data();
}

// The faults that Xapian's own check finds, on one line; empty when there are none.
inline std::string check_faults(const Xapian::Database &db, const char *dir)
{
    if (!may_be_checked(dir)) {
        read_through(db);
        return "";
    }
    std::ostringstream report;
    size_t faults = Xapian::Database::check(dir, 0, &report);
    if (faults == 0)
        return "";
    std::string line;
    for (char c : report.str())
        line += std::iscntrl((unsigned char)c) ? ' ' : c;
    return std::to_string(faults) + ": " + line.substr(0, 300);
}

} // namespace

#endif

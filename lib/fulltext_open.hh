// SPDX-License-Identifier: GPL-3.0-or-later
// Opening an index, and whether it is one of this layout. Included by fulltext_xapian.cc
// alone, after xapian.h.
#ifndef GRF_FULLTEXT_OPEN_HH
#define GRF_FULLTEXT_OPEN_HH

#include <cstdlib>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "fulltext_failure.hh"
#include "fulltext_leaving.hh"

namespace {

// Passages after which Xapian moves what it holds in memory to its tables (it
// commits nothing by that). With its own 10,000 the maps outgrow the processor's
// caches: slower by half, and 180 MB more. Fewer cost more in a large index.
const char flush_passages[] = "400";

// The terms are those of this layout and of that text analysis. Of the layout before,
// passages have their stopwords as terms, too: they may stand beside those that have not.
constexpr int layout_version = 4, layout_before = 3;
const char key_analysis[] = "analysis";
const char key_generation[] = "generation", key_ahead[] = "ahead", key_part[] = "part";

inline std::string analysis_name(int layout = layout_version)
{
    return std::to_string(layout) + "." + std::to_string(GRF_TEXT_VERSION);
}

// --------------------------------------------------------------- directories

inline bool has_database(const char *dir)
{
    struct stat sb;
    std::string version_file = std::string(dir) + "/iamglass";
    return stat(version_file.c_str(), &sb) == 0 && sb.st_size > 0;
}

// A kill while the index is made leaves files that are no database yet.
inline Xapian::WritableDatabase open_or_create(const char *dir)
{
    setenv("XAPIAN_FLUSH_THRESHOLD", flush_passages, 0); // Xapian has no other way
    if (has_database(dir)) {
        Xapian::WritableDatabase db(dir, Xapian::DB_OPEN | without_lists);
        if (db.get_revision() > 0)
            return db;
    } // nothing was ever committed: opened, Xapian would make the table of lists all the same
    return Xapian::WritableDatabase(dir, Xapian::DB_CREATE_OR_OVERWRITE | without_lists);
}

inline int64_t number_of(const Xapian::Database &db, const char *key)
{
    return std::strtoll(db.get_metadata(key).c_str(), nullptr, 10);
}

// A new index has neither passages nor a stamp.
inline grf_status check_analysis(const Xapian::Database &db, const char *dir,
                          struct grf_err *err)
{
    std::string found = db.get_metadata(key_analysis);
    if (found == analysis_name() || found == analysis_name(layout_before) ||
        (found.empty() && db.get_doccount() == 0))
        return GRF_OK;
    return grf_fail(err, GRF_VERSION,
                    _("full-text index '%s': made by text analysis '%.20s', not '%s'; "
                      "run 'greffier-index rebuild'"),
                    dir, found.c_str(), analysis_name().c_str());
}

// Xapian takes this table for empty when it is not there; each passage has an entry in it.
inline grf_status check_tables(const Xapian::Database &db, const char *dir, struct grf_err *err)
{
    std::string path = std::string(dir) + "/docdata.glass";
    if (db.get_doccount() == 0 || access(path.c_str(), F_OK) == 0)
        return GRF_OK;
    return grf_fail(err, GRF_CORRUPT, _("%s: missing; 'greffier-index rebuild' makes it again"),
                    path.c_str());
}

inline grf_status check_opened(const Xapian::Database &db, const sums_handle &sums,
                        const char *dir, struct grf_err *err)
{
    grf_status st = check_analysis(db, dir, err);
    if (!st)
        st = check_tables(db, dir, err);
    return st ? st : ft_sums_follow(sums.get(), db.get_revision(), err);
}

} // namespace

#endif

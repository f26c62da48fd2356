// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong in Xapian, told as a status, and the sums by which damage is known.
// Included by fulltext_xapian.cc alone, after xapian.h.
#ifndef GRF_FULLTEXT_FAILURE_HH
#define GRF_FULLTEXT_FAILURE_HH

#include <cerrno>
#include <cstring>
#include <memory>

#include "cxx_guard.hh"
#include "fulltext_sums.h"

namespace {

// Xapian keeps errno only as text, in the user's language, beside the message or in it.
inline bool tells_errno(const Xapian::Error &e, int number)
{
    char room[256];
    const char *wanted = strerror_r(number, room, sizeof(room));
    const char *system = e.get_error_string();
    return (system && strcmp(system, wanted) == 0) ||
           e.get_msg().find(wanted) != std::string::npos;
}

// Where Xapian keeps none (a new index that cannot be made), errno is still that of the call.
inline grf_status database_failed(const Xapian::Error &e, const char *dir, struct grf_err *err)
{
    const int last = errno;
    char room[256];
    const char *system = e.get_error_string();
    grf_status st = tells_errno(e, ENOENT) ? GRF_NOTFOUND : GRF_IO;
    for (int number : {ENOSPC, EDQUOT, EFBIG}) {
        if (!system && last == number)
            system = strerror_r(number, room, sizeof(room));
        else if (!tells_errno(e, number))
            continue;
        st = GRF_NOSPC;
    }
    return grf_fail(err, st, _("full-text index '%s': %.200s%s%s"), dir,
                    e.get_msg().c_str(), system ? ": " : "", system ? system : "");
}

struct close_sums {
    void operator()(struct ft_sums *s) const { ft_sums_close(s); }
};
using sums_handle = std::unique_ptr<struct ft_sums, close_sums>;

inline grf_status open_sums(const char *dir, bool writes, sums_handle &out, struct grf_err *err)
{
    struct ft_sums *s;
    grf_status st = ft_sums_open(dir, writes, &s, err);
    if (!st)
        out.reset(s);
    return st;
}

// What Xapian reads and writes meanwhile is checked and summed.
class with_sums {
public:
    explicit with_sums(const sums_handle &s) : before(ft_sums_use(s.get())) {}
    ~with_sums() { ft_sums_use(before); }
    with_sums(const with_sums &) = delete;
    with_sums &operator=(const with_sums &) = delete;

private:
    struct ft_sums *before;
};

// Called inside a handler: Xapian's exceptions as statuses, others pass.
struct translate {
    const char *dir;
    const sums_handle *sums = nullptr;

    grf_status operator()(struct grf_err *err) const
    {
        grf_status st = sums && *sums ? ft_sums_met(sums->get(), err) : GRF_OK;
        if (st)
            return st;
        try {
            throw;
        } catch (const Xapian::DatabaseLockError &e) { // also for a lock that fails
            if (e.get_msg().find("already locked") == std::string::npos)
                return database_failed(e, dir, err);
            return grf_fail(err, GRF_LOCKED, _("full-text index '%s': another program is "
                                               "writing; try again when it has finished"),
                            dir);
        } catch (const Xapian::DatabaseModifiedError &) {
            return grf_fail(err, GRF_STALE, _("full-text index '%s': overtaken by the "
                                              "writer; try again"),
                            dir);
        } catch (const Xapian::DatabaseVersionError &) {
            return grf_fail(err, GRF_VERSION, _("full-text index '%s': made by another "
                                                "version; run 'greffier-index rebuild'"),
                            dir);
        } catch (const Xapian::DatabaseCorruptError &e) {
            return grf_fail(err, GRF_CORRUPT, _("full-text index '%s': damaged (%.200s); "
                                                "run 'greffier-index rebuild'"),
                            dir, e.get_msg().c_str());
        } catch (const Xapian::DatabaseNotFoundError &) {
            return grf_fail(err, GRF_NOTFOUND, _("full-text index '%s': not found"), dir);
        } catch (const Xapian::DatabaseError &e) {
            return database_failed(e, dir, err);
        } catch (const Xapian::Error &e) {
            return grf_fail(err, GRF_INTERNAL, _("full-text index '%s': %.300s"), dir,
                            e.get_description().c_str());
        }
    }
};

} // namespace

#endif

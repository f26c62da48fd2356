// SPDX-License-Identifier: GPL-3.0-or-later
//
// The file "lengths" beside Xapian's tables: how long each passage is, two bytes at twice
// its number. Xapian keeps the lengths too, but to look one up costs it as much as a hundred
// postings. The file is a help and no more: where it says 0, is short or is not there, Xapian
// is asked. Included by fulltext_xapian.cc alone, after xapian.h.
#ifndef GRF_FULLTEXT_LENGTHS_HH
#define GRF_FULLTEXT_LENGTHS_HH

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

inline std::string lengths_path(const std::string &dir) { return dir + "/lengths"; }

inline uint16_t length_of(const Xapian::Document &doc)
{
    Xapian::termcount sum = 0;
    for (auto t = doc.termlist_begin(); t != doc.termlist_end(); ++t)
        sum += t.get_wdf();
    return sum <= UINT16_MAX ? (uint16_t)sum : 0;
}

class lengths_file {
public:
    lengths_file() = default;
    lengths_file(const lengths_file &) = delete;
    lengths_file &operator=(const lengths_file &) = delete;
    ~lengths_file() { close(); }

    bool open(const std::string &dir, int flags)
    {
        close();
        fd = ::open(lengths_path(dir).c_str(), flags | O_CLOEXEC, 0666);
        return fd >= 0;
    }

    // n lengths of the passages from first on; those that the file does not have are 0.
    void read(Xapian::docid first, uint16_t *out, size_t n) const
    {
        size_t have = 0, all = n * sizeof(*out);
        while (fd >= 0 && have < all) {
            ssize_t got = pread(fd, (char *)out + have, all - have, (off_t)first * 2 + (off_t)have);
            if (got <= 0 && !(got < 0 && errno == EINTR))
                break;
            have += got > 0 ? (size_t)got : 0;
        }
        have -= have % sizeof(*out);
        std::fill((char *)out + have, (char *)out + all, '\0');
    }

    bool write(Xapian::docid first, const uint16_t *from, size_t n) const
    {
        const char *p = (const char *)from;
        size_t left = n * sizeof(*from);
        off_t at = (off_t)first * 2;
        while (left) {
            ssize_t put = pwrite(fd, p, left, at);
            if (put < 0 && errno != EINTR)
                return false;
            if (put > 0) {
                p += put;
                at += put;
                left -= (size_t)put;
            }
        }
        return true;
    }

private:
    int fd = -1;

    void close()
    {
        if (fd >= 0)
            ::close(fd);
        fd = -1;
    }
};

// Lengths that the next commit writes.
class new_lengths {
public:
    void note(Xapian::docid id, uint16_t length) { pending[id] = length; }

    // What is written before Xapian's commit is of passages that nobody sees yet. Half a
    // file would be a wrong one: then there is none.
    void write(const std::string &dir)
    {
        if (!pending.empty() && !write_runs(dir))
            unlink(lengths_path(dir).c_str());
        pending.clear();
    }

private:
    std::map<Xapian::docid, uint16_t> pending;

    bool write_runs(const std::string &dir)
    {
        lengths_file file;
        if (!file.open(dir, O_WRONLY | O_CREAT))
            return false;
        std::vector<uint16_t> run;
        for (auto it = pending.begin(); it != pending.end();) {
            Xapian::docid first = it->first;
            run.clear();
            for (; it != pending.end() && it->first == first + run.size(); ++it)
                run.push_back(it->second);
            if (!file.write(first, run.data(), run.size()))
                return false;
        }
        return true;
    }
};

// The lengths of an index that was copied without new numbers.
inline void copy_lengths(const std::string &from, const std::string &to, Xapian::docid last)
{
    constexpr size_t piece = 65536;
    lengths_file in, out;
    std::vector<uint16_t> some(piece);
    if (!in.open(from, O_RDONLY) || !out.open(to, O_WRONLY | O_CREAT))
        return;
    for (size_t at = 0; at <= last; at += piece) {
        in.read((Xapian::docid)at, some.data(), piece);
        bool empty = std::all_of(some.begin(), some.end(), [](uint16_t n) { return n == 0; });
        if (!empty && !out.write((Xapian::docid)at, some.data(),
                                 std::min<size_t>(piece, last - at + 1))) {
            unlink(lengths_path(to).c_str());
            return;
        }
    }
}

} // namespace

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
//
// The file "lengths" beside Xapian's tables: how long each passage is, in blocks that each
// have a checksum (doc/FORMAT.md). Xapian keeps the lengths too, but to look one up costs it
// as much as a hundred postings. The file is a help and no more: where it says 0, is short,
// damaged or not there, Xapian is asked. Included by fulltext_xapian.cc alone, after
// xapian.h.
#ifndef GRF_FULLTEXT_LENGTHS_HH
#define GRF_FULLTEXT_LENGTHS_HH

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "grf_container.h"
#include "grf_file.h"

namespace {

inline std::string lengths_path(const std::string &dir) { return dir + "/lengths"; }

// The lengths of passages, one after another from number * block_lengths on.
constexpr size_t block_lengths = 2044;

struct lengths_block {
    uint64_t sum;
    uint16_t of[block_lengths];

    // Of the block's number too: a sound block in another's place is none.
    uint64_t sum_at(uint64_t number) const
    {
        return grf_container_sum64(of, sizeof(of)) ^ (number + 1);
    }
    void clear() { memset(of, 0, sizeof(of)); }
};
static_assert(sizeof(lengths_block) == 4096, "a block is a page of the disk");

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

    // All 0 when the file ends before it or it is damaged. Returns whether it is sound.
    bool read_block(uint64_t number, lengths_block &b) const
    {
        char *p = (char *)&b;
        size_t have = 0;
        while (fd >= 0 && have < sizeof(b)) {
            ssize_t got = pread(fd, p + have, sizeof(b) - have, place(number) + (off_t)have);
            if (got <= 0 && !(got < 0 && errno == EINTR))
                break;
            have += got > 0 ? (size_t)got : 0;
        }
        if (have == sizeof(b) && b.sum == b.sum_at(number))
            return true;
        bool hole = std::all_of(p, p + have, [](char c) { return c == 0; });
        b.clear();
        return hole && (have == 0 || have == sizeof(b));
    }

    bool write_block(uint64_t number, lengths_block &b) const
    {
        b.sum = b.sum_at(number);
        return grf_file_write_at(fd, &b, sizeof(b), place(number));
    }

    // n lengths of the passages from first on; those that the file does not have are 0.
    void read(Xapian::docid first, uint16_t *out, size_t n) const
    {
        lengths_block b;
        for (size_t done = 0; done < n;) {
            size_t at = (first + done) % block_lengths;
            size_t some = std::min(n - done, block_lengths - at);
            read_block((first + done) / block_lengths, b);
            memcpy(out + done, b.of + at, some * sizeof(*out));
            done += some;
        }
    }

private:
    int fd = -1;

    static off_t place(uint64_t number) { return (off_t)(number * sizeof(lengths_block)); }

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
    void note(Xapian::docid id, Xapian::termcount length)
    {
        pending[id] = length <= UINT16_MAX ? (uint16_t)length : 0;
    }

    // What is written before Xapian's commit is of passages that nobody sees yet. Half a
    // file would be a wrong one: then there is none.
    void write(const std::string &dir)
    {
        if (!pending.empty() && !write_blocks(dir))
            unlink(lengths_path(dir).c_str());
        pending.clear();
    }

private:
    std::map<Xapian::docid, uint16_t> pending;

    bool write_blocks(const std::string &dir)
    {
        lengths_file file;
        lengths_block b;
        if (!file.open(dir, O_RDWR | O_CREAT))
            return false;
        for (auto it = pending.begin(); it != pending.end();) {
            uint64_t number = it->first / block_lengths;
            file.read_block(number, b);
            for (; it != pending.end() && it->first / block_lengths == number; ++it)
                b.of[it->first % block_lengths] = it->second;
            if (!file.write_block(number, b))
                return false;
        }
        return true;
    }
};

// The lengths of an index that was copied without new numbers.
inline void copy_lengths(const std::string &from, const std::string &to, Xapian::docid last)
{
    lengths_file in, out;
    lengths_block b;
    if (!in.open(from, O_RDONLY) || !out.open(to, O_WRONLY | O_CREAT))
        return;
    for (uint64_t n = 0; n <= last / block_lengths; n++) {
        in.read_block(n, b);
        bool empty = std::all_of(b.of, b.of + block_lengths, [](uint16_t l) { return l == 0; });
        if (!empty && !out.write_block(n, b)) {
            unlink(lengths_path(to).c_str());
            return;
        }
    }
}

// Whether no block up to that of the passage numbered last is damaged.
inline bool lengths_are_sound(const std::string &dir, Xapian::docid last)
{
    lengths_file file;
    lengths_block b;
    bool sound = true;
    if (!file.open(dir, O_RDONLY))
        return errno == ENOENT;
    for (uint64_t n = 0; n <= last / block_lengths && sound; n++)
        sound = file.read_block(n, b);
    return sound;
}

} // namespace

#endif

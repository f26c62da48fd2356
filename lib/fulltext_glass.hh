// SPDX-License-Identifier: GPL-3.0-or-later
//
// Xapian's table of lists (postlist.glass, format of Xapian 1.4) read without Xapian.
// Included by fulltext_xapian.cc alone, after xapian.h.
//
// Through Xapian's interface a posting costs a call or three, and each look into the table
// reads and copies the blocks on the way again. Here a block is read once (with pread, so
// that its checksum is looked at, fulltext_sums.h) and a list is decoded in one loop. All
// that is read is taken for hostile: what does not fit is damage. A block that a later
// revision wrote ends the view as it does in Xapian. A table of another make, or whose state
// is no more the one that Xapian has open, is not read: then Xapian is asked.
#ifndef GRF_FULLTEXT_GLASS_HH
#define GRF_FULLTEXT_GLASS_HH

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "fulltext_leaving.hh"

namespace {

// ---- a block: revision (4 bytes), level (1), two counts of free bytes (2 each), end of
// the directory (2), the directory (2 bytes an item), items; all big-endian

constexpr size_t glass_block = 8192, glass_directory = 11;
constexpr unsigned glass_levels = 10;

struct glass_bytes {
    uint32_t number;
    unsigned char b[glass_block];

    unsigned two(size_t at) const { return (unsigned)b[at] << 8 | b[at + 1]; }
    uint32_t four(size_t at) const { return (uint32_t)two(at) << 16 | two(at + 2); }
    size_t items() const { return (two(9) - glass_directory) / 2; }
};

[[noreturn]] inline void glass_damaged()
{
    throw Xapian::DatabaseCorruptError("postlist.glass");
}

// An item's key, the part of its value that it has (1: the first), and the value: of a
// branch the number of a block.
struct glass_item {
    std::string_view key, value;
    unsigned part;
    uint32_t block;
    unsigned marks;
};
constexpr unsigned first_part = 1, last_part = 2, compressed = 4;

inline std::string_view glass_view(const glass_bytes &b, size_t at, size_t n)
{
    if (at > glass_block || n > glass_block - at)
        glass_damaged();
    return std::string_view((const char *)b.b + at, n);
}

inline size_t glass_place(const glass_bytes &b, size_t nth)
{
    size_t at = b.two(glass_directory + 2 * nth);
    if (at < glass_directory || at > glass_block - 5)
        glass_damaged();
    return at;
}

// Of a branch: block, length of the key, key, part.
inline glass_item glass_branch(const glass_bytes &b, size_t nth)
{
    size_t at = glass_place(b, nth), n = b.b[at + 4];
    (void)glass_view(b, at + 5, n + 2);
    return {glass_view(b, at + 5, n), {}, b.two(at + 5 + n), b.four(at), 0};
}

// Of a leaf: size and three marks (compressed, last part, first part), length of the key,
// key, part unless it is the first, value.
inline glass_item glass_leaf(const glass_bytes &b, size_t nth)
{
    size_t at = glass_place(b, nth), n = b.b[at + 2];
    unsigned marks = b.b[at] >> 5;
    bool first = marks & first_part;
    size_t size = (b.two(at) & 0x1FFF) + 3, head = 3 + n + (first ? 0 : 2);
    (void)glass_view(b, at, size);
    if (head > size)
        glass_damaged();
    return {glass_view(b, at + 3, n), glass_view(b, at + head, size - head),
            first ? 1 : b.two(at + 3 + n), 0, marks};
}

inline bool glass_before(const glass_item &i, std::string_view key, unsigned part)
{
    int c = i.key.compare(key); // bytes, as memcmp has them
    return c < 0 || (c == 0 && i.part < part);
}

// ---- the table

class glass_table {
public:
    using block = std::shared_ptr<const glass_bytes>;

    glass_table() = default;
    glass_table(const glass_table &) = delete;
    glass_table &operator=(const glass_table &) = delete;
    ~glass_table() { close(); }

    // As of that revision of the index in dir. False: it is not to be read here.
    bool open(const std::string &dir, uint64_t at)
    {
        close();
        std::string head;
        grf_status st = read_glass(dir, head, nullptr);
        if (st == GRF_NOMEM)
            throw std::bad_alloc();
        if (st || !take_head(head, at))
            return false;
        fd = ::open((dir + "/postlist.glass").c_str(), O_RDONLY | O_CLOEXEC);
        return is_open();
    }

    bool is_open() const { return fd >= 0; }
    bool is_empty() const { return fake; }
    uint32_t top() const { return root; }
    unsigned height() const { return levels; }

    block read(uint32_t number, unsigned level)
    {
        block &kept = blocks[number % blocks.size()];
        if (!kept || kept->number != number)
            kept = fetch(number);
        if (kept->b[4] != level)
            glass_damaged();
        return kept;
    }

private:
    int fd = -1;
    uint32_t root = 0;
    uint64_t revision = 0;
    unsigned levels = 0;
    bool fake = true;
    std::array<block, 64> blocks; // read last, each in its place

    void close()
    {
        if (fd >= 0)
            ::close(fd);
        fd = -1;
        blocks.fill(nullptr);
    }

    // The first table of iamglass (see fulltext_leaving.hh): root, levels and marks,
    // entries, size of a block, least size to be compressed.
    bool take_head(const std::string &head, uint64_t at)
    {
        static const char made[] = "\x0f\rXapian Glass\x04n";
        if (head.size() < glass_head || head.compare(0, glass_format, made, glass_format) != 0)
            return false;
        size_t from = glass_head;
        revision = number_at(head, &from);
        root = (uint32_t)number_at(head, &from);
        size_t shape = number_at(head, &from);
        (void)number_at(head, &from);
        levels = (unsigned)(shape >> 2);
        fake = shape & 1;
        return revision == at && number_at(head, &from) == glass_block >> 11 &&
               levels < glass_levels;
    }

    block fetch(uint32_t number)
    {
        auto b = std::make_shared<glass_bytes>();
        b->number = number;
        if (pread(fd, b->b, glass_block, (off_t)number * (off_t)glass_block) !=
            (ssize_t)glass_block)
            glass_damaged();
        if (b->four(0) > revision)
            throw Xapian::DatabaseModifiedError("postlist.glass");
        size_t end = b->two(9);
        if (end < glass_directory || end > glass_block || end % 2 != glass_directory % 2)
            glass_damaged();
        return b;
    }
};

// Goes through a table's items in the order of their keys.
class glass_cursor {
public:
    explicit glass_cursor(glass_table &t) : table(t) {}

    // To the first item that is not before key. False: there is none.
    bool seek(std::string_view key)
    {
        if (table.is_empty())
            return false;
        descend(key, 1);
        return settle();
    }

    bool next()
    {
        at++;
        return settle();
    }

    std::string_view key() const { return now.key; }

    // The item's value, in room if it has several parts: the last of them is the item then.
    std::string_view value(std::string &room)
    {
        if (now.marks == first_part + last_part)
            return now.value;
        std::string of(now.key);
        room.clear();
        for (unsigned part = 1;; part++) {
            if (now.part != part || now.marks & compressed || now.key != of)
                glass_damaged();
            room.append(now.value);
            if (now.marks & last_part)
                return room;
            if (!next())
                glass_damaged();
        }
    }

private:
    glass_table &table;
    glass_table::block leaf;
    size_t at = 0;
    std::string after; // key and part that the next leaf begins with, unless it is the last
    unsigned after_part = 0;
    bool is_last = true;
    glass_item now{};

    void descend(std::string_view key, unsigned part)
    {
        is_last = true;
        uint32_t number = table.top();
        std::string next_leaf;
        for (unsigned level = table.height(); level > 0; level--)
            number = below(table.read(number, level), key, part, next_leaf);
        leaf = table.read(number, 0);
        after.swap(next_leaf);
        at = 0;
        for (size_t high = leaf->items(); at < high;) {
            size_t mid = at + (high - at) / 2;
            if (glass_before(glass_leaf(*leaf, mid), key, part))
                at = mid + 1;
            else
                high = mid;
        }
    }

    // The block that key belongs to; the first item's key counts as the least there is.
    uint32_t below(const glass_table::block &b, std::string_view key, unsigned part,
                   std::string &next_leaf)
    {
        size_t low = 1, high = b->items();
        if (high == 0)
            glass_damaged();
        while (low < high) {
            size_t mid = low + (high - low) / 2;
            if (glass_before(glass_branch(*b, mid), key, part + 1))
                low = mid + 1;
            else
                high = mid;
        }
        if (low < b->items()) {
            glass_item i = glass_branch(*b, low);
            next_leaf.assign(i.key);
            after_part = i.part;
            is_last = false;
        }
        return glass_branch(*b, low - 1).block;
    }

    // Each next leaf is looked for with a later key: there is an end.
    bool settle()
    {
        while (at >= leaf->items()) {
            if (is_last)
                return false;
            std::string key = after;
            descend(key, after_part);
        }
        now = glass_leaf(*leaf, at);
        return true;
    }
};

// ---- lists of passages

class glass_bits {
public:
    explicit glass_bits(std::string_view v)
        : p((const unsigned char *)v.data()), end(p + v.size())
    {
    }

    bool more() const { return p < end; }

    uint32_t number() // seven bits a byte, low ones first
    {
        if (p < end && *p < 0x80)
            return *p++;
        uint64_t n = 0;
        for (unsigned shift = 0; shift < 35 && p < end; shift += 7) {
            n |= (uint64_t)(*p & 0x7F) << shift;
            if (*p++ < 0x80 && n <= UINT32_MAX)
                return (uint32_t)n;
        }
        glass_damaged();
    }

    // As it stands in a key: two bytes, or one that has as many leading ones as bytes
    // follow it but one.
    uint32_t sorted_number()
    {
        unsigned first = byte(), n = 1;
        for (unsigned bit = 0x80; first & bit; bit >>= 1)
            n++;
        if (n > 5)
            glass_damaged();
        uint64_t v = first & (0xFFU >> n);
        for (; n > 0; n--)
            v = v << 8 | byte();
        if (v > UINT32_MAX)
            glass_damaged();
        return (uint32_t)v;
    }

    unsigned byte()
    {
        if (p == end)
            glass_damaged();
        return *p++;
    }

private:
    const unsigned char *p, *end;
};

inline std::string glass_key(const std::string &term)
{
    std::string key;
    for (char c : term) {
        key += c;
        if (c == '\0')
            key += '\xff';
    }
    return key;
}

// Passages that have the term.
inline uint32_t glass_frequency(glass_table &table, const std::string &term)
{
    std::string room, key = glass_key(term);
    glass_cursor c(table);
    return c.seek(key) && c.key() == key ? glass_bits(c.value(room)).number() : 0;
}

// One piece of a list: a mark for the last one, how far its last passage is from its first,
// then how often the first has the term, and of each further one the distance and that.
template <class Put>
bool glass_piece(glass_bits b, uint32_t first, uint32_t *last, Put put)
{
    unsigned mark = b.byte();
    uint64_t end = (uint64_t)first + b.number(), id = first;
    put((uint32_t)id, b.number());
    while (b.more()) {
        id += (uint64_t)b.number() + 1;
        if (id > end)
            glass_damaged();
        put((uint32_t)id, b.number());
    }
    if (id != end || end > UINT32_MAX || (mark != '0' && mark != '1'))
        glass_damaged();
    *last = (uint32_t)end;
    return mark == '1';
}

// All passages that have the term, ascending, each with how often: put(id, count).
// Before them begin(how many). The first piece has the term as its key, and in front: how
// many passages, how often in all, the first passage less one; the key of a further one
// ends with its first passage.
template <class Begin, class Put>
void glass_each(glass_table &table, const std::string &term, Begin begin, Put put)
{
    std::string room, key = glass_key(term);
    glass_cursor c(table);
    if (!c.seek(key) || c.key() != key)
        return;
    glass_bits head(c.value(room));
    uint32_t all = head.number(), count = 0, last = 0;
    (void)head.number();
    uint32_t first = head.number() + 1;
    auto counted = [&](uint32_t id, uint32_t n) {
        if (count++ == all)
            glass_damaged();
        put(id, n);
    };
    begin(all);
    bool ends = first == 0 ? (glass_damaged(), true) : glass_piece(head, first, &last, counted);
    key += '\0';
    while (!ends) {
        if (!c.next() || c.key().compare(0, key.size(), key) != 0)
            glass_damaged();
        first = glass_bits(c.key().substr(key.size())).sorted_number();
        if (first <= last)
            glass_damaged();
        ends = glass_piece(glass_bits(c.value(room)), first, &last, counted);
    }
    if (count != all)
        glass_damaged();
}

// The terms that begin with prefix, in their order: look(term, frequency), until it says no.
template <class Look>
void glass_each_term(glass_table &table, const std::string &prefix, Look look)
{
    std::string room, term;
    glass_cursor c(table);
    for (bool there = c.seek(prefix); there;) {
        std::string_view key = c.key();
        size_t piece = key.find('\0');
        term.assign(key.substr(0, piece));
        if (term.compare(0, prefix.size(), prefix) != 0)
            return;
        if (piece != std::string_view::npos) { // of a list that was met: behind all of it
            there = c.seek(term + '\x01');
            continue;
        }
        if (!look(term, [&] { return glass_bits(c.value(room)).number(); }))
            return;
        there = c.next();
    }
}

} // namespace

#endif

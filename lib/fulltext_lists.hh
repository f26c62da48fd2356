// SPDX-License-Identifier: GPL-3.0-or-later
//
// The passages that a term has, decoded, and what a passage's length makes of a term's
// count. Included by fulltext_xapian.cc alone, after xapian.h.
#ifndef GRF_FULLTEXT_LISTS_HH
#define GRF_FULLTEXT_LISTS_HH

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "fulltext_lengths.hh"
#include "grf_mem.h"

namespace {

// Robertson's usual values; short passages are not favoured without end.
constexpr double bm25_k1 = 1.2, bm25_b = 0.75, bm25_min_normlen = 0.5;

// What Xapian's BM25Weight makes of a term that f of n passages have.
inline double bm25_weight(double n, double f)
{
    double odds = (n - f + 0.5) / (f + 0.5);
    if (odds < 2)
        odds = odds * 0.5 + 1;
    return std::log(odds) * (bm25_k1 + 1);
}

inline double bm25_length(double normlen)
{
    return bm25_k1 * (std::max(normlen, bm25_min_normlen) * bm25_b + (1 - bm25_b));
}

// Passages are gone through in windows of numbers; a number in its window is two bytes.
constexpr size_t window = 65536;
constexpr unsigned window_bits = 16;

struct posting {
    uint16_t at;   // in its window
    uint8_t count; // how often the passage has the term, 255: or more
    uint8_t part;  // of the term's weight, at most, in 255ths
};

// How long passages are, and what parts of a term's weight follow. Numbers that are far more
// than passages (others than rows give them) would take memory for nothing: not known here.
class measure {
public:
    static constexpr unsigned parts_most = 255;

    measure(const std::string &dir, Xapian::docid last, Xapian::doccount passages,
            double mean_length)
        : mean(mean_length), words(is_dense(last, passages) ? (size_t)last + 1 : 0)
    {
        lengths_file file;
        file.open(dir, O_RDONLY);
        file.read(0, words.data(), words.size());
        for (size_t n = 0; n < counts; n++)
            for (size_t l = 0; l < short_words; l++)
                known[n][l] = reckon((unsigned)n, (unsigned)l);
    }

    // 0: Xapian knows.
    unsigned length(Xapian::docid id) const { return id < words.size() ? words[id] : 0; }

    double factor(double length) const { return bm25_length(mean > 0 ? length / mean : 0); }

    // Of a window's passages from p to end.
    void set_parts(size_t w, posting *p, const posting *end) const
    {
        const uint16_t *of_window = words.empty() ? nullptr : words.data() + w * window;
        for (; p != end; ++p) {
            unsigned l = of_window ? of_window[p->at] : 0;
            p->part = p->count < counts && l < short_words ? known[p->count][l]
                                                            : reckon(p->count, l);
        }
    }

private:
    static constexpr size_t counts = 8, short_words = 1024, spare = 1 << 24, times = 16;

    static bool is_dense(uint64_t last, uint64_t passages)
    {
        return last < spare || last / times < passages;
    }

    double mean;
    std::vector<uint16_t> words;
    uint8_t known[counts][short_words];

    // Rounded up: of a length that is not known, the most that any could make.
    uint8_t reckon(unsigned count, unsigned length) const
    {
        double share = (double)count / (factor(length) + (double)count);
        double parts = std::ceil(share * parts_most + 1e-6);
        return (uint8_t)std::min<double>(parts, parts_most);
    }
};

class passage_list {
public:
    passage_list() = default;
    passage_list(const passage_list &) = delete;
    passage_list &operator=(const passage_list &) = delete;

    size_t size() const { return n; }
    size_t bytes() const { return sizeof(*this) + n * sizeof(posting) + starts.capacity() * 4; }

    const posting *begin(size_t w) const { return v.get() + start(w); }
    const posting *end(size_t w) const { return v.get() + start(w + 1); }

    bool has(Xapian::docid id) const
    {
        const posting *to = end(id >> window_bits);
        const posting *p = at_least(begin(id >> window_bits), to, (uint16_t)(id % window));
        return p != to && p->at == id % window;
    }

    template <class Each>
    void each(Each what) const
    {
        for (size_t w = 0; w < starts.size(); w++)
            for (const posting *p = begin(w); p != end(w); ++p)
                what((Xapian::docid)(w * window + p->at));
    }

    // The first one at that place or behind it; those asked for are mostly near.
    static const posting *at_least(const posting *from, const posting *to, uint16_t at)
    {
        size_t step = 1;
        while (step < (size_t)(to - from) && from[step].at < at)
            step *= 2;
        const posting *low = from + step / 2;
        const posting *high = from + std::min(step + 1, (size_t)(to - from));
        return std::lower_bound(low, high, at,
                                [](const posting &p, uint16_t a) { return p.at < a; });
    }

    // ---- making one: room, then put in ascending order, then finish

    void room(size_t passages)
    {
        v.reset((posting *)grf_calloc(passages + 1, sizeof(posting)));
        if (!v)
            throw std::bad_alloc();
    }

    void put(Xapian::docid id, unsigned count)
    {
        while (starts.size() <= id >> window_bits)
            starts.push_back((uint32_t)n);
        v.get()[n++] = {(uint16_t)(id % window),
                        (uint8_t)std::min(count, measure::parts_most), 0};
    }

    void finish(const measure &m)
    {
        starts.shrink_to_fit();
        for (size_t w = 0; w < starts.size(); w++)
            m.set_parts(w, v.get() + start(w), v.get() + start(w + 1));
    }

private:
    std::unique_ptr<posting, void (*)(void *)> v{nullptr, grf_free};
    size_t n = 0;
    std::vector<uint32_t> starts; // of each window that there is

    size_t start(size_t w) const { return w < starts.size() ? starts[w] : n; }
};

using kept_list = std::shared_ptr<const passage_list>;

} // namespace

#endif

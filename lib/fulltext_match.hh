// SPDX-License-Identifier: GPL-3.0-or-later
//
// The best passages by words: Xapian's lists, gone through by greffier itself. Included by
// fulltext_xapian.cc alone, after xapian.h.
//
// Xapian's matcher merges its lists one passage at a time, with a tree of objects above
// them: a posting costs it ten times what reading it does. Here each list is read once, from
// its beginning, into an array that is cut in windows of passage numbers; a window's
// passages are summed up with the most that their length could make of them, and only those
// that could be among the best are weighed exactly. Scores are Xapian's BM25. The array
// stays for the next search for the same words: what a question says of the act searches
// again with a filter.
#ifndef GRF_FULLTEXT_MATCH_HH
#define GRF_FULLTEXT_MATCH_HH

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fulltext_lengths.hh"

namespace {

// Robertson's usual values; short passages are not favoured without end.
constexpr double bm25_k1 = 1.2, bm25_b = 0.75, bm25_min_normlen = 0.5;

// Postings that a question may cost: those of the most telling words. Up to 100,000
// passages hardly a question has more; beyond, what the commonest words add is left out.
constexpr size_t postings_most = 400000;

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

// A term that is looked for, and what it counts at most.
struct weighed_term {
    std::string term;
    double weight;
    size_t passages;

    bool operator==(const weighed_term &o) const
    {
        return weight == o.weight && passages == o.passages && term == o.term;
    }
};

// Those terms that are read, the most telling ones first.
inline std::vector<weighed_term> within_reach(std::vector<weighed_term> all)
{
    constexpr size_t terms_most = 255;
    std::vector<weighed_term> kept;
    size_t sum = 0;
    std::stable_sort(all.begin(), all.end(), [](const weighed_term &a, const weighed_term &b) {
        return a.weight > b.weight;
    });
    for (weighed_term &t : all) {
        if (!kept.empty() && (sum + t.passages > postings_most || kept.size() == terms_most))
            continue;
        sum += t.passages;
        kept.push_back(std::move(t));
    }
    return kept;
}

// Which passages the filters let through; asked for in ascending order.
class sieve {
public:
    void add_group(const Xapian::Database &db, const std::vector<std::string> &any)
    {
        groups.emplace_back();
        for (const std::string &term : any)
            groups.back().emplace_back(db.postlist_begin(term), db.postlist_end(term));
    }

    void add_range(const Xapian::Database &db, Xapian::valueno slot, std::string from,
                   std::string to)
    {
        value = db.valuestream_begin(slot);
        value_end = db.valuestream_end(slot);
        first = std::move(from);
        last = std::move(to);
        ranged = true;
    }

    bool all() const { return groups.empty() && !ranged; }

    bool lets_through(Xapian::docid id)
    {
        for (auto &group : groups)
            if (!one_has(group, id))
                return false;
        if (!ranged)
            return true;
        if (value != value_end)
            value.skip_to(id);
        return value != value_end && value.get_docid() == id && *value >= first &&
               *value <= last;
    }

private:
    using list = std::pair<Xapian::PostingIterator, Xapian::PostingIterator>;
    std::vector<std::vector<list>> groups;
    Xapian::ValueIterator value, value_end;
    std::string first, last;
    bool ranged = false;

    static bool one_has(std::vector<list> &group, Xapian::docid id)
    {
        bool has = false;
        for (list &l : group) {
            if (l.first != l.second && *l.first < id)
                l.first.skip_to(id);
            has = has || (l.first != l.second && *l.first == id);
        }
        return has;
    }
};

class matcher {
public:
    using hit = std::pair<double, Xapian::docid>;

    void forget() { terms.clear(); }

    // The best limit passages, the best first, equal ones by number.
    std::vector<hit> best(const Xapian::Database &db, const lengths_file &file,
                          std::vector<weighed_term> asked, sieve &filter, size_t limit)
    {
        std::vector<weighed_term> kept = within_reach(std::move(asked));
        if (terms.empty() || !(kept == terms)) {
            terms.clear();
            read(db, kept);
            terms = std::move(kept);
        }
        room = std::min<size_t>(window, (size_t)db.get_lastdocid() + 1);
        most.assign(room, 0.0F); // whatever a search that failed left there
        places.assign(room, 0);
        lengths.resize(room);
        found.clear();
        wanted = limit;
        for (size_t w = 0; w + 1 < starts.size(); w++)
            if (starts[w] < starts[w + 1])
                search_window(db, file, w, filter);
        std::sort_heap(found.begin(), found.end(), better);
        return std::move(found);
    }

private:
    static constexpr size_t window = 65536;
    static constexpr unsigned wdf_most = 255, bounds = 32;

    struct posting {
        uint16_t at; // in its window
        uint8_t wdf, term;
    };
    struct cursor {
        Xapian::PostingIterator it, end;
    };

    std::vector<weighed_term> terms; // of the postings
    std::vector<posting> postings;   // by window, in it by term
    std::vector<size_t> starts;      // of each window, and the end
    std::vector<float> most;         // per passage of a window, all zero between windows
    std::vector<uint32_t> places;    // likewise: 1 + index of those that are weighed
    std::vector<uint16_t> lengths;   // of the passages of a window, 0: Xapian knows
    std::vector<hit> found;          // a heap, the worst on top
    size_t wanted = 0, room = 0; // passages of a window that there can be

    static bool better(const hit &a, const hit &b)
    {
        return a.first > b.first || (a.first == b.first && a.second < b.second);
    }

    void read(const Xapian::Database &db, const std::vector<weighed_term> &of)
    {
        std::vector<cursor> cursors;
        for (const weighed_term &t : of)
            cursors.push_back({db.postlist_begin(t.term), db.postlist_end(t.term)});
        size_t windows = db.get_lastdocid() / window + 1;
        size_t all = 0;
        for (const weighed_term &t : of)
            all += t.passages;
        postings.clear();
        postings.reserve(all);
        starts.assign(1, 0);
        for (size_t w = 0; w < windows; w++) {
            for (size_t i = 0; i < cursors.size(); i++)
                read_window(cursors[i], (uint8_t)i, w * window);
            starts.push_back(postings.size());
        }
    }

    void read_window(cursor &c, uint8_t term, size_t from)
    {
        for (; c.it != c.end; ++c.it) {
            size_t at = *c.it - from;
            if (at >= window)
                break;
            unsigned wdf = c.it.get_wdf();
            postings.push_back(
                {(uint16_t)at, (uint8_t)(wdf < wdf_most ? wdf : wdf_most), term});
        }
    }

    double least() const { return found.size() < wanted ? 0 : found.front().first; }

    // Whether a sum of floats could be the score of one of the best.
    static bool may_reach(float sum, double least) { return (double)sum * 1.0001 >= least; }

    void search_window(const Xapian::Database &db, const lengths_file &file, size_t w,
                       sieve &filter)
    {
        sum_up(w);
        std::vector<uint16_t> near, rest;
        double bar = least();
        for (size_t at = 0; at < room; at++)
            if (most[at] > 0 && may_reach(most[at], bar) &&
                (filter.all() || filter.lets_through((Xapian::docid)(w * window + at))))
                near.push_back((uint16_t)at);
        if (!near.empty())
            file.read((Xapian::docid)(w * window), lengths.data(), room);
        // the most promising first: they raise the bar for the rest
        if (near.size() > wanted) {
            std::nth_element(near.begin(), near.begin() + (long)wanted, near.end(),
                             [&](uint16_t a, uint16_t b) { return most[a] > most[b]; });
            rest.assign(near.begin() + (long)wanted, near.end());
            near.resize(wanted);
        }
        weigh(db, w, near);
        bar = least();
        rest.erase(std::remove_if(rest.begin(), rest.end(),
                                  [&](uint16_t at) { return !may_reach(most[at], bar); }),
                   rest.end());
        weigh(db, w, rest);
        std::fill(most.begin(), most.end(), 0.0F);
    }

    // In most: what each passage of the window would score, were it as short as can be.
    void sum_up(size_t w)
    {
        std::vector<float> bound(terms.size() * bounds);
        double shortest = bm25_length(0);
        for (size_t t = 0; t < terms.size(); t++)
            for (size_t n = 0; n < bounds; n++)
                bound[t * bounds + n] =
                    (float)(terms[t].weight *
                            (n + 1 < bounds ? (double)n / (shortest + (double)n) : 1));
        for (size_t i = starts[w]; i < starts[w + 1]; i++) {
            const posting &p = postings[i];
            most[p.at] += bound[p.term * bounds + std::min<size_t>(p.wdf, bounds - 1)];
        }
    }

    // Scores those passages of the window, and keeps the best.
    void weigh(const Xapian::Database &db, size_t w, std::vector<uint16_t> &these)
    {
        if (these.empty())
            return;
        std::sort(these.begin(), these.end());
        double mean = db.get_avlength();
        std::vector<double> length(these.size()), score(these.size());
        for (size_t i = 0; i < these.size(); i++) {
            double words = lengths[these[i]];
            if (words == 0)
                words = db.get_doclength((Xapian::docid)(w * window + these[i]));
            length[i] = bm25_length(mean > 0 ? words / mean : 0);
            places[these[i]] = (uint32_t)(i + 1);
        }
        for (size_t i = starts[w]; i < starts[w + 1]; i++) {
            const posting &p = postings[i];
            size_t place = places[p.at];
            if (place)
                score[place - 1] += terms[p.term].weight *
                                    ((double)p.wdf / (length[place - 1] + (double)p.wdf));
        }
        for (size_t i = 0; i < these.size(); i++) {
            places[these[i]] = 0;
            keep({score[i], (Xapian::docid)(w * window + these[i])});
        }
    }

    void keep(const hit &h)
    {
        if (found.size() == wanted) {
            if (!wanted || !better(h, found.front()))
                return;
            std::pop_heap(found.begin(), found.end(), better);
            found.pop_back();
        }
        found.push_back(h);
        std::push_heap(found.begin(), found.end(), better);
    }
};

} // namespace

#endif

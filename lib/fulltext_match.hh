// SPDX-License-Identifier: GPL-3.0-or-later
//
// The best passages by words: lists gone through by greffier itself. Included by
// fulltext_xapian.cc alone, after xapian.h.
//
// Xapian's matcher merges its lists one passage at a time, with a tree of objects above
// them: a posting costs it ten times what reading it does. Here the lists are whole in
// memory, cut in windows of passage numbers; a window's passages are summed up with a little
// more than what each can score, and only those that could be among the best are weighed
// exactly. Scores are Xapian's BM25.
#ifndef GRF_FULLTEXT_MATCH_HH
#define GRF_FULLTEXT_MATCH_HH

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fulltext_source.hh"

namespace {

// Postings that a question may cost: those of the most telling words. Up to 100,000
// passages hardly a question has more; beyond, what the commonest words add is left out.
constexpr size_t postings_most = 400000;

// A term that is looked for, and what it counts at most.
struct weighed_term {
    std::string term;
    double weight;
    size_t passages;
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
    void add_group(list_source &source, const std::vector<std::string> &any)
    {
        groups.emplace_back();
        for (const std::string &term : any)
            groups.back().push_back(source.get(term));
    }

    // Dates from first to last.
    void add_range(list_source &source, int64_t first, int64_t last)
    {
        from = first;
        to = last;
        dates = source.dates();
        if (!dates) {
            value = source.index().valuestream_begin(date_slot);
            value_end = source.index().valuestream_end(date_slot);
        }
        ranged = true;
    }

    bool all() const { return groups.empty() && !ranged; }

    // How many passages of a window the groups let through.
    size_t passing(size_t w)
    {
        if (groups.empty())
            return window;
        if (w != at_window)
            fill(w);
        return of_window;
    }

    template <class Each>
    void each_passing(size_t w, Each what)
    {
        if (w != at_window)
            fill(w);
        for (size_t i = 0; i < bits.size(); i++)
            for (uint64_t left = bits[i]; left; left &= left - 1)
                what((uint16_t)(i * 64 + (size_t)__builtin_ctzll(left)));
    }

    bool lets_through(Xapian::docid id)
    {
        if (!groups.empty() && !bit_of(id))
            return false;
        if (!ranged)
            return true;
        int64_t date = dates ? (id < dates->size() ? (*dates)[id] : 0) : date_of(id);
        return date && date >= from && date <= to;
    }

private:
    static constexpr size_t none = SIZE_MAX;

    std::vector<std::vector<kept_list>> groups;
    std::vector<uint64_t> bits; // of the passages of a window: those that all groups have
    size_t at_window = none, of_window = 0;
    list_source::dates_list dates;
    Xapian::ValueIterator value, value_end;
    int64_t from = 0, to = 0;
    bool ranged = false;

    bool bit_of(Xapian::docid id)
    {
        if (id >> window_bits != at_window)
            fill(id >> window_bits);
        return bits[id % window / 64] >> (id % 64) & 1;
    }

    void fill(size_t w)
    {
        std::vector<uint64_t> some(window / 64);
        bits.assign(window / 64, UINT64_MAX);
        for (const auto &group : groups) {
            std::fill(some.begin(), some.end(), 0);
            for (const kept_list &list : group)
                for (const posting *p = list->begin(w); p != list->end(w); ++p)
                    some[p->at / 64] |= UINT64_C(1) << (p->at % 64);
            for (size_t i = 0; i < bits.size(); i++)
                bits[i] &= some[i];
        }
        of_window = 0;
        for (uint64_t b : bits)
            of_window += (size_t)__builtin_popcountll(b);
        at_window = w;
    }

    uint32_t date_of(Xapian::docid id)
    {
        if (value != value_end)
            value.skip_to(id);
        if (value == value_end || value.get_docid() != id)
            return 0;
        return date_number(*value);
    }
};

class matcher {
public:
    using hit = std::pair<double, Xapian::docid>;

    // The best limit passages, the best first, equal ones by number.
    std::vector<hit> best(list_source &from, std::vector<weighed_term> asked, sieve &filter,
                          size_t limit)
    {
        source = &from;
        terms = within_reach(std::move(asked));
        lists.clear();
        for (const weighed_term &t : terms)
            lists.push_back(from.get(t.term));
        lengths = from.lengths();
        room = std::min<size_t>(window, (size_t)from.index().get_lastdocid() + 1);
        if (most.size() < room || is_spoilt) {
            most.assign((room + together - 1) / together * together, 0.0F);
            places.assign(most.size(), 0);
        }
        is_spoilt = true; // until it has gone well
        found.clear();
        wanted = limit;
        for (size_t w = 0; w <= from.index().get_lastdocid() >> window_bits; w++)
            search_window(w, filter);
        std::sort_heap(found.begin(), found.end(), better);
        lists.clear();
        is_spoilt = false;
        return std::move(found);
    }

private:
    static constexpr size_t together = 32; // sums that are looked at at once
    static constexpr size_t leaps = 16;    // a search in a list is worth so many steps
    static constexpr size_t few = 64;      // passages of a window

    list_source *source = nullptr;
    std::vector<weighed_term> terms;
    std::vector<kept_list> lists; // of the terms
    std::shared_ptr<const measure> lengths;
    std::vector<float> most;      // per passage of a window, all zero between windows
    std::vector<uint32_t> places; // likewise: 1 + index of those that are weighed
    std::vector<hit> found;       // a heap, the worst on top
    size_t wanted = 0, room = 0;  // passages of a window that there can be
    bool is_spoilt = false;       // sums and places are not all zero

    static bool better(const hit &a, const hit &b)
    {
        return a.first > b.first || (a.first == b.first && a.second < b.second);
    }

    // What a sum of floats reaches when it could be the score of one of the best.
    float bar() const
    {
        constexpr float nothing = 1e-30F;
        if (found.size() < wanted)
            return nothing;
        return std::max((float)(found.front().first / 1.0001), nothing);
    }

    void search_window(size_t w, sieve &filter)
    {
        std::vector<uint16_t> near, rest;
        if (filter.passing(w) < few) {
            if (filter.passing(w))
                weigh_few(w, filter);
            return;
        }
        if (!sum_up(w))
            return;
        look(near);
        if (!filter.all())
            near.erase(std::remove_if(near.begin(), near.end(),
                                      [&](uint16_t at) {
                                          return !filter.lets_through(
                                              (Xapian::docid)(w * window + at));
                                      }),
                       near.end());
        // the most promising first: they raise the bar for the rest
        if (near.size() > wanted) {
            std::nth_element(near.begin(), near.begin() + (long)wanted, near.end(),
                             [&](uint16_t a, uint16_t b) { return most[a] > most[b]; });
            rest.assign(near.begin() + (long)wanted, near.end());
            near.resize(wanted);
        }
        weigh(w, near);
        float least = bar();
        rest.erase(std::remove_if(rest.begin(), rest.end(),
                                  [&](uint16_t at) { return most[at] < least; }),
                   rest.end());
        weigh(w, rest);
        std::fill(most.begin(), most.end(), 0.0F);
    }

    // Where hardly any passes, none is summed up.
    void weigh_few(size_t w, sieve &filter)
    {
        std::vector<uint16_t> these;
        filter.each_passing(w, [&](uint16_t at) {
            if (filter.lets_through((Xapian::docid)(w * window + at)))
                these.push_back(at);
        });
        weigh(w, these);
    }

    // In most: a little more than what each passage of the window scores. False: nothing.
    bool sum_up(size_t w)
    {
        bool any = false;
        for (size_t t = 0; t < terms.size(); t++) {
            const float unit = (float)(terms[t].weight / measure::parts_most);
            const posting *end = lists[t]->end(w);
            for (const posting *p = lists[t]->begin(w); p != end; ++p)
                most[p->at] += unit * p->part;
            any = any || lists[t]->begin(w) != end;
        }
        return any;
    }

    // Passages whose sum reaches the bar.
    void look(std::vector<uint16_t> &near) const
    {
        const float least = bar();
        for (size_t at = 0; at < most.size(); at += together) {
            const float *sums = most.data() + at;
            int some = 0;
            for (size_t i = 0; i < together; i++)
                some |= sums[i] >= least;
            for (size_t i = 0; some && i < together; i++)
                if (sums[i] >= least)
                    near.push_back((uint16_t)(at + i));
        }
    }

    // Scores those passages of the window, and keeps the best.
    void weigh(size_t w, std::vector<uint16_t> &these)
    {
        if (these.empty())
            return;
        std::sort(these.begin(), these.end());
        std::vector<double> length(these.size()), score(these.size());
        for (size_t i = 0; i < these.size(); i++) {
            auto id = (Xapian::docid)(w * window + these[i]);
            length[i] = lengths->factor(source->length(*lengths, id));
            places[these[i]] = (uint32_t)(i + 1);
        }
        for (size_t t = 0; t < terms.size(); t++) {
            const posting *p = lists[t]->begin(w), *end = lists[t]->end(w);
            auto add = [&](size_t i) {
                score[i] += terms[t].weight * ((double)p->count / (length[i] + (double)p->count));
            };
            if (these.size() * leaps > (size_t)(end - p)) {
                for (; p != end; ++p)
                    if (places[p->at])
                        add(places[p->at] - 1);
                continue;
            }
            for (size_t i = 0; i < these.size() && p != end; i++) {
                p = passage_list::at_least(p, end, these[i]);
                if (p != end && p->at == these[i])
                    add(i);
            }
        }
        for (size_t i = 0; i < these.size(); i++) {
            places[these[i]] = 0;
            if (score[i] > 0)
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

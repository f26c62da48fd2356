// SPDX-License-Identifier: GPL-3.0-or-later
//
// Lists that stay for the next question: of one reader, or of all readers of a program
// (grf_ft_cache). Included by fulltext_xapian.cc alone, after xapian.h.
//
// What is kept belongs to one state of one index. The first reader that stands on a later
// state drops all of the one before, whoever still stands on that: words of passages that
// went do not stay here. Readers of a state that was dropped read for themselves.
#ifndef GRF_FULLTEXT_CACHE_HH
#define GRF_FULLTEXT_CACHE_HH

#include <cstring>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "fulltext_lists.hh"

namespace {

// A state of an index, and what all its readers need of it.
class index_state {
public:
    index_state(std::string of, uint64_t at, std::string made)
        : dir(std::move(of)), revision(at), identity(std::move(made))
    {
    }

    const std::string dir;
    const uint64_t revision;
    const std::string identity; // of the index, whatever its state

    // Made by the first that needs it.
    template <class Make>
    std::shared_ptr<const measure> lengths(Make make)
    {
        std::lock_guard<std::mutex> hold(lock);
        if (!measured)
            measured = make();
        return measured;
    }

    template <class Make>
    std::shared_ptr<const std::vector<uint32_t>> dates(Make make)
    {
        std::lock_guard<std::mutex> hold(lock);
        if (!dated)
            dated = make();
        return dated;
    }

    // What was found out for a word, whatever that is.
    bool recall(const std::string &word, std::string &out)
    {
        std::lock_guard<std::mutex> hold(lock);
        auto known = answers.find(word);
        if (known != answers.end())
            out = known->second;
        return known != answers.end();
    }

    void remember(const std::string &word, const std::string &answer)
    {
        std::lock_guard<std::mutex> hold(lock);
        if (answers.size() >= answers_most)
            answers.clear();
        answers[word] = answer;
    }

private:
    static constexpr size_t answers_most = 10000;

    std::mutex lock;
    std::unordered_map<std::string, std::string> answers;
    std::shared_ptr<const measure> measured;
    std::shared_ptr<const std::vector<uint32_t>> dated; // of each passage, 0: none
};

using state_handle = std::shared_ptr<index_state>;

class list_cache {
public:
    list_cache(size_t bytes_most, bool between_readers) : most(bytes_most), shared(between_readers)
    {
    }

    bool is_shared() const { return shared; }

    // The state that readers of that revision share. An older one has nobody to share with.
    state_handle enter(const std::string &dir, uint64_t revision, const std::string &identity)
    {
        std::lock_guard<std::mutex> hold(lock);
        for (state_handle &s : states) {
            if (s->dir != dir)
                continue;
            if (s->identity == identity && s->revision >= revision)
                return s->revision == revision
                           ? s
                           : std::make_shared<index_state>(dir, revision, identity);
            forget(*s);
            s = std::make_shared<index_state>(dir, revision, identity);
            return s;
        }
        states.push_back(std::make_shared<index_state>(dir, revision, identity));
        return states.back();
    }

    // Null: not here.
    kept_list find(const index_state &s, const std::string &term)
    {
        std::lock_guard<std::mutex> hold(lock);
        auto known = places.find(name_of(s, term));
        if (known == places.end())
            return nullptr;
        entries.splice(entries.begin(), entries, known->second);
        return known->second->list;
    }

    // The one that is kept: another thread may have been first.
    kept_list keep(const index_state &s, const std::string &term, kept_list made)
    {
        std::lock_guard<std::mutex> hold(lock);
        std::string name = name_of(s, term);
        auto known = places.find(name);
        if (known != places.end())
            return known->second->list;
        if (!is_current(s) || made->bytes() > most)
            return made;
        try {
            entries.push_front({name, &s, made, made->bytes() + overhead + 2 * name.size()});
            places.emplace(std::move(name), entries.begin());
        } catch (const std::bad_alloc &) { // memory is short: nothing is kept
            clear();
            return made;
        }
        used += entries.front().bytes;
        while (used > most && entries.size() > 1)
            drop(std::prev(entries.end()));
        return made;
    }

    // Memory is short.
    void drop_all()
    {
        std::lock_guard<std::mutex> hold(lock);
        clear();
    }

    size_t bytes()
    {
        std::lock_guard<std::mutex> hold(lock);
        return used;
    }

private:
    struct entry {
        std::string name;
        const index_state *of;
        kept_list list;
        size_t bytes;
    };
    static constexpr size_t overhead = 160; // of an entry, its name and its place

    std::mutex lock;
    const size_t most;
    const bool shared;
    size_t used = 0;
    std::vector<state_handle> states; // one for each index
    std::list<entry> entries;         // used last, first
    std::unordered_map<std::string, std::list<entry>::iterator> places;

    static std::string name_of(const index_state &s, const std::string &term)
    {
        const index_state *at = &s;
        std::string name((const char *)&at, sizeof(at));
        return name += term;
    }

    bool is_current(const index_state &s) const
    {
        for (const state_handle &one : states)
            if (one.get() == &s)
                return true;
        return false;
    }

    void drop(std::list<entry>::iterator e)
    {
        used -= e->bytes;
        places.erase(e->name);
        entries.erase(e);
    }

    void clear()
    {
        places.clear();
        entries.clear();
        used = 0;
    }

    void forget(const index_state &s)
    {
        for (auto e = entries.begin(); e != entries.end();) {
            auto next = std::next(e);
            if (e->of == &s)
                drop(e);
            e = next;
        }
    }
};

} // namespace

#endif

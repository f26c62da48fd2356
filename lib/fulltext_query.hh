// SPDX-License-Identifier: GPL-3.0-or-later
// A question in Xapian's terms, weights and queries. Included by fulltext_xapian.cc alone,
// after xapian.h.
#ifndef GRF_FULLTEXT_QUERY_HH
#define GRF_FULLTEXT_QUERY_HH

#include <string>
#include <unordered_set>
#include <vector>

#include "fulltext_passage.hh"
#include "fulltext_source.hh"
#include "fulltext_words.hh"

namespace {

// What a word of a question adds beyond its stem's weight.
constexpr double exact_bonus = 0.2;   // the passage has the asker's very form
constexpr double subject_bonus = 0.4; // the stem stands in the act's subject

inline Xapian::Query scaled(const Xapian::Query &query, double factor)
{
    return factor == 1.0 ? query
                         : Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, query, factor);
}

// Terms of words with their weights; stems once each, with that of the first word.
template <class Put>
void each_term(const std::vector<asked_word> &words, Put put)
{
    std::unordered_set<std::string> stems;
    for (const asked_word &w : words) {
        if (w.stem.empty()) {
            put(w.norm, w.weight);
            continue;
        }
        put(w.norm, w.weight * exact_bonus);
        if (!stems.insert(w.stem).second)
            continue;
        put("Z" + w.stem, w.weight);
        put("S" + w.stem, w.weight * subject_bonus);
    }
}

inline Xapian::Query words_query(const std::vector<asked_word> &words)
{
    std::vector<Xapian::Query> any;
    each_term(words, [&](const std::string &term, double weight) {
        any.push_back(scaled(Xapian::Query(term), weight));
    });
    return Xapian::Query(Xapian::Query::OP_OR, any.begin(), any.end());
}

// Passages with all words of the phrases that are terms; phrase_decider looks for all of
// them, and at their order.
inline Xapian::Query phrases_query(const struct grf_ft_query *q)
{
    std::vector<Xapian::Query> all;
    for (size_t i = 0; i < q->n_clauses; i++) {
        std::vector<std::string> terms;
        for (const asked_word &w : phrase_words(q->clauses[i]))
            if (!is_left_out(w.norm))
                terms.push_back(w.norm);
        if (terms.empty())
            continue;
        Xapian::Query words(Xapian::Query::OP_AND, terms.begin(), terms.end());
        all.push_back(scaled(words, q->clauses[i].weight));
    }
    return Xapian::Query(Xapian::Query::OP_AND, all.begin(), all.end());
}

inline int64_t first_date(const struct grf_ft_query *q)
{
    return q->date_from ? q->date_from : date_min;
}

inline int64_t last_date(const struct grf_ft_query *q)
{
    return q->date_to ? q->date_to : date_max;
}

inline std::string date_value(int64_t key)
{
    return Xapian::sortable_serialise((double)key);
}

// Of each filter that is asked for its terms, one of which a passage must have.
inline std::vector<std::vector<std::string>> filter_groups(const struct grf_ft_query *q)
{
    std::vector<std::vector<std::string>> groups;
    for (int name = 0; name < GRF_FILTER_COUNT; name++) {
        std::vector<std::string> any;
        for (size_t i = 0; i < q->n_filters; i++)
            if (q->filters[i].name == name)
                any.push_back(filter_term(q->filters[i]));
        if (!any.empty())
            groups.push_back(std::move(any));
    }
    return groups;
}

// Empty when nothing is filtered.
inline Xapian::Query filter_query(const struct grf_ft_query *q)
{
    std::vector<Xapian::Query> all;
    for (const std::vector<std::string> &any : filter_groups(q))
        all.emplace_back(Xapian::Query::OP_OR, any.begin(), any.end());
    if (q->date_from || q->date_to)
        all.emplace_back(Xapian::Query::OP_VALUE_RANGE, date_slot,
                         date_value(first_date(q)), date_value(last_date(q)));
    return Xapian::Query(Xapian::Query::OP_AND, all.begin(), all.end());
}

// *says_something: false when only filters choose.
inline Xapian::Query whole_query(const struct grf_ft_query *q,
                          const std::vector<asked_word> &asked, bool *says_something)
{
    Xapian::Query words = words_query(asked);
    Xapian::Query phrases = phrases_query(q);
    Xapian::Query filter = filter_query(q);
    *says_something = !words.empty() || !phrases.empty();
    // not MatchAll: that one is shared by all threads, and counts its users without a lock
    Xapian::Query query{std::string()};
    if (!phrases.empty() && !words.empty())
        query = Xapian::Query(Xapian::Query::OP_AND_MAYBE, phrases, words);
    else if (*says_something)
        query = words.empty() ? phrases : words;
    if (filter.empty())
        return query;
    return Xapian::Query(Xapian::Query::OP_FILTER, query, filter);
}

// Misspelt words: letters that one has, and to be allowed two faults; terms looked at.
constexpr size_t short_word = 5, long_word = 9, nearest_looks = 50000;

inline std::string nearest_word(list_source &lists, const std::string &norm)
{
    size_t least = norm.size() >= long_word ? 2 : 1, looked = 0;
    Xapian::doccount most = 1; // a word of one passage is a misprint itself
    std::string best;
    if (lists.known().recall(norm, best))
        return best;
    uint32_t letters = letters_of(norm);
    auto look = [&](const std::string &other, auto frequency) {
        if (!may_be_near(letters, letters_of(other), least))
            return ++looked < nearest_looks;
        size_t distance = edits(norm, other, least);
        Xapian::doccount passages = distance > least ? 0 : frequency();
        if (passages > 1 && (distance < least || passages > most)) {
            best = other;
            most = passages;
        }
        if (passages > 1)
            least = distance;
        return ++looked < nearest_looks;
    };
    lists.each_term(norm.substr(0, 1), look);
    for (const char *word : frequent_words) // hardly a passage lacks those that are no terms
        if (word[0] == norm[0] && is_left_out(word))
            look(word, [&] { return lists.index().get_doccount(); });
    lists.known().remember(norm, best);
    return best;
}

} // namespace

#endif

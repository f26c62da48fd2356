// SPDX-License-Identifier: GPL-3.0-or-later
// What a reader answers with: hits, what passes filters, the words that a passage holds.
// Included by fulltext_xapian.cc alone, after xapian.h.
#ifndef GRF_FULLTEXT_ANSWER_HH
#define GRF_FULLTEXT_ANSWER_HH

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "fulltext_match.hh"
#include "fulltext_query.hh"

namespace {

// The filters of a query, those of its first groups left out.
inline sieve filter_of(list_source &lists, const struct grf_ft_query *q, size_t left_out)
{
    sieve filter;
    for (const std::vector<std::string> &any : filter_groups(q)) {
        if (left_out)
            left_out--;
        else
            filter.add_group(lists, any);
    }
    if (q->date_from || q->date_to)
        filter.add_range(lists, first_date(q), last_date(q));
    return filter;
}

// The lists of one group's terms one after another, what they hold in the order of numbers
// for the other filters; without a group, all that have a date.
inline grf_status all_passing(list_source &lists, const struct grf_ft_query *q,
                              struct grf_idset *out, struct grf_err *err)
{
    std::vector<std::vector<std::string>> groups = filter_groups(q);
    sieve filter = filter_of(lists, q, 1);
    const Xapian::Database &db = lists.index();
    std::vector<Xapian::docid> ids;
    if (groups.empty()) {
        for (auto it = db.valuestream_begin(date_slot); it != db.valuestream_end(date_slot); ++it)
            ids.push_back(it.get_docid());
    } else {
        for (const std::string &term : groups[0])
            lists.get(term)->each([&](Xapian::docid id) { ids.push_back(id); });
        std::sort(ids.begin(), ids.end());
    }
    for (Xapian::docid id : ids) {
        grf_status st = filter.lets_through(id) ? grf_idset_add(out, id, err) : GRF_OK;
        if (st)
            return st;
    }
    return GRF_OK;
}

// Words alone, filtered or not: nearly every question.
inline size_t match_words(list_source &lists, matcher &match, const struct grf_ft_query *q,
                          const std::vector<asked_word> &words, struct grf_ft_hit *hits)
{
    std::vector<weighed_term> terms;
    const double all = lists.index().get_doccount();
    each_term(words, [&](const std::string &term, double weight) {
        size_t n = lists.frequency(term);
        if (n && weight > 0)
            terms.push_back({term, weight * bm25_weight(all, (double)n), n});
    });
    sieve filter = filter_of(lists, q, 0);
    size_t n = 0;
    size_t limit = std::min<size_t>(q->limit, lists.index().get_doccount());
    for (const matcher::hit &h : match.best(lists, std::move(terms), filter, limit))
        hits[n++] = {(int64_t)h.second, h.first};
    return n;
}

// Whether it is made of words alone that passages are not known by: all passages would be
// looked into for nothing that anyone could mean. With a filter it asks for what that
// lets through.
inline bool asks_nothing(const struct grf_ft_query *q, const std::vector<asked_word> &words)
{
    return words.empty() && phrases_query(q).empty() && has_word(q) && !q->n_filters &&
           !q->date_from && !q->date_to;
}

// Phrases, and filters alone.
inline size_t match_query(const Xapian::Database &db, const struct grf_ft_query *q,
                          const std::vector<asked_word> &words, struct grf_ft_hit *hits)
{
    bool says_something = false;
    Xapian::Enquire enquire(db);
    enquire.set_query(whole_query(q, words, &says_something));
    if (says_something)
        enquire.set_weighting_scheme(
            Xapian::BM25Weight(bm25_k1, 0, 1, bm25_b, bm25_min_normlen));
    else
        enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.set_docid_order(Xapian::Enquire::ASCENDING);
    size_t limit = std::min<size_t>(q->limit, db.get_doccount());
    phrase_decider phrases(db, q);
    Xapian::MSet found = enquire.get_mset(0, (Xapian::doccount)limit, nullptr,
                                          phrases.decides() ? &phrases : nullptr);
    size_t n = 0;
    for (Xapian::MSetIterator it = found.begin(); it != found.end(); ++it)
        hits[n++] = {(int64_t)*it, it.get_weight()};
    return n;
}

// The words of a question, of whatever clause: they are the same for each passage that it
// found.
class question_words {
public:
    const std::vector<asked_word> &of(const struct grf_ft_query *q, stemmer &stem)
    {
        std::string name;
        for (size_t i = 0; i < q->n_clauses; i++) {
            const struct grf_ft_clause &c = q->clauses[i];
            name += c.kind == GRF_CLAUSE_PHRASE ? '"' : ' ';
            name.append(c.text.p, c.text.n) += '\0';
        }
        if (!words.empty() && name == question)
            return words;
        question = std::move(name);
        words = asked_words(q, stem);
        for (size_t i = 0; i < q->n_clauses; i++)
            for (const asked_word &w : phrase_words(q->clauses[i]))
                words.push_back(w);
        return words;
    }

private:
    std::string question;
    std::vector<asked_word> words;
};

inline bool holds_word(list_source &lists, const asked_word &w, Xapian::docid id)
{
    if (!w.stem.empty() && lists.holds("Z" + w.stem, id))
        return true;
    if (!is_left_out(w.norm))
        return lists.holds(w.norm, id);
    phrase_marks mark;
    mark.add(w.norm);
    return word_order(lists.index()).has(lists.index().get_document(id), &mark, 1);
}

// Those words that passage id holds, as they were written.
inline std::string words_held(list_source &lists, const std::vector<asked_word> &words,
                              Xapian::docid id)
{
    (void)lists.index().get_doclength(id); // throws when it is not there
    std::unordered_set<std::string> seen;
    std::string held;
    for (const asked_word &w : words) {
        if (!seen.insert(w.norm).second || !holds_word(lists, w, id))
            continue;
        held += held.empty() ? "" : " ";
        held += w.text;
    }
    return held;
}

} // namespace

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
//
// What words and terms a question or a passage consists of: the part of the
// full-text index that knows no Xapian. Private to lib/fulltext_xapian.cc.
#ifndef GRF_FULLTEXT_WORDS_HH
#define GRF_FULLTEXT_WORDS_HH

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "grf_fulltext.h"
#include "grf_hash.h"
#include "grf_text.h"

namespace {

constexpr size_t filter_max = 200; // bytes; Xapian refuses terms above 245

inline std::string norm_of(const struct grf_word &w)
{
    return std::string(w.norm, w.norm_len);
}

inline bool is_stopword(const std::string &norm)
{
    return grf_text_is_stopword(grf_sv(norm.data(), norm.size()));
}

inline std::string filter_prefix(grf_filter name)
{
    static const char letters[] = {'B', 'K', 'N', 'R', 'M', 'D'};
    static_assert(sizeof(letters) == GRF_FILTER_COUNT, "a letter for each filter");
    return std::string("X") + letters[name] + ":";
}

// Folded, and cut to what Xapian takes: a hash of the whole stands for the tail.
inline std::string filter_term(const struct grf_filter_term &f)
{
    struct grf_str folded;
    grf_str_init(&folded, f.value.n * 8 + 16);
    // Names and numbers are written in many ways: their letters and digits count.
    if (f.name == GRF_FILTER_NUMBER || f.name == GRF_FILTER_BODY)
        grf_text_key(&folded, f.value);
    else
        grf_text_fold(&folded, f.value);
    std::string value;
    bool no_blanks = f.name == GRF_FILTER_REF;
    bool failed = folded.bad != GRF_OK;
    for (size_t i = 0; i < folded.n && !failed; i++)
        if (!no_blanks || folded.p[i] != ' ')
            value += folded.p[i];
    grf_str_release(&folded);
    if (failed)
        throw std::bad_alloc();
    // Xapian stores a NUL byte as two.
    if (value.size() > filter_max || value.find('\0') != std::string::npos) {
        char hex[GRF_SHA256_HEX];
        grf_sha256(grf_sv(value.data(), value.size()), hex);
        value = value.substr(0, value.find('\0')).substr(0, filter_max / 2) + "#" + hex;
    }
    return filter_prefix(f.name) + value;
}

// Amounts are printed "12 000", "12.000,00" or "12000": groups of three digits are
// joined, and the whole is a term beside the groups.
class amounts {
public:
    // The amount that ends with the word w (it stands behind it); empty when none does.
    const std::string &take(struct grf_sv text, const struct grf_word &w,
                            const struct grf_words &it)
    {
        whole.clear();
        bool group = w.has_digit && w.norm_len == 3 && w.end - w.start == 3;
        if (group && !digits.empty() && one_mark(text, last_end, w.start)) {
            digits += norm_of(w);
            groups++;
        } else {
            digits = w.has_digit && w.norm_len <= 3 ? norm_of(w) : "";
            groups = 0;
        }
        last_end = w.end;
        if (groups && !goes_on(text, w.end, it))
            whole = digits;
        return whole;
    }

private:
    std::string digits, whole;
    size_t groups = 0, last_end = 0;

    // One blank (also a fixed or narrow one) or one point between the groups.
    static bool one_mark(struct grf_sv text, size_t from, size_t to)
    {
        size_t at = from;
        uint32_t c = from < to ? grf_text_next(text, &at) : 0;
        return at == to && (c == ' ' || c == '.' || c == 0xA0 || c == 0x202F || c == 0x2009);
    }

    static bool goes_on(struct grf_sv text, size_t end, struct grf_words it)
    {
        struct grf_word next;
        return grf_words_next(&it, &next) && next.has_digit && next.norm_len == 3 &&
               one_mark(text, end, next.start);
    }
};

// Its letters and digits as bits: each edit takes one out at most, and brings one in.
inline uint32_t letters_of(const std::string &word)
{
    uint32_t bits = 0;
    for (unsigned char c : word)
        bits |= 1U << (c >= 'a' && c <= 'z' ? c - 'a' : 26 + c % 6);
    return bits;
}

inline bool may_be_near(uint32_t a, uint32_t b, size_t most)
{
    return (size_t)__builtin_popcount(a & ~b) <= most &&
           (size_t)__builtin_popcount(b & ~a) <= most;
}

// Letters that are more, less, other or swapped between a and b, most + 1 for more.
inline size_t edits(const std::string &a, const std::string &b, size_t most)
{
    if (a.size() > b.size() + most || b.size() > a.size() + most)
        return most + 1;
    std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (size_t j = 0; j <= b.size(); j++)
        last[j] = j;
    for (size_t i = 1; i <= a.size(); i++) {
        size_t least = now[0] = i;
        for (size_t j = 1; j <= b.size(); j++) {
            size_t swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
            if (swap)
                now[j] = std::min(now[j], before[j - 2] + 1);
            least = std::min(least, now[j]);
        }
        if (least > most)
            return most + 1;
        before.swap(last);
        last.swap(now);
    }
    return last[b.size()];
}

// A word of the question: as it was written, and in what terms it is looked for.
struct asked_word {
    std::string text, norm, stem; // stem is empty: only the exact form is looked for
    double weight;
};

inline asked_word asked(const struct grf_ft_clause &c, const struct grf_word &w)
{
    return {std::string(c.text.p + w.start, w.end - w.start), norm_of(w), "", c.weight};
}

// The words of the WORDS clauses, each once, but for stopwords: passages are not known by
// these.
template <class Stemmer>
std::vector<asked_word> asked_words(const struct grf_ft_query *q, Stemmer &stem)
{
    std::vector<asked_word> words;
    std::unordered_set<std::string> seen;
    for (size_t i = 0; i < q->n_clauses; i++) {
        struct grf_words it;
        struct grf_word w;
        if (q->clauses[i].kind != GRF_CLAUSE_WORDS)
            continue;
        amounts joined;
        grf_words_init(&it, q->clauses[i].text);
        while (words.size() < GRF_FT_QUERY_WORDS && grf_words_next(&it, &w)) {
            asked_word word = asked(q->clauses[i], w);
            const std::string &amount = joined.take(q->clauses[i].text, w, it);
            if (!amount.empty() && seen.insert(amount).second) {
                words.push_back(word);
                words.back().norm = amount;
            }
            if (is_stopword(word.norm) || !seen.insert(word.norm).second)
                continue;
            if (!w.has_digit)
                word.stem = stem(word.norm);
            words.push_back(word);
        }
    }
    return words;
}

// The words of a phrase clause in order; none for another clause.
inline std::vector<asked_word> phrase_words(const struct grf_ft_clause &c)
{
    std::vector<asked_word> words;
    struct grf_words it;
    struct grf_word w;
    if (c.kind != GRF_CLAUSE_PHRASE)
        return words;
    grf_words_init(&it, c.text);
    while (words.size() < GRF_FT_PHRASE_WORDS && grf_words_next(&it, &w))
        words.push_back(asked(c, w));
    return words;
}

inline bool has_phrase(const struct grf_ft_query *q)
{
    for (size_t i = 0; i < q->n_clauses; i++)
        if (!phrase_words(q->clauses[i]).empty())
            return true;
    return false;
}

inline bool has_word(const struct grf_ft_query *q)
{
    for (size_t i = 0; i < q->n_clauses; i++) {
        struct grf_words it;
        struct grf_word w;
        grf_words_init(&it, q->clauses[i].text);
        if (grf_words_next(&it, &w))
            return true;
    }
    return false;
}

} // namespace

#endif

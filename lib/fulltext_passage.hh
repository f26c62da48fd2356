// SPDX-License-Identifier: GPL-3.0-or-later
// What Xapian holds of a passage, and how phrases are found in it. Included by
// fulltext_xapian.cc alone, after xapian.h.
#ifndef GRF_FULLTEXT_PASSAGE_HH
#define GRF_FULLTEXT_PASSAGE_HH

#include <string>
#include <unordered_map>
#include <vector>

#include "fulltext_order.hh"
#include "fulltext_words.hh"

namespace {

// How often a stem counts, by the part that it stands in: Xapian's wdf.
constexpr Xapian::termcount subject_wdf = 2, header_wdf = 1, text_wdf = 1;

constexpr Xapian::valueno date_slot = 0;
constexpr int64_t date_min = 1, date_max = 99999999;
constexpr size_t vocabulary_max = 100000;

// Stopwords whose mark is theirs alone are no terms: a fifth of all that terms would take,
// and no question is answered by them. Phrases find them by their marks. For BM25 a passage
// is as long as with them: this term has their number.
const char left_out_term[] = "L";

inline bool is_left_out(const std::string &norm, uint16_t mark)
{
    return mark < long_mark && is_stopword(norm);
}

inline bool is_left_out(const std::string &norm)
{
    return is_left_out(norm, word_mark(norm));
}

// Snowball's French stemmer expects accents, which folding has taken: without its
// accent a feminine participle ("attribuee") would not meet the others.
inline std::string stem_of(const Xapian::Stem &french, std::string norm)
{
    size_t n = norm.size();
    if (n >= 5 && norm.compare(n - 2, 2, "ee") == 0)
        norm.resize(n - 1);
    else if (n >= 6 && norm.compare(n - 3, 3, "ees") == 0)
        norm.resize(n - 2);
    return french(norm);
}

// Stems of a question's words.
class stemmer {
public:
    const std::string &operator()(const std::string &norm)
    {
        auto known = cache.find(norm);
        if (known != cache.end())
            return known->second;
        if (cache.size() >= vocabulary_max)
            cache.clear();
        return cache.emplace(norm, stem_of(french, norm)).first->second;
    }

private:
    Xapian::Stem french{"french"};
    std::unordered_map<std::string, std::string> cache;
};

// A term that words lead to, and how often the passage at hand has it.
struct counted_term {
    std::string term;
    Xapian::termcount count = 0;
};

// A word met before, with all that follows from it: it is looked up once for each time
// that it stands somewhere, and the language's stemmer costs more than all the rest.
struct known_word {
    counted_term word;
    uint16_t mark = 0;
    bool is_stop = false, is_left_out = false;
    std::string stem;
    counted_term *in_text = nullptr, *in_subject = nullptr; // its stem; NULL: not needed yet
};

class vocabulary {
public:
    std::vector<counted_term *> met; // of the passage at hand
    counted_term left_out{left_out_term};

    known_word &operator()(const std::string &norm)
    {
        auto known = words.find(norm);
        if (known != words.end())
            return known->second;
        known_word &w = words[norm];
        w.word.term = norm;
        w.mark = word_mark(norm);
        w.is_stop = is_stopword(norm);
        w.is_left_out = is_left_out(norm, w.mark);
        return w;
    }

    counted_term &term(const std::string &name)
    {
        counted_term &t = terms[name];
        if (t.term.empty())
            t.term = name;
        return t;
    }

    const std::string &stem(known_word &w)
    {
        if (w.stem.empty())
            w.stem = stem_of(french, w.word.term);
        return w.stem;
    }

    // Between two passages, when nobody holds a word.
    void bound()
    {
        if (words.size() < vocabulary_max)
            return;
        words.clear();
        terms.clear();
    }

private:
    Xapian::Stem french{"french"};
    std::unordered_map<std::string, known_word> words;
    std::unordered_map<std::string, counted_term> terms; // stems, amounts
};

// A passage's terms, gathered before Xapian's own maps see each once, and its words in
// order (fulltext_order.hh).
class passage {
public:
    explicit passage(vocabulary &v) : known(v), met(v.met) { known.bound(); }
    passage(const passage &) = delete;
    passage &operator=(const passage &) = delete;

    ~passage()
    {
        for (counted_term *t : met)
            t->count = 0;
        met.clear();
    }

    // The words of another passage, so far back, stand for those that are not kept in order.
    void begin_back(int64_t back) { put_back(words, back); }

    void add_part(struct grf_sv text, Xapian::termcount wdf, bool is_subject, bool in_order)
    {
        struct grf_words it;
        struct grf_word w;
        amounts joined;
        std::string norm;
        grf_words_init(&it, text);
        while (grf_words_next(&it, &w)) {
            norm.assign(w.norm, w.norm_len);
            known_word &k = known(norm);
            if (in_order)
                put_mark(words, k.mark);
            add(k.is_left_out ? known.left_out : k.word, 1);
            const std::string &amount = joined.take(text, w, it);
            if (!amount.empty())
                add(known.term(amount), 1);
            if (!w.has_digit && !k.is_stop)
                add_stem(k, wdf, is_subject);
        }
        if (in_order)
            put_mark(words, end_mark);
    }

    Xapian::Document document(Xapian::termcount *length) const
    {
        Xapian::Document doc;
        *length = 0;
        for (const counted_term *t : met) {
            doc.add_term(t->term, t->count);
            *length += t->count;
        }
        std::string data = words;
        end_words(data);
        doc.set_data(data);
        return doc;
    }

private:
    vocabulary &known;
    std::vector<counted_term *> &met;
    std::string words;

    void add(counted_term &t, Xapian::termcount n)
    {
        if (!t.count)
            met.push_back(&t);
        t.count += n;
    }

    void add_stem(known_word &k, Xapian::termcount wdf, bool is_subject)
    {
        if (!k.in_text)
            k.in_text = &known.term("Z" + known.stem(k));
        add(*k.in_text, wdf);
        if (!is_subject)
            return;
        if (!k.in_subject)
            k.in_subject = &known.term("S" + known.stem(k));
        add(*k.in_subject, 1);
    }
};

// back: how far back a passage with the same subject and header is; 0: they are kept here.
// *length: of all its terms, as often as it has them.
inline Xapian::Document document_of(const struct grf_ft_doc *d, vocabulary &known, int64_t back,
                                    Xapian::termcount *length)
{
    passage p(known);
    if (back)
        p.begin_back(back);
    p.add_part(d->subject, subject_wdf, true, !back);
    p.add_part(d->header, header_wdf, false, !back);
    p.add_part(d->text, text_wdf, false, true);
    Xapian::Document doc = p.document(length);
    for (size_t i = 0; i < d->n_terms; i++)
        doc.add_boolean_term(filter_term(d->terms[i])); // no part of the length
    if (d->date_key >= date_min && d->date_key <= date_max)
        doc.add_value(date_slot, Xapian::sortable_serialise((double)d->date_key));
    return doc;
}

// The passage put last that keeps its subject and header.
class last_prefix {
public:
    void forget() { id = 0; }

    // How far back it is, when it stands for that of d too. A passage that it does not stand
    // for takes its place.
    int64_t back(const struct grf_ft_doc *d)
    {
        std::string now = std::string(d->subject.p, d->subject.n) + '\0' +
                          std::string(d->header.p, d->header.n);
        int64_t far = d->id - id;
        if (id && d->act && d->act == act && far > 0 && far <= back_most && now == prefix)
            return far;
        id = d->id;
        act = d->act;
        prefix = std::move(now);
        return 0;
    }

private:
    int64_t id = 0, act = 0;
    std::string prefix;
};

// The words of passages in their order.
class word_order {
public:
    explicit word_order(const Xapian::Database &db) : index(db) {}

    bool has(const Xapian::Document &doc, const phrase_marks *phrases, size_t n) const
    {
        std::string words = doc.get_data();
        for (size_t i = 0; i < n; i++)
            if (!phrases[i].stands_in(words) && !phrases[i].stands_in(prefix(doc, words)))
                return false;
        return true;
    }

private:
    const Xapian::Database &index;
    mutable Xapian::docid prefix_id = 0; // the passages of an act come one after another
    mutable std::string last_prefix;

    // Subject and header that the passage has from another.
    const std::string &prefix(const Xapian::Document &doc, const std::string &words) const
    {
        static const std::string none;
        unsigned back = back_of(words);
        if (!back || back >= doc.get_docid())
            return none;
        Xapian::docid id = doc.get_docid() - back;
        if (id == prefix_id)
            return last_prefix;
        try {
            last_prefix = prefix_of(index.get_document(id).get_data());
        } catch (const Xapian::DocNotFoundError &) {
            last_prefix.clear();
        }
        prefix_id = id;
        return last_prefix;
    }
};

// Whether a passage has the words of each phrase one after another: positions in Xapian
// would take ten times the room of the marks that each passage keeps instead.
class phrase_decider : public Xapian::MatchDecider {
public:
    phrase_decider(const Xapian::Database &db, const struct grf_ft_query *q) : order(db)
    {
        for (size_t i = 0; i < q->n_clauses; i++) {
            phrase_marks marks;
            bool is_term = false; // one word that is a term is there or is not
            for (const asked_word &w : phrase_words(q->clauses[i])) {
                marks.add(w.norm);
                is_term = marks.n == 1 && !is_left_out(w.norm);
            }
            if (marks.n && !is_term)
                phrases.push_back(marks);
        }
    }

    bool decides() const { return !phrases.empty(); }

    bool operator()(const Xapian::Document &doc) const override
    {
        return order.has(doc, phrases.data(), phrases.size());
    }

private:
    word_order order;
    std::vector<phrase_marks> phrases;
};

} // namespace

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// The terms of passages that leave the index, gathered from the lists of passages that each
// term has. Included by fulltext_xapian.cc alone, after xapian.h.
//
// There are hundreds of thousands of terms in a large index: the table is gone through once,
// block after block, and a piece of a list is looked into where it may have one of them.
#ifndef GRF_FULLTEXT_GATHER_HH
#define GRF_FULLTEXT_GATHER_HH

#include <algorithm>
#include <string>
#include <vector>

#include "fulltext_glass.hh"
#include "fulltext_leaving.hh"
#include "fulltext_passage.hh"

namespace {

class gatherer {
public:
    // of: ascending, all there
    explicit gatherer(const std::vector<Xapian::docid> &of) : ids(of), docs(of.size()) {}

    // The documents as they were put in, as far as deletion goes.
    const std::vector<Xapian::Document> &from(const std::string &dir)
    {
        Xapian::Database db(dir, glass);
        glass_table table;
        if (!table.open(dir, db.get_revision()))
            throw Xapian::DatabaseVersionError("iamglass");
        take_terms(table);
        for (size_t i = 0; i < ids.size(); i++) {
            std::string date = db.get_document(ids[i]).get_value(date_slot);
            if (!date.empty())
                docs[i].add_value(date_slot, date);
        }
        return docs;
    }

private:
    const std::vector<Xapian::docid> &ids;
    std::vector<Xapian::Document> docs;
    std::string term;

    // A term's key is the term; further pieces have a zero and the first passage behind it.
    // A zero of the term itself is followed by 0xFF; what begins with another is no list.
    void take_terms(glass_table &table)
    {
        std::string room;
        glass_cursor c(table);
        for (bool there = c.seek(std::string_view("\0\xff", 2)); there; there = c.next()) {
            std::string_view key = c.key();
            size_t at = take_term(key);
            uint32_t first = 0;
            bool further = at < key.size();
            if (further)
                first = glass_bits(key.substr(at + 1)).sorted_number();
            take_piece(glass_bits(c.value(room)), first, !further);
        }
    }

    size_t take_term(std::string_view key)
    {
        size_t at = 0;
        for (term.clear(); at < key.size(); at++) {
            term += key[at];
            if (key[at] != '\0')
                continue;
            if (at + 1 == key.size() || key[at + 1] != '\xff') {
                term.pop_back();
                break;
            }
            at++;
        }
        return at;
    }

    void take_piece(glass_bits b, uint32_t first, bool with_head)
    {
        if (with_head) { // how many passages, how often in all
            (void)b.number();
            (void)b.number();
            first = b.number() + 1;
        }
        glass_bits span = b;
        (void)span.byte();
        uint64_t last = (uint64_t)first + span.number();
        size_t i = (size_t)(std::lower_bound(ids.begin(), ids.end(), first) - ids.begin());
        if (i == ids.size() || ids[i] > last)
            return;
        uint32_t end;
        (void)glass_piece(b, first, &end, [&](uint32_t id, uint32_t count) {
            while (i < ids.size() && ids[i] < id)
                i++;
            if (i < ids.size() && ids[i] == id)
                docs[i].add_term(term, count);
        });
    }
};

inline void fill_beside(const std::string &dir, const std::vector<Xapian::docid> &ids)
{
    gatherer gathered(ids);
    const std::vector<Xapian::Document> &docs = gathered.from(dir);
    Xapian::WritableDatabase db(beside(dir), Xapian::DB_CREATE_OR_OVERWRITE | glass);
    db.begin_transaction();
    for (size_t i = 0; i < ids.size(); i++)
        db.replace_document(ids[i], docs[i]);
    db.commit_transaction();
    db.close();
}

// Makes the terms of ids known to the index in dir, which is closed. ids ascend.
inline grf_status make_lists(const std::string &dir, const std::vector<Xapian::docid> &ids,
                             struct grf_err *err)
{
    fill_beside(dir, ids);
    return take_lists(dir, err);
}

} // namespace

#endif

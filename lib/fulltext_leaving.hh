// SPDX-License-Identifier: GPL-3.0-or-later
// The table of each passage's terms, which an index has only while passages are taken out
// of it. Included by fulltext_xapian.cc alone, after xapian.h.
//
// Xapian deletes a document by its list of terms, and keeps these lists in a table of their
// own, which is larger than all else that it keeps. Here they are made when they are needed
// (fulltext_gather.hh): a small index beside this one is filled with them, and its table is
// put into this one. Once the passages are deleted it goes again: without the file Xapian
// does without the table.
#ifndef GRF_FULLTEXT_LEAVING_HH
#define GRF_FULLTEXT_LEAVING_HH

#include <algorithm>
#include <string>
#include <vector>

#include <unistd.h>

#include "fulltext_passage.hh"
#include "grf_file.h"

namespace {

constexpr int glass = Xapian::DB_BACKEND_GLASS;
constexpr int without_lists = Xapian::DB_NO_TERMLIST | glass;

inline std::string lists_file(const std::string &dir)
{
    return dir + "/termlist.glass";
}

inline std::string beside(const std::string &dir)
{
    return dir + ".leaving";
}

// The lists of an index made before, or what a run that died has left: words of passages
// that went, which must not stay in silence.
inline grf_status drop_lists(const std::string &dir, struct grf_err *err)
{
    grf_status st = grf_path_purge(lists_file(dir).c_str(), err);
    return st ? st : grf_path_purge(beside(dir).c_str(), err);
}

inline bool has_document(const Xapian::Database &db, Xapian::docid id)
{
    try {
        (void)db.get_doclength(id);
        return true;
    } catch (const Xapian::DocNotFoundError &) {
        return false;
    }
}

// ---- iamglass: 16 bytes of format and 16 of identity, the revision, then for each table
// five numbers (seven bits a byte, low ones first) and a string with its length

constexpr size_t glass_format = 16, glass_head = 32, glass_lists = 2;

inline size_t number_at(const std::string &v, size_t *at)
{
    size_t n = 0;
    for (unsigned shift = 0; shift < 64 && *at < v.size(); shift += 7) {
        unsigned char c = (unsigned char)v[(*at)++];
        n |= (size_t)(c & 0x7F) << shift;
        if (c < 0x80)
            return n;
    }
    throw Xapian::DatabaseCorruptError("iamglass");
}

inline void skip_table(const std::string &v, size_t *at)
{
    for (int i = 0; i < 5; i++)
        (void)number_at(v, at);
    size_t n = number_at(v, at);
    if (n > v.size() - *at)
        throw Xapian::DatabaseCorruptError("iamglass");
    *at += n;
}

// Where v says what the table of lists is like.
inline void lists_span(const std::string &v, size_t *from, size_t *to)
{
    size_t at = glass_head;
    (void)number_at(v, &at);
    for (size_t i = 0; i < glass_lists; i++)
        skip_table(v, &at);
    *from = at;
    skip_table(v, &at);
    *to = at;
}

inline grf_status read_glass(const std::string &dir, std::string &out, struct grf_err *err)
{
    struct grf_str s;
    grf_str_init(&s, 65536);
    grf_status st = grf_file_read((dir + "/iamglass").c_str(), s.max, &s, err);
    if (!st)
        out.assign(s.p, s.n);
    grf_str_release(&s);
    return st;
}

// The lists of the index beside are this one's from here on.
inline grf_status take_lists(const std::string &dir, struct grf_err *err)
{
    std::string own, other;
    size_t from, to, other_from, other_to;
    grf_status st = read_glass(dir, own, err);
    if (!st)
        st = read_glass(beside(dir), other, err);
    if (st)
        return st;
    if (own.compare(0, glass_format, other, 0, glass_format) != 0)
        throw Xapian::DatabaseVersionError("iamglass");
    lists_span(own, &from, &to);
    lists_span(other, &other_from, &other_to);
    own.replace(from, to - from, other, other_from, other_to - other_from);
    if (rename(lists_file(beside(dir)).c_str(), lists_file(dir).c_str()) != 0)
        return grf_fail_errno(err, "%s", lists_file(dir).c_str());
    struct grf_sv whole = grf_sv(own.data(), own.size());
    return grf_file_replace((dir + "/iamglass").c_str(), &whole, 1, err);
}

} // namespace

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// A passage's words in their order, in little room, for phrases. Private to
// lib/fulltext_xapian.cc.
//
// One byte for a frequent word, two for another one: 64 values and a hash. Words that share
// a mark are told apart by their terms: a phrase asks for those too. Each part ends with a 0.
// The whole has an odd number of bytes (another 0 where it must); an even number is what
// an earlier greffier wrote, two bytes a word. Subject and header, the first two parts, are
// the same for all passages of an act: those behind the first one begin with three 0 and how
// far its number is back, then the text alone.
#ifndef GRF_FULLTEXT_ORDER_HH
#define GRF_FULLTEXT_ORDER_HH

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace {

// Sorted; a word's place, from 1, is its mark. These are in the indexes: another list would
// be another format.
inline const char *const frequent_words[] = {
    "0", "000", "1", "10", "11", "12", "14", "15", "16", "1er", "2", "20", "200", "2017",
    "2018", "2019", "2020", "2021", "2022", "2023", "2024", "2025", "21", "3", "30", "4",
    "40", "5", "50", "6", "7", "8", "9", "a", "acte", "agent", "agents", "an", "ans",
    "aout", "application", "approuve", "apres", "article", "articles", "association",
    "au", "autorise", "aux", "avant", "avec", "avis", "avril", "budget", "ce", "centre",
    "ces", "cette", "cgct", "chaque", "charge", "code", "commission", "communal",
    "commune", "communes", "compte", "compter", "conditions", "conseil", "considerant",
    "contrat", "contre", "convention", "cout", "d", "dans", "de", "decembre", "decide",
    "delai", "deliberation", "demande", "demeure", "depuis", "des", "deux",
    "dispositions", "dont", "droit", "du", "duree", "eau", "elle", "en", "entre", "est",
    "et", "etant", "etat", "ete", "etre", "fevrier", "fixe", "frais", "general",
    "generale", "habitants", "heures", "ht", "il", "ils", "janvier", "jour", "jours",
    "juillet", "juin", "l", "la", "le", "les", "leur", "leurs", "lieu", "limite", "loi",
    "lorsque", "m", "m3", "mai", "maire", "mairie", "moins", "mois", "montant",
    "municipal", "n", "ne", "nombre", "non", "novembre", "objet", "octobre", "ont", "ou",
    "par", "pas", "peut", "plan", "plus", "pour", "present", "presente", "projet",
    "propose", "public", "publique", "quatre", "que", "qui", "r", "rappelle", "reglement",
    "reserve", "sa", "sans", "seance", "septembre", "sera", "seront", "service", "ses",
    "soit", "sollicite", "son", "sont", "sous", "sur", "titre", "tout", "toute",
    "travaux", "trois", "un", "unanimite", "une", "vente", "vote", "vu", "y", "zone",
};
constexpr uint16_t n_frequent = sizeof(frequent_words) / sizeof(*frequent_words);
constexpr uint16_t long_mark = 0xC000; // two bytes, the higher one first
constexpr uint16_t end_mark = 0;
static_assert(n_frequent == (long_mark >> 8) - 1, "all first bytes are used");

inline uint32_t word_hash(const std::string &norm)
{
    uint32_t h = 2166136261U; // FNV-1a
    for (unsigned char c : norm)
        h = (h ^ c) * 16777619U;
    return h;
}

inline uint16_t word_mark(const std::string &norm)
{
    const char *const *end = frequent_words + n_frequent;
    const char *const *at = std::lower_bound(
        frequent_words, end, norm, [](const char *a, const std::string &b) { return a < b; });
    if (at != end && norm == *at)
        return (uint16_t)(at - frequent_words + 1);
    uint32_t h = word_hash(norm);
    return (uint16_t)(long_mark | ((h ^ h >> 14 ^ h >> 28) & 0x3FFF));
}

inline void put_mark(std::string &out, uint16_t mark)
{
    if (mark >= long_mark)
        out += (char)(mark >> 8);
    out += (char)(mark & 0xFF);
}

constexpr size_t back_bytes = 4;
constexpr int64_t back_most = 255;
constexpr size_t prefix_parts = 2;

inline void put_back(std::string &out, int64_t back)
{
    out.append(back_bytes - 1, (char)end_mark);
    out += (char)back;
}

// How far back the passage is whose subject and header these words have; 0: none.
inline unsigned back_of(const std::string &words)
{
    bool marked = words.size() % 2 && words.size() > back_bytes &&
                  words.compare(0, back_bytes - 1, std::string(back_bytes - 1, '\0')) == 0;
    return marked ? (unsigned char)words[back_bytes - 1] : 0;
}

inline size_t mark_size(char first)
{
    return (unsigned char)first < long_mark >> 8 ? 1 : 2;
}

// Subject and header of a passage that has its own; else nothing.
inline std::string prefix_of(const std::string &words)
{
    size_t parts = 0, at = 0;
    if (words.size() % 2 == 0 || back_of(words))
        return "";
    for (; at < words.size() && parts < prefix_parts; at += mark_size(words[at]))
        parts += words[at] == (char)end_mark;
    std::string prefix = words.substr(0, at);
    if (prefix.size() % 2 == 0)
        prefix += (char)end_mark;
    return prefix;
}

inline void end_words(std::string &out)
{
    if (out.size() % 2 == 0)
        out += (char)end_mark;
}

// Two bytes a word, the lower one first.
inline void put_mark_before(std::string &out, const std::string &norm)
{
    uint32_t h = word_hash(norm);
    auto mark = (uint16_t)(h ^ h >> 16);
    mark = mark == end_mark ? 1 : mark;
    out += (char)(mark & 0xFF);
    out += (char)(mark >> 8);
}

// A phrase's words, in both ways.
struct phrase_marks {
    std::string marks, before;
    size_t n = 0;

    void add(const std::string &norm)
    {
        put_mark(marks, word_mark(norm));
        put_mark_before(before, norm);
        n++;
    }

    bool stands_in(const std::string &words) const
    {
        return words.size() % 2 ? stands_at_mark(words) : stands_before(words);
    }

private:
    bool stands_at_mark(const std::string &words) const
    {
        const char *p = words.data();
        size_t at = back_of(words) ? back_bytes : 0;
        while (at + marks.size() <= words.size()) {
            if (memcmp(p + at, marks.data(), marks.size()) == 0)
                return true;
            at += mark_size(p[at]);
        }
        return false;
    }

    bool stands_before(const std::string &words) const
    {
        size_t at = 0;
        while ((at = words.find(before, at)) != std::string::npos && at % 2)
            at++;
        return at != std::string::npos;
    }
};

} // namespace

#endif

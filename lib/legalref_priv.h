/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the reference finder share. The text is folded once (lower-case
 * ASCII, one kind of dash, apostrophe and blank) with a map back to its bytes; all
 * scanning is done on the folded form. f ends in NULs, so looking a few characters
 * ahead is always allowed.
 */
#ifndef GRF_LEGALREF_PRIV_H
#define GRF_LEGALREF_PRIV_H

#include "grf_legalref.h"

#define LR_DEGREE 2 /* ° in the folded text */
#define LR_OTHER 1  /* any character that means nothing here */
#define LR_PAD 64   /* NULs after the folded text */
#define LR_NUM_MAX 32

struct lr_text {
    unsigned char *f;
    uint32_t *map; /* n + 1 offsets into src */
    size_t n;
    struct grf_sv src;
};

GRF_NODISCARD grf_status lr_fold(struct grf_sv src, struct lr_text *t, struct grf_err *err);
void lr_text_release(struct lr_text *t);

static inline bool lr_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static inline bool lr_alpha(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool lr_alnum(unsigned char c)
{
    return lr_digit(c) || lr_alpha(c);
}

static inline bool lr_blank(unsigned char c)
{
    return c == ' ' || c == '\n';
}

/* True when the character at i was a plain capital A-Z in the text. */
bool lr_upper(const struct lr_text *t, size_t i);
size_t lr_skip_blanks(const struct lr_text *t, size_t i);
/* Length of word at i when it stands there whole, else 0. */
size_t lr_word(const struct lr_text *t, size_t i, const char *word);
/* The same for any of words (ended by NULL). */
size_t lr_any_word(const struct lr_text *t, size_t i, const char *const *words);
/* True at the first letter or digit of a word. */
bool lr_word_start(const struct lr_text *t, size_t i);
size_t lr_digits(const struct lr_text *t, size_t i);

/* ---- names (legalref_names.c) */

/* End of the folded name pat ("code de l urbanisme") at i, which may be printed with
   other blanks, hyphens at line ends or a missing plural; 0 when it is not there. */
size_t lr_match_name(const struct lr_text *t, size_t i, const char *pat);

struct lr_code_hit {
    int code;   /* index, -1 for a code that is not in the table */
    size_t end;
    bool weak;  /* an abbreviation that also means other things */
    bool fuzzy; /* a misspelt name */
};

/* The code named at i, the start of a word. budget limits costly comparisons. */
bool lr_code_name(const struct lr_text *t, size_t i, int *budget, struct lr_code_hit *hit);

/* ---- tables (legalref_table.c, legalref_laws.c) */

struct lr_name {
    const char *pat;
    unsigned char code;
};

extern const struct grf_code lr_codes[];
extern const size_t lr_n_codes;
extern const struct lr_name lr_names[];
extern const size_t lr_n_names;
int lr_code_index(struct grf_sv short_name);

enum lr_type { LR_LOI, LR_DECRET, LR_ORDONNANCE, LR_ARRETE, LR_UE, LR_TYPES };
extern const char *const lr_type_names[LR_TYPES];

struct lr_law {
    enum lr_type type;
    uint32_t date;      /* YYYYMMDD, 0 when it is not to be found by date */
    const char *number; /* "84-53" */
    const char *names;  /* folded, '|' between; NULL */
};

extern const struct lr_law lr_laws[];
extern const size_t lr_n_laws;
/* Number of the budget act of a year ("2019-1479" for 2020), NULL when not known. */
const char *lr_finance_law(int year);
const char *lr_law_by_date(enum lr_type type, uint32_t date);
/* The best known law whose name stands at i; *end is its end. */
const struct lr_law *lr_law_by_name(const struct lr_text *t, size_t i, size_t *end);

/* ---- numbers of articles (legalref_number.c) */

struct lr_num {
    char s[LR_NUM_MAX]; /* "2121-29", "1636 B sexies" */
    size_t end;
    int first_digits, parts;
    bool dotted, latin;
};

enum { LR_LETTERED = 1, LR_INTRO = 2 };

bool lr_number(const struct lr_text *t, size_t i, unsigned mode, struct lr_num *o);
/* A letter of articles at i; returns where its number begins, or 0. */
size_t lr_letter(const struct lr_text *t, size_t i, bool intro, char out[3]);
/* Skips "6°", "al. 7", "II", "et suivants" and the like after a number. */
size_t lr_items(const struct lr_text *t, size_t i, bool *following);
size_t lr_latin(const struct lr_text *t, size_t i);

struct lr_target {
    uint32_t start, end; /* folded */
    char letter[3];
    char num[LR_NUM_MAX];
    char to_letter[3];
    char to[LR_NUM_MAX]; /* "" when it is no range */
    unsigned flags;
    signed char first_digits, parts;
    bool dotted;
};

/* ---- atoms: what the scanner sees (legalref_scan.c) */

enum lr_kind { LR_ART, LR_CODE, LR_CODEREF, LR_TEXT, LR_TEXTREF };

struct lr_atom {
    enum lr_kind kind;
    uint32_t start, end;  /* folded */
    uint32_t items_end;   /* LR_ART: after "6°", "et suivants" */
    uint32_t unit, sentence;
    uint32_t first, n;    /* LR_ART: targets */
    int code;             /* LR_CODE: index, -1 unknown; LR_CODEREF: -2 for "present" */
    enum lr_type type;    /* LR_TEXT, LR_TEXTREF */
    char canon[40];       /* LR_TEXT */
    uint32_t date;        /* LR_TEXT: 0 when not said */
    float confidence;
    unsigned flags;
    bool intro;           /* "article" stands before */
    bool lettered;
    bool weak;            /* only with a code right after it */
    bool pointed;         /* "notamment", "son", "ses" stand before */
    bool own;             /* "Article 2 :" at the start of a line */
    bool numbered;        /* LR_TEXT: its number was printed */
    bool consumed;        /* LR_TEXT: said as part of an article's mention */
};

struct lr_scan {
    struct lr_text t;
    struct lr_atom *atoms;
    size_t n, cap;
    struct lr_target *targets;
    size_t n_targets, cap_targets;
    uint32_t unit, sentence;
    int budget;
};

GRF_NODISCARD grf_status lr_scan_text(struct lr_scan *s, struct grf_err *err);
GRF_NODISCARD grf_status lr_add_atom(struct lr_scan *s, const struct lr_atom *a,
                                     struct grf_err *err);
/* Reads the list of articles at i (first number or letter); true when it is one and
   puts its targets; a->first, n, end, items_end, lettered are set. */
GRF_NODISCARD grf_status lr_group(struct lr_scan *s, size_t i, struct lr_atom *a,
                                  bool *found, struct grf_err *err);
/* Laws, decrees and the like at i, the start of a word; *next is where to go on. */
GRF_NODISCARD grf_status lr_scan_law(struct lr_scan *s, size_t i, size_t *next,
                                     struct grf_err *err);
/* A date at i ("26 janvier 1984", "26/01/1984") as YYYYMMDD, 0 when there is none. */
uint32_t lr_date(const struct lr_text *t, size_t i, size_t *end);

#endif

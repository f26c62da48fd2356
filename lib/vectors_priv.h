/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/vectors*.c. Files as in doc/FORMAT.md, little-endian. */
#ifndef GRF_VECTORS_PRIV_H
#define GRF_VECTORS_PRIV_H

#include "grf_container.h"
#include "grf_vectors.h"

#define VEC_KIND "VECS"
#define VEC_INDEX "index"
#define VEC_MAGIC 0x42565247U    /* GRVB */
#define VEC_NOWHERE UINT32_MAX   /* place of a block that was never written */
enum {
    VEC_LAYOUT = 5,        /* without lists; with them, and sketches, three more */
    VEC_LAYOUT_WIDE = 1,   /* the same of an earlier greffier, ids of 64 bits; with lists
                              alone one more */
    VEC_PAGE = 4096,       /* a block is of whole pages, which can be erased */
    VEC_BLOCK = 16384,     /* bytes, unless a few vectors need more */
    VEC_ROWS_FEW = 8,
    VEC_ROWS_MOST = 256,
    VEC_HEAD = 64,         /* before what is in an extra block, or before wide ids */
    VEC_MARK = 8,          /* before the ids of the others: magic and place */
    VEC_PARTS = 4,         /* of an extra block, each checked by itself */
    VEC_GROUP = 32         /* sketches that stand together */
};

/* The index file's payload: a head, n_blocks entries, n_freed places (those to be erased
   at once, those that the next save erases), n_lists lists, n_regions regions and their
   centres, dim bytes each (without sketches instead the centres of the lists), n_extra
   entries of extra blocks. */
struct vec_head {
    uint32_t layout, dim, rows_most, block_bytes;
    uint64_t data_no;  /* in the name of the blocks' file */
    uint32_t end;      /* blocks in that file, in use or not */
    uint32_t n_blocks, n_freed;
    uint32_t n_regions; /* 1 without sketches, where there are none */
    uint32_t n_arranged; /* blocks, the first of them: their vectors are in lists */
    uint32_t n_urgent; /* of the freed places, the first: erased before a save returns */
    uint32_t n_lists, n_extra;
    uint64_t n_rows;
};

/* In an arranged block a vector that was removed leaves its place empty, with the id -1,
   so that the lists stay where they are. */
struct vec_entry {
    uint32_t pos, dead, count, zero; /* dead: empty places, of count */
    int64_t min, max; /* of its ids; without meaning when there are none */
    uint64_t sum;     /* XXH3-64 of the block */
};

/* Neighbours: places one after another in the arranged blocks, which are full but for the
   last. The mean of their vectors is scale times the centre's bytes; spread is how far
   from it they are, the root of the mean square. */
struct vec_list {
    uint32_t rows;
    float scale, spread;
    uint32_t zero;
};

struct vec_block {
    struct vec_entry e;
    unsigned char *mem; /* its bytes when changed since the last save */
    bool erase;         /* held a vector that was removed */
};

/* Beside the arranged blocks, as large as they: first the centres of the lists, then the
   sketches of all places, then a table of ids and places. */
struct vec_extra_entry {
    uint32_t pos, count; /* count: pairs of a table, or VEC_DENSE and places */
    int64_t first;       /* id of a table */
    uint64_t sums[VEC_PARTS]; /* XXH3-64 of each quarter */
};
struct vec_extra {
    struct vec_extra_entry e;
    unsigned char *mem; /* as in a block */
    bool erase;
};
struct vec_pair {
    uint32_t beyond; /* what the id is beyond the first of its block */
    uint32_t place;
};

/* A table of places: those of the ids from its first on; VEC_NOWHERE for no id. */
#define VEC_DENSE 0x80000000U

/* A region is of lists, one after another, as a list is of vectors. */
struct vec_lists {
    const struct vec_list *of;
    const signed char *centres; /* NULL: they are in extra blocks */
    const struct vec_list *regions;
    const signed char *region_centres;
    uint32_t *first;           /* n_regions + 1: the first list of each */
    uint32_t *from;            /* n_lists + 1: the first place of each */
    struct grf_container file; /* what both are in, unless in mem */
    unsigned char *mem;
};

struct grf_vectors {
    char *dir; /* NULL: on no disk yet */
    struct vec_head h; /* n_blocks is of the blocks below */
    struct vec_block *blocks;
    size_t cap;
    size_t open_block; /* the number + 1 of one with room, or 0 */
    unsigned char *checked; /* of each block; read and set atomically */
    struct vec_extra *extra; /* h.n_extra */
    unsigned char *extra_checked; /* of each quarter */
    uint32_t *freed;      /* h.n_freed places */
    int64_t max_id;
    struct grf_map data;
    struct vec_lists lists;
    struct grf_vec_limits limits;
    uint64_t stamp[3];    /* device, inode and time of the index file */
    int64_t generation;
    char label[GRF_CONTAINER_LABEL];
    bool poisoned;
    bool earlier; /* arranges as an earlier greffier did: for tests */
    unsigned more; /* users beyond the first */
};

/* The empty place of an arranged block, as vec_id has it. */
#define VEC_GONE (-1)
#define VEC_ID_MOST ((int64_t)UINT32_MAX - 1)

/* Ids of an earlier greffier have 64 bits, others 32, all of them set for none. */
static inline bool vec_is_wide(const struct vec_head *h)
{
    return h->layout < VEC_LAYOUT;
}
static inline size_t vec_id_bytes(const struct vec_head *h)
{
    return vec_is_wide(h) ? sizeof(int64_t) : sizeof(uint32_t);
}
static inline int64_t vec_get_id(const struct vec_head *h, const void *ids, size_t at)
{
    if (vec_is_wide(h))
        return ((const int64_t *)ids)[at];
    uint32_t id = ((const uint32_t *)ids)[at];
    return id == UINT32_MAX ? VEC_GONE : (int64_t)id;
}
static inline void vec_put_id(const struct vec_head *h, void *ids, size_t at, int64_t id)
{
    if (vec_is_wide(h))
        ((int64_t *)ids)[at] = id;
    else
        ((uint32_t *)ids)[at] = (uint32_t)id;
}

/* Parts of a block. */
static inline void *vec_ids(const struct vec_head *h, unsigned char *block)
{
    return block + (vec_is_wide(h) ? VEC_HEAD : VEC_MARK);
}
static inline int64_t vec_id(const struct vec_head *h, unsigned char *block, size_t row)
{
    return vec_get_id(h, vec_ids(h, block), row);
}
static inline float *vec_scales(const struct vec_head *h, unsigned char *block)
{
    return (float *)(void *)((char *)vec_ids(h, block) + h->rows_most * vec_id_bytes(h));
}
static inline signed char *vec_rows(const struct vec_head *h, unsigned char *block)
{
    if (vec_is_wide(h))
        return (signed char *)(vec_scales(h, block) + h->rows_most);
    return (signed char *)block + h->block_bytes - (size_t)h->rows_most * h->dim;
}

static inline uint32_t *vec_dense(unsigned char *block)
{
    return (uint32_t *)(void *)(block + VEC_HEAD);
}
static inline size_t vec_dense_most(const struct vec_head *h)
{
    return (h->block_bytes - VEC_HEAD) / sizeof(uint32_t);
}
static inline struct vec_pair *vec_pairs(unsigned char *block)
{
    return (struct vec_pair *)(void *)(block + VEC_HEAD);
}
static inline size_t vec_pairs_most(const struct vec_head *h)
{
    return (h->block_bytes - VEC_HEAD) / sizeof(struct vec_pair);
}

/* Layout and sizes of blocks for dim dimensions. */
void vec_shape(struct vec_head *h, int dim, bool wide);
GRF_NODISCARD grf_status vec_refuse_poisoned(const struct grf_vectors *v, struct grf_err *err);
/* Is one of the ids, which are in order, between the ends of the block's? */
bool vec_may_hold(const struct vec_entry *e, const int64_t *ids, size_t n);
bool vec_all_finite(const float *x, size_t n);
/* "dir/blocks.N" (grf_free); NULL with err set. */
char *vec_data_path(const char *dir, uint64_t data_no, struct grf_err *err);
void vec_stamp(const char *dir, uint64_t stamp[3]);
/* Is the index file the one that v has read or written? */
bool vec_is_newest(const struct grf_vectors *v);
/* Block i, checked if it never was. Its bytes are changed only when they are in mem. */
GRF_NODISCARD grf_status vec_block(const struct grf_vectors *v, size_t i,
                                   unsigned char **out, struct grf_err *err);
/* Does a block of this place begin at p? */
bool vec_is_block(const unsigned char *p, uint32_t pos);
/* What a block that is not there or damaged means: GRF_STALE or GRF_CORRUPT. */
grf_status vec_unfit(const struct grf_vectors *v, uint32_t pos, struct grf_err *err);
/* GRF_STALE or GRF_OK: is block i still what was read of it? */
GRF_NODISCARD grf_status vec_still(const struct grf_vectors *v, size_t i,
                                   struct grf_err *err);
/* A copy of block's bytes to be changed, into *mem, when still says that number i is what
   was read; *mem is untouched otherwise. */
GRF_NODISCARD grf_status vec_take(const struct grf_vectors *v, const unsigned char *block,
                                  size_t i,
                                  grf_status (*still)(const struct grf_vectors *, size_t,
                                                      struct grf_err *),
                                  unsigned char **mem, struct grf_err *err);
/* Maps the blocks' file and takes its blocks for unchecked. */
GRF_NODISCARD grf_status vec_map(struct grf_vectors *v, struct grf_err *err);

/* Erases places of the blocks' file: holes where the file system can, zeros elsewhere. */
GRF_NODISCARD grf_status vec_erase(int fd, const struct vec_head *h, const uint32_t *places,
                                   size_t n, struct grf_err *err);
GRF_NODISCARD grf_status vec_write_block(int fd, const struct vec_head *h, uint32_t pos,
                                         unsigned char *block, uint64_t *sum,
                                         struct grf_err *err);
GRF_NODISCARD grf_status vec_write_index(const char *dir, const struct vec_head *h,
                                         const struct vec_entry *entries,
                                         const uint32_t *freed,
                                         const struct vec_lists *lists,
                                         const struct vec_extra *extra,
                                         int64_t generation, const char *label,
                                         struct grf_err *err);
/* Removes the files of blocks that are not in use. */
void vec_drop_other_data(const char *dir, uint64_t data_no);
uint64_t vec_free_data_no(const char *dir);

/* ---- saving */

/* The state that is being made: v takes it over when it is on disk. */
struct vec_save {
    const char *dir; /* borrowed: where all of this goes */
    struct vec_head h;
    struct vec_block *blocks;
    struct vec_entry *entries;
    uint32_t *freed;
    unsigned char *copy; /* set: all blocks go to another file, each through here */
    struct vec_extra *extra;
    struct vec_lists lists; /* of an arranged state; otherwise v's stay */
    bool arranged;
    bool named; /* the index file may name these blocks */
    int fd;
};

/* What failed, told with the directory it was to go to. */
grf_status vec_named(const struct vec_save *s, grf_status st, struct grf_err *err);

/* ---- lists */

void vec_lists_release(struct vec_lists *l);
/* Bytes of the lists and regions with what centres are among them. */
size_t vec_lists_bytes(const struct vec_head *h);
/* Takes n_lists of them from the bytes at p, which stay where they are. False when they
   are not what the arranged blocks hold. */
bool vec_lists_take(struct vec_lists *l, const struct vec_head *h,
                    const struct vec_block *blocks, const char *p);
/* Room for those of h in memory. */
GRF_NODISCARD grf_status vec_lists_new(struct vec_lists *l, const struct vec_head *h,
                                       struct grf_err *err);
/* The centre of a list, and of how many after it in *n the centres follow. */
GRF_NODISCARD grf_status vec_centres_from(const struct grf_vectors *v, size_t list, size_t *n,
                                          const signed char **out, struct grf_err *err);
/* The list that holds a place of the arranged blocks. */
size_t vec_list_of(const struct grf_vectors *v, size_t place);
/* Centres and sketches again of the lists that dirty names, one byte each, after
   removals. */
GRF_NODISCARD grf_status vec_lists_mend(struct grf_vectors *v, const unsigned char *dirty,
                                        struct grf_err *err);

/* A mean in the making. */
struct vec_mean {
    float *sum; /* dim */
    double squares;
    size_t n;
};
void vec_mean_add(struct vec_mean *m, const signed char *row, float scale, size_t dim);
/* Into the list and its centre; empties m. */
void vec_mean_take(struct vec_mean *m, size_t dim, struct vec_list *list,
                   signed char *centre);

/* ---- sketches */

/* A group: ids, factors of 16 bits, then for each eight dimensions a byte of each. */
size_t vec_code_bytes(size_t dim);
size_t vec_group_bytes(const struct vec_head *h);
int64_t vec_group_id(const struct vec_head *h, const unsigned char *group, size_t at);
/* Turns x, which all sketches and questions are. */
void vec_turn(float *x, size_t dim);
/* rest: what the vector is beyond its list's centre, turned. */
void vec_sketch_put(const struct vec_head *h, unsigned char *group, size_t at, int64_t id,
                    const float *rest);
void vec_sketch_clear(const struct vec_head *h, unsigned char *group, size_t at);

struct vec_tables {
    unsigned char *sums; /* of each four dimensions: 16, in steps from the lowest */
    float step, low;
    size_t bytes;
    size_t head; /* of a group: before its factors */
};
GRF_NODISCARD grf_status vec_tables_make(struct vec_tables *t, const struct vec_head *h,
                                         const float *question, struct grf_err *err);
void vec_tables_release(struct vec_tables *t);
/* What the question's product with each of a group is, about; base: that with the centre
   of their list. Not a number for an empty place. */
void vec_sketch_scores(const struct vec_tables *t, unsigned char *group, float base,
                       float out[VEC_GROUP]);

/* The same without what some processors have. */
void vec_sketch_scores_plain(const struct vec_tables *t, unsigned char *group, float base,
                             float out[VEC_GROUP]);

/* ---- extra blocks */

/* Places of the arranged blocks; those that a block of sketches holds; such blocks. */
size_t vec_places(const struct vec_head *h, const struct vec_block *blocks);
size_t vec_sketch_rows(const struct vec_head *h);
size_t vec_sketch_blocks(const struct vec_head *h, size_t places);
/* Centres that a block holds; blocks of them, which come before those of sketches. */
size_t vec_centres_most(const struct vec_head *h);
size_t vec_centre_blocks(const struct vec_head *h);
/* The block of sketches that holds a place. */
static inline size_t vec_sketch_block(const struct vec_head *h, size_t place)
{
    return vec_centre_blocks(h) + place / vec_sketch_rows(h);
}
/* The bytes of a centre that is to change, in an extra block. */
GRF_NODISCARD grf_status vec_centre_own(struct grf_vectors *v, size_t list, signed char **out,
                                        struct grf_err *err);
/* Bytes from to to - 1 of extra block i, checked, in *out with what is before them. */
GRF_NODISCARD grf_status vec_extra(const struct grf_vectors *v, size_t i, size_t from,
                                   size_t to, unsigned char **out, struct grf_err *err);
GRF_NODISCARD grf_status vec_extra_still(const struct grf_vectors *v, size_t i,
                                         struct grf_err *err);
/* The group of sketches that holds a place. */
GRF_NODISCARD grf_status vec_group(const struct grf_vectors *v, size_t place,
                                   unsigned char **out, struct grf_err *err);
/* The places that ids, which ascend, had when the blocks were arranged; VEC_NOWHERE for
   one that had none. */
GRF_NODISCARD grf_status vec_places_of(const struct grf_vectors *v, const int64_t *ids, size_t n,
                                       uint32_t *places, struct grf_err *err);
/* The sketch of a place goes. */
GRF_NODISCARD grf_status vec_sketch_drop(struct grf_vectors *v, size_t place,
                                         struct grf_err *err);
/* The sketches of a list whose centre has changed. room: dim. */
GRF_NODISCARD grf_status vec_sketch_list(struct grf_vectors *v, size_t list, float *room,
                                         struct grf_err *err);
/* rest = what row is beyond the centre, turned. */
void vec_rest(const signed char *row, float scale, const struct vec_list *list,
              const signed char *centre, size_t dim, float *rest);
GRF_NODISCARD grf_status vec_write_extra(int fd, const struct vec_head *h,
                                         struct vec_extra_entry *e, unsigned char *block,
                                         struct grf_err *err);

/* ---- arranging */

/* Would it pay to arrange v's blocks anew? */
bool vec_arrange_is_due(const struct grf_vectors *v);
/* Writes all of v to s->fd, neighbours beside each other, and sets what s says of it. */
GRF_NODISCARD grf_status vec_arrange(struct grf_vectors *v, struct vec_save *s,
                                     struct grf_err *err);

/* Centres of unit length: scale times bytes. */
struct vec_centres {
    size_t dim;
    signed char *rows;
    float *scales;
};
struct vec_sample {
    const signed char *rows; /* n of dim bytes */
    const float *scales;
    size_t n;
};
/* k centres from number first on, of the sample's vectors; k <= sample->n. */
GRF_NODISCARD grf_status vec_train(const struct vec_sample *sample, struct vec_centres *c,
                                   size_t first, size_t k, int rounds, struct grf_err *err);
/* The nearest of the centres from to to - 1; *score tells how near. */
size_t vec_nearest(const struct vec_centres *c, size_t from, size_t to,
                   const int16_t *question, float *score);
/* A vector's bytes as what is asked with. */
void vec_as_question(const signed char *row, size_t dim, int16_t *out);

#endif

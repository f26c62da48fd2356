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
    VEC_LAYOUT = 1,
    VEC_PAGE = 4096,       /* a block is of whole pages, which can be erased */
    VEC_BLOCK = 16384,     /* bytes, unless a few vectors need more */
    VEC_ROWS_FEW = 8,
    VEC_ROWS_MOST = 256,
    VEC_HEAD = 64          /* before a block's ids */
};

/* The index file's payload: a head, n_blocks entries, n_freed
   places: those to be erased at once, those that the next save erases. */
struct vec_head {
    uint32_t layout, dim, rows_most, block_bytes;
    uint64_t data_no;  /* in the name of the blocks' file */
    uint32_t end;      /* blocks in that file, in use or not */
    uint32_t n_blocks, n_freed;
    uint32_t one, zero;
    uint32_t n_urgent; /* of the freed places, the first: erased before a save returns */
    uint64_t zero8;
    uint64_t n_rows;
};

struct vec_entry {
    uint32_t pos, zero, count, zero2;
    int64_t min, max; /* of its ids; without meaning when count is 0 */
    uint64_t sum;     /* XXH3-64 of the block */
};

struct vec_block {
    struct vec_entry e;
    unsigned char *mem; /* its bytes when changed since the last save */
    bool erase;         /* held a vector that was removed */
};

struct grf_vectors {
    char *dir; /* NULL: on no disk yet */
    struct vec_head h; /* n_blocks is of the blocks below */
    struct vec_block *blocks;
    size_t cap;
    size_t open_block; /* the number + 1 of one with room, or 0 */
    unsigned char *checked; /* of each block; read and set atomically */
    uint32_t *freed;      /* h.n_freed places */
    int64_t max_id;
    struct grf_map data;
    uint64_t stamp[3];    /* device, inode and time of the index file */
    int64_t generation;
    char label[GRF_CONTAINER_LABEL];
    bool poisoned;
    unsigned more; /* users beyond the first */
};

/* Parts of a block. */
static inline int64_t *vec_ids(unsigned char *block)
{
    return (int64_t *)(void *)(block + VEC_HEAD);
}
static inline float *vec_scales(const struct vec_head *h, unsigned char *block)
{
    return (float *)(void *)(block + VEC_HEAD + h->rows_most * sizeof(int64_t));
}
static inline signed char *vec_rows(const struct vec_head *h, unsigned char *block)
{
    return (signed char *)block + VEC_HEAD + h->rows_most * (sizeof(int64_t) + sizeof(float));
}

/* Sizes of blocks for dim dimensions. */
void vec_shape(struct vec_head *h, int dim);
GRF_NODISCARD grf_status vec_refuse_poisoned(const struct grf_vectors *v, struct grf_err *err);
bool vec_all_finite(const float *x, size_t n);
/* "dir/blocks.N" (grf_free); NULL with err set. */
char *vec_data_path(const char *dir, uint64_t data_no, struct grf_err *err);
void vec_stamp(const char *dir, uint64_t stamp[3]);
/* Block i, checked if it never was. Its bytes are changed only when they are in mem. */
GRF_NODISCARD grf_status vec_block(const struct grf_vectors *v, size_t i,
                                   unsigned char **out, struct grf_err *err);
/* GRF_STALE or GRF_OK: is block i still what was read of it? */
GRF_NODISCARD grf_status vec_still(const struct grf_vectors *v, size_t i,
                                   struct grf_err *err);
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
                                         const uint32_t *freed, int64_t generation,
                                         const char *label, struct grf_err *err);
/* Removes the files of blocks that are not in use. */
void vec_drop_other_data(const char *dir, uint64_t data_no);
uint64_t vec_free_data_no(const char *dir);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a disk may hold after a power cut, from a log of writelog.so.
 * diskstate LOG                         the operations, one a line: number, what, where
 * diskstate LOG OUT CUT MODEL SEED      makes the directory OUT as a disk may hold it when
 *                                       the power goes after operation CUT; prints a sum
 *                                       of what it holds
 * What is sure: a file's bytes when the file was synced after they were written; a name
 * when its directory was synced after it was made, moved or removed (and so were the
 * changes of the same directory before it). Of the rest MODEL keeps
 *   none   nothing
 *   all    everything, as after a kill
 *   mixed  what SEED draws: of each file nothing, everything, or of each write the whole,
 *          nothing or some sectors of 512 bytes (the others as they were; zeros where the
 *          file became longer); of the names those changed before some moment, or one
 *          change with those that it rests on
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_hash.h"
#include "grf_mem.h"
#include "writelog.h"

enum { SECTOR = 512, LOG_MOST = 1 << 30, DEEP_MOST = 16 };
enum model { NONE, ALL, MIXED };

struct op {
    struct wlog_record r;
    const char *name, *name2, *data;
    bool done; /* a change of names that the disk holds, or a write that a sync took */
};

struct entry {
    char *name;
    size_t node;
};

/* A file or a directory; the latest of an inode number is the one meant. */
struct node {
    uint64_t ino;
    bool is_dir;
    unsigned char *p; /* what the disk holds of a file */
    size_t n, cap;
    struct entry *e; /* and of a directory */
    size_t n_e, cap_e;
};

static struct op *ops;
static size_t n_ops, cap_ops, start;
static struct node *nodes;
static size_t n_nodes, cap_nodes;
static uint64_t dice;

static void die(const char *what)
{
    fprintf(stderr, "diskstate: %s\n", what);
    exit(2);
}

static void *grown(void *p, size_t n, size_t *cap, size_t size)
{
    void *v = p;
    if (grf_grow(&v, n, cap, size))
        die("out of memory");
    return v;
}

static uint64_t draw(uint64_t below)
{
    dice += 0x9E3779B97F4A7C15u; /* splitmix64 */
    uint64_t z = dice;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (z ^ (z >> 31)) % below;
}

/* ---- the log */

static void read_log(const char *path, struct grf_str *all)
{
    struct grf_err err = GRF_ERR_INIT;
    grf_str_init(all, LOG_MOST);
    if (grf_file_read(path, LOG_MOST, all, &err))
        die(err.msg);
    for (size_t at = 0; at < all->n;) {
        struct op o = {.done = false};
        if (all->n - at < sizeof(o.r))
            die("log cut off");
        memcpy(&o.r, all->p + at, sizeof(o.r));
        at += sizeof(o.r);
        size_t data = o.r.op == WLOG_WRITE ? o.r.data_len : 0;
        if (o.r.magic != WLOG_MAGIC || all->n - at < o.r.name_len + o.r.name2_len + data)
            die("log not understood");
        o.name = all->p + at;
        o.name2 = o.name + o.r.name_len;
        o.data = o.name2 + o.r.name2_len;
        at += o.r.name_len + o.r.name2_len + data;
        if (o.r.op == WLOG_START)
            start = n_ops + 1;
        ops = grown(ops, n_ops, &cap_ops, sizeof(*ops));
        ops[n_ops++] = o;
    }
}

/* ---- nodes and names */

static size_t add_node(uint64_t ino, bool is_dir)
{
    nodes = grown(nodes, n_nodes, &cap_nodes, sizeof(*nodes));
    nodes[n_nodes] = (struct node){.ino = ino, .is_dir = is_dir};
    return n_nodes++;
}

static struct node *node_of(uint64_t ino)
{
    for (size_t i = n_nodes; i-- > 0;)
        if (nodes[i].ino == ino)
            return &nodes[i];
    die("a write to what was never made");
    return NULL;
}

static void drop_entry(struct node *d, const char *name, size_t n)
{
    for (size_t i = 0; i < d->n_e; i++)
        if (strlen(d->e[i].name) == n && memcmp(d->e[i].name, name, n) == 0) {
            grf_free(d->e[i].name);
            d->e[i] = d->e[--d->n_e];
            return;
        }
}

static void add_entry(struct node *d, const char *name, size_t n, size_t node)
{
    drop_entry(d, name, n);
    d->e = grown(d->e, d->n_e, &d->cap_e, sizeof(*d->e));
    d->e[d->n_e++] = (struct entry){grf_strndup(name, n), node};
}

static void apply_name(struct op *o)
{
    size_t node = (size_t)(node_of(o->r.ino) - nodes);
    if (o->done)
        return;
    o->done = true;
    switch (o->r.op) {
    case WLOG_CREATE:
    case WLOG_MKDIR:
    case WLOG_LINK:
        add_entry(node_of(o->r.dir), o->name, o->r.name_len, node);
        break;
    case WLOG_UNLINK:
        drop_entry(node_of(o->r.dir), o->name, o->r.name_len);
        break;
    default:
        drop_entry(node_of(o->r.dir), o->name, o->r.name_len);
        add_entry(node_of(o->r.dir2), o->name2, o->r.name2_len, node);
    }
}

static bool of_names(const struct op *o)
{
    return o->r.op >= WLOG_CREATE && o->r.op <= WLOG_UNLINK && o->r.dir;
}

/* The changes of a directory up to an operation, with those of others that they rest on:
   what was moved from one to the other is in one of both. */
static void settle_names(uint64_t dir, size_t before)
{
    uint64_t needed[64] = {dir};
    size_t n = 1;
    bool *wanted = grf_calloc(before + 1, sizeof(*wanted));
    if (!wanted)
        die("out of memory");
    for (size_t i = before; i-- > start;) {
        if (!of_names(&ops[i]) || ops[i].done)
            continue;
        for (size_t k = 0; k < n && !wanted[i]; k++)
            wanted[i] = needed[k] == ops[i].r.dir || needed[k] == ops[i].r.dir2;
        if (wanted[i] && ops[i].r.dir2 && ops[i].r.dir2 != ops[i].r.dir && n < 62) {
            needed[n++] = ops[i].r.dir;
            needed[n++] = ops[i].r.dir2;
        }
    }
    for (size_t i = start; i < before; i++)
        if (wanted[i])
            apply_name(&ops[i]);
    grf_free(wanted);
}

/* ---- bytes */

static void make_room(struct node *f, size_t n)
{
    while (n > f->cap)
        f->p = grown(f->p, f->cap, &f->cap, 1);
    if (n > f->n)
        memset(f->p + f->n, 0, n - f->n);
    f->n = n > f->n ? n : f->n;
}

static void apply_bytes(struct node *f, const struct op *o, bool torn)
{
    size_t off = (size_t)o->r.off, n = o->r.data_len;
    if (o->r.op == WLOG_TRUNCATE) {
        make_room(f, off);
        f->n = off;
        return;
    }
    if (o->r.op == WLOG_ZERO) {
        size_t end = off + n < f->n ? off + n : f->n;
        if (off < end)
            memset(f->p + off, 0, end - off);
        return;
    }
    if (!torn || draw(2))
        make_room(f, off + n);
    for (size_t at = off; at < off + n;) {
        size_t end = (at / SECTOR + 1) * SECTOR;
        end = end < off + n ? end : off + n;
        if (!torn || draw(2)) {
            make_room(f, end);
            memcpy(f->p + at, o->data + (at - off), end - at);
        }
        at = end;
    }
}

static bool of_bytes(const struct op *o)
{
    return o->r.op == WLOG_WRITE || o->r.op == WLOG_TRUNCATE || o->r.op == WLOG_ZERO;
}

static void settle_bytes(struct node *f, size_t from, size_t before)
{
    for (size_t i = from; i < before; i++)
        if (of_bytes(&ops[i]) && !ops[i].done && ops[i].r.ino == f->ino) {
            ops[i].done = true;
            apply_bytes(f, &ops[i], false);
        }
}

/* ---- the run, and the cut */

static void happen(size_t i)
{
    struct op *o = &ops[i];
    if (o->r.op == WLOG_CREATE || o->r.op == WLOG_MKDIR) {
        add_node(o->r.ino, o->r.op == WLOG_MKDIR);
    } else if (o->r.op == WLOG_SYNC) {
        struct node *n = node_of(o->r.ino);
        if (n->is_dir)
            settle_names(n->ino, i);
        else
            settle_bytes(n, start, i);
    }
    if (i < start && of_names(o))
        apply_name(o);
    if (i < start && of_bytes(o)) {
        o->done = true;
        apply_bytes(node_of(o->r.ino), o, false);
    }
}

/* Inode numbers come back: what is not synced of a file that is gone is not written to
   the next one of its number. The log knows only numbers, so this happens as it goes. */
static void forget_unsynced(size_t i)
{
    if (ops[i].r.op != WLOG_CREATE && ops[i].r.op != WLOG_MKDIR)
        return;
    for (size_t k = start; k < i; k++)
        if (of_bytes(&ops[k]) && ops[k].r.ino == ops[i].r.ino)
            ops[k].done = true;
}

static void draw_bytes(struct node *f, size_t cut)
{
    uint64_t how = draw(3);
    for (size_t i = start; i < cut; i++) {
        if (!of_bytes(&ops[i]) || ops[i].done || ops[i].r.ino != f->ino)
            continue;
        uint64_t each = how == 2 ? draw(3) : how;
        if (each)
            apply_bytes(f, &ops[i], each == 2);
        ops[i].done = true;
    }
}

static void draw_names(size_t cut)
{
    size_t n = 0, *open = grf_calloc(cut + 1, sizeof(*open));
    if (!open)
        die("out of memory");
    for (size_t i = start; i < cut; i++)
        if (of_names(&ops[i]) && !ops[i].done)
            open[n++] = i;
    size_t last = n ? open[draw(n)] : 0;
    if (n && draw(2)) {
        for (size_t k = 0; k < n && open[k] <= last; k++)
            apply_name(&ops[open[k]]);
    } else if (n) {
        settle_names(ops[last].r.dir, last + 1);
    }
    grf_free(open);
}

static void power_cut(size_t cut, enum model model)
{
    if (model == MIXED)
        draw_names(cut);
    for (size_t i = start; i < cut && model == ALL; i++)
        if (of_names(&ops[i]))
            apply_name(&ops[i]);
    for (size_t k = 0; k < n_nodes && model != NONE; k++) {
        if (nodes[k].is_dir || node_of(nodes[k].ino) != &nodes[k])
            continue;
        if (model == ALL)
            settle_bytes(&nodes[k], start, cut);
        else
            draw_bytes(&nodes[k], cut);
    }
}

/* ---- making it */

static uint64_t sum_of(uint64_t sum, const void *p, size_t n)
{
    const unsigned char *c = p;
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ c[i]) * 0x100000001B3u;
    return sum;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void make_file(int dir, const char *name, const struct node *f)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0 || grf_file_write_all(fd, f->p, f->n, NULL) || close(fd) != 0)
        die("cannot make the state");
}

static uint64_t make(const char *path, struct node *d, int depth, uint64_t sum)
{
    if (mkdir(path, 0750) != 0 || depth > DEEP_MOST)
        die("cannot make the state");
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    qsort(d->e, d->n_e, sizeof(*d->e), by_name);
    for (size_t i = 0; i < d->n_e; i++) {
        struct node *n = &nodes[d->e[i].node];
        sum = sum_of(sum, d->e[i].name, strlen(d->e[i].name) + 1);
        if (n->is_dir) {
            char *below = grf_path_join(path, d->e[i].name);
            sum = make(below, n, depth + 1, sum);
            grf_free(below);
        } else {
            make_file(fd, d->e[i].name, n);
            if (!strstr(d->e[i].name, "-shm"))
                sum = sum_of(sum, n->p, n->n);
        }
    }
    close(fd);
    return sum_of(sum, "", 1);
}

static void list(void)
{
    static const char *const what[] = {"",       "start",  "create", "mkdir",
                                       "link",   "rename", "unlink", "write",
                                       "truncate", "zero",   "sync"};
    for (size_t i = start; i < n_ops; i++) {
        const struct op *o = &ops[i];
        const char *name = "";
        int n = 0;
        for (size_t k = i + 1; k-- > 0 && !n;)
            if (ops[k].r.ino == o->r.ino && ops[k].r.name_len) {
                name = ops[k].r.op == WLOG_RENAME ? ops[k].name2 : ops[k].name;
                n = (int)(ops[k].r.op == WLOG_RENAME ? ops[k].r.name2_len : ops[k].r.name_len);
            }
        printf("%zu %s %.*s %lld %llu\n", i - start + 1, what[o->r.op], n, name,
               (long long)o->r.off, (unsigned long long)o->r.data_len);
    }
}

int main(int argc, char **argv)
{
    struct grf_str all;
    if (argc != 2 && argc != 6)
        die("LOG [OUT CUT none|all|mixed SEED]");
    read_log(argv[1], &all);
    if (argc == 2) {
        list();
        return 0;
    }
    size_t cut = start + (size_t)strtoull(argv[3], NULL, 10);
    enum model model = argv[4][0] == 'n' ? NONE : argv[4][0] == 'a' ? ALL : MIXED;
    dice = strtoull(argv[5], NULL, 10);
    if (cut > n_ops)
        die("so many operations there are not");
    for (size_t i = 0; i < cut; i++) {
        forget_unsynced(i);
        happen(i);
    }
    power_cut(cut, model);
    printf("%016llx\n",
           (unsigned long long)make(argv[2], &nodes[0], 0, 0xCBF29CE484222325u));
    return 0;
}

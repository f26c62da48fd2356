/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of writes: what writelog.so writes and diskstate reads. */
#ifndef WRITELOG_H
#define WRITELOG_H

#include <stdint.h>

enum {
    WLOG_MAGIC = 0x57524C47,
    WLOG_START = 1, /* what came before was there, and safe, when the run began */
    WLOG_CREATE,    /* dir, name: a new empty file ino */
    WLOG_MKDIR,     /* dir, name: a new empty directory ino */
    WLOG_LINK,      /* dir, name: one more name of ino */
    WLOG_RENAME,    /* dir, name to dir2, name2 */
    WLOG_UNLINK,    /* dir, name: a file or an empty directory */
    WLOG_WRITE,     /* data at off of ino */
    WLOG_TRUNCATE,  /* ino has off bytes */
    WLOG_ZERO,      /* data_len zeros at off of ino, where it has bytes (no data follow) */
    WLOG_SYNC       /* ino, a file or a directory */
};

/* Behind it: name, name2, data. */
struct wlog_record {
    uint32_t magic, op;
    uint64_t ino, dir, dir2;
    int64_t off;
    uint64_t data_len;
    uint32_t name_len, name2_len;
};

#endif

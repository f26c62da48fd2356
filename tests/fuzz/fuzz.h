/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fuzz target is one file fuzz_NAME.c with fuzz_one(). It is linked twice: with
 * libFuzzer (make fuzz), and with replay.c, which runs every file of a folder through
 * it (make fuzz-replay; part of the quick tests).
 *
 * A target checks what must hold for any input, with fuzz_check, and leaks nothing.
 */
#ifndef GRF_FUZZ_H
#define GRF_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "grf_err.h"
#include "grf_mem.h"
#include "grf_str.h"

void fuzz_one(struct grf_sv input);

/* Stops the program: a promise of the code under test is broken. */
#define fuzz_check(x) ((x) ? (void)0 : fuzz_broken(#x, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* Puts the input into a file of this process (replaced each time) and gives its name. */
const char *fuzz_file(struct grf_sv input);

/* Takes the text up to the next NUL byte (or all of it) off the front of *rest. */
struct grf_sv fuzz_take(struct grf_sv *rest);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks the worker in. Each step that the kernel does not know is left out:
   the others still hold. */
#ifndef PDF_SANDBOX_H
#define PDF_SANDBOX_H

/* MODE=coverage only: counts of lines are written to files, so that files may be written
   by who is locked in. Such a build is for counting; it is never installed. */
#ifdef GRF_COVERAGE
#define COUNTED 1
void sandbox_keep_counts(void);
#else
#define COUNTED 0
#define sandbox_keep_counts() ((void)0)
#endif

/* Limits on memory (MiB) and processor time, no core files, no written files, no
   descriptors but 0 to 3, no new privileges. First thing in main. */
void sandbox_limit(unsigned memory_mb, unsigned cpu_seconds);

/* In the process that reads one document. From here on: no files, no sockets,
   no programs, no other processes. 0, or -1 when system calls cannot be filtered. */
int sandbox_lock(void);

#endif

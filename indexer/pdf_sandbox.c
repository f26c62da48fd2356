/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Limits, Landlock (which files) and seccomp (which system calls) for the worker.
 * The answer to a forbidden call is EPERM, not death: a library goes on without what it
 * asked for. Fonts are in the program and OCR's data is loaded before: no file is opened
 * from here on.
 */
#include "pdf_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sanitizers reserve terabytes of address space and open files of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#if COUNTED
void __gcov_dump(void);
void __gcov_reset(void);

void sandbox_keep_counts(void)
{
    __gcov_dump();
    __gcov_reset();
}
#endif

static void limit(int what, rlim_t most)
{
    struct rlimit r = {most, most};
    setrlimit(what, &r);
}

void sandbox_limit(unsigned memory_mb, unsigned cpu_seconds)
{
    close_range(4, ~0U, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, COUNTED ? RLIM_INFINITY : 0);
    limit(RLIMIT_NOFILE, 64);
    if (cpu_seconds) {
        struct rlimit r = {cpu_seconds, (rlim_t)cpu_seconds + 5};
        setrlimit(RLIMIT_CPU, &r);
    }
    if (memory_mb && !SANITIZED)
        limit(RLIMIT_AS, (rlim_t)memory_mb << 20);
}

#if COUNTED
static void allow_below(int rules, const char *folder, uint64_t rights)
{
    struct landlock_path_beneath_attr a = {rights, -1};
    a.parent_fd = open(folder, O_PATH | O_CLOEXEC);
    if (a.parent_fd < 0)
        return;
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &a, 0);
    close(a.parent_fd);
}
#endif

static void lock_files(void)
{
    /* every right of the first version, up to making symlinks */
    struct landlock_ruleset_attr all = {.handled_access_fs =
                                            (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0)
        return;
#if COUNTED
    allow_below(rules, "/", all.handled_access_fs);
#endif
    syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}

static int allow_calls(scmp_filter_ctx c)
{
    static const int calls[] = {
        SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(write),
        SCMP_SYS(writev), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(close),
        SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(statx),
        SCMP_SYS(lseek), SCMP_SYS(fcntl), SCMP_SYS(munmap),
        SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex),
        SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
        SCMP_SYS(getrusage), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
        SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
        SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo),
        SCMP_SYS(uname), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
        SCMP_SYS(exit), SCMP_SYS(exit_group),
    };
    int bad = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, calls[i], 0);
    /* memory, but none to run */
    bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* abort() signals itself, and nobody else is to be signalled */
    bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
#if COUNTED
    bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(openat), 0);
    bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(open), 0);
#endif
    return bad;
}

int sandbox_lock(void)
{
    if (SANITIZED)
        return 0;
    lock_files();
    scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!c)
        return -1;
    /* a call that this architecture does not have is no failure of the filter */
    allow_calls(c);
    int bad = seccomp_load(c);
    seccomp_release(c);
    return bad ? -1 : 0;
}

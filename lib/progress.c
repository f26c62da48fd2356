/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Progress display. On a terminal one line that is redrawn in place; anywhere else a
 * line of the log now and then, so that a nightly run's log shows that it moves.
 */
#include "grf_progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "grf_i18n.h"
#include "grf_log.h"

#define FIRST_AFTER 1.0  /* seconds: what is shorter needs no display */
#define REDRAW_EVERY 0.25
#define LOG_EVERY 30.0

double grf_now(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void grf_format_seconds(double s, char out[32])
{
    if (!(s >= 0)) // NaN too
        s = 0;
    if (s > 1e9)
        s = 1e9;
    long whole = (long)(s + 0.5);
    if (whole < 60)
        snprintf(out, 32, _("%ld s"), whole);
    else if (whole < 3600)
        snprintf(out, 32, _("%ld min %02ld s"), whole / 60, whole % 60);
    else
        snprintf(out, 32, _("%ld h %02ld"), whole / 3600, whole % 3600 / 60);
}

void grf_progress_start(struct grf_progress *p, const char *what, uint64_t total,
                        bool quiet)
{
    memset(p, 0, sizeof(*p));
    p->what = what;
    p->total = total;
    p->started = grf_now();
    p->drawn = p->started;
    p->tty = grf_log_is_terminal(STDERR_FILENO);
    p->quiet = quiet;
}

/* Columns of the terminal; one less than it has, since writing in the last one makes
   some terminals begin a new line. */
static size_t terminal_width(void)
{
    struct winsize w;
    memset(&w, 0, sizeof(w));
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col < 20)
        return 79;
    return w.ws_col - 1u;
}

/* Cuts z after `width` characters, so that the line never wraps: a wrapped line could
   not be erased. */
static void cut_to_width(char *z, size_t width)
{
    size_t n = 0;
    for (; *z; z++) {
        if (((unsigned char)*z & 0xC0) != 0x80 && n++ == width) {
            *z = '\0';
            return;
        }
    }
}

/* "pages 120/900 (13 %), 2 min 10 s left" */
static void describe(const struct grf_progress *p, uint64_t done, double now, char *out,
                     size_t size)
{
    char left[32];
    double spent = now - p->started;
    if (p->total == 0) {
        grf_format_seconds(spent, left);
        snprintf(out, size, _("%s: %llu done in %s"), p->what, (unsigned long long)done,
                 left);
        return;
    }
    if (done > p->total)
        done = p->total;
    int percent = (int)(100.0 * (double)done / (double)p->total);
    if (done == 0) {
        snprintf(out, size, _("%s: %llu of %llu"), p->what, 0ULL,
                 (unsigned long long)p->total);
        return;
    }
    grf_format_seconds(spent * (double)(p->total - done) / (double)done, left);
    snprintf(out, size, _("%s: %llu of %llu (%d %%), %s left"), p->what,
             (unsigned long long)done, (unsigned long long)p->total, percent, left);
}

static void draw(const char *text, const char *note)
{
    char line[512], out[600];
    snprintf(line, sizeof(line), "%s%s%s", text, note && *note ? "  " : "",
             note ? note : "");
    grf_log_printable(line);
    cut_to_width(line, terminal_width());
    int n = snprintf(out, sizeof(out), "\r%s\033[K", line);
    ssize_t written = write(STDERR_FILENO, out, n > 0 ? (size_t)n : 0);
    (void)written;
}

void grf_progress_update(struct grf_progress *p, uint64_t done, const char *note)
{
    if (p->quiet)
        return;
    double now = grf_now();
    double wait = !p->tty    ? LOG_EVERY
                  : p->shown ? REDRAW_EVERY
                             : FIRST_AFTER;
    if (now - p->drawn < wait)
        return;
    char text[256];
    describe(p, done, now, text, sizeof(text));
    if (p->tty)
        draw(text, note);
    else
        grf_log(GRF_LOG_NOTICE, "%s", text);
    p->drawn = now;
    p->shown = true;
}

void grf_progress_end(struct grf_progress *p)
{
    static const char erase[] = "\r\033[K";
    if (p->tty && p->shown) {
        ssize_t written = write(STDERR_FILENO, erase, sizeof(erase) - 1);
        (void)written;
    }
    p->shown = false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log. The only state is the program's name and the level, set once at start;
 * a line is formatted in a fixed buffer, so that logging works without memory.
 */
#include "grf_log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "grf_i18n.h"

enum { LINE_MAX_BYTES = 1400 };

static struct {
    const char *name;
    grf_log_level max;
} log_state = {"greffier", GRF_LOG_NOTICE};

void grf_log_init(const char *name, grf_log_level max)
{
    log_state.name = name;
    log_state.max = max;
}

bool grf_log_is_terminal(int fd)
{
    const char *term = getenv("TERM");
    return term && term[0] && strcmp(term, "dumb") != 0 && isatty(fd);
}

static size_t length_of_lead(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c < 0xC2 || c >= 0xF5)
        return 0;
    return c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* Bytes of the well-formed UTF-8 sequence at p, 0 when it is not one. Overlong
   forms and surrogates hide nothing dangerous here, so the lengths are enough. */
static size_t sequence_length(const unsigned char *p)
{
    size_t n = length_of_lead(p[0]);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    return n;
}

/* C0, DEL, and C1, which some terminals obey as they obey ESC; also the line and
   paragraph separators and the marks that turn the direction of text (a file name
   could show its suffix backwards). */
static bool is_control(const unsigned char *p, size_t n)
{
    if (n == 1)
        return p[0] < 0x20 || p[0] == 0x7F;
    if (n == 2)
        return p[0] == 0xC2 && p[1] < 0xA0;
    if (n == 3 && p[0] == 0xE2) {
        return (p[1] == 0x80 && (p[2] == 0xA8 || (p[2] >= 0xA9 && p[2] <= 0xAE))) ||
               (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9);
    }
    return false;
}

void grf_log_printable(char *z)
{
    unsigned char *in = (unsigned char *)z;
    unsigned char *out = in;
    while (*in != '\0') {
        size_t n = sequence_length(in);
        if (n == 0 || is_control(in, n)) {
            *out++ = '?';
            in += n ? n : 1;
            continue;
        }
        memmove(out, in, n);
        out += n;
        in += n;
    }
    *out = '\0';
}

void grf_log_put(FILE *to, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t n = sequence_length(p);
        if (n == 0 || is_control(p, n))
            fputc('?', to);
        else
            fwrite(p, 1, n, to);
        p += n ? n : 1;
    }
}

static const char *level_label(grf_log_level level)
{
    switch (level) {
    case GRF_LOG_ERROR:
        return _("error: ");
    case GRF_LOG_WARNING:
        return _("warning: ");
    case GRF_LOG_DEBUG:
        return _("debug: ");
    case GRF_LOG_NOTICE:
    case GRF_LOG_INFO:
        break;
    }
    return "";
}

/* Appends text to line and returns the new length; what does not fit is dropped, one
   byte always stays free for the line feed. */
static size_t put(char *line, size_t n, const char *text, bool quoted)
{
    for (; *text != '\0' && n + 3 < LINE_MAX_BYTES; text++) {
        if (quoted && (*text == '"' || *text == '\\'))
            line[n++] = '\\';
        line[n++] = *text;
    }
    return n;
}

static size_t put_machine_prefix(char *line, grf_log_level level)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    time_t now = time(NULL);
    struct tm tm;
    char stamp[32] = "";
    if (gmtime_r(&now, &tm) != NULL)
        strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
    size_t n = put(line, 0, "ts=", false);
    n = put(line, n, stamp, false);
    n = put(line, n, " level=", false);
    n = put(line, n, names[level], false);
    n = put(line, n, " prog=", false);
    n = put(line, n, log_state.name, false);
    return put(line, n, " msg=\"", false);
}

void grf_log(grf_log_level level, const char *fmt, ...)
{
    if (level > log_state.max)
        return;
    int saved = errno;
    char msg[1024];
    va_list ap;
    va_start(ap, fmt);
    int length = vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    if (length < 0)
        msg[0] = '\0';
    grf_log_printable(msg);

    char line[LINE_MAX_BYTES];
    size_t n = 0;
    if (grf_log_is_terminal(STDERR_FILENO)) {
        // a progress line may stand there: take its place
        n = put(line, n, "\r\033[K", false);
        n = put(line, n, log_state.name, false);
        n = put(line, n, ": ", false);
        n = put(line, n, level_label(level), false);
        n = put(line, n, msg, false);
    } else {
        n = put_machine_prefix(line, level);
        n = put(line, n, msg, true);
        line[n++] = '"';
    }
    line[n++] = '\n';
    // a log that cannot be written has nowhere to say so
    ssize_t written = write(STDERR_FILENO, line, n);
    (void)written;
    errno = saved;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * badserver ROOT LOG [RULES]: an HTTP server for tests, on the loopback address only,
 * that behaves well until it is told otherwise. Prints its port, ends when stdin does.
 *
 * Serves the files under ROOT (ETag, Last-Modified, conditional requests, Range and
 * If-Range) and lists folders as Apache does. Each line of RULES is
 *
 *     PATTERN BEHAVIOUR[=VALUE] [times=N] [more behaviours]
 *
 * PATTERN is matched with fnmatch(3) against the path with its query; the first line
 * that fits and has been used fewer than N times counts. RULES is read again for each
 * request; its counts start again when it has changed. Behaviours:
 *
 *     status=N       that status with a short page     retry=S     and Retry-After
 *     redirect=URL   302 to it                         type=MIME   as Content-Type
 *     cut=N          closes after N bytes of the body  stall=N     says no more after N
 *     slow=MS        a kilobyte every MS milliseconds  longer=N    claims N bytes more
 *     shorter=N      claims N bytes less               bomb=MB     gzip that grows so big
 *     endless        a body without end                declare=N   that Content-Length
 *     novalidators   no ETag, no Last-Modified         weak        only a weak ETag
 *     norange        Range is not understood           badrange    206 of another place
 *     drop           closes without a word             garbage     no HTTP at all
 *     headers        headers without end               changing    other bytes each time
 *
 * LOG gets one line a request, before it is answered: method, path, status,
 * Content-Length, then "name=value" of Range, If-Range, If-None-Match, If-Modified-Since,
 * Host, User-Agent as far as they were given, tab-separated.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_str.h"

enum { HEAD_MOST = 65536, FILE_MOST = 64 << 20, RULES_MOST = 200, WAIT_MS = 5000 };

struct rule {
    char pattern[256];
    char words[512]; /* " status=500 retry=1 " */
    long times;      /* 0 = always */
};

struct server {
    const char *root, *rules_path;
    int log;
    struct rule rules[RULES_MOST];
    long used[RULES_MOST];
    size_t n_rules;
    struct grf_str rules_text;
    unsigned requests;
};

struct exchange {
    struct server *server;
    int fd;
    struct grf_str head;
    char method[16], path[2048];
    const char *words; /* of the rule, "" for none */
    int status;
    int64_t announced, sent;
    bool logged;
    bool broken; /* the client went away, or is to be left */
};

/* ---- rules */

static void read_rule(struct rule *r, const char *line, size_t n)
{
    size_t end = strcspn(line, " \t\n");
    snprintf(r->pattern, sizeof(r->pattern), "%.*s", (int)end, line);
    snprintf(r->words, sizeof(r->words), "%.*s ", (int)(n - end), line + end);
    for (char *p = r->words; *p; p++)
        if (*p == '\t')
            *p = ' ';
    const char *times = strstr(r->words, " times=");
    r->times = times ? strtol(times + 7, NULL, 10) : 0;
}

static void read_rules(struct server *s)
{
    struct grf_str text;
    if (!s->rules_path)
        return;
    grf_str_init(&text, 1 << 20);
    if (grf_file_read(s->rules_path, 1 << 20, &text, NULL))
        grf_str_clear(&text);
    if (text.n == s->rules_text.n && memcmp(text.p, s->rules_text.p, text.n) == 0) {
        grf_str_release(&text);
        return;
    }
    grf_str_release(&s->rules_text);
    s->rules_text = text;
    s->n_rules = 0;
    memset(s->used, 0, sizeof(s->used));
    for (const char *p = text.p; *p && s->n_rules < RULES_MOST;) {
        size_t n = strcspn(p, "\n");
        if (n && *p != '#')
            read_rule(&s->rules[s->n_rules++], p, n);
        p += n + (p[n] == '\n');
    }
}

static const char *rule_for(struct server *s, const char *path)
{
    for (size_t i = 0; i < s->n_rules; i++) {
        const struct rule *r = &s->rules[i];
        if (fnmatch(r->pattern, path, 0) != 0 || (r->times && s->used[i] >= r->times))
            continue;
        s->used[i]++;
        return r->words;
    }
    return "";
}

/* The value of a behaviour ("" for one without), or NULL when it is not asked for. */
static const char *asked(const struct exchange *x, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = x->words; (p = strstr(p, name)) != NULL; p += n) {
        if (p > x->words && p[-1] != ' ')
            continue;
        if (p[n] == '=')
            return p + n + 1;
        if (p[n] == ' ')
            return "";
    }
    return NULL;
}

static int64_t number(const struct exchange *x, const char *name, int64_t otherwise)
{
    const char *v = asked(x, name);
    return v && *v ? strtoll(v, NULL, 10) : otherwise;
}

static void word(const struct exchange *x, const char *name, char *out, size_t size)
{
    const char *v = asked(x, name);
    snprintf(out, size, "%.*s", v ? (int)strcspn(v, " ") : 0, v ? v : "");
}

/* ---- sending */

/* False when the client or stdin has gone. */
static bool sleep_ms(struct exchange *x, int ms)
{
    struct pollfd p[2] = {{x->fd, 0, 0}, {STDIN_FILENO, 0, 0}};
    p[0].events = POLLRDHUP;
    return poll(p, 2, ms) == 0;
}

/* The value of a request header; false when it is not there. */
static bool header(const struct exchange *x, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    for (const char *p = strstr(x->head.p, "\r\n"); p; p = strstr(p, "\r\n")) {
        p += 2;
        if (strncasecmp(p, name, n) != 0 || p[n] != ':')
            continue;
        p += n + 1;
        p += strspn(p, " ");
        snprintf(out, size, "%.*s", (int)strcspn(p, "\r"), p);
        return true;
    }
    out[0] = '\0';
    return false;
}

static void write_log(struct exchange *x)
{
    static const char *const names[] = {
        "Range", "If-Range", "If-None-Match", "If-Modified-Since", "Host", "User-Agent"};
    struct grf_str line;
    char value[1024];
    if (x->logged)
        return;
    x->logged = true;
    grf_str_init(&line, 1 << 16);
    grf_str_addf(&line, "%s\t%s\t%d\t%lld", x->method, x->path, x->status,
                 (long long)x->announced);
    for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++)
        if (header(x, names[i], value, sizeof(value)))
            grf_str_addf(&line, "\t%s=%s", names[i], value);
    grf_str_addc(&line, '\n');
    if (grf_file_write_all(x->server->log, line.p, line.n, NULL))
        exit(1);
    grf_str_release(&line);
}

/* The log is written before the client can see anything of the answer. */
static void put(struct exchange *x, const char *p, size_t n)
{
    write_log(x);
    while (n && !x->broken) {
        ssize_t sent = send(x->fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0) {
            x->broken = true;
            return;
        }
        p += sent;
        n -= (size_t)sent;
    }
}

static void put_body(struct exchange *x, const char *p, size_t n)
{
    int64_t cut = number(x, "cut", -1), stall = number(x, "stall", -1);
    int64_t most = cut >= 0 ? cut : stall;
    int slow = (int)number(x, "slow", 0);
    while (n && !x->broken) {
        size_t step = slow && n > 1024 ? 1024 : n;
        if (most >= 0 && (int64_t)step > most - x->sent)
            step = (size_t)(most - x->sent);
        put(x, p, step);
        x->sent += x->broken ? 0 : (int64_t)step;
        p += step;
        n -= step;
        if (most >= 0 && x->sent >= most) {
            while (stall >= 0 && sleep_ms(x, 1000)) {
            }
            x->broken = true;
        }
        if (slow && !x->broken && !sleep_ms(x, slow))
            x->broken = true;
    }
}

static void put_head(struct exchange *x, int status, int64_t length, const char *more)
{
    char head[4096];
    int64_t declared = number(x, "declare", -1);
    if (length >= 0)
        length += number(x, "longer", 0) - number(x, "shorter", 0);
    if (declared >= 0)
        length = declared;
    x->status = status;
    x->announced = length;
    int n = snprintf(head, sizeof(head), "HTTP/1.1 %d Said\r\nConnection: close\r\n%s",
                     status, more);
    put(x, head, (size_t)n);
    if (length >= 0) {
        n = snprintf(head, sizeof(head), "Content-Length: %lld\r\n", (long long)length);
        put(x, head, (size_t)n);
    }
    put(x, "\r\n", 2);
}

static void put_page(struct exchange *x, int status, const char *more, const char *text)
{
    char head[3000];
    snprintf(head, sizeof(head), "Content-Type: text/plain\r\n%s", more);
    put_head(x, status, (int64_t)strlen(text), head);
    if (strcmp(x->method, "HEAD") != 0)
        put_body(x, text, strlen(text));
}

/* ---- requests */

static bool read_head(struct exchange *x)
{
    char piece[4096];
    grf_str_clear(&x->head);
    for (;;) {
        struct pollfd p = {x->fd, POLLIN, 0};
        if (strstr(x->head.p, "\r\n\r\n"))
            break;
        if (poll(&p, 1, WAIT_MS) <= 0)
            return false;
        ssize_t n = recv(x->fd, piece, sizeof(piece), 0);
        if (n <= 0 || x->head.bad)
            return false;
        grf_str_add(&x->head, piece, (size_t)n);
    }
    const char *p = x->head.p;
    size_t n = strcspn(p, " \r\n");
    snprintf(x->method, sizeof(x->method), "%.*s", (int)n, p);
    p += n + (p[n] == ' ');
    snprintf(x->path, sizeof(x->path), "%.*s", (int)strcspn(p, " \r\n"), p);
    return x->path[0] == '/';
}

/* ---- what it may be told to do */

/* Bits of a deflate stream, lowest first. */
static void add_bits(struct grf_str *s, unsigned *bits, int *have, unsigned v, int n)
{
    *bits |= v << *have;
    *have += n;
    for (; *have >= 8; *have -= 8, *bits >>= 8)
        grf_str_addc(s, (char)(*bits & 0xFF));
}

/* A gzip member of mb megabytes of zeros: one literal, then "258 as before" over and
   over, with the fixed codes: 13 bits for 258 bytes. */
static void send_bomb(struct exchange *x, int64_t mb)
{
    static const char start[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
    struct grf_str s;
    unsigned bits = 0;
    int have = 0;
    grf_str_init(&s, (size_t)64 << 20);
    grf_str_add(&s, start, 10);
    add_bits(&s, &bits, &have, 3, 3);    // last block, fixed codes
    add_bits(&s, &bits, &have, 0x0C, 8); // literal 0: 00110000, first bit first
    for (int64_t n = mb * 1024 * 1024 / 258; n > 0; n--)
        add_bits(&s, &bits, &have, 0xA3, 13); // 11000101 then distance 00000
    add_bits(&s, &bits, &have, 0, 16);
    put_head(x, 200, (int64_t)s.n,
             "Content-Type: text/html\r\nContent-Encoding: gzip\r\n");
    put_body(x, s.p, s.n);
    grf_str_release(&s);
}

static void send_endless(struct exchange *x)
{
    char piece[16384];
    memset(piece, 'x', sizeof(piece));
    put_head(x, 200, -1, "Content-Type: application/pdf\r\n");
    while (!x->broken)
        put_body(x, piece, sizeof(piece));
}

static void send_headers(struct exchange *x)
{
    static const char start[] = "HTTP/1.1 200 Said\r\n";
    char line[1024];
    put(x, start, sizeof(start) - 1);
    memset(line, 'y', sizeof(line));
    memcpy(line, "X-More: ", 8);
    memcpy(line + sizeof(line) - 2, "\r\n", 2);
    while (!x->broken)
        put(x, line, sizeof(line));
}

/* True when a rule said all there is to say. */
static bool misbehave(struct exchange *x)
{
    char text[2048], more[2304];
    if (asked(x, "status")) {
        int64_t retry = number(x, "retry", -1);
        snprintf(more, sizeof(more), "Retry-After: %lld\r\n", (long long)retry);
        snprintf(text, sizeof(text), "status %d as ordered\n",
                 (int)number(x, "status", 500));
        put_page(x, (int)number(x, "status", 500), retry >= 0 ? more : "", text);
    } else if (asked(x, "redirect")) {
        word(x, "redirect", text, sizeof(text));
        snprintf(more, sizeof(more), "Location: %s\r\n", text);
        put_page(x, 302, more, "elsewhere\n");
    } else if (asked(x, "bomb")) {
        send_bomb(x, number(x, "bomb", 100));
    } else if (asked(x, "endless")) {
        send_endless(x);
    } else if (asked(x, "headers")) {
        send_headers(x);
    } else if (asked(x, "garbage")) {
        put(x, "SSH-2.0-not what you think\r\n\r\n\r\n", 32);
    } else {
        return asked(x, "drop") != NULL;
    }
    return true;
}

/* ---- files */

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"}, {".pdf", "application/pdf"},
        {".xml", "application/xml"},           {".rss", "application/rss+xml"},
        {".atom", "application/atom+xml"},     {".csv", "text/csv"},
        {".json", "application/json"},         {".txt", "text/plain"},
        {".gz", "application/x-gzip"}};
    size_t n = strlen(path);
    for (size_t i = 0; i < GRF_ARRAY_LEN(types); i++) {
        size_t m = strlen(types[i][0]);
        if (n > m && strcmp(path + n - m, types[i][0]) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}

static void http_date(time_t t, char out[40])
{
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Which bytes are wanted; false when none of the range are there. */
static bool wanted_range(struct exchange *x, const char *etag, const char *date,
                         int64_t size, int64_t *first, int64_t *last, bool *part)
{
    char range[128], condition[256], *end = NULL;
    *first = 0;
    *last = size - 1;
    *part = false;
    if (asked(x, "norange") || !header(x, "Range", range, sizeof(range)) ||
        strncmp(range, "bytes=", 6) != 0)
        return true;
    if (header(x, "If-Range", condition, sizeof(condition)) &&
        strcmp(condition, etag) != 0 && strcmp(condition, date) != 0)
        return true;
    *first = strtoll(range + 6, &end, 10);
    if (end && *end == '-' && end[1])
        *last = strtoll(end + 1, NULL, 10);
    if (*last > size - 1)
        *last = size - 1;
    *part = true;
    return *first <= *last;
}

static bool not_modified(struct exchange *x, const char *etag, const char *date)
{
    char value[512];
    if (header(x, "If-None-Match", value, sizeof(value)))
        return *etag && strstr(value, etag) != NULL;
    return header(x, "If-Modified-Since", value, sizeof(value)) && *date &&
           strcmp(value, date) == 0;
}

static void send_bytes(struct exchange *x, struct grf_sv bytes, const char *etag,
                       const char *date, const char *type)
{
    char more[1024], range[128] = "";
    int64_t first, last;
    bool part;
    bool there = wanted_range(x, etag, date, (int64_t)bytes.n, &first, &last, &part);
    if (part && !there)
        snprintf(range, sizeof(range), "Content-Range: bytes */%zu\r\n", bytes.n);
    else if (part)
        snprintf(range, sizeof(range), "Content-Range: bytes %lld-%lld/%zu\r\n",
                 (long long)first + (asked(x, "badrange") ? 7 : 0), (long long)last,
                 bytes.n);
    snprintf(more, sizeof(more), "Content-Type: %s\r\n%s%s%s%s%s%s%s", type, range,
             *etag ? "ETag: " : "", etag, *etag ? "\r\n" : "",
             *date ? "Last-Modified: " : "", date, *date ? "\r\n" : "");
    if (not_modified(x, etag, date)) {
        put_head(x, 304, -1, more);
        return;
    }
    if (!there && part) {
        put_page(x, 416, more, "no such part\n");
        return;
    }
    put_head(x, part ? 206 : 200, last - first + 1, more);
    if (strcmp(x->method, "HEAD") != 0)
        put_body(x, bytes.p + first, (size_t)(last - first + 1));
}

static void send_file(struct exchange *x, const char *path, const struct stat *sb)
{
    struct grf_str bytes;
    char etag[64], date[40], type[128];
    grf_str_init(&bytes, FILE_MOST);
    if (grf_file_read(path, FILE_MOST, &bytes, NULL)) {
        put_page(x, 500, "", "cannot be read\n");
        return;
    }
    unsigned turn = asked(x, "changing") ? x->server->requests : 0;
    if (turn)
        grf_str_addf(&bytes, "\n%% %u\n", turn);
    snprintf(etag, sizeof(etag), "%s\"%llx-%llx-%x\"", asked(x, "weak") ? "W/" : "",
             (unsigned long long)sb->st_size,
             (unsigned long long)sb->st_mtim.tv_sec * 1000000000u +
                 (unsigned long long)sb->st_mtim.tv_nsec,
             turn);
    http_date(sb->st_mtime, date);
    if (asked(x, "novalidators") || turn || asked(x, "weak"))
        date[0] = '\0';
    if (asked(x, "novalidators"))
        etag[0] = '\0';
    word(x, "type", type, sizeof(type));
    send_bytes(x, grf_str_sv(&bytes), etag, date, *type ? type : type_of(path));
    grf_str_release(&bytes);
}

static void list_entry(struct grf_str *page, const char *dir, const char *name)
{
    char path[16384], when[40];
    struct stat sb;
    struct tm tm;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (name[0] == '.' || stat(path, &sb) != 0)
        return;
    gmtime_r(&sb.st_mtime, &tm);
    strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
    const char *slash = S_ISDIR(sb.st_mode) ? "/" : "";
    grf_str_addf(page,
                 "<tr><td>&nbsp;</td><td><a href=\"%s%s\">%s%s</a></td>"
                 "<td align=\"right\">%s</td><td align=\"right\">%lld</td></tr>\n",
                 name, slash, name, slash, when, (long long)sb.st_size);
}

static void send_listing(struct exchange *x, const char *dir)
{
    struct dirent **entries = NULL;
    struct grf_str page;
    int n = scandir(dir, &entries, NULL, alphasort);
    grf_str_init(&page, 16 << 20);
    grf_str_addz(&page,
                 "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<html>"
                 "<head><title>Index of</title></head><body><table>\n"
                 "<tr><th><a href=\"?C=N;O=D\">Name</a></th></tr>\n"
                 "<tr><td><a href=\"../\">Parent Directory</a></td></tr>\n");
    for (int i = 0; i < n; i++) {
        list_entry(&page, dir, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    grf_str_addz(&page, "</table></body></html>\n");
    send_bytes(x, grf_str_sv(&page), "", "", "text/html;charset=UTF-8");
    grf_str_release(&page);
}

static void unescape(char *z)
{
    char *to = z;
    for (const char *p = z; *p; p++) {
        unsigned c = 0;
        char two[3] = {p[1], p[1] ? p[2] : '\0', '\0'};
        if (*p == '%' && strspn(two, "0123456789abcdefABCDEF") == 2) {
            c = (unsigned)strtoul(two, NULL, 16);
            p += 2;
        }
        *to++ = c ? (char)c : *p;
    }
    *to = '\0';
}

static void behave(struct exchange *x)
{
    char name[2048], path[8192], more[2304];
    struct stat sb;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(x->path, "?"), x->path);
    unescape(name);
    snprintf(path, sizeof(path), "%s%s", x->server->root, name);
    if (strstr(name, "/../") || stat(path, &sb) != 0) {
        put_page(x, 404, "", "not here\n");
        return;
    }
    if (!S_ISDIR(sb.st_mode)) {
        send_file(x, path, &sb);
        return;
    }
    if (name[strlen(name) - 1] != '/') {
        snprintf(more, sizeof(more), "Location: %s/\r\n", x->path);
        put_page(x, 301, more, "with a slash\n");
        return;
    }
    size_t n = strlen(path);
    snprintf(path + n, sizeof(path) - n, "index.html");
    if (stat(path, &sb) == 0) {
        send_file(x, path, &sb);
        return;
    }
    path[n] = '\0';
    send_listing(x, path);
}

/* ---- the loop */

static void serve(struct server *s, int fd)
{
    struct exchange x = {.server = s, .fd = fd};
    grf_str_init(&x.head, HEAD_MOST);
    if (read_head(&x)) {
        s->requests++;
        read_rules(s);
        x.words = rule_for(s, x.path);
        if (!misbehave(&x))
            behave(&x);
        write_log(&x);
    }
    grf_str_release(&x.head);
    // what the client still sends would turn the close into a reset and lose the answer
    shutdown(fd, SHUT_WR);
    close(fd);
}

static int listen_on_loopback(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
        listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        return -1;
    *port = ntohs(a.sin_port);
    return fd;
}

int main(int argc, char **argv)
{
    static struct server s;
    int port = 0;
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: badserver ROOT LOG [RULES]\n");
        return 2;
    }
    s.root = argv[1];
    s.rules_path = argc > 3 ? argv[3] : NULL;
    s.log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    grf_str_init(&s.rules_text, 1 << 20);
    signal(SIGPIPE, SIG_IGN);
    int fd = listen_on_loopback(&port);
    if (fd < 0 || s.log < 0) {
        perror("badserver");
        return 1;
    }
    printf("%d\n", port);
    fflush(stdout);
    for (;;) {
        struct pollfd p[2] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        if (poll(p, 2, -1) < 0)
            continue;
        if (p[1].revents)
            return 0;
        int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            serve(&s, client);
    }
}

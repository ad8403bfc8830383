/* The shim on a board: it waits for a run on another machine.
 *
 *     shim --listen PORT LIBRARY
 *     shim --listen /PATH/OF/A/SOCKET LIBRARY
 *
 * The second is for a container, whose network may be cut.
 *
 *     run ◀── TCP ──▶ session ──▶ shim 3 4 LIBRARY    one process a session,
 *                     (fork)      (fork and exec)     so that each has a fresh library
 *
 * The session greets with "IVCB", its version and CLOCK_MONOTONIC; the run
 * answers with how far its own clock is ahead, options and environment. From
 * then on what the run sends are frames for the shim, and what it gets are
 * records: kind, length, bytes. When the run is gone the library is killed. */
#define _GNU_SOURCE
#include "shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD_FRAMES, RECORD_STDOUT, RECORD_STDERR, RECORD_END, STREAMS = RECORD_END };
enum { BOARD_VERSION = 1, MOST_HEADER = 1 << 20, ABOVE = 20 /* descriptors out of the way of 0 to 4 */ };

static char self[4096];
static int line = -1; /* the connection */

static int send_all(const void *data, size_t n)
{
    const char *p = data;
    while (n > 0) {
        ssize_t put = send(line, p, n, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return 0;
        p += put;
        n -= (size_t)put;
    }
    return 1;
}

static int receive_all(void *data, size_t n)
{
    char *p = data;
    while (n > 0) {
        ssize_t got = recv(line, p, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        p += got;
        n -= (size_t)got;
    }
    return 1;
}

static int record(uint8_t kind, const void *data, uint32_t n)
{
    uint8_t head[5];
    struct out o = {head, 0, sizeof head};
    put8(&o, kind);
    put32(&o, n);
    return send_all(head, sizeof head) && send_all(data, n);
}

/* text takes a string of the header; it stays in the header's memory. */
static char *text(struct in *in)
{
    uint32_t n;
    char *p = (char *)get_bytes(in, &n), *copy = malloc((size_t)n + 1);
    if (!copy)
        _exit(98);
    memcpy(copy, p, n);
    copy[n] = 0;
    return copy;
}

/* become is the shim of one session: what the conform command starts on its own
 * machine. */
static void become(const char *library, struct in *header, int fds[4])
{
    char shift[32], *options;
    uint32_t variables;
    int i;
    setpgid(0, 0);
    for (i = 0; i < 4; i++) {
        static const int place[4] = {3, 4, 1, 2};
        if (dup2(fds[i], place[i]) < 0)
            _exit(98);
    }
    snprintf(shift, sizeof shift, "%lld", (long long)get64(header));
    options = text(header);
    for (variables = get32(header); variables > 0 && !header->bad; variables--)
        putenv(text(header));
    execl(self, "shim", "3", "4", library, options, shift, (char *)NULL);
    fprintf(stderr, "shim: cannot start %s: %s\n", self, strerror(errno));
    _exit(98);
}

/* above makes a pipe whose ends are out of the way and end with an exec. */
static void above(int ends[2])
{
    int low[2], i;
    if (pipe(low) != 0)
        _exit(98);
    for (i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, ABOVE);
        close(low[i]);
        if (ends[i] < 0)
            _exit(98);
    }
}

/* carry moves what has come from one stream into records; 0 at its end. */
static int carry(int fd, uint8_t kind)
{
    static uint8_t buffer[64 << 10];
    ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR)
        return 1;
    return got > 0 && record(kind, buffer, (uint32_t)got);
}

static int feed(int fd)
{
    static uint8_t buffer[64 << 10];
    ssize_t got = recv(line, buffer, sizeof buffer, 0), at = 0;
    if (got < 0 && errno == EINTR)
        return 1;
    while (at < got) {
        ssize_t put = write(fd, buffer + at, (size_t)(got - at));
        if (put < 0 && errno != EINTR)
            return got; /* the library is gone: its end will be told */
        at += put > 0 ? put : 0;
    }
    return got > 0;
}

/* over tells whether the shim has ended. What it has started ends with it, while
 * its number is still its own. */
static int over(pid_t child)
{
    siginfo_t info;
    info.si_pid = 0;
    if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != child)
        return 0;
    kill(-child, SIGKILL);
    return 1;
}

static void session(const char *library)
{
    uint8_t greeting[16], head[4], *header;
    struct out o = {greeting, 0, sizeof greeting};
    struct in in = {head, 4, 0, 0};
    int ends[4][2], fds[4], i, status = 0, one = 1, dead = 0;
    uint32_t len;
    pid_t child;

    setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (i = 0; i < 4; i++)
        put8(&o, (uint8_t) "IVCB"[i]);
    put32(&o, BOARD_VERSION);
    put64(&o, mono_ns());
    if (!send_all(greeting, sizeof greeting) || !receive_all(head, 4))
        _exit(0); /* somebody only looked whether there is a board */
    len = get32(&in);
    if (len == 0 || len > MOST_HEADER || !(header = malloc(len)) || !receive_all(header, len))
        _exit(98);
    for (i = 0; i < 4; i++) {
        above(ends[i]);
        fds[i] = ends[i][i == 0 ? 0 : 1];
    }
    child = fork();
    if (child == 0) {
        struct in body = {header, len, 0, 0};
        become(library, &body, fds);
    }
    if (child < 0)
        _exit(98);
    setpgid(child, child);
    for (i = 0; i < 4; i++)
        close(fds[i]);
    for (;;) {
        struct pollfd p[4];
        int moved = 0;
        p[0].fd = line;
        for (i = 0; i < STREAMS; i++)
            p[i + 1].fd = ends[i + 1][0];
        for (i = 0; i < 4; i++) {
            p[i].events = POLLIN;
            p[i].revents = 0;
        }
        /* Looked at before the streams: what they hold then is all there is. */
        if (!dead && (dead = over(child)))
            waitpid(child, &status, 0);
        if (poll(p, 4, dead ? 0 : 50) < 0 && errno != EINTR)
            _exit(98);
        if (p[0].revents && !feed(ends[0][1])) {
            if (!dead)
                kill(-child, SIGKILL); /* the run is gone */
            _exit(0);
        }
        for (i = 0; i < STREAMS; i++) {
            if (p[i + 1].revents & POLLIN && carry(p[i + 1].fd, (uint8_t)i))
                moved = 1;
            else if (p[i + 1].revents)
                ends[i + 1][0] = -1;
        }
        if (dead && !moved)
            break;
    }
    {
        uint8_t end[8];
        struct out e = {end, 0, sizeof end};
        put32(&e, WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : 0);
        put32(&e, WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0);
        record(RECORD_END, end, sizeof end);
    }
    shutdown(line, SHUT_WR);
    _exit(0);
}

/* wait_on is a socket that waits on a port of all addresses, or on a path. What
 * it waits on is told in name. */
static int wait_on(const char *where, char *name, size_t size)
{
    int one = 1, server = socket(strchr(where, '/') ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0)
        return -1;
    if (strchr(where, '/')) {
        struct sockaddr_un at;
        memset(&at, 0, sizeof at);
        at.sun_family = AF_UNIX;
        if (strlen(where) >= sizeof at.sun_path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        strcpy(at.sun_path, where);
        unlink(where); /* what a shim before this one has left */
        if (bind(server, (struct sockaddr *)&at, sizeof at) != 0)
            return -1;
        snprintf(name, size, "%s", where);
    } else {
        struct sockaddr_in at;
        socklen_t length = sizeof at;
        memset(&at, 0, sizeof at);
        at.sin_family = AF_INET;
        at.sin_port = htons((uint16_t)atoi(where));
        setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(server, (struct sockaddr *)&at, sizeof at) != 0)
            return -1;
        getsockname(server, (struct sockaddr *)&at, &length);
        snprintf(name, size, "port %d", ntohs(at.sin_port));
    }
    return listen(server, 16) == 0 ? server : -1;
}

int board_main(int argc, char **argv)
{
    char name[128];
    int server;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (argc != 4 || n <= 0) {
        fprintf(stderr, "usage: shim --listen PORT|/PATH LIBRARY (port 0: any that is free)\n");
        return 98;
    }
    server = wait_on(argv[2], name, sizeof name);
    if (server < 0) {
        fprintf(stderr, "shim: cannot listen on %s: %s\n", argv[2], strerror(errno));
        return 98;
    }
    fprintf(stderr, "shim: waiting on %s with %s\n", name, argv[3]);
    signal(SIGCHLD, SIG_IGN); /* sessions are nobody's to wait for */
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        line = accept4(server, NULL, NULL, SOCK_CLOEXEC);
        if (line < 0)
            continue;
        if (fork() == 0) {
            close(server);
            signal(SIGCHLD, SIG_DFL);
            session(argv[3]);
        }
        close(line);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request to the PDF worker and the PDF's descriptor beside it, both ways. */
#include <errno.h>
#include <sys/socket.h>

#include "grf_pdf_protocol.h"

/* One message with room for one descriptor; it points into itself. */
struct parcel {
    struct iovec io;
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr m;
};

static void parcel_init(struct parcel *p, struct grf_pdf_request *r)
{
    memset(p, 0, sizeof *p);
    p->io = (struct iovec){r, sizeof *r};
    p->m.msg_iov = &p->io;
    p->m.msg_iovlen = 1;
    p->m.msg_control = p->control.room;
    p->m.msg_controllen = sizeof p->control.room;
}

bool grf_pdf_send_request(int to, const struct grf_pdf_request *r, int fd)
{
    struct grf_pdf_request copy = *r;
    struct parcel p;
    parcel_init(&p, &copy);
    struct cmsghdr *c = CMSG_FIRSTHDR(&p.m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    ssize_t sent;
    do
        sent = sendmsg(to, &p.m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0 && sent != (ssize_t)sizeof copy)
        errno = EMSGSIZE;
    return sent == (ssize_t)sizeof copy;
}

int grf_pdf_take_request(int from, struct grf_pdf_request *r, int *fd)
{
    struct parcel p;
    parcel_init(&p, r);
    ssize_t got;
    do
        got = recvmsg(from, &p.m, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return 0;
    struct cmsghdr *c = CMSG_FIRSTHDR(&p.m);
    if (got != (ssize_t)sizeof *r || r->magic != GRF_PDF_MAGIC || !c ||
        c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
        c->cmsg_len != CMSG_LEN(sizeof(int)))
        return -1;
    memcpy(fd, CMSG_DATA(c), sizeof *fd);
    return 1;
}

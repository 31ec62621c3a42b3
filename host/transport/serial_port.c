/* Serial ports of Linux; the contract is in serial_port.h.
 *
 * The kernel's own termios2 is used throughout, not the C library's termios: it takes any rate, also
 * those that have no constant.  The two headers exclude each other. */
#define _GNU_SOURCE /* ppoll */
#include "serial_port.h"

#include <asm/termbits.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MOST_OFF_PERCENT = 2 /* of the rate; a device allows 3 */ };

static int gone(weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the serial port was unplugged");
}

/* --- opening ------------------------------------------------------------------------------------ */

static int in_use(const char *path, weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_BUSY,
                          "%.200s is in use by another program; end that one first", path);
}

static int refuse_open(const char *path, int code, weft_error *err)
{
    switch (code) {
    case EACCES:
    case EPERM:
        return weft_error_set(err, WEFT_ERR_IO,
                              "no permission to use %.200s: join its group, which is dialout on "
                              "most systems (sudo usermod -aG dialout $USER), and log in again",
                              path);
    case EBUSY: return in_use(path, err);
    case ENOMEM: return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a serial port");
    default:
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "%.200s cannot be opened: %.100s", path,
                              strerror(code));
    }
}

/* The lock is for those who ask for it, and for root; TIOCEXCL keeps everyone else out. */
static int claim(int fd, const char *path, weft_error *err)
{
    int exclusive = 0;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || (ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive) ||
        ioctl(fd, TIOCEXCL) != 0)
        return in_use(path, err);
    return WEFT_OK;
}

static int set_line(int fd, uint32_t baud, int rts_cts, struct termios2 *t)
{
    t->c_iflag = 0;
    t->c_oflag = 0;
    t->c_lflag = 0;
    t->c_cflag &= ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT | CSIZE | CSTOPB | PARENB | HUPCL | CRTSCTS);
    t->c_cflag |= BOTHER | BOTHER << IBSHIFT | CS8 | CREAD | CLOCAL;
    if (rts_cts)
        t->c_cflag |= CRTSCTS;
    t->c_ispeed = t->c_ospeed = baud;
    t->c_cc[VMIN] = 1;
    t->c_cc[VTIME] = 0;
    return ioctl(fd, TCSETS2, t);
}

/* USB bridges otherwise keep bytes back for 16 ms; a driver that does not know the question has no
 * such habit. */
static void ask_for_speed(int fd)
{
    struct serial_struct s = { 0 };
    if (ioctl(fd, TIOCGSERIAL, &s) != 0)
        return;
    s.flags = (int)((unsigned)s.flags | ASYNC_LOW_LATENCY);
    (void)ioctl(fd, TIOCSSERIAL, &s);
}

static int configure(int fd, const char *path, uint32_t baud, int rts_cts, weft_error *err)
{
    struct termios2 t = { 0 };
    if (ioctl(fd, TCGETS2, &t) != 0)
        return errno == ENOTTY || errno == EINVAL
                   ? weft_error_set(err, WEFT_ERR_ARG, "%.200s is no serial port", path)
                   : gone(err);
    int rc = claim(fd, path, err);
    if (rc != WEFT_OK)
        return rc;
    /* Drivers take the nearest rate they can and say which. */
    if (set_line(fd, baud, rts_cts, &t) != 0 || ioctl(fd, TCGETS2, &t) != 0) {
        rc = errno == EIO || errno == ENODEV
                 ? gone(err)
                 : weft_error_set(err, WEFT_ERR_ARG, "%.200s cannot run at %u baud", path,
                                  (unsigned)baud);
    } else {
        const uint64_t off = t.c_ospeed > baud ? t.c_ospeed - baud : baud - t.c_ospeed;
        if (off * 100 > (uint64_t)baud * MOST_OFF_PERCENT)
            rc = weft_error_set(err, WEFT_ERR_ARG,
                                "%.200s cannot run at %u baud; what comes nearest is %u", path,
                                (unsigned)baud, (unsigned)t.c_ospeed);
    }
    if (rc == WEFT_OK)
        ask_for_speed(fd);
    else
        (void)ioctl(fd, TIOCNXCL);
    return rc;
}

int serial_port_open(const char *path, uint32_t baud, int rts_cts, serial_port *out,
                     weft_error *err)
{
    out->fd = -1;
    const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return refuse_open(path, errno, err);
    const int rc = configure(fd, path, baud, rts_cts, err);
    if (rc == WEFT_OK)
        out->fd = fd;
    else
        close(fd);
    return rc;
}

void serial_port_drop(const serial_port *p)
{
    if (p->fd >= 0)
        (void)ioctl(p->fd, TCFLSH, TCIOFLUSH);
}

/* Closing would wait, up to half a minute, for bytes that the other side holds back: so they are
 * dropped, and those in the chip may go. */
void serial_port_close(serial_port *p)
{
    struct termios2 t;
    if (p->fd < 0)
        return;
    if (ioctl(p->fd, TCGETS2, &t) == 0) {
        t.c_cflag &= ~(tcflag_t)CRTSCTS;
        (void)ioctl(p->fd, TCSETS2, &t);
    }
    serial_port_drop(p);
    (void)ioctl(p->fd, TIOCNXCL);
    close(p->fd);
    p->fd = -1;
}

/* --- bytes -------------------------------------------------------------------------------------- */

static int may_come_again(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

int serial_port_write(const serial_port *p, const uint8_t *bytes, size_t count, size_t *taken,
                      weft_error *err)
{
    *taken = 0;
    while (*taken < count) {
        const ssize_t n = write(p->fd, bytes + *taken, count - *taken);
        if (n < 0 && !may_come_again(errno))
            return gone(err);
        if (n <= 0)
            break;
        *taken += (size_t)n;
    }
    return WEFT_OK;
}

/* Nothing to read is EAGAIN; 0 is a port that was hung up. */
int serial_port_read(const serial_port *p, uint8_t *bytes, size_t room, size_t *got,
                     weft_error *err)
{
    *got = 0;
    while (*got < room) {
        const ssize_t n = read(p->fd, bytes + *got, room - *got);
        if (n < 0 && may_come_again(errno))
            break;
        if (n <= 0)
            return *got ? WEFT_OK : gone(err); /* what came before is given first */
        *got += (size_t)n;
    }
    return WEFT_OK;
}

void serial_port_wait(const serial_port *p, int for_room, uint32_t timeout_us)
{
    const struct timespec t = { timeout_us / 1000000, (long)(timeout_us % 1000000) * 1000 };
    struct pollfd f = { p->fd, (short)(POLLIN | (for_room ? POLLOUT : 0)), 0 };
    (void)ppoll(&f, 1, &t, NULL);
}

/* --- listing ------------------------------------------------------------------------------------ */

static int is_name(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

int serial_port_list(const char *folder, unsigned index, char *to, size_t room)
{
    struct dirent **entry = NULL;
    const int count = scandir(folder, &entry, is_name, alphasort);
    const int found = count > 0 && index < (unsigned)count;
    if (found)
        snprintf(to, room, "%s", entry[index]->d_name);
    for (int i = 0; i < count; i++)
        free(entry[i]);
    free(entry);
    return found;
}

/* The board behind a pseudo-terminal; the contract is in pty_device.h. */
#define _GNU_SOURCE /* posix_openpt, ppoll */
#include "pty_device.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tests/usb/chip_model.h"

enum { PIECE = 4096, QUEUE = 1 << 18, GARBAGE_BYTES = 99, DROPPED_BYTES = 5, PATH_BYTES = 256 };

/* One direction: bytes that wait to go on. */
typedef struct lane {
    size_t first, last;
    uint64_t moved; /* bytes ever */
    uint64_t at;    /* where the next fault is; UINT64_MAX: nowhere */
    uint8_t bytes[QUEUE];
} lane;

struct pty_device {
    chip_model *chip;
    usb_model model;
    char path[PATH_BYTES];
    int master;
    int runs; /* the thread is there to be joined */
    pthread_t thread;
    atomic_int quit;
    pty_plan plan;
    lane to, from;
    _Atomic uint64_t to_bytes, from_bytes;
};

const char *pty_fault_name(pty_fault f)
{
    static const char *const names[] = { "none",         "dropped bytes", "flipped bit",
                                         "doubled byte", "garbage",       "hang-up" };
    return f < PTY_FAULTS ? names[f] : "?";
}

static void put(lane *l, const uint8_t *bytes, size_t count)
{
    if (l->last + count > QUEUE) {
        memmove(l->bytes, l->bytes + l->first, l->last - l->first);
        l->last -= l->first;
        l->first = 0;
    }
    if (l->last + count > QUEUE)
        abort(); /* the plan of a test makes no such flood */
    memcpy(l->bytes + l->last, bytes, count);
    l->last += count;
}

/* Put bytes that have come, with what the plan does to them.  Returns 1 for a hang-up. */
static int put_spoiled(pty_device *d, lane *l, uint8_t *bytes, size_t count)
{
    uint8_t garbage[GARBAGE_BYTES];
    while (l->at < l->moved + count) {
        const size_t before = (size_t)(l->at - l->moved);
        put(l, bytes, before);
        bytes += before;
        count -= before;
        l->moved += before;
        l->at = d->plan.every ? l->at + d->plan.every : UINT64_MAX;
        const size_t dropped = count < DROPPED_BYTES ? count : DROPPED_BYTES;
        switch (d->plan.fault) {
        case PTY_FAULT_DROP:
            bytes += dropped;
            count -= dropped;
            l->moved += dropped;
            break;
        case PTY_FAULT_FLIP: bytes[0] ^= 0x10; break;
        case PTY_FAULT_DOUBLE: put(l, bytes, 1); break;
        case PTY_FAULT_GARBAGE:
            for (size_t i = 0; i < sizeof garbage; i++)
                garbage[i] = (uint8_t)(i * 37 + (i >> 3) * 11);
            put(l, garbage, sizeof garbage);
            break;
        case PTY_FAULT_HANG_UP: return 1;
        default: break;
        }
    }
    put(l, bytes, count);
    l->moved += count;
    return 0;
}

/* Write what waits to the terminal, as much as it takes. */
static void give_host(pty_device *d)
{
    const ssize_t n = d->from.first < d->from.last ? write(d->master, d->from.bytes + d->from.first,
                                                           d->from.last - d->from.first)
                                                   : 0;
    d->from.first += n > 0 ? (size_t)n : 0;
}

/* One look at both sides; 1 for a hang-up. */
static int step(pty_device *d)
{
    uint8_t piece[PIECE];
    const ssize_t n = d->to.last - d->to.first < PIECE ? read(d->master, piece, sizeof piece) : 0;
    if (n > 0 && put_spoiled(d, &d->to, piece, (size_t)n))
        return 1;
    d->to.first +=
        d->model.take(d->model.self, d->to.bytes + d->to.first, d->to.last - d->to.first);
    const size_t got = d->from.last - d->from.first < PIECE
                           ? d->model.give(d->model.self, piece, sizeof piece)
                           : 0;
    if (got && put_spoiled(d, &d->from, piece, got))
        return 1;
    give_host(d);
    d->to_bytes = d->to.moved;
    d->from_bytes = d->from.moved;
    if (n <= 0 && !got) { /* the chip may run, so only a moment */
        struct pollfd f = { d->master, POLLIN, 0 };
        const struct timespec moment = { 0, 50000 };
        (void)ppoll(&f, 1, &moment, NULL);
    }
    return 0;
}

static void *play(void *self)
{
    pty_device *d = self;
    while (!d->quit)
        if (step(d)) {
            unlink(d->path);
            close(d->master);
            d->master = -1;
            break;
        }
    return NULL;
}

void pty_device_unplug(pty_device *d)
{
    if (d->runs) {
        d->quit = 1;
        pthread_join(d->thread, NULL);
    }
    d->runs = 0;
    unlink(d->path);
    if (d->master >= 0)
        close(d->master);
    d->master = -1;
}

static int open_terminal(pty_device *d)
{
    d->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (d->master < 0 || grantpt(d->master) != 0 || unlockpt(d->master) != 0)
        return -1;
    return symlink(ptsname(d->master), d->path);
}

int pty_device_plug(pty_device *d, const pty_plan *plan)
{
    pty_device_unplug(d);
    d->model.reset(d->model.self);
    d->plan = *plan;
    d->to = d->from = (lane){ .at = UINT64_MAX };
    if (plan->fault != PTY_FAULT_NONE)
        (plan->from_chip ? &d->from : &d->to)->at = plan->at;
    d->to_bytes = d->from_bytes = 0;
    d->quit = 0;
    if (open_terminal(d) != 0 || pthread_create(&d->thread, NULL, play, d) != 0)
        return -1;
    d->runs = 1;
    return 0;
}

pty_device *pty_device_new(const char *shape, const char *path)
{
    pty_device *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->master = -1;
    snprintf(d->path, sizeof d->path, "%s", path);
    d->chip = chip_model_new(shape);
    if (!d->chip) {
        free(d);
        return NULL;
    }
    d->model = chip_model_usb(d->chip);
    return d;
}

void pty_device_free(pty_device *d)
{
    if (!d)
        return;
    pty_device_unplug(d);
    chip_model_free(d->chip);
    free(d);
}

uint64_t pty_device_to(const pty_device *d)
{
    return d->to_bytes;
}

uint64_t pty_device_from(const pty_device *d)
{
    return d->from_bytes;
}

/* Bytes of a job between the host and device memory, in pieces, so that a cancellation is heard between two of them; see
 * device_own.h.
 *
 * A piece takes about PIECE_MS: the size is learnt, beginning with one that is short on a serial port, and kept from job to
 * job, so that a fast link soon moves everything at once. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "device_own.h"

enum { PIECE_MS = 10, LEAST_BYTES = 4096, FIRST_BYTES = 16384, MOST_BYTES = 1 << 28 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* The next piece, after one of `bytes` took `ms`. */
static void learn(weft_device *dev, size_t bytes, double ms)
{
    if (bytes < dev->piece_bytes)
        return; /* the rest of something */
    if (ms > 2 * PIECE_MS && dev->piece_bytes > LEAST_BYTES)
        dev->piece_bytes /= 2;
    else if (ms < PIECE_MS && dev->piece_bytes < MOST_BYTES)
        dev->piece_bytes *= 2;
}

/* to: into device memory, else out of it. */
static int move(const weft_job *job, uint32_t address, uint8_t *at, size_t bytes, int to,
                weft_error *err)
{
    weft_device *dev = job->net->dev;
    weft_transport *t = dev->transport;
    int rc = WEFT_OK;
    if (!dev->piece_bytes)
        dev->piece_bytes = FIRST_BYTES;
    for (size_t done = 0, piece; done < bytes && rc == WEFT_OK; done += piece) {
        if (atomic_load(&job->cancelled))
            return weft_error_set(err, WEFT_ERR_CANCELLED, "the run was cancelled");
        const double from = now_ms();
        piece = bytes - done < dev->piece_bytes ? bytes - done : dev->piece_bytes;
        rc = to ? t->ops->mem_write(t, address + (uint32_t)done, at + done, piece, err)
                : t->ops->mem_read(t, address + (uint32_t)done, at + done, piece, err);
        learn(dev, piece, now_ms() - from);
    }
    return rc;
}

int weft_move_in(const weft_job *job, uint32_t address, const uint8_t *from, size_t bytes,
                 weft_error *err)
{
    return move(job, address, (uint8_t *)(uintptr_t)from, bytes, 1, err);
}

int weft_move_out(const weft_job *job, uint32_t address, uint8_t *to, size_t bytes, weft_error *err)
{
    return move(job, address, to, bytes, 0, err);
}

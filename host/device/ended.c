/* The descriptor that is readable while jobs are over that nobody has asked about: a pipe with one
 * byte in it or none; the contract is in weft.h. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <unistd.h>

#include "device_own.h"

/* Neither call can block or fail: there is at most one byte, and both ends are open. */
static void set_readable(weft_device *dev, int readable)
{
    char byte = 0;
    if (dev->pipe[0] < 0)
        return;
    const ssize_t moved = readable ? write(dev->pipe[1], &byte, 1) : read(dev->pipe[0], &byte, 1);
    (void)moved;
}

void weft_ended_count(weft_device *dev)
{
    if (dev->ended++ == 0)
        set_readable(dev, 1);
}

void weft_ended_notice(weft_device *dev, weft_job *job)
{
    if (job->noticed)
        return;
    job->noticed = 1;
    if (--dev->ended == 0)
        set_readable(dev, 0);
}

void weft_ended_close(weft_device *dev)
{
    for (unsigned i = 0; i < 2; i++)
        if (dev->pipe[i] >= 0)
            close(dev->pipe[i]);
    dev->pipe[0] = dev->pipe[1] = -1;
}

/* Not inherited by programs that are started; never blocks. */
static int make_pipe(weft_device *dev, weft_error *err)
{
    int ends[2];
    if (pipe(ends))
        return weft_error_set(err, WEFT_ERR_IO, "the system has no file descriptor to give");
    for (unsigned i = 0; i < 2; i++) {
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
        dev->pipe[i] = ends[i];
    }
    if (dev->ended)
        set_readable(dev, 1);
    return WEFT_OK;
}

int weft_device_fd(weft_device *dev, int *fd, weft_error *err)
{
    if (!GIVEN(err, dev) || !GIVEN(err, fd))
        return WEFT_ERR_ARG;
    int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    pthread_mutex_lock(&dev->state);
    if (dev->pipe[0] < 0)
        rc = make_pipe(dev, err);
    if (rc == WEFT_OK)
        *fd = dev->pipe[0];
    pthread_mutex_unlock(&dev->state);
    return rc;
}

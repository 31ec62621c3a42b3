/* The mappings of the writer of traces; see trace_map.h. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, memfd_create */
#include "trace_map.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Lies in front of the bytes, in a page of its own. */
typedef struct head {
    int file;
    off_t offset;
} head;

/* The writer has no other way to tell whoever closes it. */
static atomic_uint cuts;

unsigned weft_trace_cuts(void)
{
    return atomic_load(&cuts);
}

static size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

FILE *weft_trace_tmpfile(void)
{
    FILE *named = tmpfile();
    const int file = named ? -1 : memfd_create("weft trace", MFD_CLOEXEC);
    return named ? named : file < 0 ? NULL : fdopen(file, "w+b");
}

void *weft_trace_mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset)
{
    (void)at;
    (void)flags;
    uint8_t *whole = mmap(NULL, page() + bytes, protection | PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (whole == MAP_FAILED)
        return MAP_FAILED;
    uint8_t *data = whole + page();
    const head h = { fcntl(file, F_DUPFD_CLOEXEC, 0), offset };
    memcpy(whole, &h, sizeof h);
    size_t filled = 0;
    for (ssize_t got = 1; filled < bytes && got > 0; filled += got > 0 ? (size_t)got : 0)
        got = pread(file, data + filled, bytes - filled, offset + (off_t)filled);
    if (filled < bytes || h.file < 0)
        atomic_fetch_add(&cuts, 1);
    return data;
}

int weft_trace_munmap(void *at, size_t bytes)
{
    uint8_t *data = at, *whole = data - page();
    head h;
    memcpy(&h, whole, sizeof h);
    size_t written = 0;
    for (ssize_t put = 1; written < bytes && put > 0; written += put > 0 ? (size_t)put : 0)
        put = pwrite(h.file, data + written, bytes - written, h.offset + (off_t)written);
    if (written < bytes)
        atomic_fetch_add(&cuts, 1);
    if (h.file >= 0)
        close(h.file);
    return munmap(whole, page() + bytes);
}

/* Memory that grows; the contract is in growing.h.
 *
 * The pages are those of a file without a name, of which the first part is mapped.  A larger part is mapped beside the old
 * one, which stays as long as somebody has a pointer into it: both show the same pages. */
#define _GNU_SOURCE /* memfd_create */
#include "growing.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <weft/weft_status.h>

static const uint64_t least_room = (uint64_t)1 << 20;

/* A file that may be that long; -1 if there is none.  A limit on files would end the program. */
static int open_file(uint64_t most)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < most)
        return -1;
    const int file = memfd_create("weft device memory", MFD_CLOEXEC);
    if (file >= 0 && ftruncate(file, (off_t)most) == 0)
        return file;
    if (file >= 0)
        close(file);
    return -1;
}

static uint8_t *map(const weft_growing *m, uint64_t bytes)
{
    const int flags =
        m->file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED | MAP_NORESERVE;
    void *at = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, flags, m->file, 0);
    return at == MAP_FAILED ? NULL : at;
}

static int grow(weft_growing *m, uint64_t bytes)
{
    uint64_t room = m->room ? m->room : least_room;
    while (room < bytes)
        room *= 2;
    if (room > m->most || m->file < 0)
        room = m->most;
    if (m->kept && m->old_count == WEFT_GROWING_VIEWS)
        return 0;
    uint8_t *at = map(m, room);
    if (!at)
        return 0;
    if (m->kept) {
        m->old[m->old_count].at = m->bytes;
        m->old[m->old_count++].bytes = (size_t)m->room;
    } else if (m->bytes) {
        munmap(m->bytes, (size_t)m->room);
    }
    m->kept = 0;
    m->bytes = at;
    m->room = room;
    return 1;
}

int weft_growing_open(weft_growing *m, uint64_t most)
{
    *m = (weft_growing){ .most = most, .file = open_file(most) };
    return grow(m, most < least_room ? most : least_room) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

void weft_growing_close(weft_growing *m)
{
    if (!m->bytes)
        return;
    for (unsigned i = 0; i < m->old_count; i++)
        munmap(m->old[i].at, m->old[i].bytes);
    munmap(m->bytes, (size_t)m->room);
    if (m->file >= 0)
        close(m->file);
    memset(m, 0, sizeof *m);
}

uint8_t *weft_growing_at(weft_growing *m, uint64_t address, uint64_t bytes)
{
    if (address > m->most || bytes > m->most - address)
        return NULL;
    if (address + bytes > m->room && !grow(m, address + bytes))
        return NULL;
    return m->bytes + address;
}

uint8_t *weft_growing_keep(weft_growing *m, uint64_t address, uint64_t bytes)
{
    uint8_t *at = weft_growing_at(m, address, bytes);
    m->kept |= at != NULL;
    return at;
}

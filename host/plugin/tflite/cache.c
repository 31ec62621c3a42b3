/* Compiled programs in a directory of the user; see delegate.h.
 *
 * An entry is called by a hash and holds all that the program was made of beside the program, so that two models with
 * one hash cannot be mistaken for each other.  It is written beside its place and renamed into it: whoever reads it
 * meanwhile finds a whole one or none. */
#define _GNU_SOURCE /* dladdr, mkstemp */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/plugin/tflite/delegate.h"

/* The first bytes of an entry, as they lie in memory: the cache is of one machine. */
typedef struct head {
    char magic[8], version[24];
    weft_array array;
    uint32_t truth;
    int64_t compiler_bytes, compiler_seconds,
        compiler_nanoseconds; /* of its file: another may compile otherwise */
    uint64_t model_bytes, program_bytes;
} head;

static const char magic[8] = "WEFTDLG1";

static void add_compiler(head *h)
{
    Dl_info library;
    struct stat info;
    if (!dladdr((void *)(uintptr_t)weft_network_compile, &library) ||
        stat(library.dli_fname, &info) != 0)
        return;
    h->compiler_bytes = info.st_size;
    h->compiler_seconds = info.st_mtim.tv_sec;
    h->compiler_nanoseconds = info.st_mtim.tv_nsec;
}

static head head_of(const delegate *d, const weft_array *array, const delegate_program *p)
{
    head h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, magic, sizeof h.magic);
    snprintf(h.version, sizeof h.version, "%s", weft_compiler_version());
    h.array = *array;
    h.truth = d->truth;
    h.model_bytes = p->model_bytes;
    add_compiler(&h);
    return h;
}

/* FNV-1a of 64 bits. */
static uint64_t hash_more(uint64_t hash, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The path of an entry; false if it is too long. */
static bool entry_path(const delegate *d, const head *h, const void *model, const char *end,
                       char path[DELEGATE_PATH_BYTES])
{
    uint64_t hash = hash_more(UINT64_C(0xcbf29ce484222325), h, sizeof *h);
    hash = hash_more(hash, model, (size_t)h->model_bytes);
    const int length =
        snprintf(path, DELEGATE_PATH_BYTES, "%s/%016" PRIx64 "%s", d->cache, hash, end);
    return length > 0 && length < DELEGATE_PATH_BYTES;
}

/* --- reading -------------------------------------------------------------------------------------- */

static bool is_equal(FILE *file, const uint8_t *bytes, uint64_t count)
{
    uint8_t part[4096];
    for (uint64_t at = 0; at < count;) {
        const size_t more = count - at < sizeof part ? (size_t)(count - at) : sizeof part;
        if (fread(part, 1, more, file) != more || memcmp(part, bytes + at, more) != 0)
            return false;
        at += more;
    }
    return true;
}

static bool read_entry(FILE *file, const head *want, delegate_program *to)
{
    head h;
    struct stat info;
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode) ||
        fread(&h, sizeof h, 1, file) != 1)
        return false;
    const uint64_t bytes = h.program_bytes, size = (uint64_t)info.st_size;
    h.program_bytes = 0;
    if (memcmp(&h, want, sizeof h) != 0 || bytes > size ||
        size != sizeof h + h.model_bytes + bytes || !is_equal(file, to->model, h.model_bytes))
        return false;
    to->program = malloc((size_t)bytes + 1);
    to->program_bytes = bytes;
    return to->program && fread(to->program, 1, (size_t)bytes, file) == bytes;
}

bool delegate_cache_read(const delegate *d, const weft_array *array, delegate_program *to)
{
    char path[DELEGATE_PATH_BYTES];
    const head want = head_of(d, array, to);
    if (!d->cache[0] || !entry_path(d, &want, to->model, ".weft", path))
        return false;
    const int at = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *file = at >= 0 ? fdopen(at, "rb") : NULL;
    if (at >= 0 && !file)
        close(at);
    const bool is_there = file && read_entry(file, &want, to);
    if (file)
        fclose(file);
    if (!is_there) {
        free(to->program);
        to->program = NULL;
        to->program_bytes = 0;
    }
    return is_there;
}

/* --- writing -------------------------------------------------------------------------------------- */

/* The directory, with those above it. */
static void make_directory(const char *path)
{
    char part[DELEGATE_PATH_BYTES];
    snprintf(part, sizeof part, "%s", path);
    for (char *at = part + 1; *at; at++)
        if (*at == '/') {
            *at = 0;
            (void)mkdir(part, 0700); /* where it cannot be made, opening fails */
            *at = '/';
        }
    (void)mkdir(part, 0700);
}

static bool write_entry(FILE *file, const head *h, const delegate_program *from)
{
    return fwrite(h, sizeof *h, 1, file) == 1 &&
           fwrite(from->model, 1, (size_t)from->model_bytes, file) == from->model_bytes &&
           fwrite(from->program, 1, (size_t)from->program_bytes, file) == from->program_bytes &&
           fflush(file) == 0;
}

void delegate_cache_write(const delegate *d, const weft_array *array, const delegate_program *from)
{
    char path[DELEGATE_PATH_BYTES], beside[DELEGATE_PATH_BYTES];
    head h = head_of(d, array, from);
    if (!d->cache[0] || !entry_path(d, &h, from->model, ".weft", path) ||
        !entry_path(d, &h, from->model, ".XXXXXX", beside))
        return;
    h.program_bytes = from->program_bytes;
    make_directory(d->cache);
    const int at = mkstemp(beside);
    FILE *file = at >= 0 ? fdopen(at, "wb") : NULL;
    bool is_whole = file && write_entry(file, &h, from);
    if (file)
        is_whole = fclose(file) == 0 && is_whole;
    else if (at >= 0)
        close(at);
    if (at >= 0 && (!is_whole || rename(beside, path) != 0))
        (void)unlink(beside);
}

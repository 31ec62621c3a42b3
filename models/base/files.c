/* Whole files; the contract is in files.h.  Memory doubles as bytes really arrive. */
#define _GNU_SOURCE /* realpath, fchmod, MAP_ANONYMOUS, SEEK_DATA */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(weft_error *err, const char *path, const char *what)
{
    return weft_error_set(err, WEFT_ERR_IO, "%.120s cannot be %s: %s", path, what,
                          errno ? strerror(errno) : "input or output error");
}

static int is_dash(const char *path)
{
    return !strcmp(path, "-");
}

static int read_all(FILE *file, const char *path, uint8_t **out, size_t *byte_count,
                    weft_error *err)
{
    uint8_t *bytes = NULL;
    size_t room = 0, filled = 0;
    int rc = WEFT_OK;
    for (;;) {
        if (filled == room) {
            room = room ? 2 * room : (size_t)1 << 16;
            uint8_t *grown = room <= 2 * WEFT_FILE_MAX_BYTES ? realloc(bytes, room) : NULL;
            if (!grown) {
                rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for %.120s", path);
                break;
            }
            bytes = grown;
        }
        errno = 0;
        const size_t got = fread(bytes + filled, 1, room - filled, file);
        filled += got;
        if (!got && ferror(file))
            rc = fail(err, path, "read");
        else if (filled > WEFT_FILE_MAX_BYTES)
            rc = weft_error_set(err, WEFT_ERR_IO, "%.120s is longer than %zu bytes", path,
                                WEFT_FILE_MAX_BYTES);
        if (!got || rc != WEFT_OK)
            break;
    }
    if (rc != WEFT_OK) {
        free(bytes);
        return rc;
    }
    *out = bytes;
    *byte_count = filled;
    return WEFT_OK;
}

int weft_file_read(const char *path, uint8_t **out, size_t *byte_count, weft_error *err)
{
    *out = NULL;
    *byte_count = 0;
    errno = 0;
    FILE *file = is_dash(path) ? stdin : fopen(path, "rb");
    if (!file)
        return fail(err, path, "opened");
    int rc = read_all(file, path, out, byte_count, err);
    if (file != stdin)
        fclose(file);
    return rc;
}

static int read_piece(int file, uint8_t *bytes, off_t from, off_t end)
{
    while (from < end) {
        const ssize_t got = pread(file, bytes + from, (size_t)(end - from), from);
        if (got == 0 || (got < 0 && errno != EINTR))
            return 0;
        from += got > 0 ? got : 0;
    }
    return 1;
}

/* Holes are left out: they read as zeros and take no memory. */
static int read_data(int file, uint8_t *bytes, off_t end)
{
    for (off_t at = 0; at < end;) {
        off_t from = lseek(file, at, SEEK_DATA), to = end;
        if (from < 0 && errno == ENXIO)
            break; /* a hole up to the end */
        if (from < 0)
            from = at; /* a file system that knows no holes */
        else
            to = lseek(file, from, SEEK_HOLE);
        to = to < 0 || to > end ? end : to;
        if (!read_piece(file, bytes, from, to))
            return 0;
        at = to;
    }
    errno = 0;
    struct stat now;
    return fstat(file, &now) == 0 && now.st_size >= end;
}

void *weft_file_copy(int file, size_t byte_count)
{
    uint8_t *bytes = mmap(NULL, byte_count, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED)
        return NULL;
    errno = 0;
    if (read_data(file, bytes, (off_t)byte_count))
        return bytes;
    const int why = errno;
    munmap(bytes, byte_count);
    errno = why;
    return NULL;
}

void weft_file_copy_free(void *bytes, size_t byte_count)
{
    if (bytes)
        munmap(bytes, byte_count);
}

/* The name beside a path, in its folder so that it can be moved; NULL without memory. */
static char *name_beside(const char *path)
{
    const size_t room = strlen(path) + 32;
    char *name = malloc(room);
    if (name)
        snprintf(name, room, "%s.%ld.part", path, (long)getpid());
    return name;
}

/* Open what a regular file, or none yet, is written to first; it gets the rights of the old file. */
static int open_beside(weft_file_out *out, const struct stat *old, weft_error *err)
{
    out->beside = name_beside(out->path);
    if (!out->beside)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for %.120s", out->path);
    const int fd = open(out->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(err, out->path, "created");
    if (old && fchmod(fd, old->st_mode & 07777) != 0)
        errno =
            0; /* somebody else's file: it keeps its bytes' rights no worse than any new file has */
    out->to = fdopen(fd, "wb");
    return out->to ? WEFT_OK : fail(err, out->path, "created");
}

static void clear(weft_file_out *out)
{
    if (out->beside)
        remove(out->beside);
    free(out->beside);
    free(out->path);
    *out = (weft_file_out){ 0 };
}

int weft_file_create(const char *path, weft_file_out *out, weft_error *err)
{
    *out = (weft_file_out){ 0 };
    errno = 0;
    struct stat s;
    const int is_there = !is_dash(path) && stat(path, &s) == 0;
    if (is_dash(path)) {
        out->path = strdup(path);
        out->to = stdout;
    } else if (is_there && !S_ISREG(s.st_mode)) {
        out->path = strdup(path);
        out->to = fopen(path, "wb");
    } else {
        errno = 0;
        if (is_there && access(path, W_OK) != 0) /* moving would replace what must not be written */
            return fail(err, path, "created");
        out->path = is_there ? realpath(path, NULL) : strdup(path); /* a link stays one */
        const int rc = out->path ? open_beside(out, is_there ? &s : NULL, err) : WEFT_ERR_NO_MEMORY;
        if (rc != WEFT_OK)
            clear(out);
        return rc == WEFT_ERR_NO_MEMORY ? weft_error_set(err, rc, "no memory for %.120s", path)
                                        : rc;
    }
    if (out->path && out->to)
        return WEFT_OK;
    const int rc = out->path
                       ? fail(err, path, "created")
                       : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for %.120s", path);
    clear(out);
    return rc;
}

int weft_file_finish(weft_file_out *out, int keep, weft_error *err)
{
    errno = 0;
    int bad = ferror(out->to) || fflush(out->to) != 0;
    if (out->to != stdout && fclose(out->to) != 0)
        bad = 1;
    if (!bad && keep && out->beside && rename(out->beside, out->path) != 0)
        bad = 1;
    const int rc = bad && keep ? fail(err, out->path, "written") : WEFT_OK;
    if (!bad && keep) {
        free(out->beside);
        out->beside = NULL;
    }
    clear(out);
    return rc;
}

int weft_file_write(const char *path, const void *bytes, size_t byte_count, weft_error *err)
{
    weft_file_out out;
    const int rc = weft_file_create(path, &out, err);
    if (rc != WEFT_OK)
        return rc;
    if (byte_count)
        fwrite(bytes, 1, byte_count, out.to); /* finish notices */
    return weft_file_finish(&out, 1, err);
}

int weft_file_is_same(const char *a, const char *b)
{
    struct stat s, t;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

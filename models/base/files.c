/* Whole files; the contract is in files.h.  Memory doubles as bytes really arrive. */
#define _POSIX_C_SOURCE 200809L
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static void remove_partial(const char *path)
{
    struct stat s;
    if (!stat(path, &s) && S_ISREG(s.st_mode))
        remove(path);
}

int weft_file_write(const char *path, const void *bytes, size_t byte_count, weft_error *err)
{
    errno = 0;
    FILE *file = is_dash(path) ? stdout : fopen(path, "wb");
    if (!file)
        return fail(err, path, "created");
    int bad = byte_count && fwrite(bytes, 1, byte_count, file) != byte_count;
    bad |= fflush(file) != 0;
    const int cause = errno;
    if (file != stdout && fclose(file) && !bad)
        bad = 1;
    else
        errno = cause;
    if (!bad)
        return WEFT_OK;
    const int rc = fail(err, path, "written");
    if (file != stdout)
        remove_partial(path);
    return rc;
}

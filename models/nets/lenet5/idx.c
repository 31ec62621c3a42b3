/* Reader of MNIST idx files; the contract is in idx.h.
 *
 * zlib's gzread() passes a file through unchanged if it is not gzip, so one path serves both.
 * A header is read and checked whole before anything is allocated. */
#include "idx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FIRST_CHUNK_BYTES = 1 << 16 };

typedef struct source {
    gzFile file;
    const char *path;
    char *why; /* may be NULL */
} source;

static int fail(const source *s, int status, const char *format, ...)
{
    if (s->why) {
        int used = snprintf(s->why, WEFT_IDX_WHY_BYTES, "%.300s: ", s->path);
        va_list args;
        va_start(args, format);
        vsnprintf(s->why + used, (size_t)(WEFT_IDX_WHY_BYTES - used), format, args);
        va_end(args);
    }
    return status;
}

static int open_source(source *s, const char *path, char *why)
{
    *s = (source){ .path = path, .why = why };
    errno = 0;
    s->file = gzopen(path, "rb");
    if (!s->file)
        return fail(s, WEFT_IDX_ERR_OPEN, "cannot be opened (%s)",
                    errno ? strerror(errno) : "out of memory");
    return WEFT_IDX_OK;
}

/* Read exactly `bytes`; zlib reports a cut gzip stream either as an error or as an early end. */
static int read_exact(const source *s, uint8_t *to, size_t bytes)
{
    int got = gzread(s->file, to, (unsigned)bytes);
    if (got >= 0 && (size_t)got == bytes)
        return WEFT_IDX_OK;
    int code = Z_OK;
    const char *text = gzerror(s->file, &code);
    if (code == Z_ERRNO)
        text = strerror(errno);
    if (code != Z_OK)
        return fail(s, WEFT_IDX_ERR_READ, "cannot be read (%.100s)", text);
    return fail(s, WEFT_IDX_ERR_FORMAT, "the file ends before the data its header announces");
}

static int read_u32(const source *s, uint32_t *out)
{
    uint8_t b[4];
    int status = read_exact(s, b, sizeof b);
    if (status == WEFT_IDX_OK)
        *out = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return status;
}

static int read_magic(const source *s, uint32_t want)
{
    uint32_t magic = 0;
    int status = read_u32(s, &magic);
    if (status == WEFT_IDX_OK && magic != want)
        return fail(s, WEFT_IDX_ERR_FORMAT, "starts with 0x%08x, an idx file of %s with 0x%08x",
                    (unsigned)magic, want == 0x803 ? "images" : "labels", (unsigned)want);
    return status;
}

static int read_limited(const source *s, const char *what, uint32_t limit, uint32_t *out)
{
    int status = read_u32(s, out);
    if (status == WEFT_IDX_OK && (*out == 0 || *out > limit))
        return fail(s, WEFT_IDX_ERR_FORMAT, "announces %u %s; 1 to %u are accepted", (unsigned)*out,
                    what, (unsigned)limit);
    return status;
}

/* Read `bytes` of payload into memory that doubles as it fills, then insist on the end of file. */
static int read_payload(const source *s, size_t bytes, uint8_t **out)
{
    uint8_t *data = NULL;
    uint8_t extra;
    size_t filled = 0;
    int status = WEFT_IDX_OK;
    while (filled < bytes) {
        size_t chunk = filled ? filled : FIRST_CHUNK_BYTES;
        if (chunk > bytes - filled)
            chunk = bytes - filled;
        uint8_t *grown = realloc(data, filled + chunk);
        if (!grown) {
            status = fail(s, WEFT_IDX_ERR_MEMORY, "no memory for %zu bytes", filled + chunk);
            goto out;
        }
        data = grown;
        status = read_exact(s, data + filled, chunk);
        if (status != WEFT_IDX_OK)
            goto out;
        filled += chunk;
    }
    int past = gzread(s->file, &extra, 1);
    if (past > 0)
        status = fail(s, WEFT_IDX_ERR_FORMAT, "goes on after the data its header announces");
    else if (past < 0)
        status = fail(s, WEFT_IDX_ERR_READ, "the gzip stream is damaged at its end");
out:
    if (status != WEFT_IDX_OK) {
        free(data);
        data = NULL;
    }
    *out = data;
    return status;
}

static int read_images(const source *s, weft_idx *set)
{
    int status = read_magic(s, 0x803);
    if (status == WEFT_IDX_OK)
        status = read_limited(s, "images", WEFT_IDX_MAX_COUNT, &set->count);
    if (status == WEFT_IDX_OK)
        status = read_limited(s, "rows", WEFT_IDX_MAX_SIDE, &set->rows);
    if (status == WEFT_IDX_OK)
        status = read_limited(s, "columns", WEFT_IDX_MAX_SIDE, &set->cols);
    if (status != WEFT_IDX_OK)
        return status;
    uint64_t bytes = (uint64_t)set->count * set->rows * set->cols; /* at most 2^40 */
    if (bytes > WEFT_IDX_MAX_BYTES)
        return fail(s, WEFT_IDX_ERR_FORMAT, "announces %llu pixels; at most %u are accepted",
                    (unsigned long long)bytes, (unsigned)WEFT_IDX_MAX_BYTES);
    return read_payload(s, (size_t)bytes, &set->pixels);
}

static int read_labels(const source *s, weft_idx *set)
{
    uint32_t count = 0;
    int status = read_magic(s, 0x801);
    if (status == WEFT_IDX_OK)
        status = read_limited(s, "labels", WEFT_IDX_MAX_COUNT, &count);
    if (status == WEFT_IDX_OK && count != set->count)
        return fail(s, WEFT_IDX_ERR_MISMATCH, "announces %u labels for %u images", (unsigned)count,
                    (unsigned)set->count);
    return status == WEFT_IDX_OK ? read_payload(s, count, &set->labels) : status;
}

static int load_part(const char *path, int (*read)(const source *, weft_idx *), weft_idx *set,
                     char *why)
{
    source s;
    int status = open_source(&s, path, why);
    if (status != WEFT_IDX_OK)
        return status;
    status = read(&s, set);
    int closed = gzclose_r(s.file); /* tells of a gzip stream cut in its trailer, after the data */
    if (status == WEFT_IDX_OK && closed != Z_OK)
        status = fail(&s, WEFT_IDX_ERR_READ, "the gzip stream is cut at its end");
    return status;
}

int weft_idx_load_files(const char *images, const char *labels, weft_idx *out, char *why)
{
    *out = (weft_idx){ 0 };
    if (why)
        why[0] = '\0';
    int status = load_part(images, read_images, out, why);
    if (status == WEFT_IDX_OK)
        status = load_part(labels, read_labels, out, why);
    if (status != WEFT_IDX_OK)
        weft_idx_free(out);
    return status;
}

/* dir/name, or dir/name.gz if the former cannot be opened. NULL: no memory. */
static char *find_file(const char *dir, const char *name)
{
    size_t bytes = strlen(dir) + strlen(name) + sizeof "/.gz";
    char *path = malloc(bytes);
    if (!path)
        return NULL;
    snprintf(path, bytes, "%s/%s", dir, name);
    FILE *plain = fopen(path, "rb");
    if (plain)
        fclose(plain);
    else
        snprintf(path, bytes, "%s/%s.gz", dir, name);
    return path;
}

int weft_idx_load(const char *dir, weft_idx_split split, weft_idx *out, char *why)
{
    int train = split == WEFT_IDX_TRAIN;
    char *images = find_file(dir, train ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte");
    char *labels = find_file(dir, train ? "train-labels-idx1-ubyte" : "t10k-labels-idx1-ubyte");
    int status = WEFT_IDX_ERR_MEMORY;
    if (images && labels) {
        status = weft_idx_load_files(images, labels, out, why);
    } else {
        *out = (weft_idx){ 0 };
        status = fail(&(source){ .path = dir, .why = why }, status, "no memory for a path");
    }
    free(labels);
    free(images);
    return status;
}

void weft_idx_free(weft_idx *set)
{
    if (!set)
        return;
    free(set->pixels);
    free(set->labels);
    *set = (weft_idx){ 0 };
}

const uint8_t *weft_idx_image(const weft_idx *set, uint32_t i)
{
    return i < set->count ? set->pixels + (size_t)i * set->rows * set->cols : NULL;
}

/* Members of a zip archive, found by the directory at its end. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "media.h"
#include "models/base/files.h"

enum {
    END_BYTES = 22,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    MOST_COMMENT = 65535,
    STORED = 0,
    DEFLATED = 8
};

static uint32_t number(const uint8_t *at, unsigned bytes)
{
    uint32_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | at[bytes];
    return v;
}

typedef struct entry {
    const uint8_t *name;
    uint32_t name_bytes, method, packed, plain, local;
} entry;

/* Entry i of the directory; 0 past the last, or if anything lies outside of the file. */
static int find_entry(const uint8_t *bytes, size_t count, uint32_t i, entry *e)
{
    size_t at = count >= END_BYTES ? count - END_BYTES : 0;
    const size_t least = count > END_BYTES + MOST_COMMENT ? count - END_BYTES - MOST_COMMENT : 0;
    if (count < END_BYTES)
        return 0;
    while (at > least && memcmp(bytes + at, "PK\5\6", 4) != 0)
        at--;
    if (memcmp(bytes + at, "PK\5\6", 4) != 0 || i >= number(bytes + at + 10, 2))
        return 0;
    const uint32_t size = number(bytes + at + 12, 4);
    const uint64_t from = number(bytes + at + 16, 4);
    if (size > at || from > count)
        return 0;
    const uint64_t before =
        at - size >= from ? at - size - from : 0; /* the archive may lie behind something else */
    for (uint64_t k = 0, here = before + from;; k++) {
        if (here + ENTRY_BYTES > at || memcmp(bytes + here, "PK\1\2", 4) != 0)
            return 0;
        const uint8_t *p = bytes + here;
        const uint32_t name = number(p + 28, 2);
        if (here + ENTRY_BYTES + name > at)
            return 0;
        *e = (entry){ p + ENTRY_BYTES,   name,
                      number(p + 10, 2), number(p + 20, 4),
                      number(p + 24, 4), (uint32_t)(number(p + 42, 4) + before) };
        if (k == i)
            return 1;
        here += (uint64_t)ENTRY_BYTES + name + number(p + 30, 2) + number(p + 32, 2);
    }
}

int media_zip_name(const uint8_t *bytes, size_t count, uint32_t i, char *to, size_t room)
{
    entry e;
    if (!find_entry(bytes, count, i, &e) || e.name_bytes >= room)
        return 0;
    memcpy(to, e.name, e.name_bytes);
    to[e.name_bytes] = 0;
    return 1;
}

static int inflate_all(const uint8_t *from, uint32_t packed, uint8_t *to, uint32_t plain)
{
    z_stream z = { .next_in = (uint8_t *)(uintptr_t)from,
                   .avail_in = packed,
                   .next_out = to,
                   .avail_out = plain };
    if (inflateInit2(&z, -15) != Z_OK)
        return 0;
    const int rc = inflate(&z, Z_FINISH);
    const int whole = rc == Z_STREAM_END && z.total_out == plain;
    inflateEnd(&z);
    return whole;
}

int media_unzip(const char *path, const uint8_t *bytes, size_t count, const char *name,
                uint8_t **out, size_t *out_bytes, weft_error *err)
{
    entry e;
    uint32_t i = 0;
    *out = NULL;
    while (find_entry(bytes, count, i, &e) &&
           !(strlen(name) == e.name_bytes && !memcmp(name, e.name, e.name_bytes)))
        i++;
    if (!find_entry(bytes, count, i, &e))
        return weft_error_set(err, WEFT_ERR_IO, "%.200s holds no \"%.60s\"", path, name);
    const uint8_t *local = bytes + e.local;
    if ((uint64_t)e.local + LOCAL_BYTES > count || memcmp(local, "PK\3\4", 4) != 0)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "%.200s is damaged: no \"%.60s\" where its directory says", path,
                              name);
    const uint64_t from =
        (uint64_t)e.local + LOCAL_BYTES + number(local + 26, 2) + number(local + 28, 2);
    if (from + e.packed > count || e.plain > WEFT_FILE_MAX_BYTES ||
        (e.method != STORED && e.method != DEFLATED) || (e.method == STORED && e.plain != e.packed))
        return weft_error_set(
            err, WEFT_ERR_FORMAT,
            "%.200s: \"%.60s\" is cut, too long or packed in another way than zip does", path,
            name);
    uint8_t *plain = malloc((size_t)e.plain + 1);
    if (!plain)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for %.200s", path);
    const int good = e.method == STORED ? (memcpy(plain, bytes + from, e.plain), 1)
                                        : inflate_all(bytes + from, e.packed, plain, e.plain);
    if (!good) {
        free(plain);
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s: \"%.60s\" is damaged", path, name);
    }
    *out = plain;
    *out_bytes = e.plain;
    return WEFT_OK;
}

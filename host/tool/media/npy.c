/* .npy: magic, version, length of the header, a Python dictionary of type, order and shape, the numbers. */
#include <stdlib.h>
#include <string.h>

#include "media.h"

enum { HEADER_BYTES = 1024 };

static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    at = at ? strchr(at, ':') : NULL;
    return at ? at + 1 + strspn(at + 1, " ") : NULL;
}

static int read_type(const char *text, media *m)
{
    if (!text || *text != '\'' || !strchr("<|", text[1]) || !strchr("fiub", text[2]))
        return 0;
    m->type = text[2] == 'b' ? 'u' : text[2]; /* bool */
    m->unit_bytes = (uint32_t)(text[3] - '0');
    const int whole =
        m->unit_bytes == 1 || m->unit_bytes == 2 || m->unit_bytes == 4 || m->unit_bytes == 8;
    return whole && text[4] == '\'' && (m->type != 'f' || m->unit_bytes >= 4);
}

static int read_shape(const char *text, media *m)
{
    m->elements = 1;
    if (!text || *text++ != '(')
        return 0;
    while (*(text += strspn(text, " ,")) != ')') {
        char *end = NULL;
        const unsigned long long size = strtoull(text, &end, 10);
        if (end == text || m->rank == MEDIA_MAX_RANK || !size ||
            size > ((uint64_t)1 << 40) / m->elements)
            return 0;
        m->dims[m->rank++] = size;
        m->elements *= size;
        text = end;
    }
    return 1;
}

int media_npy(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    char header[HEADER_BYTES];
    const size_t wide = count > 6 && bytes[6] > 1 ? 4 : 2;
    size_t length = 0;
    for (size_t i = 0; i < wide && 8 + i < count; i++)
        length |= (size_t)bytes[8 + i] << (8 * i);
    const size_t from = 8 + wide + length;
    if (from > count || length >= sizeof header)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "%.200s is cut short, or has no header of an array", path);
    memcpy(header, bytes + 8 + wide, length);
    header[length] = 0;
    *out = (media){ .kind = MEDIA_ARRAY };
    const char *order = value_of(header, "'fortran_order'");
    if (!order || strncmp(order, "False", 5) != 0 || !read_type(value_of(header, "'descr'"), out) ||
        !read_shape(value_of(header, "'shape'"), out))
        return weft_error_set(
            err, WEFT_ERR_UNSUPPORTED,
            "%.200s: only row-major arrays of plain numbers can be read; save it with "
            "numpy.save(.., numpy.ascontiguousarray(array))",
            path);
    if (out->elements > (count - from) / out->unit_bytes)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "%.200s is cut short: its shape has more numbers than it", path);
    const size_t data = (size_t)out->elements * out->unit_bytes;
    out->memory = malloc(data);
    if (!out->memory)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for %.200s", path);
    memcpy(out->memory, bytes + from, data);
    out->data = out->memory;
    return WEFT_OK;
}

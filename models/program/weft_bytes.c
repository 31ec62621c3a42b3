/* Bytes in and out; see weft_bytes.h. */
#include "weft_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "weft_file.h"
#include "weft_layout.h"

const uint8_t *view_take(view *v, size_t bytes)
{
    if (v->bad || bytes > v->bytes) {
        v->bad = 1;
        return NULL;
    }
    const uint8_t *from = v->at;
    v->at += bytes;
    v->bytes -= bytes;
    return from;
}

uint32_t view_u32(view *v)
{
    const uint8_t *b = view_take(v, 4);
    return b ? (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24
             : 0;
}

uint64_t view_u64(view *v)
{
    uint64_t low = view_u32(v);
    return low | (uint64_t)view_u32(v) << 32;
}

int32_t view_i32(view *v)
{
    uint32_t u = view_u32(v);
    return u <= INT32_MAX ? (int32_t)u : (int32_t)(u - 0x80000000u) + INT32_MIN;
}

float view_float(view *v)
{
    uint32_t bits = view_u32(v);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

uint32_t view_count(view *v, uint32_t most, size_t least)
{
    uint32_t count = view_u32(v);
    if (count > most || count > v->bytes / least)
        v->bad = 1;
    return v->bad ? 0 : count;
}

uint32_t view_enum(view *v, uint32_t count)
{
    uint32_t value = view_u32(v);
    if (value >= count)
        v->bad = 1;
    return v->bad ? 0 : value;
}

void *view_array(view *v, uint32_t count, size_t element_bytes)
{
    void *array = calloc(count + (size_t)1, element_bytes);
    if (!array)
        v->bad = v->no_memory = 1;
    return array;
}

void view_padding(view *v, size_t length)
{
    const size_t bytes = (4 - length % 4) % 4;
    const uint8_t *pad = view_take(v, bytes);
    for (size_t i = 0; pad && i < bytes; i++)
        v->bad |= pad[i] != 0;
}

char *view_text(view *v)
{
    uint32_t length = view_u32(v);
    if (length > WEFT_FILE_MAX_NAME_BYTES) {
        v->bad = 1;
        return NULL;
    }
    const uint8_t *from = view_take(v, length);
    view_padding(v, length);
    if (v->bad || memchr(from, '\0', length)) {
        v->bad = 1;
        return NULL;
    }
    char *text = calloc(1, length + 1u);
    if (text)
        memcpy(text, from, length);
    else
        v->bad = v->no_memory = 1;
    return text;
}

void sink_put(sink *s, const void *data, size_t bytes)
{
    if (s->failed || bytes > SIZE_MAX / 4 - s->count) {
        s->failed = 1;
        return;
    }
    if (s->count + bytes > s->room) {
        size_t room = 2 * (s->count + bytes) + 1024;
        uint8_t *moved = realloc(s->bytes, room);
        if (!moved) {
            s->failed = 1;
            return;
        }
        s->bytes = moved;
        s->room = room;
    }
    if (bytes)
        memcpy(s->bytes + s->count, data, bytes);
    s->count += bytes;
}

void sink_store(uint8_t *at, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

void sink_u32(sink *s, uint32_t v)
{
    uint8_t bytes[4];
    sink_store(bytes, v);
    sink_put(s, bytes, sizeof bytes);
}

void sink_u64(sink *s, uint64_t v)
{
    sink_u32(s, (uint32_t)v);
    sink_u32(s, (uint32_t)(v >> 32));
}

void sink_float(sink *s, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    sink_u32(s, bits);
}

void sink_zeros(sink *s, size_t bytes)
{
    static const uint8_t zeros[SECTION_ALIGN];
    sink_put(s, zeros, bytes);
}

void sink_padding(sink *s, size_t length)
{
    sink_zeros(s, (4 - length % 4) % 4);
}

void sink_text(sink *s, const char *text)
{
    size_t length = strlen(text);
    if (length > WEFT_FILE_MAX_NAME_BYTES)
        length = WEFT_FILE_MAX_NAME_BYTES;
    sink_u32(s, (uint32_t)length);
    sink_put(s, text, length);
    sink_padding(s, length);
}

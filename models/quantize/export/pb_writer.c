/* Writer of protocol buffers; see pb_writer.h. Wire format: developers.google.com/protocol-buffers,
 * "Encoding": a field is a varint of (number << 3 | wire type) and its value. */
#include "pb_writer.h"

#include <stdlib.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_BYTES = 2, WIRE_FIXED32 = 5, FIRST_ROOM_BYTES = 256 };

static void append(pb_writer *w, const void *data, size_t bytes)
{
    if (w->failed || bytes == 0)
        return;
    if (bytes > w->room - w->bytes) {
        size_t room = w->room ? w->room : FIRST_ROOM_BYTES;
        while (room - w->bytes < bytes && room <= SIZE_MAX / 2)
            room *= 2;
        uint8_t *grown = room - w->bytes < bytes ? NULL : realloc(w->at, room);
        if (!grown) {
            w->failed = 1;
            return;
        }
        w->at = grown;
        w->room = room;
    }
    memcpy(w->at + w->bytes, data, bytes);
    w->bytes += bytes;
}

static void append_varint(pb_writer *w, uint64_t value)
{
    uint8_t b[10];
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        b[n++] = (uint8_t)(value | 0x80);
    b[n++] = (uint8_t)value;
    append(w, b, n);
}

void pb_put_int(pb_writer *w, uint32_t field, int64_t value)
{
    append_varint(w, (uint64_t)field << 3 | WIRE_VARINT);
    append_varint(w, (uint64_t)value);
}

void pb_put_bytes(pb_writer *w, uint32_t field, const void *data, size_t bytes)
{
    append_varint(w, (uint64_t)field << 3 | WIRE_BYTES);
    append_varint(w, bytes);
    append(w, data, bytes);
}

void pb_put_float(pb_writer *w, uint32_t field, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    append_varint(w, (uint64_t)field << 3 | WIRE_FIXED32);
    pb_put_raw32(w, bits);
}

void pb_put_string(pb_writer *w, uint32_t field, const char *text)
{
    pb_put_bytes(w, field, text, strlen(text));
}

void pb_put_message(pb_writer *w, uint32_t field, pb_writer *child)
{
    pb_put_bytes(w, field, child->at, child->bytes);
    w->failed |= child->failed;
    pb_free(child);
}

void pb_put_fields(pb_writer *w, pb_writer *child)
{
    append(w, child->at, child->bytes);
    w->failed |= child->failed;
    pb_free(child);
}

void pb_put_raw32(pb_writer *w, uint32_t value)
{
    uint8_t b[4];
    for (int i = 0; i < 4; i++)
        b[i] = (uint8_t)(value >> 8 * i);
    append(w, b, sizeof b);
}

void pb_free(pb_writer *w)
{
    free(w->at);
    *w = (pb_writer){ 0 };
}

/* A model without its large data, so that unpacking does not copy them; see onnx_import.h.
 *
 * Messages on the way to a tensor are written anew, with lengths of five bytes, everything else as
 * it is.  Two passes of the same code: one that only counts, one that writes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_import.h"

enum { RAW_DATA = 9, EXTERNAL_DATA = 13, DATA_LOCATION = 14, LENGTH_BYTES = 5 };

typedef struct lean {
    const uint8_t *from;
    size_t least;
    uint8_t *to; /* NULL: only count */
    size_t at;
} lean;

/* A field in the bytes: [start, data) key and length, [data, end) what it holds. */
typedef struct field {
    uint64_t number;
    unsigned wire;
    size_t start, key_end, data, end;
} field;

static void put(lean *l, const void *bytes, size_t count)
{
    if (l->to)
        memcpy(l->to + l->at, bytes, count);
    l->at += count;
}

/* onnx_scan has walked here: every number ends. */
static uint64_t varint(const uint8_t *from, size_t *at)
{
    uint64_t v = 0;
    unsigned shift = 0;
    do
        v |= shift < 64 ? (uint64_t)(from[*at] & 0x7f) << shift : 0;
    while ((shift += 7, from[(*at)++] & 0x80));
    return v;
}

static field next_field(const uint8_t *from, size_t start)
{
    field f = { .start = start };
    size_t at = start;
    const uint64_t key = varint(from, &at);
    f.number = key >> 3;
    f.wire = key & 7;
    f.key_end = f.data = at;
    uint64_t length = f.wire == 1 ? 8 : f.wire == 5 ? 4 : 0;
    if (f.wire == 0)
        (void)varint(from, &at);
    if (f.wire == 2) {
        length = varint(from, &at);
        f.data = at;
    }
    f.end = at + (size_t)length;
    return f;
}

/* What a field holds, if it is on the way to a tensor that onnx_file brings data in for. */
static const ProtobufCMessageDescriptor *inner(const ProtobufCMessageDescriptor *type,
                                               const field *f)
{
    if (f->wire != 2)
        return NULL;
    if (type == &onnx__model_proto__descriptor && f->number == 7)
        return &onnx__graph_proto__descriptor;
    if (type == &onnx__graph_proto__descriptor && f->number == 1)
        return &onnx__node_proto__descriptor;
    if (type == &onnx__node_proto__descriptor && f->number == 5)
        return &onnx__attribute_proto__descriptor;
    if ((type == &onnx__graph_proto__descriptor || type == &onnx__attribute_proto__descriptor) &&
        f->number == 5)
        return &onnx__tensor_proto__descriptor;
    return NULL;
}

/* Where the raw data of a tensor begin, if they are large and all it has; else SIZE_MAX. */
static size_t large_data(const lean *l, size_t at, size_t end)
{
    size_t found = SIZE_MAX;
    while (at < end) {
        const field f = next_field(l->from, at);
        if (f.number == EXTERNAL_DATA || f.number == DATA_LOCATION ||
            (f.number == RAW_DATA && (found != SIZE_MAX || f.wire != 2)))
            return SIZE_MAX;
        if (f.number == RAW_DATA)
            found = f.end - f.data < l->least ? SIZE_MAX - 1 : at;
        at = f.end;
    }
    return found;
}

/* A StringStringEntryProto. */
static void put_entry(lean *l, const char *key, const char *value)
{
    const size_t k = strlen(key), v = strlen(value);
    const uint8_t head[4] = { EXTERNAL_DATA << 3 | 2, (uint8_t)(4 + k + v), 1 << 3 | 2,
                              (uint8_t)k };
    const uint8_t middle[2] = { 2 << 3 | 2, (uint8_t)v };
    put(l, head, sizeof head);
    put(l, key, k);
    put(l, middle, sizeof middle);
    put(l, value, v);
}

static void put_reference(lean *l, const field *f)
{
    const uint8_t external[2] = { DATA_LOCATION << 3, 1 };
    char number[24];
    put(l, external, sizeof external);
    put_entry(l, "location", "");
    snprintf(number, sizeof number, "%zu", f->data);
    put_entry(l, "offset", number);
    snprintf(number, sizeof number, "%zu", f->end - f->data);
    put_entry(l, "length", number);
}

static void copy_message(lean *l, const ProtobufCMessageDescriptor *type, size_t at, size_t end);

static void copy_inner(lean *l, const ProtobufCMessageDescriptor *type, const field *f)
{
    uint8_t length[LENGTH_BYTES] = { 0 };
    put(l, l->from + f->start, f->key_end - f->start);
    const size_t from = l->at;
    put(l, length, sizeof length);
    copy_message(l, type, f->data, f->end);
    const size_t bytes = l->at - from - sizeof length;
    for (unsigned i = 0; i < LENGTH_BYTES; i++)
        length[i] = (uint8_t)((bytes >> 7 * i & 0x7f) | (i + 1 < LENGTH_BYTES ? 0x80 : 0));
    if (l->to)
        memcpy(l->to + from, length, sizeof length);
}

static void copy_message(lean *l, const ProtobufCMessageDescriptor *type, size_t at, size_t end)
{
    const int tensor = type == &onnx__tensor_proto__descriptor;
    const size_t large = tensor ? large_data(l, at, end) : SIZE_MAX;
    while (at < end) {
        const field f = next_field(l->from, at);
        const ProtobufCMessageDescriptor *in = inner(type, &f);
        if (at == large)
            put_reference(l, &f);
        else if (in)
            copy_inner(l, in, &f);
        else
            put(l, l->from + f.start, f.end - f.start);
        at = f.end;
    }
}

uint8_t *onnx_lean(const uint8_t *bytes, size_t byte_count, size_t least, size_t *lean_bytes)
{
    lean l = { .from = bytes, .least = least };
    copy_message(&l, &onnx__model_proto__descriptor, 0, byte_count);
    l.to = malloc(l.at + 1);
    *lean_bytes = l.at;
    l.at = 0;
    if (l.to)
        copy_message(&l, &onnx__model_proto__descriptor, 0, byte_count);
    return l.to;
}

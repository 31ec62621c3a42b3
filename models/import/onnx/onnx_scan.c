/* The wire format walked before it is believed.
 *
 * protobuf-c checks lengths but recurses without a limit and allocates per part; a hostile file of
 * a few megabytes could overflow the stack or multiply itself a hundredfold.  This walk allocates
 * nothing, is linear per nesting level, and names the byte where a file breaks. */
#include <string.h>

#include "onnx_import.h"

enum { DEPTH_MAX = 32, PARTS_MAX = 1 << 20 };

typedef struct scan {
    const uint8_t *bytes;
    size_t parts;
    weft_error *err;
} scan;

static int broken(const scan *s, size_t at, const char *what)
{
    return weft_error_set(s->err, WEFT_ERR_FORMAT,
                          "not a whole ONNX file: at byte %zu %s; it may be cut short or damaged",
                          at, what);
}

/* A base-128 number of at most 10 bytes; *at moves behind it. */
static int read_varint(const scan *s, size_t *at, size_t end, uint64_t *out)
{
    size_t start = *at;
    *out = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (*at >= end)
            return broken(s, start, "a number is cut off");
        uint8_t byte = s->bytes[(*at)++];
        *out |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (!(byte & 0x80))
            return WEFT_OK;
    }
    return broken(s, start, "a number is too long");
}

static int scan_message(scan *s, const ProtobufCMessageDescriptor *type, size_t at, size_t end,
                        int depth);

/* A length-delimited field: a nested message is walked, anything else only counted. */
static int scan_bytes(scan *s, const ProtobufCFieldDescriptor *field, size_t *at, size_t end,
                      int depth)
{
    uint64_t length;
    size_t start = *at;
    int rc = read_varint(s, at, end, &length);
    if (rc != WEFT_OK)
        return rc;
    if (length > end - *at)
        return broken(s, start, "a length leads past the end");
    if (++s->parts > PARTS_MAX)
        return broken(s, start, "there are more than a million parts");
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
        rc = scan_message(s, field->descriptor, *at, *at + (size_t)length, depth + 1);
    *at += (size_t)length;
    return rc;
}

static int scan_field(scan *s, const ProtobufCMessageDescriptor *type, size_t *at, size_t end,
                      int depth)
{
    uint64_t key, ignored;
    size_t start = *at;
    int rc = read_varint(s, at, end, &key);
    if (rc != WEFT_OK)
        return rc;
    if (key >> 3 == 0 || key >> 3 > 0x1fffffff)
        return broken(s, start, "there is no field");
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(type, (unsigned)(key >> 3));
    if (!field && ++s->parts > PARTS_MAX)
        return broken(s, start, "there are more than a million parts");
    size_t fixed = 0;
    switch (key & 7) {
    case 0: return read_varint(s, at, end, &ignored);
    case 2: return scan_bytes(s, field, at, end, depth);
    case 1: fixed = 8; break;
    case 5: fixed = 4; break;
    default: return broken(s, start, "there is no field");
    }
    if (fixed > end - *at)
        return broken(s, start, "a number is cut off");
    *at += fixed;
    return WEFT_OK;
}

static int scan_message(scan *s, const ProtobufCMessageDescriptor *type, size_t at, size_t end,
                        int depth)
{
    if (depth > DEPTH_MAX)
        return broken(s, at, "parts are nested too deeply");
    int rc = WEFT_OK;
    while (at < end && rc == WEFT_OK)
        rc = scan_field(s, type, &at, end, depth);
    return rc;
}

int onnx_scan(const void *bytes, size_t byte_count, weft_error *err)
{
    const uint8_t *b = bytes;
    if (byte_count == 0)
        return weft_error_set(err, WEFT_ERR_FORMAT, "the file is empty");
    if (byte_count >= 8 && memcmp(b + 4, "TFL3", 4) == 0)
        return weft_error_set(err, WEFT_ERR_FORMAT, "this is a TFLite file, not ONNX");
    scan s = { .bytes = b, .err = err };
    return scan_message(&s, &onnx__model_proto__descriptor, 0, byte_count, 0);
}

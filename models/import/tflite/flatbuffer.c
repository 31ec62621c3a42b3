/* Positions and offsets of the FlatBuffer format: a table starts with the signed distance back to
 * its vtable, which lists where each field lies; references are unsigned distances forward. */
#include "flatbuffer.h"

#include <string.h>

enum { VTABLE_HEADER_BYTES = 4, REFERENCE_BYTES = 4 };

uint32_t fb_load_u32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

uint64_t fb_load_u64(const uint8_t *from)
{
    return fb_load_u32(from) | (uint64_t)fb_load_u32(from + 4) << 32;
}

static int inside(fb *f, size_t at, uint64_t bytes)
{
    if (at <= f->size && bytes <= f->size - at)
        return 1;
    f->bad = 1;
    return 0;
}

/* What the reference at `at` points to; 0 if it leaves the file. */
static size_t follow(fb *f, size_t at)
{
    if (!inside(f, at, REFERENCE_BYTES))
        return 0;
    const uint32_t distance = fb_load_u32(f->bytes + at);
    return distance && inside(f, at, (uint64_t)distance + REFERENCE_BYTES) ? at + distance : 0;
}

/* Where a field of `bytes` bytes lies; 0 if the table does not have it. */
static size_t field(fb *f, size_t table, unsigned id, uint32_t bytes)
{
    if (table == 0 || !inside(f, table, REFERENCE_BYTES))
        return 0;
    const int32_t back = (int32_t)fb_load_u32(f->bytes + table);
    const int64_t vtable = (int64_t)table - back;
    if (vtable < 0 || !inside(f, (size_t)vtable, VTABLE_HEADER_BYTES)) {
        f->bad = 1;
        return 0;
    }
    const uint8_t *v = f->bytes + vtable;
    const uint32_t vtable_bytes = v[0] | (uint32_t)v[1] << 8;
    const uint32_t entry = VTABLE_HEADER_BYTES + 2 * id;
    if (entry + 2 > vtable_bytes || !inside(f, (size_t)vtable, entry + 2u))
        return 0;
    const uint32_t offset = v[entry] | (uint32_t)v[entry + 1] << 8;
    return offset && inside(f, table, (uint64_t)offset + bytes) ? table + offset : 0;
}

size_t fb_root(fb *f)
{
    return follow(f, 0);
}

int32_t fb_i32(fb *f, size_t table, unsigned id, int32_t otherwise)
{
    const size_t at = field(f, table, id, 4);
    return at ? (int32_t)fb_load_u32(f->bytes + at) : otherwise;
}

int32_t fb_i8(fb *f, size_t table, unsigned id, int32_t otherwise)
{
    const size_t at = field(f, table, id, 1);
    return at ? (int8_t)f->bytes[at] : otherwise;
}

uint64_t fb_u64(fb *f, size_t table, unsigned id, uint64_t otherwise)
{
    const size_t at = field(f, table, id, 8);
    return at ? fb_load_u64(f->bytes + at) : otherwise;
}

float fb_f32(fb *f, size_t table, unsigned id, float otherwise)
{
    const size_t at = field(f, table, id, 4);
    if (!at)
        return otherwise;
    const uint32_t bits = fb_load_u32(f->bytes + at);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

size_t fb_table(fb *f, size_t table, unsigned id)
{
    const size_t at = field(f, table, id, REFERENCE_BYTES);
    return at ? follow(f, at) : 0;
}

fb_vector fb_list(fb *f, size_t table, unsigned id, uint32_t element_bytes)
{
    fb_vector v = { 0, 0, element_bytes };
    const size_t at = fb_table(f, table, id);
    if (!at || !inside(f, at, 4))
        return v;
    const uint32_t count = fb_load_u32(f->bytes + at);
    if (!inside(f, at + 4, (uint64_t)count * element_bytes))
        return v;
    v.at = at + 4;
    v.count = count;
    return v;
}

size_t fb_list_table(fb *f, fb_vector v, uint32_t i)
{
    return follow(f, v.at + (size_t)i * REFERENCE_BYTES);
}

int32_t fb_list_i32(const fb *f, fb_vector v, uint32_t i)
{
    return (int32_t)fb_load_u32(f->bytes + v.at + (size_t)i * 4);
}

int64_t fb_list_i64(const fb *f, fb_vector v, uint32_t i)
{
    return (int64_t)fb_load_u64(f->bytes + v.at + (size_t)i * 8);
}

float fb_list_f32(const fb *f, fb_vector v, uint32_t i)
{
    const uint32_t bits = fb_load_u32(f->bytes + v.at + (size_t)i * 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

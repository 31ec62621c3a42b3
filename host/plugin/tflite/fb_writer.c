/* See fb_writer.h. */
#include "fb_writer.h"

#include <stdlib.h>
#include <string.h>

static void append(fbw *w, const void *data, size_t bytes)
{
    if (w->count + bytes > w->room && !w->failed) {
        const size_t room = 2 * w->room + bytes + 4096;
        uint8_t *grown = realloc(w->bytes, room);
        w->failed = grown == NULL;
        w->bytes = grown ? grown : w->bytes;
        w->room = grown ? room : w->room;
    }
    if (w->failed || bytes == 0)
        return;
    memcpy(w->bytes + w->count, data, bytes);
    w->count += bytes;
}

void fbw_put(fbw *w, uint64_t value, unsigned bytes)
{
    uint8_t le[8];
    for (unsigned i = 0; i < bytes; i++)
        le[i] = (uint8_t)(value >> 8 * i);
    append(w, le, bytes);
}

void fbw_align(fbw *w, size_t to)
{
    while (w->count % to && !w->failed)
        fbw_put(w, 0, 1);
}

static void store(fbw *w, size_t at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes && !w->failed; i++)
        w->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static size_t align(size_t at, size_t to)
{
    return (at + to - 1) / to * to;
}

size_t fbw_table(fbw *w, const fbw_field *fields, unsigned count)
{
    const unsigned ids = count ? fields[count - 1].id + 1 : 0;
    size_t at[64] = { 0 }, size = 4;
    for (unsigned i = 0; i < count; i++) {
        at[fields[i].id] = size = align(size, fields[i].bytes);
        size += fields[i].bytes;
    }
    fbw_align(w, 2);
    const size_t vtable = w->count;
    fbw_put(w, 4 + 2 * ids, 2);
    fbw_put(w, size, 2);
    for (unsigned i = 0; i < ids; i++)
        fbw_put(w, at[i], 2);
    fbw_align(w, 8);
    const size_t table = w->count;
    fbw_put(w, table - vtable, 4);
    for (unsigned i = 0; i < count; i++) {
        while (w->count < table + at[fields[i].id] && !w->failed)
            fbw_put(w, 0, 1);
        fbw_put(w, fields[i].value, fields[i].bytes);
    }
    return table;
}

size_t fbw_begin(fbw *w, const char identifier[4], const fbw_field *fields, unsigned count)
{
    fbw_put(w, 0, 4);
    append(w, identifier, 4);
    const size_t root = fbw_table(w, fields, count);
    store(w, 0, root, 4);
    return root;
}

size_t fbw_vector(fbw *w, const void *data, uint32_t count, uint32_t element_bytes)
{
    while (w->count % 16 != 12 && !w->failed)
        fbw_put(w, 0, 1);
    const size_t vector = w->count;
    fbw_put(w, count, 4);
    append(w, data, (size_t)count * element_bytes);
    fbw_put(w, 0, 1);
    return vector;
}

void fbw_link(fbw *w, size_t table, unsigned id, size_t target)
{
    if (w->failed)
        return;
    const uint8_t *back = w->bytes + table;
    const size_t vtable = table - (back[0] | (size_t)back[1] << 8 | (size_t)back[2] << 16);
    const uint8_t *entry = w->bytes + vtable + 4 + 2 * id;
    const size_t field = table + (entry[0] | (size_t)entry[1] << 8);
    store(w, field, target - field, 4);
}

void fbw_link_element(fbw *w, size_t vector, uint32_t i, size_t target)
{
    const size_t at = vector + 4 + 4 * (size_t)i;
    store(w, at, target - at, 4);
}

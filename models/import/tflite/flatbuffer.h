/* Bounds-checked reading of a FlatBuffer in memory, without generated code.
 *
 *     fb f = { bytes, byte_count, 0 };
 *     size_t model = fb_root(&f);
 *     fb_vector subgraphs = fb_list(&f, model, 2, 4);
 *     size_t first = fb_list_table(&f, subgraphs, 0);
 *     int32_t stride = fb_i32(&f, options, 1, 0);
 *     if (f.bad) ...
 *
 * A table is the position of its first byte, 0 if there is none; every function accepts 0 and gives
 * the default.  A reference that leaves the file gives the default too and sets f.bad, so a caller
 * may read a group of things and look at f.bad once.  Nothing is read outside the bytes, whatever
 * they hold.  No state but the struct; little-endian on any machine. */
#ifndef WEFT_FLATBUFFER_H
#define WEFT_FLATBUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct fb {
    const uint8_t *bytes;
    size_t size;
    int bad; /* 1 once anything pointed outside */
} fb;

/* A vector: its first element and how many; all inside the file.  count 0 if it is absent. */
typedef struct fb_vector {
    size_t at;
    uint32_t count;
    uint32_t element_bytes;
} fb_vector;

/* The table that the file begins with. */
size_t fb_root(fb *f);

/* The int32 in field number id of a table, or the default of the schema. */
int32_t fb_i32(fb *f, size_t table, unsigned id, int32_t otherwise);

/* An int8 there, also a bool or a small enum. */
int32_t fb_i8(fb *f, size_t table, unsigned id, int32_t otherwise);

/* A uint64 there. */
uint64_t fb_u64(fb *f, size_t table, unsigned id, uint64_t otherwise);

/* A float32 there. */
float fb_f32(fb *f, size_t table, unsigned id, float otherwise);

/* The table a field refers to, or 0. */
size_t fb_table(fb *f, size_t table, unsigned id);

/* The vector a field refers to; strings are vectors of bytes. */
fb_vector fb_list(fb *f, size_t table, unsigned id, uint32_t element_bytes);

/* Element i < count of a vector of tables. */
size_t fb_list_table(fb *f, fb_vector v, uint32_t i);

/* Element i < count of a vector of int32. */
int32_t fb_list_i32(const fb *f, fb_vector v, uint32_t i);

/* Of int64. */
int64_t fb_list_i64(const fb *f, fb_vector v, uint32_t i);

/* Of float32. */
float fb_list_f32(const fb *f, fb_vector v, uint32_t i);

/* A uint32 at any address, little-endian. */
uint32_t fb_load_u32(const uint8_t *from);

/* A uint64. */
uint64_t fb_load_u64(const uint8_t *from);

#endif

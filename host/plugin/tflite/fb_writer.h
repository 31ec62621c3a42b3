/* Writing a FlatBuffer front to back: a table first, what it refers to behind it.
 *
 *     fbw w = { 0 };
 *     size_t root = fbw_begin(&w, "TFL3", fields, 2);
 *     fbw_link(&w, root, 1, fbw_vector(&w, dims, 4, 4));
 *     if (!w.failed) ... w.bytes, w.count;  free(w.bytes)
 *
 * Every file is a new one, none is changed.  Memory that runs out sets failed; then all else does nothing. */
#ifndef WEFT_PLUGIN_TFLITE_FB_WRITER_H
#define WEFT_PLUGIN_TFLITE_FB_WRITER_H

#include <stddef.h>
#include <stdint.h>

typedef struct fbw {
    uint8_t *bytes;
    size_t count, room;
    int failed;
} fbw;

/* A field of a table: id in ascending order, 1, 2, 4 or 8 bytes. */
typedef struct fbw_field {
    unsigned id, bytes;
    uint64_t value; /* 0 where fbw_link will point elsewhere (4 bytes) */
} fbw_field;

/* Root table behind the file's head; any other table; both give its address. */
size_t fbw_begin(fbw *w, const char identifier[4], const fbw_field *fields, unsigned count);
size_t fbw_table(fbw *w, const fbw_field *fields, unsigned count);

/* A vector, its elements aligned to 16; strings are vectors of bytes and get a zero behind. */
size_t fbw_vector(fbw *w, const void *data, uint32_t count, uint32_t element_bytes);

/* Let a field of a table, or element i of a vector of u32, refer to something behind it. */
void fbw_link(fbw *w, size_t table, unsigned id, size_t target);
void fbw_link_element(fbw *w, size_t vector, uint32_t i, size_t target);

/* Zeros up to a multiple of `to`. */
void fbw_align(fbw *w, size_t to);
void fbw_put(fbw *w, uint64_t value, unsigned bytes);

#endif

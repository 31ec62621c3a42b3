/* Little-endian bytes in and out, for the reader and the writer of programs; private to
 * program/. */
#ifndef WEFT_BYTES_H
#define WEFT_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* --- in -----------------------------------------------------------------------------------------
 * Bytes not yet read of one section.  `bad` once something did not fit; reads then give zeros. */
typedef struct view {
    const uint8_t *at;
    size_t bytes;
    int bad, no_memory;
} view;

/* The next bytes, which stay where they are; NULL if there are not that many. */
const uint8_t *view_take(view *v, size_t bytes);

/* The next 4 bytes as a number. */
uint32_t view_u32(view *v);

/* The next 8 bytes. */
uint64_t view_u64(view *v);

/* The next 4 bytes, signed. */
int32_t view_i32(view *v);

/* The next 4 bytes as a float32. */
float view_float(view *v);

/* A count of things of at least `least` bytes each. */
uint32_t view_count(view *v, uint32_t most, size_t least);

/* An enumerated value below `count`. */
uint32_t view_enum(view *v, uint32_t count);

/* A text, the caller's to free; NULL and bad if it is none. */
char *view_text(view *v);

/* Zeros up to a multiple of four behind `length` bytes. */
void view_padding(view *v, size_t length);

/* Zeroed memory for count things and one more; NULL and bad if there is none. */
void *view_array(view *v, uint32_t count, size_t element_bytes);

/* --- out ----------------------------------------------------------------------------------------
 * A buffer that grows; `failed` once memory ran out. */
typedef struct sink {
    uint8_t *bytes;
    size_t count, room;
    int failed;
} sink;

/* Append bytes. */
void sink_put(sink *s, const void *data, size_t bytes);

/* Append a number of 4 bytes. */
void sink_u32(sink *s, uint32_t v);

/* Append a number of 8 bytes. */
void sink_u64(sink *s, uint64_t v);

/* Append a float32. */
void sink_float(sink *s, float v);

/* Append fewer than 16 zeros. */
void sink_zeros(sink *s, size_t bytes);

/* Append the length, the characters (cut to what the format takes), zeros up to a multiple of
 * four. */
void sink_text(sink *s, const char *text);

/* Append zeros up to a multiple of four behind `length` bytes. */
void sink_padding(sink *s, size_t length);

/* Write a number of 4 bytes at an address. */
void sink_store(uint8_t *at, uint32_t v);

#endif

/* Protocol buffers, the writing half: messages put together field by field in memory.
 *
 *     pb_writer dim = { 0 }, shape = { 0 };
 *     pb_put_string(&dim, 2, "batch");
 *     pb_put_message(&shape, 1, &dim);          // dim is empty again
 *     if (shape.failed) ...                     // out of memory somewhere above
 *     pb_free(&shape);
 *
 * Errors are sticky: after a failed allocation a writer, and every writer it is put into, stays
 * failed and grows no more, so one check at the end is enough. Each writer belongs to the caller.
 */
#ifndef PB_WRITER_H
#define PB_WRITER_H

#include <stddef.h>
#include <stdint.h>

typedef struct pb_writer {
    uint8_t *at; /* NULL while empty */
    size_t bytes, room;
    int failed;
} pb_writer;

/* Append an integer field. */
void pb_put_int(pb_writer *w, uint32_t field, int64_t value);

/* Append a float32 field. */
void pb_put_float(pb_writer *w, uint32_t field, float value);

/* Append a field of bytes. */
void pb_put_bytes(pb_writer *w, uint32_t field, const void *data, size_t bytes);

/* Append a field of text. */
void pb_put_string(pb_writer *w, uint32_t field, const char *text);

/* Append *child as a field and reset it to an empty writer, its memory released. */
void pb_put_message(pb_writer *w, uint32_t field, pb_writer *child);

/* Append the fields of *child themselves, without a frame, and reset it likewise. */
void pb_put_fields(pb_writer *w, pb_writer *child);

/* Little-endian words without field or length, for the raw data of a tensor. */
void pb_put_raw32(pb_writer *w, uint32_t value);

/* Free what was written and reset the writer to an empty one. */
void pb_free(pb_writer *w);

#endif

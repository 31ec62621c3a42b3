/* Whole files, in and out, with every failure noticed and named.  Any thread, no state. */
#ifndef WEFT_FILES_H
#define WEFT_FILES_H

#include <stddef.h>
#include <stdint.h>

#include <weft/weft_status.h>

/* Longest file anything here reads. */
#define WEFT_FILE_MAX_BYTES ((size_t)1 << 30)

/* Read a whole file (a pipe will do); "-" is standard input.
 *
 *   out  the bytes, the caller's to free; NULL if the call fails
 *
 * Returns WEFT_OK, WEFT_ERR_IO (cannot be opened or read, or longer than WEFT_FILE_MAX_BYTES) or
 * WEFT_ERR_NO_MEMORY. */
int weft_file_read(const char *path, uint8_t **out, size_t *byte_count, weft_error *err);

/* Write a whole file; "-" is standard output.  A regular file that could not be completed is
 * removed.  Returns WEFT_OK or WEFT_ERR_IO (also: disk full). */
int weft_file_write(const char *path, const void *bytes, size_t byte_count, weft_error *err);

#endif

/* Whole files, in and out, with every failure noticed and named.  Any thread, no state. */
#ifndef WEFT_FILES_H
#define WEFT_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

/* The first bytes of an open regular file, copied into memory of their own: a mapping of the file would end the process with
 * SIGBUS when somebody cuts the file meanwhile.  Holes take no memory.  The caller gives them back with weft_file_copy_free.
 *
 * Returns NULL if there is no memory, or fewer bytes than that, and then errno is 0. */
void *weft_file_copy(int file, size_t byte_count);
void weft_file_copy_free(void *bytes, size_t byte_count);

/* A file that is being written.  A regular one is written beside its place and moved there when it is complete: who reads
 * the path finds the old file whole or the new one whole.  What is none (a pipe, a device, "-" for standard output) is
 * written in place. */
typedef struct weft_file_out {
    FILE *to;
    char *path, *beside; /* beside: NULL if it is written in place */
} weft_file_out;

/* Begin to write to `out->to`.  Returns WEFT_OK; or WEFT_ERR_IO (cannot be created) or WEFT_ERR_NO_MEMORY, and nothing is
 * to be finished. */
int weft_file_create(const char *path, weft_file_out *out, weft_error *err);

/* End it; without `keep` what was there before stays.  Returns WEFT_OK or WEFT_ERR_IO (also: disk full), and then too what
 * was there before stays. */
int weft_file_finish(weft_file_out *out, int keep, weft_error *err);

/* Write a whole file so.  Returns what the two above do. */
int weft_file_write(const char *path, const void *bytes, size_t byte_count, weft_error *err);

/* 1 if both paths lead to one file that exists, else 0. */
int weft_file_is_same(const char *a, const char *b);

#endif

/* The program.weft container: a weft_program as bytes.
 *
 *     rc = weft_program_write(prog, &bytes, &byte_count, &err);      then save and free(bytes)
 *     rc = weft_program_read(bytes, byte_count, &prog, &err);        then weft_program_free(prog)
 *
 * The format, byte by byte, is in models/program/README.md.  The reader takes bytes from anywhere: nothing
 * is used before it was checked, and what it returns has passed weft_program_check.  One program
 * has exactly one file: reading and writing again gives the same bytes.
 *
 * No state; any thread. */
#ifndef WEFT_FILE_H
#define WEFT_FILE_H

#include "weft_program.h"

enum {
    WEFT_FILE_VERSION = 5,
    WEFT_FILE_MAX_PORTS = 4096, /* inputs, and outputs */
    WEFT_FILE_MAX_LAYERS = 65536,
    WEFT_FILE_MAX_STEP_NODES = 4096,    /* operators of all host steps */
    WEFT_FILE_MAX_STEP_TENSORS = 16384, /* tensors of each */
    WEFT_FILE_MAX_CHANNELS = 65536,     /* scales of a tensor of a host step */
    WEFT_FILE_MAX_NAME_BYTES = 255
};

/* Write.
 *
 *   prog   has passed weft_program_check (what the compiler returns has); names longer than
 *          WEFT_FILE_MAX_NAME_BYTES are cut
 *   out    the bytes, the caller's to free(); NULL after a failure
 *
 * Returns WEFT_OK, WEFT_ERR_CAPACITY (too many ports, layers or host steps) or WEFT_ERR_NO_MEMORY.
 */
int weft_program_write(const weft_program *prog, uint8_t **out, size_t *byte_count,
                       weft_error *err);

/* Read.
 *
 *   bytes  the whole file, borrowed for the call
 *   out    the program, the caller's to free; NULL after a failure
 *
 * Returns WEFT_OK, or with a sentence
 *   WEFT_ERR_FORMAT     not a program, damaged (names the section and offset), or not sound
 *   WEFT_ERR_VERSION    another version of the file or of the device interface
 *   WEFT_ERR_NO_MEMORY */
int weft_program_read(const void *bytes, size_t byte_count, weft_program **out, weft_error *err);

/* The attributes of an operator of a host step as the words of the file (models/program/README.md).
 *
 *   words  room for `most`, which are written as far as there are that many; or NULL
 *
 * Returns how many there are; 0 also without memory. */
size_t weft_file_attributes(const weft_graph *g, const weft_node *n, uint32_t *words, size_t most);

#endif

/* UTF-8 of names that come from model files.  No state; any thread. */
#ifndef WEFT_UTF8_H
#define WEFT_UTF8_H

#include <stddef.h>

/* Bytes of the character that a text begins with, 1 to 4; 0 if it begins with none (Unicode 15, section 3.9, table 3-7). */
unsigned weft_utf8_bytes(const char *text);

/* Copy a name so that a terminal shows it and nothing else: control characters, of C1 too, and bytes that are no UTF-8
 * become '?'; what has no room is cut at a whole character.  Returns out. */
const char *weft_utf8_show(const char *name, char *out, size_t room);

/* The same in memory that lives until the end of the block. */
#define WEFT_SHOWN(name) weft_utf8_show((name), (char[WEFT_SHOWN_BYTES]){ 0 }, WEFT_SHOWN_BYTES)
enum { WEFT_SHOWN_BYTES = 256 };

#endif

/* The constants of the container that its writer and its reader share. */
#ifndef WEFT_LAYOUT_H
#define WEFT_LAYOUT_H

#include <stdint.h>

/* Like PNG's: not text, and a transfer that touches line ends or bit 7 shows at once. */
#define WEFT_FILE_MAGIC "\x89WEFT\r\n\x1a"

enum {
    MAGIC_BYTES = 8,
    HEADER_BYTES = 32,      /* magic, version, section count, file bytes, 8 zero bytes, CRC */
    SECTION_ROW_BYTES = 16, /* tag, offset, bytes, CRC */
    SECTION_ALIGN = 16
};

typedef enum section_id {
    SECTION_HARDWARE,
    SECTION_PORTS,
    SECTION_LAYERS,
    SECTION_STEPS,
    SECTION_SOURCE,
    SECTION_IMAGE,
    SECTIONS
} section_id;

enum { FIRST_SECTION = HEADER_BYTES + SECTIONS * SECTION_ROW_BYTES };

static const char section_tags[SECTIONS][5] = { "HWAR", "PORT", "LAYR", "HOST", "FROM", "IMAG" };

#endif

/* Commands as text, from the table of the contract.
 *
 *     char text[WEFT_DISASM_BYTES];
 *     weft_disasm(&cmd, text, sizeof text);    "LOAD PUSH_COMPUTE ADDR=0x1000 ROWS=28 ..."
 *
 * Pure functions; nothing allocates; any thread may call them. */
#ifndef WEFT_DISASM_H
#define WEFT_DISASM_H

#include "weft_isa.h"

enum { WEFT_DISASM_BYTES = 2048 }; /* room for every command */

/* Write cmd as one line without line end: the command, then every field that is not 0 in the order
 * of the table: a flag by its name alone, MODE, KIND and ALU fields by the names of their values,
 * 32-bit fields in hexadecimal, others in decimal.  An undefined opcode gives "opcode 0x..".
 *
 *   text, bytes  where to; cut if too small, always terminated unless bytes is 0
 *
 * Returns the length of the whole line, as snprintf does. */
size_t weft_disasm(const weft_cmd *cmd, char *text, size_t bytes);

/* The name of a device error (WEFT_DEV_ code) without prefix, "UNKNOWN" if there is none, and its
 * sentence from the table.  Never NULL, static. */
const char *weft_dev_error_name(uint32_t code);
const char *weft_dev_error_text(uint32_t code);

#endif

/* A program shown whole, as text or as JSON, on standard output; and the parts of that which
 * `weft compile` and `weft info` show too. */
#ifndef WEFT_TOOL_DUMP_H
#define WEFT_TOOL_DUMP_H

#include <stddef.h>
#include <stdint.h>

#include "json.h"
#include "models/program/weft_program.h"

/* --- dump_text.c --- */

/* Print everything that the program holds; lists of attributes are cut after 64 numbers. */
void dump_text(const weft_program *p);

/* Print a line of text: the model file that a program was made of, and what compiled it. */
void print_source(const weft_source *s);

/* --- dump_json.c --- */

/* Print everything that the program holds as one object, nothing cut. */
void dump_json(const weft_program *p);

/* Add the member "source": the model file that a program was made of, and what compiled it. */
void json_source(json *j, const weft_source *s);

/* Add the member `name`: an array with an object for each port. */
void json_ports(json *j, const char *name, const weft_program_port *ports, uint32_t count);

/* Add the member "layers": an array with an object for each layer. */
void json_layers(json *j, const weft_program *p);

/* --- dump_words.c --- */

/* What a step between a port's bytes in device memory and the model's value does, "softmax". */
const char *dump_step_name(const weft_host_step *s);

/* Write the command at `at`, decoded, into text[WEFT_DISASM_BYTES].  Returns the command's bytes. */
size_t dump_command(const uint8_t *at, char *text);

#endif

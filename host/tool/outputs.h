/* The values of outputs, and all of them as JSON: what run and serve say of an answer. */
#ifndef WEFT_TOOL_OUTPUTS_H
#define WEFT_TOOL_OUTPUTS_H

#include "json.h"
#include "tool.h"

/* Element i as the number that is stored. */
double output_element(const buffer *b, uint32_t type, size_t i);

/* Element i as the real number it stands for; not of positions. */
double output_real(const weft_port_info *p, const buffer *b, size_t i);

/* How many elements the buffer holds in its form. */
size_t output_count(const weft_port_info *p, const buffer *b);

/* The member "outputs": the name of each, and every stored number. */
void outputs_json(json *j, const weft_program *prog, const io *b);

/* The largest real values, the best first and of equals the first: their places into index.  Returns how many there are, at
 * most `top`; 0 of positions. */
uint32_t outputs_best(const weft_port_info *p, const buffer *b, uint32_t top, size_t *index);

#endif

/* Section HOST: what the host computes between runs; private to program/. */
#ifndef WEFT_STEPS_H
#define WEFT_STEPS_H

#include "weft_bytes.h"
#include "weft_program.h"

/* What a tensor of a step is. */
enum { ROLE_BETWEEN, ROLE_INPUT, ROLE_OUTPUT, ROLE_CONSTANT, ROLES };

/* Read the whole section; what was read is the program's even if the view goes bad.  Every graph
 * has passed weft_graph_check. */
void steps_read(view *v, weft_program *p);

/* 1 if the steps are within the bounds of the file. */
int steps_fit(const weft_program *p);

/* weft_steps_write.c */
void steps_write(sink *s, const weft_program *p);

/* Steps that weft_program_check demands, in the program's memory and order. */
int steps_check(const weft_program *p, weft_error *err);

/* Free the steps of a program. */
void steps_free(weft_program *p);

#endif

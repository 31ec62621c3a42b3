/* Attributes of operators as words of a file, both ways; private to program/. */
#ifndef WEFT_ATTR_H
#define WEFT_ATTR_H

#include "weft_bytes.h"
#include "weft_program.h"

/* Where attributes go or come from: exactly one of them is set. */
typedef struct attr_file {
    view *in;
    sink *out;
    void *lists[4]; /* in: what n points to afterwards, to be freed when the node was added */
} attr_file;

/* Write the attributes of n, or read them into it: op and output are set.
 *
 *   y  the output's tensor, which says how long lists are
 *
 * In: the file's `bad` and `no_memory` say whether it went well. */
void attr_code(attr_file *f, weft_node *n, const weft_tensor *y);

#endif

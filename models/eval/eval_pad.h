/* Where what Pad puts around data comes from; shared with the importer, whose index lists are made
 * by the same rule. */
#ifndef WEFT_EVAL_PAD_H
#define WEFT_EVAL_PAD_H

#include <stdint.h>

#include "onnx.pb-c.h"

typedef enum eval_pad_mode {
    PAD_CONSTANT,
    PAD_REFLECT,
    PAD_EDGE,
    PAD_WRAP,
    PAD_MODES
} eval_pad_mode;

/* The mode a node names; PAD_MODES for a name that is none. */
eval_pad_mode eval_read_pad_mode(const Onnx__NodeProto *node);

/* Where position k of an axis of this size comes from; EVAL_OUTSIDE: it is filled. */
int64_t eval_padded(int64_t k, int64_t size, eval_pad_mode mode);

#endif

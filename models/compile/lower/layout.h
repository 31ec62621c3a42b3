/* Row structures of tensors. */
#ifndef WEFT_COMPILE_LAYOUT_H
#define WEFT_COMPILE_LAYOUT_H

#include "models/compile/plan/lowering.h"

typedef struct layout {
    uint32_t rows, row_bytes;
} layout;
layout layout_natural(const weft_tensor *t);
layout layout_chosen(const lowering *low, uint32_t tensor);
int layout_new_area(lowering *low, uint32_t tensor, layout l);
/* The area of a tensor in exactly this layout, copied if it has another. */
int layout_area(lowering *low, uint32_t node, uint32_t tensor, layout l, uint32_t *out);
/* *from in `rows` rows of `bytes`, copied if it has others.  Large: more than half of the buffer.
 */
int layout_rows(lowering *low, uint32_t node, uint64_t rows, uint64_t bytes, uint32_t *from);
int layout_is_large(const lowering *low, uint64_t bytes);
/* A new area that holds a constant tensor; or elements in row-major order. */
int layout_constant(lowering *low, uint32_t tensor, layout l, uint32_t *out);
int layout_constant_bytes(lowering *low, const int8_t *data, layout l, uint32_t *out);
/* The area of a tensor that shares one, made if it is the first there; into low->area_of. */
int layout_shared_area(lowering *low, uint32_t tensor);
/* Operand 0 or 1 of the layer, or its output (2), is the tensor. */
void layout_use_view(const lowering *low, uint32_t tensor, unsigned operand, layer *l);
/* A layer that moves `count` parts, which are copied, into area `out`. */
int layout_copy(lowering *low, uint32_t node, const copy_part *parts, uint32_t count, uint32_t out);

#endif

/* Row structures of tensors.
 *
 * What returns int here returns WEFT_OK or a status with its sentence in low->work->err:
 * WEFT_ERR_NO_MEMORY, or WEFT_ERR_CAPACITY where constants are added to an image that grows too
 * large. */
#ifndef WEFT_COMPILE_LAYOUT_H
#define WEFT_COMPILE_LAYOUT_H

#include "models/compile/plan/lowering.h"

/* Returns the layout that a tensor's own dims say: NHWC has a row per image row. */
layout layout_natural(const weft_tensor *t);

/* Fills low->wanted, before any layout is chosen; once for every tensor and reader. */
int layout_ask_readers(lowering *low);

/* Returns the layout that suits the readers of a tensor; its own if they take any, unless its rows
 * are too long for the buffer. */
layout layout_chosen(const lowering *low, uint32_t tensor);

/* Gives the tensor an area in this layout, or the one that it shares: low->area_of. */
int layout_new_area(lowering *low, uint32_t tensor, layout l);

/* Gives a tensor that shares an area that area, made if it is the first there: low->area_of. */
int layout_shared_area(lowering *low, uint32_t tensor);

/* Sets in the layer where its operand 0 or 1 or its output (2) lies in the pixels of a shared
 * area, if the tensor does. */
void layout_use_view(const lowering *low, uint32_t tensor, unsigned operand, layer *l);

/* *out is the area of a tensor in exactly this layout: its own, or a copy, whose layer is added for
 * `node` unless there is one. */
int layout_area(lowering *low, uint32_t node, uint32_t tensor, layout l, uint32_t *out);

/* *from becomes an area of the same bytes in `rows` rows of `bytes`: itself if it has those, else a
 * copy. */
int layout_rows(lowering *low, uint32_t node, uint64_t rows, uint64_t bytes, uint32_t *from);

/* Are so many bytes more than half of the buffer? */
int layout_is_large(const lowering *low, uint64_t bytes);

/* *out is a new area in this layout that holds a constant tensor. */
int layout_constant(lowering *low, uint32_t tensor, layout l, uint32_t *out);

/* *out is a new area that holds l.rows * l.row_bytes elements in row-major order. */
int layout_constant_bytes(lowering *low, const int8_t *data, layout l, uint32_t *out);

/* Adds a layer that moves `count` parts, which are copied, into area `out`. */
int layout_copy(lowering *low, uint32_t node, const copy_part *parts, uint32_t count, uint32_t out);

#endif

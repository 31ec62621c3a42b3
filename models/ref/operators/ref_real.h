/* Operators whose result is float32, as ONNX Runtime computes them.  Private to ref_ops*.c; graph_attr.h
 * says what each is. */
#ifndef WEFT_REF_REAL_H
#define WEFT_REF_REAL_H

#include "models/graph/graph.h"
#include "ref_ops.h"

/* Element i of an activation or constant as a real number, whatever its type. */
static inline float ref_real_at(const weft_tensor *t, const void *data, size_t i)
{
    if (t->dtype == WEFT_FLOAT32)
        return ((const float *)data)[i];
    return (float)(((const int8_t *)data)[i] - weft_quant_zero_point(&t->quant, 0)) *
           weft_quant_scale(&t->quant, 0);
}

/* ADD, SUB, MUL, DIV, MINIMUM, MAXIMUM, PRELU. */
void ref_real_pair(const weft_graph *g, const weft_node *n, const void *const *in, float *out);

/* CONV_2D. */
void ref_real_conv(const weft_graph *g, const weft_node *n, const void *const *in, float *out,
                   ref_range of);

/* FULLY_CONNECTED and MATMUL: the integer sum of channel co. */
float ref_real_product(const weft_graph *g, const weft_node *n, uint32_t co, int32_t sum);

#endif

/* The pieces of a quantised network in the QDQ form, for what writes such files.
 *
 * Naming: a tensor t of real values is t_q between its QuantizeLinear (t_quantize) and
 * DequantizeLinear (t_dequantize); the quantisation of an activation is t_scale and t_zero_point.
 */
#ifndef ONNX_QDQ_H
#define ONNX_QDQ_H

#include "onnx_writer.h"

enum { ONNX_NAME_BYTES = 96 };

/* A name put together from two parts, by value: it lives as long as the block it is put in. */
typedef struct onnx_name_text {
    char text[ONNX_NAME_BYTES];
} onnx_name_text;

/* a and b in a row, cut after ONNX_NAME_BYTES - 1. */
onnx_name_text onnx_join(const char *a, const char *b);

/* <of>_scale and <of>_zero_point of an activation; type is ONNX_INT8 or ONNX_UINT8, zero_point in
 * its range. */
void onnx_put_quant(pb_writer *graph, const char *of, float scale, onnx_type type,
                    int32_t zero_point);

/* The nodes t -> t_q -> to, quantised like the activation `like`, whose quantisation is put
 * elsewhere. */
void onnx_put_qdq(pb_writer *graph, const char *t, const char *like, const char *to);

/* A constant of type int8 or int32, quantised per index of axis 0 with zero points 0, its scales
 * <to>_scale, and the DequantizeLinear that makes `to` of it. */
void onnx_put_dequantized(pb_writer *graph, const onnx_tensor *quantised, const float *scales,
                          const char *to);

#endif

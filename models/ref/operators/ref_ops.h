/* The definition of every operator, as plain loops.
 *
 * One function per row of ops.def.  Each takes a checked graph, one of its nodes, and the data:
 * in[i] is the tensor of n->inputs[i], constants included, NULL where it is absent; out is the
 * output tensor.  Everything is row-major in the shapes of graph.h and belongs to the caller; out
 * overlaps no input.
 *
 * Those whose elements are sums over many take a range of elements of the output, so that a walk over the graph can
 * stop between two ranges: a single sum is short.
 *
 * Nothing allocates, prints or fails: weft_graph_check has excluded it.  Any thread.  Speed is no
 * aim: hardware and compiler are judged against these, byte for byte. */
#ifndef WEFT_REF_OPS_H
#define WEFT_REF_OPS_H

#include "models/graph/graph.h"

/* Elements of an output, as they lie in memory. */
typedef struct ref_range {
    uint64_t first, end;
} ref_range;

/* y = clamp(zp_y + requantise(bias + sum over taps and channels of (x - zp_x)(w - zp_w))).
 * The padding holds zp_x and so adds nothing.  weft_node_requant per output channel. */
void weft_ref_conv_2d(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                      ref_range of);

/* The same of one pixel per row of x. */
void weft_ref_fully_connected(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out, ref_range of);

/* y = clamp(max of the taps inside the image). */
void weft_ref_max_pool_2d(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                          ref_range of);

/* TFLITE  clamp(sum x / taps inside), half away from zero.
 * ONNX    clamp(zp_y + requantise(sum (x - zp_x))), weft_node_pool_requant; taps are those inside,
 *         or the whole kernel if count_include_pad.  This is ONNX Runtime's
 *         QLinearGlobalAveragePool; if `adding` names an order, the reals (x - zp_x) scale_x are
 *         added in it, the sum divided by the taps and quantised, each step in float32: its other
 *         averages. */
void weft_ref_average_pool_2d(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out, ref_range of);

/* Along the axes of the mask: clamp(zp_y + requantise(sum (x - zp_x))), weft_node_mean_requant;
 * where weft_node_mean_divides the reals (x - zp_x) scale_x added in the order of weft_mean, the
 * sum divided by the elements and quantised, each step in float32. */
void weft_ref_mean(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                   ref_range of);

/* As weft_ref_conv_2d with the window on the output; see weft_conv_2d. */
void weft_ref_transpose_conv(const weft_graph *g, const weft_node *n, const void *const *in,
                             void *out, ref_range of);

/* y = clamp(zp_y + requantise(sum over k of (a - zp_a)(b - zp_b))), weft_node_requant. */
void weft_ref_matmul(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                     ref_range of);

/* TFLITE  each (x_i - zp_i) << 20 requantised by in[i], their sum (ADD) or difference (SUB)
 *         requantised by out, plus zp_y.
 * ONNX    saturate(round_half_even(fma(a, ratio0, fma(b, ratio1, fixed)))) in float32, a and b plus
 *         offset, the result minus it, the zero points inside fixed: ONNX Runtime's QLinearAdd on
 *         x86 with AVX2.  SUB, which has no such kernel: zp_y + round_half_even(((a - zp_a) scale_a
 *         - (b - zp_b) scale_b) / scale_y), every step in float32: DequantizeLinear, Sub,
 *         QuantizeLinear.
 * Both then clamp.  Parameters: weft_node_add_params. */
void weft_ref_add(const weft_graph *g, const weft_node *n, const void *const *in, void *out);
void weft_ref_sub(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* y = clamp(zp_y + requantise((a - zp_a)(b - zp_b))), weft_node_requant. */
void weft_ref_mul(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* The smaller stored value, clamped. */
void weft_ref_minimum(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* The larger stored value, clamped. */
void weft_ref_maximum(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* Those whose result may be float32, and these two and LOOKUP: see "float32, on the host" in
 * graph_attr.h. */
void weft_ref_div(const weft_graph *g, const weft_node *n, const void *const *in, void *out);
void weft_ref_gemm(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                   ref_range of);
void weft_ref_cast(const weft_graph *g, const weft_node *n, const void *const *in, void *out);
void weft_ref_function(const weft_graph *g, const weft_node *n, const void *const *in, void *out);
void weft_ref_lookup(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* Dynamic quantisation: see there too. */
void weft_ref_dynamic_scale(const weft_graph *g, const weft_node *n, const void *const *in,
                            void *out);
void weft_ref_dynamic_zero(const weft_graph *g, const weft_node *n, const void *const *in,
                           void *out);
void weft_ref_dynamic_quantize(const weft_graph *g, const weft_node *n, const void *const *in,
                               void *out);
void weft_ref_conv_integer(const weft_graph *g, const weft_node *n, const void *const *in,
                           void *out, ref_range of);
void weft_ref_matmul_integer(const weft_graph *g, const weft_node *n, const void *const *in,
                             void *out, ref_range of);

/* See graph_attr.h. */
void weft_ref_prelu(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* y = entries[x + 128]. */
void weft_ref_table(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* y = entries[(a + 128) * 256 + b + 128]. */
void weft_ref_table_pair(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* x / sqrt(sum x^2) along the last axis in steps of 1/128, as TensorFlow Lite's kernel computes it:
 * an inverse root of the integer sum in fixed point, double rounding.  Of nothing but zeros: 0. */
void weft_ref_l2_normalization(const weft_graph *g, const weft_node *n, const void *const *in,
                               void *out);

/* See graph_attr.h; the float32 operations, and their order, are those of ONNX Runtime 1.32 on
 * x86-64 with AVX2 (arith/layer_norm.c). */
void weft_ref_layer_normalization(const weft_graph *g, const weft_node *n, const void *const *in,
                                  void *out);

/* The same bytes in another shape. */
void weft_ref_reshape(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* y[i0][i1].. = x with axis i at perm[i]. */
void weft_ref_transpose(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* x with a border of attr.pad.value. */
void weft_ref_pad(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* The inputs one behind the other along an axis. */
void weft_ref_concat(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* Elements begin, begin + stride, .. of each axis. */
void weft_ref_slice(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* Rows and columns of x by the lists of the attributes. */
void weft_ref_resize_nearest(const weft_graph *g, const weft_node *n, const void *const *in,
                             void *out);

/* Bilinear interpolation; see graph_attr.h. */
void weft_ref_resize_bilinear(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out);

/* q = saturate(zp + round(x / scale)); half to even for ONNX, half away from zero for TFLITE.
 * NaN becomes -128. */
void weft_ref_quantize(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* x = float32(q - zp) * scale. */
void weft_ref_dequantize(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

/* exp(beta (x - max)) / sum along the last axis, and its logarithm (beta 1).  float32: equal to
 * other libraries within rounding only.  int8: the fixed point of TensorFlow Lite Micro. */
void weft_ref_softmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out);
void weft_ref_log_softmax(const weft_graph *g, const weft_node *n, const void *const *in,
                          void *out);

/* Position of the largest or smallest along the axis, the first of equals. */
void weft_ref_argmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out);

#endif

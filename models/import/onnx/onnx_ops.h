/* Operators of the ONNX importer: one function per row of the table in onnx_ops.c, and what they
 * build their values with.  Private to models/import; see onnx_import.h. */
#ifndef WEFT_ONNX_OPS_H
#define WEFT_ONNX_OPS_H

#include "models/eval/eval_resize.h"
#include "onnx_import.h"

typedef int onnx_handler(onnx_import *im, const Onnx__NodeProto *node);

/* onnx_quant.c, onnx_weights.c, onnx_matrix.c */
onnx_handler onnx_quantize_linear, onnx_dequantize_linear;
onnx_handler onnx_conv, onnx_conv_transpose;
onnx_handler onnx_gemm, onnx_matmul;

/* onnx_pool.c, onnx_norm.c, onnx_layer_norm.c */
onnx_handler onnx_max_pool, onnx_average_pool, onnx_global_average_pool, onnx_global_max_pool;
onnx_handler onnx_reduce_mean;
onnx_handler onnx_batch_normalization;
onnx_handler onnx_layer_normalization;

/* onnx_map.c, onnx_pair.c, onnx_float.c */
onnx_handler onnx_function, onnx_clip, onnx_relu, onnx_cast;
onnx_handler onnx_pair, onnx_prelu;
onnx_handler onnx_softmax, onnx_qlinear_softmax, onnx_arg_max;

/* onnx_shape.c, onnx_move.c, onnx_join.c, onnx_pad.c */
onnx_handler onnx_identity, onnx_dropout, onnx_shape, onnx_transpose, onnx_reshape;
onnx_handler onnx_flatten, onnx_squeeze, onnx_unsqueeze;
onnx_handler onnx_split, onnx_slice, onnx_gather;
onnx_handler onnx_concat, onnx_resize, onnx_depth_to_space, onnx_space_to_depth;
onnx_handler onnx_pad;

/* onnx_dynamic.c */
onnx_handler onnx_dynamic_quantize, onnx_matmul_integer, onnx_conv_integer;

/* onnx_qlinear.c */
onnx_handler onnx_qlinear_conv, onnx_qlinear_matmul, onnx_qgemm, onnx_qlinear_pair;
onnx_handler onnx_qlinear_function, onnx_qlinear_pool, onnx_qlinear_concat;

/* Run one node through the table, or gather why it is refused and go on with placeholders for what
 * it makes.  A status other than WEFT_OK is the end. */
int onnx_dispatch(onnx_import *im, const Onnx__NodeProto *node);

/* --- onnx_table.c --- */

/* Fill the 256 entries of a TABLE from a quantisation, seen through the 256 reals of `real` if that
 * is not NULL, to scale.  1 if it changes a byte or the quantisation, else 0. */
int onnx_fill_table(const weft_quant *from, const float *real, const onnx_scale *scale,
                    int8_t *entries);

/* Lead tensor *at through a TABLE to a new tensor of that name and scale, which *at becomes.
 * WEFT_OK, or NO_MEMORY or a sentence. */
int onnx_append_table(onnx_import *im, const Onnx__NodeProto *node, const char *name,
                      const int8_t *entries, const onnx_scale *scale, uint32_t *at);

/* A REAL view through a function that takes all its 256 reals among those of its own tensor, as
 * Relu does, becomes a plain view of another tensor on the same scale; any other stays as it is. */
int onnx_settle_function(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v);

/* --- onnx_host.c --- */

/* A FLOAT value from a FLOAT or plain REAL one (by DEQUANTIZE). */
int onnx_to_float(onnx_import *im, const char *name, onnx_value *v);

/* SOFTMAX or LOG_SOFTMAX in float32 along the last axis of a FLOAT or plain REAL value, which
 * becomes the result, of kind FLOAT. */
int onnx_add_softmax(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const char *name,
                     onnx_value *y);

/* --- onnx_settle.c --- */

/* A value that has just been made and is PENDING or FLOAT: quantised at once where all that reads it
 * comes to that without computing, float32 where something computes with it, else left to wait. */
int onnx_settle(onnx_import *im, const char *name);

/* --- onnx_real.c --- */

/* A PENDING value or REAL activation becomes FLOAT; anything else stays as it is. */
int onnx_to_real(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v);

/* 1 if input i is FLOAT. */
int onnx_is_float(onnx_import *im, const Onnx__NodeProto *node, size_t i);

/* A float32 tensor of these canonical dims; data, if it is not NULL, is the graph's arena's. */
int onnx_new_real(onnx_import *im, const Onnx__NodeProto *node, const char *name, uint32_t rank,
                  const uint32_t *dims, const float *data, uint32_t *out);

/* Append a node with a float32 output of these canonical dims. */
int onnx_append_real(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                     uint32_t input_count, const uint32_t *inputs, uint32_t rank,
                     const uint32_t *dims, uint32_t *out);

/* A function of input 0, with the node's attributes, or these parameters where no attribute has them
 * (NAN: the defaults); type as of weft_real_find. */
int onnx_real_function(onnx_import *im, const Onnx__NodeProto *node, const char *type, float a,
                       float b);

/* onnx_real_pair.c: an operator of two float32, which are broadcast to each other; REAL views are dequantised, either
 * may be constant. */
int onnx_real_pair(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const onnx_value *a,
                   const onnx_value *b, onnx_value *out);

/* --- onnx_quant.c --- */

/* Set the clamp of an operator that has one. */
void onnx_open_clamp(onnx_pending *p, weft_clamp clamp);

/* Make the output of node from a PENDING value quantised by scale. */
int onnx_finish(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *pending,
                const onnx_scale *scale);

/* QuantizeLinear of any value that is real: PENDING, REAL or FLOAT. */
int onnx_quantize(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                  const onnx_scale *scale);

/* 1 if the tensor of a QUANT value of this ONNX type is quantised by scale, else 0. */
int onnx_scale_matches(const onnx_import *im, const onnx_value *quant, const onnx_scale *scale);

/* The REAL view of an int8 value or constant with scale and zero point in inputs i + 1 and i + 2.
 */
int onnx_dequantize(onnx_import *im, const Onnx__NodeProto *node, size_t i, int64_t axis,
                    onnx_value *out);

/* --- what finishes a PENDING value of one operator --- */

/* The weights of a pending CONV_2D that is a BatchNormalization, its clamp set, for this output.
 * onnx_norm_weights.c */
int onnx_finish_norm(onnx_import *im, const Onnx__NodeProto *node, onnx_pending *p, float scale_y,
                     int32_t zp_y);

/* The order of additions of a pending AVERAGE_POOL_2D, its clamp set, that `last` quantises to
 * dtype; last is QuantizeLinear, or the QLinear operator itself.  The order of one whose result is
 * float32.  onnx_average.c */
weft_adding onnx_adding_of_floats(const onnx_import *im, const Onnx__NodeProto *pool,
                                  const weft_window *w, const weft_tensor *x);
void onnx_settle_average(onnx_import *im, const Onnx__NodeProto *last, onnx_pending *p,
                         weft_dtype dtype);

/* --- builders, which the QLinear operators share: from operands to a PENDING value --- */

/* Each returns WEFT_OK and the value, or a status with the sentence that refuses the node. */

/* A convolution of x by the weights w, input number w_input of the node: padding, strides and groups as its attributes say. */
int onnx_build_conv(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x, size_t w_input,
                    const onnx_value *w, onnx_pending *p, onnx_value *out);

/* The product of matrices a and b, b transposed on demand. */
int onnx_build_product(onnx_import *im, const Onnx__NodeProto *node, onnx_value *a, onnx_value *b,
                       int transpose_b, onnx_value *out);

/* An elementwise operator of a and b, which are broadcast to each other. */
int onnx_build_pair(onnx_import *im, const Onnx__NodeProto *node, weft_op op, onnx_value *a,
                    onnx_value *b, onnx_value *out);

/* `count` values one behind the other along the node's axis. */
int onnx_build_concat(onnx_import *im, const Onnx__NodeProto *node, size_t count,
                      onnx_value *const *in, onnx_value *out);

/* An average over windows, or over the whole image with `global`. */
int onnx_average(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x, int global,
                 onnx_value *y);

/* A function of one number, named as ONNX does ("Sigmoid"), with the node's attributes. */
int onnx_apply(onnx_import *im, const Onnx__NodeProto *node, const char *type, const onnx_value *x,
               onnx_value *out);

/* Resize of height and width, mode linear; a is what it says of them.  onnx_linear.c */
int onnx_resize_linear(onnx_import *im, const Onnx__NodeProto *node, const eval_resize_args *a);

/* Of two operands, activations or constants: the shape both broadcast to; the order of axes of the
 * result; an activation with ones in front, in that order.  onnx_broadcast.c */
int onnx_pair_shape(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *const *in,
                    uint32_t *rank, uint32_t *dims);
void onnx_pair_order(const onnx_value *const *in, uint32_t rank, uint32_t *order);
int onnx_pair_place(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, uint32_t rank,
                    const uint32_t *order);

/* 1 if y is a product that waits and b the constant that is its bias: int32 behind DequantizeLinear,
 * or float32.  onnx_pair.c */
int onnx_takes_bias(onnx_import *im, const onnx_value *y, onnx_value *b);

/* --- operands --- */

/* The 256 reals of a REAL activation, in the graph's arena; NULL if there is no memory.
 * onnx_map.c */
const float *onnx_reals(onnx_import *im, const onnx_value *v);

/* Add the int32 bias of a Conv or product; input i for its name.  onnx_weights.c */
int onnx_add_bias(onnx_import *im, const Onnx__NodeProto *node, size_t i, const onnx_const *b,
                  onnx_pending *p);

/* Add int8 weights in graph order with their scales along axis 0. */
int onnx_add_weights(onnx_import *im, const Onnx__NodeProto *node, size_t name_input,
                     const onnx_scale *scale, uint32_t rank, const uint32_t *dims,
                     const int8_t *data, uint32_t *out);

/* An optional bias behind DequantizeLinear at input i, checked against the scales. */
int onnx_bias_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, const onnx_value *x,
                    const onnx_scale *w, uint32_t channels, onnx_pending *p);

#endif

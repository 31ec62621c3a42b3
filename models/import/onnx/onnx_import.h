/* Inside the ONNX importer: what its files share.  Private to models/import.
 *
 * One pass over the nodes in topological order.  Each ONNX value is tracked as a onnx_value:
 *
 *   CONST    an initialiser, a Constant, or what was computed of such (onnx_fold.c)
 *   QUANT    an int8 activation (ONNX int8 or uint8)
 *   REAL     a DequantizeLinear of a QUANT or CONST: the same tensor, seen as real numbers, perhaps
 *            through a function of one number (Relu, Sigmoid, times 3, ..): one real per int8
 *   PENDING  the real result of an operator whose output scale is not known yet, perhaps clamped;
 *            each QuantizeLinear that reads it makes the node
 *   FLOAT    a float32 tensor of the host's part
 *   INDEX    an int32 tensor of the host's part (ArgMax, an integer input)
 *   DYNAMIC  an int8 tensor of the host's part, whose scale is computed when the network runs
 *   WIDE     another value seen with more than six axes, which only views can do: at most six of them
 *            are longer than 1 where one is moved
 *   REFUSED  what an operator that is refused would make, or one behind it: nothing more is said
 *            of it; rank is WEFT_NONE if the model does not declare its shape
 *
 * Layout is lazy: Transpose, Reshape and kin change only the view (dims and layout of the value),
 * and onnx_arrange moves data if and when an operator needs another order. */
#ifndef WEFT_ONNX_IMPORT_H
#define WEFT_ONNX_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "models/eval/eval.h"
#include "models/graph/graph.h"
#include "models/import/refusals.h"
#include "onnx.h"
#include "onnx.pb-c.h"

/* A decoded constant: row-major, this machine's byte order, owned by the graph's arena.  Types that
 * weft_dtype does not have are kept as float32 or int64; type is the one in the file. */
typedef struct onnx_const {
    weft_dtype dtype;
    int32_t type; /* ONNX__TENSOR_PROTO__DATA_TYPE__... */
    uint32_t rank, dims[WEFT_MAX_RANK];
    uint64_t count;
    const void *data;
} onnx_const;

/* Scales and zero points as written in the file (uint8 not shifted yet). */
typedef struct onnx_scale {
    weft_dtype dtype; /* of the quantised values: int8, uint8 or int32 */
    weft_quant quant;
} onnx_scale;

/* Axis i of the tensor is axis perm[i] of an ONNX shape dims. */
typedef struct onnx_layout {
    uint32_t rank, dims[WEFT_MAX_RANK], perm[WEFT_MAX_RANK];
} onnx_layout;

/* y = factor * x + shift of every channel of a BatchNormalization. */
typedef struct onnx_norm {
    uint32_t channels;
    float factor[]; /* and the shifts behind */
} onnx_norm;

/* A node whose output tensor is not made yet. */
typedef struct onnx_pending {
    weft_op op;
    const char *name;
    const Onnx__NodeProto *source;
    uint32_t input_count, inputs[WEFT_MAX_INPUTS];
    int alike; /* inputs get the scale of the output first: MINIMUM, MAXIMUM, CONCAT */
    const float *real[WEFT_MAX_INPUTS]; /* alike: 256 reals of input k, or NULL */
    union {
        weft_conv_2d conv_2d;
        weft_fully_connected fully_connected;
        weft_matmul matmul;
        weft_pool_2d pool_2d;
        weft_mean mean;
        weft_elementwise elementwise;
        weft_concat concat;
        weft_resize_bilinear resize_bilinear;
        weft_layer_normalization layer_normalization;
        weft_softmax softmax;
    } attr;
    const float *real_bias; /* of input 2, as real numbers; */
    int float_bias;         /* which it is in the model */
    int transposed; /* FULLY_CONNECTED: the matrix of the model has the shape of the weights */
    const onnx_norm *norm; /* CONV_2D whose weights follow from the output scale; or NULL */
    uint32_t rank, dims[WEFT_MAX_RANK]; /* of the output tensor */
} onnx_pending;

typedef enum onnx_kind {
    ONNX_UNSET,
    ONNX_CONST,
    ONNX_QUANT,
    ONNX_REAL,
    ONNX_PENDING,
    ONNX_FLOAT,
    ONNX_INDEX,
    ONNX_DYNAMIC,
    ONNX_WIDE,
    ONNX_REFUSED
} onnx_kind;

enum { ONNX_MAX_RANK = ND_MAX_RANK };

typedef struct onnx_value {
    onnx_kind kind;
    uint32_t rank, dims[WEFT_MAX_RANK]; /* ONNX shape */
    onnx_layout layout;                 /* of the tensor; its dims differ from ours after Reshape */
    uint32_t tensor;     /* QUANT, FLOAT, INDEX, REAL of an activation; else WEFT_NONE */
    weft_dtype dtype;    /* QUANT, REAL: ONNX type, int8 or uint8; PENDING Softmax: of its input;
                            INDEX: INT32, or anything else for int64 */
    const float *real;   /* REAL: of q at [q + 128], or NULL: (q - zero point) * scale */
    float lo, hi;        /* PENDING: clamp in real numbers, or infinite */
    onnx_const constant; /* CONST, and REAL of one */
    onnx_scale scale;    /* REAL of a constant */
    const onnx_pending *pending;
    const Onnx__TensorProto *source; /* CONST not decoded yet */
    const struct onnx_wide *wide;    /* WIDE */
} onnx_value;

/* A value and the shape it is seen with. */
typedef struct onnx_wide {
    uint32_t rank, dims[ONNX_MAX_RANK];
    onnx_value base;
} onnx_wide;

/* Everything that has a name, sorted by it; the value has the same index. */
typedef struct onnx_name {
    const char *name;
    uint32_t producer;               /* node, or WEFT_NONE */
    uint32_t first_consumer;         /* node, or WEFT_NONE */
    uint32_t is_output;              /* of the graph: 1 */
    uint32_t readers;                /* read_count, and 1 more of an output */
    uint32_t first_read, read_count; /* in onnx_import.reads: those of nodes that outputs need */
    const Onnx__TensorProto *initializer; /* or NULL */
    const Onnx__ValueInfoProto *declared; /* as a result or an output, or NULL */
} onnx_name;

typedef struct onnx_import {
    const Onnx__GraphProto *proto;
    weft_graph *graph;
    weft_error *err; /* never NULL */
    refusals *refused;
    const weft_onnx_options *options;
    int64_t opset;
    uint64_t fold_left; /* elements that folding may still make */
    uint32_t name_count;
    onnx_name *names;
    onnx_value *values;
    uint32_t order_count;
    uint32_t *order; /* nodes that outputs depend on, producers first */
    uint32_t *reads; /* nodes, by the value that they read */
} onnx_import;

/* --- onnx_scan.c --- */

/* Walk the wire format without allocating: every length inside its parent, nesting below 32, below
 * a million parts.  What passes is safe for protobuf-c's recursive reader.  WEFT_OK or ERR_FORMAT.
 */
int onnx_scan(const void *bytes, size_t byte_count, weft_error *err);

/* A copy of a model that onnx_scan has passed, but raw data of `least` bytes and more are left out:
 * their tensors (initialisers, and those of attributes) name them as external data of the location
 * "", which is the model itself.  The caller frees it; NULL without memory.  onnx_lean.c */
uint8_t *onnx_lean(const uint8_t *bytes, size_t byte_count, size_t least, size_t *lean_bytes);

/* --- onnx_source.c --- */

struct onnx_file;

/* What a program keeps of its model; options may be NULL. */
weft_source onnx_source_of(const struct onnx_file *file, const weft_onnx_options *options);

/* --- onnx_inline.c --- */

/* Put the nodes of the model's local functions in the place of their calls: im->proto becomes a graph
 * without such calls.  WEFT_OK, ERR_UNSUPPORTED (another opset, too many), ERR_FORMAT (they call
 * themselves), NO_MEMORY. */
int onnx_inline(onnx_import *im, const Onnx__ModelProto *model);

/* --- onnx_names.c --- */

/* Fill names, values and order.  WEFT_OK, ERR_FORMAT (dangling, doubly defined, cyclic), NO_MEMORY.
 */
int onnx_name_all(onnx_import *im);

/* Axis i of a port that is a tensor with a shape: what the file or the user says, 0 if nobody does,
 * below 0 if they differ (onnx_size.c). */
int64_t onnx_port_size(const Onnx__ValueInfoProto *info, uint32_t i, const weft_onnx_options *o);

/* Refuses an input that has a 0 among its sizes; returns the status. */
int onnx_refuse_unsaid(const Onnx__ValueInfoProto *info, const size_t *sizes, weft_error *err);

/* WEFT_OK if every bind names a symbol or an axis of an input, and none is there twice; else
 * WEFT_ERR_ARG with a sentence.  options may be NULL. */
int onnx_check_binds(const Onnx__GraphProto *g, const weft_onnx_options *options, weft_error *err);

/* Index of a name, or WEFT_NONE. */
uint32_t onnx_find(const onnx_import *im, const char *name);

/* --- onnx_const.c --- */

/* Decode a value of kind CONST from any storage field, if that is not done yet.  WEFT_OK or a
 * sentence naming the tensor. */
int onnx_decode_value(onnx_import *im, onnx_value *v);

/* Input i of a node as a constant; ERR_UNSUPPORTED if it is computed or absent. */
int onnx_const_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_const *out);

/* Scale and zero point from inputs i and i + 1 (the latter may be absent: zero, of uint8); per
 * channel if the scale has more than one element, then along axis.  Scales are finite and above 0,
 * zero points in the range of their type. */
int onnx_scale_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, int64_t axis,
                     onnx_scale *out);

/* Element i of an int8 or uint8 constant as the graph keeps it: int8. */
int8_t onnx_weight_at(const onnx_const *w, size_t i);

/* --- onnx_array.c --- */

/* A constant as an array, which nd_free ends, also after an error.  WEFT_OK, or NO_MEMORY or
 * ERR_UNSUPPORTED beyond what folding may make. */
int onnx_to_nd(onnx_import *im, const onnx_const *c, nd *out);

/* An array as a constant in the graph's arena; refused with more than 6 dimensions. */
int onnx_from_nd(onnx_import *im, const Onnx__NodeProto *node, const nd *a, onnx_const *out);

/* --- onnx_fold.c --- */

/* If all inputs are constants and the evaluator has the operator: compute the outputs, *done = 1.
 */
int onnx_fold(onnx_import *im, const Onnx__NodeProto *node, int *done);

/* A constant behind DequantizeLinear as the float32 array that it is; nd_free ends it. */
int onnx_real_to_nd(onnx_import *im, const onnx_value *v, nd *out);

/* Evaluate a node on arrays within what folding may make. */
int onnx_evaluate(onnx_import *im, const Onnx__NodeProto *node, const nd *const *in, size_t count,
                  nd *out);

/* Reshape, Transpose and kin of a constant behind DequantizeLinear: the same on its integers. */
int onnx_move_constant(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v);

/* --- onnx_attr.c --- */

/* The window of a Conv or pool on an NCHW shape, given for one spatial axis (the width) or two:
 * kernel (kernel_shape, or the given one if that is 0 or absent), strides, dilations, pads or
 * auto_pad; refuses a ceil_mode that would change the output. */
int onnx_attr_window(onnx_import *im, const Onnx__NodeProto *node, uint32_t spatial,
                     const uint32_t *nchw, const uint32_t *kernel, weft_window *out);

/* Output height and width; 0 if the window does not fit. */
void onnx_window_output(const weft_window *w, const uint32_t *nchw, uint32_t *h, uint32_t *wide);

/* --- onnx_value.c --- */

/* Its name, or that of its first output if it has none. */
const char *onnx_node_name(const Onnx__NodeProto *node);

/* "Conv \"name\": ..." as the sentence; returns status. */
int onnx_refuse(onnx_import *im, const Onnx__NodeProto *node, int status, const char *format, ...)
    WEFT_PRINTF(4, 5);

/* Value of input i; NULL if it is absent. */
onnx_value *onnx_input(onnx_import *im, const Onnx__NodeProto *node, size_t i);

/* Value of output i, which is always there. */
onnx_value *onnx_output(onnx_import *im, const Onnx__NodeProto *node, size_t i);

/* A PENDING value without a clamp. */
onnx_value onnx_pending_value(const onnx_pending *p, uint32_t rank, const uint32_t *dims,
                              const onnx_layout *layout);

/* The same of this shape, whose tensor has the axes in that order: sets rank and dims of *p. */
onnx_value onnx_pending_ordered(onnx_pending *p, uint32_t rank, const uint32_t *dims,
                                const uint32_t *order);

/* Zeroed pending node of this operator; NULL if there is no memory. */
onnx_pending *onnx_new_pending(onnx_import *im, const Onnx__NodeProto *node, weft_op op);

/* A fresh layout: the tensor holds the ONNX shape with its axes in the order perm (NULL: as is). */
onnx_layout onnx_layout_of(uint32_t rank, const uint32_t *dims, const uint32_t *perm);

/* The zero point of a scale's first channel as the graph keeps it: 128 less if uint8. */
int32_t onnx_zero_point(const onnx_scale *s);

/* Add the tensor of a quantised activation: dims through layout, zero point shifted if uint8. */
int onnx_add_quant_tensor(onnx_import *im, const char *name, const onnx_layout *layout,
                          const onnx_scale *scale, uint32_t *out);

/* 1 if v is a constant behind DequantizeLinear. */
int onnx_is_real_const(const onnx_value *v);

/* *x as images: of rank 4, or of rank 3, which `copy` then holds with a height of 1.
 * *spatial is the number of spatial axes the model gives. */
int onnx_image(onnx_import *im, const Onnx__NodeProto *node, onnx_value **x, onnx_value *copy,
               uint32_t *spatial);

/* A result of rank 4 for a model with that many spatial axes. */
void onnx_from_image(onnx_value *y, uint32_t spatial);

/* --- onnx_batch.c --- */

/* Add a node; one on images (NHWC) is added image by image where there are several. */
int onnx_add_node(onnx_import *im, const Onnx__NodeProto *node, const weft_node_desc *desc);

/* The same of one input and the ONNX node's name. */
int onnx_add_unary(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                   uint32_t from, uint32_t to);

/* --- onnx_arrange.c --- */

/* Append an operator with one input; the output has these canonical dims and the input's type and
 * scale.  *at becomes the result. */
int onnx_append(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                uint32_t rank, const uint32_t *dims, uint32_t *at);

/* Make the tensor of v hold its ONNX shape with axes in the order want (NULL: as is), by TRANSPOSE
 * and RESHAPE nodes where needed.  v has a tensor. */
int onnx_arrange(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, const uint32_t *want);

/* --- onnx_operand.c --- */

/* Input i as a REAL activation without a function, which every operator with its own arithmetic
 * needs; otherwise a sentence that says where a QuantizeLinear is missing. */
int onnx_real_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out);

/* Refuses input i, which is float32 where only quantised values can be. */
int onnx_refuse_float(onnx_import *im, const Onnx__NodeProto *node, size_t i);

/* The same, or float32, which a REAL view becomes that is seen through a function. */
int onnx_product_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out);

/* A REAL activation without a function, or a REAL constant of one scale. */
int onnx_operand_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out);

/* Add the int8 tensor of a REAL constant of one scale, its shape filled up with ones in front to
 * rank and axes in the order perm (NULL: as they are). */
int onnx_add_constant(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                      uint32_t rank, const uint32_t *perm, uint32_t *out);

/* Input i as `count` floats: float32, or integers behind DequantizeLinear; refused if it is anything
 * else. */
int onnx_floats_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, uint32_t count,
                      const float **out);

/* --- onnx_move.c --- */

/* Input i as something whose data can be moved: int8, or a REAL view with or without a function. */
int onnx_moved_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out);

/* The tensor of v has the axes of its ONNX shape, in any order, and no other view. */
int onnx_unshape(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v);

/* Up to WEFT_MAX_INPUTS integers from input i, or an attribute where the input is absent. */
int onnx_list_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, const char *name,
                    int64_t *out, size_t *count);

/* y = op(v) with this ONNX shape and the same order of axes. */
int onnx_append_moved(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                      const onnx_value *v, const uint32_t *dims, onnx_value *y);

/* axis, or from behind if negative; refused outside 0..rank-1. */
int onnx_axis(onnx_import *im, const Onnx__NodeProto *node, int64_t axis, uint32_t rank,
              uint32_t *out);

/* Orders of axes: that of the ONNX shape, and that of images in a graph of channels last. */
extern const uint32_t onnx_as_is[WEFT_MAX_RANK]; /* 0 1 2 3 4 5 */
extern const uint32_t onnx_nhwc[4];              /* 0 2 3 1 */

#endif

/* A network in memory: tensors, operators, quantisation.
 *
 * Importers and test generators build one, weft_graph_check() proves it sound, and the compiler and
 * the reference read it:
 *
 *     weft_graph *g;
 *     rc = weft_graph_new(&g);
 *     uint32_t x = WEFT_NONE, y = WEFT_NONE;
 *     rc = weft_graph_add_tensor(g, &(weft_tensor_desc){ .name = "x", ... }, &x);
 *     ...
 *     rc = weft_graph_add_node(g, &(weft_node_desc){ .op = WEFT_OP_CONV_2D, ... }, NULL);
 *     rc = weft_graph_add_input(g, &port);  rc = weft_graph_add_output(g, &port);
 *     rc = weft_graph_check(g, &err);
 *     weft_graph_free(g);
 *
 * CANONICAL FORM, which weft_graph_check() demands and everything after it may rely on:
 *   - Batch is 1.  Rank-4 activations of convolutions and pools are NHWC.  Data is row-major.
 *   - Activations are int8, quantised per tensor: real = scale * (q - zero_point).  uint8
 *     models are shifted by -128, values and zero points alike, which changes nothing else.
 *   - Weights are constant int8, per tensor or per channel (axis 0), zero points -128..127; biases
 *     constant int32 of scale scale_x * scale_w, zero point 0.
 *   - float32 and int32 activations are the host's: between DEQUANTIZE, LOOKUP or a product whose
 *     result is float32 and QUANTIZE, ARGMAX or an output; graph_attr.h says what takes them.
 *   - Every accumulator provably fits int32 (weft_graph_accumulator_bound).
 *   - Nodes have no cycle; weft_graph.order is a topological order.
 *
 * Memory: the graph owns all it holds; names, dims, scales and attributes are copied in, constant
 * data too unless WEFT_TENSOR_BORROW_DATA is set.  Fields are read-only outside graph*.c.
 * Threads: one graph, one thread while it is built; a checked graph may be read by many.
 * Errors: a status of weft_status.h; a function that fails has changed nothing visible. */
#ifndef WEFT_GRAPH_H
#define WEFT_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "graph_attr.h"
#include "models/arith/requantize.h"
#include "source.h"
#include <weft/weft_status.h>

#define WEFT_NONE UINT32_MAX /* "no tensor", "no node" */

/* Largest tensor, in elements: keeps every index and byte count far inside int32. */
#define WEFT_MAX_ELEMENTS ((uint64_t)1 << 28)

typedef enum weft_dtype {
    WEFT_INT8,
    WEFT_UINT8,
    WEFT_INT32,
    WEFT_INT64,
    WEFT_FLOAT32,
    WEFT_BOOL
} weft_dtype;

typedef enum weft_op {
#define OP(NAME, ...) WEFT_OP_##NAME,
#include "ops.def"
    WEFT_OP_COUNT
} weft_op;

/* What an operator is to the compiler; ops.def says which is which. */
typedef enum weft_op_class {
    WEFT_CLASS_CONV,     /* sums of products over windows of an image */
    WEFT_CLASS_FULL,     /* sums of products over all of a row */
    WEFT_CLASS_MATMUL,   /* likewise, of two tensors that are no constants */
    WEFT_CLASS_POOL,     /* sums or maxima over windows of an image */
    WEFT_CLASS_MEAN,     /* sums over axes */
    WEFT_CLASS_BILINEAR, /* sums of neighbours with weights of their own */
    WEFT_CLASS_BINARY,   /* two tensors, element by element */
    WEFT_CLASS_SLOPE,    /* likewise, the second repeated for every pixel */
    WEFT_CLASS_TABLE,    /* one byte decides one byte */
    WEFT_CLASS_RESHAPE,  /* no byte changes or moves */
    WEFT_CLASS_MOVE,     /* no byte changes */
    WEFT_CLASS_CONVERT,  /* between float32 and int8 */
    /* what the device cannot do, these last two */
    WEFT_CLASS_HOST_SUM, /* sums of products */
    WEFT_CLASS_HOST
} weft_op_class;

/* Which member of weft_node.attr an operator has. */
typedef enum weft_attr_kind {
    WEFT_ATTR_NONE,
    WEFT_ATTR_CONV_2D,
    WEFT_ATTR_FULLY_CONNECTED,
    WEFT_ATTR_MATMUL,
    WEFT_ATTR_POOL_2D,
    WEFT_ATTR_MEAN,
    WEFT_ATTR_ELEMENTWISE,
    WEFT_ATTR_TABLE,
    WEFT_ATTR_TABLE_PAIR,
    WEFT_ATTR_TRANSPOSE,
    WEFT_ATTR_PAD,
    WEFT_ATTR_CONCAT,
    WEFT_ATTR_SLICE,
    WEFT_ATTR_RESIZE_NEAREST,
    WEFT_ATTR_RESIZE_BILINEAR,
    WEFT_ATTR_SOFTMAX,
    WEFT_ATTR_ARGMAX,
    WEFT_ATTR_LAYER_NORMALIZATION,
    WEFT_ATTR_FUNCTION
} weft_attr_kind;

/* real = scale[i] * (q - zero_point[i]); i is the index along axis, or 0 if count is 1.
 * count 0: the tensor is not quantised.  Scales are finite and > 0 (ranges: per operator). */
typedef struct weft_quant {
    uint32_t count;
    uint32_t axis; /* only if count > 1 */
    const float *scale;
    const int32_t *zero_point;
} weft_quant;

typedef struct weft_tensor {
    const char *name; /* of the model; may be empty, need not be unique */
    weft_dtype dtype;
    uint32_t rank; /* 0 (a scalar) .. WEFT_MAX_RANK */
    uint32_t dims[WEFT_MAX_RANK];
    weft_quant quant;
    const void *data;  /* constant: row-major, this machine's byte order; NULL for an activation */
    uint32_t producer; /* node that writes it, or WEFT_NONE (constants, inputs) */

    /* Valid after weft_graph_check: the nodes that read it, ascending; a node that reads it twice
     * is listed twice. */
    uint32_t consumer_count;
    const uint32_t *consumers;
} weft_tensor;

typedef struct weft_node {
    weft_op op;
    const char *name;   /* of the source node, for messages; may be empty */
    const char *origin; /* what the file calls its operator, for messages; NULL: nothing */
    /* TFLITE or ONNX: whose arithmetic; FULLY_CONNECTED, MATMUL: or REAL or TFLITE_F32; MUL, PRELU,
     * CONV_2D, TRANSPOSE_CONV: or TFLITE_F32 */
    weft_requant_kind requant;
    uint32_t input_count;
    const uint32_t *inputs; /* tensors; WEFT_NONE for an absent optional one */
    uint32_t output;        /* tensor */
    union {
        weft_conv_2d conv_2d; /* also TRANSPOSE_CONV */
        weft_fully_connected fully_connected;
        weft_matmul matmul;
        weft_pool_2d pool_2d; /* both pools */
        weft_mean mean;
        weft_elementwise elementwise; /* ADD SUB MUL MINIMUM MAXIMUM */
        weft_table table;
        weft_table_pair table_pair;
        weft_transpose transpose;
        weft_pad pad;
        weft_concat concat;
        weft_slice slice;
        weft_resize_nearest resize_nearest;
        weft_resize_bilinear resize_bilinear;
        weft_softmax softmax;
        weft_argmax argmax;
        weft_layer_normalization layer_normalization;
        weft_real_function function;
    } attr; /* the member that op says */
} weft_node;

/* A graph input or output as the model's user knows it.
 * Axis i of the canonical tensor is axis perm[i] of the model's tensor, so a model input float32
 * NCHW with a canonical NHWC tensor has perm 0 2 3 1; dims are the model's.
 * dtype is that of the tensor, or UINT8 where the tensor is INT8 and its values are the model's
 * minus 128, or INT64 where the tensor is INT32 and the model's integers are wider (inputs beyond it
 * become the nearest).  For a float32
 * input, scale and zero point are those of the QUANTIZE node after it. */
typedef struct weft_port {
    const char *name;
    weft_dtype dtype;
    uint32_t rank;
    uint32_t dims[WEFT_MAX_RANK];
    uint32_t perm[WEFT_MAX_RANK];
    uint32_t tensor;
} weft_port;

typedef struct weft_graph {
    uint32_t tensor_count;
    weft_tensor *tensors;
    uint32_t node_count;
    weft_node *nodes;
    uint32_t input_count;
    weft_port *inputs;
    uint32_t output_count;
    weft_port *outputs;
    int checked;           /* 1 from a successful weft_graph_check to the next change */
    const uint32_t *order; /* node_count nodes, producers first; valid if checked */
    weft_source source;    /* the model file, if there is one; its importer fills it in */
    struct weft_graph_private *own;
} weft_graph;

/* --- building ----------------------------------------------------------------------------- */

enum { WEFT_TENSOR_BORROW_DATA = 1 }; /* data stays the caller's and outlives the graph */

typedef struct weft_tensor_desc {
    const char *name; /* NULL is "" */
    weft_dtype dtype;
    uint32_t rank;
    uint32_t dims[WEFT_MAX_RANK]; /* each >= 1, product <= WEFT_MAX_ELEMENTS */
    weft_quant quant;
    const void *data; /* NULL, or the elements */
    unsigned flags;
} weft_tensor_desc;

typedef struct weft_node_desc {
    weft_op op;
    const char *name; /* NULL is "" */
    weft_requant_kind requant;
    uint32_t input_count;
    const uint32_t *inputs;
    uint32_t output;
    const void *attr; /* the struct of this op, copied with all it points to; NULL if it has none */
} weft_node_desc;

/* An empty graph.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY. */
int weft_graph_new(weft_graph **out);

/* Free the graph and all it owns.  NULL is allowed. */
void weft_graph_free(weft_graph *g);

/* Add a tensor; *out (may be NULL) is its index.
 * Returns WEFT_OK, WEFT_ERR_ARG (rank, a zero dim, too many elements, quant.count or axis not
 * matching the dims, unknown dtype), WEFT_ERR_NO_MEMORY. */
int weft_graph_add_tensor(weft_graph *g, const weft_tensor_desc *desc, uint32_t *out);

/* Add a node; *out (may be NULL) is its index.  The output must have neither data nor a producer.
 * Returns WEFT_OK, WEFT_ERR_ARG (unknown op, arity, an index out of range, missing attr, output
 * already written), WEFT_ERR_NO_MEMORY. */
int weft_graph_add_node(weft_graph *g, const weft_node_desc *desc, uint32_t *out);

/* Add a graph input; name is copied.
 * Returns WEFT_OK, WEFT_ERR_ARG (tensor out of range, rank or dims not the permuted ones of the
 * tensor, dtype), WEFT_ERR_NO_MEMORY. */
int weft_graph_add_input(weft_graph *g, const weft_port *port);

/* Add a graph output.  Returns as weft_graph_add_input. */
int weft_graph_add_output(weft_graph *g, const weft_port *port);

/* Make an output of every int8 tensor that a node makes, under its name, so that no layers are
 * fused and each can be compared; and check the graph again. */
int weft_graph_expose(weft_graph *g, weft_error *err);

/* What the file calls the operator of which nodes are added from now on (borrowed until they are); NULL: nothing. */
void weft_graph_origin(weft_graph *g, const char *op);

/* What messages call the operator of a node: as the file does, if it is known. */
const char *weft_node_op_text(const weft_node *n);

/* Memory that lives as long as the graph, zeroed, aligned for anything; NULL if there is none. */
void *weft_graph_alloc(weft_graph *g, size_t bytes);

/* --- checking ----------------------------------------------------------------------------- */

/* Prove the canonical form above and fill order and the consumers.
 * Returns WEFT_OK, or with a sentence naming node or tensor
 *   WEFT_ERR_FORMAT       a cycle, a tensor read but never written, no input or no output
 *   WEFT_ERR_SHAPE        shapes, types or quantisations that must agree do not
 *   WEFT_ERR_UNSUPPORTED  outside the canonical form (batch, a layout, weights not constant)
 *   WEFT_ERR_RANGE        a scale or an accumulator outside the exact arithmetic
 *   WEFT_ERR_NO_MEMORY */
int weft_graph_check(weft_graph *g, weft_error *err);

/* Say everything that weft_graph_check would refuse of single tensors and nodes, whether or not the
 * graph is whole: operator ("tensor" for those) and name of each, and its sentence. */
typedef void weft_refused(void *to, const char *op, const char *name, const weft_error *err);
void weft_graph_check_each(const weft_graph *g, weft_refused *refused, void *to);

/* --- reading ------------------------------------------------------------------------------ */

/* "CONV_2D"; "?" for a number that is no operator. */
const char *weft_op_name(weft_op op);

/* Its class; HOST of a number that is no operator. */
weft_op_class weft_op_class_of(weft_op op);

/* Its kind of attributes; NONE of a number that is no operator. */
weft_attr_kind weft_op_attr(weft_op op);

/* Why it runs where its class does, a clause; "" where that needs no saying, and of a number that is no operator. */
const char *weft_op_why(weft_op op);

/* Input i of a node; NULL if it is absent. */
const weft_tensor *weft_node_input(const weft_graph *g, const weft_node *n, uint32_t i);

/* "int8"; "?" for a number that is no type. */
const char *weft_dtype_name(weft_dtype dtype);

/* Bytes of one element; 0 for a number that is no type. */
size_t weft_dtype_bytes(weft_dtype dtype);

/* Elements of a tensor; 1 of a scalar. */
uint64_t weft_tensor_elements(const weft_tensor *t);

/* Bytes of a tensor. */
size_t weft_tensor_bytes(const weft_tensor *t);

/* Bytes of an input or output in the model's type. */
size_t weft_port_bytes(const weft_graph *g, const weft_port *port);

/* --- the arithmetic that follows from scales ---------------------------------------------- */

/* Scale of a channel; a per-tensor quantisation answers for every channel. */
float weft_quant_scale(const weft_quant *q, uint32_t channel);

/* Likewise the zero point. */
int32_t weft_quant_zero_point(const weft_quant *q, uint32_t channel);

/* Requantisation of a product of both inputs, by output channel: CONV_2D, FULLY_CONNECTED,
 * TRANSPOSE_CONV, MATMUL, MUL, and PRELU where x < 0.
 *   TFLITE  from_double(double(scale_x) * double(scale_w) / double(scale_y))
 *   ONNX    from_float(scale_x * scale_w / scale_y), each step rounded to float32
 *   REAL    from_real(double(scale_x) * double(scale_w) / double(scale_y))
 *   TFLITE_F32  from_double(double(scale_x * scale_w rounded to float32) / double(scale_y)); MUL, PRELU:
 *           from_double(scale_x * scale_w / scale_y), each step rounded to float32
 * Returns WEFT_OK, WEFT_ERR_ARG (another op), WEFT_ERR_RANGE. */
int weft_node_requant(const weft_graph *g, const weft_node *n, uint32_t channel, weft_requant *out);

/* Requantisation of an AVERAGE_POOL_2D window with this many counted taps; *kind is DIV for a
 * TFLITE node (apply to the sum of x, zero point 0), ONNX for an ONNX node (apply to the sum of
 * x - zp_x).  Returns as weft_node_requant. */
int weft_node_pool_requant(const weft_graph *g, const weft_node *n, uint32_t taps,
                           weft_requant_kind *kind, weft_requant *out);

/* PRELU where x >= 0: the factor is scale_x / scale_y.  Returns as weft_node_requant. */
int weft_node_positive_requant(const weft_graph *g, const weft_node *n, weft_requant *out);

/* MEAN over `taps` elements, applied to sum (x - zp_x).
 *   TFLITE  from_double(scale_x / scale_y) gives m and s; then k = min(log2 taps rounded down, 32,
 *           31 + s), mult = (m << k) / taps rounded down, shift = s - k
 *   ONNX    from_float(scale_x / (scale_y * taps))
 * Returns as weft_node_requant. */
int weft_node_mean_requant(const weft_graph *g, const weft_node *n, weft_requant *out);

/* 1 if float32 has scale times every integer up to greatest, so that no sum of such is rounded. */
int weft_scale_is_short(float scale, uint64_t greatest);

/* 1 for a MEAN of kind ONNX that is the float32 mean of the reals, quantised: one that says how
 * float32 adds, or of which float32 loses nothing before it divides. */
int weft_node_mean_divides(const weft_graph *g, const weft_node *n);

/* 1 if float32 loses nothing of it before it divides, whatever the order of additions. */
int weft_node_mean_is_short(const weft_graph *g, const weft_node *n);

/* Elements of a MEAN that lie side by side in the real tensor (weft_mean), at least 1. */
uint32_t weft_node_mean_run(const weft_graph *g, const weft_node *n);

/* RESIZE_BILINEAR: the greatest divisors of all weights along rows and columns, and what the sums
 * with weights divided by them go through.  Returns WEFT_ERR_RANGE if a scale does not fit. */
int weft_node_bilinear_requant(const weft_graph *g, const weft_node *n, uint32_t unit[2],
                               weft_requant_kind *kind, weft_requant *out);

/* The elements a MEAN averages for each of its results. */
uint64_t weft_node_mean_taps(const weft_graph *g, const weft_node *n);

/* 1 if the output of the node is float32. */
int weft_node_is_real(const weft_graph *g, const weft_node *n);

/* The products, or the terms of a sum, that an element of the output is made of, at least 1; 1 for operators that take time in
 * proportion to what they read and write. */
uint64_t weft_node_products(const weft_graph *g, const weft_node *n);

/* ADD and SUB, both kinds; see weft_ref_add for how they are used. */
typedef struct weft_add_params {
    int32_t zero_point[2], zero_point_out; /* as in the tensors */
    /* TFLITE */
    uint32_t left_shift;
    weft_requant in[2], out;
    int subtract; /* the second rescaled input is subtracted */
    /* ONNX */
    float ratio[2]; /* ADD: scale_i / scale_out */
    float fixed;    /* ADD: zp_out - fma(ratio0, zp0, ratio1 * zp1), each zero point plus offset */
    float scale[2], scale_out; /* SUB */
    int32_t offset;
    int32_t zero_after; /* added behind the rounding: ADD -offset, SUB zp_out */
} weft_add_params;

/* Returns as weft_node_requant. */
int weft_node_add_params(const weft_graph *g, const weft_node *n, weft_add_params *out);

/* The largest |accumulator| any int8 input can cause in a CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV,
 * MATMUL, AVERAGE_POOL_2D or MEAN, in any order of summation, bias included: max over output
 * channels of |bias| + sum over taps of |w - zp_w| * max |x - zp_x|.  0 for other operators. */
uint64_t weft_graph_accumulator_bound(const weft_graph *g, const weft_node *n);

#endif

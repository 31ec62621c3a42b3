/* What the parts of the TensorFlow Lite importer share.  Private to import/tflite*.c.
 *
 * Every tensor of the file has a value.  A value is constant (data), or becomes a tensor of the
 * graph when the operator that makes it is imported.  Handlers run in the order of the file. */
#ifndef WEFT_TFLITE_IMPORT_H
#define WEFT_TFLITE_IMPORT_H

#include "flatbuffer.h"
#include "models/import/refusals.h"
#include "tflite.h"

/* TensorType of the schema. */
enum {
    TFL_FLOAT32 = 0,
    TFL_FLOAT16 = 1,
    TFL_INT32 = 2,
    TFL_UINT8 = 3,
    TFL_INT64 = 4,
    TFL_STRING = 5,
    TFL_BOOL = 6,
    TFL_INT16 = 7,
    TFL_INT8 = 9,
    TFL_INT4 = 17
};

enum {
    TFL_MAX_INTS = 4096,   /* elements of a tensor that shape arithmetic looks at */
    TFL_OBJECT_BYTES = 256 /* what a node or tensor of the graph costs, for the budget */
};

/* A value of float32 or bool (0 and 1) that one byte decides: at[q + 128] for the byte q of source.
 */
typedef struct tfl_function {
    uint32_t source; /* of the graph */
    enum {
        TFL_COMPUTED,
        TFL_STORED, /* what DEQUANTIZE of source gives */
        TFL_ROUNDED /* the same bytes after the QUANTIZE that reads it, and only that */
    } kind;
    float at[256];
} tfl_function;

/* A float32 that a byte of source and the place along a constant decide, as the product with a
 * factor for each channel: at[class * 256 + q + 128], where class is that of the place. */
typedef struct tfl_wide {
    uint32_t source,
        places;       /* of the graph; places: a constant int8 that broadcasts, class - 128 */
    uint32_t classes; /* at most 256 */
    float *at;
} tfl_wide;

/* What keeps its bytes from run to run. */
typedef struct tfl_variable {
    const char *name;
    uint32_t tensor, input; /* of the graph: as it is now; as the run found it; or WEFT_NONE */
    uint64_t elements;      /* of either */
    const struct tfl_value *value; /* assigned last, or NULL */
    int begins;                    /* a CALL_ONCE fills it with `first` */
    uint8_t first;
} tfl_variable;

enum { TFL_VARIABLES = 128 };

typedef struct tfl_value {
    const char *name;
    int type; /* TensorType */
    uint32_t rank;
    uint32_t dims[WEFT_MAX_RANK];
    uint64_t elements;
    int refused;            /* what it would be is not known: its operator was refused */
    int open;               /* an axis other than the batch has no fixed size; shape says 1 there */
    weft_quant quant;       /* uint8 zero points already less 128 */
    const uint8_t *data;    /* constant, as in the file; NULL otherwise */
    uint32_t tensor;        /* of the graph, or WEFT_NONE so far */
    uint32_t variable;      /* one more than the place of the variable it is a handle of, or 0 */
    tfl_function *function; /* NULL: it is none */
    tfl_wide *wide;         /* NULL: it is none */
} tfl_value;

typedef struct tfl_import {
    fb file;
    weft_graph *graph;
    weft_error *err; /* never NULL */
    refusals *refused;
    weft_truth truth;
    weft_requant_kind products; /* how those are rounded */
    size_t subgraph;
    fb_vector opcodes, buffers, operators;
    uint32_t value_count;
    tfl_value *values;
    uint32_t variable_count;
    tfl_variable variables[TFL_VARIABLES];
    uint64_t budget;    /* bytes that may still be made: bounds what a small file can cost */
    uint64_t looked_at; /* operators and their ends in searches: bounds the time */
} tfl_import;

typedef struct tfl_node {
    const char *op;   /* "CONV_2D" */
    const char *name; /* of its first output */
    int code;         /* BuiltinOperator */
    size_t options;   /* table, may be 0 */
    fb_vector inputs, outputs;
} tfl_node;

typedef int tfl_handler(tfl_import *im, const tfl_node *n);

/* The name of a BuiltinOperator; "?" for a number that is none. */
const char *tfl_op_name(int code);

/* "float32"; "?" for an unknown number. */
const char *tfl_type_name(int type);

enum { TFL_MOST_LOOKED_AT = 50000000 };

/* Import an operator of the file, or gather why it is refused and go on with placeholders for what
 * it makes.  A status other than WEFT_OK is the end. */
int tfl_dispatch(tfl_import *im, size_t op);

/* tflite_operator.c: the builtin code of the operator at this table of the file, and its row of the
 * operator codes; -1 if the file does not say. */
int tfl_op_code(tfl_import *im, size_t op, size_t *table);

/* The parts of it that need no check; code -1 if it has none. */
void tfl_read_node(tfl_import *im, size_t op, tfl_node *n);

/* What to do about a network that computes in float32: the converter's full integer quantisation. */
#define TFL_CONVERT_WHOLE                                                                          \
    "quantise the model to int8 throughout: convert with optimizations = [Optimize.DEFAULT], a "   \
    "representative_dataset and supported_ops = [OpsSet.TFLITE_BUILTINS_INT8]"

/* A sentence that begins with operator and name; returns status.  TFL_REFUSE with
 * im, n in scope. */
int tfl_refuse(tfl_import *im, const tfl_node *n, int status, const char *format, ...)
    WEFT_PRINTF(4, 5);
#define TFL_REFUSE(status, ...) tfl_refuse(im, n, status, __VA_ARGS__)

/* --- values (tflite_value.c) -------------------------------------------------------------- */

/* Zeroed memory that lives as long as the graph, within the budget; else NULL and a sentence. */
void *tfl_alloc(tfl_import *im, uint64_t bytes);

/* The bytes of a constant, this tensor of the file: in the FlatBuffer, or behind it at an offset of
 * the file; *count 0: it has none.  NULL, or what is wrong. */
const char *tfl_buffer(tfl_import *im, size_t tensor, size_t *at, uint64_t *count);

/* Read every tensor of the subgraph. */
int tfl_read_values(tfl_import *im);

/* 1 if it is int8 or uint8. */
int tfl_is_byte(const tfl_value *v);

/* Input i of a node; NULL if it is absent. */
tfl_value *tfl_in(tfl_import *im, const tfl_node *n, uint32_t i);

/* Output i; NULL if it is absent. */
tfl_value *tfl_out(tfl_import *im, const tfl_node *n, uint32_t i);

/* tflite_tensor.c: the tensor of a value, which is made if the value is constant.  WEFT_ERR_SHAPE if it is neither
 * constant nor computed. */
int tfl_tensor(tfl_import *im, const tfl_node *n, tfl_value *v, uint32_t *tensor);

/* The integers of a constant int32 or int64 value; *count of them, at most most. */
int tfl_ints(tfl_import *im, const tfl_node *n, const tfl_value *v, uint32_t most, int64_t *out,
             uint32_t *count);

/* An axis, negative counts from the end, of a tensor of this rank. */
int tfl_axis(tfl_import *im, const tfl_node *n, int64_t axis, uint32_t rank, uint32_t *out);

/* What the graph needs to know of a value. */
int tfl_desc(tfl_import *im, const tfl_node *n, const tfl_value *v, weft_tensor_desc *d);

/* A tensor of the graph as described; data is copied. */
int tfl_add_tensor(tfl_import *im, const tfl_node *n, const weft_tensor_desc *d, uint32_t *tensor);

/* --- nodes (tflite_node.c) --- */

/* A node of the graph between tensors that exist. */
int tfl_node_add(tfl_import *im, const tfl_node *n, weft_op op, const void *attr, uint32_t count,
                 const uint32_t *inputs, uint32_t output);

/* What a node makes before it is fitted to the tensor that the file declares. */
typedef struct tfl_result {
    uint32_t rank;
    uint32_t dims[WEFT_MAX_RANK];
    const weft_quant *quant; /* NULL: that of the declared tensor */
} tfl_result;

/* Add a node whose natural result is r, or exactly the declared output if r is NULL; a RESHAPE and
 * a TABLE that keeps every byte follow where the declared output differs in shape or
 * quantisation. */
int tfl_emit(tfl_import *im, const tfl_node *n, uint32_t output, weft_op op, const void *attr,
             uint32_t count, const uint32_t *inputs, const tfl_result *r);

/* tfl_emit for an operator on NHWC images, which a graph has one at a time: a batch is cut,
 * computed image by image, and joined.  inputs[0] is the batch, the others are constants. */
int tfl_emit_images(tfl_import *im, const tfl_node *n, weft_op op, const void *attr, uint32_t count,
                    const uint32_t *inputs, const tfl_result *r);

/* The same elements in another shape; *tensor is replaced if that needs a node. */
int tfl_reshape(tfl_import *im, const tfl_node *n, uint32_t rank, const uint32_t *dims,
                uint32_t *tensor);

/* A node on the way; *tensor becomes its result of these dims, on the scale of what it was. */
int tfl_step(tfl_import *im, const tfl_node *n, weft_op op, const void *attr, uint32_t rank,
             const uint32_t *dims, uint32_t *tensor);

/* The same bytes with another quantisation, as the kernels that ignore it see them. */
int tfl_reinterpret(tfl_import *im, const tfl_node *n, const weft_quant *quant, uint32_t *tensor);

/* The clamp of a fused activation in steps of the output. */
int tfl_clamp(tfl_import *im, const tfl_node *n, int activation, const weft_quant *quant,
              weft_clamp *out);

/* --- handlers ----------------------------------------------------------------------------- */

/* tflite_fold.c: operators on constants; folded is set if it was one. */
int tfl_fold(tfl_import *im, const tfl_node *n, int *folded);
tfl_handler tfl_shape, tfl_reshape_like;

/* tflite_constant.c: input 0 is constant and so becomes output 0, by a table of 256 bytes; or by
 * QUANTIZE of float32. */
int tfl_constant_table(tfl_import *im, const tfl_node *n, const int8_t *entries);
int tfl_constant_quantize(tfl_import *im, const tfl_node *n);

/* tflite_weights.c: constants of a node with input x and one scale on its output; axis 0 of the
 * tensor are the channels.  A bias that is absent is WEFT_NONE. */
int tfl_weights(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *w,
                int depthwise, uint32_t *tensor);
int tfl_bias(tfl_import *im, const tfl_node *n, const tfl_value *b, uint32_t channels,
             uint32_t *tensor);

/* tflite_conv.c */
tfl_handler tfl_conv_2d, tfl_depthwise_conv_2d, tfl_transpose_conv, tfl_fully_connected,
    tfl_average_pool_2d, tfl_max_pool_2d;

/* tflite_elementwise.c */
tfl_handler tfl_add, tfl_sub, tfl_mul, tfl_minimum, tfl_maximum, tfl_prelu, tfl_mean,
    tfl_reduce_max, tfl_reduce_min, tfl_sum, tfl_softmax, tfl_log_softmax, tfl_l2_normalization,
    tfl_arg_max, tfl_arg_min, tfl_batch_matmul, tfl_quantize, tfl_dequantize;

/* int8 in and out, one scale each. */
int tfl_check_ends(tfl_import *im, const tfl_node *n, uint32_t inputs);

/* tflite_pair.c: two operands whose kernel is neither a sum nor a product. */
tfl_handler tfl_squared_difference, tfl_div;

/* tflite_move.c */

/* The operand of a copy as a tensor of bytes, and what it makes: rank, dims and scale of x. */
int tfl_move_start(tfl_import *im, const tfl_node *n, uint32_t input, uint32_t *tensor,
                   tfl_result *r);
tfl_handler tfl_pad, tfl_concatenation, tfl_pack, tfl_unpack, tfl_split, tfl_split_v, tfl_slice,
    tfl_strided_slice, tfl_transpose, tfl_gather, tfl_resize_nearest, tfl_resize_bilinear;

/* tflite_resize_uint8.c: RESIZE_BILINEAR of uint8 by this rule, from the tensor `in` to r. */
int tfl_resize_bilinear_uint8(tfl_import *im, const tfl_node *n, int align_corners, int half,
                              uint32_t in, const tfl_result *r);

/* tflite_state.c */
tfl_handler tfl_var_handle, tfl_call_once, tfl_read_variable, tfl_assign_variable;

/* Make outputs of the variables that were assigned. */
int tfl_add_states(tfl_import *im);

/* tflite_space.c */
tfl_handler tfl_depth_to_space, tfl_space_to_depth, tfl_space_to_batch, tfl_batch_to_space;

/* tflite_repeat.c */
tfl_handler tfl_tile, tfl_broadcast_to, tfl_reverse, tfl_mirror_pad;

/* tflite_select.c */
tfl_handler tfl_compare, tfl_select;

/* tflite_float.c */

/* y is DEQUANTIZE of the int8 tensor, as a function so far. */
int tfl_function_of(tfl_import *im, const tfl_node *n, uint32_t source, tfl_value *y);

/* Give a function a tensor of the graph, if it is a plain DEQUANTIZE. */
int tfl_function_tensor(tfl_import *im, const tfl_node *n, tfl_value *v);

/* The 256 bytes that QUANTIZE makes of the function x. */
int tfl_function_bytes(tfl_import *im, const tfl_node *n, const tfl_value *x,
                       const weft_quant *quant, int8_t *entries);

/* QUANTIZE of the function x: a TABLE. */
int tfl_function_quantize(tfl_import *im, const tfl_node *n, const tfl_value *x);

/* The node on functions of one byte; done is 0 if it is not such a node. */
int tfl_float(tfl_import *im, const tfl_node *n, int *done);

/* tflite_wide.c: the same where one operand is a constant of several numbers, and the TABLE_PAIR
 * that QUANTIZE makes of the result. */
int tfl_float_wide(tfl_import *im, const tfl_node *n, int *done);

/* QUANTIZE of such a result: a TABLE_PAIR. */
int tfl_wide_quantize(tfl_import *im, const tfl_node *n, const tfl_value *x);

/* The option of an operator that its float function takes behind its inputs. */
float tfl_float_option(tfl_import *im, const tfl_node *n);

/* tflite_float_move.c: 1 for operators that only move data. */
int tfl_is_move(int code);

/* Such an operator on float32, by moving bytes on one scale; done is 0 if there is no such scale. */
int tfl_float_move(tfl_import *im, const tfl_node *n, tfl_handler *move, int *done);

/* tflite_float_ops.c */
typedef struct tfl_float_op {
    int code; /* BuiltinOperator */
    uint32_t inputs;
    int fused;                    /* field 0 of its options is an activation */
    float (*of)(const float *in); /* of the inputs, and the option: alpha of LEAKY_RELU, 1 for the
                                     form of GELU by tanh */
} tfl_float_op;

/* NULL if there is no such operator. */
const tfl_float_op *tfl_float_find(int code, uint32_t inputs);

/* The operator that a fused activation is; -1 for none and for those that are not known. */
int tfl_activation_code(int activation);

/* x/2 * erfc(-x/sqrt(2)), or the form with tanh, in float32. */
float tfl_gelu(float x, int by_tanh);

/* Refuses: for operators that have no int8 kernel. */
tfl_handler tfl_float_only;

/* tflite_table.c: the kernels of one operand as tables. */

/* 1 for an operator that LiteRT's kernels judge: all if they are the truth, and those of uint8. */
int tfl_by_litert(const tfl_import *im);

/* a / b as the kernels compute it: in float32 or in double. */
double tfl_ratio(const tfl_import *im, float a, float b);

/* A factor as QuantizeMultiplier splits it; unlike weft_requant it may be negative. */
typedef struct tfl_factor {
    int32_t mult;
    int shift;
} tfl_factor;

/* Splits a real factor. */
tfl_factor tfl_factor_of(double real);

/* x times the factor by double rounding; a left shift that leaves int32 wraps. */
int32_t tfl_factor_times(int32_t x, tfl_factor f);

tfl_handler tfl_relu, tfl_relu6, tfl_relu_n1_to_1, tfl_relu_0_to_1, tfl_leaky_relu, tfl_hard_swish,
    tfl_logistic, tfl_tanh, tfl_abs, tfl_elu, tfl_exp, tfl_log, tfl_sqrt, tfl_rsqrt, tfl_gelu_node;
int tfl_requantize(tfl_import *im, const tfl_node *n);

#endif

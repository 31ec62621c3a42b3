/* ONNX operators on arrays: what an importer folds constants with, and the float reference of a
 * whole model (models/quantize/float/float_net.h).
 *
 *     eval_run run = { .err = &err, .opset = 13, .left = EVAL_ELEMENTS };
 *     nd out[1] = { 0 };
 *     rc = eval_node(&run, node, in, in_count, out);     // in[i] is NULL where an input is absent
 *     nd_free(&out[0]);
 *
 * Plain loops by the text of the ONNX operator documentation.  Floating types are computed in
 * float32 and rounded to 16 bits afterwards, integers and bool in int64 and wrapped.
 *
 * Nothing is trusted: shapes, indices and attributes are checked, and what an array may hold is
 * limited by `left`, so no node can ask for more memory than its caller grants.  Every failure is
 * one sentence that names the node.  No state; any thread. */
#ifndef WEFT_EVAL_H
#define WEFT_EVAL_H

#include <stddef.h>
#include <stdint.h>

#include "onnx.pb-c.h"
#include <weft/weft_status.h>

enum { ND_MAX_RANK = 8 };

#define EVAL_ELEMENTS ((uint64_t)1 << 28) /* what one model may hold at a time */

/* Row-major; floating types in f, all others in i; the other pointer is NULL. */
typedef struct nd {
    int32_t type; /* ONNX__TENSOR_PROTO__DATA_TYPE__... */
    uint32_t rank;
    size_t dims[ND_MAX_RANK];
    size_t count;
    float *f;
    int64_t *i;
} nd;

typedef struct eval_run {
    weft_error *err;
    int64_t opset;
    uint64_t left;               /* elements that may still be made */
    uint64_t *work;              /* products that may still be computed; NULL: any number */
    const Onnx__NodeProto *node; /* set by eval_node, for sentences and attributes */
} eval_run;

/* --- eval.c: the table of operators --- */

/* Compute node->n_output arrays (an absent output stays empty); out must be zeroed.  Returns
 * WEFT_OK or a status with a sentence; *out is empty then. */
int eval_node(eval_run *r, const Onnx__NodeProto *node, const nd *const *in, size_t in_count,
              nd *out);

/* 1 if the operator is in the table. */
int eval_knows(const Onnx__NodeProto *node);

/* 1 if it is, and takes time in proportion to its inputs and outputs only. */
int eval_folds(const Onnx__NodeProto *node);

/* Largest number of outputs of a node that eval_node takes. */
enum { EVAL_MAX_OUTPUTS = 64 };

/* --- eval_nd.c: arrays --- */

/* A zeroed array; takes its elements from r->left. */
int nd_new(eval_run *r, int32_t type, uint32_t rank, const size_t *dims, nd *out);

/* Frees the elements and zeroes the array; allowed for a zeroed one. */
void nd_free(nd *a);

/* A copy of an array; takes its elements from r->left. */
int nd_copy(eval_run *r, const nd *from, nd *out);

/* 1 if values of this type are kept in f. */
int nd_is_float(int32_t type);

/* 1 if an array can have this type. */
int nd_type_known(int32_t type);

/* As sentences have it, "int4"; "undefined" for what is no type of ONNX. */
const char *nd_type_name(int32_t type);

/* An integer as its type keeps it: modulo 2^bits, bool as 0 or 1. */
int64_t nd_wrap(int32_t type, int64_t v);

/* Make floats of 16 bits what their type can hold: computed in float32, rounded half to even. */
void nd_round(nd *a);

/* A number without its fraction; the ends of int64 for what lies beyond, 0 for NaN. */
int64_t nd_whole(double v);

/* Element i as float32, whatever the type. */
float nd_float(const nd *a, size_t i);

/* The elements one step along each axis apart. */
void nd_strides(const nd *a, size_t *stride);

/* Row-major indices over dims, the last axis fastest: 0 when all have been seen. */
int nd_next(uint32_t rank, const size_t *dims, size_t *index);

/* "Op \"name\": sentence"; returns status. */
int eval_refuse(eval_run *r, int status, const char *format, ...) WEFT_PRINTF(3, 4);

/* Take rows * columns * depth products from r->work; ERR_CAPACITY if there are not so many. */
int eval_take_work(eval_run *r, size_t rows, size_t columns, size_t depth);

/* A TensorProto in any storage field but external files (onnx_file.c brings those in as raw data).
 * Strings and complex numbers are refused. */
int nd_decode(eval_run *r, const Onnx__TensorProto *t, nd *out);

/* Integers of a rank-0 or rank-1 array, at most `most`. */
int eval_ints(eval_run *r, const nd *a, size_t most, int64_t *out, size_t *count);

/* axis + rank where it is negative; refused outside 0..rank-1. */
int eval_axis(eval_run *r, int64_t axis, uint32_t rank, uint32_t *out);

/* --- eval_columns.c: the loops that take the time --- */

enum { EVAL_COLUMNS = 16 };

/* c[m][EVAL_COLUMNS] = a[m][k] * b[k][EVAL_COLUMNS], each sum in ascending k from 0; rows of a are
 * a_step apart, rows of c c_step. */
void eval_multiply_columns(const float *a, size_t a_step, size_t m, size_t k, const float *b,
                           float *c, size_t c_step);

/* --- eval_attr.c: attributes --- */

/* The attribute or NULL. */
const Onnx__AttributeProto *onnx_attr(const Onnx__NodeProto *node, const char *name);

/* The integer of an attribute, or `otherwise` if the node has none of this name. */
int64_t onnx_attr_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise);

/* The number of an attribute, or `otherwise`. */
float onnx_attr_float(const Onnx__NodeProto *node, const char *name, float otherwise);

/* A list of up to ND_MAX_RANK integers that newer opsets have as an input and older ones as an
 * attribute; empty where there is neither. */
int eval_list(eval_run *r, const nd *list, const char *attribute, int64_t *out, size_t *count);

/* The same of "axes", as a bit set over rank and how many there are; none twice. */
int eval_axis_set(eval_run *r, const nd *list, uint32_t rank, unsigned *set, size_t *count);

/* 1 if the text attribute is `text` (or is absent and `otherwise` is). */
int onnx_attr_is(const Onnx__NodeProto *node, const char *name, const char *text,
                 const char *otherwise);

/* --- the operators --- */

typedef int eval_op(eval_run *r, const nd *const *in, size_t count, nd *out);

eval_op eval_constant, eval_constant_of_shape, eval_range, eval_shape, eval_size; /* eval_make.c */
eval_op eval_cast, eval_cast_like, eval_identity, eval_dropout, eval_eye_like;
eval_op eval_unary;                                           /* eval_unary.c */
eval_op eval_binary, eval_compare, eval_variadic, eval_where; /* eval_binary.c */
eval_op eval_clip, eval_prelu;
eval_op eval_reduce, eval_arg, eval_softmax, eval_cum_sum;               /* eval_reduce.c */
eval_op eval_reshape, eval_flatten, eval_squeeze, eval_unsqueeze;        /* eval_shape.c */
eval_op eval_transpose, eval_concat, eval_split, eval_expand, eval_tile; /* eval_move.c */
eval_op eval_slice, eval_gather, eval_pad, eval_depth_to_space, eval_space_to_depth;
eval_op eval_resize;                                                    /* eval_resize.c */
eval_op eval_matmul, eval_matmul_integer, eval_gemm;                    /* eval_matrix.c */
eval_op eval_conv, eval_conv_transpose;                                 /* eval_conv.c */
eval_op eval_pool, eval_global_pool;                                    /* eval_pool.c */
eval_op eval_batch_norm, eval_instance_norm, eval_layer_norm, eval_lrn; /* eval_norm.c */
eval_op eval_quantize, eval_dequantize, eval_dynamic_quantize;          /* eval_quant.c */

#endif

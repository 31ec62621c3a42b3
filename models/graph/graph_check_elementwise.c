/* The rules of the operators on single elements or whole axes, and of the ends of a graph. */
#include "graph.h"

#include <inttypes.h>
#include <math.h>

#include "graph_own.h"

/* --- two operands ------------------------------------------------------------------------- */

/* Both operands broadcast to the output, and no further. */
static int check_pair(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *a = weft_node_input(g, n, 0), *b = weft_node_input(g, n, 1);
    const weft_tensor *y = &g->tensors[n->output];
    int rc = weft_node_is_real(g, n) ? weft_check_reals(g, n, err) : weft_check_operands(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    int fits = weft_check_broadcast(a, y) && weft_check_broadcast(b, y);
    for (uint32_t i = 0; i < y->rank && fits; i++) {
        uint32_t from_a = i + a->rank < y->rank ? 1 : a->dims[i + a->rank - y->rank];
        uint32_t from_b = i + b->rank < y->rank ? 1 : b->dims[i + b->rank - y->rank];
        fits = y->dims[i] == (from_a > from_b ? from_a : from_b);
    }
    return fits ? WEFT_OK
                : REFUSE(WEFT_ERR_SHAPE, "the inputs do not broadcast to the output's shape");
}

int weft_check_table_pair(const weft_graph *g, const weft_node *n, weft_error *err)
{
    if (weft_node_is_real(g, n))
        return REFUSE(WEFT_ERR_SHAPE, "the output must be int8");
    return check_pair(g, n, err);
}

int weft_check_div(const weft_graph *g, const weft_node *n, weft_error *err)
{
    if (!weft_node_is_real(g, n))
        return REFUSE(WEFT_ERR_SHAPE, "the output must be float32");
    return check_pair(g, n, err);
}

static int check_binary(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_pair(g, n, err);
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, n->attr.elementwise.clamp, err);
    if (rc != WEFT_OK)
        return rc;
    int32_t offset = n->attr.elementwise.offset;
    if (offset != 0 && (offset != 128 || n->requant != WEFT_REQUANT_ONNX))
        return REFUSE(WEFT_ERR_RANGE, "the offset is %" PRId32 ", not 0 or (ONNX) 128", offset);
    return WEFT_OK;
}

static int check_sum(const weft_graph *g, const weft_node *n, weft_error *err)
{
    weft_add_params p;
    int rc = check_binary(g, n, err);
    if (rc == WEFT_OK && !weft_node_is_real(g, n) && weft_node_add_params(g, n, &p) != WEFT_OK)
        return REFUSE(WEFT_ERR_RANGE, "the scales give a factor that cannot be represented");
    return rc;
}

int weft_check_add(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_sum(g, n, err);
}

int weft_check_sub(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_sum(g, n, err);
}

int weft_check_mul(const weft_graph *g, const weft_node *n, weft_error *err)
{
    weft_requant rq;
    int rc = check_binary(g, n, err);
    if (rc == WEFT_OK && !weft_node_is_real(g, n) && weft_node_requant(g, n, 0, &rq) != WEFT_OK)
        return REFUSE(WEFT_ERR_RANGE, "the scales give a factor that cannot be represented");
    return rc;
}

static int check_choice(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *y = &g->tensors[n->output];
    int rc = check_binary(g, n, err);
    if (rc == WEFT_OK && !weft_node_is_real(g, n) &&
        (!weft_same_quant(weft_node_input(g, n, 0), y) ||
         !weft_same_quant(weft_node_input(g, n, 1), y)))
        return REFUSE(WEFT_ERR_SHAPE, "both inputs and the output must be quantised alike");
    return rc;
}

int weft_check_minimum(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_choice(g, n, err);
}

int weft_check_maximum(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_choice(g, n, err);
}

int weft_check_prelu(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *alpha = weft_node_input(g, n, 1);
    weft_requant rq;
    if (weft_node_is_real(g, n))
        return check_pair(g, n, err);
    int rc = weft_check_operands(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    if (x->data || !alpha->data)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "alpha must be constant, the other input not");
    if (!weft_same_dims(x, &g->tensors[n->output]) || !weft_check_broadcast(alpha, x))
        return REFUSE(WEFT_ERR_SHAPE, "output and alpha must fit the input's shape");
    if (weft_node_requant(g, n, 0, &rq) != WEFT_OK ||
        weft_node_positive_requant(g, n, &rq) != WEFT_OK)
        return REFUSE(WEFT_ERR_RANGE, "the scales give a factor that cannot be represented");
    return WEFT_OK;
}

/* --- one operand -------------------------------------------------------------------------- */

static int check_one_shape(const weft_graph *g, const weft_node *n, weft_dtype in, weft_dtype out,
                           weft_error *err)
{
    int rc = weft_check_types(g, n, in, out, err);
    if (rc == WEFT_OK && !weft_same_dims(weft_node_input(g, n, 0), &g->tensors[n->output]))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must have one shape");
    return rc;
}

int weft_check_table(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_one_shape(g, n, WEFT_INT8, WEFT_INT8, err);
}

int weft_check_function(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_real_function *f = &n->attr.function;
    int rc = check_one_shape(g, n, WEFT_FLOAT32, WEFT_FLOAT32, err);
    if (rc == WEFT_OK && f->number >= WEFT_REAL_FUNCTIONS)
        return REFUSE(WEFT_ERR_RANGE, "no function %" PRIu32 " is defined", f->number);
    return rc;
}

int weft_check_cast(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_one_shape(g, n, WEFT_INT32, WEFT_FLOAT32, err);
}

int weft_check_lookup(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *table = weft_node_input(g, n, 1);
    int rc = check_one_shape(g, n, WEFT_INT8, WEFT_FLOAT32, err);
    if (rc == WEFT_OK && (!table || !table->data || table->dtype != WEFT_FLOAT32 ||
                          weft_tensor_elements(table) != 256))
        return REFUSE(WEFT_ERR_SHAPE, "the table must be 256 constant float32");
    return rc;
}

int weft_check_quantize(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_one_shape(g, n, WEFT_FLOAT32, WEFT_INT8, err);
}

int weft_check_dequantize(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_one_shape(g, n, WEFT_INT8, WEFT_FLOAT32, err);
}

/* Axes in the mask have size 1 in y, the others that of x. */
static int reduced(const weft_tensor *x, const weft_tensor *y, uint32_t axes)
{
    if (x->rank != y->rank || axes == 0 || axes >> x->rank)
        return 0;
    for (uint32_t i = 0; i < x->rank; i++)
        if (y->dims[i] != (axes >> i & 1 ? 1 : x->dims[i]))
            return 0;
    return 1;
}

/* Every axis of x once, or nothing of integers. */
static int is_order(const weft_mean *a, uint32_t rank)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < rank; i++)
        seen |= 1u << weft_mean_axis(a, i);
    return a->adding == WEFT_MEAN_INTEGERS
               ? a->order == 0
               : seen == (1u << rank) - 1 && a->order >> (rank * WEFT_MEAN_ORDER_BITS) == 0;
}

int weft_check_mean(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_mean *a = &n->attr.mean;
    weft_requant rq;
    const int real = weft_node_is_real(g, n);
    int rc = weft_check_one_type(g, n, err);
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, n->attr.mean.clamp, err);
    if (rc != WEFT_OK)
        return rc;
    if (!reduced(weft_node_input(g, n, 0), &g->tensors[n->output], n->attr.mean.axes))
        return REFUSE(WEFT_ERR_SHAPE,
                      "the output is not the input with the averaged axes of size 1");
    if (n->attr.mean.sum && n->requant != WEFT_REQUANT_TFLITE)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "only the sum of TFLite is defined");
    if ((unsigned)a->adding >= WEFT_MEAN_ADDINGS ||
        (a->adding != WEFT_MEAN_INTEGERS && n->requant != WEFT_REQUANT_ONNX) ||
        !is_order(a, weft_node_input(g, n, 0)->rank) ||
        (a->adding == WEFT_MEAN_RUNS && !weft_mean_has_runs(a, weft_node_input(g, n, 0)->rank)))
        return REFUSE(WEFT_ERR_UNSUPPORTED,
                      "no order of additions %d of axes 0%" PRIo32 " is defined", (int)a->adding,
                      a->order);
    if (real)
        return a->adding != WEFT_MEAN_INTEGERS
                   ? WEFT_OK
                   : REFUSE(WEFT_ERR_UNSUPPORTED, "float32 has no sum of integers");
    if (weft_node_mean_requant(g, n, &rq) != WEFT_OK)
        return REFUSE(WEFT_ERR_RANGE, "the scales give a factor that cannot be represented");
    return weft_check_accumulator(g, n, err);
}

/* Both float32, or both int8 of kind TFLITE with the one output quantisation the kernel has. */
static int check_normalised(const weft_graph *g, const weft_node *n, float scale,
                            int32_t zero_point, float beta, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    if (x->dtype == WEFT_FLOAT32)
        return check_one_shape(g, n, WEFT_FLOAT32, WEFT_FLOAT32, err);
    int rc = check_one_shape(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc != WEFT_OK)
        return rc;
    if (n->requant != WEFT_REQUANT_TFLITE)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "on int8 only the arithmetic of TFLite is defined");
    float found = weft_quant_scale(&y->quant, 0);
    if (found < scale || found > scale || weft_quant_zero_point(&y->quant, 0) != zero_point)
        return REFUSE(WEFT_ERR_UNSUPPORTED,
                      "the output scale must be %g and the zero point %" PRId32, (double)scale,
                      zero_point);
    double steps = (double)weft_quant_scale(&x->quant, 0) * (double)beta * (double)(1 << 26);
    if (!(steps > 1.0))
        return REFUSE(WEFT_ERR_RANGE, "scale times beta is too small for the fixed-point kernel");
    return WEFT_OK;
}

/* int8 of kind ONNX: any scales, but so many steps of the output are one that float32 has them. */
static int check_softmax_steps(const weft_graph *g, const weft_node *n, float beta, weft_error *err)
{
    int rc = check_one_shape(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc != WEFT_OK)
        return rc;
    if (beta < 1.0f || beta > 1.0f)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "beta is %g; of kind ONNX on int8 it must be 1",
                      (double)beta);
    const float scale = weft_quant_scale(&g->tensors[n->output].quant, 0);
    if (!isfinite(1.0f / scale))
        return REFUSE(WEFT_ERR_RANGE, "the output scale %g is too small", (double)scale);
    return WEFT_OK;
}

int weft_check_softmax(const weft_graph *g, const weft_node *n, weft_error *err)
{
    float beta = n->attr.softmax.beta;
    if (!(beta > 0.0f && isfinite(beta)))
        return REFUSE(WEFT_ERR_RANGE, "beta is %g; it must be finite and above 0", (double)beta);
    if (n->requant == WEFT_REQUANT_ONNX && weft_node_input(g, n, 0)->dtype == WEFT_INT8)
        return check_softmax_steps(g, n, beta, err);
    return check_normalised(g, n, 1.0f / 256, -128, beta, err);
}

int weft_check_log_softmax(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_normalised(g, n, 1.0f / 16, 127, 1.0f, err);
}

int weft_check_l2_normalization(const weft_graph *g, const weft_node *n, weft_error *err)
{
    enum { MOST_SQUARES = 32768 }; /* of 255 each, which an int32 can hold */
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int rc = check_one_shape(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc != WEFT_OK)
        return rc;
    if (n->requant != WEFT_REQUANT_TFLITE)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "only the arithmetic of TFLite is defined");
    const float scale = weft_quant_scale(&y->quant, 0);
    if (scale < 1.0f / 128 || scale > 1.0f / 128 || weft_quant_zero_point(&y->quant, 0) != 0)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "the output scale must be 1/128 and the zero point 0");
    if (x->rank == 0 || x->dims[x->rank - 1] > MOST_SQUARES)
        return REFUSE(WEFT_ERR_SHAPE, "the last axis must have at most %d elements", MOST_SQUARES);
    return WEFT_OK;
}

/* A constant of `count` float32 at input i. */
static int holds_floats(const weft_graph *g, const weft_node *n, uint32_t i, uint64_t count)
{
    const weft_tensor *t = weft_node_input(g, n, i);
    return t && t->data && t->dtype == WEFT_FLOAT32 && weft_tensor_elements(t) == count;
}

int weft_check_layer_normalization(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0);
    const weft_layer_normalization *a = &n->attr.layer_normalization;
    uint64_t count = 1;
    int rc = check_one_shape(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, a->clamp, err);
    if (rc != WEFT_OK)
        return rc;
    if (n->requant != WEFT_REQUANT_ONNX)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "only the arithmetic of ONNX is defined");
    if (!(a->epsilon >= 0.0f && isfinite(a->epsilon)))
        return REFUSE(WEFT_ERR_RANGE, "epsilon is %g; it must be finite and not negative",
                      (double)a->epsilon);
    for (uint32_t i = a->axis; i < x->rank; i++)
        count *= x->dims[i];
    if (a->axis >= x->rank || count > WEFT_LAYER_NORMALIZATION_MAX)
        return REFUSE(WEFT_ERR_SHAPE,
                      "from axis %" PRIu32 " on there must be 1 to %d elements to normalise",
                      a->axis, WEFT_LAYER_NORMALIZATION_MAX);
    if (!holds_floats(g, n, 1, count) ||
        (weft_node_input(g, n, 2) && !holds_floats(g, n, 2, count)))
        return REFUSE(WEFT_ERR_SHAPE,
                      "scale and bias must be constant float32, %" PRIu64 " numbers", count);
    return WEFT_OK;
}

int weft_check_argmax(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0);
    const uint32_t axis = n->attr.argmax.axis;
    int rc = weft_check_types(g, n, x->dtype == WEFT_FLOAT32 ? WEFT_FLOAT32 : WEFT_INT8, WEFT_INT32,
                              err);
    if (rc != WEFT_OK)
        return rc;
    if (axis >= x->rank || !reduced(x, &g->tensors[n->output], 1u << axis))
        return REFUSE(WEFT_ERR_SHAPE, "the output is not the input with axis %" PRIu32 " of size 1",
                      axis);
    return WEFT_OK;
}

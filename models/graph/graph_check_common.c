/* What all rules of operators share: the sentence of a refusal, and comparisons of tensors. */
#include "graph.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph_own.h"

int weft_check_refuse(const weft_node *n, weft_error *err, int status, const char *format, ...)
{
    char what[WEFT_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return weft_error_set(err, status, "%s \"%.80s\": %s", weft_node_op_text(n), n->name,
                          length < 0 ? "" : what);
}

int weft_same_dims(const weft_tensor *a, const weft_tensor *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) == 0;
}

int weft_same_quant(const weft_tensor *a, const weft_tensor *b)
{
    if (a->quant.count == 0 || b->quant.count == 0)
        return a->quant.count == b->quant.count;
    float sa = weft_quant_scale(&a->quant, 0), sb = weft_quant_scale(&b->quant, 0);
    return memcmp(&sa, &sb, sizeof sa) == 0 &&
           weft_quant_zero_point(&a->quant, 0) == weft_quant_zero_point(&b->quant, 0);
}

int weft_check_types(const weft_graph *g, const weft_node *n, weft_dtype in, weft_dtype out,
                     weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    if (x->dtype != in || x->data)
        return REFUSE(WEFT_ERR_SHAPE, "the input \"%s\" must be an %s activation", x->name,
                      weft_dtype_name(in));
    if (y->dtype != out)
        return REFUSE(WEFT_ERR_SHAPE, "the output \"%s\" must be %s", y->name,
                      weft_dtype_name(out));
    return WEFT_OK;
}

int weft_check_operands(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int activations = 0;
    for (uint32_t i = 0; i < n->input_count; i++) {
        const weft_tensor *x = weft_node_input(g, n, i);
        if (!x)
            return REFUSE(WEFT_ERR_SHAPE, "the input %" PRIu32 " is absent", i);
        if (x->dtype != WEFT_INT8 || x->quant.count != 1)
            return REFUSE(WEFT_ERR_SHAPE, "the input \"%s\" must be int8 with one scale", x->name);
        activations += !x->data;
    }
    if (activations == 0)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "all inputs are constant");
    if (g->tensors[n->output].dtype != WEFT_INT8)
        return REFUSE(WEFT_ERR_SHAPE, "the output must be int8");
    return WEFT_OK;
}

int weft_check_inputs(const weft_graph *g, const weft_node *n, weft_dtype dtype, weft_error *err)
{
    int activations = 0;
    for (uint32_t i = 0; i < n->input_count; i++) {
        const weft_tensor *x = weft_node_input(g, n, i);
        if (!x || x->dtype != dtype)
            return REFUSE(WEFT_ERR_SHAPE, "the input %" PRIu32 " must be %s", i,
                          weft_dtype_name(dtype));
        activations += !x->data;
    }
    return activations ? WEFT_OK : REFUSE(WEFT_ERR_UNSUPPORTED, "all inputs are constant");
}

int weft_check_reals(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = weft_check_inputs(g, n, WEFT_FLOAT32, err);
    if (rc != WEFT_OK)
        return rc;
    if (n->requant != WEFT_REQUANT_ONNX || !weft_node_is_real(g, n))
        return REFUSE(WEFT_ERR_UNSUPPORTED, "only float32 as ONNX Runtime computes it is defined");
    return WEFT_OK;
}

int weft_check_one_type(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_dtype type = weft_node_is_real(g, n) ? WEFT_FLOAT32 : WEFT_INT8;
    return weft_check_types(g, n, type, type, err);
}

int weft_check_broadcast(const weft_tensor *x, const weft_tensor *y)
{
    if (x->rank > y->rank)
        return 0;
    for (uint32_t i = 0; i < x->rank; i++)
        if (x->dims[x->rank - 1 - i] != 1 && x->dims[x->rank - 1 - i] != y->dims[y->rank - 1 - i])
            return 0;
    return 1;
}

int weft_check_clamp(const weft_node *n, weft_clamp c, weft_error *err)
{
    if (c.lo < -128 || c.hi > 127 || c.lo > c.hi)
        return REFUSE(WEFT_ERR_RANGE, "the clamp %" PRId32 "..%" PRId32 " is not inside int8", c.lo,
                      c.hi);
    return WEFT_OK;
}

int weft_check_accumulator(const weft_graph *g, const weft_node *n, weft_error *err)
{
    uint64_t bound = weft_graph_accumulator_bound(g, n);
    if (bound > INT32_MAX)
        return REFUSE(WEFT_ERR_RANGE,
                      "an accumulator could reach %" PRIu64
                      ", above 2^31-1: fewer taps or smaller biases are needed",
                      bound);
    return WEFT_OK;
}

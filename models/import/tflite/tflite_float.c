/* float32 between int8 tensors: what one byte decides is a table.
 *
 * Converters leave operators without an int8 kernel in float32, between a DEQUANTIZE and a
 * QUANTIZE. As long as all operands come from one int8 tensor (and constants of one element), each
 * float32 (or bool) in between is a function of one byte and is kept as its 256 values, computed as
 * the kernels do; QUANTIZE makes a TABLE of it.  Only DEQUANTIZE itself can also be a tensor of the
 * graph, for what runs on the host. */
#include <math.h>
#include <string.h>

#include "tflite_import.h"

/* --- functions of a byte ------------------------------------------------------------------ */

/* The function y becomes, all zeros; NULL and a sentence. */
static tfl_function *new_function(tfl_import *im, const tfl_node *n, uint32_t source, tfl_value *y)
{
    if (y->tensor != WEFT_NONE || y->data || y->function || y->wide) {
        (void)TFL_REFUSE(WEFT_ERR_FORMAT, "its output is already there");
        return NULL;
    }
    y->function = tfl_alloc(im, sizeof *y->function);
    if (y->function)
        y->function->source = source;
    return y->function;
}

int tfl_function_of(tfl_import *im, const tfl_node *n, uint32_t source, tfl_value *y)
{
    const weft_quant *quant = &im->graph->tensors[source].quant;
    if (quant->count != 1)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "\"%.60s\" must have one scale",
                          im->graph->tensors[source].name);
    tfl_function *f = new_function(im, n, source, y);
    if (!f)
        return im->err->status;
    f->kind = TFL_STORED;
    for (int q = 0; q < 256; q++)
        f->at[q] = quant->scale[0] * (float)(q - 128 - quant->zero_point[0]);
    return WEFT_OK;
}

/* The DEQUANTIZE that the value is, as a node of the graph. */
int tfl_function_tensor(tfl_import *im, const tfl_node *n, tfl_value *v)
{
    weft_tensor_desc d;
    if (v->function->kind != TFL_STORED)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "its input \"%.60s\" is computed in float32; quantise the model to int8 "
                          "throughout",
                          v->name);
    int rc = tfl_desc(im, n, v, &d);
    if (rc == WEFT_OK)
        rc = tfl_add_tensor(im, n, &d, &v->tensor);
    const tfl_node own = { .op = "DEQUANTIZE", .name = v->name };
    return rc == WEFT_OK ? tfl_node_add(im, &own, WEFT_OP_DEQUANTIZE, NULL, 1, &v->function->source,
                                        v->tensor)
                         : rc;
}

static int is_number(const tfl_value *v)
{
    return v->data && v->type == TFL_FLOAT32 && v->elements == 1;
}

static float number_of(const tfl_value *v)
{
    const uint32_t bits = fb_load_u32(v->data);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The source that all operands share; WEFT_NONE if they are anything else. */
static uint32_t shared_source(tfl_import *im, const tfl_node *n, const tfl_value *y)
{
    uint32_t source = WEFT_NONE;
    for (uint32_t i = 0; i < n->inputs.count; i++) {
        const tfl_value *x = tfl_in(im, n, i);
        if (x && is_number(x))
            continue;
        if (!x || !x->function || x->elements != y->elements || x->rank != y->rank ||
            memcmp(x->dims, y->dims, x->rank * sizeof *x->dims) != 0 ||
            (source != WEFT_NONE && source != x->function->source))
            return WEFT_NONE;
        source = x->function->source;
    }
    return source;
}

float tfl_float_option(tfl_import *im, const tfl_node *n)
{
    enum { LEAKY_RELU = 98, GELU = 150 };
    if (n->code == LEAKY_RELU)
        return fb_f32(&im->file, n->options, 0, 0.0f);
    return n->code == GELU && fb_i8(&im->file, n->options, 0, 0) ? 1.0f : 0.0f;
}

int tfl_float(tfl_import *im, const tfl_node *n, int *done)
{
    tfl_value *y = tfl_out(im, n, 0);
    const tfl_float_op *op = tfl_float_find(n->code, n->inputs.count);
    *done = 0;
    if (!op || (y->type != TFL_FLOAT32 && y->type != TFL_BOOL))
        return WEFT_OK;
    const uint32_t source = shared_source(im, n, y);
    const int fused = op->fused ? fb_i8(&im->file, n->options, 0, 0) : 0;
    const tfl_float_op *clamp = tfl_float_find(tfl_activation_code(fused), 1);
    if (source == WEFT_NONE || (fused && !clamp))
        return WEFT_OK;
    *done = 1;
    tfl_function *f = new_function(im, n, source, y);
    if (!f)
        return im->err->status;
    for (int q = 0; q < 256; q++) {
        float in[4] = { 0 };
        for (uint32_t i = 0; i < op->inputs; i++) {
            const tfl_value *x = tfl_in(im, n, i);
            in[i] = x->function ? x->function->at[q] : number_of(x);
        }
        in[op->inputs] = tfl_float_option(im, n);
        f->at[q] = op->of(in);
        if (fused)
            f->at[q] = clamp->of(&f->at[q]);
    }
    return WEFT_OK;
}

int tfl_float_only(tfl_import *im, const tfl_node *n)
{
    const tfl_value *x = tfl_in(im, n, 0);
    return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                      "it computes %s; that is supported only as a function of one int8 tensor, "
                      "between DEQUANTIZE and QUANTIZE",
                      tfl_type_name(x ? x->type : -1));
}

int tfl_function_bytes(tfl_import *im, const tfl_node *n, const tfl_value *x,
                       const weft_quant *quant, int8_t *entries)
{
    if (quant->count != 1 || !(quant->scale[0] > 0.0f) || !isfinite(quant->scale[0]))
        return TFL_REFUSE(WEFT_ERR_RANGE, "its output has no positive scale");
    if (quant->zero_point[0] < -128 || quant->zero_point[0] > 127)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its output has a zero point outside its type");
    for (int q = 0; q < 256; q++)
        entries[q] = weft_quantize_value(WEFT_REQUANT_TFLITE, x->function->at[q], quant->scale[0],
                                         quant->zero_point[0]);
    return WEFT_OK;
}

/* The TABLE that a QUANTIZE of a function is. */
int tfl_function_quantize(tfl_import *im, const tfl_node *n, const tfl_value *x)
{
    int8_t entries[256];
    int rc = tfl_function_bytes(im, n, x, &tfl_out(im, n, 0)->quant, entries);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_TABLE, &(weft_table){ entries }, 1,
                                    &x->function->source, NULL)
                         : rc;
}

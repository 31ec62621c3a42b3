/* float32 between int8 tensors that a byte and a place decide: an operand is a constant of several
 * numbers, as the slopes of a PRELU or the factors of channels.
 *
 * Different numbers of the constant are classes, of which there may be 256.  QUANTIZE makes a
 * TABLE_PAIR of byte and class, which the host looks up. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tflite_import.h"

enum {
    BYTES = 256,
    MOST_CLASSES = 256,
    ELEMENT_COST = 16 /* of an element's search for its class, for the budget: bounds the time */
};

static float element(const tfl_value *v, uint64_t i)
{
    const uint32_t bits = fb_load_u32(v->data + i * 4);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static int is_constant(const tfl_value *v)
{
    return v && v->data && v->type == TFL_FLOAT32 && v->elements > 0;
}

/* What is known of the operands. */
typedef struct operands {
    uint32_t source, places, classes; /* places: WEFT_NONE for a new constant */
    const tfl_value *constant;        /* of several numbers, or NULL */
} operands;

/* 1 if x goes with what is known of the others. */
static int joins(operands *o, const tfl_value *x)
{
    if (is_constant(x) && x->elements == 1)
        return 1;
    if (is_constant(x)) {
        const int first = !o->constant && o->places == WEFT_NONE;
        o->constant = x;
        return first;
    }
    if (!x || (!x->function && !x->wide))
        return 0;
    const uint32_t source = x->function ? x->function->source : x->wide->source;
    const int same = o->source == WEFT_NONE || o->source == source;
    o->source = source;
    if (x->function || !same)
        return same;
    const int fits = !o->constant && (o->places == WEFT_NONE || o->places == x->wide->places);
    o->places = x->wide->places;
    o->classes = x->wide->classes;
    return fits;
}

/* All operands decide the result together, which has the shape of those that are no constants. */
static int gather(tfl_import *im, const tfl_node *n, const tfl_value *y, operands *o)
{
    *o = (operands){ WEFT_NONE, WEFT_NONE, 0, NULL };
    for (uint32_t i = 0; i < n->inputs.count; i++) {
        const tfl_value *x = tfl_in(im, n, i);
        if (!joins(o, x))
            return 0;
        if (!x->data && (x->rank != y->rank || memcmp(x->dims, y->dims, x->rank * sizeof *x->dims)))
            return 0;
    }
    return o->source != WEFT_NONE && (o->constant || o->places != WEFT_NONE);
}

/* The different numbers of the constant into classes[], each element's class - 128 into places.
 * 0 if there are too many. */
static uint32_t classify(const tfl_value *v, float *classes, int8_t *places)
{
    uint32_t count = 0;
    for (uint64_t i = 0; i < v->elements; i++) {
        const float x = element(v, i);
        uint32_t k = 0;
        while (k < count && memcmp(&classes[k], &x, sizeof x) != 0)
            k++;
        if (k == MOST_CLASSES)
            return 0;
        classes[k] = x;
        count += k == count;
        places[i] = (int8_t)((int)k - 128);
    }
    return count;
}

/* The tensor of places of a new constant. */
static int add_places(tfl_import *im, const tfl_node *n, operands *o, float *classes)
{
    static const float one = 1.0f;
    static const int32_t zero = 0;
    const tfl_value *v = o->constant;
    if (im->budget / ELEMENT_COST < v->elements)
        return TFL_REFUSE(WEFT_ERR_NO_MEMORY,
                          "the constants need more memory than a file of this size should");
    im->budget -= (ELEMENT_COST - 1) * v->elements;
    int8_t *places = tfl_alloc(im, v->elements);
    if (!places)
        return WEFT_ERR_NO_MEMORY;
    o->classes = classify(v, classes, places);
    if (o->classes == 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "it computes float32 with more than %d different constants",
                          (int)MOST_CLASSES);
    weft_tensor_desc d = { .name = v->name,
                           .dtype = WEFT_INT8,
                           .rank = v->rank,
                           .quant = { 1, 0, &one, &zero },
                           .data = places };
    memcpy(d.dims, v->dims, sizeof d.dims);
    return tfl_add_tensor(im, n, &d, &o->places);
}

static float operand(const tfl_value *x, const operands *o, const float *classes, uint32_t k,
                     uint32_t q)
{
    if (x->wide)
        return x->wide->at[k * BYTES + q];
    if (x->function)
        return x->function->at[q];
    return x == o->constant ? classes[k] : element(x, 0);
}

int tfl_float_wide(tfl_import *im, const tfl_node *n, int *done)
{
    tfl_value *y = tfl_out(im, n, 0);
    const tfl_float_op *op = tfl_float_find(n->code, n->inputs.count);
    const int fused = op && op->fused ? fb_i8(&im->file, n->options, 0, 0) : 0;
    const tfl_float_op *clamp = tfl_float_find(tfl_activation_code(fused), 1);
    float classes[MOST_CLASSES] = { 0 };
    operands o;
    *done = op && y->type == TFL_FLOAT32 && (!fused || clamp) && gather(im, n, y, &o);
    if (!*done)
        return WEFT_OK;
    if (y->tensor != WEFT_NONE || y->data || y->function || y->wide)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "its output is already there");
    int rc = o.constant ? add_places(im, n, &o, classes) : WEFT_OK;
    if (rc != WEFT_OK)
        return rc;
    tfl_wide *w = tfl_alloc(im, sizeof *w);
    float *at = tfl_alloc(im, (uint64_t)o.classes * BYTES * sizeof *at);
    if (!w || !at)
        return WEFT_ERR_NO_MEMORY;
    *w = (tfl_wide){ o.source, o.places, o.classes, at };
    for (uint32_t i = 0; i < o.classes * BYTES; i++) {
        float in[4] = { 0 };
        for (uint32_t k = 0; k < op->inputs; k++)
            in[k] = operand(tfl_in(im, n, k), &o, classes, i / BYTES, i % BYTES);
        in[op->inputs] = tfl_float_option(im, n);
        at[i] = op->of(in);
        if (fused)
            at[i] = clamp->of(&at[i]);
    }
    y->wide = w;
    return WEFT_OK;
}

int tfl_wide_quantize(tfl_import *im, const tfl_node *n, const tfl_value *x)
{
    const weft_quant *quant = &tfl_out(im, n, 0)->quant;
    const uint32_t in[2] = { x->wide->source, x->wide->places };
    if (quant->count != 1 || !(quant->scale[0] > 0.0f) || !isfinite(quant->scale[0]) ||
        quant->zero_point[0] < -128 || quant->zero_point[0] > 127)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its output has no scale and zero point of int8");
    if (im->budget < WEFT_TABLE_PAIR_BYTES)
        return TFL_REFUSE(WEFT_ERR_NO_MEMORY,
                          "the network needs more memory than a file of this size should");
    im->budget -= WEFT_TABLE_PAIR_BYTES;
    int8_t *entries = calloc(1, WEFT_TABLE_PAIR_BYTES);
    if (!entries)
        return TFL_REFUSE(WEFT_ERR_NO_MEMORY, "no memory for its table");
    for (uint32_t i = 0; i < x->wide->classes * BYTES; i++)
        entries[i % BYTES * 256 + i / BYTES] = weft_quantize_value(
            WEFT_REQUANT_TFLITE, x->wide->at[i], quant->scale[0], quant->zero_point[0]);
    int rc = tfl_emit(im, n, 0, WEFT_OP_TABLE_PAIR, &(weft_table_pair){ entries }, 2, in, NULL);
    free(entries);
    return rc;
}

/* Comparisons of one int8 tensor with a number, and SELECT by what they say.
 *
 * Which side SELECT takes is a function of one byte: a TABLE makes it a mask of -128 and 127, and
 * the larger of (side, mask) and (other side, inverse mask), each the smaller of its two, is the
 * side that counts. */
#include <string.h>

#include "models/arith/fixedpoint.h"
#include "tflite_import.h"

enum { LESS = 58, GREATER = 61, GREATER_EQUAL = 62, LESS_EQUAL = 63, EQUAL = 71 };

static int holds(int code, int32_t a, int32_t b)
{
    switch (code) {
    case LESS: return a < b;
    case GREATER: return a > b;
    case GREATER_EQUAL: return a >= b;
    case LESS_EQUAL: return a <= b;
    case EQUAL: return a == b;
    default: return a != b;
    }
}

static int is_number(const tfl_value *v)
{
    return v->data && v->elements == 1;
}

/* In the kernel's common steps. */
static int32_t scaled(int32_t q, const tfl_value *v, tfl_factor by)
{
    return tfl_factor_times((q - v->quant.zero_point[0]) * 256, by);
}

int tfl_compare(tfl_import *im, const tfl_node *n)
{
    tfl_value *v[2] = { tfl_in(im, n, 0), tfl_in(im, n, 1) }, *y = tfl_out(im, n, 0);
    tfl_factor by[2];
    if (!v[0] || !v[1] || v[0]->type != TFL_INT8 || v[1]->type != TFL_INT8 || y->type != TFL_BOOL)
        return tfl_float_only(im, n);
    const unsigned number = is_number(v[1]) ? 1 : 0;
    if (!is_number(v[number]) || v[!number]->data || v[!number]->elements != y->elements)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it compares two tensors; only one with a number "
                                                "is supported");
    for (unsigned i = 0; i < 2; i++) {
        if (v[i]->quant.count != 1)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "\"%.60s\" must have one scale", v[i]->name);
        if (!(v[i]->quant.scale[0] > 0.0f && v[i]->quant.scale[0] < 1.0f))
            return TFL_REFUSE(WEFT_ERR_RANGE, "the scale of \"%.60s\" is not between 0 and 1",
                              v[i]->name);
        if (v[i]->quant.zero_point[0] < -128 || v[i]->quant.zero_point[0] > 127)
            return TFL_REFUSE(WEFT_ERR_RANGE, "\"%.60s\" has a zero point outside its type",
                              v[i]->name);
        by[i] = tfl_factor_of((double)v[i]->quant.scale[0]);
    }
    uint32_t source;
    int rc = tfl_tensor(im, n, v[!number], &source);
    if (rc == WEFT_OK)
        rc = tfl_function_of(im, n, source, y);
    if (rc != WEFT_OK)
        return rc;
    y->function->kind = TFL_COMPUTED;
    const int32_t b = scaled((int8_t)v[number]->data[0], v[number], by[number]);
    for (int q = 0; q < 256; q++) {
        const int32_t a = scaled(q - 128, v[!number], by[!number]);
        const int yes = number ? holds(n->code, a, b) : holds(n->code, b, a);
        y->function->at[q] = yes ? 1.0f : 0.0f;
    }
    return WEFT_OK;
}

/* 127 where the condition is `wanted`, else -128, in the shape of the condition. */
static int mask(tfl_import *im, const tfl_node *n, int wanted, uint32_t *tensor)
{
    const tfl_value *c = tfl_in(im, n, 0);
    int8_t entries[256];
    for (int q = 0; q < 256; q++)
        entries[q] = (c->function->at[q] != 0.0f) == wanted ? 127 : -128;
    weft_tensor_desc d = {
        .name = n->name, .dtype = WEFT_INT8, .rank = c->rank, .quant = tfl_out(im, n, 0)->quant
    };
    memcpy(d.dims, c->dims, sizeof d.dims);
    int rc = tfl_add_tensor(im, n, &d, tensor);
    return rc == WEFT_OK ? tfl_node_add(im, n, WEFT_OP_TABLE, &(weft_table){ entries }, 1,
                                        &c->function->source, *tensor)
                         : rc;
}

/* The side where its mask is 127, else -128; in the shape of the result. */
static int masked(tfl_import *im, const tfl_node *n, unsigned side, uint32_t *tensor)
{
    static const weft_elementwise whole = { { -128, 127 }, 0 };
    const tfl_value *y = tfl_out(im, n, 0);
    uint32_t in[2];
    weft_tensor_desc d = {
        .name = n->name, .dtype = WEFT_INT8, .rank = y->rank, .quant = y->quant
    };
    memcpy(d.dims, y->dims, sizeof d.dims);
    int rc = tfl_tensor(im, n, tfl_in(im, n, 1 + side), &in[0]);
    if (rc == WEFT_OK)
        rc = tfl_reinterpret(im, n, &y->quant, &in[0]);
    if (rc == WEFT_OK)
        rc = mask(im, n, side == 0, &in[1]);
    if (rc == WEFT_OK)
        rc = tfl_add_tensor(im, n, &d, tensor);
    return rc == WEFT_OK ? tfl_node_add(im, n, WEFT_OP_MINIMUM, &whole, 2, in, *tensor) : rc;
}

int tfl_select(tfl_import *im, const tfl_node *n)
{
    static const weft_elementwise whole = { { -128, 127 }, 0 };
    const tfl_value *c = tfl_in(im, n, 0), *y = tfl_out(im, n, 0);
    uint32_t in[2];
    for (unsigned i = 1; i < 3; i++)
        if (!tfl_in(im, n, i) || tfl_in(im, n, i)->type != TFL_INT8 || y->type != TFL_INT8)
            return tfl_float_only(im, n);
    if (!c || !c->function || y->quant.count != 1)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "its condition must be a function of one int8 tensor");
    int rc = masked(im, n, 0, &in[0]);
    if (rc == WEFT_OK)
        rc = masked(im, n, 1, &in[1]);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_MAXIMUM, &whole, 2, in, NULL) : rc;
}

/* Functions of one byte, and QUANTIZE, of constants: the result is a constant of the file's type. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tflite_import.h"

/* Room for the data of y, as many elements as x has; NULL and a sentence. */
static uint8_t *new_data(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *y)
{
    if (x->elements != y->elements || y->data || y->tensor != WEFT_NONE) {
        (void)TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu64 " constants do not fit its output",
                         x->elements);
        return NULL;
    }
    return tfl_alloc(im, y->elements + 1);
}

/* Between a byte of the file and that of the graph. */
static uint8_t flip_of(const tfl_value *v)
{
    return v->type == TFL_UINT8 ? 0x80 : 0;
}

int tfl_constant_table(tfl_import *im, const tfl_node *n, const int8_t *entries)
{
    const tfl_value *x = tfl_in(im, n, 0);
    tfl_value *y = tfl_out(im, n, 0);
    uint8_t *to = new_data(im, n, x, y);
    if (!to)
        return im->err->status;
    for (uint64_t i = 0; i < x->elements; i++)
        to[i] = (uint8_t)entries[(uint8_t)(x->data[i] ^ flip_of(x) ^ 0x80)] ^ flip_of(y);
    y->data = to;
    return WEFT_OK;
}

int tfl_constant_quantize(tfl_import *im, const tfl_node *n)
{
    const tfl_value *x = tfl_in(im, n, 0);
    tfl_value *y = tfl_out(im, n, 0);
    const weft_quant *q = &y->quant;
    if (q->count != 1 || !(q->scale[0] > 0.0f) || !isfinite(q->scale[0]) ||
        q->zero_point[0] < -128 || q->zero_point[0] > 127)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its output must have one positive scale and a zero "
                                          "point of its type");
    uint8_t *to = new_data(im, n, x, y);
    if (!to)
        return im->err->status;
    for (uint64_t i = 0; i < x->elements; i++) {
        const uint32_t bits = fb_load_u32(x->data + i * 4);
        float real;
        memcpy(&real, &bits, sizeof real);
        to[i] =
            (uint8_t)weft_quantize_value(WEFT_REQUANT_TFLITE, real, q->scale[0], q->zero_point[0]) ^
            flip_of(y);
    }
    y->data = to;
    return WEFT_OK;
}

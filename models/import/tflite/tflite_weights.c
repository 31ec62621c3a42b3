/* Weights and biases of the file as constants of the graph.
 *
 * int8 as they are; uint8 less 128, like its zero point; int4 unpacked, two to a byte, the lower half
 * first.  A scale of 0, which converters give a channel that is always 0, becomes the smallest
 * number: the factor of the channel is 0 with either. */
#include <inttypes.h>
#include <math.h>

#include "tflite_import.h"

/* A byte per weight, in the order of the file; NULL if there is no memory. */
static const uint8_t *weight_bytes(tfl_import *im, const tfl_value *w)
{
    if (w->type == TFL_INT8)
        return w->data;
    uint8_t *to = tfl_alloc(im, w->elements + 1);
    for (uint64_t i = 0; to && i < w->elements; i++)
        if (w->type == TFL_UINT8)
            to[i] = w->data[i] ^ 0x80;
        else
            to[i] = (uint8_t)(((w->data[i / 2] >> i % 2 * 4 & 15) ^ 8) - 8);
    return to;
}

static int weight_quant(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *w,
                        weft_quant *q)
{
    const float smallest = ldexpf(1.0f, -149);
    const double unit = (double)x->quant.scale[0] / (double)tfl_out(im, n, 0)->quant.scale[0];
    float *scale = NULL;
    *q = w->quant;
    for (uint32_t i = 0; i < q->count; i++) {
        if (fpclassify(q->scale[i]) != FP_ZERO)
            continue;
        if (!(unit * (double)smallest < ldexp(1.0, -33)))
            return TFL_REFUSE(WEFT_ERR_RANGE, "its weights have the scale %g", (double)q->scale[i]);
        if (!scale) {
            scale = tfl_alloc(im, q->count * sizeof *scale);
            if (!scale)
                return WEFT_ERR_NO_MEMORY;
            for (uint32_t k = 0; k < q->count; k++)
                scale[k] = w->quant.scale[k];
            q->scale = scale;
        }
        scale[i] = smallest;
    }
    return WEFT_OK;
}

/* [1][kh][kw][Co] becomes [Co][kh][kw][1]. */
static const uint8_t *turned(tfl_import *im, const tfl_value *w, const uint8_t *from)
{
    const uint32_t channels = w->dims[3];
    const uint64_t taps = (uint64_t)w->dims[1] * w->dims[2];
    uint8_t *to = from ? tfl_alloc(im, w->elements + 1) : NULL;
    for (uint64_t t = 0; to && t < taps; t++)
        for (uint32_t c = 0; c < channels; c++)
            to[c * taps + t] = from[t * channels + c];
    return to;
}

int tfl_weights(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *w,
                int depthwise, uint32_t *tensor)
{
    weft_tensor_desc d = { .name = w->name, .dtype = WEFT_INT8, .rank = w->rank };
    if (!w->data)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its weights are computed, not constant");
    if (depthwise && (w->dims[0] != 1 || (w->quant.count > 1 && w->quant.axis != 3)))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "its weights are not [1,h,w,c] with scales along c");
    if (!depthwise && w->quant.count > 1 && w->quant.axis != 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its weights have scales along axis %" PRIu32,
                          w->quant.axis);
    int rc = weight_quant(im, n, x, w, &d.quant);
    if (rc != WEFT_OK)
        return rc;
    d.quant.axis = 0;
    d.data = weight_bytes(im, w);
    for (uint32_t i = 0; i < w->rank; i++)
        d.dims[i] = w->dims[i];
    if (depthwise) {
        d.data = turned(im, w, d.data);
        d.dims[0] = w->dims[3];
        d.dims[3] = 1;
    }
    return d.data ? tfl_add_tensor(im, n, &d, tensor) : WEFT_ERR_NO_MEMORY;
}

int tfl_bias(tfl_import *im, const tfl_node *n, const tfl_value *b, uint32_t channels,
             uint32_t *tensor)
{
    *tensor = WEFT_NONE;
    if (!b)
        return WEFT_OK;
    if (b->elements != channels)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu64 " biases for %" PRIu32 " channels",
                          b->elements, channels);
    const weft_tensor_desc d = {
        .name = b->name, .dtype = WEFT_INT32, .rank = 1, .dims = { channels }, .data = b->data
    };
    return tfl_add_tensor(im, n, &d, tensor);
}

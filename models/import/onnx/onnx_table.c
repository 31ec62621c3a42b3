/* TABLE nodes: from one quantisation to another, perhaps through a function of one number. */
#include <string.h>

#include "onnx_ops.h"

int onnx_fill_table(const weft_quant *from, const float *real, const onnx_scale *scale,
                    int8_t *entries)
{
    const float scale_x = from->scale[0], scale_y = scale->quant.scale[0];
    const int32_t zp_x = from->zero_point[0], zp_y = onnx_zero_point(scale);
    int same = memcmp(&scale_x, &scale_y, sizeof scale_x) == 0 && zp_x == zp_y;
    for (int q = -128; q <= 127; q++) {
        const float v = real ? real[q + 128] : (float)(q - zp_x) * scale_x;
        entries[q + 128] = weft_quantize_value(WEFT_REQUANT_ONNX, v, scale_y, zp_y);
        same &= entries[q + 128] == q;
    }
    return !same;
}

int onnx_append_table(onnx_import *im, const Onnx__NodeProto *node, const char *name,
                      const int8_t *entries, const onnx_scale *scale, uint32_t *at)
{
    const weft_tensor *t = &im->graph->tensors[*at];
    const onnx_layout direct = onnx_layout_of(t->rank, t->dims, NULL);
    const weft_table attr = { entries };
    uint32_t y;
    int rc = onnx_add_quant_tensor(im, name, &direct, scale, &y);
    if (rc == WEFT_OK)
        rc = onnx_add_unary(im, node, WEFT_OP_TABLE, &attr, *at, y);
    if (rc == WEFT_OK)
        *at = y;
    return rc;
}

int onnx_settle_function(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v)
{
    const weft_tensor *t = &im->graph->tensors[v->tensor];
    const float scale = t->quant.scale[0];
    const int32_t shift = v->dtype == WEFT_UINT8 ? 128 : 0, zp = t->quant.zero_point[0];
    const int32_t zero = zp + shift;
    const onnx_scale same = { .dtype = v->dtype, .quant = { 1, 0, &scale, &zero } };
    int8_t entries[256];
    uint32_t at = v->tensor;
    onnx_fill_table(&t->quant, v->real, &same, entries);
    for (int i = 0; i < 256; i++)
        if ((float)(entries[i] - zp) * scale < v->real[i] ||
            !((float)(entries[i] - zp) * scale <= v->real[i]))
            return WEFT_OK;
    int rc = onnx_append_table(im, node, t->name, entries, &same, &at);
    if (rc == WEFT_OK) {
        v->tensor = at;
        v->real = NULL;
    }
    return rc;
}

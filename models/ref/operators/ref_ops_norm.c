/* LAYER_NORMALIZATION: rows of models/arith/layer_norm.h, dequantised before and quantised after. */
#include "models/arith/layer_norm.h"
#include "ref_ops.h"

void weft_ref_layer_normalization(const weft_graph *g, const weft_node *n, const void *const *in,
                                  void *out)
{
    const weft_layer_normalization *a = &n->attr.layer_normalization;
    const weft_tensor *x = weft_node_input(g, n, 0);
    const weft_quant *to = &g->tensors[n->output].quant;
    const uint64_t elements = weft_tensor_elements(x);
    const float *scale = in[1], *bias = n->input_count > 2 ? in[2] : NULL;
    weft_norm_row r = { NULL, in[0], weft_quant_scale(&x->quant, 0),
                        weft_quant_zero_point(&x->quant, 0), 1 };
    int8_t *y = out;
    for (uint32_t i = a->axis; i < x->rank; i++)
        r.count *= x->dims[i];
    for (uint64_t at = 0; at < elements; at += r.count, r.x += r.count) {
        const weft_norm norm = weft_norm_of(&r, a->epsilon);
        for (uint32_t i = 0; i < r.count; i++) {
            const float v = weft_norm_at(&r, &norm, scale, bias, i);
            const int8_t q = weft_quantize_value(WEFT_REQUANT_ONNX, v, weft_quant_scale(to, 0),
                                                 weft_quant_zero_point(to, 0));
            y[at + i] = (int8_t)(q < a->clamp.lo ? a->clamp.lo : q > a->clamp.hi ? a->clamp.hi : q);
        }
    }
}

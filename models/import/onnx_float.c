/* Operators on real numbers: Add, Relu, Clip between DequantizeLinear and QuantizeLinear; Softmax
 * in float at the end. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_import.h"

int onnx_add(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *a, *b;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_ADD);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_real_input(im, node, 0, &a);
    if (rc == WEFT_OK)
        rc = onnx_real_input(im, node, 1, &b);
    if (rc != WEFT_OK)
        return rc;
    if (a->rank != b->rank || memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) != 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its inputs have different shapes; broadcasting is not possible");
    if (memcmp(a->layout.dims, a->dims, sizeof a->dims) != 0 || a->layout.rank != a->rank)
        rc = onnx_arrange(im, node, a, NULL); /* behind a Reshape: fix its order first */
    uint32_t want[WEFT_MAX_RANK];
    memcpy(want, a->layout.perm, sizeof want);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, b, want);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, a, want);
    if (rc != WEFT_OK)
        return rc;
    p->inputs[0] = a->tensor;
    p->inputs[1] = b->tensor;
    p->input_count = 2;
    p->rank = a->rank;
    memcpy(p->dims, im->graph->tensors[a->tensor].dims, sizeof p->dims);
    *onnx_output(im, node, 0) = onnx_pending_value(p, a->rank, a->dims, &a->layout);
    return WEFT_OK;
}

/* The output is the input with its clamp narrowed to lo..hi, as max(lo, .) then min(hi, .). */
static int clamp(onnx_import *im, const Onnx__NodeProto *node, float lo, float hi)
{
    const onnx_value *x = onnx_input(im, node, 0);
    if (!x || (x->kind != ONNX_PENDING && (x->kind != ONNX_REAL || x->tensor == WEFT_NONE)))
        return onnx_refuse(
            im, node, WEFT_ERR_UNSUPPORTED,
            "its input is not a quantised activation; quantise the model (QDQ) first");
    if (!(lo <= hi))
        return onnx_refuse(im, node, WEFT_ERR_RANGE, "the limits %g..%g are empty", (double)lo,
                           (double)hi);
    onnx_value *y = onnx_output(im, node, 0);
    *y = *x;
    y->lo = x->lo < lo ? lo : x->lo > hi ? hi : x->lo;
    y->hi = x->hi > hi ? hi : x->hi < lo ? lo : x->hi;
    return WEFT_OK;
}

int onnx_relu(onnx_import *im, const Onnx__NodeProto *node)
{
    return clamp(im, node, 0.0f, INFINITY);
}

/* A limit from input i or, before opset 11, from an attribute. */
static int clip_limit(onnx_import *im, const Onnx__NodeProto *node, size_t i, const char *name,
                      float otherwise, float *out)
{
    *out = onnx_attr_float(node, name, otherwise);
    if (!onnx_input(im, node, i))
        return WEFT_OK;
    onnx_const c;
    int rc = onnx_const_input(im, node, i, &c);
    if (rc != WEFT_OK)
        return rc;
    if (c.dtype != WEFT_FLOAT32 || c.count != 1)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%s must be one float32", name);
    *out = *(const float *)c.data;
    return WEFT_OK;
}

int onnx_clip(onnx_import *im, const Onnx__NodeProto *node)
{
    float lo, hi;
    int rc = clip_limit(im, node, 1, "min", -INFINITY, &lo);
    if (rc == WEFT_OK)
        rc = clip_limit(im, node, 2, "max", INFINITY, &hi);
    return rc == WEFT_OK ? clamp(im, node, lo, hi) : rc;
}

int onnx_softmax(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x = onnx_input(im, node, 0);
    int rc = x && x->kind == ONNX_FLOAT ? WEFT_OK : onnx_real_input(im, node, 0, &x);
    if (rc != WEFT_OK)
        return rc;
    int64_t axis = onnx_attr_int(node, "axis", im->opset < 13 ? 1 : -1);
    axis += axis < 0 ? (int64_t)x->rank : 0;
    if (x->rank == 0 || axis != (int64_t)x->rank - 1)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "only the last axis is possible, not %" PRId64, axis);
    onnx_value y = *x;
    rc = onnx_arrange(im, node, &y, NULL);
    if (rc == WEFT_OK)
        rc = onnx_to_float(im, node->input[0], &y);
    if (rc != WEFT_OK)
        return rc;
    weft_tensor_desc d = { .name = node->output[0], .dtype = WEFT_FLOAT32, .rank = y.rank };
    memcpy(d.dims, y.dims, sizeof d.dims);
    uint32_t to;
    rc = weft_graph_add_tensor(im->graph, &d, &to);
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(im->graph,
                                 &(weft_node_desc){ .op = WEFT_OP_SOFTMAX,
                                                    .name = onnx_node_name(node),
                                                    .requant = WEFT_REQUANT_ONNX,
                                                    .input_count = 1,
                                                    .inputs = &y.tensor,
                                                    .output = to,
                                                    .attr = &(weft_softmax){ 1.0f } },
                                 NULL);
    y.tensor = to;
    *onnx_output(im, node, 0) = y;
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its output cannot be made");
}

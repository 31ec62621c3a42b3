/* Operators that put data together or spread it: Concat, Resize, DepthToSpace, SpaceToDepth. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

static int same_but(const onnx_value *a, const onnx_value *b, uint32_t axis)
{
    if (a->rank != b->rank)
        return 0;
    for (uint32_t i = 0; i < a->rank; i++)
        if (i != axis && a->dims[i] != b->dims[i])
            return 0;
    return 1;
}

/* Constants take part as views of their own. */
static onnx_value shaped(const onnx_value *v)
{
    onnx_value s = *v;
    if (onnx_is_real_const(v)) {
        s.rank = v->constant.rank;
        memcpy(s.dims, v->constant.dims, sizeof s.dims);
    }
    return s;
}

int onnx_build_concat(onnx_import *im, const Onnx__NodeProto *node, size_t count,
                      onnx_value *const *in, onnx_value *out)
{
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_CONCAT);
    const onnx_value *leader = NULL;
    uint32_t axis, dims[WEFT_MAX_RANK], order[WEFT_MAX_RANK];
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    if (count > WEFT_MAX_INPUTS)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "more than %d inputs", WEFT_MAX_INPUTS);
    for (size_t k = 0; k < count; k++)
        if (!leader && !onnx_is_real_const(in[k]))
            leader = in[k];
    if (!leader)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "of constants behind DequantizeLinear");
    int rc = onnx_axis(im, node, onnx_attr_int(node, "axis", 0), leader->rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t i = 0; i < leader->rank; i++) {
        const int plain = leader->layout.rank == leader->rank &&
                          !memcmp(leader->layout.dims, leader->dims, leader->rank * sizeof *dims);
        order[i] = plain ? leader->layout.perm[i] : i;
        p->attr.concat.axis = order[i] == axis ? i : p->attr.concat.axis;
    }
    const uint32_t rank = leader->rank;
    memcpy(dims, leader->dims, sizeof dims);
    dims[axis] = 0;
    const onnx_value like = *leader;
    for (size_t k = 0; k < count && rc == WEFT_OK; k++) {
        onnx_value v = shaped(in[k]);
        if (!same_but(&v, &like, axis))
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "input %zu does not fit the others", k);
        dims[axis] += v.dims[axis];
        if (onnx_is_real_const(in[k]))
            rc = onnx_add_constant(im, node, in[k], rank, order, &v.tensor);
        else
            rc = onnx_arrange(im, node, &v, order);
        p->inputs[k] = v.tensor;
        p->real[k] = in[k]->real;
    }
    p->input_count = (uint32_t)count;
    p->alike = 1;
    if (rc == WEFT_OK)
        *out = onnx_pending_ordered(p, rank, dims, order);
    return rc;
}

/* int8 values keep their scale, which must be the same; REAL ones get that of the QuantizeLinear.
 */
int onnx_concat(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *in[WEFT_MAX_INPUTS] = { NULL }, y;
    onnx_scale scale = { WEFT_INT8, { 0 } };
    int quant = 0, rc = WEFT_OK;
    if (node->n_input > WEFT_MAX_INPUTS)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "more than %d inputs", WEFT_MAX_INPUTS);
    for (size_t k = 0; k < node->n_input && rc == WEFT_OK; k++) {
        in[k] = onnx_input(im, node, k);
        if (in[k] && onnx_is_real_const(in[k]))
            rc = onnx_operand_input(im, node, k, &in[k]);
        else
            rc = onnx_moved_input(im, node, k, &in[k]);
        quant += rc == WEFT_OK && in[k]->kind == ONNX_QUANT;
    }
    if (rc == WEFT_OK && quant && quant != (int)node->n_input)
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "some inputs are int8, some are not");
    if (rc == WEFT_OK)
        rc = onnx_build_concat(im, node, node->n_input, in, &y);
    if (rc != WEFT_OK || !quant) {
        if (rc == WEFT_OK)
            *onnx_output(im, node, 0) = y;
        return rc;
    }
    scale.dtype = in[0]->dtype;
    scale.quant = im->graph->tensors[in[0]->tensor].quant;
    int32_t *zp = weft_graph_alloc(im->graph, sizeof *zp);
    if (!zp)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    *zp = scale.quant.zero_point[0] + (scale.dtype == WEFT_UINT8 ? 128 : 0);
    scale.quant.zero_point = zp;
    for (size_t k = 1; k < node->n_input; k++)
        if (!onnx_scale_matches(im, in[k], &scale))
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "its int8 inputs have different scales");
    return onnx_finish(im, node, &y, &scale);
}

/* --- Resize, DepthToSpace, SpaceToDepth --- */

static uint32_t *positions(onnx_import *im, const eval_resize_args *a, uint32_t axis)
{
    uint32_t *list = weft_graph_alloc(im->graph, (a->out[axis] + 1) * sizeof *list);
    for (size_t i = 0; list && i < a->out[axis]; i++)
        list[i] = (uint32_t)eval_resize_pixel(a, axis, i);
    return list;
}

static int read_resize(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                       eval_resize_args *a)
{
    eval_run run = { .err = im->err, .opset = im->opset, .node = node, .left = EVAL_ELEMENTS };
    nd arrays[4] = { { 0 } };
    const nd *in[4] = { NULL };
    size_t dims[WEFT_MAX_RANK];
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < v->rank; i++)
        dims[i] = v->dims[i];
    for (size_t i = 1; i < node->n_input && i < 4 && rc == WEFT_OK; i++) {
        onnx_const c;
        if (!onnx_input(im, node, i))
            continue;
        rc = onnx_const_input(im, node, i, &c);
        if (rc == WEFT_OK)
            rc = onnx_to_nd(im, &c, &arrays[i]);
        in[i] = &arrays[i];
    }
    if (rc == WEFT_OK)
        rc = eval_read_resize(&run, v->rank, dims, in, node->n_input, a);
    for (size_t i = 0; i < 4; i++)
        nd_free(&arrays[i]);
    return rc;
}

/* 1 if a size is not whole before it is rounded down, and the corners are to be aligned: ONNX means
 * the broken size, ONNX Runtime the whole one. */
static int broken_corners(const eval_resize_args *a)
{
    int broken = 0;
    for (uint32_t i = 0; i < a->rank; i++)
        broken |= a->length[i] > (float)a->out[i];
    return broken && a->transform == ALIGN_CORNERS;
}

int onnx_resize(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    eval_resize_args a;
    int rc = onnx_moved_input(im, node, 0, &v);
    if (rc == WEFT_OK)
        rc = read_resize(im, node, v, &a);
    if (rc != WEFT_OK)
        return rc;
    if (a.transform == TF_CROP_AND_RESIZE)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "a region is not possible");
    if (broken_corners(&a))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "align_corners with a broken size, about which ONNX and ONNX Runtime "
                           "disagree; give sizes instead of scales");
    if (v->rank != 4 || a.mode == CUBIC || a.antialias || a.out[0] != v->dims[0] ||
        a.out[1] != v->dims[1] || a.out[2] == 0 || a.out[3] == 0 ||
        a.out[2] * a.out[3] > WEFT_MAX_ELEMENTS)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "only height and width of an image can be resized");
    if (a.mode == LINEAR)
        return onnx_resize_linear(im, node, &a);
    const weft_resize_nearest attr = { positions(im, &a, 2), positions(im, &a, 3) };
    const uint32_t dims[4] = { v->dims[0], v->dims[1], (uint32_t)a.out[2], (uint32_t)a.out[3] };
    if (!attr.rows || !attr.columns)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    rc = onnx_arrange(im, node, v, onnx_nhwc);
    return rc == WEFT_OK ? onnx_append_moved(im, node, WEFT_OP_RESIZE_NEAREST, &attr, v, dims,
                                             onnx_output(im, node, 0))
                         : rc;
}

/* A view of six axes, their new order, and a view of four. */
static int shuffle(onnx_import *im, const Onnx__NodeProto *node, const uint32_t *six,
                   const uint32_t *perm, const uint32_t *four)
{
    onnx_value *v;
    int rc = onnx_moved_input(im, node, 0, &v);
    if (rc != WEFT_OK)
        return rc;
    onnx_value y = *v;
    y.rank = 6;
    memcpy(y.dims, six, 6 * sizeof *six);
    rc = onnx_arrange(im, node, &y, perm);
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor *t = &im->graph->tensors[y.tensor];
    y.rank = 4;
    memcpy(y.dims, four, 4 * sizeof *four);
    y.layout = onnx_layout_of(t->rank, t->dims, NULL);
    *onnx_output(im, node, 0) = y;
    return WEFT_OK;
}

int onnx_depth_to_space(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *v = onnx_input(im, node, 0);
    const int64_t b = onnx_attr_int(node, "blocksize", 0);
    const int crd = onnx_attr_is(node, "mode", "CRD", "DCR");
    if (!v || v->rank != 4 || b < 1 || b > 64 || v->dims[1] % (uint32_t)(b * b))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "the blocks do not divide the channels");
    const uint32_t s = (uint32_t)b, *d = v->dims, c = d[1] / (s * s);
    const uint32_t dcr_dims[6] = { d[0], s, s, c, d[2], d[3] };
    const uint32_t crd_dims[6] = { d[0], c, s, s, d[2], d[3] };
    static const uint32_t dcr_perm[6] = { 0, 3, 4, 1, 5, 2 }, crd_perm[6] = { 0, 1, 4, 2, 5, 3 };
    const uint32_t four[4] = { d[0], c, d[2] * s, d[3] * s };
    return shuffle(im, node, crd ? crd_dims : dcr_dims, crd ? crd_perm : dcr_perm, four);
}

int onnx_space_to_depth(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *v = onnx_input(im, node, 0);
    const int64_t b = onnx_attr_int(node, "blocksize", 0);
    if (!v || v->rank != 4 || b < 1 || b > 64 || v->dims[2] % (uint32_t)b ||
        v->dims[3] % (uint32_t)b)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "the blocks do not divide the image");
    const uint32_t s = (uint32_t)b, *d = v->dims;
    const uint32_t six[6] = { d[0], d[1], d[2] / s, s, d[3] / s, s };
    static const uint32_t perm[6] = { 0, 3, 5, 1, 2, 4 };
    const uint32_t four[4] = { d[0], d[1] * s * s, d[2] / s, d[3] / s };
    return shuffle(im, node, six, perm, four);
}

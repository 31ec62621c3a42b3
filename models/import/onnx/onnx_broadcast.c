/* Two operands that broadcast, activations or constants: their shape, their order of axes. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

static int is_constant(const onnx_value *v)
{
    return v->kind == ONNX_CONST || onnx_is_real_const(v);
}

static uint32_t rank_of(const onnx_value *v)
{
    return is_constant(v) ? v->constant.rank : v->rank;
}

int onnx_pair_shape(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *const *in,
                    uint32_t *rank, uint32_t *dims)
{
    *rank = rank_of(in[0]) > rank_of(in[1]) ? rank_of(in[0]) : rank_of(in[1]);
    for (uint32_t i = 0; i < *rank; i++) {
        uint32_t size[2];
        for (unsigned k = 0; k < 2; k++) {
            const uint32_t own = rank_of(in[k]);
            const uint32_t *from = is_constant(in[k]) ? in[k]->constant.dims : in[k]->dims;
            size[k] = i + own < *rank ? 1 : from[i + own - *rank];
        }
        if (size[0] != size[1] && size[0] != 1 && size[1] != 1)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                               "%" PRIu32 " and %" PRIu32 " do not broadcast", size[0], size[1]);
        dims[i] = size[0] == 1 ? size[1] : size[0];
    }
    return WEFT_OK;
}

/* That of the activation with all the axes. */
void onnx_pair_order(const onnx_value *const *in, uint32_t rank, uint32_t *order)
{
    for (uint32_t i = 0; i < WEFT_MAX_RANK; i++)
        order[i] = i;
    for (unsigned k = 0; k < 2; k++) {
        const onnx_value *v = in[k];
        if (is_constant(v) || v->rank != rank || v->layout.rank != rank ||
            memcmp(v->layout.dims, v->dims, rank * sizeof *v->dims) != 0)
            continue;
        memcpy(order, v->layout.perm, rank * sizeof *order);
        return;
    }
}

int onnx_pair_place(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, uint32_t rank,
                    const uint32_t *order)
{
    for (uint32_t i = rank; v->rank < rank && i-- > 0;)
        v->dims[i] = i + v->rank < rank ? 1 : v->dims[i + v->rank - rank];
    v->rank = rank;
    return onnx_arrange(im, node, v, order);
}

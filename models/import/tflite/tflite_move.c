/* Operators that move data.  The kernels copy bytes and ignore scales, so results are on the scale
 * of the input, and parts of a CONCATENATION are reread on the scale of the output. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tflite_import.h"

int tfl_move_start(tfl_import *im, const tfl_node *n, uint32_t input, uint32_t *tensor,
                   tfl_result *r)
{
    tfl_value *x = tfl_in(im, n, input);
    const tfl_value *y = tfl_out(im, n, 0);
    if (!x || (x->type != TFL_INT8 && x->type != TFL_UINT8))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "it moves %s; quantise the model to int8 throughout",
                          tfl_type_name(x ? x->type : -1));
    if (x->type != y->type)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "input and output have different types");
    *r = (tfl_result){ .rank = x->rank, .quant = &x->quant };
    memcpy(r->dims, x->dims, sizeof r->dims);
    return tfl_tensor(im, n, x, tensor);
}

/* --- PAD ---------------------------------------------------------------------------------- */

/* The value of PADV2 as stored; PAD pads with the output's zero point. */
static int pad_value(tfl_import *im, const tfl_node *n, int32_t *value)
{
    const tfl_value *y = tfl_out(im, n, 0), *v = tfl_in(im, n, 2);
    if (n->inputs.count < 3) {
        *value = y->quant.count ? y->quant.zero_point[0] : 0;
        return WEFT_OK;
    }
    if (!v || !v->data || v->elements != 1 || v->type != y->type)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its padding value must be one constant");
    *value = v->type == TFL_UINT8 ? v->data[0] - 128 : (int8_t)v->data[0];
    return WEFT_OK;
}

int tfl_pad(tfl_import *im, const tfl_node *n)
{
    int64_t pads[2 * WEFT_MAX_RANK];
    uint32_t count, in;
    tfl_result r;
    weft_pad a = { .value = 0 };
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), 2 * WEFT_MAX_RANK, pads, &count);
    if (rc == WEFT_OK && count != 2 * r.rank)
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu32 " paddings for rank %" PRIu32, count, r.rank);
    for (uint32_t i = 0; rc == WEFT_OK && i < r.rank; i++) {
        if (pads[2 * i] < 0 || pads[2 * i] > INT32_MAX || pads[2 * i + 1] < 0 ||
            pads[2 * i + 1] > INT32_MAX)
            return TFL_REFUSE(WEFT_ERR_RANGE, "a padding is out of range");
        a.before[i] = (uint32_t)pads[2 * i];
        a.after[i] = (uint32_t)pads[2 * i + 1];
    }
    memcpy(r.dims, tfl_out(im, n, 0)->dims, sizeof r.dims);
    if (rc == WEFT_OK)
        rc = pad_value(im, n, &a.value);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_PAD, &a, 1, &in, &r) : rc;
}

/* --- CONCATENATION, PACK ------------------------------------------------------------------ */

/* More parts than a node takes become nodes of nodes: first `room` parts to one, again and again.
 */
static int join(tfl_import *im, const tfl_node *n, uint32_t axis, uint32_t count, uint32_t *parts,
                const tfl_result *r)
{
    const weft_concat a = { axis };
    while (count > WEFT_MAX_INPUTS) {
        weft_tensor_desc d = {
            .name = n->name, .dtype = WEFT_INT8, .rank = r->rank, .quant = tfl_out(im, n, 0)->quant
        };
        uint32_t made;
        memcpy(d.dims, r->dims, sizeof d.dims);
        d.dims[axis] = 0;
        for (uint32_t i = 0; i < WEFT_MAX_INPUTS; i++)
            d.dims[axis] += im->graph->tensors[parts[i]].dims[axis];
        int rc = tfl_add_tensor(im, n, &d, &made);
        if (rc == WEFT_OK)
            rc = tfl_node_add(im, n, WEFT_OP_CONCAT, &a, WEFT_MAX_INPUTS, parts, made);
        if (rc != WEFT_OK)
            return rc;
        parts[0] = made;
        count -= WEFT_MAX_INPUTS - 1;
        memmove(parts + 1, parts + WEFT_MAX_INPUTS, (count - 1) * sizeof *parts);
    }
    return tfl_emit(im, n, 0, WEFT_OP_CONCAT, &a, count, parts, r);
}

/* uint8 parts of a CONCATENATION on the scale of the whole, by the kernel's float32 arithmetic. */
static int rescale_part(tfl_import *im, const tfl_node *n, const weft_quant *to, uint32_t *tensor)
{
    const weft_tensor t = im->graph->tensors[*tensor];
    const weft_quant *from = &t.quant;
    if (from->count != 1 || !(from->scale[0] > 0.0f) || !(to->scale[0] > 0.0f))
        return TFL_REFUSE(WEFT_ERR_RANGE, "its parts must have one positive scale each");
    if (memcmp(from->scale, to->scale, sizeof *to->scale) == 0 &&
        from->zero_point[0] == to->zero_point[0])
        return WEFT_OK;
    const float scale = from->scale[0] * (1.0f / to->scale[0]);
    const float bias = (float)-(from->zero_point[0] + 128) * scale;
    int8_t entries[256];
    for (int i = 0; i < 256; i++) {
        const float steps = roundf((float)i * scale + bias);
        const float byte = fmaxf(fminf(steps, 1024.0f), -1024.0f) + (float)to->zero_point[0];
        entries[i] = (int8_t)fmaxf(fminf(byte, 127.0f), -128.0f);
    }
    weft_tensor_desc d = { .name = t.name, .dtype = WEFT_INT8, .rank = t.rank, .quant = *to };
    memcpy(d.dims, t.dims, sizeof d.dims);
    const uint32_t source = *tensor;
    if (!t.data) {
        int rc = tfl_add_tensor(im, n, &d, tensor);
        return rc == WEFT_OK ? tfl_node_add(im, n, WEFT_OP_TABLE, &(weft_table){ entries }, 1,
                                            &source, *tensor)
                             : rc;
    }
    const uint64_t elements = weft_tensor_elements(&t);
    int8_t *data = tfl_alloc(im, elements);
    for (uint64_t i = 0; data && i < elements; i++)
        data[i] = entries[((const int8_t *)t.data)[i] + 128];
    d.data = data;
    return data ? tfl_add_tensor(im, n, &d, tensor) : WEFT_ERR_NO_MEMORY;
}

/* With `stack` every part is first given an axis of size 1. */
static int concatenate(tfl_import *im, const tfl_node *n, int32_t axis_field, int stack)
{
    tfl_value *y = tfl_out(im, n, 0);
    uint32_t parts[TFL_MAX_INTS], axis;
    tfl_result r;
    int rc = tfl_axis(im, n, axis_field, y->rank, &axis);
    for (uint32_t i = 0; i < n->inputs.count && rc == WEFT_OK; i++) {
        rc = tfl_move_start(im, n, i, &parts[i], &r);
        if (rc == WEFT_OK && y->quant.count == 1 && y->type == TFL_UINT8 && !stack)
            rc = rescale_part(im, n, &y->quant, &parts[i]);
        if (rc == WEFT_OK && y->quant.count == 1)
            rc = tfl_reinterpret(im, n, &y->quant, &parts[i]);
        uint32_t dims[WEFT_MAX_RANK];
        memcpy(dims, y->dims, sizeof dims);
        dims[axis] = 1;
        if (rc == WEFT_OK && stack)
            rc = tfl_reshape(im, n, y->rank, dims, &parts[i]);
        if (rc == WEFT_OK && im->graph->tensors[parts[i]].rank != y->rank)
            rc = TFL_REFUSE(WEFT_ERR_SHAPE, "its parts have different ranks");
    }
    if (rc != WEFT_OK)
        return rc;
    r = (tfl_result){ .rank = y->rank };
    memcpy(r.dims, y->dims, sizeof r.dims);
    return join(im, n, axis, n->inputs.count, parts, &r);
}

int tfl_concatenation(tfl_import *im, const tfl_node *n)
{
    if (fb_i8(&im->file, n->options, 1, 0) != 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its fused activation is not supported");
    return concatenate(im, n, fb_i32(&im->file, n->options, 0, 0), 0);
}

int tfl_pack(tfl_import *im, const tfl_node *n)
{
    return concatenate(im, n, fb_i32(&im->file, n->options, 1, 0), 1);
}

/* --- SPLIT, UNPACK, SLICE ----------------------------------------------------------------- */

/* Every output is a piece along an axis; sizes are those of the declared outputs, or 1. */
static int cut_in_pieces(tfl_import *im, const tfl_node *n, uint32_t input, int64_t axis_field,
                         int unpack)
{
    weft_slice a = { { 0 }, { 1, 1, 1, 1, 1, 1 } };
    uint32_t in, axis;
    tfl_result r;
    int rc = tfl_move_start(im, n, input, &in, &r);
    if (rc == WEFT_OK)
        rc = tfl_axis(im, n, axis_field, r.rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    uint64_t at = 0;
    for (uint32_t i = 0; i < n->outputs.count && rc == WEFT_OK; i++) {
        const tfl_value *y = tfl_out(im, n, i);
        if (!y || (!unpack && y->rank != r.rank) || at > INT32_MAX)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "its outputs do not fit");
        a.begin[axis] = (uint32_t)at;
        r.dims[axis] = unpack ? 1 : y->dims[axis];
        at += r.dims[axis];
        rc = tfl_emit(im, n, i, WEFT_OP_SLICE, &a, 1, &in, &r);
    }
    return rc;
}

int tfl_split(tfl_import *im, const tfl_node *n)
{
    int64_t axis;
    uint32_t count;
    int rc = tfl_ints(im, n, tfl_in(im, n, 0), 1, &axis, &count);
    return rc == WEFT_OK && count == 1 ? cut_in_pieces(im, n, 1, axis, 0) : rc;
}

int tfl_split_v(tfl_import *im, const tfl_node *n)
{
    int64_t axis;
    uint32_t count;
    int rc = tfl_ints(im, n, tfl_in(im, n, 2), 1, &axis, &count);
    return rc == WEFT_OK && count == 1 ? cut_in_pieces(im, n, 0, axis, 0) : rc;
}

int tfl_unpack(tfl_import *im, const tfl_node *n)
{
    return cut_in_pieces(im, n, 0, fb_i32(&im->file, n->options, 1, 0), 1);
}

int tfl_slice(tfl_import *im, const tfl_node *n)
{
    weft_slice a = { { 0 }, { 1, 1, 1, 1, 1, 1 } };
    int64_t begin[WEFT_MAX_RANK], size[WEFT_MAX_RANK];
    uint32_t count[2], in;
    tfl_result r;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), WEFT_MAX_RANK, begin, &count[0]);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 2), WEFT_MAX_RANK, size, &count[1]);
    if (rc == WEFT_OK && (count[0] != r.rank || count[1] != r.rank))
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "begin and size do not fit the input");
    for (uint32_t i = 0; rc == WEFT_OK && i < r.rank; i++) {
        const int64_t room = r.dims[i] - begin[i];
        const int64_t wanted = size[i] < 0 ? room : size[i];
        if (begin[i] < 0 || wanted < 1 || wanted > room)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "it leaves its input or is empty");
        a.begin[i] = (uint32_t)begin[i];
        r.dims[i] = (uint32_t)wanted;
    }
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_SLICE, &a, 1, &in, &r) : rc;
}

/* One axis of STRIDED_SLICE: which element comes first and how many. */
static int stride_axis(int64_t size, int64_t begin, int64_t end, int64_t step, unsigned masks,
                       uint32_t *first, int32_t *stride, uint32_t *count)
{
    enum { BEGIN = 1, END = 2, SHRINK = 4 };
    const int64_t lo = step > 0 ? 0 : -1, hi = step > 0 ? size : size - 1;
    if (step == 0 || step > INT32_MAX || step < -INT32_MAX)
        return 0;
    begin = masks & BEGIN ? (step > 0 ? 0 : size - 1) : begin < 0 ? begin + size : begin;
    begin = begin < lo ? lo : begin > hi ? hi : begin;
    end = masks & END ? (step > 0 ? size : -1) : end < 0 ? end + size : end;
    end = end < lo ? lo : end > hi ? hi : end;
    if (masks & SHRINK)
        end = begin + (step > 0 ? 1 : -1);
    const int64_t distance = step > 0 ? end - begin : begin - end;
    const int64_t reach = step > 0 ? step : -step;
    if (begin < 0 || begin >= size || distance <= 0)
        return 0;
    *first = (uint32_t)begin;
    *stride = (int32_t)step;
    *count = (uint32_t)((distance + reach - 1) / reach);
    if (*count == 1)
        *stride = 1;
    return 1;
}

int tfl_strided_slice(tfl_import *im, const tfl_node *n)
{
    weft_slice a = { { 0 }, { 1, 1, 1, 1, 1, 1 } };
    int64_t at[3][WEFT_MAX_RANK];
    uint32_t count[3] = { 0 }, in;
    unsigned mask[6];
    tfl_result r;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    for (uint32_t i = 0; i < 3 && rc == WEFT_OK; i++)
        rc = tfl_ints(im, n, tfl_in(im, n, i + 1), WEFT_MAX_RANK, at[i], &count[i]);
    for (unsigned i = 0; i < 5; i++) /* begin, end, ellipsis, new axis, shrink */
        mask[i] = (unsigned)fb_i32(&im->file, n->options, i, 0);
    if (rc != WEFT_OK)
        return rc;
    if (mask[2] || mask[3])
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "ellipsis and new axes are not supported");
    if (count[0] > r.rank || count[1] != count[0] || count[2] != count[0])
        return TFL_REFUSE(WEFT_ERR_SHAPE, "begin, end and strides do not fit the input");
    const int offset = fb_i8(&im->file, n->options, 5, 0) != 0;
    for (uint32_t i = 0; i < count[0]; i++) {
        const unsigned bits =
            (mask[0] >> i & 1) | (mask[1] >> i & 1) << 1 | (mask[4] >> i & 1) << 2;
        const int64_t end = at[1][i] + (offset ? at[0][i] : 0);
        if (!stride_axis(r.dims[i], at[0][i], end, at[2][i], bits, &a.begin[i], &a.stride[i],
                         &r.dims[i]))
            return TFL_REFUSE(WEFT_ERR_SHAPE, "it leaves its input or is empty");
    }
    return tfl_emit(im, n, 0, WEFT_OP_SLICE, &a, 1, &in, &r);
}

/* How many indices from `first` on have one distance, and which. */
static uint32_t run_length(const int64_t *at, uint32_t first, uint32_t count, int32_t *stride)
{
    uint32_t end = first + 1;
    *stride = 1;
    if (end < count && at[end] != at[first]) {
        *stride = (int32_t)(at[end] - at[first]);
        while (end < count && at[end] - at[end - 1] == *stride)
            end++;
    }
    return end - first;
}

/* Runs of equal distance are slices, which are joined if there are several. */
static int gather_runs(tfl_import *im, const tfl_node *n, uint32_t axis, const int64_t *at,
                       uint32_t count, uint32_t in, tfl_result *r)
{
    weft_slice a = { { 0 }, { 1, 1, 1, 1, 1, 1 } };
    uint32_t parts[WEFT_MAX_INPUTS], used = 0;
    weft_tensor_desc d = {
        .name = n->name, .dtype = WEFT_INT8, .rank = r->rank, .quant = *r->quant
    };
    memcpy(d.dims, r->dims, sizeof d.dims);
    r->dims[axis] = count;
    for (uint32_t i = 0; i < count; used++) {
        d.dims[axis] = run_length(at, i, count, &a.stride[axis]);
        a.begin[axis] = (uint32_t)at[i];
        if (d.dims[axis] == count)
            return tfl_emit(im, n, 0, WEFT_OP_SLICE, &a, 1, &in, r);
        int rc = tfl_add_tensor(im, n, &d, &parts[used]);
        if (rc == WEFT_OK)
            rc = tfl_node_add(im, n, WEFT_OP_SLICE, &a, 1, &in, parts[used]);
        if (rc != WEFT_OK)
            return rc;
        i += d.dims[axis];
    }
    return tfl_emit(im, n, 0, WEFT_OP_CONCAT, &(weft_concat){ axis }, used, parts, r);
}

int tfl_gather(tfl_import *im, const tfl_node *n)
{
    int64_t at[WEFT_MAX_INPUTS];
    uint32_t count, axis, in;
    tfl_result r;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc == WEFT_OK && fb_i32(&im->file, n->options, 1, 0) != 0)
        rc = TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "batch_dims is not supported");
    if (rc == WEFT_OK)
        rc = tfl_axis(im, n, fb_i32(&im->file, n->options, 0, 0), r.rank, &axis);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), WEFT_MAX_INPUTS, at, &count);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t i = 0; i < count; i++)
        if (at[i] < 0 || at[i] >= r.dims[axis])
            return TFL_REFUSE(WEFT_ERR_SHAPE, "it gathers outside its input");
    if (count == 0)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "it gathers nothing");
    return gather_runs(im, n, axis, at, count, in, &r);
}

/* --- TRANSPOSE ---------------------------------------------------------------------------- */

int tfl_transpose(tfl_import *im, const tfl_node *n)
{
    weft_transpose a = { { 0 } };
    int64_t perm[WEFT_MAX_RANK];
    uint32_t count, in;
    tfl_result r;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), WEFT_MAX_RANK, perm, &count);
    if (rc == WEFT_OK && count != r.rank)
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "the permutation does not fit the input");
    const tfl_value *x = tfl_in(im, n, 0);
    for (uint32_t i = 0; rc == WEFT_OK && i < r.rank; i++) {
        rc = tfl_axis(im, n, perm[i], r.rank, &a.perm[i]);
        if (rc == WEFT_OK)
            r.dims[i] = x->dims[a.perm[i]];
    }
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_TRANSPOSE, &a, 1, &in, &r) : rc;
}

/* The values of a file, and the tensors of the graph that they become. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tflite_import.h"

/* --- reading tensors ---------------------------------------------------------------------- */

static int refuse_value(tfl_import *im, const tfl_value *v, int status, const char *what)
{
    refusals_say(im->refused, im->err, status, "tensor", v->name, "%s", what);
    im->refused->rule = what;
    return status;
}

enum { MAX_NAME_BYTES = 255 };

void *tfl_alloc(tfl_import *im, uint64_t bytes)
{
    void *at = NULL;
    if (bytes <= im->budget)
        at = weft_graph_alloc(im->graph, (size_t)bytes);
    if (at)
        im->budget -= bytes;
    else
        weft_error_set(im->err, WEFT_ERR_NO_MEMORY,
                       "the model needs more memory than a file of its size should");
    return at;
}

static size_t type_bytes(int type)
{
    switch (type) {
    case TFL_FLOAT32:
    case TFL_INT32: return 4;
    case TFL_INT64: return 8;
    case TFL_INT16: return 2;
    case TFL_UINT8:
    case TFL_INT8:
    case TFL_INT4:
    case TFL_BOOL: return 1;
    default: return 0; /* may be there as long as no operator needs it */
    }
}

int tfl_is_byte(const tfl_value *v)
{
    return v && (v->type == TFL_INT8 || v->type == TFL_UINT8);
}

/* Bytes of all elements; of int4 two share a byte. */
static uint64_t data_bytes(const tfl_value *v)
{
    return v->type == TFL_INT4 ? (v->elements + 1) / 2 : v->elements * type_bytes(v->type);
}

static int read_name(tfl_import *im, size_t table, tfl_value *v)
{
    const fb_vector text = fb_list(&im->file, table, 3, 1);
    const size_t length = text.count < MAX_NAME_BYTES ? text.count : MAX_NAME_BYTES;
    char *name = tfl_alloc(im, length + 1);
    v->name = name ? name : "";
    if (name && length)
        memcpy(name, im->file.bytes + text.at, length);
    return name ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

static int read_dims(tfl_import *im, size_t table, tfl_value *v)
{
    const fb_vector shape = fb_list(&im->file, table, 0, 4);
    const fb_vector signature = fb_list(&im->file, table, 7, 4);
    if (shape.count > WEFT_MAX_RANK)
        return refuse_value(im, v, WEFT_ERR_UNSUPPORTED, "has more than 6 dimensions");
    v->rank = shape.count;
    v->elements = 1;
    for (uint32_t i = 0; i < v->rank; i++) {
        const int32_t d = fb_list_i32(&im->file, shape, i);
        if (d < 0)
            return refuse_value(im, v, WEFT_ERR_FORMAT, "has a negative size");
        v->open |=
            i > 0 && signature.count == shape.count && fb_list_i32(&im->file, signature, i) < 0;
        v->dims[i] = (uint32_t)d;
        v->elements *= v->dims[i];
        if (v->elements > WEFT_MAX_ELEMENTS)
            return refuse_value(im, v, WEFT_ERR_UNSUPPORTED, "has more than 2^28 elements");
    }
    return WEFT_OK;
}

static int read_quant(tfl_import *im, size_t table, tfl_value *v)
{
    const size_t q = fb_table(&im->file, table, 4);
    const fb_vector scales = fb_list(&im->file, q, 2, 4), zeros = fb_list(&im->file, q, 3, 8);
    const int32_t axis = fb_i32(&im->file, q, 6, 0);
    if (fb_i8(&im->file, q, 4, 0) != 0)
        return refuse_value(
            im, v, WEFT_ERR_UNSUPPORTED,
            "is quantised in blocks or in a custom way, not by scale and zero point");
    if (scales.count == 0 || (!tfl_is_byte(v) && v->type != TFL_INT4))
        return WEFT_OK; /* biases carry scales that follow from others, at times along odd axes */
    if ((zeros.count > 1 && zeros.count != scales.count) || axis < 0 ||
        (scales.count > 1 && ((uint32_t)axis >= v->rank || v->dims[axis] != scales.count)))
        return refuse_value(im, v, WEFT_ERR_FORMAT,
                            "has scales and zero points that do not fit its shape");
    float *scale = tfl_alloc(im, scales.count * sizeof *scale);
    int32_t *zero = tfl_alloc(im, scales.count * sizeof *zero);
    if (!scale || !zero)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < scales.count; i++) {
        const int64_t z = zeros.count ? fb_list_i64(&im->file, zeros, zeros.count > 1 ? i : 0) : 0;
        if (z < INT32_MIN / 2 || z > INT32_MAX / 2)
            return refuse_value(im, v, WEFT_ERR_RANGE, "has a zero point out of range");
        scale[i] = fb_list_f32(&im->file, scales, i);
        zero[i] = (int32_t)z - (v->type == TFL_UINT8 ? 128 : 0);
    }
    v->quant = (weft_quant){ scales.count, scales.count > 1 ? (uint32_t)axis : 0, scale, zero };
    return WEFT_OK;
}

const char *tfl_buffer(tfl_import *im, size_t tensor, size_t *at, uint64_t *count)
{
    const uint32_t index = (uint32_t)fb_i32(&im->file, tensor, 2, 0);
    *count = 0;
    if (index >= im->buffers.count)
        return index == 0 ? NULL : "has a buffer that is not there";
    const size_t buffer = fb_list_table(&im->file, im->buffers, index);
    const fb_vector bytes = fb_list(&im->file, buffer, 0, 1);
    const uint64_t offset = fb_u64(&im->file, buffer, 1, 0), size = fb_u64(&im->file, buffer, 2, 0);
    *count = bytes.count;
    *at = bytes.at;
    if (offset <= 1)
        return NULL;
    *count = 0;
    if (offset > im->file.size || size > im->file.size - offset)
        return "has its data behind the end of the file";
    *at = (size_t)offset;
    *count = size;
    return NULL;
}

static int read_data(tfl_import *im, size_t table, tfl_value *v)
{
    uint64_t have;
    size_t at;
    const char *wrong = tfl_buffer(im, table, &at, &have);
    if (wrong)
        return refuse_value(im, v, WEFT_ERR_FORMAT, wrong);
    if (have == 0)
        return WEFT_OK;
    if (v->type == TFL_STRING)
        return refuse_value(im, v, WEFT_ERR_UNSUPPORTED, "holds strings");
    if (type_bytes(v->type) == 0)
        return WEFT_OK; /* refused by the operator that reads it */
    if (have < data_bytes(v))
        return refuse_value(im, v, WEFT_ERR_FORMAT, "has less data than its shape needs");
    v->data = im->file.bytes + at;
    return WEFT_OK;
}

static int read_value(tfl_import *im, size_t table, tfl_value *v)
{
    v->tensor = WEFT_NONE;
    v->type = fb_i8(&im->file, table, 1, TFL_FLOAT32);
    int rc = read_name(im, table, v);
    if (rc == WEFT_OK && fb_table(&im->file, table, 6))
        rc = refuse_value(im, v, WEFT_ERR_UNSUPPORTED,
                          "is sparse; convert the model without sparse weights");
    if (rc == WEFT_OK && fb_i32(&im->file, table, 10, 0))
        rc = refuse_value(im, v, WEFT_ERR_UNSUPPORTED, "has its data in another file");
    if (rc == WEFT_OK)
        rc = read_dims(im, table, v);
    if (rc == WEFT_OK)
        rc = read_quant(im, table, v);
    return rc == WEFT_OK ? read_data(im, table, v) : rc;
}

int tfl_read_values(tfl_import *im)
{
    const fb_vector tensors = fb_list(&im->file, im->subgraph, 0, 4);
    const uint64_t bytes = ((uint64_t)tensors.count + 1) * sizeof *im->values;
    im->values = bytes <= im->budget ? calloc(1, (size_t)bytes) : NULL;
    if (!im->values)
        return weft_error_set(im->err, WEFT_ERR_NO_MEMORY, "no memory for %" PRIu32 " tensors",
                              tensors.count);
    im->budget -= bytes;
    im->value_count = tensors.count;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < tensors.count && rc == WEFT_OK; i++) {
        tfl_value *v = &im->values[i];
        rc = read_value(im, fb_list_table(&im->file, tensors, i), v);
        if (rc == WEFT_OK)
            continue;
        v->refused = 1;
        rc = refusals_add(im->refused, rc, im->err, "tensor", v->name);
    }
    return rc;
}

/* --- what handlers ask for ---------------------------------------------------------------- */

static tfl_value *listed(tfl_import *im, fb_vector list, uint32_t i)
{
    if (i >= list.count)
        return NULL;
    const int32_t index = fb_list_i32(&im->file, list, i);
    return index >= 0 && (uint32_t)index < im->value_count ? &im->values[index] : NULL;
}

tfl_value *tfl_in(tfl_import *im, const tfl_node *n, uint32_t i)
{
    return listed(im, n->inputs, i);
}

tfl_value *tfl_out(tfl_import *im, const tfl_node *n, uint32_t i)
{
    return listed(im, n->outputs, i);
}

static int graph_type(int type, weft_dtype *out)
{
    switch (type) {
    case TFL_FLOAT32: *out = WEFT_FLOAT32; return 1;
    case TFL_UINT8:
    case TFL_INT8: *out = WEFT_INT8; return 1;
    case TFL_INT32:
    case TFL_INT64: *out = WEFT_INT32; return 1; /* only positions, which fit */
    default: return 0;
    }
}

int tfl_desc(tfl_import *im, const tfl_node *n, const tfl_value *v, weft_tensor_desc *d)
{
    *d = (weft_tensor_desc){ .name = v->name, .rank = v->rank };
    memcpy(d->dims, v->dims, sizeof d->dims);
    if (!graph_type(v->type, &d->dtype))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "\"%.60s\" is %s; only int8 networks are supported",
                          v->name, tfl_type_name(v->type));
    if (v->elements == 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "\"%.60s\" has no elements; convert the model with fixed sizes", v->name);
    if (d->dtype == WEFT_INT8)
        d->quant = v->quant;
    return WEFT_OK;
}

/* Constants are copied at each use, so a buffer that many tensors share counts again. */
int tfl_add_tensor(tfl_import *im, const tfl_node *n, const weft_tensor_desc *d, uint32_t *tensor)
{
    uint64_t bytes = d->data ? weft_dtype_bytes(d->dtype) : 0;
    for (uint32_t i = 0; i < d->rank && bytes <= im->budget; i++)
        bytes *= d->dims[i];
    bytes += TFL_OBJECT_BYTES;
    if (bytes > im->budget)
        return TFL_REFUSE(WEFT_ERR_NO_MEMORY,
                          "the constants need more memory than a file of this size should");
    im->budget -= bytes;
    int rc = weft_graph_add_tensor(im->graph, d, tensor);
    return rc == WEFT_OK ? rc
                         : TFL_REFUSE(rc, "its tensor \"%.60s\" cannot be made: %s", d->name,
                                      weft_strerror(rc));
}

int tfl_ints(tfl_import *im, const tfl_node *n, const tfl_value *v, uint32_t most, int64_t *out,
             uint32_t *count)
{
    if (!v || !v->data || (v->type != TFL_INT32 && v->type != TFL_INT64))
        return TFL_REFUSE(
            WEFT_ERR_UNSUPPORTED,
            "\"%.60s\" must be a constant; shapes computed while the network runs are "
            "not supported",
            v ? v->name : "an input");
    if (v->elements > most)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "\"%.60s\" has %" PRIu64 " elements", v->name,
                          v->elements);
    const int64_t most_value = (int64_t)1
                               << 40; /* no shape is so large, and sums cannot overflow */
    *count = (uint32_t)v->elements;
    for (uint32_t i = 0; i < *count; i++) {
        out[i] = v->type == TFL_INT32 ? (int32_t)fb_load_u32(v->data + (size_t)i * 4)
                                      : (int64_t)fb_load_u64(v->data + (size_t)i * 8);
        out[i] = out[i] > most_value ? most_value : out[i] < -most_value ? -most_value : out[i];
    }
    return WEFT_OK;
}

int tfl_axis(tfl_import *im, const tfl_node *n, int64_t axis, uint32_t rank, uint32_t *out)
{
    if (axis < 0)
        axis += rank;
    if (axis < 0 || axis >= rank)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "its axis does not exist");
    *out = (uint32_t)axis;
    return WEFT_OK;
}

/* Nodes for the operators of a file, fitted to the tensors that the file declares. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tflite_import.h"

/* --- nodes -------------------------------------------------------------------------------- */

/* Products, and convolutions of uint8, have the kind of whoever judges the operator. */
static weft_requant_kind kind_of(tfl_import *im, const tfl_node *n, weft_op op)
{
    const tfl_value *y = tfl_out(im, n, 0);
    const int is_conv = op == WEFT_OP_CONV_2D || op == WEFT_OP_TRANSPOSE_CONV;
    const int is_product = op == WEFT_OP_FULLY_CONNECTED || op == WEFT_OP_MATMUL ||
                           op == WEFT_OP_MUL || op == WEFT_OP_PRELU;
    return is_product || (is_conv && y && y->type == TFL_UINT8) ? im->products
                                                                : WEFT_REQUANT_TFLITE;
}

int tfl_node_add(tfl_import *im, const tfl_node *n, weft_op op, const void *attr, uint32_t count,
                 const uint32_t *inputs, uint32_t output)
{
    if (im->budget < TFL_OBJECT_BYTES)
        return TFL_REFUSE(WEFT_ERR_NO_MEMORY,
                          "the network needs more memory than a file of this size should");
    im->budget -= TFL_OBJECT_BYTES;
    int rc = weft_graph_add_node(im->graph,
                                 &(weft_node_desc){ .op = op,
                                                    .name = n->name,
                                                    .requant = kind_of(im, n, op),
                                                    .input_count = count,
                                                    .inputs = inputs,
                                                    .output = output,
                                                    .attr = attr },
                                 NULL);
    return rc == WEFT_OK
               ? rc
               : TFL_REFUSE(rc, "%s cannot be made: %s", weft_op_name(op),
                            rc == WEFT_ERR_ARG ? "its result is written twice" : weft_strerror(rc));
}

static int same_shape(const weft_tensor_desc *d, uint32_t rank, const uint32_t *dims)
{
    return d->rank == rank && memcmp(d->dims, dims, rank * sizeof *dims) == 0;
}

static int same_quant(const weft_quant *a, const weft_quant *b)
{
    if (a->count != 1 || b->count != 1)
        return a->count == b->count;
    return memcmp(a->scale, b->scale, sizeof *a->scale) == 0 &&
           a->zero_point[0] == b->zero_point[0];
}

/* TABLE that keeps every byte. */
static int keep_bytes(tfl_import *im, const tfl_node *n, uint32_t from, uint32_t to)
{
    int8_t entries[256];
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(i - 128);
    return tfl_node_add(im, n, WEFT_OP_TABLE, &(weft_table){ entries }, 1, &from, to);
}

int tfl_emit(tfl_import *im, const tfl_node *n, uint32_t output, weft_op op, const void *attr,
             uint32_t count, const uint32_t *inputs, const tfl_result *r)
{
    tfl_value *v = tfl_out(im, n, output);
    weft_tensor_desc want;
    if (!v)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "an output is missing");
    if (v->data || v->tensor != WEFT_NONE)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "its output is already there");
    int rc = tfl_desc(im, n, v, &want);
    if (rc == WEFT_OK)
        rc = tfl_add_tensor(im, n, &want, &v->tensor);
    if (rc != WEFT_OK)
        return rc;
    const int shape = !r || same_shape(&want, r->rank, r->dims);
    const int quant =
        !r || !r->quant || want.dtype != WEFT_INT8 || same_quant(r->quant, &want.quant);
    if (shape && quant)
        return tfl_node_add(im, n, op, attr, count, inputs, v->tensor);
    weft_tensor_desc natural = want;
    natural.rank = r->rank;
    memcpy(natural.dims, r->dims, sizeof natural.dims);
    if (!quant)
        natural.quant = *r->quant;
    uint32_t made, reshaped;
    rc = tfl_add_tensor(im, n, &natural, &made);
    if (rc == WEFT_OK)
        rc = tfl_node_add(im, n, op, attr, count, inputs, made);
    if (rc == WEFT_OK && shape)
        return keep_bytes(im, n, made, v->tensor);
    if (rc == WEFT_OK && quant)
        return tfl_node_add(im, n, WEFT_OP_RESHAPE, NULL, 1, &made, v->tensor);
    want.quant = natural.quant;
    if (rc == WEFT_OK)
        rc = tfl_add_tensor(im, n, &want, &reshaped);
    if (rc == WEFT_OK)
        rc = tfl_node_add(im, n, WEFT_OP_RESHAPE, NULL, 1, &made, reshaped);
    return rc == WEFT_OK ? keep_bytes(im, n, reshaped, v->tensor) : rc;
}

/* A tensor like another one, for what is computed on the way. */
static weft_tensor_desc like(const tfl_import *im, uint32_t tensor)
{
    const weft_tensor *t = &im->graph->tensors[tensor];
    weft_tensor_desc d = {
        .name = t->name, .dtype = t->dtype, .rank = t->rank, .quant = t->quant, .data = t->data
    };
    memcpy(d.dims, t->dims, sizeof d.dims);
    return d;
}

int tfl_reshape(tfl_import *im, const tfl_node *n, uint32_t rank, const uint32_t *dims,
                uint32_t *tensor)
{
    weft_tensor_desc d = like(im, *tensor);
    const uint32_t from = *tensor;
    if (same_shape(&d, rank, dims))
        return WEFT_OK;
    uint64_t have = 1, want = 1;
    for (uint32_t i = 0; i < d.rank; i++)
        have *= d.dims[i];
    for (uint32_t i = 0; i < rank && want <= have; i++)
        want *= dims[i];
    if (have != want)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu64 " elements of \"%.60s\" do not fit", have,
                          d.name);
    d.rank = rank;
    memcpy(d.dims, dims, rank * sizeof *dims);
    int rc = tfl_add_tensor(im, n, &d, tensor);
    return rc == WEFT_OK && !d.data ? tfl_node_add(im, n, WEFT_OP_RESHAPE, NULL, 1, &from, *tensor)
                                    : rc;
}

int tfl_reinterpret(tfl_import *im, const tfl_node *n, const weft_quant *quant, uint32_t *tensor)
{
    weft_tensor_desc d = like(im, *tensor);
    const uint32_t from = *tensor;
    if (d.dtype != WEFT_INT8 || same_quant(&d.quant, quant))
        return WEFT_OK;
    d.quant = *quant;
    int rc = tfl_add_tensor(im, n, &d, tensor);
    return rc == WEFT_OK && !d.data ? keep_bytes(im, n, from, *tensor) : rc;
}

int tfl_step(tfl_import *im, const tfl_node *n, weft_op op, const void *attr, uint32_t rank,
             const uint32_t *dims, uint32_t *tensor)
{
    weft_tensor_desc d = { .name = n->name,
                           .dtype = WEFT_INT8,
                           .rank = rank,
                           .quant = im->graph->tensors[*tensor].quant };
    const uint32_t from = *tensor;
    memcpy(d.dims, dims, rank * sizeof *dims);
    int rc = tfl_add_tensor(im, n, &d, tensor);
    return rc == WEFT_OK ? tfl_node_add(im, n, op, attr, 1, &from, *tensor) : rc;
}

/* --- more than one image ------------------------------------------------------------------ */

/* Image i of a batch, as a tensor of its own. */
static int one_image(tfl_import *im, const tfl_node *n, uint32_t batch, uint32_t i,
                     uint32_t *tensor)
{
    weft_slice a = { { i }, { 1, 1, 1, 1, 1, 1 } };
    weft_tensor_desc d = like(im, batch);
    d.dims[0] = 1;
    d.data = NULL;
    int rc = tfl_add_tensor(im, n, &d, tensor);
    return rc == WEFT_OK ? tfl_node_add(im, n, WEFT_OP_SLICE, &a, 1, &batch, *tensor) : rc;
}

int tfl_emit_images(tfl_import *im, const tfl_node *n, weft_op op, const void *attr, uint32_t count,
                    const uint32_t *inputs, const tfl_result *r)
{
    const uint32_t images = r->dims[0];
    uint32_t in[3], parts[WEFT_MAX_INPUTS];
    weft_tensor_desc d = { .name = n->name, .dtype = WEFT_INT8, .rank = r->rank };
    if (images == 1)
        return tfl_emit(im, n, 0, op, attr, count, inputs, r);
    if (images > WEFT_MAX_INPUTS)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "has a batch of %" PRIu32 ", at most %d is supported", images,
                          WEFT_MAX_INPUTS);
    memcpy(d.dims, r->dims, sizeof d.dims);
    memcpy(in, inputs, count * sizeof *in);
    d.dims[0] = 1;
    d.quant = r->quant ? *r->quant : tfl_out(im, n, 0)->quant;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < images && rc == WEFT_OK; i++) {
        rc = one_image(im, n, inputs[0], i, &in[0]);
        if (rc == WEFT_OK)
            rc = tfl_add_tensor(im, n, &d, &parts[i]);
        if (rc == WEFT_OK)
            rc = tfl_node_add(im, n, op, attr, count, in, parts[i]);
    }
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_CONCAT, &(weft_concat){ 0 }, images, parts, r)
                         : rc;
}

/* --- fused activations -------------------------------------------------------------------- */

static int32_t in_steps(float real, const weft_quant *q)
{
    const float steps = roundf(real / q->scale[0]);
    if (!(steps > -1.0e6f))
        return -128;
    return steps > 1.0e6f ? 127 : (int32_t)steps + q->zero_point[0];
}

int tfl_clamp(tfl_import *im, const tfl_node *n, int activation, const weft_quant *quant,
              weft_clamp *out)
{
    enum { NONE, RELU, RELU_N1_TO_1, RELU6 };
    *out = (weft_clamp){ -128, 127 };
    if (activation == NONE)
        return WEFT_OK;
    if (activation > RELU6 || activation < 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its fused activation %d is not supported",
                          activation);
    if (quant->count != 1)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "its output has no scale");
    const int32_t lo = in_steps(activation == RELU_N1_TO_1 ? -1.0f : 0.0f, quant);
    const int32_t hi = in_steps(activation == RELU_N1_TO_1 ? 1.0f : 6.0f, quant);
    out->lo = lo > -128 ? lo : -128;
    if (activation != RELU)
        out->hi = hi < 127 ? hi : 127;
    return WEFT_OK;
}

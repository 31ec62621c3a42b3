/* More than one image: a graph has convolutions, pools and Resize of one image at a time, so a
 * batch is cut, computed image by image, and joined. */
#include <inttypes.h>
#include <string.h>

#include "onnx_import.h"

static int of_images(weft_op op)
{
    return op == WEFT_OP_CONV_2D || op == WEFT_OP_CONV_INTEGER || op == WEFT_OP_TRANSPOSE_CONV ||
           op == WEFT_OP_MAX_POOL_2D || op == WEFT_OP_AVERAGE_POOL_2D ||
           op == WEFT_OP_RESIZE_NEAREST || op == WEFT_OP_RESIZE_BILINEAR;
}

static int add_plain(onnx_import *im, const Onnx__NodeProto *node, const weft_node_desc *desc)
{
    int rc = weft_graph_add_node(im->graph, desc, NULL);
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its node cannot be made");
}

/* One image in the form of a batch. */
static int add_image(onnx_import *im, const Onnx__NodeProto *node, uint32_t batch, uint32_t *out)
{
    const weft_tensor *t = &im->graph->tensors[batch];
    weft_tensor_desc d = { .name = t->name, .dtype = t->dtype, .rank = t->rank, .quant = t->quant };
    memcpy(d.dims, t->dims, sizeof d.dims);
    d.dims[0] = 1;
    int rc = weft_graph_add_tensor(im->graph, &d, out);
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "no memory for an image of its batch");
}

/* desc for image i, from `batch` to *part. */
static int compute_image(onnx_import *im, const Onnx__NodeProto *node, const weft_node_desc *desc,
                         uint32_t i, uint32_t *part)
{
    const weft_slice cut = { { i }, { 1, 1, 1, 1, 1, 1 } };
    uint32_t in[WEFT_MAX_INPUTS];
    weft_node_desc one = *desc, slice = { .op = WEFT_OP_SLICE,
                                          .name = desc->name,
                                          .requant = desc->requant,
                                          .input_count = 1,
                                          .inputs = desc->inputs,
                                          .attr = &cut };
    memcpy(in, desc->inputs, desc->input_count * sizeof *in);
    int rc = add_image(im, node, desc->inputs[0], &in[0]);
    slice.output = in[0];
    if (rc == WEFT_OK)
        rc = add_plain(im, node, &slice);
    if (rc == WEFT_OK)
        rc = add_image(im, node, desc->output, part);
    one.inputs = in;
    one.output = *part;
    return rc == WEFT_OK ? add_plain(im, node, &one) : rc;
}

int onnx_add_node(onnx_import *im, const Onnx__NodeProto *node, const weft_node_desc *desc)
{
    const weft_tensor *x = &im->graph->tensors[desc->inputs[0]];
    const uint32_t images = of_images(desc->op) ? x->dims[0] : 1;
    uint32_t parts[WEFT_MAX_INPUTS];
    int rc = WEFT_OK;
    if (images == 1)
        return add_plain(im, node, desc);
    if (images > WEFT_MAX_INPUTS)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "has a batch of %" PRIu32 " images, at most %d are possible", images,
                           WEFT_MAX_INPUTS);
    for (uint32_t i = 0; i < images && rc == WEFT_OK; i++)
        rc = compute_image(im, node, desc, i, &parts[i]);
    const weft_concat join = { 0 };
    return rc == WEFT_OK ? add_plain(im, node,
                                     &(weft_node_desc){ .op = WEFT_OP_CONCAT,
                                                        .name = desc->name,
                                                        .requant = desc->requant,
                                                        .input_count = images,
                                                        .inputs = parts,
                                                        .output = desc->output,
                                                        .attr = &join })
                         : rc;
}

int onnx_add_unary(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                   uint32_t from, uint32_t to)
{
    return onnx_add_node(im, node,
                         &(weft_node_desc){ .op = op,
                                            .name = onnx_node_name(node),
                                            .requant = WEFT_REQUANT_ONNX,
                                            .input_count = 1,
                                            .inputs = &from,
                                            .output = to,
                                            .attr = attr });
}

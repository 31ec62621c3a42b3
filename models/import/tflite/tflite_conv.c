/* CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED and the pools. */
#include <inttypes.h>
#include <string.h>

#include "tflite_import.h"

enum { SAME, VALID };

/* --- windows ------------------------------------------------------------------------------ */

static int check_images(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *y)
{
    if (!x || x->rank != 4 || y->rank != 4 || x->elements == 0 || y->elements == 0 ||
        x->dims[0] != y->dims[0])
        return TFL_REFUSE(WEFT_ERR_SHAPE, "needs tensors of rank 4 and one batch");
    return WEFT_OK;
}

static tfl_result declared(const tfl_value *y)
{
    tfl_result r = { .rank = y->rank };
    memcpy(r.dims, y->dims, sizeof r.dims);
    return r;
}

/* Pads of SAME along one axis: the smaller half in front. */
static void same_pads(uint32_t in, uint32_t kernel, uint32_t stride, uint32_t dilation,
                      uint32_t *before, uint32_t *after)
{
    const uint64_t extent = (uint64_t)dilation * (kernel - 1) + 1;
    const uint64_t steps = ((uint64_t)in + stride - 1) / stride;
    const uint64_t needed = (steps - 1) * stride + extent;
    const uint64_t pads = needed > in ? needed - in : 0;
    *before = (uint32_t)(pads / 2);
    *after = (uint32_t)(pads - pads / 2);
}

static int set_pads(tfl_import *im, const tfl_node *n, int padding, uint32_t h, uint32_t w,
                    weft_window *v)
{
    const uint32_t sizes[] = { v->kernel_h, v->kernel_w,   v->stride_h,
                               v->stride_w, v->dilation_h, v->dilation_w };
    for (unsigned i = 0; i < 6; i++)
        if (sizes[i] < 1 || sizes[i] > UINT16_MAX)
            return TFL_REFUSE(WEFT_ERR_RANGE, "kernel, stride and dilation must be 1..65535");
    if (padding != SAME && padding != VALID)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "padding %d is neither SAME nor VALID", padding);
    if (padding == VALID)
        return WEFT_OK;
    same_pads(h, v->kernel_h, v->stride_h, v->dilation_h, &v->pad_top, &v->pad_bottom);
    same_pads(w, v->kernel_w, v->stride_w, v->dilation_w, &v->pad_left, &v->pad_right);
    return WEFT_OK;
}

/* --- weights ------------------------------------------------------------------------------ */

/* Activations int8 with weights int8 or int4, or all uint8 as of 2018; all have scales. */
static int check_weighted(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *w,
                          const tfl_value *b, int zero_points)
{
    const tfl_value *y = tfl_out(im, n, 0);
    if (!x || !w || !y)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "an input is missing");
    if (x->type == TFL_FLOAT32)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "it computes float32 with %s weights; " TFL_CONVERT_WHOLE,
                          tfl_type_name(w->type));
    const int whole = x->type == TFL_UINT8 ? w->type == TFL_UINT8 : x->type == TFL_INT8;
    if (!whole || y->type != x->type ||
        (x->type == TFL_INT8 && w->type != TFL_INT8 && w->type != TFL_INT4))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "it computes %s with %s weights; quantise the model to int8 throughout",
                          tfl_type_name(x->type), tfl_type_name(w->type));
    if (b && (b->type != TFL_INT32 || !b->data || b->rank == 0))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its bias must be constant int32");
    if (w->type == TFL_UINT8 && w->quant.count > 1)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its uint8 weights have more than one scale");
    if (x->quant.count != 1 || y->quant.count != 1 || w->quant.count < 1)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "a scale is missing");
    for (uint32_t i = 0; i < w->quant.count && !zero_points && x->type == TFL_INT8; i++)
        if (w->quant.zero_point[i] != 0)
            return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its weights have a zero point other than 0");
    return WEFT_OK;
}

/* --- convolutions ------------------------------------------------------------------------- */

static int check_conv(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *w,
                      const tfl_value *b)
{
    int rc = check_weighted(im, n, x, w, b, 0);
    if (rc == WEFT_OK)
        rc = check_images(im, n, x, tfl_out(im, n, 0));
    if (rc == WEFT_OK && (w->rank != 4 || w->elements == 0))
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "its weights must have rank 4");
    return rc;
}

/* Where the options of each convolution keep their fields. */
typedef struct conv_fields {
    unsigned activation, dilation_w, dilation_h; /* dilation 0: there is none */
    int depthwise;
} conv_fields;

static int conv(tfl_import *im, const tfl_node *n, conv_fields at)
{
    tfl_value *x = tfl_in(im, n, 0), *w = tfl_in(im, n, 1), *b = tfl_in(im, n, 2);
    tfl_value *y = tfl_out(im, n, 0);
    int rc = check_conv(im, n, x, w, b);
    if (rc != WEFT_OK)
        return rc;
    weft_conv_2d a = { 0 };
    a.window.kernel_h = w->dims[1];
    a.window.kernel_w = w->dims[2];
    a.window.stride_w = (uint32_t)fb_i32(&im->file, n->options, 1, 0);
    a.window.stride_h = (uint32_t)fb_i32(&im->file, n->options, 2, 0);
    a.window.dilation_w = (uint32_t)fb_i32(&im->file, n->options, at.dilation_w, 1);
    a.window.dilation_h = (uint32_t)fb_i32(&im->file, n->options, at.dilation_h, 1);
    a.groups = at.depthwise ? x->dims[3] : w->dims[3] ? x->dims[3] / w->dims[3] : 0;
    const uint32_t channels = at.depthwise ? w->dims[3] : w->dims[0];
    uint32_t in[3];
    rc = set_pads(im, n, fb_i8(&im->file, n->options, 0, 0), x->dims[1], x->dims[2], &a.window);
    if (rc == WEFT_OK)
        rc = tfl_clamp(im, n, fb_i8(&im->file, n->options, at.activation, 0), &y->quant, &a.clamp);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, x, &in[0]);
    if (rc == WEFT_OK)
        rc = tfl_weights(im, n, x, w, at.depthwise, &in[1]);
    if (rc == WEFT_OK)
        rc = tfl_bias(im, n, b, channels, &in[2]);
    const tfl_result r = declared(y);
    return rc == WEFT_OK ? tfl_emit_images(im, n, WEFT_OP_CONV_2D, &a, b ? 3 : 2, in, &r) : rc;
}

int tfl_conv_2d(tfl_import *im, const tfl_node *n)
{
    return conv(im, n, (conv_fields){ .activation = 3, .dilation_w = 4, .dilation_h = 5 });
}

int tfl_depthwise_conv_2d(tfl_import *im, const tfl_node *n)
{
    return conv(im, n,
                (conv_fields){ .activation = 4, .dilation_w = 5, .dilation_h = 6, .depthwise = 1 });
}

/* Inputs: the output's shape (which the declared one repeats), weights, x, bias.  Pads are those of
 * a convolution that goes from the output to the input. */
int tfl_transpose_conv(tfl_import *im, const tfl_node *n)
{
    tfl_value *w = tfl_in(im, n, 1), *x = tfl_in(im, n, 2), *b = tfl_in(im, n, 3);
    tfl_value *y = tfl_out(im, n, 0);
    int rc = check_conv(im, n, x, w, b);
    if (rc != WEFT_OK)
        return rc;
    weft_conv_2d a = { .groups = 1 };
    a.window = (weft_window){ .kernel_h = w->dims[1], .kernel_w = w->dims[2] };
    a.window.stride_w = (uint32_t)fb_i32(&im->file, n->options, 1, 0);
    a.window.stride_h = (uint32_t)fb_i32(&im->file, n->options, 2, 0);
    a.window.dilation_h = a.window.dilation_w = 1;
    uint32_t in[3];
    rc = set_pads(im, n, fb_i8(&im->file, n->options, 0, 0), y->dims[1], y->dims[2], &a.window);
    a.window.pad_bottom = a.window.pad_right = 0;
    if (rc == WEFT_OK)
        rc = tfl_clamp(im, n, fb_i8(&im->file, n->options, 3, 0), &y->quant, &a.clamp);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, x, &in[0]);
    if (rc == WEFT_OK)
        rc = tfl_weights(im, n, x, w, 0, &in[1]);
    if (rc == WEFT_OK)
        rc = tfl_bias(im, n, b, w->dims[0], &in[2]);
    const tfl_result r = declared(y);
    return rc == WEFT_OK ? tfl_emit_images(im, n, WEFT_OP_TRANSPOSE_CONV, &a, b ? 3 : 2, in, &r)
                         : rc;
}

/* --- fully connected ---------------------------------------------------------------------- */

/* Rows of K for weights [Co][K], whatever the shape of x. */
static int flatten(tfl_import *im, const tfl_node *n, const tfl_value *x, const tfl_value *w,
                   uint32_t *tensor, tfl_result *r)
{
    if (w->rank != 2 || w->dims[1] == 0 || x->elements % w->dims[1])
        return TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu64 " inputs do not fit the weights", x->elements);
    const uint32_t dims[2] = { (uint32_t)(x->elements / w->dims[1]), w->dims[1] };
    *r = (tfl_result){ .rank = 2, .dims = { dims[0], w->dims[0] } };
    return tfl_reshape(im, n, 2, dims, tensor);
}

static int fully_connected(tfl_import *im, const tfl_node *n)
{
    tfl_value *x = tfl_in(im, n, 0), *w = tfl_in(im, n, 1), *b = tfl_in(im, n, 2);
    tfl_value *y = tfl_out(im, n, 0);
    weft_clamp clamp;
    tfl_result r;
    uint32_t in[3];
    int rc = check_weighted(im, n, x, w, b, 1);
    if (rc == WEFT_OK && fb_i8(&im->file, n->options, 1, 0) != 0)
        rc = TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its weights are shuffled");
    if (rc == WEFT_OK)
        rc = tfl_clamp(im, n, fb_i8(&im->file, n->options, 0, 0), &y->quant, &clamp);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, x, &in[0]);
    if (rc == WEFT_OK)
        rc = flatten(im, n, x, w, &in[0], &r);
    if (rc != WEFT_OK)
        return rc;
    if (!w->data && !b) {
        const weft_matmul a = { 1, clamp };
        rc = tfl_tensor(im, n, w, &in[1]);
        return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_MATMUL, &a, 2, in, &r) : rc;
    }
    const weft_fully_connected a = { clamp };
    rc = tfl_weights(im, n, x, w, 0, &in[1]);
    if (rc == WEFT_OK)
        rc = tfl_bias(im, n, b, w->dims[0], &in[2]);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_FULLY_CONNECTED, &a, b ? 3 : 2, in, &r) : rc;
}

int tfl_fully_connected(tfl_import *im, const tfl_node *n)
{
    const weft_requant_kind others = im->products;
    if (im->products == WEFT_REQUANT_TFLITE_F32)
        im->products = WEFT_REQUANT_REAL;
    const int rc = fully_connected(im, n);
    im->products = others;
    return rc;
}

/* --- pools -------------------------------------------------------------------------------- */

/* The kernels ignore the output's scale: the result is on the input's. */
static int pool(tfl_import *im, const tfl_node *n, weft_op op)
{
    tfl_value *x = tfl_in(im, n, 0), *y = tfl_out(im, n, 0);
    uint32_t in;
    int rc = check_images(im, n, x, y);
    if (rc == WEFT_OK && !tfl_is_byte(x))
        rc = TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it pools %s, only int8 is supported",
                        tfl_type_name(x->type));
    if (rc == WEFT_OK && x->type != y->type)
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "input and output have different types");
    if (rc != WEFT_OK)
        return rc;
    weft_pool_2d a = { .offset = op == WEFT_OP_AVERAGE_POOL_2D && x->type == TFL_UINT8 ? 128 : 0 };
    a.window.stride_w = (uint32_t)fb_i32(&im->file, n->options, 1, 0);
    a.window.stride_h = (uint32_t)fb_i32(&im->file, n->options, 2, 0);
    a.window.kernel_w = (uint32_t)fb_i32(&im->file, n->options, 3, 0);
    a.window.kernel_h = (uint32_t)fb_i32(&im->file, n->options, 4, 0);
    a.window.dilation_h = a.window.dilation_w = 1;
    rc = set_pads(im, n, fb_i8(&im->file, n->options, 0, 0), x->dims[1], x->dims[2], &a.window);
    if (rc == WEFT_OK)
        rc = tfl_clamp(im, n, fb_i8(&im->file, n->options, 5, 0), &y->quant, &a.clamp);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, x, &in);
    tfl_result r = declared(y);
    r.quant = &x->quant;
    return rc == WEFT_OK ? tfl_emit_images(im, n, op, &a, 1, &in, &r) : rc;
}

int tfl_average_pool_2d(tfl_import *im, const tfl_node *n)
{
    return pool(im, n, WEFT_OP_AVERAGE_POOL_2D);
}

int tfl_max_pool_2d(tfl_import *im, const tfl_node *n)
{
    return pool(im, n, WEFT_OP_MAX_POOL_2D);
}

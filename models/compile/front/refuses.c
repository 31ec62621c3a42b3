/* What the device cannot run although its kind of operator is one for the device. */
#include "refuses.h"
#include "models/compile/exact/averages.h"

/* Weights are sums of int8 addends, at most as many as TAPS_X holds. */
static int bilinear_fits(const network *net, const weft_node *n)
{
    const weft_resize_bilinear *a = &n->attr.resize_bilinear;
    uint32_t unit[2];
    weft_requant_kind kind;
    weft_requant rq;
    return weft_node_bilinear_requant(net->g, n, unit, &kind, &rq) == WEFT_OK &&
           (a->row_one / unit[0]) * (a->column_one / unit[1]) <= 127 * WEFT_MOST(COMPUTE, TAPS_X);
}

const char *device_refuses(const network *net, uint32_t node)
{
    const weft_node *n = &net->g->nodes[node];
    if (net->unfit[node].why[0])
        return net->unfit[node].why;
    if (net->g->tensors[n->output].dtype == WEFT_FLOAT32 &&
        weft_op_class_of(n->op) < WEFT_CLASS_CONVERT)
        return "its result is float32: quantised (weft quantize of the float network), it would "
               "run on the device";
    if (n->op == WEFT_OP_RESIZE_BILINEAR && !bilinear_fits(net, n))
        return "its weights are too fine for the int8 arithmetic of the array";
    return net->averages[node].why;
}

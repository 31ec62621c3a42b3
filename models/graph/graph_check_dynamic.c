/* The rules of dynamic quantisation: scales that are computed when the network runs. */
#include "graph.h"

#include <inttypes.h>

#include "graph_own.h"

static int is_one(const weft_tensor *t, weft_dtype dtype)
{
    return t && t->dtype == dtype && weft_tensor_elements(t) == 1;
}

int weft_check_dynamic_scale(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = weft_check_types(g, n, WEFT_FLOAT32, WEFT_FLOAT32, err);
    if (rc == WEFT_OK && !is_one(&g->tensors[n->output], WEFT_FLOAT32))
        return REFUSE(WEFT_ERR_SHAPE, "the scale must be one number");
    return rc;
}

int weft_check_dynamic_zero(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = weft_check_types(g, n, WEFT_FLOAT32, WEFT_INT8, err);
    if (rc == WEFT_OK && !is_one(&g->tensors[n->output], WEFT_INT8))
        return REFUSE(WEFT_ERR_SHAPE, "the zero point must be one number");
    return rc;
}

int weft_check_dynamic_quantize(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = weft_check_types(g, n, WEFT_FLOAT32, WEFT_INT8, err);
    if (rc != WEFT_OK)
        return rc;
    if (!is_one(weft_node_input(g, n, 1), WEFT_FLOAT32) ||
        !is_one(weft_node_input(g, n, 2), WEFT_INT8))
        return REFUSE(WEFT_ERR_SHAPE, "scale and zero point must be one number each");
    if (!weft_same_dims(weft_node_input(g, n, 0), &g->tensors[n->output]))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must have one shape");
    return WEFT_OK;
}

/* int8 by constant int8 of this rank, one zero point; no sum can leave int32. */
static int check_integers(const weft_graph *g, const weft_node *n, uint32_t rank, weft_error *err)
{
    enum { MOST = 255 * 255 }; /* of one product, whatever the zero points are */
    const weft_tensor *w = weft_node_input(g, n, 1);
    int rc = weft_check_types(g, n, WEFT_INT8, WEFT_INT32, err);
    if (rc != WEFT_OK)
        return rc;
    if (!w || !w->data || w->dtype != WEFT_INT8 || w->rank != rank || w->quant.count < 1 ||
        (w->quant.count > 1 && w->quant.axis != 0))
        return REFUSE(WEFT_ERR_SHAPE, "the weights must be constant int8 of rank %" PRIu32, rank);
    if (!is_one(weft_node_input(g, n, 2), WEFT_INT8))
        return REFUSE(WEFT_ERR_SHAPE, "the zero point must be one int8");
    if (weft_tensor_elements(w) / w->dims[0] > INT32_MAX / MOST)
        return REFUSE(WEFT_ERR_RANGE, "sums of %" PRIu64 " products may be above 2^31-1",
                      weft_tensor_elements(w) / w->dims[0]);
    return WEFT_OK;
}

int weft_check_conv_integer(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_integers(g, n, 4, err);
    return rc == WEFT_OK ? weft_check_conv_form(g, n, err) : rc;
}

int weft_check_matmul_integer(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_integers(g, n, 2, err);
    return rc == WEFT_OK ? weft_check_dense_form(g, n, err) : rc;
}

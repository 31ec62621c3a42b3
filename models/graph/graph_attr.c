/* Attributes into a graph: the struct of each operator, and the arrays some of them point to. */
#include "graph_attr.h"

#include <string.h>

#include "graph_own.h"

static size_t attr_bytes(weft_attr_kind kind)
{
    switch (kind) {
    case WEFT_ATTR_NONE: return 0;
    case WEFT_ATTR_CONV_2D: return sizeof(weft_conv_2d);
    case WEFT_ATTR_FULLY_CONNECTED: return sizeof(weft_fully_connected);
    case WEFT_ATTR_MATMUL: return sizeof(weft_matmul);
    case WEFT_ATTR_POOL_2D: return sizeof(weft_pool_2d);
    case WEFT_ATTR_MEAN: return sizeof(weft_mean);
    case WEFT_ATTR_ELEMENTWISE: return sizeof(weft_elementwise);
    case WEFT_ATTR_TABLE: return sizeof(weft_table);
    case WEFT_ATTR_TABLE_PAIR: return sizeof(weft_table_pair);
    case WEFT_ATTR_TRANSPOSE: return sizeof(weft_transpose);
    case WEFT_ATTR_PAD: return sizeof(weft_pad);
    case WEFT_ATTR_CONCAT: return sizeof(weft_concat);
    case WEFT_ATTR_SLICE: return sizeof(weft_slice);
    case WEFT_ATTR_RESIZE_NEAREST: return sizeof(weft_resize_nearest);
    case WEFT_ATTR_RESIZE_BILINEAR: return sizeof(weft_resize_bilinear);
    case WEFT_ATTR_SOFTMAX: return sizeof(weft_softmax);
    case WEFT_ATTR_ARGMAX: return sizeof(weft_argmax);
    case WEFT_ATTR_LAYER_NORMALIZATION: return sizeof(weft_layer_normalization);
    case WEFT_ATTR_FUNCTION: return sizeof(weft_real_function);
    }
    return 0;
}

/* Replace the array at *at by a copy that the graph owns. */
static int keep(weft_graph *g, const void **at, size_t bytes)
{
    if (!*at)
        return WEFT_ERR_ARG;
    void *to = weft_graph_alloc(g, bytes);
    if (!to)
        return WEFT_ERR_NO_MEMORY;
    memcpy(to, *at, bytes);
    *at = to;
    return WEFT_OK;
}

/* A list per row and per column of y, which has rank 4. */
static int keep_lists(weft_graph *g, const weft_node *n, const void **rows, const void **columns,
                      size_t element_bytes)
{
    const weft_tensor *y = &g->tensors[n->output];
    if (y->rank != 4)
        return WEFT_ERR_ARG;
    int rc = keep(g, rows, y->dims[1] * element_bytes);
    return rc == WEFT_OK ? keep(g, columns, y->dims[2] * element_bytes) : rc;
}

int weft_graph_copy_attr(weft_graph *g, const void *attr, weft_node *n)
{
    size_t bytes = attr_bytes(weft_op_attr(n->op));
    if (bytes == 0)
        return WEFT_OK;
    if (!attr)
        return WEFT_ERR_ARG;
    memcpy(&n->attr, attr, bytes);
    const void *list[2] = { NULL, NULL };
    int rc = WEFT_OK;
    if (n->op == WEFT_OP_TABLE) {
        list[0] = n->attr.table.entries;
        rc = keep(g, &list[0], 256);
        n->attr.table.entries = list[0];
    } else if (n->op == WEFT_OP_TABLE_PAIR) {
        list[0] = n->attr.table_pair.entries;
        rc = keep(g, &list[0], WEFT_TABLE_PAIR_BYTES);
        n->attr.table_pair.entries = list[0];
    } else if (n->op == WEFT_OP_RESIZE_NEAREST) {
        weft_resize_nearest *a = &n->attr.resize_nearest;
        list[0] = a->rows;
        list[1] = a->columns;
        rc = keep_lists(g, n, &list[0], &list[1], sizeof *a->rows);
        a->rows = list[0];
        a->columns = list[1];
    } else if (n->op == WEFT_OP_RESIZE_BILINEAR) {
        weft_resize_bilinear *a = &n->attr.resize_bilinear;
        list[0] = a->rows;
        list[1] = a->columns;
        rc = keep_lists(g, n, &list[0], &list[1], sizeof *a->rows);
        a->rows = list[0];
        a->columns = list[1];
        list[0] = a->row_shares;
        list[1] = a->column_shares;
        if (rc == WEFT_OK && (list[0] || list[1]))
            rc = keep_lists(g, n, &list[0], &list[1], sizeof *a->row_shares);
        a->row_shares = list[0];
        a->column_shares = list[1];
    }
    return rc;
}

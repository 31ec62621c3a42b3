/* Reading a graph: names, sizes, and what the rows of ops.def say. */
#include "graph_own.h"

static const struct {
    const char *name;
    uint32_t inputs_min, inputs_max;
    weft_op_class class;
    weft_attr_kind attr;
    const char *why;
} op_table[] = {
#define OP(NAME, name, inputs_min, inputs_max, CLASS, ATTR, why)                                   \
    { #NAME, inputs_min, inputs_max, WEFT_CLASS_##CLASS, WEFT_ATTR_##ATTR, why },
#include "ops.def"
};

static const struct {
    const char *name;
    size_t bytes;
} dtype_table[] = {
    [WEFT_INT8] = { "int8", 1 },   [WEFT_UINT8] = { "uint8", 1 },     [WEFT_INT32] = { "int32", 4 },
    [WEFT_INT64] = { "int64", 8 }, [WEFT_FLOAT32] = { "float32", 4 }, [WEFT_BOOL] = { "bool", 1 }
};

void weft_op_inputs(weft_op op, uint32_t *least, uint32_t *most)
{
    *least = op_table[op].inputs_min;
    *most = op_table[op].inputs_max;
}

const char *weft_node_op_text(const weft_node *n)
{
    return n->origin ? n->origin : weft_op_name(n->op);
}

const char *weft_op_name(weft_op op)
{
    return (unsigned)op < WEFT_OP_COUNT ? op_table[op].name : "?";
}

weft_op_class weft_op_class_of(weft_op op)
{
    return (unsigned)op < WEFT_OP_COUNT ? op_table[op].class : WEFT_CLASS_HOST;
}

weft_attr_kind weft_op_attr(weft_op op)
{
    return (unsigned)op < WEFT_OP_COUNT ? op_table[op].attr : WEFT_ATTR_NONE;
}

const char *weft_op_why(weft_op op)
{
    return (unsigned)op < WEFT_OP_COUNT ? op_table[op].why : "";
}

const char *weft_dtype_name(weft_dtype dtype)
{
    return (unsigned)dtype <= WEFT_BOOL ? dtype_table[dtype].name : "?";
}

size_t weft_dtype_bytes(weft_dtype dtype)
{
    return (unsigned)dtype <= WEFT_BOOL ? dtype_table[dtype].bytes : 0;
}

const weft_tensor *weft_node_input(const weft_graph *g, const weft_node *n, uint32_t i)
{
    return i < n->input_count && n->inputs[i] != WEFT_NONE ? &g->tensors[n->inputs[i]] : NULL;
}

uint64_t weft_dims_elements(uint32_t rank, const uint32_t *dims)
{
    uint64_t elements = rank <= WEFT_MAX_RANK;
    for (uint32_t i = 0; i < rank && elements; i++) {
        elements *= dims[i];
        if (elements > WEFT_MAX_ELEMENTS)
            return 0;
    }
    return elements;
}

uint64_t weft_tensor_elements(const weft_tensor *t)
{
    return weft_dims_elements(t->rank, t->dims);
}

size_t weft_tensor_bytes(const weft_tensor *t)
{
    return (size_t)weft_tensor_elements(t) * weft_dtype_bytes(t->dtype);
}

size_t weft_port_bytes(const weft_graph *g, const weft_port *port)
{
    return (size_t)weft_tensor_elements(&g->tensors[port->tensor]) * weft_dtype_bytes(port->dtype);
}

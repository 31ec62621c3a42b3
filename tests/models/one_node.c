/* See one_node.h. */
#include "one_node.h"

#include <string.h>

static int add_port(weft_graph *g, uint32_t tensor, int is_input)
{
    const weft_tensor *t = &g->tensors[tensor];
    weft_port p = { .name = "p", .dtype = t->dtype, .rank = t->rank, .tensor = tensor };
    memcpy(p.dims, t->dims, sizeof p.dims);
    for (uint32_t i = 0; i < WEFT_MAX_RANK; i++)
        p.perm[i] = i;
    return is_input ? weft_graph_add_input(g, &p) : weft_graph_add_output(g, &p);
}

static int build(one_node *o, const weft_node_desc *node, uint32_t count, const one_input *in,
                 const weft_tensor_desc *y)
{
    uint32_t inputs[WEFT_MAX_INPUTS];
    int rc = weft_graph_new(&o->g);
    for (uint32_t i = 0; i < count && rc == WEFT_OK; i++) {
        inputs[i] = WEFT_NONE;
        if (in[i].desc.rank == WEFT_NONE)
            continue;
        rc = weft_graph_add_tensor(o->g, &in[i].desc, &inputs[i]);
        if (rc == WEFT_OK && !in[i].desc.data)
            rc = add_port(o->g, inputs[i], 1);
    }
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(o->g, y, &o->y);
    weft_node_desc d = *node;
    d.name = "n";
    d.input_count = count;
    d.inputs = inputs;
    d.output = o->y;
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(o->g, &d, NULL);
    return rc == WEFT_OK ? add_port(o->g, o->y, 0) : rc;
}

int one_node_run(one_node *o, const weft_node_desc *node, uint32_t count, const one_input *in,
                 const weft_tensor_desc *y, weft_error *err)
{
    *o = (one_node){ 0 };
    int rc = build(o, node, count, in, y);
    if (rc == WEFT_OK)
        rc = weft_graph_check(o->g, err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(o->g, &o->r, err);
    for (uint32_t i = 0, port = 0; i < count && rc == WEFT_OK; i++)
        if (in[i].desc.rank != WEFT_NONE && !in[i].desc.data) {
            const weft_tensor *t = &o->g->tensors[o->g->inputs[port].tensor];
            rc = weft_ref_set_input(o->r, port++, in[i].activation, weft_tensor_bytes(t));
        }
    if (rc == WEFT_OK)
        weft_ref_run(o->r);
    return rc;
}

const void *one_node_result(const one_node *o)
{
    return o->r ? weft_ref_tensor(o->r, o->y) : NULL;
}

void one_node_free(one_node *o)
{
    weft_ref_free(o->r);
    weft_graph_free(o->g);
}

weft_tensor_desc one_tensor(weft_dtype dtype, uint32_t rank, const uint32_t *dims,
                            const float *scale, const int32_t *zero_point)
{
    weft_tensor_desc d = { .name = "t", .dtype = dtype, .rank = rank };
    memcpy(d.dims, dims, rank * sizeof *dims);
    if (scale)
        d.quant = (weft_quant){ 1, 0, scale, zero_point };
    return d;
}

/* Constants of a float network, computed once: weights that are moved before use, shape arithmetic.
 */
#include "float_fold.h"

#include "models/import/onnx/onnx_import.h"

#include <stdlib.h>
#include <string.h>

typedef struct folding {
    float_net *net;
    uint32_t *producer;
    uint8_t *is_static; /* by value: the same in every run */
    nd *kept;
    uint64_t left; /* elements that constants may still hold */
} folding;

static int depends_on_shapes(const float_node *n)
{
    return !strcmp(n->proto->op_type, "Shape") || !strcmp(n->proto->op_type, "Size");
}

static int node_is_static(const folding *f, const float_node *n)
{
    for (uint32_t i = 0; i < n->in_count && !depends_on_shapes(n); i++)
        if (n->in[i] != FLOAT_NONE && !f->is_static[n->in[i]])
            return 0;
    return 1;
}

static int is_invented(const float_net *net, const float_node *n)
{
    int invented = !strcmp(n->proto->op_type, "ConstantOfShape");
    for (uint32_t i = 0; i < n->in_count; i++)
        invented |= n->in[i] != FLOAT_NONE && net->values[n->in[i]].invented;
    return invented;
}

static int see(void *context, uint32_t v, nd *array, weft_error *err)
{
    folding *f = context;
    float_value *value = &f->net->values[v];
    const uint32_t node = f->producer[v];
    value->shape = *array;
    value->shape.f = NULL;
    value->shape.i = NULL;
    if (node == FLOAT_NONE || !node_is_static(f, &f->net->nodes[node]))
        return WEFT_OK;
    eval_run run = { .err = err, .left = f->left };
    f->is_static[v] = 1;
    value->invented = array->f && is_invented(f->net, &f->net->nodes[node]);
    int rc = nd_copy(&run, array, &f->kept[v]);
    f->left = run.left;
    return rc;
}

/* Nodes whose results are kept go, and those whose results nobody reads any more. */
static void replace_nodes(folding *f)
{
    float_net *net = f->net;
    for (uint32_t i = net->node_count; i-- > 0;) {
        const float_node *n = &net->nodes[i];
        int read = 0, kept = 1;
        for (uint32_t k = 0; k < n->out_count; k++) {
            const uint32_t v = n->out[k];
            read |= v != FLOAT_NONE && net->values[v].readers;
            kept &= v == FLOAT_NONE || !net->values[v].readers || f->is_static[v];
        }
        if (!n->dead && (!read || kept))
            float_kill(net, i);
    }
    for (uint32_t v = 0; v < net->value_count; v++) {
        if (!f->is_static[v] || net->values[v].constant)
            continue;
        net->values[v].constant = 1;
        net->values[v].array = f->kept[v];
        f->kept[v] = (nd){ 0 };
        if (!net->values[v].readers)
            nd_free(&net->values[v].array);
    }
}

static int zero_inputs(const float_net *net, nd *inputs, weft_error *err)
{
    eval_run run = { .err = err, .left = net->elements };
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < net->input_count && rc == WEFT_OK; i++) {
        const float_port *p = &net->inputs[i];
        for (uint32_t k = 0; k < p->rank; k++)
            if (p->dims[k] == 0)
                return onnx_refuse_unsaid(p->info, p->dims, err);
        rc = nd_new(&run, p->type, p->rank, p->dims, &inputs[i]);
    }
    return rc;
}

static int fold(folding *f, nd *inputs, weft_error *err)
{
    float_net *net = f->net;
    const float_watch watch = { see, f };
    int rc = zero_inputs(net, inputs, err);
    for (uint32_t v = 0; v < net->value_count; v++) {
        f->producer[v] = FLOAT_NONE;
        f->is_static[v] = net->values[v].constant != 0;
        if (net->values[v].constant) {
            net->values[v].shape = net->values[v].array;
            net->values[v].shape.f = NULL;
            net->values[v].shape.i = NULL;
        }
    }
    for (uint32_t i = 0; i < net->node_count; i++)
        for (uint32_t k = 0; k < net->nodes[i].out_count; k++)
            if (net->nodes[i].out[k] != FLOAT_NONE)
                f->producer[net->nodes[i].out[k]] = i;
    if (rc == WEFT_OK)
        rc = float_net_run(net, inputs, &watch, NULL, err);
    if (rc == WEFT_OK)
        replace_nodes(f);
    net->elements = f->left;
    return rc;
}

int float_fold(float_net *net, weft_error *err)
{
    folding f = { .net = net, .left = net->elements };
    if (net->node_count > FLOAT_MAX_NODES)
        return weft_error_set(err, WEFT_ERR_CAPACITY,
                              "the network has %u operators; at most %d are possible",
                              net->node_count, FLOAT_MAX_NODES);
    const size_t values = (size_t)net->value_count + 1;
    f.producer = calloc(values, sizeof *f.producer);
    f.is_static = calloc(values, 1);
    f.kept = calloc(values, sizeof *f.kept);
    nd *inputs = calloc((size_t)net->input_count + 1, sizeof *inputs);
    int rc = f.producer && f.is_static && f.kept && inputs
                 ? fold(&f, inputs, err)
                 : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to fold constants");
    for (uint32_t v = 0; f.kept && v < net->value_count; v++)
        nd_free(&f.kept[v]);
    for (uint32_t i = 0; inputs && i < net->input_count; i++)
        nd_free(&inputs[i]);
    free(f.producer);
    free(f.is_static);
    free(f.kept);
    free(inputs);
    return rc;
}

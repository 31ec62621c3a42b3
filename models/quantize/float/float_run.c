/* Running a float network node by node; the contract is in float_net.h. */
#include <stdlib.h>
#include <string.h>

#include "float_net.h"

typedef struct run {
    float_net *net;
    eval_run eval;
    uint32_t *unread; /* readers of each value still to come */
    const nd **in;    /* of the node at hand */
    const float_watch *watch;
} run;

static int watch_value(run *r, uint32_t v)
{
    if (!r->watch || v == FLOAT_NONE)
        return WEFT_OK;
    return r->watch->seen(r->watch->context, v, &r->net->values[v].array, r->eval.err);
}

static void release(run *r, nd *a)
{
    r->eval.left += a->count;
    nd_free(a);
}

static void read_once(run *r, uint32_t v)
{
    if (v != FLOAT_NONE && --r->unread[v] == 0 && !r->net->values[v].constant)
        release(r, &r->net->values[v].array);
}

static int run_node(run *r, const float_node *n)
{
    nd out[EVAL_MAX_OUTPUTS] = { { 0 } };
    float_value *values = r->net->values;
    size_t count = n->in_count;
    while (count && n->in[count - 1] == FLOAT_NONE)
        count--;
    for (size_t i = 0; i < count; i++)
        r->in[i] = n->in[i] == FLOAT_NONE ? NULL : &values[n->in[i]].array;
    int rc = eval_node(&r->eval, n->proto, r->in, count, out);
    for (uint32_t i = 0; rc == WEFT_OK && i < n->out_count; i++) {
        const uint32_t v = n->out[i];
        if (v == FLOAT_NONE || !r->unread[v]) {
            release(r, &out[i]);
            continue;
        }
        values[v].array = out[i];
        out[i] = (nd){ 0 };
        rc = watch_value(r, v);
    }
    for (uint32_t i = 0; i < EVAL_MAX_OUTPUTS; i++)
        release(r, &out[i]);
    for (uint32_t i = 0; rc == WEFT_OK && i < n->in_count; i++)
        read_once(r, n->in[i]);
    return rc;
}

static int set_inputs(run *r, const nd *inputs)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < r->net->input_count && rc == WEFT_OK; i++) {
        const uint32_t v = r->net->inputs[i].value;
        if (!r->unread[v])
            continue;
        rc = nd_copy(&r->eval, &inputs[i], &r->net->values[v].array);
        if (rc == WEFT_OK)
            rc = watch_value(r, v);
    }
    return rc;
}

static int take_outputs(run *r, nd *outputs)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; outputs && i < r->net->output_count && rc == WEFT_OK; i++)
        rc = nd_copy(&r->eval, &r->net->values[r->net->outputs[i]].array, &outputs[i]);
    for (uint32_t i = 0; outputs && rc != WEFT_OK && i < r->net->output_count; i++)
        nd_free(&outputs[i]);
    return rc;
}

static int start(run *r)
{
    const float_net *net = r->net;
    size_t most = 1;
    for (uint32_t i = 0; i < net->node_count; i++)
        most = net->nodes[i].in_count > most ? net->nodes[i].in_count : most;
    r->unread = calloc((size_t)net->value_count + 1, sizeof *r->unread);
    r->in = calloc(most, sizeof *r->in);
    if (!r->unread || !r->in)
        return weft_error_set(r->eval.err, WEFT_ERR_NO_MEMORY, "no memory to run the network");
    for (uint32_t i = 0; i < net->value_count; i++)
        r->unread[i] = net->values[i].readers;
    return WEFT_OK;
}

int float_net_run(float_net *net, const nd *inputs, const float_watch *watch, nd *outputs,
                  weft_error *err)
{
    uint64_t work = net->work;
    run r = { .net = net,
              .eval = { .err = err, .opset = net->opset, .left = net->elements, .work = &work },
              .watch = watch };
    for (uint32_t i = 0; outputs && i < net->output_count; i++)
        outputs[i] = (nd){ 0 };
    int rc = start(&r);
    if (rc == WEFT_OK)
        rc = set_inputs(&r, inputs);
    for (uint32_t i = 0; i < net->node_count && rc == WEFT_OK; i++)
        if (!net->nodes[i].dead)
            rc = run_node(&r, &net->nodes[i]);
    if (rc == WEFT_OK)
        rc = take_outputs(&r, outputs);
    for (uint32_t i = 0; i < net->value_count; i++)
        if (!net->values[i].constant)
            nd_free(&net->values[i].array);
    free(r.unread);
    free(r.in);
    return rc;
}

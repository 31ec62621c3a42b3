/* What the host runs, what lies in device memory for it, and in which order everything runs.
 *
 * An int8 tensor has a home in device memory if the device makes or reads it, or if a port does; a
 * float32 or int32 one if a port gives or takes it as it is, or several operators of the host read it.
 * What the host makes of such tensors, through others that have no home (float32, positions, what
 * only the host reads), is a step if it ends in a tensor with a home, else the end of an output.
 *
 * Between two runs of the device stand as many steps as can be: whatever can run runs before the
 * next step, so a tensor's run is the number of steps one behind the other that lead to it. */
#include "split.h"
#include "front.h"
#include "refuses.h"

#include <stdlib.h>

static int is_softmax(weft_op op)
{
    return op == WEFT_OP_SOFTMAX || op == WEFT_OP_LOG_SOFTMAX;
}

/* Changes no value, only the shape. */
static int is_identity(const weft_node *n)
{
    if (n->op == WEFT_OP_RESHAPE)
        return 1;
    for (int i = 0; n->op == WEFT_OP_TABLE && i < WEFT_TABLE_ENTRIES; i++)
        if (n->attr.table.entries[i] != i - 128)
            return 0;
    return n->op == WEFT_OP_TABLE;
}

static int is_output_of(const weft_graph *g, uint32_t tensor)
{
    for (uint32_t i = 0; i < g->output_count; i++)
        if (g->outputs[i].tensor == tensor)
            return 1;
    return 0;
}

/* The device cannot run it. */
static int host_only(const network *net, uint32_t node)
{
    const weft_node *n = &net->g->nodes[node];
    if (weft_op_class_of(n->op) >= WEFT_CLASS_HOST_SUM ||
        net->g->tensors[n->output].dtype != WEFT_INT8)
        return 1;
    for (uint32_t i = 0; i < n->input_count; i++) {
        const weft_tensor *x = weft_node_input(net->g, n, i);
        if (x && !x->data && x->dtype != WEFT_INT8)
            return 1;
    }
    return device_refuses(net, node) != NULL;
}

static int port_can(const weft_graph *g, const weft_node *n);

/* The int8 tensor that a port makes of its float32 input, with steps of its own; NONE if others read
 * the input too, or another operator does. */
static uint32_t quantised_by_port(const weft_graph *g, uint32_t tensor)
{
    for (uint32_t steps = 0; steps < WEFT_MAX_HOST_STEPS;) {
        const weft_tensor *t = &g->tensors[tensor];
        const weft_node *n = t->consumer_count == 1 ? &g->nodes[t->consumers[0]] : NULL;
        if (!n || t->dtype != WEFT_FLOAT32 || is_output_of(g, tensor))
            return WEFT_NONE;
        if (!is_identity(n) && (!port_can(g, n) || n->op == WEFT_OP_ARGMAX))
            return WEFT_NONE;
        steps += !is_identity(n);
        tensor = n->output;
        if (n->op == WEFT_OP_QUANTIZE)
            return tensor;
    }
    return WEFT_NONE;
}

/* Where each input of the graph lies: an int8 tensor, or the numbers themselves. */
static void give_inputs_homes(network *net)
{
    const weft_graph *g = net->g;
    for (uint32_t i = 0; i < g->tensor_count; i++) {
        const weft_tensor *t = &g->tensors[i];
        if (t->data || t->producer != WEFT_NONE)
            continue;
        const uint32_t made = t->dtype == WEFT_INT8 ? i : quantised_by_port(g, i);
        net->home[made == WEFT_NONE ? i : made] = HOME_INPUT;
    }
}

/* A result of the host that several operators read is computed once and kept. */
static int is_kept(const weft_graph *g, const weft_node *n)
{
    const weft_tensor *t = &g->tensors[n->output];
    return t->dtype == WEFT_FLOAT32 && t->consumer_count > 1 && n->op != WEFT_OP_DEQUANTIZE &&
           n->op != WEFT_OP_LOOKUP && n->op != WEFT_OP_RESHAPE;
}

static int device_reads(const network *net, uint32_t tensor)
{
    const weft_tensor *t = &net->g->tensors[tensor];
    for (uint32_t i = 0; i < t->consumer_count; i++)
        if (!net->on_host[t->consumers[i]])
            return 1;
    return 0;
}

/* From the first node to the last: what the device can run runs there; what changes no value goes
 * with what it follows. */
static void choose_sides(network *net)
{
    const weft_graph *g = net->g;
    give_inputs_homes(net);
    for (uint32_t i = 0; i < g->node_count; i++) {
        const uint32_t node = g->order[i];
        const weft_node *n = &g->nodes[node];
        net->on_host[node] = (uint8_t)(host_only(net, node) ||
                                       (is_identity(n) && net->home[n->inputs[0]] == HOME_NONE));
        if (!net->on_host[node])
            net->home[n->output] = HOME_DEVICE;
        else if (is_kept(g, n))
            net->home[n->output] = HOME_STEP;
    }
}

/* From the last node to the first: of what the host makes and the device reads, what changes no
 * value goes to the device, and the rest gets a home as the end of a step. */
static void give_homes(network *net)
{
    const weft_graph *g = net->g;
    for (uint32_t i = g->node_count; i-- > 0;) {
        const uint32_t node = g->order[i];
        const weft_node *n = &g->nodes[node];
        if (!net->on_host[node] || net->home[n->output] != HOME_NONE ||
            !device_reads(net, n->output))
            continue;
        net->on_host[node] = !is_identity(n) || host_only(net, node);
        net->home[n->output] = net->on_host[node] ? HOME_STEP : HOME_DEVICE;
    }
}

/* A step of a port has one scale, so it cannot say int8 softmax of kind ONNX, which has two. */
static int port_can(const weft_graph *g, const weft_node *n)
{
    if (is_softmax(n->op))
        return g->tensors[n->output].dtype != WEFT_INT8 || n->requant == WEFT_REQUANT_TFLITE;
    return n->op == WEFT_OP_QUANTIZE || n->op == WEFT_OP_DEQUANTIZE || n->op == WEFT_OP_ARGMAX;
}

/* The operators of the host at the end of an output are steps of its port, as far back as a port
 * can say and has room for; what stands before those is a step between runs, which ends in a
 * tensor with a home: the last int8 one, or else the output itself. */
static void end_output(network *net, uint32_t output)
{
    const weft_graph *g = net->g;
    uint32_t last = output, steps = 0, tensor = output;
    while (net->home[tensor] == HOME_NONE && g->tensors[tensor].producer != WEFT_NONE) {
        const weft_node *n = &g->nodes[g->tensors[tensor].producer];
        if (g->tensors[tensor].dtype == WEFT_INT8)
            last = tensor;
        steps += !is_identity(n);
        if ((!is_identity(n) && !port_can(g, n)) || steps > WEFT_MAX_HOST_STEPS) {
            net->home[last] = HOME_STEP;
            return;
        }
        tensor = n->inputs[0];
    }
    if (steps && g->tensors[tensor].dtype != WEFT_INT8)
        net->home[last] = HOME_STEP; /* a port has steps from int8 on only */
}

/* The run of the device, or the steps behind it, that a node belongs to. */
static uint32_t run_of(const network *net, const weft_node *n, const uint32_t *run)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n->input_count; i++) {
        const uint32_t x = n->inputs[i];
        const uint32_t producer = x == WEFT_NONE ? WEFT_NONE : net->g->tensors[x].producer;
        if (producer == WEFT_NONE)
            continue;
        const uint32_t needs = run[producer] + (net->home[x] == HOME_STEP);
        most = needs > most ? needs : most;
    }
    return most;
}

static int put_in_order(network *net)
{
    const weft_graph *g = net->g;
    uint32_t *run = work_alloc(net->work, (g->node_count + 1u) * sizeof *run);
    uint32_t last = 0, count = 0;
    if (!run)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < g->node_count; i++) {
        const uint32_t node = g->order[i];
        run[node] = run_of(net, &g->nodes[node], run);
        last = run[node] > last ? run[node] : last;
    }
    for (uint32_t turn = 0; turn < 2 * (last + 1); turn++)
        for (uint32_t i = 0; i < g->node_count; i++)
            if (run[g->order[i]] == turn / 2 && net->on_host[g->order[i]] == turn % 2)
                net->order[count++] = g->order[i];
    return WEFT_OK;
}

int front_split(network *net)
{
    const weft_graph *g = net->g;
    net->on_host = work_alloc(net->work, g->node_count + 1u);
    net->home = work_alloc(net->work, g->tensor_count + 1u);
    net->order = work_alloc(net->work, (g->node_count + 1u) * sizeof *net->order);
    if (!net->on_host || !net->home || !net->order)
        return WEFT_ERR_NO_MEMORY;
    choose_sides(net);
    give_homes(net);
    for (uint32_t i = 0; i < g->output_count; i++)
        end_output(net, g->outputs[i].tensor);
    return put_in_order(net);
}

uint32_t split_output_tensor(const network *net, uint32_t tensor)
{
    while (net->home[tensor] == HOME_NONE && net->g->tensors[tensor].producer != WEFT_NONE)
        tensor = net->g->nodes[net->g->tensors[tensor].producer].inputs[0];
    return tensor;
}

int split_is_output(const network *net, uint32_t tensor)
{
    for (uint32_t i = 0; i < net->g->output_count; i++)
        if (split_output_tensor(net, net->g->outputs[i].tensor) == tensor)
            return 1;
    return 0;
}

uint32_t split_step_nodes(const network *net, uint32_t node, uint8_t *needed)
{
    const weft_graph *g = net->g;
    uint32_t count = 0;
    memset(needed, 0, g->node_count);
    needed[node] = 1;
    for (uint32_t i = g->node_count; i-- > 0;) {
        const weft_node *n = &g->nodes[g->order[i]];
        if (!needed[g->order[i]])
            continue;
        count++;
        for (uint32_t k = 0; k < n->input_count; k++) {
            const weft_tensor *x = weft_node_input(g, n, k);
            if (x && x->producer != WEFT_NONE && net->home[n->inputs[k]] == HOME_NONE)
                needed[x->producer] = 1;
        }
    }
    return count;
}

/* From a graph to areas and layers: what is stored how, and who computes it. */
#include "lower.h"
#include "models/compile/exact/binary.h"
#include "models/compile/front/split.h"

#include <stdlib.h>

static int lower_node(lowering *low, const weft_node *n, const fusion *f)
{
    switch (weft_op_class_of(n->op)) {
    case WEFT_CLASS_CONV:
    case WEFT_CLASS_BILINEAR:
    case WEFT_CLASS_POOL: return lower_window(low, n, f);
    case WEFT_CLASS_MEAN: return lower_mean(low, n, f);
    case WEFT_CLASS_MATMUL: return lower_matmul(low, n, f);
    case WEFT_CLASS_FULL: return lower_fully_connected(low, n, f);
    case WEFT_CLASS_BINARY:
    case WEFT_CLASS_SLOPE:
        if (f->binary != WEFT_NONE && binary_stages(low->net, n) > 1)
            return lower_stages(low, n, f);
        return lower_elementwise(low, n, f);
    case WEFT_CLASS_TABLE:
        if (f->after)
            return lower_elementwise(low, n, f);
        low->area_of[low->net->g->nodes[f->last].output] = low->area_of[f->input];
        return WEFT_OK;
    case WEFT_CLASS_RESHAPE: low->area_of[n->output] = low->area_of[n->inputs[0]]; return WEFT_OK;
    case WEFT_CLASS_MOVE: return lower_move(low, n);
    case WEFT_CLASS_CONVERT:
    case WEFT_CLASS_HOST_SUM:
    case WEFT_CLASS_HOST: break;
    }
    return weft_error_set(low->work->err, WEFT_ERR_UNSUPPORTED, "%s \"%s\" has no lowering",
                          weft_op_name(n->op), n->name);
}

/* Int8 tensors that the host fills before the first run: inputs of the graph, or what a QUANTIZE
 * makes of them. */
static int lower_inputs(lowering *low)
{
    for (uint32_t i = 0; i < low->net->g->tensor_count; i++) {
        low->area_of[i] = NO_AREA;
        if (low->net->home[i] != HOME_INPUT)
            continue;
        int rc = layout_new_area(low, i, layout_chosen(low, i));
        if (rc != WEFT_OK)
            return rc;
        low->areas[low->area_of[i]].is_input = 1;
    }
    return WEFT_OK;
}

/* Mark the outputs, and drop layers whose result nobody reads. */
static int drop_dead(lowering *low)
{
    uint8_t *read = work_alloc(low->work, low->area_count + 1u),
            *alive = work_alloc(low->work, low->layer_count + 1u);
    if (!read || !alive)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < low->net->g->output_count; i++) {
        uint32_t k = low->area_of[split_output_tensor(low->net, low->net->g->outputs[i].tensor)];
        if (k != NO_AREA)
            low->areas[k].is_output = read[k] = 1;
    }
    for (uint32_t i = low->layer_count; i-- > 0;) {
        const layer *l = &low->layers[i];
        alive[i] = read[l->out];
        for (uint32_t k = 0; k < layer_input_count(l) && alive[i]; k++)
            if (layer_input(l, k) != NO_AREA)
                read[layer_input(l, k)] = 1;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < low->layer_count; i++)
        if (alive[i])
            low->layers[kept++] = low->layers[i];
    low->layer_count = kept;
    return WEFT_OK;
}

static void uses(lowering *low, uint32_t k, uint32_t layer_index)
{
    if (k == NO_AREA)
        return;
    low->areas[k].born = min_u32(low->areas[k].born, layer_index);
    low->areas[k].dies = layer_index;
}

static void set_lifetimes(lowering *low)
{
    for (uint32_t i = 0; i < low->layer_count; i++) {
        const layer *l = &low->layers[i];
        const int host = l->kind == LAYER_HOST;
        uses(low, l->out, i);
        low->areas[l->out].last_writer = i;
        low->areas[l->out].host_writes |= host;
        for (uint32_t k = 0; k < layer_input_count(l); k++) {
            uses(low, layer_input(l, k), i);
            if (layer_input(l, k) == NO_AREA)
                continue;
            area *a = &low->areas[layer_input(l, k)];
            a->host_reads |= host;
            a->device_reads |= !host;
        }
    }
}

/* Nothing stays in the feature buffer from one run of the device to the next. */
static void find_crossings(lowering *low)
{
    for (uint32_t i = 0; i < low->layer_count; i++)
        for (uint32_t k = 0; low->layers[i].kind == LAYER_HOST && k < low->area_count; k++)
            low->areas[k].crosses |= low->areas[k].born < i && low->areas[k].dies > i;
}

/* Refuses a layer that needs a kind of rounding which the device was built without. */
static int check_kinds(const lowering *low, const layer *l)
{
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < l->kernel_count; i++)
        kinds |= l->kernels[i].raw ? 0 : 1u << l->kernels[i].kind;
    if (l->alu)
        kinds |= 1u << l->kind2;
    const uint32_t lacks = low->net->hw.lacks;
    if (kinds & 1u << WEFT_KIND_TFLITE && lacks & WEFT_INFO_LACKS_TFLITE)
        return weft_error_set(low->work->err, WEFT_ERR_UNSUPPORTED,
                              "the device was built without the rounding of TensorFlow Lite");
    if (kinds & 1u << WEFT_KIND_FLOAT && lacks & WEFT_INFO_LACKS_FLOAT)
        return weft_error_set(low->work->err, WEFT_ERR_UNSUPPORTED,
                              "the device was built without the rounding of ONNX Runtime");
    return WEFT_OK;
}

static int lower_in_order(lowering *low, uint32_t node)
{
    const weft_node *n = &low->net->g->nodes[node];
    const fusion *f = &low->net->fusions[low->net->fusions[node].root];
    if (low->net->on_host[node])
        return low->net->home[n->output] == HOME_STEP ? lower_step(low, node) : WEFT_OK;
    const int here = f->last == node && f->into == WEFT_NONE;
    const uint32_t before = low->layer_count;
    int rc = here ? lower_node(low, &low->net->g->nodes[f->root], f) : WEFT_OK;
    for (uint32_t i = before; i < low->layer_count && rc == WEFT_OK; i++)
        rc = check_kinds(low, &low->layers[i]);
    if (rc != WEFT_OK)
        work_blame(low->work, node, "%s", low->work->err->text);
    return rc;
}

int lower_network(lowering *low)
{
    low->area_of = malloc((low->net->g->tensor_count + 1u) * sizeof *low->area_of);
    if (!low->area_of)
        return work_no_memory(low->work);
    int rc = layout_ask_readers(low);
    if (rc == WEFT_OK)
        rc = lower_inputs(low);
    for (uint32_t i = 0; rc == WEFT_OK && i < low->net->g->node_count; i++)
        rc = lower_in_order(low, low->net->order[i]);
    if (rc == WEFT_OK)
        rc = drop_dead(low);
    if (rc == WEFT_OK) {
        set_lifetimes(low);
        find_crossings(low);
    }
    return rc;
}

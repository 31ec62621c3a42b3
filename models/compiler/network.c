/* Networks and what they are made of; the contract is in weft_compiler.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler_own.h"
#include "read.h"

int options_take(const void *from, void *to, size_t known_bytes, weft_error *err)
{
    uint32_t bytes;
    memset(to, 0, known_bytes);
    if (!from)
        return WEFT_OK;
    memcpy(&bytes, from, sizeof bytes);
    return weft_struct_take(from, bytes, to, known_bytes, err);
}

int binds_check(const weft_bind *binds, uint32_t count, weft_error *err)
{
    if (count && !GIVEN(err, binds))
        return WEFT_ERR_ARG;
    for (uint32_t i = 0; i < count; i++)
        if (!binds[i].name || !binds[i].size)
            return weft_error_set(err, WEFT_ERR_ARG,
                                  "bind %" PRIu32 " needs a name and a size of at least 1", i);
    return WEFT_OK;
}

int index_check(uint32_t index, uint32_t count, const char *things, weft_error *err)
{
    return index < count
               ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_ARG, "there is no %s %" PRIu32 ", only %" PRIu32,
                                things, index, count);
}

/* The caller's callback behind that of the importers. */
typedef struct refusal_relay {
    const weft_network_options *options;
} refusal_relay;

static void relay(void *self, const refusal *row)
{
    const weft_network_options *o = ((const refusal_relay *)self)->options;
    const weft_refusal r = { .struct_bytes = sizeof r,
                             .count = row->count,
                             .op = row->op,
                             .name = row->name,
                             .why = row->why };
    o->refused(o->self, &r);
}

/* Where everything would run; a network that no device could hold is compiled all the same, and
 * says so then. */
static int add_places(weft_network *net, weft_error *err)
{
    net->places = calloc(net->graph->node_count + 1u, sizeof *net->places);
    if (!net->places)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a network");
    return weft_compile_placements(net->graph, net->places, err);
}

static int read_any(const char *path, const void *bytes, size_t byte_count,
                    const weft_network_options *given, weft_network **out, weft_error *err)
{
    weft_network_options o;
    int rc = options_take(given, &o, sizeof o, err);
    if (rc == WEFT_OK)
        rc = binds_check(o.binds, o.bind_count, err);
    if (rc != WEFT_OK)
        return rc;
    refusal_relay self = { &o };
    const refusal_listener listener = { relay, &self };
    const weft_onnx_options options = { .binds = o.binds,
                                        .bind_count = o.bind_count,
                                        .listener = o.refused ? &listener : NULL };
    weft_network *net = calloc(1, sizeof *net);
    if (!net)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a network");
    rc =
        weft_network_read(path, bytes, byte_count, &options, (weft_truth)o.truth, &net->graph, err);
    if (rc == WEFT_OK && o.flags & WEFT_NETWORK_ALL_OUTPUTS)
        rc = weft_graph_expose(net->graph, err);
    if (rc == WEFT_OK)
        rc = add_places(net, err);
    if (rc == WEFT_OK)
        *out = net;
    else
        weft_network_close(net);
    return rc;
}

int weft_network_open(const char *path, const weft_network_options *options, weft_network **out,
                      weft_error *err)
{
    if (!GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    return GIVEN(err, path) ? read_any(path, NULL, 0, options, out, err) : WEFT_ERR_ARG;
}

int weft_network_parse(const void *bytes, uint64_t byte_count, const weft_network_options *options,
                       weft_network **out, weft_error *err)
{
    if (!GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    return GIVEN(err, bytes) ? read_any(NULL, bytes, (size_t)byte_count, options, out, err)
                             : WEFT_ERR_ARG;
}

void weft_network_close(weft_network *net)
{
    if (!net)
        return;
    weft_graph_free(net->graph);
    free(net->places);
    free(net);
}

int weft_network_describe(const weft_network *net, weft_network_info *out, weft_error *err)
{
    if (!GIVEN(err, net) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const weft_graph *g = net->graph;
    const weft_network_info info = { .input_count = g->input_count,
                                     .output_count = g->output_count,
                                     .operator_count = g->node_count,
                                     .format = weft_source_kind_name(g->source.kind),
                                     .producer = g->source.producer };
    return weft_struct_fill(out, &info, sizeof info, err);
}

static uint32_t type_of(weft_dtype dtype)
{
    switch (dtype) {
    case WEFT_INT8: return WEFT_TYPE_INT8;
    case WEFT_UINT8: return WEFT_TYPE_UINT8;
    case WEFT_INT32: return WEFT_TYPE_INT32;
    case WEFT_INT64: return WEFT_TYPE_INT64;
    case WEFT_BOOL:
    case WEFT_FLOAT32: break;
    }
    return WEFT_TYPE_FLOAT32;
}

/* The numbers of a uint8 port are those of its int8 tensor, moved by 128. */
static int port_fill(const weft_graph *g, const weft_port *p, weft_tensor_info *out,
                     weft_error *err)
{
    const weft_tensor *t = &g->tensors[p->tensor];
    weft_tensor_info info = { .type = type_of(p->dtype),
                              .name = p->name,
                              .rank = p->rank,
                              .elements = weft_tensor_elements(t),
                              .bytes = weft_port_bytes(g, p) };
    memcpy(info.dims, p->dims, p->rank * sizeof *p->dims);
    info.is_quantised = t->quant.count == 1 && (p->dtype == WEFT_INT8 || p->dtype == WEFT_UINT8);
    if (info.is_quantised) {
        info.scale = t->quant.scale[0];
        info.zero_point = t->quant.zero_point[0] + (p->dtype == WEFT_UINT8 ? 128 : 0);
    }
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_network_describe_input(const weft_network *net, uint32_t index, weft_tensor_info *out,
                                weft_error *err)
{
    if (!GIVEN(err, net) || !GIVEN(err, out) ||
        index_check(index, net->graph->input_count, "input", err) != WEFT_OK)
        return WEFT_ERR_ARG;
    return port_fill(net->graph, &net->graph->inputs[index], out, err);
}

int weft_network_describe_output(const weft_network *net, uint32_t index, weft_tensor_info *out,
                                 weft_error *err)
{
    if (!GIVEN(err, net) || !GIVEN(err, out) ||
        index_check(index, net->graph->output_count, "output", err) != WEFT_OK)
        return WEFT_ERR_ARG;
    return port_fill(net->graph, &net->graph->outputs[index], out, err);
}

int operator_fill(const char *name, weft_op op, const weft_placement *place,
                  weft_operator_info *out, weft_error *err)
{
    const weft_operator_info info = {
        .where = place->where, .name = name, .op = weft_op_name(op), .why = place->why
    };
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_network_describe_operator(const weft_network *net, uint32_t index, weft_operator_info *out,
                                   weft_error *err)
{
    if (!GIVEN(err, net) || !GIVEN(err, out) ||
        index_check(index, net->graph->node_count, "operator", err) != WEFT_OK)
        return WEFT_ERR_ARG;
    const uint32_t node = net->graph->order[index];
    const weft_node *n = &net->graph->nodes[node];
    return operator_fill(n->name, n->op, &net->places[node], out, err);
}

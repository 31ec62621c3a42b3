/* Random networks; see gen_layers.h.  A network is grown at its end, tensor by tensor. */
#include "gen_layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen_private.h"

static int add_any(gen *s)
{
    switch (gen_pick(s, 0, 5)) {
    case 0: return gen_any_elementwise(s);
    case 1: return gen_any_move(s);
    default: return gen_any_window(s);
    }
}

/* --- the whole --- */

static void first_tensor(gen *s)
{
    static const uint32_t channels[] = { 1, 3, 4, 8, 16, 32, 64 };
    uint32_t h = gen_pick(s, 1, 24), w = gen_pick(s, 1, 24), rank = gen_one_in(s, 12) ? 2 : 4;
    uint32_t most = s->o->most_elements / (h * w), c = gen_pick(s, 1, 40);
    if (gen_one_in(s, 2))
        c = channels[gen_pick(s, 0, 6)];
    c = c > most ? most : c;
    c = c ? c : 1;
    const uint32_t dims4[] = { 1, h, w, c },
                   dims2[] = { gen_one_in(s, 2) ? 1 : gen_pick(s, 1, 9), h * c };
    s->tensors[s->count++] = gen_activation(s, rank, rank == 2 ? dims2 : dims4,
                                            gen_real(s, 0.005, 0.5), gen_zero_point(s));
}

static weft_port port_of(const gen *s, uint32_t tensor)
{
    const weft_tensor *t = &s->g->tensors[tensor];
    weft_port port = { .name = "p", .dtype = WEFT_INT8, .rank = t->rank, .tensor = tensor };
    memcpy(port.dims, t->dims, sizeof port.dims);
    for (uint32_t i = 0; i < t->rank; i++)
        port.perm[i] = i;
    return port;
}

/* Every tensor that nobody reads is an output, at times one more. */
static void add_ports(gen *s)
{
    weft_port in = port_of(s, s->tensors[0]);
    if (s->rc == WEFT_OK)
        s->rc = weft_graph_add_input(s->g, &in);
    for (uint32_t i = 1; i < s->count && s->rc == WEFT_OK; i++) {
        if (i + 1 < s->count && !gen_one_in(s, 6))
            continue;
        weft_port out = port_of(s, s->tensors[i]);
        s->rc = weft_graph_add_output(s->g, &out);
    }
}

int gen_network(rng *r, const gen_options *o, weft_graph **out)
{
    gen s = { .r = r, .o = o };
    *out = NULL;
    s.rc = weft_graph_new(&s.g);
    if (s.rc != WEFT_OK)
        return s.rc;
    s.kind = gen_one_in(&s, 2) ? WEFT_REQUANT_TFLITE : WEFT_REQUANT_ONNX;
    if (o->joins)
        gen_join_first(&s);
    else
        first_tensor(&s);
    uint32_t nodes = gen_pick(&s, 1, o->most_nodes > MAX_NODES - 2 ? MAX_NODES - 2 : o->most_nodes);
    for (uint32_t tries = 0; s.rc == WEFT_OK && s.count <= nodes && tries < 200; tries++) {
        if (o->joins)
            gen_join(&s);
        else
            (void)add_any(&s);
    }
    if (s.rc == WEFT_OK && s.count == 1)
        (void)gen_table(&s);
    add_ports(&s);
    weft_error err = { 0 };
    if (s.rc == WEFT_OK)
        s.rc = weft_graph_check(s.g, &err);
    if (s.rc == WEFT_OK)
        *out = s.g;
    else
        weft_graph_free(s.g);
    return s.rc;
}

void gen_on_host(rng *r, const weft_graph *g, uint8_t *to)
{
    const int some = rng_range(r, 0, 3) == 0, one_in = rng_range(r, 1, 6);
    for (uint32_t i = 0; i < GEN_MOST_NODES; i++)
        to[i] = some && i < g->node_count && rng_range(r, 1, one_in) == 1;
}

void gen_input(rng *r, int8_t *x, size_t count)
{
    const int32_t style = rng_range(r, 0, 7);
    const int8_t all = (int8_t)rng_range(r, -128, 127);
    for (size_t i = 0; i < count; i++)
        x[i] = (int8_t)(style == 0   ? (rng_range(r, 0, 1) ? -128 : 127)
                        : style == 1 ? all
                                     : rng_range(r, -128, 127));
}

static size_t describe_node(const weft_graph *g, const weft_node *n, char *text, size_t room)
{
    const weft_tensor *x = &g->tensors[n->inputs[0]], *y = &g->tensors[n->output];
    int used = snprintf(text, room, "%s%s", weft_op_name(n->op),
                        n->requant == WEFT_REQUANT_TFLITE ? ""
                        : n->requant == WEFT_REQUANT_ONNX ? "(onnx)"
                                                          : "(litert)");
    size_t at = used > 0 ? (size_t)used : 0;
    if (n->op == WEFT_OP_CONV_2D || n->op == WEFT_OP_MAX_POOL_2D ||
        n->op == WEFT_OP_AVERAGE_POOL_2D) {
        const weft_window *w =
            n->op == WEFT_OP_CONV_2D ? &n->attr.conv_2d.window : &n->attr.pool_2d.window;
        used = at < room
                   ? snprintf(text + at, room - at, " k%ux%u s%ux%u d%ux%u p%u,%u,%u,%u g%u",
                              w->kernel_h, w->kernel_w, w->stride_h, w->stride_w, w->dilation_h,
                              w->dilation_w, w->pad_top, w->pad_left, w->pad_bottom, w->pad_right,
                              n->op == WEFT_OP_CONV_2D ? n->attr.conv_2d.groups : 0)
                   : 0;
        at += used > 0 ? (size_t)used : 0;
    }
    const weft_tensor *ends[] = { x, y };
    for (int e = 0; e < 2; e++)
        for (uint32_t i = 0; i < ends[e]->rank && at < room; i++) {
            used = snprintf(text + at, room - at, "%s%u",
                            i   ? "x"
                            : e ? "->"
                                : " ",
                            ends[e]->dims[i]);
            at += used > 0 ? (size_t)used : 0;
        }
    return at < room ? at : room - 1;
}

void gen_describe(const weft_graph *g, char *text, size_t bytes)
{
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < g->node_count && at + 3 < bytes; i++) {
        at += describe_node(g, &g->nodes[i], text + at, bytes - at);
        if (i + 1 < g->node_count && at + 3 < bytes)
            at += (size_t)snprintf(text + at, bytes - at, "; ");
    }
}

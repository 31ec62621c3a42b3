/* Compiled networks; the contract is in weft_compiler.h. */
#include <stdlib.h>
#include <string.h>

#include "compiler_own.h"
#include "models/base/weft_hw.h"
#include "models/program/hw_array.h"
#include "models/program/weft_file.h"

/* Texts lie in the program and in a copy of the operators, so that the network may go. */
typedef struct compiled_operator {
    char *name;
    weft_op op;
    weft_placement place;
} compiled_operator;

struct weft_compiled {
    weft_program *program;
    uint8_t *bytes;
    size_t byte_count;
    uint32_t operator_count;
    compiled_operator *operators; /* in the order of computation */
};

/* Keep what is told of the operators; places is by node. */
static int keep_operators(weft_compiled *c, const weft_graph *g, const weft_placement *places,
                          weft_error *err)
{
    c->operators = calloc(g->node_count + 1u, sizeof *c->operators);
    if (!c->operators)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    for (; c->operator_count < g->node_count; c->operator_count++) {
        const uint32_t node = g->order[c->operator_count];
        compiled_operator *o = &c->operators[c->operator_count];
        *o = (compiled_operator){ .op = g->nodes[node].op, .place = places[node] };
        o->name = strdup(g->nodes[node].name);
        if (!o->name)
            return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    }
    return WEFT_OK;
}

static int compile(const weft_graph *g, const weft_hw *hw, const weft_compiler_options *o,
                   weft_compiled *c, weft_error *err)
{
    weft_placement *places = calloc(g->node_count + 1u, sizeof *places);
    if (!places)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    const weft_compile_options options = { .placements = places,
                                           .device_only = o->flags & WEFT_COMPILE_DEVICE_ONLY,
                                           .progress = { o->progress, o->self } };
    int rc = weft_compile(g, hw, &options, &c->program, err);
    if (rc == WEFT_OK)
        rc = keep_operators(c, g, places, err);
    if (rc == WEFT_OK)
        rc = weft_program_write(c->program, &c->bytes, &c->byte_count, err);
    free(places);
    return rc;
}

int weft_array_parse(const char *description, weft_array *out, weft_error *err)
{
    weft_hw hw;
    if (!GIVEN(err, description) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const int rc = weft_hw_parse(description, &hw, err);
    if (rc != WEFT_OK)
        return rc;
    const weft_array array = weft_array_of(&hw);
    return weft_struct_fill(out, &array, sizeof array, err);
}

int weft_network_compile(const weft_network *net, const weft_array *given,
                         const weft_compiler_options *options, weft_compiled **out, weft_error *err)
{
    weft_compiler_options o;
    weft_array array;
    if (!GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    if (!GIVEN(err, net) || !weft_given(given != NULL, __func__, "array", err))
        return WEFT_ERR_ARG;
    int rc = options_take(options, &o, sizeof o, err);
    if (rc == WEFT_OK)
        rc = weft_struct_take(given, given->struct_bytes, &array, sizeof array, err);
    if (rc != WEFT_OK)
        return rc;
    const weft_hw hw = weft_hw_of(&array);
    weft_compiled *c = calloc(1, sizeof *c);
    if (!c)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    rc = compile(net->graph, &hw, &o, c, err);
    if (rc == WEFT_OK)
        *out = c;
    else
        weft_compiled_close(c);
    return rc;
}

void weft_compiled_close(weft_compiled *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->operator_count; i++)
        free(c->operators[i].name);
    free(c->operators);
    weft_program_free(c->program);
    free(c->bytes);
    free(c);
}

const void *weft_compiled_bytes(const weft_compiled *c, uint64_t *byte_count)
{
    if (byte_count)
        *byte_count = c ? c->byte_count : 0;
    return c ? c->bytes : NULL;
}

int weft_compiled_describe(const weft_compiled *c, weft_compiled_info *out, weft_error *err)
{
    if (!weft_given(c != NULL, __func__, "compiled", err) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const weft_program *p = c->program;
    const weft_compiled_info info = { .commands = p->prog_count,
                                      .host_steps = p->step_count,
                                      .layer_count = p->layer_count,
                                      .macs = weft_program_macs(p),
                                      .predicted_cycles = weft_program_cycles(p),
                                      .memory_bytes = p->win_limit };
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_compiled_describe_layer(const weft_compiled *c, uint32_t index,
                                 weft_program_layer_info *out, weft_error *err)
{
    if (!weft_given(c != NULL, __func__, "compiled", err) || !GIVEN(err, out) ||
        index_check(index, c->program->layer_count, "layer", err) != WEFT_OK)
        return WEFT_ERR_ARG;
    const weft_program_layer *l = &c->program->layers[index];
    const weft_program_layer_info info = { .first_command = l->first_command,
                                           .command_count = l->command_count,
                                           .name = l->name,
                                           .op = weft_op_name((weft_op)l->op),
                                           .macs = l->macs,
                                           .predicted_cycles = l->cycles };
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_compiled_describe_operator(const weft_compiled *c, uint32_t index, weft_operator_info *out,
                                    weft_error *err)
{
    if (!weft_given(c != NULL, __func__, "compiled", err) || !GIVEN(err, out) ||
        index_check(index, c->operator_count, "operator", err) != WEFT_OK)
        return WEFT_ERR_ARG;
    const compiled_operator *o = &c->operators[index];
    return operator_fill(o->name, o->op, &o->place, out, err);
}

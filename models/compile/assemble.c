/* From a finished schedule to a program: addresses that are known now, and what the host must know
 * of ports, layers and steps. */
#include "assemble.h"
#include "emit/commands.h"
#include "place/place.h"
#include "ports.h"

#include <stdlib.h>

/* Append the commands to the image, addresses now known. */
static int write_commands(schedule *sched, lowering *low, uint32_t *first)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sched->command_count; i++)
        bytes += weft_op_units(sched->commands[i].cmd.word[0] & 0xff) * (size_t)WEFT_CMD_UNIT_BYTES;
    uint8_t *to = lowering_add_image(low, bytes, first);
    if (!to)
        return sched->work.err->status;
    const uint32_t base = sched->net->base;
    const uint64_t activations = (uint64_t)base + low->image_bytes;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < sched->command_count && rc == WEFT_OK; i++) {
        pending *c = &sched->commands[i];
        const uint32_t opcode = c->cmd.word[0] & 0xff;
        if (opcode == WEFT_CMD_LOAD)
            field_put(sched, &c->cmd, F_LOAD_ADDR,
                      (int64_t)((c->in_image ? base : activations) + c->addr), &rc);
        else if (opcode == WEFT_CMD_STORE)
            field_put(sched, &c->cmd, F_STORE_ADDR, (int64_t)(activations + c->addr), &rc);
        else if (opcode == WEFT_CMD_TABLE)
            field_put(sched, &c->cmd, F_TABLE_ADDR, (int64_t)(base + c->addr), &rc);
        else if (opcode == WEFT_CMD_COMPUTE)
            field_put(sched, &c->cmd, F_COMPUTE_WEIGHTS,
                      (int64_t)((c->in_activations ? activations : base) + c->addr), &rc);
        weft_cmd_store(&c->cmd, weft_op_units(opcode), to);
        to += weft_op_units(opcode) * (size_t)WEFT_CMD_UNIT_BYTES;
    }
    return rc;
}

static int describe_steps(schedule *sched, weft_program *prog)
{
    int rc = WEFT_OK;
    prog->steps = calloc(sched->low->layer_count + 1u, sizeof *prog->steps);
    if (!prog->steps)
        return work_no_memory(&sched->work);
    for (uint32_t i = 0; i < sched->low->layer_count && rc == WEFT_OK; i++)
        if (sched->low->layers[i].kind == LAYER_HOST)
            rc = step_make(sched, i, &prog->steps[prog->step_count++]);
    return rc;
}

static int describe(schedule *sched, weft_program *prog)
{
    prog->inputs = calloc(sched->net->g->input_count + 1u, sizeof *prog->inputs);
    prog->outputs = calloc(sched->net->g->output_count + 1u, sizeof *prog->outputs);
    prog->layers = calloc(sched->low->layer_count + 1u, sizeof *prog->layers);
    if (!prog->inputs || !prog->outputs || !prog->layers)
        return work_no_memory(&sched->work);
    int rc = WEFT_OK;
    while (prog->input_count < sched->net->g->input_count && rc == WEFT_OK) {
        uint32_t i = prog->input_count++;
        rc = port_make(sched, &sched->net->g->inputs[i], 1, &prog->inputs[i]);
    }
    while (prog->output_count < sched->net->g->output_count && rc == WEFT_OK) {
        uint32_t i = prog->output_count++;
        rc = port_make(sched, &sched->net->g->outputs[i], 0, &prog->outputs[i]);
    }
    for (uint32_t i = 0; i < sched->low->layer_count && rc == WEFT_OK; i += sched->tilings[i].chain)
        rc = layer_make(sched, i, &prog->layers[prog->layer_count++]);
    return rc == WEFT_OK ? describe_steps(sched, prog) : rc;
}

int assemble_program(schedule *sched, lowering *low, weft_program *to, uint64_t *needed)
{
    const network *net = low->net;
    uint32_t first;
    *needed = 0;
    int rc = write_commands(sched, low, &first);
    if (rc != WEFT_OK)
        return rc;
    const uint64_t activations = (uint64_t)net->base + low->image_bytes;
    const uint64_t end = (activations + sched->activation_bytes + 31) / 32 * 32;
    if (end > UINT32_MAX || (net->hw.mem_size && end > net->hw.mem_size)) {
        *needed = end;
        return place_too_large(sched, end);
    }
    rc = describe(sched, to);
    to->hw = net->hw;
    to->isa_version = WEFT_ISA_VERSION;
    to->image = low->image;
    to->image_bytes = low->image_bytes;
    to->image_addr = to->win_base = net->base;
    to->prog_addr = net->base + first;
    to->prog_count = sched->command_count;
    to->win_limit = (uint32_t)end;
    low->image = NULL;
    return rc;
}

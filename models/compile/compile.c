/* weft_compile: the stages in order, and the program they make. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/compile/emit/commands.h"
#include "models/compile/exact/averages.h"
#include "models/compile/front/fuse.h"
#include "models/compile/front/split.h"
#include "models/compile/front/views.h"
#include "models/compile/lower/ports.h"
#include "models/compile/plan/stages.h"

static uint32_t stream_row_bytes(const weft_hw *hw)
{
    uint32_t bytes = 4;
    while (bytes < hw->cols)
        bytes *= 2;
    return bytes;
}

static int check_arguments(const plan *p)
{
    if (!p->g->checked)
        return weft_error_set(p->err, WEFT_ERR_ARG, "the graph has not been checked");
    if (p->base % 32)
        return weft_error_set(p->err, WEFT_ERR_ARG, "base %" PRIu32 " is not a multiple of 32",
                              p->base);
    return weft_hw_check(&p->hw, p->err);
}

/* Append the commands to the image, addresses now known. */
static int write_commands(plan *p, uint32_t *first)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < p->command_count; i++)
        bytes += weft_op_units(p->commands[i].cmd.word[0] & 0xff) * (size_t)WEFT_CMD_UNIT_BYTES;
    uint8_t *to = plan_image(p, bytes, first);
    if (!to)
        return p->err->status;
    const uint64_t activations = (uint64_t)p->base + p->image_bytes;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < p->command_count && rc == WEFT_OK; i++) {
        pending *c = &p->commands[i];
        const uint32_t opcode = c->cmd.word[0] & 0xff;
        if (opcode == WEFT_OP_LOAD)
            field_put(p, &c->cmd, F_LOAD_ADDR,
                      (int64_t)((c->in_image ? p->base : activations) + c->addr), &rc);
        else if (opcode == WEFT_OP_STORE)
            field_put(p, &c->cmd, F_STORE_ADDR, (int64_t)(activations + c->addr), &rc);
        else if (opcode == WEFT_OP_TABLE)
            field_put(p, &c->cmd, F_TABLE_ADDR, (int64_t)(p->base + c->addr), &rc);
        else if (opcode == WEFT_OP_COMPUTE)
            field_put(p, &c->cmd, F_COMPUTE_WEIGHTS,
                      (int64_t)((c->in_activations ? activations : p->base) + c->addr), &rc);
        weft_cmd_store(&c->cmd, weft_op_units(opcode), to);
        to += weft_op_units(opcode) * (size_t)WEFT_CMD_UNIT_BYTES;
    }
    return rc;
}

static int describe_steps(plan *p, weft_program *prog)
{
    int rc = WEFT_OK;
    prog->steps = calloc(p->layer_count + 1u, sizeof *prog->steps);
    if (!prog->steps)
        return plan_no_memory(p);
    for (uint32_t i = 0; i < p->layer_count && rc == WEFT_OK; i++)
        if (p->layers[i].kind == LAYER_HOST)
            rc = step_make(p, i, &prog->steps[prog->step_count++]);
    return rc;
}

static int describe(plan *p, weft_program *prog)
{
    prog->inputs = calloc(p->g->input_count + 1u, sizeof *prog->inputs);
    prog->outputs = calloc(p->g->output_count + 1u, sizeof *prog->outputs);
    prog->layers = calloc(p->layer_count + 1u, sizeof *prog->layers);
    if (!prog->inputs || !prog->outputs || !prog->layers)
        return plan_no_memory(p);
    int rc = WEFT_OK;
    while (prog->input_count < p->g->input_count && rc == WEFT_OK) {
        uint32_t i = prog->input_count++;
        rc = port_make(p, &p->g->inputs[i], 1, &prog->inputs[i]);
    }
    while (prog->output_count < p->g->output_count && rc == WEFT_OK) {
        uint32_t i = prog->output_count++;
        rc = port_make(p, &p->g->outputs[i], 0, &prog->outputs[i]);
    }
    for (uint32_t i = 0; i < p->layer_count && rc == WEFT_OK; i += p->layers[i].chain)
        rc = layer_make(p, i, &prog->layers[prog->layer_count++]);
    return rc == WEFT_OK ? describe_steps(p, prog) : rc;
}

/* The program from a finished plan; the image changes its owner. */
static int finish(plan *p, weft_program *prog)
{
    uint32_t first;
    int rc = write_commands(p, &first);
    if (rc != WEFT_OK)
        return rc;
    const uint64_t end = ((uint64_t)p->base + p->image_bytes + p->activation_bytes + 31) / 32 * 32;
    if (end > UINT32_MAX || (p->hw.mem_size && end > p->hw.mem_size))
        return plan_too_large(p, end);
    rc = describe(p, prog);
    prog->hw = p->hw;
    prog->isa_version = WEFT_ISA_VERSION;
    prog->image = p->image;
    prog->image_bytes = p->image_bytes;
    prog->image_addr = prog->win_base = p->base;
    prog->prog_addr = p->base + first;
    prog->prog_count = p->command_count;
    prog->win_limit = (uint32_t)end;
    p->image = NULL;
    return rc;
}

static int run_stages(plan *p)
{
    int rc = check_arguments(p);
    if (rc == WEFT_OK)
        rc = plan_split(p);
    if (rc == WEFT_OK)
        rc = plan_fuse(p);
    if (rc == WEFT_OK)
        rc = plan_views(p);
    if (rc == WEFT_OK)
        rc = plan_lower(p);
    if (rc == WEFT_OK)
        rc = plan_choose(p);
    return rc;
}

static int compile_once(plan *p, weft_program **out)
{
    weft_program *prog = calloc(1, sizeof *prog);
    int rc = prog ? run_stages(p) : plan_no_memory(p);
    if (rc == WEFT_OK)
        rc = finish(p, prog);
    if (rc == WEFT_OK)
        rc = weft_program_check(prog, p->err);
    if (rc == WEFT_OK)
        *out = prog;
    else
        weft_program_free(prog);
    return rc;
}

/* Of the plan with shared areas and the one without: the faster, or the only one possible; of two
 * that are not, the one that needs less memory. */
static int first_is_better(const plan *first, int rc, const weft_program *a, const plan *second,
                           int rc2, const weft_program *b)
{
    if (rc == WEFT_OK && rc2 == WEFT_OK)
        return weft_program_cycles(a) <= weft_program_cycles(b);
    if (rc == WEFT_OK || rc2 == WEFT_OK)
        return rc == WEFT_OK;
    return first->needed && second->needed && first->needed < second->needed;
}

/* Areas that several tensors share may cost more than the copies they save, or not fit: so if there
 * are any, everything is compiled without, too, and the better stays: program, error, plan. */
static int compile_either(plan *p, const plan *begin, weft_sharing sharing, weft_program **out)
{
    p->apart = sharing == WEFT_SHARE_NEVER;
    const int rc = compile_once(p, out);
    if (rc == WEFT_ERR_NO_MEMORY || !p->views || !view_are_any(p) ||
        (rc == WEFT_OK && sharing == WEFT_SHARE_ALWAYS))
        return rc;
    const weft_error first = *p->err;
    plan apart = *begin;
    weft_program *other = NULL;
    apart.apart = 1;
    *p->err = (weft_error){ 0 };
    memset(p->culprits, 0, p->g->node_count * sizeof *p->culprits);
    const int without = compile_once(&apart, &other);
    if (first_is_better(p, rc, *out, &apart, without, other)) {
        *p->err = first;
        weft_program_free(other);
        plan_free(&apart);
        return rc;
    }
    weft_program_free(*out);
    plan_free(p);
    *out = other;
    *p = apart;
    return without;
}

/* What else the caller asked about the program. */
static void tell(const plan *p, const weft_compile_options *options)
{
    if (options && options->placements)
        plan_support(p, options->placements);
    for (uint32_t i = 0; options && options->outputs && i < p->g->output_count; i++)
        options->outputs[i] = plan_output_tensor(p, p->g->outputs[i].tensor);
}

static void set_unfit(plan *p, uint32_t node, const char *why)
{
    if (!p->unfit[node].why[0])
        (void)snprintf(p->unfit[node].why, sizeof p->unfit[node].why, "%s", why);
}

/* The nodes that a refusal is about, and those that share their layers, go to the host.  0 if there
 * are none that were not there already. */
static int to_host(plan *p, int rc)
{
    int more = 0;
    if (rc != WEFT_ERR_CAPACITY && rc != WEFT_ERR_UNSUPPORTED && rc != WEFT_ERR_RANGE)
        return 0;
    for (uint32_t i = 0; i < p->g->node_count; i++)
        for (uint32_t k = 0; p->culprits[i].why[0] && !p->on_host[i] && k < p->g->node_count; k++)
            if (!p->on_host[k] && p->fusions[k].root == p->fusions[i].root) {
                set_unfit(p, k, p->culprits[i].why);
                more = 1;
            }
    return more;
}

/* Again and again, with more on the host every time. */
static int compile_all(const plan *begin, const weft_compile_options *options, weft_program **out)
{
    for (;;) {
        plan p = *begin;
        *p.err = (weft_error){ 0 };
        memset(p.culprits, 0, p.g->node_count * sizeof *p.culprits);
        const int rc = compile_either(&p, begin, options ? options->sharing : WEFT_SHARE_BEST, out);
        if (rc == WEFT_OK)
            tell(&p, options);
        const int again = rc != WEFT_OK && !(options && options->device_only) && to_host(&p, rc);
        plan_free(&p);
        if (!again)
            return rc;
    }
}

/* Zeroed notes on every node; 0 if there is no memory. */
static int make_notes(plan *p)
{
    p->unfit = calloc(p->g->node_count + 1u, sizeof *p->unfit);
    p->culprits = calloc(p->g->node_count + 1u, sizeof *p->culprits);
    p->averages = averages_prove(p->g);
    if (!p->unfit || !p->culprits || !p->averages)
        plan_no_memory(p);
    return p->unfit && p->culprits && p->averages;
}

static void free_notes(plan *p)
{
    free(p->unfit);
    free(p->culprits);
    averages_free(p->averages, p->g->node_count);
}

/* Where the graph came from, and what was asked of the compiler that is not its default. */
static weft_source source_of(const weft_graph *g, const weft_compile_options *o)
{
    weft_source s = g->source;
    uint32_t on_host = 0;
    if (!o || s.kind == WEFT_SOURCE_NONE)
        return s;
    for (uint32_t i = 0; o->on_host && i < g->node_count; i++)
        on_host += o->on_host[i] != 0;
    if (o->base)
        weft_source_option(&s, "base=%" PRIu32, o->base);
    if (on_host)
        weft_source_option(&s, "on_host=%" PRIu32, on_host);
    if (o->sharing != WEFT_SHARE_BEST)
        weft_source_option(&s, "sharing=%s", o->sharing == WEFT_SHARE_NEVER ? "never" : "always");
    if (o->device_only)
        weft_source_option(&s, "device_only");
    return s;
}

int weft_compile(const weft_graph *g, const weft_hw *hw, const weft_compile_options *options,
                 weft_program **out, weft_error *err)
{
    weft_error own = { 0 };
    plan p = { .g = g, .hw = *hw, .base = options ? options->base : 0, .err = err ? err : &own };
    p.stream_row = stream_row_bytes(hw);
    *out = NULL;
    int rc = make_notes(&p) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; rc == WEFT_OK && options && options->on_host && i < g->node_count; i++)
        if (options->on_host[i])
            set_unfit(&p, i, "as asked for");
    if (rc == WEFT_OK && options)
        rc = weft_progress_report(&options->progress, 0, p.err);
    if (rc == WEFT_OK)
        rc = compile_all(&p, options, out);
    if (rc == WEFT_OK)
        (*out)->source = source_of(g, options);
    if (rc == WEFT_OK && options)
        rc = weft_progress_report(&options->progress, 1, p.err);
    if (rc != WEFT_OK) {
        weft_program_free(*out);
        *out = NULL;
    }
    free_notes(&p);
    return rc;
}

int weft_compile_placements(const weft_graph *g, weft_placement *to, weft_error *err)
{
    weft_error own = { 0 };
    plan p = { .g = g, .err = err ? err : &own };
    if (!g->checked)
        return weft_error_set(p.err, WEFT_ERR_ARG, "the graph has not been checked");
    int rc = make_notes(&p) ? plan_split(&p) : WEFT_ERR_NO_MEMORY;
    if (rc == WEFT_OK)
        rc = plan_fuse(&p);
    if (rc == WEFT_OK)
        plan_support(&p, to);
    plan_free(&p);
    free_notes(&p);
    return rc;
}

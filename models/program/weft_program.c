/* Compiled programs: where they fit, their soundness, their end.  Nothing here allocates. */
#include "weft_program.h"

#include <inttypes.h>
#include <stdlib.h>

#include "rtl/isa/weft_isa.h"
#include "weft_steps.h"

#define MOST_VECTORS      ((uint64_t)1 << 30) /* of a command */
#define MORE_OUTPUT_BYTES ((uint64_t)64 << 20)

static void free_ports(weft_program_port *ports, uint32_t count)
{
    for (uint32_t i = 0; ports && i < count; i++)
        free(ports[i].name);
    free(ports);
}

weft_program *weft_program_hold(weft_program *prog)
{
    atomic_fetch_add(&prog->more_holders, 1);
    return prog;
}

void weft_program_free(weft_program *prog)
{
    if (!prog || atomic_fetch_sub(&prog->more_holders, 1) > 0)
        return;
    free_ports(prog->inputs, prog->input_count);
    free_ports(prog->outputs, prog->output_count);
    for (uint32_t i = 0; prog->layers && i < prog->layer_count; i++)
        free(prog->layers[i].name);
    free(prog->layers);
    steps_free(prog);
    free(prog->image);
    free(prog);
}

uint64_t weft_program_macs(const weft_program *prog)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < prog->layer_count; i++)
        sum += prog->layers[i].macs;
    return sum;
}

uint64_t weft_program_cycles(const weft_program *prog)
{
    uint64_t cycles = 0;
    for (uint32_t i = 0; i < prog->layer_count; i++)
        cycles += prog->layers[i].cycles;
    return cycles;
}

static uint64_t elements(const weft_program_port *port)
{
    uint64_t count = 1;
    for (uint32_t i = 0; i < port->rank && i < WEFT_MAX_RANK; i++) {
        if (port->dims[i] == 0 || port->dims[i] > WEFT_MAX_ELEMENTS)
            return 0;
        count *= port->dims[i];
        if (count > WEFT_MAX_ELEMENTS)
            return 0;
    }
    return count;
}

size_t weft_program_port_bytes(const weft_program_port *port)
{
    return (size_t)elements(port) * weft_dtype_bytes(port->dtype);
}

static uint32_t kind_part(uint32_t kind)
{
    return kind == WEFT_KIND_TFLITE  ? WEFT_INFO_LACKS_TFLITE
           : kind == WEFT_KIND_FLOAT ? WEFT_INFO_LACKS_FLOAT
                                     : 0;
}

static uint32_t command_needs(const weft_cmd *c)
{
    if ((c->word[0] & 0xff) != WEFT_CMD_COMPUTE)
        return 0;
    return (weft_COMPUTE_get_PAIR(c) ? WEFT_INFO_LACKS_PAIR : 0) |
           (weft_COMPUTE_get_RAW(c) ? 0 : kind_part((uint32_t)weft_COMPUTE_get_KIND(c))) |
           (weft_COMPUTE_get_ALU(c) ? kind_part((uint32_t)weft_COMPUTE_get_KIND2(c)) : 0);
}

uint32_t weft_program_needs(const weft_program *prog)
{
    const uint8_t *at = prog->image + (prog->prog_addr - prog->image_addr);
    uint32_t needs = 0;
    for (uint32_t i = 0; i < prog->prog_count; i++) {
        const unsigned units = weft_op_units(*at);
        weft_cmd c = { { 0 } };
        weft_cmd_fetch(&c, units, at);
        needs |= command_needs(&c);
        at += units * WEFT_CMD_UNIT_BYTES;
    }
    return needs;
}

/* Refuse a program that needs a part which the device was built without. */
static int check_parts(const weft_program *prog, const weft_hw *hw, const char *command,
                       weft_error *err)
{
    const uint32_t missing = hw->lacks ? weft_program_needs(prog) & hw->lacks : 0;
    char options[WEFT_HW_OPTIONS_BYTES], parts[WEFT_HW_PARTS_BYTES];
    if (!missing)
        return WEFT_OK;
    weft_hw_options(hw, options);
    weft_hw_parts(missing, parts);
    return weft_error_set(err, WEFT_ERR_HARDWARE,
                          "needs what the device was built without (%s); recompile it: %s %s",
                          parts, command, options);
}

int weft_program_fits(const weft_program *prog, const weft_hw *hw, uint32_t isa_version,
                      weft_error *err)
{
    const weft_hw *own = &prog->hw;
    char command[2 * WEFT_SOURCE_TEXT_BYTES + 16], options[WEFT_HW_OPTIONS_BYTES];
    (void)weft_source_command(&prog->source, command, sizeof command);
    if (prog->isa_version != isa_version)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "the program speaks ISA version %" PRIu32 ", the device %" PRIu32
                              ": recompile it with the matching weft: %s",
                              prog->isa_version, isa_version, command);
    if (!weft_hw_same_program(own, hw)) {
        weft_hw_options(hw, options);
        return weft_error_set(err, WEFT_ERR_HARDWARE,
                              "made for a %" PRIu32 "x%" PRIu32
                              " array, another device; recompile it: %s %s",
                              own->rows, own->cols, command, options);
    }
    if (check_parts(prog, hw, command, err) != WEFT_OK)
        return WEFT_ERR_HARDWARE;
    const uint32_t needed = prog->win_limit - prog->win_base; /* it can be moved */
    if (hw->mem_size && needed > hw->mem_size)
        return weft_error_set(err, WEFT_ERR_HARDWARE,
                              "needs %" PRIu32 " bytes of device memory, the device has %" PRIu32,
                              needed, hw->mem_size);
    return hw->lacks & WEFT_INFO_LACKS_CHECKS ? weft_program_judge(prog, err) : WEFT_OK;
}

/* --- soundness --- */

#define REFUSE(...) weft_error_set(err, WEFT_ERR_FORMAT, __VA_ARGS__)

static int inside(const weft_program *prog, uint64_t addr, uint64_t bytes)
{
    return addr >= prog->win_base && addr + bytes <= prog->win_limit;
}

static int is_position(const weft_host_step *s)
{
    return s->op == WEFT_HOST_ARGMAX || s->op == WEFT_HOST_ARGMIN;
}

const weft_host_step *weft_program_position(const weft_program_port *port)
{
    const weft_host_step *last = port->step_count ? &port->steps[port->step_count - 1] : NULL;
    return last && is_position(last) ? last : NULL;
}

int weft_program_is_plain(const weft_program_port *port)
{
    return !port->step_count &&
           (port->dtype == WEFT_FLOAT32 || port->dtype == WEFT_INT32 || port->dtype == WEFT_INT64);
}

static int is_positive(float x)
{
    return x > 0.0f && x <= 3.4e38f;
}

/* The numbers of a step whose tensor has `count` elements.  Steps of int8 softmax as the checker of
 * graphs admits them: the fixed-point kernel needs factors above 2^-26. */
static int step_possible(const weft_host_step *s, uint64_t count)
{
    const int scaled = is_positive(s->scale) && s->zero_point >= -128 && s->zero_point <= 127;
    const int on_axis = s->axis_length && count % s->axis_length == 0;
    const double factor = (double)s->scale * (double)s->beta * (double)(1 << 26);
    const int plain = s->inner == 0 && s->last == 0;
    const int soft = plain && on_axis && is_positive(s->beta);
    switch (s->op) {
    case WEFT_HOST_SOFTMAX:
    case WEFT_HOST_LOG_SOFTMAX: return soft;
    case WEFT_HOST_SOFTMAX_INT8:
    case WEFT_HOST_LOG_SOFTMAX_INT8: return soft && scaled && factor > 1.0;
    case WEFT_HOST_ARGMAX:
    case WEFT_HOST_ARGMIN:
        return on_axis && s->inner && count / s->axis_length % s->inner == 0 && s->last <= 1;
    default: return plain && scaled;
    }
}

static int takes_type(const weft_host_step *s, weft_dtype type)
{
    const int on_float =
        s->op == WEFT_HOST_QUANTIZE || s->op == WEFT_HOST_SOFTMAX || s->op == WEFT_HOST_LOG_SOFTMAX;
    if (is_position(s))
        return type == WEFT_INT8 || type == WEFT_FLOAT32;
    return type == (on_float ? WEFT_FLOAT32 : WEFT_INT8);
}

static weft_dtype type_after(const weft_host_step *s, weft_dtype user)
{
    switch (s->op) {
    case WEFT_HOST_DEQUANTIZE:
    case WEFT_HOST_SOFTMAX:
    case WEFT_HOST_LOG_SOFTMAX: return WEFT_FLOAT32;
    case WEFT_HOST_ARGMAX:
    case WEFT_HOST_ARGMIN: return user == WEFT_INT64 ? WEFT_INT64 : WEFT_INT32;
    default: return WEFT_INT8;
    }
}

static int check_steps(const weft_program_port *port, int is_input, weft_error *err)
{
    const weft_dtype user = port->dtype == WEFT_UINT8 ? WEFT_INT8 : port->dtype; /* only shifted */
    const uint64_t count = (uint64_t)port->rows * port->row_bytes;
    weft_dtype type = is_input ? user : WEFT_INT8;
    if (weft_program_is_plain(port))
        return WEFT_OK;
    for (uint32_t i = 0; i < port->step_count; i++) {
        const weft_host_step *s = &port->steps[i];
        if (!takes_type(s, type) || !step_possible(s, count))
            return REFUSE("host step %" PRIu32 " of port \"%s\" is not possible", i, port->name);
        type = type_after(s, user);
    }
    if (type == (is_input ? WEFT_INT8 : user))
        return WEFT_OK;
    return REFUSE("the host steps of port \"%s\" do not lead to its type", port->name);
}

/* Only bytes have a quantisation, and they need not. */
static int check_model_quant(const weft_program_port *port)
{
    const int32_t least = port->dtype == WEFT_UINT8 ? 0 : -128, zero = port->model_zero_point;
    if (port->model_scale == 0.0f)
        return zero == 0;
    return (port->dtype == WEFT_INT8 || port->dtype == WEFT_UINT8) &&
           is_positive(port->model_scale) && zero >= least && zero <= least + 255;
}

static int check_port(const weft_program *prog, const weft_program_port *port, int is_input,
                      weft_error *err)
{
    uint32_t seen = 0;
    if (port->rank > WEFT_MAX_RANK)
        return REFUSE("port \"%s\" has rank %" PRIu32, port->name, port->rank);
    for (uint32_t i = 0; i < port->rank; i++) {
        if (port->perm[i] >= port->rank || (seen & 1u << port->perm[i]))
            return REFUSE("the axes of port \"%s\" are not a permutation", port->name);
        seen |= 1u << port->perm[i];
    }
    if (port->step_count > WEFT_MAX_HOST_STEPS)
        return REFUSE("port \"%s\" has %" PRIu32 " host steps", port->name, port->step_count);
    const weft_host_step *position = weft_program_position(port);
    uint64_t count = elements(port) * (position ? position->axis_length : 1);
    const uint64_t bytes = weft_program_is_plain(port) ? count * sizeof(float) : count;
    if (count == 0 || count > WEFT_MAX_ELEMENTS ||
        (weft_program_is_plain(port) && port->row_bytes % sizeof(float)) ||
        bytes != (uint64_t)port->rows * port->row_bytes)
        return REFUSE("port \"%s\" has a size that is not its rows", port->name);
    if (port->pitch_bytes < port->row_bytes || port->pitch_bytes % prog->hw.mem_bytes ||
        port->addr % prog->hw.mem_bytes ||
        !inside(prog, port->addr, (uint64_t)port->rows * port->pitch_bytes))
        return REFUSE("port \"%s\" does not lie in the window of device memory", port->name);
    if (port->dtype > WEFT_FLOAT32)
        return REFUSE("port \"%s\" has a type the host cannot convert", port->name);
    if (!check_model_quant(port))
        return REFUSE("port \"%s\" has a quantisation that its type cannot have", port->name);
    return check_steps(port, is_input, err);
}

static uint64_t port_bytes(const weft_program_port *port)
{
    return (uint64_t)port->rows * port->pitch_bytes;
}

/* No byte belongs to two inputs; outputs may show one tensor more than once, but together they are not much more than
 * the window: who runs the program has memory for each of them. */
static int check_port_room(const weft_program *prog, weft_error *err)
{
    const uint64_t most = (uint64_t)prog->win_limit - prog->win_base + MORE_OUTPUT_BYTES;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < prog->input_count; i++)
        for (uint32_t k = 0; k < i; k++) {
            const weft_program_port *a = &prog->inputs[k], *b = &prog->inputs[i];
            if (a->addr < b->addr + port_bytes(b) && b->addr < a->addr + port_bytes(a))
                return REFUSE("inputs \"%s\" and \"%s\" lie in the same bytes", a->name, b->name);
        }
    for (uint32_t i = 0; i < prog->output_count; i++)
        sum += port_bytes(&prog->outputs[i]);
    if (sum > most)
        return REFUSE("the outputs have %" PRIu64 " bytes together, more than %" PRIu64, sum, most);
    return WEFT_OK;
}

/* The vectors of a COMPUTE: no network needs that many in one, and the C model would be busy for hours. */
static int is_endless(const weft_cmd *c)
{
    if ((c->word[0] & 0xff) != WEFT_CMD_COMPUTE)
        return 0;
    const uint64_t passes =
        (uint64_t)weft_COMPUTE_get_BLOCKS(c) * (uint64_t)weft_COMPUTE_get_PASSES(c);
    const uint64_t each = (uint64_t)weft_COMPUTE_get_OUTER(c) * (uint64_t)weft_COMPUTE_get_INNER(c);
    return each && passes > MOST_VECTORS / each;
}

static int check_commands(const weft_program *prog, weft_error *err)
{
    uint64_t at = (uint64_t)prog->prog_addr - prog->image_addr;
    if (prog->prog_addr < prog->image_addr || prog->prog_addr % WEFT_CMD_UNIT_BYTES)
        return REFUSE("the commands begin outside the image");
    for (uint32_t i = 0; i < prog->prog_count; i++) {
        uint64_t left = prog->image_bytes - at;
        unsigned units = left >= WEFT_CMD_UNIT_BYTES ? weft_op_units(prog->image[at]) : 0;
        if (units == 0 || units * WEFT_CMD_UNIT_BYTES > left)
            return REFUSE("command %" PRIu32 " cannot be decoded", i);
        weft_cmd c = { { 0 } };
        weft_cmd_fetch(&c, units, prog->image + at);
        if (is_endless(&c))
            return REFUSE("command %" PRIu32 " computes more than %" PRIu64 " vectors", i,
                          MOST_VECTORS);
        at += units * WEFT_CMD_UNIT_BYTES;
    }
    if (at != prog->image_bytes)
        return REFUSE("there are bytes behind the last command");
    return WEFT_OK;
}

static int check_memory(const weft_program *prog, weft_error *err)
{
    if (prog->image_addr % 32 || prog->image_bytes > prog->win_limit ||
        !inside(prog, prog->image_addr, prog->image_bytes) || prog->win_base > prog->win_limit)
        return REFUSE("the image does not lie in the window of device memory");
    if (prog->prog_count < 1 || prog->prog_count >= 1u << 24)
        return REFUSE("%" PRIu32 " commands are not possible", prog->prog_count);
    if (prog->prog_addr - prog->image_addr > prog->image_bytes)
        return REFUSE("the commands begin outside the image");
    return check_commands(prog, err);
}

int weft_program_check(const weft_program *prog, weft_error *err)
{
    if (prog->isa_version != WEFT_ISA_VERSION)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "the program speaks ISA version %" PRIu32
                              ", this weft speaks %d: compile it again",
                              prog->isa_version, WEFT_ISA_VERSION);
    if (weft_hw_check(&prog->hw, err) != WEFT_OK)
        return err ? err->status = WEFT_ERR_FORMAT : WEFT_ERR_FORMAT;
    int rc = weft_source_check(&prog->source, err);
    if (rc == WEFT_OK)
        rc = check_memory(prog, err);
    for (uint32_t i = 0; rc == WEFT_OK && i < prog->input_count; i++)
        rc = check_port(prog, &prog->inputs[i], 1, err);
    for (uint32_t i = 0; rc == WEFT_OK && i < prog->output_count; i++)
        rc = check_port(prog, &prog->outputs[i], 0, err);
    if (rc == WEFT_OK)
        rc = check_port_room(prog, err);
    if (rc == WEFT_OK)
        rc = steps_check(prog, err);
    uint64_t next = 0;
    for (uint32_t i = 0; rc == WEFT_OK && i < prog->layer_count; i++) {
        const weft_program_layer *l = &prog->layers[i];
        if (l->first_command < next || l->op >= WEFT_OP_COUNT ||
            (uint64_t)l->first_command + l->command_count > prog->prog_count)
            rc = REFUSE("layer %" PRIu32 " names commands that are not there", i);
        next = (uint64_t)l->first_command + l->command_count;
    }
    return rc;
}

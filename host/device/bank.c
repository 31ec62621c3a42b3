/* Where the ports of a loaded program lie: one bank or two; see device_own.h.
 *
 * The second bank is the program once more with other addresses for its inputs and outputs: behind
 * everything the program uses lie the ports again, then a copy of the commands in which every
 * address inside a port is moved along with it.  Weights and activations are shared.  Costs the
 * bytes of the ports and commands in device memory, and one pass over the commands at load. */
#include <stdlib.h>

#include "device_own.h"
#include "rtl/isa/weft_isa.h"

enum { ALIGN = WEFT_TRANSPORT_ALIGN };

static const weft_program_port *port_at(const weft_program *p, uint32_t index)
{
    return index < p->input_count ? &p->inputs[index] : &p->outputs[index - p->input_count];
}

static uint32_t moved(const weft_program *p, const weft_bank *bank, int64_t address)
{
    for (uint32_t i = 0; i < p->input_count + p->output_count; i++) {
        const weft_program_port *port = port_at(p, i);
        if (address >= port->addr && address < port->addr + (int64_t)weft_io_row_bytes(port))
            return bank->port[i] + (uint32_t)(address - port->addr);
    }
    return (uint32_t)address;
}

static void move_command(const weft_program *p, const weft_bank *bank, weft_cmd *c)
{
    switch (weft_NOP_get_OPCODE(c)) {
    case WEFT_CMD_LOAD: weft_LOAD_set_ADDR(c, moved(p, bank, weft_LOAD_get_ADDR(c))); break;
    case WEFT_CMD_STORE: weft_STORE_set_ADDR(c, moved(p, bank, weft_STORE_get_ADDR(c))); break;
    case WEFT_CMD_COMPUTE:
        weft_COMPUTE_set_WEIGHTS(c, moved(p, bank, weft_COMPUTE_get_WEIGHTS(c)));
        break;
    default: break;
    }
}

/* Bytes of all commands; 0 if the image does not hold them whole. */
static size_t command_bytes(const weft_program *p)
{
    size_t at = p->prog_addr - p->image_addr;
    for (uint32_t i = 0; i < p->prog_count; i++) {
        const unsigned units = at < p->image_bytes ? weft_op_units(p->image[at]) : 0;
        at += (size_t)units * WEFT_CMD_UNIT_BYTES;
        if (!units || at > p->image_bytes)
            return 0;
    }
    return at - (p->prog_addr - p->image_addr);
}

static void copy_commands(const weft_program *p, const weft_bank *bank, uint8_t *to)
{
    const uint8_t *from = p->image + (p->prog_addr - p->image_addr);
    for (uint32_t i = 0; i < p->prog_count; i++) {
        const unsigned units = weft_op_units(from[0]);
        weft_cmd c;
        weft_cmd_fetch(&c, units, from);
        move_command(p, bank, &c);
        weft_cmd_store(&c, units, to);
        from += units * WEFT_CMD_UNIT_BYTES;
        to += units * WEFT_CMD_UNIT_BYTES;
    }
}

static uint64_t align_up(uint64_t a)
{
    return (a + ALIGN - 1) / ALIGN * ALIGN;
}

/* Addresses of the second bank; returns the end of it. */
static uint64_t place(const weft_program *p, size_t bytes, weft_bank *bank)
{
    uint64_t at = align_up(p->win_limit);
    for (uint32_t i = 0; i < p->input_count + p->output_count; i++) {
        bank->port[i] = (uint32_t)at;
        at = align_up(at + weft_io_row_bytes(port_at(p, i)));
    }
    const uint64_t end = at + bytes;
    bank->start = (weft_start){ (uint32_t)at, p->prog_count, p->win_base, (uint32_t)end };
    return end;
}

int weft_banks_make(weft_banks *banks, const weft_program *p, uint64_t mem_size, uint8_t **commands,
                    size_t *bytes)
{
    const uint32_t ports = p->input_count + p->output_count;
    *banks = (weft_banks){ .count = 1 };
    *commands = NULL;
    *bytes = command_bytes(p);
    for (unsigned k = 0; k < 2; k++) {
        banks->bank[k].port = calloc(ports ? ports : 1, sizeof(uint32_t));
        if (!banks->bank[k].port)
            return WEFT_ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < ports; i++)
        banks->bank[0].port[i] = port_at(p, i)->addr;
    banks->bank[0].start = (weft_start){ p->prog_addr, p->prog_count, p->win_base, p->win_limit };
    if (!*bytes || p->step_count || place(p, *bytes, &banks->bank[1]) > mem_size)
        return WEFT_OK;
    *commands = malloc(*bytes);
    if (!*commands)
        return WEFT_ERR_NO_MEMORY;
    copy_commands(p, &banks->bank[1], *commands);
    banks->count = 2;
    return WEFT_OK;
}

void weft_banks_free(weft_banks *banks)
{
    free(banks->bank[0].port);
    free(banks->bank[1].port);
    *banks = (weft_banks){ 0 };
}

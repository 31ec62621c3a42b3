/* Where a loaded program lies: its place in device memory, and its banks of ports; see
 * device_own.h.
 *
 * A program is compiled for one place.  At another one it is the same program with other addresses
 * in its commands; and a further bank is its commands once more, with other addresses for the
 * inputs and outputs: behind everything the program uses lie the ports again, then the copy of the
 * commands.  Weights and activations are shared.  Costs the bytes of the ports and commands in
 * device memory, and one pass over the commands at load. */
#include <stdlib.h>
#include <string.h>

#include "device_own.h"
#include "rtl/isa/weft_isa.h"

enum { ALIGN = WEFT_TRANSPORT_ALIGN };

static uint32_t port_count(const weft_program *p)
{
    return p->input_count + p->output_count;
}

static const weft_program_port *port_at(const weft_program *p, uint32_t index)
{
    return index < p->input_count ? &p->inputs[index] : &p->outputs[index - p->input_count];
}

static uint64_t align_up(uint64_t a)
{
    return (a + ALIGN - 1) / ALIGN * ALIGN;
}

/* The commands are the last bytes of the image: weft_program_check. */
static size_t command_bytes(const weft_program *p)
{
    return p->image_bytes - (p->prog_addr - p->image_addr);
}

/* --- addresses ----------------------------------------------------------------------------------
 */

static uint64_t own_bytes(const weft_program *p)
{
    return align_up((uint64_t)p->win_limit - p->win_base);
}

/* Bytes of one further bank. */
static uint64_t further_bytes(const weft_program *p)
{
    uint64_t bytes = command_bytes(p);
    for (uint32_t i = 0; i < port_count(p); i++)
        bytes += align_up(weft_io_row_bytes(port_at(p, i)));
    return align_up(bytes);
}

uint64_t weft_banks_bytes(const weft_program *p, unsigned count)
{
    if (count == 0 || count > WEFT_MAX_PORT_SETS || (count > 1 && p->step_count))
        return 0;
    return own_bytes(p) + (count - 1) * further_bytes(p);
}

/* Bank 0 where the program has its ports, the others one behind the other. */
static void place(const weft_program *p, uint32_t base, unsigned k, weft_bank *bank)
{
    const uint32_t shift = weft_bank_shift(p, base);
    if (k == 0) {
        for (uint32_t i = 0; i < port_count(p); i++)
            bank->port[i] = port_at(p, i)->addr + shift;
        bank->start =
            (weft_start){ p->prog_addr + shift, p->prog_count, base, p->win_limit + shift };
        return;
    }
    uint64_t at = base + own_bytes(p) + (k - 1) * further_bytes(p);
    for (uint32_t i = 0; i < port_count(p); i++) {
        bank->port[i] = (uint32_t)at;
        at += align_up(weft_io_row_bytes(port_at(p, i)));
    }
    bank->start =
        (weft_start){ (uint32_t)at, p->prog_count, base, (uint32_t)(at + command_bytes(p)) };
}

int weft_banks_make(weft_banks *banks, const weft_program *p, uint32_t base, unsigned count)
{
    const uint32_t ports = port_count(p);
    *banks = (weft_banks){ .count = count };
    for (unsigned k = 0; k < count; k++) {
        banks->bank[k].port = calloc(ports ? ports : 1, sizeof(uint32_t));
        if (!banks->bank[k].port)
            return WEFT_ERR_NO_MEMORY;
        place(p, base, k, &banks->bank[k]);
    }
    return WEFT_OK;
}

void weft_banks_free(weft_banks *banks)
{
    for (unsigned k = 0; k < WEFT_MAX_PORT_SETS; k++)
        free(banks->bank[k].port);
    *banks = (weft_banks){ 0 };
}

/* --- commands -----------------------------------------------------------------------------------
 */

/* An address of the program in this bank; what is not the program's stays what it is. */
static uint32_t moved(const weft_program *p, const weft_bank *bank, int64_t address)
{
    for (uint32_t i = 0; i < port_count(p); i++) {
        const weft_program_port *port = port_at(p, i);
        if (address >= port->addr && address < port->addr + (int64_t)weft_io_row_bytes(port))
            return bank->port[i] + (uint32_t)(address - port->addr);
    }
    const int own = address >= p->win_base && address < p->win_limit;
    return (uint32_t)address + (own ? weft_bank_shift(p, bank->start.win_base) : 0);
}

static void move_command(const weft_program *p, const weft_bank *bank, weft_cmd *c)
{
    switch (weft_NOP_get_OPCODE(c)) {
    case WEFT_CMD_LOAD: weft_LOAD_set_ADDR(c, moved(p, bank, weft_LOAD_get_ADDR(c))); break;
    case WEFT_CMD_STORE: weft_STORE_set_ADDR(c, moved(p, bank, weft_STORE_get_ADDR(c))); break;
    case WEFT_CMD_TABLE: weft_TABLE_set_ADDR(c, moved(p, bank, weft_TABLE_get_ADDR(c))); break;
    case WEFT_CMD_COMPUTE:
        weft_COMPUTE_set_WEIGHTS(c, moved(p, bank, weft_COMPUTE_get_WEIGHTS(c)));
        break;
    default: break;
    }
}

/* The commands as a bank needs them; room for command_bytes. */
static void move_commands(const weft_program *p, const weft_bank *bank, uint8_t *to)
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

/* The image moved as a whole. */
static int write_moved(const weft_bank *bank, const weft_program *p, weft_transport *t,
                       weft_error *err)
{
    const uint32_t shift = weft_bank_shift(p, bank->start.win_base);
    uint8_t *image = malloc(p->image_bytes);
    if (!image)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the image of a program");
    memcpy(image, p->image, p->image_bytes);
    move_commands(p, bank, image + (p->image_bytes - command_bytes(p)));
    const int rc = t->ops->mem_write(t, p->image_addr + shift, image, p->image_bytes, err);
    free(image);
    return rc;
}

/* Only the commands of a further bank. */
static int write_further(const weft_bank *bank, const weft_program *p, weft_transport *t,
                         weft_error *err)
{
    uint8_t *commands = malloc(command_bytes(p));
    if (!commands)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the commands of a program");
    move_commands(p, bank, commands);
    const int rc = t->ops->mem_write(t, bank->start.prog_addr, commands, command_bytes(p), err);
    free(commands);
    return rc;
}

int weft_banks_write(const weft_banks *banks, const weft_program *p, weft_transport *t,
                     weft_error *err)
{
    const weft_bank *own = &banks->bank[0];
    int rc = own->start.win_base == p->win_base
                 ? t->ops->mem_write(t, p->image_addr, p->image, p->image_bytes, err)
                 : write_moved(own, p, t, err);
    for (unsigned k = 1; k < banks->count && rc == WEFT_OK; k++)
        rc = write_further(&banks->bank[k], p, t, err);
    /* What went wrong with a write is known with the answer to something behind it. */
    uint32_t status;
    return rc == WEFT_OK ? t->ops->reg_read(t, WEFT_REG_STATUS, &status, err) : rc;
}

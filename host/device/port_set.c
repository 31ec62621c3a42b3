/* Inputs and outputs in place, in device memory where the transport reaches it; the contracts are
 * in weft.h. */
#include <stdlib.h>
#include <string.h>

#include "device_own.h"

static const weft_program_port *port_at(const weft_program *p, uint32_t index)
{
    return index < p->input_count ? &p->inputs[index] : &p->outputs[index - p->input_count];
}

/* Rows of every port in device memory; returns 0 where the transport cannot show it. */
static int map_rows(weft_port_set *set)
{
    weft_transport *t = set->net->dev->transport;
    const weft_program *p = set->net->program;
    if (!t->ops->map)
        return 0;
    for (uint32_t i = 0; i < p->input_count + p->output_count; i++) {
        set->rows[i] = t->ops->map(t, set->bank->port[i], weft_io_row_bytes(port_at(p, i)));
        if (!set->rows[i])
            return 0;
    }
    return 1;
}

/* Rows of every port in memory of the library. */
static int make_rows(weft_port_set *set)
{
    const weft_program *p = set->net->program;
    size_t bytes = 0;
    for (uint32_t i = 0; i < p->input_count + p->output_count; i++)
        bytes += weft_io_row_bytes(port_at(p, i));
    set->memory = calloc(1, bytes ? bytes : 1);
    if (!set->memory)
        return WEFT_ERR_NO_MEMORY;
    uint8_t *at = set->memory;
    for (uint32_t i = 0; i < p->input_count + p->output_count; i++) {
        set->rows[i] = at;
        at += weft_io_row_bytes(port_at(p, i));
    }
    return WEFT_OK;
}

/* With the turn: nobody closes the device or changes banks. */
static int fill(weft_port_set *set)
{
    const weft_program *p = set->net->program;
    set->rows = calloc(p->input_count + p->output_count + 1u, sizeof *set->rows);
    if (!set->rows)
        return WEFT_ERR_NO_MEMORY;
    set->direct = map_rows(set);
    if (!set->direct)
        return make_rows(set);
    for (uint32_t i = 0; i < p->input_count; i++)
        memset(set->rows[i], 0, weft_io_row_bytes(port_at(p, i)));
    return WEFT_OK;
}

/* Take a bank for the set; one stays for jobs in flight that have no set.  Returns 0 if none is
 * free. */
static int take_bank(weft_port_set *set)
{
    weft_loaded *net = set->net;
    pthread_mutex_lock(&net->dev->state);
    const unsigned left = net->banks.count - net->set_count;
    for (unsigned k = net->banks.count; k-- > 0 && !set->bank;) {
        weft_bank *bank = &net->banks.bank[k];
        if (!bank->owner && !bank->busy && left > (net->in_flight_plain ? 1u : 0u))
            set->bank = bank;
    }
    if (set->bank) {
        set->bank->owner = set;
        net->set_count++;
        net->holders++;
    }
    pthread_mutex_unlock(&net->dev->state);
    return set->bank != NULL;
}

/* With the turn. */
static int take(weft_loaded *net, weft_port_set **out, weft_error *err)
{
    weft_port_set *set = calloc(1, sizeof *set);
    if (!set)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a port set");
    set->net = net;
    set->holders = 1;
    if (!take_bank(set)) {
        free(set);
        return weft_error_set(err, WEFT_ERR_BUSY,
                              "no port set is free: load the program with more of them");
    }
    if (fill(set) != WEFT_OK) {
        weft_port_set_free(set);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a port set");
    }
    *out = set;
    return WEFT_OK;
}

int weft_port_set_take(weft_loaded *net, weft_port_set **out, weft_error *err)
{
    if (!GIVEN(err, net) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    int rc = weft_turn_take(net->dev, 0, err);
    if (rc != WEFT_OK)
        return rc;
    rc = take(net, out, err);
    weft_turn_give(net->dev);
    return rc;
}

void weft_port_set_free(weft_port_set *set)
{
    if (set && weft_turn_here(set->net->dev, NULL) == WEFT_OK)
        weft_hold_drop_set(set);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static int check_index(uint32_t index, uint32_t count, const char *what, weft_error *err)
{
    if (index < count)
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_ARG, "there is no %s %u, the program has %u", what,
                          (unsigned)index, (unsigned)count);
}

static int describe_rows(const weft_port_set *set, uint32_t index, weft_rows_info *out,
                         weft_error *err)
{
    const weft_program_port *port = port_at(set->net->program, index);
    const weft_rows_info info = { .direct = (uint32_t)set->direct,
                                  .data = set->rows[index],
                                  .rows = port->rows,
                                  .row_bytes = port->row_bytes,
                                  .pitch_bytes = port->pitch_bytes };
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_port_set_input(const weft_port_set *set, uint32_t index, weft_rows_info *out,
                        weft_error *err)
{
    if (!GIVEN(err, set) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const int rc = check_index(index, set->net->program->input_count, "input", err);
    return rc == WEFT_OK ? describe_rows(set, index, out, err) : rc;
}

int weft_port_set_output(const weft_port_set *set, uint32_t index, weft_rows_info *out,
                         weft_error *err)
{
    if (!GIVEN(err, set) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const weft_program *p = set->net->program;
    const int rc = check_index(index, p->output_count, "output", err);
    return rc == WEFT_OK ? describe_rows(set, p->input_count + index, out, err) : rc;
}

/* --- conversion ---------------------------------------------------------------------------------
 */

/* WEFT_OK if the rows may be touched: no job uses them, and direct ones still exist. */
static int check_rest(const weft_port_set *set, weft_error *err)
{
    weft_device *dev = set->net->dev;
    const int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    pthread_mutex_lock(&dev->state);
    const int busy = set->busy, gone = dev->closed && set->direct;
    pthread_mutex_unlock(&dev->state);
    if (gone)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device was closed");
    return busy ? weft_error_set(err, WEFT_ERR_BUSY, "a job uses this port set; wait for it")
                : WEFT_OK;
}

int weft_port_set_write(weft_port_set *set, uint32_t index, const weft_input *from, weft_error *err)
{
    weft_input in;
    if (!GIVEN(err, set) || !GIVEN(err, from))
        return WEFT_ERR_ARG;
    const weft_program *p = set->net->program;
    int rc = check_index(index, p->input_count, "input", err);
    if (rc == WEFT_OK)
        rc = weft_struct_take(from, from->struct_bytes, &in, sizeof in, err);
    if (rc == WEFT_OK)
        rc = weft_io_check(&p->inputs[index], in.form, in.data, in.bytes, err);
    if (rc == WEFT_OK)
        rc = check_rest(set, err);
    if (rc == WEFT_OK && weft_io_pack(&p->inputs[index], &in, set->rows[index]) != WEFT_OK)
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to convert an input");
    return rc;
}

int weft_port_set_read(weft_port_set *set, uint32_t index, const weft_output *to, weft_error *err)
{
    weft_output out;
    if (!GIVEN(err, set) || !GIVEN(err, to))
        return WEFT_ERR_ARG;
    const weft_program *p = set->net->program;
    int rc = check_index(index, p->output_count, "output", err);
    if (rc == WEFT_OK)
        rc = weft_struct_take(to, to->struct_bytes, &out, sizeof out, err);
    if (rc == WEFT_OK)
        rc = weft_io_check(&p->outputs[index], out.form, out.data, out.bytes, err);
    if (rc == WEFT_OK)
        rc = check_rest(set, err);
    if (rc == WEFT_OK &&
        weft_io_unpack(&p->outputs[index], set->rows[p->input_count + index], &out) != WEFT_OK)
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to convert an output");
    return rc;
}

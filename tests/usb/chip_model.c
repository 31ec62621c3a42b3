/* The simulated chip behind USB endpoints; the contract is in chip_model.h. */
#include "chip_model.h"

#include <stdlib.h>

#include "sim/pin_wire.h"

/* Simulated time: how long the chip runs each time the host looks for bytes; how long it has to pause for
 * a packet to end; after how long a silence it stands still until the host sends something, as a host that
 * waits for it does every few milliseconds. */
enum { LOOK_US = 20, PAUSE_US = 1, QUIET_US = 400 };

struct chip_model {
    const weft_sim_model *model;
    weft_sim *sim;
    weft_mem *mem;
    weft_wire *wire;
    uint32_t quiet_us;
};

static void switch_off(chip_model *c)
{
    if (c->wire)
        c->wire->ops->close(c->wire);
    if (c->sim)
        c->model->close(c->sim);
    weft_mem_close(c->mem);
    c->wire = NULL;
    c->sim = NULL;
    c->mem = NULL;
}

static int switch_on(chip_model *c)
{
    const weft_mem_config config = weft_mem_config_default(c->model->data_bytes);
    c->sim = c->model->open(1);
    if (!c->sim || weft_mem_open(&config, &c->mem, NULL) != WEFT_OK)
        return 0;
    c->model->attach(c->sim, c->mem);
    c->wire = weft_pin_wire_new(c->model, c->sim, NULL);
    return c->wire != NULL;
}

chip_model *chip_model_new(const char *shape)
{
    chip_model *c = calloc(1, sizeof *c);
    if (c)
        c->model = weft_sim_find(shape, 0, 0, NULL);
    if (c && c->model && switch_on(c))
        return c;
    chip_model_free(c);
    return NULL;
}

void chip_model_free(chip_model *c)
{
    if (c && c->model)
        switch_off(c);
    free(c);
}

static size_t take(void *self, const uint8_t *bytes, size_t count)
{
    chip_model *c = self;
    size_t taken = 0;
    c->quiet_us = 0;
    (void)c->wire->ops->send(c->wire, bytes, count, &taken, NULL);
    return taken;
}

static size_t give(void *self, uint8_t *bytes, size_t room)
{
    chip_model *c = self;
    size_t all = 0, got = 0;
    uint32_t wait_us = LOOK_US;
    if (c->quiet_us >= QUIET_US)
        return 0;
    do {
        (void)c->wire->ops->receive(c->wire, bytes + all, room - all, wait_us, &got, NULL);
        all += got;
        wait_us = PAUSE_US;
    } while (got && all < room);
    c->quiet_us = all ? 0 : c->quiet_us + LOOK_US;
    return all;
}

static void reset(void *self)
{
    chip_model *c = self;
    switch_off(c);
    if (!switch_on(c))
        abort(); /* no memory for a test */
}

usb_model chip_model_usb(chip_model *c)
{
    return (usb_model){ .self = c, .take = take, .give = give, .reset = reset };
}

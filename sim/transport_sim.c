/* host/transport/transport.h over the simulated chip: "sim:".
 *
 * Registers, start and done go as packets through the pins of the link, byte by byte, with
 * everything the real link does to them; bulk memory goes directly into the memory model unless the
 * option `link` is given.  So a run takes exactly the cycles the chip takes, and no simulated time
 * is spent on data.  Simulated time stands still between calls.
 *
 * Options: board=NAME, a board's whole top with its memory, which everything reaches over its serial line; or shape=ROWSxCOLS (of those linked in; with pair=0 and the like the model without that part), link, wire=NAME, rate=BYTES/S, turn=US, block=BYTES
 * (pin_wire.h; without them the pins are the wire), trace=FILE, stall=PERCENT, seed=NUMBER,
 * latency=CYCLES, refresh=CYCLES, error=ADDRESS; mem_model.h says what they mean.  ungated: the
 * model without clock gates, which is the one that can trace: the same cycles, slower.
 *
 * A model may be there in several forms, compiled for different levels of x86-64 (cpu_level.h); the
 * highest that this machine can run is taken, and none it cannot. */
#include "host/transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/weft_version.h>

#include "host/transport/module.h"
#include "host/transport/transport_link.h"
#include "models/base/weft_hw.h"
#include "pin_wire.h"
#include "rtl/isa/weft_isa.h"
#include "weft_sim.h"

enum {
    MOST_RATE = 400000000, /* what the widest pins carry */
    MOST_TURN_US = 100000,
    US_FOR_MS = 100, /* simulated ones that take the host at most about a millisecond */
    MOST_BLOCK = 1 << 16
};

typedef struct transport_sim {
    weft_transport base;
    const weft_sim_model *model;
    weft_sim *sim;
    weft_mem *mem;
    weft_transport *link;
    int memory_over_link;
} transport_sim;

static transport_sim *self(weft_transport *t)
{
    return (transport_sim *)(void *)t;
}

/* --- opening ------------------------------------------------------------------------------ */

static int sim_list(unsigned index, char *to)
{
    unsigned found = 0;
    for (unsigned i = 0; i < weft_sim_model_count; i++) {
        const weft_sim_model *m = weft_sim_models[i];
        if (weft_sim_is_new(i) && found++ == index) {
            char name[80];
            weft_sim_name(m, name, sizeof name);
            snprintf(to, WEFT_TRANSPORT_LISTING_BYTES,
                     "sim:%s=%s simulated chip, cycle by cycle, memory port of %u bytes",
                     m->is_board ? "board" : "shape", name, (unsigned)m->data_bytes);
            return 1;
        }
    }
    return 0;
}

/* The shapes there are, or those that can trace, each behind a blank. */
static void list_shapes(int want_trace, char *to, size_t room)
{
    to[0] = '\0';
    for (unsigned i = 0; i < weft_sim_model_count; i++) {
        const size_t used = strlen(to);
        char name[80];
        weft_sim_name(weft_sim_models[i], name, sizeof name);
        if (!weft_sim_models[i]->is_board &&
            (want_trace ? weft_sim_models[i]->can_trace : weft_sim_is_new(i)))
            snprintf(to + used, room - used, " %s", name);
    }
}

/* The board of that name. */
static int choose_board(const weft_uri *uri, const weft_sim_model **out, weft_error *err)
{
    const char *name = weft_uri_text(uri, "board");
    char names[200] = "";
    *out = name ? weft_sim_find(name, 0, 0, NULL) : NULL;
    if (*out && (*out)->is_board)
        return WEFT_OK;
    for (unsigned i = 0; i < weft_sim_model_count; i++) {
        const size_t used = strlen(names);
        if (weft_sim_models[i]->is_board && weft_sim_is_new(i))
            snprintf(names + used, sizeof names - used, " %s", weft_sim_models[i]->shape);
    }
    return weft_error_set(err, WEFT_ERR_ARG, "sim: was built with these boards only:%s",
                          names[0] ? names : " none");
}

static int choose_model(const weft_uri *uri, const weft_sim_model **out, weft_error *err)
{
    const int want_trace = weft_uri_has(uri, "trace") || weft_uri_has(uri, "ungated");
    char shape[16], shapes[200];
    uint32_t rows = 0, cols = 0, lacks = 0;
    int has_shape, has_model;
    int rc = weft_uri_shape(uri, "shape", &rows, &cols, err);
    if (rc == WEFT_OK)
        rc = weft_hw_read_parts(uri, &lacks, err);
    if (rc != WEFT_OK)
        return rc;
    if (rows == 0)
        snprintf(shape, sizeof shape, "%s", weft_sim_models[0]->shape);
    else
        snprintf(shape, sizeof shape, "%ux%u", (unsigned)rows, (unsigned)cols);
    weft_sim_find(shape, lacks, 0, &has_shape);
    *out = weft_sim_find(shape, lacks, want_trace, &has_model);
    if (*out)
        return WEFT_OK;
    if (has_model)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "sim: this simulation is compiled for processors with more "
                              "instructions than this one has: build it here, or use ref:");
    list_shapes(has_shape, shapes, sizeof shapes);
    return weft_error_set(err, WEFT_ERR_ARG,
                          has_shape ? "sim: can trace, and run without clock gates, only these "
                                      "shapes:%s"
                                    : "sim: was built for these shapes only:%s",
                          shapes[0] ? shapes : " none was built so");
}

static int read_options(const weft_uri *uri, weft_mem_config *c, weft_error *err)
{
    uint64_t stall = c->stall_percent, latency = c->latency, refresh = c->refresh_interval;
    int rc = weft_uri_number(uri, "stall", 0, 95, &stall, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "seed", 0, UINT64_MAX, &c->seed, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "latency", 1, 10000, &latency, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "refresh", 0, UINT32_MAX, &refresh, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "error", 0, UINT32_MAX, &c->error_address, err);
    c->stall_percent = (uint32_t)stall;
    c->latency = (uint32_t)latency;
    c->refresh_interval = (uint32_t)refresh;
    return rc;
}

static int open_trace(transport_sim *t, const weft_uri *uri, weft_error *err)
{
    if (!weft_uri_has(uri, "trace"))
        return WEFT_OK;
    const char *path = weft_uri_text(uri, "trace");
    if (!path || !*path)
        return weft_error_set(err, WEFT_ERR_ARG, "sim:trace needs a file, as in trace=run.fst");
    if (t->model->trace(t->sim, path))
        return weft_error_set(err, WEFT_ERR_IO,
                              "the trace %.120s cannot be written, or is no regular file", path);
    return WEFT_OK;
}

/* Memory of the size the chip says it has. */
static int open_memory(transport_sim *t, const weft_uri *uri, weft_error *err)
{
    weft_mem_config config = weft_mem_config_default(t->model->data_bytes);
    uint32_t size = 0;
    int rc = read_options(uri, &config, err);
    if (rc == WEFT_OK)
        rc = t->link->ops->reg_read(t->link, WEFT_REG_INFO_MEM_SIZE, &size, err);
    if (rc != WEFT_OK)
        return rc;
    config.size_bytes = size;
    rc = weft_mem_open(&config, &t->mem, err);
    if (rc == WEFT_OK)
        t->model->attach(t->sim, t->mem);
    return rc;
}

static int sim_close(weft_transport *base)
{
    transport_sim *t = self(base);
    if (t->link)
        t->link->ops->close(t->link);
    const int rc = t->model ? t->model->close(t->sim) : 0;
    weft_mem_close(t->mem);
    free(t);
    return rc ? WEFT_ERR_IO : WEFT_OK;
}

/* What the wire at the pins is like: one with a name, or numbers, or the pins themselves. */
static int read_wire(const weft_uri *uri, weft_wire_kind *kind, weft_error *err)
{
    const char *name = weft_uri_has(uri, "wire") ? weft_uri_text(uri, "wire") : NULL;
    *kind = (weft_wire_kind){ 0 };
    if (weft_uri_has(uri, "wire") && (!name || !weft_wire_kind_find(name, kind)))
        return weft_error_set(err, WEFT_ERR_ARG, "sim:wire is uart, ft245, hs or ft601");
    int rc = weft_uri_number(uri, "rate", 1000, MOST_RATE, &kind->rate, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "turn", 0, MOST_TURN_US, &kind->turn, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "block", 1, MOST_BLOCK, &kind->block, err);
    if (rc == WEFT_OK && !kind->rate && (kind->turn || kind->block))
        rc = weft_error_set(err, WEFT_ERR_ARG, "sim:turn and block need a wire or a rate");
    return rc;
}

static int open_link(transport_sim *t, const weft_uri *uri, weft_error *err)
{
    weft_wire_kind kind;
    int rc = read_wire(uri, &kind, err);
    if (rc != WEFT_OK)
        return rc;
    weft_wire *pins = weft_pin_wire_new(t->model, t->sim, &kind);
    if (!pins)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a wire");
    return weft_transport_link_open(pins, &t->link, err);
}

static int open_parts(transport_sim *t, const weft_uri *uri, weft_error *err)
{
    char names[WEFT_URI_BYTES] = "board";
    const int board = weft_uri_has(uri, "board");
    if (!board)
        snprintf(names, sizeof names,
                 "board shape link wire rate turn block trace ungated stall seed latency refresh "
                 "error%s",
                 weft_hw_part_keys());
    int rc = weft_uri_allow(uri, names, err);
    if (rc == WEFT_OK)
        rc = board ? choose_board(uri, &t->model, err) : choose_model(uri, &t->model, err);
    if (rc != WEFT_OK)
        return rc;
    uint64_t seed = 1;
    rc = weft_uri_number(uri, "seed", 0, UINT64_MAX, &seed, err);
    if (rc != WEFT_OK)
        return rc;
    t->memory_over_link = board || weft_uri_has(uri, "link");
    t->sim = t->model->open(seed);
    if (!t->sim)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a simulated chip");
    rc = open_trace(t, uri, err);
    if (rc == WEFT_OK)
        rc = open_link(t, uri, err);
    return rc == WEFT_OK ? open_memory(t, uri, err) : rc;
}

static int sim_open(const weft_uri *uri, weft_transport **out, weft_error *err)
{
    transport_sim *t = calloc(1, sizeof *t);
    if (!t)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
    t->base.ops = weft_sim_library()->transport;
    const int rc = open_parts(t, uri, err);
    if (rc != WEFT_OK)
        sim_close(&t->base);
    else
        *out = &t->base;
    return rc;
}

/* --- the table ---------------------------------------------------------------------------- */

static int find_bytes(const transport_sim *t, uint32_t address, size_t bytes, uint8_t **at,
                      weft_error *err)
{
    const uint64_t size = weft_mem_size(t->mem);
    if (address > size || bytes > size - address)
        return weft_error_set(err, WEFT_ERR_CAPACITY,
                              "%zu bytes at 0x%08x are outside the %llu bytes of device memory",
                              bytes, (unsigned)address, (unsigned long long)size);
    *at = weft_mem_at(t->mem, address, bytes);
    return *at ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no room for the device memory in use");
}

static int sim_mem_read(weft_transport *base, uint32_t address, void *to, size_t bytes,
                        weft_error *err)
{
    transport_sim *t = self(base);
    uint8_t *at = NULL;
    const int rc = find_bytes(t, address, bytes, &at, err);
    if (rc != WEFT_OK || !bytes)
        return rc;
    if (t->memory_over_link)
        return t->link->ops->mem_read(t->link, address, to, bytes, err);
    memcpy(to, at, bytes);
    return WEFT_OK;
}

static int sim_mem_write(weft_transport *base, uint32_t address, const void *from, size_t bytes,
                         weft_error *err)
{
    transport_sim *t = self(base);
    uint8_t *at = NULL;
    const int rc = find_bytes(t, address, bytes, &at, err);
    if (rc != WEFT_OK || !bytes)
        return rc;
    if (t->memory_over_link)
        return t->link->ops->mem_write(t->link, address, from, bytes, err);
    memcpy(at, from, bytes);
    return WEFT_OK;
}

static uint8_t *sim_map(weft_transport *base, uint32_t address, size_t bytes)
{
    transport_sim *t = self(base);
    return t->memory_over_link ? NULL : weft_mem_keep(t->mem, address, bytes);
}

static int sim_reg_read(weft_transport *base, uint32_t offset, uint32_t *value, weft_error *err)
{
    weft_transport *link = self(base)->link;
    return link->ops->reg_read(link, offset, value, err);
}

static int sim_reg_write(weft_transport *base, uint32_t offset, uint32_t value, weft_error *err)
{
    weft_transport *link = self(base)->link;
    return link->ops->reg_write(link, offset, value, err);
}

static int sim_start(weft_transport *base, const weft_start *s, weft_error *err)
{
    weft_transport *link = self(base)->link;
    return link->ops->start(link, s, err);
}

static int sim_wait_done(weft_transport *base, uint32_t timeout_ms, weft_done *out, weft_error *err)
{
    transport_sim *t = self(base);
    const int rc = weft_transport_link_wait(t->link, (uint64_t)timeout_ms * US_FOR_MS, out, err);
    const char *breach = weft_mem_breach(t->mem);
    if (rc == WEFT_OK && breach)
        return weft_error_set(err, WEFT_ERR_DEVICE, "%s", breach);
    return rc;
}

static int sim_reset(weft_transport *base, weft_error *err)
{
    weft_transport *link = self(base)->link;
    return link->ops->reset(link, err);
}

static uint64_t sim_clock(const weft_transport *base)
{
    const transport_sim *t = (const transport_sim *)(const void *)base;
    return t->model->cycles(t->sim);
}

static const weft_transport *sim_link(const weft_transport *base)
{
    const transport_sim *t = (const transport_sim *)(const void *)base;
    return t->memory_over_link ? t->link : NULL;
}

static void sim_watch(weft_transport *base, const weft_watch *watch)
{
    transport_sim *t = self(base);
    t->model->watch(t->sim, watch);
}

static const weft_transport_ops transport = {
    .scheme = "sim",
    .list = sim_list,
    .open = sim_open,
    .close = sim_close,
    .mem_read = sim_mem_read,
    .mem_write = sim_mem_write,
    .reg_read = sim_reg_read,
    .reg_write = sim_reg_write,
    .start = sim_start,
    .wait_done = sim_wait_done,
    .reset = sim_reset,
    .map = sim_map,
    .clock = sim_clock,
    .watch = sim_watch,
    .link = sim_link,
};

const weft_module *weft_sim_library(void)
{
    static const weft_module module = { WEFT_VERSION, &transport };
    return &module;
}

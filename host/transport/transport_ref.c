/* transport.h over the C model of the device (models/ref): "ref:".
 *
 * Options: those of models/base/weft_hw.h, so any device that the contract allows; and forget:
 * every run finds other bytes in the feature buffer than the one before left there.
 *
 * A run happens inside wait_done, a piece at a time, so that it can be aborted between two of them.  Cycles and stalls are not modelled and read as 0; ISSUED, COMMANDS and the beats are exact. */
#include "models/base/weft_hw.h"
#include "models/ref/device/ref_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rtl/isa/weft_isa.h"
#include "transport.h"

enum { PIECE_ISSUES = 16384 }; /* about a millisecond */

typedef struct transport_ref {
    weft_transport base;
    weft_ref_device *device;
    weft_hw hw;
    weft_start start;
    uint32_t heartbeat;
    int running; /* a run has begun and not ended */
    int ran;     /* one has ended since the reset */
    int forget;  /* the option */
} transport_ref;

static int ref_list(unsigned index, char *to)
{
    if (index > 0)
        return 0;
    snprintf(to, WEFT_TRANSPORT_LISTING_BYTES, "ref: C model of the device, any shape, no cycles");
    return 1;
}

static int ref_open(const weft_uri *uri, weft_transport **out, weft_error *err)
{
    transport_ref *t = calloc(1, sizeof *t);
    if (!t)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
    t->base.ops = &weft_transport_ref;
    t->forget = weft_uri_has(uri, "forget");
    int rc = weft_hw_allow(uri, "forget", err);
    if (rc == WEFT_OK)
        rc = weft_hw_read(uri, &t->hw, err);
    if (rc == WEFT_OK) {
        rc = weft_ref_device_new(&t->hw, &t->device);
        if (rc != WEFT_OK)
            weft_error_set(err, rc, "no memory for the C model of the device");
    }
    if (rc != WEFT_OK)
        free(t);
    else
        *out = &t->base;
    return rc;
}

static transport_ref *self(weft_transport *t)
{
    return (transport_ref *)(void *)t;
}

static int ref_close(weft_transport *base)
{
    weft_ref_device_free(self(base)->device);
    free(self(base));
    return WEFT_OK;
}

static int find_bytes(const transport_ref *t, uint32_t address, size_t bytes, uint8_t **at,
                      weft_error *err)
{
    if (address > t->hw.mem_size || bytes > t->hw.mem_size - address)
        return weft_error_set(err, WEFT_ERR_CAPACITY,
                              "%zu bytes at 0x%08x are outside the %llu bytes of device memory",
                              bytes, (unsigned)address, (unsigned long long)t->hw.mem_size);
    *at = weft_ref_device_at(t->device, address, bytes);
    return *at ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no room for the device memory in use");
}

static int ref_mem_read(weft_transport *base, uint32_t address, void *to, size_t bytes,
                        weft_error *err)
{
    transport_ref *t = self(base);
    uint8_t *at = NULL;
    const int rc = find_bytes(t, address, bytes, &at, err);
    if (rc == WEFT_OK && bytes)
        memcpy(to, at, bytes);
    return rc;
}

static int ref_mem_write(weft_transport *base, uint32_t address, const void *from, size_t bytes,
                         weft_error *err)
{
    transport_ref *t = self(base);
    uint8_t *at = NULL;
    const int rc = find_bytes(t, address, bytes, &at, err);
    if (rc == WEFT_OK && bytes)
        memcpy(at, from, bytes);
    return rc;
}

static uint8_t *ref_map(weft_transport *base, uint32_t address, size_t bytes)
{
    return weft_ref_device_keep(self(base)->device, address, bytes);
}

static uint32_t saturate(uint64_t v)
{
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static weft_ref_result result_of(const transport_ref *t)
{
    return t->ran || t->running ? weft_ref_device_result(t->device) : (weft_ref_result){ 0 };
}

static uint32_t status_register(const transport_ref *t)
{
    return t->running ? WEFT_STATUS_BUSY : t->ran ? result_of(t).error | WEFT_STATUS_DONE : 0;
}

/* 1 and the value if the contract has such a register, else 0. */
static int register_value(const transport_ref *t, uint32_t offset, uint32_t *value)
{
    switch (offset) {
#define REG(name, at, access, reset, doc)                                                          \
    case at:                                                                                       \
        *value = (reset);                                                                          \
        break;
#include "rtl/isa/weft_isa.def"
    default: return 0;
    }
    const weft_ref_result result = result_of(t);
    switch (offset) {
    case WEFT_REG_STATUS: *value = status_register(t); break;
    case WEFT_REG_ERR_INDEX: *value = result.error_index; break;
    case WEFT_REG_PROG_ADDR: *value = t->start.prog_addr; break;
    case WEFT_REG_PROG_COUNT: *value = t->start.prog_count; break;
    case WEFT_REG_WIN_BASE: *value = t->start.win_base; break;
    case WEFT_REG_WIN_LIMIT: *value = t->start.win_limit; break;
    case WEFT_REG_HEARTBEAT: *value = t->heartbeat; break;
#define HW(NAME, name, value_, least, most, rule, of, fixed, info, key, option, unit, doc)         \
    case WEFT_REG_INFO_##NAME:                                                                     \
        *value = t->hw.name;                                                                       \
        break;
#define HW_DERIVED(NAME, name, info, unit, doc)                                                    \
    case WEFT_REG_INFO_##NAME:                                                                     \
        *value = t->hw.name;                                                                       \
        break;
#include "rtl/isa/weft_isa.def"
    case WEFT_REG_INFO_LACKS: *value = t->hw.lacks; break;
    case WEFT_REG_ISSUED: *value = saturate(result.issued); break;
    case WEFT_REG_READ_BEATS: *value = saturate(result.read_beats); break;
    case WEFT_REG_WEIGHT_BEATS: *value = saturate(result.weight_beats); break;
    case WEFT_REG_WRITE_BEATS: *value = saturate(result.write_beats); break;
    case WEFT_REG_COMMANDS: *value = saturate(result.commands); break;
    default: break;
    }
    return 1;
}

static int no_register(uint32_t offset, weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_ARG, "there is no such register as 0x%x, or not that way",
                          (unsigned)offset);
}

static int ref_reg_read(weft_transport *base, uint32_t offset, uint32_t *value, weft_error *err)
{
    return register_value(self(base), offset, value) ? WEFT_OK : no_register(offset, err);
}

static int ref_start(weft_transport *base, const weft_start *s, weft_error *err)
{
    transport_ref *t = self(base);
    if (t->running)
        return weft_error_set(err, WEFT_ERR_BUSY, "a program runs already");
    t->start = *s;
    if (t->forget)
        weft_ref_device_forget(t->device);
    weft_ref_device_begin(t->device, &(weft_ref_start){ .prog_addr = s->prog_addr,
                                                        .prog_count = s->prog_count,
                                                        .win_base = s->win_base,
                                                        .win_limit = s->win_limit });
    t->running = 1;
    t->ran = 0;
    return WEFT_OK;
}

static void end_run(transport_ref *t)
{
    t->ran |= t->running;
    t->running = 0;
}

static int write_ctrl(weft_transport *base, uint32_t value, weft_error *err)
{
    transport_ref *t = self(base);
    if (value & WEFT_CTRL_ABORT && t->running) {
        weft_ref_device_abort(t->device);
        end_run(t);
    }
    return value & WEFT_CTRL_START ? ref_start(base, &t->start, err) : WEFT_OK;
}

static int ref_reg_write(weft_transport *base, uint32_t offset, uint32_t value, weft_error *err)
{
    transport_ref *t = self(base);
    switch (offset) {
    case WEFT_REG_PROG_ADDR: t->start.prog_addr = value; return WEFT_OK;
    case WEFT_REG_PROG_COUNT: t->start.prog_count = value; return WEFT_OK;
    case WEFT_REG_WIN_BASE: t->start.win_base = value; return WEFT_OK;
    case WEFT_REG_WIN_LIMIT: t->start.win_limit = value; return WEFT_OK;
    case WEFT_REG_HEARTBEAT: t->heartbeat = value; return WEFT_OK;
    case WEFT_REG_CTRL: return write_ctrl(base, value, err);
    default: return no_register(offset, err);
    }
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int ref_wait_done(weft_transport *base, uint32_t timeout_ms, weft_done *out, weft_error *err)
{
    transport_ref *t = self(base);
    const uint64_t from = now_ms();
    if (!t->ran && !t->running)
        return weft_error_set(err, WEFT_ERR_TIMEOUT, "nothing was started");
    while (t->running) {
        if (weft_ref_device_continue(t->device, PIECE_ISSUES))
            end_run(t);
        else if (now_ms() - from >= timeout_ms)
            return weft_error_set(err, WEFT_ERR_TIMEOUT, "the C model still runs");
    }
    *out = (weft_done){ .status = status_register(t), .err_index = result_of(t).error_index };
    return WEFT_OK;
}

static int ref_reset(weft_transport *base, weft_error *err)
{
    transport_ref *t = self(base);
    (void)err;
    weft_ref_device_abort(t->device);
    weft_ref_device_reset(t->device);
    t->start = (weft_start){ 0 };
    t->running = t->ran = 0;
    t->heartbeat = 0;
    return WEFT_OK;
}

const weft_transport_ops weft_transport_ref = {
    .scheme = "ref",
    .list = ref_list,
    .open = ref_open,
    .close = ref_close,
    .mem_read = ref_mem_read,
    .mem_write = ref_mem_write,
    .reg_read = ref_reg_read,
    .reg_write = ref_reg_write,
    .start = ref_start,
    .wait_done = ref_wait_done,
    .reset = ref_reset,
    .map = ref_map,
};

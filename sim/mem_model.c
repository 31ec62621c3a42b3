/* The memory behind the simulated device; the contract is in mem_model.h.
 *
 * Bursts are scheduled whole, when their last piece of information arrives, so a cycle costs a few
 * compares: the head of each queue against the time. */
#include "mem_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/growing.h"

enum {
    QUEUE = 16,        /* bursts in flight per direction, a power of two */
    WRITE_AHEAD = 256, /* bus cycles a write may wait before wready falls */
    FIRST_PHASE = 754, /* cycles after a refresh interval began, of the first burst */
    BREACH_BYTES = 120,
    AXI_INCR = 1
};

typedef struct read_burst {
    uint64_t due; /* cycle in which the first beat may be on the pins */
    uint32_t address, beats;
} read_burst;

typedef struct write_burst {
    uint64_t due; /* cycle in which the response may be on the pins */
    uint32_t address, beats, filled;
    uint8_t data[WEFT_MEM_MAX_BEATS * WEFT_MEM_MAX_DATA_BYTES];
    uint32_t strobe[WEFT_MEM_MAX_BEATS];
} write_burst;

struct weft_mem {
    weft_mem_out out;
    weft_mem_config config;
    weft_growing pages;
    uint64_t bus_free;    /* first cycle the data bus is not promised to anyone */
    uint64_t first_burst; /* when the first one had the bus */
    uint8_t begun;        /* that has been */
    uint64_t random;
    uint32_t read_head, read_tail, read_beat; /* bursts head..tail-1 are accepted */
    uint32_t write_head, write_fill, write_tail;
    read_burst reads[QUEUE];
    write_burst writes[QUEUE];
    uint8_t broken;
    char breach[BREACH_BYTES];
};

weft_mem_config weft_mem_config_default(uint32_t data_bytes)
{
    return (weft_mem_config){ .size_bytes = (uint64_t)256 << 20,
                              .data_bytes = data_bytes,
                              .latency = 40,
                              .write_latency = 20,
                              .refresh_interval = 780,
                              .refresh_cycles = 28,
                              .seed = 1,
                              .error_address = UINT64_MAX };
}

static int check_config(const weft_mem_config *c, weft_error *err)
{
    if (c->data_bytes < 4 || c->data_bytes > WEFT_MEM_MAX_DATA_BYTES ||
        (c->data_bytes & (c->data_bytes - 1)))
        return weft_error_set(err, WEFT_ERR_ARG, "memory port of %u bytes; 4, 8, 16 or 32 exist",
                              (unsigned)c->data_bytes);
    if (c->size_bytes < 4096 || c->size_bytes > UINT32_MAX - 4095u || c->size_bytes % 4096)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "memory of %llu bytes; 4096 to 4294963200 in steps of 4096 work",
                              (unsigned long long)c->size_bytes);
    if (c->latency < 1 || c->latency > 10000 || c->write_latency < 1 || c->write_latency > 10000)
        return weft_error_set(err, WEFT_ERR_ARG, "memory latency must be 1 to 10000 cycles");
    if (c->stall_percent > 95)
        return weft_error_set(err, WEFT_ERR_ARG, "stalls of %u percent; at most 95 are useful",
                              (unsigned)c->stall_percent);
    if (c->refresh_interval &&
        (uint64_t)c->refresh_interval <= (uint64_t)c->refresh_cycles + WEFT_MEM_MAX_BEATS)
        return weft_error_set(err, WEFT_ERR_ARG, "refresh leaves no room for a burst");
    return WEFT_OK;
}

int weft_mem_open(const weft_mem_config *config, weft_mem **out, weft_error *err)
{
    *out = NULL;
    int rc = check_config(config, err);
    if (rc != WEFT_OK)
        return rc;
    weft_mem *mem = calloc(1, sizeof *mem);
    if (!mem)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a memory model");
    mem->config = *config;
    if (weft_growing_open(&mem->pages, config->size_bytes) != WEFT_OK) {
        free(mem);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no room for %llu bytes of device memory",
                              (unsigned long long)config->size_bytes);
    }
    mem->random = config->seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
    weft_mem_reset(mem);
    *out = mem;
    return WEFT_OK;
}

void weft_mem_close(weft_mem *mem)
{
    if (!mem)
        return;
    weft_growing_close(&mem->pages);
    free(mem);
}

uint8_t *weft_mem_bytes(weft_mem *mem)
{
    return weft_mem_keep(mem, 0, mem->config.size_bytes);
}

uint8_t *weft_mem_at(weft_mem *mem, uint64_t address, uint64_t bytes)
{
    return weft_growing_at(&mem->pages, address, bytes);
}

uint8_t *weft_mem_keep(weft_mem *mem, uint64_t address, uint64_t bytes)
{
    return weft_growing_keep(&mem->pages, address, bytes);
}

uint64_t weft_mem_size(const weft_mem *mem)
{
    return mem->config.size_bytes;
}

void weft_mem_reset(weft_mem *mem)
{
    mem->out = (weft_mem_out){ .arready = 1, .awready = 1 };
    mem->read_head = mem->read_tail = mem->read_beat = 0;
    mem->write_head = mem->write_fill = mem->write_tail = 0;
}

const weft_mem_out *weft_mem_outputs(const weft_mem *mem)
{
    return &mem->out;
}

int weft_mem_quiet(const weft_mem *mem)
{
    return mem->read_head == mem->read_tail && mem->write_head == mem->write_tail &&
           mem->out.arready && mem->out.awready && !mem->out.bvalid;
}

const char *weft_mem_breach(const weft_mem *mem)
{
    return mem->broken ? mem->breach : NULL;
}

/* True when this channel shall hold back in the next cycle. */
static int stalls(weft_mem *mem)
{
    if (!mem->config.stall_percent)
        return 0;
    mem->random ^= mem->random << 13;
    mem->random ^= mem->random >> 7;
    mem->random ^= mem->random << 17;
    return (uint32_t)(((mem->random >> 32) * 100) >> 32) < mem->config.stall_percent;
}

/* Promise the bus to a burst that is ready at `now`; returns its first cycle. */
static uint64_t take_bus(weft_mem *mem, uint64_t now, uint32_t beats)
{
    uint64_t start = now > mem->bus_free ? now : mem->bus_free;
    const uint32_t interval = mem->config.refresh_interval;
    if (interval) {
        if (!mem->begun) {
            mem->begun = 1;
            mem->first_burst = start;
        }
        /* refresh comes last in the interval */
        const uint64_t phase = (start - mem->first_burst + FIRST_PHASE) % interval;
        if (phase + beats > interval - mem->config.refresh_cycles)
            start += interval - phase;
    }
    mem->bus_free = start + beats;
    return start;
}

static void breach(weft_mem *mem, const char *what, uint32_t address)
{
    if (mem->broken)
        return;
    mem->broken = 1;
    snprintf(mem->breach, sizeof mem->breach, "the device broke the rules of its bus: %s at 0x%08x",
             what, (unsigned)address);
}

static void check_burst(weft_mem *mem, uint32_t address, uint32_t beats, unsigned size,
                        unsigned kind)
{
    const uint32_t bytes = mem->config.data_bytes;
    const uint64_t end = (uint64_t)address + (uint64_t)beats * bytes;
    if (end > mem->pages.room && end <= mem->config.size_bytes && !weft_mem_at(mem, 0, end))
        breach(mem, "this process has no room for the memory it uses", address);
    if (kind != AXI_INCR)
        breach(mem, "a burst is not INCR", address);
    if (1u << size != bytes)
        breach(mem, "a burst is not of full width", address);
    if (address % bytes)
        breach(mem, "an address is not aligned", address);
    if (beats > WEFT_MEM_MAX_BEATS ||
        address % (WEFT_MEM_MAX_BEATS * bytes) + beats * bytes > WEFT_MEM_MAX_BEATS * bytes)
        breach(mem, "a burst crosses a multiple of its full length", address);
}

/* The response for `bytes` bytes at `address`. */
static uint8_t answer(const weft_mem *mem, uint64_t address, uint32_t bytes)
{
    if (address + bytes > mem->pages.room)
        return WEFT_AXI_DECERR;
    const uint64_t error = mem->config.error_address;
    return error >= address && error < address + bytes ? WEFT_AXI_SLVERR : WEFT_AXI_OKAY;
}

static void accept_read(weft_mem *mem, uint64_t cycle, const weft_mem_in *in)
{
    const uint32_t beats = in->arlen + 1u;
    check_burst(mem, in->araddr, beats, in->arsize, in->arburst);
    read_burst *b = &mem->reads[mem->read_tail++ % QUEUE];
    b->address = in->araddr;
    b->beats = beats;
    b->due = take_bus(mem, cycle, beats) + mem->config.latency;
}

/* Put the next read beat on the pins, if it is due in the cycle after `cycle`. */
static void show_read(weft_mem *mem, uint64_t cycle)
{
    weft_mem_out *out = &mem->out;
    const read_burst *b = &mem->reads[mem->read_head % QUEUE];
    out->rvalid = 0;
    if (mem->read_head == mem->read_tail || cycle + 1 < b->due + mem->read_beat || stalls(mem))
        return;
    const uint32_t bytes = mem->config.data_bytes;
    const uint64_t address = (uint64_t)b->address + (uint64_t)mem->read_beat * bytes;
    out->rvalid = 1;
    out->rlast = mem->read_beat + 1 == b->beats;
    out->rresp = answer(mem, address, bytes);
    if (out->rresp == WEFT_AXI_OKAY)
        memcpy(out->rdata, mem->pages.bytes + address, bytes);
    else
        memset(out->rdata, 0xee, bytes);
}

static void clock_read(weft_mem *mem, uint64_t cycle, const weft_mem_in *in)
{
    weft_mem_out *out = &mem->out;
    if (in->arvalid && out->arready)
        accept_read(mem, cycle, in);
    if (out->rvalid && in->rready) {
        mem->read_beat = out->rlast ? 0 : mem->read_beat + 1;
        mem->read_head += out->rlast;
    }
    if (!out->rvalid || in->rready)
        show_read(mem, cycle);
    out->arready = mem->read_tail - mem->read_head < QUEUE && !stalls(mem);
}

static void take_write_beat(weft_mem *mem, uint64_t cycle, const weft_mem_in *in)
{
    write_burst *b = &mem->writes[mem->write_fill % QUEUE];
    const uint32_t bytes = mem->config.data_bytes;
    if (b->filled < WEFT_MEM_MAX_BEATS) {
        memcpy(b->data + b->filled * bytes, in->wdata, bytes);
        b->strobe[b->filled] = in->wstrb;
    }
    b->filled++;
    if (!in->wlast != (b->filled < b->beats))
        breach(mem, "wlast is not on the last beat of the burst", b->address);
    if (b->filled < b->beats)
        return;
    b->due = take_bus(mem, cycle, b->beats) + b->beats + mem->config.write_latency;
    mem->write_fill++;
}

/* Make a confirmed burst visible; returns its response. */
static uint8_t commit_write(weft_mem *mem, const write_burst *b)
{
    const uint32_t bytes = mem->config.data_bytes;
    uint8_t response = WEFT_AXI_OKAY;
    for (uint32_t i = 0; i < b->beats && i < WEFT_MEM_MAX_BEATS; i++) {
        const uint64_t address = (uint64_t)b->address + (uint64_t)i * bytes;
        const uint8_t beat = answer(mem, address, bytes);
        if (beat > response)
            response = beat;
        if (beat != WEFT_AXI_OKAY)
            continue;
        if (b->strobe[i] == UINT32_MAX >> (32 - bytes)) {
            memcpy(mem->pages.bytes + address, b->data + i * bytes, bytes);
            continue;
        }
        for (uint32_t k = 0; k < bytes; k++)
            if (b->strobe[i] >> k & 1)
                mem->pages.bytes[address + k] = b->data[i * bytes + k];
    }
    return response;
}

static void show_response(weft_mem *mem, uint64_t cycle)
{
    weft_mem_out *out = &mem->out;
    const write_burst *b = &mem->writes[mem->write_head % QUEUE];
    out->bvalid = 0;
    if (mem->write_head == mem->write_fill || cycle + 1 < b->due || stalls(mem))
        return;
    out->bvalid = 1;
    out->bresp = commit_write(mem, b);
}

static void clock_write(weft_mem *mem, uint64_t cycle, const weft_mem_in *in)
{
    weft_mem_out *out = &mem->out;
    if (in->awvalid && out->awready) {
        write_burst *b = &mem->writes[mem->write_tail++ % QUEUE];
        b->address = in->awaddr;
        b->beats = in->awlen + 1u;
        b->filled = 0;
        check_burst(mem, b->address, b->beats, in->awsize, in->awburst);
    }
    if (in->wvalid && out->wready)
        take_write_beat(mem, cycle, in);
    mem->write_head += out->bvalid && in->bready;
    if (!out->bvalid || in->bready)
        show_response(mem, cycle);
    out->awready = mem->write_tail - mem->write_head < QUEUE && !stalls(mem);
    out->wready =
        mem->write_fill != mem->write_tail && mem->bus_free < cycle + WRITE_AHEAD && !stalls(mem);
}

void weft_mem_clock(weft_mem *mem, uint64_t cycle, const weft_mem_in *in)
{
    if (in->arvalid || mem->read_head != mem->read_tail || !mem->out.arready)
        clock_read(mem, cycle, in);
    if (in->awvalid || mem->write_head != mem->write_tail || mem->out.bvalid || !mem->out.awready)
        clock_write(mem, cycle, in);
}

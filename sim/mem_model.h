/* Device memory with the manners of a DDR controller, one AXI4 port, cycle by cycle.
 *
 *     weft_mem *mem;
 *     weft_mem_config config = weft_mem_config_default(16);
 *     rc = weft_mem_open(&config, &mem, &err);
 *     each cycle:  drive the device's inputs from *weft_mem_outputs(mem)
 *                  weft_mem_clock(mem, cycle, &what_the_device_drove)
 *
 * Outputs are registered: those of cycle t+1 follow from what weft_mem_clock saw up to cycle t.
 * While weft_mem_quiet() and no valid of the device is up, a cycle need not be clocked at all:
 * time comes in as an argument.
 *
 * TIMING.  One data bus of `data_bytes` a cycle is shared by reads and writes, burst by burst in
 * the order of arrival; a burst never starts so that it would run into a refresh, which takes the
 * bus for refresh_cycles every refresh_interval (the default, 28 of 780 cycles, is a DDR3 part at
 * 100 MHz: tREFI 7.8 us, tRFC 280 ns).  The first burst of all meets a refresh that has just begun, so what a
 * program takes does not depend on how long the host took to start it.  The first beat of a read comes latency cycles after its
 * address was taken, or after the bus came free for it; later bursts are pipelined behind it, one
 * beat a cycle.  A write is answered write_latency cycles after its last beat has had the bus.
 * Row hits and misses and the turn of the bus are not modelled: latency is an average.
 *
 * STRICT.  Write data become visible when the response is given, reads look when the beat leaves: a
 * device that reads what it wrote before it saw the response gets old bytes.  Bursts must be
 * INCR, full width, aligned, at most 16 beats and inside one multiple of 16 beats; the first breach
 * is kept as a sentence (weft_mem_breach).
 *
 * The memory is lazily allocated by the operating system: 256 MiB cost what is touched.
 * Nothing here is global; one weft_mem belongs to one thread at a time. */
#ifndef WEFT_MEM_MODEL_H
#define WEFT_MEM_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include <weft/weft_status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_MEM_MAX_DATA_BYTES = 32, WEFT_MEM_MAX_BEATS = 16 };

/* AXI responses given here. */
enum { WEFT_AXI_OKAY = 0, WEFT_AXI_SLVERR = 2, WEFT_AXI_DECERR = 3 };

typedef struct weft_mem_config {
    uint64_t size_bytes;       /* 4 KiB .. 4 GiB - 1 page; beyond it: DECERR */
    uint32_t data_bytes;       /* width of the port: 4, 8, 16 or 32 */
    uint32_t latency;          /* cycles, 1 .. 10000 */
    uint32_t write_latency;    /* cycles, 1 .. 10000 */
    uint32_t refresh_interval; /* cycles; 0: no refresh; else > refresh_cycles + 16 */
    uint32_t refresh_cycles;
    uint32_t stall_percent; /* 0 .. 95: chance that a channel holds back in a cycle */
    uint64_t seed;          /* of the stalls */
    uint64_t error_address; /* bursts touching this byte get SLVERR; UINT64_MAX: none */
} weft_mem_config;

/* What the device drives in one cycle, after everything has settled.  What belongs to an address
 * or to write data is read only while the valid of its channel is up. */
typedef struct weft_mem_in {
    uint8_t arvalid, rready, awvalid, wvalid, wlast, bready;
    uint8_t arlen, arsize, arburst, awlen, awsize, awburst;
    uint32_t araddr, awaddr, wstrb;
    const uint8_t *wdata; /* data_bytes */
} weft_mem_in;

/* What the memory drives in one cycle. */
typedef struct weft_mem_out {
    uint8_t arready, rvalid, rlast, rresp, awready, wready, bvalid, bresp;
    uint8_t rdata[WEFT_MEM_MAX_DATA_BYTES];
} weft_mem_out;

typedef struct weft_mem weft_mem;

/* 256 MiB, latency 40, write latency 20, refresh 28 of 780, no stalls, no error. */
weft_mem_config weft_mem_config_default(uint32_t data_bytes);

/* Returns WEFT_OK, WEFT_ERR_ARG (a number outside its range) or WEFT_ERR_NO_MEMORY; *out is NULL
 * then.  The memory reads as zero. */
int weft_mem_open(const weft_mem_config *config, weft_mem **out, weft_error *err);

/* NULL is allowed. */
void weft_mem_close(weft_mem *mem);

/* The bytes themselves, weft_mem_size() of them, for direct access between runs; NULL if this process has no room for all. */
uint8_t *weft_mem_bytes(weft_mem *mem);

/* Some of them, for which alone room is made (growing.h): until the next call or run, or until the end.  NULL if they are
 * outside, or there is no room. */
uint8_t *weft_mem_at(weft_mem *mem, uint64_t address, uint64_t bytes);
uint8_t *weft_mem_keep(weft_mem *mem, uint64_t address, uint64_t bytes);
uint64_t weft_mem_size(const weft_mem *mem);

/* Forget bursts in flight (the device was reset), keep the bytes. */
void weft_mem_reset(weft_mem *mem);

/* Outputs of the present cycle; the pointer never changes, the contents at every weft_mem_clock. */
const weft_mem_out *weft_mem_outputs(const weft_mem *mem);

/* 1 if nothing is in flight and outputs will stay as they are until a valid of the device rises. */
int weft_mem_quiet(const weft_mem *mem);

/* The clock edge at the end of `cycle`, a number that only grows. */
void weft_mem_clock(weft_mem *mem, uint64_t cycle, const weft_mem_in *in);

/* The first breach of the rules of the bus as a sentence, or NULL. */
const char *weft_mem_breach(const weft_mem *mem);

#ifdef __cplusplus
}
#endif

#endif
